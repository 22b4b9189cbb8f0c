"""One public socket for many accounts: a hidden instance of the same class without credentials, per event loop.

Opt-in: `options["ws"]["shared"] = True`. Parsing is paid once, and a second subscriber of a venue that sends deltas gets the book that is
there, because no second snapshot would come. Private topics, logins and requests stay on the account's own socket.
"""

from __future__ import annotations

import asyncio
import json
import weakref
from collections import deque
from typing import Any

from ccxt_dex._ccxt import ArrayCache, ArrayCacheByTimestamp
from ccxt_dex.streams.futures import proper, refuse
from ccxt_dex.streams.settings import CCXT_KEYS, Settings

__all__ = ["Hub", "Lease", "hubs", "route"]

SECRETS = frozenset(("auth", "token", "bearer", "signature", "user", "account", "apiKey", "jwt"))
PROXIES = tuple(
    name
    for words in (("ws", "proxy"), ("wss", "proxy"), ("ws", "socks", "proxy"), ("http", "proxy"), ("https", "proxy"), ("socks", "proxy"))
    for name in ("_".join(words), words[0] + "".join(word.title() for word in words[1:]))
)
PLAIN = (
    "aiohttp_trust_env",
    "verify",
    "cafile",
    "hostname",
    "enableRateLimit",
    "newUpdates",
    "timeout",
    "verbose",
    "proxy",
    "aiohttp_proxy",
    *PROXIES,
)
MARKETS = ("markets", "markets_by_id", "symbols", "ids", "currencies", "currencies_by_id", "codes")
SHOWN = ("orderbooks", "tickers", "bidsasks", "fundingRates")

_hubs: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, Hub]] = weakref.WeakKeyDictionary()


def hubs() -> int:
    """How many hubs are alive, over all loops."""
    return sum(len(found) for found in _hubs.values())


def route(exchange: Any, key: str, hashes: tuple[str, ...], message: Any) -> Lease | None:
    """The hub that should watch this, None where the instance does it itself."""
    if not (exchange.options.get("ws") or {}).get("shared"):
        return None
    rules = exchange.stream_rules
    kind = rules.kind(key, message)
    if kind not in ("topic", "unsubscribe") or any(rules.private(h) for h in (*hashes, key)) or carries_secret(message):
        return None
    lease: Lease | None = exchange._hub
    loop = asyncio.get_running_loop()
    if lease is None or lease.hub.loop() is not loop:
        lease = exchange._hub = Lease(hub_of(exchange, loop), exchange)
    return lease


def carries_secret(message: Any) -> bool:
    """Whether a message is about an account."""
    if not isinstance(message, dict):
        return False
    return any(name in SECRETS or carries_secret(value) for name, value in message.items())


def hub_of(exchange: Any, loop: asyncio.AbstractEventLoop) -> Hub:
    """The hub for instances like this one on this loop."""
    here = _hubs.setdefault(loop, {})
    key = hub_key(exchange)
    hub = here.get(key)
    if hub is None:
        hub = here[key] = Hub(exchange, key, loop)
    return hub


def hub_key(exchange: Any) -> str:
    """Instances with the same key see the same public messages."""
    options = {name: exchange.options[name] for name in exchange.stream_rules.public_options if name in exchange.options}
    settings = {name: getattr(exchange, name, None) for name in PLAIN if name != "verbose"}
    cls = type(exchange)
    return json.dumps(
        [cls.__module__, cls.__qualname__, id(cls), exchange.urls, options, settings, public_ws_options(exchange)],
        sort_keys=True,
        default=str,
    )


def public_ws_options(exchange: Any) -> dict[str, Any]:
    """The ws options without those that may carry a header or a cookie."""
    names = (*CCXT_KEYS, *Settings.__dataclass_fields__)
    return {name: value for name, value in (exchange.options.get("ws") or {}).items() if name in names and not callable(value)}


class Hub:
    """The hidden instance and who uses it.

    :ivar users: topic key -> leases that watch it
    """

    def __init__(self, exchange: Any, key: str, loop: asyncio.AbstractEventLoop) -> None:
        self.key = key
        self.loop = weakref.ref(loop)
        self.leases: set[Lease] = set()
        self.users: dict[tuple[str, str], set[Lease]] = {}
        public = {name: exchange.options[name] for name in exchange.stream_rules.public_options if name in exchange.options}
        self.exchange: Any = type(exchange)({"options": {**public, "ws": public_ws_options(exchange)}})
        self.exchange.urls = exchange.urls
        self.exchange.timeout_on_exit = exchange.timeout_on_exit
        for name in PLAIN:
            if hasattr(exchange, name):
                setattr(self.exchange, name, getattr(exchange, name))
        for name in SHOWN:
            if getattr(self.exchange, name, None) is None:
                setattr(self.exchange, name, {})

    def take_markets(self, exchange: Any) -> None:
        """Markets are shared by reference; a reload in one instance reaches the hub with its next new topic."""
        if self.exchange.markets is not exchange.markets:
            for name in MARKETS:
                setattr(self.exchange, name, getattr(exchange, name))

    async def leave(self, lease: Lease) -> None:
        """A user is gone: its topics are unsubscribed, the last one turns off the light."""
        self.leases.discard(lease)
        for (url, key), users in list(self.users.items()):
            users.discard(lease)
            if not users:
                del self.users[(url, key)]
                if self.leases:
                    self._unsubscribe(url, key)
        if not self.leases:
            loop = self.loop()
            if loop is not None and _hubs.get(loop, {}).get(self.key) is self:
                del _hubs[loop][self.key]
            await self.exchange.close()

    def _unsubscribe(self, url: str, key: str) -> None:
        client: Any = (self.exchange.clients or {}).get(url)
        if client is not None:
            client.unsubscribe(key)


