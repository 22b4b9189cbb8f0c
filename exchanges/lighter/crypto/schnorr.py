"""Schnorr signatures over ecgfp5 with Poseidon2: s = k - e * key, e = H(encode(k G), message hash).

A signature is s and e, forty little-endian bytes each. A private key is forty little-endian bytes, a public key the encoded point.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence

from . import curve, poseidon2
from . import quintic as q
from .constants import N, P

_HEX = re.compile(r"(?:0[xX])?([0-9a-fA-F]{80})")


def parse_key(text: str | bytes) -> int:
    """The scalar of an API private key: 40 bytes, or 80 hex digits with or without 0x.

    A number of N or more is taken modulo N, as the venue's signer does.

    :raises ValueError: on anything else and on the zero key; the message never contains the key
    """
    if isinstance(text, str):
        match = _HEX.fullmatch(text.strip())
        if match is None:
            raise ValueError("an API private key is 40 bytes, written as 80 hex digits")
        text = bytes.fromhex(match[1])
    if len(text) != 40:
        raise ValueError("an API private key is 40 bytes, written as 80 hex digits")
    key = int.from_bytes(text, "little") % N
    if key == 0:
        raise ValueError("the API private key is zero")
    return key


def public_key(key: int) -> bytes:
    """The forty bytes that the venue stores for an API key."""
    return q.to_bytes(curve.encode(curve.generator().multiply(key)))


def _nonce(key: int, message: Sequence[int], entropy: bytes) -> int:
    """k, from the key, the message and fresh randomness together.

    Random alone leaks the key when the random source repeats itself (a forked or restored machine), derived alone leaks it to somebody who
    can make the computation err on a repeated message; the mixture needs both to go wrong. 512 bits modulo a number of 319 leave no bias.
    """
    data = b"".join(limb.to_bytes(8, "little") for limb in message) + entropy
    number = int.from_bytes(hmac.new(key.to_bytes(40, "little"), data, hashlib.sha512).digest(), "little")
    return number % (N - 1) + 1


def challenge(commitment: int, message: Sequence[int]) -> int:
    """e for an encoded k G and the five limbs of the message hash."""
    return q.to_int(q.pack(poseidon2.hash_to_quintic([*q.unpack(commitment), *message]))) % N


def sign(key: int, message: Sequence[int], entropy: bytes | None = None, k: int | None = None) -> bytes:
    """Eighty bytes that sign the five limbs of a message hash.

    :param entropy: fixed bytes in place of 32 random ones; b"" makes the signature a function of key and message
    :param k: the secret nonce itself, for test vectors only: two messages signed with one k reveal the key
    """
    message = [limb % P for limb in message]
    if k is None:
        k = _nonce(key, message, secrets.token_bytes(32) if entropy is None else entropy)
    e = challenge(curve.encode(curve.generator().multiply(k)), message)
    return ((k - e * key) % N).to_bytes(40, "little") + e.to_bytes(40, "little")


def verify(public: bytes, message: Sequence[int], signature: bytes) -> bool:
    """Whether the signature is this public key's for this message hash; false for whatever is malformed."""
    if len(public) != 40 or len(signature) != 80:
        return False
    s, e = int.from_bytes(signature[:40], "little"), int.from_bytes(signature[40:], "little")
    point = curve.decode(q.from_bytes(public))
    if s >= N or e >= N or point is None or q.to_bytes(q.from_bytes(public)) != public:
        return False
    commitment = curve.add(curve.generator().multiply(s), curve.multiply(point, e))
    return challenge(curve.encode(commitment), [limb % P for limb in message]) == e
