"""What edgeX says about an account (orders, fills, positions, money) -> ccxt's fields, numbers as text. Pure: nothing is fetched.

Sources: V2 documentation, captures of September 2026 where they differ (every server sample says availableAmount, unrealizePnl,
liquidatePrice; other names in circulation are read as a fallback).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ccxt_dex.exchanges.edgex import tables
from ccxt_dex.exchanges.edgex.parsing import ZERO, Raw, milliseconds, plain
from ccxt_dex.reading import Unreadable, nonzero, number, text

# --- orders and fills -------------------------------------------------------------------------------------------------------------------------


def order_status(raw: Raw) -> str:
    """:raises Unreadable: for a status nobody has described"""
    status = raw.get("status")
    if status not in tables.ORDER_STATUS:
        raise Unreadable(f"unknown order status {status!r}")
    if status == "CANCELED":
        return tables.CANCEL_STATUS.get(str(raw.get("cancelReason")), "canceled")
    return tables.ORDER_STATUS[status]


def executed(raw: Raw) -> tuple[Decimal, Decimal | None, Decimal | None]:
    """Size, value and fee filled: `cumMatch*` moves at matching, `cumFill*` follows; whichever is further."""
    matched, filled = (number(raw.get(name)) or ZERO for name in ("cumMatchSize", "cumFillSize"))
    word = "cumMatch" if matched >= filled else "cumFill"
    return max(matched, filled), number(raw.get(f"{word}Value")), number(raw.get(f"{word}Fee"))


def refusal(raw: Raw) -> str | None:
    """The ccxt exception (its name) that an order ended with which was accepted and then refused; None for every other order."""
    if raw.get("status") != "CANCELED" or executed(raw)[0]:
        return None
    reason = str(raw.get("cancelReason") or "")
    if reason == "COULD_NOT_FILL" and raw.get("timeInForce") == "POST_ONLY":
        return "OrderImmediatelyFillable"
    return tables.REFUSED_REASONS.get(reason)


def _leg_trigger(raw: Raw, name: str) -> str | None:
    leg = raw.get(name)
    return nonzero(leg.get("triggerPrice")) if raw.get(f"isSet{name[0].upper()}{name[1:]}") and isinstance(leg, Mapping) else None


def order(raw: Raw, currency: str | None = None) -> dict[str, Any]:
    """An order of any answer or frame.

    :param currency: of the fee
    :raises Unreadable: for an unknown status
    """
    kind, tif = str(raw.get("type") or ""), raw.get("timeInForce")
    filled, value, fee = executed(raw)
    trigger = nonzero(raw.get("triggerPrice"))
    market_kind = kind.endswith("MARKET")
    return {
        "id": text(raw.get("id")),
        "clientOrderId": text(raw.get("clientOrderId")),
        "timestamp": milliseconds(raw.get("createdTime")),
        "lastUpdateTimestamp": milliseconds(raw.get("updatedTime")),
        "status": order_status(raw),
        "type": ("market" if market_kind else "limit") if kind else None,
        "timeInForce": tables.UNIFIED_TIME_IN_FORCE.get(tif) if isinstance(tif, str) else None,
        "postOnly": None if tif is None else tif == "POST_ONLY",
        "reduceOnly": raw.get("reduceOnly"),
        "side": str(raw["side"]).lower() if raw.get("side") in ("BUY", "SELL") else None,
        "price": None if market_kind else nonzero(raw.get("price")),
        "amount": text(raw.get("size")),
        "filled": plain(filled),
        "cost": plain(value) if value is not None else None,
        "average": plain(value / filled) if value and filled else None,
        "triggerPrice": trigger,
        "takeProfitPrice": trigger if kind.startswith("TAKE_PROFIT") else _leg_trigger(raw, "openTp"),
        "stopLossPrice": trigger if kind.startswith("STOP") else _leg_trigger(raw, "openSl"),
        "fee": None if fee is None else {"cost": plain(fee), "currency": currency},
    }


def my_trade(raw: Raw, currency: str | None = None) -> dict[str, Any]:
    """A fill; two pushes of one fill have the same id."""
    fee = number(raw.get("fillFee"))
    direction = raw.get("direction")
    return {
        "id": text(raw.get("id")),
        "order": text(raw.get("orderId")),
        "timestamp": milliseconds(raw.get("matchTime")) or milliseconds(raw.get("createdTime")),
        "side": str(raw["orderSide"]).lower() if raw.get("orderSide") in ("BUY", "SELL") else None,
        "type": None,
        "takerOrMaker": str(direction).lower() if direction in ("MAKER", "TAKER") else None,
        "price": text(raw.get("fillPrice")),
        "amount": text(raw.get("fillSize")),
        "cost": text(raw.get("fillValue")),
        "fee": None if fee is None else {"cost": plain(fee), "currency": currency},
    }


# --- account ----------------------------------------------------------------------------------------------------------------------------------


def _ratio(above: Decimal | None, below: Decimal | None) -> str | None:
    return plain(above / below) if above is not None and below else None


def position_size(raw: Raw) -> Decimal:
    """Signed size; negative is short."""
    return number(raw.get("openSize")) or ZERO


def position(raw: Raw, mark: Any = None) -> dict[str, Any]:
    """A row of positionList merged with its row of positionAssetList, or a row of a frame, which lacks what follows from the mark price.

    :param mark: mark price to use when the row has no value at mark
    """
    size, cost = position_size(raw), number(raw.get("openValue"))
    value = number(raw.get("positionValue"))
    mark_price = abs(value / size) if value is not None and size else number(mark)
    if value is None and mark_price is not None:
        value = size * mark_price
    entry = number(raw.get("avgEntryPrice")) or (abs(cost / size) if cost and size else None)
    upnl = number(raw.get("unrealizePnl"))
    if upnl is None:
        upnl = number(raw.get("unrealizedPnl"))
    if upnl is None and mark_price is not None and entry is not None:
        upnl = size * (mark_price - entry)
    if not size:
        value = upnl = ZERO
    leverage = number(raw.get("maxLeverage"))
    maintenance = number(raw.get("starkExRiskValue"))
    initial = number(raw.get("initialMarginRequirement"))
    if initial is None and value is not None and leverage:
        initial = abs(value) / leverage  # so it is in the official sample
    return {
        "timestamp": milliseconds(raw.get("updatedTime")),
        "side": ("long" if size > 0 else "short") if size else None,
        "contracts": plain(abs(size)),
        "entryPrice": plain(entry),
        "markPrice": plain(mark_price),
        "notional": None if value is None else plain(abs(value)),
        "initialMargin": plain(initial),
        # ccxt's word for margin with the unrealized PnL
        "collateral": plain(initial + upnl) if initial is not None and upnl is not None else None,
        "initialMarginPercentage": _ratio(Decimal(1), leverage),
        "maintenanceMargin": plain(maintenance),
        "maintenanceMarginPercentage": text(raw.get("starkExRiskRate")) or _ratio(maintenance, value and abs(value)),
        "unrealizedPnl": plain(upnl),
        "realizedPnl": text(raw.get("termRealizePnl")),
        "leverage": plain(leverage) if leverage else None,
        "marginMode": {"0": "cross", "1": "isolated"}.get(str(raw.get("marginMode"))),
        "liquidationPrice": nonzero(raw.get("liquidatePrice")) or nonzero(raw.get("liquidationPrice")),
        "hedged": False,
    }


def positions(asset: Raw) -> list[dict[str, Any]]:
    """positionList with what positionAssetList adds, by contract."""
    more = {str(row.get("contractId")): row for row in asset.get("positionAssetList") or []}
    return [{**more.get(str(row.get("contractId")), {}), **row} for row in asset.get("positionList") or []]


def balance(asset: Raw, coin_id: str) -> dict[str, str]:
    """total: equity; free: available; used: the rest."""
    row: Raw = next((row for row in asset.get("collateralAssetModelList") or [] if str(row.get("coinId")) == coin_id), {})
    total = number(row.get("totalEquity")) or ZERO
    available = number(row.get("availableAmount"))
    if available is None:
        available = number(row.get("availableBalance")) or ZERO
    free = min(max(available, ZERO), max(total, ZERO))
    return {"total": format(total, "f"), "free": format(free, "f"), "used": format(total - free, "f")}


def lights(answer: Raw) -> list[dict[str, Any]]:
    """getAccountDeleverageLight as rows: contractId and its number of lights.

    :raises Unreadable: for a number that is none
    """
    found = answer.get("positionContractIdToLightNumberMap") or {}
    counts = {str(contract): number(count) for contract, count in found.items()}
    return [{"contractId": contract, "lightNumber": int(count)} for contract, count in counts.items() if count is not None]


def asset_order(raw: Raw) -> dict[str, Any]:
    """A row of getAllOrdersPage (documentation only). Its `status` is a number whose meaning nobody has written down."""
    seconds = number(raw.get("time"))
    stamp = None if not seconds else int(seconds) * (1000 if seconds < 100_000_000_000 else 1)
    fee = number(raw.get("fee"))
    return {
        "id": text(raw.get("orderId")),
        "txid": text(raw.get("txId")),
        "network": text(raw.get("chain")),
        "address": text(raw.get("address")),
        "type": tables.ASSET_ORDER_KINDS.get(str(raw.get("type"))),
        "amount": text(raw.get("amount")),
        "code": text(raw.get("coin")),
        "fee": None if fee is None else plain(fee),
        "timestamp": stamp,
    }


def fee_rates(account: Raw, contract: Raw) -> tuple[str, str]:
    """Maker and taker rate of a contract: set for it, set for the account, or its default."""
    own = (account.get("contractIdToTradeSetting") or {}).get(str(contract.get("contractId"))) or {}
    default = account.get("defaultTradeSetting") or {}
    found = []
    for side in ("maker", "taker"):
        rate = text(contract.get(f"default{side.title()}FeeRate")) or tables.FEE_RATE
        for setting in (own, default):
            if setting.get("isSetFeeRate") and text(setting.get(f"{side}FeeRate")) is not None:
                rate = str(setting[f"{side}FeeRate"])
                break
        found.append(rate)
    return found[0], found[1]


def leverage_of(account: Raw, contract: Raw) -> str | None:
    """The contract's leverage as set, else the account's, else the contract's default."""
    own = (account.get("contractIdToTradeSetting") or {}).get(str(contract.get("contractId"))) or {}
    for setting in (own, account.get("defaultTradeSetting") or {}):
        if setting.get("isSetMaxLeverage") and number(setting.get("maxLeverage")):
            return str(setting["maxLeverage"])
    return text(contract.get("defaultLeverage"))


