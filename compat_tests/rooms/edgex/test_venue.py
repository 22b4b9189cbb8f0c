"""Against the paper venue, which checks signatures with other libraries and was written independently."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

import ccxt_dex
from ccxt_dex._ccxt import errors
from compat_tests.rooms.edgex.desk import CONTRACT, SYMBOL, at, desk, soon, until


def executed(venue: Any) -> int:
    return int(venue.server.log.orders_executed)


# --- signatures ------------------------------------------------------------------------------------------------------------------------------


async def test_orders_of_other_keys_never_reach_matching() -> None:
    async with desk() as (venue, ex):
        wallet = ex.options["walletPrivateKey"]
        for key in (venue.wrong_key()["privateKey"], wallet):
            ex.privateKey = key
            with pytest.raises(errors.AuthenticationError):
                await ex.create_order(SYMBOL, "limit", "buy", 0.01, at(ex, venue, 0.98))
        assert executed(venue) == 0


@pytest.mark.parametrize(
    "field,value",
    [
        ("size", "0.02"),
        ("price", "79999"),
        ("side", "SELL"),
        ("contractId", "30000002"),
        ("l2LimitFee", "2"),
        ("expireTime", "1999999999999"),
        ("l2Nonce", "1"),
        ("clientOrderId", "somebody-else"),
    ],
)
async def test_what_is_signed_cannot_be_changed_on_the_way(monkeypatch: pytest.MonkeyPatch, field: str, value: str) -> None:
    """The request is signed anew over the changed body: only the trading key's signature stands in the way."""
    async with desk() as (venue, ex):
        call = ex.call

        async def tampered(endpoint: str, params: Any = None) -> Any:
            return await call(endpoint, {**params, field: value} if endpoint.endswith("createorder") else params)

        monkeypatch.setattr(ex, "call", tampered)
        with pytest.raises(errors.ExchangeError):
            await ex.create_order(SYMBOL, "limit", "buy", 0.01, at(ex, venue, 0.98))
        assert executed(venue) == 0


async def test_requests_with_other_secrets_or_accounts_are_refused() -> None:
    async with desk(accounts=2) as (venue, _ex):
        bob = venue.config("bob")
        for change in ({"secret": bob["secret"]}, {"password": "wrong"}, {"apiKey": "nope"}, {"uid": bob["uid"]}):
            other: Any = ccxt_dex.edgex({**venue.config(), **change})
            try:
                with pytest.raises(errors.AuthenticationError):
                    await other.fetch_balance()
                with pytest.raises(errors.AuthenticationError):
                    await soon(other.watch_orders())
            finally:
                await other.close()


async def test_a_clock_that_is_off_is_told_as_such() -> None:
    async with desk() as (venue, ex):
        await venue.fault({"kind": "clock_skew", "ms": 100_000})
        with pytest.raises(errors.InvalidNonce):
            await ex.fetch_balance()


# --- orders ----------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("known", [True, False])
async def test_finished_orders_are_found_whether_or_not_the_venue_knows_them_by_id(known: bool) -> None:
    async with desk(finished_by_id=known) as (_venue, ex):
        order = await ex.create_order(SYMBOL, "market", "buy", 0.01, None, {"clientOrderId": "mine-1"})
        assert order["status"] == "closed" and order["average"] > 0 and order["fee"]["cost"] > 0
        for name in (order["id"], "mine-1"):
            assert (await ex.fetch_order(name, SYMBOL))["id"] == order["id"]
        assert await ex.find_order("never-sent") is None


async def test_good_till_date() -> None:
    async with desk() as (venue, ex):
        until_ms = venue.server.now() + 60_000
        params = {"timeInForce": "GTD", "expireTime": until_ms}
        order = await ex.create_order(SYMBOL, "limit", "buy", 0.01, at(ex, venue, 0.98), params)
        await venue.market({"advance_ms": 120_000})

        async def over() -> bool:
            return bool((await ex.fetch_order(order["id"], SYMBOL))["status"] == "expired")

        await until(over)


