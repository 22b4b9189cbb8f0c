"""What every test stands on: no network, a clean environment, paper venues on demand, waiting on conditions instead of sleeping."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import inspect
import json
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

HERE = Path(__file__).resolve().parent
GUARD = HERE / "guard"
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "ws_proxy", "wss_proxy", "no_proxy")

# how long an example takes is the machine's affair
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

# what a test that needs the real machine (interpreters, package caches) may look up; workers start in an environment that is cleaned already
_REAL = "TESTS_REAL_ENVIRONMENT"
REAL_ENVIRONMENT: dict[str, str] = json.loads(os.environ[_REAL]) if _REAL in os.environ else dict(os.environ)


def _guard_network() -> None:
    spec = importlib.util.spec_from_file_location("ccxt_dex_network_guard", GUARD / "sitecustomize.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.install()


def _clean_environment(home: str) -> None:
    for name in list(os.environ):
        if name.lower() in PROXIES or name.startswith("CCXT_DEX"):
            del os.environ[name]
    os.environ[_REAL] = json.dumps(REAL_ENVIRONMENT)
    os.environ["HOME"] = os.environ["USERPROFILE"] = home
    os.environ["CCXT_DEX_HOME"] = str(Path(home) / "ccxt_dex")
    inherited = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(GUARD), *([inherited] if inherited else [])])


# at import time: before a test module can read the environment or open a socket
_HOME = tempfile.mkdtemp(prefix="ccxt-dex-home-")
_clean_environment(_HOME)
_guard_network()


def pytest_unconfigure() -> None:
    shutil.rmtree(_HOME, ignore_errors=True)


@pytest.fixture(autouse=True)
def ccxt_dex_home(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    """A token store of its own for each test; the folder does not exist yet, as on a user's first start."""
    home = Path(tempfile.mkdtemp(dir=_HOME)) / "ccxt_dex"
    monkeypatch.setenv("CCXT_DEX_HOME", str(home))
    return home


@pytest.fixture(scope="session", autouse=True)
def _rooms_are_imported_under_one_name() -> Iterator[None]:
    """The rooms' folder is ccxt_dex.exchanges; a top-level `exchanges` would mean every class exists twice."""
    yield
    stray = sorted(name for name in sys.modules if name == "exchanges" or name.startswith("exchanges."))
    assert not stray, f"imported under the wrong name: {stray}"


@pytest.fixture(scope="session")
def real_environment() -> dict[str, str]:
    """The environment as it was before it was cleaned, for tests that look for interpreters and other programs."""
    return dict(REAL_ENVIRONMENT)


Predicate = Callable[[], Any]


def _source(condition: Predicate) -> str:
    try:
        return inspect.getsource(condition).strip()
    except (OSError, TypeError):
        return repr(condition)


@pytest.fixture
def until() -> Callable[..., Awaitable[Any]]:
    """`await until(condition)`: returns the condition's first true value, fails after `timeout` seconds. The condition may be async."""

    async def wait(condition: Predicate, timeout: float = 10.0, what: str = "") -> Any:
        deadline = time.monotonic() + timeout
        while True:
            value = condition()
            if inspect.isawaitable(value):
                value = await value
            if value:
                return value
            assert time.monotonic() < deadline, f"not within {timeout} s: {what or _source(condition)}"
            await asyncio.sleep(0.005)

    return wait


@pytest.fixture
def until_sync() -> Callable[..., Any]:
    """The blocking twin of `until`."""

    def wait(condition: Predicate, timeout: float = 10.0, what: str = "") -> Any:
        deadline = time.monotonic() + timeout
        while True:
            value = condition()
            if value:
                return value
            assert time.monotonic() < deadline, f"not within {timeout} s: {what or _source(condition)}"
            time.sleep(0.005)

    return wait


@pytest.fixture
async def paper_venue() -> AsyncIterator[Callable[..., Awaitable[Any]]]:
    """`venue = await paper_venue("standx", seed=7, accounts=2)`: a paper venue on this test's loop, shut down after the test."""
    from ccxt_dex import paper

    async with contextlib.AsyncExitStack() as stack:

        async def open_venue(venue_id: str, **options: Any) -> Any:
            return await stack.enter_async_context(paper.start(venue_id, **options))

        yield open_venue


class LoopThread:
    """An event loop in a thread of its own, for servers that blocking tests talk to."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="test-servers", daemon=True)
        self.thread.start()

    def run(self, coroutine: Any, timeout: float = 20.0) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(timeout)

    def close(self) -> None:
        self.run(self._cancel_the_rest())
        self.run(self.loop.shutdown_asyncgens())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()

    async def _cancel_the_rest(self) -> None:
        """As `asyncio.run` does at its end: an answer that a fault holds back may still be waiting."""
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)


@pytest.fixture
def loop_thread() -> Iterator[LoopThread]:
    thread = LoopThread()
    yield thread
    thread.close()


@pytest.fixture
def blocking_paper_venue(loop_thread: LoopThread) -> Iterator[Callable[..., Any]]:
    """`venue = blocking_paper_venue("standx")`: the same venue for tests of blocking code, served from another thread.

    What is a coroutine on the venue runs through the fixture `loop_thread`: `loop_thread.run(venue.fault({...}))`.
    """
    from ccxt_dex import paper

    stack = contextlib.AsyncExitStack()

    def open_venue(venue_id: str, **options: Any) -> Any:
        return loop_thread.run(stack.enter_async_context(paper.start(venue_id, **options)))

    yield open_venue
    loop_thread.run(stack.aclose())
