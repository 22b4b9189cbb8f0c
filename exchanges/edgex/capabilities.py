"""`has` and `features`, spelled out: exact booleans, each False with its reason in README.md. Imports nothing."""

from __future__ import annotations

from typing import Any

CREDENTIALS = ("apiKey", "secret", "uid", "accountId", "login", "password", "twofa", "privateKey", "walletAddress", "token")

YES = """
cancelAllOrders cancelOrder cancelOrders cancelOrderWithClientOrderId closeAllPositions closePosition createLimitBuyOrder createLimitOrder
createLimitSellOrder createMarketBuyOrder createMarketOrder createMarketSellOrder createOrder createOrders
createOrderWithTakeProfitAndStopLoss createPostOnlyOrder createReduceOnlyOrder createStopLimitOrder createStopLossOrder
createStopMarketOrder createStopOrder createTakeProfitOrder createTriggerOrder editOrder fetchAccounts fetchBalance fetchBidsAsks
fetchCanceledAndClosedOrders fetchCanceledOrders fetchClosedOrders fetchCurrencies fetchDeposits fetchDepositsWithdrawals
fetchFundingHistory fetchFundingInterval fetchFundingIntervals fetchFundingRate fetchFundingRateHistory fetchFundingRates fetchIndexOHLCV
fetchL2OrderBook fetchLastPrices fetchLedger fetchLedgerEntry fetchLeverage fetchLeverages fetchLeverageTiers fetchLongShortRatio
fetchMarketLeverageTiers fetchMarkets fetchMarkOHLCV fetchMarkPrice fetchMarkPrices fetchMyTrades fetchOHLCV fetchOpenInterest
fetchOpenInterests fetchOpenOrders fetchOrder fetchOrderBook fetchOrders fetchOrderTrades fetchOrderWithClientOrderId fetchPosition
fetchPositionADLRank fetchPositionHistory fetchPositionMode fetchPositions fetchPositionsADLRank fetchPositionsForSymbol
fetchPositionsHistory fetchStatus fetchTicker fetchTickers fetchTime fetchTrades fetchTradingFee fetchTradingFees fetchTransfer
fetchTransfers fetchWithdrawals privateAPI publicAPI setLeverage setMarginMode swap transfer unWatchBidsAsks unWatchMarkPrice
unWatchMarkPrices unWatchOHLCV unWatchOHLCVForSymbols unWatchOrderBook unWatchOrderBookForSymbols unWatchTicker unWatchTickers
unWatchTrades unWatchTradesForSymbols watchBalance watchBidsAsks watchFundingRate watchFundingRates watchMarkPrice watchMarkPrices
watchMyTrades watchOHLCV watchOHLCVForSymbols watchOrderBook watchOrderBookForSymbols watchOrders watchPosition watchPositions watchTicker
watchTickers watchTrades watchTradesForSymbols withdraw ws
""".split()

