"""Six faults of the streams of ccxt 4.5.90, on its own unmodified classes, and the same classes behind our layer.

Each test runs twice: `native` holds the fault fast (when ccxt mends it, this turns red and the test can go), `repaired` shows it gone.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from ccxt_dex import _ccxt
from ccxt_dex._ccxt import errors
from compat_tests.streams.server import Extended, Flavour, Hyperliquid, Lighter, Paradex, Server, until
from compat_tests.streams.venues import SYMBOLS, client_of, make, ours, outcome

pytestmark = pytest.mark.parametrize("repaired", [False, True], ids=["native", "repaired"])


def exchange_of(venue: str, url: str, repaired: bool, **ws: Any) -> Any:
    return make(ours(venue) if repaired else _ccxt.pro(venue), venue, url, ws)


async def next_result(server: Server, awaitable: Any, topic: str | None = None) -> Any:
    """What the call returns (or raises, as a value) while the server keeps sending."""
    task = asyncio.ensure_future(awaitable)
    deadline = asyncio.get_running_loop().time() + 0.5
    while not task.done() and asyncio.get_running_loop().time() < deadline:
        await server.push(topic)
        await asyncio.sleep(0.002)
    if not task.done():
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return "nothing"
    return await outcome(task)


async def test_exception_in_a_handler_mutes_the_socket(repaired: bool) -> None:
    """One error frame of paradex raises in ccxt's handler; the receive loop is never scheduled again, the socket stays open."""
    symbol = SYMBOLS["paradex"][0]
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
    async with Server(Paradex()) as server:
        exchange = exchange_of("paradex", server.url, repaired)
        assert (await next_result(server, exchange.watch_order_book(symbol)))["symbol"] == symbol
        await server.raw({"jsonrpc": "2.0", "id": 0, "error": {"code": -32600, "message": "invalid subscribe request"}})
        results = [await next_result(server, exchange.watch_order_book(symbol)) for _ in range(3)]
        if repaired:
            assert all(result["symbol"] == symbol for result in results)
        else:
            assert results[1:] == ["nothing", "nothing"] and not client_of(exchange).closed()
        await exchange.close()


async def test_cancelling_one_awaiter_cancels_all(repaired: bool) -> None:
    symbol = SYMBOLS["hyperliquid"][0]
    async with Server(Hyperliquid()) as server:
        exchange = exchange_of("hyperliquid", server.url, repaired)
        await next_result(server, exchange.watch_order_book(symbol))
        client = client_of(exchange)
        await until(lambda: not client.futures)
        one, other = (asyncio.ensure_future(exchange.watch_order_book(symbol)) for _ in range(2))
        await until(lambda: client.futures)
        await asyncio.sleep(0)
        one.cancel()
        await asyncio.gather(one, return_exceptions=True)
        result = await next_result(server, other)
        assert isinstance(result, asyncio.CancelledError) is not repaired
        await exchange.close()


async def test_close_ends_waiting_tasks_with_a_bare_cancelled_error(repaired: bool) -> None:
    symbol = SYMBOLS["hyperliquid"][0]
    async with Server(Hyperliquid()) as server:
        exchange = exchange_of("hyperliquid", server.url, repaired)
        task = asyncio.ensure_future(exchange.watch_order_book(symbol))
        await until(lambda: server.connections and server.connections[0].topics)
        await exchange.close()
        error = await outcome(task)
        assert isinstance(error, errors.ExchangeClosedByUser if repaired else asyncio.CancelledError)


class Deltas(Flavour):
    """backpack: deltas whose snapshot is a REST call."""

    id = "backpack"

    async def receive(self, server: Server, connection: Any, message: Any) -> None:
        connection.topics.update(dict.fromkeys(message["params"], True))

    async def push(self, server: Server, connection: Any, topic: str) -> None:
        if topic.startswith("depth"):
            data = {"e": "depth", "E": 1, "T": 1, "s": "BTC_USDC_PERP", "U": server.count, "u": server.count, "a": [], "b": [["99", "1"]]}
            await connection.send({"stream": topic, "data": data})


async def test_failed_snapshot_of_one_book_cancels_everybody_on_the_socket(repaired: bool) -> None:
    symbol = SYMBOLS["backpack"][0]

    async def unavailable(*_: Any, **__: Any) -> Any:
        raise errors.NetworkError("rest is down")

    async with Server(Deltas()) as server:
        exchange = exchange_of("backpack", server.url, repaired, maxRepairSeconds=0.05)
        exchange.options["watchOrderBook"] = {"snapshotDelay": 1}
        exchange.fetch_rest_order_book_safe = unavailable
        trades = asyncio.ensure_future(exchange.watch_trades(symbol))
        await until(lambda: server.connections and server.connections[0].topics)
        assert isinstance(await next_result(server, exchange.watch_order_book(symbol)), errors.NetworkError)
        if repaired:
            assert not trades.done()
        else:
            assert isinstance(await outcome(trades), asyncio.CancelledError)
        await exchange.close()
        await outcome(trades)


async def test_book_after_a_gap_has_only_what_changed_since(repaired: bool) -> None:
    """extended forgets the book at the gap and builds the next one from deltas alone: no asks, handed out as a book."""
    (symbol,) = SYMBOLS["extended"]
    async with Server(Extended()) as server:
        exchange = exchange_of("extended", server.url, repaired)
        assert len((await exchange.watch_order_book(symbol))["asks"]) == 2
        server.connections[0].memory["gap"] = 3
        results = [await next_result(server, exchange.watch_order_book(symbol)) for _ in range(3)]
        if repaired:
            assert [len(book["asks"]) for book in results] == [2, 2, 2]
        else:
            assert isinstance(results[0], errors.InvalidNonce) and [len(book["asks"]) for book in results[1:]] == [0, 0]
        await exchange.close()


async def test_loop_that_stood_still_is_given_the_past_as_the_present(repaired: bool, loop_thread: Any) -> None:
    symbol = SYMBOLS["lighter"][0]
    server = Server(Lighter())
    loop_thread.run(server.__aenter__())
    exchange = exchange_of("lighter", server.url, repaired, barrierSeconds=0.1)
    await exchange.watch_order_book(symbol)
    loop_thread.run(server.push(times=3000))
    time.sleep(0.2)
    behind = server.count - (await exchange.watch_order_book(symbol))["nonce"]
    if repaired:
        assert behind == 0
    else:
        assert behind > 500
    await exchange.close()
    loop_thread.run(server.__aexit__())


async def test_trades_come_twice_after_a_resubscribe(repaired: bool) -> None:
    symbol = SYMBOLS["hyperliquid"][0]
    async with Server(Hyperliquid()) as server:
        server.flavour.trades_on_subscribe = 5  # type: ignore[attr-defined]
        exchange = exchange_of("hyperliquid", server.url, repaired)
        assert len(await exchange.watch_trades(symbol)) == 5
        task = asyncio.ensure_future(exchange.watch_trades(symbol))
        await until(lambda: client_of(exchange).futures)
        server.drop()
        if not repaired:
            assert isinstance(await outcome(task), errors.NetworkError)
            task = asyncio.ensure_future(exchange.watch_trades(symbol))
        await until(lambda: server.connections and server.connections[0].topics)
        await server.push("trades")
        ids = [trade["id"] for trade in await outcome(task)]
        assert ids == (["1001"] if repaired else ["0", "1", "2", "3", "4"])
        await exchange.close()
