"""Is the link alive? One timer handle per connection: pings, silence, planned replacement, and a loop that stood still. No I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ccxt_dex.streams.core import Ledger
from ccxt_dex.streams.rules import AppPing, PingPolicy, ProtocolPing, Record, StreamRules
from ccxt_dex.streams.settings import Settings

__all__ = ["LATE", "Verdict", "Watchdog"]

LATE = 0.25  # a timer this late means that the loop stood still, not the venue
GRACE = 0.5  # time to read the backlog before anything is judged
PONG_SECONDS = 5.0  # for the pong behind a backlog
LONGEST = 30.0  # between two looks


@dataclass(frozen=True)
class Verdict:
    """What to do after a look at the clock.

    :ivar action: wait, ping, renew (replace the connection), barrier (the loop stood still) or lost
    :ivar after: seconds until the next look
    """

    action: Literal["wait", "ping", "renew", "barrier", "lost"]
    after: float = 0.0
    reason: str = ""
    record: Record | None = None


class Watchdog:
    """Decides; the connection acts.

    :ivar read: time of the last frame
    :ivar unanswered: time of the first ping since the last frame
    :ivar alive: when the timer last fired in time, that is, when the loop was last seen running. Not moved by frames: after a standstill the first
        frames are the backlog, and the late timer comes before or right behind them
    """

    def __init__(self, rules: StreamRules, ping: PingPolicy, settings: Settings) -> None:
        self.rules = rules
        self.settings = settings
        self.ping = ping if isinstance(ping, (ProtocolPing, AppPing)) else None
        self.opened = self.read = self.alive = self.due = self.judge_from = 0.0
        self.pinged = self.unanswered = 0.0
        self.renewing = False

    def start(self, now: float) -> float:
        """A connection is up. Returns the seconds until the first look."""
        self.opened = self.read = self.alive = self.judge_from = self.pinged = self.unanswered = now
        self.renewing = False
        return self._plan(now)

    def _plan(self, now: float, after: float | None = None) -> float:
        if after is None:
            after = self._interval()
        self.due = now + after
        return after

    def _interval(self) -> float:
        limits = [LONGEST, self.settings.barrierSeconds / 2]
        if self.ping is not None:
            limits += [self.ping.interval / 2, self.ping.timeout / 2]
        if self.settings.silence:
            limits.append(self.settings.silence / 4)
        if self.settings.maxAge:
            limits.append(self.settings.maxAge / 4)
        return max(min(limits), 0.005)

    def stood_still(self, now: float) -> bool:
        """Whether the loop has not run for so long that what comes next may be old."""
        return now - self.alive > self.settings.barrierSeconds

    def look(self, now: float, ledger: Ledger, live: Iterable[Record]) -> Verdict:
        """The timer fired."""
        if now - self.due > LATE:
            self.judge_from = now
            action: Literal["barrier", "wait"] = "barrier" if self.stood_still(now) else "wait"
            return Verdict(action, self._plan(now, min(GRACE, self._interval() + LATE)))
        self.alive = now
        return self._judge(now, ledger, live) or Verdict("wait", self._plan(now))

    def _judge(self, now: float, ledger: Ledger, live: Iterable[Record]) -> Verdict | None:
        quiet = now - max(self.read, self.judge_from)
        if self.settings.silence and quiet > self.settings.silence:
            return Verdict("lost", reason=f"no frame for {quiet:.1f} s")
        if self.ping is not None and self.read < self.unanswered and now - max(self.unanswered, self.judge_from) > self.ping.timeout:
            return Verdict("lost", reason="ping not answered")
        if self.rules.topic_silence is not None:
            for record in live:
                limit = self.rules.topic_silence(record.key)
                since = max(record.sent_at, self.judge_from, *(ledger.at.get(h, 0.0) for h in record.hashes))
                if record.generation == ledger.generation and limit is not None and now - since > limit * record.patience:
                    return Verdict("lost", reason=f"no data on {record.key} for {now - since:.1f} s", record=record)
        if self.settings.maxAge and now - self.opened > self.settings.maxAge and not self.renewing:
            self.renewing = True
            return Verdict("renew", self._plan(now))
        if self.ping is not None and now - self.pinged >= self.ping.interval - 0.001:
            self.pinged = now
            if self.read >= self.unanswered:
                self.unanswered = now
            return Verdict("ping", self._plan(now))
        return None
