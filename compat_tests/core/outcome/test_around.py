"""The guard around other people's classes, helpers and tasks."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ccxt_dex._ccxt import errors
from ccxt_dex.errors import OrderOutcomeUnknown
from compat_tests.core import killserver
from compat_tests.core.demo import SYMBOL, HyperVenue, Venue, demo, make_demo, make_hyper
from compat_tests.core.killserver import KillServer
from compat_tests.core.outcome.venue import EXECUTED, ORDER, RETRIES


@pytest.mark.parametrize("mode", EXECUTED)
async def test_ccxts_own_hyperliquid_behind_the_same_guard(mode: str) -> None:
    engine = HyperVenue()
    async with KillServer(engine, reads=("/info",)) as server:
        ex = make_hyper(server.url, **RETRIES)
        server.mode = mode
        order = await ex.create_order(SYMBOL, "limit", "buy", 1, 100)
        assert len(server.executed) == len(engine.orders) == 1
        assert order["id"] == "100" and order["clientOrderId"] == next(iter(engine.orders))
        members = [{"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 1, "price": price} for price in (99, 100)]
        orders = await ex.createOrders(members)
        assert [each["id"] for each in orders] == ["101", "102"] and len(server.executed) == 2
        await ex.close()


@pytest.mark.parametrize("mode", killserver.NOTHING)
async def test_ccxts_own_hyperliquid_when_nothing_arrives(mode: str) -> None:
    engine = HyperVenue()
    async with KillServer(engine, reads=("/info",)) as server:
        ex = make_hyper(server.url, options={"maxRetriesOnFailure": 3, "outcomeTimeout": 0.5})
        server.mode = mode
        with pytest.raises((errors.NetworkError, OrderOutcomeUnknown)):
            await ex.create_order(SYMBOL, "limit", "buy", 1, 100)
        assert server.executed == []
        await ex.close()


@pytest.mark.parametrize(("error", "lookups"), [(errors.InvalidOrder("no"), 0), (errors.RequestTimeout("?"), 1), (KeyError("x"), 1)])
async def test_a_fetch_that_somebody_replaced_is_judged_by_what_it_raises(error: Exception, lookups: int) -> None:
    ex = make_demo("http://127.0.0.1:1")
    looked: list[str] = []

    async def stub(*_: Any) -> Any:
        raise error

    async def found(client_order_id: str, *_: Any) -> Any:
        looked.append(client_order_id)
        return {"id": "7"}

    ex.fetch, ex.find_order = stub, found  # type: ignore[method-assign, assignment]
    if lookups:
        assert (await ex.create_order(*ORDER))["clientOrderId"] == looked[0]
    else:
        with pytest.raises(errors.InvalidOrder):
            await ex.create_order(*ORDER)
    assert len(looked) == lookups


async def test_a_user_subclass_is_guarded_once(venue: tuple[KillServer, Venue]) -> None:
    calls = []

    class mine(demo):
        async def create_order(self, *args: Any, **kwargs: Any) -> Any:
            calls.append(kwargs)
            return await super().create_order(*args, **kwargs)

        def new_client_order_id(self) -> str:
            calls.append("id")
            return super().new_client_order_id()

    server, _engine = venue
    ex = mine({"timeout": 300, "urls": {"api": {"private": server.url}}})
    server.mode = "rst_no_reply"
    order = await ex.create_order(*ORDER)
    assert order["id"] == "1" and len(server.executed) == 1
    assert calls.count("id") == 1 and [each for each in calls if each != "id"] == [{"params": {"clientOrderId": order["clientOrderId"]}}]
    await ex.close()


async def test_camel_case_and_helpers_are_guarded(ex: demo, venue: tuple[KillServer, Venue]) -> None:
    server, _engine = venue
    server.mode = "rst_no_reply"
    first = await ex.createOrder(*ORDER)  # type: ignore[attr-defined]
    second = await ex.create_limit_buy_order(SYMBOL, 1, 100)
    third = await ex.createLimitOrder(SYMBOL, "buy", 1, 100)  # type: ignore[attr-defined]
    assert [first["id"], second["id"], third["id"]] == ["1", "2", "3"] and len(server.executed) == 3


async def test_a_task_started_inside_a_call_is_on_its_own_afterwards(venue: tuple[KillServer, Venue]) -> None:
    later: list[asyncio.Task[Any]] = []
    go = asyncio.Event()

    class starts(demo):
        async def create_order(self, *args: Any, **kwargs: Any) -> Any:
            if not later:
                later.append(asyncio.get_running_loop().create_task(self._background()))
            return await super().create_order(*args, **kwargs)

        async def _background(self) -> Any:
            await go.wait()
            return await self.create_order(*ORDER)

    server, _engine = venue
    ex = starts({"timeout": 300, "urls": {"api": {"private": server.url}}})
    await ex.create_order(*ORDER)
    server.mode = "rst_no_reply"
    go.set()
    assert (await later[0])["id"] == "2" and len(server.executed) == 2
    await ex.close()
