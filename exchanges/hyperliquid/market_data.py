"""Markets, tickers, trades, tiers. Page: https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from ccxt_dex._ccxt import TRUNCATE, errors
from ccxt_dex.exchanges.hyperliquid import orders, parsing
from ccxt_dex.exchanges.hyperliquid.pages import Pages
from ccxt_dex.exchanges.hyperliquid.room import NONE, Params


class MarketData(Pages):
    # --- markets --------------------------------------------------------------------------------------------------------------------

    def parse_market(self, market: Any) -> Any:
        """ccxt's, with the smallest amount (one step) among the limits and the collateral's code."""
        found = super().parse_market(market)
        if found is not None:
            found["limits"]["amount"]["min"] = found["precision"]["amount"]
            found["limits"]["leverage"]["min"] = 1
        return found

    async def fetch_currencies(self, params: Params = NONE) -> Any:
        """Tokens of the spot side; unlike ccxt's, no request with the user's key on the way."""
        self.options["cachedCurrenciesById"] = {}
        tokens = (await self.info("spotMeta", **params)).get("tokens") or []
        return self.parse_currencies(tokens)

    async def fetch_spot_markets(self, params: Params = NONE) -> Any:
        """Spot markets; tokens by their index (ccxt takes the position in the list, which may differ)."""
        meta, contexts = await self.info("spotMetaAndAssetCtxs", **params)
        tokens = {token["index"]: token for token in meta["tokens"]}
        by_coin = {row.get("coin"): row for row in contexts}
        found = []
        for position, row in enumerate(meta["universe"]):
            base, quote = (tokens.get(index) for index in row["tokens"])
            if base is None or quote is None:
                continue
            context = by_coin.get(row["name"]) or (contexts[position] if position < len(contexts) else {})
            found.append(self.spot_market(row, base, quote, context))
        return found

    def spot_market(self, row: Any, base: Any, quote: Any, context: Any) -> Any:
        names = self.options.get("spotCurrencyMapping") or {}
        codes = [str(self.safe_currency_code(names.get(token["name"], token["name"]))) for token in (base, quote)]
        digits = int((base.get("spec") or base)["szDecimals"])
        step = self.parse_number(self.parse_precision(str(digits)))
        middle = self.safe_number(context, "midPx")
        price = self.calculate_price_precision(middle, digits, 8) if middle else 8 - digits
        fees = self.fees["spot"]
        return self.safe_market_structure(
            {
                "id": row["name"],
                "symbol": "/".join(codes),
                "base": codes[0],
                "quote": codes[1],
                "baseId": str(10_000 + int(row["index"])),
                "baseName": base["name"],
                "quoteId": quote["name"],
                "type": "spot",
                "spot": True,
                "swap": False,
                "future": False,
                "option": False,
                "contract": False,
                "active": True,
                "taker": fees["taker"],
                "maker": fees["maker"],
                "precision": {"amount": step, "price": self.parse_number(self.parse_precision(str(price)))},
                "limits": {
                    "amount": {"min": step, "max": None},
                    "price": {"min": None, "max": None},
                    "cost": {"min": 10.0, "max": None},
                    "leverage": {"min": None, "max": None},
                },
                "info": {**context, **row},
            }
        )

    def amount_to_precision(self, symbol: Any, amount: Any) -> str:
        """Cut off, not rounded: ccxt's rounds up to more than there is."""
        market = self.market(symbol)
        found: str = self.decimal_to_precision(amount, TRUNCATE, market["precision"]["amount"], self.precisionMode, self.paddingMode)
        if Decimal(found) == 0 and Decimal(str(amount)) > 0:
            raise errors.InvalidOrder(f"{self.id} amount of {market['symbol']} must be at least {market['precision']['amount']}")
        return found

    def amount_to_wire(self, symbol: str, amount: Any, price: Any = None) -> str:
        """The size as sent, exact or refused."""
        return self.pure(orders.amount, amount, self.market(symbol))

    def price_to_wire(self, symbol: str, price: Any) -> str:
        """The price as sent, exact or refused."""
        return self.pure(orders.price, price, self.market(symbol))

    async def fetch_leverage_tiers(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Margin tiers of the perpetuals, from the margin tables of each dex."""
        await self.load_markets()
        names = self.market_symbols(symbols)
        wanted = [self.market(name) for name in names] if names else [row for row in self.markets.values() if row["swap"]]
        metas = await self.by_dex("meta", [self.dex_of(market) for market in wanted])
        rows: dict[str, Any] = {}
        for meta in metas.values():
            tables = {int(number): table for number, table in meta.get("marginTables") or []}
            for row in meta["universe"]:
                market = self.coin_market(row["name"])
                if market is not None:
                    rows[market["symbol"]] = self.pure(parsing.tiers, row, tables, market["symbol"], market["settle"])
        return {market["symbol"]: rows[market["symbol"]] for market in wanted if market["symbol"] in rows}

    async def fetch_market_leverage_tiers(self, symbol: str, params: Params = NONE) -> Any:
        """Margin tiers of one perpetual."""
        await self.load_markets()
        name = self.market(symbol)["symbol"]
        return (await self.fetch_leverage_tiers([name], params))[name]

    async def by_dex(self, kind: str, dexes: Sequence[str], **fields: Any) -> dict[str, Any]:
        """One query per dex, at once."""
        names = list(dict.fromkeys(dexes))
        answers = await asyncio.gather(*(self.info(kind, **fields, **self.dex_fields(dex)) for dex in names))
        return dict(zip(names, answers, strict=True))

    # --- tickers --------------------------------------------------------------------------------------------------------------------

    def parse_ticker(self, ticker: Any, market: Any = None) -> Any:
        """Of an asset context: last is the middle, bid and ask are left out (the context has impact prices only)."""
        if market is None:
            market = self.coin_market(ticker.get("name") or ticker.get("coin"))
        fields = self.pure(parsing.ticker_fields, ticker)
        empty = dict.fromkeys(("timestamp", "datetime", "high", "low", "bid", "bidVolume", "ask", "askVolume", "vwap", "previousClose"))
        return self.safe_ticker({**empty, "symbol": None if market is None else market["symbol"], **fields, "info": ticker}, market)

    async def fetch_ticker(self, symbol: str, params: Params = NONE) -> Any:
        """Prices and volumes of one market; bid and ask are those of the book, last is the latest trade's price when there is one."""
        await self.load_markets()
        market = self.market(symbol)
        book, trades, tickers = await asyncio.gather(
            self.fetch_order_book(symbol, 5), self.info("recentTrades", coin=self.coin(market)), self.context_tickers([market])
        )
        ticker = dict(tickers[market["symbol"]])
        for name, side in (("bid", "bids"), ("ask", "asks")):
            if book[side]:
                ticker[name], ticker[f"{name}Volume"] = book[side][0][:2]
        newest = max(trades or [], key=lambda row: (row["time"], row["tid"]), default=None)
        if newest is not None:
            ticker["last"] = ticker["close"] = float(newest["px"])
        ticker.update(timestamp=book["timestamp"], datetime=book["datetime"], change=None, percentage=None, average=None, vwap=None)
        return self.safe_ticker(ticker, market)

    async def fetch_tickers(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Middle, mark, index price and volumes; no bid and ask, because the venue gives those per market only (`fetch_bids_asks`).

        :param params: type "spot" or "swap", hip3 True for the builders' dexes only
        """
        await self.load_markets()
        names = self.market_symbols(symbols)
        markets = [self.market(name) for name in names] if names else list(self.markets.values())
        if params.get("type"):
            markets = [market for market in markets if market["type"] == params["type"]]
        if params.get("hip3"):
            markets = [market for market in markets if self.dex_of(market)]
        return await self.context_tickers(markets)

    async def context_tickers(self, markets: Sequence[Any]) -> dict[str, Any]:
        """Tickers from the asset contexts of the markets' dexes."""
        wanted = {market["symbol"] for market in markets}
        found: dict[str, Any] = {}
        perpetual = [self.dex_of(market) for market in markets if market["swap"]]
        for meta, contexts in (await self.by_dex("metaAndAssetCtxs", perpetual)).values():
            for row, context in zip(meta["universe"], contexts, strict=False):
                self.add_ticker(found, wanted, row["name"], {**row, **context})
        if any(market["spot"] for market in markets):
            meta, contexts = await self.info("spotMetaAndAssetCtxs")
            by_coin = {row.get("coin"): row for row in contexts}
            for row in meta["universe"]:
                if row["name"] in by_coin:
                    self.add_ticker(found, wanted, row["name"], {**row, **by_coin[row["name"]]})
        return found

    def add_ticker(self, found: dict[str, Any], wanted: set[str], coin: str, context: Params) -> None:
        market = self.coin_market(coin)
        if market is not None and market["symbol"] in wanted:
            found[market["symbol"]] = self.parse_ticker(context, market)

    async def fetch_bids_asks(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Best bid and ask, one request per market: name the markets.

        :raises ArgumentsRequired: without symbols
        """
        await self.load_markets()
        names = self.market_symbols(symbols)
        if not names:
            raise errors.ArgumentsRequired(f"{self.id} fetchBidsAsks() takes one request per market: name the symbols")
        books = await asyncio.gather(*(self.fetch_order_book(name, 1) for name in names))
        return {name: self.touch_ticker(self.market(name), book) for name, book in zip(names, books, strict=True)}

    def touch_ticker(self, market: Any, book: Any) -> Any:
        fields: Params = {"symbol": market["symbol"], "timestamp": book["timestamp"], "datetime": book["datetime"], "info": {}}
        for name, side in (("bid", "bids"), ("ask", "asks")):
            if book[side]:
                fields[name], fields[f"{name}Volume"] = book[side][0][:2]
        return self.safe_ticker(fields, market)

    async def fetch_last_prices(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Middle prices of all markets of the dexes concerned."""
        await self.load_markets()
        names = self.market_symbols(symbols)
        markets = [self.market(name) for name in names] if names else list(self.markets.values())
        mids: Params = {}
        for answer in (await self.by_dex("allMids", [self.dex_of(market) for market in markets])).values():
            mids.update(answer)
        return {
            market["symbol"]: {
                "symbol": market["symbol"],
                "timestamp": None,
                "datetime": None,
                "price": float(mids[self.coin(market)]),
                "side": None,
                "info": {},
            }
            for market in markets
            if self.coin(market) in mids
        }

    async def fetch_mark_prices(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Tickers with mark and index price of the perpetuals."""
        return await self.fetch_tickers(symbols, {"type": "swap"})

    async def fetch_mark_price(self, symbol: str, params: Params = NONE) -> Any:
        """The ticker with mark and index price of one perpetual."""
        await self.load_markets()
        name = self.market(symbol)["symbol"]
        return (await self.fetch_mark_prices([name], params))[name]

    async def fetch_funding_rates(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Running rates; ccxt's takes markets of one dex only."""
        await self.load_markets()
        names = self.market_symbols(symbols)
        markets = [self.market(name) for name in names] if names else [row for row in self.markets.values() if row["swap"]]
        wanted = {market["symbol"] for market in markets}
        rates: dict[str, Any] = {}
        for meta, contexts in (await self.by_dex("metaAndAssetCtxs", [self.dex_of(market) for market in markets])).values():
            for row, context in zip(meta["universe"], contexts, strict=False):
                market = self.coin_market(row["name"])
                if market is not None and market["symbol"] in wanted:
                    rates[market["symbol"]] = self.parse_funding_rate({**row, **context}, market)
        return rates

    async def fetch_open_interest(self, symbol: str, params: Params = NONE) -> Any:
        """ccxt's, which wants the markets loaded before."""
        await self.load_markets()
        return await super().fetch_open_interest(symbol, params)

    async def fetch_open_interests(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Open interest in base units and at mark; all dexes."""
        await self.load_markets()
        names = self.market_symbols(symbols)
        markets = [self.market(name) for name in names] if names else [row for row in self.markets.values() if row["swap"]]
        found: dict[str, Any] = {}
        for symbol, ticker in (await self.context_tickers([market for market in markets if market["swap"]])).items():
            raw = ticker["info"]
            amount = Decimal(str(raw.get("openInterest") or 0))
            value = float(amount * Decimal(str(raw["markPx"]))) if raw.get("markPx") else None
            fields = {"symbol": symbol, "openInterestAmount": float(amount), "openInterestValue": value, "timestamp": None, "info": raw}
            found[symbol] = self.safe_open_interest(fields, self.market(symbol))
        return found

    # --- trades, books, candles -------------------------------------------------------------------------------------------------------

    async def fetch_trades(self, symbol: str, since: int | None = None, limit: int | None = None, params: Params = NONE) -> Any:
        """The market's latest trades (the venue keeps a short list); ccxt's returns the user's own fills."""
        await self.load_markets()
        market = self.market(symbol)
        rows = await self.info("recentTrades", coin=self.coin(market), **params)
        trades = [self.parse_public_trade(row, market) for row in rows]
        return self.filter_by_symbol_since_limit(self.sort_by(trades, "timestamp"), market["symbol"], since, limit)

    def parse_public_trade(self, row: Any, market: Any) -> Any:
        """A trade of the market: `side` is the taker's, the venue names neither order nor fee."""
        found = self.parse_trade(row, market)
        found.update(symbol=market["symbol"], takerOrMaker="taker", order=None, fee=None, fees=[])
        return found

    async def fetch_order_book(self, symbol: str, limit: int | None = None, params: Params = NONE) -> Any:
        """Up to 20 levels a side."""
        await self.load_markets()
        market = self.market(symbol)
        raw = await self.info("l2Book", coin=self.coin(market), **params)
        bids, asks = raw["levels"]
        book = self.parse_order_book({"bids": bids, "asks": asks}, market["symbol"], raw.get("time"), "bids", "asks", "px", "sz")
        for side in ("bids", "asks"):
            book[side] = book[side][:limit]
        return book

    async def fetch_ohlcv(
        self, symbol: str, timeframe: str = "1m", since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """Candles; the venue keeps the latest 5000 of each length."""
        await self.load_markets()
        market = self.market(symbol)
        if timeframe not in self.timeframes:
            raise errors.BadRequest(f"{self.id} has no timeframe {timeframe}")
        span = self.parse_timeframe(timeframe) * 1000
        until = int(params.get("until") or self.milliseconds())
        start = since
        if start is None:
            start = max(0, until - span * (limit or 500))
        elif limit is not None:
            until = min(until, start + span * limit)
        req = {"coin": self.coin(market), "interval": self.timeframes[timeframe], "startTime": start, "endTime": until}
        rows = await self.info("candleSnapshot", req=req, **self.omit(params, "until"))
        return self.parse_ohlcvs(rows, market, timeframe, since, limit, since is None)
