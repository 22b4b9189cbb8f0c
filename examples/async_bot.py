"""A careful market maker for ccxt: one post-only order on each side of the book, moved with the market.

    python async_bot.py config.json

Only ccxt's own names are used, so it runs on any exchange that ccxt has; `python -m ccxt_dex run async_bot.py config.json` adds ours.
The account's symbol belongs to the bot alone: it refuses to start where orders or a position are, and leaves neither behind. Ctrl-C or
SIGTERM winds down. Exit status: 0 after the asked number of fills or a stop, 1 when a person should look, 2 when it did not start.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import signal
import sys
from pathlib import Path

import ccxt.pro as ccxt

log = logging.getLogger("bot")
FINAL = ("closed", "canceled", "rejected", "expired")
# the venue looked at the order and did not take it; every other error leaves open whether the order lives
REFUSALS = (ccxt.InvalidOrder, ccxt.InsufficientFunds, ccxt.RateLimitExceeded)
PATIENCE = 60.0  # seconds for the venue to show that everything is gone


class NeedsAttention(Exception):
    """Nothing may be sent on top of what is not known."""


class Quoter:
    def __init__(self, exchange, settings):
        self.ex = exchange
        self.symbol = settings["symbol"]
        self.distance = settings.get("distance", 0.002)  # of the quotes from the best price, as a fraction
        self.amount = settings.get("amount")  # of one quote in contracts; None: twice the smallest possible
        self.most = settings.get("maxPosition")  # contracts; None: three quotes
        self.fills = settings.get("fills")  # stop after so many filled quotes; None: never
        self.interval = settings.get("interval", 1.0)  # seconds between two looks at the account
        self.stop = asyncio.Event()
        self.book = None
        self.quotes = {}  # side -> order
        self.filled = 0
        self.position = 0.0

    async def run(self):
        watching = asyncio.ensure_future(self.watch())
        trouble = 0
        try:
            while not self.stop.is_set() and (self.fills is None or self.filled < self.fills):
                try:
                    await self.look()
                    book = self.book
                    if book and book["bids"] and book["asks"]:
                        await self.quote(book["bids"][0][0], book["asks"][0][0])
                    trouble = 0
                except ccxt.NetworkError as error:  # of reads and cancels: new orders have their own rules, see `send`
                    trouble += 1
                    log.warning("%s: %s", type(error).__name__, error)
                await self.pause(min(self.interval * 2**trouble, 60.0))
                if watching.done():
                    watching.result()
        finally:
            watching.cancel()
            await asyncio.wait({watching})

    async def watch(self):
        """The book in the background: on a quiet market the next message may be long in coming."""
        while True:
            try:
                self.book = await self.ex.watch_order_book(self.symbol)
            except ccxt.NetworkError as error:
                self.book = None  # an old book is not a market
                log.warning("%s: %s", type(error).__name__, error)
                await self.pause(self.interval)

    async def prepare(self):
        await self.ex.load_markets()
        orders, position = await self.ex.fetch_open_orders(self.symbol), await self.held()
        if orders or position:
            raise NeedsAttention(f"{self.symbol} has {len(orders)} open orders and a position of {position}; this bot wants it empty")
        if self.amount is None:
            limits = self.ex.market(self.symbol)["limits"]
            price = (await self.ex.fetch_order_book(self.symbol))["bids"][0][0]
            least = max(limits["amount"]["min"] or 0.0, (limits["cost"]["min"] or 0.0) / price)
            self.amount = float(self.ex.amount_to_precision(self.symbol, least * 2))
        self.most = 3 * self.amount if self.most is None else self.most
        offered = self.ex.feature_value(self.symbol, "createOrder", "timeInForce") or {}
        # a venue without post-only gets a plain limit order, far enough from the book not to take
        self.params = {"postOnly": True} if offered.get("PO") else {}
        log.info("%s on %s, %s each%s", self.symbol, self.ex.id, self.amount, ", post-only" if self.params else "")

    # --- the account, as the venue shows it

    async def look(self):
        """Forget quotes that are done. What the list of open orders misses is asked for by id: lists of busy venues lag."""
        listed = {order["id"] for order in await self.ex.fetch_open_orders(self.symbol)}
        for side, quote in list(self.quotes.items()):
            if quote["id"] in listed:
                continue
            order = await self.latest(quote)
            if order["status"] in FINAL:
                self.done(side, order)
        self.position = await self.held()

    async def latest(self, quote):
        for _ in range(5):
            with contextlib.suppress(ccxt.OrderNotFound):
                return await self.ex.fetch_order(quote["id"], self.symbol)
            await asyncio.sleep(self.interval)
        raise NeedsAttention(f"the venue does not know order {quote['id']}, which it accepted")

    def done(self, side, order):
        del self.quotes[side]
        if order["filled"]:
            self.filled += 1
            log.info("filled: %s %s at %s", side, order["filled"], order["average"] or order["price"])

    async def held(self):
        """Signed contracts of the position."""
        rows = await self.ex.fetch_positions([self.symbol])
        signed = [float(row["contracts"] or 0) * (-1 if row["side"] == "short" else 1) for row in rows if row["symbol"] == self.symbol]
        return sum(signed)

    # --- quoting

    async def quote(self, bid, ask):
        room = {"buy": self.most - self.position, "sell": self.most + self.position}
        for side, target in (("buy", bid * (1 - self.distance)), ("sell", ask * (1 + self.distance))):
            quote = self.quotes.get(side)
            if quote and abs(quote["price"] - target) > target * self.distance / 2:
                await self.withdraw(side, quote)
            if side not in self.quotes and room[side] >= self.amount and not self.stop.is_set():
                price = float(self.ex.price_to_precision(self.symbol, target))
                order = await self.send("limit", side, self.amount, price, self.params)
                if order:
                    self.quotes[side] = {"id": order["id"], "price": price}

    async def withdraw(self, side, quote):
        """Cancel, and wait for the proof: two quotes on one side are never out at once."""
        with contextlib.suppress(ccxt.OrderNotFound):  # filled or gone already: the order itself tells
            await self.ex.cancel_order(quote["id"], self.symbol)
        for _ in range(50):
            order = await self.latest(quote)
            if order["status"] in FINAL:
                return self.done(side, order)
            await asyncio.sleep(self.interval / 5)
        raise NeedsAttention(f"order {quote['id']} does not go away")

    async def send(self, kind, side, amount, price, params):
        """The order, or None when the venue refused it. An order whose outcome is not known is never sent again."""
        try:
            return await self.ex.create_order(self.symbol, kind, side, amount, price, params)
        except REFUSALS as error:
            log.warning("refused: %s: %s", type(error).__name__, error)
            return None
        except ccxt.BaseError as error:
            raise NeedsAttention(f"{side} {amount} at {price}: {type(error).__name__}: {error}") from error

    async def pause(self, seconds):
        """Sleep, or less when the bot is told to stop."""
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.stop.wait(), seconds)

    # --- the end

    async def wind_down(self):
        """No order and no position left, seen twice in a row: an order of unknown outcome may still turn up."""
        deadline, empty = asyncio.get_running_loop().time() + PATIENCE, 0
        while empty < 2:
            if asyncio.get_running_loop().time() > deadline:
                raise NeedsAttention(f"{self.symbol} could not be emptied: look at the venue")
            try:
                empty = empty + 1 if await self.emptied() else 0
            except ccxt.BaseError as error:
                log.warning("winding down: %s: %s", type(error).__name__, error)
                empty = 0
            await asyncio.sleep(self.interval)
        log.info("no orders, no position")

    async def emptied(self):
        """Take away what is there; whether nothing was."""
        orders = await self.ex.fetch_open_orders(self.symbol)
        for order in orders:
            with contextlib.suppress(ccxt.OrderNotFound):
                await self.ex.cancel_order(order["id"], self.symbol)
        position = await self.held()
        if position and not orders:
            await self.close_position(position)
        return not orders and not position

    async def close_position(self, position):
        """Reduce-only, so that a second one, sent because the first was slow to show or got lost, cannot open anything."""
        if self.ex.has.get("closePosition"):
            await self.ex.close_position(self.symbol)
            return
        side, book = "sell" if position > 0 else "buy", await self.ex.fetch_order_book(self.symbol)
        best = book["bids" if side == "sell" else "asks"][0][0]
        await self.send("market", side, abs(position), best, {"reduceOnly": True})


async def trade(settings):
    exchange = getattr(ccxt, settings["exchange"])(settings.get("config") or {})
    bot = Quoter(exchange, settings)
    listen(bot.stop)
    try:
        try:
            await bot.prepare()
        except (ccxt.BaseError, NeedsAttention) as error:
            log.error("not started: %s: %s", type(error).__name__, error)
            return 2
        return await work(bot)
    finally:
        await exchange.close()


async def work(bot):
    status = 0
    try:
        await bot.run()
    except Exception as error:  # whatever it is, nothing may stay behind
        log.error("%s: %s", type(error).__name__, error, exc_info=not isinstance(error, (ccxt.BaseError, NeedsAttention)))
        status = 1
    try:
        await bot.wind_down()
    except NeedsAttention as error:
        log.error("%s", error)
        status = 1
    log.info("%d quotes filled", bot.filled)
    return status


def listen(stop):
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    sys.exit(asyncio.run(trade(json.loads(Path(sys.argv[1]).read_text()))))
