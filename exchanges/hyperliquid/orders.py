"""Unified orders as the venue's wire orders: exact or refused. Pure.

Page: https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/exchange-endpoint#place-an-order and "Tick and lot size".
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from ccxt_dex.exact import Refused, decimal, on_grid, plain, positive

__all__ = ["Plan", "amount", "bound", "cloid", "decimals_of", "flag", "plan", "price", "usd_units"]

CLOID = re.compile(r"0x[0-9a-fA-F]{32}")
SIGNIFICANT = 5
MICRO = Decimal("0.000001")
NO_SUCH_TIF = {"FOK": "unsupported"}
LIMIT_TIFS = {"GTC": "Gtc", "IOC": "Ioc", "PO": "Alo", "ALO": "Alo"}
TYPES = ("limit", "market")
SIDES = {"buy": True, "sell": False}
# flags of other venues that would change the order and that this venue has not
REFUSED = (
    "trailingAmount", "trailingPercent", "trailingTriggerPrice", "trailingDelta", "hidden", "iceberg", "icebergAmount", "displayAmount",
    "cost", "quoteOrderQty", "expireTime", "goodTillDate", "hedged", "positionSide", "selfTradePrevention", "leverage", "marginMode",
)  # fmt: skip

# the venue's own words, and snake case: what they ask for would be left out of the order
SPELLINGS = {
    "post_only": "postOnly", "reduce_only": "reduceOnly", "time_in_force": "timeInForce", "tif": "timeInForce", "trigger_price": "triggerPrice",
    "triggerPx": "triggerPrice", "tpsl": "stopLossPrice or takeProfitPrice", "stop_price": "stopPrice", "stop_loss": "stopLoss",
    "take_profit": "takeProfit", "client_order_id": "clientOrderId", "cloid": "clientOrderId", "expires_after": "expiresAfter",
    "vault_address": "vaultAddress",
}  # fmt: skip


def decimals_of(market: Mapping[str, Any]) -> int:
    """szDecimals, from the market's step."""
    return max(0, -Decimal(str(market["precision"]["amount"])).adjusted())


def price_step(value: Decimal, market: Mapping[str, Any]) -> Decimal:
    """Distance of the prices allowed around a value: five significant digits, at most 6 (spot 8) less szDecimals decimals, integers always."""
    finest = (8 if market.get("spot") else 6) - decimals_of(market)
    return Decimal(1).scaleb(max(-finest, min(0, value.adjusted() - SIGNIFICANT + 1)))


def amount(value: Any, market: Mapping[str, Any]) -> str:
    """The size as sent.

    :raises Refused: not positive, or off the step
    """
    name = f"{market['symbol']} amount"
    positive(value, name)
    return plain(on_grid(value, Decimal(1).scaleb(-decimals_of(market)), name))


def price(value: Any, market: Mapping[str, Any], what: str = "price") -> str:
    """A price as sent.

    :raises Refused: not positive, or none that the venue's price rule allows
    """
    name = f"{market['symbol']} {what}"
    return plain(on_grid(value, price_step(positive(value, name), market), f"{name} (five significant digits)"))


def bound(reference: Any, buy: bool, slippage: Any, market: Mapping[str, Any]) -> str:
    """The worst price of a market order: the reference and the slippage, cut towards the reference.

    :param slippage: fraction
    """
    fraction = decimal(slippage, "slippage")
    if not 0 <= fraction < 1:
        raise Refused("invalid", f"slippage is a fraction between 0 and 1, not {plain(fraction)}")
    worst = positive(reference, "price") * (1 + fraction if buy else 1 - fraction)
    step = price_step(worst, market)
    rounded = (worst / step).to_integral_value(ROUND_FLOOR if buy else ROUND_CEILING) * step
    if rounded <= 0:
        raise Refused("invalid", f"{market['symbol']} has no price to {'buy' if buy else 'sell'} at")
    return plain(rounded)


def usd_units(value: Any, what: str = "amount") -> int:
    """An amount of USD in millionths.

    :raises Refused: finer than that
    """
    asked = positive(value, what)
    try:
        return int(on_grid(value, MICRO, what) * 1_000_000)
    except Refused:
        raise Refused("bad_request", f"{what} {plain(asked)} has more than six decimals") from None


def flag(params: Mapping[str, Any], name: str) -> bool:
    """A parameter that is True or False; left out it is False.

    :raises Refused: anything else
    """
    given = params.get(name, False)
    if not isinstance(given, bool):
        raise Refused("invalid", f"{name} is True or False, not {given!r}")
    return given


def cloid(client_id: str) -> str:
    """The venue's form of a client order id: 0x and 32 hexadecimal digits as they are, anything else by its hash."""
    if CLOID.fullmatch(client_id):
        return client_id.lower()
    return "0x" + hashlib.sha256(client_id.encode()).hexdigest()[:32]


def time_in_force(kind: str, params: Mapping[str, Any]) -> str:
    """The venue's tif.

    :raises Refused: one it has not, or one that contradicts postOnly
    """
    asked = str(params.get("timeInForce") or "").upper()
    post_only = bool(params.get("postOnly"))
    if kind == "market":
        if post_only or asked in ("PO", "ALO"):
            raise Refused("invalid", "a market order cannot be post-only")
        if asked not in ("", "IOC", "GTC"):
            raise Refused(NO_SUCH_TIF.get(asked, "invalid"), f"market orders are immediate-or-cancel here, not {asked}")
        return "Ioc"
    if asked and asked not in LIMIT_TIFS:
        raise Refused(NO_SUCH_TIF.get(asked, "invalid"), f"the venue has no time in force {asked}; it has GTC, IOC and PO")
    if post_only and asked not in ("", "GTC", "PO", "ALO"):
        raise Refused("invalid", f"an order cannot be both post-only and {asked}")
    return "Alo" if post_only else LIMIT_TIFS[asked or "GTC"]


