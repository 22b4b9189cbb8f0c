"""Order bodies and parsing, without a network. Rows of the venue are in compat_tests/upstream; those here are composed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccxt_dex.exact import Refused
from ccxt_dex.exchanges.backpack import orders, parsing
from ccxt_dex.reading import Unreadable

GRID = orders.Grid("SOL_USDC_PERP", "0.01", "0.01", {"amount": {"min": 0.01, "max": None}, "price": {"min": 0.01, "max": None}})


def body(kind: str = "limit", side: str = "buy", amount: Any = "1", price: Any = "150", **params: Any) -> dict[str, Any]:
    return orders.create(GRID, kind, side, amount, price if kind == "limit" else None, params).body


@pytest.mark.parametrize(
    "params,fields",
    [
        ({"timeInForce": "FOK"}, {"timeInForce": "FOK"}),
        ({"timeInForce": "PO"}, {"postOnly": True}),
        ({"postOnly": True}, {"postOnly": True}),
        ({"reduceOnly": True}, {"reduceOnly": True}),
        ({"selfTradePrevention": "EXPIRE_MAKER"}, {"selfTradePrevention": "RejectMaker"}),
        ({"clientOrderId": "4294967295"}, {"clientId": 4294967295}),
        (
            {"stopLoss": {"triggerPrice": "140"}, "takeProfit": {"triggerPrice": 160, "price": 161, "triggerPriceType": "last"}},
            {
                "stopLossTriggerPrice": "140",
                "stopLossTriggerBy": "MarkPrice",
                "takeProfitTriggerPrice": "160",
                "takeProfitTriggerBy": "LastPrice",
                "takeProfitLimitPrice": "161",
            },
        ),
    ],
)
def test_flags_become_fields(params: dict[str, Any], fields: dict[str, Any]) -> None:
    plain = {"symbol": "SOL_USDC_PERP", "side": "Bid", "orderType": "Limit", "quantity": "1", "price": "150"}
    assert body(**params) == {**plain, **fields}


def test_a_stop_limit_order() -> None:
    plan = orders.create(GRID, "limit", "sell", 1, 139, {"stopLossPrice": 140, "reduceOnly": True, "triggerPriceType": "index"})
    assert plan.body == {
        "symbol": "SOL_USDC_PERP",
        "side": "Ask",
        "orderType": "Limit",
        "triggerQuantity": "1",
        "price": "139",
        "reduceOnly": True,
        "triggerPrice": "140",
        "triggerBy": "IndexPrice",
    }
    assert (plan.trigger, plan.side_of_price) == (Decimal(140), "below")


@pytest.mark.parametrize(
    "kind,params",
    [
        ("limit", {"timeInForce": "GTD"}),
        ("limit", {"timeInForce": "IOC", "postOnly": True}),
        ("limit", {"timeInForce": "PO", "postOnly": False}),
        ("market", {"postOnly": True}),
        ("limit", {"trailingAmount": 1}),
        ("limit", {"hedged": True}),
        ("limit", {"marginMode": "isolated"}),
        ("limit", {"stopLossPrice": 140, "takeProfitPrice": 160}),
        ("limit", {"stopLossPrice": 140, "stopLoss": {"triggerPrice": 130}}),
        ("limit", {"stopLossPrice": 140, "triggerPriceType": "moon"}),
        ("market", {"stopLossPrice": 140, "cost": 5}),
        ("limit", {"stopLoss": {"price": 5}}),
        ("limit", {"stopLoss": 5}),
        ("limit", {"reduceOnly": "yes"}),
        ("limit", {"selfTradePrevention": "NONE"}),
        ("limit", {"clientOrderId": True}),
    ],
)
def test_what_cannot_be_sent_as_asked_is_refused(kind: str, params: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        body(kind, **params)


@pytest.mark.parametrize(
    "state,kind,params,good",
    [
        ("LimitOnly", "limit", {}, True),
        ("LimitOnly", "market", {}, False),
        ("PostOnly", "limit", {}, False),
        ("PostOnly", "limit", {"postOnly": True}, True),
        ("CancelOnly", "limit", {}, False),
    ],
)
def test_states_of_a_market(state: str, kind: str, params: dict[str, Any], good: bool) -> None:
    grid = orders.Grid("X", "0.01", "0.01", {}, False, state)
    if good:
        assert orders.create(grid, kind, "buy", 1, 1 if kind == "limit" else None, params).body
    else:
        with pytest.raises(Refused):
            orders.create(grid, kind, "buy", 1, 1 if kind == "limit" else None, params)


@given(st.decimals("0.0001", "1e6", allow_nan=False, places=4), st.decimals("0.0001", "1e6", allow_nan=False, places=4))
def test_numbers_go_out_exactly_or_not_at_all(amount: Decimal, price: Decimal) -> None:
    fits = amount % Decimal("0.01") == 0 and price % Decimal("0.01") == 0 and amount > 0 and price > 0
    try:
        found = body(amount=amount, price=price)
    except Refused:
        assert not fits
    else:
        assert fits and Decimal(found["quantity"]) == amount and Decimal(found["price"]) == price


@given(st.one_of(st.text(min_size=1), st.integers(0, 2**64)))
def test_client_ids_fit_and_are_stable(given_id: Any) -> None:
    wire = orders.client_id(given_id)
    assert 0 <= wire < 2**32 and wire == orders.client_id(str(given_id))
    if isinstance(given_id, int) and given_id < 2**32:
        assert wire == given_id


def test_a_position_history_row_and_collateral() -> None:
    row = {
        "id": 5,
        "closedVolume": "2",
        "entryPrice": "100",
        "closingPrice": "110",
        "cumulativePnlRealized": "20",
        "openedAt": "2025-08-01T00:00:00",
    }
    found = parsing.closed_position({**row, "closedAt": "2025-08-02T00:00:00"})
    assert (found["contracts"], found["realizedPnl"], found["timestamp"]) == ("2", "20", 1754006400000)
    usdc = {
        "symbol": "USDC",
        "assetMarkPrice": "1",
        "collateralWeight": "1",
        "totalQuantity": "120",
        "availableQuantity": "20",
        "lendQuantity": "100",
    }
    assert parsing.collateral({"collateral": [usdc], "netEquityAvailable": "110"}) == {"USDC": ("120", "110")}
    assert parsing.collateral({"collateral": [usdc], "netEquityAvailable": "-5"}) == {"USDC": ("120", "0")}


def test_micro_and_basis_points() -> None:
    assert parsing.micros("1754939110174705") == 1754939110174 and parsing.micros(None) is None
    assert (parsing.bps("-0.5"), parsing.bps("5"), parsing.bps(None)) == ("-0.00005", "0.0005", None)


@pytest.mark.parametrize("change", [{"status": "Dancing"}, {"orderType": "Iceberg"}, {"side": "Up"}, {"id": None}])
def test_unknown_words_in_an_order_fail_loudly(change: dict[str, Any]) -> None:
    row = {"id": "1", "status": "New", "orderType": "Limit", "side": "Bid", "price": "1", "quantity": "2", "createdAt": 1753624283415}
    assert parsing.order(row)["status"] == "open"
    with pytest.raises(Unreadable):
        parsing.order({**row, **change})


@pytest.mark.parametrize("name", ["stopLossTriggerPrice", "takeProfitLimitPrice", "triggerQuantity", "quantity", "brokerId", "leverage"])
def test_the_venue_s_own_words_are_not_left_out_in_silence(name: str) -> None:
    with pytest.raises(Refused, match=name):
        body(**{name: "140"})


@pytest.mark.parametrize("name", ["triggerPrice", "stopLossPrice", "takeProfitPrice", "stopLoss", "takeProfit", "postOnly", "cost"])
def test_what_is_worked_over_a_time_has_no_exits(name: str) -> None:
    with pytest.raises(Refused, match=name):
        orders.twap(GRID, "buy", "1", 60_000, 30_000, 7, {name: True})
