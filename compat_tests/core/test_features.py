"""The builder of `features`, with values no venue has."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ccxt_dex import features

ORDER: dict[str, Any] = {"triggerPrice": True, "attachedStopLossTakeProfit": features.attached("mark"), "timeInForce": features.times("PO")}


def built(**differs: Any) -> dict[str, Any]:
    return features.linear(**{"page": 7, "candles": 9, "batch": 3, "order": ORDER, **differs})


def test_what_nobody_names_is_not_there() -> None:
    order = features.linear(page=7, candles=9, batch=3, order={})["createOrder"]
    nested = order.pop("timeInForce")
    assert not any(order.values())
    assert nested == {"IOC": False, "FOK": False, "PO": False, "GTD": False}


def test_limits_go_to_their_methods() -> None:
    found = built()
    limits = {method: entry.get("limit", "none") for method, entry in found.items()}
    assert limits == {
        "createOrder": "none",
        "createOrders": "none",
        "fetchMyTrades": 7,
        "fetchOrder": "none",
        "fetchOpenOrders": None,
        "fetchOrders": 7,
        "fetchClosedOrders": 7,
        "fetchOHLCV": 9,
    }
    assert found["createOrders"] == {"max": 3}
    assert built(batch=None)["createOrders"] is None
    assert found["fetchClosedOrders"]["daysBackCanceled"] is None


def test_an_entry_that_differs_stands_alone() -> None:
    found = built(rows={"fetchOpenOrders": features.listing(5, trigger=True, days=False)})
    assert found["fetchOpenOrders"] == {"marginMode": False, "limit": 5, "trigger": True, "trailing": False, "symbolRequired": False}
    assert {name: entry for name, entry in found.items() if name != "fetchOpenOrders"} == {
        name: entry for name, entry in built().items() if name != "fetchOpenOrders"
    }


def test_spot_orders_without_triggers_leave_the_perpetuals_alone() -> None:
    swap = built()
    before = json.dumps(swap)
    found = features.table(swap, spot=features.untriggered(swap))
    assert json.dumps(swap) == before
    assert found["swap"] == {"linear": swap, "inverse": None}
    spot = found["spot"]["createOrder"]
    assert (spot["triggerPrice"], spot["attachedStopLossTakeProfit"], spot["timeInForce"]["PO"]) == (False, None, True)
    assert found["spot"]["fetchOrders"] == swap["fetchOrders"]


def test_words_that_do_not_exist_are_refused() -> None:
    with pytest.raises(ValueError, match="trigerPrice"):
        built(order={"trigerPrice": True})
    with pytest.raises(ValueError, match="GTC"):
        features.times("GTC")
    with pytest.raises(ValueError, match="oracle"):
        features.prices("oracle")


def test_a_table_is_nobody_else_s() -> None:
    """ccxt completes the tables of its classes in place."""
    first = features.linear(page=1, candles=1, batch=None, order={})
    first["createOrder"]["timeInForce"]["GTC"] = True
    first["fetchOrders"]["limit"] = 7
    assert "GTC" not in features.linear(page=1, candles=1, batch=None, order={})["createOrder"]["timeInForce"]
    spot = features.untriggered(first)
    spot["createOrder"]["timeInForce"]["GTC"] = False
    assert first["createOrder"]["timeInForce"]["GTC"] is True
