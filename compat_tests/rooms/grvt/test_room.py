"""The room against its paper venue: sessions, orders that take their time, edits, exits, streams; and recorded frames through the real handlers."""

from __future__ import annotations

import ast
import asyncio
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import ccxt_dex
from ccxt_dex._ccxt import errors
from ccxt_dex.errors import OrderOutcomeUnknown
from ccxt_dex.exchanges.grvt import parsing
from compat_tests.rooms.grvt import captures
from compat_tests.rooms.grvt.test_every_true import SYMBOL, desk

FOLDER = Path(parsing.__file__).parent


async def until(condition: Any, what: str) -> Any:
    for _ in range(400):
        found = condition()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(f"never happened: {what}")


def low(venue: Any, share: str = "0.97") -> float:
    return float(int(venue.engine.mark("BTC_USDT_Perp") * Decimal(share)))


def logins(venue: Any) -> int:
    return sum(request.path.endswith("/login") for request in venue.requests())


# --- sessions -----------------------------------------------------------------------------------------------------------------------


async def test_one_login_for_all_instances_and_the_next_start() -> None:
    async with desk() as (venue, ex):
        await asyncio.gather(ex.fetch_balance(), ex.fetch_positions(), ex.fetch_open_orders())
        other = ccxt_dex.grvt(venue.config())
        try:
            await other.fetch_balance()
        finally:
            await other.close()
        assert logins(venue) == 1


async def test_the_session_is_renewed_before_it_ends() -> None:
    async with desk(session_s=30) as (venue, ex):
        await ex.fetch_balance()
        session = ex.session_manager.session
        assert session.expires - session.issued == pytest.approx(30_000, abs=2000)
        session.issued, session.expires = session.issued - 28_000, session.expires - 28_000
        await ex.fetch_balance()
        assert len(venue.tokens()) == 2


@pytest.mark.parametrize("told", [True, False])
async def test_the_account_is_found_with_or_without_the_logins_help(told: bool) -> None:
    async with desk(login_ids=told) as (venue, ex):
        assert await ex.sub_account() == venue.adapter.subs["alice"]
        assert any(request.path.endswith("get_sub_accounts") for request in venue.requests()) is not told
        assert await ex.main_account() == venue.adapter.mains["alice"]


async def test_several_accounts_want_a_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    async with desk(login_ids=False) as (venue, _ex):
        other = ccxt_dex.grvt({**venue.config(), "options": {"tokenStore": False}})
        other._accounts = {}
        call = other.call

        async def two(endpoint: str, params: Any = None) -> Any:
            return {"sub_account_ids": ["1", "2"]} if endpoint.endswith("GetSubAccounts") else await call(endpoint, params)

        monkeypatch.setattr(other, "call", two)
        try:
            with pytest.raises(errors.ArgumentsRequired, match="1, 2"):
                await other.sub_account()
            other.uid = "2"
            assert await other.sub_account() == "2"
            other.uid = "two"
            with pytest.raises(errors.AuthenticationError):
                await other.sub_account()
        finally:
            await other.close()


async def test_a_wrong_api_key_is_an_authentication_error_and_not_told() -> None:
    async with desk() as (venue, _ex):
        other = ccxt_dex.grvt({**venue.config(), "apiKey": "2wrong-api-key-of-somebody"})
        try:
            with pytest.raises(errors.AuthenticationError) as caught:
                await other.fetch_balance()
            assert "wrong-api-key" not in str(caught.value)
        finally:
            await other.close()


async def test_a_cookie_that_aiohttp_kept_does_not_replace_ours() -> None:
    async with desk() as (venue, ex):
        await ex.fetch_balance()
        ex.session.cookie_jar.update_cookies({"gravity": "STALE"})
        assert (await ex.fetch_balance())["USDT"]["total"] == 100_000
        assert logins(venue) == 1 and not [morsel for morsel in ex.session.cookie_jar if morsel.key == "gravity"]


async def test_the_trading_socket_is_let_in_by_the_session_of_now() -> None:
    """The session ends while the socket is away: the dial is refused once, and made again with a new one."""
    async with desk() as (venue, ex):
        waiting = asyncio.ensure_future(ex.watch_orders())
        await until(lambda: venue.subscribed(1), "subscribed")
        await venue.fault({"kind": "expire_session"})
        await venue.fault({"kind": "drop_ws"})
        await until(lambda: len(venue.tokens()) == 2 and venue.subscribed(1), "signed in anew and subscribed")
        order = await ex.create_order(SYMBOL, "limit", "buy", 0.01, low(venue))
        assert [row["id"] for row in await asyncio.wait_for(waiting, 10)] == [order["id"]]


