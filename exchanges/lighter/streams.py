"""What Lighter wants from a socket, as data. Page: apidocs.lighter.xyz "WebSocket reference" (July 2026)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ccxt_dex.streams import Answer, Kind, ProtocolPing, Record, StreamRules


def kind(key: str, message: Any) -> Kind:
    """topic, unsubscribe, or a transaction: those are never sent twice."""
    word = message.get("type") if isinstance(message, Mapping) else None
    return "topic" if word == "subscribe" else "unsubscribe" if word == "unsubscribe" else "request"


async def resign(exchange: Any, client: Any, record: Record) -> Any:
    """On a new connection: private subscriptions with the token of now."""
    if "auth" not in record.message:
        return record.message
    return {**record.message, "auth": await exchange.auth_token()}


def unsubscribe(record: Record) -> Any:
    return {"type": "unsubscribe", "channel": record.message["channel"]}


def is_ping(frame: Any) -> bool:
    return isinstance(frame, Mapping) and frame.get("type") == "ping"


def pong(frame: Any) -> Any:
    return {"type": "pong"}


RULES = StreamRules(
    # the venue closes when nothing came for two minutes; ccxt's class lives on protocol pings every 30 s
    ping=ProtocolPing(interval=20.0, timeout=20.0),
    answers=(Answer(match=is_ping, make=pong),),
    kind=kind,
    resign=resign,
    unsubscribe=unsubscribe,
    send_rate=200 / 60,  # 200 messages a minute, transactions excepted
    send_burst=50.0,
    dial_rate=1.0,  # older documentation: 60 new connections a minute
    dial_burst=20.0,
)
