"""Unified order arguments -> createOrder bodies. Pure; refuses before anything is signed, never rounds what the user asked for.

Sources: official Python SDK 2.0.1 (`order/client.py`), whose bodies come out field by field and in its order; V2 documentation, Order API.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from ccxt_dex.exact import Refused, decimal, on_grid, plain, price_text, quantity, within
from ccxt_dex.exchanges.edgex import signing, tables

# no comma: ids are joined with commas in queries; a letter: digits alone are an order id of edgeX's
CLIENT_ID = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9_.:-]{1,64}")
BEYOND = Decimal(10)  # SDK 2.0.1: a market buy authorises ten times the oracle price

# ours or ccxt's own words that are translated or steer this library; never sent as they are
TRANSLATED = frozenset(
    {"clientOrderId", "timeInForce", "postOnly", "reduceOnly", "triggerPrice", "stopPrice", "stopLossPrice", "takeProfitPrice"}
    | {"triggerDirection", "triggerPriceType", "takeProfit", "stopLoss", "slippage", "limitFeeRate", "expireTime", "goodTillDate"}
    | {"wait", "accountId", "trigger", "stop", "timeout", "type", "price"}
)
DIRECTIONS = {"ascending": True, "above": True, "up": True, "descending": False, "below": False, "down": False}


def money(value: Any, units: Decimal, name: str = "amount") -> tuple[str, int]:
    """A positive amount of a coin as text and in the contract's integer.

    :param units: resolution of the coin
    :raises Refused: when it is finer than the coin's smallest unit
    """
    number = on_grid(value, Decimal(1) / units, name)
    return plain(number), int(number * units)


def leverage(market: Mapping[str, Any], value: Any) -> str:
    """:raises Refused: for fractions and values outside the market's limits"""
    try:
        number = decimal(value, "leverage")
        if number != number.to_integral_value() or number < 1:
            raise Refused("bad_request", f"leverage must be a whole number from 1, got {value!r}")
        within(number, market["limits"].get("leverage"), "leverage")
    except Refused as error:
        raise Refused("bad_request", str(error)) from None
    return str(int(number))


def margin_mode(value: Any) -> str:
    """ "0" for cross, "1" for isolated.

    :raises Refused: for anything else
    """
    found = {"cross": "0", "isolated": "1"}.get(str(value).lower())
    if found is None:
        raise Refused("bad_request", f"margin mode must be cross or isolated, got {value!r}")
    return found


# --- names of orders ------------------------------------------------------------------------------------------------------------------------


def client_id(value: Any) -> str:
    """:raises Refused: for more than 64 characters, others than [A-Za-z0-9_.:-], or no letter"""
    if not isinstance(value, str) or not CLIENT_ID.fullmatch(value):
        raise Refused("invalid", "clientOrderId must have 1 to 64 characters of [A-Za-z0-9_.:-] and contain a letter")
    return value


def is_order_id(value: Any) -> bool:
    """Whether an id is edgeX's own (digits only); everything else is a client order id."""
    text = str(value)
    return text.isascii() and text.isdigit()


def reference(order_id: Any, params: Mapping[str, Any]) -> tuple[str, bool]:
    """How one order is named: the id, and whether it is edgeX's own.

    :raises Refused: for no id at all
    """
    given = params.get("clientOrderId")
    if given is not None:
        return str(given), False
    if order_id is None or str(order_id) == "":
        raise Refused("arguments", "an order id or params['clientOrderId'] is needed")
    return str(order_id), is_order_id(order_id)


def leg_id(parent: str, suffix: str) -> str:
    """Client id of an attached exit: the parent's with a suffix."""
    head = parent if len(parent) <= 60 else "x" + hashlib.sha256(parent.encode()).hexdigest()[:40]
    return f"{head}-{suffix}"


# --- drafts ---------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Exit:
    """An attached take-profit or stop-loss."""

    client_id: str
    trigger: str
    trigger_by: str
    price: str
    """ "0": closes at market"""


