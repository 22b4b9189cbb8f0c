"""Rows and frames of Pacifica -> unified fields, numbers as text. Pure; the market is put in by the caller.

Pages: docs.pacifica.fi "Get open orders", "Get order history", "Get order history by ID", "Account order updates", "Account orders", "Account positions".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from ccxt_dex.exact import plain
from ccxt_dex.exchanges.pacifica import tables
from ccxt_dex.reading import Unreadable, nonzero, number, objects, one, text

__all__ = [
    "Unreadable",
    "account",
    "frame_order",
    "from_events",
    "newest",
    "oldest",
    "order",
    "order_number",
    "position",
    "position_size",
    "results",
    "rows",
    "settings",
    "stamp",
    "status_of",
    "usdc",
]

Row = Mapping[str, Any]
EIGHT = Decimal("1e-8")


def stamp(value: Any) -> int | None:
    return None if value is None else int(value)


def rows(answer: Any) -> list[dict[str, Any]]:
    """The list in an answer; null is an empty one.

    :raises Unreadable: there is no list of objects, which is not the same as nothing in it
    """
    if not isinstance(answer, Mapping) or "data" not in answer:
        raise Unreadable("a list was expected")
    return [] if answer["data"] is None else objects(answer["data"])


def account(answer: Any) -> dict[str, Any]:
    """The object that GET account answers with."""
    return one(one(answer).get("data"))


def settings(answer: Any) -> dict[str, dict[str, Any]]:
    """Settings of the markets by the venue's symbol: GET account/settings has them in a list, or under `margin_settings` (ccxt's samples show both)."""
    data = one(answer).get("data")
    found = data.get("margin_settings") if isinstance(data, Mapping) else data
    return {str(row["symbol"]): row for row in objects([] if found is None else found)}


def order_number(answer: Any, name: str = "order_id") -> Any:
    """The id of an order that was taken.

    :raises Unreadable: there is none
    """
    data = answer.get("data") if isinstance(answer, Mapping) else None
    number = data.get(name) if isinstance(data, Mapping) else None
    if number is None:
        raise Unreadable("an order was taken, and the answer has no id")
    return number


def results(answer: Any, count: int) -> list[dict[str, Any]]:
    """What became of each member of a batch.

    :param count: of the members
    :raises Unreadable: of some it is not told
    """
    data = answer.get("data") if isinstance(answer, Mapping) else None
    found = objects(data.get("results") if isinstance(data, Mapping) else None)
    if len(found) != count:
        raise Unreadable(f"a batch of {count} was answered with {len(found)} results")
    return found


def oldest(rows: Iterable[Row]) -> int:
    """Unix ms of the oldest row."""
    return min((int(row.get("created_at") or 0) for row in rows), default=0)


def newest(events: Iterable[Row]) -> Row:
    """The latest of an order's events."""
    return max(events, key=lambda row: int(row.get("history_id") or 0))


def status_of(status: Any, event: Any = None) -> str:
    """Unified status of a status word and of the event that brought it.

    :raises Unreadable: an unknown word
    """
    word = str(status)
    if word not in tables.STATUS:
        raise Unreadable(f"unknown order status {status!r}")
    found = tables.STATUS[word]
    return tables.EVENT_STATUS.get(str(event), found) if found in ("canceled", "rejected") else found


def _common(row: Row, names: Mapping[str, str]) -> dict[str, Any]:
    kind = str(row.get(names["type"]))
    if kind not in tables.ORDER_TYPES:
        raise Unreadable(f"unknown order type {kind!r}")
    side = row.get(names["side"])
    if side not in tables.UNIFIED_SIDES:
        raise Unreadable(f"unknown order side {side!r}")
    if text(row.get(names["id"])) is None:
        raise Unreadable("an order without its id")
    trigger = nonzero(row.get(names["trigger"]))
    unified = tables.ORDER_TYPES[kind]
    return {
        "id": text(row.get(names["id"])),
        "clientOrderId": text(row.get(names["client"])),
        "type": unified,
        "side": tables.UNIFIED_SIDES[side],
        "triggerPrice": trigger,
        "stopLossPrice": trigger if kind.startswith("stop_loss") else None,
        "takeProfitPrice": trigger if kind.startswith("take_profit") else None,
        "reduceOnly": row.get(names["reduce_only"]),
    }


REST = {
    "id": "order_id",
    "client": "client_order_id",
    "type": "order_type",
    "side": "side",
    "trigger": "stop_price",
    "reduce_only": "reduce_only",
}
FRAME = {"id": "i", "client": "I", "type": "ot", "side": "d", "trigger": "sp", "reduce_only": "r"}
SNAPSHOT = {**FRAME, "reduce_only": "ro"}


def order(row: Row) -> dict[str, Any]:
    """A row of GET orders, orders/history, or one event of orders/history_by_id.

    :raises Unreadable: an unknown status, type or side
    """
    fields = _common(row, REST)
    filled = text(row.get("filled_amount")) or "0"
    event = row.get("event_type")
    average = nonzero(row.get("average_filled_price"))
    price = None if event in tables.FILL_EVENTS else nonzero(row.get("price", row.get("initial_price")))
    updated = stamp(row.get("updated_at", row.get("created_at")))
    return {
        **fields,
        "status": status_of(row.get("order_status", "open"), event or row.get("reason")),
        "amount": text(row.get("initial_amount", row.get("amount"))),
        "filled": filled,
        "price": price if fields["type"] == "limit" else None,
        "average": average if Decimal(filled) else None,
        "timestamp": stamp(row.get("created_at")),
        "lastUpdateTimestamp": updated,
        "lastTradeTimestamp": updated if event in tables.FILL_EVENTS else None,
    }


