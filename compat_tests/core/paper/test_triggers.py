"""Stops and take-profits: alone, attached to an entry, attached to a position."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

D = Decimal


@pytest.mark.parametrize(
    ("held", "side", "level", "not_yet", "then"),
    [
        (1, "sell", 59_000, 59_010, 59_000),
        (1, "sell", 61_000, 60_990, 61_000),
        (-1, "buy", 61_000, 60_990, 61_000),
        (-1, "buy", 59_000, 59_010, 59_000),
    ],
)
def test_stop_and_take_profit_fire_at_their_price_and_side(
    make_desk: Any, held: int, side: str, level: int, not_yet: int, then: int
) -> None:
    desk = make_desk()
    desk.position("ann", held)
    order = desk.order("ann", side, 1, trigger=level, reduce_only=True)
    desk.order("bob", "buy" if side == "sell" else "sell", 1, level + (-500 if side == "sell" else 500))
    desk.engine.set_price("BTC-USD", D(not_yet))
    assert order.status == "untriggered" and order.request.trigger_above is (level > 60_000)
    desk.engine.set_price("BTC-USD", D(then))
    assert order.status == "filled" and desk.qty("ann") == 0 and order.triggered == desk.time


def test_given_direction_wins_over_the_guess_and_reached_levels_are_refused(desk: Any) -> None:
    desk.refuse_order("bad_trigger", "ann", "buy", 1, trigger=59_000, trigger_above=True)
    desk.refuse_order("bad_trigger", "ann", "buy", 1, trigger=61_000, trigger_above=False)
    desk.refuse_order("bad_trigger", "ann", "buy", 1, trigger=60_000)
    assert desk.order("ann", "buy", 1, trigger=61_000, trigger_above=True).status == "untriggered"


def test_a_venue_may_fire_what_is_reached(make_desk: Any) -> None:
    desk = make_desk(trigger_reached="fire")
    desk.order("bob", "sell", 1, 60_000)
    assert desk.order("ann", "buy", 1, trigger=59_000, trigger_above=True).status == "filled"


def test_a_stop_limit_rests_at_its_price(desk: Any) -> None:
    order = desk.order("ann", "buy", 1, 60_500, trigger=61_000)
    assert desk.engine.balances("ann").locked == 0 and desk.engine.book("BTC-USD") == ([], [])
    desk.engine.set_price("BTC-USD", D(61_000))
    assert order.status == "open" and desk.engine.book("BTC-USD")[0] == [(D(60_500), D(1))]
    assert desk.engine.balances("ann").locked == order.locked > 6000


@pytest.mark.parametrize("by", ["mark", "last", "index"])
def test_which_price_fires(desk: Any, by: str) -> None:
    order = desk.order("ann", "buy", "0.1", trigger=61_000, trigger_by=by)
    state = desk.engine.world.states["BTC-USD"]
    desk.order("bob", "sell", 1, 61_000)
    desk.order("cat", "buy", "0.1", 61_000)
    assert desk.engine.last("BTC-USD") == 61_000 and desk.engine.mark("BTC-USD") == 60_000
    assert order.status == ("filled" if by == "last" else "untriggered")
    setattr(state, "index" if by == "index" else "mark", D(61_000))
    desk.order("cat", "buy", "0.1", 61_000)
    assert order.status == "filled"


def test_a_trigger_that_cannot_be_paid_or_matched_is_cancelled(desk: Any) -> None:
    poor = desk.order("ann", "buy", 30, trigger=61_000)
    lonely = desk.order("bob", "buy", 1, trigger=61_000)
    desk.engine.set_price("BTC-USD", D(61_000))
    assert (poor.status, poor.reason) == ("canceled", "insufficient_funds")
    assert (lonely.status, lonely.reason) == ("canceled", "no_liquidity")


def test_triggers_of_a_closed_market_are_cancelled_when_they_fire(desk: Any) -> None:
    order = desk.order("ann", "buy", 1, trigger=61_000)
    desk.engine.set_active("BTC-USD", False)
    desk.engine.set_price("BTC-USD", D(61_000))
    assert (order.status, order.reason) == ("canceled", "market_closed")


def test_close_position_closes_what_there_is_then(desk: Any) -> None:
    desk.position("ann", 1)
    order = desk.order("ann", "sell", 0, trigger=59_000, close_position=True)
    assert order.qty == 1
    desk.position("ann", "0.5")
    assert order.qty == D("1.5")
    desk.refuse_order("reduce_only", "ann", "buy", 0, trigger=59_000, close_position=True)
    desk.order("bob", "buy", 5, 58_900)
    desk.engine.set_price("BTC-USD", D(58_950))
    assert order.status == "filled" and order.filled == D("1.5") and desk.qty("ann") == 0


def test_close_position_goes_with_the_position(desk: Any) -> None:
    desk.position("ann", 1)
    order = desk.order("ann", "sell", 0, trigger=59_000, close_position=True)
    desk.position("ann", -1)
    assert (order.status, order.reason) == ("canceled", "reduce_only")


def children(desk: Any, parent: Any) -> list[Any]:
    return [order for order in desk.engine.account(parent.account).orders.values() if order.parent == parent.id]


def test_attached_exits_come_to_life_with_the_first_fill_and_grow(desk: Any) -> None:
    entry = desk.order("ann", "buy", 1, 60_000, take_profit=61_000, stop_loss=59_000, take_profit_client_id="tp", stop_loss_client_id="sl")
    assert children(desk, entry) == []
    desk.order("bob", "sell", "0.3", 60_000)
    profit, loss = children(desk, entry)
    assert (profit.qty, profit.request.side, profit.request.tpsl, profit.request.trigger_above) == (D("0.3"), "sell", "tp", True)
    assert (loss.qty, loss.request.tpsl, loss.request.trigger_above, loss.request.reduce_only) == (D("0.3"), "sl", False, True)
    desk.order("bob", "sell", "0.7", 60_000)
    assert children(desk, entry) == [profit, loss] and profit.qty == loss.qty == 1
    assert desk.engine.find("ann", client_id="tp") is profit and desk.engine.find("ann", client_id="sl") is loss


@pytest.mark.parametrize(
    ("side", "to", "fired", "spared"), [("buy", 61_000, 0, 1), ("buy", 59_000, 1, 0), ("sell", 59_000, 0, 1), ("sell", 61_000, 1, 0)]
)
def test_one_exit_cancels_the_other(make_desk: Any, side: str, to: int, fired: int, spared: int) -> None:
    desk = make_desk()
    away = 1 if side == "buy" else -1
    desk.order("bob", "sell" if side == "buy" else "buy", 1, 60_000)
    entry = desk.order("ann", side, 1, take_profit=60_000 + 1000 * away, stop_loss=60_000 - 1000 * away)
    pair = children(desk, entry)
    desk.engine.pause()
    desk.order("bob", side, 1, to - 100 * away)
    desk.engine.set_price("BTC-USD", D(to))
    # bob's order at a worse price is what the fired exit meets
    assert (pair[fired].status, pair[spared].status, pair[spared].reason) == ("filled", "canceled", "oco")
    assert desk.qty("ann") == 0


def test_attached_exits_only_for_what_opened(desk: Any) -> None:
    desk.position("ann", "-0.4")
    desk.order("bob", "sell", 1, 60_000)
    entry = desk.order("ann", "buy", 1, 60_000, take_profit=61_000)
    assert [child.qty for child in children(desk, entry)] == [D("0.6")]


def test_attached_take_profit_with_a_limit(desk: Any) -> None:
    desk.order("bob", "sell", 1, 60_000)
    (exit_order,) = children(desk, desk.order("ann", "buy", 1, take_profit=61_000, take_profit_limit=61_050))
    desk.engine.set_price("BTC-USD", D(61_000))
    assert exit_order.status == "open" and desk.engine.book("BTC-USD")[1] == [(D(61_050), D(1))]


def test_exits_the_user_cancelled_stay_cancelled(desk: Any) -> None:
    entry = desk.order("ann", "buy", 1, 60_000, take_profit=61_000, stop_loss=59_000)
    desk.order("bob", "sell", "0.3", 60_000)
    for child in children(desk, entry):
        desk.engine.cancel("ann", child.id)
    desk.order("bob", "sell", "0.3", 60_000)
    assert len(children(desk, entry)) == 2


def test_exits_go_when_the_position_is_closed_by_hand(desk: Any) -> None:
    desk.order("bob", "sell", 1, 60_000)
    entry = desk.order("ann", "buy", 1, take_profit=61_000, stop_loss=59_000)
    desk.position("ann", -1)
    assert {(child.status, child.reason) for child in children(desk, entry)} == {("canceled", "reduce_only")}


def test_orders_that_only_close_carry_no_exits(desk: Any) -> None:
    desk.position("ann", 1)
    desk.refuse_order("bad_trigger", "ann", "sell", 1, 61_000, reduce_only=True, take_profit=59_000)


def test_position_exits_follow_the_size_and_close_it_whole(desk: Any) -> None:
    desk.refused("no_position", desk.engine.set_position_tpsl, "ann", "BTC-USD", D(61_000))
    desk.position("ann", 1)
    profit, loss = desk.engine.set_position_tpsl("ann", "BTC-USD", D(61_000), D(59_000))
    desk.position("ann", 1)
    assert profit.qty == loss.qty == 2
    desk.order("bob", "buy", 5, 58_900)
    desk.engine.set_price("BTC-USD", D(58_950))
    assert (loss.status, loss.filled, profit.status, profit.reason, desk.qty("ann")) == ("filled", 2, "canceled", "oco", 0)


def test_position_exits_are_kept_replaced_and_removed(desk: Any) -> None:
    desk.position("ann", -1)
    (loss,) = desk.engine.set_position_tpsl("ann", "BTC-USD", stop_loss=D(61_000))
    _, profit = desk.engine.set_position_tpsl("ann", "BTC-USD", take_profit=D(59_000))
    assert loss.status == "untriggered" and loss.oco == profit.oco
    legs = desk.engine.set_position_tpsl("ann", "BTC-USD", stop_loss=D(62_000))
    assert (loss.status, loss.reason) == ("canceled", "replaced") and {leg.request.trigger for leg in legs} == {D(59_000), D(62_000)}
    assert desk.engine.set_position_tpsl("ann", "BTC-USD", D(0), D(0)) == []
    assert desk.engine.open_orders("ann") == []
    desk.refused("bad_trigger", desk.engine.set_position_tpsl, "ann", "BTC-USD", D(61_000))
    desk.refused("bad_trigger", desk.engine.set_position_tpsl, "ann", "BTC-USD", None, D(59_000))


def test_linked_orders_cancel_each_other_on_a_fill(desk: Any) -> None:
    low, high = desk.order("ann", "buy", 1, 59_000), desk.order("ann", "sell", 1, 61_000)
    desk.engine.link("ann", [low.id, high.id])
    desk.order("bob", "sell", "0.1", 59_000)
    assert (low.status, high.status, high.reason) == ("open", "canceled", "oco")


def test_a_triggered_entry_brings_its_exits(desk: Any) -> None:
    desk.order("bob", "sell", 1, 61_500)
    entry = desk.order("ann", "buy", 1, trigger=61_000, stop_loss=60_500)
    desk.engine.set_price("BTC-USD", D(61_200))
    assert entry.status == "filled" and [child.request.trigger for child in children(desk, entry)] == [D(60_500)]


def test_triggers_fire_in_order_of_age(desk: Any) -> None:
    desk.order("bob", "sell", 1, 61_500)
    orders = [desk.order(who, "buy", "0.5", trigger=61_000) for who in ("ann", "cat", "ann")]
    desk.engine.set_price("BTC-USD", D(61_200))
    assert [order.filled for order in orders] == [D("0.5"), D("0.5"), 0]
