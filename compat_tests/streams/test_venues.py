"""What is particular about ccxt's own lighter, paradex, extended, backpack and hyperliquid under the layer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ccxt_dex._ccxt import errors
from ccxt_dex.streams import Record, StreamRules
from compat_tests.streams.server import Extended, Flavour, Hyperliquid, Lighter, Paradex, Server, pushed, until
from compat_tests.streams.venues import SYMBOLS, client_of, make, ours, outcome


async def next_book(exchange: Any, server: Server, symbol: str) -> Any:
    return await pushed(server, exchange.watch_order_book(symbol))


async def test_lighter_private_subscription_is_signed_again() -> None:
    async def resign(exchange: Any, client: Any, record: Record) -> Any:
        return {**record.message, "auth": exchange.create_auth()} if "auth" in record.message else record.message

    def create_auth(self: Any, params: Any = None) -> str:
        self.signed = getattr(self, "signed", 0) + 1
        return f"auth{self.signed}"

    async def nothing(self: Any, *_: Any) -> None:
        return None

    cls = ours("lighter", stream_rules=StreamRules(resign=resign), create_auth=create_auth, pre_load_lighter_library=nothing)
    async with Server(Lighter()) as server:
        exchange = make(cls, "lighter", server.url)
        server.flavour.tokens = {"auth1"}  # type: ignore[attr-defined]
        task = asyncio.ensure_future(exchange.subscribe_private("orders", {"channel": "account_all_orders/5"}))
        await until(lambda: server.connections and server.connections[0].topics)
        server.flavour.tokens = {"auth2"}  # type: ignore[attr-defined]
        server.drop()
        await until(lambda: server.connections and server.connections[0].topics)
        assert server.connections[0].topics["account_all_orders/5"]["auth"] == "auth2"
        assert not task.done()
        await exchange.close()
        assert isinstance(await outcome(task), errors.ExchangeClosedByUser)


async def resign_paradex(exchange: Any, client: Any, record: Record) -> Any:
    if record.kind == "auth":
        return {**record.message, "params": {"bearer": await exchange.authenticateRest()}}
    return record.message


class Tokens:
    """Stands in for the REST login of ccxt's paradex."""

    def __init__(self) -> None:
        self.count = 0

    async def __call__(self) -> str:
        self.count += 1
        return f"token{self.count}"


@pytest.fixture
async def paradex() -> Any:
    async with Server(Paradex()) as server:
        exchange = make(ours("paradex", stream_rules=StreamRules(resign=resign_paradex)), "paradex", server.url)
        exchange.authenticateRest = Tokens()
        yield exchange, server
        await exchange.close()


BTC = SYMBOLS["paradex"][0]


async def watch_orders(exchange: Any, server: Server) -> Any:
    return await pushed(server, exchange.watch_orders(BTC), "orders")


async def test_paradex_logs_in_again_first_and_waits_for_it(paradex: Any) -> None:
    exchange, server = paradex
    server.flavour.tokens = {"token1"}
    await watch_orders(exchange, server)
    await next_book(exchange, server, BTC)
    server.flavour.tokens = {"token2"}
    task = asyncio.ensure_future(exchange.watch_orders(BTC))
    await until(lambda: "orders:" + BTC in client_of(exchange).futures)
    start = len(server.log)
    held: list[Any] = []
    server.silent = lambda message: message["method"] == "auth" and (held.append(message) or True)
    server.drop()
    await until(lambda: held)
    for _ in range(20):
        await asyncio.sleep(0)
    assert [m["method"] for _, m in server.log[start:]] == ["auth"], "nothing goes out before the answer"
    server.silent = lambda message: False
    await server.flavour.receive(server, server.connections[0], held[0])
    await until(lambda: len(server.connections[0].topics) == 2)
    assert held[0]["params"]["bearer"] == "token2"
    await server.push("orders")
    assert (await outcome(task))[0]["symbol"] == BTC


async def test_paradex_login_refused_on_reconnect_is_an_error(paradex: Any) -> None:
    exchange, server = paradex
    server.flavour.tokens = {"token1"}
    await watch_orders(exchange, server)
    task = asyncio.ensure_future(exchange.watch_orders(BTC))
    await until(lambda: "orders:" + BTC in client_of(exchange).futures)
    server.drop()
    assert isinstance(await outcome(task), errors.BadRequest)  # ccxt's name for every error frame of paradex


async def test_paradex_first_login_refused_leaves_the_books_alone(paradex: Any) -> None:
    exchange, server = paradex
    server.flavour.tokens = set()
    book = await next_book(exchange, server, BTC)
    assert isinstance(await outcome(exchange.watch_orders(BTC)), errors.BadRequest)
    assert await next_book(exchange, server, BTC) is book and client_of(exchange).losses == 0


