"""Reading markets: what ccxt's class has is put right, what it lacks is added."""

from __future__ import annotations

import asyncio
from typing import Any

from ccxt_dex import wire
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.grvt import parsing, tables
from ccxt_dex.exchanges.grvt.room import NONE, Params, Room
from ccxt_dex.reading import number


class MarketData(Room):
    """Part of the room."""

    async def fetch_markets(self, params: Params = NONE) -> list[Any]:
        """Perpetuals with their state; leverage limits come with an account, because no public list has them."""
        every, live = await asyncio.gather(
            self.call("publicMarketPostFullV1AllInstruments", params),
            self.call("publicMarketPostFullV1AllInstruments", {"is_active": True, **params}),
        )
        active = {row["instrument"] for row in live.get("result") or []}
        rows = [row for row in every.get("result") or [] if row.get("kind") == "PERPETUAL"]
        markets: list[Any] = [market for market in self.parse_markets(rows) if market is not None]
        top = await self._max_leverages()
        for market in markets:
            market["active"] = market["id"] in active
            market["contractSize"] = 1.0
            market["limits"]["leverage"] = {"min": 1.0, "max": top.get(market["id"])}
        return markets

    async def _max_leverages(self) -> dict[str, float | None]:
        if not self.check_required_credentials(False):
            return {}
        try:
            return {row["instrument"]: self.safe_number(row, "max_leverage") for row in await self.leverage_rows()}
        except errors.BaseError as error:
            self.logger.warning("%s leverage limits are not known: %s", self.id, self.redactor.scrub(str(error)))
            return {}

    async def leverage_rows(self, params: Params = NONE) -> list[Any]:
        """Leverage and margin type per market, also of those without a position."""
        answer = await self.call("privateTradingPostFullV1GetAllInitialLeverage", {"sub_account_id": await self.sub_account(params)})
        found: list[Any] = answer.get("results") or []
        return found

    async def fetch_time(self, params: Params = NONE) -> int:
        """The venue's clock in milliseconds."""
        answer = await self.call("publicMarketGetTime", params)
        return int(answer["server_time"])

    # --- tickers ----------------------------------------------------------------------------------------------------------------------

    def parse_ticker(self, ticker: Any, market: Any = None) -> Any:
        """ccxt's hook; volume is what both sides traded (ccxt shows the buyers' half)."""
        fields = self.pure(parsing.ticker, ticker)
        market = self.safe_market(ticker.get("instrument"), market)
        return self.safe_ticker({**fields, "symbol": market["symbol"], "datetime": self.iso8601(fields["timestamp"])}, market)

    async def _rows(self, endpoint: str, symbols: list[str] | None, params: Params) -> list[tuple[Any, Any]]:
        """The venue has these one market at a time: many requests at once, within the rate limit."""
        await self.load_markets()
        names = self.names(symbols) or [market["symbol"] for market in self.markets.values() if market["active"]]
        markets = [self.market(name) for name in names]
        answers = await asyncio.gather(*(self.call(endpoint, {"instrument": market["id"], **params}) for market in markets))
        return [(market, answer.get("result") or {}) for market, answer in zip(markets, answers, strict=True)]

    async def fetch_tickers(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """Tickers, one request per market (all active ones when no symbols are given)."""
        rows = await self._rows("publicMarketPostFullV1Ticker", symbols, params)
        return {market["symbol"]: self.parse_ticker(row, market) for market, row in rows}

    async def fetch_bids_asks(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """Best bids and asks, one request per market."""
        rows = await self._rows("publicMarketPostFullV1Mini", symbols, params)
        return {market["symbol"]: self.parse_ticker(row, market) for market, row in rows}

    async def fetch_mark_prices(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """Mark and index prices, one request per market."""
        return await self.fetch_bids_asks(symbols, params)

    async def fetch_mark_price(self, symbol: str, params: Params = NONE) -> Any:
        """Mark and index price of one market."""
        return next(iter((await self.fetch_bids_asks([symbol], params)).values()))

    # --- funding, open interest -------------------------------------------------------------------------------------------------------

    def parse_funding_rate(self, contract: Any, market: Any = None) -> Any:
        market = self.safe_market(contract.get("instrument"), market)
        fields = self.pure(parsing.funding_rate, contract, (market.get("info") or {}).get("funding_interval_hours"))
        empty = dict.fromkeys(
            """interestRate estimatedSettlePrice nextFundingRate nextFundingTimestamp nextFundingDatetime previousFundingRate
            previousFundingTimestamp previousFundingDatetime""".split()
        )
        numbers = {name: self.parse_number(fields[name]) for name in ("fundingRate", "markPrice", "indexPrice")}
        times = {"datetime": self.iso8601(fields["timestamp"]), "fundingDatetime": self.iso8601(fields["fundingTimestamp"])}
        return {**empty, **fields, **numbers, **times, "info": contract, "symbol": market["symbol"]}

    async def fetch_funding_rate(self, symbol: str, params: Params = NONE) -> Any:
        """The running rate per funding interval of the market, as a fraction."""
        return next(iter((await self.fetch_funding_rates([symbol], params)).values()))

    async def fetch_funding_rates(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """Running rates, one request per market."""
        rows = await self._rows("publicMarketPostFullV1Ticker", symbols, params)
        return {market["symbol"]: self.parse_funding_rate(row, market) for market, row in rows}

    async def fetch_funding_interval(self, symbol: str, params: Params = NONE) -> Any:
        """The funding interval of one market, with its running rate."""
        return await self.fetch_funding_rate(symbol, params)

    async def fetch_funding_rate_history(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Past rates, oldest first.

        :param params: until (unix ms)
        """
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} fetch_funding_rate_history() requires a symbol argument")
        await self.load_markets()
        market = self.market(symbol)
        rows = await self.pages("publicMarketPostFullV1Funding", {"instrument": market["id"]}, since, limit, params)
        found = [self.parse_funding_rate_history(row, market) for row in rows]
        return self.window(found, since, limit)

    def parse_open_interest(self, interest: Any, market: Any = None) -> Any:
        market = self.safe_market(interest.get("instrument"), market)
        timestamp = self.pure(parsing.stamp, interest.get("event_time"))
        amount, price = (self.pure(number, interest.get(name)) for name in ("open_interest", "mark_price"))
        value = None if amount is None or price is None else self.parse_number(wire.plain(amount * price))
        row = {"symbol": market["symbol"], "openInterestAmount": self.safe_number(interest, "open_interest"), "openInterestValue": value}
        return self.safe_open_interest({**row, "timestamp": timestamp, "datetime": self.iso8601(timestamp), "info": interest}, market)

    async def fetch_open_interest(self, symbol: str, params: Params = NONE) -> Any:
        """Open interest of one market in base units."""
        return next(iter((await self.fetch_open_interests([symbol], params)).values()))

    async def fetch_open_interests(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """Open interest, one request per market."""
        rows = await self._rows("publicMarketPostFullV1Ticker", symbols, params)
        return {market["symbol"]: self.parse_open_interest(row, market) for market, row in rows}

    # --- books, trades, candles -------------------------------------------------------------------------------------------------------

    async def fetch_order_book(self, symbol: str, limit: int | None = None, params: Params = NONE) -> Any:
        """A book with its own time (ccxt reads nanoseconds as a date and shows none).

        :param limit: up to 500
        """
        await self.load_markets()
        market = self.market(symbol)
        depth = next((each for each in tables.BOOK_DEPTHS if each >= (limit or 100)), tables.BOOK_DEPTHS[-1])
        answer = await self.call("publicMarketPostFullV1Book", {"instrument": market["id"], "depth": depth, **params})
        row = answer.get("result") or {}
        timestamp = self.pure(parsing.stamp, row.get("event_time"))
        book = self.parse_order_book(row, market["symbol"], timestamp, "bids", "asks", "price", "size")
        if limit is not None:
            book["bids"], book["asks"] = book["bids"][:limit], book["asks"][:limit]
        return book

    def parse_trade(self, trade: Any, market: Any = None) -> Any:
        """ccxt's hook; the fee's rate is a percentage on the wire, and a builder's fee is a fee."""
        fields = self.pure(parsing.trade, trade)
        market = self.safe_market(trade.get("instrument"), market)
        fee = self.pure(parsing.fee, trade)
        if fee is not None:
            currency = self.safe_currency_code(fee["currency"]) or market["settle"] or market["quote"]
            fee = {"cost": self.parse_number(fee["cost"]), "rate": self.parse_number(fee["rate"]), "currency": currency}
        return self.safe_trade({**fields, "fee": fee, "symbol": market["symbol"], "datetime": self.iso8601(fields["timestamp"])}, market)

    async def fetch_trades(self, symbol: str, since: int | None = None, limit: int | None = None, params: Params = NONE) -> list[Any]:
        """Public trades, oldest first.

        :param params: until (unix ms)
        """
        await self.load_markets()
        market = self.market(symbol)
        rows = await self.pages("publicMarketPostFullV1TradeHistory", {"instrument": market["id"]}, since, limit, params)
        return self.window([self.parse_trade(row, market) for row in rows], since, limit)

    async def fetch_ohlcv(
        self, symbol: str, timeframe: str = "1m", since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[list[Any]]:
        """Candles, oldest first.

        :param params: price or priceType: last, mark, index, mid; until (unix ms)
        """
        await self.load_markets()
        market = self.market(symbol)
        kind = tables.PRICE_TYPES.get(str(params.get("price", params.get("priceType", "last"))).lower())
        if kind is None or timeframe not in self.timeframes:
            raise errors.BadRequest(f"{self.id} has no candles of {timeframe} and {params}")
        request: Params = {"instrument": market["id"], "interval": self.timeframes[timeframe], "type": kind}
        rest = self.omit(params, ["price", "priceType"])
        if since is not None and limit is not None and "until" not in rest:
            rest = {**rest, "until": since + limit * self.parse_timeframe(timeframe) * 1000 - 1}
        rows = await self.pages("publicMarketPostFullV1Kline", request, since, limit, rest)
        candles = sorted((self.pure(parsing.candle, row) for row in rows), key=lambda row: row[0])
        return self.filter_by_since_limit(candles, since, limit, 0, since is None)

    # --- pages ------------------------------------------------------------------------------------------------------------------------

    async def pages(self, endpoint: str, request: Params, since: int | None, limit: int | None, params: Params = NONE) -> list[Any]:
        """Rows of a list that the venue gives newest first and pages by cursor.

        Without `since` one page is read. With it, pages are read back to that time, so that the first rows after it are there.

        :param since: unix ms
        """
        until = params.get("until", params.get("till"))
        size = tables.MAX_PAGE if since is not None or limit is None else max(1, min(int(limit), tables.MAX_PAGE))
        query: Params = {**request, "limit": size, **self.omit(params, ["until", "till", "accountId", "paginate", "trigger", "wait"])}
        if since is not None:
            query["start_time"] = str(int(since) * 1_000_000)
        if until is not None:
            query["end_time"] = str(int(until) * 1_000_000)
        found: list[Any] = []
        for _ in range(int(self.options.get("maxPages", 20))):
            answer = await self.call(endpoint, query)
            page = answer.get("result") or []
            found += page
            cursor = answer.get("next")
            if not page or not cursor or since is None or len(page) < size:
                return found
            query = {**query, "cursor": cursor}
        self.logger.warning("%s %s: stopped after %d rows; ask for a shorter time span", self.id, endpoint, len(found))
        return found

    def window(self, rows: list[Any], since: int | None, limit: int | None) -> list[Any]:
        """Oldest first; the first ones after `since`, or else the newest."""
        found: list[Any] = self.filter_by_since_limit(self.sort_by(rows, "timestamp"), since, limit, "timestamp", since is None)
        return found

    # --- tiers ------------------------------------------------------------------------------------------------------------------------

    async def fetch_leverage_tiers(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """Risk brackets, one request per market."""
        await self.load_markets()
        names = self.names(symbols) or [market["symbol"] for market in self.markets.values()]
        found = await asyncio.gather(*(self.fetch_market_leverage_tiers(name, params) for name in names))
        return dict(zip(names, found, strict=True))

    async def fetch_market_leverage_tiers(self, symbol: str, params: Params = NONE) -> list[Any]:
        """Risk brackets of one market."""
        await self.load_markets()
        market = self.market(symbol)
        answer = await self.call("publicMarketPostFullV1MarginRules", {"instrument": market["id"], **params})
        rows = (answer.get("result") or answer).get("risk_brackets") or []
        tiers = []
        for row in rows:
            fields = self.pure(parsing.bracket, row)
            names = ("minNotional", "maxNotional", "maintenanceMarginRate", "maxLeverage")
            numbers = {name: self.parse_number(fields[name]) for name in names}
            tiers.append({**fields, **numbers, "symbol": market["symbol"], "currency": market["settle"]})
        return tiers
