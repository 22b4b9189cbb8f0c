"""`has` and `features`, spelled out: exact booleans, each False with its reason in README.md. Imports nothing."""

from __future__ import annotations

from typing import Any

CREDENTIALS = ("apiKey", "secret", "uid", "accountId", "login", "password", "twofa", "privateKey", "walletAddress", "token")

YES = """
publicAPI privateAPI swap ws signIn
fetchMarkets fetchTime fetchStatus fetchTicker fetchTickers fetchLastPrices fetchMarkPrice fetchMarkPrices fetchBidsAsks fetchOrderBook
fetchL2OrderBook fetchTrades fetchOHLCV fetchFundingRate fetchFundingRates fetchFundingInterval fetchFundingIntervals
fetchFundingRateHistory fetchOpenInterest fetchOpenInterests fetchTradingFee fetchTradingFees fetchLeverageTiers fetchMarketLeverageTiers
fetchBalance fetchPosition fetchPositions fetchPositionsForSymbol fetchPositionMode fetchLeverage fetchMarginMode fetchFundingHistory
setLeverage setMarginMode addMargin reduceMargin transfer
fetchOrder fetchOrderWithClientOrderId fetchOrders fetchOpenOrders fetchClosedOrders fetchCanceledOrders fetchCanceledAndClosedOrders
fetchMyTrades fetchOrderTrades
createOrder createOrders createOrderWs createLimitOrder createLimitBuyOrder createLimitSellOrder createLimitOrderWs createLimitBuyOrderWs
createLimitSellOrderWs createMarketOrder createMarketBuyOrder createMarketSellOrder createMarketOrderWs createMarketBuyOrderWs
createMarketSellOrderWs createPostOnlyOrder createPostOnlyOrderWs createReduceOnlyOrder createReduceOnlyOrderWs
createOrderWithTakeProfitAndStopLoss createOrderWithTakeProfitAndStopLossWs
editOrder editOrderWs cancelOrder cancelOrderWs cancelOrderWithClientOrderId cancelOrders cancelAllOrders
closePosition closeAllPositions
watchTicker watchTickers watchMarkPrice watchMarkPrices watchBidsAsks watchOrderBook watchOrderBookForSymbols watchTrades
watchTradesForSymbols watchOHLCV watchOHLCVForSymbols watchOrders watchMyTrades watchPosition watchPositions watchBalance
unWatchTicker unWatchTickers unWatchMarkPrice unWatchMarkPrices unWatchBidsAsks unWatchOrderBook unWatchOrderBookForSymbols unWatchTrades
unWatchTradesForSymbols unWatchOHLCV unWatchOHLCVForSymbols
""".split()

