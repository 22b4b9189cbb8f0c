"""A local venue: HTTP and WebSocket on one loopback port around any Adapter, with faults, a request log and the control plane."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from aiohttp import web
from multidict import CIMultiDict

from ccxt_dex.paper.adapter import Adapter, Handler, Level, Refused, Reply, Request, Route, dumps
from ccxt_dex.paper.faults import SUDDEN, Fault, Faults
from ccxt_dex.paper.requestlog import RequestLog
from ccxt_dex.paper.sockets import Socket, parse
from ccxt_dex.paper.types import Reject

if TYPE_CHECKING:
    from asyncio import TimerHandle

__all__ = ["Adapter", "Handler", "Refused", "Reply", "Request", "Route", "Server", "Socket", "dumps", "parse"]

logger = logging.getLogger("ccxt_dex.paper")
HOST = "127.0.0.1"
MAX_BODY = 8 << 20


class Server:
    """Runs one venue; `start` and `stop` on the same event loop."""

    def __init__(
        self,
        adapter: type[Adapter],
        *,
        seed: int,
        port: int = 0,
        options: Mapping[str, Any] | None = None,
        clock: Callable[[], int] | None = None,
    ) -> None:
        from ccxt_dex.paper.engine import Engine

        self.faults = Faults()
        self.log = RequestLog()
        self.connections: list[Socket] = []
        self.errors: list[str] = []
        self.accounts: list[str] = []
        self.advanced = 0
        self._clock = clock or (lambda: time.time_ns() // 1_000_000)
        self.adapter = adapter(self, seed, options or {})
        self.engine = Engine(self.adapter.markets(), now=self.now, seed=seed, rules=self.adapter.rules())
        self.adapter.engine = self.engine
        self._port = port
        self._timers: set[TimerHandle] = set()
        self._runner: web.AppRunner | None = None
        self._listener: asyncio.Server | None = None
        self._ticking: asyncio.Task[None] | None = None
        self._unlisten: Callable[[], None] = lambda: None

    # --- life ------------------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        from ccxt_dex.paper.control import Control

        app = web.Application(client_max_size=MAX_BODY)
        Control(self).mount(app)
        for path, kind in self.adapter.sockets.items():
            app.router.add_get(path, self._socket_handler(kind))
        for route in self.adapter.routes():
            app.router.add_route(route.method, route.path, self._http_handler(route))
        app.router.add_route("*", "/{tail:.*}", self._http_handler(Route("*", "/{tail}", self._nowhere)))
        self._runner = runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0, handler_cancellation=False)
        await runner.setup()
        await self.listen()
        self._unlisten = self.engine.listen(self._event)
        self.adapter.started()
        self._ticking = asyncio.ensure_future(self._tick())

    async def listen(self) -> None:
        """Open the port (again, after `deafen`)."""
        if self._runner is None or self._listener is not None:
            return
        loop = asyncio.get_running_loop()
        assert self._runner.server is not None
        self._listener = await loop.create_server(self._runner.server, HOST, self._port, reuse_address=True)
        self._port = self._listener.sockets[0].getsockname()[1]

    def deafen(self) -> None:
        """Close the port: new connections are refused by the kernel, open ones live on."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    async def stop(self) -> None:
        if self._ticking is not None:
            self._ticking.cancel()
            await asyncio.gather(self._ticking, return_exceptions=True)
        self._unlisten()
        for timer in self._timers:
            timer.cancel()
        self.deafen()
        for socket in list(self.connections):
            socket.abort()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def open_account(self, name: str, deposit: Decimal) -> None:
        self.engine.open_account(name, deposit)
        self.accounts.append(name)

    @property
    def port(self) -> int:
        return self._port

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._port}"

    # --- services of the adapter -----------------------------------------------------------------------------------------------

    def now(self) -> int:
        return self._clock() + self.advanced

    def time(self) -> int:
        skew = self.faults.lasting("clock_skew")
        return self._clock() + (int(skew.options["ms"]) if skew else 0)

    def book(self, market: str, depth: int | None) -> tuple[list[Level], list[Level], int]:
        stale = self.faults.lasting("stale_book", market)
        if stale is None:
            return (*self.engine.book(market, depth), self.now())
        stale.hits += 1
        bids, asks, at = stale.frozen.setdefault(market, (*self.engine.book(market, None), self.now()))
        return list(bids[:depth]), list(asks[:depth]), at

    def later(self, ms: float, call: Callable[..., Any], *args: Any) -> None:
        def run() -> None:
            self._timers.discard(timer)
            with self.guarded("timer"):
                call(*args)

        timer = asyncio.get_running_loop().call_later(ms / 1000, run)
        self._timers.add(timer)

    @contextmanager
    def guarded(self, where: str) -> Iterator[None]:
        """Keep the venue alive through a mistake of ours, and remember the mistake: `start` raises it at the end."""
        try:
            yield
        except Exception as error:
            told = f"{where}: {type(error).__name__}: {error}"
            if told not in self.errors:
                self.errors.append(told)
                logger.exception("paper venue %s: %s", self.adapter.id, where)

    def arm(self, spec: Mapping[str, Any]) -> Fault:
        """Arm a fault (architecture of the control plane: kind, count, match ...); raises ValueError when it makes no sense."""
        fault = self.faults.make(spec)
        if fault.kind in SUDDEN:
            self.faults.strike(fault, list(self.connections))
        elif fault.kind == "expire_session":
            self.faults.spend(fault)
            self.adapter.expire(fault.options.get("account"))
        elif fault.kind == "refuse_connect" and "ms" in fault.options:
            self.faults.armed.remove(fault)
            self.deafen()
            if fault.options.get("drop"):
                for socket in list(self.connections):
                    socket.abort()
            asyncio.get_running_loop().call_later(fault.options["ms"] / 1000, self._reopen)
        return fault

    def _reopen(self) -> None:
        self._reopening = asyncio.ensure_future(self.listen())

    def _event(self, event: Any) -> None:
        with self.guarded("event"):
            self.adapter.event(event)

    async def _tick(self) -> None:
        while True:
            with self.guarded("tick"):
                self.engine.tick()
                self.adapter.tick()
            await asyncio.sleep(self.adapter.tick_ms / 1000)

    # --- HTTP ------------------------------------------------------------------------------------------------------------------

    async def _nowhere(self, request: Request) -> Reply:
        return self.adapter.error(404, "not found")

    async def read(self, request: web.Request) -> Request:
        return Request(
            method=request.method,
            path=request.path,
            query=dict(request.query),
            headers=request.headers,
            body=await request.read(),
            raw_query=request.rel_url.raw_query_string,
            params=dict(request.match_info),
            remote=request.remote or "",
        )

    def _http_handler(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(raw: web.Request) -> web.StreamResponse:
            request = await self.read(raw)
            endpoint = f"{request.method} {request.path if route.method == '*' else route.path}"
            unlabelled, action = endpoint, self.adapter.label(endpoint, request.body)
            endpoint = f"{endpoint} {action}" if action else endpoint
            orders = self.adapter.order_ids(endpoint, request.body)
            entry = self.log.seen(endpoint, self.now(), orders, request)
            names = (request.path, route.path, endpoint, unlabelled)
            if self.faults.take("refuse_connect", *names):
                entry["fault"] = "refuse_connect"
                return _cut(raw)
            delay = self.faults.take("http_delay", *names)
            if delay is not None and not delay.options.get("after"):
                await asyncio.sleep(delay.options.get("ms", 1000) / 1000)
            forced = self.faults.take("http_status", *names)
            lost = forced is None and self.faults.take("lose_reply", *names, unmatched=orders is not None)
            if forced is None:
                reply = await self._answer(route.handler, request)
            else:
                entry["fault"] = "http_status"
                if forced.options.get("execute"):
                    await self._answer(route.handler, request)
                reply = _forced(forced)
            if delay is not None and delay.options.get("after"):
                await asyncio.sleep(delay.options.get("ms", 1000) / 1000)
            entry["account"] = request.account
            if lost:
                entry["fault"] = "lose_reply"
                return _cut(raw)
            entry["status"] = reply.status
            return _response(reply)

        return handle

    async def _answer(self, handler: Handler, request: Request) -> Reply:
        try:
            value = await handler(request)
        except Refused as refused:
            return refused.reply
        except Reject as reject:
            return self.adapter.reject(reject)
        except Exception as error:
            with self.guarded(f"{request.method} {request.path}"):
                raise
            return self.adapter.error(500, f"internal error: {type(error).__name__}")
        return value if isinstance(value, Reply) else Reply(value)

    # --- WebSocket -------------------------------------------------------------------------------------------------------------

    def _socket_handler(self, kind: type[Socket]) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(raw: web.Request) -> web.StreamResponse:
            request = await self.read(raw)
            endpoint = f"WS {request.path}"
            entry = self.log.seen(endpoint, self.now(), None, request)
            names = (request.path, endpoint)
            if self.faults.take("refuse_connect", *names):
                entry["fault"] = "refuse_connect"
                return _cut(raw)
            forced = self.faults.take("http_status", *names)
            refusal = _forced(forced) if forced is not None else kind.handshake(self.adapter, request)
            if refusal is not None:
                entry["status"] = refusal.status
                return _response(refusal)
            protocols = kind.protocols(self.adapter, request)
            ws = web.WebSocketResponse(autoping=False, compress=False, max_msg_size=MAX_BODY, timeout=1.0, protocols=protocols)
            if not ws.can_prepare(raw):
                return _response(self.adapter.error(400, "websocket upgrade expected"))
            await ws.prepare(raw)
            socket = kind(self, self.adapter, request)
            self.connections.append(socket)
            try:
                await socket.run(ws, raw.transport)
            finally:
                self.connections.remove(socket)
            return ws

        return handle

    async def message(self, socket: Socket, text: str) -> None:
        """One message of a client: logged, executed, and its connection cut when a lose_reply fault says so."""
        label = socket.label(text)
        orders = self.adapter.order_ids(label, text.encode()) if label else None
        message = Request("WS", socket.path, {}, {}, text.encode(), account=socket.account or "")
        self.log.seen(f"WS {socket.path} {label}".rstrip(), self.now(), orders, message)
        lost = self.faults.take("lose_reply", socket.path, label, account=socket.account, unmatched=orders is not None)
        if lost is not None:
            socket.lost = True
        with self.guarded(f"WS {socket.path} {label}"):
            await socket.text(text)
        if lost is not None:
            socket.abort()


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _forced(fault: Fault) -> Reply:
    status = int(fault.options.get("status", 503))
    return Reply(fault.options.get("body", f"HTTP {status}"), status, fault.options.get("headers", {}))


def _headers(reply: Reply) -> CIMultiDict[str]:
    """A header with a list of values goes out once per value (Set-Cookie)."""
    pairs = ((name, [value] if isinstance(value, str) else value) for name, value in reply.headers.items())
    return CIMultiDict((name, each) for name, values in pairs for each in values)


def _response(reply: Reply) -> web.Response:
    body = reply.body
    if isinstance(body, bytes):
        return web.Response(status=reply.status, body=body, headers=_headers(reply))
    if isinstance(body, str):
        return web.Response(status=reply.status, text=body, headers=_headers(reply))
    return web.Response(status=reply.status, text=dumps(body), content_type="application/json", headers=_headers(reply))
