"""TWAP orders: what is sent, what comes of it, and that none is sent twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

import ccxt_dex
from ccxt_dex._ccxt import errors

SYMBOL = "BTC/USD:USDC"


@pytest.fixture
async def venue(paper_venue: Any) -> Any:
    return await paper_venue("paradex", seed=7)


@pytest.fixture
async def ex(venue: Any) -> AsyncIterator[Any]:
    made = ccxt_dex.paradex({**venue.config(), "options": {"tokenStore": False}})
    yield made
    await made.close()


async def test_a_twap_order_is_signed_worked_listed_and_ended(ex: Any, venue: Any, until: Any) -> None:
    order = await ex.create_twap_order(SYMBOL, "buy", 0.04, 120_000, {"frequency": 30})
    assert (order["symbol"], order["side"], order["amount"], order["status"]) == (SYMBOL, "buy", 0.04, "open") and order["id"]
    (sent,) = [request.json() for request in venue.requests() if request.path == "/v1/algo/orders" and request.method == "POST"]
    assert (sent["algo_type"], sent["type"], sent["duration_seconds"], sent["frequency"], sent["size"]) == (
        "TWAP",
        "MARKET",
        120,
        30,
        "0.04",
    )
    assert "client_id" not in sent and "instruction" not in sent and "flags" not in sent

    async def part() -> bool:
        return [row["contracts"] for row in await ex.fetch_positions([SYMBOL])] == [0.01]

    await until(part)
    (listed,) = await ex.fetch_twap_orders(SYMBOL)
    assert (listed["id"], listed["filled"], listed["remaining"]) == (order["id"], 0.01, 0.03) and await ex.fetch_twap_orders(
        "ETH/USD:USDC"
    ) == []
    assert (await ex.cancel_twap_order(order["id"], SYMBOL))["status"] == "canceled" and await ex.fetch_twap_orders() == []
    with pytest.raises(errors.OrderNotFound):
        await ex.cancel_twap_order(order["id"])


@pytest.mark.parametrize(
    ("duration", "params", "kind"),
    [
        (45_000, {}, errors.BadRequest),
        (15_000, {}, errors.BadRequest),
        (86_430_000, {}, errors.BadRequest),
        (60_000, {"frequency": 0}, errors.BadRequest),
        (60_000, {"frequency": 1.5}, errors.BadRequest),
        (60_000, {"frequency": 90}, errors.BadRequest),
        (60_000, {"reduceOnly": True}, errors.NotSupported),
        (60_000, {"clientOrderId": "x"}, errors.NotSupported),
        (60_000, {"price": 1}, errors.NotSupported),
    ],
)
async def test_what_the_venue_has_no_words_for_is_not_sent(ex: Any, venue: Any, duration: int, params: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        await ex.create_twap_order(SYMBOL, "buy", 0.04, duration, params)
    assert not [request for request in venue.requests() if "/algo/" in request.path]


async def test_a_twap_order_whose_answer_is_lost_is_not_sent_again(ex: Any, venue: Any) -> None:
    await ex.fetch_balance()
    await venue.fault({"kind": "lose_reply", "match": "POST /v1/algo/orders"})
    with pytest.raises(ccxt_dex.OrderOutcomeUnknown):
        await ex.create_twap_order(SYMBOL, "sell", 0.04, 60_000)
    assert len(await ex.fetch_twap_orders()) == 1
