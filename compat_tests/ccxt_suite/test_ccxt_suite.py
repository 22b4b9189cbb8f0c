"""ccxt's own test programme, from its wheel, on every room against its paper venue: public, private, funded; REST async and blocking; streams."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

import ccxt_dex
from ccxt_dex import registry
from ccxt_dex.errors import RateLimited
from compat_tests.ccxt_suite import tree
from compat_tests.ccxt_suite.expected import as_ccxt_wants, checked, done, excuses, expected, skips

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
OPTIONS = {"async": ("--private", "--fundedTests"), "sync": ("--private", "--fundedTests", "--sync"), "ws": ("--private", "--ws")}
SECONDS = 240.0  # some rooms wait for the venue's real weights


@pytest.fixture(scope="session")
def suite() -> Path:
    return tree.prepared()


def amounts(ex: Any, symbol: str, bid: float) -> float:
    limits = ex.market(symbol)["limits"]
    least = max(limits["amount"]["min"], (limits["cost"]["min"] or 0.0) / bid)
    return float(ex.amount_to_precision(symbol, least * 2.5))


async def bid_of(ex: Any, symbol: str) -> float:
    return float((await ex.fetch_order_book(symbol))["bids"][0][0])


def beyond(ex: Any, symbol: str, bid: float, factor: str) -> float:
    """A price for a market order that is good as a reference, and as the worst one where a venue takes it for that."""
    return float(ex.price_to_precision(symbol, bid * float(factor)))


async def trade(ex: Any, symbol: str) -> None:
    """A fill on each side, a cancelled order; flat in the end, because ccxt's funded test closes what it opens with reduce-only orders."""
    bid = await bid_of(ex, symbol)
    amount = amounts(ex, symbol, bid)
    await ex.create_order(symbol, "market", "buy", amount, beyond(ex, symbol, bid, "1.004"))
    order = await ex.create_order(symbol, "limit", "buy", amount, float(ex.price_to_precision(symbol, bid * 0.97)))
    await ex.cancel_order(order["id"], symbol)
    await ex.create_order(symbol, "market", "sell", amount, beyond(ex, symbol, bid, "0.996"), {"reduceOnly": True})


async def prepare(ex: Any, symbol: str, hold: bool) -> None:
    """A history in the market that is tested, a position in another one.

    hold: keep a position in the tested market as well; ccxt's test of streamed positions does not foresee one that closes
    """
    await trade(ex, symbol)
    if hold:
        bid = await bid_of(ex, symbol)
        await ex.create_order(symbol, "market", "buy", amounts(ex, symbol, bid), beyond(ex, symbol, bid, "1.004"))
    other = ccxt_dex.symbol(ex, "ETH")
    bid = await bid_of(ex, other)
    await ex.create_order(other, "market", "buy", amounts(ex, other, bid), bid)


async def beside(work: Any, ex: Any, symbol: str) -> Any:
    """The result of `work`, while the account trades on, so that its streams have something to say; a failed trade ends both."""

    async def go_on() -> None:
        while True:
            # two programs share the account's allowance here: neither can know what the other has spent
            with contextlib.suppress(RateLimited):
                await trade(ex, symbol)
            await asyncio.sleep(1.0)  # the pace of a trader, within the allowance; nothing waits for it

    working, trading = asyncio.ensure_future(work), asyncio.ensure_future(go_on())
    try:
        await asyncio.wait([working, trading], return_when=asyncio.FIRST_COMPLETED)
        return await (working if working.done() else trading)
    finally:
        for task in (working, trading):
            task.cancel()
        await asyncio.gather(working, trading, return_exceptions=True)


async def programme(folder: Path, suite: Path, exchange_id: str, symbol: str, mode: str) -> str:
    config = json.loads((folder / "keys.json").read_text())[exchange_id]
    limits = "nolimits" if config.get("enableRateLimit") is False else "limits"
    command = [sys.executable, str(HERE / "runner.py"), str(suite), str(folder), limits, exchange_id, symbol, "--info", *OPTIONS[mode]]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ["PYTHONPATH"]])}
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), SECONDS)
    except asyncio.TimeoutError:
        pytest.fail(f"still running after {SECONDS} s")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    text = output.decode()
    assert process.returncode == 0, text[-6000:]
    return text


def runs() -> list[Any]:
    """Every room in every mode. In the quick run: REST of all rooms, the streams and the blocking twin of one; the rest in the long run."""
    quick = [*((exchange_id, "async") for exchange_id in ccxt_dex.exchanges), (registry.DEMO, "ws"), (registry.DEMO, "sync")]
    every = [(exchange_id, mode) for exchange_id in ccxt_dex.exchanges for mode in OPTIONS]
    return [pytest.param(*run, marks=() if run in quick else pytest.mark.campaign, id="-".join(run)) for run in every]


@pytest.mark.parametrize("exchange_id,mode", runs())
async def test_ccxt_s_own_tests(exchange_id: str, mode: str, suite: Path, paper_venue: Any, tmp_path: Path, record_property: Any) -> None:
    venue = await paper_venue(exchange_id)
    entries = [*skips("every"), *skips(exchange_id)]
    config = venue.config()
    ex = getattr(ccxt_dex, exchange_id)(config)
    try:
        await ex.load_markets()
        symbol = ccxt_dex.symbol(ex, "BTC")
        (tmp_path / "keys.json").write_text(json.dumps({exchange_id: config}))
        settings = {"skipMethods": as_ccxt_wants(entries), "preferredSwapSymbol": symbol}
        (tmp_path / "skip-tests.json").write_text(json.dumps({exchange_id: settings}))
        await prepare(ex, symbol, hold=mode == "ws")
        work = programme(tmp_path, suite, exchange_id, symbol, mode)
        output = await (beside(work, ex, symbol) if mode == "ws" else work)
        wanted = expected(suite, ex, mode, entries)
    finally:
        await ex.close()
    failures = "\n".join(block[:3000] for block in excuses(output))
    if failures:
        pytest.fail(failures)
    ran = done(output, exchange_id)
    record_property("tests", sorted(ran))
    assert wanted <= ran, f"never ran: {sorted(wanted - ran)}; ran {len(ran)}: {sorted(ran)}"


@pytest.mark.parametrize("path", sorted((HERE / "skips").glob("*.json")), ids=lambda path: path.stem)
def test_skips_are_explained(path: Path) -> None:
    assert path.stem in ("every", *ccxt_dex.exchanges), "a file for an exchange that does not exist"
    assert skips(path.stem), "an empty file says nothing"


@pytest.mark.parametrize(
    "entry",
    [{"method": "fetchTicker"}, {"method": "fetchTicker", "reason": ""}, {"method": "fetchTicker", "reason": "todo"}, {"reason": "the venue has no such thing"},
     {"method": "fetchTicker", "reason": "the venue has no such thing", "until": "later"}],
)  # fmt: skip
def test_a_skip_without_a_reason_is_refused(entry: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="a skip needs a method and a reason"):
        checked(entry)


def test_the_patches_keep_ccxt_importable(suite: Path) -> None:
    for patch in tree.PATCHES:
        assert len(patch.why.split()) >= 4
        for name in patch.files:
            source = (suite / "ccxt" / name).read_text()
            assert patch.new in source
            compile(source, name, "exec")
