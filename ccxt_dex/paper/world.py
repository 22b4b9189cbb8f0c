"""What all parts of the engine share: markets with their prices and books, accounts, counters, events."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from decimal import Decimal, localcontext
from typing import Any

from . import margin
from .accounts import Account
from .book import Book
from .numbers import EXACT
from .rules import FeedRules, Rules
from .types import ZERO, Event, FundingRate, Liquidation, Listener, Market, Order, Position, PublicTrade, Reject

MAKER, FLOW, INSURANCE = "$maker", "$flow", "$insurance"


class MarketState:
    """One market's prices, book and past."""

    def __init__(self, market: Market, now: int) -> None:
        self.market = market
        self.book = Book()
        self.index = self.mark = self.last = market.price
        self.started = now
        self.trades: deque[PublicTrade] = deque(maxlen=5000)
        self.bars: dict[int, list[Any]] = {}
        """minute -> open, high, low, close, volume, quote volume, trades"""
        self.funding: list[FundingRate] = []
        self.fixed_rate: Decimal | None = None
        self.next_funding = next_multiple(now, market.funding_interval_ms)
        self.untriggered: dict[int, Order] = {}
        self.prices_changed = False
        self.past: dict[Any, Any] = {}
        """cache of computed history"""


def next_multiple(now: int, interval: int) -> int:
    return (now // interval + 1) * interval


class World:
    """The shared state; parts of the engine change it inside operation()."""

    def __init__(self, markets: Iterable[Market], *, now: Callable[[], int], seed: int, rules: Rules) -> None:
        self.markets = {market.id: market for market in markets}
        self.now, self.seed, self.rules = now, seed, rules
        self.time = self.started = now()
        self.states = {market.id: MarketState(market, self.time) for market in self.markets.values()}
        self.accounts: dict[str, Account] = {name: Account(name, internal=True) for name in (MAKER, FLOW, INSURANCE)}
        self.fee_pot = ZERO
        self.coin_pot: dict[str, Decimal] = {}
        """fees of spot buyers"""
        self.liquidations: list[Liquidation] = []
        self.settlers: list[Callable[[], None]] = []
        """run at the end of every operation, before its events are told"""
        self._counters: dict[str, int] = {}
        self._listeners: list[Listener] = []
        self._events: deque[Event] = deque()
        self._books: dict[str, None] = {}
        self._prices: dict[str, None] = {}
        self._balances: dict[str, None] = {}
        self._depth = 0
        self._telling = False

    def number(self, kind: str) -> int:
        """The next number of a kind, from 1."""
        self._counters[kind] = count = self._counters.get(kind, 0) + 1
        return count

    def state(self, market: str) -> MarketState:
        state = self.states.get(market)
        if state is None:
            raise Reject("unknown_market", f"unknown market {market}")
        return state

    def feed_rules(self, market: str) -> FeedRules:
        return self.rules.feeds.get(market, self.rules.feed)

    def users(self) -> list[Account]:
        return [account for account in self.accounts.values() if not account.internal]

    def maker_fee(self, account: Account, market: Market) -> Decimal:
        return market.maker_fee if account.maker_fee is None else account.maker_fee

    def taker_fee(self, account: Account, market: Market) -> Decimal:
        return market.taker_fee if account.taker_fee is None else account.taker_fee

    @contextmanager
    def operation(self) -> Iterator[None]:
        """One change as seen from outside: exact arithmetic, one time, consequences settled, then events told in order."""
        if self._depth:
            yield
            return
        self._depth = 1
        self.time = max(self.time, self.now())
        try:
            with localcontext(EXACT):
                try:
                    yield
                finally:
                    for settle in self.settlers:
                        settle()
                    self._summarize()
        finally:
            self._depth = 0
            self._tell()

    def listen(self, listener: Listener) -> Callable[[], None]:
        self._listeners.append(listener)

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return stop

    def emit(self, kind: str, market: str | None = None, account: str | None = None, data: Any = None) -> None:
        if self._listeners:
            self._events.append(Event(kind, market, account, data))

    def order_changed(self, order: Order) -> None:
        order.updated = self.time
        if self._listeners and order.account[0] != "$":
            self._events.append(Event("order", order.request.market, order.account, copy(order)))

    def position_changed(self, position: Position) -> None:
        position.updated = self.time
        if self._listeners and position.account[0] != "$":
            self._events.append(Event("position", position.market, position.account, copy(position)))

    def balance_changed(self, account: Account) -> None:
        if not account.internal:
            self._balances[account.name] = None

    def book_changed(self, market: str) -> None:
        self._books[market] = None

    def price_changed(self, state: MarketState) -> None:
        state.prices_changed = True
        self._prices[state.market.id] = None

    def _summarize(self) -> None:
        """One event for all that an operation did to a balance, a book or a price."""
        if self._listeners:
            for name in self._balances:
                self.emit("balance", None, name, margin.balances(self, self.accounts[name]))
            for market in self._prices:
                self.emit("price", market)
            for market in self._books:
                self.emit("book", market)
        self._balances.clear()
        self._prices.clear()
        self._books.clear()

    def _tell(self) -> None:
        # A listener may call the engine again: what that causes is told after what is already waiting.
        if self._telling:
            return
        self._telling = True
        try:
            while self._events:
                event = self._events.popleft()
                for listener in list(self._listeners):
                    listener(event)
        finally:
            self._telling = False
