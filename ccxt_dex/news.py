"""Whether what is told about an order is news: REST and stream may overtake each other. Pure; orders are ccxt's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["further_on", "later_picture"]

Order = Mapping[str, Any]


def further_on(order: Order, known: Order) -> bool:
    """Later, or further on. An order that is done stays done; a later word about its end counts."""
    if known["status"] != "open":
        return bool(order["status"] != "open" and (order["lastUpdateTimestamp"] or 0) > (known["lastUpdateTimestamp"] or 0))
    if order["status"] != "open":
        return True
    before = (known["lastUpdateTimestamp"] or 0, known["filled"] or 0)
    return bool((order["lastUpdateTimestamp"] or 0, order["filled"] or 0) >= before)


def later_picture(order: Order, known: Order) -> bool:
    """Another picture of an order, of a moment not before that of the one we have. An order that is done stays as it is."""
    if known["status"] != "open":
        return False
    before, after = known["lastUpdateTimestamp"] or 0, order["lastUpdateTimestamp"] or 0
    changed = any(order[name] != known[name] for name in ("status", "filled", "price", "amount", "triggerPrice"))
    return bool(changed and (after >= before or order["status"] != "open"))
