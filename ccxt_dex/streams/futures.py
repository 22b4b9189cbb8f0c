"""One shared future per message hash, a future of his own for everybody who awaits it."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from typing import Any

from ccxt_dex._ccxt import Future, errors

__all__ = ["Events", "Shared", "look", "proper", "refuse", "running_task"]


def proper(error: Any) -> BaseException:
    """What may come out of a `watch_*` call: a ccxt exception, whatever a handler threw or passed to `client.reject`."""
    if isinstance(error, errors.BaseError):
        return error
    if isinstance(error, (OSError, asyncio.TimeoutError)):
        wrapped: BaseException = errors.NetworkError(str(error) or type(error).__name__)
    elif isinstance(error, BaseException):
        wrapped = errors.ExchangeError(f"{type(error).__name__}: {error}")
    else:
        return errors.ExchangeError(str(error))
    wrapped.__cause__ = error
    return wrapped


class Events(list[Any]):
    """Rows each of which counts, such as changed positions. Those that come while nobody waits are handed to whoever waits next."""


class Shared(Future):
    """ccxt's future of a message hash. Each awaiter gets a child, so that cancelling one leaves the others alone.

    Children are settled directly, which saves the turn of the event loop that a done-callback would take.
    """

    def __init__(self, *, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop=loop)
        self._children: list[asyncio.Future[Any]] = []
        self._room = 8

    def child(self) -> asyncio.Future[Any]:
        """A future of one's own for the same result."""
        child: asyncio.Future[Any] = self.get_loop().create_future()
        self.adopt(child)
        return child

    def adopt(self, child: asyncio.Future[Any]) -> None:
        """Settle this future together with me (or at once, if I am settled)."""
        if self.done():
            self._settle_from_me(child)
            return
        children = self._children
        if len(children) >= self._room:  # forget those that timed out; twice the room each time keeps this cheap
            children[:] = [other for other in children if not other.done()]
            self._room = 2 * len(children) + 8
        children.append(child)

    def _settle_from_me(self, child: asyncio.Future[Any]) -> None:
        if child.done():
            return
        if self.cancelled():
            child.cancel()
        elif (error := self.exception()) is not None:
            refuse(child, error)
        else:
            child.set_result(self.result())

    @property
    def abandoned(self) -> bool:
        """Whether everybody who waited has left (a timeout, a cancelled task)."""
        return bool(self._children) and all(child.done() for child in self._children)

    def __await__(self) -> Generator[Any, None, Any]:
        if self.done():
            return (yield from super().__await__())
        return (yield from self.child().__await__())

    __iter__ = __await__

    def resolve(self, result: Any = None) -> None:
        """Settle with a result."""
        if self.done():
            return
        self.set_result(result)
        for child in self._children:
            if not child.done():
                child.set_result(result)
        self._children.clear()

    def reject(self, error: Any = None) -> None:
        """Settle with an error; it becomes a ccxt exception if it is none."""
        if self.done():
            return
        error = proper(error)
        refuse(self, error)
        for child in self._children:
            if not child.done():
                refuse(child, error)
        self._children.clear()


def refuse(future: asyncio.Future[Any], error: BaseException) -> None:
    """Set an exception and look at it: asyncio must not complain when nobody awaits (paradex never awaits its auth watch)."""
    future.set_exception(error)
    future.exception()


def look(future: asyncio.Future[Any]) -> None:
    """Keep asyncio from complaining about an exception that nobody awaits."""
    if not future.cancelled():
        future.exception()


def running_task() -> asyncio.Task[Any] | None:
    """The current task, None outside of a loop."""
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None
