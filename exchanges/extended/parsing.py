"""Wire -> unified fields. Pure: neither ccxt nor asyncio; the market is passed in. Numbers stay text."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ccxt_dex.exchanges.extended import tables
from ccxt_dex.reading import Unreadable, digits, nonzero, number, text

Row = Mapping[str, Any]


def data(answer: Any) -> Any:
    """What an answer holds.

    :raises Unreadable: no such envelope
    """
    if not isinstance(answer, Mapping) or "data" not in answer:
        raise Unreadable("an answer without data")
    return answer["data"]


def rows(answer: Any) -> list[dict[str, Any]]:
    """The rows of a list."""
    found = data(answer)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(row, Mapping) for row in found):
        raise Unreadable("a list was expected")
    return [dict(row) for row in found]


def cursor(answer: Row) -> str | None:
    """Where the next page begins."""
    found = (answer.get("pagination") or {}).get("cursor")
    return None if found in (None, "") else str(found)


def stamp(value: Any) -> int | None:
    """Unix milliseconds; samples of the documentation have seconds where the venue sends milliseconds."""
    if value in (None, "", 0):
        return None
    found = int(value)
    return found * 1000 if found < 100_000_000_000 else found


# --- orders ------------------------------------------------------------------------------------------------------------------------------


def order_status(row: Row) -> str:
    """:raises Unreadable: a status that the documentation does not know"""
    found = tables.STATUS.get(str(row.get("status")))
    if found is None:
        raise Unreadable(f"unknown order status {row.get('status')!r}")
    return found


def refusal(row: Row) -> str | None:
    """The exception (by name) that says why a new order was refused; None when nothing is to be raised.

    An immediate order that met nobody is an order that ended, not a refusal.
    """
    reason = str(row.get("statusReason") or "")
    if row.get("status") != "REJECTED" or number(row.get("filledQty")):
        return None
    if reason == "NO_LIQUIDITY" and row.get("timeInForce") == "IOC":
        return None
    return tables.REASONS.get(reason, tables.OTHER_REASON)


def at_work(row: Row) -> bool:
    """Whether an immediate order has not ended yet."""
    return row.get("status") in tables.WORKING and (row.get("timeInForce") == "IOC" or row.get("type") == "MARKET")


def order(row: Row) -> dict[str, Any]:
    """Fields of an order."""
    status = order_status(row)
    size, filled = number(row.get("qty")), number(row.get("filledQty")) or Decimal(0)
    average = number(row.get("averagePrice"))
    trigger = row.get("trigger") or {}
    kind = str(row.get("type") or "")
    if kind == "CONDITIONAL":
        kind = str(trigger.get("executionPriceType") or "LIMIT")
    elif kind == "TPSL":
        kind = str(next((row[leg].get("priceType") for leg in ("stopLoss", "takeProfit") if row.get(leg)), "MARKET"))
    return {
        "id": str(row["id"]) if row.get("id") is not None else None,
        "clientOrderId": text(row.get("externalId") or row.get("externalOrderId")),
        "timestamp": stamp(row.get("createdTime")),
        "lastUpdateTimestamp": stamp(row.get("updatedTime")),
        "status": status,
        "type": kind.lower() or None,
        "timeInForce": "PO" if row.get("postOnly") else tables.UNIFIED_TIME_IN_FORCE.get(str(row.get("timeInForce"))),
        "postOnly": bool(row.get("postOnly")),
        "reduceOnly": bool(row.get("reduceOnly")),
        "side": str(row.get("side") or "").lower() or None,
        "price": nonzero(row.get("price")),
        "triggerPrice": nonzero(trigger.get("triggerPrice")),
        "takeProfitPrice": nonzero((row.get("takeProfit") or {}).get("triggerPrice")),
        "stopLossPrice": nonzero((row.get("stopLoss") or {}).get("triggerPrice")),
        "amount": digits(size),
        "filled": digits(filled),
        "remaining": None if size is None else digits(size - filled),
        "average": digits(average) if average else None,
        "cost": digits(average * filled) if average else digits(Decimal(0)) if not filled else None,
    }


def newer(row: Row, known: Row) -> bool:
    """Whether news about an order is news: an order that has ended stays so."""
    done, was_done = (tables.STATUS.get(str(each.get("status"))) != "open" for each in (row, known))
    if was_done:
        return done and (row.get("updatedTime") or 0) > (known.get("updatedTime") or 0)
    if done:
        return True
    filled = number(row.get("filledQty")) or Decimal(0), number(known.get("filledQty")) or Decimal(0)
    return filled[0] > filled[1] or (filled[0] == filled[1] and (row.get("updatedTime") or 0) >= (known.get("updatedTime") or 0))


# --- account -----------------------------------------------------------------------------------------------------------------------------


def balance(row: Row) -> dict[str, str | None]:
    """Total and free of the perpetual account; what is used is the difference, margin of open orders included."""
    return {"total": text(row.get("equity")), "free": text(row.get("availableForTrade"))}


def fees(found: list[dict[str, Any]], market_id: str) -> tuple[Decimal, Decimal]:
    """Maker's and taker's rate of a market.

    :raises Unreadable: it is not in the answer
    """
    for row in found:
        if row.get("market") == market_id:
            maker, taker = number(row.get("makerFeeRate")), number(row.get("takerFeeRate"))
            if maker is not None and taker is not None:
                return maker, taker
    raise Unreadable(f"no fees of {market_id}")


# --- markets -----------------------------------------------------------------------------------------------------------------------------


def tiers(config: Row, name: str) -> list[dict[str, Any]]:
    """Leverage tiers of a market: a risk factor is the initial margin rate up to a position value."""
    found, low = [], Decimal(0)
    steps = [row for row in config.get("riskFactorConfig") or [] if row.get("isAvailableForUsers", True) and number(row.get("riskFactor"))]
    steps.sort(key=lambda row: Decimal(str(row["upperBound"])))
    for index, row in enumerate(steps, 1):
        high = Decimal(str(row["upperBound"]))
        found.append({"tier": index, "currency": name, "minNotional": float(low), "maxNotional": float(high), "info": dict(row)})
        found[-1]["maxLeverage"] = float(round(1 / Decimal(str(row["riskFactor"])), 2))
        low = high
    return found


def levels(side: list[Any]) -> list[tuple[Any, Any]]:
    """Price and absolute size of a snapshot's side."""
    return [(level["p"], level.get("c", level["q"])) for level in side or []]


def changes(side: list[Any], sizes: Any) -> list[tuple[Any, str]]:
    """Price and new size of a delta's side: `c` is the size, `q` the change where `c` is missing.

    :param sizes: price -> what is there now
    """
    found = []
    for level in side or []:
        if level.get("c") is not None:
            found.append((level["p"], str(level["c"])))
        else:
            left = Decimal(str(sizes(level["p"]))) + Decimal(str(level["q"]))
            found.append((level["p"], digits(max(left, Decimal(0))) or "0"))
    return found
