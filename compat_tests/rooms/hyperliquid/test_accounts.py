"""Sub-accounts: an action is for the one that was named, wherever it was named, and so is every look for what became of it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

import ccxt_dex
from ccxt_dex import paper
from ccxt_dex._ccxt import errors
from ccxt_dex.errors import OrderOutcomeUnknown

SYMBOL = "BTC/USDC:USDC"
ROWS = [{"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 0.001, "price": price} for price in (59000, 58000)]


class Desk:
    def __init__(self, venue: Any, ex: Any, sub: str) -> None:
        self.venue, self.ex, self.sub = venue, ex, sub
        self.named = {"vaultAddress": sub}

    async def open(self) -> tuple[int, int]:
        """Open orders of the account, and of its sub-account."""
        mine, theirs = await self.ex.fetch_open_orders(SYMBOL), await self.ex.fetch_open_orders(SYMBOL, None, None, self.named)
        return len(mine), len(theirs)

    def last(self) -> dict[str, Any]:
        found: dict[str, Any] = [json.loads(row.body) for row in self.venue.requests() if row.path == "/exchange"][-1]
        return found


@pytest_asyncio.fixture
async def desk() -> AsyncIterator[Desk]:
    async with paper.start("hyperliquid", seed=7) as venue:
        await venue.market({"pause": True})
        ex = ccxt_dex.hyperliquid(venue.config() | {"options": {"outcomeTimeout": 0.2}})
        try:
            sub = (await ex.create_sub_account("two"))["response"]["data"]
            await ex.transfer("USDC", 1000, "main", sub)
            ex.absence_grace = 0.1
            yield Desk(venue, ex, sub)
        finally:
            await ex.close()


async def test_a_member_s_account_is_the_action_s(desk: Desk) -> None:
    await desk.ex.create_orders([{**row, "params": {"vaultAddress": desk.sub}} for row in ROWS])
    assert await desk.open() == (0, 2)
    orders = await desk.ex.fetch_open_orders(SYMBOL, None, None, desk.named)
    rows = [
        {**row, "id": order["id"], "amount": 0.002, "params": {"subAccountAddress": desk.sub}}
        for row, order in zip(ROWS, orders, strict=True)
    ]
    assert [row["status"] for row in await desk.ex.edit_orders(rows)] == ["open", "open"]
    assert desk.last()["vaultAddress"] == desk.sub and await desk.open() == (0, 2)


async def test_a_member_s_expiry_is_the_action_s(desk: Desk) -> None:
    at = desk.ex.milliseconds() + 60_000
    await desk.ex.create_orders([{**row, "params": {"expiresAfter": at}} for row in ROWS])
    assert desk.last()["expiresAfter"] == at


@pytest.mark.parametrize("name", ["vaultAddress", "expiresAfter"])
async def test_members_that_do_not_agree_are_refused(desk: Desk, name: str) -> None:
    sent = len(desk.venue.adapter.acted)
    value = desk.sub if name == "vaultAddress" else desk.ex.milliseconds() + 60_000
    with pytest.raises(errors.BadRequest, match="one action"):
        await desk.ex.create_orders([{**ROWS[0], "params": {name: value}}, ROWS[1]])
    assert len(desk.venue.adapter.acted) == sent and await desk.open() == (0, 0)


async def test_a_batch_whose_answer_is_lost_is_looked_for_where_it_was_sent(desk: Desk) -> None:
    await desk.venue.fault({"kind": "lose_reply", "match": "POST /exchange order"})
    found = await desk.ex.create_orders(ROWS, desk.named)
    assert [row["status"] for row in found] == ["open", "open"] and await desk.open() == (0, 2)


@pytest.mark.parametrize("name", ["cancel_orders", "cancel_all_orders", "cancel_order"])
async def test_a_cancel_that_did_not_get_through_is_not_called_done(desk: Desk, name: str) -> None:
    order = await desk.ex.create_order(SYMBOL, "limit", "buy", 0.001, 59000, desk.named)
    desk.ex.absence_grace = None
    await desk.venue.fault({"kind": "http_status", "status": 502, "match": "POST /exchange cancel", "count": 9})
    arguments = {"cancel_orders": ([order["id"]], SYMBOL), "cancel_all_orders": (SYMBOL,), "cancel_order": (order["id"], SYMBOL)}[name]
    with pytest.raises(OrderOutcomeUnknown):
        await getattr(desk.ex, name)(*arguments, desk.named)
    assert await desk.open() == (0, 1)
