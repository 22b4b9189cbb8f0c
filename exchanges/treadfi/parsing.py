"""Rows of Tread's order lists, summaries and stream -> unified fields, numbers as text. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ccxt_dex.exact import plain
from ccxt_dex.exchanges.treadfi import tables
from ccxt_dex.reading import Unreadable, milliseconds, number, text

__all__ = ["error_text", "order", "rows", "succeeded"]

SUCCESS = re.compile(r"(?<!not )(?<!no )\bsuccess", re.IGNORECASE)
"""as in "Successfully canceled order.", not as in "unsuccessful\""""


def rows(answer: Any, key: str = "orders") -> list[Any]:
    """A list, bare or in an envelope, whose form is not documented.

    :raises Unreadable: neither
    """
    found = answer.get(key, answer.get("results")) if isinstance(answer, Mapping) else answer
    if not isinstance(found, list):
        raise Unreadable(f"no list of {key}")
    return found


def above_zero(value: Any) -> Decimal | None:
    """The number, None for nothing, for zero and for the "-1" that says "none"."""
    found = number(value)
    return found if found is not None and found > 0 else None


def _filled(row: Mapping[str, Any], amount: Decimal | None, average: Decimal | None) -> Decimal:
    told = number(row.get("target_executed_qty"))
    if told is not None:
        return told
    cost = above_zero(row.get("executed_notional"))
    if cost is not None and average is not None:
        return cost / average
    share = number(row.get("pct_filled"))
    return amount * share / 100 if share is not None and amount is not None else Decimal(0)


def _in_base(row: Mapping[str, Any]) -> bool:
    """Whether the order's quantities count the base token: an order of the web app may be for so much money."""
    told = row.get("is_target_base")
    if isinstance(told, bool):
        return told
    target, pair = str(row.get("target_token") or ""), str(row.get("pair") or "")
    return not target or target != pair.rpartition("-")[2]


def order(row: Mapping[str, Any], update: str | None = None) -> dict[str, Any]:
    """One order.

    `executed_qty` counts the token that is sold, so it is not read. Quantities are in base units where the order's target is the base token.

    :param update: update_type of a stream message
    :raises Unreadable: an unknown status or side
    """
    word = row.get("status") or tables.UPDATES.get(str(update))
    if word not in tables.STATUS:
        raise Unreadable(f"unknown order status {row.get('status')!r} ({update})")
    side = row.get("side")
    if side not in tables.SINGLE_SIDES:
        raise Unreadable(f"not a single order: side {side!r}")
    average = above_zero(row.get("average_executed_price")) or above_zero(row.get("executed_price"))
    in_base = _in_base(row)
    amount = above_zero(row.get("target_order_qty")) if in_base else None
    filled = _filled(row if in_base else {**row, "target_executed_qty": None}, amount, average)
    status, reason = tables.STATUS[str(word)], str(row.get("failure_reason") or "")
    if reason and status in ("canceled", "closed") and not filled:
        status = "rejected"
    price, cost = above_zero(row.get("limit_price")), above_zero(row.get("executed_notional"))
    flags = row.get("strategy_params")
    fee = number(row.get("total_fee"))
    return {
        "id": text(row.get("id")),
        "clientOrderId": text(row.get("custom_order_id")),
        "status": status,
        "side": side,
        "type": "limit" if price is not None else "market",
        "price": None if price is None else plain(price),
        "amount": None if amount is None else plain(amount),
        "filled": plain(filled),
        "average": None if average is None or not filled else plain(average),
        "cost": None if cost is None else plain(cost),
        "fee": None if fee is None else plain(fee),
        "reduceOnly": flags.get("reduce_only") if isinstance(flags, Mapping) else None,
        "timestamp": milliseconds(row.get("created_at") or row.get("time_start")),
        "reason": reason or None,
    }


def succeeded(answer: Any) -> bool:
    """Whether an answer says so, or says nothing against it."""
    said = error_text(answer)
    return not said or SUCCESS.search(said) is not None


def error_text(body: Any) -> str:
    """The words of a refusal, in whichever of its forms."""
    if isinstance(body, str):
        return body
    if isinstance(body, list):
        return "; ".join(error_text(item) for item in body)
    if isinstance(body, Mapping):
        for name in ("error", "message", "errors", "detail"):
            if body.get(name):
                return error_text(body[name])
        return "; ".join(f"{name}: {error_text(value)}" for name, value in body.items())
    return "" if body is None else str(body)
