"""Our books against ccxt's own and against a dict, whatever is applied to them."""

from __future__ import annotations

import copy
import json
import pickle
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccxt_dex._ccxt import Asks as CcxtAsks
from ccxt_dex._ccxt import Bids as CcxtBids
from ccxt_dex._ccxt import OrderBook, SyncExchange
from ccxt_dex.streams.books import Asks, Bids, Book, _floats, iso

prices = st.integers(1, 40).map(lambda n: f"{Decimal(n) / 4}")
sizes = st.one_of(st.just("0"), st.just("0.0000"), st.integers(1, 99).map(lambda n: f"{Decimal(n) / 10}"))
levels = st.lists(st.tuples(prices, sizes).map(list), max_size=25)
operations = st.lists(st.tuples(st.sampled_from(["apply", "apply_dicts", "replace", "store", "limit", "numbers"]), levels), max_size=12)


class Model:
    """A side as a dict."""

    def __init__(self, bids: bool) -> None:
        self.bids = bids
        self.levels: dict[float, float] = {}

    def apply(self, rows: Any) -> None:
        for price, size in rows:
            self.levels[float(price)] = float(size)
            if not float(size):
                del self.levels[float(price)]

    def replace(self, rows: Any) -> None:
        self.levels = {}
        self.apply(rows)

    def rows(self) -> list[list[float]]:
        return [[price, self.levels[price]] for price in sorted(self.levels, reverse=self.bids)]


@pytest.mark.parametrize(("mine", "theirs", "bids"), [(Asks, CcxtAsks, False), (Bids, CcxtBids, True)])
@given(operations=operations)
def test_side_is_the_dict_and_ccxts_side(mine: Any, theirs: Any, bids: bool, operations: Any) -> None:
    side, reference, model = mine(), theirs(), Model(bids)
    for name, rows in operations:
        if name == "replace":
            side.replace(rows)
            model.replace(rows)
            reference.clear()
            reference._index.clear()
        elif name == "apply_dicts":
            side.apply_dicts([{"p": price, "s": size} for price, size in rows], "p", "s")
            model.apply(rows)
        elif name == "numbers":
            side.apply([(float(price), float(size), "more") for price, size in rows])
            model.apply(rows)
        elif name == "store":
            for price, size in rows:
                side.store(float(price), float(size))
            model.apply(rows)
        elif name == "limit":
            side.limit()
        else:
            side.apply(rows)
            model.apply(rows)
        if name != "limit":
            for price, size in rows:
                reference.store(float(price), float(size))
        assert list(side) == model.rows() == list(reference)
        assert side._index == reference._index
        assert all(type(number) is float for row in side for number in row)


@given(rows=levels, bids=levels, timestamp=st.one_of(st.none(), st.integers(0, 4_000_000_000_000)))
def test_reset_is_ccxts_reset(rows: Any, bids: Any, timestamp: Any) -> None:
    parsed = {
        "asks": [[float(a), float(b)] for a, b in rows],
        "bids": [[float(a), float(b)] for a, b in bids],
        "timestamp": timestamp,
        "nonce": 5,
        "symbol": "X",
    }
    mine, theirs = Book(), OrderBook()
    mine.reset(parsed)
    theirs.reset(parsed)
    assert dict(mine) == dict(theirs)
    assert Book(parsed) == mine
    direct = Book()
    direct.snapshot(bids, rows, timestamp, 5, "X")
    assert dict(direct) == dict(theirs)


@given(st.one_of(st.none(), st.integers(-5, 4_000_000_000_000)))
def test_iso_is_ccxts(milliseconds: Any) -> None:
    assert iso(milliseconds) == SyncExchange.iso8601(milliseconds)


def book() -> Book:
    return Book({"asks": [["101", "1"], ["102", "2"]], "bids": [["99", "3"]], "timestamp": 1763448665923, "nonce": 7, "symbol": "X"})


def test_bots_see_ccxts_book() -> None:
    made = book()
    assert isinstance(made, OrderBook) and isinstance(made["asks"], CcxtAsks)
    assert made["asks"][0] == [101.0, 1.0] and type(made["asks"][:1]) is list and len(made["asks"]) == 2
    assert json.loads(json.dumps(made)) == orjson.loads(orjson.dumps(made)) == dict(made)
    assert made["datetime"] == "2025-11-18T06:51:05.923Z"
    for twin in (copy.deepcopy(made), pickle.loads(pickle.dumps(made)), made.copy()):
        assert twin == made and twin["asks"]._index == made["asks"]._index
        twin["asks"].apply([["101", "0"]])
        assert len(made["asks"]) == 2


def test_staleness() -> None:
    empty = Book()
    assert empty.stale is not None, "a book without a snapshot is not live"
    empty["asks"].apply([["1", "1"]])
    assert empty.stale is not None, "deltas do not make it so"
    made = book()
    assert made.stale is None
    made.cache.append("a delta")
    made.lose(5.0)
    made.lose(9.0)
    assert made.stale == 5.0 and made["nonce"] is None and not made.cache and len(made["asks"]) == 2
    assert made.copy().stale == 5.0
    made.snapshot([], [["1", "1"]], None, None, "X")
    assert made.stale is None and made["datetime"] is None


def test_depth_cuts_what_is_handed_out_not_the_book() -> None:
    made = Book({"asks": [[1, 1], [2, 1], [3, 1]]}, 2)
    assert [row[0] for row in made.limit()["asks"]] == [1.0, 2.0]
    made["asks"].apply([[1, 0]])
    assert made.limit() is made and [row[0] for row in made["asks"]] == [2.0, 3.0]


def test_memo_stays_small() -> None:
    side = Asks()
    for start in range(0, 50_000, 1000):
        side.replace([[str(start + n), "1"] for n in range(1000)])
    assert len(_floats) <= 20_001


@pytest.mark.parametrize("row", [["x", "1"], ["1", None], ["1"], None])
def test_levels_that_are_none_are_an_error(row: Any) -> None:
    for method in ("apply", "replace"):
        with pytest.raises((ValueError, TypeError, IndexError)):
            getattr(Asks(), method)([row])
