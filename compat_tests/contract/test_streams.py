"""Behaviour cards: streams."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from ccxt_dex._ccxt import errors
from compat_tests.contract.desk import Desk, Watcher, until


async def first(desk: Desk, method: str, *args: Any) -> Any:
    return await asyncio.wait_for(getattr(desk.ex, method)(*args), 10)


async def test_the_streamed_book_equals_the_rest_book_at_rest(desk: Desk) -> None:
    desk.needs("watch_order_book", "watchOrderBook")
    book = await first(desk, "watch_order_book", desk.symbol)
    rest = await desk.ex.fetch_order_book(desk.symbol)
    depth = min(len(book["bids"]), len(rest["bids"]), len(book["asks"]), len(rest["asks"]), 10)
    assert depth > 0
    for side in ("bids", "asks"):
        assert [row[:2] for row in book[side][:depth]] == [row[:2] for row in rest[side][:depth]]


async def test_the_streamed_book_follows_the_market(desk: Desk) -> None:
    desk.needs("watch_order_book", "watchOrderBook")
    await first(desk, "watch_order_book", desk.symbol)
    await desk.move(desk.mark() * Decimal("1.01"))
    await desk.venue.market({"pause": False})

    async def near() -> bool:
        book = await first(desk, "watch_order_book", desk.symbol)
        return abs(Decimal(str(book["bids"][0][0])) / desk.best()[0] - 1) < Decimal("0.002")

    await until(near, "a bid near the new price")


@pytest.mark.parametrize(
    "method,name",
    [
        ("watch_ticker", "watchTicker"),
        ("watch_trades", "watchTrades"),
        ("watch_bids_asks", "watchBidsAsks"),
        ("watch_ohlcv", "watchOHLCV"),
        ("watch_mark_price", "watchMarkPrice"),
    ],
)
async def test_public_streams_deliver(desk: Desk, method: str, name: str) -> None:
    desk.needs(method, name)
    await desk.venue.market({"pause": False})
    args = {"watch_bids_asks": ([desk.symbol],), "watch_ohlcv": (desk.symbol, "1m")}.get(method, (desk.symbol,))
    result = await first(desk, method, *args)
    if method == "watch_trades":
        assert (
            result and {row["symbol"] for row in result} == {desk.symbol} and all(row["price"] > 0 and row["amount"] > 0 for row in result)
        )
    elif method == "watch_ohlcv":
        assert result and len(result[-1]) == 6
    elif method == "watch_bids_asks":
        assert result[desk.symbol]["bid"] < result[desk.symbol]["ask"]
    else:
        assert result["symbol"] == desk.symbol and (result.get("last") or result.get("markPrice") or result.get("bid"))


async def test_own_events_arrive_once_and_in_order(desk: Desk) -> None:
    desk.needs("fills_name_orders")
    desk.needs("watch_orders", "watchOrders", "watchMyTrades")
    orders, trades = Watcher(desk.ex, "watch_orders", desk.symbol), Watcher(desk.ex, "watch_my_trades", desk.symbol)
    try:
        await until(lambda: desk.listening(2), "subscriptions are in place")
        resting = await desk.rest()
        await until(lambda: [row for row in orders.seen if row["id"] == resting["id"]], "the resting order is announced")
        await desk.ex.cancel_order(resting["id"], desk.symbol)
        taken = await desk.fill()
        await until(lambda: [row for row in orders.seen if row["id"] == taken["id"] and row["status"] == "closed"], "the fill is announced")
        await until(
            lambda: sum(Decimal(str(row["amount"])) for row in trades.seen if row["order"] == taken["id"]) >= Decimal(str(taken["filled"])),
            "fills",
        )
        await until(
            lambda: [row for row in orders.seen if row["id"] == resting["id"] and row["status"] == "canceled"], "the cancel is announced"
        )
    finally:
        await orders.stop()
        await trades.stop()
    life = [row["status"] for row in orders.seen if row["id"] == resting["id"]]
    assert life[0] == "open" and life[-1] == "canceled" and "closed" not in life
    ids = [row["id"] for row in trades.seen]
    assert len(ids) == len(set(ids)), "a fill was handed out twice"
    assert sum(Decimal(str(row["amount"])) for row in trades.seen if row["order"] == taken["id"]) == Decimal(str(taken["filled"]))


async def test_positions_and_balance_are_streamed(desk: Desk) -> None:
    desk.needs("watch_positions", "watchPositions")
    positions = Watcher(desk.ex, "watch_positions", [desk.symbol])
    balance = Watcher(desk.ex, "watch_balance") if desk.ex.has["watchBalance"] is True else None
    try:
        await until(lambda: desk.listening(1 + (balance is not None)), "subscriptions are in place")
        await desk.fill("buy", times=3)
        await until(
            lambda: [row for row in positions.seen if row["contracts"] == desk.size(3) and row["side"] == "long"],
            "the position is announced",
        )
        if balance is not None:
            await until(lambda: balance.seen and balance.seen[-1][desk.market["settle"]]["total"], "the balance is announced")
        await desk.ex.close_position(desk.symbol)
        await until(lambda: [row for row in positions.seen if row["contracts"] == 0], "the closed position is announced with contracts 0")
    finally:
        await positions.stop()
        if balance is not None:
            await balance.stop()


async def test_orders_over_the_socket(desk: Desk) -> None:
    desk.needs("order_socket", "createOrderWs", "cancelOrderWs")
    order = await desk.ex.create_order_ws(desk.symbol, "limit", "buy", desk.size(), desk.below())
    assert order["status"] == "open" and order["id"]
    await desk.ex.cancel_order_ws(order["id"], desk.symbol)
    assert (await desk.final(order))["status"] == "canceled"
    with pytest.raises(errors.BaseError):
        await desk.ex.create_order_ws(desk.symbol, "limit", "buy", desk.size() / 1e9, desk.below())


async def test_unwatch_stops_the_stream_and_watching_again_works(desk: Desk) -> None:
    desk.needs("unwatch", "unWatchOrderBook")
    await first(desk, "watch_order_book", desk.symbol)
    await asyncio.wait_for(desk.ex.un_watch_order_book(desk.symbol), 5)
    assert desk.symbol not in desk.ex.orderbooks
    assert (await first(desk, "watch_order_book", desk.symbol))["bids"]


async def test_close_in_the_middle_ends_the_waiters_as_closed_by_the_user(desk: Desk) -> None:
    desk.needs("watch_orders", "watchOrders")
    waiting = asyncio.ensure_future(desk.ex.watch_orders(desk.symbol))
    await until(lambda: desk.subscriptions() >= 1, "the subscription is in place")
    await asyncio.wait_for(desk.ex.close(), 3)
    with pytest.raises(errors.ExchangeClosedByUser):
        await asyncio.wait_for(waiting, 3)
