"""Logins: written as a generator of steps by a room, run once for everybody who shares the account, renewed before they expire.

Nothing here belongs to an event loop: several instances on several loops and threads may wait for one login. A loop that stands still
in the middle of a login delays the others, it does not stop them.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import inspect
import threading
import time
from collections.abc import Generator
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Protocol

from ccxt_dex import tokens
from ccxt_dex._ccxt import errors

__all__ = ["Call", "LoginSteps", "Session", "SessionManager", "Sign", "logging_in"]


@dataclass
class Session:
    """What a login leaves behind. Its repr shows no secret.

    :param token: goes into the header or cookie
    :param expires: unix ms, server time
    :param data: plain JSON values a room wants to keep (cookies, account numbers, a session key)
    :param issued: unix ms, server time
    """

    token: str = field(repr=False)
    expires: int
    data: dict[str, Any] = field(default_factory=dict, repr=False)
    issued: int = 0


class Sign:
    """A step: let a signer do something, the generator receives its result.

    :param signer: a signer object or the name of its family (the instance's own key is used)
    :param method: name of the signer's method
    """

    __slots__ = ("args", "kwargs", "method", "signer")

    def __init__(self, signer: Any, method: str, *args: Any, **kwargs: Any) -> None:
        self.signer, self.method, self.args, self.kwargs = signer, method, args, kwargs


class Call:
    """A step: call an endpoint method, the generator receives the decoded answer.

    :param endpoint: name of the endpoint method, as for ``Dex.call``
    """

    __slots__ = ("endpoint", "params")

    def __init__(self, endpoint: str, params: dict[str, Any] | None = None) -> None:
        self.endpoint, self.params = endpoint, params or {}


LoginSteps = Generator["Sign | Call", Any, Session]

_LOGGING_IN: ContextVar[int | None] = ContextVar("ccxt_dex_logging_in", default=None)


def logging_in(exchange: object) -> bool:
    """Whether the current call belongs to a login of this instance: such a call must not log in itself."""
    return _LOGGING_IN.get() == id(exchange)


class Host(Protocol):
    """What the manager needs from an exchange."""

    id: str
    timeout: Any

    def login_steps(self) -> LoginSteps | None: ...
    def session_scope(self) -> str: ...
    def session_key(self) -> tuple[str, str, str]: ...
    def session_acceptable(self, session: Session) -> bool: ...
    def server_milliseconds(self) -> int: ...
    def token_store(self) -> bool: ...
    def signer(self, family: str) -> Any: ...
    async def call(self, endpoint: str, params: dict[str, Any]) -> Any: ...


class _State:
    """One per venue, host and account in the process."""

    __slots__ = ("flight", "loaded", "lock", "session")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.session: Session | None = None
        self.flight: concurrent.futures.Future[None] | None = None
        self.loaded = False


_states: dict[tuple[str, str, str], _State] = {}
_states_lock = threading.Lock()


def _after_fork() -> None:
    """A login under way in the parent is nobody's in the child."""
    global _states_lock
    _states_lock = threading.Lock()
    for state in _states.values():
        state.lock, state.flight = threading.Lock(), None


tokens.at_fork(_after_fork)


class SessionManager:
    """The session of one exchange instance, shared with every instance of the same account in the process.

    Holds nothing itself: make one whenever one is needed.
    """

    __slots__ = ("_exchange",)

    def __init__(self, exchange: Host) -> None:
        self._exchange = exchange

    def _state(self) -> _State:
        key = self._exchange.session_key()
        with _states_lock:
            return _states.setdefault(key, _State())

    @property
    def session(self) -> Session | None:
        """The session as it is, without logging in; None when there is none or it ran out."""
        session = self._state().session
        return session if session is not None and self._exchange.server_milliseconds() < session.expires else None

    async def ensure(self) -> Session:
        """A session good for at least a little longer; logs in when there is none, once for all who ask at the same time.

        :raises AuthenticationError: the venue refuses the login, or the room has none
        """
        state = self._state()
        while True:
            with state.lock:
                if not state.loaded:
                    state.loaded = True
                    state.session = self._load()
                if state.session is not None and self._fresh(state.session):
                    return state.session
                flight = state.flight
                if flight is None:
                    mine = state.flight = concurrent.futures.Future()
                    break
            if not await _wait(flight, 2 * self._exchange.timeout / 1000):
                with state.lock:
                    # its loop stands still or is gone: take over
                    if state.flight is flight:
                        state.flight = None
        return await self._fly(state, mine)

    async def _fly(self, state: _State, flight: concurrent.futures.Future[None]) -> Session:
        error: BaseException | None = None
        try:
            session = await self._login()
            with state.lock:
                state.session = session
            self._save(session)
            return session
        except BaseException as caught:
            error = caught
            # whatever became of the login, the request that wanted the session has not left
            error.verdict = "not_sent"  # type: ignore[attr-defined]
            raise
        finally:
            with state.lock:
                if state.flight is flight:
                    state.flight = None
            if isinstance(error, errors.BaseError):
                flight.set_exception(error)
            else:
                flight.set_result(None)

    async def _login(self) -> Session:
        exchange = self._exchange
        steps = exchange.login_steps()
        if steps is None:
            raise errors.AuthenticationError(f"{exchange.id} has no login")
        token = _LOGGING_IN.set(id(exchange))
        try:
            session = await self._run(steps)
        finally:
            _LOGGING_IN.reset(token)
        session.issued = session.issued or exchange.server_milliseconds()
        if not exchange.session_acceptable(session):
            raise errors.AuthenticationError(f"{exchange.id} the venue gave out a session of another account")
        return session

    async def _run(self, steps: LoginSteps) -> Session:
        result: Any = None
        while True:
            try:
                step = steps.send(result)
            except StopIteration as stop:
                if not isinstance(stop.value, Session):
                    raise errors.AuthenticationError(f"{self._exchange.id} login ended without a session") from None
                return stop.value
            result = await self._step(step)

    async def _step(self, step: Sign | Call) -> Any:
        if isinstance(step, Call):
            return await self._exchange.call(step.endpoint, step.params)
        signer = self._exchange.signer(step.signer) if isinstance(step.signer, str) else step.signer
        result = getattr(signer, step.method)(*step.args, **step.kwargs)
        return await result if inspect.isawaitable(result) else result

    def invalidate(self, session: Session | None = None) -> None:
        """Forget the session (only if it is still this one, when one is given): the venue refused it."""
        state = self._state()
        with state.lock:
            if session is not None and state.session is not session:
                return
            state.session, state.loaded = None, True
        if self._exchange.token_store():
            tokens.remove(self._exchange.session_key())

    def _fresh(self, session: Session) -> bool:
        """A fifth of its life, at most a minute, before its end a session counts as used up."""
        life = session.expires - session.issued if session.issued else 300_000
        return self._exchange.server_milliseconds() < session.expires - min(60_000, max(life, 0) // 5)

    def _load(self) -> Session | None:
        if not self._exchange.token_store():
            return None
        found = tokens.load(self._exchange.session_key())
        if found is None:
            return None
        session = Session(found["token"], found["expires"], found["data"], found["issued"])
        return session if self._exchange.session_acceptable(session) else None

    def _save(self, session: Session) -> None:
        if self._exchange.token_store():
            fields = {"token": session.token, "expires": session.expires, "data": session.data, "issued": session.issued}
            tokens.save(self._exchange.session_key(), fields)


async def _wait(flight: concurrent.futures.Future[None], seconds: float) -> bool:
    """Wait for somebody else's login, on whichever loop it runs; False when it takes too long.

    :raises BaseError: what the login raised
    """
    loop = asyncio.get_running_loop()
    done = loop.create_future()

    def wake() -> None:
        if not done.done():
            done.set_result(None)

    def landed(_: object) -> None:
        try:
            loop.call_soon_threadsafe(wake)
        except RuntimeError:
            pass  # our loop was closed while we waited

    flight.add_done_callback(landed)
    deadline = time.monotonic() + seconds
    try:
        await asyncio.wait_for(done, max(deadline - time.monotonic(), 0.0))
    except asyncio.TimeoutError:
        return False
    error = flight.exception()
    if error is not None:
        raise error
    return True
