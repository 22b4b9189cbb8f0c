"""GRVT acknowledges first and acts later: what is seen, or not seen, meanwhile proves nothing, and is never another order's."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import ccxt_dex
from ccxt_dex._ccxt import errors
from ccxt_dex.errors import OrderOutcomeUnknown
from compat_tests.rooms.grvt.test_every_true import SYMBOL, desk
from compat_tests.rooms.grvt.test_room import low, until

SLOW = {"latency_ms": 350}


def count(venue: Any, path: str) -> int:
    return sum(request.path.endswith(path) for request in venue.requests())


async def accepted(venue: Any, ex: Any, client_id: str) -> Any:
    return await ex.create_order(SYMBOL, "limit", "buy", 0.01, low(venue), {"clientOrderId": client_id, "wait": False})


@pytest.mark.parametrize("call", ["cancel_order", "cancel_order_ws"])
async def test_a_cancel_of_an_order_that_is_not_matched_yet(call: str) -> None:
    """The venue acknowledges it and has nothing to cancel: the order comes to rest afterwards."""
    async with desk(**SLOW) as (venue, ex):
        await accepted(venue, ex, "5")
        assert (await getattr(ex, call)("5", SYMBOL))["status"] == "canceled"
        assert await ex.fetch_open_orders() == []


async def test_a_cancel_by_somebody_who_did_not_place_the_order() -> None:
    async with desk(**SLOW) as (venue, ex):
        other = ccxt_dex.grvt({**venue.config(), "enableRateLimit": False})
        await other.load_markets()
        await accepted(venue, ex, "6")
        assert (await other.cancel_order("6", SYMBOL))["status"] == "canceled"
        await other.close()
        assert await ex.fetch_open_orders() == []


async def test_a_batch_of_cancels_of_orders_that_are_not_matched_yet() -> None:
    async with desk(**SLOW) as (venue, ex):
        resting = await ex.create_order(SYMBOL, "limit", "buy", 0.01, low(venue))
        await accepted(venue, ex, "8")
        await accepted(venue, ex, "9")
        ended = await ex.cancel_orders(["8", resting["id"], "9"], SYMBOL)
        assert [row["status"] for row in ended] == ["canceled"] * 3 and await ex.fetch_open_orders() == []


async def test_unknown_orders_are_order_not_found() -> None:
    async with desk() as (_venue, ex):
        for unknown in ("0x0101010000000000000000000000dead", "424242"):
            with pytest.raises(errors.OrderNotFound):
                await ex.cancel_order(unknown, SYMBOL)


async def test_a_client_id_used_again_is_not_answered_with_the_order_before() -> None:
    """An id is free again when its order has ended, and the venue finds the ended one until the new one is matched."""
    async with desk(**SLOW) as (venue, ex):
        first = await ex.create_order(SYMBOL, "market", "buy", 0.01, None, {"clientOrderId": "77"})
        second = await ex.create_order(SYMBOL, "limit", "buy", 0.02, low(venue), {"clientOrderId": "77"})
        assert first["status"] == "closed"
        assert (second["status"], second["amount"]) == ("open", 0.02) and second["id"] != first["id"]


async def test_a_cancel_of_a_client_id_used_again_is_not_answered_with_the_order_before() -> None:
    async with desk(**SLOW) as (venue, ex):
        await ex.create_order(SYMBOL, "market", "buy", 0.01, None, {"clientOrderId": "76"})
        await accepted(venue, ex, "76")
        assert (await ex.cancel_order("76", SYMBOL))["amount"] == 0.01
        assert await ex.fetch_open_orders() == []


async def test_a_refused_duplicate_leaves_the_id_to_the_order_that_has_it() -> None:
    async with desk() as (venue, ex):
        first = await ex.create_order(SYMBOL, "limit", "buy", 0.01, low(venue), {"clientOrderId": "79"})
        with pytest.raises(errors.DuplicateOrderId):
            await ex.create_order(SYMBOL, "limit", "buy", 0.02, low(venue), {"clientOrderId": "79"})
        ended = await ex.cancel_order("79", SYMBOL)
        assert (ended["id"], ended["status"]) == (first["id"], "canceled")


async def test_a_lost_answer_is_not_settled_with_the_order_before() -> None:
    async with desk() as (venue, ex):
        ex.options["outcomeTimeout"] = 0.3
        await ex.create_order(SYMBOL, "market", "buy", 0.01, None, {"clientOrderId": "78"})
        await venue.fault({"kind": "http_status", "status": 503, "match": "POST /trades/full/v1/create_order"})
        with pytest.raises(OrderOutcomeUnknown):
            await ex.create_order(SYMBOL, "limit", "buy", 0.02, low(venue), {"clientOrderId": "78"})
        await venue.fault({"kind": "lose_reply", "match": "POST /trades/full/v1/create_order"})
        ex.options["outcomeTimeout"] = 5
        found = await ex.create_order(SYMBOL, "limit", "buy", 0.02, low(venue), {"clientOrderId": "78"})
        assert (found["status"], found["amount"]) == ("open", 0.02)


async def test_an_edit_of_an_ended_order_places_nothing() -> None:
    """The venue acknowledges a cancel of it, and it is cancelled indeed: long ago."""
    async with desk() as (venue, ex):
        order = await ex.create_order(SYMBOL, "limit", "buy", 0.01, low(venue))
        await ex.cancel_order(order["id"], SYMBOL)
        with pytest.raises(errors.OrderNotFound):
            await ex.edit_order(order["id"], SYMBOL, "limit", "buy", 0.02, low(venue))
        assert await ex.fetch_open_orders() == []


async def test_an_edit_whose_cancel_does_not_show_places_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with desk() as (venue, ex):
        order = await ex.create_order(SYMBOL, "limit", "buy", 0.01, low(venue))
        monkeypatch.setattr(venue.adapter.gateway, "_cancel", lambda *_: None)
        with pytest.raises(OrderOutcomeUnknown):
            await ex.edit_order(order["id"], SYMBOL, "limit", "buy", 0.02, low(venue))
        assert [row["id"] for row in await ex.fetch_open_orders()] == [order["id"]]


async def test_an_edit_of_an_order_that_something_else_ended_meanwhile_places_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The dead man's switch goes off between the look and the cancel: the order is cancelled, and nobody wants a new one."""
    async with desk() as (venue, ex):
        order = await ex.create_order(SYMBOL, "limit", "buy", 0.01, low(venue))
        real = venue.adapter.gateway._cancel
        monkeypatch.setattr(venue.adapter.gateway, "_cancel", lambda account, found, reason: real(account, found, "cancel_after"))
        with pytest.raises(errors.OrderNotFound):
            await ex.edit_order(order["id"], SYMBOL, "limit", "buy", 0.02, low(venue))
        assert await ex.fetch_open_orders() == []


