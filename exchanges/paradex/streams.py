"""What Paradex wants from a socket, as data. Pages: docs.paradex.trade "WebSocket API" (AsyncAPI, OpenRPC 1.3.1; August 2026)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ccxt_dex.streams import Kind, ProtocolPing, Record, StreamRules

PRIVATE_TAG = "#private"
WORDS: Mapping[str, Kind] = {"auth": "auth", "subscribe": "topic", "unsubscribe": "unsubscribe"}


def kind(key: str, message: Any) -> Kind:
    """auth, topic, unsubscribe, or an order: requests are never sent twice."""
    return WORDS.get(str(message.get("method")), "request") if isinstance(message, Mapping) else "request"


async def resign(exchange: Any, client: Any, record: Record) -> Any:
    """On a new connection: a login with the token of now; subscriptions as they were."""
    return record.message if record.kind != "auth" else exchange.auth_message(await exchange.live_session())


async def before_dial(exchange: Any, client: Any) -> None:
    """A server that wants binary frames refuses a handshake without their schema with 400: then they are asked for."""
    if client.dial_status == 400 and not exchange.options.get("sbe"):
        client.dial_url = exchange.binary_url(client.url)


def unsubscribe(record: Record) -> Any:
    return {"jsonrpc": "2.0", "id": 0, "method": "unsubscribe", "params": {"channel": record.message["params"]["channel"]}}


RULES = StreamRules(
    # the venue pings every 55 s and wants a pong within 5, which the client sends by itself; ccxt's class pings every 30 s
    ping=ProtocolPing(interval=15.0, timeout=15.0),
    kind=kind,
    resign=resign,
    before_dial=before_dial,
    raw_binary=True,
    unsubscribe=unsubscribe,
    dial_rate=10.0,  # 20 connections a second, 600 a minute
    dial_burst=10.0,
)
