"""Behaviour cards: stops, take-profits, attached exits."""

from __future__ import annotations

import contextlib
from decimal import Decimal

import pytest

from ccxt_dex._ccxt import errors
from compat_tests.contract.desk import Desk, until

MOVE = {
    ("stopLossPrice", "buy"): "0.97",
    ("stopLossPrice", "sell"): "1.03",
    ("takeProfitPrice", "buy"): "1.03",
    ("takeProfitPrice", "sell"): "0.97",
}
HALF = {"0.97": "0.985", "1.03": "1.015"}


@pytest.mark.parametrize("entry", ["buy", "sell"])
@pytest.mark.parametrize("kind", ["stopLossPrice", "takeProfitPrice"])
async def test_an_exit_fires_at_its_price_and_side(desk: Desk, entry: str, kind: str) -> None:
    desk.needs("stop_orders", "createStopLossOrder" if kind == "stopLossPrice" else "createTakeProfitOrder")
    await desk.fill(entry)
    await desk.has_position(desk.size(), "long" if entry == "buy" else "short")
    start, factor = desk.mark(), MOVE[kind, entry]
    trigger = desk.tick(start * Decimal(factor))
    exit_side = "sell" if entry == "buy" else "buy"
    order = await desk.create("market", exit_side, desk.size(), None, reduceOnly=True, **{kind: trigger})
    assert order["id"]
    await desk.move(start * Decimal(HALF[factor]))
    assert (await desk.position()) is not None, "fired before its price"
    await desk.move(start * Decimal(factor) * (Decimal("0.998") if factor == "0.97" else Decimal("1.002")))
    await desk.has_position(0)


async def test_a_resting_stop_is_listed_with_its_trigger_and_can_be_cancelled(desk: Desk) -> None:
    desk.needs("stop_orders", "createStopLossOrder")
    await desk.fill("buy")
    await desk.has_position(desk.size(), "long")
    trigger = desk.below("0.03")
    order = await desk.create("market", "sell", desk.size(), None, reduceOnly=True, stopLossPrice=trigger)

    async def listed() -> object:
        rows = [*await desk.ex.fetch_open_orders(desk.symbol)]
        if not rows:
            rows = [*await desk.ex.fetch_open_orders(desk.symbol, None, None, {"trigger": True})]
        return next((row for row in rows if trigger in (row["triggerPrice"], row["stopLossPrice"])), None)

    row = await until(listed, "the stop among the open orders")
    assert row["side"] == "sell" and row["reduceOnly"] is True
    await desk.ex.cancel_order(order["id"], desk.symbol, {"trigger": True})
    await desk.move(desk.mark() * Decimal("0.96"))
    await desk.has_position(desk.size(), "long")


@pytest.mark.parametrize("entry", ["buy", "sell"])
@pytest.mark.parametrize("exit_by", ["takeProfit", "stopLoss"])
async def test_an_entry_with_attached_exits_closes_at_one_of_them_and_the_other_goes(desk: Desk, entry: str, exit_by: str) -> None:
    desk.needs("attached_exits")
    start = desk.mark()
    up, down = desk.tick(start * Decimal("1.03")), desk.tick(start * Decimal("0.97"))
    profit, loss = (up, down) if entry == "buy" else (down, up)
    await desk.fill(entry, takeProfit={"triggerPrice": profit}, stopLoss={"triggerPrice": loss})
    await desk.has_position(desk.size(), "long" if entry == "buy" else "short")
    target = profit if exit_by == "takeProfit" else loss
    await desk.move(Decimal(str(target)) * (Decimal("1.002") if target > start else Decimal("0.998")))
    await desk.has_position(0)

    async def none_left() -> bool:
        return not [row for row in desk.account.orders.values() if row.status in ("open", "new", "untriggered")]

    await until(none_left, "the other exit is gone")
    assert await desk.position() is None


async def test_a_trigger_that_cannot_be_placed_is_refused_not_dropped(desk: Desk) -> None:
    """An order with a trigger either waits for it or is refused; it never goes out as a plain order."""
    trigger = desk.above("0.03")
    with contextlib.suppress(errors.NotSupported, errors.InvalidOrder, errors.BadRequest, errors.ArgumentsRequired):
        await desk.create("market", "buy", desk.size(), None, triggerPrice=trigger)
    assert await desk.position() is None
