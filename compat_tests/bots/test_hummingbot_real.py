"""hummingbot itself, in an environment of its own, on our connector against a paper venue."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from compat_tests.bots.hummingbot_tools import EXAMPLES, ROOT, requirements
from compat_tests.peers.environments import HOME, EnvironmentUnavailable, environment

# one environment for all of them, made by whoever comes first
pytestmark = [pytest.mark.peers, pytest.mark.xdist_group("hummingbot")]
PYTHON = "3.12"
# compiled without optimisation in well under half the time, and so kept out of the user's cache of built packages
QUICKLY = {"WITHOUT_CYTHON_OPTIMIZATIONS": "1", "CFLAGS": "-O0 -g0", "CXXFLAGS": "-O0 -g0", "PIP_CACHE_DIR": str(HOME / "pip-cache")}
NAME = "standx_perpetual"
LIMIT = 120.0


@pytest.fixture(scope="session")
def hummingbot(real_environment: dict[str, str]) -> Path:
    """The python of an environment with hummingbot; building it takes minutes and a C compiler."""
    try:
        return environment("hummingbot", requirements(), PYTHON, variables={**real_environment, **QUICKLY})
    except EnvironmentUnavailable as error:
        pytest.skip(f"hummingbot: {error}")


COMMAND = ("-m", "ccxt_dex", "hummingbot")


async def started(
    python: Path, cwd: Path, venue: Any, script: Path, *settings: str, program: tuple[str, ...] = COMMAND
) -> asyncio.subprocess.Process:
    connectors = cwd / "connectors.json"
    connectors.write_text(json.dumps({NAME: {"exchange": venue.name, "config": venue.config()}}))
    connectors.chmod(0o600)
    paths = os.pathsep.join([str(ROOT), os.environ["PYTHONPATH"]])
    command = [str(python), *program, str(script), *settings]
    with (cwd / "log").open("wb") as log:
        return await asyncio.create_subprocess_exec(*command, cwd=cwd, env={**os.environ, "PYTHONPATH": paths}, stdout=log, stderr=log)


def read(cwd: Path) -> str:
    return (cwd / "log").read_text(errors="replace")


async def ended(process: asyncio.subprocess.Process, cwd: Path) -> str:
    """What it said, after Ctrl-C."""
    process.send_signal(signal.SIGINT)
    status = await asyncio.wait_for(process.wait(), LIMIT)
    said = read(cwd)
    assert status == 0, said[-4000:]
    return said


def orders(venue: Any, *statuses: str) -> list[Any]:
    listed = venue.engine.account(venue.account()).orders.values()
    return [order for order in listed if not statuses or order.status in statuses]


def held(venue: Any) -> Decimal:
    return sum((each.qty for each in venue.engine.account(venue.account()).positions.values()), Decimal(0))


@pytest.mark.parametrize("venue_id", ["standx", "hyperliquid"])
async def test_a_market_maker_on_hummingbot_itself(hummingbot: Path, paper_venue: Any, until: Any, tmp_path: Path, venue_id: str) -> None:
    venue = await paper_venue(venue_id)
    settings = [f"connector={NAME}", "refresh_time=4", "spread=0.004", "leverage=3"]
    process = await started(hummingbot, tmp_path, venue, EXAMPLES / "perp_market_maker.py", *settings)
    try:
        await until(lambda: process.returncode is not None or len(orders(venue, "open")) == 2, timeout=LIMIT)
        # it refreshes: the first two are gone, two others stand
        first = {order.id for order in orders(venue, "open")}
        await until(lambda: process.returncode is not None or len({o.id for o in orders(venue, "open")} - first) == 2, timeout=LIMIT)
        bid = next(order for order in orders(venue, "open") if order.request.side == "buy")
        await venue.market({"symbol": bid.request.market, "price": str(bid.price * Decimal("0.999"))})
        await until(lambda: process.returncode is not None or "BUY 0.002" in read(tmp_path), timeout=LIMIT)
        said = await ended(process, tmp_path)
    finally:
        if process.returncode is None:
            process.kill()
    assert "BUY 0.002" in said, said[-3000:]
    created = re.findall(r"Created \S+ \S+ order (\S+)", said)
    assert len(created) == len(set(created)) >= 4, "each told once"
    assert held(venue) == Decimal("0.002") and not orders(venue, "open")
    assert (tmp_path / "data" / "perp_market_maker.sqlite").is_file(), "its records are where it was started"
    assert "Traceback" not in said and venue.config()["privateKey"] not in said


async def test_an_order_without_an_answer_is_no_failure_on_hummingbot_either(
    hummingbot: Path, paper_venue: Any, until: Any, tmp_path: Path
) -> None:
    venue = await paper_venue("standx")
    settings = [f"connector={NAME}", "refresh_time=3600", "spread=0.004"]
    program = (str(Path(__file__).with_name("hummingbot_lossy.py")),)
    process = await started(hummingbot, tmp_path, venue, EXAMPLES / "perp_market_maker.py", *settings, program=program)
    try:
        await until(lambda: process.returncode is not None or read(tmp_path).count("Created LIMIT_MAKER") == 2, timeout=LIMIT)
        said = await ended(process, tmp_path)
    finally:
        if process.returncode is None:
            process.kill()
    assert said.count("does not know what became of order") == 2 and said.count("Created LIMIT_MAKER") == 2
    assert "failed" not in said.replace("Failed to", "") and "has failed" not in said
    assert len(orders(venue)) == 2 and not orders(venue, "open"), "sent once, found, cancelled at the end"
