"""Attempts to break the two Stark rooms: keys that are none, frames that make no sense, clocks that are off, two processes with one key."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.utils import formatdate
from typing import Any

import pytest

import ccxt_dex
from ccxt_dex import nonces, paper
from ccxt_dex._ccxt import errors
from ccxt_dex.paper import server

SYMBOLS = {"extended": "BTC/USDC:USDC", "paradex": "BTC/USD:USDC"}
NATIVE = {"extended": "BTC-USD", "paradex": "BTC-USD-PERP"}
CURVE = 0x800000000000010FFFFFFFFFFFFFFFFB781126DCAE7B2321E66A241ADC64D2F
TRADER = """
import asyncio, json, sys
import ccxt_dex

async def main(given):
    ex = getattr(ccxt_dex, given["id"])(given["config"])
    placed = []
    try:
        for _ in range(given["count"]):
            order = await ex.create_order(given["symbol"], "limit", "buy", 0.01, given["price"])
            placed.append(order["id"])
            assert (await ex.cancel_order(order["id"], given["symbol"]))["status"] == "canceled"
    finally:
        await ex.close()
    print(json.dumps(placed))

asyncio.run(main(json.loads(sys.stdin.read())))
"""

STAMPER = """
import json, sys, asyncio
import ccxt_dex

async def main(given):
    ex = ccxt_dex.paradex(given["config"])
    ex.server_milliseconds = lambda: given["now"]
    order = {"market": "BTC-USD-PERP", "side": "BUY", "type": "LIMIT", "size": "0.01", "price": "50000", "recv_window": 10_000}
    signed = [await ex.signed(order) for _ in range(20)]
    await ex.close()
    print(json.dumps([[row["signature_timestamp"], row["recv_window"]] for row in signed]), flush=True)

