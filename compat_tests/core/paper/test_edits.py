"""Changing an order that rests or waits."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ccxt_dex.paper.types import NewOrder

D = Decimal


def first_filled(desk: Any, *orders: Any) -> Any:
    desk.order("cat", "sell", "0.1", orders[0].price)
    return next(order for order in orders if order.filled)


def test_a_smaller_size_keeps_the_place_in_the_queue(desk: Any) -> None:
    mine, theirs = desk.order("ann", "buy", 1, 60_000), desk.order("bob", "buy", 1, 60_000)
    assert desk.engine.edit("ann", mine.id, qty=D("0.5")) is mine
    assert desk.engine.book("BTC-USD")[0] == [(D(60_000), D("1.5"))] and mine.request.qty == D("0.5")
    assert first_filled(desk, mine, theirs) is mine


def test_a_larger_size_loses_it(desk: Any) -> None:
    mine, theirs = desk.order("ann", "buy", 1, 60_000), desk.order("bob", "buy", 1, 60_000)
    desk.engine.edit("ann", mine.id, qty=D("1.5"))
    assert mine.qty == D("1.5") and first_filled(desk, mine, theirs) is theirs


def test_another_price_loses_it_even_when_it_comes_back(desk: Any) -> None:
    mine, theirs = desk.order("ann", "buy", 1, 60_000), desk.order("bob", "buy", 1, 60_000)
    number = mine.id
    desk.engine.edit("ann", number, price=D(59_990))
    assert desk.engine.book("BTC-USD")[0] == [(D(60_000), D(1)), (D(59_990), D(1))]
    desk.engine.edit("ann", number, price=D(60_000))
    assert first_filled(desk, mine, theirs) is theirs and mine.id == number


def test_an_edit_may_cross(desk: Any) -> None:
    maker = desk.order("bob", "sell", "0.4", 60_100)
    order = desk.order("ann", "buy", 1, 60_000)
    desk.engine.edit("ann", order.id, price=D(60_100))
    assert (order.status, order.filled, maker.status) == ("open", D("0.4"), "filled")


def test_replacing_takes_a_new_number_and_passes_the_client_id_on(desk: Any) -> None:
    old = desk.order("ann", "buy", 1, 60_000, client_id="a")
    desk.order("cat", "sell", "0.4", 60_000)
    new = desk.engine.edit("ann", old.id, price=D(59_900), keep_id=False)
    assert (old.status, old.reason, old.filled) == ("canceled", "replaced", D("0.4"))
    assert (new.status, new.qty, new.price) == ("open", D("0.6"), 59_900) and new.id != old.id
    assert desk.engine.find("ann", client_id="a") is new
    third = desk.engine.edit("ann", new.id, qty=D(2), keep_id=False, client_id="b")
    assert third.qty == 2 and desk.engine.find("ann", client_id="b") is third and desk.engine.find("ann", client_id="a") is new


def test_quantity_counts_what_is_filled(desk: Any) -> None:
    order = desk.order("ann", "buy", 1, 60_000)
    desk.order("cat", "sell", "0.4", 60_000)
    desk.refused("bad_qty", desk.engine.edit, "ann", order.id, qty=D("0.4"))
    desk.engine.edit("ann", order.id, qty=D("0.5"))
    assert order.remaining == D("0.1")


def test_a_refused_edit_changes_nothing(desk: Any) -> None:
    desk.order("bob", "sell", 1, 60_100)
    order = desk.order("ann", "buy", 1, 60_000, tif="alo")
    locked = desk.engine.balances("ann").locked
    for code, change in (
        ("off_tick", {"price": D("60000.01")}),
        ("off_step", {"qty": D("0.00001")}),
        ("insufficient_funds", {"qty": D(20)}),
        ("post_only", {"price": D(60_100)}),
        ("bad_trigger", {"trigger": D(61_000)}),
    ):
        desk.refused(code, desk.engine.edit, "ann", order.id, **change)
        assert (order.status, order.qty, order.price) == ("open", 1, 60_000)
    assert desk.engine.balances("ann").locked == locked and desk.engine.book("BTC-USD")[0] == [(D(60_000), D(1))]
    desk.refused("off_tick", desk.engine.edit, "ann", order.id, price=D("60000.01"), keep_id=False)
    desk.refused("insufficient_funds", desk.engine.replace, "ann", order.id, NewOrder("BTC-USD", "buy", "limit", D(20), D(60_000)))
    assert order.status == "open"


def test_the_old_orders_margin_counts_for_the_new(desk: Any) -> None:
    order = desk.order("ann", "buy", 15, 60_000)
    assert desk.engine.edit("ann", order.id, price=D(60_010)).status == "open"
    assert desk.engine.edit("ann", order.id, price=D(60_020), keep_id=False).status == "open"


def test_edit_of_what_is_over(desk: Any) -> None:
    order = desk.order("ann", "buy", 1, 60_000)
    desk.order("cat", "sell", 1, 60_000)
    desk.refused("order_filled", desk.engine.edit, "ann", order.id, price=D(1))
    desk.refused("unknown_order", desk.engine.edit, "ann", 99, price=D(1))


def test_a_waiting_order_gets_another_trigger(desk: Any) -> None:
    desk.position("ann", 1)
    order = desk.order("ann", "sell", 1, trigger=59_000, reduce_only=True)
    desk.engine.edit("ann", order.id, trigger=D(58_000), qty=D("0.5"))
    desk.order("bob", "buy", 1, 57_000)
    desk.engine.set_price("BTC-USD", D(59_000))
    assert order.status == "untriggered" and order.qty == D("0.5")
    desk.engine.set_price("BTC-USD", D(58_000))
    assert order.status == "filled" and desk.qty("ann") == D("0.5")
    waiting = desk.order("ann", "sell", "0.5", trigger=57_000, reduce_only=True)
    desk.refused("bad_trigger", desk.engine.edit, "ann", waiting.id, trigger=D(59_000))
    assert waiting.request.trigger == 57_000


def test_reduce_only_edits_stay_within_the_bound(desk: Any) -> None:
    desk.position("ann", 1)
    order = desk.order("ann", "sell", "0.5", 61_000, reduce_only=True)
    assert desk.engine.edit("ann", order.id, qty=D(1)).qty == 1
    desk.refused("reduce_only", desk.engine.edit, "ann", order.id, qty=D("1.1"))
    assert order.qty == 1


def test_what_closes_the_position_has_its_size(desk: Any) -> None:
    desk.position("ann", 1)
    (profit,) = desk.engine.set_position_tpsl("ann", "BTC-USD", D(61_000))
    desk.refused("bad_qty", desk.engine.edit, "ann", profit.id, qty=D(2))
    assert desk.engine.edit("ann", profit.id, trigger=D(62_000)).qty == 1
