"""The local venue, and a client of it with markets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from ccxt_dex.exchanges.variational import variational


@pytest.fixture
async def venue(paper_venue: Any) -> Any:
    started = await paper_venue("variational", seed=7, accounts=2)
    await started.market({"pause": True})
    return started


@pytest.fixture
async def ex(venue: Any) -> AsyncIterator[Any]:
    exchange = variational(venue.config())
    await exchange.load_markets()
    yield exchange
    await exchange.close()
