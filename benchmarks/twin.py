"""The blocking twin: what the hop to the loop's thread adds to a call, and how long imports and constructors take."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from aiohttp import web

import ccxt_dex
from ccxt_dex import _ccxt, registry

CALLS = 3000
Row = tuple[str, float, str]


class Nothing(_ccxt.Exchange):
    """An exchange whose one call does nothing, and one that asks a server for nothing."""

    async def fetch_nothing(self) -> int:
        return 1

    async def fetch_little(self) -> Any:
        return await self.fetch(self.urls["api"])

    def describe(self) -> Any:
        return self.deep_extend(super().describe(), {"id": "nothing", "enableRateLimit": False, "timeout_on_exit": 0})


def median_ms(call: Callable[[], Any], count: int = CALLS) -> float:
    call()
    samples = []
    for _ in range(count):
        began = time.perf_counter()
        call()
        samples.append(time.perf_counter() - began)
    return statistics.median(samples) * 1000


async def _serve() -> web.AppRunner:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response({})

    app = web.Application()
    app.router.add_get("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner


async def _async_ms(url: str) -> float:
    ex = Nothing({"urls": {"api": url}})
    await ex.fetch_little()
    samples = []
    for _ in range(CALLS // 3):
        began = time.perf_counter()
        await ex.fetch_little()
        samples.append(time.perf_counter() - began)
    await ex.close()
    return statistics.median(samples) * 1000


def _import_ms(code: str) -> float:
    def once(text: str) -> float:
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", text], check=True)
        return (time.perf_counter() - began) * 1000

    return statistics.median(once(code) - once("pass") for _ in range(5))


def rows() -> list[Row]:
    twin = ccxt_dex.sync.twin(Nothing)
    ex = twin()
    result: list[Row] = [("one hop: a call that does nothing", median_ms(ex.fetch_nothing), "ms")]
    # the server in the twin's own thread would be measured with it
    server = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        asynchronous = asyncio.run(_async_ms(url))
        ex = twin({"urls": {"api": url}})
        blocking = median_ms(ex.fetch_little, CALLS // 3)
        ex.close()
    finally:
        server.terminate()
        server.wait()
    result += [
        ("an HTTP request on loopback, async", asynchronous, "ms"),
        ("the same, blocking", blocking, "ms"),
        ("added by the twin", blocking - asynchronous, "ms"),
    ]
    for each in registry.IDS:
        cls, blocking_cls = registry.load(each), getattr(ccxt_dex.sync, each)
        result += [
            (f"constructor of {each}, async", median_ms(cls, 30), "ms"),
            (f"constructor of {each}, blocking", median_ms(blocking_cls, 30), "ms"),
        ]
    for code in (
        "import ccxt_dex",
        "import ccxt",
        "import ccxt, ccxt_dex; ccxt_dex.register()",
        "import ccxt.pro",
        f"import ccxt_dex; ccxt_dex.{registry.DEMO}",
    ):
        result.append((code, _import_ms(code), "ms"))
    return result


SERVER = """
import asyncio
from benchmarks import twin
async def main():
    runner = await twin._serve()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}/", flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""
