"""Streams of ccxt 4.5.90's grvt (`native`) and of ours, both against the local venue: the verdict of the audit, point 9."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

import ccxt_dex
from ccxt_dex import _ccxt, paper
from ccxt_dex._ccxt import errors
from compat_tests.upstream.grvt import SYMBOL, both, client_of


@pytest_asyncio.fixture
async def venue() -> AsyncIterator[Any]:
    async with paper.start("grvt", seed=7) as started:
        await started.market({"pause": True})
        yield started


# --- 9: streams ---------------------------------------------------------------------------------------------------------------------


async def dead(awaitable: Any, seconds: float = 1.0) -> bool:
    """Whether nothing comes."""
    try:
        await asyncio.wait_for(awaitable, seconds)
    except asyncio.TimeoutError:
        return True
    return False


@both
async def test_two_streams_of_one_selector(native: bool, venue: Any) -> None:
    """A ticker and a book, both of BTC_USDT_Perp@500: ccxt asks for the first only."""
    ex = client_of(native, venue)
    try:
        await asyncio.wait_for(ex.watch_ticker(SYMBOL, {"interval": 500}), 10)
        assert await dead(ex.watch_order_book(SYMBOL, None, {"interval": 500}), 1.0 if native else 8.0) is native
    finally:
        await ex.close()


@both
async def test_a_refused_subscription_leaves_the_others_alone(native: bool, venue: Any) -> None:
    await venue.market({"pause": False})
    ex = client_of(native, venue)
    try:
        await asyncio.wait_for(ex.watch_order_book(SYMBOL, None, {"interval": 50}), 10)
        with pytest.raises((errors.BadRequest, asyncio.TimeoutError, errors.ExchangeError)):
            await asyncio.wait_for(ex.watch_ticker(SYMBOL, {"interval": 7}), 1.0)
        book = ex.watch_order_book(SYMBOL, None, {"interval": 50})
        if native:
            # the error was raised inside the reader: the socket's streams end with it, or fall silent
            try:
                assert await dead(book)
            except errors.BaseError:
                pass
        else:
            assert (await asyncio.wait_for(book, 8))["bids"]
    finally:
        await ex.close()


@both
async def test_a_delta_is_not_a_ticker(native: bool, venue: Any) -> None:
    ex = client_of(native, venue)
    params = {"channel": "v1.mini.d", "interval": 50}
    try:
        whole = await asyncio.wait_for(ex.watch_ticker(SYMBOL, params), 10)
        await venue.market({"pause": False})
        second = await asyncio.wait_for(ex.watch_ticker(SYMBOL, params), 10)
        assert whole["last"] and whole["markPrice"]
        told = [second[name] is not None for name in ("last", "bid", "ask", "markPrice", "indexPrice")]
        assert all(told) is not native
    finally:
        await ex.close()


@both
async def test_a_gap_is_seen(native: bool, venue: Any) -> None:
    """One frame is left out: ccxt's book goes on as if nothing were missing."""
    ex = client_of(native, venue)
    asked = lambda: sum(request.body.count(b"v1.book.d") for request in venue.requests())  # noqa: E731
    try:
        await asyncio.wait_for(ex.watch_order_book(SYMBOL, None, {"interval": 50}), 10)
        await venue.fault({"kind": "gap", "match": "v1.book.d"})
        await venue.market({"pause": False})
        for _ in range(5):
            await asyncio.wait_for(ex.watch_order_book(SYMBOL, None, {"interval": 50}), 10)
        assert (asked() == 1) is native
    finally:
        await ex.close()


@both
def test_the_sandbox_has_sockets(native: bool) -> None:
    ex = (_ccxt.pro("grvt") if native else ccxt_dex.grvt)()
    ex.set_sandbox_mode(True)
    assert ("ws" in ex.urls["api"]) is not native
    if not native:
        assert ex.chain_id() == 326 and "testnet" in ex.urls["api"]["ws"]["privateTrading"]


@both
def test_a_dead_socket_is_noticed(native: bool) -> None:
    ex = (_ccxt.pro("grvt") if native else ccxt_dex.grvt)()
    seconds = ex.streaming["keepAlive"] / 1000 if native else ex.stream_rules.ping.interval
    assert seconds == (300 if native else 20)