asyncio.run(main(json.loads(sys.stdin.readline())))
sys.stdin.readline()  # alive, as a trader is
"""


@pytest.fixture(params=list(SYMBOLS))
def room(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@asynccontextmanager
async def desk(room: str) -> AsyncIterator[tuple[Any, Any]]:
    async with paper.start(room, seed=7) as venue:
        ex = client(venue, room)
        try:
            yield venue, ex
        finally:
            await ex.close()


def client(venue: Any, room: str, **config: Any) -> Any:
    made = getattr(ccxt_dex, room)({**venue.config(), "enableRateLimit": False, **config})
    made.options["tokenStore"] = False
    made.timeout_on_exit = 0
    return made


async def soon(awaitable: Any) -> Any:
    return await asyncio.wait_for(awaitable, 15)


def below(ex: Any, venue: Any, room: str) -> float:
    return float(int(float(venue.engine.mark(NATIVE[room])) * 0.97))


@pytest.mark.parametrize("key", ["0x", "zz", "0x0", hex(CURVE + 5)], ids=str)
async def test_a_key_that_is_none_is_refused_before_anything_is_asked(room: str, key: str) -> None:
    async with desk(room) as (venue, ex):
        await ex.load_markets()
        asked = len(venue.requests())
        ex.privateKey = key
        with pytest.raises(errors.AuthenticationError) as caught:
            await ex.create_order(SYMBOLS[room], "limit", "buy", 0.01, below(ex, venue, room))
        assert key == "0x" or key not in str(caught.value)
        assert not [row for row in venue.requests()[asked:] if row.method != "GET"], "no order, no login"


async def test_a_key_that_is_another_s_is_refused(room: str) -> None:
    async with desk(room) as (venue, ex):
        ex.privateKey = venue.wrong_key()["privateKey"]
        with pytest.raises(errors.AuthenticationError):
            await ex.create_order(SYMBOLS[room], "limit", "buy", 0.01, below(ex, venue, room))
        assert venue.engine.account(venue.server.accounts[0]).orders == {}


def garbage(room: str) -> tuple[Any, ...]:
    if room == "extended":
        name = {"subscription": "orderbooks.BTC-USD"}
        rows = ({"type": "ORDERBOOKS.DELTA", "data": {"m": "BTC-USD", "b": "x"}}, {"data": None}, {"data": []}, {"data": {"m": {}}})
        bad = tuple({**row, **name} for row in rows)
        return (*bad, {"id": {}, "result": 1}, {"id": None}, {"subscription": {}}, {"subscription": "orderbooks.1"}, {"seq": "x", **name})
    channel = {"channel": "order_book.BTC-USD-PERP.snapshot@15@100ms"}
    rows = ({"data": None}, {"data": {"market": "BTC-USD-PERP", "inserts": "x"}}, {"data": {"market": {}}}, {"data": []}, {})
    bad = tuple({"jsonrpc": "2.0", "method": "subscription", "params": {**channel, **row}} for row in rows)
    return (*bad, {"method": "subscription"}, {"id": {}, "error": "x"}, {"id": 10**9, "error": {}}, {"error": {"code": {}}})


@pytest.mark.parametrize("number", [0, *(pytest.param(each, marks=pytest.mark.campaign) for each in range(1, 13))])
async def test_a_frame_that_makes_no_sense_leaves_no_wrong_book(room: str, number: int) -> None:
    frames = (*garbage(room), [1, 2], "text", "null", "{")
    async with desk(room) as (venue, ex):
        symbol = SYMBOLS[room]
        await soon(ex.watch_order_book(symbol))
        for socket in venue.server.connections:
            socket.send(frames[number], "depth")

        async def same() -> None:
            while True:
                book = await ex.watch_order_book(symbol)
                assert book["bids"] and book["asks"]
                bids, _ = venue.engine.book(NATIVE[room], 15)
                if [row[:2] for row in book["bids"][:15]] == [[float(p), float(q)] for p, q in bids]:
                    return

        for _ in range(2):
            try:
                await soon(same())
                break
            except errors.BaseError:  # a frame of errors may reach whoever waits, once
                continue
        await soon(same())


@pytest.mark.parametrize("seconds", [70, pytest.param(-70, marks=pytest.mark.campaign)])
async def test_a_clock_that_jumps_costs_one_refusal_at_most(room: str, seconds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every answer, a refusal too, is dated by the venue's clock."""
    plain = server._response
    async with desk(room) as (venue, ex):

        def dated(reply: Any) -> Any:
            response = plain(reply)
            response.headers["Date"] = formatdate(venue.adapter.time() / 1000, usegmt=True)
            return response

        monkeypatch.setattr(server, "_response", dated)
        await ex.fetch_balance()
        await venue.fault({"kind": "clock_skew", "ms": seconds * 1000})
        account = venue.engine.account(venue.server.accounts[0])
        try:
            await ex.create_order(SYMBOLS[room], "limit", "buy", 0.01, below(ex, venue, room))
        except (errors.ExchangeError, errors.InvalidNonce):
            assert not account.orders, "the error said that it was refused"
            await ex.create_order(SYMBOLS[room], "limit", "buy", 0.01, below(ex, venue, room))
        assert len(account.orders) == 1


@pytest.mark.parametrize("name", ["a?b", "a#b", "a%41", "a b"])
async def test_a_client_id_that_looks_like_another_s_in_a_path_is_its_own(room: str, name: str) -> None:
    """By `.../by_client_id/a?b` the order "a" was looked up, and cancelled."""
    async with desk(room) as (venue, ex):
        symbol, price = SYMBOLS[room], below(ex, venue, room)
        other = await ex.create_order(symbol, "limit", "buy", 0.01, price, {"clientOrderId": "a"})
        order = await ex.create_order(symbol, "limit", "buy", 0.01, price, {"clientOrderId": name})
        assert (await ex.fetch_order(None, symbol, {"clientOrderId": name}))["id"] == order["id"]
        assert (await ex.cancel_order(None, symbol, {"clientOrderId": name}))["id"] == order["id"]
        assert [each["id"] for each in await ex.fetch_open_orders(symbol)] == [other["id"]]


@pytest.mark.parametrize("given", ["..", "?x", " ", "by_client_id/a", "\u00b2"])
async def test_what_is_no_id_reaches_no_endpoint(room: str, given: str) -> None:
    async with desk(room) as (venue, ex):
        await ex.load_markets()
        asked = len(venue.requests())
        for method in (ex.fetch_order, ex.cancel_order):
            with pytest.raises(errors.BadRequest):
                await method(given, SYMBOLS[room])
        assert len(venue.requests()) == asked


