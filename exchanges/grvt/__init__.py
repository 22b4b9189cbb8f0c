"""GRVT (grvt.io): perpetuals; an order book off-chain, settlement on a ZKsync chain."""

from ccxt_dex.exchanges.grvt.exchange import grvt

__all__ = ["grvt"]
