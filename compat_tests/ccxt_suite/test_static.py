"""ccxt's static tests: what our classes send, and what they make of an answer and of a frame, without any venue. Async and blocking.

All exchanges run in one process for async and one for blocking code; the tests below read what those said.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import ccxt_dex
from compat_tests.ccxt_suite import tree

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
KINDS = {"async": ("request", "response", "ws"), "sync": ("request", "response")}
SECONDS = 300.0
# what an order means must never be skipped, whatever the venue calls it
MEANING = frozenset(
    "price size amount qty quantity side type reduce_only reduceOnly post_only postOnly timeInForce time_in_force tif triggerPrice "
    "trigger_price stop_price leverage symbol market instrument contractId action orders legs p s a b t".split()
)
SIGNED = {("grvt", "s")}  # halves of a signature

# what the format cannot express: an order that is sent after others of the same call were refused, transactions as texts in a text, one answer
# for several requests to one address, an order that is read over REST after every frame
CANNOT: dict[tuple[str, str], tuple[str, ...]] = {
    ("edgex", "request"): ("createOrders",),
    ("standx", "request"): ("createOrders",),
    ("lighter", "request"): ("cancelOrders",),
    ("variational", "response"): ("fetchOrderBook",),
    ("variational", "ws"): ("watchOrderBook", "watchOrders"),
    ("paradex", "ws"): ("watchOrders",),
}

RUNS = [(exchange_id, style, kind) for exchange_id in ccxt_dex.exchanges for style, kinds in KINDS.items() for kind in kinds]


def folder(root: Path) -> Path:
    """Where ccxt's programme looks for fixtures below its root."""
    found = root / "ts" / "src" / "test" / "static"
    found.parent.mkdir(parents=True, exist_ok=True)
    return found


def programme(root: Path, style: str, kinds: tuple[str, ...], ids: tuple[str, ...]) -> dict[tuple[str, str], tuple[int, str]]:
    """(kind, id) -> exit code and what ccxt's programme said."""
    command = [sys.executable, str(HERE / "offline.py"), str(tree.prepared()), str(root), style, ",".join(kinds), *ids]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ["PYTHONPATH"]])}
    # compiling ccxt takes longer than all the tests: once is enough
    environment |= {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(ROOT / ".cache" / "bytecode")}
    done = subprocess.run(command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SECONDS)
    found = {}
    for block in done.stdout.split("\n@@ done ")[1:]:
        kind, exchange_id, code = block.split("\n", 1)[0].split()
        said = done.stdout.split(f"@@ {kind} {exchange_id}\n", 1)[1].split("\n@@ done ", 1)[0]
        found[kind, exchange_id] = (int(code), said)
    missing = [(kind, exchange_id) for kind in kinds for exchange_id in ids if (kind, exchange_id) not in found]
    assert not missing, f"the programme ended before {missing}: {done.stdout[-3000:]}"
    return found


@pytest.fixture(scope="session")
def said(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """style -> what the programme said about every exchange; run on first use."""
    runs: dict[str, Any] = {}

    def of(style: str) -> Any:
        if style not in runs:
            root = tmp_path_factory.mktemp(f"static-{style}")
            folder(root).symlink_to(HERE / "static")
            runs[style] = programme(root, style, KINDS[style], tuple(ccxt_dex.exchanges))
        return runs[style]

    return of


def fixtures(kind: str, exchange_id: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HERE / "static" / kind / f"{exchange_id}.json").read_text())
    return found


def count(found: dict[str, Any]) -> int:
    return sum(len(entries) for entries in found["methods"].values())


def passed(code: int, text: str, kind: str, wanted: int) -> None:
    """ccxt's programme is content with a file that is missing or empty; this is not."""
    assert code == 0 and "[TEST_FAILURE]" not in text, text[-6000:]
    assert wanted and text.count(f"[INFO] STATIC {kind.upper()} TEST:") == wanted, f"{wanted} fixtures: {text[-3000:]}"
    assert f"{wanted} static {kind} tests passed." in text


