"""A raw HTTP/1.1 server on loopback that breaks at a chosen phase and counts what it executed.

"Executed" is what a matching engine would have seen: a request that arrived complete, whatever became of the answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import Callable
from typing import Any

# phases in which nothing complete ever arrives
NOTHING = ("close_on_accept", "rst_on_accept", "rst_on_first_byte", "rst_after_headers")
# phases in which the request is executed and the answer is lost or unusable
LOST = ("fin_no_reply", "rst_no_reply", "half_headers", "half_body", "half_body_rst", "never", "slow_body", "garbage")
UNREADABLE = ("html200", "empty200", "badjson")
REFUSED = ("http400", "http401", "http403", "http404", "http409", "http422", "http429")
BROKEN = ("http500", "http502", "http503", "http504", "http408")
REDIRECTS = ("http301", "http302", "http303", "http307", "http308")

Answer = Callable[[str, str, Any], tuple[int, Any]]


class KillServer:
    """``mode`` is the fault of the next write; reads (GET, and paths in ``reads``) are answered by ``answer`` unless ``break_reads``."""

    def __init__(self, answer: Answer | None = None, reads: tuple[str, ...] = ()) -> None:
        self.answer, self.reads = answer, reads
        self.mode, self.break_reads = "ok", False
        self.executed: list[tuple[str, str, Any]] = []
        self.seen: list[tuple[str, str]] = []
        self.connections = 0
        self.retry_after, self.heals = "", False
        self.release = asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> KillServer:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self.release.set()
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while await self._one(reader, writer):
                pass
        self._writers.discard(writer)
        writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        if self.mode == "close_on_accept":
            return self._broke()
        if self.mode == "rst_on_accept":
            return self._broke() or _reset(writer)
        first = await reader.read(1)
        if not first:
            return False
        if self.mode == "rst_on_first_byte":
            return self._broke() or _reset(writer)
        head = (first + await reader.readuntil(b"\r\n\r\n")).decode()
        method, target, _ = head.split("\r\n", 1)[0].split(" ")
        path = target.partition("?")[0]
        if self.mode == "rst_after_headers":
            return self._broke() or _reset(writer)
        length = next((int(line.partition(":")[2]) for line in head.split("\r\n") if line.lower().startswith("content-length:")), 0)
        raw = await reader.readexactly(length) if length else b""
        body = json.loads(raw) if raw[:1] in (b"{", b"[") else raw.decode()
        self.seen.append((method, path))
        write = method != "GET" and path not in self.reads
        mode = self.mode if write or self.break_reads else "ok"
        status, answer = 200, {"status": "ok", "id": "1"}
        if write:
            refused = mode.startswith("http4") and mode != "http408"
            if not refused:
                self.executed.append((method, path, body))
            if self.answer is not None and not refused:
                status, answer = self.answer(method, target, body)
        elif self.answer is not None:
            status, answer = self.answer(method, target, body)
        return await self._reply(writer, mode, status, json.dumps(answer).encode())

    def _broke(self) -> bool:
        """With ``heals`` a fault before the request arrived happens a single time."""
        if self.heals:
            self.mode = "ok"
        return False

    async def _reply(self, writer: asyncio.StreamWriter, mode: str, status: int, body: bytes) -> bool:
        def say(code: int, text: bytes, length: int | None = None, extra: str = "", kind: str = "application/json") -> None:
            size = len(text) if length is None else length
            head = f"HTTP/1.1 {code} X\r\nContent-Type: {kind}\r\n{extra}Content-Length: {size}\r\n\r\n"
            writer.write(head.encode() + text)

        if mode == "fin_no_reply":
            return False
        if mode == "rst_no_reply":
            return _reset(writer)
        if mode == "never":
            await self.release.wait()
            return False
        if mode == "half_headers":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Ty")
        elif mode in ("half_body", "half_body_rst", "slow_body"):
            say(200, body, len(body) + 200)
        elif mode == "garbage":
            writer.write(b"\x00\x01garbage\r\n\r\n")
        elif mode == "html200":
            say(200, b"<html>maintenance</html>", kind="text/html")
        elif mode == "empty200":
            say(200, b"")
        elif mode == "badjson":
            say(200, body[:-1])
        elif mode.startswith("http"):
            code = int(mode[4:7])
            extra = f"Location: {self.url}/redirected\r\n" if 300 <= code < 400 else self.retry_after
            say(code, b'{"error":"x"}', extra=extra)
        else:
            say(status, body)
        await writer.drain()
        if mode == "slow_body":
            await self.release.wait()
            return False
        if mode == "half_body_rst":
            return _reset(writer)
        return mode not in ("half_headers", "half_body", "garbage")


def _reset(writer: asyncio.StreamWriter) -> bool:
    sock = writer.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
    return False


def refused_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port
