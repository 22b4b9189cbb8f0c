"""Reading orders and fills back. Page: V2 documentation, Order API (March 2026)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.edgex import orders, parsing, reports, tables
from ccxt_dex.exchanges.edgex.account import Account
from ccxt_dex.exchanges.edgex.room import NONE, Params
from ccxt_dex.parts.past import PastOrders

OWN_PARAMS = ["clientOrderId", "until", "trigger", "stop", "paginate", "wait"]  # a list: ccxt's omit takes no tuples
RECENT_MS = 600_000


class History(PastOrders, Account):
    past_words: ClassVar[Mapping[str, Any]] = {"closed": ("FILLED",), "canceled": ("CANCELED",), "over": ("FILLED", "CANCELED")}

    def parse_order(self, order: dict[str, Any], market: Any = None) -> Any:
        """An order of any answer or frame."""
        market = self.safe_market(str(order.get("contractId")), market)
        found = self.pure(reports.order, order, market.get("settle"))
        fee = found["fee"]
        if fee is not None:
            fee = {**fee, "cost": self.parse_number(fee["cost"])}
        extra = {"symbol": market["symbol"], "datetime": self.iso8601(found["timestamp"]), "lastTradeTimestamp": None, "info": order}
        return self.safe_order({**found, **extra, "fee": fee, "trades": []}, market)

    def parse_trade(self, trade: dict[str, Any], market: Any = None) -> Any:
        """An own fill (it names an order) or a public trade."""
        market = self.safe_market(str(trade.get("contractId")), market)
        found = self.pure(reports.my_trade, trade, market.get("settle")) if "fillSize" in trade else self.pure(parsing.public_trade, trade)
        extra = {"symbol": market["symbol"], "datetime": self.iso8601(found["timestamp"]), "info": trade}
        return self.safe_trade({"order": None, "type": None, "fee": None, **found, **extra}, market)

    async def query_order(self, name: str, own: bool, params: Params = NONE) -> dict[str, Any] | None:
        """One order by edgeX's id or by client id, None when the venue does not know it.

        Whether the calls by id know finished orders is not documented, so the history is asked where they know nothing.

        :raises NetworkError: the history is too long to tell
        """
        query = self.omit(params, OWN_PARAMS)
        path, key = ("getorderbyid", "orderIdList") if own else ("getorderbyclientorderid", "clientOrderIdList")
        raw = self.pure(parsing.rows, await self.private_get(f"private_get_order_{path}", {**query, key: name}))
        field = "id" if own else "clientOrderId"
        found = next((row for row in raw if str(row.get(field)) == name), None)
        if found is not None:
            return found
        asked: Params = {**query, "size": str(tables.MAX_PAGE)}
        if own:
            asked["filterOrderIdList"] = name
        else:
            asked["filterStartCreatedTimeInclusive"] = str(self.server_milliseconds() - RECENT_MS)
        return await self.in_history(name, field, asked)

    async def in_history(self, name: str, field: str, query: Params) -> dict[str, Any] | None:
        """The row that a list of finished orders has; the list is read to its end, for what is not on the first page may still exist."""
        for _ in range(int(self.options.get("maxPages", 20))):
            response = await self.private_get("private_get_order_gethistoryorderpage", query)
            page = self.pure(parsing.rows, response)
            found = next((row for row in page if str(row.get(field)) == name), None)
            offset = self.pure(parsing.next_page, response)
            if found is not None or not page or not offset or offset == query.get("offsetData"):
                return found
            query = {**query, "offsetData": offset}
        raise errors.NetworkError(f"{self.id} too many orders of late to tell whether {name} is one of them")

    async def query_orders(self, names: list[str], params: Params = NONE) -> dict[str, dict[str, Any]]:
        """Several orders by edgeX's ids, at most a page of them; finished ones from the history where the call by id leaves them out."""
        response = await self.private_get("private_get_order_getorderbyid", {**params, "orderIdList": names})
        found = {str(row.get("id")): row for row in self.pure(parsing.rows, response)}
        missing = [name for name in names if name not in found]
        if missing:
            asked = {**params, "size": str(tables.MAX_PAGE), "filterOrderIdList": missing}
            response = await self.private_get("private_get_order_gethistoryorderpage", asked)
            found.update((str(row.get("id")), row) for row in self.pure(parsing.rows, response))
        return {name: found[name] for name in names if name in found}

    async def fetch_order(self, id: str, symbol: str | None = None, params: Params = NONE) -> Any:
        """One order, by edgeX's id (digits) or by client order id (everything else, or params['clientOrderId']).

        :raises OrderNotFound: when the venue does not know it; finished orders are found by client id for ten minutes
        """
        await self.load_markets()
        name, own = self.pure(orders.reference, id, params)
        raw = await self.query_order(name, own, params)
        if raw is None:
            raise errors.OrderNotFound(f"{self.id} unknown order {name}")
        return self.parse_order(raw)

    async def find_order(self, client_order_id: str, symbol: str | None = None, params: Params | None = None) -> Any:
        """The order with a client id, None when the venue does not know it."""
        account = {"accountId": params["accountId"]} if params and params.get("accountId") else {}
        raw = await self.query_order(client_order_id, False, account)
        return None if raw is None else self.parse_order(raw)

    # --- lists ------------------------------------------------------------------------------------------------------------------------------

    async def active_rows(self, market: Any = None, params: Params = NONE) -> list[dict[str, Any]]:
        """Every open or waiting order: the list is read to its end."""
        query: Params = {"size": str(tables.MAX_ACTIVE_PAGE), **self.omit(params, OWN_PARAMS)}
        if market is not None:
            query["filterContractIdList"] = market["id"]
        found: dict[str, dict[str, Any]] = {}
        while True:
            response = await self.private_get("private_get_order_getactiveorderpage", query)
            page = self.pure(parsing.rows, response)
            fresh = [row for row in page if str(row.get("id")) not in found]
            found.update((str(row.get("id")), row) for row in fresh)
            offset = self.pure(parsing.next_page, response)
            if not offset or not fresh:
                return list(found.values())
            query["offsetData"] = offset

    def orders_of(self, rows: list[dict[str, Any]], market: Any, since: int | None, limit: int | None) -> list[Any]:
        pairs = self.known(rows, None if market is None else [market["symbol"]])
        parsed = [self.parse_order(raw, found) for raw, found in pairs]
        return self.filter_by_since_limit(self.sort_by(parsed, "timestamp"), since, limit, "timestamp", since is None)

    async def fetch_open_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Open orders, those that wait for a trigger included, of one market or of all."""
        await self.load_markets()
        market = None if symbol is None else self.market(symbol)
        return self.orders_of(await self.listed(await self.active_rows(market, params)), market, since, limit)

    async def history_rows(self, market: Any, since: int | None, limit: int | None, params: Params, *statuses: str) -> list[dict[str, Any]]:
        query = self.omit(params, OWN_PARAMS)
        if market is not None:
            query = {**query, "filterContractIdList": market["id"]}
        if statuses:
            query = {**query, "filterStatusList": list(statuses)}
        return await self.pages("private_get_order_gethistoryorderpage", query, since, limit, params.get("until"))

    async def past_orders(
        self, wanted: tuple[str, ...], symbol: str | None, since: int | None, limit: int | None, params: Params
    ) -> list[Any]:
        await self.load_markets()
        market = None if symbol is None else self.market(symbol)
        rows = await self.history_rows(market, since, limit, params, *wanted)
        return self.orders_of([row for row in rows if row.get("status") in wanted], market, since, limit)

    async def fetch_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Orders in every state, oldest first: the open ones and the history, which are two lists at edgeX.

        :param since: unix milliseconds
        :param params: `until` in unix milliseconds
        """
        await self.load_markets()
        market = None if symbol is None else self.market(symbol)
        until = params.get("until")
        rows = {str(row.get("id")): row for row in await self.active_rows(market, params)}
        # what ends between the two requests is in both: the history is right
        rows.update((str(row.get("id")), row) for row in await self.history_rows(market, since, limit, params))
        wanted = [row for row in rows.values() if until is None or int(row.get("createdTime") or 0) < until]
        return self.orders_of(wanted, market, since, limit)

    # --- fills ------------------------------------------------------------------------------------------------------------------------------

    async def fill_rows(self, since: int | None, limit: int | None, params: Params) -> list[dict[str, Any]]:
        query = self.omit(params, OWN_PARAMS)
        return await self.pages("private_get_order_gethistoryorderfilltransactionpage", query, since, limit, params.get("until"))

    async def fetch_my_trades(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Own fills, oldest first; `order` is the order's id.

        :param since: unix milliseconds
        :param params: `until` in unix milliseconds
        """
        await self.load_markets()
        market = None if symbol is None else self.market(symbol)
        query = params if market is None else {"filterContractIdList": market["id"], **params}
        pairs = self.known(await self.listed(await self.fill_rows(since, limit, query)), None if market is None else [market["symbol"]])
        parsed = [self.parse_trade(raw, found) for raw, found in pairs]
        return self.filter_by_since_limit(self.sort_by(parsed, "timestamp"), since, limit, "timestamp", since is None)

    async def fetch_order_trades(
        self, id: str, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """The fills of one order, by edgeX's id or by client order id."""
        await self.load_markets()
        name, own = self.pure(orders.reference, id, params)
        if not own:
            name = (await self.fetch_order(id, symbol, params))["id"]
        query = {"filterOrderIdList": name, **self.omit(params, OWN_PARAMS)}
        rows, offset = [], None
        while True:
            response = await self.private_get(
                "private_get_order_gethistoryorderfilltransactionpage", {**query, "size": str(tables.MAX_PAGE), "offsetData": offset}
            )
            page = self.pure(parsing.rows, response)
            rows += page
            following = self.pure(parsing.next_page, response)
            if not following or not page or following == offset:
                break
            offset = following
        parsed = [self.parse_trade(raw, found) for raw, found in self.known(rows) if str(raw.get("orderId")) == name]
        return self.filter_by_since_limit(self.sort_by(parsed, "timestamp"), since, limit)
