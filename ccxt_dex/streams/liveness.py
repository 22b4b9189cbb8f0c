"""Holding results back until they are fit, and the timer behind the watchdog."""

from __future__ import annotations

import asyncio
import os
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.streams.futures import Events, proper
from ccxt_dex.streams.rules import AppPing
from ccxt_dex.streams.watchdog import PONG_SECONDS

__all__ = ["Liveness"]

# events of a topic that are kept while nobody waits for them
KEPT_EVENTS = 1000


class Liveness:
    """Mixed into the client, which brings the watchdog, the futures and the socket."""

    held: dict[str, Any] | None
    barrier: bytes | None
    barrier_timer: asyncio.TimerHandle | None
    timer: asyncio.TimerHandle | None

    def _holds(self: Any, message_hash: str) -> bool:
        if message_hash.__class__ is str and message_hash.startswith(("unsubscribe:", "authenticated")):
            return False
        return self.barrier is not None or (self.catching_up and self.rules.private(message_hash))

    def _release(self: Any) -> None:
        held, self.held = self.held, {} if self.barrier is not None or self.catching_up else None
        for message_hash, result in (held or {}).items():
            if getattr(result, "stale", None) is None:
                self.hand_out(result, message_hash)

    def hand_out(self: Any, result: Any, message_hash: str) -> None:
        """To whoever waits; events wait for somebody."""
        events = result.__class__ is Events
        if events:
            result = Events([*self.unheard.pop(message_hash, ()), *result])
        future = self.futures.pop(message_hash, None)
        heard = future is not None and not future.abandoned
        if future is not None:
            future.resolve(result)
        if events and not heard:
            self._keep(result, message_hash)

    def _tell_unheard(self: Any, message_hash: str) -> None:
        """Somebody has begun to wait."""
        if message_hash not in self.unheard or message_hash not in self.futures:
            return
        if self.held is not None and self._holds(message_hash):
            self.held[message_hash] = Events([*self.unheard.pop(message_hash), *self.held.get(message_hash, ())])
        else:
            self.hand_out(Events(), message_hash)

    def _keep(self: Any, events: Events, message_hash: str) -> None:
        """Until somebody waits; of a topic that was never asked for nothing is kept."""
        if events and self.ledger.of(message_hash) is not None:
            self.unheard[message_hash] = Events([*self.unheard.pop(message_hash, ()), *events][-KEPT_EVENTS:])

    def suspect(self: Any) -> None:
        """The loop stood still: what is read next may be old. Hold everything until a pong shows that the backlog is behind us."""
        now = self.asyncio_loop.time()
        self.watchdog.alive = now
        if self.state != "open" or self.barrier is not None or self.rules.barrier == "none":
            return
        if self.rules.barrier == "redial":
            self.asyncio_loop.call_soon(self.lost, errors.RequestTimeout(f"{self.exchange.id} event loop stood still"))
            return
        self.barrier = os.urandom(8)
        self.held = self.held or {}
        self._spawn(self._protocol_ping(self.barrier))
        self.barrier_timer = self.asyncio_loop.call_later(PONG_SECONDS, self._no_pong, self.barrier)

    def _no_pong(self: Any, payload: bytes) -> None:
        if self.barrier == payload:
            self.lost(errors.RequestTimeout(f"{self.exchange.id} no pong behind the backlog"))

    def _drop_barrier(self: Any) -> None:
        self.barrier = None
        if self.barrier_timer is not None:
            self.barrier_timer.cancel()
            self.barrier_timer = None

    def pong(self: Any, payload: bytes) -> None:
        """A protocol pong came."""
        self.lastPong = self.exchange.milliseconds()
        if self.barrier is not None and payload == self.barrier:
            self._drop_barrier()
            self._release()

    def _arm(self: Any, after: float) -> None:
        self.timer = self.asyncio_loop.call_later(after, self._tick)

    def _tick(self: Any) -> None:
        if self.state != "open":
            return
        now = self.asyncio_loop.time()
        live = (r for r in self.ledger.topics.values() if self.ledger.is_live(r, self.subscriptions))
        verdict = self.watchdog.look(now, self.ledger, live)
        if verdict.action == "lost":
            if verdict.record is not None:
                verdict.record.patience *= 2
            self.lost(errors.RequestTimeout(f"{self.exchange.id} {verdict.reason}"))
            return
        self._arm(verdict.after)
        if verdict.action == "ping":
            self._spawn(self._ping())
        elif verdict.action == "barrier":
            self.suspect()
        elif verdict.action == "renew":
            self.renew("end of its life")

    async def _ping(self: Any) -> None:
        policy = self.watchdog.ping
        if isinstance(policy, AppPing):
            await self._say(policy.make(self.exchange))
        else:
            await self._protocol_ping(b"")

    async def _protocol_ping(self: Any, payload: bytes) -> None:
        connection = self.connection
        try:
            await connection.ping(payload)
        except Exception as error:
            if connection is self.connection:
                self.lost(proper(error))
