"""Unified arguments -> wire payload. Pure: neither ccxt nor asyncio; nothing is rounded, nothing dropped.

Pages: docs.paradex.trade POST /orders, PUT /orders/{order_id}, POST /orders/batch (OpenAPI 1.132.1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ccxt_dex.exact import Refused
from ccxt_dex.exchanges.paradex import signing, tables

Body = dict[str, Any]
ToWire = Callable[[Any], str]
"""a number as the digits that mean exactly it; raises what the caller wants raised"""

__all__ = ["amended", "client_id", "new_order", "recv_window", "reference"]


def new_order(
    market: Mapping[str, Any], kind: str, side: str, amount: Any, price: Any, params: Mapping[str, Any], to_size: ToWire, to_price: ToWire
) -> Body:
    """The body of an order, all but timestamp and signature.

    :param kind: "limit" or "market", or one of the venue's own type names
    :param to_size: checks a size against step and limits
    :param to_price: checks a price against the tick
    """
    _refuse_unknown(params)
    plain, trigger_kind, trigger = _type_and_trigger(kind, params)
    wire_side = {"buy": "BUY", "sell": "SELL"}.get(str(side).lower())
    if wire_side is None:
        raise Refused("invalid", f"side must be buy or sell, not {side!r}")
    body: Body = {
        "market": market["id"],
        "side": wire_side,
        "type": tables.ORDER_TYPES[plain, trigger_kind],
        "instruction": _instruction(plain, params),
        "size": _signable(to_size(amount)),
    }
    if plain == "limit":
        if price is None:
            raise Refused("arguments", "a limit order needs a price")
        body["price"] = _signable(to_price(price))
    if trigger is not None:
        body["trigger_price"] = to_price(trigger)
    if _reduce_only(params, trigger_kind):
        body["flags"] = ["REDUCE_ONLY"]
    body["client_id"] = client_id(params)
    _add_extras(body, params)
    return body


def amended(
    market: Mapping[str, Any], raw: Mapping[str, Any], amount: Any, price: Any, params: Mapping[str, Any], to_size: ToWire, to_price: ToWire
) -> Body:
    """The body that changes an order: what is not given stays as the venue has it.

    :param raw: the order as the venue has it
    """
    _refuse_unknown(params)
    trigger = _first(params, "triggerPrice", "stopPrice", "stopLossPrice", "takeProfitPrice")
    has_price = not str(raw["type"]).endswith("MARKET")
    if price is not None and not has_price:
        raise Refused("invalid", f"an order of type {raw['type']} has no price to change")
    body: Body = {
        "id": str(raw["id"]),
        "market": market["id"],
        "side": raw["side"],
        "type": raw["type"],
        "size": _signable(to_size(raw["size"] if amount is None else amount)),
        "price": "0" if not has_price else _signable(to_price(raw["price"] if price is None else price)),
    }
    old = raw.get("trigger_price")
    if trigger is not None:
        body["trigger_price"] = to_price(trigger)
    elif old not in (None, "", "0"):
        body["trigger_price"] = str(old)
    return body


def client_id(params: Mapping[str, Any]) -> str:
    """The client order id.

    :raises Refused: none, or one that the venue would not take
    """
    given = _first(params, "clientOrderId", "client_id", "client_order_id", "clOrdID")
    text = "" if given is None else str(given)
    if not text:
        raise Refused("arguments", "an order needs a client order id")
    if len(text) > tables.MAX_CLIENT_ID or not text.isascii() or not text.isprintable() or "/" in text or text in (".", ".."):
        raise Refused("invalid", f"a client order id has at most {tables.MAX_CLIENT_ID} printable ASCII characters and no slash")
    return text


def reference(order_id: Any, params: Mapping[str, Any]) -> tuple[str, str]:
    """By what an order is meant: ("order_id" or "client_id", its value)."""
    given = _first(params, "clientOrderId", "client_id", "client_order_id", "clOrdID")
    if given not in (None, ""):
        return "client_id", str(given)
    if order_id in (None, ""):
        raise Refused("arguments", "an order id is needed")
    text = str(order_id)
    if not text.isascii() or not text.isalnum():
        raise Refused("bad_request", f"no such order: {text!r} is not an id of this venue")
    return "order_id", text


def recv_window(params: Mapping[str, Any], default: Any) -> int:
    """Milliseconds after its signature in which the venue may still take an order."""
    given = _first(params, "recvWindow", "recv_window")
    try:
        window = int(default if given is None else given)
    except (TypeError, ValueError):
        raise Refused("bad_request", f"recvWindow is a number of milliseconds, not {given!r}") from None
    if window < tables.MIN_RECV_WINDOW:
        raise Refused("bad_request", f"recvWindow must be {tables.MIN_RECV_WINDOW} ms or more")
    return window


# --- parts -------------------------------------------------------------------------------------------------------------------------------


def _first(params: Mapping[str, Any], *names: str) -> Any:
    return next((params[name] for name in names if params.get(name) is not None), None)


def _refuse_unknown(params: Mapping[str, Any]) -> None:
    for name, value in params.items():
        if name in tables.UNSUPPORTED_PARAMS and value not in (None, False):
            raise Refused("unsupported", f"no {tables.UNSUPPORTED_PARAMS[name]} on this venue ({name})")
        if name not in tables.KNOWN_PARAMS and name not in tables.PASSED_PARAMS and name not in tables.UNSUPPORTED_PARAMS:
            raise Refused("bad_request", f"unknown parameter {name!r}: it would not reach the venue")


def _type_and_trigger(kind: str, params: Mapping[str, Any]) -> tuple[str, str | None, Any]:
    """Limit or market, the kind of trigger, its price."""
    given = {
        "stop": _first(params, "triggerPrice", "stopPrice"),
        "loss": params.get("stopLossPrice"),
        "profit": params.get("takeProfitPrice"),
    }
    kinds = [name for name, value in given.items() if value is not None]
    if len(kinds) > 1:
        raise Refused("invalid", "one order has one trigger: triggerPrice, stopLossPrice or takeProfitPrice")
    named = tables.NATIVE_TYPES.get(str(kind).upper())
    if named is None:
        raise Refused("invalid", f"order type must be limit or market, not {kind!r}")
    plain, native_trigger = named
    if native_trigger is None:
        return plain, kinds[0] if kinds else None, given[kinds[0]] if kinds else None
    if not kinds:
        raise Refused("arguments", f"an order of type {kind} needs a triggerPrice")
    if kinds[0] not in ("stop", native_trigger):
        raise Refused("invalid", f"an order of type {kind} cannot have that trigger")
    return plain, native_trigger, given[kinds[0]]


def _instruction(plain: str, params: Mapping[str, Any]) -> str:
    asked = str(_first(params, "timeInForce", "instruction") or "").upper()
    post_only = bool(params.get("postOnly")) or asked in ("PO", "POST_ONLY")
    if asked == "FOK":
        raise Refused("unsupported", "no fill-or-kill orders on this venue")
    if asked and asked not in tables.INSTRUCTIONS:
        raise Refused("invalid", f"unknown timeInForce {asked!r}")
    if post_only and plain == "market":
        raise Refused("invalid", "a market order cannot be post-only")
    if post_only and asked not in ("", "PO", "POST_ONLY", "GTC"):
        raise Refused("invalid", f"postOnly and timeInForce {asked} exclude each other")
    if plain == "market" and asked == "RPI":
        raise Refused("invalid", "a market order cannot be RPI")
    return "POST_ONLY" if post_only else tables.INSTRUCTIONS[asked or "GTC"]


def _reduce_only(params: Mapping[str, Any], trigger_kind: str | None) -> bool:
    """Stop-loss and take-profit orders reduce unless the user says reduceOnly = False; others only when asked."""
    given = _first(params, "reduceOnly", "reduce_only")
    return trigger_kind in ("loss", "profit") if given is None else bool(given)


def _add_extras(body: Body, params: Mapping[str, Any]) -> None:
    stp = _first(params, "selfTradePrevention", "stp")
    if stp is not None:
        if str(stp).upper() not in tables.SELF_TRADE:
            raise Refused("invalid", f"selfTradePrevention must be one of {', '.join(tables.SELF_TRADE)}")
        body["stp"] = str(stp).upper()
    account = params.get("onBehalfOfAccount")
    if account is not None:
        body["on_behalf_of_account"] = str(account)
    body.update({name: params[name] for name in tables.PASSED_PARAMS if params.get(name) is not None})


def _signable(text: str) -> str:
    try:
        signing.quantums(text)
    except ValueError as error:
        raise Refused("invalid", str(error)) from None
    return text
