"""Executed exactly once, and never reported failed when it was executed: every phase in which a connection can break."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ccxt_dex._ccxt import errors
from ccxt_dex.errors import OrderOutcomeUnknown, RateLimited
from compat_tests.core import killserver
from compat_tests.core.demo import MARKET, SYMBOL, Venue, demo, make_demo
from compat_tests.core.killserver import KillServer
from compat_tests.core.outcome.venue import EXECUTED, ORDER, RETRIES, warm


@pytest.mark.parametrize("kept", [False, True], ids=["fresh", "kept"])
@pytest.mark.parametrize("mode", EXECUTED)
async def test_a_lost_answer_to_a_new_order_is_found_again(ex: demo, venue: tuple[KillServer, Venue], mode: str, kept: bool) -> None:
    server, engine = venue
    if kept:
        await warm(ex)
    server.mode = mode
    order = await ex.create_order(*ORDER)
    assert len(server.executed) == len(engine.orders) == 1
    assert order["id"] == "1" and order["clientOrderId"] == engine.orders["1"]["clientOrderId"]


@pytest.mark.parametrize("mode", EXECUTED)
async def test_a_lost_answer_to_a_changed_order(ex: demo, venue: tuple[KillServer, Venue], mode: str) -> None:
    server, engine = venue
    order = await ex.create_order(*ORDER)
    server.executed.clear()
    server.mode = mode
    changed = await ex.edit_order(order["id"], SYMBOL, "limit", "buy", 2, 101)
    assert [entry[0] for entry in server.executed] == ["PUT"]
    assert (changed["amount"], changed["price"]) == (2, 101) and engine.orders["1"]["price"] == "101"


@pytest.mark.parametrize("mode", EXECUTED)
async def test_lost_answers_to_batches(ex: demo, venue: tuple[KillServer, Venue], mode: str) -> None:
    server, engine = venue
    server.mode = mode
    members = [{"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 1, "price": price} for price in (99, 100, 101)]
    orders = await ex.create_orders(members)
    assert len(server.executed) == 1 and len(engine.orders) == 3
    assert [order["id"] for order in orders] == ["1", "2", "3"] and len({order["clientOrderId"] for order in orders}) == 3
    assert all("params" not in member for member in members)  # the caller's own dicts stay as they were


@pytest.mark.parametrize("mode", killserver.NOTHING)
@pytest.mark.parametrize("method", ["create", "edit", "cancel"])
async def test_what_never_arrived_is_a_network_error(venue: tuple[KillServer, Venue], mode: str, method: str) -> None:
    server, engine = venue
    ex = make_demo(server.url, **RETRIES)
    await ex.create_order(*ORDER)
    await ex.close()  # the fault must meet a fresh connection
    ex.open()
    server.executed.clear()
    server.mode, server.heals = mode, True
    if method == "cancel":  # which may be repeated
        assert (await ex.cancel_order("1"))["status"] == "canceled"
        assert len(server.executed) == 1
    else:
        with pytest.raises(errors.NetworkError) as caught:
            await (ex.create_order(*ORDER) if method == "create" else ex.edit_order("1", SYMBOL, "limit", "buy", 2, 101))
        assert caught.value.verdict in ("absent", "not_sent")  # type: ignore[attr-defined]
        assert server.executed == [] and len(engine.orders) == 1
    await ex.close()


async def test_refused_connections_are_provably_not_sent() -> None:
    ex = make_demo(f"http://127.0.0.1:{killserver.refused_port()}")
    with pytest.raises(errors.ExchangeNotAvailable) as caught:
        await ex.create_order(*ORDER)
    assert caught.value.verdict == "not_sent" and not ex.unresolved  # type: ignore[attr-defined]
    await ex.close()


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("http400", errors.BadRequest),
        ("http401", errors.AuthenticationError),
        ("http403", errors.PermissionDenied),
        ("http404", errors.BadRequest),
        ("http409", errors.OperationRejected),
        ("http418", RateLimited),
        ("http422", errors.BadRequest),
        ("http429", RateLimited),
        ("http451", errors.ExchangeError),
        ("http499", errors.BadRequest),
    ],
)
async def test_refusals_are_final_and_not_looked_up(ex: demo, venue: tuple[KillServer, Venue], mode: str, kind: type[Exception]) -> None:
    server, _ = venue
    server.mode = mode
    with pytest.raises(kind) as caught:
        await ex.create_order(*ORDER)
    assert caught.value.verdict == "rejected" and len(server.seen) == 1  # type: ignore[attr-defined]
    assert not isinstance(caught.value, errors.ExchangeNotAvailable)


@pytest.mark.parametrize(("refusal", "looks"), [("InsufficientFunds", 0), ("InvalidNonce", 0), ("OnMaintenance", 0), ("ExchangeError", 1)])
async def test_answers_that_say_no(ex: demo, venue: tuple[KillServer, Venue], refusal: str, looks: int) -> None:
    server, engine = venue
    engine.refuse["*"] = refusal
    with pytest.raises(getattr(errors, refusal)):
        await ex.create_order(*ORDER)
    assert [method for method, _ in server.seen] == ["POST"] + ["GET"] * looks


@pytest.mark.parametrize("refusal", ["RequestTimeout", "ExchangeNotAvailable", "OperationFailed"])
async def test_a_200_that_means_trouble_is_unknown(ex: demo, venue: tuple[KillServer, Venue], refusal: str) -> None:
    server, engine = venue
    engine.refuse["*"] = refusal
    with pytest.raises(getattr(errors, refusal)) as caught:
        await ex.create_order(*ORDER)
    assert caught.value.verdict == "absent" and len(server.executed) == 1  # type: ignore[attr-defined]


class Follower(demo):
    """Reads back what it placed or cancelled, as rooms do whose venue acts later than it answers."""

    async def create_order(self, symbol: str, type: str, side: str, amount: Any, price: Any = None, params: Any = None) -> Any:
        placed = await super().create_order(symbol, type, side, amount, price, params)
        return await self.fetch_order(placed["id"], symbol)

    async def cancel_order(self, id: str, symbol: str | None = None, params: Any = None) -> Any:
        await super().cancel_order(id, symbol, params)
        return await self.fetch_order(id, symbol)


@pytest.mark.parametrize(
    ("status", "kind"), [(429, "RateLimitExceeded"), (401, "AuthenticationError"), (403, "PermissionDenied"), (400, "BadRequest")]
)
async def test_a_refused_look_refuses_nothing_but_the_look(venue: tuple[KillServer, Venue], status: int, kind: str) -> None:
    server, engine = venue
    ex = Follower({"timeout": 300, "urls": {"api": {"public": server.url, "private": server.url}}})
    ex.set_markets([MARKET])
    refusals = 1

    def answer(method: str, target: str, body: Any) -> tuple[int, Any]:
        nonlocal refusals
        if method == "GET" and refusals:
            refusals -= 1
            return status, {"error": kind}
        return engine(method, target, body)

    server.answer = answer
    order = await ex.create_order(*ORDER)
    assert order["id"] == "1" and len(server.executed) == len(engine.orders) == 1
    refusals = 1
    assert (await ex.cancel_order("1", SYMBOL))["status"] == "canceled"
    refusals = 1000
    with pytest.raises(OrderOutcomeUnknown):
        await ex.create_order(*ORDER)
    assert len(engine.orders) == 2 and len(server.executed) == 3  # looked for, never sent again
    await ex.close()


async def test_unknown_stays_unknown_when_nobody_can_look(ex: demo, venue: tuple[KillServer, Venue]) -> None:
    server, _engine = venue
    ex.options["outcomeTimeout"] = 0.4
    server.mode, server.break_reads = "http502", True
    with pytest.raises(OrderOutcomeUnknown) as caught:
        await ex.create_order(*ORDER, {"clientOrderId": "mine"})
    assert caught.value.client_order_ids == ["mine"] and caught.value.symbol == SYMBOL and "mine" in str(caught.value)
    assert not isinstance(caught.value, (errors.OperationFailed, errors.ExchangeError))
    assert ex.unresolved["mine"]["status"] == "unknown" and ex.unresolved["mine"]["amount"] == 1
    server.mode, server.break_reads = "ok", False
    settled = await ex.resolve_unresolved()
    assert settled["mine"]["status"] == "found" and settled["mine"]["order"]["id"] == "1"
    assert len(server.executed) == 1


async def test_absence_proves_nothing_without_a_grace_time(venue: tuple[KillServer, Venue]) -> None:
    class vague(demo):
        absence_grace = None

    server, engine = venue
    ex = vague({"timeout": 300, "urls": {"api": {"private": server.url}}, "options": {"outcomeTimeout": 0.3}})
    ex.set_markets([])
    engine.refuse["*"] = "RequestTimeout"
    with pytest.raises(OrderOutcomeUnknown):
        await ex.create_order(*ORDER)
    await ex.close()


async def test_a_bad_member_does_not_hide_the_good_ones(ex: demo, venue: tuple[KillServer, Venue]) -> None:
    orders = await ex.create_orders([{"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 1, "price": price} for price in (99, 0)])
    assert [order["status"] for order in orders] == ["open", "rejected"]
    with pytest.raises(errors.InvalidOrder):
        await ex.create_orders([{"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 1, "price": 0}])


async def test_giving_up_keeps_the_intent(ex: demo, venue: tuple[KillServer, Venue]) -> None:
    server, _engine = venue
    server.mode = "never"
    ex.timeout = 5000
    placing = asyncio.ensure_future(ex.create_order(*ORDER, {"clientOrderId": "mine"}))
    while not server.executed:
        await asyncio.sleep(0.01)
    placing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await placing
    assert ex.unresolved["mine"]["status"] in ("pending", "found")
    while ex.unresolved["mine"]["status"] == "pending":
        await asyncio.sleep(0.01)
    assert ex.unresolved["mine"]["status"] == "found" and ex.unresolved["mine"]["order"]["id"] == "1"
    assert len(server.executed) == 1


async def test_giving_up_before_anything_left_keeps_nothing(venue: tuple[KillServer, Venue]) -> None:
    server, _ = venue
    ex = make_demo(server.url)
    ex.bucket("ip").hold(5)
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(ex.create_order(*ORDER), 0.05)
    assert not ex.unresolved and server.seen == []
    await ex.close()


async def test_an_order_confirmed_a_moment_ago_exists(ex: demo, venue: tuple[KillServer, Venue]) -> None:
    server, engine = venue
    order = await ex.create_order(*ORDER)
    engine.hidden.add(order["clientOrderId"])
    asyncio.get_running_loop().call_later(0.1, engine.hidden.clear)
    assert (await ex.fetch_order(order["id"], SYMBOL))["id"] == order["id"]
    engine.hidden.add(order["clientOrderId"])
    asyncio.get_running_loop().call_later(0.1, engine.hidden.clear)
    assert (await ex.cancel_order(order["id"], SYMBOL))["status"] == "canceled"
    seen = len(server.seen)
    with pytest.raises(errors.OrderNotFound):
        await ex.fetch_order("404", SYMBOL)
    assert len(server.seen) == seen + 1


class reader(demo):
    """Reads before it writes: the price of a market order, the flags of one that is changed, what is open."""

    async def create_order(self, *args: Any, **kwargs: Any) -> Any:
        await self.fetch_open_orders()
        return await super().create_order(*args, **kwargs)

    async def edit_order(self, *args: Any, **kwargs: Any) -> Any:
        await self.fetch_open_orders()
        return await super().edit_order(*args, **kwargs)

    async def cancel_all_orders(self, symbol: str | None = None, params: Any = None) -> Any:
        await self.fetch_open_orders()
        return await super().cancel_all_orders(symbol, params)


@pytest.mark.parametrize("mode", ["http502", "rst_no_reply", "html200"])
async def test_what_is_read_before_an_order_is_no_order(venue: tuple[KillServer, Venue], mode: str) -> None:
    """Where it cannot be read nothing was sent, and nobody waits to learn that."""
    server, _ = venue
    ex = make_demo(server.url, kind=reader)
    server.mode, server.break_reads = mode, True
    for name, arguments in (
        ("create_order", ORDER),
        ("edit_order", ("1", SYMBOL, "limit", "buy", 2, 101)),
        ("cancel_all_orders", (SYMBOL,)),
    ):
        with pytest.raises(errors.OperationFailed) as caught:
            await getattr(ex, name)(*arguments)
        assert caught.value.verdict == "not_sent" and not ex.unresolved  # type: ignore[attr-defined]
    assert {method for method, _ in server.seen} == {"GET"}
    await ex.close()


async def test_members_of_a_batch_are_looked_for_with_the_parameters_of_the_call(ex: demo, venue: tuple[KillServer, Venue]) -> None:
    """`create_orders(rows, {"account": "sub"})`: in the main account none of them is found, and that proves nothing."""
    server, _ = venue
    looks: list[Any] = []
    real, one = ex.find_order, ex.fetch_order

    async def find_order(client_order_id: str, symbol: Any = None, params: Any = None) -> Any:
        looks.append(params)
        return await real(client_order_id, symbol, params) if (params or {}).get("account") == "sub" else None

    async def fetch_order(id: str, symbol: Any = None, params: Any = None) -> Any:
        looks.append(params)
        return await one(id, symbol, params)

    ex.find_order, ex.fetch_order = find_order, fetch_order  # type: ignore[method-assign]
    row = {"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 0.01, "price": 100}
    server.mode = "rst_no_reply"
    placed = await ex.create_orders([row, {**row, "params": {"flag": 1}}], {"account": "sub"})
    assert [order["id"] for order in placed] == ["1", "2"]
    assert [(params["account"], params.get("flag")) for params in looks] == [("sub", None), ("sub", 1)]


async def test_what_is_no_ccxt_exception_becomes_one(ex: demo, venue: tuple[KillServer, Venue]) -> None:
    async def broken(*_: Any) -> Any:
        return {}

    ex.fetch = broken  # type: ignore[method-assign, assignment]
    with pytest.raises(errors.ExchangeError, match="KeyError"):
        await ex.fetch_open_orders()
    with pytest.raises(errors.ArgumentsRequired):
        await ex.cancel_order()  # type: ignore[call-arg]


async def test_what_was_answered_is_never_called_absent(ex: demo, venue: tuple[KillServer, Venue], monkeypatch: pytest.MonkeyPatch) -> None:
    """The venue took the order, the room could make nothing of the answer, and no look finds it: that is not "safe to send again"."""
    server, engine = venue

    def unreadable(*args: Any, **kwargs: Any) -> None:
        raise errors.BadResponse("no id in the answer")

    monkeypatch.setattr(ex, "safe_order", unreadable)
    engine.hidden.add("mine")
    ex.options["outcomeTimeout"] = 0.5
    with pytest.raises(OrderOutcomeUnknown):
        await ex.create_order(*ORDER, {"clientOrderId": "mine"})
    assert len(server.executed) == len(engine.orders) == 1
