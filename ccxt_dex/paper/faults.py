"""Faults armed from outside and spent on requests, connections and frames, whatever the venue."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ccxt_dex.paper.sockets import Socket

# kind -> fields it understands besides count and match
KINDS: Mapping[str, frozenset[str]] = {
    "drop_ws": frozenset({"account"}),
    "mute_ws": frozenset({"account", "ms", "deaf"}),
    "gap": frozenset({"account"}),
    "duplicate": frozenset({"account"}),
    "reorder": frozenset({"account"}),
    "corrupt_frame": frozenset({"account", "text"}),
    "close_code": frozenset({"account", "code", "reason"}),
    "http_status": frozenset({"status", "body", "headers", "execute"}),
    "http_delay": frozenset({"ms", "after"}),
    "lose_reply": frozenset(),
    "refuse_connect": frozenset({"ms", "drop"}),
    "expire_session": frozenset({"account"}),
    "clock_skew": frozenset({"ms"}),
    "stale_book": frozenset({"ms"}),
}
# these act on open connections as soon as they are armed; what is left of the count waits for frames of later connections
SUDDEN = frozenset({"drop_ws", "mute_ws", "close_code"})
# these stay until cleared (or until their ms are over) instead of being counted down
LASTING = frozenset({"clock_skew", "stale_book"})


@dataclass(slots=True)
class Fault:
    kind: str
    match: str | None = None
    count: int = 1
    options: dict[str, Any] = field(default_factory=dict)
    id: int = 0
    until: float | None = None
    """monotonic seconds after which a lasting fault is over"""
    hits: int = 0
    frozen: dict[str, Any] = field(default_factory=dict)

    def fits(self, names: Iterable[str], account: str | None = None) -> bool:
        wanted = self.options.get("account")
        if wanted is not None and wanted != account:
            return False
        return self.match is None or any(name == self.match or fnmatchcase(name, self.match) for name in names if name)

    def public(self) -> dict[str, Any]:
        return {"id": self.id, "kind": self.kind, "match": self.match, "count": self.count, "hits": self.hits, **self.options}


class Faults:
    """The faults of one venue; `outgoing` is the way every frame takes, `take` is asked at the points of a request."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.armed: list[Fault] = []
        self._ids = count(1)
        self._clock = clock

    def make(self, spec: Mapping[str, Any]) -> Fault:
        """Check and arm; raises ValueError with a sentence that says what is wrong."""
        spec = dict(spec)
        kind = spec.pop("kind", None)
        if kind not in KINDS:
            raise ValueError(f"unknown kind {kind!r}; known: {', '.join(sorted(KINDS))}")
        times, match = spec.pop("count", 1), spec.pop("match", None)
        if not isinstance(times, int) or isinstance(times, bool) or times < 1:
            raise ValueError("count must be a positive integer")
        if match is not None and not isinstance(match, str):
            raise ValueError("match must be a string: a path, a channel, or a pattern with *")
        if "seconds" in spec and "ms" in KINDS[kind]:
            spec["ms"] = spec.pop("seconds") * 1000
        unknown = sorted(set(spec) - KINDS[kind])
        if unknown:
            raise ValueError(f"{kind} does not understand {', '.join(unknown)}")
        if not isinstance(spec.get("ms", 0), (int, float)):
            raise ValueError("ms must be a number")
        if kind == "clock_skew" and "ms" not in spec:
            raise ValueError("clock_skew needs ms")
        until = self._clock() + spec["ms"] / 1000 if kind == "stale_book" and "ms" in spec else None
        fault = Fault(kind, match, times, spec, next(self._ids), until)
        self.armed.append(fault)
        return fault

    def clear(self) -> int:
        cleared = len(self.armed)
        self.armed.clear()
        return cleared

    def spend(self, fault: Fault) -> None:
        fault.hits += 1
        fault.count -= 1
        if fault.count <= 0 and fault in self.armed:
            self.armed.remove(fault)

    def take(self, kind: str, *names: str, account: str | None = None, unmatched: bool = True) -> Fault | None:
        """The oldest armed fault of this kind that fits, spent once; `unmatched` False leaves out those without a match."""
        for fault in self.armed:
            if fault.kind == kind and (unmatched or fault.match is not None) and fault.fits(names, account):
                self.spend(fault)
                return fault
        return None

    def lasting(self, kind: str, *names: str) -> Fault | None:
        """The newest lasting fault of this kind that fits; forgets those whose time is over."""
        now = self._clock()
        self.armed = [fault for fault in self.armed if fault.until is None or fault.until > now]
        for fault in reversed(self.armed):
            if fault.kind == kind and fault.fits(names):
                return fault
        return None

    # --- frames ----------------------------------------------------------------------------------------------------------------

    def strike(self, fault: Fault, sockets: Iterable[Socket]) -> None:
        """Let a sudden fault act on the open connections; together they spend one of its count."""
        hit = [socket for socket in sockets if fault.fits((socket.path, *_channels(socket)), socket.account)]
        for socket in hit:
            self._act(fault, socket)
        if hit:
            self.spend(fault)

    def _act(self, fault: Fault, socket: Socket) -> None:
        if fault.kind == "drop_ws":
            socket.lost = True
            socket.abort()
        elif fault.kind == "close_code":
            socket.close(int(fault.options.get("code", 1011)), str(fault.options.get("reason", "")))
            socket.lost = True
        else:
            socket.muted.append((self._clock() + fault.options["ms"] / 1000 if "ms" in fault.options else float("inf"), fault))
            socket.deaf = socket.deaf or bool(fault.options.get("deaf"))

    def muted(self, socket: Socket, names: Iterable[str] | None = None) -> bool:
        """Whether a frame with these names is swallowed; without names (pings, pongs) only by a mute of the whole connection."""
        now = self._clock()
        socket.muted = [(until, fault) for until, fault in socket.muted if until > now]
        if not socket.muted:
            socket.deaf = False
        return any(fault.fits((socket.path,) if names is None else names, socket.account) for _, fault in socket.muted)

    def outgoing(self, socket: Socket, names: tuple[str, ...], text: str) -> Iterator[str]:
        """The frames that really leave in place of this one."""
        if socket.lost:
            return
        for kind in ("drop_ws", "close_code", "mute_ws"):
            fault = self.take(kind, *names, account=socket.account)
            if fault is not None:
                self._act(fault, socket)
                if socket.lost:
                    return
        if socket.muted and self.muted(socket, names):
            return
        if self.take("gap", *names, account=socket.account):
            return
        corrupt = self.take("corrupt_frame", *names, account=socket.account)
        if corrupt is not None:
            text = str(corrupt.options.get("text", text[: max(1, len(text) // 2)]))
        if self.take("reorder", *names, account=socket.account):
            socket.held.append(text)
            return
        yield text
        if self.take("duplicate", *names, account=socket.account):
            yield text
        held, socket.held = socket.held, []
        yield from held


def _channels(socket: Socket) -> Iterator[str]:
    """Names of what a connection is subscribed to, so that a sudden fault can be aimed at a channel."""
    for key in socket.subscriptions:
        parts = key if isinstance(key, tuple) else (key,)
        words = [str(part) for part in parts if part]
        if words:
            yield words[0]
            yield ":".join(words)
