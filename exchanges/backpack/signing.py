"""What Backpack wants signed, to the byte. Pure.

Page: docs.backpack.exchange "Authentication": `instruction=<name>&<parameters by name>&timestamp=<ms>&window=<ms>`, Ed25519 over UTF-8, base64.
Values are raw: not percent-encoded (bpx-py, bpx-api-client; ccxt encodes them).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["batch", "encode", "message", "secret_bytes", "without_nulls"]


def text(value: Any) -> str:
    """A value as it stands in the body."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def pairs(params: Mapping[str, Any]) -> str:
    """`name=value` by name; a list is one pair per member, nulls are not signed."""
    found = []
    for name in sorted(params):
        values = params[name] if isinstance(params[name], (list, tuple)) else (params[name],)
        found += [f"{name}={text(value)}" for value in values if value is not None]
    return "&".join(found)


def _tail(timestamp: int, window: int) -> str:
    return f"timestamp={timestamp}&window={window}"


def message(instruction: str, params: Mapping[str, Any], timestamp: int, window: int) -> bytes:
    """What is signed for one request.

    :param params: body or query, exactly as sent
    :param timestamp: unix ms
    :param window: ms during which the request is good
    """
    middle = pairs(params)
    return "&".join(part for part in (f"instruction={instruction}", middle, _tail(timestamp, window)) if part).encode()


def batch(instruction: str, members: Sequence[Mapping[str, Any]], timestamp: int, window: int) -> bytes:
    """What is signed for a body that is an array: every member with the instruction, one timestamp and window at the end."""
    return "&".join([*(f"instruction={instruction}&{pairs(member)}" for member in members), _tail(timestamp, window)]).encode()


def without_nulls(params: Any) -> Any:
    """Nulls are neither signed nor sent."""
    if isinstance(params, list):
        return [without_nulls(member) for member in params]
    return {name: value for name, value in params.items() if value is not None}


def secret_bytes(secret: str) -> bytes | None:
    """32 or 64 bytes of a base64 secret; None for what is no such thing."""
    try:
        raw = base64.b64decode(secret.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if len(raw) in (32, 64) else None


def encode(signature: bytes) -> str:
    return base64.b64encode(signature).decode()
