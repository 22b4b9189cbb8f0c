"""Unified order arguments -> orders in edgeX's words. Pure; refuses before anything is signed, never rounds what the user asked for.

Sources: official Python SDK 2.0.1 (`order/client.py`); V2 documentation, Order API. What is signed of them is in bodies.py.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ccxt_dex.exact import Refused, decimal, price_text, quantity
from ccxt_dex.exchanges.edgex import tables

# no comma: ids are joined with commas in queries; a letter: digits alone are an order id of edgeX's
CLIENT_ID = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9_.:-]{1,64}")

# ours or ccxt's own words that are translated or steer this library; never sent as they are
TRANSLATED = frozenset(
    {"clientOrderId", "timeInForce", "postOnly", "reduceOnly", "triggerPrice", "stopPrice", "stopLossPrice", "takeProfitPrice"}
    | {"triggerDirection", "triggerPriceType", "takeProfit", "stopLoss", "slippage", "limitFeeRate", "expireTime", "goodTillDate"}
    | {"wait", "accountId", "trigger", "stop", "timeout", "type", "price"}
)
DIRECTIONS = {"ascending": True, "above": True, "up": True, "descending": False, "below": False, "down": False}


def margin_mode(value: Any) -> str:
    """ "0" for cross, "1" for isolated.

    :raises Refused: for anything else
    """
    found = {"cross": "0", "isolated": "1"}.get(str(value).lower())
    if found is None:
        raise Refused("bad_request", f"margin mode must be cross or isolated, got {value!r}")
    return found


# --- names of orders ------------------------------------------------------------------------------------------------------------------------


def client_id(value: Any) -> str:
    """:raises Refused: for more than 64 characters, others than [A-Za-z0-9_.:-], or no letter"""
    if not isinstance(value, str) or not CLIENT_ID.fullmatch(value):
        raise Refused("invalid", "clientOrderId must have 1 to 64 characters of [A-Za-z0-9_.:-] and contain a letter")
    return value


def is_order_id(value: Any) -> bool:
    """Whether an id is edgeX's own (digits only); everything else is a client order id."""
    text = str(value)
    return text.isascii() and text.isdigit()


def reference(order_id: Any, params: Mapping[str, Any]) -> tuple[str, bool]:
    """How one order is named: the id, and whether it is edgeX's own.

    :raises Refused: for no id at all
    """
    given = params.get("clientOrderId")
    if given is not None:
        return str(given), False
    if order_id is None or str(order_id) == "":
        raise Refused("arguments", "an order id or params['clientOrderId'] is needed")
    return str(order_id), is_order_id(order_id)


def leg_id(parent: str, suffix: str) -> str:
    """Client id of an attached exit: the parent's with a suffix."""
    head = parent if len(parent) <= 60 else "x" + hashlib.sha256(parent.encode()).hexdigest()[:40]
    return f"{head}-{suffix}"


# --- drafts ---------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Exit:
    """An attached take-profit or stop-loss."""

    client_id: str
    trigger: str
    trigger_by: str
    price: str
    """ "0": closes at market"""


@dataclass(frozen=True, slots=True)
class Draft:
    """An order as edgeX words it, before prices are bound and anything is signed."""

    type: str
    side: str
    size: str
    price: str
    time_in_force: str
    client_id: str
    reduce_only: bool
    trigger: str = ""
    trigger_by: str = ""
    expires: int | None = None
    take_profit: Exit | None = None
    stop_loss: Exit | None = None
    slippage: Decimal | None = None
    """fraction of the oracle price (of the trigger price, for a conditional order) that a market kind may go beyond; None: no such bound"""
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def is_market(self) -> bool:
        return self.type in tables.MARKET_TYPES

    @property
    def buying(self) -> bool:
        return self.side == "BUY"

    @property
    def needs_oracle(self) -> bool:
        """Whether the price that is signed follows from the oracle price."""
        if not self.is_market:
            return False
        if self.slippage is not None:
            return not self.trigger
        return self.buying


