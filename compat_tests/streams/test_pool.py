"""One public socket for many accounts."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from ccxt_dex._ccxt import errors
from ccxt_dex.streams.pool import hubs
from compat_tests.streams.server import Hyperliquid, Lighter, Server, until
from compat_tests.streams.venues import SYMBOLS, make, ours, outcome

ETH, BTC = SYMBOLS["lighter"]
LIGHTER = ours("lighter")
HYPERLIQUID = ours("hyperliquid")
SHARED = {"shared": True}


@pytest.fixture
async def server() -> Any:
    async with Server(Lighter()) as running:
        yield running
    assert hubs() == 0


def accounts(server: Server, count: int, cls: Any = LIGHTER, venue: str = "lighter") -> list[Any]:
    return [make(cls, venue, server.url, SHARED, uid=str(number), apiKey=f"key{number}") for number in range(count)]


async def close(exchanges: list[Any]) -> None:
    for exchange in exchanges:
        await exchange.close()


async def test_one_connection_one_subscribe_one_book(server: Server) -> None:
    exchanges = accounts(server, 3)
    books = await asyncio.gather(*(exchange.watch_order_book(ETH) for exchange in exchanges))
    assert books[0] is books[1] is books[2]
    assert len(server.connections) == 1 and len(server.messages("subscribe")) == 1
    assert all(exchange.orderbooks[ETH] is books[0] for exchange in exchanges)
    hub = exchanges[0]._hub.hub.exchange
    assert hub.apiKey in (None, "") and not hub.uid
    assert exchanges[1].stream_status()[f"{server.url} (shared)"]["state"] == "open"
    await close(exchanges)
    await until(lambda: not server.connections)


async def test_drop_is_repaired_for_all(server: Server) -> None:
    exchanges = accounts(server, 3)
    await asyncio.gather(*(exchange.watch_order_book(ETH) for exchange in exchanges))
    tasks = [asyncio.ensure_future(exchange.watch_order_book(ETH)) for exchange in exchanges]
    await asyncio.sleep(0)
    server.drop()
    assert [(await outcome(task))["symbol"] for task in tasks] == [ETH] * 3
    assert len(server.connections) == 1
    await close(exchanges)


async def test_own_close_ends_own_calls_only(server: Server) -> None:
    one, two = accounts(server, 2)
    await asyncio.gather(one.watch_order_book(ETH), two.watch_order_book(ETH))
    a, b = (asyncio.ensure_future(exchange.watch_order_book(ETH)) for exchange in (one, two))
    await asyncio.sleep(0)
    await one.close()
    assert isinstance(await outcome(a), errors.ExchangeClosedByUser)
    assert not b.done()
    await server.push()
    assert (await outcome(b))["symbol"] == ETH
    await two.close()


async def test_topic_ends_with_its_last_user(server: Server) -> None:
    one, two = accounts(server, 2)
    await asyncio.gather(one.watch_order_book(ETH), two.watch_order_book(ETH), two.watch_order_book(BTC))
    assert await outcome(one.un_watch_order_book(ETH)) is True
    assert not server.messages("unsubscribe"), "two still watches it"
    await close([one, two])
    await until(lambda: not server.connections)


async def test_closing_the_only_user_unsubscribes(server: Server) -> None:
    one, two = accounts(server, 2)
    await asyncio.gather(one.watch_order_book(ETH), two.watch_order_book(BTC))
    await two.close()
    await until(lambda: list(server.connections[0].topics) == ["order_book/0"])
    again = make(LIGHTER, "lighter", server.url, SHARED)
    assert (await again.watch_order_book(BTC))["symbol"] == BTC
    await close([one, again])


async def test_unwatch_by_the_last_user_reaches_the_venue(server: Server) -> None:
    one, two = accounts(server, 2)
    await asyncio.gather(one.watch_order_book(ETH), two.watch_order_book(ETH))
    assert await outcome(one.un_watch_order_book(ETH)) is True
    assert await outcome(two.un_watch_order_book(ETH))
    assert len(server.messages("unsubscribe")) == 1 and not server.connections[0].topics
    await close([one, two])


async def test_each_instance_sees_every_trade_once() -> None:
    symbol = SYMBOLS["hyperliquid"][0]
    async with Server(Hyperliquid()) as server:
        one, two = accounts(server, 2, HYPERLIQUID, "hyperliquid")
        first = [asyncio.ensure_future(exchange.watch_trades(symbol)) for exchange in (one, two)]
        await until(lambda: server.connections and server.connections[0].topics)
        await server.push("trades")
        assert [[t["id"] for t in await outcome(task)] for task in first] == [["1001"], ["1001"]]
        task = asyncio.ensure_future(one.watch_trades(symbol))
        await asyncio.sleep(0)
        await server.push("trades")
        assert [t["id"] for t in await outcome(task)] == ["1002"]
        task = asyncio.ensure_future(two.watch_trades(symbol))
        await asyncio.sleep(0)
        await server.push("trades")
        assert [t["id"] for t in await outcome(task)] == ["1002", "1003"], "what it did not wait for is not lost"
        assert len(one.trades[symbol]) == 2 and len(two.trades[symbol]) == 3
        await close([one, two])
    assert hubs() == 0


async def test_private_topics_stay_on_the_own_socket(server: Server) -> None:
    (one,) = accounts(server, 1)
    await one.watch_order_book(ETH)
    private = one.watch(server.url, "orders", {"type": "subscribe", "channel": "account_all_orders/5", "auth": "secret"}, "orders")
    await until(lambda: len(server.connections) == 2)
    await until(lambda: server.messages("secret"))
    assert [list(c.topics) for c in server.connections] == [["order_book/0"], ["account_all_orders/5"]]
    await one.close()
    assert isinstance(await outcome(private), errors.ExchangeClosedByUser)


async def test_different_options_do_not_share(server: Server) -> None:
    one, two = accounts(server, 2)
    two.options["watchOrderBookLimit"] = 5
    await asyncio.gather(one.watch_order_book(ETH), two.watch_order_book(ETH))
    assert len(server.connections) == 2 and hubs() == 2
    await close([one, two])


async def test_not_shared_unless_asked_for(server: Server) -> None:
    exchanges = [make(LIGHTER, "lighter", server.url) for _ in range(2)]
    await asyncio.gather(*(exchange.watch_order_book(ETH) for exchange in exchanges))
    assert len(server.connections) == 2 and hubs() == 0
    await close(exchanges)


def test_never_across_loops(loop_thread: Any) -> None:
    server = Server(Lighter())
    loop_thread.run(server.__aenter__())
    together = threading.Barrier(2)
    counts = []

    def user() -> None:
        async def go() -> None:
            (exchange,) = accounts(server, 1)
            assert (await exchange.watch_order_book(ETH))["symbol"] == ETH
            together.wait(5)
            counts.append(len(server.connections))
            together.wait(5)
            await exchange.close()

        asyncio.run(go())

    threads = [threading.Thread(target=user) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [2, 2] and hubs() == 0
    loop_thread.run(server.__aexit__())
