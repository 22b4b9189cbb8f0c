"""Variational Omni as data: hosts, endpoints, statuses, errors. Imports nothing.

The trading API is the web application's own and is documented nowhere; sources are in README.md.
"""

from __future__ import annotations

from typing import Any

SITE = "https://omni.variational.io"
SETTLE = "USDC"

URLS: dict[str, Any] = {
    "logo": None,
    "www": "https://variational.io",
    "doc": ["https://docs.variational.io"],
    "fees": "https://docs.variational.io",
    "api": {
        # the one documented endpoint and the clock; no gate in front
        "public": "https://omni-client-api.prod.ap-northeast-1.variational.io",
        # behind the gate: without and with a session
        "front": f"{SITE}/api",
        "private": f"{SITE}/api",
        "ws": "wss://omni-ws-server.prod.ap-northeast-1.variational.io",
    },
}

GATED = ("front", "private")

# the number is what an endpoint takes of the bucket that BUCKETS names
API: dict[str, Any] = {
    "public": {"get": {"metadata/stats": 1, "status": 1}},
    "front": {
        "get": {
            "metadata/config": 1,
            "metadata/supported_assets": 1,
            "metadata/stats": 1,
            "metadata/tiers": 1,
            "metadata/v2/risk_limits": 1,
            "metadata/v2/open_interest": 1,
            "funding/v2": 1,
            "candles": 1,
        },
        "post": {"quotes/simple": 1, "auth/generate_signing_data": 1, "auth/login": 1},
    },
    "private": {
        "get": {
            "me": 1,
            "orders/v2": 1,
            "trades": 1,
            "transfers": 1,
            "positions": 1,
            "portfolio": 1,
            "portfolio/trade_volume": 1,
            "settlement_pools/details": 1,
            "settlement_pools/existing": 1,
            "sub_accounts/conversions/{conversion_id}": 1,
        },
        "post": {
            "quotes/indicative": 1,
            "quotes/accept": 1,
            "orders/new/market": 1,
            "orders/new/limit": 1,
            "orders/cancel": 1,
            "orders/tpsl": 1,
            "settlement_pools/leverage": 1,
            "settlement_pools/set_leverage": 1,
            "sub_accounts/isolate": 1,
            "sub_accounts/deisolate": 1,
            "auth/logout": 1,
        },
    },
}

READS_BY_POST = frozenset(
    {"quotes/simple", "quotes/indicative", "orders/tpsl", "settlement_pools/leverage", "auth/generate_signing_data", "auth/login"}
)
# plain text is an answer here
TEXT_ANSWERS = frozenset({"auth/generate_signing_data"})
ACCEPTING = ("orders/new/market", "quotes/accept")

# no limit of /api is published; these are the budgets that programs in production settled on (a TypeScript client, August 2026):
# orders 6, reads 20, quotes 30, the documented host 10, each per 10 s; sign-in 6 a minute. Credits, seconds, and how many of them at once
LIMITS: dict[str, tuple[float, float, float]] = {
    "orders": (6, 10, 3),
    "reads": (20, 10, 10),
    "quotes": (30, 10, 15),
    "open": (20, 10, 10),
    "sign-in": (6, 60, 4),
    "stats": (10, 10, 5),
}
OPEN = ("metadata/", "funding/", "candles")

TIMEFRAMES: dict[str, str] = {"1m": "1m", "5m": "5m", "15m": "15m", "30m": "30m", "1h": "1h", "4h": "4h", "1d": "1d"}
MAX_CANDLES = 500
PAGE = 100
YEAR_SECONDS = 31_536_000

# kinds of instruments, how they are written in keys and objects
PERP, RWA, CFD, SWAP = "perpetual_future", "perpetual_rwa_future", "perpetual_cfd", "swap"
KINDS: dict[str, str] = {"equity": "EQY", "index": "IDX", "commodity": "CMD", "etf": "ETF"}
OBJECT_INTERVAL = 3600  # in the object of a perpetual_future, whatever it really pays
LEVERAGE_SEEN = "50"  # largest that set_leverage was seen to take
MIN_NOTIONAL = "0.1"  # metadata/config, 2026-08-13

ORDER_STATUS: dict[str, str] = {
    "pending": "open",
    "cleared": "closed",
    "rejected": "rejected",
    "canceled": "canceled",
    "cancelled": "canceled",
    "filled": "closed",  # in the tests of one client only
    "open": "open",
}
SETTLED_TRADES = ("confirmed", "cleared")
DEAD_TRADES = ("failed", "rejected", "canceled", "cancelled")
TIME_IN_FORCE: dict[str, str] = {"good_til_canceled": "GTC", "fill_or_kill": "FOK"}
LEDGER: dict[str, str] = {
    "deposit": "transaction",
    "withdrawal": "transaction",
    "realized_pnl": "trade",
    "funding": "fee",
    "fee": "fee",
    "loss_refund_deposit": "rebate",
    "loss_refund_referred_deposit": "rebate",
    "referral_reward": "referral",
    "collateral_allocation": "transfer",
}
CLOSED_MARKET = ("closed", "halted_trading")

CHALLENGE = ("just a moment", "/cdn-cgi/challenge-platform/", "cf-browser-verification", "_cf_chl_")

# error_code of a refusal -> ccxt's class
ERROR_CODES: dict[str, str] = {
    **dict.fromkeys(
        (
            "user_gross_notional_limit_risk_check",
            "user_net_notional_limit_risk_check",
            "user_instrument_limit_risk_check",
            "user_risk_checks",
        ),
        "InvalidOrder",
    ),
    **dict.fromkeys(
        (
            *("olp_risk_checks", "olp_var_limit_risk_check", "olp_gross_notional_risk_check", "olp_net_notional_risk_check"),
            *("olp_position_limit_risk_check", "skew_as_percent_of_fdv_limit", "oi_as_percent_of_fdv_limit"),
            *("skew_limit_exceeded", "skewLimitExceeded", "oi_limit_exceeded", "oiLimitExceeded"),
        ),
        "OrderNotFillable",
    ),
    "global_configs_check": "OperationRejected",
    "max_concurrent_orders": "OperationRejected",
    "internal": "ExchangeNotAvailable",
}
ERROR_TEXTS: tuple[tuple[str, str], ...] = (
    ("no existing referral code found", "AccountNotEnabled"),
    ("market_delisted", "ContractUnavailable"),
    ("halted", "MarketClosed"),
    ("market is closed", "MarketClosed"),
)
# a fragment of clearing_status or cancel_reason -> ccxt's class, first match; two spellings of most exist (bundle, official SDK)
OUTCOMES: tuple[tuple[str, str], ...] = (
    ("taker_funding", "InsufficientFunds"),
    ("taker_deposit", "InsufficientFunds"),
    ("atomic_deposit", "InsufficientFunds"),
    ("reduce_only", "InvalidOrder"),
    ("no_positions", "InvalidOrder"),
    ("risk_checks", "InvalidOrder"),
    ("quote_expired", "OrderNotFillable"),
    ("no_quote", "OrderNotFillable"),
    ("rfq_expired", "OrderNotFillable"),
    ("last_look", "OrderNotFillable"),
    ("maker_", "OrderNotFillable"),
    ("market_delisted", "ContractUnavailable"),
)

NEW_ORDER_PATHS = ("orders/new/market", "orders/new/limit", "quotes/accept")
