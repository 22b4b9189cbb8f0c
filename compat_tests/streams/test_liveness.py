"""Standing loops, pings, silence, planned replacement, catching up, handshakes that are refused."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from ccxt_dex._ccxt import errors
from ccxt_dex.errors import RateLimited
from ccxt_dex.streams import Answer, AppPing, NoPing, ProtocolPing, StreamRules
from compat_tests.streams.server import Hyperliquid, Lighter, Server, until
from compat_tests.streams.venues import SYMBOLS, client_of, make, ours, outcome

ETH, BTC = SYMBOLS["lighter"]


class Rig:
    def __init__(self, flavour: Any = None, rules: StreamRules | None = None, ws: dict[str, Any] | None = None, **members: Any) -> None:
        self.server = Server(flavour or Lighter())
        self.venue = self.server.flavour.id
        self.members = {**members, **({"stream_rules": rules} if rules else {})}
        self.ws = ws

    async def __aenter__(self) -> Rig:
        await self.server.__aenter__()
        self.exchange = make(ours(self.venue, **self.members), self.venue, self.server.url, self.ws)
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.exchange.close()
        await self.server.__aexit__()

    async def book(self, symbol: str = ETH) -> Any:
        return await outcome(self.exchange.watch_order_book(symbol))

    @property
    def client(self) -> Any:
        return client_of(self.exchange)


async def test_delta_before_the_snapshot_is_not_handed_out() -> None:
    async with Rig() as rig:
        book = await rig.book()
        flavour = rig.server.flavour
        release = asyncio.Event()
        snapshot = flavour.snapshot

        async def late(connection: Any, channel: str) -> None:
            await connection.send(flavour.delta(channel, 900, ask="555"))
            await release.wait()
            await snapshot(connection, channel)

        flavour.snapshot = late
        task = asyncio.ensure_future(rig.book())
        await until(lambda: rig.client.futures)
        rig.server.drop()
        await until(lambda: any(level[0] == 555.0 for level in book["asks"]))
        assert not task.done() and book.stale is not None
        release.set()
        assert await task is book and book.stale is None
        assert [level[0] for level in book["asks"]] == [101.0, 102.0, 103.0, 104.0, 105.0]


async def test_loop_that_stood_still_gets_the_latest(loop_thread: Any) -> None:
    """The server lives in another thread and goes on sending while our loop sleeps."""
    server = Server(Lighter())
    loop_thread.run(server.__aenter__())
    exchange = make(ours("lighter"), "lighter", server.url, {"barrierSeconds": 0.1})
    book = await exchange.watch_order_book(ETH)
    others = asyncio.ensure_future(exchange.watch_order_book(ETH))
    for _ in range(3):
        loop_thread.run(server.push(times=300))
        time.sleep(0.3)
        assert await exchange.watch_order_book(ETH) is book
        assert book["nonce"] == server.count, "nothing of the backlog was handed out as live"
    assert others.done() and client_of(exchange).losses == 0
    await exchange.close()
    loop_thread.run(server.__aexit__())


async def test_call_that_was_pending_during_the_standstill_waits_for_the_barrier_too(loop_thread: Any) -> None:
    server = Server(Lighter())
    loop_thread.run(server.__aenter__())
    exchange = make(ours("lighter"), "lighter", server.url, {"barrierSeconds": 0.1})
    await exchange.watch_order_book(ETH)
    seen = []

    async def consume() -> None:
        seen.append((await exchange.watch_order_book(ETH))["nonce"])

    task = asyncio.ensure_future(consume())
    await until(lambda: client_of(exchange).futures)
    loop_thread.run(server.push(times=300))
    time.sleep(0.3)
    await task
    assert seen == [300]
    await exchange.close()
    loop_thread.run(server.__aexit__())


async def test_barrier_that_is_not_answered_is_a_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ccxt_dex.streams.liveness.PONG_SECONDS", 0.05)
    async with Rig() as rig:
        await rig.book()
        rig.server.answer_pings = False
        rig.client.watchdog.alive -= 10
        assert (await rig.book())["symbol"] == ETH
        assert rig.client.losses == 1 and "no pong" in rig.client.events[0][1]


@pytest.mark.parametrize(("barrier", "losses"), [("redial", 1), ("none", 0)])
async def test_barrier_of_venues_that_refuse_pings(barrier: Any, losses: int) -> None:
    async with Rig(rules=StreamRules(barrier=barrier)) as rig:
        await rig.book()
        rig.client.watchdog.alive -= 10
        task = asyncio.ensure_future(rig.book())
        await until(lambda: rig.client.futures)
        if not losses:
            await rig.server.push()
        assert (await task)["symbol"] == ETH
        assert rig.client.losses == losses and not rig.server.all[0].pings


async def test_standing_loop_does_not_look_like_a_silent_venue(loop_thread: Any) -> None:
    server = Server(Lighter())
    loop_thread.run(server.__aenter__())
    exchange = make(ours("lighter"), "lighter", server.url, {"silence": 0.2})
    await exchange.watch_order_book(ETH)
    for _ in range(3):
        time.sleep(0.6)
        loop_thread.run(server.push())
        await exchange.watch_order_book(ETH)
    assert client_of(exchange).losses == 0
    await exchange.close()
    loop_thread.run(server.__aexit__())


async def test_protocol_pings() -> None:
    async with Rig(rules=StreamRules(ping=ProtocolPing(0.03, 1.0))) as rig:
        await rig.book()
        await until(lambda: len(rig.server.all[0].pings) >= 3)
        assert rig.client.losses == 0 and not rig.server.messages("ping")


async def test_no_pings() -> None:
    async with Rig(rules=StreamRules(ping=NoPing(), silence=0.3), ws={"keepAlive": 20}) as rig:
        await rig.book()
        await until(lambda: rig.client.losses)
        assert not rig.server.all[0].pings and not rig.server.messages("ping")


async def test_app_pings_and_answers() -> None:
    rules = StreamRules(
        ping=AppPing(0.03, lambda exchange: {"type": "hello"}, lambda message: message.get("type") == "hi", 1.0),
        answers=(Answer(lambda message: message.get("type") == "are you there", lambda message: {"type": "yes", "n": message["n"]}),),
    )
    seen = []

    async with Rig(rules=rules) as rig:
        await rig.book()
        rig.client.on_message_callback = lambda client, message: seen.append(message)
        await until(lambda: len(rig.server.messages("hello")) >= 2)
        await rig.server.raw({"type": "hi"})
        await rig.server.raw({"type": "are you there", "n": 4})
        await until(lambda: rig.server.messages("yes"))
        assert rig.server.messages("yes") == [{"type": "yes", "n": 4}]
        assert not seen and not rig.server.all[0].pings


async def test_pings_of_the_venue_are_echoed() -> None:
    async with Rig() as rig:
        await rig.book()
        await rig.server.connections[0].ws.ping(b"hello")
        await until(lambda: rig.server.all[0].pongs)
        assert rig.server.all[0].pongs == [b"hello"]


async def test_topic_that_must_speak() -> None:
    async with Rig(
        rules=StreamRules(topic_silence=lambda key: 0.1 if key.startswith("orderbook") else None), ws={"barrierSeconds": 0.05}
    ) as rig:
        await rig.book()
        await until(lambda: rig.client.losses)
        assert "no data on orderbook::ETH/USDC:USDC" in rig.client.events[0][1]


async def test_planned_replacement_overlaps() -> None:
    async with Rig(ws={"maxAge": 0.1}) as rig:
        book = await rig.book()
        old = rig.client.connection
        await until(lambda: rig.client.ledger.generation == 2)
        assert rig.client.losses == 0 and rig.client.connection is not old
        assert await until(lambda: book.stale is None)
        await until(lambda: old.closed and len(rig.server.connections) == 1)
        assert [len(c.received) for c in rig.server.all[:2]] == [1, 1]


async def test_replacement_that_cannot_be_dialled_leaves_the_old_one_alone() -> None:
    async with Rig() as rig:
        await rig.book()
        rig.server.refuse(2)
        rig.client.renew("notice of a shutdown")
        await until(lambda: rig.server.dials == 3)
        task = asyncio.ensure_future(rig.book())
        await rig.server.push()
        assert (await task)["symbol"] == ETH
        await until(lambda: rig.client.ledger.generation == 2)
        assert rig.client.losses == 0


async def test_private_results_wait_until_the_room_has_caught_up() -> None:
    release = asyncio.Event()
    calls = []

    async def after_reconnect(self: Any, client: Any) -> None:
        calls.append(client)
        if len(calls) == 1:
            raise errors.NetworkError("try again")
        await release.wait()

    async with Rig(after_reconnect=after_reconnect) as rig:
        await rig.book()
        url = rig.server.url
        private = rig.exchange.watch(url, "orders", {"type": "subscribe", "channel": "account_all_orders/5"}, "orders")
        await until(lambda: len(rig.server.connections[0].topics) == 2)
        assert not calls, "the room fetches the first time by itself"
        rig.server.drop()
        assert (await rig.book())["symbol"] == ETH, "books do not wait"
        await until(lambda: len(calls) == 2)
        rig.client.resolve("old news", "orders")
        rig.client.resolve("news", "orders")
        await asyncio.sleep(0)
        assert not private.done()
        release.set()
        assert await outcome(private) == "news"
        assert rig.client.resolve("later", "orders") == "later" and rig.client.held is None


async def test_catching_up_that_fails_for_good_is_an_error() -> None:
    async def after_reconnect(self: Any, client: Any) -> None:
        raise KeyError("a fault of ours")

    async with Rig(after_reconnect=after_reconnect) as rig:
        private = rig.exchange.watch(rig.server.url, "orders", {"type": "subscribe", "channel": "account_all_orders/5"}, "orders")
        await until(lambda: rig.server.connections and rig.server.connections[0].topics)
        rig.server.drop()
        assert isinstance(await outcome(private), errors.ExchangeError)


@pytest.mark.parametrize(
    ("status", "error", "dials"),
    [(401, errors.AuthenticationError, 2), (403, errors.PermissionDenied, 2), (404, errors.ExchangeNotAvailable, 1)],
)
async def test_handshake_refused_for_good(status: int, error: Any, dials: int) -> None:
    seen = []

    async def before_dial(exchange: Any, client: Any) -> None:
        seen.append(client.refused)

    async with Rig(rules=StreamRules(before_dial=before_dial)) as rig:
        rig.server.refuse(10, status=status)
        assert type(await rig.book()) is error
        assert rig.server.dials == dials and seen == [None, status][:dials]
        await asyncio.sleep(0)
        assert not [task for task in asyncio.all_tasks() if "._dial" in repr(task)], "and it is left at that"


async def test_one_new_login_may_cure_it() -> None:
    async def before_dial(exchange: Any, client: Any) -> None:
        client.options = {"headers": {"X-Token": "new" if client.refused else "old"}}

    async with Rig(rules=StreamRules(before_dial=before_dial)) as rig:
        rig.server.refuse(1, status=401)
        assert (await rig.book())["symbol"] == ETH
        assert [headers["X-Token"] for headers in rig.server.headers] == ["old", "new"]


async def test_a_handshake_whose_query_is_its_own() -> None:
    """Some venues sign the moment of the handshake in its url: the client keeps its name, the dial has another."""
    moments = iter("12")

    async def before_dial(exchange: Any, client: Any) -> None:
        client.dial_url = f"{client.url}?timestamp={next(moments)}"

    async with Rig(rules=StreamRules(before_dial=before_dial)) as rig:
        assert (await rig.book())["symbol"] == ETH
        first = rig.server.connections[0]
        rig.server.drop()
        assert (await rig.book())["symbol"] == ETH
        await until(lambda: rig.server.connections and rig.server.connections[-1] is not first)
        assert [each.request.query["timestamp"] for each in (first, rig.server.connections[-1])] == ["1", "2"]
        assert list(rig.exchange.clients) == [rig.server.url]


async def test_too_many_dials_waits_as_long_as_told() -> None:
    async with Rig() as rig:
        rig.server.refuse(1, status=429, Retry_After="0.2")
        began = asyncio.get_running_loop().time()
        assert (await rig.book())["symbol"] == ETH
        assert asyncio.get_running_loop().time() - began >= 0.2


async def test_told_to_wait_longer_than_we_may() -> None:
    async with Rig(ws={"maxRepairSeconds": 1}) as rig:
        rig.server.refuse(1, status=429, Retry_After="600")
        assert isinstance(await rig.book(), RateLimited)
        assert rig.exchange.ws_dial_delay(rig.server.url) > 500, "the next call knows"


async def test_login_that_fails_before_the_dial() -> None:
    async def before_dial(exchange: Any, client: Any) -> None:
        raise errors.AuthenticationError("no")

    async with Rig(rules=StreamRules(before_dial=before_dial)) as rig:
        assert isinstance(await rig.book(), errors.AuthenticationError) and rig.server.dials == 0


async def test_venue_that_accepts_and_closes_ends_in_an_error() -> None:
    class Rude(Hyperliquid):
        async def connected(self, server: Server, connection: Any) -> None:
            await connection.ws.close(code=1008)

    async with Rig(Rude(), ws={"maxRepairSeconds": 0.3}) as rig:
        error = await outcome(rig.exchange.watch_order_book("BTC/USDC:USDC"))
        assert isinstance(error, errors.NetworkError) and "1008" in str(error)
        assert rig.server.dials < 15, "the pauses grow although every dial works"


async def test_dials_to_one_host_are_limited_for_all_instances() -> None:
    rules = StreamRules(dial_rate=10.0, dial_burst=2.0)
    async with Rig(rules=rules) as rig:
        many = [make(ours("lighter", stream_rules=rules), "lighter", rig.server.url) for _ in range(4)]
        began = asyncio.get_running_loop().time()
        await asyncio.gather(*(exchange.watch_order_book(ETH) for exchange in many))
        assert asyncio.get_running_loop().time() - began >= 0.15
        for exchange in many:
            await exchange.close()
