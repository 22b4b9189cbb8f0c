"""Instruments in their three spellings, their markets, and the arithmetic of sizes and prices. Pure.

The API is undocumented and changes without notice: unknown fields and words never stop a reading, a missing field that money depends on
does (`Missing`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from ccxt_dex.exact import plain
from ccxt_dex.exchanges.variational import tables
from ccxt_dex.reading import Unreadable, milliseconds, number, text

Raw = Mapping[str, Any]
LARGEST = Decimal("1e20")
"""no size is as large"""


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
    if kind not in (tables.PERP, None):
        return f"{kind}-{coin}-{settle}-{interval}"  # of a kind that nobody has described: never taken for a perpetual
    token = found.get("dex_token_details")
    if isinstance(token, Mapping):
        return f"P-{token.get('network')}_{token.get('underlying_address')}-{coin}-{settle}-{interval}"
    return f"P-{coin}-{settle}-{interval}"


def family(found: Raw) -> tuple[str, ...]:
    """What an instrument is whatever its `funding_interval_s`, about which the venue's own answers differ.

    :raises Missing: when it names nothing
    """
    token = found.get("dex_token_details")
    token = token if isinstance(token, Mapping) else {}
    kind = str(found.get("instrument_type") or tables.PERP)
    parts = (found.get("kind"), found.get("settlement_asset") or tables.SETTLE, token.get("network"), token.get("underlying_address"))
    return (kind, need(found, "underlying", "instrument"), *(str(part or "") for part in parts))


def flat(found: Raw) -> dict[str, Any]:
    """The flattened query form."""
    query = {"underlying": found["underlying"], "instrument_type": found["instrument_type"]}
    if found.get("kind"):
        query["asset_class"] = found["kind"]
    query.update(found.get("dex_token_details") or {})
    return query


# --- precision ------------------------------------------------------------------------------------------------------------------------


def power(exponent: int) -> Decimal:
    return Decimal(1).scaleb(exponent)


def amount_rule(price: Decimal, least: Decimal = Decimal(tables.MIN_NOTIONAL)) -> tuple[Decimal, Decimal]:
    """Tick and smallest size at a price: min(1, 10^floor(log10(least / price))), and the first multiple worth `least` (official SDK)."""
    share = least / price
    tick = min(Decimal(1), power(share.adjusted()))
    return tick, (share / tick).to_integral_value(ROUND_CEILING) * tick


def price_rule(price: Decimal) -> Decimal:
    """The display tick at a price: 6 significant figures but at least 2 decimals from 1 up, 4 significant decimals below 1."""
    exponent = price.adjusted()
    return power(-max(2, 5 - exponent)) if exponent >= 0 else power(exponent - 3)


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
    tick = soft(mine, "min_qty_tick")
    # every size is held against the step from then on: what is no power of ten from 1 down is no step
    tick = tick if tick is not None and -18 <= tick.adjusted() <= 0 and tick == power(tick.adjusted()) else None
    least, most = (size if size is not None and 0 < size < LARGEST else None for size in (soft(mine, "min_qty"), soft(mine, "max_qty")))
    return {"tick": tick, "min": least, "max": most}
