"""Public trades and candles, and leaving several streams, on a room without a venue."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ccxt_dex._ccxt import errors
from ccxt_dex.parts import leaving
from ccxt_dex.parts.tapes import OneOfCandles, OneOfTrades, SeveralCandles
from compat_tests.core.demo import MARKET, SYMBOL, demo, hyper


def trade(number: int) -> dict[str, Any]:
    return {"id": str(number), "symbol": SYMBOL, "timestamp": 1000 * number, "price": 1.0, "amount": 1.0}


def test_trades_are_kept_once_and_only_the_new_ones_are_handed_out() -> None:
    ex = demo({"options": {"tradesLimit": 3}})
    cache = ex.trade_cache(SYMBOL)
    for number in range(5):
        cache.append(trade(number))
    assert ex.trade_cache(SYMBOL) is cache is ex.trades[SYMBOL]
    assert [row["id"] for row in cache] == ["2", "3", "4"]
    assert len(ex.new_trades(cache, None, None)) == 3
    cache.append(trade(5))
    assert [row["id"] for row in ex.new_trades(cache, None, None)] == ["5"]
    ex.newUpdates = False
    assert [row["id"] for row in ex.new_trades(cache, 4000, None)] == ["4", "5"]
    assert ex.new_trades(ex.trade_cache("OTHER/USD:USD"), None, None) == []


def test_candles_are_kept_by_name_and_timeframe() -> None:
    ex = demo()
    cache = ex.candle_cache(SYMBOL, "1m")
    cache.append([60_000, 1, 1, 1, 1, 1])
    cache.append([60_000, 1, 2, 1, 2, 3])
    assert ex.candle_cache(SYMBOL, "1m") is cache is ex.ohlcvs[SYMBOL]["1m"]
    assert ex.candle_cache(SYMBOL, "5m") is not cache
    assert ex.new_candles(cache, SYMBOL, None, None) == [[60_000, 1, 2, 1, 2, 3]]
    cache.append([120_000, 2, 2, 2, 2, 1])
    assert [row[0] for row in ex.new_candles(cache, SYMBOL, None, None)] == [120_000]


def test_candles_of_another_price_are_apart() -> None:
    ex = demo()
    marks: dict[str, Any] = {}
    assert ex.candle_cache(SYMBOL, "1m", marks) is marks[SYMBOL]["1m"]
    assert ex.ohlcvs == {}


class Leaver(leaving.LeavesBooks, leaving.LeavesCandles, leaving.LeavesMarks, leaving.LeavesTrades, demo):
    def describe(self) -> Any:
        return self.deep_extend(super().describe(), {"id": "leaver"})

    def _fresh_state(self) -> None:
        super()._fresh_state()
        self.left: list[Any] = []

    async def un_watch_order_book(self, symbol: str, params: Any = None) -> Any:
        self.left.append(("book", symbol, params))

    async def un_watch_trades(self, symbol: str, params: Any = None) -> Any:
        self.left.append(("trades", symbol, params))

    async def un_watch_ohlcv(self, symbol: str, timeframe: str = "1m", params: Any = None) -> Any:
        self.left.append((timeframe, symbol, params))

    async def un_watch_ticker(self, symbol: str, params: Any = None) -> Any:
        self.left.append(("ticker", symbol, params))

    async def un_watch_tickers(self, symbols: Any = None, params: Any = None) -> Any:
        self.left.append(("tickers", symbols, params))


async def test_several_are_left_one_by_one() -> None:
    ex, about = Leaver(), {"depth": 5}
    assert await ex.un_watch_order_book_for_symbols(["A", "B"], about) is True
    assert await ex.un_watch_trades_for_symbols(["A"], about) is True
    assert await ex.un_watch_ohlcv_for_symbols([["A", "1m"], ["B", "5m"]], about) is True
    await ex.un_watch_mark_price("A", about)
    await ex.un_watch_mark_prices(None, about)
    names = [("book", "A"), ("book", "B"), ("trades", "A"), ("1m", "A"), ("5m", "B"), ("ticker", "A"), ("tickers", None)]
    assert ex.left == [(*name, about) for name in names]
    await ex.close()


@pytest.mark.parametrize("make", [demo, hyper])
async def test_a_room_that_does_not_ask_for_it_does_not_leave_several(make: Any) -> None:
    ex = make()
    with pytest.raises(errors.NotSupported):
        await ex.un_watch_trades_for_symbols([SYMBOL])
    await ex.close()


class Taper(OneOfTrades, OneOfCandles, demo):
    def describe(self) -> Any:
        return self.deep_extend(super().describe(), {"id": "taper"})

    async def watch_trades_for_symbols(self, symbols: Any, since: Any = None, limit: Any = None, params: Any = None) -> Any:
        return ["trades", symbols, since, limit, params]

    async def watch_ohlcv_for_symbols(self, pairs: Any, since: Any = None, limit: Any = None, params: Any = None) -> Any:
        return {SYMBOL: {"5m": ["candles", pairs, since, limit, params]}}


class Several(SeveralCandles, demo):
    def describe(self) -> Any:
        return self.deep_extend(super().describe(), {"id": "several"})

    async def watch_ohlcv(self, symbol: str, timeframe: str = "1m", since: Any = None, limit: Any = None, params: Any = None) -> Any:
        if timeframe == "1m":
            await asyncio.Event().wait()
        return [timeframe, since, limit, params]


async def test_one_market_is_several_of_one() -> None:
    ex = Taper()
    assert await ex.watch_trades(SYMBOL, 1, 2, {"a": 3}) == ["trades", [SYMBOL], 1, 2, {"a": 3}]
    assert await ex.watch_ohlcv(SYMBOL, "5m", 1, 2, {"a": 3}) == ["candles", [[SYMBOL, "5m"]], 1, 2, {"a": 3}]
    await ex.close()


async def test_the_first_candle_of_several_comes_with_its_market_and_timeframe() -> None:
    ex = Several()
    ex.set_markets([MARKET])
    found = await ex.watch_ohlcv_for_symbols([[SYMBOL, "1m"], [SYMBOL, "5m"]], 1, 2, {"a": 3})
    assert found == {SYMBOL: {"5m": ["5m", 1, 2, {"a": 3}]}}
    with pytest.raises(errors.ArgumentsRequired):
        await ex.watch_ohlcv_for_symbols([])
    await ex.close()
