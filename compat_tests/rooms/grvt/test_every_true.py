"""Every True of `has` is called once against the paper venue; a method that nobody calls here fails the test."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import ccxt_dex
from ccxt_dex import paper

SYMBOL = "BTC/USDT:USDT"
NOT_METHODS = {"publicAPI", "privateAPI", "sandbox", "swap", "ws"}
READS: dict[str, tuple[Any, ...]] = {
    **dict.fromkeys("fetchMarkets fetchCurrencies fetchTime fetchTickers fetchMarkPrices fetchBidsAsks fetchFundingRates".split(), ()),
    **dict.fromkeys("fetchOpenInterests fetchLeverageTiers fetchBalance fetchPositions fetchLeverages fetchMarginModes fetchAccounts".split(), ()),
    **dict.fromkeys("fetchFundingHistory fetchOrders fetchOpenOrders fetchClosedOrders fetchCanceledOrders fetchMyTrades signIn".split(), ()),
    **dict.fromkeys("fetchCanceledAndClosedOrders fetchPositionsHistory fetchDeposits fetchWithdrawals".split(), ()),
    **dict.fromkeys("fetchTicker fetchMarkPrice fetchOrderBook fetchL2OrderBook fetchTrades fetchOHLCV fetchFundingRate".split(), (SYMBOL,)),
    **dict.fromkeys("fetchFundingInterval fetchFundingRateHistory fetchOpenInterest fetchPosition fetchMarkOHLCV fetchIndexOHLCV".split(), (SYMBOL,)),
    **dict.fromkeys("fetchMarketLeverageTiers fetchLeverage fetchMarginMode".split(), (SYMBOL,)),
    "fetchTransfers": ("USDT",),
}  # fmt: skip
STREAMS: dict[str, tuple[Any, ...]] = {
    **dict.fromkeys("Ticker MarkPrice OrderBook Trades OHLCV".split(), (SYMBOL,)),
    **dict.fromkeys("Tickers MarkPrices BidsAsks OrderBookForSymbols TradesForSymbols".split(), ([SYMBOL],)),
    "OHLCVForSymbols": ([[SYMBOL, "1m"]],),
}


@contextlib.asynccontextmanager
async def desk(kind: str = "api", **options: Any) -> AsyncIterator[tuple[Any, Any]]:
    async with paper.start("grvt", seed=7, **options) as venue:
        await venue.market({"pause": True})
        ex = ccxt_dex.grvt({**venue.config(kind=kind), "enableRateLimit": False})
        ex.timeout_on_exit = 0
        try:
            await ex.load_markets()
            yield venue, ex
        finally:
            await ex.close()


async def test_every_true_works() -> None:
    called: set[str] = set()

    async with desk("wallet") as (venue, ex):

        async def call(name: str, *args: Any) -> Any:
            called.add(name)
            return await asyncio.wait_for(getattr(ex, name)(*args), 10)

        await venue.market({"pause": False})
        for name in ("watchFundingRate", "watchFundingRates"):
            assert await call(name, SYMBOL if name.endswith("Rate") else [SYMBOL])
        for name, args in STREAMS.items():
            assert await call(f"watch{name}", *args)
            assert await call(f"unWatch{name}", *args) is True
        await venue.market({"pause": True})
        await trade(call, ex)
        for name, args in READS.items():
            assert await call(name, *args) is not None, name
        await manage(call, ex)
    wanted = {name for name, value in ex.has.items() if value} - NOT_METHODS
    assert called == wanted


async def trade(call: Any, ex: Any) -> None:
    bid = (await ex.fetch_order_book(SYMBOL))["bids"][0][0]
    low, high = float(int(bid * 0.97)), float(int(bid * 1.03))
    streams = {name: asyncio.ensure_future(call(name)) for name in ("watchOrders", "watchMyTrades", "watchPositions", "watchBalance")}
    await asyncio.sleep(0.3)
    order = await call("createOrder", SYMBOL, "market", "buy", 0.01)
    assert order["status"] == "closed"
    for name, waiting in streams.items():
        assert await asyncio.wait_for(waiting, 10), name
    for name in ("unWatchOrders", "unWatchMyTrades", "unWatchPositions"):
        assert await call(name) is True
    await call("fetchOrderTrades", order["id"], SYMBOL)
    resting = await call("createPostOnlyOrder", SYMBOL, "limit", "buy", 0.01, low)
    assert (await call("fetchOrder", resting["id"], SYMBOL))["postOnly"] is True
    edited = await call("editOrder", resting["id"], SYMBOL, "limit", "buy", 0.02, low)
    assert edited["postOnly"] is True and edited["id"] != resting["id"]
    assert (await call("cancelOrder", edited["id"], SYMBOL))["status"] == "canceled"
    both = await call("createOrders", [{"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 0.01, "price": low}] * 2)
    assert [row["status"] for row in await call("cancelOrders", [row["id"] for row in both], SYMBOL)] == ["canceled", "canceled"]
    over = await call("createOrderWs", SYMBOL, "limit", "buy", 0.01, low)
    assert (await call("cancelOrderWs", over["id"], SYMBOL))["status"] == "canceled"
    named = await ex.create_order(SYMBOL, "limit", "buy", 0.01, low, {"clientOrderId": "123456789"})
    assert (await call("cancelOrderWithClientOrderId", "123456789", SYMBOL))["id"] == named["id"]
    reducing = await call("createReduceOnlyOrder", SYMBOL, "limit", "sell", 0.01, high)
    assert reducing["reduceOnly"] is True
    for name, args, params in (
        ("createStopLossOrder", (SYMBOL, "market", "sell", 0.01, None, low), {}),
        ("createTakeProfitOrder", (SYMBOL, "market", "sell", 0.01, None, high), {}),
        ("createTriggerOrder", (SYMBOL, "market", "buy", 0.01, None, high), {"triggerDirection": "ascending"}),
        ("createStopOrder", (SYMBOL, "market", "buy", 0.01, None, high), {"triggerDirection": "ascending"}),
        ("createStopMarketOrder", (SYMBOL, "buy", 0.01, high), {"triggerDirection": "ascending"}),
        ("createStopLimitOrder", (SYMBOL, "buy", 0.01, high, high), {"triggerDirection": "ascending"}),
    ):
        stop = await call(name, *args, params)
        assert stop["status"] == "open" and stop["triggerPrice"] in (low, high), name
    assert len(await call("cancelAllOrders", SYMBOL)) == 7
    await ex.create_order(SYMBOL, "limit", "buy", 0.01, low)
    assert len(await call("cancelAllOrdersWs", SYMBOL)) == 1
    entry = await call("createOrderWithTakeProfitAndStopLoss", SYMBOL, "market", "buy", 0.01, None, high, low)
    assert entry["status"] == "closed"
    exits = await ex.fetch_open_orders(SYMBOL)
    assert {(row["takeProfitPrice"], row["stopLossPrice"]) for row in exits} == {(high, None), (None, low)}
    assert all(row["reduceOnly"] and row["side"] == "sell" for row in exits)
    await call("cancelAllOrdersAfter", 5000)
    await call("cancelAllOrdersAfter", 0)
    await call("closePosition", SYMBOL)
    for name in ("createLimitOrder", "createLimitOrderWs"):
        assert (await call(name, SYMBOL, "buy", 0.01, low))["status"] == "open"
    await call("createMarketOrder", SYMBOL, "buy", 0.01)
    await call("createMarketOrderWs", SYMBOL, "sell", 0.01)
    await ex.cancel_all_orders()
    await ex.create_order(SYMBOL, "market", "buy", 0.01)


async def manage(call: Any, ex: Any) -> None:
    await call("closeAllPositions")
    await ex.cancel_all_orders()
    await call("setMarginMode", "isolated", SYMBOL, {"leverage": 5})
    await call("setLeverage", 4, SYMBOL)
    await ex.create_order(SYMBOL, "market", "buy", 0.01)
    await call("addMargin", SYMBOL, 20)
    await call("reduceMargin", SYMBOL, 10)
    moved = await call("transfer", "USDT", 100.5, "funding", "trading")
    assert moved["id"] and [row["amount"] for row in await ex.fetch_transfers("USDT")] == [100.5]
    called = await call("withdraw", "USDT", 1, "0x" + "1" * 40)
    assert called["amount"] == 1
