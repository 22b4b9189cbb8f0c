"""The HTTP session of an instance: opened on first use, rebuilt when the event loop or the process changed, one proxy for everything."""

from __future__ import annotations

import asyncio
import importlib
import os
import socket
import ssl
import threading
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from ccxt_dex import tokens
from ccxt_dex._ccxt import errors
from ccxt_dex.outcome.attempts import once, tracing
from ccxt_dex.parts.part import Part

__all__ = ["Connection"]

# aiohttp's 15 s and 10 s would make a bot that trades once a minute pay DNS, TCP and TLS for every order
KEEP_ALIVE = 50.0
DNS_CACHE = 300

_contexts: dict[tuple[Any, ...], ssl.SSLContext] = {}
_contexts_lock = threading.Lock()


def _after_fork() -> None:
    """Another thread of the parent may have been making a context, which takes its time."""
    global _contexts_lock
    _contexts_lock = threading.Lock()


tokens.at_fork(_after_fork)

# sessions of a parent process: closing them here would shut the parent's connections
_inherited: list[Any] = []

_PROXY_SCHEMES = ("http", "https", "socks4", "socks5", "socks5h")


def ssl_context(cafile: str, system: bool) -> ssl.SSLContext:
    """A context per set of certificates and process; making one costs some 20 ms."""
    with _contexts_lock:
        found = _contexts.get((cafile, system))
        if found is None:
            found = ssl.create_default_context(cafile=cafile)
            default = ssl.get_default_verify_paths().cafile
            if system and default and default != cafile:
                found.load_verify_locations(cafile=default)
            _contexts[(cafile, system)] = found
        return found


