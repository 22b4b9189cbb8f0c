"""Unified order arguments -> transaction fields, and what is refused before anything is signed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccxt_dex import exact
from ccxt_dex.exchanges.lighter import orders, signing

NOW = 1_795_331_569_362
# shape of a recorded market (2026-05-05): ETH, four decimals of size, two of price
ETH = orders.Grid(0, "ETH/USDC:USDC", 4, 2, True, True, Decimal("0.0050"), Decimal(10), Decimal("281474976.710655"))
SPOT = orders.Grid(2048, "ETH/USDC", 4, 2, False, True, Decimal("0.0001"), None, None)


def plan(
    kind: str = "limit", side: str = "buy", amount: Any = 0.1, price: Any = 3900, market: orders.Grid = ETH, **params: Any
) -> orders.Plan:
    reference = params.pop("reference", None)
    return orders.create(market, kind, side, amount, price, params, now_ms=NOW, reference=reference)


def row(**kwargs: Any) -> dict[str, Any]:
    made = plan(**kwargs)
    assert made.name == "create_order"
    return made.fields


def refused(**kwargs: Any) -> str:
    with pytest.raises(exact.Refused) as caught:
        plan(**kwargs)
    assert caught.value.kind in exact.REFUSALS
    return caught.value.kind


def test_the_sheets_limit_sell() -> None:
    """The vector of the fact sheet: limit sell 0.1 ETH at 3900, client id 77."""
    assert row(side="sell", clientOrderId=77) == {
        "MarketIndex": 0,
        "ClientOrderIndex": 77,
        "BaseAmount": 1000,
        "Price": 390000,
        "IsAsk": 1,
        "Type": 0,
        "TimeInForce": 1,
        "ReduceOnly": 0,
        "TriggerPrice": 0,
        "OrderExpiry": NOW + 2_419_200_000,
    }


@pytest.mark.parametrize(
    ("params", "tif", "expires"),
    [
        ({}, 1, True),
        ({"timeInForce": "GTC"}, 1, True),
        ({"timeInForce": "gtt"}, 1, True),
        ({"timeInForce": "IOC"}, 0, False),
        ({"timeInForce": "PO"}, 2, True),
        ({"postOnly": True}, 2, True),
    ],
)
def test_time_in_force(params: dict[str, Any], tif: int, expires: bool) -> None:
    made = row(**params)
    assert made["TimeInForce"] == tif and bool(made["OrderExpiry"]) == expires


def test_what_the_venue_has_no_words_for() -> None:
    assert refused(timeInForce="FOK") == "unsupported"
    assert refused(timeInForce="WHENEVER") == "unsupported"
    assert refused(timeInForce="IOC", postOnly=True) == "invalid"
    assert refused(kind="market", postOnly=True) == "invalid"
    assert refused(kind="iceberg") == "unsupported"
    assert refused(side="hold") == "invalid"
    assert refused(trailingPercent=1) == "unsupported"
    assert refused(reduceOnly="yes") == "invalid"
    assert refused(market=SPOT, reduceOnly=True) == "unsupported"
    assert refused(market=SPOT, triggerPrice=3000) == "unsupported"
    assert refused(stopLossPrice=1, takeProfitPrice=2) == "unsupported"
    assert refused(price=None) == "arguments"
    assert refused(kind="market", price=None) == "arguments"


@pytest.mark.parametrize("bad", ["abc", "0", 0, -1, 2**48, "12a", 1.5, True, "", "٣"])
def test_client_ids_that_are_no_numbers_are_refused_and_not_replaced(bad: Any) -> None:
    assert refused(clientOrderId=bad) == "invalid"


def test_client_ids_keep_their_value() -> None:
    assert row(clientOrderId="281474976710655")["ClientOrderIndex"] == 2**48 - 1


def test_order_expiry_is_kept() -> None:
    at = NOW + 3_600_000
    assert row(orderExpiry=at)["OrderExpiry"] == at
    assert row(timeInForce="GTD", goodTillDate=at)["OrderExpiry"] == at
    assert refused(orderExpiry=NOW + 299_000) == "invalid"
    assert refused(orderExpiry=NOW + 31 * 86_400_000) == "invalid"


def test_market_order_is_bounded_by_the_reference_and_the_slippage() -> None:
    buy = row(kind="market", price=None, reference="3900.01")
    assert (buy["Type"], buy["TimeInForce"], buy["OrderExpiry"], buy["Price"]) == (1, 0, 0, 409501)
    sell = row(kind="market", side="sell", price=None, reference="3900.01")
    assert sell["Price"] == 370501
    assert row(kind="market", price=None, reference="3900", slippage="0.001")["Price"] == 390390


def test_the_price_of_a_market_order_is_the_worst_one_to_take() -> None:
    assert row(kind="market", price=4000)["Price"] == 400000, "as in ccxt's class: a bot's own bound is not widened"
    assert row(kind="market", price="4000.009")["Price"] == 400000, "between two ticks it is the nearer bound"
    assert row(kind="market", side="sell", price="4000.001")["Price"] == 400001
    assert row(kind="market", price=4000, slippage=0)["Price"] == 400000


@pytest.mark.parametrize(("price", "worst"), [(None, 361000), (3800, 361000), (3900, 361000), (3750, 375000)])
def test_a_stop_is_bounded_by_its_trigger_unless_a_price_beyond_it_is_given(price: Any, worst: int) -> None:
    assert row(kind="market", side="sell", price=price, stopLossPrice=3800)["Price"] == worst
    buy = row(kind="market", price=None if price is None else 7600 - price, triggerPrice=3800)["Price"]
    assert buy == (399000 if worst == 361000 else 385000)
    assert row(kind="market", price=4000, slippage=0.01)["Price"] == 404000
    assert refused(kind="market", price=4000, slippage=1) == "bad_request"


@pytest.mark.parametrize(
    ("kind", "name", "number", "tif"),
    [
        ("market", "stopLossPrice", 2, 0),
        ("market", "triggerPrice", 2, 0),
        ("limit", "stopLossPrice", 3, 1),
        ("market", "takeProfitPrice", 4, 0),
        ("limit", "takeProfitPrice", 5, 1),
    ],
)
def test_stops_and_take_profits(kind: str, name: str, number: int, tif: int) -> None:
    made = row(kind=kind, side="sell", price=None if kind == "market" else 3700, reduceOnly=True, **{name: 3750})
    assert (made["Type"], made["TimeInForce"], made["TriggerPrice"], made["ReduceOnly"]) == (number, tif, 375000, 1)
    assert made["OrderExpiry"] == NOW + 2_419_200_000, "the signer says OrderExpiry is invalid otherwise"
    assert made["Price"] == (356250 if kind == "market" else 370000)


def test_trigger_direction_must_be_that_of_a_stop() -> None:
    row(side="sell", triggerPrice=3000, triggerDirection="descending")
    assert refused(side="sell", triggerPrice=3000, triggerDirection="ascending") == "unsupported"


@pytest.mark.parametrize("name", ["stopLoss", "takeProfit"])
def test_one_attached_exit_makes_a_group_of_two(name: str) -> None:
    made = plan(clientOrderId=5, **{name: {"triggerPrice": 3750}})
    assert made.name == "create_grouped_orders" and made.fields["GroupingType"] == 1
    entry, child = made.fields["Orders"]
    assert entry["ClientOrderIndex"] == 5 and child["ClientOrderIndex"] == 0
    assert (child["BaseAmount"], child["ReduceOnly"], child["IsAsk"], child["TimeInForce"]) == (0, 1, 1, 0)
    assert child["Type"] == (2 if name == "stopLoss" else 4) and child["TriggerPrice"] == 375000
    assert child["OrderExpiry"] == entry["OrderExpiry"]


def test_both_attached_exits_make_a_group_of_three() -> None:
    made = plan(kind="market", side="sell", price=3900, stopLoss={"triggerPrice": 4000}, takeProfit={"triggerPrice": 3700, "price": 3710})
    assert made.fields["GroupingType"] == 3
    entry, stop, profit = made.fields["Orders"]
    assert entry["OrderExpiry"] == 0 and entry["Price"] == 390000
    assert entry["OrderExpiry"] == 0 and stop["OrderExpiry"] == profit["OrderExpiry"] > 0
    assert (stop["Type"], stop["IsAsk"], stop["Price"]) == (2, 0, 420000)
    assert (profit["Type"], profit["IsAsk"], profit["Price"], profit["TimeInForce"]) == (5, 0, 371000, 1)


def test_groups_pass_the_checks_of_the_official_signer() -> None:
    """The rules of lighter-go's Validate: sizes, sides, expiries, types."""
    for kind in ("limit", "market"):
        for exits in ({"stopLoss": 3750}, {"takeProfit": 4100}, {"stopLoss": 3750, "takeProfit": 4100}):
            made = plan(kind=kind, clientOrderId=5, **exits)
            entry, *children = made.fields["Orders"]
            assert made.fields["GroupingType"] == (1 if len(children) == 1 else 3)
            assert all(child["BaseAmount"] == 0 and child["IsAsk"] != entry["IsAsk"] and child["OrderExpiry"] for child in children)
            assert len({child["OrderExpiry"] for child in children}) == 1
            assert entry["OrderExpiry"] in (0, children[0]["OrderExpiry"])
            who = {"chain_id": 304, "account": 1, "key_index": 3, "nonce": 1, "expired_at": NOW}
            assert signing.transaction(made.name, made.fields, attributes={4: 1}, **who).hash


