"""Own orders over an outage of the socket: whatever happened meanwhile is told afterwards."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from compat_tests.contract.desk import Desk, Watcher, until

ENDED = {"closed", "canceled"}


async def watching(desk: Desk) -> Watcher:
    """A watcher of orders that has told of an order already."""
    desk.ex.options["ws"] = {**desk.ex.options.get("ws", {}), "backoffBase": 0.4}  # venues count dials, refused ones too
    orders = Watcher(desk.ex, "watch_orders", desk.symbol)
    await until(lambda: desk.subscriptions() >= 1, "subscribed")
    first = await desk.rest()
    await until(lambda: [row for row in orders.seen if row["id"] == first["id"]], "the first order")
    return orders


async def cut(desk: Desk) -> None:
    """No socket until `mended`; requests go through."""
    await desk.venue.fault({"kind": "refuse_connect", "match": "WS *", "count": 10_000})
    await desk.venue.fault({"kind": "drop_ws"})


async def ended(orders: Watcher, order: Any) -> Any:
    def told() -> Any:
        return [row for row in orders.seen if row["id"] == order["id"] and row["status"] in ENDED]

    await until(told, f"the end of an order: {[(row['id'], row['status']) for row in orders.seen]}", 15)
    return told()[-1]


async def test_an_order_that_ends_during_an_outage_is_told(desk: Desk) -> None:
    desk.needs("watch_orders", "watchOrders")
    orders = await watching(desk)
    try:
        resting = await desk.rest()
        await until(lambda: [row for row in orders.seen if row["id"] == resting["id"]], "the order")
        await cut(desk)
        await desk.ex.cancel_order(resting["id"], desk.symbol)
        await desk.venue.clear_faults()
        assert (await ended(orders, resting))["status"] == "canceled"
    finally:
        await orders.stop()


async def test_an_order_that_begins_and_ends_during_an_outage_is_told(desk: Desk) -> None:
    desk.needs("watch_orders", "watchOrders")
    orders = await watching(desk)
    try:
        await cut(desk)
        resting = await desk.rest()
        await desk.ex.cancel_order(resting["id"], desk.symbol)
        filled = await desk.fill()
        await desk.venue.clear_faults()
        assert (await ended(orders, resting))["status"] == "canceled"
        assert (await ended(orders, filled))["status"] == "closed"
    finally:
        await orders.stop()


async def test_a_fill_of_an_outage_is_told_although_a_later_one_came_first(desk: Desk) -> None:
    """What the new connection tells is later than what was missed, and must not move the moment from which that is read."""
    desk.needs("fills_name_orders")
    desk.needs("watch_orders", "watchMyTrades")
    desk.ex.options["ws"] = {**desk.ex.options.get("ws", {}), "backoffBase": 0.4}
    trades = Watcher(desk.ex, "watch_my_trades", desk.symbol)
    try:
        await until(lambda: desk.subscriptions() >= 1, "subscribed")
        first = await desk.fill()
        await until(lambda: [row for row in trades.seen if row["order"] == first["id"]], "the first fill")
        missed = await desk.create("limit", "sell", desk.size(1), desk.above("0.01"))
        later = await desk.create("limit", "sell", desk.size(1), desk.above("0.03"))
        await cut(desk)
        await desk.move(Decimal(str(missed["price"])) * Decimal("1.002"))
        assert (await desk.final(missed))["status"] == "closed"
        await desk.venue.clear_faults()
        await desk.venue.fault({"kind": "http_delay", "ms": 400, "count": 3, "match": "/*"})
        await until(lambda: desk.subscriptions() >= 1, "subscribed again")
        await desk.move(Decimal(str(later["price"])) * Decimal("1.002"))
        for order in (later, missed):
            await until(lambda: [row for row in trades.seen if row["order"] == order["id"]], f"the fill of {order['id']}", 15)  # noqa: B023
    finally:
        await trades.stop()
    ids = [row["id"] for row in trades.seen]
    assert len(ids) == len(set(ids)), "a fill was handed out twice"
