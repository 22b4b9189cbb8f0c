"""Host, permissions, actions, refusals: data only. Page: docs.superstack.xyz/for-developers"""

from __future__ import annotations

from typing import Any

WALLET_URL = "https://wallet-service.superstack.xyz"
API: dict[str, Any] = {"wallet": {"get": {"api/info": {"cost": 1}}, "post": {"api/exchange": {"cost": 1}}}}

VIEW, TRADING, TRANSFER = 1, 2, 4
PERMISSION_NAMES = {VIEW: "VIEW", TRADING: "TRADING", TRANSFER: "TRANSFER"}

# action -> the permission it takes; the official SDK's list is complete
ACTIONS = {
    "order": TRADING,
    "cancel": TRADING,
    "cancelByCloid": TRADING,
    "scheduleCancel": TRADING,
    "batchModify": TRADING,
    "updateLeverage": TRADING,
    "updateIsolatedMargin": TRADING,
    "usdSend": TRANSFER,
    "spotSend": TRANSFER,
    "usdClassTransfer": TRANSFER,
}
STAMPS = ("nonce", "time", "hyperliquidChain", "signatureChainId")
"""what the wallet service adds to actions of the account holder"""

ERRORS = (
    ("authentication failed", "AuthenticationError"),
    ("invalid api key", "AuthenticationError"),
    ("does not have", "PermissionDenied"),
    ("permission", "PermissionDenied"),
    ("whitelist", "PermissionDenied"),
)
STATUSES = {401: "AuthenticationError", 403: "PermissionDenied", 429: "RateLimitExceeded"}

NO = """
createTwapOrder withdraw sandbox createSubAccount createVault
""".split()
