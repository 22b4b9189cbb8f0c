"""Rows of REST answers and frames, from the engine's objects."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

from ccxt_dex.exchanges.backpack.paper.markets import fraction
from ccxt_dex.paper.numbers import text, truncated
from ccxt_dex.paper.types import (
    BalanceView,
    Candle,
    Fill,
    FundingPayment,
    Market,
    Order,
    PositionView,
    PriceView,
    PublicTrade,
    Stats,
    Transfer,
)

FIRST = 4_200_000_000
MONEY = 6  # decimals of USDC
EXPIRED = {
    "ioc": "ImmediateOrCancel",
    "fok": "FillOrKill",
    "post_only": "PostOnlyTaker",
    "reduce_only": "ReduceOnlyNotReduced",
    "no_liquidity": "ImmediateOrCancel",
    "max_price": "PriceOutOfBounds",
    "insufficient_funds": "InsufficientMargin",
}
BY = {"mark": "MarkPrice", "last": "LastPrice", "index": "IndexPrice"}


def iso(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, tz=timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}"


def spaced(ms: int) -> str:
    return datetime.fromtimestamp(ms // 1000, tz=timezone.utc).strftime("%Y-%m-%d %H:%M:%S")


def side(word: str) -> str:
    return "Bid" if word == "buy" else "Ask"


def optional(value: Decimal | None) -> str | None:
    return None if value is None else text(value)


def status(order: Order) -> str:
    if order.status == "untriggered":
        return "TriggerPending"
    if order.status == "filled":
        return "Filled"
    if order.status in ("open", "new"):
        return "PartiallyFilled" if order.filled else "New"
    if order.triggered and order.status == "canceled" and not order.filled and order.reason not in ("user", "oco"):
        return "TriggerFailed"
    return "Expired" if order.reason in EXPIRED or order.status in ("rejected", "expired") else "Cancelled"


def client(order: Order) -> int | None:
    return int(order.request.client_id) if order.request.client_id else None


def order(found: Order, *, history: bool = False) -> dict[str, Any]:
    request = found.request
    waiting = request.trigger is not None
    return {
        "clientId": client(found),
        "createdAt": iso(found.created) if history else found.created,
        "executedQuantity": text(found.filled),
        "executedQuoteQuantity": text(found.cost),
        "id": str(FIRST + found.id),
        "orderType": request.type.title(),
        "postOnly": request.tif == "alo",
        "price": optional(found.price),
        "quantity": None if waiting and found.status == "untriggered" else text(found.qty),
        "quoteQuantity": None,
        "reduceOnly": request.reduce_only or None,
        "relatedOrderId": None if found.parent is None else str(FIRST + found.parent),
        "selfTradePrevention": "RejectTaker",
        "side": side(request.side),
        "status": status(found),
        "stopLossLimitPrice": optional(request.stop_loss_limit),
        "stopLossTriggerBy": BY[request.trigger_by] if request.stop_loss is not None else None,
        "stopLossTriggerPrice": optional(request.stop_loss),
        "strategyId": None,
        "symbol": request.market,
        "takeProfitLimitPrice": optional(request.take_profit_limit),
        "takeProfitTriggerBy": BY[request.trigger_by] if request.take_profit is not None else None,
        "takeProfitTriggerPrice": optional(request.take_profit),
        "timeInForce": request.tif.upper() if request.tif != "alo" else "GTC",
        "triggerBy": BY[request.trigger_by] if waiting else None,
        "triggerPrice": optional(request.trigger),
        "triggerQuantity": text(found.qty) if waiting else None,
        "triggeredAt": found.triggered,
    }


def order_frame(found: Order, event: str, at: int) -> dict[str, Any]:
    request = found.request
    row: dict[str, Any] = {
        "E": str(at * 1000),
        "O": "USER",
        "S": side(request.side),
        "T": str(at * 1000),
        "V": "RejectTaker",
        "X": status(found),
        "Z": text(found.cost),
        "e": event,
        "f": request.tif.upper() if request.tif != "alo" else "GTC",
        "i": str(FIRST + found.id),
        "o": request.type.upper(),
        "q": text(found.qty),
        "r": request.reduce_only,
        "s": request.market,
        "y": request.tif == "alo",
        "z": text(found.filled),
    }
    if found.request.client_id:
        row["c"] = int(found.request.client_id)
    if found.price is not None:
        row["p"] = text(found.price)
    if request.trigger is not None:
        row |= {"P": text(request.trigger), "B": BY[request.trigger_by], "Y": text(found.qty)}
    if request.take_profit is not None:
        row["a"] = text(request.take_profit)
    if request.stop_loss is not None:
        row["b"] = text(request.stop_loss)
    if event == "orderExpired":
        row["R"] = EXPIRED.get(str(found.reason), "Unknown")
    return row


def fill_fields(fill: Fill) -> dict[str, Any]:
    return {
        "l": text(fill.qty),
        "L": text(fill.price),
        "m": not fill.taker,
        "n": text(fill.fee),
        "N": fill.fee_coin or "USDC",
        "t": fill.id,
    }


def fill(found: Fill) -> dict[str, Any]:
    return {
        "clientId": found.client_id,
        "fee": text(found.fee),
        "feeSymbol": found.fee_coin or "USDC",
        "isMaker": not found.taker,
        "orderId": str(FIRST + found.order_id),
        "price": text(found.price),
        "quantity": text(found.qty),
        "side": side(found.side),
        "symbol": found.market,
        "systemOrderType": None,
        "timestamp": iso(found.time),
        "tradeId": found.id,
    }


def position(view: PositionView, market: Market, exposure: Decimal, funding: Decimal, alone: bool) -> dict[str, Any]:
    net = abs(view.qty) + exposure
    return {
        "breakEvenPrice": text(view.entry_price * (1 + (1 if view.qty > 0 else -1) * market.taker_fee)),
        "cumulativeFundingPayment": text(funding),
        "cumulativeInterest": "0",
        "entryPrice": text(view.entry_price),
        "estLiquidationPrice": text(view.liquidation_price) if alone and view.liquidation_price is not None else "0",
        "imf": fraction(market)["base"],
        "imfFunction": fraction(market),
        "markPrice": text(view.mark),
        "mmf": format(1 / Decimal(2 * market.max_leverage), "f"),
        "mmfFunction": {**fraction(market), "base": format(1 / Decimal(2 * market.max_leverage), "f")},
        "netCost": text(view.qty * view.entry_price),
        "netExposureNotional": text(net * view.mark),
        "netExposureQuantity": text(net),
        "netQuantity": text(view.qty),
        "pnlRealized": text(view.realized),
        "pnlUnrealized": text(view.upnl),
        "positionId": str(FIRST + view.id),
        "subaccountId": None,
        "symbol": view.market,
        "userId": 1813870,
    }


def position_frame(row: dict[str, Any], event: str | None, at: int) -> dict[str, Any]:
    names = {"B": "entryPrice", "M": "markPrice", "P": "pnlUnrealized", "Q": "netExposureQuantity", "b": "breakEvenPrice", "f": "imf"}
    names |= {"m": "mmf", "n": "netExposureNotional", "p": "pnlRealized", "q": "netQuantity", "s": "symbol"}
    frame = {short: row[name] for short, name in names.items()}
    frame |= {"E": str(at * 1000), "T": str(at * 1000), "i": int(row["positionId"]), "l": "0"}
    return frame | ({"e": event} if event else {})


def _asset(symbol: str, mark: Decimal, total: Decimal, locked: Decimal) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "assetMarkPrice": text(mark),
        "totalQuantity": text(total),
        "balanceNotional": text(total * mark),
        "collateralWeight": "1",
        "collateralValue": text(total * mark),
        "openOrderQuantity": text(locked),
        "lendQuantity": "0",
        "availableQuantity": text(total - locked),
    }


def collateral(view: BalanceView, coins: Mapping[str, tuple[Decimal, Decimal]], marks: Mapping[str, Decimal]) -> dict[str, Any]:
    """Coins are shown with what they are worth; the engine takes USDC alone as margin, so that they free none of it here."""
    total = truncated(view.balance, MONEY)
    free = min(truncated(max(view.free, Decimal(0)), MONEY), max(total, Decimal(0)))
    rows = [_asset("USDC", Decimal(1), total, max(total - free, Decimal(0)) if coins else Decimal(0))]
    rows += [_asset(coin, marks[coin], held, locked) for coin, (held, locked) in coins.items()]
    worth = sum((held * marks[coin] for coin, (held, _) in coins.items()), Decimal(0))
    return {
        "assetsValue": text(total + worth),
        "borrowLiability": "0",
        "collateral": rows,
        "imf": text(view.initial_margin),
        "unsettledEquity": "0",
        "liabilitiesValue": "0",
        "marginFraction": None,
        "mmf": text(view.maintenance_margin),
        "netEquity": text(view.equity + worth),
        "netEquityAvailable": text(truncated(max(view.free, Decimal(0)), MONEY) + worth),
        "netEquityLocked": text(view.equity - view.free),
        "netExposureFutures": "0",
        "pnlUnrealized": text(view.upnl),
    }


def deposit(found: Transfer) -> dict[str, Any]:
    row = {"createdAt": iso(found.time), "fromAddress": None, "id": found.id, "quantity": text(found.amount), "source": "internal"}
    return {**row, "status": "confirmed", "symbol": "USDC", "toAddress": None, "transactionHash": None}


def ticker(stats: Stats) -> dict[str, Any]:
    change = stats.last - stats.open
    share = (change / stats.open).quantize(Decimal("0.000001")) if stats.open else Decimal(0)
    return {
        "firstPrice": text(stats.open),
        "high": text(stats.high),
        "lastPrice": text(stats.last),
        "low": text(stats.low),
        "priceChange": text(change),
        "priceChangePercent": text(share),
        "quoteVolume": text(stats.quote_volume),
        "symbol": stats.market,
        "trades": str(stats.trades),
        "volume": text(stats.volume),
    }


def ticker_frame(stats: Stats, at: int) -> dict[str, Any]:
    row = {"e": "ticker", "E": str(at * 1000), "s": stats.market, "o": text(stats.open), "c": text(stats.last), "h": text(stats.high)}
    return row | {"l": text(stats.low), "v": text(stats.volume), "V": text(stats.quote_volume), "n": stats.trades}


def mark(view: PriceView) -> dict[str, Any]:
    row = {"fundingRate": text(view.funding_rate), "indexPrice": text(view.index), "markPrice": text(view.mark)}
    return row | {"nextFundingTimestamp": view.next_funding, "symbol": view.market}


def mark_frame(view: PriceView, at: int) -> dict[str, Any]:
    row = {"e": "markPrice", "E": at * 1000, "s": view.market, "p": text(view.mark), "f": text(view.funding_rate), "i": text(view.index)}
    return row | {"n": view.next_funding, "T": at * 1000}


def book_ticker(view: PriceView, number: int, at: int) -> dict[str, Any]:
    row = {"E": str(at * 1000), "T": str(at * 1000), "e": "bookTicker", "s": view.market, "u": number}
    return row | {"a": optional(view.ask), "A": text(view.ask_qty), "b": optional(view.bid), "B": text(view.bid_qty)}


def public_trade(trade: PublicTrade) -> dict[str, Any]:
    row = {"id": trade.id, "isBuyerMaker": trade.taker_side == "sell", "price": text(trade.price), "quantity": text(trade.qty)}
    return row | {"quoteQuantity": text(trade.price * trade.qty), "timestamp": trade.time}


def trade_frame(trade: PublicTrade) -> dict[str, Any]:
    row = {"E": str(trade.time * 1000), "T": str(trade.time * 1000), "e": "trade", "s": trade.market, "t": trade.id}
    return row | {"a": "1", "b": "2", "m": trade.taker_side == "sell", "p": text(trade.price), "q": text(trade.qty)}


def candle(bar: Candle, length: int) -> dict[str, Any]:
    row = {
        "start": spaced(bar.time),
        "end": spaced(bar.time + length),
        "open": text(bar.open),
        "high": text(bar.high),
        "low": text(bar.low),
    }
    return row | {"close": text(bar.close), "volume": text(bar.volume), "quoteVolume": text(bar.quote_volume), "trades": str(bar.trades)}


def candle_frame(bar: Candle, market: str, length: int, at: int) -> dict[str, Any]:
    row = {"E": str(at * 1000), "e": "kline", "s": market, "t": iso(bar.time)[:19], "T": iso(bar.time + length)[:19], "X": False}
    row |= {"o": text(bar.open), "h": text(bar.high), "l": text(bar.low), "c": text(bar.close)}
    return row | {"v": text(bar.volume), "n": bar.trades}


def funding(payment: FundingPayment) -> dict[str, Any]:
    row = {"fundingRate": text(payment.rate), "intervalEndTimestamp": iso(payment.time)[:19], "quantity": text(payment.amount)}
    return row | {"subaccountId": 0, "symbol": payment.market, "userId": 1813870}
