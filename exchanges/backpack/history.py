"""Orders, fills and payments of the past, and parsing of orders."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, ClassVar

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.backpack import orders, parsing, tables
from ccxt_dex.exchanges.backpack.market_data import MarketData
from ccxt_dex.exchanges.backpack.room import NONE, Params
from ccxt_dex.parts.past import PastOrders

Order = dict[str, Any]
OPEN, ONE_ORDER, ORDER_HISTORY, FILLS = (
    "privateGetApiV1Orders",
    "privateGetApiV1Order",
    "privateGetWapiV1HistoryOrders",
    "privateGetWapiV1HistoryFills",
)


class History(PastOrders, MarketData):
    """Part of the room."""

    past_words: ClassVar[Mapping[str, Any]] = {"closed": ("closed",), "canceled": tables.ENDED, "over": ("closed", *tables.ENDED)}

    # --- parsing ----------------------------------------------------------------------------------------------------------------------

    def parse_order(self, order: Any, market: Any = None) -> Order:
        """A row of REST, or a frame of the stream; rows of requests for quotes are ccxt's."""
        if not isinstance(order, Mapping):
            raise errors.BadResponse(f"{self.id} an order was expected, got {type(order).__name__}")
        if "rfq" in order or "rfqId" in order or "quoteId" in order:
            found: Order = super().parse_order(order, market)
            return found
        frame = "i" in order and "X" in order
        fields = self.pure(parsing.frame_order if frame else parsing.order, order)
        market = self.safe_market(str(order.get("s" if frame else "symbol")), market)
        row = {**fields, "symbol": market["symbol"], "datetime": self.iso8601(fields["timestamp"]), "info": order}
        row |= {"clientOrderId": self.users_client_id(fields["clientOrderId"]), "fee": None, "trades": None}
        parsed: Order = self.safe_order(row, market)
        for name in ("timeInForce", "postOnly"):
            parsed[name] = row[name]
        return parsed

    def _merged(self, groups: list[list[Order]]) -> list[Order]:
        """Later groups know better."""
        found = {order["id"]: order for group in groups for order in group}
        return list(self.sort_by(list(found.values()), "timestamp"))

    # --- one order --------------------------------------------------------------------------------------------------------------------

    async def fetch_open_order(self, id: str, symbol: str | None = None, params: Params = NONE) -> Order:
        """A resting order or waiting trigger, by id or params['clientOrderId'].

        :raises OrderNotFound: it is not open
        """
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} fetch_open_order() requires a symbol argument")
        await self.load_markets()
        if self.is_rfq(symbol):
            found: Order = await super().fetch_open_order(id, symbol, params)
            return found
        answer = await self.call(ONE_ORDER, self.pure(orders.reference, self.market(symbol)["id"], id, params))
        if not answer:
            raise errors.OrderNotFound(f"{self.id} order {id} is not open")
        return self.parse_order(answer)

    async def fetch_order(self, id: str, symbol: str | None = None, params: Params = NONE) -> Order:
        """An order by id, or params['clientOrderId']: among the open ones, then in the history.

        :raises OrderNotFound: neither has it
        """
        await self.load_markets()
        if self.is_rfq(symbol):
            found: Order = await super().fetch_order(id, symbol, params)
            return found
        given = params.get("clientOrderId", params.get("clientId"))
        if given is not None:
            looked_up = await self.find_order(str(given), symbol)
            if looked_up is None:
                raise errors.OrderNotFound(f"{self.id} no order has the client order id {given}")
            return dict(looked_up)
        if symbol is not None:
            try:
                return await self.fetch_open_order(id, symbol)
            except errors.OrderNotFound:
                pass
        request = {"orderId": str(id), **self._market_request(symbol)}
        rows = [row for row in await self.rows(ORDER_HISTORY, request) if str(row.get("id")) == str(id)]
        if not rows and symbol is None:
            rows = [row for row in await self.rows(OPEN) if str(row.get("id")) == str(id)]
        if not rows:
            raise errors.OrderNotFound(f"{self.id} order {id} does not exist")
        return self.parse_order(rows[0])

    def _market_request(self, symbol: str | None) -> Params:
        return {} if symbol is None else {"symbol": self.market(symbol)["id"]}

    async def find_order(self, client_order_id: str, symbol: str | None = None, params: Params | None = None) -> Any:
        """The newest order with this client id: among the open ones, then in the newest thousand of the history."""
        await self.load_markets()
        wire = self.pure(orders.client_id, client_order_id)
        request = self._market_request(symbol)
        for endpoint, query in ((OPEN, request), (ORDER_HISTORY, {**request, "limit": tables.PAGE})):
            rows = [row for row in await self.rows(endpoint, query) if str(row.get("clientId")) == str(wire)]
            if rows:
                found = [self.parse_order(row) for row in rows]
                return max(found, key=lambda order: order["timestamp"] or 0)
        return None

    # --- lists ------------------------------------------------------------------------------------------------------------------------

    async def fetch_open_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Order]:
        """Resting orders and waiting triggers; params['trigger'] = True leaves the latter alone, False the former."""
        await self.load_markets()
        if self.is_rfq(symbol) or params.get("rfq") or params.get("stock"):
            found: list[Order] = await super().fetch_open_orders(symbol, since, limit, params)
            return found
        rows = await self.rows(OPEN, {**self._market_request(symbol), **self.omit(params, ["trigger", "stop"])})
        found = [self.parse_order(row) for row in rows]
        if params.get("trigger") is not None:
            found = [order for order in found if (order["triggerPrice"] is not None) == bool(params["trigger"])]
        return list(self.filter_by_since_limit(self.sort_by(found, "timestamp"), since, limit, "timestamp", since is None))

    async def past_orders(self, wanted: Any, symbol: str | None, since: int | None, limit: int | None, params: Params) -> list[Order]:
        await self.load_markets()
        request = {**self._market_request(symbol), **self.omit(params, ["until", "stock", "rfq"])}
        whole = limit if wanted is None else None
        reads = [self.pages(ORDER_HISTORY, request, "createdAt", since, whole)]
        if wanted is None:
            reads.append(self.rows(OPEN, self._market_request(symbol)))
        groups = [[self.parse_order(row) for row in rows] for rows in await asyncio.gather(*reads)]
        until = params.get("until")
        found = [order for order in self._merged(groups[::-1]) if wanted is None or order["status"] in wanted]
        found = [order for order in found if until is None or (order["timestamp"] or 0) <= until]
        return list(self.filter_by_since_limit(found, since, limit, "timestamp", since is None))

    async def fetch_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Order]:
        """Open and ended orders; params['until'] in unix ms."""
        await self.load_markets()
        if self.is_rfq(symbol) or params.get("rfq") or params.get("stock"):
            found: list[Order] = await super().fetch_orders(symbol, since, limit, params)
            return found
        return await self.past_orders(None, symbol, since, limit, params)

    # --- fills and payments -----------------------------------------------------------------------------------------------------------

    async def fetch_my_trades(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Own fills with order id and fee; params['until'] in unix ms. Fills of requests for quotes are ccxt's (params rfq, stock)."""
        await self.load_markets()
        if self.is_rfq(symbol) or params.get("rfq") or params.get("stock") or params.get("rfqId"):
            found: list[Any] = await super().fetch_my_trades(symbol, since, limit, params)
            return found
        request: Params = {"fillType": "User", **self._market_request(symbol), **self.omit(params, ["until", "stock", "rfq"])}
        if since is not None:
            request["from"] = since
        if params.get("until") is not None:
            request["to"] = params["until"]
        rows = await self.pages(FILLS, request, "timestamp", since, limit)
        market = None if symbol is None else self.market(symbol)
        return list(self.parse_trades(rows, market, since, limit))

    async def fetch_order_trades(
        self, id: str, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Fills of one order, which the venue picks; by params['clientOrderId'] too."""
        if any(params.get(name) is not None for name in self.client_id_params):
            id = (await self.fetch_order(id, symbol, params))["id"]
        return await self.fetch_my_trades(symbol, since, limit, {**self.omit(params, list(self.client_id_params)), "orderId": str(id)})

    async def fetch_funding_history(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Funding payments of the account, negative ones were paid."""
        await self.load_markets()
        market = None if symbol is None else self.market(symbol)
        rows = await self.pages(
            "privateGetWapiV1HistoryFunding", {**self._market_request(symbol), **params}, "intervalEndTimestamp", since, limit
        )
        return list(self.parse_incomes(rows, market, since, limit))

    def parse_income(self, info: Any, market: Any = None) -> Any:
        """The currency is the market's; ccxt gives none, and the user's number as id."""
        found = super().parse_income(info, market)
        own = self.safe_market(info.get("symbol"), market)
        return {**found, "code": own.get("settle"), "id": f"{info.get('symbol')}:{info.get('intervalEndTimestamp')}"}

    async def fetch_deposits(
        self, code: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """ccxt's, with `type`."""
        return [{**row, "type": "deposit"} for row in await super().fetch_deposits(code, since, limit, params)]

    async def fetch_withdrawals(
        self, code: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """ccxt's, with `type`."""
        return [{**row, "type": "withdrawal"} for row in await super().fetch_withdrawals(code, since, limit, params)]

    async def fetch_deposits_withdrawals(
        self, code: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Deposits and withdrawals together, by time; the newest thousand of each are read."""
        await self.load_markets()
        lists = await asyncio.gather(
            self.fetch_deposits(code, since, tables.PAGE, params), self.fetch_withdrawals(code, since, tables.PAGE, params)
        )
        rows = self.sort_by([row for rows in lists for row in rows], "timestamp")
        return list(self.filter_by_since_limit(rows, since, limit, "timestamp", since is None))

    async def fetch_positions_history(
        self, symbols: list[str] | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Closed positions."""
        await self.load_markets()
        names = self.market_symbols(symbols)
        request = {**(self._market_request(names[0]) if names and len(names) == 1 else {}), **params}
        found = []
        for row in await self.pages("privateGetWapiV1HistoryPosition", request, "closedAt", since, limit):
            market = self.safe_market(str(row.get("symbol")))
            fields = self.pure(parsing.closed_position, row)
            more = {"info": row, "symbol": market["symbol"], "datetime": self.iso8601(fields["timestamp"]), "marginMode": "cross"}
            found.append(self.safe_position({**fields, **more, "contractSize": 1.0, "hedged": False}))
        kept = [row for row in found if not names or row["symbol"] in names]
        return list(self.filter_by_since_limit(self.sort_by(kept, "timestamp"), since, limit, "timestamp", since is None))
