"""Writing: orders and cancels. What goes out is what was asked for; what comes back is what the venue made of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ccxt_dex import wire
from ccxt_dex._ccxt import errors
from ccxt_dex.errors import OrderOutcomeUnknown, by_name
from ccxt_dex.exchanges.grvt import orders, parsing, signing, tables
from ccxt_dex.exchanges.grvt.margin import Margin
from ccxt_dex.exchanges.grvt.room import NONE, Params
from ccxt_dex.outcome.settling import expected
from ccxt_dex.parts.following import follow

Order = dict[str, Any]
Row = dict[str, Any]

# a taker waits 25 ms at the venue, and a look costs more than an order
_PAUSES = (0.03, 0.07, 0.15, 0.3, 0.5, 1.0, 1.0, 2.0, 2.0)
_STREAM_TURNS = 5
# a cancel that comes before its order is acknowledged and does nothing: it is sent again, with looks in between
_ROUNDS = 3
_ROUND = (0.03, 0.12, 0.35, 0.7)
_MISSES = 2


class Trading(Margin):
    """Part of the room."""

    # --- orders -----------------------------------------------------------------------------------------------------------------------

    async def plan(self, symbol: str, type: str, side: str, amount: Any, price: Any, params: Params) -> orders.Plan:
        """The order objects of one call, checked and unsigned."""
        market = self.market(symbol)
        if market["active"] is False:
            raise errors.OperationRejected(f"{self.id} {market['symbol']} is closed")
        limit = type == "limit"
        cost_price = price if limit and not params.get("reduceOnly") else None
        asked = orders.Request(
            account=await self.sub_account(params),
            instrument=market["id"],
            type=type,
            side=side,
            size=self.amount_to_wire(symbol, amount, cost_price),
            price=self.price_to_wire(symbol, price) if limit and price is not None else None,
            digits=partial(self.price_to_wire, symbol),
            now_ms=self.server_milliseconds(),
            new_client_id=self.new_client_order_id,
        )
        given = params.get("clientOrderId", params.get("client_order_id"))
        named = {**params, "clientOrderId": self.new_client_order_id() if given is None else given}
        return self.pure(orders.make, asked, named, self.options)

    async def signed(self, plan: orders.Plan) -> list[Row]:
        """The order objects with their signatures, in the order in which the venue's samples have the fields."""
        made = []
        for body, expiration in zip(plan.orders, plan.expirations, strict=True):
            instruments = {leg["instrument"]: self.instrument_key(leg["instrument"]) for leg in body["legs"]}

            def digest(fields: Params, body: Row = body, instruments: Any = instruments) -> bytes:
                return signing.order({**body, "signature": fields}, instruments, self.chain_id())

            made.append({**body, "signature": await self.signature(digest, expiration)})
            self.note_signed(made[-1])
        return made

    async def create_order(
        self, symbol: str, type: str, side: str, amount: float, price: float | None = None, params: Params = NONE
    ) -> Order:
        """Place an order; attached exits go out with it in one request.

        :param type: "limit" or "market"
        :param amount: in base units
        :param params: clientOrderId (a whole number up to 2^64 - 1), timeInForce GTC, IOC, FOK, PO, RPI, postOnly, reduceOnly, stopLossPrice,
            takeProfitPrice, triggerPrice with triggerDirection, triggerPriceType last, mark, index, mid, stopLoss and takeProfit ({triggerPrice,
            price}), orderExpiry (unix ms) or expirationSeconds; wait=False returns as soon as the order is accepted for matching
        :raises InvalidOrder, NotSupported, InsufficientFunds, AuthenticationError: as ccxt has them; api-docs.grvt.io "Create Order"
        """
        await self.load_markets()
        plan = await self.plan(symbol, type, side, amount, price, params)
        return await self.placed(await self._dispatch(plan, self.call), params)

    async def _dispatch(self, plan: orders.Plan, send: Any) -> Row:
        """One order, or an entry with its exits; the venue's row of the first."""
        made = await self.signed(plan)
        if len(made) == 1:
            with self.unsigned_if_refused(made):
                answer = await send("privateTradingPostFullV1CreateOrder", {"order": made[0], **plan.rest})
            return _answered(made[0], answer.get("result") if isinstance(answer, dict) else None)
        return (await self._bulk(made, {}, made[0]["sub_account_id"], send, plan.rest))[0]

    async def _bulk(self, made: list[Row], cancels: Params, account: str, send: Any = None, rest: Params = NONE) -> list[Row]:
        """bulk_orders: creates, cancels, or both; the venue's rows of what was created."""
        request = {"sub_account_id": account, "orders": made, "order_i_ds": [], "client_order_i_ds": [], **cancels, **rest}
        with self.unsigned_if_refused(made):
            answer = await (send or self.call)("privateTradingPostFullV2BulkOrders", request)
        rows = _rows(answer)
        return [_answered(row, next((each for each in rows if _client_id(each) == _client_id(row)), None)) for row in made]

    async def create_orders(self, orders: Any, params: Params = NONE) -> list[Order]:
        """Place several orders, those of one market with one request; each entry is {symbol, type, side, amount, price, params}.

        Members that the matching refuses come back with status rejected or canceled, the others stand. Orders with triggers or exits are sent one by one.

        :raises BadRequest: more than a hundred
        """
        await self.load_markets()
        if len(orders) > tables.MAX_BATCH:
            raise errors.BadRequest(f"{self.id} create_orders() takes at most {tables.MAX_BATCH} orders")
        plans = []
        for member in orders:
            given = {**params, **(member.get("params") or {})}
            call = (member["symbol"], member["type"], member["side"], member["amount"], member.get("price"))
            plans.append((member["symbol"], await self.plan(*call, given)))
        rows: dict[int, Row] = {}
        for together in self._batches(plans):
            if len(together) == 1:
                rows[together[0]] = await self._dispatch(plans[together[0]][1], self.call)
            else:
                made = [(await self.signed(plans[index][1]))[0] for index in together]
                rows.update(zip(together, await self._bulk(made, {}, made[0]["sub_account_id"]), strict=True))
        wait = params.get("wait") is not False
        return list(await asyncio.gather(*(self._outcome(rows[index], wait) for index in range(len(plans)))))

    @staticmethod
    def _batches(plans: list[tuple[str, orders.Plan]]) -> list[list[int]]:
        """Which orders may share a request: plain ones of one market and account."""
        batches: dict[Any, list[int]] = {}
        for index, (symbol, plan) in enumerate(plans):
            first = plan.orders[0]
            alone = len(plan.orders) > 1 or "trigger" in first["metadata"] or plan.rest
            batches.setdefault((index,) if alone else (symbol, first["sub_account_id"]), []).append(index)
        return list(batches.values())

    # --- what became of an order ------------------------------------------------------------------------------------------------------

    async def placed(self, row: Row, params: Params) -> Order:
        """The order as the venue has it; one that the matching refused is raised."""
        order = await self._outcome(row, params.get("wait") is not False)
        name = parsing.rejection(order["info"])
        if name is not None:
            self.note_refused([order["info"]])
            raise by_name(name)(f"{self.id} the order was refused: {parsing.reason(order['info'])} (id {order['id']})")
        return order

    async def _outcome(self, row: Row, wait: bool) -> Order:
        """Reads an accepted order until it has been matched or rests. It is accepted, so trouble with the reading is no failure."""
        client = parsing.client_order_id(row)

        async def look() -> Row | None:
            return self.as_signed(await self.order_row({"client_order_id": client}, {"accountId": row.get("sub_account_id")}))

        found: Row | None = None
        if wait and client:
            turns = _STREAM_TURNS if self.watches_orders() else 0
            streamed = partial(self._streamed, client)
            found = await follow(look, _matched, streamed=streamed, stream_turns=turns, pauses=_PAUSES, logger=self.logger)
        shown = found or row
        state = shown.get("state") or {"status": "PENDING", "reject_reason": "UNSPECIFIED"}
        return self.parse_order({**shown, "state": state})

    def _streamed(self, client_order_id: str) -> Row | None:
        return self.as_signed(self.streamed_row(client_order_id))

    def watches_orders(self) -> bool:
        """Whether the stream of orders runs."""
        return False

    def streamed_row(self, client_order_id: str) -> Row | None:
        """What the stream of orders has said about an order."""
        return None

    # --- edit and cancel --------------------------------------------------------------------------------------------------------------

    async def edit_order(
        self, id: str, symbol: str, type: str, side: str, amount: float | None = None, price: float | None = None, params: Params = NONE
    ) -> Order:
        """Replace a resting order: it is cancelled, and only once that is certain a new one with a new id is placed.

        The venue's cancel-replace would place the new order even when the old one was filled a moment before. What the old order did not say
        otherwise in `params` (trigger, post-only, reduce-only, expiry) is kept.

        :param amount: the whole amount, what was filled included
        :param params: clientOrderId names the order to replace; newClientOrderId the new one
        :raises OrderNotFound: it is filled or cancelled already
        """
        await self.load_markets()
        named: Params = {key: params[key] for key in ("clientOrderId", "accountId") if key in params}
        before = self.parse_order(await self._living(id, named))
        await self.plan(*self._successor(before, symbol, type, side, amount, price, params))  # what cannot be placed costs no order
        old = await self.cancel_order(id, symbol, named)
        if old["status"] == "open":
            text = f"{self.id} the cancel of order {old['id']} was accepted and does not show: nothing was placed in its stead"
            raise OrderOutcomeUnknown(text, [str(old["id"])], symbol)
        if parsing.reason(old["info"]) not in tables.CANCELLED_BY_US:
            raise errors.OrderNotFound(f"{self.id} order {old['id']} ended otherwise: {parsing.reason(old['info'])}")
        return await self.create_order(*self._successor(old, symbol, type, side, amount, price, params))

    def _successor(self, old: Order, symbol: str, type: str, side: str, amount: Any, price: Any, params: Params) -> tuple[Any, ...]:
        """Arguments of the order that takes another one's place.

        :raises InvalidOrder: nothing is left to place
        """
        wanted = wire.decimal(old["amount"] if amount is None else amount, "amount")
        left = wanted - wire.decimal(old["filled"] or 0)
        if left <= 0:
            raise errors.InvalidOrder(f"{self.id} {old['filled']} of order {old['id']} is filled: nothing of {wanted} is left to place")
        given = {key: value for key, value in params.items() if key not in ("clientOrderId", "newClientOrderId", "client_order_id")}
        given = {**self._kept(old, given), **given, "clientOrderId": params.get("newClientOrderId") or self.new_client_order_id()}
        return symbol, type, side, wire.plain(left), price if price is not None else old["price"], given

    async def _living(self, id: Any, params: Params) -> Row:
        """The row of an order that is not over.

        :raises OrderNotFound: the order is unknown or over; a cancel of it would be acknowledged all the same
        """
        named = self.pure(orders.reference, id, params)
        row = await self._followed(named, params, lambda row: True, _ROUND)
        if row is None or parsing.status(row) != "open":
            raise errors.OrderNotFound(f"{self.id} order {id} {'does not exist' if row is None else 'is over already'}")
        return row

    def _kept(self, old: Order, given: Params) -> Params:
        """What an edit does not mention stays as it was."""
        kept: Params = {}
        if not ({"postOnly", "timeInForce"} & set(given)):
            if old["postOnly"]:
                kept["postOnly"] = True
            elif old["timeInForce"] in ("RETAIL_PRICE_IMPROVEMENT",):
                kept["timeInForce"] = "RPI"
        if old["reduceOnly"]:
            kept["reduceOnly"] = True
        if not ({"triggerPrice", "stopPrice", "stopLossPrice", "takeProfitPrice"} & set(given)):
            kept.update({name: old[name] for name in ("stopLossPrice", "takeProfitPrice") if old[name] is not None})
            if old["triggerPrice"] is not None:
                kept.setdefault("reduceOnly", bool(old["reduceOnly"]))
                kept["triggerPriceType"] = str(old["info"]["metadata"]["trigger"]["tpsl"]["trigger_by"]).lower()
        ends = parsing.stamp((old["info"].get("signature") or {}).get("expiration"))
        now = self.server_milliseconds()
        if (
            ends
            and now + 1000 < ends <= now + 30 * tables.DAY * 1000
            and not ({"orderExpiry", "goodTillDate", "expirationSeconds"} & set(given))
        ):
            kept["orderExpiry"] = ends
        return kept

    async def cancel_order(self, id: str, symbol: str | None = None, params: Params = NONE) -> Order:
        """Cancel one order and read what became of it: the venue acknowledges cancels of orders that are long gone too.

        :param id: the venue's id or a client order id
        :param params: time_to_live_ms: how long the cancel waits for an order that has not arrived yet
        :raises OrderNotFound: it does not exist, or is filled already
        """
        return await self._cancel(id, params, self.call)

    async def _cancel(self, id: str, params: Params, send: Any) -> Order:
        await self.load_markets()
        named = self.pure(orders.reference, id, params)
        rest = self.omit(params, ["clientOrderId", "client_order_id", "accountId", "trigger", "wait"])
        request = {"sub_account_id": await self.sub_account(params), **named, **rest}
        row: Row | None = None
        for _ in range(_ROUNDS):
            await send("privateTradingPostFullV1CancelOrder", request)
            if params.get("wait") is False:
                return self.safe_order({"id": str(id), "info": {}, "status": None})
            row = await self._followed(named, params, _over, _ROUND)
            if self._shown_by_now(named) if row is None else _over(row):
                break
        if row is None:
            raise errors.OrderNotFound(f"{self.id} order {id} does not exist")
        order = self.parse_order(row)
        if order["status"] == "closed":
            raise errors.OrderNotFound(f"{self.id} order {id} is filled already")
        return order

    async def _followed(self, named: Params, params: Params, done: Callable[[Row], bool], pauses: Sequence[float]) -> Row | None:
        """An order read until it is as wanted; one that was placed a moment ago, or is known by its client id alone, may not be shown yet."""

        async def look() -> Row | None:
            row = await self.order_row(named, params)
            return self.as_signed(row) if "client_order_id" in named else row

        misses = _MISSES if self._shown_by_now(named) else None
        return await follow(look, done, pauses=pauses, misses=misses, logger=self.logger)

    def _shown_by_now(self, named: Params) -> bool:
        """Whether the venue itself gave an order's id out, and not a moment ago."""
        return "order_id" in named and not expected(self, named["order_id"])

    async def cancel_orders(self, ids: Any, symbol: str | None = None, params: Params = NONE) -> list[Order]:
        """Cancel several orders with one request, and read what became of each; unknown ones come back without a status.

        :raises BadRequest: more than a hundred
        """
        await self.load_markets()
        named = [self.pure(orders.reference, each, NONE) for each in ids]
        if len(named) > tables.MAX_BATCH:
            raise errors.BadRequest(f"{self.id} cancel_orders() takes at most {tables.MAX_BATCH} orders")
        found: dict[int, Order] = {}
        account = await self.sub_account(params)
        for pause in (0.0, *_ROUND, 1.0, 1.5):
            left = [index for index in range(len(named)) if index not in found or self._undecided(found[index], named[index])]
            if not left:
                break
            await asyncio.sleep(pause)
            chosen = [named[index] for index in left]
            for key, field in (("order_id", "order_i_ds"), ("client_order_id", "client_order_i_ds")):
                ids_of = [each[key] for each in chosen if key in each]
                if ids_of:
                    await self._bulk([], {field: ids_of}, account)
            found.update(zip(left, await self._ended(chosen, {"accountId": account}), strict=True))
        return [found[index] for index in range(len(named))]

    def _undecided(self, order: Order, named: Params) -> bool:
        """Whether the cancel of an order may have come before the order."""
        return order["status"] == "open" or (order["status"] is None and not self._shown_by_now(named))

    async def _ended(self, named: list[Params], params: Params) -> list[Order]:
        """Orders after a cancel of many, once none of them is among the open ones any more."""

        async def look() -> Row:
            still = await self.fetch_open_orders(None, None, None, params)
            return {"still": [order for order in still if any(_is(order, each) for each in named)]}

        seen = await follow(look, lambda row: not row["still"], pauses=_PAUSES, logger=self.logger) if named else None
        past = await self.past_orders(None, None, None, tables.MAX_PAGE, params) if named else []
        found = []
        for each in named:
            known = next((order for order in [*(seen or {"still": []})["still"], *reversed(past)] if _is(order, each)), None)
            missing = {"id": next(iter(each.values())), "clientOrderId": each.get("client_order_id"), "info": {}, "status": None}
            found.append(known or self.safe_order(missing))
        return found

    async def cancel_all_orders(self, symbol: str | None = None, params: Params = NONE) -> list[Order]:
        """Cancel every order of the account, or those of one market (told by kind, base and quote).

        :returns: the orders that were open a moment before, as they ended
        """
        return await self._cancel_all(symbol, params, self.call)

    async def _cancel_all(self, symbol: str | None, params: Params, send: Any) -> list[Order]:
        request, _ = await self.account_request(symbol, params)
        try:
            before = await self.fetch_open_orders(symbol, None, None, params)
        except errors.OperationFailed as error:  # what is open is good to know, and no condition
            self.logger.warning("%s cancel_all_orders(): %s", self.id, type(error).__name__)
            before = []
        await send("privateTradingPostFullV1CancelAllOrders", {**request, **self.omit(params, ["accountId", "wait"])})
        return (
            []
            if not before or params.get("wait") is False
            else await self._ended([{"order_id": order["id"]} for order in before], {"accountId": request["sub_account_id"]})
        )

    async def cancel_all_orders_after(self, timeout: int, params: Params = NONE) -> Any:
        """Cancel every order of the account unless this is called again in time; it says nothing about positions.

        :param timeout: milliseconds, 1001 to 300000 (the venue rounds down to seconds); 0 switches it off
        """
        if timeout and not 1000 < timeout <= tables.COUNTDOWN_MAX_MS:
            raise errors.BadRequest(f"{self.id} cancel_all_orders_after() takes 1001 to {tables.COUNTDOWN_MAX_MS} milliseconds, or 0")
        request = {"sub_account_id": await self.sub_account(params), "countdown_time": str(int(timeout))}
        return await self.call("privateTradingPostFullV1CancelOnDisconnect", {**request, **self.omit(params, "accountId")})