@pytest.mark.parametrize(("amount", "share", "params"), [(0.0105, "0.97", {}), (0.001, "0.97", {}), (0.01, "0.97", {"timeInForce": "X"})])
async def test_an_edit_to_what_cannot_be_placed_costs_no_order(amount: float, share: str, params: dict[str, Any]) -> None:
    """Off the step, below the minimum cost, no such word: refused before anything is cancelled."""
    async with desk() as (venue, ex):
        order = await ex.create_order(SYMBOL, "limit", "buy", 0.01, low(venue))
        with pytest.raises((errors.InvalidOrder, errors.NotSupported)):
            await ex.edit_order(order["id"], SYMBOL, "limit", "buy", amount, low(venue, share), params)
        assert [row["id"] for row in await ex.fetch_open_orders()] == [order["id"]]


@pytest.mark.parametrize("call", ["cancel_all_orders", "cancel_all_orders_ws"])
async def test_cancelling_all_needs_no_look_first(call: str) -> None:
    async with desk() as (venue, ex):
        await ex.create_order(SYMBOL, "limit", "buy", 0.01, low(venue))
        await venue.fault({"kind": "http_status", "status": 503, "match": "POST /trades/full/v1/open_orders"})
        assert await getattr(ex, call)(SYMBOL) == []
        await until(lambda: not venue.engine.open_orders("alice"), "it is cancelled")


