"""The class under its ccxt id: what it says of itself, and where frames go. Its methods are in the files beside this one, by topic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.hyperliquid import streams, tables
from ccxt_dex.exchanges.hyperliquid.liquidations import Liquidations
from ccxt_dex.exchanges.hyperliquid.user_feeds import UserFeeds

Handler = Callable[[Any, Any, Any], None]
HANDLERS: Mapping[str, Handler] = {
    "l2Book": UserFeeds.handle_order_book,
    "bbo": UserFeeds.handle_touch,
    "trades": UserFeeds.handle_trades,
    "candle": UserFeeds.handle_ohlcv,
    "allMids": UserFeeds.handle_ws_tickers,
    "activeAssetCtx": UserFeeds.handle_active_asset_ctx,
    "activeSpotAssetCtx": UserFeeds.handle_active_asset_ctx,
    "orderUpdates": UserFeeds.handle_order,
    "userFills": UserFeeds.handle_my_trades,
    "allDexsClearinghouseState": UserFeeds.handle_states,
    "spotState": UserFeeds.handle_spot_state,
}


class hyperliquid(Liquidations):
    """Hyperliquid: ccxt's class, corrected.

    Credentials: `walletAddress` (the account, always), `privateKey` (the account's key, or that of an API wallet), `secret` (the account's
    key, only for transfers, withdrawals and approvals beside an API wallet). Reads need `walletAddress` alone. See README.md beside this file.
    """

    stream_rules = streams.RULES
    symbol_formats: ClassVar[Mapping[str, str]] = {"swap": "{base}/USDC:USDC", "spot": "{base}/USDC"}
    balance_is_equity = True

    def describe(self) -> Any:
        return self.deep_extend(
            super().describe(),
            {
                "has": tables.HAS,
                "options": tables.OPTIONS,
                "features": tables.FEATURES,
                "certified": False,
                "requiredCredentials": {"walletAddress": True, "privateKey": True, "apiKey": False, "secret": False},
            },
        )

    # --- frames -----------------------------------------------------------------------------------------------------------------------

    def handle_message(self, client: Any, message: Any) -> None:
        """One frame."""
        channel = message.get("channel")
        handler = HANDLERS.get(channel)
        if handler is not None:
            handler(self, client, message)
        elif channel == "post":
            self.handle_ws_post(client, message)
        elif channel == "subscriptionResponse":
            self.handle_acknowledgement(client, message)
        elif channel == "error":
            self.handle_error_frame(client, str(message.get("data")))
        elif channel == "pong":
            self.handle_pong(client, message)

    def handle_ws_post(self, client: Any, message: Any) -> None:
        """The answer to a request over the socket: as over HTTP, or an error that proves nothing was done."""
        data = message["data"]
        number, response = str(data["id"]), data["response"]
        payload = response.get("payload")
        if response.get("type") == "error":
            client.reject(self.venue_error(str(payload)), number)
        elif isinstance(payload, dict) and payload.get("status") == "err":
            client.reject(self.venue_error(str(payload.get("response"))), number)
        else:
            client.resolve(payload, number)

    def handle_acknowledgement(self, client: Any, message: Any) -> None:
        """The venue repeats what was subscribed to, with more fields: an error that names nothing is not about that any more."""
        said = message["data"].get("subscription") or {}
        for key, record in client.ledger.topics.items():
            asked = record.message["subscription"]
            if all(said.get(name) == value for name, value in asked.items()):
                client.confirm(key)

    def handle_error_frame(self, client: Any, text: str) -> None:
        """An error that names nothing: it is for whoever asked last; a doubled subscription is none."""
        if "Already subscribed" in text:
            return
        error = errors.ExchangeError(f"{self.id} {text}")
        refuse = getattr(client, "refuse_unconfirmed", None)
        if refuse is None or not refuse(error):
            self.logger.warning("%s the venue says: %s", self.id, text)
