"""Answers, markets and market data of edgeX -> ccxt's fields, numbers as text. Pure: nothing is fetched.

Sources: V2 documentation, captures of September 2026 where they differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ccxt_dex import reading
from ccxt_dex.exact import plain as exact_plain
from ccxt_dex.exchanges.edgex import tables
from ccxt_dex.reading import Unreadable, nonzero, number, text

Raw = Mapping[str, Any]
ZERO = Decimal(0)


def plain(value: Decimal | None) -> str | None:
    """Decimal text without exponent and trailing zeros."""
    return None if value is None else exact_plain(value)


def milliseconds(value: Any) -> int | None:
    """Unix milliseconds; None for nothing and for "0".

    :raises Unreadable: for anything else that is no integer
    """
    if value in (None, "", "0", 0):
        return None
    try:
        return int(value)
    except (TypeError, ValueError):
        raise Unreadable(f"not a time: {value!r}") from None


def data(response: Any) -> Any:
    """What an answer is about.

    :raises Unreadable: when it is no envelope
    """
    if not isinstance(response, Mapping) or "data" not in response:
        raise Unreadable("an envelope with data was expected")
    return response["data"]


def rows(response: Any) -> list[dict[str, Any]]:
    """The objects of a list answer: bare, or in a page.

    :raises Unreadable: for anything else
    """
    found = data(response)
    if isinstance(found, Mapping):
        found = found.get("dataList")
    if found is None:
        return []
    if isinstance(found, Sequence) and not isinstance(found, str):
        return [row for row in found if isinstance(row, dict)]
    raise Unreadable("a list was expected")


def next_page(response: Any) -> str:
    """What to ask for next; empty after the last page."""
    found = data(response)
    return str(found.get("nextPageOffsetData") or "") if isinstance(found, Mapping) else ""


def one(response: Any) -> dict[str, Any]:
    """:raises Unreadable: when the answer is about no object"""
    return reading.one(data(response))


# --- markets --------------------------------------------------------------------------------------------------------------------------------


def by_id(metadata: Raw, kind: str, key: str) -> dict[str, dict[str, Any]]:
    return {str(row[key]): row for row in metadata.get(kind) or []}


def contracts(metadata: Raw) -> dict[str, dict[str, Any]]:
    """contractList by id; the metadata channel may call it `contract` (an older page of the documentation)."""
    return by_id(metadata, "contractList" if metadata.get("contractList") else "contract", "contractId")


def coins(metadata: Raw) -> dict[str, dict[str, Any]]:
    """coinList by id; in the channel perhaps `coin`."""
    return by_id(metadata, "coinList" if metadata.get("coinList") else "coin", "coinId")


def tradable_terms(contract: Raw) -> None:
    """:raises Unreadable: when tick or step of a contract are no positive numbers"""
    if not all((number(contract.get(name)) or ZERO) > 0 for name in ("tickSize", "stepSize")):
        raise Unreadable(f"contract {contract.get('contractId')} has no tick or no step")


def market(contract: Raw, coins: Mapping[str, Raw]) -> dict[str, Any]:
    """A row of contractList. Amounts, prices and limits as text.

    :param coins: rows of coinList by coinId
    """
    base = coins[str(contract["baseCoinId"])]["coinName"]
    quote_coin = coins[str(contract["quoteCoinId"])]
    quote = quote_coin["coinName"]
    tiers = contract.get("riskTierList") or []
    first = max((number(tier.get("maxLeverage")) or ZERO for tier in tiers), default=ZERO)
    return {
        "id": str(contract["contractId"]),
        "symbol": f"{base}/{quote}:{quote}",
        "base": base,
        "quote": quote,
        "settle": quote,
        "baseId": str(contract["baseCoinId"]),
        "quoteId": str(contract["quoteCoinId"]),
        "settleId": str(contract["quoteCoinId"]),
        "active": all(contract.get(name) is not False for name in ("enableTrade", "enableDisplay", "enableOpenPosition")),
        "taker": text(contract.get("defaultTakerFeeRate")) or tables.FEE_RATE,
        "maker": text(contract.get("defaultMakerFeeRate")) or tables.FEE_RATE,
        "precision": {"amount": text(contract["stepSize"]), "price": text(contract["tickSize"])},
        "limits": {
            "leverage": {
                "min": text(contract.get("displayMinLeverage")) or "1",
                "max": plain(first) if first else text(contract.get("displayMaxLeverage")),
            },
            "amount": {"min": text(contract.get("minOrderSize")), "max": nonzero(contract.get("maxOrderSize"))},
            "price": {"min": None, "max": None},
            "cost": {"min": None, "max": None},
        },
    }


def tiers(contract: Raw) -> list[dict[str, Any]]:
    """riskTierList as ccxt's leverage tiers, numbers as text."""
    found, floor = [], "0"
    ordered = sorted(contract.get("riskTierList") or [], key=lambda tier: number(tier.get("positionValueUpperBound")) or ZERO)
    for tier in ordered:
        cap = text(tier.get("positionValueUpperBound"))
        found.append(
            {
                "tier": text(tier.get("tier")),
                "minNotional": floor,
                "maxNotional": cap,
                "maintenanceMarginRate": text(tier.get("maintenanceMarginRate")),
                "maxLeverage": text(tier.get("maxLeverage")),
                "info": tier,
            }
        )
        floor = cap or floor
    return found


