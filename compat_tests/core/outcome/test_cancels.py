"""Cancelling: what is called cancelled is, and what may live is never called dead."""

from __future__ import annotations

from typing import Any

import pytest

from ccxt_dex._ccxt import errors
from ccxt_dex.errors import OrderOutcomeUnknown
from compat_tests.core.demo import SYMBOL, Venue, demo
from compat_tests.core.killserver import KillServer
from compat_tests.core.outcome.venue import EXECUTED, ORDER


@pytest.mark.parametrize("mode", EXECUTED)
async def test_a_lost_answer_to_a_cancel(ex: demo, venue: tuple[KillServer, Venue], mode: str) -> None:
    server, engine = venue
    order = await ex.create_order(*ORDER)
    server.executed.clear()
    server.mode = mode
    cancelled = await ex.cancel_order(order["id"], SYMBOL)
    assert cancelled["status"] == "canceled" and engine.orders["1"]["status"] == "canceled"
    assert [entry[0] for entry in server.executed] == ["DELETE"]  # the lookup sufficed


async def test_cancelling_what_is_filled_or_cancelled(ex: demo, venue: tuple[KillServer, Venue]) -> None:
    server, engine = venue
    order = await ex.create_order(*ORDER)
    engine.orders["1"]["status"] = "closed"
    with pytest.raises(errors.OrderNotFound):
        await ex.cancel_order(order["id"], SYMBOL)
    server.mode = "rst_no_reply"
    with pytest.raises(errors.OrderNotFound, match="filled"):
        await ex.cancel_order(order["id"], SYMBOL)


@pytest.mark.parametrize("mode", ["rst_no_reply", "http502", "html200"])
async def test_lost_answers_to_mass_cancels(ex: demo, venue: tuple[KillServer, Venue], mode: str) -> None:
    server, engine = venue
    for _ in range(3):
        await ex.create_order(*ORDER)
    server.mode = mode
    cancelled = await ex.cancel_orders(["1", "2"], SYMBOL)
    assert [order["status"] for order in cancelled] == ["canceled"] * 2 and engine.orders["3"]["status"] == "open"
    assert await ex.cancel_all_orders(SYMBOL) == [] and engine.orders["3"]["status"] == "canceled"


async def test_a_mass_cancel_that_got_lost_is_judged_by_the_orders_it_was_about(ex: demo, venue: tuple[KillServer, Venue]) -> None:
    """The look has the parameters of the call (a sub-account's orders are not the account's), and orders may be named by client id."""
    _, engine = venue
    named = await ex.create_order(*ORDER)
    looks: list[Any] = []
    real = ex.fetch_open_orders

    async def fetch_open_orders(symbol: Any = None, since: Any = None, limit: Any = None, params: Any = None) -> Any:
        looks.append(params)
        return await real(symbol, since, limit, params) if (params or {}).get("account") == "sub" else []

    ex.fetch_open_orders = fetch_open_orders  # type: ignore[method-assign]
    ex.options["outcomeTimeout"] = 0.1
    engine.cancel = lambda path, query: (502, "down")  # type: ignore[method-assign]
    for ids, more in (
        (["1"], {}),
        ([named["clientOrderId"]], {}),
        ([], {"clientOrderIds": [named["clientOrderId"]]}),
    ):
        with pytest.raises(OrderOutcomeUnknown):
            await ex.cancel_orders(ids, SYMBOL, {"account": "sub", **more})
    with pytest.raises(OrderOutcomeUnknown):
        await ex.cancel_all_orders(SYMBOL, {"account": "sub"})
    assert engine.orders["1"]["status"] == "open"
    assert looks and all(params == {"account": "sub"} for params in looks)


async def test_an_order_of_this_second_is_one_that_cancel_all_was_about(ex: demo, venue: tuple[KillServer, Venue]) -> None:
    """The venue's clock is known to the second: an order it stamped a little ahead of ours was there all the same."""
    _, engine = venue
    await ex.create_order(*ORDER)
    engine.orders["1"]["timestamp"] = ex.milliseconds() + 500
    ex.options["outcomeTimeout"] = 0.1
    engine.cancel = lambda path, query: (502, "down")  # type: ignore[method-assign]
    with pytest.raises(OrderOutcomeUnknown):
        await ex.cancel_all_orders(SYMBOL)


async def test_a_cancel_lost_on_the_way_is_sent_again(ex: demo, venue: tuple[KillServer, Venue]) -> None:
    server, engine = venue
    order = await ex.create_order(*ORDER)
    server.mode = "http408"
    real = engine.cancel

    def lost(path: str, query: Any) -> Any:
        engine.cancel, server.mode = real, "ok"  # type: ignore[method-assign]
        return 200, {}

    engine.cancel = lost  # type: ignore[method-assign]
    assert (await ex.cancel_order(order["id"], SYMBOL))["status"] == "canceled"
    assert engine.orders["1"]["status"] == "canceled"
