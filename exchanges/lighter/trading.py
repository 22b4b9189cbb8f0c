"""Writing: orders, cancels, leverage and margin. Every method signs with the API key alone and returns what the venue made of it."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

from ccxt_dex import wire
from ccxt_dex._ccxt import errors
from ccxt_dex.errors import by_name
from ccxt_dex.exchanges.lighter import orders, parsing, tables
from ccxt_dex.exchanges.lighter.room import NONE, PAUSES, Params, Room

Order = dict[str, Any]
Rows = dict[int, dict[str, Any]]

_STREAM_TURNS = 5


class Trading(Room):
    """Part of the room."""

    _client_ids: Any
    client_id_params = ("clientOrderId", "client_order_index")

    def new_client_order_id(self) -> str:
        return str(secrets.randbelow(tables.MAX_CLIENT_ID) + 1)

    def grid(self, symbol: str) -> orders.Grid:
        return self.pure(orders.grid, self.market(symbol))

    # --- orders -----------------------------------------------------------------------------------------------------------------------

    async def create_order(
        self, symbol: str, type: str, side: str, amount: float, price: float | None = None, params: Params = NONE
    ) -> Order:
        """Place an order; an attached stop-loss or take-profit goes out with it as one group.

        :param type: "limit" or "market"
        :param amount: in base units
        :param price: limit price; of a market order the worst price to take (without one: the best opposite price and the slippage)
        :param params: clientOrderId (1 to 2^48 - 1), timeInForce GTC, GTT, IOC, PO, postOnly, reduceOnly, orderExpiry (unix ms), triggerPrice
            or stopLossPrice, takeProfitPrice, stopLoss and takeProfit ({triggerPrice, price}), slippage (fraction), selfTradePrevention;
            wait=False returns as soon as the sequencer has it, with the client order id as id
        :raises InvalidOrder, NotSupported, InsufficientFunds, AuthenticationError: as ccxt has them; see apidocs.lighter.xyz, sendTx
        """
        await self.load_markets()
        plan = await self.plan(symbol, type, side, amount, price, params)
        await self.transact(plan)
        return await self.placed(plan, symbol, params)

    async def create_orders(self, orders: Any, params: Params = NONE) -> list[Order]:
        """Place up to fifty orders with one request; each entry is {symbol, type, side, amount, price, params}.

        Members that the venue refuses come back with status rejected or canceled, the others stand.

        :raises BadRequest: more than fifty
        """
        await self.load_markets()
        if len(orders) > tables.MAX_BATCH:
            raise errors.BadRequest(f"{self.id} create_orders() takes at most {tables.MAX_BATCH} orders")
        plans = []
        for member in orders:
            given = {**params, **(member.get("params") or {})}
            call = (member["symbol"], member["type"], member["side"], member["amount"], member.get("price"))
            plans.append((await self.plan(*call, given), member["symbol"], given))
        if not plans:
            return []
        await self.transact(*(plan for plan, _, _ in plans))
        return await self.placed_all([(plan, symbol) for plan, symbol, _ in plans], params.get("wait") is not False)

    async def plan(self, symbol: str, type: str, side: str, amount: Any, price: Any, params: Params) -> orders.Plan:
        """The transaction of one order; asks for the book only when a market order needs a bound."""
        reference = None
        if type == "market" and orders.needs_reference(type, price, params):
            book = await self.fetch_order_book(symbol, 5)
            levels = book["asks" if side == "buy" else "bids"]
            if not levels:
                raise errors.InvalidOrder(f"{self.id} {symbol} has nobody to {side} from")
            reference = wire.plain(wire.decimal(levels[0][0]))
        slippage = self.options.get("slippage", "0.05")
        now = self.server_milliseconds()
        given = self.with_client_id(params)
        return self.pure(
            orders.create, self.grid(symbol), type, side, amount, price, given, now_ms=now, reference=reference, slippage=slippage
        )

    def with_client_id(self, params: Params) -> Params:
        """The venue's own name of the client order id is taken too; an order without one gets one, or it could not be found again."""
        given = params.get("clientOrderId", params.get("client_order_index"))
        return {**params, "clientOrderId": self.new_client_order_id() if given is None else given}

    # --- what became of an order ------------------------------------------------------------------------------------------------------

    async def rows_of(self, client_ids: list[int]) -> Rows:
        """The venue's rows of some client order indexes; those it does not know are missing."""
        account = (await self.identity()).account
        found: Rows = {}
        for start in range(0, len(client_ids), tables.MAX_LOOKUP):
            wanted = ",".join(map(str, client_ids[start : start + tables.MAX_LOOKUP]))
            answer = await self.call("privateGetAccountOrders", {"account_index": account, "client_order_indexes": wanted})
            for row in answer.get("orders") or []:
                found[int(row.get("client_order_index") or 0)] = row
        return found

    async def placed(self, plan: orders.Plan, symbol: str, params: Params) -> Order:
        """The order as the venue has it; one that it refused is raised."""
        order = (await self.placed_all([(plan, symbol)], params.get("wait") is not False))[0]
        name = parsing.rejection(order["info"]) if order["info"] else None
        if name is not None:
            raise by_name(name)(f"{self.id} refused the order: {order['info'].get('status')} (id {order['id']})")
        return order

    async def placed_all(self, plans: list[tuple[orders.Plan, str]], wait: bool) -> list[Order]:
        members = [(self._member(plan), symbol) for plan, symbol in plans]
        rows = await self._rows_when_done([member["ClientOrderIndex"] for member, _ in members]) if wait else {}
        result = []
        for member, symbol in members:
            row = rows.get(member["ClientOrderIndex"])
            result.append(self.parse_order(row, self.market(symbol)) if row else self._accepted(member, symbol))
        return result

    @staticmethod
    def _member(plan: orders.Plan) -> dict[str, Any]:
        """The order of a transaction that carries the client order id: the only one, or the entry of a group."""
        found: dict[str, Any] = plan.fields if plan.name == "create_order" else plan.fields["Orders"][0]
        return found

    async def _rows_when_done(self, client_ids: list[int]) -> Rows:
        """Rows once each order has left the queue. The transaction is accepted already, so trouble with the lookup is no failure."""
        rows: Rows = {}
        for turn, pause in enumerate(PAUSES):
            await asyncio.sleep(pause)
            missing = [number for number in client_ids if str(rows.get(number, {}).get("status", "in-progress")) == "in-progress"]
            streamed = self.streamed_rows(missing) if missing else {}
            if streamed is not None:
                rows.update(streamed)
                missing = [number for number in missing if number not in streamed]
            if not missing:
                break
            if streamed is not None and turn < _STREAM_TURNS:
                continue  # the stream is about to tell, without a request
            try:
                rows.update(await self._look(missing))
            except errors.OperationFailed:
                continue
        return rows

    def streamed_rows(self, client_ids: list[int]) -> Rows | None:
        """What the stream of orders has said about some of these orders; None when nobody watches it."""
        return None

    async def _look(self, client_ids: list[int]) -> Rows:
        """rows_of, shared: whoever asks while a lookup is under way goes into the next one, so that fifty orders cost a handful of requests."""
        loop = asyncio.get_running_loop()
        batch = self._batch
        if batch is None or batch[0] is not loop:
            ids: set[int] = set()
            batch = self._batch = (loop, ids, loop.create_task(self._look_together(ids, self._looking)))
            self._looking = batch[2]
        batch[1].update(client_ids)
        return await asyncio.shield(batch[2])

    async def _look_together(self, ids: set[int], before: Any) -> Rows:
        if before is not None and not before.done() and before.get_loop() is asyncio.get_running_loop():
            await asyncio.wait([before])
        else:
            await asyncio.sleep(0.005)
        self._batch = None
        return await self.rows_of(sorted(ids))

    def _accepted(self, member: dict[str, Any], symbol: str) -> Order:
        """An order that the sequencer has and the account does not show yet; its client order id works wherever an id is asked for."""
        market = self.market(symbol)
        info, kind = market["info"], tables.ORDER_TYPE_WORDS[member["Type"]]
        client_id = str(member["ClientOrderIndex"])
        trigger = wire.plain(wire.decimal(member["TriggerPrice"]).scaleb(-int(info["price_decimals"]))) if member["TriggerPrice"] else None
        order: Order = self.safe_order(
            {
                "info": {},
                "id": client_id,
                "clientOrderId": client_id,
                "symbol": market["symbol"],
                "type": tables.UNIFIED_TYPES[kind],
                "timeInForce": ("IOC", "GTC", "PO")[member["TimeInForce"]],
                "postOnly": member["TimeInForce"] == tables.POST_ONLY,
                "reduceOnly": bool(member["ReduceOnly"]),
                "side": "sell" if member["IsAsk"] else "buy",
                "price": wire.plain(wire.decimal(member["Price"]).scaleb(-int(info["price_decimals"]))),
                "amount": wire.plain(wire.decimal(member["BaseAmount"]).scaleb(-int(info["size_decimals"]))),
                "triggerPrice": trigger,
                "status": "open",
            },
            market,
        )
        return order

    # --- edit and cancel --------------------------------------------------------------------------------------------------------------

    async def edit_order(
        self,
        id: str,
        symbol: str,
        type: str,
        side: str,
        amount: float | None = None,
        price: float | None = None,
        params: Params = NONE,
    ) -> Order:
        """Change amount and price of a resting order; it keeps its id.

        :param amount: the whole amount, what is filled included
        :param params: triggerPrice for trigger orders
        """
        await self.load_markets()
        plan = self.pure(orders.modify, self.grid(symbol), id, amount, price, params)
        await self.transact(plan)
        amount_there, price_there = wire.decimal(amount), wire.decimal(price)

        def done(row: dict[str, Any]) -> bool:
            same = wire.decimal(row.get("initial_base_amount")) == amount_there and wire.decimal(row.get("price")) == price_there
            return same or parsing.status(row.get("status")) != "open"

        return await self._changed(str(plan.fields["Index"]), symbol, done)

    async def cancel_order(self, id: str, symbol: str | None = None, params: Params = NONE) -> Order:
        """Cancel one order.

        :param id: the venue's id or a client order id
        :raises OrderNotFound: it does not exist, or is filled or cancelled already
        """
        await self.load_markets()
        if symbol is None:
            symbol = str((await self.fetch_order(id, None, params))["symbol"])
        plan = self.pure(orders.cancel, self.grid(symbol), id, params)
        await self.transact(plan)
        index = str(plan.fields["Index"])
        if params.get("wait") is False:
            return self.safe_order({"id": index, "symbol": self.market(symbol)["symbol"], "info": {}, "status": None})
        order = await self._changed(index, symbol, lambda row: parsing.status(row.get("status")) != "open")
        if order["status"] == "closed":
            raise errors.OrderNotFound(f"{self.id} order {id} is filled already")
        return order

    async def cancel_orders(self, ids: Any, symbol: str | None = None, params: Params = NONE) -> list[Order]:
        """Cancel several orders with one request; those that are gone already are passed over.

        :raises ArgumentsRequired: no symbol: the venue wants each order's market
        """
        await self.load_markets()
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} cancel_orders() requires a symbol argument")
        return await self._cancel_many([(str(each), symbol) for each in ids])

    async def cancel_orders_for_symbols(self, orders: Any, params: Params = NONE) -> Any:
        """Cancel orders of several markets with one request; each entry is {id, symbol} (or {clientOrderId, symbol})."""
        await self.load_markets()
        return await self._cancel_many([(str(each.get("id") or each.get("clientOrderId")), each["symbol"]) for each in orders])

    async def _cancel_many(self, pairs: list[tuple[str, str]]) -> list[Order]:
        if len(pairs) > tables.MAX_BATCH:
            raise errors.BadRequest(f"{self.id} cancels at most {tables.MAX_BATCH} orders at once")
        plans = [self.pure(orders.cancel, self.grid(symbol), order_id, NONE) for order_id, symbol in pairs]
        if not plans:
            return []
        await self.transact(*plans)
        await self._gone(pairs[0][1] if len({symbol for _, symbol in pairs}) == 1 else None, {order_id for order_id, _ in pairs})
        known = {order_id: self._client_ids.get(order_id) for order_id, _ in pairs}
        rows = await self.rows_of([number for number in known.values() if number is not None])
        result = []
        for order_id, symbol in pairs:
            row = rows.get(known[order_id] or 0)
            made = self.parse_order(row) if row else self.safe_order({"id": order_id, "symbol": symbol, "info": {}, "status": None})
            result.append(made)
        return result

    async def cancel_all_orders(self, symbol: str | None = None, params: Params = NONE) -> list[Order]:
        """Cancel every order of the account, or those of one market.

        :returns: the orders that were open a moment before
        """
        await self.load_markets()
        market = None if symbol is None else self.grid(symbol)
        open_orders: list[Order] = await self.fetch_open_orders(symbol)
        await self.transact(self.pure(orders.cancel_all, market))
        if open_orders and params.get("wait") is not False:
            await self._gone(symbol, {order["id"] for order in open_orders})
        return [{**order, "status": "canceled"} for order in open_orders]

    async def _gone(self, symbol: str | None, ids: set[str]) -> None:
        for pause in PAUSES[1:]:
            still = await self.fetch_open_orders(symbol)
            if not ids & {order[name] for order in still for name in ("id", "clientOrderId")}:
                return
            await asyncio.sleep(pause)

    async def cancel_all_orders_after(self, timeout: int, params: Params = NONE) -> Any:
        """Dead man's switch: everything is cancelled then, unless called again; 0 calls it off.

        :param timeout: milliseconds, 5 minutes to 15 days (the venue's range)
        """
        if timeout and not tables.MIN_CANCEL_ALL_MS <= timeout <= tables.MAX_CANCEL_ALL_MS:
            raise errors.BadRequest(f"{self.id} cancel_all_orders_after() takes 5 minutes to 15 days in milliseconds, or 0")
        at = self.server_milliseconds() + int(timeout) if timeout else 0
        return await self.transact(self.pure(orders.cancel_all, None, at, not timeout))

    async def _changed(self, order_id: str, symbol: str, done: Any) -> Order:
        """The order once the venue shows the change, or as it is when that takes too long."""
        order: Order = {}
        for pause in PAUSES:
            await asyncio.sleep(pause)
            try:
                order = await self.fetch_order(order_id, symbol)
            except errors.OperationFailed:
                if pause == PAUSES[-1] and not order:
                    raise
                continue
            if done(order["info"]):
                break
        return order
