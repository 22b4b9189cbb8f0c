"""ccxt's arguments -> Omni's bodies. Pure. What the venue has no words for is refused, never dropped; nothing is rounded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from ccxt_dex.exact import Refused, decimal, on_grid, plain, positive, price_text, quantity
from ccxt_dex.exchanges.variational import parsing, tables

Params = Mapping[str, Any]

# words of ccxt for which the venue has nothing
UNSUPPORTED = (
    *("triggerPrice", "stopPrice", "triggerDirection", "trailingAmount", "trailingPercent", "trailingTriggerPrice", "cost", "quoteAmount"),
    *("selfTradePrevention", "expireTime", "goodTillDate", "leverage", "marginMode", "positionSide", "icebergAmount", "test"),
)
OURS = frozenset(
    {
        *(
            "clientOrderId",
            "slippage",
            "reduceOnly",
            "postOnly",
            "timeInForce",
            "takeProfit",
            "stopLoss",
            "stopLossPrice",
            "takeProfitPrice",
        ),
        *("triggerPriceType", "autoResize", "wait", "hedged", "stopLossOrTakeProfit", "trigger", "stop"),
    }
)
LARGEST_SLIPPAGE = Decimal("0.5")


@dataclass(frozen=True)
class Plan:
    """An order as it will be asked for.

    :ivar kind: "market" (quote, then accept), or "rest" (everything that waits: limit, stop_loss, take_profit)
    :ivar body: what goes over the wire, for a market order without quote_id and max_slippage
    :ivar reference: the price that the bound of a market order counts from; None: the mark price of the quote
    :ivar slippage: fraction
    """

    kind: str
    side: str
    qty: str
    reduce_only: bool
    slippage: Decimal
    body: dict[str, Any] = field(default_factory=dict)
    reference: Decimal | None = None


def fraction(value: Any, name: str = "slippage") -> Decimal:
    """:raises Refused: when it is no fraction from 0 to 0.5"""
    number = decimal(value, name)
    if not 0 <= number <= LARGEST_SLIPPAGE:
        raise Refused("invalid", f"{name} is a fraction from 0 to {LARGEST_SLIPPAGE}, not {value!r}")
    return number


def _flag(params: Params, name: str, default: bool = False) -> bool:
    value = params.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise Refused("bad_request", f"{name} must be True or False, not {value!r}")
    return value


def _check_words(kind: str, side: str, params: Params) -> None:
    if side not in ("buy", "sell"):
        raise Refused("invalid", f"side must be buy or sell, not {side!r}")
    if kind not in ("market", "limit"):
        raise Refused("invalid", f"type must be market or limit, not {kind!r}")
    for name in UNSUPPORTED:
        if params.get(name) not in (None, False):
            raise Refused("unsupported", f"there is no {name} at this venue")
    if _flag(params, "postOnly"):
        raise Refused("unsupported", "postOnly does not exist: a limit order that crosses is filled at once")
    if _flag(params, "hedged"):
        raise Refused("unsupported", "one position per market: there is no hedge mode")
    wanted = params.get("timeInForce")
    natural = "FOK" if kind == "market" else "GTC"
    if wanted is not None and str(wanted).upper() not in (natural, "GTC"):
        raise Refused("unsupported", f"timeInForce {wanted!r}: market orders are FOK, limit orders GTC, and nothing else exists")


def _by_mark(given: Any) -> bool:
    if given not in (None, "mark", "last"):
        raise Refused("unsupported", f"triggers watch the mark price ('mark') or the quoted one ('last'), not {given!r}")
    return bool(given != "last")


def brackets(market: Mapping[str, Any], params: Params, exit_slippage: Any) -> dict[str, Any]:
    """The fields of attached exits."""
    made: dict[str, Any] = {}
    for name, long, short in (("takeProfit", "take_profit", "tp"), ("stopLoss", "stop_loss", "sl")):
        given = params.get(name)
        if given is None:
            continue
        exit_ = given if isinstance(given, Mapping) else {"triggerPrice": given}
        unknown = set(exit_) - {"triggerPrice", "type", "triggerPriceType", "autoResize", "slippage"}
        if unknown or exit_.get("type", "market") != "market":
            raise Refused(
                "unsupported", f"{name}: an attached exit closes at market when triggerPrice is reached; not known: {sorted(unknown)}"
            )
        if exit_.get("triggerPrice") is None:
            raise Refused("arguments", f"{name} needs triggerPrice")
        made[long] = price_text(market, exit_["triggerPrice"], f"{name} triggerPrice")
        made[f"{short}_is_auto_resize"] = _flag(exit_, "autoResize", True)
        made[f"{short}_use_mark_price"] = _by_mark(exit_.get("triggerPriceType"))
        made[f"{short}_slippage_limit"] = plain(fraction(exit_.get("slippage", exit_slippage)))
    return made


def _tradable(market: Mapping[str, Any], reduce_only: bool) -> dict[str, Any]:
    found = market.get("instrument")
    if not isinstance(found, Mapping):
        raise Refused(
            "unsupported", f"{market['symbol']}: the kind of instrument is not known; load the markets again with curl_cffi installed"
        )
    if market.get("active") is False and not reduce_only:
        raise Refused("closed", f"{market['symbol']} is closed, or open for reducing only")
    return dict(found)


def new_order(
    market: Mapping[str, Any],
    kind: str,
    side: str,
    amount: Any,
    price: Any,
    params: Params,
    slippage: Any = "0.01",
    exit_slippage: Any = "0.03",
) -> Plan:
    """What create_order's arguments ask for.

    :param slippage: fraction that a market order may cost beyond its reference, unless `params` say otherwise
    :param exit_slippage: the same for exits when they fire
    :raises Refused: for what the venue cannot do or would change
    """
    _check_words(kind, side, params)
    stop, profit = params.get("stopLossPrice"), params.get("takeProfitPrice")
    if stop is not None and profit is not None:
        raise Refused(
            "unsupported", "stopLossPrice and takeProfitPrice are two orders; attach them to an entry with stopLoss and takeProfit"
        )
    exits = stop is not None or profit is not None
    if exits and params.get("reduceOnly") is False:
        raise Refused("unsupported", "a stop-loss or take-profit order of this venue is reduce-only")
    reduce_only = exits or _flag(params, "reduceOnly")
    found, qty = _tradable(market, reduce_only), quantity(market, amount)
    attached = brackets(market, params, exit_slippage)
    if attached and reduce_only:
        raise Refused("invalid", "exits cannot be attached to an order that only reduces")
    extra = {name: value for name, value in params.items() if name not in OURS}
    given = params.get("slippage")
    if exits:
        body = _exit(market, kind, price, params, stop, plain(fraction(exit_slippage if given is None else given)))
        return Plan("rest", side, qty, True, Decimal(0), {**_resting(found, qty, side), **body, **extra})
    if kind == "market":
        body = {"side": side, "is_reduce_only": reduce_only, **attached, **extra}
        reference = None if price is None else positive(price, "price")
        return Plan("market", side, qty, reduce_only, fraction(slippage if given is None else given), body, reference)
    positive(price, "price")
    body = {"order_type": "limit", "limit_price": price_text(market, price), "is_reduce_only": reduce_only}
    if given is not None:
        body["slippage_limit"] = plain(fraction(given))
    body |= {"is_auto_resize": _flag(params, "autoResize"), "use_mark_price": False}
    return Plan("rest", side, qty, reduce_only, Decimal(0), {**_resting(found, qty, side), **body, **attached, **extra})


def _resting(found: dict[str, Any], qty: str, side: str) -> dict[str, Any]:
    return {"order_type": "", "instrument": found, "qty": qty, "side": side}


def _exit(market: Mapping[str, Any], kind: str, price: Any, params: Params, stop: Any, slippage: str) -> dict[str, Any]:
    body: dict[str, Any] = {"order_type": "stop_loss" if stop is not None else "take_profit"}
    level = stop if stop is not None else params["takeProfitPrice"]
    body["trigger_price"] = price_text(market, level, "stopLossPrice" if stop is not None else "takeProfitPrice")
    if kind == "limit":
        if stop is None:
            raise Refused("unsupported", "a take-profit of this venue closes at market: use type 'market'")
        body["limit_price"] = price_text(market, positive(price, "price"))
    resize = _flag(params, "autoResize", True)
    by_mark = _by_mark(params.get("triggerPriceType"))
    return {**body, "slippage_limit": slippage, "is_reduce_only": True, "is_auto_resize": resize, "use_mark_price": by_mark}


def accept(plan: Plan, raw: Mapping[str, Any]) -> dict[str, Any]:
    """The body that accepts a quote, when the quote is within the user's bound.

    The bound is the reference (the given price, else the quote's mark price) moved by the slippage. `max_slippage` is what is left
    between quote and bound, so that the fill keeps within it whether the venue counts from the quote or, with no price given, from the mark.

    :raises Refused: a quote for another size, beyond the bound, or off the quote's own limits; nothing was sent then
    :raises ~parsing.Missing: when the quote lacks what this needs
    """
    found = parsing.quote(raw)
    quote_id = parsing.need(raw, "quote_id", "quote")
    if found["qty"] != Decimal(plan.qty):
        raise Refused("response", f"a quote for {plan.qty} was asked for, {plain(found['qty'])} came")
    _within(plan, parsing.quote_limits(raw, plan.side))
    buying = plan.side == "buy"
    quoted: Decimal = found["ask" if buying else "bid"]
    reference = plan.reference if plan.reference is not None else found["mark"]
    if reference is None:
        raise parsing.Missing("mark_price", "quote")
    bound = reference * (1 + plan.slippage if buying else 1 - plan.slippage)
    if quoted > bound if buying else quoted < bound:
        told = f"{plan.side} {plan.qty} is quoted at {plain(quoted)}, beyond {plain(bound.normalize())}"
        raise Refused("invalid", f"{told} (slippage {plain(plan.slippage)} from {plain(reference)}); nothing was sent")
    room = (bound - quoted if buying else quoted - bound) / quoted
    room = min(room, plan.slippage).quantize(Decimal("0.000001"), rounding=ROUND_FLOOR)
    return {"quote_id": quote_id, **plan.body, "max_slippage": float(room)}


def _within(plan: Plan, limits: Mapping[str, Decimal | None]) -> None:
    """The limits of the moment: the step changes tenfold when the price crosses a power of ten."""
    on_grid(plan.qty, limits["tick"], "amount")
    low, high = limits["min"], limits["max"]
    if low is not None and Decimal(plan.qty) < low:
        raise Refused("invalid", f"amount {plan.qty} is below the minimum {plain(low)}")
    if high is not None and Decimal(plan.qty) > high:
        raise Refused("invalid", f"amount {plan.qty} is above the maximum {plain(high)}")


def leverage(market: Mapping[str, Any], value: Any) -> str:
    """:raises Refused: when it is no whole number within the market's limits"""
    number = decimal(value, "leverage")
    top = Decimal(str(market["limits"]["leverage"]["max"] or tables.LEVERAGE_SEEN))
    if number != number.to_integral_value() or not 1 <= number <= top:
        raise Refused("bad_request", f"leverage is a whole number from 1 to {plain(top)}, not {value!r}")
    return plain(number)


# --- what was asked for, to be found again ---------------------------------------------------------------------------------------------


def fingerprint(plan: Plan, market_id: str) -> dict[str, Any]:
    """By what an order without an acknowledgement is recognised in the list: the venue keeps no client order id."""
    kind = "market" if plan.kind == "market" else plan.body["order_type"]
    return {
        **{"key": market_id, "side": plan.side, "qty": plan.qty, "order_type": kind, "is_reduce_only": plan.reduce_only},
        **{"limit_price": plan.body.get("limit_price"), "trigger_price": plan.body.get("trigger_price")},
    }


def kept(old: Mapping[str, Any]) -> dict[str, Any]:
    """What a replacement takes over from the order it replaces, as params.

    :param old: the venue's row
    """
    found: dict[str, Any] = {}
    slippage = parsing.soft(old, "slippage_limit")
    if slippage is not None:
        found["slippage"] = plain(slippage)
    exit_ = {"stop_loss": "stopLossPrice", "stop_limit": "stopLossPrice", "take_profit": "takeProfitPrice"}.get(str(old.get("order_type")))
    if exit_ is None:
        if old.get("is_reduce_only") is True:
            found["reduceOnly"] = True
        if old.get("is_auto_resize") is True:
            found["autoResize"] = True
        return found
    found[exit_] = str(old.get("trigger_price"))
    if old.get("is_auto_resize") is False:
        found["autoResize"] = False
    if old.get("use_mark_price") is False:
        found["triggerPriceType"] = "last"
    return found


def _same(asked: Any, stands: Any) -> bool:
    if asked is None or stands is None:
        return asked is None and stands is None
    return Decimal(str(asked)) == Decimal(str(stands))


def matches(asked: Mapping[str, Any], raw: Mapping[str, Any]) -> bool:
    """Whether a row of orders/v2 is what was asked for."""
    try:
        same = parsing.key(raw["instrument"]) == asked["key"] and all(
            _same(asked[name], raw.get(name)) for name in ("qty", "limit_price", "trigger_price")
        )
    except (KeyError, TypeError, ValueError, ArithmeticError):
        return False
    return same and all(raw.get(name) == asked[name] for name in ("side", "order_type", "is_reduce_only"))