def test_attached_exits_that_cannot_be_placed_are_refused_not_dropped() -> None:
    assert refused(stopLoss={}) == "arguments"
    assert refused(stopLoss={"triggerPrice": 3000, "type": "limit"}) == "arguments"
    assert refused(stopLoss={"triggerPrice": 3000}, triggerPrice=3100) == "unsupported"
    assert refused(market=SPOT, stopLoss={"triggerPrice": 3000}) == "unsupported"


@pytest.mark.parametrize("amount", [0, -1, "nan", "inf", None, True, "1e30", 0.00011, 0.001])
def test_amounts_that_are_no_amounts(amount: Any) -> None:
    assert refused(amount=amount) == "invalid"


@pytest.mark.parametrize("price", [0, -1, "nan", 3900.001, 42949672.96])
def test_prices_that_are_no_prices(price: Any) -> None:
    assert refused(price=price) == "invalid"


def test_cost_below_the_minimum_is_refused_unless_it_reduces() -> None:
    assert refused(amount=0.005, price=1900) == "invalid"
    assert row(amount=0.005, price=1900, reduceOnly=True)["ReduceOnly"] == 1


@settings(max_examples=200, deadline=None)
@given(st.integers(50, 10**9), st.integers(1, 2**32 - 1))
def test_floats_of_the_grid_are_never_moved(size: int, price: int) -> None:
    """A float that prints as a multiple of the step becomes exactly that multiple, whatever its binary value."""
    amount, at = float(Decimal(size).scaleb(-4)), float(Decimal(price).scaleb(-2))
    assert orders.size(ETH, amount) == size
    assert orders.price_units(ETH, at) == price


