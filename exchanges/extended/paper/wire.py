"""The engine's values in the venue's words. Shapes: api.docs.extended.exchange, models of x10-python-trading-starknet 2.6.0."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ccxt_dex.paper.types import BalanceView, Fill, FundingPayment, Position, PositionView, PriceView, PublicTrade, Stats

SIDES = {"buy": "BUY", "sell": "SELL"}


def text(value: Decimal | None) -> str:
    """Plain digits."""
    found = format((value or Decimal(0)).quantize(Decimal("0.0000000001")), "f")
    return (found.rstrip("0").rstrip(".") if "." in found else found) or "0"


def ok(data: Any, cursor: Any = None) -> dict[str, Any]:
    body: dict[str, Any] = {"status": "OK", "data": data}
    if cursor is not None:
        body["pagination"] = cursor
    return body


def stats(price: PriceView, day: Stats, rate: Decimal) -> dict[str, Any]:
    change = day.last - day.open
    return {
        "dailyVolume": text(day.quote_volume),
        "dailyVolumeBase": text(day.volume),
        "dailyPriceChange": text(change),
        "dailyPriceChangePercentage": text(change / day.open if day.open else Decimal(0)),
        "dailyLow": text(day.low),
        "dailyHigh": text(day.high),
        "lastPrice": text(price.last),
        "askPrice": text(price.ask),
        "bidPrice": text(price.bid),
        "markPrice": text(price.mark),
        "indexPrice": text(price.index),
        "fundingRate": text(rate),
        "nextFundingRate": price.next_funding,
        "openInterest": text(price.open_interest * price.mark),
        "openInterestBase": text(price.open_interest),
        "deleverageLevels": {"shortPositions": [], "longPositions": []},
    }


def public_trade(trade: PublicTrade) -> dict[str, Any]:
    number = 1_844_000_421_446_684_673 + trade.id
    side = SIDES[trade.taker_side]
    kind = "LIQUIDATION" if trade.liquidation else "TRADE"
    return {"i": number, "m": trade.market, "S": side, "tT": kind, "T": trade.time, "p": text(trade.price), "q": text(trade.qty)}


def fill(row: Fill, order_id: int, account: int, liquidation: bool) -> dict[str, Any]:
    return {
        "id": 1_784_963_886_257_016_832 + row.id,
        "accountId": account,
        "market": row.market,
        "orderId": order_id,
        "side": SIDES[row.side],
        "price": text(row.price),
        "qty": text(row.qty),
        "value": text(row.price * row.qty),
        "fee": text(row.fee),
        "tradeType": "LIQUIDATION" if liquidation else "TRADE",
        "createdTime": row.time,
        "isTaker": row.taker,
    }


def balance(view: BalanceView, now: int) -> dict[str, Any]:
    ratio = view.maintenance_margin / view.equity if view.equity > 0 else Decimal(0)
    return {
        "collateralName": "USD",
        "balance": text(view.balance),
        "status": "ACTIVE",
        "equity": text(view.equity),
        "availableForTrade": text(max(view.free, Decimal(0))),
        "availableForWithdrawal": text(max(min(view.free, view.balance), Decimal(0))),
        "unrealisedPnl": text(view.upnl),
        "initialMargin": text(view.initial_margin),
        "marginRatio": text(ratio),
        "exposure": "0",
        "leverage": "0",
        "updatedTime": now,
    }


def position(view: PositionView | None, held: Position | None, market: str, account: int, now: int, side: str) -> dict[str, Any]:
    """A position; a flat one as closed, on the side that it had."""
    qty = view.qty if view is not None else Decimal(0)
    created, updated = (held.created, held.updated) if held is not None else (now, now)
    row = {
        "id": 1_821_237_954_501_148_672 + (held.id if held is not None else 0),
        "accountId": account,
        "market": market,
        "status": "OPENED" if qty else "CLOSED",
        "side": "LONG" if qty > 0 else "SHORT" if qty < 0 else side,
        "leverage": str(view.leverage if view is not None else held.leverage if held is not None else 1),
        "size": text(abs(qty)),
        "value": text(view.notional if view is not None else None),
        "openPrice": text(view.entry_price if view is not None else None),
        "markPrice": text(view.mark if view is not None else None),
        "margin": text(view.initial_margin if view is not None else None),
        "unrealisedPnl": text(view.upnl if view is not None else None),
        "realisedPnl": text(view.realized if view is not None else None),
        "createdTime": created,
        "updatedTime": updated,
        "createdAt": created,
        "updatedAt": updated,
    }
    if view is not None and view.liquidation_price:
        row["liquidationPrice"] = text(view.liquidation_price)
    return row


def payment(row: FundingPayment, account: int, mark: Decimal) -> dict[str, Any]:
    return {
        "id": 8340 + row.id,
        "accountId": account,
        "market": row.market,
        "positionId": 1_821_237_954_501_148_672,
        "side": "LONG" if row.qty > 0 else "SHORT",
        "size": text(abs(row.qty)),
        "value": text(abs(row.qty) * mark),
        "markPrice": text(mark),
        "fundingFee": text(row.amount),
        "fundingRate": text(row.rate),
        "paidTime": row.time,
    }


def levels(rows: list[tuple[Decimal, Decimal]], price: str = "p", qty: str = "q") -> list[dict[str, str]]:
    return [{qty: text(q), price: text(p)} for p, q in rows]
