"""What `fetch_trading_limits` says is what the venue refuses beyond."""

from __future__ import annotations

from typing import Any

import pytest

import ccxt_dex
from ccxt_dex._ccxt import errors

SYMBOL = "BTC/USDC:USDC"


async def test_limits_are_those_of_the_markets(paper_venue: Any) -> None:
    venue = await paper_venue("extended", seed=7)
    ex = ccxt_dex.extended(venue.config())
    try:
        every = await ex.fetch_trading_limits()
        assert set(every) == set(ex.markets) and (await ex.fetch_trading_limits([SYMBOL])) == {SYMBOL: every[SYMBOL]}
        least = every[SYMBOL]["limits"]["amount"]["min"]
        assert str(least) == every[SYMBOL]["info"]["tradingConfig"]["minOrderSize"]
        price = float(ex.price_to_precision(SYMBOL, (await ex.fetch_order_book(SYMBOL))["bids"][0][0] * 0.97))
        assert (await ex.create_order(SYMBOL, "limit", "buy", least, price))["status"] == "open"
        with pytest.raises(errors.InvalidOrder):
            await ex.create_order(SYMBOL, "limit", "buy", least / 2, price)
        with pytest.raises(errors.BadSymbol):
            await ex.fetch_trading_limits(["NOBODY/USDC:USDC"])
    finally:
        await ex.close()
