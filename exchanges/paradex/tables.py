"""Paradex as data: endpoints that ccxt lacks, statuses, errors, limits. Imports nothing.

Sources: OpenAPI 1.132.1, AsyncAPI and OpenRPC 1.3.1 of tradeparadex/paradex-docs (2026-08-20), paradex-py 0.8.2.
"""

from __future__ import annotations

from typing import Any

HOSTS: dict[str, tuple[str, str]] = {
    "api": ("https://api.prod.{hostname}", "wss://ws.api.prod.{hostname}/v1"),
    "test": ("https://api.testnet.{hostname}", "wss://ws.api.testnet.{hostname}/v1"),
}

# what ccxt's api table lacks
API: dict[str, Any] = {
    "private": {
        "post": {"auth/{public_key}": {"cost": 1}},
    },
}

# ccxt's class signs these two by their path, before it has a token
LOGIN_PATHS = ("auth", "auth/{public_key}", "onboarding", "v2/auth", "v2/onboarding")

# scope -> (requests, seconds, burst); page "Rate Limits / API"
LIMITS: dict[str, tuple[float, float, float]] = {
    "ip": (1500, 60, 300),
    "orders": (17250, 60, 800),
    "reads": (600, 60, 120),
}

SESSION_MS = 240_000  # the venue's tokens live 5 minutes
SIGNATURE_SECONDS = 1800  # its default for the signature of a login
PAGE = 100
MAX_PAGE: dict[str, int] = {"trades": 1000, "funding": 5000, "orders": 100, "fills": 100}
MAX_BATCH = 10
MAX_CLIENT_ID = 64
MIN_RECV_WINDOW = 10
MOST_AHEAD_MS = 1000  # how far signature times may run ahead of the clock to stay apart from other processes'
MAX_TEXT = 31

TIMEFRAMES: dict[str, int] = {"1m": 1, "3m": 3, "5m": 5, "15m": 15, "30m": 30, "1h": 60}
PRICE_KINDS: dict[str, str] = {"mark": "mark", "index": "underlying", "underlying": "underlying", "last": "last"}
MAX_CANDLES = 1000

# (unified type, kind of trigger) -> wire type; no trigger: None
ORDER_TYPES: dict[tuple[str, str | None], str] = {
    ("limit", None): "LIMIT",
    ("market", None): "MARKET",
    ("limit", "stop"): "STOP_LIMIT",
    ("market", "stop"): "STOP_MARKET",
    ("limit", "loss"): "STOP_LOSS_LIMIT",
    ("market", "loss"): "STOP_LOSS_MARKET",
    ("limit", "profit"): "TAKE_PROFIT_LIMIT",
    ("market", "profit"): "TAKE_PROFIT_MARKET",
}
NATIVE_TYPES: dict[str, tuple[str, str | None]] = {wire: named for named, wire in ORDER_TYPES.items()}
INSTRUCTIONS: dict[str, str] = {"GTC": "GTC", "IOC": "IOC", "PO": "POST_ONLY", "POST_ONLY": "POST_ONLY", "RPI": "RPI"}
UNIFIED_INSTRUCTIONS: dict[str, str] = {"GTC": "GTC", "IOC": "IOC", "POST_ONLY": "PO", "RPI": "RPI"}
SELF_TRADE = ("EXPIRE_MAKER", "EXPIRE_TAKER", "EXPIRE_BOTH")
OPEN_STATUS = ("NEW", "UNTRIGGERED", "OPEN")

# words in a cancel_reason -> status of an order that never traded; what no line names is "canceled"
REJECTED_WORDS = ("MARGIN", "EXCEEDS", "POSITION_LIMIT", "REJECT", "INVALID", "REDUCE_ONLY", "PRICE_BAND", "NOT_OPEN", "BALANCE")
# words in the cancel_reason of an order that ended at once -> what create_order raises
REFUSED_WORDS: tuple[tuple[str, str], ...] = (
    ("POST_ONLY", "OrderImmediatelyFillable"),
    ("NOT_ENOUGH_MARGIN", "InsufficientFunds"),
    ("MARGIN", "InsufficientFunds"),
    ("BALANCE", "InsufficientFunds"),
    ("REDUCE_ONLY", "InvalidOrder"),
    ("EXCEEDS", "InvalidOrder"),
    ("POSITION_LIMIT", "InvalidOrder"),
    ("PRICE_BAND", "InvalidOrder"),
    ("REJECT", "InvalidOrder"),
    ("INVALID", "InvalidOrder"),
)

UNSUPPORTED_PARAMS: dict[str, str] = {
    "trailingAmount": "trailing orders",
    "trailingPercent": "trailing orders",
    "trailingTriggerPrice": "trailing orders",
    "trailingDelta": "trailing orders",
    "stopLoss": "exits attached to an entry",
    "takeProfit": "exits attached to an entry",
    "cost": "orders by cost",
    "hedged": "hedge mode",
    "positionSide": "hedge mode",
    "icebergAmount": "iceberg orders",
    "triggerPriceType": "choice of trigger price",
    "leverage": "leverage within an order (set_leverage)",
    "marginMode": "margin mode within an order (set_margin_mode, params['on_behalf_of_account'])",
    "expireTime": "orders that expire",
    "goodTillDate": "orders that expire",
}
# passed on as they are when the user gives them
PASSED_PARAMS = ("on_behalf_of_account", "vwap_price", "dime_discount")
KNOWN_PARAMS = (
    "clientOrderId client_id clOrdID client_order_id triggerPrice stopPrice stopLossPrice takeProfitPrice timeInForce postOnly reduceOnly "
    "reduce_only selfTradePrevention stp recvWindow recv_window onBehalfOfAccount wait price slippage instruction timeout"
).split()

