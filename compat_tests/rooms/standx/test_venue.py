"""Against the paper venue, which checks signatures with other libraries and was written independently."""

from __future__ import annotations

import asyncio
import json
import os
import stat
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

import ccxt_dex
from ccxt_dex import paper
from ccxt_dex._ccxt import errors
from ccxt_dex.errors import OrderOutcomeUnknown
from ccxt_dex.streams import ProtocolPing

SYMBOL = "BTC/DUSD:DUSD"


@asynccontextmanager
async def desk(login: str = "wallet", config: dict[str, Any] | None = None, **options: Any) -> AsyncIterator[tuple[Any, Any]]:
    async with paper.start("standx", seed=7, login=login, **options) as venue:
        await venue.market({"pause": True})
        ex = ccxt_dex.standx({**venue.config(), **(config or {})})
        try:
            await ex.load_markets()
            yield venue, ex
        finally:
            await ex.close()


async def until(condition: Callable[[], Any], seconds: float = 8.0) -> Any:
    async def poll() -> Any:
        while not (value := condition()):
            await asyncio.sleep(0.01)
        return value

    return await asyncio.wait_for(poll(), seconds)


def low(ex: Any, venue: Any, factor: float = 0.98) -> float:
    return float(ex.price_to_precision(SYMBOL, float(venue.engine.mark("BTC-USD")) * factor))


def asked(venue: Any, path: str) -> int:
    return sum(request.path.endswith(path) for request in venue.requests())


def files() -> list[Path]:
    return [path for path in Path(os.environ["CCXT_DEX_HOME"]).rglob("*") if path.is_file()]


@pytest.mark.parametrize("login", ["wallet", "solana", "token"])
async def test_every_kind_of_credentials_trades_over_both_ways(login: str) -> None:
    async with desk(login) as (venue, ex):
        for create, cancel in ((ex.create_order, ex.cancel_order), (ex.create_order_ws, ex.cancel_order_ws)):
            order = await create(SYMBOL, "limit", "buy", 0.01, low(ex, venue))
            assert order["status"] == "open" and order["id"].isdigit() and order["clientOrderId"].startswith("c")
            assert (await cancel(order["id"], SYMBOL))["status"] == "canceled"
            assert (await ex.fetch_order(order["id"], SYMBOL))["status"] == "canceled"
        assert asked(venue, "/login") == (0 if login == "token" else 1)
        assert len(venue.engine.account(venue.account()).orders) == 2


async def test_a_session_is_kept_privately_and_used_by_the_next_instance() -> None:
    async with desk() as (venue, ex):
        await ex.fetch_balance()
        (file,) = files()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        other = ccxt_dex.standx(venue.config())
        await other.fetch_balance()
        await other.close()
        assert asked(venue, "/login") == 1


async def test_sessions_of_two_wallets_do_not_mix() -> None:
    async with desk() as (venue, ex):
        other = ccxt_dex.standx(venue.config("bob", deposit="5"))
        assert (await ex.fetch_balance())["DUSD"]["total"] != (await other.fetch_balance())["DUSD"]["total"] == 5.0
        await other.close()
        assert len(files()) == 2 and asked(venue, "/login") == 2


async def test_a_kept_session_of_another_wallet_is_not_used() -> None:
    async with desk() as (venue, ex):
        await ex.sign_in()
        (file,) = files()
        kept = json.loads(file.read_text(encoding="utf-8"))
        kept["data"]["owner"] = "bsc:0x" + "11" * 20
        file.write_text(json.dumps(kept), encoding="utf-8")
        from ccxt_dex import sessions

        sessions._states.clear()
        await ex.fetch_balance()
        assert asked(venue, "/login") == 2


async def test_a_refused_session_is_renewed_once_for_reads_orders_and_sockets() -> None:
    async with desk() as (venue, ex):
        for number, call in enumerate((ex.create_order, ex.create_order_ws), 2):
            await ex.create_order(SYMBOL, "limit", "buy", 0.01, low(ex, venue))
            await venue.fault({"kind": "expire_session"})
            order = await call(SYMBOL, "limit", "buy", 0.01, low(ex, venue))
            assert order["status"] == "open"
            await ex.fetch_balance()
            assert asked(venue, "/login") == number
        assert len(venue.engine.account(venue.account()).orders) == 4


