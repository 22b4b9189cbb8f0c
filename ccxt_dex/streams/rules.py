"""What a room declares about its venue's sockets, as data: ping rule, silence, kinds of message, limits. No I/O, no ccxt."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

__all__ = [
    "Answer",
    "AppPing",
    "Kind",
    "NoPing",
    "PingPolicy",
    "ProtocolPing",
    "Record",
    "StreamRules",
    "default_kind",
    "default_private",
    "default_unsubscribe",
]

Kind = Literal["auth", "topic", "unsubscribe", "request"]

PRIVATE = re.compile(
    r"(unsubscribe:)?(auth|login|private|user|account|balance|positions?(?![a-z])|orders?(?![A-Za-z_])|fills?(?![a-z])|my[A-Z_:])"
)
WORDS: Mapping[str, Kind] = {
    "subscribe": "topic",
    "sub": "topic",
    "unsubscribe": "unsubscribe",
    "unsub": "unsubscribe",
    "auth": "auth",
    "authenticate": "auth",
    "login": "auth",
}
VERBS = ("method", "type", "op", "event", "action")


@dataclass(frozen=True)
class NoPing:
    """We never ping. Silence alone tells a dead link, so give `StreamRules.silence` as well."""


@dataclass(frozen=True)
class ProtocolPing:
    """WebSocket ping frames.

    :ivar interval: seconds between two pings
    :ivar timeout: seconds without any frame after a ping until the link counts as lost
    """

    interval: float = 30.0
    timeout: float = 30.0


@dataclass(frozen=True)
class AppPing:
    """A ping in the venue's own words.

    :ivar interval: seconds between two pings
    :ivar make: exchange -> message (dict or text)
    :ivar is_pong: decoded frame -> whether it is the answer; it is then kept from `handle_message`. None: the handlers see it
    :ivar timeout: seconds without any frame after a ping until the link counts as lost
    """

    interval: float
    make: Callable[[Any], Any]
    is_pong: Callable[[Any], bool] | None = None
    timeout: float = 30.0


PingPolicy = NoPing | ProtocolPing | AppPing


@dataclass(frozen=True)
class Answer:
    """A frame of the venue that wants an answer at once (its own ping); it is kept from `handle_message`.

    :ivar match: decoded frame -> whether it is such a frame
    :ivar make: decoded frame -> the answer (dict or text), None for none
    """

    match: Callable[[Any], bool]
    make: Callable[[Any], Any]


@dataclass(eq=False)
class Record:
    """One message that was asked of a connection.

    :ivar key: ccxt's subscribe hash; for requests the request id
    :ivar message: what goes over the wire, None where the url itself is the subscription
    :ivar hashes: the message hashes that its data resolves
    :ivar keys: all subscribe hashes that share the message (`watch_multiple`); it is live while one of them is
    :ivar generation: the connection it was last sent on, 0 for never
    :ivar sent_at: loop time of that
    :ivar confirmed: the venue acknowledged it (`client.confirm(key)`), or its authentication was answered
    :ivar attempt: of a request: what the outcome guard is told about it
    """

    key: str
    message: Any
    hashes: tuple[str, ...]
    kind: Kind
    keys: tuple[str, ...] = ()
    generation: int = 0
    sent_at: float = 0.0
    confirmed: bool = False
    number: int = 0
    patience: float = 1.0
    resyncs: list[float] = field(default_factory=list, repr=False)
    timer: Any = field(default=None, repr=False)
    attempt: Any = field(default=None, repr=False)


def default_kind(key: str, message: Any) -> Kind:
    """What sort of message this is, by the conventions of ccxt and of the venues that it knows.

    :param key: subscribe hash
    :param message: what is sent; None means that the url is the subscription
    """
    if isinstance(key, str) and key.startswith("unsubscribe:"):
        return "unsubscribe"
    if key == "authenticated":
        return "auth"
    if message is None:
        return "topic"
    if not isinstance(message, Mapping):
        return "request"
    for verb in VERBS:
        word = message.get(verb)
        if isinstance(word, str):
            return WORDS.get(word.lower(), "request")
    for word in ("subscribe", "unsubscribe", "auth"):  # {"subscribe": {"channel": ...}}
        if word in message:
            return WORDS[word]
    return "request"


def default_private(message_hash: str) -> bool:
    """Whether a message hash belongs to the account, by ccxt's names: orders, myTrades, positions, balance, ..."""
    return PRIVATE.match(message_hash) is not None


