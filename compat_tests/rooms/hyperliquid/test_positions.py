"""The stream of positions: the end of one is told, whatever the program was doing when its frame came."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from compat_tests.contract.desk import until

BTC = "BTC/USDC:USDC"


@pytest.mark.parametrize("symbols", [None, [BTC]], ids=["all", "one"])
async def test_a_position_that_ends_while_nobody_waits_is_told_to_who_waits_next(ex: Any, symbols: Any) -> None:
    await ex.create_order(BTC, "market", "buy", 0.001)
    (row,) = await asyncio.wait_for(ex.watch_positions(symbols), 5)
    assert row["contracts"] == 0.001
    await ex.close_position(BTC)
    await until(lambda: not ex._held, "the frame without it")
    (client,) = ex.clients.values()
    for told in (True, False):
        waiting = asyncio.ensure_future(ex.watch_positions(symbols))
        await until(lambda: any(each.startswith("positions") for each in client.futures), "somebody waits")
        ex.tell_positions(client)  # the next frame, which knows nothing of it
        for _ in range(20):  # turns of the loop
            await asyncio.sleep(0)
        assert waiting.done() is told, "told once"
        if told:
            (row,) = waiting.result()
            assert (row["symbol"], row["contracts"]) == (BTC, 0.0)
        waiting.cancel()
