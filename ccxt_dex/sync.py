"""The blocking twin of every exchange: `ccxt_dex.sync.standx`, derived from the async class while you look, with no generated code.

All twins of a process share one event loop in one daemon thread; a call hands its coroutine over and waits. Threads may share an
instance. A call made *on* that thread (from inside a callback of the exchange itself) gets the coroutine back, as in async code.
"""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import ctypes
import functools
import inspect
import os
import re
import threading
import types
import weakref
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from ccxt_dex import _ccxt, registry

__all__ = ["twin"]

# not coroutine functions, but they need the loop's own thread: they open sessions and sockets, or return its futures
LOOP_FUNCTIONS = ("open", "client", "watch", "watch_multiple", "spawn")
# belongs to one loop: left behind by a fork
LOOP_STATE = ("session", "tcp_connector", "aiohttp_socks_connector", "socks_proxy_sessions", "markets_loading")
# what an interrupt must not cut off, in classes that do not mark it themselves with __guarded__
WRITES = re.compile(
    r"(create|edit|cancel)_(\w+_)?orders?(_ws|_with_\w+|_for_symbols|_after)?|cancel_all_orders\w*|close_(position|all_positions)|withdraw|transfer"
)
# the modules whose objects a copy gets fresh from its own constructor instead of copied
MACHINERY = frozenset(
    "ccxt ccxt_dex asyncio _asyncio aiohttp threading _thread ssl _ssl logging weakref _weakref contextvars _contextvars concurrent uvloop".split()
)
CAMEL = {"ohlcv": "OHLCV", "le": "LE", "be": "BE", "adl": "ADL"}
EXIT_SECONDS = 5.0


class _Runtime:
    """One event loop in one daemon thread."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        # each blocking override of a user occupies a worker while it waits for the loop, so a small pool could lock up
        self.loop.set_default_executor(concurrent.futures.ThreadPoolExecutor(256, "ccxt-dex-override"))
        self.thread = threading.Thread(target=self._main, name="ccxt-dex-sync", daemon=True)
        self.thread.start()
        self.ident = self.thread.ident

    def _main(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()


class _Process:
    """What exists once per process; a forked child starts over."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.runtime: _Runtime | None = None
        self.live: weakref.WeakSet[Any] = weakref.WeakSet()
        self.kept: set[concurrent.futures.Future[Any]] = set()


_process = _Process()
_twins: dict[type, Any] = {}


def _runtime() -> _Runtime:
    runtime = _process.runtime
    if runtime is None:
        with _process.lock:
            runtime = _process.runtime = _process.runtime or _Runtime()
    return runtime


def _inside() -> bool:
    """Whether the caller is on the loop's thread, where blocking would never end."""
    runtime = _process.runtime
    return runtime is not None and threading.get_ident() == runtime.ident


def _wait(exchange: Any, coroutine: Coroutine[Any, Any, Any], name: str, keep: bool) -> Any:
    runtime = _runtime()
    if exchange.asyncio_loop is not runtime.loop:
        _bind(exchange, runtime.loop)
    future = asyncio.run_coroutine_threadsafe(coroutine, runtime.loop)
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


def _keep(exchange: Any, name: str, future: concurrent.futures.Future[Any]) -> None:
    """Lets an interrupted write finish and notes its outcome in `exchange.unresolved`: the venue may have executed it."""
    _process.kept.add(future)
    exchange._twin_kept.add(future)

    def note(done: concurrent.futures.Future[Any]) -> None:
        error = None if done.cancelled() else done.exception()
        result = None if done.cancelled() or error is not None else done.result()
        outcome = {"method": name, "result": result, "error": None if error is None else f"{type(error).__name__}: {error}"}
        for client_id in _client_ids(result, error) or [f"{name}:{exchange.milliseconds()}"]:
            exchange.unresolved[client_id] = {**exchange.unresolved.get(client_id, {}), **outcome}
        _process.kept.discard(done)
        exchange._twin_kept.discard(done)

    future.add_done_callback(note)


def _client_ids(result: Any, error: BaseException | None) -> list[str]:
    if error is not None:
        return [str(each) for each in getattr(error, "client_order_ids", ())]
    members = result if isinstance(result, list) else [result]
    return [str(each["clientOrderId"]) for each in members if isinstance(each, dict) and each.get("clientOrderId")]


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
    runtime = _process.runtime
    if runtime is None or not runtime.thread.is_alive():
        return
    concurrent.futures.wait(list(_process.kept), EXIT_SECONDS)
    farewell = asyncio.run_coroutine_threadsafe(_close_all(list(_process.live)), runtime.loop)
    concurrent.futures.wait([farewell], EXIT_SECONDS)
    runtime.loop.call_soon_threadsafe(runtime.loop.stop)
    runtime.thread.join(EXIT_SECONDS)
    if not runtime.thread.is_alive():
        runtime.loop.close()
        _process.runtime = None


