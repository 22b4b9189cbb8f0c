"""The group ecgfp5: points of y^2 = x (x^2 + 2 x + 263 z) over GF(P^5), of prime order N.

Coordinates are (X : Z, U : T) with x = X/Z and u = x/y = U/T; the neutral element has u = 0. A point is encoded as w = y/x = T/U. The
addition formulas are complete (github.com/pornin/ecgfp5 and its paper; the Go original is elliottech/poseidon_crypto).
"""

from __future__ import annotations

import functools

from . import quintic as q
from .constants import B1, GENERATOR_X, A, N
from .quintic import EPSILON, FULL, LOOSE, LOW, MIDDLE, P5

Point = tuple[int, int, int, int]

NEUTRAL: Point = (0, 1, 0, 1)
GENERATOR: Point = (q.pack(GENERATOR_X), 1, 1, 4)
WINDOW = 6
"""bits per window of the generator's table: 5, 6 and 8 bits need 27, 43 and 155 ms to build; 6 is the knee"""


def add(p: Point, r: Point) -> Point:
    """The sum of any two points; coordinates in and out are loose."""
    x1, z1, u1, t1 = p
    x2, z2, u2, t2 = r
    xx, zz, uu, tt = q.mul(x1, x2), q.mul(z1, z2), q.mul(u1, u2), q.mul(t1, t2)
    xz = q.sub(q.mul(x1 + z1, x2 + z2), q.reduce(xx + zz))
    ut = q.sub(q.mul(u1 + t1, u2 + t2), q.reduce(uu + tt))
    bzz = q.times_z(zz, B1)
    s = q.reduce(xx + bzz)
    m = q.mul(tt, s)
    n = q.mul(uu, q.reduce(q.times_z(xz, 2 * B1) + 2 * s))
    o = q.mul(tt + 2 * uu, xz + s)
    return (
        q.reduce(q.times_z(q.sub(o, m), B1)),
        q.reduce(q.sub(m, n)),
        q.mul(ut, q.sub(q.reduce(bzz), xx)),
        q.reduce(m + n),
    )


def double(p: Point) -> Point:
    """p + p, with fewer multiplications."""
    x, z, u, t = p
    a = q.mul(z, t)
    b = q.mul(a, t)
    c = q.mul(a, u)
    w = q.sub(b, q.mul(q.square(u), 2 * (x + z)))
    cc, ww = q.square(c), q.square(w)
    return (
        q.reduce(q.times_z(cc, 4 * B1)),
        ww,
        q.reduce(q.square(w + c) + 2 * LOOSE - cc - ww),
        q.reduce(2 * q.square(b) + 5 * LOOSE - 4 * cc - ww),
    )


def multiply(p: Point, k: int) -> Point:
    """k times any point, by windows of four bits."""
    row = [NEUTRAL]
    for _ in range(15):
        row.append(add(row[-1], p))
    result = NEUTRAL
    for shift in range(316, -1, -4):
        result = double(double(double(double(result))))
        result = add(result, row[k % N >> shift & 15])
    return result


def encode(p: Point) -> int:
    """The one field element that stands for the point; 0 for the neutral one."""
    return q.mul(p[3], q.inverse(p[2]))


def decode(w: int) -> Point | None:
    """The point whose encoding is w, None when there is none.

    w = y/x makes x a root of x^2 - (w^2 - A) x + B; of its two roots exactly one is not a square, and that one is the point's.
    """
    if q.is_zero(w):
        return NEUTRAL
    w = q.reduce(w)
    e = q.reduce(q.sub(q.square(w), A))
    root = q.sqrt(q.reduce(q.sub(q.square(e), q.times_z(1, 4 * B1))))
    if root is None:
        return None
    half = q.inverse(2)
    x = q.mul(e + root, half)
    if q.is_square(x):
        x = q.mul(q.sub(e, root), half)
    return x, 1, 1, w


def _affine(points: list[Point]) -> list[tuple[int, int]]:
    """(x, u) of every point, canonical, with a single inversion (Montgomery's trick)."""
    partial, total = [], 1
    for _, z, _, t in points:
        partial.append(total)
        total = q.mul(total, q.mul(z, t))
    total = q.inverse(total)
    result = []
    for (x, z, u, t), before in zip(reversed(points), reversed(partial), strict=True):
        one = q.mul(total, before)
        result.append((q.pack(q.unpack(q.mul(q.mul(x, t), one))), q.pack(q.unpack(q.mul(q.mul(u, z), one)))))
        total = q.mul(total, q.mul(z, t))
    return result[::-1]


