"""StandX as data: hosts, endpoints, limits, statuses, errors. Imports nothing.

Source of every line: docs.standx.com as of September 2026 unless a comment says otherwise.
"""

from __future__ import annotations

from typing import Any

URLS: dict[str, Any] = {
    "logo": None,
    "www": "https://standx.com",
    "doc": ["https://docs.standx.com/standx-api/standx-api"],
    "fees": "https://docs.standx.com",
    "api": {
        "public": "https://perps.standx.com/api",
        "private": "https://perps.standx.com/api",
        "auth": "https://api.standx.com/v1/offchain",
        "geo": "https://geo.standx.com/v1",
        "bridge": "https://bridge-info.standx.com/api",
        "ws": {
            "stream": "wss://perps.standx.com/ws-stream/v1",
            "orders": "wss://perps.standx.com/ws-api/v1",
        },
    },
}

API: dict[str, Any] = {
    "public": {
        "get": {
            "query_symbol_info": 1,
            "query_market_overview": 1,
            "query_symbol_market": 1,
            "query_symbol_price": 1,
            "query_depth_book": 1,
            "query_recent_trades": 1,
            "query_funding_rates": 1,
            "kline/time": 1,
            "kline/history": 1,
        },
    },
    "private": {
        "get": {
            "health": 1,
            "query_order": 1,
            "query_orders": 1,
            "query_open_orders": 1,
            "query_trades": 1,
            "query_funding_history": 1,
            "query_position_config": 1,
            "query_positions": 1,
            "query_balance": 1,
        },
        "post": {
            "new_order": 1,
            "cancel_order": 1,
            "cancel_orders": 1,
            "change_leverage": 1,
            "change_margin_mode": 1,
            "transfer_margin": 1,
            "transfer_to_spot": 1,
            "transfer_to_perps": 1,
        },
    },
    "auth": {"get": {"certs": 1}, "post": {"prepare-signin": 1, "login": 1}},
    "geo": {"get": {"region": 1}},
    "bridge": {"post": {"withdraw": 1}},
}

# credits per account: 900, refilled 1000/s, 45 each; requests per IP: 50/s (docs, Rate Limits, 2026-03-01)
CREDITS_PER_REQUEST = 45
CREDITS_PER_SECOND = 1000
CREDIT_BURST = 900
REQUESTS_PER_SECOND_PER_IP = 50

TIMEFRAMES: dict[str, str] = {"3s": "3S", "1m": "1", "5m": "5", "15m": "15", "1h": "60", "1d": "1D", "1w": "1W", "1M": "1M"}

DEFAULT_SESSION_SECONDS = 604_800
FUNDING_INTERVAL = "1h"
MAX_PAGE = 500
MAX_OPEN_ORDERS_PAGE = 1200
CANCEL_CHUNK = 100

CHAINS = ("bsc", "solana")

ORDER_STATUS: dict[str, str] = {
    "new": "open",
    "open": "open",
    "untriggered": "open",
    "filled": "closed",
    "canceled": "canceled",
    "cancelled": "canceled",  # some clients of July 2026 handle both spellings
    "rejected": "rejected",
    "expired": "expired",  # never seen; its meaning leaves no choice
}

TIME_IN_FORCE: dict[str, str] = {"GTC": "gtc", "IOC": "ioc", "PO": "alo", "ALO": "alo"}
UNIFIED_TIME_IN_FORCE: dict[str, str] = {"gtc": "GTC", "ioc": "IOC", "alo": "PO"}

# parameters of ccxt that StandX has no order for; sending the order without them would be another order
UNSUPPORTED_PARAMS: dict[str, str] = {
    "triggerPrice": "trigger orders",
    "stopPrice": "stop orders",
    "stop_price": "stop orders",
    "triggerDirection": "trigger orders",
    "stopLossPrice": "standalone stop-loss orders (attach params['stopLoss'] to an entry instead)",
    "takeProfitPrice": "standalone take-profit orders (attach params['takeProfit'] to an entry instead)",
    "trailingAmount": "trailing orders",
    "trailingPercent": "trailing orders",
    "trailingTriggerPrice": "trailing orders",
    "cost": "orders by cost",
    "hedged": "hedge mode",
    "positionSide": "hedge mode",
    "goodTillDate": "good-till-date orders",
    "icebergAmount": "iceberg orders",
    "slippage": "bound for a market order (a limit order with timeInForce IOC is one)",
}

