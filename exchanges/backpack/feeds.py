"""Public streams. Page: docs.backpack.exchange "Streams", Public."""

from __future__ import annotations

import asyncio
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.backpack import parsing, tables
from ccxt_dex.exchanges.backpack.market_data import MarketData
from ccxt_dex.exchanges.backpack.room import NONE, Params, Row
from ccxt_dex.parts.leaving import LeavesBooks, LeavesCandles
from ccxt_dex.parts.tapes import OneOfTrades, SeveralCandles
from ccxt_dex.reading import milliseconds
from ccxt_dex.streams import Events

BOOK = "orderbook:"
LIQUIDATIONS = "liquidations"
# seconds between two looks whether a subscription has gone out
LOOK = 0.02


class Feeds(LeavesBooks, LeavesCandles, OneOfTrades, SeveralCandles, MarketData):
    """Part of the room."""

    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._loading: set[str] = set()

    def ws_url(self) -> str:
        return str(self.urls["api"]["ws"]["public"])

    def listen(self, message_hash: str, stream: str, key: str | None = None) -> Any:
        """An awaitable for the next result of a stream, which is subscribed when it is not yet."""
        return self.watch(self.ws_url(), message_hash, {"method": "SUBSCRIBE", "params": [stream]}, key or message_hash)

    async def markets_of(self, symbols: Any) -> list[Any]:
        """The named markets, all open perpetuals when none is named."""
        await self.load_markets()
        if symbols:
            return [self._venue_market(symbol) for symbol in symbols]
        return [market for market in self.markets.values() if market["swap"] and market["active"]]

    def _venue_market(self, symbol: str) -> Any:
        if self.is_rfq(symbol):
            raise errors.NotSupported(f"{self.id} {symbol} is a market of requests for quotes: it has no streams here")
        return self.market(symbol)

    def leave(self, key: str) -> None:
        """Unsubscribe without waiting: the venue acknowledges nothing."""
        client = (self.clients or {}).get(self.ws_url())
        if client is not None and key in client.subscriptions:
            client.unsubscribe(key)

    def market_of(self, market_id: Any) -> Any:
        rows = (self.markets_by_id or {}).get(market_id)
        return rows[0] if rows else None

    # --- books ------------------------------------------------------------------------------------------------------------------------

    def _book(self, market: Any) -> Any:
        key = f"{BOOK}{market['symbol']}"
        waiting = self.listen(key, f"depth.{market['id']}")
        client = (self.clients or {}).get(self.ws_url())
        if client is not None and key in client.subscriptions:
            book = self.orderbooks.get(market["symbol"])
            if book is None or book.stale is not None:
                self.renew_book(client, key)
        return waiting

    async def watch_order_book(self, symbol: str, limit: int | None = None, params: Params = NONE) -> Any:
        """The book: a snapshot of 1000 levels by REST, and every change since, without a gap."""
        (market,) = await self.markets_of([symbol])
        return (await self._book(market)).limit()

    async def watch_order_book_for_symbols(self, symbols: list[str], limit: int | None = None, params: Params = NONE) -> Any:
        """The next book of any of the symbols."""
        return (await self.first_of([self._book(market) for market in await self.markets_of(symbols)])).limit()

    def renew_book(self, client: Any, key: str) -> None:
        """Fetch the snapshot of a book once its subscription is out; the changes that come meanwhile wait for it."""
        symbol = key.removeprefix(BOOK)
        if key == symbol or symbol in self._loading:
            return
        if self.orderbooks.get(symbol) is None:
            self.orderbooks[symbol] = self.order_book({})
        self._loading.add(symbol)
        self.spawn(self._load, client, key, symbol)

    async def _load(self, client: Any, key: str, symbol: str) -> None:
        try:
            while not self._sent(client, key):
                if key not in client.subscriptions:
                    return
                await asyncio.sleep(LOOK)
            await self.load_order_book(client, key, symbol, tables.DEPTHS[-1])
        finally:
            self._loading.discard(symbol)

    def _sent(self, client: Any, key: str) -> bool:
        record = client.ledger.topics.get(key)
        return record is not None and client.state == "open" and record.generation == client.ledger.generation

    def handle_order_book(self, client: Any, message: Any) -> None:
        """Each change says the numbers of its first and last event, `U` and `u`; without the one before it, it is worth nothing."""
        data = message["data"]
        market = self.market_of(data.get("s"))
        key = None if market is None else f"{BOOK}{market['symbol']}"
        if market is None or key is None or key not in client.subscriptions:
            return
        symbol = market["symbol"]
        book = self.orderbooks.get(symbol)
        if book is None:
            book = self.orderbooks[symbol] = self.order_book({})
        first, last = int(data["U"]), int(data["u"])
        if book.stale is None and book["nonce"] is not None:
            if last <= book["nonce"]:
                return
            if first == book["nonce"] + 1:
                self.handle_book_delta(book, data)
                client.resolve(book, key)
                return
            book.lose(client.asyncio_loop.time())
        if book.cache and first != int(book.cache[-1]["u"]) + 1:
            book.cache.clear()
        book.cache.append(data)
        self.renew_book(client, key)

    def handle_book_delta(self, orderbook: Any, delta: Any) -> None:
        """Quantities replace those of their level, "0" deletes it."""
        orderbook["bids"].apply(delta["b"])
        orderbook["asks"].apply(delta["a"])
        orderbook.touch(parsing.micros(delta.get("T", delta.get("E"))), int(delta["u"]))

    def get_cache_index(self, orderbook: Any, deltas: Any) -> int:
        """The first waiting change that the snapshot lacks; -1 when the snapshot is older than the changes reach back."""
        nonce = orderbook["nonce"]
        if deltas and int(deltas[0]["U"]) > nonce + 1:
            return -1
        return next((at for at, delta in enumerate(deltas) if int(delta["u"]) > nonce), len(deltas))

    async def un_watch_order_book(self, symbol: str, params: Params = NONE) -> Any:
        """Leave a book and forget it."""
        (market,) = await self.markets_of([symbol])
        self.leave(f"{BOOK}{market['symbol']}")
        self.orderbooks.pop(market["symbol"], None)
        return True

    # --- tickers ----------------------------------------------------------------------------------------------------------------------

    async def watch_ticker(self, symbol: str, params: Params = NONE) -> Any:
        """24-hour statistics, once a second."""
        (market,) = await self.markets_of([symbol])
        return await self.listen(f"ticker:{market['symbol']}", f"ticker.{market['id']}")

    async def watch_tickers(self, symbols: Any = None, params: Params = NONE) -> Any:
        """The next ticker of any of the symbols; of all open perpetuals when none is named."""
        waiting = [self.listen(f"ticker:{market['symbol']}", f"ticker.{market['id']}") for market in await self.markets_of(symbols)]
        ticker = await self.first_of(waiting)
        return {ticker["symbol"]: ticker}

    def handle_ticker(self, client: Any, message: Any) -> None:
        data = message["data"]
        market = self.market_of(data.get("s"))
        if market is None:
            return
        at = parsing.micros(data.get("E"))
        row = {"symbol": market["symbol"], "timestamp": at, "datetime": self.iso8601(at), "info": data}
        row |= {"open": data.get("o"), "high": data.get("h"), "low": data.get("l"), "last": data.get("c"), "close": data.get("c")}
        row |= {"baseVolume": data.get("v"), "quoteVolume": data.get("V")}
        self.tickers[market["symbol"]] = ticker = self.safe_ticker(row, market)
        client.resolve(ticker, f"ticker:{market['symbol']}")

    async def un_watch_ticker(self, symbol: str, params: Params = NONE) -> Any:
        return await self.un_watch_tickers([symbol], params)

    async def un_watch_tickers(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Leave tickers and forget them."""
        for market in await self.markets_of(symbols):
            self.leave(f"ticker:{market['symbol']}")
            self.tickers.pop(market["symbol"], None)
        return True

    async def watch_bids_asks(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Best bid and ask, whenever they change."""
        waiting = [self.listen(f"bidask:{market['symbol']}", f"bookTicker.{market['id']}") for market in await self.markets_of(symbols)]
        ticker = await self.first_of(waiting)
        return {ticker["symbol"]: ticker}

    def handle_bid_ask(self, client: Any, message: Any) -> None:
        data = message["data"]
        market = self.market_of(data.get("s"))
        if market is None:
            return
        known = self.bidsasks.get(market["symbol"])
        if known is not None and int(known["info"].get("u") or 0) > int(data.get("u") or 0):
            return
        at = parsing.micros(data.get("T", data.get("E")))
        row = {"symbol": market["symbol"], "timestamp": at, "datetime": self.iso8601(at), "info": data}
        row |= {"bid": data.get("b"), "bidVolume": data.get("B"), "ask": data.get("a"), "askVolume": data.get("A")}
        self.bidsasks[market["symbol"]] = ticker = self.safe_ticker(row, market)
        client.resolve(ticker, f"bidask:{market['symbol']}")

    async def un_watch_bids_asks(self, symbols: Any = None, params: Params = NONE) -> Any:
        for market in await self.markets_of(symbols):
            self.leave(f"bidask:{market['symbol']}")
            self.bidsasks.pop(market["symbol"], None)
        return True

    # --- mark prices and funding --------------------------------------------------------------------------------------------------------

    def _mark(self, message_hash: str, market: Any) -> Any:
        """Mark price and funding rate come over one stream."""
        return self.listen(f"{message_hash}:{market['symbol']}", f"markPrice.{market['id']}", f"mark:{market['symbol']}")

    async def watch_mark_price(self, symbol: str, params: Params = NONE) -> Any:
        """Mark and index price of a perpetual."""
        (market,) = await self.markets_of([symbol])
        return await self._mark("markPrice", market)

    async def watch_mark_prices(self, symbols: Any = None, params: Params = NONE) -> Any:
        """The next mark price of any of the symbols; of all open perpetuals when none is named."""
        ticker = await self.first_of([self._mark("markPrice", market) for market in await self.markets_of(symbols)])
        return {ticker["symbol"]: ticker}

    async def watch_funding_rate(self, symbol: str, params: Params = NONE) -> Any:
        """The running funding rate of a perpetual."""
        (market,) = await self.markets_of([symbol])
        return await self._mark("fundingRate", market)

    async def watch_funding_rates(self, symbols: Any = None, params: Params = NONE) -> Any:
        """The next funding rate of any of the symbols; of all open perpetuals when none is named."""
        rate = await self.first_of([self._mark("fundingRate", market) for market in await self.markets_of(symbols)])
        return {rate["symbol"]: rate}

    def handle_mark_price(self, client: Any, message: Any) -> None:
        data = message["data"]
        market = self.market_of(data.get("s"))
        if market is None:
            return
        symbol, at = market["symbol"], parsing.micros(data.get("T", data.get("E")))
        row = {"symbol": data.get("s"), "markPrice": data.get("p"), "indexPrice": data.get("i"), "fundingRate": data.get("f")}
        row["nextFundingTimestamp"] = data.get("n")
        stamps = {"timestamp": at, "datetime": self.iso8601(at)}
        client.resolve({**self.mark_ticker(row, market), **stamps, "info": data}, f"markPrice:{symbol}")
        if data.get("f") is not None:
            self.fundingRates[symbol] = rate = {**self.parse_funding_rate(row, market), **stamps, "info": data}
            client.resolve(rate, f"fundingRate:{symbol}")

    # --- trades -----------------------------------------------------------------------------------------------------------------------

    async def watch_trades_for_symbols(
        self, symbols: list[str], since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """The next trades of any of the symbols, taker side."""
        markets = await self.markets_of(symbols)
        trades = await self.first_of([self.listen(f"trade:{market['symbol']}", f"trade.{market['id']}") for market in markets])
        return self.new_trades(trades, since, limit)

    def handle_trades(self, client: Any, message: Any) -> None:
        """`m`: the buyer was the maker."""
        data = message["data"]
        market = self.market_of(data.get("s"))
        if market is None or f"trade:{market['symbol']}" not in client.subscriptions:
            return
        symbol = market["symbol"]
        cache = self.trade_cache(symbol)
        number = str(data.get("t"))
        if any(known["id"] == number for known in reversed(cache[-50:])):
            return
        at = parsing.micros(data.get("T", data.get("E")))
        row = {"id": number, "symbol": symbol, "side": "sell" if data.get("m") else "buy", "takerOrMaker": "taker", "info": data}
        row |= {"order": None, "type": None, "fee": None, "cost": None}
        row |= {"price": data.get("p"), "amount": data.get("q"), "timestamp": at, "datetime": self.iso8601(at)}
        cache.append(self.safe_trade(row, market))
        client.resolve(cache, f"trade:{symbol}")

    async def un_watch_trades(self, symbol: str, params: Params = NONE) -> Any:
        """Leave the trades of a market and forget them."""
        return await self.un_watch_trades_for_symbols([symbol], params)

    async def un_watch_trades_for_symbols(self, symbols: list[str], params: Params = NONE) -> Any:
        for market in await self.markets_of(symbols):
            self.leave(f"trade:{market['symbol']}")
            self.trades.pop(market["symbol"], None)
        return True

    async def watch_liquidations(self, symbol: str, since: int | None = None, limit: int | None = None, params: Params = NONE) -> Any:
        """Liquidations of one market; the venue's stream carries all markets."""
        (market,) = await self.markets_of([symbol])
        found = await self.listen(f"{LIQUIDATIONS}:{market['symbol']}", "liquidation", LIQUIDATIONS)
        return self.filter_by_since_limit(found, since, limit, "timestamp", True)

    def handle_liquidation(self, client: Any, message: Any) -> None:
        data = message["data"]
        market = self.market_of(data.get("s"))
        if market is None:
            return
        at = parsing.micros(data.get("E"))
        row = {"symbol": market["symbol"], "contracts": self.safe_number(data, "q"), "price": self.safe_number(data, "p"), "info": data}
        row |= {"side": tables.UNIFIED_SIDES.get(str(data.get("S"))), "timestamp": at, "datetime": self.iso8601(at), "contractSize": 1.0}
        client.resolve(Events([self.safe_liquidation(row, market)]), f"{LIQUIDATIONS}:{market['symbol']}")

    # --- candles ----------------------------------------------------------------------------------------------------------------------

    def _candles(self, market: Any, timeframe: str) -> tuple[str, str]:
        if timeframe not in self.timeframes:
            raise errors.BadRequest(f"{self.id} has no candles of {timeframe}")
        return f"candles:{timeframe}:{market['symbol']}", f"kline.{self.timeframes[timeframe]}.{market['id']}"

    async def watch_ohlcv(
        self, symbol: str, timeframe: str = "1m", since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """The running candle, with the time at which it began."""
        (market,) = await self.markets_of([symbol])
        candles = await self.listen(*self._candles(market, timeframe))
        return self.new_candles(candles, market["symbol"], since, limit)

    def handle_ohlcv(self, client: Any, message: Any) -> None:
        """`t` is when the candle began, `T` when it ends."""
        data = message["data"]
        market = self.market_of(data.get("s"))
        parts = str(message.get("stream")).split(".")
        timeframe = self.find_timeframe(parts[1]) if len(parts) > 2 else None
        if market is None or timeframe is None:
            return
        key = self._candles(market, timeframe)[0]
        if key not in client.subscriptions:
            return
        cache = self.candle_cache(market["symbol"], timeframe)
        cache.append([self.pure(milliseconds, data.get("t")), *(self.safe_number(data, name) for name in "ohlcv")])
        client.resolve(cache, key)

    async def un_watch_ohlcv(self, symbol: str, timeframe: str = "1m", params: Params = NONE) -> Any:
        """Leave the candles of a market and forget them."""
        (market,) = await self.markets_of([symbol])
        self.leave(self._candles(market, timeframe)[0])
        (self.ohlcvs.get(market["symbol"]) or {}).pop(timeframe, None)
        return True

    # --- errors -----------------------------------------------------------------------------------------------------------------------

    def handle_socket_error(self, client: Any, message: Row) -> None:
        """`{"id": null, "error": {"code": 4006, "message": "Invalid stream"}}`: it names no stream, so it is about one that has not spoken."""
        error = message.get("error") or {}
        text = str(error.get("message") if isinstance(error, dict) else error)
        kind = errors.AuthenticationError if "signature" in text.lower() or "auth" in text.lower() else errors.ExchangeError
        client.reject(kind(f"{self.id} {error.get('code') if isinstance(error, dict) else ''} {text}"))
