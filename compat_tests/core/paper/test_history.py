"""Candles, statistics and trades, those before the market's first moment included."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from ccxt_dex.paper.rules import FeedRules

D = Decimal
BTC, MINUTE = "BTC-USD", 60_000
START = 1_700_000_000_000


@pytest.mark.parametrize("interval", [MINUTE, 5 * MINUTE, 60 * MINUTE, 1440 * MINUTE])
def test_past_candles_are_whole_and_join(desk: Any, interval: int) -> None:
    bars = desk.engine.candles(BTC, interval, limit=100)
    assert [bar.time for bar in bars] == [START // interval * interval - back * interval for back in range(99, -1, -1)]
    for bar, following in pairwise(bars):
        assert bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high and bar.low > 0 and bar.volume > 0
        assert bar.close == following.open
        assert all(price % D("0.1") == 0 for price in (bar.open, bar.high, bar.low, bar.close))
    assert bars[-1].close == 60_000 and len({bar.close for bar in bars}) > 50


def test_hours_open_and_close_where_their_minutes_do(desk: Any) -> None:
    hour = desk.engine.candles(BTC, 60 * MINUTE, limit=2)[0]
    minutes = desk.engine.candles(BTC, MINUTE, since=hour.time, limit=60)
    assert (minutes[0].open, minutes[-1].close) == (hour.open, hour.close)


def test_live_candles_come_from_trades(desk: Any) -> None:
    desk.tick(10 * MINUTE)
    bucket = desk.time // MINUTE * MINUTE
    for price in (60_000, 60_100, 59_900, 60_050):
        desk.position("ann", "0.1", price)
    desk.tick(2 * MINUTE)
    bars = desk.engine.candles(BTC, MINUTE, since=bucket)
    first = bars[0]
    assert (first.open, first.high, first.low, first.close) == (60_000, 60_100, 59_900, 60_050)
    assert (first.volume, first.quote_volume, first.trades) == (D("0.4"), D("0.1") * 240_050, 4)
    flat = bars[1]
    assert (flat.open, flat.high, flat.low, flat.close, flat.volume, flat.trades) == (60_050, 60_050, 60_050, 60_050, 0, 0)
    assert len(bars) == 3


def test_the_candle_in_which_the_market_started_has_both_parts(desk: Any) -> None:
    desk.position("ann", 1, 70_000)
    bar = desk.engine.candles(BTC, 60 * MINUTE, limit=1)[0]
    assert bar.high == 70_000 and bar.close == 70_000 and bar.volume > 1 and bar.open < 61_000
    assert bar.time <= START


def test_since_until_limit(desk: Any) -> None:
    bars = desk.engine.candles(BTC, MINUTE, limit=50)
    assert desk.engine.candles(BTC, MINUTE, since=bars[10].time, limit=5) == bars[10:15]
    assert desk.engine.candles(BTC, MINUTE, since=bars[10].time - 1, limit=5) == bars[10:15]
    assert desk.engine.candles(BTC, MINUTE, since=bars[10].time, until=bars[12].time + 30_000) == bars[10:13]
    assert desk.engine.candles(BTC, MINUTE, until=bars[20].time, limit=3) == bars[18:21]
    assert desk.engine.candles(BTC, MINUTE, since=desk.time + MINUTE) == []
    assert len(desk.engine.candles(BTC, MINUTE)) == 500
    desk.refused("unsupported", desk.engine.candles, BTC, 1000)


def test_stats(desk: Any) -> None:
    desk.position("ann", 1, 70_000)
    stats = desk.engine.stats_24h(BTC)
    hours = desk.engine.candles(BTC, 60 * MINUTE, limit=24)
    assert (stats.open, stats.last, stats.high) == (hours[0].open, 70_000, 70_000)
    assert stats.volume == sum(bar.volume for bar in hours) and stats.low == min(bar.low for bar in hours)


def test_trades_have_a_past(make_desk: Any) -> None:
    desk = make_desk(feed=FeedRules(depth=0, trades_per_second=D(0)))
    past = desk.engine.trades(BTC)
    assert len(past) == 300 and past[-1].id == 0 and past[-1].time < START
    assert [trade.id for trade in past] == sorted(trade.id for trade in past) and [trade.time for trade in past] == sorted(
        trade.time for trade in past
    )
    desk.position("ann", 1)
    (live,) = desk.engine.trades(BTC, limit=1)
    assert (live.id, live.price, live.qty, live.taker_side) == (1, 60_000, 1, "buy")
    assert desk.engine.trades(BTC, since=past[7].time, limit=3) == past[7:10]


def test_fills_by_market_since_limit(desk: Any) -> None:
    desk.position("ann", 1)
    desk.tick()
    desk.position("ann", 1)
    desk.position("ann", 1, 2000, at="ETH-USD")
    fills = desk.engine.fills("ann")
    assert desk.engine.fills("ann", BTC) == fills[:2] and desk.engine.fills("ann", since=desk.time) == fills[1:]
    assert desk.engine.fills("ann", limit=1) == fills[2:] and desk.engine.fills("ann", since=0, limit=1) == fills[:1]
