"""Order methods that are the same on every venue: closing positions, looking an order up in lists, repairing it from its fills."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from ccxt_dex import fills, wire
from ccxt_dex._ccxt import errors
from ccxt_dex.errors import OrderOutcomeUnknown
from ccxt_dex.parts.part import Part

__all__ = ["Orders"]

Params = dict[str, Any]


class Orders(Part):
    """Part of Dex."""

    async def close_position(self, symbol: str, side: str | None = None, params: Params | None = None) -> Any:
        """Close a position with a reduce-only market order of its exact size.

        :param side: "long" or "short" to close only that one
        :param params: passed on to create_order
        :raises OperationRejected: there is no such position
        """
        await self.load_markets()
        market = self.market(symbol)
        positions = await self.fetch_positions([market["symbol"]])
        wanted = {"buy": "long", "sell": "short"}.get(str(side), side)
        held = [p for p in positions if p["symbol"] == market["symbol"] and _size(p) and (wanted is None or p["side"] == wanted)]
        if not held:
            raise errors.OperationRejected(f"{self.id} close_position(): no open {wanted + ' ' if wanted else ''}position in {symbol}")
        if len(held) > 1:
            raise errors.ArgumentsRequired(f"{self.id} close_position(): {symbol} is held long and short, say which side")
        return await self._close(held[0], params)

    async def close_all_positions(self, params: Params | None = None) -> list[Any]:
        """Close every open position; one that cannot be closed does not keep the others open.

        :returns: the closing orders; an empty list when nothing was open
        :raises BaseError: the first failure, after all were tried
        """
        orders, failure = [], None
        for position in await self.fetch_positions():
            if _size(position):
                try:
                    orders.append(await self._close(position, params))
                except errors.BaseError as error:
                    failure = failure or error
        if failure is not None:
            raise failure
        return orders

    async def _close(self, position: Any, params: Params | None) -> Any:
        side = "sell" if position["side"] == "long" else "buy"
        amount = float(wire.plain(_size(position)))
        price = position.get("markPrice") if self.close_needs_price else None
        return await self.create_order(position["symbol"], "market", side, amount, price, {"reduceOnly": True, **(params or {})})

    close_needs_price = False
    """whether create_order wants a reference price for market orders (ccxt's hyperliquid does)"""

    async def find_in_lists(self, client_order_id: str, symbol: str | None = None) -> Any:
        """Look for a client order id in the lists of orders that the room has; None when they do not hold it.

        :raises NetworkError: when the room has no list that would have to hold it
        """
        has = self.has
        methods = ["fetch_orders"] if has.get("fetchOrders") else []
        if not methods and has.get("fetchOpenOrders"):
            methods = ["fetch_open_orders"]
            if has.get("fetchClosedOrders"):
                methods.append("fetch_closed_orders")
            if has.get("fetchCanceledOrders"):
                methods.append("fetch_canceled_orders")
        for name in methods:
            for order in await getattr(self, name)(symbol):
                if order.get("clientOrderId") == client_order_id:
                    return order
        if methods == ["fetch_orders"] or len(methods) > 1:
            return None
        raise errors.NetworkError(f"{self.id} cannot look orders up by client order id")

    async def repair_order(self, order: Any, params: Params | None = None) -> Any:
        """An order with average, cost and fee from its fills, where the venue left them out.

        Best effort: when the fills cannot be read the order comes back as it was.
        """
        if not fills.needs_repair(order) or not self.has.get("fetchMyTrades"):
            return order
        try:
            trades = await self.fetch_my_trades(order["symbol"], fills.begun(order), None, params or {})
        except errors.BaseError:
            return order
        return fills.repair(order, trades)

    async def settled_write(
        self, request: Awaitable[Any], lookup: Callable[[], Awaitable[Any]], reference: str, symbol: str | None = None
    ) -> Any:
        """The answer to a write that is none of the guarded order calls, a TWAP order or a loan, or what a look says of one that got lost.

        :param lookup: what the venue has of it, None for nothing
        :param reference: how a user finds it
        :raises OrderOutcomeUnknown: it may have been executed: sending it again could do it twice
        """
        try:
            return await request
        except errors.OperationFailed as error:
            if getattr(error, "verdict", None) in ("not_sent", "rejected"):
                raise
            try:
                found = await lookup()
            except errors.BaseError:
                found = None
            if found is None:
                raise OrderOutcomeUnknown(f"{self.id} nobody can tell what became of {reference}: {error}", [reference], symbol) from error
            return found

    async def picked_fills(self, order: Any, since: int | None, limit: int | None, params: Params | None = None) -> list[Any]:
        """The fills of one order out of the account's: `fetch_order_trades` of venues that have no filter for it.

        :param since: of what is returned, unix ms
        """
        trades = await self.fetch_my_trades(order["symbol"], fills.begun(order), None, params or {})
        mine = [trade for trade in trades if trade["order"] == order["id"]]
        found: list[Any] = self.filter_by_since_limit(mine, since, limit, "timestamp")
        return found


def _size(position: Any) -> Any:
    contracts = position.get("contracts")
    return abs(wire.decimal(contracts, "contracts")) if contracts else 0
