"""Lighter as data: deployments, endpoints with weight, statuses, errors. Imports nothing.

Sources: the official OpenAPI and rate-limit pages as transcribed in July and August 2026, lighter-sdk 1.1.8, lighter-go 17f2d60.
"""

from __future__ import annotations

from typing import Any

# name -> REST host, chain id; the stream lies under the same host
DEPLOYMENTS: dict[str, tuple[str, int]] = {
    "mainnet": ("mainnet.zklighter.elliot.ai", 304),
    "testnet": ("testnet.zklighter.elliot.ai", 300),
    "robinhood": ("api.rh.lighter.xyz", 466324),
    "robinhood_testnet": ("api.rh-testnet.lighter.xyz", 300),
}
SANDBOX: dict[str, str] = {"mainnet": "testnet", "robinhood": "robinhood_testnet"}

# weights of the official rate-limit page; everything else weighs 300
DEFAULT_WEIGHT = 300
WEIGHTS: dict[str, int] = {
    "sendTx": 6,
    "sendTxBatch": 6,
    "nextNonce": 6,
    "publicPools": 50,
    "txFromL1TxHash": 50,
    "accountInactiveOrders": 100,
    "deposit/latest": 100,
    "apikeys": 150,
    "transferFeeInfo": 500,
    "trades": 600,
    "recentTrades": 600,
    "changeAccountTier": 3000,
    "setMakerOnlyApiKeys": 3000,
    "notification/ack": 3000,
    "tokens/create": 23000,
    "tokens/revoke": 3000,
}
SEND_PATHS = ("sendTx", "sendTxBatch")

# tier -> (weight per rolling minute, transactions per rolling minute); a standard account counts requests, whatever they weigh
TIERS: dict[str, tuple[int, int]] = {
    "standard": (60, 60),
    "premium": (24_000, 4_000),
    "plus": (120_000, 8_000),
    "builder": (240_000, 4_000),
}

# what ccxt's api table lacks
API: dict[str, Any] = {
    "public": {"get": {"systemConfig": {"cost": 1}, "feeTiers": {"cost": 1}}},
    "private": {
        "get": {"tokens": {"cost": 1}},
        "post": {"tokens/create": {"cost": 1}, "tokens/revoke": {"cost": 1}},
    },
}

TIMEFRAMES: dict[str, str] = {name: name for name in ("1m", "5m", "15m", "30m", "1h", "4h", "12h", "1d", "1w")}

DAY_MS = 86_400_000
DEFAULT_EXPIRY_MS = 28 * DAY_MS  # the official signer's
MIN_EXPIRY_MS = 300_000
MAX_EXPIRY_MS = 30 * DAY_MS
MIN_CANCEL_ALL_MS = 300_000
MAX_CANCEL_ALL_MS = 15 * DAY_MS
TRANSACTION_LIFE_MS = 599_000  # the official signer's: ten minutes less a second
MAX_CLIENT_ID = 2**48 - 1
TOKEN_SECONDS = 28_800
TOKEN_SPARE_SECONDS = 60
MAX_BATCH = 50
MAX_BATCH_WS = 15
MAX_LOOKUP = 20
PAGE = 100
FEE_TICK = 1_000_000
USDC_DECIMALS = 6

LIMIT, MARKET, STOP_LOSS, STOP_LOSS_LIMIT, TAKE_PROFIT, TAKE_PROFIT_LIMIT = range(6)
IOC, GTT, POST_ONLY = range(3)
OTO, OCO, OTOCO = 1, 2, 3
CROSS, ISOLATED = 0, 1

TIME_IN_FORCE: dict[str, int] = {"GTC": GTT, "GTT": GTT, "GTD": GTT, "IOC": IOC, "PO": POST_ONLY, "ALO": POST_ONLY}
TIME_IN_FORCE_WORDS: dict[str, str] = {"immediate-or-cancel": "IOC", "good-till-time": "GTC", "post-only": "PO"}
ORDER_TYPE_WORDS: tuple[str, ...] = (
    "limit",
    "market",
    "stop-loss",
    "stop-loss-limit",
    "take-profit",
    "take-profit-limit",
    "twap",
    "twap-sub",
    "liquidation",
)
UNIFIED_TYPES: dict[str, str] = {
    "limit": "limit",
    "market": "market",
    "stop-loss": "market",
    "stop-loss-limit": "limit",
    "take-profit": "market",
    "take-profit-limit": "limit",
    "twap": "limit",
    "twap-sub": "limit",
    "liquidation": "market",
}

ORDER_STATUS: dict[str, str] = {
    "in-progress": "open",
    "pending": "open",
    "open": "open",
    "filled": "closed",
    "canceled": "canceled",
    "canceled-post-only": "canceled",
    "canceled-reduce-only": "canceled",
    "canceled-position-not-allowed": "rejected",
    "canceled-margin-not-allowed": "rejected",
    "canceled-invalid-balance": "rejected",
    "canceled-too-much-slippage": "canceled",
    "canceled-not-enough-liquidity": "canceled",
    "canceled-self-trade": "canceled",
    "canceled-expired": "expired",
    "canceled-oco": "canceled",
    "canceled-child": "canceled",
    "canceled-liquidation": "canceled",
}

