"""Guarded calls: what each kind does when nobody knows what became of its request."""

from __future__ import annotations

import abc
import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.errors import OrderOutcomeUnknown
from ccxt_dex.outcome.arguments import Arguments
from ccxt_dex.outcome.attempts import judge_answer
from ccxt_dex.outcome.guards import GUARD, Guard
from ccxt_dex.redaction import clean

__all__ = ["RESENDS", "Guarded", "Pauses", "expected", "judge_call", "remember", "remember_placed", "resolve"]

Method = Callable[..., Awaitable[Any]]
Order = dict[str, Any]

# how long an order that was just confirmed may stay invisible, where the room says nothing
_VISIBLE_AFTER = 2.0
_REMEMBERED = 1000
RESENDS = 2
_UNSENT = (errors.NotSupported, errors.ArgumentsRequired, errors.BadSymbol)


class Pauses:
    """Growing pauses between looks."""

    __slots__ = ("_next",)

    def __init__(self) -> None:
        self._next = 0.05

    async def sleep(self, limit: float = 2.0) -> None:
        pause = min(self._next, limit)
        self._next = min(self._next * 2, 2.0)
        await asyncio.sleep(max(pause, 0.0) * random.uniform(0.8, 1.0))


def remember(exchange: Any, *identifiers: Any) -> None:
    """These orders were confirmed just now."""
    recent, now = exchange._recent, time.monotonic()
    for identifier in identifiers:
        if identifier:
            recent[str(identifier)] = now
    while len(recent) > _REMEMBERED:
        recent.popitem(last=False)


def remember_placed(exchange: Any, *orders: Any) -> None:
    """These orders were placed just now: a stream that was down may never tell of them."""
    placed = exchange._placed
    for order in orders:
        if isinstance(order, dict) and order.get("id") and order.get("symbol"):
            placed[str(order["id"])] = (str(order["symbol"]), time.monotonic())
    while len(placed) > _REMEMBERED:
        placed.popitem(last=False)


def expected(exchange: Any, identifier: Any, at: float | None = None) -> bool:
    """Whether an order was confirmed so recently that "not found" may mean "not visible yet".

    :param at: monotonic seconds of the moment in question, default now
    """
    confirmed = exchange._recent.get(str(identifier))
    grace = exchange.absence_grace if exchange.absence_grace is not None else _VISIBLE_AFTER
    return confirmed is not None and (time.monotonic() if at is None else at) - confirmed < grace


def judge_call(error: BaseException, guard: Guard, over_websocket: bool) -> str:
    """What an exception out of a whole call proves: the requests it made are asked first, then its class."""
    sent = [attempt for attempt in guard.writes if attempt.sent]
    tagged = getattr(error, "verdict", None)
    if any(attempt.verdict in ("unknown", None) for attempt in sent):
        return "unknown"
    if not sent:
        if getattr(error, "reading", False) and not guard.writes:
            return "not_sent"  # what was read before the order could not be read
        if tagged is not None and tagged != "ok":
            return str(tagged)
        if not over_websocket or isinstance(error, _UNSENT):
            return "not_sent"
        return judge_answer(error)
    if tagged in ("rejected", "weak", "not_sent") and len(sent) == 1 and sent[0].verdict == tagged:
        return str(tagged)
    if all(attempt.verdict == "rejected" for attempt in sent):
        return "rejected"
    if not isinstance(error, errors.BaseError) or tagged == "unknown":
        return "unknown"
    if getattr(error, "reading", False) and not (guard.kind.startswith("cancel") and isinstance(error, errors.OrderNotFound)):
        # the write was answered; a refused look at what became of it refuses nothing but the look
        return "unknown"
    # the answer came, and the room read a refusal out of it
    return judge_answer(error)


