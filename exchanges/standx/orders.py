"""Unified order arguments -> StandX request bodies. Pure; refuses before anything is signed.

Page: docs.standx.com "HTTP API", new_order / cancel_order / cancel_orders (2026-05-19).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ccxt_dex.exact import Refused, on_grid, plain, price_text, quantity, whole_leverage
from ccxt_dex.exchanges.standx.tables import TIME_IN_FORCE, UNSUPPORTED_PARAMS
from ccxt_dex.reading import number, text

CLIENT_ID = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9_-]{1,36}")

# ours or ccxt's own words that are translated or steer this library; never sent as they are
_TRANSLATED = frozenset(
    {"clientOrderId", "cl_ord_id", "timeInForce", "time_in_force", "postOnly", "reduceOnly", "reduce_only", "takeProfit", "stopLoss"}
    | {"marginMode", "margin_mode", "leverage", "tp_price", "sl_price", "hedged", "impersonate", "wait", "orderSocket", "timeout"}
)


def client_id(value: Any) -> str:
    """A client order id of the form that cannot be taken for an order id.

    :raises Refused: for more than 36 characters, other characters than [A-Za-z0-9_-], or no letter
    """
    if not isinstance(value, str) or not CLIENT_ID.fullmatch(value):
        raise Refused("invalid", "clientOrderId must have 1 to 36 characters of [A-Za-z0-9_-] and contain a letter")
    return value


def is_order_id(value: Any) -> bool:
    """Whether an id is StandX's own (digits only); everything else is a client order id."""
    text = str(value)
    return text.isascii() and text.isdigit()


def _first(params: Mapping[str, Any], *names: str) -> Any:
    """What was given under one of several names, None for nothing."""
    return next((params[name] for name in names if params.get(name) is not None), None)


def time_in_force(kind: str, params: Mapping[str, Any]) -> str:
    """`gtc`, `ioc` or `alo`.

    :raises Refused: FOK and other unknown words, post-only market orders, post-only together with IOC
    """
    raw = _first(params, "timeInForce", "time_in_force")
    post_only = _flag(params.get("postOnly"), "postOnly")
    if raw is not None and str(raw).upper() not in TIME_IN_FORCE:
        raise Refused("unsupported", f"timeInForce {raw!r} does not exist at StandX (GTC, IOC, PO)")
    wire = None if raw is None else TIME_IN_FORCE[str(raw).upper()]
    if kind == "market":
        if post_only or wire == "alo":
            raise Refused("invalid", "a market order cannot be post-only")
        return "ioc"
    if post_only:
        if wire == "ioc":
            raise Refused("invalid", "an IOC order cannot be post-only")
        return "alo"
    return wire or "gtc"


def attached(market: Mapping[str, Any], params: Mapping[str, Any], name: str, wire: str) -> str | None:
    """The trigger price of an attached take-profit or stop-loss, from `{"triggerPrice": ...}` or the wire name.

    :raises Refused: for anything but a market order at a mark price trigger, the only kind there is
    """
    given = params.get(name)
    if given is None:
        raw = params.get(wire)
        return None if raw is None else price_text(market, raw, wire)
    if not isinstance(given, Mapping):
        given = {"triggerPrice": given}
    trigger = given.get("triggerPrice", given.get("stopPrice"))
    if trigger is None:
        raise Refused("arguments", f"params['{name}'] needs a triggerPrice")
    if given.get("price") is not None or str(given.get("type", "market")).lower() != "market":
        raise Refused("unsupported", f"params['{name}'] closes at market; a limit price is not available")
    if str(given.get("triggerPriceType", "mark")).lower() != "mark":
        raise Refused("unsupported", f"params['{name}'] triggers on the mark price only")
    return price_text(market, trigger, f"{name} triggerPrice")


def _refuse_unsupported(params: Mapping[str, Any]) -> None:
    for name, what in UNSUPPORTED_PARAMS.items():
        if params.get(name) not in (None, False):
            raise Refused("unsupported", f"params['{name}']: StandX has no {what}")


