"""The engine's objects in the venue's shapes (recordings of 2026-05 and 2026-06, models of lighter-sdk 1.1.8)."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from ccxt_dex.exchanges.lighter.paper.markets import MAKER_FEE_TICKS, TAKER_FEE_TICKS
from ccxt_dex.paper.types import BalanceView, Candle, Fill, Market, Order, PositionView, PriceView, PublicTrade, Stats

Row = dict[str, Any]

FIRST_ASK, LAST_BID = 2**48, 2**49 - 1
NOBODY = 281_474_976_710_000  # whoever is on the other side
TYPES = ("limit", "market", "stop-loss", "stop-loss-limit", "take-profit", "take-profit-limit")
TIFS = ("immediate-or-cancel", "good-till-time", "post-only")

SPOT = {"symbol": "ETH/USDC", "market_type": "spot", "base_asset_id": 1, "quote_asset_id": 3}
NOT_SPOT: tuple[str, ...] = (
    "default_initial_margin_fraction",
    "min_initial_margin_fraction",
    "maintenance_margin_fraction",
    "closeout_margin_fraction",
)
NOT_SPOT += ("quote_multiplier", "open_interest", "market_config", "strategy_index", "mark_price", "index_price")

# the engine's reasons -> the venue's statuses
REASONS = {
    "post_only": "canceled-post-only",
    "reduce_only": "canceled-reduce-only",
    "insufficient_funds": "canceled-margin-not-allowed",
    "no_liquidity": "canceled-not-enough-liquidity",
    "ioc": "canceled-not-enough-liquidity",
    "max_price": "canceled-too-much-slippage",
    "price_band": "canceled-too-much-slippage",
    "self_trade": "canceled-self-trade",
    "oco": "canceled-oco",
    "liquidation": "canceled-liquidation",
    "parent": "canceled-child",
    "expired": "canceled-expired",
}
OPEN = {"new": "in-progress", "open": "open", "untriggered": "pending", "filled": "filled"}


def fixed(value: Decimal | None, digits: int) -> str:
    return format((value or Decimal(0)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN), "f")


def size(value: Decimal, market: Market) -> str:
    return fixed(value, market.info["size_decimals"])


def price(value: Decimal | None, market: Market) -> str:
    return fixed(value, market.info["price_decimals"])


def order_index(order: Order) -> int:
    """Asks count up from 2^48, bids down from 2^49."""
    return FIRST_ASK + order.id if order.request.side == "sell" else LAST_BID - order.id


def status(order: Order) -> str:
    if order.status in OPEN:
        return OPEN[order.status]
    if order.status == "rejected":
        return REASONS.get(order.reason or "", "canceled-position-not-allowed")
    if order.status == "expired":
        return "canceled-expired"
    return REASONS.get(order.reason or "", "canceled")


def order(order: Order, market: Market, account: int) -> Row:
    """A row of accountActiveOrders and of the account_all_orders channel."""
    info, request = order.request.info, order.request
    index, client = order_index(order), int(request.client_id or 0)
    limit = order.price if order.price is not None else request.max_price or request.price
    kind = info.get("type")
    if kind is None:  # an exit that the engine made for an entry
        kind = {("tp", "market"): 4, ("tp", "limit"): 5, ("sl", "market"): 2, ("sl", "limit"): 3}.get((request.tpsl or "", request.type), 1)
    if limit is None:
        limit = request.trigger
    units = None if limit is None else int(limit.scaleb(market.info["price_decimals"]))
    return {
        "order_index": index,
        "client_order_index": client,
        "order_id": str(index),
        "client_order_id": str(client),
        "market_index": market.info["index"],
        "market_symbol": market.base,
        "market_kind": "perp",
        "owner_account_index": account,
        "initial_base_amount": size(order.qty, market),
        "price": price(limit, market),
        "nonce": order.id,
        "remaining_base_amount": size(order.remaining, market),
        "is_ask": request.side == "sell",
        "base_size": int(order.qty.scaleb(market.info["size_decimals"])),
        "base_price": units or 0,
        "filled_base_amount": size(order.filled, market),
        "filled_quote_amount": fixed(order.cost, 6),
        "side": request.side,
        "type": TYPES[kind],
        "time_in_force": TIFS[info.get("tif", 0)],
        "reduce_only": request.reduce_only,
        "trigger_price": price(request.trigger, market),
        "order_expiry": info.get("expiry", 0),
        "status": status(order),
        "trigger_status": "na" if request.trigger is None else "mark-price" if order.status == "untriggered" else "ready",
        "trigger_time": order.triggered or 0,
        "parent_order_index": info.get("parent_index", 0),
        "parent_order_id": str(info.get("parent_index", 0)),
        "to_trigger_order_id_0": "0",
        "to_trigger_order_id_1": "0",
        "to_cancel_order_id_0": "0",
        "integrator_fee_collector_index": "0",
        "integrator_taker_fee": "0",
        "integrator_maker_fee": "0",
        "order_flags": 0,
        "order_version": 0,
        "block_height": order.id,
        "timestamp": order.created,
        "created_at": order.created,
        "updated_at": order.updated,
        "transaction_time": order.updated * 1000,
    }


def _trade(number: int, market: Market, qty: Decimal, at: Decimal, time: int, maker_ask: bool) -> Row:
    tx_hash = format(number, "08x") + "0" * 72
    empty: Row = {
        f"{who}_{name}": "0"
        for who in ("taker", "maker")
        for name in ("position_size_before", "entry_quote_before", "allocated_margin_usdc_before", "allocated_margin_usdc_after")
    }
    empty |= {f"{who}_{name}": 0 for who in ("taker", "maker") for name in ("initial_margin_fraction_before",)}
    empty |= {f"{who}_position_sign_changed": False for who in ("taker", "maker")}
    empty |= {f"integrator_{who}_fee{tail}": 0 for who in ("taker", "maker") for tail in ("", "_collector_index")}
    return {
        **empty,
        "trade_id": number,
        "trade_id_str": str(number),
        "tx_hash": tx_hash,
        "type": "trade",
        "market_id": market.info["index"],
        "market_symbol": market.base,
        "market_kind": "perp",
        "size": size(qty, market),
        "price": price(at, market),
        "usd_amount": fixed(qty * at, 6),
        "is_maker_ask": maker_ask,
        "block_height": number,
        "timestamp": time,
        "transaction_time": time * 1000,
        "bid_account_pnl": "0",
        "ask_account_pnl": "0",
        "bid_order_version": 0,
        "ask_order_version": 0,
        "taker_fee": TAKER_FEE_TICKS,
        "maker_fee": MAKER_FEE_TICKS,
    }


def public_trade(trade: PublicTrade, market: Market) -> Row:
    row = _trade(trade.id, market, trade.qty, trade.price, trade.time, trade.taker_side == "buy")
    return {**row, **_sides(FIRST_ASK + trade.id, LAST_BID - trade.id, NOBODY, NOBODY + 1)}


def fill(fill: Fill, own: Order, market: Market, account: int) -> Row:
    """A fill as the account's trade; the other side is nobody in particular."""
    ask = fill.side == "sell"
    row = _trade(10_000_000 + fill.id, market, fill.qty, fill.price, fill.time, ask != fill.taker)
    mine, client = order_index(own), int(own.request.client_id or 0)
    if ask:
        return {**row, **_sides(mine, LAST_BID - 10**9 - fill.id, account, NOBODY, client, 0)}
    return {**row, **_sides(FIRST_ASK + 10**9 + fill.id, mine, NOBODY, account, 0, client)}


