"""What GRVT wants from a socket, as data. Pages: api-docs.grvt.io "Market Data Streams", "Trading Streams" (api-spec of 2026-05-13)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ccxt_dex.streams import Kind, ProtocolPing, Record, StreamRules

HALF_A_DAY = 43_200.0


def kind(key: str, message: Any) -> Kind:
    """topic, unsubscribe, or a request (an order): those are never sent twice."""
    word = message.get("method") if isinstance(message, Mapping) else None
    return "topic" if word == "subscribe" else "unsubscribe" if word == "unsubscribe" else "request"


def private(message_hash: str) -> bool:
    return message_hash.startswith(("orders", "myTrades", "positions", "balance"))


def unsubscribe(record: Record) -> Any:
    return {**record.message, "method": "unsubscribe"}


async def before_dial(exchange: Any, client: Any) -> None:
    """The trading socket is let in by the headers of its handshake: those of a session that lives."""
    await exchange.dress(client)


RULES = StreamRules(
    # the venue documents no ping of its own; ccxt's class pings every five minutes, so that a dead link goes unnoticed for up to ten
    ping=ProtocolPing(interval=20.0, timeout=20.0),
    kind=kind,
    private=private,
    unsubscribe=unsubscribe,
    before_dial=before_dial,
    max_age=HALF_A_DAY,  # a cookie lives a day: no socket outlives the session it was let in with
    dial_rate=2.0,
    dial_burst=10.0,
)