def new_order(market: Mapping[str, Any], kind: str, side: str, amount: Any, price: Any, params: Mapping[str, Any]) -> dict[str, Any]:
    """The body of new_order, keys in the order of the official example.

    :param market: unified market
    :param kind: "limit" or "market"
    :param amount: in base units
    :param price: in the quote currency; ignored for market orders
    :param params: ccxt's clientOrderId, timeInForce, postOnly, reduceOnly, takeProfit, stopLoss, marginMode, leverage; others are sent as given
    :raises Refused: for what StandX cannot do or would refuse
    """
    _refuse_unsupported(params)
    if kind not in ("limit", "market"):
        raise Refused("unsupported", f"order type {kind!r} does not exist at StandX (limit, market)")
    if market.get("active") is False:
        raise Refused("closed", f"{market['symbol']} is not trading")
    if side not in ("buy", "sell"):
        raise Refused("invalid", f"side must be buy or sell, got {side!r}")
    body: dict[str, Any] = {"symbol": market["id"], "side": side, "order_type": kind, "qty": quantity(market, amount)}
    if kind == "limit":
        if price is None:
            raise Refused("arguments", "a limit order needs a price")
        body["price"] = price_text(market, price)
    body["time_in_force"] = time_in_force(kind, params)
    body["reduce_only"] = _flag(_first(params, "reduceOnly", "reduce_only"), "reduceOnly")
    body.update(_optional(market, params))
    body.update({key: value for key, value in params.items() if key not in _TRANSLATED and key not in UNSUPPORTED_PARAMS})
    return body


def _flag(value: Any, name: str) -> bool:
    if value is None:
        return False
    if not isinstance(value, bool):
        raise Refused("invalid", f"{name} must be True or False, got {value!r}")
    return value


def _optional(market: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    given = _first(params, "clientOrderId", "cl_ord_id")
    if given is not None:
        found["cl_ord_id"] = client_id(given)
    mode = _first(params, "marginMode", "margin_mode")
    if mode is not None:
        found["margin_mode"] = margin_mode(mode)
    if params.get("leverage") is not None:
        found["leverage"] = whole_leverage(market, params["leverage"])
    for name, wire in (("takeProfit", "tp_price"), ("stopLoss", "sl_price")):
        trigger = attached(market, params, name, wire)
        if trigger is not None:
            found[wire] = trigger
    return found


def kept(old: Mapping[str, Any], kind: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """What a replacement takes over from the order it replaces: what `params` say nothing about.

    :param old: the venue's object
    :param kind: of the replacement, "limit" or "market"
    :returns: params
    """
    found: dict[str, Any] = {}
    if old.get("reduce_only") is True and _first(params, "reduceOnly", "reduce_only") is None:
        found["reduceOnly"] = True
    if kind == "limit" and old.get("time_in_force") == "alo" and _first(params, "postOnly", "timeInForce", "time_in_force") is None:
        found["postOnly"] = True
    for name, wire in (("takeProfit", "tp_price"), ("stopLoss", "sl_price")):
        if number(old.get(wire)) and _first(params, name, wire) is None:
            found[wire] = text(old[wire])
    return found


def margin_mode(value: Any) -> str:
    """:raises Refused: for anything but cross and isolated"""
    mode = str(value).lower()
    if mode not in ("cross", "isolated"):
        raise Refused("bad_request", f"margin mode must be cross or isolated, got {value!r}")
    return mode


def reference(order_id: Any, params: Mapping[str, Any]) -> dict[str, Any]:
    """How one order is named in cancel_order and query_order: a JSON integer `order_id`, or `cl_ord_id`.

    :param order_id: StandX's id (digits) or a client order id; may be empty when params carry clientOrderId
    """
    given = _first(params, "clientOrderId", "cl_ord_id")
    if given is not None:
        return {"cl_ord_id": str(given)}
    if order_id is None or str(order_id) == "":
        raise Refused("arguments", "an order id or params['clientOrderId'] is needed")
    return {"order_id": int(order_id)} if is_order_id(order_id) else {"cl_ord_id": str(order_id)}


def references(ids: Iterable[Any]) -> list[dict[str, Any]]:
    """Bodies of cancel_orders: one kind of list per call, so up to two bodies; none for no ids."""
    own: list[int] = []
    client: list[str] = []
    for item in ids:
        if is_order_id(item):
            own.append(int(item))
        else:
            client.append(str(item))
    bodies: list[dict[str, Any]] = []
    if own:
        bodies.append({"order_id_list": own})
    if client:
        bodies.append({"cl_ord_id_list": client})
    return bodies


def money(value: Any, name: str = "amount") -> str:
    """A positive amount of DUSD as plain text."""
    return plain(on_grid(value, None, name))
