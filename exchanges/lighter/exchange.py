"""The class under its ccxt id: description and deployments. Its methods are in the files beside this one, by topic."""

from __future__ import annotations

from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.lighter import streams, tables
from ccxt_dex.exchanges.lighter.market_data import MarketData
from ccxt_dex.exchanges.lighter.user_feeds import UserFeeds
from ccxt_dex.features import attached, linear, prices, table, times, untriggered

YES = """
createSubAccount cancelOrders cancelOrdersForSymbols createOrders createOrderWs editOrderWs createPostOnlyOrder createReduceOnlyOrder createStopOrder createStopLimitOrder
createStopLossOrder createStopMarketOrder createTakeProfitOrder createTriggerOrder createOrderWithTakeProfitAndStopLoss
fetchCanceledAndClosedOrders fetchCanceledOrders fetchFundingHistory fetchFundingRate fetchFundingRateHistory fetchLeverage
fetchLeverageTiers fetchMarginMode fetchMarketLeverageTiers fetchMarkOHLCV fetchMyLiquidations fetchOpenInterest fetchOpenInterests
fetchOrder fetchOrders fetchOrderTrades fetchTradingFee fetchTradingFees
watchBidsAsks watchFundingRate watchFundingRates watchOHLCV watchOrderBookForSymbols watchPositions watchTradesForSymbols
""".split()
NO = "fetchCurrenciesWs cancelOrdersWs fetchLedger fetchDepositAddress createMarketBuyOrderWithCost".split()

ORDER: dict[str, Any] = {
    "triggerPrice": True,
    "triggerPriceType": prices("mark"),
    "stopLossPrice": True,
    "takeProfitPrice": True,
    "attachedStopLossTakeProfit": attached("mark"),
    "timeInForce": times("IOC", "PO", "GTD"),
    "selfTradePrevention": {"EXPIRE_MAKER": True, "EXPIRE_TAKER": True, "EXPIRE_BOTH": True, "DECREMENT": True, "NONE": False},
}
LINEAR = linear(page=tables.PAGE, candles=500, batch=tables.MAX_BATCH, order=ORDER)
FEATURES: dict[str, Any] = table(LINEAR, spot=untriggered(LINEAR))


def urls(deployment: str) -> dict[str, str]:
    """REST and stream addresses of one deployment."""
    host = tables.DEPLOYMENTS[deployment][0]
    rest = f"https://{host}"
    return {"root": rest, "public": rest, "private": rest, "ws": f"wss://{host}/stream"}


class lighter(MarketData, UserFeeds):
    """Lighter: perpetuals and spot on a zk-rollup, signed with an API key alone.

    Credentials: `privateKey` (the API private key, 80 hex digits) and `uid` (the account index); the key index is looked up, or given as
    `apiKey` or `options["apiKeyIndex"]`. See README.md beside this file, and apidocs.lighter.xyz.
    """

    stream_rules = streams.RULES

    def describe(self) -> Any:
        described = self.deep_extend(
            super().describe(),
            {
                "name": "Lighter",
                "rateLimit": 1000,
                "has": {**dict.fromkeys(YES, True), **dict.fromkeys(NO, False)},
                "timeframes": tables.TIMEFRAMES,
                "api": tables.API,
                "urls": {"api": urls("mainnet"), "test": urls("testnet"), "referral": None},
                "requiredCredentials": {"privateKey": True, "uid": True, "apiKey": False, "secret": False},
                "features": FEATURES,
                "options": {
                    "defaultType": "swap",
                    "deployment": "mainnet",
                    "tier": "standard",
                    "chainId": None,
                    "slippage": "0.05",
                    "transactionLife": 8000,
                    # nothing is attached to an order, approved or registered that was not asked for
                    "builderFee": False,
                    "integratorAccountIndex": None,
                    "integratorMakerFee": None,
                    "integratorTakerFee": None,
                },
            },
        )
        return described

    def _settle_construction(self) -> None:
        super()._settle_construction()
        self.options.setdefault("chainId", None)
        self._deploy(str(self.options["deployment"]))

    def _deploy(self, deployment: str) -> None:
        """Addresses and chain id of a deployment; addresses that the user set stay."""
        if deployment not in tables.DEPLOYMENTS:
            raise errors.BadRequest(f"{self.id} options['deployment'] must be one of {', '.join(tables.DEPLOYMENTS)}")
        if self.options["chainId"] is None:
            self.options["chainId"] = tables.DEPLOYMENTS[deployment][1]
        known = urls("mainnet")
        if deployment != "mainnet":
            self.urls["api"] = {key: urls(deployment)[key] if value == known.get(key) else value for key, value in self.urls["api"].items()}

    def set_sandbox_mode(self, enabled: bool) -> None:
        """Switch to the deployment's test network, addresses and chain id together."""
        current = str(self.options["deployment"])
        main = next((name for name, test in tables.SANDBOX.items() if test == current), current)
        wanted = tables.SANDBOX.get(main, main) if enabled else main
        self.options.update(deployment=wanted, chainId=tables.DEPLOYMENTS[wanted][1], sandboxMode=enabled)
        self.urls["api"] = urls(wanted)
        self.isSandboxModeEnabled = enabled
        self._identity, self._tokens = None, {}
