"""Keeps a connector's picture of the venue up to date: streams where the class has them, polling where it has not.

Every loop survives every error; what it cannot read any more is forgotten, so that no script trades on a picture of the past.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.bots.hummingbot.announcing import Announcer
from ccxt_dex.bots.hummingbot.desk import Desk
from ccxt_dex.bots.hummingbot.events import OrderBookTradeEvent
from ccxt_dex.bots.hummingbot.orderbook import OrderBook
from ccxt_dex.bots.hummingbot.rules import Rules
from ccxt_dex.bots.hummingbot.words import TradeType

__all__ = ["Feeds", "Pace", "forever", "waited"]

logger = logging.getLogger("ccxt_dex.hummingbot")
# errors that will not go away
_FATAL = (errors.NotSupported, errors.AuthenticationError, errors.BadSymbol)


class Pace:
    """Seconds between requests; tests make them small."""

    poll = 1.0
    """of what has no stream"""
    quiet = 10.0
    """a stream that is silent for so long is compared with a request"""
    reconcile = 10.0
    """of orders that have a stream"""
    account = 5.0
    funding = 30.0
    payments = 120.0
    longest_pause = 30.0


async def waited(event: asyncio.Event, seconds: float) -> None:
    """Until the event is set, at most so long. Never swallows a cancellation, as wait_for does before Python 3.12."""
    waiter = asyncio.ensure_future(event.wait())
    try:
        await asyncio.wait([waiter], timeout=max(seconds, 0.0))
    finally:
        waiter.cancel()


async def forever(
    what: str, step: Callable[[], Awaitable[Any]], pace: Pace, failed: Callable[[], None] | None = None, *, needed: bool = True
) -> None:
    """Repeat a step; after an error pause, twice as long each time, and say it once.

    :param failed: called after each error
    :param needed: False: something else does the same more slowly, so an error that will not go away ends it
    """
    pause, last = 0.25, ""
    while True:
        try:
            await step()
            if last:
                logger.info("%s works again", what)
            pause, last = 0.25, ""
        except asyncio.CancelledError:
            raise
        except Exception as error:
            if failed is not None:
                failed()
            text = f"{type(error).__name__}: {error}"
            if text != last:
                logger.warning("%s: %s", what, text)
            last = text
            if isinstance(error, _FATAL) and not needed:
                logger.warning("%s: given up", what)
                return
            await asyncio.sleep(pause)
            pause = min(pause * 2, pace.longest_pause)


class Feeds:
    """The loops of one connector that read markets and the rows of own orders."""

    def __init__(self, exchange: Any, desk: Desk, announcer: Announcer, rules: dict[str, Rules], pace: Pace) -> None:
        self.exchange, self.desk, self.announcer, self.rules, self.pace = exchange, desk, announcer, rules, pace

    def has(self, name: str) -> bool:
        return bool(self.exchange.has.get(name))

    # --- markets -------------------------------------------------------------------------------------------------------------------------

    def book(self, pair: str, symbol: str, book: OrderBook) -> Awaitable[None]:
        """Keep one order book."""

        pending: list[asyncio.Future[Any]] = []

        async def watched() -> None:
            # the watch goes on while we compare: cancelling it would take the result from others who wait for it
            if not pending:
                pending.append(asyncio.ensure_future(self.exchange.watch_order_book(symbol)))
            try:
                done, _ = await asyncio.wait(pending, timeout=self.pace.quiet)
            except asyncio.CancelledError:
                pending.pop().cancel()
                raise
            # silent: nothing happens, or nothing arrives; the venue knows which
            book.replace(pending.pop().result() if done else await self.exchange.fetch_order_book(symbol))

        async def polled() -> None:
            book.replace(await self.exchange.fetch_order_book(symbol))
            await asyncio.sleep(self.pace.poll)

        step = watched if self.has("watchOrderBook") else polled
        return forever(f"{self.exchange.id} book of {pair}", step, self.pace, book.forget)

    def trades(self, pair: str, symbol: str, book: OrderBook) -> Awaitable[None]:
        """Tell public trades to listeners of a book."""
        seen: set[Any] = set()
        rules = self.rules[pair]

        def tell(rows: Any) -> None:
            fresh = [row for row in rows if _key(row) not in seen]
            seen.update(map(_key, rows))
            if len(seen) > 10_000:
                seen.intersection_update(map(_key, rows))
            for row in fresh:
                side = TradeType.BUY if row.get("side") == "buy" else TradeType.SELL
                price, amount = row["price"], float(rules.from_venue(row["amount"]))
                book.apply_trade(OrderBookTradeEvent(pair, (row.get("timestamp") or 0) / 1000, side, price, amount, row.get("id")))

        async def watched() -> None:
            tell(await self.exchange.watch_trades(symbol))

        async def polled() -> None:
            tell(await self.exchange.fetch_trades(symbol))
            await asyncio.sleep(self.pace.poll)

        return forever(f"{self.exchange.id} trades of {pair}", watched if self.has("watchTrades") else polled, self.pace, needed=False)

    async def last_price(self, pair: str, symbol: str, book: OrderBook) -> None:
        """The last trade from before we listened; without it the price is NaN until the first one."""
        try:
            ticker = await self.exchange.fetch_ticker(symbol)
        except errors.BaseError as error:
            logger.debug("%s last price of %s: %s", self.exchange.id, pair, error)
            return
        if ticker.get("last") and math.isnan(book.last_trade_price):
            book.last_trade_price = float(ticker["last"])

    # --- own orders ----------------------------------------------------------------------------------------------------------------------

    def orders(self, symbol: str) -> Awaitable[None]:
        """Rows of own orders; only where there is a stream."""

        async def watched() -> None:
            for row in await self.exchange.watch_orders(symbol):
                self._touched(self.announcer.order(row))

        return forever(f"{self.exchange.id} orders of {symbol}", watched, self.pace, self.desk.changed.set, needed=False)

    def fills(self, symbol: str) -> Awaitable[None]:
        """Rows of own fills; only where there is a stream."""

        async def watched() -> None:
            for row in await self.exchange.watch_my_trades(symbol):
                self._touched(self.announcer.trade(row))

        return forever(f"{self.exchange.id} fills of {symbol}", watched, self.pace, self.desk.changed.set, needed=False)

    def reconciled(self) -> Awaitable[None]:
        """Compare orders with the venue, often where they have no stream."""
        interval = self.pace.reconcile if self.has("watchOrders") else self.pace.poll

        async def compared() -> None:
            await asyncio.sleep(interval)
            await self.desk.reconcile()

        return forever(f"{self.exchange.id} orders", compared, self.pace)

    def _touched(self, order: Any) -> None:
        if order is not None:
            self.desk.changed.set()
            self.desk.follow_up(order)


def _key(row: Any) -> Any:
    return row.get("id") or (row.get("timestamp"), row.get("price"), row.get("amount"), row.get("side"))
