"""The room against its paper venue: what is particular to Omni. What every room must do is in compat_tests/contract."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import aiohttp
import pytest

from ccxt_dex._ccxt import errors
from ccxt_dex.errors import OrderOutcomeUnknown
from ccxt_dex.exchanges.variational import variational
from compat_tests.rooms.variational.test_pure import jwt

BTC = "BTC/USDC:USDC"
SIZE = 0.001


@pytest.fixture
async def venue(paper_venue: Any) -> Any:
    started = await paper_venue("variational", seed=7, accounts=2)
    await started.market({"pause": True})
    return started


@pytest.fixture
async def ex(venue: Any) -> AsyncIterator[Any]:
    exchange = variational(venue.config())
    await exchange.load_markets()
    yield exchange
    await exchange.close()


def executed(venue: Any) -> int:
    return int(venue.server.log.orders_executed)


def seen(venue: Any, endpoint: str) -> int:
    return int(venue.server.log.endpoints.get(endpoint, 0))


async def another(venue: Any, **config: Any) -> Any:
    exchange = variational({**venue.config(), **config})
    await exchange.load_markets()
    return exchange


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
    assert (await ex.fetch_order("mine"))["id"] == order["id"]


async def test_two_orders_alike_of_which_one_is_lost_are_told_apart_by_what_is_known(ex: Any, venue: Any) -> None:
    first = await ex.create_order(BTC, "limit", "buy", SIZE, 60_000)
    await venue.fault({"kind": "lose_reply", "match": "/api/orders/new/limit"})
    second = await ex.create_order(BTC, "limit", "buy", SIZE, 60_000)
    assert second["id"] != first["id"] and executed(venue) == 2


async def test_when_several_could_be_it_the_outcome_is_unknown(ex: Any, venue: Any) -> None:
    """Another program places the very same order in the same second."""
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
    venue = await paper_venue("variational", seed=7, clearing_ms=1500)
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


# --- cancelling ---------------------------------------------------------------------------------------------------------------------------


async def test_heavy_cancelling_is_banned_and_the_ban_is_kept(paper_venue: Any) -> None:
    venue = await paper_venue("variational", seed=7, cancels_per_10s=2, ban_s=0.4)
    ex = await another(venue)
    ids = [(await ex.create_order(BTC, "limit", "buy", SIZE, 60_000 - number))["id"] for number in range(3)]
    for number in ids[:2]:
        await ex.cancel_order(number)
    with pytest.raises(errors.RateLimitExceeded, match=r"0\.4 s") as caught:
        await ex.cancel_order(ids[2])
    assert caught.value.verdict == "rejected"  # type: ignore[attr-defined]
    assert 0 < ex.bucket("ip").reserve(1) <= 0.4, "without a pace of its own everything waits"
    await ex.close()


async def test_with_a_pace_of_its_own_the_first_trade_waits_for_nothing_and_a_ban_is_sat_out(paper_venue: Any) -> None:
    venue = await paper_venue("variational", seed=7, cancels_per_10s=0, ban_s=0.4)
    ex = await another(venue, enableRateLimit=True)
    began = asyncio.get_running_loop().time()
    await ex.create_order(BTC, "market", "buy", SIZE)
    order = await ex.create_order(BTC, "limit", "buy", SIZE, 60_000)
    assert asyncio.get_running_loop().time() - began < 3, "sign-in, quote, acceptance and a second order fit into the bursts"
    with pytest.raises(errors.RateLimitExceeded):
        await ex.cancel_order(order["id"])
    assert ex.bucket("orders").available() == 0 < ex.bucket("reads").available(), "orders wait, reading goes on"
    venue.adapter.options["cancels_per_10s"] = 5
    banned = asyncio.get_running_loop().time()
    await ex.cancel_all_orders()
    assert asyncio.get_running_loop().time() - banned > 0.1 and await ex.fetch_open_orders() == []
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


# --- who we are ---------------------------------------------------------------------------------------------------------------------------


async def test_a_browsers_session_is_used_as_it_is(paper_venue: Any) -> None:
    venue = await paper_venue("variational", seed=7, login="token")
    config = venue.config()
    assert "privateKey" not in config
    ex = variational({**config, "walletAddress": None})
    assert (await ex.fetch_balance())["USDC"]["total"] == 100_000
    assert seen(venue, "POST /api/auth/login") == 0
    await venue.fault({"kind": "expire_session"})
    with pytest.raises(errors.AuthenticationError):
        await ex.fetch_balance()
    await ex.close()


async def test_a_session_that_is_refused_gives_way_to_the_wallet(venue: Any) -> None:
    config = venue.config()
    address = config["walletAddress"]
    for token in (jwt({"address": address, "exp": 4_102_444_800}), jwt({"address": address, "exp": 5}), "no-jwt-at-all-but-long"):
        ex = variational({**config, "token": token, "options": {"tokenStore": False}})
        await ex.load_markets()
        assert (await ex.create_order(BTC, "limit", "buy", SIZE, 60_000))["status"] == "open"
        await ex.close()


@pytest.mark.parametrize("claims", [{"exp": 5}, {"exp": 4_102_444_800, "address": "0x" + "1" * 40}])
async def test_a_token_that_cannot_be_good_is_refused_before_a_request(venue: Any, claims: dict[str, Any]) -> None:
    token = jwt({"address": venue.config()["walletAddress"], **claims})
    ex = variational({"urls": venue.config()["urls"], "walletAddress": venue.config()["walletAddress"], "token": token})
    with pytest.raises(errors.AuthenticationError) as caught:
        await ex.fetch_balance()
    assert token not in str(caught.value) and seen(venue, "GET /api/portfolio") == 0
    await ex.close()


async def test_what_a_sign_in_sends(venue: Any) -> None:
    for name, code in (("alice", None), ("bob", "abc")):
        ex = variational({**venue.config(name), "options": {"tokenStore": False, "referralCode": code}})
        sent: list[dict[str, Any]] = []
        fetch = ex.fetch

        async def recording(
            url: str, method: str = "GET", headers: Any = None, body: Any = None, sent: list[dict[str, Any]] = sent, fetch: Any = fetch
        ) -> Any:
            sent.append({"url": url, "headers": headers, "body": body and json.loads(body)})
            return await fetch(url, method, headers, body)

        ex.fetch = recording
        if code is None:
            await ex.sign_in()
        else:
            with pytest.raises(errors.AuthenticationError, match="Referee"):
                await ex.sign_in()
        login = next(entry["body"] for entry in sent if entry["url"].endswith("/auth/login"))
        assert set(login) == {"address", "signed_message", *(["code"] if code else [])} and len(login["signed_message"]) == 130
        await ex.close()


# --- the gate -----------------------------------------------------------------------------------------------------------------------------


async def test_the_gate_lets_the_browser_through_and_says_so_to_others(venue: Any) -> None:
    plain = variational({**venue.config(), "options": {"impersonate": False}})
    with pytest.raises(errors.DDoSProtection, match="gate") as caught:
        await plain.load_markets()
    assert caught.value.verdict == "rejected" and seen(venue, "GET /api/metadata/supported_assets") == 1  # type: ignore[attr-defined]
    await plain.close()


async def test_without_the_gate_ccxts_own_http_will_do(paper_venue: Any) -> None:
    venue = await paper_venue("variational", seed=7, gate=False)
    ex = await another(venue, options={"impersonate": False})
    assert (await ex.create_order(BTC, "market", "buy", SIZE))["status"] == "closed" and ex._browser is None
    await ex.close()


async def test_without_the_library_public_prices_remain(venue: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(variational, "can_impersonate", staticmethod(lambda: False))
    for name in [name for name in sys.modules if name.partition(".")[0] == "curl_cffi"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "curl_cffi", None)
    monkeypatch.setitem(sys.modules, "curl_cffi.requests", None)
    ex = await another(venue)
    assert (await ex.fetch_ticker(BTC))["bid"] and (await ex.fetch_order_book(BTC))["asks"] and await ex.fetch_tickers()
    for call in (ex.fetch_balance(), ex.create_order(BTC, "limit", "buy", SIZE, 60_000)):
        with pytest.raises(errors.NotSupported, match=r"curl_cffi"):
            await call
    assert executed(venue) == 0
    await ex.close()


async def test_nothing_is_loaded_before_it_is_needed(venue: Any) -> None:
    ex = variational(venue.config())
    await ex.fetch_time()
    assert ex._browser is None, "the public host needs no browser"
    await ex.load_markets()
    assert ex._browser is not None
    await ex.close()


# --- streams ------------------------------------------------------------------------------------------------------------------------------


async def test_an_instrument_that_the_socket_refuses_is_a_bad_symbol(ex: Any, venue: Any) -> None:
    ex.market(BTC)["instrument"] = {**ex.market(BTC)["instrument"], "underlying": "NOSUCH"}
    await venue.fault({"kind": "corrupt_frame", "text": "unsupported instrument: P-BTC-USDC-3600", "match": "/prices"})
    with pytest.raises(errors.BadSymbol):
        await asyncio.wait_for(ex.watch_ticker(BTC), 5)


async def test_prices_of_every_kind_and_leaving_them(ex: Any, venue: Any, until: Any) -> None:
    await venue.market({"pause": False})
    for coin in ("BTC", "GOOGL", "XAU", "US100S", "PEPE"):
        assert (await asyncio.wait_for(ex.watch_mark_price(coin), 5))["markPrice"] > 0
    await ex.un_watch_tickers()
    await until(lambda: not venue.server.connections)
    assert (await asyncio.wait_for(ex.watch_tickers([BTC, "ETH/USDC:USDC"]), 5)).keys() <= {BTC, "ETH/USDC:USDC"}


async def test_a_session_that_ran_out_is_renewed_under_a_socket(ex: Any, venue: Any, until: Any) -> None:
    await ex.sign_in()
    waiting = asyncio.ensure_future(ex.watch_positions())
    await until(lambda: venue.server.connections and venue.server.connections[0].subscriptions)
    await venue.fault({"kind": "expire_session"})
    await venue.fault({"kind": "drop_ws"})
    await until(lambda: seen(venue, "POST /api/auth/login") == 2)
    await ex.create_order(BTC, "market", "buy", SIZE)
    assert (await asyncio.wait_for(waiting, 10))[-1]["contracts"] == SIZE


async def test_market_status_moves_the_loaded_markets(ex: Any, venue: Any) -> None:
    first = await asyncio.wait_for(ex.watch_status(), 5)
    assert first["info"]["GOOGL"] == "open"
    waiting = asyncio.ensure_future(ex.watch_status())
    await asyncio.sleep(0)
    await venue.market({"symbol": "P-RWA/EQY-GOOGL-USDC", "active": False})
    assert (await asyncio.wait_for(waiting, 5))["info"] == {"GOOGL": "closed"}
    assert ex.market("GOOGL")["active"] is False
    with pytest.raises(errors.MarketClosed):
        await ex.create_order("GOOGL/USDC:USDC", "limit", "buy", 1, 200)


async def test_the_books_quotes_are_shared_by_all_who_watch(ex: Any, venue: Any) -> None:
    ex.options["pollSeconds"] = 0.2
    books = await asyncio.gather(*(ex.watch_order_book(BTC) for _ in range(5)))
    assert len({id(book) for book in books}) == 1 and books[0]["info"]["synthetic"] is True
    assert seen(venue, "POST /api/quotes/simple") == len(ex.options["bookSizes"])


# --- the paper venue ------------------------------------------------------------------------------------------------------------------------


async def ask(venue: Any, method: str, path: str, **more: Any) -> tuple[int, str, Any]:
    headers = {"User-Agent": "Chrome/150", "Accept": "*/*", **more.pop("headers", {})}
    async with aiohttp.ClientSession() as session, session.request(method, venue.url + path, headers=headers, **more) as response:
        return response.status, await response.text(), response.headers


async def test_the_venue_refuses_what_the_real_one_refuses(venue: Any) -> None:
    status, text, headers = await ask(venue, "GET", "/api/portfolio")
    assert (status, headers["x-omni-auth"]) == (401, "r") and "Unauthorized" in text
    status, text, headers = await ask(venue, "GET", "/api/me", headers={"User-Agent": "python"})
    assert (status, headers["cf-mitigated"]) == (403, "challenge") and "Just a moment" in text
    assert (await ask(venue, "GET", "/api/me"))[1] == '{"token":"","intercomUserJwt":null}'
    assert (await ask(venue, "GET", "/status", headers={"User-Agent": "python"}))[0] == 200
    cookie = {"Cookie": f"vr-token={venue.adapter.identity.issue(venue.config()['walletAddress'])}"}
    status, text, _ = await ask(venue, "GET", "/api/orders/v2?status=open", headers=cookie)
    assert (status, text) == (400, "Matching variant not found")
    status, text, _ = await ask(venue, "GET", "/api/orders/v2?instrument=P-XAU-USDC", headers=cookie)
    assert (status, text) == (400, "Incorrect number of fields provided")
    status, text, _ = await ask(venue, "POST", "/api/orders/cancel", headers=cookie, json={"rfq_id": "x"})
    assert (status, text) == (200, "null")
    doubled = {"Cookie": f"{cookie['Cookie']}; vr-token=other"}
    assert (await ask(venue, "GET", "/api/portfolio", headers=doubled))[0] == 401


async def test_a_sign_in_text_is_good_once_and_for_its_wallet(venue: Any) -> None:
    config = venue.config()
    address = config["walletAddress"]
    for signed in ("00" * 65, "zz", ""):
        await ask(venue, "POST", "/api/auth/generate_signing_data", json={"address": address})
        assert (await ask(venue, "POST", "/api/auth/login", json={"address": address, "signed_message": signed}))[0] in (400, 401)
        assert (await ask(venue, "POST", "/api/auth/login", json={"address": address, "signed_message": signed}))[0] == 400
    assert venue.adapter.identity.signatures == 0


@pytest.mark.parametrize(("text", "answer"), [("{", "Token format incorrect"), ('{"claims":"x"}', "Token timeout: Unauthorized")])
async def test_the_sockets_diagnostics_are_plain_text(venue: Any, text: str, answer: str) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(venue.url + "/events") as ws:
        await ws.send_str(text)
        assert (await ws.receive_str(timeout=5)).startswith(answer)
    async with aiohttp.ClientSession() as session, session.ws_connect(venue.url + "/prices") as ws:
        await ws.send_json({"action": "subscribe", "instruments": [{"underlying": "BTC", "instrument_type": "dated_future"}]})
        assert await ws.receive_str(timeout=5) == "invalid instrument in request"
