"""The class under its ccxt id: description and options. Its methods are in the files beside this one, by topic."""

from __future__ import annotations

from typing import Any

from ccxt_dex.exchanges.extended import streams, tables
from ccxt_dex.exchanges.extended.user_feeds import UserFeeds
from ccxt_dex.features import attached, linear, prices, table, times

YES = """
cancelAllOrders cancelAllOrdersAfter cancelOrder cancelOrders createMarketOrder createLimitOrder createOrders createOrderWithTakeProfitAndStopLoss
createPostOnlyOrder createReduceOnlyOrder createStopLimitOrder createStopLossOrder createStopMarketOrder createStopOrder createTakeProfitOrder
createTriggerOrder editOrder fetchBidsAsks fetchCanceledAndClosedOrders fetchCanceledOrders fetchClosedOrder fetchClosedOrders
fetchFundingInterval fetchFundingIntervals fetchFundingRate fetchFundingRates fetchLeverageTiers fetchMarginMode fetchMarketLeverageTiers
fetchMarkPrice fetchMarkPrices fetchOpenInterest fetchOpenInterests fetchOpenOrder fetchOrderTrades fetchPositionHistory fetchStatus fetchTime
fetchTradingLimits sandbox setMarginMode fetchL2OrderBook
unWatchBidsAsks unWatchFundingRate unWatchMarkPrice unWatchOHLCV unWatchOrderBook unWatchOrderBookForSymbols unWatchTicker unWatchTrades
watchBidsAsks watchFundingRates watchLiquidations watchMarkPrices watchOrderBookForSymbols watchPosition watchTicker watchTickers
watchTradesForSymbols
""".split()
NO = """
CORS future cancelOrdersForSymbols createOrderWs createOrdersWs editOrderWs cancelOrderWs cancelOrdersWs cancelAllOrdersWs createTwapOrder addMargin
reduceMargin setMargin setPositionMode fetchPositionMode fetchCurrenciesWs createMarketBuyOrderWithCost createTrailingAmountOrder
createTrailingPercentOrder fetchLiquidations unWatchOrders unWatchMyTrades unWatchPositions
""".split()

ORDER: dict[str, Any] = {
    "triggerPrice": True,
    "triggerDirection": True,
    "triggerPriceType": prices("last", "mark", "index"),
    "stopLossPrice": True,
    "takeProfitPrice": True,
    "attachedStopLossTakeProfit": attached("last", "mark", "index"),
    "timeInForce": times("IOC", "PO", "GTD"),
}
FEATURES: dict[str, Any] = table(linear(page=tables.PAGE, candles=tables.MAX_CANDLES, batch=20, order=ORDER))


class extended(UserFeeds):
    """Extended: perpetuals that settle on Starknet.

    Credentials: `apiKey` (API key of the sub-account) reads; orders need its Stark key as `privateKey` too. See README.md beside this file,
    and api.docs.extended.exchange.
    """

    stream_rules = streams.RULES

    def describe(self) -> Any:
        described = super().describe()
        odd = {name: bool(value) for name, value in described["has"].items() if not isinstance(value, bool)}
        return self.deep_extend(
            described,
            {
                "rateLimit": 60,  # 1000 requests a minute; ccxt's 600 is ten times as slow
                "has": {**odd, **dict.fromkeys(YES, True), **dict.fromkeys(NO, False)},
                "api": tables.API,
                "fees": {
                    "trading": {"maker": float(tables.MAKER_FEE), "taker": float(tables.TAKER_FEE), "percentage": True, "tierBased": False},
                    "maker": float(tables.MAKER_FEE),
                    "taker": float(tables.TAKER_FEE),
                },
                "requiredCredentials": {"apiKey": True, "privateKey": False},
                "userAgent": streams.USER_AGENT,
                "features": FEATURES,
                "options": {
                    "defaultType": "swap",
                    "multiplex": True,  # ccxt's class opens a socket per topic
                    # ccxt's class signs and sends a builder's fee of its own with every order
                    "builderFee": False,
                    "builderFeeRate": None,
                    "builderId": None,
                    "slippage": tables.SLIPPAGE,
                    "stopSlippage": tables.STOP_SLIPPAGE,
                    "triggerPriceType": "last",
                },
            },
        )