@pytest.mark.parametrize("answer", [{}, {"orders": None, "errors": []}, {"orders": [], "errors": [None]}], ids=str)
async def test_a_batch_whose_answer_says_nothing_is_looked_up(answer: Any) -> None:
    """What no error names was not refused: an order called rejected that lives would be placed again."""
    async with desk("paradex") as (venue, ex):
        symbol, price, plain = SYMBOLS["paradex"], below(ex, venue, "paradex"), ex.call

        async def silent(name: str, request: Any = None) -> Any:
            found = await plain(name, request)
            return answer if name == "private_post_orders_batch" else found

        ex.call = silent
        member = {"symbol": symbol, "type": "limit", "side": "buy", "amount": 0.01, "price": price}
        orders = await ex.create_orders([member, {**member, "price": price - 1}])
        assert [order["status"] for order in orders] == ["open", "open"] and all(order["id"] for order in orders)


async def test_an_edit_whose_answer_is_lost_gives_the_order_that_replaced_the_old_one() -> None:
    async with desk("extended") as (venue, ex):
        symbol, price = SYMBOLS["extended"], below(ex, venue, "extended")
        old = await ex.create_order(symbol, "limit", "buy", 0.01, price)
        await venue.fault({"kind": "lose_reply", "count": 1, "match": "/user/order"})
        new = await ex.edit_order(old["id"], symbol, "limit", "buy", 0.01, price - 1)
        assert new["status"] == "open" and new["price"] == price - 1 and new["id"] != old["id"]
        assert [order["id"] for order in await ex.fetch_open_orders(symbol)] == [new["id"]]


def breath(room: str, kind: str, number: int) -> dict[str, Any]:
    """A frame of the venue's samples (sheet, 2026), numbered by its price."""
    stamp = 1_900_000_000_000 + number
    if room == "extended" and kind == "liquidations":
        row = {"m": "BTC-USD", "S": "SELL", "tT": "LIQUIDATION", "T": stamp, "p": str(50000 + number), "q": "0.1", "i": stamp}
        return {"ts": stamp, "data": [row]}
    if room == "extended":
        row = {"id": 1, "market": "BTC-USD", "side": "LONG", "leverage": "10", "size": "0.1", "openPrice": str(50000 + number)}
        row.update(markPrice="50000", value="5000", createdTime=stamp, updatedTime=stamp)
        return {"type": "POSITION", "data": {"positions": [row]}, "ts": stamp}
    if kind == "liquidations":
        row = {"id": str(stamp), "market": "BTC-USD-PERP", "side": "SELL", "size": "0.1", "price": str(50000 + number), "created_at": stamp}
        row["trade_type"] = "LIQUIDATION"
    else:
        row = {"id": "0x1-BTC-USD-PERP", "market": "BTC-USD-PERP", "status": "OPEN", "side": "LONG", "size": "0.1", "leverage": "5"}
        row.update(average_entry_price=str(50000 + number), unrealized_pnl="0", created_at=stamp, last_updated_at=stamp)
    channel = "positions" if kind == "positions" else "trades.BTC-USD-PERP"
    return {"jsonrpc": "2.0", "method": "subscription", "params": {"channel": channel, "data": row}}


async def waited_for(ex: Any, url: str, *names: str) -> Any:
    """The open client, once somebody waits there for each of the topics."""
    while True:
        client = (ex.clients or {}).get(url)
        if client is not None and client.state == "open" and all(any(each.startswith(name) for each in client.futures) for name in names):
            return client
        await asyncio.sleep(0.005)