def draft(
    market: Mapping[str, Any], kind: str, side: str, amount: Any, price: Any, params: Mapping[str, Any], slippage: Any = None
) -> Draft:
    """The order that unified arguments ask for.

    :param kind: "limit" or "market"
    :param params: clientOrderId (required), timeInForce, postOnly, reduceOnly, triggerPrice, stopLossPrice, takeProfitPrice,
        triggerDirection, triggerPriceType, takeProfit, stopLoss, expireTime (ms), slippage; others are sent as given
    :param slippage: bound of a plain market order where params have none
    :raises Refused: for what edgeX cannot do or would refuse
    """
    _refuse_unsupported(params)
    if kind not in ("limit", "market"):
        raise Refused("unsupported", f"order type {kind!r} does not exist at edgeX (limit, market; triggers by params)")
    if market.get("active") is False and not _only_closing(market, params):
        raise Refused("closed", f"{market['symbol']} is not trading")
    if side not in ("buy", "sell"):
        raise Refused("invalid", f"side must be buy or sell, got {side!r}")
    trigger, word = _trigger(market, side, params)
    if kind == "limit" and price is None:
        raise Refused("arguments", "a limit order needs a price")
    given = params.get("slippage")
    bound = given if given is not None else (None if trigger else slippage)
    name = client_id(params.get("clientOrderId"))
    return Draft(
        type=tables.ORDER_TYPES[kind, word],
        side=side.upper(),
        size=quantity(market, amount),
        price=price_text(market, price) if kind == "limit" else "0",
        time_in_force=time_in_force(kind, params),
        client_id=name,
        reduce_only=_flag(params.get("reduceOnly"), "reduceOnly"),
        trigger=trigger,
        trigger_by=trigger_price_type(params) if trigger else "",
        expires=_expiry(params),
        take_profit=_exit(market, params, "takeProfit", leg_id(name, "tp")),
        stop_loss=_exit(market, params, "stopLoss", leg_id(name, "sl")),
        slippage=_slippage(bound) if kind == "market" else None,
        more={key: value for key, value in params.items() if key not in TRANSLATED and key not in tables.UNSUPPORTED_PARAMS},
    )


def _only_closing(market: Mapping[str, Any], params: Mapping[str, Any]) -> bool:
    """Whether the order leaves a market in which positions are no longer opened, and may still be closed."""
    return params.get("reduceOnly") is True and (market.get("info") or {}).get("enableTrade") is True


def _refuse_unsupported(params: Mapping[str, Any]) -> None:
    for name, what in tables.UNSUPPORTED_PARAMS.items():
        if params.get(name) not in (None, False):
            raise Refused("unsupported", f"params['{name}']: edgeX has no {what}")


def _flag(value: Any, name: str) -> bool:
    if value is None:
        return False
    if not isinstance(value, bool):
        raise Refused("invalid", f"{name} must be True or False, got {value!r}")
    return value


def _slippage(value: Any) -> Decimal | None:
    if value is None or value is False:
        return None
    number = decimal(value, "slippage")
    if not 0 <= number < 1:
        raise Refused("bad_request", f"slippage must be a fraction from 0 to 1, got {value!r}")
    return number


def _expiry(params: Mapping[str, Any]) -> int | None:
    """expireTime in unix milliseconds; GTD needs one."""
    given = params.get("expireTime", params.get("goodTillDate"))
    if given is None:
        if str(params.get("timeInForce", "")).upper() == "GTD":
            raise Refused("arguments", "a GTD order needs params['expireTime'] in unix milliseconds")
        return None
    number = decimal(given, "expireTime")
    if number != number.to_integral_value() or number <= 0:
        raise Refused("invalid", f"expireTime must be unix milliseconds, got {given!r}")
    return int(number)


