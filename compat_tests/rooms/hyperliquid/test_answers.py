"""Answers that do not say what happened: nothing is made of them that the venue did not say. Composed by us."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

import ccxt_dex
from ccxt_dex._ccxt import errors
from ccxt_dex.errors import OrderOutcomeUnknown
from ccxt_dex.exchanges.hyperliquid import parsing

SYMBOL = "BTC/USDC:USDC"


def answer(*statuses: Any) -> Any:
    return {"status": "ok", "response": {"type": "order", "data": {"statuses": list(statuses)}}}


def twap(status: Any) -> Any:
    return {"status": "ok", "response": {"type": "twapOrder", "data": {"status": status}}}


SILENT: list[Any] = [[], {}, "fine", 0, {"status": "maybe"}, {"response": {"type": "default"}}]


@pytest_asyncio.fixture
async def ex(venue: Any) -> AsyncIterator[Any]:
    client = ccxt_dex.hyperliquid(venue.config() | {"options": {"orderExpiry": None, "outcomeTimeout": 0.05}})
    await client.load_markets()
    yield client
    await client.close()


async def answering(venue: Any, what: Any, kind: str = "*") -> None:
    """The next action is answered with this, and not executed."""
    await venue.fault({"kind": "http_status", "status": 200, "body": json.dumps(what), "match": f"POST /exchange {kind}"})


CALLS = [
    ("set_leverage", (5, SYMBOL)),
    ("add_margin", (SYMBOL, 5)),
    ("transfer", ("USDC", 5, "spot", "swap")),
    ("withdraw", ("USDC", 5, "0x" + "1" * 40)),
    ("cancel_all_orders_after", (10_000,)),
    ("create_twap_order", (SYMBOL, "buy", 0.1, 300_000)),
    ("cancel_twap_order", ("5", SYMBOL)),
    ("create_sub_account", ("two",)),
]


@pytest.mark.parametrize("said", SILENT, ids=json.dumps)
@pytest.mark.parametrize(("name", "arguments"), CALLS, ids=[name for name, _ in CALLS])
async def test_an_action_is_not_carried_out_because_something_was_answered(
    venue: Any, ex: Any, name: str, arguments: tuple[Any, ...], said: Any
) -> None:
    await answering(venue, said)
    with pytest.raises(errors.BaseError) as caught:
        await getattr(ex, name)(*arguments)
    assert isinstance(caught.value, (errors.BadResponse, OrderOutcomeUnknown)), "no refusal, for nobody refused anything"


@pytest.mark.parametrize(
    "said", [answer("dreaming"), answer({"resting": {}}), answer({"filled": {"oid": 5}}), answer("success"), answer(None)]
)
async def test_an_order_is_looked_for_when_the_answer_is_about_nothing_known(venue: Any, ex: Any, said: Any) -> None:
    await answering(venue, said)
    with pytest.raises(OrderOutcomeUnknown):
        await ex.create_order(SYMBOL, "limit", "buy", 0.001, 59000, {"clientOrderId": "mine"})
    await answering(venue, said)

    async def find_order(*given: Any) -> Any:
        return {"id": "77", "clientOrderId": given[0], "status": "open"}

    ex.find_order = find_order
    assert (await ex.create_order(SYMBOL, "limit", "buy", 0.001, 59000, {"clientOrderId": "mine"}))["id"] == "77"


@pytest.mark.parametrize(
    "said", ["dreaming", "waitingForFill", {"resting": {"oid": 5}}, {"filled": {"totalSz": "1", "avgPx": "1", "oid": 5}}]
)
async def test_a_cancel_is_confirmed_by_one_word_only(venue: Any, ex: Any, said: Any) -> None:
    order = await ex.create_order(SYMBOL, "limit", "buy", 0.001, 59000)
    with pytest.raises(ValueError, match="unknown status"):
        parsing.outcomes(answer(said), 1, parsing.CANCELLED)
    for _ in range(3):
        await answering(venue, answer(said), "cancel")
    with pytest.raises(OrderOutcomeUnknown):
        await ex.cancel_order(order["id"], SYMBOL)
    assert [row["id"] for row in await ex.fetch_open_orders(SYMBOL)] == [order["id"]]


@pytest.mark.parametrize("said", [None, "success", {"running": {}}, {"running": {"twapId": None}}])
async def test_a_twap_order_has_a_number_or_nobody_knows_of_it(venue: Any, ex: Any, said: Any) -> None:
    await answering(venue, twap(said))
    with pytest.raises(OrderOutcomeUnknown):
        await ex.create_twap_order(SYMBOL, "buy", 0.1, 300_000)
    if said != "success":
        await answering(venue, twap(said))
        with pytest.raises(errors.BadResponse):
            await ex.cancel_twap_order("5", SYMBOL)


async def test_a_flag_of_a_twap_order_is_true_or_false(venue: Any, ex: Any) -> None:
    with pytest.raises(errors.InvalidOrder, match="reduceOnly"):
        await ex.create_twap_order(SYMBOL, "buy", 0.1, 300_000, {"reduceOnly": "false"})
    assert not venue.adapter.acted


async def test_a_refusal_stays_one_when_the_look_after_it_fails(venue: Any, ex: Any) -> None:
    """An immediate-or-cancel order that met nobody is looked up for its number; the answer was no all the same."""
    await ex.create_order(SYMBOL, "limit", "buy", 0.001, 59000)

    async def find_order(*given: Any) -> Any:
        raise errors.ExchangeNotAvailable("down")

    ex.find_order = find_order
    with pytest.raises(errors.OrderNotFillable):
        await ex.create_order(SYMBOL, "limit", "buy", 0.001, 59000, {"timeInForce": "IOC"})


async def test_an_order_that_rests_does_not_say_that_nothing_of_it_was_filled(venue: Any, ex: Any) -> None:
    price, size = (await ex.fetch_order_book(SYMBOL, 1))["asks"][0]
    order = await ex.create_order(SYMBOL, "limit", "buy", round(size + 0.5, 5), price)
    assert order["status"] == "open" and order["filled"] is None and order["remaining"] is None
    assert (await ex.fetch_order(order["id"], SYMBOL))["filled"] == size
    for params in ({"postOnly": True}, {"stopLossPrice": 59000}):
        resting = await ex.create_order(SYMBOL, "limit", "sell" if "stopLossPrice" in params else "buy", 0.001, 58900, params)
        assert resting["filled"] == 0


async def test_fills_are_found_from_their_order_s_stamp_on(venue: Any, ex: Any) -> None:
    """They are stamped before the answer to the order is here, and by the venue's clock."""
    await venue.fault({"kind": "http_delay", "ms": 50, "after": True, "match": "POST /exchange order"})
    order = await ex.create_order(SYMBOL, "market", "buy", 0.001)
    (fill,) = await ex.fetch_my_trades(SYMBOL, order["timestamp"])
    assert fill["order"] == order["id"]


async def test_no_members_are_no_action(venue: Any, ex: Any) -> None:
    assert await ex.create_orders([]) == await ex.edit_orders([]) == await ex.cancel_orders([], SYMBOL) == []
    assert not venue.adapter.acted
