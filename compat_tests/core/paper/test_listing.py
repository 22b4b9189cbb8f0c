"""Markets from tables of text."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ccxt_dex.paper.listing import listed
from ccxt_dex.paper.types import Market


def test_numbers_become_exact_and_names_are_split() -> None:
    found = listed("a-1", "BTC/USD:DUSD", "0.1", "0.001", "62000.5", max_qty="7", price_band=None, max_leverage=5, info={"tick": "0.1"})
    assert found == Market(
        id="a-1",
        base="BTC",
        quote="USD",
        settle="DUSD",
        tick=Decimal("0.1"),
        step=Decimal("0.001"),
        min_qty=Decimal("0.001"),
        price=Decimal("62000.5"),
        max_qty=Decimal(7),
        max_leverage=5,
        info={"tick": "0.1"},
    )


def test_a_quote_settles_and_a_named_minimum_holds() -> None:
    found = listed("x", "ETH/USDC", "1", "0.1", "5", min_qty="0.5", taker_fee=Decimal("0.1"))
    assert (found.quote, found.settle, found.min_qty, found.taker_fee) == ("USDC", "USDC", Decimal("0.5"), Decimal("0.1"))


def test_a_field_that_does_not_exist_is_refused() -> None:
    with pytest.raises(TypeError, match="max_quantity"):
        listed("x", "ETH/USDC", "1", "0.1", "5", max_quantity="3")
