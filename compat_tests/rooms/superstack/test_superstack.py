"""Superstack: what is asked of the wallet service, what is forwarded, what its permissions and refusals become."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

import ccxt_dex
from ccxt_dex import paper
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.superstack import signing, tables

SYMBOL = "BTC/USDC:USDC"


@pytest_asyncio.fixture
async def ex(venue: Any) -> AsyncIterator[Any]:
    client = ccxt_dex.superstack(venue.config())
    yield client
    await client.close()


def bodies(venue: Any, path: str) -> list[Any]:
    return [json.loads(request.body) for request in venue.requests() if request.path == path and request.body]


async def test_what_comes_back_is_forwarded_as_it_is(venue: Any, ex: Any) -> None:
    """The service's hexadecimal numbers have no leading zeros and its nonce is its own: rebuilding would show."""
    order = await ex.create_order(SYMBOL, "limit", "buy", 0.001, 59000)
    asked, forwarded = bodies(venue, "/api/exchange")[-1], bodies(venue, "/exchange")[-1]
    assert order["status"] == "open" and forwarded["action"] == asked["action"] and list(forwarded["action"]) == list(asked["action"])
    assert forwarded["nonce"] == venue.adapter.last_nonce and set(asked) == {"action", "expiresAfter"}
    assert not {"nonce", "signature", "vaultAddress"} & set(asked)


async def test_the_key_goes_to_the_wallet_service_alone(venue: Any, ex: Any) -> None:
    await ex.create_order(SYMBOL, "limit", "buy", 0.001, 59000)
    with_key = {request.path for request in venue.requests() if ex.apiKey in str(dict(request.headers)) + request.body.decode()}
    assert with_key == {"/api/info", "/api/exchange"}


async def test_every_action_that_the_service_signs(venue: Any, ex: Any) -> None:
    await ex.load_markets()
    order = await ex.create_order(SYMBOL, "limit", "buy", 0.001, 59000)
    changed = await ex.edit_order(order["id"], SYMBOL, "limit", "buy", 0.002, 58000)
    await ex.cancel_order(changed["id"], SYMBOL)
    mine = await ex.create_order(SYMBOL, "limit", "buy", 0.001, 59000, {"clientOrderId": "mine"})
    await ex.cancel_order(mine["clientOrderId"], SYMBOL)
    await ex.cancel_all_orders_after(60_000)
    await ex.cancel_all_orders_after(0)
    await ex.set_margin_mode("isolated", SYMBOL, {"leverage": 5})
    await ex.create_order(SYMBOL, "market", "buy", 0.01)
    await ex.add_margin(SYMBOL, 10.41)
    await ex.transfer("USDC", 5, "swap", "spot")
    other = venue.config("bob")["walletAddress"]
    await ex.transfer("USDC", 1, "swap", other)
    await ex.transfer("PURR", 2, "spot", other)
    signed = {body["action"]["type"] for body in bodies(venue, "/api/exchange")}
    assert signed == set(tables.ACTIONS)
    assert bodies(venue, "/exchange")[-1]["vaultAddress"] is None
    owner = [body["action"] for body in bodies(venue, "/api/exchange") if tables.ACTIONS[body["action"]["type"]] == tables.TRANSFER]
    assert owner and not any(set(action) & set(tables.STAMPS) for action in owner)


@pytest.mark.parametrize(
    "call",
    [
        ("create_twap_order", SYMBOL, "buy", 0.1, 300_000),
        ("withdraw", "USDC", 5, "0x" + "1" * 40),
        ("create_sub_account", "x"),
        ("set_agent_abstraction", "u"),
    ],
)
async def test_what_it_does_not_sign_is_not_asked(venue: Any, ex: Any, call: Any) -> None:
    with pytest.raises(errors.NotSupported):
        await getattr(ex, call[0])(*call[1:])
    assert bodies(venue, "/api/exchange") == [] == bodies(venue, "/exchange")


