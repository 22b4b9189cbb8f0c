"""Engine objects in the venue's words. Times are nanoseconds as text."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any

from ccxt_dex.paper.numbers import text
from ccxt_dex.paper.types import BalanceView, Candle, Fill, Market, Order, PositionView, PriceView, PublicTrade, Stats

STATUSES = {
    "open": "OPEN",
    "untriggered": "OPEN",
    "filled": "FILLED",
    "canceled": "CANCELLED",
    "rejected": "REJECTED",
    "expired": "CANCELLED",
}
REASONS = {
    "user": "CLIENT_CANCEL",
    "bulk": "CLIENT_BULK_CANCEL",
    "ioc": "IOC_CANCEL",
    "fok": "FOK_CANCEL",
    "no_liquidity": "MARKET_CANCEL",
    "max_price": "MARKET_CANCEL",
    "post_only": "FAIL_POST_ONLY",
    "reduce_only": "FAIL_REDUCE_ONLY",
    "no_position": "FAIL_REDUCE_ONLY",
    "insufficient_funds": "BELOW_MARGIN",
    "duplicate_client_id": "OVERLAPPING_CLIENT_ORDER_ID",
    "oco": "OCO_COUNTER_PART_TRIGGERED",
    "cancel_after": "CLIENT_CANCEL_ON_DISCONNECT_TRIGGERED",
    "liquidation": "LIQUIDATION",
    "self_trade": "SELF_TRADE_PROTECTION",
    "expired": "EXPIRED",
    "market_closed": "INSTRUMENT_DEACTIVATED",
    "above_max": "EXCEED_MAX_POSITION_SIZE",
    "replaced": "CLIENT_REPLACE",
}


def ns(milliseconds: int) -> str:
    return str(milliseconds * 1_000_000)


def digits(value: Decimal | None) -> str:
    """A number as the venue prints it: at least one decimal."""
    shown = text(value or Decimal(0))
    return shown if "." in shown else f"{shown}.0"


def places(value: Decimal, count: int = 9) -> str:
    return digits(value.quantize(Decimal(1).scaleb(-count)))


def order_id(order: Order) -> str:
    """128 bits, without a visible order."""
    return "0x01010105" + hashlib.sha256(f"{order.account} {order.id} {order.created}".encode()).hexdigest()[:24]


def state(order: Order) -> dict[str, Any]:
    status = "CANCELLED" if order.reason == "fok" else STATUSES[order.status]
    reason = "UNSPECIFIED" if status in ("OPEN", "FILLED") else REASONS.get(order.reason or "expired", "UNSPECIFIED")
    live = order.status in ("open", "untriggered")
    return {
        "status": status,
        "reject_reason": reason,
        "book_size": [digits(order.remaining if live else Decimal(0))],
        "traded_size": [digits(order.filled)],
        "update_time": ns(order.updated),
        "avg_fill_price": [places(order.average) if order.average else "0.0"],
    }


NO_TRIGGER = {
    "trigger_type": "UNSPECIFIED",
    "tpsl": {"trigger_by": "UNSPECIFIED", "trigger_price": "0.0", "close_position": False, "is_split_position": False},
}


def order(row: Order, sub: str) -> dict[str, Any]:
    """An order as every endpoint and stream shows it: what was sent, with an id and a state."""
    new, sent = row.request, row.request.info.get("wire") or {}
    trigger = (sent.get("metadata") or {}).get("trigger") or NO_TRIGGER
    if new.trigger is not None and trigger is NO_TRIGGER:
        kind = "TAKE_PROFIT" if new.tpsl == "tp" else "STOP_LOSS"
        tpsl = {
            "trigger_by": new.trigger_by.upper(),
            "trigger_price": digits(new.trigger),
            "close_position": False,
            "is_split_position": False,
        }
        trigger = {"trigger_type": kind, "tpsl": tpsl}
    market_order = new.type == "market"
    return {
        "order_id": order_id(row),
        "sub_account_id": sub,
        "is_market": market_order,
        "time_in_force": sent.get("time_in_force") or "GOOD_TILL_TIME",
        "post_only": new.tif == "alo",
        "reduce_only": new.reduce_only,
        "legs": [
            {
                "instrument": new.market,
                "size": digits(row.qty),
                "limit_price": "0.0" if market_order else digits(row.price),
                "is_buying_asset": new.side == "buy",
            }
        ],
        "signature": {
            "signer": "0x00",
            "r": "0x00",
            "s": "0x00",
            "v": 0,
            "expiration": "0",
            "nonce": 0,
            **(sent.get("signature") or {}),
            "chain_id": "0",
        },
        "metadata": {
            "client_order_id": new.client_id or "0",
            "create_time": ns(row.created),
            "trigger": trigger,
            "broker": "UNSPECIFIED",
            "is_position_transfer": False,
            "allow_crossing": False,
        },
        "state": state(row),
        "builder": sent.get("builder") or "0x00",
        "builder_fee": sent.get("builder_fee") or "0.0",
    }


def pending(sent: dict[str, Any], now: int) -> dict[str, Any]:
    """The answer to create_order: accepted for matching."""
    metadata = {"trigger": NO_TRIGGER, "broker": "UNSPECIFIED", "is_position_transfer": False, "allow_crossing": False, **sent["metadata"]}
    waiting = {"status": "PENDING", "reject_reason": "UNSPECIFIED", "traded_size": ["0.0"], "avg_fill_price": ["0.0"]}
    return {
        "builder": "0x00",
        "builder_fee": "0.0",
        **sent,
        "order_id": "0x00",
        "metadata": {**metadata, "create_time": ns(now)},
        "state": {**waiting, "book_size": [leg["size"] for leg in sent["legs"]], "update_time": ns(now)},
    }


def fill(row: Fill, owner: Order | None, market: Market, sub: str, signer: str, mark: Decimal) -> dict[str, Any]:
    rate = market.taker_fee if row.taker else market.maker_fee
    return {
        "event_time": ns(row.time),
        "sub_account_id": sub,
        "instrument": row.market,
        "is_buyer": row.side == "buy",
        "is_taker": row.taker,
        "size": digits(row.qty),
        "price": digits(row.price),
        "mark_price": places(mark),
        "index_price": places(mark),
        "interest_rate": "0.0",
        "forward_price": "0.0",
        "realized_pnl": places(row.pnl, 6),
        "fee": text(row.fee),
        "fee_rate": digits(rate * 100),
        "trade_id": f"{row.id}-1",
        "order_id": order_id(owner) if owner else "0x00",
        "venue": "ORDERBOOK",
        "is_liquidation": bool(owner and owner.reason == "liquidation"),
        "client_order_id": row.client_id or "0",
        "signer": signer,
        "broker": "UNSPECIFIED",
        "is_rpi": False,
        "builder": "0x00",
        "builder_fee_rate": "0.0",
        "builder_fee": "0",
        "fee_currency": market.settle,
    }


def trade(row: PublicTrade, price: PriceView) -> dict[str, Any]:
    return {
        "event_time": ns(row.time),
        "instrument": row.market,
        "is_taker_buyer": row.taker_side == "buy",
        "size": digits(row.qty),
        "price": digits(row.price),
        "mark_price": places(price.mark),
        "index_price": places(price.index),
        "interest_rate": "0.0",
        "forward_price": "0.0",
        "trade_id": f"{row.id}-1",
        "venue": "ORDERBOOK",
        "is_rpi": False,
    }


def mini(price: PriceView) -> dict[str, Any]:
    middle = (price.bid + price.ask) / 2 if price.bid is not None and price.ask is not None else price.mark
    return {
        "event_time": ns(price.time),
        "instrument": price.market,
        "mark_price": places(price.mark),
        "index_price": places(price.index),
        "last_price": digits(price.last),
        "last_size": "0.001",
        "mid_price": digits(middle),
        "best_bid_price": digits(price.bid),
        "best_bid_size": digits(price.bid_qty),
        "best_ask_price": digits(price.ask),
        "best_ask_size": digits(price.ask_qty),
    }


def ticker(price: PriceView, stats: Stats, hours: int) -> dict[str, Any]:
    """Funding rates are percentage points; the two sides' volumes are made up as halves."""
    rate = digits(price.funding_rate * 100)
    half, quote = places(stats.volume / 2, 3), places(stats.quote_volume / 2, 4)
    return {
        **mini(price),
        "funding_rate_8h_curr": rate,
        "funding_rate_8h_avg": rate,
        "interest_rate": "0.0",
        "forward_price": "0.0",
        "buy_volume_24h_b": half,
        "sell_volume_24h_b": half,
        "buy_volume_24h_q": quote,
        "sell_volume_24h_q": quote,
        "high_price": digits(stats.high),
        "low_price": digits(stats.low),
        "open_price": digits(stats.open),
        "open_interest": digits(price.open_interest),
        "long_short_ratio": "1.705290",
        "funding_rate": rate,
        "funding_interval_hours": hours,
        "next_funding_time": ns(price.next_funding),
    }


