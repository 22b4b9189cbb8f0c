"""What StandX wants from a socket, as data. Page: docs.standx.com "WebSocket" (2026-08-11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from ccxt_dex.streams import Kind, Level, ProtocolPing, Record, StreamRules, typed

DAY_LESS_TEN_MINUTES = 85_800.0
PRIVATE_TAG = "#private"


def kind(key: str, message: Any) -> Kind:
    """auth, topic, unsubscribe, or an order: requests are never sent twice."""
    if isinstance(message, Mapping):
        if "auth" in message or message.get("method") == "auth:login":
            return "auth"
        if "subscribe" in message:
            return "topic"
        if "unsubscribe" in message:
            return "unsubscribe"
    return "request"


async def resign(exchange: Any, client: Any, record: Record) -> Any:
    """On a new connection: a login with the token of now, a session id of its own; subscriptions as they were."""
    if record.kind != "auth":
        return record.message
    session = await exchange.live_session()
    if client.url == exchange.order_url():
        return exchange.login_message(session)
    return exchange.auth_message(session)


class Levels(TypedDict):
    """What is read of the data of a book: every frame is the whole of it."""

    bids: list[Level]
    asks: list[Level]
    time: int


class BookFrame(TypedDict):
    """A frame of `depth_book`."""

    seq: int
    channel: str
    symbol: str
    data: Levels


RULES = StreamRules(
    decode=typed(b'"depth_book"', BookFrame),
    # the venue pings every 10 s and wants pongs, which the client sends by itself; pings of ours as protocol frames are allowed, text is not
    ping=ProtocolPing(interval=15.0, timeout=15.0),
    kind=kind,
    resign=resign,
    subscribe_wait=1.0,  # subscriptions are not acknowledged
    max_age=DAY_LESS_TEN_MINUTES,  # the venue closes after 24 h
    dial_rate=0.5,  # 30 new connections a minute and 10 at a time per IP
    dial_burst=10.0,
)
