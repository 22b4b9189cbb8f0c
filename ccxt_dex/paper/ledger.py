"""Writes fills, funding and transfers into accounts, keeps order locks, and ends orders."""

from __future__ import annotations

from decimal import Decimal

from . import margin, spot
from .accounts import Account
from .numbers import money, ratio, share
from .types import ZERO, Fill, FundingPayment, MarginMode, Order, Position, PublicTrade, Side, Status, Transfer
from .world import INSURANCE, MAKER, MarketState, World

ACTIVE = frozenset({"new", "open", "untriggered"})


class Ledger:
    def __init__(self, world: World) -> None:
        self.world = world
        self._stale: dict[tuple[str, str], None] = {}
        """account and market whose locks wait to be computed anew"""
        self._locked_for: dict[int, tuple[Decimal, Decimal, int]] = {}
        """order -> what its lock was computed from"""

    # orders

    def record(self, order: Order) -> None:
        """Puts an order into its account's list for good."""
        account = self.world.accounts[order.account]
        account.orders[order.id] = order
        if order.request.client_id is not None:
            account.by_client[order.request.client_id] = order.id

    def rest(self, order: Order) -> None:
        """Puts what remains of an order into the book."""
        state = self.world.states[order.request.market]
        order.status = "open"
        state.book.sides[order.request.side].add(order)
        account = self.world.accounts[order.account]
        account.open.setdefault(state.market.id, {})[order.id] = order
        self.world.book_changed(state.market.id)
        if account.qty(state.market.id):
            self._stale[account.name, state.market.id] = None
        elif order.price is not None:
            opening = ZERO if order.request.reduce_only or _sells_coins(state, order) else order.remaining
            self._lock(account, order, *margin.reserve(self.world, account, state.market, order.remaining, opening, order.price))

    def wait(self, order: Order) -> None:
        """Keeps a trigger order until its price comes."""
        state = self.world.states[order.request.market]
        order.status = "untriggered"
        state.untriggered[order.id] = order
        self.world.accounts[order.account].open.setdefault(state.market.id, {})[order.id] = order

    def leave(self, order: Order) -> None:
        """Takes an order out of the book or the waiting list, before its status changes."""
        state = self.world.states[order.request.market]
        account = self.world.accounts[order.account]
        if account.open.get(state.market.id, {}).pop(order.id, None) is None:
            return
        if order.status == "untriggered":
            del state.untriggered[order.id]
            return
        state.book.sides[order.request.side].remove(order)
        self.world.book_changed(state.market.id)
        self._locked_for.pop(order.id, None)
        self._lock(account, order, ZERO, ZERO)
        if account.qty(state.market.id):
            self._stale[account.name, state.market.id] = None

    def finish(self, order: Order, status: Status, reason: str | None = None) -> None:
        """Ends an order: out of the book, unlocked, told."""
        self.leave(order)
        order.status = status
        order.reason = reason or order.reason
        self.world.order_changed(order)

    def cancel_others(self, order: Order) -> None:
        """The other half of one-cancels-the-other."""
        if order.oco is None:
            return
        for other in self.world.accounts[order.account].open_in(order.request.market):
            if other.oco == order.oco and other is not order:
                self.finish(other, "canceled", "oco")

    # margin locks

    def relock(self, account: Account, state: MarketState) -> None:
        """What every resting order of a market locks: an order that only closes needs no margin, the oldest orders close first."""
        if account.internal:
            return
        market = state.market
        qty, leverage = account.qty(market.id), margin.leverage(self.world, account, market)
        closing: dict[Side, Decimal] = {"sell": max(qty, ZERO), "buy": max(-qty, ZERO)}
        for order in account.open_in(market.id):
            if order.status != "open" or order.price is None:
                continue
            remaining, side = order.remaining, order.request.side
            closes = min(remaining, closing[side])
            closing[side] -= closes
            opening = ZERO if order.request.reduce_only or _sells_coins(state, order) else remaining - closes
            basis = remaining, opening, leverage
            if self._locked_for.get(order.id) != basis:
                self._locked_for[order.id] = basis
                self._lock(account, order, *margin.reserve(self.world, account, market, remaining, opening, order.price))

    def relock_stale(self) -> None:
        """Done once per operation, and before free balance is asked for: a sweep through ten levels is one recount, not ten."""
        while self._stale:
            (name, market), _ = self._stale.popitem()
            self.relock(self.world.accounts[name], self.world.states[market])

    def _lock(self, account: Account, order: Order, needed: Decimal, locked: Decimal) -> None:
        account.locked += locked - order.locked
        order.margin, order.locked = needed, locked
        self.world.balance_changed(account)

    def closable(self, account: Account, market: str, side: Side, before: Order | None = None) -> Decimal:
        """How much of the position an order of this side would close, after what other resting orders of the side close."""
        qty = account.qty(market)
        left = max(qty, ZERO) if side == "sell" else max(-qty, ZERO)
        if left:
            for other in account.open[market].values() if market in account.open else ():
                if other is not before and other.status == "open" and other.request.side == side:
                    left -= other.remaining
        return max(left, ZERO)

    # fills

    def trade(self, state: MarketState, price: Decimal, qty: Decimal, taker: Order, maker: Order | None) -> Decimal:
        """One match; maker None is a quote. Returns how much of the taker's fill opened a position."""
        world = self.world
        opened = self._side(state, price, qty, taker, True)
        if maker is None:
            self._apply(world.accounts[MAKER], state, _other(taker.request.side), qty, price, ZERO)
        else:
            self._side(state, price, qty, maker, False)
        forced = taker.reason == "liquidation"
        trade = PublicTrade(world.number("trade"), state.market.id, price, qty, taker.request.side, world.time, forced)
        state.trades.append(trade)
        _bar(state, trade)
        state.last = price
        world.price_changed(state)
        world.book_changed(state.market.id)
        world.emit("trade", state.market.id, None, trade)
        return opened

    def _side(self, state: MarketState, price: Decimal, qty: Decimal, order: Order, taker: bool) -> Decimal:
        world, market = self.world, state.market
        account = world.accounts[order.account]
        if not taker and order.remaining == qty:
            self.leave(order)
        order.filled += qty
        order.cost += qty * price
        if account.internal:
            return self._apply(account, state, order.request.side, qty, price, ZERO)[0]
        rate = world.taker_fee(account, market) if taker else world.maker_fee(account, market)
        if order.reason == "liquidation":
            rate += world.rules.liquidation_fee
        in_coins = market.spot and order.request.side == "buy"
        fee = spot.charge(world, account, market, qty, rate) if in_coins else money(qty * price * rate)
        order.fee += fee
        opened, pnl = self._apply(account, state, order.request.side, qty, price, ZERO if in_coins else fee)
        position = account.positions.get(market.id)
        order.position_id = 0 if position is None else position.id
        if order.remaining == 0:
            order.status = "filled"
        world.order_changed(order)
        fill = Fill(
            world.number("fill"),
            order.id,
            order.request.client_id,
            account.name,
            market.id,
            order.request.side,
            price,
            qty,
            fee,
            taker,
            pnl,
            world.time,
            market.base if in_coins else None,
        )
        account.fills.append(fill)
        world.emit("fill", market.id, account.name, fill)
        if position is not None:
            world.position_changed(position)
        self.cancel_others(order)
        self._stale[account.name, market.id] = None
        return opened

    def _apply(
        self, account: Account, state: MarketState, side: Side, qty: Decimal, price: Decimal, fee: Decimal
    ) -> tuple[Decimal, Decimal]:
        """Moves position and balance; returns the quantity that opened and the realized pnl."""
        market = state.market
        if market.spot:
            spot.swap(self.world, account, market, side, qty, price)
            self._charge(account, fee)
            return ZERO, ZERO
        position = account.positions.get(market.id)
        if position is None:
            position = account.positions[market.id] = Position(0, account.name, market.id, 1, "cross", self.world.time, self.world.time)
        signed = qty if side == "buy" else -qty
        closing = min(qty, abs(position.qty)) if position.qty * signed < 0 else ZERO
        pnl = self._close(position, closing, price) if closing else ZERO
        opening = qty - closing
        if opening:
            self._open(account, position, state, opening if signed > 0 else -opening, price)
        position.entry_price = money(ratio(position.cost, position.qty)) if position.qty else ZERO
        account.balance += pnl
        account.realized += pnl
        self._charge(account, fee)
        return opening, pnl

    def _charge(self, account: Account, fee: Decimal) -> None:
        account.balance -= fee
        account.fees += fee
        self.world.fee_pot += fee
        self.world.balance_changed(account)

    def _close(self, position: Position, closing: Decimal, price: Decimal) -> Decimal:
        size = abs(position.qty)
        whole = closing == size
        part = position.cost if whole else share(position.cost, closing, size)
        freed = position.margin if whole else share(position.margin, closing, size)
        signed = closing if position.qty > 0 else -closing
        pnl = signed * price - part
        position.cost -= part
        position.margin -= freed
        position.qty -= signed
        position.realized += pnl
        return pnl

    def _open(self, account: Account, position: Position, state: MarketState, signed: Decimal, price: Decimal) -> None:
        world = self.world
        if not position.qty:
            position.id = world.number("position")
            position.created = world.time
            position.realized = ZERO
            position.leverage = margin.leverage(world, account, state.market)
            position.margin_mode = mode_of(world, account, state)
        position.qty += signed
        position.cost += signed * price
        if position.margin_mode == "isolated" and not account.internal:
            position.margin += money(ratio(abs(signed) * price, Decimal(position.leverage)))

    # reduce-only

    def enforce(self, account: Account, market: str) -> None:
        """Shrinks or cancels what would do more than close the position."""
        qty = account.qty(market)
        closing: Side = "sell" if qty > 0 else "buy"
        left = abs(qty)
        for order in account.open_in(market):
            request = order.request
            if order.status not in ACTIVE or not (request.reduce_only or request.close_position):
                continue
            bound = abs(qty) if order.status == "untriggered" else left
            if request.side != closing or bound <= 0:
                self.finish(order, "canceled", "reduce_only")
                continue
            if request.close_position:
                order.qty = bound
            elif order.remaining > bound:
                order.qty = order.filled + bound
                self.world.order_changed(order)
                self.world.book_changed(market)
            if order.status == "open":
                left -= order.remaining
        self._stale[account.name, market] = None

    # money that is not a fill

    def pay_funding(self, account: Account, state: MarketState, rate: Decimal, time: int) -> Decimal:
        """Longs pay when the rate is positive; returns what the account got."""
        position = account.positions.get(state.market.id)
        if position is None or not position.qty:
            return ZERO
        amount = money(-position.qty * state.mark * rate)
        self.credit_funding(account, position, amount)
        payment = FundingPayment(self.world.number("funding"), account.name, state.market.id, amount, rate, position.qty, time)
        account.fundings.append(payment)
        self.world.emit("funding", state.market.id, account.name, payment)
        self.world.position_changed(position)
        return amount

    def credit_funding(self, account: Account, position: Position | None, amount: Decimal) -> None:
        account.balance += amount
        account.funding += amount
        if position is not None and position.margin_mode == "isolated":
            position.margin += amount
        self.world.balance_changed(account)

    def transfer(self, account: Account, amount: Decimal) -> Transfer:
        account.balance += amount
        account.deposits += amount
        transfer = Transfer(self.world.number("transfer"), account.name, amount, self.world.time)
        account.transfers.append(transfer)
        self.world.balance_changed(account)
        return transfer

    def compensate(self, account: Account, amount: Decimal) -> None:
        """The insurance fund makes good what a liquidation lost beyond the collateral."""
        fund = self.world.accounts[INSURANCE]
        fund.balance -= amount
        fund.compensation -= amount
        account.balance += amount
        account.compensation += amount
        self.world.balance_changed(account)


def mode_of(world: World, account: Account, state: MarketState) -> MarginMode:
    return "isolated" if margin.margin_mode(world, account, state.market) == "isolated" and not account.internal else "cross"


def _sells_coins(state: MarketState, order: Order) -> bool:
    return state.market.spot and order.request.side == "sell"


def _other(side: Side) -> Side:
    return "sell" if side == "buy" else "buy"


def _bar(state: MarketState, trade: PublicTrade) -> None:
    minute = trade.time // 60_000
    bar = state.bars.get(minute)
    value = trade.price * trade.qty
    if bar is None:
        start = state.last
        bar = state.bars[minute] = [start, max(start, trade.price), min(start, trade.price), trade.price, trade.qty, value, 1]
        return
    bar[1], bar[2], bar[3] = max(bar[1], trade.price), min(bar[2], trade.price), trade.price
    bar[4] += trade.qty
    bar[5] += value
    bar[6] += 1