# an accepted transaction whose order ended like this at once was refused; create_order raises these
REFUSED_STATUS: dict[str, str] = {
    "canceled-post-only": "OrderImmediatelyFillable",
    "canceled-reduce-only": "InvalidOrder",
    "canceled-position-not-allowed": "InvalidOrder",
    "canceled-margin-not-allowed": "InsufficientFunds",
    "canceled-invalid-balance": "InsufficientFunds",
}

SELF_TRADE: dict[str, int] = {"EXPIRE_MAKER": 0, "EXPIRE_TAKER": 1, "EXPIRE_BOTH": 2, "DECREMENT": 3}

UNSUPPORTED_PARAMS: dict[str, str] = {
    "trailingAmount": "trailing orders",
    "trailingPercent": "trailing orders",
    "trailingTriggerPrice": "trailing orders",
    "trailingDelta": "trailing orders",
    "cost": "orders by cost",
    "hedged": "hedge mode",
    "positionSide": "hedge mode",
    "icebergAmount": "iceberg orders",
    "triggerPriceType": "choice of trigger price (the mark price fires)",
    "leverage": "leverage of an order (set_leverage)",
    "marginMode": "margin mode of an order (set_margin_mode)",
}
# other spellings of what makes an order: ignored, they would make another one
MISNAMED: dict[str, str] = {
    "post_only": "postOnly",
    "time_in_force": "timeInForce",
    "trigger_price": "triggerPrice",
    "order_expiry": "orderExpiry",
    "stop_loss": "stopLoss",
    "take_profit": "takeProfit",
}

# official error catalogue -> ccxt's classes, by name: what ccxt maps to something misleading, and what it does not map at all
ERRORS: dict[str, str] = {
    "20001": "BadRequest",  # invalid param
    "21100": "AccountNotEnabled",  # account not found
    "21101": "AccountNotEnabled",
    "21102": "BadRequest",  # invalid account index
    "21104": "InvalidNonce",  # invalid nonce
    "21105": "InvalidNonce",  # nonces of a batch do not increase
    "21108": "AuthenticationError",  # invalid api key index
    "21109": "AuthenticationError",  # api key not found
    "21110": "AuthenticationError",  # invalid public key
    "21111": "ExchangeError",  # account is in liquidation
    "21112": "ExchangeError",
    "21117": "InsufficientFunds",
    "21119": "InsufficientFunds",
    "21120": "AuthenticationError",  # invalid signature
    "21121": "BadRequest",  # batch of different accounts or keys
    "21132": "OperationRejected",  # margin mode with an open position
    "21136": "AuthenticationError",
    "21137": "PermissionDenied",
    "21500": "BadRequest",
    "21501": "BadRequest",
    "21506": "RateLimited",  # too many pending transactions
    "21507": "InsufficientFunds",
    "21508": "InsufficientFunds",
    "21514": "BadRequest",  # batch too large
    "21600": "OrderNotFound",
    "21602": "BadSymbol",
    "21605": "MarketClosed",
    "21613": "OperationRejected",
    "21614": "OperationRejected",  # no position found
    "21700": "OrderNotFound",
    "21701": "InvalidOrder",
    "21702": "InvalidOrder",
    "21706": "InvalidOrder",
    "21707": "OrderNotFound",  # not the owner
    "21708": "OrderNotFound",
    "21709": "OrderNotFound",
    "21711": "InvalidOrder",
    "21715": "OrderNotFound",
    "21717": "InvalidOrder",
    "21728": "DuplicateOrderId",
    "21733": "InvalidOrder",
    "21734": "InvalidOrder",
    "21735": "InvalidOrder",
    "21739": "InsufficientFunds",
    "21741": "InvalidOrder",
    "21742": "InvalidOrder",
    "21743": "InvalidOrder",
    "21744": "InvalidOrder",
    "21745": "InvalidOrder",
    "23000": "RateLimited",
    "23001": "RateLimited",
    "23002": "RateLimited",
    "23003": "RateLimited",
    "23004": "RateLimited",
    "29404": "BadRequest",
    "29500": "ExchangeNotAvailable",
    "29501": "RequestTimeout",
    "30009": "RateLimited",
    "30010": "RateLimited",
    "61000": "AuthenticationError",
}
# whole ranges, where no line above applies
ERROR_RANGES: tuple[tuple[int, int, str], ...] = (
    (21100, 21199, "OperationRejected"),
    (21200, 21299, "OperationRejected"),
    (21300, 21399, "InsufficientFunds"),
    (21700, 21799, "InvalidOrder"),
    (21800, 21899, "BadRequest"),
    (23000, 23999, "RateLimited"),
    (29500, 29599, "ExchangeNotAvailable"),
    (30000, 30099, "BadRequest"),
    (61000, 61099, "AuthenticationError"),
)
