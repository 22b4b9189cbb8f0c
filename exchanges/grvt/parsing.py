"""The venue's answers -> unified fields. Pure; numbers stay text. Times come in nanoseconds as text and leave in milliseconds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timezone
from decimal import Context, Decimal
from email.utils import parsedate_to_datetime
from http.cookies import CookieError, SimpleCookie
from typing import Any

from ccxt_dex import exact
from ccxt_dex.exchanges.grvt import tables
from ccxt_dex.reading import Unreadable, number

Row = Mapping[str, Any]
Fields = dict[str, Any]

EXACT = Context(prec=60)


def stamp(value: Any) -> int | None:
    """Nanoseconds -> milliseconds; 0 and nothing are None."""
    try:
        number = int(value or 0)
    except (TypeError, ValueError):
        raise Unreadable(f"not a time: {value!r}") from None
    return number // 1_000_000 or None


def plain(value: Decimal | None) -> str | None:
    """Digits without exponent and trailing zeros; no decimal context may round them (ccxt changes the thread's)."""
    return None if value is None else exact.plain(value)


def nonzero(value: Any) -> str | None:
    """The digits of a number, None for zero: the venue prints 0 where there is nothing."""
    found = number(value)
    return plain(found) if found else None


def percent(value: Any) -> str | None:
    """Percentage points -> a fraction."""
    found = number(value)
    return None if found is None else plain(EXACT.scaleb(found, -2))


def total(*values: Any) -> str | None:
    """The sum of what is there."""
    found = [each for each in (number(value) for value in values) if each is not None]
    return plain(sum(found, Decimal(0))) if found else None


# --- sessions ------------------------------------------------------------------------------------------------------------------------


def cookie(header: Any) -> tuple[str, int | None] | None:
    """The session cookie of a Set-Cookie header: its value, and when it ends in unix milliseconds (None: it does not say)."""
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(str(header or ""))
    except CookieError:
        return None
    found = jar.get("gravity")
    if found is None or not found.value:
        return None
    end = None
    if found["expires"]:
        try:
            when = parsedate_to_datetime(found["expires"])
            end = int(when.replace(tzinfo=when.tzinfo or timezone.utc).timestamp() * 1000)
        except (TypeError, ValueError):
            end = None
    return str(found.value), end


# --- orders --------------------------------------------------------------------------------------------------------------------------


def order_id(row: Row) -> str | None:
    """The venue's id, None while it has not given one (it prints 0x00 then)."""
    found = str(row.get("order_id") or "")
    return found if found.startswith("0x") and found.strip("0x") else None


def client_order_id(row: Row) -> str:
    return str((row.get("metadata") or {}).get("client_order_id") or "")


def nonce(row: Row) -> str | None:
    """The number that an order was signed with, None where the venue does not say."""
    found = str((row.get("signature") or {}).get("nonce") or "")
    return found or None


def status(row: Row) -> str:
    """:raises Unreadable: a status that nobody knows: what became of money must not be guessed"""
    state = row.get("state") or {}
    word = str(state.get("status"))
    if word not in tables.STATUSES:
        raise Unreadable(f"unknown order status {word!r}")
    found = tables.STATUSES[word]
    return "expired" if found == "canceled" and state.get("reject_reason") == "EXPIRED" else found


def pending(row: Row) -> bool:
    """Whether the order is accepted for matching and has not been matched yet."""
    return str((row.get("state") or {}).get("status")) == "PENDING"


def reason(row: Row) -> str:
    return str((row.get("state") or {}).get("reject_reason") or "UNSPECIFIED")


def rejection(row: Row) -> str | None:
    """The name of the exception for an order that the matching engine refused, None for one that lives or lived."""
    why = reason(row)
    state = row.get("state") or {}
    ended = str(state.get("status"))
    if number(_first(state.get("traded_size"))):
        return None
    if ended == "REJECTED" or (ended == "CANCELLED" and why in tables.REASONS):
        return tables.REASONS.get(why, "InvalidOrder")
    return None


def _first(values: Any) -> Any:
    return values[0] if isinstance(values, list) and values else None


def order(row: Row) -> Fields:
    """An order of any endpoint or stream, but for its market."""
    leg: Row = _first(row.get("legs")) or {}
    state: Row = row.get("state") or {}
    metadata: Row = row.get("metadata") or {}
    trigger: Row = metadata.get("trigger") or {}
    tpsl: Row = trigger.get("tpsl") or {}
    kind = str(trigger.get("trigger_type") or "UNSPECIFIED")
    level = nonzero(tpsl.get("trigger_price")) if kind != "UNSPECIFIED" else None
    market_order = bool(row.get("is_market"))
    post_only = bool(row.get("post_only"))
    client = str(metadata.get("client_order_id") or "")
    identifier = order_id(row)
    filled = plain(number(_first(state.get("traded_size")))) or "0"
    tif = str(row.get("time_in_force") or "")
    return {
        "info": row,
        "id": identifier or client or None,
        "clientOrderId": client or None,
        "timestamp": stamp(metadata.get("create_time")) or stamp(state.get("update_time")),
        "lastUpdateTimestamp": stamp(state.get("update_time")),
        "lastTradeTimestamp": None,
        "status": status(row),
        "type": "market" if market_order else "limit",
        "timeInForce": "PO" if post_only else tables.TIME_IN_FORCE_BACK.get(tif, tif or None),
        "postOnly": post_only,
        "reduceOnly": bool(row.get("reduce_only")),
        "side": "buy" if leg.get("is_buying_asset") else "sell",
        "price": None if market_order else nonzero(leg.get("limit_price")),
        "triggerPrice": level,
        "stopLossPrice": level if kind == "STOP_LOSS" else None,
        "takeProfitPrice": level if kind == "TAKE_PROFIT" else None,
        "amount": plain(number(leg.get("size"))),
        "filled": filled,
        "average": nonzero(_first(state.get("avg_fill_price"))),
    }


def instrument(row: Row) -> str | None:
    """The market of an order."""
    leg: Row = _first(row.get("legs")) or {}
    return leg.get("instrument")


# --- trades --------------------------------------------------------------------------------------------------------------------------


def trade(row: Row) -> Fields:
    """A public trade, or a fill (which has is_buyer)."""
    own = "is_buyer" in row
    buyer = row.get("is_buyer") if own else row.get("is_taker_buyer")
    return {
        "info": row,
        "id": row.get("trade_id"),
        "timestamp": stamp(row.get("event_time")),
        "side": "buy" if buyer else "sell",
        "takerOrMaker": ("taker" if row.get("is_taker") else "maker") if own else "taker",
        "price": plain(number(row.get("price"))),
        "amount": plain(number(row.get("size"))),
        "order": row.get("order_id") if own else None,
        "clientOrderId": row.get("client_order_id") if own else None,
    }


def fee(row: Row) -> Fields | None:
    """The fee of a fill, with a builder's where there was one; negative is a rebate. The rate is given in percent."""
    if "fee" not in row:
        return None
    cost = total(row.get("fee"), row.get("builder_fee"))
    return {"cost": cost, "rate": percent(row.get("fee_rate")), "currency": row.get("fee_currency") or None}


# --- market data ---------------------------------------------------------------------------------------------------------------------


def ticker(row: Row) -> Fields:
    """A ticker or a mini ticker; volumes of both sides are added up."""
    return {
        "info": row,
        "timestamp": stamp(row.get("event_time")),
        "open": nonzero(row.get("open_price")),
        "high": nonzero(row.get("high_price")),
        "low": nonzero(row.get("low_price")),
        "last": nonzero(row.get("last_price")),
        "bid": nonzero(row.get("best_bid_price")),
        "bidVolume": nonzero(row.get("best_bid_size")),
        "ask": nonzero(row.get("best_ask_price")),
        "askVolume": nonzero(row.get("best_ask_size")),
        "markPrice": nonzero(row.get("mark_price")),
        "indexPrice": nonzero(row.get("index_price")),
        "baseVolume": total(row.get("buy_volume_24h_b"), row.get("sell_volume_24h_b")),
        "quoteVolume": total(row.get("buy_volume_24h_q"), row.get("sell_volume_24h_q")),
    }


def merged(before: Row, change: Row) -> Fields:
    """A ticker after a delta: what is absent stays, "" means that there is nothing any more."""
    return {**before, **change}


def funding_rate(row: Row, hours: Any) -> Fields:
    """The running rate of a ticker. Both the ticker and the history count in percentage points (live values agree on that)."""
    interval = row.get("funding_interval_hours") or hours
    return {
        "fundingRate": percent(row.get("funding_rate")),
        "fundingTimestamp": stamp(row.get("next_funding_time")),
        "interval": f"{int(interval)}h" if interval else None,
        "markPrice": nonzero(row.get("mark_price")),
        "indexPrice": nonzero(row.get("index_price")),
        "timestamp": stamp(row.get("event_time")),
    }


def candle(row: Row) -> list[Any]:
    """[milliseconds, open, high, low, close, volume]"""
    values = (row.get(name) for name in ("open", "high", "low", "close", "volume_b"))
    return [stamp(row.get("open_time")), *(float(number(value) or 0) for value in values)]


def levels(rows: Any) -> list[tuple[str, str]]:
    """Price and size of one side of a book."""
    return [(row["price"], row["size"]) for row in rows or ()]


# --- account -------------------------------------------------------------------------------------------------------------------------

POSITION_NUMBERS = """
contracts notional entryPrice markPrice liquidationPrice unrealizedPnl realizedPnl leverage initialMargin maintenanceMargin collateral
positionMargin percentage
""".split()


def position(row: Row) -> Fields:
    """A position; a closed one has size 0 and no side. Its collateral is what the venue reserves for it, or the initial margin."""
    size = number(row.get("size")) or Decimal(0)
    mode = str(row.get("margin_type") or "CROSS").lower()
    isolated = mode == "isolated"
    leverage = number(row.get("leverage"))
    notional = abs(number(row.get("notional")) or Decimal(0))
    initial = number(row.get("isolated_im")) if isolated else (notional / leverage if leverage else None)
    reserved = number(row.get("isolated_balance")) if isolated else None
    return {
        "info": row,
        "timestamp": stamp(row.get("event_time")),
        "side": None if not size else "long" if size > 0 else "short",
        "contracts": plain(abs(size)),
        "contractSize": 1.0,
        "notional": plain(notional),
        "entryPrice": nonzero(row.get("entry_price")),
        "markPrice": nonzero(row.get("mark_price")),
        "liquidationPrice": nonzero(row.get("est_liquidation_price")),
        "unrealizedPnl": plain(number(row.get("unrealized_pnl"))),
        "realizedPnl": plain(number(row.get("realized_pnl"))),
        "percentage": plain(number(row.get("roi"))),
        "leverage": plain(leverage),
        "marginMode": mode,
        "initialMargin": plain(initial),
        "maintenanceMargin": plain(number(row.get("isolated_mm"))),
        "collateral": plain(reserved if reserved is not None else initial),
        "positionMargin": plain(reserved),
        "hedged": False,
    }


def balance(row: Row) -> dict[str, Fields]:
    """Currency -> total, free, used. The settlement currency is counted as equity; other coins as they lie there."""
    settle = str(row.get("settle_currency") or "USDT")
    equity, free = number(row.get("total_equity")), number(row.get("available_balance"))
    found: dict[str, Fields] = {}
    for entry in row.get("spot_balances") or ():
        coin = str(entry.get("currency"))
        if coin != settle:
            movable = number(entry.get("available_to_transfer"))
            found[coin] = {"total": plain(number(entry.get("balance"))), "free": plain(movable)}
            if movable is None:
                found[coin]["used"] = "0"
    if equity is not None and free is not None:
        free = min(max(free, Decimal(0)), equity) if equity > 0 else Decimal(0)
        found[settle] = {"total": plain(equity), "free": plain(free)}
    return found


def funding_payment(row: Row) -> Fields:
    """A funding payment: the venue counts what was paid as positive (schema FundingPayment), ccxt as negative."""
    amount = number(row.get("amount"))
    return {
        "info": row,
        "id": row.get("tx_id"),
        "timestamp": stamp(row.get("event_time")),
        "amount": None if amount is None else plain(-amount),
        "currency": row.get("currency"),
    }


def bracket(row: Row) -> Fields:
    """One tier of margin_rules."""
    return {
        "tier": row.get("tier"),
        "minNotional": plain(number(row.get("notional_floor"))),
        "maxNotional": plain(number(row.get("notional_cap"))),
        "maintenanceMarginRate": plain(number(row.get("maintenance_margin_rate"))),
        "maxLeverage": plain(number(row.get("max_leverage"))),
        "info": row,
    }
