"""Unified order arguments -> the venue's order objects. Pure; refuses before anything is signed, drops and rounds nothing.

Pages: api-docs.grvt.io "Create Order", "Bulk Orders" (api-spec of 2026-05-13).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from ccxt_dex.exact import Refused
from ccxt_dex.exchanges.grvt import tables

Wire = dict[str, Any]
Digits = Callable[[Any], str]
"""a number of the user's -> the digits to send; refuses what is off the grid"""

HANDLED = frozenset(
    """clientOrderId client_order_id timeInForce postOnly reduceOnly triggerPrice stopPrice triggerDirection stopLossPrice takeProfitPrice
    triggerPriceType triggerBy closePosition stopLoss takeProfit orderExpiry goodTillDate expirationSeconds builder builderFee wait accountId
    trigger""".split()
)


@dataclass(frozen=True)
class Request:
    """What somebody asked for.

    :ivar size: digits of the amount
    :ivar price: digits of the limit price, None for market orders
    :ivar digits: how prices in the parameters become digits
    :ivar now_ms: the venue's clock
    """

    account: str
    instrument: str
    type: str
    side: str
    size: str
    price: str | None
    digits: Digits
    now_ms: int
    new_client_id: Callable[[], str] = lambda: ""


@dataclass(frozen=True)
class Plan:
    """What to sign and send.

    :ivar orders: order objects without signatures; the first is the one that was asked for, the others are its exits
    :ivar expirations: unix nanoseconds at which each signature, and with it each order, ends
    :ivar rest: parameters that are the venue's own
    """

    orders: list[Wire]
    expirations: list[int]
    rest: Wire = field(default_factory=dict)


def flag(value: Any, name: str) -> bool:
    if value is not None and not isinstance(value, bool):
        raise Refused("invalid", f"{name} must be True or False, got {value!r}")
    return value is True


def client_id(value: Any) -> str:
    """The client order id.

    :raises Refused: anything but a whole number of 64 bits, the only ids that the venue has
    """
    text = str(value)
    if isinstance(value, (bool, float)) or not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= tables.CLIENT_ID_HIGH:
        raise Refused("invalid", f"clientOrderId must be a whole number from 1 to 2^64 - 1, got {value!r}")
    return str(int(text))


def reference(order_id: Any, params: Mapping[str, Any]) -> Wire:
    """How an order is named in a request: the venue's id (0x...) or the client order id, which is accepted as an id too.

    :raises Refused: neither
    """
    given = params.get("clientOrderId", params.get("client_order_id"))
    if given is not None:
        return {"client_order_id": client_id(given)}
    text = "" if order_id is None else str(order_id)
    if not text:
        raise Refused("arguments", "an order id or params['clientOrderId'] is needed")
    return {"order_id": text} if text.startswith("0x") else {"client_order_id": client_id(text)}


def time_in_force(market_order: bool, params: Mapping[str, Any]) -> tuple[str, bool]:
    """The venue's time in force, and whether the order is post-only.

    :raises Refused: words that do not exist, post-only orders that must take
    """
    word = params.get("timeInForce")
    found = tables.TIME_IN_FORCE.get(str(word).upper()) if word is not None else "GOOD_TILL_TIME"
    if found is None:
        raise Refused("unsupported", f"timeInForce {word!r} does not exist at GRVT (GTC, IOC, FOK, PO, RPI)")
    post_only = flag(params.get("postOnly"), "postOnly") or str(word).upper() in ("PO", "POST_ONLY")
    if post_only and (market_order or found in tables.IMMEDIATE):
        raise Refused("invalid", "a market, IOC or FOK order cannot be post-only")
    if market_order and found == "RETAIL_PRICE_IMPROVEMENT":
        raise Refused("invalid", "a market order cannot be RPI")
    return found, post_only