async def test_an_edit_keeps_flags_and_triggers() -> None:
    async with desk() as (venue, ex):
        await ex.create_order(SYMBOL, "market", "buy", 0.02)
        trigger = at(ex, venue, 0.97)
        stop = await ex.create_order(
            SYMBOL, "market", "sell", 0.02, None, {"stopLossPrice": trigger, "reduceOnly": True, "triggerPriceType": "mark"}
        )
        edited = await ex.edit_order(stop["id"], SYMBOL, "market", "sell", 0.01)
        (row,) = await ex.fetch_open_orders(SYMBOL)
        assert row["id"] == edited["id"] != stop["id"]
        assert (row["amount"], row["stopLossPrice"], row["reduceOnly"], row["info"]["triggerPriceType"]) == (
            0.01,
            trigger,
            True,
            "ORACLE_PRICE",
        )
        post = await ex.create_order(SYMBOL, "limit", "buy", 0.01, at(ex, venue, 0.98), {"postOnly": True})
        again = await ex.edit_order(post["id"], SYMBOL, "limit", "buy", None, at(ex, venue, 0.97))
        assert again["postOnly"] is True and again["amount"] == 0.01


async def test_a_market_order_stops_at_its_bound() -> None:
    async with desk() as (venue, ex):
        asks = venue.engine.book(CONTRACT, 200)[1]
        deep = sum(size for price, size in asks if price <= venue.engine.mark(CONTRACT) * Decimal("1.002"))
        amount = float(deep + 5)
        order = await ex.create_order(SYMBOL, "market", "buy", amount, None, {"slippage": "0.002"})
        assert order["status"] == "canceled" and 0 < order["filled"] < amount
        assert order["average"] <= float(venue.engine.mark(CONTRACT)) * 1.002


async def test_attached_exits_wait_with_the_limits_that_were_asked_for() -> None:
    async with desk() as (venue, ex):
        high, low = at(ex, venue, 1.03), at(ex, venue, 0.97)
        exits = {"takeProfit": {"triggerPrice": high, "price": high}, "stopLoss": {"triggerPrice": low}}
        entry = await ex.create_order(SYMBOL, "market", "buy", 0.01, None, {"clientOrderId": "entry", **exits})
        assert (entry["takeProfitPrice"], entry["stopLossPrice"], entry["triggerPrice"]) == (high, low, None)

        async def both() -> Any:
            rows = await ex.fetch_open_orders(SYMBOL)
            return rows if len(rows) == 2 else None

        rows = {row["clientOrderId"]: row for row in await until(both)}
        assert (rows["entry-tp"]["type"], rows["entry-tp"]["price"], rows["entry-tp"]["takeProfitPrice"]) == ("limit", high, high)
        assert (rows["entry-sl"]["type"], rows["entry-sl"]["side"], rows["entry-sl"]["stopLossPrice"]) == ("market", "sell", low)


async def test_sub_accounts_by_account_id() -> None:
    async with desk() as (venue, ex):
        sub = venue.config("alice-2", owner="alice")["uid"]
        assert {row["id"] for row in await ex.fetch_accounts()} == {ex.uid, sub}
        order = await ex.create_order(SYMBOL, "limit", "buy", 0.01, at(ex, venue, 0.98), {"accountId": sub})
        assert await ex.fetch_open_orders(SYMBOL) == []
        assert [row["id"] for row in await ex.fetch_open_orders(SYMBOL, None, None, {"accountId": sub})] == [order["id"]]
        assert (await ex.cancel_order(order["id"], SYMBOL, {"accountId": sub}))["status"] == "canceled"
        await ex.transfer("USDC", 250, ex.uid, sub)
        assert (await ex.fetch_balance({"accountId": sub}))["USDC"]["total"] == 100250 and venue.engine.balances("alice").balance == 99750


async def test_a_sub_account_has_a_stream_of_its_own() -> None:
    async with desk() as (venue, ex):
        other: Any = ccxt_dex.edgex({**venue.config("alice-2", owner="alice"), "enableRateLimit": False})
        try:
            waiting = asyncio.ensure_future(other.watch_orders())
            await until(lambda: venue.subscribed(1))
            mine = await ex.create_order(SYMBOL, "limit", "buy", 0.01, at(ex, venue, 0.98))
            theirs = await other.create_order(SYMBOL, "limit", "buy", 0.01, at(ex, venue, 0.97))
            assert theirs["id"] in {row["id"] for row in await soon(waiting)} and mine["id"] not in {row["id"] for row in other.orders}
        finally:
            await other.close()


# --- account ---------------------------------------------------------------------------------------------------------------------------------


