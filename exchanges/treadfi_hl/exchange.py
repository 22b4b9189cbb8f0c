"""The class under its ccxt id: Tread's orders in front of our hyperliquid, whose reads it inherits."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar, NoReturn

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.hyperliquid import hyperliquid
from ccxt_dex.exchanges.hyperliquid.orders import price_step
from ccxt_dex.exchanges.treadfi import tables
from ccxt_dex.exchanges.treadfi.feed import OrderFeed
from ccxt_dex.limits import Charge, Rule

Params = dict[str, Any]

NO = """
addMargin borrowCrossMargin cancelAllOrdersAfter cancelAllOrdersWs cancelOrderWs cancelOrdersForSymbols cancelOrdersWs createOrderWs createOrdersWs
createPostOnlyOrder createOrderWithTakeProfitAndStopLoss createStopLimitOrder createStopLossOrder createStopMarketOrder createStopOrder
createSubAccount createTakeProfitOrder createTriggerOrder createVault editOrderWs editOrders fetchOrderTrades reduceMargin sandbox spot transfer
withdraw
""".split()


class treadfi_hl(OrderFeed, hyperliquid):
    """TreadFi over Hyperliquid.

    Credentials: `uid` (the account's name at Tread), `walletAddress` (the account at Hyperliquid), and one of: `apiKey` (Tread's API token), `secret`
    (the key of the wallet that signs in), `accountId` and `password` (a user's name and password), `password` alone (the cookies of a browser).
    No key of Hyperliquid is needed, and none is used. See README.md beside this file, and docs.tread.fi.
    """

    exchange_name: ClassVar[str] = "Hyperliquid"
    client_id_params: ClassVar[tuple[str, ...]] = ("clientOrderId",)
    rate_rules: ClassVar[Mapping[str, Rule]] = {**hyperliquid.rate_rules, "tread": Rule(4.0, 8.0)}

    def describe(self) -> Any:
        described = self.deep_extend(
            super().describe(),
            {
                "id": "treadfi_hl",
                "name": "TreadFi (Hyperliquid)",
                "has": {**dict.fromkeys(NO, False), "createTwapOrder": True, "fetchAccounts": True},
                "api": tables.API,
                "urls": {
                    "api": {"tread": tables.HOST, "treadStream": tables.STREAM},
                    "www": tables.HOST,
                    "doc": "https://docs.tread.fi",
                },
                "requiredCredentials": {"privateKey": False, "uid": True, "walletAddress": True, "apiKey": False, "secret": False},
                "features": tables.FEATURES,
                "options": {"pollSeconds": 1.0, "checkRole": False, "fetchMarkets": {"types": ["swap", "hip3"]}},
            },
        )
        for name in ("test", "referral", "fees", "logo"):
            described["urls"].pop(name, None)
        return described

    def _settle_construction(self) -> None:
        super()._settle_construction()
        # an order that got lost on its way has no expiry at Tread: not found is never proof
        self.absence_grace = None  # type: ignore[misc]

    # --- markets ----------------------------------------------------------------------------------------------------------------------

    async def fetch_markets(self, params: Any = None) -> Any:
        """Perpetuals, those of the builders' dexes too: spot markets are not traded through Tread here."""
        return [market for market in await super().fetch_markets(params or {}) if market and market["swap"]]

    def native_name(self, market: Any) -> str:
        """The coin: `BTC`, `xyz:XYZ100`; the number that ccxt calls id means nothing to Tread."""
        return str(market["baseName"])

    def pair_by_rule(self, market: Any) -> str:
        """`BTC:PERP-USDC`; of a builders' dex `xyz_XYZ100:PERP-USDC`, with the dex's collateral as quote."""
        return f"{self.native_name(market).replace(':', '_', 1)}:PERP-{market['quote']}"

    def order_grid(self, symbol: str) -> dict[str, Any]:
        market = self.market(symbol)

        def tick(price: Decimal) -> Decimal:
            return price_step(price, market)

        return {**super().order_grid(symbol), "tick": tick}

    # --- requests ---------------------------------------------------------------------------------------------------------------------

    def rate_charge(self, api: Any, method: str, path: str, params: Any, cost: float = 1.0) -> Charge:
        if (api if isinstance(api, str) else api[0]) == "tread":
            return Charge((("tread", cost),))
        return super().rate_charge(api, method, path, params, cost)

    def own_address(self) -> str:
        if not self.walletAddress:
            raise errors.AuthenticationError(f"{self.id} requires walletAddress: the account's address at Hyperliquid")
        return self.address(self.walletAddress)

    async def check_role(self) -> None:
        """No key of the venue is here whose role could be asked."""

    async def fetch_order_trades(
        self, id: str, symbol: Any = None, since: int | None = None, limit: int | None = None, params: Any = None
    ) -> Any:
        """The venue's fills carry the venue's order ids: none of them would be found, which is not the same as none."""
        raise errors.NotSupported(f"{self.id} fills do not name Tread's order: use fetch_my_trades")

    # --- no action of the venue is signed here, whatever keys are set ------------------------------------------------------------------

    def _unsigned(self) -> NoReturn:
        raise errors.NotSupported(f"{self.id} orders go through Tread: no action of Hyperliquid is signed here")

    def trading_signer(self) -> Any:
        self._unsigned()

    async def master_signer(self) -> Any:
        self._unsigned()

    async def act(self, action: Params, vault: str | None = None, expires: int | None = None, over_ws: bool = False) -> Any:
        self._unsigned()

    async def act_as_owner(self, action: Params, stamp: str = "nonce") -> Any:
        self._unsigned()

    async def send_signed(self, request: Params, over_ws: bool = False) -> Any:
        self._unsigned()

    def sign_message(self, message: Any, privateKey: Any) -> Any:
        self._unsigned()

    def sign_hash(self, hash: Any, privateKey: Any) -> Any:
        self._unsigned()

    async def edit_order_ws(
        self, id: str, symbol: str, type: str, side: str, amount: Any = None, price: Any = None, params: Any = None
    ) -> Any:
        self._unsigned()

    async def edit_orders(self, orders: list[Any], params: Any = None) -> list[Any]:
        self._unsigned()

    async def cancel_all_orders_ws(self, symbol: Any = None, params: Any = None) -> list[Any]:
        self._unsigned()
