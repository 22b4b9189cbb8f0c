"""The socket: binary frames, refused handshakes, deltas, candles."""

from __future__ import annotations

import asyncio
import struct
from typing import Any

import pytest

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.paradex import paradex
from ccxt_dex.exchanges.paradex.paper.identity import CONFIG
from ccxt_dex.exchanges.paradex.streams import PRIVATE_TAG

SYMBOL = "BTC/USD:USDC"


async def opened(venue: Any, **options: Any) -> Any:
    config = venue.config()
    exchange = paradex({**config, "options": {**options, "tokenStore": False}})
    exchange.timeout_on_exit = 0
    await exchange.load_markets()
    return exchange


async def test_a_handshake_refused_with_400_is_repeated_with_the_binary_schema(paper_venue: Any) -> None:
    venue = await paper_venue("paradex", seed=7, sbe_only=True)
    exchange = await opened(venue)
    try:
        assert (await asyncio.wait_for(exchange.watch_order_book(SYMBOL), 10))["bids"]
        order = await exchange.create_order_ws(SYMBOL, "limit", "buy", 0.01, 50000)
        assert order["status"] == "open"
    finally:
        await exchange.close()


def book_frame(market: str, seq: int, bids: list[tuple[float, float]], asks: list[tuple[float, float]]) -> bytes:
    """Template 3 of schema 1:3, laid out after the comments of ccxt's decoder (4.5.90)."""
    block = struct.pack("<qqB9q", 1_700_000_000_000_000, seq, 0, *([0] * 9))
    frame = struct.pack("<HHHH", len(block), 3, 1, 3) + block
    for side in (bids, asks):
        frame += struct.pack("<HH", 16, len(side))
        frame += b"".join(struct.pack("<qq", round(price * 10**8), round(size * 10**8)) for price, size in side)
    name = market.encode()
    return frame + struct.pack("<B", len(name)) + name


def test_binary_books_reach_the_same_handler(monkeypatch: pytest.MonkeyPatch) -> None:
    exchange = paradex()
    seen: list[Any] = []
    monkeypatch.setattr(exchange, "handle_order_book", lambda client, message: seen.append(message["params"]["data"]))
    exchange.handle_message(None, book_frame("BTC-USD-PERP", 7, [(100.5, 2)], [(101, 0.25)]))
    assert seen and (seen[0]["market"], seen[0]["seq_no"], seen[0]["update_type"]) == ("BTC-USD-PERP", "7", "s")
    assert [(row["side"], float(row["price"]), float(row["size"])) for row in seen[0]["inserts"]] == [
        ("BUY", 100.5, 2),
        ("SELL", 101, 0.25),
    ]


def test_addresses() -> None:
    exchange = paradex()
    assert exchange.ws_url() == "wss://ws.api.prod.paradex.trade/v1" and exchange.user_url().endswith(PRIVATE_TAG)
    assert exchange.binary_url("wss://x/v1#private") == "wss://x/v1?sbeSchemaId=1&sbeSchemaVersion=3#private"
    exchange.set_sandbox_mode(True)
    assert exchange.ws_url() == "wss://ws.api.testnet.paradex.trade/v1" and exchange.api_host() == "api.testnet.paradex.trade"


async def test_deltas_keep_the_book_and_a_gap_asks_for_it_anew(paper_venue: Any) -> None:
    venue = await paper_venue("paradex", seed=7)
    exchange = await opened(venue, watchOrderBook={"feed": "deltas"})
    try:

        async def equal() -> bool:
            book = await asyncio.wait_for(exchange.watch_order_book(SYMBOL), 10)
            bids, asks = venue.engine.book("BTC-USD-PERP", 15)
            return [row[:2] for row in book["bids"]] == [[float(p), float(q)] for p, q in bids] and len(book["asks"]) == len(asks)

        async def until_equal() -> None:
            while not await equal():
                pass

        await asyncio.wait_for(until_equal(), 15)
        await venue.fault({"kind": "gap", "match": "order_book"})
        await asyncio.wait_for(until_equal(), 15)
        events = [text for row in exchange.stream_status().values() for text in row["events"]]
        assert any("seq_no" in text for text in events), events
    finally:
        await exchange.close()


