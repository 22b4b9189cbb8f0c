"""Orders that the venue works over a time: its scheduled strategies. Page: docs.backpack.exchange "Strategy"."""

from __future__ import annotations

import asyncio
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.backpack import orders, parsing
from ccxt_dex.exchanges.backpack.history import Order
from ccxt_dex.exchanges.backpack.room import NONE, Params, Row
from ccxt_dex.exchanges.backpack.trading import Trading

RUNNING, ENDED = "privateGetApiV1Strategy", "privateGetWapiV1HistoryStrategies"


class Strategies(Trading):
    """Part of the room."""

    def parse_strategy(self, row: Row) -> Order:
        fields = self.pure(parsing.strategy, row)
        market = self.safe_market(str(row.get("symbol")))
        fields["clientOrderId"] = self.users_client_id(fields["clientOrderId"])
        known = {"symbol": market["symbol"], "datetime": self.iso8601(fields["timestamp"]), "trades": None, "fee": None, "info": row}
        found: Order = self.safe_order({**fields, **known}, market)
        return found

    async def create_twap_order(self, symbol: str, side: str, amount: float, duration: float, params: Params = NONE) -> Order:
        """Work an order in market orders, one each interval. Its fills come as fills of orders of its own (`strategyId` in their rows).

        :param duration: ms
        :param params: interval (ms, default ``options['twapInterval']``), clientOrderId, reduceOnly, randomizedIntervalQuantity,
            slippageTolerance and slippageToleranceType (TickSize, Percent)
        :raises OrderOutcomeUnknown: the request got lost, and the venue does not show what became of it
        """
        await self.load_markets()
        given = params.get("clientOrderId", params.get("clientId"))
        own = self.new_client_order_id() if given is None else given
        self.keep_client_id(own)
        interval = params.get("interval", self.options.get("twapInterval", 30_000))
        body = self.pure(orders.twap, self.grid(symbol), side, amount, duration, interval, own, params)

        async def lookup() -> Row | None:
            for pause in (0.0, 0.3, 0.6):
                await asyncio.sleep(pause)
                found = await self.find_strategy(body["symbol"], {"clientStrategyId": body["clientStrategyId"]})
                if found is not None:
                    return found
            return None

        row = await self.settled_write(self.call("privatePostApiV1Strategy", body), lookup, str(own), self.market(symbol)["symbol"])
        return self.parse_strategy(row)

    async def find_strategy(self, market_id: str, name: Row) -> Row | None:
        """A strategy by {"strategyId"} or {"clientStrategyId"}: a running one, else one that has ended; None: neither."""
        try:
            row = await self.call(RUNNING, {"symbol": market_id, **name})
            if row:
                return dict(row)
        except errors.OrderNotFound:
            pass
        ((key, value),) = name.items()
        column = "id" if key == "strategyId" else key
        rows = await self.call(ENDED, {"symbol": market_id, **({"strategyId": value} if key == "strategyId" else {"limit": 1000})})
        return next((dict(row) for row in rows if str(row.get(column)) == str(value)), None)

    async def fetch_twap_order(self, id: str, symbol: str, params: Params = NONE) -> Order:
        """A TWAP order by id, or params['clientOrderId'], whether it runs or has ended.

        :raises OrderNotFound: the venue has none
        """
        await self.load_markets()
        row = await self.find_strategy(self.market(symbol)["id"], self._name(id, symbol, params))
        if row is None:
            raise errors.OrderNotFound(f"{self.id} has no strategy {id or params}")
        return self.parse_strategy(row)

    def _name(self, id: Any, symbol: str, params: Params) -> Row:
        named = self.pure(orders.reference, self.market(symbol)["id"], id, params)
        return {"clientStrategyId": named["clientId"]} if "clientId" in named else {"strategyId": named["orderId"]}

    async def cancel_twap_order(self, id: str, symbol: str | None = None, params: Params = NONE) -> Order:
        """End a TWAP order, by id or params['clientOrderId']; what it has traded stays traded.

        :raises OrderNotFound: unknown, or ended already
        """
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} cancel_twap_order() requires a symbol argument")
        await self.load_markets()
        row = await self.call("privateDeleteApiV1Strategy", {"symbol": self.market(symbol)["id"], **self._name(id, symbol, params)})
        if row:
            return self.parse_strategy(row)
        named = {"id": id, "clientOrderId": params.get("clientOrderId"), "symbol": self.market(symbol)["symbol"]}
        found: Order = self.safe_order({**named, "status": "canceled", "info": row})
        return found