@pytest.mark.parametrize("kind", ["liquidations", "positions"])
async def test_rows_that_come_in_one_breath_are_all_told(room: str, kind: str) -> None:
    """Frames that come together are handled before anybody awakes."""
    async with desk(room) as (venue, ex):
        await venue.market({"pause": True})
        symbol, url = SYMBOLS[room], ex.ws_url("/publicTrades/BTC-USD") if room == "extended" else ex.ws_url()
        ex.options["multiplex"] = False
        watch = ex.watch_liquidations if kind == "liquidations" else lambda name: ex.watch_positions([name])
        first = asyncio.ensure_future(watch(symbol))
        url = ex.user_url() if kind == "positions" else url
        client = await soon(waited_for(ex, url, kind.rstrip("s")))
        for number in range(5):
            ex.handle_message(client, breath(room, kind, number))
        rows = await soon(first)
        while len(rows) < 5:
            rows += await soon(watch(symbol))
        assert [row["price" if kind == "liquidations" else "entryPrice"] for row in rows] == [50000.0 + number for number in range(5)]


@pytest.mark.parametrize("kind", ["orders", "myTrades", "positions"])
async def test_an_own_row_that_cannot_be_read_is_told_to_its_watchers_alone(room: str, kind: str) -> None:
    """Left out without a word, an order would look as it was."""
    async with desk(room) as (_, ex):
        symbol, native = SYMBOLS[room], NATIVE[room]
        watches = {"orders": ex.watch_orders, "myTrades": ex.watch_my_trades, "positions": lambda name: ex.watch_positions([name])}
        waiting = {name: asyncio.ensure_future(watch(symbol)) for name, watch in watches.items()}

        client = await soon(waited_for(ex, ex.user_url(), *waiting))
        row = {"id": "1", "market": native, "status": "WEIRD", "order_id": "1", "side": "BUY", "size": "x", "qty": "x", "price": "x"}
        if room == "extended":
            section = {"myTrades": "trades"}.get(kind, kind)
            ex.handle_message(client, {"type": "ANY", "data": {section: [row]}, "ts": 1})
        else:
            channel = {"orders": "orders.ALL", "myTrades": "fills.ALL"}.get(kind, kind)
            ex.handle_message(client, {"jsonrpc": "2.0", "method": "subscription", "params": {"channel": channel, "data": row}})
        with pytest.raises(errors.BadResponse):
            await soon(waiting.pop(kind))
        assert client.state == "open" and not any(task.done() for task in waiting.values())
        for task in waiting.values():
            task.cancel()
        await asyncio.gather(*waiting.values(), return_exceptions=True)


