"""Public trades and candles as every room keeps and hands them out."""

from __future__ import annotations

from typing import Any

from ccxt_dex._ccxt import ArrayCache, ArrayCacheByTimestamp
from ccxt_dex.parts.part import Part
from ccxt_dex.parts.watching import Watching

__all__ = ["OneOfCandles", "OneOfTrades", "SeveralCandles", "Tapes"]

Params = dict[str, Any]
_NONE: Params = {}


class Tapes(Part):
    """Part of Dex."""

    def trade_cache(self, symbol: str) -> Any:
        """Public trades of a market; `options["tradesLimit"]` of them."""
        cache = self.trades.get(symbol)
        if cache is None:
            cache = self.trades[symbol] = ArrayCache(self.safe_integer(self.options, "tradesLimit", 1000))
        return cache

    def candle_cache(self, name: str, timeframe: str | None, stores: dict[str, Any] | None = None) -> Any:
        """Candles of a market by their opening time; `options["OHLCVLimit"]` of them.

        :param name: unified symbol, or what else the room keeps them under
        :param stores: name -> timeframe -> cache, `ohlcvs` when None
        """
        held = (self.ohlcvs if stores is None else stores).setdefault(name, {})
        cache = held.get(timeframe)
        if cache is None:
            cache = held[timeframe] = ArrayCacheByTimestamp(self.safe_integer(self.options, "OHLCVLimit", 1000))
        return cache

    def new_trades(self, trades: Any, since: int | None, limit: int | None) -> Any:
        """Trades of one market as a watch method returns them: what is new, filtered.

        :param trades: the market's cache
        """
        if self.newUpdates:
            limit = trades.getLimit(trades[-1]["symbol"] if trades else None, limit)
        return self.filter_by_since_limit(trades, since, limit, "timestamp", True)

    def new_candles(self, candles: Any, symbol: str, since: int | None, limit: int | None) -> Any:
        """The same for candles, whose rows do not name their market.

        :param candles: a cache of the market
        """
        if self.newUpdates:
            limit = candles.getLimit(symbol, limit)
        return self.filter_by_since_limit(candles, since, limit, 0, True)


class OneOfTrades(Part):
    """`watch_trades` for a room with `watch_trades_for_symbols`; stands in front of the room's bases, as those below."""

    async def watch_trades(self, symbol: str, since: int | None = None, limit: int | None = None, params: Params = _NONE) -> Any:
        """New public trades of one market."""
        return await self.watch_trades_for_symbols([symbol], since, limit, params)


class OneOfCandles(Part):
    """`watch_ohlcv` for a room with `watch_ohlcv_for_symbols`."""

    async def watch_ohlcv(
        self, symbol: str, timeframe: str = "1m", since: int | None = None, limit: int | None = None, params: Params = _NONE
    ) -> Any:
        """Candles of one market, as they change."""
        found = await self.watch_ohlcv_for_symbols([[symbol, timeframe]], since, limit, params)
        return next(iter(next(iter(found.values())).values()))


class SeveralCandles(Watching):
    """`watch_ohlcv_for_symbols` for a room with `watch_ohlcv`."""

    async def watch_ohlcv_for_symbols(
        self, symbolsAndTimeframes: list[list[str]], since: int | None = None, limit: int | None = None, params: Params = _NONE
    ) -> Any:
        """The next candle of any of the pairs, as {symbol: {timeframe: candles}}."""
        await self.load_markets()

        async def one(symbol: str, timeframe: str) -> Any:
            found = await self.watch_ohlcv(symbol, timeframe, since, limit, params)
            return {self.market(symbol)["symbol"]: {timeframe: found}}

        return await self.first_of([one(symbol, timeframe) for symbol, timeframe in symbolsAndTimeframes])
