"""Orders that wait for a price: stops, take-profits, those attached to an entry or to a position."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Literal

from .accounts import Account
from .checks import check_exits, check_funds, reached
from .matching import Matching
from .types import ZERO, NewOrder, Order, Reject, Side
from .world import MarketState, World

Leg = Literal["tp", "sl"]


class Triggers:
    def __init__(self, world: World, matching: Matching) -> None:
        self.world = world
        self.matching = matching
        self.ledger = matching.ledger
        self._children: dict[int, list[Order]] = {}
        self._position_legs: dict[tuple[str, str], dict[Leg, Order]] = {}
        matching.after_fill = self.attach
        world.settlers.append(self.settle)

    def place(self, account: Account, new: NewOrder, qty: Decimal, *, parent: int | None = None, oco: int | None = None) -> Order:
        """Records a trigger order and lets it wait."""
        world, state = self.world, self.world.states[new.market]
        if new.trigger_above is None and new.trigger is not None:
            new = replace(new, trigger_above=new.trigger > state.mark)
        price = new.price if new.type == "limit" else None
        number = world.number("order")
        order = Order(number, account.name, new, "new", world.time, world.time, qty, price, parent=parent, oco=oco)
        order.priority = world.number("priority")
        self.ledger.record(order)
        self.ledger.wait(order)
        world.order_changed(order)
        state.prices_changed = True
        return order

    # attached to an entry

    def attach(self, order: Order, opened: Decimal) -> None:
        """Makes or enlarges the exits of an entry by what a fill of it opened."""
        request = order.request
        if not opened or (request.take_profit is None and request.stop_loss is None):
            return
        children = self._children.setdefault(order.id, [])
        alive = [child for child in children if child.status == "untriggered"]
        for child in alive:
            child.qty += opened
            self.world.order_changed(child)
        if alive or any(child.reason == "user" for child in children):
            return
        account, oco = self.world.accounts[order.account], self.world.number("oco")
        for leg in _legs(request, named=not children):
            children.append(self.place(account, leg, opened, parent=order.id, oco=oco))

    # attached to a position

    def protect(self, account: Account, state: MarketState, levels: dict[Leg, Decimal | None]) -> list[Order]:
        """Sets (a price), keeps (None) or removes (0) the exits of a whole position."""
        held = account.qty(state.market.id)
        if not held:
            raise Reject("no_position", f"no position in {state.market.id}")
        side: Side = "buy" if held > 0 else "sell"
        check_exits(state, side, state.mark, levels["tp"] or None, levels["sl"] or None)
        legs = self._position_legs.setdefault((account.name, state.market.id), {})
        for name, order in list(legs.items()):
            if order.status != "untriggered":
                del legs[name]
        oco = next((order.oco for order in legs.values()), None) or self.world.number("oco")
        for name, level in levels.items():
            if level is None:
                continue
            if name in legs:
                self.ledger.finish(legs.pop(name), "canceled", "replaced" if level else "user")
            if level:
                legs[name] = self.place(account, _exit(state.market.id, side, name, level, close_position=True), abs(held), oco=oco)
        return list(legs.values())

    # firing

    def settle(self) -> None:
        """Fires what the prices have reached, and what that causes, until nothing is due."""
        states = self.world.states.values()
        while any(state.prices_changed for state in states):
            for state in states:
                if not state.prices_changed:
                    continue
                state.prices_changed = False
                for order in sorted(state.untriggered.values(), key=lambda waiting: waiting.priority):
                    level = order.request.trigger
                    if order.status == "untriggered" and level is not None and reached(state, order.request, level):
                        self._fire(order)

    def _fire(self, order: Order) -> None:
        account = self.world.accounts[order.account]
        self.ledger.leave(order)
        order.status = "new"
        order.triggered = self.world.time
        order.priority = self.world.number("priority")
        self.ledger.cancel_others(order)
        try:
            self._prepare(account, order)
            self.matching.enter(order)
        except Reject as refusal:
            self.ledger.finish(order, "canceled", refusal.code)

    def _prepare(self, account: Account, order: Order) -> None:
        request = order.request
        if not self.world.states[request.market].market.active:
            raise Reject("market_closed")
        if not (request.reduce_only or request.close_position):
            check_funds(self.world, self.ledger, account, request, order.remaining)
            return
        held = account.qty(request.market)
        bound = max(held if request.side == "sell" else -held, ZERO)
        if not bound:
            raise Reject("reduce_only")
        order.qty = bound if request.close_position else min(order.qty, bound)


def _legs(request: NewOrder, named: bool) -> list[NewOrder]:
    legs = []
    if request.take_profit is not None:
        client_id = request.take_profit_client_id if named else None
        legs.append(replace(_exit(request.market, request.side, "tp", request.take_profit, request.take_profit_limit), client_id=client_id))
    if request.stop_loss is not None:
        client_id = request.stop_loss_client_id if named else None
        legs.append(replace(_exit(request.market, request.side, "sl", request.stop_loss, request.stop_loss_limit), client_id=client_id))
    return [replace(leg, trigger_by=request.trigger_by) for leg in legs]


def _exit(market: str, side: Side, leg: Leg, level: Decimal, limit: Decimal | None = None, *, close_position: bool = False) -> NewOrder:
    """Closes a position of this side."""
    return NewOrder(
        market,
        "sell" if side == "buy" else "buy",
        "market" if limit is None else "limit",
        ZERO,
        limit,
        tif="gtc",
        reduce_only=True,
        trigger=level,
        trigger_above=(side == "buy") == (leg == "tp"),
        close_position=close_position,
        tpsl=leg,
    )
