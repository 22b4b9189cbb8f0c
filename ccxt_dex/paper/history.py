"""A plausible past, computed from the seed when somebody asks for it; it ends where the market started."""

from __future__ import annotations

import zlib
from decimal import ROUND_HALF_EVEN, Decimal

from .numbers import units
from .types import Candle, PublicTrade, Side
from .world import MarketState

MINUTE = 60_000
MASK = (1 << 64) - 1
# Lattice in minutes and relative amplitude: slow tides below fast ripples.
OCTAVES = ((1, 0.0003), (12, 0.001), (180, 0.004), (2_880, 0.02), (43_200, 0.08))
MINUTE_VALUE = 60
"""a minute of the past trades about this many hundredths of a level's value"""


def _mix(value: int) -> int:
    """splitmix64: the same on every machine, unlike hash()."""
    value = (value + 0x9E3779B97F4A7C15) & MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK
    return value ^ (value >> 31)


def noise(seed: int, market: str, topic: str, at: int) -> float:
    """In [-1, 1), the same for the same arguments."""
    return _mix(_key(seed, market, topic) ^ _mix(at & MASK)) / (1 << 63) - 1


def _key(seed: int, market: str, topic: str) -> int:
    return _mix((seed & MASK) ^ (zlib.crc32(f"{market}/{topic}".encode()) << 20))


def _wave(key: int, minutes: float) -> float:
    total = 0.0
    for number, (lattice, amplitude) in enumerate(OCTAVES):
        at = minutes / lattice
        left = int(at // 1)
        between = at - left
        smooth = between * between * (3 - 2 * between)
        low = _mix(key ^ _mix((left * 8 + number) & MASK)) / (1 << 63) - 1
        high = _mix(key ^ _mix(((left + 1) * 8 + number) & MASK)) / (1 << 63) - 1
        total += amplitude * (low + (high - low) * smooth)
    return total


def past_price(seed: int, state: MarketState, time: int) -> Decimal:
    """Price at a time before the market started."""
    cached = state.past.get(time)
    if cached is None:
        key = state.past.get("key")
        if key is None:
            key = state.past["key"] = _key(seed, state.market.id, "price")
            state.past["end"] = _wave(key, state.started / MINUTE)
        factor = Decimal(int((1 + _wave(key, time / MINUTE) - state.past["end"]) * 10**9)) / 10**9
        tick = state.market.tick
        cached = state.past[time] = tick * max(1, units(state.market.price * factor, tick, ROUND_HALF_EVEN))
    price: Decimal = cached
    return price


def past_candle(seed: int, state: MarketState, start: int, end: int, value: Decimal) -> Candle:
    """What happened between two times of the past; value: about how much money changes hands in a minute."""
    market = state.market
    first, last = past_price(seed, state, start), past_price(seed, state, end)
    minutes = max((end - start) / MINUTE, 0.01)
    reach = min(0.0004 * minutes**0.5, 0.03)
    up, down, busy = (abs(noise(seed, market.id, topic, start)) for topic in ("high", "low", "volume"))
    high = max(first, last) + market.tick * int(float(max(first, last) / market.tick) * reach * up)
    low = max(market.tick, min(first, last) - market.tick * int(float(min(first, last) / market.tick) * reach * down))
    traded = value * Decimal(int(minutes * (0.3 + busy) * 1000)) / 1000
    qty = market.step * max(1, units(traded / last, market.step))
    return Candle(start, first, high, low, last, qty, qty * (first + last) / 2, max(1, int(minutes * 20 * (0.3 + busy))))


def past_trades(seed: int, state: MarketState, count: int, value: Decimal) -> list[PublicTrade]:
    """Trades before the market started, oldest first, with ids up to 0."""
    market, out, time = state.market, [], state.started
    for back in range(count):
        time -= 200 + int(abs(noise(seed, market.id, "gap", back)) * 3000)
        side: Side = "buy" if noise(seed, market.id, "side", back) > 0 else "sell"
        price = past_price(seed, state, time)
        wanted = value / price * Decimal(int(abs(noise(seed, market.id, "qty", back)) * 500) + 1) / 1000
        qty = max(market.min_qty, market.step * units(wanted, market.step))
        out.append(PublicTrade(-back, market.id, price, qty, side, time))
    return out[::-1]
