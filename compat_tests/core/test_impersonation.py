"""Requests that leave like a browser's keep every promise of the ordinary ones: sent once, judged alike, proxied, masked."""

from __future__ import annotations

import asyncio
import copy
import logging
import pickle
import sys
import threading
from typing import Any

import pytest

from ccxt_dex._ccxt import errors
from compat_tests.core import killserver
from compat_tests.core.demo import SYMBOL, Venue, demo
from compat_tests.core.killserver import KillServer

BREAKS = killserver.LOST + killserver.BROKEN + killserver.UNREADABLE + killserver.REDIRECTS
ENDPOINT = {"POST": "private_post_leverage", "PUT": "private_put_order", "DELETE": "private_delete_order"}


class guarded(demo):
    """The demo venue behind a gate that lets browsers through only."""

    def impersonates(self, url: str) -> str | None:
        return "chrome"


def make(url: str, **config: Any) -> guarded:
    return guarded({"apiKey": "key", "secret": "s" * 40, "urls": {"api": {"public": url, "private": url}}, **config})


def echo(method: str, target: str, body: Any) -> tuple[int, Any]:
    return 200, {"ok": True, "orders": []}


@pytest.mark.parametrize("kept", [False, True], ids=["fresh", "kept"])
@pytest.mark.parametrize("method", ENDPOINT)
@pytest.mark.parametrize("mode", BREAKS)
async def test_a_write_is_sent_once_whatever_breaks(mode: str, method: str, kept: bool) -> None:
    async with KillServer(echo) as server:
        ex = make(server.url, timeout=250, options={"maxRetriesOnFailure": 3})
        if kept:
            await ex.fetch_open_orders()
            await ex.call(ENDPOINT[method], {"id": "0"})
            server.executed.clear()
        server.mode = mode
        with pytest.raises(errors.OperationFailed) as caught:
            await ex.call(ENDPOINT[method], {"id": "1"})
        assert [entry[0] for entry in server.executed] == [method]
        assert caught.value.verdict == "unknown"  # type: ignore[attr-defined]
        await ex.close()


@pytest.mark.parametrize("mode", killserver.NOTHING)
async def test_trouble_before_the_request_arrived_is_never_called_a_refusal(mode: str) -> None:
    async with KillServer(echo) as server:
        ex = make(server.url, timeout=250)
        await ex.call("private_post_leverage", {"id": "0"})
        server.executed.clear()
        server.mode = mode
        with pytest.raises(errors.OperationFailed) as caught:
            await ex.call("private_post_leverage", {"id": "1"})
        assert server.executed == []
        assert caught.value.verdict in ("unknown", "not_sent")  # type: ignore[attr-defined]
        await ex.close()


@pytest.mark.parametrize("mode", killserver.REFUSED)
async def test_a_refusal_is_a_refusal(mode: str) -> None:
    async with KillServer(echo) as server:
        ex = make(server.url)
        server.mode = mode
        with pytest.raises(errors.BaseError) as caught:
            await ex.call("private_post_leverage", {"id": "1"})
        assert caught.value.verdict == "rejected" and len(server.seen) == 1  # type: ignore[attr-defined]
        await ex.close()


async def test_nobody_listens_is_not_sent() -> None:
    ex = make(f"http://127.0.0.1:{killserver.refused_port()}")
    with pytest.raises(errors.ExchangeNotAvailable) as caught:
        await ex.create_order(SYMBOL, "limit", "buy", 1, 1)
    assert caught.value.verdict == "not_sent"  # type: ignore[attr-defined]
    await ex.close()


@pytest.mark.parametrize("mode", [*killserver.LOST, "http502", "html200"])
async def test_an_order_whose_answer_is_lost_is_found_not_sent_again(mode: str) -> None:
    venue = Venue()
    async with KillServer(venue) as server:
        ex = make(server.url, timeout=250)
        await ex.fetch_open_orders()
        server.mode = mode
        order = await ex.create_order(SYMBOL, "limit", "buy", 1, 1, {"clientOrderId": "mine"})
        assert order["clientOrderId"] == "mine" and len(server.executed) == len(venue.orders) == 1
        await ex.close()


async def test_reads_share_a_connection_and_writes_have_their_own() -> None:
    async with KillServer(echo) as server:
        ex = make(server.url)
        for _ in range(3):
            await ex.fetch_open_orders()
        assert server.connections == 1
        for _ in range(2):
            await ex.call("private_post_leverage", {"id": "1"})
        assert server.connections == 3
        await ex.fetch_open_orders()
        assert server.connections == 3
        await ex.close()


async def test_reads_are_retried_as_the_user_asked_and_follow_nowhere() -> None:
    async with KillServer(echo) as server:
        ex = make(server.url, options={"maxRetriesOnFailure": 3})
        server.mode, server.break_reads = "http502", True
        with pytest.raises(errors.ExchangeNotAvailable):
            await ex.fetch_open_orders()
        assert len(server.seen) == 4
        server.mode = "http302"
        server.seen.clear()
        ex.options["maxRetriesOnFailure"] = 0
        with pytest.raises(errors.BadResponse):
            await ex.fetch_open_orders()
        assert [path for _, path in server.seen] == ["/orders"]
        await ex.close()


