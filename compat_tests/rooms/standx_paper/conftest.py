"""A StandX paper venue that stands still, a signed-in client, and a plain WebSocket to it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest_asyncio

from ccxt_dex import paper
from ccxt_dex.paper import Venue
from compat_tests.rooms.standx_paper.client import Client


@pytest_asyncio.fixture
async def venue() -> AsyncIterator[Venue]:
    options = {"symbols": ["BTC-USD", "ETH-USD"], "order_latency_ms": 5, "cancel_latency_ms": 5, "rate_limit": False}
    async with paper.start("standx", accounts=2, **options) as running:
        await running.market({"pause": True})
        yield running


@pytest_asyncio.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
        yield session


@pytest_asyncio.fixture
async def client(venue: Venue, http: aiohttp.ClientSession) -> Client:
    return await Client(venue, http).sign_in()
