"""The topics of the streams, by their v1 path, in the words of v2/rpc. Pure.

v2/rpc carries every public topic over one connection: x10-python-trading-starknet 2.6.0 (clients/streamrpc); names of topics and of selectors are its.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple

__all__ = ["Asked", "asked_of", "path_of", "request_id", "subscribe"]

CANDLES: Mapping[str, str] = {"trades": "last", "mark-prices": "mark", "index-prices": "index"}
_CANDLE_KINDS = {word: kind for kind, word in CANDLES.items()}
_SCOPES: Mapping[str, str] = {"funding": "funding-rates", "publicTrades": "trades"}
_TOPICS = {scope: topic for topic, scope in _SCOPES.items()}


class Asked(NamedTuple):
    """A subscription of v2.

    :ivar name: under which its frames come
    """

    name: str
    scope: str
    selector: dict[str, Any]


def asked_of(path: str) -> Asked:
    """The subscription of a path: `/orderbooks/BTC-USD?depth=1`, `/prices/mark`, `/candles/BTC-USD/trades?interval=PT1M` ..."""
    plain, _, query = path.partition("?")
    topic, *rest = plain.strip("/").split("/")
    if topic == "candles":
        market, kind, interval = rest[0], CANDLES[rest[1]], query.partition("interval=")[2]
        return Asked(f"candles.{kind}.{market}.{interval}", "candles", {"type": kind, "market": market, "interval": interval})
    if topic == "prices":
        kind, wanted = rest[0], rest[1] if len(rest) > 1 else None
        return Asked(f"prices.{kind}.{wanted or 'all'}", "prices", {"type": kind, "market": wanted})
    name = rest[0] if rest else None
    if topic == "orderbooks":
        best = query == "depth=1"
        selector = {"market": name, "depth": "1" if best else "full", "rfqOnly": False}
        return Asked(f"orderbooks.{'1.' if best else ''}{name or 'all'}", "orderbooks", selector)
    scope = _SCOPES[topic]
    return Asked(f"{scope}.{name or 'all'}", scope, {"market": name})


def path_of(name: str) -> str | None:
    """The path of a subscription's name; None for one that no path stands for."""
    scope, _, rest = name.partition(".")
    if scope == "candles":
        kind, _, rest = rest.partition(".")
        market, _, interval = rest.rpartition(".")
        return f"/candles/{market}/{_CANDLE_KINDS[kind]}?interval={interval}" if kind in _CANDLE_KINDS and market else None
    query = ""
    if scope == "prices":
        kind, _, rest = rest.partition(".")
        scope = f"prices/{kind}"
    elif scope == "orderbooks":
        if rest.startswith("1."):
            query, rest = "?depth=1", rest[2:]
    elif scope in _TOPICS:
        scope = _TOPICS[scope]
    else:
        return None
    return f"/{scope}{query}" if rest == "all" else f"/{scope}/{rest}{query}"


def request_id(path: str) -> str:
    """The id of the request for a path: the same on every connection, so that an answer leads back to it without a table."""
    return str(zlib.crc32(path.encode()))


def subscribe(path: str) -> dict[str, Any]:
    """The message that asks for a path's topic."""
    asked = asked_of(path)
    return {"method": "subscribe", "id": request_id(path), "jsonrpc": "2.0", "params": {"scope": asked.scope, "selector": asked.selector}}
