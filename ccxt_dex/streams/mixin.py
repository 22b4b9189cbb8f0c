"""The exchange's side of the streams: a few of ccxt's methods, in front of an unmodified pro class.

    class lighter(StreamsMixin, ccxt.pro.lighter): ...

Only snake_case names are overridden: ccxt sets the camelCase aliases of inherited methods on every class by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import count
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.streams import pool
from ccxt_dex.streams.books import Book
from ccxt_dex.streams.connection import CLOSED, RepairClient
from ccxt_dex.streams.rules import Record, StreamRules
from ccxt_dex.streams.settings import Settings, client_config

__all__ = ["Streams", "StreamsMixin"]


class StreamsMixin:
    """Repaired streams for any ccxt pro class.

    :ivar stream_rules: the room's declaration
    """

    stream_rules: StreamRules = StreamRules()
    _closing = False
    _hub: pool.Lease | None = None

    # -- for rooms and users ----------------------------------------------------------------------------------------------------------

    async def after_reconnect(self: Any, client: RepairClient) -> None:
        """Room hook: fetch by REST what was missed on private topics (orders, positions, balance) and merge it; private results wait for it.

        It runs after every reconnect of `client`, once logins and subscriptions are out. It may be repeated, and a NetworkError is.
        """

    def after_reconnect_wanted(self: Any, client: RepairClient) -> bool:
        """Whether `after_reconnect` has work to do: the room has one and the connection carries something private."""
        if type(self).after_reconnect is StreamsMixin.after_reconnect:
            return False
        private = self.stream_rules.private
        return any(r.kind == "auth" or any(private(h) for h in r.hashes) for r in client.ledger.topics.values())

    async def ws_post(self: Any, url: str, request_id: str, message: Any, timeout: float | None = None) -> Any:
        """Send a request over a socket and wait for its answer; it is sent once, whatever happens.

        The handler gives the answer with `client.resolve(answer, request_id)` or `client.reject(error, request_id)`.

        :param request_id: also the message hash of the answer
        :param timeout: seconds; None: `options["ws"]["requestTimeout"]`, else the exchange's `timeout`
        :raises NetworkError: it certainly was not sent (`error.verdict == "not_sent"`)
        :raises RequestTimeout: sent, no answer: outcome unknown (`error.verdict == "unknown"`)
        """
        client = self.client(url)
        if timeout is None:
            timeout = request_timeout(self)
        return await client.request(str(request_id), message, timeout)

    def stream_status(self: Any) -> dict[str, Any]:
        """How each socket does: `{url: {state, age, losses, events, topics: {key: {age, stale, waiting}}}}`; ages in seconds.

        Plain reads, so another thread may call it.
        """
        found = {url: client_status(client) for url, client in dict(self.clients or {}).items() if isinstance(client, RepairClient)}
        if self._hub is not None:
            shared = dict(self._hub.hub.exchange.clients or {})
            found.update({f"{url} (shared)": client_status(client) for url, client in shared.items()})
        return found

    def rules_of(self: Any, url: str) -> StreamRules:
        """The rules of one socket; a room with sockets of two venues overrides this."""
        return self.stream_rules  # type: ignore[no-any-return]

    def stream_urls(self: Any) -> list[str]:
        """The addresses of the venue's sockets, from `urls["api"]`; a room that derives one from them adds it."""
        return [self.implode_hostname(url) for url in _socket_urls(self.urls.get("api"))]

    # -- ccxt's methods ---------------------------------------------------------------------------------------------------------------

    def ws_repairs(self: Any) -> bool:
        """Whether streams are repaired; `options["ws"]["repair"] = False` asks for ccxt's own behaviour, bit for bit."""
        return bool((self.options.get("ws") or {}).get("repair", True))

    def order_book(self: Any, snapshot: Any = None, depth: int | None = None) -> Any:
        """A book that knows whether it is live."""
        if not self.ws_repairs():
            return super().order_book(snapshot or {}, depth)  # type: ignore[misc]
        return Book(snapshot, depth)

    def open(self: Any, lazy: bool = False) -> None:
        """ccxt's; an object that was used on a loop which has ended takes the running one."""
        self._take_running_loop()
        super().open(lazy)  # type: ignore[misc]

    def _take_running_loop(self: Any) -> None:
        old = self.asyncio_loop
        if old is None or not self.ws_repairs():
            return
        try:
            running = asyncio.get_running_loop()
        except RuntimeError:
            return
        if running is old or old.is_running():
            return
        for client in (self.clients or {}).values():
            if isinstance(client, RepairClient):
                client.abandon()
        self.asyncio_loop = running
        self.clients = dict[str, Any]()
        self.markets_loading = None
        self.reloading_markets = False
        if self.own_session:
            forget_session(self.session)
            self.session = None
        self.tcp_connector = self.aiohttp_socks_connector = self.socks_proxy_sessions = None
        self._hub = None
        self.init_throttler()

    def ws_session(self: Any) -> Any:
        """The aiohttp session that sockets are dialled with."""
        socks = self.check_ws_proxy_settings()[2]
        return self.get_socks_proxy_session(socks) if socks else self.session

    def client(self: Any, url: str) -> Any:
        """The client of a url: one object for life."""
        if not self.ws_repairs():
            return super().client(url)  # type: ignore[misc]
        self.open()
        self.clients = self.clients or {}  # the empty dict may be the class's
        client = self.clients.get(url)
        if client is None or getattr(client, "state", "") in CLOSED:
            client = self.clients[url] = self._new_client(url)
        return client

    def _new_client(self: Any, url: str) -> RepairClient:
        options = self.options.get("ws") or {}
        own = {
            "log": self.log,
            "ping": getattr(self, "ping", None),
            "verbose": self.verbose,
            "throttle": self.throttle,
            "asyncio_loop": self.asyncio_loop,
            "decompressBinary": self.options.get("decompressBinary", True),
        }
        config = client_config(self.streaming, options, own)
        rules = self.rules_of(url)
        settings = Settings.of(options, rules, request_timeout(self))
        client = RepairClient(self, url, config, options.get("options", options), rules, settings)
        http, https, _ = self.check_ws_proxy_settings()
        client.proxy = http or https or None
        return client

    def watch(
        self: Any, url: str, message_hash: str, message: Any = None, subscribe_hash: str | None = None, subscription: Any = None
    ) -> Any:
        """ccxt's; a plain function that returns an awaitable, because some venues call it without awaiting."""
        client: Any = (self.clients or {}).get(url)
        loop = running_loop()
        if client.__class__ is RepairClient and client.state == "open" and client.asyncio_loop is loop and loop is not None:
            if subscribe_hash in client.subscriptions:
                record = client.ledger.topics.get(subscribe_hash)
                if record is not None and message_hash not in record.hashes:
                    record.hashes += (message_hash,)
                if client.watchdog.stood_still(loop.time()):
                    client.suspect()
                return client.future(message_hash).child()
        elif not self.ws_repairs():
            return super().watch(url, message_hash, message, subscribe_hash, subscription)  # type: ignore[misc]
        self._refuse_while_closing()
        key = message_hash if subscribe_hash is None else subscribe_hash
        hub = pool.route(self, key, (message_hash,), message)
        if hub is not None:
            return hub.watch(self, url, message_hash, message, subscribe_hash, subscription)
        return self._subscribe(url, (message_hash,), message, (key,), subscription)

    def watch_multiple(
        self: Any,
        url: str,
        message_hashes: list[str],
        message: Any = None,
        subscribe_hashes: list[str] | None = None,
        subscription: Any = None,
    ) -> Any:
        """ccxt's: the first of many message hashes."""
        if not self.ws_repairs():
            return super().watch_multiple(url, message_hashes, message, subscribe_hashes, subscription)  # type: ignore[misc]
        self._refuse_while_closing()
        if not message_hashes:
            raise errors.ArgumentsRequired(f"{self.id} nothing to watch")
        keys = tuple(subscribe_hashes or ())
        if not keys and message is not None and self.stream_rules.kind(message_hashes[0], message) == "unsubscribe":
            keys = tuple(message_hashes)  # ccxt's backpack forgets them here, and then nothing is sent
        hub = pool.route(self, keys[0] if keys else "", tuple(message_hashes), message)
        if hub is not None:
            return hub.watch_multiple(self, url, message_hashes, message, subscribe_hashes, subscription)
        return self._subscribe(url, tuple(message_hashes), message, keys, subscription)

    def _subscribe(
        self: Any, url: str, hashes: tuple[str, ...], message: Any, keys: tuple[str, ...], subscription: Any
    ) -> asyncio.Future[Any]:
        """Wait for the first of the hashes; ask the venue for those keys that it was not asked for."""
        client: RepairClient = self.client(url)
        result: asyncio.Future[Any] = client.asyncio_loop.create_future()
        for message_hash in hashes:
            client.future(message_hash).adopt(result)
        missing = tuple(key for key in keys if key not in client.subscriptions)
        for key in missing:
            client.subscriptions[key] = subscription or True
        if missing:
            record = client.register(missing[0], message, hashes, missing)
            if record is not None and record.kind == "request":
                client.watch_clock(record, client.settings.requestTimeout or request_timeout(self))
        else:
            join(client, keys, hashes)
            client.wake()
            if client.state == "open" and client.watchdog.stood_still(client.asyncio_loop.time()):
                client.suspect()
        return result

    def clean_unsubscription(self: Any, client: Any, subHash: Any, unsubHash: Any, subHashIsPrefix: bool = False) -> None:
        """ccxt's; the late acknowledgement of something that nobody waits for must not undo what was watched anew since."""
        if isinstance(client, RepairClient) and subHash in client.leaving:
            client.leaving.discard(subHash)
            if unsubHash not in client.futures:
                return
        super().clean_unsubscription(client, subHash, unsubHash, subHashIsPrefix)  # type: ignore[misc]

    def _refuse_while_closing(self: Any) -> None:
        if self._closing:
            raise errors.ExchangeClosedByUser(f"{self.id} is being closed")

    async def close_ws_clients(self: Any) -> None:
        """ccxt's; clients that calls make in the meantime are closed too."""
        if not self.ws_repairs():
            await super().close_ws_clients()  # type: ignore[misc]
            return
        while self.clients:
            clients = list(self.clients.values())
            self.clients.clear()
            await asyncio.gather(*(client.close() for client in clients))

    async def close(self: Any, *args: Any, **kwargs: Any) -> None:
        """ccxt's; whoever waits gets ExchangeClosedByUser."""
        self._closing = True
        try:
            lease, self._hub = self._hub, None
            if lease is not None:
                await lease.release(errors.ExchangeClosedByUser(f"{self.id} closed by user"))
            await super().close(*args, **kwargs)  # type: ignore[misc]
        finally:
            self._closing = False

    async def load_order_book(
        self: Any, client: Any, messageHash: str, symbol: str, limit: int | None = None, params: dict[str, Any] | None = None
    ) -> None:
        """The REST snapshot behind a book of deltas, tried until it fits. Trouble with it is that book's alone: ccxt's ends the whole socket."""
        if not isinstance(client, RepairClient):
            await super().load_order_book(client, messageHash, symbol, limit, params or {})  # type: ignore[misc]
            return
        generation = client.ledger.generation
        if isinstance(self.orderbooks.get(symbol), Book):
            client.books[messageHash] = self.orderbooks[symbol]  # a loss must empty its cache of deltas before it was ever handed out
        deadline = client.asyncio_loop.time() + client.settings.maxRepairSeconds
        for attempt in count():
            book = self.orderbooks.get(symbol)
            error = await self._try_snapshot(client, book, messageHash, symbol, limit, params or {})
            if client.ledger.generation != generation or client.state != "open" or self.orderbooks.get(symbol) is not book or error is None:
                return  # done, or the next connection (the next watch) starts over
            pause = min(client.settings.backoffCap, client.settings.backoffBase * 2.0 ** min(attempt, 10))
            if client.asyncio_loop.time() + pause > deadline:
                book.lose(client.asyncio_loop.time())  # new deltas will trigger a new attempt
                client.reject(error, messageHash)
                return
            await asyncio.sleep(pause)

    async def _try_snapshot(self: Any, client: Any, book: Any, message_hash: str, symbol: str, limit: Any, params: dict[str, Any]) -> Any:
        """One attempt; returns None, or the error."""
        generation = client.ledger.generation
        if book is None:
            return None
        try:
            snapshot = await self.fetch_rest_order_book_safe(symbol, limit, params)
            if client.ledger.generation != generation or client.state != "open" or self.orderbooks.get(symbol) is not book:
                return None
            index = self.get_cache_index(snapshot, book.cache)
            if index < 0:
                return errors.ExchangeError(f"{self.id} the snapshot of {symbol} is older than the deltas")
            book.reset(snapshot)
            self.handle_book_deltas(book, book.cache[index:])
        except Exception as error:
            return error
        book.cache.clear()
        client.resolve(book, message_hash)
        return None


