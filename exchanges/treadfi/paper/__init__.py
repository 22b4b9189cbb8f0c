"""Tread's side of the protocol over a local venue: a mixin for the flavours' paper venues."""

from ccxt_dex.exchanges.treadfi.paper.side import TreadSide

__all__ = ["TreadSide"]