async def test_a_batch_is_told_apart_by_client_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody promises that the answer has the orders in the order of the request."""
    async with desk() as (venue, ex):
        real = venue.adapter.gateway.bulk

        def turned(account: str, request: Any) -> Any:
            answer = real(account, request)
            return {**answer, "orders": answer["orders"][::-1]}

        monkeypatch.setattr(venue.adapter.gateway, "bulk", turned)
        member = {"symbol": SYMBOL, "type": "limit", "side": "buy", "price": low(venue)}
        made = await ex.create_orders(
            [{**member, "amount": 0.01 * (each + 1), "params": {"clientOrderId": str(90 + each)}} for each in range(3)]
        )
        assert [row["clientOrderId"] for row in made] == ["90", "91", "92"]
        assert [row["amount"] for row in made] == pytest.approx([0.01, 0.02, 0.03])


@pytest.mark.parametrize("answer", [{"result": {"metadata": None, "legs": [], "state": {"status": None}}}, {"result": []}, {}, []])
async def test_an_order_is_known_by_what_was_sent_not_by_what_the_answer_repeats(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    """Composed: answers with holes to an order that was taken."""
    async with desk() as (venue, ex):
        real = ex.call

        async def call(endpoint: str, params: Any = None) -> Any:
            found = await real(endpoint, params)
            return answer if endpoint.endswith("V1CreateOrder") else found

        monkeypatch.setattr(ex, "call", call)
        for wait in (True, False):
            order = await ex.create_order(SYMBOL, "limit", "buy", 0.01, low(venue), {"wait": wait})
            assert (order["status"], order["amount"], order["price"]) == ("open", 0.01, low(venue))
            assert (await ex.cancel_order(order["clientOrderId"], SYMBOL))["status"] == "canceled"


async def test_several_orders_of_one_client_id_at_once_are_one() -> None:
    async with desk(**SLOW) as (venue, ex):
        calls = [ex.create_order(SYMBOL, "limit", "buy", 0.01, low(venue), {"clientOrderId": "95"}) for _ in range(3)]
        made = await asyncio.gather(*calls, return_exceptions=True)
        assert sorted(type(each).__name__ for each in made) == ["DuplicateOrderId", "DuplicateOrderId", "dict"]
        assert len(await ex.fetch_open_orders()) == 1


# --- whose account ------------------------------------------------------------------------------------------------------------------


async def test_an_account_that_one_call_names_is_that_calls_alone() -> None:
    """A balance that was asked of another account must not send the next order there."""
    async with desk() as (venue, ex):
        own = await ex.sub_account()
        with pytest.raises(errors.PermissionDenied):
            await ex.fetch_balance({"accountId": "777"})
        assert await ex.sub_account() == own
        order = await ex.create_order(SYMBOL, "limit", "buy", 0.01, low(venue))
        assert order["info"]["sub_account_id"] == own


async def test_an_account_that_a_call_names_goes_with_all_its_requests() -> None:
    """The instance's own account is one that the session may not even see."""
    async with desk() as (venue, ex):
        given = {"accountId": await ex.sub_account()}
        ex.uid = "777"
        member = {"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 0.01, "price": low(venue)}
        first = await ex.create_order(SYMBOL, "limit", "buy", 0.01, low(venue), given)
        second = await ex.edit_order(first["id"], SYMBOL, "limit", "buy", 0.02, low(venue), given)
        assert (second["status"], second["amount"]) == ("open", 0.02)
        both = await ex.create_orders([member, member], given)
        attached = await ex.create_order(
            SYMBOL, "limit", "buy", 0.01, low(venue), {**given, "stopLoss": {"triggerPrice": low(venue, "0.9")}}
        )
        assert (await ex.cancel_order(attached["id"], SYMBOL, given))["status"] == "canceled"
        assert [row["status"] for row in await ex.cancel_orders([row["id"] for row in both], SYMBOL, given)] == ["canceled"] * 2
        assert [row["id"] for row in await ex.cancel_all_orders(SYMBOL, given)] == [second["id"]]
        await ex.cancel_all_orders_after(0, given)
        await ex.set_leverage(7, SYMBOL, given)
        await ex.set_margin_mode("isolated", SYMBOL, given)
        await ex.create_order(SYMBOL, "market", "buy", 0.01, None, given)
        await ex.add_margin(SYMBOL, 5, given)
        with pytest.raises(errors.PermissionDenied):
            await ex.fetch_balance()


@pytest.mark.parametrize("method", ["add_margin", "reduce_margin"])
async def test_margin_does_not_move_the_other_way(method: str) -> None:
    async with desk() as (_venue, ex):
        for amount in (-5, 0, "-1"):
            with pytest.raises(errors.BadRequest):
                await getattr(ex, method)(SYMBOL, amount)


@pytest.mark.parametrize("name", ["post_only", "reduce_only", "time_in_force", "trigger_price", "order_expiry", "slippage"])
async def test_what_would_be_ignored_and_makes_another_order_is_refused(name: str) -> None:
    async with desk() as (venue, ex):
        with pytest.raises((errors.BadRequest, errors.NotSupported)):
            await ex.create_order(SYMBOL, "limit", "buy", 0.01, low(venue), {name: True})
        assert count(venue, "create_order") == 0
