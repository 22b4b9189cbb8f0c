"""The fault campaign: nothing is sent twice, no fill is lost or doubled, nothing stale is handed out as live."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from ccxt_dex._ccxt import errors
from ccxt_dex.errors import OrderOutcomeUnknown
from compat_tests.contract.desk import Desk, Watcher, until


async def order_endpoint(desk: Desk) -> str:
    """The endpoint on which this room places orders, learnt from an order that is placed and cancelled; `executed` is 1 afterwards."""
    order = await desk.rest()
    await desk.ex.cancel_order(order["id"], desk.symbol)
    await desk.final(order)
    return next(str(entry["endpoint"]) for entry in reversed(desk.venue.server.log.last) if "orders" in entry)


async def rests_once(desk: Desk, client_id: str) -> None:
    (row,) = await desk.ex.fetch_open_orders(desk.symbol)
    assert row["clientOrderId"] == client_id
    # a venue that shows what still waits for its matching shows it a moment earlier
    await until(lambda: desk.orders_executed() >= 2, "the order reaches the matching")
    assert desk.orders_executed() == 2


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "lose_reply"},
        {"kind": "http_status", "status": 502, "execute": True},
        {"kind": "http_status", "status": 504, "execute": True, "body": "<html>gateway timeout</html>"},
        {"kind": "http_status", "status": 200, "execute": True, "body": "<html>please wait</html>"},
        {"kind": "http_status", "status": 200, "execute": True, "body": ""},
        {"kind": "http_delay", "ms": 1500, "after": True},
    ],
    ids=["lost reply", "502", "504", "html", "empty", "slow"],
)
async def test_an_order_whose_answer_is_lost_is_found_not_sent_again(desk: Desk, fault: dict[str, Any]) -> None:
    desk.needs("http_orders")
    endpoint = await order_endpoint(desk)
    desk.ex.timeout = 700
    mine = desk.ex.new_client_order_id()
    await desk.venue.fault({**fault, "match": endpoint})
    order = await desk.rest(clientOrderId=mine)
    assert order["id"] and order["clientOrderId"] == mine and order["status"] == "open"
    await rests_once(desk, mine)


@pytest.mark.parametrize(
    "fault",
    [{"kind": "http_status", "status": 503}, {"kind": "http_status", "status": 500, "body": "<html>oops</html>"}],
    ids=["503", "500"],
)
async def test_an_order_that_was_not_executed_is_never_sent_by_itself(desk: Desk, fault: dict[str, Any]) -> None:
    desk.needs("http_orders")
    endpoint = await order_endpoint(desk)
    desk.ex.absence_grace = 0.3 if desk.ex.absence_grace is not None else None
    await desk.venue.fault({**fault, "match": endpoint})
    with pytest.raises((OrderOutcomeUnknown, errors.OperationFailed)):
        await desk.rest()
    assert desk.orders_executed() == 1 and await desk.ex.fetch_open_orders(desk.symbol) == []


async def test_an_order_that_could_not_leave_says_so_and_the_next_one_works(desk: Desk) -> None:
    desk.needs("http_orders")
    endpoint = await order_endpoint(desk)
    desk.ex.absence_grace = 0.3 if desk.ex.absence_grace is not None else None
    await desk.venue.fault({"kind": "refuse_connect", "match": endpoint})
    with pytest.raises((OrderOutcomeUnknown, errors.OperationFailed)):
        await desk.rest()
    assert desk.orders_executed() == 1
    assert (await desk.rest())["status"] == "open"
    assert desk.orders_executed() == 2


async def test_a_lost_answer_to_a_cancel_is_looked_up(desk: Desk) -> None:
    desk.needs("http_orders")
    order = await desk.rest()
    before = set(desk.venue.server.log.endpoints)
    await desk.ex.cancel_order(order["id"], desk.symbol)
    await desk.final(order)
    named = (
        name for name in desk.venue.server.log.endpoints if (name not in before and "cancel" in name.lower()) or name.startswith("DELETE")
    )
    endpoint = next(named, None) or await order_endpoint(desk)  # some venues have one endpoint for everything that is signed
    second = await desk.rest()
    await desk.venue.fault({"kind": "lose_reply", "match": endpoint})
    await desk.ex.cancel_order(second["id"], desk.symbol)
    assert (await desk.final(second))["status"] == "canceled"


async def test_max_retries_on_failure_cannot_double_an_order(desk: Desk) -> None:
    desk.needs("http_orders")
    endpoint = await order_endpoint(desk)
    desk.ex.options["maxRetriesOnFailure"] = 3
    desk.ex.absence_grace = 0.3 if desk.ex.absence_grace is not None else None
    await desk.venue.fault({"kind": "http_status", "status": 503, "match": endpoint, "count": 5})
    with pytest.raises((OrderOutcomeUnknown, errors.OperationFailed)):
        await desk.rest()
    assert desk.venue.server.log.orders_seen == 2, "the request left more than once"


PUBLIC = [
    {"kind": "drop_ws"},
    {"kind": "close_code", "code": 1012},
    {"kind": "corrupt_frame"},
    {"kind": "corrupt_frame", "text": "[]"},
    {"kind": "gap"},
    {"kind": "duplicate"},
    {"kind": "reorder"},
]


@pytest.mark.parametrize("fault", PUBLIC, ids=lambda fault: "-".join(str(value) for value in fault.values()))
async def test_a_streamed_book_survives_and_ends_up_right(desk: Desk, fault: dict[str, Any]) -> None:
    desk.needs("watch_order_book", "watchOrderBook")
    await desk.venue.market({"pause": False})
    await asyncio.wait_for(desk.ex.watch_order_book(desk.symbol), 10)
    await desk.venue.fault(fault)
    for _ in range(3):
        book = await asyncio.wait_for(desk.ex.watch_order_book(desk.symbol), 10)
        assert book["bids"][0][0] < book["asks"][0][0]
    await desk.move(desk.mark() * Decimal("1.01"))

    async def right() -> bool:
        latest = await asyncio.wait_for(desk.ex.watch_order_book(desk.symbol), 10)
        rest = await desk.ex.fetch_order_book(desk.symbol)
        return abs(latest["bids"][0][0] / rest["bids"][0][0] - 1) < 0.002

    await until(right, "the streamed book is the venue's book again")


@pytest.mark.parametrize(
    "fault",
    [{"kind": "drop_ws"}, {"kind": "close_code", "code": 1001}, {"kind": "gap"}, {"kind": "duplicate"}, {"kind": "corrupt_frame"}],
    ids=lambda fault: str(fault["kind"]),
)
async def test_no_fill_is_lost_or_doubled(desk: Desk, fault: dict[str, Any]) -> None:
    desk.needs("fills_name_orders")
    desk.needs("watch_orders", "watchMyTrades")
    trades = Watcher(desk.ex, "watch_my_trades", desk.symbol)
    try:
        await until(lambda: desk.subscriptions() >= 1, "subscribed")
        first = await desk.fill()
        await until(lambda: [row for row in trades.seen if row["order"] == first["id"]], "the first fill")
        await desk.venue.fault(fault)
        second = await desk.fill("sell", times=3)
        third = await desk.fill("buy", times=1)

        def complete() -> bool:
            return all(
                sum(Decimal(str(row["amount"])) for row in trades.seen if row["order"] == order["id"]) >= Decimal(str(order["filled"]))
                for order in (first, second, third)
            )

        await until(complete, "every fill was handed out", 15)
    finally:
        await trades.stop()
    ids = [row["id"] for row in trades.seen]
    assert len(ids) == len(set(ids)), "a fill was handed out twice"


async def test_a_fill_during_an_outage_is_handed_out_afterwards(desk: Desk) -> None:
    desk.needs("fills_name_orders")
    desk.needs("watch_orders", "watchMyTrades")
    trades = Watcher(desk.ex, "watch_my_trades", desk.symbol)
    try:
        await until(lambda: desk.subscriptions() >= 1, "subscribed")
        first = await desk.fill()
        await until(lambda: [row for row in trades.seen if row["order"] == first["id"]], "the first fill")
        resting = await desk.rest("sell", times=1)
        await desk.venue.fault({"kind": "refuse_connect", "ms": 400, "drop": True})
        desk.counterparty("buy", desk.size(1), resting["price"]) if desk.best()[1] >= Decimal(str(resting["price"])) else await desk.move(
            Decimal(str(resting["price"])) * Decimal("1.005")
        )
        await until(lambda: [row for row in trades.seen if row["order"] == resting["id"]], "the fill that happened meanwhile", 15)
    finally:
        await trades.stop()
    assert sum(Decimal(str(row["amount"])) for row in trades.seen if row["order"] == resting["id"]) == Decimal(str(resting["amount"]))


async def test_a_silent_socket_is_found_out(desk: Desk) -> None:
    """Pings unanswered, nothing arrives: the connection counts as lost and the pending watch gets its data from the next one."""
    desk.needs("watch_order_book", "watchOrderBook")
    desk.ex.options["ws"] = {**desk.ex.options.get("ws", {}), "silence": 0.6, "pingInterval": 0.2, "pingTimeout": 0.3}
    await desk.venue.market({"pause": False})
    await asyncio.wait_for(desk.ex.watch_order_book(desk.symbol), 10)
    await desk.venue.fault({"kind": "mute_ws", "deaf": True})
    await asyncio.wait_for(desk.ex.watch_order_book(desk.symbol), 12)


async def test_a_lost_book_is_marked_at_once(desk: Desk) -> None:
    desk.needs("watch_order_book", "watchOrderBook")
    await desk.venue.market({"pause": False})
    book = await asyncio.wait_for(desk.ex.watch_order_book(desk.symbol), 10)
    assert not book.stale
    await desk.venue.fault({"kind": "refuse_connect", "ms": 1500, "drop": True})
    await until(lambda: book.stale, "the book that the bot holds says that it is stale")
    waiting = asyncio.ensure_future(desk.ex.watch_order_book(desk.symbol))
    fresh = await asyncio.wait_for(waiting, 15)
    assert not fresh.stale


async def test_a_frozen_book_keeps_its_own_time(desk: Desk) -> None:
    """A venue that serves an old book: its age can be read, it is not stamped as new."""
    desk.needs("book_time")
    await desk.venue.market({"pause": False})
    await desk.venue.fault({"kind": "stale_book"})
    first = await desk.ex.fetch_order_book(desk.symbol)
    await until(lambda: desk.ex.milliseconds() > first["timestamp"] + 300, "time passes")
    assert (await desk.ex.fetch_order_book(desk.symbol))["timestamp"] == first["timestamp"]
    assert first["timestamp"] is not None
