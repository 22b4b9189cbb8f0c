"""TreadFi over Hyperliquid: orders through Tread, everything that is read comes from Hyperliquid."""

from ccxt_dex.exchanges.treadfi_hl.exchange import treadfi_hl

__all__ = ["treadfi_hl"]
