"""The bots of examples/, as a user starts them, against paper venues: what the venue itself saw them do."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import ccxt_dex
from ccxt_dex import paper, registry

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
COIN = "BTC"
# one bot against one venue tells in the quick run; the venues differ in what they offer, so the long one takes them all
EVERY = [pytest.param(each, marks=() if each == registry.DEMO else pytest.mark.campaign) for each in registry.IDS]
FAST = {"interval": 0.1, "distance": 0.003, "seconds": 0.2, "fills": 3, "trades": 1}
LIMIT = 90.0


class Bot:
    """A bot in a process of its own, on an account of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.said = ""
        self.reader = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            self.said += line.decode()

    async def status(self) -> int:
        status = await asyncio.wait_for(self.process.wait(), LIMIT)
        await self.reader
        return status


def launcher(venue_id: str, native: bool) -> list[str]:
    """As the user types it; our class of a venue that ccxt has too is asked for by name."""
    return [] if native else ["-m", "ccxt_dex", "run", "--replace", venue_id]


@asynccontextmanager
async def started(program: str, venue: Any, tmp_path: Path, native: bool = False, **settings: Any) -> Any:
    symbol = ccxt_dex.symbol(venue.name, COIN)
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"exchange": venue.name, "symbol": symbol, "config": venue.config(), **FAST, **settings}))
    paths = os.pathsep.join([str(ROOT), os.environ["PYTHONPATH"]])
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *launcher(venue.name, native), str(EXAMPLES / program), str(path)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": paths},
    )
    bot = Bot(process)
    try:
        yield bot
    except AssertionError:
        print(bot.said)
        raise
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        await bot.reader


class Truth:
    """What the venue knows of the bot's account."""

    def __init__(self, venue: Any) -> None:
        self.venue = venue
        self.market = next(name for name, each in venue.engine.markets.items() if each.base == COIN)

    @property
    def account(self) -> Any:
        return self.venue.engine.account(self.venue.server.accounts[0])

    def orders(self) -> list[Any]:
        return list(self.account.orders.values())

    def open(self) -> list[Any]:
        return [order for order in self.orders() if order.status in ("open", "partially_filled", "new")]

    def fills(self) -> list[Any]:
        return list(self.venue.engine.fills(self.venue.server.accounts[0]))

    def seen(self) -> tuple[int, set[int]]:
        """What changes when the bot is filled or moves its quotes."""
        return len(self.fills()), {order.id for order in self.open()}

    def quoted(self) -> bool:
        """Whether two quotes lie around the price of now."""
        mark = self.venue.engine.mark(self.market)
        return len(self.open()) == 2 and all(abs(order.price / mark - 1) < Decimal("0.006") for order in self.open())

    def contracts(self) -> Decimal:
        return sum((abs(each.qty) for each in self.account.positions.values()), Decimal(0))

    async def move(self, fraction: str) -> None:
        price = self.venue.engine.mark(self.market) * (1 + Decimal(fraction))
        await self.venue.market({"symbol": self.market, "price": str(price)})


def assert_left_nothing(truth: Truth, bot: Bot) -> None:
    assert truth.open() == [] and truth.contracts() == 0, bot.said
    secrets = [value for value in truth.venue.config().values() if isinstance(value, str) and len(value) > 8]
    assert "Traceback" not in bot.said and not [each for each in secrets if each in bot.said]


async def quotes_until_filled(truth: Truth, bot: Bot, until: Any) -> None:
    """Swing the market through the bot's quotes until it has had enough."""
    swing = "0.008"
    while True:
        await until(lambda: truth.quoted() or bot.process.returncode is not None, LIMIT, "two quotes, or the end")
        if bot.process.returncode is not None:
            return
        before = truth.seen()
        await truth.move(swing)
        swing = "-0.008" if swing == "0.008" else "0.008"
        await until(lambda: truth.seen() != before or bot.process.returncode is not None, LIMIT, "a fill, or new quotes")  # noqa: B023


@pytest.mark.parametrize("venue_id", EVERY)
async def test_the_async_bot_quotes_is_filled_and_leaves_nothing(venue_id: str, tmp_path: Path, until: Callable[..., Any]) -> None:
    async with paper.start(venue_id, seed=7) as venue:
        await venue.market({"pause": True})
        truth = Truth(venue)
        async with started("async_bot.py", venue, tmp_path) as bot:
            await quotes_until_filled(truth, bot, until)
            assert await bot.status() == 0, bot.said
        assert len(truth.fills()) >= 4 and len(re.findall("filled: ", bot.said)) >= 3, bot.said
        assert_left_nothing(truth, bot)


