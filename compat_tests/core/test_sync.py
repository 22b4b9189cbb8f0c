"""The blocking twin, on ccxt's own kraken class against a loopback server: one test per way in which bots use blocking exchanges."""

from __future__ import annotations

import asyncio
import copy
import inspect
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import ccxt
import ccxt.pro
import pytest

import ccxt_dex
from compat_tests.core import kraken as kraken_module
from compat_tests.core.kraken import SYMBOL, Kraken

Make = Callable[..., Any]
TWIN = ccxt_dex.sync.twin(ccxt.pro.kraken)


def test_it_is_a_ccxt_exchange(make: Make) -> None:
    ex = make()
    assert isinstance(ex, ccxt.Exchange)
    assert isinstance(ex, ccxt.pro.kraken)
    assert repr(ex) == "ccxt_dex.sync.kraken()" and str(ex) == "Kraken" and ex.id == "kraken"
    assert ccxt_dex.sync.twin(ccxt.pro.kraken) is TWIN, "one class, however often it is asked for"


def test_signatures_are_the_async_class_s() -> None:
    assert inspect.signature(TWIN.fetch_ohlcv) == inspect.signature(ccxt.pro.kraken.fetch_ohlcv)
    assert inspect.signature(TWIN.create_order) == inspect.signature(ccxt.pro.kraken.create_order)


def test_nothing_awaitable_is_left_under_either_spelling() -> None:
    left = [name for name in dir(TWIN) if not name.startswith("_") and inspect.iscoroutinefunction(getattr(TWIN, name))]
    assert left == []
    # before any instance exists, ccxt has not written the camelCase names yet
    assert TWIN.fetchOHLCV is TWIN.fetch_ohlcv and TWIN.createOrder is TWIN.create_order


def test_calls_block_and_return(make: Make) -> None:
    ex = make()
    assert ex.fetch_time() == ex.fetchTime() == 1_700_000_000_000
    assert ex.public_get_time() == ex.publicGetTime({}) == ex.request("Time", ["public", "get"], "GET")
    assert list(ex.load_markets()) == [SYMBOL]
    assert ex.fetch_ticker(SYMBOL)["last"] == ex.fetchTicker(SYMBOL)["last"] == 50000.5
    assert ex.create_limit_buy_order(SYMBOL, 0.01, 49000)["id"] == "O1"
    assert ex.sleep(1) is None


def test_watch_blocks_until_something_comes(make: Make) -> None:
    ex = make()
    assert ex.watch_ticker(SYMBOL)["bid"] == 50000.0
    url = ex.urls["api"]["ws"]["publicV2"]
    assert ex.client(url) is ex.clients[url]
    request = {"method": "subscribe", "params": {"channel": "ticker", "symbol": [SYMBOL]}}
    assert ex.watch(url, f"ticker@{SYMBOL}", request, "again")["symbol"] == SYMBOL


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        ("poor", ccxt.InsufficientFunds),
        ("limited", ccxt.DDoSProtection),
        ("wrong-key", ccxt.AuthenticationError),
        ("no-such-order", ccxt.ExchangeError),
    ],
)
def test_exceptions_are_ccxt_s_with_their_traceback(make: Make, kraken: Kraken, failure: str, expected: type[Exception]) -> None:
    ex = make()
    ex.load_markets()
    kraken.fail["AddOrder"] = failure
    with pytest.raises(expected) as caught:
        ex.create_order(SYMBOL, "limit", "buy", 0.01, 50000)
    assert "handle_errors" in [frame.name for frame in caught.traceback], "the frames on the loop's thread are kept"


def test_arguments_are_refused_as_in_async_code(make: Make) -> None:
    ex = make()
    with pytest.raises(ccxt.BadSymbol):
        ex.fetch_ticker("NO/SUCH")
    with pytest.raises(ccxt.NotSupported):
        ex.fetch_mark_prices()
    with pytest.raises(TypeError):
        ex.fetch_ticker()


