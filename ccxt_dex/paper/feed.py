"""What moves a paper market: a seeded random walk with a market maker and takers, or a recording of book snapshots."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal

from .book import Level, Quotes
from .matching import Matching
from .numbers import nice_above, units
from .rules import FeedRules
from .types import Market, Reject, Side
from .world import MarketState, World

FINE = 1000
"""the walk's unit: this many to a tick"""
MOST_STEPS = 50
MOST_TRADES = 5
SIZES = 251


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A recorded book: time in milliseconds from any origin, levels best first as (price, quantity)."""

    time_ms: int
    bids: Sequence[Level]
    asks: Sequence[Level]


class Ladder(Sequence[Level]):
    """Levels of one side, computed when looked at: a market maker's hundreds of orders cost nothing until someone meets them."""

    __slots__ = ("first", "number", "shift", "sizes", "spacing")

    def __init__(self, first: Decimal, spacing: Decimal, count: int, sizes: Sequence[Decimal], shift: int) -> None:
        self.first, self.spacing, self.number, self.sizes, self.shift = first, spacing, count, sizes, shift

    def __len__(self) -> int:
        return self.number

    def __getitem__(self, at: int) -> Level:  # type: ignore[override]
        return self.first + self.spacing * at, self.sizes[(at + self.shift) % SIZES]


@dataclass(slots=True)
class Walk:
    """One market's seeded movement, in whole fine units so that every machine walks alike."""

    rng: random.Random
    rules: FeedRules
    spacing: Decimal
    sizes: list[Decimal]
    position: int
    anchor: int
    stepped: int
    basis: int = 0
    shift: int = 0
    recording: list[Snapshot] = field(default_factory=list)
    recording_started: int = 0
    loop: bool = True
    shown: int = -1


def spacing_of(market: Market, rules: FeedRules) -> Decimal:
    wanted = rules.spacing if rules.spacing is not None else nice_above(market.price / 10_000)
    return market.tick * max(1, units(wanted, market.tick, ROUND_CEILING))


