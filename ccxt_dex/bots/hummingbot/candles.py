"""Candle feeds: history in pages, then the newest rows again and again."""

from __future__ import annotations

import asyncio
import importlib
from collections import deque
from collections.abc import Callable
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.bots.hummingbot.config import CandlesConfig
from ccxt_dex.bots.hummingbot.feeds import Pace, forever
from ccxt_dex.bots.hummingbot.pairs import kinds_of, markets_of
from ccxt_dex.bots.hummingbot.rules import Rules

__all__ = ["CandlesBase", "CandlesFactory"]

COLUMNS = (
    "timestamp", "open", "high", "low", "close", "volume",
    "quote_asset_volume", "n_trades", "taker_buy_base_volume", "taker_buy_quote_volume",
)  # fmt: skip
_PAGE = 500
Row = list[float]


class CandlesBase:
    """One market's candles of one interval; times in seconds, oldest first."""

    def __init__(self, config: CandlesConfig, exchange: Any, pace: Pace | None = None) -> None:
        """:param exchange: a ccxt exchange that somebody else closes"""
        self.config, self.exchange, self.pace = config, exchange, pace or Pace()
        self.interval, self.max_records, self._trading_pair = config.interval, config.max_records, config.trading_pair
        self._candles: deque[Row] = deque(maxlen=config.max_records)
        self._complete = False
        self._task: asyncio.Future[None] | None = None

    @property
    def name(self) -> str:
        return f"{self.config.connector}_{self.config.trading_pair}"

    @property
    def ready(self) -> bool:
        """Whether as many rows are here as were asked for, or as many as the venue has."""
        return bool(self._candles) and (self._complete or len(self._candles) == self._candles.maxlen)

    @property
    def candles_df(self) -> Any:
        """A pandas.DataFrame of floats; columns that ccxt has nothing for are 0."""
        rows = [row + [0.0] * (len(COLUMNS) - len(row)) for row in self._candles]
        return importlib.import_module("pandas").DataFrame(rows, columns=list(COLUMNS), dtype=float)

    def start(self) -> None:
        if self._task is None:
            self._task = asyncio.ensure_future(forever(f"candles of {self.name} {self.interval}", self._step, self.pace))

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _step(self) -> None:
        await self.exchange.load_markets()
        pair = self.config.trading_pair
        market = markets_of(self.exchange, [pair], kinds_of(self.config.connector))[pair]
        self._size = float(Rules(market, self.exchange.precisionMode).contract_size)
        if not self._complete:
            await self._history(market["symbol"])
        since = int(self._candles[-1][0] * 1000) if self._candles else None
        self._add(self._merged(await self.exchange.fetch_ohlcv(market["symbol"], self._source_interval(), since)))
        await asyncio.sleep(self.pace.account)

    async def _history(self, symbol: str) -> None:
        """Pages forwards in time, as venues cut a page where they like."""
        interval = self._source_interval()
        step, length = (self.exchange.parse_timeframe(each) * 1000 for each in (interval, self.interval))
        now = self.exchange.milliseconds()
        since = (now // length - self.max_records + 1) * length
        rows: dict[float, Any] = {}
        while since <= now:
            page = await self.exchange.fetch_ohlcv(symbol, interval, since, _PAGE)
            rows.update((row[0], row) for row in page)
            since = max(since, int(max((row[0] for row in page), default=0))) + (step if page else _PAGE * step)
        self._candles.clear()
        self._add(self._merged([rows[at] for at in sorted(rows)]))
        self._complete = True

    def _source_interval(self) -> str:
        """The interval itself where the venue has it, else the longest one that it can be put together from.

        :raises BadRequest: there is none
        """
        offered = self.exchange.timeframes or {self.interval: self.interval}
        if self.interval in offered:
            return self.interval
        seconds = self.exchange.parse_timeframe
        wanted = seconds(self.interval)
        parts = [each for each in offered if each[-1] != "M" and seconds(each) < wanted and wanted % seconds(each) == 0]
        if not parts or self.interval[-1] in "wM":
            raise errors.BadRequest(f"{self.exchange.id} has no {self.interval} candles; it has {', '.join(offered)}")
        return str(max(parts, key=seconds))

    def _merged(self, rows: list[Any]) -> list[Any]:
        """Rows of the interval out of rows of a shorter one."""
        length = self.exchange.parse_timeframe(self.interval) * 1000
        if self._source_interval() == self.interval:
            return rows
        merged: dict[int, list[Any]] = {}
        for at, opened, high, low, close, volume in (row[:6] for row in rows):
            start = int(at // length * length)
            whole = merged.setdefault(start, [start, opened, high, low, close, 0.0])
            whole[2:5] = max(whole[2], high), min(whole[3], low), close
            whole[5] += volume or 0
        return list(merged.values())

    def _add(self, rows: list[Any]) -> None:
        """The last row changes until its time is over; older ones stay."""
        for row in rows:
            values = [row[0] / 1000, *(float(value or 0) for value in row[1:5]), float(row[5] or 0) * self._size]
            if self._candles and values[0] == self._candles[-1][0]:
                self._candles[-1] = values
            elif not self._candles or values[0] > self._candles[-1][0]:
                self._candles.append(values)


class CandlesFactory:
    """Makes feeds; the runner says where their exchanges come from."""

    make: Callable[[CandlesConfig], CandlesBase] | None = None

    @classmethod
    def get_candle(cls, candles_config: CandlesConfig, connector: Any = None) -> CandlesBase:
        """A feed that does not run yet.

        :raises RuntimeError: no strategy is running
        """
        make = cls.__dict__["make"]
        if make is None:
            raise RuntimeError("candles need a running strategy")
        feed: CandlesBase = make(candles_config)
        return feed
