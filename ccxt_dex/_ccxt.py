"""The only door to ccxt: rooms and core import from here, so that its types are declared in one place (the stub beside this file)."""

from __future__ import annotations

import importlib
from typing import Any

from ccxt.async_support.base.exchange import Exchange
from ccxt.async_support.base.ws.cache import ArrayCache, ArrayCacheBySymbolById, ArrayCacheBySymbolBySide, ArrayCacheByTimestamp
from ccxt.async_support.base.ws.client import Client
from ccxt.async_support.base.ws.future import Future
from ccxt.async_support.base.ws.order_book import OrderBook
from ccxt.async_support.base.ws.order_book_side import Asks, Bids
from ccxt.base import errors
from ccxt.base.decimal_to_precision import DECIMAL_PLACES, NO_PADDING, ROUND, SIGNIFICANT_DIGITS, TICK_SIZE, TRUNCATE, decimal_to_precision
from ccxt.base.exchange import Exchange as SyncExchange
from ccxt.base.precise import Precise
from ccxt.base.types import Entry

__all__ = [
    "DECIMAL_PLACES",
    "NO_PADDING",
    "ROUND",
    "SIGNIFICANT_DIGITS",
    "TICK_SIZE",
    "TRUNCATE",
    "ArrayCache",
    "ArrayCacheBySymbolById",
    "ArrayCacheBySymbolBySide",
    "ArrayCacheByTimestamp",
    "Asks",
    "Bids",
    "Client",
    "Entry",
    "Exchange",
    "Future",
    "OrderBook",
    "Precise",
    "SyncExchange",
    "decimal_to_precision",
    "errors",
    "pro",
]


def pro(exchange_id: str) -> Any:
    """ccxt's own pro class of an exchange, imported on demand."""
    return getattr(importlib.import_module(f"ccxt.pro.{exchange_id}"), exchange_id)
