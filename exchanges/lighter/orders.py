"""Unified order arguments -> transaction fields. Pure; refuses before anything is signed.

Pages: apidocs.lighter.xyz "sendTx", "Signing transactions"; ranges and combinations as in lighter-go (types/txtypes, commit 17f2d60).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from ccxt_dex.exact import FLOAT_NOISE, Refused, decimal

from . import tables
from .signing import CANCEL_ALL_MARKET, SELF_TRADE_BEHAVIOR, SELF_TRADE_EQUALITY

CLOSING = {"buy": "sell", "sell": "buy"}
TRIGGERS = ("triggerPrice", "stopPrice", "stopLossPrice", "takeProfitPrice")


@dataclass(frozen=True)
class Plan:
    """What to sign.

    :ivar name: a key of signing.KINDS
    :ivar fields: its fields
    :ivar attributes: transaction attributes besides the skip-nonce flag
    """

    name: str
    fields: dict[str, Any]
    attributes: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Grid:
    """How one market counts: `id`, decimals of size and price, whether it is a perpetual."""

    id: int
    symbol: str
    size_decimals: int
    price_decimals: int
    swap: bool = True
    active: bool = True
    min_amount: Decimal | None = None
    min_cost: Decimal | None = None
    max_cost: Decimal | None = None


def grid(market: Mapping[str, Any]) -> Grid:
    """A unified market (its `info` is the venue's row) as a Grid."""
    info = market["info"]
    return Grid(
        int(market["id"]),
        str(market["symbol"]),
        int(info["size_decimals"]),
        int(info["price_decimals"]),
        bool(market.get("swap")),
        market.get("active") is not False,
        *(None if not info.get(key) else Decimal(str(info[key])) for key in ("min_base_amount", "min_quote_amount", "order_quote_limit")),
    )


def scaled(value: Any, decimals: int, name: str, highest: int) -> int:
    """A positive number as an integer of the venue's smallest units. Float noise is removed, every other difference refused.

    :raises Refused: not positive, off the grid, or larger than the venue's integer
    """
    number = decimal(value, name)
    if number <= 0:
        raise Refused("invalid", f"{name} must be positive, got {value!r}")
    units = number.scaleb(decimals)
    nearest = units.to_integral_value()
    if nearest != units and not (isinstance(value, float) and nearest > 0 and abs(nearest - units) <= units * FLOAT_NOISE):
        raise Refused("invalid", f"{name} {number:f} has more than {decimals} decimals")
    if nearest > highest:
        raise Refused("invalid", f"{name} {number:f} is too large")
    return int(nearest)


def size(market: Grid, amount: Any) -> int:
    units = scaled(amount, market.size_decimals, "amount", 2**48 - 1)
    if market.min_amount is not None and Decimal(units).scaleb(-market.size_decimals) < market.min_amount:
        raise Refused("invalid", f"amount {amount} is below the minimum {market.min_amount} of {market.symbol}")
    return units


def price_units(market: Grid, price: Any, name: str = "price") -> int:
    return scaled(price, market.price_decimals, name, 2**32 - 1)


def bound(market: Grid, side: str, reference: Any, slippage: Any) -> int:
    """The worst price a market order may take: the reference moved by the slippage, inside the bound on the grid.

    :param slippage: fraction from 0 to below 1
    """
    share = decimal(slippage, "slippage")
    if not 0 <= share < 1:
        raise Refused("bad_request", f"slippage must be a fraction from 0 to 1, got {slippage!r}")
    price = decimal(reference, "price") * (1 + share if side == "buy" else 1 - share)
    units = price.scaleb(market.price_decimals).to_integral_value(ROUND_FLOOR if side == "buy" else ROUND_CEILING)
    if not 1 <= units <= 2**32 - 1:
        raise Refused("invalid", f"the price {price:f} cannot be expressed in {market.symbol}")
    return int(units)


def client_id(value: Any) -> int:
    """The client order index.

    :raises Refused: anything but a whole number from 1 to 2^48 - 1: the venue has no other ids, and a made-up one would not be found again
    """
    text = str(value)
    if isinstance(value, (bool, float)) or not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= tables.MAX_CLIENT_ID:
        raise Refused("invalid", f"clientOrderId must be a whole number from 1 to {tables.MAX_CLIENT_ID}, got {value!r}")
    return int(text)


def order_index(order_id: Any, params: Mapping[str, Any]) -> int:
    """What cancel and modify call `Index`: the venue's order id or a client order index, told apart by size."""
    given = params.get("clientOrderId", params.get("client_order_index"))
    if given is not None:
        return client_id(given)
    text = "" if order_id is None else str(order_id)
    if not text:
        raise Refused("arguments", "an order id or params['clientOrderId'] is needed")
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) < 2**60:
        raise Refused("bad_request", f"an order id of Lighter is a whole number, got {order_id!r}")
    return int(text)


