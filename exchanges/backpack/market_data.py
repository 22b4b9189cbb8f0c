"""Markets, prices, funding, candles."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

from ccxt_dex import fills
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.backpack import orders, tables
from ccxt_dex.exchanges.backpack.room import NONE, Params, Room, Row


class MarketData(Room):
    """Part of the room."""

    # --- markets ----------------------------------------------------------------------------------------------------------------------

    def parse_market(self, market: Any) -> Any:
        """Maximum leverage is the inverse of the smallest initial margin fraction; fees are the account's own."""
        found = super().parse_market(market)
        if found is None:
            return None
        if market.get("visible") is False:
            found["active"] = False
        base = (market.get("imfFunction") or {}).get("base")
        if found["swap"] and base and Decimal(str(base)):
            found["limits"]["leverage"] = {"min": 1.0, "max": float(int(1 / Decimal(str(base))))}
        if found["swap"]:
            found["marginModes"] = {"cross": True, "isolated": False}
        return found

    def grid(self, symbol: str) -> orders.Grid:
        """Tick, step and limits of a market."""
        market = self.market(symbol)
        state = str(market["info"].get("orderBookState", "Open"))
        if market["info"].get("visible") is False:
            state = "Closed"
        precision = market["precision"]
        return orders.Grid(market["id"], precision["price"], precision["amount"], market["limits"], bool(market["spot"]), state)

    def is_rfq(self, symbol: Any) -> bool:
        """Whether a market is one of requests for quotes, which are ccxt's own code."""
        return symbol is not None and str(self.market(symbol)["info"].get("marketType")) == "RFQ"

    # --- prices -----------------------------------------------------------------------------------------------------------------------

    async def fetch_time(self, params: Params = NONE) -> Any:
        """The venue's clock, unix ms."""
        answer = await self.call("publicGetApiV1Time", params)
        return int(answer)

    async def fetch_order_book(self, symbol: str, limit: int | None = None, params: Params = NONE) -> Any:
        """The book; the venue gives 5, 10, 20, 50, 100, 500 or 1000 levels, what is above `limit` is cut."""
        await self.load_markets()
        if self.is_rfq(symbol):
            return await super().fetch_order_book(symbol, limit, params)
        market = self.market(symbol)
        request: Params = {"symbol": market["id"], **self.omit(params, "stock")}
        if limit is not None:
            request["limit"] = next((size for size in tables.DEPTHS if size >= limit), tables.DEPTHS[-1])
        answer = await self.call("publicGetApiV1Depth", request)
        book = self.parse_order_book(answer, market["symbol"], int(answer["timestamp"]) // 1000)
        book["nonce"] = int(answer["lastUpdateId"])
        if limit is not None:
            book["bids"], book["asks"] = book["bids"][:limit], book["asks"][:limit]
        return book

    async def last_ticker(self, symbol: str, params: Params = NONE) -> Any:
        """24-hour statistics and the last price, without bid and ask: one request."""
        found: Row = await super().fetch_ticker(symbol, params)
        return found

    async def fetch_ticker(self, symbol: str, params: Params = NONE) -> Any:
        """24-hour statistics, with the best bid and ask of the book: two requests. `fetch_tickers` is one, without bids and asks."""
        await self.load_markets()
        if self.is_rfq(symbol):
            return await self.last_ticker(symbol, params)
        ticker, book = await asyncio.gather(self.last_ticker(symbol, params), self.fetch_order_book(symbol, 1))
        return {**ticker, **fills.touch(book)}

    async def mark_rows(self, market: Any = None) -> list[Row]:
        """Mark and index price and funding of one perpetual or of all."""
        rows = await self.rows("publicGetApiV1MarkPrices", {} if market is None else {"symbol": market["id"]})
        return [row for row in rows if row.get("symbol") in (self.markets_by_id or {})]

    async def mark_row(self, market: Any) -> Row:
        row = next((row for row in await self.mark_rows(market) if row["symbol"] == market["id"]), None)
        if row is None:
            raise errors.ExchangeNotAvailable(f"{self.id} has no mark price of {market['symbol']} at the moment")
        return row

    def mark_ticker(self, row: Row, market: Any) -> Any:
        at = self.server_milliseconds()
        prices = {"markPrice": row.get("markPrice"), "indexPrice": row.get("indexPrice")}
        return self.safe_ticker({"symbol": market["symbol"], "timestamp": at, "datetime": self.iso8601(at), **prices, "info": row}, market)

    def _rows_by_market(self, rows: list[Row], symbols: Any) -> list[tuple[Any, Row]]:
        names = self.market_symbols(symbols)
        pairs = [(self.safe_market(row["symbol"]), row) for row in rows]
        return [(market, row) for market, row in pairs if not names or market["symbol"] in names]

    async def fetch_mark_price(self, symbol: str, params: Params = NONE) -> Any:
        """Mark and index price of one perpetual."""
        await self.load_markets()
        market = self._perpetual(symbol)
        return self.mark_ticker(await self.mark_row(market), market)

    async def fetch_mark_prices(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """Mark and index prices of all perpetuals."""
        await self.load_markets()
        return {market["symbol"]: self.mark_ticker(row, market) for market, row in self._rows_by_market(await self.mark_rows(), symbols)}

    # --- funding and open interest ----------------------------------------------------------------------------------------------------

    def _perpetual(self, symbol: str) -> Any:
        market = self.market(symbol)
        if not market["swap"]:
            raise errors.BadSymbol(f"{self.id} {symbol} is no perpetual")
        return market

    def parse_funding_rate(self, contract: Any, market: Any = None) -> Any:
        """The interval is the market's own, ccxt says one hour."""
        found = super().parse_funding_rate(contract, market)
        info = (self.safe_market(contract.get("symbol"), market).get("info")) or {}
        return {**found, "interval": _interval(info.get("fundingInterval"))}

    async def fetch_funding_rate(self, symbol: str, params: Params = NONE) -> Any:
        """The running rate of one perpetual, per its funding interval."""
        await self.load_markets()
        market = self._perpetual(symbol)
        return self.parse_funding_rate(await self.mark_row(market), market)

    async def fetch_funding_rates(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """Running rates of all perpetuals, in one request."""
        await self.load_markets()
        found = self._rows_by_market(await self.mark_rows(), symbols)
        return {market["symbol"]: self.parse_funding_rate(row, market) for market, row in found if market["swap"]}

    async def fetch_funding_interval(self, symbol: str, params: Params = NONE) -> Any:
        """As `fetch_funding_rate`: the row has the interval."""
        return await self.fetch_funding_rate(symbol, params)

    async def fetch_funding_intervals(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """As `fetch_funding_rates`."""
        return await self.fetch_funding_rates(symbols, params)

    def parse_open_interest(self, interest: Any, market: Any = None) -> Any:
        """The venue counts contracts; ccxt puts them where the value belongs."""
        market = self.safe_market(interest.get("symbol"), market)
        at = self.safe_integer(interest, "timestamp")
        row = {"symbol": market["symbol"], "openInterestAmount": self.safe_number(interest, "openInterest"), "openInterestValue": None}
        return self.safe_open_interest({**row, "timestamp": at, "datetime": self.iso8601(at), "info": interest}, market)

    async def fetch_open_interests(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """Open interest of all perpetuals, in contracts."""
        await self.load_markets()
        rows = [row for row in await self.call("publicGetApiV1OpenInterest", params) if row.get("symbol") in (self.markets_by_id or {})]
        return {market["symbol"]: self.parse_open_interest(row, market) for market, row in self._rows_by_market(rows, symbols)}

    # --- leverage tiers ---------------------------------------------------------------------------------------------------------------

    async def fetch_leverage_tiers(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """The first tier of each perpetual: margin fractions grow with the root of the size, from the base that is shown here."""
        await self.load_markets()
        names = self.market_symbols(symbols)
        rows = [market for market in self.markets.values() if market["swap"] and (not names or market["symbol"] in names)]
        return {market["symbol"]: self._tier(market) for market in rows}

    def _tier(self, market: Any) -> Any:
        maintenance = (market["info"].get("mmfFunction") or {}).get("base")
        return self.leverage_tier(market, None, None if maintenance is None else float(maintenance))

    async def fetch_market_leverage_tiers(self, symbol: str, params: Params = NONE) -> Any:
        """As `fetch_leverage_tiers`, of one market."""
        await self.load_markets()
        return self._tier(self._perpetual(symbol))


def _interval(value: Any) -> str | None:
    """Milliseconds as 8h, 1h, 30m."""
    if not value:
        return None
    minutes = int(value) // 60_000
    return f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"
