"""Two processes on one key, while connections drop and answers get lost: every order once, none of the other's taken for one's own."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from ccxt_dex import paper
from compat_tests.peers.programs import run

pytestmark = pytest.mark.peers

PROGRAM = Path(__file__).with_name("one_key.py")
COUNT = 24
MARKETS = {"pacifica": ("BTC/USDC:USDC", "BTC", 0.001, 100_000), "backpack": ("ETH/USDC:USDC", "ETH_USDC_PERP", 0.1, 3700)}
CREATE = {"pacifica": "POST /api/v1/orders/create", "backpack": "POST /api/v1/order"}


@pytest.mark.parametrize("venue_id", list(MARKETS))
async def test_two_processes_on_one_key(venue_id: str) -> None:
    symbol, native, amount, price = MARKETS[venue_id]
    async with paper.start(venue_id, seed=7) as venue:
        await venue.market({"pause": True})

        async def trouble() -> None:
            for number in range(6):
                before = venue.server.log.endpoints[CREATE[venue_id]]
                while venue.server.log.endpoints[CREATE[venue_id]] < before + 4:
                    await asyncio.sleep(0.01)
                await venue.fault({"kind": "drop_ws"} if number % 2 else {"kind": "lose_reply", "match": CREATE[venue_id]})

        troubling = asyncio.ensure_future(trouble())
        try:
            job = {"id": venue_id, "config": venue.config(), "symbol": symbol, "amount": amount, "price": price, "count": COUNT}
            seen = await asyncio.gather(*(run(sys.executable, PROGRAM, {**job, "name": name}) for name in ("left", "right")))
        finally:
            troubling.cancel()
            await asyncio.gather(troubling, return_exceptions=True)
        orders = [order for order in venue.engine.account("alice").orders.values() if order.request.type == "limit"]
        bought = venue.engine.account("alice").qty(native)
    ids = [order_id for one in seen for order_id, _ in one["placed"]]
    assert len(ids) == len(set(ids)) == len(orders) == 2 * COUNT, "each order once"
    assert len({order.request.client_id for order in orders}) == 2 * COUNT
    assert sum(order.status == "canceled" for order in orders) == 2 * COUNT // 3
    assert float(bought) == pytest.approx(2 * amount) and [one["missed"] for one in seen] == [[], []]
