"""Liquidations, on every venue that claims to tell them: a position is taken from its owner, and whoever watches is told."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

import ccxt_dex

NAMES = ("watchLiquidations", "watchMyLiquidations", "watchMyLiquidationsForSymbols")
CLAIMS = [(each, name) for each in ccxt_dex.exchanges for name in NAMES if getattr(ccxt_dex, each)().has.get(name) is True]


async def take_position(venue: Any, ex: Any, symbol: str) -> tuple[str, Decimal]:
    """Buys, and leaves the account with hardly more than the position's margin. Gives the market's name at the venue, and the price after a crash."""
    await ex.create_order(symbol, "market", "buy", 0.01, float((await ex.fetch_order_book(symbol))["asks"][5][0]))
    engine = venue.engine
    account = next(name for name in venue.server.accounts if any(row.qty for row in engine.account(name).positions.values()))
    market = next(name for name, row in engine.account(account).positions.items() if row.qty)
    engine.transfer(account, 1 - engine.balances(account).free)
    step = engine.markets[market].tick
    return market, (engine.mark(market) * Decimal("0.8") // step) * step


def watching(ex: Any, name: str, symbol: str) -> Any:
    if name == "watchLiquidations":
        return ex.watch_liquidations(symbol)
    if name == "watchMyLiquidations":
        return ex.watch_my_liquidations(symbol)
    return ex.watch_my_liquidations_for_symbols([symbol])


@pytest.mark.parametrize(("exchange_id", "name"), CLAIMS, ids=[f"{each}-{name}" for each, name in CLAIMS])
async def test_a_liquidation_is_told(exchange_id: str, name: str, paper_venue: Any, until: Any) -> None:
    venue = await paper_venue(exchange_id, seed=7)
    await venue.market({"pause": True})
    ex = getattr(ccxt_dex, exchange_id)({**venue.config(), "timeout_on_exit": 0})
    try:
        await ex.load_markets()
        symbol = ccxt_dex.symbol(ex, "BTC")
        market, price = await take_position(venue, ex, symbol)
        told = asyncio.ensure_future(watching(ex, name, symbol))
        await until(lambda: venue.subscribed(1))
        assert not told.done(), "an ordinary trade is none"
        await venue.market({"symbol": market, "price": str(price)})
        (row,) = await asyncio.wait_for(told, 10)
        ((taken),) = venue.engine.world.liquidations
        assert (row["symbol"], row["side"], row["contracts"]) == (symbol, "sell", 0.01)
        assert row["price"] == pytest.approx(float(taken.price)) and abs(row["timestamp"] - taken.time) < 1000
        assert row["datetime"] and row["info"]
    finally:
        await ex.close()
