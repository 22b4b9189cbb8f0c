"""A paper venue that stands still with a client signed in to it, and waiting without sleeping."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import ccxt_dex
from ccxt_dex import paper

SYMBOL, CONTRACT = "BTC/USDC:USDC", "30000001"


@asynccontextmanager
async def desk(config: dict[str, Any] | None = None, accounts: int = 1, **options: Any) -> AsyncIterator[tuple[Any, Any]]:
    async with paper.start("edgex", seed=7, accounts=accounts, **options) as venue:
        await venue.market({"pause": True})
        base = venue.config()
        ex: Any = ccxt_dex.edgex({**base, **(config or {}), "enableRateLimit": False})
        try:
            await ex.load_markets()
            yield venue, ex
        finally:
            await ex.close()


async def until(condition: Callable[[], Any], seconds: float = 8.0) -> Any:
    async def poll() -> Any:
        while True:
            value = condition()
            if asyncio.iscoroutine(value):
                value = await value
            if value:
                return value
            await asyncio.sleep(0.01)

    return await asyncio.wait_for(poll(), seconds)


async def soon(awaitable: Any, seconds: float = 8.0) -> Any:
    return await asyncio.wait_for(awaitable, seconds)


def at(ex: Any, venue: Any, factor: float) -> float:
    return float(ex.price_to_precision(SYMBOL, float(venue.engine.mark(CONTRACT)) * factor))
