"""Extended (extended.exchange): perpetuals that settle on Starknet."""

from ccxt_dex.exchanges.extended.exchange import extended

__all__ = ["extended"]
