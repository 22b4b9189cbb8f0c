"""Run beside freqtrade: looks at the classes that stand in freqtrade.exchange, and prints what it saw as one line of JSON."""

from __future__ import annotations

import json
import logging
import pickle
import sys
from types import SimpleNamespace
from typing import Any


class Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(f"{record.levelname} {record.getMessage()}")


lines = Lines()
logging.getLogger("ccxt_dex.bots.freqtrade").addHandler(lines)
logging.getLogger("ccxt_dex.bots.freqtrade").setLevel(logging.INFO)

import freqtrade.exchange as exchanges  # noqa: E402
from freqtrade.enums import MarginMode, TradingMode  # noqa: E402
from freqtrade.exchange.hyperliquid import Hyperliquid  # noqa: E402

import ccxt_dex  # noqa: E402
from ccxt_dex import registry  # noqa: E402

HOUSE = "ccxt_dex.bots.freqtrade.exchange"


def standing() -> dict[str, str]:
    """id -> module of the class that freqtrade would take."""
    found = {each: getattr(exchanges, each.title(), None) for each in registry.IDS}
    return {each: kind.__module__ for each, kind in found.items() if kind is not None}


def described(exchange_id: str) -> dict[str, Any]:
    kind = getattr(exchanges, exchange_id.title())
    return {
        "pairs": [[mode.value, margin.value] for mode, margin in kind._supported_trading_mode_margin_pairs],
        "has": kind.combine_ft_has(include_futures=True),
        "own": issubclass(kind, Hyperliquid),
        "pickles": pickle.loads(pickle.dumps(kind)) is kind,
        "name": kind.__name__,
    }


def liquidation(exchange_id: str, given: dict[str, Any]) -> float:
    """Simulated, in cross margin, on an exchange without its constructor: markets and maintenance rates are given."""
    exchange = object.__new__(getattr(exchanges, exchange_id.title()))
    exchange.close = lambda: None
    exchange.trading_mode, exchange.margin_mode = TradingMode.FUTURES, MarginMode.CROSS
    exchange._markets = {pair: {"taker": rate["taker"], "inverse": False} for pair, rate in given["rates"].items()}
    exchange.get_maintenance_ratio_and_amt = lambda pair, _: (given["rates"][pair]["maintenance"], None)
    trades = [SimpleNamespace(**trade) for trade in given["open_trades"]]
    found: float = exchange.dry_run_liquidation_price(**{**given["position"], "open_trades": trades})
    return found


asked = json.loads(sys.stdin.readline())
before, said = standing(), list(lines.found)
classes = {each: described(each) for each, module in before.items() if module == HOUSE}
prices = [liquidation(asked["liquidation"]["exchange"], each) for each in asked["liquidation"]["cases"]]
ccxt_dex.unregister()
without = standing()
ccxt_dex.register(["standx"])
once = standing()
ccxt_dex.register(replace=["hyperliquid"])
again = standing()
print(json.dumps({"before": before, "said": said, "classes": classes, "prices": prices, "without": without, "once": once, "again": again}))
