"""Orders over the socket, and what every frame of either socket means.

Page: docs.paradex.trade "WebSocket RPC" (OpenRPC 1.3.1, August 2026).
"""

from __future__ import annotations

from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.paradex.room import NONE, Params
from ccxt_dex.exchanges.paradex.trading import Order
from ccxt_dex.exchanges.paradex.user_feeds import AUTHENTICATED, UserFeeds
from ccxt_dex.limits import Charge

REQUEST = "rpc:"
CHARGE = Charge((("orders", 1.0),))
"""shared with REST: "same Redis counters" """


class OrderSocket(UserFeeds):
    """Part of the room."""

    # --- sending ----------------------------------------------------------------------------------------------------------------------

    async def rpc(self, method: str, params: Params) -> Any:
        """One request of the account's socket and its result; it is sent once.

        :raises ExchangeError: the venue refused it
        """
        try:
            client = await self.authenticate()
        except errors.BaseError as error:
            setattr(error, "verdict", "not_sent")  # noqa: B010
            raise
        if self.enableRateLimit:
            await self.pass_buckets(CHARGE, write=True)
        key = f"{REQUEST}{self._rpc_id + 1}"
        return await self.ws_post(client.url, key, self.numbered(key, method, params))

    async def _socket(self, name: str, request: Params) -> Any:
        """As `_rest`: takes the requests of REST and answers in its shape."""
        return await getattr(self, f"_ws_{name}")(request)

    async def _ws_create(self, request: Params) -> Any:
        return (await self.rpc("order.create", _priced(request))).get("order")

    async def _ws_create_batch(self, request: Params) -> Any:
        results = (await self.rpc("order.create_batch", {"orders": [_priced(row) for row in request["orders"]]})).get("results") or []
        return {"orders": [row.get("order") for row in results], "errors": [row.get("error") for row in results]}

    async def _ws_modify(self, request: Params) -> Any:
        return (await self.rpc("order.modify", self.omit(request, "order_id"))).get("order")

    async def _ws_cancel(self, request: Params) -> Any:
        return await self.rpc("order.cancel", {"id": request["order_id"]})

    async def _ws_cancel_by_client_id(self, request: Params) -> Any:
        if "market" not in request:
            raise errors.ArgumentsRequired(f"{self.id} cancel_order_ws() by client order id requires a symbol argument")
        return await self.rpc("order.cancel", request)

    async def _ws_cancel_batch(self, request: Params) -> Any:
        if "client_order_ids" in request:
            raise errors.NotSupported(f"{self.id} cancel_orders_ws() takes the venue's ids; cancel_orders() client order ids too")
        return await self.rpc("order.cancel_batch", request)

    async def _ws_cancel_all(self, request: Params) -> Any:
        return await self.rpc("order.cancel_all", request)

    async def cancel_on_disconnect(self, enabled: bool = True) -> bool:
        """Have the venue cancel every open order when this socket is cut; off unless called, and gone with the connection.

        A repaired connection is a new one: the orders are cancelled by then, and the setting has to be made again.
        """
        answer = await self.rpc("order.cancel_on_disconnect", {"enabled": bool(enabled)})
        return bool(answer.get("enabled"))

    # --- unified ----------------------------------------------------------------------------------------------------------------------

    async def create_order_ws(self, symbol: str, type: str, side: str, amount: Any, price: Any = None, params: Params = NONE) -> Order:
        """As `create_order`, over the socket."""
        return await self.place(symbol, type, side, amount, price, params, self._socket)

    async def create_orders_ws(self, orders: list[dict[str, Any]], params: Params = NONE) -> list[Order]:
        """As `create_orders`, over the socket."""
        return await self.place_all(orders, params, self._socket)

    async def edit_order_ws(
        self, id: str, symbol: str, type: str, side: str, amount: Any = None, price: Any = None, params: Params = NONE
    ) -> Order:
        """As `edit_order`, over the socket."""
        return await self.amend(id, symbol, type, side, amount, price, params, self._socket)

    async def cancel_order_ws(self, id: str, symbol: str | None = None, params: Params = NONE) -> Order:
        """As `cancel_order`, over the socket."""
        return await self.withdraw_order(id, symbol, params, self._socket)

    async def cancel_orders_ws(self, ids: Any, symbol: str | None = None, params: Params = NONE) -> list[Order]:
        """As `cancel_orders`, over the socket."""
        return await self.withdraw_orders(ids, symbol, params, self._socket)

    async def cancel_all_orders_ws(self, symbol: str | None = None, params: Params = NONE) -> list[Order]:
        """As `cancel_all_orders`, over the socket."""
        return await self.withdraw_all(symbol, params, self._socket)

    # --- receiving --------------------------------------------------------------------------------------------------------------------

    def handle_message(self, client: Any, message: Any) -> None:
        """One frame. An error goes to whom it concerns; ccxt's class raises, and with that every stream of the socket ends."""
        if isinstance(message, (bytes, bytearray)):
            message = self.parse_sbe_message(message)
        if not isinstance(message, dict):
            return
        if message.get("method") == "subscription" or message.get("sbe"):
            handler = HANDLERS.get(str(message["params"].get("channel")).split(".", 1)[0])
            if handler is not None:
                getattr(self, handler)(client, message)
        elif "error" in message or "result" in message:
            self.handle_reply(client, message)

    def handle_reply(self, client: Any, message: Any) -> None:
        """The answer to a request, a login or a subscription, told apart by id; id 0 is of an unsubscribe that nobody waits for."""
        number = message.get("id")
        key = self._asked.get(number) if isinstance(number, int) else None
        error = self.socket_error(message["error"]) if message.get("error") else None
        if key is None:
            if error is not None:
                self.logger.info("%s socket: %s", self.id, error)
        elif key == AUTHENTICATED:
            self.handle_login(client, error)
        elif key.startswith(REQUEST):
            client.resolve(message.get("result") or {}, key) if error is None else client.reject(error, key)
        elif error is None or "already" in str(error).lower():
            client.confirm(key)
        else:
            self.handle_refused_topic(client, key, error)

    def handle_refused_topic(self, client: Any, key: str, error: Exception) -> None:
        """A channel that the venue will not give: those who wait for it hear of it, nobody else."""
        record = client.ledger.topics.get(key) if hasattr(client, "ledger") else None
        client.subscriptions.pop(key, None)
        for message_hash in record.hashes if record is not None else (key,):
            client.reject(error, message_hash)

    def socket_error(self, error: Any) -> Exception:
        """The ccxt exception of an error object, marked with what it proves about a request."""
        found = self.venue_error(error.get("code"), f"{error.get('message') or ''} {error.get('data') or ''}".strip()[:300])
        setattr(found, "verdict", "rejected" if isinstance(found, errors.ExchangeError) else "unknown")  # noqa: B010
        return found


HANDLERS = {
    "trades": "handle_trade",
    "order_book": "handle_order_book",
    "bbo": "handle_best",
    "markets_summary": "handle_ticker",
    "funding_data": "handle_funding_rate",
    "orders": "handle_order",
    "fills": "handle_my_trade",
    "positions": "handle_positions",
    "account": "handle_balance",
}


def _priced(request: Params) -> Params:
    """The socket wants a price in every order, "0" for market orders."""
    return request if "price" in request else {**request, "price": "0"}
