"""A pending `watch_*` call and what may befall the socket beneath it, on ccxt's own classes through our layer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ccxt_dex._ccxt import errors
from ccxt_dex.streams import RepairClient
from compat_tests.streams.server import Hyperliquid, Lighter, Paradex, Server, until
from compat_tests.streams.venues import SYMBOLS, client_of, make, ours, outcome

FLAVOURS = {"hyperliquid": Hyperliquid, "lighter": Lighter, "paradex": Paradex}
pytestmark = pytest.mark.parametrize("venue", FLAVOURS)


class Rig:
    """A server, an exchange, two books that are live."""

    def __init__(self, venue: str, **ws: Any) -> None:
        self.venue = venue
        self.ws = ws
        self.server = Server(FLAVOURS[venue]())
        self.symbols = SYMBOLS[venue]

    async def __aenter__(self) -> Rig:
        await self.server.__aenter__()
        self.exchange = make(ours(self.venue), self.venue, self.server.url, self.ws)
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.exchange.close()
        await self.server.__aexit__()

    async def first(self, index: int = 0) -> Any:
        return await self.pushed(self.watch(index))

    def watch(self, index: int = 0) -> asyncio.Task[Any]:
        return asyncio.ensure_future(self.exchange.watch_order_book(self.symbols[index]))

    async def pushed(self, *tasks: asyncio.Task[Any]) -> Any:
        """Push until the tasks have ended."""

        async def push() -> None:
            while not all(task.done() for task in tasks):
                await self.server.push()
                await asyncio.sleep(0.002)

        await asyncio.wait_for(push(), 5)
        results = [task.exception() or task.result() for task in tasks]
        return results[0] if len(results) == 1 else results

    async def waiting(self, index: int = 0) -> asyncio.Task[Any]:
        """A call that is pending, with nothing on its way."""
        client = client_of(self.exchange)
        if client.connection is not None:
            await settle(self.server, client)
        task = self.watch(index)
        await until(lambda: client.futures)
        return task

    def subscribes(self, start: int = 0) -> list[Any]:
        return [m for m in self.server.messages("ubscribe", start) if "order_book" in str(m) or "l2Book" in str(m)]


async def settle(server: Server, client: RepairClient) -> None:
    """Everything that the server has sent is read."""
    pings = len(client.events)
    marker = b"settle%d" % pings
    seen = asyncio.get_running_loop().create_future()
    pong = client.pong
    client.pong = lambda payload: (pong(payload), payload == marker and not seen.done() and seen.set_result(None))  # type: ignore[method-assign]
    await client.connection.ping(marker)
    await asyncio.wait_for(seen, 5)
    del client.pong  # type: ignore[method-assign]


async def test_drop_is_repaired_under_two_pending_calls(venue: str) -> None:
    async with Rig(venue) as rig:
        book = await rig.first(0)
        await rig.first(1)
        client = client_of(rig.exchange)
        a, b = await rig.waiting(0), await rig.waiting(1)
        start = len(rig.server.log)
        rig.server.drop()
        await until(lambda: client.state != "open")
        assert book.stale is not None and book["nonce"] is None and book["asks"], "marked, but the levels stay"
        assert rig.exchange.stream_status()[rig.server.url]["state"] == "repairing"
        assert all(topic["stale"] for topic in rig.exchange.stream_status()[rig.server.url]["topics"].values())
        ra, rb = await rig.pushed(a, b)
        assert ra is book and ra.stale is None and rb["symbol"] == rig.symbols[1]
        assert client_of(rig.exchange) is client and client.losses == 1
        assert len(rig.subscribes(start)) == 2, "one subscribe per topic"
        status = rig.exchange.stream_status()[rig.server.url]
        assert status["state"] == "open" and not any(topic["stale"] for topic in status["topics"].values())


async def test_refused_dials(venue: str) -> None:
    async with Rig(venue) as rig:
        await rig.first()
        task = await rig.waiting()
        rig.server.refuse(3)
        rig.server.drop()
        assert (await rig.pushed(task))["symbol"] == rig.symbols[0]
        assert rig.server.dials == 5


async def test_first_dial_is_as_patient(venue: str) -> None:
    async with Rig(venue) as rig:
        rig.server.refuse(2)
        assert (await rig.first())["symbol"] == rig.symbols[0]


async def test_unreadable_frame_is_a_redial(venue: str) -> None:
    async with Rig(venue) as rig:
        await rig.first()
        task = await rig.waiting()
        await rig.server.raw('{"broken": ')
        assert (await rig.pushed(task))["symbol"] == rig.symbols[0]
        assert rig.server.dials == 2


async def test_frames_that_can_never_be_read_end_in_an_error(venue: str) -> None:
    async with Rig(venue) as rig:
        await rig.first()
        client = client_of(rig.exchange)

        async def consume() -> None:
            while True:
                await rig.exchange.watch_order_book(rig.symbols[0])

        consumer = asyncio.ensure_future(consume())
        for losses in range(4):
            # the server may know the new socket a moment later than the client does
            await until(lambda: client.losses == losses and client.state == "open" and len(rig.server.all) == losses + 1)  # noqa: B023
            await rig.server.raw('{"broken": ')
        error = await outcome(consumer)
        assert isinstance(error, errors.ExchangeError) and "JSONDecodeError" in str(error)
        assert not rig.exchange.clients


@pytest.mark.parametrize("code", [1000, 1001, 1008, 1011, 4000])
async def test_close_codes(venue: str, code: int) -> None:
    async with Rig(venue) as rig:
        await rig.first()
        task = await rig.waiting()
        await rig.server.close_all(code)
        assert (await rig.pushed(task))["symbol"] == rig.symbols[0]
        assert f"code {code}" in client_of(rig.exchange).events[0][1]


async def test_silence(venue: str) -> None:
    async with Rig(venue, silence=0.15) as rig:
        await rig.first()
        client = client_of(rig.exchange)
        task = rig.watch()
        await until(lambda: client.losses)
        assert "no frame" in client.events[0][1]
        assert (await rig.pushed(task))["symbol"] == rig.symbols[0]


async def test_pings_that_are_not_answered(venue: str) -> None:
    async with Rig(venue, keepAlive=60, maxPingPongMisses=1.5) as rig:
        rig.server.answer_pings = False
        rig.server.silent = lambda message: message.get("method") == "ping"
        await rig.first()
        client = client_of(rig.exchange)
        await until(lambda: client.losses)
        assert "ping not answered" in client.events[0][1]


async def test_topic_asked_for_during_the_outage_is_sent_once(venue: str) -> None:
    async with Rig(venue) as rig:
        await rig.first(0)
        client = client_of(rig.exchange)
        rig.server.refuse(3)
        rig.server.drop()
        await until(lambda: client.state == "repairing")
        start = len(rig.server.log)
        assert (await rig.first(1))["symbol"] == rig.symbols[1]
        assert len(rig.subscribes(start)) == 2
        assert rig.exchange.orderbooks[rig.symbols[0]]["symbol"] == rig.symbols[0]


async def test_cancel_one_of_two_awaiters(venue: str) -> None:
    async with Rig(venue) as rig:
        await rig.first()
        a, b = await rig.waiting(), await rig.waiting()
        a.cancel()
        assert isinstance(await outcome(a), asyncio.CancelledError)
        assert (await rig.pushed(b))["symbol"] == rig.symbols[0]


async def test_timed_out_awaits_leave_nothing_behind(venue: str) -> None:
    async with Rig(venue) as rig:
        await rig.first()
        await rig.waiting()
        client = client_of(rig.exchange)
        (future,) = client.futures.values()
        for _ in range(300):
            task = rig.watch()
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        assert len(future._children) <= 32 and not future._callbacks


async def test_give_up_and_start_afresh(venue: str) -> None:
    async with Rig(venue, maxRepairSeconds=0.2) as rig:
        await rig.first()
        task = await rig.waiting()
        rig.server.refuse(1000)
        rig.server.drop()
        error = await outcome(task)
        assert isinstance(error, errors.NetworkError)
        assert not rig.exchange.clients
        rig.server.refusals.clear()
        rig.exchange.ws_dial_backoff.clear()
        assert (await rig.first())["symbol"] == rig.symbols[0]


async def test_handshake_that_never_comes(venue: str) -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    exchange = make(ours(venue), venue, url, {"connectionTimeout": 50, "maxRepairSeconds": 0.2})
    error = await outcome(exchange.watch_order_book(SYMBOLS[venue][0]))
    assert isinstance(error, errors.RequestTimeout)
    await exchange.close()
    server.close()
    await server.wait_closed()


async def test_close_ends_pending_calls_with_a_ccxt_error(venue: str) -> None:
    async with Rig(venue) as rig:
        await rig.first()
        task = await rig.waiting()
        await rig.exchange.close()
        assert isinstance(await outcome(task), errors.ExchangeClosedByUser)


async def test_close_during_repair(venue: str) -> None:
    async with Rig(venue) as rig:
        await rig.first()
        client = client_of(rig.exchange)
        task = await rig.waiting()
        rig.server.refuse(1000)
        rig.server.drop()
        await until(lambda: client.state == "repairing")
        await rig.exchange.close()
        assert isinstance(await outcome(task), errors.ExchangeClosedByUser)
        assert not client.tasks and not client.background


async def test_close_against_a_server_that_never_reads(venue: str) -> None:
    async with Rig(venue) as rig:
        rig.server.deaf = True
        task = rig.watch()
        await until(lambda: rig.exchange.clients and client_of(rig.exchange).state == "open")
        began = asyncio.get_running_loop().time()
        await rig.exchange.close()
        assert asyncio.get_running_loop().time() - began < 4
        assert isinstance(await outcome(task), errors.ExchangeClosedByUser)


async def test_native_behaviour_on_request(venue: str) -> None:
    async with Rig(venue, repair=False) as rig:
        await rig.first()
        client = client_of(rig.exchange)
        assert not isinstance(client, RepairClient) and type(rig.exchange.orderbooks[rig.symbols[0]]).__name__ == "OrderBook"
        task = rig.watch()
        await until(lambda: client.futures)
        rig.server.drop()
        error = await outcome(task)
        assert type(error) is errors.NetworkError and "1006" in str(error)


async def test_unknown_option_keys_do_not_reach_the_client(venue: str) -> None:
    async with Rig(venue, close=1, send=2, reject=3, state="dead") as rig:
        assert (await rig.first())["symbol"] == rig.symbols[0]


def test_two_loops_one_object(venue: str) -> None:
    async def once(exchange: Any) -> Any:
        async with Rig(venue) as rig:
            if exchange is not None:
                await rig.exchange.close()
                rig.exchange = exchange
                exchange.urls["api"]["ws"] = (
                    {"public": rig.server.url, "private": rig.server.url} if venue == "hyperliquid" else rig.server.url
                )
            book = await rig.first()
            assert book["symbol"] == rig.symbols[0]
            used, rig.exchange = rig.exchange, make(ours(venue), venue, rig.server.url)
            return used

    first = asyncio.run(once(None))
    second = asyncio.run(once(first))
    assert first is second

    async def end() -> None:
        first.open()
        await first.close()

    asyncio.run(end())
