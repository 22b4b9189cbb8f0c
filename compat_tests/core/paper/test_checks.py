"""What is refused at once, without leaving a trace."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from ccxt_dex.paper.types import REJECT_CODES, NewOrder, Reject

D = Decimal


@pytest.mark.parametrize(
    ("code", "side", "qty", "price", "more"),
    [
        ("unknown_market", "buy", 1, 60_000, {"at": "XRP-USD"}),
        ("bad_side", "long", 1, 60_000, {}),
        ("bad_qty", "buy", 0, 60_000, {}),
        ("bad_qty", "buy", -1, 60_000, {}),
        ("bad_qty", "buy", "NaN", 60_000, {}),
        ("bad_qty", "buy", "1e30", 60_000, {}),
        ("off_step", "buy", "0.0015", 60_000, {}),
        ("below_min", "buy", "0.001", 60_000, {}),
        ("above_max", "buy", "10.001", 60_000, {}),
        ("bad_price", "buy", 1, 0, {}),
        ("bad_price", "buy", 1, "Infinity", {}),
        ("off_tick", "buy", 1, "60000.05", {}),
        ("price_band", "buy", 1, "63000.1", {}),
        ("price_band", "sell", 1, "56999.9", {}),
        ("below_min_cost", "buy", "0.002", "57000", {}),
        ("leverage", "buy", 1, 60_000, {"leverage": 41}),
        ("leverage", "buy", 1, 60_000, {"leverage": 0}),
        ("margin_mode", "buy", 1, 60_000, {"margin_mode": "portfolio"}),
        ("insufficient_funds", "buy", 10, 62_999, {"leverage": 1}),
        ("reduce_only", "buy", 1, 60_000, {"reduce_only": True}),
        ("bad_trigger", "buy", 1, 60_000, {"trigger": 0}),
        ("off_tick", "buy", 1, 60_000, {"trigger": "61000.01"}),
        ("bad_trigger", "buy", 1, 60_000, {"close_position": True}),
        ("no_position", "sell", 0, None, {"close_position": True, "trigger": 59_000}),
        ("bad_trigger", "buy", 1, 60_000, {"take_profit": 60_000}),
        ("bad_trigger", "buy", 1, 60_000, {"stop_loss": 60_000}),
        ("bad_trigger", "sell", 1, 60_000, {"take_profit": 60_000}),
        ("bad_trigger", "sell", 1, 60_000, {"stop_loss": 60_000}),
        ("unsupported", "buy", 1, 60_000, {"tif": "gtd"}),
    ],
)
def test_refusals(make_desk: Any, make_market: Any, code: str, side: str, qty: Any, price: Any, more: Any) -> None:
    desk = make_desk(make_market(min_qty=D("0.002"), max_qty=D(10), price_band=D("0.05"), min_cost=D(115)))
    refusal = desk.refuse_order(code, "ann", side, qty, price, **more)
    assert refusal.order is None and not desk.engine.account("ann").orders and not desk.events
    assert desk.engine.balances("ann").free == 100_000


def test_a_limit_order_needs_a_price(desk: Any) -> None:
    desk.refused("bad_price", desk.engine.submit, "ann", NewOrder("BTC-USD", "buy", "limit", D(1)))


def test_the_edges_of_every_limit_are_allowed(make_desk: Any, make_market: Any) -> None:
    desk = make_desk(make_market(min_qty=D("0.002"), max_qty=D(10), price_band=D("0.05"), min_cost=D(114)))
    for qty, price in (("0.002", 57_000), (10, 57_000), ("0.002", 63_000)):
        assert desk.order("ann", "buy", qty, price, leverage=40).status == "open"


def test_a_client_id_is_used_once(desk: Any) -> None:
    order = desk.order("ann", "buy", 1, 59_000, client_id="a")
    desk.refuse_order("duplicate_client_id", "ann", "sell", 1, 61_000, client_id="a")
    desk.engine.cancel("ann", order.id)
    desk.refuse_order("duplicate_client_id", "ann", "buy", 1, 59_000, client_id="a")
    assert desk.order("bob", "buy", 1, 59_000, client_id="a").status == "open"


def test_a_client_id_can_come_back_where_the_venue_allows_it(make_desk: Any) -> None:
    desk = make_desk(client_ids_unique="open")
    first = desk.order("ann", "buy", 1, 59_000, client_id="a")
    desk.refuse_order("duplicate_client_id", "ann", "buy", 1, 59_000, client_id="a")
    desk.engine.cancel("ann", first.id)
    assert desk.order("ann", "buy", 1, 59_000, client_id="a") is desk.engine.find("ann", client_id="a") is not first


def test_too_many_open_orders_per_market(make_desk: Any) -> None:
    desk = make_desk(max_open_orders=2)
    order = desk.order("ann", "buy", 1, 59_000)
    desk.order("ann", "buy", 1, trigger=61_000)
    desk.refuse_order("too_many_orders", "ann", "buy", 1, 59_000)
    assert desk.order("ann", "buy", 1, 1900, at="ETH-USD").status == "open"
    desk.engine.cancel("ann", order.id)
    assert desk.order("ann", "buy", 1, 59_000).status == "open"


def test_a_closed_market_takes_no_orders_but_cancels(desk: Any) -> None:
    order = desk.order("ann", "buy", 1, 59_000)
    desk.engine.set_active("BTC-USD", False)
    assert desk.engine.markets["BTC-USD"].active is False and desk.kinds("market")
    desk.refuse_order("market_closed", "ann", "buy", 1, 59_000)
    assert desk.engine.cancel("ann", order.id).status == "canceled"
    desk.engine.set_active("BTC-USD", True)
    assert desk.order("ann", "buy", 1, 59_000).status == "open"


def test_the_rest_of_a_position_can_be_closed_below_the_minimum(make_desk: Any, make_market: Any) -> None:
    desk = make_desk(make_market(min_qty=D("0.01")))
    desk.position("ann", "0.025")
    desk.position("ann", "-0.02")
    desk.order("cat", "buy", "0.01", 60_000)
    desk.refuse_order("below_min", "ann", "sell", "0.004", 60_000, reduce_only=True)
    assert desk.order("ann", "sell", "0.005", 60_000, reduce_only=True).status == "filled" and desk.qty("ann") == 0


def test_only_known_words_of_refusal() -> None:
    assert "insufficient_funds" in REJECT_CODES
    with pytest.raises(ValueError, match="unknown reject code"):
        Reject("because")


def test_account_names(desk: Any) -> None:
    for name in ("ann", "$maker", ""):
        with pytest.raises(ValueError, match="account name"):
            desk.engine.open_account(name)
    with pytest.raises(KeyError):
        desk.engine.account("dan")
    assert [account.name for account in desk.engine.accounts()] == ["ann", "bob", "cat"]
