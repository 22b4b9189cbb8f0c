"""How requests leave: sent once, on the loop that runs, through the proxy that was asked for, and with every answer read for what it is."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import threading
import time
import warnings
from email.utils import formatdate
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from ccxt_dex._ccxt import errors
from ccxt_dex.outcome.attempts import CURRENT
from compat_tests.core import killserver
from compat_tests.core.demo import SYMBOL, HyperVenue, Venue, demo, make_demo, make_hyper
from compat_tests.core.killserver import KillServer

BREAKS = killserver.LOST + killserver.BROKEN + killserver.UNREADABLE + killserver.REDIRECTS
ENDPOINT = {"POST": "private_post_leverage", "PUT": "private_put_order", "DELETE": "private_delete_order"}


def echo(method: str, target: str, body: Any) -> tuple[int, Any]:
    return 200, {"ok": True, "orders": []}


@pytest.mark.parametrize("kept", [False, True], ids=["fresh", "kept"])
@pytest.mark.parametrize("method", ENDPOINT)
@pytest.mark.parametrize("mode", BREAKS)
async def test_a_write_is_sent_once_whatever_breaks(mode: str, method: str, kept: bool) -> None:
    async with KillServer(echo) as server:
        ex = make_demo(server.url, timeout=150, options={"maxRetriesOnFailure": 3})
        if kept:
            await ex.fetch_open_orders()
        server.mode = mode
        with pytest.raises(errors.OperationFailed) as caught:
            await ex.call(ENDPOINT[method], {"id": "1"})
        assert [entry[0] for entry in server.executed] == [method]
        assert caught.value.verdict == "unknown"  # type: ignore[attr-defined]
        await ex.close()


async def test_reads_are_retried_as_the_user_asked() -> None:
    async with KillServer(echo) as server:
        ex = make_demo(server.url, options={"maxRetriesOnFailure": 3})
        server.mode, server.break_reads = "http502", True
        with pytest.raises(errors.ExchangeNotAvailable):
            await ex.fetch_open_orders()
        assert len(server.seen) == 4
        server.seen.clear()
        with pytest.raises(errors.ExchangeNotAvailable):
            await ex.call("private_post_leverage", {"maxRetriesOnFailure": 2, "leverage": 5})
        assert len(server.seen) == 1 and server.executed[0][2] == {"leverage": 5}
        await ex.close()


async def test_hyperliquids_reads_by_post_are_reads() -> None:
    async with KillServer(HyperVenue(), reads=("/info",)) as server:
        ex = make_hyper(server.url, options={"maxRetriesOnFailure": 2})
        assert not ex.is_write("info", ["public"], "POST", {}) and ex.is_write("exchange", ["private"], "POST", {})
        server.mode, server.break_reads = "http502", True
        with pytest.raises(errors.ExchangeNotAvailable):
            await ex.call("public_post_info", {"type": "meta"})
        assert len(server.seen) == 3
        await ex.close()


async def test_a_read_does_not_follow_to_another_host() -> None:
    async with KillServer(echo) as server, KillServer(echo) as elsewhere:
        ex = make_demo(server.url)
        server.break_reads, server.mode, server.url = True, "http302", elsewhere.url
        with pytest.raises(errors.BadResponse):
            await ex.fetch_open_orders()
        assert elsewhere.seen == []
        await ex.close()


@pytest.mark.parametrize(("body", "fits"), [('"default"', True), ("12.5", True), ("null", True), ("maintenance", False), ("", False)])
async def test_answers_that_are_no_objects(body: str, fits: bool) -> None:
    ex = make_demo("http://127.0.0.1:1")

    class endpoint(demo):
        text_endpoints = frozenset({"order"})

    app = web.Application()

    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=body, content_type="text/plain" if not fits else "application/json")

    app.router.add_route("*", "/{path}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    ex.urls["api"] = {"private": url, "public": url}
    if fits:
        assert await ex.call("private_get_orders") == body
    else:
        with pytest.raises(errors.BadResponse):
            await ex.call("private_get_orders")
    free = endpoint({"urls": {"api": {"private": url}}})
    assert await free.call("private_get_order") == body
    assert await free.fetch(url + "/anything") == body
    await ex.close()
    await free.close()
    await runner.cleanup()


async def test_an_empty_204_is_an_answer() -> None:
    app = web.Application()

    async def gone(_: web.Request) -> web.Response:
        return web.Response(status=204)

    app.router.add_delete("/order", gone)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    ex = make_demo(f"http://127.0.0.1:{runner.addresses[0][1]}")
    assert not await ex.call("private_delete_order", {"id": 1})
    await ex.close()
    await runner.cleanup()


async def test_signing_may_be_awaited_and_prepared() -> None:
    steps: list[str] = []

    class wallet(demo):
        async def prepare(self, path: str, api: Any, method: str, params: Any) -> None:
            steps.append(f"prepare {path}")

        async def sign_request(self, path: str, api: Any, method: str, params: Any, headers: Any = None, body: Any = None) -> Any:
            await asyncio.sleep(0)
            steps.append("signed")
            return await super().sign_request(path, api, method, {**params, "signature": "mine"})

    async with KillServer(echo) as server:
        ex = wallet({"urls": {"api": {"private": server.url}}})
        await ex.call("private_post_leverage", {"x": 1})
        assert steps == ["prepare leverage", "signed"] and server.executed[0][2] == {"x": 1, "signature": "mine"}
        await ex.close()


async def test_failing_before_the_request_is_not_sent() -> None:
    class unsigned(demo):
        def sign(self, *args: Any, **kwargs: Any) -> Any:
            raise errors.AuthenticationError("no key")

    ex = unsigned({"urls": {"api": {"private": "http://127.0.0.1:1"}}})
    with pytest.raises(errors.AuthenticationError) as caught:
        await ex.create_order(SYMBOL, "limit", "buy", 1, 1)
    assert caught.value.verdict == "not_sent" and ex.session is None  # type: ignore[attr-defined]


async def test_a_session_the_user_brought_proves_nothing() -> None:
    async with aiohttp.ClientSession() as session:
        ex = make_demo(f"http://127.0.0.1:{killserver.refused_port()}", session=session)
        with pytest.raises(errors.ExchangeNotAvailable) as caught:
            await ex.call("private_post_leverage")
        assert caught.value.verdict == "unknown"  # type: ignore[attr-defined]
        ex.session = None


async def test_the_venues_clock() -> None:
    ex = demo()
    assert ex.server_time_offset == 0
    now = time.time() * 1000
    ex.note_server_time((now // 1000) * 1000, now - 40, now, 1000)
    assert ex.server_time_offset == 0, "a date that agrees with our clock changes nothing"
    ex.note_server_time(now + 90_000, now - 40, now, 1000)
    assert 89_900 < ex.server_time_offset < 91_100
    ex.note_server_time(now + 90_500, now - 4, now)
    assert 90_490 < ex.server_time_offset < 90_510, "a better reading narrows it"
    assert abs(ex.server_milliseconds() - time.time() * 1000 - 90_500) < 20

    class dated(demo):
        async def fetch_time(self, params: Any = None) -> int:
            return int(time.time() * 1000) - 5000

    ex = dated()
    await ex.fetchTime()  # type: ignore[attr-defined]
    assert -5010 < ex.server_time_offset < -4990


async def test_the_date_header_is_enough() -> None:
    app = web.Application()

    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"orders": []}, headers={"Date": formatdate(time.time() + 3600, usegmt=True)})

    app.router.add_get("/orders", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    ex = make_demo(f"http://127.0.0.1:{runner.addresses[0][1]}")
    await ex.fetch_open_orders()
    assert 3_598_000 < ex.server_time_offset < 3_602_000
    await ex.close()
    await runner.cleanup()


class Serving(threading.Thread):
    """A kill server on a loop of its own, for tests that change loops."""

    def __init__(self, answer: Any = None) -> None:
        super().__init__(daemon=True)
        self.answer = answer
        self.ready, self.done = threading.Event(), threading.Event()

    def run(self) -> None:
        async def serve() -> None:
            async with KillServer(self.answer or echo) as self.server:
                self.ready.set()
                while not self.done.is_set():
                    await asyncio.sleep(0.01)

        asyncio.run(serve())

    def __enter__(self) -> KillServer:
        self.start()
        self.ready.wait()
        return self.server

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.join()


def test_a_second_asyncio_run() -> None:
    with Serving() as server, warnings.catch_warnings():
        warnings.simplefilter("error")
        ex = make_demo(server.url)

        async def use(close: bool) -> None:
            assert await ex.fetch_open_orders() == []
            await ex.load_markets(True)
            if close:
                await ex.close()

        asyncio.run(use(False))
        first = ex.session
        asyncio.run(use(False))
        assert ex.session is not first
        gc.collect()
        asyncio.run(use(True))


def test_a_loop_that_stands_still_between_calls() -> None:
    with Serving() as server:
        ex, loop = make_demo(server.url), asyncio.new_event_loop()
        loop.run_until_complete(ex.fetch_open_orders())
        kept = ex.session
        loop.run_until_complete(ex.fetch_open_orders())
        assert ex.session is kept and server.connections == 1
        other = asyncio.new_event_loop()
        other.run_until_complete(ex.fetch_open_orders())
        loop.run_until_complete(ex.fetch_open_orders())
        loop.run_until_complete(ex.close())
        for each in (loop, other):
            each.run_until_complete(asyncio.sleep(0))
            each.close()
        gc.collect()


def test_three_instances_one_options_dict_three_loops() -> None:
    with Serving(Venue()) as server:
        instances = [make_demo(server.url) for _ in range(3)]
        for each in instances[1:]:
            each.options = instances[0].options
            each.set_markets_from_exchange(instances[0])  # type: ignore[attr-defined]
        failures: list[BaseException] = []

        def work(ex: demo) -> None:
            async def trade() -> None:
                for _ in range(10):
                    await ex.create_order(SYMBOL, "limit", "buy", 1, 1)
                    await ex.fetch_open_orders()
                await ex.close()

            try:
                asyncio.run(trade())
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=work, args=(ex,)) for ex in instances]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures and len(server.executed) == 30
        assert len({body["client"] for _, _, body in server.executed}) == 30
        for value in instances[0].options.values():
            assert isinstance(value, (str, int, float, bool, dict, list, type(None)))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_opens_its_own_session() -> None:
    code = """
