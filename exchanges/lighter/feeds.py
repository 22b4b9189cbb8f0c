"""Public streams: books that prove their continuity, and the topics that ccxt's class lacks."""

from __future__ import annotations

import asyncio
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.lighter import parsing, tables
from ccxt_dex.exchanges.lighter.room import NONE, Params, Room
from ccxt_dex.streams import Events

NAMELESS_ERRORS = ("30003",)
"""harmless: "already subscribed" """
ACCOUNT_TOPICS = {"account_all_orders": "orders", "account_all_trades": "myTrades"}
"""channel -> what its subscription is known by here; ccxt's class has other names"""


class Feeds(Room):
    """Part of the room."""

    def ws_url(self) -> str:
        return str(self.urls["api"]["ws"])

    def listen(self, message_hash: str, channel: str, key: str | None = None) -> Any:
        """An awaitable for the next result of a public channel.

        :param key: what the subscription is known by, the message hash unless several share a channel
        """
        return self.watch(self.ws_url(), message_hash, {"type": "subscribe", "channel": channel}, key or message_hash)

    async def any_of(self, name: str, channel: str, symbols: list[str]) -> Any:
        """The next result of any of several markets' channels."""
        joint = f"{name}s::{','.join(sorted(symbols))}"
        waits = [self.listen(joint, f"{channel}/{self.market(symbol)['id']}", f"{name}::{symbol}") for symbol in symbols]
        return (await asyncio.gather(*waits))[0]

    def names(self, symbols: list[str]) -> list[str]:
        """Unified symbols of symbols, ids or coins."""
        return [str(self.market(symbol)["symbol"]) for symbol in symbols]

    def announce(self, client: Any, key: str, result: Any) -> None:
        """Resolve every message hash that waits on a subscription."""
        record = client.ledger.topics.get(key) if hasattr(client, "ledger") else None
        for message_hash in record.hashes if record is not None else (key,):
            client.resolve(result, message_hash)
        if record is not None and key not in record.hashes:
            client.resolve(result, key)

    # --- books ------------------------------------------------------------------------------------------------------------------------

    async def watch_order_book_for_symbols(self, symbols: list[str], limit: int | None = None, params: Params = NONE) -> Any:
        """The next change of any of several books."""
        await self.load_markets()
        book = await self.any_of("orderbook", "order_book", self.names(symbols))
        return book.limit()

    def handle_order_book(self, client: Any, message: Any) -> None:
        """A frame must begin where the last one ended (`begin_nonce` = the nonce before); otherwise the book is asked for anew.

        ccxt's class applies deltas unchecked, also those that come before the snapshot.
        """
        if not self.ws_repairs():
            super().handle_order_book(client, message)
            return
        data, market = message["order_book"], self.safe_market(str(message["channel"]).split(":")[1])
        symbol = market["symbol"]
        key = self.get_message_hash("orderbook", symbol)
        if key not in client.subscriptions:
            return
        book = self.orderbooks.get(symbol)
        if message["type"].startswith("subscribed"):
            if book is None:
                book = self.orderbooks[symbol] = self.order_book()
            sides = ([(row["price"], row["size"]) for row in data.get(side) or []] for side in ("bids", "asks"))
            book.snapshot(*sides, message.get("timestamp"), data["nonce"], symbol)
            client.confirm(key)
        elif book is None or book["nonce"] is None or data["nonce"] <= book["nonce"]:
            return  # before the snapshot, or seen already
        elif data["begin_nonce"] != book["nonce"]:
            self._gap(client, key, str(data["begin_nonce"]), book)
            return
        else:
            book["bids"].apply_dicts(data.get("bids") or (), "price", "size")
            book["asks"].apply_dicts(data.get("asks") or (), "price", "size")
            book.touch(message.get("timestamp"), data["nonce"])
        self.announce(client, key, book)

    def _gap(self, client: Any, key: str, begins: str, book: Any) -> None:
        """The venue answers a second subscription with an error, so the first one is ended before."""
        record = client.ledger.topics.get(key)
        reason = f"begin_nonce {begins} after nonce {book['nonce']}"
        client.resync(key, reason)
        if record is not None:
            self.spawn(client.send, {"type": "unsubscribe", "channel": record.message["channel"]})

    def handle_un_subscription(self, client: Any, message: Any) -> None:
        """Only when the user unwatched: a repair unsubscribes too."""
        if not any(str(key).startswith("unsubscribe:") for key in (*client.subscriptions, *client.futures)):
            return
        key = ACCOUNT_TOPICS.get(str(message.get("channel")).partition(":")[0])
        if key is None:
            super().handle_un_subscription(client, message)
        else:
            # one channel serves all markets: whoever waits for one of them is told too
            self.clean_unsubscription(client, key, f"unsubscribe:{key}", True)

    # --- tickers ----------------------------------------------------------------------------------------------------------------------

    async def watch_ticker(self, symbol: str, params: Params = NONE) -> Any:
        """Statistics of one market, spot markets included."""
        await self.load_markets()
        market = self.market(symbol)
        channel = "market_stats" if market["swap"] else "spot_market_stats"
        return await self.listen(self.get_message_hash("ticker", market["symbol"]), f"{channel}/{market['id']}")

    def handle_ticker(self, client: Any, message: Any) -> None:
        if "spot_market_stats" in message:
            message = {
                "channel": str(message.get("channel")).removeprefix("spot_"),
                "market_stats": message["spot_market_stats"],
                "timestamp": message.get("timestamp"),
            }
        rows = message.get("market_stats") or {}
        for row in rows.values() if str(message.get("channel")).endswith(":all") else (rows,):
            market = self.safe_market(str(row.get("market_id")))
            if market.get("symbol") is None:
                continue
            ticker = {**self.parse_ticker(row, market), "timestamp": message.get("timestamp")}
            ticker["datetime"] = self.iso8601(ticker["timestamp"])
            self.tickers[market["symbol"]] = ticker
            key = self.get_message_hash("ticker", market["symbol"])
            client.resolve(ticker, key)
            client.resolve(ticker, self.get_message_hash("ticker"))
            if row.get("current_funding_rate") is not None:
                self._take_funding(client, row, market, message.get("timestamp"))

    async def watch_bids_asks(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """Best bid and ask of markets, as they change.

        :raises ArgumentsRequired: no symbols: the venue has one channel per market
        """
        if not symbols:
            raise errors.ArgumentsRequired(f"{self.id} watch_bids_asks() requires symbols")
        await self.load_markets()
        ticker = await self.any_of("bidask", "ticker", self.names(symbols))
        return {ticker["symbol"]: ticker} if self.newUpdates else self.filter_by_array(self.bidsasks, "symbol", self.names(symbols))

    def handle_best(self, client: Any, message: Any) -> None:
        market = self.safe_market(str(message["channel"]).split(":")[1])
        fields = self.pure(parsing.best, message.get("ticker") or {})
        timestamp = message.get("timestamp")
        ticker = self.safe_ticker(
            {**fields, "symbol": market["symbol"], "timestamp": timestamp, "datetime": self.iso8601(timestamp)}, market
        )
        self.bidsasks[market["symbol"]] = ticker
        self.announce(client, f"bidask::{market['symbol']}", ticker)

    # --- funding ----------------------------------------------------------------------------------------------------------------------

    async def watch_funding_rate(self, symbol: str, params: Params = NONE) -> Any:
        """The running hourly funding rate of one perpetual."""
        await self.load_markets()
        market = self.market(symbol)
        if not market["swap"]:
            raise errors.NotSupported(f"{self.id} {symbol} has no funding rate")
        key = self.get_message_hash("ticker", market["symbol"])
        return await self.listen(f"fundingrate::{market['symbol']}", f"market_stats/{market['id']}", key)

    async def watch_funding_rates(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """The running hourly funding rates of perpetuals, as they change."""
        if not symbols:
            raise errors.ArgumentsRequired(f"{self.id} watch_funding_rates() requires symbols")
        await self.load_markets()
        names = self.names(symbols)
        joint = f"fundingrates::{','.join(sorted(names))}"
        waits = [self.listen(joint, f"market_stats/{self.market(name)['id']}", self.get_message_hash("ticker", name)) for name in names]
        rate = (await asyncio.gather(*waits))[0]
        return {rate["symbol"]: rate}

    def _take_funding(self, client: Any, row: Any, market: Any, timestamp: int | None) -> None:
        fields = self.pure(parsing.funding_rate, row)
        numbers = ("markPrice", "indexPrice", "fundingRate", "previousFundingRate")
        rate = {**fields, **{name: self.parse_number(fields[name]) for name in numbers}, "symbol": market["symbol"], "timestamp": timestamp}
        rate["datetime"] = self.iso8601(timestamp)
        self.fundingRates[market["symbol"]] = rate
        record = client.ledger.topics.get(self.get_message_hash("ticker", market["symbol"])) if hasattr(client, "ledger") else None
        for message_hash in record.hashes if record is not None else ():
            if message_hash.startswith("fundingrate"):
                client.resolve(rate, message_hash)

    # --- candles, trades --------------------------------------------------------------------------------------------------------------

    async def watch_ohlcv(
        self, symbol: str, timeframe: str = "1m", since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """Candles of one market; params['price'] = "mark" for those of the mark price."""
        await self.load_markets()
        market = self.market(symbol)
        resolution = tables.TIMEFRAMES.get(timeframe)
        if resolution is None:
            raise errors.BadRequest(f"{self.id} has no candles of {timeframe}")
        channel = "mark_price_candle" if params.get("price") == "mark" else "candle"
        candles = await self.listen(f"{channel}::{market['symbol']}::{timeframe}", f"{channel}/{market['id']}/{resolution}")
        return self.new_candles(candles, market["symbol"], since, limit)

    def handle_candles(self, client: Any, message: Any) -> None:
        channel, market_id, resolution = str(message["channel"]).split(":")
        symbol = self.safe_market(market_id)["symbol"]
        timeframe = self.find_timeframe(resolution) or resolution
        cache = self.candle_cache(symbol, timeframe, None if channel == "candle" else self.markOhlcvs)
        for row in sorted(message.get("candles") or [], key=lambda row: int(row["t"])):
            cache.append(self.pure(parsing.candle, row))
        client.resolve(cache, f"{channel}::{symbol}::{timeframe}")

    async def watch_trades_for_symbols(
        self, symbols: list[str], since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """New trades of any of several markets."""
        await self.load_markets()
        trades = await self.any_of("trade", "trade", self.names(symbols))
        return self.new_trades(trades, since, limit)

    async def watch_liquidations(self, symbol: str, since: int | None = None, limit: int | None = None, params: Params = NONE) -> Any:
        """Public liquidations; they share the trades' channel and its subscription."""
        await self.load_markets()
        market = self.market(symbol)
        key = self.get_message_hash("trade", market["symbol"])
        rows = await self.listen(self.get_message_hash("liquidations", market["symbol"]), f"trade/{market['id']}", key)
        return self.filter_by_symbol_since_limit(rows, market["symbol"], since, limit, True)

    def handle_liquidation(self, client: Any, message: Any) -> None:
        """Each counts (ccxt's class forgets those of a frame with the next one)."""
        market = self.safe_market(str(message["channel"]).split(":")[1])
        rows = [self.parse_ws_liquidation(row, market) for row in reversed(message.get("liquidation_trades") or ())]
        client.resolve(Events(rows), self.get_message_hash("liquidations", market["symbol"]))

    def handle_trades(self, client: Any, message: Any) -> None:
        super().handle_trades(client, message)
        market = self.safe_market(str(message["channel"]).split(":")[1])
        stored = self.trades.get(market["symbol"])
        record = client.ledger.topics.get(self.get_message_hash("trade", market["symbol"])) if hasattr(client, "ledger") else None
        for message_hash in record.hashes if record is not None else ():
            if message_hash.startswith("trades::"):
                client.resolve(stored, message_hash)
