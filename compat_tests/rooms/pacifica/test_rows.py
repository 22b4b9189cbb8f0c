"""Frames of which one row cannot be read, or says nothing of an amount: the others are told, and whoever waits hears of it. Composed after the docs' samples."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

import ccxt_dex
from ccxt_dex import paper
from ccxt_dex._ccxt import errors
from compat_tests.contract.desk import until

SYMBOL = "BTC/USDC:USDC"
ORDER = {
    "i": 1559665358,
    "I": None,
    "u": "BrZ",
    "s": "BTC",
    "d": "bid",
    "p": "0",
    "ip": "89501",
    "lp": "89501",
    "a": "0.5",
    "f": "0",
    "oe": "make",
}
ORDER |= {"os": "open", "ot": "limit", "sp": None, "si": None, "r": False, "ct": 1765017049008, "ut": 1765017219639, "li": 1559696133}
POSITION = {"s": "BTC", "d": "bid", "a": "0.5", "p": "87185", "m": "0", "f": "0", "i": False, "l": None, "t": 1764133203991}
TRADE = {"h": 80062522, "s": "BTC", "a": "0.00001", "p": "89471", "d": "close_short", "tc": "normal", "t": 1765018379085, "li": 1559885104}


@pytest_asyncio.fixture
async def ex() -> AsyncIterator[Any]:
    async with paper.start("pacifica", seed=7) as venue:
        await venue.market({"pause": True})
        ex = ccxt_dex.pacifica({**venue.config(), "timeout_on_exit": 0})
        await ex.load_markets()
        yield ex
        await ex.close()


async def watched(ex: Any, waiting: Any, key: str) -> tuple[asyncio.Future[Any], Any]:
    """A pending call, and its client once the venue has been asked."""
    future = asyncio.ensure_future(waiting)
    await until(lambda: ex.clients and key in next(iter(ex.clients.values())).ledger.topics, "asked for")
    (client,) = ex.clients.values()
    await until(lambda: client.ledger.topics[key].generation == client.ledger.generation, "sent")
    return future, client


async def test_an_order_that_cannot_be_read_hides_no_other(ex: Any) -> None:
    waiting, client = await watched(ex, ex.watch_orders(SYMBOL), "orders")
    ex.handle_message(client, {"channel": "account_order_updates", "data": [{**ORDER, "i": 7, "os": "zombie", "li": 1}, ORDER]})
    with pytest.raises(errors.BadResponse, match="zombie"):
        await asyncio.wait_for(waiting, 5)
    assert [row["id"] for row in ex.orders] == ["1559665358"]
    ex.handle_message(client, {"channel": "account_order_updates", "data": [{**ORDER, "f": "0.5", "os": "filled", "ut": ORDER["ut"] + 1}]})
    assert "orders" in client.subscriptions


async def test_a_position_without_an_amount_is_not_closed(ex: Any) -> None:
    waiting, client = await watched(ex, ex.watch_positions(), "positions")
    for number, row in enumerate((POSITION, {**POSITION, "a": None})):
        ex.handle_message(client, {"channel": "account_positions", "data": [row], "li": number + 10**12})
        if number:
            waiting = asyncio.ensure_future(ex.watch_positions())
            with pytest.raises(errors.BadResponse):
                await asyncio.wait_for(waiting, 5)
        else:
            assert (await asyncio.wait_for(waiting, 5))[0]["contracts"] == 0.5
    assert ex.last_position(SYMBOL)["contracts"] == 0.5


async def test_positions_and_orders_of_a_market_that_is_new_are_told(ex: Any) -> None:
    waiting, client = await watched(ex, ex.watch_positions(), "positions")
    ex.handle_message(client, {"channel": "account_positions", "data": [{**POSITION, "s": "NEWCOIN"}], "li": 10**12})
    assert (await asyncio.wait_for(waiting, 5))[0]["contracts"] == 0.5
    waiting, client = await watched(ex, ex.watch_orders(), "orders")
    picture = {
        "i": 5,
        "I": None,
        "s": "NEWCOIN",
        "d": "bid",
        "p": "8",
        "a": "1",
        "f": "0",
        "c": "0",
        "t": 1765935070713,
        "st": None,
        "ot": "limit",
    }
    ex.handle_message(client, {"channel": "account_orders", "data": [{**picture, "sp": None, "ro": False}], "li": 10**12})
    assert [row["id"] for row in await asyncio.wait_for(waiting, 5)] == ["5"]


async def test_a_long_frame_of_trades_that_comes_twice_counts_once(ex: Any) -> None:
    waiting, client = await watched(ex, ex.watch_trades(SYMBOL), f"trade:{SYMBOL}")
    waiting.cancel()
    frame = {"channel": "trades", "data": [{**TRADE, "h": number} for number in range(120)]}
    before = len(ex.trades.get(SYMBOL, []))
    ex.handle_message(client, frame)
    ex.handle_message(client, frame)
    assert len(ex.trades[SYMBOL]) - before == 120


async def test_no_other_account_is_traded_for_than_the_own(ex: Any) -> None:
    other = {"account": "FAe4sisG95oZ42w7buUn5qEE4TAnfTTFPiguZUHmhiF"}
    for call in (
        ex.create_order(SYMBOL, "limit", "buy", 0.001, 100_000, other),
        ex.cancel_order("1", SYMBOL, other),
        ex.cancel_all_orders(SYMBOL, other),
        ex.create_twap_order(SYMBOL, "buy", 0.01, 180_000, other),
    ):
        with pytest.raises(errors.NotSupported):
            await call
    await ex.create_order(SYMBOL, "limit", "buy", 0.001, 100_000, {"account": ex.walletAddress})


async def test_what_is_read_after_a_reconnect_is_read_behind_the_subscriptions(ex: Any) -> None:
    """A fill between the answer of REST and the subscription would be in neither."""
    waiting, client = await watched(ex, ex.watch_my_trades(), "myTrades")
    topic = client.ledger.topics["myTrades"]
    await until(lambda: topic.confirmed, "acknowledged")
    heard, asked, pages = ex.handle_subscribed, [], ex.publicGetTradesHistory

    def late(client: Any, message: Any) -> None:
        asyncio.get_running_loop().call_later(0.1, heard, client, message)

    async def read(params: Any) -> Any:
        asked.append(topic.generation == client.ledger.generation and topic.confirmed)
        return await pages(params)

    ex.handle_subscribed, ex.publicGetTradesHistory = late, read
    client.lost(errors.NetworkError("lost"))
    await until(lambda: asked, "the fills are read")
    assert asked == [True]
    waiting.cancel()


async def test_a_fill_of_an_own_order_that_the_stream_swallowed_is_read(ex: Any) -> None:
    waiting, _ = await watched(ex, ex.watch_my_trades(), "myTrades")
    for name in ("handle_order", "handle_my_trades", "handle_open_orders"):
        setattr(ex, name, lambda client, message: None)
    order = await ex.create_order(SYMBOL, "market", "buy", 0.001)
    (trade,) = await asyncio.wait_for(waiting, 10)
    assert (trade["order"], trade["amount"]) == (order["id"], 0.001)


async def test_a_look_for_fills_that_was_under_way_when_more_were_told_is_followed_by_another(ex: Any) -> None:
    looks: list[int] = []
    release = asyncio.Event()

    async def look(number: int) -> None:
        looks.append(number)
        if len(looks) == 1:
            ex._look_into("fills 1", look, 2)
            release.set()
            raise errors.NetworkError("lost")

    ex._look_into("fills 1", look, 1)
    await asyncio.wait_for(release.wait(), 5)
    await until(lambda: len(looks) == 2 and not ex._checking, "looked again")
    assert looks == [1, 2]