class Lease:
    """One instance's use of a hub."""

    def __init__(self, hub: Hub, exchange: Any) -> None:
        self.hub = hub
        self.waiting: weakref.WeakSet[asyncio.Future[Any]] = weakref.WeakSet()
        self.views: dict[str, Any] = {}
        hub.leases.add(self)
        for name in SHOWN:
            setattr(exchange, name, getattr(hub.exchange, name))

    def watch(self, exchange: Any, url: str, message_hash: str, message: Any, subscribe_hash: str | None, subscription: Any) -> Any:
        """`watch` on the hub."""
        key = message_hash if subscribe_hash is None else subscribe_hash
        if key.startswith("unsubscribe:") and not self._last_user(url, key[len("unsubscribe:") :]):
            done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
            done.set_result(True)
            return done
        self._use(exchange, url, (key,))
        return self._wait(exchange, self.hub.exchange.watch(url, message_hash, message, subscribe_hash, subscription))

    def watch_multiple(self, exchange: Any, url: str, hashes: list[str], message: Any, keys: list[str] | None, subscription: Any) -> Any:
        """`watch_multiple` on the hub."""
        if keys and keys[0].startswith("unsubscribe:"):
            topics = [key[len("unsubscribe:") :] for key in keys]
            if not all([self._last_user(url, topic) for topic in topics]):
                done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
                done.set_result(True)
                return done
        self._use(exchange, url, tuple(keys or ()))
        return self._wait(exchange, self.hub.exchange.watch_multiple(url, hashes, message, keys, subscription))

    def _use(self, exchange: Any, url: str, keys: tuple[str, ...]) -> None:
        self.hub.take_markets(exchange)
        for key in keys:
            if not key.startswith("unsubscribe:"):
                self.hub.users.setdefault((url, key), set()).add(self)

    def _last_user(self, url: str, topic: str) -> bool:
        users = self.hub.users.get((url, topic), set())
        users.discard(self)
        if not users:
            self.hub.users.pop((url, topic), None)
        return not users

    def _wait(self, exchange: Any, inner: asyncio.Future[Any]) -> asyncio.Future[Any]:
        """The hub's future as one of this instance: it also ends with the instance's own `close()`, and caches become its own."""
        outer: asyncio.Future[Any] = inner.get_loop().create_future()
        self.waiting.add(outer)

        def settle(done: asyncio.Future[Any]) -> None:
            if outer.done():
                if not done.cancelled():
                    done.exception()
            elif done.cancelled():
                outer.cancel()
            elif (error := done.exception()) is not None:
                refuse(outer, error)
            else:
                outer.set_result(self._view(exchange, done.result()))

        inner.add_done_callback(settle)
        outer.add_done_callback(lambda _: inner.cancel())
        return outer

    def _view(self, exchange: Any, result: Any) -> Any:
        """Caches count what each reader has seen, so each instance needs its own, fed from the hub's."""
        make: Any
        if isinstance(result, ArrayCache):
            name, make = "trades", ArrayCache
        elif isinstance(result, ArrayCacheByTimestamp):
            name, make = "ohlcvs", ArrayCacheByTimestamp
        else:
            return result
        key = f"{name}:{id(result)}"
        view = self.views.get(key)
        if view is None or view.source() is not result:
            view = self.views[key] = View(make(result.max_size), result)
        view.pull()
        if name == "trades" and len(view.own) and view.own[-1].get("symbol"):
            exchange.trades[view.own[-1]["symbol"]] = view.own
        return view.own

    async def release(self, error: BaseException) -> None:
        """The instance is being closed."""
        for future in list(self.waiting):
            if not future.done():
                refuse(future, proper(error))
        await self.hub.leave(self)


class View:
    """An instance's own cache beside the hub's."""

    def __init__(self, own: Any, source: Any) -> None:
        self.own = own
        self._source = source
        self.last: Any = None

    def source(self) -> Any:
        """The hub's cache."""
        return self._source

    def pull(self) -> None:
        """Append what the hub's cache got since the last time."""
        rows: deque[Any] = deque()
        if isinstance(self.own, ArrayCacheByTimestamp):
            newest = self.last
            rows.extend(list(row) for row in self._source if newest is None or row[0] >= newest)
            self.last = rows[-1][0] if rows else newest
        else:
            for index in range(len(self._source) - 1, -1, -1):
                row = self._source[index]
                if row is self.last:
                    break
                rows.appendleft(row)
            if rows:
                self.last = rows[-1]
        for row in rows:
            self.own.append(row)
