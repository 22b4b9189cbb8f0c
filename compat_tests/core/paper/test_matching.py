"""Who trades with whom, at what price, in what order."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

D = Decimal


def test_limit_order_rests_and_is_cancelled(desk: Any) -> None:
    order = desk.order("ann", "buy", 1, 59_000)
    assert order.status == "open" and desk.engine.book("BTC-USD") == ([(D(59_000), D(1))], [])
    assert desk.engine.cancel("ann", order.id).status == "canceled"
    assert order.reason == "user" and desk.engine.book("BTC-USD") == ([], [])
    assert desk.engine.balances("ann").locked == 0


def test_better_price_first_then_older_order(desk: Any) -> None:
    late_good = [desk.order("ann", "sell", 1, 60_010), desk.order("bob", "sell", 1, 60_000), desk.order("ann", "sell", 1, 60_000)]
    taker = desk.order("cat", "buy", "1.5", 60_010)
    assert [order.filled for order in late_good] == [0, 1, D("0.5")]
    assert taker.average == 60_000 and taker.status == "filled"


def test_a_taker_pays_the_makers_price(desk: Any) -> None:
    desk.order("ann", "sell", 1, 59_900)
    assert desk.order("bob", "buy", 1, 60_000).average == D(59_900)


def test_partial_fill_rests_with_the_remainder_then_is_cancelled(desk: Any) -> None:
    desk.order("ann", "sell", "0.4", 60_000)
    order = desk.order("bob", "buy", 1, 60_000)
    assert (order.status, order.filled, order.remaining) == ("open", D("0.4"), D("0.6"))
    assert desk.engine.book("BTC-USD")[0] == [(D(60_000), D("0.6"))]
    desk.engine.cancel("bob", order.id)
    assert (order.status, order.filled) == ("canceled", D("0.4"))


def test_market_order_walks_the_book_and_cancels_what_is_left(desk: Any) -> None:
    desk.order("ann", "sell", 1, 60_000)
    desk.order("ann", "sell", 1, 60_100)
    order = desk.order("bob", "buy", 3)
    assert (order.status, order.reason, order.filled, order.average) == ("canceled", "no_liquidity", 2, D(60_050))


def test_market_order_stops_at_its_worst_price(desk: Any) -> None:
    desk.order("ann", "sell", 1, 60_000)
    desk.order("ann", "sell", 1, 60_100)
    order = desk.order("bob", "buy", 2, max_price=60_050)
    assert (order.status, order.reason, order.filled) == ("canceled", "max_price", 1)
    refusal = desk.refuse_order("no_liquidity", "bob", "buy", 1, max_price=60_050)
    assert refusal.order.status == "rejected"


def test_market_order_without_a_market_is_refused_and_recorded(desk: Any) -> None:
    refusal = desk.refuse_order("no_liquidity", "ann", "buy", 1, client_id="lonely")
    assert refusal.order.reason == "no_liquidity" and desk.engine.find("ann", client_id="lonely") is refusal.order


def test_ioc_fills_what_it_can_and_cancels_the_rest(desk: Any) -> None:
    desk.order("ann", "sell", "0.4", 60_000)
    order = desk.order("bob", "buy", 1, 60_000, tif="ioc")
    assert (order.status, order.reason, order.filled) == ("canceled", "ioc", D("0.4"))
    nothing = desk.order("bob", "buy", 1, 60_000, tif="ioc")
    assert (nothing.status, nothing.filled) == ("canceled", 0)


def test_fok_is_all_or_nothing(desk: Any) -> None:
    maker = desk.order("ann", "sell", "0.4", 60_000)
    refusal = desk.refuse_order("fok", "bob", "buy", 1, 60_000, tif="fok")
    assert refusal.order.status == "rejected" and maker.filled == 0
    desk.order("ann", "sell", "0.6", 60_010)
    assert desk.order("bob", "buy", 1, 60_010, tif="fok").status == "filled"


def test_fok_does_not_count_the_accounts_own_orders(desk: Any) -> None:
    desk.order("bob", "sell", "0.6", 60_000)
    desk.order("ann", "sell", "0.4", 60_000)
    desk.refuse_order("fok", "bob", "buy", 1, 60_000, tif="fok")


def test_post_only_rests_or_is_refused(desk: Any) -> None:
    desk.order("ann", "sell", 1, 60_000)
    refusal = desk.refuse_order("post_only", "bob", "buy", 1, 60_000, tif="alo")
    assert refusal.order.status == "rejected" and refusal.order.filled == 0
    assert desk.order("bob", "buy", 1, "59999.9", tif="alo").status == "open"


def test_market_orders_cannot_be_post_only(desk: Any) -> None:
    desk.refuse_order("unsupported", "bob", "buy", 1, tif="alo")


@pytest.mark.parametrize(
    ("rule", "taker", "maker"),
    [("cancel_taker", ("canceled", "self_trade"), ("open", None)), ("cancel_maker", ("open", None), ("canceled", "self_trade"))],
)
def test_an_account_does_not_trade_with_itself(make_desk: Any, rule: str, taker: Any, maker: Any) -> None:
    desk = make_desk(self_trade=rule)
    mine = desk.order("ann", "sell", 1, 60_000)
    crossing = desk.order("ann", "buy", 1, 60_000)
    assert (crossing.status, crossing.reason) == taker and (mine.status, mine.reason) == maker
    assert not desk.engine.fills("ann")


def test_self_trades_can_be_allowed(make_desk: Any) -> None:
    desk = make_desk(self_trade="allow")
    desk.order("ann", "sell", 1, 60_000)
    assert desk.order("ann", "buy", 1, 60_000).status == "filled" and desk.qty("ann") == 0
    assert desk.unaccounted() == 0


def test_taker_cancelled_by_its_own_order_keeps_what_it_got_before(desk: Any) -> None:
    desk.order("bob", "sell", 1, 59_990)
    desk.order("ann", "sell", 1, 60_000)
    order = desk.order("ann", "buy", 2, 60_000)
    assert (order.status, order.reason, order.filled) == ("canceled", "self_trade", 1)


def test_expiry(desk: Any) -> None:
    order = desk.order("ann", "buy", 1, 59_000, expires_ms=desk.time + 5000)
    desk.tick(4999)
    assert order.status == "open"
    desk.tick(1)
    assert (order.status, order.reason) == ("expired", "expired") and desk.engine.book("BTC-USD") == ([], [])
    desk.refused("order_canceled", desk.engine.cancel, "ann", order.id)
    desk.refuse_order("expired", "ann", "buy", 1, 59_000, expires_ms=desk.time)


def test_an_expired_order_is_not_matched_even_before_the_tick(desk: Any) -> None:
    order = desk.order("ann", "buy", 1, 59_000, expires_ms=desk.time + 5000)
    desk.time += 5000
    desk.order("bob", "sell", 1, 59_000)
    assert order.status == "expired" and order.filled == 0


def test_cancel_of_unknown_filled_and_cancelled_orders(desk: Any) -> None:
    desk.refused("unknown_order", desk.engine.cancel, "ann", 4711)
    filled = desk.order("ann", "sell", 1, 60_000)
    desk.order("bob", "buy", 1, 60_000)
    desk.refused("order_filled", desk.engine.cancel, "ann", filled.id)
    gone = desk.order("ann", "sell", 1, 60_000)
    desk.engine.cancel("ann", gone.id)
    desk.refused("order_canceled", desk.engine.cancel, "ann", gone.id)
    desk.refused("unknown_order", desk.engine.cancel, "bob", gone.id)


def test_cancel_all_touches_this_account_and_market_only(desk: Any) -> None:
    mine = desk.order("ann", "buy", 1, 59_000)
    waiting = desk.order("ann", "buy", 1, trigger=61_000)
    other = desk.order("ann", "buy", 1, 1900, at="ETH-USD")
    theirs = desk.order("bob", "buy", 1, 59_000)
    assert desk.engine.cancel_all("ann", "BTC-USD") == [mine, waiting]
    assert (mine.status, waiting.status, other.status, theirs.status) == ("canceled", "canceled", "open", "open")
    assert desk.engine.cancel_all("ann") == [other] and desk.engine.cancel_all("ann") == []


def test_dead_mans_switch(desk: Any) -> None:
    order, other = desk.order("ann", "buy", 1, 59_000), desk.order("bob", "buy", 1, 59_000)
    desk.engine.cancel_after("ann", desk.time + 5000)
    desk.tick(4000)
    desk.engine.cancel_after("ann", desk.time + 5000)
    desk.tick(4000)
    assert order.status == "open"
    desk.tick(1000)
    assert (order.status, order.reason, other.status) == ("canceled", "cancel_after", "open")
    again = desk.order("ann", "buy", 1, 59_000)
    desk.engine.cancel_after("ann", desk.time + 5000)
    desk.engine.cancel_after("ann", None)
    desk.tick(9000)
    assert again.status == "open"


def test_find_by_number_and_client_id(desk: Any) -> None:
    order = desk.order("ann", "buy", 1, 59_000, client_id="x1")
    assert desk.engine.find("ann", order_id=order.id) is order is desk.engine.find("ann", client_id="x1")
    assert desk.engine.find("bob", client_id="x1") is None and desk.engine.find("ann", client_id="x2") is None
    assert desk.engine.open_orders("ann", "ETH-USD") == [] and desk.engine.open_orders("ann") == [order]


def test_quotes_and_orders_share_a_level_in_order_of_time(still: Any) -> None:
    bid, size = still.engine.book("BTC-USD", 1)[0][0]
    order = still.order("ann", "buy", 1, bid)
    assert still.engine.book("BTC-USD", 1)[0][0] == (bid, size + 1)
    still.order("bob", "sell", size, bid)
    assert order.filled == 0
    still.order("bob", "sell", "0.5", bid)
    assert order.filled == D("0.5")


def test_an_order_between_the_quotes_comes_first(still: Any) -> None:
    order = still.order("ann", "buy", "0.1", 59_995)
    taker = still.order("bob", "sell", "0.2", 59_980)
    assert order.status == "filled"
    assert taker.average == (D(59_995) + D(59_990)) / 2


def test_taking_from_the_ladder_takes_from_the_book(still: Any) -> None:
    levels = still.engine.book("BTC-USD")[1]
    still.order("ann", "buy", levels[0][1] + D("0.001"))
    assert still.engine.book("BTC-USD")[1] == [(levels[1][0], levels[1][1] - D("0.001")), *levels[2:]]
