"""The classes that stand in freqtrade.exchange, seen from a program beside the real freqtrade."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ccxt_dex import registry
from compat_tests.bots import freqtrade_bot, other_programs

pytestmark = pytest.mark.peers

PROGRAM = Path(__file__).with_name("freqtrade_program.py")
OURS, THEIRS = "ccxt_dex.bots.freqtrade.exchange", "freqtrade.exchange.hyperliquid"
# ids that ccxt itself lacks: registered without being asked to replace anything
NEW = {"edgex", "standx", "superstack", "treadfi_hl", "treadfi_pc", "variational"}
# whose class in freqtrade is built on freqtrade's own for Hyperliquid, as ours in ccxt is built on our hyperliquid
ON_HYPERLIQUID = {"hyperliquid", "superstack", "treadfi_hl"}

BTC, ETH = "BTC/DUSD:DUSD", "ETH/DUSD:DUSD"
RATES = {BTC: {"maintenance": 0.0125, "taker": 0.0004}, ETH: {"maintenance": 0.02, "taker": 0.0004}}
LONG = {
    "pair": BTC,
    "open_rate": 60_000.0,
    "is_short": False,
    "amount": 0.1,
    "stake_amount": 2000.0,
    "leverage": 3.0,
    "wallet_balance": 2500.0,
}
OTHER = {"pair": ETH, "amount": 2.0, "open_rate": 3000.0, "stake_amount": 2000.0, "has_open_position": True}
CASES = [
    {"rates": RATES, "position": LONG, "open_trades": []},
    {"rates": RATES, "position": LONG, "open_trades": [OTHER]},
    {"rates": RATES, "position": LONG, "open_trades": [{**OTHER, "has_open_position": False}]},
    {"rates": RATES, "position": {**LONG, "is_short": True}, "open_trades": []},
    {"rates": RATES, "position": {**LONG, "wallet_balance": 50_000.0}, "open_trades": []},
]


@pytest.fixture(scope="module")
def python(real_environment: dict[str, str]) -> Path:
    return freqtrade_bot.python(real_environment)


async def seen(python: Path, replace: str = "") -> Any:
    return await other_programs.run(python, PROGRAM, {"liquidation": {"exchange": "standx", "cases": CASES}}, replace=replace)


async def test_every_id_has_its_class(python: Path) -> None:
    found = await seen(python, "all")
    assert found["before"] == dict.fromkeys(registry.IDS, OURS)
    assert found["said"] == [f"INFO freqtrade.exchange has ccxt_dex's classes for {', '.join(registry.IDS)}"]
    for each, kind in found["classes"].items():
        room = registry.load(each)
        assert kind["name"] == each.title() and kind["pickles"], each
        assert [margin for mode, margin in kind["pairs"] if mode == "futures"] == list(room.margin_modes), each
        assert ("spot" in {mode for mode, _ in kind["pairs"]}) is (each in ON_HYPERLIQUID - {"treadfi_hl"}), each
        assert kind["own"] is (each in ON_HYPERLIQUID), each
        assert kind["has"]["balance_includes_unrealized_pnl"] is room.balance_is_equity, each
    # unregister() gives freqtrade's own back; register() adds, also to what freqtrade has imported already
    assert found["without"] == {"hyperliquid": THEIRS}
    assert found["once"] == {"standx": OURS, "hyperliquid": THEIRS}
    assert found["again"] == {**dict.fromkeys(NEW, OURS), "hyperliquid": OURS}


async def test_freqtrade_s_own_class_stays_where_ccxt_s_does(python: Path) -> None:
    found = await seen(python)
    assert found["before"] == {**dict.fromkeys(NEW, OURS), "hyperliquid": THEIRS}
    assert found["said"] == [f"INFO freqtrade.exchange has ccxt_dex's classes for {', '.join(sorted(NEW))}"]
    check_liquidation([Decimal(str(price)) for price in found["prices"]])


def check_liquidation(prices: list[Decimal]) -> None:
    """At the price, what is left of the account is what both positions need."""
    alone, beside, closed, short, rich = prices
    rate = Decimal("0.0129")
    for price, needed, side in ((alone, Decimal(0), 1), (beside, 2 * Decimal(3000) * Decimal("0.02"), 1), (short, Decimal(0), -1)):
        left = Decimal(2500) + side * (price - 60_000) * Decimal("0.1")
        assert abs(left - needed - price * Decimal("0.1") * rate) < Decimal("1e-6")
    assert closed == alone < beside and short > 60_000
    # more money than the position is worth: it cannot be liquidated
    assert rich == 0
