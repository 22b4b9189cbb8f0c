"""Buckets: what they grant, in any order of calls, from several threads and loops; and what a stop order may count on."""

from __future__ import annotations

import asyncio
import gc
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccxt_dex import limits
from ccxt_dex.limits import ORDER, PRIORITY, READ, Bucket, Charge, Rule
from compat_tests.core.demo import SYMBOL, Venue, demo, make_demo
from compat_tests.core.killserver import KillServer


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def drain(bucket: Bucket, clock: Clock, cost: float, level: float) -> float:
    """Passes as the transport does; returns the moment at which the credits were spent."""
    clock.now += bucket.reserve(cost, level)
    while (wait := bucket.take(cost, level)) > 0:
        clock.now += wait
    return clock.now


def test_isolated_calls_wait_for_nothing() -> None:
    clock = Clock()
    bucket = Bucket(20, 1, clock)
    for _ in range(10):
        assert bucket.reserve(1) == 0
        clock.now += 0.3
    bucket = Bucket(1, 1, clock)
    assert bucket.reserve(5) == 0, "a request dearer than the burst passes when nothing is owed"
    assert bucket.reserve(1) == pytest.approx(5)


@given(
    st.lists(
        st.tuples(st.floats(0, 0.5), st.floats(0.1, 3), st.sampled_from([READ, ORDER, PRIORITY])),
        min_size=2,
        max_size=60,
    )
)
@settings(max_examples=100, deadline=None)
def test_no_window_ever_holds_more_than_rate_and_burst(calls: list[tuple[float, float, float]]) -> None:
    clock = Clock()
    bucket = Bucket(10, 4, clock)
    spent = []
    for pause, cost, level in calls:
        clock.now += pause
        at = drain(bucket, clock, cost, level)
        spent.append((at, cost))
    for first, (start, _) in enumerate(spent):
        total = 0.0
        for at, cost in spent[first:]:
            total += cost
            # a single request dearer than what its level may fill is let through when nothing is owed
            assert total <= 10 * (at - start) + 4 + 3 + 1e-6


def test_reads_leave_a_fifth_to_those_who_must_not_wait() -> None:
    clock = Clock()
    bucket = Bucket(10, 10, clock)
    granted = 0
    while bucket.take(1, READ) == 0:
        granted += 1
    assert granted == 8
    assert [bucket.reserve(1, PRIORITY) for _ in range(2)] == pytest.approx([0, 0], abs=1e-9)
    assert bucket.reserve(1, PRIORITY) > 0


def test_a_cancel_overtakes_a_queue_of_reads_and_orders() -> None:
    clock = Clock()
    bucket = Bucket(10, 10, clock)
    waits = [bucket.reserve(1, READ) for _ in range(1000)]
    assert waits[-1] == pytest.approx((1000 - 8) / 8, rel=0.01), "in line, at four fifths of the rate"
    assert bucket.reserve(1, PRIORITY) == 0


def test_bad_news_is_believed() -> None:
    clock = Clock()
    bucket = Bucket(10, 10, clock)
    bucket.sync(100)
    assert bucket.available() == 10
    bucket.sync(2)
    assert bucket.available() == pytest.approx(2)
    bucket.hold(5)
    assert bucket.take(0.1) == 5 and bucket.available() == 0
    bucket.hold(1)
    assert bucket.take(0.1) == 5, "a shorter hold does not cut a longer one"


def test_threads_share_without_losing_a_credit() -> None:
    clock = Clock()
    bucket = Bucket(100, 50, clock)
    granted = []

    def work() -> None:
        for _ in range(200):
            if bucket.take(1, ORDER) == 0:
                granted.append(1)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(granted) == 47  # 95 % of 50


def test_three_loops_in_three_threads_share_one_bucket() -> None:
    rule, times = Rule(200, 10), []
    keep = limits.bucket(("test", "loops"), rule)
    end = time.monotonic() + 0.6

    async def trade() -> None:
        mine = limits.bucket(("test", "loops"), rule)
        assert mine is keep
        while time.monotonic() < end:
            await asyncio.sleep(mine.reserve(1))
            times.append(time.monotonic())

    threads = [threading.Thread(target=lambda: asyncio.run(trade())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 60 < len(times) <= 0.6 * 200 + 10 + 3 + 5
    assert len([at for at in times if at <= min(times) + 0.3]) <= 0.3 * 200 + 10 + 3


def test_a_finished_bot_frees_its_bucket() -> None:
    scope = ("test", "weak")
    first = limits.bucket(scope, Rule(1, 1))
    first.hold(100)
    del first
    gc.collect()
    assert limits.bucket(scope, Rule(1, 1)).available() == 1


def test_rules_and_arguments() -> None:
    rule = Rule.per(1200, 60)
    assert rule.rate * 60 + rule.burst <= 1200
    with pytest.raises(ValueError, match="positive"):
        Bucket(0)


class metered(demo):
    rate_rules = {"ip": Rule(1000, 1000), "account": Rule(10, 2)}

    def rate_charge(self, api: object, method: str, path: str, params: object, cost: float = 1.0) -> Charge:
        return Charge((("ip", cost), ("account", 1.0))) if path == "order" else Charge((("ip", cost),))


async def test_scopes_are_charged_and_shared_between_instances() -> None:
    async with KillServer(Venue()) as server:
        config = {"urls": {"api": {"private": server.url}}, "walletAddress": "0xAb" + "1" * 38}
        one, two = metered(config), metered({**config, "walletAddress": config["walletAddress"].lower()})  # type: ignore[attr-defined]
        other = metered({**config, "walletAddress": "0x" + "2" * 40})
        assert one.bucket("account") is two.bucket("account") is not other.bucket("account")
        assert one.bucket("ip") is other.bucket("ip")
        named = metered({**config, "options": {"rateScopes": {"ip": "mine"}}, "proxy": "http://127.0.0.1:1"})
        assert named.bucket("ip") is not one.bucket("ip")
        await one.fetch_open_orders()
        assert one.bucket("account").available() == 2
        await one.create_order(SYMBOL, "limit", "buy", 1, 1)
        assert two.bucket("account").available() < 1.5
        for each in (one, two, other, named):
            await each.close()


async def test_retry_after_holds_everybody_behind_the_same_address() -> None:
    async with KillServer(Venue()) as server:
        one, two = make_demo(server.url), make_demo(server.url)
        server.mode, server.retry_after, server.break_reads = "http429", "Retry-After: 7\r\n", True
        with pytest.raises(Exception, match="429"):
            await one.fetch_open_orders()
        assert 6 < two.bucket("ip").take(1) <= 7
        server.mode = "ok"
        three = make_demo(server.url, enableRateLimit=False)
        await asyncio.wait_for(three.fetch_open_orders(), 1)
        for each in (one, two, three):
            await each.close()


async def test_ccxts_plain_costs_still_work() -> None:
    ex = demo({"rateLimit": 100})
    started = time.monotonic()
    for _ in range(10):
        await ex.throttle(1)
    assert time.monotonic() - started < 0.8, "what came back while idle may be spent at once"
    await ex.throttle(Charge((("ip", 1.0),)))
    assert time.monotonic() - started > 0.05
