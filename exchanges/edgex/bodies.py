"""What is signed of an order, and the body that carries it. Pure; an amount that the signature cannot say exactly is refused.

Source: official Python SDK 2.0.1 (`order/client.py`), whose bodies come out field by field and in its order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from ccxt_dex.exact import Refused, decimal, on_grid, plain
from ccxt_dex.exchanges.edgex import signing, tables
from ccxt_dex.exchanges.edgex.orders import Draft, Exit

BEYOND = Decimal(10)  # SDK 2.0.1: a market buy authorises ten times the oracle price


def money(value: Any, units: Decimal, name: str = "amount") -> tuple[str, int]:
    """A positive amount of a coin as text and in the contract's integer.

    :param units: resolution of the coin
    :raises Refused: when it is finer than the coin's smallest unit
    """
    number = on_grid(value, Decimal(1) / units, name)
    return plain(number), int(number * units)


def beyond(side: str, reference: Decimal, tick: Decimal) -> Decimal:
    """SDK 2.0.1's price of a market kind: ten times the reference for buys, one tick for sells."""
    return (reference * BEYOND / tick).to_integral_value(ROUND_CEILING) * tick if side == "BUY" else tick


def bounded(side: str, reference: Decimal, tick: Decimal, slippage: Decimal) -> Decimal:
    """The reference moved against the taker by a fraction, on the tick and never beyond it."""
    buying = side == "BUY"
    raw = reference * (1 + slippage if buying else 1 - slippage)
    return (raw / tick).to_integral_value(ROUND_FLOOR if buying else ROUND_CEILING) * tick


def signed_price(order: Draft, tick: Any, oracle: Any = None) -> Decimal:
    """The worst price that the signature authorises.

    :param oracle: the oracle price, where `order.needs_oracle`
    :raises Refused: when it is needed and there is none
    """
    if not order.is_market:
        return Decimal(order.price)
    unit = decimal(tick, "tick")
    reference = Decimal(0)
    if order.needs_oracle:
        reference = decimal(oracle, "oracle price")
        if reference <= 0:
            raise Refused("invalid", f"no oracle price to bound a market order with: {oracle!r}")
    elif order.trigger:
        reference = Decimal(order.trigger)
    found = beyond(order.side, reference, unit) if order.slippage is None else bounded(order.side, reference, unit, order.slippage)
    if found <= 0:
        raise Refused("invalid", f"a bound of {plain(found)} is no price; lower the slippage")
    return found


@dataclass(frozen=True, slots=True)
class Terms:
    """What all signatures of one order have in common."""

    account_id: str
    signer: str
    expires: int
    """ms"""
    contract: Mapping[str, Any]
    """row of metadata.contractList"""
    coin: Mapping[str, Any]
    """row of metadata.coinList: the contract's quote coin"""
    fee_rate: Decimal | None = None
    """a higher rate than the contract's default to authorise"""


def expiry(now_ms: int, given: int | None) -> tuple[int, int]:
    """expireTime and l2ExpireTime in ms: 22 and 30 days ahead, or the given one and 8 days more.

    :raises Refused: for a time that is over
    """
    if given is None:
        return now_ms + tables.ORDER_LIFE_MS - tables.EXPIRY_GAP_MS, now_ms + tables.ORDER_LIFE_MS
    if given <= now_ms:
        raise Refused("invalid", f"expireTime {given} is in the past")
    return given, given + tables.EXPIRY_GAP_MS


def limit_fee(contract: Mapping[str, Any], value: Decimal, rate: Decimal | None = None) -> Decimal:
    """The most that the order may be charged, in whole units of collateral: a ceiling that is signed, not the fee."""
    rates = [Decimal(str(contract.get(name) or tables.FEE_RATE).strip()) for name in ("defaultTakerFeeRate", "defaultMakerFeeRate")]
    if rate is not None:
        rates.append(rate)
    return (value * max(rates)).to_integral_value(ROUND_CEILING)


