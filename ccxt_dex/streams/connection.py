"""One client object per url for life; the socket beneath it is swapped.

    new -> dialling -> open -> repairing -> open ... -> dead (gave up) | closed (by the user)

ccxt throws its client away when the link breaks, and with it the futures, the subscriptions and what was asked. This one stays, so a pending
`watch_*` call does not notice. Venue code sees ccxt's own attributes: `futures`, `subscriptions`, `rejections`, `connected`, `resolve`, `reject`.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Coroutine
from typing import Any

from ccxt_dex._ccxt import Client, Future, errors
from ccxt_dex.limits import Bucket
from ccxt_dex.streams.books import Book
from ccxt_dex.streams.caches import CACHES, has_news, remember
from ccxt_dex.streams.core import Backoff, Ledger, Poison
from ccxt_dex.streams.dial import shut
from ccxt_dex.streams.dialler import Dialler
from ccxt_dex.streams.futures import Events, Shared, look, proper, running_task
from ccxt_dex.streams.liveness import Liveness
from ccxt_dex.streams.reader import Reader
from ccxt_dex.streams.rules import AppPing, Record, StreamRules
from ccxt_dex.streams.sender import Sender
from ccxt_dex.streams.settings import Settings, ping_policy
from ccxt_dex.streams.watchdog import Watchdog

__all__ = ["RepairClient"]

CLOSED = ("dead", "closed")
# seconds by which a row may be stamped before it is told, clocks that differ included
STAMPED_EARLIER = 5.0


class RepairClient(Reader, Sender, Dialler, Liveness, Client):
    """ccxt's ws client, repaired underneath.

    :ivar state: new, dialling, open, repairing, dead or closed
    :ivar refused: HTTP status of the last refused handshake, for `before_dial`
    :ivar dial_status: the same, also of refusals that are tried again (400, 503)
    :ivar events: the last few things that went wrong, (loop time, text)
    :ivar missed_since: unix ms by the venue's clock, as far as it is known, since when private rows may have been missed; None: none were
    """

    def __init__(
        self, exchange: Any, url: str, config: dict[str, Any], options: dict[str, Any], rules: StreamRules, settings: Settings
    ) -> None:
        super().__init__(url, exchange.handle_message, exchange.on_error, exchange.on_close, exchange.on_connected, config)
        self.options = options
        self.exchange = exchange
        self.rules = rules
        self.settings = settings
        self.ledger = Ledger()
        self.at = self.ledger.at
        self.backoff = Backoff(settings.backoffBase, settings.backoffCap, settings.maxRepairSeconds, random.random)
        self.poison = Poison()
        self.watchdog = Watchdog(rules, ping_policy(rules, self), settings)
        limited = rules.send_rate is not None and exchange.enableRateLimit
        self.bucket = Bucket(rules.send_rate, rules.send_burst) if limited and rules.send_rate is not None else None
        self.dial_bucket: Bucket | None = None
        self.state = "new"
        self.refused: int | None = None
        self.dial_status: int | None = None
        self.dial_url: str | None = None
        self.losses = 0
        self.missed_since: int | None = None
        self.events: deque[tuple[float, str]] = deque(maxlen=20)
        self.books: dict[str, Book] = {}
        self.caches: dict[str, Any] = {}
        self.seen: dict[str, int] = {}
        self.held: dict[str, Any] | None = None
        self.unheard: dict[str, Events] = {}
        self.catching_up = False
        self.leaving: set[str] = set()
        self.barrier: bytes | None = None
        self.barrier_timer: asyncio.TimerHandle | None = None
        self.handling = False
        self.screened = bool(rules.answers) or isinstance(rules.ping, AppPing)
        self.timer: asyncio.TimerHandle | None = None
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.background: set[asyncio.Task[Any]] = set()

    # -- what ccxt's code calls -------------------------------------------------------------------------------------------------------

    def future(self, message_hash: str) -> Shared:
        """The shared future of a message hash; awaiting it makes a future of one's own."""
        future = self.futures.get(message_hash)
        if future is None or future.cancelled():
            future = self.futures[message_hash] = Shared(loop=self.asyncio_loop)
            if message_hash in self.rejections:
                del self.futures[message_hash]
                future.reject(self.rejections.pop(message_hash))
            elif message_hash in self.unheard:  # in the next turn of the loop, so that all who wait hear it
                self.asyncio_loop.call_soon(self._tell_unheard, message_hash)
        return future

    def resolve(self, result: Any, message_hash: str) -> Any:
        """Hand a result to whoever waits, unless it is not fit to be handed out."""
        self.at[message_hash] = self.watchdog.read
        kind = result.__class__
        if kind is Book:
            self.books[message_hash] = result
            if result.stale is not None:  # no snapshot since the loss
                return result
        elif kind in CACHES:
            self.caches[message_hash] = result
            if not has_news(result, self.seen, message_hash):
                return result
        if self.ledger.requests and message_hash in self.ledger.requests:
            self._settled(message_hash)
        elif self.held is not None and self._holds(message_hash):
            self.held[message_hash] = Events([*self.held.get(message_hash, ()), *result]) if kind is Events else result
            return result
        self.hand_out(result, message_hash)
        return result

    def reject(self, result: Any, message_hash: str | None = None) -> Any:
        """Hand out an error, unless it is ours to repair."""
        if message_hash is None:
            self._reject_all(result)
            return result
        error = proper(result)
        if self.handling and isinstance(error, errors.InvalidNonce) and self._is_topic(message_hash):
            self.resync(message_hash, error)  # a gap or a checksum: the topic's trouble, not the caller's
            return result
        if self.handling:
            self._refused_topic(message_hash)
        self._settled(message_hash)
        future = self.futures.pop(message_hash, None)
        if future is not None:
            future.reject(error)
        elif not isinstance(result, errors.UnsubscribeError):
            self.rejections[message_hash] = error
        return result

    def _is_topic(self, message_hash: str) -> bool:
        """Whether a hash is fed by a subscription; an order or a login may be refused for its nonce too, and the caller must hear of that."""
        record = self.ledger.of(message_hash) if message_hash not in self.ledger.requests else None
        return record is not None and record.kind == "topic"

    def _reject_all(self, result: Any) -> None:
        if self.handling:  # the venue's error names no topic: it can only concern what it has not confirmed
            self._note(f"venue: {result!r}")
            self.refuse_unconfirmed(proper(result))
            return
        for message_hash in list(self.futures):
            self.reject(result, message_hash)

    def connect(self, session: Any = None, backoff_delay: float = 0) -> Any:
        """Dial, if nothing is up or under way."""
        self.wake()
        return self.connected

    def on_error(self, error: Any) -> None:
        """ccxt's callback for trouble with the socket."""
        self.lost(proper(error))

    def reset(self, error: Any) -> None:
        """ccxt's callback for trouble with the stream."""
        self.lost(proper(error))

    def on_close(self, code: Any) -> None:
        """ccxt's callback for a socket that the venue closed."""
        self.lost(errors.NetworkError(f"{self.exchange.id} connection closed by the venue, code {code}"))

    async def close(self, code: int = 1000) -> None:
        """End for good, within about a second; whoever waits gets ExchangeClosedByUser."""
        if self.state == "closed":
            return
        self._stop("closed")
        error = errors.ExchangeClosedByUser(f"{self.exchange.id} closed by user")
        self._reject_all(error)
        self._fail_connected(error)
        connection, self.connection = self.connection, None
        if connection is not None and not connection.closed:
            self._spawn(shut(connection, code))
        if self.background:
            _, late = await asyncio.wait(set(self.background), timeout=1.0)
            for task in late:
                task.cancel()

    # -- what rooms may call ----------------------------------------------------------------------------------------------------------

    def confirm(self, key: str) -> None:
        """The venue acknowledged a subscription: errors without a name are not about this one.

        :param key: subscribe hash
        """
        record = self.ledger.topics.get(key)
        if record is not None:
            record.confirmed = True

    def resync(self, message_hash: str, reason: Any) -> None:
        """A topic has a hole: nothing of it is handed out until a fresh snapshot came. Only that topic is asked for again.

        :param message_hash: of the topic
        :param reason: error or text, for the event list
        """
        self._note(f"resync {message_hash}: {reason!r}")
        book = self.books.get(message_hash)
        if book is not None:
            book.lose(self.asyncio_loop.time())
            self.exchange.orderbooks.setdefault(book["symbol"], book)  # the object that bots hold stays the one that is repaired
        record = self.ledger.of(message_hash)
        if record is None:
            return
        self.subscriptions.setdefault(record.key, True)
        if record.message is None or self.rules.resync == "redial":
            self.asyncio_loop.call_soon(self.lost, errors.NetworkError(f"{self.exchange.id} resync of {message_hash}"))
        else:
            self.asyncio_loop.call_later(self._resync_pause(record), self._ask_again, record, self.ledger.generation)

    def unsubscribe(self, key: str) -> bool:
        """Leave a topic without waiting for an acknowledgement; whoever waits for it gets UnsubscribeError.

        :param key: subscribe hash
        :returns: False where the topic is not known, shares its message with others, or has no message that undoes it; nothing is done then
        """
        record = self.ledger.topics.get(key)
        message = self.rules.unsubscribe(record) if record is not None and len(record.keys) == 1 else None
        if record is None or message is None:
            return False
        self._forget(record)
        for message_hash in record.hashes:
            self.unheard.pop(message_hash, None)
            if message_hash in self.books:
                self.books[message_hash].lose(self.asyncio_loop.time())
            future = self.futures.pop(message_hash, None)
            if future is not None:
                future.reject(errors.UnsubscribeError(f"{self.exchange.id} {message_hash}"))
        if record.generation == self.ledger.generation:
            self.leaving.add(key)
            self.register(f"unsubscribe:{key}", message, (), kind="unsubscribe")
        return True

    def renew(self, reason: str) -> None:
        """Replace the connection while it still works (end of its life, notice of a shutdown)."""
        if self.state == "open" and "renew" not in self.tasks:
            self._note(f"renew: {reason}")
            self._start("renew", self._renew())

    def refuse_unconfirmed(self, error: BaseException) -> bool:
        """An error that names nothing: it is for the topics asked for a moment ago that never spoke. False if there are none."""
        refused = self.ledger.unconfirmed(self.asyncio_loop.time())
        for record in refused:
            self._forget(record)
            for message_hash in record.hashes:
                future = self.futures.pop(message_hash, None)
                if future is not None:
                    future.reject(error)
        return bool(refused)

    # -- losing -----------------------------------------------------------------------------------------------------------------------

    def lost(self, reason: BaseException) -> None:
        """The link is of no more use: mark what it fed, settle what cannot be repaired, dial."""
        if self.state != "open":
            return
        now = self.asyncio_loop.time()
        self.losses += 1
        self._note(repr(reason))
        self.exchange.logger.info("%s %s lost: %s", self.exchange.id, self.url, type(reason).__name__)
        old, self.connection = self.connection, None
        self.isConnected = False
        self.connected = Future(loop=self.asyncio_loop)  # code that looks at it waits instead of sending into nothing
        self.connected.add_done_callback(look)
        self._part()
        if old is not None and not old.closed:
            self._spawn(shut(old))
        self.backoff.trouble(now, now - self.watchdog.opened, self.ledger.heard_since(self.watchdog.opened))
        self._dial_from("repairing", self.backoff.pause(self.exchange.ws_dial_delay(self.url)), proper(reason))

    def _part(self) -> None:
        """Everything that ends with a connection."""
        self._halt()
        now = self.asyncio_loop.time()
        if self.missed_since is None:  # else what was missed before was not read yet
            clock = getattr(self.exchange, "server_milliseconds", self.exchange.milliseconds)
            self.missed_since = int(clock() - (now - self.watchdog.read + STAMPED_EARLIER) * 1000)
        for book in (*self.books.values(), *self._unfed_books()):
            book.lose(now)
        for cache in self.caches.values():
            if cache is not self.exchange.orders:
                remember(cache)
        self.rejections.clear()
        self.leaving.clear()
        lost = self.ledger.lose(self.subscriptions)
        for record in lost.sent:
            self._fail(record, self.unknown(record, "connection lost"))
        for record in lost.unsent:
            self._fail(record, self.not_sent(record))
        for record in lost.unsubscribes:
            self.unsubscribed(record)

    def _unfed_books(self) -> list[Book]:
        """Books that nobody has been given yet: deltas may be waiting in them for a snapshot, and those of an old connection must not stay."""
        fed = {id(book) for client in (self.exchange.clients or {}).values() for book in getattr(client, "books", {}).values()}
        books = self.exchange.orderbooks.values()
        return [book for book in books if book.__class__ is Book and book.stale is not None and id(book) not in fed]

    def _fail(self, record: Record, error: BaseException) -> None:
        if record.attempt is not None:
            record.attempt.verdict = getattr(error, "verdict", "unknown")
        self._retire(record)
        for message_hash in record.hashes:
            future = self.futures.pop(message_hash, None)
            if future is not None:
                future.reject(error)

    def give_up(self, reason: Any) -> None:
        """Repair has failed: only now the callers see an error. The end state is ccxt's, so the next call starts afresh."""
        error = proper(reason)
        self._note(f"gave up: {error!r}")
        self.exchange.logger.warning("%s %s given up: %s", self.exchange.id, self.url, type(error).__name__)
        self.error = error
        self.dial_failed = self.connection is None
        connection, self.connection = self.connection, None
        self._part()
        self._stop("dead")
        self._reject_all(error)
        self._fail_connected(error)
        self.on_error_callback(self, error)
        if self.exchange.clients.get(self.url) is self:
            del self.exchange.clients[self.url]
        if connection is not None and not connection.closed:
            self._spawn(shut(connection))

    def abandon(self) -> None:
        """The event loop is going away with us on it."""
        if self.state in CLOSED:
            return
        for book in self.books.values():
            book.lose(0.0)
        self._stop("dead")
        connection, self.connection = self.connection, None
        response = getattr(connection, "_response", None)
        if response is not None and not self.asyncio_loop.is_closed():
            response.close()

    def _stop(self, state: str) -> None:
        self.state = state
        self.handling = False
        self.isConnected = self.connecting = False
        if self.asyncio_loop.is_closed():  # nothing of it can be cancelled any more, and nothing of it will run
            self.tasks.clear()
        self._halt()
        self._cancel("dial", "renew")

    def _halt(self) -> None:
        self._cancel("read", "flush", "catch_up")
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
        self._drop_barrier()
        for message_hash, result in (self.held or {}).items():
            if result.__class__ is Events:
                self._keep(result, message_hash)
        self.held = None
        self.catching_up = False

    def _fail_connected(self, error: BaseException) -> None:
        if not self.connected.done():
            self.connected.reject(error)

    # -- small things -----------------------------------------------------------------------------------------------------------------

    def _start(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        task = self.asyncio_loop.create_task(work)
        self.tasks[name] = task
        task.add_done_callback(lambda done: self._ended(name, done))

    def _ended(self, name: str, task: asyncio.Task[None]) -> None:
        if self.tasks.get(name) is task:
            del self.tasks[name]
        if not task.cancelled() and (error := task.exception()) is not None and self.state not in CLOSED:
            self.give_up(error)  # a fault of ours: nobody may wait for ever

    def _cancel(self, *names: str) -> None:
        current = running_task()
        for name in names:
            task = self.tasks.pop(name, None)
            if task is not None and task is not current:
                task.cancel()

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = self.asyncio_loop.create_task(work)
        self.background.add(task)
        task.add_done_callback(self.background.discard)
        task.add_done_callback(look)

    def _note(self, text: str) -> None:
        scrub = getattr(self.exchange, "scrub", None)
        self.events.append((self.asyncio_loop.time(), (scrub(text) if scrub is not None else text)[:160]))

    def _log(self, *words: Any) -> None:
        if self.verbose:
            self.log(self.exchange.iso8601(self.exchange.milliseconds()), *words)

    @property
    def last_message_at(self) -> int | None:
        """ccxt's attribute: milliseconds of the last frame."""
        watchdog = getattr(self, "watchdog", None)
        if watchdog is None or not watchdog.read:
            return None
        return int(self.exchange.milliseconds() - (self.asyncio_loop.time() - watchdog.read) * 1000)

    @last_message_at.setter
    def last_message_at(self, value: Any) -> None:
        """ccxt's constructor writes None."""
