"""A scripted WebSocket server on loopback: speaks enough of a few venues, misbehaves on demand, remembers what it was told.

    async with Server(Hyperliquid()) as server:
        server.push_all(); server.drop(); server.refuse(3, status=503); ...

Nothing is sent by itself: a test pushes when it wants data. Frames are composed after the samples in ccxt 4.5.90's own pro classes.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

__all__ = ["Connection", "Extended", "Flavour", "Hyperliquid", "Lighter", "Paradex", "Server", "pushed", "until"]


async def until(condition: Callable[[], Any], seconds: float = 5.0) -> Any:
    """Wait for a condition; fails after some seconds."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not (value := condition()):
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError("condition did not come true")
        await asyncio.sleep(0.002)
    return value


async def pushed(server: Server, awaitable: Any, topic: str | None = None, seconds: float = 5.0) -> Any:
    """The result of a call, while the server keeps sending; fails after some seconds."""

    async def push() -> None:
        while not task.done():
            await server.push(topic)
            await asyncio.sleep(0.002)

    task = asyncio.ensure_future(awaitable)
    try:
        await asyncio.wait_for(push(), seconds)
    finally:
        if not task.done():
            task.cancel()
    return task.result()


@dataclass(eq=False)
class Connection:
    """One accepted socket."""

    ws: web.WebSocketResponse
    request: web.Request
    number: int
    topics: dict[str, Any] = field(default_factory=dict)
    memory: dict[str, Any] = field(default_factory=dict)
    received: list[Any] = field(default_factory=list)
    pings: list[bytes] = field(default_factory=list)
    pongs: list[bytes] = field(default_factory=list)

    async def send(self, message: Any) -> None:
        """A dict as JSON, text and bytes as they are; a dead socket is no error."""
        try:
            if isinstance(message, bytes):
                await self.ws.send_bytes(message)
            else:
                await self.ws.send_str(message if isinstance(message, str) else json.dumps(message))
        except ConnectionError:
            pass


class Flavour:
    """A venue's protocol."""

    id = "none"

    async def connected(self, server: Server, connection: Connection) -> None:
        """A socket was accepted."""

    async def receive(self, server: Server, connection: Connection, message: Any) -> None:
        """A message came."""

    async def push(self, server: Server, connection: Connection, topic: str) -> None:
        """Send one update of a topic."""


class Server:
    """See the module."""

    def __init__(self, flavour: Flavour) -> None:
        self.flavour = flavour
        self.connections: list[Connection] = []
        self.all: list[Connection] = []
        self.log: list[tuple[int, Any]] = []
        self.paths: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.refusals: list[tuple[int, dict[str, str]]] = []
        self.silent: Callable[[Any], bool] = lambda message: False
        self.answer_pings = True
        self.deaf = False
        self.dials = 0
        self.count = 0

    async def __aenter__(self) -> Server:
        app = web.Application()
        app.router.add_get("/{tail:.*}", self._accept)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
        await self._runner.setup()
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        await web.SockSite(self._runner, self._socket).start()
        self.url = f"ws://127.0.0.1:{self.port}/ws"
        return self

    async def __aexit__(self, *_: Any) -> None:
        self.drop()
        await self._runner.cleanup()

    async def _accept(self, request: web.Request) -> web.StreamResponse:
        self.dials += 1
        self.paths.append(request.path_qs)
        self.headers.append(dict(request.headers))
        if self.refusals:
            status, headers = self.refusals.pop(0)
            return web.Response(status=status, headers=headers)
        ws = web.WebSocketResponse(autoping=False, compress=False)
        await ws.prepare(request)
        connection = Connection(ws, request, len(self.all))
        self.all.append(connection)
        self.connections.append(connection)
        try:
            if self.deaf:
                await asyncio.Event().wait()
            await self.flavour.connected(self, connection)
            async for frame in ws:
                await self._frame(connection, frame)
        finally:
            if connection in self.connections:
                self.connections.remove(connection)
        return ws

    async def _frame(self, connection: Connection, frame: Any) -> None:
        if frame.type == WSMsgType.TEXT:
            try:
                message = json.loads(frame.data)
            except ValueError:
                message = frame.data
            connection.received.append(message)
            self.log.append((connection.number, message))
            if not self.silent(message):
                await self.flavour.receive(self, connection, message)
        elif frame.type == WSMsgType.PING:
            connection.pings.append(bytes(frame.data))
            if self.answer_pings:
                await connection.ws.pong(frame.data)
        elif frame.type == WSMsgType.PONG:
            connection.pongs.append(bytes(frame.data))

    # -- what a test does --------------------------------------------------------------------------------------------------------------

    def refuse(self, times: int, status: int = 503, **headers: str) -> None:
        """Answer the next dials with an HTTP status."""
        self.refusals += [(status, {name.replace("_", "-"): value for name, value in headers.items()})] * times

    def drop(self) -> None:
        """Cut every connection without a word."""
        for connection in list(self.connections):
            transport = connection.request.transport
            if transport is not None:
                transport.abort()
        self.connections.clear()

    async def close_all(self, code: int) -> None:
        """Send a close frame."""
        for connection in list(self.connections):
            await connection.ws.close(code=code)

    async def raw(self, message: Any) -> None:
        """Send something to everybody."""
        for connection in list(self.connections):
            await connection.send(message)

    async def push(self, topic: str | None = None, times: int = 1) -> None:
        """Send updates of one topic (or all) on the connections that have it."""
        for _ in range(times):
            self.count += 1
            for connection in list(self.connections):
                for name in list(connection.topics):
                    if topic is None or topic in name:
                        await self.flavour.push(self, connection, name)

    def messages(self, word: str, start: int = 0) -> list[Any]:
        """Received messages that contain a word."""
        return [message for _, message in self.log[start:] if word in json.dumps(message)]


