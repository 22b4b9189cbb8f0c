"""Short Weierstrass curves y^2 = x^3 + ax + b in plain Python: tables of a fixed point, sums of two multiples.

Used for the Stark curve, and for secp256k1 where coincurve has no wheel. Formulas: Hankerson, Menezes, Vanstone, Guide to Elliptic
Curve Cryptography, section 3.2 (Jacobian coordinates) and 3.3 (fixed-base windows).

None of this runs in constant time. That is acceptable for a key on its owner's machine, and only there.
"""

from __future__ import annotations

from itertools import accumulate
from typing import NamedTuple

__all__ = ["INFINITY", "Curve", "FixedBase", "Jacobian", "Point"]

Point = tuple[int, int]
Jacobian = tuple[int, int, int]
INFINITY: Jacobian = (1, 1, 0)


class Curve(NamedTuple):
    """The parameters of a curve whose group has a prime order."""

    p: int
    a: int
    b: int
    order: int
    generator: Point

    def contains(self, point: Point) -> bool:
        """Whether an affine point satisfies the equation."""
        x, y = point
        return 0 <= x < self.p and 0 <= y < self.p and (y * y - (x * x + self.a) * x - self.b) % self.p == 0

    def double(self, point: Jacobian) -> Jacobian:
        """2P."""
        p = self.p
        x, y, z = point
        if not z or not y:
            return INFINITY
        yy = y * y % p
        s = 4 * x * yy % p
        zz = z * z % p
        m = (3 * x * x + self.a * zz * zz) % p
        x3 = (m * m - 2 * s) % p
        return x3, (m * (s - x3) - 8 * yy * yy) % p, 2 * y * z % p

    def add(self, left: Jacobian, right: Point) -> Jacobian:
        """P + Q for an affine Q; handles every case."""
        p = self.p
        x1, y1, z1 = left
        x2, y2 = right
        if not z1:
            return x2, y2, 1
        zz = z1 * z1 % p
        h = (x2 * zz - x1) % p
        r = (y2 * zz * z1 - y1) % p
        if not h:
            return INFINITY if r else self.double(left)
        hh = h * h % p
        hhh = h * hh % p
        v = x1 * hh % p
        x3 = (r * r - hhh - 2 * v) % p
        return x3, (r * (v - x3) - y1 * hhh) % p, z1 * h % p

    def affine(self, point: Jacobian) -> Point | None:
        """The affine coordinates, None for the point at infinity."""
        x, y, z = point
        if not z:
            return None
        inverse = pow(z, -1, self.p)
        square = inverse * inverse % self.p
        return x * square % self.p, y * square * inverse % self.p

    def multiply(self, scalar: int, point: Point) -> Jacobian:
        """kQ for a point of the curve that is used once: four bits at a time."""
        sums: list[Jacobian] = [(*point, 1)]
        for _ in range(14):
            sums.append(self.add(sums[-1], point))
        multiples = _affine_all(sums, self.p)
        result = INFINITY
        for position in range((scalar.bit_length() + 3) // 4 - 1, -1, -1):
            if result[2]:
                result = self.double(self.double(self.double(self.double(result))))
            digit = scalar >> 4 * position & 15
            if digit:
                result = self.add(result, multiples[digit - 1])
        return result

    def root(self, x: int) -> int | None:
        """A y of the point with this x, None when there is none."""
        return square_root((x * x + self.a) * x + self.b, self.p)

    def has(self, x: int) -> bool:
        """Whether some point has this x."""
        return pow((x * x + self.a) * x + self.b, (self.p - 1) // 2, self.p) != self.p - 1


class FixedBase:
    """All multiples of a point that windows of some bits of a scalar can ask for: a multiplication is one addition per window.

    :param bits: of the largest scalar
    :param width: bits per window; the table has 2^width - 1 points per window
    """

    __slots__ = ("_curve", "_mask", "_rows", "_width")

    def __init__(self, curve: Curve, point: Point, bits: int, width: int = 8) -> None:
        self._curve = curve
        self._width = width
        self._mask = (1 << width) - 1
        count = -(-bits // width)
        bases: list[Jacobian] = [(*point, 1)]
        for _ in range(count - 1):
            base = bases[-1]
            for _ in range(width):
                base = curve.double(base)
            bases.append(base)
        self._rows = _rows(curve, _affine_all(bases, curve.p), self._mask)

    def add(self, start: Jacobian, scalar: int) -> Jacobian:
        """start + scalar * point; the hot loop of every signature, so :meth:`Curve.add` is written out in it.

        Every intermediate value is reduced: leaving some unreduced is slower in CPython (measured).
        """
        p = self._curve.p
        mask = self._mask
        width = self._width
        x1, y1, z1 = start
        for row in self._rows:
            digit = scalar & mask
            if digit:
                x2, y2 = row[digit]
                zz = z1 * z1 % p
                h = (x2 * zz - x1) % p
                r = (y2 * zz * z1 - y1) % p
                if z1 and h:
                    hh = h * h % p
                    hhh = h * hh % p
                    v = x1 * hh % p
                    x1 = (r * r - hhh - 2 * v) % p
                    y1 = (r * (v - x1) - y1 * hhh) % p
                    z1 = z1 * h % p
                else:
                    x1, y1, z1 = self._curve.add((x1, y1, z1), (x2, y2))
            scalar >>= width
            if not scalar:
                break
        if scalar:
            raise ValueError("scalar larger than the table")
        return x1, y1, z1

    def multiply(self, scalar: int) -> Point | None:
        """scalar * point in affine coordinates, None for the point at infinity."""
        return self._curve.affine(self.add(INFINITY, scalar))


def _affine_all(points: list[Jacobian], p: int) -> list[Point]:
    inverses = _invert_all([z for _, _, z in points], p)
    squares = [i * i % p for i in inverses]
    return [(x * s % p, y * s * i % p) for (x, y, _), s, i in zip(points, squares, inverses, strict=True)]


def _invert_all(values: list[int], p: int) -> list[int]:
    """The inverses of many values for the price of one inversion (Montgomery's trick)."""
    products = list(accumulate(values, lambda a, b: a * b % p, initial=1))
    inverse = pow(products[-1], -1, p)
    result = [0] * len(values)
    for i in range(len(values) - 1, -1, -1):
        result[i] = inverse * products[i] % p
        inverse = inverse * values[i] % p
    return result


def _rows(curve: Curve, bases: list[Point], highest: int) -> list[list[Point]]:
    """For every base its multiples 0 .. highest (0 unused), all rows growing together so that they share the inversions."""
    p = curve.p
    rows: list[list[Point]] = [[(0, 0), base] for base in bases]
    for digit in range(2, highest + 1):
        # 2B is a doubling (slope (3x^2 + a) / 2y), every further multiple an addition of B
        if digit == 2:
            tops, bottoms = [3 * x * x + curve.a for x, _ in bases], [2 * y % p for _, y in bases]
        else:
            lasts = [row[-1] for row in rows]
            tops = [last[1] - base[1] for last, base in zip(lasts, bases, strict=True)]
            bottoms = [(last[0] - base[0]) % p for last, base in zip(lasts, bases, strict=True)]
        for row, (bx, by), top, inverse in zip(rows, bases, tops, _invert_all(bottoms, p), strict=True):
            slope = top * inverse % p
            x = (slope * slope - row[-1][0] - bx) % p
            row.append((x, (slope * (bx - x) - by) % p))
    return rows


def square_root(value: int, p: int) -> int | None:
    """A square root modulo a prime, None for a non-residue.

    Cipolla's way where p = 1 mod 4: the prime of the Stark curve is 1 modulo 2^192, which makes that of Tonelli and Shanks very slow.
    """
    value %= p
    if not value:
        return 0
    if pow(value, (p - 1) // 2, p) != 1:
        return None
    if p % 4 == 3:
        return pow(value, (p + 1) // 4, p)
    # (t + sqrt(t^2 - value)) ^ ((p + 1) / 2) in the field extended by that root
    t = next(t for t in range(1, p) if pow(t * t - value, (p - 1) // 2, p) == p - 1)
    square = (t * t - value) % p
    a, b, x, y = 1, 0, t, 1
    exponent = (p + 1) // 2
    while exponent:
        if exponent & 1:
            a, b = (a * x + b * y % p * square) % p, (a * y + b * x) % p
        x, y = (x * x + y * y % p * square) % p, 2 * x * y % p
        exponent >>= 1
    return a
