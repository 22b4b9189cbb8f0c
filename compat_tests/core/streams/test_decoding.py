"""Typed decoding of books: the same book as the ordinary way makes, to the last bit, or the ordinary way itself."""

from __future__ import annotations

from typing import Any, TypedDict

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccxt_dex.streams import Book, Level, Typed, typed


class Data(TypedDict):
    bids: list[Level]
    asks: list[Level]


class Frame(TypedDict):
    channel: str
    data: Data


decode = typed(b'"book"', Frame)
numerals = st.decimals(min_value=0, max_value=10**12, allow_nan=False, allow_infinity=False, places=None).map(lambda d: f"{d:f}")
anything = numerals | st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**9), 10**9)
levels = st.lists(st.lists(anything, min_size=2, max_size=3), max_size=8)


def frame(bids: Any, asks: Any, **more: Any) -> bytes:
    return orjson.dumps({"channel": "book", "data": {"bids": bids, "asks": asks, "more": 1}, **more})


@given(levels, levels)
def test_the_book_is_the_one_of_the_ordinary_way(bids: Any, asks: Any) -> None:
    message = decode(frame(bids, asks))
    plain, fast = Book(), Book()
    plain.snapshot(bids, asks, 1, 2, "A")
    data = message["data"]
    (fast.take if type(message) is Typed else fast.snapshot)(data["bids"], data["asks"], 1, 2, "A")
    for side in ("bids", "asks"):
        assert fast[side] == plain[side] and fast[side]._index == plain[side]._index
    assert {key: fast[key] for key in ("timestamp", "datetime", "nonce", "symbol")} == {
        key: plain[key] for key in ("timestamp", "datetime", "nonce", "symbol")
    }


@given(numerals)
def test_a_numeral_becomes_the_float_that_python_makes_of_it(text: str) -> None:
    message = decode(frame([[text, "1"]], []))
    assert type(message) is Typed
    assert message["data"]["bids"][0][0].hex() == float(text).hex()


@pytest.mark.parametrize("level", [[None, "1"], ["x", "1"], [True, "1"], ["+1", "1"], "text", {"price": "1"}, 7])
def test_what_is_no_number_takes_the_ordinary_way(level: Any) -> None:
    raw = frame([level], [])
    message = decode(raw)
    assert type(message) is dict and message == orjson.loads(raw)


def test_other_frames_are_plain_json_whole() -> None:
    raw = orjson.dumps({"channel": "trade", "data": {"price": "1"}})
    assert decode(raw) == orjson.loads(raw) and type(decode(raw)) is dict
    error = orjson.dumps({"channel": "book", "error": "no such market"})
    assert decode(error) == orjson.loads(error), "a refusal on the same channel keeps all its fields"


@pytest.mark.parametrize("level", [["2", "1", "7"], ["2"], []])
def test_levels_of_another_length_take_the_ordinary_way(level: Any) -> None:
    assert type(decode(frame([level], []))) is dict