# error codes -> ccxt's classes: what ccxt maps to something misleading, and what it does not map at all
ERRORS: dict[str, str] = {
    "VALIDATION_ERROR": "BadRequest",
    "BINDING_ERROR": "BadRequest",
    "INTERNAL_ERROR": "ExchangeNotAvailable",
    "SERVICE_UNAVAILABLE": "ExchangeNotAvailable",
    "NOT_FOUND": "BadRequest",
    "ORDER_ID_NOT_FOUND": "OrderNotFound",
    "CLIENT_ORDER_ID_NOT_FOUND": "OrderNotFound",
    "ALGO_ID_NOT_FOUND": "OrderNotFound",
    "ORDER_IS_CLOSED": "OrderNotFound",
    "ORDER_IS_NOT_OPEN": "InvalidOrder",
    "ORDER_IS_NOT_OPEN_YET": "InvalidOrder",
    "INVALID_ORDER_SIZE": "InvalidOrder",
    "INVALID_PRICE_PRECISION": "InvalidOrder",
    "DUPLICATED_CLIENT_ID": "DuplicateOrderId",
    "INVALID_SYMBOL": "BadSymbol",
    "MARKET_NOT_FOUND": "BadSymbol",
    "MARKET_NOT_OPEN": "MarketClosed",
    "MARKET_NOT_SETTLED": "OperationRejected",
    "NO_ACCESS_TO_MARKET": "PermissionDenied",
    "MARKET_MARGIN_RESTRICTED": "OperationRejected",
    "RPI_ACCOUNT_NOT_WHITELISTED": "PermissionDenied",
    "SYSTEM_STATUS_POST_ONLY": "OnMaintenance",
    "SYSTEM_STATUS_CANCEL_ONLY": "OnMaintenance",
    "REQUEST_NOT_ALLOWED": "PermissionDenied",
    "IP_NOT_ALLOWED": "PermissionDenied",
    "GEO_IP_BLOCK": "PermissionDenied",
    "ETHEREUM_ADDRESS_BLOCKED": "PermissionDenied",
    "INVALID_TOKEN": "AuthenticationError",
    "UNAUTHORIZED_ERROR": "AuthenticationError",
    "INVALID_SUBKEY": "AuthenticationError",
    "SUBKEY_NOT_ACTIVATABLE": "AuthenticationError",
    "INVALID_TOKEN_SCOPE": "PermissionDenied",
    "INVALID_STARKNET_SIGNATURE": "AuthenticationError",
    "INVALID_STARKNET_ADDRESS": "AuthenticationError",
    "STARKNET_SIGNATURE_VERIFICATION_FAILED": "AuthenticationError",
    "INVALID_ORDER_SIGNATURE": "AuthenticationError",
    "INVALID_EVM_SIGNATURE": "AuthenticationError",
    "EVM_SIGNATURE_VERIFICATION_FAILED": "AuthenticationError",
    "ACCOUNT_NOT_FOUND": "AuthenticationError",
    "NOT_ONBOARDED": "AccountNotEnabled",
    "INVALID_TIMESTAMP": "InvalidNonce",
    "INVALID_SIGNATURE_EXPIRATION": "InvalidNonce",
    "BATCH_SIZE_OUT_OF_RANGE": "BadRequest",
    "ISOLATED_MARKET_ACCOUNT_MISMATCH": "OperationRejected",
    "SUBACCOUNTS_LIMIT_EXCEEDED": "OperationRejected",
    "ONBOARDING_RATE_LIMITED": "RateLimited",
    "USERNAME_IN_USE": "BadRequest",
    "40110": "AuthenticationError",
    "40111": "AuthenticationError",
    "40112": "PermissionDenied",
    "40300": "PermissionDenied",
    "42901": "RateLimited",
    "-32603": "ExchangeNotAvailable",
}
# words of the message, where the code alone says too little (VALIDATION_ERROR, BINDING_ERROR, method errors of the socket)
ERROR_WORDS: tuple[tuple[str, str], ...] = (
    ("missing or malformed jwt", "AuthenticationError"),
    ("invalid or expired jwt", "AuthenticationError"),
    ("token is expired", "AuthenticationError"),
    ("margin", "InsufficientFunds"),
    ("post_only", "OrderImmediatelyFillable"),
    ("size", "InvalidOrder"),
    ("price", "InvalidOrder"),
    ("notional", "InvalidOrder"),
    ("order", "InvalidOrder"),
    ("leverage", "BadRequest"),
)
VAGUE_ERRORS = ("VALIDATION_ERROR", "BINDING_ERROR", "100")
