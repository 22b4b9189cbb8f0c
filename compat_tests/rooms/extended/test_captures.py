"""Frames recorded at the venue on 2026-06-11 (shared captures), where they are at hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import ccxt_dex
from ccxt_dex import paper

CAPTURES = Path(__file__).resolve().parents[4] / "shared" / "captures" / "extended"
SYMBOL = "BTC/USDC:USDC"
pytestmark = pytest.mark.skipif(not CAPTURES.is_dir(), reason="no captures here")


def frames(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (CAPTURES / name).read_text(encoding="utf-8").splitlines()]


class Link:
    """A connection that notes what it is given."""

    def __init__(self, url: str) -> None:
        self.url, self.told, self.gaps = url, [], []  # type: ignore[var-annotated]
        self.ledger = type("Ledger", (), {"generation": 1})()

    def resolve(self, result: Any, message_hash: str) -> None:
        self.told.append((message_hash, result))

    def resync(self, message_hash: str, reason: Any) -> None:
        self.gaps.append((message_hash, reason))


async def test_the_book_follows_the_recorded_deltas_and_tells_a_gap() -> None:
    recorded = frames("orderbook_frames_001-020.raw.ndjson")
    deltas = [frame for frame in recorded if frame["type"] == "DELTA"]
    async with paper.start("extended", seed=7) as venue:
        ex = ccxt_dex.extended(venue.config())
        try:
            await ex.load_markets()
            link = Link(ex.ws_url("/orderbooks/BTC-USD"))
            first = {"t": "SNAPSHOT", "m": "BTC-USD", "b": [{"p": "40296", "q": "0.00619"}], "a": [{"p": "90000", "q": "1"}]}
            ex.handle_message(link, {"type": "SNAPSHOT", "data": first, "ts": 1, "seq": deltas[0]["seq"] - 1})
            sizes: dict[str, dict[float, float]] = {"b": {40296.0: 0.00619}, "a": {90000.0: 1.0}}
            for frame in deltas:
                ex.handle_message(link, frame)
                for side, held in sizes.items():
                    held.update((float(level["p"]), float(level["c"])) for level in frame["data"][side])
            book = ex.orderbooks[SYMBOL]
            for side, name in (("b", "bids"), ("a", "asks")):
                assert {price: size for price, size in book[name]} == {price: size for price, size in sizes[side].items() if size}
            assert book["nonce"] == deltas[-1]["seq"] and book["timestamp"] == deltas[-1]["ts"] and link.gaps == []
            ex.handle_message(link, {**deltas[-1], "seq": deltas[-1]["seq"] + 2})
            assert link.gaps == [(f"orderbook:{SYMBOL}", f"seq {deltas[-1]['seq'] + 2}")]
        finally:
            await ex.close()


async def test_best_prices() -> None:
    async with paper.start("extended", seed=7) as venue:
        ex = ccxt_dex.extended(venue.config())
        try:
            await ex.load_markets()
            link = Link(ex.ws_url("/orderbooks/BTC-USD?depth=1"))
            ex.handle_message(link, frames("obd1_frame_000.raw.json")[0])
            best = ex.bidsasks[SYMBOL]
            assert (best["bid"], best["bidVolume"], best["ask"], best["askVolume"]) == (61997.0, 21.27619, 61998.0, 0.59638)
            assert best["timestamp"] == 1781147814009
        finally:
            await ex.close()
