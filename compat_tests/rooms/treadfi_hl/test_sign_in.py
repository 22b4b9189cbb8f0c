"""Every way to be known to Tread, over both venues: what is sent, what happens when it ends, and where nothing of it may appear."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

import ccxt_dex
from ccxt_dex import paper
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.treadfi import signing

SYMBOL = "BTC/USDC:USDC"
ORDERS = "/tread/api/orders/"
FLAVOURS = ("treadfi_hl", "treadfi_pc")


class Client:
    """A client of a paper venue whose requests are kept."""

    def __init__(self, venue: Any, **config: Any) -> None:
        self.venue = venue
        self.people = venue.server.adapter.people
        self.ex: Any = getattr(ccxt_dex, venue.name)({**venue.config(), **config})
        self.sent: list[tuple[str, str, dict[str, str], Any]] = []
        self._fetch, self.ex.fetch = self.ex.fetch, self.fetch

    async def fetch(self, url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        self.sent.append((urlsplit(url).path, method, dict(headers or {}), json.loads(body) if body else None))
        return await self._fetch(url, method, headers, body)

    def to(self, path: str, method: str | None = None) -> list[Any]:
        return [entry for entry in self.sent if path in entry[0] and method in (None, entry[1])]

    def session(self) -> tuple[str, str]:
        """sessionid and csrftoken of the account's newest session."""
        return [(sessionid, csrf) for sessionid, (name, csrf) in self.people.sessions.items() if name == self.ex.uid][-1]

    async def rest(self, side: str = "buy", **params: Any) -> Any:
        best = self.venue.engine.best("BTC")[0]
        price = (best * (9 if side == "buy" else 11) / 10).quantize(type(best)(100))
        return await self.ex.create_order(SYMBOL, "limit", side, 0.001, float(price), params)


def opened(login: str) -> Any:
    @pytest_asyncio.fixture(params=FLAVOURS)
    async def fixture(request: pytest.FixtureRequest) -> AsyncIterator[Client]:
        async with paper.start(request.param, seed=7, accounts=2, login=login) as venue:
            await venue.market({"pause": True})
            client = Client(venue)
            await client.ex.load_markets()
            yield client
            await client.ex.close()

    return fixture


password, cookies = opened("password"), opened("cookies")


# --- a user's name and password ---------------------------------------------------------------------------------------------------------


async def test_name_and_password_sign_in_once_for_many_requests(password: Client) -> None:
    await password.rest()
    await password.ex.fetch_open_orders()
    ((_, _, headers, body),) = password.to("account/login")
    assert body == {"username": password.ex.accountId, "password": password.ex.password}
    assert headers["X-CSRFToken"] in password.people.visitors and f"csrftoken={headers['X-CSRFToken']}" in headers["Cookie"]
    sessionid, csrf = password.session()
    (post,) = password.to(ORDERS, "POST")
    assert post[2]["Cookie"] == f"csrftoken={csrf}; sessionid={sessionid}" and post[2]["X-CSRFToken"] == csrf
    (read,) = password.to("active_orders")
    assert read[2]["Cookie"] == post[2]["Cookie"] and "X-CSRFToken" not in read[2]


async def test_a_wrong_password_is_an_authentication_error(password: Client) -> None:
    wrong = Client(password.venue, **password.venue.wrong_key())
    try:
        await wrong.ex.load_markets()
        for _ in range(2):
            with pytest.raises(errors.AuthenticationError, match="Invalid username or password"):
                await wrong.rest()
        assert not wrong.to(ORDERS) and len(wrong.to("account/login")) == 2, "one attempt per call: accounts get locked"
    finally:
        await wrong.ex.close()


@pytest.mark.parametrize("answer", [{"requires_2fa": True, "token": "x" * 40}, {}, []], ids=["second factor", "nothing", "a list"])
async def test_a_sign_in_without_a_session_is_none(password: Client, answer: Any) -> None:
    await password.venue.fault({"kind": "http_status", "status": 200, "body": answer, "match": "POST /tread/account/login/"})
    with pytest.raises(errors.AuthenticationError, match="second factor"):
        await password.rest()
    assert not password.to(ORDERS)


