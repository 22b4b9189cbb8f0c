"""edgeX (edgex.exchange), API V2: perpetuals settled in USDC on a rollup of its own."""

from ccxt_dex.exchanges.edgex.exchange import edgex

__all__ = ["edgex"]
