"""Writing: orders, cancels, leverage and margin mode. The venue queues what it takes; every method here waits for what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from ccxt_dex import wire
from ccxt_dex._ccxt import errors
from ccxt_dex.errors import by_name
from ccxt_dex.exchanges.paradex import orders, parsing, tables
from ccxt_dex.exchanges.paradex.market_data import MarketData
from ccxt_dex.exchanges.paradex.room import NONE, Params
from ccxt_dex.parts.following import follow

Order = dict[str, Any]
Post = Callable[[str, Params], Awaitable[Any]]
"""sends one of `_ENDPOINTS`, over REST or over the socket, and gives back the venue's answer in the shape of REST"""

_ENDPOINTS = {
    "create": "private_post_orders",
    "create_batch": "private_post_orders_batch",
    "modify": "private_put_orders_order_id",
    "cancel": "private_delete_orders_order_id",
    "cancel_by_client_id": "private_delete_orders_by_client_id_client_id",
    "cancel_batch": "private_delete_orders_batch",
    "cancel_all": "private_delete_orders",
}


class Trading(MarketData):
    """Part of the room."""

    def _settle_construction(self) -> None:
        super()._settle_construction()
        # after this much time the venue refuses an order that got lost, so that its absence is proof
        self._window = self.pure(orders.recv_window, NONE, self.options.get("recvWindow", 10_000))
        self.absence_grace = self._window / 1000 + 2  # type: ignore[misc]

    async def _rest(self, name: str, request: Params) -> Any:
        return await self.call(_ENDPOINTS[name], request)

    def parse_order(self, order: Any, market: Any = None) -> Any:
        """ccxt's hook; its own calls a filled order that ended for a reason canceled, and loses `filled` of finished ones."""
        fields = self.pure(parsing.order, order)
        found = self.safe_market(order.get("market"), market)
        datetime = self.iso8601(fields["timestamp"])
        return self.safe_order({**fields, "symbol": found["symbol"], "datetime": datetime, "info": order}, found)

    # --- placing ----------------------------------------------------------------------------------------------------------------------

    def new_order_body(self, symbol: str, type: str, side: str, amount: Any, price: Any, params: Params) -> Params:
        """The checked body of an order, unsigned."""
        market = self.market(symbol)
        reducing = params.get("reduceOnly") or params.get("reduce_only") or params.get("stopLossPrice") or params.get("takeProfitPrice")
        cost_price = None if reducing or price is None or "limit" not in str(type).lower() else price

        def size(value: Any) -> str:
            return wire.check_amount(value, market, self.precisionMode, cost_price)

        body = self.pure(orders.new_order, market, type, side, amount, price, params, size, partial(self.price_to_wire, symbol))
        body["recv_window"] = self.pure(orders.recv_window, params, self._window)
        if body["recv_window"] > self._window:
            # longer than what absence is judged by: an order believed lost could still execute
            raise errors.BadRequest(f"{self.id} recvWindow is at most that of the instance, {self._window} ms: options['recvWindow']")
        return body

    def create_order_request(self, symbol: Any, type: Any, side: Any, amount: Any, price: Any = None, params: Any = NONE) -> Params:
        """ccxt's hook: the body of an order; ccxt's own loses the size of stop-loss and take-profit orders."""
        return self.new_order_body(symbol, type, side, amount, price, self.with_client_id(params))

    async def sign_order_request(self, request: Any, modify: bool = False) -> Params:
        """ccxt's hook; ccxt's own signs whole seconds, so that two equal orders of one second are one and the same."""
        return await self.signed(request, modify)

    def with_client_id(self, params: Params) -> Params:
        """Every order has a client id: without one it could not be found again."""
        if any(params.get(name) for name in self.client_id_params):
            return params
        return {**params, "clientOrderId": self.new_client_order_id()}

    async def create_order(self, symbol: str, type: str, side: str, amount: Any, price: Any = None, params: Params = NONE) -> Order:
        """Place an order and return what the venue made of it.

        :param type: "limit" or "market" (a market order's price is not sent)
        :param amount: in base units, on the market's step
        :param params: clientOrderId; triggerPrice, stopLossPrice or takeProfitPrice; timeInForce GTC, IOC, PO, RPI; postOnly; reduceOnly;
            selfTradePrevention; recvWindow (ms); on_behalf_of_account; wait (False: do not wait for risk checks)
        :raises InsufficientFunds: refused by the risk checks
        :raises OrderImmediatelyFillable: post-only, and would have crossed
        """
        return await self.place(symbol, type, side, amount, price, params, self._rest)

    async def place(self, symbol: str, type: str, side: str, amount: Any, price: Any, params: Params, post: Post) -> Order:
        """Check, sign, send, wait."""
        await self.load_markets()
        body = self.new_order_body(symbol, type, side, amount, price, self.with_client_id(params))
        answer = await post("create", await self.signed(body))
        return await self._as_placed(answer, params)

    async def _as_placed(self, answer: Any, params: Params) -> Order:
        if not isinstance(answer, dict) or not answer.get("id"):
            raise errors.BadResponse(f"{self.id} the answer to an order has no id")
        row = answer if params.get("wait", self.options.get("wait", True)) is False else await self._checked(answer)
        name = parsing.refusal(row)
        if name is not None:
            error = by_name(name)(f"{self.id} order {row['id']} was refused: {row.get('cancel_reason')}")
            setattr(error, "verdict", "rejected")  # noqa: B010
            raise error
        return self.parse_order(row)  # type: ignore[no-any-return]

    async def _checked(self, row: Params) -> Params:
        """The order once it has left the risk checks; as it was when that takes too long."""
        return await self._followed(row, lambda found: found.get("status") != "NEW")

    async def _followed(self, row: Params, done: Callable[[Params], bool]) -> Params:
        """Reads an order until it is as wanted; the stream's word counts when it is newer."""
        return row if done(row) else await self._until(str(row["id"]), NONE, done) or row

    async def _until(self, order_id: Any, params: Params, done: Callable[[Params], bool]) -> Params | None:
        """The order by its id or params['clientOrderId'] once it is as wanted; as it was seen last when that takes too long, if it was."""

        def streamed() -> Params | None:
            return None if order_id is None else self.seen_order(str(order_id))

        return await follow(lambda: self.order_row(order_id, params), done, streamed=streamed, logger=self.logger)

    def seen_order(self, order_id: str) -> Params | None:
        """What the stream said about an order; the part that streams overrides this."""
        return None

    async def create_orders(self, orders: list[dict[str, Any]], params: Params = NONE) -> list[Order]:
        """Place several orders (at most 10) with one request. All are checked here first; the venue's basic checks are all or nothing.

        A member that the risk checks or matching refuse comes back rejected or canceled; the others stand.
        """
        return await self.place_all(orders, params, self._rest)

    async def place_all(self, members: list[dict[str, Any]], params: Params, post: Post) -> list[Order]:
        """As `place`, for a batch."""
        await self.load_markets()
        if not 0 < len(members) <= tables.MAX_BATCH:
            raise errors.BadRequest(f"{self.id} a batch has 1 to {tables.MAX_BATCH} orders")
        bodies = []
        for member in members:
            own = self.with_client_id({**params, **(member.get("params") or {})})
            symbol, kind, side = (str(member.get(name)) for name in ("symbol", "type", "side"))
            bodies.append(self.new_order_body(symbol, kind, side, member.get("amount"), member.get("price"), own))
        answer = await post("create_batch", {"orders": [await self.signed(body) for body in bodies]})
        placed = {str(row.get("client_id")): row for row in answer.get("orders") or [] if row}
        refused = [row for row in answer.get("errors") or [] if row]
        if sum(body["client_id"] not in placed for body in bodies) > len(refused):
            raise errors.BadResponse(f"{self.id} the answer to a batch does not say what became of some orders")
        if params.get("wait", self.options.get("wait", True)) is not False:
            checked = await asyncio.gather(*(self._checked(row) for row in placed.values()))
            placed = dict(zip(placed, checked, strict=True))
        return [self._member(body, placed.get(body["client_id"]), refused) for body in bodies]

    def _member(self, body: Params, row: Params | None, refused: list[Any]) -> Order:
        if row is not None:
            return self.parse_order(row)  # type: ignore[no-any-return]
        info = {**body, "error": refused.pop(0) if refused else None}
        named = tables.NATIVE_TYPES[body["type"]][0]
        market = self.safe_market(body["market"])
        fields = {"clientOrderId": body["client_id"], "type": named, "side": body["side"].lower(), "price": body.get("price")}
        made = {**fields, "id": None, "symbol": market["symbol"], "amount": body["size"], "filled": "0", "status": "rejected", "info": info}
        return self.safe_order(made, market)

    # --- looking up -------------------------------------------------------------------------------------------------------------------

    async def order_row(self, order_id: Any, params: Params = NONE) -> Params:
        """An order as the venue has it, by its id or params['clientOrderId']."""
        kind, value = self.pure(orders.reference, order_id, params)
        extra = self.omit(params, [*self.client_id_params, "trigger", "stop", "wait"])
        endpoint = "private_get_orders_order_id" if kind == "order_id" else "private_get_orders_by_client_id_client_id"
        row: Params = await self.call(endpoint, {**extra, kind: value})
        return row

    async def fetch_order(self, id: str, symbol: str | None = None, params: Params = NONE) -> Order:
        """One order, by id or params['clientOrderId'].

        :raises OrderNotFound: the venue does not know it (ccxt's class says InvalidOrder)
        """
        await self.load_markets()
        return self.parse_order(await self.order_row(id, params))  # type: ignore[no-any-return]

    async def find_order(self, client_order_id: str, symbol: str | None = None, params: Params | None = None) -> Order | None:
        """The order with a client id once it has left the risk checks, None when the venue does not know it."""
        await self.load_markets()
        try:
            row = await self.order_row(None, {"clientOrderId": client_order_id})
        except errors.OrderNotFound:
            return None
        return self.parse_order(await self._checked(row))  # type: ignore[no-any-return]

    # --- changing and cancelling ------------------------------------------------------------------------------------------------------

    async def edit_order(
        self, id: str, symbol: str, type: str, side: str, amount: Any = None, price: Any = None, params: Params = NONE
    ) -> Order:
        """Change size, price or trigger of an open order; it keeps its id. What is not given stays.

        :raises InvalidOrder: another side or type than the order has
        """
        return await self.amend(id, symbol, type, side, amount, price, params, self._rest)

    async def amend(self, id: str, symbol: str, type: str, side: str, amount: Any, price: Any, params: Params, post: Post) -> Order:
        """Read, check, sign, send, wait."""
        await self.load_markets()
        market, raw = self.market(symbol), await self.order_row(id)
        named = tables.NATIVE_TYPES.get(str(raw.get("type")), (None, None))[0]
        wanted = tables.NATIVE_TYPES.get(str(type).upper(), (type, None))[0]
        if raw.get("market") != market["id"] or str(raw.get("side")).lower() != str(side).lower() or named != wanted:
            raise errors.InvalidOrder(f"{self.id} order {id} is a {named} {str(raw.get('side')).lower()} order of {raw.get('market')}")
        if self.pure(parsing.order_status, raw) != "open":
            raise errors.OrderNotFound(f"{self.id} order {id} is not open any more")
        given = self.omit(params, self.client_id_params)
        body = self.pure(
            orders.amended, market, raw, amount, price, given, partial(self.amount_to_wire, symbol), partial(self.price_to_wire, symbol)
        )
        signed = await self.signed(body, modify=True)
        answer = await post("modify", {**signed, "order_id": body["id"]})
        row = answer if isinstance(answer, dict) and answer.get("id") else raw

        def done(found: Params) -> bool:
            names = [name for name in ("size", "price", "trigger_price") if name in body]
            return found.get("status") == "CLOSED" or all(_same(found.get(name), body[name]) for name in names)

        return self.parse_order(await self._followed(row, done))  # type: ignore[no-any-return]

    async def cancel_order(self, id: str, symbol: str | None = None, params: Params = NONE) -> Order:
        """Cancel one order and return it as it ended.

        :param id: the venue's id; or params['clientOrderId']
        :raises OrderNotFound: it is unknown, filled, or cancelled already
        """
        return await self.withdraw_order(id, symbol, params, self._rest)

    async def withdraw_order(self, id: str, symbol: str | None, params: Params, post: Post) -> Order:
        """Send, wait."""
        await self.load_markets()
        kind, value = self.pure(orders.reference, id, params)
        request: Params = {kind: value}
        if symbol is not None:
            request["market"] = self.market(symbol)["id"]
        await post("cancel" if kind == "order_id" else "cancel_by_client_id", request)
        waits = params.get("wait", self.options.get("wait", True)) is not False
        named: tuple[Any, Params] = (value, NONE) if kind == "order_id" else (None, {"clientOrderId": value})
        row = await self._until(*named, _finished if waits else bool) or await self.order_row(*named)
        order: Order = self.parse_order(row)
        if order["status"] == "closed":
            raise errors.OrderNotFound(f"{self.id} order {value} was filled before it could be cancelled")
        return order

    async def cancel_orders(self, ids: Any, symbol: str | None = None, params: Params = NONE) -> list[Order]:
        """Cancel several orders with one request, by ids and/or params['clientOrderIds'].

        :raises OrderNotFound: one of them is unknown; the others are cancelled all the same
        """
        return await self.withdraw_orders(ids, symbol, params, self._rest)

    async def withdraw_orders(self, ids: Any, symbol: str | None, params: Params, post: Post) -> list[Order]:
        """As `withdraw_order`, for several."""
        await self.load_markets()
        request: Params = {}
        if ids:
            request["order_ids"] = [str(each) for each in ids]
        named = params.get("clientOrderIds") or params.get("client_order_ids")
        if named:
            request["client_order_ids"] = [str(each) for each in named]
        if not request:
            raise errors.ArgumentsRequired(f"{self.id} cancel_orders() requires ids or params['clientOrderIds']")
        results = self.pure(parsing.rows, await post("cancel_batch", request))
        missing = [str(row.get("id") or row.get("client_id")) for row in results if row.get("status") == "NOT_FOUND"]
        found = [row for row in results if row.get("status") != "NOT_FOUND"]
        ended = await asyncio.gather(*(self._followed(row, _finished) for row in found))
        if missing:
            raise errors.OrderNotFound(f"{self.id} unknown order(s) {', '.join(missing)}")
        return [self.parse_order(row) for row in ended if row.get("type")]

    async def cancel_all_orders(self, symbol: str | None = None, params: Params = NONE) -> list[Order]:
        """Cancel every open order of the account, or those of one market (ccxt's class insists on a market).

        :returns: the orders that were open a moment before, as they ended
        """
        return await self.withdraw_all(symbol, params, self._rest)

    async def withdraw_all(self, symbol: str | None, params: Params, post: Post) -> list[Order]:
        """As `withdraw_order`, for all."""
        await self.load_markets()
        request: Params = {} if symbol is None else {"market": self.market(symbol)["id"]}
        before = self.pure(parsing.rows, await self.call("private_get_orders", request))
        await post("cancel_all", {**request, **self.omit(params, "wait")})
        if params.get("wait", True) is not False:
            before = list(await asyncio.gather(*(self._followed(row, _finished) for row in before)))
        return [self.parse_order(row) for row in before]

    # --- leverage and margin mode -----------------------------------------------------------------------------------------------------

    async def margin_row(self, symbol: str) -> Params:
        """The configuration of a market."""
        await self.load_markets()
        market = self.market(symbol)
        if not market["swap"]:
            raise errors.BadRequest(f"{self.id} {symbol} has no leverage")
        return self.pure(parsing.margin_config, await self.call("private_get_account_margin", {"market": market["id"]}), market["id"])

    async def fetch_leverage(self, symbol: str, params: Params = NONE) -> Any:
        """Leverage and margin mode of a market; in isolated mode the leverage of that mode."""
        row = await self.margin_row(symbol)
        leverage, mode = self.pure(parsing.active_leverage, row), str(row["margin_type"]).lower()
        name = self.market(symbol)["symbol"]
        return {"info": row, "symbol": name, "marginMode": mode, "longLeverage": leverage, "shortLeverage": leverage}

    async def fetch_margin_mode(self, symbol: str, params: Params = NONE) -> Any:
        """Margin mode of a market."""
        row = await self.margin_row(symbol)
        return {"info": row, "symbol": self.market(symbol)["symbol"], "marginMode": str(row["margin_type"]).lower()}

    async def set_leverage(self, leverage: int, symbol: str | None = None, params: Params = NONE) -> Any:
        """Set the leverage of one market; the margin mode stays unless params['marginMode'] says otherwise (ccxt's class makes it cross).

        :param leverage: a whole number from 1 to the market's maximum
        """
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} set_leverage() requires a symbol argument")
        row = await self.margin_row(symbol)
        mode = str(params.get("marginMode") or row["margin_type"]).upper()
        return await self._configure(symbol, leverage, mode, self.omit(params, "marginMode"))

    async def set_margin_mode(self, marginMode: str, symbol: str | None = None, params: Params = NONE) -> Any:
        """Set "cross" or "isolated" for one market; the leverage stays unless params['leverage'] says otherwise (ccxt's class makes it 1).

        :raises MarginModeAlreadySet: nothing would change
        """
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} set_margin_mode() requires a symbol argument")
        row, mode = await self.margin_row(symbol), str(marginMode).upper()
        current = self.pure(parsing.active_leverage, row)
        leverage = params.get("leverage") or current
        if str(row["margin_type"]) == mode and wire.decimal(leverage) == current:
            self.refuse_same_margin_mode(mode.lower(), mode.lower(), symbol)
        return await self._configure(symbol, leverage, mode, self.omit(params, "leverage"))

    async def _configure(self, symbol: str, leverage: Any, mode: str, extra: Params) -> Any:
        market, wanted = self.market(symbol), wire.decimal(leverage, "leverage")
        top = ((market.get("limits") or {}).get("leverage") or {}).get("max")
        if wanted != int(wanted) or wanted < 1 or (top is not None and wanted > wire.decimal(top)):
            raise errors.BadRequest(f"{self.id} leverage of {symbol} is a whole number from 1 to {top}, not {leverage!r}")
        if mode not in ("CROSS", "ISOLATED"):
            raise errors.BadRequest(f"{self.id} margin mode must be cross or isolated, not {mode.lower()!r}")
        request = {"market": market["id"], "leverage": int(wanted), "margin_type": mode, **extra}
        return await self.call("private_post_account_margin_market", request)


def _finished(row: Params) -> bool:
    return row.get("status") == "CLOSED"


def _same(one: Any, other: Any) -> bool:
    return one not in (None, "") and wire.decimal(one) == wire.decimal(other)
