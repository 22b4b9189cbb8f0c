"""The class under its ccxt id: its description. Its methods are in the files beside this one, by topic."""

from __future__ import annotations

from typing import Any

from ccxt_dex.exchanges.grvt import streams, tables
from ccxt_dex.exchanges.grvt.user_feeds import UserFeeds
from ccxt_dex.features import attached, linear, prices, table, times

YES = """
addMargin cancelAllOrdersAfter cancelAllOrdersWs cancelOrders cancelOrderWs cancelOrderWithClientOrderId createOrders createOrderWs createPostOnlyOrder createReduceOnlyOrder
createStopLossOrder createStopLimitOrder createStopMarketOrder createStopOrder createTakeProfitOrder createTriggerOrder
createOrderWithTakeProfitAndStopLoss editOrder fetchAccounts fetchBidsAsks fetchCanceledAndClosedOrders fetchCanceledOrders
fetchClosedOrders fetchFundingInterval fetchFundingRate fetchFundingRates fetchIndexOHLCV fetchLeverage fetchLeverageTiers fetchMarginMode
fetchMarketLeverageTiers fetchMarkOHLCV fetchMarkPrice fetchMarkPrices fetchOpenInterest fetchOpenInterests fetchOrderTrades fetchPosition
fetchPositionsHistory fetchTickers fetchTime reduceMargin sandbox setMarginMode
unWatchBidsAsks unWatchMarkPrice unWatchMarkPrices unWatchMyTrades unWatchOHLCV unWatchOHLCVForSymbols unWatchOrderBook
unWatchOrderBookForSymbols unWatchOrders unWatchPositions unWatchTicker unWatchTickers unWatchTrades unWatchTradesForSymbols
watchBalance watchBidsAsks watchFundingRate watchFundingRates watchMarkPrice watchMarkPrices
""".split()

ORDER: dict[str, Any] = {
    "triggerPrice": True,
    "triggerDirection": True,
    "triggerPriceType": prices("last", "mark", "index"),
    "stopLossPrice": True,
    "takeProfitPrice": True,
    "attachedStopLossTakeProfit": attached("last", "mark", "index"),
    "timeInForce": times("IOC", "FOK", "PO", "GTD"),
}
FEATURES: dict[str, Any] = table(linear(page=tables.MAX_PAGE, candles=tables.MAX_PAGE, batch=tables.MAX_BATCH, order=ORDER))

TEST_SOCKETS = {
    "publicMarket": "wss://market-data.testnet.grvt.io/ws/full",
    "privateTrading": "wss://trades.testnet.grvt.io/ws/full",
}


class grvt(UserFeeds):
    """GRVT: perpetuals on a hybrid exchange, signed with an API key.

    Credentials: `apiKey` and the `privateKey` shown with it; `uid` is the trading account, needed only when the key can see several. An account
    of a wallet has the wallet's `privateKey` alone. See README.md beside this file, and api-docs.grvt.io.
    """

    stream_rules = streams.RULES

    def describe(self) -> Any:
        return self.deep_extend(
            super().describe(),
            {
                "has": {**dict.fromkeys(YES, True), "fetchCurrenciesWs": False},
                "api": tables.MORE_ENDPOINTS,
                "urls": {"test": {"ws": TEST_SOCKETS}, "referral": None},
                "requiredCredentials": {"privateKey": True, "apiKey": False, "secret": False},
                "features": FEATURES,
                # what fills of January 2026 were charged (ccxt's samples); the API names the tier, not its fees
                "fees": {"trading": {"tierBased": True, "percentage": True, "maker": 0.0, "taker": 0.00045}},
                "options": {
                    # nothing is attached to an order or authorised that was not asked for
                    "builderFee": False,
                    "builder": None,
                    "builderRate": None,
                    "chainId": None,
                    "expirationSeconds": None,
                    "maxPages": 20,
                },
            },
        )
