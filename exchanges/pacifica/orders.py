"""Unified order arguments -> what Pacifica is asked for. Pure; refuses before anything is signed.

Pages: docs.pacifica.fi "Create limit order", "Create market order", "Create stop order", "Create position TP/SL", "Batch order".
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ccxt_dex.exact import Refused, decimal, on_grid, plain
from ccxt_dex.exchanges.pacifica import tables

__all__ = ["Grid", "Plan", "Refused", "cancel", "client_id", "create", "decimal", "edit", "leverage", "plain", "refuse_exits"]

NAMESPACE = uuid.UUID("6f1c6a58-1d0b-5c57-9a3b-0c8a7f2f5d11")
Params = Mapping[str, Any]
EXITS = ("triggerPrice", "stopPrice", "stopLossPrice", "takeProfitPrice", "stopLoss", "takeProfit")


@dataclass(frozen=True)
class Grid:
    """What a market allows.

    :ivar minimum: smallest order in USD, for orders with a price that open something
    """

    market: str
    tick: Decimal
    lot: Decimal
    minimum: Decimal | None = None
    spot: bool = False


@dataclass(frozen=True)
class Plan:
    """One signed request about an order: path, payload, and what the caller asked for in unified words.

    :ivar needs_mark: "below" or "above": the trigger must lie on that side of the mark price, or the venue would read it the other way
    """

    path: str
    payload: dict[str, Any]
    asked: dict[str, Any] = field(default_factory=dict)
    trigger: Decimal | None = None
    needs_mark: str | None = None

    @property
    def operation(self) -> str:
        return tables.OPERATIONS[self.path]


def client_id(value: Any) -> str:
    """A client order id as the venue takes it, a full UUID; every other text becomes the UUID version 5 of itself."""
    text = str(value)
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return str(uuid.uuid5(NAMESPACE, text))


def order_id(value: Any) -> int | None:
    """The venue's own id as the number that is signed; None for a client order id.

    :raises Refused: neither
    """
    text = str(value)
    if text.isdigit() and len(text) < 20:
        return int(text)
    if not text or text == "None":
        raise Refused("arguments", "an order id, or params['clientOrderId'], is required")
    return None


# --- create ---------------------------------------------------------------------------------------------------------------------------


def time_in_force(kind: str, params: Params) -> str:
    """GTC, IOC, ALO or TOB.

    :raises Refused: what the venue has not, or what contradicts itself
    """
    word = params.get("timeInForce", params.get("tif"))
    text = None if word is None else str(word).upper()
    if text in tables.UNSUPPORTED_TIF:
        raise Refused("unsupported", f"time in force {text} does not exist here")
    if text is not None and text not in tables.TIME_IN_FORCE:
        raise Refused("invalid", f"unknown time in force {word!r}")
    tif = None if text is None else tables.TIME_IN_FORCE[text]
    post_only = params.get("postOnly")
    if post_only not in (None, True, False):
        raise Refused("invalid", f"postOnly must be true or false, got {post_only!r}")
    if kind == "market":
        if post_only or tif not in (None, "IOC"):
            raise Refused("invalid", "a market order is neither post-only nor does it rest")
        return "IOC"
    if post_only and tif in ("GTC", "IOC"):
        if tif == "IOC":
            raise Refused("invalid", "post-only and IOC exclude each other")
        tif = None
    if post_only is False and tif in tables.POST_ONLY:
        raise Refused("invalid", f"postOnly False and time in force {word!r} contradict each other")
    return tif or ("ALO" if post_only else "GTC")


def _flag(params: Params, *names: str) -> bool | None:
    for name in names:
        value = params.get(name)
        if value is not None:
            if not isinstance(value, bool):
                raise Refused("invalid", f"{name} must be true or false, got {value!r}")
            return value
    return None


def _check_params(grid: Grid, params: Params) -> None:
    for name, what in tables.UNSUPPORTED_PARAMS.items():
        if params.get(name) not in (None, False):
            raise Refused("unsupported", f"{what}: the venue has nothing like it ({name})")
    for name, word in tables.OWN_WORDS.items():
        if params.get(name) is not None:
            raise Refused("unsupported", f"{name} is the venue's own word and would be left out: say {word}")
    if params.get("hedged"):
        raise Refused("unsupported", "hedge mode: the venue has nothing like it (hedged)")
    price_type = params.get("triggerPriceType")
    if price_type not in (None, "mark"):
        raise Refused("unsupported", "the price that fires triggers is a setting of the account")
    if grid.spot and any(
        params.get(name) is not None for name in ("stopLoss", "takeProfit", "triggerPrice", "stopLossPrice", "takeProfitPrice")
    ):
        raise Refused("unsupported", "spot markets have neither stops nor take-profits (venue codes 106 to 109)")


def _attached(grid: Grid, params: Params) -> dict[str, Any]:
    legs: dict[str, Any] = {}
    for name, wire in (("takeProfit", "take_profit"), ("stopLoss", "stop_loss")):
        leg = params.get(name)
        if leg is None:
            continue
        if not isinstance(leg, Mapping):
            raise Refused("invalid", f"{name} must be {{'triggerPrice': ..., 'price': ...}}; for a stop order of its own use {name}Price")
        level = leg.get("triggerPrice", leg.get("stopPrice"))
        if level is None:
            raise Refused("arguments", f"{name} needs a triggerPrice")
        if leg.get("triggerPriceType") not in (None, "mark"):
            raise Refused("unsupported", "the price that fires triggers is a setting of the account")
        limit = leg.get("price")
        if str(leg.get("type", "")).lower() == "limit" and limit is None:
            raise Refused("arguments", f"{name} of type limit needs a price")
        if str(leg.get("type", "")).lower() == "market" and limit is not None:
            raise Refused("invalid", f"{name} of type market has no price")
        legs[wire] = {"stop_price": plain(on_grid(level, grid.tick, f"{name} triggerPrice"))}
        if limit is not None:
            legs[wire]["limit_price"] = plain(on_grid(limit, grid.tick, f"{name} price"))
        if leg.get("clientOrderId") is not None:
            legs[wire]["client_order_id"] = client_id(leg["clientOrderId"])
    return legs


def create(
    grid: Grid, kind: Any, side: Any, amount: Any, price: Any, params: Params, *, slippage: Any = "0.5", builder: str | None = None
) -> Plan:
    """The request of one order.

    A stop (`triggerPrice`, `stopLossPrice`) is a stop order of its own; a `takeProfitPrice` closes, so it is a take-profit of the position
    with this size, the only form whose direction the venue is told; `stopLoss` and `takeProfit` dictionaries go with the entry.

    :param slippage: percent, for market orders
    :param builder: builder code, only when the user set one
    :raises Refused: what cannot be sent as asked for
    """
    word = str(kind).lower()
    if word not in ("limit", "market"):
        raise Refused("invalid", f"order type must be limit or market, got {kind!r}")
    if side not in tables.SIDES:
        raise Refused("invalid", f"side must be buy or sell, got {side!r}")
    _check_params(grid, params)
    tif = time_in_force(word, params)
    size = on_grid(amount, grid.lot, "amount")
    limit = None
    if word == "limit":
        if price is None:
            raise Refused("arguments", "a limit order needs a price")
        limit = on_grid(price, grid.tick, "price")
    reduce_only = _flag(params, "reduceOnly", "reduce_only")
    if grid.spot and reduce_only:
        raise Refused("unsupported", "spot markets have no reduce-only orders (venue code 106)")
    legs = _attached(grid, params)
    levels = {
        name: params[name] for name in ("triggerPrice", "stopPrice", "stopLossPrice", "takeProfitPrice") if params.get(name) is not None
    }
    asked = _asked(word, str(side), size, limit, tif, reduce_only, params)
    head: dict[str, Any] = {"symbol": grid.market, "side": tables.SIDES[str(side)]}
    if builder:
        head["builder_code"] = builder
    given = params.get("clientOrderId", params.get("client_order_id"))
    own = {} if given is None else {"client_order_id": client_id(given)}
    if levels:
        if len(levels) > 1:
            raise Refused("invalid", f"one trigger per order, got {', '.join(sorted(levels))}")
        if legs:
            raise Refused("unsupported", "a stop order cannot carry a take-profit or stop-loss here")
        if tif not in ("GTC", "IOC") or (word == "limit" and tif == "IOC"):
            raise Refused("unsupported", "a triggered order has no time in force of its own here")
        ((name, level),) = levels.items()
        return _triggered(grid, name, level, head, own, size, limit, reduce_only, asked, params)
    _check_cost(grid, size, limit, bool(reduce_only))
    if word == "market":
        share = params.get("slippage", params.get("slippage_percent", slippage))
        percent = decimal(share, "slippage")
        if not 0 < percent < 100:
            raise Refused("invalid", f"slippage is in percent, above 0 and below 100, got {share!r}")
        payload = {**head, "amount": plain(size), "reduce_only": bool(reduce_only), "slippage_percent": plain(percent), **own, **legs}
        return Plan("orders/create_market", payload, asked)
    assert limit is not None
    payload = {**head, "price": plain(limit), "amount": plain(size), "reduce_only": bool(reduce_only), "tif": tif, **own, **legs}
    return Plan("orders/create", payload, asked)


def _check_cost(grid: Grid, size: Decimal, limit: Decimal | None, reduce_only: bool) -> None:
    if limit is None:
        return
    cost = size * limit
    if grid.minimum is not None and cost < grid.minimum and not reduce_only:
        raise Refused("invalid", f"order value {plain(cost)} is below the minimum {plain(grid.minimum)}")


def _asked(
    kind: str, side: str, size: Decimal, limit: Decimal | None, tif: str, reduce_only: bool | None, params: Params
) -> dict[str, Any]:
    return {
        "type": kind,
        "side": side,
        "amount": plain(size),
        "price": None if limit is None else plain(limit),
        "timeInForce": "PO" if tif in tables.POST_ONLY else tif,
        "postOnly": tif in tables.POST_ONLY,
        "reduceOnly": bool(reduce_only),
        "clientOrderId": params.get("clientOrderId", params.get("client_order_id")),
    }


def _triggered(
    grid: Grid,
    name: str,
    level: Any,
    head: dict[str, Any],
    own: dict[str, Any],
    size: Decimal,
    limit: Decimal | None,
    reduce_only: bool | None,
    asked: dict[str, Any],
    params: Params,
) -> Plan:
    trigger = on_grid(level, grid.tick, name)
    stop: dict[str, Any] = {"stop_price": plain(trigger), "amount": plain(size), **own}
    if limit is not None:
        stop["limit_price"] = plain(limit)
    asked = {**asked, "triggerPrice": plain(trigger), "timeInForce": None, "postOnly": False}
    selling = asked["side"] == "sell"
    if name == "takeProfitPrice":
        if reduce_only is False:
            raise Refused("unsupported", "a take-profit closes a position here: reduceOnly cannot be false")
        asked |= {"reduceOnly": True, "takeProfitPrice": plain(trigger)}
        return Plan("positions/tpsl", {**head, "take_profit": stop}, asked, trigger, "above" if selling else "below")
    direction = {"above": "above", "ascending": "above", "below": "below", "descending": "below"}.get(
        str(params.get("triggerDirection", ""))
    )
    if params.get("triggerDirection") is not None and direction is None:
        raise Refused("invalid", f"triggerDirection must be ascending or descending, got {params['triggerDirection']!r}")
    if name == "stopLossPrice":
        asked["stopLossPrice"] = plain(trigger)
        natural = "below" if selling else "above"
        if direction not in (None, natural):
            raise Refused("invalid", f"a stop-loss that {'sells' if selling else 'buys'} fires {natural} its price")
        direction = natural
    payload = {**head, "reduce_only": bool(reduce_only), "stop_order": stop}
    return Plan("orders/stop/create", payload, asked, trigger, direction)


# --- edit, cancel, settings -----------------------------------------------------------------------------------------------------------


def _reference(identifier: Any, params: Params) -> dict[str, Any]:
    given = params.get("clientOrderId", params.get("client_order_id"))
    if given is not None:
        return {"client_order_id": client_id(given)}
    number = order_id(identifier)
    return {"client_order_id": client_id(identifier)} if number is None else {"order_id": number}


def cancel(grid: Grid, identifier: Any, params: Params, *, stop: bool = False) -> Plan:
    """The request that cancels one order.

    :param stop: it waits for a trigger: such orders have an endpoint of their own
    """
    return Plan("orders/stop/cancel" if stop else "orders/cancel", {"symbol": grid.market, **_reference(identifier, params)})


def refuse_exits(params: Params) -> None:
    """:raises Refused: a trigger or an exit, which an order that is worked over a time cannot have"""
    for name in EXITS:
        if params.get(name) is not None:
            raise Refused("unsupported", f"an order that is worked over a time has no {name}")


def edit(grid: Grid, identifier: Any, amount: Any, price: Any, params: Params) -> Plan:
    """The request that replaces a resting order; the new one is post-only, whatever the old one was.

    :raises Refused: another time in force asked for, or something that an edit cannot change
    """
    tif = str(params.get("timeInForce", "PO")).upper()
    if tables.TIME_IN_FORCE.get(tif) != "ALO" or params.get("postOnly") is False:
        raise Refused("unsupported", "an edited order is post-only (ALO) here, whatever it was before")
    for name in (*EXITS, "reduceOnly"):
        if params.get(name) is not None:
            raise Refused("unsupported", f"an edit changes price and amount, not {name}")
    size, limit = on_grid(amount, grid.lot, "amount"), on_grid(price, grid.tick, "price")
    payload = {"symbol": grid.market, "price": plain(limit), "amount": plain(size), **_reference(identifier, params)}
    return Plan("orders/edit", payload, {"amount": plain(size), "price": plain(limit), "timeInForce": "PO", "postOnly": True})


def leverage(value: Any, top: Any) -> int:
    """A whole number from 1 to the market's maximum."""
    number = decimal(value, "leverage")
    if number != number.to_integral_value() or number < 1 or (top is not None and number > decimal(top, "maximum leverage")):
        raise Refused("bad_request", f"leverage must be a whole number from 1 to {top}, got {value!r}")
    return int(number)