def time_in_force(market_order: bool, params: Mapping[str, Any]) -> int:
    """:raises Refused: FOK and unknown words, post-only market or IOC orders"""
    raw = params.get("timeInForce")
    word = None if raw is None else str(raw).upper()
    if word is not None and word not in tables.TIME_IN_FORCE:
        raise Refused("unsupported", f"timeInForce {raw!r} does not exist at Lighter (GTC, GTT, IOC, PO)")
    found = None if word is None else tables.TIME_IN_FORCE[word]
    post_only = _flag(params.get("postOnly"), "postOnly")
    if market_order:
        if post_only or found == tables.POST_ONLY:
            raise Refused("invalid", "a market order cannot be post-only")
        return tables.IOC
    if post_only:
        if found == tables.IOC:
            raise Refused("invalid", "an IOC order cannot be post-only")
        return tables.POST_ONLY
    return tables.GTT if found is None else found


def expiry(params: Mapping[str, Any], now_ms: int) -> int:
    """When a resting order ends, unix milliseconds: `orderExpiry` (or `goodTillDate`), else 28 days ahead.

    :raises Refused: outside the venue's range of 5 minutes to 30 days ahead
    """
    given = params.get("orderExpiry", params.get("goodTillDate"))
    if given is None or given == -1:
        return now_ms + tables.DEFAULT_EXPIRY_MS
    if isinstance(given, bool) or not isinstance(given, int):
        raise Refused("invalid", f"orderExpiry must be unix milliseconds, got {given!r}")
    if not now_ms + tables.MIN_EXPIRY_MS <= given <= now_ms + tables.MAX_EXPIRY_MS:
        raise Refused("invalid", "orderExpiry must lie 5 minutes to 30 days ahead")
    return given


def _flag(value: Any, name: str) -> bool:
    if value is not None and not isinstance(value, bool):
        raise Refused("invalid", f"{name} must be True or False, got {value!r}")
    return value is True


def self_trade(params: Mapping[str, Any]) -> dict[int, int]:
    """Attributes of `selfTradePrevention` (EXPIRE_MAKER, EXPIRE_TAKER, EXPIRE_BOTH, DECREMENT) and of the venue's own two names."""
    word = params.get("selfTradePrevention", params.get("stpMode"))
    mode = params.get("self_trade_behavior_mode")
    if word is not None:
        if str(word).upper() not in tables.SELF_TRADE:
            raise Refused("unsupported", f"selfTradePrevention {word!r} does not exist at Lighter ({', '.join(tables.SELF_TRADE)})")
        mode = tables.SELF_TRADE[str(word).upper()]
    equality = params.get("self_trade_equality_mode")
    return {key: value for key, value in ((SELF_TRADE_BEHAVIOR, mode), (SELF_TRADE_EQUALITY, equality)) if value}


def _trigger(params: Mapping[str, Any]) -> tuple[str | None, Any]:
    """("stop" or "profit", trigger price) of a standalone conditional order; (None, None) for others."""
    stop = params.get("stopLossPrice", params.get("triggerPrice", params.get("stopPrice")))
    profit = params.get("takeProfitPrice")
    if stop is not None and profit is not None:
        raise Refused("unsupported", "one order has one trigger; create two orders, or attach stopLoss and takeProfit to an entry")
    return ("stop", stop) if stop is not None else ("profit", profit) if profit is not None else (None, None)


_TYPES = {
    (None, True): tables.MARKET,
    (None, False): tables.LIMIT,
    ("stop", True): tables.STOP_LOSS,
    ("stop", False): tables.STOP_LOSS_LIMIT,
    ("profit", True): tables.TAKE_PROFIT,
    ("profit", False): tables.TAKE_PROFIT_LIMIT,
}


def needs_reference(kind: str, price: Any, params: Mapping[str, Any]) -> bool:
    """Whether a price has to be looked up in the book: a market order now, and nobody said at what price."""
    return kind == "market" and price is None and _trigger(params)[0] is None


def _check(market: Grid, kind: str, side: str, params: Mapping[str, Any]) -> None:
    for name, what in tables.UNSUPPORTED_PARAMS.items():
        if params.get(name) not in (None, False):
            raise Refused("unsupported", f"params['{name}']: Lighter has no {what}")
    for name, said in tables.MISNAMED.items():
        if params.get(name) is not None:
            raise Refused("bad_request", f"params['{name}'] would be ignored, say {said}")
    if kind not in ("limit", "market"):
        raise Refused("unsupported", f"order type {kind!r} does not exist at Lighter (limit, market)")
    if side not in CLOSING:
        raise Refused("invalid", f"side must be buy or sell, got {side!r}")
    if not market.active:
        raise Refused("closed", f"{market.symbol} is not trading")


