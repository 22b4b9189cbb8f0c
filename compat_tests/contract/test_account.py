"""Behaviour cards: leverage, margin, positions, balance, funding."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ccxt_dex._ccxt import errors
from compat_tests.contract.desk import Desk, until


async def test_leverage_is_set_read_back_and_refused_above_the_maximum(desk: Desk) -> None:
    desk.needs("leverage", "setLeverage")
    await desk.ex.set_leverage(3, desk.symbol)
    if desk.ex.has["fetchLeverage"]:
        assert (await desk.ex.fetch_leverage(desk.symbol))["longLeverage"] == 3
    await desk.fill("buy", times=4)
    row = await desk.has_position(desk.size(4), "long")
    assert row is not None and row["leverage"] == 3
    with pytest.raises(errors.BaseError):
        await desk.ex.set_leverage(int(desk.market["limits"]["leverage"]["max"]) + 1, desk.symbol)


async def test_the_margin_mode_is_set_and_read_back(desk: Desk) -> None:
    desk.needs("margin_mode", "setMarginMode")
    for mode in ("isolated", "cross"):
        try:
            await desk.ex.set_margin_mode(mode, desk.symbol, {"leverage": 5})
        except errors.MarginModeAlreadySet:
            pass
        if desk.ex.has["fetchMarginMode"]:
            assert (await desk.ex.fetch_margin_mode(desk.symbol))["marginMode"] == mode
    with pytest.raises(errors.BaseError):
        await desk.ex.set_margin_mode("sideways", desk.symbol)


async def test_a_margin_mode_that_is_set_already_says_so(desk: Desk) -> None:
    desk.needs("margin_mode", "setMarginMode")
    try:
        await desk.ex.set_margin_mode("isolated", desk.symbol, {"leverage": 5})
    except errors.MarginModeAlreadySet:
        pass
    with pytest.raises(errors.MarginModeAlreadySet):
        await desk.ex.set_margin_mode("isolated", desk.symbol, {"leverage": 5})


async def test_isolated_margin_is_added_and_taken_out(desk: Desk) -> None:
    desk.needs("isolated_margin", "addMargin", "setMarginMode")
    try:
        await desk.ex.set_margin_mode("isolated", desk.symbol, {"leverage": 5})
    except errors.MarginModeAlreadySet:
        pass
    await desk.fill("buy", times=4)
    row = await desk.has_position(desk.size(4), "long")
    assert row is not None and row["marginMode"] == "isolated"
    before = row["collateral"]
    await desk.ex.add_margin(desk.symbol, 20.5)

    async def more() -> bool:
        latest = await desk.position()
        return latest is not None and latest["collateral"] == pytest.approx(before + 20.5, abs=0.01)

    await until(more, "collateral up by 20.5")
    if desk.ex.has["reduceMargin"]:
        await desk.ex.reduce_margin(desk.symbol, 10.25)

        async def less() -> bool:
            latest = await desk.position()
            return latest is not None and latest["collateral"] == pytest.approx(before + 10.25, abs=0.01)

        await until(less, "collateral down by 10.25")


async def test_the_position_is_right_after_each_fill_flip_and_close(desk: Desk) -> None:
    await desk.fill("buy", times=2)
    row = await desk.has_position(desk.size(2), "long")
    assert row is not None and row["entryPrice"] > 0 and row["symbol"] == desk.symbol
    await desk.fill("buy", times=1)
    await desk.has_position(desk.size(3), "long")
    await desk.fill("sell", times=5)
    row = await desk.has_position(desk.size(2), "short")
    assert row is not None
    await desk.move(desk.mark() * Decimal("0.99"))

    async def earning() -> bool:
        latest = await desk.position()
        return latest is not None and latest["unrealizedPnl"] > 0

    await until(earning, "a short earns when the price falls")
    await desk.fill("buy", times=2)
    await desk.has_position(0)


async def test_the_balance_shows_what_an_order_holds(desk: Desk) -> None:
    before = (await desk.ex.fetch_balance())[desk.market["settle"]]
    assert before["total"] > 0 and before["free"] <= before["total"]
    await desk.fill("buy", times=5)
    await desk.has_position(desk.size(5), "long")

    async def held() -> bool:
        return (await desk.ex.fetch_balance())[desk.market["settle"]]["free"] < before["free"]

    await until(held, "free balance went down")


async def test_a_funding_payment_arrives_with_its_sign(desk: Desk) -> None:
    desk.needs("funding", "fetchFundingHistory")
    await desk.fill("buy", times=5)
    await desk.has_position(desk.size(5), "long")
    desk.engine.set_funding_rate(desk.native, Decimal("0.0002"))
    await desk.venue.market({"advance_ms": desk.engine.markets[desk.native].funding_interval_ms})

    async def paid() -> object:
        return await desk.ex.fetch_funding_history(desk.symbol)

    row = (await until(paid, "a funding payment"))[-1]
    assert row["amount"] < 0, "a long pays a positive rate"
    notional = float(desk.mark()) * desk.size(5)
    assert abs(row["amount"]) == pytest.approx(notional * 0.0002, rel=0.05)
    assert row["symbol"] == desk.symbol and row["code"] == desk.market["settle"] and row["timestamp"]


async def test_a_liquidated_position_is_gone(desk: Desk) -> None:
    top = int(desk.market["limits"]["leverage"]["max"])
    deposit = (desk.mark() * Decimal(str(desk.size(20))) / top * 2).quantize(Decimal("0.01"))
    other = await desk.another("carol", deposit=deposit)
    await other.load_markets()
    poor = Desk(desk.venue_id, desk.venue, other, desk.symbol)
    if other.has["setLeverage"]:
        await other.set_leverage(top, desk.symbol)
    await poor.final(await poor.create("market", "buy", desk.size(20)))
    await poor.has_position(desk.size(20), "long")
    await desk.move(desk.mark() * Decimal("0.8"))
    await poor.has_position(0)
    assert await other.fetch_open_orders(desk.symbol) == []
