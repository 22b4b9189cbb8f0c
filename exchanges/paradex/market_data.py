"""Reading markets: what ccxt's class has is kept, wrong values are put right, missing methods are added."""

from __future__ import annotations

from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.paradex import parsing, tables
from ccxt_dex.exchanges.paradex.login import Login
from ccxt_dex.exchanges.paradex.room import NONE, Params

KINDS = ("PERP", "PERP_OPTION", "OPTION", "SPOT")
HOUR = 3_600_000


class MarketData(Login):
    """Part of the room."""

    async def fetch_markets(self, params: Params = NONE) -> list[Any]:
        """Perpetuals, options and spot markets, each under a symbol of its own; dated futures, which ccxt has no shape for here, are left out."""
        rows = self.pure(parsing.rows, await self.call("public_get_markets", params))
        return [market for market in map(self.parse_market, rows) if market is not None]

    def parse_market(self, market: Any) -> Any:
        """ccxt's hook; its own gives the spot market of a coin the symbol of the perpetual, and `active` is always None."""
        kind = str(market.get("asset_kind") or "PERP")
        if kind not in KINDS:
            return None
        found: Any = super().parse_market(market)
        if found is None:
            return None
        maker, taker = parsing.fees(market)
        found["maker"] = self.parse_number(maker) if maker is not None else found["maker"]
        found["taker"] = self.parse_number(taker) if taker is not None else found["taker"]
        found["active"] = parsing.is_active(market, self.server_milliseconds())
        found["limits"]["amount"]["min"] = found["precision"]["amount"]
        if kind == "SPOT":
            return self._as_spot(found)
        top = self.pure(parsing.max_leverage, market)
        found["limits"]["leverage"] = {"min": 1.0, "max": self.parse_number(top)} if top else {"min": None, "max": None}
        found["contractSize"] = 1.0
        found["expiry"] = found["expiry"] or None  # a perpetual option does not expire in 1970
        return found

    def set_markets(self, markets: Any, currencies: Any = None) -> Any:
        """ccxt's, which knows only what markets are quoted in; what they settle in is a currency too."""
        super().set_markets(markets, currencies)
        known: Any = self.currencies
        by_id: Any = self.currencies_by_id
        for market in self.markets.values():
            code = market.get("settle")
            if code and code not in known:
                made = self.safe_currency_structure({"id": market["settleId"], "code": code, "info": {}, "precision": 1e-8})
                known[code] = by_id[market["settleId"]] = made
                self.codes = sorted(known)
        return self.markets

    def _as_spot(self, found: Any) -> Any:
        none = dict.fromkeys(
            ("settle", "settleId", "contractSize", "linear", "inverse", "expiry", "expiryDatetime", "strike", "optionType")
        )
        kind = {"type": "spot", "spot": True, "swap": False, "option": False, "contract": False}
        return {**found, **none, **kind, "symbol": f"{found['base']}/{found['quote']}", "subType": None}

    # --- tickers ----------------------------------------------------------------------------------------------------------------------

    def parse_ticker(self, ticker: Any, market: Any = None) -> Any:
        """ccxt's hook, with sizes of the touch, index price and the open of 24 hours ago."""
        market = self.safe_market(ticker.get("symbol") or ticker.get("market"), market)
        fields = self.pure(parsing.ticker, ticker)
        made = {**fields, "symbol": market["symbol"], "datetime": self.iso8601(fields["timestamp"]), "info": ticker}
        return self.safe_ticker(made, market)

    async def fetch_ticker(self, symbol: str, params: Params = NONE) -> Any:
        """Statistics of one market."""
        await self.load_markets()
        market = self.market(symbol)
        rows = self.pure(parsing.rows, await self.call("public_get_markets_summary", {"market": market["id"], **params}))
        if not rows:
            raise errors.BadSymbol(f"{self.id} no summary of {symbol}")
        return self.parse_ticker(rows[-1], market)

    async def fetch_bids_asks(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """Best bid and ask of markets: one market from /bbo, more from the summary of all."""
        await self.load_markets()
        names = self.market_symbols(symbols)
        if names is not None and len(names) == 1:
            market = self.market(names[0])
            row = await self.call("public_get_bbo_market", {"market": market["id"], **params})
            return {market["symbol"]: self._best(row, market)}
        return await self.fetch_tickers(symbols, params)

    def _best(self, row: Any, market: Any) -> Any:
        fields = self.pure(parsing.best, row)
        made = {**fields, "symbol": market["symbol"], "datetime": self.iso8601(fields["timestamp"]), "info": row}
        return self.safe_ticker(made, market)

    async def fetch_mark_prices(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """Tickers; they carry mark and index price."""
        return await self.fetch_tickers(symbols, params)

    async def fetch_mark_price(self, symbol: str, params: Params = NONE) -> Any:
        """The ticker of one market; it carries mark and index price."""
        return await self.fetch_ticker(symbol, params)

    async def fetch_open_interests(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """Open interest of all markets, or of those named, with one request."""
        await self.load_markets()
        names = self.market_symbols(symbols)
        rows = self.pure(parsing.rows, await self.call("public_get_markets_summary", {"market": "ALL", **params}))
        known = [row for row in rows if row.get("symbol") in (self.markets_by_id or {})]
        made = {found["symbol"]: found for found in map(self.parse_open_interest, known)}
        return {name: row for name, row in made.items() if names is None or name in names}

    # --- books, trades, candles -------------------------------------------------------------------------------------------------------

    async def fetch_order_book(self, symbol: str, limit: int | None = None, params: Params = NONE) -> Any:
        """The book; ccxt's class forgets `limit`.

        :param limit: levels per side
        """
        await self.load_markets()
        market = self.market(symbol)
        request: Params = {"market": market["id"], **params}
        if limit is not None:
            request["depth"] = int(limit)
        answer = await self.call("public_get_orderbook_market", request)
        book = self.parse_order_book(answer, market["symbol"], self.safe_integer(answer, "last_updated_at"))
        book["nonce"] = self.safe_integer(answer, "seq_no")
        if limit is not None:
            book["bids"], book["asks"] = book["bids"][:limit], book["asks"][:limit]
        return book

    async def fetch_trades(self, symbol: str, since: int | None = None, limit: int | None = None, params: Params = NONE) -> list[Any]:
        """Public trades, oldest first."""
        await self.load_markets()
        market = self.market(symbol)
        rows = await self.pages("public_get_trades", {"market": market["id"]}, since, limit, params, tables.MAX_PAGE["trades"])
        return self.parse_trades(rows, market, since, limit)

    async def fetch_ohlcv(
        self, symbol: str, timeframe: str = "1m", since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Candles; params['price'] is "mark" or "index" for those of that price.

        :raises BadRequest: a timeframe that the venue has not
        """
        if timeframe not in tables.TIMEFRAMES:
            raise errors.BadRequest(f"{self.id} has candles of {', '.join(tables.TIMEFRAMES)}, not {timeframe}")
        await self.load_markets()
        market, width = self.market(symbol), int(self.parse_timeframe(timeframe)) * 1000
        wanted = min(int(limit or tables.MAX_CANDLES), tables.MAX_CANDLES)
        until = params.get("until")
        start = int(since) if since is not None else (int(until or self.server_milliseconds()) // width - wanted + 1) * width
        end = int(until) if until is not None else min(start + width * wanted - 1, max(self.server_milliseconds(), start))
        request = {"symbol": market["id"], "resolution": str(tables.TIMEFRAMES[timeframe]), "start_at": start, "end_at": end}
        price = params.get("price")
        if price is not None:
            if price not in tables.PRICE_KINDS:
                raise errors.BadRequest(f"{self.id} has no candles of the {price} price")
            request["price_kind"] = tables.PRICE_KINDS[price]
        rows = self.pure(parsing.rows, await self.call("public_get_markets_klines", {**request, **self.omit(params, ["price", "until"])}))
        candles = sorted(self.pure(parsing.candle, row) for row in rows)
        return self.filter_by_since_limit(candles, since, limit, 0, since is None)

    # --- funding ----------------------------------------------------------------------------------------------------------------------

    def parse_funding_rate(self, contract: Any, market: Any = None) -> Any:
        """ccxt's hook; rows of the funding stream name their market `market`, and tell the time of the next payment nowhere."""
        if "symbol" not in contract and "market" in contract:
            contract = {**contract, "symbol": contract["market"]}
        return super().parse_funding_rate(contract, market)

    async def fetch_funding_intervals(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """Hours between funding payments, of the perpetuals named or of all."""
        return await self.fetch_funding_rates(symbols, params)

    async def fetch_funding_interval(self, symbol: str, params: Params = NONE) -> Any:
        """Hours between funding payments of one perpetual."""
        return await self.fetch_funding_rate(symbol, params)

    async def fetch_funding_rate_history(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Funding rates over time, oldest first: samples every few seconds, of which the venue keeps thousands a day."""
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} fetch_funding_rate_history() requires a symbol argument")
        await self.load_markets()
        market = self.market(symbol)
        rows = await self.pages("public_get_funding_data", {"market": market["id"]}, since, limit, params, tables.MAX_PAGE["funding"])
        made = [
            {
                "info": row,
                "symbol": market["symbol"],
                "fundingRate": self.safe_number(row, "funding_rate"),
                "timestamp": row.get("created_at"),
                "datetime": self.iso8601(row.get("created_at")),
            }
            for row in rows
        ]
        return self.filter_by_symbol_since_limit(self.sort_by(made, "timestamp"), market["symbol"], since, limit)

    async def fetch_leverage_tiers(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """One tier per perpetual: the venue's margin fraction does not grow with the size ("imf_factor: always 0")."""
        await self.load_markets()
        names = self.market_symbols(symbols)
        wanted = [row for row in self.markets.values() if row["swap"] and (names is None or row["symbol"] in names)]
        return {row["symbol"]: self.leverage_tier(row, None, parsing.maintenance_rate(row["info"])) for row in wanted}

    async def fetch_market_leverage_tiers(self, symbol: str, params: Params = NONE) -> Any:
        """The tier of one perpetual."""
        await self.load_markets()
        name = self.market(symbol)["symbol"]
        return (await self.fetch_leverage_tiers([name], params)).get(name) or []
