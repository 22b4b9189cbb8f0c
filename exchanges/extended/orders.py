"""Unified arguments -> the body of an order, unsigned. Pure: neither ccxt nor asyncio; nothing is rounded, nothing dropped.

Pages: api.docs.extended.exchange "Create or edit order", x10-python-trading-starknet 2.6.0 (signing/order_object.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from ccxt_dex.exact import Refused, decimal, plain, positive, price_text, quantity, within
from ccxt_dex.exchanges.extended import tables

Body = dict[str, Any]

__all__ = ["bound", "builder", "client_id", "given", "needs_quote", "new_order", "reference", "replacement_params", "stop_bound"]


def given(params: Mapping[str, Any], *names: str) -> Any:
    """The first of several names of a parameter that is there."""
    return next((params[name] for name in names if params.get(name) is not None), None)


def needs_quote(kind: str, price: Any, params: Mapping[str, Any]) -> bool:
    """Whether today's prices are needed to make this order."""
    if given(params, "triggerPrice", "stopPrice") is not None and params.get("triggerDirection") is None:
        return True
    triggered = given(params, "triggerPrice", "stopPrice", "stopLossPrice", "takeProfitPrice") is not None
    return str(kind).lower() == "market" and price is None and not triggered


def bound(market: Mapping[str, Any], side: str, stats: Mapping[str, Any], slippage: Any) -> str:
    """The worst price of a market order: the best opposite price moved by the slippage, within the venue's band around the mark.

    :param stats: the market's `marketStats`
    :raises Refused: nobody to trade with
    """
    best = decimal(stats.get("askPrice" if side == "BUY" else "bidPrice") or "0", "best price")
    mark = decimal(stats.get("markPrice") or "0", "mark price")
    if best <= 0 or mark <= 0:
        raise Refused("invalid", f"{market['symbol']} has nobody to {side.lower()} from")
    fraction = _fraction(slippage)
    if side == "BUY":
        worst = min(best * (1 + fraction), mark * (1 + _band(market, "limitPriceCap")))
    else:
        worst = max(best * (1 - fraction), mark * (1 - _band(market, "limitPriceFloor")))
    return _onto_tick(market, side, worst)


def stop_bound(market: Mapping[str, Any], side: str, trigger: str, slippage: Any) -> str:
    """The worst price of an order that becomes a market order at its trigger."""
    fraction = min(_fraction(slippage), _band(market, "limitPriceCap" if side == "BUY" else "limitPriceFloor"))
    factor = 1 + fraction if side == "BUY" else 1 - fraction
    return _onto_tick(market, side, Decimal(trigger) * factor)


def _fraction(slippage: Any) -> Decimal:
    fraction = decimal(slippage, "slippage")
    if not 0 <= fraction < 1:
        raise Refused("bad_request", "slippage is a fraction from 0 to 1")
    return fraction


def _band(market: Mapping[str, Any], name: str) -> Decimal:
    config = (market.get("info") or {}).get("tradingConfig") or {}
    return decimal(config.get(name) or "0.05", name)


def _onto_tick(market: Mapping[str, Any], side: str, price: Decimal) -> str:
    """A price that we chose ourselves, on the tick and never worse than chosen."""
    tick = decimal(market["precision"]["price"], "tick")
    steps = (price / tick).to_integral_value(ROUND_FLOOR if side == "BUY" else ROUND_CEILING)
    return plain(max(steps, Decimal(1)) * tick)


