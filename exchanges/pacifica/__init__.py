"""Pacifica (pacifica.fi): perpetuals and spot, accounts are Solana keys."""

from ccxt_dex.exchanges.pacifica.exchange import pacifica

__all__ = ["pacifica"]
