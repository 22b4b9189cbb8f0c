"""What is known about one HTTP request of ours: did its bytes leave, was it answered, and may it be sent again (no).

aiohttp repeats PUT and DELETE by itself when a connection breaks, and any method on a redirect. The middleware below refuses both; the
trace signal says when the headers were handed to the socket: not fired means provably not sent.
"""

from __future__ import annotations

import asyncio
import time
from contextvars import ContextVar
from types import SimpleNamespace
from typing import Any

import aiohttp

from ccxt_dex._ccxt import errors

__all__ = ["CURRENT", "Attempt", "RedirectRefused", "judge", "once", "tracing"]

# the venue's answer was read and understood, and these say "no" although ccxt files them under network trouble
_REFUSALS = (errors.RateLimitExceeded, errors.DDoSProtection, errors.InvalidNonce, errors.OnMaintenance)
_TRANSPORT = (aiohttp.ClientError, asyncio.TimeoutError, OSError)


class RedirectRefused(aiohttp.ClientError):
    """A venue (or something in front of it) wants a request sent elsewhere."""


class Attempt:
    """One request on its way.

    :ivar write: whether a second execution would matter
    :ivar sent: whether bytes may have left this machine
    :ivar status: HTTP status, once a status line came
    :ivar cookies: what the answer set; ccxt's dictionary of headers keeps only the first of several
    :ivar verdict: None while under way, then "ok" or one of not_sent, rejected, weak, unknown
    """

    __slots__ = (
        "buckets",
        "calls",
        "cookies",
        "error",
        "method",
        "must_be_json",
        "origin",
        "sent",
        "sent_at",
        "status",
        "traced",
        "verdict",
        "write",
    )

    def __init__(self, write: bool, must_be_json: bool = True) -> None:
        self.write, self.must_be_json = write, must_be_json
        self.calls = 0
        self.cookies: dict[str, str] = {}
        self.method: str | None = None
        self.origin: tuple[Any, ...] | None = None
        self.error: Exception | None = None
        self.status: int | None = None
        self.verdict: str | None = None
        self.sent = self.traced = False
        self.sent_at = 0.0
        self.buckets: Any = ()

    def left(self) -> None:
        self.sent, self.sent_at = True, time.monotonic()


CURRENT: ContextVar[Attempt | None] = ContextVar("ccxt_dex_attempt", default=None)


async def once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Middleware: a write passes a single time, whatever aiohttp thinks of its method; a read never leaves its host."""
    attempt = CURRENT.get()
    if attempt is None:
        return await handler(request)
    origin = (request.url.scheme, request.url.host, request.url.port)
    if attempt.calls == 0:
        attempt.method, attempt.origin = request.method, origin
    elif attempt.method not in ("GET", "HEAD"):
        # the first method counts: a 302 turns a POST into a GET
        if attempt.error is not None:
            raise attempt.error
        raise RedirectRefused(f"answered with a redirect ({attempt.status})")
    elif origin != attempt.origin:
        raise RedirectRefused("answered with a redirect to another host")
    attempt.calls += 1
    try:
        response = await handler(request)
    except Exception as error:
        attempt.error = error
        raise
    attempt.status = response.status
    if response.cookies:
        attempt.cookies.update((name, morsel.value) for name, morsel in response.cookies.items())
    return response


async def _on_headers_sent(session: aiohttp.ClientSession, context: SimpleNamespace, params: Any) -> None:
    attempt = CURRENT.get()
    if attempt is not None:
        attempt.left()


def tracing() -> aiohttp.TraceConfig:
    """The one signal that is needed: headers handed to the connection's buffer."""
    config = aiohttp.TraceConfig()
    config.on_request_headers_sent.append(_on_headers_sent)
    return config


def judge(error: BaseException, attempt: Attempt) -> str:
    """What an exception proves about the request behind it: not_sent, rejected, weak (an answer we cannot read) or unknown."""
    if not attempt.sent:
        return "not_sent"
    status = attempt.status
    if isinstance(error.__cause__, _TRANSPORT) or not isinstance(error, errors.BaseError):
        return "unknown"
    if status is None or status >= 500 or status == 408 or 300 <= status < 400:
        return "unknown"
    return judge_answer(error, status)


def judge_answer(error: BaseException, status: int = 200) -> str:
    """The same for an answer that came complete."""
    if isinstance(error, _REFUSALS):
        return "rejected"
    if isinstance(error, errors.ExchangeError):
        return "weak" if type(error) is errors.ExchangeError and status < 400 else "rejected"
    return "unknown"
