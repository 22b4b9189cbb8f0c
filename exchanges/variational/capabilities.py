"""`has` and `features`, spelled out: exact booleans, each False with its reason in README.md. Imports nothing."""

from __future__ import annotations

from typing import Any

CREDENTIALS = ("apiKey", "secret", "uid", "accountId", "login", "password", "twofa", "privateKey", "walletAddress", "token")

YES = """
publicAPI privateAPI swap ws signIn
fetchMarkets fetchTime fetchStatus fetchTicker fetchTickers fetchLastPrices fetchMarkPrice fetchMarkPrices fetchBidsAsks fetchOrderBook
fetchL2OrderBook fetchOHLCV fetchFundingRate fetchFundingRates fetchFundingInterval fetchFundingIntervals
fetchOpenInterest fetchOpenInterests fetchTradingFee fetchTradingFees fetchLeverageTiers fetchMarketLeverageTiers
fetchBalance fetchPosition fetchPositions fetchPositionsForSymbol fetchPositionMode fetchLeverage fetchLeverages fetchMarginMode fetchFundingHistory
fetchLedger fetchDeposits fetchWithdrawals
setLeverage setMarginMode
fetchOrder fetchOrderWithClientOrderId fetchOrders fetchOpenOrders fetchClosedOrders fetchCanceledOrders fetchCanceledAndClosedOrders
fetchMyTrades fetchOrderTrades
createOrder createLimitOrder createLimitBuyOrder createLimitSellOrder createMarketOrder createMarketBuyOrder createMarketSellOrder
createReduceOnlyOrder createOrderWithTakeProfitAndStopLoss createStopLossOrder createTakeProfitOrder
editOrder cancelOrder cancelOrderWithClientOrderId cancelOrders cancelAllOrders
closePosition closeAllPositions
watchTicker watchTickers watchMarkPrice watchMarkPrices watchOrderBook watchOrders watchMyTrades watchPosition watchPositions watchBalance watchStatus
unWatchTicker unWatchTickers unWatchMarkPrice unWatchMarkPrices unWatchOrderBook
""".split()

NO = """
CORS sandbox spot margin future option index
addMargin reduceMargin setMargin transfer
borrowCrossMargin borrowIsolatedMargin borrowMargin repayCrossMargin repayIsolatedMargin
cancelAllOrdersWs cancelAllOrdersAfter cancelOrderWs cancelOrdersWithClientOrderId cancelOrdersWs createDepositAddress createOrders createOrdersWs
createOrderWs createLimitOrderWs createLimitBuyOrderWs createLimitSellOrderWs createMarketOrderWs createMarketBuyOrderWs createMarketSellOrderWs
createMarketBuyOrderWithCost createMarketBuyOrderWithCostWs createMarketOrderWithCost createMarketOrderWithCostWs
createMarketSellOrderWithCost createMarketSellOrderWithCostWs createPostOnlyOrder createPostOnlyOrderWs createReduceOnlyOrderWs
createOrderWithTakeProfitAndStopLossWs createStopLimitOrder createStopLimitOrderWs createStopLossOrderWs createStopMarketOrder createStopMarketOrderWs
createStopOrder createStopOrderWs createTakeProfitOrderWs createTrailingAmountOrder createTrailingAmountOrderWs
createTrailingPercentOrder createTrailingPercentOrderWs createTriggerOrder createTriggerOrderWs
deposit editOrders editOrderWs editOrderWithClientOrderId
fetchAccounts fetchADLRank fetchBalanceWs fetchBorrowInterest fetchBorrowRate fetchBorrowRateHistories fetchBorrowRateHistory
fetchBorrowRates fetchBorrowRatesPerSymbol fetchClosedOrder fetchClosedOrdersWs fetchConvertCurrencies fetchConvertQuote fetchConvertTrade
fetchConvertTradeHistory fetchCrossBorrowRate fetchCrossBorrowRates fetchCurrencies fetchCurrenciesWs fetchDeposit fetchDepositAddress
fetchDepositAddresses fetchDepositAddressesByNetwork fetchDepositsWithdrawals fetchDepositsWs fetchDepositWithdrawFee
fetchDepositWithdrawFees fetchFundingRateHistory fetchGreeks fetchIndexOHLCV fetchIsolatedBorrowRate fetchIsolatedBorrowRates fetchIsolatedPositions
fetchL3OrderBook fetchLedgerEntry fetchLiquidations fetchLongShortRatio fetchLongShortRatioHistory
fetchMarginAdjustmentHistory fetchMarginModes fetchMarketsWs fetchMarkOHLCV fetchMyLiquidations fetchMySettlementHistory fetchMyTradesWs
fetchOHLCVWs fetchOpenInterestHistory fetchOpenOrder fetchOpenOrdersWs fetchOption fetchOptionChain fetchOrderBooks fetchOrderBookWs
fetchOrdersByStatus fetchOrdersWs fetchOrderWs fetchPositionADLRank fetchPositionHistory fetchPositionsADLRank fetchPositionsForSymbolWs
fetchPositionsHistory fetchPositionsRisk fetchPositionsWs fetchPositionWs fetchPremiumIndexOHLCV fetchSettlementHistory fetchTickersWs
fetchTickerWs fetchTrades fetchTradesWs fetchTradingFeesWs fetchTradingLimits fetchTransactionFee fetchTransactionFees fetchTransactions fetchTransfer
fetchTransfers fetchUnderlyingAssets fetchVolatilityHistory fetchWithdrawAddresses fetchWithdrawal fetchWithdrawalsWs
fetchWithdrawalWhitelist setPositionMode unWatchMyTrades unWatchOrders unWatchPositions unWatchBidsAsks unWatchOHLCV unWatchOHLCVForSymbols
unWatchOrderBookForSymbols unWatchTrades unWatchTradesForSymbols
watchBidsAsks watchLiquidations watchLiquidationsForSymbols watchMyLiquidations watchMyLiquidationsForSymbols watchOHLCV watchOHLCVForSymbols
watchOrderBookForSymbols watchOrdersForSymbols watchTrades watchTradesForSymbols withdraw
""".split()

HAS: dict[str, bool] = {**dict.fromkeys(NO, False), **dict.fromkeys(YES, True)}

ATTACHED = {"triggerPriceType": {"last": True, "mark": True, "index": False}, "price": False}
CREATE_ORDER: dict[str, Any] = {
    "marginMode": False,
    "triggerPrice": False,
    "triggerDirection": False,
    "triggerPriceType": {"last": True, "mark": True, "index": False},
    "stopLossPrice": True,
    "takeProfitPrice": True,
    "attachedStopLossTakeProfit": ATTACHED,
    "timeInForce": {"IOC": False, "FOK": False, "PO": False, "GTD": False},
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
    "limit": 100,
    "daysBack": None,
    "untilDays": None,
    "trigger": False,
    "trailing": False,
    "symbolRequired": False,
}
LINEAR: dict[str, Any] = {
    "sandbox": False,
    "createOrder": CREATE_ORDER,
    "createOrders": None,
    "fetchMyTrades": LIST,
    "fetchOrder": {"marginMode": False, "trigger": False, "trailing": False, "symbolRequired": False},
    "fetchOpenOrders": {"marginMode": False, "limit": 100, "trigger": False, "trailing": False, "symbolRequired": False},
    "fetchOrders": LIST,
    "fetchClosedOrders": {**LIST, "daysBackCanceled": None},
    "fetchOHLCV": {"limit": 500},
}
FEATURES: dict[str, Any] = {"spot": None, "swap": {"linear": LINEAR, "inverse": None}, "future": {"linear": None, "inverse": None}}
