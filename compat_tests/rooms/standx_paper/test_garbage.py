"""No request, however odd, is a mistake of the venue: the fixture fails when anything inside raised."""

from __future__ import annotations

import itertools
import json
from typing import Any

import aiohttp

from ccxt_dex.paper import Venue
from compat_tests.rooms.standx_paper.client import Client, order

ODD: tuple[Any, ...] = (None, True, -1, 0, 1.5, 10**30, "", "x", "9" * 5000, "²", "NaN", "-0", "1e9", "\ud83d\ude00", [], [1], {}, {"a": 1})
POSTS = {
    "new_order": order(cl_ord_id="c", leverage=10, margin_mode="cross", tp_price="63000", sl_price="61000"),
    "cancel_order": {"order_id": 1, "cl_ord_id": "c"},
    "cancel_orders": {"order_id_list": [1], "cl_ord_id_list": ["c"]},
    "change_leverage": {"symbol": "BTC-USD", "leverage": 10},
    "change_margin_mode": {"symbol": "BTC-USD", "margin_mode": "cross"},
    "transfer_margin": {"symbol": "BTC-USD", "amount_in": "1"},
    "transfer_to_spot": {"amount": "1", "token": "DUSD"},
    "transfer_to_perps": {"amount": "1", "token": "DUSD"},
    "withdraw": {"amount": "1", "chain": "bsc", "token": "DUSD"},
}
GETS = {
    "query_order": ("order_id", "cl_ord_id"),
    "query_orders": ("symbol", "status", "order_type", "start", "end", "last_id", "limit"),
    "query_open_orders": ("symbol", "limit"),
    "query_trades": ("symbol", "side", "start", "end", "last_id", "limit"),
    "query_funding_history": ("symbol", "start", "end", "last_id", "limit"),
    "query_position_config": ("symbol",),
    "query_positions": ("symbol",),
    "query_symbol_info": ("symbol",),
    "query_depth_book": ("symbol",),
    "query_funding_rates": ("symbol", "start_time", "end_time"),
    "kline/history": ("symbol", "from", "to", "resolution", "countback"),
}


async def test_posts(venue: Venue, client: Client) -> None:
    for path, body in POSTS.items():
        for key, value in itertools.product(body, ODD):
            status, _ = await client.post(path, {**body, key: value})
            assert status in (200, 400), (path, key, value)
        for value in ODD:
            assert (await client.post(path, value))[0] == 400
        for raw in (b"", b"{", b"\xff\xfe", b'"'):
            assert (await client.post(path, raw))[0] == 400
    assert venue.state()["errors"] == []


async def test_gets(venue: Venue, client: Client) -> None:
    good = {"symbol": "BTC-USD", "start_time": 0, "end_time": 1, "from": 0, "to": 1, "resolution": "1"}
    for path, names in GETS.items():
        for name, value in itertools.product(
            names, ("", "x", "-1", "0", "9" * 5000, "9" * 15, "²", "1e3", "2020-01-01", "9999-99-99T00:00:00Z")
        ):
            status, _ = await client.get(path, **{**{key: good[key] for key in names if key in good}, name: value})
            assert status in (200, 400, 404), (path, name, value)
    assert venue.state()["errors"] == []


async def test_sign_in(venue: Venue, client: Client) -> None:
    good = {"address": client.config["walletAddress"], "requestId": "r", "signature": "0x", "signedData": "a.b.c", "expiresSeconds": 5}
    for path, key, value in itertools.product(("prepare-signin", "login"), good, ODD):
        raw = json.dumps({**good, key: value}).encode()
        assert (await client.send("POST", f"/v1/offchain/{path}", raw, chain="bsc"))[0] in (200, 400, 401), (path, key, value)


async def test_sockets(venue: Venue, http: aiohttp.ClientSession, client: Client) -> None:
    stream = await http.ws_connect(f"{venue.url}/ws-stream/v1")
    for name, key, value in itertools.product(
        ("subscribe", "unsubscribe", "auth"), ("channel", "symbol", "token", "streams", "interval"), ODD
    ):
        await stream.send_json({name: {"channel": "kline", "symbol": "BTC-USD", "token": client.token, key: value}})
    for value in ODD:
        await stream.send_json({"subscribe": value})
        await stream.send_json({"auth": {"token": client.token, "impersonate": value}})
    await stream.send_bytes(b"\xff")
    orders = await http.ws_connect(f"{venue.url}/ws-api/v1")
    await orders.send_json(client.message("auth:login", {"token": client.token}))
    for key, value in itertools.product(("session_id", "request_id", "method", "params", "header"), ODD):
        await orders.send_json({**client.message("order:new", order()), key: value})
    for value in ODD:
        await orders.send_json(client.message("order:new", value))
        await orders.send_json(client.message("auth:login", {"token": client.token, "impersonate": value}))
    last = client.message("auth:login", {"token": client.token})
    await orders.send_json(last)
    while json.loads((await orders.receive(5)).data).get("request_id") != last["request_id"]:
        pass
    await stream.send_json({"subscribe": {"channel": "price", "symbol": "ETH-USD"}})
    while json.loads((await stream.receive(5)).data).get("symbol") != "ETH-USD":
        pass
    assert venue.state()["errors"] == []
    await orders.close()
    await stream.close()
