"""Full book snapshots: StandX's 130 x 130 frames, from their bytes to the book in the hands of a consumer, against decoding their JSON alone."""

from __future__ import annotations

import asyncio
import json
import random
import time
from typing import Any

import orjson

import ccxt_dex
from ccxt_dex import paper

FRAMES, ROUNDS, LEVELS = 200, 7, 130
START = 4_000_000_000_000  # later than any frame of the venue itself: older ones would be left out


def composed(symbol: str, first_seq: int) -> list[bytes]:
    """Composed after the recorded frames: 130 levels a side, one size in five changes, the top moves, `seq` counts on."""
    rng = random.Random(5)
    bids, asks = ([[f"{62000 + sign * i}", f"{rng.random():.4f}"] for i in range(LEVELS)] for sign in (-1, 1))
    frames = []
    for number in range(FRAMES):
        for row in rng.sample(bids, LEVELS // 5) + rng.sample(asks, LEVELS // 5):
            row[1] = f"{rng.random():.4f}"
        data = {
            "asks": asks[1:],
            "bids": bids,
            "last_price": "62000",
            "mark_price": "62000.5",
            "symbol": symbol,
            "time": START + (first_seq + number) * 205,
        }
        frames.append(orjson.dumps({"seq": first_seq + number, "channel": "depth_book", "symbol": symbol, "data": data}))
    return frames


async def standx() -> list[tuple[str, float, str]]:
    async with paper.start("standx", seed=7) as venue:
        ex: Any = ccxt_dex.standx({**venue.config(), "options": {"tokenStore": False}})
        try:
            await ex.load_markets()
            symbol = ccxt_dex.symbol(ex, "BTC")
            await ex.watch_order_book(symbol)
            await venue.market({"pause": True})
            client = next(row for row in ex.clients.values() if any("depth_book" in str(key) for key in row.subscriptions))
            best = {"standard": 1e9, "decode": 1e9, "alone": 1e9, "consumer": 1e9}
            for _ in range(ROUNDS):
                frames = composed(ex.market(symbol)["id"], client.venue_seq[1] + 1)
                for name, loads in (("decode", orjson.loads), ("standard", json.loads)):
                    started = time.process_time()
                    for frame in frames:
                        loads(frame)
                    best[name] = min(best[name], time.process_time() - started)
                for name in ("alone", "consumer"):
                    frames = composed(ex.market(symbol)["id"], client.venue_seq[1] + 1)
                    best[name] = min(best[name], await replay(ex, symbol, client, frames, name == "consumer"))
        finally:
            await ex.close()
    unit = "us/frame"
    standard, decode, alone, consumer = (best[name] / FRAMES * 1e6 for name in ("standard", "decode", "alone", "consumer"))
    return [
        ("StandX 130 x 130: orjson alone", decode, unit),
        ("StandX 130 x 130: the standard library's json alone", standard, unit),
        ("StandX 130 x 130: frame to book, nobody waits", alone, unit),
        ("StandX 130 x 130: frame to book, consumer awaiting", consumer, unit),
        ("StandX 130 x 130: consumer against orjson alone", consumer / decode, "times"),
        ("StandX 130 x 130: consumer against the standard library's json alone", consumer / standard, "times"),
    ]


async def replay(ex: Any, symbol: str, client: Any, frames: list[bytes], consumer: bool) -> float:
    async def consume() -> None:
        while True:
            await ex.watch_order_book(symbol)

    task = asyncio.ensure_future(consume()) if consumer else None
    await asyncio.sleep(0)
    spent = 0.0
    for frame in frames:
        started = time.process_time()
        client.take(frame, False)
        if consumer:
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        spent += time.process_time() - started
    if task is not None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    return spent


def rows() -> list[tuple[str, float, str]]:
    return asyncio.run(standx())
