"""Unified order arguments -> bodies of POST /api/orders/ and its kin. Pure.

Page: docs.tread.fi "Simple orders", "Algorithmic orders".
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ccxt_dex.exact import Refused, decimal, on_grid, plain
from ccxt_dex.exchanges.treadfi import tables

__all__ = ["amend", "create", "custom_id", "leverage"]


def custom_id(value: Any) -> str:
    text = str(value)
    if not 0 < len(text) <= tables.MAX_CUSTOM_ID:
        raise Refused("invalid", f"clientOrderId has 1 to {tables.MAX_CUSTOM_ID} characters")
    return text


def _check(params: Mapping[str, Any]) -> None:
    for name, unified in tables.SPELLINGS.items():
        if params.get(name) not in (None, False):
            raise Refused("invalid", f"{name} is called {unified} here")
    for name, what in tables.UNSUPPORTED_PARAMS.items():
        if params.get(name) not in (None, False):
            raise Refused("unsupported", f"{what}: nothing of the kind is documented ({name})")
    if params.get("postOnly") or str(params.get("timeInForce", "")).upper() in ("PO", "ALO", "POST_ONLY"):
        raise Refused("unsupported", "post-only: simple orders have no such flag here")
    if params.get("hedged"):
        raise Refused("unsupported", "hedge mode")


def _strategy(kind: str, params: Mapping[str, Any]) -> str:
    tif = params.get("timeInForce")
    word = None if tif is None else str(tif).upper()
    if word in ("FOK", "GTD", "GTT"):
        raise Refused("unsupported", f"time in force {word} does not exist here")
    if word not in (None, "GTC", "IOC"):
        raise Refused("invalid", f"unknown time in force {tif!r}")
    if kind == "market":
        if word == "GTC":
            raise Refused("invalid", "a market order does not rest")
        return "Market"
    return "IOC" if word == "IOC" else "Limit"


def _tick(grid: Mapping[str, Any], price: Any) -> Decimal:
    """The distance of prices around one; some venues have a rule instead of a number."""
    tick: Any = grid["tick"]
    return tick if isinstance(tick, Decimal) else Decimal(tick(decimal(price, "price")))


def create(
    account: str, pair: str, grid: Mapping[str, Any], kind: Any, side: Any, amount: Any, price: Any, params: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The body of an order, and what was asked for in unified words.

    :param grid: tick (or the function that has it for a price), lot, minimum (of the value, None for none)
    :param params: timeInForce, reduceOnly, clientOrderId; duration (s) for TWAP
    :raises Refused: what cannot be sent as asked for
    """
    word = str(kind).lower()
    if word not in ("limit", "market", "twap"):
        raise Refused("invalid", f"order type must be limit or market, got {kind!r}")
    if side not in tables.SINGLE_SIDES:
        raise Refused("invalid", f"side must be buy or sell, got {side!r}")
    _check(params)
    reduce_only = params.get("reduceOnly")
    if reduce_only not in (None, True, False):
        raise Refused("invalid", f"reduceOnly must be true or false, got {reduce_only!r}")
    size = on_grid(amount, grid["lot"], "amount")
    strategy = "TWAP" if word == "twap" else _strategy(word, params)
    body: dict[str, Any] = {"accounts": [account], "pair": pair, "side": side, "strategy": strategy, "base_asset_qty": plain(size)}
    limit: Decimal | None = None
    if word == "limit":
        if price is None:
            raise Refused("arguments", "a limit order needs a price")
        limit = on_grid(price, _tick(grid, price), "price")
        if grid["minimum"] is not None and size * limit < grid["minimum"] and not reduce_only:
            raise Refused("invalid", f"order value {plain(size * limit)} is below the minimum {plain(grid['minimum'])}")
        body["limit_price"] = plain(limit)
    duration = params.get("duration", tables.SIMPLE_DURATION)
    body |= {
        "duration": int(duration),
        "strategy_params": {"reduce_only": bool(reduce_only)},
        "custom_order_id": custom_id(params["clientOrderId"]),
    }
    asked = {
        "type": "limit" if word == "limit" else "market",
        "side": side,
        "amount": plain(size),
        "price": None if limit is None else plain(limit),
        "timeInForce": "GTC" if strategy == "Limit" else "IOC",
        "postOnly": False,
        "reduceOnly": bool(reduce_only),
        "clientOrderId": params["clientOrderId"],
    }
    return body, asked


def seconds(duration: Any) -> int:
    """:param duration: ms, whole seconds"""
    found = decimal(duration, "duration") / 1000
    if found != found.to_integral_value() or found < 1:
        raise Refused("invalid", f"duration is whole seconds in ms, got {duration!r}")
    return int(found)


KEPT = ("reduceOnly", "timeInForce", "clientOrderId")
"""what an edit cannot change"""


def amend(order_id: str, grid: Mapping[str, Any], amount: Any, price: Any, params: Mapping[str, Any]) -> dict[str, Any]:
    """A change in place: the id stays, and so does all but amount and price.

    :raises Refused: something else is to be changed
    """
    _check(params)
    for name in KEPT:
        if params.get(name) is not None:
            raise Refused("unsupported", f"an edit changes amount and price, not {name}")
    changes = {}
    if amount is not None:
        changes["base_asset_qty"] = plain(on_grid(amount, grid["lot"], "amount"))
    if price is not None:
        changes["limit_price"] = plain(on_grid(price, _tick(grid, price), "price"))
    if not changes:
        raise Refused("arguments", "an edit needs an amount or a price")
    return {"order_id": order_id, "changes": changes}


def leverage(value: Any, top: Any) -> int:
    """A whole number from 1 to the market's maximum."""
    try:
        number = decimal(value, "leverage")
    except Refused as refused:
        raise Refused("bad_request", str(refused)) from None
    if number != number.to_integral_value() or number < 1 or (top is not None and number > decimal(top, "maximum leverage")):
        raise Refused("bad_request", f"leverage must be a whole number from 1 to {top}, got {value!r}")
    return int(number)
