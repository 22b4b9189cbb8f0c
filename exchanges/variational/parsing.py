"""Omni's objects -> ccxt's fields, numbers as text. Pure: the market is passed in, nothing is fetched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from ccxt_dex.exact import plain
from ccxt_dex.exchanges.variational import tables
from ccxt_dex.exchanges.variational.instruments import (
    Missing,
    Raw,
    amount_rule,
    asset_rows,
    family,
    flat,
    instrument,
    key,
    listed_market,
    market,
    more,
    need,
    need_number,
    power,
    price_rule,
    quote_limits,
    rounded,
    rows,
    soft,
    unwrapped,
    when,
)
from ccxt_dex.reading import Unreadable, digits, nonzero, number, text

__all__ = [
    "Missing",
    "Raw",
    "amount_rule",
    "asset_rows",
    "asset_ticker",
    "balance",
    "candles",
    "family",
    "flat",
    "funding_rate",
    "instrument",
    "is_booking",
    "is_fill",
    "isolated_accounts",
    "key",
    "levels",
    "leverage",
    "listed_market",
    "listing_quotes",
    "listing_ticker",
    "market",
    "more",
    "need",
    "need_number",
    "nonzero_text",
    "open_interest",
    "order",
    "order_status",
    "position",
    "position_size",
    "power",
    "price_frame",
    "price_rule",
    "quote",
    "quote_limits",
    "quote_ticker",
    "rounded",
    "rows",
    "soft",
    "trade",
    "transfer",
    "unwrapped",
    "when",
]

CENTS = Decimal("1e-8")


# --- prices ---------------------------------------------------------------------------------------------------------------------------


def listing_quotes(row: Raw) -> list[tuple[str, dict[str, Any]]]:
    """The quotes of a listing, smallest size first; they may be up to ten minutes old (`updated_at`)."""
    quotes = row.get("quotes")
    quotes = quotes if isinstance(quotes, Mapping) else {}
    return [(name, dict(quotes[name])) for name in ("base", "size_1k", "size_100k", "size_1m") if isinstance(quotes.get(name), Mapping)]


def listing_ticker(row: Raw) -> dict[str, Any]:
    """A listing of metadata/stats. The venue has no trades of its own to show: last is the mark price."""
    quotes = listing_quotes(row)
    bid, ask = (text(quotes[0][1].get(side)) for side in ("bid", "ask")) if quotes else (None, None)
    mark = text(row.get("mark_price"))
    stamp = when((row.get("quotes") or {}).get("updated_at")) if quotes else None
    return {
        "timestamp": stamp,
        "bid": bid,
        "ask": ask,
        "last": mark,
        "close": mark,
        "markPrice": mark,
        "quoteVolume": text(row.get("volume_24h")),
    }


def asset_ticker(row: Raw) -> dict[str, Any]:
    """A row of supported_assets: mark, index, the day's change and volume; no bid and ask."""
    mark = text(row.get("price"))
    change = soft(row, "price_change_percentage_24h")
    return {
        **{"timestamp": None, "bid": None, "ask": None, "last": mark, "close": mark, "markPrice": mark},
        **{"indexPrice": text(row.get("index_price")), "percentage": digits(change), "quoteVolume": text(row.get("volume_24h"))},
    }


def quote(raw: Raw) -> dict[str, Any]:
    """quotes/simple and quotes/indicative: prices for the whole of `qty`.

    :raises Missing: without bid, ask or qty
    """
    bid, ask, qty = (need_number(raw, name, "quote") for name in ("bid", "ask", "qty"))
    if bid <= 0 or ask <= 0 or qty <= 0:
        raise Missing("bid" if bid <= 0 else "ask" if ask <= 0 else "qty", "quote")
    mark = soft(raw, "mark_price")
    return {"bid": bid, "ask": ask, "qty": qty, "mark": mark, "index": soft(raw, "index_price"), "timestamp": when(raw.get("timestamp"))}


