"""Funding: who pays whom, when, how much."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from ccxt_dex.paper import funding

BTC, START, NEXT_HOUR = "BTC-USD", 1_700_000_000_000, 1_700_002_800_000

D = Decimal


@pytest.mark.parametrize(("rate", "sign"), [("0.0001", -1), ("-0.0001", 1)])
def test_longs_pay_when_the_rate_is_positive(desk: Any, rate: str, sign: int) -> None:
    desk.position("ann", 2)
    desk.engine.set_funding_rate(BTC, D(rate))
    before = desk.engine.balances("ann").balance
    desk.tick(NEXT_HOUR - START - 1)
    assert desk.engine.fundings("ann") == []
    desk.tick(1)
    (payment,) = desk.engine.fundings("ann")
    assert (payment.amount, payment.rate, payment.qty, payment.time) == (sign * 12, D(rate), 2, NEXT_HOUR)
    assert desk.engine.balances("ann").balance == before + sign * 12
    assert desk.engine.fundings("cat")[0].amount == -sign * 12
    assert [event.data for event in desk.kinds("funding")] == [payment, desk.engine.fundings("cat")[0]]
    assert desk.unaccounted() == 0


def test_the_market_maker_pays_and_gets_its_part(still: Any) -> None:
    still.order("ann", "buy", "0.1")
    still.engine.set_funding_rate(BTC, D("0.0001"))
    still.tick(NEXT_HOUR - START)
    assert still.engine.world.accounts["$maker"].funding == -still.engine.account("ann").funding > 0
    assert still.unaccounted() == 0


def test_every_missed_hour_is_paid(desk: Any) -> None:
    desk.position("ann", 1)
    desk.engine.set_funding_rate(BTC, D("0.0001"))
    desk.tick(3 * 3_600_000)
    assert [payment.time for payment in desk.engine.fundings("ann")] == [NEXT_HOUR + hours * 3_600_000 for hours in range(3)]
    assert desk.engine.next_funding(BTC) == NEXT_HOUR + 3 * 3_600_000


def test_isolated_positions_pay_from_their_margin(desk: Any) -> None:
    desk.engine.set_margin_mode("ann", BTC, "isolated")
    desk.position("ann", 1)
    desk.engine.set_funding_rate(BTC, D("0.001"))
    desk.tick(NEXT_HOUR - START)
    assert desk.engine.snapshot("ann", BTC).margin == 6000 - 60
    assert desk.engine.balances("ann").cross_balance == 100_000 - 24 - 6000


def test_other_intervals(make_desk: Any, make_market: Any) -> None:
    desk = make_desk(make_market(funding_interval_ms=8 * 3_600_000))
    assert desk.engine.next_funding(BTC) % (8 * 3_600_000) == 0
    assert desk.engine.funding_rate(BTC) == D("0.0001")
    times = [row.time for row in desk.engine.funding_rates(BTC, limit=3)]
    assert times == [desk.engine.next_funding(BTC) - back * 8 * 3_600_000 for back in (3, 2, 1)]


# premium, interest per hour -> rate: the published formula with numbers worked out by hand
@pytest.mark.parametrize(
    ("mark", "rate"), [("60000", "0.0000125"), ("60006", "0.0000125"), ("60060", "0.0000625"), ("59940", "-0.0000625"), ("90000", "0.005")]
)
def test_the_running_rate(desk: Any, mark: str, rate: str) -> None:
    state = desk.engine.world.states[BTC]
    state.mark = D(mark)
    assert funding.running_rate(desk.engine.world, state) == D(rate) == desk.engine.price(BTC).funding_rate


def test_the_past_and_the_paid_make_one_history(desk: Any) -> None:
    past = desk.engine.funding_rates(BTC)
    assert len(past) == 720 and [row.time for row in past] == sorted(row.time for row in past) and past[-1].time == NEXT_HOUR - 3_600_000
    assert len({row.rate for row in past}) > 100 and all(abs(row.rate) < D("0.0001") for row in past)
    desk.tick(NEXT_HOUR - START)
    assert desk.engine.funding_rates(BTC)[-1].time == NEXT_HOUR
    assert [row.time for row in desk.engine.funding_rates(BTC, since=NEXT_HOUR - 3_600_000)] == [NEXT_HOUR - 3_600_000, NEXT_HOUR]
    assert desk.engine.funding_rates(BTC, since=past[5].time, limit=2) == past[5:7]
    assert desk.engine.funding_rates(BTC, limit=0) == []
