"""Candles, 24 h statistics and public trades: live ones from trades, older ones from the computed past."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from .history import MINUTE, past_candle, past_trades
from .types import ZERO, Candle, PublicTrade, Reject, Stats
from .world import MarketState, World

DAY = 86_400_000
DEFAULT_LIMIT = 500
MOST = 5000


def candles(world: World, state: MarketState, interval: int, since: int | None, until: int | None, limit: int | None) -> list[Candle]:
    """Oldest first; the last one is still open when `until` reaches now. Buckets are multiples of the interval since 1970."""
    if interval < MINUTE or interval % MINUTE:
        raise Reject("unsupported", f"candle interval {interval} ms")
    count = min(DEFAULT_LIMIT if limit is None else limit, MOST)
    now = max(world.time, world.now())
    last = (now if until is None else min(now, until)) // interval * interval
    if since is None:
        first = max(0, last - (count - 1) * interval)
    else:
        first = -(-since // interval) * interval
        last = min(last, first + (count - 1) * interval)
    return [_candle(world, state, start, interval, now) for start in range(first, last + 1, interval)]


def _candle(world: World, state: MarketState, start: int, interval: int, now: int) -> Candle:
    end = min(start + interval, now + 1)
    if start < state.started:
        finished = end <= state.started
        key = (start, interval)
        past: Candle | None = state.past.get(key) if finished else None
        if past is None:
            value = world.feed_rules(state.market.id).level_value * Decimal("0.6")
            past = past_candle(world.seed, state, start, min(end, state.started), value)
            if finished:
                state.past[key] = past
        if finished:
            return past
        return _live(state, start, state.started, end, past)
    return _live(state, start, start, end, None)


def _live(state: MarketState, time: int, start: int, end: int, past: Candle | None) -> Candle:
    minutes = (bar for minute in range(start // MINUTE, -(-end // MINUTE)) if (bar := state.bars.get(minute)) is not None)
    bars = [_bar(past)] if past is not None else []
    bars.extend(minutes)
    if not bars:
        price = _before(state, start // MINUTE)
        return Candle(time, price, price, price, price, ZERO, ZERO, 0)
    return Candle(
        time,
        bars[0][0],
        max(bar[1] for bar in bars),
        min(bar[2] for bar in bars),
        bars[-1][3],
        sum((bar[4] for bar in bars), ZERO),
        sum((bar[5] for bar in bars), ZERO),
        sum(bar[6] for bar in bars),
    )


def _bar(candle: Candle) -> list[Any]:
    return [candle.open, candle.high, candle.low, candle.close, candle.volume, candle.quote_volume, candle.trades]


def _before(state: MarketState, minute: int) -> Decimal:
    """The last price before a minute without trades."""
    price: Decimal = state.market.price
    for at in reversed(state.bars):
        if at < minute:
            price = state.bars[at][3]
            break
    return price


def stats(world: World, state: MarketState) -> Stats:
    """Whole hours of the last day and the running one."""
    now = max(world.time, world.now())
    hour = 60 * MINUTE
    bars = candles(world, state, hour, (now - DAY) // hour * hour + hour, now, 25)
    return Stats(
        state.market.id,
        bars[0].open,
        max(max(bar.high for bar in bars), state.last),
        min(min(bar.low for bar in bars), state.last),
        state.last,
        sum((bar.volume for bar in bars), ZERO),
        sum((bar.quote_volume for bar in bars), ZERO),
        sum(bar.trades for bar in bars),
        now,
    )


def trades(world: World, state: MarketState) -> list[PublicTrade]:
    """Oldest first."""
    past = state.past.get("trades")
    if past is None:
        rules = world.feed_rules(state.market.id)
        past = state.past["trades"] = past_trades(world.seed, state, rules.history_trades, rules.level_value)
    return [*past, *state.trades]
