"""Attempts to break it: keys in each other's place, clocks that are off, processes that share a key, frames and answers that make no sense."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

import ccxt_dex
from ccxt_dex import nonces, paper
from ccxt_dex._ccxt import errors
from ccxt_dex.paper import server

SYMBOL = "BTC/USDC:USDC"
TOP = Path(__file__).resolve().parents[3]


class Desk:
    def __init__(self, venue: Any) -> None:
        self.venue, self.opened = venue, list[Any]()
        self.master = venue.adapter.credentials("alice", kind="master")
        self.both = venue.adapter.credentials("alice", kind="agent")
        self.agent = venue.adapter.credentials("alice", kind="agent-only")

    def client(self, **config: Any) -> Any:
        """A client of the venue; without keys of its own it signs with the account's."""
        keys = config if "privateKey" in config else {**self.master, **config}
        self.opened.append(ccxt_dex.hyperliquid({"enableRateLimit": False, **keys, "urls": self.venue.config()["urls"]}))
        return self.opened[-1]

    def acted(self) -> list[dict[str, Any]]:
        """Signed bodies that arrived, over REST and the socket."""
        found = []
        for request in self.venue.requests():
            if request.path == "/exchange":
                found.append(json.loads(request.body))
            elif request.method == "WS" and b'"post"' in request.body:
                found.append(json.loads(request.body)["request"]["payload"])
        return found

    def open(self) -> list[Any]:
        return list(self.venue.engine.open_orders("alice"))


@pytest_asyncio.fixture
async def desk() -> AsyncIterator[Desk]:
    async with paper.start("hyperliquid", seed=7, accounts=2) as venue:
        await venue.market({"pause": True})
        found = Desk(venue)
        try:
            yield found
        finally:
            for ex in found.opened:
                await ex.close()


# --- keys ---------------------------------------------------------------------------------------------------------------------------


async def test_an_api_wallet_s_key_in_the_place_of_the_account_s(desk: Desk) -> None:
    """It may trade; what only the account may do is refused before anything is sent."""
    agent = desk.agent["privateKey"]
    ex = desk.client(**{**desk.both, "secret": agent})
    assert (await ex.create_order(SYMBOL, "limit", "buy", 0.001, 59000))["status"] == "open"
    sent = len(desk.acted())
    for call in (
        ex.transfer("USDC", 5, "swap", "spot"),
        ex.withdraw("USDC", 5, "0x" + "1" * 40),
        ex.approve_agent("0x" + "2" * 40),
        ex.approve_builder_fee("0x" + "3" * 40, "0.01%"),
    ):
        with pytest.raises(errors.AuthenticationError, match="secret is that of") as caught:
            await call
        assert agent[2:] not in str(caught.value)
    assert len(desk.acted()) == sent


async def test_the_account_s_key_in_the_place_of_an_api_wallet_s(desk: Desk) -> None:
    ex = desk.client(**{**desk.master, "secret": desk.agent["privateKey"]})
    assert (await ex.create_order(SYMBOL, "limit", "buy", 0.001, 59000))["status"] == "open"
    with pytest.raises(errors.AuthenticationError, match="give the account's key as secret"):
        await ex.transfer("USDC", 5, "swap", "spot")


@pytest.mark.parametrize("whose", ["another account's", "another account's API wallet's"])
async def test_keys_of_somebody_else(desk: Desk, whose: str) -> None:
    other = desk.venue.adapter.credentials("bob", kind="master" if whose == "another account's" else "agent-only")
    ex = desk.client(walletAddress=desk.master["walletAddress"], privateKey=other["privateKey"])
    for call in (lambda: ex.create_order(SYMBOL, "limit", "buy", 0.001, 59000), ex.fetch_balance, ex.cancel_all_orders, ex.watch_orders):
        with pytest.raises(errors.AuthenticationError):
            await asyncio.wait_for(call(), 5)
    assert desk.acted() == [] and desk.open() == []


async def test_an_api_wallet_that_was_revoked_meanwhile(desk: Desk) -> None:
    ex = desk.client(**desk.agent)
    order = await ex.create_order(SYMBOL, "limit", "buy", 0.001, 59000)
    desk.venue.adapter.identity.agents.clear()
    before = len(desk.acted())
    for call in (lambda: ex.create_order(SYMBOL, "limit", "buy", 0.001, 58000), lambda: ex.cancel_order(order["id"], SYMBOL)):
        with pytest.raises(errors.AuthenticationError, match="recovered from the signature"):
            await call()
    assert len(desk.acted()) == before + 2 and len(desk.open()) == 1, "told once each, nothing repeated"


