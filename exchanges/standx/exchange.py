"""The class under its ccxt id: description, and where frames go. Its methods are in the files beside this one, by topic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from ccxt_dex._ccxt import TICK_SIZE, errors
from ccxt_dex.exchanges.standx import capabilities, streams, tables
from ccxt_dex.exchanges.standx.trading import Trading
from ccxt_dex.exchanges.standx.user_feeds import UserFeeds
from ccxt_dex.limits import Charge, Rule

# two requests less than the venue's bucket holds: what left evenly may arrive bunched
ACCOUNT_RULE = Rule(tables.CREDITS_PER_SECOND, tables.CREDIT_BURST - 2 * tables.CREDITS_PER_REQUEST)
# burst and refill together stay below the address's 50 in any second
IP_RULE = Rule.per(tables.REQUESTS_PER_SECOND_PER_IP, 1.0, 20.0)
PUBLIC: dict[str, Callable[[Any, Any, Any, Any], None]] = {
    "price": UserFeeds.handle_price,
    "public_trade": UserFeeds.handle_trade,
    "kline": UserFeeds.handle_candles,
}
PRIVATE: dict[str, Callable[[Any, Any, Any], None]] = {
    "order": UserFeeds.handle_order,
    "trade": UserFeeds.handle_fill,
    "position": UserFeeds.handle_position,
    "balance": UserFeeds.handle_balance,
}
METERED_BY_ACCOUNT = ("private", "bridge")


class standx(Trading, UserFeeds):
    """StandX: perpetuals margined and settled in DUSD, on a ledger of its own, with asynchronous matching.

    Credentials: `privateKey` (a wallet's; `options["chain"]` "bsc" or "solana") or `apiKey` + `secret` (an API token and its request key).
    See README.md beside this file, and docs.standx.com.
    """

    stream_rules = streams.RULES
    absence_grace = 10.0
    client_id_params: ClassVar[tuple[str, ...]] = ("clientOrderId", "cl_ord_id")
    symbol_formats: ClassVar[Mapping[str, str]] = {"swap": "{base}/DUSD:DUSD"}
    rate_rules: ClassVar[Mapping[str, Rule]] = {
        "ip": IP_RULE,
        "account": ACCOUNT_RULE,
    }
    read_endpoints = frozenset({"prepare-signin", "login"})

    def describe(self) -> Any:
        return self.deep_extend(
            super().describe(),
            {
                "id": "standx",
                "name": "StandX",
                "countries": [],
                "version": "v1",
                "rateLimit": 45,
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
                "fees": {"trading": {"tierBased": False, "percentage": True, "feeSide": "quote", "maker": 0.0001, "taker": 0.0004}},
                "options": {"defaultType": "swap", "chain": tables.CHAINS[0], "expiresSeconds": tables.DEFAULT_SESSION_SECONDS},
            },
        )

    def rate_charge(self, api: Any, method: str, path: str, params: Any, cost: float = 1.0) -> Charge:
        """Every request counts for the address, private ones 45 credits of the account besides."""
        scopes = [("ip", cost)]
        if (api if isinstance(api, str) else api[0]) in METERED_BY_ACCOUNT:
            scopes.append(("account", tables.CREDITS_PER_REQUEST * cost))
        return Charge.of(scopes)

    # --- frames -----------------------------------------------------------------------------------------------------------------------

    def handle_message(self, client: Any, message: Any) -> None:
        """One frame; books first, for they are the most and the largest."""
        channel = message.get("channel")
        if channel is None:
            self.handle_nameless(client, message)
        elif self.in_sequence(client, message):
            if channel == "depth_book":
                self.handle_book(client, message)
            elif channel in PUBLIC:
                self.handle_public(client, channel, message)
            elif channel in PRIVATE:
                PRIVATE[channel](self, client, message)
            elif channel == "auth":
                self.handle_login_reply(client, message["data"], "auth")

    def handle_public(self, client: Any, channel: str, message: dict[str, Any]) -> None:
        rows = (self.markets_by_id or {}).get(message["symbol"])
        if not rows:
            return
        interval = f":{message['interval']}" if channel == "kline" else ""
        if f"{channel}:{rows[0]['symbol']}{interval}" in client.subscriptions:
            PUBLIC[channel](self, client, message, rows[0])

    def handle_nameless(self, client: Any, message: dict[str, Any]) -> None:
        """Replies of the order socket, and errors: they name neither channel nor symbol."""
        if message.get("request_id"):
            self.handle_order_reply(client, message)
            return
        code = message.get("code")
        if code == 408:
            client.lost(errors.RequestTimeout(f"{self.id} {message.get('message')}"))
        elif code not in (None, 0, 200):
            raise self.venue_error("stream", int(code), str(message.get("message") or message.get("msg") or ""))

    def in_sequence(self, client: Any, message: dict[str, Any]) -> bool:
        """`seq` counts every frame of a connection from 1. False for a frame that was here already; after a hole the account is read anew.

        Books need nothing: each frame of theirs is complete.
        """
        seq, generation = message.get("seq"), client.ledger.generation
        if seq is None:
            return True
        known = client.__dict__.get("venue_seq")
        if known is None or known[0] != generation:
            if known is not None and client.url == self.user_url():
                self._behind = True
            known = client.venue_seq = [generation, 0, set()]
        expected = known[1] + 1
        if seq == expected:
            known[1] = seq
            return True
        if seq > expected:
            known[1] = seq
            return self.after_gap(client, known[2], range(expected, seq))
        if seq in known[2]:
            known[2].discard(seq)
            return True
        return False

    def after_gap(self, client: Any, missing: set[int], lost: range) -> bool:
        if len(missing) < 1000:
            missing.update(lost[:1000])
        self.logger.warning("%s %d frame(s) missing on %s", self.id, len(lost), client.url)
        if client.url == self.user_url():
            self._behind = True
            self.spawn(self.catch_up_after_gap, client)
        return True