# matched in this order against the lower-case text; exact texts are rare in the documentation, hence fragments.
# [live] and [3rd] as in the venue's fact sheet, the rest are expected wordings that no source shows (README, Unknowns)
ERROR_FRAGMENTS: tuple[tuple[str, str], ...] = (
    ("missing jwt", "AuthenticationError"),  # live, 2026-06-11
    ("invalid body signature", "AuthenticationError"),  # live, third party
    ("jwt", "AuthenticationError"),
    ("alo order rejected", "OrderImmediatelyFillable"),  # docs, order response stream
    ("post only", "OrderImmediatelyFillable"),
    ("price tick", "InvalidOrder"),  # live, third party
    ("qty tick", "InvalidOrder"),
    ("invalid request payload", "BadRequest"),  # live, third party
    ("missing field", "ArgumentsRequired"),  # live, 2026-06-11
    ("failed to deserialize", "BadRequest"),  # live, 2026-06-11
    ("insufficient", "InsufficientFunds"),
    ("not enough", "InsufficientFunds"),
    ("exceeds available", "InsufficientFunds"),
    ("duplicate", "DuplicateOrderId"),
    ("order not found", "OrderNotFound"),
    ("unknown order", "OrderNotFound"),
    ("order already", "OrderNotFound"),
    ("order is already", "OrderNotFound"),
    ("order filled", "OrderNotFound"),
    ("order canceled", "OrderNotFound"),
    ("symbol not found", "BadSymbol"),
    ("invalid symbol", "BadSymbol"),
    ("unknown symbol", "BadSymbol"),
    ("unsupported symbol", "BadSymbol"),
    ("not trading", "MarketClosed"),
    ("market closed", "MarketClosed"),
    ("market is closed", "MarketClosed"),
    ("trading halt", "MarketClosed"),
    ("too many requests", "RateLimited"),
    ("rate limit", "RateLimited"),
)

# when no fragment matches: by HTTP status or body code; 400 on an order path is an InvalidOrder
ERROR_CODES: dict[int, str] = {
    400: "BadRequest",
    401: "AuthenticationError",
    403: "PermissionDenied",
    404: "BadRequest",
    408: "RequestTimeout",
    429: "RateLimited",
    451: "PermissionDenied",
    500: "ExchangeNotAvailable",
    502: "ExchangeNotAvailable",
    503: "ExchangeNotAvailable",
    504: "RequestTimeout",
}
# a 404 without a telling text means something else on every path; an account that was never funded gets one on its lists
# (three third-party bots agree for query_balance and query_open_orders, the others are taken to be alike)
NOT_FOUND: dict[str, str] = {
    "query_order": "OrderNotFound",
    "cancel_order": "OrderNotFound",
    "order:cancel": "OrderNotFound",
    "cancel_orders": "OrderNotFound",
    "query_balance": "AccountNotEnabled",
    "query_open_orders": "AccountNotEnabled",
    "query_orders": "AccountNotEnabled",
    "query_trades": "AccountNotEnabled",
    "query_positions": "AccountNotEnabled",
    "query_funding_history": "AccountNotEnabled",
}
# ... and these must say so: taken for an empty account, a misled request would hide positions
EMPTY_WHEN_TOLD = ("query_balance", "query_orders", "query_trades", "query_positions", "query_funding_history")
ORDER_PATHS = ("new_order", "cancel_order", "cancel_orders", "order:new", "order:cancel")
SIGN_IN_PATHS = ("prepare-signin", "login", "auth:login", "auth")
MARGIN_WORDS = ("margin", "balance")

CHANNELS_PUBLIC = ("price", "depth_book", "public_trade", "kline")
CHANNELS_PRIVATE = ("order", "trade", "position", "balance")
