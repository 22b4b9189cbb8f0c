"""Sign-in, token, what is sent to whom, lost answers, refusals that come later; the venue is the room's own paper venue."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

import ccxt_dex
from ccxt_dex import paper, signers
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.treadfi import orders, parsing, signing
from ccxt_dex.reading import Unreadable

# throwaway key of the fact sheet; signatures made with eth-account 0.13.7
EVM = "0x0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
SIGNED = {
    "3f9c1e7a5b2d4c60": "0x83a7a6a45220b0dc8ac8b679efc768dd14f635c2d447eabde9903911d71f4cda5162b9b92837286b26383563a1a6382c87a4f7220d8d535f73b1fe7b9e294fff1c",
    "Wq7ZrT1bXn0pLs5u": "0xad15418bd33d9f27b2c31b3dd84adb6ab572f5e37db3f9d24be5d9684b8e3eac4c08733e015afa5c98abd0f7d1a0123779bd749235c756e78e12362e1c22799a1b",
}
SOLANA = "5c7d5254ec78e6e4a3ffbb067b9fdca6f2a761b6341101df279e5f61250a97e35a41de9b3430685d58b3c7e1e1e4a4b4d31ab143153e87f8cbb38b8d088f3201"
SYMBOL = "BTC/USDC:USDC"


@pytest.mark.parametrize("nonce", SIGNED)
def test_the_sign_in_of_an_evm_wallet(nonce: str) -> None:
    made = signers.make("eip712", EVM)
    body = signing.body(made.address, made.personal_sign(signing.message(nonce)), nonce, True)
    assert body == {
        "address": "0xfcad0b19bb29d4674531d6f115237e16afce377c",
        "signature": SIGNED[nonce],
        "nonce": nonce,
        "wallet_type": "evm",
    }


def test_the_sign_in_of_a_solana_wallet() -> None:
    made = signers.make("solana", bytes(range(32)))
    body = signing.body(made.address, made.sign(signing.message("3f9c1e7a5b2d4c60").encode()), "3f9c1e7a5b2d4c60", False)
    assert (
        body["signature"] == SOLANA and body["address"] == "FAe4sisG95oZ42w7buUn5qEE4TAnfTTFPiguZUHmhiF" and body["wallet_type"] == "solana"
    )


class Client:
    """A client of a paper venue whose requests are kept."""

    def __init__(self, venue: Any, **config: Any) -> None:
        self.venue = venue
        self.ex: Any = ccxt_dex.treadfi_pc({**venue.config(), **config})
        self.sent: list[tuple[str, str, dict[str, str], Any]] = []
        self._fetch, self.ex.fetch = self.ex.fetch, self.fetch

    async def fetch(self, url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        self.sent.append((urlsplit(url).path, method, dict(headers or {}), json.loads(body) if body else None))
        return await self._fetch(url, method, headers, body)

    def to(self, path: str) -> list[Any]:
        return [entry for entry in self.sent if path in entry[0]]


@pytest_asyncio.fixture
async def token() -> AsyncIterator[Client]:
    async with paper.start("treadfi_pc", seed=7, accounts=2) as venue:
        await venue.market({"pause": True})
        client = Client(venue)
        await client.ex.load_markets()
        yield client
        await client.ex.close()


@pytest_asyncio.fixture
async def wallet() -> AsyncIterator[Client]:
    async with paper.start("treadfi_pc", seed=7, accounts=2, login="wallet") as venue:
        await venue.market({"pause": True})
        client = Client(venue)
        await client.ex.load_markets()
        yield client
        await client.ex.close()


async def test_the_body_of_an_order(token: Client) -> None:
    order = await token.ex.create_order(SYMBOL, "limit", "buy", 0.001, 100_000, {"clientOrderId": "mine-1", "reduceOnly": False})
    ((_, _, headers, body),) = [entry for entry in token.to("/tread/api/orders/") if entry[1] == "POST"]
    assert body == {
        "accounts": [token.ex.uid],
        "pair": "BTC:PERP-USDC",
        "side": "buy",
        "strategy": "Limit",
        "base_asset_qty": "0.001",
        "limit_price": "100000",
        "duration": 86400,
        "strategy_params": {"reduce_only": False},
        "custom_order_id": "mine-1",
    }
    assert headers["Authorization"] == f"Token {token.ex.apiKey}" and order["clientOrderId"] == "mine-1"


async def test_the_token_goes_to_tread_alone(token: Client) -> None:
    await token.ex.fetch_balance()
    await token.ex.create_order(SYMBOL, "market", "buy", 0.001)
    venue = [entry for entry in token.sent if not entry[0].startswith("/tread/")]
    assert venue and not any(token.ex.apiKey in json.dumps(entry) for entry in venue)
    assert {entry[1] for entry in venue} == {"GET"}, "nothing is signed at the venue"


@pytest.mark.parametrize("kind", ["token", "wallet"])
async def test_no_venue_action_is_signed_whatever_keys_are_there(kind: str, request: pytest.FixtureRequest) -> None:
    async with paper.start("treadfi_pc", seed=7, login=kind) as venue:
        key = venue.server.adapter.credentials("alice", "wallet")["secret"]
        client = Client(venue, privateKey=key, secret=key)
        try:
            await client.ex.load_markets()
            for call in ("private_post_orders_create_market", "private_post_account_withdraw", "private_post_agent_bind"):
                with pytest.raises(errors.NotSupported):
                    await client.ex.call(call, {"symbol": "BTC"})
            with pytest.raises((errors.NotSupported, errors.BaseError)):
                await client.ex.transfer("USDC", 1, "a", "b")
            assert not [entry for entry in client.sent if entry[1] == "POST" and not entry[0].startswith("/tread/")]
        finally:
            await client.ex.close()


async def test_a_wallet_signs_in_once_for_many_requests(wallet: Client) -> None:
    await wallet.ex.create_order(SYMBOL, "limit", "buy", 0.001, 100_000)
    await wallet.ex.fetch_open_orders()
    assert len(wallet.to("wallet_auth")) == 1
    (post,) = [entry for entry in wallet.to("/tread/api/orders/") if entry[1] == "POST"]
    assert post[2]["X-CSRFToken"] and "sessionid=" in post[2]["Cookie"] and "csrftoken=" in post[2]["Cookie"]
    (read,) = wallet.to("active_orders")
    assert "X-CSRFToken" not in read[2] and "Authorization" not in read[2]


async def test_an_expired_session_is_renewed_and_nothing_is_sent_twice(wallet: Client) -> None:
    first = await wallet.ex.create_order(SYMBOL, "limit", "buy", 0.001, 100_000)
    await wallet.venue.fault({"kind": "expire_session"})
    assert [order["id"] for order in await wallet.ex.fetch_open_orders()] == [first["id"]]
    await wallet.venue.fault({"kind": "expire_session"})
    second = await wallet.ex.create_order(SYMBOL, "limit", "sell", 0.001, 110_000)
    assert len(wallet.to("wallet_auth")) == 3 and wallet.venue.server.log.orders_executed == 2
    await wallet.venue.fault({"kind": "expire_session"})
    await wallet.ex.cancel_order(second["id"], SYMBOL)
    assert [order["id"] for order in await wallet.ex.fetch_open_orders()] == [first["id"]]


async def test_session_mode_sets_leverage_and_margin_mode_in_one_request(wallet: Client) -> None:
    await wallet.ex.set_leverage(7, SYMBOL)
    body = wallet.to("internal/sor/set_leverage")[0][3]
    assert (body["leverage"], body["margin_mode"], body["pair"]) == (7, "CROSS", "BTC:PERP-USDC")
    await wallet.ex.set_margin_mode("isolated", SYMBOL)
    assert wallet.to("internal/sor/set_leverage")[1][3]["leverage"] == 7
    assert (await wallet.ex.fetch_leverage(SYMBOL))["marginMode"] == "isolated"
    assert wallet.venue.engine.leverage("alice", "BTC") == 7


async def test_session_mode_watches_orders_by_asking(wallet: Client) -> None:
    wallet.ex.options["pollSeconds"] = 0.05
    order = await wallet.ex.create_order(SYMBOL, "limit", "buy", 0.001, 100_000)
    seen = await wallet.ex.watch_orders(SYMBOL)
    assert [row["id"] for row in seen] == [order["id"]]


async def test_a_lost_answer_is_resolved_by_the_custom_id(token: Client) -> None:
    await token.venue.fault({"kind": "lose_reply", "match": "POST /tread/api/orders/"})
    order = await token.ex.create_order(SYMBOL, "limit", "buy", 0.001, 100_000, {"clientOrderId": "mine"})
    assert order["id"] and order["clientOrderId"] == "mine" and token.venue.server.log.orders_executed == 1


async def test_a_refusal_of_the_venue_comes_later_and_is_raised(token: Client) -> None:
    with pytest.raises(errors.InsufficientFunds):
        await token.ex.create_order(SYMBOL, "limit", "buy", 900, 100_000)
    (row,) = await token.ex.fetch_orders(SYMBOL)
    assert row["status"] == "rejected" and row["filled"] == 0


async def test_cancel_all_is_about_this_account_and_symbol(token: Client) -> None:
    kept = await token.ex.create_order("ETH/USDC:USDC", "limit", "buy", 0.01, 2500)
    await token.ex.create_order(SYMBOL, "limit", "buy", 0.001, 100_000)
    await token.ex.cancel_all_orders(SYMBOL)
    assert [order["id"] for order in await token.ex.fetch_open_orders()] == [kept["id"]]
    assert not token.to("cancel_all_orders"), "that request cancels on every account and venue"


async def test_the_account_must_be_one_of_this_venue(token: Client) -> None:
    token.ex.uid = "other"
    with pytest.raises(errors.AuthenticationError, match="OKX"):
        await token.ex.set_leverage(5, SYMBOL)


@pytest.mark.parametrize(
    "name", ["triggerPrice", "stopLossPrice", "takeProfitPrice", "stopLoss", "takeProfit", "postOnly", "trailingPercent"]
)
async def test_what_tread_does_not_document_is_refused(token: Client, name: str) -> None:
    before = len(token.sent)
    with pytest.raises(errors.NotSupported):
        await token.ex.create_order(
            SYMBOL, "limit", "buy", 0.001, 100_000, {name: {"triggerPrice": 1} if name in ("stopLoss", "takeProfit") else True}
        )
    assert not [entry for entry in token.sent[before:] if entry[1] == "POST"]


async def test_the_token_is_in_no_url_that_is_kept(token: Client) -> None:
    import asyncio

    waiting = asyncio.ensure_future(token.ex.watch_orders(SYMBOL))
    order = await token.ex.create_order(SYMBOL, "limit", "buy", 0.001, 100_000)
    seen = await asyncio.wait_for(waiting, 5)
    assert seen[-1]["id"] == order["id"]
    await asyncio.wait_for(token.ex.watch_order_book(SYMBOL), 5)
    for url, client in token.ex.clients.items():
        assert token.ex.apiKey not in url and token.ex.apiKey not in json.dumps(client.options.get("headers") or {})
        assert client.dial_url is None or "/tread/" in client.dial_url
    assert token.ex.apiKey not in str(token.ex.stream_status())


# list reply of the documentation, verbatim but for what it leaves out
DOCUMENTED = {
    "id": "6debb950-614a-4366-b73b-7d7574fd9e15",
    "custom_order_id": "order_123",
    "pair": "BTC-USD",
    "side": "buy",
    "executed_qty": "0.05",
    "average_executed_price": "50000.00",
    "executed_notional": "2500.00",
    "target_order_qty": "0.1",
    "target_remaining_qty": "0.05",
    "target_token": "BTC",
    "target_executed_qty": "0.05",
    "pct_filled": "50.00",
    "total_fee": "2.50",
    "strategy": "TWAP",
    "status": "ACTIVE",
}


def test_the_documented_row() -> None:
    fields = parsing.order(DOCUMENTED)
    wanted = {"status": "open", "filled": "0.05", "average": "50000", "cost": "2500", "amount": "0.1", "fee": "2.5", "price": None}
    assert {name: fields[name] for name in wanted} == wanted


@pytest.mark.parametrize(
    "change,status",
    [
        ({"status": "COMPLETE"}, "closed"),
        ({"status": "COMPLETED"}, "closed"),
        ({"status": "PAUSED"}, "open"),
        ({"status": "CANCELED"}, "canceled"),
        ({"status": "CANCELED", "failure_reason": "Insufficient margin", "target_executed_qty": "0"}, "rejected"),
        ({"status": "CANCELED", "failure_reason": "late"}, "canceled"),
    ],
)
def test_statuses(change: dict[str, str], status: str) -> None:
    assert parsing.order({**DOCUMENTED, **change})["status"] == status


def test_unknown_words_fail_loudly() -> None:
    for change in ({"status": "DANCING"}, {"side": "Multi"}):
        with pytest.raises(Unreadable):
            parsing.order({**DOCUMENTED, **change})


@pytest.mark.parametrize(
    "body,text",
    [
        ({"error": "a"}, "a"),
        ({"message": "b"}, "b"),
        ({"errors": ["c", "d"]}, "c; d"),
        ({"detail": "e"}, "e"),
        ({"pair": ["unknown"]}, "pair: unknown"),
        ("text", "text"),
    ],
)
def test_errors_in_all_their_forms(body: Any, text: str) -> None:
    assert parsing.error_text(body) == text


def test_sizes_off_the_grid_are_refused() -> None:
    from decimal import Decimal

    grid = {"tick": Decimal(1), "lot": Decimal("0.001"), "minimum": Decimal(10)}
    with pytest.raises(ValueError, match="multiple"):
        orders.create("a", "BTC:PERP-USDC", grid, "limit", "buy", 0.0015, 100, {"clientOrderId": "x"})
    with pytest.raises(ValueError, match="below the minimum"):
        orders.create("a", "BTC:PERP-USDC", grid, "limit", "buy", 0.001, 100, {"clientOrderId": "x"})
