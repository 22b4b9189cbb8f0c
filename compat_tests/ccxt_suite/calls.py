"""The calls that the static fixtures are made of: a description and the arguments, the same for every venue; what a venue has not, it refuses."""

from __future__ import annotations

from typing import Any

Call = tuple[str, str, list[Any]]

SINCE = 1761955200000  # 2025-11-01T00:00:00Z
ORDER_ID = "987654321"
ADDRESS = "0xb67f9a782d3678a0bac50c22eacbb4924fe9d4cf"


def reads(symbol: str, other: str, since: int | None = SINCE, order_id: str = ORDER_ID) -> list[Call]:
    """Public and private reads.

    :param since: of lists; None where a venue's clock is today's
    """
    currency = symbol.partition(":")[2]
    plain = "fetchTime fetchStatus fetchMarkets fetchCurrencies fetchTickers fetchFundingRates fetchBalance fetchPositions fetchAccounts fetchOpenInterests"
    of_symbol = (
        "fetchTicker fetchMarkPrice fetchFundingRate fetchOpenInterest fetchFundingInterval fetchPosition fetchOpenOrders fetchLeverage "
        "fetchMarginMode fetchTradingFee fetchMarketLeverageTiers fetchPositionMode"
    )
    lists = "fetchOrders fetchClosedOrders fetchCanceledOrders fetchCanceledAndClosedOrders fetchMyTrades fetchFundingHistory"
    money = "fetchDeposits fetchWithdrawals fetchTransfers fetchLedger"
    return [
        *((name, "everything", []) for name in plain.split()),
        *((name, "of one market", [symbol]) for name in of_symbol.split()),
        ("fetchTickers", "two markets", [[symbol, other]]),
        ("fetchBidsAsks", "one market", [[symbol]]),
        ("fetchOrderBook", "default depth", [symbol]),
        ("fetchOrderBook", "five levels", [symbol, 5]),
        ("fetchTrades", "the last two", [symbol, None, 2]),
        ("fetchOHLCV", "two hours", [symbol, "1h", since, 2]),
        ("fetchFundingRateHistory", "two entries", [symbol, since, 2]),
        ("fetchPositions", "of one market", [[symbol]]),
        ("fetchOpenOrders", "of all markets", []),
        ("fetchOrder", "by id", [order_id, symbol]),
        ("fetchOrderTrades", "by order id", [order_id, symbol]),
        *((name, "two entries", [symbol, since, 2]) for name in lists.split()),
        *((name, "two entries", [currency, since, 2]) for name in money.split()),
        *(
            (name, "one market", [[symbol]])
            for name in "fetchMarkPrices fetchFundingIntervals fetchLeverages fetchPositionsADLRank".split()
        ),
        *((name, "of one market", [symbol]) for name in "fetchPositionsForSymbol fetchPositionADLRank fetchGreeks".split()),
        *((name, "two hours", [symbol, "1h", since, 2]) for name in "fetchMarkOHLCV fetchIndexOHLCV".split()),
        *((name, "two entries", [symbol, since, 2]) for name in "fetchMyLiquidations fetchPositionHistory".split()),
        *((name, "by id", [order_id, symbol]) for name in "fetchOpenOrder fetchClosedOrder".split()),
        ("fetchPositionsHistory", "two entries", [[symbol], since, 2]),
        ("fetchTransactions", "two entries", [currency, since, 2]),
        *((name, "everything", []) for name in "fetchTradingLimits fetchAllGreeks".split()),
        ("fetchDepositAddress", "of the currency that is settled in", [currency, {"network": "ERC20"}]),
        ("fetchConvertQuote", "a coin for another", [currency, "ETH", 100]),
    ]