async def test_a_fill_that_is_lost_while_an_earlier_one_is_counted_is_found_too(room: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The order had said 0.1 when its fills began to be counted, and 0.3 when they were; the first read is lost as well."""
    async with desk(room) as (_, ex):
        symbol, told = SYMBOLS[room], []
        await ex.load_markets()
        monkeypatch.setattr(ex, "watches_fills", lambda: True)
        monkeypatch.setattr("ccxt_dex.parts.counting._PAUSES", (0.02, 0.02, 0.02))
        failures = [errors.NetworkError("reset")]

        async def read(order: Any) -> None:
            if failures:
                raise failures.pop()
            told.append(order["filled"])
            trade = {"id": "2", "order": "7", "symbol": symbol, "amount": order["filled"] - 0.1, "timestamp": 1}
            ex.fill_cache().append(trade)

        monkeypatch.setattr(ex, "read_fills", read)
        ex.expect_fills({"id": "7", "symbol": symbol, "filled": 0.1})
        ex.fill_cache().append({"id": "1", "order": "7", "symbol": symbol, "amount": 0.1, "timestamp": 1})
        ex.expect_fills({"id": "7", "symbol": symbol, "filled": 0.3})
        ex.expect_fills({"id": "7", "symbol": symbol, "filled": 0.2})

        async def done() -> None:
            while ex._counted:
                await asyncio.sleep(0.005)

        await soon(done())
        assert told == [0.3]


@pytest.mark.parametrize("by", ["id", "clientOrderId"])
async def test_a_cancel_that_was_taken_is_not_called_failed_by_looks_that_find_nothing(room: str, by: str) -> None:
    """Neither a look that comes too early nor one that breaks says anything about the order."""
    async with desk(room) as (venue, ex):
        order = await ex.create_order(SYMBOLS[room], "limit", "buy", 0.01, below(ex, venue, room))
        ex._recent.clear()  # placed long ago
        plain, failures = ex.order_row, [errors.NetworkError("reset"), errors.OrderNotFound("not yet"), errors.OrderNotFound("not yet")]

        async def blind(*args: Any) -> Any:
            if failures:
                raise failures.pop()
            return await plain(*args)

        ex.order_row = blind
        given = (order["id"],) if by == "id" else (None, SYMBOLS[room], {"clientOrderId": order["clientOrderId"]})
        assert (await ex.cancel_order(*given))["status"] == "canceled" and not failures
        assert len([row for row in venue.requests() if row.method == "DELETE"]) == 1


async def test_two_processes_never_sign_equal_orders_with_equal_times() -> None:
    """One hash for both would have the venue refuse the second."""
    pipes, now = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}, 1_790_000_000_000
    async with paper.start("paradex", seed=7) as venue:
        given = json.dumps({"config": venue.config(), "now": now}).encode() + b"\n"
        stampers = [await asyncio.create_subprocess_exec(sys.executable, "-c", STAMPER, **pipes) for _ in range(2)]
        for stamper in stampers:
            stamper.stdin.write(given)  # type: ignore[union-attr]
        lines = await asyncio.wait_for(asyncio.gather(*(each.stdout.readline() for each in stampers)), 60)  # type: ignore[union-attr]
        await asyncio.gather(*(stamper.communicate(b"\n") for stamper in stampers))
    rows = [row for line in lines for row in json.loads(line)]
    assert len(rows) == len({stamp for stamp, _ in rows}) == 40
    assert {window for _, window in rows} == {10_000}


async def test_a_signature_of_the_future_makes_no_order_live_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Times run ahead of the clock when there are many, and after it was put back; a lost order is called absent by the clock."""
    async with desk("paradex") as (_, ex):
        now = ex.server_milliseconds() + 60_000
        order = {"market": "BTC-USD-PERP", "side": "BUY", "type": "LIMIT", "size": "0.01", "price": "50000", "recv_window": 10_000}
        for clock in (now, now - 5_000):
            monkeypatch.setattr(ex, "server_milliseconds", lambda clock=clock: clock)
            rows = [await ex.signed(order) for _ in range(150)]
            latest = max(row["signature_timestamp"] + row["recv_window"] for row in rows)
            assert latest <= clock + (ex.absence_grace - 1) * 1000
            assert len({row["signature_timestamp"] for row in rows}) == 150


async def test_nowhere_to_keep_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A read-only container trades; so does a ninth process."""
    refusals: list[Exception] = [PermissionError("read-only file system"), errors.InvalidNonce("8 processes")]

    def refused(*_: Any, **__: Any) -> int:
        raise refusals[-1]

    monkeypatch.setattr(nonces, "slot_nonce", refused)
    async with desk("paradex") as (venue, ex):
        while refusals:
            order = await ex.create_order(SYMBOLS["paradex"], "limit", "buy", 0.01, below(ex, venue, "paradex"))
            assert order["status"] == "open"
            refusals.pop()


@pytest.mark.campaign
async def test_two_processes_trade_with_one_key(room: str) -> None:
    """Equal orders at the same time: each is one order, and what one does makes the venue refuse nothing of the other's."""
    async with desk(room) as (venue, ex):
        await venue.market({"pause": True})
        given = {"id": room, "config": venue.config(), "symbol": SYMBOLS[room], "price": below(ex, venue, room), "count": 8}
        pipes = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE, "stderr": asyncio.subprocess.PIPE}
        traders = [await asyncio.create_subprocess_exec(sys.executable, "-c", TRADER, **pipes) for _ in range(2)]
        try:
            told = await asyncio.wait_for(asyncio.gather(*(trader.communicate(json.dumps(given).encode()) for trader in traders)), 90)
        finally:
            for trader in traders:
                if trader.returncode is None:
                    trader.kill()
        placed = [order for output, _ in told if output for order in json.loads(output)]
        assert len(placed) == len(set(placed)) == 16, told
        orders = venue.engine.account(venue.server.accounts[0]).orders.values()
        assert len(orders) == 16 and {order.status for order in orders} == {"canceled"}
