"""StandX (standx.com): perpetuals settled in DUSD."""

from ccxt_dex.exchanges.standx.exchange import standx

__all__ = ["standx"]
