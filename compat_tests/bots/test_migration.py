"""docs/migrating-from-mpdex.md keeps its word: every right-hand side runs, and no name of mpdex is missing on the left."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import ccxt.async_support
import ccxt.pro
import pytest

import ccxt_dex
from ccxt_dex import paper, registry
from ccxt_dex.__main__ import main
from ccxt_dex._ccxt import errors
from compat_tests.bots.migration_rows import PAGE, Row, evaluate, rows
from compat_tests.contract.desk import Desk

ROOT = PAGE.parents[1]
ROWS = rows()
EVERY = [pytest.param(each, marks=() if each == registry.DEMO else pytest.mark.campaign) for each in registry.IDS]
# the public names of mpdex, by its own documentation
NAMES = """create_exchange symbol_create SYMBOL_FORMATS SPOT_SYMBOL_FORMATS _load init close StandXExchange LighterExchange MultiPerpDex MultiPerpDexMixin
    has_spot available_symbols ws_supported create_order get_position close_position get_collateral get_open_orders cancel_orders get_mark_price
    update_leverage get_leverage_info get_available_symbols get_orderbook unsubscribe_orderbook is_reduce_only get_perp_quote WS_POOL StandXWSPool acquire
    release PING_INTERVAL RECV_TIMEOUT RECONNECT_MIN RECONNECT_MAX CONNECT_MAX_ATTEMPTS WS_CONNECT_TIMEOUT _resubscribe _reconnect_with_backoff proxy
    by_agent vault_address session_cookies account_id private_key api_key_id sign_l1_action sign_user_signed_action stark_sign SigningKey Keypair
    treadfi.hyperliquid treadfi.pacifica get_spot_balance transfer_to_spot get_all_positions get_all_prices has_margin_mode get_trades
    check order close pk_standx""".split()
# what returns nothing when it worked
QUIET = ("ex.close(", "ex.un_watch_", "ex.cancel_all_orders(", "ex.set_leverage(", "ex.set_margin_mode(", "ex.sign_in(", "ex.transfer(")
CLASSES = {"ccxt": ccxt, "ccxt_dex": ccxt_dex}


def test_no_name_of_mpdex_is_missing() -> None:
    left = " ".join(row.old for row in ROWS)
    assert [name for name in NAMES if not re.search(rf"(?<![a-z_]){re.escape(name)}(?![a-z])", left)] == []


def test_every_venue_has_its_credentials() -> None:
    assert {row.venue for row in ROWS if row.section == "Credentials" and row.venue} == set(registry.IDS)


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.section == "Credentials" and row.venue], ids=lambda row: f"{row.line}-{row.venue}"
)
async def test_a_config_is_enough(row: Row) -> None:
    ex = await evaluate(row.code, CLASSES)
    assert ex.id == row.venue
    if "options" not in row.code or "privateKey" in row.code:
        assert ex.check_required_credentials() is True


# --- code against a local venue ------------------------------------------------------------------------------------------------------


async def rest(desk: Desk, names: dict[str, Any]) -> None:
    names["order"] = await desk.rest()


async def hold(desk: Desk, names: dict[str, Any]) -> None:
    if await desk.position() is None:
        await desk.fill("buy")


async def flat(desk: Desk, names: dict[str, Any]) -> None:
    await desk.ex.cancel_all_orders(desk.symbol)
    if await desk.position() is not None:
        await desk.final(await desk.ex.close_position(desk.symbol))
        await desk.has_position(0)


Step = Callable[[Desk, dict[str, Any]], Awaitable[None]]
FIRST: tuple[tuple[str, Step], ...] = (
    (r"\border\[", rest),
    (r"reduceOnly|close_|fetch_position", hold),
    (r"set_margin_mode|set_leverage", flat),
)


async def nothing_held(desk: Desk, result: Any) -> None:
    await desk.has_position(0)


async def nothing_open(desk: Desk, result: Any) -> None:
    assert await desk.ex.fetch_open_orders(desk.symbol) == []


async def lower(desk: Desk, result: Any) -> None:
    assert (await desk.ex.fetch_leverage(desk.symbol))["longLeverage"] == 5


async def is_open(desk: Desk, result: Any) -> None:
    assert (await desk.ex.fetch_order(result["id"], desk.symbol))["status"] == "open"


# what must be true at the venue afterwards
THEN: dict[str, Callable[[Desk, Any], Awaitable[None]]] = {
    "await ex.close_position(symbol)": nothing_held,
    "await ex.close_all_positions()": nothing_held,
    "await ex.cancel_all_orders(symbol)": nothing_open,
    "await ex.set_leverage(5, symbol)": lower,
    'await ex.create_order(symbol, "limit", "buy", amount, price)': is_open,
    'await ex.create_order_ws(symbol, "limit", "buy", amount, price)': is_open,
}


def lacks(ex: Any, code: str) -> bool:
    """Whether the venue says of itself that it cannot do this."""
    called = [re.sub(r"_(\w)", lambda found: found[1].upper(), name) for name in re.findall(r"ex\.(\w+)\(", code)]
    return any(name in ex.has and ex.has[name] is not True for name in called)


async def run(desk: Desk, row: Row, again: Callable[[], Any]) -> str:
    """Why a row does not hold, "" when it does."""
    if desk.ex.closed_by_user:
        desk.ex = again()
        await desk.ex.load_markets()
    ex = desk.ex
    names = {
        **CLASSES,
        "ex": ex,
        "name": desk.venue_id,
        "config": desk.venue.config(),
        "symbol": desk.symbol,
        "proxy": "http://127.0.0.1:1",
    }
    try:
        for pattern, step in FIRST:
            if re.search(pattern, row.code):
                await asyncio.wait_for(step(desk, names), 20)
        names |= {"amount": desk.size(), "price": desk.below()}
        result = await asyncio.wait_for(evaluate(row.code, names), 20)
        if result is None and not any(each in row.code for each in QUIET):
            return f"{row}: None"
        if row.code in THEN:
            await THEN[row.code](desk, result)
    except errors.MarginModeAlreadySet:
        return "" if "set_margin_mode" in row.code else f"{row}: already set"
    except errors.NotSupported as error:
        # some say it of one argument only (margin that is always cross); the quick venue and a venue's own rows have no way out
        return "" if desk.venue_id != registry.DEMO and not row.venue else f"{row}: {error}"
    except Exception as error:
        return f"{row}: {type(error).__name__}: {error}"
    return ""


async def all_of(given: list[Row], venue_id: str) -> list[str]:
    async with paper.start(venue_id, seed=7) as venue:
        await venue.market({"pause": True})
        opened: list[Any] = []

        def again() -> Any:
            opened.append(getattr(ccxt_dex, venue_id)(venue.config()))
            opened[-1].timeout_on_exit = 0
            return opened[-1]

        desk = Desk(venue_id, venue, again(), "")
        try:
            await desk.ex.load_markets()
            desk.symbol = ccxt_dex.symbol(desk.ex, "BTC")
            failed = [await run(desk, row, again) for row in given if not lacks(desk.ex, row.code)]
        finally:
            for ex in opened:
                await ex.close()
        return [text for text in failed if text]


@pytest.mark.parametrize("venue_id", EVERY)
async def test_every_right_hand_side_runs(venue_id: str) -> None:
    given = [row for row in ROWS if not row.venue and not row.command]
    assert len(given) > 70 and set(THEN) <= {row.code for row in given}
    assert await all_of(given, venue_id) == []


def test_the_quick_venue_leaves_nothing_out() -> None:
    ex = getattr(ccxt_dex, registry.DEMO)()
    assert [row for row in ROWS if not row.venue and not row.command and lacks(ex, row.code)] == []


@pytest.mark.parametrize("venue_id", EVERY)
async def test_what_one_venue_has(venue_id: str) -> None:
    given = [row for row in ROWS if row.venue == venue_id and row.section != "Credentials"]
    if given:
        ex = getattr(ccxt_dex, venue_id)()
        assert [row for row in given if lacks(ex, row.code)] == []
        assert await all_of(given, venue_id) == []


def test_a_row_that_does_not_work_is_found() -> None:
    made_up = [
        Row("Methods", 1, "", "", "await ex.fetch_nothing(symbol)"),
        Row("Methods", 2, "", "", "ex.market(symbol)['nothing']"),
        Row("Methods", 3, "", "", "ex.last_http_response and None"),
    ]
    found = asyncio.run(all_of(made_up, registry.DEMO))
    assert [text.partition(": ")[0] for text in found] == ["line 1", "line 2", "line 3"]


# --- commands ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.campaign
async def test_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    commands = [row for row in ROWS if row.command]
    assert len(commands) >= 6
    async with paper.start(registry.DEMO, seed=7) as venue:
        await venue.market({"pause": True})
        (tmp_path / "config.json").write_text(json.dumps(venue.config()))
        for row in commands:
            if row.command[0] == "call":
                said = await typed(row.command, tmp_path)
            else:
                assert main(row.command) == 0, row
                said = capsys.readouterr().out
            assert said.strip(), row
        fills = venue.engine.fills(venue.server.accounts[0])
        assert [fill.side for fill in fills] == ["buy", "sell"]


async def typed(arguments: list[str], folder: Path) -> str:
    paths = os.pathsep.join([str(ROOT), os.environ["PYTHONPATH"]])
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ccxt_dex", *arguments), cwd=folder, stdout=pipe, stderr=pipe, env={**os.environ, "PYTHONPATH": paths}
    )
    out, err = await asyncio.wait_for(child.communicate(), 60)
    assert child.returncode == 0, f"{arguments}: {err.decode()}"
    return out.decode()
