"""The Goldilocks field GF(2^64 - 2^32 + 1), elements as plain ints."""

from __future__ import annotations

from .constants import TWO_ADIC_GENERATOR, P

_ODD = (P - 1) >> 32


def inverse(a: int) -> int:
    """1/a, and 0 for 0."""
    a %= P
    return pow(a, -1, P) if a else 0


def is_square(a: int) -> bool:
    """Whether a is a square; zero is one."""
    return pow(a % P, (P - 1) // 2, P) <= 1


def sqrt(a: int) -> int | None:
    """A square root of a (Tonelli and Shanks), None when there is none."""
    a %= P
    if not is_square(a):
        return None
    if a == 0:
        return 0
    root = pow(a, (_ODD + 1) // 2, P)
    rest = pow(a, _ODD, P)  # root^2 = a * rest, and the order of rest is a power of two
    z, height = TWO_ADIC_GENERATOR, 32
    while rest != 1:
        order, power = 0, rest
        while power != 1:
            power = power * power % P
            order += 1
        step = pow(z, 1 << (height - order - 1), P)
        root = root * step % P
        z = step * step % P
        rest = rest * z % P
        height = order
    return root
