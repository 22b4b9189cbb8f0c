"""Paradex (paradex.trade): perpetuals on an appchain of Starknet."""

from ccxt_dex.exchanges.paradex.exchange import paradex

__all__ = ["paradex"]