def quote_ticker(raw: Raw) -> dict[str, Any]:
    found = quote(raw)
    mark = digits(found["mark"])
    size = digits(found["qty"])
    return {
        **{"timestamp": found["timestamp"], "bid": digits(found["bid"]), "bidVolume": size, "ask": digits(found["ask"]), "askVolume": size},
        **{"last": mark, "close": mark, "markPrice": mark, "indexPrice": digits(found["index"])},
    }


def price_frame(raw: Raw) -> dict[str, Any]:
    """`pricing` of a price frame: the mark rounded for display, and the index. `interest_rate` is not the funding rate."""
    mark = text(raw.get("price"))
    return {
        **{"timestamp": when(raw.get("timestamp")), "last": mark, "close": mark, "markPrice": mark},
        "indexPrice": text(raw.get("underlying_price")),
    }


def levels(quotes: Iterable[tuple[Decimal, Decimal]], side: str) -> list[tuple[str, str]]:
    """Book levels out of average prices for growing sizes: what each next part costs, from the best level outwards.

    The first level is the quote as it is. Quotes taken one after the other need not fit each other to the last digit: a level that would
    come out better than the one before it is joined with that one, at its price. Others are rounded against the taker.

    :param quotes: (size, average price), any order
    :param side: "bids" or "asks"
    """
    made: list[list[Decimal]] = []
    before, paid = Decimal(0), Decimal(0)
    for size, price in sorted(quotes):
        part = size - before
        if part <= 0:
            continue
        cost = price * size - paid
        level = price if not made else rounded(max(cost / part, power(-12)), side == "asks")
        before, paid = size, price * size
        worse = not made or (level > made[-1][0] if side == "asks" else level < made[-1][0])
        if worse:
            made.append([level, part])
        else:
            made[-1][1] += part
    return [(plain(price), plain(size)) for price, size in made]


def funding_rate(rate: Any, interval: Any, upcoming: Any) -> dict[str, Any]:
    """The venue's rate is a year's (0.033522 was shown as 0.0031 % for 8 hours); ccxt's is that of one interval."""
    yearly, seconds = soft({"rate": rate}, "rate"), interval if isinstance(interval, int) and interval > 0 else None
    per_interval = yearly * seconds / tables.YEAR_SECONDS if yearly is not None and seconds else None
    return {
        "fundingRate": digits(per_interval),
        "annualRate": digits(yearly),
        "fundingTimestamp": when(upcoming),
        "interval": f"{seconds // 3600}h" if seconds else None,
    }


def open_interest(long: Decimal | None, short: Decimal | None, price: Decimal | None, in_coins: bool) -> dict[str, Any]:
    """Long and short added, as the venue's own risk limits count them."""
    if long is None or short is None:
        return {"openInterestAmount": None, "openInterestValue": None}
    both = long + short
    other = None if not price else both * price if in_coins else both / price
    amount, value = (both, other) if in_coins else (other, both)
    return {"openInterestAmount": digits(amount), "openInterestValue": digits(value)}


def candles(answer: Any) -> list[list[Any]]:
    """Oldest first; rows that cannot be read are left out, doubles too."""
    found: dict[int, list[Any]] = {}
    for row in rows(answer):
        stamp, prices = row.get("unix_time_ms"), [soft(row, name) for name in ("open", "high", "low", "close")]
        moment = soft({"t": stamp}, "t")
        if moment is not None and None not in prices:
            found[int(moment)] = [int(moment), *(float(price) for price in prices if price is not None), float(soft(row, "volume") or 0)]
    return [found[stamp] for stamp in sorted(found)]


# --- the account ----------------------------------------------------------------------------------------------------------------------


def order_status(raw: Raw) -> str:
    """:raises Missing: without a status. :raises Unreadable: for one that nobody has described"""
    word = need(raw, "status", "order").lower()
    if word in tables.ORDER_STATUS:
        return tables.ORDER_STATUS[word]
    if str(raw.get("clearing_status") or "").startswith("rejected_"):
        return "rejected"
    raise Unreadable(f"unknown order status {word!r}")