def funding_payment(raw: Raw) -> dict[str, Any]:
    """A position transaction SETTLE_FUNDING_FEE; negative is taken as paid (README, Unknowns)."""
    return {
        "id": text(raw.get("id")),
        "timestamp": milliseconds(raw.get("fundingTime")) or milliseconds(raw.get("createdTime")),
        "amount": text(raw.get("deltaFundingFee")),
    }


def ledger_entry(raw: Raw) -> dict[str, Any]:
    """A collateral transaction."""
    delta, before = number(raw.get("deltaAmount")) or ZERO, number(raw.get("beforeAmount"))
    kind = str(raw.get("type"))
    references = ("depositId", "withdrawId", "transferInId", "transferOutId", "orderFillTransactionId", "positionTransactionId")
    return {
        "id": text(raw.get("id")),
        "direction": "out" if delta < 0 else "in",
        "referenceId": next((str(raw[name]) for name in references if raw.get(name) not in (None, "", "0")), None),
        "type": tables.LEDGER_TYPES.get(kind, kind.lower()),
        "amount": plain(abs(delta)),
        "before": plain(before),
        "after": None if before is None else plain(before + delta),
        "status": tables.CENSOR_STATUS.get(str(raw.get("censorStatus"))),
        "timestamp": milliseconds(raw.get("createdTime")),
    }


