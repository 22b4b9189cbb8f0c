"""v2/rpc: every public topic over one connection. v1 (`multiplex` off) under the same expectations where both have them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import ccxt_dex
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.extended import topics

BTC, ETH = "BTC/USDC:USDC", "ETH/USDC:USDC"
# names and selectors: x10-python-trading-starknet 2.6.0, clients/streamrpc/subscription_params.py
NAMES = {
    "/orderbooks/BTC-USD": ("orderbooks.BTC-USD", {"market": "BTC-USD", "depth": "full", "rfqOnly": False}),
    "/orderbooks/BTC-USD?depth=1": ("orderbooks.1.BTC-USD", {"market": "BTC-USD", "depth": "1", "rfqOnly": False}),
    "/orderbooks?depth=1": ("orderbooks.1.all", {"market": None, "depth": "1", "rfqOnly": False}),
    "/publicTrades/1.X-USD": ("trades.1.X-USD", {"market": "1.X-USD"}),
    "/funding": ("funding-rates.all", {"market": None}),
    "/funding/BTC-USD": ("funding-rates.BTC-USD", {"market": "BTC-USD"}),
    "/prices/mark": ("prices.mark.all", {"type": "mark", "market": None}),
    "/prices/index/BTC-USD": ("prices.index.BTC-USD", {"type": "index", "market": "BTC-USD"}),
    "/candles/BTC-USD/trades?interval=PT1M": ("candles.last.BTC-USD.PT1M", {"type": "last", "market": "BTC-USD", "interval": "PT1M"}),
    "/candles/X.Y-USD/mark-prices?interval=P1D": ("candles.mark.X.Y-USD.P1D", {"type": "mark", "market": "X.Y-USD", "interval": "P1D"}),
}


@pytest.mark.parametrize("path", NAMES)
def test_a_path_and_its_name(path: str) -> None:
    name, selector = NAMES[path]
    asked, message = topics.asked_of(path), topics.subscribe(path)
    assert (asked.name, asked.selector) == (name, selector) and topics.path_of(name) == path
    assert message["method"] == "subscribe" and message["params"]["selector"] == selector and name.startswith(message["params"]["scope"])
    assert len({topics.request_id(each) for each in NAMES}) == len(NAMES)


@pytest.mark.parametrize("name", ["", "account.1", "nothing", "candles.odd.BTC-USD.PT1M", "candles"])
def test_names_that_no_path_stands_for(name: str) -> None:
    assert topics.path_of(name) is None


@pytest.fixture(params=[True, False], ids=["v2", "v1"])
def multiplex(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def opened(venue: Any, multiplex: bool) -> Any:
    exchange = ccxt_dex.extended({**venue.config(), "options": {"multiplex": multiplex}})
    exchange.timeout_on_exit = 0
    return exchange


async def soon(awaitable: Any) -> Any:
    return await asyncio.wait_for(awaitable, 15)


async def test_all_topics_come_over_the_connections_there_are(paper_venue: Any, multiplex: bool) -> None:
    venue = await paper_venue("extended", seed=7)
    ex = opened(venue, multiplex)
    try:
        await ex.load_markets()
        book, trades, best, mark, index, funding, candles = await soon(
            asyncio.gather(
                ex.watch_order_book(BTC),
                ex.watch_trades(ETH),
                ex.watch_bids_asks(),
                ex.watch_mark_prices(),
                ex.watch_index_price(BTC),
                ex.watch_funding_rates(),
                ex.watch_ohlcv(BTC, "1m"),
            )
        )
        assert book["bids"] and book["symbol"] == BTC and {row["symbol"] for row in trades} == {ETH} and candles[-1][4] > 0
        assert len(best) == len(mark) == len(funding) == 1 and index["indexPrice"] > 0
        assert (await soon(ex.watch_ticker(ETH)))["last"] > 0
        paths = sorted(socket.path.split("/")[2] for socket in venue.server.connections)
        assert paths == (["v2"] if multiplex else ["v1"] * 8)
    finally:
        await ex.close()


async def test_a_lost_frame_of_any_topic_empties_nothing_and_stops_every_book(paper_venue: Any) -> None:
    """The numbers are the connection's: which topic lost a frame cannot be told."""
    venue = await paper_venue("extended", seed=7)
    ex = opened(venue, True)
    try:
        for symbol in (BTC, ETH):
            await soon(ex.watch_order_book(symbol))
        await venue.fault({"kind": "gap", "match": "orderbooks:ETH-USD"})

        async def lost() -> None:
            while not ex.clients[ex.rpc_url()].losses:
                book = await ex.watch_order_book(BTC)
                assert book["bids"] and book["asks"]

        async def equal(symbol: str, market: str) -> None:
            while True:
                book = await ex.watch_order_book(symbol)
                bids, asks = venue.engine.book(market)
                if [row[:2] for row in book["bids"]] == [[float(p), float(q)] for p, q in bids] and len(book["asks"]) == len(asks):
                    return

        await soon(lost())
        await soon(equal(BTC, "BTC-USD"))
        await soon(equal(ETH, "ETH-USD"))
        (status,) = ex.stream_status().values()
        assert any("missing" in text for text in status["events"]), status["events"]
    finally:
        await ex.close()