class Guarded(abc.ABC):
    """One call of a unified method that writes."""

    def __init__(self, exchange: Any, name: str, inner: Method, arguments: Arguments) -> None:
        self.exchange, self.name, self.inner, self.arguments = exchange, name, inner, arguments
        self.urgent = self._urgent()
        self.guard: Guard | None = None
        self.prepare()

    def prepare(self) -> None:  # noqa: B027
        """Before anything is signed."""

    def _urgent(self) -> bool:
        return False

    @property
    def params(self) -> dict[str, Any]:
        return self.arguments.get("params") or {}

    @property
    def symbol(self) -> str | None:
        found: str | None = self.arguments.get("symbol")
        return found

    async def call(self) -> Any:
        try:
            coroutine = self.inner(self.exchange, *self.arguments.args, **self.arguments.kwargs)
        except TypeError as error:
            raise errors.ArgumentsRequired(f"{self.exchange.id} {error}") from error
        return await coroutine

    async def run(self, guard: Guard) -> Any:
        self.guard = guard
        try:
            return self.done(await self.call())
        except asyncio.CancelledError:
            if guard.maybe_sent:
                self.keep_in_background(guard)
            raise
        except Exception as error:
            return await self._failed(error, guard)

    async def _failed(self, error: Exception, guard: Guard) -> Any:
        clean(error, self.exchange.redactor.scrub)
        if isinstance(error, OrderOutcomeUnknown) or getattr(error, "settled", False):
            raise error
        verdict = judge_call(error, guard, self.name.endswith("_ws"))
        if getattr(error, "session_renewable", False):
            return await self.after_login(error, guard)
        if verdict == "not_sent" and not isinstance(error, errors.BaseError):
            raise self._final(errors.ExchangeError(f"{self.exchange.id} {self.name}() {type(error).__name__}: {error}"), verdict) from error
        guard.urgent = True  # lookups overtake
        try:
            return await self.settle(error, guard, verdict)
        except asyncio.CancelledError:
            self.keep_in_background(guard)
            raise
        except errors.BaseError as final:
            if isinstance(final, OrderOutcomeUnknown):
                self.intend("unknown")
            raise

    async def after_login(self, error: Exception, guard: Guard) -> Any:
        """The venue refused our session, which proves that nothing happened; once more with a new one."""
        guard.forget()
        error.session_renewable = False  # type: ignore[attr-defined]
        try:
            return self.done(await self.call())
        except asyncio.CancelledError:
            if guard.maybe_sent:
                self.keep_in_background(guard)
            raise
        except Exception as second:
            if getattr(second, "session_renewable", False):
                raise second
            return await self._failed(second, guard)

    # --- what kinds of calls differ in ----------------------------------------------------------------------------------------------------

    def done(self, result: Any) -> Any:
        return result

    @abc.abstractmethod
    async def settle(self, error: Exception, guard: Guard, verdict: str) -> Any:
        """Find out what became of it; the result of the call, or an exception that is true."""

    @abc.abstractmethod
    def intents(self) -> dict[str, dict[str, Any]]:
        """What was asked for, by what it can be found with; plain data."""

    # --- tools ----------------------------------------------------------------------------------------------------------------------------

    def intend(self, status: str) -> None:
        since = int((time.time() + (self.guard.outlives if self.guard else 0.0)) * 1000)
        for key, intent in self.intents().items():
            known = self.exchange.unresolved.setdefault(key, {**intent, "method": self.name, "time": since, "order": None})
            known["status"] = status

    def keep_in_background(self, guard: Guard) -> None:
        """The caller gave up; the question stays, and is answered into ``unresolved`` while the loop runs."""
        self.intend("pending")
        guard.active = False
        exchange = self.exchange

        async def later() -> None:
            GUARD.set(None)
            deadline, pauses = time.monotonic() + self.patience(), Pauses()
            open_keys = set(self.intents())
            while open_keys and time.monotonic() < deadline:
                for key in sorted(open_keys):
                    intent = exchange.unresolved.get(key)
                    if intent is None or await resolve(exchange, key, intent, guard.last_sent):
                        open_keys.discard(key)
                if open_keys:
                    await pauses.sleep()
            for key in open_keys:
                exchange.unresolved[key]["status"] = "unknown"

        task = asyncio.get_running_loop().create_task(later())
        exchange._tasks.add(task)
        task.add_done_callback(exchange._tasks.discard)

    def patience(self) -> float:
        """Seconds to go on looking."""
        grace = self.exchange.absence_grace
        wanted = self.exchange.options.get("outcomeTimeout")
        if wanted is not None:
            return max(float(wanted), grace or 0.0)
        return 10.0 if grace is None else grace + 5.0

    def too_late(self, guard: Guard, asked: float) -> bool:
        """Whether a look that began at `asked` came after the last moment at which the venue could still execute."""
        grace = self.exchange.absence_grace
        return grace is not None and asked >= guard.last_sent + grace

    def absence_proved(self, guard: Guard, asked: float) -> bool:
        """Whether such a look proves, by finding nothing, that nothing was executed: not where the venue took the request."""
        return self.too_late(guard, asked) and not guard.answered

    def _final(self, error: Exception, verdict: str) -> Exception:
        error.verdict = verdict  # type: ignore[attr-defined]
        error.settled = True  # type: ignore[attr-defined]
        clean(error, self.exchange.redactor.scrub)
        return error

    def network_error(self, error: Exception) -> Exception:
        """The failure as one that may be retried: nothing happened at the venue."""
        if isinstance(error, errors.OperationFailed):
            return self._final(error, "absent")
        replacement = errors.NetworkError(f"{self.exchange.id} {self.name}() was not executed: {error}")
        replacement.__cause__ = error
        return self._final(replacement, "absent")

    def unknown(self, error: Exception, ids: list[str], detail: str = "") -> OrderOutcomeUnknown:
        message = f"{self.exchange.id} {self.name}() outcome unknown, look before sending again ({', '.join(ids)}){detail}: {error}"
        failure = OrderOutcomeUnknown(message, ids, self.symbol)
        failure.__cause__ = error
        clean(failure, self.exchange.redactor.scrub)
        return failure


async def resolve(exchange: Any, key: str, intent: dict[str, Any], last_sent: float | None = None) -> bool:
    """One look for an unsettled request; True when that answered the question."""
    asked = time.monotonic()
    try:
        if intent.get("clientOrderId"):
            order = await exchange.find_order(intent["clientOrderId"], intent.get("symbol"))
        elif intent.get("id"):
            order = await exchange.fetch_order(intent["id"], intent.get("symbol"))
        else:
            return False
    except errors.OrderNotFound:
        order = None
    except Exception as error:
        clean(error, exchange.redactor.scrub)
        return False
    if order is not None:
        intent.update(status="found", order=order)
        return True
    grace = exchange.absence_grace
    since = asked - last_sent if last_sent is not None else time.time() - intent["time"] / 1000
    if grace is not None and since >= grace:
        intent["status"] = "absent"
        return True
    return False
