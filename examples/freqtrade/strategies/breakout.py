"""A plain strategy to try a venue with: it follows a break of the last hour's range, long and short, at twice the money."""

from __future__ import annotations

from typing import Any

from freqtrade.strategy import IStrategy
from pandas import DataFrame

RANGE = 60


class Breakout(IStrategy):
    INTERFACE_VERSION = 3
    timeframe = "1m"
    can_short = True
    minimal_roi = {"0": 0.02}
    stoploss = -0.05
    startup_candle_count = RANGE

    def populate_indicators(self, dataframe: DataFrame, metadata: dict[str, Any]) -> DataFrame:
        dataframe["high_before"] = dataframe["high"].rolling(RANGE).max().shift(1)
        dataframe["low_before"] = dataframe["low"].rolling(RANGE).min().shift(1)
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict[str, Any]) -> DataFrame:
        dataframe.loc[dataframe["close"] > dataframe["high_before"], "enter_long"] = 1
        dataframe.loc[dataframe["close"] < dataframe["low_before"], "enter_short"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict[str, Any]) -> DataFrame:
        dataframe.loc[dataframe["close"] < dataframe["low_before"], "exit_long"] = 1
        dataframe.loc[dataframe["close"] > dataframe["high_before"], "exit_short"] = 1
        return dataframe

    def leverage(self, pair: str, current_time: Any, current_rate: float, proposed_leverage: float, max_leverage: float, **_: Any) -> float:
        return min(2.0, max_leverage)