async def _close_all(exchanges: Iterable[Any]) -> None:
    for exchange in exchanges:
        exchange.timeout_on_exit = 0
    await asyncio.gather(*(exchange._async_class.close(exchange) for exchange in exchanges), return_exceptions=True)
    # one round for the transports to run their close callbacks, then nothing may be left pending
    await asyncio.sleep(0)
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _marked(function: Any) -> bool:
    # a Mock has every attribute one asks for
    return getattr(function, "_twin", None) is True


def _mark(wrapper: Any) -> Any:
    wrapper._twin = True
    # explicit, though functools.wraps copies it: the outcome guard leaves a marked method alone, and what it would wrap here is no coroutine
    wrapper.__guarded__ = True
    return wrapper


def _blocking(function: Callable[..., Any]) -> Any:
    """The method that waits for a coroutine method."""
    name, keep = function.__name__, bool(getattr(function, "__guarded__", False) or WRITES.fullmatch(function.__name__))

    @functools.wraps(function)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if _inside():
            return function(self, *args, **kwargs)
        return _wait(self, function(self, *args, **kwargs), name, keep)

    return _mark(method)


def _on_loop(function: Callable[..., Any]) -> Any:
    """The method that runs a plain function on the loop's thread and waits for what it returns."""

    async def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        value = function(self, *args, **kwargs)
        return await value if inspect.isawaitable(value) else value

    @functools.wraps(function)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if _inside():
            return function(self, *args, **kwargs)
        return _wait(self, call(self, *args, **kwargs), function.__name__, False)

    return _mark(method)


def _adopted(function: Callable[..., Any]) -> Any:
    """A user's blocking override of a coroutine method: runs in a worker when the exchange itself calls it."""

    @functools.wraps(function)
    def method(*args: Any, **kwargs: Any) -> Any:
        return asyncio.to_thread(function, *args, **kwargs) if _inside() else function(*args, **kwargs)

    return _mark(method)


class _Stub:
    """`ex.fetch = stub`: a replacement set on one instance, blocking or async, callable from both worlds; otherwise it is the stub."""

    _twin = True

    def __init__(self, exchange: Any, name: str, function: Callable[..., Any]) -> None:
        self._exchange, self._name, self._function = weakref.proxy(exchange), name, function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if inspect.iscoroutinefunction(self._function):
            call = self._function(*args, **kwargs)
            return call if _inside() else _wait(self._exchange, call, self._name, False)
        return asyncio.to_thread(self._function, *args, **kwargs) if _inside() else self._function(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._function, name)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(CAMEL.get(part, part[:1].upper() + part[1:]) for part in rest)


def _methods(async_class: type) -> dict[str, Any]:
    """Every wrapped method under both spellings, found where the class finds it."""
    found: dict[str, Any] = {}
    for base in reversed(async_class.__mro__):
        found.update(vars(base))
    wrapped: dict[str, Any] = {}
    for name, value in found.items():
        if name.startswith("__"):
            continue
        if inspect.iscoroutinefunction(value):
            wrapped[name] = _blocking(value)
        elif name in LOOP_FUNCTIONS and inspect.isfunction(value):
            wrapped[name] = _on_loop(value)
    for name in [name for name in wrapped if "_" in name.strip("_")]:
        wrapped[_camel(name)] = wrapped[name]
    return wrapped


