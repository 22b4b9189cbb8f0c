"""Lighter (lighter.xyz): perpetuals and spot on a zk-rollup."""

from ccxt_dex.exchanges.lighter.exchange import lighter

__all__ = ["lighter"]