def expiration(immediate: bool, params: Mapping[str, Any], options: Mapping[str, Any], now_ms: int) -> int:
    """When the signature and the order end, unix nanoseconds.

    :raises Refused: an end outside the venue's 30 days
    """
    until = params.get("orderExpiry", params.get("goodTillDate"))
    if until is not None:
        if isinstance(until, bool) or not isinstance(until, int):
            raise Refused("invalid", f"orderExpiry must be unix milliseconds, got {until!r}")
        if not now_ms < until <= now_ms + 30 * tables.DAY * 1000:
            raise Refused("invalid", "orderExpiry must lie in the next 30 days")
        return until * 1_000_000
    seconds = params.get("expirationSeconds", options.get("expirationSeconds"))
    if seconds is None:
        seconds = tables.IMMEDIATE_SECONDS if immediate else tables.RESTING_SECONDS
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 < seconds <= 30 * tables.DAY:
        raise Refused("invalid", f"expirationSeconds must be a number up to 30 days, got {seconds!r}")
    return now_ms * 1_000_000 + int(seconds * 1_000_000_000)


def trigger_by(value: Any) -> str:
    """:raises Refused: a price that the venue does not watch"""
    found = tables.TRIGGER_BY.get(str(value or "last").lower())
    if found is None:
        raise Refused("unsupported", f"triggerPriceType {value!r} does not exist at GRVT (last, mark, index, mid)")
    return found


def trigger_block(kind: str, price: str, by: str) -> Wire:
    """:param kind: TAKE_PROFIT or STOP_LOSS; which way it fires follows from it and from the side"""
    tpsl = {"trigger_by": by, "trigger_price": price, "close_position": False, "is_split_position": False}
    return {"trigger_type": kind, "tpsl": tpsl}


def trigger(side: str, params: Mapping[str, Any], digits: Digits) -> tuple[Wire | None, bool]:
    """The trigger of an order, and whether it is an exit (which only reduces).

    A STOP_LOSS fires on the losing side of whoever it closes: a sell when the price has fallen, a buy when it has risen.

    :raises Refused: two triggers, one without direction, one that the venue keeps for its own pages
    """
    if flag(params.get("closePosition"), "closePosition"):
        raise Refused("unsupported", "orders that close a whole position can be made on the venue's own pages only (code 2117)")
    plain = params.get("triggerPrice", params.get("stopPrice"))
    given = {"plain": plain, "STOP_LOSS": params.get("stopLossPrice"), "TAKE_PROFIT": params.get("takeProfitPrice")}
    wanted = [(name, value) for name, value in given.items() if value is not None]
    if not wanted:
        if params.get("triggerDirection") is not None:
            raise Refused("arguments", "triggerDirection without a triggerPrice")
        return None, False
    if len(wanted) > 1:
        raise Refused("invalid", "give one of triggerPrice, stopLossPrice, takeProfitPrice")
    name, value = wanted[0]
    by = trigger_by(params.get("triggerPriceType", params.get("triggerBy")))
    if name != "plain":
        return trigger_block(name, digits(value), by), True
    direction = params.get("triggerDirection")
    if str(direction).lower() not in tables.DIRECTIONS:
        raise Refused(
            "arguments", "a triggerPrice needs params['triggerDirection'], ascending or descending (or use stopLossPrice, takeProfitPrice)"
        )
    rising = tables.DIRECTIONS[str(direction).lower()]
    return trigger_block("STOP_LOSS" if rising == (side == "buy") else "TAKE_PROFIT", digits(value), by), False


def builder(params: Mapping[str, Any], options: Mapping[str, Any]) -> Wire:
    """Builder fields, only when somebody set both: the address, and the fee in percent.

    :raises Refused: one without the other, a fee that would be cut
    """
    fee = params.get("builderFee", options.get("builderFee"))
    if not fee:
        return {}
    address = params.get("builder", options.get("builder"))
    rate = options.get("builderRate") if fee is True else fee
    if not address or rate in (None, ""):
        raise Refused("arguments", "a builder fee needs options['builder'] (an address) and options['builderRate'] (percent)")
    number = Decimal(-1)
    try:
        number = Decimal(str(rate))
        exact = number.is_finite() and number >= 0 and number.scaleb(4) == number.scaleb(4).to_integral_value()
    except InvalidOperation:
        exact = False
    if not exact:
        raise Refused("invalid", f"the builder fee {rate!r} is not a percentage with up to four decimals")
    return {"builder": str(address), "builder_fee": format(number, "f")}


