"""TreadFi over Pacifica: orders through Tread, everything that is read comes from Pacifica."""

from ccxt_dex.exchanges.treadfi_pc.exchange import treadfi_pc

__all__ = ["treadfi_pc"]
