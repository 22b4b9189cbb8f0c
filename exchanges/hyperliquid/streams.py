"""What Hyperliquid wants from a socket, as data. Page: .../api/websocket and .../api/rate-limits-and-user-limits"""

from __future__ import annotations

from typing import Any

from ccxt_dex.streams import AppPing, StreamRules


def ping(exchange: Any) -> dict[str, str]:
    return {"method": "ping"}


def is_pong(message: Any) -> bool:
    return isinstance(message, dict) and message.get("channel") == "pong"


RULES = StreamRules(
    # the venue closes a socket on which it has said nothing for 60 s; its pong counts
    ping=AppPing(interval=20.0, make=ping, is_pong=is_pong, timeout=15.0),
    send_rate=30.0,  # 2000 messages a minute per address
    send_burst=100.0,
    dial_rate=0.5,  # 30 new connections a minute
    dial_burst=10.0,
    resync="redial",  # a second subscription to the same thing is answered with an error, a new connection begins with a snapshot
)
