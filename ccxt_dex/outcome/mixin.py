"""No order is ever reported failed that the venue may have accepted, and none is sent twice.

Every unified method that writes is wrapped, wherever in a room's ancestry it comes from. The wrapper puts a client order id into the
parameters before anything is signed, asks on failure what is proved, and where nothing is looks the order up:

    proof of rejection            -> the venue's error
    never left this machine       -> the error, safe to retry
    found                         -> the order
    absent beyond the grace time  -> the network error, safe to retry
    still unknown                 -> OrderOutcomeUnknown
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp

from ccxt_dex._ccxt import Exchange, errors
from ccxt_dex.outcome import settling
from ccxt_dex.outcome.arguments import Arguments
from ccxt_dex.outcome.cancelling import CancelAllOrders, CancelOrder, CancelOrders
from ccxt_dex.outcome.guards import GUARD, Guard, current
from ccxt_dex.outcome.once import Once
from ccxt_dex.outcome.placing import CreateOrder, CreateOrders, EditOrder, EditOrders
from ccxt_dex.parts.part import Part
from ccxt_dex.redaction import clean

__all__ = ["Outcome"]

Method = Callable[..., Awaitable[Any]]

# unified method -> (kind of call, how it is settled); the _ws twins follow
_GUARDED = {
    "create_order": ("create", CreateOrder),
    "create_orders": ("create", CreateOrders),
    "edit_order": ("edit", EditOrder),
    "edit_orders": ("edit", EditOrders),
    "cancel_order": ("cancel", CancelOrder),
    "cancel_orders": ("cancel", CancelOrders),
    "cancel_all_orders": ("cancel_all", CancelAllOrders),
}
_GUARDED.update({f"{name}_ws": entry for name, entry in list(_GUARDED.items())})
_GUARDED.update({name: ("once", Once) for name in ("transfer", "withdraw", "create_twap_order", "create_convert_trade")})

# what makes a coroutine method a unified one
_UNIFIED = (
    "fetch_", "find_order", "create_", "edit_", "cancel_", "set_", "watch_", "un_watch_", "load_", "close_position", "close_all_positions", "add_margin",
    "reduce_margin", "transfer", "withdraw", "sign_in", "borrow_", "repay_",
)  # fmt: skip
_INTERNAL = ("fetch2", "load_lighter_library", "load_order_book", "load_markets_helper")
_BASES = frozenset(Exchange.__mro__)


class Outcome(Part):
    """Part of Dex."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name in dir(cls):
            if name.startswith(_UNIFIED) and name not in _INTERNAL:
                _protect(cls, name)

    async def resolve_unresolved(self) -> dict[str, dict[str, Any]]:
        """Look up once more what could not be settled: entries change their ``status`` to found or absent; returns all of them."""
        for key, intent in list(self.unresolved.items()):
            if intent["status"] in ("unknown", "pending"):
                await settling.resolve(self, key, intent)
        return self.unresolved


def _protect(cls: type, name: str) -> None:
    """Wrap one method of a class: in place when the class defines it, by a forwarding twin when a class outside the house does."""
    owner = next((base for base in cls.__mro__ if name in base.__dict__), None)
    if owner is None or owner in _BASES:
        return
    found = owner.__dict__[name]
    if getattr(found, "__protected__", False) or not inspect.iscoroutinefunction(found):
        return
    if owner is cls:
        inner: Method = found
    elif issubclass(owner, Outcome):
        return
    else:
        inner = _forward(cls, name, found)
    if name in _GUARDED:
        wrapped = _guarded(name, inner)
    elif name == "fetch_order":
        wrapped = _patient(inner)
    elif name == "fetch_time":
        wrapped = _plain(name, _timed(inner))
    else:
        wrapped = _plain(name, inner)
    wrapped.__protected__ = True  # type: ignore[attr-defined]
    if name in _GUARDED:
        wrapped.__guarded__ = True  # type: ignore[attr-defined]
    setattr(cls, name, wrapped)


def _forward(cls: type, name: str, found: Method) -> Method:
    """Goes on along the ancestry of the object at hand, so that rooms may be put together from parts in any order."""

    @functools.wraps(found)
    async def forward(self: Any, *args: Any, **kwargs: Any) -> Any:
        return await getattr(super(cls, self), name)(*args, **kwargs)

    return forward


def converted(exchange: Any, name: str, error: Exception) -> errors.BaseError:
    """A ccxt exception in place of whatever else came out of a method."""
    details = f"{exchange.id} {name}() {type(error).__name__}: {error}"
    if isinstance(error, asyncio.TimeoutError):
        return errors.RequestTimeout(details)
    if isinstance(error, (OSError, aiohttp.ClientError)):
        return errors.NetworkError(details)
    return errors.ExchangeError(details)


def _start(exchange: Any, name: str, inner: Method, args: Any, kwargs: Any) -> Awaitable[Any]:
    try:
        return inner(exchange, *args, **kwargs)
    except TypeError as error:
        raise errors.ArgumentsRequired(f"{exchange.id} {error}") from error


def _plain(name: str, inner: Method) -> Method:
    @functools.wraps(inner)
    async def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return await _start(self, name, inner, args, kwargs)
        except errors.BaseError as error:
            if getattr(error, "verdict", None) is None:
                clean(error, self.redactor.scrub)
            raise
        except Exception as error:
            replacement = converted(self, name, error)
            clean(error, self.redactor.scrub)
            clean(replacement, self.redactor.scrub)
            raise replacement from error

    return wrapper


def _timed(inner: Method) -> Method:
    """fetch_time is where the venue's clock is read to the millisecond."""

    @functools.wraps(inner)
    async def fetch_time(self: Any, *args: Any, **kwargs: Any) -> Any:
        sent = time.time() * 1000
        answer = await inner(self, *args, **kwargs)
        if answer:
            self.note_server_time(float(answer), sent, time.time() * 1000)
        return answer

    return fetch_time


def _patient(inner: Method) -> Method:
    """fetch_order: an order we were told about a moment ago exists, even while the venue cannot find it yet."""
    plain = _plain("fetch_order", inner)

    @functools.wraps(inner)
    async def fetch_order(self: Any, *args: Any, **kwargs: Any) -> Any:
        pauses = settling.Pauses()
        while True:
            try:
                return await plain(self, *args, **kwargs)
            except errors.OrderNotFound:
                identifier = args[0] if args else kwargs.get("id")
                if current() is not None or not settling.expected(self, identifier):
                    raise
                await pauses.sleep()

    return fetch_order


def _guarded(name: str, inner: Method) -> Method:
    kind, settler = _GUARDED[name]
    layout = Arguments.layout(inner)

    @functools.wraps(inner)
    async def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
        outer = current()
        if outer is not None and (outer.exchange is not self or outer.kind == "lookup"):
            outer = None
        if outer is not None and outer.kind == kind and outer.task is asyncio.current_task():
            return await _start(self, name, inner, args, kwargs)
        arguments = Arguments(layout, args, kwargs)
        order = settler(self, name, inner, arguments)
        guard = Guard(self, kind, order.urgent, outer)
        token = GUARD.set(guard)
        try:
            return await order.run(guard)
        finally:
            guard.active = False
            GUARD.reset(token)

    return wrapper
