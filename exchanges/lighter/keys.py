"""What one API key shares in the process: nonces that only grow, and the order in which transactions leave.

With the skip-nonce flag the venue takes any nonce larger than the last one it saw, in order of arrival. Two requests under way at once may
arrive swapped, and the earlier one is then refused (ccxt issue 28073), so per key one transaction request is in flight at a time. What is urgent
(cancels, orders that can only reduce) overtakes whatever waits. No lock here belongs to an event loop: instances on different loops and threads
may hold the same key.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections import deque
from types import TracebackType

from ccxt_dex.nonces import next_nonce
from ccxt_dex.outcome import guards

Scope = tuple[str, int, int]
"""host, account index, key index"""
Waiting = tuple[asyncio.AbstractEventLoop, "asyncio.Future[None]"]

MAX_NONCE = 2**47 - 2


class Key:
    """One API key of one account at one deployment; use :func:`key` to get it."""

    def __init__(self, scope: str) -> None:
        self.scope = scope
        self._lock = threading.Lock()
        self._holder: asyncio.AbstractEventLoop | None = None
        self._waiting: deque[Waiting] = deque()
        self._urgent: deque[Waiting] = deque()

    def next_nonce(self, clock_ms: int) -> int:
        """Unix milliseconds, or one more than the last nonce when that is larger."""
        return next_nonce(self.scope, clock_ms)

    def seen(self, nonce: int) -> None:
        """The venue has this nonce already: go on above it."""
        if nonce <= MAX_NONCE:
            next_nonce(self.scope, nonce)

    # --- the gate ----------------------------------------------------------------------------------------------------------------------

    async def __aenter__(self) -> None:
        loop = asyncio.get_running_loop()
        with self._lock:
            if self._holder is None or self._holder.is_closed():
                self._holder = loop
                return
            turn: asyncio.Future[None] = loop.create_future()
            line, entry = self._urgent if guards.urgent() else self._waiting, (loop, turn)
            line.append(entry)
        try:
            await turn
        except asyncio.CancelledError:
            with self._lock:
                if entry in line:
                    line.remove(entry)  # its loop may stand still from now on, and would never pass the turn on
                granted = turn.done() and not turn.cancelled()
            if granted:
                self._pass_on()
            raise

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._pass_on()

    def _pass_on(self) -> None:
        with self._lock:
            while line := self._urgent or self._waiting:
                loop, turn = line.popleft()
                if loop.is_closed():
                    continue
                self._holder = loop
                loop.call_soon_threadsafe(self._grant, turn)
                return
            self._holder = None

    def _grant(self, turn: asyncio.Future[None]) -> None:
        if turn.done():  # cancelled before its turn came
            self._pass_on()
        else:
            turn.set_result(None)


_keys: dict[Scope, Key] = {}
_keys_lock = threading.Lock()


def key(host: str, account: int, key_index: int) -> Key:
    """The shared state of a key, the same object for everybody in the process."""
    with _keys_lock:
        return _keys.setdefault((host, account, key_index), Key(f"lighter:{host}:{account}:{key_index}"))


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_keys.clear)
