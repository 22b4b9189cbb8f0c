"""Engine objects in StandX's shapes: names, JSON types, string decimals and time formats of the official samples and recordings."""

from __future__ import annotations

from datetime import datetime, timezone
from decimal import ROUND_DOWN, Decimal
from typing import Any

from ccxt_dex.paper.types import BalanceView, Fill, FundingPayment, Market, Order, Position, PositionView, PriceView, Stats

ORDER_ID_BASE = 11_545_000_000
"""real order ids have passed 2**31 (11545819148 in July 2026); ours start there, so that a client that cuts them off is caught"""
NINE = Decimal("0.000000001")
EIGHT = Decimal("0.00000001")


def text(value: Decimal) -> str:
    """Plain decimal notation, zero as "0"."""
    return f"{value:f}" if value else "0"


def short(value: Decimal) -> str:
    """Without trailing zeros after the point."""
    plain = f"{value:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def nine(value: Decimal) -> str:
    return f"{value.quantize(NINE, ROUND_DOWN):f}" if value else "0"


def iso(ms: int, digits: int = 6, salt: int = 0) -> str:
    """RFC 3339 in UTC with microseconds or nanoseconds below the millisecond taken from `salt`, trailing groups of three zeros dropped."""
    below = 10 ** (digits - 3)
    fraction = f"{ms % 1000 * below + salt % below:0{digits}d}" if salt or ms % 1000 else ""
    while fraction.endswith("000"):
        fraction = fraction[:-3]
    stamp = datetime.fromtimestamp(ms // 1000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{stamp}.{fraction}Z" if fraction else f"{stamp}Z"


def nano(ms: int) -> str:
    return iso(ms, 9, ms * 2_654_435_761 % 999_983 + 1)


def parse_iso(value: str) -> int:
    """Milliseconds of an RFC 3339 time; ValueError when it is none."""
    parsed = datetime.fromisoformat(value.replace("Z", "+00:00"))
    if parsed.tzinfo is None:
        raise ValueError("time zone missing")
    return int(parsed.timestamp() * 1000)


def price(value: Decimal, market: Market) -> str:
    return f"{value.quantize(market.tick):f}"


def order_id(order: Order | int) -> int:
    return ORDER_ID_BASE + (order if isinstance(order, int) else order.id)


def order_price(order: Order, market: Market) -> str:
    """A filled market order shows a price too (official sample of the order channel)."""
    value = order.price if order.price is not None else order.average
    return price(value, market) if value else "0"


def order(order: Order, market: Market, user: str, leverage: int, digits: int = 6) -> dict[str, Any]:
    """An order of query_order, the lists (microseconds) and the order channel (nanoseconds)."""
    request = order.request
    average = order.average
    return {
        "avail_locked": nine(order.locked),
        "cl_ord_id": request.client_id or "",
        "closed_block": -1,
        "created_at": iso(order.created, digits, order.id * 1_000 + 1 if digits == 9 else order.id % 999 + 1),
        "created_block": -1,
        "fill_avg_price": price(average, market) if average else "0",
        "fill_qty": text(order.filled.quantize(market.step)),
        "id": order_id(order),
        "leverage": str(leverage),
        "liq_id": 0,
        "margin": nine(order.margin),
        "order_type": request.type,
        "payload": _payload(order),
        "position_id": order.position_id,
        "price": order_price(order, market) if request.trigger is None else price(request.trigger, market),
        "qty": f"{order.qty.quantize(market.step):f}",
        "reduce_only": request.reduce_only,
        "remark": "",
        "side": request.side,
        "source": "user" if order.reason != "liquidation" else "liquidation",
        "status": order.status,
        "symbol": market.id,
        "time_in_force": request.tif,
        "updated_at": iso(order.updated, digits, order.id * 1_000 + 2 if digits == 9 else order.id % 999 + 1),
        "user": user,
    }


def _payload(order: Order) -> dict[str, Any] | None:
    """Composed: how the venue shows the trigger of a TP/SL order is not published."""
    request = order.request
    if request.trigger is None:
        return None
    kind = request.tpsl or ("tp" if request.trigger_above == (request.side == "sell") else "sl")
    return {"type": kind, "trigger_price": f"{request.trigger:f}", "parent": order_id(order.parent) if order.parent is not None else None}


def trade(fill: Fill, user: str) -> dict[str, Any]:
    """A fill of query_trades and of the trade channel."""
    at = iso(fill.time, 6, fill.id % 999 + 1)
    return {
        "created_at": at,
        "fee_asset": "DUSD",
        "fee_qty": text(fill.fee),
        "id": fill.id,
        "is_taker": fill.taker,
        "order_id": order_id(fill.order_id),
        "pnl": text(fill.pnl),
        "price": short(fill.price),
        "qty": short(fill.qty),
        "side": fill.side,
        "symbol": fill.market,
        "updated_at": at,
        "user": user,
        "value": text(fill.price * fill.qty),
    }


def position(view: PositionView, market: Market, user: str, now: int) -> dict[str, Any]:
    """An element of query_positions."""
    return {
        "bankruptcy_price": _maybe(view.bankruptcy_price, market),
        "created_at": iso(view.created, 6, view.id % 999 + 1),
        "entry_price": price(view.entry_price, market),
        "entry_value": text(view.entry_value),
        "holding_margin": text(view.margin),
        "id": view.id,
        "initial_margin": text(view.initial_margin),
        "leverage": str(view.leverage),
        "liq_price": _maybe(view.liquidation_price, market),
        "maint_margin": text(view.maintenance_margin),
        "margin_asset": "DUSD",
        "margin_mode": view.margin_mode,
        "mark_price": price(view.mark, market),
        "mmr": None if view.mmr is None else text(view.mmr),
        "position_value": text(view.notional),
        "qty": text(view.qty.quantize(market.step)),
        "realized_pnl": text(view.realized),
        "status": "open" if view.qty else "closed",
        "symbol": market.id,
        "time": iso(now, 6, now % 997 + 1),
        "updated_at": iso(view.updated, 6, view.id % 999 + 1),
        "upnl": text(view.upnl),
        "user": user,
    }


def _maybe(value: Decimal | None, market: Market) -> str | None:
    return None if value is None else price(value, market)


def position_frame(position: Position, market: Market, user: str) -> dict[str, Any]:
    """Data of the position channel: no mark, no upnl, no liquidation price."""
    value = abs(position.qty) * position.entry_price
    return {
        "created_at": iso(position.created, 6, position.id % 999 + 1),
        "entry_price": price(position.entry_price, market),
        "entry_value": text(value),
        "id": position.id,
        "initial_margin": nine(value / position.leverage),
        "leverage": str(position.leverage),
        "margin_asset": "DUSD",
        "margin_mode": position.margin_mode,
        "qty": text(position.qty.quantize(market.step)),
        "realized_pnl": text(position.realized),
        "status": "open" if position.qty else "closed",
        "symbol": market.id,
        "updated_at": iso(position.updated, 6, position.id % 999 + 1),
        "user": user,
    }


def balance(view: BalanceView) -> dict[str, Any]:
    """query_balance."""
    return {
        "isolated_balance": nine(view.isolated_balance),
        "isolated_upnl": nine(view.isolated_upnl),
        "cross_balance": nine(view.cross_balance),
        "cross_margin": nine(view.cross_margin),
        "cross_upnl": nine(view.cross_upnl),
        "locked": f"{view.locked.quantize(NINE):f}",
        "cross_available": nine(view.free),
        "balance": nine(view.balance),
        "upnl": nine(view.upnl),
        "equity": nine(view.equity),
        "pnl_freeze": nine(max(view.upnl, Decimal(0))),
        "pnl_24h": nine(view.realized),
    }


def balance_frame(view: BalanceView, user: str, opened: int, now: int) -> dict[str, Any]:
    """Data of the balance channel: the raw wallet, without equity and upnl."""
    return {
        "account_type": "perps",
        "created_at": iso(opened, 6, 639),
        "free": nine(view.balance - view.locked),
        "id": user,
        "inbound": "0",
        "is_enabled": True,
        "kind": "user",
        "last_tx": "",
        "last_tx_updated_at": 0,
        "locked": f"{view.locked.quantize(NINE):f}",
        "occupied": "0",
        "outbound": "0",
        "ref_id": 0,
        "token": "DUSD",
        "total": nine(view.balance),
        "updated_at": iso(now, 6, now % 997 + 1),
        "version": 0,
        "wallet_id": user,
    }


def funding(payment: FundingPayment, user: str) -> dict[str, Any]:
    """An element of query_funding_history."""
    stored = iso(payment.time + 123, 6, payment.id % 999 + 1)
    return {
        "id": payment.id,
        "user": user,
        "asset": "DUSD",
        "symbol": payment.market,
        "qty": text(payment.amount),
        "txn_type": "funding",
        "transact_time": iso(payment.time),
        "created_at": stored,
        "updated_at": stored,
    }


def rate(value: Decimal) -> str:
    return f"{value.quantize(EIGHT, ROUND_DOWN):f}"


def mid(view: PriceView) -> str | None:
    if view.bid is None or view.ask is None:
        return None
    return f"{(view.bid + view.ask) / 2:f}"


def symbol_price(view: PriceView, market: Market, now: int) -> dict[str, Any]:
    """query_symbol_price."""
    return {
        "base": market.base,
        "index_price": price(view.index, market),
        "last_price": price(view.last, market),
        "mark_price": price(view.mark, market),
        "mid_price": mid(view),
        "quote": "DUSD",
        "spread_ask": _maybe(view.ask, market),
        "spread_bid": _maybe(view.bid, market),
        "symbol": market.id,
        "time": iso(now, 6, now % 997 + 1),
    }


def price_frame(view: PriceView, market: Market, now: int) -> dict[str, Any]:
    """Data of the price channel."""
    return {
        "base": market.base,
        "index_price": price(view.index, market),
        "last_price": price(view.last, market),
        "mark_price": price(view.mark, market),
        "mid_price": mid(view),
        "quote": "DUSD",
        "spread": [_maybe(view.bid, market), _maybe(view.ask, market)],
        "symbol": market.id,
        "time": nano(now),
    }


def _change(view: PriceView, stats: Stats) -> float:
    """From the mark, not from the last price: exact on all ten recorded markets."""
    return float(view.mark) - float(stats.open)


def symbol_market(view: PriceView, stats: Stats, market: Market, now: int) -> dict[str, Any]:
    """query_symbol_market."""
    return {
        "ask1": _maybe(view.ask, market),
        "base": market.base,
        "bid1": _maybe(view.bid, market),
        "funding_rate": rate(view.funding_rate),
        "high_price_24h": float(stats.high),
        "index_price": price(view.index, market),
        "last_price": price(view.last, market),
        "low_price_24h": float(stats.low),
        "mark_price": price(view.mark, market),
        "mid_price": mid(view),
        "next_funding_time": iso(view.next_funding),
        "open_interest": text(view.open_interest.quantize(market.step)),
        "open_interest_notional": text(view.open_interest * view.mark),
        "open_price_24h": float(stats.open),
        "price_change": _change(view, stats),
        "price_change_pct": _change(view, stats) / float(stats.open) * 100,
        "quote": "DUSD",
        "spread": [_maybe(view.bid, market), _maybe(view.ask, market)],
        "symbol": market.id,
        "time": iso(now, 6, now % 997 + 1),
        "volume_24h": float(stats.volume),
        "volume_quote_24h": float(stats.quote_volume),
    }


def overview(view: PriceView, stats: Stats, market: Market, now: int) -> dict[str, Any]:
    """An element of query_market_overview's symbols."""
    return {
        "base": market.base,
        "funding_rate": rate(view.funding_rate),
        "last_price": price(view.last, market),
        "mark_price": price(view.mark, market),
        "open_interest": text(view.open_interest.quantize(market.step)),
        "open_interest_notional": text(view.open_interest * view.mark),
        "open_price_24h": float(stats.open),
        "price_change_pct": _change(view, stats) / float(stats.open) * 100,
        "quote": "DUSD",
        "symbol": market.id,
        "time": iso(now, 6, now % 997 + 1),
        "volume_24h": text(stats.volume),
        "volume_quote_24h": text(stats.quote_volume),
    }


def depth(levels: list[tuple[Decimal, Decimal]], bucket: Decimal, up: bool, most: int = 130) -> list[list[str]]:
    """Levels gathered into buckets (BTC: whole dollars although its tick is 0.01), best first, at most 130."""
    gathered: dict[Decimal, Decimal] = {}
    for at, qty in levels:
        steps = at / bucket
        whole = steps.to_integral_value("ROUND_CEILING" if up else "ROUND_FLOOR")
        if whole not in gathered and len(gathered) == most:
            break
        gathered[whole] = gathered.get(whole, Decimal(0)) + qty
    return [[short(whole * bucket), short(qty)] for whole, qty in gathered.items()]
