"""Placing, changing and cancelling orders over REST."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from decimal import Decimal
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.pacifica import orders, parsing, tables
from ccxt_dex.exchanges.pacifica.history import History, Order
from ccxt_dex.exchanges.pacifica.market_data import MarketData
from ccxt_dex.exchanges.pacifica.room import NONE, Params, Row

# seconds between looks at an order that ends at once: the venue holds takers back for 50 to 200 ms
TAKER_LOOKS = (0.12, 0.15, 0.3, 0.6)
MAKER_LOOKS = (0.0, 0.15, 0.3)
CALLS = {path: "private_post_" + path.replace("/", "_") for path in (*tables.OPERATIONS, tables.BATCH_PATH)}


class Trading(MarketData, History):
    """Part of the room."""

    # --- plans ------------------------------------------------------------------------------------------------------------------------

    async def plan(self, symbol: str, type: str, side: str, amount: Any, price: Any, params: Params) -> orders.Plan:
        """The request of one order, refused here when it cannot be what was asked for."""
        market = self.market(symbol)
        if not market["active"]:
            raise errors.MarketClosed(f"{self.id} {market['symbol']} is not trading")
        given = params.get("clientOrderId", params.get("client_order_id"))
        if given is not None:
            params = {**params, "clientOrderId": self.keep_client_id(given)}
        slippage = self.options.get("defaultSlippage", "0.5")
        plan = self.pure(orders.create, self.grid(symbol), type, side, amount, price, params, slippage=slippage, builder=self.builder())
        if given is not None:
            plan.asked["clientOrderId"] = str(given)
        if plan.needs_mark is not None and plan.trigger is not None:
            await self._check_trigger(market, plan.trigger, plan.needs_mark)
        return plan

    async def _check_trigger(self, market: Any, trigger: Decimal, side: str) -> None:
        """The venue reads the direction off the price at which it stands: a level already passed would wait for the way back, or fire at once."""
        mark = Decimal(str((await self.mark_row(market))["mark"]))
        if trigger >= mark if side == "below" else trigger <= mark:
            raise errors.InvalidOrder(
                f"{self.id} {market['symbol']} trigger {trigger} must be {side} the mark price {mark}: it is reached already"
            )

    def accepted(self, plan: orders.Plan, symbol: str, order_id: Any, info: Any, status: str = "open") -> Order:
        """The order as it was asked for; the venue answers with an id alone."""
        now = self.server_milliseconds()
        if order_id is not None:
            self.remember_asked(order_id, {**plan.asked, "trigger": "triggerPrice" in plan.asked})
        order = {"filled": None, **plan.asked, "id": None if order_id is None else str(order_id), "status": status, "symbol": symbol}
        row = {**order, "timestamp": now, "datetime": self.iso8601(now), "info": info}
        found: Order = self.safe_order(row, self.market(symbol))
        return {**found, "postOnly": plan.asked.get("postOnly"), "timeInForce": plan.asked.get("timeInForce")}

    async def settled(self, order: Order, plan: orders.Plan, params: Params) -> Order:
        """What became of an accepted order, once the venue shows it; the acceptance stands, whatever the looks are answered with."""
        if params.get("wait", self.options.get("readBack", True)) is False or order["id"] is None:
            return order
        ends = plan.path == "orders/create_market" or plan.payload.get("tif") == "IOC"
        held_back = plan.payload.get("tif") not in tables.POST_ONLY and plan.path in ("orders/create", "orders/create_market")
        for pause in TAKER_LOOKS if held_back else MAKER_LOOKS:
            await asyncio.sleep(pause)
            try:
                found = await self.order_by_events(order["id"])
            except errors.BaseError as error:
                self.logger.info("%s looking for order %s: %s", self.id, order["id"], type(error).__name__)
                continue
            if found is not None and (found["status"] != "open" or not ends):
                return found
        return order

    def refuse_rejected(self, order: Order) -> Order:
        if order["status"] != "rejected":
            return order
        event = str((order["info"] or {}).get("event_type"))
        kind = errors.OrderImmediatelyFillable if event == "post_only_rejected" else errors.InvalidOrder
        raise kind(f"{self.id} order {order['id']} was rejected: {event}")

    # --- create -----------------------------------------------------------------------------------------------------------------------

    async def create_order(
        self, symbol: str, type: str, side: str, amount: float, price: float | None = None, params: Params = NONE
    ) -> Order:
        """Place an order.

        :param amount: in base units
        :param price: of a limit order
        :param params: timeInForce (GTC, IOC, PO, TOB), postOnly, reduceOnly, clientOrderId, slippage (percent, of market orders), triggerPrice,
            stopLossPrice, takeProfitPrice, stopLoss and takeProfit ({"triggerPrice", "price"}), triggerDirection, expiryWindow (ms),
            wait False: return the accepted order without reading back what became of it
        :raises InvalidOrder: off the grid, contradictory, or refused by the venue
        :raises NotSupported: what the venue has no words for, such as FOK
        """
        await self.load_markets()
        plan = await self.plan(symbol, type, side, amount, price, params)
        answer = await self.call(CALLS[plan.path], self._with_window(plan.payload, params))
        if plan.path == "positions/tpsl":
            return await self._position_exit(plan, symbol, answer.get("data"))
        order = self.accepted(plan, symbol, self.pure(parsing.order_number, answer), answer)
        return self.refuse_rejected(await self.settled(order, plan, params))

    def _with_window(self, payload: Row, params: Params) -> Row:
        account = params.get("account")
        if account is not None and str(account) != self.main_account():
            raise errors.NotSupported(
                f"{self.id} trades for walletAddress alone, not for params['account'] {account}: use another instance"
            )
        window = params.get("expiryWindow", params.get("expiry_window"))
        return payload if window is None else {**payload, "expiry_window": int(window)}

    async def _position_exit(self, plan: orders.Plan, symbol: str, data: Any) -> Order:
        """The venue answers such requests without an id: the order is found by its client id."""
        number = data.get("order_id") if isinstance(data, Mapping) else None
        wire = plan.payload["take_profit"].get("client_order_id")
        for pause in (0.0, 0.1, 0.3, 0.6):
            if number is not None or wire is None:
                break
            await asyncio.sleep(pause)
            try:
                rows = await self.rows("publicGetOrders", self._account_request(NONE))
            except errors.BaseError as error:
                self.logger.info("%s looking for order %s: %s", self.id, wire, type(error).__name__)
                continue
            number = next((row.get("order_id") for row in rows if row.get("client_order_id") == wire), None)
        return self.accepted(plan, symbol, number, data)

    async def create_orders(self, orders: list[Any], params: Params = NONE) -> list[Order]:
        """Several limit and market orders in one request, at most 10; none is sent when one of them cannot be.

        :returns: in the order asked for; those that the venue refused have status rejected
        """
        plans = await self._batch_plans(orders, params)
        if not plans:
            return []
        answer = await self.call(CALLS[tables.BATCH_PATH], {"actions": self._actions(plans)})
        return await self._batch_result(plans, answer)

    async def _batch_plans(self, members: list[Any], params: Params) -> list[tuple[orders.Plan, str, Params]]:
        await self.load_markets()
        if len(members) > tables.MAX_BATCH:
            raise errors.BadRequest(f"{self.id} create_orders() takes at most {tables.MAX_BATCH} orders")
        plans = []
        for member in members:
            given = {**params, **(member.get("params") or {})}
            call = (member["symbol"], member.get("type", "limit"), member["side"], member["amount"], member.get("price"))
            plan = await self.plan(*call, given)
            if plan.operation not in tables.BATCH_ACTIONS.values():
                raise errors.NotSupported(f"{self.id} a batch takes limit and market orders, no triggers")
            plans.append((plan, self.market(member["symbol"])["symbol"], given))
        return plans

    def _actions(self, plans: list[tuple[orders.Plan, str, Params]]) -> list[Row]:
        names = {operation: action for action, operation in tables.BATCH_ACTIONS.items()}
        return [{"type": names[plan.operation], "data": self._with_window(plan.payload, given)} for plan, _, given in plans]

    async def _batch_result(self, plans: list[tuple[orders.Plan, str, Params]], answer: Any) -> list[Order]:
        members = []
        for (plan, symbol, given), result in zip(plans, self.pure(parsing.results, answer, len(plans)), strict=True):
            if result.get("success") is not True or result.get("error"):
                members.append((self.accepted(plan, symbol, None, result, "rejected"), plan, given))
                continue
            number = self.pure(parsing.order_number, {"data": result}, "i" if "i" in result else "order_id")
            members.append((self.accepted(plan, symbol, number, result), plan, given))
        return await asyncio.gather(*(self.settled(*member) for member in members))

    # --- edit -------------------------------------------------------------------------------------------------------------------------

    async def _edit_plan(self, id: str, symbol: str, amount: Any, price: Any, params: Params) -> orders.Plan:
        await self.load_markets()
        if amount is None or price is None:
            order = await self.fetch_order(id, symbol, params)
            amount = order["amount"] if amount is None else amount
            price = order["price"] if price is None else price
        if self._asked.get(str(id), {}).get("trigger"):
            raise errors.NotSupported(f"{self.id} a stop order cannot be edited: cancel it and place another")
        plan = self.pure(orders.edit, self.grid(symbol), id, amount, price, params)
        old = self._asked.get(str(id), {})
        plan.asked.update({name: old[name] for name in ("side", "reduceOnly", "clientOrderId") if name in old})
        return plan

    async def edit_order(
        self, id: str, symbol: str, type: str, side: str, amount: float | None = None, price: float | None = None, params: Params = NONE
    ) -> Order:
        """Replace a resting limit order; the new one has a new id, the old client order id, and is post-only whatever the old one was.

        :param amount: the whole new amount
        """
        plan = await self._edit_plan(id, symbol, amount, price, params)
        answer = await self.call(CALLS[plan.path], self._with_window(plan.payload, params))
        plan.asked.update({"type": "limit", "side": side or plan.asked.get("side")})
        order = self.accepted(plan, symbol, self.pure(parsing.order_number, answer), answer)
        return self.refuse_rejected(await self.settled(order, orders.Plan("orders/create", {"tif": "ALO"}, plan.asked), params))

    # --- cancel -----------------------------------------------------------------------------------------------------------------------

    def _is_stop(self, identifier: Any, params: Params) -> bool | None:
        flag = params.get("trigger", params.get("stop"))
        known = self._asked.get(str(identifier), {}).get("trigger")
        return bool(flag) if flag is not None else known

    async def cancel_order(self, id: str, symbol: str | None = None, params: Params = NONE) -> Order:
        """Cancel an order; stops are told from others by what is known of them, or params['trigger'].

        :param params: clientOrderId instead of the id
        :raises OrderNotFound: unknown, or no longer open
        """
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} cancel_order() requires a symbol argument")
        await self.load_markets()
        stop = self._is_stop(id, params)
        try:
            return await self._cancel(id, symbol, params, bool(stop))
        except errors.OrderNotFound:
            if stop is not None or not await self._waits(id, params):
                raise
        return await self._cancel(id, symbol, params, True)

    async def _cancel(self, id: str, symbol: str, params: Params, stop: bool) -> Order:
        plan = self.pure(orders.cancel, self.grid(symbol), id, params, stop=stop)
        answer = await self.call(CALLS[plan.path], self._with_window(plan.payload, params))
        return self.canceled(id, symbol, params, answer)

    def canceled(self, id: Any, symbol: str, params: Params, info: Any) -> Order:
        client = params.get("clientOrderId", params.get("client_order_id"))
        number = str(id) if id is not None and str(id).isdigit() else None
        asked = {name: value for name, value in self._asked.get(str(id), {}).items() if name != "trigger"}
        row = {**asked, "id": number, "status": "canceled", "info": info, "symbol": self.market(symbol)["symbol"]}
        if client is not None:
            row["clientOrderId"] = client
        found: Order = self.safe_order(row)
        return found

    async def _waits(self, id: Any, params: Params) -> bool:
        """Whether an order is among the waiting stops."""
        client = params.get("clientOrderId")
        for order in await self.fetch_open_orders(None, None, None, {"trigger": True}):
            if str(id) in (order["id"], order["clientOrderId"]) or (client is not None and order["clientOrderId"] == str(client)):
                return True
        return False

    async def cancel_orders(self, ids: list[str], symbol: str | None = None, params: Params = NONE) -> list[Order]:
        """Cancel several orders, ten to a request; params['clientOrderIds'] adds some by client id.

        :returns: one order each; one that could not be cancelled has status None and the venue's words in `info`
        :raises OrderNotFound: not one of them could be cancelled
        """
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} cancel_orders() requires a symbol argument")
        wanted: list[tuple[Any, str, Params]] = [(id, symbol, NONE) for id in ids or []]
        wanted += [(None, symbol, {"clientOrderId": each}) for each in params.get("clientOrderIds") or []]
        return await self._cancel_many(wanted, params)

    async def cancel_orders_for_symbols(self, orders: list[Any], params: Params = NONE) -> Any:
        """Cancel orders of several markets: a list of {"id", "symbol"} (or "clientOrderId")."""
        wanted = []
        for one in orders:
            client = {"clientOrderId": one["clientOrderId"]} if one.get("clientOrderId") else NONE
            wanted.append((one.get("id"), one["symbol"], client))
        return await self._cancel_many(wanted, params)

    async def _cancel_many(self, wanted: list[tuple[Any, str, Params]], params: Params, post: Any = None) -> list[Order]:
        await self.load_markets()
        plain_ones = [one for one in wanted if not self._is_stop(one[0], params)]
        found: dict[int, Order] = {}
        failures: list[Exception] = []
        for start in range(0, len(plain_ones), tables.MAX_BATCH):
            part = plain_ones[start : start + tables.MAX_BATCH]
            plans = [self.pure(orders.cancel, self.grid(symbol), id, client) for id, symbol, client in part]
            actions = [{"type": "Cancel", "data": self._with_window(plan.payload, params)} for plan in plans]
            for one, result in zip(part, await (post or self.post_batch)(actions), strict=True):
                found[wanted.index(one)] = self._cancel_result(one, result, failures)
        for one in wanted:
            if one not in plain_ones:
                found[wanted.index(one)] = await self._cancel(one[0], one[1], one[2], True)
        if failures and len(failures) == len(wanted):
            raise failures[0]
        return [found[number] for number in sorted(found)]

    async def post_batch(self, actions: list[Row]) -> list[Row]:
        answer = await self.call(CALLS[tables.BATCH_PATH], {"actions": actions})
        return self.pure(parsing.results, answer, len(actions))

    def _cancel_result(self, one: tuple[Any, str, Params], result: Row, failures: list[Exception]) -> Order:
        order = self.canceled(one[0], one[1], one[2], result)
        if result.get("success") is True and not result.get("error"):
            return order
        error = self.venue_error(result.get("code"), str(result.get("error") or "Order not found"), None, "orders/batch")
        failures.append(error)
        return {**order, "status": None}

    async def cancel_all_orders(self, symbol: str | None = None, params: Params = NONE) -> list[Order]:
        """Cancel every open order of this account, of one market or of all, waiting stops included.

        :param params: excludeReduceOnly
        """
        await self.load_markets()
        exclude = bool(params.get("excludeReduceOnly", False))
        answer = await self.call(CALLS["orders/cancel_all"], self._with_window(self._all_payload(symbol, exclude), params))
        await self._sweep_stops(symbol, exclude)
        return [self.safe_order({"info": answer})]

    def _all_payload(self, symbol: str | None, exclude: bool) -> Row:
        where: Row = {"all_symbols": True} if symbol is None else {"all_symbols": False, "symbol": self.market(symbol)["id"]}
        return {**where, "exclude_reduce_only": exclude}

    async def _sweep_stops(self, symbol: str | None, exclude: bool) -> None:
        """Whether the venue's cancel-all ends waiting stops is not documented; what it left is cancelled one by one."""
        for order in await self.fetch_open_orders(symbol, None, None, {"trigger": True}):
            if exclude and order["reduceOnly"]:
                continue
            try:
                await self._cancel(order["id"], order["symbol"], NONE, True)
            except errors.OrderNotFound:
                continue

    # --- TWAP -------------------------------------------------------------------------------------------------------------------------

    async def create_twap_order(self, symbol: str, side: str, amount: float, duration: float, params: Params = NONE) -> Order:
        """Work an order in equal parts, one every 30 seconds.

        :param duration: ms
        :param params: reduceOnly, slippage (percent), clientOrderId
        :raises OrderOutcomeUnknown: the request got lost, and the venue does not show what became of it
        """
        await self.load_markets()
        self.pure(orders.refuse_exits, params)
        plan = await self.plan(symbol, "market", side, amount, None, params)
        seconds = self.pure(orders.decimal, duration, "duration") / 1000
        if seconds != int(seconds) or seconds <= 0:
            raise errors.InvalidOrder(f"{self.id} the duration of a TWAP order is a whole number of seconds, given in ms")
        payload = {"client_order_id": self.new_client_order_id(), **plan.payload, "duration_in_seconds": int(seconds)}
        own = str(payload["client_order_id"])
        request = self.call(CALLS["orders/twap/create"], self._with_window(payload, params))
        taken = self._answered_twap(request)
        answer = await self.settled_write(taken, lambda: self._twap(own), own, self.market(symbol)["symbol"])
        order = self.accepted(plan, symbol, None, answer)
        number = self.pure(parsing.order_number, answer)
        return {**order, "id": str(number), "clientOrderId": payload["client_order_id"]}

    async def _answered_twap(self, request: Awaitable[Any]) -> Any:
        answer = await request
        self.pure(parsing.order_number, answer)
        return answer

    async def _twap(self, wire: str) -> Any:
        for pause in (0.0, 0.3, 0.6):
            await asyncio.sleep(pause)
            rows = await self.rows("publicGetOrdersTwap", self._account_request(NONE))
            number = next((row.get("order_id") for row in rows if row.get("client_order_id") == wire), None)
            if number is not None:
                return {"data": {"order_id": number}}
        return None

    async def cancel_twap_order(self, id: str, symbol: str | None = None, params: Params = NONE) -> Order:
        """End a TWAP order; what it has traded stays traded."""
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} cancel_twap_order() requires a symbol argument")
        await self.load_markets()
        plan = self.pure(orders.cancel, self.grid(symbol), id, params)
        answer = await self.call(CALLS["orders/twap/cancel"], self._with_window(plan.payload, params))
        return self.canceled(id, symbol, params, answer)