Streams = StreamsMixin  # its name among Dex's bases


def request_timeout(exchange: Any) -> float:
    """Seconds to wait for the answer to a request."""
    configured = (exchange.options.get("ws") or {}).get("requestTimeout")
    return float(configured) if configured is not None else float(exchange.timeout) / 1000


def running_loop() -> asyncio.AbstractEventLoop | None:
    """The running loop, None outside of one."""
    return asyncio._get_running_loop()


def join(client: RepairClient, keys: tuple[str, ...], hashes: tuple[str, ...]) -> None:
    """Known topics got more hashes that they resolve."""
    for key in keys:
        record: Record | None = client.ledger.topics.get(key)
        if record is not None and len(keys) == 1:
            record.hashes += tuple(h for h in hashes if h not in record.hashes)


def _socket_urls(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _socket_urls(inner)
    elif isinstance(value, str) and value.startswith(("ws://", "wss://")):
        yield value


def forget_session(session: Any) -> None:
    """Let go of an aiohttp session whose loop has ended; it cannot be closed any more, only kept from complaining."""
    if session is None or session.closed:
        return
    connector = session.connector
    session.detach()
    if connector is not None:
        try:
            connector._close_immediately()
        except Exception:
            connector._conns.clear()


def client_status(client: RepairClient) -> dict[str, Any]:
    """One socket's line in `stream_status`."""
    now = client.asyncio_loop.time()
    topics = {}
    for record in list(client.ledger.topics.values()):
        ages = [now - client.at[h] for h in record.hashes if h in client.at]
        stale = client.state != "open" or any(client.books[h].stale is not None for h in record.hashes if h in client.books)
        waiting = any(h in client.futures for h in record.hashes)
        topics[record.key] = {"age": min(ages, default=None), "stale": stale, "waiting": waiting}
    age = now - client.watchdog.read if client.watchdog.read else None
    events = [text for _, text in list(client.events)]
    return {"state": client.state, "age": age, "losses": client.losses, "events": events, "topics": topics}
