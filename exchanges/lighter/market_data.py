"""Reading markets: what ccxt's class has is kept, wrong values are put right, missing methods are added."""

from __future__ import annotations

from typing import Any

from ccxt_dex import wire
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.lighter import parsing, tables
from ccxt_dex.exchanges.lighter.room import NONE, Params, Room

HOUR = 3_600_000


class MarketData(Room):
    """Part of the room."""

    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._assets: dict[str | None, str] = {}

    async def fetch_currencies(self, params: Params = NONE) -> Any:
        """The venue's assets; markets name them by the same ids (ccxt's name the base by its symbol)."""
        currencies: Params = await super().fetch_currencies(params) or {}
        for currency in currencies.values():  # ccxt knows of USDC only; every asset can be moved
            currency["deposit"] = currency["withdraw"] = True
        self._assets = {code: str(currency["id"]) for code, currency in currencies.items()}
        return currencies

    def set_markets(self, markets: Any, currencies: Any = None) -> Any:
        """The coins of perpetuals are currencies too, although the venue holds none of them."""
        known = dict(currencies or {})
        for market in markets.values() if isinstance(markets, dict) else markets:
            code = market["base"]
            if code not in known:
                known[code] = self.safe_currency_structure({"id": market["baseId"], "code": code, "name": code, "info": {}})
        return super().set_markets(markets, known)

    async def fetch_markets(self, params: Params = NONE) -> list[Any]:
        """ccxt's markets with contract size 1 (sizes are base units), leverage limits, and without a zero as upper cost limit."""
        markets: list[Any] = await super().fetch_markets(params)
        for market in markets:
            info = market["info"]
            if market["type"] not in ("spot", "swap"):  # early samples have no market_type
                continue
            if market["swap"]:
                market["contractSize"] = 1.0
                market["limits"]["leverage"] = {"min": 1.0, "max": self.parse_number(self.pure(parsing.max_leverage, info))}
            market.update({f"{role}Id": self._assets.get(market[role], market[f"{role}Id"]) for role in ("base", "quote", "settle")})
            market["limits"]["cost"]["max"] = self.parse_number(parsing.positive(info.get("order_quote_limit")))
        return markets

    async def fetch_status(self, params: Params = NONE) -> Any:
        """The venue's status; 1 and 200 both mean that it is up."""
        status = await super().fetch_status(params)
        if str((status.get("info") or {}).get("status")) in ("1", "200"):
            status["status"] = "ok"
        return status

    async def _details(self) -> list[Any]:
        answer = await self.call("publicGetOrderBookDetails")
        return [*(answer.get("order_book_details") or []), *(answer.get("spot_order_book_details") or [])]

    # --- funding ----------------------------------------------------------------------------------------------------------------------

    def parse_funding_rate(self, contract: Any, market: Any = None) -> Any:
        """ccxt's hook: `funding-rates` shows eight hours' worth, payments are hourly."""
        rate: Params = super().parse_funding_rate(contract, market)
        share = contract.get("rate")
        rate["fundingRate"] = None if share is None else self.parse_number(wire.plain(wire.decimal(share) / 8))
        rate["interval"] = "1h"
        now = self.server_milliseconds()
        rate["fundingTimestamp"] = (now // HOUR + 1) * HOUR
        rate["fundingDatetime"] = self.iso8601(rate["fundingTimestamp"])
        return rate

    async def fetch_funding_rate(self, symbol: str, params: Params = NONE) -> Any:
        """The running funding rate per hour.

        :raises NotSupported: spot markets have none
        """
        await self.load_markets()
        market = self.market(symbol)
        rates = await self.fetch_funding_rates([market["symbol"]], params)
        if market["symbol"] not in rates:
            raise errors.NotSupported(f"{self.id} {symbol} has no funding rate")
        return rates[market["symbol"]]

    async def fetch_funding_rate_history(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Hourly funding rates, oldest first.

        :param limit: default 100
        """
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} fetch_funding_rate_history() requires a symbol argument")
        await self.load_markets()
        market = self.market(symbol)
        count = limit or 100
        end = int(params.get("until") or self.server_milliseconds())
        start = since if since is not None else end - (count + 1) * HOUR
        if since is not None and limit is not None:
            end = min(end, since + count * HOUR)
        request = {
            "market_id": market["id"],
            "resolution": "1h",
            "start_timestamp": start,
            "end_timestamp": end,
            "count_back": min(max((end - start) // HOUR + 1, 1), 500),
        }
        answer = await self.call("publicGetFundings", {**request, **self.omit(params, ["until"])})
        rates = []
        for row in answer.get("fundings") or []:
            fields = self.pure(parsing.past_funding, row)
            rate = {**fields, "symbol": market["symbol"], "datetime": self.iso8601(fields["timestamp"])}
            rates.append({**rate, "fundingRate": self.parse_number(fields["fundingRate"])})
        return self.filter_by_symbol_since_limit(self.sort_by(rates, "timestamp"), market["symbol"], since, limit)

    # --- open interest, candles -------------------------------------------------------------------------------------------------------

    async def fetch_open_interest(self, symbol: str, params: Params = NONE) -> Any:
        """Open interest in base units."""
        await self.load_markets()
        market = self.market(symbol)
        found = await self.fetch_open_interests([market["symbol"]], params)
        if market["symbol"] not in found:
            raise errors.NotSupported(f"{self.id} {symbol} has no open interest")
        return found[market["symbol"]]

    async def fetch_open_interests(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """Open interest of every perpetual, in base units and in USDC at the last price."""
        await self.load_markets()
        wanted = None if symbols is None else {self.market(symbol)["symbol"] for symbol in symbols}
        found = {}
        for row in await self._details():
            market = self.safe_market(str(row.get("market_id")))
            if market.get("swap") and (wanted is None or market["symbol"] in wanted):
                found[market["symbol"]] = self.parse_open_interest(row, market)
        return found

    def parse_open_interest(self, interest: Any, market: Any = None) -> Any:
        amount, price = wire.decimal(interest.get("open_interest") or 0), wire.decimal(interest.get("last_trade_price") or 0)
        return self.safe_open_interest(
            {
                "info": interest,
                "symbol": market["symbol"],
                "openInterestAmount": float(wire.plain(amount)),
                "openInterestValue": float(wire.plain(amount * price)),
                "timestamp": None,
                "datetime": None,
            },
            market,
        )

    async def fetch_ohlcv(
        self, symbol: str, timeframe: str = "1h", since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Candles; params['price'] = "mark" for those of the mark price."""
        if params.get("price") == "mark":
            return await self.fetch_mark_ohlcv(symbol, timeframe, since, limit, self.omit(params, ["price"]))
        return await super().fetch_ohlcv(symbol, timeframe, since, limit, params)

    async def fetch_mark_ohlcv(
        self, symbol: str, timeframe: str = "1h", since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Candles of the mark price; they have no volume."""
        await self.load_markets()
        market = self.market(symbol)
        span = self.parse_timeframe(timeframe) * 1000
        count = limit or 100
        end = int(params.get("until") or (since + count * span if since is not None and limit is not None else self.server_milliseconds()))
        request = {
            "market_id": market["id"],
            "resolution": tables.TIMEFRAMES.get(timeframe, timeframe),
            "start_timestamp": since if since is not None else end - count * span,
            "end_timestamp": end,
            "count_back": 0,
        }
        answer = await self.call("publicGetMarkPriceCandles", {**request, **self.omit(params, ["until"])})
        return self.parse_ohlcvs(answer.get("c") or [], market, timeframe, since, limit)
