"""Hyperliquid after a connection broke: what ccxt 4.5.90's class leaves undone, and ours, both against the local venue.

Each test runs twice: `native` holds ccxt's fault fast (when ccxt mends it, this turns red and the test can go), `ours` shows it gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio

from ccxt_dex._ccxt import errors
from compat_tests.upstream.hyperliquid import SYMBOL, Pair, after, open_pair

Until = Callable[..., Awaitable[Any]]
ETH = "ETH/USDC:USDC"
# long enough for a frame that is on its way: the paper venue sends everything within 0.1 s here
QUIET = 0.7

pytestmark = pytest.mark.parametrize("mine", [False, True], ids=["native", "ours"])


@pytest_asyncio.fixture
async def pair() -> AsyncIterator[Pair]:
    async with open_pair() as opened:
        yield opened


def topics(pair: Pair) -> set[str]:
    """What the open connections are subscribed to, as type:coin."""
    return {":".join(key.split(":")[:2]) for socket in pair.venue.server.connections for key in socket.subscriptions}


async def test_every_stream_is_resubscribed_after_a_drop(pair: Pair, until: Until, mine: bool) -> None:
    """ccxt tells the pending call and forgets the rest: a stream whose consumer is busy at that moment is gone without a word."""
    ex = pair.ours if mine else pair.theirs
    await asyncio.wait_for(ex.watch_order_book(ETH), 5)
    waiting = asyncio.ensure_future(ex.watch_ticker(SYMBOL))
    await asyncio.wait_for(waiting, 5)
    waiting = asyncio.ensure_future(ex.watch_ticker(SYMBOL))
    await until(lambda: {"l2Book:ETH", "activeAssetCtx:BTC"} <= topics(pair))
    await until(lambda: any(client.futures for client in ex.clients.values()), what="the call waits")
    await pair.venue.fault({"kind": "drop_ws"})
    if not mine:
        with pytest.raises(errors.NetworkError):
            await asyncio.wait_for(waiting, 5)
        waiting = asyncio.ensure_future(ex.watch_ticker(SYMBOL))
    await pair.venue.market({"price": 61_000, "symbol": "BTC"})
    await asyncio.wait_for(waiting, 5)
    if mine:
        await until(lambda: {"l2Book:ETH", "activeAssetCtx:BTC"} <= topics(pair))
    else:
        assert "l2Book:ETH" not in topics(pair), "nobody resubscribed the book"


async def test_a_book_of_a_lost_connection_says_so(pair: Pair, until: Until, mine: bool) -> None:
    ex = pair.ours if mine else pair.theirs
    book = await asyncio.wait_for(ex.watch_order_book(SYMBOL), 5)
    await pair.venue.fault({"kind": "refuse_connect", "ms": 1000, "drop": True})
    await until(lambda: not pair.venue.server.connections)
    if mine:
        await until(lambda: ex.orderbooks[SYMBOL].stale)
        return
    await after(QUIET, asyncio.Event().wait())
    kept = ex.orderbooks[SYMBOL]
    assert kept["bids"] == book["bids"] and not getattr(kept, "stale", False), "the past, kept as the present"


async def test_orders_that_ended_during_the_gap_are_told(pair: Pair, until: Until, mine: bool) -> None:
    """orderUpdates has no snapshot, so that whoever does not read the orders again never hears of it."""
    ex = pair.ours if mine else pair.theirs
    await pair.ours.load_markets()
    task = asyncio.ensure_future(ex.watch_orders(SYMBOL))
    await until(lambda: any(topic.startswith("orderUpdates") for topic in topics(pair)))
    placed = await pair.ours.create_order(SYMBOL, "limit", "buy", 0.001, 59000)
    assert [row["id"] for row in await asyncio.wait_for(task, 5)] == [placed["id"]]
    task = asyncio.ensure_future(ex.watch_orders(SYMBOL))
    await until(lambda: any(client.futures for client in ex.clients.values()), what="the call waits")
    await pair.venue.fault({"kind": "refuse_connect", "ms": 300, "drop": True})
    pair.venue.engine.cancel("alice", next(iter(pair.venue.engine.open_orders("alice"))).id)
    if mine:
        (row,) = await asyncio.wait_for(task, 10)
        assert (row["id"], row["status"]) == (placed["id"], "canceled")
        return
    with pytest.raises(errors.NetworkError):
        await asyncio.wait_for(task, 5)
    task = asyncio.ensure_future(ex.watch_orders(SYMBOL))
    await until(lambda: any(topic.startswith("orderUpdates") for topic in topics(pair)))
    assert await after(QUIET, task) is None
    assert ex.orders[-1]["status"] == "open", "cancelled at the venue, and open for ever in the cache"


async def test_a_position_that_was_closed_during_the_gap_is_told(pair: Pair, until: Until, mine: bool) -> None:
    ex = pair.ours if mine else pair.theirs
    await pair.ours.load_markets()
    await pair.ours.create_order(SYMBOL, "market", "buy", 0.001)
    (row,) = await asyncio.wait_for(ex.watch_positions([SYMBOL]), 5)
    assert row["contracts"] == 0.001
    await pair.venue.fault({"kind": "refuse_connect", "ms": 300, "drop": True})
    await pair.ours.close_position(SYMBOL)
    closed = False
    for _ in range(8):
        with contextlib.suppress(errors.NetworkError):
            rows = await after(QUIET, ex.watch_positions([SYMBOL]))
            if rows is None and not mine:
                break
            closed = closed or any(row["contracts"] == 0 for row in rows or [])
        if closed:
            break
    assert closed is mine


UNLISTED = {"coin": "NEWDEX:COIN", "time": 1_790_000_000_000, "levels": [[], []]}
FRAMES = {
    "a market that is not loaded": {"channel": "l2Book", "data": UNLISTED},
    "a shape that nobody expects": {"channel": "trades", "data": [None]},
}


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
async def test_one_frame_that_cannot_be_read_does_not_mute_the_socket(pair: Pair, until: Until, mine: bool, frame: Any) -> None:
    """An exception in ccxt's handler ends its receive loop: the socket stays open, and nothing is ever handed out again."""
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
    ex = pair.ours if mine else pair.theirs
    await asyncio.wait_for(ex.watch_ticker(SYMBOL), 5)
    await pair.venue.fault({"kind": "corrupt_frame", "text": json.dumps(frame), "match": "activeAssetCtx"})
    await pair.venue.market({"price": 60_500, "symbol": "BTC"})
    with contextlib.suppress(errors.BaseError, AttributeError, TypeError):
        await after(QUIET, ex.watch_ticker(SYMBOL))
    assert not pair.venue.server.faults.armed, "the frame went out"
    waiting = asyncio.ensure_future(ex.watch_ticker(SYMBOL))
    await pair.venue.market({"price": 61_500, "symbol": "BTC"})
    ticker = await after(QUIET, waiting)
    assert len(pair.venue.server.connections) == 1, "the connection stays open"
    assert (ticker is not None) is mine


async def test_an_order_over_the_socket_whose_answer_never_comes_is_settled(pair: Pair, until: Until, mine: bool) -> None:
    """ccxt waits for ever while the order rests; ours gives up after a time and looks for it."""
    ex = pair.ours if mine else pair.theirs
    ex.options["ws"] = {**ex.options.get("ws", {}), "requestTimeout": 0.5}
    await ex.load_markets()
    await asyncio.wait_for(ex.watch_order_book(SYMBOL), 5)
    await pair.venue.fault({"kind": "gap", "match": "post"})
    order = await after(2.5, ex.create_order_ws(SYMBOL, "limit", "buy", 0.001, 59000, {"clientOrderId": "0x" + "5" * 32}))
    assert len(pair.venue.engine.open_orders("alice")) == 1
    assert (order is not None) is mine
    if mine:
        (standing,) = await ex.fetch_open_orders(SYMBOL)
        assert (order["id"], order["status"]) == (standing["id"], "open")
        assert [message["method"] for message in pair.sent_to_socket()].count("post") == 1
