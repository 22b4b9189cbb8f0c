"""Answers that are odd or missing, and what an order and a bot must make of them. Bodies were composed after the documentation's schema."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from ccxt_dex._ccxt import errors
from compat_tests.contract.desk import Watcher, until

SYMBOL = "ETH/USDC:USDC"
ODD: list[Any] = [None, [], {}, "accepted", {"status": "ok"}, [None]]


def answered(ex: Any, meant: str, body: Any, *, executed: bool, count: int = 10**9) -> None:
    """What these requests are answered with, whether the venue executes them or not."""
    fetch, left = ex.fetch, [count]

    async def odd(url: str, method: str = "GET", headers: Any = None, sent: Any = None) -> Any:
        ours = f"{method} {url}".startswith(meant.replace(" ", f" {ex.urls['api']['private']}/")) and left[0] > 0
        if executed or not ours:
            found = await fetch(url, method, headers, sent)
        if not ours:
            return found
        left[0] -= 1
        ex.handle_errors(200, "", url, method, {}, json.dumps(body), body, headers, sent)
        return body

    ex.fetch = odd


@pytest.mark.parametrize("body", ODD)
async def test_a_cancel_is_believed_when_the_order_is_gone(venue: Any, ex: Any, body: Any) -> None:
    """ "Accepted, not yet executed" (202 in the documentation) or a body that nobody can read: the order itself tells."""
    order = await ex.create_order(SYMBOL, "limit", "buy", 0.1, 3700)
    answered(ex, "DELETE api/v1/order", body, executed=True)
    assert (await ex.cancel_order(order["id"], SYMBOL))["status"] == "canceled"
    assert venue.engine.open_orders("alice") == []


@pytest.mark.parametrize("body", ODD)
async def test_a_living_order_is_not_called_cancelled(venue: Any, ex: Any, body: Any) -> None:
    order = await ex.create_order(SYMBOL, "limit", "buy", 0.1, 3700)
    answered(ex, "DELETE api/v1/order", body, executed=False)
    with pytest.raises(errors.BadResponse):
        await ex.cancel_order(order["id"], SYMBOL)
    assert len(venue.engine.open_orders("alice")) == 1


@pytest.mark.parametrize("body", [*ODD, [{}], [{"status": "New"}]])
async def test_members_of_a_batch_are_rejected_when_the_venue_says_so(venue: Any, ex: Any, body: Any) -> None:
    answered(ex, "POST api/v1/orders", body, executed=True)
    (order,) = await ex.create_orders([{"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 0.1, "price": 3700}])
    assert (order["status"], order["amount"]) == ("open", 0.1) and len(venue.engine.open_orders("alice")) == 1


@pytest.mark.parametrize("body", ODD)
async def test_an_order_whose_answer_cannot_be_read_is_looked_up(venue: Any, ex: Any, body: Any) -> None:
    answered(ex, "POST api/v1/order", body, executed=True)
    order = await ex.create_order(SYMBOL, "limit", "buy", 0.1, 3700)
    assert (order["status"], order["price"]) == ("open", 3700) and len(venue.engine.open_orders("alice")) == 1


@pytest.mark.parametrize("body", [None, {}, "x", [None], {"message": "soon"}])
async def test_what_cannot_be_read_is_neither_nothing_nor_zero(ex: Any, body: Any) -> None:
    for endpoint in ("api/v1/orders", "wapi/v1/history", "api/v1/capital/collateral"):
        answered(ex, f"GET {endpoint}", body, executed=False)
    calls: list[Any] = [ex.fetch_balance, ex.fetch_open_orders, ex.fetch_closed_orders, ex.fetch_my_trades, ex.fetch_orders]
    for call in (*calls, lambda: ex.find_order("7")):
        with pytest.raises(errors.BadResponse):
            await call()


async def test_an_order_that_cannot_be_read_is_told_of(venue: Any, ex: Any) -> None:
    waiting = asyncio.ensure_future(ex.watch_orders(SYMBOL))
    await until(lambda: any("account.orderUpdate" in socket.subscriptions for socket in venue.server.connections), "subscribed")
    (client,) = ex.clients.values()
    row = {
        "e": "orderAccepted",
        "E": "1754939110175879",
        "T": "1754939110174705",
        "S": "Bid",
        "X": "Zombie",
        "f": "GTC",
        "i": "5",
        "o": "LIMIT",
    }
    ex.handle_message(
        client, {"stream": "account.orderUpdate", "data": {**row, "q": "1", "p": "3700", "r": False, "s": "ETH_USDC_PERP", "z": "0"}}
    )
    with pytest.raises(errors.BadResponse, match="Zombie"):
        await asyncio.wait_for(waiting, 5)
    waiting = asyncio.ensure_future(ex.watch_orders(SYMBOL))
    made = await ex.create_order(SYMBOL, "limit", "buy", 0.1, 3700)
    assert [order["id"] for order in await asyncio.wait_for(waiting, 5)] == [made["id"]]


async def test_what_was_missed_is_read_once_the_subscription_has_had_its_time(venue: Any, ex: Any) -> None:
    """Nothing acknowledges a subscription: answers of REST that are older than it would leave a gap."""
    fills = Watcher(ex, "watch_my_trades", SYMBOL)
    try:
        await until(lambda: any("account.orderUpdate" in socket.subscriptions for socket in venue.server.connections), "subscribed")
        (client,) = ex.clients.values()
        read, waited = ex.fetch_my_trades, []

        async def timed(*args: Any) -> Any:
            waited.append(client.asyncio_loop.time() - client.ledger.topics["orders"].sent_at)
            return await read(*args)

        ex.fetch_my_trades = timed
        ex._take_fill = ex.expect_fills = lambda *swallowed: None
        made = await ex.create_order(SYMBOL, "market", "buy", 0.1)
        client.lost(errors.NetworkError("lost"))
        await until(lambda: [row for row in fills.seen if row["order"] == made["id"]], "the fill")
        assert len(waited) == 1 and waited[0] >= client.rules.subscribe_wait
    finally:
        await fills.stop()


async def test_more_that_is_told_while_fills_are_looked_for_is_looked_for_too(venue: Any, ex: Any) -> None:
    waiting = asyncio.ensure_future(ex.watch_my_trades(SYMBOL))
    await until(lambda: any("account.orderUpdate" in socket.subscriptions for socket in venue.server.connections), "subscribed")
    order = {"id": "7", "symbol": SYMBOL, "filled": 1.0, "lastUpdateTimestamp": ex.server_milliseconds() + 10_000, "timestamp": None}
    looks: list[float] = []

    async def look(client: Any, told: Any) -> None:
        looks.append(told["filled"])
        if len(looks) == 1:
            ex.expect_fills({**order, "filled": 2.0})
            raise errors.NetworkError("lost")

    ex._read_fills = look
    ex.expect_fills(order)
    await until(lambda: len(looks) == 2 and not ex._checking, "looked again")
    assert looks == [1.0, 2.0]
    waiting.cancel()
