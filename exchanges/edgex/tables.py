"""edgeX V2 as data: hosts, endpoints, limits, statuses, errors. Imports nothing.

Sources: official Python SDK 2.0.1 (June 2026), V2 documentation (March 2026), captures of third parties (September 2026).
"""

from __future__ import annotations

from typing import Any

URLS: dict[str, Any] = {
    "logo": None,
    "www": "https://pro.edgex.exchange",
    "doc": ["https://edgex-1.gitbook.io/edgeX-documentation/api"],
    "fees": "https://edgex-1.gitbook.io/edgeX-documentation",
    "api": {
        "public": "https://edgex-prod-v2.edgex.exchange",
        "private": "https://edgex-prod-v2.edgex.exchange",
        "asset": "https://spot.edgex.exchange",
        "ws": "wss://edgex-quote-prod-v2.edgex.exchange",
    },
}
# hosts of the dead V1 (StarkEx); a configuration that names one is refused with an explanation
V1_HOSTS = frozenset({"quote.edgex.exchange", "testnet.edgex.exchange", "quote-testnet.edgex.exchange", "pro.edgex.exchange"})

PATHS = {"public": "/api/v2/public/", "private": "/api/v2/private/", "asset": "/api/v1/private/unified-asset/"}
PUBLIC_SOCKET = "/api/v1/public/ws"
PRIVATE_SOCKET = "/api/v1/private/ws"  # V1 in the path although the data is V2's

API: dict[str, Any] = {
    "public": {
        "get": {
            "meta/getServerTime": 1,
            "meta/getMetaData": 1,
            "contract-labels": 1,
            "quote/getTicker": 1,
            "quote/getDepth": 1,
            "quote/getKline": 1,
            "quote/getMultiContractKline": 1,
            "quote/getMarketStatus": 1,
            "quote/getTicketSummary": 1,
            "quote/getAccurateOpenInterest": 1,
            "quote/getStatDayTrade": 1,
            "quote/getExchangeLongShortRatio": 1,
            "quote/fee": 1,
            "funding/getLatestFundingRate": 1,
            "funding/getFundingRatePage": 1,
        },
    },
    "private": {
        "get": {
            "account/getAccountAsset": 1,
            "account/getAccountById": 1,
            "account/getAccountPage": 1,
            "account/getPositionByContractId": 1,
            "account/getPositionTransactionPage": 1,
            "account/getPositionTransactionById": 1,
            "account/getCollateralTransactionPage": 1,
            "account/getCollateralTransactionById": 1,
            "account/getCollateralByCoinId": 1,
            "account/getPositionTermPage": 1,
            "account/getPositionOrders": 1,
            "account/getAccountAssetSnapshotPage": 1,
            "account/getAccountDeleverageLight": 1,
            "order/getActiveOrderPage": 1,
            "order/getHistoryOrderPage": 1,
            "order/getOrderById": 1,
            "order/getOrderByClientOrderId": 1,
            "order/getHistoryOrderFillTransactionPage": 1,
            "transfer/getTransferOutById": 1,
            "transfer/getTransferInById": 1,
            "transfer/getTransferOutAvailableAmount": 1,
            "assets/getAllOrdersPage": 1,
            "assets/getNormalWithdrawableAmount": 1,
            "assets/getCrossWithdrawSignInfo": 1,
        },
        "post": {
            "account/updateLeverageSetting": 1,
            "account/setMarginMode": 1,
            "order/createOrder": 1,
            "order/cancelOrderById": 1,
            "order/cancelOrderByClientOrderId": 1,
            "order/cancelAllOrder": 1,
            "order/getMaxCreateOrderSize": 1,
            "order/getHistoryOrderPage": 1,
            "transfer/createTransferOut": 1,
            "assets/createNormalWithdraw": 1,
            "assets/createCrossWithdraw": 1,
        },
    },
    "asset": {
        "get": {"queryAssetFlows": 1},
        "post": {"getFeeByAssetFlow": 1, "getEIP712Data": 1, "getDepositData": 1, "submitAssetFlow": 1},
    },
}
READS = frozenset({"order/getMaxCreateOrderSize", "order/getHistoryOrderPage", "getFeeByAssetFlow", "getEIP712Data", "getDepositData"})
"""POSTs that change nothing"""

TIMEFRAMES: dict[str, str] = {
    "1m": "MINUTE_1",
    "5m": "MINUTE_5",
    "15m": "MINUTE_15",
    "30m": "MINUTE_30",
    "1h": "HOUR_1",
    "2h": "HOUR_2",
    "4h": "HOUR_4",
    "6h": "HOUR_6",
    "8h": "HOUR_8",
    "12h": "HOUR_12",
    "1d": "DAY_1",
    "1w": "WEEK_1",
    "1M": "MONTH_1",
}
PRICE_TYPES: dict[str, str] = {"last": "LAST_PRICE", "mark": "ORACLE_PRICE", "index": "INDEX_PRICE"}
"""ccxt's word for a price -> edgeX's, for candles and triggers; the mark price is the oracle price in every sample"""
DEPTHS = (15, 200)