# --- clocks and nonces ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes", [-1, 1])
async def test_a_clock_that_is_off_by_a_minute(desk: Desk, minutes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Orders expire by the venue's clock: with ours they would be dead on arrival, or live far too long. Every answer is dated."""
    await desk.venue.fault({"kind": "clock_skew", "ms": minutes * 60_000})
    plain = server._response

    def dated(reply: Any) -> Any:
        response = plain(reply)
        response.headers["Date"] = formatdate(desk.venue.adapter.time() / 1000, usegmt=True)
        return response

    monkeypatch.setattr(server, "_response", dated)
    ex = desk.client()
    await ex.load_markets()
    for over_ws in (False, True):
        place = ex.create_order_ws if over_ws else ex.create_order
        assert (await place(SYMBOL, "limit", "buy", 0.001, 59000))["status"] == "open"
    now = desk.venue.adapter.time()
    for body in desk.acted():
        assert abs(body["nonce"] - now) < 5_000 and 10_000 < body["expiresAfter"] - now < 17_000


async def test_nonces_leave_room_for_other_processes(desk: Desk) -> None:
    ex = desk.client()
    await asyncio.gather(*(ex.create_order(SYMBOL, "limit", "buy", 0.001, 59000 - step) for step in range(20)))
    used = [body["nonce"] for body in desk.acted()]
    assert len(set(used)) == 20 and len({nonce & 7 for nonce in used}) == 1


async def test_nowhere_to_keep_locks(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A read-only container trades."""

    def refused(*_: Any) -> int:
        raise PermissionError("read-only file system")

    monkeypatch.setattr(nonces, "slot_nonce", refused)
    assert (await desk.client().create_order(SYMBOL, "limit", "buy", 0.001, 59000))["status"] == "open"


CHILD = """
import asyncio, json, sys
import ccxt_dex
async def main():
    ex = ccxt_dex.hyperliquid(json.loads(sys.argv[1]))
    await ex.load_markets()
    print("ready", flush=True)
    sys.stdin.readline()
    rows = await asyncio.gather(*(ex.create_order("BTC/USDC:USDC", "limit", "buy", 0.001, 50000 + int(sys.argv[2]) + 10 * step) for step in range(25)))
    print(json.dumps([row["status"] for row in rows]), flush=True)
    await ex.close()
asyncio.run(main())
"""


@pytest.mark.campaign
async def test_three_processes_share_a_key(desk: Desk) -> None:
    config = {**desk.master, "urls": desk.venue.config()["urls"]}
    pipe = asyncio.subprocess.PIPE
    children = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", CHILD, json.dumps(config), str(number), stdin=pipe, stdout=pipe, cwd=TOP)
        for number in range(3)
    ]
    for child in children:
        assert child.stdout is not None and (await asyncio.wait_for(child.stdout.readline(), 60)).strip() == b"ready"
    outputs = await asyncio.gather(*(asyncio.wait_for(child.communicate(b"go\n"), 60) for child in children))
    assert [json.loads(output) for output, _ in outputs] == [["open"] * 25] * 3
    used = [body["nonce"] for body in desk.acted()]
    assert len(desk.open()) == 75 and len(set(used)) == len(used) == 75


async def patiently(call: Any, *arguments: Any) -> Any:
    """Again and again, as long as it says that nothing has left: while a connection is repaired, orders are not kept waiting."""
    for _ in range(500):
        try:
            return await asyncio.wait_for(call(*arguments), 10)
        except errors.NetworkError as error:
            assert getattr(error, "verdict", None) == "not_sent", error
            await asyncio.sleep(0.02)
    raise AssertionError("the connection never came back")


# --- the socket ---------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "lose_reply", "match": "order"},
        {"kind": "gap", "match": "post"},
        {"kind": "corrupt_frame", "match": "post"},
        {"kind": "corrupt_frame", "match": "post", "text": '{"channel":"post","data":{"id":null,"response":null}}'},
        {"kind": "corrupt_frame", "match": "post", "text": "[]"},
        {"kind": "drop_ws", "match": "post"},
        {"kind": "close_code", "match": "post", "code": 1011},
    ],
    ids=lambda fault: "-".join(str(value) for value in fault.values()),
)
async def test_an_order_over_the_socket_that_gets_no_sensible_answer(desk: Desk, fault: dict[str, Any]) -> None:
    """Executed once, sent once, and found."""
    ex = desk.client()
    ex.options["ws"] = {"requestTimeout": 0.4}
    await ex.load_markets()
    await asyncio.wait_for(ex.watch_bids_asks([SYMBOL]), 5)
    await desk.venue.fault(fault)
    order = await asyncio.wait_for(ex.create_order_ws(SYMBOL, "limit", "buy", 0.001, 59000), 10)
    assert order["status"] == "open" and len(desk.open()) == 1
    assert [body["action"]["type"] for body in desk.acted()] == ["order"]
    cancelled = await patiently(ex.cancel_order_ws, order["id"], SYMBOL)
    assert cancelled["id"] == order["id"] and desk.open() == []


async def test_a_socket_that_broke_before_the_order_left(desk: Desk) -> None:
    ex = desk.client()
    await ex.load_markets()
    await asyncio.wait_for(ex.watch_bids_asks([SYMBOL]), 5)
    await desk.venue.fault({"kind": "drop_ws"})
    placed = await patiently(ex.create_order_ws, SYMBOL, "limit", "buy", 0.001, 59000)
    assert placed["status"] == "open" and len(desk.open()) == len(desk.acted()) == 1


GARBAGE = {
    "no JSON": "nonsense {",
    "another type": "[]",
    "nothing": "null",
    "unknown": '{"channel":"nonsense","data":{}}',
    "an error that names nothing": '{"channel":"error","data":"Error parsing JSON into valid websocket request"}',
    "an answer to nobody": '{"channel":"post","data":{"id":99999,"response":{"type":"action","payload":{"status":"err","response":"?"}}}}',
    "a book without levels": '{"channel":"l2Book","data":{"coin":"BTC","time":1,"levels":null}}',
    "orders without names": '{"channel":"orderUpdates","data":[{"order":{},"status":"open"}]}',
    "an unknown status": '{"channel":"orderUpdates","data":[{"order":{"coin":"BTC","side":"B","limitPx":"1","sz":"1","oid":1,"timestamp":1,"origSz":"1"},'
    '"status":"dancing","statusTimestamp":1}]}',
    "fills without numbers": '{"channel":"userFills","data":{"fills":[{"coin":"BTC"}]}}',
}


@pytest.mark.parametrize("text", GARBAGE.values(), ids=GARBAGE)
async def test_a_frame_that_makes_no_sense(desk: Desk, until: Callable[..., Awaitable[Any]], text: str) -> None:
    """Whatever arrives in between, the pending calls get what they wait for, once, and nothing that was made of it."""
    ex = desk.client()
    await ex.load_markets()
    seen: dict[str, list[Any]] = {"orders": [], "trades": [], "books": []}

    async def follow(name: str, method: Any) -> None:
        while True:
            rows = await method(SYMBOL)
            seen[name] += [rows["bids"][0][0]] if name == "books" else list(rows)

    methods = {"orders": ex.watch_orders, "trades": ex.watch_my_trades, "books": ex.watch_order_book}
    tasks = [asyncio.ensure_future(follow(name, method)) for name, method in methods.items()]
    try:
        await until(lambda: desk.venue.subscribed(3) and seen["books"])
        (socket,) = desk.venue.server.connections
        await socket._ws.send_str(text)
        order = await ex.create_order(SYMBOL, "market", "buy", 0.001)
        await desk.venue.market({"symbol": "BTC", "price": 61_000})
        await until(lambda: [row for row in seen["orders"] if row["id"] == order["id"] and row["status"] == "closed"])
        await until(lambda: seen["trades"])
        await until(lambda: abs(seen["books"][-1] - 61_000) < 100)
        assert not any(task.done() for task in tasks)
        assert {row["id"] for row in seen["orders"]} == {row["order"] for row in seen["trades"]} == {order["id"]}
        fills = desk.venue.engine.fills("alice")
        assert len(seen["trades"]) == len({row["id"] for row in seen["trades"]}) == len(fills)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
