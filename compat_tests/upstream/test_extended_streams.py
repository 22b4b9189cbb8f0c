"""What the streams of ccxt 4.5.90's extended do wrong, on its own class (`native`) and on ours, both on the paper venue."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

import ccxt_dex
from ccxt_dex import _ccxt
from ccxt_dex._ccxt import errors
from compat_tests.streams.server import Extended, Server
from compat_tests.streams.venues import make

BTC, ETH = "BTC/USDC:USDC", "ETH/USDC:USDC"


@pytest.fixture(params=["native", "ours"])
def which(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def venue(paper_venue: Any) -> Any:
    return await paper_venue("extended", seed=7)


@pytest.fixture
async def ex(which: str, venue: Any) -> AsyncIterator[Any]:
    config = venue.config()
    made = (_ccxt.pro("extended") if which == "native" else ccxt_dex.extended)({"enableRateLimit": False, "options": {"builderFee": False}})
    made.apiKey, made.privateKey = config["apiKey"], config["privateKey"]
    made.urls["api"].update(config["urls"]["api"])
    made.timeout_on_exit = 0
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)  # what ccxt's callbacks leave behind
    await made.load_markets()
    yield made
    await made.close()


async def soon(awaitable: Any, seconds: float = 15.0) -> Any:
    return await asyncio.wait_for(awaitable, seconds)


async def test_topics_share_a_connection(which: str, ex: Any, venue: Any) -> None:
    for symbol in (BTC, ETH):
        await soon(ex.watch_order_book(symbol))
        await soon(ex.watch_trades(symbol))
    paths = sorted(socket.path.split("/")[2] for socket in venue.server.connections)
    assert paths == (["v1"] * 4 if which == "native" else ["v2"])


async def test_after_a_gap_the_book_is_whole(which: str) -> None:
    """ccxt's class forgets the book, keeps the socket, and builds the next book from deltas alone. v2: compat_tests/rooms/extended."""
    async with Server(Extended()) as server:
        ex = make(_ccxt.pro("extended") if which == "native" else ccxt_dex.extended, "extended", server.url)
        try:

            async def book() -> Any:
                return await pushed(server, ex.watch_order_book("BTC/USD:USD"))

            assert len((await book())["asks"]) == 2
            server.connections[0].memory["gap"] = 3
            if which == "native":
                with pytest.raises(errors.InvalidNonce):
                    await book()
            sizes = [len((await book())["asks"]) for _ in range(3)]
            assert (sizes, server.dials) == (([0, 0, 0], 1) if which == "native" else ([2, 2, 2], 2))
        finally:
            await ex.close()


async def test_an_error_frame_ends_nothing(which: str, ex: Any, venue: Any) -> None:
    ex.options["multiplex"] = False  # the frame of v1; v2's errors have ids (compat_tests/rooms/extended/test_multiplex.py)
    await soon(ex.watch_order_book(BTC))
    await venue.fault({"kind": "corrupt_frame", "match": "orderbooks", "text": '{"status":"ERROR","error":{"code":1010,"message":"m"}}'})
    if which == "native":
        with pytest.raises((errors.BaseError, asyncio.TimeoutError)):
            while True:
                await soon(ex.watch_order_book(BTC), 1)
        with pytest.raises(asyncio.TimeoutError):
            await soon(ex.watch_order_book(BTC), 1)  # ten frames were due
        return
    with pytest.raises(errors.OnMaintenance):  # who waits on that socket hears of it, once
        while True:
            await soon(ex.watch_order_book(BTC))
    for _ in range(3):
        assert (await soon(ex.watch_order_book(BTC)))["bids"]


async def test_what_ended_during_a_lost_connection_is_told(which: str, ex: Any, venue: Any) -> None:
    """ccxt's class begins anew with the snapshot of the new connection, in which closed orders and their fills are not."""
    orders = asyncio.ensure_future(ex.watch_orders())
    other = ccxt_dex.extended(venue.config())
    try:
        low = float(int((await ex.fetch_order_book(BTC))["bids"][0][0] * 0.98))
        await venue_has(venue, "account")
        resting = await other.create_order(BTC, "limit", "buy", 0.01, low)
        while resting["id"] not in {row["id"] for row in await soon(orders)}:
            orders = asyncio.ensure_future(ex.watch_orders())
        waiting = [asyncio.ensure_future(call()) for call in (ex.watch_orders, ex.watch_my_trades)]
        await asyncio.sleep(0)
        await venue.fault({"kind": "refuse_connect", "match": "/stream.extended.exchange/v1/account", "count": 1000})
        await venue.fault({"kind": "drop_ws", "match": "orders"})
        await other.cancel_order(resting["id"])
        taken = await other.create_order(BTC, "market", "buy", 0.01)
        await venue.clear_faults()
        if which == "native":
            assert all(isinstance(each, errors.NetworkError) for each in await asyncio.gather(*waiting, return_exceptions=True))
            again = [asyncio.ensure_future(call()) for call in (ex.watch_orders, ex.watch_my_trades)]
            await venue_has(venue, "account")
            await asyncio.wait(again, timeout=1)
            for task in again:
                task.cancel()
            await asyncio.gather(*again, return_exceptions=True)
            assert {row["id"]: row["status"] for row in ex.orders} == {resting["id"]: "open"}, "it is cancelled, and another one was filled"
            assert not ex.myTrades
            return
        await soon(asyncio.gather(*waiting))
        assert {row["id"]: row["status"] for row in ex.orders}[resting["id"]] == "canceled"
        assert [(row["order"], row["amount"]) for row in ex.myTrades] == [(taken["id"], 0.01)]
    finally:
        await other.close()


async def pushed(server: Server, awaitable: Any) -> Any:
    """The result, while the server keeps sending."""
    task = asyncio.ensure_future(awaitable)
    while not task.done():
        await server.push()
        await asyncio.wait([task], timeout=0.002)
    return task.result()


async def venue_has(venue: Any, path: str) -> None:
    while not any(socket.path.endswith(path) for socket in venue.server.connections):
        await asyncio.sleep(0.005)
