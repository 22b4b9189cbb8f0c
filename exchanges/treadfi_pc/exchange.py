"""The class under its ccxt id: Tread's orders in front of our pacifica, whose reads it inherits."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.pacifica import pacifica
from ccxt_dex.exchanges.pacifica import parsing as venue
from ccxt_dex.exchanges.pacifica.user_feeds import FILLS
from ccxt_dex.exchanges.treadfi import tables
from ccxt_dex.exchanges.treadfi.feed import OrderFeed
from ccxt_dex.limits import Charge, Rule

NO = """
addMargin cancelAllOrdersWs cancelOrderWs cancelOrdersForSymbols cancelOrdersWs createOrderWs createOrdersWs createPostOnlyOrder createSubAccount
createOrderWithTakeProfitAndStopLoss createStopLimitOrder createStopLossOrder createStopMarketOrder createStopOrder createTakeProfitOrder
createTriggerOrder editOrderWs fetchOrderTrades reduceMargin sandbox spot transfer withdraw
""".split()


class treadfi_pc(OrderFeed, pacifica):
    """TreadFi over Pacifica.

    Credentials: `uid` (the account's name at Tread), `walletAddress` (the account at Pacifica), and one of: `apiKey` (Tread's API token), `secret`
    (the key of the wallet that signs in), `accountId` and `password` (a user's name and password), `password` alone (the cookies of a browser).
    No key of Pacifica is needed, and none is used. See README.md beside this file, and docs.tread.fi.
    """

    exchange_name: ClassVar[str] = "Pacifica"
    secret_is_key: ClassVar[bool] = False
    client_id_params: ClassVar[tuple[str, ...]] = ("clientOrderId",)
    # an order that got lost on its way has no expiry at Tread: not found is never proof
    absence_grace: ClassVar[float | None] = None
    rate_rules: ClassVar[Mapping[str, Rule]] = {**pacifica.rate_rules, "tread": Rule(4.0, 8.0)}

    def describe(self) -> Any:
        return self.deep_extend(
            super().describe(),
            {
                "id": "treadfi_pc",
                "name": "TreadFi (Pacifica)",
                "has": {**dict.fromkeys(NO, False), "createTwapOrder": True, "fetchAccounts": True},
                "api": tables.API,
                "urls": {
                    "api": {"tread": tables.HOST, "treadStream": tables.STREAM},
                    "test": None,
                    "www": tables.HOST,
                    "doc": "https://docs.tread.fi",
                },
                "requiredCredentials": {"privateKey": False, "uid": True, "walletAddress": True, "apiKey": False, "secret": False},
                "features": tables.FEATURES,
                "options": {"pollSeconds": 1.0},
            },
        )

    def _settle_construction(self) -> None:
        super()._settle_construction()
        self.absence_grace = None  # type: ignore[misc]

    async def fetch_markets(self, params: Any = None) -> Any:
        """Perpetuals: spot markets are not traded through Tread here."""
        return [market for market in await super().fetch_markets(params or {}) if market and market["swap"]]

    def main_account(self) -> str:
        if not self.walletAddress:
            raise errors.AuthenticationError(f"{self.id} requires walletAddress: the account's address at Pacifica")
        return str(self.walletAddress)

    def order_grid(self, symbol: str) -> dict[str, Any]:
        info = self.market(symbol)["info"]
        least = info.get("min_order_size")
        steps = {"tick": Decimal(str(info["tick_size"])), "lot": Decimal(str(info["lot_size"]))}
        return {**steps, "minimum": Decimal(str(least)) if least else None}

    def rate_charge(self, api: Any, method: str, path: str, params: Any, cost: float = 1.0) -> Charge:
        if (api if isinstance(api, str) else api[0]) == "tread":
            return Charge((("tread", cost),))
        return super().rate_charge(api, method, path, params, cost)

    def rate_key(self) -> str | None:
        """None: `apiKey` is Tread's token, which never goes to Pacifica."""
        return None

    # --- streams ----------------------------------------------------------------------------------------------------------------------

    def handle_order(self, client: Any, message: Any) -> None:
        """The venue's orders are children of Tread's, with other ids: here they only tell whether a fill is missing."""
        for order in self.readable_rows(
            client, FILLS, lambda row: self.unified_order(self.pure(venue.frame_order, row), row), message.get("data") or []
        ):
            self.expect_fills(order)

    def handle_open_orders(self, client: Any, message: Any) -> None:
        """As `handle_order`."""
