"""Writing: orders, cancels, leverage and margin. Every method signs with the API key alone and returns what the venue made of it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import Any

from ccxt_dex import wire
from ccxt_dex._ccxt import errors
from ccxt_dex.errors import by_name
from ccxt_dex.exchanges.lighter import orders, parsing, tables
from ccxt_dex.exchanges.lighter.room import NONE, Params, Room
from ccxt_dex.outcome.settling import expected
from ccxt_dex.parts.following import follow

Order = dict[str, Any]
Row = dict[str, Any]
Rows = dict[int, Row]
Done = Callable[[Row], bool]

_STREAM_TURNS = 5
_MISSES = 5


class Trading(Room):
    """Part of the room."""

    _client_ids: Any
    _triggers: Any
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
        await self.check_signer(params)
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
        found = await asyncio.gather(*(self._followed(number, _left_the_queue) for number in client_ids))
        return {number: row for number, row in zip(client_ids, found, strict=True) if row is not None}

    async def _followed(self, client_id: int, done: Done) -> Row | None:
        """The row of an order once it is as wanted; what was seen last when that takes too long, None when nothing was."""

        async def look() -> Row | None:
            return (await self._look([client_id])).get(client_id)

        turns = _STREAM_TURNS if self.watches_orders() else 0
        return await follow(look, done, streamed=lambda: self.streamed_row(client_id), stream_turns=turns, logger=self.logger)

    def watches_orders(self) -> bool:
        """Whether the stream of orders runs."""
        return False

    def streamed_row(self, client_id: int) -> Row | None:
        """What the stream of orders has said about an order."""
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
        self.note_trigger(client_id, trigger)
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
        """Change amount and price of a resting order; it keeps its id, and its trigger unless another one is given.

        :param amount: the whole amount, what is filled included
        :param params: triggerPrice for trigger orders
        :raises OrderNotFound: it does not exist, or ended before it could be changed
        """
        return await self._edit(id, symbol, amount, price, params)

    async def _edit(self, id: Any, symbol: str, amount: Any, price: Any, params: Params, over: Any = None) -> Order:
        await self.load_markets()
        await self.check_signer(params)
        self.pure(orders.modify, self.grid(symbol), id, amount, price, params)  # before anything is asked
        plan = self.pure(orders.modify, self.grid(symbol), id, amount, price, await self._with_trigger(id, symbol, params))
        await self.transact(plan, over=over)
        index, grid = plan.fields["Index"], self.grid(symbol)

        def as_asked(row: Row) -> bool:
            return self.pure(parsing.as_modified, row, plan.fields, grid.size_decimals, grid.price_decimals)

        row = await self._changed(index, symbol, lambda row: as_asked(row) or self._ended(row))
        if row is None or (self._ended(row) and not as_asked(row)):
            raise errors.OrderNotFound(f"{self.id} order {index} {'does not exist' if row is None else 'ended before it could be changed'}")
        if not as_asked(row):
            # the guard goes on looking until the transaction can no longer be executed
            raise errors.RequestTimeout(f"{self.id} the change of order {index} was accepted and does not show yet")
        return self.parse_order(row, self.market(symbol))  # type: ignore[no-any-return]

    async def _with_trigger(self, id: Any, symbol: str, params: Params) -> Params:
        """A change that does not mention the trigger keeps it: the venue takes none for zero."""
        if any(params.get(name) is not None for name in orders.TRIGGERS):
            return params
        index = str(self.pure(orders.order_index, id, params))
        if self._triggers.get(index, "") is not None:  # not known, or moved by somebody else since
            await self.fetch_order(index, symbol)
        trigger = self._triggers.get(index)
        return params if trigger is None else {**params, "triggerPrice": trigger}

    async def cancel_order(self, id: str, symbol: str | None = None, params: Params = NONE) -> Order:
        """Cancel one order.

        :param id: the venue's id or a client order id
        :param params: wait=False returns as soon as the sequencer has it
        :returns: the order as it ended; with status "open" when the venue does not show the end within seconds
        :raises OrderNotFound: it does not exist, or is filled
        """
        return await self._cancel(id, symbol, params)

    async def _cancel(self, id: Any, symbol: str | None, params: Params, over: Any = None) -> Order:
        await self.load_markets()
        await self.check_signer(params)
        if symbol is None:
            symbol = str((await self.fetch_order(id, None, params))["symbol"])
        plan = self.pure(orders.cancel, self.grid(symbol), id, params)
        await self.transact(plan, over=over)
        index = plan.fields["Index"]
        if params.get("wait") is False:
            return self._nameless(str(index), symbol)
        row = await self._changed(index, symbol, self._ended)
        if row is None:
            raise errors.OrderNotFound(f"{self.id} order {index} does not exist")
        order: Order = self.parse_order(row, self.market(symbol))
        if order["status"] == "closed":
            raise errors.OrderNotFound(f"{self.id} order {index} is filled already")
        return order

    def _nameless(self, order_id: str, symbol: str) -> Order:
        """An order of which nothing is known but its id."""
        found: Order = self.safe_order({"id": order_id, "symbol": self.market(symbol)["symbol"], "info": {}, "status": None})
        return found

    def _ended(self, row: Row) -> bool:
        return bool(self.pure(parsing.status, row.get("status")) != "open")

    async def _changed(self, index: int, symbol: str, done: Done) -> Row | None:
        """The order of an accepted change once the venue shows it, or as it is when that takes too long; None when it is never shown.

        One that was placed a moment ago, or is known by its client id alone, may not be shown yet; an id of the venue's own was.
        """
        if index <= tables.MAX_CLIENT_ID:
            return await self._followed(index, done)

        async def look() -> Row | None:
            found: Row = (await self.fetch_order(str(index), symbol))["info"]
            return found

        return await follow(look, done, misses=None if expected(self, index) else _MISSES, logger=self.logger)

    async def cancel_orders(self, ids: Any, symbol: str | None = None, params: Params = NONE) -> list[Order]:
        """Cancel several orders with one request; those that are gone already are passed over, unknown ones come back without a status.

        :raises ArgumentsRequired: no symbol: the venue wants each order's market
        """
        await self.load_markets()
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} cancel_orders() requires a symbol argument")
        return await self._cancel_many([(str(each), symbol) for each in ids], params)

    async def cancel_orders_for_symbols(self, orders: Any, params: Params = NONE) -> Any:
        """Cancel orders of several markets with one request; each entry is {id, symbol} (or {clientOrderId, symbol})."""
        await self.load_markets()
        return await self._cancel_many([(str(each.get("id") or each.get("clientOrderId")), each["symbol"]) for each in orders], params)

    async def _cancel_many(self, pairs: list[tuple[str, str]], params: Params) -> list[Order]:
        await self.check_signer(params)
        if len(pairs) > tables.MAX_BATCH:
            raise errors.BadRequest(f"{self.id} cancels at most {tables.MAX_BATCH} orders at once")
        plans = [self.pure(orders.cancel, self.grid(symbol), order_id, NONE) for order_id, symbol in pairs]
        if not plans:
            return []
        await self.transact(*plans)
        indexes = [plan.fields["Index"] for plan in plans]
        numbers = [index if index <= tables.MAX_CLIENT_ID else self._client_ids.get(str(index)) for index in indexes]
        nameless = {str(index) for index, number in zip(indexes, numbers, strict=True) if number is None}
        if nameless:
            await self._gone(pairs[0][1] if len({symbol for _, symbol in pairs}) == 1 else None, nameless)
        rows = await self._ends([number for number in numbers if number is not None])
        return [
            self.parse_order(rows[number]) if number in rows else self._nameless(order_id, symbol)
            for (order_id, symbol), number in zip(pairs, numbers, strict=True)
        ]

    async def _ends(self, client_ids: list[int]) -> Rows:
        """Rows of orders whose cancel was accepted, as they ended; those that the venue never shows are missing."""
        found = await asyncio.gather(*(self._followed(number, self._ended) for number in client_ids))
        return {number: row for number, row in zip(client_ids, found, strict=True) if row is not None}

    async def cancel_all_orders(self, symbol: str | None = None, params: Params = NONE) -> list[Order]:
        """Cancel every order of the account, or those of one market.

        :param params: wait=False returns as soon as the sequencer has it
        :returns: the orders that were open a moment before, as they ended; without a status where the venue does not tell
        """
        return await self._cancel_all(symbol, params)

    async def _cancel_all(self, symbol: str | None, params: Params, over: Any = None) -> list[Order]:
        await self.load_markets()
        await self.check_signer(params)
        market = None if symbol is None else self.grid(symbol)
        try:
            before: list[Order] = await self.fetch_open_orders(symbol)
        except errors.OperationFailed as error:  # what is open is good to know, and no condition
            self.logger.warning("%s cancel_all_orders(): %s", self.id, type(error).__name__)
            before = []
        await self.transact(self.pure(orders.cancel_all, market), over=over)
        if not before or params.get("wait") is False:
            return [{**order, "status": None} for order in before]
        await self._gone(symbol, {order["id"] for order in before})
        numbers = [int(order["clientOrderId"]) for order in before if order["clientOrderId"] is not None]
        rows = {str(number): row for number, row in (await self._ends(numbers)).items()}
        return [
            self.parse_order(rows[order["clientOrderId"]]) if order["clientOrderId"] in rows else {**order, "status": None}
            for order in before
        ]

    async def _gone(self, symbol: str | None, ids: set[str]) -> None:
        """Waits until none of these orders is among the open ones; for seconds at most."""

        async def look() -> Row:
            still = await self.fetch_open_orders(symbol)
            return {"ids": {order["id"] for order in still}}

        await follow(look, lambda row: not ids & row["ids"], logger=self.logger)

    async def cancel_all_orders_after(self, timeout: int, params: Params = NONE) -> Any:
        """Dead man's switch: everything is cancelled then, unless called again; 0 calls it off.

        :param timeout: milliseconds, 5 minutes to 15 days (the venue's range)
        """
        if timeout and not tables.MIN_CANCEL_ALL_MS <= timeout <= tables.MAX_CANCEL_ALL_MS:
            raise errors.BadRequest(f"{self.id} cancel_all_orders_after() takes 5 minutes to 15 days in milliseconds, or 0")
        await self.check_signer(params)
        at = self.server_milliseconds() + int(timeout) if timeout else 0
        return await self.transact(self.pure(orders.cancel_all, None, at, not timeout))


def _left_the_queue(row: Row) -> bool:
    return str(row.get("status")) != "in-progress"