@pytest.mark.parametrize("status", [429, 403])
async def test_an_order_that_was_taken_is_not_called_refused_when_it_cannot_be_read_back(status: int) -> None:
    async with desk("token") as (venue, ex):
        for number, create in enumerate((ex.create_order, ex.create_order_ws), 1):
            await venue.fault(
                {"kind": "http_status", "status": status, "body": {"code": status, "message": "odd"}, "match": "*query_order"}
            )
            order = await create(SYMBOL, "limit", "buy", 0.01, low(ex, venue))
            assert order["status"] == "open" and order["id"].isdigit()
            assert len(venue.engine.account(venue.account()).orders) == number


async def test_giving_up_on_an_order_of_the_socket_keeps_the_question() -> None:
    async with desk("token") as (venue, ex):
        await ex.order_link()
        await venue.fault({"kind": "mute_ws", "match": "*ws-api*", "count": 1000})
        task = asyncio.ensure_future(ex.create_order_ws(SYMBOL, "limit", "buy", 0.01, low(ex, venue), {"timeout": 60}))
        (placed,) = await until(lambda: list(venue.engine.account(venue.account()).orders.values()))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        (kept,) = ex.unresolved.values()
        await until(lambda: kept["status"] == "found")
        assert kept["clientOrderId"] == placed.request.client_id == kept["order"]["clientOrderId"]


async def test_a_token_that_is_refused_stays_refused() -> None:
    async with desk("token") as (venue, ex):
        await venue.fault({"kind": "expire_session"})
        for call in (ex.fetch_balance(), ex.create_order(SYMBOL, "limit", "buy", 0.01, low(ex, venue))):
            with pytest.raises(errors.AuthenticationError):
                await call
        with pytest.raises(errors.AuthenticationError):
            await ex.create_order_ws(SYMBOL, "limit", "buy", 0.01, low(ex, venue))
        with pytest.raises(errors.AuthenticationError):
            await ex.watch_orders()
        assert asked(venue, "/login") == 0 and venue.engine.account(venue.account()).orders == {}


async def test_a_token_with_the_request_key_of_another_is_refused() -> None:
    async with desk("token") as (venue, ex):
        other = ccxt_dex.standx({**venue.config(), **venue.wrong_key()})
        await other.load_markets()
        for create in (other.create_order, other.create_order_ws):
            with pytest.raises(errors.AuthenticationError):
                await create(SYMBOL, "limit", "buy", 0.01, low(ex, venue))
        await other.close()
        assert venue.engine.account(venue.account()).orders == {}


async def test_a_read_only_token_may_not_trade() -> None:
    async with desk("readonly") as (venue, ex):
        assert (await ex.fetch_balance())["DUSD"]["total"] > 0
        with pytest.raises(errors.PermissionDenied):
            await ex.create_order(SYMBOL, "limit", "buy", 0.01, low(ex, venue))


async def test_a_wallet_that_was_never_funded_has_zeros_and_nothing_open() -> None:
    async with desk() as (venue, _):
        other = ccxt_dex.standx(venue.config("poor", deposit="0"))
        await other.load_markets()
        assert (await other.fetch_balance())["DUSD"] == {"total": 0.0, "free": 0.0, "used": 0.0}
        assert await other.fetch_open_orders() == [] and await other.fetch_positions() == []
        with pytest.raises(errors.InsufficientFunds):
            await other.create_order(SYMBOL, "limit", "buy", 0.01, low(other, venue))
        await other.close()


@pytest.mark.parametrize("over", ["create_order", "create_order_ws"])
async def test_matching_refuses_after_the_gateway_took_it(over: str) -> None:
    async with desk() as (venue, ex):
        with pytest.raises(errors.OrderImmediatelyFillable):
            await getattr(ex, over)(SYMBOL, "limit", "buy", 0.01, low(ex, venue, 1.001), {"postOnly": True})
        with pytest.raises(errors.InsufficientFunds):
            await getattr(ex, over)(SYMBOL, "limit", "buy", 100, low(ex, venue))
        assert await ex.fetch_open_orders() == []