async def test_candles_made_of_trades_are_those_of_the_venue(paper_venue: Any) -> None:
    venue = await paper_venue("paradex", seed=7)
    exchange = await opened(venue)
    try:
        rows = await asyncio.wait_for(exchange.watch_ohlcv(SYMBOL, "1m"), 10)
        assert rows
        known = {row[0]: row for row in await exchange.fetch_ohlcv(SYMBOL, "1m", None, 100)}
        cached = {row[0]: row for row in exchange.ohlcvs[SYMBOL]["1m"]}
        closed = sorted(set(known) & set(cached))[:-1]
        assert len(closed) > 50 and all(known[at] == cached[at] for at in closed)
        with pytest.raises(errors.BadRequest):
            await exchange.watch_ohlcv(SYMBOL, "2h")
    finally:
        await exchange.close()


@pytest.mark.parametrize("kind", ["stark", "subkey", "wallet"])
async def test_every_kind_of_key_trades(paper_venue: Any, kind: str) -> None:
    venue = await paper_venue("paradex", seed=7, login=kind)
    exchange = await opened(venue)
    try:
        order = await exchange.create_order(SYMBOL, "market", "buy", 0.01)
        assert (order["status"], order["filled"]) == ("closed", 0.01)
        addresses = await exchange.account_addresses()
        assert (addresses["account"] == addresses["v1"]) is (kind != "subkey") and ("v2" in addresses) is (kind == "wallet")
    finally:
        await exchange.close()


async def test_a_stark_key_alone_finds_its_account(paper_venue: Any) -> None:
    venue = await paper_venue("paradex", seed=7)
    config = venue.config()
    exchange = paradex({**config, "walletAddress": None, "options": {"tokenStore": False}})
    try:
        assert (await exchange.account_addresses())["account"] == config["walletAddress"]
        assert (await exchange.fetch_balance())["USDC"]["total"] == 100_000
    finally:
        await exchange.close()


async def test_a_read_only_token_reads_and_nothing_else(paper_venue: Any) -> None:
    venue = await paper_venue("paradex", seed=7, login="readonly")
    exchange = await opened(venue)
    try:
        assert (await exchange.fetch_balance())["USDC"]["free"] == 100_000
        with pytest.raises(errors.AuthenticationError):
            await exchange.create_order(SYMBOL, "limit", "buy", 0.01, 50000)
        assert venue.state()["orders"] == [] if "orders" in venue.state() else True
    finally:
        await exchange.close()


async def test_the_token_is_renewed_before_it_ends(paper_venue: Any, until: Any) -> None:
    venue = await paper_venue("paradex", seed=7, jwt_s=2.0)
    exchange = await opened(venue)
    try:

        async def renewed() -> bool:
            await exchange.fetch_balance()
            return len(venue.adapter.tokens()) >= 3

        await until(renewed)
        assert not [row for row in venue.server.log.last if row.get("status") == 401], "no request went out with a token that had ended"
    finally:
        await exchange.close()