def authorised(
    terms: Terms, side: str, size: str, price: Decimal, own_id: str, l2_expires: int
) -> tuple[dict[str, str], signing.OrderFields]:
    """The l2 fields of an order or of an attached exit (all but the signature), and what is signed for them.

    :raises Refused: when the size is finer than the contract's resolution: another amount would be signed
    """
    amount = Decimal(size)
    value = price * amount
    fee = limit_fee(terms.contract, value, terms.fee_rate)
    units, coin_units = signing.resolution(terms.contract.get("resolution")), signing.resolution(terms.coin.get("resolution"))
    synthetic = amount * units
    if synthetic != synthetic.to_integral_value():
        raise Refused("invalid", f"amount {size} is finer than the contract's resolution {plain(units)}")
    nonce = signing.nonce_of(own_id)
    texts = {
        "l2Nonce": str(nonce),
        "l2ExpireTime": str(l2_expires),
        "l2Value": format(value, "f"),
        "l2Size": size,
        "l2LimitFee": format(fee, "f"),
    }
    return texts, signing.OrderFields(
        nonce=nonce,
        signer=terms.signer,
        account_id=int(terms.account_id),
        expiration=terms.expires // 1000,
        synthetic=int(synthetic),
        collateral=int(value * coin_units),
        fee=int(fee * coin_units),
        contract_id=int(terms.contract["contractId"]),
        coin_id=int(terms.coin.get("coinId") or terms.contract["quoteCoinId"]),
        buying=side == "BUY",
    )


def exit_body(terms: Terms, leg: Exit, entry: Draft, tick: Any, l2_expires: int) -> tuple[dict[str, Any], signing.OrderFields]:
    """openTp or openSl without its signature, and what is signed for it: an order of the other side, of the entry's size."""
    side = "SELL" if entry.buying else "BUY"
    price = Decimal(leg.price) if leg.price != "0" else beyond(side, Decimal(leg.trigger), decimal(tick, "tick"))
    texts, fields = authorised(terms, side, entry.size, price, leg.client_id, l2_expires)
    body = {
        "side": side,
        "price": leg.price,
        "size": entry.size,
        "clientOrderId": leg.client_id,
        "triggerPrice": leg.trigger,
        "triggerPriceType": leg.trigger_by,
        "expireTime": str(terms.expires),
        "l2Nonce": texts["l2Nonce"],
        "l2Value": texts["l2Value"],
        "l2Size": texts["l2Size"],
        "l2LimitFee": texts["l2LimitFee"],
        "l2ExpireTime": texts["l2ExpireTime"],
    }
    return body, fields


def body(
    order: Draft, terms: Terms, texts: Mapping[str, str], signature: str, take_profit: Any = None, stop_loss: Any = None
) -> dict[str, Any]:
    """The body of createOrder, keys in the order of the SDK.

    :param texts: from :func:`authorised`
    :param signature: hexadecimal, without 0x
    :param take_profit: signed leg or None
    :param stop_loss: signed leg or None
    """
    return {
        "accountId": terms.account_id,
        "contractId": terms.contract["contractId"],
        "price": order.price,
        "size": order.size,
        "type": order.type,
        "side": order.side,
        "timeInForce": order.time_in_force,
        "clientOrderId": order.client_id,
        "expireTime": str(terms.expires),
        "l2Nonce": texts["l2Nonce"],
        "l2Signature": signature,
        "l2ExpireTime": texts["l2ExpireTime"],
        "l2Value": texts["l2Value"],
        "l2Size": texts["l2Size"],
        "l2LimitFee": texts["l2LimitFee"],
        "reduceOnly": order.reduce_only,
        "triggerPrice": order.trigger,
        "triggerPriceType": order.trigger_by,
        "sourceKey": "",
        "isPositionTpsl": False,
        "openTpslParentOrderId": "",
        "isSetOpenTp": take_profit is not None,
        "openTp": take_profit,
        "isSetOpenSl": stop_loss is not None,
        "openSl": stop_loss,
        "extraType": "",
        "extraDataJson": "",
        **order.more,
    }