class Hyperliquid(Flavour):
    """Books are whole snapshots; posts are answered; a repeated subscribe is an error frame."""

    id = "hyperliquid"
    trades_on_subscribe = 0
    answer_posts = True

    async def receive(self, server: Server, connection: Connection, message: Any) -> None:
        method = message["method"]
        if method == "ping":
            await connection.send({"channel": "pong"})
        elif method == "post" and self.answer_posts:
            await connection.send({"channel": "post", "data": {"id": message["id"], "response": self.post(message)}})
        elif method in ("subscribe", "unsubscribe"):
            await self._subscription(connection, message, method == "subscribe")

    @staticmethod
    def post(message: Any) -> Any:
        return {
            "type": "action",
            "payload": {"status": "ok", "response": {"type": "order", "data": {"statuses": [{"resting": {"oid": 7}}]}}},
        }

    async def _subscription(self, connection: Connection, message: Any, wanted: bool) -> None:
        topic = f"{message['subscription']['type']}:{message['subscription'].get('coin', '')}"
        if wanted and topic in connection.topics:
            await connection.send({"channel": "error", "data": f"Already subscribed: {topic}"})
            return
        await connection.send({"channel": "subscriptionResponse", "data": message})
        if not wanted:
            connection.topics.pop(topic, None)
            return
        connection.topics[topic] = message["subscription"]
        if topic.startswith("trades:") and self.trades_on_subscribe:
            await connection.send(
                {"channel": "trades", "data": [self.trade(n, message["subscription"]["coin"]) for n in range(self.trades_on_subscribe)]}
            )

    @staticmethod
    def trade(number: int, coin: str = "BTC") -> Any:
        return {
            "coin": coin,
            "side": "B",
            "px": "100",
            "sz": "1",
            "time": 1710131872708 + number,
            "hash": "0x1",
            "tid": number,
            "users": ["0x1", "0x2"],
        }

    async def push(self, server: Server, connection: Connection, topic: str) -> None:
        coin, n = connection.topics[topic]["coin"], server.count
        if topic.startswith("l2Book"):
            levels = [
                [{"px": str(100 - i), "sz": str(n), "n": 1} for i in range(5)],
                [{"px": str(101 + i), "sz": str(n), "n": 1} for i in range(5)],
            ]
            await connection.send({"channel": "l2Book", "data": {"coin": coin, "time": 1710131872708 + n, "levels": levels}})
        elif topic.startswith("trades"):
            await connection.send({"channel": "trades", "data": [self.trade(1000 + n, coin)]})


