"""What ccxt 4.5.90's backpack does wrong on a live connection and in looking orders up, on its own class (`native`) and on ours.

Both trade on the local venue. `native` holds the fault fast; when ccxt mends it the test turns red, and the override can go.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest

import ccxt_dex
from ccxt_dex import _ccxt, paper
from ccxt_dex._ccxt import errors
from ccxt_dex.paper.types import NewOrder
from compat_tests.contract.desk import Watcher, until

SYMBOL, OTHER = "ETH/USDC:USDC", "BTC/USDC:USDC"
both = pytest.mark.parametrize("native", [True, False], ids=["native", "ours"])


@asynccontextmanager
async def trader(native: bool) -> AsyncIterator[tuple[Any, Any]]:
    """A client of the class, and the venue that it trades on."""
    async with paper.start("backpack", seed=7, prices_ms=100) as venue:
        await venue.market({"pause": True})
        cls: Any = _ccxt.pro("backpack") if native else ccxt_dex.backpack
        ex = cls({**venue.config(), "enableRateLimit": False})
        ex.timeout_on_exit = 0
        await ex.load_markets()
        try:
            yield ex, venue
        finally:
            await ex.close()


def topics(venue: Any) -> list[str]:
    return [str(name) for socket in venue.server.connections for name in socket.subscriptions]


async def drop(venue: Any) -> None:
    before = list(venue.server.connections)
    await venue.fault({"kind": "drop_ws"})
    await until(lambda: not [socket for socket in venue.server.connections if socket in before], "the connection is gone")


# --- reconnects -----------------------------------------------------------------------------------------------------------------------


@both
async def test_a_book_after_a_reconnect(native: bool) -> None:
    """What changed while nobody listened: ccxt puts the changes of the new connection into the book of the old one."""
    async with trader(native) as (ex, venue):
        await venue.market({"pause": False})
        await asyncio.wait_for(ex.watch_order_book(SYMBOL), 8)
        await venue.market({"pause": True})
        await drop(venue)
        await venue.market({"symbol": "ETH_USDC_PERP", "price": "3600"})
        await ex.fetch_order_book(SYMBOL)  # by now the venue's number of the last change is another
        snapshots = venue.server.log.endpoints["GET /api/v1/depth"]
        await venue.market({"pause": False})
        for _ in range(6):
            try:
                await asyncio.wait_for(ex.watch_order_book(SYMBOL), 8)
            except errors.NetworkError:
                assert native
        book = ex.orderbooks[SYMBOL]
        assert (book["bids"][0][0] >= book["asks"][0][0]) is native, "bids of the old price above asks of the new one"
        assert (venue.server.log.endpoints["GET /api/v1/depth"] > snapshots) is not native


@both
async def test_orders_after_a_reconnect(native: bool) -> None:
    """ccxt's call fails, and until somebody calls again nothing is subscribed."""
    async with trader(native) as (ex, venue):
        waiting = asyncio.ensure_future(ex.watch_orders(SYMBOL))
        await until(lambda: topics(venue), "subscribed")
        await drop(venue)
        if native:
            with pytest.raises(errors.NetworkError):
                await asyncio.wait_for(waiting, 8)
            assert topics(venue) == []
        else:
            await until(lambda: topics(venue), "subscribed again")
            made = await ex.create_order(SYMBOL, "limit", "buy", 0.1, 3700)
            assert [order["id"] for order in await asyncio.wait_for(waiting, 8)] == [made["id"]]


@both
async def test_what_happened_while_the_line_was_down(native: bool) -> None:
    """The stream has no picture of orders: ours reads them, ccxt shows a filled order as open."""
    async with trader(native) as (ex, venue):
        watcher = None if native else Watcher(ex, "watch_orders", SYMBOL)
        waiting = asyncio.ensure_future(ex.watch_orders(SYMBOL)) if native else None
        try:
            await until(lambda: topics(venue), "subscribed")
            made = await ex.create_order(SYMBOL, "limit", "buy", 0.1, 3700)
            if waiting is not None:
                await asyncio.wait_for(waiting, 8)
            else:
                await until(lambda: ex.orders and len(ex.orders), "the order is known")
            await venue.fault({"kind": "refuse_connect", "ms": 300, "drop": True})
            await venue.market({"symbol": "ETH_USDC_PERP", "price": "3690"})
            if native:
                again = asyncio.ensure_future(ex.watch_orders(SYMBOL))
                await until(lambda: topics(venue) or again.done(), "asked again, or failed")
                again.cancel()
                await asyncio.gather(again, return_exceptions=True)
                assert ex.orders.hashmap[SYMBOL][made["id"]]["status"] == "open"
            else:
                await until(lambda: ex.orders.hashmap[SYMBOL][made["id"]]["status"] == "closed", "read anew")
            assert (await ex.fetch_order(made["id"], SYMBOL))["status"] == "closed"
        finally:
            if watcher is not None:
                await watcher.stop()


