"""Who we are, the gate, streams, and what the local venue refuses: against the local venue."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import aiohttp
import pytest

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.variational import variational
from compat_tests.rooms.variational.test_pure import jwt
from compat_tests.rooms.variational.told import BTC, SIZE, another, executed, seen

# --- who we are ---------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["token", "apiKey"])
async def test_a_browsers_session_is_used_as_it_is(paper_venue: Any, name: str) -> None:
    """Bots forward seven names, and `token` is none of them."""
    venue = await paper_venue("variational", seed=7, login="token")
    config = venue.config()
    assert "privateKey" not in config
    ex = variational({**config, "walletAddress": None, "token": None, name: config["token"]})
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
