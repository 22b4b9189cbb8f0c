"""The truth of a paper venue as plain JSON values: numbers are strings, times milliseconds."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Any

from . import funding, margin
from .accounts import Account
from .numbers import text
from .world import MarketState, World

BOOK_DEPTH = 5
PUBLIC_TRADES = 20


def plain(value: Any) -> Any:
    """Decimals to text, dataclasses to dicts, all the way down."""
    if isinstance(value, Decimal):
        return text(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def whole(world: World, paused: bool) -> dict[str, Any]:
    return {
        "time": world.time,
        "seed": world.seed,
        "paused": paused,
        "fee_pot": text(world.fee_pot),
        "markets": {name: _market(world, state) for name, state in world.states.items()},
        "accounts": {account.name: _account(world, account) for account in world.users()},
        "internal": {account.name: _internal(account) for account in world.accounts.values() if account.internal},
        "liquidations": plain(world.liquidations),
    }


def _market(world: World, state: MarketState) -> dict[str, Any]:
    return {
        "active": state.market.active,
        "index": text(state.index),
        "mark": text(state.mark),
        "last": text(state.last),
        "funding_rate": text(funding.running_rate(world, state)),
        "next_funding": state.next_funding,
        "bids": plain(state.book.sides["buy"].depth(BOOK_DEPTH)),
        "asks": plain(state.book.sides["sell"].depth(BOOK_DEPTH)),
        "trades": plain(list(state.trades)[-PUBLIC_TRADES:]),
    }


def _account(world: World, account: Account) -> dict[str, Any]:
    orders = [_order(order) for order in account.orders.values()]
    return {
        "balance": plain(margin.balances(world, account)),
        "positions": {name: plain(margin.snapshot(world, account, position)) for name, position in account.positions.items()},
        "open_orders": [order for order in orders if order["status"] in ("open", "untriggered")],
        "orders": orders,
        "fills": plain(account.fills),
        "fundings": plain(account.fundings),
        "transfers": plain(account.transfers),
        "coins": plain(account.coins),
    }


def _order(order: Any) -> dict[str, Any]:
    row: dict[str, Any] = plain(order)
    request = row["request"]
    average = order.average
    return {
        **row,
        "client_id": request["client_id"],
        "market": request["market"],
        "side": request["side"],
        "type": request["type"],
        "average": None if average is None else text(average),
    }


def _internal(account: Account) -> dict[str, Any]:
    return {
        "balance": text(account.balance),
        "realized": text(account.realized),
        "funding": text(account.funding),
        "compensation": text(account.compensation),
        "positions": {name: {"qty": text(held.qty), "cost": text(held.cost)} for name, held in account.positions.items()},
    }
