"""One WebSocket connection as an adapter sees it: synchronous send, per-connection state, the venue's ping policy, faults applied on the way out."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from ccxt_dex.paper.adapter import Reply, Request, dumps
from ccxt_dex.paper.types import Event

if TYPE_CHECKING:
    from ccxt_dex.paper.adapter import Adapter
    from ccxt_dex.paper.faults import Fault
    from ccxt_dex.paper.server import Server

MAX_QUEUE = 20_000


class Socket:
    """Base of a venue's connection; override `text`, `event` and `tick`, and answer with `send`."""

    ping_every: float | None = None
    """seconds between the server's protocol pings"""
    pong_within: float | None = None
    """seconds without a pong (or ping) of the client after which `silent` is called"""

    def __init__(self, server: Server, adapter: Adapter, request: Request) -> None:
        self.server = server
        self.adapter: Any = adapter
        self.request = request
        self.path = request.path
        self.account: str | None = None
        self.subscriptions: dict[Any, dict[str, Any]] = {}
        """key of a subscription -> whatever the venue keeps with it"""
        self.seq = 0
        self.muted: list[tuple[float, Fault]] = []
        """until when (monotonic seconds), by which fault"""
        self.deaf = False
        self.lost = False
        self.held: list[str] = []
        self.last_pong = 0.0
        self._queue: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        self._ws: web.WebSocketResponse | None = None
        self._transport: asyncio.Transport | None = None

    # --- what a venue overrides ------------------------------------------------------------------------------------------------

    @classmethod
    def handshake(cls, adapter: Any, request: Request) -> Reply | None:
        """Refuse the connection with a Reply, or None to accept it."""
        return None

    @classmethod
    def protocols(cls, adapter: Any, request: Request) -> tuple[str, ...]:
        """Sub-protocols that the venue agrees to; the first that the client offers is answered."""
        return ()

    def opened(self) -> None:
        """The connection is there; greet, if the venue does."""

    async def text(self, text: str) -> None:
        """A message of the client (text, or bytes decoded as UTF-8)."""

    def event(self, event: Event) -> None:
        """Something happened in the engine."""

    def tick(self) -> None:
        """Called after every engine tick."""

    def label(self, text: str) -> str:
        """Name of a message for the request log and for `match`, such as "order:new"."""
        return ""

    def silent(self) -> None:
        """No pong for `pong_within` seconds."""
        self.close(1001, "no pong")

    def closed(self) -> None:
        """The connection is gone."""

    # --- what a venue gets -----------------------------------------------------------------------------------------------------

    def next_seq(self) -> int:
        self.seq += 1
        return self.seq

    def send(self, payload: Any, *names: str) -> None:
        """Queue a frame (str as it is, the rest as JSON); `names` (channel, "channel:symbol" ...) are what a fault's `match` may name."""
        text = payload if isinstance(payload, str) else dumps(payload)
        for frame in self.server.faults.outgoing(self, (self.path, *names), text):
            self._put("text", frame)

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Close politely, after what is already queued."""
        self._put("close", (code, reason))

    def abort(self) -> None:
        """Cut the TCP connection: no close frame, queued frames are lost."""
        if self._transport is not None:
            self._transport.abort()

    # --- plumbing --------------------------------------------------------------------------------------------------------------

    def _put(self, kind: str, value: Any) -> None:
        if self._queue.qsize() >= MAX_QUEUE:
            self.abort()
        elif not self.lost:
            self._queue.put_nowait((kind, value))

    async def run(self, ws: web.WebSocketResponse, transport: asyncio.Transport | None) -> None:
        self._ws, self._transport = ws, transport
        self.last_pong = asyncio.get_running_loop().time()
        tasks = [asyncio.ensure_future(self._write())]
        if self.ping_every is not None:
            tasks.append(asyncio.ensure_future(self._ping()))
        try:
            self.opened()
            await self._read(ws)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self.closed()

    async def _read(self, ws: web.WebSocketResponse) -> None:
        loop = asyncio.get_running_loop()
        async for message in ws:
            if self.deaf:
                continue
            if message.type is WSMsgType.PING:
                self.last_pong = loop.time()
                self._put("pong", message.data)
            elif message.type is WSMsgType.PONG:
                self.last_pong = loop.time()
            elif message.type is WSMsgType.TEXT:
                await self.server.message(self, message.data)
            elif message.type is WSMsgType.BINARY:
                await self.server.message(self, message.data.decode("utf-8", "replace"))

    async def _write(self) -> None:
        while self._ws is not None:
            kind, value = await self._queue.get()
            try:
                if kind == "close":
                    await self._ws.close(code=value[0], message=value[1].encode())
                    return
                if kind == "text":
                    await self._ws.send_str(value)
                elif not self.server.faults.muted(self):
                    await (self._ws.ping(value) if kind == "ping" else self._ws.pong(value))
            except (ConnectionError, RuntimeError):
                return

    async def _ping(self) -> None:
        assert self.ping_every is not None
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self.ping_every)
            if self.pong_within is not None and loop.time() - self.last_pong > self.pong_within:
                self.silent()
                return
            self._put("ping", b"")


def parse(text: str) -> dict[str, Any] | None:
    """The JSON object in a message, None when it is anything else."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
