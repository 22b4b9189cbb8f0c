"""A market's grid in Decimals. Rounding goes down, as hummingbot's connectors do, and what falls below the minimum is 0."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_DOWN, Decimal
from typing import Any

from ccxt_dex._ccxt import SIGNIFICANT_DIGITS
from ccxt_dex.bots.hummingbot.words import ZERO
from ccxt_dex.wire import step_of

__all__ = ["Rules", "number"]


def number(value: Any, default: Decimal = ZERO) -> Decimal:
    """ccxt's numbers (float, str, None) as the Decimal that they print as."""
    if value is None or value == "":
        return default
    return value if isinstance(value, Decimal) else Decimal(str(value))


class Rules:
    """What an order on one market must keep to; amounts in the base currency.

    ccxt counts some markets in contracts; `contract_size` is the base currency of one.
    """

    def __init__(self, market: Mapping[str, Any], precision_mode: int) -> None:
        precision, limits = market.get("precision") or {}, market.get("limits") or {}
        self.mode = precision_mode
        self.contract_size = number(market.get("contractSize"), Decimal(1)) or Decimal(1) if market.get("contract") else Decimal(1)
        self._price, self._amount = precision.get("price"), precision.get("amount")
        self.min_order_size = number((limits.get("amount") or {}).get("min")) * self.contract_size
        self.max_order_size = number((limits.get("amount") or {}).get("max"), Decimal("Infinity")) * self.contract_size
        self.min_notional_size = number((limits.get("cost") or {}).get("min"))

    # hummingbot's TradingRule has these
    @property
    def min_price_increment(self) -> Decimal:
        return self._step(self._price, Decimal(1))

    @property
    def min_base_amount_increment(self) -> Decimal:
        return self._step(self._amount, Decimal(1)) * self.contract_size

    def price_quantum(self, price: Decimal) -> Decimal:
        """The distance to the next possible price."""
        return self._step(self._price, price)

    def amount_quantum(self, amount: Decimal) -> Decimal:
        """The distance to the next possible amount."""
        return self._step(self._amount, amount / self.contract_size) * self.contract_size

    def quantize_price(self, price: Decimal) -> Decimal:
        """The price on the grid, rounded down; NaN stays NaN."""
        return price if not price.is_finite() else _down(price, self.price_quantum(price))

    def quantize_amount(self, amount: Decimal, price: Decimal | None = None) -> Decimal:
        """The amount on the grid, rounded down; 0 when that is less than the market takes.

        :param price: when it is a number, the minimum cost counts too
        """
        if not amount.is_finite() or amount <= 0:
            return ZERO
        rounded = min(_down(amount, self.amount_quantum(amount)), self.max_order_size)
        if rounded < self.min_order_size:
            return ZERO
        if price is not None and price.is_finite() and price > 0 and rounded * price < self.min_notional_size:
            return ZERO
        return rounded

    def to_venue(self, amount: Decimal) -> Decimal:
        """Base currency -> what ccxt calls amount."""
        return amount / self.contract_size

    def from_venue(self, amount: Any) -> Decimal:
        """What ccxt calls amount -> base currency."""
        return number(amount) * self.contract_size

    def _step(self, precision: Any, value: Decimal) -> Decimal:
        if precision is not None and self.mode == SIGNIFICANT_DIGITS:
            if not value.is_finite() or not value:
                return ZERO
            return Decimal(1).scaleb(value.adjusted() - int(precision) + 1)
        return step_of(precision, self.mode) or ZERO


def _down(value: Decimal, step: Decimal) -> Decimal:
    return (value / step).to_integral_value(ROUND_DOWN) * step if step else value
