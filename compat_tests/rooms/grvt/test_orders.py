"""Order objects: what goes out for each unified argument, and what is refused before anything is signed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccxt_dex.exact import REFUSALS, Refused
from ccxt_dex.exchanges.grvt import orders, tables
from ccxt_dex.exchanges.grvt.orders import Request

NOW = 1_795_372_281_166
DAY = 86_400_000


def digits(value: Any) -> str:
    """As price_to_wire: refuses what is off a tenth."""
    number = Decimal(str(value))
    if number <= 0 or number % Decimal("0.1"):
        raise Refused("invalid", "off the tick")
    return format(number, "f")


def plan(
    type: str = "limit", side: str = "buy", price: str | None = "60000", options: dict[str, Any] | None = None, **params: Any
) -> orders.Plan:
    ids = iter(str((1 << 63) + n) for n in range(9))
    asked = Request(
        "2147050003876484", "BTC_USDT_Perp", type, side, "0.01", price if type == "limit" else None, digits, NOW, lambda: next(ids)
    )
    return orders.make(asked, {"clientOrderId": "5", **params}, options or {})


def made(*args: Any, **params: Any) -> dict[str, Any]:
    return plan(*args, **params).orders[0]


def refused(kind: str, *args: Any, **params: Any) -> None:
    with pytest.raises(Refused) as caught:
        plan(*args, **params)
    assert caught.value.kind == kind and kind in REFUSALS


def test_a_plain_limit_order() -> None:
    assert plan() == orders.Plan(
        [
            {
                "sub_account_id": "2147050003876484",
                "is_market": False,
                "time_in_force": "GOOD_TILL_TIME",
                "post_only": False,
                "reduce_only": False,
                "legs": [{"instrument": "BTC_USDT_Perp", "size": "0.01", "limit_price": "60000", "is_buying_asset": True}],
                "metadata": {"client_order_id": "5"},
            }
        ],
        [NOW * 1_000_000 + tables.RESTING_SECONDS * 10**9],
        {},
    )


def test_a_market_order_has_no_limit_price_and_a_short_life() -> None:
    found = plan("market", "sell")
    assert found.orders[0]["is_market"] and found.orders[0]["legs"][0]["limit_price"] == "0"
    assert found.expirations == [NOW * 1_000_000 + tables.IMMEDIATE_SECONDS * 10**9]


@pytest.mark.parametrize(
    "params,tif,post_only",
    [
        ({"timeInForce": "GTC"}, "GOOD_TILL_TIME", False),
        ({"timeInForce": "IOC"}, "IMMEDIATE_OR_CANCEL", False),
        ({"timeInForce": "fok"}, "FILL_OR_KILL", False),
        ({"timeInForce": "PO"}, "GOOD_TILL_TIME", True),
        ({"postOnly": True}, "GOOD_TILL_TIME", True),
        ({"timeInForce": "RPI"}, "RETAIL_PRICE_IMPROVEMENT", False),
    ],
)
def test_time_in_force(params: dict[str, Any], tif: str, post_only: bool) -> None:
    order = made(**params)
    assert (order["time_in_force"], order["post_only"]) == (tif, post_only)


@pytest.mark.parametrize(
    "kind,params",
    [("unsupported", {"timeInForce": "DAY"}), ("invalid", {"timeInForce": "IOC", "postOnly": True}), ("invalid", {"postOnly": "yes"})],
)
def test_time_in_force_that_cannot_be(kind: str, params: dict[str, Any]) -> None:
    refused(kind, **params)


def test_a_market_order_cannot_be_post_only() -> None:
    refused("invalid", "market", postOnly=True)


@pytest.mark.parametrize("name", tables.UNSUPPORTED)
def test_a_parameter_that_would_be_ignored_is_refused(name: str) -> None:
    refused("unsupported", **{name: 1})


@pytest.mark.parametrize("value", ["abc", "0", "-1", str(1 << 64), 1.5, True, "", "１２"])
def test_client_ids_that_the_venue_cannot_have(value: Any) -> None:
    refused("invalid", clientOrderId=value)


@pytest.mark.parametrize("value", [1, "1", (1 << 64) - 1])
def test_client_ids(value: Any) -> None:
    assert made(clientOrderId=value)["metadata"]["client_order_id"] == str(value)


@pytest.mark.parametrize("side", ["buy", "sell"])
@pytest.mark.parametrize("name,kind", [("stopLossPrice", "STOP_LOSS"), ("takeProfitPrice", "TAKE_PROFIT")])
def test_exits(side: str, name: str, kind: str) -> None:
    order = made("market", side, **{name: 59_000})
    assert order["metadata"]["trigger"] == {
        "trigger_type": kind,
        "tpsl": {"trigger_by": "LAST", "trigger_price": "59000", "close_position": False, "is_split_position": False},
    }
    assert order["reduce_only"] is True and made("market", side, reduceOnly=False, **{name: 59_000})["reduce_only"] is False


@pytest.mark.parametrize(
    "side,direction,kind",
    [
        ("buy", "ascending", "STOP_LOSS"),
        ("buy", "descending", "TAKE_PROFIT"),
        ("sell", "ascending", "TAKE_PROFIT"),
        ("sell", "descending", "STOP_LOSS"),
    ],
)
def test_a_trigger_with_its_direction(side: str, direction: str, kind: str) -> None:
    order = made("market", side, triggerPrice=59_000, triggerDirection=direction, triggerPriceType="mark")
    assert order["metadata"]["trigger"]["trigger_type"] == kind and order["reduce_only"] is False
    assert order["metadata"]["trigger"]["tpsl"]["trigger_by"] == "MARK"


@pytest.mark.parametrize(
    "kind,params",
    [
        ("arguments", {"triggerPrice": 59_000}),
        ("arguments", {"triggerDirection": "ascending"}),
        ("invalid", {"stopLossPrice": 59_000, "takeProfitPrice": 61_000}),
        ("unsupported", {"stopLossPrice": 59_000, "triggerPriceType": "moon"}),
        ("unsupported", {"stopLossPrice": 59_000, "closePosition": True}),
        ("invalid", {"stopLossPrice": 59_000.05}),
    ],
)
def test_triggers_that_cannot_be(kind: str, params: dict[str, Any]) -> None:
    refused(kind, "market", "sell", **params)


def test_exits_go_out_with_their_entry() -> None:
    found = plan("market", "buy", takeProfit={"triggerPrice": 61_000}, stopLoss={"triggerPrice": 59_000, "price": 58_900.5})
    entry, profit, loss = found.orders
    assert "trigger" not in entry["metadata"] and not entry["reduce_only"]
    assert [each["metadata"]["trigger"]["trigger_type"] for each in (profit, loss)] == ["TAKE_PROFIT", "STOP_LOSS"]
    for each in (profit, loss):
        assert each["reduce_only"] and each["legs"][0]["is_buying_asset"] is False and each["legs"][0]["size"] == "0.01"
    assert (profit["is_market"], loss["is_market"], loss["legs"][0]["limit_price"]) == (True, False, "58900.5")
    assert len({each["metadata"]["client_order_id"] for each in found.orders}) == 3
    assert found.expirations[0] < found.expirations[1] == found.expirations[2]


@pytest.mark.parametrize(
    "kind,params",
    [
        ("arguments", {"stopLoss": {}}),
        ("arguments", {"stopLoss": 59_000}),
        ("unsupported", {"stopLoss": {"triggerPrice": 59_000, "trailingPercent": 1}}),
        ("invalid", {"stopLoss": {"triggerPrice": 59_000}, "reduceOnly": True}),
        ("invalid", {"stopLoss": {"triggerPrice": 59_000}, "stopLossPrice": 58_000}),
    ],
)
def test_exits_that_cannot_be_attached(kind: str, params: dict[str, Any]) -> None:
    refused(kind, **params)


def test_no_builder_unless_all_of_it_is_set() -> None:
    address = "0x" + "a" * 40
    assert "builder" not in made(options={"builder": address, "builderRate": "0.01", "builderFee": False})
    order = made(options={"builder": address, "builderRate": "0.01", "builderFee": True})
    assert (order["builder"], order["builder_fee"]) == (address, "0.01")
    assert made(builder=address, builderFee="0.0005")["builder_fee"] == "0.0005"
    refused("arguments", options={"builderFee": True})
    refused("invalid", builder=address, builderFee="0.00015")  # it would be cut
    refused("invalid", builder=address, builderFee="-1")


def test_the_end_of_an_order() -> None:
    assert plan(orderExpiry=NOW + DAY).expirations == [(NOW + DAY) * 1_000_000]
    assert plan(expirationSeconds=60).expirations == [NOW * 1_000_000 + 60 * 10**9]
    assert plan(options={"expirationSeconds": 90}).expirations == [NOW * 1_000_000 + 90 * 10**9]
    for params in (
        {"orderExpiry": NOW},
        {"orderExpiry": NOW + 31 * DAY},
        {"orderExpiry": 1.5},
        {"expirationSeconds": 0},
        {"expirationSeconds": 31 * 86_400},
    ):
        refused("invalid", **params)


@pytest.mark.parametrize("args,kind", [(("stop",), "invalid"), (("limit", "long"), "invalid"), (("limit", "buy", None), "arguments")])
def test_types_and_sides(args: tuple[Any, ...], kind: str) -> None:
    refused(kind, *args)


def test_the_venue_s_own_parameters_pass() -> None:
    assert plan(something="else").rest == {"something": "else"}


@pytest.mark.parametrize(
    "order_id,params,named",
    [
        ("0x0101", {}, {"order_id": "0x0101"}),
        ("77", {}, {"client_order_id": "77"}),
        ("0x0101", {"clientOrderId": 78}, {"client_order_id": "78"}),
    ],
)
def test_how_an_order_is_named(order_id: str, params: dict[str, Any], named: dict[str, str]) -> None:
    assert orders.reference(order_id, params) == named


def test_an_order_without_a_name() -> None:
    with pytest.raises(Refused):
        orders.reference(None, {})


PARAMS = st.fixed_dictionaries(
    {},
    optional={
        "postOnly": st.booleans(),
        "reduceOnly": st.booleans(),
        "timeInForce": st.sampled_from(["GTC", "IOC", "FOK", "PO", "DAY"]),
        "stopLossPrice": st.sampled_from([59_000, 59_000.05]),
        "takeProfitPrice": st.just(61_000),
        "triggerPrice": st.just(60_500),
        "triggerDirection": st.sampled_from(["ascending", "descending", "sideways"]),
        "stopLoss": st.just({"triggerPrice": 59_000}),
    },
)


@settings(max_examples=400, deadline=None)
@given(params=PARAMS, type=st.sampled_from(["limit", "market"]), side=st.sampled_from(["buy", "sell"]))
def test_nothing_that_was_asked_for_is_dropped(params: dict[str, Any], type: str, side: str) -> None:
    """Either an order is refused, or it says everything that it was asked to say."""
    try:
        found = plan(type, side, **params).orders
    except Refused:
        return
    order = found[0]
    assert order["post_only"] is (params.get("postOnly") is True or params.get("timeInForce") == "PO")
    if params.get("reduceOnly") is not None:
        assert order["reduce_only"] is params["reduceOnly"]
    levels = [params[name] for name in ("stopLossPrice", "takeProfitPrice", "triggerPrice") if name in params]
    trigger = order["metadata"].get("trigger")
    assert (trigger is not None) == bool(levels)
    if trigger is not None:
        assert [Decimal(trigger["tpsl"]["trigger_price"])] == [Decimal(str(level)) for level in levels]
    assert len(found) == (2 if "stopLoss" in params else 1)
    assert order["is_market"] is (type == "market") and order["legs"][0]["is_buying_asset"] is (side == "buy")
    assert order["time_in_force"] == tables.TIME_IN_FORCE[params.get("timeInForce", "GTC")]
