"""Markets, prices, candles."""

from __future__ import annotations

import asyncio
from typing import Any

from ccxt_dex import fills
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.pacifica import tables
from ccxt_dex.exchanges.pacifica.room import NONE, Params, Room, Row


class MarketData(Room):
    """Part of the room."""

    def parse_market(self, market: Any) -> Any:
        found = super().parse_market(market)
        if found is not None:
            found["limits"]["amount"]["min"] = found["precision"]["amount"]
        return found

    async def price_rows(self) -> dict[str, Row]:
        """Mark, oracle, funding and volume of every market, by the venue's symbol."""
        return {row["symbol"]: row for row in await self.rows("publicGetInfoPrices")}

    async def mark_row(self, market: Any) -> Row:
        row = (await self.price_rows()).get(market["id"])
        if not row or row.get("mark") is None:
            raise errors.ExchangeNotAvailable(f"{self.id} has no mark price of {market['symbol']} at the moment")
        return row

    def parse_ticker(self, ticker: Any, market: Any = None) -> Any:
        """The venue publishes neither the last trade nor bid and ask here: `last` is the middle of the book, as in ccxt."""
        found = super().parse_ticker(ticker, market)
        return {**found, "markPrice": self.safe_number(ticker, "mark"), "indexPrice": self.safe_number(ticker, "oracle")}

    async def fetch_tickers(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """Tickers of all markets, without bid and ask, which only single books have; one listed since load_markets() is left out rather than given a made-up symbol."""
        found = await super().fetch_tickers(symbols, params)
        return {symbol: ticker for symbol, ticker in found.items() if symbol in self.markets}

    async def fetch_ticker(self, symbol: str, params: Params = NONE) -> Any:
        """One market's row of the prices of all, with the best bid and ask of its book: two requests. `fetch_mark_price` is one."""
        await self.load_markets()
        market = self.market(symbol)
        row, book = await asyncio.gather(self.mark_row(market), self.fetch_order_book(market["symbol"], 1))
        return {**self.parse_ticker(row, market), **fills.touch(book)}

    async def fetch_mark_price(self, symbol: str, params: Params = NONE) -> Any:
        """One market's row of the prices of all: mark, oracle and middle price."""
        await self.load_markets()
        market = self.market(symbol)
        return self.parse_ticker(await self.mark_row(market), market)

    async def fetch_mark_prices(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """As `fetch_tickers`."""
        return await self.fetch_tickers(symbols, params)

    async def fetch_order_book(self, symbol: str, limit: int | None = None, params: Params = NONE) -> Any:
        """Up to 10 levels a side; params['aggLevel'] 1, 10, 100, 1000, 10000 groups prices."""
        book = await super().fetch_order_book(symbol, limit, params)
        if limit is not None:
            book["bids"], book["asks"] = book["bids"][:limit], book["asks"][:limit]
        return book

    async def fetch_trades(self, symbol: str, since: int | None = None, limit: int | None = None, params: Params = NONE) -> Any:
        """Recent trades; the venue gives them no id over REST."""
        return await super().fetch_trades(symbol, since, limit, params)

    async def fetch_funding_rates(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """Funding rates of all perpetuals."""
        await self.load_markets()
        rows = [row for row in await self.rows("publicGetInfoPrices", params) if self.safe_market(row.get("symbol"))["swap"]]
        return self.parse_funding_rates(rows, self.market_symbols(symbols))

    async def fetch_funding_rate(self, symbol: str, params: Params = NONE) -> Any:
        """The running rate of one perpetual, per hour."""
        await self.load_markets()
        market = self.market(symbol)
        if not market["swap"]:
            raise errors.BadSymbol(f"{self.id} {symbol} has no funding")
        return self.parse_funding_rate(await self.mark_row(market), market)

    async def fetch_ohlcv(
        self, symbol: str, timeframe: str = "1m", since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """Candles, oldest first; without `since` the latest ones.

        :param params: until (unix ms), price: "mark" for candles of the mark price
        """
        await self.load_markets()
        market = self.market(symbol)
        if timeframe not in self.timeframes:
            raise errors.BadRequest(f"{self.id} has no candles of {timeframe}")
        step = self.parse_timeframe(timeframe) * 1000
        count = min(limit or 500, tables.MAX_CANDLES)
        end = int(params["until"]) if params.get("until") is not None else None
        now = self.server_milliseconds()
        start = since if since is not None else (end or now) // step * step - (count - 1) * step
        if end is None:
            end = min(start + count * step - 1, now)
        mark = str(params.get("price", "")).lower() == "mark"
        request = {"symbol": market["id"], "interval": self.timeframes[timeframe], "start_time": start, "end_time": end}
        answer = await self.call("publicGetKlineMark" if mark else "publicGetKline", request)
        return self.parse_ohlcvs(answer.get("data") or [], market, timeframe, since, limit)

    async def fetch_mark_ohlcv(
        self, symbol: str, timeframe: str = "1m", since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """Candles of the mark price; their volume is zero."""
        return await self.fetch_ohlcv(symbol, timeframe, since, limit, {**params, "price": "mark"})

    async def fetch_leverage_tiers(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """One tier per perpetual: the maximum leverage is all that the venue publishes."""
        await self.load_markets()
        wanted = None if symbols is None else set(self.market_symbols(symbols) or ())
        rows = [market for market in self.markets.values() if market["swap"] and (wanted is None or market["symbol"] in wanted)]
        return {market["symbol"]: self.leverage_tier(market) for market in rows}

    async def fetch_market_leverage_tiers(self, symbol: str, params: Params = NONE) -> Any:
        tiers = await self.fetch_leverage_tiers([symbol], params)
        return tiers[self.market(symbol)["symbol"]]
