"""The class under its ccxt id: description and options. Its methods are in the files beside this one, by topic."""

from __future__ import annotations

from typing import Any

from ccxt_dex.exchanges.paradex import streams, tables
from ccxt_dex.exchanges.paradex.order_socket import OrderSocket
from ccxt_dex.features import linear, table, times

YES = """
spot option cancelAllOrders cancelAllOrdersWs cancelOrders cancelOrdersWs cancelOrderWs createOrders createOrdersWs createOrderWs createPostOnlyOrder
createReduceOnlyOrder createStopLimitOrder createStopLossOrder createStopMarketOrder createStopOrder createTakeProfitOrder createTriggerOrder
createTwapOrder editOrder editOrderWs fetchAccounts fetchBidsAsks fetchCanceledAndClosedOrders fetchCanceledOrders fetchClosedOrder
fetchClosedOrders fetchFundingInterval fetchFundingIntervals fetchLeverageTiers fetchMarketLeverageTiers fetchMarkPrice fetchMarkPrices
fetchOpenInterests fetchOpenOrder fetchOrderTrades signIn createLimitOrder createMarketOrder fetchL2OrderBook
unWatchBidsAsks unWatchFundingRate unWatchMarkPrice unWatchMyTrades unWatchOHLCV unWatchOrderBook unWatchOrderBookForSymbols unWatchOrders
unWatchPositions unWatchTicker unWatchTickers unWatchTrades unWatchTradesForSymbols
watchBidsAsks watchFundingRate watchFundingRates watchLiquidations watchMarkPrice watchMarkPrices watchOHLCV watchOrderBookForSymbols
watchPosition watchTradesForSymbols
""".split()
NO = """
CORS future cancelAllOrdersAfter cancelOrdersForSymbols createOrderWithTakeProfitAndStopLoss addMargin reduceMargin setMargin setPositionMode
fetchPositionMode fetchCurrenciesWs transfer withdraw fetchLedger createMarketBuyOrderWithCost createTrailingAmountOrder createTrailingPercentOrder
""".split()

ORDER: dict[str, Any] = {
    "triggerPrice": True,
    "stopLossPrice": True,
    "takeProfitPrice": True,
    "timeInForce": times("IOC", "PO"),
    "selfTradePrevention": {"EXPIRE_MAKER": True, "EXPIRE_TAKER": True, "EXPIRE_BOTH": True, "NONE": False},
}
LINEAR = linear(page=tables.PAGE, candles=tables.MAX_CANDLES, batch=tables.MAX_BATCH, order=ORDER)
FEATURES: dict[str, Any] = table(LINEAR, spot=LINEAR)


class paradex(OrderSocket):
    """Paradex: perpetuals, options and spot on an appchain of Starknet.

    Credentials: `privateKey` (the account's Paradex key or a subkey) and `walletAddress` (the account's address); or an Ethereum wallet's
    two, from which both are derived; or a read-only token as `apiKey`. See README.md beside this file, and docs.paradex.trade.
    """

    stream_rules = streams.RULES

    def describe(self) -> Any:
        described = super().describe()
        odd = {name: bool(value) for name, value in described["has"].items() if not isinstance(value, bool)}
        return self.deep_extend(
            described,
            {
                "rateLimit": 40,
                "has": {**odd, **dict.fromkeys(YES, True), **dict.fromkeys(NO, False)},
                "api": tables.API,
                "urls": {"referral": None},
                "requiredCredentials": {"walletAddress": False, "privateKey": False},
                "features": FEATURES,
                "options": {
                    "defaultType": "swap",
                    "broker": None,  # ccxt's class sends its own name as partner with every private request
                    "sbe": False,  # ccxt's class asks for binary frames and decodes them digit by digit
                    "recvWindow": 10_000,
                    "authorizeIsolatedMarkets": False,
                    "watchOrderBook": {"feed": "snapshot", "refresh": "100ms", "priceTick": None},
                },
            },
        )