async def test_orders_over_the_socket_are_signed_remotely(venue: Any, ex: Any) -> None:
    order = await ex.create_order_ws(SYMBOL, "limit", "buy", 0.001, 59000)
    assert order["status"] == "open" and bodies(venue, "/exchange") == []
    await ex.cancel_order_ws(order["id"], SYMBOL)
    assert await ex.fetch_open_orders(SYMBOL) == []


async def test_permissions(venue: Any) -> None:
    for kind, may_trade, may_move in (("view", False, False), ("trade", True, False), ("full", True, True)):
        client = ccxt_dex.superstack({**venue.adapter.credentials("alice", kind=kind), "urls": venue.config()["urls"]})
        try:
            assert (await client.fetch_balance())["USDC"]["total"] > 0
            for allowed, call in (
                (may_trade, client.create_order(SYMBOL, "limit", "buy", 0.001, 59000)),
                (may_move, client.transfer("USDC", 1, "swap", "spot")),
            ):
                if allowed:
                    await call
                else:
                    with pytest.raises(errors.PermissionDenied, match="permission"):
                        await call
        finally:
            await client.close()


async def test_a_permission_that_only_the_service_knows_of(venue: Any) -> None:
    config = {**venue.adapter.credentials("alice", kind="view"), "urls": venue.config()["urls"], "options": {"checkRole": False}}
    client = ccxt_dex.superstack(config)
    try:
        with pytest.raises(errors.PermissionDenied, match="trading permission"):
            await client.create_order(SYMBOL, "limit", "buy", 0.001, 59000)
    finally:
        await client.close()


async def test_the_account_is_looked_up(venue: Any) -> None:
    config = {**venue.adapter.credentials("alice", kind="lookup"), "urls": venue.config()["urls"]}
    client = ccxt_dex.superstack(config)
    try:
        assert (await client.fetch_balance())["USDC"]["total"] == 100_000
        assert client.walletAddress == venue.config()["walletAddress"]
    finally:
        await client.close()


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("fetch_accounts", ()), ("fetch_agents", ()), ("fetch_rate_limit_budget", ()), ("fetch_my_liquidations", (SYMBOL,)), ("fetch_open_interest", (SYMBOL,))],
)  # fmt: skip
async def test_the_account_is_looked_up_by_whatever_is_called_first(venue: Any, name: str, arguments: tuple[Any, ...]) -> None:
    client = ccxt_dex.superstack({**venue.adapter.credentials("alice", kind="lookup"), "urls": venue.config()["urls"]})
    try:
        assert await getattr(client, name)(*arguments) is not None
        assert client.walletAddress == venue.config()["walletAddress"]
    finally:
        await client.close()


@pytest.mark.parametrize(
    "said", [[], {}, {"user_info": None}, {"user_info": {"wallets": [None]}}, {"user_info": {"wallets": [{"network": "Ethereum"}]}}]
)
@pytest.mark.parametrize("kind", ["lookup", "full"])
async def test_an_answer_about_the_key_that_says_nothing(venue: Any, said: Any, kind: str) -> None:
    client = ccxt_dex.superstack({**venue.adapter.credentials("alice", kind=kind), "urls": venue.config()["urls"]})
    await venue.fault({"kind": "http_status", "status": 200, "body": json.dumps(said), "match": "GET /api/info", "count": 9})
    try:
        with pytest.raises((errors.BadResponse, errors.AuthenticationError)):
            await client.create_order(SYMBOL, "limit", "buy", 0.001, 59000)
        assert not venue.adapter.acted
    finally:
        await client.close()


async def test_a_wallet_of_somebody_else_is_named(venue: Any) -> None:
    client = ccxt_dex.superstack({**venue.config(), "walletAddress": venue.config("bob")["walletAddress"]})
    try:
        with pytest.raises(errors.AuthenticationError, match="has no wallet"):
            await client.create_order(SYMBOL, "limit", "buy", 0.001, 59000)
        with pytest.raises(errors.AuthenticationError, match="has no wallet"):
            await client.fetch_balance()
    finally:
        await client.close()