class FixedBase:
    """Multiples of one point by signed windows: row i holds 1 to 2^(bits-1) times 2^(bits * i) times the point, in (x, u)."""

    def __init__(self, base: Point, bits: int = WINDOW) -> None:
        self.bits = bits
        count = -(-320 // bits)
        points: list[Point] = []
        for _ in range(count):
            row = [base]
            for _ in range((1 << (bits - 1)) - 1):
                row.append(add(row[-1], base))
            points += row
            base = double(row[-1])
        flat = _affine(points)
        size = 1 << (bits - 1)
        self._rows = [flat[i : i + size] for i in range(0, len(flat), size)]

    def _digits(self, k: int) -> list[tuple[int, int]]:
        """The (x, u) to add up for k, digits from -2^(bits-1) to 2^(bits-1); minus a point is (x, -u)."""
        bits, half, carry, mask = self.bits, 1 << (self.bits - 1), 0, (1 << self.bits) - 1
        terms = []
        for row in self._rows:
            digit = (k & mask) + carry
            k >>= bits
            carry = digit > half
            if carry:
                digit -= mask + 1
            if digit > 0:
                terms.append(row[digit - 1])
            elif digit < 0:
                x, u = row[-digit - 1]
                terms.append((x, P5 - u))
        return terms

    def multiply(self, k: int) -> Point:
        """k times the point; the additions are written out here because a call would cost as much as a reduction.

        Bounds (in bits per slot) of an accumulated point: z, u and t at most 66.9, x at most 76.5; a table's x and u are canonical. The
        largest product is `uu` times the bracket with 526 z, at 65.6 + 87.1 + 3.8 = 156.5 bits; 156.9 are allowed.
        """
        terms = self._digits(k % N)
        if not terms:
            return NEUTRAL
        (x, u), *rest = terms
        z = t = 1
        for x2, u2 in rest:
            m = x * x2
            m = (m & FULL) + 3 * (m >> 800)
            xx = (m & LOW) + (m >> 64 & MIDDLE) * EPSILON + P5 - (m >> 96 & LOW)
            m = u * u2
            m = (m & FULL) + 3 * (m >> 800)
            uu = (m & LOW) + (m >> 64 & MIDDLE) * EPSILON + P5 - (m >> 96 & LOW)
            m = x2 * z
            m = (m & FULL) + 3 * (m >> 800)
            xz = x + (m & LOW) + (m >> 64 & MIDDLE) * EPSILON + P5 - (m >> 96 & LOW)
            m = u2 * t
            m = (m & FULL) + 3 * (m >> 800)
            ut = u + (m & LOW) + (m >> 64 & MIDDLE) * EPSILON + P5 - (m >> 96 & LOW)
            bz = (z << 160 & FULL) * 263 + (z >> 640) * 789
            s = xx + bz
            m = t * s
            m = (m & FULL) + 3 * (m >> 800)
            a = (m & LOW) + (m >> 64 & MIDDLE) * EPSILON + P5 - (m >> 96 & LOW)
            m = uu * ((xz << 160 & FULL) * 526 + (xz >> 640) * 1578 + 2 * s)
            m = (m & FULL) + 3 * (m >> 800)
            b = (m & LOW) + (m >> 64 & MIDDLE) * EPSILON + P5 - (m >> 96 & LOW)
            m = (t + 2 * uu) * (xz + s)
            m = (m & FULL) + 3 * (m >> 800)
            c = (m & LOW) + (m >> 64 & MIDDLE) * EPSILON + P5 + LOOSE - (m >> 96 & LOW) - a
            x = (c << 160 & FULL) * 263 + (c >> 640) * 789
            m = ut * (bz + LOOSE - xx)
            m = (m & FULL) + 3 * (m >> 800)
            u = (m & LOW) + (m >> 64 & MIDDLE) * EPSILON + P5 - (m >> 96 & LOW)
            z = a + LOOSE - b
            t = a + b
        return q.reduce(x), q.reduce(z), u, q.reduce(t)


@functools.cache
def generator() -> FixedBase:
    """The generator's table, built on first use."""
    return FixedBase(GENERATOR)
