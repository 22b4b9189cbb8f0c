"""Public streams. Page: .../api/websocket/subscriptions; the fields `fast`, `nSigFigs`, `mantissa` of l2Book as the venue echoes them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.hyperliquid import parsing
from ccxt_dex.exchanges.hyperliquid.room import NONE, Params
from ccxt_dex.exchanges.hyperliquid.trading import Trading
from ccxt_dex.parts.leaving import LeavesBooks
from ccxt_dex.parts.tapes import OneOfCandles, OneOfTrades

BOOK_FIELDS = ("nSigFigs", "mantissa", "fast")


class Feeds(LeavesBooks, OneOfCandles, OneOfTrades, Trading):
    def ws_url(self) -> str:
        return str(self.urls["api"]["ws"]["public"])

    def listen(self, message_hash: str, key: str, subscription: Params) -> Any:
        """An awaitable for the next result of a topic, which is subscribed when it is not yet."""
        return self.watch(self.ws_url(), message_hash, {"method": "subscribe", "subscription": subscription}, key)

    def listen_too(self, key: str, subscription: Params) -> None:
        """Subscribe to something whose results are only a supplement to what is awaited."""
        waiting = asyncio.ensure_future(self.listen(key, key, subscription))
        waiting.add_done_callback(lambda done: done.cancelled() or done.exception())

    async def named(self, symbols: Any) -> list[Any]:
        """Markets of the symbols; all active perpetuals of the venue's own dex when none is named."""
        await self.load_markets()
        names = self.market_symbols(symbols)
        if names:
            return [self.market(name) for name in names]
        return [row for row in self.markets.values() if row["active"] and row["swap"] and not self.dex_of(row)]

    async def leave(self, key: str, *hashes: str) -> bool:
        """Leave a topic; whoever waits for it gets UnsubscribeError."""
        client = (self.clients or {}).get(self.ws_url())
        if client is None or key not in client.subscriptions:
            return True
        if hasattr(client, "unsubscribe"):
            client.unsubscribe(key)
        else:
            client.subscriptions.pop(key, None)
        for message_hash in hashes:
            client.reject(errors.UnsubscribeError(f"{self.id} {message_hash}"), message_hash)
        return True

    # --- books ----------------------------------------------------------------------------------------------------------------------

    def book_topic(self, market: Any, params: Params) -> Params:
        """The subscription of a book: fast (5 levels, every 0.5 s) unless switched off; grouped levels only come slowly."""
        fields = {name: params[name] for name in BOOK_FIELDS if params.get(name) is not None}
        if "fast" not in fields and self.options.get("fastBook", True) and not fields:
            fields["fast"] = True
        return {"type": "l2Book", "coin": self.coin(market), **fields}

    def book_waiting(self, market: Any, params: Params) -> Any:
        key = f"orderbook:{market['symbol']}"
        return self.listen(key, key, self.book_topic(market, params))

    async def watch_order_book(self, symbol: str, limit: int | None = None, params: Params = NONE) -> Any:
        """The book, a complete snapshot in every frame: 5 levels every 0.5 s; with params {"fast": False} 20 levels every 5 s.

        :param params: fast, nSigFigs (2 to 5), mantissa; the first call of a market decides
        """
        await self.load_markets()
        book = await self.book_waiting(self.market(symbol), params)
        return book.limit()

    async def watch_order_book_for_symbols(self, symbols: list[str], limit: int | None = None, params: Params = NONE) -> Any:
        """The next book of any of the symbols."""
        markets = await self.named(symbols)
        return (await self.first_of([self.book_waiting(market, params) for market in markets])).limit()

    def handle_order_book(self, client: Any, message: Any) -> None:
        data = message["data"]
        market = self.coin_market(data["coin"])
        if market is None:
            return
        symbol = market["symbol"]
        key = f"orderbook:{symbol}"
        if key not in client.subscriptions:
            return  # frames may follow an unsubscribe
        book = self.orderbooks.get(symbol)
        if book is None:
            book = self.orderbooks[symbol] = self.order_book({})
        bids, asks = (parsing.book_levels(rows) for rows in data["levels"])
        stamp = data["time"]
        if getattr(book, "stale", None) is None and book["timestamp"] is not None and stamp < book["timestamp"]:
            return  # an older snapshot than the one we have
        if hasattr(book, "snapshot"):
            book.snapshot(bids, asks, stamp, None, symbol)
        else:
            book.reset({"symbol": symbol, "bids": bids, "asks": asks, "timestamp": stamp, "datetime": self.iso8601(stamp), "nonce": None})
        if bids and asks and bids[0][0] >= asks[0][0] and hasattr(book, "lose"):
            book.lose(client.asyncio_loop.time())
            return
        client.resolve(book, key)

    async def un_watch_order_book(self, symbol: str, params: Params = NONE) -> Any:
        """Leave a book and forget it."""
        await self.load_markets()
        name = self.market(symbol)["symbol"]
        await self.leave(f"orderbook:{name}", f"orderbook:{name}")
        self.orderbooks.pop(name, None)
        return True

    # --- prices ---------------------------------------------------------------------------------------------------------------------

    def touch_waiting(self, market: Any) -> Any:
        key = f"bidask:{market['symbol']}"
        return self.listen(key, key, {"type": "bbo", "coin": self.coin(market)})

    async def watch_bids_asks(self, symbols: Any = None, params: Params = NONE) -> Any:
        """The next change of a best bid or ask, as {symbol: ticker}; with every block that changes it."""
        ticker = await self.first_of([self.touch_waiting(market) for market in await self.named(symbols)])
        return {ticker["symbol"]: ticker}

    def handle_touch(self, client: Any, message: Any) -> None:
        data = message["data"]
        market = self.coin_market(data["coin"])
        if market is None:
            return
        levels = [[] if row is None else parsing.book_levels([row]) for row in data["bbo"]]
        book = {"bids": levels[0], "asks": levels[1], "timestamp": data["time"], "datetime": self.iso8601(data["time"])}
        ticker = self.touch_ticker(market, book)
        ticker["info"] = data
        self.bidsasks[market["symbol"]] = ticker
        client.resolve(ticker, f"bidask:{market['symbol']}")

    async def un_watch_bids_asks(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Leave the best bids and asks of markets."""
        for market in await self.named(symbols):
            await self.leave(f"bidask:{market['symbol']}", f"bidask:{market['symbol']}")
            self.bidsasks.pop(market["symbol"], None)
        return True

    def context_waiting(self, market: Any, message_hash: str = "ticker") -> Any:
        name = market["symbol"]
        return self.listen(f"{message_hash}:{name}", f"ticker:{name}", {"type": "activeAssetCtx", "coin": self.coin(market)})

    async def watch_ticker(self, symbol: str, params: Params = NONE) -> Any:
        """Middle, mark and index price and volumes with every block; best bid and ask from the bbo stream, which is subscribed along."""
        await self.load_markets()
        market = self.market(symbol)
        waiting = self.context_waiting(market)
        self.listen_too(f"bidask:{market['symbol']}", {"type": "bbo", "coin": self.coin(market)})
        return await waiting

    async def watch_tickers(self, symbols: Any = None, params: Params = NONE) -> Any:
        """The next ticker of any of the symbols, as {symbol: ticker}; without symbols the middle prices of all markets (allMids)."""
        await self.load_markets()
        if symbols:
            ticker = await self.first_of([self.context_waiting(market) for market in await self.named(symbols)])
            return {ticker["symbol"]: ticker}
        dexes = self.dexes() if params.get("dex") is None else [str(params["dex"])]
        return await self.first_of(
            [self.listen(f"tickers:{dex}", f"tickers:{dex}", {"type": "allMids", **self.dex_fields(dex)}) for dex in dexes]
        )

    async def watch_mark_price(self, symbol: str, params: Params = NONE) -> Any:
        """The ticker with mark and index price."""
        await self.load_markets()
        return await self.context_waiting(self.market(symbol))

    async def watch_mark_prices(self, symbols: Any = None, params: Params = NONE) -> Any:
        """The next ticker with mark and index price, as {symbol: ticker}."""
        ticker = await self.first_of([self.context_waiting(market) for market in await self.named(symbols)])
        return {ticker["symbol"]: ticker}

    async def watch_funding_rate(self, symbol: str, params: Params = NONE) -> Any:
        """The running funding rate of a perpetual."""
        market = await self.swap_market(symbol, "watchFundingRate")
        return await self.context_waiting(market, "fundingRate")

    async def watch_funding_rates(self, symbols: Any = None, params: Params = NONE) -> Any:
        """The next running funding rate of any of the symbols, as {symbol: rate}."""
        rate = await self.first_of([self.context_waiting(market, "fundingRate") for market in await self.named(symbols)])
        return {rate["symbol"]: rate}

    def handle_active_asset_ctx(self, client: Any, message: Any) -> None:
        data = message["data"]
        market = self.coin_market(data["coin"])
        if market is None:
            return
        symbol, context = market["symbol"], data["ctx"]
        ticker = self.parse_ticker(context, market)
        touch = self.bidsasks.get(symbol) or {}
        for name in ("bid", "bidVolume", "ask", "askVolume"):
            ticker[name] = touch.get(name)
        self.tickers[symbol] = ticker
        client.resolve(ticker, f"ticker:{symbol}")
        if "funding" in context:
            client.resolve(self.parse_funding_rate({**context, "name": data["coin"]}, market), f"fundingRate:{symbol}")

    def handle_ws_tickers(self, client: Any, message: Any) -> None:
        """allMids: the middle price is the only thing it says; markets that are not loaded are left out."""
        data, found = message["data"], {}
        for coin, middle in data["mids"].items():
            market = self.coin_market(coin)
            if market is not None:
                ticker = self.parse_ticker({"midPx": middle}, market)
                found[market["symbol"]] = self.tickers[market["symbol"]] = ticker
        client.resolve(found, f"tickers:{data.get('dex') or ''}")

    async def un_watch_ticker(self, symbol: str, params: Params = NONE) -> Any:
        """Leave the context of a market: ticker, mark price and funding rate end together."""
        await self.load_markets()
        name = self.market(symbol)["symbol"]
        await self.leave(f"ticker:{name}", f"ticker:{name}", f"fundingRate:{name}")
        self.tickers.pop(name, None)
        return True

    async def un_watch_tickers(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Leave tickers of markets, or the middle prices of all."""
        if not symbols:
            for dex in self.dexes():
                await self.leave(f"tickers:{dex}", f"tickers:{dex}")
            self.tickers.clear()
            return True
        for market in await self.named(symbols):
            await self.un_watch_ticker(market["symbol"], params)
        return True

    async def un_watch_mark_price(self, symbol: str, params: Params = NONE) -> Any:
        """As `un_watch_ticker`."""
        return await self.un_watch_ticker(symbol, params)

    async def un_watch_mark_prices(self, symbols: Any = None, params: Params = NONE) -> Any:
        """As `un_watch_ticker`, for several."""
        for market in await self.named(symbols):
            await self.un_watch_ticker(market["symbol"], params)
        return True

    # --- trades and candles -------------------------------------------------------------------------------------------------------------

    def trades_waiting(self, market: Any) -> Any:
        key = f"trade:{market['symbol']}"
        return self.listen(key, key, {"type": "trades", "coin": self.coin(market)})

    async def watch_trades_for_symbols(
        self, symbols: list[str], since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """The next trades of any of the symbols."""
        trades = await self.first_of([self.trades_waiting(market) for market in await self.named(symbols)])
        return self.new_trades(trades, since, limit)

    def handle_trades(self, client: Any, message: Any) -> None:
        for coin in dict.fromkeys(row["coin"] for row in message["data"]):
            market = self.coin_market(coin)
            if market is None:
                continue
            symbol = market["symbol"]
            cache = self.trade_cache(symbol)
            rows = [row for row in message["data"] if row["coin"] == coin]
            for row in sorted(rows, key=lambda row: (row["time"], row["tid"])):
                cache.append(self.parse_public_trade(row, market))
            client.resolve(cache, f"trade:{symbol}")

    async def un_watch_trades(self, symbol: str, params: Params = NONE) -> Any:
        """Leave the trades of a market and forget them."""
        await self.load_markets()
        name = self.market(symbol)["symbol"]
        await self.leave(f"trade:{name}", f"trade:{name}")
        self.trades.pop(name, None)
        return True

    async def watch_ohlcv_for_symbols(
        self, symbolsAndTimeframes: Iterable[Any], since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """The next candles of any of the pairs, as {symbol: {timeframe: candles}}."""
        await self.load_markets()
        waiting = []
        for symbol, timeframe in symbolsAndTimeframes:
            if timeframe not in self.timeframes:
                raise errors.BadRequest(f"{self.id} has no timeframe {timeframe}")
            market = self.market(symbol)
            key = f"candles:{timeframe}:{market['symbol']}"
            topic = {"type": "candle", "coin": self.coin(market), "interval": self.timeframes[timeframe]}
            waiting.append(self.listen(key, key, topic))
        symbol, timeframe, candles = await self.first_of(waiting)
        return {symbol: {timeframe: self.new_candles(candles, symbol, since, limit)}}

    def handle_ohlcv(self, client: Any, message: Any) -> None:
        rows = message["data"] if isinstance(message["data"], list) else [message["data"]]
        for row in rows:
            market = self.coin_market(row["s"])
            if market is None:
                continue
            timeframe = self.find_timeframe(row["i"])
            cache = self.candle_cache(market["symbol"], timeframe)
            cache.append(self.parse_ohlcv(row))
            client.resolve((market["symbol"], timeframe, cache), f"candles:{timeframe}:{market['symbol']}")

    async def un_watch_ohlcv(self, symbol: str, timeframe: str = "1m", params: Params = NONE) -> Any:
        """Leave candles and forget them."""
        await self.load_markets()
        name = self.market(symbol)["symbol"]
        await self.leave(f"candles:{timeframe}:{name}", f"candles:{timeframe}:{name}")
        self.ohlcvs.get(name, {}).pop(timeframe, None)
        return True
