"""Placing and cancelling. What the venue answers is an acknowledgement; what became of an order is read from its list.

    quote  ->  within the user's bound?  ->  accept  ->  rfq_id  ->  cleared | rejected

Nothing is sent twice: an order without an acknowledgement is looked for, never repeated.
"""

from __future__ import annotations

import asyncio
import time
from decimal import Decimal
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.variational import orders, parsing
from ccxt_dex.exchanges.variational.history import History, Sent
from ccxt_dex.exchanges.variational.room import NONE, Params
from ccxt_dex.limits import Charge

POLL_FIRST, POLL_MOST = 0.05, 1.2
FRESH_SECONDS = 60.0


def unknown_outcome(message: str) -> Exception:
    """An error that the outcome guard follows up with look-ups."""
    error: Any = errors.RequestTimeout(message)
    error.verdict = "unknown"
    return error  # type: ignore[no-any-return]


class Trading(History):
    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._sizes_at: dict[str, float] = {}

    async def create_order(self, symbol: str, type: str, side: str, amount: Any, price: Any = None, params: Params = NONE) -> Any:
        """Places an order and returns it as the venue has it: a market order when it is filled, another one when it rests.

        A market order asks for a quote, holds it against the bound (`price`, else the mark, moved by `slippage`) and only then accepts it.

        :param amount: in base units, a multiple of the step; nothing is rounded
        :param price: of a limit order; of a market order the price that the slippage counts from
        :param params: clientOrderId (kept here, not at the venue), reduceOnly, slippage (fraction), takeProfit and stopLoss
            (`{"triggerPrice": ...}`), stopLossPrice or takeProfitPrice, triggerPriceType ("mark", "last"), autoResize
        :raises InvalidOrder: off the grid or limits, quoted beyond the bound, or refused by the venue
        :raises InsufficientFunds, OrderNotFillable: taken, then rejected for that reason
        :raises NotSupported: post-only, IOC, trigger and trailing orders
        """
        await self.load_markets()
        market = self.market(symbol)
        client_id = str(params.get("clientOrderId") or self.new_client_order_id())
        plan = await self.plan(market, type, side, amount, price, params)
        entry = self.remember_order(client_id)
        if plan.kind == "market":
            endpoint, body = await self.quoted(market, plan)
        else:
            endpoint, body = "private_post_orders_new_limit", plan.body
        rfq_id = await self.send(client_id, entry, market, plan, endpoint, body)
        return await self.placed(market, plan, rfq_id)

    async def plan(self, market: Any, kind: str, side: str, amount: Any, price: Any, params: Params) -> orders.Plan:
        """The order as the venue will be asked; sizes that do not fit are looked at once more by a fresh quote, for steps move with the price."""
        defaults = (self.options.get("slippage", "0.01"), self.options.get("exitSlippage", "0.03"))
        try:
            return self.pure(orders.new_order, market, kind, side, amount, price, params, *defaults)
        except errors.InvalidOrder as error:
            now = time.monotonic()
            if (
                "amount" not in str(error)
                or market.get("instrument") is None
                or now - self._sizes_at.get(market["symbol"], -1e9) < FRESH_SECONDS
            ):
                raise
            self._sizes_at[market["symbol"]] = now
            await self.quote_for(market, self.probe(market))
            return self.pure(orders.new_order, market, kind, side, amount, price, params, *defaults)

    async def quoted(self, market: Any, plan: orders.Plan) -> tuple[str, Params]:
        """A fresh quote, held against the bound; the endpoint and body that accept it."""
        if self.enableRateLimit:
            # first, so that no quote grows old in the queue
            await self.pass_buckets(Charge((("orders", 1.0),)), write=True)
        asked = {"instrument": self.instrument(market), "qty": plan.qty}
        raw = self.pure(parsing.unwrapped, await self.call("private_post_quotes_indicative", asked))
        self.take_quote(market, raw)
        body = self.pure(orders.accept, plan, raw)
        closing = plan.reduce_only and self.options.get("closeBy") == "accept"
        return ("private_post_quotes_accept" if closing else "private_post_orders_new_market"), body

    async def send(self, client_id: str, entry: Sent, market: Any, plan: orders.Plan, endpoint: str, body: Params) -> str:
        """The one request that may make an order."""
        entry.asked, entry.sent = orders.fingerprint(plan, market["id"]), self.server_milliseconds()
        entry.flying = True
        try:
            answer = await self.call(endpoint, body)
            rfq_id = self.pure(lambda: parsing.need(parsing.unwrapped(answer), "rfq_id", "acknowledgement"))
            self.bind(client_id, entry, rfq_id)
            return rfq_id
        except errors.BaseError as error:
            if getattr(error, "verdict", None) in ("rejected", "not_sent"):
                entry.asked = None  # proved: no order of this id exists
            raise
        finally:
            entry.flying = False

    async def placed(self, market: Any, plan: orders.Plan, rfq_id: str) -> Any:
        """What became of an acknowledged order.

        :raises BaseError: it was rejected
        """
        waits = plan.kind == "market"
        try:
            if waits or not self.marketable(market, plan):
                row = await self.look_up(rfq_id, self.patience() if waits else min(self.patience(), 2.0), settled=waits)
            else:
                row = await self.look_up(rfq_id, min(self.patience(), 1.0), settled=True)
        except errors.OperationFailed as error:
            self.logger.warning("%s order %s was acknowledged and cannot be read: %s", self.id, rfq_id, error)
            row = None
        if row is None:
            return self.acknowledged(market, plan, rfq_id)
        order = self.parse_order(row, market)
        self.tell_order(row)
        if order["status"] == "rejected" or (waits and order["status"] == "canceled"):
            raise self.outcome_error(row)
        return order

    def marketable(self, market: Any, plan: orders.Plan) -> bool:
        """Whether a limit order should be filled at once by the last mark that was seen: worth waiting a second for."""
        limit = plan.body.get("limit_price")
        if plan.body.get("order_type") != "limit" or limit is None:
            return False
        mark = self.known_price(market)
        return Decimal(limit) > mark if plan.side == "buy" else Decimal(limit) < mark

    def acknowledged(self, market: Any, plan: orders.Plan, rfq_id: str) -> Any:
        """What is known of an order that the venue took and does not show yet."""
        body = {"rfq_id": rfq_id, **plan.body}
        kind = "market" if plan.kind == "market" or not plan.body.get("limit_price") else "limit"
        asked = {
            "type": kind,
            "side": plan.side,
            "amount": plan.qty,
            "price": plan.body.get("limit_price"),
            "triggerPrice": plan.body.get("trigger_price"),
        }
        fields = {"id": rfq_id, "clientOrderId": self._client_ids.get(rfq_id), "symbol": market["symbol"], "timestamp": self.milliseconds()}
        return self.safe_order({**fields, **asked, "reduceOnly": plan.reduce_only, "status": "open", "filled": None, "info": body}, market)

    def tell_order(self, raw: dict[str, Any]) -> None:
        """For whoever watches orders."""

    async def find_order(self, client_order_id: str, symbol: str | None = None, params: Params | None = None) -> Any:
        """As History's; a market order that was acknowledged, whoever heard it, is followed until it is filled or rejected."""
        order = await super().find_order(client_order_id, symbol, params)
        if order is None or order["status"] != "open" or order["info"].get("order_type") != "market":
            return order
        row = await self.look_up(order["id"], self.patience(), settled=True)
        return order if row is None else self.parse_order(row)

    def patience(self) -> float:
        """Seconds to wait for an order to be settled."""
        return float(self.options.get("settleSeconds", 10))

    async def look_up(self, rfq_id: str, seconds: float, settled: bool = False) -> dict[str, Any] | None:
        """An order's row; None when it does not show up in time.

        :param settled: wait until it is no longer pending
        :raises OperationFailed: when the last look failed and none before had found it
        """
        deadline, pause = time.monotonic() + seconds, POLL_FIRST
        latest: dict[str, Any] | None = None
        while True:
            trouble: Exception | None = None
            try:
                rows = await self.pages("private_get_orders_v2", {}, most=1)
                found = next((row for row in rows if str(row.get("rfq_id")) == rfq_id), None)
                latest = found or latest
                if found is not None and not (settled and self.pure(parsing.order_status, found) == "open"):
                    return found
            except errors.OperationFailed as error:
                trouble = error
            if time.monotonic() + pause > deadline:
                if trouble is not None and latest is None:
                    raise trouble
                return latest
            await asyncio.sleep(pause)
            pause = min(pause * 2, POLL_MOST)

    # --- cancelling -------------------------------------------------------------------------------------------------------------------

    async def cancel_order(self, id: str, symbol: str | None = None, params: Params = NONE) -> Any:
        """Cancels an order and returns it once the venue shows it cancelled. The venue's own answer to a cancel says nothing.

        :raises OrderNotFound: there is no such order, or it is filled
        """
        await self.load_markets()
        rfq_id = self.rfq_of(id, params)
        refusal: Exception | None = None
        try:
            await self.call("private_post_orders_cancel", {"rfq_id": rfq_id, **self.omit(params, ["clientOrderId", "trigger", "stop"])})
        except (errors.BadRequest, errors.InvalidOrder) as error:
            refusal = error
        deadline, pause = time.monotonic() + self.patience(), POLL_FIRST
        while True:
            row = await self.find_row(rfq_id)
            status = None if row is None else self.pure(parsing.order_status, row)
            if row is None or status in ("closed", "rejected"):
                raise errors.OrderNotFound(
                    f"{self.id} order {id} is {'not there' if row is None else 'filled' if status == 'closed' else status}"
                )
            if status == "canceled":
                self.tell_order(row)
                return self.parse_order(row)
            if refusal is not None:
                raise refusal
            if time.monotonic() + pause > deadline:
                raise unknown_outcome(f"{self.id} order {id} is still pending after it was cancelled")
            await asyncio.sleep(pause)
            pause = min(pause * 2, POLL_MOST)

    async def cancel_orders(self, ids: list[str], symbol: str | None = None, params: Params = NONE) -> list[Any]:
        """Cancels one after the other; the venue has no request for several, and one that fails keeps none of the others open.

        :raises OrderNotFound: naming those that were not there, after the others were cancelled
        :raises BaseError: the first other failure, after all were tried
        """
        done, missing, failure = [], [], None
        for each in ids:
            try:
                done.append(await self.cancel_order(each, symbol, params))
            except errors.OrderNotFound:
                missing.append(str(each))
            except errors.BaseError as error:
                failure = failure or error
        if failure is not None:
            raise failure
        if missing:
            raise errors.OrderNotFound(f"{self.id} not there or filled: {', '.join(missing)}; the other {len(done)} are cancelled")
        return done

    async def cancel_all_orders(self, symbol: str | None = None, params: Params = NONE) -> list[Any]:
        """Reads the pending orders and cancels each. Exits that go with the order they belong to are no error.

        The venue bans heavy cancelling for seconds (418): then the rest waits that long. One that fails keeps none of the others open.

        :raises BaseError: the first failure, after all were tried
        """
        done, failure = [], None
        for order in await self.fetch_open_orders(symbol):
            try:
                done.append(await self.cancel_patiently(order))
            except errors.OrderNotFound:
                continue
            except errors.BaseError as error:
                failure = failure or error
        if failure is not None:
            raise failure
        return done

    async def cancel_patiently(self, order: Any) -> Any:
        """Sits a ban out, once."""
        try:
            return await self.cancel_order(order["id"], order["symbol"])
        except errors.RateLimitExceeded:
            await self.pass_buckets(Charge((("orders", 1.0),)), write=True)
            return await self.cancel_order(order["id"], order["symbol"])

    # --- replacing --------------------------------------------------------------------------------------------------------------------

    async def edit_order(
        self, id: str, symbol: str, type: str, side: str, amount: Any = None, price: Any = None, params: Params = NONE
    ) -> Any:
        """Cancel, then create: not atomic, the id changes. Nothing new is sent unless the old order is proved cancelled.

        What `params` say nothing about stays: reduce-only, the trigger of an exit and what it watches, resizing, slippage.

        :raises OrderNotFound: the old order is not pending any more
        """
        await self.load_markets()
        market = self.market(symbol)
        old = await self.fetch_order(id, symbol)
        if old["status"] != "open":
            raise errors.OrderNotFound(f"{self.id} order {id} is {old['status']}, it cannot be edited")
        amount = old["amount"] if amount is None else amount
        price = old["price"] if price is None and type == "limit" else price
        if old["symbol"] != market["symbol"]:
            raise errors.BadRequest(f"{self.id} order {id} is one of {old['symbol']}, not of {market['symbol']}")
        inherited = self.pure(orders.kept, old["info"])
        fresh = {name: value for name, value in params.items() if name != "clientOrderId" or str(value) not in self._sent}
        wanted = {**inherited, **fresh}
        await self.plan(market, type, side, amount, price, wanted)
        cancelled = await self.cancel_order(old["id"], symbol)
        if cancelled["status"] != "canceled" or Decimal(str(cancelled["filled"] or 0)):
            raise errors.InvalidOrder(f"{self.id} order {id} is {cancelled['status']}; nothing new was sent")
        return await self.create_order(symbol, type, side, amount, price, wanted)
