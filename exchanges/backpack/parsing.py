"""Rows and frames of Backpack -> unified fields, numbers as text. Pure; the market is put in by the caller.

Pages: docs.backpack.exchange "Get open orders", "Order history", "Get open positions", "Get collateral", "Streams".
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ccxt_dex.exact import plain
from ccxt_dex.exchanges.backpack import tables
from ccxt_dex.reading import Unreadable, milliseconds, nonzero, number, objects, text

__all__ = ["Unreadable", "bps", "closed_position", "collateral", "fill", "frame_order", "frame_position", "micros", "order", "position"]

Row = Mapping[str, Any]


def micros(value: Any) -> int | None:
    """Microseconds, text or number, as milliseconds."""
    return None if value in (None, "") else int(value) // 1000


def bps(value: Any) -> str | None:
    """Basis points as a fraction."""
    found = number(value)
    return None if found is None else plain(found / 10_000)


def status_of(word: Any, post_only: Any, filled: Any) -> str:
    """:raises Unreadable: an unknown word"""
    if word not in tables.STATUS:
        raise Unreadable(f"unknown order status {word!r}")
    found = tables.STATUS[str(word)]
    # a post-only order that would have taken is told as expired: it was refused
    return "rejected" if found == "expired" and post_only and not number(filled) else found


# unified field -> name in REST rows, name in frames
FIELDS: dict[str, tuple[str, str]] = {
    "id": ("id", "i"),
    "clientOrderId": ("clientId", "c"),
    "side": ("side", "S"),
    "type": ("orderType", "o"),
    "status": ("status", "X"),
    "timeInForce": ("timeInForce", "f"),
    "postOnly": ("postOnly", "y"),
    "reduceOnly": ("reduceOnly", "r"),
    "price": ("price", "p"),
    "quantity": ("quantity", "q"),
    "trigger_quantity": ("triggerQuantity", "Y"),
    "filled": ("executedQuantity", "z"),
    "cost": ("executedQuoteQuantity", "Z"),
    "triggerPrice": ("triggerPrice", "P"),
    "takeProfitPrice": ("takeProfitTriggerPrice", "a"),
    "stopLossPrice": ("stopLossTriggerPrice", "b"),
}


def _order(row: Row, column: int) -> dict[str, Any]:
    raw = {name: row.get(names[column]) for name, names in FIELDS.items()}
    side, kind = raw["side"], str(raw["type"]).lower()
    if side not in tables.UNIFIED_SIDES:
        raise Unreadable(f"unknown order side {side!r}")
    if kind not in tables.ORDER_TYPES:
        raise Unreadable(f"unknown order type {raw['type']!r}")
    if text(raw["id"]) is None:
        raise Unreadable("an order without its id")
    filled = text(raw["filled"]) or "0"
    post_only = raw["postOnly"]
    return {
        "id": text(raw["id"]),
        "clientOrderId": text(raw["clientOrderId"]),
        "type": kind,
        "side": tables.UNIFIED_SIDES[side],
        "status": status_of(raw["status"], post_only, filled),
        "timeInForce": "PO" if post_only else text(raw["timeInForce"]),
        "postOnly": bool(post_only),
        "reduceOnly": bool(raw["reduceOnly"]),
        "price": nonzero(raw["price"]) if kind == "limit" else None,
        "amount": nonzero(raw["quantity"]) or nonzero(raw["trigger_quantity"]),
        "filled": filled,
        "cost": text(raw["cost"]),
        "average": None,
        "triggerPrice": nonzero(raw["triggerPrice"]),
        "takeProfitPrice": nonzero(raw["takeProfitPrice"]),
        "stopLossPrice": nonzero(raw["stopLossPrice"]),
    }


def order(row: Row) -> dict[str, Any]:
    """A row of api/v1/order(s) or of history/orders.

    :raises Unreadable: an unknown status, type or side
    """
    at = milliseconds(row.get("createdAt"))
    return {**_order(row, 0), "timestamp": at, "lastUpdateTimestamp": None, "lastTradeTimestamp": None}


def strategy(row: Row) -> dict[str, Any]:
    """A row of api/v1/strategy or of history/strategies, as an order.

    :raises Unreadable: an unknown status or side
    """
    status, side = row.get("status"), row.get("side")
    if status not in tables.STRATEGY_STATUS or side not in tables.UNIFIED_SIDES:
        raise Unreadable(f"unknown status {status!r} or side {side!r} of a strategy")
    return {
        "id": text(row.get("id")),
        "clientOrderId": text(row.get("clientStrategyId")),
        "type": "twap",
        "side": tables.UNIFIED_SIDES[str(side)],
        "status": tables.STRATEGY_STATUS[str(status)],
        "timeInForce": None,
        "postOnly": False,
        "reduceOnly": row.get("reduceOnly"),
        "price": None,
        "amount": text(row.get("quantity")),
        "filled": text(row.get("executedQuantity")) or "0",
        "cost": text(row.get("executedQuoteQuantity")),
        "average": None,
        "timestamp": milliseconds(row.get("createdAt")),
    }


def net_lent(row: Row) -> Decimal:
    """Of an asset: what is lent, or negative: borrowed."""
    found = number(row.get("netQuantity"))
    if found is None:
        raise Unreadable("a loan without netQuantity")
    return found


def utc(value: Any) -> int | None:
    """Milliseconds of a time that may end with Z or an offset of zero."""
    return milliseconds(value.removesuffix("+00:00").removesuffix("Z") if isinstance(value, str) else value)


def frame_order(row: Row) -> dict[str, Any]:
    """A frame of account.orderUpdate: `z` is what is filled in all, `l` what this fill added.

    :raises Unreadable: an unknown status, type or side
    """
    at = micros(row.get("T", row.get("E")))
    filled = row.get("e") == "orderFill"
    return {**_order(row, 1), "timestamp": None, "lastUpdateTimestamp": at, "lastTradeTimestamp": at if filled else None}


def fill(row: Row) -> dict[str, Any]:
    """The fill in an orderFill frame."""
    price, size = number(row.get("L")), number(row.get("l"))
    if price is None or size is None:
        raise Unreadable("a fill without price or quantity")
    return {
        "id": text(row.get("t")),
        "order": text(row.get("i")),
        "side": tables.UNIFIED_SIDES[str(row.get("S"))],
        "takerOrMaker": "maker" if row.get("m") else "taker",
        "price": plain(price),
        "amount": plain(size),
        "cost": plain(price * size),
        "timestamp": micros(row.get("T", row.get("E"))),
        "fee": None if row.get("n") is None else {"cost": text(row["n"]), "currency": row.get("N")},
    }


# unified field -> name in REST rows, name in frames
POSITION: dict[str, tuple[str, str]] = {
    "id": ("positionId", "i"),
    "size": ("netQuantity", "q"),
    "entryPrice": ("entryPrice", "B"),
    "markPrice": ("markPrice", "M"),
    "realizedPnl": ("pnlRealized", "p"),
    "unrealizedPnl": ("pnlUnrealized", "P"),
    "imf": ("imf", "f"),
    "mmf": ("mmf", "m"),
    "liquidationPrice": ("estLiquidationPrice", "l"),
}


def _position(row: Row, column: int, limit: Any, top: Any) -> dict[str, Any]:
    raw = {name: row.get(names[column]) for name, names in POSITION.items()}
    size = number(raw["size"])
    if size is None:
        raise Unreadable("a position without netQuantity")
    mark, imf, mmf = number(raw["markPrice"]), number(raw["imf"]), number(raw["mmf"])
    highest = 1 / imf if imf else number(top)
    lever = min((value for value in (number(limit), highest) if value), default=None)
    notional = abs(size) * mark if mark is not None else None
    initial = notional / lever if notional is not None and lever else None
    entry, gain = number(raw["entryPrice"]), number(raw["unrealizedPnl"])
    base = abs(size) * entry / lever if entry and lever else None
    return {
        "id": text(raw["id"]),
        "side": ("long" if size > 0 else "short") if size else None,
        "contracts": plain(abs(size)),
        "entryPrice": nonzero(raw["entryPrice"]),
        "markPrice": nonzero(raw["markPrice"]),
        "notional": None if notional is None else plain(notional),
        "realizedPnl": text(raw["realizedPnl"]),
        "unrealizedPnl": text(raw["unrealizedPnl"]),
        "liquidationPrice": nonzero(raw["liquidationPrice"]),
        "leverage": None if lever is None else plain(_rounded(lever)),
        "initialMargin": None if initial is None else plain(initial),
        "initialMarginPercentage": None if not lever else plain(1 / lever),
        "maintenanceMargin": None if notional is None or mmf is None else plain(notional * mmf),
        "maintenanceMarginPercentage": None if mmf is None else plain(mmf),
        "collateral": None if initial is None else plain(initial),
        "percentage": None if base is None or gain is None else plain((gain / base * 100).quantize(Decimal("0.0001"))),
    }


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.0001"))


def position(row: Row, limit: Any = None, top: Any = None) -> dict[str, Any]:
    """A row of api/v1/position: `netQuantity` is the position, `netExposureQuantity` is it and the worst case of open orders.

    :param limit: the account's leverageLimit
    :param top: the market's maximum leverage
    """
    at = milliseconds(row.get("timestamp"))
    return {**_position(row, 0, limit, top), "timestamp": at, "lastUpdateTimestamp": at}


def frame_position(row: Row, limit: Any = None, top: Any = None) -> dict[str, Any]:
    """A frame of account.positionUpdate. Its liquidation price `l` is a placeholder since 2025-09-01."""
    at = micros(row.get("T", row.get("E")))
    return {**_position({**row, "l": None}, 1, limit, top), "timestamp": at, "lastUpdateTimestamp": at}


def closed_position(row: Row) -> dict[str, Any]:
    """A row of history/position."""
    size = number(row.get("closedVolume")) or number(row.get("netQuantity"))
    return {
        "id": text(row.get("id")),
        "contracts": None if size is None else plain(abs(size)),
        "entryPrice": nonzero(row.get("entryPrice")),
        "lastPrice": nonzero(row.get("closingPrice")),
        "realizedPnl": text(row.get("cumulativePnlRealized")),
        "leverage": text(row.get("accountLeverage")),
        "timestamp": milliseconds(row.get("openedAt")),
        "lastUpdateTimestamp": milliseconds(row.get("closedAt")),
    }


def collateral(answer: Row) -> dict[str, tuple[str, str]]:
    """Venue's asset -> total and free of api/v1/capital/collateral; lent assets count, margin in use does not count as free.

    :raises Unreadable: there is no list of assets, which is not the same as no asset
    """
    available = number(answer.get("netEquityAvailable"))
    found = {}
    for row in objects(answer.get("collateral")):
        total = number(row.get("totalQuantity")) or Decimal(0)
        free = number(row.get("availableQuantity"))
        free = total if free is None else free + (number(row.get("lendQuantity")) or Decimal(0))
        mark, weight = number(row.get("assetMarkPrice")), number(row.get("collateralWeight"))
        if available is not None and mark and weight:
            free = min(free, available / (mark * weight))
        found[str(row["symbol"])] = (plain(total), plain(max(min(free, total), Decimal(0))))
    return found