@dataclass(frozen=True, slots=True)
class Draft:
    """An order as edgeX words it, before prices are bound and anything is signed."""

    type: str
    side: str
    size: str
    price: str
    time_in_force: str
    client_id: str
    reduce_only: bool
    trigger: str = ""
    trigger_by: str = ""
    expires: int | None = None
    take_profit: Exit | None = None
    stop_loss: Exit | None = None
    slippage: Decimal | None = None
    """fraction of the oracle price (of the trigger price, for a conditional order) that a market kind may go beyond; None: no such bound"""
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def is_market(self) -> bool:
        return self.type in tables.MARKET_TYPES

    @property
    def buying(self) -> bool:
        return self.side == "BUY"

    @property
    def needs_oracle(self) -> bool:
        """Whether the price that is signed follows from the oracle price."""
        if not self.is_market:
            return False
        if self.slippage is not None:
            return not self.trigger
        return self.buying


def draft(
    market: Mapping[str, Any], kind: str, side: str, amount: Any, price: Any, params: Mapping[str, Any], slippage: Any = None
) -> Draft:
    """The order that unified arguments ask for.

    :param kind: "limit" or "market"
    :param params: clientOrderId (required), timeInForce, postOnly, reduceOnly, triggerPrice, stopLossPrice, takeProfitPrice,
        triggerDirection, triggerPriceType, takeProfit, stopLoss, expireTime (ms), slippage; others are sent as given
    :param slippage: bound of a plain market order where params have none
    :raises Refused: for what edgeX cannot do or would refuse
    """
    _refuse_unsupported(params)
    if kind not in ("limit", "market"):
        raise Refused("unsupported", f"order type {kind!r} does not exist at edgeX (limit, market; triggers by params)")
    if market.get("active") is False:
        raise Refused("closed", f"{market['symbol']} is not trading")
    if side not in ("buy", "sell"):
        raise Refused("invalid", f"side must be buy or sell, got {side!r}")
    trigger, word = _trigger(market, side, params)
    if kind == "limit" and price is None:
        raise Refused("arguments", "a limit order needs a price")
    given = params.get("slippage")
    bound = given if given is not None else (None if trigger else slippage)
    name = client_id(params.get("clientOrderId"))
    return Draft(
        type=tables.ORDER_TYPES[kind, word],
        side=side.upper(),
        size=quantity(market, amount),
        price=price_text(market, price) if kind == "limit" else "0",
        time_in_force=time_in_force(kind, params),
        client_id=name,
        reduce_only=_flag(params.get("reduceOnly"), "reduceOnly"),
        trigger=trigger,
        trigger_by=trigger_price_type(params) if trigger else "",
        expires=_expiry(params),
        take_profit=_exit(market, params, "takeProfit", leg_id(name, "tp")),
        stop_loss=_exit(market, params, "stopLoss", leg_id(name, "sl")),
        slippage=_slippage(bound) if kind == "market" else None,
        more={key: value for key, value in params.items() if key not in TRANSLATED and key not in tables.UNSUPPORTED_PARAMS},
    )


def _refuse_unsupported(params: Mapping[str, Any]) -> None:
    for name, what in tables.UNSUPPORTED_PARAMS.items():
        if params.get(name) not in (None, False):
            raise Refused("unsupported", f"params['{name}']: edgeX has no {what}")


def _flag(value: Any, name: str) -> bool:
    if value is None:
        return False
    if not isinstance(value, bool):
        raise Refused("invalid", f"{name} must be True or False, got {value!r}")
    return value


def _slippage(value: Any) -> Decimal | None:
    if value is None or value is False:
        return None
    number = decimal(value, "slippage")
    if not 0 <= number < 1:
        raise Refused("bad_request", f"slippage must be a fraction from 0 to 1, got {value!r}")
    return number


def _expiry(params: Mapping[str, Any]) -> int | None:
    """expireTime in unix milliseconds; GTD needs one."""
    given = params.get("expireTime", params.get("goodTillDate"))
    if given is None:
        if str(params.get("timeInForce", "")).upper() == "GTD":
            raise Refused("arguments", "a GTD order needs params['expireTime'] in unix milliseconds")
        return None
    number = decimal(given, "expireTime")
    if number != number.to_integral_value() or number <= 0:
        raise Refused("invalid", f"expireTime must be unix milliseconds, got {given!r}")
    return int(number)


