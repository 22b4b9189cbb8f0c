"""What edgeX wants from a socket, as data. Sources: V2 documentation, WebSocket; captures of September 2026; SDK 2.0.1, `ws/client.py`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ccxt_dex.exchanges.edgex.tables import PRIVATE_SOCKET
from ccxt_dex.streams import Answer, AppPing, Kind, Record, StreamRules


def kind(key: str, message: Any) -> Kind:
    """topic or unsubscribe: there is nothing else to send. The private socket needs no message at all."""
    word = message.get("type") if isinstance(message, Mapping) else "subscribe"
    return "unsubscribe" if word == "unsubscribe" else "topic"


def is_ping(frame: Any) -> bool:
    return isinstance(frame, Mapping) and frame.get("type") == "ping"


def is_pong(frame: Any) -> bool:
    return isinstance(frame, Mapping) and frame.get("type") == "pong"


def pong(frame: Any) -> Any:
    """The venue wants its own time back, as it wrote it."""
    return {"type": "pong", "time": frame.get("time")}


def ping(exchange: Any) -> Any:
    return {"type": "ping", "time": str(int(time.time() * 1000))}


def unsubscribe(record: Record) -> Any:
    if not isinstance(record.message, Mapping):
        return None
    return {"type": "unsubscribe", "channel": record.message["channel"]}


async def before_dial(exchange: Any, client: Any) -> None:
    """A private handshake is signed over its own moment, which is in the url too: every dial has a new one."""
    if PRIVATE_SOCKET in client.url:
        exchange.sign_handshake(client)


RULES = StreamRules(
    # the venue pings about every 10 s and closes after five unanswered; the SDK pings every 30 s in the same words
    ping=AppPing(interval=15.0, make=ping, is_pong=is_pong, timeout=15.0),
    answers=(Answer(match=is_ping, make=pong),),
    kind=kind,
    before_dial=before_dial,
    unsubscribe=unsubscribe,
    silence=45.0,
    send_rate=20.0,
    dial_rate=1.0,  # no limit is published
    dial_burst=10.0,
)
