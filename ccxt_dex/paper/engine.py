"""The matching engine that every paper venue shares: pure, synchronous, deterministic for equal seed, clock and calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from . import candles, funding, margin, spot, truth
from .accounts import Account
from .book import Level
from .checks import check_leverage, check_mode_change
from .feed import Feed, Snapshot
from .ledger import mode_of
from .liquidation import liquidate
from .matching import Matching
from .numbers import ratio
from .orders import Orders
from .rules import Rules
from .types import (
    ZERO,
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
    Reject,
    Stats,
    Transfer,
)
from .world import MarketState, World

__all__ = ["Engine", "Level", "Snapshot"]


class _Timed(Protocol):
    @property
    def time(self) -> int: ...


Row = TypeVar("Row", bound=_Timed)


class Engine:
    """A venue without a protocol: markets, books, accounts.

    markets: the contracts on offer. now: the clock, milliseconds; it never goes back. seed: of the market's random numbers.
    Every method that takes an account takes its name, every one that takes a market its id; what the venue refuses raises Reject.
    Histories are oldest first; with `since` the first `limit` rows from then on, without it the last `limit`.
    """

    def __init__(self, markets: Iterable[Market], *, now: Callable[[], int], seed: int = 7, rules: Rules | None = None) -> None:
        self.world = World(markets, now=now, seed=seed, rules=rules or Rules())
        self.markets: dict[str, Market] = self.world.markets
        self.rules = self.world.rules
        self._matching = Matching(self.world)
        self._orders = Orders(self.world, self._matching)
        self._feed = Feed(self.world, self._matching)

    # accounts

    def open_account(self, name: str, deposit: Decimal = ZERO) -> Account:
        """A new account; names are unique and do not begin with "$"."""
        if name in self.world.accounts or name.startswith("$") or not name:
            raise ValueError(f"account name {name!r} is taken or not allowed")
        with self.world.operation():
            account = self.world.accounts[name] = Account(name)
            if deposit:
                self._matching.ledger.transfer(account, deposit)
        return account

    def account(self, name: str) -> Account:
        """KeyError when there is none."""
        return self.world.accounts[name]

    def accounts(self) -> list[Account]:
        return self.world.users()

    def set_leverage(self, account: str, market: str, leverage: int) -> None:
        """Refused above the maximum, or when the position or the open orders would need more margin than there is."""
        with self.world.operation():
            holder, at = self.account(account), self.world.state(market)
            check_leverage(at, leverage)
            before = holder.leverage.get(market)
            holder.leverage[market] = leverage
            undo = self._apply_leverage(holder, at, leverage)
            self._matching.ledger.relock(holder, at)
            if margin.free(self.world, holder) < 0 and leverage < (before or at.market.default_leverage):
                undo()
                holder.leverage.pop(market) if before is None else holder.leverage.update({market: before})
                self._matching.ledger.relock(holder, at)
                raise Reject("insufficient_funds", f"not enough free margin for leverage {leverage}")

    def _apply_leverage(self, holder: Account, at: MarketState, leverage: int) -> Callable[[], None]:
        """Gives an open position the new leverage; a lower one fills an isolated margin up, a higher one takes nothing out."""
        position = holder.positions.get(at.market.id)
        if position is None or not position.qty:
            return lambda: None
        old = position.leverage, position.margin
        position.leverage = leverage
        if position.margin_mode == "isolated":
            position.margin = max(position.margin, margin.initial(self.world, position))
        self.world.position_changed(position)

        def undo() -> None:
            position.leverage, position.margin = old
            self.world.position_changed(position)

        return undo

    def set_margin_mode(self, account: str, market: str, mode: MarginMode) -> None:
        """Refused with an open position or open orders."""
        with self.world.operation():
            holder, at = self.account(account), self.world.state(market)
            if mode != mode_of(self.world, holder, at):
                check_mode_change(holder, at, mode)
                holder.margin_mode[market] = mode

    def leverage(self, account: str, market: str) -> int:
        return margin.leverage(self.world, self.account(account), self.world.state(market).market)

    def margin_mode(self, account: str, market: str) -> MarginMode:
        return mode_of(self.world, self.account(account), self.world.state(market))

    def add_margin(self, account: str, market: str, amount: Decimal) -> None:
        """Moves free balance into (positive) or out of (negative) an isolated position, never below its initial margin at mark."""
        with self.world.operation():
            holder, at = self.account(account), self.world.state(market)
            position = holder.positions.get(market)
            if position is None or not position.qty:
                raise Reject("no_position", f"no position in {market}")
            if position.margin_mode != "isolated":
                raise Reject("margin_mode", "the position is not isolated")
            if amount > 0:
                margin.require_free(self.world, holder, amount)
            else:
                needed = ratio(abs(position.qty) * at.mark, Decimal(position.leverage))
                if position.margin + amount + min(ZERO, margin.upnl(position, at.mark)) < needed:
                    raise Reject("insufficient_funds", f"the position needs a margin of {needed:f}")
            position.margin += amount
            self.world.position_changed(position)
            self.world.balance_changed(holder)

    def transfer(self, account: str, amount: Decimal) -> Transfer:
        """Deposit (positive) or withdrawal (negative, at most what is free)."""
        with self.world.operation():
            holder = self.account(account)
            if amount < 0:
                margin.require_free(self.world, holder, -amount)
            return self._matching.ledger.transfer(holder, amount)

    def credit(self, account: str, coin: str, amount: Decimal) -> None:
        """Coins of spot markets, from outside or (negative, at most what no order holds) to there."""
        with self.world.operation():
            spot.credit(self.world, self.account(account), coin, amount)

    def coins(self, account: str) -> dict[str, tuple[Decimal, Decimal]]:
        """Coin -> what the account has of it, and how much of that resting orders hold."""
        holder = self.account(account)
        return {coin: (amount, spot.locked(self.world, holder, coin)) for coin, amount in holder.coins.items()}

    def snapshot(self, account: str, market: str) -> PositionView | None:
        """None when the account never had a position there; qty 0 when it is closed."""
        holder = self.account(account)
        position = holder.positions.get(market)
        return None if position is None else margin.snapshot(self.world, holder, position)

    def balances(self, account: str) -> BalanceView:
        return margin.balances(self.world, self.account(account))

    def fills(self, account: str, market: str | None = None, *, since: int | None = None, limit: int | None = None) -> list[Fill]:
        return _page([fill for fill in self.account(account).fills if market in (None, fill.market)], since, limit)

    def fundings(
        self, account: str, market: str | None = None, *, since: int | None = None, limit: int | None = None
    ) -> list[FundingPayment]:
        return _page([payment for payment in self.account(account).fundings if market in (None, payment.market)], since, limit)

    def transfers(self, account: str) -> list[Transfer]:
        return list(self.account(account).transfers)

    # orders

    def submit(self, account: str, new: NewOrder) -> Order:
        """Refusals of the checks leave no trace; those of matching (post_only, fok, no_liquidity) are recorded and in reject.order."""
        with self.world.operation():
            return self._orders.submit(self.account(account), new)

    def cancel(self, account: str, order_id: int, reason: str = "user") -> Order:
        """Refused with unknown_order, order_filled or order_canceled (whatever else ended it)."""
        with self.world.operation():
            return self._orders.cancel(self.account(account), order_id, reason)

    def cancel_all(self, account: str, market: str | None = None, reason: str = "user") -> list[Order]:
        """Of one account and, if given, one market; trigger orders too."""
        with self.world.operation():
            return self._orders.cancel_all(self.account(account), market, reason)

    def cancel_after(self, account: str, at_ms: int | None) -> None:
        """Dead man's switch: every order of the account is canceled by the first tick at or after that time; None disarms."""
        self.account(account).cancel_at = at_ms

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
    ) -> Order:
        """Changes an open order; nothing has changed when it is refused by a check.

        qty: the whole quantity, what is filled included. keep_id False: the old order ends with reason "replaced" and a new one takes
        over its client id (or client_id) and what remains (or qty, all of it still to be filled).
        """
        with self.world.operation():
            holder = self.account(account)
            if keep_id:
                return self._orders.edit(holder, order_id, qty, price, trigger)
            order = self._orders.open_order(holder, order_id)
            old = order.request
            new = replace(
                old,
                qty=order.remaining if qty is None else qty,
                price=order.price if price is None else price,
                trigger=(old.trigger if order.status == "untriggered" else None) if trigger is None else trigger,
                client_id=old.client_id if client_id is None else client_id,
            )
            return self._orders.replace(holder, order_id, new)

    def replace(self, account: str, order_id: int, new: NewOrder) -> Order:
        """Cancels an open order (reason "replaced") and submits another, if that one passes the checks; the old one stays otherwise."""
        with self.world.operation():
            return self._orders.replace(self.account(account), order_id, new)

    def link(self, account: str, order_ids: Sequence[int]) -> None:
        """One cancels the others: as soon as one fires or fills, in part or whole."""
        with self.world.operation():
            self._orders.link(self.account(account), order_ids)

    def find(self, account: str, *, order_id: int | None = None, client_id: str | None = None) -> Order | None:
        """By number, or the newest with a client id."""
        holder = self.account(account)
        number = holder.by_client.get(client_id) if order_id is None and client_id is not None else order_id
        return None if number is None else holder.orders.get(number)

    def open_orders(self, account: str, market: str | None = None) -> list[Order]:
        """Resting and untriggered ones, by number."""
        holder = self.account(account)
        orders = [order for name, book in holder.open.items() if market in (None, name) for order in book.values()]
        return sorted(orders, key=lambda order: order.id)

    def set_position_tpsl(
        self, account: str, market: str, take_profit: Decimal | None = None, stop_loss: Decimal | None = None
    ) -> list[Order]:
        """Triggers that close the whole position. None leaves that leg as it is, 0 removes it; returns the legs that are in force."""
        with self.world.operation():
            levels = {"tp": take_profit, "sl": stop_loss}
            return self._orders.triggers.protect(self.account(account), self.world.state(market), levels)  # type: ignore[arg-type]

    # markets

    def book(self, market: str, depth: int | None = None) -> tuple[list[Level], list[Level]]:
        """Bids and asks, best first, the user's orders and the market maker's added up per price."""
        sides = self.world.state(market).book.sides
        return sides["buy"].depth(depth), sides["sell"].depth(depth)

    def best(self, market: str) -> tuple[Decimal | None, Decimal | None]:
        sides = self.world.state(market).book.sides
        bid, ask = sides["buy"].next(), sides["sell"].next()
        return (bid[0] if bid else None), (ask[0] if ask else None)

    def mark(self, market: str) -> Decimal:
        return self.world.state(market).mark

    def index(self, market: str) -> Decimal:
        return self.world.state(market).index

    def last(self, market: str) -> Decimal:
        return self.world.state(market).last

    def price(self, market: str) -> PriceView:
        """All prices of a market at once."""
        at = self.world.state(market)
        bid, ask = at.book.sides["buy"].best(), at.book.sides["sell"].best()
        return PriceView(
            market=market,
            index=at.index,
            mark=at.mark,
            last=at.last,
            bid=bid[0] if bid else None,
            ask=ask[0] if ask else None,
            bid_qty=bid[1] if bid else ZERO,
            ask_qty=ask[1] if ask else ZERO,
            funding_rate=funding.running_rate(self.world, at),
            next_funding=at.next_funding,
            open_interest=sum((max(ZERO, holder.qty(market)) for holder in self.world.accounts.values()), ZERO),
            time=self.world.time,
        )

    def trades(self, market: str, *, since: int | None = None, limit: int | None = None) -> list[PublicTrade]:
        return _page(candles.trades(self.world, self.world.state(market)), since, limit)

    def candles(
        self, market: str, interval_ms: int, *, since: int | None = None, until: int | None = None, limit: int | None = None
    ) -> list[Candle]:
        """Any multiple of a minute, any distance back; the last one is the running one. Default limit 500, at most 5000."""
        return candles.candles(self.world, self.world.state(market), interval_ms, since, until, limit)

    def stats_24h(self, market: str) -> Stats:
        return candles.stats(self.world, self.world.state(market))

    def funding_rate(self, market: str) -> Decimal:
        """The running rate, per funding interval."""
        return funding.running_rate(self.world, self.world.state(market))

    def next_funding(self, market: str) -> int:
        return self.world.state(market).next_funding

    def funding_rates(self, market: str, *, since: int | None = None, limit: int | None = None) -> list[FundingRate]:
        return _page(funding.rates(self.world, self.world.state(market)), since, limit)

    def set_funding_rate(self, market: str, rate: Decimal | None) -> None:
        """Fixes the rate of the next payments; None: computed from the premium again."""
        self.world.state(market).fixed_rate = rate

    def set_price(self, market: str, price: Decimal) -> None:
        """Moves index, mark, ladder and last to a price (rounded to the tick) at once.

        Resting bids at or above it and asks at or below it fill whole, at their own price; then triggers fire, then liquidation.
        """
        with self.world.operation():
            self._orders.expire()
            self._feed.set_price(market, price)
            self._settle()

    def pause(self, paused: bool = True) -> None:
        """A paused market's prices, ladder and takers stand still: what somebody takes from the book stays taken."""
        self._feed.paused = paused

    def set_active(self, market: str, active: bool) -> None:
        """A closed market takes no orders; those it has can be canceled."""
        with self.world.operation():
            at = self.world.state(market)
            at.market = self.markets[market] = replace(at.market, active=active)
            self.world.emit("market", market)

    def replay(self, market: str, snapshots: Sequence[Snapshot], *, loop: bool = True) -> None:
        """Feeds a recording instead of the seeded walk, from now on; the mark follows its middle. An empty one goes back to the walk."""
        with self.world.operation():
            self._feed.replay(market, snapshots, loop)
            self._settle()

    # time

    def tick(self) -> None:
        """Advances to now(): expiry, dead man's switch, feed, funding, triggers, liquidation."""
        with self.world.operation():
            self._orders.expire()
            self._orders.dead_man()
            self._feed.tick()
            funding.pay_due(self.world, self._matching.ledger)
            self._settle()

    def _settle(self) -> None:
        # Stops come first: at the same price they save a position from liquidation.
        self._orders.triggers.settle()
        liquidate(self.world, self._matching)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Calls listener for every Event, in order, at the end of the operation that caused it; returns what ends it."""
        return self.world.listen(listener)

    def state(self) -> dict[str, Any]:
        """Everything, JSON-ready: markets with the top of the book, accounts with every order, fill, position and balance."""
        return truth.whole(self.world, self._feed.paused)


def _page(rows: list[Row], since: int | None, limit: int | None) -> list[Row]:
    if since is not None:
        rows = [row for row in rows if row.time >= since]
        return rows if limit is None else rows[:limit]
    return rows if limit is None else rows[max(0, len(rows) - limit) :]
