"""What Pacifica wants signed, to the byte. Pure.

Pages: docs.pacifica.fi "Signing"; pacifica-fi/python-sdk 583661a, common/utils.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ccxt_dex.exchanges.pacifica.tables import ABOUT_AGENTS, ENVELOPE

__all__ = ["envelope", "message", "payload_of"]


def message(operation: str, payload: Mapping[str, Any], timestamp: int, expiry_window: int) -> bytes:
    """The canonical message: header and payload as compact JSON with the keys of every object in order.

    :param operation: the signed `type`, such as "create_order"
    :param payload: exactly the fields that are sent, with their JSON types
    :param timestamp: unix ms
    :param expiry_window: ms
    """
    whole = {"type": operation, "timestamp": timestamp, "expiry_window": expiry_window, "data": payload}
    return json.dumps(whole, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def payload_of(operation: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What of a request is signed: everything but the envelope."""
    about = ("agent_wallet",) if operation in ABOUT_AGENTS else ()
    return {name: value for name, value in fields.items() if name not in ENVELOPE or name in about}


def envelope(
    payload: Mapping[str, Any], account: str, agent: str | None, signature: str, timestamp: int, expiry_window: int
) -> dict[str, Any]:
    """The body of a signed request.

    :param account: the main wallet's address, whoever signs
    :param agent: the agent wallet's address when its key signs, else None
    :param signature: base58
    """
    head: dict[str, Any] = {"account": account}
    if agent is not None:
        head["agent_wallet"] = agent
    return {**head, "signature": signature, "timestamp": timestamp, "expiry_window": expiry_window, **payload}