async def test_the_private_key_is_sent_nowhere_and_the_api_key_to_the_login_only() -> None:
    async with desk() as (venue, ex):
        await ex.create_order(SYMBOL, "limit", "buy", 0.01, low(venue))
        for request in venue.requests():
            text = f"{request.path} {dict(request.headers)} {request.body!r}"
            assert ex.privateKey.removeprefix("0x") not in text
            assert (ex.apiKey in text) == request.path.endswith("/login")


# --- orders -------------------------------------------------------------------------------------------------------------------------


async def test_the_stream_of_orders_saves_the_lookup() -> None:
    async with desk() as (venue, ex):
        watching = asyncio.ensure_future(ex.watch_orders())
        await until(lambda: ex.watches_orders(), "the stream runs")
        order = await ex.create_order(SYMBOL, "limit", "buy", 0.01, low(venue))
        assert order["status"] == "open" and order["id"].startswith("0x")
        assert not [request for request in venue.requests() if request.path.endswith("/v1/order")]
        await watching


async def test_an_order_that_cannot_be_found_yet_is_not_sent_again() -> None:
    async with desk(latency_ms=900) as (venue, ex):
        order = await ex.create_order(SYMBOL, "limit", "buy", 0.01, low(venue))
        assert order["status"] == "open" and order["id"].startswith("0x") and len(venue.adapter.gateway.arrived) == 1


async def test_without_waiting_the_client_id_is_the_id() -> None:
    async with desk() as (venue, ex):
        order = await ex.create_order(SYMBOL, "limit", "buy", 0.01, low(venue), {"wait": False, "clientOrderId": "987"})
        assert (order["id"], order["clientOrderId"], order["status"]) == ("987", "987", "open")
        found = await until(lambda: quiet(ex.fetch_order("987", SYMBOL)), "it is matched")
        assert found["clientOrderId"] == "987" and found["id"].startswith("0x")
        assert (await ex.cancel_order("987", SYMBOL))["status"] == "canceled"


async def quiet(call: Any) -> Any:
    try:
        return await call
    except errors.OrderNotFound:
        return None


@pytest.mark.parametrize(
    "params,price,error",
    [({"postOnly": True}, "1.01", errors.OrderImmediatelyFillable), ({"reduceOnly": True}, "0.97", errors.InvalidOrder)],
)
async def test_what_the_venue_refuses_is_raised(params: dict[str, Any], price: str, error: type) -> None:
    async with desk() as (venue, ex):
        with pytest.raises(error):
            await ex.create_order(SYMBOL, "limit", "buy", 0.01, low(venue, price), params)
        assert await ex.fetch_open_orders() == []


async def test_not_found_is_never_proof() -> None:
    """A signature lives for a month: an answer that is lost for an order that cannot be found leaves the question open."""
    async with desk() as (venue, ex):
        ex.options["outcomeTimeout"] = 0.3
        await venue.fault({"kind": "http_status", "status": 503, "match": "POST /trades/full/v1/create_order"})
        with pytest.raises(OrderOutcomeUnknown) as caught:
            await ex.create_order(SYMBOL, "limit", "buy", 0.01, low(venue), {"clientOrderId": "555"})
        assert caught.value.client_order_ids == ["555"] and ex.unresolved["555"]["status"] == "unknown"


async def test_the_same_request_twice_is_one_order() -> None:
    """The venue takes an equal nonce and payload for a repetition."""
    async with desk() as (venue, ex):
        await ex.create_order(SYMBOL, "limit", "buy", 0.01, low(venue))
        sent = next(request for request in venue.requests() if request.path.endswith("create_order"))
        await ex.call("privateTradingPostFullV1CreateOrder", json.loads(sent.body))
        await asyncio.sleep(0.1)
        assert len(await ex.fetch_open_orders()) == 1


async def test_an_edit_takes_what_was_filled_off_and_keeps_the_rest() -> None:
    async with desk() as (venue, ex):
        level, available = venue.engine.book("BTC_USDT_Perp", 1)[1][0]
        order = await ex.create_order(SYMBOL, "limit", "buy", float(available + Decimal("0.02")), float(level))
        assert order["filled"] == float(available)
        whole = float(available + Decimal("0.05"))
        edited = await ex.edit_order(order["id"], SYMBOL, "limit", "buy", whole, low(venue))
        assert edited["amount"] == pytest.approx(0.05) and edited["id"] != order["id"]
        assert (await ex.fetch_order(order["id"]))["status"] == "canceled"
        assert [row["id"] for row in await ex.fetch_open_orders()] == [edited["id"]]


