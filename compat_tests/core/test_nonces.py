"""Nonces never repeat: in threads, in processes, after a fork, when the clock stands still or goes back."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ccxt_dex import nonces
from ccxt_dex._ccxt import errors
from ccxt_dex.nonces import next_nonce, slot_nonce, strict_nonce

KINDS = [next_nonce, slot_nonce, strict_nonce]


@pytest.mark.parametrize("make", KINDS)
def test_they_increase_whatever_the_clock_does(make: object) -> None:
    scope = f"clock {make.__name__}"  # type: ignore[attr-defined]
    clocks = [1_000_000, 1_000_000, 999_000, 1_000_001, 5_000_000, 1]
    values = [make(scope, clock) for clock in clocks]  # type: ignore[operator]
    assert values == sorted(set(values)) and 5_000_000 - 8 < values[4] < 5_000_000 + 8


@pytest.mark.parametrize("make", KINDS)
def test_threads_never_get_the_same(make: object) -> None:
    values: list[int] = []

    def work() -> None:
        values.extend([make("threads", 1) for _ in range(1000)])  # type: ignore[operator]

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(values)) == 4000


def test_scopes_are_apart() -> None:
    assert next_nonce("a scope", 10) == next_nonce("another scope", 10) == 10


def _elsewhere(code: str, count: int) -> list[str]:
    """Processes that run at the same time: each waits for a line before it ends."""
    running = [
        subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
        for _ in range(count)
    ]
    lines = [process.stdout.readline() for process in running if process.stdout]
    for process in running:
        process.communicate("done\n", timeout=60)
    return lines


@pytest.mark.parametrize("kind", ["slot_nonce", "strict_nonce"])
def test_processes_never_get_the_same(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CCXT_DEX_HOME", str(tmp_path))
    code = f"from ccxt_dex.nonces import {kind} as n; print(*[n('shared') for _ in range(500)], flush=True); input()"
    values = [int(word) for line in _elsewhere(code, 3) for word in line.split()]
    assert len(values) == 1500 == len(set(values))


def test_a_ninth_process_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CCXT_DEX_HOME", str(tmp_path))
    for slot in range(nonces.SLOTS):
        handle = os.open(nonces._path("crowded", str(slot)), os.O_RDWR | os.O_CREAT, 0o600)
        assert nonces._lock_file(handle, wait=False)
    with pytest.raises(errors.InvalidNonce, match="8 processes"):
        slot_nonce("crowded")


def test_a_slot_runs_ahead_of_the_clock_no_further_than_told() -> None:
    values = [slot_nonce("hurried", 80_000, 40) for _ in range(50)]
    assert values == sorted(set(values)) and values[-1] < 80_000 + 40 + 50
    assert len({value % 8 for value in values[:5]}) == 1
    assert slot_nonce("hurried", 90_000, 40) % 8 == values[0] % 8


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_takes_a_slot_of_its_own(tmp_path: Path) -> None:
    code = """
import os
from ccxt_dex.nonces import slot_nonce, next_nonce
first, plain = slot_nonce("forked"), next_nonce("plain", 10**15)
read, write = os.pipe()
if os.fork() == 0:
    os.write(write, f"{slot_nonce('forked')} {next_nonce('plain', 1)}".encode())
    os._exit(0)
os.wait()
child, counted = map(int, os.read(read, 100).split())
again = slot_nonce("forked")
assert first % 8 == again % 8 != child % 8, (first, again, child)
assert counted == plain + 1
print("good")
"""
    result = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", code],
        env={**os.environ, "CCXT_DEX_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.stdout.strip() == "good", result.stderr
