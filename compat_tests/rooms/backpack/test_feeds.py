"""Streams and lookups against the local venue, where the behaviour cards do not look. Frames are those of the documentation, with our numbers."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import ccxt_dex
from ccxt_dex._ccxt import errors
from compat_tests.contract.desk import Watcher, until

SYMBOL = "ETH/USDC:USDC"


async def test_a_quiet_book_comes_by_snapshot_and_comes_back_after_a_reconnect(venue: Any, ex: Any) -> None:
    book = await asyncio.wait_for(ex.watch_order_book(SYMBOL), 5)
    rest = await ex.fetch_order_book(SYMBOL)
    assert book["bids"][:5] == rest["bids"][:5] and book["nonce"] == rest["nonce"]
    before = venue.server.log.endpoints["GET /api/v1/depth"]
    await venue.fault({"kind": "drop_ws"})
    await until(lambda: venue.server.log.endpoints["GET /api/v1/depth"] > before, "a new snapshot")
    await until(lambda: ex.orderbooks[SYMBOL].stale is None, "the book is live again")


async def test_private_streams_are_signed_anew_after_a_reconnect(venue: Any, ex: Any) -> None:
    orders = Watcher(ex, "watch_orders")
    try:
        await until(lambda: any(socket.subscriptions for socket in venue.server.connections), "subscribed")
        (client,) = ex.clients.values()
        first = client.ledger.topics["orders"].generation
        await venue.fault({"kind": "drop_ws"})
        await until(lambda: client.ledger.topics["orders"].generation > first, "asked again")
        await until(lambda: any(socket.subscriptions for socket in venue.server.connections), "accepted again")
        made = await ex.create_order(SYMBOL, "limit", "buy", 0.1, 3700)
        await until(lambda: [row for row in orders.seen if row["id"] == made["id"]], "the order")
    finally:
        await orders.stop()


async def test_the_picture_of_positions_and_the_fee_of_an_order(venue: Any, ex: Any) -> None:
    await ex.create_order(SYMBOL, "market", "buy", 0.5)
    (position,) = await asyncio.wait_for(ex.watch_positions(), 5)
    assert (position["side"], position["contracts"], position["leverage"]) == ("long", 0.5, 10.0)
    orders = Watcher(ex, "watch_orders", SYMBOL)
    try:
        await until(lambda: any("account.orderUpdate" in socket.subscriptions for socket in venue.server.connections), "subscribed")
        bought = await ex.create_order(SYMBOL, "market", "buy", 20)
        await until(lambda: [row for row in orders.seen if row["id"] == bought["id"] and row["status"] == "closed"], "filled")
    finally:
        await orders.stop()
    trades = await ex.fetch_order_trades(bought["id"], SYMBOL)
    told = [row for row in orders.seen if row["id"] == bought["id"]]
    assert len(trades) > 1 and [row["filled"] for row in told] == sorted(row["filled"] for row in told)
    assert told[-1]["fee"]["cost"] == pytest.approx(sum(trade["fee"]["cost"] for trade in trades)) and told[-1]["filled"] == 20


async def test_mark_prices_and_funding_rates_come_over_one_stream(venue: Any, ex: Any) -> None:
    mark, rate = await asyncio.wait_for(asyncio.gather(ex.watch_mark_price(SYMBOL), ex.watch_funding_rate(SYMBOL)), 5)
    assert mark["markPrice"] == float(venue.engine.mark("ETH_USDC_PERP")) and rate["interval"] == "8h"
    assert sum(len(socket.subscriptions) for socket in venue.server.connections) == 1


async def test_a_candle_has_the_time_at_which_it_began(venue: Any, ex: Any) -> None:
    candles = await asyncio.wait_for(ex.watch_ohlcv(SYMBOL, "15m"), 5)
    assert candles[-1][0] % 900_000 == 0 and 0 <= venue.server.now() - candles[-1][0] < 900_000


async def test_an_unknown_stream_is_an_error_of_whoever_asked(venue: Any, ex: Any) -> None:
    with pytest.raises(errors.ExchangeError, match="Invalid stream"):
        await asyncio.wait_for(ex.listen("nothing", "nothing.ETH_USDC_PERP"), 5)


async def test_a_ticker_is_left(venue: Any, ex: Any) -> None:
    await asyncio.wait_for(ex.watch_ticker(SYMBOL), 5)
    await ex.un_watch_ticker(SYMBOL)
    await until(lambda: not any(socket.subscriptions for socket in venue.server.connections), "the venue was told")


async def test_client_order_ids_of_text(venue: Any, ex: Any) -> None:
    made = await ex.create_order(SYMBOL, "limit", "buy", 0.1, 3700, {"clientOrderId": "my own"})
    assert (await ex.fetch_order(None, SYMBOL, {"clientOrderId": "my own"}))["id"] == made["id"]
    assert (await ex.fetch_open_orders())[0]["clientOrderId"] == "my own"
    await ex.cancel_order(None, SYMBOL, {"clientOrderId": "my own"})
    assert (await ex.find_order("my own"))["status"] == "canceled"
    assert await ex.find_order("another") is None
    await ex.create_order(SYMBOL, "market", "buy", 0.1, None, {"clientOrderId": "bought"})
    assert [row["amount"] for row in await ex.fetch_order_trades(None, SYMBOL, None, None, {"clientOrderId": "bought"})] == [0.1]


async def test_cancel_all_without_a_symbol_takes_waiting_triggers_too(venue: Any, ex: Any) -> None:
    await ex.create_order(SYMBOL, "limit", "buy", 0.1, 3700)
    await ex.create_order("BTC/USDC:USDC", "limit", "buy", 0.01, 115_000)
    stop = await ex.create_order(SYMBOL, "market", "buy", 0.1, None, {"stopLossPrice": 3900})
    assert (stop["status"], stop["triggerPrice"], stop["amount"]) == ("open", 3900.0, 0.1)
    assert len(await ex.cancel_all_orders()) == 3 and await ex.fetch_open_orders() == []


async def test_the_liquidation_price_comes_with_one_symbol(venue: Any, ex: Any) -> None:
    await ex.create_order(SYMBOL, "market", "sell", 100)
    (position,) = await ex.fetch_positions([SYMBOL])
    assert position["liquidationPrice"] and position["liquidationPrice"] > position["entryPrice"]
    assert (await ex.fetch_positions())[0]["liquidationPrice"] is None


async def test_the_window_is_what_the_venue_takes(venue: Any) -> None:
    ex = ccxt_dex.backpack({**venue.config(), "options": {"recvWindow": 70_000}})
    with pytest.raises(errors.BadRequest):
        ex.window()


async def test_orders_and_fills_of_several_markets(venue: Any, ex: Any) -> None:
    """Of the markets that were named, the one in which something happens; nothing of others."""
    symbols = [SYMBOL, "SOL/USDC:USDC"]
    orders = asyncio.ensure_future(ex.watch_orders_for_symbols(symbols))
    fills = asyncio.ensure_future(ex.watch_my_trades_for_symbols(symbols))
    await until(lambda: any("account.orderUpdate" in socket.subscriptions for socket in venue.server.connections), "subscribed")
    await ex.create_order("BTC/USDC:USDC", "market", "buy", 0.01)
    made = await ex.create_order("SOL/USDC:USDC", "market", "buy", 1)
    told = [row for row in await asyncio.wait_for(orders, 5) if row["id"] == made["id"]]
    assert told and {row["symbol"] for row in told} == {"SOL/USDC:USDC"}
    (trade,) = await asyncio.wait_for(fills, 5)
    assert (trade["order"], trade["symbol"], trade["side"], trade["amount"]) == (made["id"], "SOL/USDC:USDC", "buy", 1)
    with pytest.raises(errors.ArgumentsRequired):
        await ex.watch_orders_for_symbols([])


async def test_several_positions_and_liquidations_in_one_breath(venue: Any, ex: Any) -> None:
    """Frames that come together are handled before anybody awakes; each is told."""
    positions, liquidations = Watcher(ex, "watch_positions"), Watcher(ex, "watch_liquidations", SYMBOL)
    try:
        await until(lambda: sum(len(socket.subscriptions) for socket in venue.server.connections) == 2, "subscribed")
        (client,) = ex.clients.values()
        opened = {"B": "4236.36", "E": "1754943862040486", "M": "4235.9", "P": "-0.1", "Q": "1", "T": "1754943862040486", "b": "4238.5"}
        opened |= {"e": "positionOpened", "f": "0.02", "i": 5411399049, "l": "0", "m": "0.0125", "n": "4235.9", "p": "0", "q": "1"}
        for market in ("ETH_USDC_PERP", "BTC_USDC_PERP", "SOL_USDC_PERP"):
            ex.handle_message(client, {"stream": "account.positionUpdate", "data": {**opened, "s": market}})
        forced = {"e": "liquidation", "E": 1694688638091000, "p": "18.70", "S": "Bid", "s": "ETH_USDC_PERP", "T": 567}
        for size in ("1", "2", "3"):
            ex.handle_message(client, {"stream": "liquidation", "data": {**forced, "q": size}})
        await until(lambda: len(positions.seen) == 3 and len(liquidations.seen) == 3, "all of them")
        assert [row["symbol"] for row in positions.seen] == ["ETH/USDC:USDC", "BTC/USDC:USDC", "SOL/USDC:USDC"]
        assert [row["contracts"] for row in liquidations.seen] == [1, 2, 3]
    finally:
        await positions.stop()
        await liquidations.stop()


async def test_a_ticker_has_the_bid_and_ask_of_the_book(venue: Any, ex: Any) -> None:
    for symbol in (SYMBOL, "SOL/USDC"):
        ticker, book = await ex.fetch_ticker(symbol), await ex.fetch_order_book(symbol)
        assert [ticker["bid"], ticker["bidVolume"]] == book["bids"][0] and [ticker["ask"], ticker["askVolume"]] == book["asks"][0]
        assert ticker["last"] and ticker["high"] and ticker["bid"] < ticker["ask"]
    assert (await ex.fetch_tickers())[SYMBOL]["bid"] is None
