"""Unmodified freqtrade in a process of its own, against a paper venue: started as a user starts it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import ccxt_dex
from ccxt_dex.bots.freqtrade.config import exchange_section
from compat_tests.bots import other_programs

VERSION = "2026.9"
ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples" / "freqtrade"
STRATEGIES = Path(__file__).with_name("freqtrade_strategies")
# freqtrade itself takes some seconds to start; a machine shared by many tests takes longer
PATIENCE = 120.0

Row = dict[str, Any]

# credentials that everybody may know
_PUBLIC = ("walletAddress", "uid", "accountId")
_SECRET = re.compile(r"sig(?!ner)|auth|token|jwt|cookie|secret|passphrase|session|password|private|api-?key|^[rsv]$", re.IGNORECASE)


def python(variables: dict[str, str]) -> Path:
    """The interpreter that has freqtrade and this checkout; another environment when what the checkout needs changes."""
    own = [each for each in metadata.requires("ccxt-dex") or [] if "extra ==" not in each]
    return other_programs.installed("freqtrade", [f"freqtrade[hyperopt]=={VERSION}", *own], {**variables, "PIP_NO_COMPILE": "1"})


class Desk:
    """One freqtrade user directory with the config files of one run."""

    def __init__(self, python: Path, venue: Any, folder: Path, *overlays: str, coins: Sequence[str] = ("BTC",), **settings: Any) -> None:
        """:param overlays: names of our example configs, over the first of them; the paper venue's comes last, with these settings"""
        self.python, self.venue, self.folder = python, venue, folder
        self.credentials = venue.config()
        self.native = next(each.id for each in venue.engine.markets.values() if each.base == coins[0])
        self.pairs = [ccxt_dex.symbol(venue.name, coin) for coin in coins]
        self.stake = self.pairs[0].partition("/")[2].partition(":")[0]
        # hyperopt writes what it found beside the strategy
        shutil.copytree(STRATEGIES, folder / "strategies", ignore=shutil.ignore_patterns("__pycache__"))
        self.overlays = [EXAMPLES / "futures.json", *(EXAMPLES / f"{each}.json" for each in overlays)]
        quick = {
            "exchange": {**exchange_section(venue.name, self.credentials), "pair_whitelist": self.pairs},
            "stake_currency": self.stake,
            "max_open_trades": 1,
            "internals": {"process_throttle_secs": 1},
            "db_url": f"sqlite:///{folder / 'trades.sqlite'}",
            **settings,
        }
        (folder / "paper.json").write_text(json.dumps(quick))

    def options(self, **changed: Any) -> None:
        """Options of the exchange class, as a user sets them in `ccxt_config`."""
        path = self.folder / "paper.json"
        config = json.loads(path.read_text())
        config["exchange"]["ccxt_config"].setdefault("options", {}).update(changed)
        path.write_text(json.dumps(config))

    def take(self, strategy: Path) -> None:
        """A strategy beside the test's own."""
        shutil.copy(strategy, self.folder / "strategies")

    def command(self, *arguments: str, launcher: tuple[str, ...] = ("run", "--replace", "all"), verbose: bool = False) -> list[str]:
        configs = [part for path in (*self.overlays, self.folder / "paper.json") for part in ("--config", str(path))]
        loud = ["-vvv"] if verbose else []
        return [str(self.python), "-m", "ccxt_dex", *launcher, "freqtrade", *arguments, *configs, "--userdir", str(self.folder), *loud]

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name != "CCXT_DEX_REGISTER"}
        # lines of the log are not folded, which would hide what the tests look for; numerical libraries start no threads of their own
        return {
            **kept,
            "COLUMNS": "20000",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "NUMEXPR_MAX_THREADS": "2",
            "PYTHONUNBUFFERED": "1",
        }

    async def run(self, *arguments: str, verbose: bool = False, **how: Any) -> str:
        """A command that ends by itself: everything it said, standard error included."""
        process = await self._start(arguments, verbose, how)
        try:
            said, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        text = said.decode()
        assert process.returncode == 0, text[-6000:]
        return text

    async def _start(self, arguments: tuple[str, ...], verbose: bool, how: Mapping[str, Any]) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *self.command(*arguments, verbose=verbose, **how),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=self.environment(),
            cwd=self.folder,
            limit=2**22,
        )

    @contextlib.asynccontextmanager
    async def trading(self, strategy: str = "OnCommand", *, verbose: bool = False) -> AsyncIterator[Bot]:
        """`freqtrade trade` until the block ends."""
        bot = Bot(self, await self._start(("trade", "--strategy", strategy), verbose, {}))
        try:
            yield bot
        finally:
            await bot.stop()

    def say(self, word: str) -> None:
        """What the strategy looks for."""
        (self.folder / word).touch()


