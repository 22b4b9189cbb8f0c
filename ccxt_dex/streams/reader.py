"""The reading half of a client: one task that takes frames, and what happens when a handler throws."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import WSMsgType

from ccxt_dex._ccxt import errors
from ccxt_dex.streams.futures import proper
from ccxt_dex.streams.rules import AppPing

__all__ = ["Reader"]

TEXT, BINARY, PING, PONG = WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.PING, WSMsgType.PONG
JSON_STARTS = (b"{", b"[")


class Reader:
    """Mixed into the client, which brings the ledger, the watchdog and the machine."""

    async def _read(self: Any, connection: Any, generation: int) -> None:
        try:
            await self._read_frames(connection, generation)
        except asyncio.CancelledError:
            if self.state == "open" and generation == self.ledger.generation and connection is self.connection:
                self.abandon()  # not cancelled by us: the loop is shutting down
            raise
        except Exception as error:
            if generation == self.ledger.generation:
                self.lost(proper(error))

    async def _read_frames(self: Any, connection: Any, generation: int) -> None:
        receive = connection.receive
        clock = self.asyncio_loop.time
        watchdog = self.watchdog
        ledger = self.ledger
        while True:
            message = await receive()
            if generation != ledger.generation or self.state != "open":
                return
            watchdog.read = clock()
            kind = message.type
            if kind is TEXT or kind is BINARY:
                try:
                    self.take(message.data, kind is BINARY)
                except Exception as error:
                    if not self._survives(error):
                        return
            elif not await self._control(connection, message):
                return

    async def _control(self: Any, connection: Any, message: Any) -> bool:
        kind = message.type
        if kind is PING:
            await connection.pong(message.data)
            return True
        if kind is PONG:
            self.pong(bytes(message.data))
            return True
        code = message.data if kind is WSMsgType.CLOSE else connection.close_code
        self.on_close(code)
        return False

    def take(self: Any, data: Any, binary: bool) -> None:
        """One data frame: decode it and give it to the venue's handler."""
        message = self._decode(data, binary)
        if self.verbose:
            self._log("message", message)
        if self.screened and self._screen(message):
            return
        self.handling = True
        try:
            self.on_message_callback(self, message)
        finally:
            self.handling = False

    def _decode(self: Any, data: Any, binary: bool) -> Any:
        if binary:
            if self.gunzip or self.inflate:
                data = (self.exchange.gunzip if self.gunzip else self.exchange.inflate)(data)
                data = data.encode() if isinstance(data, str) else data
            raw = self.rules.raw_binary
            if raw if raw is not None else not self.decompressBinary:
                return data
        if data[:1] in JSON_STARTS:
            return self.rules.decode(data)
        return data.decode() if isinstance(data, bytes) else data

    def _screen(self: Any, message: Any) -> bool:
        """Frames that are the layer's own business by the room's rules. True: the handlers need not see it."""
        for answer in self.rules.answers:
            if answer.match(message):
                reply = answer.make(message)
                if reply is not None:
                    self._spawn(self._say(reply))
                return True
        ping = self.watchdog.ping
        return isinstance(ping, AppPing) and ping.is_pong is not None and ping.is_pong(message)

    def _survives(self: Any, error: Exception) -> bool:
        """A handler threw. True: go on reading.

        ccxt's exceptions are the venue's answer; they concern what was asked a moment ago, or nobody. Anything else is a frame that we could not
        read: the state is unknown, so the connection is replaced, unless that has been tried too often.
        """
        self._note(f"handler: {error!r}")
        if isinstance(error, errors.BaseError) and not isinstance(error, errors.InvalidNonce):
            self.refuse_unconfirmed(error)
            return bool(self.state == "open")
        self.exchange.logger.warning("%s a frame could not be handled: %s", self.exchange.id, type(error).__name__)
        if self.poison.add(self.asyncio_loop.time(), error):
            first = self.poison.first
            self.give_up(errors.ExchangeError(f"{self.exchange.id} cannot read the stream: {first!r}"))
        else:
            self.lost(proper(error))
        return False
