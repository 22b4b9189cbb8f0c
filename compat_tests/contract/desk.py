"""What every behaviour card stands on: one room's client in front of its own paper venue, and the words to move both."""

from __future__ import annotations

import asyncio
import os
import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from pathlib import Path
from typing import Any

import pytest

from ccxt_dex.paper.types import NewOrder

ROOMS = Path(__file__).resolve().parents[2] / "exchanges"
CARD = re.compile(r"^- `([a-z_]+)`: (.+)$", re.MULTILINE)


def cannot(venue_id: str) -> dict[str, str]:
    """Cards that a room's README declares impossible, with the reason: the bullet list below its heading `## Cards it cannot have`."""
    text = (ROOMS / venue_id / "README.md").read_text(encoding="utf-8")
    _, _, section = text.partition("## Cards it cannot have")
    return dict(CARD.findall(section.partition("\n## ")[0]))


async def until(condition: Callable[[], Any], what: str, seconds: float = 8.0) -> Any:
    """Wait for a condition (plain or async) to be truthy and return its value."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if asyncio.iscoroutine(value):
            value = await value
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"never happened within {seconds} s: {what}")
        await asyncio.sleep(0.01)


class Watcher:
    """Keeps calling one watch method and collects what it hands out."""

    def __init__(self, ex: Any, method: str, *args: Any) -> None:
        self.seen: list[Any] = []
        self.call = lambda: getattr(ex, method)(*args)
        self.task = asyncio.ensure_future(self.run())

    async def run(self) -> None:
        while True:
            result = await self.call()
            self.seen.extend(dict(row) for row in result) if isinstance(result, list) else self.seen.append(dict(result))

    async def stop(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


@dataclass
class Desk:
    """One funded account on one paper venue."""

    venue_id: str
    venue: Any
    ex: Any
    symbol: str
    opened: list[Any] = field(default_factory=list)
    least: Decimal | None = None

    @property
    def market(self) -> dict[str, Any]:
        return self.ex.market(self.symbol)

    @property
    def engine(self) -> Any:
        return self.venue.engine

    @property
    def native(self) -> str:
        """The engine's market behind our symbol."""
        markets, market = self.engine.markets, self.market
        if market["id"] in markets:
            return str(market["id"])
        return next(key for key, row in markets.items() if (row.base, row.settle) == (market["base"], market["settle"]))

    @property
    def account(self) -> Any:
        """Our account as the venue sees it."""
        return self.engine.account(self.venue.server.accounts[0])

    def orders_executed(self) -> int:
        """How many orders ever reached the matching engine, from anybody."""
        return int(self.venue.server.log.orders_executed)

    def subscriptions(self) -> int:
        return sum(len(socket.subscriptions) for socket in self.venue.server.connections)

    def listening(self, watchers: int) -> bool:
        """Whether so many watchers wait and the venue has every subscription they stand on; two may stand on one."""
        ledgers = [(client, client.ledger) for client in (self.ex.clients or {}).values()]
        records = {h: record for client, ledger in ledgers for h in client.futures if (record := ledger.of(h)) and record.kind == "topic"}
        return len(records) >= watchers and self.subscriptions() >= len({record.key for record in records.values()})

    async def unknown_order_id(self) -> str:
        """An id of the venue's own shape that it never gave out."""
        order = await self.rest()
        await self.ex.cancel_order(order["id"], self.symbol)
        await self.final(order)
        rng, hexadecimal = random.Random(5), bool(re.fullmatch(r"0x[0-9a-f]+|[0-9a-f-]{32,}", order["id"]))
        digits = "0123456789abcdef" if hexadecimal else "0123456789"
        head = 2 if order["id"].startswith("0x") else 0
        return order["id"][:head] + "".join(rng.choice(digits) if ch in digits else ch for ch in order["id"][head:])

    def wrong_key(self) -> dict[str, Any]:
        """Our own account with somebody else's key."""
        mine, theirs = self.venue.config(), self.venue.config("bob")
        keys = {name: theirs[name] for name in ("privateKey", "secret") if name in theirs}
        return {**mine, **(keys or self.venue.wrong_key())}

    def tokens(self) -> list[str]:
        """Session tokens that the client keeps."""
        found: list[str] = []
        for path in Path(os.environ["CCXT_DEX_HOME"]).rglob("*"):
            if path.is_file():
                found += re.findall(r'"([A-Za-z0-9_.=+/-]{24,})"', path.read_text(encoding="utf-8"))
        public = {str(value) for value in (self.ex.walletAddress, self.ex.session_scope()) if value}
        return [
            text
            for text in found
            if not any(text.lower() == name.lower() for name in public) and not re.fullmatch(r"0x[0-9a-fA-F]{40}", text)
        ]

    def needs(self, card: str, *methods: str) -> None:
        """Skip with the README's reason where the venue cannot have the card; fail where `has` and README disagree."""
        reasons = cannot(self.venue_id)
        if card in reasons:
            pytest.skip(f"{self.venue_id}: {reasons[card]}")
        missing = [name for name in methods if self.ex.has.get(name) is not True]
        assert not missing, f"{self.venue_id}: has {missing} False, yet its README does not say that it cannot have the card {card!r}"

    # --- prices and sizes, on the venue's grid
    def tick(self, value: Decimal | float, up: bool = False) -> float:
        step = Decimal(str(self.market["precision"]["price"]))
        mode = ROUND_CEILING if up else ROUND_FLOOR
        exact = (Decimal(str(value)) / step).to_integral_value(mode) * step
        return float(self.ex.price_to_precision(self.symbol, float(exact)))

    def mark(self) -> Decimal:
        return self.engine.mark(self.native)

    def best(self) -> tuple[Decimal, Decimal]:
        bid, ask = self.engine.best(self.native)
        assert bid is not None and ask is not None
        return bid, ask

    def below(self, fraction: str = "0.02") -> float:
        return self.tick(self.mark() * (1 - Decimal(fraction)))

    def above(self, fraction: str = "0.02") -> float:
        return self.tick(self.mark() * (1 + Decimal(fraction)), up=True)

    def size(self, times: int = 2) -> float:
        """A size that clears every minimum, a few times over; the same all through a test, wherever the price goes."""
        limits, step = self.market["limits"], Decimal(str(self.market["precision"]["amount"]))
        if self.least is None:
            least = Decimal(str(limits["amount"]["min"] or step))
            cost = Decimal(str((limits["cost"] or {}).get("min") or 0)) * Decimal("1.2")
            self.least = (max(least, cost / self.mark(), step) / step).to_integral_value(ROUND_CEILING) * step
        return float(self.least * times)

    # --- actions
    async def create(self, type: str, side: str, amount: float, price: float | None = None, **params: Any) -> dict[str, Any]:
        return await self.ex.create_order(self.symbol, type, side, amount, price, params)

    async def rest(self, side: str = "buy", times: int = 2, **params: Any) -> dict[str, Any]:
        return await self.create("limit", side, self.size(times), self.below() if side == "buy" else self.above(), **params)

    async def fill(self, side: str = "buy", times: int = 2, **params: Any) -> dict[str, Any]:
        order = await self.create("market", side, self.size(times), None, **params)
        return await self.final(order)

    async def final(self, order: dict[str, Any], *statuses: str) -> dict[str, Any]:
        """The order once the venue calls it closed, canceled or rejected (or one of the given statuses)."""
        wanted = statuses or ("closed", "canceled", "rejected", "expired")

        async def there() -> Any:
            latest = await self.ex.fetch_order(order["id"], self.symbol)
            return latest if latest["status"] in wanted else None

        return await until(there, f"order {order['id']} is {wanted}")

    async def position(self) -> dict[str, Any] | None:
        rows = await self.ex.fetch_positions([self.symbol])
        return next((row for row in rows if row["contracts"]), None)

    async def has_position(self, contracts: float, side: str | None = None) -> dict[str, Any] | None:
        async def there() -> Any:
            row = await self.position()
            if not contracts:
                return row is None
            return row if row and abs(row["contracts"] - contracts) < 1e-12 and side in (None, row["side"]) else None

        found = await until(there, f"position of {contracts} {side}")
        return None if found is True else found

    async def total(self) -> Decimal:
        balance = await self.ex.fetch_balance()
        return Decimal(str(balance[self.market["settle"]]["total"]))

    async def move(self, price: Decimal | float) -> None:
        """Move the whole market: index, mark, book."""
        await self.venue.market({"symbol": self.native, "price": str(price)})

    def counterparty(self, side: str, qty: float, price: Decimal | float | None = None) -> Any:
        """Somebody else's order, straight into the engine."""
        name = "somebody-else"
        if name not in {account.name for account in self.engine.accounts()}:
            self.engine.open_account(name, Decimal(10_000_000))
        kind = "limit" if price is not None else "market"
        new = NewOrder(self.native, side, kind, Decimal(str(qty)), Decimal(str(price)) if price is not None else None)  # type: ignore[arg-type]
        return self.engine.submit(name, new)

    async def another(self, account: str | None = None, *, deposit: Decimal | None = None, **config: Any) -> Any:
        """A second client: of another account when named, else of the same one."""
        merged = self.ex.deep_extend(self.venue.config(account, deposit=deposit) if account else self.venue.config(), config)
        other = type(self.ex)(merged)
        self.opened.append(other)
        return other
