"""Backpack Exchange (backpack.exchange): spot margin and USDC perpetuals, custodial."""

from ccxt_dex.exchanges.backpack.exchange import backpack

__all__ = ["backpack"]
