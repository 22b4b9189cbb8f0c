"""The one thread in which all blocking twins of a process run, and what happens to it at an interrupt, a fork and the end."""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import ctypes
import os
import queue
import threading
import weakref
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from ccxt_dex import _ccxt
from ccxt_dex.errors import OrderOutcomeUnknown

__all__ = ["close_later", "inside", "wait"]

# belongs to one loop: left behind by a fork
LOOP_STATE = ("session", "tcp_connector", "aiohttp_socks_connector", "socks_proxy_sessions", "markets_loading")
EXIT_SECONDS = 5.0


class _Workers(concurrent.futures.ThreadPoolExecutor):
    """Daemon threads, as many as there is work at once, that still take work while the program ends.

    The standard pool refuses it from the moment the main thread has run out, though other threads may trade on for weeks, and handlers of
    `atexit` may have orders to cancel: a connection that is made then could not look its host up.
    """

    def __init__(self) -> None:
        super().__init__(1)
        self.free = 0
        self.counting = threading.Lock()
        self.jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> concurrent.futures.Future[Any]:
        future: concurrent.futures.Future[Any] = concurrent.futures.Future()

        def job() -> None:
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(function(*args, **kwargs))
                except BaseException as error:
                    future.set_exception(error)

        with self.counting:
            busy = self.free <= 0
            self.free -= not busy
        if busy and not _started(threading.Thread(target=self._work, name="ccxt-dex-worker", daemon=True)):
            job()
        else:
            self.jobs.put(job)
        return future

    def _work(self) -> None:
        while True:
            self.jobs.get()()
            with self.counting:
                self.free += 1


def _started(thread: threading.Thread) -> bool:
    """Starts a thread, unless there can be no more of them: since 3.12 Python allows none after the main thread has run out."""
    try:
        thread.start()
    except RuntimeError:
        return False
    return True


class _Runtime:
    """One event loop in one daemon thread; where there can be no thread, in the thread of whoever waits."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.loop.set_default_executor(_Workers())
        self.turn = threading.Lock()
        thread = threading.Thread(target=self._main, name="ccxt-dex-sync", daemon=True)
        self.thread = thread if _started(thread) else None
        self.ident = self.thread and self.thread.ident

    def _main(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def submit(self, coroutine: Coroutine[Any, Any, Any]) -> concurrent.futures.Future[Any]:
        if self.thread is not None:
            return asyncio.run_coroutine_threadsafe(coroutine, self.loop)
        future: concurrent.futures.Future[Any] = concurrent.futures.Future()
        with self.turn:
            self.ident = threading.get_ident()
            try:
                future.set_result(self.loop.run_until_complete(coroutine))
            except BaseException as error:
                future.set_exception(error)
            finally:
                self.ident = None
        return future


class _Process:
    """What exists once per process; a forked child starts over."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.runtime: _Runtime | None = None
        self.live: weakref.WeakSet[Any] = weakref.WeakSet()
        self.kept: set[concurrent.futures.Future[Any]] = set()
        self.ending = False


_process = _Process()


def _runtime() -> _Runtime:
    runtime = _process.runtime
    if runtime is None:
        with _process.lock:
            runtime = _process.runtime = _process.runtime or _Runtime()
    return runtime


def inside() -> bool:
    """Whether the caller is on the loop's thread, where blocking would never end."""
    runtime = _process.runtime
    return runtime is not None and threading.get_ident() == runtime.ident


def wait(exchange: Any, coroutine: Coroutine[Any, Any, Any], name: str, keep: bool) -> Any:
    """The result of a coroutine that runs on the loop's thread.

    :param keep: an interrupt of the waiting does not cancel the coroutine
    """
    runtime = _runtime()
    if exchange.asyncio_loop is not runtime.loop:
        _bind(exchange, runtime.loop)
    future = runtime.submit(coroutine)
    try:
        return future.result()
    except BaseException as error:
        if future.done() and not future.cancelled() and future.exception() is error:
            raise
        if future.cancelled() and isinstance(error, concurrent.futures.CancelledError):
            raise _ccxt.errors.NetworkError(f"{exchange.id} {name}() was cancelled, its instance was interrupted or closed") from error
        # the waiting was interrupted (Ctrl-C, an alarm), not the call
        if keep:
            _keep(exchange, name, future)
        else:
            future.cancel()
        raise
    finally:
        if _process.ending:
            _stop()


