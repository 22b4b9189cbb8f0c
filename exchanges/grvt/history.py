"""Reading the account: orders, fills, positions, balance, leverage, payments."""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.grvt import orders, parsing
from ccxt_dex.exchanges.grvt.market_data import MarketData
from ccxt_dex.exchanges.grvt.room import NONE, Params
from ccxt_dex.parts.past import PastOrders

Order = dict[str, Any]
Row = dict[str, Any]
_NOT_TOLD = "id lastUpdateTimestamp lastPrice maintenanceMarginPercentage marginRatio stopLossPrice takeProfitPrice".split()
_REMEMBERED = 5000
ENDED = {"closed": {"closed"}, "canceled": {"canceled", "expired", "rejected"}}


class History(PastOrders, MarketData):
    """Part of the room."""

    past_words: ClassVar[Mapping[str, Any]] = {"closed": "closed", "canceled": "canceled"}

    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._nonces: OrderedDict[str, str | None] = OrderedDict()

    # --- structures -------------------------------------------------------------------------------------------------------------------

    def parse_order(self, order: Any, market: Any = None) -> Order:
        """ccxt's hook; an order that has no id yet is known by its client order id."""
        fields = self.pure(parsing.order, order)
        market = self.safe_market(parsing.instrument(order), market)
        rest = {"symbol": market["symbol"], "datetime": self.iso8601(fields["timestamp"]), "fee": None, "trades": None}
        found: Order = self.safe_order({**fields, **rest}, market)
        return found

    def parse_position(self, position: Any, market: Any = None) -> Any:
        """ccxt's hook."""
        market = self.safe_market(position.get("instrument"), market)
        fields = self.pure(parsing.position, position)
        fields.update((name, self.parse_number(fields[name])) for name in parsing.POSITION_NUMBERS)
        fields.update(dict.fromkeys(_NOT_TOLD))
        return self.safe_position({**fields, "symbol": market["symbol"], "datetime": self.iso8601(fields["timestamp"])})

    async def account_request(self, symbol: str | None, params: Params) -> tuple[Params, Any]:
        """Account and filters of a request, and the unified market. One symbol is told by kind, base and quote."""
        await self.load_markets()
        request: Params = {"sub_account_id": await self.sub_account(params)}
        market = None if symbol is None else self.market(symbol)
        if market is not None:
            request.update(kind=["PERPETUAL"], base=[market["baseId"]], quote=[market["quoteId"]])
        return request, market

    # --- orders -----------------------------------------------------------------------------------------------------------------------

    async def order_row(self, named: Params, params: Params = NONE) -> Row | None:
        """The venue's row of an order, None when it knows none.

        :param named: order_id or client_order_id
        """
        request = {"sub_account_id": await self.sub_account(params), **named}
        try:
            answer = await self.call("privateTradingPostFullV1Order", request)
        except errors.OrderNotFound:
            return None
        row = answer.get("result") or None
        return row if row and row.get("legs") else None

    async def find_order(self, client_order_id: str, symbol: str | None = None, params: Params | None = None) -> Any:
        """As `fetch_order`; an ended order whose client id was used again is not the one that is looked for."""
        await self.load_markets()
        row = self.as_signed(await self.order_row({"client_order_id": self.pure(orders.client_id, client_order_id)}, params or NONE))
        return None if row is None else self.parse_order(row)

    def note_signed(self, body: Row) -> None:
        """What an order that goes out is known by: its client id may have been another's before."""
        self._nonces[parsing.client_order_id(body)] = parsing.nonce(body)
        while len(self._nonces) > _REMEMBERED:
            self._nonces.popitem(last=False)

    def note_refused(self, bodies: list[Row]) -> None:
        """These orders do not exist: their client ids go on to mean what they meant before."""
        for body in bodies:
            self._nonces.pop(parsing.client_order_id(body), None)

    @contextlib.contextmanager
    def unsigned_if_refused(self, bodies: list[Row]) -> Iterator[None]:
        """Around a request that places orders."""
        try:
            yield
        except errors.ExchangeError:
            self.note_refused(bodies)
            raise

    def as_signed(self, row: Row | None) -> Row | None:
        """The row, unless it is of an earlier order with the client id of the one that we signed last."""
        if row is None:
            return None
        ours, theirs = self._nonces.get(parsing.client_order_id(row)), parsing.nonce(row)
        return row if ours is None or theirs is None or ours == theirs else None

    async def fetch_order(self, id: str, symbol: str | None = None, params: Params = NONE) -> Order:
        """One order by the venue's id (0x...) or by client order id (as id, or params['clientOrderId'])."""
        await self.load_markets()
        row = await self.order_row(self.pure(orders.reference, id, params), params)
        if row is None:
            raise errors.OrderNotFound(f"{self.id} order {id or params.get('clientOrderId')} does not exist")
        return self.parse_order(row)

    async def fetch_open_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Order]:
        """Resting and waiting trigger orders of one market or of all (ccxt's class ignores the symbol)."""
        request, market = await self.account_request(symbol, params)
        answer = await self.call("privateTradingPostFullV1OpenOrders", request)
        rows = [row for row in answer.get("result") or [] if market is None or parsing.instrument(row) == market["id"]]
        return self.window([self.parse_order(row) for row in rows], since, limit)

    async def past_orders(
        self, wanted: str | None, symbol: str | None, since: int | None, limit: int | None, params: Params
    ) -> list[Order]:
        request, market = await self.account_request(symbol, params)
        # the venue cannot filter by status, so a limit on what is left needs whole pages
        rows = await self.pages("privateTradingPostFullV1OrderHistory", request, since, limit if wanted is None else None, params)
        found = [self.parse_order(row) for row in rows if market is None or parsing.instrument(row) == market["id"]]
        return self.window([order for order in found if wanted is None or order["status"] in ENDED[wanted]], since, limit)

    async def fetch_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Order]:
        """Every order, open ones included.

        :param params: until (unix ms)
        """
        found, active = await asyncio.gather(
            self.past_orders(None, symbol, since, limit, params), self.fetch_open_orders(symbol, since, None, params)
        )
        known = {order["id"] for order in found}
        return self.window([*found, *(order for order in active if order["id"] not in known)], since, limit)

    async def fetch_canceled_and_closed_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Order]:
        """Every order that is no longer open."""
        every = await self.past_orders(None, symbol, since, None, params)
        return self.window([order for order in every if order["status"] != "open"], since, limit)

    # --- fills ------------------------------------------------------------------------------------------------------------------------

    async def fetch_my_trades(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Fills of the account, oldest first.

        :param params: until (unix ms)
        """
        request, market = await self.account_request(symbol, params)
        rows = await self.pages("privateTradingPostFullV1FillHistory", request, since, limit, params)
        mine = [row for row in rows if market is None or row.get("instrument") == market["id"]]
        return self.window([self.parse_trade(row) for row in mine], since, limit)

    async def fetch_order_trades(
        self, id: str, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Fills of one order."""
        order = await self.fetch_order(id, symbol, params)
        return await self.picked_fills(order, since, limit)

    # --- payments ---------------------------------------------------------------------------------------------------------------------

    def parse_income(self, info: Any, market: Any = None) -> Any:
        """ccxt's hook; the venue counts payments made as positive, ccxt wants them negative."""
        fields = self.pure(parsing.funding_payment, info)
        market = self.safe_market(info.get("instrument"), market)
        code = self.safe_currency_code(fields.pop("currency"))
        rest = {"symbol": market["symbol"], "code": code, "datetime": self.iso8601(fields["timestamp"])}
        return {**fields, **rest, "amount": self.parse_number(fields["amount"])}

    async def fetch_funding_history(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Funding payments of the account, negative ones were paid.

        :param params: until (unix ms)
        """
        request, market = await self.account_request(symbol, params)
        rows = await self.pages("privateTradingPostFullV1FundingPaymentHistory", request, since, limit, params)
        mine = [row for row in rows if market is None or row.get("instrument") == market["id"]]
        return self.window([self.parse_income(row) for row in mine], since, limit)

    # --- balance, positions -----------------------------------------------------------------------------------------------------------

    def parse_balance(self, response: Any) -> Any:
        """ccxt's hook; what is free of the margin account is not free of every coin."""
        timestamp = self.pure(parsing.stamp, response.get("event_time"))
        found: Params = {"info": response, "timestamp": timestamp, "datetime": self.iso8601(timestamp)}
        for coin, entry in self.pure(parsing.balance, response).items():
            found[str(self.safe_currency_code(coin))] = entry
        return self.safe_balance(found)

    async def fetch_balance(self, params: Params = NONE) -> Any:
        """The trading account: equity and what is free of it in the settlement currency, other coins as they lie there."""
        answer = await self.call("privateTradingPostFullV1AccountSummary", {"sub_account_id": await self.sub_account(params)})
        return self.parse_balance(answer.get("result") or {})

    async def fetch_positions(self, symbols: list[str] | None = None, params: Params = NONE) -> list[Any]:
        """Open positions."""
        await self.load_markets()
        names = self.names(symbols)
        request: Params = {"sub_account_id": await self.sub_account(params)}
        if names:
            markets = [self.market(name) for name in names]
            request.update({key: sorted({market[f"{key}Id"] for market in markets}) for key in ("base", "quote")}, kind=["PERPETUAL"])
        answer = await self.call("privateTradingPostFullV1Positions", request)
        found = [self.parse_position(row) for row in answer.get("result") or []]
        return [row for row in found if row["contracts"] and (not names or row["symbol"] in names)]

    async def fetch_position(self, symbol: str, params: Params = NONE) -> Any:
        """The position of one market, None when there is none."""
        return next(iter(await self.fetch_positions([symbol], params)), None)

    async def fetch_positions_history(
        self, symbols: list[str] | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Positions that were closed, liquidated or reduced."""
        await self.load_markets()
        names = self.names(symbols)
        request, _ = await self.account_request(names[0] if len(names) == 1 else None, params)
        rows = await self.pages("privateTradingPostFullV1PositionHistory", request, since, limit, params)
        found = []
        for row in rows:
            opened, ended = self.pure(parsing.stamp, row.get("open_time")), self.pure(parsing.stamp, row.get("close_time"))
            position = {
                "info": row,
                "symbol": self.safe_symbol(row.get("instrument")),
                "timestamp": opened,
                "datetime": self.iso8601(opened),
                "lastUpdateTimestamp": ended,
                "side": "long" if row.get("is_long") else "short",
                "contracts": self.safe_number(row, "closed_volume_base"),
                "contractSize": 1.0,
                "entryPrice": self.safe_number(row, "entry_price"),
                "lastPrice": self.safe_number(row, "exit_price"),
                "realizedPnl": self.safe_number(row, "realized_pnl"),
                "leverage": self.safe_number(row, "leverage"),
                "marginMode": str(row.get("margin_type") or "").lower() or None,
            }
            found.append(self.safe_position(position))
        return self.window([row for row in found if not names or row["symbol"] in names], since, limit)

    # --- leverage ---------------------------------------------------------------------------------------------------------------------

    def parse_leverage(self, leverage: Any, market: Any = None) -> Any:
        """ccxt's hook."""
        value = self.safe_number(leverage, "leverage")
        mode = str(leverage.get("margin_type") or "CROSS").lower()
        symbol = self.safe_symbol(leverage.get("instrument"), market)
        return {"info": leverage, "symbol": symbol, "marginMode": mode, "longLeverage": value, "shortLeverage": value}

    def parse_margin_mode(self, marginMode: Any, market: Any = None) -> Any:
        """ccxt's hook."""
        found = self.parse_leverage(marginMode, market)
        return {name: found[name] for name in ("info", "symbol", "marginMode")}

    async def fetch_leverages(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """Leverage per market, by symbol."""
        await self.load_markets()
        names = self.names(symbols)
        found = (self.parse_leverage(row) for row in await self.leverage_rows(params) if row.get("instrument") in self.markets_by_id)
        return {row["symbol"]: row for row in found if not names or row["symbol"] in names}

    async def fetch_leverage(self, symbol: str, params: Params = NONE) -> Any:
        """Leverage and margin mode of one market, with a position or without."""
        await self.load_markets()
        found = await self.fetch_leverages([symbol], params)
        name = self.market(symbol)["symbol"]
        if name not in found:
            raise errors.BadSymbol(f"{self.id} the venue does not show a leverage for {name}")
        return found[name]

    async def fetch_margin_modes(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """Margin mode per market, by symbol."""
        found = await self.fetch_leverages(symbols, params)
        return {name: {key: row[key] for key in ("info", "symbol", "marginMode")} for name, row in found.items()}

    async def fetch_margin_mode(self, symbol: str, params: Params = NONE) -> Any:
        """ "cross" or "isolated"."""
        found = await self.fetch_leverage(symbol, params)
        return {key: found[key] for key in ("info", "symbol", "marginMode")}

    # --- accounts ---------------------------------------------------------------------------------------------------------------------

    async def fetch_accounts(self, params: Params = NONE) -> list[Any]:
        """The trading accounts that the session can see."""
        self.check_required_credentials()
        answer = await self.call("privateTradingPostFullV1GetSubAccounts", params)
        return [{"id": str(each), "type": "trading", "code": None, "info": each} for each in answer.get("sub_account_ids") or []]
