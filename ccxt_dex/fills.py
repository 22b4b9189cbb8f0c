"""What fills say about an order, and small structures that venues leave out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from ccxt_dex.wire import plain

__all__ = ["SKEW_MS", "begun", "leverage_tier", "needs_repair", "repair", "touch"]

SKEW_MS = 60_000
"""how much later than its first fill an order may be stamped: venues stamp both from other clocks or at other steps of the work"""


def begun(order: Mapping[str, Any]) -> int | None:
    """From when on an order's fills are looked for; None: no time is known, so from the beginning."""
    stamp = order.get("timestamp")
    return None if stamp is None else max(0, int(stamp) - SKEW_MS)


def _number(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def needs_repair(order: Mapping[str, Any]) -> bool:
    """Whether something was filled and the venue told neither at what price nor for what fee."""
    filled = _number(order.get("filled"))
    if not filled:
        return False
    fee = order.get("fee") or {}
    return order.get("average") is None or order.get("cost") is None or (fee.get("cost") is None and not order.get("fees"))


def repair(order: Mapping[str, Any], trades: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The order with average, cost and fee from its fills; untouched where the fills do not add up to what was filled.

    :param trades: unified trades; those of other orders are passed over
    """
    mine = [trade for trade in trades if str(trade.get("order")) == str(order.get("id"))]
    amounts = [Decimal(str(trade["amount"])) for trade in mine]
    filled = _number(order.get("filled"))
    if not mine or sum(amounts) != filled:
        return dict(order)
    cost = sum((Decimal(str(trade["price"])) * amount for trade, amount in zip(mine, amounts, strict=True)), Decimal(0))
    result = dict(order)
    if result.get("average") is None:
        result["average"] = float(plain(cost / sum(amounts)))
    if result.get("cost") is None or not float(result["cost"]):
        result["cost"] = float(plain(cost))
    result["trades"] = mine
    result["lastTradeTimestamp"] = max((trade.get("timestamp") or 0 for trade in mine), default=0) or result.get("lastTradeTimestamp")
    if not result.get("fees") and (result.get("fee") or {}).get("cost") is None:
        result["fees"] = _fees(mine)
        result["fee"] = result["fees"][0] if len(result["fees"]) == 1 else result.get("fee")
    return result


def _fees(trades: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    sums: dict[str, Decimal] = {}
    for trade in trades:
        fee = trade.get("fee") or {}
        if fee.get("cost") is not None:
            currency = str(fee.get("currency"))
            sums[currency] = sums.get(currency, Decimal(0)) + Decimal(str(fee["cost"]))
    return [{"currency": currency, "cost": float(plain(cost))} for currency, cost in sums.items()]


def leverage_tier(market: Mapping[str, Any], max_leverage: Any = None, maintenance_rate: Any = None) -> list[Any]:
    """One tier for the whole market, in ccxt's structure."""
    if max_leverage is None:
        max_leverage = ((market.get("limits") or {}).get("leverage") or {}).get("max")
    leverage = _number(max_leverage)
    if leverage and maintenance_rate is None:
        maintenance_rate = plain(1 / (2 * leverage))
    return [
        {
            "tier": 1.0,
            "symbol": market.get("symbol"),
            "currency": market.get("settle"),
            "minNotional": 0.0,
            "maxNotional": None,
            "maintenanceMarginRate": None if maintenance_rate is None else float(maintenance_rate),
            "maxLeverage": None if leverage is None else float(leverage),
            "info": {},
        }
    ]


def touch(book: Mapping[str, Any]) -> dict[str, Any]:
    """Best bid and ask of a unified book, as a ticker names them; None where nobody stands."""
    found: dict[str, Any] = {}
    for name, side in (("bid", "bids"), ("ask", "asks")):
        best = book[side][0] if book[side] else (None, None)
        found |= {name: best[0], f"{name}Volume": best[1]}
    return found
