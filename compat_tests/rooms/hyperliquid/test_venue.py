"""The class in front of the local venue: what the contract does not ask."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

import ccxt_dex
from ccxt_dex._ccxt import errors
from ccxt_dex.errors import OrderOutcomeUnknown

SYMBOL, HIP3 = "BTC/USDC:USDC", "XYZ-TSLA/USDC:USDC"


@pytest_asyncio.fixture
async def ex(venue: Any) -> AsyncIterator[Any]:
    client = ccxt_dex.hyperliquid(venue.config())
    yield client
    await client.close()


def exchange_bodies(venue: Any) -> list[Any]:
    return [json.loads(request.body) for request in venue.requests() if request.path == "/exchange"]


async def test_reads_need_the_address_alone(venue: Any, ex: Any) -> None:
    await ex.create_order(SYMBOL, "market", "buy", 0.001)
    resting = await ex.create_order(SYMBOL, "limit", "buy", 0.001, 59000, {"clientOrderId": "mine"})
    reader = ccxt_dex.hyperliquid({"walletAddress": venue.config()["walletAddress"], "urls": venue.config()["urls"]})
    try:
        assert (await reader.fetch_balance())["USDC"]["total"] > 0
        assert (await reader.fetch_positions())[0]["contracts"] == 0.001
        assert [row["id"] for row in await reader.fetch_open_orders()] == [resting["id"]]
        assert (await reader.fetch_order(resting["id"], SYMBOL))["status"] == "open"
        assert (await reader.find_order("mine"))["id"] == resting["id"]
        assert len(await reader.fetch_my_trades(SYMBOL)) == 1
        positions, balance = await asyncio.wait_for(asyncio.gather(reader.watch_positions(), reader.watch_balance()), 5)
        assert positions[0]["symbol"] == SYMBOL and balance["USDC"]["total"] > 0
        with pytest.raises(errors.AuthenticationError):
            await reader.create_order(SYMBOL, "limit", "buy", 0.001, 59000)
        assert "userRole" not in {json.loads(request.body)["type"] for request in venue.requests()[-12:] if request.path == "/info"}
    finally:
        await reader.close()


async def test_what_happened_to_orders_during_an_outage_is_told_afterwards(venue: Any, ex: Any, until: Any) -> None:
    seen: list[Any] = []

    async def watch() -> None:
        while True:
            seen.extend(dict(row) for row in await ex.watch_orders(SYMBOL))

    task = asyncio.ensure_future(watch())
    try:
        await until(lambda: venue.subscribed(1))
        kept = await ex.create_order(SYMBOL, "limit", "buy", 0.001, 59000)
        gone = await ex.create_order(SYMBOL, "limit", "sell", 0.001, 60500)
        await until(lambda: {kept["id"], gone["id"]} <= {row["id"] for row in seen})
        await venue.fault({"kind": "refuse_connect", "ms": 300, "drop": True})
        await venue.market({"symbol": "BTC", "price": "60600"})
        await until(lambda: [row for row in seen if row["id"] == gone["id"] and row["status"] == "closed"])
    finally:
        task.cancel()
    assert "closed" not in {row["status"] for row in seen if row["id"] == kept["id"]}
    assert [row["type"] for row in seen] == ["limit"] * len(seen)


async def test_cancel_all_covers_every_dex_and_only_the_symbol_when_one_is_named(venue: Any, ex: Any) -> None:
    await ex.load_markets()
    for symbol, size, price in ((SYMBOL, 0.001, 59000), (HIP3, 0.1, 390), (SYMBOL, 0.001, 58000)):
        await ex.create_order(symbol, "limit", "buy", size, price)
    assert len(await ex.cancel_all_orders(SYMBOL)) == 2
    assert [row["symbol"] for row in await ex.fetch_open_orders()] == [HIP3]
    await ex.create_order(SYMBOL, "limit", "buy", 0.001, 59000)
    assert {row["symbol"] for row in await ex.cancel_all_orders()} == {SYMBOL, HIP3}
    assert await ex.cancel_all_orders() == []


async def test_an_edit_keeps_what_it_does_not_name(venue: Any, ex: Any) -> None:
    await ex.create_order(SYMBOL, "market", "buy", 0.002)
    order = await ex.create_order(SYMBOL, "limit", "sell", 0.002, 61000, {"postOnly": True, "reduceOnly": True, "clientOrderId": "mine"})
    changed = await ex.edit_order(order["id"], SYMBOL, "limit", "sell", None, 62000)
    wire = exchange_bodies(venue)[-1]["action"]["modifies"][0]["order"]
    assert (wire["t"], wire["r"], wire["s"], wire["p"]) == ({"limit": {"tif": "Alo"}}, True, "0.002", "62000")
    assert changed["id"] != order["id"] and changed["clientOrderId"] == "mine"
    stop = await ex.create_order(SYMBOL, "market", "sell", 0.002, None, {"stopLossPrice": 55000, "reduceOnly": True})
    await ex.edit_order(stop["id"], SYMBOL, "market", "sell", 0.001)
    assert exchange_bodies(venue)[-1]["action"]["modifies"][0]["order"]["t"] == {
        "trigger": {"isMarket": True, "triggerPx": "55000", "tpsl": "sl"}
    }


async def test_every_order_carries_an_expiry_that_makes_absence_provable(venue: Any, ex: Any) -> None:
    await ex.create_order(SYMBOL, "limit", "buy", 0.001, 59000)
    body = exchange_bodies(venue)[-1]
    assert 0 < body["expiresAfter"] - body["nonce"] <= 15_500 and ex.absence_grace == 17
    assert ccxt_dex.hyperliquid({"options": {"orderExpiry": None}}).absence_grace is None


async def test_a_later_expiry_is_that_order_s_alone(venue: Any) -> None:
    """It moves the moment from which absence is believed, of this order; nobody waits for it, and the next order is judged as ever."""
    client = ccxt_dex.hyperliquid({**venue.config(), "options": {"orderExpiry": 0, "outcomeTimeout": 0}})
    try:
        await client.load_markets()
        client.absence_grace = 0.2
        lost = {"kind": "http_status", "status": 503, "match": "POST /exchange order"}
        await venue.fault(lost)
        with pytest.raises(OrderOutcomeUnknown):
            await client.create_order(SYMBOL, "limit", "buy", 0.001, 59000, {"expiresAfter": client.milliseconds() + 600_000})
        (kept,) = client.unresolved.values()
        assert kept["time"] > client.milliseconds() + 590_000
        client.options["outcomeTimeout"] = 5
        await venue.fault(lost)
        with pytest.raises(errors.ExchangeNotAvailable):
            await client.create_order(SYMBOL, "limit", "buy", 0.001, 59000)
    finally:
        await client.close()


async def test_exits_of_a_position_whose_answer_is_lost_are_not_called_absent(venue: Any, ex: Any) -> None:
    """They carry no client id: one that is looked for in vain proves nothing."""
    ex.absence_grace = 0.1
    await ex.create_order(SYMBOL, "market", "buy", 0.001)
    exits = {"grouping": "positionTpsl", "stopLoss": {"triggerPrice": 50_000}}
    await venue.fault({"kind": "lose_reply", "match": "POST /exchange order"})
    with pytest.raises(OrderOutcomeUnknown, match="open orders"):
        await ex.create_order(SYMBOL, "market", "sell", 0.001, None, exits)
    assert len(await ex.fetch_open_orders(SYMBOL)) == 1
    await venue.fault({"kind": "http_status", "status": 429, "match": "POST /exchange order"})
    with pytest.raises(errors.RateLimitExceeded):
        await ex.create_order(SYMBOL, "market", "sell", 0.001, None, exits)


async def test_without_an_expiry_absence_is_never_believed(venue: Any) -> None:
    client = ccxt_dex.hyperliquid({**venue.config(), "options": {"orderExpiry": None, "outcomeTimeout": 0.3}})
    try:
        await client.load_markets()
        await client.create_order(SYMBOL, "limit", "buy", 0.001, 59000)
        await venue.fault({"kind": "http_status", "status": 503, "match": "POST /exchange order"})
        with pytest.raises(OrderOutcomeUnknown):
            await client.create_order(SYMBOL, "limit", "buy", 0.001, 59000)
    finally:
        await client.close()


async def test_many_first_calls_ask_once_whose_key_it_is(venue: Any, ex: Any) -> None:
    await ex.load_markets()
    await asyncio.gather(*(ex.fetch_balance() for _ in range(8)), ex.create_order(SYMBOL, "limit", "buy", 0.001, 59000))
    asked = [request for request in venue.requests() if request.path == "/info" and json.loads(request.body)["type"] == "userRole"]
    assert len(asked) == 1


async def test_a_signature_for_the_other_network_is_refused(venue: Any) -> None:
    client = ccxt_dex.hyperliquid({**venue.config(), "options": {"sandboxMode": True}})
    try:
        with pytest.raises(errors.AuthenticationError):
            await client.create_order(SYMBOL, "limit", "buy", 0.001, 59000)
    finally:
        await client.close()


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"action":{}}', b'{"action":{"type":"order"},"nonce":1,"signature":{}}', b'{"type":"nope"}']
)
async def test_odd_requests_are_the_client_s_mistake(venue: Any, ex: Any, body: bytes) -> None:
    await ex.load_markets()
    for path in ("/exchange", "/info"):
        async with ex.session.post(venue.url + path, data=body) as answer:
            assert answer.status == 422
    assert venue.server.errors == []


async def test_the_same_signed_body_is_executed_once(venue: Any, ex: Any) -> None:
    await ex.create_order(SYMBOL, "limit", "buy", 0.001, 59000)
    again = exchange_bodies(venue)[-1]
    async with ex.session.post(venue.url + "/exchange", json=again) as answer:
        assert (await answer.json())["status"] == "err"
    assert len(await ex.fetch_open_orders(SYMBOL)) == 1


async def test_long_answers_cost_what_the_documentation_says(venue: Any) -> None:
    """2000 fills weigh 120, the query 20 of them: whoever counts the queries alone is shut out of the venue, orders included."""
    client = ccxt_dex.hyperliquid({**venue.config(), "enableRateLimit": True})

    async def fetch(url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        return [{}] * 2000

    client.fetch = fetch
    try:
        for kind, weight in (("userFills", 120), ("candleSnapshot", 53), ("frontendOpenOrders", 20)):
            before, began = client.bucket("ip").available(), time.monotonic()
            await client.info(kind)
            spent = before - client.bucket("ip").available()
            assert weight - 15 * (time.monotonic() - began) - 0.1 <= spent <= weight, kind
    finally:
        await client.close()


async def test_positions_of_one_market(ex: Any) -> None:
    for symbol in (SYMBOL, HIP3):
        await ex.create_order(symbol, "market", "buy", 1 if symbol == HIP3 else 0.001)
    assert [row["symbol"] for row in await ex.fetch_positions_for_symbol(SYMBOL)] == [SYMBOL]
