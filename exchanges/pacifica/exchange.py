"""The class under its ccxt id: description and the table of channels. Its methods are in the files beside this one, by topic."""

from __future__ import annotations

from typing import Any

from ccxt_dex.exchanges.pacifica import streams, tables
from ccxt_dex.exchanges.pacifica.user_feeds import UserFeeds
from ccxt_dex.features import attached, linear, listing, prices, single, table, times, untriggered

YES = """
addMargin cancelOrdersForSymbols closePosition closeAllPositions createOrderWs createOrders createOrdersWs createPostOnlyOrder createReduceOnlyOrder
createOrderWithTakeProfitAndStopLoss createStopOrder createStopLimitOrder createStopLossOrder createStopMarketOrder createTakeProfitOrder createTriggerOrder
createTwapOrder fetchAccounts fetchFundingRate fetchLeverageTiers fetchMarketLeverageTiers fetchMarkOHLCV fetchMarkPrice fetchMarkPrices
fetchOrderTrades fetchTicker fetchTransfers
watchBalance watchBidsAsks watchFundingRate watchFundingRates watchMarkPrice watchMarkPrices watchOHLCVForSymbols watchOrderBookForSymbols
watchPositions watchTradesForSymbols unWatchBidsAsks unWatchOrderBookForSymbols unWatchPositions unWatchTicker unWatchTradesForSymbols
""".split()
NO = "cancelAllOrdersAfter fetchCurrencies fetchCurrenciesWs fetchDepositAddress fetchStatus fetchTime reduceMargin watchPosition createMarketBuyOrderWithCost".split()

ORDER: dict[str, Any] = {
    "triggerPrice": True,
    "triggerDirection": True,
    "triggerPriceType": prices("mark"),
    "stopLossPrice": True,
    "takeProfitPrice": True,
    "attachedStopLossTakeProfit": attached("mark"),
    "timeInForce": times("IOC", "PO"),
}
LINEAR = linear(
    page=tables.PAGE,
    candles=tables.MAX_CANDLES,
    batch=tables.MAX_BATCH,
    order=ORDER,
    rows={"fetchOrder": single(trigger=True), "fetchOpenOrders": listing(None, trigger=True)},
)
FEATURES: dict[str, Any] = table(LINEAR, spot=untriggered(LINEAR))


class pacifica(UserFeeds):
    """Pacifica: perpetuals and spot, accounts are Solana keys.

    Credentials: `privateKey` of the main wallet or of an agent wallet, `walletAddress` of the main wallet (needed with an agent's key, and
    enough alone to read), `apiKey` for better rate limits. See README.md beside this file, and docs.pacifica.fi.
    """

    stream_rules = streams.RULES

    def describe(self) -> Any:
        described = self.deep_extend(
            super().describe(),
            {
                "rateLimit": 600,
                "has": {**dict.fromkeys(YES, True), **dict.fromkeys(NO, False)},
                "urls": {"referral": None},
                "features": FEATURES,
                "options": {
                    # nothing is attached to an order or approved that was not asked for
                    "builderFee": False,
                    "builderCode": None,
                    "feeRate": None,
                    "builderSupportOperations": None,
                    "defaultSlippage": "0.5",
                    "expiryWindow": 5000,
                },
            },
        )
        return described

    def handle_message(self, client: Any, message: Any) -> None:
        """One frame: a channel's, or the answer to a request."""
        if not isinstance(message, dict):
            return
        channel = message.get("channel")
        name = CHANNELS.get(channel) if isinstance(channel, str) else None
        if name is not None:
            getattr(self, name)(client, message)
        elif channel is None and ("code" in message or "err" in message or "id" in message):
            self.handle_answer(client, message)


# channel -> method
CHANNELS: dict[str, str] = {
    "subscribe": "handle_subscribed",
    "book": "handle_order_book",
    "prices": "handle_prices",
    "bbo": "handle_bbo",
    "trades": "handle_trades",
    "candle": "handle_ohlcv",
    "mark_price_candle": "handle_ohlcv",
    "account_orders": "handle_open_orders",
    "account_order_updates": "handle_order",
    "account_trades": "handle_my_trades",
    "account_positions": "handle_positions",
    "account_leverage": "handle_setting",
    "account_margin": "handle_setting",
    "account_info": "handle_balance",
}
