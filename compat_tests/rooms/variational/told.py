"""What the tests against the local venue share."""

from __future__ import annotations

from typing import Any

from ccxt_dex.exchanges.variational import variational

BTC = "BTC/USDC:USDC"
SIZE = 0.001


def executed(venue: Any) -> int:
    return int(venue.server.log.orders_executed)


def seen(venue: Any, endpoint: str) -> int:
    return int(venue.server.log.endpoints.get(endpoint, 0))


async def another(venue: Any, **config: Any) -> Any:
    exchange = variational({**venue.config(), **config})
    await exchange.load_markets()
    return exchange