def order(raw: Raw) -> dict[str, Any]:
    """A row of orders/v2. All or nothing: filled is qty or 0.

    :raises Missing: without rfq_id, side or status; without qty in an order that was filled
    """
    status, kind = order_status(raw), str(raw.get("order_type") or "")
    done = status == "closed"
    qty = digits(need_number(raw, "qty", "filled order")) if done else digits(soft(raw, "qty"))
    trigger = nonzero_text(raw, "trigger_price")
    fill = nonzero_text(raw, "price") if done else None
    tif = raw.get("tif")
    return {
        "id": need(raw, "rfq_id", "order"),
        "timestamp": when(raw.get("created_at")),
        "lastTradeTimestamp": when(raw.get("execution_timestamp")) if done else None,
        "lastUpdateTimestamp": when(raw.get("execution_timestamp")) or when(raw.get("created_at")),
        "status": status,
        "type": "limit" if kind in ("limit", "stop_limit") or nonzero_text(raw, "limit_price") else "market",
        "timeInForce": tables.TIME_IN_FORCE.get(str(tif), None) if tif is not None else None,
        "postOnly": False,
        "reduceOnly": raw.get("is_reduce_only") if isinstance(raw.get("is_reduce_only"), bool) else None,
        "side": need(raw, "side", "order"),
        "price": nonzero_text(raw, "limit_price"),
        "amount": qty,
        "filled": qty if done else "0",
        "remaining": "0" if done else qty,
        "average": fill,
        "cost": digits(Decimal(qty) * Decimal(fill)) if done and qty and fill else None if done else "0",
        "triggerPrice": trigger,
        "stopLossPrice": trigger if kind in ("stop_loss", "stop_limit") else None,
        "takeProfitPrice": trigger if kind == "take_profit" else None,
    }


def nonzero_text(raw: Raw, name: str) -> str | None:
    try:
        return nonzero(raw.get(name))
    except (Unreadable, TypeError, ValueError):
        return None


def trade(raw: Raw) -> dict[str, Any]:
    """A row of /trades. The venue charges no fee (futures_taker_fee 0.0); the cost of trading is the spread.

    :raises Missing: without id, side, price or qty
    """
    price, qty = need_number(raw, "price", "trade"), need_number(raw, "qty", "trade")
    role = raw.get("role")
    return {
        "id": need(raw, "id", "trade"),
        "order": text(raw.get("source_rfq")),
        "timestamp": when(raw.get("created_at")),
        "side": need(raw, "side", "trade"),
        "takerOrMaker": role if role in ("taker", "maker") else None,
        "price": digits(price),
        "amount": digits(abs(qty)),
        "cost": digits(price * abs(qty)),
        "fee": {"cost": "0", "currency": tables.SETTLE},
    }


def is_fill(raw: Raw) -> bool:
    """Whether a row of /trades is final: not under way, not failed."""
    return str(raw.get("status") or "").lower() in tables.SETTLED_TRADES


def is_booking(raw: Raw) -> bool:
    """Whether a row of /trades is under way: neither final nor failed."""
    return not is_fill(raw) and str(raw.get("status") or "").lower() not in tables.DEAD_TRADES


def position_size(raw: Raw) -> Decimal:
    """Signed size of a position row.

    :raises Missing: without it: no position is ever made of nothing
    """
    info = raw.get("position_info")
    if not isinstance(info, Mapping):
        raise Missing("position_info", "position")
    return need_number(info, "qty", "position")