def check(request: Request, params: Mapping[str, Any]) -> None:
    """:raises Refused: another type or side than the venue has, parameters that would silently make another order"""
    if request.type not in ("limit", "market"):
        raise Refused("invalid", f"order type must be limit or market, got {request.type!r}")
    if request.side not in ("buy", "sell"):
        raise Refused("invalid", f"side must be buy or sell, got {request.side!r}")
    if request.type == "limit" and request.price is None:
        raise Refused("arguments", "a limit order needs a price")
    odd = [name for name in tables.UNSUPPORTED if params.get(name) not in (None, False)]
    if odd:
        raise Refused("unsupported", f"{', '.join(odd)}: GRVT has no such order parameter")
    for name, said in tables.MISNAMED.items():
        if params.get(name) is not None:
            raise Refused("bad_request", f"params['{name}'] would be ignored, say {said}")


def make(request: Request, params: Mapping[str, Any], options: Mapping[str, Any]) -> Plan:
    """One order with its attached exits."""
    check(request, params)
    market_order = request.type == "market"
    tif, post_only = time_in_force(market_order, params)
    block, is_exit = trigger(request.side, params, request.digits)
    reduce_only = flag(params.get("reduceOnly"), "reduceOnly") or (is_exit and params.get("reduceOnly") is None)
    entry = _order(request, request.side, request.price, tif, post_only, reduce_only, client_id(params["clientOrderId"]))
    entry.update(builder(params, options))
    if block is not None:
        entry["metadata"]["trigger"] = block
    exits = _exits(request, params, options, entry, block is not None)
    immediate = block is None and (market_order or tif in tables.IMMEDIATE)
    expirations = [expiration(immediate, params, options, request.now_ms)]
    expirations += [expiration(False, {}, options, request.now_ms) for _ in exits]
    rest = {name: value for name, value in params.items() if name not in HANDLED and name not in tables.UNSUPPORTED}
    return Plan([entry, *exits], expirations, rest)


def _order(request: Request, side: str, price: str | None, tif: str, post_only: bool, reduce_only: bool, client: str) -> Wire:
    leg = {"instrument": request.instrument, "size": request.size, "limit_price": price or "0", "is_buying_asset": side == "buy"}
    return {
        "sub_account_id": request.account,
        "is_market": price is None,
        "time_in_force": tif,
        "post_only": post_only,
        "reduce_only": reduce_only,
        "legs": [leg],
        "metadata": {"client_order_id": client},
    }


def _exits(request: Request, params: Mapping[str, Any], options: Mapping[str, Any], entry: Wire, triggered: bool) -> list[Wire]:
    """Take-profit and stop-loss of an entry: they wait until it is filled, and one ends the other."""
    found: list[Wire] = []
    for name, kind in (("takeProfit", "TAKE_PROFIT"), ("stopLoss", "STOP_LOSS")):
        given = params.get(name)
        if given is None:
            continue
        if triggered or entry["reduce_only"]:
            raise Refused("invalid", f"{name} can be attached to an order that opens a position at once, to no other")
        if not isinstance(given, Mapping) or given.get("triggerPrice", given.get("stopPrice")) is None:
            raise Refused("arguments", f"{name} must be a dictionary with a triggerPrice")
        odd = set(given) - {"triggerPrice", "stopPrice", "price", "type", "triggerPriceType"}
        if odd:
            raise Refused("unsupported", f"{name}: GRVT does not know {', '.join(sorted(odd))}")
        limit = given.get("price")
        side = "sell" if request.side == "buy" else "buy"
        price = None if limit is None else request.digits(limit)
        child = _order(request, side, price, "GOOD_TILL_TIME", False, True, request.new_client_id())
        level = request.digits(given.get("triggerPrice", given.get("stopPrice")))
        child["metadata"]["trigger"] = trigger_block(kind, level, trigger_by(given.get("triggerPriceType")))
        child.update(builder(params, options))
        found.append(child)
    return found
