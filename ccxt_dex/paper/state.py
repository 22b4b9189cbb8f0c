"""The truth about a venue as plain data, whatever its protocol calls things."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ccxt_dex.paper.types import Order

if TYPE_CHECKING:
    from ccxt_dex.paper.server import Server

LIVE = frozenset({"new", "open", "untriggered"})


def plain(value: Any) -> Any:
    """Dataclasses to dicts, Decimals to strings, the rest as it is."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    return value


def order_state(order: Order) -> dict[str, Any]:
    """An order, its request's fields lifted to the top and the client id spelled out."""
    request = plain(order.request)
    own = plain(order)
    own.pop("request")
    return {**request, **own, "requested_qty": request["qty"], "requested_price": request["price"]}


def state(server: Server) -> dict[str, Any]:
    engine = server.engine
    return {
        "venue": server.adapter.id,
        "seed": server.adapter.seed,
        "time": server.now(),
        "markets": {market: _market(server, market) for market in engine.markets},
        "accounts": {name: _account(server, name) for name in server.accounts},
        "requests": server.log.state(),
        "connections": [
            {"path": socket.path, "account": socket.account, "seq": socket.seq, "subscriptions": plain(list(socket.subscriptions))}
            for socket in server.connections
        ],
        "faults": [fault.public() for fault in server.faults.armed],
        "errors": list(server.errors),
    }


def _market(server: Server, market: str) -> dict[str, Any]:
    engine = server.engine
    bids, asks = engine.book(market)
    return {
        "book": {"bids": plain(bids), "asks": plain(asks)},
        "mark": plain(engine.mark(market)),
        "index": plain(engine.index(market)),
        "last": plain(engine.last(market)),
        "active": engine.markets[market].active,
    }


def _account(server: Server, name: str) -> dict[str, Any]:
    engine = server.engine
    account = engine.account(name)
    orders = [order_state(order) for order in account.orders.values()]
    return {
        "orders": orders,
        "open_orders": [order for order in orders if order["status"] in LIVE],
        "fills": plain(list(engine.fills(name))),
        "positions": plain(list(account.positions.values())),
        "balance": plain(engine.balances(name)),
        "fundings": plain(list(engine.fundings(name))),
    }