def default_unsubscribe(record: Record) -> Any:
    """The message that undoes a subscription: the same one with the other verb; None where that cannot be told."""
    message = record.message
    if not isinstance(message, Mapping):
        return None
    for verb in VERBS:
        word = message.get(verb)
        if isinstance(word, str) and WORDS.get(word.lower()) == "topic":
            opposite = ("UN" if word.isupper() else "un") + word
            return {**message, verb: opposite}
    if "subscribe" in message:
        return {"unsubscribe" if name == "subscribe" else name: value for name, value in message.items()}
    return None


@dataclass(frozen=True)
class StreamRules:
    """How a venue wants its sockets treated. Every field has a default that suits an unmodified class of ccxt.

    :ivar ping: NoPing, ProtocolPing or AppPing; None: what ccxt's class says (`ping()`, `keepAlive`)
    :ivar answers: frames of the venue to be answered at once
    :ivar silence: seconds without any frame (pongs count) until the link counts as lost; None: the ping decides
    :ivar topic_silence: subscribe hash -> seconds without data until the link counts as lost, None for topics that may be silent
    :ivar kind: (subscribe hash, message) -> auth, topic, unsubscribe or request; requests are never sent twice
    :ivar resign: async (exchange, client, record) -> the message to send on a new connection; None: the recorded one
    :ivar before_dial: async (exchange, client) before every dial: refresh `client.options["headers"]`, log in again when
        `client.refused` holds the status (401, 403) of the last handshake, set `client.dial_url` where the handshake's query changes
    :ivar private: message hash -> belongs to the account (never shared; held back while `after_reconnect` runs)
    :ivar unsubscribe: record -> message that undoes it, None where there is none
    :ivar max_age: seconds after which a connection is replaced; the new one is up before the old one is left
    :ivar send_rate: messages per second on one connection, None for no limit
    :ivar send_burst: messages that may go at once
    :ivar dial_rate: dials per second to one host, over all instances of the process
    :ivar dial_burst: dials that may go at once
    :ivar auth_timeout: seconds for the answer to an authentication
    :ivar subscribe_wait: most seconds after a reconnect for the word that private topics are there (`client.confirm(key)`, or their data), before
        `after_reconnect` reads what was missed; where the venue gives no word, what a subscription may take
    :ivar decode: makes a message of a JSON frame; `decoding.typed` for venues whose books are large
    :ivar raw_binary: BINARY frames go to `handle_message` as bytes; None: ccxt's `options["decompressBinary"]` decides
    :ivar barrier: after a standstill of the event loop: "ping" waits for a pong behind the backlog, "redial" for venues that order
        pongs before data or refuse pings, "none" hands out the backlog as it is
    :ivar resync: what mends a gap in one topic: "resubscribe" sends its message again, "redial" for venues that answer that with an error
    :ivar public_options: names in `exchange.options` that change public messages; instances that differ in one do not share a socket
    """

    ping: PingPolicy | None = None
    answers: tuple[Answer, ...] = ()
    silence: float | None = None
    topic_silence: Callable[[str], float | None] | None = None
    kind: Callable[[str, Any], Kind] = default_kind
    resign: Callable[[Any, Any, Record], Awaitable[Any]] | None = None
    before_dial: Callable[[Any, Any], Awaitable[None]] | None = None
    private: Callable[[str], bool] = default_private
    unsubscribe: Callable[[Record], Any] = default_unsubscribe
    max_age: float | None = None
    send_rate: float | None = 20.0
    send_burst: float = 50.0
    dial_rate: float = 20.0
    dial_burst: float = 20.0
    auth_timeout: float = 10.0
    subscribe_wait: float = 2.0
    decode: Callable[[Any], Any] = orjson.loads
    raw_binary: bool | None = None
    barrier: Literal["ping", "redial", "none"] = "ping"
    resync: Literal["resubscribe", "redial"] = "resubscribe"
    public_options: tuple[str, ...] = (
        "sbe",
        "sbeSchemaVersion",
        "watchOrderBook",
        "watchOrderBookLimit",
        "defaultType",
        "sandboxMode",
        "testnet",
    )
