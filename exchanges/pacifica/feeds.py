"""Public streams. Pages: docs.pacifica.fi "Subscriptions"."""

from __future__ import annotations

from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.pacifica.market_data import MarketData
from ccxt_dex.exchanges.pacifica.room import NONE, Params
from ccxt_dex.parts.leaving import LeavesBooks, LeavesTrades
from ccxt_dex.parts.tapes import OneOfTrades, SeveralCandles

PRICES = "prices"


class Feeds(LeavesBooks, LeavesTrades, OneOfTrades, SeveralCandles, MarketData):
    """Part of the room."""

    def ws_url(self) -> str:
        return str(self.urls["api"]["ws"]["public"])

    def listen(self, message_hash: str, about: Params, key: str | None = None) -> Any:
        """An awaitable for the next result of a topic, which is subscribed when it is not yet."""
        return self.watch(self.ws_url(), message_hash, {"method": "subscribe", "params": about}, key or message_hash)

    async def markets_of(self, symbols: Any) -> list[Any]:
        await self.load_markets()
        return [self.market(symbol) for symbol in symbols or []]

    def leave(self, key: str) -> None:
        """Unsubscribe without waiting: the acknowledgement names no request."""
        client = (self.clients or {}).get(self.ws_url())
        if client is not None and key in client.subscriptions:
            client.unsubscribe(key)

    def market_of(self, market_id: Any) -> Any:
        rows = (self.markets_by_id or {}).get(market_id)
        return rows[0] if rows else None

    # --- books ------------------------------------------------------------------------------------------------------------------------

    def _book_topic(self, market: Any, params: Params) -> tuple[str, Params]:
        level = int(params.get("aggLevel") or params.get("agg_level") or 1)
        return f"orderbook:{market['symbol']}", {"source": "book", "symbol": market["id"], "agg_level": level}

    async def watch_order_book(self, symbol: str, limit: int | None = None, params: Params = NONE) -> Any:
        """The book, ten times a second; every frame is a complete snapshot. params['aggLevel'] groups prices."""
        (market,) = await self.markets_of([symbol])
        return (await self.listen(*self._book_topic(market, params))).limit()

    async def watch_order_book_for_symbols(self, symbols: list[str], limit: int | None = None, params: Params = NONE) -> Any:
        """The next book of any of the symbols."""
        waiting = [self.listen(*self._book_topic(market, params)) for market in await self.markets_of(symbols)]
        return (await self.first_of(waiting)).limit()

    def handle_order_book(self, client: Any, message: Any) -> None:
        """`li` counts events of the whole exchange: a lower one is an older frame, a gap says nothing."""
        data = message["data"]
        market = self.market_of(data.get("s"))
        if market is None or f"orderbook:{market['symbol']}" not in client.subscriptions:
            return
        symbol = market["symbol"]
        book = self.orderbooks.get(symbol)
        if book is None:
            book = self.orderbooks[symbol] = self.order_book({})
        nonce, at = data.get("li"), data.get("t")
        if book.stale is None and _older(nonce, at, book):
            return
        bids, asks = data["l"]
        sides = ([(row["p"], row["a"]) for row in side] for side in (bids, asks))
        book.snapshot(*sides, at, nonce, symbol)
        if book["bids"] and book["asks"] and book["bids"][0][0] >= book["asks"][0][0]:
            book.lose(client.asyncio_loop.time())
            return
        client.resolve(book, f"orderbook:{symbol}")

    async def un_watch_order_book(self, symbol: str, params: Params = NONE) -> Any:
        """Leave a book and forget it."""
        (market,) = await self.markets_of([symbol])
        self.leave(f"orderbook:{market['symbol']}")
        self.orderbooks.pop(market["symbol"], None)
        return True

    # --- prices -----------------------------------------------------------------------------------------------------------------------

    async def watch_ticker(self, symbol: str, params: Params = NONE) -> Any:
        """Middle, mark and oracle price, volume; the channel has neither last trade nor touch."""
        (market,) = await self.markets_of([symbol])
        return await self.listen(f"ticker:{market['symbol']}", {"source": "prices"}, PRICES)

    async def watch_tickers(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Tickers of the named markets, of all when none is named; one channel carries them all."""
        await self.load_markets()
        names = self.market_symbols(symbols)
        while True:
            found = await self.listen("tickers", {"source": "prices"}, PRICES)
            wanted = {symbol: ticker for symbol, ticker in found.items() if not names or symbol in names}
            if wanted:
                return wanted

    async def watch_mark_price(self, symbol: str, params: Params = NONE) -> Any:
        """As `watch_ticker`."""
        return await self.watch_ticker(symbol, params)

    async def watch_mark_prices(self, symbols: Any = None, params: Params = NONE) -> Any:
        """As `watch_tickers`."""
        return await self.watch_tickers(symbols, params)

    async def watch_funding_rate(self, symbol: str, params: Params = NONE) -> Any:
        """The running funding rate of one market."""
        (market,) = await self.markets_of([symbol])
        return await self.listen(f"fundingRate:{market['symbol']}", {"source": "prices"}, PRICES)

    async def watch_funding_rates(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Running funding rates of the named markets, of all when none is named."""
        await self.load_markets()
        names = self.market_symbols(symbols)
        found = await self.listen("fundingRates", {"source": "prices"}, PRICES)
        return {symbol: rate for symbol, rate in found.items() if not names or symbol in names}

    def handle_prices(self, client: Any, message: Any) -> None:
        tickers, rates = {}, {}
        for row in message.get("data") or []:
            market = self.market_of(row.get("symbol"))
            if market is None:
                continue
            symbol = market["symbol"]
            tickers[symbol] = self.tickers[symbol] = self.parse_ticker(row, market)
            client.resolve(tickers[symbol], f"ticker:{symbol}")
            if market["swap"] and row.get("funding") is not None:
                rates[symbol] = self.fundingRates[symbol] = self.parse_funding_rate(row, market)
                client.resolve(rates[symbol], f"fundingRate:{symbol}")
        if tickers:
            client.resolve(tickers, "tickers")
        if rates:
            client.resolve(rates, "fundingRates")

    async def un_watch_ticker(self, symbol: str, params: Params = NONE) -> Any:
        """Leave the price channel, which all tickers, mark prices and funding rates share."""
        return await self.un_watch_tickers([symbol], params)

    async def un_watch_tickers(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Leave the price channel, which all tickers, mark prices and funding rates share."""
        self.leave(PRICES)
        self.tickers.clear()
        return True

    async def watch_bids_asks(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Best bid and ask, whenever they change.

        :raises ArgumentsRequired: no symbols: the venue has one channel per market
        """
        markets = await self.markets_of(symbols)
        waiting = [self.listen(f"bidask:{market['symbol']}", {"source": "bbo", "symbol": market["id"]}) for market in markets]
        ticker = await self.first_of(waiting)
        return {ticker["symbol"]: ticker}

    def handle_bbo(self, client: Any, message: Any) -> None:
        data = message["data"]
        market = self.market_of(data.get("s"))
        if market is None:
            return
        known = self.bidsasks.get(market["symbol"])
        if known is not None and int(data.get("t") or 0) < int(known["timestamp"] or 0):
            return
        at = data.get("t")
        row = {"symbol": market["symbol"], "timestamp": at, "datetime": self.iso8601(at), "info": data}
        row |= {"bid": data.get("b"), "bidVolume": data.get("B"), "ask": data.get("a"), "askVolume": data.get("A")}
        self.bidsasks[market["symbol"]] = ticker = self.safe_ticker(row, market)
        client.resolve(ticker, f"bidask:{market['symbol']}")

    async def un_watch_bids_asks(self, symbols: Any = None, params: Params = NONE) -> Any:
        for market in await self.markets_of(symbols):
            self.leave(f"bidask:{market['symbol']}")
            self.bidsasks.pop(market["symbol"], None)
        return True

    # --- trades -----------------------------------------------------------------------------------------------------------------------

    async def watch_trades_for_symbols(
        self, symbols: list[str], since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """The next trades of any of the symbols, taker side."""
        markets = await self.markets_of(symbols)
        waiting = [self.listen(f"trade:{market['symbol']}", {"source": "trades", "symbol": market["id"]}) for market in markets]
        trades = await self.first_of(waiting)
        return self.new_trades(trades, since, limit)

    def handle_trades(self, client: Any, message: Any) -> None:
        """The history id `h` tells a frame that came twice; rows may be of several markets."""
        changed, held = {}, {}
        rows = message.get("data") or []
        for row in rows:
            market = self.market_of(row.get("s"))
            if market is None or f"trade:{market['symbol']}" not in client.subscriptions:
                continue
            symbol = market["symbol"]
            cache = self.trade_cache(symbol)
            if symbol not in held:
                held[symbol] = {known["id"] for known in cache[-(len(rows) + 50) :]}
            trade = self.parse_ws_trade(row, market)
            if trade["id"] is not None and trade["id"] in held[symbol]:
                continue
            held[symbol].add(trade["id"])
            cache.append(trade)
            changed[symbol] = cache
        for symbol, cache in changed.items():
            client.resolve(cache, f"trade:{symbol}")

    async def un_watch_trades(self, symbol: str, params: Params = NONE) -> Any:
        """Leave the trades of a market and forget them."""
        (market,) = await self.markets_of([symbol])
        self.leave(f"trade:{market['symbol']}")
        self.trades.pop(market["symbol"], None)
        return True

    # --- candles ----------------------------------------------------------------------------------------------------------------------

    def _candle_topic(self, market: Any, timeframe: str, params: Params) -> tuple[str, Params]:
        if timeframe not in self.timeframes:
            raise errors.BadRequest(f"{self.id} has no candles of {timeframe}")
        mark = str(params.get("price", "")).lower() == "mark"
        source = "mark_price_candle" if mark else "candle"
        about = {"source": source, "symbol": market["id"], "interval": self.timeframes[timeframe]}
        return f"{source}:{timeframe}:{market['symbol']}", about

    async def watch_ohlcv(
        self, symbol: str, timeframe: str = "1m", since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """The running candle; params['price'] = "mark" for the mark price's."""
        (market,) = await self.markets_of([symbol])
        candles = await self.listen(*self._candle_topic(market, timeframe, params))
        return self.new_candles(candles, market["symbol"], since, limit)

    def handle_ohlcv(self, client: Any, message: Any) -> None:
        data, source = message["data"], message["channel"]
        market = self.market_of(data.get("s"))
        timeframe = self.find_timeframe(data.get("i"))
        if market is None or timeframe is None:
            return
        symbol = market["symbol"]
        message_hash = f"{source}:{timeframe}:{symbol}"
        if message_hash not in client.subscriptions:
            return
        cache = self.candle_cache(symbol if source == "candle" else f"{symbol}:mark", timeframe)
        cache.append(self.parse_ohlcv(data, market))
        client.resolve(cache, message_hash)

    async def un_watch_ohlcv(self, symbol: str, timeframe: str = "1m", params: Params = NONE) -> Any:
        """Leave the candles of a market and forget them."""
        (market,) = await self.markets_of([symbol])
        self.leave(self._candle_topic(market, timeframe, params)[0])
        self.ohlcvs.get(market["symbol"], {}).pop(timeframe, None)
        return True


def _older(nonce: Any, at: Any, book: Any) -> bool:
    if nonce is not None and book["nonce"] is not None:
        return bool(nonce < book["nonce"])
    return bool(at is not None and book["timestamp"] is not None and at < book["timestamp"])
