"""Engine objects in edgeX's shapes: names, strings for numbers, "0" and UNKNOWN_... for nothing, as in the samples of the documentation."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ccxt_dex.exchanges.edgex.paper.markets import COIN_ID
from ccxt_dex.paper.types import (
    ZERO,
    BalanceView,
    Candle,
    Fill,
    FundingPayment,
    FundingRate,
    Market,
    PositionView,
    PriceView,
    PublicTrade,
    Stats,
)

ID_BASE = 720_000_000_000_000_000
SPANS: dict[str, int] = {
    **{f"MINUTE_{n}": n * 60_000 for n in (1, 5, 15, 30)},
    **{f"HOUR_{n}": n * 3_600_000 for n in (1, 2, 4, 6, 8, 12)},
    "DAY_1": 86_400_000,
    "WEEK_1": 7 * 86_400_000,
    "MONTH_1": 30 * 86_400_000,
}
CANCEL_REASONS: dict[str, str] = {
    "user": "USER_CANCELED",
    "expired": "EXPIRE_CANCELED",
    "reduce_only": "REDUCE_ONLY_CANCELED",
    "insufficient_funds": "MARGIN_NOT_ENOUGH",
    "leverage": "MARGIN_NOT_ENOUGH",
    "liquidation": "LIQUIDATE_CANCELED",
    **dict.fromkeys(("ioc", "fok", "post_only", "no_liquidity", "max_price", "self_trade"), "COULD_NOT_FILL"),
    "too_many_orders": "SYSTEM_LIMIT_EVICTED",
    "oco": "USER_CANCELED",
}
TIME_IN_FORCE = {"gtc": "GOOD_TIL_CANCEL", "ioc": "IMMEDIATE_OR_CANCEL", "fok": "FILL_OR_KILL", "alo": "POST_ONLY"}


def ident(number: int, kind: int = 0) -> str:
    """An id of 18 digits; kind keeps ids of different things apart."""
    return str(ID_BASE + kind * 1_000_000_000_000 + number)


def text(value: Decimal | None) -> str:
    return "0" if not value else f"{value:f}"


def short(value: Decimal) -> str:
    plain = f"{value:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def money(value: Decimal) -> str:
    return f"{value.quantize(Decimal('0.000001')):f}"


def levels(rows: list[tuple[Decimal, Decimal]]) -> list[dict[str, str]]:
    return [{"price": text(price), "size": text(size)} for price, size in rows]


def ticker(view: PriceView, stats: Stats, market: Market) -> dict[str, Any]:
    change = stats.last - stats.open
    return {
        "contractId": market.id,
        "contractName": market.info["name"],
        "priceChange": text(change),
        "priceChangePercent": f"{change / stats.open:.6f}",
        "trades": str(stats.trades),
        "size": text(stats.volume),
        "value": text(stats.quote_volume),
        "high": text(stats.high),
        "low": text(stats.low),
        "open": text(stats.open),
        "close": text(stats.last),
        "highTime": str(view.time),
        "lowTime": str(view.time),
        "startTime": str(view.time - 86_400_000),
        "endTime": str(view.time),
        "lastPrice": text(stats.last),
        "indexPrice": text(view.index),
        "oraclePrice": text(view.mark),
        "markPrice": text(view.mark),
        "openInterest": text(view.open_interest),
        "fundingRate": f"{view.funding_rate:.8f}",
        "fundingTime": str(view.next_funding - market.funding_interval_ms),
        "nextFundingTime": str(view.next_funding),
        "bestAskPrice": text(view.ask),
        "bestBidPrice": text(view.bid),
        "marketOpen": market.active,
    }


def book_ticker(book: tuple[Any, Any, Any], market: Market, now: int) -> dict[str, Any]:
    """An empty side is "0" twice, as live."""
    row = {"contractId": market.id, "contractName": market.info["name"], "time": str(now)}
    for word, side in (("Bid", book[0]), ("Ask", book[1])):
        price, size = side[0] if side else (ZERO, ZERO)
        row.update({f"best{word}Price": text(price), f"best{word}Size": text(size)})
    return row


def funding(view: PriceView, last: Decimal, market: Market) -> dict[str, Any]:
    """The running row: `fundingRate` is what was settled last, `forecastFundingRate` what is due next."""
    return {
        "contractId": market.id,
        "fundingTime": str(view.next_funding - market.funding_interval_ms),
        "fundingTimestamp": str(view.time),
        "oraclePrice": text(view.mark),
        "indexPrice": text(view.index),
        "fundingRate": f"{last:.8f}",
        "isSettlement": False,
        "forecastFundingRate": f"{view.funding_rate:.8f}",
        "previousFundingRate": f"{last:.8f}",
        "previousFundingTimestamp": str(view.time - 60_000),
        "premiumIndex": "0",
        "avgPremiumIndex": "0",
        "premiumIndexTimestamp": str(view.time),
        "impactMarginNotional": "100",
        "impactAskPrice": text(view.ask),
        "impactBidPrice": text(view.bid),
        "interestRate": "0.0003",
        "predictedFundingRate": "0.00005000",
        "fundingRateIntervalMin": str(market.funding_interval_ms // 60_000),
    }


def settled(rate: FundingRate, market: Market) -> dict[str, Any]:
    return {
        "contractId": market.id,
        "fundingTime": str(rate.time),
        "fundingTimestamp": str(rate.time),
        "oraclePrice": text(rate.mark),
        "indexPrice": text(rate.index),
        "fundingRate": f"{rate.rate:.8f}",
        "isSettlement": True,
        "forecastFundingRate": "",
        "fundingRateIntervalMin": str(market.funding_interval_ms // 60_000),
    }


def kline(candle: Candle, market: Market, kind: str, price: str) -> dict[str, Any]:
    return {
        "klineId": str(candle.time),
        "contractId": market.id,
        "contractName": market.info["name"],
        "klineType": kind,
        "klineTime": str(candle.time),
        "priceType": price,
        "trades": str(candle.trades),
        "size": text(candle.volume),
        "value": text(candle.quote_volume),
        "high": text(candle.high),
        "low": text(candle.low),
        "open": text(candle.open),
        "close": text(candle.close),
        "makerBuySize": "0",
        "makerBuyValue": "0",
    }


def public_trade(trade: PublicTrade, market: Market) -> dict[str, Any]:
    return {
        "ticketId": f"20a536e6-98eb-4bb4-927a-{trade.id % 16**12:012x}",
        "time": str(trade.time),
        "price": text(trade.price),
        "size": text(trade.qty),
        "value": text(trade.price * trade.qty),
        "takerOrderId": ident(1, 8),
        "makerOrderId": ident(2, 8),
        "takerAccountId": ident(3, 8),
        "makerAccountId": ident(4, 8),
        "contractId": market.id,
        "contractName": market.info["name"],
        "isBestMatch": True,
        "isBuyerMaker": trade.taker_side == "sell",
    }


def fill(row: Fill, order_id: str, account: Any) -> dict[str, Any]:
    """`realizePnl` includes the fee."""
    return {
        "id": ident(row.id, 1),
        "userId": account.user_id,
        "accountId": account.account_id,
        "coinId": COIN_ID,
        "contractId": row.market,
        "orderId": order_id,
        "orderSide": row.side.upper(),
        "fillSize": text(row.qty),
        "fillValue": text(row.price * row.qty),
        "fillFee": money(row.fee),
        "fillPrice": text(row.price),
        "liquidateFee": "0",
        "realizePnl": money(row.pnl - row.fee),
        "direction": "TAKER" if row.taker else "MAKER",
        "isPositionTpsl": False,
        "isLiquidate": False,
        "isDeleverage": False,
        "isWithoutMatch": False,
        "matchSequenceId": str(row.id),
        "matchIndex": 0,
        "matchTime": str(row.time),
        "extraType": "",
        "extraDataJson": "",
        "censorStatus": "CENSOR_SUCCESS",
        "createdTime": str(row.time),
        "updatedTime": str(row.time),
    }


def position(view: PositionView, account: Any) -> dict[str, Any]:
    """A row of positionList and of the private stream: cost with the sign of the size."""
    value = view.entry_value if view.qty >= 0 else -view.entry_value
    return {
        "userId": account.user_id,
        "accountId": account.account_id,
        "coinId": COIN_ID,
        "contractId": view.market,
        "openSize": text(view.qty),
        "openValue": money(value) if view.qty else "0",
        "openFee": "0",
        "fundingFee": "0.000000",
        "createdTime": str(view.created),
        "updatedTime": str(view.updated),
    }


def position_asset(view: PositionView, account: Any, market: Market) -> dict[str, Any]:
    def price(value: Decimal | None) -> str:
        return "0" if value is None else text(value.quantize(market.tick))

    return {
        "userId": account.user_id,
        "accountId": account.account_id,
        "coinId": COIN_ID,
        "contractId": view.market,
        "positionValue": text(view.qty * view.mark),
        "maxLeverage": str(view.leverage),
        "initialMarginRequirement": text(view.initial_margin),
        "starkExRiskRate": text(view.maintenance_margin / view.notional) if view.notional else "0",
        "starkExRiskValue": text(view.maintenance_margin),
        "avgEntryPrice": text(view.entry_price),
        "liquidatePrice": price(view.liquidation_price),
        "bankruptPrice": price(view.bankruptcy_price),
        "worstClosePrice": price(view.bankruptcy_price),
        "unrealizePnl": text(view.upnl),
        "termRealizePnl": text(view.realized),
        "totalRealizePnl": text(view.realized),
    }


def collateral(view: BalanceView, account: Any, now: int) -> dict[str, Any]:
    return {
        "userId": account.user_id,
        "accountId": account.account_id,
        "coinId": COIN_ID,
        "amount": money(view.balance),
        "legacyAmount": money(view.balance),
        "cumDepositAmount": money(view.deposits),
        "cumWithdrawAmount": "0",
        "cumFillFeeAmount": money(-view.fees),
        "cumFundingFeeAmount": money(view.funding),
        "updatedTime": str(now),
    }


def collateral_asset(view: BalanceView, account: Any) -> dict[str, Any]:
    return {
        "userId": account.user_id,
        "accountId": account.account_id,
        "coinId": COIN_ID,
        "totalEquity": text(view.equity),
        "totalPositionValueAbs": "0",
        "initialMarginRequirement": text(view.initial_margin),
        "starkExRiskValue": text(view.maintenance_margin),
        "pendingWithdrawAmount": "0",
        "pendingTransferOutAmount": "0",
        "orderFrozenAmount": text(view.locked),
        "availableAmount": money(max(view.free, ZERO)),
    }


def funding_payment(row: FundingPayment, account: Any) -> dict[str, Any]:
    """A position transaction."""
    return {
        "id": ident(row.id, 2),
        "userId": account.user_id,
        "accountId": account.account_id,
        "coinId": COIN_ID,
        "contractId": row.market,
        "type": "SETTLE_FUNDING_FEE",
        "deltaOpenSize": "0",
        "deltaFundingFee": money(row.amount),
        "fundingTime": str(row.time),
        "fundingRate": f"{row.rate:.8f}",
        "fundingPositionSize": text(row.qty),
        "orderId": "0",
        "createdTime": str(row.time),
        "updatedTime": str(row.time),
    }
