"""Every fault that hits connections and frames, seen by a plain WebSocket client."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from ccxt_dex.paper import Venue

Http = aiohttp.ClientSession
Ws = aiohttp.ClientWebSocketResponse
Until = Callable[..., Awaitable[Any]]


@asynccontextmanager
async def connected(http: Http, venue: Venue, *channels: str, path: str = "/ws") -> AsyncIterator[Ws]:
    log, endpoint = venue.server.log.endpoints, f"WS {path} subscribe"
    known = log[endpoint]
    async with http.ws_connect(venue.url + path) as ws:
        for channel in channels:
            await ws.send_json({"op": "subscribe", "channel": channel})
        while log[endpoint] < known + len(channels):
            await asyncio.sleep(0.001)
        yield ws


async def frame(ws: Ws, timeout: float = 3) -> Any:
    message = await ws.receive(timeout)
    assert message.type is aiohttp.WSMsgType.TEXT, message
    return json.loads(message.data)


async def seqs(ws: Ws, count: int) -> list[int]:
    return [(await frame(ws))["seq"] for _ in range(count)]


async def test_frames_are_numbered_and_in_order_without_faults(venue: Venue, http: Http) -> None:
    async with connected(http, venue, "a") as ws:
        assert await seqs(ws, 5) == [1, 2, 3, 4, 5]


async def test_drop_ws_cuts_open_connections_without_a_close_frame(venue: Venue, http: Http) -> None:
    async with connected(http, venue, "a") as ws, connected(http, venue, "a", path="/ws2") as other:
        await frame(ws)
        await venue.fault({"kind": "drop_ws", "match": "/ws"})
        while (message := await ws.receive(3)).type is aiohttp.WSMsgType.TEXT:
            pass
        assert message.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
        assert ws.close_code == 1006
        await seqs(other, 3)


async def test_drop_ws_waits_when_nothing_is_open_and_counts(venue: Venue, http: Http) -> None:
    await venue.fault({"kind": "drop_ws", "count": 2, "match": "a"})
    for _ in range(2):
        async with connected(http, venue, "a") as ws:
            assert (await ws.receive(3)).type is aiohttp.WSMsgType.CLOSED
    async with connected(http, venue, "a") as ws:
        assert await seqs(ws, 2) == [1, 2]


async def test_drop_ws_can_be_aimed_at_a_channel(venue: Venue, http: Http) -> None:
    async with connected(http, venue, "a") as ws, connected(http, venue, "b") as other:
        await venue.fault({"kind": "drop_ws", "match": "b"})
        while (await other.receive(3)).type is aiohttp.WSMsgType.TEXT:
            pass
        assert other.close_code == 1006
        await seqs(ws, 3)


async def test_close_code_closes_politely(venue: Venue, http: Http) -> None:
    async with connected(http, venue, "a") as ws:
        await venue.fault({"kind": "close_code", "code": 4001, "reason": "go away"})
        while (message := await ws.receive(3)).type is aiohttp.WSMsgType.TEXT:
            pass
        assert message.type is aiohttp.WSMsgType.CLOSE
        assert (ws.close_code, message.extra) == (4001, "go away")


async def test_mute_ws_keeps_the_connection_and_says_nothing(venue: Venue, http: Http, until: Until) -> None:
    async with http.ws_connect(f"{venue.url}/ws", autoping=False) as ws:
        await ws.send_json({"op": "subscribe", "channel": "a"})
        await until(lambda: venue.subscribed(1))
        await venue.fault({"kind": "mute_ws"})
        await until(lambda: venue.server.connections[0].muted)
        with pytest.raises(asyncio.TimeoutError):
            while True:
                await ws.receive(0.3)
        assert len(venue.server.connections) == 1 and not ws.closed
        await ws.send_json({"op": "order", "id": "unheard"})
        await until(lambda: venue.engine.find("alice", client_id="unheard"), what="what the client says is still heard")


async def test_mute_ws_of_one_channel_and_for_a_while(venue: Venue, http: Http) -> None:
    async with connected(http, venue, "a", "b") as ws:
        await venue.fault({"kind": "mute_ws", "match": "a", "ms": 150})
        heard = [(await frame(ws))["channel"] for _ in range(30)]
        silent = "".join(heard).rstrip("ab") + "".join(heard)
        assert "bbbb" in silent, heard
        while (await frame(ws))["channel"] != "a":
            pass


async def test_mute_ws_deaf_ignores_the_client_too(venue: Venue, http: Http, until: Until) -> None:
    async with connected(http, venue, "a") as ws:
        await venue.fault({"kind": "mute_ws", "deaf": True})
        await ws.send_json({"op": "order", "id": "lost"})
        async with connected(http, venue) as other:
            await other.send_json({"op": "order", "id": "heard"})
            await until(lambda: venue.engine.find("alice", client_id="heard"))
        assert venue.engine.find("alice", client_id="lost") is None


async def test_gap_swallows_frames_but_not_their_numbers(venue: Venue, http: Http) -> None:
    async with connected(http, venue, "a") as ws:
        (first,) = await seqs(ws, 1)
        await venue.fault({"kind": "gap", "count": 2, "match": "a"})
        seen = [first, *(await seqs(ws, 10))]
        assert [after - before for before, after in itertools.pairwise(seen) if after != before + 1] == [3]


async def test_duplicate_sends_a_frame_twice(venue: Venue, http: Http) -> None:
    async with connected(http, venue, "a") as ws:
        await venue.fault({"kind": "duplicate", "match": "a"})
        seen = await seqs(ws, 10)
        assert len(seen) - len(set(seen)) == 1 and seen == sorted(seen)


async def test_reorder_lets_the_next_frame_overtake(venue: Venue, http: Http) -> None:
    async with connected(http, venue, "a") as ws:
        await venue.fault({"kind": "reorder", "match": "a"})
        seen = await seqs(ws, 10)
        assert sorted(seen) == list(range(seen[0] if seen[0] < seen[1] else seen[1], max(seen) + 1))
        assert sum(after < before for before, after in itertools.pairwise(seen)) == 1


async def test_corrupt_frame_is_not_json_any_more(venue: Venue, http: Http) -> None:
    async with connected(http, venue, "a") as ws:
        await venue.fault({"kind": "corrupt_frame", "match": "a"})
        await venue.fault({"kind": "corrupt_frame", "match": "a", "text": "null"})
        bad = []
        for _ in range(10):
            text = (await ws.receive(3)).data
            try:
                if json.loads(text) is None:
                    bad.append("null")
            except ValueError:
                bad.append("broken")
        assert bad == ["broken", "null"]


async def test_lose_reply_of_an_order_sent_over_the_socket(venue: Venue, http: Http) -> None:
    await venue.fault({"kind": "lose_reply"})
    async with connected(http, venue) as ws:
        await ws.send_json({"op": "order", "id": "a"})
        assert (await ws.receive(3)).type is aiohttp.WSMsgType.CLOSED, "the answer was not sent"
    assert venue.state()["requests"]["clients"]["a"] == {"seen": 1, "executed": 1}
    async with connected(http, venue) as ws:
        await ws.send_json({"op": "order", "id": "b"})
        assert await frame(ws) == {"done": "b"}


async def test_http_status_answers_a_handshake(venue: Venue, http: Http) -> None:
    await venue.fault({"kind": "http_status", "status": 429, "match": "/ws"})
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await http.ws_connect(f"{venue.url}/ws")
    assert caught.value.status == 429


async def test_stale_book_on_the_socket(venue: Venue, http: Http) -> None:
    async with connected(http, venue, "book") as ws:
        await venue.fault({"kind": "stale_book"})
        await venue.market({"symbol": "TOY", "price": "1200"})
        frames = [await frame(ws) for _ in range(20)]
        assert len({row["time"] for row in frames[-10:]}) == 1
        await venue.clear_faults()
        while float((await frame(ws))["bid"]) < 1100:
            pass


async def test_faults_can_be_aimed_at_one_account(venue: Venue, http: Http) -> None:
    async with connected(http, venue, "a") as ws, connected(http, venue, "a") as other:
        venue.server.connections[0].account = "alice"
        await venue.fault({"kind": "drop_ws", "account": "alice"})
        while (await ws.receive(3)).type is aiohttp.WSMsgType.TEXT:
            pass
        await seqs(other, 3)


async def test_the_server_pings_and_answers_pings(venue: Venue, http: Http) -> None:
    async with http.ws_connect(f"{venue.url}/ws", autoping=False) as ws:
        assert (await ws.receive(3)).type is aiohttp.WSMsgType.PING
        await ws.ping(b"hello")
        while (message := await ws.receive(3)).type is not aiohttp.WSMsgType.PONG:
            assert message.type is aiohttp.WSMsgType.PING
        assert bytes(message.data) == b"hello"
