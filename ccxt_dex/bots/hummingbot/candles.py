"""Candle feeds: history in pages, then the newest rows again and again."""

from __future__ import annotations

import asyncio
import importlib
from collections import deque
from collections.abc import Callable
from typing import Any

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
        market = markets_of(self.exchange, [self.config.trading_pair], kinds_of(self.config.connector))[self.config.trading_pair]
        self._size = float(Rules(market, self.exchange.precisionMode).contract_size)
        if not self._complete:
            await self._history(market["symbol"])
        since = int(self._candles[-1][0] * 1000) if self._candles else None
        self._add(await self.exchange.fetch_ohlcv(market["symbol"], self.interval, since))
        await asyncio.sleep(self.pace.account)

    async def _history(self, symbol: str) -> None:
        """Pages backwards in time, until there are enough rows or no older ones."""
        length = self.exchange.parse_timeframe(self.interval) * 1000
        rows: dict[float, Row] = {}
        until = self.exchange.milliseconds() + length
        while len(rows) < self.max_records:
            wanted = min(_PAGE, self.max_records - len(rows) + 1)
            page = await self.exchange.fetch_ohlcv(symbol, self.interval, until - wanted * length, wanted)
            fresh = {row[0]: row for row in page if row[0] not in rows and row[0] < until}
            if not fresh:
                break
            rows.update(fresh)
            until = int(min(fresh))
        self._candles.clear()
        self._add([rows[at] for at in sorted(rows)])
        self._complete = True

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
