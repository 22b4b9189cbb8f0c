"""Secrets stay inside: in log records, in what `verbose` prints, in exceptions and reprs."""

from __future__ import annotations

import logging
import re
import weakref
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp

from ccxt_dex.parts.part import Part

__all__ = ["Redaction", "Redactor", "scrub"]

_CREDENTIALS = ("apiKey", "secret", "password", "privateKey", "twofa", "token", "login")
_MASK = "***"
# names whose value is nobody's business, in headers, JSON, Python dicts and query strings alike
_NAMES = (
    r"authorization|proxy-authorization|cookie|set-cookie|x-[\w-]*(?:signature|sign|token|key|auth|passphrase|session-id)|[\w-]*signature|[\w-]*secret(?:key)?"
    r"|signed_?message"
    r"|(?:access|refresh|auth|session|id|bearer|csrf)?[_-]?token|jwt(?:token)?|password|passphrase|private[_-]?key|seed|mnemonic|api[_-]?key|listenkey"
)
_NAMED = re.compile(
    rf"""(?P<name>["']?\b(?:{_NAMES})["']?\s*[:=]\s*(?:b?(?P<quote>["']))?)(?:(?:bearer|basic|starknet)\s+)?(?P<value>(?(quote)[^"']{{12,}}|[^\s"',;&}}\])<>]{{12,}}))""",
    re.IGNORECASE,
)
# signatures in parts: {"r": ..., "s": ...}, ["...", "..."], also as JSON in a string
_PARTS = re.compile(r"""(?P<name>\b[\w-]*signature["']?\s*[:=]\s*["']?)(?:\{[^{}]{12,}\}|\[[^\[\]]{12,}\])""", re.IGNORECASE)
_BEARER = re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{8,}", re.IGNORECASE)
_JWT = re.compile(r"\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*")
_USERINFO = re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^/\s:@]+:[^/\s@]+@", re.IGNORECASE)


def _patterns(text: str) -> str:
    text = _PARTS.sub(lambda match: match["name"] + _MASK, text)
    text = _NAMED.sub(lambda match: match["name"] + _MASK, text)
    text = _JWT.sub(_MASK, text)
    text = _BEARER.sub(lambda match: f"{match[1]} {_MASK}", text)
    return _USERINFO.sub(rf"\1{_MASK}@", text)


class Redactor:
    """Knows the secrets of one instance."""

    __slots__ = ("__weakref__", "_exchange", "_extra")

    def __init__(self, exchange: Any) -> None:
        self._exchange = weakref.ref(exchange)
        self._extra: set[str] = set()

    def hide(self, *values: str) -> None:
        """From now on mask these as well (tokens, cookies, session keys)."""
        self._extra.update(value for value in values if value)

    def secrets(self) -> list[str]:
        """Every string to mask, longest first."""
        exchange = self._exchange()
        found = set(self._extra)
        if exchange is not None:
            for name in _CREDENTIALS:
                value = getattr(exchange, name, None)
                if isinstance(value, (str, bytes)):
                    found.add(value.decode("latin-1") if isinstance(value, bytes) else value)
            found.update(_proxy_passwords(exchange))
        found = {value for value in found if len(value) >= 6}
        found |= {value[2:] for value in found if value.startswith("0x") and len(value) > 32}
        found |= {quote(value, safe="") for value in found}
        return sorted(found, key=len, reverse=True)

    def scrub(self, text: str) -> str:
        for secret in self.secrets():
            if secret in text:
                text = text.replace(secret, _MASK)
        return _patterns(text)


def _proxy_passwords(exchange: Any) -> Iterable[str]:
    for name in ("proxy", "httpProxy", "httpsProxy", "socksProxy", "wsProxy", "wssProxy", "wsSocksProxy", "aiohttp_proxy"):
        value = getattr(exchange, name, None)
        if isinstance(value, str) and "@" in value:
            password = urlsplit(value).password
            if password:
                yield password


_live: weakref.WeakSet[Redactor] = weakref.WeakSet()


def scrub(text: str) -> str:
    """Text without the secrets of any live instance and without anything that looks like one."""
    for redactor in list(_live):
        for secret in redactor.secrets():
            if secret in text:
                text = text.replace(secret, _MASK)
    return _patterns(text)


class _Filter(logging.Filter):
    """Formats the record itself, so that nothing is left to leak in its arguments."""

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            text = record.getMessage()
        except Exception:
            text = str(record.msg)
        record.msg, record.args = scrub(text), None
        if record.exc_info and record.exc_info[1] is not None:
            clean(record.exc_info[1], scrub)
        return True


_FILTER = _Filter()


def clean(error: BaseException | None, scrubber: Callable[[str], str]) -> None:
    """Mask the secrets in an exception and in what caused it."""
    seen: set[int] = set()
    pending = [error]
    while pending:
        current = pending.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        if any(isinstance(item, str) for item in current.args):
            scrubbed = tuple(scrubber(item) if isinstance(item, str) else item for item in current.args)
            if scrubbed != current.args:
                current.args = scrubbed
        for link in ("__cause__", "__context__"):
            linked = getattr(current, link)
            if isinstance(linked, aiohttp.ClientError) and _tells(linked, scrubber):
                linked = aiohttp.ClientError(f"{type(linked).__name__}: {scrubber(str(linked))}")
                setattr(current, link, linked)
            pending.append(linked)


def _tells(error: Exception, scrubber: Callable[[str], str]) -> bool:
    """aiohttp's exceptions carry the request's headers and the proxy's address with its password."""
    text = f"{error!r} {error} {error.args!r} {vars(error)!r}"
    return scrubber(text) != text


class Redaction(Part):
    """Part of Dex."""

    @property
    def redactor(self) -> Redactor:
        """What knows this instance's secrets; rooms call ``self.redactor.hide(token)`` for those that are no credential."""
        found = self._redactor
        if found is None:
            found = self._redactor = Redactor(self)
            _live.add(found)
        return found

    def watch_logger(self) -> None:
        """Put the filter on this instance's logger (also one that the user brought)."""
        _ = self.redactor
        if _FILTER not in self.logger.filters:
            self.logger.addFilter(_FILTER)

    def log(self, *args: Any) -> None:
        """What `verbose` prints, without secrets."""
        super().log(self.redactor.scrub(" ".join(str(item) for item in args)))
