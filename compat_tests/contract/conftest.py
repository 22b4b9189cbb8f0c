"""One desk per test: a paper venue that stands still and a client signed in to it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

import ccxt_dex
from ccxt_dex import paper, registry
from compat_tests.contract.desk import Desk


@pytest.fixture(params=registry.IDS)
def venue_id(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest_asyncio.fixture
async def desk(venue_id: str) -> AsyncIterator[Desk]:
    async with paper.start(venue_id, seed=7, accounts=2) as venue:
        await venue.market({"pause": True})
        ex = getattr(ccxt_dex, venue_id)(venue.config())
        desk = Desk(venue_id, venue, ex, "")
        try:
            await ex.load_markets()
            desk.symbol = ccxt_dex.symbol(ex, "BTC")
            yield desk
        finally:
            for client in (ex, *desk.opened):
                client.timeout_on_exit = 0  # ccxt's pause for TLS to close; there is none on loopback
                await client.close()
