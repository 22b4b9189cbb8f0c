"""The room against its paper venue: what is particular to Omni. What every room must do is in compat_tests/contract."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from ccxt_dex._ccxt import errors
from ccxt_dex.errors import OrderOutcomeUnknown
from ccxt_dex.exchanges.variational import history, variational
from ccxt_dex.limits import Bucket
from compat_tests.rooms.variational.samples import TRADE
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
    assert order["status"] == ("closed" if kind == "market" else "open"), "a market order is followed, whoever heard the acknowledgement"
    assert (await ex.fetch_order("mine"))["id"] == order["id"]


async def test_an_acknowledged_order_is_followed_although_a_look_fails(ex: Any, venue: Any) -> None:
    for status in (429, 503, 403):
        await venue.fault({"kind": "http_status", "status": status, "match": "/api/orders/v2", "headers": {"Retry-After": "0.1"}})
        order = await ex.create_order(BTC, "market", "buy", SIZE)
        assert (order["status"], order["filled"]) == ("closed", SIZE)


async def test_two_orders_alike_of_which_one_is_lost_are_told_apart_by_what_is_known(ex: Any, venue: Any) -> None:
    first = await ex.create_order(BTC, "limit", "buy", SIZE, 60_000)
    await venue.fault({"kind": "lose_reply", "match": "/api/orders/new/limit"})
    second = await ex.create_order(BTC, "limit", "buy", SIZE, 60_000)
    assert second["id"] != first["id"] and executed(venue) == 2


async def test_when_several_could_be_it_the_outcome_is_unknown(ex: Any, venue: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program places the very same order in the same seconds."""
    monkeypatch.setattr(history, "SKEW_MS", 600_000)  # however slow the machine
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
    venue = await paper_venue("variational", seed=7, clearing_ms=600_000)
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


async def test_an_edit_changes_nothing_that_was_not_asked_for(ex: Any, venue: Any) -> None:
    await ex.create_order(BTC, "market", "buy", SIZE)
    watched = {"stopLossPrice": 60_000, "autoResize": False, "triggerPriceType": "last", "slippage": "0.02"}
    stop = await ex.create_order(BTC, "market", "sell", SIZE, None, watched)
    edited = await ex.edit_order(stop["id"], BTC, "market", "sell", None, None, {"stopLossPrice": 60_500})
    same = ("order_type", "is_reduce_only", "is_auto_resize", "use_mark_price", "slippage_limit", "qty", "side")
    assert [edited["info"][name] for name in same] == [stop["info"][name] for name in same] and edited["stopLossPrice"] == 60_500
    entry = await ex.create_order(BTC, "limit", "sell", SIZE, 70_000, {"reduceOnly": True, "slippage": "0.004"})
    edited = await ex.edit_order(entry["id"], BTC, "limit", "sell", None, 71_000)
    assert [edited["info"][name] for name in same] == [entry["info"][name] for name in same] and edited["price"] == 71_000
    with pytest.raises(errors.BadRequest):
        await ex.edit_order(edited["id"], "ETH", "limit", "sell", None, 5_000)
    assert (await ex.fetch_order(edited["id"]))["status"] == "open"


# --- cancelling ---------------------------------------------------------------------------------------------------------------------------


async def test_heavy_cancelling_is_banned_and_the_ban_is_kept(paper_venue: Any) -> None:
    venue = await paper_venue("variational", seed=7, cancels_per_10s=2, ban_s=60)
    ex = await another(venue)
    ids = [(await ex.create_order(BTC, "limit", "buy", SIZE, 60_000 - number))["id"] for number in range(3)]
    for number in ids[:2]:
        await ex.cancel_order(number)
    with pytest.raises(errors.RateLimitExceeded, match="60 s") as caught:
        await ex.cancel_order(ids[2])
    assert caught.value.verdict == "rejected"  # type: ignore[attr-defined]
    assert 0 < ex.bucket("ip").reserve(1) <= 60, "without a pace of its own everything waits"
    await ex.close()


