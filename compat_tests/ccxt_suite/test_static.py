"""ccxt's static tests: what our classes send, and what they make of an answer and of a frame, without any venue. Async and blocking.

All exchanges run in one process for async and one for blocking code; the tests below read what those said.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import ccxt_dex
from compat_tests.ccxt_suite import tree

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
KINDS = {"async": ("request", "response"), "sync": ("request", "response")}
SECONDS = 120.0
# what an order means must never be skipped, whatever the venue calls it
MEANING = frozenset(
    "price size amount qty quantity side type reduce_only reduceOnly post_only postOnly timeInForce time_in_force tif triggerPrice "
    "trigger_price stop_price leverage symbol market instrument contractId action orders legs p s a b t".split()
)
SIGNED = {("grvt", "s")}  # halves of a signature

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