def test_arithmetic_noise_of_floats_is_removed_and_nothing_else() -> None:
    assert orders.size(ETH, 0.1 + 0.2) == 3000
    assert refused(amount=0.30001) == "invalid"


def test_self_trade_prevention() -> None:
    assert plan(selfTradePrevention="EXPIRE_BOTH").attributes == {6: 2}
    assert plan(self_trade_behavior_mode=3).attributes == {6: 3}
    assert plan(selfTradePrevention="EXPIRE_MAKER").attributes == {}
    assert refused(selfTradePrevention="SOMETHING") == "unsupported"


def test_no_integrator_is_ever_in_the_attributes() -> None:
    for params in ({}, {"stopLoss": 3000}, {"selfTradePrevention": "DECREMENT"}):
        assert not {1, 2, 3} & plan(**params).attributes.keys()


def test_cancel_modify_and_cancel_all() -> None:
    assert orders.cancel(ETH, "281474977354074", {}).fields == {"MarketIndex": 0, "Index": 281474977354074}
    assert orders.cancel(ETH, None, {"clientOrderId": "77"}).fields["Index"] == 77
    for bad in (None, "", "abc", "-1"):
        with pytest.raises(exact.Refused):
            orders.cancel(ETH, bad, {})
    assert orders.modify(ETH, "77", 0.2, 3800, {"triggerPrice": 3750}).fields == {
        "MarketIndex": 0,
        "Index": 77,
        "BaseAmount": 2000,
        "Price": 380000,
        "TriggerPrice": 375000,
    }
    for missing in ((None, 3800), (0.2, None)):
        with pytest.raises(exact.Refused, match="amount and price"):
            orders.modify(ETH, "77", *missing, {})
    assert orders.cancel_all().fields == {"TimeInForce": 0, "Time": 0}
    assert orders.cancel_all(ETH).attributes == {5: 0}, "market 0 is a market"
    assert orders.cancel_all(None, NOW).fields == {"TimeInForce": 1, "Time": NOW}
    assert orders.cancel_all(None, 0, True).fields == {"TimeInForce": 2, "Time": 0}


def test_leverage_is_never_above_the_one_asked_for() -> None:
    assert orders.leverage(ETH, 10, "cross", 50).fields == {"MarketIndex": 0, "InitialMarginFraction": 1000, "MarginMode": 0}
    assert orders.leverage(ETH, 3, "isolated", 50).fields["InitialMarginFraction"] == 3334
    for bad in ((51, "cross"), (0, "cross"), (5, "sideways")):
        with pytest.raises(exact.Refused):
            orders.leverage(ETH, *bad, 50)


def test_margin() -> None:
    assert orders.margin(ETH, 20.5, True).fields == {"MarketIndex": 0, "USDCAmount": 20_500_000, "Direction": 1}
    with pytest.raises(exact.Refused):
        orders.margin(ETH, "0.0000001", True)
