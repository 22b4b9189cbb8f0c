"""Life of a venue, its control plane and its request log."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from ccxt_dex import paper
from ccxt_dex.paper import Venue
from ccxt_dex.paper.faults import KINDS
from compat_tests.core.paper_server.toy import Toy, ToySocket

Http = aiohttp.ClientSession


async def test_two_venues_at_once_share_nothing(http: Http) -> None:
    async with paper.start(Toy, seed=1) as one, paper.start(Toy, seed=2, accounts=["zoe"]) as two:
        assert one.url != two.url
        await one.fault({"kind": "http_status", "status": 503})
        async with http.get(f"{two.url}/time") as answer:
            assert answer.status == 200
        async with http.get(f"{one.url}/time") as answer:
            assert answer.status == 503
        assert list(one.state()["accounts"]) == ["alice"] and list(two.state()["accounts"]) == ["zoe"]
        assert one.config()["apiKey"] == "1-alice" and two.config()["apiKey"] == "2-zoe"
        assert two.config()["urls"]["api"] == {"public": two.url, "ws": two.url.replace("http", "ws")}


async def test_the_port_is_free_afterwards() -> None:
    async with paper.start(Toy) as one:
        port = one.server.port
    async with paper.start(Toy, port=port) as two:
        assert two.server.port == port
        with pytest.raises(OSError):
            async with paper.start(Toy, port=port):
                pass


async def test_configs_and_more_accounts(http: Http) -> None:
    async with paper.start(Toy, accounts=3) as venue:
        assert [config["apiKey"] for config in venue.configs] == ["7-alice", "7-bob", "7-carol"]
        assert venue.config("poor", deposit="0")["apiKey"] == "7-poor"
        assert venue.engine.balances("poor").balance == 0 and venue.engine.balances("bob").balance > 0
        with pytest.raises(ValueError, match="exists already"):
            venue.config("bob", deposit="5")


async def test_unknown_venue_and_option() -> None:
    with pytest.raises(ValueError, match="no paper venue for 'nowhere'"):
        async with paper.start("nowhere"):
            pass
    with pytest.raises(TypeError, match=r"unknown option\(s\) smell; known: colour"):
        async with paper.start(Toy, smell="sweet"):
            pass


async def test_a_mistake_of_the_adapter_is_a_500_and_ends_the_run_with_an_error(http: Http) -> None:
    with pytest.raises(RuntimeError, match="LookupError: a mistake of the adapter"):
        async with paper.start(Toy) as venue:
            async with http.get(f"{venue.url}/boom") as answer:
                assert answer.status == 500
            async with http.get(f"{venue.url}/time") as answer:
                assert answer.status == 200
    with pytest.raises(RuntimeError, match="WS /ws boom"):
        async with paper.start(Toy) as venue, http.ws_connect(f"{venue.url}/ws") as ws:
            await ws.send_json({"op": "boom"})
            await ws.send_json({"op": "order", "id": "a"})
            await ws.receive_json()


async def test_routes_refusals_and_rejects(venue: Venue, http: Http) -> None:
    for method, path, status, text in (
        ("GET", "/nowhere", 404, '{"error":"not found"}'),
        ("DELETE", "/time", 404, '{"error":"not found"}'),
        ("GET", "/orders/none", 400, '{"error":"unknown_order"}'),
        ("GET", "/ws", 400, '{"error":"websocket upgrade expected"}'),
    ):
        async with http.request(method, venue.url + path) as answer:
            assert (answer.status, await answer.text()) == (status, text), path
    async with http.post(f"{venue.url}/order", json={"id": "teapot"}) as answer:
        assert (answer.status, await answer.text(), answer.content_type) == (418, "short and stout", "text/plain")


async def test_a_sub_protocol_is_agreed_to_when_the_venue_knows_it(http: Http) -> None:
    class Speaking(ToySocket):
        @classmethod
        def protocols(cls, adapter: Any, request: Any) -> tuple[str, ...]:
            return ("v2", request.headers.get("X-Mine", "v1"))

    class Venue2(Toy):
        sockets = {"/ws": Speaking}

    async with paper.start(Venue2) as venue:
        for offered, agreed in ((["v9", "v1"], "v1"), (["v2"], "v2"), ([], None)):
            async with http.ws_connect(f"{venue.url}/ws", protocols=offered) as ws:
                assert ws.protocol == agreed


async def test_the_request_log_counts_orders_by_client_id(venue: Venue, http: Http, until: Callable[..., Awaitable[Any]]) -> None:
    for _ in range(2):
        async with http.post(f"{venue.url}/order", json={"id": "twice"}):
            pass
    async with http.ws_connect(f"{venue.url}/ws") as ws:
        await ws.send_json({"op": "order", "id": "socket"})
        await ws.receive_json()
    log = venue.state()["requests"]
    assert log["clients"]["twice"] == {"seen": 2, "executed": 2}
    assert log["clients"]["socket"] == {"seen": 1, "executed": 1}
    assert log["orders_seen"] == log["orders_executed"] == 3
    assert log["endpoints"] == {"POST /order": 2, "WS /ws": 1, "WS /ws order": 1}
    assert [entry.get("status") for entry in log["last"] if entry["endpoint"] == "POST /order"] == [200, 400], "the second was a duplicate"
    assert [request.method for request in venue.requests()] == ["POST", "POST", "GET", "WS"]


async def test_the_control_plane_over_http(venue: Venue, http: Http) -> None:
    async with http.post(f"{venue.url}/_paper/faults", json={"kind": "gap", "count": 3, "match": "a"}) as answer:
        assert answer.status == 200
        added = await answer.json()
    async with http.get(f"{venue.url}/_paper/faults") as answer:
        assert await answer.json() == [added] and added["count"] == 3
    async with http.delete(f"{venue.url}/_paper/faults") as answer:
        assert await answer.json() == {"cleared": 1}
    async with http.post(f"{venue.url}/_paper/market", json={"pause": True}) as answer:
        assert answer.status == 200
    async with http.post(f"{venue.url}/_paper/market", json={"symbol": "TOY", "price": "1234.5"}) as answer:
        assert answer.status == 200
    async with http.get(f"{venue.url}/_paper/state") as answer:
        state = await answer.json()
    assert abs(float(state["markets"]["TOY"]["mark"]) - 1234.5) < 5
    assert len(state["markets"]["TOY"]["bids"]) > 5 and state["accounts"]["alice"]["balance"]["balance"] == "100000"
    assert state["requests"]["total"] == 0, "the control plane does not count itself"


async def test_orders_fills_and_positions_are_in_the_state(venue: Venue, http: Http) -> None:
    await venue.market({"pause": True})
    async with http.post(f"{venue.url}/order", json={"id": "taker", "qty": "0.05", "price": "1010"}) as answer:
        assert answer.status == 200
    alice = venue.state()["accounts"]["alice"]
    assert [(order["client_id"], order["status"]) for order in alice["orders"]] == [("taker", "filled")]
    assert alice["open_orders"] == [] and alice["fills"] and alice["positions"]["TOY"]["qty"] == "0.05"


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("faults", {"kind": "earthquake"}, "unknown kind 'earthquake'"),
        ("faults", {"kind": "gap", "count": 0}, "count must be"),
        ("faults", {"kind": "gap", "match": 7}, "match must be"),
        ("faults", {"kind": "gap", "ms": 7}, "gap does not understand ms"),
        ("faults", {"kind": "http_delay", "ms": "soon"}, "ms must be"),
        ("faults", {"kind": "clock_skew"}, "clock_skew needs ms"),
        ("faults", [], "a fault is an object"),
        ("market", {"symbol": "NONE", "price": 1}, "unknown symbol"),
        ("market", {"symbol": "TOY", "price": "dear"}, "decimal numbers"),
        ("market", {"colour": "blue"}, "unknown field(s) colour"),
    ],
)
async def test_nonsense_is_refused_with_a_sentence(venue: Venue, http: Http, path: str, body: Any, message: str) -> None:
    async with http.post(f"{venue.url}/_paper/{path}", json=body) as answer:
        assert answer.status == 400
        assert message in (await answer.json())["error"]


async def test_the_control_plane_answers_this_machine_only(venue: Venue, http: Http) -> None:
    for headers in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}):
        async with http.get(f"{venue.url}/_paper/state", headers=headers) as answer:
            assert answer.status == 403
    assert venue.server.url.startswith("http://127.0.0.1:")


def test_the_kinds_are_those_of_the_contract() -> None:
    assert set(KINDS) == {
        "drop_ws",
        "mute_ws",
        "gap",
        "duplicate",
        "reorder",
        "corrupt_frame",
        "close_code",
        "http_status",
        "http_delay",
        "lose_reply",
        "refuse_connect",
        "expire_session",
        "clock_skew",
        "stale_book",
    }
