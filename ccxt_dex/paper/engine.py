"""The matching engine that every paper venue shares: pure, synchronous, deterministic for equal seed, clock and calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

from . import candles, funding, margin, state
from .accounts import Account
from .feed import Feed, Snapshot
from .liquidation import liquidate
from .matching import Matching
from .orders import Orders
from .rules import Rules
from .types import (
    BalanceView,
    Candle,
    Fill,
    FundingPayment,
    FundingRate,
    Listener,
    MarginMode,
    Market,
    NewOrder,
    Order,
    PositionView,
    PriceView,
    PublicTrade,
    Stats,
    Transfer,
)
from .world import World

Levels = list[tuple[Decimal, Decimal]]


class Engine:
    """A venue without a protocol: markets, books, accounts.

    markets: the contracts on offer. now: the clock, milliseconds; it never goes back. seed: of the market's random numbers.
    Every method that takes an account takes its name, every one that takes a market its id; what the venue refuses raises Reject.
    """

    def __init__(self, markets: Iterable[Market], *, now: Callable[[], int], seed: int = 7, rules: Rules | None = None) -> None:
        self.world = World(markets, now=now, seed=seed, rules=rules or Rules())
        self.markets: dict[str, Market] = self.world.markets
        self.rules = self.world.rules
        self._matching = Matching(self.world)
        self._orders = Orders(self.world, self._matching)
        self._feed = Feed(self.world, self._matching)

    # accounts

    def open_account(self, name: str, deposit: Decimal = Decimal(0)) -> Account: ...
    def account(self, name: str) -> Account: ...
    def accounts(self) -> list[Account]: ...
    def set_leverage(self, account: str, market: str, leverage: int) -> None: ...
    def set_margin_mode(self, account: str, market: str, mode: MarginMode) -> None: ...
    def leverage(self, account: str, market: str) -> int: ...
    def margin_mode(self, account: str, market: str) -> MarginMode: ...
    def add_margin(self, account: str, market: str, amount: Decimal) -> None:
        """Moves free balance into (positive) or out of (negative) an isolated position."""

    def transfer(self, account: str, amount: Decimal) -> Transfer:
        """Deposit (positive) or withdrawal (negative)."""
        ...

    def snapshot(self, account: str, market: str) -> PositionView | None:
        """None when the account never had a position there; qty 0 when it is closed."""

    def balances(self, account: str) -> BalanceView: ...
    def fills(self, account: str, market: str | None = None, *, since: int | None = None, limit: int | None = None) -> list[Fill]: ...
    def fundings(self, account: str, market: str | None = None, *, since: int | None = None, limit: int | None = None) -> list[FundingPayment]: ...
    def transfers(self, account: str) -> list[Transfer]: ...

    # orders

    def submit(self, account: str, new: NewOrder) -> Order: ...
    def cancel(self, account: str, order_id: int, reason: str = "user") -> Order: ...
    def cancel_all(self, account: str, market: str | None = None, reason: str = "user") -> list[Order]: ...
    def cancel_after(self, account: str, at_ms: int | None) -> None:
        """Dead man's switch: every order of the account is canceled at that time; None disarms."""

    def edit(
        self,
        account: str,
        order_id: int,
        *,
        qty: Decimal | None = None,
        price: Decimal | None = None,
        trigger: Decimal | None = None,
        keep_id: bool = True,
        client_id: str | None = None,
    ) -> Order: ...
    def replace(self, account: str, order_id: int, new: NewOrder) -> Order:
        """Cancels an open order (reason "replaced") and submits another, if that one passes the checks; the old one stays otherwise."""
        ...

    def link(self, account: str, order_ids: Sequence[int]) -> None:
        """One cancels the others."""

    def find(self, account: str, *, order_id: int | None = None, client_id: str | None = None) -> Order | None: ...
    def open_orders(self, account: str, market: str | None = None) -> list[Order]: ...
    def set_position_tpsl(
        self, account: str, market: str, take_profit: Decimal | None = None, stop_loss: Decimal | None = None
    ) -> list[Order]:
        """Triggers that close the whole position. None leaves that leg as it is, 0 removes it; returns the legs that are in force."""
        ...

    # markets

    def book(self, market: str, depth: int | None = None) -> tuple[Levels, Levels]: ...
    def best(self, market: str) -> tuple[Decimal | None, Decimal | None]: ...
    def mark(self, market: str) -> Decimal: ...
    def index(self, market: str) -> Decimal: ...
    def last(self, market: str) -> Decimal: ...
    def price(self, market: str) -> PriceView: ...
    def trades(self, market: str, *, since: int | None = None, limit: int | None = None) -> list[PublicTrade]: ...
    def candles(self, market: str, interval_ms: int, *, since: int | None = None, until: int | None = None, limit: int | None = None) -> list[Candle]: ...
    def stats_24h(self, market: str) -> Stats: ...
    def funding_rate(self, market: str) -> Decimal: ...
    def next_funding(self, market: str) -> int: ...
    def funding_rates(self, market: str, *, since: int | None = None, limit: int | None = None) -> list[FundingRate]: ...
    def set_funding_rate(self, market: str, rate: Decimal | None) -> None:
        """Fixes the rate of the next payments; None: computed from the premium again."""

    def set_price(self, market: str, price: Decimal) -> None: ...
    def pause(self, paused: bool = True) -> None: ...
    def set_active(self, market: str, active: bool) -> None: ...
    def replay(self, market: str, snapshots: Sequence[Snapshot], *, loop: bool = True) -> None:
        """Feeds a recording instead of the seeded walk. Snapshot(time_ms, bids, asks)."""

    # time

    def tick(self) -> None:
        """Advances to now(): expiry, feed, triggers, funding, liquidation."""

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Calls listener for every Event, in order, at the end of the operation that caused it; returns what ends it."""
        ...

    def state(self) -> dict[str, Any]:
        """Everything, JSON-ready."""
        ...
