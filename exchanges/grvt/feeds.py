"""Public streams. Each selector is a subscription of its own, named by stream and selector, and its sequence is checked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.grvt import parsing, tables
from ccxt_dex.exchanges.grvt.room import NONE, Params, Room


class Feeds(Room):
    """Part of the room."""

    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._sequences: dict[str, int] = {}
        self._raw_tickers: dict[str, Params] = {}
        self._candles: dict[str, Params] = {}
        self._request_number = 0

    # --- subscriptions ----------------------------------------------------------------------------------------------------------------

    def public_url(self) -> str:
        return str(self.urls["api"]["ws"]["publicMarket"])

    def next_request(self) -> int:
        self._request_number += 1
        return self._request_number

    def listen(self, url: str, message_hash: str, stream: str, selector: str) -> Any:
        """An awaitable for the next result of one selector. (ccxt names subscriptions by selector alone: a second stream of the same one is never asked for.)"""
        params = {"stream": stream, "selectors": [selector]}
        message = {"jsonrpc": "2.0", "method": "subscribe", "params": params, "id": self.next_request()}
        return self.watch(url, message_hash, message, topic(stream, selector))

    async def any_selector(self, joint: str, stream: str, selectors: list[str]) -> Any:
        """The next result of any of several selectors."""
        return (await asyncio.gather(*(self.listen(self.public_url(), joint, stream, selector) for selector in selectors)))[0]

    def announce(self, client: Any, key: str, result: Any, starting: str = "") -> None:
        """Resolve what waits on a subscription.

        :param starting: only hashes that begin so
        """
        record = client.ledger.topics.get(key) if hasattr(client, "ledger") else None
        for message_hash in record.hashes if record is not None else ():
            if message_hash.startswith(starting):
                client.resolve(result, message_hash)

    async def leave(self, url: str, stream: str, symbols: list[str], *names: str) -> bool:
        """End the subscriptions of a stream for some markets."""
        await self.load_markets()
        client: Any = (self.clients or {}).get(url)
        wanted = {self.market(symbol)["id"] for symbol in symbols}
        for key in list(client.ledger.topics) if hasattr(client, "ledger") else ():
            head, _, selector = key.partition("|")
            if head == stream and selector.partition("@")[0] in wanted and (not names or selector.partition("@")[2] in names):
                client.unsubscribe(key)
                self._sequences.pop(key, None)
        return True

    def in_order(self, client: Any, key: str, message: Any) -> bool:
        """Whether a frame follows the one before. Snapshots have number 0; a repetition is dropped; after a gap the topic is asked for again."""
        number = int(message.get("sequence_number") or 0)
        if number <= 0:
            return True
        last, before = self._sequences.get(key), int(message.get("prev_sequence_number") or number - 1)
        if last is not None and number <= last:
            return False
        self._sequences[key] = number
        if last is None or before <= last:
            return True
        self.missed(client, key, f"{before} after {last}")
        return False

    def missed(self, client: Any, key: str, reason: str) -> None:
        """A gap in a public topic: the venue sends a snapshot with every subscription."""
        self._sequences.pop(key, None)
        record = client.ledger.topics.get(key)
        client.resync(next(iter(record.hashes), key) if record is not None else key, reason)

    def handle_acknowledgement(self, client: Any, message: Any) -> None:
        """The answer to a subscription tells where the numbers of each selector stand."""
        result = message.get("result") or {}
        stream, selectors = str(result.get("stream")), result.get("subs") or ()
        latest = result.get("latest_sequence_number") or [int(each) - 1 for each in result.get("first_sequence_number") or ()]
        for index, selector in enumerate(selectors):
            key = topic(stream, selector)
            client.confirm(key)
            self._sequences.pop(key, None)  # numbers of an earlier connection say nothing
            if index < len(latest):
                self._sequences[key] = int(latest[index])

    # --- books ------------------------------------------------------------------------------------------------------------------------

    async def watch_order_book(self, symbol: str, limit: int | None = None, params: Params = NONE) -> Any:
        """A book kept from deltas, checked by their numbers.

        :param params: interval in milliseconds: 50, 100, 500, 1000; channel v1.book.s for snapshots (limit 10, 50, 100, 500)
        """
        return await self.watch_order_book_for_symbols([symbol], limit, params)

    async def watch_order_book_for_symbols(self, symbols: list[str], limit: int | None = None, params: Params = NONE) -> Any:
        """The next change of any of several books."""
        await self.load_markets()
        if not symbols:
            raise errors.ArgumentsRequired(f"{self.id} watch_order_book_for_symbols() requires symbols")
        names = self.names(symbols)
        channel = str(params.get("channel") or self._option("watchOrderBook", "channel", "v1.book.d"))
        interval = params.get("interval") or self._option("watchOrderBook", "interval", 100)
        tail = str(interval)
        if channel == "v1.book.s":
            depth = next((each for each in tables.BOOK_DEPTHS if each >= (limit or 100)), tables.BOOK_DEPTHS[-1])
            tail = f"{interval if int(interval) >= 500 else 500}-{depth}"
        joint = f"orderbook::{names[0]}" if len(names) == 1 else f"orderbooks::{','.join(sorted(names))}"
        book = await self.any_selector(joint, channel, [f"{self.market(name)['id']}@{tail}" for name in names])
        return book.limit()

    def _option(self, method: str, name: str, default: Any) -> Any:
        return (self.options.get(method) or {}).get(name, default)

    def handle_order_book(self, client: Any, message: Any) -> None:
        key = topic(message["stream"], message["selector"])
        if key not in client.subscriptions or not self.in_order(client, key, message):
            return
        data = message.get("feed") or {}
        market = self.safe_market(message["selector"].partition("@")[0])
        symbol, timestamp = market["symbol"], parsing.stamp(data.get("event_time"))
        number = int(message.get("sequence_number") or 0)
        book = self.orderbooks.get(symbol)
        if number <= 0 or message["stream"] == "v1.book.s":
            if book is None:
                book = self.orderbooks[symbol] = self.order_book()
            book.snapshot(parsing.levels(data.get("bids")), parsing.levels(data.get("asks")), timestamp, number, symbol)
        elif book is None or book.stale is not None:
            return  # before the snapshot
        else:
            book["bids"].apply_dicts(data.get("bids") or (), "price", "size")
            book["asks"].apply_dicts(data.get("asks") or (), "price", "size")
            book.touch(timestamp, number)
        self.announce(client, key, book)

    async def un_watch_order_book(self, symbol: str, params: Params = NONE) -> Any:
        """Leave a book and forget it."""
        return await self.un_watch_order_book_for_symbols([symbol], params)

    async def un_watch_order_book_for_symbols(self, symbols: list[str], params: Params = NONE) -> Any:
        """Leave several books."""
        for stream in ("v1.book.d", "v1.book.s"):
            await self.leave(self.public_url(), stream, symbols)
        for name in self.names(symbols):
            self.orderbooks.pop(name, None)
        return True

    # --- tickers ----------------------------------------------------------------------------------------------------------------------

    async def _tickers(self, name: str, stream: str, symbols: list[str] | None, interval: int, params: Params) -> Any:
        if not symbols:
            raise errors.ArgumentsRequired(f"{self.id} {name} requires symbols: the venue has one selector per market")
        await self.load_markets()
        names = self.names(symbols)
        channel = str(params.get("channel") or stream)
        rate = params.get("interval", interval)
        joint = f"{name}::{','.join(sorted(names))}"
        return await self.any_selector(joint, channel, [f"{self.market(each)['id']}@{rate}" for each in names])

    async def watch_ticker(self, symbol: str, params: Params = NONE) -> Any:
        """Statistics of one market.

        :param params: channel v1.ticker.s, v1.ticker.d, v1.mini.s or v1.mini.d (deltas are merged), interval in milliseconds
        """
        return await self._tickers("ticker", "v1.ticker.s", [symbol], 500, params)

    async def watch_tickers(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """Statistics of several markets, as they change."""
        ticker = await self._tickers("ticker", "v1.ticker.s", symbols, 500, params)
        return {ticker["symbol"]: ticker} if self.newUpdates else self.filter_by_array(self.tickers, "symbol", self.names(symbols))

    async def watch_bids_asks(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """Best bids and asks of several markets, as they change."""
        ticker = await self._tickers("bidask", "v1.mini.s", symbols, 200, params)
        return {ticker["symbol"]: ticker} if self.newUpdates else self.filter_by_array(self.bidsasks, "symbol", self.names(symbols))

    async def watch_mark_price(self, symbol: str, params: Params = NONE) -> Any:
        """Mark and index price of one market."""
        return await self._tickers("markprice", "v1.mini.s", [symbol], 200, params)

    async def watch_mark_prices(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """Mark and index prices of several markets, as they change."""
        ticker = await self._tickers("markprice", "v1.mini.s", symbols, 200, params)
        return {ticker["symbol"]: ticker}

    async def watch_funding_rate(self, symbol: str, params: Params = NONE) -> Any:
        """The running funding rate of one market."""
        return await self._tickers("fundingrate", "v1.ticker.s", [symbol], 500, params)

    async def watch_funding_rates(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """Running funding rates of several markets, as they change."""
        rate = await self._tickers("fundingrate", "v1.ticker.s", symbols, 500, params)
        return {rate["symbol"]: rate}

    def handle_ticker(self, client: Any, message: Any) -> None:
        """A whole ticker, or a delta that is merged into the last one (ccxt hands out the delta)."""
        key = topic(message["stream"], message["selector"])
        if not self.in_order(client, key, message):
            return
        row: Params = message.get("feed") or {}
        if message["stream"].endswith(".d"):
            before = {} if int(message.get("sequence_number") or 0) <= 0 else self._raw_tickers.get(key, {})
            row = self._raw_tickers[key] = parsing.merged(before, row)
        market = self.safe_market(message["selector"].partition("@")[0])
        ticker = self.parse_ticker(row, market)
        if "ticker" in message["stream"]:
            self.tickers[market["symbol"]] = ticker
            self.announce(client, key, ticker, "ticker")
            rate = self.parse_funding_rate(row, market)
            self.fundingRates[market["symbol"]] = rate
            self.announce(client, key, rate, "fundingrate")
        else:
            self.announce(client, key, ticker, "ticker")
        self.bidsasks[market["symbol"]] = ticker
        self.announce(client, key, ticker, "bidask")
        self.announce(client, key, ticker, "markprice")

    async def un_watch_ticker(self, symbol: str, params: Params = NONE) -> Any:
        """Leave the ticker of a market; its funding rate shares the subscription."""
        return await self.un_watch_tickers([symbol], params)

    async def un_watch_tickers(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """Leave the tickers of several markets."""
        for stream in ("v1.ticker.s", "v1.ticker.d"):
            await self.leave(self.public_url(), stream, symbols or list(self.tickers))
        for name in self.names(symbols) or list(self.tickers):
            self.tickers.pop(name, None)
        return True

    async def un_watch_bids_asks(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """Leave best bids and asks; mark prices share their subscriptions."""
        for stream in ("v1.mini.s", "v1.mini.d"):
            await self.leave(self.public_url(), stream, symbols or list(self.bidsasks))
        return True

    async def un_watch_mark_price(self, symbol: str, params: Params = NONE) -> Any:
        """As `un_watch_bids_asks`."""
        return await self.un_watch_bids_asks([symbol], params)

    async def un_watch_mark_prices(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """As `un_watch_bids_asks`."""
        return await self.un_watch_bids_asks(symbols, params)

    # --- trades -----------------------------------------------------------------------------------------------------------------------

    async def watch_trades(self, symbol: str, since: int | None = None, limit: int | None = None, params: Params = NONE) -> Any:
        """New trades of one market.

        :param params: history: how many past trades to begin with: 50, 200, 500, 1000
        """
        return await self.watch_trades_for_symbols([symbol], since, limit, params)

    async def watch_trades_for_symbols(
        self, symbols: list[str], since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """New trades of any of several markets."""
        await self.load_markets()
        names = self.names(symbols)
        joint = f"trade::{','.join(sorted(names))}"
        past = int(params.get("history", 50))
        trades = await self.any_selector(joint, "v1.trade", [f"{self.market(name)['id']}@{past}" for name in names])
        return self.new_trades(trades, since, limit)

    def handle_trades(self, client: Any, message: Any) -> None:
        """Trades come once: what a new subscription repeats is known already."""
        key = topic(message["stream"], message["selector"])
        if not self.in_order(client, key, message):
            return
        market = self.safe_market(message["selector"].partition("@")[0])
        stored = self.trade_cache(market["symbol"])
        trade = self.parse_trade(message.get("feed") or {}, market)
        if any(known["id"] == trade["id"] for known in list(stored)[-100:]):
            return
        stored.append(trade)
        self.announce(client, key, stored)

    async def un_watch_trades(self, symbol: str, params: Params = NONE) -> Any:
        """Leave the trades of a market and forget them."""
        return await self.un_watch_trades_for_symbols([symbol], params)

    async def un_watch_trades_for_symbols(self, symbols: list[str], params: Params = NONE) -> Any:
        """Leave the trades of several markets."""
        await self.leave(self.public_url(), "v1.trade", symbols)
        for name in self.names(symbols):
            self.trades.pop(name, None)
        return True

    # --- candles ----------------------------------------------------------------------------------------------------------------------

    async def watch_ohlcv(
        self, symbol: str, timeframe: str = "1m", since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """Candles of one market.

        :param params: price: last, mark, index or mid
        """
        found = await self.watch_ohlcv_for_symbols([[symbol, timeframe]], since, limit, params)
        return found[self.market(symbol)["symbol"]][timeframe]

    async def watch_ohlcv_for_symbols(
        self, symbolsAndTimeframes: list[list[str]], since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """Candles of several markets, as they change."""
        await self.load_markets()
        kind = tables.PRICE_TYPES.get(str(params.get("price", "last")).lower())
        selectors = []
        for symbol, timeframe in symbolsAndTimeframes:
            if kind is None or timeframe not in self.timeframes:
                raise errors.BadRequest(f"{self.id} has no candles of {timeframe} and {params}")
            selectors.append(f"{self.market(symbol)['id']}@{self.timeframes[timeframe]}-{kind}")
        symbol, timeframe, candles = await self.any_selector(f"ohlcv::{','.join(sorted(selectors))}", "v1.candle", selectors)
        return self.create_ohlcv_object(symbol, timeframe, self.new_candles(candles, symbol, since, limit))

    def handle_ohlcv(self, client: Any, message: Any) -> None:
        key = topic(message["stream"], message["selector"])
        if not self.in_order(client, key, message):
            return
        market_id, _, rest = message["selector"].partition("@")
        interval, _, kind = rest.rpartition("-")
        symbol, timeframe = self.safe_market(market_id)["symbol"], self.find_timeframe(interval) or interval
        cache = self.candle_cache(symbol, timeframe, None if kind == "TRADE" else self.priced_candles(kind))
        cache.append(self.pure(parsing.candle, message.get("feed") or {}))
        self.announce(client, key, [symbol, timeframe, cache])

    def priced_candles(self, kind: str) -> Params:
        """Candles of other prices than the last one are kept apart."""
        return self._candles.setdefault(kind, {})

    async def un_watch_ohlcv(self, symbol: str, timeframe: str = "1m", params: Params = NONE) -> Any:
        """Leave the candles of a market and forget them."""
        return await self.un_watch_ohlcv_for_symbols([[symbol, timeframe]], params)

    async def un_watch_ohlcv_for_symbols(self, symbolsAndTimeframes: list[list[str]], params: Params = NONE) -> Any:
        """Leave the candles of several markets."""
        for symbol, timeframe in symbolsAndTimeframes:
            names = [f"{self.timeframes[timeframe]}-{kind}" for kind in tables.PRICE_TYPES.values()]
            await self.leave(self.public_url(), "v1.candle", [symbol], *names)
            self.ohlcvs.get(self.market(symbol)["symbol"], {}).pop(timeframe, None)
        return True


def topic(stream: str, selector: str) -> str:
    """What a subscription is known by."""
    return f"{stream}|{selector}"


Handler = Callable[[Any, Any, Any], None]