def transfer_status(raw: Raw) -> str | None:
    return tables.TRANSFER_STATUS.get(str(raw.get("status")))


def term(raw: Raw) -> dict[str, Any]:
    """A closed (or running) term of a position, from getPositionTermPage."""
    opened, closed = number(raw.get("cumOpenSize")) or ZERO, number(raw.get("cumCloseSize")) or ZERO
    open_value, close_value = number(raw.get("cumOpenValue")) or ZERO, number(raw.get("cumCloseValue")) or ZERO
    costs = sum((number(raw.get(name)) or ZERO for name in ("cumOpenFee", "cumCloseFee", "cumFundingFee")), ZERO)
    done = bool(opened) and abs(opened) == abs(closed)
    return {
        "timestamp": milliseconds(raw.get("createdTime")),
        "lastUpdateTimestamp": milliseconds(raw.get("updatedTime")),
        "side": "long" if opened >= 0 else "short",
        "contracts": plain(abs(opened)),
        "entryPrice": _ratio(abs(open_value), abs(opened)),
        "lastPrice": _ratio(abs(close_value), abs(closed)),
        # values are booked with the sign of the size, fees negative when paid
        "realizedPnl": plain(-close_value - open_value + costs) if done else None,
        "leverage": nonzero(raw.get("currentLeverage")),
        "closed": done,
    }
