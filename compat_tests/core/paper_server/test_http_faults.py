"""Every fault that hits requests, seen by a plain HTTP client."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from ccxt_dex.paper import Venue

Http = aiohttp.ClientSession
CUT = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)


async def get(http: Http, venue: Venue, path: str) -> Any:
    async with http.get(venue.url + path) as answer:
        answer.raise_for_status()
        return await answer.json()


async def place(http: Http, venue: Venue, client_id: str) -> Any:
    async with http.post(f"{venue.url}/order", json={"id": client_id}) as answer:
        answer.raise_for_status()
        return await answer.json()


def counts(venue: Venue, client_id: str) -> dict[str, int]:
    return dict(venue.state()["requests"]["clients"][client_id])


async def test_http_status_is_answered_instead_of_executing(venue: Venue, http: Http) -> None:
    await venue.fault(
        {"kind": "http_status", "status": 502, "body": "<html>bad</html>", "headers": {"Retry-After": "1"}, "match": "/order"}
    )
    assert "time" in await get(http, venue, "/time"), "another path is not hit"
    async with http.post(f"{venue.url}/order", json={"id": "a"}) as answer:
        assert (answer.status, await answer.text(), answer.headers["Retry-After"]) == (502, "<html>bad</html>", "1")
    assert counts(venue, "a") == {"seen": 1, "executed": 0}
    assert await place(http, venue, "b") == {"placed": "b"}, "spent after one request"


async def test_http_status_can_execute_first(venue: Venue, http: Http) -> None:
    await venue.fault({"kind": "http_status", "status": 504, "execute": True, "match": "POST /order"})
    with pytest.raises(aiohttp.ClientResponseError) as caught:
        await place(http, venue, "a")
    assert caught.value.status == 504
    assert counts(venue, "a") == {"seen": 1, "executed": 1}
    assert (await get(http, venue, "/orders/a"))["status"] == "open"


async def test_count_says_how_often(venue: Venue, http: Http) -> None:
    await venue.fault({"kind": "http_status", "status": 503, "count": 2})
    statuses = []
    for _ in range(3):
        async with http.get(f"{venue.url}/time") as answer:
            statuses.append(answer.status)
    assert statuses == [503, 503, 200]


async def test_http_delay_before_and_after_execution(venue: Venue, http: Http) -> None:
    await venue.fault({"kind": "http_delay", "ms": 150, "match": "/time"})
    began = time.monotonic()
    await get(http, venue, "/time")
    assert time.monotonic() - began >= 0.15
    await venue.fault({"kind": "http_delay", "ms": 1500, "match": "/order"})
    with pytest.raises(asyncio.TimeoutError):
        await http.post(f"{venue.url}/order", json={"id": "early"}, timeout=aiohttp.ClientTimeout(total=0.2))
    await venue.fault({"kind": "http_delay", "ms": 1500, "after": True, "match": "/order"})
    with pytest.raises(asyncio.TimeoutError):
        await http.post(f"{venue.url}/order", json={"id": "late"}, timeout=aiohttp.ClientTimeout(total=0.2))
    assert counts(venue, "late")["executed"] == 1
    assert counts(venue, "early")["executed"] == 0


async def test_lose_reply_executes_then_cuts(venue: Venue, http: Http) -> None:
    await venue.fault({"kind": "lose_reply"})
    assert "time" in await get(http, venue, "/time"), "without a match only a request that creates an order loses its reply"
    with pytest.raises(CUT):
        await place(http, venue, "a")
    assert counts(venue, "a") == {"seen": 1, "executed": 1}
    assert (await get(http, venue, "/orders/a"))["status"] == "open"
    # aiohttp repeats a GET once by itself
    await venue.fault({"kind": "lose_reply", "match": "/time", "count": 2})
    with pytest.raises(CUT):
        await get(http, venue, "/time")
    assert venue.state()["requests"]["endpoints"]["GET /time"] == 3


async def test_refuse_connect_cuts_before_execution(venue: Venue, http: Http) -> None:
    await venue.fault({"kind": "refuse_connect", "match": "/order"})
    with pytest.raises(CUT):
        await place(http, venue, "a")
    assert counts(venue, "a") == {"seen": 1, "executed": 0}
    await venue.fault({"kind": "refuse_connect", "match": "/ws", "count": 2})
    with pytest.raises(CUT):
        await http.ws_connect(f"{venue.url}/ws")
    async with http.ws_connect(f"{venue.url}/ws"):
        pass


async def test_refuse_connect_with_ms_closes_the_port(venue: Venue, http: Http, until: Callable[..., Awaitable[Any]]) -> None:
    await get(http, venue, "/time")
    await venue.fault({"kind": "refuse_connect", "ms": 200})
    assert "time" in await get(http, venue, "/time"), "a connection that is open lives on"
    async with aiohttp.ClientSession() as fresh:
        with pytest.raises(aiohttp.ClientConnectorError):
            await get(fresh, venue, "/time")

        async def back() -> bool:
            try:
                return "time" in await get(fresh, venue, "/time")
            except aiohttp.ClientConnectorError:
                return False

        await until(back, what="the port opens again")


async def test_expire_session_reaches_the_adapter(venue: Venue) -> None:
    await venue.fault({"kind": "expire_session"})
    assert venue.adapter.expired == "everybody"
    await venue.fault({"kind": "expire_session", "account": "alice"})
    assert venue.adapter.expired == "alice"
    assert venue.state()["faults"] == []


async def test_clock_skew_moves_the_venues_clock_until_cleared(venue: Venue, http: Http) -> None:
    await venue.fault({"kind": "clock_skew", "ms": -60_000})
    for _ in range(2):
        assert abs((await get(http, venue, "/time"))["time"] + 60_000 - time.time() * 1000) < 5_000
    assert await venue.clear_faults() == 1
    assert abs((await get(http, venue, "/time"))["time"] - time.time() * 1000) < 5_000


async def test_stale_book_freezes_what_is_shown_not_what_is(venue: Venue, http: Http) -> None:
    await venue.market({"pause": True})
    await venue.fault({"kind": "stale_book", "match": "TOY"})
    before = await get(http, venue, "/bid")
    await venue.market({"symbol": "TOY", "price": "1100"})
    assert await get(http, venue, "/bid") == before, "price and time stand still"
    assert venue.engine.best("TOY")[0] > 1050
    await venue.clear_faults()
    after = await get(http, venue, "/bid")
    assert float(after["bid"]) > 1050 and after["time"] >= before["time"]


async def test_stale_book_can_end_by_itself(venue: Venue, http: Http, until: Callable[..., Awaitable[Any]]) -> None:
    await venue.fault({"kind": "stale_book", "ms": 50})
    before = await get(http, venue, "/bid")

    async def moved() -> bool:
        return bool((await get(http, venue, "/bid"))["time"] > before["time"])

    await until(moved)


async def test_a_path_that_serves_many_actions_names_each(venue: Venue, http: Http) -> None:
    async def post(action: str) -> int:
        async with http.post(f"{venue.url}/many", json={"action": action}) as answer:
            return answer.status

    await venue.fault({"kind": "http_status", "status": 503, "match": "POST /many cancel"})
    assert [await post("order"), await post("cancel"), await post("cancel")] == [200, 503, 200]
    await venue.fault({"kind": "http_status", "status": 503, "match": "POST /many"})
    assert [await post("order"), await post("order")] == [503, 200]
    endpoints = venue.state()["requests"]["endpoints"]
    assert endpoints["POST /many order"] == 3 and endpoints["POST /many cancel"] == 2
