"""Margin, fees, pnl, leverage, modes, transfers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from ccxt_dex.paper import margin
from ccxt_dex.paper.types import Position

D = Decimal


def test_the_official_position_sample_is_reproduced(make_desk: Any, make_market: Any) -> None:
    """StandX docs, query_positions, read in September 2026: isolated long, maximal leverage 20, taker fee 0.0004."""
    desk = make_desk(make_market(max_leverage=20, tick=D("0.01")))
    account, world = desk.engine.account("ann"), desk.engine.world
    cost = D("0.940") * D("121737.96")
    account.positions["BTC-USD"] = Position(
        15, "ann", "BTC-USD", 10, "isolated", 0, 0, D("0.940"), D("121737.96"), cost, margin=D("11443.3682400"), realized=D("31.61532")
    )
    world.states["BTC-USD"].mark = D("121715.05")
    view = desk.engine.snapshot("ann", "BTC-USD")
    assert view.entry_value == D("114433.68240") and view.notional == D("114412.14700")
    assert view.initial_margin == D("11443.36824") and view.maintenance_margin == D("2860.30367500")
    assert view.upnl == D("-21.53540") and view.mmr == D("3.993223845366698695025800014")
    assert round(view.liquidation_price, 2) == D("112373.50")
    assert round(view.bankruptcy_price, 2) == D("109608.01")


def test_order_lock_of_the_official_sample(make_desk: Any, make_market: Any) -> None:
    """StandX docs, query_order: a sell of 0.060 at 121900 that only reduces a long locks 3.07188."""
    desk = make_desk(make_market(price=121_700))
    desk.position("ann", "0.94", 121_700)
    order = desk.order("ann", "sell", "0.060", 121_900)
    assert order.locked == D("3.07188") and order.margin == 0


def test_an_order_locks_margin_and_fee_and_gives_it_back(desk: Any) -> None:
    order = desk.order("ann", "buy", 1, 50_000)
    assert order.margin == 5000 and order.locked == D("1.05") * (5000 + 50_000 * D("0.0004"))
    view = desk.engine.balances("ann")
    assert view.locked == order.locked and view.free == 100_000 - order.locked and view.balance == 100_000
    desk.engine.cancel("ann", order.id)
    assert desk.engine.balances("ann").free == 100_000 and order.locked == 0


def test_only_the_opening_part_of_opposite_orders_needs_margin(desk: Any) -> None:
    desk.position("ann", 1)
    first, second = desk.order("ann", "sell", "0.6", 61_000), desk.order("ann", "sell", 1, 61_000)
    assert first.margin == 0 and second.margin == D("0.6") * 6100
    desk.engine.cancel("ann", first.id)
    assert second.margin == 0
    desk.position("ann", -1)
    assert second.margin == 6100


def test_balance_moves_by_exactly_fee_and_pnl(desk: Any) -> None:
    desk.position("ann", 1)
    desk.order("bob", "buy", 2, 61_000)
    order = desk.order("ann", "sell", "0.5", 61_000)
    opening, closing = desk.engine.fills("ann")
    assert opening.fee == 60_000 * D("0.0004") and opening.pnl == 0 and opening.taker
    assert closing.fee == D("0.5") * 61_000 * D("0.0004") == order.fee and closing.pnl == 500
    account = desk.engine.account("ann")
    assert account.balance == 100_000 - opening.fee - closing.fee + 500
    assert desk.engine.fills("bob")[0].fee == D("0.5") * 61_000 * D("0.0001") and not desk.engine.fills("bob")[0].taker
    assert desk.unaccounted() == 0 and desk.net() == 0


def test_positions_after_each_fill_flip_and_close(desk: Any) -> None:
    desk.position("ann", 1, 60_000)
    desk.position("ann", 1, 60_300)
    view = desk.engine.snapshot("ann", "BTC-USD")
    assert (view.qty, view.entry_price, view.entry_value) == (2, 60_150, 120_300)
    desk.position("ann", -1, 60_450)
    view = desk.engine.snapshot("ann", "BTC-USD")
    assert (view.qty, view.entry_price, view.realized) == (1, 60_150, 300)
    number = view.id
    desk.position("ann", -3, 60_250)
    view = desk.engine.snapshot("ann", "BTC-USD")
    assert (view.qty, view.entry_price, view.realized) == (-2, 60_250, 0) and view.id != number
    desk.position("ann", 2, 60_000)
    view = desk.engine.snapshot("ann", "BTC-USD")
    assert (view.qty, view.entry_price, view.margin, view.realized) == (0, 0, 0, 500)
    assert (view.mmr, view.liquidation_price, view.bankruptcy_price) == (None, None, None)
    assert desk.engine.account("ann").realized == 300 + 100 + 500


def test_identities_of_the_balance(desk: Any) -> None:
    desk.engine.set_margin_mode("ann", "ETH-USD", "isolated")
    desk.position("ann", 1)
    desk.position("ann", 10, 2000, at="ETH-USD")
    desk.order("ann", "buy", 1, 50_000)
    desk.engine.set_price("BTC-USD", D(60_500))
    desk.engine.set_price("ETH-USD", D(1990))
    view = desk.engine.balances("ann")
    assert (view.cross_upnl, view.isolated_upnl, view.isolated_balance, view.cross_margin) == (500, -100, 2000, 6000)
    assert view.balance == view.cross_balance + view.isolated_balance and view.equity == view.balance + view.upnl
    assert view.free == view.cross_balance - view.cross_margin - view.locked + view.cross_upnl
    assert view.initial_margin == 8000 and view.maintenance_margin == (60_500 + 19_900) * D("0.0125")


def test_insufficient_funds(desk: Any) -> None:
    desk.refuse_order("insufficient_funds", "ann", "buy", 17, 60_000)
    order = desk.order("ann", "buy", 10, 60_000)
    desk.refuse_order("insufficient_funds", "ann", "buy", 10, 60_000)
    desk.engine.cancel("ann", order.id)
    desk.engine.set_leverage("ann", "BTC-USD", 40)
    assert desk.order("ann", "buy", 40, 60_000).status == "open"


def test_closing_is_always_possible(desk: Any) -> None:
    desk.position("ann", 15)
    desk.engine.set_price("BTC-USD", D(58_500))
    assert desk.engine.balances("ann").free < 0
    desk.order("bob", "buy", "0.5", 58_500)
    desk.refuse_order("insufficient_funds", "ann", "buy", "0.001", 58_000)
    assert desk.order("ann", "sell", "0.5").status == "filled"


def test_leverage_is_set_read_back_and_refused(desk: Any) -> None:
    assert desk.engine.leverage("ann", "BTC-USD") == 10
    desk.engine.set_leverage("ann", "BTC-USD", 20)
    assert desk.engine.leverage("ann", "BTC-USD") == 20 and desk.engine.leverage("ann", "ETH-USD") == 10
    desk.refused("leverage", desk.engine.set_leverage, "ann", "BTC-USD", 41)
    desk.refused("leverage", desk.engine.set_leverage, "ann", "BTC-USD", 0)
    desk.position("ann", 2)
    assert desk.engine.snapshot("ann", "BTC-USD").initial_margin == 6000


def test_leverage_of_an_open_position(desk: Any) -> None:
    desk.position("ann", 10)
    desk.refused("insufficient_funds", desk.engine.set_leverage, "ann", "BTC-USD", 5)
    assert desk.engine.leverage("ann", "BTC-USD") == 10 == desk.engine.snapshot("ann", "BTC-USD").leverage
    desk.engine.set_leverage("ann", "BTC-USD", 8)
    assert desk.engine.snapshot("ann", "BTC-USD").initial_margin == 75_000


def test_leverage_of_an_isolated_position_fills_its_margin_up(desk: Any) -> None:
    desk.engine.set_margin_mode("ann", "BTC-USD", "isolated")
    desk.position("ann", 1)
    desk.engine.set_leverage("ann", "BTC-USD", 5)
    assert desk.engine.snapshot("ann", "BTC-USD").margin == 12_000
    desk.engine.set_leverage("ann", "BTC-USD", 20)
    assert desk.engine.snapshot("ann", "BTC-USD").margin == 12_000


def test_leverage_and_mode_with_an_order(desk: Any) -> None:
    desk.order("ann", "buy", 1, 59_000, leverage=20, margin_mode="isolated")
    assert desk.engine.leverage("ann", "BTC-USD") == 20 and desk.engine.margin_mode("ann", "BTC-USD") == "isolated"
    desk.refuse_order("leverage", "ann", "buy", 1, 59_000, leverage=10)
    desk.refuse_order("margin_mode", "ann", "buy", 1, 59_000, margin_mode="cross")


def test_margin_mode_is_refused_with_a_position_or_orders(desk: Any) -> None:
    order = desk.order("ann", "buy", 1, 59_000)
    desk.refused("margin_mode", desk.engine.set_margin_mode, "ann", "BTC-USD", "isolated")
    desk.engine.cancel("ann", order.id)
    desk.engine.set_margin_mode("ann", "BTC-USD", "isolated")
    desk.position("ann", 1)
    desk.refused("margin_mode", desk.engine.set_margin_mode, "ann", "BTC-USD", "cross")
    desk.engine.set_margin_mode("ann", "BTC-USD", "isolated")
    assert desk.engine.snapshot("ann", "BTC-USD").margin_mode == "isolated"


def test_isolated_only_markets(make_desk: Any, make_market: Any) -> None:
    desk = make_desk(make_market(isolated_only=True))
    assert desk.engine.margin_mode("ann", "BTC-USD") == "isolated"
    desk.refused("margin_mode", desk.engine.set_margin_mode, "ann", "BTC-USD", "cross")
    desk.position("ann", 1)
    assert desk.engine.balances("ann").isolated_balance == 6000


def test_isolated_margin_goes_in_and_out(desk: Any) -> None:
    desk.refused("no_position", desk.engine.add_margin, "ann", "BTC-USD", D(1))
    desk.engine.set_margin_mode("ann", "BTC-USD", "isolated")
    desk.position("ann", 1)
    before = desk.engine.snapshot("ann", "BTC-USD").liquidation_price
    desk.engine.add_margin("ann", "BTC-USD", D(1000))
    view = desk.engine.snapshot("ann", "BTC-USD")
    assert view.margin == 7000 and view.liquidation_price < before
    assert desk.engine.balances("ann").balance == 100_000 - 24
    desk.refused("insufficient_funds", desk.engine.add_margin, "ann", "BTC-USD", D(100_000))
    desk.refused("insufficient_funds", desk.engine.add_margin, "ann", "BTC-USD", D(-1001))
    desk.engine.add_margin("ann", "BTC-USD", D(-1000))
    assert desk.engine.snapshot("ann", "BTC-USD").margin == 6000
    desk.position("bob", 1)
    desk.refused("margin_mode", desk.engine.add_margin, "bob", "BTC-USD", D(1))


def test_isolated_margin_is_freed_in_proportion(desk: Any) -> None:
    desk.engine.set_margin_mode("ann", "BTC-USD", "isolated")
    desk.position("ann", 3)
    desk.position("ann", -1)
    assert desk.engine.snapshot("ann", "BTC-USD").margin == 12_000
    desk.position("ann", -2)
    assert desk.engine.balances("ann").isolated_balance == 0


def test_transfers(desk: Any) -> None:
    desk.engine.transfer("ann", D(500))
    out = desk.engine.transfer("ann", D(-100_500))
    assert desk.engine.balances("ann").balance == 0 and out.amount == -100_500
    assert [transfer.amount for transfer in desk.engine.transfers("ann")] == [100_000, 500, -100_500]
    desk.refused("insufficient_funds", desk.engine.transfer, "ann", D(-1))


def test_initial_margin_at_mark_where_the_venue_wants_it(make_desk: Any) -> None:
    desk = make_desk(initial_at_mark=True)
    desk.position("ann", 1)
    desk.engine.set_price("BTC-USD", D(61_000))
    assert desk.engine.balances("ann").cross_margin == 6100


def test_fee_of_an_account_of_its_own(desk: Any) -> None:
    desk.engine.account("ann").taker_fee = D("0.001")
    desk.position("ann", 1)
    assert desk.engine.fills("ann")[0].fee == 60


def test_an_endless_average_loses_nothing(desk: Any) -> None:
    for price in ("60000.1", "60000.2", "60000.4"):
        desk.position("ann", "0.007", price)
    for qty in ("-0.001", "-0.013", "-0.007"):
        desk.position("ann", qty, "59999.9")
    assert desk.qty("ann") == 0 and desk.unaccounted() == 0
    assert desk.engine.account("ann").realized == D("0.007") * (3 * D("59999.9") - D("180000.7"))


def test_the_ambient_decimal_context_does_not_matter(make_desk: Any) -> None:
    from decimal import ROUND_UP, localcontext

    def run() -> Any:
        desk = make_desk()
        for price in ("60000.1", "60000.2", "60000.4"):
            desk.position("ann", "0.007", price)
        desk.position("ann", "-0.013", "59999.9")
        return desk.engine.account("ann").balance, desk.engine.account("ann").positions["BTC-USD"].cost

    plain = run()
    with localcontext() as context:
        context.prec, context.rounding = 6, ROUND_UP
        assert run() == plain


def test_price_at_which_a_cross_position_is_lost_counts_the_others(desk: Any) -> None:
    desk.position("ann", 10)
    desk.position("ann", 10, 2000, at="ETH-USD")
    alone = margin.price_at(desk.engine.account("ann").positions["BTC-USD"], desk.engine.account("ann").balance, D("0.0125"))
    price = desk.engine.snapshot("ann", "BTC-USD").liquidation_price
    assert price > alone
    desk.engine.world.states["BTC-USD"].mark = price
    assert desk.engine.snapshot("ann", "BTC-USD").mmr == pytest.approx(D(1))