@pytest.mark.parametrize("status,kind", [(429, errors.RateLimitExceeded), (503, errors.ExchangeNotAvailable)])
async def test_a_sign_in_that_is_put_off_does_not_blame_the_password(password: Client, status: int, kind: Any) -> None:
    await password.venue.fault({"kind": "http_status", "status": status, "body": {"error": "later"}, "match": "POST /tread/account/login/"})
    with pytest.raises(kind) as caught:
        await password.rest()
    assert not isinstance(caught.value, errors.AuthenticationError)
    assert (await password.rest())["status"] == "open"


async def test_an_expired_session_is_renewed_once_and_no_order_is_sent_twice(password: Client) -> None:
    first = await password.rest()
    await password.venue.fault({"kind": "expire_session"})
    second = await password.rest("sell")
    assert len(password.to("account/login")) == 2 and password.venue.server.log.orders_executed == 2
    await password.venue.fault({"kind": "expire_session"})
    await password.ex.cancel_order(second["id"], SYMBOL)
    assert [order["id"] for order in await password.ex.fetch_open_orders()] == [first["id"]]
    assert len(password.to("account/login")) == 3


async def test_sessions_that_do_not_last_end_in_an_error_not_in_a_loop(password: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password.people, "sessions", type("Forgetful", (dict,), {"get": lambda *_: None})())
    with pytest.raises(errors.AuthenticationError):
        await password.ex.fetch_open_orders()
    assert len(password.to("account/login")) == 2
    with pytest.raises(errors.AuthenticationError):
        await password.rest()
    assert len(password.to("account/login")) <= 4 and password.venue.server.log.orders_executed == 0


async def test_two_users_with_accounts_of_one_name_have_a_session_each(password: Client) -> None:
    await password.rest()
    other = password.venue.config("bob")
    namesake = Client(password.venue, accountId=other["accountId"], password=other["password"])
    try:
        assert namesake.ex.session_scope() != password.ex.session_scope()
        await namesake.ex.load_markets()
        with pytest.raises(errors.BaseError):  # bob has no account of this name: never alice's session for bob's order
            await namesake.rest()
        assert namesake.to("account/login") and password.venue.server.log.orders_executed == 1
    finally:
        await namesake.ex.close()


async def test_a_session_survives_a_restart(password: Client) -> None:
    await password.rest()
    again = Client(password.venue)
    try:
        await again.ex.load_markets()
        await again.ex.fetch_open_orders()
        assert not again.to("account/login")
    finally:
        await again.ex.close()


# --- cookies of a browser ---------------------------------------------------------------------------------------------------------------


async def test_cookies_of_a_browser_are_sent_as_they_are(cookies: Client) -> None:
    sessionid, csrf = cookies.session()
    order = await cookies.rest()
    await cookies.ex.cancel_order(order["id"], SYMBOL)
    for entry in cookies.to("/tread/", "POST"):
        assert entry[2]["Cookie"] == f"csrftoken={csrf}; sessionid={sessionid}" and entry[2]["X-CSRFToken"] == csrf
        assert entry[2]["Origin"] == cookies.ex.tread_url() and entry[2]["Referer"] == f"{cookies.ex.tread_url()}/"
    assert not cookies.to("account/login") and not cookies.to("wallet_auth")
    venue = [entry for entry in cookies.sent if not entry[0].startswith("/tread/")]
    assert venue and not any("Cookie" in entry[2] for entry in venue), "cookies are Tread's"


async def test_the_newest_csrf_token_counts(cookies: Client) -> None:
    """The server may hand out another one with any answer."""
    sessionid, _ = cookies.session()
    cookies.people.sessions[sessionid] = ("alice", "n" * 32)
    renewed = {"kind": "http_status", "status": 200, "body": [], "headers": {"Set-Cookie": f"csrftoken={'n' * 32}; Path=/"}}
    await cookies.venue.fault({**renewed, "match": "GET /tread/api/accounts/"})
    await cookies.ex.fetch_accounts()
    await cookies.rest()
    (post,) = cookies.to(ORDERS, "POST")
    assert post[2]["X-CSRFToken"] == "n" * 32 and post[2]["Cookie"] == f"csrftoken={'n' * 32}; sessionid={sessionid}"


