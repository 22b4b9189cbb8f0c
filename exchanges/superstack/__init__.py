"""Superstack (superstack.xyz): Hyperliquid through a wallet service that holds the key."""

from ccxt_dex.exchanges.superstack.exchange import superstack

__all__ = ["superstack"]
