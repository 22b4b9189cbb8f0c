"""What the streams of ccxt 4.5.90's pacifica lack, on its own class (`native`) and on ours, both against the local venue.

`native` holds the fault fast; when ccxt mends it the test turns red, and the override can go.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

import ccxt_dex
from ccxt_dex import _ccxt, paper
from ccxt_dex._ccxt import errors
from compat_tests.contract.desk import Watcher, until

SYMBOL = "BTC/USDC:USDC"
both = pytest.mark.parametrize("native", [True, False], ids=["native", "ours"])


@asynccontextmanager
async def trader(native: bool, **options: Any) -> AsyncIterator[tuple[Any, Any]]:
    """A client of the class, and the venue that it trades on."""
    async with paper.start("pacifica", seed=7, **options) as venue:
        await venue.market({"pause": True})
        cls: Any = _ccxt.pro("pacifica") if native else ccxt_dex.pacifica
        ex = cls({**venue.config(), "enableRateLimit": False, "options": {"builderFee": False}})
        await ex.load_markets()
        try:
            yield ex, venue
        finally:
            await ex.close()


def topics(venue: Any) -> list[str]:
    return [str(key[0]) for socket in venue.server.connections for key in socket.subscriptions]


async def rest(ex: Any, venue: Any, price: int = 100_000) -> str:
    """The id of an order that rests by now; ccxt's class returns while the venue holds it back."""
    count = len(venue.engine.open_orders("alice"))
    made = await ex.create_order(SYMBOL, "limit", "buy", 0.001, price)
    await until(lambda: len(venue.engine.open_orders("alice")) > count, "the order rests")
    return str(made["id"])


@both
@pytest.mark.parametrize("method", ["watch_balance", "watch_positions", "watch_bids_asks", "watch_mark_prices", "watch_funding_rates"])
async def test_channels_that_ccxt_does_not_read(native: bool, method: str) -> None:
    async with trader(native) as (ex, venue):
        symbols = [] if method in ("watch_balance", "watch_positions") else [[SYMBOL]]
        if native:
            with pytest.raises(errors.NotSupported):
                await getattr(ex, method)(*symbols)
            assert topics(venue) == []
            return
        watcher = Watcher(ex, method, *symbols)
        try:
            await until(lambda: topics(venue), "subscribed")
            order = await ex.create_order(SYMBOL, "market", "buy", 0.002)
            told = (await until(lambda: watcher.seen, "a result"))[-1]
            if method == "watch_positions":
                assert (told["symbol"], told["side"], told["contracts"]) == (SYMBOL, "long", 0.002)
            elif method == "watch_balance":
                spent = 100_000 - (await ex.fetch_balance())["USDC"]["free"]
                await until(lambda: watcher.seen[-1]["USDC"]["free"] == pytest.approx(100_000 - spent), "the balance after it")
                assert spent > order["cost"] / 50
            else:
                assert told[SYMBOL]["symbol"] == SYMBOL
        finally:
            await watcher.stop()


@both
async def test_orders_that_are_open_already(native: bool) -> None:
    """ccxt reads updates alone: an order that was there before is never told of."""
    async with trader(native) as (ex, venue):
        before = await rest(ex, venue)
        watcher = Watcher(ex, "watch_orders", SYMBOL)
        try:
            await until(lambda: "account_order_updates" in topics(venue), "subscribed")
            after = await rest(ex, venue, 100_001)
            await until(lambda: after in {order["id"] for order in watcher.seen}, "the new one")
            assert (before in {order["id"] for order in watcher.seen}) is not native
        finally:
            await watcher.stop()


@both
async def test_candles_of_the_mark_price(native: bool) -> None:
    async with trader(native) as (ex, venue):
        watcher = Watcher(ex, "watch_ohlcv", SYMBOL, "1m", None, None, {"price": "mark"})
        try:
            await until(lambda: topics(venue), "subscribed")
            assert topics(venue) == ["candle" if native else "mark_price_candle"]
        finally:
            await watcher.stop()