NO = """
addMargin borrowCrossMargin borrowIsolatedMargin borrowMargin cancelAllOrdersAfter cancelAllOrdersWs cancelOrdersWithClientOrderId
cancelOrdersWs cancelOrderWs CORS createDepositAddress createLimitBuyOrderWs createLimitOrderWs createLimitSellOrderWs
createMarketBuyOrderWithCost createMarketBuyOrderWithCostWs createMarketBuyOrderWs createMarketOrderWithCost createMarketOrderWithCostWs
createMarketOrderWs createMarketSellOrderWithCost createMarketSellOrderWithCostWs createMarketSellOrderWs createOrdersWs
createOrderWithTakeProfitAndStopLossWs createOrderWs createPostOnlyOrderWs createReduceOnlyOrderWs createStopLimitOrderWs
createStopLossOrderWs createStopMarketOrderWs createStopOrderWs createTakeProfitOrderWs createTrailingAmountOrder
createTrailingAmountOrderWs createTrailingPercentOrder createTrailingPercentOrderWs createTriggerOrderWs deposit editOrders
editOrderWithClientOrderId editOrderWs fetchADLRank fetchBalanceWs fetchBorrowInterest fetchBorrowRate fetchBorrowRateHistories
fetchBorrowRateHistory fetchBorrowRates fetchBorrowRatesPerSymbol fetchClosedOrder fetchClosedOrdersWs fetchConvertCurrencies
fetchConvertQuote fetchConvertTrade fetchConvertTradeHistory fetchCrossBorrowRate fetchCrossBorrowRates fetchCurrenciesWs fetchDeposit
fetchDepositAddress fetchDepositAddresses fetchDepositAddressesByNetwork fetchDepositsWs fetchDepositWithdrawFee fetchDepositWithdrawFees
fetchGreeks fetchIsolatedBorrowRate fetchIsolatedBorrowRates fetchIsolatedPositions fetchL3OrderBook fetchLiquidations
fetchLongShortRatioHistory fetchMarginAdjustmentHistory fetchMarginMode fetchMarginModes fetchMarketsWs fetchMyLiquidations
fetchMySettlementHistory fetchMyTradesWs fetchOHLCVWs fetchOpenInterestHistory fetchOpenOrder fetchOpenOrdersWs fetchOption
fetchOptionChain fetchOrderBooks fetchOrderBookWs fetchOrdersByStatus fetchOrdersWs fetchOrderWs fetchPositionsForSymbolWs
fetchPositionsRisk fetchPositionsWs fetchPositionWs fetchPremiumIndexOHLCV fetchSettlementHistory fetchTickersWs fetchTickerWs
fetchTradesWs fetchTradingFeesWs fetchTradingLimits fetchTransactionFee fetchTransactionFees fetchTransactions fetchUnderlyingAssets
fetchVolatilityHistory fetchWithdrawAddresses fetchWithdrawal fetchWithdrawalsWs fetchWithdrawalWhitelist future index margin option
reduceMargin repayCrossMargin repayIsolatedMargin sandbox setMargin setPositionMode signIn spot unWatchMyTrades unWatchOrders
unWatchPositions watchLiquidations watchLiquidationsForSymbols watchMyLiquidations watchMyLiquidationsForSymbols watchOrdersForSymbols
watchStatus
""".split()

HAS: dict[str, bool] = {**dict.fromkeys(NO, False), **dict.fromkeys(YES, True)}

TRIGGERS = {"last": True, "mark": True, "index": True}
CREATE_ORDER: dict[str, Any] = {
    "marginMode": False,
    "triggerPrice": True,
    "triggerDirection": True,
    "triggerPriceType": TRIGGERS,
    "stopLossPrice": True,
    "takeProfitPrice": True,
    "attachedStopLossTakeProfit": {"triggerPriceType": TRIGGERS, "price": True},
    "timeInForce": {"IOC": True, "FOK": True, "PO": True, "GTD": True},
    "hedged": False,
    "trailing": False,
    "leverage": False,
    "marketBuyByCost": False,
    "marketBuyRequiresPrice": False,
    "selfTradePrevention": False,
    "iceberg": False,
}
LIST: dict[str, Any] = {"marginMode": False, "limit": 100, "daysBack": None, "untilDays": None, "trigger": False, "trailing": False}
LINEAR: dict[str, Any] = {
    "sandbox": False,
    "createOrder": CREATE_ORDER,
    "createOrders": {"max": 20},
    "fetchMyTrades": LIST,
    "fetchOrder": {"marginMode": False, "trigger": False, "trailing": False},
    "fetchOpenOrders": {"marginMode": False, "limit": 200, "trigger": False, "trailing": False},
    "fetchOrders": LIST,
    "fetchClosedOrders": {**LIST, "daysBackCanceled": None},
    "fetchOHLCV": {"limit": 1000},
}
FEATURES: dict[str, Any] = {"spot": None, "swap": {"linear": LINEAR, "inverse": None}, "future": {"linear": None, "inverse": None}}
