"""The seeded market and the recording."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from ccxt_dex.paper.engine import Snapshot
from ccxt_dex.paper.feed import spacing_of
from ccxt_dex.paper.rules import FeedRules

D = Decimal
BTC = "BTC-USD"


def test_the_ladder_surrounds_the_mark_with_legal_levels(make_desk: Any) -> None:
    desk = make_desk(feed=FeedRules())
    for _ in range(20):
        desk.tick(300)
        for name, market in desk.engine.markets.items():
            bids, asks = desk.engine.book(name)
            # takers may just have eaten a level
            assert 125 <= len(bids) <= 130 and 125 <= len(asks) <= 130 and len(desk.engine.book(name, 7)[0]) == 7
            assert bids[0][0] < desk.engine.mark(name) < asks[0][0] and (bids[0][0], asks[0][0]) == desk.engine.best(name)
            assert bids == sorted(bids, reverse=True) and asks == sorted(asks)
            assert all(price % market.tick == 0 and qty % market.step == 0 and qty >= market.min_qty for price, qty in bids + asks)


def test_equal_seeds_and_clocks_make_equal_markets(make_desk: Any, make_market: Any) -> None:
    def run(seed: int) -> str:
        from ccxt_dex.paper.engine import Engine

        now = [1_700_000_000_000]
        engine = Engine([make_market(), make_market("ETH-USD", 2000)], now=lambda: now[0], seed=seed)
        for _ in range(50):
            now[0] += 333
            engine.tick()
        engine.open_account("ann", D(1000))
        return json.dumps([engine.state(), [str(engine.candles(BTC, 60_000)), str(engine.trades(BTC)), str(engine.stats_24h(BTC))]])

    first, again, other = run(1), run(1), run(2)
    assert first == again and first.replace('"seed": 1', "") != other.replace('"seed": 2', "")


def test_the_market_moves_and_trades(make_desk: Any) -> None:
    desk = make_desk(feed=FeedRules())
    for _ in range(100):
        desk.tick(1000)
    marks = desk.engine.candles(BTC, 60_000, limit=2)
    assert desk.engine.mark(BTC) != 60_000 and desk.engine.mark(BTC) != desk.engine.index(BTC)
    assert 100 < len(desk.kinds("trade")) < 800 and marks[-1].trades > 0
    assert desk.unaccounted() == 0 and desk.net() == 0


def test_takers_from_outside_fill_the_best_order(make_desk: Any) -> None:
    desk = make_desk(feed=FeedRules(volatility=D(0)))
    order = desk.order("ann", "buy", "0.01", "59999.9")
    for _ in range(60):
        desk.tick(1000)
    assert order.status == "filled" and order.average == D("59999.9")
    assert not desk.engine.fills("ann")[0].taker


def test_set_price_moves_everything_at_once(still: Any) -> None:
    bid, ask = still.order("ann", "buy", 3, 59_500), still.order("ann", "sell", 1, 60_500)
    below = still.order("bob", "buy", 1, 59_499)
    still.engine.set_price(BTC, D(59_500))
    assert (bid.status, bid.average, ask.status, below.status) == ("filled", D(59_500), "open", "open")
    view = still.engine.price(BTC)
    assert (view.index, view.mark, view.last, view.bid, view.ask) == (59_500, 59_500, 59_500, 59_499, 59_510)
    still.engine.set_price(BTC, D("60500.04"))
    assert ask.status == "filled" and still.engine.mark(BTC) == 60_500 and still.unaccounted() == 0
    for wrong in (0, -1, "NaN"):
        still.refused("bad_price", still.engine.set_price, BTC, D(wrong))
    still.refused("unknown_market", still.engine.set_price, "XRP-USD", D(1))


def test_a_gap_fills_at_the_orders_own_price(still: Any) -> None:
    order = still.order("ann", "buy", 1, 59_500)
    still.engine.set_price(BTC, D(58_000))
    assert order.average == 59_500 and not still.engine.fills("ann")[0].taker


def test_the_ladder_fills_what_it_walks_over(still: Any) -> None:
    order = still.order("ann", "buy", 5, 60_010)
    assert order.status == "open" and 0 < order.filled < 1
    had = order.filled
    still.tick()
    assert had < order.filled < 5 and order.status == "open"
    bids, asks = still.engine.book(BTC)
    assert bids[0][0] == 60_010 < asks[0][0]


def test_pause_freezes_the_market_but_not_the_rest(still: Any) -> None:
    still.engine.pause()
    order = still.order("ann", "buy", 5, 60_010, expires_ms=still.time + 10_000)
    had, book = order.filled, still.engine.book(BTC)
    still.tick(5000)
    assert order.filled == had and still.engine.book(BTC) == book
    still.tick(5000)
    assert order.status == "expired"
    still.engine.set_price(BTC, D(61_000))
    assert still.engine.mark(BTC) == 61_000
    still.engine.pause(False)
    still.tick()
    assert len(still.engine.book(BTC)[1]) == 20


def test_a_recording_is_shown_at_its_pace_and_again(still: Any) -> None:
    def level(price: Any, qty: Any) -> Any:
        return D(price), D(qty)

    frames = [
        Snapshot(500, [level(59_990, 1), level(59_980, 2)], [level(60_000, 1)]),
        Snapshot(1500, [level(60_090, 1)], [level(60_100, "0.5"), level(60_110, 3)]),
    ]
    still.engine.replay(BTC, frames)
    assert still.engine.book(BTC) == (list(frames[0].bids), list(frames[0].asks)) and still.engine.mark(BTC) == 59_995
    order = still.order("ann", "sell", 1, 60_050)
    still.tick(999)
    assert order.status == "open"
    still.tick(1)
    assert order.status == "filled" and still.engine.book(BTC) == ([], list(frames[1].asks)) and still.engine.mark(BTC) == 60_095
    still.tick(1)
    assert still.engine.book(BTC)[1] == list(frames[0].asks)
    still.engine.replay(BTC, [])
    still.tick()
    assert len(still.engine.book(BTC)[0]) == 20


def test_a_recording_may_stop_at_its_end_and_set_price_ends_it(still: Any) -> None:
    frames = [Snapshot(0, [(D(59_990), D(1))], [(D(60_000), D(1))]), Snapshot(100, [(D(60_090), D(1))], [(D(60_100), D(1))])]
    still.engine.replay(BTC, frames, loop=False)
    still.tick(5000)
    assert still.engine.best(BTC) == (60_090, 60_100)
    still.engine.set_price(BTC, D(60_000))
    still.tick()
    assert still.engine.best(BTC) == (59_990, 60_010)


@pytest.mark.parametrize(
    ("price", "tick", "spacing", "expected"),
    [
        ("60000", "0.1", None, 10),
        ("2000", "0.1", None, "0.2"),
        ("0.5", "0.0001", None, "0.0001"),
        ("20", "0.5", None, "0.5"),
        ("60000", "0.1", "5", 5),
    ],
)
def test_spacing_of_the_levels(make_market: Any, price: str, tick: str, spacing: Any, expected: Any) -> None:
    rules = FeedRules(spacing=None if spacing is None else D(spacing))
    assert spacing_of(make_market(price=price, tick=D(tick)), rules) == D(expected)


def test_a_cheap_coin_has_no_level_at_or_below_zero(make_desk: Any, make_market: Any) -> None:
    desk = make_desk(make_market(price="0.0020", tick=D("0.0001"), step=D(1), min_qty=D(1), max_qty=D(10**9)), feed=FeedRules())
    for _ in range(20):
        desk.tick()
        assert desk.engine.book(BTC)[0][-1][0] > 0


def test_markets_may_have_feeds_of_their_own(make_desk: Any) -> None:
    desk = make_desk(feed=FeedRules(depth=5), feeds={BTC: FeedRules(depth=9)})
    assert len(desk.engine.book(BTC)[0]) == 9 and len(desk.engine.book("ETH-USD")[0]) == 5