def _answered(made: Row, told: Any) -> Row:
    """An order with what the answer says of it; what was sent is known better than any answer knows it."""
    found: Row = told if isinstance(told, dict) else {}
    metadata = found.get("metadata")
    state = found.get("state")
    merged = {**found, **made, "metadata": {**(metadata if isinstance(metadata, dict) else {}), **made["metadata"]}}
    return {**merged, "state": state if isinstance(state, dict) and state.get("status") in tables.STATUSES else None}


def _client_id(row: Row) -> str:
    return parsing.client_order_id(row) if isinstance(row.get("metadata"), dict) else ""


def _rows(answer: Any) -> list[Row]:
    """The orders in an answer of bulk_orders."""
    inner = answer.get("result") if isinstance(answer, dict) else None
    found = (inner if isinstance(inner, dict) else answer if isinstance(answer, dict) else {}).get("orders")
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def _matched(row: Row) -> bool:
    return not parsing.pending(row) and parsing.order_id(row) is not None


def _over(row: Row) -> bool:
    return parsing.status(row) != "open"


def _is(order: Order, named: Params) -> bool:
    """Whether an order is the one that a request named."""
    if "order_id" in named:
        return bool(order["id"] == named["order_id"])
    return bool(order["clientOrderId"] == named["client_order_id"])
