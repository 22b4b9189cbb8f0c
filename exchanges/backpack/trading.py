"""Placing and cancelling orders. The venue's answer is the result of its matching engine: what is filled is final for takers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.backpack import orders, tables
from ccxt_dex.exchanges.backpack.history import Order
from ccxt_dex.exchanges.backpack.lending import Lending
from ccxt_dex.exchanges.backpack.room import NONE, Params, Row
from ccxt_dex.reading import objects

CREATE, CREATE_MANY = "privatePostApiV1Order", "privatePostApiV1Orders"
CANCEL, CANCEL_ALL = "privateDeleteApiV1Order", "privateDeleteApiV1Orders"


class Trading(Lending):
    """Part of the room."""

    # --- create -----------------------------------------------------------------------------------------------------------------------

    async def plan(self, symbol: str, type: str, side: str, amount: Any, price: Any, params: Params) -> orders.Plan:
        """The body of one order, refused here when it cannot be what was asked for."""
        given = params.get("clientOrderId", params.get("clientId"))
        by = str(self.options.get("triggerPriceType", "mark"))
        plan = self.pure(orders.create, self.grid(symbol), type, side, amount, price, params, trigger_by=by)
        if given is not None:
            self.keep_client_id(given)
        if plan.side_of_price is not None and plan.trigger is not None:
            await self._check_trigger(symbol, plan, plan.trigger)
        return plan

    async def _check_trigger(self, symbol: str, plan: orders.Plan, trigger: Decimal) -> None:
        """The venue reads the direction off the price at which it stands: a level already passed would wait for the way back."""
        market = self.market(symbol)
        word = plan.body["triggerBy"]
        if market["spot"] or word == "LastPrice":
            now = (await self.last_ticker(symbol))["last"]
        else:
            now = (await self.mark_row(market))["indexPrice" if word == "IndexPrice" else "markPrice"]
        level = Decimal(str(now))
        if trigger >= level if plan.side_of_price == "below" else trigger <= level:
            raise errors.InvalidOrder(
                f"{self.id} {market['symbol']} trigger {trigger} must be {plan.side_of_price} the price {level}: it is reached already"
            )

    def _accepted(self, row: Row, symbol: str) -> Order:
        order = self.parse_order(row, self.market(symbol))
        if order["status"] == "rejected" and order["postOnly"]:
            error = errors.OrderImmediatelyFillable(f"{self.id} post-only order {order['id']} would have taken")
            setattr(error, "verdict", "rejected")  # noqa: B010
            raise error
        return order

    async def create_order(
        self, symbol: str, type: str, side: str, amount: float, price: float | None = None, params: Params = NONE
    ) -> Order:
        """Place an order.

        :param type: limit or market
        :param amount: in base units; None with params['cost'] for market orders
        :param params: clientOrderId, timeInForce (GTC, IOC, FOK, PO), postOnly, reduceOnly, triggerPrice, stopLossPrice, takeProfitPrice,
            triggerPriceType (mark, last, index), stopLoss and takeProfit ({"triggerPrice", "price"}), selfTradePrevention, cost, and the
            venue's own fields autoBorrow, autoLend ...
        :raises OrderImmediatelyFillable: a post-only order would have taken
        """
        await self.load_markets()
        if self.is_rfq(symbol):
            found: Order = await super().create_order(symbol, type, side, amount, price, params)
            return found
        plan = await self.plan(symbol, type, side, amount, price, params)
        return self._accepted(await self.call(CREATE, plan.body), symbol)

    async def create_orders(self, orders: list[Any], params: Params = NONE) -> list[Order]:
        """Several orders in one request; none is sent when one of them cannot be.

        :returns: in the order asked for; those that the venue refused have status rejected
        """
        await self.load_markets()
        if len(orders) > tables.MAX_BATCH:
            raise errors.BadRequest(f"{self.id} create_orders() takes at most {tables.MAX_BATCH} orders")
        plans = []
        for member in orders:
            if self.is_rfq(member["symbol"]):
                raise errors.NotSupported(f"{self.id} requests for quotes go one by one: create_order()")
            given = {**params, **(member.get("params") or {})}
            call = (member["symbol"], member.get("type", "limit"), member["side"], member.get("amount"), member.get("price"))
            plans.append((await self.plan(*call, given), member, given))
        if not plans:
            return []
        rows = await self.fetch2_list(CREATE_MANY, [plan.body for plan, _, _ in plans])
        if len(rows) != len(plans):
            raise errors.BadResponse(f"{self.id} a batch of {len(plans)} was answered with {len(rows)} results")
        return [self._member(plan, member, given, row) for (plan, member, given), row in zip(plans, rows, strict=True)]

    async def fetch2_list(self, endpoint: str, body: list[Row]) -> list[Row]:
        """A request whose body is an array."""
        return self.pure(objects, await getattr(self, endpoint)(body))

    def _member(self, plan: orders.Plan, member: Any, given: Params, row: Row) -> Order:
        symbol = self.market(member["symbol"])["symbol"]
        if row.get("id") is not None:
            return self.parse_order(row, self.market(symbol))
        if row.get("code") is None:
            raise errors.BadResponse(f"{self.id} a member of a batch was answered with neither an id nor a refusal")
        client = given.get("clientOrderId", given.get("clientId"))
        asked = {name: member.get(name) for name in ("type", "side", "amount", "price")}
        refused = {**asked, "id": None, "clientOrderId": client, "symbol": symbol, "status": "rejected", "filled": 0.0, "info": row}
        found: Order = self.safe_order(refused, self.market(symbol))
        return found

    # --- cancel -----------------------------------------------------------------------------------------------------------------------

    async def cancel_order(self, id: str, symbol: str | None = None, params: Params = NONE) -> Order:
        """Cancel a resting order or a waiting trigger, by id or params['clientOrderId'].

        :raises OrderNotFound: unknown, or no longer open
        """
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} cancel_order() requires a symbol argument")
        await self.load_markets()
        if self.is_rfq(symbol):
            found: Order = await super().cancel_order(id, symbol, params)
            return found
        body = self.pure(orders.reference, self.market(symbol)["id"], id, params)
        # an answer without the order (202: accepted, not yet executed) says nothing of its end: it is looked up
        return self.parse_order(await self.call(CANCEL, body), self.market(symbol))

    async def cancel_orders(self, ids: list[str], symbol: str | None = None, params: Params = NONE) -> list[Order]:
        """Cancel several orders, one request each; params['clientOrderIds'] adds some by client id.

        :returns: one order each; one that could not be cancelled has status None
        :raises OrderNotFound: not one of them could be cancelled
        """
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} cancel_orders() requires a symbol argument")
        await self.load_markets()
        wanted: list[tuple[Any, Params]] = [(id, NONE) for id in ids or []]
        wanted += [(None, {"clientOrderId": each}) for each in params.get("clientOrderIds") or []]
        found: list[Order] = []
        failures: list[Exception] = []
        for id, more in wanted:
            try:
                found.append(await self.cancel_order(id, symbol, more))
            except errors.OrderNotFound as error:
                failures.append(error)
                found.append(self._left(id, symbol, more))
        if failures and len(failures) == len(wanted):
            raise failures[0]
        return found

    def _left(self, id: Any, symbol: str, params: Params) -> Order:
        known = {"id": None if id is None else str(id), "clientOrderId": params.get("clientOrderId")}
        found: Order = self.safe_order({**known, "symbol": self.market(symbol)["symbol"], "status": None, "info": {}})
        return found

    async def cancel_all_orders(self, symbol: str | None = None, params: Params = NONE) -> list[Order]:
        """Cancel every open order of one market, or of all markets in which something is open, waiting triggers included."""
        await self.load_markets()
        if symbol is not None:
            return await self._cancel_market(self.market(symbol)["symbol"], params)
        symbols = sorted({order["symbol"] for order in await self.fetch_open_orders()})
        return [order for name in symbols for order in await self._cancel_market(name, params)]

    async def _cancel_market(self, symbol: str, params: Params) -> list[Order]:
        answer = await self.call(CANCEL_ALL, {"symbol": self.market(symbol)["id"], **params})
        # what is no list of orders is none that is cancelled: the look below tells
        rows = answer if isinstance(answer, list) else []
        found = {str(row.get("id")): self.parse_order(row, self.market(symbol)) for row in rows}
        if params.get("orderType") is None:
            # whether both kinds go without an orderType is not documented: what is left is cancelled one by one
            for order in await self.fetch_open_orders(symbol):
                try:
                    found[order["id"]] = await self.cancel_order(order["id"], symbol)
                except errors.OrderNotFound:
                    continue
        return list(found.values())

    # --- status -----------------------------------------------------------------------------------------------------------------------

    async def fetch_status(self, params: Params = NONE) -> Any:
        """ok or maintenance."""
        found = await super().fetch_status(params)
        return {**found, "status": "ok" if found["status"] == "ok" else "maintenance"}
