"""Trouble: events that get lost, frames that make no sense, clocks that are off, two processes with one key."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

import ccxt_dex
from ccxt_dex._ccxt import errors
from compat_tests.rooms.edgex.desk import CONTRACT, SYMBOL, at, desk, soon, until

PROGRAM = Path(__file__).with_name("trader.py")
FILLS = "GET /api/v2/private/order/getHistoryOrderFillTransactionPage"


@asynccontextmanager
async def watching(venue: Any, method: Any, *arguments: Any) -> AsyncIterator[list[Any]]:
    """What a watch method hands out meanwhile."""
    seen: list[Any] = []

    async def watch() -> None:
        while True:
            seen.extend(await method(*arguments))

    task = asyncio.ensure_future(watch())
    try:
        await until(lambda: venue.subscribed(1))
        yield seen
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def filled_unheard(venue: Any, ex: Any) -> Any:
    """An order whose fill the stream did not tell: both pushes are lost."""
    await venue.fault({"kind": "gap", "match": "orderFillTransaction", "count": 2})
    order = await ex.create_order(SYMBOL, "market", "buy", 0.01, None, {"wait": "accepted"})
    await until(lambda: venue.adapter.gateway.records[order["id"]].censored[0])
    await until(lambda: not venue.server.faults.armed)
    return order


async def test_a_lost_fill_is_found_although_a_younger_one_came_first() -> None:
    """The event that shows the hole brings a fill that is seconds younger."""
    async with desk() as (venue, ex), watching(venue, ex.watch_my_trades) as seen:
        first = await filled_unheard(venue, ex)
        await venue.market({"advance_ms": 5000})
        await venue.fault({"kind": "gap", "match": "order", "count": 1})
        second = await ex.create_order(SYMBOL, "market", "sell", 0.01)
        await until(lambda: {row["order"] for row in seen} == {first["id"], second["id"]})
        assert len({row["id"] for row in seen}) == len(seen)


async def test_a_hole_is_mended_although_the_venue_does_not_answer_at_first(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    async with desk() as (venue, ex), watching(venue, ex.watch_my_trades) as seen:
        first = await filled_unheard(venue, ex)
        await venue.fault({"kind": "http_status", "status": 503, "match": FILLS, "count": 6})
        resting = await ex.create_order(SYMBOL, "limit", "buy", 0.01, at(ex, venue, 0.97))
        await until(lambda: {row["order"] for row in seen} == {first["id"]}, 20)
        assert resting["status"] == "open" and "could not read what the stream missed" in caplog.text


async def test_a_row_that_cannot_be_read_takes_no_other_with_it(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    async with desk() as (venue, ex), watching(venue, ex.watch_my_trades) as trades, watching(venue, ex.watch_orders) as orders:
        row = await ex.create_order(SYMBOL, "limit", "buy", 0.01, at(ex, venue, 0.97))
        await until(lambda: [order for order in orders if order["id"] == row["id"]])
        fill = {
            "contractId": CONTRACT,
            "orderId": row["id"],
            "orderSide": "BUY",
            "fillPrice": "79000",
            "fillSize": "0.001",
            "fillFee": "0.1",
        }
        broken = [{**row["info"], "status": "A_NEW_STATUS"}, {**row["info"], "cumMatchSize": "NaN", "updatedTime": "9999999999999"}]
        fills = [{**fill, "id": "1", "fillPrice": {}}, {**fill, "id": "2", "matchTime": "1790000000000"}]
        venue.adapter.push("alice", "ORDER_UPDATE", {"order": broken, "orderFillTransaction": fills})
        await until(lambda: [trade for trade in trades if trade["id"] == "2"])
        assert not [trade for trade in trades if trade["id"] == "1"] and "A_NEW_STATUS" in caplog.text
        assert ex.clients[ex.user_url()].losses == 0
        await ex.cancel_order(row["id"], SYMBOL)
        await until(lambda: orders[-1]["status"] == "canceled")


async def test_what_the_second_push_of_a_fill_adds_is_in_the_one_trade() -> None:
    async with desk() as (venue, ex), watching(venue, ex.watch_my_trades) as trades:
        fill = {"id": "7", "contractId": CONTRACT, "orderId": "8", "orderSide": "BUY", "fillPrice": "79000", "fillSize": "0.001",
                "matchTime": "1790000000000"}  # fmt: skip
        venue.adapter.push("alice", "ORDER_UPDATE", {"orderFillTransaction": [{**fill, "censorStatus": "INIT"}]})
        await until(lambda: trades)
        assert trades[0]["fee"] is None or trades[0]["fee"]["cost"] is None
        more = {**fill, "fillFee": "0.035550", "direction": "MAKER", "censorStatus": "CENSOR_SUCCESS"}
        venue.adapter.push("alice", "ORDER_UPDATE", {"orderFillTransaction": [more]})
        await until(lambda: trades[0]["info"]["censorStatus"] == "CENSOR_SUCCESS")
        assert (trades[0]["fee"]["cost"], trades[0]["takerOrMaker"], len(trades), len(ex.myTrades)) == (0.03555, "maker", 1, 1)


GARBAGE: tuple[Any, ...] = (
    {"type": "quote-event", "channel": f"depth.{CONTRACT}.200", "content": {"dataType": "changed", "data": [{"contractId": CONTRACT}]}},
    {"type": "quote-event", "channel": f"depth.{CONTRACT}.200", "content": None},
    {"type": "quote-event", "channel": f"depth.{CONTRACT}.200", "content": {"dataType": "changed", "data": "x"}},
    {"type": "quote-event"},
    {"type": "something new", "content": []},
    {"type": "error", "content": None},
    {"no": "type"},
    [1, 2],
    "text",
    None,
)


QUICK = 2
FRAMES = [pytest.param(row, id=str(row)[:70], marks=() if index < QUICK else pytest.mark.campaign) for index, row in enumerate(GARBAGE)]


@pytest.mark.parametrize("frame", FRAMES)
async def test_a_frame_that_makes_no_sense_leaves_no_wrong_book(frame: Any) -> None:
    async with desk(depth_ms=20) as (venue, ex):
        await venue.market({"pause": False})
        await soon(ex.watch_order_book(SYMBOL))
        for socket in venue.server.connections:
            socket.send(frame, "depth")
        for _ in range(3):
            await soon(ex.watch_order_book(SYMBOL))
        await venue.market({"pause": True})

        async def same() -> bool:
            rest, held = await ex.fetch_order_book(SYMBOL), ex.orderbooks[SYMBOL]
            return not held.stale and bool(held["bids"][:20] == rest["bids"][:20] and held["asks"][:20] == rest["asks"][:20])

        await until(same)


@pytest.mark.parametrize("minutes", [-1.2, pytest.param(1.2, marks=pytest.mark.campaign)])
async def test_a_clock_that_is_off_is_corrected_by_the_venues(minutes: float) -> None:
    async with desk() as (venue, _ex):
        await venue.fault({"kind": "clock_skew", "ms": int(minutes * 60_000)})
        other: Any = ccxt_dex.edgex({**venue.config(), "enableRateLimit": False})
        try:
            await other.load_markets()
            order = await other.create_order(SYMBOL, "limit", "buy", 0.01, at(other, venue, 0.98))
            assert order["status"] == "open" and len(venue.engine.account("alice").orders) == 1
            async with watching(venue, other.watch_orders) as seen:
                await other.cancel_order(order["id"], SYMBOL)
                await until(lambda: [row for row in seen if row["status"] == "canceled"])
        finally:
            await other.close()


async def test_a_clock_that_jumps_costs_one_refusal_at_most() -> None:
    async with desk() as (venue, ex):
        await venue.fault({"kind": "clock_skew", "ms": 70_000})
        try:
            await ex.create_order(SYMBOL, "limit", "buy", 0.01, at(ex, venue, 0.98))
        except errors.InvalidNonce:
            assert not venue.engine.account("alice").orders, "the error said that it was refused"
            await ex.create_order(SYMBOL, "limit", "buy", 0.01, at(ex, venue, 0.98))
        assert len(venue.engine.account("alice").orders) == 1


@pytest.mark.campaign
async def test_two_processes_trade_with_one_key() -> None:
    """Nothing that one does makes the venue refuse the other: no session, no counter, and client ids do not meet."""
    async with desk() as (venue, ex), watching(venue, ex.watch_orders) as seen:
        job = json.dumps({"config": venue.config(), "price": at(ex, venue, 0.97), "count": 8}).encode()
        pipes = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE, "stderr": asyncio.subprocess.PIPE}
        traders = [await asyncio.create_subprocess_exec(sys.executable, str(PROGRAM), **pipes) for _ in range(2)]
        try:
            told = await asyncio.wait_for(asyncio.gather(*(trader.communicate(job) for trader in traders)), 60)
        finally:
            for trader in traders:
                if trader.returncode is None:
                    trader.kill()
        rows = [json.loads(output) for output, _ in told if output]
        assert len(rows) == 2, told
        placed = [order for row in rows for order in row["placed"]]
        assert len(placed) == len(set(placed)) == 16 and {row["open"] for row in rows} == {0}
        orders = venue.engine.account("alice").orders.values()
        assert len(orders) == 16 and {order.status for order in orders} == {"canceled"}
        await until(lambda: {row["id"] for row in seen if row["status"] == "canceled"} == set(placed))


async def test_positions_that_come_in_one_breath_are_all_told() -> None:
    """Events that come together are handled before anybody awakes."""
    async with desk() as (_, ex):
        first = asyncio.ensure_future(ex.watch_positions([SYMBOL]))
        client = await until(lambda: (ex.clients or {}).get(ex.user_url()))
        await until(lambda: ex._event_at is not None)
        _, version = ex._event_at
        for number in range(1, 6):
            row = {
                "contractId": CONTRACT,
                "openSize": f"0.00{number}",
                "openValue": "79",
                "fundingFee": "0",
                "updatedTime": str(10**13 + number),
            }
            content = {"event": "ORDER_UPDATE", "version": str(version + number), "data": {"position": [row]}, "time": str(10**13)}
            ex.handle_user(client, {"type": "trade-event", "content": content})
        rows = await soon(first)
        while len(rows) < 5:
            rows += await soon(ex.watch_positions([SYMBOL]))
        assert [row["contracts"] for row in rows] == [0.001, 0.002, 0.003, 0.004, 0.005]


@pytest.mark.parametrize("how", ["one", "by client id", "several", "all"])
async def test_an_order_that_is_still_queued_is_cancelled_all_the_same(how: str) -> None:
    """The venue refuses to cancel what has not reached matching; called unknown, the order would go on living."""
    async with desk(order_latency_ms=150) as (venue, ex):
        order = await ex.create_order(SYMBOL, "limit", "buy", 0.01, at(ex, venue, 0.97), {"wait": "accepted"})
        ex._recent.clear()  # nothing that this instance remembers helps
        if how == "one":
            found = await ex.cancel_order(order["id"], SYMBOL)
        elif how == "by client id":
            found = await ex.cancel_order(None, SYMBOL, {"clientOrderId": order["clientOrderId"]})
        else:
            (found,) = await (ex.cancel_orders([order["id"]], SYMBOL) if how == "several" else ex.cancel_all_orders(SYMBOL))
        assert (found["id"], found["status"]) == (order["id"], "canceled")
        assert await ex.fetch_open_orders(SYMBOL) == []
