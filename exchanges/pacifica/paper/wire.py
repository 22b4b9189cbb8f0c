"""Rows of REST answers and frames, from the engine's objects."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from ccxt_dex.paper.numbers import text
from ccxt_dex.paper.types import BalanceView, Candle, Fill, FundingPayment, Market, Order, PositionView, PriceView, PublicTrade, Stats

ENDED = ("filled", "canceled", "rejected", "expired")
Level = tuple[Decimal, Decimal]


def side(word: str) -> str:
    return "bid" if word == "buy" else "ask"


def kind(order: Order) -> str:
    request = order.request
    if request.trigger is None:
        return request.type
    head = {"tp": "take_profit", "sl": "stop_loss"}.get(str(request.tpsl), "stop")
    return f"{head}_{request.type}"


def status(order: Order) -> str:
    if order.status in ("canceled", "expired"):
        return "cancelled"
    if order.status in ("filled", "rejected"):
        return order.status
    return "partially_filled" if order.filled else "open"


def average(order: Order) -> Decimal:
    return order.cost / order.filled if order.filled else Decimal(0)


def cancelled(order: Order) -> Decimal:
    return order.qty - order.filled if order.status in ("canceled", "expired", "rejected") else Decimal(0)


def _price(order: Order) -> str:
    return text(order.price) if order.price is not None else "0"


def _optional(value: Decimal | None) -> str | None:
    return None if value is None else text(value)


def open_order(order: Order, number: int) -> dict[str, Any]:
    return {
        "order_id": number,
        "client_order_id": order.request.client_id,
        "symbol": order.request.market,
        "side": side(order.request.side),
        "price": _price(order),
        "initial_amount": text(order.qty),
        "filled_amount": text(order.filled),
        "cancelled_amount": text(cancelled(order)),
        "stop_price": _optional(order.request.trigger),
        "order_type": kind(order),
        "stop_parent_order_id": None,
        "reduce_only": order.request.reduce_only or order.request.close_position,
        "created_at": order.created,
        "updated_at": order.updated,
    }


def history_order(order: Order, number: int) -> dict[str, Any]:
    row = open_order(order, number)
    amount, filled = row.pop("initial_amount"), row.pop("filled_amount")
    del row["cancelled_amount"]
    price = row.pop("price")
    row |= {"initial_price": price, "average_filled_price": text(average(order)), "amount": amount, "filled_amount": filled}
    return row | {"order_status": status(order), "reason": None if order.reason in (None, "user") else order.reason}


def order_event(order: Order, number: int, history: int, event: str, price: Decimal | None, at: int) -> dict[str, Any]:
    row = open_order(order, number)
    del row["updated_at"]
    shown = _price(order) if price is None else text(price)
    return {"history_id": history, **row, "price": shown, "event_type": event, "order_status": status(order), "created_at": at}


def order_frame(order: Order, number: int, account: str, event: str, last: Decimal | None, li: int) -> dict[str, Any]:
    return {
        "i": number,
        "I": order.request.client_id,
        "u": account,
        "s": order.request.market,
        "d": side(order.request.side),
        "p": text(average(order)),
        "ip": _price(order),
        "lp": _price(order) if last is None else text(last),
        "a": text(order.qty),
        "f": text(order.filled),
        "oe": event,
        "os": status(order),
        "ot": kind(order),
        "sp": _optional(order.request.trigger),
        "si": None,
        "tp": None,
        "r": order.request.reduce_only or order.request.close_position,
        "ct": order.created,
        "ut": order.updated,
        "li": li,
    }


def open_frame(order: Order, number: int) -> dict[str, Any]:
    return {
        "i": number,
        "I": order.request.client_id,
        "s": order.request.market,
        "d": side(order.request.side),
        "p": _price(order),
        "a": text(order.qty),
        "f": text(order.filled),
        "c": "0",
        "t": order.created,
        "st": None,
        "ot": kind(order),
        "sp": _optional(order.request.trigger),
        "ro": order.request.reduce_only or order.request.close_position,
    }


def trade_side(fill: Fill, before: Decimal) -> str:
    if fill.side == "buy":
        return "close_short" if before < 0 else "open_long"
    return "close_long" if before > 0 else "open_short"


def my_trade(fill: Fill, number: int, direction: str, entry: Decimal) -> dict[str, Any]:
    return {
        "history_id": fill.id,
        "order_id": number,
        "client_order_id": fill.client_id,
        "symbol": fill.market,
        "amount": text(fill.qty),
        "price": text(fill.price),
        "entry_price": text(entry),
        "fee": text(fill.fee),
        "pnl": text(fill.pnl),
        "event_type": "fulfill_taker" if fill.taker else "fulfill_maker",
        "side": direction,
        "created_at": fill.time,
        "cause": "normal",
    }


def trade_frame(row: dict[str, Any], account: str, li: int) -> dict[str, Any]:
    names = {"h": "history_id", "i": "order_id", "I": "client_order_id", "s": "symbol", "p": "price", "o": "entry_price", "a": "amount"}
    names |= {"te": "event_type", "ts": "side", "tc": "cause", "f": "fee", "n": "pnl", "t": "created_at"}
    return {**{short: row[name] for short, name in names.items()}, "u": account, "li": li}


def public_trade(trade: PublicTrade) -> dict[str, Any]:
    side_word = "open_long" if trade.taker_side == "buy" else "close_long"
    row = {"event_type": "fulfill_taker", "price": text(trade.price), "amount": text(trade.qty), "side": side_word}
    return row | {"cause": "normal", "created_at": trade.time}


def public_trade_frame(trade: PublicTrade, li: int) -> dict[str, Any]:
    row = public_trade(trade)
    shown = {"h": trade.id, "s": trade.market, "a": row["amount"], "p": row["price"], "d": row["side"], "tc": "normal"}
    return shown | {"t": trade.time, "li": li}


def position(view: PositionView, funding: Decimal) -> dict[str, Any]:
    isolated = view.margin_mode == "isolated"
    return {
        "symbol": view.market,
        "side": "bid" if view.qty > 0 else "ask",
        "amount": text(abs(view.qty)),
        "entry_price": text(view.entry_price),
        "margin": text(view.margin) if isolated else "0",
        "funding": text(funding),
        "isolated": isolated,
        "created_at": view.created,
        "updated_at": view.updated,
    }


def position_frame(view: PositionView, funding: Decimal) -> dict[str, Any]:
    row = position(view, funding)
    shown = {"s": row["symbol"], "d": row["side"], "a": row["amount"], "p": row["entry_price"], "m": row["margin"], "f": row["funding"]}
    return shown | {"i": row["isolated"], "l": _optional(view.liquidation_price), "t": view.updated}


def account(view: BalanceView, positions: int, orders: int, stops: int, at: int) -> dict[str, Any]:
    free = max(view.free, Decimal(0))
    return {
        "balance": text(view.balance),
        "fee_level": 0,
        "maker_fee": "0.00015",
        "taker_fee": "0.0004",
        "account_equity": text(view.equity),
        "cross_account_equity": text(view.equity - view.isolated_balance - view.isolated_upnl),
        "spot_market_value": "0",
        "spot_collateral": "0",
        "available_to_spend": text(free),
        "available_to_withdraw": text(max(min(view.free, view.free - view.cross_upnl), Decimal(0))),
        "pending_balance": "0",
        "pending_interest": "0",
        "total_margin_used": text(view.initial_margin + view.locked),
        "cross_mmr": text(view.maintenance_margin),
        "positions_count": positions,
        "orders_count": orders,
        "stop_orders_count": stops,
        "spot_balances": [],
        "updated_at": at,
    }


def account_frame(row: dict[str, Any]) -> dict[str, Any]:
    names = {"ae": "account_equity", "as": "available_to_spend", "aw": "available_to_withdraw", "b": "balance", "f": "fee_level"}
    names |= {"mu": "total_margin_used", "cm": "cross_mmr", "oc": "orders_count", "pb": "pending_balance", "pc": "positions_count"}
    names |= {"sc": "stop_orders_count", "t": "updated_at"}
    return {short: row[name] for short, name in names.items()}


def price(view: PriceView, stats: Stats, market: Market) -> dict[str, Any]:
    middle = (view.bid + view.ask) / 2 if view.bid is not None and view.ask is not None else view.last
    return {
        "funding": text(view.funding_rate),
        "mark": text(view.mark),
        "mid": text(middle),
        "next_funding": text(view.funding_rate),
        "open_interest": text(view.open_interest),
        "oracle": text(view.index),
        "symbol": market.id,
        "timestamp": view.time,
        "volume_24h": text(stats.quote_volume),
        "yesterday_price": text(stats.open),
    }


def levels(rows: Iterable[Level], step: Decimal, up: bool, depth: int = 10) -> list[dict[str, Any]]:
    """The best levels, grouped to a step: bids downwards, asks upwards."""
    found: dict[Decimal, tuple[Decimal, int]] = {}
    for at, qty in rows:
        bucket = at // step * step
        if up and bucket < at:
            bucket += step
        known = found.get(bucket, (Decimal(0), 0))
        found[bucket] = (known[0] + qty, known[1] + 1)
    return [{"p": text(at), "a": text(qty), "n": count} for at, (qty, count) in list(found.items())[:depth]]


def candle(bar: Candle, symbol: str, word: str, length: int, mark: bool = False) -> dict[str, Any]:
    row: dict[str, Any] = {"t": bar.time, "T": bar.time + length, "s": symbol, "i": word}
    row |= {"o": text(bar.open), "c": text(bar.close), "h": text(bar.high), "l": text(bar.low)}
    return row | {"v": "0" if mark else text(bar.volume), "n": 0 if mark else bar.trades}


def funding(payment: FundingPayment) -> dict[str, Any]:
    return {
        "history_id": payment.id,
        "symbol": payment.market,
        "side": "bid" if payment.qty > 0 else "ask",
        "amount": text(abs(payment.qty)),
        "payout": text(payment.amount),
        "rate": text(payment.rate),
        "created_at": payment.time,
    }