def from_events(rows: Iterable[Row]) -> dict[str, Any] | None:
    """What became of one order, from its events in any order; None for no events.

    The average comes from the prices of the fill events and what each of them added to the filled amount.
    """
    events = sorted(rows, key=lambda row: int(row.get("history_id") or 0))
    if not events:
        return None
    last = order(events[-1])
    cost, filled, traded = Decimal(0), Decimal(0), None
    price = None
    for row in events:
        now = Decimal(str(row.get("filled_amount") or 0))
        if row.get("event_type") in tables.FILL_EVENTS:
            cost += Decimal(str(row.get("price") or 0)) * (now - filled)
            traded = stamp(row.get("created_at"))
        elif price is None:
            price = nonzero(row.get("price"))
        filled = now
    whole = Decimal(last["filled"])
    known = whole and whole == filled and cost > 0
    return {
        **last,
        "price": price if last["type"] == "limit" else None,
        "average": str(cost / whole) if known else None,
        "cost": plain(cost) if known else None,
        "timestamp": stamp(events[0].get("created_at")),
        "lastUpdateTimestamp": stamp(events[-1].get("created_at")),
        "lastTradeTimestamp": traded,
    }


def frame_order(row: Row) -> dict[str, Any]:
    """A row of the account_order_updates channel, or of account_orders, which shows open orders only.

    :raises Unreadable: an unknown status, type or side
    """
    snapshot = "os" not in row
    fields = _common(row, SNAPSHOT if snapshot else FRAME)
    filled = text(row.get("f")) or "0"
    created, updated = stamp(row.get("t" if snapshot else "ct")), stamp(row.get("t" if snapshot else "ut"))
    price = nonzero(row.get("p" if snapshot else "ip"))
    return {
        **fields,
        "status": "open" if snapshot else status_of(row.get("os"), row.get("oe")),
        "amount": text(row.get("a")),
        "filled": filled,
        "price": price if fields["type"] == "limit" else None,
        "average": None if snapshot or not Decimal(filled) else nonzero(row.get("p")),
        "timestamp": created,
        "lastUpdateTimestamp": updated,
        "lastTradeTimestamp": updated if row.get("oe") in tables.FILL_EVENTS else None,
    }


def usdc(account: Row) -> tuple[str, str]:
    """Total and free USDC of GET account: equity without what the spot assets are worth, they are balances of their own.

    `available_to_spend` counts spot collateral too; more than the total is not free USDC.

    :raises Unreadable: nothing is said of either, which is not the same as nothing being there
    """
    worth = account.get("account_equity") or account.get("balance")
    if worth is None:
        raise Unreadable("an account without equity and balance")
    equity = Decimal(str(worth))
    total = equity - Decimal(str(account.get("spot_market_value") or 0))
    free = max(min(Decimal(str(account.get("available_to_spend") or 0)), total), Decimal(0))
    # eight decimals: what a float can hold beside any balance
    return plain(total.quantize(EIGHT, ROUND_FLOOR)), plain(free.quantize(EIGHT, ROUND_FLOOR))


def position_size(row: Row) -> Decimal:
    """Size of a position, of a row or a frame.

    :raises Unreadable: there is none, which is not the same as zero
    """
    found = number(row.get("amount", row.get("a")))
    if found is None:
        raise Unreadable("a position without its amount")
    return found


def position(row: Row, mark: Any = None, setting: Row | None = None, top: Any = None) -> dict[str, Any]:
    """A row of GET positions or of the account_positions channel, valued at the mark.

    :param mark: mark price, None when it is not known
    :param setting: the market's row of account/settings, None for the default: cross at maximum leverage
    :param top: the market's maximum leverage
    """
    frame = "order_type" not in row and "symbol" not in row

    def get(name: str, short: str) -> Any:
        return row.get(short if frame else name)

    side = str(get("side", "d"))
    if side not in ("bid", "ask", "long", "short"):
        raise Unreadable(f"unknown position side {side!r}")
    long = side in ("bid", "long")
    size, entry = position_size(row), number(get("entry_price", "p")) or Decimal(0)
    isolated = bool(get("isolated", "i"))
    lever = (setting or {}).get("leverage") or top
    fields: dict[str, Any] = {
        "side": "long" if long else "short",
        "contracts": plain(size),
        "entryPrice": plain(entry),
        "marginMode": "isolated" if isolated else "cross",
        "isolated": isolated,
        "leverage": text(lever),
        "timestamp": stamp(row.get("t") if frame else row.get("created_at")),
        "lastUpdateTimestamp": stamp(row.get("t") if frame else row.get("updated_at")),
        "liquidationPrice": nonzero(get("liquidation_price", "l")),
        "markPrice": None,
        "notional": None,
        "unrealizedPnl": None,
        "initialMargin": None,
        "initialMarginPercentage": None,
        "maintenanceMargin": None,
        "maintenanceMarginPercentage": None,
        "marginRatio": None,
        "lastPrice": None,
        "stopLossPrice": None,
        "takeProfitPrice": None,
        "collateral": None,
        "percentage": None,
    }
    margin = Decimal(str(get("margin", "m") or 0))
    if mark is not None:
        level = Decimal(str(mark))
        gain = (level - entry) * size * (1 if long else -1)
        fields |= {"markPrice": plain(level), "notional": plain(size * level), "unrealizedPnl": plain(gain)}
        if lever:
            initial = size * level / Decimal(str(lever))
            fields["initialMargin"] = plain(initial)
            base = margin if isolated and margin else size * entry / Decimal(str(lever))
            fields["percentage"] = plain((gain / base * 100).quantize(Decimal("0.0001"))) if base else None
    if isolated:
        fields["collateral"] = plain(margin)
    elif fields["initialMargin"] is not None:
        fields["collateral"] = fields["initialMargin"]
    return fields
