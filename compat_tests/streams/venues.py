"""ccxt's own pro classes pointed at the scripted server, with and without our layer."""

from __future__ import annotations

import asyncio
from typing import Any

from ccxt_dex import _ccxt
from ccxt_dex.streams import StreamsMixin

MARKETS = {
    "hyperliquid": [("0", "BTC", "USDC", "USDC"), ("1", "ETH", "USDC", "USDC")],
    "lighter": [("0", "ETH", "USDC", "USDC"), ("1", "BTC", "USDC", "USDC")],
    "paradex": [("BTC-USD-PERP", "BTC", "USD", "USDC"), ("ETH-USD-PERP", "ETH", "USD", "USDC")],
    "extended": [("BTC-USD", "BTC", "USD", "USD")],
    "backpack": [("BTC_USDC_PERP", "BTC", "USDC", "USDC")],
}
SYMBOLS = {venue: [f"{base}/{quote}:{settle}" for _, base, quote, settle in markets] for venue, markets in MARKETS.items()}
FAST = {"backoffBase": 0.01, "backoffCap": 0.1}


def market(venue_id: str, base: str, quote: str, settle: str) -> dict[str, Any]:
    return {
        "id": venue_id,
        "symbol": f"{base}/{quote}:{settle}",
        "base": base,
        "quote": quote,
        "settle": settle,
        "baseId": base,
        "quoteId": quote,
        "settleId": settle,
        "baseName": base,
        "type": "swap",
        "spot": False,
        "swap": True,
        "future": False,
        "option": False,
        "contract": True,
        "linear": True,
        "inverse": False,
        "contractSize": 1.0,
        "active": True,
        "stock": False,
        "precision": {"amount": 0.0001, "price": 0.01},
        "limits": {"amount": {}, "price": {}, "cost": {}, "leverage": {}},
        "info": {},
    }


def ours(venue: str, **members: Any) -> Any:
    """ccxt's class behind our layer."""
    return type(venue, (StreamsMixin, _ccxt.pro(venue)), members)


def make(cls: Any, venue: str, url: str, ws: dict[str, Any] | None = None, **config: Any) -> Any:
    """An instance that talks to a url."""
    exchange = cls({"enableRateLimit": False, "options": {"ws": {**FAST, **(ws or {})}}, **config})
    exchange.set_markets([market(*row) for row in MARKETS[venue]])
    exchange.timeout_on_exit = 1
    exchange.urls["api"]["ws"] = {"public": url, "private": url} if venue in ("hyperliquid", "backpack") else url
    exchange.options["sbe"] = False
    return exchange


def client_of(exchange: Any) -> Any:
    """The only client."""
    (client,) = exchange.clients.values()
    return client


async def outcome(awaitable: Any, seconds: float = 4.0) -> Any:
    """The result, or the exception as a value."""
    try:
        return await asyncio.wait_for(awaitable, seconds)
    except (Exception, asyncio.CancelledError) as error:
        return error
