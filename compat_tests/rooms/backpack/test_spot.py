"""Spot on the local venue: coins and USDC change hands, over REST and as the streams tell it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio

import ccxt_dex
from ccxt_dex import paper
from ccxt_dex._ccxt import errors
from compat_tests.contract.desk import Watcher, until

SPOT = "SOL/USDC"


@pytest_asyncio.fixture
async def venue() -> AsyncIterator[Any]:
    async with paper.start("backpack", seed=7, coins={"SOL": "10"}) as venue:
        await venue.market({"pause": True})
        yield venue


@pytest_asyncio.fixture
async def ex(venue: Any) -> AsyncIterator[Any]:
    ex = ccxt_dex.backpack(venue.config())
    ex.timeout_on_exit = 0
    await ex.load_markets()
    try:
        yield ex
    finally:
        await ex.close()


async def holdings(ex: Any) -> tuple[Decimal, Decimal]:
    balance = await ex.fetch_balance()
    return Decimal(str(balance["SOL"]["total"])), Decimal(str(balance["USDC"]["total"]))


def fee_of(trades: list[Any], currency: str) -> Decimal:
    assert {trade["fee"]["currency"] for trade in trades} == {currency}
    return sum((Decimal(str(trade["fee"]["cost"])) for trade in trades), Decimal(0))


async def test_a_market_order_and_back(ex: Any) -> None:
    coins, money = await holdings(ex)
    bought = await ex.create_order(SPOT, "market", "buy", 3)
    trades = await ex.fetch_order_trades(bought["id"], SPOT)
    fee, cost = fee_of(trades, "SOL"), Decimal(str(bought["cost"]))
    assert (bought["status"], bought["filled"], fee) == ("closed", 3, Decimal("0.003"))
    assert await holdings(ex) == (coins + 3 - fee, money - cost)
    sold = await ex.create_order(SPOT, "market", "sell", 2)
    back = fee_of(await ex.fetch_order_trades(sold["id"], SPOT), "USDC")
    left = await holdings(ex)
    assert left[0] == coins + 1 - fee and left[1] == pytest.approx(money - cost + Decimal(str(sold["cost"])) - back, abs=Decimal("1e-5"))
    assert await ex.fetch_positions() == []
    assert [order["id"] for order in await ex.fetch_closed_orders(SPOT)] == [bought["id"], sold["id"]]


async def test_a_market_order_by_cost(ex: Any) -> None:
    coins, _ = await holdings(ex)
    order = await ex.create_order(SPOT, "market", "buy", None, None, {"cost": 500})
    assert order["status"] == "closed" and 490 < order["cost"] <= 500
    assert (await holdings(ex))[0] > coins + 2


async def test_resting_orders_hold_what_they_spend_and_fill_at_their_price(venue: Any, ex: Any) -> None:
    coins, money = await holdings(ex)
    sale, purchase = await ex.create_order(SPOT, "limit", "sell", 4, 200), await ex.create_order(SPOT, "limit", "buy", 2, 160)
    balance = await ex.fetch_balance()
    assert (balance["SOL"]["free"], balance["SOL"]["used"], balance["USDC"]["used"]) == (6, 4, 320)
    with pytest.raises(errors.InsufficientFunds):
        await ex.create_order(SPOT, "limit", "sell", 6.01, 200)
    await venue.market({"symbol": "SOL_USDC", "price": "201"})
    await venue.market({"symbol": "SOL_USDC", "price": "159"})
    for order, maker_fee in ((sale, ("USDC", "0.64")), (purchase, ("SOL", "0.0016"))):
        (trade,) = await ex.fetch_order_trades(order["id"], SPOT)
        assert (trade["price"], trade["takerOrMaker"]) == (order["price"], "maker")
        assert (trade["fee"]["currency"], Decimal(str(trade["fee"]["cost"]))) == (maker_fee[0], Decimal(maker_fee[1]))
    assert await holdings(ex) == (coins - 4 + 2 - Decimal("0.0016"), money + 800 - Decimal("0.64") - 320)


async def test_the_streams_tell_orders_fills_and_balances_of_spot(venue: Any, ex: Any) -> None:
    orders, fills, balances = Watcher(ex, "watch_orders", SPOT), Watcher(ex, "watch_my_trades", SPOT), Watcher(ex, "watch_balance")
    try:
        await until(lambda: any("account.orderUpdate" in socket.subscriptions for socket in venue.server.connections), "subscribed")
        rest = await ex.create_order(SPOT, "limit", "buy", 1, 160)
        await until(lambda: [row for row in orders.seen if row["id"] == rest["id"] and row["status"] == "open"], "the resting order")
        await ex.cancel_order(rest["id"], SPOT)
        await until(lambda: [row for row in orders.seen if row["id"] == rest["id"] and row["status"] == "canceled"], "its end")
        for side, currency in (("buy", "SOL"), ("sell", "USDC")):
            made = await ex.create_order(SPOT, "market", side, 1)
            done = await until(lambda: [row for row in orders.seen if row["id"] == made["id"] and row["status"] == "closed"], f"the {side}")  # noqa: B023
            assert done[-1]["symbol"] == SPOT and done[-1]["fee"]["currency"] == currency
            mine = await until(lambda: [row for row in fills.seen if row["order"] == made["id"]], "its fills")  # noqa: B023
            assert sum(Decimal(str(row["amount"])) for row in mine) == 1 and {row["fee"]["currency"] for row in mine} == {currency}
            wanted = await ex.fetch_balance()
            for coin in ("SOL", "USDC"):
                await until(lambda: balances.seen and balances.seen[-1][coin] == wanted[coin], f"the balance of {coin}")  # noqa: B023
    finally:
        for watcher in (orders, fills, balances):
            await watcher.stop()