@pytest.mark.parametrize(
    "options",
    [{"accepted_frames": False}, {"auth_code": 0}, {"cancel_errors": "sync"}, {"cancel_orders_reply": "list"}, {"list_code": False}],
)
async def test_older_and_newer_servers(options: dict[str, Any]) -> None:
    async with desk(**options) as (venue, ex):
        watching = asyncio.ensure_future(ex.watch_orders())
        await until(lambda: venue.subscribed(1))
        order = await ex.create_order(SYMBOL, "limit", "buy", 0.01, low(ex, venue))
        assert (await asyncio.wait_for(watching, 5))[-1]["id"] == order["id"]
        assert [row["id"] for row in await ex.fetch_open_orders()] == [order["id"]]
        assert (await ex.cancel_orders([order["id"]], SYMBOL))[0]["status"] == "canceled"
        for cancel in (ex.cancel_order, ex.cancel_order_ws):
            with pytest.raises(errors.OrderNotFound):
                await cancel(order["id"], SYMBOL)


@pytest.mark.parametrize("path", ["create_order", "create_order_ws"])
async def test_without_results_from_the_socket_the_order_is_looked_up(path: str) -> None:
    async with desk(config={"options": {"resultSeconds": 0.3}}) as (venue, ex):
        await ex.order_link()
        await venue.fault({"kind": "mute_ws", "match": "/ws-api/v1", "ms": 3000, "deaf": False})
        order = await getattr(ex, path)(SYMBOL, "limit", "buy", 0.01, low(ex, venue))
        assert order["status"] == "open" and len(venue.engine.account(venue.account()).orders) == 1


async def test_without_an_order_socket_orders_work_and_are_settled() -> None:
    async with desk(config={"options": {"orderSocket": False, "chain": "bsc"}}) as (venue, ex):
        order = await ex.create_order(SYMBOL, "limit", "buy", 0.01, low(ex, venue))
        assert (await ex.cancel_order(order["id"], SYMBOL))["status"] == "canceled"
        with pytest.raises(errors.InvalidOrder):
            await ex.create_order(SYMBOL, "limit", "buy", 0.01, low(ex, venue, 1.001), {"postOnly": True})
        assert not any("/ws-api" in url for url in ex.clients)


@pytest.mark.parametrize("path", ["create_order", "create_order_ws"])
async def test_a_link_lost_under_an_order_never_doubles_it(path: str) -> None:
    async with desk(order_latency_ms=300) as (venue, ex):
        await ex.order_link()
        placing = asyncio.ensure_future(getattr(ex, path)(SYMBOL, "limit", "buy", 0.01, low(ex, venue)))
        await until(lambda: asked(venue, "new_order") or any("order:new" in str(request.body) for request in venue.requests()))
        await venue.fault({"kind": "drop_ws", "match": "/ws-api/v1"})
        try:
            order = await placing
        except OrderOutcomeUnknown as unknown:
            assert unknown.client_order_ids
        else:
            assert order["status"] == "open"
        assert len(venue.engine.account(venue.account()).orders) <= 1


async def test_wait_decides_how_much_is_known() -> None:
    async with desk() as (venue, ex):
        for create in (ex.create_order, ex.create_order_ws):
            for wait in ("accepted", "result"):
                order = await create(SYMBOL, "limit", "buy", 0.01, low(ex, venue), {"wait": wait})
                assert order["id"] == order["clientOrderId"] and order["amount"] == 0.01
                assert (await ex.fetch_order(order["id"], SYMBOL))["status"] == "open"
        with pytest.raises(errors.BadRequest):
            await ex.create_order(SYMBOL, "limit", "buy", 0.01, low(ex, venue), {"wait": "forever"})