async def test_a_builder_that_nobody_asked_for_is_not_sent() -> None:
    injected = {"b": "0x" + "9" * 40, "f": 4}
    async with paper.start("superstack", seed=7, inject_builder=injected) as venue:
        client = ccxt_dex.superstack(venue.config())
        try:
            with pytest.raises(errors.OperationRejected, match="builder"):
                await client.create_order(SYMBOL, "limit", "buy", 0.001, 59000)
            assert bodies(venue, "/exchange") == [] and venue.server.log.orders_executed == 0
        finally:
            await client.close()


@pytest.mark.parametrize(
    "fault,kind",
    [({"status": 503}, errors.NetworkError), ({"status": 500, "body": "<html>oops</html>"}, errors.NetworkError), ({"status": 429, "body": "{}"}, errors.RateLimitExceeded),
     ({"status": 403, "body": "<html>firewall</html>"}, errors.PermissionDenied), ({"status": 200, "body": "<html>please wait</html>"}, errors.BadResponse),
     ({"status": 200, "body": "{}"}, errors.BadResponse), ({"status": 401, "body": '{"error":"Authentication failed, invalid API key"}'}, errors.AuthenticationError)],
)  # fmt: skip
async def test_trouble_with_the_wallet_service_means_that_nothing_was_placed(venue: Any, ex: Any, fault: Any, kind: Any) -> None:
    await ex.load_markets()
    await ex.create_order(SYMBOL, "limit", "buy", 0.001, 59000)
    await venue.fault({"kind": "http_status", "match": "POST /api/exchange", **fault})
    with pytest.raises(kind):
        await asyncio.wait_for(ex.create_order(SYMBOL, "limit", "buy", 0.001, 59000), 5)
    assert venue.server.log.orders_executed == 1 and ex.unresolved == {}


async def test_a_lost_answer_of_hyperliquid_is_looked_up_not_signed_again(venue: Any, ex: Any) -> None:
    await ex.load_markets()
    await venue.fault({"kind": "lose_reply", "match": "POST /exchange order"})
    order = await ex.create_order(SYMBOL, "limit", "buy", 0.001, 59000)
    assert order["status"] == "open" and venue.server.log.orders_executed == 1 and len(bodies(venue, "/api/exchange")) == 1


ORDER = {
    "type": "order",
    "orders": [{"a": 0, "b": True, "p": "100000", "s": "0.0001", "r": False, "t": {"limit": {"tif": "Gtc"}}}],
    "grouping": "na",
}


@pytest.mark.parametrize(
    "change",
    [{"action": {**ORDER, "builder": {"b": "0x1", "f": 1}}}, {"action": {**ORDER, "orders": []}}, {"vaultAddress": "0x" + "1" * 40}, {"expiresAfter": 5},
     {"action": {**ORDER, "orders": [{**ORDER["orders"][0], "p": "100001"}]}}],
)  # fmt: skip
def test_what_was_not_asked_for_is_refused(change: Any) -> None:
    payload = {"action": ORDER, "nonce": 1, "signature": {}, "vaultAddress": None, "expiresAfter": None}
    body = signing.ask(ORDER)
    assert signing.checked(body, {"payload": payload}) == payload
    with pytest.raises(signing.Altered):
        signing.checked(body, {"payload": {**payload, **change}})


def test_a_schedule_keeps_its_time_and_transfers_leave_theirs_to_the_service() -> None:
    assert signing.ask({"type": "scheduleCancel", "time": 5}) == {"action": {"type": "scheduleCancel", "time": 5}}
    assert signing.ask({"type": "usdClassTransfer", "amount": "5", "toPerp": True, "nonce": 5}) == {
        "action": {"type": "usdClassTransfer", "amount": "5", "toPerp": True}
    }
    assert signing.ask(ORDER, "0x" + "1" * 40, 7) == {"action": ORDER, "vaultAddress": "0x" + "1" * 40, "expiresAfter": 7}
