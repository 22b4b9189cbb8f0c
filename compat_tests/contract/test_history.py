"""Behaviour cards: since, limit and paging of every history; market data closes on itself."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from compat_tests.contract.desk import Desk, until

PUBLIC = {"fetch_trades": "fetchTrades", "fetch_ohlcv": "fetchOHLCV", "fetch_funding_rate_history": "fetchFundingRateHistory"}


def stamp(row: Any) -> int:
    return int(row[0] if isinstance(row, list) else row["timestamp"])


@pytest.mark.parametrize("method", list(PUBLIC))
async def test_public_history_honours_since_and_limit(desk: Desk, method: str) -> None:
    desk.needs(method, PUBLIC[method])
    args = ("1m",) if method == "fetch_ohlcv" else ()
    call = getattr(desk.ex, method)
    rows = await call(desk.symbol, *args)
    assert rows and [stamp(row) for row in rows] == sorted(stamp(row) for row in rows)
    newest = await call(desk.symbol, *args, None, 3)
    assert 0 < len(newest) <= 3
    since = stamp(rows[len(rows) // 2])
    later = await call(desk.symbol, *args, since, 5)
    assert later and len(later) <= 5 and all(stamp(row) >= since for row in later)


async def test_candles_page_forward_without_gap_or_overlap(desk: Desk) -> None:
    desk.needs("fetch_ohlcv", "fetchOHLCV")
    rows = await desk.ex.fetch_ohlcv(desk.symbol, "1m", None, 20)
    start = stamp(rows[0])
    first = await desk.ex.fetch_ohlcv(desk.symbol, "1m", start, 5)
    second = await desk.ex.fetch_ohlcv(desk.symbol, "1m", stamp(first[-1]) + 60_000, 5)
    times = [stamp(row) for row in (*first, *second)]
    assert times == [start + i * 60_000 for i in range(len(times))]
    for _, opened, high, low, close, volume in rows:
        assert low <= min(opened, close) <= max(opened, close) <= high and volume >= 0


async def test_own_orders_and_trades_page_and_filter(desk: Desk) -> None:
    desk.needs("fills_name_orders")
    made = []
    for side in ("buy", "sell", "buy"):
        made.append(await desk.fill(side))
        await desk.venue.market({"advance_ms": 2000})
    rest = await desk.rest()
    await desk.ex.cancel_order(rest["id"], desk.symbol)
    await desk.final(rest)

    async def fills() -> Any:
        rows = await desk.ex.fetch_my_trades(desk.symbol)
        return rows if {row["order"] for row in rows} >= {row["id"] for row in made} else None

    trades = await until(fills, "the fills of three orders")
    assert [stamp(row) for row in trades] == sorted(stamp(row) for row in trades)
    assert len({row["id"] for row in trades}) == len(trades)
    since = stamp(next(row for row in trades if row["order"] == made[1]["id"]))
    assert all(stamp(row) >= since for row in await desk.ex.fetch_my_trades(desk.symbol, since))
    assert len(await desk.ex.fetch_my_trades(desk.symbol, None, 2)) <= 2
    for method, name, wanted in (
        ("fetch_orders", "fetchOrders", {row["id"] for row in (*made, rest)}),
        ("fetch_closed_orders", "fetchClosedOrders", {row["id"] for row in made}),
        ("fetch_canceled_orders", "fetchCanceledOrders", {rest["id"]}),
    ):
        if desk.ex.has[name] is True:
            rows = await getattr(desk.ex, method)(desk.symbol)
            assert {row["id"] for row in rows} == wanted, method
            assert len(await getattr(desk.ex, method)(desk.symbol, None, 1)) == 1, method
    if desk.ex.has["fetchOrderTrades"] is True:
        mine = await desk.ex.fetch_order_trades(made[0]["id"], desk.symbol)
        assert sum(Decimal(str(row["amount"])) for row in mine) == Decimal(str(made[0]["filled"]))


async def test_tickers_books_and_trades_tell_the_same_market(desk: Desk) -> None:
    bid, ask = desk.best()
    ticker = await desk.ex.fetch_ticker(desk.symbol)
    assert ticker["symbol"] == desk.symbol and ticker["last"] > 0
    if ticker["bid"] is not None:
        assert ticker["bid"] == pytest.approx(float(bid)) and ticker["ask"] == pytest.approx(float(ask))
    book = await desk.ex.fetch_order_book(desk.symbol)
    prices = [row[0] for row in book["bids"]], [row[0] for row in book["asks"]]
    assert prices[0] == sorted(prices[0], reverse=True) and prices[1] == sorted(prices[1])
    assert prices[0][0] < prices[1][0]
    assert len((await desk.ex.fetch_order_book(desk.symbol, 5))["bids"]) <= 5
    assert (await desk.ex.fetch_l2_order_book(desk.symbol, 1))["asks"]
    if desk.ex.has["fetchTickers"] is True:
        every = await desk.ex.fetch_tickers()
        assert desk.symbol in every and set(await desk.ex.fetch_tickers([desk.symbol])) == {desk.symbol}
    rate = await desk.ex.fetch_funding_rate(desk.symbol)
    assert rate["fundingRate"] is not None and rate["symbol"] == desk.symbol
