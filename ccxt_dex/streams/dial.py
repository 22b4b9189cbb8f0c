"""From a url to an open socket: proxy, headers, handshake refusals, one limit per host for the whole process."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from time import time
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from ccxt_dex._ccxt import errors
from ccxt_dex.errors import RateLimited
from ccxt_dex.limits import Bucket, Rule, bucket
from ccxt_dex.streams.rules import StreamRules

__all__ = ["Refusal", "host_bucket", "open_socket", "refusal", "shut"]

MAX_FRAME = 10 * 1024 * 1024  # ccxt's
CLOSE_SECONDS = 0.5
FINAL = {401: errors.AuthenticationError, 403: errors.PermissionDenied, 404: errors.ExchangeNotAvailable}


class Refusal:
    """Why a dial failed.

    :ivar error: a ccxt exception
    :ivar status: HTTP status of the handshake, None when there was none
    :ivar floor: seconds that the venue wants us to wait
    """

    __slots__ = ("error", "floor", "status")

    def __init__(self, error: Exception, status: int | None = None, floor: float = 0.0) -> None:
        self.error = error
        self.status = status
        self.floor = floor

    @property
    def final(self) -> bool:
        """Whether dialling again as we are makes no sense."""
        return self.status in FINAL or isinstance(self.error, (errors.AuthenticationError, errors.NotSupported, errors.BadRequest))


def host_bucket(url: str, rules: StreamRules) -> Bucket:
    """The dial limiter of a host, shared by all instances: many sockets lost at once must not come back as a storm."""
    return bucket(("dial", urlsplit(url).netloc), Rule(rules.dial_rate, rules.dial_burst))


def refusal(exchange_id: str, error: BaseException) -> Refusal:
    """What a failed dial means."""
    if isinstance(error, aiohttp.WSServerHandshakeError):
        return _handshake(exchange_id, error)
    if isinstance(error, errors.BaseError):
        return Refusal(error)
    if isinstance(error, asyncio.TimeoutError):
        return Refusal(errors.RequestTimeout(f"{exchange_id} connection timeout"))
    wrapped = errors.NetworkError(f"{exchange_id} {error or type(error).__name__}")
    wrapped.__cause__ = error
    return Refusal(wrapped)


def _handshake(exchange_id: str, error: aiohttp.WSServerHandshakeError) -> Refusal:
    text = f"{exchange_id} handshake refused with status {error.status}"
    floor = retry_after(error.headers or {})
    if error.status == 429:
        return Refusal(RateLimited(text), 429, floor)
    kind = FINAL.get(error.status, errors.NetworkError)
    return Refusal(kind(text), error.status, floor)


def retry_after(headers: Mapping[str, str]) -> float:
    """Seconds in a Retry-After header, which is a number or a date."""
    value = headers.get("Retry-After", "")
    try:
        return max(float(value), 0.0)
    except ValueError:
        pass
    try:
        return max(parsedate_to_datetime(value).timestamp() - time(), 0.0)
    except (TypeError, ValueError, IndexError):
        return 0.0


async def open_socket(session: aiohttp.ClientSession, url: str, options: Mapping[str, Any], proxy: str | None) -> Any:
    """Dial; text frames arrive as bytes, which is what the JSON parser wants.

    :param options: ccxt's ws options: headers, cookies, compress
    """
    for name, value in (options.get("cookies") or {}).items():
        session.cookie_jar.update_cookies({name: value})
    # ccxt offers permessage-deflate because some gateways refuse a handshake without the offer
    return await session.ws_connect(
        url,
        autoping=False,
        autoclose=False,
        headers=options.get("headers"),
        compress=options.get("compress", 15),
        proxy=proxy,
        max_msg_size=MAX_FRAME,
        timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_SECONDS),  # pyright: ignore[reportCallIssue]
        decode_text=False,
    )


async def shut(connection: Any, code: int = 1000) -> None:
    """Close a socket within a second, whether the venue reads or not."""
    try:
        await asyncio.wait_for(connection.close(code=code), 2 * CLOSE_SECONDS)
    except Exception:
        response = getattr(connection, "_response", None)
        if response is not None:
            response.close()