# --- market data ----------------------------------------------------------------------------------------------------------------------------


def ticker(raw: Raw) -> dict[str, Any]:
    """A row of getTicker or of the ticker channels; it has no time of its own."""
    percent = number(raw.get("priceChangePercent"))
    return {
        "high": text(raw.get("high")),
        "low": text(raw.get("low")),
        "open": text(raw.get("open")),
        "last": text(raw.get("lastPrice")) or text(raw.get("close")),
        "close": text(raw.get("lastPrice")) or text(raw.get("close")),
        "change": text(raw.get("priceChange")),
        "percentage": None if percent is None else plain(percent * 100),
        "bid": nonzero(raw.get("bestBidPrice")),
        "ask": nonzero(raw.get("bestAskPrice")),
        "baseVolume": text(raw.get("size")),
        "quoteVolume": text(raw.get("value")),
        "markPrice": text(raw.get("markPrice")) or text(raw.get("oraclePrice")),
        "indexPrice": text(raw.get("indexPrice")),
    }


def bid_ask(raw: Raw) -> dict[str, Any]:
    """A row of the bookTicker channels; an empty side is "0" twice (live, 2026-09)."""
    return {
        "timestamp": milliseconds(raw.get("time")),
        "bid": nonzero(raw.get("bestBidPrice")),
        "bidVolume": nonzero(raw.get("bestBidSize")),
        "ask": nonzero(raw.get("bestAskPrice")),
        "askVolume": nonzero(raw.get("bestAskSize")),
    }


def levels(side: Any) -> list[tuple[str, str]]:
    return [(row["price"], row["size"]) for row in side or []]


def candle(raw: Raw) -> list[Any]:
    """A kline as [ms, open, high, low, close, base volume]."""
    prices = [float(raw[name]) for name in ("open", "high", "low", "close")]
    return [int(raw["klineTime"]), *prices, float(raw.get("size") or 0)]


def public_trade(raw: Raw) -> dict[str, Any]:
    """A row of the trades channel."""
    return {
        "id": text(raw.get("ticketId")),
        "timestamp": milliseconds(raw.get("time")),
        "side": "sell" if raw["isBuyerMaker"] else "buy",
        "price": text(raw.get("price")),
        "amount": text(raw.get("size")),
        "cost": text(raw.get("value")),
        "takerOrMaker": "taker",
    }


def funding_rate(raw: Raw, minutes: Any = None) -> dict[str, Any]:
    """A row of getLatestFundingRate or of the fundingRate channels.

    `forecastFundingRate` is the running estimate for the next settlement, `fundingRate` the one settled last.

    :param minutes: interval where the row has none
    """
    interval = int(number(raw.get("fundingRateIntervalMin")) or number(minutes) or 240)
    last = milliseconds(raw.get("fundingTime"))
    return {
        "markPrice": text(raw.get("markPrice")) or text(raw.get("oraclePrice")),
        "indexPrice": text(raw.get("indexPrice")),
        "interestRate": text(raw.get("interestRate")),
        "timestamp": milliseconds(raw.get("fundingTimestamp")),
        "fundingRate": text(raw.get("forecastFundingRate")) or text(raw.get("fundingRate")),
        "fundingTimestamp": None if last is None else last + interval * 60_000,
        "previousFundingRate": text(raw.get("fundingRate")),
        "previousFundingTimestamp": last,
        "interval": f"{interval // 60}h" if interval % 60 == 0 else f"{interval}m",
    }


def funding_rate_entry(raw: Raw) -> dict[str, Any]:
    return {"fundingRate": text(raw.get("fundingRate")), "timestamp": milliseconds(raw.get("fundingTime"))}


def open_interest(raw: Raw) -> dict[str, Any]:
    """A ticker (`openInterest`, with prices) or a row of getAccurateOpenInterest (`size`, with a time)."""
    counted = "openInterest" not in raw
    amount = number(raw.get("size") if counted else raw.get("openInterest"))
    mark = None if counted else number(raw.get("markPrice")) or number(raw.get("oraclePrice"))
    return {
        "openInterestAmount": plain(amount),
        "openInterestValue": None if amount is None or mark is None else plain(amount * mark),
        "timestamp": milliseconds(raw.get("timestamp")) if counted else None,
    }


def long_short_rows(answer: Raw) -> list[dict[str, Any]]:
    """Rows of getExchangeLongShortRatio."""
    return [row for row in answer.get("exchangeLongShortRatioList") or [] if isinstance(row, dict)]


def long_short_ratio(raw: Raw) -> dict[str, Any]:
    bought, sold = number(raw.get("buyRatio")), number(raw.get("sellRatio"))
    return {
        "timestamp": milliseconds(raw.get("updatedTime")),
        "timeframe": raw.get("range"),
        "longShortRatio": plain(bought / sold) if bought is not None and sold else None,
    }