async def test_the_timeout_is_the_instances_and_cancelling_is_unknown() -> None:
    async with KillServer(echo) as server:
        ex = make(server.url, timeout=120)
        server.mode = "never"
        with pytest.raises(errors.RequestTimeout):
            await ex.call("private_post_leverage", {"id": "1"})
        ex.timeout = 10_000
        task = asyncio.ensure_future(ex.create_order(SYMBOL, "limit", "buy", 1, 1, {"clientOrderId": "left"}))
        while len(server.executed) < 2:
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert list(ex.unresolved) == ["left"]
        await ex.close()


@pytest.mark.parametrize("how", ["proxy", "httpProxy", "aiohttp_proxy"])
async def test_an_http_proxy(how: str) -> None:
    async with KillServer(echo) as proxy:
        ex = make("http://venue.invalid", **{how: proxy.url})
        assert await ex.fetch_open_orders() == []
        assert proxy.seen[0][1].startswith("http://venue.invalid/")
        await ex.close()


async def test_two_proxies_are_refused() -> None:
    ex = make("http://venue.invalid", httpProxy="http://127.0.0.1:1", aiohttp_proxy="http://127.0.0.1:2")
    with pytest.raises(errors.NotSupported) as caught:
        await ex.call("private_post_leverage", {})
    assert caught.value.verdict == "not_sent"  # type: ignore[attr-defined]
    await ex.close()


class Wire:
    """Keeps the raw heads of requests."""

    def __init__(self, answer: bytes = b"") -> None:
        self.heads: list[str] = []
        self.answer = answer

    async def __aenter__(self) -> Wire:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heads.append(head)
        body = b'{"orders": []}'
        writer.write(b"HTTP/1.1 200 OK\r\n" + self.answer + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()


async def test_it_looks_like_a_browsers_script_and_keeps_the_gates_cookies() -> None:
    class signed(guarded):
        def sign(self, *args: Any, **kwargs: Any) -> Any:
            request = super().sign(*args, **kwargs)
            request["headers"] |= {"Cookie": "session=mine", "Accept": "*/*"}
            return request

    async with Wire(b"Set-Cookie: __gate=ours; Path=/\r\nSet-Cookie: session=theirs; Path=/\r\n") as wire:
        ex = signed({"urls": {"api": {"public": wire.url, "private": wire.url}}})
        await ex.fetch_open_orders()
        await ex.call("private_post_leverage", {"x": 1})
        await ex.close()
    first, second = wire.heads
    lines = [line.partition(":") for line in first.split("\r\n")[1:] if line]
    sent = {name.lower(): value.strip() for name, _, value in lines}
    assert "chrome" in sent["user-agent"].lower() and sent["accept"] == "*/*" and sent["sec-fetch-mode"] == "cors"
    assert "upgrade-insecure-requests" not in sent and "upgrade" not in sent and "sec-fetch-user" not in sent
    assert sent["cookie"] == "session=mine"
    cookies = next(line for line in second.split("\r\n") if line.lower().startswith("cookie:"))
    assert sorted(cookies.partition(":")[2].strip().split("; ")) == ["__gate=ours", "session=mine"], "the caller's value wins, once"
    assert second.count("ookie:") == 1


async def test_secrets_stay_out_of_errors_and_logs(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> None:
    caplog.set_level(logging.DEBUG)
    async with KillServer(echo) as server:
        ex = make(server.url, verbose=True, timeout=200)
        await ex.call("private_post_leverage", {"x": 1})
        server.mode = "rst_no_reply"
        with pytest.raises(errors.BaseError) as caught:
            await ex.call("private_post_leverage", {"x": 1})
        await ex.close()
    told = "".join(capsys.readouterr()) + caplog.text
    error: BaseException | None = caught.value
    while error is not None:
        told += f"{error!r} {error} {vars(error)!r}"
        error = error.__cause__ or error.__context__
    assert "fetch Request" in told and "Request" in caplog.text
    assert "s" * 40 not in told and "5" * 40 not in told


async def test_a_missing_library_is_said_in_one_line_and_nothing_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "curl_cffi"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "curl_cffi", None)
    monkeypatch.setitem(sys.modules, "curl_cffi.requests", None)
    async with KillServer(echo) as server:
        ex = make(server.url)
        with pytest.raises(errors.NotSupported, match=r"pip install 'ccxt-dex\[demo\]'") as caught:
            await ex.create_order(SYMBOL, "limit", "buy", 1, 1)
        assert caught.value.verdict == "not_sent" and server.connections == 0  # type: ignore[attr-defined]
        assert "\n" not in str(caught.value)
        await ex.close()


async def test_copies_share_nothing_and_close_ends_it() -> None:
    async with KillServer(echo) as server:
        ex = make(server.url)
        await ex.fetch_open_orders()
        for twin in (copy.deepcopy(ex), pickle.loads(pickle.dumps(ex))):
            assert twin._browser is None
        await ex.close()
        assert ex._browser is None
        with pytest.raises(errors.ExchangeClosedByUser):
            await ex.fetch_open_orders()


def test_another_loop_gets_sessions_of_its_own() -> None:
    ready, done, urls = threading.Event(), threading.Event(), []

    async def serve() -> None:
        async with KillServer(echo) as server:
            urls.append(server.url)
            ready.set()
            while not done.is_set():
                await asyncio.sleep(0.01)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        ready.wait()
        ex = make(urls[0])

        async def use(close: bool) -> Any:
            assert await ex.fetch_open_orders() == []
            kept = ex._browser
            if close:
                await ex.close()
            return kept

        assert asyncio.run(use(False)) is not asyncio.run(use(True))
    finally:
        done.set()
        thread.join()
