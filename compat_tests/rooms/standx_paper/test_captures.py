"""Every recorded answer and frame of the live venue against ours: field names and their order, JSON types, decimals, time formats.

The recordings were made on 2026-06-11 (../shared/captures/SOURCE.md); they lie beside the checkout, not in it.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from ccxt_dex import paper
from ccxt_dex.paper import Venue

CAPTURES = Path(__file__).resolve().parents[4] / "shared" / "captures" / "standx"
pytestmark = pytest.mark.skipif(not CAPTURES.is_dir(), reason="no recorded payloads at ../shared/captures/standx")

KINDS = (
    ("time", re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3}|\.\d{6}|\.\d{9})?Z")),
    ("decimal", re.compile(r"-?\d+(\.\d+)?")),
)
FIXED_DECIMALS = ("price", "mark_price", "index_price", "last_price", "bid1", "ask1", "funding_rate", "spread_bid", "spread_ask")


def shape(value: Any, name: str = "") -> Any:
    """What two payloads of one kind must share."""
    if isinstance(value, dict):
        return {key: shape(item, key) for key, item in value.items()}
    if isinstance(value, list):
        shapes = [shape(item, name) for item in value]
        return [shapes[0]] if shapes and all(item == shapes[0] for item in shapes) else shapes
    if isinstance(value, str):
        kind = next((kind for kind, pattern in KINDS if pattern.fullmatch(value)), "text")
        if kind == "decimal" and name in FIXED_DECIMALS:
            return f"decimal with {len(value.partition('.')[2])} places"
        if kind == "time":
            return f"time with {len(value.partition('.')[2].rstrip('Z'))} places"
        return kind
    return type(value).__name__


def keys(value: Any) -> Any:
    """Field names in their order, all the way down."""
    if isinstance(value, dict):
        return [(key, keys(item)) for key, item in value.items()]
    return keys(value[0]) if isinstance(value, list) and value else None


def alike(ours: Any, theirs: Any) -> None:
    """Rows of a list may have any shape that the recording has: a premium of 0 and a price without places occur among its rows."""
    if isinstance(ours, list) and isinstance(theirs, list):
        allowed = [shape(row) for row in theirs]
        assert ours and all(shape(row) in allowed for row in ours)
    else:
        assert shape(ours) == shape(theirs)


def recorded(name: str) -> tuple[str, Any]:
    text = (CAPTURES / name).read_text(encoding="utf-8").rstrip("\n")
    return text, json.loads(text)


@pytest_asyncio.fixture
async def venue() -> AsyncIterator[Venue]:
    async with paper.start("standx", price_ms=100) as running:
        yield running


async def get(venue: Venue, path: str) -> tuple[int, str, Any]:
    async with aiohttp.ClientSession() as http, http.get(venue.url + path) as answer:
        text = await answer.text()
        return answer.status, text, json.loads(text)


NOW = int(time.time())
FILES = {
    "rest-health.json": (401, "/api/health"),
    "rest-kline_history.json": (200, f"/api/kline/history?symbol=BTC-USD&from={NOW - 300}&to={NOW}&resolution=1"),
    "rest-kline_time.json": (200, "/api/kline/time"),
    "rest-query_depth_book_symbol_BTC-USD.json": (200, "/api/query_depth_book?symbol=BTC-USD"),
    "rest-query_funding_rates.json": (
        200,
        f"/api/query_funding_rates?symbol=BTC-USD&start_time={(NOW - 86_400) * 1000}&end_time={NOW * 1000}",
    ),
    "rest-query_market_overview.json": (200, "/api/query_market_overview"),
    "rest-query_recent_trades_symbol_BTC-USD.json": (200, "/api/query_recent_trades?symbol=BTC-USD"),
    "rest-query_symbol_info_all.json": (200, "/api/query_symbol_info"),
    "rest-query_symbol_info_symbol_BTC-USD.json": (200, "/api/query_symbol_info?symbol=BTC-USD"),
    "rest-query_symbol_market_symbol_BTC-USD.json": (200, "/api/query_symbol_market?symbol=BTC-USD"),
    "rest-query_symbol_price_symbol_BTC-USD.json": (200, "/api/query_symbol_price?symbol=BTC-USD"),
}
SAME_BYTES = ("rest-health.json", "rest-query_symbol_info_all.json", "rest-query_symbol_info_symbol_BTC-USD.json")


def test_no_recording_is_left_out() -> None:
    assert {path.name for path in CAPTURES.iterdir()} == {*FILES, "ws-frames.ndjson"}


@pytest.mark.parametrize("name", FILES)
async def test_a_rest_answer_has_the_recorded_shape(venue: Venue, name: str) -> None:
    status, path = FILES[name]
    text, theirs = recorded(name)
    got, ours_text, ours = await get(venue, path)
    assert got == status
    if name in SAME_BYTES:
        assert ours_text == text
    elif name == "rest-query_market_overview.json":
        assert [keys(row) for row in ours["symbols"]] == [keys(row) for row in theirs["symbols"]]
        assert keys(ours["summary"]) == keys(theirs["summary"])
        btc, theirs_btc = (next(row for row in rows["symbols"] if row["base"] == "BTC") for rows in (ours, theirs))
        assert shape(btc) == shape(theirs_btc)
    else:
        assert keys(ours) == keys(theirs)
        alike(ours, theirs)
    assert ": " not in ours_text and ", " not in ours_text, "no white space between tokens"


async def test_the_book_has_130_levels_a_side_in_whole_dollars_sorted(venue: Venue) -> None:
    _, _, ours = await get(venue, "/api/query_depth_book?symbol=BTC-USD")
    _, theirs = recorded("rest-query_depth_book_symbol_BTC-USD.json")
    for side, sign in (("bids", -1), ("asks", 1)):
        assert len(ours[side]) == len(theirs[side]) == 130
        prices = [float(price) for price, _ in ours[side]]
        assert prices == sorted(prices, key=lambda price: sign * price) and all("." not in price for price, _ in ours[side])
    await venue.market({"pause": True})  # between two reads a live market moves
    _, _, ours = await get(venue, "/api/query_depth_book?symbol=BTC-USD")
    _, _, touch = await get(venue, "/api/query_symbol_price?symbol=BTC-USD")
    assert float(ours["bids"][0][0]) <= float(touch["spread_bid"]) < float(touch["spread_ask"]) <= float(ours["asks"][0][0])


async def test_stream_frames_have_the_recorded_shape(venue: Venue) -> None:
    theirs: dict[str, Any] = {}
    for line in (CAPTURES / "ws-frames.ndjson").read_text(encoding="utf-8").splitlines():
        if line.strip():
            frame = json.loads(line)
            theirs.setdefault(frame["channel"], frame)
            assert shape_of_frame(frame) == shape_of_frame(theirs[frame["channel"]]), "the recording agrees with itself"
    assert set(theirs) == {"depth_book", "price", "public_trade"}
    ours: dict[str, Any] = {}
    async with aiohttp.ClientSession() as http, http.ws_connect(f"{venue.url}/ws-stream/v1") as ws:
        for channel in theirs:
            await ws.send_json({"subscribe": {"channel": channel, "symbol": "BTC-USD"}})
        seqs = []
        while set(ours) != set(theirs) or len(seqs) < 20:
            text = (await ws.receive(10)).data
            assert ": " not in text and ", " not in text
            frame = json.loads(text)
            seqs.append(frame["seq"])
            ours[frame["channel"]] = frame
    assert seqs == list(range(1, len(seqs) + 1))
    for channel, frame in theirs.items():
        assert keys(ours[channel]) == keys(frame), channel
        assert shape_of_frame(ours[channel]) == shape_of_frame(frame), channel
        if channel == "depth_book":
            assert len(ours[channel]["data"]["asks"]) == len(frame["data"]["asks"]) == 130


def shape_of_frame(frame: dict[str, Any]) -> Any:
    """Decimal places of the book's side prices vary between its sources (5.4 of the fact sheet), the rest is compared exactly."""
    found = shape(frame)
    if frame["channel"] == "depth_book":
        found["data"].update({"last_price": "decimal", "mark_price": "decimal"})
    if frame["channel"] == "public_trade":
        found["data"]["price"] = "decimal"
    if frame["channel"] == "price":
        found["data"].update({"last_price": "decimal", "mark_price": "decimal", "index_price": "decimal"})
    return found