# --- positions, candles, fills --------------------------------------------------------------------------------------------------------


@both
async def test_the_picture_of_positions(native: bool) -> None:
    """On subscribing the venue shows what is open, in frames that name no event; ccxt drops them."""
    async with trader(native) as (ex, venue):
        await ex.create_order(SYMBOL, "market", "buy", 0.5)
        watcher = Watcher(ex, "watch_positions")
        try:
            await until(lambda: "account.positionUpdate" in topics(venue), "subscribed")
            await ex.create_order(OTHER, "market", "buy", 0.001)
            await until(lambda: OTHER in {row["symbol"] for row in watcher.seen}, "the new one")
            assert (SYMBOL in {row["symbol"] for row in watcher.seen}) is not native
        finally:
            await watcher.stop()


@both
async def test_candles_have_the_time_at_which_they_began(native: bool) -> None:
    async with trader(native) as (ex, venue):
        candles = await asyncio.wait_for(ex.watch_ohlcv(SYMBOL, "1h"), 8)
        assert (candles[-1][0] > venue.server.now()) is native, "ccxt's candle begins when it ends, in the future"
        if not native:
            assert (await ex.fetch_ohlcv(SYMBOL, "1h", None, 2))[-1][0] == candles[-1][0]


@both
@pytest.mark.parametrize("method", ["watch_my_trades", "watch_mark_price", "watch_funding_rate", "watch_liquidations"])
async def test_streams_that_ccxt_does_not_read(native: bool, method: str) -> None:
    async with trader(native) as (ex, venue):
        if native:
            with pytest.raises(errors.NotSupported):
                await getattr(ex, method)(SYMBOL)
            return
        waiting = asyncio.ensure_future(getattr(ex, method)(SYMBOL))
        await until(lambda: topics(venue), "subscribed")
        if method == "watch_my_trades":
            await ex.create_order(SYMBOL, "market", "buy", 0.5)
            assert sum(trade["amount"] for trade in await asyncio.wait_for(waiting, 8)) <= 0.5
        elif method == "watch_liquidations":
            venue.engine.open_account("risky", venue.adapter.deposit / 1000)
            venue.engine.set_leverage("risky", "ETH_USDC_PERP", 50)
            venue.adapter.submit("risky", NewOrder("ETH_USDC_PERP", "buy", "market", Decimal("0.6"), tif="ioc"))
            await venue.market({"symbol": "ETH_USDC_PERP", "price": "3600"})
            assert (await asyncio.wait_for(waiting, 8))[-1]["symbol"] == SYMBOL
        else:
            found = await asyncio.wait_for(waiting, 8)
            assert found["symbol"] == SYMBOL and found["markPrice"]


@both
async def test_the_fee_of_a_streamed_order(native: bool) -> None:
    """A taker through several levels: ccxt's last frame has the last fill as all that is filled, and no fee."""
    async with trader(native) as (ex, venue):
        watcher = Watcher(ex, "watch_orders", SYMBOL)
        try:
            await until(lambda: topics(venue), "subscribed")
            made = await ex.create_order(SYMBOL, "market", "buy", 20)
            last = (await until(lambda: [row for row in watcher.seen if row["id"] == made["id"] and row["status"] == "closed"], "its end"))[
                -1
            ]
            fee = (last["fee"] or {}).get("cost")
            assert (last["filled"] == 20) is not native and (fee is not None) is not native
        finally:
            await watcher.stop()


# --- lookups --------------------------------------------------------------------------------------------------------------------------


@both
async def test_orders_that_have_ended(native: bool) -> None:
    async with trader(native) as (ex, _):
        made = await ex.create_order(SYMBOL, "market", "buy", 0.5, None, {"clientOrderId": "77"})
        assert (await ex.fetch_order(made["id"], SYMBOL))["status"] == "closed"
        if native:
            with pytest.raises(errors.ArgumentsRequired):
                await ex.fetch_order(made["id"])
            with pytest.raises(errors.BaseError):
                await ex.fetch_order(None, SYMBOL, {"clientOrderId": 77})
        else:
            assert (await ex.fetch_order(made["id"]))["id"] == made["id"]
            assert (await ex.fetch_order(None, SYMBOL, {"clientOrderId": "77"}))["id"] == made["id"]


@both
async def test_orders_that_never_were(native: bool) -> None:
    """ccxt calls the venue unavailable, which makes bots ask for ever."""
    async with trader(native) as (ex, _):
        for call in (ex.fetch_order, ex.fetch_open_order, ex.cancel_order):
            with pytest.raises(errors.ExchangeNotAvailable if native else errors.OrderNotFound):
                await call("999999999", SYMBOL)
