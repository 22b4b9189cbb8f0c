"""Orders over REST: placing, cancelling, replacing. What the gateway takes is not yet an order: every call waits for matching.

Pages: docs.standx.com "HTTP API" (2026-05-19), "WebSocket", order response stream (2026-08-11).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from ccxt_dex import reading
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.standx import orders, parsing, tables
from ccxt_dex.exchanges.standx.history import History
from ccxt_dex.exchanges.standx.order_socket import OrderSocket
from ccxt_dex.exchanges.standx.room import NONE, Params
from ccxt_dex.parts.batches import OneByOne

STEER = ["wait", "orderSocket", "timeout"]
POLL_FIRST, POLL_MOST = 0.05, 0.5
# errors that say nothing about one order: looking it up would only hide them
ABOUT_THE_ACCOUNT = (errors.AuthenticationError, errors.PermissionDenied, errors.RateLimitExceeded, errors.NotSupported)


def unknown_outcome(message: str) -> Exception:
    """An error that the outcome guard follows up with a look-up by client order id."""
    error: Any = errors.RequestTimeout(message)
    error.verdict = "unknown"
    return error  # type: ignore[no-any-return]


class Trading(OneByOne, OrderSocket, History):
    async def create_order(self, symbol: str, type: str, side: str, amount: Any, price: Any = None, params: Params = NONE) -> Any:
        """Places an order and returns it once matching has taken or refused it.

        :param amount: in base units, a multiple of the step; nothing is rounded
        :param price: for limit orders, a multiple of the tick
        :param params: clientOrderId, timeInForce (GTC, IOC, PO), postOnly, reduceOnly, takeProfit and stopLoss (`{"triggerPrice": ...}`, on the
            mark price), marginMode, leverage; `wait`: "order" (default), "result" (do not read the id back) or "accepted" (gateway only)
        :raises InvalidOrder: off the grid or limits, or refused by matching; OrderImmediatelyFillable for post-only
        :raises NotSupported: FOK, trigger, stop and trailing orders
        """
        return await self.place(symbol, type, side, amount, price, params, self.post_order)

    async def create_order_ws(self, symbol: str, type: str, side: str, amount: Any, price: Any = None, params: Params = NONE) -> Any:
        """As `create_order`, over the order socket (`order:new`)."""
        return await self.place(symbol, type, side, amount, price, params, self.send_order)

    async def place(self, symbol: str, type: str, side: str, amount: Any, price: Any, params: Params, post: Any) -> Any:
        await self.load_markets()
        market = self.market(symbol)
        params = self.with_client_id(self.for_one_account(params))
        body = self.pure(orders.new_order, market, type, side, amount, price, params)
        wait = self.wait_for(params)
        final = await post("new_order", body, params, wait != "accepted")
        return await self.placed(market, body, wait, final)

    def for_one_account(self, params: Params) -> Params:
        """Orders, their results and the looks at them are of one account, so a vault cannot be named for a single order.

        :raises NotSupported: params['impersonate'] names another account than options['vaultId']
        """
        if params.get("impersonate") not in (None, self.impersonated()):
            raise errors.NotSupported(
                f"{self.id} orders are for the account of options['vaultId']; params['impersonate'] is for other requests"
            )
        return params

    def with_client_id(self, params: Params) -> Params:
        """Every order has a client id: without one it could not be found again."""
        if params.get("clientOrderId") is None and params.get("cl_ord_id") is None:
            return {**params, "clientOrderId": self.new_client_order_id()}
        return params

    def wait_for(self, params: Params) -> str:
        wait = str(params.get("wait") or self.options.get("wait") or "order")
        if wait not in ("order", "result", "accepted"):
            raise errors.BadRequest(f"{self.id} wait must be order, result or accepted, not {wait!r}")
        return wait

    async def placed(self, market: Any, body: Params, wait: str, final: bool) -> Any:
        """The order behind an accepted request.

        :param final: whether matching has said success; if not, the order must be found to be believed
        """
        client_id = body["cl_ord_id"]
        if wait == "accepted" or (wait == "result" and final):
            return self.sent_order(market, body)
        raw = self.seen_order(client_id) or await self.look_up({"cl_ord_id": client_id}, self.patience())
        if raw is None:
            if final:
                return self.sent_order(market, body)
            raise unknown_outcome(f"{self.id} order {client_id}: the gateway took it, what became of it is unknown")
        if raw.get("status") == "rejected":
            raise self.venue_error("new_order", 400, str(raw.get("remark") or "order rejected"))
        return self.parse_order(raw, market)

    def sent_order(self, market: Any, body: Params) -> Any:
        """What is known of an order that was not read back; its client id serves as id in every method here."""
        now = self.milliseconds()
        fields = {"id": body["cl_ord_id"], "clientOrderId": body["cl_ord_id"], "symbol": market["symbol"], "timestamp": now}
        asked = {"type": body["order_type"], "side": body["side"], "amount": body["qty"], "price": body.get("price")}
        flags = {"timeInForce": tables.UNIFIED_TIME_IN_FORCE[body["time_in_force"]], "reduceOnly": body["reduce_only"]}
        return self.safe_order({**fields, **asked, **flags, "status": "open", "filled": None, "info": dict(body)}, market)

    def patience(self) -> float:
        """Seconds to look for an order that the gateway took."""
        return float(self.options.get("lookUpSeconds", 10))

    async def look_up(self, reference: Params, seconds: float, settled: bool = False) -> dict[str, Any] | None:
        """The order as the venue has it, None when it does not appear in time: its list lags the gateway by some 100 ms.

        :param settled: wait until it is no longer open
        :raises OperationFailed: when the last look failed and none before had found it
        """
        deadline, pause = time.monotonic() + seconds, POLL_FIRST
        latest: dict[str, Any] | None = None
        while True:
            trouble: Exception | None = None
            try:
                latest = await self.query_order(reference)
                if not settled or self.pure(parsing.order_status, latest.get("status")) != "open":
                    return latest
            except errors.OrderNotFound:
                pass
            except errors.OperationFailed as error:
                trouble = error
            if time.monotonic() + pause > deadline:
                if trouble is not None and latest is None:
                    raise trouble
                return latest
            await asyncio.sleep(pause)
            pause = min(pause * 2, POLL_MOST)

    async def find_order(self, client_order_id: str, symbol: str | None = None, params: Params | None = None) -> Any:
        """The order with a client id, None when the venue does not know it."""
        try:
            raw = await self.query_order({"cl_ord_id": client_order_id})
        except errors.OrderNotFound:
            return None
        return self.parse_order(raw)

    def new_client_order_id(self) -> str:
        """32 hexadecimal digits, of which the first is a letter, so that it is never taken for an order id."""
        return "c" + self.uuid().replace("-", "")[1:]

    # --- cancelling ---------------------------------------------------------------------------------------------------------------

    async def cancel_order(self, id: str, symbol: str | None = None, params: Params = NONE) -> Any:
        """Cancels an order by StandX's id (digits) or by client order id, and returns when matching has said so.

        :raises OrderNotFound: it is unknown, filled, or cancelled already
        """
        return await self.withdraw_order(id, symbol, params, self.post_order)

    async def cancel_order_ws(self, id: str, symbol: str | None = None, params: Params = NONE) -> Any:
        """As `cancel_order`, over the order socket (`order:cancel`)."""
        return await self.withdraw_order(id, symbol, params, self.send_order)

    async def withdraw_order(self, id: str, symbol: str | None, params: Params, post: Any) -> Any:
        await self.load_markets()
        reference = self.pure(orders.reference, id, params)
        extra = self.omit(self.for_one_account(params), ["clientOrderId", "cl_ord_id", "trigger", "stop", *STEER])
        wait = self.wait_for(params)
        try:
            final = await post("cancel_order", {**reference, **extra}, params, wait != "accepted")
        except ABOUT_THE_ACCOUNT:
            raise
        except errors.ExchangeError as refused:
            raise await self.why_not_cancelled(reference, refused) from refused
        if final or wait == "accepted":
            return self.cancelled(reference, symbol, "canceled" if final else None)
        raw = await self.look_up(reference, self.patience(), settled=True)
        return self.after_cancel(reference, raw)

    async def why_not_cancelled(self, reference: Params, refused: Exception) -> Exception:
        """A refused cancel is OrderNotFound when the order is no longer open; texts of the refusal are not documented."""
        if isinstance(refused, errors.OrderNotFound):
            return refused
        raw = await self.look_up(reference, 0.0)
        if raw is None:
            return errors.OrderNotFound(f"{self.id} {reference}: {refused}")
        status = self.pure(parsing.order_status, raw.get("status"))
        return refused if status == "open" else errors.OrderNotFound(f"{self.id} {reference} is {status}: {refused}")

    def after_cancel(self, reference: Params, raw: dict[str, Any] | None) -> Any:
        if raw is None:
            raise errors.OrderNotFound(f"{self.id} {reference}: unknown order")
        order = self.parse_order(raw)
        if order["status"] == "open":
            raise unknown_outcome(f"{self.id} {reference}: the gateway took the cancel, the order is still open")
        if order["status"] != "canceled":
            raise errors.OrderNotFound(f"{self.id} {reference} is {order['status']}")
        return order

    def cancelled(self, reference: Params, symbol: str | None, status: str | None) -> Any:
        market = None if symbol is None else self.market(symbol)
        own = reference.get("order_id")
        names = {"id": str(own if own is not None else reference["cl_ord_id"]), "clientOrderId": reference.get("cl_ord_id")}
        return self.safe_order(
            {**names, "symbol": symbol and self.market(symbol)["symbol"], "status": status, "info": dict(reference)}, market
        )

    async def cancel_orders(self, ids: Sequence[str], symbol: str | None = None, params: Params = NONE) -> list[Any]:
        """Cancels several orders by ids or client ids; afterwards each is read back, because the venue gives no result per order.

        :raises OrderNotFound: when one of them is unknown; the others are cancelled all the same
        """
        await self.load_markets()
        given = params.get("clientOrderIds") or ids
        known = await self.cancel_many(list(given), self.omit(self.for_one_account(params), ["clientOrderIds", *STEER]))
        rows = [self.parse_order(raw) for raw in known.values() if raw is not None]
        missing = [name for name, raw in known.items() if raw is None]
        if missing:
            raise errors.OrderNotFound(f"{self.id} unknown order(s) {', '.join(missing)}")
        return rows

    async def cancel_many(self, ids: list[str], params: Params) -> dict[str, dict[str, Any] | None]:
        for at in range(0, len(ids), tables.CANCEL_CHUNK):
            for body in orders.references(ids[at : at + tables.CANCEL_CHUNK]):
                await self.call("private_post_cancel_orders", {**body, **params})
        found = [self.look_up(self.pure(orders.reference, name, {}), self.patience() / 5, settled=True) for name in ids]
        return dict(zip(map(str, ids), await asyncio.gather(*found), strict=True))

    async def cancel_all_orders(self, symbol: str | None = None, params: Params = NONE) -> list[Any]:
        """Cancels every open order of a market, or of all: reads the open ones, then cancels them by id (no single call exists)."""
        await self.load_markets()
        market = None if symbol is None else self.market(symbol)
        extra = self.omit(self.for_one_account(params), STEER)
        names = [str(raw["id"]) for raw in await self.open_rows(market)]
        known = await self.cancel_many(names, extra)
        return [self.parse_order(raw) for raw in known.values() if raw is not None]

    # --- composed from single calls -------------------------------------------------------------------------------------------------

    def batch_member(self, row: dict[str, Any], params: Params) -> tuple[Any, ...]:
        own = self.with_client_id(self.for_one_account({**params, **(row.get("params") or {})}))
        arguments = (row["symbol"], row["type"], row["side"], row["amount"], row.get("price"))
        self.pure(orders.new_order, self.market(row["symbol"]), *arguments[1:], own)
        return (*arguments, {**own, "clientOrderId": own.get("clientOrderId") or own.get("cl_ord_id")})

    async def edit_order(
        self, id: str, symbol: str, type: str, side: str, amount: Any = None, price: Any = None, params: Params = NONE
    ) -> Any:
        """Cancel, then create: not atomic, the place in the queue and the id are lost.

        `amount` is the total: what the old order filled before it was cancelled is taken off. Nothing new is sent unless the old order is
        proved cancelled. Reduce-only, post-only and attached exits stay as they were, unless `params` say otherwise.

        :raises OrderNotFound: the old order is not open any more
        """
        return await self.replace(id, symbol, type, side, amount, price, params, self.cancel_order, self.create_order)

    async def edit_order_ws(
        self, id: str, symbol: str, type: str, side: str, amount: Any = None, price: Any = None, params: Params = NONE
    ) -> Any:
        """As `edit_order`, over the order socket."""
        return await self.replace(id, symbol, type, side, amount, price, params, self.cancel_order_ws, self.create_order_ws)

    async def replace(
        self, id: str, symbol: str, type: str, side: str, amount: Any, price: Any, params: Params, cancel: Any, create: Any
    ) -> Any:
        """Both halves are guarded calls of their own, so that a lost answer to the second is followed up by the new order's client id."""
        await self.load_markets()
        market = self.market(symbol)
        reference = self.pure(orders.reference, id, NONE)
        old = await self.query_order(reference)
        if self.pure(parsing.order_status, old.get("status")) != "open":
            raise errors.OrderNotFound(f"{self.id} order {id} is {old.get('status')}, it cannot be edited")
        if old.get("symbol") != market["id"]:
            raise errors.BadRequest(f"{self.id} order {id} is one of {old.get('symbol')}, not of {market['id']}")
        amount = old["qty"] if amount is None else amount
        price = old.get("price") if price is None and type == "limit" else price
        params = self.with_client_id({**self.pure(orders.kept, old, type, params), **self.for_one_account(params)})
        self.pure(orders.new_order, market, type, side, amount, price, params)
        await cancel(id, symbol)
        last = await self.look_up(reference, self.patience(), settled=True)
        order = self.after_cancel(reference, last)
        rest = Decimal(str(amount)) - (self.pure(reading.number, (last or {}).get("fill_qty")) or Decimal(0))
        if rest <= 0:
            raise errors.InvalidOrder(f"{self.id} order {id} was cancelled after it had filled {order['filled']}; nothing is left to place")
        return await create(symbol, type, side, amount if rest == Decimal(str(amount)) else rest, price, params)
