from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from compat_tests.core.demo import Venue, demo, make_demo
from compat_tests.core.killserver import KillServer
from compat_tests.core.outcome.venue import RETRIES


@pytest.fixture
async def venue() -> AsyncIterator[tuple[KillServer, Venue]]:
    engine = Venue()
    async with KillServer(engine) as server:
        yield server, engine


@pytest.fixture
async def ex(venue: tuple[KillServer, Venue]) -> AsyncIterator[demo]:
    exchange = make_demo(venue[0].url, **RETRIES)
    yield exchange
    await exchange.close()
