"""Placing and changing orders. Page: .../api/exchange-endpoint"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.errors import OrderOutcomeUnknown
from ccxt_dex.exchanges.hyperliquid import orders as wires
from ccxt_dex.exchanges.hyperliquid import parsing, tables
from ccxt_dex.exchanges.hyperliquid.cancelling import Cancelling
from ccxt_dex.exchanges.hyperliquid.orders import Plan
from ccxt_dex.exchanges.hyperliquid.room import ACTORS, NONE, Params

TRIGGERS = ("triggerPrice", "stopPrice", "stopLossPrice", "takeProfitPrice")


class Trading(Cancelling):
    # --- placing --------------------------------------------------------------------------------------------------------------------

    async def create_order(self, symbol: str, type: str, side: str, amount: Any, price: Any = None, params: Params = NONE) -> Any:
        """Place an order; the answer comes after matching.

        :param type: "limit" or "market"; a market order is an immediate-or-cancel order at a bound: `price` (default: the best price of
            the book) plus or minus params['slippage'] (fraction, default 0.05)
        :param params: clientOrderId, timeInForce (GTC, IOC, PO), postOnly, reduceOnly, triggerPrice (with triggerDirection),
            stopLossPrice, takeProfitPrice, stopLoss and takeProfit ({triggerPrice, price?}), expiresAfter (unix ms), vaultAddress,
            builder ({"b": address, "f": tenths of a basis point})
        :raises InvalidOrder: off the grid, or refused by the venue; a subclass where ccxt has one
        """
        return await self.place_one(symbol, type, side, amount, price, params)

    async def create_order_ws(self, symbol: str, type: str, side: str, amount: Any, price: Any = None, params: Params = NONE) -> Any:
        """As `create_order`, over the socket."""
        return await self.place_one(symbol, type, side, amount, price, params, over_ws=True)

    async def place_one(self, symbol: str, type: str, side: str, amount: Any, price: Any, params: Params, over_ws: bool = False) -> Any:
        await self.load_markets()
        plan = await self.plan_order({"symbol": symbol, "type": type, "side": side, "amount": amount, "price": price, "params": params})
        (result,) = await self.place([plan], params, over_ws)
        client_id = plan.main.get("c")
        if client_id and isinstance(result, errors.OrderNotFillable) and plan.asked["type"] == "limit":
            # an immediate-or-cancel order that met nobody is recorded as cancelled; the reply has no number for it
            try:
                found = await self.find_order(client_id, symbol, params)
            except errors.BaseError:
                found = None  # the refusal is known all the same
            if found is not None:
                return found
        if isinstance(result, Exception):
            raise result
        return await self.with_number(result, plan, params)

    async def create_orders(self, orders: list[Any], params: Params = NONE) -> list[Any]:
        """Place several orders in one action. All are checked before anything is sent; one that the venue refuses comes back with status
        "rejected" and the error in `info`, the others stand. Orders with attached exits go in an action of their own each.

        :raises InvalidOrder: when the venue refused every one of them
        """
        return await self.place_many(orders, params)

    async def create_orders_ws(self, orders: list[Any], params: Params = NONE) -> list[Any]:
        """As `create_orders`, over the socket."""
        return await self.place_many(orders, params, over_ws=True)

    async def place_many(self, orders: list[Any], params: Params, over_ws: bool = False) -> list[Any]:
        await self.load_markets()
        params = self.of_all(orders, params)
        plans = [await self.plan_order({**row, "params": {**params, **(row.get("params") or {})}}) for row in orders]
        results = await self.place(plans, params, over_ws)
        if results and all(isinstance(result, Exception) for result in results):
            raise results[0]
        return [
            self.rejected(plan, result) if isinstance(result, Exception) else result for plan, result in zip(plans, results, strict=True)
        ]

    def of_all(self, rows: Sequence[Params], params: Params) -> Params:
        """The call's parameters with what an action has but once, wherever it was named: who acts, and until when.

        :raises BadRequest: the members do not agree
        """
        merged = [{**params, **(row.get("params") or {})} for row in rows]
        actors, expiries = {self.acting_for(each)[0] for each in merged}, {each.get("expiresAfter") for each in merged}
        if len(actors) > 1 or len(expiries) > 1:
            raise errors.BadRequest(
                f"{self.id} one action is for one account and has one expiresAfter: name them in the params of the call"
            )
        named = {"vaultAddress": next(iter(actors), None), "expiresAfter": next(iter(expiries), None)}
        return {**self.omit(params, list(ACTORS)), **{name: value for name, value in named.items() if value is not None}}

    async def plan_order(self, row: Params) -> Plan:
        """One order checked and ready; a market order without a price reads the book for its bound."""
        market = self.market(row["symbol"])
        if market["active"] is False:
            raise errors.InvalidOrder(f"{self.id} {market['symbol']} is closed")
        params, price = dict(row.get("params") or {}), row.get("price")
        for name in ("clientOrderId", "client_id"):
            if params.get(name):
                self.wire_client_id(str(params[name]))
        slippage = params.get("slippage") or self.options.get("defaultSlippage", 0.05)
        kind, triggered = str(row["type"]).lower(), any(params.get(name) is not None for name in TRIGGERS)
        if kind == "market" and not triggered:
            self.pure(wires.amount, row.get("amount"), market)
            if price is None:
                price = await self.touch(market, str(row["side"]).lower())
        return self.pure(wires.plan, market, row["type"], row["side"], row.get("amount"), price, params, slippage)

    async def touch(self, market: Any, side: str) -> Any:
        """The best price of the other side."""
        book = await self.fetch_order_book(market["symbol"], 1)
        levels = book["asks" if side == "buy" else "bids"]
        if not levels:
            raise errors.InvalidOrder(f"{self.id} {market['symbol']} has nobody to {side} from")
        return levels[0][0]

    async def place(self, plans: Sequence[Plan], params: Params, over_ws: bool = False) -> list[Any]:
        """An order, or the exception that the venue's refusal is, per plan."""
        vault, _ = self.acting_for(params)
        plain = [index for index, plan in enumerate(plans) if plan.grouping == "na"]
        groups = ([plain] if plain else []) + [[index] for index, plan in enumerate(plans) if plan.grouping != "na"]
        found: dict[int, Any] = {}
        for group in groups:
            try:
                results = await self.send_group([plans[index] for index in group], vault, params, over_ws)
            except errors.ExchangeError as refused:
                if not found and len(groups) == 1:
                    raise
                results = [refused] * len(group)
            found.update(zip(group, results, strict=True))
        return [found[index] for index in range(len(plans))]

    async def send_group(self, plans: Sequence[Plan], vault: str | None, params: Params, over_ws: bool) -> list[Any]:
        """One action for several orders."""
        action: Params = {"type": "order", "orders": [wire for plan in plans for wire in plan.wires], "grouping": plans[0].grouping}
        builder = self.builder_of(plans)
        if builder is not None:
            action["builder"] = builder
        self.about_to_send(plans)
        try:
            answer = await self.act(action, vault, self.order_expiry(params), over_ws)
            rows = self.pure(parsing.outcomes, answer, len(action["orders"]))
        except errors.OperationFailed as error:
            if plans[0].grouping != "positionTpsl" or getattr(error, "verdict", None) in ("not_sent", "rejected"):
                raise
            # exits of a position carry no client id: looking for it would find nothing, and prove nothing
            symbol = str(plans[0].market["symbol"])
            raise OrderOutcomeUnknown(f"{self.id} exits of {symbol}: look at the open orders: {error}", [], symbol) from error
        found, at = [], 0
        for plan in plans:
            found.append(self.outcome(plan, rows[at : at + len(plan.wires)]))
            at += len(plan.wires)
        return found

    def about_to_send(self, plans: Sequence[Plan]) -> None:
        """An order's fills are stamped before its answer is here: its own stamp must not be later, or they are not found from it on."""
        now = self.server_milliseconds()
        for plan in plans:
            plan.sent = now

    def builder_of(self, plans: Sequence[Plan]) -> Params | None:
        """The builder that the user set: per order, or options['builder'] with options['feeInt']. Otherwise none.

        :raises ArgumentsRequired: an address without a fee
        """
        named = {str(plan.builder): plan.builder for plan in plans if plan.builder}
        if len(named) > 1:
            raise errors.BadRequest(f"{self.id} one action has one builder")
        if named:
            chosen = next(iter(named.values()))
            return {"b": self.address(chosen["b"]), "f": int(chosen["f"])}
        address, fee = self.options.get("builder"), self.options.get("feeInt")
        if not address:
            return None
        if fee is None:
            raise errors.ArgumentsRequired(f"{self.id} options['builder'] needs options['feeInt'], its fee in tenths of a basis point")
        return {"b": self.address(address), "f": int(fee)}

    # --- what the venue said ----------------------------------------------------------------------------------------------------------

    def outcome(self, plan: Plan, rows: list[Params]) -> Any:
        """The order of a plan, or the exception of its refusal."""
        main = rows[0]
        if "error" in main:
            return self.venue_error(main["error"], tables.ORDER_REFUSED)
        order = self.placed_order(plan, main)
        failed = [row["error"] for row in rows[1:] if "error" in row]
        if failed:
            # the entry stands: calling it failed would be wrong, and so would silence
            self.logger.error("%s order %s stands, its exits were refused: %s", self.id, order["id"], "; ".join(failed))
            order["info"]["exitErrors"] = failed
        return order

    def placed_order(self, plan: Plan, row: Params) -> Any:
        wire, asked, market = plan.main, plan.asked, plan.market
        how = wire["t"]
        tif = how["limit"]["tif"] if "limit" in how else None
        # a limit order may have met somebody before it came to rest, and the reply does not say so; the others cannot have
        filled = row.get("filled") if row["word"] == "filled" or tif == "Gtc" else "0"
        status = "open"
        if row["word"] == "filled" and Decimal(str(filled)) >= Decimal(wire["s"]):
            status = "closed"
        elif row["word"] == "filled" and tif == "Ioc":
            status = "canceled"
        trigger = how.get("trigger") or {}
        level = trigger.get("triggerPx")
        now = plan.sent or self.server_milliseconds()
        order = self.safe_order(
            {
                "id": row["id"],
                "clientOrderId": self.user_client_id(wire.get("c")),
                "symbol": market["symbol"],
                "timestamp": now,
                "datetime": self.iso8601(now),
                "type": asked["type"],
                "side": asked["side"],
                "amount": wire["s"],
                "price": wire["p"] if asked["type"] == "limit" else None,
                "timeInForce": parsing.time_in_force(tif),
                "postOnly": tif == "Alo",
                "reduceOnly": wire["r"],
                "triggerPrice": level,
                "stopLossPrice": level if trigger.get("tpsl") == "sl" else None,
                "takeProfitPrice": level if trigger.get("tpsl") == "tp" else None,
                "filled": filled,
                "average": row.get("average"),
                "status": status,
                "info": dict(row),
            },
            market,
        )
        order["reduceOnly"] = wire["r"]
        return order

    def rejected(self, plan: Plan, error: Exception) -> Any:
        wire, asked = plan.main, plan.asked
        fields = {"clientOrderId": self.user_client_id(wire.get("c")), "symbol": plan.market["symbol"], "type": asked["type"]}
        terms = {"side": asked["side"], "amount": wire["s"], "price": wire["p"], "filled": "0", "status": "rejected"}
        info = {"error": type(error).__name__, "message": str(error)}
        return self.safe_order({"id": None, **fields, **terms, "info": info}, plan.market)

    async def with_number(self, order: Any, plan: Plan, params: Params) -> Any:
        """Waiting exits are confirmed without a number; it is read once."""
        if order["id"] is not None or not plan.main.get("c"):
            return order
        try:
            found = await self.find_order(plan.main["c"], order["symbol"], params)
        except errors.BaseError:
            return order
        return order if found is None else found

    # --- changing -------------------------------------------------------------------------------------------------------------------

    async def edit_order(
        self, id: str, symbol: str, type: str, side: str, amount: Any = None, price: Any = None, params: Params = NONE
    ) -> Any:
        """Change an order; the venue gives it a new number. What is not named stays: size, price, trigger, reduce-only, post-only, client id.

        :raises OrderNotFound: it is not open any more
        """
        return await self.change(
            [{"id": id, "symbol": symbol, "type": type, "side": side, "amount": amount, "price": price, "params": params}], params
        )

    async def edit_order_ws(
        self, id: str, symbol: str, type: str, side: str, amount: Any = None, price: Any = None, params: Params = NONE
    ) -> Any:
        """As `edit_order`, over the socket."""
        row = {"id": id, "symbol": symbol, "type": type, "side": side, "amount": amount, "price": price, "params": params}
        return await self.change([row], params, over_ws=True)

    async def edit_orders(self, orders: list[Any], params: Params = NONE) -> list[Any]:
        """Change several orders in one action; a refused one comes back with status "rejected"."""
        if not orders:
            return []
        plans, results = await self.change_many(orders, params)
        if results and all(isinstance(result, Exception) for result in results):
            raise results[0]
        return [
            self.rejected(plan, result) if isinstance(result, Exception) else result for plan, result in zip(plans, results, strict=True)
        ]

    async def change(self, rows: list[Any], params: Params, over_ws: bool = False) -> Any:
        _, (result,) = await self.change_many(rows, params, over_ws)
        if isinstance(result, Exception):
            raise result
        return result

    async def change_many(self, rows: list[Any], params: Params, over_ws: bool = False) -> tuple[list[Plan], list[Any]]:
        await self.load_markets()
        params = self.of_all(rows, params)
        vault, _ = self.acting_for(params)
        address, _ = self.handle_public_address("editOrder", params)
        plans = [await self.plan_change({**row, "params": {**params, **(row.get("params") or {})}}, address) for row in rows]
        modifies = [{"oid": self.wire_number(row["id"]), "order": plan.main} for row, plan in zip(rows, plans, strict=True)]
        self.about_to_send(plans)
        answer = await self.act({"type": "batchModify", "modifies": modifies}, vault, self.order_expiry(params), over_ws)
        outcomes = self.pure(parsing.outcomes, answer, len(modifies))
        return plans, [self.outcome(plan, [row]) for plan, row in zip(plans, outcomes, strict=True)]

    def wire_number(self, identifier: Any) -> Any:
        text = str(identifier)
        return int(text) if text.isdigit() else self.wire_client_id(text)

    async def plan_change(self, row: Params, address: str) -> Plan:
        if row.get("id") is None:
            raise errors.ArgumentsRequired(f"{self.id} editOrder() requires an id argument")
        standing = self.parse_order(await self.order_state(row["id"], address))
        if standing["status"] != "open":
            raise errors.OrderNotFound(f"{self.id} order {row['id']} is {standing['status']}, it cannot be changed")
        params = self.kept_flags(standing, dict(row.get("params") or {}))
        return await self.plan_order(
            {
                "symbol": row.get("symbol") or standing["symbol"],
                "type": row.get("type") or standing["type"],
                "side": row.get("side") or standing["side"],
                "amount": standing["remaining"] if row.get("amount") is None else row["amount"],
                "price": standing["price"] if row.get("price") is None else row["price"],
                "params": params,
            }
        )

    def kept_flags(self, standing: Any, params: Params) -> Params:
        """The flags of the order that stands, where the caller names no others."""
        params.setdefault("reduceOnly", bool(standing["reduceOnly"]))
        if not params.get("clientOrderId") and standing["clientOrderId"]:
            params["clientOrderId"] = standing["clientOrderId"]
        triggered = standing["triggerPrice"] is not None
        if triggered and not any(params.get(name) is not None for name in TRIGGERS):
            name = "takeProfitPrice" if standing["takeProfitPrice"] is not None else "stopLossPrice"
            params[name] = standing["triggerPrice"]
        elif standing["postOnly"] and "postOnly" not in params and not params.get("timeInForce"):
            params["postOnly"] = True
        return params

    # --- twap -------------------------------------------------------------------------------------------------------------------------

    async def create_twap_order(self, symbol: str, side: str, amount: Any, duration: Any, params: Params = NONE) -> Any:
        """An order that the venue executes in slices.

        :param duration: ms, whole minutes
        """
        await self.load_markets()
        market = self.market(symbol)
        minutes = Decimal(str(duration)) / 60_000
        if minutes != int(minutes) or minutes < 1:
            raise errors.InvalidOrder(f"{self.id} a TWAP lasts whole minutes, not {duration} ms")
        if str(side).lower() not in wires.SIDES:
            raise errors.InvalidOrder(f"{self.id} side is buy or sell, not {side!r}")
        vault, _ = self.acting_for(params)
        twap = {
            "a": int(market["baseId"]),
            "b": wires.SIDES[str(side).lower()],
            "s": self.pure(wires.amount, amount, market),
            "r": self.pure(wires.flag, params, "reduceOnly"),
            "m": int(minutes),
            "t": self.pure(wires.flag, params, "randomize"),
        }
        answer = await self.act({"type": "twapOrder", "twap": twap}, vault, self.order_expiry(params))
        self.refuse_twap(answer)
        fields = {
            "id": self.pure(parsing.twap_id, answer),
            "symbol": market["symbol"],
            "side": side,
            "amount": twap["s"],
            "type": "twap",
            "status": "open",
        }
        return self.safe_order({**fields, "info": answer}, market)

    async def cancel_twap_order(self, id: str, symbol: Any = None, params: Params = NONE) -> Any:
        """End a TWAP order."""
        await self.load_markets()
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} cancelTwapOrder() requires a symbol argument")
        market = self.market(symbol)
        vault, _ = self.acting_for(params)
        expires = params.get("expiresAfter")
        action = {"type": "twapCancel", "a": int(market["baseId"]), "t": int(id)}
        answer = await self.act(action, vault, None if expires is None else int(expires))
        self.refuse_twap(answer)
        if self.pure(parsing.twap_word, answer) != "success":
            raise errors.BadResponse(f"{self.id} the answer does not say that TWAP order {id} was cancelled")
        return self.safe_order({"id": str(id), "symbol": market["symbol"], "status": "canceled", "info": answer}, market)

    def refuse_twap(self, answer: Any) -> None:
        word = self.pure(parsing.twap_word, answer)
        if isinstance(word, dict) and "error" in word:
            raise self.venue_error(str(word["error"]), tables.ORDER_REFUSED)
