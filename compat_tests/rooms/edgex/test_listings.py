"""Best bids and asks from their channel, and markets that follow the metadata: nothing old is used as new."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

import ccxt_dex
from ccxt_dex._ccxt import errors
from compat_tests.rooms.edgex import vectors as v
from compat_tests.rooms.edgex.desk import CONTRACT, SYMBOL, at, desk, soon, until
from compat_tests.rooms.edgex.test_requests import Wire

ETH = "ETH/USDC:USDC"


def sent(venue: Any, word: str) -> list[str]:
    return [text for text in (request.body.decode() for request in venue.requests() if request.method == "WS") if word in text]


# --- best bids and asks ------------------------------------------------------------------------------------------------------------------------


async def test_best_bids_and_asks_have_sizes_and_a_time() -> None:
    async with desk(book_ticker_ms=20) as (venue, ex):
        row = (await soon(ex.watch_bids_asks([SYMBOL])))[SYMBOL]
        book = await ex.fetch_order_book(SYMBOL, 1)
        assert [[row["bid"], row["bidVolume"]]] == book["bids"] and [[row["ask"], row["askVolume"]]] == book["asks"]
        assert row["timestamp"] == int(row["info"]["time"]) and ex.bidsasks[SYMBOL] is row
        assert set(await soon(ex.watch_bids_asks())) == set(ex.symbols)
        both = await soon(asyncio.gather(ex.watch_bids_asks([ETH]), ex.watch_bids_asks([SYMBOL, ETH])))
        assert set(both[0]) == {ETH} and set(both[1]) <= {SYMBOL, ETH}
        assert {channel for text in sent(venue, '"subscribe"') for channel in [text.split('"')[-2]]} == {"bookTicker.all.1s", "metadata"}
        await venue.market({"symbol": CONTRACT, "price": "80000"})
        await until(lambda: ex.bidsasks[SYMBOL]["bid"] > 79900)


async def test_the_channel_of_one_contract_would_stand_still() -> None:
    """What the venue does (seen live), and why that channel is not used."""
    async with desk(book_ticker_ms=20) as (venue, ex):
        await venue.market({"pause": False})
        await soon(ex.watch_bids_asks([SYMBOL]))
        frozen = ex.watch(ex.stream_url(), "one", {"type": "subscribe", "channel": f"bookTicker.{CONTRACT}"}, f"bookTicker.{CONTRACT}")
        for _ in range(5):
            await soon(ex.watch_bids_asks([SYMBOL]))
        pushed = [frame for frame in venue.server.log.requests if frame.method == "WS" and f"bookTicker.{CONTRACT}" in frame.body.decode()]
        assert len(pushed) == 1 and not frozen.done()
        frozen.cancel()


@pytest.mark.parametrize("row,bid,ask", [({}, None, 2.0), ({"bestAskPrice": "", "bestAskSize": "0"}, None, None)])
def test_an_empty_side(monkeypatch: pytest.MonkeyPatch, row: dict[str, str], bid: Any, ask: Any) -> None:
    frame = {
        "contractId": CONTRACT,
        "time": "1790586196955",
        "bestBidPrice": "0",
        "bestBidSize": "0",
        "bestAskPrice": "2",
        "bestAskSize": "1",
    }
    found = Wire(monkeypatch).ex.parse_bid_ask({**frame, **row})
    assert (found["bid"], found["ask"], found["timestamp"]) == (bid, ask, 1790586196955)


async def test_leaving_best_bids_and_asks() -> None:
    async with desk(book_ticker_ms=20) as (venue, ex):
        await soon(ex.watch_bids_asks([SYMBOL, ETH]))
        await ex.un_watch_bids_asks([SYMBOL])
        assert SYMBOL not in ex.bidsasks
        assert ETH in await soon(ex.watch_bids_asks([ETH]))
        waiting = asyncio.ensure_future(ex.watch_bids_asks([ETH]))
        await asyncio.sleep(0)
        await ex.un_watch_bids_asks()
        with pytest.raises(errors.UnsubscribeError):
            await soon(waiting)
        await until(lambda: not any(socket.subscriptions for socket in venue.server.connections))  # the metadata are left as well
        assert ETH in await soon(ex.watch_bids_asks([ETH]))


# --- metadata ----------------------------------------------------------------------------------------------------------------------------------


async def followed(venue: Any, ex: Any) -> None:
    await soon(ex.watch_ticker(SYMBOL))
    await until(lambda: any("metadata" in socket.subscriptions for socket in venue.server.connections))


async def test_a_changed_tick_is_used_by_the_next_order() -> None:
    async with desk() as (venue, ex):
        await followed(venue, ex)
        held = ex.market(SYMBOL)
        price = round(at(ex, venue, 0.98)) + 0.1
        venue.adapter.amend(CONTRACT, tick="0.5", step="0.01", resolution="1000")
        await until(lambda: held["precision"]["price"] == 0.5)
        assert held["precision"]["amount"] == 0.01 and held["info"]["resolution"] == "1000" and ex.market(CONTRACT) is held
        before = len(venue.requests())
        with pytest.raises(errors.InvalidOrder, match=r"multiple of 0\.5"):
            await ex.create_order(SYMBOL, "limit", "buy", 0.01, price)
        with pytest.raises(errors.InvalidOrder, match=r"multiple of 0\.01"):
            await ex.create_order(SYMBOL, "limit", "buy", 0.015, price + 0.4)
        assert not [request for request in venue.requests()[before:] if request.path.endswith("createOrder")]
        order = await ex.create_order(SYMBOL, "limit", "buy", 0.01, price + 0.4)
        assert order["status"] == "open", "signed over the new resolution"
        assert [request.path for request in venue.requests()].count("/api/v2/public/meta/getMetaData") == 1, "no REST was needed"


async def test_a_market_that_closes_takes_no_more_orders() -> None:
    async with desk() as (venue, ex):
        await followed(venue, ex)
        await venue.market({"symbol": CONTRACT, "active": False})
        await until(lambda: ex.market(SYMBOL)["active"] is False)
        with pytest.raises(errors.MarketClosed):
            await ex.create_order(SYMBOL, "limit", "buy", 0.01, at(ex, venue, 0.98), {"reduceOnly": True})


async def test_where_nobody_may_open_one_may_close() -> None:
    async with desk() as (venue, ex):
        await followed(venue, ex)
        await ex.create_order(SYMBOL, "market", "buy", 0.01)
        venue.adapter.amend(CONTRACT, opens=False)
        await until(lambda: ex.market(SYMBOL)["active"] is False)
        with pytest.raises(errors.MarketClosed):
            await ex.create_order(SYMBOL, "market", "buy", 0.01)
        assert (await ex.close_position(SYMBOL))["status"] == "closed"
        assert await ex.fetch_positions() == []


async def test_a_reconnection_brings_what_changed_meanwhile() -> None:
    async with desk() as (venue, ex):
        await followed(venue, ex)
        await venue.fault({"kind": "refuse_connect", "ms": 200, "drop": True})
        venue.adapter.amend(CONTRACT, tick="0.5")
        await until(lambda: ex.market(SYMBOL)["precision"]["price"] == 0.5)


async def test_instances_that_share_markets_share_the_change() -> None:
    async with desk() as (venue, ex):
        other: Any = ccxt_dex.edgex({**venue.config(), "enableRateLimit": False})
        try:
            other.set_markets_from_exchange(ex)
            await followed(venue, ex)
            venue.adapter.amend(CONTRACT, tick="0.5")
            await until(lambda: other.market(SYMBOL)["precision"]["price"] == 0.5)
        finally:
            await other.close()


async def test_shared_sockets_follow_too() -> None:
    async with desk({"options": {"ws": {"shared": True}}}) as (venue, ex):
        await followed(venue, ex)
        venue.adapter.amend(CONTRACT, tick="0.5")
        await until(lambda: ex.market(SYMBOL)["precision"]["price"] == 0.5)


async def test_it_can_be_left_off() -> None:
    async with desk({"options": {"followMetadata": False}}) as (venue, ex):
        for _ in range(2):
            await soon(ex.watch_ticker(SYMBOL))
        assert not sent(venue, "metadata")


def frame(*contracts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"contractList": list(contracts), **more}


@pytest.mark.parametrize("name", ["contractList", "contract"])
def test_a_frame_may_have_one_contract_only(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    ex = Wire(monkeypatch).ex
    ex.take_metadata({name: [{"contractId": CONTRACT, "tickSize": "0.5"}]}, False)
    assert ex.market("BTC/USDC:USDC")["precision"] == {"amount": 0.001, "price": 0.5}
    assert ex.markets_by_id[CONTRACT][0]["precision"]["price"] == 0.5
    assert ex.market("BTCUSDC")["info"]["resolution"] == v.CONTRACT["resolution"]


def test_a_new_contract_and_a_new_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    ex = Wire(monkeypatch).ex
    fresh = {**v.CONTRACT, "contractId": "30000199", "contractName": "NEWUSDC", "baseCoinId": "1199"}
    coin = {**v.BTC, "coinId": "1199", "coinName": "NEW"}
    ex.take_metadata(frame(fresh, coinList=[coin], **{"global": {"contractAddress": "0x" + "ab" * 20}}), False)
    assert ex.market("NEW/USDC:USDC")["id"] == "30000199" and ex.market("30000199")["symbol"] == "NEW/USDC:USDC"
    assert ex.symbols == sorted(ex.markets) and "30000199" in ex.ids
    assert {row["info"]["global"]["contractAddress"] for row in ex.markets.values()} == {"0x" + "ab" * 20}
    assert ex.settings()["nativeChainId"] == "3343"


@pytest.mark.parametrize(
    "row",
    [
        frame({**v.CONTRACT, "tickSize": "0"}),
        frame({**v.CONTRACT, "stepSize": None}),
        frame({**v.CONTRACT, "tickSize": "abc"}),
        frame({**v.CONTRACT, "contractId": "30000199", "baseCoinId": "unknown"}),
        frame({"tickSize": "0.5"}),
        {"contractList": "nonsense"},
        frame({**v.CONTRACT, "contractId": "30000199"}),
    ],
    ids=[
        "no tick",
        "no step",
        "no number",
        "unknown coin",
        "no id",
        "no list",
        "another contract of the same name, and the known one gone",
    ],
)
def test_what_cannot_be_read_changes_nothing_and_has_rest_asked(monkeypatch: pytest.MonkeyPatch, row: Any) -> None:
    ex = Wire(monkeypatch).ex

    class Client:
        def resolve(self, *_: Any) -> None:
            pass

    before = dict(ex.market("BTC/USDC:USDC"))
    ex.handle_metadata(Client(), "metadata", [row], True)
    assert ex.market("BTC/USDC:USDC")["precision"] == before["precision"] and list(ex.markets) == ["BTC/USDC:USDC"]
    assert ex._markets_at == float("-inf")


async def test_a_venue_that_refuses_the_channel_is_asked_once(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    from ccxt_dex.exchanges.edgex.paper import stream

    monkeypatch.setattr(stream, "SNAPSHOTS", {key: value for key, value in stream.SNAPSHOTS.items() if key[0] != "metadata"})
    caplog.set_level(logging.WARNING)
    async with desk(ticker_ms=20) as (venue, ex):
        await venue.market({"pause": False})
        for _ in range(6):
            await soon(ex.watch_ticker(SYMBOL))
        assert len(sent(venue, "metadata")) == 1 and "refuses the metadata channel" in caplog.text


# --- the age of the markets --------------------------------------------------------------------------------------------------------------------


def loads(venue: Any) -> int:
    return [request.path for request in venue.requests()].count("/api/v2/public/meta/getMetaData")


async def test_old_markets_are_read_anew_without_a_socket() -> None:
    async with desk() as (venue, ex):
        await ex.fetch_ticker(SYMBOL)
        assert loads(venue) == 1
        venue.adapter.amend(CONTRACT, tick="0.5")
        ex._markets_at -= 3601
        with pytest.raises(errors.InvalidOrder, match=r"multiple of 0\.5"):
            await ex.create_order(SYMBOL, "limit", "buy", 0.01, round(at(ex, venue, 0.98)) + 0.1)
        await ex.fetch_ticker(SYMBOL)
        assert loads(venue) == 2
        ex.options["marketsSeconds"] = None
        ex._markets_at -= 10**6
        await ex.fetch_ticker(SYMBOL)
        assert loads(venue) == 2
        ex.distrust_markets("a frame")
        await ex.fetch_ticker(SYMBOL)
        assert loads(venue) == 3, "never by age, but by doubt"


async def test_markets_that_cannot_be_read_anew_serve_on(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    async with desk() as (venue, ex):
        await ex.create_order(SYMBOL, "market", "buy", 0.01)
        await venue.fault({"kind": "http_status", "status": 503, "match": "GET /api/v2/public/meta/getMetaData", "count": 50})
        ex._markets_at -= 3601
        assert (await ex.close_position(SYMBOL))["status"] == "closed"
        assert "could not be read anew" in caplog.text
        tried = loads(venue)
        await ex.fetch_ticker(SYMBOL)
        assert loads(venue) == tried, "not again with every call"


def forget(ex: Any, symbol: str) -> None:
    """As if the contract had been listed after the markets were read."""
    contract = ex.markets.pop(symbol)["id"]
    del ex.markets_by_id[contract]
    ex.symbols.remove(symbol)


async def test_what_one_holds_in_a_new_market_is_seen() -> None:
    async with desk() as (venue, ex):
        other: Any = ccxt_dex.edgex({**venue.config(), "enableRateLimit": False})
        try:
            await other.create_order(ETH, "market", "buy", 0.1)
            resting = await other.create_order(ETH, "limit", "buy", 0.1, 2250)
        finally:
            await other.close()
        for method in (ex.fetch_positions, ex.fetch_open_orders, ex.fetch_my_trades):
            forget(ex, ETH)
            ex._unlisted.clear()
            assert {row["symbol"] for row in await method()} == {ETH}
        before = loads(venue)
        ex._unlisted.add("30000002")
        forget(ex, ETH)
        assert await ex.fetch_positions() == [] and loads(venue) == before, "what the metadata do not have is looked for once"
        await ex.load_markets(True)
        assert (await ex.cancel_order(resting["id"], ETH))["status"] == "canceled"


async def test_orders_in_a_new_market_are_streamed() -> None:
    async with desk() as (venue, ex):
        waiting = asyncio.ensure_future(ex.watch_orders())
        await until(lambda: venue.subscribed(1))
        forget(ex, ETH)
        other: Any = ccxt_dex.edgex({**venue.config(), "enableRateLimit": False})
        try:
            placed = await other.create_order(ETH, "limit", "buy", 0.1, 2250)
            assert (await soon(waiting))[0]["id"] == placed["id"]
        finally:
            await other.close()
