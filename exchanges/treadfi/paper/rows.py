"""How Tread writes its orders."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

from ccxt_dex.exchanges.treadfi.paper.identity import User
from ccxt_dex.paper.types import Market, Order

SUMMARY = (
    "account_names", "pair", "side", "limit_price", "executed_notional", "pct_filled", "executed_price", "time_start", "duration",
    "strategy_params", "status", "target_token", "target_order_qty", "failure_reason",
)  # fmt: skip


@dataclass
class Work:
    """An order of Tread's, with its child on the venue."""

    id: str
    user: User
    market: Market
    body: dict[str, Any]
    strategy: str
    qty: Decimal
    limit: Decimal | None
    created: int
    status: str = "ACTIVE"
    reason: str = ""
    child: Order | None = None
    told: tuple[Any, ...] = field(default=())


def row(work: Work, exchange: str) -> dict[str, Any]:
    """As lists, answers and the stream have it."""
    child = work.child
    filled = child.filled if child is not None else Decimal(0)
    cost = child.cost if child is not None else Decimal(0)
    average = cost / filled if filled else None
    created = iso(work.created)
    return {
        "id": work.id,
        "custom_order_id": work.body.get("custom_order_id") or "",
        "parent_order_id": None,
        "created_at": created,
        "time_start": created,
        "pair": work.body["pair"],
        "side": work.body["side"],
        "exchanges": [exchange],
        "account_names": [work.user.name],
        "strategy": work.strategy,
        "super_strategy": work.strategy,
        "strategy_params": work.body.get("strategy_params") or {},
        "duration": work.body.get("duration"),
        "limit_price": None if work.limit is None else twenty(work.limit),
        "target_token": work.market.base,
        "target_order_qty": twenty(work.qty),
        "target_executed_qty": twenty(filled),
        "target_remaining_qty": twenty(work.qty - filled),
        "average_executed_price": None if average is None else str(average),
        "executed_price": None if average is None else str(average),
        "executed_notional": twenty(cost),
        "pct_filled": twenty(filled / work.qty * 100),
        "total_fee": twenty(child.fee if child is not None else Decimal(0)),
        "status": work.status,
        "failure_reason": work.reason,
    }


def summary(work: Work, exchange: str) -> dict[str, Any]:
    """The light form: without ids, custom id and exact quantities."""
    found = row(work, exchange)
    live = work.child.remaining if work.child is not None and work.child.status == "open" else Decimal(0)
    return {**{name: found[name] for name in SUMMARY}, "super_strategy_name": work.strategy, "placement_live_qty": twenty(live)}


def twenty(value: Decimal) -> str:
    """The server's decimals: 20 digits after the point."""
    return f"{value:.20f}"


def iso(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, tz=timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
