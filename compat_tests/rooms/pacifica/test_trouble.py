"""Answers that are late, odd or missing, and what an order and a bot must make of them. Bodies were composed after the documentation's samples."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.pacifica import parsing

SYMBOL = "BTC/USDC:USDC"
LOOKS = ("/orders/history", "/api/v1/orders?")
ODD: list[tuple[int, Any]] = [
    (404, {"success": False, "data": None, "error": "Order not found", "code": 404}),
    (403, {"success": False, "data": None, "error": "Beta access required.", "code": 403}),
    (422, {"success": False, "data": None, "error": "what", "code": 77}),
    (200, {"success": True, "data": [{"order_id": 1, "order_status": "zombie", "side": "bid", "order_type": "limit"}]}),
    (200, {"success": True, "data": [None]}),
    (200, {"success": True, "data": {"order_id": 1}}),
    (200, {"success": True}),
    (200, []),
    (200, None),
]


def answered(ex: Any, meant: Callable[[str, str], bool], status: int, body: Any) -> None:
    """What the venue says to these requests from now on."""
    fetch = ex.fetch

    async def odd(url: str, method: str = "GET", headers: Any = None, sent: Any = None) -> Any:
        if not meant(method, url):
            return await fetch(url, method, headers, sent)
        ex.handle_errors(status, "", url, method, {}, json.dumps(body), body, headers, sent)
        return body

    ex.fetch = odd


def is_look(method: str, url: str) -> bool:
    return method == "GET" and any(part in url for part in LOOKS)


@pytest.mark.parametrize(("status", "body"), ODD)
@pytest.mark.parametrize("kind", ["rest", "socket", "batch"])
async def test_taken_is_taken_whatever_the_looks_say(venue: Any, ex: Any, kind: str, status: int, body: Any) -> None:
    answered(ex, is_look, status, body)
    member = {"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 0.001, "price": 100_000, "params": {"postOnly": True}}
    if kind == "batch":
        (order,) = await ex.create_orders([member])
    else:
        method = ex.create_order if kind == "rest" else ex.create_order_ws
        order = await method(SYMBOL, "limit", "buy", 0.001, 100_000, {"postOnly": True})
    assert len(venue.engine.open_orders("alice")) == 1
    assert order["id"].isdigit() and (order["status"], order["amount"]) == ("open", 0.001)


async def test_a_refused_post_only_order_says_so_in_whichever_sequence_its_events_come(venue: Any, ex: Any) -> None:
    call = ex.publicGetOrdersHistoryById

    async def reversed_events(params: Any) -> Any:
        answer = await call(params)
        return {**answer, "data": answer["data"][::-1]}

    for events in (call, reversed_events):
        ex.publicGetOrdersHistoryById = events
        with pytest.raises(errors.OrderImmediatelyFillable):
            await ex.create_order(SYMBOL, "limit", "buy", 0.001, 115_000, {"postOnly": True})


@pytest.mark.parametrize("body", [{"success": True, "data": {}}, {"success": True, "data": None}, {"success": True}])
async def test_an_answer_without_an_id_is_looked_up(venue: Any, ex: Any, body: Any) -> None:
    fetch = ex.fetch

    async def no_id(url: str, method: str = "GET", headers: Any = None, sent: Any = None) -> Any:
        found = await fetch(url, method, headers, sent)
        if method != "POST":
            return found
        return {**body, "data": {"results": [{"success": True}]}} if url.endswith("/batch") else body

    ex.fetch = no_id
    order = await ex.create_order(SYMBOL, "limit", "buy", 0.001, 100_000)
    (batched,) = await ex.create_orders([{"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 0.001, "price": 99_000}])
    twap = await ex.create_twap_order(SYMBOL, "buy", 0.01, 180_000)
    ex.fetch = fetch
    assert {order["id"], batched["id"]} == {row["id"] for row in await ex.fetch_open_orders()}
    assert [str(row["order_id"]) for row in await ex.rows("publicGetOrdersTwap", {"account": ex.walletAddress})] == [twap["id"]]


async def test_absence_is_believed_after_the_longest_life_of_a_request(ex: Any) -> None:
    """An order that says for how long it is good may arrive until then; so may one that was sent after the option was changed."""
    assert ex.absence_grace == 8.0
    await ex.create_order(SYMBOL, "limit", "buy", 0.001, 100_000, {"expiryWindow": 30_000})
    assert ex.absence_grace == 33.0
    await ex.create_order(SYMBOL, "limit", "buy", 0.001, 99_000)
    assert ex.absence_grace == 33.0, "the longer one may still be on its way"
    ex.options["expiryWindow"] = 60_000
    await ex.cancel_all_orders(SYMBOL)
    assert ex.absence_grace == 63.0


def history(count: int, now: int, step: int) -> list[dict[str, Any]]:
    """Rows of orders/history, newest first."""
    row = {"symbol": "BTC", "side": "bid", "initial_price": "1", "average_filled_price": "0", "amount": "1", "filled_amount": "0"}
    row |= {"order_status": "cancelled", "order_type": "limit", "stop_price": None, "reduce_only": False, "reason": None}
    ids = (f"00000000-0000-4000-8000-{number:012d}" for number in range(count))
    return [{**row, "order_id": number, "client_order_id": own, "created_at": now - number * step} for number, own in enumerate(ids)]


def served(ex: Any, rows: list[dict[str, Any]]) -> list[int]:
    """The history of an account; gives the number of rows of each page that was asked for."""
    asked: list[int] = []

    async def page(params: Any) -> Any:
        start, size = int(params.get("cursor", 0)), int(params["limit"])
        asked.append(size)
        end = start + size
        return {"success": True, "data": rows[start:end], "next_cursor": str(end), "has_more": end < len(rows)}

    ex.publicGetOrdersHistory = page
    return asked


async def test_a_lost_order_is_looked_for_behind_a_hundred_later_ones(ex: Any) -> None:
    rows = history(350, ex.server_milliseconds(), 20)
    asked = served(ex, rows)
    assert (await ex.find_order(rows[320]["client_order_id"]))["id"] == "320" and len(asked) == 4
    quiet = served(ex, history(350, ex.server_milliseconds(), 60_000))
    assert await ex.find_order("nobody's") is None and len(quiet) == 1


async def test_a_limit_above_a_page_is_kept(ex: Any) -> None:
    served(ex, history(350, ex.server_milliseconds(), 20))
    assert [len(await ex.fetch_orders(None, None, limit)) for limit in (7, 100, 250, 1000)] == [7, 100, 250, 350]


@pytest.mark.parametrize("answer", [None, [], "x", {}, {"success": True}, {"data": {}}, {"data": [None]}, {"data": "x"}])
def test_no_list_is_not_an_empty_list(answer: Any) -> None:
    with pytest.raises(parsing.Unreadable):
        parsing.rows(answer)


def test_an_empty_list() -> None:
    assert parsing.rows({"data": []}) == parsing.rows({"data": None}) == []


def unexecuted(ex: Any, body: Any) -> None:
    """Every signed request gets this answer and goes nowhere."""
    answered(ex, lambda method, url: method == "POST", 200, body)


@pytest.mark.parametrize("body", [None, [], {}, "x", {"data": None}, {"success": False}, {"success": False, "error": None, "code": None}])
async def test_nothing_is_done_until_the_venue_says_success(venue: Any, ex: Any, body: Any) -> None:
    order = await ex.create_order(SYMBOL, "limit", "buy", 0.001, 100_000)
    ex.absence_grace, ex.options["outcomeTimeout"] = 0.1, 0.3
    unexecuted(ex, body)
    with pytest.raises(errors.BaseError):
        await ex.cancel_order(order["id"], SYMBOL)
    with pytest.raises(errors.BaseError):
        await ex.cancel_all_orders(SYMBOL)
    for call in (
        ex.set_leverage(5, SYMBOL),
        ex.set_margin_mode("isolated", SYMBOL),
        ex.add_margin(SYMBOL, 5),
        ex.withdraw("USDC", 5, ex.walletAddress),
        ex.transfer("USDC", 5, ex.walletAddress, "FAe4sisG95oZ42w7buUn5qEE4TAnfTTFPiguZUHmhiF"),
    ):
        with pytest.raises(errors.BaseError):
            await call
    assert len(venue.engine.open_orders("alice")) == 1


@pytest.mark.parametrize("body", [None, [], {"success": True}, {"success": True, "data": None}, {"success": True, "data": {}}])
async def test_a_balance_that_cannot_be_read_is_not_zero(ex: Any, body: Any) -> None:
    answered(ex, lambda method, url: "/api/v1/account?" in url, 200, body)
    with pytest.raises(errors.BadResponse):
        await ex.fetch_balance()
