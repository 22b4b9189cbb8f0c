"""Logins: once for everybody, on whatever loop; renewed in time; kept where only their owner reads them."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import os
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ccxt_dex import tokens
from ccxt_dex._ccxt import errors
from ccxt_dex.sessions import Call, Session, SessionManager, Sign
from ccxt_dex.symbols import jwt_belongs
from compat_tests.core.demo import SYMBOL, Venue, demo
from compat_tests.core.killserver import KillServer

ADDRESS = "0x" + "ab" * 20
HOUR = 3_600_000


class Pen:
    def sign(self, message: str) -> str:
        return f"signed {message}"


class SlowPen:
    async def sign(self, message: str) -> str:
        await asyncio.sleep(0.01)
        return f"signed {message}"


class keyed(demo):
    """Logs in with a challenge."""

    def describe(self) -> Any:
        return self.deep_extend(super().describe(), {"api": {"public": {"post": ["challenge", "login"]}}})

    life = HOUR

    def login_steps(self) -> Any:
        challenge = yield Call("public_post_challenge", {"address": self.walletAddress})
        signature = yield Sign(SlowPen(), "sign", challenge["text"])
        assert signature == f"signed {challenge['text']}"
        assert (yield Sign(Pen(), "sign", "x")) == "signed x"
        answer = yield Call("public_post_login", {"signature": signature})
        return Session(answer["token"], self.server_milliseconds() + self.life, {"account": 7})

    async def prepare(self, path: str, api: Any, method: str, params: Any) -> None:
        if api[0] == "private":
            await self.session_manager.ensure()

    def sign(self, path: str, api: Any = "public", method: str = "GET", params: Any = None, headers: Any = None, body: Any = None) -> Any:
        request = super().sign(path, api, method, params)
        if api[0] == "private":
            session = self.session_manager.session
            assert session is not None
            request["headers"]["Authorization"] = f"Bearer {session.token}"
        return request


class Gate(Venue):
    """A venue that hands out numbered tokens and may stop honouring them."""

    def __init__(self) -> None:
        super().__init__()
        self.logins = 0
        self.refuse_login = ""
        self.expired = 0

    def __call__(self, method: str, target: str, body: Any) -> tuple[int, Any]:
        if target == "/challenge":
            return 200, {"text": "please"}
        if target == "/login":
            self.logins += 1
            return 200, {"error": self.refuse_login} if self.refuse_login else {"token": f"token-{self.logins}"}
        if self.expired:
            self.expired -= 1
            return 401, {"error": "AuthenticationError"}
        return super().__call__(method, target, body)


def make(server: KillServer, **config: Any) -> keyed:
    url = server.url
    ex = keyed({"timeout": 500, "walletAddress": ADDRESS, "urls": {"api": {"private": url, "public": url}}, **config})
    ex.timeout_on_exit = 0
    return ex


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("CCXT_DEX_HOME", str(tmp_path))
    yield tmp_path / "sessions"


def forget() -> None:
    """What a new process would not have."""
    from ccxt_dex import sessions

    sessions._states.clear()


async def test_one_login_for_all_who_ask(store: Path) -> None:
    gate = Gate()
    async with KillServer(gate, reads=("/challenge", "/login")) as server:
        one, two = make(server), make(server)
        await asyncio.gather(*(each.fetch_open_orders() for each in (one, two) for _ in range(5)))
        assert gate.logins == 1
        session = await one.session_manager.ensure()
        assert session.token == "token-1" and session.data == {"account": 7} and "token-1" not in repr(session)
        await one.close()
        await two.close()


async def test_one_login_for_two_loops(store: Path) -> None:
    gate = Gate()
    async with KillServer(gate, reads=("/challenge", "/login")) as server:
        got: list[str] = []

        async def work() -> None:
            ex = make(server)
            got.append((await ex.session_manager.ensure()).token)
            await ex.close()

        threads = [threading.Thread(target=lambda: asyncio.run(work())) for _ in range(3)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            await asyncio.sleep(0.005)
        assert got == ["token-1"] * 3 and gate.logins == 1


async def test_a_loop_that_stands_still_in_a_login_stops_nobody(store: Path) -> None:
    gate = Gate()
    async with KillServer(gate, reads=("/challenge", "/login")) as server:
        stuck, ex = make(server, timeout=50), make(server, timeout=50)
        loop = asyncio.new_event_loop()

        def begin() -> None:
            login = loop.create_task(stuck.session_manager.ensure())
            loop.run_until_complete(asyncio.sleep(0))  # it has begun; now its loop stands still
            began.append(login)

        began: list[asyncio.Task[Any]] = []
        await asyncio.to_thread(begin)
        assert (await asyncio.wait_for(ex.session_manager.ensure(), 5)).token

        def end() -> None:
            loop.run_until_complete(asyncio.gather(began[0], return_exceptions=True))
            loop.run_until_complete(stuck.close())
            loop.close()

        await asyncio.to_thread(end)
        await ex.close()


async def test_a_cancelled_login_is_taken_over(store: Path) -> None:
    gate = Gate()
    async with KillServer(gate, reads=("/challenge", "/login")) as server:
        ex = make(server)
        first = asyncio.ensure_future(ex.session_manager.ensure())
        second = asyncio.ensure_future(ex.session_manager.ensure())
        await asyncio.sleep(0)
        first.cancel()
        assert (await second).token == "token-1"
        await ex.close()


async def test_a_refused_login_is_everybodys_answer(store: Path) -> None:
    gate = Gate()
    gate.refuse_login = "AuthenticationError"
    async with KillServer(gate, reads=("/challenge", "/login")) as server:
        ex = make(server)
        results = await asyncio.gather(*(ex.session_manager.ensure() for _ in range(3)), return_exceptions=True)
        assert all(isinstance(each, errors.AuthenticationError) for each in results) and gate.logins == 1
        await ex.close()


async def test_it_is_renewed_before_it_ends_by_the_venues_clock(store: Path) -> None:
    gate = Gate()
    async with KillServer(gate, reads=("/challenge", "/login")) as server:
        ex = make(server)
        await ex.session_manager.ensure()
        ahead = time.time() * 1000 + HOUR - 30_000
        ex.note_server_time(ahead, time.time() * 1000, time.time() * 1000)
        assert (await ex.session_manager.ensure()).token == "token-2"
        await ex.close()


async def test_a_refused_session_is_renewed_once(store: Path) -> None:
    gate = Gate()
    async with KillServer(gate, reads=("/challenge", "/login")) as server:
        ex = make(server)
        await ex.fetch_open_orders()
        gate.expired = 1
        await ex.fetch_open_orders()
        assert gate.logins == 2
        gate.expired = 2
        with pytest.raises(errors.AuthenticationError):
            await ex.fetch_open_orders()
        assert gate.logins == 3
        await ex.close()


async def test_an_order_refused_for_its_session_is_looked_up_and_sent_again(store: Path) -> None:
    gate = Gate()
    async with KillServer(gate, reads=("/challenge", "/login")) as server:
        ex = make(server)
        await ex.fetch_open_orders()
        server.seen.clear()
        gate.expired = 1
        order = await ex.create_order(SYMBOL, "limit", "buy", 1, 1)
        assert len(gate.orders) == 1 and order["id"] == "1"
        assert [each for each in server.seen if each[1] == "/order"] == [("POST", "/order"), ("GET", "/order"), ("POST", "/order")]
        gate.expired = 1
        assert (await ex.cancel_order("1"))["status"] == "canceled"
        await ex.close()


@pytest.mark.parametrize(
    "refusal,kind", [("AuthenticationError", errors.AuthenticationError), ("ExchangeNotAvailable", errors.ExchangeNotAvailable)]
)
@pytest.mark.parametrize("api", ["public", "private"], ids=["as a read", "as a write"])
async def test_an_order_whose_login_fails_has_not_left(
    store: Path, monkeypatch: pytest.MonkeyPatch, refusal: str, kind: Any, api: str
) -> None:
    """The login's own request is none of the order's: nothing is looked up, and nobody logs in a second time."""
    gate = Gate()
    gate.refuse_login = refusal
    monkeypatch.setattr(keyed, "is_write", lambda self, path, *_: path == "order" or (path == "login" and api == "private"))
    async with KillServer(gate, reads=("/challenge", "/login")) as server:
        ex = make(server)
        with pytest.raises(kind):
            await ex.create_order(SYMBOL, "limit", "buy", 1, 1)
        assert gate.logins == 1 and {target for _, target in server.seen} == {"/challenge", "/login"}
        gate.refuse_login = ""
        assert (await ex.create_order(SYMBOL, "limit", "buy", 1, 1))["id"] == "1" and len(gate.orders) == 1
        await ex.close()


async def test_kept_for_the_next_start_and_for_nobody_else(store: Path) -> None:
    gate = Gate()
    async with KillServer(gate, reads=("/challenge", "/login")) as server:
        ex = make(server)
        await ex.session_manager.ensure()
        files = list(store.iterdir())
        assert len(files) == 1 and ADDRESS not in files[0].name
        assert stat.S_IMODE(files[0].stat().st_mode) == 0o600 and stat.S_IMODE(store.stat().st_mode) == 0o700
        forget()
        assert (await ex.session_manager.ensure()).token == "token-1" and gate.logins == 1
        forget()
        other = make(server, walletAddress="0x" + "cd" * 20)
        assert (await other.session_manager.ensure()).token == "token-2"
        ex.session_manager.invalidate()
        assert len(list(store.iterdir())) == 1
        off = make(server, walletAddress="0x" + "ef" * 20, options={"tokenStore": False})
        await off.session_manager.ensure()
        assert len(list(store.iterdir())) == 1
        for each in (ex, other, off):
            await each.close()


@pytest.mark.parametrize("damage", ["text", "half", "fields", "key", "open", "link"])
async def test_a_file_that_is_not_right_is_ignored_with_a_warning(store: Path, caplog: pytest.LogCaptureFixture, damage: str) -> None:
    gate = Gate()
    async with KillServer(gate, reads=("/challenge", "/login")) as server:
        ex = make(server)
        await ex.session_manager.ensure()
        (file,) = store.iterdir()
        content = json.loads(file.read_text())
        if damage == "open":
            file.chmod(0o644)
        elif damage == "link":
            file.rename(store / "elsewhere")
            file.symlink_to(store / "elsewhere")
        else:
            changed = {"text": "no JSON", "half": json.dumps(content)[:20], "fields": json.dumps({**content, "expires": "soon"}), "key": ""}
            file.write_text(changed[damage] or json.dumps({**content, "key": ["demo", "h", "other"]}))
        forget()
        with caplog.at_level(logging.WARNING, "ccxt_dex.sessions"):
            assert (await ex.session_manager.ensure()).token == "token-2"
        assert "ignored" in caplog.text and "token-1" not in caplog.text
        await ex.close()


def jwt(**claims: Any) -> str:
    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none'})}.{part(claims)}.c2ln"


@pytest.mark.parametrize(
    ("token", "scope", "belongs"),
    [
        (jwt(address=ADDRESS.upper().replace("0X", "0x")), ADDRESS, True),
        (jwt(address="0x" + "cd" * 20), ADDRESS, False),
        (jwt(sub="0x" + "cd" * 20, iss="x"), ADDRESS, False),
        (jwt(sub="42"), ADDRESS, True),
        (jwt(wallet="9" * 44), ADDRESS, True),
        (jwt(wallet="9" * 44), "8" * 44, False),
        ("opaque", ADDRESS, True),
        ("a.b.c", ADDRESS, True),
        (jwt(address="0x" + "cd" * 20), "account-1", True),
    ],
)
def test_a_token_of_another_wallet_is_refused(token: str, scope: str, belongs: bool) -> None:
    assert jwt_belongs(token, scope) is belongs


async def test_a_kept_token_of_another_wallet_is_not_used(store: Path) -> None:
    gate = Gate()
    async with KillServer(gate, reads=("/challenge", "/login")) as server:
        ex = make(server)
        foreign = {"token": jwt(address="0x" + "cd" * 20), "expires": int(time.time() * 1000) + HOUR, "issued": 0, "data": {}}
        tokens.save(ex.session_key(), foreign)
        assert (await ex.session_manager.ensure()).token == "token-1"
        await ex.close()


async def test_without_a_login() -> None:
    ex = demo()
    assert not ex.has_login
    with pytest.raises(errors.AuthenticationError):
        await SessionManager(ex).ensure()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs a folder that refuses")
async def test_a_disk_that_refuses_costs_a_warning(store: Path, caplog: pytest.LogCaptureFixture) -> None:
    store.mkdir(mode=0o500)
    tokens.save(("demo", "h", "s"), {"token": "secret-token", "expires": 1, "issued": 0, "data": {}})
    assert "not kept" in caplog.text and "secret-token" not in caplog.text