DEFAULT_SLIPPAGE = "0.05"
MAX_KLINES = 1000
MAX_FUNDING_PAGE = 100
MAX_PAGE = 100
MAX_ACTIVE_PAGE = 200
MANY_TICKERS = 5
"""up to so many tickers are asked for one by one, more come from the stream's snapshot"""

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
ORDER_LIFE_MS = 30 * DAY_MS
EXPIRY_GAP_MS = 8 * DAY_MS
"""l2ExpireTime is at least so much later than expireTime, says the server"""
TRANSFER_LIFE_MS = 10 * DAY_MS
MARGIN_MODE_LIFE_MS = 14 * DAY_MS
FEE_RATE = "0.001"
"""where a contract names none (SDK 2.0.1)"""

ORDER_STATUS: dict[str, str] = {
    "PENDING": "open",
    "OPEN": "open",
    "UNTRIGGERED": "open",
    "CANCELING": "open",
    "FILLED": "closed",
    "CANCELED": "canceled",
}
CANCEL_STATUS: dict[str, str] = {"EXPIRE_CANCELED": "expired"}
"""cancelReason -> status, where it is another than canceled"""
REFUSED_REASONS: dict[str, str] = {
    "MARGIN_NOT_ENOUGH": "InsufficientFunds",
    "REDUCE_ONLY_CANCELED": "InvalidOrder",
    "INTERNAL_FAILED": "InvalidOrder",
}
"""an order that ends so with nothing filled was refused after it had been queued"""

TIME_IN_FORCE: dict[str, str] = {
    "GTC": "GOOD_TIL_CANCEL",
    "GTD": "GOOD_TIL_CANCEL",
    "IOC": "IMMEDIATE_OR_CANCEL",
    "FOK": "FILL_OR_KILL",
    "PO": "POST_ONLY",
}
UNIFIED_TIME_IN_FORCE: dict[str, str] = {
    "GOOD_TIL_CANCEL": "GTC",
    "IMMEDIATE_OR_CANCEL": "IOC",
    "FILL_OR_KILL": "FOK",
    "POST_ONLY": "PO",
}
ORDER_TYPES: dict[tuple[str, str], str] = {
    ("limit", ""): "LIMIT",
    ("market", ""): "MARKET",
    ("limit", "stop"): "STOP_LIMIT",
    ("market", "stop"): "STOP_MARKET",
    ("limit", "take"): "TAKE_PROFIT_LIMIT",
    ("market", "take"): "TAKE_PROFIT_MARKET",
}
MARKET_TYPES = frozenset({"MARKET", "STOP_MARKET", "TAKE_PROFIT_MARKET"})

# parameters of ccxt that edgeX has no order for; sending the order without them would be another order
UNSUPPORTED_PARAMS: dict[str, str] = {
    "trailingAmount": "trailing orders",
    "trailingPercent": "trailing orders",
    "trailingTriggerPrice": "trailing orders",
    "cost": "orders by cost",
    "hedged": "hedge mode",
    "positionSide": "hedge mode",
    "icebergAmount": "iceberg orders",
    "marginMode": "margin mode in an order (call set_margin_mode first)",
    "leverage": "leverage in an order (call set_leverage first)",
    "closePosition": "orders for a whole position (use close_position, or a reduce-only order of its size)",
}