async def test_an_edit_takes_off_what_was_filled_and_sends_nothing_when_the_old_order_is_gone() -> None:
    async with desk() as (venue, ex):
        level, available = venue.engine.book("BTC-USD", 1)[1][0]
        old = await ex.create_order(SYMBOL, "limit", "buy", float(available) + 0.05, float(level))
        edited = await ex.edit_order(old["id"], SYMBOL, "limit", "buy", float(available) + 0.02, low(ex, venue))
        assert edited["amount"] == pytest.approx(0.02) and edited["id"] != old["id"]
        assert (await ex.fetch_order(old["id"], SYMBOL))["status"] == "canceled"
        before = len(venue.engine.account(venue.account()).orders)
        with pytest.raises(errors.OrderNotFound):
            await ex.edit_order(old["id"], SYMBOL, "limit", "buy", 0.03, low(ex, venue))
        with pytest.raises(errors.InvalidOrder):
            await ex.edit_order(edited["id"], SYMBOL, "limit", "buy", 0.030001, low(ex, venue))
        assert len(venue.engine.account(venue.account()).orders) == before
        assert (await ex.fetch_order(edited["id"], SYMBOL))["status"] == "open"


async def test_an_edit_changes_nothing_that_was_not_asked_for() -> None:
    async with desk() as (venue, ex):
        await ex.create_order(SYMBOL, "market", "buy", 0.02)
        high = low(ex, venue, 1.02)
        old = await ex.create_order(SYMBOL, "limit", "sell", 0.01, high, {"reduceOnly": True, "postOnly": True})
        for edit in (ex.edit_order, ex.edit_order_ws):
            old = await edit(old["id"], SYMBOL, "limit", "sell", None, float(ex.price_to_precision(SYMBOL, old["price"] * 1.001)))
            assert old["reduceOnly"] is True and old["postOnly"] is True and old["amount"] == 0.01
        with pytest.raises(errors.BadRequest):
            await ex.edit_order(old["id"], "ETH-USD", "limit", "sell", 0.01, 3000)
        assert (await ex.fetch_order(old["id"]))["status"] == "open"


@pytest.mark.parametrize("lost", ["*cancel_order", "*new_order"])
async def test_a_lost_answer_in_an_edit_is_followed_up_by_the_new_orders_client_id(lost: str) -> None:
    async with desk("token") as (venue, ex):
        old = await ex.create_order(SYMBOL, "limit", "buy", 0.01, low(ex, venue))
        await venue.fault({"kind": "lose_reply", "match": lost})
        edited = await ex.edit_order(old["id"], SYMBOL, "limit", "buy", 0.01, low(ex, venue))
        assert edited["status"] == "open" and edited["id"] != old["id"] and not ex.unresolved
        assert [order["id"] for order in await ex.fetch_open_orders(SYMBOL)] == [edited["id"]]


async def test_a_client_order_id_under_the_venues_name_is_the_users() -> None:
    async with desk() as (venue, ex):
        order = await ex.create_order(SYMBOL, "limit", "buy", 0.01, low(ex, venue), {"cl_ord_id": "mine-1"})
        assert order["clientOrderId"] == "mine-1"
        with pytest.raises(errors.BaseError):
            await ex.create_order(SYMBOL, "limit", "buy", 0.01, low(ex, venue), {"cl_ord_id": "mine-1"})
        assert len(venue.engine.account(venue.account()).orders) == 1


