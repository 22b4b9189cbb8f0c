"""Pair names, the price rule, sign-in, what is sent to whom; the venue is the room's own paper venue. What both flavours share is tested over Pacifica."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

import ccxt_dex
from ccxt_dex import paper
from ccxt_dex._ccxt import errors
from ccxt_dex.exact import Refused
from ccxt_dex.exchanges.hyperliquid import signing
from ccxt_dex.exchanges.hyperliquid.orders import price_step
from ccxt_dex.exchanges.treadfi import orders, tables
from ccxt_dex.signers.eip712 import Eip712Signer

SYMBOL = "BTC/USDC:USDC"
BUILDERS = "XYZ-XYZ100/USDC:USDC"


class Client:
    """A client of a paper venue whose requests are kept."""

    def __init__(self, venue: Any, **config: Any) -> None:
        self.venue = venue
        self.ex: Any = ccxt_dex.treadfi_hl({**venue.config(), **config})
        self.sent: list[tuple[str, str, dict[str, str], Any]] = []
        self._fetch, self.ex.fetch = self.ex.fetch, self.fetch

    async def fetch(self, url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        self.sent.append((urlsplit(url).path, method, dict(headers or {}), json.loads(body) if body else None))
        return await self._fetch(url, method, headers, body)

    def to(self, path: str) -> list[Any]:
        return [entry for entry in self.sent if path in entry[0]]

    def placed(self) -> list[Any]:
        return [entry[3] for entry in self.to("/tread/api/orders/") if entry[1] == "POST"]


@pytest_asyncio.fixture
async def token() -> AsyncIterator[Client]:
    async with paper.start("treadfi_hl", seed=7, accounts=2) as venue:
        await venue.market({"pause": True})
        client = Client(venue)
        await client.ex.load_markets()
        yield client
        await client.ex.close()


@pytest_asyncio.fixture
async def wallet() -> AsyncIterator[Client]:
    async with paper.start("treadfi_hl", seed=7, accounts=2, login="wallet") as venue:
        await venue.market({"pause": True})
        client = Client(venue)
        await client.ex.load_markets()
        yield client
        await client.ex.close()


# --- names --------------------------------------------------------------------------------------------------------------------------


async def test_the_body_of_an_order(token: Client) -> None:
    order = await token.ex.create_order(SYMBOL, "limit", "buy", 0.001, 50_000, {"clientOrderId": "mine-1"})
    assert token.placed() == [
        {
            "accounts": [token.ex.uid],
            "pair": "BTC:PERP-USDC",
            "side": "buy",
            "strategy": "Limit",
            "base_asset_qty": "0.001",
            "limit_price": "50000",
            "duration": 86400,
            "strategy_params": {"reduce_only": False},
            "custom_order_id": "mine-1",
        }
    ]
    assert order["clientOrderId"] == "mine-1" and order["status"] == "open"


async def test_markets_of_builders_dexes(token: Client) -> None:
    order = await token.ex.create_order(BUILDERS, "market", "buy", 0.01)
    assert [body["pair"] for body in token.placed()] == ["xyz_XYZ100:PERP-USDC"]
    assert order["symbol"] == BUILDERS and token.venue.engine.account("alice").positions["xyz:XYZ100"].qty == Decimal("0.01")
    (position,) = await token.ex.fetch_positions([BUILDERS])
    assert position["contracts"] == 0.01


@pytest.mark.parametrize(
    "coin,quote,pair",
    [
        ("BTC", "USDC", "BTC:PERP-USDC"),
        ("kPEPE", "USDC", "kPEPE:PERP-USDC"),
        ("xyz:XYZ100", "USDC", "xyz_XYZ100:PERP-USDC"),
        ("hyna:BTC", "USDE", "hyna_BTC:PERP-USDE"),
    ],
)
def test_the_rule_of_pair_names(coin: str, quote: str, pair: str) -> None:
    assert ccxt_dex.treadfi_hl().pair_by_rule({"baseName": coin, "quote": quote}) == pair


@pytest.mark.parametrize(
    "pairs,wanted",
    [
        ({"BTC-PERP:X-USDC": {"Hyperliquid": "BTC"}, "BTC:PERP-USDT": {"OKX": "BTC"}}, "BTC-PERP:X-USDC"),
        ({"BTC-USDC": {"Hyperliquid": "BTC"}}, "BTC:PERP-USDC"),
        ({"hyna_BTC:PERP-USDE": {"Hyperliquid": "BTC"}, "BTC:PERP-USDC": {"Hyperliquid": "BTC"}}, "BTC:PERP-USDC"),
        ({}, "BTC:PERP-USDC"),
    ],
    ids=["the map decides", "a spot pair is none", "a name of two pairs decides nothing", "nothing known"],
)
async def test_the_pair_map(token: Client, monkeypatch: pytest.MonkeyPatch, pairs: Any, wanted: str) -> None:
    async def answer(name: str, params: Any = None) -> Any:
        return {"pairs": pairs}

    monkeypatch.setattr(token.ex, "call", answer)
    assert await token.ex.pair_of(SYMBOL) == wanted
    assert token.ex.market_of_pair(wanted)["symbol"] == SYMBOL and token.ex.market_of_pair("ABC:PERP-USDC") is None


async def test_spot_is_not_there(token: Client) -> None:
    assert token.ex.has["spot"] is False and {market["type"] for market in token.ex.markets.values()} == {"swap"}


# --- the price rule -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("price", [60000.5, 60000.25, 0.1234567])
async def test_a_price_that_the_venue_does_not_know_is_not_sent(token: Client, price: float) -> None:
    with pytest.raises(errors.InvalidOrder):
        await token.ex.create_order(SYMBOL, "limit", "buy", 0.01, price)
    resting = await token.ex.create_order(SYMBOL, "limit", "buy", 0.01, 50_000)
    with pytest.raises(errors.InvalidOrder):
        await token.ex.edit_order(resting["id"], SYMBOL, "limit", "buy", 0.01, price)
    assert len(token.placed()) == 1 and not token.to("amend_order")


@given(st.decimals(min_value=Decimal("0.001"), max_value=Decimal(2_000_000), places=6), st.integers(0, 5))
def test_every_price_is_sent_as_asked_or_refused(price: Decimal, digits: int) -> None:
    market = {"precision": {"amount": Decimal(1).scaleb(-digits)}}
    grid = {"tick": lambda value: price_step(value, market), "lot": Decimal(1).scaleb(-digits), "minimum": None}
    try:
        body, _ = orders.create("a", "X:PERP-USDC", grid, "limit", "buy", 1, price, {"clientOrderId": "x"})
    except Refused:
        assert price % price_step(price, market)
        return
    sent = Decimal(body["limit_price"])
    assert sent == price
    assert sent == sent.to_integral_value() or (
        len(sent.normalize().as_tuple().digits) <= 5 and -int(sent.normalize().as_tuple().exponent) <= 6 - digits
    )


# --- keys -----------------------------------------------------------------------------------------------------------------------------


async def test_the_token_goes_to_tread_alone(token: Client) -> None:
    await token.ex.fetch_balance()
    await token.ex.create_order(SYMBOL, "market", "buy", 0.001)
    venue = [entry for entry in token.sent if not entry[0].startswith("/tread/")]
    assert venue and {entry[0] for entry in venue} == {"/info"}
    assert not any(token.ex.apiKey in json.dumps(entry) for entry in venue)


async def test_tread_sees_a_browser(token: Client) -> None:
    """What was really sent: the gateway refuses the default agents of libraries."""
    seen: list[str] = []
    identity = token.venue.server.adapter.people
    who = identity.who

    def watched(request: Any) -> Any:
        seen.append(request.headers.get("user-agent", ""))
        return who(request)

    identity.who = watched
    await token.ex.create_order(SYMBOL, "limit", "buy", 0.001, 50_000)
    assert seen and set(seen) == {tables.USER_AGENT}


ACTIONS: list[tuple[str, tuple[Any, ...]]] = [
    ("transfer", ("USDC", 1, "spot", "swap")),
    ("withdraw", ("USDC", 5, "0x" + "1" * 40)),
    ("add_margin", (SYMBOL, 1)),
    ("reduce_margin", (SYMBOL, 1)),
    ("cancel_all_orders_after", (10_000,)),
    ("create_order_ws", (SYMBOL, "limit", "buy", 0.01, 50_000)),
    ("create_orders_ws", ([{"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 0.01, "price": 50_000}],)),
    ("edit_order_ws", ("1", SYMBOL, "limit", "buy", 0.01, 50_000)),
    ("edit_orders", ([{"id": "1", "symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 0.01, "price": 50_000}],)),
    ("cancel_order_ws", ("1", SYMBOL)),
    ("cancel_orders_ws", (["1"], SYMBOL)),
    ("cancel_all_orders_ws", (SYMBOL,)),
    ("cancel_orders_for_symbols", ([{"id": "1", "symbol": SYMBOL}],)),
    ("cancel_twap_order", ("1", SYMBOL)),
    ("fetch_order_trades", ("6debb950-614a-4366-b73b-7d7574fd9e15", SYMBOL)),
    ("create_vault", ("name", "text", 100)),
    ("create_sub_account", ("name",)),
    ("approve_agent", ("0x" + "1" * 40,)),
    ("approve_builder_fee", ("0x" + "1" * 40, "0.01%")),
    ("vault_deposit", ("0x" + "1" * 40, 1)),
    ("reserve_request_weight", (1,)),
    ("set_user_abstraction", ("disabled",)),
    ("enable_user_dex_abstraction", (True,)),
]


@pytest_asyncio.fixture
async def keyed() -> AsyncIterator[Client]:
    """Signs in with a wallet, and has that key as privateKey too: the worst that a user can set."""
    async with paper.start("treadfi_hl", seed=7, login="wallet") as venue:
        key = venue.config()["secret"]
        client = Client(venue, privateKey=key)
        await client.ex.load_markets()
        yield client
        await client.ex.close()


@pytest.mark.parametrize("name,args", ACTIONS, ids=[name for name, _ in ACTIONS])
async def test_no_action_of_the_venue_is_signed(keyed: Client, name: str, args: tuple[Any, ...]) -> None:
    with pytest.raises(errors.NotSupported):
        await getattr(keyed.ex, name)(*args)
    assert not keyed.to("/exchange") and not keyed.venue.server.adapter.acted


async def test_neither_is_one_that_is_made_by_hand(keyed: Client) -> None:
    ex = keyed.ex
    for make in (
        lambda: ex.sign_l1_action({"type": "order"}, 1),
        lambda: ex.sign_user_signed_action({"X": [{"name": "a", "type": "string"}]}, {"a": "b"}),
        lambda: ex.build_usd_send_sig({"hyperliquidChain": "Mainnet", "destination": "0x", "amount": "1", "time": 1}),
        lambda: ex.sign_message("ab", ex.privateKey),
        lambda: ex.sign_hash("ab" * 32, ex.privateKey),
    ):
        with pytest.raises(errors.NotSupported):
            make()
    with pytest.raises(errors.NotSupported):
        await ex.call("private_post_exchange", {"action": {"type": "order"}})
    assert not keyed.to("/exchange")


async def test_no_key_reaches_a_signer_but_that_of_the_sign_in(keyed: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that a bot does, with every signature of the process written down."""
    signed: list[Any] = []
    told = Eip712Signer.personal_sign

    def personal(self: Any, message: Any) -> Any:
        signed.append(message)
        return told(self, message)

    def forbidden(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError("something else was signed")

    monkeypatch.setattr(Eip712Signer, "personal_sign", personal)
    monkeypatch.setattr(Eip712Signer, "sign_typed_data", forbidden)
    monkeypatch.setattr(signing, "l1_digest", forbidden)
    monkeypatch.setattr(signing, "user_digest", forbidden)
    ex = keyed.ex
    order = await ex.create_order(SYMBOL, "limit", "buy", 0.01, 50_000)
    await ex.edit_order(order["id"], SYMBOL, "limit", "buy", 0.02, 50_000)
    await ex.cancel_all_orders()
    await ex.set_leverage(5, SYMBOL)
    await ex.set_margin_mode("isolated", SYMBOL)
    await ex.create_order(SYMBOL, "market", "buy", 0.01)
    await ex.close_position(SYMBOL)
    await ex.fetch_balance()
    assert len(signed) == 1 and str(signed[0]).startswith("Sign in to Tread with nonce: ")
    assert not keyed.to("/exchange") and not any(row[3] and row[3].get("type") == "userRole" for row in keyed.to("/info"))


# --- sessions -------------------------------------------------------------------------------------------------------------------------


async def test_a_wallet_signs_in_once_for_many_requests(wallet: Client) -> None:
    await wallet.ex.create_order(SYMBOL, "limit", "buy", 0.001, 50_000)
    await wallet.ex.fetch_open_orders()
    (sign_in,) = wallet.to("wallet_auth")
    assert sign_in[3]["wallet_type"] == "evm" and sign_in[3]["signature"].startswith("0x") and len(sign_in[3]["signature"]) == 132
    (post,) = [entry for entry in wallet.to("/tread/api/orders/") if entry[1] == "POST"]
    assert post[2]["X-CSRFToken"] and "sessionid=" in post[2]["Cookie"] and "csrftoken=" in post[2]["Cookie"]
    (read,) = wallet.to("active_orders")
    assert "X-CSRFToken" not in read[2] and "Authorization" not in read[2]
    assert not any("Cookie" in entry[2] for entry in wallet.to("/info")), "cookies are Tread's"


async def test_an_expired_session_is_renewed_and_nothing_is_sent_twice(wallet: Client) -> None:
    first = await wallet.ex.create_order(SYMBOL, "limit", "buy", 0.001, 50_000)
    await wallet.venue.fault({"kind": "expire_session"})
    second = await wallet.ex.create_order(SYMBOL, "limit", "sell", 0.001, 70_000)
    assert len(wallet.to("wallet_auth")) == 2 and wallet.venue.server.log.orders_executed == 2
    await wallet.venue.fault({"kind": "expire_session"})
    await wallet.ex.cancel_order(second["id"], SYMBOL)
    assert [order["id"] for order in await wallet.ex.fetch_open_orders()] == [first["id"]]


async def test_a_session_sets_leverage_and_margin_mode_in_one_request(wallet: Client) -> None:
    await wallet.ex.set_leverage(7, SYMBOL)
    body = wallet.to("internal/sor/set_leverage")[0][3]
    assert (body["leverage"], body["margin_mode"], body["pair"]) == (7, "CROSS", "BTC:PERP-USDC")
    await wallet.ex.set_margin_mode("isolated", SYMBOL)
    assert wallet.to("internal/sor/set_leverage")[1][3]["leverage"] == 7
    assert (await wallet.ex.fetch_leverage(SYMBOL))["marginMode"] == "isolated"
    assert wallet.venue.engine.leverage("alice", "BTC") == 7


async def test_a_session_watches_orders_by_asking(wallet: Client) -> None:
    wallet.ex.options["pollSeconds"] = 0.05
    order = await wallet.ex.create_order(SYMBOL, "limit", "buy", 0.001, 50_000)
    assert [row["id"] for row in await wallet.ex.watch_orders(SYMBOL)] == [order["id"]]


# --- orders ---------------------------------------------------------------------------------------------------------------------------


async def test_a_lost_answer_is_resolved_by_the_custom_id(token: Client) -> None:
    await token.venue.fault({"kind": "lose_reply", "match": "POST /tread/api/orders/"})
    order = await token.ex.create_order(SYMBOL, "limit", "buy", 0.001, 50_000, {"clientOrderId": "mine"})
    assert order["id"] and order["clientOrderId"] == "mine"
    assert token.venue.server.log.orders_executed == 1 and len(token.placed()) == 1


async def test_absence_is_never_proof(token: Client) -> None:
    assert token.ex.absence_grace is None


async def test_a_refusal_of_the_venue_comes_later_and_is_raised(token: Client) -> None:
    with pytest.raises(errors.InsufficientFunds):
        await token.ex.create_order(SYMBOL, "limit", "buy", 900, 50_000)
    (row,) = await token.ex.fetch_orders(SYMBOL)
    assert row["status"] == "rejected" and row["filled"] == 0


async def test_cancel_all_is_about_this_account_on_this_venue(token: Client) -> None:
    kept = await token.ex.create_order(BUILDERS, "limit", "buy", 0.01, 20_000)
    await token.ex.create_order(SYMBOL, "limit", "buy", 0.001, 50_000)
    other = Client(
        token.venue, **{name: value for name, value in token.venue.config("bob").items() if name in ("uid", "apiKey", "walletAddress")}
    )
    try:
        theirs = await other.ex.create_order(SYMBOL, "limit", "buy", 0.001, 50_000)
        await token.ex.cancel_all_orders(SYMBOL)
        assert [order["id"] for order in await token.ex.fetch_open_orders()] == [kept["id"]]
        assert [order["id"] for order in await other.ex.fetch_open_orders()] == [theirs["id"]]
    finally:
        await other.ex.close()
    assert not token.to("cancel_all_orders"), "that request cancels on every account and venue"


async def test_rows_of_other_accounts_and_venues_are_not_ours(token: Client) -> None:
    """A user's list has all accounts in it; pairs of other venues may have the same name."""
    adapter = token.venue.server.adapter
    order = await token.ex.create_order(SYMBOL, "limit", "buy", 0.001, 50_000)
    row = adapter._row(adapter.works[order["id"]])
    strange = [{**row, "id": "a", "account_names": ["okx_main"]}, {**row, "id": "b", "pair": "BTC:PERP-USDT"}]
    assert [each["id"] for each in (row, *strange) if token.ex.mine(each)] == [order["id"]]


async def test_the_account_must_be_one_of_this_venue(token: Client) -> None:
    token.ex.uid = "other"
    with pytest.raises(errors.AuthenticationError, match="OKX"):
        await token.ex.set_leverage(5, SYMBOL)


@pytest.mark.parametrize(
    "name", ["triggerPrice", "stopLossPrice", "takeProfitPrice", "stopLoss", "takeProfit", "postOnly", "trailingPercent"]
)
async def test_what_tread_does_not_document_is_refused(token: Client, name: str) -> None:
    value = {"triggerPrice": 1} if name in ("stopLoss", "takeProfit") else True
    with pytest.raises(errors.NotSupported):
        await token.ex.create_order(SYMBOL, "limit", "buy", 0.001, 50_000, {name: value})
    assert not token.placed()


async def test_the_stream_of_orders_is_tread_s(token: Client) -> None:
    waiting = asyncio.ensure_future(token.ex.watch_orders(SYMBOL))
    order = await token.ex.create_order(SYMBOL, "limit", "buy", 0.001, 50_000)
    seen = await asyncio.wait_for(waiting, 5)
    assert seen[-1]["id"] == order["id"]
    assert not any(token.ex.apiKey in url for url in token.ex.clients) and token.ex.apiKey not in str(token.ex.stream_status())
    (socket,) = token.venue.server.connections
    assert set(socket.subscriptions) == {"user_orders"} and socket.request.headers["User-Agent"] == tables.USER_AGENT
