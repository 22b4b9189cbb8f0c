"""Writing: orders and cancels. The venue only says that it took a request; every method here waits for what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from ccxt_dex import wire
from ccxt_dex._ccxt import errors
from ccxt_dex.errors import by_name
from ccxt_dex.exchanges.extended import orders as bodies
from ccxt_dex.exchanges.extended import parsing, tables
from ccxt_dex.exchanges.extended.account import Account
from ccxt_dex.exchanges.extended.room import NONE, Params
from ccxt_dex.parts.following import follow

Order = dict[str, Any]


class Trading(Account):
    """Part of the room."""

    def parse_order(self, order: Any, market: Any = None) -> Any:
        """ccxt's hook; its own calls a stop "conditional", GTC "GTT", and passes statuses on that it does not know."""
        fields = self.pure(parsing.order, order)
        found = self.safe_market(order.get("market"), market)
        fee = {"cost": self.safe_number(order, "payedFee"), "currency": found["settle"]}
        datetime = self.iso8601(fields["timestamp"])
        return self.safe_order({**fields, "fee": fee, "symbol": found["symbol"], "datetime": datetime, "info": order}, found)

    # --- placing ----------------------------------------------------------------------------------------------------------------------

    async def new_order_body(self, symbol: str, type: str, side: str, amount: Any, price: Any, params: Params) -> tuple[Params, Decimal]:
        """The checked body of an order, unsigned, and everything that may be charged, as a fraction."""
        market = self.market(symbol)
        self.account_key()
        if market["spot"]:
            raise errors.NotSupported(f"{self.id} spot trading has been retired by the venue")
        if market["info"].get("isRfq"):
            raise errors.NotSupported(f"{self.id} {symbol} trades by requests for quotes, whose format is not documented")
        if market["active"] is False:
            raise errors.MarketClosed(f"{self.id} {symbol} is {market['info'].get('status')}")
        stats = await self.market_stats(symbol) if bodies.needs_quote(type, price, params) else None
        body = self.pure(bodies.new_order, market, type, side, amount, price, params, stats, self.options)
        fee, total, more = await self._charges(market, body, params)
        body.update(fee=fee, nonce=str(self.salt(params)), expiryEpochMillis=self._expiry(body, params), **more)
        return body, total

    async def _charges(self, market: Any, body: Params, params: Params) -> tuple[str, Decimal, Params]:
        """The account's own rate, nothing on top of it unless the user named a builder."""
        if params.get("fee") is not None:
            rate = wire.decimal(params["fee"], "fee")
        else:
            maker, taker = await self.fee_rates(market["id"])
            rate = max(maker if body["postOnly"] else taker, Decimal(0))
        builder_fee, builder_id = self.pure(bodies.builder, params, self.options)
        if builder_fee is None:
            return wire.plain(rate), rate, {}
        return wire.plain(rate), rate + Decimal(builder_fee), {"builderFee": builder_fee, "builderId": builder_id}

    def _expiry(self, body: Params, params: Params) -> int:
        """Good till cancelled means as long as the venue lets an order live (ccxt's lives an hour)."""
        if params.get("expiryEpochMillis") is not None:
            return int(params["expiryEpochMillis"])
        now = self.server_milliseconds()
        if body["type"] != "CONDITIONAL" and body["timeInForce"] == "IOC":
            return now + tables.HOUR_MS
        days = tables.MAX_EXPIRY_DAYS.get(self.chain(), min(tables.MAX_EXPIRY_DAYS.values()))
        return now + days * tables.DAY_MS - tables.HOUR_MS

    def with_client_id(self, params: Params) -> Params:
        """Every order has a client id: without one it could not be found again."""
        if any(params.get(name) for name in self.client_id_params):
            return params
        return {**params, "clientOrderId": self.new_client_order_id()}

    async def create_order(self, symbol: str, type: str, side: str, amount: Any, price: Any = None, params: Params = NONE) -> Order:
        """Place an order and return what the venue made of it.

        :param type: "limit" or "market"; the price of a market order is the worst one, by default the best opposite price moved by
            ``options['slippage']`` (0.0075), within the venue's band around the mark
        :param amount: in base units, on the market's step
        :param params: clientOrderId; triggerPrice with triggerDirection, stopLossPrice or takeProfitPrice; triggerPriceType last, mark, index;
            takeProfit and stopLoss {triggerPrice, price, triggerPriceType}; timeInForce GTC, IOC, PO; postOnly; reduceOnly; fee (most that
            may be charged); expiryEpochMillis; builderId with builderFeeRate; slippage; wait (False: do not wait for matching)
        :raises InsufficientFunds: refused for want of margin
        :raises OrderImmediatelyFillable: post-only, and would have crossed
        """
        await self.load_markets()
        own = self.with_client_id(params)
        return await self._place(await self._ready(symbol, type, side, amount, price, own), own)

    async def _ready(self, symbol: Any, type: Any, side: Any, amount: Any, price: Any, params: Params) -> Params:
        body, rate = await self.new_order_body(symbol, type, side, amount, price, params)
        return await self.sign_order(self.market(symbol), body, rate)

    async def _place(self, body: Params, params: Params) -> Order:
        try:
            answer = self.pure(parsing.data, await self.call("v1_private_post_user_order", body))
        except errors.InvalidOrder as error:
            if tables.FEE_REFUSED in str(error):
                self.forget_fees()
            raise
        if not isinstance(answer, dict) or not answer.get("id"):
            raise errors.BadResponse(f"{self.id} the answer to an order has no id")
        now = self.server_milliseconds()
        taken = {**body, "id": answer["id"], "externalId": answer.get("externalId") or body["id"], "status": "NEW", "createdTime": now}
        taken.pop("settlement", None)
        if params.get("wait", self.options.get("wait", True)) is False:
            return self.parse_order(taken)  # type: ignore[no-any-return]
        row = await self._followed(str(answer["id"]), lambda found: not parsing.at_work(found)) or taken
        return self._accepted(row)

    def _accepted(self, row: Params) -> Order:
        name = parsing.refusal(row)
        if name is not None:
            error = by_name(name)(f"{self.id} order {row['id']} was refused: {row.get('statusReason')}")
            setattr(error, "verdict", "rejected")  # noqa: B010
            raise error
        return self.parse_order(row)  # type: ignore[no-any-return]

    async def _followed(self, order_id: str | None, done: Callable[[Params], bool], params: Params = NONE) -> Params | None:
        """The order by its id or params['clientOrderId'] once it is as wanted; as it was seen last when that takes too long, if it was."""

        def streamed() -> Params | None:
            return None if order_id is None else self.seen_order(order_id)

        return await follow(lambda: self.order_row(order_id, params), done, streamed=streamed, logger=self.logger)

    def seen_order(self, order_id: str) -> Params | None:
        """What the stream said about an order; the part that streams overrides this."""
        return None

    async def create_orders(self, orders: list[dict[str, Any]], params: Params = NONE) -> list[Order]:
        """Place several orders at once: checked and signed together, then one request each, since the venue has no batch endpoint.

        :returns: in the order of the members; one that the venue refused is there with status "rejected"
        """
        await self.load_markets()
        ready, given = [], []
        for member in orders:
            own = self.with_client_id({**params, **(member.get("params") or {})})
            arguments: list[Any] = [member.get(name) for name in ("symbol", "type", "side", "amount", "price")]
            ready.append(await self._ready(arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], own))
            given.append(own)
        results = await asyncio.gather(*(self._place(body, own) for body, own in zip(ready, given, strict=True)), return_exceptions=True)
        found = []
        for body, result in zip(ready, results, strict=True):
            if isinstance(result, BaseException):
                if getattr(result, "verdict", None) != "rejected":
                    raise result
                found.append(self._refused(body, result))
            else:
                found.append(result)
        return found

    def _refused(self, body: Params, error: BaseException) -> Order:
        row = {**body, "externalId": body["id"], "id": None, "status": "REJECTED", "statusReason": str(error)[:300]}
        row.pop("settlement", None)
        return self.parse_order(row)  # type: ignore[no-any-return]

    # --- looking up -------------------------------------------------------------------------------------------------------------------

    async def order_row(self, order_id: Any, params: Params = NONE) -> Params:
        """An order as the venue has it, by its id or params['clientOrderId'].

        :raises OrderNotFound: the venue does not know it
        """
        kind, value = self.pure(bodies.reference, order_id, params)
        if kind == "id":
            found: Params = self.pure(parsing.data, await self.call("v1_private_get_user_orders_id", {"id": value}))
            return found
        rows = self.pure(parsing.rows, await self.call("v1_private_get_user_orders_external_externalid", {"externalId": value}))
        if not rows:
            raise errors.OrderNotFound(f"{self.id} no order with the client id {value}")
        return max(rows, key=lambda row: row.get("createdTime") or 0)

    async def fetch_order(self, id: str | None, symbol: str | None = None, params: Params = NONE) -> Order:
        """One order, by id or params['clientOrderId'].

        :raises OrderNotFound: the venue does not know it
        """
        await self.load_markets()
        return self.parse_order(await self.order_row(id, params))  # type: ignore[no-any-return]

    async def find_order(self, client_order_id: str, symbol: str | None = None, params: Params | None = None) -> Order | None:
        """The order with a client id, None when the venue does not know it.

        :raises BaseError: it is there and was refused
        """
        await self.load_markets()
        try:
            row = await self.order_row(None, {"clientOrderId": client_order_id})
        except errors.OrderNotFound:
            return None
        if parsing.at_work(row):
            row = await self._followed(str(row["id"]), lambda found: not parsing.at_work(found)) or row
        return self.parse_order(row)  # type: ignore[no-any-return]

    # --- changing and cancelling ------------------------------------------------------------------------------------------------------

    async def edit_order(
        self, id: str, symbol: str, type: str, side: str, amount: Any = None, price: Any = None, params: Params = NONE
    ) -> Order:
        """Put a new order in the place of an open one, in one step; the new one has an id and a client id of its own.

        :param amount: of the new order; left out: what is left of the old one
        :param params: as for `create_order`; what is not given stays as it was
        :raises InvalidOrder: another side or type than the order has
        """
        await self.load_markets()
        market, raw = self.market(symbol), await self.order_row(id)
        kind, own = self.pure(bodies.replacement_params, raw, self.with_client_id(params))
        old_side = str(raw.get("side")).lower()
        if raw.get("market") != market["id"] or old_side != str(side).lower() or kind != str(type).lower():
            raise errors.InvalidOrder(f"{self.id} order {id} is a {kind} {old_side} order of {raw.get('market')}")
        if self.pure(parsing.order_status, raw) != "open":
            raise errors.OrderNotFound(f"{self.id} order {id} is not open any more")
        if amount is None:
            amount = self.parse_order(raw)["remaining"]
        keeps_price = price is None and (kind == "limit" or "triggerPrice" in own)
        # as an order of its own: when its answer is lost it is looked up by its own client id
        return await self.create_order(symbol, kind, side, amount, raw["price"] if keeps_price else price, own)

    async def cancel_order(self, id: str | None, symbol: str | None = None, params: Params = NONE) -> Order:
        """Cancel one order and return it as it ended.

        :param id: the venue's id; or params['clientOrderId']
        :raises OrderNotFound: it is unknown or filled
        """
        await self.load_markets()
        kind, value = self.pure(bodies.reference, id, params)
        await self.call("v1_private_delete_user_order_id" if kind == "id" else "v1_private_delete_user_order", {kind: value})
        waits = params.get("wait", self.options.get("wait", True)) is not False
        return self._cancelled(await self._end_of(value, NONE if kind == "id" else {"clientOrderId": value}, _ended if waits else bool))

    async def _end_of(self, value: str, params: Params, done: Callable[[Params], bool]) -> Params:
        """An order whose cancel the venue took.

        :raises OrderNotFound: it is not shown
        """
        order_id = None if params else value
        return await self._followed(order_id, done, params) or await self.order_row(order_id, params)

    def _cancelled(self, row: Params) -> Order:
        order: Order = self.parse_order(row)
        if order["status"] == "closed":
            raise errors.OrderNotFound(f"{self.id} order {order['id']} was filled before it could be cancelled")
        return order

    async def cancel_orders(self, ids: Any, symbol: str | None = None, params: Params = NONE) -> list[Order]:
        """Cancel several orders with one request, by ids and/or params['clientOrderIds'], and return them as they ended.

        :raises OrderNotFound: one of them is unknown; the others are cancelled all the same
        """
        await self.load_markets()
        named = params.get("clientOrderIds") or params.get("client_order_ids") or []
        wanted = [self.pure(bodies.reference, each, NONE)[1] for each in ids or []]
        request: Params = {}
        if wanted:
            request["orderIds"] = [int(each) for each in wanted]
        if named:
            request["externalOrderIds"] = [str(each) for each in named]
        if not request:
            raise errors.ArgumentsRequired(f"{self.id} cancel_orders() requires ids or params['clientOrderIds']")
        await self.call("v1_private_post_user_order_masscancel", request)
        lookups = [(each, NONE) for each in wanted] + [(str(each), {"clientOrderId": str(each)}) for each in named]
        results = await asyncio.gather(*(self._end_of(*lookup, _ended) for lookup in lookups), return_exceptions=True)
        failures = [result for result in results if isinstance(result, BaseException)]
        if failures:
            raise failures[0]
        return [self.parse_order(row) for row in results]

    async def cancel_all_orders(self, symbol: str | None = None, params: Params = NONE) -> list[Order]:
        """Cancel every open order of the account, or those of one market (ccxt's class asks for both at once).

        :returns: the orders that were open a moment before, as they ended
        """
        await self.load_markets()
        market = None if symbol is None else self.market(symbol)["id"]
        before = await self.open_rows(market)
        await self.call("v1_private_post_user_order_masscancel", {"markets": [market]} if market else {"cancelAll": True})
        if params.get("wait", True) is False:
            return [self.parse_order(row) for row in before]
        return [self.parse_order(row) for row in await asyncio.gather(*(self._end_of(str(row["id"]), NONE, _ended) for row in before))]

    async def open_rows(self, market_id: str | None) -> list[Params]:
        """Open orders as the venue has them."""
        request = {} if market_id is None else {"market": market_id}
        return self.pure(parsing.rows, await self.call("v1_private_get_user_orders", request))


def _ended(row: Params) -> bool:
    return tables.STATUS.get(str(row.get("status"))) != "open"
