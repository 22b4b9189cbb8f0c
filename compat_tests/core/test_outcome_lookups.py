"""A look whose answer a room stumbles over cannot tell: it neither proves absence nor comes out as it is."""

from __future__ import annotations

from typing import Any

import pytest

from ccxt_dex.errors import OrderOutcomeUnknown
from compat_tests.core import killserver
from compat_tests.core.demo import MARKET, SYMBOL, Venue, demo
from compat_tests.core.killserver import KillServer


class Stumbles(demo):
    """A room that takes every answer to a look for an object."""

    stumbling = 10**9

    async def find_order(self, client_order_id: str, symbol: str | None = None, params: Any = None) -> Any:
        if self.stumbling:
            self.stumbling -= 1
            return self.order_of([].get("order"))  # type: ignore[attr-defined]
        return await super().find_order(client_order_id, symbol, params)


@pytest.mark.parametrize("stumbling", [3, 10**9])
async def test_a_lost_order_whose_looks_cannot_be_read(stumbling: int) -> None:
    engine = Venue()
    async with KillServer(engine) as server:
        exchange = Stumbles({"timeout": 300, "urls": {"api": {"public": server.url, "private": server.url}}})
        exchange.options["outcomeTimeout"] = 1.0
        exchange.stumbling = stumbling
        exchange.set_markets([MARKET])
        server.mode = killserver.LOST[0]
        try:
            if stumbling > 3:
                with pytest.raises(OrderOutcomeUnknown):
                    await exchange.create_order(SYMBOL, "limit", "buy", 1, 100)
            else:
                assert (await exchange.create_order(SYMBOL, "limit", "buy", 1, 100))["id"] == "1"
            assert len(engine.orders) == 1
        finally:
            await exchange.close()
