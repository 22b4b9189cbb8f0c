"""What the venue says, read. Samples are live (2026-06-11, PD-AIO-SDK's fixtures) or official (docs.standx.com, September 2026)."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ccxt_dex
from ccxt_dex import reading
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.standx import parsing
from compat_tests.rooms.standx import captures

# official samples, white space removed
ORDER = json.loads(
    '{"avail_locked":"3.071880000","cl_ord_id":"01K2BK4ZKQE0C308SRD39P8N9Z","closed_block":-1,"created_at":"2025-08-11T03:35:25.559151Z",'
    '"created_block":-1,"fill_avg_price":"0","fill_qty":"0","id":1820682,"leverage":"10","liq_id":0,"margin":"0","order_type":"limit",'
    '"payload":null,"position_id":15,"price":"121900.00","qty":"0.060","reduce_only":false,"remark":"","side":"sell","source":"user",'
    '"status":"open","symbol":"BTC-USD","time_in_force":"gtc","updated_at":"2025-08-11T03:35:25.559151Z","user":"bsc_0x..."}'
)
FILLED = {
    **ORDER,
    "fill_avg_price": "121245.21",
    "fill_qty": "1.000",
    "id": 2547027,
    "order_type": "market",
    "price": "121245.20",
    "qty": "1.000",
    "side": "buy",
    "status": "filled",
    "time_in_force": "ioc",
    "created_at": "2025-08-11T10:06:37.182464902Z",
}
TRADE = json.loads(
    '{"created_at":"2025-08-11T03:36:19.352620Z","fee_asset":"DUSD","fee_qty":"0.121900","id":409870,"order_id":1820682,"pnl":"1.62040",'
    '"price":"121900","qty":"0.01","side":"sell","symbol":"BTC-USD","updated_at":"2025-08-11T03:36:19.352620Z","user":"bsc_0x...","value":"1219.00"}'
)
POSITION = json.loads(
    '{"bankruptcy_price":"109608.01","created_at":"2025-08-10T09:05:50.265265Z","entry_price":"121737.96","entry_value":"114433.68240",'
    '"holding_margin":"11443.3682400","id":15,"initial_margin":"11443.36824","leverage":"10","liq_price":"112373.50","maint_margin":"2860.30367500",'
    '"margin_asset":"DUSD","margin_mode":"isolated","mark_price":"121715.05","mmr":"3.993223845366698695025800014","position_value":"114412.14700",'
    '"qty":"0.940","realized_pnl":"31.61532","status":"open","symbol":"BTC-USD","time":"2025-08-11T03:41:40.922818Z",'
    '"updated_at":"2025-08-10T09:05:50.265265Z","upnl":"-21.53540","user":"bsc_0x..."}'
)
BALANCE = json.loads(
    '{"isolated_balance":"11443.3682400","isolated_upnl":"-21.53540","cross_balance":"1088575.259316737","cross_margin":"2860.30367500",'
    '"cross_upnl":"31.61532","locked":"0.000000000","cross_available":"1085746.571","balance":"1100018.627556737","upnl":"10.07992",'
    '"equity":"1100028.707476657","pnl_freeze":"31.61532"}'
)
FUNDING = json.loads(
    '{"id":12345,"user":"bsc_0x...","asset":"DUSD","symbol":"BTC-USD","qty":"-0.123456","txn_type":"funding",'
    '"transact_time":"2025-08-11T08:00:00Z","created_at":"2025-08-11T08:00:00.123456Z","updated_at":"2025-08-11T08:00:00.123456Z"}'
)
INFO = json.loads(
    '{"base_asset":"BTC","base_decimals":9,"created_at":"2025-07-10T05:15:32.089568Z","max_leverage":"40","max_order_qty":"100","maker_fee":"0.0001",'
    '"min_order_qty":"0.0001","price_tick_decimals":2,"qty_tick_decimals":4,"quote_asset":"DUSD","symbol":"BTC-USD","taker_fee":"0.0004"}'
)


@pytest.fixture
def ex() -> Any:
    ex = ccxt_dex.standx()
    ex.set_markets([ex.parse_market(INFO)])
    return ex


def test_an_order(ex: Any) -> None:
    order = ex.parse_order(ORDER)
    wanted = {
        "id": "1820682",
        "clientOrderId": "01K2BK4ZKQE0C308SRD39P8N9Z",
        "timestamp": 1754883325559,
        "datetime": "2025-08-11T03:35:25.559Z",
        "symbol": "BTC/DUSD:DUSD",
        "type": "limit",
        "timeInForce": "GTC",
        "postOnly": False,
        "reduceOnly": False,
        "side": "sell",
        "price": 121900.0,
        "amount": 0.06,
        "filled": 0.0,
        "remaining": 0.06,
        "average": None,
        "status": "open",
    }
    assert {name: order[name] for name in wanted} == wanted and order["info"] is ORDER


def test_a_filled_market_order_takes_its_average_not_its_price(ex: Any) -> None:
    order = ex.parse_order(FILLED)
    assert (order["status"], order["average"], order["cost"], order["price"]) == ("closed", 121245.21, 121245.21, 121245.21)
    assert order["timestamp"] == 1754906797182 and order["timeInForce"] == "IOC"


@pytest.mark.parametrize(
    ("venue", "unified"),
    [
        ("new", "open"),
        ("untriggered", "open"),
        ("canceled", "canceled"),
        ("cancelled", "canceled"),
        ("rejected", "rejected"),
        ("filled", "closed"),
    ],
)
def test_order_statuses(ex: Any, venue: str, unified: str) -> None:
    assert ex.parse_order({**ORDER, "status": venue})["status"] == unified


def test_an_unknown_order_status_fails_loudly(ex: Any) -> None:
    for status in ("zombie", None):
        with pytest.raises(errors.BadResponse, match="status"):
            ex.parse_order({**ORDER, "status": status})


def test_a_fill(ex: Any) -> None:
    trade = ex.parse_trade(TRADE)
    assert (trade["id"], trade["order"], trade["side"], trade["price"], trade["amount"], trade["cost"]) == (
        "409870",
        "1820682",
        "sell",
        121900.0,
        0.01,
        1219.0,
    )
    assert trade["fee"]["cost"] == 0.1219 and trade["fee"]["currency"] == "DUSD" and trade["takerOrMaker"] is None
    assert ex.parse_trade({**TRADE, "is_taker": True})["takerOrMaker"] == "taker"
    assert ex.parse_trade({**TRADE, "fee_qty": "0"})["fee"]["cost"] == 0
    assert ex.parse_trade({key: value for key, value in TRADE.items() if key != "fee_qty"})["fee"]["cost"] is None


def test_a_position(ex: Any) -> None:
    position = ex.parse_position(POSITION)
    wanted = {
        "symbol": "BTC/DUSD:DUSD",
        "side": "long",
        "contracts": 0.94,
        "entryPrice": 121737.96,
        "markPrice": 121715.05,
        "notional": 114412.147,
        "positionMargin": 11443.36824,
        "collateral": 11421.83284,
        "maintenanceMargin": 2860.303675,
        "maintenanceMarginPercentage": 0.025,
        "initialMarginPercentage": 0.1,
        "leverage": 10.0,
        "marginMode": "isolated",
        "liquidationPrice": 112373.5,
        "unrealizedPnl": -21.5354,
        "hedged": False,
    }
    assert {name: position[name] for name in wanted} == wanted
    assert position["marginRatio"] == pytest.approx(2860.303675 / (11443.36824 - 21.5354), rel=1e-12)


def test_a_short_a_closed_and_a_cross_position(ex: Any) -> None:
    short = ex.parse_position(
        {**POSITION, "qty": "-0.940", "position_value": "-114412.147", "liq_price": None, "mmr": "", "margin_mode": "cross"}
    )
    assert (short["side"], short["contracts"], short["notional"]) == ("short", 0.94, 114412.147)
    assert short["liquidationPrice"] is None
    closed = ex.parse_position({"symbol": "BTC-USD", "qty": "0", "status": "closed"})
    assert closed["side"] is None and closed["contracts"] == 0 and not parsing.is_open({"qty": "0.000"})


def test_a_position_frame_takes_the_mark_price_from_elsewhere(ex: Any) -> None:
    # official sample of the position channel, cut to what matters
    frame = {
        "entry_price": "121677.65",
        "id": 15,
        "leverage": "15",
        "qty": "-2",
        "symbol": "BTC-USD",
        "updated_at": "2025-08-10T09:05:50.265265Z",
    }
    assert ex.parse_position(frame)["unrealizedPnl"] is None
    merged = ex.parse_position(frame, None, 121600.0)
    assert merged["unrealizedPnl"] == pytest.approx(155.3) and merged["notional"] == 243200.0 and merged["markPrice"] == 121600.0


def test_a_balance(ex: Any) -> None:
    balance = ex.parse_balance(BALANCE)
    assert balance["DUSD"]["total"] == 1100018.627556737 and balance["DUSD"]["free"] == 1085746.571
    for name in ("balance", "cross_available"):
        for gone in ({name: None}, {name: ""}, {name: "much"}):
            with pytest.raises(errors.BadResponse):
                ex.parse_balance({**BALANCE, **gone})
    with pytest.raises(errors.BadResponse):
        ex.parse_balance({})
    low = ex.parse_balance({**BALANCE, "cross_available": "-5"})["DUSD"]
    assert low["free"] == 0 and low["used"] == low["total"]
    assert ex.parse_balance({**BALANCE, "cross_available": "9999999"})["DUSD"]["used"] == 0


def test_a_funding_payment(ex: Any) -> None:
    income = ex.parse_income(FUNDING)
    assert (income["amount"], income["code"], income["symbol"], income["timestamp"]) == (-0.123456, "DUSD", "BTC/DUSD:DUSD", 1754899200000)


def test_a_market_in_the_documented_form(ex: Any) -> None:
    assert ex.parse_market({**INFO, "enabled": True})["active"] is True and ex.parse_market({**INFO, "enabled": False})["active"] is False
    assert ex.parse_market({**INFO, "status": "halted", "enabled": True})["active"] is False


def test_live_markets(ex: Any) -> None:
    markets = {row["id"]: row for row in map(ex.parse_market, captures.rest("query_symbol_info_all"))}
    assert len(markets) == 10 and all(row["active"] for row in markets.values())
    btc, hype = markets["BTC-USD"], markets["HYPE-USD"]
    assert btc["symbol"] == "BTC/DUSD:DUSD" and btc["precision"]["price"] == 0.01 and btc["precision"]["amount"] == 0.0001
    assert btc["limits"] == {
        "leverage": {"min": 1.0, "max": 40.0},
        "amount": {"min": 0.0001, "max": 100.0},
        "price": {"min": 556.0, "max": 4529764.0},
        "cost": {"min": None, "max": None},
    }
    assert (hype["precision"]["amount"], hype["limits"]["amount"]["min"]) == (0.01, 0.1)
    assert (btc["maker"], btc["taker"], btc["contractSize"], btc["linear"], btc["settle"]) == (0.0001, 0.0004, 1.0, True, "DUSD")


def test_a_live_ticker(ex: Any) -> None:
    ticker = ex.parse_ticker(captures.rest("query_symbol_market_symbol_BTC-USD"))
    assert (ticker["bid"], ticker["ask"], ticker["last"], ticker["markPrice"], ticker["indexPrice"]) == (
        62059.74,
        62059.75,
        62046.91,
        62061.21,
        62081.72,
    )
    assert ticker["change"] == pytest.approx(62046.91 - 61400.54) and ticker["percentage"] == pytest.approx(1.0527106, rel=1e-6)
    assert (ticker["high"], ticker["low"], ticker["quoteVolume"], ticker["timestamp"]) == (
        62819.75,
        60735.03,
        649170834.911164,
        1781147762428,
    )
    price = ex.parse_ticker(captures.rest("query_symbol_price_symbol_BTC-USD"))
    assert (price["bid"], price["ask"], price["markPrice"]) == (62059.74, 62059.75, 62061.21)
    assert ex.parse_ticker({"symbol": "BTC-USD", "spread_bid": None, "last_price": None})["bid"] is None


def test_a_live_overview(ex: Any) -> None:
    rows = captures.rest("query_market_overview")["symbols"]
    rate = ex.parse_funding_rate(rows[0])
    assert rate["fundingRate"] == 0.0000125 and rate["interval"] == "1h" and rate["fundingDatetime"] == "2026-06-11T04:00:00.000Z"
    interest = ex.parse_open_interest(rows[0])
    assert interest["openInterestAmount"] == 814.6748 and interest["openInterestValue"] == 50557422.755068


def test_live_funding_rates_follow_the_documented_formula(ex: Any) -> None:
    rows = captures.rest("query_funding_rates")
    rates = [ex.parse_funding_rate_history(row) for row in rows]
    assert len(rates) == 24 and {b["timestamp"] - a["timestamp"] for a, b in pairwise(rates)} == {3_600_000}
    interest = Decimal("0.0000125")
    for row, rate in zip(rows, rates, strict=True):
        premium = Decimal(row["premium"])
        bounded = max(Decimal("-0.0005"), min(Decimal("0.0005"), 8 * interest - premium))
        assert rate["fundingRate"] == float(Decimal(int((premium + bounded) / 8 * 10**8)) / 10**8)


def test_live_public_trades(ex: Any) -> None:
    trades = ex.parse_trades(captures.rest("query_recent_trades_symbol_BTC-USD"), ex.market("BTC"))
    assert len(trades) == 100 and trades[-1]["side"] == "buy" and trades[-1]["price"] == 62059.72 and trades[-1]["id"] is None
    assert [row["timestamp"] for row in trades] == sorted(row["timestamp"] for row in trades)


def test_live_candles() -> None:
    rows = parsing.candles(captures.rest("kline_history"))
    assert rows[0] == [1781147520000, 62042.02, 62047.99, 62001.01, 62004.04, 5.901799999999999] and len(rows) == 5
    assert parsing.candles({"s": "no_data"}) == []
    for bad in ({"s": "error"}, {"s": "ok", "t": [1], "o": []}):
        with pytest.raises(reading.Unreadable):
            parsing.candles(bad)


@pytest.mark.parametrize(
    ("method", "raw"),
    [
        ("parse_market", {}),
        ("parse_market", {**INFO, "qty_tick_decimals": "x"}),
        ("parse_position", {"symbol": "BTC-USD", "qty": "abc"}),
        ("parse_order", {**ORDER, "created_at": "yesterday"}),
        ("parse_ticker", {"time": "2026-13-45T99:99:99Z"}),
        ("parse_trade", {"price": "1"}),
    ],
)
def test_what_cannot_be_read_is_a_bad_response(ex: Any, method: str, raw: dict[str, Any]) -> None:
    with pytest.raises(errors.BadResponse):
        getattr(ex, method)(raw)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1)), st.integers(0, 9))
def test_times_with_any_number_of_decimals(moment: datetime, decimals: int) -> None:
    nanos = f"{moment.microsecond:06d}123"[:decimals]
    written = moment.strftime("%Y-%m-%dT%H:%M:%S") + (f".{nanos}" if nanos else "") + "Z"
    milli = int((nanos + "000")[:3])
    whole = moment.replace(microsecond=0, tzinfo=timezone.utc)
    assert reading.milliseconds(written) == int(whole.timestamp()) * 1000 + milli
    assert reading.milliseconds(reading.iso(reading.milliseconds(written))) == reading.milliseconds(written)


@given(st.one_of(st.floats(-1e15, 1e15, allow_nan=False), st.integers(-(10**18), 10**18), st.decimals(-(10**12), 10**12, places=3)))
def test_numbers_keep_their_value_in_text(value: Any) -> None:
    written = reading.text(value)
    assert (
        written is not None
        and "e" not in written.lower()
        and Decimal(written) == Decimal(repr(value) if isinstance(value, float) else str(value))
    )


def test_lists_come_bare_or_in_an_envelope() -> None:
    assert parsing.rows([1]) == [1] and parsing.rows({"code": 0, "result": [2], "total": 1}) == [2]
    for bad in ({}, {"result": None}, "text", None):
        with pytest.raises(reading.Unreadable):
            parsing.rows(bad)
