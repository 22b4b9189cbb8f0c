"""Order bodies: exact or refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccxt_dex import exact
from ccxt_dex.exchanges.standx import orders

MARKET: dict[str, Any] = {
    "id": "BTC-USD",
    "symbol": "BTC/DUSD:DUSD",
    "active": True,
    "precision": {"amount": 0.0001, "price": 0.01},
    "limits": {
        "amount": {"min": 0.0001, "max": 100.0},
        "price": {"min": 556.0, "max": 4529764.0},
        "leverage": {"min": 1.0, "max": 40.0},
        "cost": {"min": None, "max": None},
    },
}


def body(kind: str = "limit", side: str = "buy", amount: Any = "0.1", price: Any = "50000", **params: Any) -> dict[str, Any]:
    return orders.new_order(MARKET, kind, side, amount, price, params)


def test_market_orders_are_ioc_without_a_price() -> None:
    assert body("market", price=60000.123456) == {
        "symbol": "BTC-USD",
        "side": "buy",
        "order_type": "market",
        "qty": "0.1",
        "time_in_force": "ioc",
        "reduce_only": False,
    }


@pytest.mark.parametrize(
    ("params", "wire"),
    [
        ({}, "gtc"),
        ({"timeInForce": "GTC"}, "gtc"),
        ({"timeInForce": "IOC"}, "ioc"),
        ({"timeInForce": "ioc"}, "ioc"),
        ({"timeInForce": "PO"}, "alo"),
        ({"postOnly": True}, "alo"),
        ({"postOnly": True, "timeInForce": "GTC"}, "alo"),
        ({"postOnly": False}, "gtc"),
        ({"time_in_force": "alo"}, "alo"),
    ],
)
def test_time_in_force(params: dict[str, Any], wire: str) -> None:
    assert body(**params)["time_in_force"] == wire


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("unsupported", {"timeInForce": "FOK"}),
        ("unsupported", {"timeInForce": "WHENEVER"}),
        ("invalid", {"timeInForce": "IOC", "postOnly": True}),
        ("unsupported", {"triggerPrice": 1}),
        ("unsupported", {"stopPrice": 1}),
        ("unsupported", {"stopLossPrice": 1}),
        ("unsupported", {"takeProfitPrice": 1}),
        ("unsupported", {"trailingPercent": 1}),
        ("unsupported", {"hedged": True}),
        ("invalid", {"reduceOnly": "yes"}),
        ("invalid", {"postOnly": "true"}),
        ("invalid", {"postOnly": 1}),
        ("unsupported", {"slippage": 0.01}),
        ("invalid", {"clientOrderId": "12345"}),
        ("invalid", {"clientOrderId": "a" * 37}),
        ("invalid", {"clientOrderId": "a b"}),
        ("invalid", {"clientOrderId": "é1"}),
        ("invalid", {"clientOrderId": "a\n"}),
        ("invalid", {"clientOrderId": 17}),
        ("bad_request", {"marginMode": "portfolio"}),
        ("bad_request", {"leverage": 2.5}),
        ("bad_request", {"leverage": 41}),
        ("bad_request", {"leverage": 0}),
        ("arguments", {"takeProfit": {}}),
        ("unsupported", {"takeProfit": {"triggerPrice": 60000, "price": 60001}}),
        ("unsupported", {"stopLoss": {"triggerPrice": 60000, "type": "limit"}}),
        ("unsupported", {"stopLoss": {"triggerPrice": 60000, "triggerPriceType": "last"}}),
        ("invalid", {"stopLoss": {"triggerPrice": 60000.001}}),
    ],
)
def test_what_cannot_be_said_is_refused_not_dropped(kind: str, params: dict[str, Any]) -> None:
    with pytest.raises(exact.Refused) as caught:
        body(**params)
    assert caught.value.kind == kind


def test_everything_optional_together() -> None:
    made = body(
        clientOrderId="mm-buy-1",
        reduceOnly=True,
        marginMode="CROSS",
        leverage=10.0,
        takeProfit={"triggerPrice": 60000},
        stopLoss={"triggerPrice": "45000.50", "type": "market"},
        something_new="x",
    )
    assert made["cl_ord_id"] == "mm-buy-1" and made["reduce_only"] is True and made["margin_mode"] == "cross" and made["leverage"] == 10
    assert made["tp_price"] == "60000" and made["sl_price"] == "45000.5" and made["something_new"] == "x"
    assert not {"clientOrderId", "reduceOnly", "takeProfit", "stopLoss", "marginMode"} & set(made)


def test_the_venues_own_words_are_understood_beside_ccxts() -> None:
    assert body(cl_ord_id="mine-1")["cl_ord_id"] == body(clientOrderId=None, cl_ord_id="mine-1")["cl_ord_id"] == "mine-1"
    assert body(reduceOnly=None, reduce_only=True)["reduce_only"] is True
    assert body(timeInForce=None, time_in_force="ioc")["time_in_force"] == "ioc"


@pytest.mark.parametrize(
    ("old", "kind", "params", "found"),
    [
        ({"reduce_only": True, "time_in_force": "alo"}, "limit", {}, {"reduceOnly": True, "postOnly": True}),
        ({"reduce_only": True, "time_in_force": "alo"}, "market", {}, {"reduceOnly": True}),
        ({"reduce_only": True, "time_in_force": "alo"}, "limit", {"reduceOnly": False, "timeInForce": "GTC"}, {}),
        ({"reduce_only": False, "time_in_force": "gtc", "tp_price": "0", "sl_price": None}, "limit", {}, {}),
        ({"tp_price": "60000", "sl_price": "45000.5"}, "limit", {"stopLoss": {"triggerPrice": 1}}, {"tp_price": "60000"}),
    ],
)
def test_a_replacement_keeps_what_nobody_changed(old: dict[str, Any], kind: str, params: dict[str, Any], found: dict[str, Any]) -> None:
    assert orders.kept(old, kind, params) == found


@pytest.mark.parametrize("amount", [0, -1, "0.00005", 0.00015, "1e400", "x", None, True, float("nan"), float("inf"), [], 100.0001, "101"])
def test_amounts_that_are_none(amount: Any) -> None:
    with pytest.raises(exact.Refused) as caught:
        body(amount=amount)
    assert caught.value.kind == "invalid"


@pytest.mark.parametrize("price", [0, -5, "50000.001", 50000.004, 555.99, 4529764.01, float("nan")])
def test_prices_that_are_none(price: Any) -> None:
    with pytest.raises(exact.Refused) as caught:
        body(price=price)
    assert caught.value.kind == "invalid"


def test_other_refusals() -> None:
    for arguments, kind in (
        ({"price": None}, "arguments"),
        ({"kind": "iceberg"}, "unsupported"),
        ({"side": "hold"}, "invalid"),
        ({"kind": "market", "postOnly": True}, "invalid"),
    ):
        with pytest.raises(exact.Refused) as caught:
            body(**arguments)
        assert caught.value.kind == kind
    with pytest.raises(exact.Refused) as caught:
        orders.new_order({**MARKET, "active": False}, "limit", "buy", 1, 50000, {})
    assert caught.value.kind == "closed"


def test_float_noise_is_not_a_price() -> None:
    assert body(amount=0.1 + 0.2)["qty"] == "0.3"
    assert body(amount=1e-4)["qty"] == "0.0001"
    with pytest.raises(exact.Refused):
        body(amount="0.30000000000000004")


@given(st.integers(1, 1_000_000), st.sampled_from([0, 1, 2, 3, 4, 8]), st.sampled_from([str, float, Decimal]))
def test_what_is_on_the_grid_goes_out_as_it_is(units: int, decimals: int, kind: Any) -> None:
    step = Decimal(1).scaleb(-decimals)
    value = units * step
    text = exact.plain(exact.on_grid(kind(str(value)), float(step), "amount"))
    assert Decimal(text) == value and "e" not in text.lower()
    assert text == "0" or "." not in text or not text.endswith("0")


@given(st.decimals("0.0001", "100", places=6, allow_nan=False))
def test_nothing_is_ever_rounded(value: Decimal) -> None:
    try:
        text = exact.quantity(MARKET, value)
    except exact.Refused:
        assert value % Decimal("0.0001") != 0
    else:
        assert Decimal(text) == value


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20))
def test_plain_text_round_trips(value: Decimal) -> None:
    assert Decimal(exact.plain(value)) == value


def test_plain_keeps_zeros_of_whole_numbers() -> None:
    assert [exact.plain(Decimal(text)) for text in ("100", "1E+2", "100.00", "-0", "0.10")] == ["100", "100", "100", "0", "0.1"]


def test_orders_are_named_by_number_or_by_client_id() -> None:
    assert orders.reference("11545819148", {}) == {"order_id": 11545819148}
    assert orders.reference(2424844, {}) == {"order_id": 2424844}
    assert orders.reference("mm-1", {}) == {"cl_ord_id": "mm-1"}
    assert orders.reference("", {"clientOrderId": "mm-1"}) == {"cl_ord_id": "mm-1"}
    assert orders.reference("²", {}) == {"cl_ord_id": "²"}
    with pytest.raises(exact.Refused):
        orders.reference(None, {})
    assert orders.references(["1", "a", 2]) == [{"order_id_list": [1, 2]}, {"cl_ord_id_list": ["a"]}] and orders.references([]) == []


def test_money() -> None:
    assert orders.money("1000.0") == "1000" and orders.money(0.5) == "0.5"
    for bad in (0, -1, "a", None):
        with pytest.raises(exact.Refused):
            orders.money(bad)
