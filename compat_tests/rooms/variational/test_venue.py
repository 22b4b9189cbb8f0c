"""The room against its paper venue: what is particular to Omni. What every room must do is in compat_tests/contract."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from typing import Any

import pytest

from ccxt_dex._ccxt import errors
from ccxt_dex.errors import OrderOutcomeUnknown
from ccxt_dex.exchanges.variational import variational
from compat_tests.rooms.variational.told import BTC, SIZE, another, executed, seen

# --- the asynchronous outcomes of an order --------------------------------------------------------------------------------------------------


async def test_accepted_and_filled(ex: Any, venue: Any) -> None:
    order = await ex.create_order(BTC, "market", "buy", SIZE)
    assert (order["status"], order["filled"], order["remaining"]) == ("closed", SIZE, 0)
    assert order["average"] == float(venue.engine.best("P-BTC-USDC-3600")[1]) and order["fee"]["cost"] == 0
    assert executed(venue) == 1 and seen(venue, "POST /api/quotes/indicative") == 1


async def test_accepted_and_rejected_by_the_last_look(ex: Any, venue: Any) -> None:
    """The price runs away between the acknowledgement and the clearing."""

    async def run_away() -> None:
        while not executed(venue):
            await asyncio.sleep(0.002)
        await venue.market({"symbol": "P-BTC-USDC-3600", "price": "70000"})

    runner = asyncio.ensure_future(run_away())
    with pytest.raises(errors.OrderNotFillable, match="last_look"):
        await ex.create_order(BTC, "market", "buy", SIZE)
    await runner
    assert executed(venue) == 1 and await ex.fetch_positions() == []
    (row,) = await ex.fetch_orders(BTC)
    assert row["status"] == "rejected" and row["filled"] == 0


async def test_accepted_and_rejected_for_want_of_money(venue: Any) -> None:
    poor = variational(venue.config("poor", deposit=Decimal(1)))
    await poor.load_markets()
    with pytest.raises(errors.InsufficientFunds):
        await poor.create_order(BTC, "market", "buy", 1)
    await poor.close()


async def test_accepted_and_rejected_because_the_quote_ran_out(paper_venue: Any) -> None:
    venue = await paper_venue("variational", seed=7, quote_ms=-1)
    ex = await another(venue)
    with pytest.raises(errors.OrderNotFillable, match="quote_expired"):
        await ex.create_order(BTC, "market", "buy", SIZE)
    assert executed(venue) == 1, "nothing was tried again by itself"
    await ex.close()


async def test_reduce_only_without_a_position_is_rejected_afterwards(ex: Any, venue: Any) -> None:
    with pytest.raises(errors.InvalidOrder, match="reduce_only"):
        await ex.create_order(BTC, "market", "sell", SIZE, None, {"reduceOnly": True})
    assert executed(venue) == 1 and await ex.fetch_positions() == []


@pytest.mark.parametrize("close_by", [None, "accept"])
async def test_reduce_only_is_really_forwarded(ex: Any, venue: Any, close_by: str | None) -> None:
    ex.options["closeBy"] = close_by
    await ex.create_order(BTC, "market", "buy", SIZE)
    with pytest.raises(errors.InvalidOrder):
        await ex.create_order(BTC, "market", "sell", 5 * SIZE, None, {"reduceOnly": True})
    await ex.close_position(BTC)
    assert await ex.fetch_positions() == [] and seen(venue, "POST /api/quotes/accept") == (2 if close_by else 0)


@pytest.mark.parametrize(
    "fault", [{"kind": "lose_reply"}, {"kind": "http_status", "status": 502, "execute": True}, {"kind": "http_status", "status": 200, "execute": True, "body": "{}"}],
    ids=["lost", "502", "no rfq_id"],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["market", "limit", "stop"])
async def test_a_lost_acknowledgement_is_found_and_nothing_sent_again(ex: Any, venue: Any, fault: dict[str, Any], kind: str) -> None:
    path = "/api/orders/new/market" if kind == "market" else "/api/orders/new/limit"
    if kind == "stop":
        await ex.create_order(BTC, "market", "buy", SIZE)
    before = executed(venue)
    await venue.fault({**fault, "match": path})
    arguments: dict[str, Any] = {
        "market": (BTC, "market", "buy", SIZE, None, {"clientOrderId": "mine"}),
        "limit": (BTC, "limit", "buy", SIZE, 60_000, {"clientOrderId": "mine"}),
        "stop": (BTC, "market", "sell", SIZE, None, {"clientOrderId": "mine", "stopLossPrice": 60_000}),
    }
    order = await ex.create_order(*arguments[kind])
    assert order["clientOrderId"] == "mine" and executed(venue) == before + 1
    assert (await ex.fetch_order("mine"))["id"] == order["id"]


async def test_two_orders_alike_of_which_one_is_lost_are_told_apart_by_what_is_known(ex: Any, venue: Any) -> None:
    first = await ex.create_order(BTC, "limit", "buy", SIZE, 60_000)
    await venue.fault({"kind": "lose_reply", "match": "/api/orders/new/limit"})
    second = await ex.create_order(BTC, "limit", "buy", SIZE, 60_000)
    assert second["id"] != first["id"] and executed(venue) == 2


async def test_when_several_could_be_it_the_outcome_is_unknown(ex: Any, venue: Any) -> None:
    """Another program places the very same order in the same second."""
    ex.options["outcomeTimeout"] = 0.3
    other = await another(venue)
    await other.create_order(BTC, "limit", "buy", SIZE, 60_000)
    await venue.fault({"kind": "lose_reply", "match": "/api/orders/new/limit"})
    with pytest.raises(OrderOutcomeUnknown):
        await ex.create_order(BTC, "limit", "buy", SIZE, 60_000)
    assert executed(venue) == 2
    await other.close()


async def test_an_order_that_never_arrived_is_unknown_and_not_sent_again(ex: Any, venue: Any) -> None:
    ex.options["outcomeTimeout"] = 0.3
    await venue.fault({"kind": "http_status", "status": 503, "match": "/api/orders/new/market"})
    with pytest.raises(OrderOutcomeUnknown) as caught:
        await ex.create_order(BTC, "market", "buy", SIZE, None, {"clientOrderId": "gone"})
    assert caught.value.client_order_ids == ["gone"] and venue.server.log.orders_seen == 1
    with pytest.raises(errors.DuplicateOrderId):
        await ex.create_order(BTC, "market", "buy", SIZE, None, {"clientOrderId": "gone"})


async def test_a_refusal_frees_the_client_id_and_a_dead_session_is_cured_once(ex: Any, venue: Any) -> None:
    await venue.fault(
        {
            "kind": "http_status",
            "status": 422,
            "match": "/api/orders/new/limit",
            "body": json.dumps({"error_code": "oi_limit_exceeded", "message": "no"}),
        }
    )
    with pytest.raises(errors.OrderNotFillable):
        await ex.create_order(BTC, "limit", "buy", SIZE, 60_000, {"clientOrderId": "again"})
    await venue.fault({"kind": "expire_session"})
    order = await ex.create_order(BTC, "limit", "buy", SIZE, 60_000, {"clientOrderId": "again"})
    assert order["status"] == "open" and executed(venue) == 1 and seen(venue, "POST /api/auth/login") == 2


async def test_the_users_bound_is_held_before_anything_is_accepted(ex: Any, venue: Any) -> None:
    ask = float(venue.engine.best("P-BTC-USDC-3600")[1])
    with pytest.raises(errors.InvalidOrder, match="nothing was sent"):
        await ex.create_order(BTC, "market", "buy", SIZE, ask - 1, {"slippage": 0})
    with pytest.raises(errors.InvalidOrder, match="nothing was sent"):
        await ex.create_order(BTC, "market", "buy", 25, None, {"slippage": "0.0005"})
    assert executed(venue) == 0
    assert (await ex.create_order(BTC, "market", "buy", SIZE, ask, {"slippage": 0}))["average"] == ask


async def test_an_order_that_is_not_settled_in_time_comes_back_open(paper_venue: Any) -> None:
    venue = await paper_venue("variational", seed=7, clearing_ms=1500)
    ex = await another(venue, options={"settleSeconds": 0.2})
    order = await ex.create_order(BTC, "market", "buy", SIZE)
    assert order["status"] == "open" and order["filled"] == 0
    await ex.close()


# --- exits --------------------------------------------------------------------------------------------------------------------------------


async def test_a_second_pair_of_exits_is_refused_and_those_of_a_cancelled_entry_go(ex: Any, venue: Any, until: Any) -> None:
    exits = {"takeProfit": {"triggerPrice": 70_000}, "stopLoss": {"triggerPrice": 50_000}}
    entry = await ex.create_order(BTC, "limit", "buy", SIZE, 60_000, exits)
    with pytest.raises(errors.InvalidOrder, match="already exists"):
        await ex.create_order(BTC, "limit", "buy", SIZE, 59_000, exits)
    assert len(await ex.fetch_open_orders(BTC)) == 3
    await ex.cancel_order(entry["id"])

    async def none() -> bool:
        return await ex.fetch_open_orders(BTC) == []

    await until(none)
    assert {row["info"]["cancel_reason"] for row in await ex.fetch_canceled_orders(BTC)} == {"user_cancel", "parent_order_canceled"}


async def test_a_stop_with_a_limit_price_waits_for_it(ex: Any, venue: Any, until: Any) -> None:
    await ex.create_order(BTC, "market", "buy", SIZE)
    order = await ex.create_order(BTC, "limit", "sell", SIZE, 61_500, {"stopLossPrice": 62_000})
    assert (order["type"], order["price"], order["stopLossPrice"]) == ("limit", 61_500, 62_000)
    await venue.market({"symbol": "P-BTC-USDC-3600", "price": "61000"})
    assert (await ex.fetch_order(order["id"]))["status"] == "open"
    await venue.market({"symbol": "P-BTC-USDC-3600", "price": "61800"})

    async def filled() -> bool:
        return (await ex.fetch_order(order["id"]))["status"] == "closed"

    await until(filled)


# --- cancelling ---------------------------------------------------------------------------------------------------------------------------


async def test_heavy_cancelling_is_banned_and_the_ban_is_kept(paper_venue: Any) -> None:
    venue = await paper_venue("variational", seed=7, cancels_per_10s=2, ban_s=0.4)
    ex = await another(venue)
    ids = [(await ex.create_order(BTC, "limit", "buy", SIZE, 60_000 - number))["id"] for number in range(3)]
    for number in ids[:2]:
        await ex.cancel_order(number)
    with pytest.raises(errors.RateLimitExceeded, match=r"0\.4 s") as caught:
        await ex.cancel_order(ids[2])
    assert caught.value.verdict == "rejected"  # type: ignore[attr-defined]
    assert 0 < ex.bucket("ip").reserve(1) <= 0.4, "without a pace of its own everything waits"
    await ex.close()


async def test_with_a_pace_of_its_own_the_first_trade_waits_for_nothing_and_a_ban_is_sat_out(paper_venue: Any) -> None:
    venue = await paper_venue("variational", seed=7, cancels_per_10s=0, ban_s=0.4)
    ex = await another(venue, enableRateLimit=True)
    began = asyncio.get_running_loop().time()
    await ex.create_order(BTC, "market", "buy", SIZE)
    order = await ex.create_order(BTC, "limit", "buy", SIZE, 60_000)
    assert asyncio.get_running_loop().time() - began < 3, "sign-in, quote, acceptance and a second order fit into the bursts"
    with pytest.raises(errors.RateLimitExceeded):
        await ex.cancel_order(order["id"])
    assert ex.bucket("orders").available() == 0 < ex.bucket("reads").available(), "orders wait, reading goes on"
    venue.adapter.options["cancels_per_10s"] = 5
    banned = asyncio.get_running_loop().time()
    await ex.cancel_all_orders()
    assert asyncio.get_running_loop().time() - banned > 0.1 and await ex.fetch_open_orders() == []
    await ex.close()


@pytest.mark.parametrize(
    ("status", "headers", "body", "seconds"),
    [
        (418, {}, '{"endpoint":"cancels","error":"banned","wait_until_seconds":11}', 11),
        (429, {"X-Rate-Limit-Resets-In-Ms": "2500"}, "", 2.5),
        (429, {}, "<html><title>Too many requests, retry in 750 ms</title>", 0.75),
        (429, {}, "<html><title>wait 3 seconds</title>", 3),
        (429, {"Retry-After": "7"}, "", 7),
        (418, {}, "[]", 1),
        (200, {}, "", None),
    ],
)
def test_how_long_to_wait(status: int, headers: dict[str, str], body: str, seconds: float | None) -> None:
    assert variational().retry_after(status, headers, body) == seconds


def test_which_budget_a_request_uses() -> None:
    ex = variational()
    for api, method, path, scope in (
        ("public", "GET", "metadata/stats", "stats"),
        ("front", "GET", "metadata/supported_assets", "open"),
        ("front", "POST", "auth/login", "sign-in"),
        ("front", "POST", "quotes/simple", "quotes"),
        ("private", "POST", "quotes/indicative", "quotes"),
        ("private", "GET", "orders/v2", "reads"),
        ("private", "POST", "settlement_pools/leverage", "reads"),
        ("private", "POST", "orders/cancel", "orders"),
        ("private", "POST", "orders/new/limit", "orders"),
        ("private", "POST", "orders/new/market", "orders"),
    ):
        assert [name for name, _ in ex.rate_charge(api, method, path, {}).costs] == [scope], path
