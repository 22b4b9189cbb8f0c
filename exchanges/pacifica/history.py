"""Orders, fills and payments of the past, and parsing of orders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.pacifica import orders, parsing
from ccxt_dex.exchanges.pacifica.room import NONE, Params, Room, Row
from ccxt_dex.parts.past import PastOrders

Order = dict[str, Any]
KEPT = ("timeInForce", "postOnly", "price")
# ms of the past in which an order that got lost is looked for, whatever else was placed since
LOOK_BACK = 600_000

ENDED = {"canceled", "expired", "rejected"}


class History(PastOrders, Room):
    """Part of the room."""

    past_words: ClassVar[Mapping[str, Any]] = {"closed": {"closed"}, "canceled": ENDED, "over": {"closed", *ENDED}}

    # --- parsing ----------------------------------------------------------------------------------------------------------------------

    def unified_order(self, fields: Row, info: Any, market: Any = None) -> Order:
        """A parsed order with its market, the user's own client id, and what was asked of it when it is one of ours."""
        asked = self._asked.get(str(fields.get("id")), {})
        known = {name: asked[name] for name in KEPT if asked.get(name) is not None and fields.get(name) is None}
        row = {"cost": None, "fee": None, "trades": None, **fields, **known, "info": info}
        row["clientOrderId"] = self.users_client_id(fields.get("clientOrderId")) or asked.get("clientOrderId")
        market = market or self.safe_market(str((info or {}).get("symbol", (info or {}).get("s"))))
        row["symbol"], row["datetime"] = market["symbol"], self.iso8601(fields.get("timestamp"))
        if row["status"] == "closed" and row.get("filled") is not None and row.get("amount") is None:
            row["amount"] = row["filled"]
        order: Order = self.safe_order(row, market)
        for name in ("timeInForce", "postOnly"):
            order[name] = row.get(name)
        return order

    def parse_order(self, order: Any, market: Any = None) -> Order:
        """Any row or frame that shows an order."""
        reader = parsing.order if "order_id" in order else parsing.frame_order
        return self.unified_order(self.pure(reader, order), order, None)

    def parse_orders(self, orders: Any, market: Any = None, since: int | None = None, limit: int | None = None, params: Any = NONE) -> Any:
        found = [self.parse_order(row) for row in orders]
        symbol = market["symbol"] if market else None
        return self.filter_by_symbol_since_limit(self.sort_by(found, "timestamp"), symbol, since, limit, since is None)

    # --- orders -----------------------------------------------------------------------------------------------------------------------

    async def order_by_events(self, order_id: str) -> Order | None:
        """An order out of its events, in whatever sequence they come; None while the venue shows none."""
        rows = await self.rows("publicGetOrdersHistoryById", {"order_id": order_id})
        fields = self.pure(parsing.from_events, rows)
        return None if fields is None else self.unified_order(fields, self.pure(parsing.newest, rows))

    async def fetch_order(self, id: str, symbol: str | None = None, params: Params = NONE) -> Order:
        """One order by the venue's id, or by client order id (a UUID as id, or params['clientOrderId']).

        :raises OrderNotFound: the venue has no event of it
        """
        await self.load_markets()
        given = params.get("clientOrderId", params.get("client_order_id"))
        number = None if given is not None else self.pure(orders.order_id, id)
        if number is None:
            found = await self.find_order(str(given if given is not None else id), symbol, params)
            if found is None:
                raise errors.OrderNotFound(f"{self.id} no order has the client order id {given or id}")
            looked_up: Order = found
            return looked_up
        order = await self.order_by_events(str(number))
        if order is None:
            raise errors.OrderNotFound(f"{self.id} order {number} does not exist")
        return await self.repair_order(order) if order["filled"] and order["average"] is None else order

    async def find_order(self, client_order_id: str, symbol: str | None = None, params: Params | None = None) -> Any:
        """The order with this client id: among the open ones, then among the newest hundred of the history and all of the last ten minutes."""
        await self.load_markets()
        wire = self.pure(orders.client_id, client_order_id)
        request = self._account_request(params or NONE)
        rows = await self.rows("publicGetOrders", request)
        hit = next((row for row in rows if row.get("client_order_id") == wire), None)
        if hit is None:
            rows = await self.pages("publicGetOrdersHistory", request, self.server_milliseconds() - LOOK_BACK, None)
            hit = next((row for row in rows if row.get("client_order_id") == wire), None)
        return None if hit is None else self.parse_order(hit)

    def _account_request(self, params: Params) -> Params:
        return {"account": params.get("account") or params.get("address") or self.main_account()}

    async def fetch_open_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Order]:
        """Resting orders and waiting stops; params['trigger'] = True leaves the stops alone, False the others."""
        await self.load_markets()
        market = None if symbol is None else self.market(symbol)
        rows = await self.rows("publicGetOrders", self._account_request(params))
        found = [self.parse_order(row) for row in rows]
        if params.get("trigger") is not None:
            found = [order for order in found if (order["triggerPrice"] is not None) == bool(params["trigger"])]
        symbol = market["symbol"] if market else None
        return self.filter_by_symbol_since_limit(self.sort_by(found, "timestamp"), symbol, since, limit, since is None)

    async def past_orders(
        self, wanted: set[str] | None, symbol: str | None, since: int | None, limit: int | None, params: Params
    ) -> list[Order]:
        await self.load_markets()
        name = None if symbol is None else self.market(symbol)["symbol"]
        request = {**self._account_request(params), **({"cursor": params["cursor"]} if params.get("cursor") else {})}
        # the venue filters neither by market nor by status, so a limit on what is left needs whole pages
        rows = await self.pages("publicGetOrdersHistory", request, since, limit if name is None and wanted is None else None)
        until = params.get("until")
        found = [order for order in map(self.parse_order, rows) if wanted is None or order["status"] in wanted]
        found = [order for order in found if until is None or (order["timestamp"] or 0) <= until]
        return self.filter_by_symbol_since_limit(self.sort_by(found, "timestamp"), name, since, limit, since is None)

    async def fetch_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Order]:
        """Open and ended orders; params['until'] in unix ms."""
        return await self.past_orders(None, symbol, since, limit, params)

    # --- fills and payments -----------------------------------------------------------------------------------------------------------

    async def fill_rows(self, symbol: str | None, since: int | None, limit: int | None, params: Params) -> list[Row]:
        request = self._account_request(params)
        if symbol is not None:
            request["symbol"] = self.market(symbol)["id"]
        if since is not None:
            request["start_time"] = since
        if params.get("until") is not None:
            request["end_time"] = params["until"]
        return await self.pages("publicGetTradesHistory", request, since, limit)

    async def fetch_my_trades(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Own fills with order id and fee; params['until'] in unix ms."""
        await self.load_markets()
        market = None if symbol is None else self.market(symbol)
        rows = await self.fill_rows(symbol, since, limit, params)
        return self.parse_trades(rows, market, since, limit)

    async def fetch_order_trades(
        self, id: str, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Fills of one order."""
        order = await self.fetch_order(id, symbol, params)
        return await self.picked_fills(order, since, limit, self.omit(params, list(self.client_id_params)))

    async def fetch_funding_history(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Funding payments of the account, negative ones were paid."""
        await self.load_markets()
        market = None if symbol is None else self.market(symbol)
        rows = await self.pages("publicGetFundingHistory", self._account_request(params), since, None if market else limit)
        if market is not None:
            rows = [row for row in rows if row.get("symbol") == market["id"]]
        return self.parse_incomes(rows, market, since, limit)

    async def fetch_funding_rate_history(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Hourly funding rates."""
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} fetch_funding_rate_history() requires a symbol argument")
        await self.load_markets()
        market = self.market(symbol)
        found = []
        for row in await self.pages("publicGetFundingRateHistory", {"symbol": market["id"]}, since, limit):
            at = parsing.stamp(row.get("created_at"))
            rate = self.safe_number(row, "funding_rate")
            found.append({"info": row, "symbol": market["symbol"], "fundingRate": rate, "timestamp": at, "datetime": self.iso8601(at)})
        return self.filter_by_since_limit(self.sort_by(found, "timestamp"), since, limit, "timestamp", since is None)
