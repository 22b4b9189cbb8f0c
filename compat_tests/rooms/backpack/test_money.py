"""Withdrawals: what is sent is what was asked for, and it is sent once."""

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

WALLET, ENDPOINT, CHAIN = "7cVfgArCheMR6Cs4t6vz5rfnqd56vZq4ndaBrY5xkxXy", "POST /wapi/v1/capital/withdrawals", {"network": "SOL"}


@pytest_asyncio.fixture
async def venue() -> AsyncIterator[Any]:
    async with paper.start("backpack", seed=7, accounts=2, coins={"SOL": "10"}) as venue:
        await venue.market({"pause": True})
        yield venue


@pytest_asyncio.fixture
async def ex(venue: Any) -> AsyncIterator[Any]:
    ex = ccxt_dex.backpack(venue.config())
    try:
        await ex.load_markets()
        yield ex
    finally:
        await ex.close()


def sent(venue: Any) -> list[Any]:
    return [json.loads(row.body) for row in venue.requests() if f"{row.method} {row.path}" == ENDPOINT]


async def test_a_withdrawal_leaves_the_account_and_is_listed(venue: Any, ex: Any) -> None:
    made = await ex.withdraw("USDC", "12.345678", WALLET, CHAIN)
    assert (made["type"], made["amount"], made["currency"], made["addressTo"]) == ("withdrawal", 12.345678, "USDC", WALLET)
    assert (made["status"], made["network"], made["fee"]) == ("pending", "SOL", {"cost": 0.5, "currency": "USDC"})
    assert sent(venue) == [{"symbol": "USDC", "quantity": "12.345678", "address": WALLET, "blockchain": "Solana"}]
    assert (await ex.fetch_balance())["USDC"]["total"] == pytest.approx(100_000 - 12.845678)
    (row,) = await ex.fetch_withdrawals("USDC")
    assert (row["id"], row["amount"], row["type"]) == (made["id"], 12.345678, "withdrawal")
    await ex.withdraw("SOL", 2, WALLET, CHAIN)
    assert sent(venue)[-1]["quantity"] == "2" and (await ex.fetch_balance())["SOL"]["total"] == 7.5


@pytest.mark.parametrize(
    "kind,arguments",
    [
        (errors.NotSupported, ("USDC", 5, WALLET, {**CHAIN, "tag": "1234"})),  # without its memo a deposit is lost at the other end
        (errors.ArgumentsRequired, ("USDC", 5, WALLET)),
        (errors.InvalidAddress, ("USDC", 5, "", CHAIN)),
        (errors.InvalidOrder, ("USDC", -5, WALLET, CHAIN)),
        (errors.InvalidOrder, ("USDC", 0, WALLET, CHAIN)),
    ],
)
async def test_what_is_not_sent(venue: Any, ex: Any, kind: Any, arguments: Any) -> None:
    with pytest.raises(kind):
        await ex.withdraw(*arguments)
    assert sent(venue) == []


async def test_the_venue_refuses_what_is_not_there(ex: Any) -> None:
    with pytest.raises(errors.InsufficientFunds):
        await ex.withdraw("USDC", 100_000, WALLET, CHAIN)  # its fee is not left
    assert (await ex.fetch_balance())["USDC"]["total"] == 100_000 and await ex.fetch_withdrawals() == []


@pytest.mark.parametrize("fault", [{"kind": "lose_reply"}, {"kind": "http_status", "status": 502, "execute": True}], ids=["lost", "502"])
async def test_a_withdrawal_whose_answer_is_lost_is_not_sent_again(venue: Any, ex: Any, fault: Any) -> None:
    await venue.fault({**fault, "match": ENDPOINT})
    with pytest.raises(OrderOutcomeUnknown, match="fetch_withdrawals"):
        await ex.withdraw("USDC", 5, WALLET, CHAIN)
    assert len(sent(venue)) == 1 and (await ex.fetch_balance())["USDC"]["total"] == 99_994.5
