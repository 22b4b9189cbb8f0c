"""The engine's values in the venue's words. Shapes: OpenAPI 1.132.1 and AsyncAPI of tradeparadex/paradex-docs (2026-08-20)."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from ccxt_dex.paper.types import BalanceView, Fill, FundingPayment, Position, PositionView, PriceView, PublicTrade, Stats

SIDES = {"buy": "BUY", "sell": "SELL"}


def text(value: Decimal | None) -> str:
    """Plain digits; nothing is an empty text."""
    if value is None:
        return ""
    found = format(value.quantize(Decimal("0.000000000001")), "f")
    return (found.rstrip("0").rstrip(".") if "." in found else found) or "0"


def client_ids(body: str) -> list[str]:
    try:
        rows = json.loads(body)
    except ValueError:
        return []
    return [str(row.get("client_id") or "") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def summary(price: PriceView, stats: Stats, rate: Decimal, now: int) -> dict[str, Any]:
    change = stats.last / stats.open - 1 if stats.open else Decimal(0)
    return {
        "symbol": price.market,
        "oracle_price": text(price.index),
        "mark_price": text(price.mark),
        "underlying_price": text(price.index),
        "last_traded_price": text(price.last),
        "bid": text(price.bid),
        "bid_size": text(price.bid_qty),
        "ask": text(price.ask),
        "ask_size": text(price.ask_qty),
        "volume_24h": text(stats.quote_volume),
        "total_volume": text(stats.quote_volume * 100),
        "created_at": now,
        "open_interest": text(price.open_interest),
        "funding_rate": text(rate),
        "future_funding_rate": text(rate),
        "price_change_rate_24h": text(change.quantize(Decimal("0.000001"))),
    }


def bbo(price: PriceView, now: int, seq: int) -> dict[str, Any]:
    sides = {"bid": price.bid, "bid_size": price.bid_qty, "ask": price.ask, "ask_size": price.ask_qty}
    return {"market": price.market, **{name: text(value) for name, value in sides.items()}, "last_updated_at": now, "seq_no": seq}


def public_trade(trade: PublicTrade) -> dict[str, Any]:
    return {
        "id": f"{trade.time}{trade.id + 10**6:017d}",
        "market": trade.market,
        "side": SIDES[trade.taker_side],
        "size": text(trade.qty),
        "price": text(trade.price),
        "created_at": trade.time,
        "trade_type": "LIQUIDATION" if trade.liquidation else "FILL",
    }


def fill(row: Fill, order_id: str, account: str, remaining: Decimal, mark: Decimal) -> dict[str, Any]:
    return {
        "id": f"{row.time}{row.id:015d}",
        "account": account,
        "market": row.market,
        "order_id": order_id,
        "client_id": row.client_id or "",
        "side": SIDES[row.side],
        "liquidity": "TAKER" if row.taker else "MAKER",
        "price": text(row.price),
        "size": text(row.qty),
        "fee": text(row.fee),
        "fee_currency": "USDC",
        "fill_type": "FILL",
        "flags": [],
        "realized_pnl": text(row.pnl),
        "realized_funding": "0",
        "remaining_size": text(remaining),
        "underlying_price": text(mark),
        "orderbook_seq_no": row.id,
        "created_at": row.time,
    }


def account(view: BalanceView, address: str, now: int) -> dict[str, Any]:
    return {
        "account": address,
        "account_value": text(view.equity),
        "free_collateral": text(view.free),
        "initial_margin_requirement": text(view.equity - view.free),
        "maintenance_margin_requirement": text(view.maintenance_margin),
        "margin_cushion": text(view.equity - view.maintenance_margin),
        "seq_no": now * 1000,
        "settlement_asset": "USDC",
        "status": "ACTIVE",
        "total_collateral": text(view.balance),
        "updated_at": now,
    }


def position(view: PositionView | None, held: Position | None, market: str, address: str, now: int) -> dict[str, Any]:
    qty = view.qty if view is not None else Decimal(0)
    entry = view.entry_price if view is not None else Decimal(0)
    side = "LONG" if qty > 0 else "SHORT" if qty < 0 else "LONG"
    return {
        "id": f"{address}-{market}",
        "account": address,
        "market": market,
        "status": "OPEN" if qty else "CLOSED",
        "side": side,
        "size": text(qty),
        "average_entry_price": text(entry),
        "average_entry_price_usd": text(entry),
        "average_exit_price": "",
        "unrealized_pnl": text(view.upnl if view is not None else Decimal(0)),
        "unrealized_funding_pnl": "0",
        "realized_positional_pnl": text(view.realized if view is not None else Decimal(0)),
        "realized_positional_funding_pnl": "0",
        "cost": text(qty * entry),
        "cost_usd": text(qty * entry),
        "cached_funding_index": "0",
        "last_fill_id": "",
        "leverage": str(view.leverage if view is not None else held.leverage if held is not None else 1),
        "liquidation_price": text(view.liquidation_price) if view is not None and view.liquidation_price else "",
        "created_at": held.created if held is not None else now,
        "closed_at": 0 if qty else now,
        "last_updated_at": held.updated if held is not None else now,
        "seq_no": now * 1000,
    }


def funding_payment(row: FundingPayment, address: str) -> dict[str, Any]:
    return {
        "id": f"{row.time}{row.id:012d}",
        "account": address,
        "market": row.market,
        "payment": text(row.amount),
        "index": "0",
        "fill_id": "",
        "created_at": row.time,
    }


def funding_data(market: str, rate: Decimal, premium: Decimal, at: int) -> dict[str, Any]:
    return {
        "market": market,
        "funding_index": "0",
        "funding_premium": text(premium),
        "funding_rate": text(rate),
        "funding_rate_8h": text(rate),
        "funding_period_hours": 8,
        "created_at": at,
    }
