"""Nonces: one key's transactions go out in order, one by one, whoever signs them."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from ccxt_dex.exchanges.lighter import keys, lighter
from compat_tests.rooms.lighter.desk import ETH, price, sent


async def test_fifty_orders_at_once_on_one_key(ex: Any, venue: Any) -> None:
    at = await price(ex)
    made = await asyncio.gather(*(ex.create_order(ETH, "limit", "buy", 0.1, at - i) for i in range(50)))
    assert {order["status"] for order in made} == {"open"} and len({order["id"] for order in made}) == 50
    nonces = [body["Nonce"] for body in sent(venue)]
    assert len(nonces) == 50 and nonces == sorted(set(nonces)), "in order of arrival, none refused"


async def test_several_instances_and_threads_share_a_key(venue: Any) -> None:
    """Two instances on this loop and one on a loop of its own in another thread, all with one key."""
    here = [lighter(venue.config()) for _ in range(2)]
    failures: list[BaseException] = []

    async def five(exchange: Any) -> None:
        await exchange.load_markets()
        at = await price(exchange)
        await asyncio.gather(*(exchange.create_order(ETH, "limit", "buy", 0.1, at - i) for i in range(5)))
        await exchange.close()

    def elsewhere() -> None:
        try:
            asyncio.run(five(lighter(venue.config())))
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    await asyncio.gather(*(five(exchange) for exchange in here))
    await asyncio.to_thread(thread.join, 30)
    assert not failures
    nonces = [body["Nonce"] for body in sent(venue)]
    assert len(nonces) == 15 and nonces == sorted(set(nonces))


async def test_several_keys_do_not_wait_for_each_other(venue: Any) -> None:
    exchanges = [lighter(venue.config(name)) for name in (None, "bob", "carol")]
    at = 0.0
    for exchange in exchanges:
        await exchange.load_markets()
        at = await price(exchange)
    calls = [exchange.create_order(ETH, "limit", "buy", 0.1, at - i) for exchange in exchanges for i in range(5)]
    assert {order["status"] for order in await asyncio.gather(*calls)} == {"open"}
    for exchange in exchanges:
        await exchange.close()


async def test_a_nonce_that_the_venue_has_seen_is_stepped_over(ex: Any, venue: Any) -> None:
    who = await ex.identity()
    venue.adapter.gateway._nonces[tuple(who)] = ex.milliseconds() + 10_000_000
    order = await ex.create_order(ETH, "limit", "buy", 0.1, await price(ex))
    assert order["status"] == "open" and len(sent(venue)) == 2, "refused once, which proves that nothing happened, then sent above it"


async def test_the_gate_passes_on_after_cancellation() -> None:
    key = keys.Key("gate")
    order: list[int] = []

    async def hold(number: int, seconds: float) -> None:
        async with key:
            order.append(number)
            await asyncio.sleep(seconds)

    first = asyncio.ensure_future(hold(1, 0.05))
    await asyncio.sleep(0)
    waiting = [asyncio.ensure_future(hold(number, 0)) for number in (2, 3, 4)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.gather(first, *waiting, return_exceptions=True)
    assert order == [1, 3, 4]
    await asyncio.wait_for(hold(5, 0), 1)


async def test_a_cancel_overtakes_the_orders_that_wait_for_their_turn(ex: Any, venue: Any) -> None:
    at = await price(ex)
    resting = await ex.create_order(ETH, "limit", "buy", 0.1, at)
    placing = [asyncio.ensure_future(ex.create_order(ETH, "limit", "buy", 0.1, at - i)) for i in range(1, 9)]
    while len(sent(venue)) < 2:
        await asyncio.sleep(0)
    await ex.cancel_order(resting["id"], ETH)
    await asyncio.gather(*placing)
    kinds = [tx.type for tx in venue.adapter.arrived]
    assert kinds.index(15) <= 4, f"behind what was on its way when it was asked for, no more: {kinds}"


def test_a_turn_is_not_given_to_somebody_who_left_and_whose_loop_stands_still() -> None:
    key, still = keys.Key("still"), asyncio.new_event_loop()

    async def give_up() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(key.__aenter__(), 0.01)

    async def main() -> None:
        async with key:
            await asyncio.to_thread(still.run_until_complete, give_up())
        async with key:
            pass

    asyncio.run(asyncio.wait_for(main(), 5))
    still.close()


def test_a_gate_held_by_a_loop_that_is_gone() -> None:
    key = keys.Key("gone")

    async def take_and_vanish() -> None:
        await key.__aenter__()

    asyncio.run(take_and_vanish())

    async def again() -> None:
        async with key:
            pass

    asyncio.run(asyncio.wait_for(again(), 1))


def test_nonces_grow_even_when_the_clock_does_not() -> None:
    key = keys.Key("lighter:test:1:2")
    assert [key.next_nonce(1000) for _ in range(3)] == [1000, 1001, 1002]
    assert key.next_nonce(500) == 1003
    key.seen(5000)
    assert key.next_nonce(1000) == 5001
