"""The control plane, on the venue's own port: /_paper/state, /_paper/faults, /_paper/market."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from aiohttp import web

from ccxt_dex.paper.adapter import dumps
from ccxt_dex.paper.state import state
from ccxt_dex.paper.types import Reject

if TYPE_CHECKING:
    from ccxt_dex.paper.server import Server

LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
MARKET_FIELDS = frozenset({"symbol", "price", "pause", "active", "funding_rate", "advance_ms"})


class Control:
    """Routes for tests and the curious; answers only requests that were meant for this machine."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def mount(self, app: web.Application) -> None:
        for method, path, handler in (
            ("GET", "/_paper/state", self._state),
            ("GET", "/_paper/faults", self._list),
            ("POST", "/_paper/faults", self._add),
            ("DELETE", "/_paper/faults", self._clear),
            ("POST", "/_paper/market", self._market),
        ):
            app.router.add_route(method, path, self._guard(handler))

    def _guard(self, handler: Callable[[Any], Awaitable[Any]]) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            # a page in a browser can reach loopback ports; it cannot forge these two headers
            if request.host.rpartition(":")[0] not in LOCAL_NAMES or "Origin" in request.headers:
                return _json({"error": "the control plane is for this machine only"}, 403)
            try:
                body = await request.json() if request.method == "POST" else None
                return _json(await handler(body))
            except (ValueError, TypeError) as error:
                return _json({"error": str(error)}, 400)

        return handle

    async def _state(self, _: Any) -> Any:
        return state(self._server)

    async def _list(self, _: Any) -> Any:
        return [fault.public() for fault in self._server.faults.armed]

    async def _add(self, body: Any) -> Any:
        if not isinstance(body, dict):
            raise ValueError("a fault is an object")
        return self._server.arm(body).public()

    async def _clear(self, _: Any) -> Any:
        return {"cleared": self._server.faults.clear()}

    async def _market(self, body: Any) -> Any:
        if not isinstance(body, dict):
            raise ValueError("the body must be an object")
        return move_market(self._server, body)


def move_market(server: Server, order: dict[str, Any]) -> dict[str, Any]:
    """Move, freeze, close or age the market: {"symbol", "price"}, {"pause": bool}, {"symbol", "active": bool}, {"symbol", "funding_rate"}, {"advance_ms": n}."""
    unknown = sorted(set(order) - MARKET_FIELDS)
    if unknown:
        raise ValueError(f"unknown field(s) {', '.join(unknown)}; known: {', '.join(sorted(MARKET_FIELDS))}")
    symbol = order.get("symbol")
    if {"price", "active", "funding_rate"} & set(order) and symbol not in server.engine.markets:
        raise ValueError(f"unknown symbol {symbol!r}")
    if "pause" in order:
        server.engine.pause(bool(order["pause"]))
    if "advance_ms" in order:
        server.advanced += int(order["advance_ms"])
    try:
        if "price" in order:
            server.engine.set_price(str(symbol), Decimal(str(order["price"])))
        if "active" in order:
            server.engine.set_active(str(symbol), bool(order["active"]))
        if "funding_rate" in order:
            rate = order["funding_rate"]
            server.engine.set_funding_rate(str(symbol), None if rate is None else Decimal(str(rate)))
    except InvalidOperation as error:
        raise ValueError("price and funding_rate are decimal numbers") from error
    except Reject as error:
        raise ValueError(error.text) from error
    if "advance_ms" in order:
        server.engine.tick()
    return {"ok": True, **order}


def _json(value: Any, status: int = 200) -> web.Response:
    return web.Response(status=status, text=dumps(value), content_type="application/json")
