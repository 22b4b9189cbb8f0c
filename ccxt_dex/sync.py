"""The blocking twin of every exchange: `ccxt_dex.sync.standx`, derived from the async class while you look, with no generated code.

All twins of a process share one event loop in one daemon thread; a call hands its coroutine over and waits. Threads may share an
instance. A call made *on* that thread (from inside a callback of the exchange itself) gets the coroutine back, as in async code.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import functools
import inspect
import re
import threading
import types
import weakref
from collections.abc import Callable
from typing import Any

from ccxt_dex import _ccxt, registry
from ccxt_dex.loopthread import close_later, inside, wait

__all__ = ["twin"]

# not coroutine functions, but they need the loop's own thread: they open sessions and sockets, or return its futures
LOOP_FUNCTIONS = ("open", "client", "watch", "watch_multiple", "spawn")
# what an interrupt must not cut off
WRITES = re.compile(
    r"(create|edit|cancel)_(\w+_)?orders?(_ws|_with_\w+|_for_symbols|_after)?|cancel_all_orders\w*|close_(position|all_positions)|withdraw|transfer"
)
# the modules whose objects a copy gets fresh from its own constructor instead of copied
MACHINERY = frozenset(
    "ccxt ccxt_dex asyncio _asyncio aiohttp threading _thread ssl _ssl logging weakref _weakref contextvars _contextvars concurrent uvloop".split()
)
CAMEL = {"ohlcv": "OHLCV", "le": "LE", "be": "BE", "adl": "ADL"}


_twins: dict[type, Any] = {}
_lock = threading.RLock()


def _marked(function: Any) -> bool:
    # a Mock has every attribute one asks for
    return getattr(function, "_twin", None) is True


def _mark(wrapper: Any) -> Any:
    wrapper._twin = True
    # explicit, though functools.wraps copies it: the outcome guard leaves a marked method alone, and here it would guard a second time
    wrapper.__guarded__ = True
    return wrapper


def _blocking(function: Callable[..., Any]) -> Any:
    """The method that waits for a coroutine method."""
    name, keep = function.__name__, WRITES.fullmatch(function.__name__) is not None

    @functools.wraps(function)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if inside():
            return function(self, *args, **kwargs)
        return wait(self, function(self, *args, **kwargs), name, keep)

    return _mark(method)


def _on_loop(function: Callable[..., Any]) -> Any:
    """The method that runs a plain function on the loop's thread and waits for what it returns."""

    async def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        value = function(self, *args, **kwargs)
        return await value if inspect.isawaitable(value) else value

    @functools.wraps(function)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if inside():
            return function(self, *args, **kwargs)
        return wait(self, call(self, *args, **kwargs), function.__name__, False)

    return _mark(method)


def _adopted(function: Callable[..., Any]) -> Any:
    """A user's blocking override of a coroutine method: runs in a worker when the exchange itself calls it."""

    @functools.wraps(function)
    def method(*args: Any, **kwargs: Any) -> Any:
        return asyncio.to_thread(function, *args, **kwargs) if inside() else function(*args, **kwargs)

    return _mark(method)


class _Stub:
    """`ex.fetch = stub`: a replacement set on one instance, blocking or async, callable from both worlds; otherwise it is the stub."""

    _twin = True

    def __init__(self, exchange: Any, name: str, function: Callable[..., Any]) -> None:
        self._exchange, self._name, self._function = weakref.proxy(exchange), name, function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if inspect.iscoroutinefunction(self._function):
            call = self._function(*args, **kwargs)
            return call if inside() else wait(self._exchange, call, self._name, False)
        return asyncio.to_thread(self._function, *args, **kwargs) if inside() else self._function(*args, **kwargs)

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
        if inside():
            return self._async_class.close(self, clean_instance_data)
        try:
            return wait(self, self._twin_close(clean_instance_data), "close", False)
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
        state = self.__dict__
        leftovers = [state.get("session"), state.get("tcp_connector"), *(state.get("socks_proxy_sessions") or {}).values()]
        close_later(state.get("asyncio_loop"), [each for each in leftovers if each is not None])

    def __reduce__(self) -> tuple[Any, ...]:
        own: Any = self
        state = (
            own.__getstate__() if _copies_itself(self) else {name: value for name, value in vars(self).items() if not _is_machinery(value)}
        )
        state = {name: value for name, value in state.items() if not name.startswith("_twin")}
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


def _is_machinery(value: Any, depth: int = 3) -> bool:
    """Whether a constructor makes this anew: sessions, locks, clients, caches of a stream, wrapped functions; not a user's own data."""
    if type(value) in (dict, list, tuple, set) and depth:
        members = value.values() if isinstance(value, dict) else value
        return any(_is_machinery(each, depth - 1) for each in members)
    if isinstance(value, types.FunctionType | types.BuiltinFunctionType | types.MethodType | type | types.ModuleType):
        return True
    return type(value).__module__.partition(".")[0] in MACHINERY


def _copies_itself(exchange: Any) -> bool:
    """Whether the class knows what of it may be copied, as ours do."""
    return hasattr(exchange, "__setstate__")


def _rebuild(cls: Any, state: dict[str, Any]) -> Any:
    exchange = cls.__new__(cls)
    exchange._twin_start({})
    if _copies_itself(exchange):
        exchange.__setstate__(state)
    else:
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
    with _lock:
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
