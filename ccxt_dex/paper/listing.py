"""Markets from tables whose numbers are text."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ccxt_dex.paper.types import Market

__all__ = ["listed"]

# sizes and shares of price: in tables they are text
_NUMBERS = ("tick", "step", "min_qty", "price", "min_cost", "max_qty", "maker_fee", "taker_fee", "price_band")


def listed(market_id: str, pair: str, tick: str, step: str, price: str, **more: Any) -> Market:
    """A market of the engine.

    :param pair: "base/quote" where the quote settles too, otherwise "base/quote:settle"
    :param price: where the seeded market starts
    :param more: other fields of `Market`, numbers as text or as they are; `min_qty` is the step unless it is named
    """
    base, _, rest = pair.partition("/")
    quote, _, settle = rest.partition(":")
    fields = {"tick": tick, "step": step, "min_qty": step, "price": price, **more}
    numbers = {name: Decimal(fields[name]) for name in _NUMBERS if fields.get(name) is not None}
    return Market(id=market_id, base=base, quote=quote, settle=settle or quote, **{**fields, **numbers})
