"""Extended's side of the protocol, for `ccxt_dex.paper.start("extended")`."""

from ccxt_dex.exchanges.extended.paper.adapter import Paper

__all__ = ["Paper"]