async def test_paradex_login_that_is_never_answered(paradex: Any) -> None:
    exchange, server = paradex
    exchange.stream_rules = StreamRules(auth_timeout=0.05)
    server.silent = lambda message: message["method"] == "auth"
    assert isinstance(await outcome(exchange.watch_orders(BTC)), errors.RequestTimeout)
    assert (await next_book(exchange, server, BTC))["symbol"] == BTC


async def test_paradex_error_frame_does_not_mute_the_socket(paradex: Any) -> None:
    exchange, server = paradex
    book = await next_book(exchange, server, BTC)
    await server.raw(
        {"jsonrpc": "2.0", "id": 0, "error": {"code": -32600, "message": "invalid subscribe request", "data": "invalid channel"}}
    )
    assert await next_book(exchange, server, BTC) is book
    assert client_of(exchange).losses == 0


async def test_paradex_binary_frames_stay_bytes() -> None:
    async with Server(Paradex()) as server:
        exchange = make(ours("paradex"), "paradex", server.url)
        assert exchange.options["decompressBinary"] is False
        await next_book(exchange, server, BTC)
        seen: list[Any] = []
        client_of(exchange).on_message_callback = lambda client, message: seen.append(message)
        await server.raw(b'{"looks": "like json"}')
        await until(lambda: seen)
        assert seen == [b'{"looks": "like json"}']
        await exchange.close()


async def test_extended_gap_is_mended_before_anything_is_handed_out() -> None:
    (symbol,) = SYMBOLS["extended"]
    async with Server(Extended()) as server:
        exchange = make(ours("extended"), "extended", server.url)
        book = await exchange.watch_order_book(symbol)
        server.connections[0].memory["gap"] = 3
        results = [await next_book(exchange, server, symbol) for _ in range(4)]
        assert all(result is book for result in results) and len(book["asks"]) == 2
        assert server.dials == 2
        assert exchange.orderbooks[symbol] is book
        await exchange.close()


async def test_extended_sockets_are_repaired_one_by_one() -> None:
    (symbol,) = SYMBOLS["extended"]
    async with Server(Extended()) as server:
        exchange = make(ours("extended"), "extended", server.url)
        await exchange.watch_order_book(symbol)
        trades = asyncio.ensure_future(exchange.watch_trades(symbol))
        await until(lambda: len(server.connections) == 2)
        server.connections[0].memory["gap"] = 3
        await next_book(exchange, server, symbol)
        assert sorted(client.losses for client in exchange.clients.values()) == [0, 1] and not trades.done()
        await exchange.close()
        await outcome(trades)


class Backpack(Flavour):
    """Deltas only; the snapshot is a REST call."""

    id = "backpack"

    async def receive(self, server: Server, connection: Any, message: Any) -> None:
        for topic in message["params"]:
            if message["method"] == "SUBSCRIBE":
                connection.topics[topic] = True
            else:
                connection.topics.pop(topic, None)

    async def push(self, server: Server, connection: Any, topic: str) -> None:
        n = 100 + server.count
        if topic.startswith("depth"):
            data = {"e": "depth", "E": 1, "T": 1, "s": "BTC_USDC_PERP", "U": n, "u": n, "a": [], "b": [["99", str(n)]]}
            await connection.send({"stream": topic, "data": data})


@pytest.fixture
async def backpack() -> Any:
    async with Server(Backpack()) as server:
        exchange = make(ours("backpack"), "backpack", server.url)
        exchange.options["watchOrderBook"] = {"snapshotDelay": 1}
        yield exchange, server
        await exchange.close()


async def test_backpack_snapshot_is_tried_again_and_concerns_that_book_alone(backpack: Any) -> None:
    exchange, server = backpack
    symbol = SYMBOLS["backpack"][0]
    calls = []

    async def snapshot(symbol: str, limit: Any = None, params: Any = None) -> Any:
        calls.append(symbol)
        if len(calls) < 3:
            raise errors.NetworkError("rest is down")
        return {"bids": [[98.0, 1.0]], "asks": [[101.0, 1.0]], "nonce": 100 + server.count, "timestamp": 1, "symbol": symbol}

    exchange.fetch_rest_order_book_safe = snapshot
    trades = asyncio.ensure_future(exchange.watch_trades(symbol))
    book = await next_book(exchange, server, symbol)
    assert len(calls) == 3 and len(book["asks"]) == 1
    assert await next_book(exchange, server, symbol) is book and book["bids"][0][0] == 99.0
    assert not trades.done() and client_of(exchange).losses == 0
    await exchange.close()
    await outcome(trades)


async def test_backpack_snapshot_that_never_comes_is_an_error_of_that_book(backpack: Any) -> None:
    exchange, server = backpack
    symbol = SYMBOLS["backpack"][0]
    exchange.options["ws"]["maxRepairSeconds"] = 0.1

    async def snapshot(*_: Any, **__: Any) -> Any:
        raise errors.ExchangeNotAvailable("rest is down")

    exchange.fetch_rest_order_book_safe = snapshot
    trades = asyncio.ensure_future(exchange.watch_trades(symbol))
    with pytest.raises(errors.ExchangeNotAvailable):
        await next_book(exchange, server, symbol)
    assert not trades.done() and client_of(exchange).state == "open"
    await exchange.close()
    await outcome(trades)


