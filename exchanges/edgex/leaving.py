"""Leaving public streams again: the channel is unsubscribed and what it fed is forgotten."""

from __future__ import annotations

from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.edgex.feeds import ALL_BOOKS, ALL_TICKERS, Feeds, bid_ask_hash
from ccxt_dex.exchanges.edgex.listings import METADATA
from ccxt_dex.exchanges.edgex.room import NONE, Params
from ccxt_dex.parts.leaving import LeavesBooks, LeavesCandles, LeavesMarks, LeavesTrades


class Leaving(LeavesBooks, LeavesCandles, LeavesMarks, LeavesTrades, Feeds):
    async def forget(self, channel: str) -> None:
        """Unsubscribe, without waiting for the acknowledgement."""
        client = (self.clients or {}).get(self.stream_url())
        if client is not None:
            client.unsubscribe(channel)
            if set(client.subscriptions) == {METADATA}:
                client.unsubscribe(METADATA)

    async def un_watch_order_book(self, symbol: str, params: Params = NONE) -> Any:
        """Leaves a book and forgets it."""
        market = self.market(symbol)
        level = self._levels.pop(market["id"], None)
        if level is not None:
            await self.forget(f"depth.{market['id']}.{level}")
        self.orderbooks.pop(market["symbol"], None)
        return True

    async def un_watch_trades(self, symbol: str, params: Params = NONE) -> Any:
        """Leaves the trades of a market and forgets them."""
        market = self.market(symbol)
        await self.forget(f"trades.{market['id']}")
        self.trades.pop(market["symbol"], None)
        self._tickets.pop(market["symbol"], None)
        return True

    async def un_watch_ticker(self, symbol: str, params: Params = NONE) -> Any:
        """Leaves the ticker, which mark prices share."""
        market = self.market(symbol)
        await self.forget(f"ticker.{market['id']}")
        self.tickers.pop(market["symbol"], None)
        return True

    async def un_watch_tickers(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Leaves several tickers, or the channel of all when none is named."""
        if not symbols:
            await self.forget(ALL_TICKERS)
            return True
        for market in await self.wanted(symbols):
            await self.un_watch_ticker(market["symbol"], params)
        return True

    async def un_watch_bids_asks(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Leaves the best bids and asks, which are one channel of all markets: of some symbols only they are forgotten, others go on."""
        client = (self.clients or {}).get(self.stream_url())
        names = [market["symbol"] for market in await self.wanted(symbols)] if symbols else list(self.bidsasks)
        for name in names:
            self.bidsasks.pop(name, None)
            if client is not None and bid_ask_hash(name) in client.futures:
                client.reject(errors.UnsubscribeError(f"{self.id} {name}"), bid_ask_hash(name))
        if client is not None and not any(name in client.futures for name in (ALL_BOOKS, *map(bid_ask_hash, self.bidsasks))):
            await self.forget(ALL_BOOKS)
        return True

    async def un_watch_ohlcv(self, symbol: str, timeframe: str = "1m", params: Params = NONE) -> Any:
        """Leaves the candles of a market and forgets them."""
        market = self.market(symbol)
        await self.forget(self.kline_channel(market, timeframe, params))
        self.ohlcvs.get(market["symbol"], {}).pop(timeframe, None)
        return True