async def test_with_a_pace_of_its_own_the_first_trade_waits_for_nothing_and_a_ban_is_sat_out(
    paper_venue: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    venue = await paper_venue("variational", seed=7, cancels_per_10s=0, ban_s=2)
    ex = await another(venue, enableRateLimit=True)
    waits: list[float] = []
    reserve = Bucket.reserve

    def noted(self: Bucket, *arguments: Any) -> float:
        waits.append(reserve(self, *arguments))
        return waits[-1]

    monkeypatch.setattr(Bucket, "reserve", noted)
    await ex.create_order(BTC, "market", "buy", SIZE)
    order = await ex.create_order(BTC, "limit", "buy", SIZE, 60_000)
    assert waits and not any(waits), "sign-in, quote, acceptance and a second order fit into the bursts"
    with pytest.raises(errors.RateLimitExceeded):
        await ex.cancel_order(order["id"])
    assert ex.bucket("orders").available() == 0 < ex.bucket("reads").available(), "orders wait, reading goes on"
    venue.adapter.options["cancels_per_10s"] = 5
    waits.clear()
    await ex.cancel_all_orders()
    assert any(waits) and await ex.fetch_open_orders() == []
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


# --- changed answers ----------------------------------------------------------------------------------------------------------------------


def answering(ex: Any, monkeypatch: pytest.MonkeyPatch, path: str, change: Any) -> None:
    """Answers of one path as they might look tomorrow."""
    fetch = ex.fetch

    async def changed(url: str, *arguments: Any) -> Any:
        answer = await fetch(url, *arguments)
        return change(answer) if url.partition("?")[0].endswith(path) else answer

    monkeypatch.setattr(ex, "fetch", changed)


async def test_an_odd_step_in_a_quote_spoils_nothing(ex: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    known = dict(ex.market(BTC)["precision"])
    for odd in ("9" * 40, "-1", "0", "0.3", "1e400", "100", None, "abc"):
        limits = {side: {"min_qty_tick": odd, "min_qty": odd, "max_qty": odd} for side in ("bid", "ask")}
        with monkeypatch.context() as patch:
            answering(ex, patch, "/quotes/simple", lambda answer, limits=limits: {**answer, "qty_limits": limits})
            assert (await ex.fetch_ticker(BTC))["bid"]
        assert ex.market(BTC)["precision"] == known
    assert (await ex.create_order(BTC, "market", "buy", SIZE))["status"] == "closed"


async def test_a_position_is_never_passed_over(ex: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    await ex.create_order(BTC, "market", "buy", SIZE)

    def with_instrument(change: Any) -> Any:
        return lambda rows: [{**row, "position_info": {**row["position_info"], "instrument": change(row["position_info"])}} for row in rows]

    for interval in (28_800, 0, None, "soon"):
        with monkeypatch.context() as patch:
            answering(ex, patch, "/positions", with_instrument(lambda info, at=interval: {**info["instrument"], "funding_interval_s": at}))
            assert (await ex.fetch_position(BTC))["contracts"] == SIZE
    for broken in (None, {}, "BTC"):
        with monkeypatch.context() as patch:
            answering(ex, patch, "/positions", with_instrument(lambda info, broken=broken: broken))
            with pytest.raises(errors.ExchangeError, match="instrument"):
                await ex.fetch_position(BTC)
    with monkeypatch.context() as patch:
        answering(ex, patch, "/positions", with_instrument(lambda info: {**info["instrument"], "instrument_type": "vanilla_option"}))
        assert (await ex.fetch_position(BTC))["contracts"] == 0, "an option is no perpetual"
    with monkeypatch.context() as patch:
        answering(ex, patch, "/settlement_pools/leverage", lambda answer: {})
        assert (await ex.fetch_position(BTC))["leverage"] is None
        with pytest.raises(errors.ExchangeError, match="BTC"):
            await ex.fetch_leverage(BTC)


async def test_a_row_that_cannot_be_read_closes_no_position(ex: Any, venue: Any) -> None:
    await ex.create_order(BTC, "market", "buy", SIZE)
    (row,) = [each["info"] for each in await ex.fetch_positions()]
    await ex.note_positions()
    for broken in ({}, {"qty": "0.001"}, {"qty": "0.001", "instrument": None}, {"instrument": row["position_info"]["instrument"]}):
        with pytest.raises(errors.ExchangeError):
            ex.take_positions([{**row, "position_info": broken}])
    assert ex.take_positions([row]) == [] and [gone["contracts"] for gone in ex.take_positions([])] == [0]


async def test_one_wrong_time_does_not_silence_the_prices(ex: Any) -> None:
    await ex.watch_ticker(BTC)
    client = ex.client(ex.socket("/prices"))

    def told(price: str, stamp: str) -> float:
        ex.handle_message(client, {"channel": "instrument_price:P-BTC-USDC-3600", "pricing": {"price": price, "timestamp": stamp}})
        return float(ex.tickers[BTC]["last"])

    now = ex.iso8601(ex.milliseconds())
    assert told("60001", "2099-01-01T00:00:00Z") == 60001
    assert told("60002", now) == 60002
    assert told("60003", "2020-01-01T00:00:00Z") == 60002, "an older one is passed over"


async def test_a_trade_that_is_booked_late_is_read_when_it_is(ex: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its stamp is that of the trade, which may lie before fills that were handed out meanwhile."""
    early = {**TRADE, "id": "early", "status": "pending", "created_at": "2026-08-07T11:33:00Z"}
    later = {**TRADE, "id": "later", "created_at": "2026-08-07T11:35:00Z"}

    async def pages(endpoint: str, request: Any, since: int) -> list[Any]:
        return [row for row in (later, early) if ex.parse8601(row["created_at"]) >= since]

    monkeypatch.setattr(ex, "pages", pages)
    ex._began["myTrades"] = ex.parse8601("2026-08-07T11:30:00Z")
    client = SimpleNamespace(resolve=lambda *_: None)
    await ex.read_fills(client)
    await ex.read_fills(client)
    assert [trade["id"] for trade in ex.myTrades] == ["later"]
    early["status"] = "confirmed"
    await ex.read_fills(client)
    assert [trade["id"] for trade in ex.myTrades] == ["later", "early"] and ex._booking == []


async def test_one_cancel_that_fails_keeps_no_other_order_open(ex: Any, venue: Any) -> None:
    for cancel in (lambda ids: ex.cancel_all_orders(), lambda ids: ex.cancel_orders(ids)):
        ids = [(await ex.create_order(BTC, "limit", "buy", SIZE, 60_000 - number))["id"] for number in range(3)]
        await venue.fault({"kind": "http_status", "status": 403, "match": "/api/orders/cancel", "body": json.dumps({"message": "no"})})
        with pytest.raises(errors.PermissionDenied):
            await cancel(ids)
        (left,) = await ex.fetch_open_orders()
        await ex.cancel_order(left["id"])