async def test_an_edit_of_a_filled_order_places_nothing() -> None:
    """The venue's own cancel-replace would: twice the position."""
    async with desk() as (venue, ex):
        order = await ex.create_order(SYMBOL, "market", "buy", 0.01)
        with pytest.raises(errors.OrderNotFound):
            await ex.edit_order(order["id"], SYMBOL, "limit", "buy", 0.01, low(venue))
        assert await ex.fetch_open_orders() == [] and (await ex.fetch_position(SYMBOL))["contracts"] == 0.01


async def test_an_edit_keeps_flags_trigger_and_end() -> None:
    async with desk() as (venue, ex):
        await ex.create_order(SYMBOL, "market", "buy", 0.02)
        end = ex.milliseconds() + 3_600_000
        stop = await ex.create_order(
            SYMBOL, "market", "sell", 0.01, None, {"stopLossPrice": low(venue), "triggerPriceType": "mark", "orderExpiry": end}
        )
        edited = await ex.edit_order(stop["id"], SYMBOL, "market", "sell", 0.02)
        assert edited["stopLossPrice"] == low(venue) and edited["reduceOnly"] is True and edited["amount"] == 0.02
        wire = edited["info"]
        assert wire["metadata"]["trigger"]["tpsl"]["trigger_by"] == "MARK" and wire["signature"]["expiration"] == str(end * 1_000_000)


async def test_a_batch_of_two_markets_is_two_requests() -> None:
    async with desk() as (venue, ex):
        ether = float(int(venue.engine.mark("ETH_USDT_Perp") * Decimal("0.97")))
        member = {"type": "limit", "side": "buy"}
        first = {**member, "symbol": SYMBOL, "amount": 0.01, "price": low(venue)}
        second = {**member, "symbol": "ETH/USDT:USDT", "amount": 0.1, "price": ether}
        rows = await ex.create_orders([first, second, first, {**second, "params": {"stopLossPrice": ether - 100, "reduceOnly": False}}])
        assert [row["symbol"] for row in rows] == [SYMBOL, "ETH/USDT:USDT", SYMBOL, "ETH/USDT:USDT"]
        assert [row["status"] for row in rows] == ["open"] * 4
        paths = [
            request.path.rpartition("/")[2]
            for request in venue.requests()
            if "order" in request.path and request.path.endswith(("bulk_orders", "create_order"))
        ]
        assert sorted(paths) == ["bulk_orders", "create_order", "create_order"]


async def test_cancel_all_after_of_less_than_a_second_would_switch_it_off() -> None:
    async with desk() as (_venue, ex):
        for wrong in (1, 1000, 300_001):
            with pytest.raises(errors.BadRequest):
                await ex.cancel_all_orders_after(wrong)


# --- streams ------------------------------------------------------------------------------------------------------------------------


class Sink:
    """Stands where a client of a socket is."""

    def __init__(self, url: str, *keys: str) -> None:
        self.url, self.subscriptions, self.results, self.resyncs = url, dict.fromkeys(keys, True), [], []
        self.futures: dict[str, Any] = {}
        record = type("Record", (), {"hashes": ("hash",)})()
        self.ledger = type("Ledger", (), {"topics": dict.fromkeys(keys, record)})()

    def resolve(self, result: Any, message_hash: str) -> None:
        self.results.append(result)

    def confirm(self, key: str) -> None:
        pass

    def resync(self, message_hash: str, reason: str) -> None:
        self.resyncs.append(reason)

    def refuse_unconfirmed(self, error: Exception) -> bool:
        self.results.append(error)
        return True


async def test_recorded_frames_through_the_real_handlers() -> None:
    async with desk() as (_venue, ex):
        sink = Sink(ex.public_url(), "v1.book.s|BTC_USDT_Perp@500-10", "v1.trade|BTC_USDT_Perp@50")
        frames = captures.frames("B")
        for frame in frames:
            ex.handle_message(sink, frame)
        last = [frame for frame in frames if frame.get("stream") == "v1.book.s"][-1]
        book = ex.orderbooks[SYMBOL]
        assert [f"{row[0]:.1f}" for row in book["bids"]] == [row["price"] for row in last["feed"]["bids"]]
        assert book["timestamp"] == int(last["feed"]["event_time"]) // 1_000_000 and book["nonce"] == int(last["sequence_number"])
        trades = [frame for frame in frames if frame.get("stream") == "v1.trade" and "feed" in frame]
        assert [trade["id"] for trade in ex.trades[SYMBOL]] == [frame["feed"]["trade_id"] for frame in trades]
        assert sink.resyncs == []
        for frame in trades:  # a second subscription repeats them
            ex.handle_message(sink, frame)
        assert len(ex.trades[SYMBOL]) == len(trades)


