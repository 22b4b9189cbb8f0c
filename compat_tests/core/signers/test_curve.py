"""The plain Python curve arithmetic where shortcuts go wrong: equal points, opposite points, the point at infinity, small curves."""

from __future__ import annotations

import random

import pytest

from ccxt_dex.signers import pedersen, stark_curve
from ccxt_dex.signers.curve import INFINITY, Curve, FixedBase, square_root
from ccxt_dex.signers.secp256k1 import CURVE as SECP

# y^2 = x^3 + 2x + 2 over F_17: a group of prime order 19, small enough to try everything
SMALL = Curve(p=17, a=2, b=2, order=19, generator=(5, 1))


def small_multiples() -> list[tuple[int, int] | None]:
    """0 .. 18 times the generator by the chord and tangent rules alone."""
    points: list[tuple[int, int] | None] = [None, SMALL.generator]
    while len(points) < SMALL.order:
        (x1, y1), (x2, y2) = points[-1] or (0, 0), SMALL.generator
        slope = (3 * x1 * x1 + 2) * pow(2 * y1, -1, 17) if (x1, y1) == (x2, y2) else (y2 - y1) * pow(x2 - x1, -1, 17)
        x3 = (slope * slope - x1 - x2) % 17
        points.append((x3, (slope * (x1 - x3) - y1) % 17))
    return points


def test_every_sum_on_a_small_curve() -> None:
    points = small_multiples()
    for i, left in enumerate(points):
        start = INFINITY if left is None else (*left, 1)
        assert SMALL.affine(SMALL.double(start)) == points[2 * i % 19]
        for j, right in enumerate(points):
            if right is not None:
                assert SMALL.affine(SMALL.add(start, right)) == points[(i + j) % 19]


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_the_table_meets_equal_and_opposite_points(width: int) -> None:
    points = small_multiples()
    table = FixedBase(SMALL, SMALL.generator, 12, width)
    for scalar in range(1 << 12):
        assert table.multiply(scalar) == points[scalar % 19]
        if scalar < 64:
            for i, start in enumerate(points):
                total = table.add(INFINITY if start is None else (*start, 1), scalar)
                assert SMALL.affine(total) == points[(i + scalar) % 19]


def test_a_scalar_beyond_the_table_is_refused() -> None:
    with pytest.raises(ValueError, match="larger"):
        FixedBase(SMALL, SMALL.generator, 4, 4).multiply(16)


@pytest.mark.parametrize("curve", [SECP, stark_curve.CURVE])
def test_generators_lie_on_their_curves_and_have_their_order(curve: Curve) -> None:
    assert curve.contains(curve.generator)
    assert curve.affine(curve.multiply(curve.order, curve.generator)) is None
    minus = (curve.generator[0], curve.p - curve.generator[1])
    assert curve.affine(curve.multiply(curve.order - 1, curve.generator)) == minus


def test_the_points_of_the_pedersen_hash_lie_on_the_curve() -> None:
    assert all(stark_curve.CURVE.contains(point) for point in (pedersen._SHIFT[:2], *pedersen._POINTS))


@pytest.mark.parametrize("p", [3, 7, 13, 17, 97, 193, SECP.p, stark_curve.PRIME])
def test_square_roots(p: int) -> None:
    rng = random.Random(p)
    for value in range(p) if p < 1000 else (rng.randrange(p) for _ in range(20)):
        root = square_root(value * value, p)
        assert root in (value, p - value) or value == 0 == root
    assert sum(square_root(v, p) is None for v in range(min(p, 60))) > 0
