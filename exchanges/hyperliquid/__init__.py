"""Hyperliquid (hyperliquid.xyz): perpetuals, HIP-3 perpetuals and spot on an order book of its own chain."""

from ccxt_dex.exchanges.hyperliquid.exchange import hyperliquid

__all__ = ["hyperliquid"]