def builder(params: Mapping[str, Any], options: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Fee and id of a builder, only where the user set both.

    :raises Refused: one without the other
    """
    enabled = bool(options.get("builderFee"))
    rate = given(params, "builderFeeRate", "builderFee")
    name = params.get("builderId")
    if rate is None and name is None and enabled:
        rate, name = options.get("builderFeeRate"), options.get("builderId")
    if rate is None and name is None:
        return None, None
    if rate is None or name is None:
        raise Refused("arguments", "a builder needs both builderId and builderFeeRate")
    fee = decimal(rate, "builderFeeRate")
    if not 0 <= fee < Decimal("0.01"):
        raise Refused("bad_request", "builderFeeRate is a fraction below 0.01")
    return plain(fee), str(name)


def client_id(params: Mapping[str, Any]) -> str:
    """The client order id.

    :raises Refused: none, or one that cannot go into a path
    """
    name = given(params, "clientOrderId", "client_id", "externalId")
    text = "" if name is None else str(name)
    if not text:
        raise Refused("arguments", "an order needs a client order id")
    if len(text) > tables.MAX_CLIENT_ID or not text.isascii() or not text.isprintable() or "/" in text or text in (".", ".."):
        raise Refused("invalid", f"a client order id has at most {tables.MAX_CLIENT_ID} printable ASCII characters and no slash")
    return text


def reference(order_id: Any, params: Mapping[str, Any]) -> tuple[str, str]:
    """By what an order is meant: ("id" or "externalId", its value)."""
    name = given(params, "clientOrderId", "client_id", "externalId")
    if name not in (None, ""):
        return "externalId", str(name)
    if order_id in (None, ""):
        raise Refused("arguments", "an order id is needed")
    text = str(order_id)
    if not text.isascii() or not text.isdigit():
        raise Refused("bad_request", f"no such order: {text!r} is not an id of this venue")
    return "id", text


def new_order(
    market: Mapping[str, Any],
    kind: str,
    side: str,
    amount: Any,
    price: Any,
    params: Mapping[str, Any],
    stats: Mapping[str, Any] | None = None,
    options: Mapping[str, Any] | None = None,
) -> Body:
    """The body of an order, all but fee, nonce, expiry and signatures.

    :param stats: the market's `marketStats` where `needs_quote` says so
    :param options: slippage, stopSlippage, triggerPriceType
    """
    options = options or {}
    _refuse_unknown(params)
    plain_kind, wire_side = str(kind).lower(), tables.SIDES.get(str(side).lower())
    if wire_side is None:
        raise Refused("invalid", f"side must be buy or sell, not {side!r}")
    if plain_kind not in tables.KINDS:
        raise Refused("invalid", f"order type must be limit or market, not {kind!r}")
    trigger = _trigger(market, plain_kind, wire_side, params, stats, options)
    size = quantity(market, amount)
    worst = _price(market, plain_kind, wire_side, price, params, trigger, stats, options)
    _check_value(market, plain_kind, size, worst)
    time_in_force, post_only = _time_in_force(plain_kind, params)
    body: Body = {
        "id": client_id(params),
        "market": market["id"],
        "type": "CONDITIONAL" if trigger else plain_kind.upper(),
        "side": wire_side,
        "qty": size,
        "price": worst,
        "timeInForce": time_in_force,
        "postOnly": post_only,
        "reduceOnly": _reduce_only(params),
        "selfTradeProtectionLevel": _self_trade(params, options),
    }
    if trigger:
        body["trigger"] = trigger
    replaced = given(params, "cancelId", "previousOrderId")
    if replaced is not None:
        body["cancelId"] = str(replaced)
    _add_exits(body, market, params, options)
    return body


# --- parts -------------------------------------------------------------------------------------------------------------------------------


def _refuse_unknown(params: Mapping[str, Any]) -> None:
    for name, value in params.items():
        if name in tables.UNSUPPORTED_PARAMS and value not in (None, False):
            raise Refused("unsupported", f"no {tables.UNSUPPORTED_PARAMS[name]} on this venue ({name})")
        if name not in tables.KNOWN_PARAMS and name not in tables.UNSUPPORTED_PARAMS:
            raise Refused("bad_request", f"unknown parameter {name!r}: it would not reach the venue")


def _trigger_by(value: Any, options: Mapping[str, Any]) -> str:
    name = str(value or options.get("triggerPriceType") or "last").lower()
    if name not in tables.TRIGGER_BY:
        raise Refused("invalid", f"triggerPriceType must be last, mark or index, not {value!r}")
    return tables.TRIGGER_BY[name]


def _trigger(
    market: Mapping[str, Any],
    kind: str,
    side: str,
    params: Mapping[str, Any],
    stats: Mapping[str, Any] | None,
    options: Mapping[str, Any],
) -> Body | None:
    levels = {
        "plain": given(params, "triggerPrice", "stopPrice"),
        "loss": params.get("stopLossPrice"),
        "profit": params.get("takeProfitPrice"),
    }
    named = [name for name, value in levels.items() if value is not None]
    if len(named) > 1:
        raise Refused("invalid", "one order has one trigger: triggerPrice, stopLossPrice or takeProfitPrice")
    if not named:
        return None
    level = price_text(market, levels[named[0]], "trigger price")
    by = _trigger_by(params.get("triggerPriceType"), options)
    if named[0] == "plain":
        direction = _direction(params.get("triggerDirection"), level, by, stats)
    else:
        direction = "UP" if (named[0] == "loss") == (side == "BUY") else "DOWN"
    return {"triggerPrice": level, "triggerPriceType": by, "direction": direction, "executionPriceType": kind.upper()}


def _direction(asked: Any, level: str, by: str, stats: Mapping[str, Any] | None) -> str:
    """Where the price has to come from; told by where it is now when the user does not say."""
    if asked is not None:
        found = tables.DIRECTIONS.get(str(asked).lower())
        if found is None:
            raise Refused("invalid", f"triggerDirection must be ascending (UP) or descending (DOWN), not {asked!r}")
        return found
    now = (stats or {}).get({"LAST": "lastPrice", "MARK": "markPrice", "INDEX": "indexPrice"}[by])
    if now is None:
        raise Refused("arguments", "a triggerPrice needs a triggerDirection")
    here, there = decimal(now, "price"), Decimal(level)
    if here == there:
        raise Refused("invalid", "the price is at the trigger already: say triggerDirection")
    return "UP" if there > here else "DOWN"


def _price(
    market: Mapping[str, Any],
    kind: str,
    side: str,
    price: Any,
    params: Mapping[str, Any],
    trigger: Body | None,
    stats: Mapping[str, Any] | None,
    options: Mapping[str, Any],
) -> str:
    if price is not None:
        return price_text(market, price)
    if kind == "limit":
        raise Refused("arguments", "a limit order needs a price")
    if trigger is not None:
        return stop_bound(market, side, trigger["triggerPrice"], _slippage(params, options, "stopSlippage", tables.STOP_SLIPPAGE))
    if stats is None:
        raise Refused("arguments", "a market order needs a price here")
    return bound(market, side, stats, _slippage(params, options, "slippage", tables.SLIPPAGE))


def _slippage(params: Mapping[str, Any], options: Mapping[str, Any], name: str, default: str) -> Any:
    asked = params.get("slippage")
    return asked if asked is not None else options.get(name) or default


def _check_value(market: Mapping[str, Any], kind: str, size: str, price: str) -> None:
    config = (market.get("info") or {}).get("tradingConfig") or {}
    most = config.get("maxMarketOrderValue" if kind == "market" else "maxLimitOrderValue")
    within(Decimal(size) * Decimal(price), {"min": None, "max": most}, f"{market['symbol']} order value")


def _time_in_force(kind: str, params: Mapping[str, Any]) -> tuple[str, bool]:
    asked = str(params.get("timeInForce") or "").upper()
    if asked == "FOK":
        raise Refused("unsupported", "fill-or-kill is no longer taken by this venue")
    if asked not in tables.TIME_IN_FORCE:
        raise Refused("invalid", f"unknown timeInForce {asked!r}")
    post_only = asked == "PO" or bool(params.get("postOnly"))
    if kind == "market":
        if post_only:
            raise Refused("invalid", "a market order cannot be post-only")
        if asked not in ("", "IOC"):
            raise Refused("invalid", f"a market order is immediate-or-cancel, not {asked}")
        return "IOC", False
    found = tables.TIME_IN_FORCE[asked]
    if post_only and found == "IOC":
        raise Refused("invalid", "postOnly and timeInForce IOC exclude each other")
    return found, post_only


def _reduce_only(params: Mapping[str, Any]) -> bool:
    """Stop-loss and take-profit orders reduce unless the user says reduceOnly = False; others only when asked."""
    asked = given(params, "reduceOnly", "reduce_only")
    if asked is not None:
        return bool(asked)
    return given(params, "stopLossPrice", "takeProfitPrice") is not None


def _self_trade(params: Mapping[str, Any], options: Mapping[str, Any]) -> str:
    level = str(params.get("selfTradeProtectionLevel") or options.get("selfTradeProtectionLevel") or "ACCOUNT").upper()
    if level not in tables.SELF_TRADE:
        raise Refused("invalid", f"selfTradeProtectionLevel must be one of {', '.join(tables.SELF_TRADE)}")
    return level


def _add_exits(body: Body, market: Mapping[str, Any], params: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    for name in ("takeProfit", "stopLoss"):
        leg = params.get(name)
        if leg is None:
            continue
        if body["type"] == "CONDITIONAL":
            raise Refused("unsupported", f"{name} cannot be attached to an order that waits for a trigger")
        body["tpSlType"] = "ORDER"
        body[name] = _exit(market, leg if isinstance(leg, Mapping) else {"triggerPrice": leg}, body["side"], options)


def _exit(market: Mapping[str, Any], leg: Mapping[str, Any], entry: str, options: Mapping[str, Any]) -> Body:
    for name in leg:
        if name not in tables.LEG_PARAMS:
            raise Refused("bad_request", f"unknown parameter {name!r} of an exit: it would not reach the venue")
    level = price_text(market, positive(given(leg, "triggerPrice", "stopPrice"), "trigger price of an exit"), "trigger price")
    kind = str(leg.get("type") or ("limit" if leg.get("price") is not None else "market")).lower()
    by = leg.get("triggerPriceType")
    if kind in tables.TRIGGER_BY:  # ccxt's place for what moves the trigger
        by, kind = by or kind, "limit" if leg.get("price") is not None else "market"
    if kind not in tables.KINDS:
        raise Refused("invalid", f"type of an exit must be limit or market, not {leg.get('type')!r}")
    side = "SELL" if entry == "BUY" else "BUY"
    if leg.get("price") is not None:
        price = price_text(market, leg["price"], "price of an exit")
    elif kind == "limit":
        raise Refused("arguments", "a limit exit needs a price")
    else:
        price = stop_bound(market, side, level, options.get("stopSlippage") or tables.STOP_SLIPPAGE)
    return {"triggerPrice": level, "triggerPriceType": _trigger_by(by, options), "price": price, "priceType": kind.upper()}


# --- changing ----------------------------------------------------------------------------------------------------------------------------


def replacement_params(raw: Mapping[str, Any], params: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Kind and parameters of the order that takes the place of another: what is not given stays as the venue has it.

    :param raw: the order as the venue has it
    :raises Refused: an exit of a position, which has no settlement of its own
    """
    kind = str(raw.get("type"))
    if kind not in ("LIMIT", "CONDITIONAL"):
        raise Refused("unsupported", f"an order of type {kind} cannot be edited: cancel it and place another")
    kept: dict[str, Any] = {
        "cancelId": str(raw["externalId"]),
        "postOnly": bool(raw.get("postOnly")),
        "reduceOnly": bool(raw.get("reduceOnly")),
        "timeInForce": str(raw.get("timeInForce") or "GTT"),
    }
    expiry = raw.get("expireTime") or raw.get("expiryTime")
    if expiry:
        kept["expiryEpochMillis"] = int(expiry)
    plain_kind = "limit"
    if kind == "CONDITIONAL":
        trigger = raw.get("trigger") or {}
        plain_kind = str(trigger.get("executionPriceType") or "LIMIT").lower()
        if given(params, "triggerPrice", "stopPrice", "stopLossPrice", "takeProfitPrice") is None:
            kept["triggerPrice"] = trigger["triggerPrice"]
            kept["triggerDirection"] = trigger.get("triggerPriceDirection") or trigger["direction"]
            kept["triggerPriceType"] = trigger.get("triggerPriceType")
    for name in ("takeProfit", "stopLoss"):
        if raw.get(name):
            leg = raw[name]
            kept[name] = {"triggerPrice": leg["triggerPrice"], "price": leg["price"], "type": leg["priceType"]}
            kept[name]["triggerPriceType"] = leg.get("triggerPriceType")
    if params.get("postOnly") is False or params.get("timeInForce") is not None:
        kept.pop("timeInForce")
    return plain_kind, {**kept, **params}
