"""Reading the account: balance, positions, orders, fills and payments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.paradex import parsing, tables
from ccxt_dex.exchanges.paradex.room import NONE, Params
from ccxt_dex.exchanges.paradex.trading import Order
from ccxt_dex.exchanges.paradex.twap import Twap
from ccxt_dex.parts.past import PastOrders


class History(PastOrders, Twap):
    """Part of the room."""

    past_words: ClassVar[Mapping[str, Any]] = {
        "closed": ("closed",),
        "canceled": ("canceled", "rejected"),
        "over": ("closed", "canceled", "rejected"),
    }

    # --- balance and positions --------------------------------------------------------------------------------------------------------

    async def fetch_balance(self, params: Params = NONE) -> Any:
        """Account value, free collateral and initial margin in the settlement asset, and the other tokens (ccxt's class: totals alone)."""
        await self.load_markets()
        account = await self.call("private_get_account", params)
        tokens = self.pure(parsing.rows, await self.call("private_get_balance"))
        return self._balance_of(account, tokens)

    def _balance_of(self, account: Any, tokens: list[Any]) -> Any:
        found = self.pure(parsing.balance, account, tokens)
        timestamp = self.safe_integer(account, "updated_at")
        made: Params = {"info": {"account": account, "balance": tokens}, "timestamp": timestamp, "datetime": self.iso8601(timestamp)}
        made.update({str(self.safe_currency_code(token)): row for token, row in found.items()})
        return self.safe_balance(made)

    def parse_position(self, position: Any, market: Any = None) -> Any:
        """ccxt's hook, with mark price, notional at mark and margins."""
        found = self.safe_market(position.get("market"), market)
        fields = self.pure(parsing.position, position, found)
        numbers = {
            name: self.parse_number(value)
            for name, value in fields.items()
            if name not in ("id", "side", "timestamp", "lastUpdateTimestamp")
        }
        numbers["collateral"] = numbers["initialMargin"]  # cross margin lies with the account; this is what the position holds of it
        own = {name: fields[name] for name in ("id", "side", "timestamp", "lastUpdateTimestamp")}
        unsaid = dict.fromkeys(("marginRatio", "initialMarginPercentage", "maintenanceMarginPercentage", "percentage", "lastPrice"))
        more = {**unsaid, "contractSize": 1.0, "hedged": False, "marginMode": "cross", "datetime": self.iso8601(fields["timestamp"])}
        return self.safe_position({"info": position, "symbol": found["symbol"], **numbers, **own, **more})

    async def position_rows(self) -> list[Params]:
        """Every position row of the venue, closed ones included."""
        return self.pure(parsing.rows, await self.call("private_get_positions"))

    async def fetch_positions(self, symbols: list[str] | None = None, params: Params = NONE) -> list[Any]:
        """Open positions."""
        await self.load_markets()
        names = self.market_symbols(symbols)
        known = self.markets_by_id or {}
        found = [self.parse_position(row) for row in await self.position_rows() if row.get("market") in known]
        return [row for row in found if row["contracts"] and (names is None or row["symbol"] in names)]

    async def fetch_position(self, symbol: str, params: Params = NONE) -> Any:
        """The position of one market; with 0 contracts when there is none."""
        await self.load_markets()
        market = self.market(symbol)
        rows = await self.fetch_positions([market["symbol"]], params)
        return rows[0] if rows else self.parse_position({"market": market["id"], "size": "0", "status": "CLOSED"}, market)

    async def fetch_accounts(self, params: Params = NONE) -> list[Any]:
        """The account and its sub-accounts."""
        rows = self.pure(parsing.rows, await self.call("private_get_account_info", params))
        return [{"id": row.get("account"), "type": row.get("kind"), "code": None, "info": row} for row in rows]

    # --- orders -----------------------------------------------------------------------------------------------------------------------

    async def open_rows(self, symbol: str | None, params: Params = NONE) -> list[Params]:
        """Open orders as the venue lists them."""
        request: Params = {} if symbol is None else {"market": self.market(symbol)["id"]}
        answer = await self.call("private_get_orders", {**request, **self.omit(params, ["trigger", "stop"])})
        return self.pure(parsing.rows, answer)

    async def fetch_open_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Order]:
        """Open orders, waiting triggers included."""
        await self.load_markets()
        market = None if symbol is None else self.market(symbol)
        return self.parse_orders(await self.open_rows(symbol, params), market, since, limit)

    async def fetch_open_order(self, id: str, symbol: str | None = None, params: Params = NONE) -> Order:
        """One order that is open.

        :raises OrderNotFound: it is not open
        """
        return await self._of_status(id, symbol, params, ("open",))

    async def fetch_closed_order(self, id: str, symbol: str | None = None, params: Params = NONE) -> Order:
        """One order that is filled.

        :raises OrderNotFound: it is not
        """
        return await self._of_status(id, symbol, params, ("closed",))

    async def _of_status(self, id: str, symbol: str | None, params: Params, wanted: tuple[str, ...]) -> Order:
        order = await self.fetch_order(id, symbol, params)
        if order["status"] not in wanted:
            raise errors.OrderNotFound(f"{self.id} order {id} is {order['status']}")
        return order

    async def fetch_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Order]:
        """Orders of every status, oldest first."""
        return await self.past_orders(None, symbol, since, limit, params)

    async def past_orders(
        self, wanted: tuple[str, ...] | None, symbol: str | None, since: int | None, limit: int | None, params: Params
    ) -> list[Order]:
        await self.load_markets()
        market = None if symbol is None else self.market(symbol)
        request: Params = {} if market is None else {"market": market["id"]}
        if wanted is not None:
            request["status"] = "CLOSED"
        asked = limit if wanted is None else None
        rows = await self.pages("private_get_orders_history", request, since, asked, params, tables.MAX_PAGE["orders"])
        found = self.parse_orders(rows, market)
        kept = [row for row in found if wanted is None or row["status"] in wanted]
        ordered = self.sort_by(kept, "timestamp")
        return self.filter_by_since_limit(ordered, since, limit, "timestamp", since is None)

    # --- fills and payments -----------------------------------------------------------------------------------------------------------

    def parse_trade(self, trade: Any, market: Any = None) -> Any:
        """ccxt's hook; public rows go to ccxt's own."""
        if "order_id" not in trade and "fee" not in trade:
            made: Any = super().parse_trade(trade, market)
            return {**made, "takerOrMaker": None, "fee": None, "fees": []}
        found = self.safe_market(trade.get("market"), market)
        fields = self.pure(parsing.fill, trade)
        fields["fee"]["currency"] = self.safe_currency_code(fields["fee"]["currency"]) or found.get("settle")
        datetime = self.iso8601(fields["timestamp"])
        return self.safe_trade({**fields, "symbol": found["symbol"], "type": None, "datetime": datetime, "info": trade}, found)

    async def fetch_my_trades(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Own fills, oldest first."""
        await self.load_markets()
        market = None if symbol is None else self.market(symbol)
        request: Params = {} if market is None else {"market": market["id"]}
        rows = await self.pages("private_get_fills", request, since, limit, params, tables.MAX_PAGE["fills"])
        return self.parse_trades(rows, market, since, limit)

    async def fetch_order_trades(
        self, id: str, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """The fills of one order: those of its market since it was made, sorted out here, for the venue has no such filter."""
        order = await self.fetch_order(id, symbol)
        return await self.picked_fills(order, since, limit, params)

    async def fetch_funding_history(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Funding payments of one market, oldest first; positive ones were received.

        :raises ArgumentsRequired: no symbol: the venue lists them by market
        """
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} fetch_funding_history() requires a symbol argument")
        await self.load_markets()
        market = self.market(symbol)
        request = {"market": market["id"]}
        rows = await self.pages("private_get_funding_payments", request, since, limit, params, tables.MAX_PAGE["funding"])
        return self.parse_incomes(rows, market, since, limit)