def secrets_of(venue: Any, config: Mapping[str, Any]) -> set[str]:
    """What must not be in a log: credentials, session tokens, and whatever signed or authorised a request that the venue got."""
    found = {str(value) for name, value in config.items() if isinstance(value, str) and name not in _PUBLIC}
    found |= {value for name, value in (config.get("options") or {}).items() if isinstance(value, str) and _SECRET.search(name)}
    found |= set(venue.tokens())
    for request in venue.requests():
        with contextlib.suppress(ValueError):
            found |= set(_signed(json.loads(request.body)))
        for pairs in (request.headers, request.query):
            found |= {value for name, value in pairs.items() if _SECRET.search(name) and not name.lower().startswith("sec-websocket")}
    found |= {value[2:] for value in found if value.startswith("0x")}
    return {value for value in found if len(value) >= 20}


def _signed(value: Any, name: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _signed(inner, f"{name}.{key}" if _SECRET.search(name) else str(key))
    elif isinstance(value, list):
        for inner in value:
            yield from _signed(inner, name)
    elif isinstance(value, str) and _SECRET.search(name):
        yield value


class Bot:
    """A running `freqtrade trade`."""

    def __init__(self, desk: Desk, process: asyncio.subprocess.Process) -> None:
        self.desk, self.process, self.said = desk, process, ""
        # what it said until it was interrupted: an interrupt in the middle of a commit makes freqtrade complain
        self.said_in_time = ""
        self._reader = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.said += line.decode(errors="replace")

    def rows(self, table: str) -> list[Row]:
        """A table of freqtrade's database; empty while it does not exist."""
        path = self.desk.folder / "trades.sqlite"
        if not path.exists():
            return []
        try:
            with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)) as database:
                database.row_factory = sqlite3.Row
                return [dict(row) for row in database.execute(f"SELECT * FROM {table} ORDER BY id")]
        except sqlite3.OperationalError:
            return []

    async def until(self, condition: Any, what: str, seconds: float = PATIENCE) -> Any:
        """The condition's first true value; the log's end tells why there is none."""
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            value = condition()
            if value:
                return value
            assert self.process.returncode is None, f"freqtrade ended before {what}:\n{self.said[-6000:]}"
            assert asyncio.get_running_loop().time() < deadline, f"not in {seconds:.0f} s: {what}\n{self.said[-6000:]}"
            await asyncio.sleep(0.1)

    def trade(self, **fields: Any) -> Row | None:
        """The first trade with these fields."""
        return next((row for row in self.rows("trades") if all(row[name] == value for name, value in fields.items())), None)

    def orders(self, **fields: Any) -> list[Row]:
        return [row for row in self.rows("orders") if all(row[name] == value for name, value in fields.items())]

    async def stop(self) -> None:
        self.said_in_time = self.said
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGINT)
            try:
                await asyncio.wait_for(self.process.wait(), 30)
            except asyncio.TimeoutError:
                self.process.kill()
                await self.process.wait()
        await self._reader