def time_in_force(kind: str, params: Mapping[str, Any]) -> str:
    """edgeX's word; market kinds are IMMEDIATE_OR_CANCEL.

    :raises Refused: unknown words, FOK and post-only market orders, post-only together with IOC or FOK
    """
    raw = params.get("timeInForce")
    post_only = _flag(params.get("postOnly"), "postOnly")
    word = None if raw is None else str(raw).upper()
    wire = None if word is None else tables.TIME_IN_FORCE.get(word, word if word in tables.UNIFIED_TIME_IN_FORCE else None)
    if word is not None and wire is None:
        raise Refused("unsupported", f"timeInForce {raw!r} does not exist at edgeX (GTC, GTD, IOC, FOK, PO)")
    if kind == "market":
        if post_only or wire == "POST_ONLY":
            raise Refused("invalid", "a market order cannot be post-only")
        if wire == "FILL_OR_KILL":
            raise Refused("unsupported", "a market order is immediate-or-cancel at edgeX, FOK needs a limit order")
        return "IMMEDIATE_OR_CANCEL"
    if post_only:
        if wire not in (None, "GOOD_TIL_CANCEL", "POST_ONLY"):
            raise Refused("invalid", f"a post-only order cannot be {raw}")
        return "POST_ONLY"
    return wire or "GOOD_TIL_CANCEL"


def _trigger(market: Mapping[str, Any], side: str, params: Mapping[str, Any]) -> tuple[str, str]:
    """Trigger price, and which family of orders waits for it: STOP fires above for buys and below for sells, TAKE_PROFIT the other way."""
    names = [name for name in ("triggerPrice", "stopPrice", "stopLossPrice", "takeProfitPrice") if params.get(name) is not None]
    if not names:
        if params.get("triggerDirection") is not None:
            raise Refused("arguments", "params['triggerDirection'] needs a triggerPrice")
        return "", ""
    if len(names) > 1:
        raise Refused("invalid", f"an order has one trigger, not {' and '.join(names)}")
    (name,) = names
    price = price_text(market, params[name], name)
    word = "take" if name == "takeProfitPrice" else "stop"
    given = params.get("triggerDirection")
    if given is not None and name in ("triggerPrice", "stopPrice"):
        above = DIRECTIONS.get(str(given).lower())
        if above is None:
            raise Refused("invalid", f"triggerDirection must be ascending or descending, got {given!r}")
        word = "stop" if above == (side == "buy") else "take"
    return price, word


def trigger_price_type(params: Mapping[str, Any]) -> str:
    """LAST_PRICE unless params['triggerPriceType'] says mark (the oracle price) or index, or names edgeX's own word."""
    given = params.get("triggerPriceType")
    if given is None:
        return "LAST_PRICE"
    found = tables.PRICE_TYPES.get(str(given).lower())
    if found is None and str(given).upper() in tables.PRICE_TYPES.values():
        found = str(given).upper()
    if found is None:
        raise Refused("unsupported", f"triggerPriceType {given!r} does not exist at edgeX (last, mark, index)")
    return found


def _exit(market: Mapping[str, Any], params: Mapping[str, Any], name: str, own_id: str) -> Exit | None:
    given = params.get(name)
    if given is None:
        return None
    if not isinstance(given, Mapping):
        given = {"triggerPrice": given}
    trigger = given.get("triggerPrice", given.get("stopPrice"))
    if trigger is None:
        raise Refused("arguments", f"params['{name}'] needs a triggerPrice")
    price = given.get("price")
    limit = str(given.get("type", "market" if price is None else "limit")).lower() == "limit"
    if limit != (price is not None):
        raise Refused("arguments", f"params['{name}'] needs a price exactly when its type is limit")
    text = price_text(market, price, f"{name} price") if price is not None else "0"
    return Exit(own_id, price_text(market, trigger, f"{name} triggerPrice"), trigger_price_type(given), text)
