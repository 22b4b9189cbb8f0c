"""Which guarded call a request belongs to."""

from __future__ import annotations

import asyncio
import time
from contextvars import ContextVar
from typing import Any

from ccxt_dex.outcome.attempts import Attempt

__all__ = ["GUARD", "Guard", "current", "nested_in_order", "outlive", "register", "urgent"]


class Guard:
    """One guarded call in progress.

    The context variable that leads here is inherited for life by every task started meanwhile (receive loops, logins), hence `active`.

    :ivar writes: the write requests made on behalf of the call
    :ivar looks: how many requests that only read came after the first of them
    :ivar outlives: seconds by which its requests outlive the room's `absence_grace`, because the caller named a later expiry
    """

    __slots__ = ("active", "exchange", "kind", "looks", "outlives", "parent", "started", "task", "urgent", "writes")

    def __init__(self, exchange: Any, kind: str, urgent: bool, parent: Guard | None) -> None:
        self.exchange, self.kind, self.urgent, self.parent = exchange, kind, urgent, parent
        self.active = True
        self.task = asyncio.current_task()
        self.started = time.monotonic()
        self.writes: list[Attempt] = []
        self.looks = 0
        self.outlives = 0.0

    def forget(self) -> None:
        """The requests are to be made once more, and judged alone."""
        self.writes.clear()
        self.looks = 0

    @property
    def taken(self) -> bool:
        """Whether the venue took a request: it was answered, and the room then looked for what became of it instead of reading a refusal."""
        return self.looks > 0 and any(attempt.verdict == "ok" for attempt in self.writes)

    @property
    def answered(self) -> bool:
        """Whether the latest request was answered without a refusal: that it cannot be found proves nothing then, whatever the room made of the answer."""
        return bool(self.writes) and self.writes[-1].verdict == "ok"

    @property
    def last_sent(self) -> float:
        """Monotonic time after which nothing left any more, and from which the room's grace counts."""
        return max((attempt.sent_at for attempt in self.writes if attempt.sent), default=self.started) + self.outlives

    @property
    def maybe_sent(self) -> bool:
        return any(attempt.sent for attempt in self.writes)


GUARD: ContextVar[Guard | None] = ContextVar("ccxt_dex_guard", default=None)


def current() -> Guard | None:
    """The guarded call that is under way here, if any."""
    guard = GUARD.get()
    return guard if guard is not None and guard.active else None


def register(attempt: Attempt) -> None:
    """Tell the guarded calls around here about a request (also called by WebSocket posts)."""
    guard = current()
    while guard is not None:
        if attempt.write:
            guard.writes.append(attempt)
        elif guard.writes:
            guard.looks += 1
        guard = guard.parent


def outlive(seconds: float) -> None:
    """The requests of the call that is under way outlive the room's grace by so much: "not found" proves nothing earlier."""
    guard = current()
    while guard is not None:
        guard.outlives = max(guard.outlives, seconds)
        guard = guard.parent


def urgent() -> bool:
    """Whether the current call is a cancel or can only reduce a position: such requests overtake all others."""
    guard = current()
    return guard is not None and guard.urgent


def nested_in_order() -> bool:
    """Whether the current request belongs to a call that places or changes orders."""
    guard = current()
    return guard is not None and guard.kind in ("create", "edit")