async def test_leverage_and_margin_mode() -> None:
    async with desk() as (venue, ex):
        await ex.set_margin_mode("isolated", SYMBOL, {"leverage": 7})
        assert venue.engine.margin_mode("alice", CONTRACT) == "isolated" and venue.engine.leverage("alice", CONTRACT) == 7
        assert (await ex.fetch_leverage(SYMBOL))["longLeverage"] == 7
        await ex.create_order(SYMBOL, "market", "sell", 0.01)
        (row,) = await ex.fetch_positions([SYMBOL])
        assert (row["marginMode"], row["leverage"], row["side"], row["liquidationPrice"] > row["entryPrice"]) == (
            "isolated",
            7,
            "short",
            True,
        )
        await ex.create_order(SYMBOL, "limit", "buy", 0.01, at(ex, venue, 0.98))
        with pytest.raises(errors.OperationRejected):
            await ex.set_leverage(5, SYMBOL)
        await ex.cancel_all_orders(SYMBOL)
        await ex.close_position(SYMBOL)
        await ex.set_margin_mode("cross", SYMBOL)
        assert venue.engine.margin_mode("alice", CONTRACT) == "cross"
        await ex.create_order(SYMBOL, "market", "buy", 0.01)
        assert [row["marginMode"] for row in await ex.fetch_positions()] == ["cross"]


async def test_money_moves_by_the_wallet_key_once() -> None:
    async with desk(accounts=2) as (venue, ex):
        bob = venue.config("bob")["uid"]
        for _ in range(2):  # the same id: once
            moved = await ex.transfer("USDC", "12.345678", "swap", bob, {"clientTransferId": "move-1"})
        assert venue.engine.balances("alice").balance == Decimal("99987.654322")
        assert venue.engine.balances("bob").balance == Decimal("100012.345678")
        found = await ex.fetch_transfer(moved["id"])
        assert (found["status"], found["toAccount"], found["amount"]) == ("ok", bob, 12.345678)
        (row,) = await ex.fetch_transfers()
        assert (row["id"], row["fromAccount"]) == (moved["id"], ex.uid)
        made = await ex.withdraw("USDC", 5, ex.wallet_signer().address, None, {"source": "perpv2"})
        assert (made["amount"], made["fee"]["cost"]) == (4.9, 0.1)
        assert venue.engine.balances("alice").balance == Decimal("99982.654322")
        assert [row["amount"] for row in await ex.fetch_withdrawals()] == [5.0]
        assert [row["amount"] for row in await ex.fetch_deposits()] == [100000.0]
        ledger = await ex.fetch_ledger("USDC")
        assert [row["info"]["type"] for row in ledger] == ["DEPOSIT", "TRANSFER_OUT", "WITHDRAW"]
        assert (await ex.fetch_ledger_entry(ledger[1]["id"]))["amount"] == 12.345678
        with pytest.raises(errors.InsufficientFunds):
            await ex.transfer("USDC", 10**6, "swap", bob)
        with pytest.raises(errors.InvalidOrder):
            await ex.transfer("USDC", "0.0000001", "swap", bob)


async def test_transfers_signed_by_another_key_are_refused() -> None:
    async with desk(accounts=2) as (venue, ex):
        ex.options["walletPrivateKey"] = venue.config("bob")["options"]["walletPrivateKey"]
        with pytest.raises(errors.AuthenticationError):
            await ex.transfer("USDC", 1, "swap", venue.config("bob")["uid"])
        with pytest.raises(errors.AuthenticationError):
            await ex.withdraw("USDC", 5, ex.wallet_signer().address)
        assert venue.engine.balances("alice").balance == 100_000


async def test_closed_positions() -> None:
    async with desk() as (_venue, ex):
        opened = await ex.create_order(SYMBOL, "market", "buy", 0.02)
        closed = await ex.close_position(SYMBOL)
        (row,) = await ex.fetch_positions_history([SYMBOL])
        fees = opened["fee"]["cost"] + closed["fee"]["cost"]
        assert row["side"] == "long" and row["contracts"] == 0.02
        assert row["realizedPnl"] == pytest.approx(closed["cost"] - opened["cost"] - fees, abs=1e-4)


