"""Public streams: books, best prices and tickers, prices, funding, trades, candles. How topics reach us is in links.py."""

from __future__ import annotations

import time
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.extended import parsing, tables
from ccxt_dex.exchanges.extended.links import Links
from ccxt_dex.exchanges.extended.room import NONE, Params
from ccxt_dex.parts.tapes import OneOfTrades
from ccxt_dex.streams import Events

STATS_SECONDS = 30.0
LIQUIDATIONS = ("LIQUIDATION", "DELEVERAGE")


class Feeds(OneOfTrades, Links):
    """Part of the room."""

    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._stats_read: dict[str, float] = {}

    def known_market(self, market_id: Any) -> Any:
        """A market by the venue's name, None for one that is not loaded."""
        rows = (self.markets_by_id or {}).get(str(market_id))
        return rows[0] if rows else None

    # --- books ------------------------------------------------------------------------------------------------------------------------

    async def watch_order_book(self, symbol: str, limit: int | None = None, params: Params = NONE) -> Any:
        """The whole book, as snapshot and deltas."""
        return await self.watch_order_book_for_symbols([symbol], limit, params)

    async def watch_order_book_for_symbols(self, symbols: list[str], limit: int | None = None, params: Params = NONE) -> Any:
        """The next change of any of several books."""
        markets = await self.named(symbols)
        book = await self.first_of([self.listen(f"/orderbooks/{row['id']}", f"orderbook:{row['symbol']}") for row in markets])
        if limit is None:
            return book.limit()
        cut = book.copy()
        cut["bids"], cut["asks"] = cut["bids"][:limit], cut["asks"][:limit]
        return cut

    def handle_book(self, client: Any, path: str, message: Params, step: bool) -> None:
        """A snapshot replaces the book, a delta follows it; anything missing means another connection, as documented."""
        if "depth=1" in path:
            self.handle_best(client, message)
            return
        data = message["data"]
        market = self.known_market(data.get("m"))
        if market is None:
            return
        symbol, stamp, seq = market["symbol"], message.get("ts"), message.get("seq")
        topic = f"orderbook:{symbol}"
        book = self.orderbooks.get(symbol)
        if str(message.get("type") or data.get("t")).endswith("SNAPSHOT"):
            if book is None:
                book = self.orderbooks[symbol] = self.order_book({})
            book.snapshot(parsing.levels(data.get("b")), parsing.levels(data.get("a")), stamp, seq, symbol)
        elif book is None or book["nonce"] is None or not step:
            client.resync(topic, f"seq {seq}")
            return
        else:
            for wire_side, side in (("b", "bids"), ("a", "asks")):
                levels = book[side]
                levels.apply(parsing.changes(data.get(wire_side), lambda price, levels=levels: _size_at(levels, price)))
            book.touch(stamp, seq)
        if book["bids"] and book["asks"] and book["bids"][0][0] >= book["asks"][0][0]:
            client.resync(topic, "crossed")
            return
        client.resolve(book, topic)

    # --- best prices and tickers ------------------------------------------------------------------------------------------------------

    def best_topics(self, markets: list[Any], name: str) -> list[Any]:
        """Best prices of some markets, or of all over one socket."""
        if not markets:
            return [self.listen("/orderbooks?depth=1", name)]
        return [self.listen(f"/orderbooks/{row['id']}?depth=1", f"{name}:{row['symbol']}") for row in markets]

    async def watch_bids_asks(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """The next change of best bid or ask of any of the symbols, of any market when none is named."""
        ticker = await self.first_of(self.best_topics(await self.named(symbols), "bidask"))
        return {ticker["symbol"]: ticker}

    async def watch_ticker(self, symbol: str, params: Params = NONE) -> Any:
        """A ticker whose best prices are streamed; the day's statistics are read again every half minute (the venue does not stream them)."""
        return next(iter((await self.watch_tickers([symbol], params)).values()))

    async def watch_tickers(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """The next ticker of any of the symbols, of any market when none is named."""
        markets = await self.named(symbols)
        names = [row["symbol"] for row in markets]
        missing = [name for name in names if name not in self._stats_read] or ([] if names or self._stats_read else [None])
        if missing:
            await self._read_stats(names)
        ticker = await self.first_of(self.best_topics(markets, "ticker"))
        return {ticker["symbol"]: ticker}

    async def _read_stats(self, names: list[str]) -> None:
        for name in names:
            self._stats_read[name] = time.monotonic()
        for name, ticker in (await self.fetch_tickers(names or None)).items():
            self._stats_read[name] = time.monotonic()
            self.tickers[name] = ticker

    def handle_best(self, client: Any, message: Params) -> None:
        data = message["data"]
        market = self.known_market(data.get("m"))
        if market is None:
            return
        symbol, stamp = market["symbol"], message.get("ts")
        bid, ask = ((data.get(side) or [{}])[0] for side in ("b", "a"))
        fields = {"bid": bid.get("p"), "bidVolume": bid.get("q"), "ask": ask.get("p"), "askVolume": ask.get("q")}
        now = {"symbol": symbol, "timestamp": stamp, "datetime": self.iso8601(stamp)}
        best = self.bidsasks[symbol] = self.safe_ticker({**fields, **now, "info": message}, market)
        client.resolve(best, f"bidask:{symbol}")
        client.resolve(best, "bidask")
        known = self.tickers.get(symbol)
        if known is None:
            return
        numbers = {name: best[name] for name in fields}
        ticker = self.tickers[symbol] = {**known, **numbers, **now}
        client.resolve(ticker, f"ticker:{symbol}")
        client.resolve(ticker, "ticker")
        if time.monotonic() - self._stats_read.get(symbol, 0.0) > STATS_SECONDS:
            self._stats_read[symbol] = time.monotonic()
            self.spawn(self._read_stats, [symbol])

    # --- mark and index prices, funding -----------------------------------------------------------------------------------------------

    async def _prices(self, kind: str, symbols: Any) -> Any:
        markets = await self.named(symbols)
        topics = [self.listen(f"/prices/{kind}/{row['id']}", f"{kind}Price:{row['symbol']}") for row in markets]
        ticker = await self.first_of(topics or [self.listen(f"/prices/{kind}", f"{kind}Price")])
        return {ticker["symbol"]: ticker}

    async def watch_mark_price(self, symbol: str, params: Params = NONE) -> Any:
        """The mark price of one market."""
        return next(iter((await self._prices("mark", [symbol])).values()))

    async def watch_mark_prices(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """The next mark price of any of the symbols, of any market when none is named."""
        return await self._prices("mark", symbols)

    async def watch_index_price(self, symbol: str, params: Params = NONE) -> Any:
        """The index price of one market."""
        return next(iter((await self._prices("index", [symbol])).values()))

    def handle_price(self, client: Any, path: str, message: Params, step: bool) -> None:
        data = message["data"]
        market = self.known_market(data.get("m"))
        if market is None:
            return
        kind = "index" if "/index" in path else "mark"
        stamp = parsing.stamp(data.get("ts")) or message.get("ts")
        fields = {"symbol": market["symbol"], "timestamp": stamp, "datetime": self.iso8601(stamp), f"{kind}Price": data.get("p")}
        ticker = self.safe_ticker({**fields, "info": message}, market)
        client.resolve(ticker, f"{kind}Price:{market['symbol']}")
        client.resolve(ticker, f"{kind}Price")

    async def watch_funding_rate(self, symbol: str, params: Params = NONE) -> Any:
        """The funding rate of one market, whenever it is applied."""
        return next(iter((await self.watch_funding_rates([symbol], params)).values()))

    async def watch_funding_rates(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """The next funding rate of any of the symbols, of any market when none is named."""
        markets = await self.named(symbols)
        topics = [self.listen(f"/funding/{row['id']}", f"fundingRate:{row['symbol']}") for row in markets]
        rate = await self.first_of(topics or [self.listen("/funding", "fundingRate")])
        return {rate["symbol"]: rate}

    def handle_funding(self, client: Any, path: str, message: Params, step: bool) -> None:
        market = self.known_market(message["data"].get("m"))
        if market is None:
            return
        rate = self.parse_ws_funding_rate(message["data"], market, message)
        rate.update(fundingTimestamp=parsing.stamp(rate["fundingTimestamp"]), interval="1h")
        self.fundingRates[market["symbol"]] = rate
        client.resolve(rate, f"fundingRate:{market['symbol']}")
        client.resolve(rate, "fundingRate")

    # --- trades and candles -----------------------------------------------------------------------------------------------------------

    async def watch_trades_for_symbols(
        self, symbols: list[str], since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """New trades of any of several markets."""
        markets = await self.named(symbols)
        trades = await self.first_of([self.listen(f"/publicTrades/{row['id']}", f"trades:{row['symbol']}") for row in markets])
        return self.new_trades(trades, since, limit)

    async def watch_liquidations(self, symbol: str, since: int | None = None, limit: int | None = None, params: Params = NONE) -> Any:
        """Liquidations and deleveragings of one market: the public trades that say so."""
        (market,) = await self.named([symbol])
        return list(await self.listen(f"/publicTrades/{market['id']}", f"liquidation:{market['symbol']}"))

    def handle_public_trades(self, client: Any, path: str, message: Params, step: bool) -> None:
        fresh: dict[str, None] = {}
        for row in message["data"]:
            market = self.known_market(row.get("m"))
            if market is None:
                continue
            symbol, trade = market["symbol"], self.parse_trade(row, market)
            cache = self.trade_cache(symbol)
            if any(known["id"] == trade["id"] for known in cache[-tables.PAGE :]):
                continue  # sent again after a lost connection
            cache.append(trade)
            fresh[symbol] = None
            if row.get("tT") in LIQUIDATIONS:
                names = {"contracts": trade["amount"], "contractSize": 1.0, "side": trade["side"], "price": trade["price"], "info": row}
                when = {"symbol": symbol, "timestamp": trade["timestamp"], "datetime": trade["datetime"]}
                client.resolve(Events([self.safe_liquidation({**names, **when})]), f"liquidation:{symbol}")
        for symbol in fresh:
            client.resolve(self.trades[symbol], f"trades:{symbol}")

    async def watch_ohlcv(
        self, symbol: str, timeframe: str = "1m", since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """Candles of one market.

        :param params: price "mark" or "index"
        """
        if timeframe not in self.timeframes:
            raise errors.BadRequest(f"{self.id} has candles of {', '.join(self.timeframes)}, not {timeframe}")
        (market,) = await self.named([symbol])
        kind = str(params.get("candleType") or tables.CANDLE_TYPES.get(str(params.get("price")), "trades"))
        candles = await self.listen(self._candle_path(market, timeframe, kind), f"ohlcv:{market['symbol']}:{timeframe}:{kind}")
        return self.new_candles(candles, market["symbol"], since, limit)

    def _candle_path(self, market: Any, timeframe: str, kind: str) -> str:
        return f"/candles/{market['id']}/{kind}?interval={self.timeframes[timeframe]}"

    def handle_candles(self, client: Any, path: str, message: Params, step: bool) -> None:
        _, _, market_id, rest = path.split("/", 3)
        kind, _, interval = rest.partition("?interval=")
        market = self.known_market(market_id)
        timeframe = next((name for name, wire in self.timeframes.items() if wire == interval), None)
        if market is None or timeframe is None:
            return
        cache = self.candle_cache(market["symbol"], timeframe if kind == "trades" else f"{timeframe}:{kind}")
        for row in sorted(message["data"], key=lambda row: row["T"]):
            if not cache or row["T"] >= cache[-1][0]:
                cache.append(self.parse_ohlcv(row, market))
        client.resolve(cache, f"ohlcv:{market['symbol']}:{timeframe}:{kind}")

    # --- leaving ----------------------------------------------------------------------------------------------------------------------

    async def un_watch_order_book(self, symbol: str, params: Params = NONE) -> Any:
        """Leaves a book and forgets it."""
        market = self.market(symbol)
        return await self.leave(f"/orderbooks/{market['id']}", self.orderbooks.pop(market["symbol"], None))

    async def un_watch_order_book_for_symbols(self, symbols: list[str], params: Params = NONE) -> Any:
        """Leaves several books."""
        return [await self.un_watch_order_book(symbol) for symbol in symbols]

    async def un_watch_trades(self, symbol: str, params: Params = NONE) -> Any:
        """Leaves the trades of a market."""
        market = self.market(symbol)
        self.trades.pop(market["symbol"], None)
        return await self.leave(f"/publicTrades/{market['id']}")

    async def un_watch_ticker(self, symbol: str, params: Params = NONE) -> Any:
        """Leaves the best prices of a market, which tickers stand on."""
        market = self.market(symbol)
        for held in (self.tickers, self.bidsasks, self._stats_read):
            held.pop(market["symbol"], None)
        return await self.leave(f"/orderbooks/{market['id']}?depth=1")

    async def un_watch_bids_asks(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """Leaves the best prices of several markets."""
        return [await self.un_watch_ticker(symbol) for symbol in symbols or ()]

    async def un_watch_ohlcv(self, symbol: str, timeframe: str = "1m", params: Params = NONE) -> Any:
        """Leaves the candles of a market."""
        market = self.market(symbol)
        self.ohlcvs.get(market["symbol"], {}).pop(timeframe, None)
        return await self.leave(self._candle_path(market, timeframe, "trades"))

    async def un_watch_mark_price(self, symbol: str, params: Params = NONE) -> Any:
        """Leaves the mark price of a market."""
        return await self.leave(f"/prices/mark/{self.market(symbol)['id']}")

    async def un_watch_funding_rate(self, symbol: str, params: Params = NONE) -> Any:
        """Leaves the funding rate of a market."""
        return await self.leave(f"/funding/{self.market(symbol)['id']}")


def _size_at(levels: Any, price: Any) -> float:
    wanted = float(price)
    return next((float(level[1]) for level in levels if level[0] == wanted), 0.0)
