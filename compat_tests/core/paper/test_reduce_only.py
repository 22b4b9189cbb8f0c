"""Orders that may only close."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

D = Decimal


def test_cannot_open_increase_or_flip(desk: Any) -> None:
    desk.refuse_order("reduce_only", "ann", "sell", 1, 61_000, reduce_only=True)
    desk.position("ann", 1)
    desk.refuse_order("reduce_only", "ann", "buy", 1, 59_000, reduce_only=True)
    desk.refuse_order("reduce_only", "ann", "sell", "1.001", 61_000, reduce_only=True)
    assert desk.order("ann", "sell", 1, 61_000, reduce_only=True).status == "open"


def test_bounded_by_the_position_minus_other_pending_ones(desk: Any) -> None:
    desk.position("ann", -1)
    first = desk.order("ann", "buy", "0.6", 59_000, reduce_only=True)
    refusal = desk.refuse_order("reduce_only", "ann", "buy", "0.5", 59_000, reduce_only=True)
    assert "0.4" in refusal.text
    desk.order("ann", "buy", "0.4", 59_000, reduce_only=True)
    desk.refuse_order("reduce_only", "ann", "buy", "0.001", 59_000, reduce_only=True)
    desk.engine.cancel("ann", first.id)
    assert desk.order("ann", "buy", "0.6", 59_000, reduce_only=True).status == "open"


def test_a_venue_may_shrink_instead(make_desk: Any) -> None:
    desk = make_desk(reduce_only_excess="shrink")
    desk.position("ann", 1)
    order = desk.order("ann", "sell", 3, 61_000, reduce_only=True)
    assert order.qty == 1 and order.request.qty == 3
    desk.refuse_order("reduce_only", "ann", "sell", 1, 61_000, reduce_only=True)


def test_shrinks_newest_first_and_is_cancelled_with_the_position(desk: Any) -> None:
    desk.position("ann", 1)
    old = desk.order("ann", "sell", "0.6", 61_000, reduce_only=True)
    new = desk.order("ann", "sell", "0.4", 61_000, reduce_only=True)
    desk.position("ann", "-0.3")
    assert (old.qty, new.qty, new.status) == (D("0.6"), D("0.1"), "open")
    assert desk.engine.book("BTC-USD")[1] == [(D(61_000), D("0.7"))]
    desk.position("ann", "-0.2")
    assert (old.qty, new.status, new.reason) == (D("0.5"), "canceled", "reduce_only")
    desk.position("ann", "-0.5")
    assert (old.status, old.reason, desk.qty("ann")) == ("canceled", "reduce_only", 0)


def test_cancelled_when_the_position_flips(desk: Any) -> None:
    desk.position("ann", 1)
    order = desk.order("ann", "sell", 1, 61_000, reduce_only=True)
    desk.position("ann", -2)
    assert (order.status, order.reason, desk.qty("ann")) == ("canceled", "reduce_only", -1)


def test_waiting_reduce_only_triggers_shrink_and_go_too(desk: Any) -> None:
    desk.position("ann", 1)
    stop = desk.order("ann", "sell", 1, trigger=59_000, reduce_only=True)
    desk.position("ann", "-0.4")
    assert stop.qty == D("0.6")
    desk.position("ann", "-0.6")
    assert (stop.status, stop.reason) == ("canceled", "reduce_only")


def test_triggers_use_up_the_bound_where_the_venue_counts_them(make_desk: Any) -> None:
    desk = make_desk(reduce_only_counts_triggers=True)
    desk.position("ann", 1)
    pair = [desk.order("ann", "sell", "0.6", trigger=59_000, reduce_only=True)]
    pair.append(desk.order("ann", "sell", "0.4", trigger=61_000, reduce_only=True))
    desk.refuse_order("reduce_only", "ann", "sell", "0.1", 61_000, reduce_only=True)
    desk.engine.link("ann", [order.id for order in pair])
    desk.refuse_order("reduce_only", "ann", "sell", "0.5", 61_000, reduce_only=True)
    assert desk.order("ann", "sell", "0.4", 61_000, reduce_only=True).status == "open"


def test_a_fired_stop_takes_the_position_from_under_a_resting_one(desk: Any) -> None:
    desk.position("ann", 1)
    resting = desk.order("ann", "sell", 1, 61_000, reduce_only=True)
    stop = desk.order("ann", "sell", 1, trigger=59_000, reduce_only=True)
    desk.order("bob", "buy", 5, 58_000)
    desk.engine.set_price("BTC-USD", D(58_500))
    assert (stop.status, resting.status, desk.qty("ann")) == ("filled", "canceled", 0)


def test_reduce_only_needs_no_margin(desk: Any) -> None:
    desk.engine.set_leverage("ann", "BTC-USD", 1)
    desk.position("ann", "1.5")
    order = desk.order("ann", "sell", "1.5", 61_000, reduce_only=True)
    assert order.margin == 0
    # StandX's sample: 1.05 times the taker fee is what an order that only closes locks.
    assert order.locked == D("1.05") * D("1.5") * 61_000 * D("0.0004")
