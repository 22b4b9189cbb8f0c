"""Paradex's side of the protocol, for `ccxt_dex.paper.start("paradex")`."""

from ccxt_dex.exchanges.paradex.paper.adapter import Paper

__all__ = ["Paper"]
