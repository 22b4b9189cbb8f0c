"""The blocking twins of our own rooms against their paper venues: the promises about orders hold across the thread."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from typing import Any

import pytest

import ccxt_dex
from ccxt_dex import registry


class Desk:
    """A blocking client of a paper venue, with what it takes to place an order that rests."""

    def __init__(self, exchange_id: str, venue: Any) -> None:
        self.venue = venue
        self.ex = getattr(ccxt_dex.sync, exchange_id)(venue.config())
        self.ex.load_markets()
        self.symbol = ccxt_dex.symbol(self.ex, "BTC")
        bid = self.ex.fetch_order_book(self.symbol)["bids"][0][0]
        limits = self.ex.market(self.symbol)["limits"]
        self.price = float(self.ex.price_to_precision(self.symbol, bid * 0.97))
        least = max(limits["amount"]["min"], (limits["cost"]["min"] or 0.0) / self.price)
        self.amount = float(self.ex.amount_to_precision(self.symbol, least * 2))

    def rest(self) -> Any:
        return self.ex.create_order(self.symbol, "limit", "buy", self.amount, self.price)

    def accepted(self) -> list[Any]:
        """The venue's own view: every order it ever took from us."""
        return list(self.venue.engine.account(self.venue.server.accounts[0]).orders.values())


# the twin is derived mechanically: one room, and one that corrects a class of ccxt's, tell in the quick run, all in the long one
QUICK = (registry.DEMO, "lighter")


@pytest.fixture(params=[pytest.param(each, marks=() if each in QUICK else pytest.mark.campaign) for each in ccxt_dex.exchanges])
def desk(request: pytest.FixtureRequest, blocking_paper_venue: Any) -> Iterator[Desk]:
    desk = Desk(request.param, blocking_paper_venue(request.param))
    yield desk
    desk.ex.close()


def test_four_threads_on_one_instance(desk: Desk) -> None:
    orders: list[Any] = []
    threads = [threading.Thread(target=lambda: orders.extend(desk.rest() for _ in range(5))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len({order["clientOrderId"] for order in orders}) == len({order["id"] for order in orders}) == len(desk.accepted()) == 20


def test_a_user_s_override_is_guarded_underneath(desk: Desk) -> None:
    calls: list[str] = []

    class Mine(type(desk.ex)):  # type: ignore[misc]
        def create_order(self, symbol: str, *args: Any, **kwargs: Any) -> Any:
            calls.append(symbol)
            return super().create_order(symbol, *args, **kwargs)

    with Mine(desk.venue.config()) as ex:
        ex.load_markets()
        order = ex.create_limit_buy_order(desk.symbol, desk.amount, desk.price)
        assert order["clientOrderId"] and calls == [desk.symbol]
    assert len(desk.accepted()) == 1


@pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="no signals to threads on this system")
def test_an_interrupt_leaves_the_order_and_its_outcome(desk: Desk, loop_thread: Any, until_sync: Any) -> None:
    loop_thread.run(desk.venue.fault({"kind": "http_delay", "ms": 400, "after": True, "count": 20}))

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    before, main = signal.signal(signal.SIGUSR1, interrupted), threading.get_ident()

    def fire() -> None:
        until_sync(desk.accepted)
        signal.pthread_kill(main, signal.SIGUSR1)

    thread = threading.Thread(target=fire)
    thread.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            desk.rest()
    finally:
        thread.join(20)
        signal.signal(signal.SIGUSR1, before)
    (order,) = desk.accepted()
    (outcome,) = until_sync(lambda: list(desk.ex.unresolved.values()))
    assert outcome["status"] == "found" and outcome["order"]["amount"] == desk.amount
    assert order.request.client_id is None or str(order.request.client_id) in desk.ex.unresolved  # one venue keeps no client ids
    assert len(desk.accepted()) == 1