async def test_changed_settings_reach_streamed_positions() -> None:
    """Leverage and margin mode have channels; with ccxt's class there are no streamed positions at all."""
    async with trader(False) as (ex, venue):
        other = ccxt_dex.pacifica(venue.config())
        watcher = Watcher(ex, "watch_positions")
        try:
            await ex.create_order(SYMBOL, "market", "buy", 0.002)
            await until(lambda: watcher.seen and watcher.seen[-1]["leverage"] == 50, "the position")
            await until(lambda: {"account_leverage", "account_margin"} <= set(topics(venue)), "both channels")
            await other.set_leverage(20, SYMBOL)
            await until(lambda: watcher.seen[-1]["leverage"] == 20, "the leverage that another client set")
        finally:
            await watcher.stop()
            await other.close()


@both
async def test_the_close_after_24_hours(native: bool) -> None:
    """Every waiting call of ccxt's fails with it, and whoever watched nothing at that moment is not subscribed again."""
    async with trader(native, session_s=0.4) as (ex, venue):

        async def until_the_close() -> int:
            frames = 0
            while not native and not any(state["losses"] for state in ex.stream_status().values()):
                frames += bool((await ex.watch_order_book(SYMBOL))["bids"])
            while native:
                frames += bool((await ex.watch_order_book(SYMBOL))["bids"])
            return frames

        if native:
            with pytest.raises(errors.NetworkError):
                await asyncio.wait_for(until_the_close(), 10)
            await until(lambda: not topics(venue), "nothing is subscribed any more")
        else:
            assert await asyncio.wait_for(until_the_close(), 10) >= 1
            assert (await asyncio.wait_for(ex.watch_order_book(SYMBOL), 5))["asks"]
            await until(lambda: topics(venue) == ["book"], "subscribed again")


@both
async def test_unwatch(native: bool) -> None:
    """The venue acknowledges with the parameters alone; ccxt waits for another message for ever."""
    async with trader(native) as (ex, venue):
        await ex.watch_order_book(SYMBOL)
        leaving = asyncio.ensure_future(ex.un_watch_order_book(SYMBOL))
        await until(lambda: topics(venue) == [], "the venue was told")
        # a frame that was sent after the acknowledgement has arrived, so that has too
        if native:
            await ex.watch_tickers([SYMBOL])
            assert not leaving.done()
            leaving.cancel()
        else:
            assert await asyncio.wait_for(leaving, 5) is True and SYMBOL not in ex.orderbooks
        await asyncio.gather(leaving, return_exceptions=True)


@both
async def test_cancel_over_the_socket(native: bool) -> None:
    async with trader(native) as (ex, venue):
        order = await ex.cancel_order_ws(await rest(ex, venue), SYMBOL)
        assert order["status"] == ("open" if native else "canceled")
        assert await ex.fetch_open_orders(SYMBOL) == []


@both
async def test_refusals_over_the_socket(native: bool) -> None:
    """The text is in `err`, which ccxt does not look into: an unknown order is an error of the venue's software to it."""
    async with trader(native) as (ex, _):
        with pytest.raises(errors.BaseError) as caught:
            await ex.cancel_order_ws("999999999", SYMBOL)
        assert isinstance(caught.value, errors.OrderNotFound) is not native


@both
async def test_market_orders_over_the_socket_in_one_message(native: bool) -> None:
    async with trader(native) as (ex, _):
        rows = [{"symbol": SYMBOL, "type": "market", "side": side, "amount": 0.001} for side in ("buy", "buy")]
        if native:
            with pytest.raises(errors.NotSupported):
                await ex.create_orders_ws(rows)
        else:
            assert [order["side"] for order in await ex.create_orders_ws(rows)] == ["buy", "buy"]
            await until(lambda: ex.fetch_positions(), "the position")


@both
async def test_an_agent_s_key(native: bool) -> None:
    """A key that is not the account's is an agent's: ccxt wants to be told, and signs in the account's own name otherwise."""
    async with trader(native, login="agent") as (ex, venue):
        if native:
            with pytest.raises(errors.BaseError, match="signature"):
                await rest(ex, venue)
            assert venue.engine.open_orders("alice") == []
        else:
            assert await rest(ex, venue) and len(venue.engine.open_orders("alice")) == 1
