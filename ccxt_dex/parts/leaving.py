"""Leaving several streams one by one.

A room names what it takes in front of its bases: `class Feeds(LeavesBooks, LeavesTrades, MarketData)`. None of these is part of `Dex`, where they
would stand in front of what ccxt's class of a venue does itself, and would do what a room's `has` denies.
"""

from __future__ import annotations

from typing import Any

from ccxt_dex.parts.part import Part

__all__ = ["LeavesBooks", "LeavesCandles", "LeavesMarks", "LeavesTrades"]

Params = dict[str, Any]
_NONE: Params = {}


class LeavesBooks(Part):
    """For a room with `un_watch_order_book`."""

    async def un_watch_order_book_for_symbols(self, symbols: list[str], params: Params = _NONE) -> Any:
        """Leaves several books."""
        for symbol in symbols:
            await self.un_watch_order_book(symbol, params)
        return True


class LeavesTrades(Part):
    """For a room with `un_watch_trades`."""

    async def un_watch_trades_for_symbols(self, symbols: list[str], params: Params = _NONE) -> Any:
        """Leaves the trades of several markets."""
        for symbol in symbols:
            await self.un_watch_trades(symbol, params)
        return True


class LeavesCandles(Part):
    """For a room with `un_watch_ohlcv`."""

    async def un_watch_ohlcv_for_symbols(self, symbolsAndTimeframes: list[list[str]], params: Params = _NONE) -> Any:
        """Leaves several candle streams."""
        for symbol, timeframe in symbolsAndTimeframes:
            await self.un_watch_ohlcv(symbol, timeframe, params)
        return True


class LeavesMarks(Part):
    """For a room whose tickers and mark prices come over one channel, with `un_watch_ticker` and `un_watch_tickers`."""

    async def un_watch_mark_price(self, symbol: str, params: Params = _NONE) -> Any:
        """As `un_watch_ticker`: one channel carries both."""
        return await self.un_watch_ticker(symbol, params)

    async def un_watch_mark_prices(self, symbols: Any = None, params: Params = _NONE) -> Any:
        """As `un_watch_tickers`: one channel carries both."""
        return await self.un_watch_tickers(symbols, params)
