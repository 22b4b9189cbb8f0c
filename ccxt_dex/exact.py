"""Numbers on their way to a venue: exact or refused, never rounded behind the user's back. Pure; rooms' orders.py build on it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

__all__ = ["REFUSALS", "Refused", "decimal", "on_grid", "plain", "positive", "price_text", "quantity", "whole_leverage", "within"]

FLOAT_NOISE = Decimal("1e-12")
"""a float that missed the grid by less than this fraction of itself missed it by arithmetic (0.1 + 0.2), not by intent"""
MAGNITUDE = 26
"""digits before or after the point that Decimal's context carries exactly"""

REFUSALS: Mapping[str, str] = {
    "invalid": "InvalidOrder",
    "unsupported": "NotSupported",
    "closed": "MarketClosed",
    "arguments": "ArgumentsRequired",
    "bad_request": "BadRequest",
    "auth": "AuthenticationError",
    "address": "InvalidAddress",
    "symbol": "BadSymbol",
    "funds": "InsufficientFunds",
    "response": "BadResponse",
}
"""kind of a refusal -> name of the ccxt exception that it becomes"""


class Refused(ValueError):
    """What a venue has no words for, or would refuse; raised before anything is signed.

    :ivar kind: a key of REFUSALS
    """

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


def decimal(value: Any, name: str) -> Decimal:
    """A finite Decimal of what a user may pass as a number: str, int, Decimal, float.

    :raises Refused: for anything else
    """
    if isinstance(value, bool) or value is None:
        raise Refused("invalid", f"{name} must be a number, got {value!r}")
    try:
        result = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        raise Refused("invalid", f"{name} must be a number, got {value!r}") from None
    if not result.is_finite() or (result and not -MAGNITUDE < result.adjusted() < MAGNITUDE):
        raise Refused("invalid", f"{name} must be a number of reasonable size, got {value!r}")
    return result


def positive(value: Any, name: str) -> Decimal:
    """:raises Refused: when it is missing, no number, or not above zero"""
    if value is None:
        raise Refused("arguments", f"{name} is required")
    number = decimal(value, name)
    if number <= 0:
        raise Refused("invalid", f"{name} must be positive, got {value!r}")
    return number


def plain(value: Decimal) -> str:
    """Digits without exponent and without trailing zeros: 1E-8 -> 0.00000001, 5.00 -> 5."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def on_grid(value: Any, step: Any, name: str) -> Decimal:
    """`value` as a positive multiple of `step` (None: any). Float noise is removed; every other difference is refused.

    :raises Refused: when the value is not positive or not a multiple
    """
    number = decimal(value, name)
    if number <= 0:
        raise Refused("invalid", f"{name} must be positive, got {value!r}")
    if step is None:
        return number
    unit = decimal(step, f"{name} step")
    nearest = (number / unit).to_integral_value() * unit
    if nearest == number:
        return number
    if isinstance(value, float) and nearest > 0 and abs(nearest - number) <= number * FLOAT_NOISE:
        return nearest
    raise Refused("invalid", f"{name} {plain(number)} is not a multiple of {plain(unit)}")


def within(number: Decimal, limits: Mapping[str, Any] | None, name: str) -> None:
    """:raises Refused: when the number is outside a market's limits"""
    low, high = (limits or {}).get("min"), (limits or {}).get("max")
    if low is not None and number < decimal(low, f"minimum {name}"):
        raise Refused("invalid", f"{name} {plain(number)} is below the minimum {plain(decimal(low, name))}")
    if high is not None and number > decimal(high, f"maximum {name}"):
        raise Refused("invalid", f"{name} {plain(number)} is above the maximum {plain(decimal(high, name))}")


def whole_leverage(market: Mapping[str, Any], value: Any) -> int:
    """A leverage within the market's limits.

    :raises Refused: for fractions and values outside the limits
    """
    try:
        number = decimal(value, "leverage")
        if number != number.to_integral_value() or number < 1:
            raise Refused("bad_request", f"leverage must be a whole number from 1, got {value!r}")
        within(number, market["limits"].get("leverage"), "leverage")
    except Refused as error:
        raise Refused("bad_request", str(error)) from None
    return int(number)


def quantity(market: Mapping[str, Any], amount: Any) -> str:
    """A size on the market's step and within its limits."""
    number = on_grid(amount, market["precision"]["amount"], "amount")
    within(number, market["limits"]["amount"], "amount")
    return plain(number)


def price_text(market: Mapping[str, Any], price: Any, name: str = "price") -> str:
    """A price on the market's tick and within its limits."""
    number = on_grid(price, market["precision"]["price"], name)
    within(number, market["limits"].get("price"), name)
    return plain(number)
