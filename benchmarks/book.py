"""The book path: from the bytes of a frame to the updated book in the hands of a consumer, ccxt's lighter class and the same class behind our layer.

No socket: the frame enters where the reader would give it in, the consumer is a task that awaits `watch_order_book` for every update. All variants run
interleaved in one process and the best of several rounds counts, because shared machines vary more between runs than the variants differ.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from typing import Any

import orjson

from ccxt_dex import _ccxt
from ccxt_dex.streams import RepairClient, StreamsMixin, iso

MESSAGES = 500
ROUNDS = 9
SYMBOL = "ETH/USDC:USDC"
URL = "ws://127.0.0.1:1/"
CHANNEL = "order_book:0"

Row = tuple[str, float, str]


def deltas(count: int, depth: int) -> list[bytes]:
    """Composed deltas: 3 levels a side, 30 % deletions, mostly near the top."""
    chance = random.Random(1)

    def level(best: float, sign: int) -> dict[str, str]:
        away = min(int(chance.expovariate(1 / max(depth / 10, 3))), depth - 1)
        size = "0.0000" if chance.random() < 0.3 else f"{chance.random() * 60:.4f}"
        return {"price": f"{best + sign * away * 0.01:.2f}", "size": size}

    frames = []
    for n in range(1, count + 1):
        asks, bids = [[level(best, sign) for _ in range(3)] for best, sign in ((2980.0, 1), (2979.99, -1))]
        book = {"code": 0, "asks": asks, "bids": bids, "offset": n, "nonce": n + 1, "begin_nonce": n}
        frames.append(
            orjson.dumps(
                {"channel": CHANNEL, "offset": n, "order_book": book, "timestamp": 1763448665923 + n * 50, "type": "update/order_book"}
            )
        )
    return frames


def snapshot(depth: int) -> bytes:
    """A composed snapshot."""
    asks = [{"price": f"{2980 + i * 0.01:.2f}", "size": "1.5"} for i in range(depth)]
    bids = [{"price": f"{2979.99 - i * 0.01:.2f}", "size": "1.5"} for i in range(depth)]
    book = {"code": 0, "asks": asks, "bids": bids, "offset": 0, "nonce": 1}
    return orjson.dumps({"channel": CHANNEL, "offset": 0, "order_book": book, "timestamp": 1, "type": "subscribed/order_book"})


MARKET = {
    "id": "0",
    "symbol": SYMBOL,
    "base": "ETH",
    "quote": "USDC",
    "settle": "USDC",
    "type": "swap",
    "spot": False,
    "swap": True,
    "contract": True,
    "linear": True,
    "active": True,
    "precision": {"amount": 0.0001, "price": 0.01},
    "limits": {},
    "info": {},
}


class Repaired(StreamsMixin, _ccxt.pro("lighter")):  # type: ignore[misc]
    """ccxt's handlers, our client and our book."""


class Direct(Repaired):
    """With a handler as a room would write it: the topic's book looked up first, a frame applied at once."""

    def handle_message(self, client: Any, message: Any) -> None:
        if message.get("type") == "update/order_book":
            book = self.orderbooks[SYMBOL]
            data = message["order_book"]
            book["asks"].apply_dicts(data["asks"], "price", "size")
            book["bids"].apply_dicts(data["bids"], "price", "size")
            book.touch(message["timestamp"], data["offset"])
            client.resolve(book, "orderbook::ETH/USDC:USDC")
            return
        super().handle_message(client, message)


class Wire:
    """A socket that is open and takes everything."""

    closed = False

    async def send_str(self, text: str) -> None:
        """Nowhere."""

    async def close(self, code: int = 1000) -> None:
        """Nothing to do."""


def connected(cls: Any, depth: int) -> tuple[Any, Callable[[bytes], None]]:
    """An exchange that believes it is connected, and the door for frames."""
    exchange = cls({"enableRateLimit": False, "verify": False})
    exchange.set_markets([MARKET])
    exchange.urls["api"]["ws"] = URL
    client = exchange.client(URL)
    client.connection = Wire()
    client.isConnected = client.connecting = True
    client.connected.resolve(URL)
    if isinstance(client, RepairClient):
        client.ledger.generation = 1
        client.state = "open"
        client.watchdog.start(exchange.asyncio_loop.time())

        def take(frame: bytes) -> None:
            client.watchdog.read = client.asyncio_loop.time()  # as the reader does
            client.take(frame, False)

    else:

        def take(frame: bytes) -> None:
            client.last_message_at = exchange.milliseconds()
            client.handle_text_or_binary_message(frame.decode())

    take(snapshot(depth))
    return exchange, take


