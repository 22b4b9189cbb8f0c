"""Public REST: markets, quotes as tickers and books, candles, funding. The venue has no order book and no public trades."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.exact import plain
from ccxt_dex.exchanges.variational import parsing, tables
from ccxt_dex.exchanges.variational.login import Login
from ccxt_dex.exchanges.variational.room import NONE, Params
from ccxt_dex.reading import iso, one, text

KIND = {"type": "swap", "spot": False, "margin": False, "swap": True, "future": False, "option": False, "index": False}


class MarketData(Login):
    # --- markets ----------------------------------------------------------------------------------------------------------------------

    def gated(self) -> bool:
        """Whether what is behind the gate can be asked: the browser library is there, or impersonation was switched off."""
        return not self.options.get("impersonate", "chrome") or self.can_impersonate()

    async def fetch_markets(self, params: Params = NONE) -> list[Any]:
        """All instruments of kinds that are known here; rows of unknown kinds are left out.

        Without curl_cffi the documented public host is read: prices only, because it does not tell the kinds.
        """
        if self.gated():
            rows = self.pure(parsing.asset_rows, await self.call("front_get_metadata_supported_assets", params))
            made = [(row, self.pure(parsing.market, row)) for row in rows]
        else:
            self.logger.warning("%s public prices only: pip install 'ccxt-dex[%s]' (curl_cffi) for the rest", self.id, self.id)
            made = [(row, self.pure(parsing.listed_market, row)) for row in await self.listings(params)]
        return [self.parse_market({**row, "market": found}) for row, found in made if found is not None]

    def parse_market(self, market: dict[str, Any]) -> Any:
        found = market["market"]
        info = {name: value for name, value in market.items() if name != "market"}
        limits = {name: {edge: self.parse_number(value) for edge, value in pair.items()} for name, pair in found["limits"].items()}
        precision = {name: self.parse_number(value) for name, value in found["precision"].items()}
        return self.safe_market_structure(
            {
                **found,
                **KIND,
                "baseId": found["base"],
                "quoteId": found["quote"],
                "settleId": found["settle"],
                "contract": True,
                "linear": True,
                "inverse": False,
                "subType": "linear",
                "contractSize": self.parse_number("1"),
                "taker": self.parse_number("0"),
                "maker": self.parse_number("0"),
                "percentage": True,
                "tierBased": False,
                "feeSide": "quote",
                "precision": precision,
                "limits": limits,
                "marginModes": {"cross": True, "isolated": info.get("is_isolable") is True},
                "info": info,
            }
        )

    async def listings(self, params: Params = NONE) -> list[dict[str, Any]]:
        """The documented endpoint; cached by the venue for up to a minute, its quotes for up to ten."""
        answer = await self.call("public_get_metadata_stats", params)
        return self.pure(lambda: parsing.rows(one(answer).get("listings")))

    async def assets(self, params: Params = NONE) -> list[tuple[dict[str, Any], Any]]:
        """supported_assets with the markets they belong to."""
        await self.load_markets()
        found = []
        for row in self.pure(parsing.asset_rows, await self.call("front_get_metadata_supported_assets", params)):
            made = parsing.instrument(row)
            market = None if made is None else self.market_of(parsing.key(made))
            if market is not None:
                found.append((row, market))
        return found

    async def asset(self, symbol: str, params: Params = NONE) -> tuple[dict[str, Any], Any]:
        await self.load_markets()
        market = self.market(symbol)
        for row, found in await self.assets({"cex_asset": market["base"], **params} if not self.dex_token(market) else params):
            if found["symbol"] == market["symbol"]:
                return row, market
        raise errors.BadSymbol(f"{self.id} {symbol} is listed no more")

    @staticmethod
    def dex_token(market: Any) -> bool:
        return bool((market.get("instrument") or {}).get("dex_token_details"))

    def instrument(self, market: Any) -> dict[str, Any]:
        """The object form.

        :raises NotSupported: when the markets were loaded without it
        """
        found = market.get("instrument")
        if not found:
            raise errors.NotSupported(
                f"{self.id} the kind of {market['symbol']} is not known: pip install 'ccxt-dex[{self.id}]' and load the markets again"
            )
        return dict(found)

    # --- venue ------------------------------------------------------------------------------------------------------------------------

    async def fetch_time(self, params: Params = NONE) -> int:
        """The venue's clock in unix milliseconds."""
        answer = await self.call("public_get_status", params)
        return self.pure(lambda: int(parsing.need_number(answer, "server_ts_ns", "status")) // 1_000_000)

    async def fetch_status(self, params: Params = NONE) -> dict[str, Any]:
        """ "ok" when the public host answers."""
        answer = await self.call("public_get_status", params)
        stamp = self.pure(lambda: int(parsing.need_number(answer, "server_ts_ns", "status")) // 1_000_000)
        return {"status": "ok", "updated": stamp, "eta": None, "url": None, "info": answer}

    # --- tickers ----------------------------------------------------------------------------------------------------------------------

    def parse_ticker(self, ticker: dict[str, Any], market: Any = None) -> Any:
        """A quote, a listing or an asset row, told apart by their fields."""
        reader = parsing.quote_ticker if "quote_id" in ticker else parsing.listing_ticker if "ticker" in ticker else parsing.asset_ticker
        found = self.pure(reader, ticker)
        return self.ticker_of(found, ticker, self.named(None, market))

    def ticker_of(self, found: dict[str, Any], raw: Any, market: Any) -> Any:
        dated = {"symbol": market["symbol"], "datetime": self.iso8601(found["timestamp"]), "info": raw}
        return self.safe_ticker({**found, **dated}, market)

    async def fetch_ticker(self, symbol: str, params: Params = NONE) -> Any:
        """A quote for a small size: bid, ask, mark and index of now. `last` is the mark price; there are no trades to show.

        :param params: `amount`: size of the quote
        """
        await self.load_markets()
        market = self.market(symbol)
        if market.get("instrument") is None:
            return (await self.fetch_tickers([symbol], params))[market["symbol"]]
        raw = await self.quote_for(market, self.probe(market, params), self.omit(params, "amount"))
        return self.parse_ticker(raw, market)

    async def listed(self, symbols: Any, params: Params) -> list[tuple[dict[str, Any], Any]]:
        """Listings with markets. Where instruments share a ticker the listing names none of them for sure, and is left out."""
        await self.load_markets()
        names = self.market_symbols(symbols)
        by_coin: dict[str, list[Any]] = {}
        for market in self.markets.values():
            by_coin.setdefault(market["base"], []).append(market)
        pairs = [(row, by_coin.get(str(row.get("ticker")), [])) for row in await self.listings(self.omit(params, ["type", "subType"]))]
        return [(row, found[0]) for row, found in pairs if len(found) == 1 and (names is None or found[0]["symbol"] in names)]

    async def fetch_tickers(self, symbols: Any = None, params: Params = NONE) -> Any:
        """All markets in one request of the public host; bid and ask are the venue's cached quotes, as old as `timestamp` says."""
        return {market["symbol"]: self.parse_ticker(row, market) for row, market in await self.listed(symbols, params)}

    async def fetch_bids_asks(self, symbols: Any = None, params: Params = NONE) -> Any:
        """As `fetch_tickers`."""
        return await self.fetch_tickers(symbols, params)

    async def fetch_mark_prices(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Mark prices of all markets in one request of the public host."""
        return await self.fetch_tickers(symbols, params)

    async def fetch_mark_price(self, symbol: str, params: Params = NONE) -> Any:
        """Mark and index price of now."""
        return await self.fetch_ticker(symbol, params)

    async def fetch_last_prices(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Mark prices: the venue has no trades to show."""
        return {market["symbol"]: self.parse_last_price(row, market) for row, market in await self.listed(symbols, params)}

    def parse_last_price(self, price: dict[str, Any], market: Any = None) -> Any:
        found = self.pure(parsing.listing_ticker, price)
        dated = {"timestamp": found["timestamp"], "datetime": self.iso8601(found["timestamp"])}
        symbol = self.named(None, market)["symbol"]
        return {"symbol": symbol, **dated, "price": self.parse_number(found["last"]), "side": None, "info": price}

    # --- quotes and books -------------------------------------------------------------------------------------------------------------

    def probe(self, market: Any, params: Params = NONE) -> str:
        """The size that prices are asked for when nobody names one: the smallest that the market takes, or options['probeNotional']."""
        if params.get("amount") is not None:
            return self.amount_to_wire(market["symbol"], params["amount"])
        return self.sized(market, Decimal(str(self.options.get("probeNotional", "100"))), self.known_price(market))

    def known_price(self, market: Any) -> Decimal:
        info = market["info"]
        known = self._marks.get(market["symbol"])
        return known if known is not None else self.pure(parsing.need_number, info, "price" if "price" in info else "mark_price", "market")

    def sized(self, market: Any, notional: Decimal, price: Decimal) -> str:
        """So much money's worth of a market, on its step and never below its minimum."""
        step = Decimal(str(market["precision"]["amount"]))
        least = Decimal(str(market["limits"]["amount"]["min"] or step))
        return plain(max((notional / price) // step * step, least, step))

    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._marks: dict[str, Decimal] = {}

    async def quote_for(self, market: Any, qty: str, params: Params = NONE) -> dict[str, Any]:
        """A quote that nobody means to accept; needs no session."""
        raw = await self.call("front_post_quotes_simple", {"instrument": self.instrument(market), "qty": qty, **params})
        return self.take_quote(market, self.pure(parsing.unwrapped, raw))

    def take_quote(self, market: Any, raw: dict[str, Any]) -> dict[str, Any]:
        """Keeps what a quote says about sizes: steps and minima move with the price and are nowhere else."""
        found = self.pure(parsing.quote, raw)
        if found["mark"]:
            self._marks[market["symbol"]] = found["mark"]
        limits = [self.pure(parsing.quote_limits, raw, side) for side in ("buy", "sell")]
        for name, place, key in (("tick", market["precision"], "amount"), ("min", market["limits"]["amount"], "min")):
            told = [value for limit in limits if (value := limit[name])]
            if told:
                place[key] = self.parse_number(plain(max(told)))
        return raw

    async def fetch_order_book(self, symbol: str, limit: int | None = None, params: Params = NONE) -> Any:
        """A book made of quotes, because the venue has none: what each next part of a growing size would cost.

        :param limit: levels a side, at most as many as sizes are asked for
        :param params: `sizes` (list of USDC values) or `amount` (one size in base units) instead of options["bookSizes"]
        """
        await self.load_markets()
        market = self.market(symbol)
        if market.get("instrument") is None:
            return await self.listed_book(market, limit)
        rest = self.omit(params, ["sizes", "amount"])
        if params.get("amount") is not None:
            quotes = [await self.quote_for(market, self.probe(market, params), rest)]
        else:
            values = sorted(Decimal(str(value)) for value in params.get("sizes") or self.options.get("bookSizes") or (100, 10_000, 100_000))
            price = self.known_price(market)
            sizes = list(dict.fromkeys(self.sized(market, value, price) for value in values[:limit]))
            quotes = list(await asyncio.gather(*(self.quote_for(market, size, rest) for size in sizes)))
        return self.book_of(market, quotes)

    def book_of(self, market: Any, quotes: list[dict[str, Any]]) -> Any:
        found = [self.pure(parsing.quote, raw) for raw in quotes]
        stamps = [each["timestamp"] for each in found if each["timestamp"] is not None]
        stamp = min(stamps) if stamps else None
        sides = {
            side: [[float(price), float(size)] for price, size in parsing.levels([(each["qty"], each[name]) for each in found], side)]
            for side, name in (("bids", "bid"), ("asks", "ask"))
        }
        info = {"synthetic": True, "quotes": quotes}
        return {"symbol": market["symbol"], **sides, "timestamp": stamp, "datetime": self.iso8601(stamp), "nonce": None, "info": info}

    async def listed_book(self, market: Any, limit: int | None) -> Any:
        """From the cached quotes of the public host, as old as `timestamp` says."""
        row = next((row for row, found in await self.listed([market["symbol"]], {}) if found is market), None)
        if row is None:
            raise errors.BadSymbol(f"{self.id} {market['symbol']} is listed no more")
        mark = self.pure(parsing.need_number, row, "mark_price", "listing")
        value = {"base": Decimal(100), "size_1k": Decimal(1_000), "size_100k": Decimal(100_000), "size_1m": Decimal(1_000_000)}
        stamp = (row.get("quotes") or {}).get("updated_at")
        quotes = [
            {**raw, "qty": self.sized(market, value[name], mark), "timestamp": stamp}
            for name, raw in self.pure(parsing.listing_quotes, row)[:limit]
        ]
        return self.book_of(market, quotes)

    # --- candles ----------------------------------------------------------------------------------------------------------------------

    async def fetch_ohlcv(
        self, symbol: str, timeframe: str = "1m", since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[list[Any]]:
        """Candles, the last one unfinished.

        :param since: unix milliseconds of the first candle
        :param limit: candles, 500 when not given
        :param params: `until` in unix milliseconds
        """
        await self.load_markets()
        market = self.market(symbol)
        if timeframe not in self.timeframes:
            raise errors.BadRequest(f"{self.id} fetch_ohlcv(): no timeframe {timeframe!r}; there are {', '.join(self.timeframes)}")
        if params.get("price") not in (None, "mark"):
            raise errors.NotSupported(f"{self.id} fetch_ohlcv(): one kind of candles exists, not {params['price']!r}")
        span, count = self.parse_timeframe(timeframe) * 1000, tables.MAX_CANDLES if limit is None else limit
        until = params.get("until")
        end = self.milliseconds() if until is None else int(until)
        start = end - end % span - (count - 1) * span if since is None else since
        if since is not None:
            end = min(end, since - since % -span + count * span - 1)
        token = (market.get("instrument") or {}).get("dex_token_details")
        periods = self.options.get("candlePeriods") or {}
        request = {**(token or {"cex_asset": market["base"]}), "period": periods.get(timeframe, self.timeframes[timeframe])}
        request |= {"start": iso(start), "end": iso(end)}
        answer = await self.call("front_get_candles", {**request, **self.omit(params, ["until", "price"])})
        rows = [row for row in self.pure(parsing.candles, answer) if row[0] <= end]
        return self.filter_by_since_limit(rows, since, limit, 0, since is None)

    # --- funding and open interest ----------------------------------------------------------------------------------------------------

    async def fetch_funding_rate(self, symbol: str, params: Params = NONE) -> Any:
        """The predicted rate of the running interval; the venue's own figure, a year's, is in info["annualRate"]."""
        row, market = await self.asset(symbol, params)
        return self.parse_funding_rate(row, market)

    async def fetch_funding_rates(self, symbols: Any = None, params: Params = NONE) -> Any:
        """The predicted rates of all markets in one request."""
        names = self.market_symbols(symbols) if self.markets else symbols
        return {
            market["symbol"]: self.parse_funding_rate(row, market)
            for row, market in await self.assets(params)
            if names is None or market["symbol"] in names
        }

    async def fetch_funding_interval(self, symbol: str, params: Params = NONE) -> Any:
        """As `fetch_funding_rate`: each row names its interval."""
        return await self.fetch_funding_rate(symbol, params)

    async def fetch_funding_intervals(self, symbols: Any = None, params: Params = NONE) -> Any:
        """As `fetch_funding_rates`."""
        return await self.fetch_funding_rates(symbols, params)

    def parse_funding_rate(self, contract: dict[str, Any], market: Any = None) -> Any:
        market = self.named(None, market)
        found = self.pure(
            parsing.funding_rate, contract.get("funding_rate"), contract.get("funding_interval_s"), contract.get("funding_time")
        )
        annual = found.pop("annualRate")
        mark, index = (self.parse_number(self.pure(text, contract.get(name))) for name in ("price", "index_price"))
        empty = dict.fromkeys(("estimatedSettlePrice", "interestRate", "nextFundingRate", "nextFundingTimestamp", "nextFundingDatetime"))
        before = dict.fromkeys(("previousFundingRate", "previousFundingTimestamp", "previousFundingDatetime"))
        return {
            "info": {**contract, "annualRate": annual},
            "symbol": market["symbol"],
            "markPrice": mark,
            "indexPrice": index,
            "timestamp": None,
            "datetime": None,
            **empty,
            **before,
            **found,
            "fundingRate": self.parse_number(found["fundingRate"]),
            "fundingDatetime": self.iso8601(found["fundingTimestamp"]),
        }

    async def fetch_open_interest(self, symbol: str, params: Params = NONE) -> Any:
        """Long and short together, in coins and USDC."""
        await self.load_markets()
        market = self.market(symbol)
        raw = await self.call("front_get_metadata_v2_open_interest", {**parsing.flat(self.instrument(market)), **params})
        return self.parse_open_interest(self.pure(one, raw), market)

    async def fetch_open_interests(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Open interest of all markets in one request."""
        names = self.market_symbols(symbols) if self.markets else symbols
        return {
            market["symbol"]: self.parse_open_interest(row, market)
            for row, market in await self.assets(params)
            if names is None or market["symbol"] in names
        }

    def parse_open_interest(self, interest: dict[str, Any], market: Any = None) -> Any:
        market = self.named(None, market)
        both = interest.get("open_interest")
        in_coins = not isinstance(both, dict)
        source: dict[str, Any] = both if isinstance(both, dict) else interest
        names = ("long_qty", "short_qty") if in_coins else ("long_open_interest", "short_open_interest")
        price = parsing.soft(interest, "price") or self._marks.get(market["symbol"])
        found = self.pure(parsing.open_interest, parsing.soft(source, names[0]), parsing.soft(source, names[1]), price, in_coins)
        numbers = {name: self.parse_number(value) for name, value in found.items()}
        return self.safe_open_interest(
            {**numbers, "timestamp": None, "datetime": None, "symbol": market["symbol"], "info": interest}, market
        )

    async def fetch_trading_fees(self, params: Params = NONE) -> Any:
        """No fees: futures_taker_fee of metadata/config is what the venue says; the cost of trading is the spread."""
        await self.load_markets()
        raw = self.pure(one, await self.call("front_get_metadata_config", params))
        rate = self.parse_number(self.pure(parsing.need, raw, "futures_taker_fee", "config"))
        return {
            market["symbol"]: {
                "info": raw,
                "symbol": market["symbol"],
                "maker": rate,
                "taker": rate,
                "percentage": True,
                "tierBased": False,
            }
            for market in self.markets.values()
        }

    async def fetch_trading_fee(self, symbol: str, params: Params = NONE) -> Any:
        """As `fetch_trading_fees`, of one market."""
        await self.load_markets()
        return (await self.fetch_trading_fees(params))[self.market(symbol)["symbol"]]
