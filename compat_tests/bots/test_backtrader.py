"""backtrader 1.9.78.123, unmodified and in an environment of its own: candles of a venue feed a strategy, its order is filled there.

bt-ccxt-store, which most people put between the two, is not on the package index. With the environment variable BT_CCXT_STORE naming a
checkout of it the test runs it too; a store of ours that uses ccxt in the same way always runs.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import ccxt_dex
from ccxt_dex import paper, registry
from compat_tests.bots import other_programs

pytestmark = pytest.mark.peers

PROGRAM = Path(__file__).with_name("backtrader_program.py")
REQUIREMENTS = ["backtrader==1.9.78.123"]
BARS = 20


async def trade(python: Path, venue_id: str, store: str, path: str = "") -> None:
    async with paper.start(venue_id, seed=7) as venue:
        await venue.market({"pause": True})
        async with getattr(ccxt_dex, venue_id)(venue.config()) as ex:
            await ex.load_markets()
            market = ex.market(ccxt_dex.symbol(ex, "BTC"))
            candles = {row[0]: row[4] for row in await ex.fetch_ohlcv(market["symbol"], "1m", None, 60)}
            ask = (await ex.fetch_order_book(market["symbol"]))["asks"][0][0]
            least = max(market["limits"]["amount"]["min"], (market["limits"]["cost"]["min"] or 0.0) / ask) * 2
            price, size = (
                float(ex.price_to_precision(market["symbol"], ask * 1.002)),
                float(ex.amount_to_precision(market["symbol"], least)),
            )
        given = {"exchange": venue_id, "symbol": market["symbol"], "currency": market["settle"], "config": venue.config()}
        # bt-ccxt-store asks for the balance only when the config has a secret, whatever is in it
        given["config"].setdefault("secret", None)
        given |= {"store": store, "path": path, "bars": BARS, "price": price, "size": size}
        told: dict[str, Any] = await other_programs.run(python, PROGRAM, given, replace=venue_id)
        fills = venue.engine.fills(venue.server.accounts[0])
    assert told["bars"] >= BARS and told["notes"][0] == "DELAYED" and told["cash"] > 0, told
    assert [candles[stamp] for stamp, _ in told["closes"][:-1] if stamp in candles] == [
        close for stamp, close in told["closes"][:-1] if stamp in candles
    ]
    assert told["orders"][-1][0] == "Completed", told
    if store == "ours":  # the other one tells a strategy that its order is done, not what was filled
        assert told["orders"][-1][1:] == [pytest.approx(size), pytest.approx(float(fills[0].price), rel=1e-3)], told
    assert sum(float(each.qty) for each in fills) == pytest.approx(size)


@pytest.mark.parametrize("venue_id", registry.IDS)
async def test_a_strategy_reads_candles_and_its_order_is_filled(venue_id: str, real_environment: dict[str, str]) -> None:
    await trade(other_programs.installed("backtrader", REQUIREMENTS, real_environment), venue_id, "ours")


@pytest.mark.parametrize("venue_id", registry.IDS)
async def test_bt_ccxt_store_itself(venue_id: str, real_environment: dict[str, str]) -> None:
    checkout = os.environ.get("BT_CCXT_STORE", "")
    if not (Path(checkout) / "ccxtbt").is_dir():
        pytest.skip("bt-ccxt-store is not on the package index; BT_CCXT_STORE names no checkout of it")
    await trade(other_programs.installed("backtrader", REQUIREMENTS, real_environment), venue_id, "bt-ccxt-store", checkout)
