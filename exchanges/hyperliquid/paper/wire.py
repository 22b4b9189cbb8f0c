"""The engine's orders, fills and positions in the venue's words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from ccxt_dex.paper.numbers import text
from ccxt_dex.paper.types import Candle, Fill, FundingPayment, Order, PositionView, PriceView, PublicTrade, Reject

OID_BASE = 77_000_000_000
TID_BASE = 100_000_000_000_000
SIDES = {"buy": "B", "sell": "A"}
TIFS = {"gtc": "Gtc", "ioc": "Ioc", "alo": "Alo", "fok": "Ioc"}
ZERO_HASH = "0x" + "0" * 64

REJECTS = {
    "off_tick": "Price must be divisible by tick size.",
    "bad_price": "Order has invalid price.",
    "off_step": "Order has invalid size.",
    "bad_qty": "Order has zero size.",
    "below_min": "Order has invalid size.",
    "above_max": "Order has invalid size.",
    "below_min_cost": "Order must have minimum value of $10.",
    "insufficient_funds": "Insufficient margin to place order.",
    "reduce_only": "Reduce only order would increase position.",
    "no_position": "Reduce only order would increase position.",
    "bad_trigger": "Invalid TP/SL price.",
    "no_liquidity": "No liquidity available for market order.",
    "market_closed": "Trading is halted.",
    "unknown_order": "Order was never placed, already canceled, or filled.",
    "order_filled": "Order was never placed, already canceled, or filled.",
    "order_canceled": "Order was never placed, already canceled, or filled.",
    "too_many_orders": "Too many open orders.",
    "duplicate_client_id": "Client order id is in use.",
    "leverage": "Invalid leverage value",
    "margin_mode": "Cannot switch leverage type with open position.",
}
CANCELED = {
    "liquidation": "liquidatedCanceled",
    "reduce_only": "reduceOnlyCanceled",
    "self_trade": "selfTradeCanceled",
    "oco": "siblingFilledCanceled",
    "insufficient_funds": "marginCanceled",
    "cancel_after": "scheduledCancel",
    "ioc": "iocCancelRejected",
}


def oid(order_id: int) -> int:
    return OID_BASE + order_id


def order_id(number: int) -> int:
    return number - OID_BASE


def refusal(reject: Reject, asset: int | None = None) -> str:
    """The venue's text for an engine's refusal."""
    said = REJECTS.get(reject.code, reject.text)
    return said if asset is None else f"{said} asset={asset}"


def status(order: Order) -> str:
    if order.status == "untriggered" or order.status in ("open", "new"):
        return "triggered" if order.triggered is not None and order.status == "open" else "open"
    if order.status == "filled":
        return "filled"
    if order.status == "rejected":
        return {"post_only": "badAloPxRejected", "no_liquidity": "marketOrderNoLiquidityRejected"}.get(str(order.reason), "rejected")
    return CANCELED.get(str(order.reason), "canceled")


def order_type(order: Order) -> str:
    request = order.request
    at_market = request.type == "market" or request.info.get("market")
    if request.trigger is None:
        return "Market" if request.info.get("frontend") else "Limit"
    head = "Take Profit" if request.tpsl == "tp" else "Stop"
    return f"{head} {'Market' if at_market else 'Limit'}"


def limit_px(order: Order) -> str:
    shown = order.price if order.price is not None else order.request.max_price or order.request.trigger
    return text(shown) if shown is not None else "0.0"


def resting(order: Order) -> Decimal:
    """What an order still asks for; of one that was filled nothing."""
    return order.remaining


def basic(order: Order) -> dict[str, Any]:
    """A row of openOrders and orderUpdates."""
    request = order.request
    row = {
        "coin": request.market,
        "side": SIDES[request.side],
        "limitPx": limit_px(order),
        "sz": text(resting(order)),
        "oid": oid(order.id),
        "timestamp": order.created,
        "origSz": text(order.qty),
    }
    if request.client_id:
        row["cloid"] = request.client_id
    return row


def front(order: Order) -> dict[str, Any]:
    """A row of frontendOpenOrders."""
    request = order.request
    trigger = request.trigger
    row = {
        **basic(order),
        "cloid": request.client_id,
        "triggerCondition": "N/A" if trigger is None else f"Price {'above' if request.trigger_above else 'below'} {text(trigger)}",
        "isTrigger": trigger is not None,
        "triggerPx": "0.0" if trigger is None else text(trigger),
        "children": [],
        "isPositionTpsl": request.close_position,
        "reduceOnly": request.reduce_only or request.close_position,
        "orderType": order_type(order),
        "tif": None if trigger is not None else TIFS[request.tif],
    }
    return row


def historical(order: Order) -> dict[str, Any]:
    return {"order": front(order), "status": status(order), "statusTimestamp": order.updated}


def update(order: Order) -> dict[str, Any]:
    return {"order": basic(order), "status": status(order), "statusTimestamp": order.updated}


def fill(row: Fill, before: Decimal, forced: dict[str, str] | None = None) -> dict[str, Any]:
    """A row of userFills.

    before: the position before it
    forced: what a liquidation says of itself
    """
    buy = row.side == "buy"
    closing = (before > 0 and not buy) or (before < 0 and buy)
    direction = f"{'Close' if closing else 'Open'} {'Short' if buy == closing else 'Long'}"
    found: dict[str, Any] = {
        "coin": row.market,
        "px": text(row.price),
        "sz": text(row.qty),
        "side": SIDES[row.side],
        "time": row.time,
        "startPosition": text(before),
        "dir": direction,
        "closedPnl": text(row.pnl),
        "hash": ZERO_HASH,
        "oid": oid(row.order_id),
        "crossed": row.taker,
        "fee": text(row.fee),
        "tid": TID_BASE + row.id,
        "feeToken": "USDC",
        "twapId": None,
    }
    if row.client_id:
        found["cloid"] = row.client_id
    if forced is not None:
        found["liquidation"] = forced
    return found


def fills(rows: Iterable[Fill], forced: Callable[[Fill], dict[str, str] | None]) -> list[dict[str, Any]]:
    """All fills of an account, oldest first, each with the position before it."""
    held: dict[str, Decimal] = {}
    found = []
    for row in rows:
        before = held.get(row.market, Decimal(0))
        found.append(fill(row, before, forced(row)))
        held[row.market] = before + (row.qty if row.side == "buy" else -row.qty)
    return found


def position(view: PositionView, top: int) -> dict[str, Any]:
    leverage: dict[str, Any] = {"type": view.margin_mode, "value": view.leverage}
    if view.margin_mode == "isolated":
        leverage["rawUsd"] = text(view.margin - view.qty * view.entry_price)
    used = view.margin + view.upnl if view.margin_mode == "isolated" else view.notional / view.leverage
    return {
        "type": "oneWay",
        "position": {
            "coin": view.market,
            "szi": text(view.qty),
            "leverage": leverage,
            "entryPx": text(view.entry_price),
            "positionValue": text(view.notional),
            "unrealizedPnl": text(view.upnl),
            "returnOnEquity": text((view.upnl / view.initial_margin).quantize(Decimal("1e-10"))) if view.initial_margin else "0.0",
            "liquidationPx": None if view.liquidation_price is None else text(view.liquidation_price),
            "marginUsed": text(used.quantize(Decimal("0.000001"))),
            "maxLeverage": top,
            "cumFunding": {"allTime": "0.0", "sinceOpen": "0.0", "sinceChange": "0.0"},
        },
    }


def context(prices: PriceView, opened: Decimal, volume: Decimal, value: Decimal) -> dict[str, Any]:
    """An asset context."""
    middle = (prices.bid + prices.ask) / 2 if prices.bid is not None and prices.ask is not None else None
    return {
        "funding": text(prices.funding_rate),
        "openInterest": text(prices.open_interest),
        "prevDayPx": text(opened),
        "dayNtlVlm": text(value),
        "premium": text(((prices.mark - prices.index) / prices.index).quantize(Decimal("1e-8"))),
        "oraclePx": text(prices.index),
        "markPx": text(prices.mark),
        "midPx": None if middle is None else text(middle),
        "impactPxs": None
        if prices.bid is None or prices.ask is None
        else [text(prices.bid * Decimal("0.9999")), text(prices.ask * Decimal("1.0001"))],
        "dayBaseVlm": text(volume),
    }


def trade(row: PublicTrade) -> dict[str, Any]:
    return {
        "coin": row.market,
        "side": SIDES[row.taker_side],
        "px": text(row.price),
        "sz": text(row.qty),
        "time": row.time,
        "hash": ZERO_HASH,
        "tid": TID_BASE + row.id,
        "users": ["0x" + "1" * 40, "0x" + "2" * 40],
    }


def candle(row: Candle, coin: str, interval: str, span: int) -> dict[str, Any]:
    return {
        "t": row.time,
        "T": row.time + span - 1,
        "s": coin,
        "i": interval,
        "o": text(row.open),
        "c": text(row.close),
        "h": text(row.high),
        "l": text(row.low),
        "v": text(row.volume),
        "n": row.trades,
    }


def levels(rows: Iterable[tuple[Decimal, Decimal]]) -> list[dict[str, Any]]:
    return [{"px": text(price), "sz": text(size), "n": 1} for price, size in rows]


def funding(row: FundingPayment) -> dict[str, Any]:
    delta = {
        "type": "funding",
        "coin": row.market,
        "usdc": text(row.amount),
        "szi": text(row.qty),
        "fundingRate": text(row.rate),
        "nSamples": None,
    }
    return {"time": row.time, "hash": ZERO_HASH, "delta": delta}
