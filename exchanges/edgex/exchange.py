"""The class under its ccxt id: description, and where frames go. Its methods are in the files beside this one, by topic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ccxt_dex._ccxt import TICK_SIZE
from ccxt_dex.exchanges.edgex import capabilities, streams, tables
from ccxt_dex.exchanges.edgex.user_feeds import UserFeeds


class edgex(UserFeeds):
    """edgeX V2: perpetuals margined and settled in USDC on a rollup of its own.

    Credentials: `apiKey`, `secret`, `password` (passphrase), `uid` (account id), `privateKey` (the trading signer's, not the wallet's);
    `options["walletPrivateKey"]` for transfers and withdrawals. API V1 and its Stark keys are not supported. See README.md beside this file.
    """

    stream_rules = streams.RULES
    # requests carry a signed timestamp that is good for a minute (documentation): after that an order cannot be executed any more
    absence_grace = 65.0
    symbol_formats: ClassVar[Mapping[str, str]] = {"swap": "{base}/USDC:USDC"}
    balance_is_equity = True
    read_endpoints = tables.READS

    def describe(self) -> Any:
        return self.deep_extend(
            super().describe(),
            {
                "id": "edgex",
                "name": "edgeX",
                "countries": [],
                "version": "v2",
                "rateLimit": 100,
                "certified": False,
                "pro": True,
                "dex": True,
                "precisionMode": TICK_SIZE,
                "has": capabilities.HAS,
                "features": capabilities.FEATURES,
                "timeframes": tables.TIMEFRAMES,
                "urls": tables.URLS,
                "api": tables.API,
                "requiredCredentials": dict.fromkeys(capabilities.CREDENTIALS, False),
                "fees": {"trading": {"tierBased": True, "percentage": True, "feeSide": "quote", "maker": 0.0004, "taker": 0.00045}},
                "options": {"defaultType": "swap", "slippage": float(tables.DEFAULT_SLIPPAGE)},
            },
        )

    def handle_message(self, client: Any, message: Any) -> None:
        """One frame, by its type."""
        word = message["type"]
        if word == "quote-event":
            self.handle_quote(client, message)
        elif word == "trade-event":
            self.handle_user(client, message)
        elif word == "subscribed":
            client.confirm(message.get("channel"))
        elif word == "error":
            content = message.get("content") or {}
            raise self.venue_error("stream", 200, str(content.get("code") or ""), str(content.get("msg") or ""))
