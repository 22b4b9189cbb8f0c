"""Orders over the socket. Pages: docs.pacifica.fi "Trading Operations"."""

from __future__ import annotations

from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.pacifica import orders, parsing
from ccxt_dex.exchanges.pacifica.feeds import Feeds
from ccxt_dex.exchanges.pacifica.history import Order
from ccxt_dex.exchanges.pacifica.room import NONE, Params, Row
from ccxt_dex.exchanges.pacifica.trading import Trading

OVER_THE_SOCKET = ("create_order", "create_market_order", "cancel_order", "cancel_all_orders", "edit_order")


class OrderSocket(Trading, Feeds):
    """Part of the room."""

    async def post(self, operation: str, payload: Any) -> Row:
        """Sign a request, send it once, wait for its answer.

        :raises ExchangeError: refused
        :raises RequestTimeout: sent, no answer: the outcome is unknown
        """
        if operation != "batch_orders" and operation not in OVER_THE_SOCKET:
            raise errors.NotSupported(f"{self.id} {operation} is not among the socket's operations: use REST")
        body = payload if operation == "batch_orders" else await self.signed(operation, payload)
        request_id = self.new_client_order_id()
        answer = await self.ws_post(self.ws_url(), request_id, {"id": request_id, "params": {operation: body}})
        found: Row = answer
        return found

    async def create_order_ws(
        self, symbol: str, type: str, side: str, amount: float, price: float | None = None, params: Params = NONE
    ) -> Order:
        """As `create_order`, over the socket; stops and position take-profits are REST only."""
        await self.load_markets()
        plan = await self.plan(symbol, type, side, amount, price, params)
        answer = await self.post(plan.operation, self._with_window(plan.payload, params))
        order = self.accepted(plan, symbol, self.pure(parsing.order_number, answer, "i"), answer)
        return self.refuse_rejected(await self.settled(order, plan, params))

    async def create_orders_ws(self, orders: list[Any], params: Params = NONE) -> list[Order]:
        """As `create_orders`, over the socket."""
        plans = await self._batch_plans(orders, params)
        if not plans:
            return []
        actions = [await self._signed_action(action) for action in self._actions(plans)]
        answer = await self.post("batch_orders", {"actions": actions})
        return await self._batch_result(plans, answer)

    async def edit_order_ws(
        self, id: str, symbol: str, type: str, side: str, amount: float | None = None, price: float | None = None, params: Params = NONE
    ) -> Order:
        """As `edit_order`, over the socket."""
        plan = await self._edit_plan(id, symbol, amount, price, params)
        answer = await self.post(plan.operation, self._with_window(plan.payload, params))
        plan.asked.update({"type": "limit", "side": side or plan.asked.get("side")})
        return self.accepted(plan, symbol, self.pure(parsing.order_number, answer, "i"), answer)

    async def cancel_order_ws(self, id: str, symbol: str | None = None, params: Params = NONE) -> Order:
        """As `cancel_order`, over the socket; stops are REST only."""
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} cancel_order_ws() requires a symbol argument")
        await self.load_markets()
        if self._is_stop(id, params):
            raise errors.NotSupported(f"{self.id} stops are cancelled over REST: cancel_order()")
        plan = self.pure(orders.cancel, self.grid(symbol), id, params)
        answer = await self.post(plan.operation, self._with_window(plan.payload, params))
        return self.canceled(id, symbol, params, answer)

    async def cancel_orders_ws(self, ids: list[str], symbol: str | None = None, params: Params = NONE) -> list[Order]:
        """As `cancel_orders`, over the socket."""
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} cancel_orders_ws() requires a symbol argument")
        wanted: list[tuple[Any, str, Params]] = [(id, symbol, NONE) for id in ids or []]
        wanted += [(None, symbol, {"clientOrderId": each}) for each in params.get("clientOrderIds") or []]
        return await self._cancel_many(wanted, params, self.post_batch_ws)

    async def post_batch_ws(self, actions: list[Row]) -> list[Row]:
        answer = await self.post("batch_orders", {"actions": [await self._signed_action(action) for action in actions]})
        return self.pure(parsing.results, answer, len(actions))

    async def cancel_all_orders_ws(self, symbol: str | None = None, params: Params = NONE) -> list[Order]:
        """As `cancel_all_orders`, over the socket."""
        await self.load_markets()
        exclude = bool(params.get("excludeReduceOnly", False))
        answer = await self.post("cancel_all_orders", self._with_window(self._all_payload(symbol, exclude), params))
        await self._sweep_stops(symbol, exclude)
        return [self.safe_order({"info": answer})]

    def handle_answer(self, client: Any, message: Row) -> None:
        """`{"id", "type", "code", "data" | "err"}`: to whoever sent the request of that id."""
        request_id, code = str(message.get("id") or ""), message.get("code")
        if code == 200 and not message.get("err"):
            client.resolve(message, request_id)
            return
        error = self.venue_error(code, str(message.get("err") or message.get("error") or ""), None, str(message.get("type") or ""))
        setattr(error, "verdict", "rejected" if isinstance(error, errors.ExchangeError) else "unknown")  # noqa: B010
        if request_id:
            client.reject(error, request_id)
        else:
            client.reject(error)
