"""What freqtrade is told of each exchange, and what it looks for before it starts; no freqtrade is needed here."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import ccxt_dex
from ccxt_dex import registry
from ccxt_dex.bots.freqtrade import traits
from ccxt_dex.bots.freqtrade.config import NAMES, exchange_section

# without these freqtrade refuses an exchange, or refuses order types and pricing that are in its own example config
WANTED = """
fetchOrder fetchL2OrderBook fetchTicker cancelOrder createOrder fetchBalance fetchOHLCV fetchMyTrades createLimitOrder createMarketOrder fetchOrderBook
fetchTickers fetchOrders setLeverage fetchFundingHistory fetchPositions fetchLeverageTiers
""".split()
# what may be missing decides how an exchange is presented, see the traits
POSTED_BY = {"ws_enabled": "watchOHLCV", "uses_leverage_tiers": "fetchLeverageTiers"}


@pytest.fixture(params=registry.IDS)
def exchange(request: pytest.FixtureRequest) -> Any:
    return registry.load(request.param)()


def test_freqtrade_finds_what_it_looks_for(exchange: Any) -> None:
    assert [name for name in WANTED if exchange.has.get(name) is not True] == []


def test_the_id_makes_a_class_name(exchange: Any) -> None:
    assert exchange.id == exchange.id.lower() and exchange.id.title().isidentifier()


def test_traits_follow_from_the_exchange(exchange: Any) -> None:
    told = {**traits.common(exchange), **traits.futures(exchange)}
    orders = exchange.features["swap"]["linear"]["createOrder"]
    for name, method in POSTED_BY.items():
        assert told[name] is (exchange.has.get(method) is True), name
    assert told["mark_ohlcv_price"] == ("mark" if exchange.has.get("fetchMarkOHLCV") else "futures")
    assert told["order_time_in_force"][0] == "GTC"
    assert set(told["order_time_in_force"][1:]) == {name for name in ("IOC", "FOK", "PO") if orders["timeInForce"].get(name)}
    assert told["stoploss_on_exchange"] is bool(orders.get("stopLossPrice"))
    if told["stoploss_on_exchange"]:
        assert exchange.has["createStopLossOrder"] is True
        assert set(told["stoploss_order_types"]) == {"market", "limit"}


def test_margin_modes_are_freqtrade_s_words(exchange: Any) -> None:
    assert exchange.margin_modes and set(exchange.margin_modes) <= {"isolated", "cross"}
    if exchange.has.get("setMarginMode") is not True:
        assert len(exchange.margin_modes) == 1


def test_money_quoted_under_another_name_is_the_same_money() -> None:
    quoted = {each: traits.futures(registry.load(each)())["proxy_coin_mapping"] for each in registry.IDS}
    assert {each: mapping for each, mapping in quoted.items() if mapping} == {"paradex": {"USDC": "USD"}}
    assert ccxt_dex.symbol("paradex", "BTC") == "BTC/USD:USDC"


def test_secrets_go_where_freqtrade_redacts_them() -> None:
    config = {
        **{name: f"value of {name}" for name in NAMES},
        "urls": {"api": "http://127.0.0.1:1"},
        "options": {"walletPrivateKey": "0xdead", "chain": "bsc", "tokenStore": False, "apiSecret": "s", "sessionToken": "t"},
    }
    section = exchange_section("venue", config)
    assert section["name"] == "venue"
    assert {section[name] for name in NAMES.values()} == {f"value of {name}" for name in NAMES}
    assert section["ccxt_config"] == {"urls": {"api": "http://127.0.0.1:1"}, "options": {"chain": "bsc", "tokenStore": False}}


def test_a_paper_venue_s_line_becomes_a_config_file(tmp_path: Path) -> None:
    path = tmp_path / "paper.json"
    line = json.dumps({"venue": "venue", "url": "http://127.0.0.1:1", "config": {"privateKey": "0xdead", "urls": {"api": "x"}}})
    command = [sys.executable, "-m", "ccxt_dex.bots.freqtrade", str(path)]
    subprocess.run(command, input=line + "\n", text=True, check=True, timeout=60)
    assert json.loads(path.read_text()) == {"exchange": {"name": "venue", "private_key": "0xdead", "ccxt_config": {"urls": {"api": "x"}}}}
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    done = subprocess.run(command, input="", text=True, capture_output=True, check=False, timeout=60)
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert subprocess.run(command[:-1], text=True, capture_output=True, check=False, timeout=60).returncode == 2


def test_freqtrade_is_never_imported_for_its_own_sake() -> None:
    program = "import sys, ccxt_dex; ccxt_dex.register(replace=True); import ccxt_dex.bots.freqtrade, ccxt_dex.bots.freqtrade.traits; print('freqtrade' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "False"


@pytest.mark.campaign
@pytest.mark.parametrize("venue_id", registry.IDS)
async def test_whether_the_balance_is_equity(venue_id: str, paper_venue: Any, until: Any) -> None:
    """A position gains one part in fifty: the total gains as much where it is equity, and not a cent where it is not."""
    venue = await paper_venue(venue_id)
    await venue.market({"pause": True})
    exchange = registry.create(venue_id, venue.config())
    try:
        symbol = ccxt_dex.symbol(venue_id, "BTC")
        await exchange.load_markets()
        market = exchange.market(symbol)
        native = next(each for each in venue.engine.markets.values() if each.base == "BTC")
        price = float((await exchange.fetch_order_book(symbol, 5))["asks"][0][0])
        await exchange.create_order(symbol, "market", "buy", float(exchange.amount_to_precision(symbol, 1000 / price)), None)
        await until(lambda: venue.state()["accounts"][venue.account()]["positions"])

        async def total() -> float:
            return float((await exchange.fetch_balance())[market["settle"]]["total"])

        async def profit() -> float:
            return float((await exchange.fetch_positions([symbol]))[0]["unrealizedPnl"])

        before, at_first = await total(), await profit()
        await venue.market({"symbol": native.id, "price": exchange.price_to_precision(symbol, price * 1.02)})

        async def gained() -> float:
            return await profit() - at_first

        await until(lambda: _more_than(gained, 10))
        assert await total() - before == pytest.approx(await gained() if exchange.balance_is_equity else 0, abs=0.05)
    finally:
        await exchange.close()


async def _more_than(value: Any, bound: float) -> bool:
    return bool(await value() > bound)


# as much of freqtrade as our classes are made from
STAND_IN = {
    "freqtrade/__init__.py": "",
    "freqtrade/enums.py": "from enum import Enum\nclass TradingMode(str, Enum):\n    SPOT = 'spot'\n    FUTURES = 'futures'\n"
    "class MarginMode(str, Enum):\n    CROSS = 'cross'\n    ISOLATED = 'isolated'\n",
    "freqtrade/exceptions.py": "class InvalidOrderException(Exception): pass\n",
    "freqtrade/exchange/__init__.py": "import ccxt\nfrom freqtrade.exchange.exchange import Exchange\nfrom freqtrade.exchange.hyperliquid import Hyperliquid\n",
    "freqtrade/exchange/exchange.py": "class Exchange:\n    _supported_trading_mode_margin_pairs = []\n",
    "freqtrade/exchange/hyperliquid.py": "from freqtrade.exchange.exchange import Exchange\nclass Hyperliquid(Exchange): pass\n",
}
SEE = "import freqtrade.exchange as e; said.append([e.Hyperliquid.__module__, hasattr(e, 'Standx')])\n"
THEIRS, OURS = "freqtrade.exchange.hyperliquid", "ccxt_dex.bots.freqtrade.exchange"


@pytest.mark.parametrize(
    ("program", "setting", "seen"),
    [
        (SEE, "replace", [[OURS, True]]),
        (SEE, "on", [[THEIRS, True]]),
        (SEE, "replace:hyperliquid", [[OURS, True]]),
        (SEE + "import ccxt_dex; ccxt_dex.unregister()\n" + SEE, "replace", [[OURS, True], [THEIRS, False]]),
        ("import ccxt_dex; ccxt_dex.register()\n" + SEE + "ccxt_dex.register(replace=True)\n" + SEE, "", [[THEIRS, True], [OURS, True]]),
        (SEE + "import ccxt_dex; ccxt_dex.register(replace=True)\n" + SEE, "", [[THEIRS, False], [OURS, True]]),
    ],
    ids=["replaced", "new ones only", "by name", "taken back", "before the import", "after the import"],
)
def test_the_classes_come_and_go_with_the_registration(tmp_path: Path, program: str, setting: str, seen: list[Any]) -> None:
    for name, text in STAND_IN.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    first = "import json, sys; said = []; from ccxt_dex import hook; hook.from_environment()\n"
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ["PYTHONPATH"]]), "CCXT_DEX_REGISTER": setting}
    command = [sys.executable, "-c", first + program + "print(json.dumps(said))"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=variables, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == seen
