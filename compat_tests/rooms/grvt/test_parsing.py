"""Answers read: recordings of the live venue (2026-06-11), ccxt's samples of January 2026, the spec's words; garbage is refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ccxt_dex
from ccxt_dex.exchanges.grvt import parsing, tables
from ccxt_dex.reading import Unreadable
from compat_tests.rooms.grvt import captures

# ccxt's comments, v1.order of 2026-01-02
ORDER: dict[str, Any] = {
    "order_id": "0x010101050390cd89000000007799a374",
    "sub_account_id": "2147050003876484",
    "is_market": False,
    "time_in_force": "GOOD_TILL_TIME",
    "post_only": False,
    "reduce_only": False,
    "legs": [{"instrument": "BTC_USDT_Perp", "size": "0.001", "limit_price": "87443.0", "is_buying_asset": True}],
    "signature": {"signer": "0x42c9f56f2c9da534f64b8806d64813b29c62a01d", "v": 28, "expiration": "1769951360245000000", "nonce": 747860882},
    "metadata": {
        "client_order_id": "747860882",
        "create_time": "1767359366686762920",
        "trigger": {"trigger_type": "UNSPECIFIED", "tpsl": {"trigger_by": "UNSPECIFIED", "trigger_price": "0.0", "close_position": False}},
        "broker": "UNSPECIFIED",
    },
    "state": {
        "status": "OPEN",
        "reject_reason": "UNSPECIFIED",
        "book_size": ["0.001"],
        "traded_size": ["0.0"],
        "update_time": "1767359366686762920",
        "avg_fill_price": ["0.0"],
    },
    "builder": "0x00",
    "builder_fee": "0.0",
}
# ccxt's comments, v1.position of 2026-01-02
POSITION = {
    "event_time": "1767356959482262748",
    "sub_account_id": "2147050003876484",
    "instrument": "BTC_USDT_Perp",
    "size": "0.001",
    "notional": "89.430118",
    "entry_price": "89426.4",
    "mark_price": "89430.118505969",
    "unrealized_pnl": "0.003718",
    "realized_pnl": "0.0",
    "roi": "0.0041",
    "est_liquidation_price": "74347.153505969",
    "leverage": "20.0",
    "margin_type": "CROSS",
}


def state(status: str, reason: str = "UNSPECIFIED", traded: str = "0.0") -> dict[str, Any]:
    return {**ORDER, "state": {**ORDER["state"], "status": status, "reject_reason": reason, "traded_size": [traded]}}


def client(row: Any = None) -> Any:
    ex = ccxt_dex.grvt()
    info = {
        "instrument": "BTC_USDT_Perp",
        "instrument_hash": "0x030501",
        "base": "BTC",
        "quote": "USDT",
        "kind": "PERPETUAL",
        "base_decimals": 9,
    }
    ex.set_markets([ex.parse_market({**info, "tick_size": "0.1", "min_size": "0.001", "funding_interval_hours": 8})])
    return ex


def test_an_order() -> None:
    found = parsing.order(ORDER)
    assert found["id"] == ORDER["order_id"] and found["clientOrderId"] == "747860882" and found["status"] == "open"
    assert (found["price"], found["amount"], found["filled"], found["average"], found["triggerPrice"]) == (
        "87443",
        "0.001",
        "0",
        None,
        None,
    )
    assert (found["timestamp"], found["side"], found["timeInForce"]) == (1767359366686, "buy", "GTC")


def test_an_order_that_has_no_id_yet_is_known_by_its_client_id() -> None:
    assert parsing.order({**ORDER, "order_id": "0x00"})["id"] == "747860882"


@pytest.mark.parametrize(
    "status,reason,traded,unified,raised",
    [
        ("PENDING", "UNSPECIFIED", "0.0", "open", None),
        ("FILLED", "UNSPECIFIED", "0.001", "closed", None),
        ("CANCELLED", "CLIENT_CANCEL", "0.0", "canceled", None),
        ("CANCELLED", "EXPIRED", "0.0", "expired", None),
        ("CANCELLED", "IOC_CANCEL", "0.0", "canceled", None),
        ("REJECTED", "BELOW_MARGIN", "0.0", "rejected", "InsufficientFunds"),
        ("REJECTED", "FAIL_POST_ONLY", "0.0", "rejected", "OrderImmediatelyFillable"),
        ("REJECTED", "NEVER_HEARD_OF", "0.0", "rejected", "InvalidOrder"),
        ("CANCELLED", "FAIL_REDUCE_ONLY", "0.0", "canceled", "InvalidOrder"),
        ("CANCELLED", "BELOW_MARGIN", "0.0005", "canceled", None),
    ],
)
def test_how_orders_end(status: str, reason: str, traded: str, unified: str, raised: str | None) -> None:
    """What was filled in part stands, whatever ended the rest."""
    row = state(status, reason, traded)
    assert parsing.status(row) == unified and parsing.rejection(row) == raised


def test_an_unknown_status_fails_loudly() -> None:
    with pytest.raises(Unreadable, match="HALF_DONE"):
        parsing.order(state("HALF_DONE"))


@pytest.mark.parametrize("kind,field", [("STOP_LOSS", "stopLossPrice"), ("TAKE_PROFIT", "takeProfitPrice")])
def test_a_waiting_trigger(kind: str, field: str) -> None:
    metadata = {**ORDER["metadata"], "trigger": {"trigger_type": kind, "tpsl": {"trigger_by": "MARK", "trigger_price": "80000.0"}}}
    found = parsing.order({**ORDER, "metadata": metadata})
    assert found["triggerPrice"] == found[field] == "80000"


def test_a_fill_with_its_fee() -> None:
    """ccxt's comments, v1.fill of 2026-01-02; the builder's part is a fee too."""
    fill = {"event_time": "1767354369431470728", "instrument": "BTC_USDT_Perp", "is_buyer": True, "is_taker": True, "size": "0.001"}
    fill |= {
        "price": "89473.4",
        "fee": "0.040263",
        "fee_rate": "0.045",
        "trade_id": "74150425-1",
        "order_id": "0x01",
        "client_order_id": "9",
    }
    found = client().parse_trade({**fill, "builder_fee": "0.001"})
    assert found["fee"] == {"cost": 0.041263, "rate": 0.00045, "currency": "USDT"}
    assert (found["side"], found["takerOrMaker"], found["order"], found["symbol"]) == ("buy", "taker", "0x01", "BTC/USDT:USDT")
    assert client().parse_trade({**fill, "fee_currency": "ETH"})["fee"]["currency"] == "ETH"


def test_a_position() -> None:
    found = client().parse_position(POSITION)
    assert (found["side"], found["contracts"], found["leverage"], found["marginMode"]) == ("long", 0.001, 20.0, "cross")
    assert found["initialMargin"] == found["collateral"] == pytest.approx(4.4715059)
    isolated = {"margin_type": "ISOLATED", "isolated_balance": "7.5", "isolated_im": "4.5", "isolated_mm": "1.1", "size": "-0.001"}
    found = client().parse_position({**POSITION, **isolated})
    assert (found["side"], found["collateral"], found["initialMargin"], found["maintenanceMargin"]) == ("short", 7.5, 4.5, 1.1)
    assert client().parse_position({**POSITION, "size": "0.0"})["side"] is None


def test_a_balance_that_is_under_water_is_not_free() -> None:
    row = {"settle_currency": "USDT", "total_equity": "-5", "available_balance": "-7", "spot_balances": []}
    assert parsing.balance(row) == {"USDT": {"total": "-5", "free": "0"}}


def test_funding_that_was_paid_is_negative() -> None:
    assert parsing.funding_payment({"amount": "0.004522", "event_time": "1765267200004987902"})["amount"] == "-0.004522"
    assert parsing.funding_payment({"amount": "-0.004522"})["amount"] == "0.004522"


# --- recordings ---------------------------------------------------------------------------------------------------------------------


def test_the_recorded_ticker() -> None:
    ticker = client().parse_ticker(captures.rest("ticker-BTC_USDT_Perp"))
    assert (ticker["bid"], ticker["ask"], ticker["last"], ticker["markPrice"]) == (62072.5, 62072.6, 62073.7, 62070.655002352)
    assert ticker["baseVolume"] == pytest.approx(3564.109 + 3486.35) and ticker["timestamp"] == 1781147845000
    rate = client().parse_funding_rate(captures.rest("ticker-BTC_USDT_Perp"))
    assert (rate["fundingRate"], rate["interval"], rate["fundingTimestamp"]) == (0.0001, "8h", 1781164800000)


def test_the_recorded_book_and_trades() -> None:
    book = captures.rest("book-BTC_USDT_Perp")
    assert len(parsing.levels(book["bids"])) == 10 and parsing.stamp(book["event_time"]) == 1781147737050
    trades = [client().parse_trade(row) for row in captures.rest("trade-BTC_USDT_Perp")]
    assert next(trade["id"] for trade in trades) == "145525218-1" and {trade["side"] for trade in trades} == {"buy"}


# --- sessions -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header,found",
    [
        ("gravity=MTc2; Path=/; Expires=Fri, 02 Jan 2026 12:00:00 GMT; HttpOnly", ("MTc2", 1767355200000)),
        ("gravity=MTc2", ("MTc2", None)),
        ("gravity=MTc2; Expires=soon", ("MTc2", None)),
        ("other=1; Path=/", None),
        ("gravity=; Path=/", None),
        ("", None),
        (None, None),
    ],
)
def test_the_cookie_of_a_login(header: Any, found: Any) -> None:
    assert parsing.cookie(header) == found


# --- garbage ------------------------------------------------------------------------------------------------------------------------

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8), lambda inner: st.lists(inner, max_size=3), max_leaves=4
)
FIELDS = {name for row in (ORDER, ORDER["state"], ORDER["metadata"], POSITION) for name in row}


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(FIELDS)), JUNK, max_size=8))
def test_garbage_is_refused_as_a_bad_answer(row: dict[str, Any]) -> None:
    ex = client()
    for read in (parsing.ticker, parsing.position, parsing.balance, parsing.funding_payment, parsing.trade):
        try:
            ex.pure(read, row)
        except Exception as error:
            assert type(error).__name__ in ("BadResponse", "AttributeError"), error


@given(st.decimals(min_value=Decimal("1e-9"), max_value=Decimal("1e12"), places=12))
def test_numbers_keep_their_digits(value: Decimal) -> None:
    assert Decimal(parsing.plain(value) or "") == value
    assert Decimal(parsing.percent(format(value, "f")) or "") * 100 == value


def test_every_reason_of_the_spec_is_an_exception_or_none() -> None:
    from ccxt_dex._ccxt import errors

    assert all(hasattr(errors, name) for name in (*tables.REASONS.values(), *tables.ERRORS.values()))
