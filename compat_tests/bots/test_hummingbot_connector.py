"""hummingbot's connector as a whole on a paper venue, and where connectors, keys and settings come from."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ccxt_dex import registry
from ccxt_dex._ccxt import errors
from ccxt_dex.bots.hummingbot import script
from ccxt_dex.bots.hummingbot.connector import ConnectorBase
from ccxt_dex.bots.hummingbot.values import Position
from ccxt_dex.bots.hummingbot.venues import Venues, read_connectors
from ccxt_dex.bots.hummingbot.words import NetworkStatus, OrderType, PositionMode, PositionSide, TradeType
from compat_tests.bots.hummingbot_tools import fast_pace

D = Decimal


def test_settings_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "conf.json"
    path.write_text('{"spread": 0.001, "pairs": ["A-B"]}')
    assert script.read_settings(path) == {"spread": "0.001", "pairs": ["A-B"]}
    path.write_text("private: [")
    with pytest.raises(script.ScriptError, match=r"is not JSON$"):
        script.read_settings(path)
    yaml = tmp_path / "conf.yml"
    yaml.write_text("spread: 0.001\n")
    if importlib.util.find_spec("yaml") is None:
        with pytest.raises(script.ScriptError, match="PyYAML is not installed"):
            script.read_settings(yaml)
    else:
        assert script.read_settings(yaml) == {"spread": 0.001}


def test_the_connectors_file(tmp_path: Path, caplog: Any, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_connectors(None) == {}
    path = tmp_path / "connectors.json"
    path.write_text(json.dumps({"a_perpetual": {"exchange": "standx", "config": {"privateKey": "geheim"}, "markets": "swap"}}))
    path.chmod(0o644)
    assert read_connectors(None)["a_perpetual"]["exchange"] == "standx"
    if os.name == "posix":
        assert "can be read by others" in caplog.text and "geheim" not in caplog.text
    for wrong in ('{"a": {"secret": "geheim"}}', '{"a": {"markets": "both"}}', '["geheim"]', '{"a": "geheim"', "geheim"):
        path.write_text(wrong)
        with pytest.raises(script.ScriptError) as refused:
            read_connectors(path)
        assert "geheim" not in str(refused.value)


async def test_exchanges_of_connector_names(monkeypatch: Any) -> None:
    monkeypatch.setenv("LIGHTER_APIKEY", "from the environment")
    venues = Venues({"mine": {"exchange": "binance", "sandbox": True, "markets": "swap"}}, {"kucoin_paper_trade": "standx_paper_trade"})
    made: dict[str, Any] = {}
    try:
        for name in ("lighter_perpetual", "hyperliquid_perpetual_testnet", "mine", "kraken", "kucoin_paper_trade", "standx_paper_trade"):
            made[name] = await venues.create(name)
        assert {name: each.id for name, each in made.items()} == {
            "lighter_perpetual": "lighter",
            "hyperliquid_perpetual_testnet": "hyperliquid",
            "mine": "binance",
            "kraken": "kraken",
            "kucoin_paper_trade": "standx",
            "standx_paper_trade": "standx",
        }
        assert made["lighter_perpetual"].apiKey == "from the environment"
        assert "testnet" in str(made["hyperliquid_perpetual_testnet"].urls["api"]) and "testnet" in str(made["mine"].urls["api"])
        assert made["kucoin_paper_trade"].urls == made["standx_paper_trade"].urls, "one venue, two connectors"
        assert venues.kinds("mine") == ("swap",) and venues.kinds("kraken") is None
    finally:
        for each in made.values():
            await each.close()
        await venues.aclose()


async def test_collateral_under_the_scripts_name_positions_leverage_and_modes(paper_venue: Any, until: Any) -> None:
    venue = await paper_venue("standx")
    told: list[tuple[str, Any]] = []
    connector = ConnectorBase(
        "standx_perpetual", registry.create("standx", venue.config()), ["BTC-USDT"], lambda *each: told.append(each), pace=fast_pace()
    )
    try:
        await connector.start_network()
        await until(lambda: connector.ready)
        assert connector.get_balance("USDT") == connector.get_balance("DUSD") > 0 and connector.get_balance("ETH") == 0
        assert (
            connector.get_funding_info("BTC-USDT").rate.is_finite()
            and connector.get_fee("BTC", "USDT", OrderType.MARKET, TradeType.BUY, D(1), D(1)).percent > 0
        )
        assert connector.get_leverage("BTC-USDT") == 1
        connector.set_leverage("BTC-USDT", 4)
        connector.set_position_mode(PositionMode.HEDGE)
        await until(lambda: connector.get_leverage("BTC-USDT") == 4)
        await until(lambda: told)
        assert told[0][0] == "did_change_position_mode_fail" and connector.position_mode is PositionMode.ONEWAY
        connector.sell("BTC-USDT", D("0.003"), OrderType.MARKET)
        position: Position = await until(lambda: connector.account_positions.get("BTC-USDT"))
        assert position.amount == D("-0.003") and position.position_side is PositionSide.SHORT
    finally:
        assert await connector.stop_network() == []
    assert connector.display_name == "standx_perpetual"


async def test_a_connector_without_credentials_shows_prices_and_refuses_orders(paper_venue: Any, until: Any) -> None:
    venue = await paper_venue("standx")
    told: list[tuple[str, Any]] = []
    config = {"urls": venue.config()["urls"]}
    connector = ConnectorBase("standx_paper_trade", registry.create("standx", config), ["BTC-USD"], lambda *each: told.append(each))
    try:
        await connector.start_network()
        await until(lambda: connector.ready)
        assert connector.get_mid_price("BTC-USD") > 0 and connector.get_balance("USD") == 0
        connector.buy("BTC-USD", D("0.01"), OrderType.MARKET)
        await until(lambda: told)
        assert told[0][0] == "did_fail_order" and told[0][1].error_type == "AuthenticationError"
    finally:
        await connector.stop_network()
    assert connector.display_name == "standx_PaperTrade"


@pytest.mark.parametrize("needed", [True, False])
async def test_a_loop_survives_what_it_must(needed: bool, until: Any) -> None:
    from ccxt_dex.bots.hummingbot.feeds import Pace, forever

    pace, steps, failures = Pace(), [errors.NetworkError("cut"), errors.AuthenticationError("who?")], []
    pace.longest_pause, done = 0.01, asyncio.Event()

    async def step() -> None:
        if steps:
            raise steps.pop(0)
        done.set()
        await asyncio.sleep(3600)

    task = asyncio.ensure_future(forever("loop", step, pace, lambda: failures.append(1), needed=needed))
    await until(lambda: task.done() or done.is_set())
    assert len(failures) == 2 and task.done() is not needed
    task.cancel()


async def test_while_the_account_cannot_be_read_the_status_warns(paper_venue: Any, until: Any) -> None:
    venue = await paper_venue("standx")
    connector = ConnectorBase("standx_perpetual", registry.create("standx", venue.config()), ["BTC-USD"], pace=fast_pace())
    try:
        await connector.start_network()
        await until(lambda: connector.ready)
        assert connector.network_status is NetworkStatus.CONNECTED
        await venue.fault({"kind": "http_status", "match": "*query_balance*", "status": 500, "count": 1})
        await until(lambda: connector.network_status is NetworkStatus.NOT_CONNECTED)
        assert connector.get_balance("USD") > 0, "what was known before"
        await until(lambda: connector.network_status is NetworkStatus.CONNECTED)
    finally:
        await connector.stop_network()


async def test_stopping_is_not_swallowed() -> None:
    """A wait that ends at the moment of its cancellation must not go on."""
    from ccxt_dex.bots.hummingbot.feeds import waited

    event = asyncio.Event()
    task = asyncio.ensure_future(waited(event, 10))
    await asyncio.sleep(0)
    event.set()
    for _ in range(2):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