class Lighter(Flavour):
    """Books come as one snapshot and deltas; errors carry no id."""

    id = "lighter"
    tokens: set[str] | None = None
    duplicate_error = 30003

    async def receive(self, server: Server, connection: Connection, message: Any) -> None:
        channel = message.get("channel", "")
        if message["type"] == "unsubscribe":
            connection.topics.pop(channel, None)
            await connection.send({"type": "unsubscribed", "channel": channel.replace("/", ":")})
            return
        if message["type"] != "subscribe":
            return
        if channel in connection.topics:
            await connection.send({"error": {"code": self.duplicate_error, "message": f"Already Subscribed to : {channel}"}})
        elif self.tokens is not None and "auth" in message and message["auth"] not in self.tokens:
            await connection.send({"error": {"code": 20013, "message": "invalid auth"}})
        else:
            connection.topics[channel] = message
            if channel.startswith("order_book"):
                await self.snapshot(connection, channel)

    async def snapshot(self, connection: Connection, channel: str) -> None:
        asks = [{"price": str(101 + i), "size": "1"} for i in range(5)]
        bids = [{"price": str(99 - i), "size": "1"} for i in range(5)]
        book = {"code": 0, "asks": asks, "bids": bids, "offset": 0, "nonce": 1}
        await connection.send(
            {
                "channel": channel.replace("/", ":"),
                "offset": 0,
                "order_book": book,
                "timestamp": 1763448665923,
                "type": "subscribed/order_book",
            }
        )

    async def push(self, server: Server, connection: Connection, topic: str) -> None:
        if topic.startswith("order_book"):
            await connection.send(self.delta(topic, server.count))

    @staticmethod
    def delta(channel: str, n: int, ask: str = "101") -> Any:
        book = {
            "code": 0,
            "asks": [{"price": ask, "size": str(n)}],
            "bids": [{"price": "99", "size": str(n)}],
            "offset": n,
            "nonce": n + 2,
            "begin_nonce": n + 1,
        }
        return {
            "channel": channel.replace("/", ":"),
            "offset": n,
            "order_book": book,
            "timestamp": 1763448665923 + n,
            "type": "update/order_book",
        }


class Paradex(Flavour):
    """JSON-RPC in the JSON mode; logins with tokens; private channels want one."""

    id = "paradex"
    tokens: set[str] | None = None

    async def receive(self, server: Server, connection: Connection, message: Any) -> None:
        if message["method"] == "auth":
            allowed = self.tokens is None or message["params"]["bearer"] in self.tokens
            connection.memory["authenticated"] = allowed
            answer = {"result": {"node_id": "x"}} if allowed else {"error": {"code": 40111, "message": "Invalid Bearer Token"}}
            await connection.send({"jsonrpc": "2.0", "id": message["id"], **answer})
        elif message["method"] == "subscribe":
            channel = message["params"]["channel"]
            if channel.startswith("orders") and not connection.memory.get("authenticated"):
                await connection.send({"jsonrpc": "2.0", "id": 0, "error": {"code": -32600, "message": "unauthorized"}})
                return
            connection.topics[channel] = message
            await connection.send({"jsonrpc": "2.0", "id": 0, "result": {"channel": channel}, "usIn": 1, "usDiff": 1, "usOut": 2})

    async def push(self, server: Server, connection: Connection, topic: str) -> None:
        n = server.count
        data: dict[str, Any] = {}
        if topic.startswith("order_book"):
            levels = [{"side": "BUY", "price": "100", "size": str(n)}, {"side": "SELL", "price": "101", "size": str(n)}]
            market = topic.split(".")[1]
            data = {
                "seq_no": n,
                "market": market,
                "last_updated_at": 1718267837265 + n,
                "update_type": "s",
                "inserts": levels,
                "updates": [],
                "deletes": [],
            }
        elif topic.startswith("orders"):
            data = {
                "id": str(n),
                "market": "BTC-USD-PERP",
                "side": "BUY",
                "size": "1",
                "remaining_size": "1",
                "price": "1",
                "status": "OPEN",
                "type": "LIMIT",
            }
            data.update(
                account="0x1",
                client_id="",
                created_at=1718267837265,
                last_updated_at=1718267837265 + n,
                instruction="GTC",
                avg_fill_price="",
            )
            data.update(cancel_reason="", flags=[], stp="", timestamp=1, trigger_price="0", seq_no=n)
        await connection.send({"jsonrpc": "2.0", "method": "subscription", "params": {"channel": topic, "data": data}})


class Extended(Flavour):
    """The url is the subscription; the sequence starts with the snapshot."""

    id = "extended"

    async def connected(self, server: Server, connection: Connection) -> None:
        if "/orderbooks/" in connection.request.path:
            connection.topics["book"] = True
            connection.memory["seq"] = 1
            asks = [{"p": "101", "q": "1"}, {"p": "102", "q": "1"}]
            await connection.send(
                {"ts": 1701563440000, "type": "SNAPSHOT", "data": {"m": "BTC-USD", "b": [{"p": "99", "q": "1"}], "a": asks}, "seq": 1}
            )

    async def push(self, server: Server, connection: Connection, topic: str) -> None:
        n = connection.memory["seq"] = connection.memory["seq"] + 1 + connection.memory.pop("gap", 0)
        await connection.send(
            {
                "ts": 1701563440000 + n,
                "type": "DELTA",
                "data": {"m": "BTC-USD", "b": [{"p": "99", "q": str(n), "c": str(n)}], "a": []},
                "seq": n,
            }
        )
