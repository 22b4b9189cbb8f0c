"""Answers of the venue -> unified fields; rows as documented or recorded (sources at each)."""

from __future__ import annotations

from typing import Any

import pytest

from ccxt_dex.exchanges.lighter import parsing, tables
from compat_tests.rooms.lighter.captures import ROOT, load

# official documentation, accountInactiveOrders (through ccxt's docstring); times in seconds
REFUSED: dict[str, Any] = {
    "order_index": 281474977354074,
    "client_order_index": 0,
    "order_id": "281474977354074",
    "client_order_id": "0",
    "market_index": 0,
    "initial_base_amount": "36.0386",
    "price": "2221.60",
    "remaining_base_amount": "0.0000",
    "is_ask": True,
    "filled_base_amount": "0.0000",
    "filled_quote_amount": "0.000000",
    "side": "",
    "type": "market",
    "time_in_force": "immediate-or-cancel",
    "reduce_only": False,
    "trigger_price": "0.00",
    "order_expiry": 0,
    "status": "canceled-margin-not-allowed",
    "timestamp": 1766387932,
    "created_at": 1766387932,
    "updated_at": 1766387932,
}


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1766387932, 1766387932000), (1777941383576, 1777941383576), (1774883844921166, 1774883844921), (None, None), (0, None), ("0", None)],
)
def test_times_in_seconds_milliseconds_and_microseconds(value: Any, expected: int | None) -> None:
    assert parsing.stamp(value) == expected


def test_documented_order() -> None:
    order = parsing.order(REFUSED)
    assert (order["id"], order["clientOrderId"], order["side"], order["type"], order["status"]) == (
        "281474977354074",
        None,
        "sell",
        "market",
        "rejected",
    )
    assert (order["timestamp"], order["triggerPrice"], order["average"], order["timeInForce"]) == (1766387932000, None, None, "IOC")
    assert parsing.rejection(REFUSED) == "InsufficientFunds"


def test_a_partly_filled_order_that_was_cancelled_is_no_rejection() -> None:
    assert parsing.rejection({**REFUSED, "filled_base_amount": "1.0000"}) is None
    assert parsing.rejection({**REFUSED, "status": "canceled"}) is None


@pytest.mark.parametrize("status", list(tables.ORDER_STATUS))
def test_every_documented_status(status: str) -> None:
    assert parsing.status(status) in ("open", "closed", "canceled", "rejected", "expired")


def test_an_unknown_status_is_loud() -> None:
    with pytest.raises(parsing.Unreadable):
        parsing.order({**REFUSED, "status": "half-open"})


def test_a_trigger_order_shows_its_trigger_once_more_under_its_kind() -> None:
    stop = parsing.order({**REFUSED, "type": "stop-loss-limit", "trigger_price": "2200.00", "status": "pending"})
    assert (stop["type"], stop["triggerPrice"], stop["stopLossPrice"], stop["takeProfitPrice"]) == ("limit", "2200.00", "2200.00", None)


# recorded on mainnet, 2026-05-05 (account_all_trades example of the documentation, fees as recorded)
TRADE: dict[str, Any] = {
    "trade_id": 19209006902,
    "trade_id_str": "19209006902",
    "market_id": 0,
    "size": "0.1336",
    "price": "2352.73",
    "usd_amount": "314.324728",
    "ask_id": 281476929510102,
    "bid_id": 562947905631053,
    "bid_id_str": "562947905631053",
    "ask_account_id": 91249,
    "bid_account_id": 1234,
    "is_maker_ask": True,
    "timestamp": 1777941384181,
    "taker_fee": 196,
    "maker_fee": 28,
}


def test_a_trade_from_the_buyers_and_the_sellers_side() -> None:
    bought, sold = parsing.trade(TRADE, 1234), parsing.trade(TRADE, 91249)
    assert (bought["side"], bought["takerOrMaker"], bought["order"]) == ("buy", "taker", "562947905631053")
    assert bought["fee"] == {"currency": "USDC", "cost": "0.061607646688", "rate": "0.000196"}
    assert (sold["side"], sold["takerOrMaker"], sold["order"]) == ("sell", "maker", "281476929510102")
    assert sold["fee"]["rate"] == "0.000028"
    public = parsing.trade(TRADE)
    assert (public["side"], public["order"], public["fee"]) == ("buy", None, None)


def test_position_with_a_fractional_percentage() -> None:
    """ccxt cuts "3.33" to 3 and reports 33.3x."""
    row = {
        "market_id": 0,
        "initial_margin_fraction": "3.33",
        "sign": -1,
        "position": "1.5000",
        "position_value": "3525.15",
        "margin_mode": 1,
    }
    made = parsing.position({**row, "allocated_margin": "176.25", "liquidation_price": "0"}, {"info": {"maintenance_margin_fraction": 120}})
    assert (made["side"], made["contracts"], made["leverage"], made["markPrice"]) == ("short", "1.5", "30.03", "2350.1")
    assert (made["marginMode"], made["collateral"], made["liquidationPrice"]) == ("isolated", "176.25", None)
    assert made["maintenanceMargin"] == "42.3018"


def test_a_configured_market_without_position_has_no_side() -> None:
    made = parsing.position({"initial_margin_fraction": "10.00", "sign": 1, "position": "0.00000"}, {"info": {}})
    assert (made["side"], made["contracts"], made["leverage"]) == (None, "0", "10")


def test_leverage_from_percent_and_from_a_fraction() -> None:
    assert (parsing.leverage_of("5.00"), parsing.leverage_of("0.0500"), parsing.leverage_of("0")) == ("20", "20", None)
    assert parsing.max_leverage({"min_initial_margin_fraction": 200}) == "50"


def test_funding_is_in_percent_per_hour() -> None:
    assert parsing.hourly_rate("0.0012") == "0.000012"
    assert parsing.past_funding({"timestamp": 1778706000, "rate": "0.0002", "direction": "short"})["fundingRate"] == "-0.000002"
    assert parsing.past_funding({"timestamp": 1778706000, "rate": "0.0002", "direction": "long"})["timestamp"] == 1778706000000


def test_recorded_payloads() -> None:
    folder = ROOT / "nautilus"
    for name, key in (("http_orders", "orders"), ("ws_account_orders_update", "orders")):
        rows = load(folder / f"{name}.json")[key]
        for row in rows if isinstance(rows, list) else rows["0"]:
            order = parsing.order(row)
            assert order["clientOrderId"] == "42" and order["timestamp"] == 1777941383576 and order["status"] == "open"
    for row in load(folder / "http_recent_trades.json")["trades"]:
        assert parsing.trade(row)["side"] == "sell"
    for row in load(folder / "ws_account_all_trades_update.json")["trades"]["0"]:
        assert parsing.trade(row, 1234)["fee"]["rate"] == "0.000196"
    position = load(folder / "http_account.json")["accounts"][0]["positions"][0]
    assert parsing.position(position, {"info": {}})["leverage"] == "10"
    best = parsing.best(load(folder / "ws_ticker_update.json")["ticker"])
    assert (best["bid"], best["ask"]) == ("2064.30", "2064.48")
    candle = parsing.candle(load(folder / "ws_candle_update.json")["candles"][0])
    assert candle == [1778821440000, 2264.2, 2264.34, 2263.36, 2263.89, 13.224299999999998]
    assert parsing.funding_rate(load(folder / "ws_market_stats_update_single.json")["market_stats"])["markPrice"] == "2064.47"
