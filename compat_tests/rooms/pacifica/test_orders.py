"""Order arguments and rows: what is sent, what is refused before anything is signed, what comes back."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccxt_dex.exact import Refused
from ccxt_dex.exchanges.pacifica import orders, parsing
from ccxt_dex.reading import Unreadable
from compat_tests.upstream.test_pacifica import FRAME, HISTORY, event

GRID = orders.Grid("BTC", Decimal(1), Decimal("0.00001"), Decimal(10))
SPOT = orders.Grid("SOL-USDC", Decimal("0.01"), Decimal("0.001"), Decimal(10), True)


def make(
    kind: str = "limit", side: str = "buy", amount: Any = 0.1, price: Any = 100_000, grid: orders.Grid = GRID, **params: Any
) -> orders.Plan:
    return orders.create(grid, kind, side, amount, None if kind == "market" else price, params)


@pytest.mark.parametrize(
    "params,tif",
    [
        ({}, "GTC"),
        ({"postOnly": True}, "ALO"),
        ({"timeInForce": "PO"}, "ALO"),
        ({"timeInForce": "ioc"}, "IOC"),
        ({"timeInForce": "TOB"}, "TOB"),
    ],
)
def test_time_in_force(params: dict[str, Any], tif: str) -> None:
    plan = make(**params)
    assert plan.payload == {"symbol": "BTC", "side": "bid", "price": "100000", "amount": "0.1", "reduce_only": False, "tif": tif}


@pytest.mark.parametrize(
    "kind,params,refusal",
    [
        ("limit", {"timeInForce": "FOK"}, "unsupported"),
        ("limit", {"timeInForce": "GTD"}, "unsupported"),
        ("limit", {"timeInForce": "SOMETIMES"}, "invalid"),
        ("limit", {"timeInForce": "IOC", "postOnly": True}, "invalid"),
        ("limit", {"timeInForce": "PO", "postOnly": False}, "invalid"),
        ("market", {"postOnly": True}, "invalid"),
        ("market", {"timeInForce": "GTC"}, "invalid"),
        ("limit", {"trailingPercent": 1}, "unsupported"),
        ("limit", {"hedged": True}, "unsupported"),
        ("limit", {"triggerPrice": 1, "stopLossPrice": 2}, "invalid"),
        ("limit", {"triggerPrice": 99_000, "stopLoss": {"triggerPrice": 98_000}}, "unsupported"),
        ("limit", {"triggerPrice": 99_000, "postOnly": True}, "unsupported"),
        ("market", {"takeProfitPrice": 120_000, "reduceOnly": False}, "unsupported"),
        ("market", {"stopLossPrice": 90_000, "triggerDirection": "descending"}, "invalid"),
        ("limit", {"stopLoss": 98_000}, "invalid"),
        ("limit", {"stopLoss": {"price": 1}}, "arguments"),
        ("limit", {"reduceOnly": "yes"}, "invalid"),
        ("market", {"slippage": 0}, "invalid"),
    ],
)
def test_what_is_refused(kind: str, params: dict[str, Any], refusal: str) -> None:
    with pytest.raises(Refused) as caught:
        make(kind, **params)
    assert caught.value.kind == refusal


@pytest.mark.parametrize("side,needed", [("buy", "above"), ("sell", "below")])
def test_a_stop_loss_says_on_which_side_of_the_mark_it_must_lie(side: str, needed: str) -> None:
    plan = make("market", side, stopLossPrice=100_000, reduceOnly=True)
    assert (plan.path, plan.needs_mark, plan.trigger) == ("orders/stop/create", needed, 100_000)
    profit = make("market", side, takeProfitPrice=100_000)
    assert (profit.path, profit.needs_mark) == ("positions/tpsl", "below" if side == "buy" else "above")


def test_spot_has_neither_triggers_nor_reduce_only() -> None:
    for params in ({"triggerPrice": 100}, {"reduceOnly": True}, {"stopLoss": {"triggerPrice": 1}}):
        with pytest.raises(Refused):
            make(price=150, grid=SPOT, **params)


@given(st.decimals(min_value=Decimal("0.00001"), max_value=Decimal(1000), places=8), st.integers(10, 10**7))
def test_numbers_go_out_exactly_or_not_at_all(amount: Decimal, price: int) -> None:
    try:
        plan = make(amount=amount, price=price)
    except Refused:
        assert amount % GRID.lot or amount * price < 10
    else:
        assert Decimal(plan.payload["amount"]) == amount and Decimal(plan.payload["price"]) == price
        assert "E" not in plan.payload["amount"] and "e" not in plan.payload["amount"]


@given(st.text(min_size=1, max_size=40))
def test_client_ids_become_uuids_and_always_the_same_one(text: str) -> None:
    made = orders.client_id(text)
    assert str(uuid.UUID(made)) == made == orders.client_id(text) == orders.client_id(made)


def test_an_edit_is_post_only_and_says_so() -> None:
    plan = orders.edit(GRID, "5", 0.2, 99_000, {})
    assert plan.payload == {"symbol": "BTC", "price": "99000", "amount": "0.2", "order_id": 5} and plan.asked["postOnly"] is True
    for params in ({"timeInForce": "GTC"}, {"postOnly": False}, {"triggerPrice": 1}):
        with pytest.raises(Refused):
            orders.edit(GRID, "5", 0.2, 99_000, params)


def test_events_in_any_order_give_one_order() -> None:
    rows = [
        event(1, "make", "100", "0", "open"),
        event(2, "fulfill_limit", "100", "1", "partially_filled"),
        event(3, "cancel", "100", "1", "cancelled"),
    ]
    for given_order in (rows, rows[::-1]):
        found = parsing.from_events(given_order)
        assert found is not None
        assert (found["status"], found["filled"], found["average"], found["price"]) == ("canceled", "1", "100", "100")
    assert parsing.from_events([]) is None


def test_a_post_only_order_that_the_venue_ended_is_rejected() -> None:
    found = parsing.from_events([event(1, "post_only_rejected", "100", "0", "cancelled")])
    assert found is not None and found["status"] == "rejected"


@pytest.mark.parametrize("change", [{"order_status": "dancing"}, {"order_type": "iceberg"}, {"side": "up"}, {"order_id": None}])
def test_unknown_words_fail_loudly(change: dict[str, str]) -> None:
    with pytest.raises(Unreadable):
        parsing.order({**HISTORY, **change})


def test_frames() -> None:
    filled = parsing.frame_order({**FRAME, "p": "89400", "f": "0.00012", "oe": "fulfill_limit", "os": "filled"})
    assert (filled["status"], filled["average"], filled["price"], filled["side"]) == ("closed", "89400", "89501", "buy")
    # account_orders, documentation
    row = {"i": 1879999120, "I": None, "s": "BTC", "d": "bid", "p": "80000", "a": "0.00025", "f": "0", "c": "0", "t": 1765935070713}
    shown = parsing.frame_order({**row, "st": None, "ot": "limit", "sp": None, "ro": False})
    assert (shown["status"], shown["price"], shown["amount"], shown["reduceOnly"]) == ("open", "80000", "0.00025", False)


def test_spot_collateral_is_not_free_usdc() -> None:
    account = {"account_equity": "5478.140323", "spot_market_value": "508.14", "available_to_spend": "5376.512323"}
    assert parsing.usdc(account) == ("4970.000323", "4970.000323")


@pytest.mark.parametrize(
    "name", ["stop_loss", "take_profit", "stop_order", "stop_price", "limit_price", "post_only", "builder_code", "marginMode", "leverage"]
)
def test_the_venue_s_own_words_are_not_left_out_in_silence(name: str) -> None:
    with pytest.raises(Refused, match=name):
        make(**{name: {"stop_price": "99000"}})
    assert make(reduce_only=True, tif="IOC").payload["reduce_only"] is True


@pytest.mark.parametrize("name", ["triggerPrice", "stopLossPrice", "takeProfitPrice", "stopLoss", "takeProfit"])
def test_what_is_worked_over_a_time_has_no_exits(name: str) -> None:
    with pytest.raises(Refused, match=name):
        orders.refuse_exits({name: 99_000})
    orders.refuse_exits({"reduceOnly": True})