def _sides(ask: int, bid: int, ask_account: int, bid_account: int, ask_client: int = 0, bid_client: int = 0) -> Row:
    numbers = {"ask_id": ask, "bid_id": bid, "ask_client_id": ask_client, "bid_client_id": bid_client}
    return {
        **numbers,
        **{f"{key}_str": str(value) for key, value in numbers.items()},
        "ask_account_id": ask_account,
        "bid_account_id": bid_account,
    }


def position(view: PositionView | None, market: Market, fraction: int, isolated: bool, open_orders: int, mark: Decimal) -> Row:
    """A row of account.positions; also for markets that were only configured."""
    qty = view.qty if view else Decimal(0)
    liquidation = view.liquidation_price if view and view.qty else None
    return {
        "market_id": market.info["index"],
        "symbol": market.base,
        "initial_margin_fraction": fixed(Decimal(fraction) / 100, 2),
        "open_order_count": open_orders,
        "pending_order_count": 0,
        "position_tied_order_count": 0,
        "sign": -1 if qty < 0 else 1,
        "position": size(abs(qty), market),
        "avg_entry_price": price(view.entry_price if view and qty else None, market),
        "position_value": fixed(abs(qty) * mark, 6),
        "unrealized_pnl": fixed(view.upnl if view else None, 6),
        "realized_pnl": fixed(view.realized if view else None, 6),
        "liquidation_price": "0" if liquidation is None else price(max(liquidation, Decimal(0)), market),
        "total_funding_paid_out": "0.000000",
        "margin_mode": int(isolated),
        "allocated_margin": fixed(view.margin if view and isolated and qty else None, 6),
        "total_discount": "0.000000",
        "margin_set_flag": 0,
    }


