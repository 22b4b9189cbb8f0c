"""The curve of Starknet and StarkEx: parameters, tables, ECDSA in plain Python.

https://docs.starkware.co/starkex/crypto/stark-curve.html. StarkWare's ECDSA differs from the textbook: r is not reduced modulo the order,
and r, w = 1/s and the message are below 2^251.
"""

from __future__ import annotations

from functools import lru_cache

from ccxt_dex.signers.curve import Curve, FixedBase
from ccxt_dex.signers.rfc6979 import nonces

__all__ = ["BOUND", "CURVE", "ORDER", "PRIME", "public_key", "sign", "verify"]

CURVE = Curve(
    p=2**251 + 17 * 2**192 + 1,
    a=1,
    b=0x06F21413EFBE40DE150E596D72F7A8C5609AD26C15C915C1F4CDFCB99CEE9E89,
    order=0x0800000000000010FFFFFFFFFFFFFFFFB781126DCAE7B2321E66A241ADC64D2F,
    generator=(
        0x01EF15C18599971B7BECED415A40F0C7DEACFD9B0D1819E03D723D8BC943CFCA,
        0x005668060AA49730B7BE4801DF46EC62DE53ECD11ABE43A32873000C36E8DC1F,
    ),
)
PRIME = CURVE.p
ORDER = CURVE.order
BOUND = 1 << 251
# The additional data of RFC 6979 that StarkWare's own signers start with.
_SEED = 32


@lru_cache(maxsize=1)
def table() -> FixedBase:
    """Multiples of the generator, built by the first signature."""
    return FixedBase(CURVE, CURVE.generator, 252)


def public_key(private: int) -> int:
    """The x of private * G."""
    point = table().multiply(private)
    assert point is not None  # 0 < private < order
    return point[0]


def sign(message: int, private: int) -> tuple[int, int]:
    """r and s, byte for byte those of ccxt.

    :param message: the hash, below 2^251
    :param private: the private scalar
    """
    seed = _SEED
    while True:
        signature = sign_with(message, private, next(nonces(message, private, ORDER, _bytes(seed), blocks=2)))
        if signature is not None:
            return signature
        seed += 1


def sign_with(message: int, private: int, k: int) -> tuple[int, int] | None:
    """r and s for a given nonce, None when it happens not to do (probability 2^-55)."""
    point = table().multiply(k)
    if point is None or not 0 < point[0] < BOUND:
        return None
    r = point[0]
    total = (message + r * private) % ORDER
    if not total:
        return None
    w = k * pow(total, -1, ORDER) % ORDER
    return (r, pow(w, -1, ORDER)) if 0 < w < BOUND else None


def verify(public: int, message: int, r: int, s: int) -> bool:
    """Whether the key with this x signed a message. Only x is known, so both points with it are tried."""
    if not (0 < r < BOUND and 0 < s < ORDER and 0 <= message < BOUND and 0 < public < PRIME):
        return False
    y = _root(public)
    if y is None:
        return False
    w = pow(s, -1, ORDER)
    if not 0 < w < BOUND:
        return False
    start = CURVE.affine(CURVE.multiply(r * w % ORDER, (public, y)))
    assert start is not None  # r w is not a multiple of the order
    u = message * w % ORDER
    sums = (table().add((start[0], y, 1), u) for y in (start[1], PRIME - start[1]))
    return any(point is not None and point[0] == r for point in map(CURVE.affine, sums))


@lru_cache(maxsize=1024)
def _root(x: int) -> int | None:
    """The y of a public key; a verifier sees few keys many times."""
    return CURVE.root(x)


def _bytes(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")
