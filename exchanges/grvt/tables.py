"""GRVT as data. Sources: the venue's api-spec repository (commit eed18e5, 2026-05-13), grvt-pysdk 0.2.1 and its main of 2026-03-16, ccxt 4.5.90."""

from __future__ import annotations

from typing import Any

CHAIN_IDS = {"prod": 325, "testnet": 326, "dev": 327, "staging": 327}

LOGIN_PATHS = ("auth/api_key/login", "auth/wallet/login")

WRITES = """
full/v1/create_order full/v1/cancel_order full/v1/cancel_all_orders full/v1/cancel_on_disconnect full/v2/bulk_orders full/v1/transfer
full/v1/withdrawal full/v1/add_position_margin full/v1/set_position_config full/v1/set_initial_leverage full/v1/set_derisk_mm_ratio
full/v1/vault_burn_tokens full/v1/vault_invest full/v1/vault_redeem full/v1/vault_redeem_cancel full/v1/authorize_builder full/v1/create_rfq
full/v1/cancel_rfq full/v1/set_indicative_prices full/v1/set_sub_account_mode api/v1/deposit/generate-address api/v1/bridge/withdrawal-quote
api/v1/bridge/withdraw auth/builder/authorize
""".split()

# endpoints that ccxt's class does not list
MORE_ENDPOINTS: dict[str, Any] = {
    "publicMarket": {"get": {"time": {"cost": 1}}},
    "privateTrading": {"post": {"full/v1/set_sub_account_mode": {"cost": 40}}},
}

CLIENT_ID_LOW = 1 << 63
"""the lower half belongs to the venue's own pages"""
CLIENT_ID_HIGH = (1 << 64) - 1

DAY = 86_400
RESTING_SECONDS = 30 * DAY - 3600
"""the venue takes at most 30 days (code 2008); an hour is left for clocks"""
IMMEDIATE_SECONDS = 300
"""of orders that never rest; what the SDK gives every order"""
MAX_BATCH = 100
MAX_PAGE = 1000
BOOK_DEPTHS = (10, 50, 100, 500)
COUNTDOWN_MAX_MS = 300_000

TIME_IN_FORCE = {
    "GTC": "GOOD_TILL_TIME",
    "GTT": "GOOD_TILL_TIME",
    "GTD": "GOOD_TILL_TIME",
    "GOOD_TILL_TIME": "GOOD_TILL_TIME",
    "PO": "GOOD_TILL_TIME",
    "POST_ONLY": "GOOD_TILL_TIME",
    "IOC": "IMMEDIATE_OR_CANCEL",
    "IMMEDIATE_OR_CANCEL": "IMMEDIATE_OR_CANCEL",
    "FOK": "FILL_OR_KILL",
    "FILL_OR_KILL": "FILL_OR_KILL",
    "RPI": "RETAIL_PRICE_IMPROVEMENT",
    "RETAIL_PRICE_IMPROVEMENT": "RETAIL_PRICE_IMPROVEMENT",
}
IMMEDIATE = ("IMMEDIATE_OR_CANCEL", "FILL_OR_KILL")
TIME_IN_FORCE_BACK = {
    "GOOD_TILL_TIME": "GTC",
    "IMMEDIATE_OR_CANCEL": "IOC",
    "FILL_OR_KILL": "FOK",
    "ALL_OR_NONE": "ALL_OR_NONE",
    "RETAIL_PRICE_IMPROVEMENT": "RETAIL_PRICE_IMPROVEMENT",
}

TRIGGER_BY = {"last": "LAST", "mark": "MARK", "index": "INDEX", "mid": "MID"}
DIRECTIONS = {"ascending": True, "up": True, "above": True, "descending": False, "down": False, "below": False}
# parameters that would make another order than the one that goes out if they were ignored
UNSUPPORTED = """
trailingAmount trailingPercent trailingTriggerPrice trailing icebergAmount iceberg visibleSize cost quoteOrderQty hedged positionSide leverage
marginMode selfTradePrevention stpMode slippage
""".split()
# the venue's names of what goes into the order: beside it, where other parameters go, they would be ignored
MISNAMED = {
    "post_only": "postOnly",
    "reduce_only": "reduceOnly",
    "time_in_force": "timeInForce",
    "is_market": "type",
    "limit_price": "price",
    "trigger_price": "triggerPrice",
    "trigger_by": "triggerPriceType",
    "order_expiry": "orderExpiry",
    "expiration": "orderExpiry",
    "builder_fee": "builderFee",
}

