"""Unified order arguments -> what Backpack is asked for. Pure; refuses before anything is signed.

Page: docs.backpack.exchange "Execute order".
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ccxt_dex.exact import Refused, decimal, on_grid, plain, positive, within
from ccxt_dex.exchanges.backpack import tables

__all__ = ["Grid", "Plan", "Refused", "client_id", "create", "leverage", "reference", "twap"]

Params = Mapping[str, Any]


@dataclass(frozen=True)
class Grid:
    """What a market allows."""

    market: str
    tick: Any
    step: Any
    limits: Mapping[str, Any] = field(default_factory=dict)
    spot: bool = False
    state: str = "Open"


@dataclass(frozen=True)
class Plan:
    """One order: its body, and what the venue must be asked first.

    :ivar side_of_price: "below" or "above": where the trigger must lie of the price that fires it, or it would fire the other way
    """

    body: dict[str, Any]
    trigger: Decimal | None = None
    side_of_price: str | None = None


def client_id(value: Any) -> int:
    """A client order id as the venue takes it, 32 bits; every other text becomes the head of its SHA-256."""
    text = str(value)
    if isinstance(value, bool) or not text:
        raise Refused("invalid", f"clientOrderId must be a number or text, got {value!r}")
    if text.isascii() and text.isdigit() and len(text) < 11 and str(int(text)) == text and int(text) < tables.UINT32:
        return int(text)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


def reference(market: str, identifier: Any, params: Params) -> dict[str, Any]:
    """How one order is named: by params['clientOrderId'] (or clientId), else by its id.

    :raises Refused: neither is given
    """
    given = params.get("clientOrderId", params.get("clientId"))
    if given is not None:
        return {"symbol": market, "clientId": client_id(given)}
    if identifier in (None, ""):
        raise Refused("arguments", "an order id, or params['clientOrderId'], is required")
    return {"symbol": market, "orderId": str(identifier)}


def _flag(params: Params, name: str) -> bool | None:
    value = params.get(name)
    if value is not None and not isinstance(value, bool):
        raise Refused("invalid", f"{name} must be true or false, got {value!r}")
    return value


def time_in_force(kind: str, params: Params) -> tuple[str | None, bool]:
    """Time in force (None: the venue's default, GTC) and whether it is post-only.

    :raises Refused: what the venue has not, or what contradicts itself
    """
    word = params.get("timeInForce")
    tif = None if word is None else str(word).upper()
    post_only = _flag(params, "postOnly")
    if tif in tables.POST_ONLY:
        if post_only is False:
            raise Refused("invalid", f"postOnly False and time in force {word!r} contradict each other")
        tif, post_only = None, True
    if tif is not None and tif not in tables.TIME_IN_FORCE:
        raise Refused("invalid", f"unknown time in force {word!r}")
    if post_only and (kind == "market" or tif in ("IOC", "FOK")):
        raise Refused("invalid", "a post-only order neither is a market order nor takes")
    return tif, bool(post_only)


def trigger_word(value: Any) -> str:
    """LastPrice, MarkPrice or IndexPrice, of ccxt's word or the venue's."""
    word = tables.TRIGGER_BY.get(str(value), str(value))
    if word not in tables.TRIGGER_WORDS:
        raise Refused("unsupported", f"triggers fire at the last, mark or index price, not at {value!r}")
    return word


def _check_params(grid: Grid, kind: str, post_only: bool, params: Params) -> None:
    for name, what in tables.UNSUPPORTED_PARAMS.items():
        if params.get(name) not in (None, False):
            raise Refused("unsupported", f"{what}: the venue has nothing like it ({name})")
    for name, word in tables.OWN_WORDS.items():
        if params.get(name) is not None:
            raise Refused("unsupported", f"{name} is the venue's own word and would be left out: say {word}")
    if params.get("marginMode") not in (None, "cross"):
        raise Refused("unsupported", "all margin is cross margin here")
    if grid.spot and params.get("reduceOnly"):
        raise Refused("unsupported", "reduce-only is for perpetuals")
    wanted = "post_only" if post_only else kind
    if wanted not in tables.TRADING_STATES.get(grid.state, ()):
        raise Refused("closed", f"{grid.market} is {grid.state}: no {wanted.replace('_', '-')} orders")


def _attached(grid: Grid, params: Params, default: str) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name in ("takeProfit", "stopLoss"):
        leg = params.get(name)
        if leg is None:
            continue
        if not isinstance(leg, Mapping):
            raise Refused("invalid", f"{name} must be {{'triggerPrice': ..., 'price': ...}}; for an order of its own use {name}Price")
        level, limit = leg.get("triggerPrice", leg.get("stopPrice")), leg.get("price")
        if level is None:
            raise Refused("arguments", f"{name} needs a triggerPrice")
        kind = str(leg.get("type", "")).lower()
        if (kind == "limit" and limit is None) or (kind == "market" and limit is not None):
            raise Refused("invalid", f"{name} of type {kind} and price {limit!r} contradict each other")
        fields[f"{name}TriggerPrice"] = plain(on_grid(level, grid.tick, f"{name} triggerPrice"))
        fields[f"{name}TriggerBy"] = trigger_word(leg.get("triggerPriceType", default))
        if limit is not None:
            fields[f"{name}LimitPrice"] = plain(on_grid(limit, grid.tick, f"{name} price"))
    return fields


def _level(params: Params) -> tuple[str, Any] | None:
    given = {name: params[name] for name in tables.LEVELS if params.get(name) is not None}
    if len(given) > 1:
        raise Refused("invalid", f"one trigger per order, got {', '.join(sorted(given))}")
    return next(iter(given.items()), None)


def _direction(name: str, side: str, params: Params) -> str | None:
    asked = params.get("triggerDirection")
    words = {"above": "above", "ascending": "above", "up": "above", "below": "below", "descending": "below", "down": "below"}
    direction = words.get(str(asked))
    if asked is not None and direction is None:
        raise Refused("invalid", f"triggerDirection must be ascending or descending, got {asked!r}")
    natural = tables.LEVELS[name]
    if natural is not None and side == "buy":
        natural = "above" if natural == "below" else "below"
    if natural is not None and direction not in (None, natural):
        raise Refused("invalid", f"{name} of a {side} order fires {natural} its price")
    return natural or direction


def _size(grid: Grid, kind: str, amount: Any, params: Params, triggered: bool) -> dict[str, Any]:
    cost = params.get("cost", params.get("quoteQuantity"))
    if cost is not None:
        if kind != "market" or triggered:
            raise Refused("unsupported", "cost is for market orders without a trigger")
        return {"quoteQuantity": plain(positive(cost, "cost"))}
    size = on_grid(amount, grid.step, "amount")
    within(size, grid.limits.get("amount"), "amount")
    return {"triggerQuantity" if triggered else "quantity": plain(size)}


def create(grid: Grid, kind: Any, side: Any, amount: Any, price: Any, params: Params, *, trigger_by: str = "mark") -> Plan:
    """The body of one order.

    :param trigger_by: the price that fires triggers when params['triggerPriceType'] names none: last, mark, index
    :raises Refused: what cannot be sent as asked for
    """
    word = str(kind).lower()
    if word not in tables.ORDER_TYPES:
        raise Refused("invalid", f"order type must be limit or market, got {kind!r}")
    if side not in tables.SIDES:
        raise Refused("invalid", f"side must be buy or sell, got {side!r}")
    tif, post_only = time_in_force(word, params)
    _check_params(grid, word, post_only, params)
    level = _level(params)
    body: dict[str, Any] = {"symbol": grid.market, "side": tables.SIDES[side], "orderType": tables.ORDER_TYPES[word]}
    body |= _size(grid, word, amount, params, level is not None)
    if word == "limit":
        if price is None:
            raise Refused("arguments", "a limit order needs a price")
        limit = on_grid(price, grid.tick, "price")
        within(limit, grid.limits.get("price"), "price")
        body["price"] = plain(limit)
    if tif is not None:
        body["timeInForce"] = tif
    if post_only:
        body["postOnly"] = True
    reduce_only = _flag(params, "reduceOnly")
    if reduce_only:
        body["reduceOnly"] = True
    given = params.get("clientOrderId", params.get("clientId"))
    if given is not None:
        body["clientId"] = client_id(given)
    default = str(params.get("triggerPriceType", params.get("triggerBy", trigger_by)))
    legs = _attached(grid, params, default)
    body |= legs
    body |= _own(params)
    if level is None:
        return Plan(body)
    if legs:
        raise Refused("unsupported", "an order that waits for a trigger cannot carry a take-profit or stop-loss here")
    trigger = on_grid(level[1], grid.tick, level[0])
    body |= {"triggerPrice": plain(trigger), "triggerBy": trigger_word(default)}
    return Plan(body, trigger, _direction(level[0], side, params))


def _milliseconds(value: Any, name: str) -> int:
    number = positive(value, name)
    if number != int(number):
        raise Refused("invalid", f"{name} is a whole number of milliseconds, got {value!r}")
    return int(number)


def twap(grid: Grid, side: Any, amount: Any, duration: Any, interval: Any, own: Any, params: Params) -> dict[str, Any]:
    """The body of a scheduled strategy.

    :param duration: ms, from the first of its orders to the last
    :param interval: ms between two of them
    :param own: client id of the strategy
    :raises Refused: what cannot be sent as asked for
    """
    if side not in tables.SIDES:
        raise Refused("invalid", f"side must be buy or sell, got {side!r}")
    _check_params(grid, "market", False, params)
    for name in (*tables.LEVELS, "stopLoss", "takeProfit", "postOnly", "cost", "quoteQuantity"):
        if params.get(name) not in (None, False):
            raise Refused("unsupported", f"an order that is worked over a time has no {name}")
    whole, pause = _milliseconds(duration, "duration"), _milliseconds(interval, "interval")
    if pause > whole:
        raise Refused("invalid", f"interval {pause} ms is longer than the duration {whole} ms")
    body: dict[str, Any] = {"symbol": grid.market, "side": tables.SIDES[side], "strategyType": "Scheduled"}
    body |= {"quantity": _size(grid, "market", amount, {}, False)["quantity"], "duration": whole, "interval": pause}
    for name in ("reduceOnly", "randomizedIntervalQuantity"):
        if _flag(params, name):
            body[name] = True
    return {**body, "clientStrategyId": client_id(own), **_own(params)}


def _own(params: Params) -> dict[str, Any]:
    fields = {name: params[name] for name in tables.OWN_FIELDS if params.get(name) is not None}
    if fields.get("slippageTolerance") is not None:
        fields["slippageTolerance"] = plain(decimal(fields["slippageTolerance"], "slippageTolerance"))
    rule = params.get("selfTradePrevention")
    if rule is not None:
        fields["selfTradePrevention"] = tables.SELF_TRADE.get(str(rule), str(rule))
        if fields["selfTradePrevention"] not in tables.SELF_TRADE.values():
            raise Refused("unsupported", f"selfTradePrevention {rule!r}")
    return fields


def leverage(value: Any, top: Any) -> str:
    """A number from 1 to the maximum, as text."""
    number = decimal(value, "leverage")
    if number < 1 or (top is not None and number > decimal(top, "maximum leverage")):
        raise Refused("bad_request", f"leverage must be from 1 to {top}, got {value!r}")
    return plain(number)