def _worst(side: str, price: Any, trigger: Any) -> bool:
    """Whether the price of a market order bounds it: at or before its trigger it would only keep the order from filling."""
    if price is None or trigger is None:
        return price is not None
    beyond = decimal(price, "price") - decimal(trigger, "trigger price")
    return beyond > 0 if side == "buy" else beyond < 0


def _limit_price(market: Grid, kind: str, side: str, price: Any, reference: Any, trigger: Any, said: Any, slippage: Any) -> int:
    if kind == "limit":
        if price is None:
            raise Refused("arguments", "a limit order needs a price")
        return price_units(market, price)
    if said is None and _worst(side, price, trigger):
        return bound(market, side, price, 0)
    starts = (trigger, reference) if said is None else (price, trigger, reference)
    start = next((each for each in starts if each is not None), None)
    if start is None:
        raise Refused("arguments", "a market order needs a price to bound it")
    return bound(market, side, start, slippage if said is None else said)


def create(
    market: Grid,
    kind: str,
    side: str,
    amount: Any,
    price: Any,
    params: Mapping[str, Any],
    *,
    now_ms: int,
    reference: Any = None,
    slippage: Any = "0.05",
) -> Plan:
    """One order, or an entry with its attached stop-loss and take-profit.

    :param amount: in base units
    :param price: limit; for a market order the worst price to take, or what params["slippage"] counts from where that is given
    :param params: clientOrderId, timeInForce, postOnly, reduceOnly, orderExpiry, triggerPrice or stopLossPrice, takeProfitPrice, stopLoss,
        takeProfit, slippage, selfTradePrevention
    :param reference: best opposite price, for market orders without a price
    :param slippage: fraction from the reference or the trigger, used where neither a price nor one in params is given
    :raises Refused: for what Lighter cannot do or would refuse
    """
    _check(market, kind, side, params)
    which, trigger = _trigger(params)
    if which is not None and not market.swap:
        raise Refused("unsupported", "spot markets have no trigger orders")
    if params.get("triggerDirection") is not None and which == "stop" and "triggerPrice" in params:
        _check_direction(params["triggerDirection"], side)
    said = params.get("slippage")
    slippage = slippage if said is None else said
    tif = time_in_force(kind == "market", params)
    row = {
        "MarketIndex": market.id,
        "ClientOrderIndex": client_id(params["clientOrderId"]) if params.get("clientOrderId") is not None else 0,
        "BaseAmount": size(market, amount),
        "Price": _limit_price(market, kind, side, price, reference, trigger, said, slippage),
        "IsAsk": int(side == "sell"),
        "Type": _TYPES[which, kind == "market"],
        "TimeInForce": tif,
        "ReduceOnly": int(_flag(params.get("reduceOnly", params.get("reduce_only")), "reduceOnly")),
        "TriggerPrice": 0 if which is None else price_units(market, trigger, "trigger price"),
        "OrderExpiry": 0 if which is None and tif == tables.IOC else expiry(params, now_ms),
    }
    if row["ReduceOnly"] and not market.swap:
        raise Refused("unsupported", "spot orders cannot be reduce-only")
    _check_cost(market, row)
    children = [
        _child(market, side, name, params[name], row["OrderExpiry"] or expiry({}, now_ms), slippage)
        for name in ("stopLoss", "takeProfit")
        if params.get(name) is not None
    ]
    attributes = self_trade(params)
    if not children:
        return Plan("create_order", row, attributes)
    if which is not None or not market.swap:
        raise Refused("unsupported", "stopLoss and takeProfit attach to limit and market entries of perpetuals only")
    grouping = tables.OTO if len(children) == 1 else tables.OTOCO
    return Plan("create_grouped_orders", {"GroupingType": grouping, "Orders": [row, *children]}, attributes)


def _check_direction(direction: Any, side: str) -> None:
    """A plain trigger order is a stop here: it fires against the position it would close, buys above, sells below."""
    expected = "ascending" if side == "buy" else "descending"
    if str(direction).lower() not in (expected, {"ascending": "up", "descending": "down"}[expected]):
        raise Refused("unsupported", f"a {side} trigger order of Lighter fires {expected}; use takeProfitPrice for the other direction")


