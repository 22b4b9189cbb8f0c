"""Histories that are longer than a page: the venue answers a range of time with 500 rows, the oldest ones. Rows composed by us."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

import ccxt_dex
from ccxt_dex import paper

SYMBOL, OTHER = "BTC/USDC:USDC", "ETH/USDC:USDC"
HOUR = 3_600_000
ZERO = "0x" + "0" * 64


class Ledger:
    """Payments of two positions an hour, answered as the venue answers."""

    def __init__(self, now: int, hours: int) -> None:
        self.asked: list[dict[str, Any]] = []
        self.now = now - now % HOUR
        self.rows = [
            {"time": self.now - hour * HOUR, "hash": ZERO, "delta": {"type": "funding", "coin": coin, "usdc": "-1.0", "szi": "1", "fundingRate": "0.0"}}
            for hour in reversed(range(hours))
            for coin in ("BTC", "ETH")
        ]  # fmt: skip

    async def info(self, kind: str, **query: Any) -> Any:
        self.asked.append(query)
        end = query.get("endTime")
        return [row for row in self.rows if row["time"] >= query["startTime"] and (end is None or row["time"] <= end)][:500]


@pytest_asyncio.fixture
async def ex() -> AsyncIterator[Any]:
    async with paper.start("hyperliquid", seed=7) as venue:
        client = ccxt_dex.hyperliquid(venue.config())
        await client.load_markets()
        yield client
        await client.close()


async def test_every_payment_since_a_moment(ex: Any) -> None:
    """What a bot adds up for a position of three weeks: all of it, of its own market."""
    ledger = Ledger(ex.milliseconds(), 24 * 40)
    ex.info = ledger.info
    since = ledger.now - 24 * 21 * HOUR
    rows = await ex.fetch_funding_history(SYMBOL, since)
    assert sum(row["amount"] for row in rows) == -(24 * 21 + 1)
    assert [row["timestamp"] for row in rows] == [since + hour * HOUR for hour in range(24 * 21 + 1)]
    both = await ex.fetch_funding_history(None, since)
    assert len(both) == 2 * (24 * 21 + 1)


async def test_a_limit_ends_the_reading(ex: Any) -> None:
    ledger = Ledger(ex.milliseconds(), 24 * 40)
    ex.info = ledger.info
    rows = await ex.fetch_funding_history(SYMBOL, ledger.now - 24 * 30 * HOUR, 10)
    assert len(rows) == 10 and rows[0]["timestamp"] == ledger.now - 24 * 30 * HOUR and len(ledger.asked) == 1


@pytest.mark.parametrize("limit", [None, 5, 800])
async def test_without_a_moment_the_latest(ex: Any, limit: int | None) -> None:
    ledger = Ledger(ex.milliseconds(), 24 * 60)
    ex.info = ledger.info
    rows = await ex.fetch_funding_history(SYMBOL, None, limit)
    assert rows[-1]["timestamp"] == ledger.now
    assert len(rows) == limit if limit is not None else len(rows) >= 24 * 30
    assert len({row["timestamp"] for row in rows}) == len(rows)


async def test_a_page_that_ends_in_the_middle_of_a_block(ex: Any) -> None:
    """The next one begins with the last time again: nothing twice, nothing lost, equal rows of one time kept."""
    ledger = Ledger(ex.milliseconds(), 0)
    ledger.rows = [
        {"time": 1000 + number // 3, "hash": ZERO, "delta": {"type": "funding", "coin": "BTC", "usdc": "1.0", "szi": "1", "fundingRate": "0.0"}}
        for number in range(1300)
    ]  # fmt: skip
    ex.info = ledger.info
    assert len(await ex.fetch_funding_history(SYMBOL, 0)) == 1300
    ledger.rows = [{**row, "time": 5} for row in ledger.rows[:700]]
    assert len(await ex.fetch_funding_history(SYMBOL, 0)) == 500, "more of one time than a page holds cannot be had; it ends all the same"


async def test_moves_of_money_page_by_page(ex: Any) -> None:
    ledger = Ledger(ex.milliseconds(), 0)
    start = ledger.now - 700 * HOUR
    kinds = [{"type": "deposit", "usdc": "5.0"}, {"type": "withdraw", "usdc": "4.0", "nonce": 1, "fee": "0.5"}, {"type": "accountClassTransfer", "usdc": "3.0", "toPerp": True}]  # fmt: skip
    ledger.rows = [{"time": start + hour * HOUR, "hash": f"0x{hour:064x}", "delta": kinds[hour % 3]} for hour in range(700)]
    ex.info = ledger.info
    for name, count in (("fetch_deposits", 234), ("fetch_withdrawals", 233), ("fetch_transfers", 233), ("fetch_ledger", 700)):
        assert len(await getattr(ex, name)("USDC")) == count, name
        assert len(await getattr(ex, name)("USDC", start + 600 * HOUR, None, {"until": start + 602 * HOUR})) == (
            3 if name == "fetch_ledger" else 1
        )
        assert await getattr(ex, name)("PURR") == []
    entry = (await ex.fetch_ledger("USDC", start + HOUR, 1))[0]
    assert entry["fee"] == {"currency": "USDC", "cost": 0.5} and entry["currency"] == "USDC", "ccxt cuts the fee down to 0"


async def test_own_trades_until_a_moment(ex: Any) -> None:
    await ex.create_order(SYMBOL, "market", "buy", 0.001)
    (row,) = await ex.fetch_my_trades(SYMBOL)
    assert await ex.fetch_my_trades(SYMBOL, None, None, {"until": row["timestamp"] - 1}) == []
    assert len(await ex.fetch_my_trades(SYMBOL, None, None, {"until": row["timestamp"]})) == 1