def copies() -> list[Any]:
    return [pytest.param(copy.deepcopy, id="deepcopy"), pytest.param(lambda ex: pickle.loads(pickle.dumps(ex)), id="pickle")]


@pytest.mark.parametrize("duplicate", copies())
def test_copies_work_on_their_own(make: Make, duplicate: Callable[[Any], Any]) -> None:
    ex = make(options={"mine": {"a": 1}})
    ex.load_markets()
    ex.watch_ticker(SYMBOL)
    twin = duplicate(ex)
    assert type(twin) is type(ex) and twin.markets == ex.markets and twin.apiKey == "key"
    assert twin.session is None and twin.clients == {}
    twin.options["mine"]["a"] = 2
    assert ex.options["mine"]["a"] == 1
    assert twin.fetch_time() == ex.fetch_time()
    twin.close()
    assert ex.fetch_time(), "closing the copy leaves the original connected"


class Mine(TWIN):  # type: ignore[misc,valid-type]
    """What a user's subclass looks like: blocking overrides, one async method, state of its own."""

    def __init__(self, config: dict[str, Any], note: str = "none") -> None:
        super().__init__(config)
        self.note = note

    def fetch_ticker(self, symbol: str, params: dict[str, Any] = {}) -> Any:  # noqa: B006 - ccxt's own signature
        return {**super().fetch_ticker(symbol, params), "mine": True}

    def parse_ticker(self, ticker: Any, market: Any = None) -> Any:
        return {**super().parse_ticker(ticker, market), "parsed": True}

    async def last_price(self, symbol: str) -> float:
        return float((await self.fetch_ticker(symbol))["last"])

    def last_but_blocking(self, symbol: str) -> float:
        return float(self.fetch_ticker(symbol)["last"])


def test_a_subclass_with_blocking_overrides(make: Make) -> None:
    ex = make(Mine)
    ex.load_markets()
    for ticker in (ex.fetch_ticker(SYMBOL), ex.fetchTicker(SYMBOL)):
        assert ticker["mine"] and ticker["parsed"]
    assert ex.last_price(SYMBOL) == ex.last_but_blocking(SYMBOL) == 50000.5, "a new async method blocks too, and may await the override"


def test_the_exchange_s_own_code_calls_the_override(make: Make) -> None:
    calls: list[tuple[Any, ...]] = []

    class Recorder(TWIN):  # type: ignore[misc,valid-type]
        def create_order(self, *args: Any, **kwargs: Any) -> Any:
            calls.append(args)
            return super().create_order(*args, **kwargs)

    ex = make(Recorder)
    ex.load_markets()
    # create_limit_order is ccxt's, runs on the loop and awaits self.create_order
    assert ex.create_limit_order(SYMBOL, "buy", 0.01, 50000)["id"] == "O1"
    assert len(calls) == 1


def test_an_override_in_a_mixin(make: Make) -> None:
    class Mixin:
        def fetch_ticker(self, symbol: str, params: dict[str, Any] = {}) -> Any:  # noqa: B006
            return {**super().fetch_ticker(symbol, params), "mixed": True}  # type: ignore[misc]

    class Mixed(Mixin, TWIN):  # type: ignore[misc,valid-type]
        async def through_the_loop(self, symbol: str) -> Any:
            return await self.fetch_ticker(symbol)

    ex = make(Mixed)
    ex.load_markets()
    assert ex.fetch_ticker(SYMBOL)["mixed"] and ex.through_the_loop(SYMBOL)["mixed"]


def test_many_threads_inside_blocking_overrides(make: Make) -> None:
    class Nested(TWIN):  # type: ignore[misc,valid-type]
        def fetch_time(self, params: dict[str, Any] = {}) -> Any:  # noqa: B006
            return super().fetch_time(params)

        async def outer(self) -> Any:
            return await self.fetch_time()

    ex = make(Nested)
    results = in_threads(32, lambda: ex.outer())
    assert results == [1_700_000_000_000] * 32


