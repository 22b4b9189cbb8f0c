"""Pacifica as data: signed operations, statuses, limits, error codes. Imports nothing.

Sources: docs.pacifica.fi as stored in 2026 ("docs"), pacifica-fi/python-sdk 583661a ("SDK"), ccxt 4.5.90.
"""

from __future__ import annotations

# path of a signed POST -> the `type` that is signed; SDK where it has an example, docs and ccxt otherwise
OPERATIONS: dict[str, str] = {
    "orders/create": "create_order",
    "orders/create_market": "create_market_order",
    "orders/stop/create": "create_stop_order",
    "orders/edit": "edit_order",
    "orders/cancel": "cancel_order",
    "orders/cancel_all": "cancel_all_orders",
    "orders/stop/cancel": "cancel_stop_order",
    "orders/twap/create": "create_twap_order",
    "orders/twap/cancel": "cancel_twap_order",
    "positions/tpsl": "set_position_tpsl",
    "positions/add_isolated_margin": "add_isolated_margin",
    "account/leverage": "update_leverage",
    "account/margin": "update_margin_mode",
    "account/withdraw": "withdraw",
    "account/subaccount/list": "list_subaccounts",
    "account/subaccount/transfer": "transfer_funds",
    "account/api_keys": "list_api_keys",
    "account/api_keys/create": "create_api_key",
    "account/api_keys/revoke": "revoke_api_key",
    "account/builder_codes/approve": "approve_builder_code",
    "account/builder_codes/revoke": "revoke_builder_code",
    "agent/bind": "bind_agent_wallet",
    "agent/list": "list_agent_wallets",
    "agent/revoke": "revoke_agent_wallet",
    "agent/revoke_all": "revoke_all_agent_wallets",
    "agent/ip_whitelist/list": "list_agent_ip_whitelist",
    "agent/ip_whitelist/add": "add_agent_whitelisted_ip",
    "agent/ip_whitelist/remove": "remove_agent_whitelisted_ip",
    "agent/ip_whitelist/toggle": "set_agent_ip_whitelist_enabled",
}
BATCH_PATH = "orders/batch"
# batch action -> the `type` that its data is signed with; docs, "Batch Order"
BATCH_ACTIONS: dict[str, str] = {"Create": "create_order", "CreateMarket": "create_market_order", "Cancel": "cancel_order"}
MAX_BATCH = 10
# POSTs that only read
READ_PATHS = ("account/subaccount/list", "account/api_keys", "agent/list", "agent/ip_whitelist/list", "account/builder_codes/approvals")
ORDER_OPERATIONS = ("create_order", "create_market_order", "create_stop_order", "set_position_tpsl")
# fields of the envelope: never part of what is signed
# operations about an agent wallet: its address is what is signed, not who signs
ABOUT_AGENTS = (
    "bind_agent_wallet",
    "revoke_agent_wallet",
    "add_agent_whitelisted_ip",
    "remove_agent_whitelisted_ip",
    "set_agent_ip_whitelist_enabled",
)
ENVELOPE = ("account", "agent_wallet", "signature", "timestamp", "expiry_window")

# credits per rolling minute: without a key they count for the address, with one for the account
CREDITS_WITHOUT_KEY = 100
CREDITS_WITH_KEY = 300
CREDIT_TIERS = (100, 300, 600, 1200, 2400, 6000, 20_000, 30_000, 40_000)
HEAVY_WITH_KEY = 4.0

DAY_LESS_TEN_MINUTES = 85_800.0
PAGE = 100
MAX_CANDLES = 3950

TIME_IN_FORCE: dict[str, str] = {"GTC": "GTC", "IOC": "IOC", "PO": "ALO", "POST_ONLY": "ALO", "ALO": "ALO", "TOB": "TOB", "PO_TOB": "TOB"}
UNSUPPORTED_TIF = ("FOK", "GTD", "GTT", "DAY")
POST_ONLY = ("ALO", "TOB")
SIDES: dict[str, str] = {"buy": "bid", "sell": "ask"}
UNIFIED_SIDES: dict[str, str] = {"bid": "buy", "ask": "sell"}

