"""The class under its ccxt id: description, rate limits, and where frames go. Its methods are in the files beside this one, by topic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ccxt_dex._ccxt import TICK_SIZE, errors
from ccxt_dex.exchanges.variational import capabilities, streams, tables
from ccxt_dex.exchanges.variational.room import api_name
from ccxt_dex.exchanges.variational.user_feeds import UserFeeds
from ccxt_dex.limits import Charge, Rule


class variational(UserFeeds):
    """Variational Omni: perpetuals by request for quote against one liquidity provider, settled in USDC on Arbitrum.

    Credentials: `privateKey` (the wallet's; signs in by itself), or `token` (the vr-token cookie of a browser session; `apiKey` for bots
    that forward no `token`) with `walletAddress`. The API is the web application's own and not an offered product. See README.md beside
    this file.
    """

    stream_rules = streams.RULES
    # nobody knows how long a request may wait at the venue, so "not there" never proves that it will not come
    absence_grace = None
    symbol_formats: ClassVar[Mapping[str, str]] = {"swap": "{base}/USDC:USDC"}
    rate_rules: ClassVar[Mapping[str, Rule]] = {name: Rule.per(*numbers) for name, numbers in tables.LIMITS.items()}
    read_endpoints = tables.READS_BY_POST
    text_endpoints = tables.TEXT_ANSWERS

    def describe(self) -> Any:
        return self.deep_extend(
            super().describe(),
            {
                "id": "variational",
                "name": "Variational",
                "countries": [],
                "version": "v2",
                "rateLimit": 350,
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
                "fees": {"trading": {"tierBased": False, "percentage": True, "feeSide": "quote", "maker": 0.0, "taker": 0.0}},
                "options": {
                    "defaultType": "swap",
                    "impersonate": "chrome",
                    "slippage": "0.01",
                    "exitSlippage": "0.03",
                    "settleSeconds": 10,
                    "bookSizes": [100, 10_000, 100_000],
                    "probeNotional": "100",
                    "pollSeconds": 1.0,
                    "readSeconds": 5.0,
                    "referralCode": None,
                },
            },
        )

    def rate_charge(self, api: Any, method: str, path: str, params: Any, cost: float = 1.0) -> Charge:
        """One of the budgets of tables.LIMITS; a market order has paid for its acceptance before the quote."""
        if api_name(api) == "public":
            return Charge.of([("stats", cost)])
        if path in tables.ACCEPTING:
            return Charge.of([("orders", 0.001)])
        if path.startswith("quotes/"):
            return Charge.of([("quotes", cost)])
        if path.startswith("auth/"):
            return Charge.of([("sign-in", cost)])
        if path.startswith(tables.OPEN):
            return Charge.of([("open", cost)])
        return Charge.of([("orders" if self.is_write(path, api, method, params) else "reads", cost)])

    def rate_scope(self, kind: str) -> tuple[Any, ...]:
        """What needs no session counts per address."""
        return (*super().rate_scope("ip"), kind) if kind in ("stats", "open", "sign-in") else super().rate_scope(kind)

    # --- frames -----------------------------------------------------------------------------------------------------------------------

    def handle_message(self, client: Any, message: Any) -> None:
        """One frame: JSON, or a plain-text diagnostic."""
        if isinstance(message, str):
            self.handle_text(client, message)
        elif client.url.endswith(streams.STATUS):
            if isinstance(message, list):
                self.handle_market_status(client, message)
        elif not isinstance(message, dict):
            raise errors.BadResponse(f"{self.id} a frame of an unknown shape")
        elif "pricing" in message:
            self.handle_price(client, message)
        elif client.url.endswith(streams.EVENTS):
            self.handle_event(client, message)
        elif client.url.endswith(streams.PORTFOLIO) and message.get("type") != "heartbeat":
            self.handle_portfolio(client, message)

    def handle_text(self, client: Any, text: str) -> None:
        low = text.strip().lower()
        if any(word in low for word in streams.UNAUTHORISED):
            self.refused(client, text[:200])
        elif low.startswith(streams.UNSUPPORTED):
            market = self.market_of(text.partition(":")[2].strip())
            if market is not None:
                key = f"price:{market['symbol']}"
                client.subscriptions.pop(key, None)
                client.reject(errors.BadSymbol(f"{self.id} {text[:200]}"), key)
        elif any(low.startswith(word) for word in streams.CLOSING):
            client.lost(errors.NetworkError(f"{self.id} {text[:200]}"))
        else:
            raise errors.BadResponse(f"{self.id} unknown text on the stream: {text[:100]!r}")