STATUSES = {"PENDING": "open", "OPEN": "open", "FILLED": "closed", "REJECTED": "rejected", "CANCELLED": "canceled"}

# how orders end that a client cancels
CANCELLED_BY_US = ("CLIENT_CANCEL", "CLIENT_BULK_CANCEL", "UNSPECIFIED")

# why an order was refused after it had been accepted for matching -> ccxt's exception
REASONS = {
    "FAIL_POST_ONLY": "OrderImmediatelyFillable",
    "FAIL_REDUCE_ONLY": "InvalidOrder",
    "REDUCE_ONLY_LIMIT": "InvalidOrder",
    "OVERLAPPING_CLIENT_ORDER_ID": "DuplicateOrderId",
    "BELOW_MARGIN": "InsufficientFunds",
    "BELOW_MARGIN_WITH_PENALTY_DEVIATION": "InsufficientFunds",
    "INSUFFICIENT_BALANCE": "InsufficientFunds",
    "INSTRUMENT_INVALID": "BadSymbol",
    "INSTRUMENT_DEACTIVATED": "BadSymbol",
    "UNAUTHORISED": "PermissionDenied",
    "SESSION_KEY_EXPIRED": "PermissionDenied",
    "NO_TRADE_PERMISSION": "PermissionDenied",
    "SUB_ACCOUNT_NOT_FOUND": "PermissionDenied",
    "BUILDER_ORDER_BUILDER_NOT_AUTHORIZED": "PermissionDenied",
    "EXCEED_MAX_SIGNATURE_EXPIRATION": "InvalidOrder",
    "EXCEED_MAX_POSITION_SIZE": "InvalidOrder",
    "TOO_MANY_MAKER_ORDERS": "OperationRejected",
}

# codes that ccxt's class does not map, or maps to something that sends a caller the wrong way
ERRORS = {
    "1004": "OrderNotFound",  # on order endpoints; see room.py
    "1101": "BadRequest",
    "1102": "BadRequest",
    "1103": "BadRequest",
    "2001": "InvalidNonce",
    "2012": "DuplicateOrderId",  # ccxt: InvalidOrder
    "2066": "InvalidOrder",
    "2067": "InvalidOrder",
    "2084": "InvalidOrder",
    "2090": "InvalidOrder",  # ccxt: RateLimitExceeded, which a bot answers with another try
    "2222": "InvalidOrder",
    "2232": "InvalidOrder",
    "2233": "BadRequest",
    "2234": "InvalidOrder",
    "2235": "InvalidOrder",
    "2236": "NotSupported",
    "2237": "InvalidOrder",
    "2238": "InvalidOrder",
    "2239": "InvalidOrder",
    "2240": "InvalidOrder",
    "2241": "InvalidOrder",
    "2242": "NotSupported",
    "2243": "InvalidOrder",
    "2244": "InvalidOrder",
    "2245": "InvalidOrder",
    "2246": "InvalidOrder",
    "2400": "InvalidOrder",
    "2401": "InvalidOrder",
    "2402": "InvalidOrder",
    "2413": "InvalidOrder",
    "2450": "NotSupported",
    "2451": "InvalidOrder",
    "2452": "InvalidOrder",
    "2453": "OperationRejected",
    "2500": "OperationRejected",
    "2501": "OperationRejected",
    "2502": "OperationRejected",
    "2504": "InsufficientFunds",
    "2505": "NoChange",
    "2506": "OperationRejected",
    "3007": "BadRequest",
    "3011": "BadRequest",
    "3013": "BadRequest",
    "3020": "BadRequest",
    "3030": "BadRequest",
    "3040": "BadRequest",
    "3041": "BadRequest",
    "3042": "BadRequest",
    "4004": "BadRequest",
    "4005": "BadRequest",
    "4006": "BadRequest",
    "4007": "OperationRejected",
    "4008": "BadRequest",
    "4009": "BadRequest",
    "7104": "PermissionDenied",
    "7201": "InvalidOrder",  # price protection band
    "7304": "OperationRejected",
}
ORDER_LOOKUPS = ("order", "cancel_order")

PRICE_TYPES = {"last": "TRADE", "trade": "TRADE", "mark": "MARK", "index": "INDEX", "mid": "MID"}
