"""Data only: endpoints, limits, words of the venue. Pages: api.docs.extended.exchange, x10-python-trading-starknet 2.6.0 ("SDK")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

API: dict[str, Any] = {"v1": {"public": {"get": {"info/settings": {"cost": 1}}}}}
"""what ccxt's table lacks"""
LIMITS: Mapping[str, tuple[float, float]] = {"ip": (1000, 60)}

TAKER_FEE, MAKER_FEE = "0.00025", "0"
"""of an account without a rate of its own (docs); ccxt's 0.002 is of another venue"""
DAY_MS = 86_400_000
MAX_EXPIRY_DAYS: Mapping[str, int] = {"SN_MAIN": 90, "SN_SEPOLIA": 28}
SETTLEMENT_SECONDS = 14 * 86_400
"""how much longer than the order its signature is good for"""
MAX_NONCE = 2**31 - 1
PAGE = 100
MAX_CANDLES = 1000
HOUR_MS = 3_600_000
MAX_CLIENT_ID = 128
SLIPPAGE, STOP_SLIPPAGE = "0.0075", "0.05"

SIDES: Mapping[str, str] = {"buy": "BUY", "sell": "SELL"}
KINDS = ("limit", "market")
TIME_IN_FORCE: Mapping[str, str] = {"": "GTT", "GTC": "GTT", "GTT": "GTT", "GTD": "GTT", "PO": "GTT", "IOC": "IOC"}
UNIFIED_TIME_IN_FORCE: Mapping[str, str] = {"GTT": "GTC", "IOC": "IOC", "FOK": "FOK"}
TRIGGER_BY: Mapping[str, str] = {"last": "LAST", "mark": "MARK", "index": "INDEX"}
DIRECTIONS: Mapping[str, str] = {"up": "UP", "ascending": "UP", "above": "UP", "down": "DOWN", "descending": "DOWN", "below": "DOWN"}
SELF_TRADE = ("DISABLED", "ACCOUNT", "CLIENT")

KNOWN_PARAMS = frozenset(
    """clientOrderId client_id externalId timeInForce postOnly reduceOnly reduce_only triggerPrice stopPrice triggerDirection triggerPriceType
    stopLossPrice takeProfitPrice takeProfit stopLoss fee builderFee builderFeeRate builderId nonce expiryEpochMillis slippage
    selfTradeProtectionLevel cancelId previousOrderId wait""".split()
)
UNSUPPORTED_PARAMS: Mapping[str, str] = {
    "trailingAmount": "trailing orders",
    "trailingPercent": "trailing orders",
    "cost": "orders by cost",
    "leverage": "leverage in an order",
    "marginMode": "margin mode in an order (cross only)",
    "hedged": "hedge mode",
    "rfqStartPrice": "requests for quotes",
}
LEG_PARAMS = frozenset({"triggerPrice", "stopPrice", "price", "triggerPriceType", "type"})

STATUS: Mapping[str, str] = {
    "NEW": "open",
    "PARTIALLY_FILLED": "open",
    "UNTRIGGERED": "open",
    "TRIGGERED": "open",
    "FILLED": "closed",
    "CANCELLED": "canceled",
    "REJECTED": "rejected",
    "EXPIRED": "expired",
}
WORKING = ("NEW", "PARTIALLY_FILLED", "TRIGGERED")

# statusReason of a rejected order -> exception
REASONS: Mapping[str, str] = {
    "UNKNOWN_MARKET": "BadSymbol",
    "DISABLED_MARKET": "MarketClosed",
    "NOT_ENOUGH_FUNDS": "InsufficientFunds",
    "NEGATIVE_EQUITY": "InsufficientFunds",
    "POST_ONLY_FAILED": "OrderImmediatelyFillable",
    "UNKNOWN_ACCOUNT": "AccountNotEnabled",
    "POST_ONLY_MODE": "OperationRejected",
    "REDUCE_ONLY_MODE": "OperationRejected",
    "TRADING_OFF_MODE": "OperationRejected",
    "ACCOUNT_LIQUIDATION": "OperationRejected",
    "PREV_ORDER_NOT_FOUND": "OrderNotFound",
    "PREV_ORDER_TRIGGERED": "OrderNotFound",
}
OTHER_REASON = "InvalidOrder"

_CLASSES = """
BadSymbol 1000 1001 1002 1003
AccountNotEnabled 1004 1500
BadRequest 1005 1013 1049 1050 10501 1053 1600 1601 1602 1604 1605 1650
ExchangeError 1006
PermissionDenied 1008 1009 1607
InvalidAddress 1608
OnMaintenance 1010
OperationRejected 1011 1012 1014 1126 1145
InsufficientFunds 1052 1140 1147 1148
AuthenticationError 1100 1101 1102
InvalidOrder 1120 1121 1122 1123 1124 1125 1127 1128 1129 1130 1131 1132 1133 1135 1136 1137 1138 1139 1141 1143 1144 1146
DuplicateOrderId 1134
OrderNotFound 1142
"""
ERRORS: Mapping[str, str] = {code: line.split()[0] for line in _CLASSES.split("\n") for code in line.split()[1:]}
FEE_REFUSED = "1128"

CANDLE_TYPES: Mapping[str, str] = {"mark": "mark-prices", "index": "index-prices", "trades": "trades"}
