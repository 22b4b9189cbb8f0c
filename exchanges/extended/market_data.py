"""Reading markets: what ccxt's class has is kept, wrong values are put right, missing methods are added."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.extended import parsing, tables
from ccxt_dex.exchanges.extended.room import NONE, Params, Room


class MarketData(Room):
    """Part of the room."""

    def parse_market(self, market: Any) -> Any:
        """ccxt's hook; its own has another venue's fees (0.2 %)."""
        found: Any = super().parse_market(market)
        if found is not None:
            found["maker"], found["taker"] = self.parse_number(tables.MAKER_FEE), self.parse_number(tables.TAKER_FEE)
        return found

    async def market_rows(self, symbols: Any = None) -> list[tuple[Any, Params]]:
        """Market and row of GET /info/markets: prices, funding and open interest of all markets in one request."""
        await self.load_markets()
        wanted = [self.market(symbol) for symbol in symbols] if symbols else []
        request: Params = {"market": [row["id"] for row in wanted]} if 0 < len(wanted) <= 20 else {}
        rows = self.pure(parsing.rows, await self.call("v1_public_get_info_markets", request))
        named = {row["id"] for row in wanted}
        known = self.markets_by_id or {}
        return [(known[row["name"]][0], row) for row in rows if row.get("name") in known and (not named or row["name"] in named)]

    async def market_stats(self, symbol: str) -> Params:
        """The `marketStats` of one market."""
        market = self.market(symbol)
        found: Params = self.pure(parsing.data, await self.call("v1_public_get_info_markets_market_stats", {"market": market["id"]}))
        return found

    # --- books, trades, candles -------------------------------------------------------------------------------------------------------

    async def fetch_order_book(self, symbol: str, limit: int | None = None, params: Params = NONE) -> Any:
        """The book; the venue gives no time for it, and ccxt's class writes its own clock there, which makes an old book look new."""
        found = await super().fetch_order_book(symbol, limit, params)
        found["timestamp"] = found["datetime"] = None
        return found

    async def fetch_ohlcv(
        self, symbol: str, timeframe: str = "1m", since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """Candles; with `since` the first `limit` ones after it (ccxt's class sends no end, so that paging never advances).

        :param params: until (unix ms); price "mark" or "index"
        """
        await self.load_markets()
        if timeframe not in self.timeframes:
            raise errors.BadRequest(f"{self.id} has candles of {', '.join(self.timeframes)}, not {timeframe}")
        market, width = self.market(symbol), int(self.parse_timeframe(timeframe)) * 1000
        count = max(1, min(int(limit or tables.PAGE), tables.MAX_CANDLES))
        kind = str(params.get("candleType") or tables.CANDLE_TYPES.get(str(params.get("price")), "trades"))
        until = params.get("until")
        request: Params = {"market": market["id"], "candleType": kind, "interval": self.timeframes[timeframe], "limit": count}
        if since is not None:
            first = -(-int(since) // width) * width
            end = first + count * width - 1
            until = end if until is None else min(int(until), end)
        if until is not None:
            request["endTime"] = until
        rows = await self.call("v1_public_get_info_candles_market_candletype", {**request, **self.omit(params, _CANDLE_PARAMS)})
        return self.parse_ohlcvs(self.pure(parsing.rows, rows), market, timeframe, since, limit)

    # --- tickers ----------------------------------------------------------------------------------------------------------------------

    async def fetch_mark_price(self, symbol: str, params: Params = NONE) -> Any:
        """Mark and index price of one market."""
        return await self.fetch_ticker(symbol, params)

    async def fetch_mark_prices(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """Mark and index prices."""
        return await self.fetch_tickers(symbols, params)

    async def fetch_bids_asks(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """Best prices of every market in one request."""
        return await self.fetch_tickers(symbols, params)

    # --- funding and open interest ----------------------------------------------------------------------------------------------------

    def _funding(self, market: Any, row: Params) -> Any:
        stats = row.get("marketStats") or {}
        next_time = parsing.stamp(stats.get("nextFundingRate"))
        empty = dict.fromkeys(("interestRate", "estimatedSettlePrice", "nextFundingRate", "nextFundingTimestamp", "nextFundingDatetime"))
        past = dict.fromkeys(("timestamp", "datetime", "previousFundingRate", "previousFundingTimestamp", "previousFundingDatetime"))
        return {
            "info": row,
            "symbol": market["symbol"],
            "markPrice": self.safe_number(stats, "markPrice"),
            "indexPrice": self.safe_number(stats, "indexPrice"),
            "fundingRate": self.safe_number(stats, "fundingRate"),
            "fundingTimestamp": next_time,
            "fundingDatetime": self.iso8601(next_time),
            "interval": "1h",
            **empty,
            **past,
        }

    async def fetch_funding_rates(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """Running funding rates, hourly, with the time of the next payment."""
        found = {market["symbol"]: self._funding(market, row) for market, row in await self.market_rows(symbols) if market["swap"]}
        self.fundingRates.update(found)
        return found

    async def fetch_funding_rate(self, symbol: str, params: Params = NONE) -> Any:
        """The running funding rate of one market."""
        return await self._one(self.fetch_funding_rates, symbol)

    async def fetch_funding_interval(self, symbol: str, params: Params = NONE) -> Any:
        """One hour, with the running rate."""
        return await self.fetch_funding_rate(symbol, params)

    async def fetch_funding_intervals(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """One hour each, with the running rates."""
        return await self.fetch_funding_rates(symbols, params)

    async def fetch_open_interests(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """Open interest in base units and in dollars."""
        return {market["symbol"]: self._interest(market, row) for market, row in await self.market_rows(symbols) if market["swap"]}

    async def fetch_open_interest(self, symbol: str, params: Params = NONE) -> Any:
        """Open interest of one market."""
        return await self._one(self.fetch_open_interests, symbol)

    def _interest(self, market: Any, row: Params) -> Any:
        stats = row.get("marketStats") or {}
        amount, value = self.safe_number(stats, "openInterestBase"), self.safe_number(stats, "openInterest")
        made = {"symbol": market["symbol"], "openInterestAmount": amount, "openInterestValue": value, "info": row}
        return self.safe_open_interest({**made, "timestamp": None, "datetime": None}, market)

    async def _one(self, method: Any, symbol: str) -> Any:
        await self.load_markets()
        name = self.market(symbol)["symbol"]
        found = await method([name])
        if name not in found:
            raise errors.BadSymbol(f"{self.id} the venue has no {symbol}")
        return found[name]

    async def fetch_funding_rate_history(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """Applied hourly rates, the first `limit` after `since`.

        :param params: until (unix ms)
        """
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} fetch_funding_rate_history() requires a symbol argument")
        await self.load_markets()
        market, count = self.market(symbol), int(limit or tables.PAGE)
        end = int(params.get("until") or self.server_milliseconds())
        start = int(since) if since is not None else end - count * tables.HOUR_MS
        if since is not None:
            end = min(end, start + (count + 1) * tables.HOUR_MS)
        request = {"market": market["id"], "startTime": start, "endTime": end, "limit": count + 1, **self.omit(params, "until")}
        rows = self.pure(parsing.rows, await self.call("v1_public_get_info_market_funding", request))
        found = sorted((self.parse_funding_rate_history(row, market) for row in rows), key=lambda row: row["timestamp"])
        return self.filter_by_symbol_since_limit(found, market["symbol"], since, limit)

    def parse_funding_rate_history(self, contract: Any, market: Any = None) -> Any:
        """ccxt's hook; the documentation's samples have seconds."""
        found = super().parse_funding_rate_history(contract, market)
        found["timestamp"] = parsing.stamp(found["timestamp"])
        found["datetime"] = self.iso8601(found["timestamp"])
        return found

    # --- limits and state of the venue ------------------------------------------------------------------------------------------------

    async def fetch_leverage_tiers(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """Maximum leverage by position value."""
        await self.load_markets()
        rows = [self.market(symbol) for symbol in symbols] if symbols else [row for row in self.markets.values() if row["swap"]]
        return {row["symbol"]: self._tiers(row) for row in rows}

    async def fetch_market_leverage_tiers(self, symbol: str, params: Params = NONE) -> Any:
        """Maximum leverage of one market by position value."""
        await self.load_markets()
        return self._tiers(self.market(symbol))

    def _tiers(self, market: Any) -> Any:
        found = self.pure(parsing.tiers, market["info"].get("tradingConfig") or {}, str(market["settle"]))
        for row in found:
            row.update(symbol=market["symbol"], maintenanceMarginRate=None)
        return found or self.leverage_tier(market)

    async def fetch_trading_limits(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """Limits of each market, which `load_markets` has read."""
        await self.load_markets()
        names = [self.market(symbol)["symbol"] for symbol in symbols] if symbols else list(self.markets)
        return {name: {"info": self.markets[name]["info"], "limits": self.markets[name]["limits"]} for name in names}

    async def fetch_time(self, params: Params = NONE) -> Any:
        """The venue's clock, from the Date header of an answer (there is no endpoint): cut to seconds, so half of one is added."""
        await self.call("v1_public_get_info_settings", params)
        headers = {str(name).lower(): value for name, value in (self.last_response_headers or {}).items()}
        try:
            return int(parsedate_to_datetime(str(headers["date"])).timestamp() * 1000) + 500
        except (KeyError, TypeError, ValueError):
            raise errors.BadResponse(f"{self.id} an answer without a Date header") from None

    async def fetch_status(self, params: Params = NONE) -> Any:
        """ok, or maintenance when the venue says so."""
        status, answer = "ok", None
        try:
            answer = await self.call("v1_public_get_info_settings", params)
        except errors.OnMaintenance as error:
            status, answer = "maintenance", str(error)
        return {"status": status, "updated": self.milliseconds(), "eta": None, "url": None, "info": answer}


_CANDLE_PARAMS = ["candleType", "price", "until"]