STATUS: dict[str, str] = {
    "open": "open",
    "partially_filled": "open",
    "filled": "closed",
    "cancelled": "canceled",
    "rejected": "rejected",
}
# an order whose last event is one of these was ended by the venue for that reason
EVENT_STATUS: dict[str, str] = {"expired": "expired", "post_only_rejected": "rejected"}
FILL_EVENTS = ("fulfill_market", "fulfill_limit")
ORDER_TYPES: dict[str, str] = {
    "limit": "limit",
    "market": "market",
    "stop_limit": "limit",
    "stop_market": "market",
    "take_profit_limit": "limit",
    "take_profit_market": "market",
    "stop_loss_limit": "limit",
    "stop_loss_market": "market",
}
TRADE_SIDES: dict[str, str] = {"open_long": "buy", "close_short": "buy", "open_short": "sell", "close_long": "sell"}

# order parameters of ccxt that the venue has no words for
UNSUPPORTED_PARAMS: dict[str, str] = {
    "trailingAmount": "trailing orders",
    "trailingPercent": "trailing orders",
    "trailingTriggerPrice": "trailing orders",
    "trailingDelta": "trailing orders",
    "cost": "orders by cost",
    "quoteOrderQty": "orders by cost",
    "positionSide": "hedge mode",
    "icebergAmount": "iceberg orders",
    "displayQty": "iceberg orders",
    "selfTradePrevention": "a choice of self-trade prevention",
    "marginMode": "a margin mode within an order (set_margin_mode)",
    "leverage": "a leverage within an order (set_leverage)",
    "expireTime": "orders that end at a time",
    "goodTillDate": "orders that end at a time",
}

# fields of the venue's that this class fills from ccxt's parameters: what a user writes into them himself would be left out
OWN_WORDS: dict[str, str] = {
    "stop_loss": "stopLoss",
    "take_profit": "takeProfit",
    "stop_order": "triggerPrice or stopLossPrice",
    "stop_price": "triggerPrice or stopLossPrice",
    "limit_price": "price",
    "post_only": "postOnly",
    "builder_code": "options['builderCode']",
}

# what ccxt maps to something misleading; the rest of its table is inherited
ERRORS: dict[str, str] = {
    "1": "AccountNotEnabled",  # ACCOUNT_NOT_FOUND
    "3": "BadSymbol",  # BOOK_NOT_FOUND
    "11": "BadRequest",  # INVALID_LEVERAGE
    "12": "OperationRejected",  # CANNOT_UPDATE_MARGIN
    "13": "OperationRejected",  # POSITION_NOT_FOUND
    "28": "InvalidOrder",  # IMMEDIATE_LIQUIDATION
    "36": "DuplicateOrderId",
    "37": "OrderNotFound",  # UNUSED_CLIENT_ORDER_ID
    "43": "DuplicateOrderId",
    "44": "OrderNotFound",
    "63": "ExchangeNotAvailable",  # MISSING_MARK_PRICE
    "401": "AuthenticationError",
    "402": "AuthenticationError",
}
# fragments of the text, lower case; the first that fits is taken before the code is looked at
ERROR_FRAGMENTS: tuple[tuple[str, str], ...] = (
    ("not authorized", "PermissionDenied"),
    ("beta access", "PermissionDenied"),
    ("restricted", "PermissionDenied"),
    ("verification failed", "AuthenticationError"),
    ("invalid signature", "AuthenticationError"),
    ("invalid public key", "AuthenticationError"),
    ("expired", "InvalidNonce"),
    ("invalid message", "InvalidNonce"),
    ("insufficient", "InsufficientFunds"),
    ("amount too low", "InvalidOrder"),
    ("amount too high", "InvalidOrder"),
    ("duplicate client order id", "DuplicateOrderId"),
    ("failed to cancel order", "OrderNotFound"),
    ("order not found", "OrderNotFound"),
    ("order_not_found", "OrderNotFound"),
)
