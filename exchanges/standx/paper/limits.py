"""The venue's rate limits: credits per address, requests and connections per IP."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from ccxt_dex.exchanges.standx.paper.identity import refused


class Credits:
    """A bucket per key that holds `most` credits and regains `per_second`."""

    def __init__(self, most: float, per_second: float, clock: Callable[[], float]) -> None:
        self._most, self._rate, self._clock = most, per_second, clock
        self._level: dict[str, tuple[float, float]] = {}

    def take(self, key: str, cost: float) -> bool:
        now = self._clock()
        level, at = self._level.get(key, (self._most, now))
        level = min(self._most, level + (now - at) * self._rate)
        paid = level >= cost
        self._level[key] = (level - cost if paid else level, now)
        return paid


class Limits:
    """All of them; `rate_limit` False in the options switches all off."""

    def __init__(self, options: Mapping[str, Any], clock: Callable[[], float]) -> None:
        self._on = bool(options["rate_limit"])
        self._cost = options["credit_cost"]
        self._credits = Credits(options["credits"], options["credits_per_second"], clock)
        self._ip = Credits(options["ip_per_second"], options["ip_per_second"], clock)
        self._most, self._per_minute = options["max_connections"], options["max_new_connections"]
        self._clock = clock
        self._dialed: deque[float] = deque()

    def request(self, ip: str, user: str | None = None) -> None:
        """Charge one request; Refused 429 when a bucket is empty."""
        if not self._on:
            return
        if user is None and not self._ip.take(ip, 1):
            raise refused(429, "too many requests")
        if user is not None and not self._credits.take(user, self._cost):
            raise refused(429, "too many requests")

    def dial(self, open_connections: int) -> bool:
        """Whether one more WebSocket connection is allowed (everybody on loopback is one IP)."""
        if not self._on:
            return True
        now = self._clock()
        while self._dialed and self._dialed[0] < now - 60:
            self._dialed.popleft()
        if open_connections >= self._most or len(self._dialed) >= self._per_minute:
            return False
        self._dialed.append(now)
        return True
