"""Keccak-256 in plain Python, for a machine without any C keccak: the permutation of FIPS 202 with every lane in a local variable.

The original Keccak padding (0x01), as Ethereum and Starknet use it, not that of SHA-3 (0x06).
"""

from __future__ import annotations

import struct

__all__ = ["keccak256"]

_M = 0xFFFFFFFFFFFFFFFF
_RATE = 136
_ROUNDS = (
    0x0000000000000001,
    0x0000000000008082,
    0x800000000000808A,
    0x8000000080008000,
    0x000000000000808B,
    0x0000000080000001,
    0x8000000080008081,
    0x8000000000008009,
    0x000000000000008A,
    0x0000000000000088,
    0x0000000080008009,
    0x000000008000000A,
    0x000000008000808B,
    0x800000000000008B,
    0x8000000000008089,
    0x8000000000008003,
    0x8000000000008002,
    0x8000000000000080,
    0x000000000000800A,
    0x800000008000000A,
    0x8000000080008081,
    0x8000000000008080,
    0x0000000080000001,
    0x8000000080008008,
)
_absorb = struct.Struct("<17Q").unpack_from
_squeeze = struct.Struct("<4Q").pack


def _permute(state: tuple[int, ...]) -> tuple[int, ...]:
    """Keccak-f[1600]. Lane (x, y) is a(x + 5y); c and d are the column parities of theta, b the lanes after rho and pi."""
    m = _M
    (a00, a01, a02, a03, a04, a05, a06, a07, a08, a09, a10, a11, a12, a13, a14, a15, a16, a17, a18, a19, a20, a21, a22, a23, a24) = state
    for constant in _ROUNDS:
        c0 = a00 ^ a05 ^ a10 ^ a15 ^ a20
        c1 = a01 ^ a06 ^ a11 ^ a16 ^ a21
        c2 = a02 ^ a07 ^ a12 ^ a17 ^ a22
        c3 = a03 ^ a08 ^ a13 ^ a18 ^ a23
        c4 = a04 ^ a09 ^ a14 ^ a19 ^ a24
        d0 = c4 ^ (c1 << 1 & m | c1 >> 63)
        d1 = c0 ^ (c2 << 1 & m | c2 >> 63)
        d2 = c1 ^ (c3 << 1 & m | c3 >> 63)
        d3 = c2 ^ (c4 << 1 & m | c4 >> 63)
        d4 = c3 ^ (c0 << 1 & m | c0 >> 63)
        b00 = a00 ^ d0
        t = a05 ^ d0
        b16 = t << 36 & m | t >> 28
        t = a10 ^ d0
        b07 = t << 3 & m | t >> 61
        t = a15 ^ d0
        b23 = t << 41 & m | t >> 23
        t = a20 ^ d0
        b14 = t << 18 & m | t >> 46
        t = a01 ^ d1
        b10 = t << 1 & m | t >> 63
        t = a06 ^ d1
        b01 = t << 44 & m | t >> 20
        t = a11 ^ d1
        b17 = t << 10 & m | t >> 54
        t = a16 ^ d1
        b08 = t << 45 & m | t >> 19
        t = a21 ^ d1
        b24 = t << 2 & m | t >> 62
        t = a02 ^ d2
        b20 = t << 62 & m | t >> 2
        t = a07 ^ d2
        b11 = t << 6 & m | t >> 58
        t = a12 ^ d2
        b02 = t << 43 & m | t >> 21
        t = a17 ^ d2
        b18 = t << 15 & m | t >> 49
        t = a22 ^ d2
        b09 = t << 61 & m | t >> 3
        t = a03 ^ d3
        b05 = t << 28 & m | t >> 36
        t = a08 ^ d3
        b21 = t << 55 & m | t >> 9
        t = a13 ^ d3
        b12 = t << 25 & m | t >> 39
        t = a18 ^ d3
        b03 = t << 21 & m | t >> 43
        t = a23 ^ d3
        b19 = t << 56 & m | t >> 8
        t = a04 ^ d4
        b15 = t << 27 & m | t >> 37
        t = a09 ^ d4
        b06 = t << 20 & m | t >> 44
        t = a14 ^ d4
        b22 = t << 39 & m | t >> 25
        t = a19 ^ d4
        b13 = t << 8 & m | t >> 56
        t = a24 ^ d4
        b04 = t << 14 & m | t >> 50
        a00 = b00 ^ (~b01 & b02) ^ constant
        a01 = b01 ^ (~b02 & b03)
        a02 = b02 ^ (~b03 & b04)
        a03 = b03 ^ (~b04 & b00)
        a04 = b04 ^ (~b00 & b01)
        a05 = b05 ^ (~b06 & b07)
        a06 = b06 ^ (~b07 & b08)
        a07 = b07 ^ (~b08 & b09)
        a08 = b08 ^ (~b09 & b05)
        a09 = b09 ^ (~b05 & b06)
        a10 = b10 ^ (~b11 & b12)
        a11 = b11 ^ (~b12 & b13)
        a12 = b12 ^ (~b13 & b14)
        a13 = b13 ^ (~b14 & b10)
        a14 = b14 ^ (~b10 & b11)
        a15 = b15 ^ (~b16 & b17)
        a16 = b16 ^ (~b17 & b18)
        a17 = b17 ^ (~b18 & b19)
        a18 = b18 ^ (~b19 & b15)
        a19 = b19 ^ (~b15 & b16)
        a20 = b20 ^ (~b21 & b22)
        a21 = b21 ^ (~b22 & b23)
        a22 = b22 ^ (~b23 & b24)
        a23 = b23 ^ (~b24 & b20)
        a24 = b24 ^ (~b20 & b21)
    return (a00, a01, a02, a03, a04, a05, a06, a07, a08, a09, a10, a11, a12, a13, a14, a15, a16, a17, a18, a19, a20, a21, a22, a23, a24)


def keccak256(data: bytes) -> bytes:
    """The 32-byte Keccak-256 digest of some bytes."""
    missing = _RATE - len(data) % _RATE
    padded = data + (b"\x81" if missing == 1 else b"\x01" + bytes(missing - 2) + b"\x80")
    state: tuple[int, ...] = (0,) * 25
    for offset in range(0, len(padded), _RATE):
        block = _absorb(padded, offset)
        state = _permute(tuple(a ^ b for a, b in zip(state, block, strict=False)) + state[17:])
    return _squeeze(*state[:4])
