"""Getting a socket, again and again: pauses, refusals, planned replacement."""

from __future__ import annotations

import asyncio
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.limits import Bucket
from ccxt_dex.streams.dial import Refusal, host_bucket, open_socket, refusal, shut

__all__ = ["Dialler"]


class Dialler:
    """Mixed into the client, which brings the machine around it."""

    held: dict[str, Any] | None
    dial_bucket: Bucket | None
    error: Any
    refused: int | None

    def wake(self: Any) -> None:
        """Something is to be sent: dial, or send."""
        if self.state == "new":
            self.backoff.trouble(self.asyncio_loop.time(), 0.0, False)
            self._dial_from("dialling", self.exchange.ws_dial_delay(self.url), None)
        elif self.state == "open" and "flush" not in self.tasks:
            self._start("flush", self._flush())

    def _dial_from(self: Any, state: str, pause: float, reason: BaseException | None) -> None:
        self.state = state
        self.connecting = True
        self._start("dial", self._dial(pause, reason))

    async def _dial(self: Any, pause: float, reason: BaseException | None) -> None:
        while True:
            if self.backoff.over(self.asyncio_loop.time() + pause):
                self.give_up(reason or errors.NetworkError(f"{self.exchange.id} told to wait {pause:.0f} s before dialling"))
                return
            await asyncio.sleep(pause)
            outcome = await self._attempt()
            if not isinstance(outcome, Refusal):
                self.tasks.pop("dial", None)
                self._adopt(outcome)
                return
            reason = outcome.error
            self._note(f"dial: {reason!r}")
            if outcome.final and (self.refused is not None or outcome.status not in (401, 403)):
                self.last_retry_after = None
                self.give_up(reason)
                return
            self.refused = outcome.status if outcome.final else None
            self.dial_status = outcome.status
            self.last_retry_after = outcome.floor or None
            pause = self.backoff.pause(outcome.floor)

    async def _attempt(self: Any) -> Any:
        """One dial: a connection or a Refusal."""
        exchange = self.exchange
        await asyncio.sleep(self._host_bucket().reserve(1.0))
        connection = None
        try:
            if getattr(exchange, "_closing", False):  # its session is gone: a new one would be nobody's to close
                raise errors.ExchangeClosedByUser(f"{exchange.id} closed by user")
            exchange.open()
            if self.rules.before_dial is not None:
                await self.rules.before_dial(exchange, self)
            session = exchange.ws_session()
            self.connectionStarted = exchange.milliseconds()
            self._log("connecting to", self.url)
            connection = await asyncio.wait_for(
                open_socket(session, self.dial_url or self.url, self.options or {}, self.proxy), self.connectionTimeout / 1000
            )
        except Exception as error:
            return refusal(exchange.id, error)
        return connection

    def _adopt(self: Any, connection: Any) -> None:
        """A new socket: everything that is wanted and was not asked of it is asked now."""
        now = self.asyncio_loop.time()
        self.connection = connection
        self.ledger.generation += 1
        self.state = "open"
        self.connecting = False
        self.isConnected = True
        self.error = None
        self.refused = None
        self.connectionEstablished = self.exchange.milliseconds()
        self.catching_up = self.ledger.generation > 1 and self.exchange.after_reconnect_wanted(self)
        self.held = {} if self.catching_up else None
        self._start("read", self._read(connection, self.ledger.generation))
        self._arm(self.watchdog.start(now))
        if not self.connected.done():
            self.connected.resolve(self.url)
        self.on_connected_callback(self)
        self._start("flush", self._flush())

    async def _renew(self: Any) -> None:
        """Dial while the old socket still serves, then move over: the pause is one answer of the venue, not a whole dial."""
        while True:
            outcome = await self._attempt()
            if isinstance(outcome, Refusal):
                await asyncio.sleep(max(self.settings.backoffCap, outcome.floor))
                continue
            deadline = self.asyncio_loop.time() + 5.0
            while self.ledger.requests and self.asyncio_loop.time() < deadline:  # an order in flight is worth a moment
                await asyncio.sleep(0.02)
            old = self.connection
            self.tasks.pop("renew", None)
            self._part()
            self._adopt(outcome)
            self._spawn(shut(old))
            return

    def _host_bucket(self: Any) -> Bucket:
        """The dial limiter of the host; kept here so that it lives as long as somebody uses it."""
        if self.dial_bucket is None:
            self.dial_bucket = host_bucket(self.url, self.rules)
        return self.dial_bucket  # type: ignore[no-any-return]
