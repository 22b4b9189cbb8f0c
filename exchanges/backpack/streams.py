"""What Backpack wants from a socket, as data. Page: docs.backpack.exchange "Streams"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ccxt_dex.streams import Kind, ProtocolPing, StreamRules


def kind(key: str, message: Any) -> Kind:
    """There is nothing but subscriptions: no trading over the socket, and no login."""
    word = message.get("method") if isinstance(message, Mapping) else None
    return "topic" if word == "SUBSCRIBE" else "unsubscribe"


async def resign(exchange: Any, client: Any, record: Any) -> Any:
    """The message on a new connection: account streams with a fresh signature, books with a fresh snapshot."""
    if "signature" in record.message:
        return await exchange.private_message("SUBSCRIBE", record.message["params"])
    exchange.renew_book(client, record.key)
    return record.message


def unsubscribe(record: Any) -> Any:
    """The streams by name; leaving an account's needs no signature, the connection knows whose they are."""
    return {"method": "UNSUBSCRIBE", "params": record.message["params"]}


RULES = StreamRules(
    # the venue pings every 60 s and closes 120 s after a lost pong; ours tells a dead link sooner
    ping=ProtocolPing(20.0, 15.0),
    kind=kind,
    resign=resign,
    unsubscribe=unsubscribe,
    # no subscription is acknowledged
    subscribe_wait=1.0,
)
