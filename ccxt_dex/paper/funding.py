"""Funding: the running rate, the payments on schedule, the past."""

from __future__ import annotations

from decimal import Decimal

from .history import noise, past_price
from .ledger import Ledger
from .numbers import EXACT, ratio, truncated
from .types import FundingRate
from .world import MAKER, MarketState, World, next_multiple

PAST_RATES = 720
HOUR = 3_600_000
CLAMP = Decimal("0.0005")
PLACES = 8


def running_rate(world: World, state: MarketState) -> Decimal:
    """trunc8((P + clamp(8 I - P, -0.0005, 0.0005)) / 8) per hour within the cap: reproduces StandX's recorded rows; scaled to the interval."""
    if state.fixed_rate is not None:
        return state.fixed_rate
    premium = ratio(state.mark - state.index, state.index)
    lean = max(-CLAMP, min(CLAMP, 8 * world.rules.funding_interest - premium))
    hourly = max(-world.rules.funding_cap, min(world.rules.funding_cap, (premium + lean) / 8))
    return truncated(EXACT.multiply(hourly, ratio(Decimal(state.market.funding_interval_ms), Decimal(HOUR))), PLACES)


def pay_due(world: World, ledger: Ledger) -> None:
    """Every payment that fell due since the last tick."""
    for state in world.states.values():
        while state.next_funding <= world.time:
            _pay(world, ledger, state, state.next_funding)
            state.next_funding += state.market.funding_interval_ms


def _pay(world: World, ledger: Ledger, state: MarketState, time: int) -> None:
    rate = running_rate(world, state)
    paid = sum((ledger.pay_funding(account, state, rate, time) for account in world.users()), Decimal(0))
    # The market maker is the other side of all users together, so it takes what they pay, to the last digit.
    ledger.credit_funding(world.accounts[MAKER], None, -paid)
    state.funding.append(FundingRate(state.market.id, rate, state.mark, state.index, time))


def rates(world: World, state: MarketState) -> list[FundingRate]:
    """Oldest first: a computed past, then what was paid."""
    past = state.past.get("funding")
    if past is None:
        past = state.past["funding"] = _past(world, state)
    return past + state.funding


def _past(world: World, state: MarketState) -> list[FundingRate]:
    interval = state.market.funding_interval_ms
    newest = next_multiple(state.started, interval) - interval
    out = []
    for back in range(PAST_RATES - 1, -1, -1):
        time = newest - back * interval
        index = past_price(world.seed, state, time)
        lean = Decimal(int(noise(world.seed, state.market.id, "funding", time // interval) * 1_000_000)) / 1_000_000
        rate = truncated((world.rules.funding_interest + Decimal("0.00002") * lean) * interval / HOUR, PLACES)
        out.append(FundingRate(state.market.id, rate, index, index, time))
    return out
