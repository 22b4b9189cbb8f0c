"""Public streams: marks and market status from sockets, the book from quotes asked for again and again, because no channel has one."""

from __future__ import annotations

import asyncio
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.variational import parsing, streams, tables
from ccxt_dex.exchanges.variational.market_data import MarketData
from ccxt_dex.exchanges.variational.room import NONE, Params
from ccxt_dex.parts.leaving import LeavesMarks

SKEW_MS = 60_000
"""how far a clock may be ahead of ours"""


class Feeds(LeavesMarks, MarketData):
    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._polls: dict[str, Any] = {}
        self._last_prices: dict[str, Any] = {}

    def socket(self, path: str) -> str:
        return f"{self.urls['api']['ws']}{path}"

    # --- prices -----------------------------------------------------------------------------------------------------------------------

    def listen(self, market: Any) -> Any:
        """An awaitable for the next price of a market."""
        key = f"price:{market['symbol']}"
        message = {"action": "subscribe", "instruments": [self.instrument(market)]}
        return self.watch(self.socket(streams.PRICES), key, message, key)

    async def wanted(self, symbols: Any) -> list[Any]:
        await self.load_markets()
        names = self.market_symbols(symbols)
        if not names:
            raise errors.ArgumentsRequired(f"{self.id} nothing to watch: name the symbols (each is a subscription of its own)")
        return [self.market(name) for name in names]

    async def watch_ticker(self, symbol: str, params: Params = NONE) -> Any:
        """Mark and index price, about once a second; `last` is the mark, and the channel has no bid and ask."""
        return await self.listen((await self.wanted([symbol]))[0])

    async def watch_mark_price(self, symbol: str, params: Params = NONE) -> Any:
        """As `watch_ticker`."""
        return await self.watch_ticker(symbol, params)

    async def watch_tickers(self, symbols: Any = None, params: Params = NONE) -> Any:
        """The next ticker of any of the symbols, as {symbol: ticker}."""
        waiting = [asyncio.ensure_future(self.listen(market)) for market in await self.wanted(symbols)]
        try:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            found = [future.result() for future in waiting if future in done]
            return {ticker["symbol"]: ticker for ticker in found}
        finally:
            for future in waiting:
                if not future.done():
                    future.cancel()
                elif not future.cancelled():
                    future.exception()

    async def watch_mark_prices(self, symbols: Any = None, params: Params = NONE) -> Any:
        """As `watch_tickers`."""
        return await self.watch_tickers(symbols, params)

    def handle_price(self, client: Any, message: dict[str, Any]) -> None:
        market = self.market_of(str(message["channel"]).partition(":")[2])
        raw = message.get("pricing")
        if market is None or not isinstance(raw, dict):
            return
        symbol = market["symbol"]
        found = self.pure(parsing.price_frame, raw)
        known = (self._last_prices.get(symbol) or {}).get("timestamp")
        # one that is out of all proportion must not shut out all that follow
        if known is not None and found["timestamp"] is not None and found["timestamp"] < known <= self.server_milliseconds() + SKEW_MS:
            return  # an older one than the one that was handed out
        ticker = self.ticker_of(found, raw, market)
        self.tickers[symbol] = self._last_prices[symbol] = ticker
        client.resolve(ticker, f"price:{symbol}")

    async def un_watch_ticker(self, symbol: str, params: Params = NONE) -> Any:
        """Leaves a market's prices. The venue closes a socket that has none left, so the last one takes the connection with it."""
        await self.load_markets()
        name = self.market(symbol)["symbol"]
        client = (self.clients or {}).get(self.socket(streams.PRICES))
        self.tickers.pop(name, None)
        self._last_prices.pop(name, None)
        if client is None or f"price:{name}" not in client.subscriptions:
            return True
        if len(client.subscriptions) > 1:
            client.unsubscribe(f"price:{name}")
        else:
            client.reject(errors.UnsubscribeError(f"{self.id} price:{name}"), f"price:{name}")
            self.clients.pop(client.url, None)
            await client.close()
        return True

    async def un_watch_tickers(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Leaves several, all when none is named."""
        await self.load_markets()
        for name in self.market_symbols(symbols) or list(self._last_prices):
            await self.un_watch_ticker(name, params)
        return True

    # --- market status ----------------------------------------------------------------------------------------------------------------

    async def watch_status(self, params: Params = NONE) -> Any:
        """The next change of any market between open, closed and halted; `info` has it by base. Loaded markets follow."""
        await self.load_markets()
        return await self.watch(self.socket(streams.STATUS), "status", None, "status")

    def handle_market_status(self, client: Any, message: list[Any]) -> None:
        """One pair, or a list of pairs."""
        pairs = [message] if len(message) == 2 and all(isinstance(each, str) for each in message) else message
        told = {str(each[0]): str(each[1]) for each in pairs if isinstance(each, list) and len(each) == 2}
        for market in self.markets.values() if self.markets else ():
            word = told.get(market["base"])
            if word is not None and market["info"].get("is_close_only_mode") is not True:
                market["active"] = word not in tables.CLOSED_MARKET
        client.resolve({"status": "ok", "updated": self.milliseconds(), "eta": None, "url": None, "info": told}, "status")

    # --- the book ---------------------------------------------------------------------------------------------------------------------

    async def watch_order_book(self, symbol: str, limit: int | None = None, params: Params = NONE) -> Any:
        """As `fetch_order_book`, asked for once a second (options["pollSeconds"]) on behalf of everybody who watches the symbol.

        While quotes cannot be had the book that was handed out is marked stale; the error comes when the repair gives up.
        """
        await self.load_markets()
        market = self.market(symbol)
        name = market["symbol"]
        loop = asyncio.get_running_loop()
        poll = self._polls.get(name)
        if poll is None or poll["loop"] is not loop or poll["task"].done():
            poll = self._polls[name] = {"loop": loop, "waiting": [], "task": None}
            poll["task"] = loop.create_task(self.poll_book(market, poll, dict(params)))
            self._tasks.add(poll["task"])
            poll["task"].add_done_callback(self._tasks.discard)
        future = loop.create_future()
        poll["waiting"].append(future)
        return await future

    async def poll_book(self, market: Any, poll: dict[str, Any], params: Params) -> None:
        """Ends by itself when nobody has asked for three rounds."""
        settings = self.options.get("ws") or {}
        pause, patience = float(self.options.get("pollSeconds", 1.0)), float(settings.get("maxRepairSeconds", 30.0))
        idle, failing = 0, None
        loop = asyncio.get_running_loop()
        try:
            while idle < 3:
                began = loop.time()
                if not poll["waiting"]:
                    idle += 1
                else:
                    idle = 0
                    try:
                        self.take_book(market, poll, await self.fetch_order_book(market["symbol"], None, params))
                        failing = None
                    except (errors.NetworkError, errors.BadResponse) as error:
                        failing = failing if failing is not None else began
                        self.lose_book(market)
                        if loop.time() - failing >= patience or isinstance(error, errors.ExchangeClosedByUser):
                            raise
                await asyncio.sleep(max(pause - (loop.time() - began), 0.05 if failing is None else min(0.25, pause)))
            self.lose_book(market)
        except asyncio.CancelledError:
            self.wake(poll, errors.ExchangeClosedByUser(f"{self.id} closed by user"))
            raise
        except errors.BaseError as error:
            self.lose_book(market)
            self.wake(poll, error)

    def take_book(self, market: Any, poll: dict[str, Any], found: Any) -> None:
        symbol = market["symbol"]
        book = self.orderbooks.get(symbol)
        if book is None:
            book = self.orderbooks[symbol] = self.order_book({})
        book.snapshot(found["bids"], found["asks"], found["timestamp"], None, symbol)
        book["info"] = found["info"]
        waiting, poll["waiting"] = poll["waiting"], []
        for future in waiting:
            if not future.done():
                future.set_result(book)

    def lose_book(self, market: Any) -> None:
        book = self.orderbooks.get(market["symbol"])
        if book is not None and hasattr(book, "lose"):
            book.lose(asyncio.get_running_loop().time())

    def wake(self, poll: dict[str, Any], error: Exception) -> None:
        waiting, poll["waiting"] = poll["waiting"], []
        for future in waiting:
            if not future.done():
                future.set_exception(error)

    async def un_watch_order_book(self, symbol: str, params: Params = NONE) -> Any:
        """Stops asking for a book and forgets it."""
        await self.load_markets()
        market = self.market(symbol)
        poll = self._polls.pop(market["symbol"], None)
        if poll is not None:
            self.wake(poll, errors.UnsubscribeError(f"{self.id} order book {market['symbol']}"))
            poll["task"].cancel()
            self.lose_book(market)
        self.orderbooks.pop(market["symbol"], None)
        return True
