"""Lighter's answers -> unified fields. Pure: strings stay strings, the market is passed in, ccxt's safe_* finish the structure.

Samples: shared captures (mainnet, 2026-05-05 and 2026-06-13) and the official documentation's examples.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ccxt_dex.reading import Unreadable

from . import tables

Row = Mapping[str, Any]


# of a position, those that ccxt's structure wants as numbers
POSITION_NUMBERS = (
    "contracts",
    "contractSize",
    "entryPrice",
    "markPrice",
    "notional",
    "leverage",
    "collateral",
    "initialMargin",
    "initialMarginPercentage",
    "maintenanceMargin",
    "maintenanceMarginPercentage",
    "unrealizedPnl",
    "realizedPnl",
    "liquidationPrice",
)


def stamp(value: Any) -> int | None:
    """Unix milliseconds of a time in seconds, milliseconds or microseconds: the venue uses all three, even within one field's history."""
    if value in (None, "", 0, "0"):
        return None
    number = int(value)
    while number > 10**14:
        number //= 1000
    return number * 1000 if number < 10**11 else number


def text(value: Any) -> str | None:
    return None if value is None else format(value, "f") if isinstance(value, Decimal) else str(value)


def plain(number: Decimal) -> str:
    found = format(number, "f")
    return found.rstrip("0").rstrip(".") if "." in found else found


def positive(value: Any) -> str | None:
    """A number as text, None where the venue writes zero for "none"."""
    return None if value in (None, "") or not Decimal(str(value)) else str(value)


def order_id(row: Row) -> str | None:
    return text(row.get("order_id") or row.get("order_index"))


def client_order_id(row: Row) -> str | None:
    found = text(row.get("client_order_id") or row.get("client_order_index"))
    return None if found in (None, "0", "") else found


def status(word: Any) -> str:
    """:raises Unreadable: for a status that the documentation does not have: an order in an unknown state must not look settled"""
    found = tables.ORDER_STATUS.get(str(word))
    if found is None:
        raise Unreadable(f"unknown order status {word!r}")
    return found


def order(row: Row) -> dict[str, Any]:
    """Fields of a unified order (symbol excepted)."""
    kind = str(row.get("type"))
    filled, quote = row.get("filled_base_amount"), row.get("filled_quote_amount")
    average = None
    if filled and quote and Decimal(str(filled)):
        average = plain(Decimal(str(quote)) / Decimal(str(filled)))
    trigger = positive(row.get("trigger_price"))
    created = stamp(row.get("created_at") or row.get("timestamp"))
    tif = tables.TIME_IN_FORCE_WORDS.get(str(row.get("time_in_force")), row.get("time_in_force"))
    updated = stamp(row.get("updated_at"))
    return {
        "info": row,
        "id": order_id(row),
        "clientOrderId": client_order_id(row),
        "timestamp": created,
        "lastTradeTimestamp": updated if average is not None else None,
        "lastUpdateTimestamp": updated,
        "type": tables.UNIFIED_TYPES.get(kind, kind),
        "timeInForce": tif,
        "postOnly": tif == "PO",
        "reduceOnly": bool(row.get("reduce_only")),
        "side": "sell" if row.get("is_ask") else "buy",
        "price": positive(row.get("price")),
        "triggerPrice": trigger,
        "stopLossPrice": trigger if "stop-loss" in kind else None,
        "takeProfitPrice": trigger if "take-profit" in kind else None,
        "amount": text(row.get("initial_base_amount")),
        "filled": text(filled),
        "remaining": text(row.get("remaining_base_amount")),
        "cost": text(quote),
        "average": average,
        "status": status(row.get("status")),
    }


def as_modified(row: Row, wanted: Mapping[str, Any], size_decimals: int, price_decimals: int) -> bool:
    """Whether an order stands as a modify_order transaction wants it. Nobody has seen whether the venue counts what is filled into an amount.

    :param wanted: the transaction's fields
    """
    shown = [units(row.get(name), size_decimals) for name in ("initial_base_amount", "remaining_base_amount")]
    if wanted["BaseAmount"] not in shown:
        return False
    trigger = units(row.get("trigger_price"), price_decimals) or 0
    if wanted["TriggerPrice"] and trigger != wanted["TriggerPrice"]:
        return False
    # of a market order's price, the bound, nothing need be shown
    return str(row.get("type")) in ("stop-loss", "take-profit") or units(row.get("price"), price_decimals) == wanted["Price"]


def units(value: Any, decimals: int) -> Decimal | None:
    """A number in the smallest units of a market."""
    return None if value in (None, "") else Decimal(str(value)).scaleb(decimals)


def rejection(row: Row) -> str | None:
    """Name of the ccxt exception for an order that was refused the moment it was executed; None for one that was not."""
    filled = row.get("filled_base_amount")
    if filled and Decimal(str(filled)):
        return None
    return tables.REFUSED_STATUS.get(str(row.get("status")))


