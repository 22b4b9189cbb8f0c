"""Statuses, refusals, weights, limits and what the class says of itself: data only."""

from __future__ import annotations

from typing import Any

# --- requests: https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/rate-limits-and-user-limits ------------------------
WEIGHT_PER_MINUTE = 1200
INFO_WEIGHTS = {
    "l2Book": 2,
    "allMids": 2,
    "clearinghouseState": 2,
    "orderStatus": 2,
    "spotClearinghouseState": 2,
    "exchangeStatus": 2,
    "userRole": 60,
}
INFO_WEIGHT = 20
# rows of an answer that cost one weight more
ROWS_PER_WEIGHT = {
    **dict.fromkeys(
        """
        recentTrades historicalOrders userFills userFillsByTime fundingHistory userFunding userNonFundingLedgerUpdates
        twapHistory userTwapSliceFills userTwapSliceFillsByTime
        """.split(),
        20,
    ),
    "candleSnapshot": 60,
}
BATCH_PER_WEIGHT = 40
CANCEL_CHUNK = 200
"""orders named in one cancel"""
PAGE = 500
"""rows that a query of a time range answers with at most (info endpoint, "Pagination")"""
PAGES = 40
MONTH = 31 * 86_400_000

# --- orders -------------------------------------------------------------------------------------------------------------------------
STATUSES = {
    "open": "open",
    "triggered": "open",
    "filled": "closed",
    "scheduledCancel": "canceled",
    "internalCancel": "canceled",
    "canceled": "canceled",
    "rejected": "rejected",
    "iocCancelRejected": "canceled",  # an immediate-or-cancel order that met nobody did what was asked
    "waitingForFill": "open",
    "waitingForTrigger": "open",
}
STATUS_ENDINGS = {"Canceled": "canceled", "Rejected": "rejected"}
ORDER_TYPES = {
    "limit": "limit",
    "market": "market",
    "stop limit": "limit",
    "stop market": "market",
    "take profit limit": "limit",
    "take profit market": "market",
}
TIME_IN_FORCE = {"GTC": "GTC", "IOC": "IOC", "ALO": "PO", "FRONTENDMARKET": "IOC"}

# --- refusals: fragment of the text, in lower case -> ccxt exception; the first that fits ----------------------------------------------
ERRORS = (
    ("user or api wallet", "AuthenticationError"),
    ("must deposit before", "AccountNotEnabled"),
    ("builder fee has not been approved", "PermissionDenied"),
    ("too many cumulative requests", "RateLimitExceeded"),
    ("too many requests", "RateLimitExceeded"),
    ("insufficient margin", "InsufficientFunds"),
    ("insufficient spot balance", "InsufficientFunds"),
    ("insufficient balance", "InsufficientFunds"),
    ("post only order would have immediately matched", "OrderImmediatelyFillable"),
    ("could not immediately match", "OrderNotFillable"),
    ("never placed, already canceled, or filled", "OrderNotFound"),
    ("cannot modify canceled or filled order", "OrderNotFound"),
    ("twap was never placed", "OrderNotFound"),
    ("duplicate nonce", "InvalidNonce"),
    ("invalid nonce", "InvalidNonce"),
    ("nonce too low", "InvalidNonce"),
    ("expired", "InvalidNonce"),
    ("vault not registered", "AccountNotEnabled"),
    ("price must be divisible by tick size", "InvalidOrder"),
    ("minimum value of", "InvalidOrder"),
    ("reduce only order would increase position", "InvalidOrder"),
    ("invalid tp/sl price", "InvalidOrder"),
    ("no liquidity available for market order", "InvalidOrder"),
    ("invalid size", "InvalidOrder"),
    ("zero size", "InvalidOrder"),
    ("away from the reference price", "InvalidOrder"),
    ("price too far from oracle", "InvalidOrder"),
    ("open interest", "InvalidOrder"),
    ("margin tier limit", "InvalidOrder"),
    ("twap order value too small", "InvalidOrder"),
    ("cannot switch leverage type", "OperationRejected"),
    ("invalid leverage", "BadRequest"),
    ("trading is halted", "InvalidOrder"),
)
"""from the venue's error page, ccxt 4.5.90 and issue threads; README says which of them are guesses"""
ORDER_REFUSED = "InvalidOrder"
"""an error of an order or cancel that no text above fits: it is a refusal all the same"""

