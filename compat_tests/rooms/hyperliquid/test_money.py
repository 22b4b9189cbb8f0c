"""Withdrawals over the bridge: the amount as it was given, one signed action, and nobody sends it twice."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

import ccxt_dex
from ccxt_dex._ccxt import errors
from ccxt_dex.errors import OrderOutcomeUnknown

TO = "0x" + "1a" * 20


@pytest_asyncio.fixture
async def ex(venue: Any) -> AsyncIterator[Any]:
    client = ccxt_dex.hyperliquid(venue.config() | venue.adapter.credentials("alice", kind="master"))
    yield client
    await client.close()


def sent(venue: Any) -> list[Any]:
    actions = [json.loads(row.body)["action"] for row in venue.requests() if row.path == "/exchange"]
    return [(row["destination"], row["amount"]) for row in actions if row["type"] == "withdraw3"]


async def test_a_withdrawal_leaves_the_account_and_is_listed(venue: Any, ex: Any) -> None:
    before = (await ex.fetch_balance())["USDC"]["total"]
    made = await ex.withdraw("USDC", "12.34", TO)
    assert (made["type"], made["currency"], made["amount"], made["addressTo"]) == ("withdrawal", "USDC", 12.34, TO)
    assert sent(venue) == [(TO, "12.34")]
    assert (await ex.fetch_balance())["USDC"]["total"] == pytest.approx(before - 12.34)
    (row,) = await ex.fetch_withdrawals("USDC")
    assert (row["amount"], row["fee"]["cost"]) == (11.34, 1.0)


async def test_more_than_there_is(venue: Any, ex: Any) -> None:
    before = (await ex.fetch_balance())["USDC"]["total"]
    with pytest.raises(errors.InsufficientFunds):
        await ex.withdraw("USDC", before + 1, TO)
    assert len(sent(venue)) == 1 and (await ex.fetch_balance())["USDC"]["total"] == before


async def test_a_withdrawal_whose_answer_is_lost_is_not_sent_again(venue: Any, ex: Any) -> None:
    before = (await ex.fetch_balance())["USDC"]["total"]
    await venue.fault({"kind": "lose_reply", "match": "POST /exchange withdraw3"})
    with pytest.raises(OrderOutcomeUnknown, match="fetch_withdrawals"):
        await ex.withdraw("USDC", 5, TO)
    assert len(sent(venue)) == 1 and (await ex.fetch_balance())["USDC"]["total"] == pytest.approx(before - 5)


def test_a_row_of_the_ledger_says_what_it_is() -> None:
    offline: Any = ccxt_dex.hyperliquid()
    row = {"time": 1724762307531, "hash": "0x1", "delta": {"type": "withdraw", "usdc": "5.25", "nonce": 7, "fee": "0.5"}}
    found = offline.parse_transaction(row)
    assert (found["type"], found["currency"], found["amount"]) == ("withdrawal", "USDC", 5.25)
    assert found["fee"] == {"currency": "USDC", "cost": 0.5}, "ccxt's class makes 0 of it"
    arrived = offline.parse_transaction({"time": 1, "hash": "0x2", "delta": {"type": "deposit", "usdc": "100.0"}})
    assert (arrived["type"], arrived["currency"], arrived["fee"]) == ("deposit", "USDC", None)


@pytest.mark.parametrize(("source", "target"), [("spot", "spot"), ("swap", "swap"), ("swap", "perp"), ("main", "main")])
async def test_a_transfer_to_where_the_money_is_moves_nothing(venue: Any, ex: Any, source: str, target: str) -> None:
    """Anything but "swap" as target was taken for the spot side: spot to spot took the money out of the perpetuals."""
    with pytest.raises(errors.BadRequest):
        await ex.transfer("USDC", 5, source, target)
    assert not venue.adapter.acted


@pytest.mark.parametrize("mode", ["CROSS", "Cross", "isolated", "ISOLATED"])
async def test_a_margin_mode_is_read_whatever_its_case(venue: Any, ex: Any, mode: str) -> None:
    await ex.set_leverage("5", "BTC/USDC:USDC", {"marginMode": mode})
    action = venue.adapter.acted[-1][1]
    assert (action["isCross"], action["leverage"]) == (mode.lower() == "cross", 5)


@pytest.mark.parametrize("leverage", ["x", None, float("nan"), 5.5, 0, -3, 10**6, True])
async def test_a_leverage_is_a_whole_number_that_the_market_allows(venue: Any, ex: Any, leverage: Any) -> None:
    with pytest.raises(errors.BadRequest):
        await ex.set_leverage(leverage, "BTC/USDC:USDC")
    with pytest.raises(errors.BadRequest):
        await ex.set_leverage(5, "BTC/USDC:USDC", {"marginMode": "crossed"})
    assert not venue.adapter.acted