def position(raw: Raw, leverage: Any = None, isolated: Raw | None = None) -> dict[str, Any]:
    """A row of /positions or of a portfolio frame.

    :param leverage: of the asset, from settlement_pools/leverage
    :param isolated: the entry of the portfolio's isolated sub-accounts, None when it is cross
    """
    info, prices = raw["position_info"], raw.get("price_info")
    size, entry = position_size(raw), soft(info, "avg_entry_price")
    mark = soft(prices, "price") if isinstance(prices, Mapping) else None
    value = soft(raw, "value")
    value = abs(size) * mark if value is None and mark is not None else value
    upnl = soft(raw, "upnl")
    upnl = size * (mark - entry) if upnl is None and mark is not None and entry is not None else upnl
    initial, maintenance = soft(raw, "initial_margin"), soft(raw, "maintenance_margin")
    held = soft(isolated, "balance") if isolated is not None else initial
    factor = number(leverage)
    notional = None if value is None else abs(value)
    return {
        "timestamp": when(info.get("updated_at")),
        "side": ("long" if size > 0 else "short") if size else None,
        "contracts": digits(abs(size)),
        "entryPrice": digits(entry),
        "markPrice": digits(mark),
        "notional": digits(notional),
        "unrealizedPnl": digits(upnl),
        "realizedPnl": digits(soft(raw, "rpnl")),
        "liquidationPrice": nonzero_text(raw, "estimated_liquidation_price"),
        "initialMargin": digits(initial),
        "initialMarginPercentage": digits(initial / notional) if initial is not None and notional else None,
        "maintenanceMargin": digits(maintenance),
        "maintenanceMarginPercentage": digits(maintenance / notional) if maintenance is not None and notional else None,
        "collateral": digits(held + (upnl or 0)) if held is not None else None,
        "leverage": digits(factor),
        "marginMode": "cross" if isolated is None else "isolated",
        "hedged": False,
    }


def isolated_accounts(portfolio: Any) -> list[dict[str, Any]]:
    """The isolated sub-accounts."""
    sub = portfolio.get("sub_accounts") if isinstance(portfolio, Mapping) else None
    listed = sub.get("isolated") if isinstance(sub, Mapping) else None
    return [dict(row) for row in listed or () if isinstance(row, Mapping) and isinstance(row.get("instrument"), Mapping)]


def balance(raw: Raw) -> dict[str, str]:
    """total: the pool without unrealized PnL; free: what cross margin leaves, kept between zero and total; used: the rest.

    Cut off after 8 decimals (USDC has 6), so that the three still add up as floats.

    :raises Missing: without a balance, or when nothing says what is free
    """
    total = need_number(raw, "balance", "portfolio")
    sub = raw.get("sub_accounts")
    available = soft(sub, "cross_available") if isinstance(sub, Mapping) else None
    if available is None:
        usage = raw.get("margin_usage")
        if not isinstance(usage, Mapping):
            raise Missing("margin_usage", "portfolio")
        available = total + (soft(raw, "upnl") or 0) - need_number(usage, "initial_margin", "portfolio")
    total = total.quantize(CENTS, ROUND_FLOOR)
    free = min(max(available.quantize(CENTS, ROUND_FLOOR), Decimal(0)), max(total, Decimal(0)))
    return {"total": format(total, "f"), "free": format(free, "f"), "used": format(total - free, "f")}


def transfer(raw: Raw) -> dict[str, Any]:
    """A row of /transfers: money that came (positive) or went.

    :raises Missing: without id, type or qty
    """
    qty, kind = need_number(raw, "qty", "transfer"), need(raw, "transfer_type", "transfer")
    return {
        "id": need(raw, "id", "transfer"),
        "type": kind,
        "timestamp": when(raw.get("created_at")),
        "amount": digits(qty),
        "currency": str(raw.get("asset") or tables.SETTLE),
        "status": str(raw.get("status") or ""),
        "referenceId": text(raw.get("rfq_id")),
    }


def leverage(answer: Any, coin: str) -> dict[str, Any]:
    """The entry of an asset in settlement_pools/leverage.

    :raises Missing: without `current`
    """
    row = answer.get(coin) if isinstance(answer, Mapping) else None
    if not isinstance(row, Mapping):
        raise Missing(coin, "leverage")
    tiers = [
        (soft(tier, "notional_lower_bound") or Decimal(0), rate)
        for tier in row.get("limits") or ()
        if isinstance(tier, Mapping) and (rate := soft(tier, "min_im"))
    ]
    return {"current": need_number(row, "current", "leverage"), "tiers": sorted(tiers)}
