"""Coins: what an account holds of them, and what trades in spot markets do to it.

A spot market is quoted in the margin currency, which stays in the account's balance. The fee is taken from what the trade brings: coins of a buyer,
money of a seller.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from . import margin
from .accounts import Account
from .numbers import money
from .types import ZERO, Market, NewOrder, Order, Reject, Side

if TYPE_CHECKING:
    from .world import MarketState, World


def held(account: Account, coin: str) -> Decimal:
    return account.coins.get(coin, ZERO)


def locked(world: World, account: Account, coin: str) -> Decimal:
    """What resting sell orders hold of a coin."""
    names = (name for name, market in world.markets.items() if market.spot and market.base == coin)
    resting = (order for name in names for order in account.open.get(name, {}).values())
    return sum((order.remaining for order in resting if order.status == "open" and order.request.side == "sell"), ZERO)


def credit(world: World, account: Account, coin: str, amount: Decimal) -> None:
    """Coins from outside, or negative: to there.

    :raises Reject: more than is there and in no order
    :raises ValueError: nothing trades this coin
    """
    if not any(market.spot and market.base == coin for market in world.markets.values()):
        raise ValueError(f"no spot market of {coin}")
    if held(account, coin) - locked(world, account, coin) + amount < 0:
        raise Reject("insufficient_funds", f"not enough {coin}")
    account.coins[coin] = held(account, coin) + amount
    world.balance_changed(account)


def swap(world: World, account: Account, market: Market, side: Side, qty: Decimal, price: Decimal) -> None:
    """Coins against money, before the fee."""
    signed = qty if side == "buy" else -qty
    account.coins[market.base] = held(account, market.base) + signed
    account.balance -= signed * price
    account.swapped -= signed * price
    world.balance_changed(account)


def charge(world: World, account: Account, market: Market, qty: Decimal, rate: Decimal) -> Decimal:
    """The fee of a buyer, in coins."""
    fee = money(qty * rate)
    account.coins[market.base] = held(account, market.base) - fee
    world.coin_pot[market.base] = world.coin_pot.get(market.base, ZERO) + fee
    return fee


def check_terms(market: Market, new: NewOrder) -> None:
    """:raises Reject: what needs a position"""
    if new.reduce_only or new.close_position or new.take_profit is not None or new.stop_loss is not None:
        raise Reject("unsupported", f"{market.id} is a spot market: there is no position to close")


def check_funds(world: World, account: Account, state: MarketState, new: NewOrder, qty: Decimal, without: Order | None = None) -> None:
    """A seller must have the coins, a buyer all of the money: there is no leverage.

    :raises Reject: not enough
    """
    coin = state.market.base
    if new.side == "sell":
        busy = locked(world, account, coin) - (without.remaining if without is not None and without.status == "open" else ZERO)
        if qty > held(account, coin) - busy:
            raise Reject("insufficient_funds", f"insufficient balance: needs {qty:f} {coin}, has {held(account, coin) - busy:f}")
        return
    cost = qty * new.price if new.type == "limit" and new.price is not None else _cost(state, qty)
    margin.require_free(world, account, cost - (without.locked if without is not None else ZERO))


def _cost(state: MarketState, qty: Decimal) -> Decimal:
    """What a buyer at market pays for so much, level by level."""
    cost, left = ZERO, qty
    for price, size, _ in state.book.sides["sell"].walk():
        part = min(left, size)
        cost, left = cost + part * price, left - part
        if not left:
            break
    return cost