def time_in_force(kind: str, params: Mapping[str, Any]) -> str:
    """edgeX's word; market kinds are IMMEDIATE_OR_CANCEL.

    :raises Refused: unknown words, FOK and post-only market orders, post-only together with IOC or FOK
    """
    raw = params.get("timeInForce")
    post_only = _flag(params.get("postOnly"), "postOnly")
    word = None if raw is None else str(raw).upper()
    wire = None if word is None else tables.TIME_IN_FORCE.get(word, word if word in tables.UNIFIED_TIME_IN_FORCE else None)
    if word is not None and wire is None:
        raise Refused("unsupported", f"timeInForce {raw!r} does not exist at edgeX (GTC, GTD, IOC, FOK, PO)")
    if kind == "market":
        if post_only or wire == "POST_ONLY":
            raise Refused("invalid", "a market order cannot be post-only")
        if wire == "FILL_OR_KILL":
            raise Refused("unsupported", "a market order is immediate-or-cancel at edgeX, FOK needs a limit order")
        return "IMMEDIATE_OR_CANCEL"
    if post_only:
        if wire not in (None, "GOOD_TIL_CANCEL", "POST_ONLY"):
            raise Refused("invalid", f"a post-only order cannot be {raw}")
        return "POST_ONLY"
    return wire or "GOOD_TIL_CANCEL"


def _trigger(market: Mapping[str, Any], side: str, params: Mapping[str, Any]) -> tuple[str, str]:
    """Trigger price, and which family of orders waits for it: STOP fires above for buys and below for sells, TAKE_PROFIT the other way."""
    names = [name for name in ("triggerPrice", "stopPrice", "stopLossPrice", "takeProfitPrice") if params.get(name) is not None]
    if not names:
        if params.get("triggerDirection") is not None:
            raise Refused("arguments", "params['triggerDirection'] needs a triggerPrice")
        return "", ""
    if len(names) > 1:
        raise Refused("invalid", f"an order has one trigger, not {' and '.join(names)}")
    (name,) = names
    price = price_text(market, params[name], name)
    word = "take" if name == "takeProfitPrice" else "stop"
    given = params.get("triggerDirection")
    if given is not None and name in ("triggerPrice", "stopPrice"):
        above = DIRECTIONS.get(str(given).lower())
        if above is None:
            raise Refused("invalid", f"triggerDirection must be ascending or descending, got {given!r}")
        word = "stop" if above == (side == "buy") else "take"
    return price, word


def trigger_price_type(params: Mapping[str, Any]) -> str:
    """LAST_PRICE unless params['triggerPriceType'] says mark (the oracle price) or index, or names edgeX's own word."""
    given = params.get("triggerPriceType")
    if given is None:
        return "LAST_PRICE"
    found = tables.PRICE_TYPES.get(str(given).lower())
    if found is None and str(given).upper() in tables.PRICE_TYPES.values():
        found = str(given).upper()
    if found is None:
        raise Refused("unsupported", f"triggerPriceType {given!r} does not exist at edgeX (last, mark, index)")
    return found


def _exit(market: Mapping[str, Any], params: Mapping[str, Any], name: str, own_id: str) -> Exit | None:
    given = params.get(name)
    if given is None:
        return None
    if not isinstance(given, Mapping):
        given = {"triggerPrice": given}
    trigger = given.get("triggerPrice", given.get("stopPrice"))
    if trigger is None:
        raise Refused("arguments", f"params['{name}'] needs a triggerPrice")
    price = given.get("price")
    limit = str(given.get("type", "market" if price is None else "limit")).lower() == "limit"
    if limit != (price is not None):
        raise Refused("arguments", f"params['{name}'] needs a price exactly when its type is limit")
    text = price_text(market, price, f"{name} price") if price is not None else "0"
    return Exit(own_id, price_text(market, trigger, f"{name} triggerPrice"), trigger_price_type(given), text)


# --- what is signed -------------------------------------------------------------------------------------------------------------------------


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