# --- streams ---------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("versions", ["next", "equal"])
async def test_both_ways_of_numbering_books(versions: str) -> None:
    async with desk(depth_versions=versions, depth_ms=30) as (venue, ex):
        await venue.market({"pause": False})
        client = None
        for _ in range(15):
            book = await soon(ex.watch_order_book(SYMBOL))
            client = ex.clients[ex.stream_url()]
            assert book["bids"][0][0] < book["asks"][0][0] and len(book["bids"]) <= 200
        assert client is not None and not [text for _, text in client.events if "resync" in text]
        await venue.market({"pause": True})

        async def same() -> bool:
            rest = await ex.fetch_order_book(SYMBOL)
            held = ex.orderbooks[SYMBOL]
            return bool(held["bids"][:20] == rest["bids"][:20] and held["asks"][:20] == rest["asks"][:20])

        await until(same)


async def test_a_hole_in_the_book_ends_the_subscription_and_begins_a_new_one() -> None:
    async with desk(depth_ms=30) as (venue, ex):
        await venue.market({"pause": False})
        await soon(ex.watch_order_book(SYMBOL))
        await venue.fault({"kind": "gap", "match": "depth"})

        def asked(word: str) -> int:
            sent = [request.body.decode() for request in venue.requests() if request.method == "WS"]
            return sum(f'"{word}"' in text and "depth" in text for text in sent)

        async def mended() -> bool:
            await ex.watch_order_book(SYMBOL)
            return asked("unsubscribe") == 1 and asked("subscribe") == 2

        await until(mended)
        assert not ex.orderbooks[SYMBOL].stale


async def test_a_book_of_fifteen_takes_the_place_of_the_deep_one() -> None:
    async with desk() as (_venue, ex):
        assert len((await soon(ex.watch_order_book(SYMBOL)))["bids"]) == 200
        assert len((await soon(ex.watch_order_book(SYMBOL, None, {"level": 15})))["bids"]) == 15
        with pytest.raises(errors.BadRequest):
            await ex.watch_order_book(SYMBOL, None, {"level": 50})


async def test_recent_trades_come_from_the_stream_without_disturbing_it() -> None:
    async with desk() as (venue, ex):
        first = await ex.fetch_trades(SYMBOL)
        await until(lambda: not any(socket.subscriptions for socket in venue.server.connections))
        assert len(first) == 50 and all(row["id"] for row in first)
        watched = await soon(ex.watch_trades(SYMBOL))
        assert len(watched) == 50
        both = await asyncio.gather(ex.fetch_trades(SYMBOL), ex.fetch_trades(SYMBOL, None, 3))
        assert [row["id"] for row in both[0]] == [row["id"] for row in first] and len(both[1]) == 3
        assert venue.subscribed(1), "what is watched stays subscribed"
        waiting = asyncio.ensure_future(ex.watch_trades(SYMBOL))
        await ex.create_order(SYMBOL, "market", "buy", 0.001)
        assert len(await soon(waiting)) == 1


async def test_the_other_public_streams() -> None:
    async with desk(ticker_ms=30, kline_ms=30) as (venue, ex):
        await venue.market({"pause": False})
        assert set(await ex.fetch_tickers()) == set(ex.symbols) == set(await soon(ex.watch_tickers()))
        assert (await soon(ex.watch_funding_rate(SYMBOL)))["interval"] == "4h"
        assert len(await soon(ex.watch_funding_rates())) == len(ex.symbols)
        for price in ("last", "mark", "index"):
            assert await soon(ex.watch_ohlcv(SYMBOL, "5m", None, None, {"price": price}))
        assert len(await ex.fetch_mark_ohlcv(SYMBOL, "1h", None, 5)) == len(await ex.fetch_index_ohlcv(SYMBOL, "1h", None, 5)) == 5
        with pytest.raises(errors.BadSymbol):
            await soon(ex.watch(ex.stream_url(), "ticker.1", {"type": "subscribe", "channel": "ticker.99999"}, "ticker.99999"))


async def test_two_pushes_of_a_fill_are_one_trade() -> None:
    async with desk() as (venue, ex):
        seen: list[Any] = []
        pushed = 0

        async def watch() -> None:
            while True:
                seen.extend(await ex.watch_my_trades(SYMBOL))

        task = asyncio.ensure_future(watch())
        try:
            await until(lambda: venue.subscribed(1))
            order = await ex.create_order(SYMBOL, "market", "buy", 0.01)
            await until(lambda: sum(row["amount"] for row in seen) >= 0.0099)
            client = ex.clients[ex.user_url()]
            # the second push has come when the position has
            await until(lambda: ex._position_rows.get(CONTRACT))
            pushed = venue.adapter.versions["alice"] - 900
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        assert pushed >= 3 and client.losses == 0
        assert len({row["id"] for row in seen}) == len(seen) and {row["order"] for row in seen} == {order["id"]}