# documented or seen codes of the envelope
ERROR_CODES: dict[str, str] = {
    "INVALID_API_KEY": "AuthenticationError",  # live, HTTP 401
    "GATEWAY_HEADER_REQUIRED": "AuthenticationError",  # live, HTTP 400
    "GATEWAY_PARAM_INVALID": "BadRequest",  # live
    "INVALID_GET_PAGE_SIZE": "BadRequest",  # live
    "INVALID_CONTRACT_ID": "BadSymbol",  # live
    "GATEWAY_UNRECOGNIZED_MESSAGE": "BadRequest",  # live
    "ACCOUNT_UPDATE_LEVERAGE_FAILED_ORDER": "OperationRejected",  # live: cancel the contract's orders first
    "INVALID_PARAMETER": "BadRequest",
    "ACCOUNT_NOT_FOUND": "AuthenticationError",
    "INSUFFICIENT_BALANCE": "InsufficientFunds",
    "ORDER_NOT_FOUND": "OrderNotFound",
    "SIGNATURE_ERROR": "AuthenticationError",
    "RATE_LIMIT_EXCEEDED": "RateLimited",
}
# matched in this order against codes that nobody has listed; expected wordings (README, Unknowns)
ERROR_FRAGMENTS: tuple[tuple[str, str], ...] = (
    ("RATE_LIMIT", "RateLimited"),
    ("TOO_MANY", "RateLimited"),
    ("WHITELIST", "PermissionDenied"),
    ("PERMISSION", "PermissionDenied"),
    ("FORBIDDEN", "PermissionDenied"),
    ("MAINTENANCE", "OnMaintenance"),
    ("L2_SIGN", "AuthenticationError"),
    ("SIGNATURE", "AuthenticationError"),
    ("SIGNER", "AuthenticationError"),
    ("PASSPHRASE", "AuthenticationError"),
    ("API_KEY", "AuthenticationError"),
    ("DUPLICATE", "DuplicateOrderId"),
    ("TIMESTAMP", "InvalidNonce"),
    ("LEVERAGE", "BadRequest"),
    ("CONTRACT_ID", "BadSymbol"),
    ("TRADE_DISABLED", "MarketClosed"),
    ("MARKET_CLOSE", "MarketClosed"),
)
# on the order endpoints, after the above
ORDER_FRAGMENTS: tuple[tuple[str, str], ...] = (
    ("NOT_FOUND", "OrderNotFound"),
    ("NOT_EXIST", "OrderNotFound"),
    ("FINISHED", "OrderNotFound"),
    ("CLIENT_ORDER_ID", "DuplicateOrderId"),
    ("REDUCE_ONLY", "InvalidOrder"),
    ("POST_ONLY", "OrderImmediatelyFillable"),
    ("MARGIN", "InsufficientFunds"),
    ("BALANCE", "InsufficientFunds"),
    ("COLLATERAL", "InsufficientFunds"),
    ("NOT_ENOUGH", "InsufficientFunds"),
    ("EXPIRE", "InvalidOrder"),
    ("TRIGGER", "InvalidOrder"),
    ("PRICE", "InvalidOrder"),
    ("SIZE", "InvalidOrder"),
    ("TICK", "InvalidOrder"),
    ("STEP", "InvalidOrder"),
)
STATUS_ERRORS: dict[int, str] = {
    400: "BadRequest",
    401: "AuthenticationError",
    403: "PermissionDenied",
    404: "BadRequest",
    408: "RequestTimeout",
    429: "RateLimited",
    451: "RestrictedLocation",
    504: "RequestTimeout",
}

LEDGER_TYPES: dict[str, str] = {
    "DEPOSIT": "transaction",
    "WITHDRAW": "transaction",
    "TRANSFER_IN": "transfer",
    "TRANSFER_OUT": "transfer",
    "POSITION_BUY": "trade",
    "POSITION_SELL": "trade",
    "POSITION_FUNDING": "fee",
    "FILL_FEE_INCOME": "rebate",
}
CENSOR_STATUS: dict[str, str] = {
    "INIT": "pending",
    "CENSOR_SUCCESS": "ok",
    "L2_APPROVED": "ok",
    "CENSOR_FAILURE": "failed",
    "L2_REJECT": "failed",
    "L2_REJECT_APPROVED": "failed",
}
TRANSFER_STATUS: dict[str, str] = {
    "PENDING_CHECKING": "pending",
    "PENDING_CENSORING": "pending",
    "SUCCESS_CENSOR_SUCCESS": "ok",
    "SUCCESS_L2_APPROVED": "ok",
    "FAILED_CHECK_INVALID": "failed",
    "FAILED_CENSOR_FAILURE": "failed",
    "FAILED_L2_REJECT": "failed",
    "FAILED_L2_REJECT_APPROVED": "failed",
}

ASSET_ORDERS = "privateGetAssetsGetAllOrdersPage"
"""params["method"] that has deposits and withdrawals read from there: transaction hash, chain and address, but a documented-only endpoint"""
ASSET_ORDER_KINDS: dict[str, str] = {
    "ORDER_TYPE_NORMAL_DEPOSIT": "deposit",
    "ORDER_TYPE_CROSS_DEPOSIT": "deposit",
    "ORDER_TYPE_NORMAL_WITHDRAW": "withdrawal",
    "ORDER_TYPE_CROSS_WITHDRAW": "withdrawal",
    "ORDER_TYPE_FAST_WITHDRAW": "withdrawal",
}

SETTLE_ID = "1000"
ZERO_ADDRESS = "0x0000000000000000000000000000000000000000"
NATIVE_COIN = "0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE"
# what the SDK knows to withdraw: the coin's code -> chain and token, on edge chain and on Arbitrum
WITHDRAWALS: dict[str, dict[str, Any]] = {
    "USDC": {"chain": 3343, "token": "0x98d2919b9A214E6Fa5384AC81E6864bA686Ad74c", "decimals": 6},
    "ETH": {"chain": 42161, "token": NATIVE_COIN, "decimals": 18},
}
ASSET_FLOW_NAME = "edgeX Asset Flow"
ASSET_FLOW_CONTRACT = "0x000000000000000000000000000000000000eD9E"