import asyncio, os, sys
from compat_tests.core.demo import make_demo
ex = make_demo(sys.argv[1])
loop = asyncio.new_event_loop()
loop.run_until_complete(ex.fetch_open_orders())
session = ex.session
if os.fork() == 0:
    mine = asyncio.new_event_loop()
    mine.run_until_complete(ex.fetch_open_orders())
    os._exit(0 if ex.session is not session else 1)
status = os.wait()[1]
loop.run_until_complete(ex.fetch_open_orders())
assert ex.session is session
loop.run_until_complete(ex.close())
print("good", status)
"""
    with Serving() as server:
        command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", code, server.url]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert result.stdout.strip() == "good 0", result.stderr
        assert server.connections == 2, "the parent's connection survived its child"


@pytest.mark.parametrize("how", ["proxy", "httpProxy", "aiohttp_proxy"])
async def test_an_http_proxy(how: str) -> None:
    async with KillServer(echo) as proxy:
        ex = make_demo("http://venue.invalid", **{how: proxy.url})
        assert await ex.fetch_open_orders() == []
        assert proxy.seen[0][1].startswith("http://venue.invalid/")
        if how == "proxy":
            assert ex.check_ws_proxy_settings() == [proxy.url, None, None]
            assert ex.proxy_identity() == proxy.url.partition("//")[2]
        await ex.close()


def test_proxy_settings() -> None:
    ex = demo({"proxy": "socks5://127.0.0.1:1080"})
    assert ex.check_proxy_settings() == ex.check_ws_proxy_settings() == [None, None, "socks5://127.0.0.1:1080"]
    for other in ("httpProxy", "https_proxy", "socksProxy"):
        with pytest.raises(errors.InvalidProxySettings):
            demo({"proxy": "http://127.0.0.1:1", other: "http://127.0.0.1:2"}).check_proxy_settings()
    with pytest.raises(errors.InvalidProxySettings):
        demo({"proxy": "http://127.0.0.1:1", "proxyUrl": "http://127.0.0.1:2"}).check_proxy_url_settings()
    with pytest.raises(errors.InvalidProxySettings):
        demo({"proxy": "127.0.0.1:1"}).check_proxy_settings()
    both = demo({"httpProxy": "http://a", "httpsProxy": "http://b"})
    with pytest.raises(errors.InvalidProxySettings):
        both.check_proxy_settings()
    assert demo({"proxyUrl": "http://x/"}).check_proxy_url_settings() == "http://x/"


async def test_nothing_of_a_request_outlives_it() -> None:
    async with KillServer(echo) as server:
        ex = make_demo(server.url)
        await ex.fetch_open_orders()
        assert CURRENT.get() is None
        await ex.close()
        with pytest.raises(errors.ExchangeClosedByUser):
            await ex.fetch_open_orders()
