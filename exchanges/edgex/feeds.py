"""Public streams. Source: V2 documentation, WebSocket, as captured in September 2026; the rows there differ from the documented ones."""

from __future__ import annotations

import asyncio
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.edgex import parsing, tables
from ccxt_dex.exchanges.edgex.listings import Listings
from ccxt_dex.exchanges.edgex.room import NONE, Params
from ccxt_dex.parts.tapes import OneOfCandles, OneOfTrades

ALL_TICKERS = "ticker.all.1s"
ALL_FUNDING = "fundingRate.all"
ALL_BOOKS = "bookTicker.all.1s"
"""best bids and asks: the channel of a single contract sends its snapshot and then stands still (live, 2026-09)"""


def bid_ask_hash(symbol: str) -> str:
    return f"bidask:{symbol}"


class Feeds(OneOfCandles, OneOfTrades, Listings):
    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._borrowed: set[str] = set()
        self._levels: dict[str, int] = {}
        self._tickets: dict[str, dict[str, None]] = {}
        self._heard: dict[str, int] = {}

    def stream_url(self) -> str:
        return f"{self.urls['api']['ws']}{tables.PUBLIC_SOCKET}"

    def listen(self, channel: str, message_hash: str | None = None) -> Any:
        """An awaitable for the next result of a channel, which is subscribed when it is not yet."""
        self._borrowed.discard(channel)
        return self.watch(self.stream_url(), message_hash or channel, {"type": "subscribe", "channel": channel}, channel)

    async def snapshot_rows(self, channel: str) -> list[dict[str, Any]]:
        """What a channel begins with: REST has neither recent trades nor all tickers. The channel is left again, unless it is watched."""
        client = self.client(self.stream_url())
        watched = channel in client.subscriptions and channel not in self._borrowed
        if watched:
            return await self.watched_rows(channel)  # its snapshot is over
        self._borrowed.add(channel)
        message = {"type": "subscribe", "channel": channel}
        rows = await asyncio.wait_for(self.watch(self.stream_url(), f"snapshot:{channel}", message, channel), float(self.timeout) / 1000)
        if channel in self._borrowed:
            self._borrowed.discard(channel)
            client.unsubscribe(channel)
        return list(rows)

    async def watched_rows(self, channel: str) -> list[dict[str, Any]]:
        """Rows of a channel that is watched: from its caches, which are live once this connection has spoken of it."""
        client = self.client(self.stream_url())
        if client.state != "open" or self._heard.get(channel) != client.ledger.generation:
            await self.listen(channel)
        if channel.startswith("trades."):
            symbol = self.markets_by_id[channel.split(".")[1]][0]["symbol"]
            return [dict(trade["info"]) for trade in self.trades.get(symbol) or []]
        return [dict(ticker["info"]) for ticker in self.tickers.values()]

    # --- tickers ------------------------------------------------------------------------------------------------------------------------------

    async def watch_ticker(self, symbol: str, params: Params = NONE) -> Any:
        """24 h figures with best bid and ask, mark and index price, about twice a second. The venue gives them no time."""
        await self.load_markets()
        return await self.listen(f"ticker.{self.market(symbol)['id']}")

    async def watch_mark_price(self, symbol: str, params: Params = NONE) -> Any:
        """As `watch_ticker`, which carries the mark (oracle) price."""
        return await self.watch_ticker(symbol, params)

    async def watch_tickers(self, symbols: Any = None, params: Params = NONE) -> Any:
        """The next ticker of any of the symbols, as {symbol: ticker}; all markets, once a second, when none is named."""
        if not symbols:
            await self.load_markets()
            return await self.listen(ALL_TICKERS)
        ticker = await self.first_of([self.listen(f"ticker.{market['id']}") for market in await self.wanted(symbols)])
        return {ticker["symbol"]: ticker}

    async def watch_mark_prices(self, symbols: Any = None, params: Params = NONE) -> Any:
        """As `watch_tickers`."""
        return await self.watch_tickers(symbols, params)

    async def watch_bids_asks(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Best bid and ask with sizes and the venue's time, once a second, as {symbol: ticker}; all that changed when none is named."""
        if not symbols:
            await self.load_markets()
            return await self.listen(ALL_BOOKS)
        markets = await self.wanted(symbols)
        ticker = await self.first_of([self.listen(ALL_BOOKS, bid_ask_hash(market["symbol"])) for market in markets])
        return {ticker["symbol"]: ticker}

    def handle_book_ticker(self, client: Any, channel: str, rows: list[dict[str, Any]], first: bool) -> None:
        changed = {}
        for raw, market in self.known(rows):
            ticker = self.parse_bid_ask(raw, market)
            known = self.bidsasks.get(market["symbol"])
            if known is not None and (known["timestamp"] or 0) > (ticker["timestamp"] or 0):
                continue
            changed[market["symbol"]] = self.bidsasks[market["symbol"]] = ticker
        if changed:
            client.resolve(changed, ALL_BOOKS)
        for symbol, ticker in changed.items():
            client.resolve(ticker, bid_ask_hash(symbol))

    def handle_ticker(self, client: Any, channel: str, rows: list[dict[str, Any]], first: bool) -> None:
        changed = {}
        for raw, market in self.known(rows):
            ticker = self.parse_ticker(raw, market)
            self.tickers[market["symbol"]] = ticker
            changed[market["symbol"]] = ticker
        if changed:
            client.resolve(changed if channel == ALL_TICKERS else next(iter(changed.values())), channel)

    # --- books --------------------------------------------------------------------------------------------------------------------------------

    def book_level(self, params: Params) -> int:
        level = int(params.get("level") or self.options.get("depthLevel") or tables.DEPTHS[1])
        if level not in tables.DEPTHS:
            raise errors.BadRequest(f"{self.id} books have 15 or 200 levels, not {level}")
        return level

    def book_channel(self, market: Any, params: Params) -> str:
        """The book's channel; a market has one book here, so another depth takes the place of the first."""
        level, known = self.book_level(params), self._levels.get(market["id"])
        if known is not None and known != level:
            client = (self.clients or {}).get(self.stream_url())
            if client is not None:
                client.unsubscribe(f"depth.{market['id']}.{known}")
            self.orderbooks.pop(market["symbol"], None)
        self._levels[market["id"]] = level
        return f"depth.{market['id']}.{level}"

    async def watch_order_book(self, symbol: str, limit: int | None = None, params: Params = NONE) -> Any:
        """A live book of 200 levels (params['level'] = 15: of 15), whose versions are checked for gaps; `nonce` is the version."""
        await self.load_markets()
        book = await self.listen(self.book_channel(self.market(symbol), params))
        return book.limit()

    async def watch_order_book_for_symbols(self, symbols: list[str], limit: int | None = None, params: Params = NONE) -> Any:
        """The next book of any of the symbols."""
        book = await self.first_of([self.listen(self.book_channel(market, params)) for market in await self.wanted(symbols)])
        return book.limit()

    def handle_depth(self, client: Any, channel: str, rows: list[dict[str, Any]], first: bool) -> None:
        """A snapshot replaces the book; a change must begin where the last one ended, or one further: both are seen (README)."""
        if not rows:
            return
        row = rows[0]
        market_id, level = str(row["contractId"]), int(channel.rsplit(".", 1)[1])
        markets = (self.markets_by_id or {}).get(market_id)
        if not markets or self._levels.setdefault(market_id, level) != level:
            return
        symbol = markets[0]["symbol"]
        book = self.orderbooks.get(symbol)
        start, end = int(row["startVersion"]), int(row["endVersion"])
        if first or str(row.get("depthType")).upper() == "SNAPSHOT":
            if book is None:
                book = self.orderbooks[symbol] = self.order_book({}, level)
            book.snapshot(parsing.levels(row.get("bids")), parsing.levels(row.get("asks")), None, end, symbol)
        else:
            known = None if book is None else book["nonce"]
            if book is None or known is None or end <= known:
                return  # before the snapshot, or seen already
            if start > known + 1:
                self.gap(client, channel, f"version {start} after {known}")
                return
            book["bids"].apply_dicts(row.get("bids") or (), "price", "size")
            book["asks"].apply_dicts(row.get("asks") or (), "price", "size")
            self.cut(book, level)
            book.touch(None, end)
            if book["bids"] and book["asks"] and book["bids"][0][0] >= book["asks"][0][0]:
                self.gap(client, channel, "crossed")
                return
        client.resolve(book, channel)

    def cut(self, book: Any, level: int) -> None:
        """Levels beyond the subscribed depth are not kept up by the venue."""
        for side in (book["bids"], book["asks"]):
            if len(side) > level:
                side.limit()

    def gap(self, client: Any, channel: str, reason: str) -> None:
        """A fresh snapshot comes with a new subscription only, so the old one is ended before."""
        client.resync(channel, reason)
        self.spawn(client.send, {"type": "unsubscribe", "channel": channel})

    # --- trades -------------------------------------------------------------------------------------------------------------------------------

    async def fetch_trades(self, symbol: str, since: int | None = None, limit: int | None = None, params: Params = NONE) -> Any:
        """Recent trades, from the snapshot that the trades channel begins with: REST has none."""
        await self.load_markets()
        market = self.market(symbol)
        rows = await self.snapshot_rows(f"trades.{market['id']}")
        return self.parse_trades(rows, market, since, limit)

    async def watch_trades_for_symbols(
        self, symbols: list[str], since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """The next trades of any of the symbols, each once; the first result has the recent ones."""
        trades = await self.first_of([self.listen(f"trades.{market['id']}") for market in await self.wanted(symbols)])
        return self.new_trades(trades, since, limit)

    def handle_trades(self, client: Any, channel: str, rows: list[dict[str, Any]], first: bool) -> None:
        symbol = ""
        for raw, market in sorted(self.known(rows), key=lambda pair: int(pair[0].get("time") or 0)):
            symbol = market["symbol"]
            tickets = self._tickets.setdefault(symbol, {})
            if str(raw.get("ticketId")) in tickets:
                continue  # the snapshot after a reconnection repeats what we have
            tickets[str(raw.get("ticketId"))] = None
            if len(tickets) > 5000:
                del tickets[next(iter(tickets))]
            self.trade_cache(symbol).append(self.parse_trade(raw, market))
        if symbol and self.trade_cache(symbol):
            client.resolve(self.trade_cache(symbol), channel)

    # --- candles ------------------------------------------------------------------------------------------------------------------------------

    def kline_channel(self, market: Any, timeframe: str, params: Params) -> str:
        return f"kline.{self.price_type(params)}.{market['id']}.{self.kline_type(timeframe)}"

    async def watch_ohlcv_for_symbols(
        self,
        symbolsAndTimeframes: list[list[str]],
        since: int | None = None,
        limit: int | None = None,
        params: Params = NONE,
    ) -> Any:
        """The next candles of any of the pairs, as {symbol: {timeframe: candles}}.

        :param params: price "mark" or "index" for those of the oracle or index price
        """
        await self.load_markets()
        channels = [self.kline_channel(self.market(symbol), timeframe, params) for symbol, timeframe in symbolsAndTimeframes]
        symbol, timeframe, candles = await self.first_of([self.listen(channel) for channel in channels])
        return {symbol: {timeframe: self.new_candles(candles, symbol, since, limit)}}

    def handle_kline(self, client: Any, channel: str, rows: list[dict[str, Any]], first: bool) -> None:
        _, price, market_id, interval = channel.split(".")
        markets = (self.markets_by_id or {}).get(market_id)
        timeframe = self.find_timeframe(interval)
        if not markets or not rows or timeframe is None:
            return
        symbol = markets[0]["symbol"]
        cache = self.candle_cache(symbol if price == "LAST_PRICE" else f"{symbol}#{price}", timeframe)
        for candle in sorted(self.pure(parsing.candle, raw) for raw in rows):
            cache.append(candle)
        client.resolve((symbol, timeframe, cache), channel)

    # --- funding ------------------------------------------------------------------------------------------------------------------------------

    async def watch_funding_rate(self, symbol: str, params: Params = NONE) -> Any:
        """The running funding rate of one market."""
        await self.load_markets()
        return await self.listen(f"fundingRate.{self.market(symbol)['id']}")

    async def watch_funding_rates(self, symbols: Any = None, params: Params = NONE) -> Any:
        """The running funding rates that changed, as {symbol: rate}; of all markets when none is named."""
        if not symbols:
            await self.load_markets()
            return await self.listen(ALL_FUNDING)
        rate = await self.first_of([self.listen(f"fundingRate.{market['id']}") for market in await self.wanted(symbols)])
        return {rate["symbol"]: rate}

    def handle_funding(self, client: Any, channel: str, rows: list[dict[str, Any]], first: bool) -> None:
        changed = {market["symbol"]: self.parse_funding_rate(raw, market) for raw, market in self.known(rows)}
        self.fundingRates.update(changed)
        if changed:
            client.resolve(changed if channel == ALL_FUNDING else next(iter(changed.values())), channel)

    # --- frames -------------------------------------------------------------------------------------------------------------------------------

    def handle_quote(self, client: Any, message: dict[str, Any]) -> None:
        """One frame of a public channel; whether it is the first is told by `dataType`, whose case varies."""
        channel, content = str(message["channel"]), message.get("content") or {}
        if channel not in client.subscriptions:
            return  # left a moment ago
        client.confirm(channel)
        rows = content.get("data")
        rows = rows if isinstance(rows, list) else [rows] if isinstance(rows, dict) else []
        first = str(content.get("dataType")).lower() == "snapshot"
        if channel in self._borrowed:
            if first:
                client.resolve(rows, f"snapshot:{channel}")
            return
        if first:
            self._heard[channel] = client.ledger.generation
        self.follow_metadata(client)
        handler = QUOTES.get(channel.split(".", 1)[0])
        if handler is not None:
            handler(self, client, channel, rows, first)
        if first and f"snapshot:{channel}" in client.futures:
            client.resolve(rows, f"snapshot:{channel}")


QUOTES: dict[str, Any] = {
    "metadata": Feeds.handle_metadata,
    "bookTicker": Feeds.handle_book_ticker,
    "ticker": Feeds.handle_ticker,
    "depth": Feeds.handle_depth,
    "trades": Feeds.handle_trades,
    "kline": Feeds.handle_kline,
    "fundingRate": Feeds.handle_funding,
}
