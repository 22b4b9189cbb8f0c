"""The Pedersen hash of Starknet and StarkEx in plain Python.

https://docs.starkware.co/starkex/crypto/pedersen-hash-function.html: shift + low(a) P1 + high(a) P2 + low(b) P3 + high(b) P4, where low is
the lower 248 bits and high the upper four; the x of the sum.
"""

from __future__ import annotations

from functools import lru_cache

from ccxt_dex.signers.curve import FixedBase, Jacobian
from ccxt_dex.signers.stark_curve import CURVE, PRIME

__all__ = ["pedersen"]

_SHIFT: Jacobian = (
    0x49EE3EBA8C1600700EE1B87EB599F16716B0B1022947733551FDE4050CA6804,
    0x3CA0CFE4B3BC6DDF346D49D06EA0ED34E621062C0E056C1D0405D266E10268A,
    1,
)
_POINTS = (
    (
        0x234287DCBAFFE7F969C748655FCA9E58FA8120B6D56EB0C1080D17957EBE47B,
        0x3B056F100F96FB21E889527D41F4E39940135DD7A6C94CC6ED0268EE89E5615,
    ),
    (
        0x4FA56F376C83DB33F9DAB2656558F3399099EC1DE5E3018B7A6932DBA8AA378,
        0x3FA0984C931C9E38113E0C0E47E4401562761F92A7A23B45168F4E80FF5B54D,
    ),
    (
        0x4BA4CC166BE8DEC764910F75B45F74B40C690C74709E90F3AA372F0BD2D6997,
        0x40301CF5C1751F4B971E46C4EDE85FCAC5C59A5CE5AE7C48151F27B24B219C,
    ),
    (
        0x54302DCB0E6CC1C6E44CCA8F61A63BB2CA65048D53FB325D36FF12C49A58202,
        0x1B77B3E37D13504B348046268D8AE25CE98AD783C25561A879DCC77E99C2426,
    ),
)
_LOW = (1 << 248) - 1


@lru_cache(maxsize=1)
def _tables() -> tuple[FixedBase, FixedBase, FixedBase, FixedBase]:
    """Multiples of the four points, built by the first hash."""
    one, two, three, four = _POINTS
    return FixedBase(CURVE, one, 248), FixedBase(CURVE, two, 4, 4), FixedBase(CURVE, three, 248), FixedBase(CURVE, four, 4, 4)


def pedersen(a: int, b: int) -> int:
    """The hash of two field elements."""
    if not (0 <= a < PRIME and 0 <= b < PRIME):
        raise ValueError("not a field element")
    a_low, a_high, b_low, b_high = _tables()
    total = a_low.add(_SHIFT, a & _LOW)
    total = a_high.add(total, a >> 248)
    total = b_low.add(total, b & _LOW)
    x, _, z = b_high.add(total, b >> 248)
    if not z:
        raise ValueError("the inputs hash to the point at infinity")
    inverse = pow(z, -1, PRIME)
    return x * inverse * inverse % PRIME
