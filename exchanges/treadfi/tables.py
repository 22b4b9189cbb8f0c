"""TreadFi as data.

Sources: docs.tread.fi, taas-api-client 1.2.9, the web app's behaviour as seen between November 2025 and February 2026.
"""

from __future__ import annotations

from typing import Any

from ccxt_dex.features import UNTRIGGERED, times

HOST = "https://app.tread.fi"
STREAM = "wss://app.tread.fi/ws/orders/"
# trailing slashes matter: Django
API: dict[str, Any] = {
    "tread": {
        "get": {
            "api/orders/": {"cost": 1},
            "api/active_orders/": {"cost": 1},
            "api/order/{id}": {"cost": 1},
            "api/order_summary/{id}": {"cost": 1},
            "api/accounts/": {"cost": 1},
            "api/balances/": {"cost": 1},
            "api/get_token_pairs": {"cost": 1},
            "internal/account/get_nonce/": {"cost": 1},
            "internal/account/user_metadata/": {"cost": 1},
        },
        "post": {
            "api/orders/": {"cost": 1},
            "api/amend_order/": {"cost": 1},
            "api/pause_order/": {"cost": 1},
            "api/resume_order/": {"cost": 1},
            "api/set_leverage/": {"cost": 1},
            "internal/oms/cancel_order/{id}": {"cost": 1},
            "internal/sor/set_leverage": {"cost": 1},
            "internal/account/wallet_auth/": {"cost": 1},
            "account/login/": {"cost": 1},
        },
        "delete": {"api/order/{id}": {"cost": 1}},
    }
}
SIGN_IN_FORM = "account/login/"
LOGIN_PATHS = ("internal/account/get_nonce/", "internal/account/wallet_auth/", SIGN_IN_FORM)
SIGN_IN = ("internal/account/wallet_auth", "account/login")
"""a refusal of one of these is a refusal of the credentials"""
COOKIES = ("csrftoken", "sessionid")
# a browser's: the default agents of libraries are refused by the gateway in front
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
SESSION_DAYS = 13  # Django's default is 14; the real life of a cookie is not documented
SIMPLE_DURATION = 86_400  # of simple orders; the API's own validator wants one, the documentation says that it is ignored
MAX_CUSTOM_ID = 64
PAGE = 100

STATUS: dict[str, str] = {
    "SUBMITTED": "open",
    "SCHEDULED": "open",
    "ACTIVE": "open",
    "FINISHER": "open",
    "PAUSED": "open",
    "COMPLETE": "closed",
    "COMPLETED": "closed",
    "CANCELED": "canceled",
}
# update_type of a stream message -> status, where the order in it has none
UPDATES: dict[str, str] = {
    "order_created": "SCHEDULED",
    "order_activated": "ACTIVE",
    "order_fill_received": "ACTIVE",
    "order_paused": "PAUSED",
    "order_canceled": "CANCELED",
    "order_completed": "COMPLETE",
}
SINGLE_SIDES = ("buy", "sell")
"""rows of other sides (Multi, Chained, Batch) are containers"""

UNSUPPORTED_PARAMS: dict[str, str] = {
    **dict.fromkeys(("triggerPrice", "stopPrice", "stopLossPrice", "takeProfitPrice"), "trigger orders"),
    **dict.fromkeys(("stopLoss", "takeProfit"), "attached take-profit and stop-loss"),
    **dict.fromkeys(("trailingAmount", "trailingPercent", "trailingDelta"), "trailing orders"),
    "cost": "orders by cost",
    "icebergAmount": "iceberg orders",
    "selfTradePrevention": "self-trade prevention",
    "marginMode": "a margin mode of the order",
    **dict.fromkeys(("vaultAddress", "subAccountAddress"), "another account than uid's"),
    "expiresAfter": "an expiry",
    "builder": "a builder",
}
# Tread's own words, and snake case: what they ask for would be left out of the order
SPELLINGS: dict[str, str] = {
    "reduce_only": "reduceOnly",
    "post_only": "postOnly",
    "passive_only": "postOnly",
    "time_in_force": "timeInForce",
    "trigger_price": "triggerPrice",
    "stop_price": "stopPrice",
    "stop_loss": "stopLoss",
    "take_profit": "takeProfit",
    "client_order_id": "clientOrderId",
    "custom_order_id": "clientOrderId",
    "strategy_params": "reduceOnly (nothing else of it is known here)",
}
# words in a refusal -> ccxt's exception, by name
REASONS: tuple[tuple[str, str], ...] = (
    ("insufficient", "InsufficientFunds"),
    ("margin", "InsufficientFunds"),
    ("balance", "InsufficientFunds"),
    ("custom_order_id", "DuplicateOrderId"),
    ("custom order id", "DuplicateOrderId"),
    ("pair", "BadSymbol"),
    ("not found", "OrderNotFound"),
)
NO_SESSION = (
    "authentication credentials were not provided",
    "invalid token",
    "csrf failed",
    "csrf verification failed",
    "not authenticated",
)
# what differs from the venue's own: Tread's orders wait for no price
FEATURES: dict[str, Any] = {
    "spot": None,
    "swap": {
        "linear": {
            "createOrder": {**UNTRIGGERED, "timeInForce": times("IOC")},
            "createOrders": {"max": None},
            "fetchOpenOrders": {"trigger": False},
        },
        "inverse": None,
    },
}