@pytest.mark.parametrize("venue_id", EVERY)
async def test_the_sync_bot_takes_a_position_and_leaves_it(venue_id: str, tmp_path: Path) -> None:
    async with paper.start(venue_id, seed=7) as venue:
        await venue.market({"pause": True})
        truth = Truth(venue)
        async with started("sync_bot.py", venue, tmp_path) as bot:
            assert await bot.status() == 0, bot.said
        assert len(truth.fills()) >= 2 and "1 trades" in bot.said, bot.said
        assert_left_nothing(truth, bot)


@pytest.mark.campaign
async def test_the_same_files_run_on_ccxts_own_class(tmp_path: Path, until: Callable[..., Any]) -> None:
    """Started without our launcher: nothing in them is ours."""
    async with paper.start("hyperliquid", seed=7) as venue:
        await venue.market({"pause": True})
        truth = Truth(venue)
        async with started("sync_bot.py", venue, tmp_path, native=True) as bot:
            assert await bot.status() == 0, bot.said
        assert len(truth.fills()) == 2
        async with started("async_bot.py", venue, tmp_path, native=True) as bot:
            await quotes_until_filled(truth, bot, until)
            assert await bot.status() == 0, bot.said
        assert len(truth.fills()) >= 6
        assert_left_nothing(truth, bot)


@pytest.mark.campaign
async def test_an_order_of_unknown_outcome_is_not_sent_again(tmp_path: Path, until: Callable[..., Any]) -> None:
    """The venue executes the first order, its answer is late, and every look at it fails: the bot sends nothing more, then empties."""
    async with paper.start(registry.DEMO, seed=7) as venue:
        await venue.market({"pause": True})
        truth = Truth(venue)
        await venue.fault({"kind": "http_delay", "ms": 3000, "after": True, "match": "*new_order"})
        options = {**venue.config()["options"], "lookUpSeconds": 0.5, "outcomeTimeout": 0.5, "orderSocket": False}
        async with started(
            "async_bot.py", venue, tmp_path, config={**venue.config(), "timeout": 1000, "options": options}, fills=None
        ) as bot:
            await until(truth.orders, 30)
            await venue.fault({"kind": "http_status", "status": 503, "match": "*query_*", "count": 1000})
            await until(lambda: "OrderOutcomeUnknown" in bot.said or bot.process.returncode is not None, LIMIT)
            await venue.clear_faults()
            assert await bot.status() == 1, bot.said
        assert "no orders, no position" in bot.said and len(truth.orders()) == 1, bot.said
        assert_left_nothing(truth, bot)


@pytest.mark.parametrize("program", ["async_bot.py", pytest.param("sync_bot.py", marks=pytest.mark.campaign)])
async def test_an_interrupt_winds_down(program: str, tmp_path: Path, until: Callable[..., Any]) -> None:
    async with paper.start(registry.DEMO, seed=7) as venue:
        await venue.market({"pause": True})
        truth = Truth(venue)
        async with started(program, venue, tmp_path, fills=None, trades=None, seconds=3600) as bot:
            await until(lambda: len(truth.open()) == 2 or truth.contracts() or bot.process.returncode is not None, LIMIT)
            bot.process.send_signal(signal.SIGINT)
            assert await bot.status() == 0, bot.said
        assert truth.orders() and "no orders, no position" in bot.said
        assert_left_nothing(truth, bot)


@pytest.mark.campaign
@pytest.mark.parametrize("program", ["async_bot.py", "sync_bot.py"])
async def test_a_symbol_in_use_is_left_alone(program: str, tmp_path: Path) -> None:
    async with paper.start(registry.DEMO, seed=7) as venue:
        await venue.market({"pause": True})
        truth = Truth(venue)
        async with getattr(ccxt_dex, registry.DEMO)(venue.config()) as ex:
            await ex.load_markets()
            symbol = ccxt_dex.symbol(ex, COIN)
            price = ex.price_to_precision(symbol, float(truth.venue.engine.mark(truth.market)) * 0.98)
            await ex.create_order(symbol, "limit", "buy", 0.01, float(price))
        async with started(program, venue, tmp_path) as bot:
            assert await bot.status() == 2, bot.said
        assert "has 1 open orders" in bot.said and len(truth.open()) == len(truth.orders()) == 1
