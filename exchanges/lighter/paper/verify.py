"""Checks Lighter's signatures the slow and plain way: tuples of ints, loops, and the curve in short Weierstrass form.

The side that signs packs numbers, generates code and works in fractional coordinates. Nothing of that is used here, so that an error there
cannot hide; the constants are a second copy for the same reason.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from .constants import (
    DIAGONAL,
    EXTERNAL,
    GENERATOR,
    HALF_FULL_ROUNDS,
    INTERNAL,
    RATE,
    WEIERSTRASS_A,
    WIDTH,
    N,
    P,
)

Element = tuple[int, ...]
Point = tuple[Element, Element] | None
"""(x, y), None at infinity"""

_M4 = ((2, 3, 1, 1), (1, 2, 3, 1), (1, 1, 2, 3), (3, 1, 1, 2))


def mul(a: Element, b: Element) -> Element:
    """Product modulo z^5 = 3."""
    wide = [0] * 9
    for i, left in enumerate(a):
        for j, right in enumerate(b):
            wide[i + j] += left * right
    return tuple((wide[i] + 3 * (wide[i + 5] if i < 4 else 0)) % P for i in range(5))


def sub(a: Element, b: Element) -> Element:
    return tuple((left - right) % P for left, right in zip(a, b, strict=True))


def inverse(a: Element) -> Element:
    """1/a by solving a * x = 1: five linear equations, Gauss and Jordan."""
    rows = [[(a[(i - j) % 5] * (3 if j > i else 1)) % P for j in range(5)] + [int(i == 0)] for i in range(5)]
    for column in range(5):
        pivot = next(i for i in range(column, 5) if rows[i][column])
        rows[column], rows[pivot] = rows[pivot], rows[column]
        factor = pow(rows[column][column], -1, P)
        rows[column] = [value * factor % P for value in rows[column]]
        for i in range(5):
            if i != column and rows[i][column]:
                factor = rows[i][column]
                rows[i] = [(value - factor * other) % P for value, other in zip(rows[i], rows[column], strict=True)]
    return tuple(row[5] for row in rows)


def add(p: Point, q: Point) -> Point:
    """Chord and tangent."""
    if p is None or q is None:
        return q if p is None else p
    (x1, y1), (x2, y2) = p, q
    if x1 == x2:
        if y1 != y2 or not any(y1):
            return None
        square = mul(x1, x1)
        slope = mul(tuple((3 * s + a) % P for s, a in zip(square, WEIERSTRASS_A, strict=True)), inverse(tuple(2 * v % P for v in y1)))
    else:
        slope = mul(sub(y2, y1), inverse(sub(x2, x1)))
    x3 = sub(sub(mul(slope, slope), x1), x2)
    return x3, sub(mul(slope, sub(x1, x3)), y1)


class Multiples:
    """k times one point by a table of 80 rows of 15, one row per four bits of k."""

    def __init__(self, base: Point) -> None:
        self._rows: list[list[Point]] = []
        for _ in range(80):
            row: list[Point] = [None]
            for _ in range(15):
                row.append(add(row[-1], base))
            self._rows.append(row)
            base = add(row[-1], base)

    def times(self, k: int, start: Point = None) -> Point:
        """k times the point, plus `start`."""
        for i, row in enumerate(self._rows):
            start = add(start, row[k >> 4 * i & 15])
        return start


_generator: list[Multiples] = []


def generator() -> Multiples:
    if not _generator:
        _generator.append(Multiples(GENERATOR))
    return _generator[0]


def encode(p: Point) -> Element:
    """The element that stands for a point: y / (A/3 - x) with A = 2."""
    if p is None:
        return (0,) * 5
    third = 2 * pow(3, -1, P) % P
    return mul(p[1], inverse(sub((third, 0, 0, 0, 0), p[0])))


def _linear(state: list[int]) -> list[int]:
    mixed = [sum(_M4[i % 4][j] * state[i - i % 4 + j] for j in range(4)) for i in range(WIDTH)]
    return [(mixed[i] + sum(mixed[i % 4 :: 4])) % P for i in range(WIDTH)]


def permute(state: list[int]) -> list[int]:
    """Poseidon2, width 12, by the book."""
    state = _linear(state)
    for number, constants in enumerate(EXTERNAL):
        if number == HALF_FULL_ROUNDS:
            for constant in INTERNAL:
                state[0] = pow(state[0] + constant, 7, P)
                total = sum(state)
                state = [(value * factor + total) % P for value, factor in zip(state, DIAGONAL, strict=True)]
        state = _linear([pow(value + constant, 7, P) for value, constant in zip(state, constants, strict=True)])
    return state


def sponge(elements: Sequence[int], outputs: int = 5) -> list[int]:
    """Hash by overwriting eight lanes at a time; at most eight outputs."""
    state = [0] * WIDTH
    for start in range(0, len(elements), RATE):
        block = [value % P for value in elements[start : start + RATE]]
        state = permute(block + state[len(block) :])
    return state[:outputs]


class Key:
    """The public half of one API key, with its table."""

    def __init__(self, private: bytes) -> None:
        point = generator().times(int.from_bytes(private, "little") % N)
        self.public = b"".join(limb.to_bytes(8, "little") for limb in encode(point))
        self._table = Multiples(point)

    def verify(self, message: Sequence[int], signature: bytes) -> bool:
        """Whether 80 bytes sign the five elements of a message hash: e = H(s G + e K, message)."""
        if len(signature) != 80:
            return False
        s, e = int.from_bytes(signature[:40], "little"), int.from_bytes(signature[40:], "little")
        if s >= N or e >= N:
            return False
        commitment = encode(self._table.times(e, generator().times(s)))
        limbs = sponge([*commitment, *message])
        return sum(limb << 64 * i for i, limb in enumerate(limbs)) % N == e


def private_key(seed: str) -> bytes:
    """A throwaway key that depends on nothing but the seed."""
    number = int.from_bytes(hashlib.sha512(b"ccxt_dex paper lighter " + seed.encode()).digest(), "little") % (N - 1) + 1
    return number.to_bytes(40, "little")
