"""Every True of `has` is called once against the paper venue; a method that nobody calls here fails the test."""

from __future__ import annotations

import asyncio
from typing import Any

from ccxt_dex.exchanges.standx import capabilities
from compat_tests.rooms.standx.test_venue import SYMBOL, desk, low

NOT_METHODS = {"publicAPI", "privateAPI", "swap", "ws"}
PAIR = [[SYMBOL, "1m"]]
READS: dict[str, tuple[Any, ...]] = {
    **dict.fromkeys(
        "fetchMarkets fetchTime fetchStatus fetchTickers fetchLastPrices fetchMarkPrices fetchBidsAsks fetchFundingRates".split(), ()
    ),
    **dict.fromkeys("fetchFundingIntervals fetchOpenInterests fetchTradingFees fetchLeverageTiers fetchBalance fetchPositions".split(), ()),
    **dict.fromkeys(
        "fetchFundingHistory fetchOrders fetchOpenOrders fetchClosedOrders fetchCanceledOrders fetchMyTrades signIn".split(), ()
    ),
    **dict.fromkeys(
        "fetchTicker fetchMarkPrice fetchOrderBook fetchL2OrderBook fetchTrades fetchOHLCV fetchFundingRate".split(), (SYMBOL,)
    ),
    **dict.fromkeys("fetchFundingInterval fetchFundingRateHistory fetchOpenInterest fetchTradingFee fetchPosition".split(), (SYMBOL,)),
    **dict.fromkeys("fetchMarketLeverageTiers fetchPositionsForSymbol fetchPositionMode fetchLeverage fetchMarginMode".split(), (SYMBOL,)),
    **dict.fromkeys(["fetchCanceledAndClosedOrders"], (SYMBOL,)),
}
PUBLIC_STREAMS: dict[str, tuple[Any, ...]] = {
    **dict.fromkeys("Ticker MarkPrice OrderBook Trades OHLCV".split(), (SYMBOL,)),
    **dict.fromkeys("Tickers MarkPrices BidsAsks OrderBookForSymbols TradesForSymbols".split(), ([SYMBOL],)),
    "OHLCVForSymbols": (PAIR,),
}
ACCOUNT_STREAMS = {"watchOrders": (), "watchMyTrades": (), "watchPosition": (SYMBOL,), "watchPositions": (), "watchBalance": ()}


async def test_every_true_works() -> None:
    called: set[str] = set()

    async with desk(price_ms=50, depth_ms=50, kline_ms=50) as (venue, ex):

        async def call(name: str, *args: Any) -> Any:
            called.add(name)
            return await asyncio.wait_for(getattr(ex, name)(*args), 10)

        await venue.market({"pause": False})
        for name, args in PUBLIC_STREAMS.items():
            assert await call(f"watch{name}", *args)
            assert await call(f"unWatch{name}", *args) is True
        await venue.market({"pause": True})
        await trade(call, ex, venue)
        for name, args in READS.items():
            assert await call(name, *args) is not None, name
        await manage(call, venue, ex)
    assert called == set(capabilities.YES) - NOT_METHODS


async def trade(call: Any, ex: Any, venue: Any) -> None:
    bid, size = low(ex, venue), 0.01
    ask = low(ex, venue, 1.02)
    exits = ({"takeProfit": {"triggerPrice": ask}},)
    waiting = [asyncio.ensure_future(call(name, *args)) for name, args in ACCOUNT_STREAMS.items()]
    while not venue.subscribed(4):
        await asyncio.sleep(0.01)
    for ws in ("", "Ws"):
        for name, args in {
            "createLimitOrder": (SYMBOL, "buy", size, bid),
            "createLimitBuyOrder": (SYMBOL, size, bid),
            "createLimitSellOrder": (SYMBOL, size, ask),
            "createPostOnlyOrder": (SYMBOL, "limit", "buy", size, bid),
            "createMarketOrder": (SYMBOL, "buy", size),
            "createMarketBuyOrder": (SYMBOL, size),
            "createReduceOnlyOrder": (SYMBOL, "market", "sell", size),
            "createMarketSellOrder": (SYMBOL, size),
        }.items():
            assert (await call(name + ws, *args))["id"]
        await call(f"createOrderWithTakeProfitAndStopLoss{ws}", SYMBOL, "limit", "buy", size, bid, ask, low(ex, venue, 0.97))
        order = await call(f"createOrder{ws}", SYMBOL, "limit", "buy", size, bid, *exits)
        edited = await call(f"editOrder{ws}", order["id"], SYMBOL, "limit", "buy", size, low(ex, venue, 0.975))
        assert (await call("fetchOrder", edited["id"], SYMBOL))["status"] == "open"
        assert (await call("fetchOrderWithClientOrderId", edited["clientOrderId"], SYMBOL))["id"] == edited["id"]
        await call(f"cancelOrder{ws}", edited["id"], SYMBOL)
    await asyncio.wait_for(asyncio.gather(*waiting), 10)


async def manage(call: Any, venue: Any, ex: Any) -> None:
    rows = await call("createOrders", [{"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 0.01, "price": low(ex, venue)}] * 2)
    await call("cancelOrderWithClientOrderId", rows[0]["clientOrderId"], SYMBOL)
    await call("cancelOrders", [rows[1]["id"]], SYMBOL)
    filled = await ex.create_order(SYMBOL, "market", "buy", 0.01)
    fills = await call("fetchOrderTrades", filled["id"], SYMBOL)
    assert sum(row["amount"] for row in fills) == filled["filled"]
    await call("closePosition", SYMBOL)
    await call("cancelAllOrders", SYMBOL)
    await call("closeAllPositions")
    await call("setMarginMode", "isolated", SYMBOL)
    await call("setLeverage", 5, SYMBOL)
    await ex.create_order(SYMBOL, "market", "buy", 0.01)
    await call("addMargin", SYMBOL, 20)
    await call("reduceMargin", SYMBOL, 10)
    await call("transfer", "DUSD", 5, "swap", "spot")
    await call("transfer", "DUSD", 5, "spot", "swap")