def trigger_of(buy: bool, params: Mapping[str, Any]) -> tuple[Any, str] | None:
    """Level and kind ("tp", "sl") of a trigger order, None for a plain one."""
    given = {
        name: params[name] for name in ("triggerPrice", "stopPrice", "stopLossPrice", "takeProfitPrice") if params.get(name) is not None
    }
    if not given:
        return None
    if len(given) > 1:
        raise Refused("invalid", f"one trigger per order, not {' and '.join(sorted(given))}")
    (name, level), direction = next(iter(given.items())), params.get("triggerDirection")
    if name == "takeProfitPrice":
        return level, "tp"
    if direction is None or name == "stopLossPrice":
        return level, "sl"
    above = {"ascending": True, "above": True, "up": True, "descending": False, "below": False, "down": False}.get(str(direction).lower())
    if above is None:
        raise Refused("invalid", f"triggerDirection is ascending or descending, not {direction!r}")
    return level, "sl" if above == buy else "tp"


@dataclass
class Plan:
    """One unified order on the wire: itself and its exits."""

    market: Any
    wires: list[dict[str, Any]]
    grouping: str
    asked: dict[str, Any]
    builder: Any = None
    sent: int | None = None
    """unix ms, by the venue's clock, when it was about to be sent"""
    main: dict[str, Any] = field(default_factory=dict)


def plan(market: Any, kind: Any, side: Any, size: Any, limit: Any, params: Mapping[str, Any], slippage: Any) -> Plan:
    """Everything that one call of create_order sends.

    :param limit: limit price; of a market order the price that the slippage is counted from
    :raises Refused: what the venue cannot do as asked
    """
    kind, side = str(kind).lower(), str(side).lower()
    if kind not in TYPES or side not in SIDES:
        raise Refused("invalid", f"no such order: {kind} {side}")
    for name in REFUSED:
        if params.get(name) not in (None, False):
            raise Refused("unsupported", f"the venue has no {name} in an order")
    for name, unified in SPELLINGS.items():
        if params.get(name) not in (None, False):
            raise Refused("invalid", f"{name} is called {unified} here")
    buy, cut = SIDES[side], params.get("slippage", slippage)
    exits = {"tp": params.get("takeProfit"), "sl": params.get("stopLoss")}
    exits = {leg: value for leg, value in exits.items() if value is not None}
    grouping = str(params.get("grouping") or ("normalTpsl" if exits else "na"))
    main = wire_order(market, kind, buy, size, limit, params, cut)
    asked = {"type": kind, "side": side, "params": dict(params)}
    if not exits:
        if grouping != "na":
            raise Refused("invalid", f"grouping {grouping} wants stopLoss or takeProfit")
        return Plan(market, [main], "na", asked, params.get("builder"), main=main)
    if grouping == "normalTpsl":
        legs = [exit_order(market, leg, value, not buy, main["s"], cut) for leg, value in exits.items()]
        return Plan(market, [main, *legs], grouping, asked, params.get("builder"), main=main)
    if grouping == "positionTpsl":
        legs = [exit_order(market, leg, {**terms_of(value), "type": "market"}, not buy, "0", cut) for leg, value in exits.items()]
        return Plan(market, legs, grouping, asked, params.get("builder"), main=legs[0])
    raise Refused("unsupported", f"grouping is normalTpsl or positionTpsl, not {grouping!r}")


def wire_order(market: Any, kind: str, buy: bool, size: Any, limit: Any, params: Mapping[str, Any], slippage: Any) -> dict[str, Any]:
    """One order in the SDK's key order."""
    trigger = trigger_of(buy, params)
    reduce_only = flag(params, "reduceOnly")
    if trigger is None:
        tif = time_in_force(kind, params)
        shown = bound(limit, buy, slippage, market) if kind == "market" else price(limit, market)
        how: dict[str, Any] = {"limit": {"tif": tif}}
    else:
        if params.get("postOnly") or str(params.get("timeInForce") or "GTC").upper() != "GTC":
            raise Refused("invalid", "a trigger order takes neither postOnly nor a time in force here")
        level = price(trigger[0], market, "trigger price")
        shown = bound(level, buy, slippage, market) if kind == "market" else price(limit, market)
        how = {"trigger": {"isMarket": kind == "market", "triggerPx": level, "tpsl": trigger[1]}}
    order = {"a": int(market["baseId"]), "b": buy, "p": shown, "s": amount(size, market), "r": reduce_only, "t": how}
    client_id = params.get("clientOrderId") or params.get("client_id")
    if client_id:
        order["c"] = cloid(str(client_id))
    return order


def terms_of(given: Any) -> Mapping[str, Any]:
    """Of an exit; a bare number is its trigger price."""
    return given if isinstance(given, Mapping) else {"triggerPrice": given}


def exit_order(market: Any, leg: str, terms: Any, buy: bool, size: str, slippage: Any) -> dict[str, Any]:
    """A take-profit or stop-loss that belongs to an entry: at market unless it names a price."""
    terms = terms_of(terms)
    level = price(terms.get("triggerPrice", terms.get("stopPrice")), market, f"{leg} trigger price")
    limit = terms.get("price")
    at_market = str(terms.get("type") or ("limit" if limit is not None else "market")).lower() == "market"
    if at_market and limit is not None:
        raise Refused("invalid", "an exit at market has no price")
    shown = bound(level, buy, slippage, market) if at_market else price(level if limit is None else limit, market)
    how = {"trigger": {"isMarket": at_market, "triggerPx": level, "tpsl": leg}}
    return {"a": int(market["baseId"]), "b": buy, "p": shown, "s": size, "r": True, "t": how}
