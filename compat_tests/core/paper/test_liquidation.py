"""Positions that their collateral no longer carries."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

D = Decimal


@pytest.fixture
def lender(desk: Any) -> Any:
    """Someone with enough to take what is liquidated."""
    desk.engine.open_account("dan", D(10_000_000))
    return desk


@pytest.mark.parametrize("held", [1, -1])
def test_isolated_liquidation_at_its_price(lender: Any, held: int) -> None:
    lender.engine.set_margin_mode("ann", "BTC-USD", "isolated")
    lender.position("ann", held)
    resting = lender.order("ann", "buy", 1, 50_000) if held > 0 else lender.order("ann", "sell", 1, 70_000)
    price = lender.engine.snapshot("ann", "BTC-USD").liquidation_price
    lender.order("dan", "buy" if held > 0 else "sell", 5, price.quantize(D("0.1")) - 40 * held)
    lender.engine.set_price("BTC-USD", (price + 20 * held).quantize(D("0.1")))
    assert lender.qty("ann") == held and resting.status == "open"
    lender.events.clear()
    lender.engine.set_price("BTC-USD", (price - 20 * held).quantize(D("0.1")))
    assert lender.qty("ann") == 0 and (resting.status, resting.reason) == ("canceled", "liquidation")
    (event,) = lender.kinds("liquidation")
    order = lender.engine.find("ann", order_id=event.data.order_id)
    assert (order.status, order.reason, order.filled, event.data.qty) == ("filled", "liquidation", 1, held)
    assert order.request.info == {"source": "liquidation"}
    assert [trade.liquidation for trade in lender.engine.trades("BTC-USD")][-1] and not lender.engine.trades("BTC-USD")[0].liquidation
    assert lender.unaccounted() == 0 and lender.net() == 0


def test_isolated_liquidation_takes_no_more_than_the_margin(lender: Any) -> None:
    lender.engine.set_margin_mode("ann", "BTC-USD", "isolated")
    lender.position("ann", 1)
    before = lender.engine.balances("ann").cross_balance
    lender.order("dan", "buy", 5, 40_000)
    lender.engine.set_price("BTC-USD", D(45_000))
    view = lender.engine.balances("ann")
    assert view.balance == before and view.compensation > 0 and lender.unaccounted() == 0


def test_cross_liquidation_cancels_orders_and_takes_the_largest_first(lender: Any) -> None:
    lender.position("ann", 14)
    lender.position("ann", 1, 2000, at="ETH-USD")
    order = lender.order("ann", "buy", 1, 1000, at="ETH-USD")
    lender.order("dan", "buy", 20, 53_500)
    price = lender.engine.snapshot("ann", "BTC-USD").liquidation_price
    lender.engine.set_price("BTC-USD", (price + 1).quantize(D("0.1")))
    assert lender.qty("ann") == 14 and order.status == "open"
    lender.engine.set_price("BTC-USD", (price - 1).quantize(D("0.1")))
    assert lender.qty("ann") == 0 and order.status == "canceled" and lender.qty("ann", "ETH-USD") == 1
    assert lender.engine.balances("ann").balance > 0 and lender.unaccounted() == 0


def test_without_buyers_the_insurance_fund_takes_over_at_the_mark(desk: Any) -> None:
    desk.position("ann", 15)
    desk.engine.set_price("BTC-USD", D(50_000))
    assert desk.qty("ann") == 0 and desk.engine.world.accounts["$insurance"].qty("BTC-USD") == 15
    assert desk.engine.balances("ann").balance == 0 and desk.engine.balances("ann").compensation > 0
    assert desk.unaccounted() == 0 and desk.net() == 0


def test_a_stop_comes_before_the_liquidation(lender: Any) -> None:
    lender.position("ann", 15)
    stop = lender.order("ann", "sell", 15, trigger=55_000, reduce_only=True)
    lender.order("dan", "buy", 20, 53_800)
    lender.engine.set_price("BTC-USD", D(53_900))
    assert stop.status == "filled" and not lender.kinds("liquidation")


def test_a_venues_own_maintenance_rate_and_fee(make_desk: Any) -> None:
    desk = make_desk(maintenance=lambda market: D("0.05"), liquidation_fee=D("0.01"))
    desk.position("ann", 1)
    assert desk.engine.snapshot("ann", "BTC-USD").maintenance_margin == 3000
    desk.engine.transfer("ann", D(-94_000) + 24)
    desk.engine.set_price("BTC-USD", D(56_000))
    (event,) = desk.kinds("liquidation")
    order = desk.engine.find("ann", order_id=event.data.order_id)
    assert order.fee == 56_000 * (D("0.0004") + D("0.01")) and desk.unaccounted() == 0


def test_liquidation_is_noticed_by_the_tick_too(desk: Any) -> None:
    desk.position("ann", 15)
    desk.engine.pause()
    desk.engine.world.states["BTC-USD"].mark = D(50_000)
    desk.tick()
    assert desk.qty("ann") == 0
