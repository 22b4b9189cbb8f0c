"""Backpack's side of the protocol, for local venues."""

from ccxt_dex.exchanges.backpack.paper.adapter import Paper

__all__ = ["Paper"]
