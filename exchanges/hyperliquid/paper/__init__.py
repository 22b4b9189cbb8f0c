"""Hyperliquid's side of the protocol: `ccxt_dex.paper.start("hyperliquid")`."""

from ccxt_dex.exchanges.hyperliquid.paper.adapter import Paper

__all__ = ["Paper"]
