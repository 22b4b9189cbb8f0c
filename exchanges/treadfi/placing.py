"""Orders through Tread: accepted first, worked on the venue a little later."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.treadfi import orders, parsing
from ccxt_dex.exchanges.treadfi.login import NONE, Params
from ccxt_dex.exchanges.treadfi.records import Records
from ccxt_dex.exchanges.treadfi.tread import Order, Row

# seconds between looks at an order that was accepted and may still be refused by the venue
LOOKS = (0.1, 0.2, 0.3, 0.5)


class Placing(Records):
    """Part of a flavour."""

    # --- create -----------------------------------------------------------------------------------------------------------------------

    async def _body(self, symbol: str, kind: str, side: str, amount: Any, price: Any, params: Params) -> tuple[Row, Row]:
        market = self.market(symbol)
        if not market["active"]:
            raise errors.MarketClosed(f"{self.id} {market['symbol']} is not trading")
        given = {**params, "clientOrderId": params.get("clientOrderId") or self.new_client_order_id()}
        self.check_required_credentials()
        pair = await self.pair_of(symbol)
        grid = self.order_grid(symbol)
        body, asked = self.pure(orders.create, self.tread_account(), pair, grid, kind, side, amount, price, given)
        return body, {**asked, "symbol": market["symbol"]}

    async def create_order(
        self, symbol: str, type: str, side: str, amount: float, price: float | None = None, params: Params = NONE
    ) -> Order:
        """Hand an order to Tread. Acceptance is not execution: the venue's refusal comes later, and is waited for a moment.

        :param params: timeInForce (GTC, IOC), reduceOnly, clientOrderId (up to 64 characters), wait False: return as soon as it is accepted
        :raises NotSupported: post-only, triggers and attached exits, which Tread does not document
        """
        await self.load_markets()
        body, asked = await self._body(symbol, type, side, amount, price, params)
        return await self._submit(body, asked, params)

    async def _submit(self, body: Row, asked: Row, params: Params) -> Order:
        now = self.server_milliseconds()  # fills may be stamped before the answer is here
        answer = await self.call("tread_post_api_orders", body)
        row = answer[0] if isinstance(answer, list) and answer else answer
        if not isinstance(row, Mapping) or not row.get("id"):
            # nobody says what such an answer means: the order is looked up by its custom id
            raise errors.BadResponse(f"{self.id} the answer to an order has no id: {parsing.error_text(answer)[:200]}")
        self.remember_order(row["id"], asked)
        known = {"id": str(row["id"]), "status": "open", "timestamp": now, "datetime": self.iso8601(now), "info": dict(row)}
        accepted: Order = self.safe_order({**asked, **known}, self.market(asked["symbol"]))
        if params.get("wait", self.options.get("readBack", True)) is False:
            return accepted
        return self.refuse_rejected(await self._worked(accepted))

    async def _worked(self, order: Order) -> Order:
        """What became of it in the first second: working, filled, or refused by the venue. The acceptance stands, whatever the lookup does."""
        for pause in LOOKS:
            await asyncio.sleep(pause)
            try:
                row = await self.call("tread_get_api_order_summary_id", {"id": order["id"]})
                latest = self.tread_order({**row, "id": order["id"]})
            except (errors.OperationFailed, errors.OrderNotFound):
                continue
            resting = Decimal(str(row.get("placement_live_qty") or 0)) > 0
            if latest["status"] != "open" or (resting and order["type"] == "limit"):
                return await self._whole(latest)
            order = {**order, "filled": latest["filled"]}
        return order

    async def _whole(self, order: Order) -> Order:
        """A summary has neither the custom id nor exact quantities: the list has."""
        if not order["clientOrderId"]:
            return order
        try:
            return await self.find_order(order["clientOrderId"]) or order
        except errors.OperationFailed:
            return order

    def refuse_rejected(self, order: Order) -> Order:
        if order["status"] != "rejected":
            return order
        reason = str((order["info"] or {}).get("failure_reason") or "")
        raise self.refusal(reason, f"{self.id} order {order['id']} was refused by the venue: {reason}")

    async def create_orders(self, orders: list[Any], params: Params = NONE) -> list[Order]:
        """One request after the other; none is sent when one of them cannot be. One that is refused comes back as rejected."""
        await self.load_markets()
        prepared = []
        for member in orders:
            given = {**params, **(member.get("params") or {})}
            call = (member["symbol"], member["type"], member["side"], member["amount"], member.get("price"))
            prepared.append((*await self._body(*call, given), given))
        found = []
        for body, asked, given in prepared:
            try:
                found.append(await self._submit(body, asked, given))
            except (errors.InvalidOrder, errors.InsufficientFunds, errors.BadRequest) as error:
                found.append(self.safe_order({**asked, "status": "rejected", "info": {"error": str(error)}}, self.market(asked["symbol"])))
        return found

    async def create_twap_order(self, symbol: str, side: str, amount: float, duration: float, params: Params = NONE) -> Order:
        """Work an order over some time.

        :param duration: ms
        """
        await self.load_markets()
        body, asked = await self._body(symbol, "twap", side, amount, None, {**params, "duration": self.pure(orders.seconds, duration)})
        return await self._submit(body, asked, {**params, "wait": False})

    # --- change and cancel ------------------------------------------------------------------------------------------------------------

    async def edit_order(
        self, id: str, symbol: str, type: str, side: str, amount: float | None = None, price: float | None = None, params: Params = NONE
    ) -> Order:
        """Change an order in place: the id stays.

        :param amount: the whole new amount
        """
        await self.load_markets()
        body = self.pure(orders.amend, str(id), self.order_grid(symbol), amount, price, params)
        standing = self._by_id.get(str(id), {})  # of an order placed elsewhere Tread would have to be asked first
        flipped = side is not None and standing.get("side") not in (None, str(side).lower())
        if flipped or (str(type).lower() == "market" and standing.get("type") == "limit"):
            raise errors.InvalidOrder(
                f"{self.id} an edit changes amount and price: order {id} is {standing.get('type')} {standing.get('side')}"
            )
        await self.call("tread_post_api_amend_order", body)
        known = self._by_id.get(str(id))
        if known is not None:
            changed = {"amount": body["changes"].get("base_asset_qty"), "price": body["changes"].get("limit_price")}
            known.update({name: value for name, value in changed.items() if value is not None})
        return await self.fetch_order(id, symbol, params)

    async def cancel_order(self, id: str, symbol: str | None = None, params: Params = NONE) -> Order:
        """Cancel one order, by Tread's id or params['clientOrderId'].

        :raises OrderNotFound: unknown, or no longer open
        """
        await self.load_markets()
        if params.get("clientOrderId"):
            order = await self.find_order(str(params["clientOrderId"]), symbol)
            if order is None:
                raise errors.OrderNotFound(f"{self.id} no order has the client order id {params['clientOrderId']}")
            id = order["id"]
        call = "tread_delete_api_order_id" if self.by_token() else "tread_post_internal_oms_cancel_order_id"
        try:
            answer = await self.call(call, {"id": id})
            text = parsing.error_text(answer)
            if not parsing.succeeded(answer):
                raise self.refusal(text, f"{self.id} cancel_order(): {text}")
        except (errors.InvalidOrder, errors.BadRequest) as error:
            await self._refuse_ended(id, symbol, error)
        known = self._by_id.get(str(id), {})
        shown: Row = {
            "id": str(id),
            "status": "canceled",
            "info": {},
            "symbol": known.get("symbol") or (symbol and self.market(symbol)["symbol"]),
        }
        found: Order = self.safe_order({**known, **shown})
        return found

    async def _refuse_ended(self, id: str, symbol: str | None, error: Exception) -> None:
        """Why a cancel was refused: an order that has ended is not there to be cancelled."""
        order = await self.fetch_order(id, symbol)
        if order["status"] in ("closed", "canceled", "rejected"):
            raise errors.OrderNotFound(f"{self.id} order {id} is {order['status']}") from error
        raise error

    async def cancel_orders(self, ids: Sequence[str], symbol: str | None = None, params: Params = NONE) -> list[Order]:
        """One after the other; one that cannot be cancelled has status None.

        :raises OrderNotFound: not one of them could be cancelled
        """
        found, failure = [], None
        for id in ids:
            try:
                found.append(await self.cancel_order(id, symbol))
            except errors.OrderNotFound as error:
                failure = error
                found.append({**self.safe_order({"id": id, "info": {"error": str(error)}, "symbol": symbol}), "status": None})
        if failure is not None and all(order["status"] is None for order in found):
            raise failure
        return found

    async def cancel_all_orders(self, symbol: str | None = None, params: Params = NONE) -> list[Order]:
        """Cancel the open orders of this account on this venue, one by one: Tread's own request of that name cancels on all accounts and venues."""
        found = []
        for order in await self.fetch_open_orders(symbol):
            try:
                found.append(await self.cancel_order(order["id"], order["symbol"]))
            except errors.OrderNotFound:
                continue
        return found
