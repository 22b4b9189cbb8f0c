"""`features` tables, from what is the same for most venues and what a room says differs. Pure; a thing that nobody names is not there.

``describe()["features"] = table(linear(page=100, candles=500, batch=20, order={"timeInForce": times("IOC", "PO")}))``
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

__all__ = ["UNTRIGGERED", "attached", "linear", "listing", "prices", "single", "table", "times", "untriggered"]

Table = dict[str, Any]

# of an order that waits for no price
UNTRIGGERED: Mapping[str, Any] = {
    "triggerPrice": False,
    "triggerDirection": False,
    "triggerPriceType": None,
    "stopLossPrice": False,
    "takeProfitPrice": False,
    "attachedStopLossTakeProfit": None,
}
_ORDER: Mapping[str, Any] = {
    **UNTRIGGERED,
    "marginMode": False,
    "timeInForce": dict.fromkeys(("IOC", "FOK", "PO", "GTD"), False),
    "hedged": False,
    "trailing": False,
    "leverage": False,
    "marketBuyByCost": False,
    "marketBuyRequiresPrice": False,
    "selfTradePrevention": False,
    "iceberg": False,
}


def prices(*names: str) -> dict[str, bool]:
    """`triggerPriceType`: which of last, mark and index can trigger.

    :raises ValueError: another name
    """
    return _chosen(("last", "mark", "index"), names)


def times(*names: str) -> dict[str, bool]:
    """`timeInForce` besides GTC: which of IOC, FOK, PO and GTD there are.

    :raises ValueError: another name
    """
    return _chosen(("IOC", "FOK", "PO", "GTD"), names)


def attached(*names: str, price: bool = True) -> Table:
    """`attachedStopLossTakeProfit`: which prices trigger, and whether the order that follows can have a limit price."""
    return {"triggerPriceType": prices(*names), "price": price}


def single(trigger: bool = False) -> Table:
    """A method that looks one order up."""
    return {"marginMode": False, "trigger": trigger, "trailing": False, "symbolRequired": False}


def listing(limit: int | None, trigger: bool = False, days: bool = True) -> Table:
    """A method that lists.

    :param limit: rows of one answer, None where the venue gives all
    :param days: whether it speaks of the past: `daysBack` and `untilDays`, both without a bound
    """
    return {**single(trigger), "limit": limit, **({"daysBack": None, "untilDays": None} if days else {})}


def linear(
    *,
    page: int | None,
    candles: int,
    batch: int | None,
    order: Mapping[str, Any],
    rows: Mapping[str, Table] | None = None,
) -> Table:
    """What the methods can on linear markets.

    :param page: orders or fills of one answer
    :param candles: candles of one answer
    :param batch: orders of one `createOrders`, None where there is no such method
    :param order: what `createOrder` has
    :param rows: method -> its whole entry, for those that differ
    :raises ValueError: a word that `createOrder` does not have
    """
    if unknown := order.keys() - _ORDER.keys():
        raise ValueError(f"features of createOrder: {', '.join(sorted(unknown))}")
    # a copy: ccxt completes the table of a class in place
    made: Table = {
        "createOrder": {**_ORDER, **order},
        "createOrders": None if batch is None else {"max": batch},
        "fetchMyTrades": listing(page),
        "fetchOrder": single(),
        "fetchOpenOrders": listing(None),
        "fetchOrders": listing(page),
        "fetchClosedOrders": {**listing(page), "daysBackCanceled": None},
        "fetchOHLCV": {"limit": candles},
        **(rows or {}),
    }
    return deepcopy(made)


def untriggered(methods: Table) -> Table:
    """The same methods with orders that wait for no price: spot markets of several venues."""
    return deepcopy({**methods, "createOrder": {**methods["createOrder"], **UNTRIGGERED}})


def table(methods: Table, spot: Table | None = None) -> Table:
    """The whole of `features`: linear perpetuals, no inverse ones, no dated futures.

    :param spot: methods of spot markets, None where there are none
    """
    return {"spot": spot, "swap": {"linear": methods, "inverse": None}, "future": {"linear": None, "inverse": None}}


def _chosen(known: tuple[str, ...], names: tuple[str, ...]) -> dict[str, bool]:
    if unknown := set(names) - set(known):
        raise ValueError(f"{', '.join(sorted(unknown))} is none of {', '.join(known)}")
    return {name: name in names for name in known}
