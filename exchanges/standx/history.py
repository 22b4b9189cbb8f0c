"""Reading orders and fills back. Page: docs.standx.com "HTTP API" (2026-05-19)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ccxt_dex import reading
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.standx import orders, parsing, tables
from ccxt_dex.exchanges.standx.room import NONE, Params, Room
from ccxt_dex.parts.past import PastOrders

OWN_PARAMS = ["clientOrderId", "cl_ord_id", "until", "trigger", "stop", "paginate"]  # a list: ccxt's omit takes no tuples


class History(PastOrders, Room):
    past_words: ClassVar[Mapping[str, Any]] = {"closed": "filled", "canceled": "canceled"}

    def parse_order(self, order: dict[str, Any], market: Any = None) -> Any:
        """An order of any answer or frame; fees are not in it, they come from the fills."""
        market = self.safe_market(order.get("symbol"), market)
        found = self.pure(parsing.order, order)
        extra = {"symbol": market["symbol"], "datetime": self.iso8601(found["timestamp"]), "lastTradeTimestamp": None, "info": order}
        return self.safe_order({**found, **extra, "fee": None, "trades": []}, market)

    def parse_trade(self, trade: dict[str, Any], market: Any = None) -> Any:
        """An own fill (it names an order) or a public trade."""
        market = self.safe_market(trade.get("symbol"), market)
        found = self.pure(parsing.my_trade if "order_id" in trade else parsing.public_trade, trade)
        extra = {"symbol": market["symbol"], "datetime": self.iso8601(found["timestamp"]), "info": trade}
        return self.safe_trade({"order": None, "type": None, "fee": None, **found, **extra}, market)

    def seen_order(self, client_id: str) -> dict[str, Any] | None:
        """What the account's stream has said about an order, if it is watched."""
        return None

    async def query_order(self, reference: Params, params: Params = NONE) -> dict[str, Any]:
        """:raises OrderNotFound: when the venue does not know it (yet: it may need some 100 ms after the order was sent)"""
        raw = await self.call("private_get_query_order", {**reference, **self.omit(params, OWN_PARAMS)})
        return self.pure(reading.one, raw)

    async def fetch_order(self, id: str, symbol: str | None = None, params: Params = NONE) -> Any:
        """One order, by StandX's id (digits) or by client order id (everything else, or params['clientOrderId']).

        :raises OrderNotFound: when the venue does not know it
        """
        await self.load_markets()
        return self.parse_order(await self.query_order(self.pure(orders.reference, id, params), params))

    async def fetch_open_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Open orders, attached take-profit and stop-loss orders included, of one market or of all."""
        await self.load_markets()
        market = None if symbol is None else self.market(symbol)
        rows = await self.open_rows(market, self.omit(params, OWN_PARAMS))
        return self.orders_of(rows, market, since, limit)

    async def open_rows(self, market: Any, params: Params = NONE) -> list[dict[str, Any]]:
        request: Params = {"limit": tables.MAX_OPEN_ORDERS_PAGE, **({} if market is None else {"symbol": market["id"]}), **params}
        try:
            return self.pure(parsing.rows, await self.call("private_get_query_open_orders", request))
        except errors.AccountNotEnabled:
            return []

    def orders_of(self, rows: list[dict[str, Any]], market: Any, since: int | None, limit: int | None) -> list[Any]:
        parsed = [self.parse_order(raw, found) for raw, found in self.own(rows, None if market is None else [market["symbol"]])]
        return self.filter_by_since_limit(self.sort_by(parsed, "timestamp"), since, limit, "timestamp", since is None)

    async def past_orders(self, wanted: str | None, symbol: str | None, since: int | None, limit: int | None, params: Params) -> list[Any]:
        await self.load_markets()
        market = None if symbol is None else self.market(symbol)
        request: Params = {} if market is None else {"symbol": market["id"]}
        if wanted is not None:
            request["status"] = wanted
        request.update(self.omit(params, OWN_PARAMS))
        rows = await self.pages("private_get_query_orders", request, since, limit, params.get("until"))
        return self.orders_of(rows, market, since, limit)

    async def fetch_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Orders in every state, oldest first.

        :param since: unix milliseconds
        :param params: `until` in unix milliseconds
        """
        return await self.past_orders(None, symbol, since, limit, params)

    async def fetch_canceled_and_closed_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Orders that are no longer open, oldest first."""
        done = [row for row in await self.past_orders(None, symbol, since, None, params) if row["status"] != "open"]
        return self.filter_by_since_limit(done, since, limit, "timestamp", since is None)

    async def fetch_my_trades(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Own fills, oldest first; `order` is the order's id.

        :param since: unix milliseconds
        :param params: `until` in unix milliseconds, `side`
        """
        await self.load_markets()
        market = None if symbol is None else self.market(symbol)
        request = {**({} if market is None else {"symbol": market["id"]}), **self.omit(params, OWN_PARAMS)}
        rows = await self.pages("private_get_query_trades", request, since, limit, params.get("until"))
        parsed = [self.parse_trade(raw, found) for raw, found in self.own(rows, None)]
        return self.filter_by_since_limit(self.sort_by(parsed, "timestamp"), since, limit, "timestamp", since is None)

    async def fetch_order_trades(
        self, id: str, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """The fills of one order, picked from the account's fills since the order was made: the venue has no filter for it."""
        order = await self.fetch_order(id, symbol, params)
        if not order["filled"]:
            return []
        return await self.picked_fills(order, since, limit, self.omit(params, OWN_PARAMS))