async def test_a_loop_that_stood_still_asks_for_a_new_token_first(paper_venue: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing runs in the background to renew it: the age is looked at before each request, however long nobody asked for anything."""
    venue = await paper_venue("paradex", seed=7)
    exchange = await opened(venue)
    try:
        await exchange.fetch_balance()
        assert len(venue.adapter.tokens()) == 1
        await exchange.fetch_balance()
        assert len(venue.adapter.tokens()) == 1, "a fresh one is kept"
        now = exchange.server_milliseconds
        monkeypatch.setattr(exchange, "server_milliseconds", lambda: now() + 280_000)  # the venue's tokens live 300 s
        await venue.fault({"kind": "clock_skew", "ms": 280_000})
        await exchange.fetch_balance()
        assert len(venue.adapter.tokens()) == 2, "twenty seconds before its end"
        assert not [row for row in venue.server.log.last if row.get("status") == 401]
    finally:
        await exchange.close()


async def test_a_socket_that_comes_back_logs_in_with_a_token_of_now(paper_venue: Any, monkeypatch: pytest.MonkeyPatch, until: Any) -> None:
    venue = await paper_venue("paradex", seed=7)
    exchange = await opened(venue)
    waiting = asyncio.ensure_future(exchange.watch_orders())
    try:
        await until(lambda: venue.subscribed(1))
        (old,) = venue.adapter.tokens()
        now = exchange.server_milliseconds
        monkeypatch.setattr(exchange, "server_milliseconds", lambda: now() + 310_000)
        await venue.fault({"kind": "clock_skew", "ms": 310_000})
        await venue.fault({"kind": "drop_ws", "match": "orders.ALL"})
        await until(lambda: any(token != old for token in venue.adapter.tokens()))
        order = await exchange.create_order(SYMBOL, "limit", "buy", 0.01, 50000)
        assert order["id"] in {row["id"] for row in await asyncio.wait_for(waiting, 10)}
    finally:
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await exchange.close()


async def test_a_token_that_died_early_is_replaced_and_the_order_sent_once(paper_venue: Any) -> None:
    venue = await paper_venue("paradex", seed=7)
    exchange = await opened(venue)
    try:
        await exchange.fetch_balance()
        await venue.fault({"kind": "expire_session"})
        order = await exchange.create_order(SYMBOL, "limit", "buy", 0.01, 50000)
        assert order["status"] == "open" and len(venue.adapter.desk.tickets) == 1
    finally:
        await exchange.close()


async def test_a_wallet_key_of_another_wallet_is_refused() -> None:
    exchange = paradex({"privateKey": "0x" + "11" * 32, "walletAddress": "0x" + "22" * 20, "options": {"systemConfig": CONFIG}})
    with pytest.raises(errors.AuthenticationError):
        await exchange.sign_in()
    await exchange.close()


async def test_no_order_outlives_the_time_after_which_it_counts_as_absent(paper_venue: Any) -> None:
    venue = await paper_venue("paradex", seed=7)
    exchange = await opened(venue, recvWindow=3000)
    try:
        assert exchange.absence_grace == 5.0
        with pytest.raises(errors.BadRequest):
            await exchange.create_order(SYMBOL, "limit", "buy", 0.01, 50000, {"recvWindow": 300_000})
        await exchange.create_order(SYMBOL, "limit", "buy", 0.01, 50000, {"recvWindow": 2000})
        await exchange.create_order(SYMBOL, "limit", "buy", 0.01, 50000)
        assert [ticket.body["recv_window"] for ticket in venue.adapter.desk.tickets.values()] == [2000, 3000]
    finally:
        await exchange.close()


async def test_orders_over_the_socket_carry_what_orders_over_rest_carry(paper_venue: Any) -> None:
    venue = await paper_venue("paradex", seed=7)
    exchange = await opened(venue)
    try:
        await venue.market({"pause": True})
        made = await exchange.create_orders_ws(
            [{"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 0.01, "price": price} for price in (50000, 50001)]
        )
        assert [row["status"] for row in made] == ["open", "open"]
        edited = await exchange.edit_order_ws(made[0]["id"], SYMBOL, "limit", "buy", 0.02, 50002)
        assert (edited["id"], edited["amount"], edited["price"]) == (made[0]["id"], 0.02, 50002)
        assert [row["status"] for row in await exchange.cancel_orders_ws([made[1]["id"]])] == ["canceled"]
        taken = await exchange.create_order_ws(SYMBOL, "market", "buy", 0.01)
        assert taken["status"] == "closed" and venue.adapter.desk.tickets[taken["id"]].body["price"] == "0"
        assert [row["id"] for row in await exchange.cancel_all_orders_ws()] == [made[0]["id"]]
        assert await exchange.cancel_on_disconnect(True) is True
    finally:
        await exchange.close()
