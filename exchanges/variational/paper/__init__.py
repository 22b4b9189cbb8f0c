"""Omni's paper venue. Imports nothing else of this room: both sides of the protocol are written independently."""

from __future__ import annotations

from ccxt_dex.exchanges.variational.paper.adapter import Paper

__all__ = ["Paper"]
