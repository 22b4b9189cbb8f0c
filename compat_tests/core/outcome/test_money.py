"""What has no client id and would happen twice: transfers, withdrawals, conversions."""

from __future__ import annotations

from typing import Any

import pytest

from ccxt_dex._ccxt import errors
from ccxt_dex.errors import OrderOutcomeUnknown
from compat_tests.core.demo import MARKET, SYMBOL, Venue, demo
from compat_tests.core.killserver import KillServer
from compat_tests.core.outcome.venue import EXECUTED, RETRIES, warm


class Mover(demo):
    """A venue with transfers; its engine counts whatever is posted there."""

    async def transfer(self, code: str, amount: Any, fromAccount: str, toAccount: str, params: Any = None) -> Any:
        return await self.call("private_post_order", {"symbol": code, "amount": str(amount), "clientOrderId": "moved"})

    async def withdraw(self, code: str, amount: Any, address: str, params: Any = None) -> Any:
        return await self.transfer(code, amount, "1", address)

    async def create_twap_order(self, symbol: str, side: str, amount: Any, duration: Any, params: Any = None) -> Any:
        return await self.transfer(symbol, amount, "1", "2")

    async def create_convert_trade(self, id: str, fromCode: str, toCode: str, amount: Any = None, params: Any = None) -> Any:
        return await self.transfer(fromCode, amount, "1", "2")


def mover(url: str) -> Mover:
    exchange = Mover({"timeout": 300, "urls": {"api": {"public": url, "private": url}}, **RETRIES})
    exchange.timeout_on_exit = 0
    exchange.set_markets([MARKET])
    return exchange


MOVES: dict[str, tuple[Any, ...]] = {
    "transfer": ("USDC", 5, "1", "2"),
    "withdraw": ("USDC", 5, "0x1"),
    "create_twap_order": (SYMBOL, "buy", 1, 60_000),
    "create_convert_trade": ("quote", "USDC", "BTC", 5),
}


@pytest.mark.parametrize("name", MOVES)
@pytest.mark.parametrize("mode", EXECUTED)
async def test_what_may_have_happened_and_cannot_be_looked_up_is_never_said_not_to_have(
    venue: tuple[KillServer, Venue], mode: str, name: str
) -> None:
    server, _ = venue
    ex = mover(server.url)
    try:
        await warm(ex)
        server.mode = mode
        with pytest.raises(OrderOutcomeUnknown):
            await getattr(ex, name)(*MOVES[name])
        assert len(server.executed) == 1, "and it is not sent again"
        assert [row["status"] for row in ex.unresolved.values()] == ["unknown"]
    finally:
        await ex.close()


@pytest.mark.parametrize("mode", ["http400", "http403", "http422"])
async def test_money_that_the_venue_would_not_move(venue: tuple[KillServer, Venue], mode: str) -> None:
    server, _ = venue
    ex = mover(server.url)
    try:
        server.mode = mode
        with pytest.raises(errors.ExchangeError):
            await ex.transfer(*MOVES["transfer"])
    finally:
        await ex.close()