async def test_cookies_that_have_ended_are_told_and_not_tried_again(cookies: Client) -> None:
    await cookies.venue.fault({"kind": "expire_session"})
    for call in (cookies.ex.fetch_accounts, cookies.rest):
        before = len(cookies.to("/tread/"))
        with pytest.raises(errors.AuthenticationError, match="take new ones from the browser"):
            await call()
        assert len(cookies.to("/tread/")) == before + 1, "they cannot be renewed from here"
    assert cookies.venue.server.log.orders_executed == 0
    sessionid, csrf = cookies.people.browser(cookies.people.users["alice"])
    cookies.ex.password = f"theme=dark; csrftoken={csrf}; sessionid={sessionid}; _ga=GA1.2"
    assert (await cookies.rest())["status"] == "open", "new ones are taken at once"


async def test_a_password_without_a_user_that_is_no_cookies_is_told(cookies: Client) -> None:
    cookies.ex.password = "correct horse battery staple"
    with pytest.raises(errors.AuthenticationError, match="set accountId") as caught:
        await cookies.ex.fetch_open_orders()
    assert "horse" not in str(caught.value) and not cookies.to("active_orders")


@pytest.mark.parametrize(
    "text,found",
    [
        ("csrftoken=a; sessionid=b", {"csrftoken": "a", "sessionid": "b"}),
        (" sessionid=b=c ;x=y;csrftoken=a;", {"csrftoken": "a", "sessionid": "b=c"}),
        ("csrftoken=a; sessionid=", {}),
        ("csrftoken=a", {}),
        ("sessionid=b", {}),
        ("", {}),
        ("hunter2", {}),
    ],
)
def test_the_text_of_a_cookie_header(text: str, found: dict[str, str]) -> None:
    assert signing.cookies(text) == found


# --- all ways ---------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("login", ["token", "wallet", "password", "cookies"])
async def test_no_way_leaves_a_trace(
    flavour: str, login: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """verbose on, refusals, an expired session: not in logs, nor in what is printed, reprs, exceptions and URLs."""
    caplog.set_level(logging.DEBUG)
    async with paper.start(flavour, seed=7, login=login) as venue:
        await venue.market({"pause": True})
        client = Client(venue, verbose=True)
        ex, shown, urls = client.ex, io.StringIO(), []
        ex.fetch, inner = (lambda url, *rest, **named: (urls.append(url), inner(url, *rest, **named))[1]), ex.fetch
        try:
            await ex.load_markets()
            order = await client.rest()
            await ex.set_leverage(3, SYMBOL)
            await venue.fault({"kind": "expire_session"})
            for call in (ex.fetch_open_orders(), ex.cancel_order(order["id"], SYMBOL), ex.cancel_order("nonsense", SYMBOL)):
                try:
                    await call
                except errors.BaseError as error:
                    shown.write(f"{error!r} {error} {error.__cause__!r} {error.__context__!r}")
            shown.write(f"{ex!r} {ex} {ex.options!r} {ex.stream_status()!r} {ex.session_key()!r} {urls!r}")
        finally:
            await ex.close()
        secrets = {str(getattr(ex, name)) for name in ("apiKey", "secret", "password") if getattr(ex, name)}
        secrets |= set(signing.cookies(ex.password or "").values()) | set(venue.tokens()) | {ex._cookies.get("csrftoken") or "csrf?"}
        secrets |= {entry[2]["X-CSRFToken"] for entry in client.sent if "X-CSRFToken" in entry[2]}
    printed = capsys.readouterr()
    told = shown.getvalue() + caplog.text + printed.out + printed.err
    assert len(told) > 2000 and secrets
    for secret in secrets:
        assert secret not in told and secret.removeprefix("0x") not in told


@pytest.mark.parametrize("flavour", FLAVOURS)
async def test_the_first_way_counts(flavour: str) -> None:
    kind = getattr(ccxt_dex, flavour)
    ways = {"apiKey": "a", "secret": "b", "password": "c", "accountId": "d"}
    named = {"token": ways, "wallet": {**ways, "apiKey": ""}, "password": {"password": "c", "accountId": "d"}, "cookies": {"password": "c"}}
    assert {way: kind({"uid": "u", **config}).way() for way, config in named.items()} == {way: way for way in named}
    assert kind({"uid": "u"}).way() is None
    with pytest.raises(errors.AuthenticationError, match=r"apiKey.*secret.*accountId and password.*cookies"):
        kind({"uid": "u"}).check_required_credentials()
    with pytest.raises(errors.AuthenticationError, match="requires uid"):
        kind({"apiKey": "a"}).check_required_credentials()
