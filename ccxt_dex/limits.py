"""Rate limits: buckets that credit idle time, shared by scope, with a reserve for what must never wait.

Nothing here belongs to an event loop. A bucket is two numbers behind a lock, so instances on different loops and threads share it.
"""

from __future__ import annotations

import math
import threading
import time
import weakref
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field

from ccxt_dex import tokens

__all__ = ["ORDER", "PRIORITY", "READ", "Bucket", "Charge", "Rule", "bucket"]

# how much of a bucket each kind of request may fill; what is left over is there for cancels and reduce-only orders
READ, ORDER, PRIORITY = 0.8, 0.95, 1.0


@dataclass(frozen=True)
class Rule:
    """What a venue grants in one scope.

    :param rate: credits per second that come back
    :param burst: credits that may be spent at once after a pause
    """

    rate: float
    burst: float

    @classmethod
    def per(cls, credits: float, seconds: float, burst: float | None = None) -> Rule:
        """So many credits in so many seconds; the burst is what remains when the sustained rate is kept, a tenth of the window by default."""
        spare = credits / 10 if burst is None else burst
        return cls(rate=max(credits - spare, credits / 2) / seconds, burst=max(spare, 1.0))


@dataclass(frozen=True)
class Charge:
    """What one request costs: credits per scope.

    :param costs: pairs of scope name (a key of the room's ``rate_rules``) and credits
    :param level: READ, ORDER or PRIORITY; None lets the transport decide
    """

    costs: tuple[tuple[str, float], ...] = field(default=())
    level: float | None = None

    @classmethod
    def of(cls, costs: Iterable[tuple[str, float]], level: float | None = None) -> Charge:
        return cls(tuple(costs), level)


_all: weakref.WeakSet[Bucket] = weakref.WeakSet()


class Bucket:
    """Generic cell rate algorithm: one moment in time says how far ahead of its rate the scope has spent.

    :param rate: credits per second
    :param burst: credits that may be spent at once
    :param clock: seconds, monotonic; for tests
    """

    __slots__ = ("__weakref__", "_clock", "_held", "_lock", "_queues", "_spent", "burst", "rate")

    def __init__(self, rate: float, burst: float = 1.0, clock: Callable[[], float] = time.monotonic) -> None:
        if not rate > 0 or not burst > 0:
            raise ValueError("rate and burst must be positive")
        self.rate, self.burst = rate, burst
        self._clock, self._lock = clock, threading.Lock()
        self._spent = self._held = -math.inf
        self._queues: dict[float, float] = {}
        _all.add(self)

    def reserve(self, cost: float, level: float = PRIORITY) -> float:
        """Get in line; the answer is how many seconds to sleep before `take`.

        PRIORITY takes its credits at once and overtakes everybody who is still waiting in line.
        """
        with self._lock:
            now = self._clock()
            if level >= PRIORITY:
                return max(self._spend(now, cost, PRIORITY), self._held - now, 0.0)
            rate, burst = self.rate * level, self.burst * level
            line = max(self._queues.get(level, now), now)
            self._queues[level] = line + cost / rate
            return max(line + min(cost, burst) / rate - now - burst / rate, self._held - now, 0.0)

    def take(self, cost: float, level: float = PRIORITY) -> float:
        """Spend the credits whose turn has come: 0.0 when they are spent, else the seconds to sleep before asking again."""
        with self._lock:
            now = self._clock()
            if self._held > now:
                return self._held - now
            if level >= PRIORITY:
                return 0.0
            wait = self._wait(now, cost, level)
            if wait <= 1e-9:
                self._spend(now, cost, level)
                return 0.0
            return wait

    def _wait(self, now: float, cost: float, level: float) -> float:
        room = self.burst * level
        return max(self._spent, now) + (min(cost, room) - room) / self.rate - now

    def _spend(self, now: float, cost: float, level: float) -> float:
        wait = self._wait(now, cost, level)
        self._spent = max(self._spent, now) + cost / self.rate
        return wait

    def sync(self, remaining: float) -> None:
        """The venue says how many credits are left; only bad news is believed, for requests of ours are still on their way."""
        with self._lock:
            self._spent = max(self._spent, self._clock() + (self.burst - max(remaining, 0.0)) / self.rate)

    def hold(self, seconds: float) -> None:
        """Nobody passes for so long (Retry-After and its kin); a shorter hold never cuts a longer one."""
        with self._lock:
            self._held = max(self._held, self._clock() + seconds)

    def available(self) -> float:
        """Credits that could be spent now, for display."""
        with self._lock:
            now = self._clock()
            return (
                0.0
                if self._held > now
                else min(self.burst, self.burst - (self._spent - now) * self.rate)
                if self._spent > now
                else self.burst
            )


_buckets: weakref.WeakValueDictionary[Hashable, Bucket] = weakref.WeakValueDictionary()
_buckets_lock = threading.Lock()


def _after_fork() -> None:
    """Whoever held a lock in the parent is not there in the child."""
    global _buckets_lock
    _buckets_lock = threading.Lock()
    for each in list(_all):
        each._lock = threading.Lock()


tokens.at_fork(_after_fork)


def bucket(scope: Hashable, rule: Rule) -> Bucket:
    """The bucket of a scope, the same one for everybody who asks; it lives as long as somebody holds it."""
    with _buckets_lock:
        found = _buckets.get(scope)
        if found is None:
            found = _buckets[scope] = Bucket(rule.rate, rule.burst)
        return found