class _Twin:
    """What a twin has besides its async class. A mixin that comes first, so that its names win."""

    _async_class: Any
    _twin_names: frozenset[str]
    _twin_kept: set[concurrent.futures.Future[Any]]

    def __init__(self, config: dict[str, Any] | None = None) -> None:
        self._twin_start(config or {})

    def _twin_start(self, config: dict[str, Any]) -> None:
        self._twin_kept = set()
        self._async_class.__init__(self, config)
        if not hasattr(self, "unresolved"):
            self.unresolved: dict[str, Any] = {}
        self.asyncio_loop: Any = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        # before the bases look at the class: what is adopted is marked, and they leave it alone
        for base in cls.__mro__[: cls.__mro__.index(_Twin)]:
            if "_async_class" in vars(base):
                break
            for name, value in list(vars(base).items()):
                _override(cls, name, value)
        super().__init_subclass__(**kwargs)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self._twin_names and callable(value) and not _marked(value):
            value = _Stub(self, name, value)
        object.__setattr__(self, name, value)

    def close(self, clean_instance_data: bool = False) -> Any:
        """Closes connections; like ccxt's blocking classes, the instance can be used again afterwards."""
        if _inside():
            return self._async_class.close(self, clean_instance_data)
        try:
            return _wait(self, self._twin_close(clean_instance_data), "close", False)
        finally:
            self.closed_by_user = False

    async def _twin_close(self, clean_instance_data: bool) -> None:
        # a write that outlived an interrupt still needs the session
        kept = [asyncio.wrap_future(each) for each in self._twin_kept]
        if kept:
            await asyncio.wait(kept, timeout=self.timeout / 1000)  # type: ignore[attr-defined]
        await self._async_class.close(self, clean_instance_data)

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"ccxt_dex.sync.{self._async_class.__name__}()"

    def __del__(self) -> None:
        runtime, state = _process.runtime, self.__dict__
        if runtime is None or runtime.loop.is_closed() or state.get("asyncio_loop") is not runtime.loop:
            return
        leftovers = [state.get("session"), state.get("tcp_connector"), *(state.get("socks_proxy_sessions") or {}).values()]
        if any(leftovers):
            runtime.loop.call_soon_threadsafe(_close_later, [each for each in leftovers if each is not None])

    def __reduce__(self) -> tuple[Any, ...]:
        state = {name: value for name, value in self.__dict__.items() if not name.startswith("_twin") and not _is_machinery(value)}
        if "_async_class" in vars(type(self)):
            return _rebuild_twin, (self._async_class, state)
        return _rebuild, (type(self), state)


def _override(cls: Any, name: str, value: Any) -> None:
    if name.startswith("__") or not inspect.isfunction(value) or _marked(value):
        return
    if inspect.iscoroutinefunction(value):
        wrapper = _blocking(value)
    elif name in cls._twin_names and name not in ("open", "client", "spawn"):
        wrapper = _adopted(value)
    else:
        return
    setattr(cls, name, wrapper)
    if "_" in name.strip("_"):
        setattr(cls, _camel(name), wrapper)


def _close_later(leftovers: list[Any]) -> None:
    async def close() -> None:
        for each in leftovers:
            await each.close()

    task = asyncio.ensure_future(close())
    _closing.add(task)
    task.add_done_callback(_closing.discard)


# the loop holds its tasks only weakly
_closing: set[asyncio.Future[None]] = set()


def _is_machinery(value: Any, depth: int = 3) -> bool:
    """Whether a constructor makes this anew: sessions, locks, clients, caches of a stream, wrapped functions; not a user's own data."""
    if type(value) in (dict, list, tuple, set) and depth:
        members = value.values() if isinstance(value, dict) else value
        return any(_is_machinery(each, depth - 1) for each in members)
    if isinstance(value, types.FunctionType | types.BuiltinFunctionType | types.MethodType | type | types.ModuleType):
        return True
    return type(value).__module__.partition(".")[0] in MACHINERY


def _rebuild(cls: Any, state: dict[str, Any]) -> Any:
    exchange = cls.__new__(cls)
    exchange._twin_start({})
    exchange.__dict__.update(state)
    return exchange


def _rebuild_twin(async_class: type, state: dict[str, Any]) -> Any:
    return _rebuild(twin(async_class), state)


def twin(async_class: type) -> Any:
    """The blocking twin of any async ccxt class, ours or ccxt's own; the same class on every call.

    It is a subclass of `async_class` and of `ccxt.Exchange`, with every coroutine method (implicit endpoints and `watch_*` included)
    blocking under both spellings. An interrupt cancels a read; a write finishes on the loop's thread and leaves its outcome in
    the instance's `unresolved`.

    :param async_class: a class of `ccxt.async_support` or `ccxt.pro`, or one of ours
    """
    with _process.lock:
        if async_class not in _twins:
            methods = {name: method for name, method in _methods(async_class).items() if name != "close"}
            namespace = {
                **methods,
                "__module__": __name__,
                "__doc__": async_class.__doc__,
                "_async_class": async_class,
                "_twin_names": frozenset([*methods, "close"]),
            }
            # ccxt.Exchange is no ancestor of ccxt's async classes any more, and bots ask isinstance(ex, ccxt.Exchange)
            _twins[async_class] = type(async_class.__name__, (_Twin, async_class, _ccxt.SyncExchange), namespace)
        return _twins[async_class]


def __getattr__(name: str) -> Any:
    if name not in registry.IDS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = twin(registry.load(name))
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *registry.IDS])