NO = """
CORS sandbox spot margin future option index
borrowCrossMargin borrowIsolatedMargin borrowMargin repayCrossMargin repayIsolatedMargin
cancelAllOrdersWs cancelAllOrdersAfter cancelOrdersWithClientOrderId cancelOrdersWs createDepositAddress createOrdersWs
createMarketBuyOrderWithCost createMarketBuyOrderWithCostWs createMarketOrderWithCost createMarketOrderWithCostWs
createMarketSellOrderWithCost createMarketSellOrderWithCostWs
createStopLimitOrder createStopLimitOrderWs createStopLossOrder createStopLossOrderWs createStopMarketOrder createStopMarketOrderWs
createStopOrder createStopOrderWs createTakeProfitOrder createTakeProfitOrderWs createTrailingAmountOrder createTrailingAmountOrderWs
createTrailingPercentOrder createTrailingPercentOrderWs createTriggerOrder createTriggerOrderWs
deposit editOrders editOrderWithClientOrderId
fetchAccounts fetchADLRank fetchBalanceWs fetchBorrowInterest fetchBorrowRate fetchBorrowRateHistories fetchBorrowRateHistory
fetchBorrowRates fetchBorrowRatesPerSymbol fetchClosedOrder fetchClosedOrdersWs fetchConvertCurrencies fetchConvertQuote fetchConvertTrade
fetchConvertTradeHistory fetchCrossBorrowRate fetchCrossBorrowRates fetchCurrencies fetchCurrenciesWs fetchDeposit fetchDepositAddress
fetchDepositAddresses fetchDepositAddressesByNetwork fetchDeposits fetchDepositsWithdrawals fetchDepositsWs fetchDepositWithdrawFee
fetchDepositWithdrawFees fetchGreeks fetchIndexOHLCV fetchIsolatedBorrowRate fetchIsolatedBorrowRates fetchIsolatedPositions
fetchL3OrderBook fetchLedger fetchLedgerEntry fetchLeverages fetchLiquidations fetchLongShortRatio fetchLongShortRatioHistory
fetchMarginAdjustmentHistory fetchMarginModes fetchMarketsWs fetchMarkOHLCV fetchMyLiquidations fetchMySettlementHistory fetchMyTradesWs
fetchOHLCVWs fetchOpenInterestHistory fetchOpenOrder fetchOpenOrdersWs fetchOption fetchOptionChain fetchOrderBooks fetchOrderBookWs
fetchOrdersByStatus fetchOrdersWs fetchOrderWs fetchPositionADLRank fetchPositionHistory fetchPositionsADLRank fetchPositionsForSymbolWs
fetchPositionsHistory fetchPositionsRisk fetchPositionsWs fetchPositionWs fetchPremiumIndexOHLCV fetchSettlementHistory fetchTickersWs
fetchTickerWs fetchTradesWs fetchTradingFeesWs fetchTradingLimits fetchTransactionFee fetchTransactionFees fetchTransactions fetchTransfer
fetchTransfers fetchUnderlyingAssets fetchVolatilityHistory fetchWithdrawAddresses fetchWithdrawal fetchWithdrawals fetchWithdrawalsWs
fetchWithdrawalWhitelist setMargin setPositionMode unWatchMyTrades unWatchOrders unWatchPositions
watchLiquidations watchLiquidationsForSymbols watchMyLiquidations watchMyLiquidationsForSymbols watchOrdersForSymbols watchStatus withdraw
""".split()

HAS: dict[str, bool] = {**dict.fromkeys(NO, False), **dict.fromkeys(YES, True)}

ATTACHED = {"triggerPriceType": {"last": False, "mark": True, "index": False}, "price": False}
CREATE_ORDER: dict[str, Any] = {
    "marginMode": True,
    "triggerPrice": False,
    "triggerDirection": False,
    "triggerPriceType": None,
    "stopLossPrice": False,
    "takeProfitPrice": False,
    "attachedStopLossTakeProfit": ATTACHED,
    "timeInForce": {"IOC": True, "FOK": False, "PO": True, "GTD": False},
    "hedged": False,
    "trailing": False,
    "leverage": True,
    "marketBuyByCost": False,
    "marketBuyRequiresPrice": False,
    "selfTradePrevention": False,
    "iceberg": False,
}
LIST: dict[str, Any] = {"marginMode": False, "limit": 500, "daysBack": None, "untilDays": None, "trigger": False, "trailing": False}
LINEAR: dict[str, Any] = {
    "sandbox": False,
    "createOrder": CREATE_ORDER,
    "createOrders": {"max": 20},
    "fetchMyTrades": LIST,
    "fetchOrder": {"marginMode": False, "trigger": False, "trailing": False},
    "fetchOpenOrders": {"marginMode": False, "limit": 1200, "trigger": False, "trailing": False},
    "fetchOrders": LIST,
    "fetchClosedOrders": {**LIST, "daysBackCanceled": None},
    "fetchOHLCV": {"limit": 500},
}
FEATURES: dict[str, Any] = {"spot": None, "swap": {"linear": LINEAR, "inverse": None}, "future": {"linear": None, "inverse": None}}
