"""A few of Kraken's endpoints on loopback, enough for ccxt's own kraken classes to trade and to stream. Payloads composed here from Kraken's documented fields."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

from aiohttp import WSMsgType, web

PAIR = {
    "altname": "XBTUSDT",
    "wsname": "XBT/USDT",
    "aclass_base": "currency",
    "base": "XXBT",
    "aclass_quote": "currency",
    "quote": "USDT",
    "lot": "unit",
    "cost_decimals": 5,
    "pair_decimals": 1,
    "lot_decimals": 8,
    "lot_multiplier": 1,
    "leverage_buy": [],
    "leverage_sell": [],
    "fees": [[0, 0.4]],
    "fees_maker": [[0, 0.25]],
    "ordermin": "0.0001",
    "costmin": "0.5",
    "tick_size": "0.1",
    "status": "online",
}
TICKER = {
    "a": ["50001.0", "1", "1.0"],
    "b": ["50000.0", "2", "2.0"],
    "c": ["50000.5", "0.1"],
    "v": ["10", "20"],
    "p": ["50000", "50000"],
    "t": [1, 2],
    "l": ["49000", "48000"],
    "h": ["51000", "52000"],
    "o": "49500.0",
}
STREAMED = {
    "symbol": "BTC/USDT",
    "bid": 50000.0,
    "bid_qty": 2.0,
    "ask": 50001.0,
    "ask_qty": 1.0,
    "last": 50000.5,
    "volume": 10.0,
    "vwap": 50000.0,
}
SYMBOL = "BTC/USDT"
# errors as Kraken words them
ERRORS = {
    "no-such-order": ["EOrder:Unknown order"],
    "poor": ["EOrder:Insufficient funds"],
    "limited": ["EAPI:Rate limit exceeded"],
    "wrong-key": ["EAPI:Invalid key"],
}


class Kraken:
    """The server; `orders` is the truth, `gate` holds back answers while it is closed."""

    def __init__(self) -> None:
        self.url = ""
        self.requests: list[str] = []
        self.orders: list[dict[str, str]] = []
        self.fail: dict[str, str] = {}
        self.gate = asyncio.Event()
        self.gate.set()
        self._runner: web.AppRunner | None = None

    async def start(self) -> Kraken:
        app = web.Application()
        app.router.add_get("/ws", self._stream)
        app.router.add_route("*", "/0/{kind}/{name}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def stop(self) -> None:
        assert self._runner is not None
        self.gate.set()
        await self._runner.cleanup()

    def config(self, **more: Any) -> dict[str, Any]:
        """Goes straight into ccxt's kraken classes."""
        api = {name: self.url for name in ("public", "private", "zendesk")} | {"ws": {"publicV2": f"{self.url.replace('http', 'ws')}/ws"}}
        # any base64 text is a key
        return {"apiKey": "key", "secret": "c2VjcmV0", "urls": {"api": api}, "enableRateLimit": False, **more}

    async def _answer(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        form = {key: str(value) for key, value in (await request.post()).items()}
        self.requests.append(name)
        if name in self.fail:
            return web.json_response({"error": ERRORS[self.fail[name]]})
        result = self._result(name, form)
        await self.gate.wait()
        return web.json_response({"error": [], "result": result})

    def _result(self, name: str, form: dict[str, str]) -> Any:
        if name == "AddOrder":
            self.orders.append(form)
            return {
                "descr": {"order": f"{form['type']} {form['volume']} XBTUSDT @ limit {form['price']}"},
                "txid": [f"O{len(self.orders)}"],
            }
        return {
            "Time": {"unixtime": 1700000000, "rfc1123": "Tue, 14 Nov 23 22:13:20 +0000"},
            "Assets": {"XXBT": {"altname": "XBT", "decimals": 10}, "USDT": {"altname": "USDT", "decimals": 8}},
            "AssetPairs": {"XBTUSDT": PAIR},
            "Ticker": {"XBTUSDT": TICKER},
            "CancelOrder": {"count": 1},
        }.get(name, {})

    async def _stream(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        ticks: list[asyncio.Task[None]] = []
        async for message in socket:
            if message.type is WSMsgType.TEXT and json.loads(message.data).get("method") == "subscribe":
                ticks.append(asyncio.create_task(self._tick(socket)))
        for task in ticks:
            task.cancel()
        return socket

    async def _tick(self, socket: web.WebSocketResponse) -> None:
        with contextlib.suppress(ConnectionError):
            while not socket.closed:
                await socket.send_json({"channel": "ticker", "type": "update", "data": [STREAMED]})
                await asyncio.sleep(0.02)


def report_time(exchange: Any, queue: Any) -> None:
    """What a spawned process does with the exchange it was given."""
    queue.put((exchange.fetch_time(), len(exchange.markets)))
    exchange.close()
