"""A toy venue and a plain aiohttp client for it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest_asyncio

from ccxt_dex import paper
from ccxt_dex.paper import Venue
from compat_tests.core.paper_server.toy import Toy


@pytest_asyncio.fixture
async def venue() -> AsyncIterator[Venue]:
    async with paper.start(Toy) as running:
        yield running


@pytest_asyncio.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        yield session
