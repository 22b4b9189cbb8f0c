"""An order's way in, changes to it, and its way out."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from .accounts import Account
from .checks import check_room, check_terms, check_tick
from .matching import Matching
from .triggers import Triggers
from .types import NewOrder, Order, Reject
from .world import World


class Orders:
    def __init__(self, world: World, matching: Matching) -> None:
        self.world = world
        self.matching = matching
        self.ledger = matching.ledger
        self.triggers = Triggers(world, matching)
        # After the triggers, whose fills change what the other orders lock.
        world.settlers.append(self.ledger.relock_stale)
        self._expiries: list[tuple[int, int, str]] = []

    def submit(self, account: Account, new: NewOrder, without: Order | None = None) -> Order:
        self.expire()
        check_terms(self.world, account, new)
        qty = check_room(self.world, self.ledger, account, new, new.qty, without)
        if without is not None:
            self.ledger.finish(without, "canceled", "replaced")
        if new.trigger is not None:
            order = self.triggers.place(account, new, qty)
        else:
            order = self._enter(account, new, qty)
        if new.expires_ms is not None:
            heapq.heappush(self._expiries, (new.expires_ms, order.id, account.name))
        return order

    def _enter(self, account: Account, new: NewOrder, qty: Decimal) -> Order:
        world = self.world
        number = world.number("order")
        order = Order(number, account.name, new, "new", world.time, world.time, qty, new.price if new.type == "limit" else None)
        order.priority = world.number("priority")
        self.ledger.record(order)
        try:
            self.matching.enter(order)
        except Reject as refusal:
            self.ledger.finish(order, "rejected", refusal.code)
            refusal.order = order
            raise
        return order

    # ways out

    def open_order(self, account: Account, order_id: int) -> Order:
        """The order, if it can still be changed."""
        order = account.orders.get(order_id)
        if order is None:
            raise Reject("unknown_order", f"order {order_id} not found")
        if order.status == "filled":
            raise Reject("order_filled", f"order {order_id} is filled")
        if order.status not in ("open", "untriggered"):
            raise Reject("order_canceled", f"order {order_id} is {order.status}")
        return order

    def cancel(self, account: Account, order_id: int, reason: str) -> Order:
        self.expire()
        order = self.open_order(account, order_id)
        self.ledger.finish(order, "canceled", reason)
        return order

    def cancel_all(self, account: Account, market: str | None, reason: str) -> list[Order]:
        self.expire()
        orders = [order for name in list(account.open) if market in (None, name) for order in account.open_in(name)]
        for order in orders:
            self.ledger.finish(order, "canceled", reason)
        return orders

    def expire(self) -> None:
        """Ends what is past its time."""
        while self._expiries and self._expiries[0][0] <= self.world.time:
            _, number, name = heapq.heappop(self._expiries)
            order = self.world.accounts[name].orders[number]
            if order.status in ("open", "untriggered"):
                self.ledger.finish(order, "expired", "expired")

    def dead_man(self) -> None:
        """Cancels everything of the accounts that did not report in time."""
        for account in self.world.users():
            if account.cancel_at is not None and account.cancel_at <= self.world.time:
                account.cancel_at = None
                self.cancel_all(account, None, "cancel_after")

    def link(self, account: Account, order_ids: Sequence[int]) -> None:
        orders = [self.open_order(account, order_id) for order_id in order_ids]
        number = self.world.number("oco")
        for order in orders:
            order.oco = number

    # changes

    def replace(self, account: Account, order_id: int, new: NewOrder) -> Order:
        self.expire()
        return self.submit(account, new, self.open_order(account, order_id))

    def edit(self, account: Account, order_id: int, qty: Decimal | None, price: Decimal | None, trigger: Decimal | None) -> Order:
        """In place; the queue position survives only a smaller size at the same price."""
        self.expire()
        order = self.open_order(account, order_id)
        old = order.request
        wanted = order.qty if qty is None else qty
        new = replace(old, qty=wanted, price=order.price if price is None else price, trigger=old.trigger if trigger is None else trigger)
        self._check_edit(account, order, new, trigger)
        if order.status == "untriggered":
            order.request, order.qty, order.price = new, wanted, new.price if new.type == "limit" else None
            self.world.order_changed(order)
            self.world.states[new.market].prices_changed = True
            return order
        if new.price == order.price and wanted <= order.qty:
            order.request, order.qty = new, wanted
            self.world.book_changed(new.market)
            self.ledger.relock(account, self.world.states[new.market])
            self.world.order_changed(order)
            return order
        self.ledger.leave(order)
        order.request, order.qty, order.price = new, wanted, new.price
        order.priority = self.world.number("priority")
        self.matching.enter(order)
        return order

    def _check_edit(self, account: Account, order: Order, new: NewOrder, trigger: Decimal | None) -> None:
        state = self.world.state(new.market)
        waiting = order.status == "untriggered"
        if trigger is not None and not waiting:
            raise Reject("bad_trigger", "the order does not wait for a trigger")
        # A trigger that stays is no news, one that fired already least of all.
        check_terms(self.world, account, new if trigger is not None else replace(new, trigger=None, close_position=False))
        if trigger is not None:
            check_tick(state, trigger, "bad_trigger")
        if new.close_position and new.qty != order.qty:
            raise Reject("bad_qty", "an order that closes the position has the position's size")
        if new.qty <= order.filled:
            raise Reject("bad_qty", f"quantity {new.qty} is not above what is filled: {order.filled}")
        asked = new if waiting else replace(new, trigger=None)
        left = new.qty - order.filled
        if check_room(self.world, self.ledger, account, asked, left, order) != left and not new.close_position:
            raise Reject("reduce_only", f"reduce-only quantity {left} exceeds what is left of the position")
        if not waiting and new.tif == "alo" and state.book.against(new.side).available(new.price, left, None):
            raise Reject("post_only", "post-only order would match")
