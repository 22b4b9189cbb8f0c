"""A transaction that the sequencer has is executed later and shown later still: what is seen, or not seen, meanwhile proves nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.lighter import lighter, orders, parsing
from compat_tests.rooms.lighter.desk import ETH, price

CANCEL, MODIFY = 15, 17


@pytest.fixture
async def slow(paper_venue: Any) -> Any:
    """Executes transactions a third of a second after it has taken them."""
    venue = await paper_venue("lighter", seed=7, latency_ms=350)
    await venue.market({"pause": True})
    return venue


@pytest.fixture
async def ex(slow: Any) -> AsyncIterator[Any]:
    exchange = lighter(slow.config())
    await exchange.load_markets()
    await exchange.identity()
    yield exchange
    await exchange.close()


def count(venue: Any, kind: int) -> int:
    return sum(tx.type == kind for tx in venue.adapter.arrived)


async def accepted(ex: Any, number: int, factor: float = 0.98, **more: Any) -> Any:
    given = {"clientOrderId": number, "wait": False, **more}
    return await ex.create_order(ETH, "limit", "buy", 0.1, await price(ex, factor), given)


@pytest.mark.parametrize("call", ["cancel_order", "cancel_order_ws"])
async def test_a_cancel_of_an_order_that_is_not_shown_yet(ex: Any, slow: Any, call: str) -> None:
    await accepted(ex, 5)
    assert (await getattr(ex, call)("5", ETH))["status"] == "canceled"
    assert count(slow, CANCEL) == 1, "the room waited; nothing had to be sent again"


async def test_a_cancel_by_somebody_who_did_not_place_the_order(ex: Any, slow: Any) -> None:
    """Another process knows the client id before the venue shows the order."""
    other = lighter(slow.config())
    await other.load_markets()
    await other.identity()
    await accepted(ex, 6)
    assert (await other.cancel_order("6", ETH))["status"] == "canceled"
    await other.close()


async def test_without_its_market_too(ex: Any) -> None:
    await accepted(ex, 7)
    assert (await ex.cancel_order("7"))["status"] == "canceled"


async def test_an_unknown_order_is_not_found_and_an_id_of_the_venues_costs_few_looks(ex: Any, slow: Any) -> None:
    before = slow.server.log.endpoints["GET /api/v1/accountActiveOrders"]
    with pytest.raises(errors.OrderNotFound):
        await ex.cancel_order(slow.adapter.unknown_order_id(), ETH)
    assert slow.server.log.endpoints["GET /api/v1/accountActiveOrders"] - before <= 5


async def test_a_batch_of_cancels_tells_the_ends_of_orders_that_are_not_shown_yet(ex: Any) -> None:
    await accepted(ex, 8)
    resting = await ex.create_order(ETH, "limit", "buy", 0.1, await price(ex))
    await accepted(ex, 9)
    ended = await ex.cancel_orders(["8", resting["id"], "9"], ETH)
    assert [(row["clientOrderId"], row["status"]) for row in ended] == [(each, "canceled") for each in ("8", resting["clientOrderId"], "9")]


@pytest.mark.parametrize("call", ["edit_order", "edit_order_ws"])
async def test_an_edit_of_an_order_that_is_not_shown_yet(ex: Any, slow: Any, call: str) -> None:
    await accepted(ex, 10)
    at = await price(ex, 0.97)
    edited = await getattr(ex, call)("10", ETH, "limit", "buy", 0.2, at)
    assert (edited["amount"], edited["price"], edited["status"]) == (0.2, at, "open") and count(slow, MODIFY) == 1


async def test_an_edit_that_the_sequencer_refuses_is_not_told_as_done(ex: Any, slow: Any) -> None:
    order = await ex.create_order(ETH, "limit", "buy", 0.1, await price(ex))
    ex.absence_grace = 1.5
    with pytest.raises(errors.NetworkError) as caught:
        await ex.edit_order(order["id"], ETH, "limit", "buy", 90_000, await price(ex, 0.97))
    assert caught.value.verdict == "absent" and (await ex.fetch_order(order["id"], ETH))["amount"] == 0.1  # type: ignore[attr-defined]


async def test_an_edit_of_an_ended_order_is_order_not_found(ex: Any) -> None:
    order = await ex.create_order(ETH, "limit", "buy", 0.1, await price(ex))
    await ex.cancel_order(order["id"], ETH)
    with pytest.raises(errors.OrderNotFound):
        await ex.edit_order(order["id"], ETH, "limit", "buy", 0.2, await price(ex, 0.97))


@pytest.mark.parametrize("fresh", [False, True])
async def test_an_edit_keeps_a_trigger_that_it_does_not_mention(ex: Any, slow: Any, fresh: bool) -> None:
    """The transaction has no "leave it": zero would be another order."""
    at = await price(ex, 1.05)
    stop = await ex.create_order(ETH, "limit", "buy", 0.1, at + 5, {"triggerPrice": at})
    other = lighter(slow.config()) if fresh else ex
    edited = await other.edit_order(stop["id"], ETH, "limit", "buy", 0.2, at + 6)
    assert slow.adapter.arrived[-1].body["TriggerPrice"] == round(at * 100) and edited["triggerPrice"] == at
    moved = await other.edit_order(stop["id"], ETH, "limit", "buy", 0.2, at + 6, {"triggerPrice": at + 1})
    assert moved["triggerPrice"] == at + 1
    if fresh:
        await other.close()


async def test_an_edit_keeps_the_trigger_of_now(ex: Any, slow: Any) -> None:
    """Somebody else has moved it since this instance saw it."""
    at = await price(ex, 1.05)
    stop = await ex.create_order(ETH, "limit", "buy", 0.1, at + 5, {"triggerPrice": at})
    other = lighter(slow.config())
    await other.edit_order(stop["id"], ETH, "limit", "buy", 0.1, at + 5, {"triggerPrice": at + 2})
    await other.close()
    assert (await ex.edit_order(stop["id"], ETH, "limit", "buy", 0.2, at + 5))["triggerPrice"] == at + 2


async def test_an_order_that_is_no_longer_reachable_by_client_id_is_found_in_the_history(ex: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    order = await ex.create_order(ETH, "limit", "buy", 0.1, await price(ex))
    await ex.cancel_order(order["id"], ETH)

    async def nothing(client_ids: Any) -> dict[int, Any]:
        return {}

    monkeypatch.setattr(ex, "rows_of", nothing)
    assert (await ex.fetch_order(order["id"], ETH))["status"] == "canceled"


async def test_cancelling_all_needs_no_look_first(ex: Any, slow: Any, until: Any) -> None:
    order = await ex.create_order(ETH, "limit", "buy", 0.1, await price(ex))
    await slow.fault({"kind": "http_status", "status": 503, "match": "GET /api/v1/accountActiveOrders"})
    assert await ex.cancel_all_orders(ETH) == []

    async def canceled() -> bool:
        return bool((await ex.fetch_order(order["id"], ETH))["status"] == "canceled")

    await until(canceled)


@pytest.mark.parametrize("call", ["cancel_all_orders", "cancel_all_orders_ws"])
async def test_what_was_filled_before_the_cancel_of_all_is_not_called_canceled(ex: Any, slow: Any, until: Any, call: str) -> None:
    resting = await ex.create_order(ETH, "limit", "buy", 0.1, await price(ex))
    filled = await ex.create_order(ETH, "limit", "buy", 0.1, await price(ex, 0.99))
    cancelling = asyncio.ensure_future(getattr(ex, call)(ETH))
    await until(lambda: count(slow, 16))
    await slow.market({"symbol": "0", "price": str(filled["price"] * 0.995)})
    assert {row["id"]: row["status"] for row in await cancelling} == {resting["id"]: "canceled", filled["id"]: "closed"}


@pytest.mark.parametrize("call", [("set_leverage", 7, ETH), ("set_margin_mode", "isolated", ETH)])
async def test_a_look_at_the_account_that_fails_does_not_make_the_change_fail(
    ex: Any, slow: Any, until: Any, call: tuple[Any, ...]
) -> None:
    changing = asyncio.ensure_future(getattr(ex, call[0])(*call[1:]))
    await until(lambda: count(slow, 20))
    await slow.fault({"kind": "http_status", "status": 503, "count": 3, "match": "GET /api/v1/account"})
    await changing
    found = await ex.fetch_leverage(ETH)
    assert found["longLeverage"] == 7 or found["marginMode"] == "isolated"


async def test_margin_is_moved_or_it_is_an_error(ex: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        real = ex.transact

        async def transact(*args: Any) -> Any:
            answer = await real(*args)
            patch.setitem(ex.options, "transactionLife", 0)  # as if the time were over sooner
            return answer

        patch.setattr(ex, "transact", transact)
        with pytest.raises(errors.OperationRejected):
            await ex.add_margin(ETH, 5)  # there is no position
    await ex.set_margin_mode("isolated", ETH)
    await ex.create_order(ETH, "market", "buy", 0.1)
    held = (await ex.fetch_position(ETH))["collateral"]
    assert (await ex.add_margin(ETH, 5))["status"] == "ok"
    assert (await ex.fetch_position(ETH))["collateral"] == pytest.approx(held + 5)


ROW = {"initial_base_amount": "0.2000", "remaining_base_amount": "0.1500", "price": "2950.00", "trigger_price": "0.00", "type": "limit"}


@pytest.mark.parametrize(
    ("row", "amount", "at", "trigger", "expected"),
    [
        ({}, 2000, 295000, 0, True),
        ({}, 1500, 295000, 0, True),
        ({}, 1000, 295000, 0, False),
        ({}, 2000, 295001, 0, False),
        ({"type": "stop-loss-limit", "trigger_price": "2940.00"}, 2000, 295000, 294000, True),
        ({"type": "stop-loss-limit", "trigger_price": "2930.00"}, 2000, 295000, 294000, False),
        ({"type": "stop-loss", "price": "0", "trigger_price": "2940.00"}, 2000, 295000, 294000, True),
    ],
)
def test_whether_an_order_stands_as_a_modification_wants_it(row: Any, amount: int, at: int, trigger: int, expected: bool) -> None:
    """Composed after the documentation's order (2026-07)."""
    wanted = {"BaseAmount": amount, "Price": at, "TriggerPrice": trigger}
    assert parsing.as_modified({**ROW, **row}, wanted, 4, 2) is expected


@pytest.mark.parametrize("extra", [{"amount": 0.05}, {"triggerPriceType": "last"}, {"trailingPercent": 1}])
async def test_an_attached_order_with_more_than_is_sent_is_refused(ex: Any, slow: Any, extra: dict[str, Any]) -> None:
    with pytest.raises(errors.NotSupported):
        await ex.create_order(ETH, "market", "buy", 0.1, None, {"stopLoss": {"triggerPrice": 2000, **extra}})
    assert slow.adapter.arrived == []


def test_names_of_a_trigger() -> None:
    assert set(orders.TRIGGERS) == {"triggerPrice", "stopPrice", "stopLossPrice", "takeProfitPrice"}