def _keep(exchange: Any, name: str, future: concurrent.futures.Future[Any]) -> None:
    """Lets an interrupted write finish and notes its outcome in `exchange.unresolved`: the venue may have executed it."""
    _process.kept.add(future)
    exchange._twin_kept.add(future)

    def note(done: concurrent.futures.Future[Any]) -> None:
        error = None if done.cancelled() else done.exception()
        result = None if done.cancelled() or error is not None else done.result()
        entries = {} if done.cancelled() else _outcomes(exchange, name, result, error)
        for key, entry in entries.items():
            # whoever interrupted the call has no answer, and the program may be about to end
            exchange.logger.warning(
                "%s %s() went on after it was interrupted: %s %s",
                exchange.id,
                name,
                entry["status"],
                entry["error"] or _names(key, entry["order"]),
            )
        if not isinstance(error, OrderOutcomeUnknown):
            # otherwise the outcome guard has noted what is asked, and will go on looking
            exchange.unresolved.update(entries)
        _process.kept.discard(done)
        exchange._twin_kept.discard(done)

    future.add_done_callback(note)


def _names(key: str, order: Any) -> str:
    return f"order {order['id']} ({key})" if isinstance(order, dict) and order.get("id") else key


def _outcomes(exchange: Any, name: str, result: Any, error: BaseException | None) -> dict[str, Any]:
    """Entries for `unresolved`, by client order id where there is one."""
    now = exchange.milliseconds()
    if error is not None:
        # only our own classes have looked the order up before they raise a network error
        unknown = isinstance(error, _ccxt.errors.OperationFailed) and not hasattr(exchange, "resolve_unresolved")
        status, text = "unknown" if unknown else "failed", f"{type(error).__name__}: {error}"
        return {f"{name}:{now}": {"method": name, "time": now, "status": status, "order": None, "error": text}}
    members = result if isinstance(result, list) else [result]
    ids = [each.get("clientOrderId") if isinstance(each, dict) else None for each in members]
    return {
        str(client_id or f"{name}:{now}:{index}"): {"method": name, "time": now, "status": "found", "order": each, "error": None}
        for index, (client_id, each) in enumerate(zip(ids, members, strict=True))
    }


def _bind(exchange: Any, loop: Any) -> None:
    with _process.lock:
        if exchange.asyncio_loop is not loop:
            _forget(exchange)
            exchange.asyncio_loop = loop
            if exchange.throttler is not None:
                exchange.init_throttler()
            _process.live.add(exchange)


def _forget(exchange: Any) -> None:
    """Drops what is tied to a loop that does not run in this process, without closing the sockets it shares with the parent."""
    for name in LOOP_STATE:
        if exchange.__dict__.get(name) is not None and (name != "session" or exchange.own_session):
            _immortal(exchange.__dict__[name])
            exchange.__dict__[name] = None
    if exchange.__dict__.get("clients"):
        _immortal(exchange.clients)
        exchange.clients = {}
    exchange.asyncio_loop = None
    exchange._twin_kept = set()


def _immortal(value: Any) -> None:
    """Never finalized: an inherited socket or loop would complain, or say goodbye to the parent's peer."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(value))


def _after_fork() -> None:
    global _process
    parent, _process = _process, _Process()
    if parent.runtime is not None:
        _immortal(parent.runtime)
        _immortal(parent.kept)
        for exchange in list(parent.live):
            _forget(exchange)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


@atexit.register
def _stop() -> None:
    """Closes what is open. The loop goes on: handlers that were registered before this one come after it, and may cancel orders."""
    _process.ending = True
    runtime = _process.runtime
    if runtime is None or not (runtime.thread is None or runtime.thread.is_alive()):
        return
    concurrent.futures.wait(list(_process.kept), EXIT_SECONDS)
    concurrent.futures.wait([runtime.submit(_close_all(list(_process.live)))], EXIT_SECONDS)
    if runtime.thread is None:
        runtime.loop.close()
        _process.runtime = None


async def _close_all(exchanges: Iterable[Any]) -> None:
    for exchange in exchanges:
        exchange.timeout_on_exit = 0
    await asyncio.gather(*(exchange._async_class.close(exchange) for exchange in exchanges), return_exceptions=True)
    for exchange in exchanges:
        exchange.closed_by_user = False
    # one round for the transports to run their close callbacks, then nothing may be left pending
    await asyncio.sleep(0)
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def close_later(loop: Any, leftovers: list[Any]) -> None:
    """Closes the sessions of an instance that is being collected, if its loop still runs."""
    runtime = _process.runtime
    if leftovers and runtime is not None and loop is runtime.loop and not loop.is_closed():
        loop.call_soon_threadsafe(_close, leftovers)


def _close(leftovers: list[Any]) -> None:
    async def close() -> None:
        for each in leftovers:
            await each.close()

    task = asyncio.ensure_future(close())
    _closing.add(task)
    task.add_done_callback(_closing.discard)


# the loop holds its tasks only weakly
_closing: set[asyncio.Future[None]] = set()
