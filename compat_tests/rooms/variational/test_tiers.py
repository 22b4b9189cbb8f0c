"""Leverage tiers before anybody has signed in."""

from __future__ import annotations

from typing import Any

import pytest

from ccxt_dex.exchanges.variational import variational


async def test_without_an_account_there_is_a_leverage_to_simulate_with(paper_venue: Any) -> None:
    """Bots blank the keys in a dry run, and trade at 1x where there are no tiers."""
    venue = await paper_venue("variational")
    exchange = variational({"urls": venue.config()["urls"]})
    try:
        tiers = await exchange.fetch_leverage_tiers()
        market = exchange.market("BTC/USDC:USDC")
        (tier,) = tiers[market["symbol"]]
        assert set(tiers) == set(exchange.markets)
        assert tier["maxLeverage"] == market["limits"]["leverage"]["max"] > 1 and tier["maxNotional"] is None
        assert tier["maintenanceMarginRate"] == pytest.approx(0.5 / tier["maxLeverage"])
    finally:
        await exchange.close()
