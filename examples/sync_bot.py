"""A careful trend follower for ccxt, in blocking code: reads candles, takes one position at a time, leaves at a profit, a loss or a time.

    python sync_bot.py config.json

Only ccxt's own names are used, so it runs on any exchange that ccxt has; `python -m ccxt_dex run sync_bot.py config.json` adds ours.
The account's symbol belongs to the bot alone: it refuses to start where orders or a position are, and leaves neither behind. Ctrl-C or
SIGTERM winds down. Exit status: 0 after the asked number of trades or a stop, 1 when a person should look, 2 when it did not start.
"""

from __future__ import annotations

import contextlib
import json
import logging
import signal
import sys
import threading
import time
from pathlib import Path

import ccxt

log = logging.getLogger("bot")
FINAL = ("closed", "canceled", "rejected", "expired")
# the venue looked at the order and did not take it; every other error leaves open whether the order lives
REFUSALS = (ccxt.InvalidOrder, ccxt.InsufficientFunds, ccxt.RateLimitExceeded)
PATIENCE = 60.0  # seconds for the venue to show what must be there


class NeedsAttention(Exception):
    """Nothing may be sent on top of what is not known."""


class Follower:
    def __init__(self, exchange, settings):
        self.ex = exchange
        self.symbol = settings["symbol"]
        self.timeframe = settings.get("timeframe", "1m")
        self.amount = settings.get("amount")  # contracts; None: twice the smallest possible
        self.trades = settings.get("trades")  # stop after so many; None: never
        self.target = settings.get("target", 0.004)  # leave at this gain or loss, as a fraction of the entry price
        self.seconds = settings.get("seconds", 3600)  # or after this time
        self.slippage = settings.get("slippage", 0.01)  # the worst price, as a fraction of the best one
        self.interval = settings.get("interval", 5.0)  # seconds between two looks
        self.entered = 0.0
        # a flag instead of KeyboardInterrupt: no call to the venue is cut off in the middle
        self.stop = threading.Event()

    def run(self):
        done, trouble = 0, 0
        while not self.stop.is_set() and (self.trades is None or done < self.trades):
            try:
                position = self.position()
                if position is None:
                    self.enter(self.direction())
                elif self.over(position):
                    self.close(position)
                    done += 1
                trouble = 0
                self.stop.wait(self.interval)
            except ccxt.NetworkError as error:  # of reads: orders have their own rules, see `send`
                trouble += 1
                log.warning("%s: %s", type(error).__name__, error)
                self.stop.wait(min(2.0**trouble, 60.0))
        log.info("%d trades", done)

    def prepare(self):
        self.ex.load_markets()
        orders, position = self.ex.fetch_open_orders(self.symbol), self.position()
        if orders or position:
            held = position["contracts"] if position else 0
            raise NeedsAttention(f"{self.symbol} has {len(orders)} open orders and a position of {held}; this bot wants it empty")
        if self.amount is None:
            limits = self.ex.market(self.symbol)["limits"]
            least = max(limits["amount"]["min"] or 0.0, (limits["cost"]["min"] or 0.0) / self.best("buy"))
            self.amount = float(self.ex.amount_to_precision(self.symbol, least * 2))
        log.info("%s on %s, %s at a time", self.symbol, self.ex.id, self.amount)

    # --- the market and the account

    def direction(self):
        """The side on which the fast average of the closed candles lies."""
        since = self.ex.milliseconds() - 31 * 1000 * self.ex.parse_timeframe(self.timeframe)
        closes = [candle[4] for candle in self.ex.fetch_ohlcv(self.symbol, self.timeframe, since, 31)[:-1]]
        fast, slow = closes[-10:], closes
        return "buy" if sum(fast) / len(fast) >= sum(slow) / len(slow) else "sell"

    def best(self, side):
        """The best price for somebody who takes."""
        book = self.ex.fetch_order_book(self.symbol)
        return book["asks" if side == "buy" else "bids"][0][0]

    def position(self):
        rows = self.ex.fetch_positions([self.symbol])
        return next((row for row in rows if row["symbol"] == self.symbol and float(row["contracts"] or 0)), None)

    def over(self, position):
        side = "sell" if position["side"] == "long" else "buy"
        moved = abs(self.best(side) / float(position["entryPrice"]) - 1)
        return moved >= self.target or time.monotonic() - self.entered >= self.seconds

    # --- orders

    def enter(self, side):
        order = self.send(side, self.amount, {})
        if order is not None:
            self.entered = time.monotonic()
            filled = self.settled(order)["filled"]
            if filled:
                self.seen(lambda: self.position() is not None, f"the position of {filled} does not show")

    def close(self, position):
        """Reduce-only, so that a second one, sent because the first was slow to show or got lost, cannot open anything."""
        side = "sell" if position["side"] == "long" else "buy"
        if self.ex.has.get("closePosition"):
            self.ex.close_position(self.symbol)
        else:
            self.send(side, float(position["contracts"]), {"reduceOnly": True})
        self.seen(lambda: self.position() is None, "the position does not go away")
        log.info("closed a %s of %s", position["side"], position["contracts"])

    def send(self, side, amount, params):
        """Take what the book has, no worse than the slippage allows; None when the venue refused it.

        An order whose outcome is not known is never sent again.
        """
        best = self.best(side)
        bound = float(self.ex.price_to_precision(self.symbol, best * (1 + self.slippage * (1 if side == "buy" else -1))))
        offered = self.ex.feature_value(self.symbol, "createOrder", "timeInForce") or {}
        kind, price, extra = ("limit", bound, {"timeInForce": "IOC"}) if offered.get("IOC") else ("market", best, {})
        try:
            return self.ex.create_order(self.symbol, kind, side, amount, price, {**extra, **params})
        except REFUSALS as error:
            log.warning("refused: %s: %s", type(error).__name__, error)
            return None
        except ccxt.BaseError as error:
            raise NeedsAttention(f"{side} {amount} at {price}: {type(error).__name__}: {error}") from error

    def settled(self, order):
        found = {}

        def final():
            with contextlib.suppress(ccxt.OrderNotFound):  # a list that lags
                found.update(self.ex.fetch_order(order["id"], self.symbol))
            return found.get("status") in FINAL

        self.seen(final, f"order {order['id']} does not end")
        log.info("%s: %s %s at %s", found["status"], found["side"], found["filled"], found["average"])
        return found

    def seen(self, condition, otherwise):
        """Wait. A read that fails is no answer: what was sent must show before anything else is sent."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                if condition():
                    return
            except ccxt.NetworkError as error:
                log.warning("%s: %s", type(error).__name__, error)
            time.sleep(min(self.interval, 0.5))
        raise NeedsAttention(otherwise)

    # --- the end

    def wind_down(self):
        """No order and no position left, seen twice in a row: an order of unknown outcome may still turn up."""
        deadline, empty = time.monotonic() + PATIENCE, 0
        while empty < 2:
            if time.monotonic() > deadline:
                raise NeedsAttention(f"{self.symbol} could not be emptied: look at the venue")
            try:
                empty = empty + 1 if self.emptied() else 0
            except ccxt.BaseError as error:
                log.warning("winding down: %s: %s", type(error).__name__, error)
                empty = 0
            time.sleep(min(self.interval, 1.0))
        log.info("no orders, no position")

    def emptied(self):
        """Take away what is there; whether nothing was."""
        orders, position = self.ex.fetch_open_orders(self.symbol), self.position()
        for order in orders:
            with contextlib.suppress(ccxt.OrderNotFound):
                self.ex.cancel_order(order["id"], self.symbol)
        if position and not orders:
            self.close(position)
        return not orders and not position


def trade(settings):
    exchange = getattr(ccxt, settings["exchange"])(settings.get("config") or {})
    bot = Follower(exchange, settings)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: bot.stop.set())
    try:
        bot.prepare()
    except (ccxt.BaseError, NeedsAttention) as error:
        log.error("not started: %s: %s", type(error).__name__, error)
        return 2
    status = 0
    for step in (bot.run, bot.wind_down):
        try:
            step()
        except Exception as error:  # whatever it is, nothing may stay behind
            log.error("%s: %s", type(error).__name__, error, exc_info=not isinstance(error, (ccxt.BaseError, NeedsAttention)))
            status = 1
    return status


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    sys.exit(trade(json.loads(Path(sys.argv[1]).read_text())))
