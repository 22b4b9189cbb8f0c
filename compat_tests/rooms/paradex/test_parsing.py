"""Wire -> unified. Rows are composed after the per-field examples of OpenAPI 1.132.1 (2026-08-20); none is a recording."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccxt_dex.exchanges.paradex import parsing
from ccxt_dex.reading import Unreadable, number

ORDER = {
    "id": "123456",
    "account": "0x4638",
    "market": "BTC-USD-PERP",
    "side": "BUY",
    "type": "LIMIT",
    "size": "0.05",
    "remaining_size": "0.02",
    "price": "26000",
    "avg_fill_price": "25999.5",
    "status": "OPEN",
    "cancel_reason": "",
    "client_id": "x1234",
    "instruction": "GTC",
    "flags": ["REDUCE_ONLY"],
    "trigger_price": "0",
    "created_at": 1681493746016,
    "last_updated_at": 1681493746017,
    "seq_no": 1681471234972000000,
}


def order(**changes: Any) -> dict[str, Any]:
    return parsing.order({**ORDER, **changes})


def test_an_open_order() -> None:
    found = order()
    assert (found["status"], found["filled"], found["remaining"], found["average"], found["cost"]) == (
        "open",
        "0.03",
        "0.02",
        "25999.5",
        "779.985",
    )
    assert (found["type"], found["side"], found["reduceOnly"], found["postOnly"], found["timeInForce"]) == (
        "limit",
        "buy",
        True,
        False,
        "GTC",
    )


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"status": "NEW", "remaining_size": "0"}, "open"),
        ({"status": "UNTRIGGERED"}, "open"),
        ({"status": "CLOSED", "remaining_size": "0"}, "closed"),
        ({"status": "CLOSED", "remaining_size": "0", "cancel_reason": "FULLY_FILLED"}, "closed"),
        ({"status": "CLOSED", "cancel_reason": "USER_CANCELED"}, "canceled"),
        ({"status": "CLOSED", "remaining_size": "0.01", "cancel_reason": ""}, "canceled"),
        ({"status": "CLOSED", "cancel_reason": "SOMETHING_NEW"}, "canceled"),
        ({"status": "CLOSED", "remaining_size": "0.05", "cancel_reason": "NOT_ENOUGH_MARGIN"}, "rejected"),
        ({"status": "CLOSED", "remaining_size": "0.05", "cancel_reason": "ORDER_EXCEEDS_POSITION_LIMIT"}, "rejected"),
        ({"status": "CLOSED", "remaining_size": "0.01", "cancel_reason": "NOT_ENOUGH_MARGIN"}, "canceled"),
    ],
)
def test_statuses(changes: dict[str, Any], status: str) -> None:
    assert order(**changes)["status"] == status


def test_a_queued_order_has_filled_nothing_whatever_its_sample_says() -> None:
    found = order(status="NEW", remaining_size="0", avg_fill_price="")
    assert found["filled"] == "0" and found["remaining"] == "0.05" and found["average"] is None


def test_an_unknown_status_is_loud() -> None:
    with pytest.raises(Unreadable):
        order(status="HALF_OPEN")


@pytest.mark.parametrize(
    ("wire_type", "unified", "stop", "profit"),
    [("STOP_LOSS_MARKET", "market", "25000", None), ("TAKE_PROFIT_LIMIT", "limit", None, "25000"), ("STOP_MARKET", "market", None, None)],
)
def test_trigger_types(wire_type: str, unified: str, stop: str | None, profit: str | None) -> None:
    found = order(type=wire_type, trigger_price="25000", status="UNTRIGGERED")
    assert (found["type"], found["triggerPrice"], found["stopLossPrice"], found["takeProfitPrice"]) == (unified, "25000", stop, profit)


@pytest.mark.parametrize(
    ("reason", "name"),
    [
        ("NOT_ENOUGH_MARGIN", "InsufficientFunds"),
        ("POST_ONLY_WOULD_CROSS", "OrderImmediatelyFillable"),
        ("ORDER_EXCEEDS_POSITION_LIMIT", "InvalidOrder"),
        ("USER_CANCELED", None),
        ("", None),
    ],
)
def test_what_a_refused_order_raises(reason: str, name: str | None) -> None:
    row = {**ORDER, "status": "CLOSED", "remaining_size": "0.05", "cancel_reason": reason}
    assert parsing.refusal(row) == name
    assert parsing.refusal({**row, "remaining_size": "0.01"}) is None and parsing.refusal({**row, "status": "OPEN"}) is None


def test_a_position_gets_its_mark_from_entry_and_profit() -> None:
    row = {"id": "p", "market": "BTC-USD-PERP", "status": "OPEN", "side": "SHORT", "size": "-0.345", "average_entry_price": "29001.34"}
    row.update(unrealized_pnl="-123.23", leverage="5", liquidation_price="")
    market = {"info": {"delta1_cross_margin_params": {"imf_base": "0.02", "mmf_factor": "0.5"}}}
    found = parsing.position(row, market)
    assert found["contracts"] == "0.345" and found["side"] == "short" and found["liquidationPrice"] is None
    mark = float(str(found["markPrice"]))
    assert -0.345 * (mark - 29001.34) == pytest.approx(-123.23)
    assert float(str(found["notional"])) == pytest.approx(0.345 * mark)
    assert float(str(found["maintenanceMargin"])) == pytest.approx(0.345 * mark * 0.01)
    assert parsing.position({**row, "status": "CLOSED"}, market)["contracts"] == "0"


def test_a_balance() -> None:
    account = {"account_value": "136285.06918911", "free_collateral": "73276.47229774", "initial_margin_requirement": "63008.59689137"}
    found = parsing.balance({**account, "settlement_asset": "USDC"}, [{"token": "USDC", "size": "5"}, {"token": "ETH", "size": "2.50"}])
    assert found["USDC"] == {"total": "136285.06918911", "free": "73276.47229774", "used": "63008.59689137"}
    assert found["ETH"] == {"total": "2.5", "free": "2.5", "used": "0"}


def test_a_ticker() -> None:
    row = {
        "symbol": "BTC-USD-PERP",
        "last_traded_price": "110",
        "bid": "",
        "ask": "111",
        "ask_size": "2",
        "volume_24h": "5",
        "price_change_rate_24h": "0.1",
    }
    found = parsing.ticker(row)
    assert (found["open"], found["percentage"], found["bid"], found["ask"], found["askVolume"]) == ("100", "10", None, "111", "2")
    assert parsing.ticker({**row, "price_change_rate_24h": ""})["percentage"] is None


def test_markets_that_take_orders() -> None:
    assert parsing.is_active({}, 5) and parsing.is_active({"trading_mode": "STANDARD", "open_at": 4, "expiry_at": 0}, 5)
    for row in ({"trading_mode": "RFQ_ONLY"}, {"open_at": 6}, {"expiry_at": 5}):
        assert not parsing.is_active(row, 5)


def test_leverage_counts_by_margin_mode() -> None:
    row = {"market": "M", "leverage": 10, "margin_type": "CROSS", "isolated_margin_leverage": 3}
    assert parsing.margin_config({"configs": [{"market": "N"}, row]}, "M") == row
    assert parsing.active_leverage(row) == 10 and parsing.active_leverage({**row, "margin_type": "ISOLATED"}) == 3
    with pytest.raises(Unreadable):
        parsing.margin_config({"configs": []}, "M")


def test_rows_of_an_answer() -> None:
    assert parsing.rows({"results": None}) == [] and parsing.rows({"results": [{"id": 1}]}) == [{"id": 1}]
    for answer in ({}, [], None, {"results": "x"}):
        with pytest.raises(Unreadable):
            parsing.rows(answer)


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)), lambda inner: st.lists(inner, max_size=3), max_leaves=5
    )
)
def test_garbage_in_an_order_is_told_as_such(value: Any) -> None:
    for name in ("size", "remaining_size", "price", "avg_fill_price", "status"):
        try:
            order(**{name: value})
        except (Unreadable, TypeError):
            continue


@given(value=st.decimals(allow_nan=False, allow_infinity=False, places=12))
def test_numbers_keep_their_value(value: Any) -> None:
    assert number(parsing.text(value)) == value
