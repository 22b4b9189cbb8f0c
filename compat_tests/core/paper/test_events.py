"""What listeners hear, and the truth as JSON."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

D = Decimal
BTC = "BTC-USD"


def story(desk: Any) -> list[tuple[Any, ...]]:
    return [(event.kind, event.account) for event in desk.events]


def test_a_trade_is_told_in_order_and_once(desk: Any) -> None:
    maker = desk.order("ann", "sell", 2, 60_000)
    assert story(desk) == [("order", "ann"), ("balance", "ann"), ("book", None)]
    desk.events.clear()
    desk.order("bob", "buy", 1, 60_000)
    assert story(desk) == [
        *[(kind, who) for who in ("bob", "ann") for kind in ("order", "fill", "position")],
        ("trade", None),
        ("balance", "bob"),
        ("balance", "ann"),
        ("price", None),
        ("book", None),
    ]
    orders = [event.data for event in desk.kinds("order")]
    assert [(order.status, order.filled) for order in orders] == [("filled", 1), ("open", 1)]
    assert orders[1] is not maker and maker.filled == 1
    assert desk.kinds("balance")[0].data == desk.engine.balances("bob")


def test_orders_are_copies_of_their_moment(desk: Any) -> None:
    order = desk.order("ann", "buy", 1, 59_000)
    desk.engine.cancel("ann", order.id)
    assert [event.data.status for event in desk.kinds("order")] == ["open", "canceled"]


def test_every_fill_of_a_taker_is_told_by_itself(desk: Any) -> None:
    for price in (60_000, 60_010):
        desk.order("ann", "sell", 1, price)
    desk.events.clear()
    desk.order("bob", "buy", 3, 60_010)
    mine = [event.data for event in desk.kinds("order") if event.account == "bob"]
    assert [(order.status, order.filled) for order in mine] == [("open", 1), ("open", 2)]
    assert [event.data.qty for event in desk.kinds("position") if event.account == "bob"] == [1, 2]


def test_a_rejected_order_is_told_and_a_refused_one_not(desk: Any) -> None:
    desk.refuse_order("no_liquidity", "ann", "buy", 1)
    assert [event.data.status for event in desk.events] == ["rejected"]
    desk.refuse_order("off_tick", "ann", "buy", 1, "0.01")
    assert len(desk.events) == 1


def test_a_listener_may_trade_and_still_hears_everything_in_order(desk: Any) -> None:
    heard: list[Any] = []

    def answer(event: Any) -> None:
        heard.append((event.kind, event.account))
        if event.kind == "fill" and event.account == "ann":
            desk.order("ann", "sell", 1, 61_000)

    stop = desk.engine.listen(answer)
    desk.order("ann", "buy", 1, 60_000)
    desk.order("bob", "sell", 1, 60_000)
    assert heard == story(desk)
    assert heard.index(("balance", "ann"), 3) < len(heard) - 1 - heard[::-1].index(("order", "ann"))
    stop()
    stop()
    count = len(heard)
    desk.order("ann", "buy", 1, 50_000)
    assert len(heard) == count


def test_internal_accounts_are_not_heard_of(still: Any) -> None:
    still.order("ann", "buy", "0.1")
    still.tick()
    assert {event.account for event in still.events} <= {"ann", None}


def test_state_is_json_with_everything(still: Any) -> None:
    still.order("ann", "buy", "0.1", client_id="m1")
    gone = still.order("ann", "buy", 1, 50_000, client_id="l1")
    still.engine.cancel("ann", gone.id)
    still.order("ann", "buy", 1, 50_000, client_id="l2")
    state = json.loads(json.dumps(still.engine.state()))
    ann = state["accounts"]["ann"]
    assert [(order["client_id"], order["status"]) for order in ann["orders"]] == [("m1", "filled"), ("l1", "canceled"), ("l2", "open")]
    assert [order["client_id"] for order in ann["open_orders"]] == ["l2"]
    assert ann["positions"][BTC]["qty"] == "0.1" and ann["fills"][0]["order_id"] == ann["orders"][0]["id"]
    assert ann["balance"]["deposits"] == "100000" and ann["orders"][0]["average"] == "60010"
    assert len(state["markets"][BTC]["bids"]) == 5 and state["internal"]["$maker"]["positions"][BTC]["qty"] == "-0.1"
