"""The day ccxt has an edgeX of its own, the full room becomes one that corrects it."""

from __future__ import annotations

import ccxt


def test_ccxt_has_no_class_for_it() -> None:
    assert "edgex" not in ccxt.exchanges
