"""Order path: CPU from the call of create_order to the bytes handed to the network, signature included."""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import tempfile
import time
from typing import Any

import ccxt_dex
from ccxt_dex import paper, registry
from ccxt_dex._ccxt import errors, pro

ORDERS = 150
THROWAWAY = "0x0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"


class Stopwatch:
    """Stands where `fetch` was: notes the CPU time at which a finished request arrives, and breaks it off there."""

    def __init__(self) -> None:
        self.started = 0
        self.taken: list[float] = []

    async def fetch(self, url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        if self.started:
            self.taken.append((time.process_time_ns() - self.started) / 1e6)
            self.started = 0
        refusal = errors.InvalidOrder("stopped here")
        refusal.verdict = "rejected"  # type: ignore[attr-defined]
        raise refusal


async def measure(ex: Any, symbol: str, amount: float, price: float) -> list[float]:
    watch = Stopwatch()
    ex.fetch = watch.fetch
    # a replaced `fetch` proves nothing, so the outcome guard would look for the order: once is enough here
    ex.absence_grace, ex.options["outcomeTimeout"] = None, 0
    for _ in range(ORDERS):
        watch.started = time.process_time_ns()
        with contextlib.suppress(errors.BaseError):
            await ex.create_order(symbol, "limit", "buy", amount, price)
    return watch.taken[10:]


async def ours(exchange_id: str) -> list[float]:
    async with paper.start(exchange_id, seed=7) as venue:
        await venue.market({"pause": True})
        ex = getattr(ccxt_dex, exchange_id)({**venue.config(), "enableRateLimit": False, "options": {"tokenStore": False}})
        try:
            await ex.load_markets()
            symbol = ccxt_dex.symbol(ex, "BTC")
            market = ex.market(symbol)
            price = float(ex.price_to_precision(symbol, float((await ex.fetch_ticker(symbol))["last"]) * 0.98))
            least = max(
                market["limits"]["amount"]["min"] or 0, 1.2 * (market["limits"]["cost"]["min"] or 0) / price, market["precision"]["amount"]
            )
            amount = float(ex.amount_to_precision(symbol, least * 3))
            await ex.create_order(symbol, "limit", "buy", amount, price)
            return await measure(ex, symbol, amount, price)
        finally:
            ex.__dict__.pop("fetch", None)
            await ex.close()


async def ccxts_hyperliquid() -> list[float]:
    """ccxt's own class, its builder fee switched off (it would sign a second message before the first order)."""
    ex = pro("hyperliquid")(
        {
            "privateKey": THROWAWAY,
            "walletAddress": "0xFCAd0B19bB29D4674531d6f115237E16AfCE377c",
            "enableRateLimit": False,
            "options": {"builderFee": False, "refSet": True},
        }
    )
    market = ex.safe_market_structure(
        {
            "id": "0",
            "baseId": "0",
            "symbol": "BTC/USDC:USDC",
            "base": "BTC",
            "quote": "USDC",
            "settle": "USDC",
            "type": "swap",
            "swap": True,
            "spot": False,
            "contract": True,
            "linear": True,
            "active": True,
            "contractSize": 1,
            "precision": {"amount": 0.00001, "price": 1},
            "info": {},
        }
    )
    ex.set_markets([market])
    try:
        return await measure(ex, "BTC/USDC:USDC", 0.001, 60000)
    finally:
        ex.__dict__.pop("fetch", None)
        await ex.close()


def row(what: str, taken: list[float]) -> list[tuple[str, float, str]]:
    return [(f"{what}: median", statistics.median(taken), "ms"), (f"{what}: best", min(taken), "ms")]


def rows() -> list[tuple[str, float, str]]:
    result = []
    with tempfile.TemporaryDirectory():
        for exchange_id in registry.IDS:
            result += row(exchange_id, asyncio.run(ours(exchange_id)))
        result += row("hyperliquid, ccxt's own class", asyncio.run(ccxts_hyperliquid()))
    return result