async def test_every_handshake_is_signed_over_its_own_moment() -> None:
    async with desk() as (venue, ex):
        waiting = asyncio.ensure_future(ex.watch_orders())
        await until(lambda: venue.subscribed(1))
        await asyncio.sleep(0)
        await venue.fault({"kind": "drop_ws"})
        await until(lambda: sum(request.path.endswith("private/ws") and request.method == "GET" for request in venue.requests()) >= 2)
        await until(lambda: venue.subscribed(1))
        await ex.create_order(SYMBOL, "limit", "buy", 0.01, at(ex, venue, 0.98))
        assert (await soon(waiting))[0]["status"] == "open"
        dials = [request for request in venue.requests() if request.path.endswith("private/ws") and request.method == "GET"]
        stamps = [(request.query["timestamp"], request.headers["X-edgeX-Timestamp"]) for request in dials]
        assert len({stamp for stamp, _ in stamps}) == len(stamps) and all(url == header for url, header in stamps)
        assert list(ex.clients) == [ex.user_url()]


async def test_signed_headers_stay_on_the_socket_they_were_made_for() -> None:
    async with desk({"options": {"ws": {"headers": {"User-Agent": "mine"}}}}) as (venue, ex):
        waiting = asyncio.ensure_future(ex.watch_orders())
        await until(lambda: venue.subscribed(1))
        await soon(ex.watch_ticker(SYMBOL))
        assert ex.options["ws"] == {"headers": {"User-Agent": "mine"}}
        sockets = {
            request.path: request.headers for request in venue.requests() if request.path.endswith("/ws") and request.method == "GET"
        }
        assert all(headers["User-Agent"] == "mine" for headers in sockets.values())
        named = {path: "X-edgeX-Signature" in headers for path, headers in sockets.items()}
        assert named == {"/api/v1/private/ws": True, "/api/v1/public/ws": False}
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


async def test_one_public_socket_for_several_instances() -> None:
    async with desk({"options": {"ws": {"shared": True}}}) as (venue, ex):
        other: Any = ccxt_dex.edgex({**venue.config(), "enableRateLimit": False, "options": {"ws": {"shared": True}}})
        try:
            await other.load_markets()
            books = await soon(asyncio.gather(ex.watch_order_book(SYMBOL), other.watch_order_book(SYMBOL)))
            assert books[0]["bids"][0] == books[1]["bids"][0]
            assert len(await soon(ex.fetch_trades(SYMBOL))) == 50
            assert sum(request.path.endswith("public/ws") and request.method == "GET" for request in venue.requests()) == 1
        finally:
            await other.close()


async def test_what_happens_while_the_first_handshake_is_under_way_is_not_missed() -> None:
    async with desk() as (venue, ex):
        await venue.fault({"kind": "refuse_connect", "ms": 300})
        orders = asyncio.ensure_future(ex.watch_orders(SYMBOL))
        trades = asyncio.ensure_future(ex.watch_my_trades(SYMBOL))
        await until(lambda: ex.clients and ex.clients[ex.user_url()].subscriptions)
        venue.server.advanced += 5  # the venue's clock is a little ahead
        await until(lambda: venue.server._listener is not None)
        taken = await ex.create_order(SYMBOL, "market", "buy", 0.01)
        assert (await soon(trades))[0]["order"] == taken["id"]
        assert (await soon(orders))[0]["id"] == taken["id"]


async def test_positions_carry_the_mark_of_a_watched_ticker() -> None:
    async with desk() as (venue, ex):
        await soon(ex.watch_ticker(SYMBOL))
        waiting = asyncio.ensure_future(ex.watch_positions([SYMBOL]))
        await until(lambda: venue.subscribed(2))
        await ex.create_order(SYMBOL, "market", "sell", 0.01)
        (row,) = await soon(waiting)
        assert (
            (row["side"], row["contracts"], row["leverage"]) == ("short", 0.01, 10)
            and row["markPrice"]
            and row["unrealizedPnl"] is not None
        )
