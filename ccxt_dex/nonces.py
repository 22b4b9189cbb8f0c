"""Nonces: strictly increasing per signing key, for all instances of a process; on request also between processes.

The scope is a public identity (an address, "account:key index"), never the secret.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
import time
from pathlib import Path

from ccxt_dex import tokens
from ccxt_dex._ccxt import errors

__all__ = ["SLOTS", "next_nonce", "slot_nonce", "strict_nonce"]

SLOTS = 8
_BITS = 3

_lock = threading.Lock()
_last: dict[str, int] = {}
_slots: dict[str, tuple[int, int]] = {}


def _after_fork() -> None:
    """The child takes slots of its own. It keeps the counters: what the parent has used stays used."""
    global _lock
    _lock = threading.Lock()
    for handle, _ in _slots.values():
        with contextlib.suppress(OSError):
            os.close(handle)  # the parent's copy goes on holding the lock
    _slots.clear()


tokens.at_fork(_after_fork)


def _now() -> int:
    return time.time_ns() // 1_000_000


def next_nonce(scope: str, clock_ms: int | None = None) -> int:
    """The clock in ms, or one more than the last nonce of the scope when that is larger.

    :param scope: public identity of the key
    :param clock_ms: unix ms, preferably by the venue's clock; default: ours
    """
    wanted = _now() if clock_ms is None else clock_ms
    with _lock:
        nonce = _last[scope] = max(wanted, _last.get(scope, -1) + 1)
    return nonce


def slot_nonce(scope: str, clock_ms: int | None = None, most_ahead: int | None = None) -> int:
    """As `next_nonce`, and never the same as in another process: the low three bits are this process's own.

    For venues where a nonce must be unique and near the clock, not in order between processes. 125 a second per process before it runs
    ahead of the clock.

    :param most_ahead: ms; what would run further ahead of the clock is unique in this process only
    :raises InvalidNonce: eight processes use the scope already
    """
    wanted = _now() if clock_ms is None else clock_ms
    with _lock:
        held = _slots.get(scope) or _take_slot(scope)
        if most_ahead is not None and _last.get(scope, -1) - wanted >= most_ahead:
            _last[scope] += 1
            return _last[scope]
        step = max(wanted >> _BITS, (_last.get(scope, -1) >> _BITS) + 1)
        nonce = _last[scope] = step << _BITS | held[1]
    return nonce


def strict_nonce(scope: str, clock_ms: int | None = None) -> int:
    """Strictly increasing over all processes of this machine, through a locked file of eight bytes.

    It orders the numbers, not the arrival of the requests: give each process a key of its own where the venue insists on order.
    """
    wanted = _now() if clock_ms is None else clock_ms
    with _lock:
        handle = os.open(_path(scope, "last"), os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        try:
            _lock_file(handle, wait=True)
            kept = os.read(handle, 8)
            last = int.from_bytes(kept, "big") if len(kept) == 8 else -1
            nonce = _last[scope] = max(wanted, last + 1, _last.get(scope, -1) + 1)
            os.lseek(handle, 0, os.SEEK_SET)
            os.write(handle, nonce.to_bytes(8, "big"))
        finally:
            os.close(handle)
    return nonce


def _path(scope: str, suffix: str) -> Path:
    folder = tokens.home() / "nonces"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / f"{hashlib.sha256(scope.encode()).hexdigest()[:32]}.{suffix}"


def _take_slot(scope: str) -> tuple[int, int]:
    """A lock file held for the life of the process; the system lets go of it even after a crash."""
    for slot in range(SLOTS):
        handle = os.open(_path(scope, str(slot)), os.O_RDWR | os.O_CREAT, 0o600)
        if _lock_file(handle, wait=False):
            _slots[scope] = (handle, slot)
            return _slots[scope]
        os.close(handle)
    raise errors.InvalidNonce(f"{SLOTS} processes on this machine sign for {scope} already")


def _lock_file(handle: int, wait: bool) -> bool:
    try:
        import fcntl
    except ImportError:
        return _lock_file_windows(handle, wait)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        return False
    return True


def _lock_file_windows(handle: int, wait: bool) -> bool:
    import importlib

    locking = importlib.import_module("msvcrt")
    mode = locking.LK_LOCK if wait else locking.LK_NBLCK
    try:
        locking.locking(handle, mode, 1)
    except OSError:
        return False
    return True
