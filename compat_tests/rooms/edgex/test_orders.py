"""Unified arguments in, edgeX's words out; what cannot be said is refused before it is signed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccxt_dex import exact
from ccxt_dex.exchanges.edgex import bodies, orders
from compat_tests.rooms.edgex import vectors as v

MARKET: dict[str, Any] = {
    "id": "30000001",
    "symbol": "BTC/USDC:USDC",
    "active": True,
    "precision": {"amount": 0.001, "price": 0.1},
    "limits": {"amount": {"min": 0.001, "max": 50.0}, "price": {"min": None, "max": None}, "leverage": {"min": 1, "max": 100}},
}


def draft(kind: str = "limit", side: str = "buy", amount: Any = "0.01", price: Any = "79000", **params: Any) -> orders.Draft:
    return orders.draft(MARKET, kind, side, amount, price, {"clientOrderId": "a1", **params}, "0.05")


@pytest.mark.parametrize(
    "kind,side,params,expected",
    [
        ("limit", "buy", {}, ("LIMIT", "GOOD_TIL_CANCEL", "")),
        ("limit", "buy", {"postOnly": True}, ("LIMIT", "POST_ONLY", "")),
        ("limit", "buy", {"timeInForce": "PO"}, ("LIMIT", "POST_ONLY", "")),
        ("limit", "sell", {"timeInForce": "IOC"}, ("LIMIT", "IMMEDIATE_OR_CANCEL", "")),
        ("limit", "sell", {"timeInForce": "fok"}, ("LIMIT", "FILL_OR_KILL", "")),
        ("limit", "sell", {"timeInForce": "GOOD_TIL_CANCEL"}, ("LIMIT", "GOOD_TIL_CANCEL", "")),
        ("market", "buy", {}, ("MARKET", "IMMEDIATE_OR_CANCEL", "")),
        ("market", "buy", {"timeInForce": "GTC"}, ("MARKET", "IMMEDIATE_OR_CANCEL", "")),
        ("market", "sell", {"stopLossPrice": 75000}, ("STOP_MARKET", "IMMEDIATE_OR_CANCEL", "75000")),
        ("limit", "sell", {"stopLossPrice": 75000}, ("STOP_LIMIT", "GOOD_TIL_CANCEL", "75000")),
        ("market", "sell", {"takeProfitPrice": "85000.5"}, ("TAKE_PROFIT_MARKET", "IMMEDIATE_OR_CANCEL", "85000.5")),
        ("limit", "sell", {"takeProfitPrice": 85000}, ("TAKE_PROFIT_LIMIT", "GOOD_TIL_CANCEL", "85000")),
        ("market", "buy", {"triggerPrice": 80000}, ("STOP_MARKET", "IMMEDIATE_OR_CANCEL", "80000")),
        ("market", "buy", {"triggerPrice": 80000, "triggerDirection": "ascending"}, ("STOP_MARKET", "IMMEDIATE_OR_CANCEL", "80000")),
        ("market", "buy", {"triggerPrice": 70000, "triggerDirection": "below"}, ("TAKE_PROFIT_MARKET", "IMMEDIATE_OR_CANCEL", "70000")),
        ("market", "sell", {"triggerPrice": 70000, "triggerDirection": "descending"}, ("STOP_MARKET", "IMMEDIATE_OR_CANCEL", "70000")),
        ("limit", "sell", {"triggerPrice": 90000, "triggerDirection": "above"}, ("TAKE_PROFIT_LIMIT", "GOOD_TIL_CANCEL", "90000")),
    ],
)
def test_kinds(kind: str, side: str, params: dict[str, Any], expected: tuple[str, str, str]) -> None:
    made = draft(kind, side, **params)
    assert (made.type, made.time_in_force, made.trigger) == expected
    assert made.price == ("0" if kind == "market" else "79000")
    assert bool(made.trigger_by) == bool(made.trigger)


@pytest.mark.parametrize(
    "given,wire",
    [(None, "LAST_PRICE"), ("last", "LAST_PRICE"), ("mark", "ORACLE_PRICE"), ("index", "INDEX_PRICE"), ("ORACLE_PRICE", "ORACLE_PRICE")],
)
def test_what_a_trigger_looks_at(given: Any, wire: str) -> None:
    assert draft("market", "sell", stopLossPrice=75000, triggerPriceType=given).trigger_by == wire


def test_attached_exits() -> None:
    made = draft(takeProfit={"triggerPrice": 90000}, stopLoss={"triggerPrice": "70000", "price": "69900.5", "triggerPriceType": "mark"})
    assert made.take_profit == orders.Exit("a1-tp", "90000", "LAST_PRICE", "0")
    assert made.stop_loss == orders.Exit("a1-sl", "70000", "ORACLE_PRICE", "69900.5")
    assert len(orders.leg_id("a" * 64, "tp")) <= 64


@pytest.mark.parametrize(
    "kind,problem,changes",
    [
        ("invalid", "multiple", {"amount": 0.0015}),
        ("invalid", "multiple", {"price": 79000.05}),
        ("invalid", "positive", {"amount": -1}),
        ("invalid", "above the maximum", {"amount": 51}),
        ("invalid", "number", {"amount": float("nan")}),
        ("invalid", "number", {"amount": True}),
        ("invalid", "positive", {"price": 0}),
        ("arguments", "needs a price", {"price": None}),
        ("invalid", "side", {"side": "hold"}),
        ("unsupported", "type", {"kind": "iceberg"}),
        ("unsupported", "timeInForce", {"timeInForce": "WHENEVER"}),
        ("invalid", "post-only", {"kind": "market", "postOnly": True}),
        ("unsupported", "FOK", {"kind": "market", "timeInForce": "FOK"}),
        ("invalid", "post-only", {"postOnly": True, "timeInForce": "IOC"}),
        ("invalid", "postOnly", {"postOnly": "yes"}),
        ("invalid", "reduceOnly", {"reduceOnly": "false"}),
        ("invalid", "one trigger", {"stopLossPrice": 1, "takeProfitPrice": 2}),
        ("invalid", "multiple", {"stopLossPrice": 75000.01}),
        ("invalid", "triggerDirection", {"triggerPrice": 75000, "triggerDirection": "sideways"}),
        ("arguments", "triggerPrice", {"triggerDirection": "above"}),
        ("unsupported", "triggerPriceType", {"triggerPrice": 75000, "triggerPriceType": "bid"}),
        ("arguments", "triggerPrice", {"takeProfit": {"price": 1}}),
        ("arguments", "price", {"stopLoss": {"triggerPrice": 70000, "type": "limit"}}),
        ("arguments", "expireTime", {"timeInForce": "GTD"}),
        ("invalid", "expireTime", {"expireTime": "tomorrow"}),
        ("invalid", "clientOrderId", {"clientOrderId": "123"}),
        ("invalid", "clientOrderId", {"clientOrderId": "a,b"}),
        ("invalid", "clientOrderId", {"clientOrderId": "a" * 65}),
        ("bad_request", "slippage", {"kind": "market", "slippage": 2}),
        ("unsupported", "trailing", {"trailingPercent": 1}),
        ("unsupported", "leverage", {"leverage": 3}),
        ("unsupported", "margin mode", {"marginMode": "isolated"}),
        ("unsupported", "hedge", {"hedged": True}),
    ],
)
def test_refusals(kind: str, problem: str, changes: dict[str, Any]) -> None:
    with pytest.raises(exact.Refused, match=problem) as caught:
        draft(**changes)
    assert caught.value.kind == kind


def test_a_closed_market() -> None:
    with pytest.raises(exact.Refused) as caught:
        orders.draft({**MARKET, "active": False}, "limit", "buy", 1, 79000, {"clientOrderId": "a"}, None)
    assert caught.value.kind == "closed"


@pytest.mark.parametrize("side,bound", [("buy", "82976.2"), ("sell", "75073.8")])
def test_a_market_order_is_bounded_by_the_oracle(side: str, bound: str) -> None:
    made = draft("market", side, price=None)
    assert made.needs_oracle
    assert bodies.signed_price(made, "0.1", v.ORACLE) == Decimal(bound)
    wide = draft("market", side, price=None, slippage=False)
    assert bodies.signed_price(wide, "0.1", v.ORACLE) == (Decimal("790250.4") if side == "buy" else Decimal("0.1"))


def test_a_conditional_market_order_must_fire_in_a_gap() -> None:
    stop = draft("market", "sell", stopLossPrice=75000)
    assert not stop.needs_oracle and bodies.signed_price(stop, "0.1") == Decimal("0.1")
    bounded = draft("market", "sell", stopLossPrice=75000, slippage="0.01")
    assert not bounded.needs_oracle and bodies.signed_price(bounded, "0.1") == Decimal("74250")
    assert draft("market", "buy", stopLossPrice=85000).needs_oracle


@pytest.mark.parametrize("oracle", [None, "0", "abc"])
def test_no_oracle_no_market_order(oracle: Any) -> None:
    with pytest.raises(exact.Refused):
        bodies.signed_price(draft("market", "buy"), "0.1", oracle)


@given(st.decimals("0.0001", "1000000", places=6), st.sampled_from(["BUY", "SELL"]), st.sampled_from(["0.1", "0.01", "0.000001", "5"]))
def test_a_bound_is_on_the_tick_and_never_beyond_the_fraction(oracle: Decimal, side: str, tick: str) -> None:
    unit = Decimal(tick)
    found = bodies.bounded(side, oracle, unit, Decimal("0.05"))
    assert found % unit == 0
    assert found <= oracle * Decimal("1.05") if side == "BUY" else found >= oracle * Decimal("0.95")


@given(st.integers(1, 50_000), st.integers(1, 2_000_000))
def test_what_is_signed_is_what_was_asked(steps: int, ticks: int) -> None:
    size, price = Decimal(steps) / 1000, Decimal(ticks) / 10
    made = draft(amount=float(size), price=float(price))
    assert Decimal(made.size) == size and Decimal(made.price) == price
    terms = bodies.Terms(v.ACCOUNT, v.TRADING_ADDRESS, v.NOW, v.CONTRACT, v.COIN)
    texts, signed = bodies.authorised(terms, "BUY", made.size, price, "a1", v.NOW)
    assert signed.synthetic == size * 10**10 and signed.collateral == int(size * price * 10**6)
    assert Decimal(texts["l2Value"]) == size * price and "E" not in texts["l2Value"]
    assert Decimal(texts["l2LimitFee"]) >= size * price * Decimal("0.00045")


def test_an_amount_finer_than_the_resolution_is_refused() -> None:
    terms = bodies.Terms(v.ACCOUNT, v.TRADING_ADDRESS, v.NOW, {**v.CONTRACT, "resolution": "100"}, v.COIN)
    with pytest.raises(exact.Refused, match="finer"):
        bodies.authorised(terms, "BUY", "0.001", Decimal(79000), "a1", v.NOW)


@given(st.floats(allow_nan=True, allow_infinity=True) | st.text(max_size=12) | st.none() | st.booleans())
def test_any_amount_is_on_the_grid_or_refused(value: Any) -> None:
    try:
        text = exact.quantity(MARKET, value)
    except exact.Refused:
        return
    assert Decimal(text) % Decimal("0.001") == 0 and Decimal("0.001") <= Decimal(text) <= 50


@pytest.mark.parametrize("given,own", [("726881470857084943", True), ("c123", False), (726881470857084943, True)])
def test_names(given: Any, own: bool) -> None:
    assert orders.reference(given, {}) == (str(given), own)
    assert orders.reference(given, {"clientOrderId": "777"}) == ("777", False)
    with pytest.raises(exact.Refused):
        orders.reference("", {})


def test_a_higher_fee_rate_raises_the_ceiling_only() -> None:
    value = Decimal("20250")
    assert bodies.limit_fee(v.CONTRACT, value) == 10
    assert bodies.limit_fee(v.CONTRACT, value, Decimal("0.001")) == 21
    assert bodies.limit_fee(v.CONTRACT, value, Decimal("0.0001")) == 10
    assert bodies.limit_fee({}, value) == 21
