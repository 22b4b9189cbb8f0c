"""Wire -> unified fields. Pure: neither ccxt nor asyncio; numbers stay text, times are milliseconds.

Samples: OpenAPI 1.132.1 and AsyncAPI of tradeparadex/paradex-docs (2026-08-20).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ccxt_dex.exact import plain
from ccxt_dex.exchanges.paradex import tables
from ccxt_dex.reading import Unreadable, number

Row = Mapping[str, Any]

__all__ = [
    "balance",
    "book_levels",
    "candle",
    "fill",
    "is_active",
    "margin_config",
    "max_leverage",
    "order",
    "order_status",
    "position",
    "refusal",
    "rows",
    "ticker",
]


def text(value: Decimal | None) -> str | None:
    """Digits without exponent and trailing zeros."""
    return None if value is None else plain(value)


def given(value: Any) -> str | None:
    """A number that says something: neither absent nor zero."""
    found = number(value)
    return text(found) if found else None


def rows(answer: Any) -> list[dict[str, Any]]:
    """The list in an answer.

    :raises Unreadable: there is none
    """
    found = answer.get("results") if isinstance(answer, Mapping) else None
    if found is None and isinstance(answer, Mapping) and "results" in answer:
        return []
    if not isinstance(found, list):
        raise Unreadable("an answer without results")
    return found


# --- markets -----------------------------------------------------------------------------------------------------------------------------


def is_active(row: Row, now: int) -> bool:
    """Whether orders are taken: open already, not expired, and not for requests for quotes alone."""
    open_at, expiry = int(row.get("open_at") or 0), int(row.get("expiry_at") or 0)
    return str(row.get("trading_mode") or "STANDARD") == "STANDARD" and open_at <= now and (not expiry or now < expiry)


def max_leverage(row: Row) -> str | None:
    """The reciprocal of the initial margin fraction, None where the market has none."""
    base = number((row.get("delta1_cross_margin_params") or {}).get("imf_base"))
    return text((1 / base).quantize(Decimal("0.00000001"))) if base else None


def maintenance_rate(row: Row) -> str | None:
    """Maintenance margin as a fraction of the notional."""
    params = row.get("delta1_cross_margin_params") or {}
    base, factor = number(params.get("imf_base")), number(params.get("mmf_factor"))
    return text(base * factor) if base is not None and factor is not None else None


def fees(row: Row) -> tuple[str | None, str | None]:
    """Maker and taker fee of orders that come by API; a market's own values stand above the account's."""
    api = (row.get("fee_config") or {}).get("api_fee") or {}
    return tuple(text(number((api.get(f"{side}_fee") or {}).get("fee"))) for side in ("maker", "taker"))  # type: ignore[return-value]


def ticker(row: Row) -> dict[str, Any]:
    """Fields of a ticker, from /markets/summary or the stream of the same name."""
    change = number(row.get("price_change_rate_24h"))
    last = number(row.get("last_traded_price"))
    opened = last / (1 + change) if last and change is not None and change > -1 else None
    return {
        "timestamp": row.get("created_at"),
        "bid": given(row.get("bid")),
        "bidVolume": given(row.get("bid_size")),
        "ask": given(row.get("ask")),
        "askVolume": given(row.get("ask_size")),
        "last": text(last),
        "close": text(last),
        "open": None if opened is None else text(opened.quantize(Decimal("0.00000001"))),
        "percentage": None if change is None else text(change * 100),
        "quoteVolume": text(number(row.get("volume_24h"))),
        "markPrice": given(row.get("mark_price")),
        "indexPrice": given(row.get("underlying_price")),
    }


def best(row: Row) -> dict[str, Any]:
    """Fields of a ticker that knows the touch alone, from /bbo and the bbo stream."""
    sides = {"bid": "bid", "bidVolume": "bid_size", "ask": "ask", "askVolume": "ask_size"}
    return {"timestamp": row.get("last_updated_at"), **{name: given(row.get(field)) for name, field in sides.items()}}


def book_levels(levels: Any, side: str) -> list[tuple[str, str]]:
    """One side of a streamed book."""
    return [(str(level["price"]), str(level["size"])) for level in levels or () if level.get("side") == side]


def candle(row: Any) -> list[Any]:
    """[time, open, high, low, close, volume]"""
    return [int(row[0]), *(float(value) for value in row[1:6])]


# --- account -----------------------------------------------------------------------------------------------------------------------------


def balance(account: Row, tokens: list[dict[str, Any]]) -> dict[str, dict[str, str | None]]:
    """Asset -> total, free, used. The settlement asset counts as the account does: value, free collateral, initial margin."""
    found: dict[str, dict[str, str | None]] = {}
    for row in tokens:
        size = text(number(row.get("size")))
        found[str(row["token"])] = {"total": size, "free": size, "used": "0"}
    if account.get("account_value") not in (None, ""):
        found[str(account.get("settlement_asset") or "USDC")] = {
            "total": text(number(account["account_value"])),
            "free": text(number(account.get("free_collateral"))),
            "used": text(number(account.get("initial_margin_requirement"))),
        }
    return found


def margin_config(answer: Any, market_id: str) -> dict[str, Any]:
    """The row of a market in GET /account/margin.

    :raises Unreadable: there is none
    """
    configs = answer.get("configs") if isinstance(answer, Mapping) else None
    for row in configs or ():
        if row.get("market") == market_id:
            return dict(row)
    raise Unreadable(f"no margin configuration of {market_id}")


def active_leverage(config: Row) -> int:
    """The leverage that counts in the market's margin mode."""
    isolated = config.get("margin_type") == "ISOLATED" and config.get("isolated_margin_leverage")
    return int(config["isolated_margin_leverage"] if isolated else config["leverage"])


