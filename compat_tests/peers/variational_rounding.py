"""Runs where the official SDK (for Variational Pro) is installed: its rules for sizes and prices, for what comes on stdin."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from typing import Any


def main() -> None:
    from variational import rounding  # type: ignore[import-not-found]

    requirements: dict[str, Any] = {"min_decimal_figures": 2, "max_decimal_only_figures": 4, "max_significant_figures": 6}
    found = []
    for text in json.load(sys.stdin):
        price = Decimal(text)
        tick = rounding.default_min_qty_tick(Decimal("0.1"), price)
        found.append([format(tick.normalize(), "f"), format(rounding.round_to_requirements(price, requirements), "f")])
    print(json.dumps(found))


main()
