"""Own liquidations are told once: not those of the past, and not again after a lost connection."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import ccxt_dex
from compat_tests.contract.test_liquidations import take_position

SYMBOL = "BTC/USDC:USDC"


async def test_each_liquidation_is_told_once_and_old_ones_never(paper_venue: Any, until: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    venue = await paper_venue("hyperliquid", seed=7)
    await venue.market({"pause": True})
    ex = ccxt_dex.hyperliquid({**venue.config(), "timeout_on_exit": 0})
    told: list[Any] = []

    async def watch() -> None:
        while True:
            told.extend(await ex.watch_my_liquidations(SYMBOL))

    watcher = None
    try:
        market, price = await take_position(venue, ex, SYMBOL)
        await venue.market({"symbol": market, "price": str(price)})
        assert len(venue.engine.world.liquidations) == 1
        assert [row["price"] for row in await ex.fetch_my_liquidations(SYMBOL)] == [float(venue.engine.world.liquidations[0].price)]
        await venue.market({"advance_ms": 60_000})  # that one is past, by both clocks
        now = ex.server_milliseconds
        monkeypatch.setattr(ex, "server_milliseconds", lambda: now() + 60_000)
        watcher = asyncio.ensure_future(watch())
        await until(lambda: venue.subscribed(1))
        venue.engine.transfer("alice", 10_000)
        _, lower = await take_position(venue, ex, SYMBOL)
        await venue.market({"symbol": market, "price": str(lower)})
        await until(lambda: told)
        await venue.fault({"kind": "refuse_connect", "ms": 100, "drop": True})
        venue.engine.transfer("alice", 10_000)
        fills = asyncio.ensure_future(ex.watch_my_trades(SYMBOL))
        await ex.create_order(SYMBOL, "market", "buy", 0.001)
        await until(fills.done)  # the stream is back, its snapshot was read
        assert [row["price"] for row in told] == [float(venue.engine.world.liquidations[1].price)]
    finally:
        if watcher is not None:
            watcher.cancel()
            await asyncio.gather(watcher, return_exceptions=True)
        await ex.close()
