"""freqtrade's commands that end by themselves, on paper venues: lists, data, backtesting, hyperopt."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from ccxt_dex import registry
from compat_tests.bots import freqtrade_bot
from compat_tests.bots.freqtrade_bot import Desk

pytestmark = pytest.mark.peers

Venues = Callable[..., Any]

# everything is shown on these, on the others what their data is needed for
WHOLE = ("standx", "hyperliquid", "edgex")


@pytest.fixture(scope="module")
def freqtrade(real_environment: dict[str, str]) -> Path:
    return freqtrade_bot.python(real_environment)


def two_days() -> str:
    today = datetime.now(timezone.utc).date()
    return f"{today - timedelta(days=2):%Y%m%d}-{today:%Y%m%d}"


def margin(venue_id: str) -> list[str]:
    return [] if "isolated" in registry.load(venue_id).margin_modes else ["cross"]


async def download(desk: Desk) -> str:
    return await desk.run("download-data", "--timerange", two_days(), "--timeframes", "5m", "1h")


@pytest.mark.parametrize("venue_id", registry.IDS)
async def test_markets_and_data(freqtrade: Path, paper_venue: Venues, venue_id: str, tmp_path: Path) -> None:
    venue = await paper_venue(venue_id)
    desk = Desk(freqtrade, venue, tmp_path / "user", *margin(venue_id))
    said = await desk.run("list-markets", "--print-json")
    listed = json.loads(said.strip().splitlines()[-1])
    assert desk.pairs[0] in listed and len(listed) >= 3
    has = registry.load(venue_id)().has
    said = await download(desk)
    folder = desk.folder / "data" / venue_id / "futures"
    stem = re.sub(r"\W", "_", desk.pairs[0])
    wanted = {f"{stem}-5m-futures", f"{stem}-1h-futures"}
    wanted |= {f"{stem}-1h-mark"} if has.get("fetchMarkOHLCV") else set()
    wanted |= {f"{stem}-1h-funding_rate"} if has.get("fetchFundingRateHistory") else set()
    assert {path.stem for path in folder.glob("*.feather")} == wanted
    # two whole days of candles, not the latest page of them
    counts = {name: int(count) for name, count in re.findall(r"Downloaded data for \S+, (\w+, \w+) with length (\d+)", said)}
    assert counts["5m, futures"] >= 2 * 288 and counts["1h, futures"] >= 2 * 24
    assert not wanted & {f"{stem}-1h-funding_rate"} or counts["1h, funding_rate"] >= 2 * 3


@pytest.mark.parametrize("venue_id", WHOLE)
async def test_backtesting_and_hyperopt(freqtrade: Path, paper_venue: Venues, venue_id: str, tmp_path: Path) -> None:
    venue = await paper_venue(venue_id)
    desk = Desk(freqtrade, venue, tmp_path / "user")
    await download(desk)
    common = ("--strategy", "OnCommand", "--timeframe", "5m", "--timerange", two_days())
    said = await desk.run("backtesting", *common, "--cache", "none")
    row = re.search(r"OnCommand\s+│\s+(\d+)\s+│", said)
    assert row is not None and int(row[1]) > 10, said[-3000:]
    assert "Traceback" not in said
    hyper = ("--epochs", "4", "--job-workers", "2", "--spaces", "buy", "--hyperopt-loss", "OnlyProfitHyperOptLoss", "--random-state", "7")
    said = await desk.run("hyperopt", *common, *hyper)
    assert "Number of parallel jobs set as: 2" in said and "4 epochs saved" in said and "Traceback" not in said, said[-3000:]
    results = next((desk.folder / "hyperopt_results").glob("*.fthypt")).read_text()
    assert all(json.loads(line)["results_metrics"]["total_trades"] > 10 for line in results.splitlines())


async def test_our_example_strategy(freqtrade: Path, paper_venue: Venues, tmp_path: Path) -> None:
    venue = await paper_venue("standx")
    desk = Desk(freqtrade, venue, tmp_path / "user", "cross", coins=("BTC", "ETH"))
    desk.take(freqtrade_bot.EXAMPLES / "strategies" / "breakout.py")
    await desk.run("download-data", "--timerange", two_days(), "--timeframes", "1m")
    said = await desk.run("backtesting", "--strategy", "Breakout", "--timerange", two_days(), "--cache", "none")
    row = re.search(r"Breakout\s+│\s+(\d+)\s+│", said)
    assert row is not None and int(row[1]) > 0, said[-3000:]


@pytest.mark.parametrize("venue_id", WHOLE)
async def test_lists(freqtrade: Path, paper_venue: Venues, venue_id: str, tmp_path: Path) -> None:
    venue = await paper_venue(venue_id)
    desk = Desk(freqtrade, venue, tmp_path / "user")
    said = await desk.run("list-pairs", "--print-json", "--quote", desk.stake)
    assert desk.pairs[0] in json.loads(said.strip().splitlines()[-1])
    said = await desk.run("list-timeframes")
    listed = said.strip().splitlines()[-1].rpartition(": ")[2].split(", ")
    assert listed == list(registry.load(venue_id)().timeframes)


async def test_every_exchange_is_listed(freqtrade: Path, paper_venue: Venues, tmp_path: Path) -> None:
    desk = Desk(freqtrade, await paper_venue("standx"), tmp_path / "user")
    said = await desk.run("list-exchanges")
    rows = {cells[2]: cells[3] for cells in ([cell.strip() for cell in line.split("│")] for line in said.splitlines()) if len(cells) > 4}
    for each in registry.IDS:
        modes = [f"{mode} futures" for mode in registry.load(each).margin_modes]
        assert rows[each].removeprefix("DEX: ").removeprefix("spot, ") == ", ".join(modes), each


async def written(path: Path) -> None:
    while not path.exists() or not path.read_text().endswith("}\n"):
        await asyncio.sleep(0.1)


async def test_the_readme_s_commands(freqtrade: Path, tmp_path: Path) -> None:
    """As a new user types them, in an empty folder beside our examples."""
    readme = (freqtrade_bot.ROOT / "README.md").read_text(encoding="utf-8")
    section = re.search(r"^## freqtrade\n.*?^```\n(.*?)^```", readme, re.DOTALL | re.MULTILINE)
    assert section is not None
    background, prepare, trade = section[1].strip().splitlines()
    (tmp_path / "examples").symlink_to(freqtrade_bot.ROOT / "examples", target_is_directory=True)
    variables = {**os.environ, "PATH": os.pathsep.join([str(freqtrade.parent), os.environ["PATH"]]), "COLUMNS": "20000"}

    async def shell(line: str) -> asyncio.subprocess.Process:
        # a group of its own: a pipe has several processes to end
        out = {"stdin": asyncio.subprocess.DEVNULL, "stdout": asyncio.subprocess.PIPE, "stderr": asyncio.subprocess.STDOUT}
        return await asyncio.create_subprocess_exec(
            "bash", "-c", line, env=variables, cwd=tmp_path, start_new_session=True, limit=2**22, **out
        )

    started = [await shell(background.removesuffix("&"))]
    try:
        await asyncio.wait_for(written(tmp_path / "paper.json"), freqtrade_bot.PATIENCE)
        done = await shell(prepare)
        said, _ = await asyncio.wait_for(done.communicate(), freqtrade_bot.PATIENCE)
        assert done.returncode == 0, said.decode()
        started.append(await shell(trade))
        text = ""
        assert started[1].stdout is not None
        while "state='RUNNING'" not in text:
            line = await asyncio.wait_for(started[1].stdout.readline(), freqtrade_bot.PATIENCE)
            assert line, text[-4000:]
            text += line.decode()
        assert "Using resolved exchange class 'Standx'" in text and "Traceback" not in text
    finally:
        for process in started:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
