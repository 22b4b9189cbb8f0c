"""What every room's streams share: waiting for the first of several topics, caches of the account's rows, and how these are handed out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import Any

from ccxt_dex._ccxt import ArrayCacheBySymbolById, ArrayCacheBySymbolBySide, errors
from ccxt_dex.parts.part import Part

__all__ = ["Watching"]

Params = dict[str, Any]
_NONE: Params = {}


class Watching(Part):
    """Part of Dex."""

    # --- public -------------------------------------------------------------------------------------------------------------------------

    async def first_of(self, waiting: list[Any]) -> Any:
        """The first result of several topics; each has a subscription of its own, so that one can be left alone.

        :raises ArgumentsRequired: no topic
        """
        if not waiting:
            raise errors.ArgumentsRequired(f"{self.id} nothing to watch: name at least one symbol")
        if len(waiting) == 1:
            return await waiting[0]
        futures = [asyncio.ensure_future(item) for item in waiting]
        try:
            done, _ = await asyncio.wait(futures, return_when=asyncio.FIRST_COMPLETED)
            return next(future for future in futures if future in done).result()
        finally:
            for future in futures:
                if not future.done():
                    future.cancel()
                elif not future.cancelled():
                    future.exception()

    async def wanted(self, symbols: Any) -> list[Any]:
        """Markets of the symbols, all active ones when none is named."""
        await self.load_markets()
        names = self.market_symbols(symbols)
        return [self.market(name) for name in names] if names else [row for row in self.markets.values() if row["active"]]

    # --- the account's rows -----------------------------------------------------------------------------------------------------------------

    def order_cache(self) -> Any:
        """Own orders by symbol and id."""
        if self.orders is None:
            self.orders = ArrayCacheBySymbolById(self.safe_integer(self.options, "ordersLimit", 1000))
        return self.orders

    def fill_cache(self) -> Any:
        """Own fills by symbol and id."""
        if self.myTrades is None:
            self.myTrades = ArrayCacheBySymbolById(self.safe_integer(self.options, "tradesLimit", 1000))
        return self.myTrades

    def position_cache(self) -> Any:
        """Positions by symbol and side."""
        if self.positions is None:
            self.positions = ArrayCacheBySymbolBySide()
        return self.positions

    def last_position(self, symbol: str) -> Any:
        """The latest state of a market's position, None when none was seen."""
        sides = self.position_cache().hashmap.get(symbol, {})
        return max(sides.values(), key=lambda row: row["timestamp"] or 0, default=None)

    def unified_symbol(self, symbol: str | None) -> str | None:
        """The symbol itself for an alias of it; markets must be loaded."""
        return None if symbol is None else str(self.market(symbol)["symbol"])

    async def handed_out(self, rows: Awaitable[Any], symbol: str | None, since: int | None, limit: int | None) -> Any:
        """Rows of a cache as a watch method returns them: what is new, filtered.

        :param rows: resolves to an order or fill cache
        :param symbol: unified, None for all
        """
        self._watched_since = self._watched_since or time.monotonic()
        found = await rows
        if self.newUpdates:
            limit = found.getLimit(symbol, limit)
        return self.filter_by_symbol_since_limit(found, symbol, since, limit, True)

    def unread_since(self, client: Any, began: int | None = None) -> int:
        """Since when private rows may have been missed, in unix ms: a fixed moment, for what the new connection tells is later than they are.

        :param client: the account's socket
        :param began: unix ms of when the rows were first asked for; None: when the first stream of own rows was
        """
        now = time.monotonic()
        if began is None:
            began = int(self.server_milliseconds() - (now - (self._watched_since or now)) * 1000)
        return max(began, client.missed_since or 0)

    async def ended_meanwhile(
        self, listed: Collection[str], look: Callable[[str, str | None], Awaitable[Any]], known: Iterable[str] = ()
    ) -> list[Any]:
        """What became of orders during an outage: those that were open when they were last told, and those placed since of which nothing was.

        :param listed: ids of the orders that are open now
        :param look: (order id, unified symbol or None) -> the order, in whatever form
        :param known: ids of more orders that were open
        """
        found = []
        for order_id, symbol in {**dict.fromkeys(known), **self._unfinished()}.items():
            if order_id not in listed:
                try:
                    found.append(await look(order_id, symbol))
                except errors.OrderNotFound:
                    self.logger.warning("%s order %s is gone and cannot be looked up", self.id, order_id)
        return [each for each in found if each is not None]

    def _unfinished(self) -> dict[str, str | None]:
        known = {str(row["id"]): row for row in self.orders or ()}
        found: dict[str, str | None] = {each: row["symbol"] for each, row in known.items() if row["status"] == "open"}
        if self._watched_since is not None:
            found.update((each, symbol) for each, (symbol, at) in self._placed.items() if at >= self._watched_since and each not in known)
        return found

    def readable_rows(self, client: Any, key: str, parse: Callable[[Any], Any], rows: Iterable[Any]) -> list[Any]:
        """What can be read of a frame's rows. One that cannot keeps no other from being told; whoever waits on the topic hears of it.

        :param key: the topic's subscribe hash
        :param parse: raises a ccxt exception for what it cannot read
        """
        found = []
        for row in rows:
            try:
                found.append(parse(row))
            except errors.BaseError as error:
                self.logger.warning("%s %s: a row could not be read", self.id, key)
                client.confirm(key)  # it is no refusal of the subscription
                record = client.ledger.topics.get(key)
                for message_hash in record.hashes if record is not None else (key,):
                    client.reject(error, message_hash)
        return found

    async def changed_positions(self, rows: Any, symbols: Any, since: int | None, limit: int | None) -> Any:
        """The next changed positions among the symbols.

        :param rows: called for each wait, gives an awaitable of changed positions
        """
        names = self.market_symbols(symbols) or None
        while True:
            found = [row for row in await rows() if names is None or row["symbol"] in names]
            if found:
                return self.filter_by_symbols_since_limit(found, names, since, limit, True)

    async def watch_position(self, symbol: str | None = None, params: Params = _NONE) -> Any:
        """The next state of one market's position.

        :raises ArgumentsRequired: no symbol
        """
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} watch_position() needs a symbol")
        return (await self.watch_positions([symbol], None, None, params))[-1]

    async def watch_position_for_symbols(
        self, symbols: Any = None, since: int | None = None, limit: int | None = None, params: Params = _NONE
    ) -> Any:
        """As `watch_positions`."""
        return await self.watch_positions(symbols, since, limit, params)
