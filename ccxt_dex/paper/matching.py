"""Price-time matching: what happens to an order that passed the checks."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from .ledger import Ledger
from .types import ZERO, NewOrder, Order, Reject, Side, TimeInForce
from .world import FLOW, MAKER, MarketState, World


class Matching:
    def __init__(self, world: World) -> None:
        self.world = world
        self.ledger = Ledger(world)
        self.after_fill: Callable[[Order, Decimal], None] | None = None
        """told about every fill of a user's order: the order, and how much of the fill opened a position"""

    def enter(self, order: Order) -> None:
        """Matches a user's order and rests or cancels what remains; raises Reject when it may not trade as asked."""
        state = self.world.states[order.request.market]
        refusal = self._refusal(order, state)
        if refusal is not None:
            raise refusal
        filled = order.filled
        self._end(order, self.take(order, state))
        if order.status == "open" and order.filled == filled:
            self.ledger.relock_stale()
            self.world.order_changed(order)
        if order.status == "open" and order.request.reduce_only:
            self.ledger.enforce(self.world.accounts[order.account], state.market.id)

    def _refusal(self, order: Order, state: MarketState) -> Reject | None:
        request, limit = order.request, limit_of(order)
        side = state.book.against(request.side)
        own = None if self.world.rules.self_trade == "allow" else order.account
        if request.type == "market" and side.available(limit, order.remaining, None) == 0:
            return Reject("no_liquidity", "no liquidity for a market order" + ("" if limit is None else f" within {limit}"))
        if request.tif == "alo" and request.type == "limit" and side.available(limit, order.remaining, None):
            best = side.next()
            return Reject("post_only", f"post-only order would have matched at {best[0] if best else None}")
        if request.tif == "fok" and side.available(limit, order.remaining, own) < order.remaining:
            return Reject("fok", "order cannot be filled at once and whole")
        return None

    def take(self, order: Order, state: MarketState) -> str | None:
        """Trades until done; the word for why it stopped when nothing may rest any more."""
        order.status = "open"
        side, limit = state.book.against(order.request.side), limit_of(order)
        account = self.world.accounts[order.account]
        while order.remaining:
            found = side.next()
            if found is None or not side.reaches(found[0], limit):
                return None
            price, qty, maker = found
            qty = min(qty, order.remaining)
            if order.request.reduce_only or order.request.close_position:
                held = account.qty(state.market.id)
                qty = min(qty, max(held if order.request.side == "sell" else -held, ZERO))
                if not qty:
                    return "reduce_only"
            if maker is not None and maker.account == order.account and self.world.rules.self_trade != "allow":
                if self.world.rules.self_trade == "cancel_taker":
                    return "self_trade"
                self.ledger.finish(maker, "canceled", "self_trade")
                continue
            if maker is None:
                side.quotes.take(qty)
            self.execute(state, price, qty, order, maker)
        return None

    def execute(self, state: MarketState, price: Decimal, qty: Decimal, taker: Order, maker: Order | None) -> None:
        """One trade with its consequences for both sides' other orders."""
        had = self.world.accounts[maker.account].qty(state.market.id) if maker is not None else ZERO
        opened = self.ledger.trade(state, price, qty, taker, maker)
        if maker is not None:
            closed = min(qty, abs(had)) if had and (had > 0) == (maker.request.side == "sell") else ZERO
            self._filled(maker, qty - closed)
        self._filled(taker, opened)

    def _filled(self, order: Order, opened: Decimal) -> None:
        if order.account[0] == "$":
            return
        self.ledger.enforce(self.world.accounts[order.account], order.request.market)
        if self.after_fill is not None:
            self.after_fill(order, opened)

    def _end(self, order: Order, ended: str | None) -> None:
        request = order.request
        if not order.remaining:
            return
        if ended is not None:
            self.ledger.finish(order, "canceled", ended)
        elif request.type == "market":
            bound = limit_of(order) is not None
            self.ledger.finish(order, "canceled", order.reason or ("max_price" if bound else "no_liquidity"))
        elif request.tif == "ioc":
            self.ledger.finish(order, "canceled", "ioc")
        else:
            self.ledger.rest(order)

    # the internal accounts

    def flow(self, state: MarketState, side: Side, qty: Decimal) -> None:
        """A taker from outside."""
        self.take(self._internal(FLOW, state, side, qty), state)

    def uncross(self, state: MarketState) -> None:
        """Fills users' orders that the market maker's new quotes reach, at the users' prices, as far as the quotes go."""
        for quoted in ("sell", "buy"):
            side: Side = "sell" if quoted == "sell" else "buy"
            quotes, users = state.book.sides[side].quotes, state.book.against(side)
            while (quote := quotes.peek()) and (order := users.first()):
                assert order.price is not None
                if not users.reaches(order.price, quote[0]):
                    break
                qty = min(quote[1], order.remaining)
                quotes.take(qty)
                self.execute(state, order.price, qty, self._internal(MAKER, state, side, qty), order)

    def sweep(self, state: MarketState, price: Decimal) -> None:
        """Fills every user's order that a market trading at price would fill, whatever its size."""
        sides: tuple[Side, Side] = ("sell", "buy")
        for side in sides:
            users = state.book.against(side)
            while (order := users.first()) is not None:
                assert order.price is not None
                if not users.reaches(order.price, price):
                    break
                self.execute(state, order.price, order.remaining, self._internal(MAKER, state, side, order.remaining), order)

    def print(self, state: MarketState, price: Decimal, qty: Decimal) -> None:
        """A trade between the internal accounts, so that the last price is this one."""
        self.ledger.trade(state, price, qty, self._internal(FLOW, state, "buy", qty), None)

    def _internal(self, account: str, state: MarketState, side: Side, qty: Decimal) -> Order:
        tif: TimeInForce = "ioc"
        now = self.world.time
        return Order(0, account, NewOrder(state.market.id, side, "market", qty, tif=tif), "open", now, now, qty, None)


def limit_of(order: Order) -> Decimal | None:
    """Worst price the order may trade at."""
    return order.price if order.request.type == "limit" else order.request.max_price
