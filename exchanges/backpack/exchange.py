"""The class under its ccxt id: description and the table of streams. Its methods are in the files beside this one, by topic."""

from __future__ import annotations

from typing import Any

from ccxt_dex.exchanges.backpack import streams, tables
from ccxt_dex.exchanges.backpack.user_feeds import UserFeeds
from ccxt_dex.features import attached, linear, listing, prices, table, times

YES = """
borrowCrossMargin cancelOrders closePosition closeAllPositions createOrders createStopOrder createStopLimitOrder createStopMarketOrder createStopLossOrder
createTakeProfitOrder createTriggerOrder createTwapOrder createOrderWithTakeProfitAndStopLoss fetchBorrowInterest fetchCanceledAndClosedOrders fetchCanceledOrders fetchClosedOrders
fetchCrossBorrowRate fetchCrossBorrowRates fetchDepositsWithdrawals fetchFundingInterval fetchFundingIntervals fetchFundingRates fetchLeverage fetchLeverages fetchLeverageTiers fetchMarginMode fetchMarketLeverageTiers
fetchMarkPrice fetchMarkPrices fetchOpenInterests fetchOrder fetchOrderTrades fetchPosition fetchPositionsHistory fetchTradingFee fetchTradingFees
repayCrossMargin setLeverage watchFundingRate watchFundingRates watchLiquidations watchMarkPrice watchMarkPrices watchMyTrades watchMyTradesForSymbols
watchOrdersForSymbols unWatchBidsAsks unWatchMyTrades unWatchOHLCV unWatchOHLCVForSymbols unWatchOrderBook unWatchOrderBookForSymbols unWatchTicker
unWatchTickers
""".split()
NO = """
cancelAllOrdersAfter editOrder fetchOpenInterestHistory setMarginMode addMargin reduceMargin transfer createConvertTrade fetchConvertQuote createOrderWs cancelOrderWs
sandbox fetchCurrenciesWs
unwatchBidsAsks unwatchOHLCV unwatchOHLCVForSymbols unwatchOrderBook unwatchOrderBookForSymbols unwatchTicker unwatchTickers
""".split()

ORDER: dict[str, Any] = {
    "triggerPrice": True,
    "triggerDirection": True,
    "triggerPriceType": prices("last", "mark", "index"),
    "stopLossPrice": True,
    "takeProfitPrice": True,
    "attachedStopLossTakeProfit": attached("last", "mark", "index"),
    "timeInForce": times("IOC", "FOK", "PO"),
    "selfTradePrevention": {"EXPIRE_MAKER": True, "EXPIRE_TAKER": True, "EXPIRE_BOTH": True, "NONE": False},
    "marketBuyByCost": True,
}
LINEAR = linear(
    page=tables.PAGE,
    candles=1000,
    batch=tables.MAX_BATCH,
    order=ORDER,
    rows={"fetchOpenOrders": listing(tables.PAGE, trigger=True), "fetchOHLCV": {"paginate": False, "limit": 1000}},
)
FEATURES: dict[str, Any] = table(LINEAR, spot=LINEAR)


class backpack(UserFeeds):
    """Backpack Exchange: spot margin and USDC perpetuals, custodial.

    Credentials: `apiKey` is the base64 of the Ed25519 verifying key, `secret` that of its seed, as the venue hands them out. See README.md
    beside this file, and docs.backpack.exchange.
    """

    stream_rules = streams.RULES

    def describe(self) -> Any:
        described = super().describe()
        for name in ("15", "30"):
            described["timeframes"].pop(name, None)
        own = {
            "has": {**dict.fromkeys(YES, True), **dict.fromkeys(NO, False)},
            "timeframes": {"15m": "15m", "30m": "30m"},
            "urls": {"referral": None},
            "features": FEATURES,
            # nothing is attached to an order that was not asked for: ccxt sends a broker id of its own
            "options": {"brokerId": None, "recvWindow": str(tables.DEFAULT_WINDOW), "triggerPriceType": "mark", "twapInterval": 30_000},
        }
        found = self.deep_extend(described, own)
        frames = found["timeframes"]
        found["timeframes"] = dict(sorted(frames.items(), key=lambda pair: self.parse_timeframe(pair[0])))
        return found

    def handle_message(self, client: Any, message: Any) -> None:
        """One frame: `{"stream", "data"}`, or an error."""
        if not isinstance(message, dict):
            return
        if message.get("error") is not None:
            self.handle_socket_error(client, message)
            return
        name = str(message.get("stream") or "")
        handler = STREAMS.get(".".join(name.split(".")[:2]) if name.startswith("account.") else name.split(".")[0])
        if handler is not None and isinstance(message.get("data"), (dict, list)):
            handler(self, client, message)


STREAMS: dict[str, Any] = {
    "depth": backpack.handle_order_book,
    "ticker": backpack.handle_ticker,
    "bookTicker": backpack.handle_bid_ask,
    "markPrice": backpack.handle_mark_price,
    "trade": backpack.handle_trades,
    "kline": backpack.handle_ohlcv,
    "liquidation": backpack.handle_liquidation,
    "account.orderUpdate": backpack.handle_order,
    "account.positionUpdate": backpack.handle_positions,
}
