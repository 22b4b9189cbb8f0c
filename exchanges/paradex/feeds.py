"""Public streams: books, tickers, best prices, trades, candles made of trades, funding."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.paradex import parsing, tables
from ccxt_dex.exchanges.paradex.history import History
from ccxt_dex.exchanges.paradex.room import NONE, Params
from ccxt_dex.parts.leaving import LeavesBooks, LeavesTrades
from ccxt_dex.parts.tapes import OneOfTrades
from ccxt_dex.streams import Events

DEPTH = 15
REFRESH = ("50ms", "100ms")
FEEDS = ("snapshot", "deltas")
REMEMBERED = 4096


class Feeds(LeavesBooks, LeavesTrades, OneOfTrades, History):
    """Part of the room."""

    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._rpc_id = 0
        self._asked: OrderedDict[int, str] = OrderedDict()
        self._channels: dict[str, str] = {}
        self._candles: dict[str, dict[str, int]] = {}

    def ws_url(self) -> str:
        """Of the public socket."""
        return str(self.get_ws_url())

    def get_ws_url(self) -> str:
        """ccxt's hook: JSON frames unless ``options['sbe']`` asks for binary ones."""
        url = self.implode_hostname(self.urls["api"]["ws"])
        return self.binary_url(url) if self.options.get("sbe") else str(url)

    def binary_url(self, url: str) -> str:
        """An address that asks for binary frames."""
        plain, mark, tag = url.partition("#")
        return f"{plain}?sbeSchemaId=1&sbeSchemaVersion={self.options.get('sbeSchemaVersion', '3')}{mark}{tag}"

    # --- asking -----------------------------------------------------------------------------------------------------------------------

    def numbered(self, key: str, method: str, params: Params) -> Params:
        """A message with an id of its own, by which the answer is told apart.

        :param key: subscribe hash, or the message hash of a request
        """
        self._rpc_id += 1
        self._asked[self._rpc_id] = key
        while len(self._asked) > REMEMBERED:
            self._asked.popitem(last=False)
        return {"jsonrpc": "2.0", "id": self._rpc_id, "method": method, "params": params}

    def subscription(self, channel: str) -> Params:
        """The message that asks for a channel."""
        return self.numbered(channel, "subscribe", {"channel": channel})

    def listen(self, message_hash: str, channel: str) -> Any:
        """An awaitable for the next result of a public channel."""
        return self.watch(self.ws_url(), message_hash, self.subscription(channel), channel)

    async def named(self, symbols: Any) -> list[Any]:
        """The markets of some symbols."""
        await self.load_markets()
        return [self.market(symbol) for symbol in symbols or ()]

    def leave(self, channel: str, *hashes: str) -> None:
        """End a subscription; whoever waits for it gets UnsubscribeError."""
        self._refuse_while_closing()
        client = (self.clients or {}).get(self.ws_url())
        if client is not None and hasattr(client, "unsubscribe"):
            client.unsubscribe(channel)

    # --- tickers ----------------------------------------------------------------------------------------------------------------------

    async def watch_ticker(self, symbol: str, params: Params = NONE) -> Any:
        """Statistics of one market."""
        (market,) = await self.named([symbol])
        return await self.listen(f"ticker:{market['symbol']}", f"markets_summary.{market['id']}")

    async def watch_tickers(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """The next ticker of any of the symbols, as {symbol: ticker}; of every market, options included, when none is named."""
        markets = await self.named(symbols)
        if markets:
            topics = [self.listen(f"ticker:{row['symbol']}", f"markets_summary.{row['id']}") for row in markets]
        else:
            topics = [self.listen("tickers", "markets_summary")]
        ticker = await self.first_of(topics)
        return {ticker["symbol"]: ticker}

    async def watch_mark_price(self, symbol: str, params: Params = NONE) -> Any:
        """As `watch_ticker`; the channel carries mark and index price."""
        return await self.watch_ticker(symbol, params)

    async def watch_mark_prices(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """As `watch_tickers`."""
        return await self.watch_tickers(symbols, params)

    def handle_ticker(self, client: Any, message: Any) -> None:
        row = message["params"]["data"]
        rows = (self.markets_by_id or {}).get(row.get("symbol") or row.get("market"))
        if not rows:
            return
        ticker = self.parse_ticker(row, rows[0])
        self.tickers[ticker["symbol"]] = ticker
        client.resolve(ticker, f"ticker:{ticker['symbol']}")
        client.resolve(ticker, "tickers")

    async def watch_bids_asks(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """The next change of best bid or ask of any of the symbols, from a channel without throttle.

        :raises ArgumentsRequired: no symbols: the venue has one channel per market
        """
        markets = await self.named(symbols)
        ticker = await self.first_of([self.listen(f"bidask:{row['symbol']}", f"bbo.{row['id']}") for row in markets])
        return {ticker["symbol"]: ticker}

    def handle_best(self, client: Any, message: Any) -> None:
        row = message["params"]["data"]
        rows = (self.markets_by_id or {}).get(row.get("market"))
        if rows:
            ticker = self._best(row, rows[0])
            self.bidsasks[ticker["symbol"]] = ticker
            client.resolve(ticker, f"bidask:{ticker['symbol']}")

    async def watch_funding_rate(self, symbol: str, params: Params = NONE) -> Any:
        """The running funding rate of one perpetual."""
        (market,) = await self.named([symbol])
        return await self.listen(f"fundingrate:{market['symbol']}", f"funding_data.{market['id']}")

    async def watch_funding_rates(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """The next funding rate of any of the symbols, as {symbol: rate}."""
        markets = await self.named(symbols)
        rate = await self.first_of([self.listen(f"fundingrate:{row['symbol']}", f"funding_data.{row['id']}") for row in markets])
        return {rate["symbol"]: rate}

    def handle_funding_rate(self, client: Any, message: Any) -> None:
        rate = self.parse_funding_rate(message["params"]["data"])
        if rate["symbol"] is not None:
            self.fundingRates[rate["symbol"]] = rate
            client.resolve(rate, f"fundingrate:{rate['symbol']}")

    # --- books ------------------------------------------------------------------------------------------------------------------------

    def book_channel(self, market: Any, params: Params) -> str:
        """``options['watchOrderBook']``, overridden by the parameters: feed (snapshot, deltas), refresh (50ms, 100ms), priceTick."""
        settings = {"feed": "snapshot", "refresh": "100ms", "priceTick": None, **(self.options.get("watchOrderBook") or {})}
        settings.update({name: params[name] for name in settings if name in params})
        if settings["feed"] not in FEEDS or settings["refresh"] not in REFRESH:
            raise errors.BadRequest(f"{self.id} watchOrderBook takes feed {' or '.join(FEEDS)} and refresh {' or '.join(REFRESH)}")
        tick = settings["priceTick"]
        made = f"order_book.{market['id']}.{settings['feed']}@{DEPTH}@{settings['refresh']}" + (f"@{tick}" if tick else "")
        return self._channels.setdefault(market["symbol"], made)

    async def watch_order_book(self, symbol: str, limit: int | None = None, params: Params = NONE) -> Any:
        """The best 15 levels of each side; what of it is asked for first stays until `un_watch_order_book`."""
        return await self.watch_order_book_for_symbols([symbol], limit, params)

    async def watch_order_book_for_symbols(self, symbols: list[str], limit: int | None = None, params: Params = NONE) -> Any:
        """The next change of any of several books."""
        markets = await self.named(symbols)
        book = await self.first_of([self.listen(f"orderbook:{row['symbol']}", self.book_channel(row, params)) for row in markets])
        if limit is None:
            return book.limit()
        cut = book.copy()
        cut["bids"], cut["asks"] = cut["bids"][:limit], cut["asks"][:limit]
        return cut

    def handle_order_book(self, client: Any, message: Any) -> None:
        """A snapshot replaces the book; a delta must follow the sequence, otherwise the book is asked for anew."""
        data = message["params"]["data"]
        rows = (self.markets_by_id or {}).get(data.get("market"))
        if not rows:
            return
        symbol = rows[0]["symbol"]
        channel = self._channels.get(symbol)
        if channel is None or channel not in client.subscriptions:
            return
        book = self.orderbooks.get(symbol)
        stamp, nonce = data.get("last_updated_at"), self.safe_integer(data, "seq_no")  # text in binary frames
        if data.get("update_type", "s") == "s":
            if book is None:
                book = self.orderbooks[symbol] = self.order_book({})
            elif book.stale is None and book["nonce"] is not None and nonce is not None and nonce < book["nonce"]:
                return  # an older snapshot than the one we have
            sides = (parsing.book_levels(data.get("inserts"), side) for side in ("BUY", "SELL"))
            book.snapshot(*sides, stamp, nonce, symbol)
        elif book is None or book["nonce"] is None or nonce <= book["nonce"]:
            return  # before the snapshot, or seen already
        elif nonce != book["nonce"] + 1:
            self._gap(client, channel, f"seq_no {nonce} after {book['nonce']}", symbol)
            return
        else:
            self._apply(book, data, stamp, nonce)
        if book["bids"] and book["asks"] and book["bids"][0][0] >= book["asks"][0][0]:
            self._gap(client, channel, "crossed", symbol)
            return
        client.resolve(book, f"orderbook:{symbol}")

    @staticmethod
    def _apply(book: Any, data: Any, stamp: Any, nonce: Any) -> None:
        for wire_side, side in (("BUY", "bids"), ("SELL", "asks")):
            gone = [(price, "0") for price, _ in parsing.book_levels(data.get("deletes"), wire_side)]
            there = [*parsing.book_levels(data.get("inserts"), wire_side), *parsing.book_levels(data.get("updates"), wire_side)]
            book[side].apply([*gone, *there])
        book.touch(stamp, nonce)

    def _gap(self, client: Any, channel: str, reason: str, symbol: str) -> None:
        """The venue answers a second subscription with an error, so the first one is ended before."""
        client.resync(f"orderbook:{symbol}", reason)
        leave = {"jsonrpc": "2.0", "id": 0, "method": "unsubscribe", "params": {"channel": channel}}
        self.spawn(client.send, leave)

    # --- trades and candles -----------------------------------------------------------------------------------------------------------

    async def watch_trades_for_symbols(
        self, symbols: list[str], since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """New trades of any of several markets."""
        markets = await self.named(symbols)
        trades = await self.first_of([self.listen(f"trades:{row['symbol']}", f"trades.{row['id']}") for row in markets])
        return self.new_trades(trades, since, limit)

    async def watch_liquidations(self, symbol: str, since: int | None = None, limit: int | None = None, params: Params = NONE) -> Any:
        """Liquidations of one market: the public trades that say so."""
        (market,) = await self.named([symbol])
        return list(await self.listen(f"liquidation:{market['symbol']}", f"trades.{market['id']}"))

    def handle_trade(self, client: Any, message: Any) -> None:
        row = message["params"]["data"]
        rows = (self.markets_by_id or {}).get(row.get("market"))
        if not rows:
            return
        trade = self.parse_trade(row, rows[0])
        symbol = trade["symbol"]
        cache = self.trade_cache(symbol)
        before = getattr(cache, "news", None)
        cache.append(trade)
        if before is not None and getattr(cache, "news", None) == before:
            return  # sent again after a lost connection
        client.resolve(cache, f"trades:{symbol}")
        if row.get("trade_type") == "LIQUIDATION":
            client.resolve(Events([self._liquidation(trade, row)]), f"liquidation:{symbol}")
        for timeframe in self._candles.get(symbol, ()):
            self._take_into_candle(client, symbol, timeframe, trade)

    def _liquidation(self, trade: Any, row: Any) -> Any:
        names = {"contracts": trade["amount"], "contractSize": 1.0, "side": trade["side"], "price": trade["price"], "info": row}
        return self.safe_liquidation({**names, "symbol": trade["symbol"], "timestamp": trade["timestamp"], "datetime": trade["datetime"]})

    async def watch_ohlcv(
        self, symbol: str, timeframe: str = "1m", since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """Candles, which the venue does not stream: read once, then made of the trades; each is read again when it closes."""
        if timeframe not in tables.TIMEFRAMES:
            raise errors.BadRequest(f"{self.id} has candles of {', '.join(tables.TIMEFRAMES)}, not {timeframe}")
        (market,) = await self.named([symbol])
        name = market["symbol"]
        future = self.listen(f"ohlcv:{name}:{timeframe}", f"trades.{market['id']}")
        if timeframe not in self._candles.get(name, {}):
            await self._seed(self.client(self.ws_url()), name, timeframe)
        candles = await future
        return self.new_candles(candles, name, since, limit)

    async def _seed(self, client: Any, symbol: str, timeframe: str) -> None:
        """The candles so far; remembers on which connection they were begun."""
        self._candles.setdefault(symbol, {})[timeframe] = getattr(client, "losses", 0)
        cache = self.candle_cache(symbol, timeframe)
        for row in await self.fetch_ohlcv(symbol, timeframe, None, 100):
            cache.append(row)

    def _take_into_candle(self, client: Any, symbol: str, timeframe: str, trade: Any) -> None:
        cache = self.ohlcvs.get(symbol, {}).get(timeframe)
        if cache is None:
            return
        width = int(self.parse_timeframe(timeframe)) * 1000
        start, price, amount = trade["timestamp"] // width * width, trade["price"], trade["amount"]
        last = cache[-1] if cache else None
        if last is not None and start < last[0]:
            return
        if last is not None and last[0] == start:
            row = [start, last[1], max(last[2], price), min(last[3], price), price, last[5] + amount]
        else:
            row = [start, price, price, price, price, amount]
        lost = self._candles[symbol][timeframe] != getattr(client, "losses", 0)
        cache.append(row)
        if lost or (last is not None and last[0] != start):
            self.spawn(self._seed, client, symbol, timeframe)  # a candle closed, or trades were missed
        client.resolve(cache, f"ohlcv:{symbol}:{timeframe}")

    # --- leaving ----------------------------------------------------------------------------------------------------------------------

    async def un_watch_order_book(self, symbol: str, params: Params = NONE) -> Any:
        """Leaves a book and forgets it."""
        name = self.market(symbol)["symbol"]
        channel = self._channels.pop(name, None)
        if channel is not None:
            self.leave(channel)
        self.orderbooks.pop(name, None)
        return True

    async def un_watch_trades(self, symbol: str, params: Params = NONE) -> Any:
        """Leaves the trades of a market, and what is made of them: candles and liquidations."""
        market = self.market(symbol)
        self.leave(f"trades.{market['id']}")
        for held in (self.trades, self.ohlcvs, self._candles):
            held.pop(market["symbol"], None)
        return True

    async def un_watch_ohlcv(self, symbol: str, timeframe: str = "1m", params: Params = NONE) -> Any:
        """As `un_watch_trades`: candles are made of them."""
        return await self.un_watch_trades(symbol, params)

    async def un_watch_ticker(self, symbol: str, params: Params = NONE) -> Any:
        """Leaves the ticker of a market, which mark prices share."""
        market = self.market(symbol)
        self.leave(f"markets_summary.{market['id']}")
        self.tickers.pop(market["symbol"], None)
        return True

    async def un_watch_tickers(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """Leaves several tickers, or the channel of all when none is named."""
        for symbol in symbols or ():
            await self.un_watch_ticker(symbol, params)
        if not symbols:
            self.leave("markets_summary")
        return True

    async def un_watch_mark_price(self, symbol: str, params: Params = NONE) -> Any:
        """As `un_watch_ticker`."""
        return await self.un_watch_ticker(symbol, params)

    async def un_watch_bids_asks(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """Leaves the best prices of several markets."""
        for market in await self.named(symbols):
            self.leave(f"bbo.{market['id']}")
            self.bidsasks.pop(market["symbol"], None)
        return True

    async def un_watch_funding_rate(self, symbol: str, params: Params = NONE) -> Any:
        """Leaves the funding rate of a perpetual."""
        market = self.market(symbol)
        self.leave(f"funding_data.{market['id']}")
        self.fundingRates.pop(market["symbol"], None)
        return True
