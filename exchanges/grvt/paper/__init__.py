"""GRVT's side of the protocol for the paper venue. Imports nothing from the rest of the room."""

from ccxt_dex.exchanges.grvt.paper.adapter import Paper

__all__ = ["Paper"]