def writes(symbol: str, client_id: str) -> list[Call]:
    """Orders of every kind, cancels, and what belongs to positions and money."""
    named = {"clientOrderId": client_id}
    buy, sell = [symbol, "limit", "buy", 0.01, 50000], [symbol, "limit", "sell", 0.01, 70000]
    market = [symbol, "market", "sell", 0.01]
    members = [{"symbol": symbol, "type": "limit", "side": "buy", "amount": 0.01, "price": 50000, "params": named}]
    created = [
        ("limit buy", [*buy, named]),
        ("limit sell", [*sell, named]),
        ("post-only", [*buy, {**named, "postOnly": True}]),
        ("immediate or cancel", [*buy, {**named, "timeInForce": "IOC"}]),
        ("fill or kill", [*buy, {**named, "timeInForce": "FOK"}]),
        ("limit, reduce-only", [*sell, {**named, "reduceOnly": True}]),
        ("market sell", [*market, 60000, named]),
        ("market sell, reduce-only", [*market, 60000, {**named, "reduceOnly": True}]),
        ("stop market buy above the market", [symbol, "market", "buy", 0.01, 61000, {**named, "triggerPrice": 61000, "triggerDirection": "ascending"}]),
        ("stop limit buy above the market", [symbol, "limit", "buy", 0.01, 61500, {**named, "triggerPrice": 61000, "triggerDirection": "ascending"}]),
        ("stop-loss of a long position", [*market, 50000, {**named, "stopLossPrice": 50000, "reduceOnly": True}]),
        ("take-profit of a long position", [*market, 70000, {**named, "takeProfitPrice": 70000, "reduceOnly": True}]),
        ("stop-loss with a limit", [symbol, "limit", "sell", 0.01, 49500, {**named, "stopLossPrice": 50000, "reduceOnly": True}]),
        ("limit buy with take-profit and stop-loss", [*buy, {**named, "takeProfit": {"triggerPrice": 55000}, "stopLoss": {"triggerPrice": 45000}}]),
    ]  # fmt: skip
    currency = symbol.partition(":")[2]
    return [
        *(("createOrder", description, arguments) for description, arguments in created),
        ("createOrders", "one limit order in a list", [members]),
        ("editOrder", "price and amount", [ORDER_ID, symbol, "limit", "buy", 0.02, 51000]),
        ("cancelOrder", "by id", [ORDER_ID, symbol]),
        ("cancelOrder", "by client order id", ["", symbol, named]),
        ("cancelOrders", "by ids", [[ORDER_ID, "987654322"], symbol]),
        ("cancelAllOrders", "of one market", [symbol]),
        ("cancelAllOrders", "of all markets", []),
        ("setLeverage", "five", [5, symbol]),
        ("setMarginMode", "isolated", ["isolated", symbol]),
        ("setMarginMode", "cross", ["cross", symbol]),
        ("addMargin", "ten", [symbol, 10]),
        ("reduceMargin", "ten", [symbol, 10]),
        ("transfer", "from derivatives to spot", [currency, 5, "swap", "spot"]),
        ("closePosition", "of one market", [symbol]),
        ("cancelAllOrdersAfter", "ten minutes", [600000]),
        ("fetchOrder", "by client order id", ["", symbol, named]),
        *(
            (method, "the short way, named" if method == "createTwapOrder" and named in arguments else "the short way", arguments)
            for method, arguments in short(symbol, client_id, named)
        ),
        ("createTriggerOrder", "without a direction", [symbol, "limit", "sell", 0.01, 49500, 50000, named]),
        ("createStopOrder", "without a direction", [symbol, "limit", "sell", 0.01, 49500, 50000, named]),
        ("createStopLimitOrder", "without a direction", [symbol, "sell", 0.01, 49500, 50000, named]),
        ("createStopMarketOrder", "without a direction", [symbol, "sell", 0.01, 50000, named]),
        ("cancelOrdersForSymbols", "one", [[{"id": ORDER_ID, "symbol": symbol}]]),
        ("editOrders", "one", [[{"id": ORDER_ID, "symbol": symbol, "type": "limit", "side": "buy", "amount": 0.02, "price": 51000}]]),
        ("withdraw", "ten to an address", [currency, 10, ADDRESS]),
        ("createConvertTrade", "of a quote", ["1", currency, "ETH", 100]),
        ("setMargin", "ten", [symbol, 10]),
    ]


def short(symbol: str, client_id: str, named: dict[str, Any]) -> list[tuple[str, list[Any]]]:
    """ccxt's methods with a name of their own for a kind of order."""
    exits = {**named, "reduceOnly": True}
    return [
        ("createLimitBuyOrder", [symbol, 0.01, 50000, named]),
        ("createLimitSellOrder", [symbol, 0.01, 70000, named]),
        ("createMarketBuyOrder", [symbol, 0.01, named]),
        ("createMarketSellOrder", [symbol, 0.01, named]),
        ("createMarketOrderWithCost", [symbol, "buy", 500, named]),
        ("createMarketBuyOrderWithCost", [symbol, 500, named]),
        ("createMarketSellOrderWithCost", [symbol, 500, named]),
        ("createPostOnlyOrder", [symbol, "limit", "buy", 0.01, 50000, named]),
        ("createReduceOnlyOrder", [symbol, "market", "sell", 0.01, 60000, named]),
        ("createTriggerOrder", [symbol, "limit", "sell", 0.01, 49500, 50000, {**named, "triggerDirection": "descending"}]),
        ("createStopOrder", [symbol, "limit", "sell", 0.01, 49500, 50000, {**named, "triggerDirection": "descending"}]),
        ("createStopLimitOrder", [symbol, "sell", 0.01, 49500, 50000, {**named, "triggerDirection": "descending"}]),
        ("createStopMarketOrder", [symbol, "sell", 0.01, 50000, {**named, "triggerDirection": "descending"}]),
        ("createStopLossOrder", [symbol, "market", "sell", 0.01, 50000, 50000, exits]),
        ("createTakeProfitOrder", [symbol, "market", "sell", 0.01, 70000, 70000, exits]),
        ("createOrderWithTakeProfitAndStopLoss", [symbol, "limit", "buy", 0.01, 50000, 55000, 45000, named]),
        ("createTwapOrder", [symbol, "buy", 0.1, 1800000]),
        ("createTwapOrder", [symbol, "sell", 0.1, 1800000, named]),
        ("cancelOrderWithClientOrderId", [client_id, symbol]),
        ("fetchOrderWithClientOrderId", [client_id, symbol]),
    ]


def watched(symbol: str) -> list[Call]:
    """Streams: of the market and of the account."""
    of_symbol = "watchTicker watchOrderBook watchTrades watchMarkPrice watchFundingRate watchOrders watchMyTrades watchPosition"
    of_symbols = "watchTickers watchBidsAsks watchTradesForSymbols watchMarkPrices watchFundingRates watchPositions"
    return [
        *((name, "of one market", [symbol]) for name in of_symbol.split()),
        *((name, "of one market", [[symbol]]) for name in of_symbols.split()),
        ("watchOHLCV", "minutes", [symbol, "1m"]),
        ("watchBalance", "everything", []),
    ]