async def test_backpack_snapshot_of_the_old_connection_is_not_put_under_the_new_one(backpack: Any) -> None:
    exchange, server = backpack
    symbol = SYMBOLS["backpack"][0]
    waiting: list[asyncio.Future[Any]] = []

    async def snapshot(*_: Any, **__: Any) -> Any:
        waiting.append(asyncio.get_running_loop().create_future())
        return await waiting[-1]

    def parsed(price: float) -> Any:
        return {"bids": [[price, 1.0]], "asks": [[101.0, 1.0]], "nonce": 100 + server.count, "timestamp": 1, "symbol": symbol}

    async def asked(times: int) -> None:
        await until(lambda: len(waiting) >= times)

    exchange.fetch_rest_order_book_safe = snapshot
    task = asyncio.ensure_future(exchange.watch_order_book(symbol))
    await pushed(server, asked(1))
    server.drop()
    await pushed(server, asked(2))
    waiting[0].set_result(parsed(55.0))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert exchange.orderbooks[symbol].stale is not None and not task.done()
    waiting[1].set_result(parsed(98.0))
    book = await outcome(task)
    assert [level[0] for level in book["bids"]][-1] == 98.0
    await exchange.close()


async def test_backpack_unwatch_and_watch_again_survives_a_drop(backpack: Any) -> None:
    exchange, server = backpack
    symbol = SYMBOLS["backpack"][0]

    async def snapshot(symbol: str, limit: Any = None, params: Any = None) -> Any:
        return {"bids": [[98.0, 1.0]], "asks": [[101.0, 1.0]], "nonce": 100 + server.count, "timestamp": 1, "symbol": symbol}

    exchange.fetch_rest_order_book_safe = snapshot
    await next_book(exchange, server, symbol)
    await exchange.un_watch_order_book(symbol)
    await until(lambda: server.messages("UNSUBSCRIBE"))
    await next_book(exchange, server, symbol)
    start = len(server.log)
    server.drop()
    await next_book(exchange, server, symbol)
    assert [m["method"] for _, m in server.log[start:]] == ["SUBSCRIBE"]


async def test_backpack_ticker_unwatch_reaches_the_venue(backpack: Any) -> None:
    exchange, server = backpack
    symbol = SYMBOLS["backpack"][0]
    ticker = asyncio.ensure_future(exchange.watch_ticker(symbol))
    await until(lambda: server.messages("SUBSCRIBE"))
    exchange.tickers[symbol] = {"symbol": symbol}  # ccxt deletes it without looking
    await exchange.un_watch_ticker(symbol)
    await until(lambda: server.messages("UNSUBSCRIBE"))
    await exchange.close()
    await outcome(ticker)


async def test_trades_sent_again_are_not_news() -> None:
    symbol = SYMBOLS["hyperliquid"][0]
    async with Server(Hyperliquid()) as server:
        server.flavour.trades_on_subscribe = 5  # type: ignore[attr-defined]
        exchange = make(ours("hyperliquid"), "hyperliquid", server.url)
        assert [t["id"] for t in await exchange.watch_trades(symbol)] == ["0", "1", "2", "3", "4"]
        for number in (1, 2):
            task = asyncio.ensure_future(exchange.watch_trades(symbol))
            await until(lambda: client_of(exchange).futures)
            server.drop()
            await until(lambda: server.connections and server.connections[0].topics)
            await server.push("trades")
            assert [t["id"] for t in await outcome(task)] == [str(1000 + number)]
        assert len(exchange.trades[symbol]) == 7
        await exchange.close()


async def test_handler_that_throws_is_a_redial_and_only_that_frame_is_lost() -> None:
    symbol = SYMBOLS["hyperliquid"][0]
    async with Server(Hyperliquid()) as server:
        exchange = make(ours("hyperliquid"), "hyperliquid", server.url)
        await next_book(exchange, server, symbol)
        task = asyncio.ensure_future(exchange.watch_order_book(symbol))
        await until(lambda: client_of(exchange).futures)
        faults = [KeyError("a field that is not there")]
        handle = exchange.handle_order_book

        def once(client: Any, message: Any) -> Any:
            if faults:
                raise faults.pop()
            return handle(client, message)

        exchange.handle_order_book = once
        await server.push()
        await until(lambda: client_of(exchange).losses == 1)
        assert not task.done()
        # it was the client that left: the server may not have heard of that yet, and what is pushed to the old connection is lost
        await until(lambda: len(server.all) == 2 and server.all[-1].topics)
        await server.push()
        assert (await outcome(task))["symbol"] == symbol
        await exchange.close()
