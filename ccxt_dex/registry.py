"""Which exchanges exist and where their classes are. Imports nothing heavy."""

from __future__ import annotations

import importlib
from typing import Any

# one line per room on disk; a test keeps this, the package list and the folders in step
IDS: tuple[str, ...] = (
    "backpack",
    "edgex",
    "extended",
    "grvt",
    "hyperliquid",
    "lighter",
    "pacifica",
    "paradex",
    "standx",
    "superstack",
    "treadfi_hl",
    "treadfi_pc",
    "variational",
)
# what `python -m ccxt_dex demo` shows when nobody names a venue
DEMO = "standx"


def load(exchange_id: str) -> Any:
    """The async class of an exchange; imports ccxt and the room on first use.

    :raises ValueError: for an id that does not exist
    """
    if exchange_id not in IDS:
        raise ValueError(f"unknown exchange {exchange_id!r}; ccxt_dex has: {', '.join(IDS)}")
    return getattr(importlib.import_module(f"ccxt_dex.exchanges.{exchange_id}"), exchange_id)


def create(exchange_id: str, config: dict[str, Any] | None = None) -> Any:
    """An exchange object by name, as ``getattr(ccxt_dex, exchange_id)(config)`` would give it."""
    return load(exchange_id)(config or {})
