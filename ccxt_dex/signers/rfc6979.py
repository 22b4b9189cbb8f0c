"""Deterministic nonces for ECDSA (RFC 6979, section 3.2) with HMAC-SHA-256."""

from __future__ import annotations

import hmac
from collections.abc import Iterator

__all__ = ["nonces"]


def nonces(message: int, private: int, order: int, extra: bytes = b"", *, blocks: int = 1) -> Iterator[int]:
    """The candidates for k, in order; all but the first are needed once in a universe.

    :param message: the hash as an integer of at most as many bits as the order, reduced modulo it
    :param private: the private scalar
    :param extra: additional data (section 3.6)
    :param blocks: of HMAC per candidate. The RFC says one for 256 bits; StarkWare's signers as ccxt ships them draw a second one and discard
        it (a float division in the length), which changes every candidate but the first
    """
    mac = hmac.digest
    shift = 256 - order.bit_length()
    seed = private.to_bytes(32, "big") + (message % order).to_bytes(32, "big") + extra
    key, value = bytes(32), b"\x01" * 32
    for tag in (b"\x00", b"\x01"):
        key = mac(key, value + tag + seed, "sha256")
        value = mac(key, value, "sha256")
    while True:
        value = mac(key, value, "sha256")
        k = int.from_bytes(value, "big") >> shift
        if 0 < k < order:
            yield k
        for _ in range(blocks - 1):
            value = mac(key, value, "sha256")
        key = mac(key, value + b"\x00", "sha256")
        value = mac(key, value, "sha256")