def stats(view: BalanceView) -> Row:
    """`stats` of user_stats."""
    one = {
        "collateral": fixed(view.balance, 6),
        "portfolio_value": fixed(view.equity, 6),
        "leverage": "0.00",
        "available_balance": fixed(max(view.free, Decimal(0)), 6),
        "margin_usage": "0.00",
        "buying_power": "0",
    }
    return {"account_trading_mode": 0, **one, "cross_stats": dict(one), "total_stats": dict(one)}


def details(market: Market, stats: Stats, prices: PriceView) -> Row:
    """A row of orderBookDetails."""
    info = market.info
    change = (stats.last - stats.open) / stats.open * 100 if stats.open else Decimal(0)
    return {
        "symbol": market.base,
        "market_id": info["index"],
        "market_type": "perp",
        "base_asset_id": 0,
        "quote_asset_id": 0,
        "status": "active" if market.active else "inactive",
        "taker_fee": "0.0000",
        "is_taker_fee_enabled": True,
        "maker_fee": "0.0000",
        "is_maker_fee_enabled": True,
        "liquidation_fee": "1.0000",
        "min_base_amount": size(market.min_qty, market),
        "min_quote_amount": fixed(market.min_cost, 6),
        "order_quote_limit": "281474976.710655",
        "supported_size_decimals": info["size_decimals"],
        "supported_price_decimals": info["price_decimals"],
        "supported_quote_decimals": 6,
        "size_decimals": info["size_decimals"],
        "price_decimals": info["price_decimals"],
        "quote_multiplier": 1,
        "default_initial_margin_fraction": info["default"],
        "min_initial_margin_fraction": info["smallest"],
        "maintenance_margin_fraction": info["maintenance"],
        "closeout_margin_fraction": info["closeout"],
        "last_trade_price": float(stats.last),
        "mark_price": price(prices.mark, market),
        "index_price": price(prices.index, market),
        "daily_trades_count": stats.trades,
        "daily_base_token_volume": float(stats.volume),
        "daily_quote_token_volume": float(stats.quote_volume),
        "daily_price_low": float(stats.low),
        "daily_price_high": float(stats.high),
        "daily_price_change": float(change),
        "open_interest": float(prices.open_interest),
        "daily_chart": {},
        "market_config": {
            "market_margin_mode": 0,
            "insurance_fund_account_index": 281474976710655,
            "liquidation_mode": 0,
            "force_reduce_only": False,
            "trading_hours": "",
            "funding_fee_discounts_enabled": False,
            "hidden": False,
            "rfq_enabled": True,
        },
        "strategy_index": 2,
        "funding_clamp_small": "0.0500",
        "funding_clamp_big": "4.0000",
        "base_interest_rate": "0.0100",
        "created_at": 0,
        "multiplier": 1,
        "market_flags": 0,
        "funding_premium_multiplier": 1,
        "start_timestamp": 0,
        "end_timestamp": 0,
        "settlement_type": 0,
        "settlement_price": "0",
        "settlement_cap": "0",
        "outcome": 0,
        "default_price": "0",
        "operator_account_index": 0,
        "is_frozen": False,
    }


def market_stats(market: Market, stats: Stats, prices: PriceView) -> Row:
    row = details(market, stats, prices)
    rate = fixed(prices.funding_rate * 100, 6)
    return {
        "symbol": market.base,
        "market_id": market.info["index"],
        "index_price": price(prices.index, market),
        "mark_price": price(prices.mark, market),
        "mid_price": price(((prices.bid or prices.mark) + (prices.ask or prices.mark)) / 2, market),
        "open_interest": size(prices.open_interest, market),
        "open_interest_limit": "72057594037927936.000000",
        "funding_clamp_small": "0.0500",
        "funding_clamp_big": "4.0000",
        "last_trade_price": price(stats.last, market),
        "current_funding_rate": rate,
        "funding_rate": rate,
        "funding_timestamp": prices.next_funding - market.funding_interval_ms,
        **{name: row[name] for name in row if name.startswith("daily_") and name not in ("daily_chart", "daily_trades_count")},
    }


def candle(bar: Candle) -> Row:
    return {
        "t": bar.time,
        "o": float(bar.open),
        "h": float(bar.high),
        "l": float(bar.low),
        "c": float(bar.close),
        "v": float(bar.volume),
        "V": float(bar.quote_volume),
        "i": bar.trades,
    }
