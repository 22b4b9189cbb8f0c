"""Exact arithmetic that no ambient decimal context (ccxt changes its thread's) can bend."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal, InvalidOperation

EXACT = Context(prec=48, rounding=ROUND_HALF_EVEN)
PRINTED = Context(prec=28, rounding=ROUND_HALF_EVEN)
MONEY = Decimal("1e-12")


def money(value: Decimal) -> Decimal:
    """Rounded to the smallest unit that balances know."""
    return EXACT.quantize(value, MONEY)


def share(value: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    """value * part / whole in money."""
    return EXACT.quantize(EXACT.divide(EXACT.multiply(value, part), whole), MONEY)


def ratio(value: Decimal, by: Decimal) -> Decimal:
    return EXACT.divide(value, by)


def readable(value: Decimal, by: Decimal) -> Decimal:
    """A quotient with the 28 digits that venues print."""
    return PRINTED.divide(value, by)


def is_multiple(value: Decimal, unit: Decimal) -> bool:
    try:
        return EXACT.remainder(value, unit) == 0
    except InvalidOperation:
        return False


def units(value: Decimal, unit: Decimal, rounding: str = ROUND_FLOOR) -> int:
    """How many whole units: floor unless told otherwise."""
    return int(EXACT.divide(value, unit).to_integral_value(rounding=rounding))


def truncated(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_DOWN, context=EXACT)


def nice_above(value: Decimal) -> Decimal:
    """The smallest 1, 2 or 5 times a power of ten that is not below value."""
    power = Decimal(1).scaleb(value.adjusted())
    return next(step for step in (power, 2 * power, 5 * power, 10 * power) if step >= value)


def text(value: Decimal) -> str:
    """Plain decimal text without exponent and trailing zeros."""
    if not value:
        return "0"
    plain = format(value, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain
