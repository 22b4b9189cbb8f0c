"""StandX's objects -> ccxt's fields, numbers as text. Pure: the market is passed in, nothing is fetched.

Pages: docs.standx.com "HTTP API" (2026-05-19) and "WebSocket" (2026-08-11); live recordings of 2026-06-11 where they differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ccxt_dex.exchanges.standx.tables import FUNDING_INTERVAL, ORDER_STATUS, UNIFIED_TIME_IN_FORCE
from ccxt_dex.reading import Unreadable, milliseconds, nonzero, number, text
from ccxt_dex.reading import digits as plain

Raw = Mapping[str, Any]


def rows(response: Any) -> list[dict[str, Any]]:
    """The objects of a list answer: a bare array, or the paged envelope with `result`.

    :raises Unreadable: for anything else
    """
    found = response.get("result") if isinstance(response, Mapping) else response
    if isinstance(found, Sequence) and not isinstance(found, str):
        return list(found)
    raise Unreadable("a list was expected")


def needed(raw: Raw, name: str) -> str:
    """The text of a field that must be there.

    :raises Unreadable: when it is not
    """
    found = raw.get(name)
    if not isinstance(found, str) or not found:
        raise Unreadable(f"no usable {name!r} in {raw.get('id') or 'an answer'}")
    return found


def quantity(raw: Raw, name: str) -> Decimal:
    """A number that money depends on.

    :raises Unreadable: when it is not there
    """
    found = number(raw.get(name))
    if found is None:
        raise Unreadable(f"no usable {name!r} in {raw.get('id') or 'an answer'}")
    return found


def tick(decimals: Any) -> str:
    """10^-decimals as text."""
    return format(Decimal(1).scaleb(-int(decimals)), "f")


def active(raw: Raw) -> bool:
    """`status` is live, `enabled` is documented; the live one wins."""
    status = raw.get("status")
    return status == "trading" if status is not None else bool(raw.get("enabled", True))


def market(raw: Raw) -> dict[str, Any]:
    """An entry of query_symbol_info. Amounts, prices and limits as text."""
    base, settle = raw["base_asset"], raw["quote_asset"]
    return {
        "id": raw["symbol"],
        "symbol": f"{base}/{settle}:{settle}",
        "base": base,
        "quote": settle,
        "settle": settle,
        "active": active(raw),
        "taker": text(raw.get("taker_fee")),
        "maker": text(raw.get("maker_fee")),
        "precision": {"amount": tick(raw["qty_tick_decimals"]), "price": tick(raw["price_tick_decimals"])},
        "limits": {
            "leverage": {"min": "1", "max": text(raw.get("max_leverage"))},
            "amount": {"min": text(raw.get("min_order_qty")), "max": text(raw.get("max_order_qty"))},
            "price": {"min": text(raw.get("min_order_price")), "max": text(raw.get("max_order_price"))},
            "cost": {"min": None, "max": None},
        },
        "created": milliseconds(raw.get("created_at")),
    }


def touch(raw: Raw) -> tuple[str | None, str | None]:
    """Best bid and ask. Never from the book, which is bucketed on BTC (live, 2026-06-11)."""
    spread = raw.get("spread") or (None, None)
    bid = raw.get("bid1", raw.get("spread_bid", spread[0]))
    ask = raw.get("ask1", raw.get("spread_ask", spread[1]))
    return text(bid), text(ask)


def ticker(raw: Raw) -> dict[str, Any]:
    """query_symbol_market, query_symbol_price, a row of the overview, or a price frame: fields that one lacks stay None.

    The venue's own price_change is mark - open (computed on ten symbols), so change and percentage are left to last and open.
    """
    bid, ask = touch(raw)
    return {
        "timestamp": milliseconds(raw.get("time")),
        "high": text(raw.get("high_price_24h")),
        "low": text(raw.get("low_price_24h")),
        "open": text(raw.get("open_price_24h")),
        "last": text(raw.get("last_price")),
        "close": text(raw.get("last_price")),
        "bid": bid,
        "ask": ask,
        "baseVolume": text(raw.get("volume_24h")),
        "quoteVolume": text(raw.get("volume_quote_24h")),
        "markPrice": text(raw.get("mark_price")),
        "indexPrice": text(raw.get("index_price")),
    }


def funding_rate(raw: Raw, interest: Any = None) -> dict[str, Any]:
    """The running rate of a market, per hour."""
    stamp = milliseconds(raw.get("time"))
    following = milliseconds(raw.get("next_funding_time"))
    if following is None and stamp is not None:
        following = stamp - stamp % 3_600_000 + 3_600_000  # hourly, on the hour (user guide, funding)
    return {
        "markPrice": text(raw.get("mark_price")),
        "indexPrice": text(raw.get("index_price")),
        "interestRate": text(interest),
        "timestamp": stamp,
        "fundingRate": text(raw.get("funding_rate")),
        "fundingTimestamp": following,
        "interval": FUNDING_INTERVAL,
    }


def open_interest(raw: Raw) -> dict[str, Any]:
    return {
        "openInterestAmount": text(raw.get("open_interest")),
        "openInterestValue": text(raw.get("open_interest_notional")),
        "timestamp": milliseconds(raw.get("time")),
    }


def public_trade(raw: Raw) -> dict[str, Any]:
    """query_recent_trades (no id, `is_buyer_taker`) or a public_trade frame (id, `side` of the taker)."""
    side = raw.get("side")
    if side is None:
        side = "buy" if raw["is_buyer_taker"] else "sell"
    return {
        "id": text(raw.get("id")),
        "timestamp": milliseconds(raw.get("time")),
        "side": side,
        "price": text(raw.get("price")),
        "amount": text(raw.get("qty")),
        "cost": text(raw.get("quote_qty")),
        "takerOrMaker": "taker",
    }


def my_trade(raw: Raw) -> dict[str, Any]:
    """query_trades or a trade frame.

    :raises Unreadable: without price or quantity
    """
    fee = nonzero(raw.get("fee_qty"))
    taker = raw.get("is_taker")
    return {
        "id": text(raw.get("id")),
        "order": text(raw.get("order_id")),
        "timestamp": milliseconds(raw.get("created_at") or raw.get("time") or raw.get("updated_at")),
        "side": raw.get("side"),
        "type": None,
        "takerOrMaker": None if taker is None else ("taker" if taker else "maker"),
        "price": plain(quantity(raw, "price")),
        "amount": plain(quantity(raw, "qty")),
        "cost": text(raw.get("value")),
        "fee": None if raw.get("fee_qty") is None else {"cost": fee or "0", "currency": raw.get("fee_asset")},
    }


def order_status(raw: Any) -> str:
    """:raises Unreadable: for a status nobody has described"""
    if raw not in ORDER_STATUS:
        raise Unreadable(f"unknown order status {raw!r}")
    return ORDER_STATUS[raw]


def order(raw: Raw) -> dict[str, Any]:
    """query_order, an entry of the lists, or an order frame.

    :raises Unreadable: for an unknown status
    """
    kind = raw.get("order_type")
    tif = raw.get("time_in_force")
    return {
        "id": text(raw.get("id")),
        "clientOrderId": text(raw.get("cl_ord_id")),
        "timestamp": milliseconds(raw.get("created_at")),
        "lastUpdateTimestamp": milliseconds(raw.get("updated_at")),
        "status": order_status(raw.get("status")),
        "type": kind,
        "timeInForce": UNIFIED_TIME_IN_FORCE.get(tif, tif) if isinstance(tif, str) else None,
        "postOnly": tif == "alo",
        "reduceOnly": raw.get("reduce_only"),
        "side": raw.get("side"),
        # a filled market order shows its fill price here (docs), which is not a limit
        "price": None if kind == "market" else nonzero(raw.get("price")),
        "amount": text(raw.get("qty")),
        "filled": text(raw.get("fill_qty")),
        "average": nonzero(raw.get("fill_avg_price")),
        "takeProfitPrice": nonzero(raw.get("tp_price")),
        "stopLossPrice": nonzero(raw.get("sl_price")),
    }


def _ratio(above: Decimal | None, below: Decimal | None) -> str | None:
    return plain(above / below) if above is not None and below else None


def position(raw: Raw, mark: Any = None) -> dict[str, Any]:
    """query_positions, or a position frame, which lacks everything that follows from the mark price.

    :param mark: mark price to use when the object has none
    :raises Unreadable: without a quantity: no position is ever made of nothing
    """
    qty = quantity(raw, "qty")
    entry = number(raw.get("entry_price"))
    mark_price = number(raw.get("mark_price")) or number(mark)
    value = number(raw.get("position_value"))
    upnl = number(raw.get("upnl"))
    if mark_price is not None:
        value = abs(qty) * mark_price if value is None else abs(value)
        upnl = qty * (mark_price - entry) if upnl is None and entry is not None else upnl
    leverage, maintenance, margin = number(raw.get("leverage")), number(raw.get("maint_margin")), number(raw.get("holding_margin"))
    return {
        "id": text(raw.get("id")),
        "timestamp": milliseconds(raw.get("time") or raw.get("updated_at")),
        "side": ("long" if qty > 0 else "short") if qty else None,
        "contracts": plain(abs(qty)),
        "entryPrice": nonzero(raw.get("entry_price")),
        "markPrice": plain(mark_price),
        "notional": plain(value),
        "initialMargin": text(raw.get("initial_margin")),
        "initialMarginPercentage": _ratio(Decimal(1), leverage),
        "maintenanceMargin": plain(maintenance),
        "maintenanceMarginPercentage": _ratio(maintenance, value),
        "positionMargin": plain(margin),
        # ccxt's words: margin is what is held, collateral is that with the unrealized PnL
        "collateral": plain(margin + (upnl or 0)) if margin is not None else None,
        "unrealizedPnl": plain(upnl),
        "realizedPnl": text(raw.get("realized_pnl")),
        "leverage": plain(leverage),
        "marginMode": raw.get("margin_mode"),
        "liquidationPrice": nonzero(raw.get("liq_price")),
        # mmr = (margin + upnl) / maintenance margin, a multiple with liquidation near 1 (computed on the documented sample)
        "marginRatio": _ratio(Decimal(1), number(raw.get("mmr"))),
        "hedged": False,
    }


def is_open(raw: Raw) -> bool:
    """Closed positions stay in the list with qty "0".

    :raises Unreadable: without a quantity
    """
    return bool(quantity(raw, "qty"))


def balance(raw: Raw) -> dict[str, str]:
    """total: the wallet without unrealized PnL; free: cross_available, kept between zero and total; used: the rest.

    :raises Unreadable: when either is missing
    """
    total, available = quantity(raw, "balance"), quantity(raw, "cross_available")
    free = min(max(available, Decimal(0)), max(total, Decimal(0)))
    return {"total": format(total, "f"), "free": format(free, "f"), "used": format(total - free, "f")}


def funding_payment(raw: Raw) -> dict[str, Any]:
    """An entry of query_funding_history. Negative is taken as paid (the sign convention is not stated)."""
    return {
        "id": text(raw.get("id")),
        "code": raw.get("asset"),
        "timestamp": milliseconds(raw.get("transact_time") or raw.get("created_at")),
        "amount": text(raw.get("qty")),
    }


def funding_rate_entry(raw: Raw) -> dict[str, Any]:
    return {"fundingRate": text(raw.get("funding_rate")), "timestamp": milliseconds(raw.get("time"))}


def candles(raw: Raw) -> list[list[Any]]:
    """TradingView columns -> rows of [ms, open, high, low, close, base volume].

    :raises Unreadable: for a status other than ok and no_data, or columns of unequal length
    """
    if raw.get("s") not in ("ok", "no_data", None):
        raise Unreadable(f"candles: status {raw.get('s')!r}")
    columns = [raw.get(name) or [] for name in ("t", "o", "h", "l", "c", "v")]
    if len({len(column) for column in columns}) > 1:
        raise Unreadable("candles: columns of unequal length")
    return [[int(t) * 1000, o, h, low, c, v] for t, o, h, low, c, v in zip(*columns, strict=True)]


def candle(raw: Raw) -> list[Any]:
    """A bar of the kline channel (undocumented; a third party's model of March 2026)."""
    return [milliseconds(raw["time"]), *(float(raw[name]) for name in ("open", "high", "low", "close")), float(raw.get("volume") or 0)]


def position_config(raw: Raw) -> dict[str, Any]:
    """query_position_config; leverage is a string live and an integer in the docs."""
    return {"leverage": int(Decimal(str(raw["leverage"]))), "marginMode": raw.get("margin_mode")}
