"""Streams: gaps, tokens, shared subscriptions, rows that cannot be read."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ccxt_dex._ccxt import errors
from compat_tests.rooms.lighter.desk import ETH, price


async def test_a_gap_is_mended_on_the_same_connection(ex: Any, venue: Any, until: Any) -> None:
    await venue.market({"pause": False})
    book = await asyncio.wait_for(ex.watch_order_book(ETH), 10)
    other = await asyncio.wait_for(ex.watch_order_book("BTC/USDC:USDC"), 10)
    await venue.fault({"kind": "gap", "match": "order_book:0"})

    def mended() -> bool:
        status = ex.stream_status()
        return any("begin_nonce" in text for events in status.values() for text in events["events"])

    watching = asyncio.ensure_future(_keep_watching(ex))
    try:
        await until(mended, what="the gap was seen")
        nonce = book["nonce"]
        await until(lambda: book["nonce"] is not None and book["nonce"] != nonce and book.stale is None, what="a fresh snapshot")
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    assert next(iter(ex.stream_status().values()))["losses"] == 0, "the other book went on"
    assert other.stale is None


async def _keep_watching(ex: Any) -> None:
    while True:
        await ex.watch_order_book(ETH)


async def test_tokens_are_renewed_on_a_new_connection(ex: Any, venue: Any, until: Any) -> None:
    waiting = asyncio.ensure_future(ex.watch_orders())
    await until(lambda: [s for s in venue.server.connections if s.subscriptions], what="subscribed")
    ex._tokens.clear()
    old = {message["auth"] for message in _subscriptions(ex)}
    await venue.fault({"kind": "drop_ws"})
    await until(lambda: [s for s in venue.server.connections if s.subscriptions], what="subscribed again")
    order = await ex.create_order(ETH, "limit", "buy", 0.1, await price(ex))
    assert (await asyncio.wait_for(waiting, 10))[-1]["id"] == order["id"]
    assert {token for token, _ in ex._tokens.values()} != old


def _subscriptions(ex: Any) -> list[Any]:
    return [record.message for client in ex.clients.values() for record in client.ledger.topics.values()]


async def test_trades_and_liquidations_share_a_subscription(ex: Any, venue: Any, until: Any) -> None:
    await venue.market({"pause": False})
    liquidations = asyncio.ensure_future(ex.watch_liquidations(ETH))
    trades = await asyncio.wait_for(ex.watch_trades(ETH), 10)
    assert trades and trades[-1]["symbol"] == ETH
    assert [len(socket.subscriptions) for socket in venue.server.connections] == [1]
    liquidations.cancel()
    await asyncio.gather(liquidations, return_exceptions=True)


async def test_several_symbols_at_once(ex: Any, venue: Any) -> None:
    await venue.market({"pause": False})
    symbols = [ETH, "BTC/USDC:USDC"]
    book = await asyncio.wait_for(ex.watch_order_book_for_symbols(symbols), 10)
    assert book["symbol"] in symbols
    assert (await asyncio.wait_for(ex.watch_bids_asks(symbols), 10)).keys() <= set(symbols)
    assert (await asyncio.wait_for(ex.watch_funding_rates(symbols), 10)).keys() <= set(symbols)
    assert (await asyncio.wait_for(ex.watch_trades_for_symbols(symbols), 10))[-1]["symbol"] in symbols
    rate = await asyncio.wait_for(ex.watch_funding_rate(ETH), 10)
    assert rate["symbol"] == ETH and abs(rate["fundingRate"]) < 0.001 and rate["interval"] == "1h"


async def test_an_unknown_channel_is_refused_to_those_who_asked(ex: Any, venue: Any) -> None:
    await venue.market({"pause": False})
    await asyncio.wait_for(ex.watch_order_book(ETH), 10)
    with pytest.raises(errors.BadRequest, match="Invalid Channel"):
        await asyncio.wait_for(ex.listen("nonsense", "nonsense/0"), 10)
    await asyncio.wait_for(ex.watch_order_book(ETH), 10)


@pytest.mark.parametrize(
    ("kind", "channel", "broken"), [("orders", "orders", {"status": "melted"}), ("my_trades", "trades", {"usd_amount": "x"})]
)
async def test_a_row_of_the_account_that_cannot_be_read_is_not_passed_over_in_silence(
    ex: Any, until: Any, kind: str, channel: str, broken: dict[str, Any]
) -> None:
    """Composed: a status and a number that nobody knows, in front of a row that can be read."""
    order = await ex.create_order(ETH, "market", "buy", 0.1)
    good = order["info"] if kind == "orders" else (await ex.fetch_my_trades(ETH))[-1]["info"]
    waiting = [asyncio.ensure_future(getattr(ex, f"watch_{kind}")(*symbol)) for symbol in ((), (ETH,))]
    await until(lambda: any(len(record.hashes) == 2 for client in (ex.clients or {}).values() for record in client.ledger.topics.values()))
    (client,) = ex.clients.values()
    await until(lambda: client.state == "open")
    rows = [{**good, **broken}, good]
    account = (await ex.identity()).account
    ex.handle_message(
        client, {"type": f"update/account_all_{channel}", "channel": f"account_all_{channel}:{account}", channel: {"0": rows}}
    )
    for each in waiting:
        with pytest.raises(errors.BadResponse):
            await asyncio.wait_for(each, 5)
    cache = ex.order_cache() if kind == "orders" else ex.fill_cache()
    assert len(cache) == 1 and client.state == "open"


async def test_reads_that_ccxt_has_not(ex: Any) -> None:
    assert (await ex.fetch_open_interest(ETH))["symbol"] == ETH
    assert (await ex.fetch_trading_fee(ETH))["taker"] == 0.000196
    assert (await ex.fetch_trading_fees())[ETH]["maker"] == 0.000028
    assert (await ex.fetch_leverage(ETH))["longLeverage"] == 20
    assert (await ex.fetch_market_leverage_tiers(ETH))[0]["maintenanceMarginRate"] == 0.012
    assert (await ex.fetch_mark_ohlcv(ETH, "1m", None, 3))[-1][1] > 0
    assert (await ex.fetch_ohlcv(ETH, "1m", None, 3, {"price": "mark"}))[-1][1] > 0
    assert await ex.fetch_my_liquidations(ETH) == []
    assert (await ex.fetch_status())["status"] == "ok"
    rate = await ex.fetch_funding_rate(ETH)
    assert rate["interval"] == "1h" and abs(rate["fundingRate"]) < 0.001


@pytest.mark.parametrize("name", ["orders", "my_trades"])
async def test_streams_of_the_account_can_be_left(ex: Any, until: Any, name: str) -> None:
    # whoever watches one market stands on the same channel
    waiting = [asyncio.ensure_future(getattr(ex, f"watch_{name}")(*symbol)) for symbol in ((), (ETH,))]
    await until(lambda: any(len(record.hashes) == 2 for client in (ex.clients or {}).values() for record in client.ledger.topics.values()))
    assert await asyncio.wait_for(getattr(ex, f"un_watch_{name}")(), 5) is True
    for left in waiting:
        with pytest.raises(errors.UnsubscribeError):
            await asyncio.wait_for(left, 5)
