"""Margin arithmetic. Formulas of StandX's published position and balance samples (venues without their own use the same)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from .accounts import Account
from .numbers import EXACT, MONEY, money, ratio, readable
from .types import ZERO, BalanceView, Market, Position, PositionView, Reject

if TYPE_CHECKING:
    from .world import World


def upnl(position: Position, mark: Decimal) -> Decimal:
    return position.qty * mark - position.cost


def initial(world: World, position: Position) -> Decimal:
    mark = world.states[position.market].mark
    value = abs(position.qty) * mark if world.rules.initial_at_mark else abs(position.cost)
    return money(ratio(value, Decimal(position.leverage)))


def maintenance(world: World, position: Position) -> Decimal:
    state = world.states[position.market]
    return money(abs(position.qty) * state.mark * world.rules.maintenance(state.market))


def held(account: Account, mode: str) -> list[Position]:
    return [position for position in account.positions.values() if position.qty and position.margin_mode == mode]


def isolated_balance(account: Account) -> Decimal:
    return sum((position.margin for position in account.positions.values() if position.margin), ZERO)


def upnl_of(world: World, positions: list[Position]) -> Decimal:
    return sum((upnl(position, world.states[position.market].mark) for position in positions), ZERO)


def free(world: World, account: Account) -> Decimal:
    """What new orders and isolated positions can take; negative when a loss has eaten into the margin."""
    cross = held(account, "cross")
    used = sum((initial(world, position) for position in cross), ZERO)
    return account.balance - isolated_balance(account) - used - account.locked + upnl_of(world, cross)


def balances(world: World, account: Account) -> BalanceView:
    cross, isolated = held(account, "cross"), held(account, "isolated")
    isolated_part = isolated_balance(account)
    cross_margin = sum((initial(world, position) for position in cross), ZERO)
    cross_upnl, isolated_upnl = upnl_of(world, cross), upnl_of(world, isolated)
    cross_balance = account.balance - isolated_part
    return BalanceView(
        account=account.name,
        balance=account.balance,
        equity=account.balance + cross_upnl + isolated_upnl,
        upnl=cross_upnl + isolated_upnl,
        free=cross_balance - cross_margin - account.locked + cross_upnl,
        locked=account.locked,
        cross_balance=cross_balance,
        cross_margin=cross_margin,
        cross_upnl=cross_upnl,
        isolated_balance=isolated_part,
        isolated_upnl=isolated_upnl,
        initial_margin=cross_margin + sum((initial(world, position) for position in isolated), ZERO),
        maintenance_margin=sum((maintenance(world, position) for position in (*cross, *isolated)), ZERO),
        deposits=account.deposits,
        fees=account.fees,
        realized=account.realized,
        funding=account.funding,
        compensation=account.compensation,
    )


def cushion(world: World, account: Account, position: Position) -> tuple[Decimal, Decimal]:
    """Collateral behind a position before its own upnl, and the maintenance margin of what shares that collateral with it."""
    if position.margin_mode == "isolated":
        return position.margin, ZERO
    others = [other for other in held(account, "cross") if other is not position]
    collateral = account.balance - isolated_balance(account) + upnl_of(world, others)
    return collateral, sum((maintenance(world, other) for other in others), ZERO)


def price_at(position: Position, collateral: Decimal, rate: Decimal) -> Decimal | None:
    """The mark at which collateral + upnl equals rate times the notional; None: at no positive price."""
    size = abs(position.qty)
    long = position.qty > 0
    value = abs(position.cost) - collateral if long else abs(position.cost) + collateral
    price = EXACT.quantize(ratio(value, size * (1 - rate if long else 1 + rate)), MONEY)
    return price if price > 0 else None


def snapshot(world: World, account: Account, position: Position) -> PositionView:
    state = world.states[position.market]
    mark, is_open = state.mark, bool(position.qty)
    gain, needed, first = upnl(position, mark), maintenance(world, position), initial(world, position)
    liquidation = bankruptcy = multiple = None
    if is_open:
        collateral, others = cushion(world, account, position)
        liquidation = price_at(position, collateral - others, world.rules.maintenance(state.market))
        bankruptcy = price_at(position, collateral, world.taker_fee(account, state.market))
        multiple = readable(collateral + gain, needed + others)
    return PositionView(
        id=position.id,
        account=account.name,
        market=position.market,
        qty=position.qty,
        entry_price=position.entry_price,
        entry_value=abs(position.cost),
        mark=mark,
        notional=abs(position.qty) * mark,
        leverage=position.leverage,
        margin_mode=position.margin_mode,
        margin=position.margin if position.margin_mode == "isolated" else first,
        initial_margin=first,
        maintenance_margin=needed,
        upnl=gain,
        realized=position.realized,
        liquidation_price=liquidation,
        bankruptcy_price=bankruptcy,
        mmr=multiple,
        created=position.created,
        updated=position.updated,
    )


def leverage(world: World, account: Account, market: Market) -> int:
    return account.leverage.get(market.id, min(market.default_leverage, market.max_leverage))


def margin_mode(world: World, account: Account, market: Market) -> str:
    if market.isolated_only:
        return "isolated"
    return account.margin_mode.get(market.id, world.rules.default_margin_mode)


def reserve(
    world: World, account: Account, market: Market, remaining: Decimal, opening: Decimal, price: Decimal
) -> tuple[Decimal, Decimal]:
    """Margin that an order needs for the part that opens, and what it locks in all."""
    if market.spot:
        return money(opening * price), money(opening * price)
    needed = money(ratio(opening * price, Decimal(leverage(world, account, market))))
    fee = remaining * price * world.taker_fee(account, market)
    return needed, money(world.rules.lock_factor * (needed + fee))


def require_free(world: World, account: Account, needed: Decimal) -> None:
    have = free(world, account)
    if needed > have:
        raise Reject("insufficient_funds", f"insufficient balance: needs {needed:f}, free {have:f}")
