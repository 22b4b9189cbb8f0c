"""Unified order arguments -> wire bodies: nothing dropped, nothing rounded, nothing added."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccxt_dex import wire
from ccxt_dex._ccxt import TICK_SIZE, errors
from ccxt_dex.exact import REFUSALS, Refused
from ccxt_dex.exchanges.paradex import orders

MARKET = {
    "id": "BTC-USD-PERP",
    "symbol": "BTC/USD:USDC",
    "precision": {"amount": 0.001, "price": 0.1},
    "limits": {"amount": {"min": 0.001, "max": 100}, "cost": {"min": 10}},
}


def size(value: Any) -> str:
    return wire.check_amount(value, MARKET, TICK_SIZE)


def price(value: Any) -> str:
    return wire.check_price(value, MARKET, TICK_SIZE)


def body(kind: str = "limit", side: str = "buy", amount: Any = 0.01, at: Any = 50000, **params: Any) -> dict[str, Any]:
    made = orders.new_order(MARKET, kind, side, amount, at, {"clientOrderId": "x1", **params}, size, price)
    assert made.pop("client_id") == params.get("clientOrderId", "x1") and made.pop("market") == "BTC-USD-PERP"
    return made


def refused(**arguments: Any) -> str:
    with pytest.raises(Refused) as caught:
        body(**arguments)
    assert caught.value.kind in REFUSALS
    return caught.value.kind


def test_a_limit_and_a_market_order() -> None:
    assert body() == {"side": "BUY", "type": "LIMIT", "instruction": "GTC", "size": "0.01", "price": "50000"}
    assert body("market", "sell", 0.01, 50000) == {"side": "SELL", "type": "MARKET", "instruction": "GTC", "size": "0.01"}


@pytest.mark.parametrize(
    ("kind", "trigger", "wire_type", "reduces"),
    [
        ("limit", "triggerPrice", "STOP_LIMIT", False),
        ("market", "triggerPrice", "STOP_MARKET", False),
        ("market", "stopPrice", "STOP_MARKET", False),
        ("limit", "stopLossPrice", "STOP_LOSS_LIMIT", True),
        ("market", "stopLossPrice", "STOP_LOSS_MARKET", True),
        ("limit", "takeProfitPrice", "TAKE_PROFIT_LIMIT", True),
        ("market", "takeProfitPrice", "TAKE_PROFIT_MARKET", True),
    ],
)
def test_triggers_keep_their_size(kind: str, trigger: str, wire_type: str, reduces: bool) -> None:
    made = body(kind, "sell", **{trigger: 48000.5})
    assert (made["type"], made["trigger_price"], made["size"]) == (wire_type, "48000.5", "0.01")
    assert made.get("flags") == (["REDUCE_ONLY"] if reduces else None) and ("price" in made) is (kind == "limit")
    assert "flags" not in body(kind, "sell", reduceOnly=False, **{trigger: 48000.5})
    assert body(kind, "sell", reduceOnly=True, **{trigger: 48000.5})["flags"] == ["REDUCE_ONLY"]


def test_the_venues_own_type_names() -> None:
    assert body("STOP_LOSS_MARKET", "sell", triggerPrice=48000)["type"] == "STOP_LOSS_MARKET"
    assert refused(kind="STOP_LIMIT") == "arguments"
    assert refused(kind="STOP_LOSS_MARKET", takeProfitPrice=1) == "invalid"


@pytest.mark.parametrize(
    ("params", "instruction"),
    [
        ({"timeInForce": "GTC"}, "GTC"),
        ({"timeInForce": "ioc"}, "IOC"),
        ({"timeInForce": "PO"}, "POST_ONLY"),
        ({"postOnly": True}, "POST_ONLY"),
        ({"postOnly": True, "timeInForce": "GTC"}, "POST_ONLY"),
        ({"timeInForce": "RPI"}, "RPI"),
        ({"instruction": "POST_ONLY"}, "POST_ONLY"),
    ],
)
def test_time_in_force(params: dict[str, Any], instruction: str) -> None:
    assert body(**params)["instruction"] == instruction


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ({"timeInForce": "FOK"}, "unsupported"),
        ({"timeInForce": "GTD"}, "invalid"),
        ({"postOnly": True, "timeInForce": "IOC"}, "invalid"),
        ({"kind": "market", "postOnly": True}, "invalid"),
        ({"kind": "market", "timeInForce": "RPI"}, "invalid"),
        ({"kind": "iceberg"}, "invalid"),
        ({"side": "hold"}, "invalid"),
        ({"at": None}, "arguments"),
        ({"triggerPrice": 1, "stopLossPrice": 1}, "invalid"),
        ({"stopLoss": {"triggerPrice": 1}}, "unsupported"),
        ({"takeProfit": {"triggerPrice": 1}}, "unsupported"),
        ({"trailingPercent": 1}, "unsupported"),
        ({"selfTradePrevention": "DECREMENT"}, "invalid"),
        ({"nonsense": 1}, "bad_request"),
        ({"clientOrderId": ""}, "arguments"),
        ({"clientOrderId": "a" * 65}, "invalid"),
        ({"clientOrderId": "a/b"}, "invalid"),
        ({"clientOrderId": "\u00e9"}, "invalid"),
    ],
)
def test_refusals(arguments: dict[str, Any], kind: str) -> None:
    assert refused(**arguments) == kind


def test_extras_arrive_and_nothing_else_does() -> None:
    made = body(selfTradePrevention="EXPIRE_MAKER", on_behalf_of_account="0x1", wait=False)
    assert made["stp"] == "EXPIRE_MAKER" and made["on_behalf_of_account"] == "0x1" and "wait" not in made
    words = ("partner", "broker", "builder", "referr", "fee")
    assert not [name for name in made if any(word in name for word in words)]


def test_receive_windows() -> None:
    assert orders.recv_window({}, 10_000) == 10_000 and orders.recv_window({"recvWindow": "50"}, 1) == 50
    for bad in (9, "soon"):
        with pytest.raises(Refused):
            orders.recv_window({"recvWindow": bad}, 1)


RAW = {"id": "77", "side": "SELL", "type": "STOP_LOSS_LIMIT", "size": "0.5", "price": "100", "trigger_price": "110"}


def test_an_amendment_keeps_what_is_not_given() -> None:
    kept = {"id": "77", "market": "BTC-USD-PERP", "side": "SELL", "type": "STOP_LOSS_LIMIT"}
    assert orders.amended(MARKET, RAW, None, None, {}, size, price) == {**kept, "size": "0.5", "price": "100", "trigger_price": "110"}
    changed = orders.amended(MARKET, RAW, 0.25, 99, {"triggerPrice": 120}, size, price)
    assert changed == {**kept, "size": "0.25", "price": "99", "trigger_price": "120"}
    market = orders.amended(MARKET, {**RAW, "type": "STOP_MARKET", "price": "0"}, 1, None, {}, size, price)
    assert market["price"] == "0"
    with pytest.raises(Refused):
        orders.amended(MARKET, {**RAW, "type": "STOP_MARKET", "price": "0"}, 1, 5, {}, size, price)


@given(amount=st.decimals(min_value="0.0001", max_value="200", places=6), at=st.decimals(min_value="0.01", max_value="200000", places=4))
def test_numbers_go_out_exactly_or_not_at_all(amount: Decimal, at: Decimal) -> None:
    on_grid = amount % Decimal("0.001") == 0 and at % Decimal("0.1") == 0 and Decimal("0.001") <= amount <= 100
    try:
        made = body(amount=amount, at=at)
    except errors.InvalidOrder:
        assert not on_grid
    else:
        assert on_grid and Decimal(made["size"]) == amount and Decimal(made["price"]) == at
