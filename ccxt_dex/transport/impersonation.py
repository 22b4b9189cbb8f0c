"""Requests that leave like a browser's, for venues behind a gate that looks at TLS and HTTP/2 fingerprints.

A room says which of its URLs want that (:meth:`Impersonation.impersonates`); everything else goes through ccxt's own HTTP. The library
(curl_cffi) is loaded with the first such request and is an extra named after the room.

libcurl repeats any request, orders included, when a kept connection turns out to be dead before the first byte of the answer. So what
must not be executed twice leaves on a connection of its own; reads share kept ones. Redirects are never followed.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import os
from typing import Any
from urllib.parse import urlsplit

from ccxt_dex._ccxt import errors
from ccxt_dex.outcome.attempts import CURRENT
from ccxt_dex.parts.part import Part

__all__ = ["Impersonation"]

# curl's codes for trouble before the first byte of the request: name resolution, connecting, the handshake of a proxy or of TLS.
# Not among them: 1, which it also reports for an answer that is no HTTP
NOT_SENT = frozenset({5, 6, 7, 35, 45, 58, 59, 60, 77, 97})
TIMEOUT, BAD_ANSWERS = 28, frozenset({18, 23, 61, 92})

# of the browser's navigation defaults, what a script's request does not have (None removes a header)
AS_SCRIPT: dict[str, str | None] = {
    "Sec-Fetch-Site": "same-origin",
    "Sec-Fetch-Mode": "cors",
    "Sec-Fetch-Dest": "empty",
    "Sec-Fetch-User": None,
    "Upgrade-Insecure-Requests": None,
    "Cache-Control": None,
    "Priority": "u=1, i",
}
_inherited: list[Any] = []


class Sessions:
    """The two curl sessions of an instance on one loop, with one cookie jar."""

    def __init__(self, profile: str, verify: Any) -> None:
        self.profile, self.verify = profile, verify
        self.loop, self.pid = asyncio.get_running_loop(), os.getpid()
        requests: Any = importlib.import_module("curl_cffi.requests")
        options: Any = importlib.import_module("curl_cffi").CurlOpt
        common = {"impersonate": profile, "verify": verify, "allow_redirects": False, "trust_env": False, "retry": 0, "max_clients": 20}
        self.reads = requests.AsyncSession(**common)
        self.writes = requests.AsyncSession(**common, curl_options={options.FRESH_CONNECT: 1, options.FORBID_REUSE: 1})
        self.writes._cookies = self.reads._cookies

    def fits(self, profile: str, verify: Any) -> bool:
        return self.loop is asyncio.get_running_loop() and self.pid == os.getpid() and (profile, verify) == (self.profile, self.verify)

    def adopt(self, cookie_header: str, host: str) -> None:
        """A Cookie header goes into the jar: next to a jar with the same name both values would be sent."""
        for pair in cookie_header.split(";"):
            name, found, value = pair.strip().partition("=")
            if found:
                for kept in [each for each in self.reads.cookies.jar if each.name == name]:
                    self.reads.cookies.jar.clear(kept.domain, kept.path, kept.name)
                self.reads.cookies.set(name, value, domain=host, path="/")

    async def close(self) -> None:
        for session in (self.reads, self.writes):
            if session._acurl is not None:
                await session.close()


class Impersonation(Part):
    """Part of Dex."""

    _browser: Sessions | None = None

    def impersonates(self, url: str) -> str | None:
        """Room hook: the browser profile with which requests to this URL leave, None for ccxt's own HTTP."""
        return None

    @staticmethod
    def can_impersonate() -> bool:
        """Whether the extra is installed; loads nothing."""
        return importlib.util.find_spec("curl_cffi") is not None

    def _sessions(self, profile: str) -> Sessions:
        verify = (self.cafile or True) if self.verify else False
        current = self._browser
        if current is not None and current.fits(profile, verify):
            return current
        if current is not None:
            _leave(current)
        try:
            self._browser = Sessions(profile, verify)
        except ImportError:
            raise errors.NotSupported(
                f"{self.id} this request must look like a browser's: pip install 'ccxt-dex[{self.id}]' (curl_cffi)"
            ) from None
        return self._browser

    def _route(self, url: str, method: str, headers: Any, body: Any) -> tuple[str, str | None]:
        """The URL to ask and the proxy to ask it through, by the same settings as ccxt's own HTTP."""
        through = self.check_proxy_url_settings(url, method, headers, body)
        if through is not None:
            url = through + self.url_encoder_for_proxy_url(url)
        http, https, socks = self.check_proxy_settings(url, method, headers, body)
        proxy = http or https or socks
        self.check_conflicting_proxies(proxy is not None, through)
        if self.aiohttp_proxy is not None:
            if proxy or through:
                raise errors.NotSupported(f"{self.id} you have set multiple proxies, please use one or another")
            proxy = self.aiohttp_proxy
        return url, proxy

    async def fetch_as_browser(self, profile: str, url: str, method: str, headers: Any, body: Any) -> Any:
        """ccxt's `fetch` with another library underneath: same log lines, hooks, limits and errors.

        :raises NotSupported: the library is not installed
        """
        url, proxy = self._route(url, method, headers, body)
        self.open(True)
        sent: dict[str, Any] = {**(self.headers or {}), **(headers or {})}
        self.last_request_headers = dict(sent)
        if self.verbose:
            self.log("\nfetch Request:", self.id, method, url, "RequestHeaders:", sent, "RequestBody:", body)
        self.logger.debug("%s %s, Request: %s %s", method, url, sent, body)
        response = await self._ask(self._sessions(profile), url, method, sent, body, proxy)
        code, reason, answered, text = response
        text = self.on_rest_response(code, reason, url, method, answered, text, sent, body)
        parsed = self.parse_json(text)
        if self.enableLastHttpResponse:
            self.last_http_response = text
        if self.enableLastResponseHeaders:
            self.last_response_headers = answered
        if self.enableLastJsonResponse:
            self.last_json_response = parsed
        if self.verbose:
            self.log("\nfetch Response:", self.id, method, url, code, "ResponseHeaders:", answered, "ResponseBody:", text)
        self.logger.debug("%s %s, Response: %s %s %s", method, url, code, answered, text)
        self.handle_errors(code, reason, url, method, answered, text, parsed, sent, body)
        self.handle_http_status_code(code, reason, url, method, text)
        if parsed is not None and isinstance(parsed, dict) and self.returnResponseHeaders:
            parsed["responseHeaders"] = answered
        return parsed if parsed is not None else text

    async def _ask(
        self, sessions: Sessions, url: str, method: str, headers: dict[str, Any], body: Any, proxy: str | None
    ) -> tuple[int, str, dict[str, str], str]:
        attempt = CURRENT.get()
        assert attempt is not None  # fetch made one
        parts = urlsplit(url)
        cookie = next((headers[name] for name in headers if name.lower() == "cookie"), None)
        if cookie is not None:
            sessions.adopt(str(cookie), parts.hostname or "")
        own = {name: value for name, value in headers.items() if name.lower() not in ("cookie", "user-agent", "accept-encoding")}
        # in the clear curl would offer HTTP/2 in the headers, which no browser does
        version = "v1" if parts.scheme == "http" else None
        session = sessions.writes if attempt.write else sessions.reads
        attempt.left()
        try:
            response = await session.request(
                method,
                url,
                data=body.encode() if isinstance(body, str) else body,
                headers={**AS_SCRIPT, **own},
                timeout=self.timeout / 1000,
                proxy=proxy,
                quote=False,
                http_version=version,
            )
        except Exception as error:
            code = getattr(error, "code", None)
            if code in NOT_SENT:
                attempt.sent = False
            raise self._curl_error(error, int(code or 0), method, url) from _bare(error, self.redactor.scrub)
        answered: dict[str, str] = {}
        for name, value in response.headers.multi_items():
            key = "-".join(part.capitalize() for part in name.split("-"))
            answered[key] = f"{answered[key]}, {value}" if key in answered else str(value)
        return int(response.status_code), str(response.reason or ""), answered, response.content.decode("utf-8", "replace")

    def _curl_error(self, error: Exception, code: int, method: str, url: str) -> Exception:
        details = f"{self.id} {method} {url.partition('?')[0]} curl {code}"
        if type(error).__name__ == "SessionClosed" or self.closed_by_user:
            return errors.ExchangeClosedByUser(details)
        if code == TIMEOUT:
            return errors.RequestTimeout(details)
        if code in BAD_ANSWERS:
            return errors.BadResponse(details)
        return errors.ExchangeNotAvailable(details)

    async def close(self, clean_instance_data: bool = False) -> None:
        """ccxt's; closes the browser's sessions too."""
        browser, self._browser = self._browser, None
        if browser is not None:
            if browser.fits(browser.profile, browser.verify):
                await browser.close()
            else:
                _leave(browser)
        await super().close(clean_instance_data)


def _leave(sessions: Sessions) -> None:
    """Sessions of another loop or process: closed by their loop if it still runs, else left alone."""
    if sessions.pid == os.getpid() and sessions.loop.is_running():
        sessions.loop.call_soon_threadsafe(lambda: sessions.loop.create_task(sessions.close()))
    else:
        _inherited.append(sessions)


def _bare(error: Exception, scrub: Any) -> Exception:
    """The cause without what curl's exceptions carry along: the request with its cookies, and the half of an answer."""
    kind = asyncio.TimeoutError if getattr(error, "code", None) == TIMEOUT else ConnectionError
    return kind(scrub(f"{type(error).__name__}: {error}"))
