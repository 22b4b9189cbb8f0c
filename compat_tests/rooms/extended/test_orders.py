"""Unified arguments and the wire; markets are those of the paper venue, composed after the live sample in ccxt's class."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccxt_dex.exact import Refused
from ccxt_dex.exchanges.extended import orders, parsing

MARKET: dict[str, Any] = {"id": "BTC-USD", "symbol": "BTC/USDC:USDC", "precision": {"amount": 0.00001, "price": 1.0}}
MARKET["limits"] = {"amount": {"min": 0.0001, "max": None}, "price": {"min": None, "max": None}, "cost": {"min": None, "max": 15e6}}
MARKET["info"] = {"tradingConfig": {"maxMarketOrderValue": "3000000", "maxLimitOrderValue": "15000000"}}
MARKET["info"]["tradingConfig"] |= {"limitPriceCap": "0.05", "limitPriceFloor": "0.05"}
STATS = {"lastPrice": "60000", "markPrice": "60000", "indexPrice": "60000", "bidPrice": "59999", "askPrice": "60001"}


def made(kind: str = "limit", side: str = "buy", amount: Any = "0.001", price: Any = "60000", **params: Any) -> dict[str, Any]:
    return orders.new_order(MARKET, kind, side, amount, price, {"clientOrderId": "c", **params}, STATS, {})


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ({"timeInForce": "FOK"}, "unsupported"),
        ({"timeInForce": "WHENEVER"}, "invalid"),
        ({"kind": "market", "price": None, "postOnly": True}, "invalid"),
        ({"kind": "market", "price": None, "timeInForce": "GTC"}, "invalid"),
        ({"postOnly": True, "timeInForce": "IOC"}, "invalid"),
        ({"trailingAmount": 5}, "unsupported"),
        ({"nobody": "knows"}, "bad_request"),
        ({"stopLossPrice": 1, "takeProfitPrice": 2}, "invalid"),
        ({"price": None}, "arguments"),
        ({"price": "60000.5"}, "invalid"),
        ({"amount": "0.000015"}, "invalid"),
        ({"amount": "1000"}, "invalid"),
        ({"kind": "market", "price": None, "amount": "60"}, "invalid"),
        ({"triggerPrice": "60000"}, "invalid"),
        ({"triggerPrice": "61000", "takeProfit": {"triggerPrice": "62000"}}, "unsupported"),
        ({"takeProfit": {"triggerPrice": "62000", "nobody": 1}}, "bad_request"),
        ({"clientOrderId": "a/b"}, "invalid"),
    ],
)
def test_what_is_refused_before_it_is_signed(arguments: dict[str, Any], kind: str) -> None:
    with pytest.raises(Refused) as caught:
        made(**arguments)
    assert caught.value.kind == kind


@pytest.mark.parametrize(
    ("side", "name", "direction"),
    [
        ("sell", "stopLossPrice", "DOWN"),
        ("buy", "stopLossPrice", "UP"),
        ("sell", "takeProfitPrice", "UP"),
        ("buy", "takeProfitPrice", "DOWN"),
    ],
)
def test_exits_come_from_their_side_and_only_reduce(side: str, name: str, direction: str) -> None:
    body = made("market", side, price=None, **{name: "60500"})
    assert (body["type"], body["timeInForce"], body["reduceOnly"]) == ("CONDITIONAL", "IOC", True)
    expected = {"triggerPrice": "60500", "triggerPriceType": "LAST", "direction": direction, "executionPriceType": "MARKET"}
    assert body["trigger"] == expected
    assert body["price"] == ("63525" if side == "buy" else "57475")


def test_a_plain_trigger_waits_on_the_side_where_it_is() -> None:
    assert made(triggerPrice="61000")["trigger"]["direction"] == "UP"
    assert made(triggerPrice="59000")["trigger"]["direction"] == "DOWN"
    assert made(triggerPrice="59000", triggerDirection="ascending")["trigger"]["direction"] == "UP"


def test_a_market_order_stays_within_the_band_around_the_mark() -> None:
    assert made("market", "buy", price=None)["price"] == "60451"
    assert made("market", "buy", price=None, slippage="0.2")["price"] == "63000"
    assert made("market", "sell", price=None, slippage="0.2")["price"] == "57000"


def test_a_builder_needs_both_its_names() -> None:
    assert orders.builder({}, {"builderFee": True}) == (None, None)
    assert orders.builder({}, {"builderFeeRate": "0.0001", "builderId": "1"}) == (None, None)
    assert orders.builder({}, {"builderFee": True, "builderFeeRate": "0.0001", "builderId": "1"}) == ("0.0001", "1")
    with pytest.raises(Refused):
        orders.builder({"builderId": "1"}, {})


def test_an_edit_drops_no_flag_and_no_trigger() -> None:
    raw = {"type": "CONDITIONAL", "externalId": "old", "postOnly": False, "reduceOnly": True, "timeInForce": "GTT", "expireTime": 5}
    raw["trigger"] = {"triggerPrice": "61000", "triggerPriceType": "MARK", "triggerPriceDirection": "UP", "executionPriceType": "LIMIT"}
    kind, params = orders.replacement_params(raw, {"clientOrderId": "new"})
    body = made(kind, "sell", **params)
    assert body["cancelId"] == "old" and body["reduceOnly"] is True and params["expiryEpochMillis"] == 5
    assert body["trigger"] == {"triggerPrice": "61000", "triggerPriceType": "MARK", "direction": "UP", "executionPriceType": "LIMIT"}
    with pytest.raises(Refused):
        orders.replacement_params({"type": "TPSL"}, {})


@given(amount=st.decimals(min_value="0.00001", max_value="5", places=7), price=st.decimals(min_value=1, max_value=200000, places=2))
def test_numbers_arrive_as_they_are_or_not_at_all(amount: Decimal, price: Decimal) -> None:
    try:
        body = made(amount=amount, price=price)
    except Refused:
        assert amount % Decimal("0.00001") or amount < Decimal("0.0001") or price % 1
    else:
        assert Decimal(body["qty"]) == amount and Decimal(body["price"]) == price


# --- parsing -----------------------------------------------------------------------------------------------------------------------------

# documentation, with the identifiers of its sample
ROW = {"id": 1775511783722512384, "externalId": "25546", "market": "ETH-USD", "type": "LIMIT", "side": "BUY", "status": "PARTIALLY_FILLED"}
ROW |= {"price": "3300", "averagePrice": "3297.00", "qty": "0.2", "filledQty": "0.1", "payedFee": "0.012", "timeInForce": "GTT"}
ROW |= {"reduceOnly": False, "postOnly": False, "createdTime": 1701563440000, "updatedTime": 1701563440000}


def test_an_order_of_the_documentation() -> None:
    found = parsing.order(ROW)
    assert (found["status"], found["filled"], found["remaining"], found["timeInForce"]) == ("open", "0.1", "0.1", "GTC")
    assert Decimal(found["cost"]) == Decimal("329.7")
    with pytest.raises(parsing.Unreadable):
        parsing.order({**ROW, "status": "SOMETHING"})


@pytest.mark.parametrize(
    ("reason", "name"),
    [("POST_ONLY_FAILED", "OrderImmediatelyFillable"), ("NOT_ENOUGH_FUNDS", "InsufficientFunds"), ("INVALID_FEE", "InvalidOrder")],
)
def test_refusals_by_their_reason(reason: str, name: str) -> None:
    row = {**ROW, "status": "REJECTED", "statusReason": reason, "filledQty": "0"}
    assert parsing.refusal(row) == name and parsing.refusal(ROW) is None
    assert parsing.refusal({**row, "statusReason": "NO_LIQUIDITY", "timeInForce": "IOC"}) is None


def test_times_in_seconds_and_milliseconds() -> None:
    assert parsing.stamp(1701563440) == parsing.stamp(1701563440000) == 1701563440000
    assert parsing.stamp(0) is None


def test_a_delta_with_and_without_the_size() -> None:
    side = [{"p": "5", "q": "-1", "c": "2"}, {"p": "6", "q": "0.5"}, {"p": "7", "q": "-9"}]
    assert parsing.changes(side, lambda price: 1.5) == [("5", "2"), ("6", "2.0"), ("7", "0")]
