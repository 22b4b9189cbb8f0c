"""Public REST: markets, tickers, books, trades, candles, funding. Page: docs.standx.com "HTTP API" (2026-05-19)."""

from __future__ import annotations

from typing import Any

from ccxt_dex import reading
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.standx import parsing
from ccxt_dex.exchanges.standx.room import NONE, Params, Room

HOUR = 3_600_000


class MarketData(Room):
    async def fetch_markets(self, params: Params = NONE) -> list[Any]:
        """All perpetuals; page "HTTP API", query_symbol_info."""
        response = await self.call("public_get_query_symbol_info", params)
        return [self.parse_market(raw) for raw in self.pure(parsing.rows, response)]

    def parse_market(self, market: dict[str, Any]) -> Any:
        found = self.pure(parsing.market, market)
        limits = {name: {edge: self.parse_number(value) for edge, value in pair.items()} for name, pair in found["limits"].items()}
        precision = {name: self.parse_number(value) for name, value in found["precision"].items()}
        kind = {"type": "swap", "spot": False, "margin": False, "swap": True, "future": False, "option": False, "index": False}
        return self.safe_market_structure(
            {
                **found,
                **kind,
                "baseId": found["base"],
                "quoteId": found["quote"],
                "settleId": found["settle"],
                "contract": True,
                "linear": True,
                "inverse": False,
                "subType": "linear",
                "contractSize": self.parse_number("1"),
                "taker": self.parse_number(found["taker"]),
                "maker": self.parse_number(found["maker"]),
                "percentage": True,
                "tierBased": False,
                "feeSide": "quote",
                "precision": precision,
                "limits": limits,
                "marginModes": {"cross": True, "isolated": True},
                "info": market,
            }
        )

    async def fetch_time(self, params: Params = NONE) -> int:
        """The venue's clock in unix milliseconds."""
        return int(self.pure(lambda raw: int(raw["systemTime"]), await self.call("geo_get_region", params)))

    async def fetch_status(self, params: Params = NONE) -> dict[str, Any]:
        """ "ok" when the perps host answers. /api/health is not public (live, 2026-06-11)."""
        response = await self.call("public_get_kline_time", params)
        return {"status": "ok", "updated": self.pure(int, response) * 1000, "eta": None, "url": None, "info": response}

    async def fetch_ticker(self, symbol: str, params: Params = NONE) -> Any:
        """One market's 24 h figures with best bid and ask; change and percentage are last against open."""
        await self.load_markets()
        market = self.market(symbol)
        return self.parse_ticker(await self.call("public_get_query_symbol_market", {"symbol": market["id"], **params}), market)

    def parse_ticker(self, ticker: dict[str, Any], market: Any = None) -> Any:
        market = self.safe_market(ticker.get("symbol"), market)
        found = self.pure(parsing.ticker, ticker)
        return self.safe_ticker({**found, "symbol": market["symbol"], "datetime": self.iso8601(found["timestamp"]), "info": ticker}, market)

    async def overview(self, symbols: Any, params: dict[str, Any]) -> list[tuple[dict[str, Any], Any]]:
        await self.load_markets()
        symbols = self.market_symbols(symbols)
        response = await self.call("public_get_query_market_overview", params)
        return self.known(self.pure(lambda raw: parsing.rows(raw["symbols"]), response), symbols)

    async def fetch_tickers(self, symbols: Any = None, params: Params = NONE) -> Any:
        """All markets in one request; it has neither bid, ask, high nor low (use fetch_bids_asks, fetch_ticker)."""
        rows = await self.overview(symbols, self.omit(params, ["type", "subType"]))
        return {market["symbol"]: self.parse_ticker(raw, market) for raw, market in rows}

    async def fetch_last_prices(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Last trade price of every market."""
        return {market["symbol"]: self.parse_last_price(raw, market) for raw, market in await self.overview(symbols, params)}

    def parse_last_price(self, price: dict[str, Any], market: Any = None) -> Any:
        found = self.pure(parsing.ticker, price)
        return {
            "symbol": self.safe_market(price.get("symbol"), market)["symbol"],
            "timestamp": found["timestamp"],
            "datetime": self.iso8601(found["timestamp"]),
            "price": self.parse_number(found["last"]),
            "side": None,
            "info": price,
        }

    async def fetch_mark_price(self, symbol: str, params: Params = NONE) -> Any:
        """Mark and index price with best bid and ask."""
        await self.load_markets()
        market = self.market(symbol)
        return self.parse_ticker(await self.call("public_get_query_symbol_price", {"symbol": market["id"], **params}), market)

    async def fetch_mark_prices(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Mark prices of all markets in one request."""
        return await self.fetch_tickers(symbols, params)

    async def fetch_bids_asks(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Best bid and ask, one request per market (all active ones when none is named)."""
        await self.load_markets()
        wanted = self.market_symbols(symbols)
        names = [market["symbol"] for market in self.markets.values() if market["active"]] if wanted is None else wanted
        return {name: await self.fetch_ticker(name, params) for name in names}

    async def fetch_order_book(self, symbol: str, limit: int | None = None, params: Params = NONE) -> Any:
        """130 levels a side. Its prices are bucketed where the first of `depth_ticks` exceeds the tick (BTC).

        :param limit: levels a side to keep, any number
        """
        await self.load_markets()
        market = self.market(symbol)
        raw = await self.call("public_get_query_depth_book", {"symbol": market["id"], **params})
        stamp = self.pure(lambda: reading.milliseconds(raw["time"]))
        book = self.parse_order_book(raw, market["symbol"], stamp)
        if limit is not None:
            book["bids"], book["asks"] = book["bids"][:limit], book["asks"][:limit]
        return book

    async def fetch_trades(self, symbol: str, since: int | None = None, limit: int | None = None, params: Params = NONE) -> Any:
        """The last 100 trades. They carry no id over REST."""
        await self.load_markets()
        market = self.market(symbol)
        raw = self.pure(parsing.rows, await self.call("public_get_query_recent_trades", {"symbol": market["id"], **params}))
        return self.parse_trades(raw, market, since, limit)

    async def fetch_ohlcv(
        self, symbol: str, timeframe: str = "1m", since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[list[Any]]:
        """Candles of traded prices, the last one unfinished; volume in base units.

        :param since: unix milliseconds of the first candle
        :param limit: candles, 500 when not given; the venue's own maximum is not published
        :param params: `until` in unix milliseconds
        :raises NotSupported: for mark, index and premium candles, which StandX does not have
        """
        await self.load_markets()
        market = self.market(symbol)
        if timeframe not in self.timeframes:
            raise errors.BadRequest(f"{self.id} fetch_ohlcv(): no timeframe {timeframe!r}; there are {', '.join(self.timeframes)}")
        if params.get("price") not in (None, "last"):
            raise errors.NotSupported(f"{self.id} fetch_ohlcv(): only candles of traded prices exist, not {params['price']!r}")
        request = self.candle_window(market["id"], timeframe, since, limit, params.get("until"))
        if request["from"] > request["to"]:
            return []
        raw = await self.call("public_get_kline_history", {**request, **self.omit(params, ["until", "price"])})
        rows = sorted(self.pure(parsing.candles, raw))
        rows = [row for row in rows if row[0] < request["to"] * 1000 + 1]
        return self.filter_by_since_limit(rows, since, limit, 0, since is None)

    def candle_window(self, market_id: str, timeframe: str, since: int | None, limit: int | None, until: int | None) -> dict[str, Any]:
        """`from`, `to` (both mandatory, seconds) and `countback` for a number of candles."""
        span = self.parse_timeframe(timeframe)
        count = 500 if limit is None else limit
        end = self.milliseconds() // 1000 if until is None else int(until) // 1000
        if since is not None:
            start = int(since) // 1000
            # one second less: `to` is inclusive and `countback` counts from there
            end = min(end, start + count * span - 1) if until is None or limit is not None else end
            count = max(1, -(-(end - start) // span))
        else:
            start = max(end - count * span, 0)
        return {"symbol": market_id, "from": start, "to": end, "resolution": self.timeframes[timeframe], "countback": count}

    async def fetch_funding_rate(self, symbol: str, params: Params = NONE) -> Any:
        """The running hourly rate and when it is next charged."""
        await self.load_markets()
        market = self.market(symbol)
        return self.parse_funding_rate(await self.call("public_get_query_symbol_market", {"symbol": market["id"], **params}), market)

    async def fetch_funding_rates(self, symbols: Any = None, params: Params = NONE) -> Any:
        """The running hourly rates of all markets in one request."""
        return {market["symbol"]: self.parse_funding_rate(raw, market) for raw, market in await self.overview(symbols, params)}

    async def fetch_funding_interval(self, symbol: str, params: Params = NONE) -> Any:
        """Funding is charged every hour on every market."""
        return await self.fetch_funding_rate(symbol, params)

    async def fetch_funding_intervals(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Funding is charged every hour on every market."""
        return await self.fetch_funding_rates(symbols, params)

    def parse_funding_rate(self, contract: dict[str, Any], market: Any = None) -> Any:
        market = self.safe_market(contract.get("symbol"), market)
        found = self.pure(parsing.funding_rate, contract, (market.get("info") or {}).get("funding_interest_rate"))
        numbers = {name: self.parse_number(found[name]) for name in ("markPrice", "indexPrice", "interestRate", "fundingRate")}
        empty = dict.fromkeys(("estimatedSettlePrice", "nextFundingRate", "nextFundingTimestamp", "nextFundingDatetime"))
        before = dict.fromkeys(("previousFundingRate", "previousFundingTimestamp", "previousFundingDatetime"))
        dates = {"datetime": self.iso8601(found["timestamp"]), "fundingDatetime": self.iso8601(found["fundingTimestamp"])}
        return {"info": contract, "symbol": market["symbol"], **empty, **before, **found, **numbers, **dates}

    async def fetch_funding_rate_history(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Hourly rates, oldest first.

        :param since: unix milliseconds; the last `limit` hours when not given
        :param limit: entries, 100 when not given
        :param params: `until` in unix milliseconds
        """
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} fetch_funding_rate_history() needs a symbol")
        await self.load_markets()
        market = self.market(symbol)
        count = 100 if limit is None else limit
        until = params.get("until")
        end = self.milliseconds() if until is None else until
        start = end - count * HOUR if since is None else since
        if since is not None and limit is not None:
            end = min(end, since + limit * HOUR)
        if start > end:
            return []
        request = {"symbol": market["id"], "start_time": int(start), "end_time": int(end), **self.omit(params, "until")}
        raw = self.pure(parsing.rows, await self.call("public_get_query_funding_rates", request))
        rates = [self.parse_funding_rate_history(row, market) for row in raw]
        return self.filter_by_symbol_since_limit(self.sort_by(rates, "timestamp"), market["symbol"], since, limit, since is None)

    def parse_funding_rate_history(self, contract: dict[str, Any], market: Any = None) -> Any:
        found = self.pure(parsing.funding_rate_entry, contract)
        symbol = self.safe_market(contract.get("symbol"), market)["symbol"]
        rate = self.parse_number(found["fundingRate"])
        return {
            "info": contract,
            "symbol": symbol,
            "fundingRate": rate,
            "timestamp": found["timestamp"],
            "datetime": self.iso8601(found["timestamp"]),
        }

    async def fetch_open_interest(self, symbol: str, params: Params = NONE) -> Any:
        """Open interest in base units and in DUSD."""
        await self.load_markets()
        market = self.market(symbol)
        return self.parse_open_interest(await self.call("public_get_query_symbol_market", {"symbol": market["id"], **params}), market)

    async def fetch_open_interests(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Open interest of all markets in one request."""
        return {market["symbol"]: self.parse_open_interest(raw, market) for raw, market in await self.overview(symbols, params)}

    def parse_open_interest(self, interest: dict[str, Any], market: Any = None) -> Any:
        market = self.safe_market(interest.get("symbol"), market)
        found = self.pure(parsing.open_interest, interest)
        numbers = {name: self.parse_number(found[name]) for name in ("openInterestAmount", "openInterestValue")}
        dated = {"symbol": market["symbol"], "datetime": self.iso8601(found["timestamp"]), "info": interest}
        return self.safe_open_interest({**found, **numbers, **dated}, market)

    async def fetch_trading_fees(self, params: Params = NONE) -> Any:
        """Maker and taker rates per market, the same for every account."""
        markets = await self.fetch_markets(params)
        return {market["symbol"]: self.trading_fee(market) for market in markets}

    async def fetch_trading_fee(self, symbol: str, params: Params = NONE) -> Any:
        """Maker and taker rate of one market."""
        await self.load_markets()
        market = self.market(symbol)
        fees = await self.fetch_trading_fees({"symbol": market["id"], **params})
        return fees[market["symbol"]]

    def trading_fee(self, market: Any) -> dict[str, Any]:
        rates = {name: market[name] for name in ("symbol", "maker", "taker")}
        return {"info": market["info"], **rates, "percentage": True, "tierBased": False}

    async def fetch_leverage_tiers(self, symbols: Any = None, params: Params = NONE) -> Any:
        """One synthetic tier per market, from its largest leverage; StandX publishes no tiers."""
        await self.load_markets()
        nested = symbols if symbols is None else [name for item in symbols for name in (item if isinstance(item, list) else [item])]
        wanted = self.market_symbols(nested)
        names = list(self.markets) if wanted is None else wanted
        return {name: self.leverage_tier(self.market(name)) for name in names}

    async def fetch_market_leverage_tiers(self, symbol: str, params: Params = NONE) -> Any:
        """The synthetic tier of one market."""
        await self.load_markets()
        return self.leverage_tier(self.market(symbol))
