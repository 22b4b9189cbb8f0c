"""`python -m ccxt_dex hummingbot SCRIPT.py [key=value ...]`: a hummingbot script on ccxt exchanges."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.bots.hummingbot import modules
from ccxt_dex.bots.hummingbot.pairs import PairError
from ccxt_dex.bots.hummingbot.script import ScriptError, build_config, load, overrides, read_settings
from ccxt_dex.commands import Parser

EPILOG = """\
key=value changes a field of the script's config: order_amount=0.01 'exchanges=["standx_paper_trade"]'

Connectors are named as in hummingbot: standx_perpetual, hyperliquid_perpetual, standx_paper_trade (a local venue with play money), and any
exchange of ccxt: binance_perpetual, kraken. Keys come from the environment (STANDX_PRIVATEKEY, ... see `keys VENUE`) or from the file of
--connectors (default ./connectors.json):

  {"standx_perpetual": {"config": {"privateKey": "..."}},
   "binance_perpetual": {"exchange": "binance", "config": {"apiKey": "...", "secret": "..."}, "sandbox": true}}

Ctrl-C stops: the script's on_stop runs, then its open orders are cancelled. Exit status 1: some order may still live, the log names it.
"""


def main(argv: Sequence[str]) -> int:
    """Run a script until it ends; 1 when orders may have been left behind."""
    parser = Parser(
        prog="python -m ccxt_dex hummingbot",
        description="Run a hummingbot script on ccxt exchanges, without hummingbot.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("script", type=Path, metavar="SCRIPT.py")
    parser.add_argument("settings", nargs="*", metavar="key=value")
    parser.add_argument("--config", type=Path, help="the script's settings: JSON, or YAML as hummingbot writes it")
    parser.add_argument("--connectors", type=Path, help="JSON file with exchanges and keys")
    parser.add_argument("--connector", action="append", default=[], metavar="NAME=OTHER", help="let another connector stand for one")
    parser.add_argument("--seconds", type=float, help="stop after so many seconds")
    parser.add_argument("--status", type=float, metavar="SECONDS", help="print the status so often; it is printed at the end in any case")
    parser.add_argument("--stand-in", action="store_true", help="our modules even where hummingbot itself is installed")
    parser.add_argument("--log-level", default="INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR"))
    options = parser.parse_intermixed_args(argv)
    logging.basicConfig(level=options.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    try:
        return _run(options)
    except (ScriptError, PairError) as error:
        parser.error(" ".join(str(error).split()))
    except errors.BaseError as error:
        sys.stderr.write(f"{type(error).__name__}: {' '.join(str(error).split())}\n")
        return 1


def _run(options: argparse.Namespace) -> int:
    settings = {**(read_settings(options.config) if options.config else {}), **overrides(options.settings)}
    aliases = _aliases(options.connector)
    if modules.real_is_here() and not options.stand_in:
        from ccxt_dex.bots.hummingbot.real import headless

        headless.run(options.script, settings, options.connectors, aliases, options.seconds, options.status)
    try:
        modules.install(force=True)
    except RuntimeError as error:
        raise ScriptError(str(error)) from None
    from ccxt_dex.bots.hummingbot.config import StrategyV2ConfigBase
    from ccxt_dex.bots.hummingbot.runner import Runner
    from ccxt_dex.bots.hummingbot.strategy import StrategyV2Base
    from ccxt_dex.bots.hummingbot.venues import Venues, read_connectors

    venues = Venues(read_connectors(options.connectors), aliases)
    strategy, config_class = load(options.script, StrategyV2Base, StrategyV2ConfigBase)
    runner = Runner(strategy, build_config(config_class, settings), venues)
    asyncio.run(_session(runner, options))
    return 1 if runner.left else 0


def _aliases(pairs: Sequence[str]) -> dict[str, str]:
    if wrong := [each for each in pairs if not all(each.partition("="))]:
        raise ScriptError(f"--connector {wrong[0]} is not of the form NAME=OTHER")
    return dict(each.split("=", 1) for each in pairs)


async def _session(runner: Any, options: argparse.Namespace) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, runner.request_stop)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(runner.request_stop))
    async with runner:
        await runner.run(options.seconds, options.status)
        runner.output(runner.status())
