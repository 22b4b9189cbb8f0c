"""Enters at once, leaves when the file `leave` appears in the user directory: the test holds the reins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from freqtrade.strategy import IntParameter, IStrategy
from pandas import DataFrame


class OnCommand(IStrategy):
    INTERFACE_VERSION = 3
    timeframe = "1m"
    can_short = True
    minimal_roi = {"0": 10}
    stoploss = -0.2
    startup_candle_count = 10
    process_only_new_candles = False
    # what hyperopt turns
    every = IntParameter(10, 20, default=15, space="buy", optimize=True)

    def _said(self, word: str) -> bool:
        return (Path(self.config["user_data_dir"]) / word).exists()

    def populate_indicators(self, dataframe: DataFrame, metadata: dict[str, Any]) -> DataFrame:
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict[str, Any]) -> DataFrame:
        if self.dp.runmode.value in ("live", "dry_run"):
            side = "enter_short" if self._said("short") else "enter_long"
            dataframe[side] = 0 if self._said("leave") else 1
            return dataframe
        place = dataframe.index % self.every.value
        dataframe["enter_long"] = (place == 0).astype(int)
        dataframe["enter_short"] = (place == 5).astype(int)
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict[str, Any]) -> DataFrame:
        if self.dp.runmode.value in ("live", "dry_run"):
            left = 1 if self._said("leave") else 0
            dataframe["exit_long"] = left
            dataframe["exit_short"] = left
            return dataframe
        place = dataframe.index % self.every.value
        dataframe["exit_long"] = (place == 3).astype(int)
        dataframe["exit_short"] = (place == 8).astype(int)
        return dataframe

    def leverage(self, pair: str, current_time: Any, current_rate: float, proposed_leverage: float, max_leverage: float, **_: Any) -> float:
        return min(3.0, max_leverage)
