"""Unified orders on the wire: exact or refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccxt_dex.exact import Refused
from ccxt_dex.exchanges.hyperliquid import orders

BTC: dict[str, Any] = {"symbol": "BTC/USDC:USDC", "baseId": "0", "spot": False, "precision": {"amount": 1e-05}}
DOGE: dict[str, Any] = {"symbol": "DOGE/USDC:USDC", "baseId": "4", "spot": False, "precision": {"amount": 1.0}}
PURR: dict[str, Any] = {"symbol": "PURR/USDC", "baseId": "10000", "spot": True, "precision": {"amount": 1.0}}


# "Tick and lot size" of the documentation
@pytest.mark.parametrize(
    "market,price,sent",
    [(BTC, 1234.5, "1234.5"), (BTC, 123456, "123456"), (BTC, "60000.0", "60000"), (BTC, 0.1 + 0.2, "0.3"), (DOGE, 0.001234, "0.001234"), (DOGE, 0.012345, "0.012345"),
     (PURR, 0.0001234, "0.0001234"), (DOGE, 1e-6, "0.000001")],
)  # fmt: skip
def test_prices_that_the_rule_allows(market: Any, price: Any, sent: str) -> None:
    assert orders.price(price, market) == sent


@pytest.mark.parametrize(
    "market,price",
    [(BTC, 1234.56), (BTC, 12345.6), (DOGE, 0.0012345), (BTC, 0.05), (BTC, 0), (BTC, -1), (BTC, "nan"), (BTC, None), (BTC, True)],
)
def test_prices_that_it_does_not(market: Any, price: Any) -> None:
    with pytest.raises(Refused):
        orders.price(price, market)


@settings(max_examples=200, deadline=None)
@given(st.decimals("0.0001", "99999999", places=7), st.sampled_from([BTC, DOGE, PURR]))
def test_a_price_is_sent_as_it_is_or_not_at_all(price: Decimal, market: Any) -> None:
    try:
        sent = orders.price(price, market)
    except Refused:
        return
    assert Decimal(sent) == price and not (("." in sent) and sent.endswith("0"))
    whole, _, decimals = sent.partition(".")
    assert len((whole + decimals).strip("0") or "0") <= 5 or not decimals
    assert len(decimals) <= (8 if market["spot"] else 6) - orders.decimals_of(market)


@settings(max_examples=200, deadline=None)
@given(st.decimals("0.0001", "999999", places=6), st.booleans(), st.decimals("0", "0.2", places=3), st.sampled_from([BTC, DOGE, PURR]))
def test_a_bound_is_a_price_and_never_beyond_the_slippage(reference: Decimal, buy: bool, slippage: Decimal, market: Any) -> None:
    try:
        sent = Decimal(orders.bound(reference, buy, slippage, market))
    except Refused:
        return
    worst = reference * (1 + slippage if buy else 1 - slippage)
    assert sent <= worst if buy else sent >= worst
    assert Decimal(orders.price(sent, market)) == sent


@settings(max_examples=100, deadline=None)
@given(st.decimals("0.00001", "1000", places=7))
def test_a_size_is_sent_as_it_is_or_not_at_all(size: Decimal) -> None:
    try:
        assert Decimal(orders.amount(size, BTC)) == size
    except Refused:
        assert size % Decimal("0.00001") != 0


def test_client_ids() -> None:
    assert orders.cloid("0x" + "Ab" * 16) == "0x" + "ab" * 16
    assert orders.cloid("mybot-1") == orders.cloid("mybot-1") != orders.cloid("mybot-2")
    assert orders.CLOID.fullmatch(orders.cloid("x" * 100))


@pytest.mark.parametrize(
    "kind,params,tif",
    [("limit", {}, "Gtc"), ("limit", {"timeInForce": "IOC"}, "Ioc"), ("limit", {"timeInForce": "PO"}, "Alo"), ("limit", {"postOnly": True, "timeInForce": "gtc"}, "Alo"),
     ("market", {}, "Ioc"), ("market", {"timeInForce": "IOC"}, "Ioc")],
)  # fmt: skip
def test_times_in_force(kind: str, params: Any, tif: str) -> None:
    assert orders.time_in_force(kind, params) == tif


@pytest.mark.parametrize(
    "kind,params",
    [
        ("limit", {"timeInForce": "FOK"}),
        ("limit", {"postOnly": True, "timeInForce": "IOC"}),
        ("market", {"postOnly": True}),
        ("limit", {"timeInForce": "GTD"}),
    ],
)
def test_times_in_force_that_do_not_exist(kind: str, params: Any) -> None:
    with pytest.raises(Refused):
        orders.time_in_force(kind, params)


@pytest.mark.parametrize(
    "buy,params,found",
    [(True, {"triggerPrice": 5}, (5, "sl")), (False, {"stopLossPrice": 5}, (5, "sl")), (True, {"takeProfitPrice": 5}, (5, "tp")),
     (True, {"triggerPrice": 5, "triggerDirection": "ascending"}, (5, "sl")), (True, {"triggerPrice": 5, "triggerDirection": "descending"}, (5, "tp")),
     (False, {"triggerPrice": 5, "triggerDirection": "ascending"}, (5, "tp")), (False, {"triggerPrice": 5, "triggerDirection": "descending"}, (5, "sl")), (True, {}, None)],
)  # fmt: skip
def test_triggers(buy: bool, params: Any, found: Any) -> None:
    assert orders.trigger_of(buy, params) == found


@pytest.mark.parametrize(
    "params",
    [{"stopLossPrice": 1, "takeProfitPrice": 2}, {"triggerPrice": 58000, "postOnly": True}, {"triggerPrice": 58000, "timeInForce": "IOC"}, {"trailingPercent": 1},
     {"reduceOnly": "yes"}, {"hidden": True}, {"triggerPrice": 58000, "triggerDirection": "sideways"}, {"grouping": "positionTpsl"},
     {"post_only": True}, {"reduce_only": True}, {"tif": "Alo"}, {"triggerPx": "58000"}, {"cloid": "0x" + "1" * 32}],
)  # fmt: skip
def test_flags_that_cannot_be_kept_are_refused_not_dropped(params: Any) -> None:
    with pytest.raises(Refused):
        orders.plan(BTC, "limit", "buy", "0.001", "59000", params, "0.05")


def test_an_entry_with_exits_is_three_orders_of_one_action() -> None:
    params = {"clientOrderId": "0x" + "1" * 32, "stopLoss": {"triggerPrice": 55000}, "takeProfit": {"triggerPrice": 65000, "price": 64900}}
    plan = orders.plan(BTC, "limit", "buy", 0.001, 59000, params, 0.05)
    main, profit, loss = plan.wires
    assert plan.grouping == "normalTpsl" and main["c"] and list(main) == ["a", "b", "p", "s", "r", "t", "c"]
    assert profit == {
        "a": 0,
        "b": False,
        "p": "64900",
        "s": "0.001",
        "r": True,
        "t": {"trigger": {"isMarket": False, "triggerPx": "65000", "tpsl": "tp"}},
    }
    assert loss["t"]["trigger"] == {"isMarket": True, "triggerPx": "55000", "tpsl": "sl"} and loss["p"] == "52250"


@pytest.mark.parametrize("given_amount,units", [(10.41, 10_410_000), ("0.000001", 1), (5, 5_000_000), (0.1 + 0.2, 300_000)])
def test_money_in_millionths(given_amount: Any, units: int) -> None:
    assert orders.usd_units(given_amount) == units


def test_money_finer_than_that_is_refused() -> None:
    with pytest.raises(Refused):
        orders.usd_units("0.0000001")
