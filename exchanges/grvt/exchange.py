"""The class under its ccxt id: its description. Its methods are in the files beside this one, by topic."""

from __future__ import annotations

from typing import Any

from ccxt_dex.exchanges.grvt import streams, tables
from ccxt_dex.exchanges.grvt.user_feeds import UserFeeds

YES = """
addMargin cancelAllOrdersAfter cancelAllOrdersWs cancelOrders cancelOrderWs cancelOrderWithClientOrderId createOrders createOrderWs createPostOnlyOrder createReduceOnlyOrder
createStopLossOrder createStopLimitOrder createStopMarketOrder createStopOrder createTakeProfitOrder createTriggerOrder
createOrderWithTakeProfitAndStopLoss editOrder fetchAccounts fetchBidsAsks fetchCanceledAndClosedOrders fetchCanceledOrders
fetchClosedOrders fetchFundingInterval fetchFundingRate fetchFundingRates fetchIndexOHLCV fetchLeverage fetchLeverageTiers fetchMarginMode
fetchMarketLeverageTiers fetchMarkOHLCV fetchMarkPrice fetchMarkPrices fetchOpenInterest fetchOpenInterests fetchOrderTrades fetchPosition
fetchPositionsHistory fetchTickers fetchTime reduceMargin setMarginMode
unWatchBidsAsks unWatchMarkPrice unWatchMarkPrices unWatchMyTrades unWatchOHLCV unWatchOHLCVForSymbols unWatchOrderBook
unWatchOrderBookForSymbols unWatchOrders unWatchPositions unWatchTicker unWatchTickers unWatchTrades unWatchTradesForSymbols
watchBalance watchBidsAsks watchFundingRate watchFundingRates watchMarkPrice watchMarkPrices
""".split()

ATTACHED = {"triggerPriceType": {"last": True, "mark": True, "index": True}, "price": True}
CREATE_ORDER: dict[str, Any] = {
    "marginMode": False,
    "triggerPrice": True,
    "triggerDirection": True,
    "triggerPriceType": {"last": True, "mark": True, "index": True},
    "stopLossPrice": True,
    "takeProfitPrice": True,
    "attachedStopLossTakeProfit": ATTACHED,
    "timeInForce": {"IOC": True, "FOK": True, "PO": True, "GTD": True},
    "hedged": False,
    "trailing": False,
    "leverage": False,
    "marketBuyByCost": False,
    "marketBuyRequiresPrice": False,
    "selfTradePrevention": False,
    "iceberg": False,
}
LIST: dict[str, Any] = {
    "marginMode": False,
    "limit": tables.MAX_PAGE,
    "daysBack": None,
    "untilDays": None,
    "trigger": False,
    "trailing": False,
    "symbolRequired": False,
}
METHODS: dict[str, Any] = {
    "sandbox": True,
    "createOrder": CREATE_ORDER,
    "createOrders": {"max": tables.MAX_BATCH},
    "fetchMyTrades": LIST,
    "fetchOrder": {"marginMode": False, "trigger": False, "trailing": False, "symbolRequired": False},
    "fetchOpenOrders": {**LIST, "limit": None},
    "fetchOrders": LIST,
    "fetchClosedOrders": {**LIST, "daysBackCanceled": None},
    "fetchOHLCV": {"limit": tables.MAX_PAGE},
}
FEATURES: dict[str, Any] = {"spot": None, "swap": {"linear": METHODS, "inverse": None}, "future": {"linear": None, "inverse": None}}

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
