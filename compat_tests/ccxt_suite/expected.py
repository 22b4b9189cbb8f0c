"""Which of ccxt's tests must have run on an exchange: all that ccxt 4.5.90 would run, that the exchange has, and that nobody skipped for a reason."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent

# the lists of run_public_tests and run_private_tests in ccxt/test/tests_async.py, for a derivatives market
REST = (
    "loadMarkets features afterConstruct fetchCurrencies fetchTicker fetchTickers fetchLastPrices fetchOHLCV fetchTrades fetchOrderBook fetchOrderBooks "
    "fetchBidsAsks fetchStatus fetchTime fetchFundingRates fetchFundingRate fetchFundingRateHistory fetchIndexOHLCV fetchMarkOHLCV fetchPremiumIndexOHLCV "
    "signIn fetchBalance fetchAccounts fetchTransactionFees fetchTradingFees fetchOrders fetchOpenOrders fetchClosedOrders fetchMyTrades fetchLeverageTiers "
    "fetchLedger fetchTransactions fetchDeposits fetchWithdrawals fetchTransfers fetchBorrowInterest cancelAllOrders fetchCanceledOrders fetchMarginModes "
    "fetchPosition fetchDeposit createDepositAddress fetchDepositAddress fetchDepositAddresses fetchDepositAddressesByNetwork fetchBorrowRateHistory "
    "fetchLedgerEntry fetchPositions fetchPositionRisk setPositionMode setMarginMode fetchOpenInterestHistory fetchFundingHistory createOrder"
).split()
STREAMS = (
    "loadMarkets watchOHLCV watchOHLCVForSymbols watchTicker watchTickers watchBidsAsks watchOrderBook watchOrderBookForSymbols watchTrades "
    "watchTradesForSymbols watchBalance watchMyTrades watchOrders watchPosition watchPositions"
).split()
# tested on every exchange, whatever it has
ALWAYS = {"loadMarkets", "features", "afterConstruct"}


class Skip(dict[str, Any]):
    """One entry of skips/<id>.json: method (or ccxt's name of a structure: ticker, trade, orderBook ...), property or nothing, reason."""

    FIELDS = frozenset({"method", "property", "reason"})


def skips(exchange_id: str) -> list[Skip]:
    """What a room's file says; a room without a file skips nothing.

    :raises ValueError: for an entry without a reason, or with something else in it
    """
    path = HERE / "skips" / f"{exchange_id}.json"
    return [checked(entry) for entry in json.loads(path.read_text())] if path.exists() else []


def checked(entry: dict[str, Any]) -> Skip:
    unknown = set(entry) - Skip.FIELDS
    if unknown or not entry.get("method") or len(str(entry.get("reason", "")).split()) < 4:
        raise ValueError(f"a skip needs a method and a reason in words, and knows nothing but {sorted(Skip.FIELDS)}: {entry}")
    return Skip(entry)


def as_ccxt_wants(entries: list[Skip]) -> dict[str, Any]:
    """skipMethods of ccxt's skip-tests.json: a text skips a method, a dictionary skips properties."""
    methods: dict[str, Any] = {}
    for entry in entries:
        if entry.get("property"):
            methods.setdefault(entry["method"], {})[entry["property"]] = entry["reason"]
        else:
            methods[entry["method"]] = entry["reason"]
    return methods


def expected(tree: Path, exchange: Any, mode: str, entries: list[Skip]) -> set[str]:
    """Names of the tests that must appear as done."""
    skipped = {entry["method"] for entry in entries if not entry.get("property")}
    folder = tree / "ccxt" / ("pro/test/Exchange" if mode == "ws" else f"test/exchange/{mode}")
    wanted = {name for name in (STREAMS if mode == "ws" else REST) if name in ALWAYS or exchange.has.get(name)}
    return {name for name in wanted - skipped if name == "loadMarkets" or (folder / f"test_{snake(name)}.py").exists()}


def snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower().replace("o_h_l_c_v", "ohlcv")


def done(output: str, exchange_id: str) -> set[str]:
    """Names of the tests that ran to their end."""
    return set(re.findall(rf"^\[INFO\] TESTING DONE\s+{re.escape(exchange_id)} (\w+)", output, re.MULTILINE))


# what the programme prints when it gives up on something without failing
EXCUSES = ("[TEST_FAILURE]", "[TEST_WARNING]", "[INFO] NOT_SUPPORTED", "Authentication problem", "Skipping private tests", "TESTING FAILED")


def excuses(output: str) -> list[str]:
    """Every such line with what belongs to it (a traceback), up to the next line of the programme's own."""
    blocks = re.split(r"^(?=\[|\s*>>>>> )", output, flags=re.MULTILINE)
    return [block.rstrip() for block in blocks if any(excuse in block for excuse in EXCUSES)]
