"""Public trades and candles as every room keeps and hands them out."""

from __future__ import annotations

from typing import Any

from ccxt_dex._ccxt import ArrayCache, ArrayCacheByTimestamp
from ccxt_dex.part import Part

__all__ = ["Tapes"]


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
