"""The official SDK (variational 0.6.0) is for another product of the same house, with HMAC keys: no signature of it is ours. What both share is
the arithmetic of sizes and prices, which no answer of the venue spells out.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from ccxt_dex.exact import plain
from ccxt_dex.exchanges.variational import parsing
from ccxt_dex.exchanges.variational.paper.markets import tick
from compat_tests.peers.programs import run

pytestmark = pytest.mark.peers
PROGRAM = Path(__file__).with_name("variational_rounding.py")


async def test_sizes_and_prices_are_the_official_sdks(peer: Callable[..., Path]) -> None:
    python = peer("variational", ["variational==0.6.0"], None)
    rng = random.Random(5)
    prices = [f"{rng.uniform(1, 10) * 10.0 ** rng.randint(-7, 5):.12f}".rstrip("0") for _ in range(500)]
    prices += ["63346.7543455801", "99999.994", "100000.5", "0.1", "0.100001", "0.99994", "1.000004", "9.999996"]
    for text, (step, shown) in zip(prices, await run(python, PROGRAM, prices), strict=True):
        price = Decimal(text)
        assert plain(parsing.amount_rule(price)[0]) == plain(tick(price)) == plain(Decimal(step)), text
        assert parsing.rounded(price) == Decimal(shown), text
