"""Takes positions whose collateral no longer covers the maintenance margin."""

from __future__ import annotations

from decimal import Decimal

from . import margin
from .accounts import Account
from .matching import Matching
from .numbers import money, ratio
from .types import ZERO, Liquidation, NewOrder, Order, Position, Side
from .world import INSURANCE, World


def liquidate(world: World, matching: Matching) -> None:
    """Closes what is due, of every account."""
    for account in world.users():
        if not any(position.qty for position in account.positions.values()):
            continue
        for position in margin.held(account, "isolated"):
            if position.margin + margin.upnl(position, world.states[position.market].mark) < margin.maintenance(world, position):
                _cancel(matching, account, position.market)
                _take(world, matching, account, position)
        _cross(world, matching, account)


def _cross(world: World, matching: Matching, account: Account) -> None:
    if not _short_of_margin(world, account):
        return
    _cancel(matching, account, None)
    # The largest first: closing it frees the most, and what is healthy without it stays.
    for position in sorted(margin.held(account, "cross"), key=lambda held: (-margin.maintenance(world, held), held.id)):
        if not _short_of_margin(world, account):
            return
        _take(world, matching, account, position)


def _short_of_margin(world: World, account: Account) -> bool:
    cross = margin.held(account, "cross")
    if not cross:
        return False
    equity = account.balance - margin.isolated_balance(account) + margin.upnl_of(world, cross)
    return equity < sum((margin.maintenance(world, position) for position in cross), ZERO)


def _cancel(matching: Matching, account: Account, market: str | None) -> None:
    for name in list(account.open) if market is None else [market]:
        for order in account.open_in(name):
            matching.ledger.finish(order, "canceled", "liquidation")


def _take(world: World, matching: Matching, account: Account, position: Position) -> None:
    """Into the book at any price; what the book cannot take goes to the insurance fund at the mark."""
    state = world.states[position.market]
    qty, collateral = position.qty, position.margin
    others = account.balance - collateral
    isolated = position.margin_mode == "isolated"
    order = _closing_order(world, account, position)
    matching.ledger.record(order)
    order.reason = "liquidation"
    matching.take(order, state)
    if position.qty:
        fund = _fund_order(world, position.market, "buy" if qty > 0 else "sell", abs(position.qty))
        matching.execute(state, state.mark, abs(position.qty), order, fund)
    world.liquidations.append(_report(world, account, order, qty, state.mark))
    world.emit("liquidation", position.market, account.name, world.liquidations[-1])
    floor = others if isolated else (margin.isolated_balance(account) if not margin.held(account, "cross") else None)
    if floor is not None and account.balance < floor:
        matching.ledger.compensate(account, floor - account.balance)


def _closing_order(world: World, account: Account, position: Position) -> Order:
    side: Side = "sell" if position.qty > 0 else "buy"
    size = abs(position.qty)
    request = NewOrder(position.market, side, "market", size, tif="ioc", reduce_only=True, info={"source": "liquidation"})
    return Order(world.number("order"), account.name, request, "new", world.time, world.time, size, None, position_id=position.id)


def _fund_order(world: World, market: str, side: Side, qty: Decimal) -> Order:
    return Order(0, INSURANCE, NewOrder(market, side, "limit", qty), "open", world.time, world.time, qty, None)


def _report(world: World, account: Account, order: Order, qty: Decimal, mark: Decimal) -> Liquidation:
    price = money(ratio(order.cost, order.filled)) if order.filled else mark
    return Liquidation(world.number("liquidation"), account.name, order.request.market, qty, price, mark, order.id, world.time)
