"""The room against its paper venue, where the contract's cards do not look: agents, triggers, sweeps, the 24-hour close, tokens of sub-keys."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

import ccxt_dex
from ccxt_dex import paper
from ccxt_dex._ccxt import errors
from ccxt_dex.errors import OrderOutcomeUnknown

SYMBOL = "BTC/USDC:USDC"


async def test_an_agent_trades_and_cannot_withdraw() -> None:
    async with paper.start("pacifica", seed=7, login="agent") as venue:
        ex = ccxt_dex.pacifica(venue.config())
        try:
            await ex.load_markets()
            assert (await ex.create_order(SYMBOL, "limit", "buy", 0.001, 100_000))["status"] == "open"
            with pytest.raises(errors.PermissionDenied):
                await ex.withdraw("USDC", 10, ex.walletAddress)
        finally:
            await ex.close()


async def test_money_goes_to_the_own_wallet_only(ex: Any) -> None:
    with pytest.raises(errors.InvalidAddress):
        await ex.withdraw("USDC", 10, "42trU9A5kD3xXoQh7mWqNqvMZ6u4dZp7cL8c6pJ1vSxQ")
    assert (await ex.withdraw("USDC", 10, ex.walletAddress))["amount"] == 10
    assert (await ex.fetch_balance())["USDC"]["total"] == 99_990


async def test_a_withdrawal_is_sent_once_and_exactly(venue: Any, ex: Any) -> None:
    def sent() -> list[Any]:
        return [json.loads(row.body)["amount"] for row in venue.requests() if row.path.endswith("/account/withdraw")]

    made = await ex.withdraw("USDC", "12.345678", ex.walletAddress)
    assert (made["currency"], made["amount"], made["addressTo"], sent()) == ("USDC", 12.345678, ex.walletAddress, ["12.345678"])
    await venue.fault({"kind": "lose_reply", "match": "POST /api/v1/account/withdraw"})
    with pytest.raises(OrderOutcomeUnknown, match="fetch_withdrawals"):
        await ex.withdraw("USDC", 5, None)
    assert sent() == ["12.345678", "5"]
    assert (await ex.fetch_balance())["USDC"]["total"] == pytest.approx(100_000 - 17.345678)
    assert [row["amount"] for row in await ex.fetch_withdrawals("USDC")] == [12.345678, 5]


async def test_a_level_that_is_reached_already_is_refused(ex: Any) -> None:
    mark = (await ex.fetch_ticker(SYMBOL))["markPrice"]
    await ex.create_order(SYMBOL, "market", "buy", 0.001)
    for params in ({"stopLossPrice": mark + 1000}, {"takeProfitPrice": mark - 1000}):
        with pytest.raises(errors.InvalidOrder):
            await ex.create_order(SYMBOL, "market", "sell", 0.001, None, {"reduceOnly": True, **params})
    assert await ex.fetch_open_orders(SYMBOL) == []


async def test_cancel_all_ends_waiting_stops_too(ex: Any) -> None:
    await ex.create_order(SYMBOL, "market", "buy", 0.002)
    await ex.create_order(SYMBOL, "market", "sell", 0.001, None, {"stopLossPrice": 100_000, "reduceOnly": True})
    await ex.create_order(SYMBOL, "market", "sell", 0.001, None, {"takeProfitPrice": 112_000, "reduceOnly": True})
    await ex.create_order(SYMBOL, "limit", "buy", 0.001, 100_000)
    assert len(await ex.fetch_open_orders(SYMBOL)) == 3
    await ex.cancel_all_orders(SYMBOL)
    assert await ex.fetch_open_orders(SYMBOL) == []


async def test_a_stop_of_another_instance_is_cancelled_without_a_flag(ex: Any, venue: Any) -> None:
    order = await ex.create_order(SYMBOL, "market", "buy", 0.001, None, {"triggerPrice": 112_000})
    other = ccxt_dex.pacifica(venue.config())
    try:
        assert (await other.cancel_order(order["id"], SYMBOL))["status"] == "canceled"
    finally:
        await other.close()
    assert await ex.fetch_open_orders(SYMBOL) == []


async def test_a_client_id_of_any_kind_comes_back_as_written(ex: Any) -> None:
    order = await ex.create_order(SYMBOL, "limit", "buy", 0.001, 100_000, {"clientOrderId": "my bot #1"})
    assert order["clientOrderId"] == "my bot #1"
    assert (await ex.fetch_order(order["id"], SYMBOL))["clientOrderId"] == "my bot #1"
    assert (await ex.fetch_order(None, SYMBOL, {"clientOrderId": "my bot #1"}))["id"] == order["id"]
    await ex.cancel_order(None, SYMBOL, {"clientOrderId": "my bot #1"})
    assert await ex.fetch_open_orders(SYMBOL) == []


async def test_the_close_after_24_hours_is_survived_unseen() -> None:
    async with paper.start("pacifica", seed=7, session_s=0.5) as venue:
        ex = ccxt_dex.pacifica(venue.config())
        try:
            await ex.load_markets()
            live = 0
            for _ in range(14):
                book = await asyncio.wait_for(ex.watch_order_book(SYMBOL), 5)
                live += bool(book["bids"]) and not book.stale  # the close may come in the same breath as a book
            assert live >= 10
            (status,) = ex.stream_status().values()
            assert status["losses"] >= 1
        finally:
            await ex.close()


async def test_orders_over_the_socket(ex: Any) -> None:
    made = await ex.create_orders_ws(
        [{"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 0.001, "price": 100_000 + number} for number in range(3)]
    )
    assert [order["status"] for order in made] == ["open"] * 3
    edited = await ex.edit_order_ws(made[0]["id"], SYMBOL, "limit", "buy", 0.002, 99_000)
    assert edited["id"] != made[0]["id"] and edited["amount"] == 0.002
    gone = await ex.cancel_orders_ws([made[1]["id"], "1"], SYMBOL)
    assert [order["status"] for order in gone] == ["canceled", None]
    with pytest.raises(errors.OrderNotFound):
        await ex.cancel_order_ws("1", SYMBOL)
    await ex.cancel_all_orders_ws(SYMBOL)
    assert await ex.fetch_open_orders(SYMBOL) == []


async def test_transfers_agents_and_keys_are_signed_as_the_venue_wants(ex: Any, venue: Any) -> None:
    other = venue.config("bob")["walletAddress"]
    await ex.transfer("USDC", 100, ex.walletAddress, other)
    assert [row["amount"] for row in await ex.fetch_transfers()] == [100]
    await ex.bind_agent_wallet("3ogUn1GNXoASaRbxPNeVJnVv5rG4EPBtmQmX61jVorUe")
    assert (await ex.call("private_post_agent_list"))["data"] == ["3ogUn1GNXoASaRbxPNeVJnVv5rG4EPBtmQmX61jVorUe"]
    assert (await ex.create_api_key())["data"]["api_key"]
    assert [row["type"] for row in await ex.fetch_accounts()] == ["main"]


async def test_the_rate_limit_key_goes_into_requests_and_the_handshake(venue: Any) -> None:
    ex = ccxt_dex.pacifica({**venue.config(), "apiKey": "rate-key-123456"})
    try:
        await ex.load_markets()
        assert ex.last_request_headers["PF-API-KEY"] == "rate-key-123456"
        await asyncio.wait_for(ex.watch_order_book(SYMBOL), 5)
        (client,) = ex.clients.values()
        assert client.options["headers"]["PF-API-KEY"] == "rate-key-123456"
    finally:
        await ex.close()


async def test_an_order_s_fills_are_found_although_its_first_event_is_later_than_they_are() -> None:
    async with paper.start("pacifica", seed=7, event_lag_ms=400) as venue:
        ex = ccxt_dex.pacifica(venue.config())
        try:
            order = await ex.create_order(SYMBOL, "market", "buy", 0.001)
            (trade,) = await ex.fetch_order_trades(order["id"], SYMBOL)
            assert trade["timestamp"] + 400 == order["timestamp"] and trade["amount"] == order["filled"] == 0.001
            assert await ex.fetch_order_trades(order["id"], SYMBOL, order["timestamp"]) == []
        finally:
            await ex.close()


async def test_twap_orders(ex: Any) -> None:
    order = await ex.create_twap_order(SYMBOL, "buy", 0.01, 180_000)
    rows = (await ex.call("publicGetOrdersTwap", {"account": ex.walletAddress}))["data"]
    assert [(str(row["order_id"]), row["duration_in_seconds"]) for row in rows] == [(order["id"], 180)]
    await ex.cancel_twap_order(order["id"], SYMBOL)
    assert (await ex.call("publicGetOrdersTwap", {"account": ex.walletAddress}))["data"] == []


async def test_a_lost_twap_order_is_found_and_not_sent_again(ex: Any, venue: Any) -> None:
    endpoint = "POST /api/v1/orders/twap/create"
    await venue.fault({"kind": "lose_reply", "match": endpoint})
    order = await ex.create_twap_order(SYMBOL, "buy", 0.01, 180_000)
    rows = (await ex.call("publicGetOrdersTwap", {"account": ex.walletAddress}))["data"]
    assert [str(row["order_id"]) for row in rows] == [order["id"]] and venue.server.log.endpoints[endpoint] == 1
    await venue.fault({"kind": "lose_reply", "match": endpoint})
    await venue.fault({"kind": "http_status", "status": 503, "match": "GET /api/v1/orders/twap", "count": 50})
    with pytest.raises(OrderOutcomeUnknown):
        await ex.create_twap_order(SYMBOL, "buy", 0.01, 180_000)
    assert venue.server.log.endpoints[endpoint] == 2


async def test_a_ticker_has_the_bid_and_ask_of_the_book(ex: Any, venue: Any) -> None:
    ticker, book = await ex.fetch_ticker(SYMBOL), await ex.fetch_order_book(SYMBOL)
    assert [ticker["bid"], ticker["bidVolume"]] == book["bids"][0] and [ticker["ask"], ticker["askVolume"]] == book["asks"][0]
    assert ticker["bid"] < ticker["last"] < ticker["ask"] and ticker["markPrice"]
    books = "GET /api/v1/book"
    before = venue.server.log.endpoints[books]
    assert (await ex.fetch_mark_price(SYMBOL))["bid"] is None and (await ex.fetch_tickers())[SYMBOL]["ask"] is None
    assert venue.server.log.endpoints[books] == before, "one request where one is enough"
