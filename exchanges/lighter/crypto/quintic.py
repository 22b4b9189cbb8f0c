"""GF(P^5) = GF(P)[z] / (z^5 - 3), an element packed into one int so that one big multiplication does the work of twenty-five.

The coefficient of z^i lies in bits 160 i and up. Slots hold any value that is congruent to the coefficient, not only the canonical one;
three bounds keep them from running into each other:

- `mul`, `square` and `reduce` return *loose* elements: every slot is below 3 * 2^64;
- a product slot is at most 13 * a * b for slots bounded by a and b, which must stay below 2^156.9 so that the part above bit 96, which is
  subtracted from P, stays below P;
- `sub` and `neg` add 4 P first, so what is subtracted must be loose.
"""

from __future__ import annotations

from collections.abc import Sequence

from . import field
from .constants import FROBENIUS_ROOT, P, W

SLOT = 160
FULL = (1 << 5 * SLOT) - 1


def _every(value: int) -> int:
    return sum(value << SLOT * i for i in range(5))


LOW = _every(2**64 - 1)
MIDDLE = _every(2**32 - 1)
EPSILON = 2**32 - 1
P5 = _every(P)
LOOSE = 4 * P5
"""a multiple of P in every slot that no loose element exceeds"""

ZERO = 0
ONE = 1

_LIMB = 2**64 - 1
_SHIFTS = tuple(SLOT * i for i in range(5))
_FROBENIUS = tuple(tuple(pow(FROBENIUS_ROOT, i * times, P) for i in range(5)) for times in range(5))


def pack(limbs: Sequence[int]) -> int:
    """Five coefficients, lowest power first, as one packed element."""
    a, b, c, d, e = limbs
    return a | b << 160 | c << 320 | d << 480 | e << 640


def unpack(a: int) -> list[int]:
    """The five canonical coefficients."""
    mask = (1 << SLOT) - 1
    return [(a >> shift & mask) % P for shift in _SHIFTS]


def from_bytes(data: bytes) -> int:
    """Forty bytes, five little-endian limbs; limbs of P and more are taken modulo P later, as the venue's own code does.

    :raises ValueError: on any other length
    """
    if len(data) != 40:
        raise ValueError("a field element has 40 bytes")
    return pack([int.from_bytes(data[i : i + 8], "little") for i in range(0, 40, 8)])


def to_bytes(a: int) -> bytes:
    """The canonical forty bytes."""
    return b"".join(limb.to_bytes(8, "little") for limb in unpack(a))


def to_int(a: int) -> int:
    """The canonical limbs read as one 320-bit little-endian number."""
    return int.from_bytes(to_bytes(a), "little")


def reduce(a: int) -> int:
    """A loose element congruent to `a`, whose slots are below 2^159.

    2^64 is 2^32 - 1 and 2^96 is -1 modulo P.
    """
    return (a & LOW) + ((a >> 64) & MIDDLE) * EPSILON + P5 - ((a >> 96) & LOW)


def mul(a: int, b: int) -> int:
    """a * b, loose; see the module for how large the slots of a and b may be."""
    m = a * b
    m = (m & FULL) + W * (m >> 800)
    return (m & LOW) + ((m >> 64) & MIDDLE) * EPSILON + P5 - ((m >> 96) & LOW)


def square(a: int) -> int:
    return mul(a, a)


def sub(a: int, b: int) -> int:
    """a - b for a loose b; slots grow to those of a plus 4 P."""
    return a + LOOSE - b


def neg(a: int) -> int:
    return LOOSE - a


def times_z(a: int, factor: int) -> int:
    """factor * z * a, not reduced: slots grow by 3 * factor."""
    return ((a << SLOT) & FULL) * factor + (a >> 640) * (W * factor)


def frobenius(a: int, times: int = 1) -> int:
    """a to the power P^times, canonical."""
    return pack([limb * z % P for limb, z in zip(unpack(a), _FROBENIUS[times % 5], strict=True)])


def _norm(a: int) -> tuple[int, int]:
    """(f, n) with n = a * f in the base field: n is the product of the five conjugates of a, f that of the other four."""
    d = frobenius(a)
    e = mul(d, frobenius(d))
    f = mul(e, frobenius(e, 2))
    return f, unpack(mul(a, f))[0]


def inverse(a: int) -> int:
    """1/a, and 0 for 0."""
    f, n = _norm(a)
    return reduce(f * field.inverse(n))


def is_zero(a: int) -> bool:
    return not any(unpack(a))


def equal(a: int, b: int) -> bool:
    return unpack(a) == unpack(b)


def is_square(a: int) -> bool:
    """Whether a is a square; zero is one."""
    return field.is_square(_norm(a)[1])


def power(a: int, exponent: int) -> int:
    """a to a non-negative power."""
    result = ONE
    for bit in bin(exponent)[2:]:
        result = square(result)
        if bit == "1":
            result = mul(result, a)
    return result


def sqrt(a: int) -> int | None:
    """A square root of a, None when there is none.

    With r = 1 + P + P^2 + P^3 + P^4 the power a^r is the norm, in the base field, and a^((r-1)/2) is cheap because it is
    (a^((P+1)/2)) to the power P (1 + P^2); the root is that of the norm divided by it.
    """
    d = power(a, (P + 1) // 2)
    e = frobenius(mul(d, frobenius(d, 2)))
    root = field.sqrt(unpack(mul(a, square(e)))[0])
    return None if root is None else mul(root, inverse(e)) if root else ZERO
