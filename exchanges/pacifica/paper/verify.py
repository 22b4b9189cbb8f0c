"""Signatures as the venue checks them: base58 by its definition, Ed25519 by the cryptography package, the message made anew from what arrived."""

from __future__ import annotations

import json
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
VALUES = {char: value for value, char in enumerate(ALPHABET)}


class Unverified(Exception):
    """The text that the venue answers with."""


def base58(data: bytes) -> str:
    number, digits = int.from_bytes(data, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        digits = ALPHABET[rest] + digits
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + digits


def unbase58(text: Any, length: int, what: str) -> bytes:
    """Exactly `length` bytes: a text that lost a leading 1 is another, shorter number."""
    if not isinstance(text, str) or not text or len(text) > 2 * length or any(char not in VALUES for char in text):
        raise Unverified(f"Invalid {what}: not base58")
    number = 0
    for char in text:
        number = number * 58 + VALUES[char]
    zeros = len(text) - len(text.lstrip("1"))
    body = number.to_bytes((number.bit_length() + 7) // 8, "big")
    data = b"\0" * zeros + body
    if len(data) != length:
        raise Unverified(f"Invalid {what}: {len(data)} bytes, expected {length}")
    return data


def ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: ordered(value[key]) for key in sorted(value)}
    return [ordered(item) for item in value] if isinstance(value, list) else value


def canonical(operation: str, payload: Any, timestamp: Any, window: Any) -> bytes:
    whole = {"timestamp": timestamp, "expiry_window": window, "type": operation, "data": payload}
    return json.dumps(ordered(whole), separators=(",", ":")).encode()


def check(signer: Any, signature: Any, message: bytes) -> None:
    """:raises Unverified: with the venue's words"""
    public = unbase58(signer, 32, "public key")
    raw = unbase58(signature, 64, "signature")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(raw, message)
    except (InvalidSignature, ValueError):
        raise Unverified("Verification failed: signature does not match signer and canonical payload.") from None


def wallet(seed: bytes) -> tuple[str, str]:
    """Address, and secret as wallets export it: base58 of seed and public key."""
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return base58(public), base58(seed + public)
