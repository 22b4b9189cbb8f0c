"""Public streams. Page: docs.standx.com "WebSocket", market stream (2026-08-11); the kline channel is undocumented."""

from __future__ import annotations

from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.standx import parsing
from ccxt_dex.exchanges.standx.market_data import MarketData
from ccxt_dex.exchanges.standx.room import NONE, Params
from ccxt_dex.parts.leaving import LeavesBooks, LeavesCandles, LeavesMarks, LeavesTrades
from ccxt_dex.parts.tapes import OneOfCandles, OneOfTrades
from ccxt_dex.streams import Typed


class Feeds(LeavesBooks, LeavesCandles, LeavesMarks, LeavesTrades, OneOfCandles, OneOfTrades, MarketData):
    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._books: dict[str, tuple[Any, str, str, list[int]]] = {}

    def stream_url(self) -> str:
        return str(self.urls["api"]["ws"]["stream"])

    def topic(self, channel: str, market: Any, interval: str | None = None) -> tuple[str, str, Params]:
        """message hash, subscribe hash, message"""
        about: Params = {"channel": channel, "symbol": market["id"]}
        name = f"{channel}:{market['symbol']}"
        if interval is not None:
            about["interval"], name = interval, f"{name}:{interval}"
        return name, name, {"subscribe": about}

    def listen(self, channel: str, market: Any, interval: str | None = None) -> Any:
        """An awaitable for the next result of a topic, which is subscribed when it is not yet."""
        message_hash, key, message = self.topic(channel, market, interval)
        return self.watch(self.stream_url(), message_hash, message, key)

    # --- prices ---------------------------------------------------------------------------------------------------------------------

    async def watch_ticker(self, symbol: str, params: Params = NONE) -> Any:
        """Last, mark and index price with best bid and ask, about every 3 s; the channel has no 24 h figures."""
        await self.load_markets()
        return await self.listen("price", self.market(symbol))

    async def watch_mark_price(self, symbol: str, params: Params = NONE) -> Any:
        """As `watch_ticker`: one channel carries both."""
        return await self.watch_ticker(symbol, params)

    async def watch_tickers(self, symbols: Any = None, params: Params = NONE) -> Any:
        """The next ticker of any of the symbols, as {symbol: ticker}; all active markets when none is named."""
        ticker = await self.first_of([self.listen("price", market) for market in await self.wanted(symbols)])
        return {ticker["symbol"]: ticker}

    async def watch_mark_prices(self, symbols: Any = None, params: Params = NONE) -> Any:
        """As `watch_tickers`."""
        return await self.watch_tickers(symbols, params)

    async def watch_bids_asks(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Best bid and ask from the price channel's spread; the book is bucketed on some markets."""
        return await self.watch_tickers(symbols, params)

    def handle_price(self, client: Any, message: dict[str, Any], market: Any) -> None:
        ticker = self.parse_ticker(message["data"], market)
        self.tickers[market["symbol"]] = self.bidsasks[market["symbol"]] = ticker
        client.resolve(ticker, f"price:{market['symbol']}")

    # --- books ----------------------------------------------------------------------------------------------------------------------

    async def watch_order_book(self, symbol: str, limit: int | None = None, params: Params = NONE) -> Any:
        """The whole book, about five times a second; every frame is a complete snapshot. Bucketed where `fetch_order_book` is."""
        await self.load_markets()
        return await self.listen("depth_book", self.market(symbol))

    async def watch_order_book_for_symbols(self, symbols: list[str], limit: int | None = None, params: Params = NONE) -> Any:
        """The next book of any of the symbols."""
        return await self.first_of([self.listen("depth_book", market) for market in await self.wanted(symbols)])

    def handle_book(self, client: Any, message: dict[str, Any]) -> None:
        """The hot path: one dict look-up, two batch replacements. Levels are checked for order, crossed books are not handed out."""
        found = self._books.get(message["symbol"])
        if found is None or self.orderbooks.get(found[1]) is not found[0]:
            found = self.book_entry(client, message["symbol"])
            if found is None:
                return
        book, symbol, message_hash, newest = found
        seq, generation = message.get("seq"), client.ledger.generation
        if seq is not None:
            if newest[0] == generation and seq < newest[1]:
                return  # an older snapshot than the one we have; by number, for one wrong time would shut out all that follow
            newest[:] = generation, seq
        data = message["data"]
        stamp = data["time"]
        fill = book.take if type(message) is Typed else book.snapshot
        fill(data["bids"], data["asks"], stamp, None, symbol)
        if book["bids"] and book["asks"] and book["bids"][0][0] >= book["asks"][0][0]:
            book.lose(client.asyncio_loop.time())
            return
        client.resolve(book, message_hash)

    def book_entry(self, client: Any, market_id: str) -> tuple[Any, str, str, list[int]] | None:
        """None for a book that nobody asked for, or not any more: frames may follow an unsubscribe."""
        rows = (self.markets_by_id or {}).get(market_id)
        if not rows or f"depth_book:{rows[0]['symbol']}" not in client.subscriptions:
            return None
        symbol = rows[0]["symbol"]
        book = self.orderbooks.get(symbol)
        if book is None:
            book = self.orderbooks[symbol] = self.order_book({})
        entry = self._books[market_id] = (book, symbol, f"depth_book:{symbol}", [0, 0])
        return entry

    # --- trades ---------------------------------------------------------------------------------------------------------------------

    async def watch_trades_for_symbols(
        self, symbols: list[str], since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """The next trades of any of the symbols, with ids; REST has none, so the two cannot be joined."""
        trades = await self.first_of([self.listen("public_trade", market) for market in await self.wanted(symbols)])
        return self.new_trades(trades, since, limit)

    def handle_trade(self, client: Any, message: dict[str, Any], market: Any) -> None:
        symbol = market["symbol"]
        cache = self.trade_cache(symbol)
        trade = self.parse_trade(message["data"], market)
        cache.append(trade)
        client.resolve(cache, f"public_trade:{symbol}")

    # --- candles --------------------------------------------------------------------------------------------------------------------

    async def watch_ohlcv_for_symbols(
        self,
        symbolsAndTimeframes: list[list[str]],
        since: int | None = None,
        limit: int | None = None,
        params: Params = NONE,
    ) -> Any:
        """The next candles of any of the pairs, as {symbol: {timeframe: candles}}; from the undocumented kline channel."""
        await self.load_markets()
        pairs = [(self.market(symbol), self.resolution(timeframe)) for symbol, timeframe in symbolsAndTimeframes]
        symbol, timeframe, candles = await self.first_of([self.listen("kline", market, interval) for market, interval in pairs])
        return {symbol: {timeframe: self.new_candles(candles, symbol, since, limit)}}

    def resolution(self, timeframe: str) -> str:
        if timeframe not in self.timeframes:
            raise errors.BadRequest(f"{self.id} no timeframe {timeframe!r}; there are {', '.join(self.timeframes)}")
        return str(self.timeframes[timeframe])

    def handle_candles(self, client: Any, message: dict[str, Any], market: Any) -> None:
        symbol, interval = market["symbol"], message["interval"]
        timeframe = self.find_timeframe(interval)
        cache = self.candle_cache(symbol, timeframe)
        bars = message["data"] if isinstance(message["data"], list) else [message["data"]]
        for bar in bars:
            cache.append(self.pure(parsing.candle, bar))
        client.resolve((symbol, timeframe, cache), f"kline:{symbol}:{interval}")

    # --- leaving --------------------------------------------------------------------------------------------------------------------

    async def forget(self, channel: str, market: Any, interval: str | None = None) -> None:
        """Unsubscribe. The venue acknowledges nothing, so the topic counts as left when the message is out."""
        message_hash, key, message = self.topic(channel, market, interval)
        await self.leave_topic(self.stream_url(), key, message_hash, message)

    async def leave_topic(self, url: str, key: str, message_hash: str, message: Params) -> None:
        client = (self.clients or {}).get(url)
        if client is None or key not in client.subscriptions:
            return
        record = client.ledger.topics.get(key)
        client.subscriptions.pop(key, None)
        if record is not None:
            client.ledger.drop(record)
        if client.state == "open":
            await client.send({"unsubscribe": message["subscribe"]})
        client.reject(errors.UnsubscribeError(f"{self.id} {key}"), message_hash)

    async def un_watch_order_book(self, symbol: str, params: Params = NONE) -> Any:
        """Leaves a book and forgets it."""
        market = self.market(symbol)
        await self.forget("depth_book", market)
        self.orderbooks.pop(market["symbol"], None)
        self._books.pop(market["id"], None)
        return True

    async def un_watch_trades(self, symbol: str, params: Params = NONE) -> Any:
        """Leaves the trades of a market and forgets them."""
        market = self.market(symbol)
        await self.forget("public_trade", market)
        self.trades.pop(market["symbol"], None)
        return True

    async def un_watch_ticker(self, symbol: str, params: Params = NONE) -> Any:
        """Leaves the price channel, which tickers, mark prices and best bids and asks share."""
        market = self.market(symbol)
        await self.forget("price", market)
        self.tickers.pop(market["symbol"], None)
        self.bidsasks.pop(market["symbol"], None)
        return True

    async def un_watch_tickers(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Leaves several price channels, all when none is named."""
        for market in await self.wanted(symbols):
            await self.un_watch_ticker(market["symbol"], params)
        return True

    async def un_watch_bids_asks(self, symbols: Any = None, params: Params = NONE) -> Any:
        """As `un_watch_tickers`: one channel carries both."""
        return await self.un_watch_tickers(symbols, params)

    async def un_watch_ohlcv(self, symbol: str, timeframe: str = "1m", params: Params = NONE) -> Any:
        """Leaves the candles of a market and forgets them."""
        market = self.market(symbol)
        await self.forget("kline", market, self.resolution(timeframe))
        self.ohlcvs.get(market["symbol"], {}).pop(timeframe, None)
        return True
