"""Reading the account: orders, trades, funding, leverage, fees. Most of it ccxt's class lacks although the venue serves it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from ccxt_dex import wire
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.lighter import orders, parsing, tables
from ccxt_dex.exchanges.lighter.room import NONE, Params, Room
from ccxt_dex.parts.past import PastOrders

Order = dict[str, Any]
Row = dict[str, Any]

_REMEMBERED = 5000


class History(PastOrders, Room):
    """Part of the room."""

    past_words: ClassVar[Mapping[str, Any]] = {"closed": {"closed"}, "canceled": {"canceled", "expired", "rejected"}, "over": None}

    rows_of: Any

    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._client_ids: OrderedDict[str, int] = OrderedDict()
        self._triggers: OrderedDict[str, str | None] = OrderedDict()

    def note_trigger(self, order_id: str | None, trigger: str | None) -> None:
        """The trigger price of an order that waits for it, None for others, by the venue's id or by client id: an edit that does not mention it keeps it."""
        if order_id is None:
            return
        self._triggers[order_id] = trigger
        while len(self._triggers) > 2 * _REMEMBERED:
            self._triggers.popitem(last=False)

    # --- structures -------------------------------------------------------------------------------------------------------------------

    def parse_order(self, order: Any, market: Any = None) -> Order:
        """ccxt's hook. Times in seconds and in milliseconds are both taken; unknown statuses are refused."""
        fields = self.pure(parsing.order, order)
        market = self.safe_market(str(order.get("market_index")), market)
        client_id = fields["clientOrderId"]
        if client_id is not None and fields["id"] is not None:
            self._client_ids[fields["id"]] = int(client_id)
            while len(self._client_ids) > _REMEMBERED:
                self._client_ids.popitem(last=False)
        waiting = None if order.get("status") == "open" else fields["triggerPrice"]  # one that has fired rests like any other
        for each in (fields["id"], client_id):
            self.note_trigger(each, waiting)
        fields["datetime"] = self.iso8601(fields["timestamp"])
        found: Order = self.safe_order({**fields, "symbol": market["symbol"], "fee": None, "trades": None}, market)
        return found

    def parse_trade(self, trade: Any, market: Any = None) -> Any:
        """ccxt's hook; rows that carry `account_index` are told from that account's side, with order and fee."""
        account = trade.get("account_index")
        fields = self.pure(parsing.trade, trade, None if account is None else int(account))
        market = self.safe_market(str(trade.get("market_id")), market)
        return self.safe_trade({**fields, "symbol": market["symbol"], "datetime": self.iso8601(fields["timestamp"])}, market)

    def parse_position(self, position: Any, market: Any = None) -> Any:
        """ccxt's hook; leverage is not cut to a whole percent, and an unused market has no side."""
        market = self.safe_market(str(position.get("market_id")), market)
        fields = self.pure(parsing.position, position, market)
        fields.update((name, self.parse_number(fields[name])) for name in parsing.POSITION_NUMBERS)
        unknown = dict.fromkeys(
            ("timestamp", "datetime", "lastUpdateTimestamp", "marginRatio", "lastPrice", "stopLossPrice", "takeProfitPrice")
        )
        return self.safe_position({**unknown, **fields, "symbol": market["symbol"]})

    # --- pages ------------------------------------------------------------------------------------------------------------------------

    async def pages(
        self,
        endpoint: str,
        name: str,
        request: Params,
        since: int | None,
        limit: int | None,
        enough: Callable[[list[Row]], bool] | None = None,
    ) -> list[Row]:
        """Rows of a list that the venue gives newest first and pages by cursor.

        :param since: unix ms; pages are read back to it
        :param enough: stops earlier
        """
        wanted = limit if since is None and limit is not None else None
        query: Params = {**request, "limit": tables.PAGE if wanted is None else min(max(wanted, 1), tables.PAGE)}
        rows: list[Row] = []
        for _ in range(int(self.options.get("maxPages", 20))):
            answer = await self.call(endpoint, query)
            page = answer.get(name) or []
            rows += page
            cursor = answer.get("next_cursor") or answer.get("cursor")
            if (
                not page
                or not cursor
                or len(page) < query["limit"]
                or (wanted is not None and len(rows) >= wanted)
                or (enough and enough(page))
            ):
                return rows
            # ended orders come by when they ended: an old order at the end of a page does not mean that nothing newer follows
            oldest = parsing.stamp(page[-1].get("updated_at") or page[-1].get("timestamp") or page[-1].get("created_at"))
            if since is not None and oldest is not None and oldest < since:
                return rows
            if since is None and wanted is None:
                return rows
            query = {**query, "cursor": cursor}
        self.logger.warning("%s %s: stopped after %d rows; ask for a shorter time span", self.id, endpoint, len(rows))
        return rows

    async def _request(self, symbol: str | None, params: Params) -> tuple[Params, Any]:
        """The account and market of a request, and the unified market."""
        await self.load_markets()
        await self.identity()
        market = None if symbol is None else self.market(symbol)
        request: Params = {"account_index": await self.account_index(params)}
        if market is not None:
            request["market_id"] = market["id"]
        rest = self.omit(params, ["accountIndex", "account_index", "clientOrderId", "client_order_index", "until", "trigger", "wait"])
        return {**request, **rest}, market

    # --- orders -----------------------------------------------------------------------------------------------------------------------

    async def find_order(self, client_order_id: str, symbol: str | None = None, params: Params | None = None) -> Any:
        await self.load_markets()
        number = self.pure(orders.client_id, client_order_id)
        row = (await self.rows_of([number])).get(number)
        return None if row is None else self.parse_order(row)

    async def fetch_order(self, id: str, symbol: str | None = None, params: Params = NONE) -> Order:
        """One order by the venue's id or by client order id (also params['clientOrderId']).

        :raises OrderNotFound: the venue does not know it; of inactive orders it keeps the last thousand of a day reachable by client id
        """
        await self.load_markets()
        index = self.pure(orders.order_index, id, params)
        client_id = index if index <= tables.MAX_CLIENT_ID else self._client_ids.get(str(index))
        row = None if client_id is None else (await self.rows_of([client_id])).get(client_id)
        if index > tables.MAX_CLIENT_ID and (row is None or parsing.order_id(row) != str(index)):
            row = await self._search(index, symbol)  # by client id it is reachable for a day
        if row is None:
            raise errors.OrderNotFound(f"{self.id} order {index} does not exist")
        return self.parse_order(row)

    async def _search(self, index: int, symbol: str | None) -> Row | None:
        """The venue has no lookup by its own ids: the open orders, then the closed ones page by page."""

        def hit(page: list[Row]) -> Row | None:
            return next((row for row in page if parsing.order_id(row) == str(index)), None)

        request, _ = await self._request(symbol, NONE)
        found = hit((await self.call("privateGetAccountActiveOrders", request)).get("orders") or [])
        if found is None:
            found = hit(await self.pages("privateGetAccountInactiveOrders", "orders", request, 0, None, lambda page: hit(page) is not None))
        return found

    async def fetch_open_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Order]:
        """Resting and waiting trigger orders; without symbol those of all markets."""
        request, market = await self._request(symbol, params)
        answer = await self.call("privateGetAccountActiveOrders", request)
        found: list[Order] = self.parse_orders(answer.get("orders") or [], market, since, limit)
        return found

    async def past_orders(
        self, wanted: set[str] | None, symbol: str | None, since: int | None, limit: int | None, params: Params
    ) -> list[Order]:
        request, market = await self._request(symbol, params)
        # the venue cannot filter by status, so a limit on what is left needs whole pages
        rows = await self.pages("privateGetAccountInactiveOrders", "orders", request, since, limit if wanted is None else None)
        found = [order for order in self.parse_orders(rows, market) if wanted is None or order["status"] in wanted]
        until = params.get("until")
        kept = [order for order in found if until is None or (order["timestamp"] or 0) <= until]
        result: list[Order] = self.filter_by_since_limit(self.sort_by(kept, "timestamp"), since, limit, "timestamp", since is None)
        return result

    async def fetch_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Order]:
        """Open and ended orders together."""
        ended = await self.past_orders(None, symbol, since, limit, params)
        known = {order["id"] for order in ended}
        active = [order for order in await self.fetch_open_orders(symbol, since, None, params) if order["id"] not in known]
        found: list[Order] = self.filter_by_since_limit(
            self.sort_by([*ended, *active], "timestamp"), since, limit, "timestamp", since is None
        )
        return found

    # --- trades and payments ----------------------------------------------------------------------------------------------------------

    async def fetch_my_trades(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Fills of the account with order id, side and fee.

        :param params: until (unix ms), order_index
        """
        request, market = await self._request(symbol, params)
        account = request["account_index"]
        rows = await self.pages("privateGetTrades", "trades", {"sort_by": "timestamp", "sort_dir": "desc", **request}, since, limit)
        until = params.get("until")
        mine = [{**row, "account_index": account} for row in rows if until is None or (parsing.stamp(row.get("timestamp")) or 0) <= until]
        found: list[Any] = self.parse_trades(mine, market, since, limit)
        return found

    async def fetch_order_trades(
        self, id: str, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Fills of one order."""
        order = await self.fetch_order(id, symbol, params)
        trades = await self.fetch_my_trades(order["symbol"], since, None, {"order_index": order["id"]})
        return [trade for trade in trades if trade["order"] == order["id"]][: limit or None]

    async def fetch_funding_history(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Funding payments of the account, negative ones were paid."""
        request, _ = await self._request(symbol, params)
        rows = await self.pages("privateGetPositionFunding", "position_fundings", request, since, limit)
        payments = []
        for row in rows:
            fields = self.pure(parsing.funding_payment, row)
            amount = self.parse_number(fields["amount"])
            rest = {"symbol": self.safe_symbol(str(row.get("market_id"))), "datetime": self.iso8601(fields["timestamp"]), "amount": amount}
            payments.append({**fields, **rest})
        return self.filter_by_since_limit(self.sort_by(payments, "timestamp"), since, limit, "timestamp", since is None)

    async def fetch_my_liquidations(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Liquidations of the account."""
        request, market = await self._request(symbol, params)
        rows = await self.pages("privateGetLiquidations", "liquidations", request, since, limit)
        found: list[Any] = self.parse_liquidations(rows, market, since, limit)
        return found

    def parse_liquidation(self, liquidation: Any, market: Any = None) -> Any:
        market = self.safe_market(str(liquidation.get("market_id")), market)
        trade = liquidation.get("trade") or {}
        timestamp = parsing.stamp(liquidation.get("executed_at") or liquidation.get("timestamp"))
        return self.safe_liquidation(
            {
                "info": liquidation,
                "symbol": market["symbol"],
                "contracts": self.safe_number(trade, "size"),
                "contractSize": 1.0,
                "price": self.safe_number(trade, "price"),
                "baseValue": None,
                "quoteValue": None,
                "timestamp": timestamp,
                "datetime": self.iso8601(timestamp),
            }
        )

    async def fetch_deposits(
        self, code: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Deposits; the L1 address that the venue wants is the account's own unless params['address'] names another."""
        await self.load_markets()
        address = params.get("address") or (await self._account(params)).get("l1_address")
        found: list[Any] = await super().fetch_deposits(code, since, limit, {**params, "address": address})
        return found

    # --- positions, leverage, fees ----------------------------------------------------------------------------------------------------

    async def _account(self, params: Params = NONE) -> Row:
        if not self.privateKey and params.get("accountIndex") is None and self.given_account() is None and not self.walletAddress:
            raise errors.AuthenticationError(f"{self.id} requires the account index as uid and the API private key as privateKey")
        account = await self.account_index(params)
        answer = await self.call("publicGetAccount", {"by": "index", "value": account})
        rows = answer.get("accounts") or []
        if not rows:
            raise errors.AccountNotEnabled(f"{self.id} account {account} does not exist")
        found: Row = rows[0]
        return found

    async def fetch_balance(self, params: Params = NONE) -> Any:
        """Collateral and what is free of it; with params['type'] = "spot" the assets."""
        row = await self._account(params)
        balance: Params = {"info": row}
        if params.get("type", self.options.get("defaultType", "swap")) == "spot":
            for asset in row.get("assets") or []:
                code = self.safe_currency_code(str(asset.get("symbol")))
                balance[str(code)] = {"total": str(asset.get("balance")), "used": str(asset.get("locked_balance") or 0)}
        else:
            balance["USDC"] = {"total": str(row.get("collateral") or 0), "free": str(row.get("available_balance") or 0)}
        return self.safe_balance(balance)

    async def fetch_positions(self, symbols: list[str] | None = None, params: Params = NONE) -> list[Any]:
        """Open positions; the venue's rows of size zero, of markets that were only configured, are left out."""
        await self.load_markets()
        rows = (await self._account(params)).get("positions") or []
        wanted = None if symbols is None else {self.market(symbol)["symbol"] for symbol in symbols}
        found = [self.parse_position(row) for row in rows if wire.decimal(row.get("position") or 0)]
        return [position for position in found if wanted is None or position["symbol"] in wanted]

    async def _configured(self, symbol: str) -> tuple[Row, Any]:
        """The account's row of one market, made up from the market's defaults when it was never used."""
        await self.load_markets()
        market = self.market(symbol)
        for row in (await self._account()).get("positions") or []:
            if str(row.get("market_id")) == market["id"]:
                return row, market
        default = wire.decimal(market["info"].get("default_initial_margin_fraction") or 500) / 100
        return {"market_id": market["id"], "initial_margin_fraction": wire.plain(default), "margin_mode": 0}, market

    async def fetch_leverage(self, symbol: str, params: Params = NONE) -> Any:
        """Leverage and margin mode of one market."""
        row, market = await self._configured(symbol)
        leverage = self.parse_number(self.pure(parsing.leverage_of, row.get("initial_margin_fraction")))
        mode = "isolated" if int(row.get("margin_mode") or 0) else "cross"
        return {"info": row, "symbol": market["symbol"], "marginMode": mode, "longLeverage": leverage, "shortLeverage": leverage}

    async def fetch_margin_mode(self, symbol: str, params: Params = NONE) -> Any:
        """ "cross" or "isolated"."""
        found = await self.fetch_leverage(symbol, params)
        return {"info": found["info"], "symbol": found["symbol"], "marginMode": found["marginMode"]}

    async def fetch_leverage_tiers(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """One tier per market: the maximum leverage and the maintenance margin that the venue publishes."""
        await self.load_markets()
        wanted = None if symbols is None else {self.market(symbol)["symbol"] for symbol in symbols}
        tiers = {}
        for market in self.markets.values():
            if market["swap"] and (wanted is None or market["symbol"] in wanted):
                share = market["info"].get("maintenance_margin_fraction")
                rate = None if not share else wire.plain(wire.decimal(share) / 10_000)
                tiers[market["symbol"]] = self.leverage_tier(market, None, rate)
        return tiers

    async def fetch_market_leverage_tiers(self, symbol: str, params: Params = NONE) -> Any:
        tiers = await self.fetch_leverage_tiers([symbol], params)
        return tiers[str(self.market(symbol)["symbol"])]

    async def fetch_trading_fee(self, symbol: str, params: Params = NONE) -> Any:
        """Fees of this account, fractions of the traded value; `accountLimits` counts them in millionths."""
        await self.load_markets()
        market = self.market(symbol)
        await self.identity()
        answer = await self.call("privateGetAccountLimits", {"account_index": await self.account_index(params)})
        return self._fee(answer, market["symbol"])

    async def fetch_trading_fees(self, params: Params = NONE) -> Any:
        """The same fees for every market."""
        await self.load_markets()
        await self.identity()
        answer = await self.call("privateGetAccountLimits", {"account_index": await self.account_index(params)})
        return {symbol: self._fee(answer, symbol) for symbol in self.symbols}

    def _fee(self, limits: Row, symbol: str) -> Any:
        maker, taker = (
            float(wire.plain(wire.decimal(limits.get(f"current_{kind}_fee_tick") or 0) / tables.FEE_TICK)) for kind in ("maker", "taker")
        )
        return {"info": limits, "symbol": symbol, "maker": maker, "taker": taker, "percentage": True, "tierBased": True}
