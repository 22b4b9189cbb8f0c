"""Order books: ccxt's own classes with batch entry points, a mark for staleness and a cheap `datetime`.

Storage and behaviour are ccxt's (a side is a list of [price, size], best first, with the ascending keys in `_index`), so indexing, slices, equality,
pickling, copies and JSON are as bots know them. Only whole frames are handled at once instead of level by level.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from itertools import islice
from operator import lt
from time import gmtime, strftime
from typing import Any

from ccxt_dex._ccxt import Asks as CcxtAsks
from ccxt_dex._ccxt import Bids as CcxtBids
from ccxt_dex._ccxt import OrderBook as CcxtOrderBook

__all__ = ["Asks", "Bids", "Book", "Side", "iso"]

MEMO_LIMIT = 20_000


class _Floats(dict[str, float]):
    """float() with a memory: between two snapshots most texts are the same."""

    def __missing__(self, text: Any) -> float:
        if len(self) >= MEMO_LIMIT:
            self.clear()
        value = self[text] = float(text)
        return value


_floats = _Floats()
_second = -1
_second_text = ""


def iso(milliseconds: int | None) -> str | None:
    """ccxt's `iso8601`, with the text of the current second kept: streams ask for the same second again and again.

    :param milliseconds: since the epoch
    """
    global _second, _second_text
    if milliseconds is None or milliseconds < 0:
        return None
    second, rest = divmod(int(milliseconds), 1000)
    if second != _second:
        _second_text = strftime("%Y-%m-%dT%H:%M:%S", gmtime(second))
        _second = second
    return f"{_second_text}.{rest:03d}Z"


class Side:
    """Batch operations on a side of ccxt's book; mixed into its `Asks` and `Bids`."""

    side: bool
    _depth: int
    _index: list[float]

    def apply(self: Any, pairs: Iterable[Any]) -> None:
        """Set or delete price levels.

        :param pairs: [price, size, ...] as numbers or text; size zero deletes
        """
        keys = self._index
        negative = self.side
        count = len(keys)
        insert = self.insert
        for pair in pairs:
            price = float(pair[0])
            size = float(pair[1])
            key = -price if negative else price
            at = bisect_left(keys, key)
            if at < count and keys[at] == key:
                if size:
                    self[at][1] = size
                else:
                    del keys[at]
                    del self[at]
                    count -= 1
            elif size:
                keys.insert(at, key)
                insert(at, [price, size])
                count += 1

    def apply_dicts(self: Any, rows: Iterable[Mapping[str, Any]], price_key: str, size_key: str) -> None:
        """Set or delete price levels that come as objects; the loop of `apply`, repeated because a call per level is what costs.

        :param rows: objects with a price and a size, numbers or text; size zero deletes
        """
        keys = self._index
        negative = self.side
        count = len(keys)
        insert = self.insert
        for row in rows:
            price = float(row[price_key])
            size = float(row[size_key])
            key = -price if negative else price
            at = bisect_left(keys, key)
            if at < count and keys[at] == key:
                if size:
                    self[at][1] = size
                else:
                    del keys[at]
                    del self[at]
                    count -= 1
            elif size:
                keys.insert(at, key)
                insert(at, [price, size])
                count += 1

    def replace(self: Any, levels: Iterable[Any]) -> None:
        """Put a whole side in place of what is there.

        :param levels: [price, size, ...] as numbers or text, in any order; zero sizes are left out, of equal prices the last counts
        """
        memo = _floats
        try:
            fresh = [[memo[level[0]], memo[level[1]]] for level in levels]
        except TypeError:  # a level may be any sequence ccxt accepts, or None in it
            fresh = [[float(level[0]), float(level[1])] for level in levels]
        self.take(fresh)

    def take(self: Any, fresh: list[list[float]]) -> None:
        """`replace` for levels that are [price, size] in floats already, and nobody else's from now on."""
        keys = [-price for price, size in fresh if size] if self.side else [price for price, size in fresh if size]
        if len(keys) != len(fresh) or not all(map(lt, keys, islice(keys, 1, None))):
            by_key = {(-level[0] if self.side else level[0]): level for level in fresh}
            keys = sorted(key for key, level in by_key.items() if level[1])
            fresh = [by_key[key] for key in keys]
        self[:] = fresh
        self._index[:] = keys

    def limit(self: Any) -> None:
        """Cut to the depth that the side was made with."""
        depth = self._depth
        if len(self) > depth:
            del self[depth:]
            del self._index[depth:]


