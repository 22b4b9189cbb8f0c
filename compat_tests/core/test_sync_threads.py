"""The blocking twin under threads, other loops, forks, interrupts and at the end of the interpreter."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import ccxt
import ccxt.pro
import pytest

import ccxt_dex
from compat_tests.core import kraken as kraken_module
from compat_tests.core.kraken import SYMBOL, Kraken

Make = Callable[..., Any]
TWIN = ccxt_dex.sync.twin(ccxt.pro.kraken)


def in_threads(count: int, call: Callable[[], Any]) -> list[Any]:
    results: list[Any] = []
    threads = [threading.Thread(target=lambda: results.append(call())) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def test_many_threads_inside_blocking_overrides(make: Make) -> None:
    class Nested(TWIN):  # type: ignore[misc,valid-type]
        def fetch_time(self, params: dict[str, Any] = {}) -> Any:  # noqa: B006
            return super().fetch_time(params)

        async def outer(self) -> Any:
            return await self.fetch_time()

    ex = make(Nested)
    results = in_threads(32, lambda: ex.outer())
    assert results == [1_700_000_000_000] * 32


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


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_fork_in_the_middle_of_another_thread_s_work() -> None:
    """Nobody in the child will ever give back what another thread of the parent held."""
    code = """
import os, signal
from ccxt_dex import limits, nonces, sessions, signers, transport
from ccxt_dex.transport import connection
bucket = limits.bucket("scope", limits.Rule(1, 1))
alone = limits.Bucket(1, 1)
with bucket._lock, alone._lock, limits._buckets_lock, connection._contexts_lock, signers._lock, nonces._lock, sessions._states_lock:
    pid = os.fork()
    if pid == 0:
        signal.alarm(20)
        bucket.reserve(1), alone.reserve(1), limits.bucket("other", limits.Rule(1, 1)), signers.families(), nonces.next_nonce("x")
        with connection._contexts_lock, sessions._states_lock:
            os._exit(0)
assert os.waitpid(pid, 0)[1] == 0
"""
    result = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr


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


def test_an_interrupt_does_not_cut_off_an_order(
    make: Make, kraken: Kraken, loop_thread: Any, interrupt: Any, until_sync: Any, caplog: pytest.LogCaptureFixture
) -> None:
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
    assert "kraken create_order() went on after it was interrupted: found order O1 (" in caplog.text


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
    make: Make, kraken: Kraken, loop_thread: Any, interrupt: Any, until_sync: Any, caplog: pytest.LogCaptureFixture
) -> None:
    ex = make(timeout=400)
    ex.load_markets()
    shut(loop_thread, kraken)
    interrupt(lambda: kraken.orders)
    with pytest.raises(KeyboardInterrupt):
        ex.create_order(SYMBOL, "limit", "buy", 0.01, 50000)
    (outcome,) = until_sync(lambda: list(ex.unresolved.values()))
    assert outcome["status"] == "unknown" and outcome["order"] is None and outcome["error"].startswith("RequestTimeout")
    assert "create_order() went on after it was interrupted: unknown RequestTimeout" in caplog.text


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


LATE = """
    import atexit, sys, threading
    import ccxt.pro

    def cancel():
        print("cancelled", ex.fetch_time())

    # before anything of ours is imported, hence after our own handler
    atexit.register(cancel)
    from ccxt_dex import sync

    config = {"urls": {"api": {"public": URL, "private": URL, "zendesk": URL}}}
    ex = sync.twin(ccxt.pro.kraken)(config)
"""
ON_IN_A_THREAD = """
    def trade():
        threading.main_thread().join()
        ex.close()
        print("traded", ex.fetch_time())

    threading.Thread(target=trade).start()
"""


@pytest.mark.parametrize(
    ("ending", "printed"),
    [
        pytest.param("ex.fetch_time()", ["cancelled"], id="at-exit"),
        pytest.param("", ["cancelled"], id="first-at-exit"),
        pytest.param(f"ex.fetch_time()\n{textwrap.dedent(ON_IN_A_THREAD)}", ["traded", "cancelled"], id="thread"),
        pytest.param(textwrap.dedent(ON_IN_A_THREAD), ["traded", "cancelled"], id="first-in-a-thread"),
        pytest.param(f"{textwrap.dedent(ON_IN_A_THREAD)}\nraise SystemExit(3)", ["traded", "cancelled"], id="exit-code"),
    ],
)
def test_trading_goes_on_after_the_main_thread(kraken: Kraken, ending: str, printed: list[str]) -> None:
    """A host's name is looked up in a worker thread, and Python's own pool takes no work any more."""
    url = kraken.url.replace("127.0.0.1", "localhost")
    assert "localhost" in url
    code = f"URL = {url!r}\n{textwrap.dedent(LATE)}\n{ending}\n"
    result = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert result.stderr == ""
    assert result.stdout.splitlines() == [f"{each} 1700000000000" for each in printed]
    assert result.returncode == (3 if "SystemExit" in ending else 0)
