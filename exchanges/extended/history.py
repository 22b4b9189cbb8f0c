"""Reading the account's past: orders, fills, funding payments, positions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ccxt_dex import fills
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.extended import parsing
from ccxt_dex.exchanges.extended.room import NONE, Params
from ccxt_dex.exchanges.extended.trading import Order
from ccxt_dex.exchanges.extended.transfers import Transfers
from ccxt_dex.parts.past import PastOrders


class History(PastOrders, Transfers):
    """Part of the room."""

    past_words: ClassVar[Mapping[str, Any]] = {
        "closed": ("FILLED",),
        "canceled": ("CANCELLED",),
        "over": ("FILLED", "CANCELLED", "REJECTED", "EXPIRED"),
    }

    # --- orders -----------------------------------------------------------------------------------------------------------------------

    def _orders(self, rows: list[Params], market: Any, since: int | None, limit: int | None) -> list[Order]:
        return self.parse_orders(rows, market, since, limit)

    async def past_orders(
        self, wanted: tuple[str, ...] | None, symbol: str | None, since: int | None, limit: int | None, params: Params
    ) -> list[Order]:
        await self.load_markets()
        market = None if symbol is None else self.market(symbol)
        request = {} if market is None else {"market": market["id"]}
        rows = await self.pages("v1_private_get_user_orders_history", request, since, None if wanted else limit, "createdTime")
        if not wanted:
            known = {str(row["id"]) for row in rows}
            rows += [row for row in await self.open_rows(None if market is None else market["id"]) if str(row["id"]) not in known]
        else:
            rows = [row for row in rows if row.get("status") in wanted]
        return self._orders(rows, market, since, limit)

    async def fetch_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Order]:
        """Orders of the account, open ones included."""
        return await self.past_orders(None, symbol, since, limit, params)

    async def fetch_open_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Order]:
        """Open orders, those that wait for a trigger included."""
        await self.load_markets()
        market = None if symbol is None else self.market(symbol)
        return self._orders(await self.open_rows(None if market is None else market["id"]), market, since, limit)

    async def fetch_open_order(self, id: str, symbol: str | None = None, params: Params = NONE) -> Order:
        """One order that is open.

        :raises OrderNotFound: it is not
        """
        order = await self.fetch_order(id, symbol, params)
        if order["status"] != "open":
            raise errors.OrderNotFound(f"{self.id} order {order['id']} is {order['status']}")
        return order

    async def fetch_closed_order(self, id: str, symbol: str | None = None, params: Params = NONE) -> Order:
        """One order that is not open any more.

        :raises OrderNotFound: it is open
        """
        order = await self.fetch_order(id, symbol, params)
        if order["status"] == "open":
            raise errors.OrderNotFound(f"{self.id} order {order['id']} is open")
        return order

    # --- fills ------------------------------------------------------------------------------------------------------------------------

    def swap_ids(self) -> list[str]:
        """The endpoint of fills wants to know the markets."""
        return [str(row["id"]) for row in self.markets.values() if row["swap"]]

    async def fill_rows(self, market_id: str | None, since: int | None, limit: int | None) -> list[Params]:
        """Own fills as the venue has them."""
        request = {"market": [market_id] if market_id else self.swap_ids()}
        return await self.pages("v1_private_get_user_trades", request, since, limit, "createdTime")

    async def fetch_my_trades(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """Own fills, of one market or of all."""
        await self.load_markets()
        market = None if symbol is None else self.market(symbol)
        rows = await self.fill_rows(None if market is None else market["id"], since, limit)
        return self.parse_trades(rows, market, since, limit)

    async def fetch_order_trades(
        self, id: str, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """The fills of one order."""
        row = await self.order_row(id, params)
        begun = fills.begun({"timestamp": parsing.stamp(row.get("createdTime"))})
        await self.load_markets()
        rows = [each for each in await self.fill_rows(row["market"], begun, None) if str(each.get("orderId")) == str(row["id"])]
        return self.parse_trades(rows, self.safe_market(row["market"]), since, limit)

    def parse_trade(self, trade: Any, market: Any = None) -> Any:
        """ccxt's hook; a liquidation says so in `info`, times may be in seconds."""
        found = super().parse_trade(trade, market)
        found["timestamp"] = parsing.stamp(found["timestamp"])
        found["datetime"] = self.iso8601(found["timestamp"])
        return found

    # --- funding and positions --------------------------------------------------------------------------------------------------------

    async def fetch_funding_history(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """Funding payments; negative ones were paid."""
        await self.load_markets()
        market = None if symbol is None else self.market(symbol)
        request: Params = {} if market is None else {"market": market["id"]}
        # fromTime is required; ccxt's class sends startTime, which the venue does not know
        request["fromTime"] = 0 if since is None else int(since)
        rows = await self.pages("v1_private_get_user_funding_history", request, since, limit, "paidTime")
        rows.sort(key=lambda row: parsing.stamp(row.get("paidTime")) or 0)
        return self.parse_funding_histories(rows, market, since, limit)

    async def fetch_position_history(self, symbol: str, since: int | None = None, limit: int | None = None, params: Params = NONE) -> Any:
        """Closed positions of one market."""
        return await self.fetch_positions_history([symbol], since, limit, params)