# --- the class ----------------------------------------------------------------------------------------------------------------------
HAS: dict[str, bool] = {
    **dict.fromkeys(
        """
        cancelAllOrders cancelAllOrdersAfter cancelAllOrdersWs cancelOrdersForSymbols
        cancelOrders cancelOrder closePosition closeAllPositions
        createOrderWithTakeProfitAndStopLoss createStopOrder createTriggerOrder createStopLossOrder createTakeProfitOrder createStopLimitOrder
        createStopMarketOrder createPostOnlyOrder createReduceOnlyOrder createTwapOrder
        fetchAccounts fetchBidsAsks fetchTicker fetchTickers fetchTrades fetchLeverage fetchLeverageTiers fetchMarketLeverageTiers fetchMarginMode
        fetchPositionMode fetchPositionsForSymbol fetchOrderTrades fetchTradingFee fetchTradingFees fetchTransfers fetchLastPrices fetchMarkPrice
        fetchMarkPrices fetchFundingRates fetchL2OrderBook
        watchBidsAsks watchMarkPrice watchMarkPrices watchFundingRate watchFundingRates watchTradesForSymbols watchOrderBookForSymbols
        watchOHLCVForSymbols unWatchBidsAsks unWatchMarkPrice unWatchMarkPrices
        """.split(),
        True,
    ),
    **dict.fromkeys(
        """
        margin future option setPositionMode fetchDepositAddress fetchDepositWithdrawFee fetchDepositWithdrawFees
        createMarketBuyOrderWithCost createMarketOrderWithCost createMarketSellOrderWithCost createTrailingAmountOrder createTrailingPercentOrder
        fetchTransfer fetchWithdrawal setMargin fetchCurrenciesWs
        """.split(),
        False,
    ),
}

OPTIONS: dict[str, Any] = {
    # ccxt's: off. Set `builder` and `feeInt` to have one; nothing is approved, set or attached otherwise
    "builderFee": False,
    "approvedBuilderFee": False,
    "refSet": True,
    "builder": None,
    "feeInt": None,
    "orderExpiry": 15_000,  # ms after which the venue must not execute a new or changed order any more; None: no expiry
    "fastBook": True,  # l2Book with 5 levels every 0.5 s; False: 20 levels every 5 s
    "checkRole": True,  # ask userRole once whether privateKey and walletAddress belong together
    "fetchMarkets": {"types": ["spot", "swap", "hip3"], "hip3": {"limit": 1000, "dexes": []}},
}

TRIGGERS = {"last": False, "mark": True, "index": False}
CREATE_ORDER: dict[str, Any] = {
    "marginMode": False,
    "triggerPrice": True,
    "triggerPriceType": TRIGGERS,
    "triggerDirection": True,
    "stopLossPrice": True,
    "takeProfitPrice": True,
    "attachedStopLossTakeProfit": {"triggerPriceType": TRIGGERS, "triggerPrice": True, "type": True, "price": True},
    "timeInForce": {"IOC": True, "FOK": False, "PO": True, "GTD": False},
    "hedged": False,
    "trailing": False,
    "leverage": False,
    "marketBuyByCost": False,
    "marketBuyRequiresPrice": False,
    "selfTradePrevention": False,
    "iceberg": False,
}
FEATURES: dict[str, Any] = {"default": {"createOrder": {"triggerDirection": True}}, "forPerps": {"createOrder": CREATE_ORDER}}

# words of userNonFundingLedgerUpdates -> ccxt's type of a transaction
MOVES = {"deposit": "deposit", "vaultDeposit": "deposit", "withdraw": "withdrawal", "vaultWithdraw": "withdrawal"}
