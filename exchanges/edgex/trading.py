"""Orders: placing, cancelling, replacing. An accepted order is only queued: its fate is read back before it is handed out.

Sources: official Python SDK 2.0.1, V2 documentation, Order API (March 2026).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from ccxt_dex import exact, reading
from ccxt_dex._ccxt import errors
from ccxt_dex.errors import by_name
from ccxt_dex.exchanges.edgex import bodies, orders, parsing, reports, signing, tables
from ccxt_dex.exchanges.edgex.rates import Rates
from ccxt_dex.exchanges.edgex.room import NONE, Params
from ccxt_dex.exchanges.edgex.transfers import Transfers
from ccxt_dex.parts.batches import OneByOne
from ccxt_dex.parts.following import follow

POLL_FIRST, POLL_MOST = 0.05, 0.5
MOST_NONCES = 50_000
CHUNK = 50


def pauses(seconds: float) -> Iterator[float]:
    """Before each look: none before the first, then growing ones until the time is up."""
    yield 0.0
    pause = POLL_FIRST
    while seconds >= pause:
        yield pause
        seconds, pause = seconds - pause, min(pause * 2, POLL_MOST)


class Trading(OneByOne, Transfers, Rates):  # pyright: ignore[reportIncompatibleMethodOverride]
    # --- placing ----------------------------------------------------------------------------------------------------------------------------

    async def create_order(self, symbol: str, type: str, side: str, amount: Any, price: Any = None, params: Params = NONE) -> Any:
        """Places an order and returns it once matching has taken or refused it.

        :param amount: in base units, a multiple of the step; nothing is rounded
        :param price: for limit orders, a multiple of the tick
        :param params: clientOrderId, timeInForce (GTC, GTD, IOC, FOK, PO), postOnly, reduceOnly, triggerPrice / stopLossPrice /
            takeProfitPrice with triggerDirection and triggerPriceType (last, mark, index), takeProfit and stopLoss (`{"triggerPrice", "price"}`)
            attached to an entry, expireTime (ms), slippage (a fraction; False: the SDK's bound of ten times the oracle price), accountId of a
            sub-account; `wait`: "order" (default) or "accepted" (return as soon as the venue queued it)
        :raises InvalidOrder: off the grid or limits, or refused by matching; OrderImmediatelyFillable for post-only
        """
        await self.load_markets()
        market = self.market(symbol)
        params = self.with_client_id(params)
        wait = self.wait_for(params)
        order = self.draft(market, type, side, amount, price, params)
        body = await self.signed(market, order, params)
        made = self.pure(parsing.one, await self.call("private_post_order_createorder", body))
        return await self.placed(market, order, body, str(made.get("orderId") or ""), wait)

    def draft(self, market: Any, type: str, side: str, amount: Any, price: Any, params: Params) -> orders.Draft:
        """The order in edgeX's words, or its refusal; a client id that would repeat a nonce is one."""
        slippage = self.options.get("slippage", tables.DEFAULT_SLIPPAGE)
        found = self.pure(orders.draft, market, type, side, amount, price, params, slippage)
        ids = [found.client_id, *(leg.client_id for leg in (found.take_profit, found.stop_loss) if leg is not None)]
        for name in ids:
            known = self._nonces.get(signing.nonce_of(name))
            if known is not None and known != name:
                raise errors.DuplicateOrderId(f"{self.id} client id {name} has the same nonce as {known}; take another one")
        return found

    def remember_nonces(self, *names: str) -> None:
        for name in names:
            self._nonces[signing.nonce_of(name)] = name
        while len(self._nonces) > MOST_NONCES:
            del self._nonces[next(iter(self._nonces))]

    async def signed(self, market: Any, order: orders.Draft, params: Params) -> Params:
        """The body of createOrder: everything that the venue checks is signed with the trading key."""
        account, signer = self.account_id(params), self.trading_signer()
        info = market["info"]
        domain = self.pure(signing.domain_of, self.settings(market), "nativeChainId", "chainId")
        oracle = (await self.raw_ticker(market)).get("oraclePrice") if order.needs_oracle else None
        tick = info["tickSize"]
        price = self.pure(bodies.signed_price, order, tick, oracle)
        expires, l2_expires = self.pure(bodies.expiry, self.server_milliseconds(), order.expires)
        rate = params.get("limitFeeRate", self.options.get("limitFeeRate"))
        fee_rate = None if rate is None else self.pure(exact.decimal, rate, "limitFeeRate")
        terms = bodies.Terms(account, signer.address, expires, info, info["quoteCoin"], fee_rate)
        texts, fields = self.pure(bodies.authorised, terms, order.side, order.size, price, order.client_id, l2_expires)
        legs = [await self.signed_exit(signer, domain, terms, leg, order, tick, l2_expires) for leg in (order.take_profit, order.stop_loss)]
        signature = await self.signature(signer, signing.digest(domain, signing.order_hash(fields)))
        self.remember_nonces(order.client_id, *(leg["clientOrderId"] for leg in legs if leg is not None))
        return self.pure(bodies.body, order, terms, texts, signature, *legs)

    async def signed_exit(
        self, signer: Any, domain: bytes, terms: bodies.Terms, leg: orders.Exit | None, entry: orders.Draft, tick: Any, l2_expires: int
    ) -> Params | None:
        if leg is None:
            return None
        body, fields = self.pure(bodies.exit_body, terms, leg, entry, tick, l2_expires)
        return {**body, "l2Signature": await self.signature(signer, signing.digest(domain, signing.order_hash(fields)))}

    def with_client_id(self, params: Params) -> Params:
        """Every order has a client id: without one it could not be found again, nor signed."""
        return params if params.get("clientOrderId") is not None else {**params, "clientOrderId": self.new_client_order_id()}

    def new_client_order_id(self) -> str:
        """32 hexadecimal digits of which the first is a letter, whose 32-bit nonce (and those of its exits) this instance has not used."""
        while True:
            found = "c" + self.uuid().replace("-", "")[1:]
            if not any(signing.nonce_of(name) in self._nonces for name in (found, f"{found}-tp", f"{found}-sl")):
                return found

    def wait_for(self, params: Params) -> str:
        wait = str(params.get("wait") or self.options.get("wait") or "order")
        if wait not in ("order", "accepted"):
            raise errors.BadRequest(f"{self.id} wait must be order or accepted, not {wait!r}")
        return wait

    async def placed(self, market: Any, order: orders.Draft, body: Params, order_id: str, wait: str) -> Any:
        """The order behind an accepted request; what the venue refused afterwards is raised as the error it is."""
        if not order_id:
            raise errors.BadResponse(f"{self.id} create_order(): no order id in the answer")  # looked up by the outcome guard
        if wait == "accepted":
            return self.sent_order(market, order, body, order_id)
        account = {"accountId": body["accountId"]}
        try:
            raw = await self.look_up(order_id, True, self.patience(), account, "PENDING")
        except errors.BaseError as error:
            self.logger.warning("%s order %s: %s", self.id, order_id, type(error).__name__)
            raw = None
        if raw is None:
            self.logger.warning("%s order %s was accepted, it could not be read back", self.id, order_id)
            return self.sent_order(market, order, body, order_id)
        name = self.pure(reports.refusal, raw)
        if name is not None:
            raise by_name(name)(f"{self.id} order {order_id} {order.client_id}: {raw.get('cancelReason')}")
        for leg, key in ((order.take_profit, "isSetOpenTp"), (order.stop_loss, "isSetOpenSl")):
            if leg is not None and raw.get(key) is not True:
                self.logger.warning("%s order %s: the venue does not confirm the attached exit at %s", self.id, order_id, leg.trigger)
        return self.parse_order(raw, market)

    def sent_order(self, market: Any, order: orders.Draft, body: Params, order_id: str) -> Any:
        """What is known of an order that was not read back."""
        now = self.milliseconds()
        kind = "market" if order.is_market else "limit"
        names = {
            "id": order_id,
            "clientOrderId": order.client_id,
            "symbol": market["symbol"],
            "timestamp": now,
            "datetime": self.iso8601(now),
        }
        asked = {"type": kind, "side": order.side.lower(), "amount": order.size, "price": None if order.is_market else order.price}
        flags = {
            "timeInForce": tables.UNIFIED_TIME_IN_FORCE[order.time_in_force],
            "reduceOnly": order.reduce_only,
            "triggerPrice": order.trigger or None,
        }
        public = {key: value for key, value in body.items() if not key.startswith("l2") and key not in ("openTp", "openSl")}
        return self.safe_order(
            {**names, **asked, **flags, "status": "open", "filled": None, "info": {"orderId": order_id, **public}}, market
        )

    def patience(self) -> float:
        """Seconds to wait for the fate of an order that the venue queued."""
        return float(self.options.get("lookUpSeconds", 5))

    def seen_order(self, order_id: str, own: bool) -> dict[str, Any] | None:
        """What the account's stream has said about an order, if it is watched."""
        return None

    async def look_up(self, name: str, own: bool, seconds: float, params: Params, *unsettled: str) -> dict[str, Any] | None:
        """The order as the venue has it, None when it does not appear in time.

        :param unsettled: statuses to wait out
        """
        return await follow(
            lambda: self.query_order(name, own, params),
            lambda row: row.get("status") not in unsettled,
            streamed=lambda: self.seen_order(name, own),
            pauses=list(pauses(seconds)),
            logger=self.logger,
        )

    # --- cancelling ---------------------------------------------------------------------------------------------------------------------------

    async def cancel_order(self, id: str, symbol: str | None = None, params: Params = NONE) -> Any:
        """Cancels an order by edgeX's id (digits) or by client order id, and returns it once it is cancelled.

        :raises OrderNotFound: it is unknown, filled, or cancelled already
        """
        await self.load_markets()
        name, own = self.pure(orders.reference, id, params)
        extra = self.omit(params, ["clientOrderId", "trigger", "stop", "wait"])
        account = {"accountId": params["accountId"]} if params.get("accountId") else {}
        word = (await self.cancel_words([name], own, extra, account)).get(name)
        if word != "SUCCESS":
            raise await self.why_not_cancelled(name, own, account, str(word or "no result"))
        if self.wait_for(params) == "accepted":
            return self.cancelled(name, own, symbol)
        return await self.after_cancel(name, own, account, symbol)

    async def cancel_words(self, names: list[str], own: bool, params: Params, account: Params) -> dict[str, str]:
        """Result word per id, "SUCCESS" for a cancel that was taken. An order that is only queued cannot be cancelled yet: what was refused
        and is open all the same is asked for once more, as soon as it has reached matching.

        :param account: where its orders are looked up
        """
        words = await self.post_cancel(names, own, params)
        refused = [name for name in names if words.get(name) != "SUCCESS"]
        if refused:
            living = await asyncio.gather(*(self.is_living(name, own, account) for name in refused))
            again = [name for name, lives in zip(refused, living, strict=True) if lives]
            if again:
                words.update(await self.post_cancel(again, own, params))
        return words

    async def is_living(self, name: str, own: bool, params: Params) -> bool:
        """Whether an order is open, queued ones having been waited for."""
        raw = await self.query_order(name, own, params)
        if raw is not None and raw.get("status") == "PENDING":
            raw = await self.look_up(name, own, self.patience(), params, "PENDING")
        return raw is not None and self.pure(reports.order_status, raw) == "open"

    async def post_cancel(self, names: list[str], own: bool, params: Params) -> dict[str, str]:
        """Result word per id; the envelope says SUCCESS even when no order was cancelled."""
        path, key = ("cancelorderbyid", "orderIdList") if own else ("cancelorderbyclientorderid", "clientOrderIdList")
        request = {"accountId": self.account_id(params), key: names, **self.omit(params, "accountId")}
        raw = self.pure(parsing.one, await self.call(f"private_post_order_{path}", request))
        return {str(order_id): str(word) for order_id, word in (raw.get("cancelResultMap") or {}).items()}

    async def why_not_cancelled(self, name: str, own: bool, params: Params, word: str) -> Exception:
        """A refused cancel is OrderNotFound when the order is not open; the words of the refusal are not documented."""
        raw = await self.query_order(name, own, params)
        if raw is None:
            return errors.OrderNotFound(f"{self.id} unknown order {name}: {word}")
        status = self.pure(reports.order_status, raw)
        if status != "open":
            return errors.OrderNotFound(f"{self.id} order {name} is {status}: {word}")
        error = self.venue_error("order/cancel", 200, word, f"order {name} is still open")
        return errors.OperationRejected(str(error)) if isinstance(error, errors.OrderNotFound) else error

    async def after_cancel(self, name: str, own: bool, params: Params, symbol: str | None) -> Any:
        raw = await self.look_up(name, own, self.patience(), params, "PENDING", "OPEN", "UNTRIGGERED", "CANCELING")
        raw = raw or await self.query_order(name, own, params)
        if raw is None:
            return self.cancelled(name, own, symbol)
        order = self.parse_order(raw)
        if order["status"] == "closed":
            raise errors.OrderNotFound(f"{self.id} order {name} was filled before it could be cancelled")
        return order

    def cancelled(self, name: str, own: bool, symbol: str | None, status: str | None = None) -> Any:
        market = None if symbol is None else self.market(symbol)
        ids = {"id": name if own else None, "clientOrderId": None if own else name}
        return self.safe_order({**ids, "symbol": market and market["symbol"], "status": status, "info": {"id": name}}, market)

    async def cancel_orders(self, ids: Sequence[str], symbol: str | None = None, params: Params = NONE) -> list[Any]:
        """Cancels several orders by ids or client ids, each kind in one request per fifty.

        :raises OrderNotFound: when one of them is not open; the others are cancelled all the same
        """
        await self.load_markets()
        given = [str(name) for name in (params.get("clientOrderIds") or ids)]
        extra = self.omit(params, ["clientOrderIds", "wait"])
        account = {"accountId": params["accountId"]} if params.get("accountId") else {}
        words: dict[str, str] = {}
        for own in (True, False):
            names = [name for name in given if (orders.is_order_id(name) and not params.get("clientOrderIds")) == own]
            for at in range(0, len(names), CHUNK):
                words.update(await self.cancel_words(names[at : at + CHUNK], own, extra, account))
        results = await asyncio.gather(
            *(
                self.cancel_result(name, orders.is_order_id(name) and not params.get("clientOrderIds"), words.get(name), account, symbol)
                for name in given
            ),
            return_exceptions=True,
        )
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return list(results)

    async def cancel_result(self, name: str, own: bool, word: str | None, params: Params, symbol: str | None) -> Any:
        if word != "SUCCESS":
            raise await self.why_not_cancelled(name, own, params, str(word or "no result"))
        return await self.after_cancel(name, own, params, symbol)

    async def cancel_all_orders(self, symbol: str | None = None, params: Params = NONE) -> list[Any]:
        """Cancels every open order of a market, or of all, in one request; those that wait for a trigger too.

        What was accepted is read back: an order that filled on the way comes as "closed", one that is not gone in time as "open".

        :raises OperationRejected: when the venue could not cancel some that are still open
        """
        await self.load_markets()
        market = None if symbol is None else self.market(symbol)
        account = self.account_id(params)
        request: Params = {"accountId": account, **self.omit(params, ["accountId", "trigger", "stop", "wait"])}
        if market is not None:
            request["filterContractIdList"] = [market["id"]]
        raw = self.pure(parsing.one, await self.call("private_post_order_cancelallorder", request))
        words = {str(name): str(word) for name, word in (raw.get("cancelResultMap") or {}).items()}
        own_account = {"accountId": account}
        for last in (False, True):
            failed = [name for name, word in words.items() if word != "SUCCESS"]
            still = {str(row.get("id")) for row in await self.active_rows(market, own_account)} if failed else set()
            left = [name for name in failed if name in still]
            if left and last:
                raise errors.OperationRejected(f"{self.id} could not cancel {', '.join(f'{name}: {words[name]}' for name in left)}")
            for at in range(0, len(left), CHUNK):
                words.update(await self.cancel_words(left[at : at + CHUNK], True, own_account, own_account))
        done = [name for name, word in words.items() if word == "SUCCESS"]
        if self.wait_for(params) == "accepted" or not done:
            return [self.cancelled(name, True, symbol) for name in done]
        return await self.after_cancel_all(done, own_account, symbol)

    async def after_cancel_all(self, names: list[str], account: Params, symbol: str | None) -> list[Any]:
        """What became of orders whose cancellation was accepted, many per request."""
        market = None if symbol is None else self.market(symbol)
        deadline, pause = time.monotonic() + self.patience(), POLL_FIRST
        while True:
            still = {str(row.get("id")) for row in await self.active_rows(market, account)}
            if still.isdisjoint(names) or time.monotonic() >= deadline:
                break
            await asyncio.sleep(pause)
            pause = min(pause * 2, POLL_MOST)
        rows: dict[str, dict[str, Any]] = {}
        for at in range(0, len(names), CHUNK):
            rows.update(await self.query_orders(names[at : at + CHUNK], account))
        return [
            self.parse_order(rows[name]) if name in rows else self.cancelled(name, True, symbol, "open" if name in still else None)
            for name in names
        ]

    # --- composed from single calls -------------------------------------------------------------------------------------------------------------

    def batch_member(self, row: dict[str, Any], params: Params) -> tuple[Any, ...]:
        own = self.with_client_id({**params, **(row.get("params") or {})})
        arguments = (row["symbol"], row["type"], row["side"], row["amount"], row.get("price"))
        self.draft(self.market(row["symbol"]), *arguments[1:], own)
        return (*arguments, own)

    async def edit_order(
        self, id: str, symbol: str, type: str, side: str, amount: Any = None, price: Any = None, params: Params = NONE
    ) -> Any:
        """Cancel, then create: not atomic, the place in the queue and the id are lost. The venue has no call for it.

        `amount` is the total: what the old order filled before it was cancelled is taken off. Nothing new is sent unless the old order is
        proved cancelled. Flags and triggers of the old order that `params` do not name are kept.

        :raises OrderNotFound: the old order is not open any more
        """
        await self.load_markets()
        market = self.market(symbol)
        name, own = self.pure(orders.reference, id, NONE)
        account = {"accountId": params["accountId"]} if params.get("accountId") else {}
        old = await self.query_order(name, own, account)
        if old is None or self.pure(reports.order_status, old) != "open":
            raise errors.OrderNotFound(f"{self.id} order {id} is not open, it cannot be edited")
        amount = old["size"] if amount is None else amount
        price = old.get("price") if price is None and type == "limit" else price
        merged = self.with_client_id({**self.flags_of(old), **params})
        self.draft(market, type, side, amount, price, merged)
        gone = await self.cancel_order(id, symbol, account)
        if gone["status"] == "open" or gone["status"] is None:
            raise errors.OperationRejected(f"{self.id} order {id} is not cancelled yet; nothing new was placed")
        filled = Decimal(str(gone["filled"] or 0))
        rest = Decimal(str(amount)) - filled
        if rest <= 0:
            raise errors.InvalidOrder(f"{self.id} order {id} was cancelled after it had filled {filled}; nothing is left to place")
        return await self.create_order(symbol, type, side, amount if not filled else rest, price, merged)

    def flags_of(self, raw: dict[str, Any]) -> Params:
        """What an edit must not drop."""
        found: Params = {"reduceOnly": True} if raw.get("reduceOnly") is True else {}
        kind, trigger = str(raw.get("type") or ""), reading.nonzero(raw.get("triggerPrice"))
        if raw.get("timeInForce") == "POST_ONLY":
            found["postOnly"] = True
        if trigger and raw.get("status") == "UNTRIGGERED":
            found["takeProfitPrice" if kind.startswith("TAKE_PROFIT") else "stopLossPrice"] = trigger
            if raw.get("triggerPriceType") in tables.PRICE_TYPES.values():
                found["triggerPriceType"] = raw["triggerPriceType"]
        for name, leg in (("takeProfit", "openTp"), ("stopLoss", "openSl")):
            held = raw.get(leg)
            if raw.get(f"isSet{leg[0].upper()}{leg[1:]}") is True and isinstance(held, dict):
                price = reading.nonzero(held.get("price"))
                found[name] = {"triggerPrice": held.get("triggerPrice"), **({"price": price} if price else {})}
        return found
