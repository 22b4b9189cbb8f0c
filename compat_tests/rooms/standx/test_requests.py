"""What is sent, to the byte: `fetch` is replaced, so nothing here depends on how a paper venue reads it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

import ccxt_dex
from ccxt_dex import errors as own_errors
from ccxt_dex import signers
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges import standx as room
from ccxt_dex.exchanges.standx import capabilities, signing, tables
from compat_tests.rooms.standx.test_parsing import BALANCE, INFO, ORDER, POSITION
from compat_tests.rooms.standx.test_signing import EVM_ADDRESS, EVM_KEY, SOLANA_ADDRESS, V1, V1B, jwt

FOLDER = Path(room.__file__).parent
TOKEN = jwt({"exp": 4102444800})
OK = {"code": 0, "message": "success", "request_id": "xxx-xxx-xxx"}


class Wire:
    """Answers by path, remembers what was asked."""

    def __init__(self, **config: Any) -> None:
        credentials = {"apiKey": TOKEN, "secret": V1}
        self.ex: Any = ccxt_dex.standx(
            {**credentials, "options": {"orderSocket": False, "tokenStore": False, "lookUpSeconds": 0}, **config}
        )
        self.ex.set_markets([self.ex.parse_market({**INFO, "status": "trading"})])
        self.answers: dict[str, Any] = {"new_order": OK, "cancel_order": OK, "query_order": ORDER}
        self.sent: list[tuple[str, str, dict[str, str], str | None]] = []
        self.ex.fetch = self.fetch

    async def fetch(self, url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        self.sent.append((url, method, headers, body))
        answer = self.answers.get(urlsplit(url).path.removeprefix("/api/").removeprefix("/v1/"), OK)
        if isinstance(answer, tuple):
            status, value = answer
            text = value if isinstance(value, str) else json.dumps(value)
            self.ex.handle_errors(status, "", url, method, {}, text, None if isinstance(value, str) else value, headers, body)
        return answer

    def posts(self) -> list[tuple[str, Any]]:
        return [(urlsplit(url).path, json.loads(body)) for url, method, _, body in self.sent if method == "POST" and body]


def check_signature(headers: dict[str, str], body: str, key: str = V1) -> None:
    message = signing.message(headers["x-request-id"], headers["x-request-timestamp"], body)
    wanted = signing.headers(headers["x-request-id"], headers["x-request-timestamp"], signers.make("nacl", key).sign(message))
    assert headers["x-request-signature"] == wanted["x-request-signature"] and headers["x-request-sign-version"] == "v1"
    assert len(headers["x-request-timestamp"]) == 13


async def test_an_order_is_signed_over_the_bytes_that_are_sent() -> None:
    wire = Wire()
    order = await wire.ex.create_order("BTC", "limit", "buy", 0.1, 50000, {"clientOrderId": "mm-1", "reduceOnly": True})
    url, method, headers, body = wire.sent[0]
    assert (url, method) == ("https://perps.standx.com/api/new_order", "POST")
    assert body == (
        '{"symbol":"BTC-USD","side":"buy","order_type":"limit","qty":"0.1","price":"50000","time_in_force":"gtc","reduce_only":true,"cl_ord_id":"mm-1"}'
    )
    check_signature(headers, body)
    assert headers["Authorization"] == f"Bearer {TOKEN}" and "x-session-id" not in headers and "x-impersonate" not in headers
    assert wire.sent[1][0] == "https://perps.standx.com/api/query_order?cl_ord_id=mm-1" and wire.sent[1][3] is None
    assert order["id"] == "1820682" and len(wire.sent) == 2


async def test_reads_carry_the_token_and_no_signature() -> None:
    wire = Wire()
    wire.answers["query_balance"] = BALANCE
    await wire.ex.fetch_balance()
    _, method, headers, body = wire.sent[0]
    assert method == "GET" and body is None and headers == {"Authorization": f"Bearer {TOKEN}"}


async def test_public_requests_carry_nothing() -> None:
    wire = Wire()
    wire.answers["query_symbol_market"] = {"symbol": "BTC-USD"}
    await wire.ex.fetch_ticker("BTC")
    assert wire.sent[0][0] == "https://perps.standx.com/api/query_symbol_market?symbol=BTC-USD" and wire.sent[0][2] == {}


@pytest.mark.parametrize(
    ("call", "path", "body"),
    [
        (("set_leverage", 10.0, "BTC"), "/api/change_leverage", {"symbol": "BTC-USD", "leverage": 10}),
        (("add_margin", "BTC", 1000.0), "/api/transfer_margin", {"symbol": "BTC-USD", "amount_in": "1000"}),
        (("reduce_margin", "BTC", "0.5"), "/api/transfer_margin", {"symbol": "BTC-USD", "amount_in": "-0.5"}),
        (("transfer", "DUSD", 5, "swap", "spot"), "/api/transfer_to_spot", {"amount": "5", "token": "DUSD"}),
        (("transfer", "DUSD", 5, "funding", "swap"), "/api/transfer_to_perps", {"amount": "5", "token": "DUSD"}),
    ],
)
async def test_signed_posts(call: tuple[Any, ...], path: str, body: dict[str, Any]) -> None:
    wire = Wire()
    await getattr(wire.ex, call[0])(*call[1:])
    assert wire.posts() == [(path, body)]
    check_signature(wire.sent[0][2], wire.sent[0][3] or "")


async def test_cancels_name_orders_by_number_or_client_id() -> None:
    wire = Wire()
    wire.answers["query_order"] = {**ORDER, "status": "canceled"}
    for order_id in ("11545819148", "mm-1"):
        assert (await wire.ex.cancel_order(order_id, "BTC"))["status"] == "canceled"
    await wire.ex.cancel_order("", "BTC", {"clientOrderId": "mm-2"})
    await wire.ex.cancel_orders(["1", "mm-3"], "BTC")
    bodies = [body for _, body in wire.posts()]
    assert bodies == [
        {"order_id": 11545819148},
        {"cl_ord_id": "mm-1"},
        {"cl_ord_id": "mm-2"},
        {"order_id_list": [1]},
        {"cl_ord_id_list": ["mm-3"]},
    ]


async def test_cancel_all_with_nothing_open_sends_no_empty_list() -> None:
    wire = Wire()
    wire.answers["query_open_orders"] = {"code": 0, "message": "success", "page_size": 0, "result": [], "total": 0}
    assert await wire.ex.cancel_all_orders("BTC") == [] and wire.posts() == []


async def test_margin_mode_that_is_set_already_sends_nothing() -> None:
    wire = Wire()
    wire.answers["query_position_config"] = {"leverage": "40", "margin_mode": "cross", "symbol": "BTC-USD"}
    with pytest.raises(errors.MarginModeAlreadySet):
        await wire.ex.set_margin_mode("cross", "BTC")
    assert wire.posts() == []
    await wire.ex.set_margin_mode("isolated", "BTC", {"leverage": 5})
    assert [body for _, body in wire.posts()] == [{"symbol": "BTC-USD", "leverage": 5}, {"symbol": "BTC-USD", "margin_mode": "isolated"}]
    assert (await wire.ex.fetch_leverage("BTC"))["longLeverage"] == 40


async def test_a_vault_is_named_in_a_header_that_is_not_signed() -> None:
    wire = Wire(options={"vaultId": "cv_1", "orderSocket": False, "lookUpSeconds": 0})
    await wire.ex.set_leverage(3, "BTC")
    assert wire.sent[0][2]["x-impersonate"] == "cv_1" and wire.posts()[0][1] == {"symbol": "BTC-USD", "leverage": 3}
    await wire.ex.set_leverage(3, "BTC", {"impersonate": "cv_2"})
    assert wire.sent[1][2]["x-impersonate"] == "cv_2" and "impersonate" not in (wire.sent[1][3] or "")


async def test_no_order_goes_to_another_account_than_the_one_named() -> None:
    wire, other = Wire(options={"orderSocket": False}), {"impersonate": "cv_2"}
    order = ("BTC", "limit", "buy", 0.1, 50000)
    member = {"symbol": "BTC", "type": "limit", "side": "buy", "amount": 0.1, "price": 50000, "params": other}
    for call in (
        wire.ex.create_order(*order, other),
        wire.ex.create_order_ws(*order, other),
        wire.ex.create_orders([member]),
        wire.ex.edit_order("1", *order, other),
        wire.ex.cancel_order("1", "BTC", other),
        wire.ex.cancel_order_ws("1", "BTC", other),
        wire.ex.cancel_orders(["1"], "BTC", other),
        wire.ex.cancel_all_orders("BTC", other),
    ):
        with pytest.raises(errors.NotSupported, match="vaultId"):
            await call
    assert wire.posts() == []


async def test_times_that_are_floats_and_times_to_come() -> None:
    wire = Wire()
    wire.answers["query_trades"] = wire.answers["query_orders"] = {"code": 0, "result": []}
    wire.answers["history"] = {"s": "no_data"}
    await wire.ex.fetch_my_trades("BTC", 1_754_883_000_000.7, 5, {"until": 1_754_883_600_000.2})
    await wire.ex.fetch_ohlcv("BTC", "1m", 1_754_883_000_000.7, 5)
    first, second = (dict(parse_qsl(urlsplit(url).query)) for url, *_ in wire.sent)
    assert (first["start"], first["end"]) == ("2025-08-11T03:30:00.000Z", "2025-08-11T03:40:00.000Z") and second["from"] == "1754883000"
    late = wire.ex.milliseconds() + 86_400_000
    assert [await wire.ex.fetch_ohlcv("BTC", "1m", late), await wire.ex.fetch_funding_rate_history("BTC", late)] == [[], []]
    assert len(wire.sent) == 2 and wire.ex.candle_window("BTC-USD", "1M", None, 1000, None)["from"] == 0


@pytest.mark.parametrize(
    ("since", "limit", "until", "wanted"),
    [
        (1_781_147_520_000, 5, None, {"from": 1781147520, "to": 1781147819, "countback": 5}),
        (None, 5, 1_781_147_820_000, {"from": 1781147520, "to": 1781147820, "countback": 5}),
        (1_781_147_520_000, None, 1_781_147_700_000, {"from": 1781147520, "to": 1781147700, "countback": 3}),
    ],
)
def test_candle_windows(since: Any, limit: Any, until: Any, wanted: dict[str, int]) -> None:
    request = ccxt_dex.standx().candle_window("BTC-USD", "1m", since, limit, until)
    assert {name: request[name] for name in wanted} == wanted and request["resolution"] == "1"


async def test_history_filters_and_pages() -> None:
    wire = Wire()
    pages = [[{**ORDER, "id": n} for n in range(1000, 500, -1)], [{**ORDER, "id": n} for n in range(500, 490, -1)]]

    async def fetch(url: str, *_: Any) -> Any:
        wire.sent.append((url, "GET", {}, None))
        return {"code": 0, "result": pages[len(wire.sent) - 1]}

    wire.ex.fetch = fetch
    orders = await wire.ex.fetch_orders("BTC", 1_754_883_000_000)
    assert len(orders) == 510 and orders[0]["id"] in ("491", "1000")
    first, second = (dict(parse_qsl(urlsplit(url).query)) for url, *_ in wire.sent)
    assert first == {"symbol": "BTC-USD", "limit": "500", "start": "2025-08-11T03:30:00.000Z"} and second["last_id"] == "501"


# --- refusals


@pytest.mark.parametrize(
    ("path", "status", "body", "kind"),
    [
        ("query_balance", 401, {"code": 401, "message": "missing jwt"}, errors.AuthenticationError),
        ("new_order", 403, {"code": 403, "message": "invalid body signature"}, errors.AuthenticationError),
        ("new_order", 403, {"code": 403, "message": "no trade right"}, errors.PermissionDenied),
        ("query_order", 404, {"code": 404, "message": "whatever"}, errors.OrderNotFound),
        ("query_balance", 404, {"code": 404, "message": "user balance not found"}, errors.AccountNotEnabled),
        ("query_open_orders", 404, "", errors.AccountNotEnabled),
        ("query_positions", 404, {"code": 404, "message": "user balance not found"}, errors.AccountNotEnabled),
        ("query_positions", 404, "404 page not found", errors.BadRequest),
        ("query_positions", 404, "<html>404 Not Found</html>", errors.ExchangeNotAvailable),
        ("query_order", 404, "\n<!DOCTYPE html>404 Not Found", errors.ExchangeNotAvailable),
        ("new_order", 404, {"code": 404, "message": "user balance not found"}, errors.InsufficientFunds),
        ("new_order", 400, {"code": 400, "message": "price tick"}, errors.InvalidOrder),
        ("new_order", 400, {"code": 400, "message": "Insufficient margin"}, errors.InsufficientFunds),
        ("new_order", 400, {"code": 400, "message": "not enough available balance"}, errors.InsufficientFunds),
        ("new_order", 400, {"code": 400, "message": "something new"}, errors.InvalidOrder),
        ("new_order", 400, {"code": 400, "message": "alo order rejected"}, errors.OrderImmediatelyFillable),
        ("new_order", 200, {"code": 400, "message": "price tick"}, errors.InvalidOrder),
        ("query_funding_rates", 400, "Failed to deserialize query string: missing field `start_time`", errors.ArgumentsRequired),
        ("query_orders", 400, "Failed to deserialize query string: invalid digit", errors.BadRequest),
        ("change_leverage", 400, {"code": 400, "message": "nope"}, errors.BadRequest),
        ("query_symbol_market", 404, "", errors.BadRequest),
        ("query_symbol_market", 400, {"code": 400, "message": "invalid symbol: X"}, errors.BadSymbol),
        ("query_balance", 429, {"code": 429, "message": "too many"}, own_errors.RateLimited),
        ("new_order", 500, "insufficient workers", errors.ExchangeNotAvailable),
        ("new_order", 502, "<html>", errors.ExchangeNotAvailable),
        ("new_order", 504, "", errors.RequestTimeout),
        ("prepare-signin", 400, "bad address", errors.AuthenticationError),
        ("login", 422, "signature", errors.AuthenticationError),
        ("login", 503, "", errors.ExchangeNotAvailable),
    ],
)
def test_refusals(path: str, status: int, body: Any, kind: type[Exception]) -> None:
    ex = ccxt_dex.standx()
    text, response = (body, None) if isinstance(body, str) else (json.dumps(body), body)
    with pytest.raises(kind) as caught:
        ex.handle_errors(status, "", f"https://perps.standx.com/api/{path}?a=b", "GET", {}, text, response, {}, "")
    assert type(caught.value) is kind


def test_every_refusal_in_the_tables_is_a_ccxt_exception() -> None:
    from ccxt_dex.errors import by_name

    names = [
        *tables.ERROR_CODES.values(),
        *tables.NOT_FOUND.values(),
        *(name for _, name in tables.ERROR_FRAGMENTS),
    ]
    assert all(issubclass(by_name(name), errors.BaseError) for name in names)


@pytest.mark.parametrize("answer", [{"code": 0}, {"success": True}, [1], {}])
def test_answers_without_a_refusal_pass(answer: Any) -> None:
    ccxt_dex.standx().handle_errors(200, "OK", "https://x/api/new_order", "POST", {}, "", answer, {}, "")


# --- credentials


async def test_a_token_without_its_key_reads_and_does_not_write() -> None:
    wire = Wire(apiKey=TOKEN, secret=None)
    wire.answers["query_positions"] = [POSITION, {**POSITION, "qty": "0"}]
    assert len(await wire.ex.fetch_positions()) == 1
    with pytest.raises(errors.AuthenticationError, match="secret"):
        await wire.ex.create_order("BTC", "market", "buy", 1)
    assert wire.posts() == []


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"apiKey": None, "secret": None}, "privateKey"),
        ({"apiKey": None, "secret": V1}, "privateKey"),
        ({"apiKey": jwt({"exp": 1})}, "expired"),
        ({"apiKey": jwt({"address": EVM_ADDRESS}), "walletAddress": "0x" + "11" * 20}, "another wallet"),
        ({"apiKey": jwt({"address": "0x" + "11" * 20}), "privateKey": EVM_KEY}, "another wallet"),
        ({"apiKey": None, "privateKey": EVM_KEY, "walletAddress": "0x" + "11" * 20}, "does not belong"),
        ({"apiKey": None, "privateKey": EVM_KEY, "options": {"chain": "solana"}}, "EVM"),
        ({"apiKey": None, "privateKey": bytes(range(32, 64)).hex(), "walletAddress": SOLANA_ADDRESS}, "does not belong"),
        ({"apiKey": None, "privateKey": V1B}, "malformed"),
        ({"apiKey": None, "privateKey": "0x12"}, "malformed"),
        ({"secret": "zz"}, "malformed"),
    ],
)
async def test_credentials_that_cannot_work_are_refused_before_a_request(config: dict[str, Any], words: str) -> None:
    wire = Wire(**config)
    with pytest.raises(errors.AuthenticationError, match=words) as caught:
        await wire.ex.create_order("BTC", "limit", "buy", 0.1, 50000)
    assert wire.sent == [] and EVM_KEY[2:] not in str(caught.value) and V1B not in str(caught.value)


async def test_an_unknown_chain_is_refused() -> None:
    wire = Wire(apiKey=None, secret=None, privateKey=EVM_KEY, options={"chain": "tron"})
    with pytest.raises(errors.BadRequest, match="bsc, solana"):
        await wire.ex.fetch_balance()
    assert wire.sent == []


def test_required_credentials_can_be_asked_without_an_exception() -> None:
    assert ccxt_dex.standx().check_required_credentials(False) is False
    assert ccxt_dex.standx({"apiKey": TOKEN}).check_required_credentials() is True
    assert not any(ccxt_dex.standx().requiredCredentials.values())


async def test_a_wallet_that_was_never_funded_has_nothing() -> None:
    wire = Wire()
    for path in ("query_balance", "query_open_orders", "query_orders", "query_positions", "query_trades", "query_funding_history"):
        wire.answers[path] = (404, {"code": 404, "message": "user balance not found"})
    ex = wire.ex
    assert (await ex.fetch_balance())["DUSD"]["total"] == 0
    assert [await ex.fetch_open_orders(), await ex.fetch_orders(), await ex.fetch_positions(), await ex.fetch_my_trades()] == [
        [],
        [],
        [],
        [],
    ]
    assert await ex.fetch_funding_history() == []


async def test_no_row_of_the_account_gets_lost() -> None:
    """A market listed since load_markets() has its id for a symbol; a row without a market or a size is no row to pass over."""
    wire = Wire()
    wire.answers["query_positions"] = [POSITION, {**POSITION, "symbol": "NEW-USD", "id": 16}]
    wire.answers["query_open_orders"] = {"code": 0, "result": [{**ORDER, "symbol": "NEW-USD"}]}
    assert [row["symbol"] for row in await wire.ex.fetch_positions()] == ["BTC/DUSD:DUSD", "NEW-USD"]
    assert [row["symbol"] for row in await wire.ex.fetch_open_orders()] == ["NEW-USD"]
    for broken in ({"symbol": None}, {"qty": None}, {"qty": ""}, {"qty": "some"}):
        wire.answers["query_positions"] = [{**POSITION, **broken}]
        with pytest.raises(errors.BadResponse):
            await wire.ex.fetch_positions()


# --- the class


def test_has_is_spelled_out() -> None:
    assert not set(capabilities.YES) & set(capabilities.NO)
    ex = ccxt_dex.standx()
    assert {name: ex.has[name] for name in capabilities.HAS} == capabilities.HAS and ex.has["ws"] is True
    described = {name for name, value in ex.has.items() if value}
    assert described == set(capabilities.YES)


def test_every_false_is_explained() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    general = (
        "borrow",
        "repay",
        "Trailing",
        "WithCost",
        "Convert",
        "Option",
        "Greeks",
        "Ws",
        "Borrow",
        "Transaction",
        "Isolated",
        "ADL",
        "Volatility",
    )
    unexplained = [name for name in capabilities.NO if f"`{name}`" not in text and not any(word in name for word in general)]
    assert unexplained == []


def test_no_client_id_of_ours_is_taken_for_an_order_id() -> None:
    ex = ccxt_dex.standx()
    made = {ex.new_client_order_id() for _ in range(1000)}
    assert len(made) == 1000 and all(32 == len(name) and name[0] == "c" and name.isalnum() for name in made)
