"""A cancel that the venue took is not called failed because a look at the order came too early."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from ccxt_dex._ccxt import errors
from ccxt_dex.errors import OrderOutcomeUnknown
from compat_tests.core.demo import MARKET, SYMBOL, Venue, demo
from compat_tests.core.killserver import KillServer

ORDER = (SYMBOL, "limit", "buy", 1, 100)


class Looks(demo):
    """A room that reads the order after each accepted cancel, once, and believes what it sees."""

    absence_grace = 2.0

    async def cancel_order(self, id: str, symbol: str | None = None, params: Any = None) -> Any:
        await self.call("private_delete_order", {"id": id})
        return await self.fetch_order(id, symbol)


class Late(Venue):
    """Shows an order only after `blind` looks, and takes cancels whatever became of the order."""

    blind = 0

    def __call__(self, method: str, target: str, body: Any) -> tuple[int, Any]:
        if method == "GET" and target.startswith("/order?") and self.blind:
            self.blind -= 1
            return 404, {"error": "OrderNotFound"}
        return super().__call__(method, target, body)

    def cancel(self, path: str, query: dict[str, list[str]]) -> tuple[int, Any]:
        row = self.look(query)
        if row is not None and row["status"] == "open":
            row["status"] = "canceled"
        return 200, {"ack": True}


@pytest.fixture
async def late() -> AsyncIterator[tuple[KillServer, Late]]:
    engine = Late()
    async with KillServer(engine) as server:
        yield server, engine


def room(url: str, kind: type[demo] = Looks) -> Any:
    exchange = kind({"timeout": 300, "urls": {"api": {"public": url, "private": url}}})
    exchange.timeout_on_exit = 0
    exchange.set_markets([MARKET])
    return exchange


@pytest.mark.parametrize("blind", [1, 2, 3])
async def test_an_accepted_cancel_of_an_order_that_is_shown_late(late: tuple[KillServer, Late], blind: int) -> None:
    server, engine = late
    ex = room(server.url)
    order = await ex.create_order(*ORDER)
    engine.blind = blind
    assert (await ex.cancel_order(order["id"], SYMBOL))["status"] == "canceled"
    await ex.close()


async def test_filled_before_the_cancel_stays_order_not_found(late: tuple[KillServer, Late]) -> None:
    server, engine = late
    ex = room(server.url)
    order = await ex.create_order(*ORDER)
    engine.orders["1"]["status"], engine.blind = "closed", 1
    with pytest.raises(errors.OrderNotFound):
        await ex.cancel_order(order["id"], SYMBOL)
    await ex.close()


async def test_refused_at_once_because_cancelled_before_stays_order_not_found(late: tuple[KillServer, Late]) -> None:
    """No cancel of this call was taken: what is found cancelled was cancelled by another one."""
    server, engine = late
    ex = room(server.url)
    order = await ex.create_order(*ORDER)
    await ex.cancel_order(order["id"], SYMBOL)
    engine.cancel = lambda path, query: (200, {"error": "OrderNotFound"})  # type: ignore[method-assign]
    with pytest.raises(errors.OrderNotFound):
        await ex.cancel_order(order["id"], SYMBOL)
    await ex.close()


async def test_never_shown_is_no_proof_where_the_venue_may_take_any_time(late: tuple[KillServer, Late]) -> None:
    class vague(Looks):
        absence_grace = None

    server, engine = late
    ex = room(server.url, vague)
    order = await ex.create_order(*ORDER)
    engine.blind = 1_000_000
    with pytest.raises(OrderOutcomeUnknown):
        await ex.cancel_order(order["id"], SYMBOL)
    await ex.close()


async def test_a_room_that_looks_for_long_does_not_use_up_the_doubt(late: tuple[KillServer, Late]) -> None:
    """The order was fresh when the call began; that it is no longer when the room gives up proves nothing."""

    class patient(Looks):
        absence_grace = 0.2

        async def cancel_order(self, id: str, symbol: str | None = None, params: Any = None) -> Any:
            await self.call("private_delete_order", {"id": id})
            await asyncio.sleep(0.25)  # the room's own looks
            return await self.fetch_order(id, symbol)

    server, engine = late
    ex = room(server.url, patient)
    order = await ex.create_order(*ORDER)
    engine.blind = 1
    assert (await ex.cancel_order(order["id"], SYMBOL))["status"] == "canceled"
    await ex.close()


async def test_a_room_that_looks_before_it_sends(late: tuple[KillServer, Late]) -> None:
    """It wants to know the market first, and the order is not shown yet."""

    class first(Looks):
        async def cancel_order(self, id: str, symbol: str | None = None, params: Any = None) -> Any:
            await self.fetch_order(id)
            return await super().cancel_order(id, symbol)

    server, engine = late
    ex = room(server.url, first)
    order = await ex.create_order(*ORDER)
    engine.blind = 2
    assert (await ex.cancel_order(order["id"]))["status"] == "canceled"
    await ex.close()