def position(row: Row, market: Row) -> dict[str, Any]:
    """Fields of a position. The venue sends no mark price; it follows from entry, size and unrealized profit."""
    size = number(row.get("size")) or Decimal(0)
    if row.get("status") == "CLOSED":
        size = Decimal(0)
    entry, profit = number(row.get("average_entry_price")), number(row.get("unrealized_pnl"))
    mark = entry + profit / size if size and entry is not None and profit is not None else None
    notional = abs(size) * (mark if mark is not None else entry or Decimal(0))
    leverage = number(row.get("leverage"))
    rate = number(maintenance_rate(market.get("info") or {}))
    initial = notional / leverage if leverage else None
    return {
        "id": row.get("id"),
        "side": str(row.get("side") or "").lower() or None,
        "contracts": text(abs(size)),
        "entryPrice": text(entry) if size else None,
        "markPrice": _short(mark),
        "notional": _short(notional),
        "unrealizedPnl": text(profit),
        "leverage": text(leverage),
        "liquidationPrice": given(row.get("liquidation_price")),
        "initialMargin": _short(initial),
        "maintenanceMargin": _short(notional * rate) if rate is not None else None,
        "timestamp": row.get("created_at"),
        "lastUpdateTimestamp": row.get("last_updated_at"),
    }


def _short(value: Decimal | None) -> str | None:
    return None if value is None else text(value.quantize(Decimal("0.0000000001")))


# --- orders and fills --------------------------------------------------------------------------------------------------------------------


def order_status(row: Row) -> str:
    """Unified status.

    :raises Unreadable: a status that the documentation does not know
    """
    status = row.get("status")
    if status in tables.OPEN_STATUS:
        return "open"
    if status != "CLOSED":
        raise Unreadable(f"unknown order status {status!r}")
    reason = str(row.get("cancel_reason") or "")
    remaining, size = number(row.get("remaining_size")), number(row.get("size"))
    if remaining == 0 or (remaining is None and not reason):
        return "closed"
    untouched = remaining == size
    return "rejected" if untouched and any(word in reason for word in tables.REJECTED_WORDS) else "canceled"


def refusal(row: Row) -> str | None:
    """The exception (by name) that says why a new order ended without having traded; None when nothing is to be raised."""
    if row.get("status") != "CLOSED" or number(row.get("remaining_size")) != number(row.get("size")):
        return None
    reason = str(row.get("cancel_reason") or "")
    return next((name for word, name in tables.REFUSED_WORDS if word in reason), None)


def order(row: Row) -> dict[str, Any]:
    """Fields of an order."""
    status = order_status(row)
    size, remaining = number(row.get("size")), number(row.get("remaining_size"))
    if row.get("status") == "NEW" or remaining is None:
        remaining = size if status == "open" else remaining
    filled = size - remaining if size is not None and remaining is not None else None
    average = number(row.get("avg_fill_price"))
    cost = average * filled if average and filled else Decimal(0) if filled == 0 else None
    kind = str(row.get("type") or "")
    named = tables.NATIVE_TYPES.get(kind)
    instruction = str(row.get("instruction") or "")
    flags = row.get("flags")
    trigger = given(row.get("trigger_price"))
    return {
        "id": str(row["id"]),
        "clientOrderId": row.get("client_id") or None,
        "timestamp": row.get("created_at"),
        "lastUpdateTimestamp": row.get("last_updated_at"),
        "status": status,
        "type": named[0] if named else kind.lower() or None,
        "timeInForce": tables.UNIFIED_INSTRUCTIONS.get(instruction),
        "postOnly": instruction == "POST_ONLY",
        "reduceOnly": "REDUCE_ONLY" in flags if flags is not None else False,
        "side": str(row.get("side") or "").lower() or None,
        "price": given(row.get("price")),
        "triggerPrice": trigger,
        "stopLossPrice": trigger if named and named[1] == "loss" else None,
        "takeProfitPrice": trigger if named and named[1] == "profit" else None,
        "amount": text(size),
        "filled": text(filled),
        "remaining": text(remaining),
        "average": text(average) if average else None,
        "cost": text(cost),
    }


def fill(row: Row) -> dict[str, Any]:
    """Fields of an own fill; a negative fee is one that was received."""
    return {
        "id": str(row["id"]),
        "order": str(row["order_id"]) if row.get("order_id") else None,
        "timestamp": row.get("created_at"),
        "side": str(row.get("side") or "").lower() or None,
        "takerOrMaker": str(row.get("liquidity") or "").lower() or None,
        "price": text(number(row.get("price"))),
        "amount": text(number(row.get("size"))),
        "fee": {"cost": text(number(row.get("fee"))), "currency": row.get("fee_currency")},
    }
