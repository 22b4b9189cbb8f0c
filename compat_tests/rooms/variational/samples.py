"""Answers of the live venue, recorded by others: T is a TypeScript client's fixtures of 2026-08-13, G a Go client's notes of 2026-09-22.

Rows marked composed are made of field names that those and running bots use; their values are ours.
"""

from __future__ import annotations

from typing import Any

BTC: dict[str, Any] = {"underlying": "BTC", "instrument_type": "perpetual_future", "settlement_asset": "USDC", "funding_interval_s": 3600}
ASSETS: dict[str, Any] = {  # T
    "BTC": [{
        "asset": "BTC", "is_dex": False, "listed_at": "2024-12-19T17:14:40.349953Z", "name": "Bitcoin", "price": "63541.6926866067", "fdv": "1277411774563",
        "price_change_percentage_24h": "0", "volume_24h": "358883721.879084", "funding_rate": "-0.007384", "next_funding_rate": "-0.007384",
        "funding_time": "2026-08-13T16:00:00Z", "index_price": "63577.074229978", "funding_interval_s": 28800,
        "open_interest": {"long_open_interest": "101298449.75204506716766596000", "short_open_interest": "92382797.44724450697334653000"},
        "coingecko_id": "bitcoin", "is_close_only_mode": False, "is_isolable": True, "has_perp": True, "instrument_type": "perpetual_future", "asset_class": None,
    }],
    "SHAZ": [{
        "asset": "SHAZ", "is_dex": False, "listed_at": "2026-08-07T00:54:03.429661Z", "name": "SharonAI Holdings, Inc. Class A Common Stock",
        "price": "71.7001303911234", "price_change_percentage_24h": "4.80573", "volume_24h": "46760.196041", "funding_rate": "0.144184",
        "funding_time": "2026-08-13T16:00:00Z", "index_price": "71.6864423906039", "funding_interval_s": 28800,
        "open_interest": {"long_open_interest": "110558.20075171758169296330000000", "short_open_interest": "21478.190063976006290700000000"},
        "is_close_only_mode": False, "is_isolable": True, "has_perp": True, "instrument_type": "perpetual_rwa_future", "asset_class": "equity",
    }],
}  # fmt: skip
QUOTE: dict[str, Any] = {  # T, quotes/simple
    "instrument": {"instrument_type": "perpetual_future", "underlying": "BTC", "funding_interval_s": 3600, "settlement_asset": "USDC"},
    "qty": "0.001", "bid": "63344.45", "ask": "63349.06", "mark_price": "63346.7543455801", "index_price": "63386.6951750938",
    "timestamp": "2026-08-13T16:01:55.905Z", "quote_id": "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee",
    "qty_limits": {"bid": {"min_qty_tick": "0.000001", "min_qty": "0.000002", "max_qty": "15786702.702446"},
                   "ask": {"min_qty_tick": "0.000001", "min_qty": "0.000002", "max_qty": "15785553.881936"}},
}  # fmt: skip
STATS: dict[str, Any] = {  # G, trimmed
    "num_markets": 552, "listings": [{
        "ticker": "BTC", "name": "Bitcoin", "mark_price": "85734.2744737329", "volume_24h": "1581665161.507424",
        "open_interest": {"long_open_interest": "23658826.20", "short_open_interest": "10883942.41"}, "funding_rate": "0.075426", "funding_interval_s": 28800,
        "base_spread_bps": "1.0143632523440326224474320000",
        "quotes": {"updated_at": "2026-09-22T13:31:39.081291976Z", "base": {"bid": "85802.92", "ask": "85857.71"}},
    }],
}  # fmt: skip
ORDER: dict[str, Any] = {  # envelope and names T, values composed
    "order_id": "order-cleared", "rfq_id": "rfq-cleared",
    "instrument": {"underlying": "ETH", "instrument_type": "perpetual_future", "settlement_asset": "USDC", "funding_interval_s": 3600},
    "side": "buy", "qty": "0.01141", "order_type": "market", "limit_price": None, "trigger_price": None, "price": "1751.58", "mark_price": "1751.20",
    "status": "cleared", "clearing_status": "success_trades_booked_into_pool", "cancel_reason": None, "is_reduce_only": False, "slippage_limit": "0.005",
    "tif": "fill_or_kill", "created_at": "2026-06-18T00:53:48.101Z", "execution_timestamp": "2026-06-18T00:53:48.608Z",
}  # fmt: skip
STOP: dict[str, Any] = {  # composed as ORDER
    "order_id": "0a1b", "rfq_id": "11111111-2222-3333-4444-555555555555", "instrument": BTC, "side": "sell", "qty": "0.5", "order_type": "stop_loss",
    "limit_price": None, "trigger_price": "61234.5", "price": None, "status": "pending", "clearing_status": "pending_clearing", "cancel_reason": None,
    "failed_risk_checks": None, "is_reduce_only": True, "is_auto_resize": True, "use_mark_price": True, "slippage_limit": "0.03", "tif": "good_til_canceled",
    "created_at": "2026-08-13T15:42:00Z", "execution_timestamp": None,
}  # fmt: skip
POSITION: dict[str, Any] = {  # shape live, numbers composed (T)
    "position_info": {"instrument": BTC, "qty": "0.500000", "avg_entry_price": "63000.00", "updated_at": "2026-08-13T15:40:00Z", "opened_at": "2026-08-07T11:11:55Z"},
    "price_info": {"price": "63561.68"}, "value": "31780.84", "upnl": "280.84", "rpnl": "-4.56", "cum_funding": "0.98",
    "estimated_liquidation_price": "58012.4", "initial_margin": "3178.08", "maintenance_margin": "1589.04",
    "pending_order_counts": {"stop_loss": "1", "take_profit": "0"},
}  # fmt: skip
PORTFOLIO: dict[str, Any] = {  # T
    "balance": "10000.00", "upnl": "340.96", "margin_usage": {"initial_margin": "3932.06", "maintenance_margin": "1966.03"},
    "sub_accounts": {
        "cross": {"balance": "9000.00", "initial_margin": "3178.08", "maintenance_margin": "1589.04"}, "cross_available": "5821.92", "cross_free_to_mm": "7410.96",
        "isolated": [{"instrument": {**BTC, "underlying": "ETH"}, "balance": "1000.00", "allocated_qty": "-4.000000", "initial_margin": "753.98",
                      "maintenance_margin": "376.99", "available": "246.02"}],
    },
}  # fmt: skip
TRADE: dict[str, Any] = {  # composed after two clients' names
    "id": "t-2", "source_rfq": "close-rfq", "instrument": BTC, "side": "buy", "price": "64900", "qty": "0.0077", "mark_price": "64910", "role": "taker",
    "trade_type": "trade", "status": "confirmed", "liquidation_trigger_price": None, "created_at": "2026-08-07T11:33:00Z",
}  # fmt: skip
TRANSFER: dict[str, Any] = {  # composed after the same clients
    "id": "f-1", "rfq_id": None, "asset": "USDC", "qty": "-0.0113", "transfer_type": "funding", "funding_type": None, "status": "confirmed",
    "reference_instrument": BTC, "failure_reason": None, "confirmed_by_transaction_id": None, "created_at": "2026-08-13T16:00:02Z",
}  # fmt: skip
PRICE: dict[str, Any] = {  # T
    "channel": "instrument_price:P-BTC-USDC-3600",
    "pricing": {"price": "63555.71", "native_price": "0.9995", "delta": "1", "gamma": "0", "theta": "0", "vega": "0", "rho": "0", "iv": "0",
                "underlying_price": "63586.14", "interest_rate": "0.0000606999999999999982061225", "timestamp": "2026-08-13T15:56:14.566862Z"},
}  # fmt: skip
