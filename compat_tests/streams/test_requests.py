"""Requests (orders) are sent once or not at all, and the caller is told which; unsubscribes end with the connection."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from ccxt_dex._ccxt import errors
from ccxt_dex.outcome.guards import GUARD, Guard
from ccxt_dex.streams import StreamRules
from compat_tests.streams.server import Hyperliquid, Server, pushed, until
from compat_tests.streams.venues import SYMBOLS, client_of, make, ours, outcome

BTC, ETH = SYMBOLS["hyperliquid"]


@pytest.fixture
async def server() -> Any:
    async with Server(Hyperliquid()) as running:
        yield running


@pytest.fixture
async def exchange(server: Server) -> Any:
    made = make(ours("hyperliquid"), "hyperliquid", server.url)
    yield made
    await made.close()


async def live(exchange: Any, server: Server, symbol: str = BTC) -> Any:
    return await pushed(server, exchange.watch_order_book(symbol))


def post(exchange: Any, url: str, number: str) -> Any:
    return exchange.watch(url, number, {"method": "post", "id": number, "request": {}}, number)


async def test_answer(exchange: Any, server: Server) -> None:
    answer = await outcome(post(exchange, server.url, "7"))
    assert answer["status"] == "ok" or answer["response"]
    assert "7" not in client_of(exchange).subscriptions, "ccxt keeps the id of every order for ever"


async def test_link_lost_after_sending(exchange: Any, server: Server) -> None:
    await live(exchange, server)
    server.flavour.answer_posts = False  # type: ignore[attr-defined]
    task = asyncio.ensure_future(outcome(post(exchange, server.url, "7")))
    await until(lambda: server.messages('"post"'))
    server.drop()
    error = await task
    assert isinstance(error, errors.RequestTimeout) and "outcome unknown" in str(error) and error.verdict == "unknown"
    await until(lambda: len(server.messages('"subscribe"')) == 2)
    assert len(server.messages('"post"')) == 1, "never replayed"
    assert "7" not in client_of(exchange).subscriptions


async def test_a_guarded_call_knows_what_became_of_its_posts(exchange: Any, server: Server) -> None:
    await live(exchange, server)
    guard = Guard(exchange, "create", False, None)
    token = GUARD.set(guard)
    await outcome(post(exchange, server.url, "7"))
    server.flavour.answer_posts = False  # type: ignore[attr-defined]
    asked = time.monotonic()
    lost = asyncio.ensure_future(outcome(post(exchange, server.url, "8")))
    await until(lambda: len(server.messages('"post"')) == 2)
    server.refuse(2)
    server.drop()
    await lost
    await outcome(exchange.ws_post(server.url, "9", {"method": "post", "id": "9"}))
    GUARD.reset(token)
    assert [attempt.verdict for attempt in guard.writes] == ["ok", "unknown", "not_sent"]
    assert [attempt.sent for attempt in guard.writes] == [True, True, False]
    assert guard.last_sent >= asked, "absence is counted from the last post, not from the beginning of the call"


async def test_asked_for_during_an_outage(exchange: Any, server: Server) -> None:
    await live(exchange, server)
    client = client_of(exchange)
    server.refuse(2)
    server.drop()
    await until(lambda: client.state == "repairing")
    error = await outcome(exchange.ws_post(server.url, "8", {"method": "post", "id": "8"}))
    assert type(error) is errors.NetworkError and error.verdict == "not_sent"
    await until(lambda: client.state == "open")
    await live(exchange, server)
    assert not server.messages('"post"')


async def test_queued_behind_a_dial_that_fails(exchange: Any, server: Server) -> None:
    exchange.options["ws"]["maxRepairSeconds"] = 0.1
    server.refuse(1000)
    error = await outcome(exchange.ws_post(server.url, "8", {"method": "post", "id": "8"}))
    assert isinstance(error, errors.NetworkError) and not isinstance(error, errors.RequestTimeout) and error.verdict == "not_sent"


async def test_no_answer_in_time(exchange: Any, server: Server) -> None:
    server.flavour.answer_posts = False  # type: ignore[attr-defined]
    error = await outcome(exchange.ws_post(server.url, "9", {"method": "post", "id": "9"}, 0.05))
    assert isinstance(error, errors.RequestTimeout) and error.verdict == "unknown"
    client = client_of(exchange)
    assert not client.ledger.requests and not client.subscriptions and not client.rejections


async def test_ccxt_order_methods_get_a_timeout_too(exchange: Any, server: Server) -> None:
    exchange.options["ws"]["requestTimeout"] = 0.05
    server.flavour.answer_posts = False  # type: ignore[attr-defined]
    error = await outcome(post(exchange, server.url, "7"))
    assert isinstance(error, errors.RequestTimeout) and error.verdict == "unknown"


async def test_cancelled_caller_does_not_disturb(exchange: Any, server: Server) -> None:
    server.flavour.answer_posts = False  # type: ignore[attr-defined]
    task = asyncio.ensure_future(exchange.ws_post(server.url, "9", {"method": "post", "id": "9"}))
    await until(lambda: server.messages('"post"'))
    task.cancel()
    assert isinstance(await outcome(task), asyncio.CancelledError)
    assert (await live(exchange, server))["symbol"] == BTC


async def test_unwatched_topic_is_not_replayed(exchange: Any, server: Server) -> None:
    await live(exchange, server, BTC)
    await live(exchange, server, ETH)
    assert await outcome(exchange.un_watch_order_book(ETH))
    start = len(server.log)
    server.drop()
    await live(exchange, server, BTC)
    (message,) = server.messages('"subscribe"', start)
    assert message["subscription"]["coin"] == "BTC"


async def test_unwatch_whose_answer_is_lost_with_the_link(exchange: Any, server: Server) -> None:
    await live(exchange, server)
    server.silent = lambda message: message["method"] == "unsubscribe"
    task = asyncio.ensure_future(outcome(exchange.un_watch_order_book(BTC)))
    await until(lambda: server.messages("unsubscribe"))
    server.drop()
    assert await task is True
    assert not client_of(exchange).subscriptions
    await until(lambda: client_of(exchange).state == "open")
    assert len(server.messages('"subscribe"')) == 1
    assert (await live(exchange, server))["symbol"] == BTC


async def test_unwatch_during_an_outage(exchange: Any, server: Server) -> None:
    await live(exchange, server)
    client = client_of(exchange)
    server.refuse(2)
    server.drop()
    await until(lambda: client.state == "repairing")
    assert await outcome(exchange.un_watch_order_book(BTC)) is True
    await until(lambda: client.state == "open")
    await until(lambda: "flush" not in client.tasks)
    assert len(server.messages('"subscribe"')) == 1 and not server.messages("unsubscribe")


async def test_error_that_names_nothing_is_for_what_was_just_asked(exchange: Any, server: Server) -> None:
    book = await live(exchange, server, BTC)
    known = asyncio.ensure_future(exchange.watch_order_book(BTC))
    fresh = asyncio.ensure_future(exchange.watch_order_book(ETH))
    await until(lambda: len(server.messages('"subscribe"')) == 2)
    await server.raw({"channel": "error", "data": "Invalid subscription"})
    assert isinstance(await outcome(fresh), errors.ExchangeError)
    assert not known.done()
    await server.push()
    assert await outcome(known) is book
    start = len(server.log)
    server.drop()
    await live(exchange, server, BTC)
    assert len(server.messages('"subscribe"', start)) == 1, "a refused topic is not replayed"


async def test_error_that_nobody_waited_for_ends_with_its_connection(exchange: Any, server: Server) -> None:
    """ccxt keeps it and throws it at the next caller, however much later."""
    await live(exchange, server)
    client_of(exchange).reject(errors.ExchangeError("of the old connection"), f"orderbook:{BTC}")
    server.drop()
    await until(lambda: client_of(exchange).losses)
    assert (await live(exchange, server))["symbol"] == BTC


async def test_watch_multiple_is_one_message(exchange: Any, server: Server) -> None:
    message = {"method": "subscribe", "subscription": {"type": "l2Book", "coin": "ETH"}}
    hashes = [f"orderbook:{symbol}" for symbol in (BTC, ETH)]
    tasks = [asyncio.ensure_future(outcome(exchange.watch_multiple(server.url, hashes, message, hashes))) for _ in range(3)]
    await until(lambda: server.connections and server.connections[0].topics)
    tasks.pop().cancel()
    server.drop()
    await until(lambda: len(server.messages('"subscribe"')) == 2 and server.connections)
    await until(lambda: server.connections[0].topics)
    await server.push()
    assert [(await task)["symbol"] for task in tasks] == [ETH, ETH]
    assert len(server.messages('"subscribe"')) == 2


async def test_watch_during_close_does_not_reopen(exchange: Any, server: Server) -> None:
    await live(exchange, server)

    async def consume() -> BaseException:
        for _ in range(100):
            try:
                await exchange.watch_order_book(BTC)
            except errors.ExchangeClosedByUser as error:
                seen.append(error)
                if len(seen) == 3:
                    return error
        raise AssertionError("never closed")

    seen: list[BaseException] = []
    task = asyncio.ensure_future(consume())
    await until(lambda: client_of(exchange).futures)
    await exchange.close()
    await outcome(task)
    assert len(seen) == 3 and not exchange.clients


async def test_order_refused_for_its_nonce_is_the_callers_business(exchange: Any, server: Server) -> None:
    """A topic's InvalidNonce is a gap and mended in silence; a request's is an answer."""
    server.flavour.answer_posts = False  # type: ignore[attr-defined]
    task = asyncio.ensure_future(outcome(exchange.ws_post(server.url, "9", {"method": "post", "id": "9"})))
    await until(lambda: server.messages('"post"'))
    client = client_of(exchange)
    client.on_message_callback = lambda client, message: client.reject(errors.InvalidNonce("nonce too low"), "9")
    await server.raw({"channel": "post"})
    assert isinstance(await task, errors.InvalidNonce)


async def test_leaving_a_topic_without_an_acknowledgement(exchange: Any, server: Server) -> None:
    book = await live(exchange, server)
    task = asyncio.ensure_future(outcome(exchange.watch_order_book(BTC)))
    await until(lambda: client_of(exchange).futures)
    assert client_of(exchange).unsubscribe(f"orderbook:{BTC}") and not client_of(exchange).unsubscribe("unheard of")
    assert isinstance(await task, errors.UnsubscribeError) and book.stale is not None
    again = await live(exchange, server)
    assert again["symbol"] == BTC and again.stale is None, "the late acknowledgement does not undo it"
    assert await outcome(exchange.un_watch_order_book(BTC)) is True


async def test_messages_are_paced_by_the_connections_own_limit(server: Server) -> None:
    rules = StreamRules(send_rate=20.0, send_burst=1.0)
    exchange = make(ours("hyperliquid", stream_rules=rules), "hyperliquid", server.url, enableRateLimit=True, rateLimit=60_000)
    began = asyncio.get_running_loop().time()
    tasks = [asyncio.ensure_future(outcome(exchange.watch_order_book(symbol))) for symbol in (BTC, ETH)]
    tasks.append(asyncio.ensure_future(outcome(exchange.watch_trades(BTC))))
    await until(lambda: len(server.messages('"subscribe"')) == 3)
    assert 0.09 <= asyncio.get_running_loop().time() - began < 3, "ccxt would take minutes: it uses the bucket of its REST calls"
    await exchange.close()
    assert all([isinstance(await task, errors.ExchangeClosedByUser) for task in tasks])
