"""Both sockets: numbering, cadence, auth, user channels, orders with two frames, pings and farewells."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from ccxt_dex import paper
from ccxt_dex.paper import Venue
from compat_tests.rooms.standx_paper.client import Client, order

Ws = aiohttp.ClientWebSocketResponse
Until = Callable[..., Awaitable[Any]]
INVALID = {"code": 400, "message": "invalid request payload"}
USER_CHANNELS = [{"channel": name} for name in ("order", "position", "balance", "trade")]


async def frame(ws: Ws, channel: str | None = None) -> Any:
    while True:
        message = await ws.receive(5)
        assert message.type is aiohttp.WSMsgType.TEXT, message
        value = json.loads(message.data)
        if channel in (None, value.get("channel")):
            return value


async def stream(venue: Venue, http: aiohttp.ClientSession) -> Ws:
    return await http.ws_connect(f"{venue.url}/ws-stream/v1")


async def test_books_come_every_200_ms_and_prices_every_3_s_by_default(http: aiohttp.ClientSession) -> None:
    async with paper.start("standx", symbols=["BTC-USD"]) as venue:
        ws = await stream(venue, http)
        await ws.send_json({"subscribe": {"channel": "price", "symbol": "BTC-USD"}})
        await frame(ws, "price")
        await ws.send_json({"subscribe": {"channel": "depth_book", "symbol": "BTC-USD"}})
        await frame(ws, "depth_book")
        began, prices = time.monotonic(), 0
        for _ in range(6):
            while (await frame(ws))["channel"] != "depth_book":
                prices += 1
        took = time.monotonic() - began
        assert took >= 1.0 and prices <= 1 + took / 3
        await ws.close()


async def test_seq_counts_all_frames_of_a_connection(venue: Venue, http: aiohttp.ClientSession, client: Client) -> None:
    await venue.market({"pause": False})
    ws, other = await stream(venue, http), await stream(venue, http)
    for one in (ws, other):
        for symbol in ("BTC-USD", "ETH-USD"):
            await one.send_json({"subscribe": {"channel": "depth_book", "symbol": symbol}})
    await ws.send_json({"auth": {"token": client.token}})
    assert [(await frame(ws))["seq"] for _ in range(8)] == list(range(1, 9))
    assert [(await frame(other))["seq"] for _ in range(3)] == [1, 2, 3]
    await ws.send_json({"unsubscribe": {"channel": "depth_book", "symbol": "BTC-USD"}})
    await ws.send_json({"ping": "pong"})
    while (await frame(ws)) != INVALID:
        pass
    assert {(await frame(ws))["symbol"] for _ in range(3)} == {"ETH-USD"}
    await ws.close()
    await other.close()


@pytest.mark.parametrize("text", ["ping", '{"ping":"pong"}', "[]", '{"subscribe":"price"}', '{"subscribe":{"channel":"price"}}', "{"])
async def test_unknown_text_gets_a_400_frame_and_the_connection_lives(venue: Venue, http: aiohttp.ClientSession, text: str) -> None:
    ws = await stream(venue, http)
    await ws.send_str(text)
    assert await frame(ws) == INVALID
    await ws.send_json({"subscribe": {"channel": "price", "symbol": "BTC-USD"}})
    assert (await frame(ws))["seq"] == 1
    await ws.close()


async def test_user_channels_are_silent_until_something_changes(
    venue: Venue, http: aiohttp.ClientSession, client: Client, until: Until
) -> None:
    ws = await stream(venue, http)
    await ws.send_json({"subscribe": {"channel": "order"}})
    assert (await frame(ws))["code"] == 401
    await ws.send_json({"auth": {"token": "rubbish"}})
    assert await frame(ws) == {"seq": 1, "channel": "auth", "data": {"code": 401, "msg": "invalid jwt"}}
    await ws.send_json({"auth": {"token": client.token, "streams": USER_CHANNELS}})
    assert await frame(ws) == {"seq": 2, "channel": "auth", "data": {"code": 200, "msg": "success"}}
    await until(lambda: venue.subscribed(4))
    await client.post("new_order", order(cl_ord_id="rest"))
    first = await frame(ws)
    assert (first["seq"], first["channel"], first["data"]["status"], first["data"]["cl_ord_id"]) == (3, "order", "open", "rest")
    assert list(first) == ["seq", "channel", "data"]
    await client.post("new_order", order(price=None, tif="ioc", cl_ord_id="take"))
    seen: dict[str, Any] = {}
    while not {"order", "trade", "position", "balance"} <= set(seen) or seen["order"]["status"] != "filled":
        row = await frame(ws)
        seen[row["channel"]] = row["data"]
    assert seen["trade"]["order_id"] == seen["order"]["id"] and len(seen["order"]["created_at"]) == 30, "nanoseconds"
    # official samples of the documentation, September 2026
    position = "created_at entry_price entry_value id initial_margin leverage margin_asset margin_mode qty realized_pnl status symbol updated_at user"
    balance = """account_type created_at free id inbound is_enabled kind last_tx last_tx_updated_at locked occupied outbound ref_id token total
    updated_at version wallet_id"""
    assert list(seen["position"]) == position.split() and list(seen["balance"]) == balance.split()
    bob = await Client(venue, http, venue.config("bob")).sign_in()
    await bob.post("new_order", order(cl_ord_id="foreign"))
    await until(lambda: venue.engine.find("bob", client_id="foreign"))
    await client.post("new_order", order(cl_ord_id="last"))
    while (row := await frame(ws, "order"))["data"]["cl_ord_id"] != "last":
        assert row["data"]["cl_ord_id"] != "foreign"
    await ws.close()


@pytest.mark.parametrize("interval", ["3S", "1", "1D"])
async def test_klines(venue: Venue, http: aiohttp.ClientSession, interval: str) -> None:
    ws = await stream(venue, http)
    await ws.send_json({"subscribe": {"channel": "kline", "symbol": "BTC-USD", "interval": interval}})
    await venue.market({"pause": False})
    row = await frame(ws, "kline")
    assert list(row) == ["seq", "channel", "symbol", "interval", "data"] and row["interval"] == interval
    assert list(row["data"][0]) == ["time", "open", "high", "low", "close", "volume", "volume_quote"]
    await ws.close()


async def logged_in(venue: Venue, http: aiohttp.ClientSession, client: Client, session_id: str = "s-1") -> Ws:
    ws = await http.ws_connect(f"{venue.url}/ws-api/v1")
    message = client.message("auth:login", {"token": client.token}, session_id)
    await ws.send_json(message)
    assert await frame(ws) == {"code": 0, "message": "success", "request_id": message["request_id"]}
    return ws


async def test_an_order_over_the_socket_gets_two_frames(venue: Venue, http: aiohttp.ClientSession, client: Client) -> None:
    ws = await logged_in(venue, http, client)
    for params, method, final in (
        (order(cl_ord_id="w1"), "order:new", {"code": 0, "message": "success"}),
        (order(price="62500.00", tif="alo", cl_ord_id="w2"), "order:new", {"code": 400, "message": "alo order rejected"}),
        ({"cl_ord_id": "w1"}, "order:cancel", {"code": 0, "message": "success"}),
        ({"cl_ord_id": "w1"}, "order:cancel", {"code": 400, "message": "order already canceled"}),
        ({"order_id": 5}, "order:cancel", {"code": 400, "message": "order not found"}),
    ):
        message = client.message(method, params)
        await ws.send_json(message)
        assert await frame(ws) == {"code": 0, "status": "accepted", "request_id": message["request_id"]}
        assert await frame(ws) == {**final, "request_id": message["request_id"]}
    assert venue.state()["requests"]["clients"]["w1"] == {"seen": 1, "executed": 1}
    await ws.close()


async def test_refusals_of_ws_api(venue: Venue, http: aiohttp.ClientSession, client: Client) -> None:
    ws = await http.ws_connect(f"{venue.url}/ws-api/v1")
    for text in ("ping", "{}", json.dumps({"method": "order:amend", "request_id": "r", "params": "{}"})):
        await ws.send_str(text)
        assert await frame(ws) == INVALID
    message = client.message("order:new", order())
    await ws.send_json(message)
    assert (await frame(ws))["code"] == 401
    await ws.send_json(client.message("auth:login", {"token": "rubbish"}))
    assert (await frame(ws))["code"] == 401
    await ws.close()
    ws = await logged_in(venue, http, client)
    await ws.send_json({**client.message("order:new", order()), "params": json.dumps(order(), separators=(",", ":"))})
    answer = await frame(ws)
    assert (answer["code"], answer["message"]) == (403, "invalid body signature")
    await ws.send_json(client.message("order:new", order(price="61000.001")))
    answer = await frame(ws)
    assert answer["code"] == 400 and "price tick" in answer["message"]
    assert venue.state()["orders_ever"] == 0
    await ws.close()


async def test_results_of_http_orders_reach_the_named_session_only(venue: Venue, http: aiohttp.ClientSession, client: Client) -> None:
    named, other = await logged_in(venue, http, client, "mine"), await logged_in(venue, http, client, "another")
    status, answer = await client.post("new_order", order(price="62500.00", tif="alo"), {"x-session-id": "mine"})
    assert status == 200
    assert await frame(named) == {"code": 0, "status": "accepted", "request_id": answer["request_id"]}
    assert await frame(named) == {"code": 400, "message": "alo order rejected", "request_id": answer["request_id"]}
    assert (await client.post("new_order", order(price="61000.001"), {"x-session-id": "mine"}))[0] == 400
    await client.post("cancel_orders", {"order_id_list": [1]}, {"x-session-id": "mine"})
    assert (await frame(named))["status"] == "accepted", "nothing came of the refused one"
    assert (await frame(named))["message"] == "order not found"
    await other.send_json(client.message("order:new", order(), "another"))
    assert (await frame(other))["status"] == "accepted", "its first frame since the login"
    await named.close()
    await other.close()


async def test_the_server_pings_and_says_408_to_who_does_not_answer(http: aiohttp.ClientSession) -> None:
    async with paper.start("standx", symbols=["BTC-USD"], ping_s=0.05, pong_s=0.2) as venue:
        ws = await http.ws_connect(f"{venue.url}/ws-stream/v1", autoping=False)
        pings = 0
        while (message := await ws.receive(5)).type is aiohttp.WSMsgType.PING:
            pings += 1
        assert pings >= 2
        assert json.loads(message.data) == {"code": 408, "message": "disconnecting due to not receive Pong within 5 minute period"}
        assert (await ws.receive(5)).type is aiohttp.WSMsgType.CLOSE
        await ws.close()


async def test_connections_have_a_life_and_a_limit(http: aiohttp.ClientSession) -> None:
    async with paper.start("standx", symbols=["BTC-USD"], session_s=0.2) as venue:
        ws = await stream(venue, http)
        assert (await ws.receive(5)).type is aiohttp.WSMsgType.CLOSE
        await ws.close()
    async with paper.start("standx", symbols=["BTC-USD"], max_connections=2) as venue:
        one, two = await stream(venue, http), await stream(venue, http)
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await stream(venue, http)
        assert caught.value.status == 429
        await one.close()
        await two.close()
