"""Signatures as the venue checks them: the string made anew from what arrived, Ed25519 by the cryptography package."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


def word(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def body_pairs(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(str(name), word(value)) for name, value in body.items() if value is not None]


def string(instruction: str, pairs: Iterable[tuple[str, str]]) -> str:
    """The part of one instruction: sorted by name, raw."""
    middle = "".join(f"&{name}={value}" for name, value in sorted(pairs, key=lambda pair: pair[0]))
    return f"instruction={instruction}{middle}"


def whole(parts: Iterable[str], timestamp: str, window: str) -> bytes:
    return f"{'&'.join(parts)}&timestamp={timestamp}&window={window}".encode()


def good(key: str, signature: str, message: bytes) -> bool:
    try:
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True))
        public.verify(base64.b64decode(signature, validate=True), message)
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True


def keys(seed: bytes) -> tuple[str, str]:
    """API key and secret as the venue hands them out."""
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return base64.b64encode(public).decode(), base64.b64encode(seed).decode()
