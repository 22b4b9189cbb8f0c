"""Public REST: funding, open interest, long/short ratio, leverage tiers. Page: V2 documentation, Public API (March 2026)."""

from __future__ import annotations

from typing import Any

from ccxt_dex import reading
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.edgex import parsing, tables
from ccxt_dex.exchanges.edgex.market_data import MarketData
from ccxt_dex.exchanges.edgex.room import NONE, Params

ALL_EXCHANGES = "_total_"


class Rates(MarketData):
    async def fetch_funding_rates(self, symbols: Any = None, params: Params = NONE) -> Any:
        """The running rates, in one request; the venue leaves unknown markets out silently."""
        await self.load_markets()
        names = self.market_symbols(symbols) or list(self.markets)
        ids = ",".join(self.market(name)["id"] for name in names)
        raw = self.pure(parsing.rows, await self.call("public_get_funding_getlatestfundingrate", {"contractId": ids, **params}))
        return {market["symbol"]: self.parse_funding_rate(row, market) for row, market in self.known(raw, names)}

    async def fetch_funding_rate(self, symbol: str, params: Params = NONE) -> Any:
        """The rate that would be charged at `fundingTimestamp`, per interval (4 h on every market)."""
        await self.load_markets()
        name = self.market(symbol)["symbol"]
        found = await self.fetch_funding_rates([name], params)
        if name not in found:
            raise errors.BadSymbol(f"{self.id} no funding rate of {symbol}")
        return found[name]

    async def fetch_funding_interval(self, symbol: str, params: Params = NONE) -> Any:
        """As `fetch_funding_rate`."""
        return await self.fetch_funding_rate(symbol, params)

    async def fetch_funding_intervals(self, symbols: Any = None, params: Params = NONE) -> Any:
        """As `fetch_funding_rates`."""
        return await self.fetch_funding_rates(symbols, params)

    def parse_funding_rate(self, contract: dict[str, Any], market: Any = None) -> Any:
        market = self.safe_market(str(contract.get("contractId")), market)
        found = self.pure(parsing.funding_rate, contract, (market.get("info") or {}).get("fundingRateIntervalMin"))
        names = ("markPrice", "indexPrice", "interestRate", "fundingRate", "previousFundingRate")
        numbers = {name: self.parse_number(found[name]) for name in names}
        empty = dict.fromkeys(("estimatedSettlePrice", "nextFundingRate", "nextFundingTimestamp", "nextFundingDatetime"))
        dates = {
            "datetime": self.iso8601(found["timestamp"]),
            "fundingDatetime": self.iso8601(found["fundingTimestamp"]),
            "previousFundingDatetime": self.iso8601(found["previousFundingTimestamp"]),
        }
        return {"info": contract, "symbol": market["symbol"], **empty, **found, **numbers, **dates}

    async def fetch_funding_rate_history(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Settled rates, oldest first.

        :param since: unix milliseconds
        :param limit: entries, 100 when not given
        :param params: `until` in unix milliseconds
        """
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} fetch_funding_rate_history() needs a symbol")
        await self.load_markets()
        market = self.market(symbol)
        count = 100 if limit is None else limit
        span = int(reading.number(market["info"].get("fundingRateIntervalMin")) or 240) * 60_000
        until = params.get("until")
        size = str(min(count, tables.MAX_FUNDING_PAGE))
        request: Params = {"contractId": market["id"], "size": size, "filterSettlementFundingRate": "true"}
        if since is not None:
            request["filterBeginTimeInclusive"] = str(since)
            end = since + count * span
            until = end if until is None else min(end, until)
        if until is not None:
            request["filterEndTimeExclusive"] = str(until)
        request.update(self.omit(params, "until"))
        raw = await self.funding_pages(request, None if since is not None else count)
        rates = [self.parse_funding_rate_history(row, market) for row in raw if row.get("isSettlement") is not False]
        return self.filter_by_symbol_since_limit(self.sort_by(rates, "timestamp"), market["symbol"], since, limit, since is None)

    async def funding_pages(self, request: Params, count: int | None) -> list[dict[str, Any]]:
        found: dict[Any, dict[str, Any]] = {}
        for _ in range(int(self.options.get("maxPages", 20))):
            response = await self.call("public_get_funding_getfundingratepage", request)
            page = self.pure(parsing.rows, response)
            fresh = [row for row in page if row.get("fundingTime") not in found]
            found.update((row.get("fundingTime"), row) for row in fresh)
            offset = self.pure(parsing.next_page, response)
            if not offset or not fresh or (count is not None and len(found) >= count):
                break
            request = {**request, "offsetData": offset}
        return list(found.values())

    def parse_funding_rate_history(self, contract: dict[str, Any], market: Any = None) -> Any:
        found = self.pure(parsing.funding_rate_entry, contract)
        return {
            "info": contract,
            "symbol": self.safe_market(str(contract.get("contractId")), market)["symbol"],
            "fundingRate": self.parse_number(found["fundingRate"]),
            "timestamp": found["timestamp"],
            "datetime": self.iso8601(found["timestamp"]),
        }

    async def fetch_open_interest(self, symbol: str, params: Params = NONE) -> Any:
        """Open interest in base units, and in USDC at the mark price.

        :param params: `accurate`: True for the endpoint that has the time of the count, and no price; else it comes with the ticker
        """
        await self.load_markets()
        market = self.market(symbol)
        if not params.get("accurate"):
            return self.parse_open_interest(await self.raw_ticker(market, self.omit(params, "accurate")), market)
        found = await self.fetch_open_interests([market["symbol"]], params)
        if market["symbol"] not in found:
            raise errors.BadSymbol(f"{self.id} no open interest of {symbol}")
        return found[market["symbol"]]

    async def fetch_open_interests(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Open interest of several or all markets, from the tickers.

        :param params: `accurate`: True for one request to the endpoint that counts exactly
        """
        if params.get("accurate"):
            await self.load_markets()
            names = self.market_symbols(symbols) or list(self.markets)
            request = {"contractIdList": ",".join(self.market(name)["id"] for name in names), **self.omit(params, "accurate")}
            rows = self.pure(parsing.rows, await self.call("public_get_quote_getaccurateopeninterest", request))
        else:
            rows = await self.raw_tickers(symbols)
        return {market["symbol"]: self.parse_open_interest(raw, market) for raw, market in self.known(rows, self.market_symbols(symbols))}

    def parse_open_interest(self, interest: dict[str, Any], market: Any = None) -> Any:
        """A ticker, or a row of getAccurateOpenInterest."""
        market = self.safe_market(str(interest.get("contractId")), market)
        found = self.pure(parsing.open_interest, interest)
        numbers = {name: self.parse_number(found[name]) for name in ("openInterestAmount", "openInterestValue")}
        dated = {"timestamp": found["timestamp"], "datetime": self.iso8601(found["timestamp"])}
        return self.safe_open_interest({**numbers, **dated, "symbol": market["symbol"], "info": interest}, market)

    async def fetch_long_short_ratio(self, symbol: str, timeframe: str | None = None, params: Params = NONE) -> Any:
        """Volume bought over volume sold by takers, on all exchanges that edgeX looks at together: figures about others, not about edgeX.

        :param timeframe: one of those in the answer's `allRangeList`, e.g. "1h"; the shortest when not given
        :param params: `exchange`: one of them alone
        :raises BadRequest: when the venue has no such figure
        """
        await self.load_markets()
        market, exchange = self.market(symbol), str(params.get("exchange") or ALL_EXCHANGES)
        request: Params = {"filterContractIdList": market["id"], "filterExchangeList": exchange, **self.omit(params, "exchange")}
        if timeframe is not None:
            request["range"] = timeframe
        answer = self.pure(parsing.one, await self.call("public_get_quote_getexchangelongshortratio", request))
        for row in self.pure(parsing.long_short_rows, answer):
            here = str(row.get("contractId")) == market["id"] and row.get("exchange") == exchange
            if here and timeframe in (None, row.get("range")):
                return self.parse_long_short_ratio(row, market)
        ranges = ", ".join(map(str, answer.get("allRangeList") or []))
        raise errors.BadRequest(f"{self.id} no long/short ratio of {symbol} for {timeframe} on {exchange}; there are {ranges or 'none'}")

    def parse_long_short_ratio(self, info: dict[str, Any], market: Any = None) -> Any:
        market = self.safe_market(str(info.get("contractId")), market)
        found = self.pure(parsing.long_short_ratio, info)
        dated = {"datetime": self.iso8601(found["timestamp"]), "longShortRatio": self.parse_number(found["longShortRatio"])}
        return {"info": info, "symbol": market["symbol"], **found, **dated}

    async def fetch_leverage_tiers(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Risk tiers of some or all markets, from the metadata."""
        await self.load_markets()
        nested = symbols if symbols is None else [name for item in symbols for name in (item if isinstance(item, list) else [item])]
        wanted = self.market_symbols(nested)
        names = list(self.markets) if wanted is None else wanted
        return {name: self.tiers_of(self.market(name)) for name in names}

    async def fetch_market_leverage_tiers(self, symbol: str, params: Params = NONE) -> Any:
        """Risk tiers of one market."""
        await self.load_markets()
        return self.tiers_of(self.market(symbol))

    def tiers_of(self, market: Any) -> list[Any]:
        numbers = ("tier", "minNotional", "maxNotional", "maintenanceMarginRate", "maxLeverage")
        found = [
            {**row, **{name: self.parse_number(row[name]) for name in numbers}, "symbol": market["symbol"], "currency": market["settle"]}
            for row in self.pure(parsing.tiers, market["info"])
        ]
        return found or self.leverage_tier(market)