class Connection(Part):
    """Part of Dex."""

    def open(self, lazy: bool = False) -> None:
        """Make the session for the running loop, if there is none yet.

        :raises ExchangeClosedByUser: for a request that was still under way when the instance was closed
        """
        if lazy and self.closed_by_user:
            raise errors.ExchangeClosedByUser(f"{self.id} instance was closed by the user")
        self.closed_by_user = False
        self._bind()
        if self.own_session and self.session is None:
            self.tcp_connector = aiohttp.TCPConnector(
                ssl=self._tls(), **self._pool(), family=socket.AF_UNSPEC, happy_eyeballs_delay=0, ttl_dns_cache=DNS_CACHE
            )
            self.session = self._session(self.tcp_connector)

    def _tls(self) -> Any:
        if self.ssl_context is None:
            self.ssl_context = ssl_context(self.cafile, bool(self.options.get("include_OS_certificates"))) if self.verify else False
        return self.ssl_context

    def _pool(self) -> dict[str, Any]:
        return {"keepalive_timeout": KEEP_ALIVE, "loop": self.asyncio_loop}

    def _session(self, connector: Any) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            loop=self.asyncio_loop, connector=connector, trust_env=self.aiohttp_trust_env, middlewares=(once,), trace_configs=[tracing()]
        )

    def get_socks_proxy_session(self, socksProxy: str) -> Any:
        if self.socks_proxy_sessions is None:
            self.socks_proxy_sessions = {}
        if socksProxy not in self.socks_proxy_sessions:
            try:
                connectors: Any = importlib.import_module("aiohttp_socks")
            except ImportError:
                raise errors.NotSupported(f"{self.id} a SOCKS proxy needs aiohttp_socks: pip install aiohttp_socks") from None
            remote_dns = socksProxy.startswith("socks5h://")
            url = socksProxy.replace("socks5h://", "socks5://") if remote_dns else socksProxy
            connector = connectors.ProxyConnector.from_url(url, ssl=self._tls(), rdns=True if remote_dns else None, **self._pool())
            self.socks_proxy_sessions[socksProxy] = self._session(connector)
        return self.socks_proxy_sessions[socksProxy]

    # --- event loops and processes ------------------------------------------------------------------------------------------------------

    def _bind(self) -> None:
        """Everything that belonged to another loop or process is left behind."""
        try:
            running = asyncio.get_running_loop()
        except RuntimeError:
            if self.asyncio_loop is None:
                raise
            running = self.asyncio_loop
        forked = self._pid != os.getpid()
        if self.asyncio_loop is running and not forked:
            return
        if self.asyncio_loop is not None:
            self._leave(forked)
        self.asyncio_loop = running
        self._pid = os.getpid()

    def _leave(self, forked: bool) -> None:
        sessions = [self.session] if self.own_session and self.session is not None else []
        sessions += list((self.socks_proxy_sessions or {}).values())
        if forked:
            _inherited.extend([*sessions, self.tcp_connector, self.asyncio_loop, *(self.clients or {}).values()])
        else:
            for session in sessions:
                _abandon(session, self.asyncio_loop)
        if self.own_session:
            self.session = None
        self.tcp_connector = self.aiohttp_socks_connector = self.socks_proxy_sessions = None
        self.markets_loading, self.reloading_markets = None, False
        for client in (self.clients or {}).values():
            if not forked and hasattr(client, "abandon"):
                client.abandon()
        self.clients = {}
        self._hub = None
        self._tasks = set()
        self.init_throttler()

    # --- proxies --------------------------------------------------------------------------------------------------------------------------

    def _own_proxy(self) -> str | None:
        """``config['proxy']``: one proxy for REST and WebSocket. (In ccxt that name is an old spelling of proxyUrl.)"""
        proxy = self.proxy
        if not isinstance(proxy, str) or not proxy:
            return None
        parts = urlsplit(proxy)
        if parts.scheme not in _PROXY_SCHEMES or not parts.hostname:
            raise errors.InvalidProxySettings(f"{self.id} proxy must look like http://host:port or socks5://host:port")
        return proxy

    def proxy_identity(self) -> str:
        """What stands between us and the venue: limits per address count per proxy."""
        for value in (
            self.proxy,
            self.socksProxy,
            self.socks_proxy,
            self.httpsProxy,
            self.https_proxy,
            self.httpProxy,
            self.http_proxy,
            self.aiohttp_proxy,
        ):
            if isinstance(value, str) and value:
                return urlsplit(value).netloc.rpartition("@")[2]
        return ""

    def check_proxy_url_settings(self, url: Any = None, method: Any = None, headers: Any = None, body: Any = None) -> Any:
        if self._own_proxy() is None:
            return super().check_proxy_url_settings(url, method, headers, body)
        others = (self.proxyUrl, self.proxy_url, self.proxyUrlCallback, self.proxy_url_callback)
        if any(value is not None for value in others):
            raise errors.InvalidProxySettings(f"{self.id} proxy and proxyUrl are both set")
        return None

    def check_proxy_settings(self, url: Any = None, method: Any = None, headers: Any = None, body: Any = None) -> list[Any]:
        return self._combined(super().check_proxy_settings(url, method, headers, body), "another proxy setting")

    def check_ws_proxy_settings(self) -> list[Any]:
        return self._combined(super().check_ws_proxy_settings(), "another WebSocket proxy setting")

    def _combined(self, ccxts: list[Any], what: str) -> list[Any]:
        own = self._own_proxy()
        if own is None:
            return list(ccxts)
        if any(ccxts):
            raise errors.InvalidProxySettings(f"{self.id} proxy and {what} are both set")
        return [None, None, own] if own.startswith("socks") else [own, None, None]


def _abandon(session: Any, loop: Any) -> None:
    """Drop a session whose loop is gone or belongs to somebody else, without a word and without leaking sockets."""
    connector = session.connector
    session.detach()
    if connector is None:
        return
    if loop is not None and loop.is_running():
        loop.call_soon_threadsafe(lambda: loop.create_task(_close(connector)))
        return
    transports = [protocol.transport for kept in connector._conns.values() for protocol, _ in kept]
    if loop is None or not loop.is_closed():
        # a loop that stands still closes them when it runs again
        for transport in transports:
            if transport is not None:
                transport.abort()
        connector._conns.clear()
        return
    for _ in connector.close().__await__():
        pass  # nothing to wait for on a closed loop
    for transport in transports:
        _cut(transport)


def _cut(transport: Any) -> None:
    """Close the socket of a transport whose loop is closed; asyncio has no way to do that, and would complain about it later."""
    tls = getattr(transport, "_ssl_protocol", None)
    if tls is not None:
        transport._closed = True
        transport = getattr(tls, "_transport", None)
    sock = getattr(transport, "_sock", None)
    if sock is not None:
        sock.close()
        transport._sock = None


async def _close(connector: Any) -> None:
    await connector.close()
