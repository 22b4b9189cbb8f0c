"""Public REST: markets, tickers, books, candles. Page: V2 documentation, Public API (March 2026)."""

from __future__ import annotations

import asyncio
from typing import Any

from ccxt_dex import reading
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.edgex import parsing, tables
from ccxt_dex.exchanges.edgex.room import NONE, Params, Room

GLOBAL = ("nativeChainId", "chainId", "contractAddress", "collateralCoinId")


class MarketData(Room):
    async def fetch_time(self, params: Params = NONE) -> int:
        """The venue's clock in unix milliseconds."""
        response = await self.call("public_get_meta_getservertime", params)
        return int(self.pure(lambda: int(parsing.data(response)["timeMillis"])))

    async def fetch_status(self, params: Params = NONE) -> dict[str, Any]:
        """ "maintenance" while the metadata gives a reason for one.

        :param params: `symbol` for one market: "ok" or "shutdown" (a stock outside its hours), its price limits in `info`
        """
        if params.get("symbol") is not None:
            return await self.market_status(params)
        found = self.pure(parsing.one, await self.call("public_get_meta_getmetadata", params))
        reason = str((found.get("global") or {}).get("maintenanceReason") or "")
        status = "maintenance" if reason else "ok"
        return {"status": status, "updated": None, "eta": None, "url": None, "info": found.get("global")}

    async def market_status(self, params: Params) -> dict[str, Any]:
        await self.load_markets()
        request = {"contractId": self.market(params["symbol"])["id"], **self.omit(params, "symbol")}
        found = self.pure(parsing.one, await self.call("public_get_quote_getmarketstatus", request))
        if not isinstance(found.get("status"), bool):
            raise errors.BadResponse(f"{self.id} no status of {params['symbol']}")
        return {"status": "ok" if found["status"] else "shutdown", "updated": None, "eta": None, "url": None, "info": found}

    async def fetch_currencies(self, params: Params = NONE) -> Any:
        """Coins of the metadata: those with a resolution on the rollup can be held and moved, the others name what contracts are about."""
        coins = (await self.metadata(params)).get("coinList") or []
        parsed = [self.parse_currency(raw) for raw in coins]
        return {currency["code"]: currency for currency in parsed}

    def parse_currency(self, rawCurrency: dict[str, Any]) -> Any:
        movable = bool(rawCurrency.get("resolution"))
        return self.safe_currency_structure(
            {
                "id": str(rawCurrency["coinId"]),
                "code": rawCurrency["coinName"],
                "name": rawCurrency["coinName"],
                "type": "crypto",
                "active": True,
                "deposit": movable,
                "withdraw": movable,
                "fee": None,
                "precision": self.parse_number(reading.text(rawCurrency.get("stepSize"))),
                "limits": {"amount": {"min": None, "max": None}, "withdraw": {"min": None, "max": None}},
                "networks": {},
                "info": rawCurrency,
            }
        )

    async def fetch_markets(self, params: Params = NONE) -> list[Any]:
        """All perpetuals. The venue's clock is read along with them: requests are refused when ours is a minute off."""
        metadata, _ = await asyncio.gather(self.metadata(params), self.fetch_time())
        coins = self.pure(parsing.by_id, metadata, "coinList", "coinId")
        settings = {name: (metadata.get("global") or {}).get(name) for name in GLOBAL}
        return [self.parse_market(self.with_settings(row, coins, settings)) for row in metadata.get("contractList") or []]

    def with_settings(self, contract: dict[str, Any], coins: Any, settings: Any) -> dict[str, Any]:
        """A contract with what its orders are signed with: whoever shares markets between instances shares that too."""
        return {
            **contract,
            "global": settings,
            "baseCoin": coins.get(str(contract.get("baseCoinId"))),
            "quoteCoin": coins.get(str(contract.get("quoteCoinId"))),
        }

    def parse_market(self, market: dict[str, Any]) -> Any:
        coins = {str(market[name]): market[coin] for name, coin in (("baseCoinId", "baseCoin"), ("quoteCoinId", "quoteCoin"))}
        found = self.pure(parsing.market, market, coins)
        limits = {name: {edge: self.parse_number(value) for edge, value in pair.items()} for name, pair in found["limits"].items()}
        kind = {"type": "swap", "spot": False, "margin": False, "swap": True, "future": False, "option": False, "index": False}
        return self.safe_market_structure(
            {
                **found,
                **kind,
                "contract": True,
                "linear": True,
                "inverse": False,
                "subType": "linear",
                "contractSize": self.parse_number("1"),
                "taker": self.parse_number(found["taker"]),
                "maker": self.parse_number(found["maker"]),
                "percentage": True,
                "tierBased": True,
                "feeSide": "quote",
                "precision": {name: self.parse_number(value) for name, value in found["precision"].items()},
                "limits": limits,
                "marginModes": {"cross": True, "isolated": True},
                "created": None,
                "info": market,
            }
        )

    def market(self, symbol: str) -> Any:
        """As everywhere, and by the venue's contract name (`BTCUSDC`), for its ids are numbers."""
        markets = self.markets
        if markets is not None and symbol not in markets and isinstance(symbol, str) and "/" not in symbol:
            for row in markets.values():
                if (row.get("info") or {}).get("contractName") == symbol:
                    return row
        return super().market(symbol)

    # --- tickers ------------------------------------------------------------------------------------------------------------------------

    async def fetch_ticker(self, symbol: str, params: Params = NONE) -> Any:
        """24 h figures with best bid and ask, mark (oracle) and index price. The venue gives them no time."""
        await self.load_markets()
        market = self.market(symbol)
        return self.parse_ticker(await self.raw_ticker(market, params), market)

    async def raw_ticker(self, market: Any, params: Params = NONE) -> dict[str, Any]:
        response = await self.call("public_get_quote_getticker", {"contractId": market["id"], **params})
        for row in self.pure(parsing.rows, response):
            if str(row.get("contractId")) == market["id"]:
                return row
        raise errors.BadResponse(f"{self.id} no ticker of {market['symbol']}")

    def parse_ticker(self, ticker: dict[str, Any], market: Any = None) -> Any:
        market = self.safe_market(str(ticker.get("contractId")), market)
        found = self.pure(parsing.ticker, ticker)
        return self.safe_ticker({**found, "symbol": market["symbol"], "timestamp": None, "datetime": None, "info": ticker}, market)

    def parse_bid_ask(self, ticker: dict[str, Any], market: Any = None) -> Any:
        """A row of the bookTicker channel."""
        market = self.safe_market(str(ticker.get("contractId")), market)
        found = self.pure(parsing.bid_ask, ticker)
        dated = {"datetime": self.iso8601(found["timestamp"])}
        return self.safe_ticker({**found, **dated, "symbol": market["symbol"], "info": ticker}, market)

    async def fetch_mark_price(self, symbol: str, params: Params = NONE) -> Any:
        """As `fetch_ticker`; the mark price is the oracle price."""
        return await self.fetch_ticker(symbol, params)

    async def raw_tickers(self, symbols: Any) -> list[dict[str, Any]]:
        """A few tickers one by one, many from the stream: REST gives one per request."""
        await self.load_markets()
        names = self.market_symbols(symbols)
        if names is not None and len(names) <= tables.MANY_TICKERS:
            return list(await asyncio.gather(*(self.raw_ticker(self.market(name)) for name in names)))
        return await self.snapshot_rows("ticker.all.1s")

    async def snapshot_rows(self, channel: str) -> list[dict[str, Any]]:
        """The rows that a channel begins with; feeds.py has it."""
        raise errors.NotSupported(f"{self.id} {channel} needs streams")

    async def fetch_tickers(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Tickers of some or all markets. Up to five are asked for one by one, more come from the snapshot of the ticker stream."""
        rows = await self.raw_tickers(symbols)
        pairs = self.known(rows, self.market_symbols(symbols))
        return {market["symbol"]: self.parse_ticker(raw, market) for raw, market in pairs}

    async def fetch_mark_prices(self, symbols: Any = None, params: Params = NONE) -> Any:
        """As `fetch_tickers`."""
        return await self.fetch_tickers(symbols, params)

    async def fetch_bids_asks(self, symbols: Any = None, params: Params = NONE) -> Any:
        """As `fetch_tickers`, which has best bid and ask."""
        return await self.fetch_tickers(symbols, params)

    async def fetch_last_prices(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Last trade prices, from the tickers."""
        found = await self.fetch_tickers(symbols, params)
        fixed = {"timestamp": None, "datetime": None, "side": None}
        return {name: {"symbol": name, "price": row["last"], **fixed, "info": row["info"]} for name, row in found.items()}

    # --- books, candles -------------------------------------------------------------------------------------------------------------------

    async def fetch_order_book(self, symbol: str, limit: int | None = None, params: Params = NONE) -> Any:
        """15 or 200 levels a side. The venue gives books a version (`nonce`) and no time.

        :param limit: levels a side to keep, any number
        """
        await self.load_markets()
        market = self.market(symbol)
        level = tables.DEPTHS[0] if limit is not None and limit <= tables.DEPTHS[0] else tables.DEPTHS[1]
        request = {"contractId": market["id"], "level": str(level), **params}
        found = self.pure(parsing.rows, await self.call("public_get_quote_getdepth", request))
        if not found:
            raise errors.BadResponse(f"{self.id} no book of {symbol}")
        raw = found[0]
        sides = {side: self.pure(parsing.levels, raw.get(side)) for side in ("bids", "asks")}
        book = self.parse_order_book(sides, market["symbol"], None)
        book["nonce"] = int(raw["endVersion"]) if raw.get("endVersion") else None
        if limit is not None:
            book["bids"], book["asks"] = book["bids"][:limit], book["asks"][:limit]
        return book

    def kline_type(self, timeframe: str) -> str:
        if timeframe not in self.timeframes:
            raise errors.BadRequest(f"{self.id} no timeframe {timeframe!r}; there are {', '.join(self.timeframes)}")
        return str(self.timeframes[timeframe])

    def price_type(self, params: Params) -> str:
        word = str(params.get("price") or "last").lower()
        if word not in tables.PRICE_TYPES:
            raise errors.NotSupported(f"{self.id} no candles of {word} prices; there are {', '.join(tables.PRICE_TYPES)}")
        return tables.PRICE_TYPES[word]

    async def fetch_ohlcv(
        self, symbol: str, timeframe: str = "1m", since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[list[Any]]:
        """Candles, oldest first, the last one unfinished; volume in base units.

        :param since: unix milliseconds of the first candle
        :param limit: candles, at most 1000; 500 when not given
        :param params: `until` in unix milliseconds; `price`: "mark" (oracle) or "index" instead of traded prices
        """
        await self.load_markets()
        market = self.market(symbol)
        count = min(500 if limit is None else limit, tables.MAX_KLINES)
        request: Params = {
            "contractId": market["id"],
            "klineType": self.kline_type(timeframe),
            "priceType": self.price_type(params),
            "size": str(count),
        }
        until = params.get("until")
        if since is not None:
            request["filterBeginKlineTimeInclusive"] = str(since)
            if timeframe == "1M":
                request["size"] = str(tables.MAX_KLINES)  # months differ in length
            else:
                # newest first: without an end that holds no more than a page the oldest would be missing
                end = since + count * self.parse_timeframe(timeframe) * 1000
                until = end if until is None else min(end, until)
        if until is not None:
            request["filterEndKlineTimeExclusive"] = str(until)
        request.update(self.omit(params, ["until", "price"]))
        raw = self.pure(parsing.rows, await self.call("public_get_quote_getkline", request))
        candles = sorted(self.pure(parsing.candle, row) for row in raw)
        return self.filter_by_since_limit(candles, since, limit, 0, since is None)

    async def fetch_mark_ohlcv(
        self, symbol: str, timeframe: str = "1m", since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[list[Any]]:
        """Candles of the oracle price, which is the mark price."""
        return await self.fetch_ohlcv(symbol, timeframe, since, limit, {**params, "price": "mark"})

    async def fetch_index_ohlcv(
        self, symbol: str, timeframe: str = "1m", since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[list[Any]]:
        """Candles of the index price."""
        return await self.fetch_ohlcv(symbol, timeframe, since, limit, {**params, "price": "index"})
