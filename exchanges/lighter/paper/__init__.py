"""Lighter's side of the protocol, for local venues."""

from ccxt_dex.exchanges.lighter.paper.adapter import Paper

__all__ = ["Paper"]
