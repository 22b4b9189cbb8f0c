"""Variational Omni (variational.io): perpetuals by request for quote, settled in USDC on Arbitrum."""

from ccxt_dex.exchanges.variational.exchange import variational

__all__ = ["variational"]