async def test_a_gap_in_recorded_frames_is_found() -> None:
    async with desk() as (_venue, ex):
        sink = Sink(ex.public_url(), "v1.book.s|BTC_USDT_Perp@500-10")
        frames = [frame for frame in captures.frames("B") if "v1.book.s" in json.dumps(frame)]
        left_out = frames.pop(8)["sequence_number"]
        for frame in frames[:12]:
            ex.handle_message(sink, frame)
        assert sink.resyncs == [f"{left_out} after {int(left_out) - 1}"]


async def test_a_recorded_refusal_names_what_was_asked_a_moment_ago() -> None:
    async with desk() as (_venue, ex):
        sink = Sink(ex.public_url())
        ex.handle_message(sink, captures.frames("A")[0])
        assert isinstance(sink.results[0], errors.BadRequest) and "1003" in str(sink.results[0])


async def test_fills_of_a_gap_are_read_by_rest() -> None:
    async with desk() as (venue, ex):
        seen: list[Any] = []

        async def watch() -> None:
            while True:
                seen.extend(dict(row) for row in await ex.watch_my_trades())

        task = asyncio.ensure_future(watch())
        try:
            await until(lambda: venue.subscribed(1), "subscribed")
            first = await ex.create_order(SYMBOL, "market", "buy", 0.01)
            await until(lambda: seen, "a fill")
            await venue.fault({"kind": "gap", "match": "v1.fill"})
            lost = await ex.create_order(SYMBOL, "market", "buy", 0.01)
            third = await ex.create_order(SYMBOL, "market", "sell", 0.01)
            await until(lambda: {row["order"] for row in seen} == {first["id"], lost["id"], third["id"]}, "the one that was left out too")
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        assert len(seen) == len({row["id"] for row in seen})


@pytest.mark.parametrize(
    ("kind", "stream", "broken"), [("orders", "v1.order", {"state": {"status": "MELTED"}}), ("my_trades", "v1.fill", {"price": "x"})]
)
async def test_a_row_of_the_account_that_cannot_be_read_is_not_passed_over_in_silence(
    kind: str, stream: str, broken: dict[str, Any]
) -> None:
    """Composed: a status and a number that nobody knows."""
    async with desk() as (_venue, ex):
        order = await ex.create_order(SYMBOL, "market", "buy", 0.01)
        good = order["info"] if kind == "orders" else (await ex.fetch_my_trades(SYMBOL))[-1]["info"]
        waiting = asyncio.ensure_future(getattr(ex, f"watch_{kind}")())
        client = await until(lambda: next((each for each in (ex.clients or {}).values() if each.state == "open"), None), "connected")
        await until(lambda: all(record.confirmed for record in client.ledger.topics.values()), "subscribed")
        ex.handle_message(
            client, {"stream": stream, "selector": await ex.sub_account(), "sequence_number": "0", "feed": {**good, **broken}}
        )
        with pytest.raises(errors.BadResponse):
            await asyncio.wait_for(waiting, 5)
        assert client.state == "open"


async def test_a_refused_subscription_is_the_callers_and_nobody_elses() -> None:
    async with desk() as (venue, ex):
        await venue.market({"pause": False})
        await ex.watch_order_book(SYMBOL, None, {"interval": 50})
        with pytest.raises(errors.BadRequest, match="3030"):
            await asyncio.wait_for(ex.watch_ticker(SYMBOL, {"interval": 7}), 5)
        assert (await asyncio.wait_for(ex.watch_order_book(SYMBOL, None, {"interval": 50}), 5))["bids"]


# --- the rooms' rules ---------------------------------------------------------------------------------------------------------------


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(("." * node.level) + (node.module or ""))
    return found


@pytest.mark.parametrize("path", sorted((FOLDER / "paper").glob("*.py")), ids=lambda path: path.name)
def test_the_paper_venue_knows_nothing_of_the_room(path: Path) -> None:
    allowed = ("ccxt_dex.paper", "ccxt_dex.exchanges.grvt.paper")
    assert not [name for name in imported(path) if name.startswith((".", "ccxt")) and not name.startswith(allowed)]


@pytest.mark.parametrize("name", ["signing.py", "orders.py", "parsing.py", "tables.py"])
def test_pure_files_are_pure(name: str) -> None:
    banned = {"asyncio", "ccxt", "aiohttp", "ccxt_dex._ccxt", "time", "random", "secrets"}
    assert not imported(FOLDER / name) & banned