async def measure(cls: Any, depth: int, frames: list[bytes], waiting: bool) -> float:
    """Microseconds of CPU per frame."""
    exchange, take = connected(cls, depth)

    async def consume() -> None:
        while True:
            await exchange.watch_order_book(SYMBOL)

    consumer = asyncio.ensure_future(consume()) if waiting else None
    for _ in range(4):
        await asyncio.sleep(0)
    began = time.process_time()
    if waiting:
        for frame in frames:
            take(frame)
            await asyncio.sleep(0)
    else:
        for frame in frames:
            take(frame)
    spent = (time.process_time() - began) / len(frames) * 1e6
    if consumer is not None:
        consumer.cancel()
        await asyncio.gather(consumer, return_exceptions=True)
    exchange.clients = {}
    exchange.timeout_on_exit = 0
    await exchange.close()
    return spent


async def deltas_rows(depths: tuple[int, ...]) -> list[Row]:
    """Deltas on books of several depths, with and without a consumer."""
    variants = {"ccxt": _ccxt.pro("lighter"), "ccxt behind our layer": Repaired, "our handler": Direct}
    best: dict[str, float] = {}
    for depth in depths:
        frames = deltas(MESSAGES, depth)
        for _ in range(ROUNDS):
            for waiting in (False, True):
                for name, cls in variants.items():
                    label = f"book delta, depth {depth}, {'consumer awaiting' if waiting else 'nobody waits'}: {name}"
                    best[label] = min(best.get(label, float("inf")), await measure(cls, depth, frames, waiting))
    return [(label, value, "us/message") for label, value in best.items()]


def snapshot_rows() -> list[Row]:
    """A whole book of 130 levels a side replacing the last one, a fifth of the sizes new."""
    chance = random.Random(2)
    sizes = [f"{chance.random() * 60:.4f}" for _ in range(260)]
    books = []
    for _ in range(50):
        for index in chance.sample(range(260), 52):
            sizes[index] = f"{chance.random() * 60:.4f}"
        asks = [[f"{2980 + i * 0.01:.2f}", sizes[i]] for i in range(130)]
        bids = [[f"{2979.99 - i * 0.01:.2f}", sizes[130 + i]] for i in range(130)]
        books.append(orjson.dumps({"asks": asks, "bids": bids}))
    exchange = _ccxt.pro("lighter")()
    theirs = _ccxt.OrderBook()
    mine = StreamsMixin.order_book(Repaired())

    def natively(book: Any) -> None:
        theirs.reset(exchange.parse_order_book(book, SYMBOL, 1763448665923))

    def directly(book: Any) -> None:
        mine.snapshot(book["bids"], book["asks"], 1763448665923, 1, SYMBOL)

    best = {"ccxt": float("inf"), "our book": float("inf")}
    for _ in range(ROUNDS):
        for name, replace in (("ccxt", natively), ("our book", directly)):
            began = time.process_time()
            for text in books:
                replace(orjson.loads(text))
            best[name] = min(best[name], (time.process_time() - began) / len(books) * 1e6)
    return [(f"book snapshot 130 x 130: {name}", value, "us/message") for name, value in best.items()]


def clock_row() -> Row:
    """The `datetime` of an update."""
    began = time.process_time()
    for number in range(10_000):
        iso(1763448665923 + number)
    return ("datetime of a book update", (time.process_time() - began) / 10_000 * 1e6, "us")


def rows() -> list[Row]:
    """The benchmark's table: (name, value, unit)."""
    return [*asyncio.run(deltas_rows((10, 100, 1000))), *snapshot_rows(), clock_row()]


if __name__ == "__main__":
    for label, value, unit in rows():
        print(f"{label:70} {value:8.2f} {unit}")