def candle(bar: Candle, market: str, span: int) -> dict[str, Any]:
    return {
        "open_time": ns(bar.time),
        "close_time": ns(bar.time + span),
        "open": digits(bar.open),
        "close": digits(bar.close),
        "high": digits(bar.high),
        "low": digits(bar.low),
        "volume_b": digits(bar.volume),
        "volume_q": places(bar.quote_volume, 4),
        "trades": bar.trades,
        "instrument": market,
    }


def position(view: PositionView, sub: str, fees: Decimal, funding: Decimal, now: int) -> dict[str, Any]:
    """`cumulative_realized_funding_payment` is positive when paid."""
    isolated = view.margin_mode == "isolated"
    cost = view.entry_value or Decimal(1)
    row = {
        "event_time": ns(now),
        "sub_account_id": sub,
        "instrument": view.market,
        "size": digits(view.qty),
        "notional": places(view.notional.copy_sign(view.qty), 6),
        "entry_price": places(view.entry_price),
        "exit_price": "0.0",
        "mark_price": places(view.mark),
        "unrealized_pnl": places(view.upnl, 6),
        "realized_pnl": places(view.realized, 6),
        "total_pnl": places(view.upnl + view.realized, 6),
        "roi": places(view.upnl / cost * 100, 4),
        "quote_index_price": "1.000289735",
        "est_liquidation_price": places(view.liquidation_price) if view.liquidation_price else "0.0",
        "leverage": digits(Decimal(view.leverage)),
        "cumulative_fee": places(fees, 6),
        "cumulative_realized_funding_payment": places(-funding, 6),
        "margin_type": "ISOLATED" if isolated else "CROSS",
    }
    if isolated:
        row |= {
            "isolated_balance": places(view.margin, 6),
            "isolated_im": places(view.initial_margin, 6),
            "isolated_mm": places(view.maintenance_margin, 6),
        }
    return row


def summary(view: BalanceView, sub: str, positions: list[Any], now: int) -> dict[str, Any]:
    return {
        "event_time": ns(now),
        "sub_account_id": sub,
        "margin_type": "SIMPLE_CROSS_MARGIN",
        "settle_currency": "USDT",
        "unrealized_pnl": places(view.upnl, 6),
        "total_equity": places(view.equity, 6),
        "initial_margin": places(view.initial_margin, 6),
        "maintenance_margin": places(view.maintenance_margin, 6),
        "available_balance": places(max(view.free, Decimal(0)), 6),
        "spot_balances": [{"currency": "USDT", "balance": places(view.balance, 6), "index_price": "1.000289735"}],
        "positions": positions,
        "settle_index_price": "1.000289735",
        "derisk_margin": "0.0",
        "derisk_to_maintenance_margin_ratio": "1.0",
        "total_cross_equity": places(view.cross_balance + view.cross_upnl, 6),
        "cross_unrealized_pnl": places(view.cross_upnl, 6),
    }