@pytest.mark.parametrize("duplicate", copies())
def test_a_subclass_keeps_its_own_state_in_copies(make: Make, duplicate: Callable[[Any], Any]) -> None:
    ex = Mine({"apiKey": "key"}, note="hello")
    twin = duplicate(ex)
    assert type(twin) is Mine and twin.note == "hello" and twin.apiKey == "key"


def test_stubs_on_an_instance(make: Make) -> None:
    ex = make()
    ex.fetch = lambda url, method="GET", headers=None, body=None: {"error": [], "result": {"unixtime": 7}}
    assert ex.fetch_time() == 7000

    async def fetch(url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        return {"error": [], "result": {"unixtime": 8}}

    ex.fetch = fetch
    assert ex.fetch_time() == 8000
    assert ex.fetch("http://nowhere")["result"]["unixtime"] == 8

    def fail(*_: Any, **__: Any) -> Any:
        raise ccxt.RequestTimeout("stub")

    ex.fetch = fail
    with pytest.raises(ccxt.RequestTimeout, match="stub"):
        ex.fetch_time()


def test_mocks(make: Make) -> None:
    ex = make()
    with mock.patch.object(TWIN, "fetch_time", return_value=5):
        assert ex.fetch_time() == 5
    ex.fetch = mock.Mock(return_value={"error": [], "result": {"unixtime": 9}})
    assert ex.fetch_time() == 9000
    ex.fetch.assert_called_once()
    with mock.patch.object(ex, "fetch_time", return_value=6) as patched:
        assert ex.fetch_time() == 6
    patched.assert_called_once_with()


def in_threads(count: int, call: Callable[[], Any]) -> list[Any]:
    results: list[Any] = []
    threads = [threading.Thread(target=lambda: results.append(call())) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def test_one_instance_in_eight_threads(make: Make, kraken: Kraken) -> None:
    ex = make()

    def trade() -> list[str]:
        return [ex.create_order(SYMBOL, "limit", "buy", 0.01, 50000)["id"] for _ in range(20)]

    ids = [each for ids in in_threads(8, trade) for each in ids]
    assert len(set(ids)) == len(kraken.orders) == 160
    assert kraken.requests.count("AssetPairs") == 1, "eight threads load the markets once"


def test_the_rate_limiter_holds_across_threads(make: Make) -> None:
    ex = make(enableRateLimit=True, rateLimit=10)
    ex.fetch_time()
    started = ex.milliseconds()
    in_threads(4, lambda: [ex.fetch_time() for _ in range(5)])
    assert ex.milliseconds() - started >= 15 * 10, "20 requests of 10 ms each, a few of them credited"


async def test_inside_somebody_else_s_loop(make: Make) -> None:
    ex = make()
    assert ex.fetch_time() == 1_700_000_000_000
    assert await asyncio.to_thread(ex.fetch_time) == 1_700_000_000_000


def test_on_the_loop_s_own_thread_it_is_async(make: Make) -> None:
    class Inner(TWIN):  # type: ignore[misc,valid-type]
        async def both(self) -> Any:
            return await asyncio.gather(self.fetch_time(), self.public_get_time())

    time, raw = make(Inner).both()
    assert time == raw["result"]["unixtime"] * 1000


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_after_a_fork(make: Make) -> None:
    ex = make()
    ex.watch_ticker(SYMBOL)
    context = multiprocessing.get_context("fork")
    queue = context.Queue()

    def child() -> None:
        try:
            queue.put((ex.fetch_time(), ex.watch_ticker(SYMBOL)["last"], len(ex.markets)))
            ex.close()
        except BaseException as error:
            queue.put(repr(error))

    process = context.Process(target=child)
    with warnings.catch_warnings():
        # Python 3.12 warns of exactly what is tested here: a fork of a process with threads
        warnings.simplefilter("ignore", DeprecationWarning)
        process.start()
    assert queue.get(timeout=30) == (1_700_000_000_000, 50000.5, 1)
    process.join(30)
    assert process.exitcode == 0
    assert ex.fetch_time() and ex.watch_ticker(SYMBOL), "the parent's connections are as they were"


def test_in_a_spawned_process(make: Make) -> None:
    ex = make()
    ex.load_markets()
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=kraken_module.report_time, args=(ex, queue))
    process.start()
    assert queue.get(timeout=60) == (1_700_000_000_000, 1)
    process.join(30)
    assert process.exitcode == 0


def test_reuse_after_close(make: Make) -> None:
    ex = make()
    ex.watch_ticker(SYMBOL)
    ex.close()
    assert ex.session is None
    assert ex.fetch_time() and ex.watch_ticker(SYMBOL)
    with ex as same:
        assert same is ex and same.fetch_time()
    assert ex.session is None


def test_a_lost_instance_closes_its_connections(make: Make, kraken: Kraken, until_sync: Any) -> None:
    ex = TWIN(kraken.config())
    ex.fetch_time()
    session = ex.session
    del ex
    import gc

    gc.collect()
    until_sync(lambda: session.closed)


@pytest.fixture
def interrupt() -> Iterator[Callable[[Callable[[], Any]], None]]:
    """`interrupt(when)`: this thread is interrupted as by Ctrl-C as soon as `when()` is true."""
    if not hasattr(signal, "SIGUSR1"):
        pytest.skip("no signals to threads on this system")

    def raise_it(*_: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGUSR1, raise_it)
    main, threads = threading.get_ident(), []

    def arm(when: Callable[[], Any]) -> None:
        def fire() -> None:
            pause = threading.Event()
            while not when():
                pause.wait(0.005)
            signal.pthread_kill(main, signal.SIGUSR1)

        threads.append(threading.Thread(target=fire, daemon=True))
        threads[-1].start()

    yield arm
    for thread in threads:
        thread.join(10)
    signal.signal(signal.SIGUSR1, before)


def shut(loop_thread: Any, kraken: Kraken) -> None:
    loop_thread.loop.call_soon_threadsafe(kraken.gate.clear)


def reopen(loop_thread: Any, kraken: Kraken) -> None:
    loop_thread.loop.call_soon_threadsafe(kraken.gate.set)


def test_an_interrupt_does_not_cut_off_an_order(make: Make, kraken: Kraken, loop_thread: Any, interrupt: Any, until_sync: Any) -> None:
    ex = make()
    ex.load_markets()
    shut(loop_thread, kraken)
    interrupt(lambda: kraken.orders)
    with pytest.raises(KeyboardInterrupt):
        ex.create_order(SYMBOL, "limit", "buy", 0.01, 50000)
    assert len(kraken.orders) == 1 and ex.unresolved == {}, "executed, and nobody knows yet"
    reopen(loop_thread, kraken)
    (outcome,) = until_sync(lambda: list(ex.unresolved.values()))
    assert (outcome["method"], outcome["status"], outcome["order"]["id"], outcome["error"]) == ("create_order", "found", "O1", None)


def test_closing_after_an_interrupt_waits_for_the_order(make: Make, kraken: Kraken, loop_thread: Any, interrupt: Any) -> None:
    ex = make()
    ex.load_markets()
    shut(loop_thread, kraken)
    interrupt(lambda: kraken.orders)
    try:
        ex.create_order(SYMBOL, "limit", "buy", 0.01, 50000)
    except KeyboardInterrupt:
        loop_thread.loop.call_soon_threadsafe(loop_thread.loop.call_later, 0.05, kraken.gate.set)
        ex.close()
    (outcome,) = ex.unresolved.values()
    assert outcome["order"]["id"] == "O1"


def test_an_interrupted_order_that_fails_is_noted_too(
    make: Make, kraken: Kraken, loop_thread: Any, interrupt: Any, until_sync: Any
) -> None:
    ex = make(timeout=400)
    ex.load_markets()
    shut(loop_thread, kraken)
    interrupt(lambda: kraken.orders)
    with pytest.raises(KeyboardInterrupt):
        ex.create_order(SYMBOL, "limit", "buy", 0.01, 50000)
    (outcome,) = until_sync(lambda: list(ex.unresolved.values()))
    assert outcome["status"] == "unknown" and outcome["order"] is None and outcome["error"].startswith("RequestTimeout")


def test_an_interrupt_cancels_a_read(make: Make, kraken: Kraken, loop_thread: Any, interrupt: Any, until_sync: Any) -> None:
    ex = make()
    shut(loop_thread, kraken)
    interrupt(lambda: "Time" in kraken.requests)
    with pytest.raises(KeyboardInterrupt):
        ex.fetch_time()
    until_sync(lambda: not ex._twin_kept and not ex.session.connector._acquired)
    assert ex.unresolved == {}
    reopen(loop_thread, kraken)
    assert ex.fetch_time()


EXIT = """
    import os, sys
    import ccxt.pro
    from ccxt_dex import sync
    config = {"urls": {"api": {"public": URL, "private": URL, "zendesk": URL, "ws": {"publicV2": URL.replace("http", "ws") + "/ws"}}}}
    ex = sync.twin(ccxt.pro.kraken)(config)
    assert ex.fetch_time() and ex.watch_ticker("BTC/USDT")
    lost = sync.twin(ccxt.pro.kraken)(config)
    assert lost.fetch_time()
    del lost
"""


@pytest.mark.parametrize(
    "ending",
    [
        pytest.param("", id="plain"),
        pytest.param("sys.exit(0)", id="exit"),
        pytest.param("ex.close()", id="closed"),
        pytest.param("import threading\nthreading.Thread(target=ex.fetch_time).start()", id="thread-at-exit"),
        pytest.param(
            "import warnings\nwith warnings.catch_warnings():\n    warnings.simplefilter('ignore')\n    pid = os.fork()\nif pid:\n    assert os.waitpid(pid, 0)[1] == 0",
            id="fork",
        ),
        pytest.param(
            "import warnings\nwith warnings.catch_warnings():\n    warnings.simplefilter('ignore')\n    pid = os.fork()\n"
            "if pid:\n    assert os.waitpid(pid, 0)[1] == 0\nelse:\n    assert ex.fetch_time()",
            id="fork-and-use",
        ),
    ],
)
def test_the_interpreter_ends_in_silence(kraken: Kraken, ending: str) -> None:
    if "fork" in ending and not hasattr(os, "fork"):
        pytest.skip("no fork on this system")
    code = f"URL = {kraken.url!r}\n{textwrap.dedent(EXIT)}\n{ending}\n"
    result = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_the_twins_of_this_package() -> None:
    assert set(ccxt_dex.exchanges) <= set(dir(ccxt_dex.sync))
    with pytest.raises(AttributeError, match="no attribute 'nosuchdex'"):
        _ = ccxt_dex.sync.nosuchdex


@pytest.mark.parametrize("exchange_id", ccxt_dex.exchanges)
def test_every_room_has_a_twin(exchange_id: str) -> None:
    cls = getattr(ccxt_dex.sync, exchange_id)
    assert cls.__module__ == "ccxt_dex.sync" and cls.__name__ == exchange_id
    assert pickle.loads(pickle.dumps(cls)) is cls
    ex = cls()
    assert isinstance(ex, ccxt.Exchange) and isinstance(ex, getattr(ccxt_dex, exchange_id)) and ex.unresolved == {}
    for twin in (copy.deepcopy(ex), pickle.loads(pickle.dumps(ex))):
        assert type(twin) is cls and twin.has == ex.has
    left = [name for name in dir(cls) if not name.startswith("_") and inspect.iscoroutinefunction(getattr(cls, name))]
    assert left == []
