"""What is asked of one connection, what it must be asked again, and what it has said: no I/O, no clock, no ccxt class."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass, field

from ccxt_dex.streams.rules import Kind, Record

__all__ = ["Backoff", "Ledger", "Lost", "Poison"]

CONFIRM_SECONDS = 10.0  # a venue that refuses a subscription says so within this time
PRIORITY: dict[Kind, int] = {"auth": 0, "request": 1, "unsubscribe": 2, "topic": 2}


@dataclass
class Lost:
    """What a lost connection leaves behind.

    :ivar sent: requests that went out unanswered: nobody knows whether they were executed
    :ivar unsent: requests that certainly did not go out
    :ivar unsubscribes: the end of the connection has done their work
    """

    sent: list[Record] = field(default_factory=list)
    unsent: list[Record] = field(default_factory=list)
    unsubscribes: list[Record] = field(default_factory=list)


class Ledger:
    """Topics, logins, requests and unsubscribes of one url, over all its connections.

    ccxt's `client.subscriptions` stays the truth about which topics are live (venue code adds to it and deletes from it); the ledger keeps
    the message beside each key. "Send what was not sent on this generation" then is first connect, late subscribe and replay in one.

    :ivar generation: number of the current connection, 0 before the first
    :ivar at: message hash -> time of its last data
    """

    def __init__(self) -> None:
        self.generation = 0
        self.topics: dict[str, Record] = {}  # topics and logins: replayed
        self.queue: list[Record] = []  # requests and unsubscribes not yet sent: never replayed
        self.requests: dict[str, Record] = {}  # by message hash: sent, not answered
        self.unsubscribes: dict[str, Record] = {}  # by key: sent, not acknowledged
        self.at: dict[str, float] = {}
        self._numbers = 0

    def add(self, record: Record) -> Record:
        """Ask for something. A topic that was known under the key is forgotten: the venue code asked anew."""
        self._numbers += 1
        record.number = self._numbers
        if record.kind not in ("topic", "auth"):
            self.queue.append(record)
            return record
        old = self.topics.get(record.key)
        self.topics[record.key] = record
        if old is not None:  # a message for many keys lives on under another one
            old.keys = tuple(key for key in old.keys if key not in record.keys)
            if old.keys:
                old.key = old.keys[0]
                self.topics.setdefault(old.key, old)
        return record

    def next(self, live: Container[str]) -> Record | None:
        """What goes out next on this connection: logins, then requests, then the rest in the order they were asked for."""
        due = [r for r in self.topics.values() if r.generation != self.generation and self.is_live(r, live)]
        due += self.queue
        return min(due, key=lambda r: (PRIORITY[r.kind], r.number), default=None)

    def is_due(self, record: Record, live: Container[str]) -> bool:
        """Whether a record that was about to be sent still is: it may have been withdrawn in the meantime."""
        if record.kind in ("topic", "auth"):
            return self.topics.get(record.key) is record and self.is_live(record, live)
        return record in self.queue

    @staticmethod
    def is_live(record: Record, live: Container[str]) -> bool:
        """Whether a record is still wanted. Logins always are; a message for many keys is while one of them is."""
        return record.kind == "auth" or any(key in live for key in record.keys)

    def sent(self, record: Record, now: float) -> None:
        """Note that a record is on its way (before it is: after this point nobody can say that it did not go out)."""
        record.generation = self.generation
        record.sent_at = now
        record.confirmed = False
        if record.kind == "request":
            self.queue.remove(record)
            self.requests.update(dict.fromkeys(record.hashes, record))
        elif record.kind == "unsubscribe":
            self.queue.remove(record)
            self.unsubscribes[record.key] = record

    def answered(self, message_hash: str) -> Record | None:
        """A request is answered (or given up): forget it. Returns it."""
        record = self.requests.pop(message_hash, None)
        if record is None:
            record = next((r for r in self.queue if r.kind == "request" and message_hash in r.hashes), None)
            if record is not None:
                self.queue.remove(record)
            return record
        for other in record.hashes:
            self.requests.pop(other, None)
        return record

    def of(self, message_hash: str) -> Record | None:
        """The topic that feeds a message hash."""
        return next((r for r in self.topics.values() if message_hash in r.hashes), None)

    def unconfirmed(self, now: float) -> list[Record]:
        """Topics and logins asked of this connection a moment ago that have not been answered in any way: an error without a name means one of these."""
        return [
            r
            for r in self.topics.values()
            if r.generation == self.generation and not r.confirmed and now - r.sent_at <= CONFIRM_SECONDS and not self.spoke(r)
        ]

    def spoke(self, record: Record) -> bool:
        """Whether data came for a topic since it was last asked for."""
        at = self.at
        return any(at.get(message_hash, -1.0) >= record.sent_at for message_hash in record.hashes)

    def heard_since(self, moment: float) -> bool:
        """Whether any topic got data since then."""
        return any(at >= moment for at in self.at.values())

    def drop(self, record: Record) -> None:
        """Forget a topic."""
        if self.topics.get(record.key) is record:
            del self.topics[record.key]

    def again(self, record: Record) -> None:
        """Ask once more for a topic on this connection."""
        record.generation = -1

    def lose(self, live: Container[str]) -> Lost:
        """The connection is gone. Topics nobody wants any more are forgotten with it; nothing but topics and logins survives."""
        lost = Lost(
            sent=list({id(r): r for r in self.requests.values()}.values()),
            unsent=[r for r in self.queue if r.kind == "request"],
            unsubscribes=[r for r in (*self.unsubscribes.values(), *self.queue) if r.kind == "unsubscribe"],
        )
        self.requests.clear()
        self.unsubscribes.clear()
        self.queue.clear()
        for record in [r for r in self.topics.values() if not self.is_live(r, live)]:
            del self.topics[record.key]
        return lost


class Backoff:
    """Pauses between dials and the moment to give up.

    Attempts start again from zero only after a connection that held for `stable` seconds, so that a venue that accepts and closes at once
    is not stormed; the deadline moves only when data came.

    :param base: seconds before the first repeat
    :param cap: most seconds between two dials
    :param patience: seconds of trouble until giving up
    """

    stable = 5.0

    def __init__(self, base: float, cap: float, patience: float, jitter: Callable[[], float]) -> None:
        self.base = base
        self.cap = cap
        self.patience = patience
        self.jitter = jitter
        self.attempt = 0
        self.since: float | None = None

    def trouble(self, now: float, lived: float, heard: bool) -> None:
        """A connection was lost (or the first one is wanted): lived seconds long, with data or without."""
        if lived >= self.stable:
            self.attempt = 0
        if self.since is None or heard or lived >= self.stable:
            self.since = now

    def pause(self, floor: float = 0.0) -> float:
        """Seconds until the next dial.

        :param floor: what the venue asked for (Retry-After)
        """
        pause = min(self.cap, self.base * 2.0 ** min(self.attempt, 30)) * (0.5 + 0.5 * self.jitter())
        self.attempt += 1
        return max(pause, floor)

    def over(self, then: float) -> bool:
        """Whether patience will have ended at that moment."""
        return self.since is not None and then - self.since > self.patience


class Poison:
    """Counts frames that nobody could read. A single one is repaired by a redial; a kind of frame that always fails must end in an error.

    :param limit: how many within `window` seconds are repaired
    """

    def __init__(self, limit: int = 3, window: float = 60.0) -> None:
        self.limit = limit
        self.window = window
        self.times: list[float] = []
        self.first: BaseException | None = None

    def add(self, now: float, error: BaseException) -> bool:
        """Note one. True: too many, give up and name `first`."""
        self.times = [t for t in self.times if now - t <= self.window]
        if not self.times:
            self.first = error
        self.times.append(now)
        return len(self.times) > self.limit
