"""`exact` in terms of ccxt's market structures and exceptions, significant digits included: for code that knows ccxt anyway."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from ccxt_dex import exact
from ccxt_dex._ccxt import DECIMAL_PLACES, SIGNIFICANT_DIGITS, errors
from ccxt_dex.exact import plain

__all__ = ["bound", "check_amount", "check_price", "decimal", "plain", "step_of"]


def decimal(value: Any, what: str = "value") -> Decimal:
    """A user's number (str, int, float, Decimal) as the decimal it prints as.

    :raises InvalidOrder: when it is no finite number
    """
    try:
        return exact.decimal(value, what)
    except exact.Refused as refused:
        raise errors.InvalidOrder(str(refused)) from None


def step_of(precision: Any, mode: int) -> Decimal | None:
    """The smallest step of a market's precision entry, None when the market has none (or counts significant digits)."""
    if precision is None or mode == SIGNIFICANT_DIGITS:
        return None
    step = Decimal(str(precision))
    if mode == DECIMAL_PLACES:
        return Decimal(1).scaleb(-int(step))
    return step if step > 0 else None


def _gridded(value: Any, precision: Any, mode: int, what: str) -> Decimal:
    """A positive number on the grid; as in `exact`, a float's own noise (0.1 + 0.2) is removed and every other difference refused."""
    number = decimal(value, what)
    if number <= 0:
        raise errors.InvalidOrder(f"{what} must be positive, not {plain(number)}")
    if precision is not None and mode == SIGNIFICANT_DIGITS:
        if len(number.normalize().as_tuple().digits) > int(precision):
            raise errors.InvalidOrder(f"{what} {plain(number)} has more than {precision} significant digits")
        return number
    try:
        return exact.on_grid(value, step_of(precision, mode), what)
    except exact.Refused as refused:
        raise errors.InvalidOrder(str(refused)) from None


def check_amount(amount: Any, market: Mapping[str, Any], mode: int, price: Any = None) -> str:
    """The amount as the venue must read it.

    :param amount: in base units (or contracts where the market counts contracts)
    :param price: when known, the minimum cost is checked as well
    :raises InvalidOrder: not positive, off the step, below the minimum or above the maximum
    """
    symbol = market.get("symbol")
    number = _gridded(amount, (market.get("precision") or {}).get("amount"), mode, f"{symbol} amount")
    limits = market.get("limits") or {}
    _check_range(number, limits.get("amount"), f"{symbol} amount")
    if price is not None:
        _check_range(number * decimal(price, "price"), limits.get("cost"), f"{symbol} cost")
    return plain(number)


def check_price(price: Any, market: Mapping[str, Any], mode: int) -> str:
    """The price as the venue must read it.

    :raises InvalidOrder: not positive, off the tick, outside the market's limits
    """
    symbol = market.get("symbol")
    number = _gridded(price, (market.get("precision") or {}).get("price"), mode, f"{symbol} price")
    _check_range(number, (market.get("limits") or {}).get("price"), f"{symbol} price")
    return plain(number)


def _check_range(number: Decimal, limits: Mapping[str, Any] | None, what: str) -> None:
    low, high = (limits or {}).get("min"), (limits or {}).get("max")
    if low is not None and number < Decimal(str(low)):
        raise errors.InvalidOrder(f"{what} {plain(number)} is below the minimum {low}")
    if high is not None and number > Decimal(str(high)):
        raise errors.InvalidOrder(f"{what} {plain(number)} is above the maximum {high}")


def bound(price: Decimal, side: str, fraction: Decimal, market: Mapping[str, Any], mode: int) -> Decimal:
    """The reference price moved against the taker by a fraction, on the market's tick and never beyond the fraction.

    :param side: "buy" or "sell"
    """
    raw = price * (1 + fraction if side == "buy" else 1 - fraction)
    rounding = ROUND_FLOOR if side == "buy" else ROUND_CEILING
    precision = (market.get("precision") or {}).get("price")
    if precision is None or raw <= 0:
        return raw
    if mode == SIGNIFICANT_DIGITS:
        exponent = raw.adjusted() - int(precision) + 1
        return raw.quantize(Decimal(1).scaleb(exponent), rounding=rounding)
    step = step_of(precision, mode)
    return raw if step is None else (raw / step).to_integral_value(rounding) * step
