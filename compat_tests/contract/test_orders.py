"""Behaviour cards: orders."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest

from ccxt_dex._ccxt import errors
from compat_tests.contract.desk import Desk, cannot, until

REFUSED = (errors.InvalidOrder, errors.BadRequest, errors.NotSupported)


async def test_a_limit_order_rests_and_is_cancelled(desk: Desk) -> None:
    price = desk.below()
    order = await desk.create("limit", "buy", desk.size(), price)
    assert order["status"] == "open" and order["id"]
    (resting,) = await desk.ex.fetch_open_orders(desk.symbol)
    assert (resting["id"], resting["price"], resting["amount"], resting["side"], resting["type"]) == (
        order["id"],
        price,
        desk.size(),
        "buy",
        "limit",
    )
    await desk.ex.cancel_order(order["id"], desk.symbol)
    assert (await desk.final(order))["status"] == "canceled"
    assert await desk.ex.fetch_open_orders(desk.symbol) == []


async def test_a_float_s_own_noise_is_no_other_amount(desk: Desk) -> None:
    """0.1 + 0.2 is what a bot adds up; anything coarser is off the step and refused (test_errors)."""
    size, price = desk.size(), desk.below()
    order = await desk.create("limit", "buy", math.nextafter(size, math.inf), math.nextafter(price, 0))
    assert (order["amount"], order["price"]) == (size, price)
    (row,) = await desk.ex.fetch_open_orders(desk.symbol)
    assert (row["amount"], row["price"]) == (size, price)
    await desk.ex.cancel_order(order["id"], desk.symbol)


async def test_a_limit_order_that_crosses_fills_at_the_book_price(desk: Desk) -> None:
    _, ask = desk.best()
    order = await desk.final(await desk.create("limit", "buy", desk.size(), desk.above("0.001")))
    assert order["status"] == "closed" and order["filled"] == order["amount"] == desk.size()
    assert float(ask) <= order["average"] <= desk.above("0.001")


async def test_a_partial_fill_then_cancel_keeps_what_was_filled(desk: Desk) -> None:
    desk.needs("partial_fill")
    _bids, asks = desk.engine.book(desk.native, 3)
    level, available = asks[0][0], asks[0][1]
    step = Decimal(str(desk.market["precision"]["amount"]))
    amount = float((available * 2 / step).to_integral_value() * step)
    order = await desk.create("limit", "buy", amount, float(level))

    async def partly() -> bool:
        latest = await desk.ex.fetch_order(order["id"], desk.symbol)
        return latest["status"] == "open" and 0 < latest["filled"] < amount

    await until(partly, "partly filled and still open")
    await desk.ex.cancel_order(order["id"], desk.symbol)
    latest = await desk.final(order)
    assert (
        latest["status"] == "canceled"
        and latest["filled"] == pytest.approx(float(available))
        and latest["remaining"] == pytest.approx(amount - float(available))
    )
    await desk.has_position(float(available), "long")


@pytest.mark.parametrize("side", ["buy", "sell"])
async def test_a_market_order_fills_within_the_slippage_bound(desk: Desk, side: str) -> None:
    bid, ask = desk.best()
    order = await desk.fill(side)
    assert order["status"] == "closed" and order["filled"] == desk.size()
    touch = float(ask if side == "buy" else bid)
    assert abs(order["average"] - touch) / touch < 0.05
    await desk.has_position(desk.size(), "long" if side == "buy" else "short")


async def test_ioc_takes_what_is_there_and_leaves_nothing(desk: Desk) -> None:
    desk.needs("ioc")
    order = await desk.final(await desk.create("limit", "buy", desk.size(), desk.below(), timeInForce="IOC"))
    assert order["status"] in ("canceled", "expired", "rejected") and order["filled"] == 0
    assert await desk.ex.fetch_open_orders(desk.symbol) == [] and await desk.position() is None


async def test_fok_fills_whole_or_not_at_all(desk: Desk) -> None:
    desk.needs("fok")
    filled = await desk.final(await desk.create("limit", "buy", desk.size(), desk.above("0.005"), timeInForce="FOK"))
    assert filled["status"] == "closed" and filled["filled"] == desk.size()
    _, asks = desk.engine.book(desk.native, 1)
    step = Decimal(str(desk.market["precision"]["amount"]))
    too_much = float((asks[0][1] * 3 / step).to_integral_value() * step)
    try:
        killed = await desk.final(await desk.create("limit", "buy", too_much, float(asks[0][0]), timeInForce="FOK"))
    except errors.InvalidOrder:
        pass
    else:
        assert killed["status"] in ("canceled", "expired", "rejected") and killed["filled"] == 0
    await desk.has_position(desk.size(), "long")


async def test_an_unsupported_time_in_force_is_refused_before_it_is_sent(desk: Desk) -> None:
    seen = desk.orders_executed()
    with pytest.raises(REFUSED):
        await desk.create("limit", "buy", desk.size(), desk.below(), timeInForce="WHENEVER")
    assert desk.orders_executed() == seen


async def test_post_only_that_would_cross_is_refused(desk: Desk) -> None:
    desk.needs("post_only")
    try:
        order = await desk.final(await desk.create("limit", "buy", desk.size(), desk.above("0.001"), postOnly=True))
    except errors.OrderImmediatelyFillable:
        pass
    else:
        assert order["status"] in ("canceled", "rejected") and order["filled"] == 0
    assert await desk.position() is None
    resting = await desk.rest(postOnly=True)
    assert resting["status"] == "open" and (await desk.ex.fetch_order(resting["id"], desk.symbol))["postOnly"] is True


async def test_reduce_only_never_opens(desk: Desk) -> None:
    desk.needs("reduce_only")
    try:
        order = await desk.final(await desk.create("market", "sell", desk.size(), None, reduceOnly=True))
    except (errors.InvalidOrder, errors.OperationRejected, errors.ExchangeError):
        pass
    else:
        assert order["filled"] == 0
    assert await desk.position() is None


async def test_reduce_only_never_flips(desk: Desk) -> None:
    desk.needs("reduce_only")
    await desk.fill("buy", times=2)
    await desk.has_position(desk.size(2), "long")
    try:
        await desk.final(await desk.create("market", "sell", desk.size(6), None, reduceOnly=True))
    except errors.ExchangeError:
        pass
    row = await desk.position()
    assert row is None or row["side"] == "long"


async def test_the_client_order_id_makes_the_round_trip(desk: Desk) -> None:
    desk.needs("client_id")
    mine = desk.ex.new_client_order_id()
    order = await desk.rest(clientOrderId=mine)
    assert order["clientOrderId"] == mine
    assert (await desk.ex.fetch_order(order["id"], desk.symbol))["clientOrderId"] == mine
    assert [row["clientOrderId"] for row in await desk.ex.fetch_open_orders(desk.symbol)] == [mine]


async def test_an_order_without_a_client_id_gets_one(desk: Desk) -> None:
    desk.needs("client_id")
    order = await desk.rest()
    assert order["clientOrderId"]
    assert (await desk.ex.fetch_order(order["id"], desk.symbol))["clientOrderId"] == order["clientOrderId"]


async def test_a_client_id_used_twice_is_refused(desk: Desk) -> None:
    desk.needs("duplicate_client_id")
    mine = desk.ex.new_client_order_id()
    await desk.rest(clientOrderId=mine)
    with pytest.raises(errors.InvalidOrder):
        await desk.rest(clientOrderId=mine)
    assert len(await desk.ex.fetch_open_orders(desk.symbol)) == 1


async def test_an_edit_changes_price_and_size_and_the_id_as_declared(desk: Desk) -> None:
    desk.needs("edit", "editOrder")
    order = await desk.rest()
    price = desk.below("0.03")
    edited = await desk.ex.edit_order(order["id"], desk.symbol, "limit", "buy", desk.size(3), price)
    (resting,) = await until(lambda: desk.ex.fetch_open_orders(desk.symbol), "one order after the edit")
    assert (resting["price"], resting["amount"], resting["id"]) == (price, desk.size(3), edited["id"])


async def test_a_batch_with_one_bad_member_places_the_others(desk: Desk) -> None:
    desk.needs("batch", "createOrders")
    good = {"symbol": desk.symbol, "type": "limit", "side": "buy", "amount": desk.size(), "price": desk.below()}
    # refused by the venue, not before: a post-only order that crosses, or where there is none a reduce-only one without a position
    bad = {"reduceOnly": True} if "post_only" in cannot(desk.venue_id) else {"postOnly": True}
    crossing = {**good, "price": desk.above("0.001"), "params": bad}
    rows = await desk.ex.create_orders([good, crossing, {**good, "price": desk.below("0.03")}])
    assert len(rows) == 3
    assert [row["status"] for row in rows].count("open") == 2 and rows[1]["status"] in ("rejected", "canceled")
    assert {row["id"] for row in await desk.ex.fetch_open_orders(desk.symbol)} == {rows[0]["id"], rows[2]["id"]}


async def test_a_batch_with_a_malformed_member_sends_nothing(desk: Desk) -> None:
    desk.needs("batch", "createOrders")
    good = {"symbol": desk.symbol, "type": "limit", "side": "buy", "amount": desk.size(), "price": desk.below()}
    with pytest.raises(errors.BaseError):
        await desk.ex.create_orders([good, {**good, "amount": desk.size() / 1e9}])
    assert await desk.ex.fetch_open_orders(desk.symbol) == []


async def test_an_order_its_fills_and_my_trades_agree_and_the_balance_moves_by_fee_and_pnl(desk: Desk) -> None:
    desk.needs("fills_name_orders")
    before = await desk.total()
    opened = await desk.fill("buy", times=3)
    await desk.has_position(desk.size(3), "long")
    await desk.move(desk.mark() * Decimal("1.004"))
    closed = await desk.final(await desk.ex.close_position(desk.symbol))
    await desk.has_position(0)

    async def all_there() -> object:
        rows = await desk.ex.fetch_my_trades(desk.symbol)
        return rows if sum(row["amount"] for row in rows) >= desk.size(3) * 2 - 1e-12 else None

    trades = await until(all_there, "both orders' fills")
    fees = Decimal(0)
    for order in (opened, closed):
        mine = [row for row in trades if row["order"] == order["id"]]
        amount, cost = sum(Decimal(str(row["amount"])) for row in mine), sum(Decimal(str(row["cost"])) for row in mine)
        assert amount == Decimal(str(order["filled"]))
        assert float(cost / amount) == pytest.approx(order["average"], rel=1e-9)
        assert order["cost"] == pytest.approx(float(cost), rel=1e-9)
        fee = sum(Decimal(str(row["fee"]["cost"])) for row in mine)
        assert all(row["fee"]["currency"] == desk.market["settle"] for row in mine)
        if order.get("fee") and order["fee"].get("cost") is not None:
            assert order["fee"]["cost"] == pytest.approx(float(fee), rel=1e-6)
        fees += fee
    pnl = Decimal(str(closed["cost"])) - Decimal(str(opened["cost"]))

    async def settled() -> bool:
        return abs(await desk.total() - before - pnl + fees) < Decimal("0.01")

    await until(settled, f"balance moved by pnl {pnl} less fees {fees}")
