"""How the venue writes things. Numbers are strings, times RFC 3339 with microseconds."""

from __future__ import annotations

from datetime import datetime, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ccxt_dex.exchanges.variational.paper.markets import instrument
from ccxt_dex.paper.types import Market

NINE = Decimal("0.000000000001")


def text(value: Decimal | None) -> str | None:
    if value is None:
        return None
    shown = format(value.quantize(NINE, rounding=ROUND_HALF_UP) if value.as_tuple().exponent < -12 else value, "f")  # type: ignore[operator]
    return (shown.rstrip("0").rstrip(".") if "." in shown else shown) or "0"


def iso(stamp: int) -> str:
    moment = datetime.fromtimestamp(stamp // 1000, tz=timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{stamp % 1000:03d}000Z"


def instant(value: str) -> int:
    """Milliseconds of an RFC 3339 time; raises ValueError."""
    return int(datetime.fromisoformat(value.replace("Z", "+00:00")).timestamp() * 1000)


def named(market: Market) -> dict[str, Any]:
    return instrument(market.info["listing"])


def position(view: Any, market: Market, opened: int) -> dict[str, Any]:
    return {
        "position_info": {
            "instrument": named(market),
            "qty": text(view.qty),
            "avg_entry_price": text(view.entry_price),
            "updated_at": iso(view.updated),
            "opened_at": iso(opened),
        },
        "price_info": {"price": text(view.mark)},
        "value": text(view.qty * view.mark),
        "upnl": text(view.upnl),
        "rpnl": text(view.realized),
        "cum_funding": "0",
        "estimated_liquidation_price": text(view.liquidation_price),
        "initial_margin": text(view.initial_margin),
        "maintenance_margin": text(view.maintenance_margin),
        "pending_order_counts": {"stop_loss": "0", "take_profit": "0"},
    }


def page(rows: list[dict[str, Any]], limit: int, offset: int) -> dict[str, Any]:
    last = max(0, (len(rows) - 1) // limit * limit)
    following = {"limit": str(limit), "offset": str(offset + limit)} if offset + limit < len(rows) else None
    pagination = {"last_page": {"limit": str(limit), "offset": str(last)}, "next_page": following, "object_count": len(rows)}
    return {"pagination": pagination, "result": rows[offset : offset + limit]}
