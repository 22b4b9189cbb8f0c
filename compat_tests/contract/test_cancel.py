"""Behaviour cards: cancelling and closing."""

from __future__ import annotations

import pytest

from ccxt_dex._ccxt import errors
from compat_tests.contract.desk import Desk, until


async def test_cancelling_an_unknown_order_is_order_not_found(desk: Desk) -> None:
    unknown = await desk.unknown_order_id()
    with pytest.raises(errors.OrderNotFound):
        await desk.ex.cancel_order(unknown, desk.symbol)


async def test_cancelling_a_filled_order_is_order_not_found(desk: Desk) -> None:
    order = await desk.fill()
    with pytest.raises(errors.OrderNotFound):
        await desk.ex.cancel_order(order["id"], desk.symbol)
    await desk.has_position(desk.size(), "long")


async def test_cancelling_twice_is_harmless_or_order_not_found(desk: Desk) -> None:
    order = await desk.rest()
    await desk.ex.cancel_order(order["id"], desk.symbol)
    await desk.final(order)
    try:
        again = await desk.ex.cancel_order(order["id"], desk.symbol)
    except errors.OrderNotFound:
        return
    assert again["status"] == "canceled"


async def test_fetching_an_unknown_order_is_order_not_found(desk: Desk) -> None:
    unknown = await desk.unknown_order_id()
    with pytest.raises(errors.OrderNotFound):
        await desk.ex.fetch_order(unknown, desk.symbol)


async def test_cancel_orders_takes_a_batch_with_one_bad_member(desk: Desk) -> None:
    desk.needs("cancel_batch", "cancelOrders")
    unknown = await desk.unknown_order_id()
    first, second = await desk.rest(), await desk.rest("sell")
    try:
        await desk.ex.cancel_orders([first["id"], unknown, second["id"]], desk.symbol)
    except errors.OrderNotFound:
        pass
    for order in (first, second):
        assert (await desk.final(order))["status"] == "canceled"


async def test_cancel_all_touches_only_this_account(desk: Desk) -> None:
    mine, theirs = await desk.rest(), desk.counterparty("buy", desk.size(), desk.below())
    other = await desk.another("bob")
    await other.load_markets()
    bobs = await other.create_order(desk.symbol, "limit", "buy", desk.size(), desk.below())
    await desk.ex.cancel_all_orders(desk.symbol)
    assert (await desk.final(mine))["status"] == "canceled"
    assert theirs.status in ("open", "new")
    assert [row["id"] for row in await other.fetch_open_orders(desk.symbol)] == [bobs["id"]]


async def test_cancel_all_touches_only_this_symbol(desk: Desk) -> None:
    elsewhere = next(row["symbol"] for row in desk.ex.markets.values() if row["swap"] and row["active"] and row["symbol"] != desk.symbol)
    mine = await desk.rest()
    other = Desk(desk.venue_id, desk.venue, desk.ex, elsewhere)
    kept = await other.rest()
    await desk.ex.cancel_all_orders(desk.symbol)
    assert (await desk.final(mine))["status"] == "canceled"
    assert [row["id"] for row in await desk.ex.fetch_open_orders(elsewhere)] == [kept["id"]]


async def test_cancel_all_with_nothing_open_is_quiet(desk: Desk) -> None:
    await desk.ex.cancel_all_orders(desk.symbol)
    assert await desk.ex.fetch_open_orders(desk.symbol) == []


async def test_cancel_all_after_cancels_when_nobody_renews_and_disarms_at_zero(desk: Desk) -> None:
    desk.needs("cancel_all_after", "cancelAllOrdersAfter")
    kept = await desk.rest()
    await desk.ex.cancel_all_orders_after(60_000)
    await desk.ex.cancel_all_orders_after(0)
    await desk.venue.market({"advance_ms": 120_000})
    assert (await desk.ex.fetch_order(kept["id"], desk.symbol))["status"] == "open"
    await desk.ex.cancel_all_orders_after(60_000)
    await desk.venue.market({"advance_ms": 120_000})
    assert (await desk.final(kept))["status"] == "canceled"


@pytest.mark.parametrize("side", ["buy", "sell"])
async def test_close_position_closes_exactly_what_is_there(desk: Desk, side: str) -> None:
    desk.needs("close_position", "closePosition")
    await desk.fill(side, times=3)
    await desk.has_position(desk.size(3), "long" if side == "buy" else "short")
    order = await desk.final(await desk.ex.close_position(desk.symbol))
    assert order["filled"] == desk.size(3) and order["side"] == ("sell" if side == "buy" else "buy")
    await desk.has_position(0)


async def test_close_position_without_one_says_so_and_sends_nothing(desk: Desk) -> None:
    desk.needs("close_position", "closePosition")
    with pytest.raises(errors.BaseError):
        await desk.ex.close_position(desk.symbol)
    assert await desk.position() is None


async def test_close_all_positions(desk: Desk) -> None:
    desk.needs("close_position", "closeAllPositions")
    await desk.fill("buy")
    await desk.has_position(desk.size(), "long")
    await desk.ex.close_all_positions()

    async def flat() -> bool:
        return not [row for row in await desk.ex.fetch_positions() if row["contracts"]]

    await until(flat, "no position anywhere")