async def test_leaving_one_topic_leaves_the_others(paper_venue: Any, multiplex: bool) -> None:
    venue = await paper_venue("extended", seed=7)
    ex = opened(venue, multiplex)
    try:
        await soon(ex.watch_order_book(BTC))
        await soon(ex.watch_order_book(ETH))
        waiting = asyncio.ensure_future(ex.watch_order_book(BTC))
        await asyncio.sleep(0)
        assert await ex.un_watch_order_book(BTC) is True and BTC not in ex.orderbooks
        with pytest.raises(errors.UnsubscribeError):
            await soon(waiting)
        assert await ex.un_watch_order_book(BTC) is False if BTC in ex.markets else True
        assert (await soon(ex.watch_order_book(ETH)))["symbol"] == ETH
        assert (await soon(ex.watch_order_book(BTC)))["bids"], "and it can be watched again"
    finally:
        await ex.close()


async def test_a_refused_topic_is_that_topic_s_alone(paper_venue: Any) -> None:
    venue = await paper_venue("extended", seed=7)
    ex = opened(venue, True)
    try:
        await soon(ex.watch_order_book(BTC))
        with pytest.raises(errors.ExchangeError, match="Invalid params"):
            await soon(ex.listen("/orderbooks/NOBODY-USD", "orderbook:nobody"))
        assert (await soon(ex.watch_order_book(BTC)))["bids"] and ex.clients[ex.rpc_url()].losses == 0
    finally:
        await ex.close()


async def test_the_api_key_goes_to_the_account_s_socket_alone(paper_venue: Any) -> None:
    venue = await paper_venue("extended", seed=7)
    ex = opened(venue, True)
    try:
        await soon(ex.watch_order_book(BTC))
        await soon(ex.watch_balance())
        headers = {socket.path.rpartition("/")[2]: socket.request.headers for socket in venue.server.connections}
        assert headers["account"]["X-Api-Key"] == ex.apiKey and "X-Api-Key" not in headers["rpc"]
        assert all(each["User-Agent"] for each in headers.values())
    finally:
        await ex.close()


async def test_every_dial_carries_the_key_of_now(paper_venue: Any, until: Any) -> None:
    venue = await paper_venue("extended", seed=7, accounts=2)
    ex = opened(venue, True)
    try:
        await soon(ex.watch_balance())

        def linked(but: Any = None) -> Any:
            return next((each for each in venue.server.connections if each.path.endswith("/account") and each is not but), None)

        first = linked()
        ex.apiKey = venue.config(venue.server.accounts[1])["apiKey"]
        await venue.fault({"kind": "drop_ws", "match": "orders"})
        second = await until(lambda: linked(first))
        assert second.request.headers["X-Api-Key"] == ex.apiKey != first.request.headers["X-Api-Key"]
        assert "X-Api-Key" not in (ex.options.get("headers") or {}), "and it stays out of the options, which bots log"
    finally:
        await ex.close()


async def test_a_storm_of_dials_is_held_to_five_a_second(paper_venue: Any, until: Any) -> None:
    """v1: what is lost at once comes back one after another, over all instances of the process. Ten may go at once."""
    venue = await paper_venue("extended", seed=7)
    pair = [opened(venue, False) for _ in range(2)]
    try:
        for ex in pair:
            await ex.load_markets()
        began = asyncio.get_running_loop().time()
        paths = [f"/{topic}/{base}-USD" for topic in ("orderbooks", "funding") for base in ("BTC", "ETH", "SOL")]
        tasks = [asyncio.ensure_future(ex.listen(path, path)) for ex in pair for path in paths]
        await until(lambda: len(venue.server.connections) == 12)
        assert asyncio.get_running_loop().time() - began > (12 - 10) / 5 - 0.05
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        for ex in pair:
            await ex.close()