class Feed:
    def __init__(self, world: World, matching: Matching) -> None:
        self.world = world
        self.matching = matching
        self.paused = False
        self.walks = {state.market.id: self._walk(state) for state in world.states.values()}
        for state in world.states.values():
            self._requote(state, self.walks[state.market.id])

    def tick(self) -> None:
        """Moves every market to the world's time."""
        for state in self.world.states.values():
            walk = self.walks[state.market.id]
            elapsed = self.world.time - walk.stepped
            if self.paused or not state.market.active:
                walk.stepped = self.world.time
            elif walk.recording:
                self._show(state, walk)
                walk.stepped = self.world.time
                self._flow(state, walk, elapsed)
            elif elapsed >= walk.rules.step_ms:
                self._step(state, walk, elapsed)
                self._flow(state, walk, elapsed)

    def set_price(self, market: str, price: Decimal) -> None:
        """Everything at once: prices, ladder, users' orders that a market at this price fills, last trade. Ends a recording."""
        state = self.world.state(market)
        if not price.is_finite() or price < state.market.tick:
            raise Reject("bad_price", f"price {price}")
        price = state.market.tick * units(price, state.market.tick, ROUND_HALF_EVEN)
        walk = self.walks[market]
        walk.recording = []
        walk.position = walk.anchor = units(price, state.market.tick) * FINE
        walk.basis = 0
        state.index = state.mark = price
        for side in state.book.sides.values():
            side.quotes = Quotes()
        self.matching.sweep(state, price)
        self._requote(state, walk)
        self.matching.print(state, price, state.market.min_qty)

    def replay(self, market: str, snapshots: Sequence[Snapshot], loop: bool) -> None:
        state = self.world.state(market)
        walk = self.walks[market]
        walk.recording, walk.loop = sorted(snapshots, key=lambda snapshot: snapshot.time_ms), loop
        walk.recording_started, walk.shown = self.world.time, -1
        if walk.recording:
            self._show(state, walk)

    # the walk

    def _walk(self, state: MarketState) -> Walk:
        market, rules = state.market, self.world.feed_rules(state.market.id)
        rng = random.Random(f"{self.world.seed}/{market.id}")
        start = units(market.price, market.tick, ROUND_HALF_EVEN) * FINE
        usual = max(units(rules.level_value / market.price, market.step), units(market.min_qty, market.step, ROUND_CEILING), 1)
        sizes = [market.step * min(max(1, usual * rng.randrange(40, 200) // 100), units(market.max_qty, market.step)) for _ in range(SIZES)]
        return Walk(rng, rules, spacing_of(market, rules), sizes, start, start, self.world.time)

    def _step(self, state: MarketState, walk: Walk, elapsed: int) -> None:
        rules, rng, tick = walk.rules, walk.rng, state.market.tick
        steps, rest = divmod(elapsed, rules.step_ms)
        walk.stepped = self.world.time - rest
        most = int(walk.position * rules.volatility)
        widest = int(walk.position * rules.basis)
        if most:
            for _ in range(min(steps, MOST_STEPS)):
                walk.position += rng.randint(-most, most) + (walk.anchor - walk.position) // 2000
                walk.basis += rng.randint(-most, most) // 4 - walk.basis // 50
        walk.position = max(walk.position, FINE)
        walk.basis = max(-widest, min(widest, walk.basis))
        walk.shift = rng.randrange(SIZES)
        index, mark = tick * (walk.position // FINE), tick * max(1, (walk.position + walk.basis) // FINE)
        if (index, mark) != (state.index, state.mark):
            state.index, state.mark = index, mark
            self.world.price_changed(state)
        self._requote(state, walk)

    def _requote(self, state: MarketState, walk: Walk) -> None:
        """A fresh ladder around the mark: bids below it, asks above it."""
        spacing, priority = walk.spacing, self.world.number("priority")
        below = units(state.mark, spacing, ROUND_CEILING) - 1
        above = units(state.mark, spacing) + 1
        bids = Ladder(spacing * below, -spacing, max(0, min(walk.rules.depth, below)), walk.sizes, walk.shift)
        asks = Ladder(spacing * above, spacing, walk.rules.depth, walk.sizes, walk.shift + SIZES // 2)
        self._install(state, Quotes(bids, priority), Quotes(asks, priority))

    def _install(self, state: MarketState, bids: Quotes, asks: Quotes) -> None:
        state.book.sides["buy"].quotes, state.book.sides["sell"].quotes = bids, asks
        self.matching.uncross(state)
        self.world.book_changed(state.market.id)

    def _flow(self, state: MarketState, walk: Walk, elapsed: int) -> None:
        """Takers from outside, each wanting less than one level."""
        expected = float(walk.rules.trades_per_second) * elapsed / 1000
        step = state.market.step
        for _ in range(min(MOST_TRADES, int(expected + walk.rng.random()))):
            side: Side = "buy" if walk.rng.random() < 0.5 else "sell"
            largest = units(walk.sizes[walk.rng.randrange(SIZES)], step)
            smallest = units(state.market.min_qty, step, ROUND_CEILING)
            self.matching.flow(state, side, step * max(smallest, 1, largest * walk.rng.randrange(1, 60) // 100))

    # the recording

    def _show(self, state: MarketState, walk: Walk) -> None:
        """Installs the snapshot that was current at this point of the recording."""
        first, last = walk.recording[0].time_ms, walk.recording[-1].time_ms
        offset = self.world.time - walk.recording_started
        if walk.loop:
            offset %= max(1, last - first + 1)
        at = max(at for at, snapshot in enumerate(walk.recording) if snapshot.time_ms - first <= offset)
        if at == walk.shown:
            return
        walk.shown = at
        snapshot, priority = walk.recording[at], self.world.number("priority")
        bids, asks = Quotes(list(snapshot.bids), priority), Quotes(list(snapshot.asks), priority)
        if snapshot.bids and snapshot.asks:
            middle = (snapshot.bids[0][0] + snapshot.asks[0][0]) / 2
            state.index = state.mark = state.market.tick * units(middle, state.market.tick, ROUND_HALF_EVEN)
            self.world.price_changed(state)
        self._install(state, bids, asks)
