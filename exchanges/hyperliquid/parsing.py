"""The venue's answers as unified values, where ccxt's class reads them wrong or not at all. Pure: markets are passed in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from ccxt_dex.exchanges.hyperliquid import tables

__all__ = [
    "CANCELLED",
    "balances",
    "book_levels",
    "carried_out",
    "fee_rates",
    "leverage",
    "order_status",
    "order_type",
    "outcomes",
    "spot_balances",
    "ticker_fields",
    "tiers",
    "time_in_force",
    "transfer",
    "twap_id",
    "twap_word",
    "unified",
]


def order_status(raw: str | None) -> str | None:
    """The unified status; an unknown word comes back as it is, for the caller to say so."""
    if raw is None:
        return None
    found = tables.STATUSES.get(raw)
    if found is not None:
        return found
    return next((status for ending, status in tables.STATUS_ENDINGS.items() if raw.endswith(ending)), raw)


def order_type(raw: str | None) -> str | None:
    return None if raw is None else tables.ORDER_TYPES.get(raw.lower(), raw.lower())


def time_in_force(raw: str | None) -> str | None:
    return None if raw is None else tables.TIME_IN_FORCE.get(raw.upper(), raw.upper())


def carried_out(answer: Any) -> Any:
    """The answer to a signed action, which says so when the action was carried out.

    :raises ValueError: it does not
    """
    if not isinstance(answer, Mapping) or answer.get("status") != "ok":
        raise ValueError(f"no status ok in {str(answer)[:100]!r}")
    return answer


PLACED = ("waitingForFill", "waitingForTrigger")
"""bare words for an order that stands"""
CANCELLED = ("success",)


def outcomes(response: Any, count: int, words: Iterable[str] = PLACED) -> list[dict[str, Any]]:
    """One entry per wire order of an action: id, clientOrderId, filled, average, error, word.

    :param words: bare words that mean yes
    :raises ValueError: the answer does not say something about every one of them
    """
    data = ((response or {}).get("response") or {}).get("data") or {}
    statuses = data.get("statuses")
    if not isinstance(statuses, list) or not statuses:
        raise ValueError("no statuses")
    if len(statuses) != count:
        # a refusal of the whole may come back once: it is everybody's
        if len(statuses) == 1 and isinstance(statuses[0], Mapping) and "error" in statuses[0]:
            statuses = statuses * count
        else:
            raise ValueError(f"{len(statuses)} statuses for {count} orders")
    return [_outcome(status, words) for status in statuses]


def _outcome(status: Any, words: Iterable[str]) -> dict[str, Any]:
    if isinstance(status, str) and status in words:
        return {"word": status, "id": None}
    if isinstance(status, Mapping) and "error" in status:
        return {"error": str(status["error"]), "id": None}
    if isinstance(status, Mapping) and words is PLACED:
        for word in ("resting", "filled"):
            if word in status:
                row = status[word]
                names = {"id": str(row["oid"]), "clientOrderId": row.get("cloid")}
                # one that rests does not say how much of it was filled before it did
                sizes = {"filled": row["totalSz"], "average": row["avgPx"]} if word == "filled" else {"filled": None, "average": None}
                return {"word": word, **names, **sizes}
    raise ValueError(f"unknown status {status!r}")


def twap_word(answer: Any) -> Any:
    """What an action of a TWAP order is answered with: {"running": {"twapId"}}, "success" or {"error"}.

    :raises KeyError: something else
    """
    return answer["response"]["data"]["status"]


def twap_id(answer: Any) -> str:
    return str(int(twap_word(answer)["running"]["twapId"]))


def unified(abstraction: Any) -> bool:
    """Whether an account keeps everything in its spot state."""
    return str(abstraction or "").strip('"') in ("unifiedAccount", "portfolioMargin")


def balances(states: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, dict[str, str]]:
    """Totals per collateral of the states of several dexes.

    :param states: collateral code and state
    """
    sums: dict[str, list[Decimal]] = {}
    for code, state in states:
        total = Decimal(str(state["marginSummary"]["accountValue"]))
        free = Decimal(str(state.get("withdrawable", "0")))
        held = sums.setdefault(code, [Decimal(0), Decimal(0)])
        held[0] += total
        held[1] += min(free, max(total, Decimal(0)))
    return {
        code: {"total": format(total, "f"), "free": format(free, "f"), "used": format(total - free, "f")}
        for code, (total, free) in sums.items()
    }


def spot_balances(state: Mapping[str, Any]) -> list[tuple[str, dict[str, str]]]:
    """(token name, total and held) of a spot state."""
    return [(row["coin"], {"total": row["total"], "used": row["hold"]}) for row in state.get("balances") or []]


def ticker_fields(context: Mapping[str, Any]) -> dict[str, Any]:
    """What an asset context says for a ticker: the impact prices in it are no bid and ask, and are left out."""
    middle = context.get("midPx") or context.get("markPx")
    return {
        "last": middle,
        "close": middle,
        "open": context.get("prevDayPx"),
        "markPrice": context.get("markPx"),
        "indexPrice": context.get("oraclePx"),
        "baseVolume": context.get("dayBaseVlm"),
        "quoteVolume": context.get("dayNtlVlm"),
    }


def book_levels(rows: Iterable[Mapping[str, Any]]) -> list[list[float]]:
    return [[float(row["px"]), float(row["sz"])] for row in rows]


def tiers(universe_row: Mapping[str, Any], tables_by_id: Mapping[int, Any], symbol: str, currency: str) -> list[dict[str, Any]]:
    """Leverage tiers of one market; a market without a table has its maximum leverage as its one tier.

    The maintenance margin is half of the initial margin at a tier's maximum leverage (docs, "Margining").
    """
    table = tables_by_id.get(universe_row.get("marginTableId") or -1)
    rows = (table or {}).get("marginTiers") or [{"lowerBound": "0.0", "maxLeverage": universe_row["maxLeverage"]}]
    rows = sorted(rows, key=lambda row: Decimal(str(row["lowerBound"])))
    floors = [float(row["lowerBound"]) for row in rows]
    return [
        {
            "tier": float(index + 1),
            "symbol": symbol,
            "currency": currency,
            "minNotional": floors[index],
            "maxNotional": floors[index + 1] if index + 1 < len(rows) else None,
            "maintenanceMarginRate": float(1 / (2 * Decimal(str(row["maxLeverage"])))),
            "maxLeverage": float(row["maxLeverage"]),
            "info": dict(row),
        }
        for index, row in enumerate(rows)
    ]


def leverage(data: Mapping[str, Any]) -> tuple[str, int]:
    """Margin mode and leverage out of activeAssetData."""
    found = data["leverage"]
    return str(found["type"]), int(found["value"])


def fee_rates(fees: Mapping[str, Any], spot: bool) -> tuple[str | None, str | None]:
    """(maker, taker) of an account's userFees."""
    if spot:
        return fees.get("userSpotAddRate"), fees.get("userSpotCrossRate")
    return fees.get("userAddRate"), fees.get("userCrossRate")


TRANSFERS = ("accountClassTransfer", "internalTransfer", "spotTransfer", "send", "subAccountTransfer", "vaultDeposit", "vaultWithdraw")


def transfer(row: Mapping[str, Any], address: str) -> dict[str, Any] | None:
    """A ledger entry as a transfer, None for entries of another kind."""
    delta = row.get("delta") or {}
    kind = delta.get("type")
    if kind not in TRANSFERS:
        return None
    source, target = delta.get("user"), delta.get("destination")
    if kind == "accountClassTransfer":
        source, target = ("spot", "swap") if delta.get("toPerp") else ("swap", "spot")
    elif kind == "vaultDeposit":
        source, target = address, delta.get("vault")
    elif kind == "vaultWithdraw":
        source, target = delta.get("vault"), address
    return {
        "id": row.get("hash"),
        "timestamp": int(row["time"]),
        "amount": delta.get("amount") or delta.get("usdc") or delta.get("netWithdrawnUsd"),
        "token": delta.get("token") or "USDC",
        "from": source,
        "to": target,
    }