async def test_a_batch_checks_all_before_it_sends_one() -> None:
    async with desk() as (venue, ex):
        good = {"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 0.01, "price": low(ex, venue)}
        with pytest.raises(errors.InvalidOrder):
            await ex.create_orders([good, {**good, "price": 0.001}])
        assert venue.engine.account(venue.account()).orders == {}
        rows = await ex.create_orders([good, {**good, "price": low(ex, venue, 1.001), "params": {"postOnly": True}}])
        assert [row["status"] for row in rows] == ["open", "rejected"] and rows[1]["info"]["error"] == "OrderImmediatelyFillable"


async def test_missed_events_are_read_after_the_account_socket_was_down() -> None:
    async with desk() as (venue, ex):
        resting = await ex.create_order(SYMBOL, "limit", "buy", 0.01, low(ex, venue))
        orders = asyncio.ensure_future(ex.watch_orders())
        trades = asyncio.ensure_future(ex.watch_my_trades())
        positions = asyncio.ensure_future(ex.watch_positions())
        balance = asyncio.ensure_future(ex.watch_balance())
        await until(lambda: venue.subscribed(4))
        other = ccxt_dex.standx(venue.config())
        await other.load_markets()
        await venue.fault({"kind": "refuse_connect", "match": "/ws-stream/v1", "count": 2})
        await venue.fault({"kind": "drop_ws", "match": "/ws-stream/v1"})
        await other.cancel_order(resting["id"], SYMBOL)
        filled = await other.create_order(SYMBOL, "market", "buy", 0.02)
        await other.close()
        done = await asyncio.wait_for(asyncio.gather(orders, trades, positions, balance), 10)
        assert [(row["id"], row["status"]) for row in done[0]] == [(resting["id"], "canceled")]
        assert sum(row["amount"] for row in done[1]) == pytest.approx(0.02) and {row["order"] for row in done[1]} == {filled["id"]}
        assert done[2][-1]["contracts"] == pytest.approx(0.02) and done[3]["DUSD"]["used"] > 0


async def test_a_hole_in_the_account_stream_is_filled_by_rest_and_copies_are_dropped() -> None:
    async with desk() as (venue, ex):
        watching = asyncio.ensure_future(ex.watch_orders())
        await until(lambda: venue.subscribed(1))
        await venue.fault({"kind": "gap", "match": "order"})
        first = await ex.create_order(SYMBOL, "limit", "buy", 0.01, low(ex, venue))
        second = await ex.create_order(SYMBOL, "limit", "buy", 0.01, low(ex, venue, 0.97))
        await asyncio.wait_for(watching, 5)
        await until(lambda: {row["id"] for row in ex.orders} == {first["id"], second["id"]})
        more = asyncio.ensure_future(ex.watch_my_trades())
        await until(lambda: venue.subscribed(2))
        await venue.fault({"kind": "duplicate", "match": "trade"})
        await ex.create_order(SYMBOL, "market", "buy", 0.01)
        fills = await asyncio.wait_for(more, 5)
        assert len({row["id"] for row in fills}) == len(fills)


async def test_a_session_that_ends_under_the_account_stream_is_renewed_unseen() -> None:
    async with desk() as (venue, ex):
        watching = asyncio.ensure_future(ex.watch_orders())
        await until(lambda: venue.subscribed(1))
        await venue.fault({"kind": "expire_session"})
        await venue.fault({"kind": "drop_ws", "match": "/ws-stream/v1"})
        order = await ex.create_order(SYMBOL, "limit", "buy", 0.01, low(ex, venue))
        assert (await asyncio.wait_for(watching, 10))[-1]["id"] == order["id"]


async def test_best_bid_and_ask_come_from_the_spread_although_the_book_is_bucketed() -> None:
    async with desk() as (_, ex):
        ticker, book = await ex.watch_ticker(SYMBOL), await ex.watch_order_book(SYMBOL)
        assert all(float(level[0]).is_integer() for level in (*book["bids"], *book["asks"]))
        rest = (await ex.fetch_bids_asks([SYMBOL]))[SYMBOL]
        assert (ticker["bid"], ticker["ask"]) == (rest["bid"], rest["ask"])
        assert await ex.watch_bids_asks([SYMBOL, "ETH"])


async def test_no_text_is_ever_sent_as_a_ping() -> None:
    assert isinstance(ccxt_dex.standx.stream_rules.ping, ProtocolPing)
    async with desk(ping_s=0.05) as (venue, ex):
        await ex.watch_order_book(SYMBOL)
        for _ in range(4):
            await ex.watch_order_book(SYMBOL)
        said = [json.loads(request.body) for request in venue.requests() if "ws-stream" in request.path and request.body]
        assert said and all(set(message) <= {"subscribe", "auth"} for message in said)


async def test_two_keys_one_account_rate_limit_is_shared() -> None:
    async with desk() as (venue, ex):
        other = ccxt_dex.standx(venue.config())
        await asyncio.gather(*(client.fetch_balance() for client in (ex, other) for _ in range(15)))
        await other.close()
        assert ex.bucket("account") is other.bucket("account")


async def test_positions_that_change_in_one_breath_are_all_told() -> None:
    async with desk() as (_, ex):
        seen: list[str] = []

        async def collect() -> None:
            while len(seen) < 3:
                seen.extend(row["symbol"] for row in await ex.watch_positions())

        task = asyncio.ensure_future(collect())
        client = await until(lambda: (ex.clients or {}).get(ex.user_url()))
        await until(lambda: "positions" in client.futures and client.state == "open")
        for number, market in enumerate(("BTC-USD", "ETH-USD", "SOL-USD")):
            frame = {"id": number, "symbol": market, "qty": "1", "entry_price": "100", "updated_at": "2026-08-10T09:05:50.265265Z"}
            ex.handle_message(client, {"channel": "position", "data": frame})
        await asyncio.wait_for(task, 8)
        assert seen == ["BTC/DUSD:DUSD", "ETH/DUSD:DUSD", "SOL/DUSD:DUSD"]


async def test_books_are_ordered_by_number_not_by_time() -> None:
    async with desk() as (_, ex):
        await ex.watch_order_book(SYMBOL)
        client = ex.client(ex.stream_url())
        book, first = ex.orderbooks[SYMBOL], client.venue_seq[1]

        def told(number: int, bid: str, stamp: int) -> list[Any]:
            data = {"symbol": "BTC-USD", "bids": [[bid, "1"]], "asks": [["70000", "1"]], "time": stamp}
            ex.handle_message(client, {"seq": first + number, "channel": "depth_book", "symbol": "BTC-USD", "data": data})
            return list(book["bids"][0])

        assert told(1, "60001", 4_102_444_800_000) == [60001, 1], "a time that is wrong"
        assert told(3, "60003", 1_781_147_823_495) == [60003, 1], "shuts out nothing"
        assert told(2, "60002", 1_781_147_823_490) == [60003, 1], "one that was overtaken comes too late"
        assert told(4, "60004", 1_781_147_823_000) == [60004, 1]


@pytest.mark.parametrize("reads_fail", [0, 3])
async def test_a_fill_that_was_skipped_is_told_although_a_later_one_came_first(reads_fail: int) -> None:
    async with desk("token") as (venue, ex):
        seen: list[str] = []

        async def collect() -> None:
            while True:
                seen.extend(trade["id"] for trade in await ex.watch_my_trades() if trade["id"] not in seen)

        task = asyncio.ensure_future(collect())
        client = await until(lambda: (ex.clients or {}).get(ex.user_url()))
        await until(lambda: client.state == "open" and "myTrades" in client.futures and "trade" in ex._noted)
        await venue.fault({"kind": "mute_ws", "match": "trade", "count": 1})
        order = await ex.create_order(SYMBOL, "market", "buy", 0.01)
        missed = [trade["id"] for trade in await ex.fetch_order_trades(order["id"], SYMBOL)]
        if reads_fail:
            await venue.fault({"kind": "http_status", "status": 503, "match": "*query_trades", "count": reads_fail})
        late = {
            "id": 7,
            "order_id": 8,
            "side": "buy",
            "symbol": "BTC-USD",
            "price": "60000",
            "qty": "0.01",
            "created_at": "2099-01-01T00:00:00Z",
        }
        ex.handle_message(client, {"seq": client.__dict__.get("venue_seq", [0, 0])[1] + 50, "channel": "trade", "data": late})
        await until(lambda: "7" in seen and set(missed) <= set(seen))
        assert len(seen) == len(missed) + 1
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_balance_that_cannot_be_read_at_once_is_read_again() -> None:
    async with desk("token") as (venue, ex):
        task = asyncio.ensure_future(ex.watch_balance())
        client = await until(lambda: (ex.clients or {}).get(ex.user_url()))
        await until(lambda: "balance" in client.futures and client.state == "open")
        await venue.fault({"kind": "http_status", "status": 503, "match": "*query_balance", "count": 2})
        await ex.create_order(SYMBOL, "market", "buy", 0.01)
        assert (await asyncio.wait_for(task, 10))["DUSD"]["total"] > 0
