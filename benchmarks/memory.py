"""Memory: an idle instance, and a subscribed symbol with a 130-level book."""

from __future__ import annotations

import gc
import random
import tracemalloc
from collections.abc import Callable
from typing import Any

import ccxt_dex
from ccxt_dex import registry
from ccxt_dex._ccxt import OrderBook, pro
from ccxt_dex.streams.books import Book

CCXT_HAS = ("backpack", "extended", "grvt", "hyperliquid", "lighter", "pacifica", "paradex")


def grown(make: Callable[[], Any], count: int) -> float:
    """KiB that one object costs, the first (which loads code and tables) not counted."""
    kept = [make()]
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    kept += [make() for _ in range(count)]
    gc.collect()
    size = (tracemalloc.get_traced_memory()[0] - before) / count / 1024
    tracemalloc.stop()
    return size


def filled(cls: Any) -> Callable[[], Any]:
    rng = random.Random(3)

    def make() -> Any:
        book = cls({})
        levels = [[60000.0 + i + rng.random() / 10, rng.random()] for i in range(130)]
        book.reset(
            {
                "symbol": "BTC/DUSD:DUSD",
                "timestamp": 1_781_147_823_495,
                "nonce": 1,
                "asks": levels,
                "bids": [[p - 200, q] for p, q in levels],
            }
        )
        return book

    return make


def rows() -> list[tuple[str, float, str]]:
    result = []
    for exchange_id in registry.IDS:
        result.append((f"idle {exchange_id}", grown(getattr(ccxt_dex, exchange_id), 5), "KiB"))
        if exchange_id in CCXT_HAS:
            result.append((f"idle {exchange_id}, ccxt's own class", grown(pro(exchange_id), 5), "KiB"))
    result.append(("idle hyperliquid, ccxt's own class", grown(pro("hyperliquid"), 5), "KiB"))
    result.append(("one 130x130 book", grown(filled(Book), 50), "KiB"))
    result.append(("one 130x130 book, ccxt's own", grown(filled(OrderBook), 50), "KiB"))
    return result
