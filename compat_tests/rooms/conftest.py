"""A local venue and a client of it, for the room after which the test's folder is named. What a module needs otherwise it makes itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

import ccxt_dex
from ccxt_dex import paper


@pytest_asyncio.fixture
async def venue(request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    """Two accounts, and a market that stands still."""
    async with paper.start(request.path.parent.name, seed=7, accounts=2) as running:
        await running.market({"pause": True})
        yield running


@pytest_asyncio.fixture
async def ex(request: pytest.FixtureRequest, venue: Any) -> AsyncIterator[Any]:
    """A client of the first account, with markets."""
    client = getattr(ccxt_dex, request.path.parent.name)(venue.config())
    client.timeout_on_exit = 0
    await client.load_markets()
    try:
        yield client
    finally:
        await client.close()
