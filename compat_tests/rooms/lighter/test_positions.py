"""The stream of positions: every change is told, whatever else changes in the same moment."""

from __future__ import annotations

import asyncio
from typing import Any

from compat_tests.contract.desk import Watcher, until

ETH, BTC = "ETH/USDC:USDC", "BTC/USDC:USDC"


async def opened(ex: Any) -> dict[str, Any]:
    """Two positions; their rows as the venue has them."""
    for symbol, amount in ((ETH, 0.1), (BTC, 0.002)):
        await ex.create_order(symbol, "market", "buy", amount)
    return {row["symbol"]: row["info"] for row in await ex.fetch_positions()}


async def watched(ex: Any) -> tuple[Any, Any]:
    """The client of the stream, once it has told what is there, and the next call that waits."""
    rows = await asyncio.wait_for(ex.watch_positions(), 5)
    assert {row["symbol"] for row in rows} == {ETH, BTC}
    (client,) = [each for each in ex.clients.values() if "positions" in each.subscriptions]
    waiting = asyncio.ensure_future(ex.watch_positions())
    await until(lambda: "positions" in client.futures, "somebody waits")
    return client, waiting


async def test_all_markets_of_a_frame_are_told(ex: Any) -> None:
    rows = await opened(ex)
    client, waiting = await watched(ex)
    changed = {row["market_id"]: {**row, "avg_entry_price": "1000"} for row in rows.values()}
    ex.handle_positions(client, {"timestamp": 1_800_000_000_000, "positions": changed})
    assert {(row["symbol"], row["entryPrice"]) for row in await asyncio.wait_for(waiting, 5)} == {(ETH, 1000.0), (BTC, 1000.0)}


async def test_a_position_that_turned_is_told_as_closed_and_opened(ex: Any) -> None:
    rows = await opened(ex)
    client, waiting = await watched(ex)
    turned = {**rows[ETH], "sign": -1}
    ex.handle_positions(client, {"timestamp": 1_800_000_000_000, "positions": {turned["market_id"]: turned}})
    told = [(row["side"], row["contracts"]) for row in await asyncio.wait_for(waiting, 5)]
    assert told == [("long", 0.0), ("short", 0.1)]


async def test_what_was_told_stays_as_it_was_told(ex: Any) -> None:
    rows = await opened(ex)
    client, waiting = await watched(ex)
    for price in ("1000", "2000"):
        row = {**rows[ETH], "avg_entry_price": price}
        ex.handle_positions(client, {"timestamp": 1_800_000_000_000, "positions": {row["market_id"]: row}})
    told = [*(await asyncio.wait_for(waiting, 5)), *(await asyncio.wait_for(ex.watch_positions(), 5))]
    assert [row["entryPrice"] for row in told] == [1000.0, 2000.0]


async def test_a_position_that_the_account_lists_no_more_after_an_outage_is_told_as_closed(ex: Any, venue: Any) -> None:
    await opened(ex)
    watcher = Watcher(ex, "watch_positions")
    try:
        await until(lambda: len(watcher.seen) >= 2, "both positions")
        account = ex._account

        async def without_eth(*args: Any) -> Any:
            found = await account(*args)
            return {**found, "positions": [row for row in found["positions"] if row["symbol"] != "ETH"]}

        ex._account = without_eth
        await venue.fault({"kind": "drop_ws"})
        await until(lambda: [row for row in watcher.seen if row["symbol"] == ETH and not row["contracts"]], "the end of the position")
    finally:
        await watcher.stop()


async def test_liquidations_of_several_frames_are_all_told(ex: Any) -> None:
    """Composed after the rows in ccxt 4.5.90's class."""
    row = {"type": "liquidation", "market_id": 0, "size": "0.1", "price": "3000", "usd_amount": "300", "is_maker_ask": False}
    waiting = asyncio.ensure_future(ex.watch_liquidations(ETH))
    await until(lambda: [each for each in ex.clients.values() if "liquidations::" + ETH in each.futures], "somebody waits")
    (client,) = ex.clients.values()
    for number in (1, 2):
        rows = [{**row, "trade_id": number, "timestamp": 1_800_000_000_000 + number}]
        ex.handle_message(client, {"channel": "trade:0", "type": "update/trade", "trades": [], "liquidation_trades": rows})
    told = [*(await asyncio.wait_for(waiting, 5)), *(await asyncio.wait_for(ex.watch_liquidations(ETH), 5))]
    assert [each["timestamp"] - 1_800_000_000_000 for each in told] == [1, 2]