class Asks(Side, CcxtAsks):
    """Lowest price first."""


class Bids(Side, CcxtBids):
    """Highest price first."""


class Book(CcxtOrderBook):
    """An order book that knows whether it is live.

    :ivar stale: None while live; else the loop's time (seconds) since when it is not: the connection was lost, a gap was seen, or no
        snapshot has come yet. `watch_order_book` never returns a stale book; an object held from before keeps its last levels.
    """

    stale: float | None = None

    def __init__(self, snapshot: Mapping[str, Any] | None = None, depth: int | None = None) -> None:
        snapshot = snapshot or {}
        super().__init__({**snapshot, "asks": Asks([], depth), "bids": Bids([], depth)})
        self["asks"].replace(snapshot.get("asks") or ())
        self["bids"].replace(snapshot.get("bids") or ())
        self.stale = None if self["asks"] or self["bids"] else 0.0

    def reset(self, snapshot: Mapping[str, Any] | None = None) -> None:
        """Take a parsed snapshot: ccxt's method, a side at a time."""
        snapshot = snapshot or {}
        self["asks"].replace(snapshot.get("asks") or ())
        self["bids"].replace(snapshot.get("bids") or ())
        timestamp = snapshot.get("timestamp")
        self["nonce"] = snapshot.get("nonce")
        self["timestamp"] = timestamp
        self["datetime"] = iso(timestamp)
        self["symbol"] = snapshot.get("symbol")
        self.stale = None

    def snapshot(self, bids: Iterable[Any], asks: Iterable[Any], timestamp: int | None, nonce: int | None, symbol: str | None) -> None:
        """Take a snapshot as the venue sent it.

        :param bids: [price, size, ...] as numbers or text, any order
        :param asks: the same
        :param timestamp: milliseconds
        :param nonce: sequence number of the snapshot
        :param symbol: unified symbol
        """
        self["bids"].replace(bids)
        self["asks"].replace(asks)
        self["symbol"] = symbol
        self.touch(timestamp, nonce)
        self.stale = None

    def take(self, bids: list[list[float]], asks: list[list[float]], timestamp: int | None, nonce: int | None, symbol: str | None) -> None:
        """`snapshot` for levels that `streams.decoding` made: [price, size] in floats, kept without a copy."""
        self["bids"].take(bids)
        self["asks"].take(asks)
        self["symbol"] = symbol
        self.touch(timestamp, nonce)
        self.stale = None

    def limit(self) -> Book:
        """The book, cut to its depth where it was made with one.

        ccxt cuts the live book, so what moves up from below after a deletion is missing; here the cut is a copy.
        """
        asks, bids = self["asks"], self["bids"]
        if len(asks) <= asks._depth and len(bids) <= bids._depth:
            return self
        cut = self.copy()
        cut["asks"].limit()
        cut["bids"].limit()
        return cut

    def copy(self) -> Book:
        """An independent copy, as live or stale as the original is now."""
        copied: Book = super().copy()
        copied.stale = self.stale
        return copied

    def touch(self, timestamp: int | None, nonce: int | None) -> None:
        """Note the time (milliseconds) and sequence number of a delta."""
        self["timestamp"] = timestamp
        self["datetime"] = iso(timestamp)
        self["nonce"] = nonce

    def lose(self, now: float) -> None:
        """Mark as not live, keep the levels, forget the sequence and whatever deltas were waiting for a snapshot."""
        if self.stale is None:
            self.stale = now
        self["nonce"] = None
        self.cache.clear()
