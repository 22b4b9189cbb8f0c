"""What the tests of hummingbot's scripts share: the modules under hummingbot's names, a fast pace, runners on paper venues."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import ccxt_dex
from ccxt_dex.bots.hummingbot import modules

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples" / "hummingbot"


@contextmanager
def stand_in() -> Iterator[None]:
    """hummingbot's module names are ours for a while."""
    modules.install(force=True)
    try:
        yield
    finally:
        modules.uninstall()


def fast_pace() -> Any:
    from ccxt_dex.bots.hummingbot.feeds import Pace

    pace = Pace()
    pace.poll = pace.account = pace.funding = 0.05
    pace.quiet, pace.reconcile = 1.0, 0.2
    return pace


def load(script: Path, **settings: Any) -> tuple[type, Any]:
    """Strategy class and config of a script."""
    from ccxt_dex.bots.hummingbot.config import StrategyV2ConfigBase
    from ccxt_dex.bots.hummingbot.script import build_config
    from ccxt_dex.bots.hummingbot.script import load as load_script
    from ccxt_dex.bots.hummingbot.strategy import StrategyV2Base

    strategy, config_class = load_script(script, StrategyV2Base, StrategyV2ConfigBase)
    return strategy, build_config(config_class, settings)


@asynccontextmanager
async def running(script: Path, venues: dict[str, Any], pace: Any = None, exchanges: Any = None, **settings: Any) -> AsyncIterator[Any]:
    """A runner whose connectors are ready and whose ticks the test makes.

    :param venues: connector name -> paper venue
    :param exchanges: connector name -> exchange object; default: of our classes; a script's own setting of this name is a list
    """
    from ccxt_dex.bots.hummingbot.runner import Runner

    if isinstance(exchanges, list):
        settings["exchanges"] = exchanges
    strategy, config = load(script, **settings)
    if not isinstance(exchanges, dict):
        exchanges = {name: getattr(ccxt_dex, venue.name)(venue.config()) for name, venue in venues.items()}
    said: list[str] = []
    async with Runner(strategy, config, exchanges=exchanges, pace=pace or fast_pace(), output=said.append) as runner:
        runner.said = said
        yield runner


def requirements() -> list[str]:
    """What hummingbot itself needs, for an environment of its own."""
    lines = (Path(__file__).parent / "hummingbot_requirements.txt").read_text(encoding="utf-8").splitlines()
    return ["--no-deps", *(line for line in lines if line and not line.startswith("#"))]