@pytest.mark.xdist_group("static")
@pytest.mark.parametrize("exchange_id,style,kind", RUNS, ids=["-".join(run) for run in RUNS])
def test_ccxt_s_static_tests(exchange_id: str, style: str, kind: str, said: Any) -> None:
    code, text = said(style)[kind, exchange_id]
    passed(code, text, kind, count(fixtures(kind, exchange_id)))


def wrong(kind: str, found: dict[str, Any]) -> dict[str, Any]:
    """A fixture file of one test, in which one price is not what it was."""
    method, number = {"request": ("createOrder", "50000"), "response": ("fetchOpenOrders", None), "ws": ("watchTicker", None)}[kind]
    entry = found["methods"][method][0]
    if kind == "request":
        assert number in entry["output"]
        entry["output"] = entry["output"].replace(number, "50001")
    elif kind == "response":
        entry["parsedResponse"][0]["price"] += 1
    else:
        entry["parsedResponse"]["last"] += 1
    return {**found, "methods": {method: [entry]}}


@pytest.mark.xdist_group("static")
def test_a_wrong_price_and_a_missing_file_fail(tmp_path: Path) -> None:
    mutated, missing = ccxt_dex.registry.DEMO, next(each for each in ccxt_dex.exchanges if each != ccxt_dex.registry.DEMO)
    for kind in ("markets", "currencies"):
        (folder(tmp_path) / kind).mkdir(parents=True)
        for exchange_id in (mutated, missing):
            shutil.copy(HERE / "static" / kind / f"{exchange_id}.json", folder(tmp_path) / kind)
    for kind in KINDS["async"]:
        (folder(tmp_path) / kind).mkdir()
        (folder(tmp_path) / kind / f"{mutated}.json").write_text(json.dumps(wrong(kind, fixtures(kind, mutated))))
    said = programme(tmp_path, "async", KINDS["async"], (mutated, missing))
    for kind in KINDS["async"]:
        code, text = said[kind, mutated]
        assert code == 1 and text.count("[TEST_FAILURE]") == 1, f"{kind}: {text}"
        code, text = said[kind, missing]
        assert code == 0, "ccxt's programme is content without a file"
        with pytest.raises(AssertionError):
            passed(code, text, kind, 1)


def keys(value: Any) -> set[str]:
    if isinstance(value, str) and value[:1] in ("{", "["):
        value = json.loads(value)
    if isinstance(value, dict):
        return set(value).union(*(keys(each) for each in value.values()))
    return set().union(*(keys(each) for each in value)) if isinstance(value, list) else set()


@pytest.mark.parametrize("exchange_id", ccxt_dex.exchanges)
def test_nothing_that_an_order_means_is_skipped(exchange_id: str) -> None:
    found = fixtures("request", exchange_id)
    skipped = {name for name in found["skipKeys"] if (exchange_id, name) not in SIGNED}
    assert not skipped & MEANING
    sent = set().union(*(keys(entry["output"]) for entries in found["methods"].values() for entry in entries if entry["output"]))
    assert set(found["skipKeys"]) <= sent, "a key that nothing has"


REQUESTS = "createOrder createOrders cancelOrder cancelOrders cancelAllOrders setLeverage fetchBalance fetchPositions fetchOpenOrders fetchMyTrades".split()
RESPONSES = "fetchOrderBook fetchOHLCV fetchPositions fetchOpenOrders fetchMyTrades fetchFundingRate fetchLeverage fetchTradingFee".split()
STREAMS = "watchOrderBook watchTrades watchTicker watchOrders".split()


@pytest.mark.parametrize("exchange_id", ccxt_dex.exchanges)
@pytest.mark.parametrize(
    "kind,wanted", [("request", REQUESTS), ("response", RESPONSES), ("ws", STREAMS)], ids=("request", "response", "ws")
)
def test_what_matters_has_a_fixture(exchange_id: str, kind: str, wanted: list[str]) -> None:
    has = getattr(ccxt_dex, exchange_id)().has
    found = fixtures(kind, exchange_id)["methods"]
    absent = {method for method in wanted if has.get(method) and method not in found}
    assert absent == set(CANNOT.get((exchange_id, kind), ())), f"no fixture: {absent}"
