"""`has` and `features`, spelled out: exact booleans, each False with its reason in README.md. Pure."""

from __future__ import annotations

from typing import Any

from ccxt_dex.features import attached, linear, listing, prices, table, times

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

ORDER: dict[str, Any] = {
    "triggerPrice": True,
    "triggerDirection": True,
    "triggerPriceType": prices("last", "mark", "index"),
    "stopLossPrice": True,
    "takeProfitPrice": True,
    "attachedStopLossTakeProfit": attached("last", "mark", "index"),
    "timeInForce": times("IOC", "FOK", "PO", "GTD"),
}
FEATURES: dict[str, Any] = table(linear(page=100, candles=1000, batch=20, order=ORDER, rows={"fetchOpenOrders": listing(200, days=False)}))
