"""Backpack as data: instructions, statuses, error codes, limits. Imports nothing.

Sources: docs.backpack.exchange as mirrored in August 2026 ("docs"), bpx-py 2.0.11, bpx-api-client 0.21, ccxt 4.5.90.
"""

from __future__ import annotations

# path -> method -> instruction: those that ccxt's table lacks or that it has no path for; docs
INSTRUCTIONS: dict[str, dict[str, str]] = {
    "wapi/v1/history/position": {"GET": "positionHistoryQueryAll"},
    "wapi/v1/history/strategies": {"GET": "strategyHistoryQueryAll"},
    "api/v1/strategy": {"GET": "strategyQuery", "POST": "strategyCreate", "DELETE": "strategyCancel"},
    "api/v1/strategies": {"GET": "strategyQueryAll", "DELETE": "strategyCancelAll"},
    "api/v1/account/convertDust": {"POST": "convertDust"},
}
ORDER_PATHS = ("api/v1/order", "api/v1/orders", "api/v1/strategy", "api/v1/strategies")
BATCH_PATH = "api/v1/orders"

MAX_BATCH = 20
PAGE = 1000
DEPTHS = (5, 10, 20, 50, 100, 500, 1000)
DEFAULT_WINDOW = 5000
MAX_WINDOW = 60_000
UINT32 = 1 << 32

SIDES: dict[str, str] = {"buy": "Bid", "sell": "Ask"}
UNIFIED_SIDES: dict[str, str] = {"Bid": "buy", "Ask": "sell"}
ORDER_TYPES: dict[str, str] = {"limit": "Limit", "market": "Market"}
TIME_IN_FORCE = ("GTC", "IOC", "FOK")
POST_ONLY = ("PO", "POST_ONLY", "ALO")
TRIGGER_BY: dict[str, str] = {"last": "LastPrice", "mark": "MarkPrice", "index": "IndexPrice"}
TRIGGER_WORDS = tuple(TRIGGER_BY.values())
SELF_TRADE: dict[str, str] = {"EXPIRE_MAKER": "RejectMaker", "EXPIRE_TAKER": "RejectTaker", "EXPIRE_BOTH": "RejectBoth"}
# order fields of the venue's own that go out as the user wrote them
OWN_FIELDS = (
    "autoLend",
    "autoLendRedeem",
    "autoBorrow",
    "autoBorrowRepay",
    "slippageTolerance",
    "slippageToleranceType",
)

STATUS: dict[str, str] = {
    "New": "open",
    "PartiallyFilled": "open",
    "TriggerPending": "open",
    "Filled": "closed",
    "Cancelled": "canceled",
    "Expired": "expired",
    "TriggerFailed": "rejected",
}
ENDED = ("canceled", "expired", "rejected")
# of a strategy; "Terminated" was ended by the venue
STRATEGY_STATUS: dict[str, str] = {"Running": "open", "Completed": "closed", "Cancelled": "canceled", "Terminated": "canceled"}

# order parameters of ccxt that the venue has no words for
UNSUPPORTED_PARAMS: dict[str, str] = {
    "trailingAmount": "trailing orders",
    "trailingPercent": "trailing orders",
    "trailingTriggerPrice": "trailing orders",
    "trailingDelta": "trailing orders",
    "positionSide": "hedge mode",
    "hedged": "hedge mode",
    "icebergAmount": "iceberg orders",
    "displayQty": "iceberg orders",
    "leverage": "a leverage within an order (set_leverage)",
    "expireTime": "orders that end at a time",
    "goodTillDate": "orders that end at a time",
}
# fields of the venue's that this class fills from ccxt's parameters: what a user writes into them himself would be left out
OWN_WORDS: dict[str, str] = {
    "stopLossTriggerPrice": "stopLoss",
    "stopLossLimitPrice": "stopLoss",
    "stopLossTriggerBy": "stopLoss",
    "takeProfitTriggerPrice": "takeProfit",
    "takeProfitLimitPrice": "takeProfit",
    "takeProfitTriggerBy": "takeProfit",
    "triggerQuantity": "amount",
    "quantity": "amount",
    "brokerId": "options['brokerId']",
}
# a level that a trigger is made from: unified name -> where it must lie when the order sells
LEVELS: dict[str, str | None] = {"triggerPrice": None, "stopPrice": None, "stopLossPrice": "below", "takeProfitPrice": "above"}

# what ccxt maps to something misleading; the rest of its table is inherited
ERRORS: dict[str, str] = {
    "MAINTENANCE": "OnMaintenance",
    "ACCOUNT_LIQUIDATING": "AccountSuspended",
    "ACCOUNT_DEACTIVATED": "AccountSuspended",
    "INVALID_QUANTITY": "InvalidOrder",
    "TOO_EARLY": "OperationRejected",
    "FORBIDDEN": "PermissionDenied",
    "INVALID_TWO_FACTOR_CODE": "AuthenticationError",
    "TRADING_PAUSED": "MarketClosed",
    "NOT_IMPLEMENTED": "NotSupported",
    "PRECONDITION_FAILED": "OperationRejected",
    "MAX_LEVERAGE_REACHED": "OperationRejected",
    "RESOURCE_NOT_FOUND": "BadRequest",
}
# on the paths of orders a missing resource is an order
ORDER_ERRORS: dict[str, str] = {"RESOURCE_NOT_FOUND": "OrderNotFound", "MAX_LEVERAGE_REACHED": "InsufficientFunds"}
# fragments of the text, lower case; the first that fits is taken before the code
ERROR_FRAGMENTS: tuple[tuple[str, str], ...] = (
    ("timestamp", "InvalidNonce"),
    ("request has expired", "InvalidNonce"),
    ("immediately match", "OrderImmediatelyFillable"),
)
# statuses of the HTTP answer: everything below is the venue's own refusal
TRADING_STATES: dict[str, tuple[str, ...]] = {
    "Open": ("limit", "market", "post_only"),
    "LimitOnly": ("limit", "post_only"),
    "PostOnly": ("post_only",),
}