def trade(row: Row, account: int | None = None) -> dict[str, Any]:
    """Fields of a unified trade. With an account it is told from that account's side, with its order and fee.

    Fees are counted in millionths of the quote amount; a standard account's are zero and left out by the venue.
    """
    maker_ask = bool(row.get("is_maker_ask"))
    mine = None if account is None else "ask" if int(row.get("ask_account_id") or -1) == account else "bid"
    side = ("buy" if maker_ask else "sell") if mine is None else "sell" if mine == "ask" else "buy"
    fields: dict[str, Any] = {
        "info": row,
        "id": text(row.get("trade_id_str") or row.get("trade_id")),
        "timestamp": stamp(row.get("timestamp")),
        "side": side,
        "price": text(row.get("price")),
        "amount": text(row.get("size")),
        "cost": text(row.get("usd_amount")),
        "takerOrMaker": None,
        "order": None,
        "type": None,
        "fee": None,
    }
    if mine is None:
        return fields
    maker = maker_ask == (mine == "ask")
    ticks = Decimal(str(row.get("maker_fee" if maker else "taker_fee") or 0))
    cost = Decimal(str(row.get("usd_amount") or 0))
    fields["order"] = text(row.get(f"{mine}_id_str") or row.get(f"{mine}_id"))
    fields["takerOrMaker"] = "maker" if maker else "taker"
    fields["fee"] = {
        "currency": "USDC",
        "cost": plain(cost * ticks / tables.FEE_TICK),
        "rate": plain(ticks / tables.FEE_TICK),
    }
    return fields


def leverage_of(fraction: Any) -> str | None:
    """Leverage of an `initial_margin_fraction` in percent ("5.00"); below 1 it is taken for a fraction, as one documented stream frame has it."""
    share = Decimal(str(fraction or 0))
    if share <= 0:
        return None
    return plain((100 / share if share >= 1 else 1 / share).quantize(Decimal("0.01")).normalize())


def position(row: Row, market: Row) -> dict[str, Any]:
    """Fields of a unified position (symbol excepted); `contracts` is "0" for a market that was only configured."""
    size = abs(Decimal(str(row.get("position") or 0)))
    value = abs(Decimal(str(row.get("position_value") or 0)))
    leverage = leverage_of(row.get("initial_margin_fraction"))
    maintenance = Decimal(str((market.get("info") or {}).get("maintenance_margin_fraction") or 0)) / 10_000
    isolated = int(row.get("margin_mode") or 0) == tables.ISOLATED
    initial = value / Decimal(leverage) if leverage else None
    liquidation = Decimal(str(row.get("liquidation_price") or 0))
    upnl = text(row.get("unrealized_pnl"))
    return {
        "info": row,
        "id": None,
        "side": None if not size else "long" if int(row.get("sign") or 1) > 0 else "short",
        "contracts": plain(size),
        "contractSize": "1",
        "entryPrice": positive(row.get("avg_entry_price")),
        "markPrice": plain(value / size) if size else None,
        "notional": plain(value),
        "leverage": leverage,
        "collateral": text(row.get("allocated_margin")) if isolated else None if initial is None else plain(initial),
        "initialMargin": None if initial is None else plain(initial),
        "initialMarginPercentage": None if not leverage else plain(1 / Decimal(leverage)),
        "maintenanceMargin": plain(value * maintenance) if maintenance else None,
        "maintenanceMarginPercentage": plain(maintenance) if maintenance else None,
        "unrealizedPnl": upnl,
        "realizedPnl": text(row.get("realized_pnl")),
        "liquidationPrice": plain(liquidation) if liquidation > 0 else None,
        "marginMode": "isolated" if isolated else "cross",
        "hedged": False,
    }


def max_leverage(info: Row) -> str | None:
    """What a market's `min_initial_margin_fraction` (in 1e-4) allows."""
    fraction = Decimal(str(info.get("min_initial_margin_fraction") or 0))
    return plain((10_000 / fraction).quantize(Decimal("0.01")).normalize()) if fraction > 0 else None


def hourly_rate(percent: Any) -> str | None:
    """The fraction paid per hour of a rate that the venue prints in percent (market_stats, fundings)."""
    return None if percent is None else plain(Decimal(str(percent)) / 100)


def funding_rate(row: Row) -> dict[str, Any]:
    """Fields of a unified funding rate from `market_stats`."""
    return {
        "info": row,
        "markPrice": text(row.get("mark_price")),
        "indexPrice": text(row.get("index_price")),
        "fundingRate": hourly_rate(row.get("current_funding_rate")),
        "fundingTimestamp": None,
        "previousFundingRate": hourly_rate(row.get("funding_rate")),
        "previousFundingTimestamp": stamp(row.get("funding_timestamp")),
        "interval": "1h",
    }


def past_funding(row: Row) -> dict[str, Any]:
    """One row of `fundings`: `direction` says who paid, the rate has no sign of its own."""
    rate = hourly_rate(row.get("rate"))
    if rate is not None and row.get("direction") == "short":
        rate = plain(-Decimal(rate))
    return {"info": row, "fundingRate": rate, "timestamp": stamp(row.get("timestamp"))}


def funding_payment(row: Row) -> dict[str, Any]:
    """One row of `positionFunding`: `change` is what the balance moved by."""
    return {
        "info": row,
        "id": text(row.get("funding_id")),
        "timestamp": stamp(row.get("timestamp")),
        "amount": text(row.get("change")),
        "rate": text(row.get("rate")),
        "code": "USDC",
    }


def best(row: Row) -> dict[str, Any]:
    """Fields of a ticker from the `ticker` channel: the best bid and ask."""
    ask, bid = row.get("a") or {}, row.get("b") or {}
    return {
        "info": row,
        "bid": text(bid.get("price")),
        "bidVolume": text(bid.get("size")),
        "ask": text(ask.get("price")),
        "askVolume": text(ask.get("size")),
    }


def candle(row: Row) -> list[Any]:
    return [int(row["t"]), *(None if row.get(key) is None else float(row[key]) for key in ("o", "h", "l", "c", "v"))]
