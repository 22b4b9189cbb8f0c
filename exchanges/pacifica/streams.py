"""What Pacifica wants from a socket, as data. Page: docs.pacifica.fi "Websocket"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ccxt_dex.exchanges.pacifica.tables import DAY_LESS_TEN_MINUTES
from ccxt_dex.streams import AppPing, Kind, StreamRules


def kind(key: str, message: Any) -> Kind:
    """topic, unsubscribe, or a signed request, which is never sent twice."""
    word = message.get("method") if isinstance(message, Mapping) else None
    return "topic" if word == "subscribe" else "unsubscribe" if word == "unsubscribe" else "request"


async def before_dial(exchange: Any, client: Any) -> None:
    """The rate-limit key goes into the handshake, and nowhere else."""
    key = exchange.rate_key()
    if key:
        client.options = {**client.options, "headers": {**(client.options.get("headers") or {}), "PF-API-KEY": key}}


def ping(exchange: Any) -> dict[str, str]:
    return {"method": "ping"}


def is_pong(message: Any) -> bool:
    return isinstance(message, dict) and message.get("channel") == "pong"


RULES = StreamRules(
    # closed after 60 s without a message of ours, and after 24 h in any case
    ping=AppPing(20.0, ping, is_pong, 15.0),
    kind=kind,
    before_dial=before_dial,
    max_age=DAY_LESS_TEN_MINUTES,
)
