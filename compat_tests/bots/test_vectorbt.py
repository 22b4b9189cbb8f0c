"""vectorbt 1.2.0, unmodified and in an environment of its own, downloads candles from every venue and runs a backtest on them."""

from __future__ import annotations

import itertools
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

import ccxt_dex
from ccxt_dex import paper, registry
from compat_tests.bots import other_programs

pytestmark = pytest.mark.peers

PROGRAM = Path(__file__).with_name("vectorbt_program.py")
REQUIREMENTS = ["vectorbt==1.2.0"]
MINUTE = 60_000


async def test_candles_of_every_venue_and_a_backtest(real_environment: dict[str, str]) -> None:
    python = other_programs.installed("vectorbt", REQUIREMENTS, real_environment)
    now = int(time.time() * 1000)
    async with AsyncExitStack() as stack:
        given, true = [], {}
        for each in registry.IDS:
            venue = await stack.enter_async_context(paper.start(each, seed=7))
            symbol = ccxt_dex.symbol(each, "BTC")
            given.append({"exchange": each, "symbol": symbol, "config": venue.config(), "start": now - 45 * MINUTE, "end": now})
            ex = getattr(ccxt_dex, each)(venue.config())
            true[each] = {row[0]: row for row in await ex.fetch_ohlcv(symbol, "1m", now - 60 * MINUTE, 60)}
            await ex.close()
        told: list[dict[str, Any]] = await other_programs.run(python, PROGRAM, given, replace="all")
    assert [each["exchange"] for each in told] == list(registry.IDS)
    for each in told:
        times = each["times"]
        assert len(times) >= 40 and all(later - earlier == MINUTE for earlier, later in itertools.pairwise(times)), each
        rows = true[each["exchange"]]
        compared = [(rows[time][4], close) for time, close in zip(times[:-1], each["close"][:-1], strict=True) if time in rows]
        assert len(compared) >= 30 and all(ours == theirs for ours, theirs in compared[:-3])
        assert each["same"] and each["updated"] >= len(times) and each["value"] == each["value"]