def _check_cost(market: Grid, row: Mapping[str, int]) -> None:
    cost = Decimal(row["BaseAmount"] * row["Price"]).scaleb(-market.size_decimals - market.price_decimals)
    resting = row["Type"] in (tables.LIMIT, tables.STOP_LOSS_LIMIT, tables.TAKE_PROFIT_LIMIT)
    if resting and not row["ReduceOnly"] and market.min_cost is not None and cost < market.min_cost:
        raise Refused("invalid", f"cost {cost:f} is below the minimum {market.min_cost} of {market.symbol}")
    if resting and market.max_cost is not None and market.max_cost > 0 and cost > market.max_cost:
        raise Refused("invalid", f"cost {cost:f} is above the maximum {market.max_cost} of {market.symbol}")


def _child(market: Grid, entry_side: str, name: str, given: Any, order_expiry: int, slippage: Any) -> dict[str, int]:
    """An attached order: closes what the entry opens, at market unless it has a price of its own."""
    if not isinstance(given, Mapping):
        given = {"triggerPrice": given}
    trigger = given.get("triggerPrice", given.get("stopPrice"))
    if trigger is None:
        raise Refused("arguments", f"params['{name}'] needs a triggerPrice")
    odd = set(given) - {"triggerPrice", "stopPrice", "price", "type"}
    if given.get("triggerPriceType") == "mark":
        odd.discard("triggerPriceType")
    if odd:
        raise Refused("unsupported", f"params['{name}']: Lighter does not know {', '.join(sorted(odd))} of an attached order")
    side = CLOSING[entry_side]
    price = given.get("price")
    kind = str(given.get("type", "limit" if price is not None else "market")).lower()
    if kind not in ("limit", "market") or (kind == "limit" and price is None):
        raise Refused("arguments", f"params['{name}'] is of type market, or of type limit with a price")
    return {
        "MarketIndex": market.id,
        "ClientOrderIndex": 0,
        "BaseAmount": 0,
        "Price": price_units(market, price, f"{name} price") if price is not None else bound(market, side, trigger, slippage),
        "IsAsk": int(side == "sell"),
        "Type": _TYPES["stop" if name == "stopLoss" else "profit", kind == "market"],
        "TimeInForce": tables.IOC if kind == "market" else tables.GTT,
        "ReduceOnly": 1,
        "TriggerPrice": price_units(market, trigger, f"{name} triggerPrice"),
        "OrderExpiry": order_expiry,
    }


def modify(market: Grid, order_id: Any, amount: Any, price: Any, params: Mapping[str, Any]) -> Plan:
    """A new amount and price (and trigger price) for a resting order, which keeps its id.

    :raises Refused: amount or price missing: the venue takes both, and guessing one would place another order
    """
    if amount is None or price is None:
        raise Refused("arguments", "edit_order needs amount and price")
    trigger = next((params[name] for name in TRIGGERS if params.get(name) is not None), None)
    return Plan(
        "modify_order",
        {
            "MarketIndex": market.id,
            "Index": order_index(order_id, params),
            "BaseAmount": size(market, amount),
            "Price": price_units(market, price),
            "TriggerPrice": 0 if trigger is None else price_units(market, trigger, "trigger price"),
        },
    )


def cancel(market: Grid, order_id: Any, params: Mapping[str, Any]) -> Plan:
    return Plan("cancel_order", {"MarketIndex": market.id, "Index": order_index(order_id, params)})


def cancel_all(market: Grid | None = None, at_ms: int = 0, abort: bool = False) -> Plan:
    """Cancel at once (everywhere or in one market), at a time, or call that off."""
    attributes = {} if market is None else {CANCEL_ALL_MARKET: market.id}
    return Plan("cancel_all_orders", {"TimeInForce": 2 if abort else int(at_ms > 0), "Time": at_ms}, attributes)


def leverage(market: Grid, value: Any, margin_mode: str, max_leverage: Any = None) -> Plan:
    """:raises Refused: below 1, above the market's maximum, or an unknown margin mode"""
    number = decimal(value, "leverage")
    if number < 1 or (max_leverage is not None and number > decimal(max_leverage, "maximum leverage")):
        raise Refused("bad_request", f"leverage must be from 1 to {max_leverage}, got {value!r}")
    # rounded up: the leverage set is never above the one asked for
    fraction = int((Decimal(10_000) / number).to_integral_value(ROUND_CEILING))
    modes = {"cross": tables.CROSS, "isolated": tables.ISOLATED}
    if margin_mode not in modes:
        raise Refused("bad_request", f"margin mode must be cross or isolated, got {margin_mode!r}")
    return Plan("update_leverage", {"MarketIndex": market.id, "InitialMarginFraction": fraction, "MarginMode": modes[margin_mode]})


def margin(market: Grid, amount: Any, add: bool) -> Plan:
    """:param amount: USDC to move into (or out of) an isolated position"""
    units = scaled(amount, tables.USDC_DECIMALS, "amount", 2**60 - 1)
    return Plan("update_margin", {"MarketIndex": market.id, "USDCAmount": units, "Direction": int(add)})
