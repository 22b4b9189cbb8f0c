"""Omni's objects -> ccxt's fields, numbers as text. Pure: the market is passed in, nothing is fetched.

The API is undocumented and changes without notice: unknown fields and words never stop a reading, a missing field that money depends on
does (`Missing`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from ccxt_dex.exact import plain
from ccxt_dex.exchanges.variational import tables
from ccxt_dex.reading import Unreadable, digits, milliseconds, nonzero, number, text

Raw = Mapping[str, Any]
CENTS = Decimal("1e-8")


class Missing(ValueError):
    """An answer lacks a field that money depends on."""

    def __init__(self, name: str, where: str) -> None:
        super().__init__(f"the venue's {where} has no usable {name!r}")


def need(raw: Raw, name: str, where: str) -> str:
    """:raises Missing: when the field is not there"""
    found = raw.get(name)
    if found is None or found == "" or isinstance(found, (dict, list)):
        raise Missing(name, where)
    return str(text(found))


def need_number(raw: Raw, name: str, where: str) -> Decimal:
    """:raises Missing: when the field is no number"""
    try:
        found = number(raw.get(name))
    except (Unreadable, TypeError):
        found = None
    if found is None:
        raise Missing(name, where)
    return found


def soft(raw: Raw, name: str) -> Decimal | None:
    """A number that nothing depends on; None when it cannot be read."""
    try:
        return number(raw.get(name))
    except (Unreadable, TypeError, ValueError):
        return None


def when(value: Any) -> int | None:
    try:
        return milliseconds(value)
    except Unreadable:
        return None


def unwrapped(answer: Any) -> dict[str, Any]:
    """An object, also when it comes as the only member of a list (seen with quotes).

    :raises Unreadable: for anything else
    """
    if isinstance(answer, Sequence) and not isinstance(answer, str) and len(answer) == 1:
        answer = answer[0]
    if not isinstance(answer, Mapping):
        raise Unreadable("an object was expected")
    return dict(answer)


def rows(answer: Any) -> list[dict[str, Any]]:
    """The objects of a list: a bare array, or the paged envelope.

    :raises Unreadable: for anything else
    """
    found = answer.get("result") if isinstance(answer, Mapping) else answer
    if not isinstance(found, Sequence) or isinstance(found, str):
        raise Unreadable("a list was expected")
    return [dict(row) for row in found if isinstance(row, Mapping)]


def more(answer: Any, got: int) -> bool:
    """Whether the envelope says that there is another page; a bare array is all there is."""
    pages = answer.get("pagination") if isinstance(answer, Mapping) else None
    return isinstance(pages, Mapping) and bool(pages.get("next_page")) and got > 0


# --- instruments ----------------------------------------------------------------------------------------------------------------------


def instrument(row: Raw) -> dict[str, Any] | None:
    """The object form of a supported_assets row; None for a kind that nobody has described."""
    kind, coin, group = row.get("instrument_type"), row.get("asset"), row.get("asset_class")
    if not isinstance(coin, str) or not coin:
        return None
    made: dict[str, Any] = {"underlying": coin, "instrument_type": kind, "settlement_asset": tables.SETTLE}
    if kind == tables.PERP:
        made["funding_interval_s"] = tables.OBJECT_INTERVAL
        token = row.get("dex_token_details")
        if isinstance(token, Mapping):
            made["dex_token_details"] = {"network": token.get("network"), "underlying_address": token.get("underlying_address")}
        return made
    if not isinstance(group, str) or group not in tables.KINDS:
        return None
    made["kind"] = group
    if kind == tables.RWA:
        return made
    if kind not in (tables.CFD, tables.SWAP):
        return None
    interval = row.get("funding_interval_s")
    made["funding_interval_s"] = 0 if kind == tables.SWAP or not isinstance(interval, int) else interval
    return made


def key(found: Raw) -> str:
    """The key form of an object.

    :raises Missing: when it names nothing
    """
    kind, coin = found.get("instrument_type"), need(found, "underlying", "instrument")
    settle = found.get("settlement_asset") or tables.SETTLE
    if kind == tables.RWA:
        return f"P-RWA/{tables.KINDS.get(str(found.get('kind')), found.get('kind'))}-{coin}-{settle}"
    interval = found.get("funding_interval_s") or 0
    if kind in (tables.CFD, tables.SWAP):
        return f"C-{tables.KINDS.get(str(found.get('kind')), found.get('kind'))}-{coin}-{settle}-{interval}"
    token = found.get("dex_token_details")
    if isinstance(token, Mapping):
        return f"P-{token.get('network')}_{token.get('underlying_address')}-{coin}-{settle}-{interval}"
    return f"P-{coin}-{settle}-{interval}"


def flat(found: Raw) -> dict[str, Any]:
    """The flattened query form."""
    query = {"underlying": found["underlying"], "instrument_type": found["instrument_type"]}
    if found.get("kind"):
        query["asset_class"] = found["kind"]
    query.update(found.get("dex_token_details") or {})
    return query


# --- precision ------------------------------------------------------------------------------------------------------------------------


def _power(exponent: int) -> Decimal:
    return Decimal(1).scaleb(exponent)


def amount_rule(price: Decimal, least: Decimal = Decimal(tables.MIN_NOTIONAL)) -> tuple[Decimal, Decimal]:
    """Tick and smallest size at a price: min(1, 10^floor(log10(least / price))), and the first multiple worth `least` (official SDK)."""
    share = least / price
    tick = min(Decimal(1), _power(share.adjusted()))
    return tick, (share / tick).to_integral_value(ROUND_CEILING) * tick


def price_rule(price: Decimal) -> Decimal:
    """The display tick at a price: 6 significant figures but at least 2 decimals from 1 up, 4 significant decimals below 1."""
    exponent = price.adjusted()
    return _power(-max(2, 5 - exponent)) if exponent >= 0 else _power(exponent - 3)


def rounded(price: Decimal, up: bool | None = None) -> Decimal:
    """A price on the display tick; to the nearest one, or outwards."""
    tick = price_rule(price)
    how = {None: "ROUND_HALF_EVEN", True: ROUND_CEILING, False: ROUND_FLOOR}[up]
    return (price / tick).to_integral_value(how) * tick


# --- markets --------------------------------------------------------------------------------------------------------------------------


def asset_rows(answer: Any) -> list[dict[str, Any]]:
    """supported_assets: a dictionary of lists with one row each; empty lists and odd rows are passed over.

    :raises Unreadable: when it is no dictionary
    """
    if not isinstance(answer, Mapping):
        raise Unreadable("an object of lists was expected")
    found = []
    for listed in answer.values():
        for row in listed if isinstance(listed, Sequence) and not isinstance(listed, str) else ():
            if isinstance(row, Mapping) and row.get("asset"):
                found.append(dict(row))
                break
    return found


def market(row: Raw) -> dict[str, Any] | None:
    """A row of supported_assets; None for what cannot be traded here or is of an unknown kind."""
    made = instrument(row)
    price = soft(row, "price")
    if made is None or row.get("has_perp") is False or not price or price <= 0:
        return None
    status = row.get("market_status")
    closed = row.get("is_close_only_mode") is True or (isinstance(status, str) and status in tables.CLOSED_MARKET)
    return {
        **_market(str(row["asset"]), price),
        "id": key(made),
        "active": not closed,
        "instrument": made,
        "created": when(row.get("listed_at")),
    }


def listed_market(row: Raw) -> dict[str, Any] | None:
    """A listing of the documented host, which does not tell the kind of instrument: good for public data only."""
    coin, price = row.get("ticker"), soft(row, "mark_price")
    if not isinstance(coin, str) or not price or price <= 0:
        return None
    return {**_market(coin, price), "id": coin, "active": True, "instrument": None, "created": None}


def _market(coin: str, price: Decimal) -> dict[str, Any]:
    tick, least = amount_rule(price)
    limits = {
        "amount": {"min": plain(least), "max": None},
        "price": {"min": None, "max": None},
        "cost": {"min": tables.MIN_NOTIONAL, "max": None},
        "leverage": {"min": "1", "max": tables.LEVERAGE_SEEN},
    }
    precision = {"amount": plain(tick), "price": plain(price_rule(price))}
    names = {"base": coin, "quote": tables.SETTLE, "settle": tables.SETTLE, "symbol": f"{coin}/{tables.SETTLE}:{tables.SETTLE}"}
    return {**names, "precision": precision, "limits": limits}


def quote_limits(raw: Raw, side: str) -> dict[str, Decimal | None]:
    """tick, min, max of a size by the quote: what sells is bound by the bid's limits, what buys by the ask's."""
    limits = raw.get("qty_limits")
    mine = limits.get("bid" if side == "sell" else "ask") if isinstance(limits, Mapping) else None
    mine = mine if isinstance(mine, Mapping) else {}
    return {"tick": soft(mine, "min_qty_tick"), "min": soft(mine, "min_qty"), "max": soft(mine, "max_qty")}


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
        level = price if not made else rounded(max(cost / part, _power(-12)), side == "asks")
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


def isolated_accounts(portfolio: Any) -> dict[str, dict[str, Any]]:
    """The isolated sub-accounts by instrument key."""
    sub = portfolio.get("sub_accounts") if isinstance(portfolio, Mapping) else None
    listed = sub.get("isolated") if isinstance(sub, Mapping) else None
    return {
        key(row["instrument"]): dict(row) for row in listed or () if isinstance(row, Mapping) and isinstance(row.get("instrument"), Mapping)
    }


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
