"""The room against its paper venue: what is particular to Lighter; what every room must do is in compat_tests/contract."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from ccxt_dex import signers
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.lighter import keys, lighter, signer

ETH = "ETH/USDC:USDC"


@pytest.fixture
async def venue(paper_venue: Any) -> Any:
    started = await paper_venue("lighter", seed=7)
    await started.market({"pause": True})
    return started


@pytest.fixture
async def ex(venue: Any) -> AsyncIterator[Any]:
    exchange = lighter(venue.config())
    await exchange.load_markets()
    yield exchange
    await exchange.close()


def sent(venue: Any) -> list[dict[str, Any]]:
    """Bodies of the transactions that arrived."""
    return [tx.body for tx in venue.adapter.arrived]


async def price(ex: Any, factor: float = 0.98) -> float:
    book = await ex.fetch_order_book(ETH, 1)
    return float(int(book["bids"][0][0] * factor))


# --- identity -----------------------------------------------------------------------------------------------------------------------------


async def test_the_key_index_is_found_by_the_public_key(ex: Any, venue: Any) -> None:
    assert await ex.identity() == (int(venue.config()["uid"]), 3)


async def test_a_given_key_index_is_not_looked_up(venue: Any) -> None:
    exchange = lighter({**venue.config(), "apiKey": "3"})
    assert (await exchange.identity()).key_index == 3
    assert not [name for name in venue.server.log.endpoints if "apikeys" in name]
    await exchange.close()


async def test_the_account_is_found_by_the_wallet_address(venue: Any) -> None:
    config = venue.config()
    address = venue.adapter.address(int(config.pop("uid")))
    exchange = lighter({**config, "walletAddress": address})
    assert (await exchange.identity()).account == int(venue.config()["uid"])
    await exchange.close()


async def test_the_key_may_come_as_secret(venue: Any) -> None:
    config = venue.config()
    exchange = lighter({**config, "secret": config.pop("privateKey"), "privateKey": None})
    assert (await exchange.identity()).key_index == 3
    await exchange.close()


@pytest.mark.parametrize("change", [{"uid": "abc"}, {"apiKey": "255"}, {"apiKey": "x"}, {"uid": None}])
async def test_bad_indices_are_authentication_errors(venue: Any, change: dict[str, Any]) -> None:
    exchange = lighter({**venue.config(), **change})
    with pytest.raises(errors.AuthenticationError):
        await exchange.identity()
    await exchange.close()


async def test_a_signer_that_must_be_awaited(venue: Any) -> None:
    """A KMS in place of the local key: every signature and the public key come out of coroutines."""

    class Remote:
        def __init__(self, key: str) -> None:
            self.inner, self.count = signer.LighterSigner(key), 0

        @property
        def public_key(self) -> Any:
            async def get() -> bytes:
                return self.inner.public_key

            return get()

        async def sign(self, digest: bytes) -> bytes:
            self.count += 1
            return self.inner.sign(digest)

    made: list[Remote] = []

    def factory(key: str, **options: Any) -> Remote:
        made.append(Remote(key))
        return made[-1]

    signers.register("lighter", factory)
    try:
        exchange = lighter(venue.config())
        await exchange.load_markets()
        order = await exchange.create_order(ETH, "limit", "buy", 0.1, await price(exchange))
        assert order["status"] == "open" and made[0].count >= 2  # a transaction and a token
        await exchange.close()
    finally:
        signers.register("lighter", signer.make)


# --- orders -------------------------------------------------------------------------------------------------------------------------------


async def test_real_ids_and_statuses_come_back(ex: Any) -> None:
    order = await ex.create_order(ETH, "limit", "buy", 0.1, await price(ex), {"clientOrderId": 77})
    assert int(order["id"]) >= 2**48 and order["clientOrderId"] == "77"
    assert (order["status"], order["amount"], order["timeInForce"]) == ("open", 0.1, "GTC")
    by_client = await ex.fetch_order("77", ETH)
    assert by_client["id"] == order["id"] == (await ex.fetch_order(None, ETH, {"clientOrderId": "77"}))["id"]


async def test_an_id_of_an_earlier_life_is_found_among_the_open_and_the_ended_orders(ex: Any, venue: Any) -> None:
    first = await ex.create_order(ETH, "limit", "buy", 0.1, await price(ex))
    second = await ex.create_order(ETH, "limit", "buy", 0.1, await price(ex))
    await ex.cancel_order(first["id"], ETH)
    fresh = lighter(venue.config())
    for order, status in ((first, "canceled"), (second, "open")):
        assert (await fresh.fetch_order(order["id"]))["status"] == status
    with pytest.raises(errors.OrderNotFound):
        await fresh.fetch_order(str(2**48 + 999_999))
    await fresh.close()


async def test_without_waiting_the_client_id_stands_in(ex: Any) -> None:
    order = await ex.create_order(ETH, "limit", "buy", 0.1, await price(ex), {"clientOrderId": 5, "wait": False})
    assert (order["id"], order["status"], order["amount"]) == ("5", "open", 0.1)
    assert (await ex.cancel_order("5", ETH))["status"] == "canceled"


async def test_what_is_refused_in_the_queue_is_raised(ex: Any) -> None:
    crossing = (await price(ex, 1.0)) + 100
    with pytest.raises(errors.OrderImmediatelyFillable):
        await ex.create_order(ETH, "limit", "buy", 0.1, crossing, {"postOnly": True})
    with pytest.raises(errors.InvalidOrder):
        await ex.create_order(ETH, "market", "sell", 0.1, None, {"reduceOnly": True})
    with pytest.raises(errors.InsufficientFunds):
        await ex.create_order(ETH, "limit", "buy", 100_000, await price(ex))


async def test_order_expiry_reaches_the_venue(ex: Any, venue: Any) -> None:
    at = ex.milliseconds() + 3_600_000
    await ex.create_order(ETH, "limit", "buy", 0.1, await price(ex), {"orderExpiry": at})
    assert sent(venue)[-1]["OrderExpiry"] == at


async def test_nothing_but_the_nonce_flag_is_attached(ex: Any, venue: Any) -> None:
    await ex.create_order(ETH, "market", "buy", 0.1)
    await ex.create_order(ETH, "limit", "sell", 0.1, (await price(ex)) + 200, {"stopLoss": {"triggerPrice": 9999}})
    await ex.create_orders([{"symbol": ETH, "type": "limit", "side": "buy", "amount": 0.1, "price": await price(ex)}])
    assert [body["L2TxAttributes"] for body in sent(venue)] == [{"4": 1}] * 3


@pytest.mark.parametrize(("name", "factor"), [("stopLoss", "0.97"), ("takeProfit", "1.03")])
async def test_one_attached_exit_closes_what_the_entry_opened(ex: Any, venue: Any, until: Any, name: str, factor: str) -> None:
    mark = venue.engine.mark("0")
    trigger = float((mark * Decimal(factor)).quantize(Decimal("0.01")))
    entry = await ex.create_order(ETH, "market", "buy", 0.1, None, {name: {"triggerPrice": trigger}, "clientOrderId": 9})
    assert (entry["status"], entry["filled"], entry["clientOrderId"]) == ("closed", 0.1, "9")
    (exit_order,) = await ex.fetch_open_orders(ETH)
    assert (exit_order["side"], exit_order["reduceOnly"], exit_order[f"{name}Price"]) == ("sell", True, trigger)
    await venue.market({"symbol": "0", "price": str(mark * (Decimal(factor) + (Decimal("-0.002") if factor < "1" else Decimal("0.002"))))})

    async def flat() -> bool:
        return not await ex.fetch_positions([ETH])

    await until(flat)
    assert [tx.body["GroupingType"] for tx in venue.adapter.arrived] == [1]


async def test_a_batch_is_one_request(ex: Any, venue: Any) -> None:
    at = await price(ex)
    made = await ex.create_orders([{"symbol": ETH, "type": "limit", "side": "buy", "amount": 0.1, "price": at - i} for i in range(10)])
    assert [order["status"] for order in made] == ["open"] * 10 and len({order["id"] for order in made}) == 10
    assert venue.server.log.endpoints["POST /api/v1/sendTxBatch"] == 1 and "POST /api/v1/sendTx" not in venue.server.log.endpoints
    await ex.cancel_orders([order["id"] for order in made[:4]], ETH)
    await ex.cancel_orders_for_symbols([{"id": order["id"], "symbol": ETH} for order in made[4:6]])
    assert venue.server.log.endpoints["POST /api/v1/sendTxBatch"] == 3
    assert len(await ex.fetch_open_orders(ETH)) == 4


async def test_scheduled_cancel_of_everything(ex: Any, venue: Any) -> None:
    order = await ex.create_order(ETH, "limit", "buy", 0.1, await price(ex))
    for bad in (60_000, 1_296_000_001):
        with pytest.raises(errors.BadRequest):
            await ex.cancel_all_orders_after(bad)
    await ex.cancel_all_orders_after(300_000)
    await ex.cancel_all_orders_after(0)
    await asyncio.sleep(0.1)
    await venue.market({"advance_ms": 310_000})
    assert (await ex.fetch_order(order["id"], ETH))["status"] == "open"


async def test_a_triggered_cancel_of_everything(ex: Any, venue: Any, until: Any) -> None:
    order = await ex.create_order(ETH, "limit", "buy", 0.1, await price(ex))
    await ex.cancel_all_orders_after(300_000)
    await until(lambda: venue.engine.account("alice").cancel_at, what="the switch is armed")
    await venue.market({"advance_ms": 310_000})

    async def canceled() -> bool:
        return bool((await ex.fetch_order(order["id"], ETH))["status"] == "canceled")

    await until(canceled)


async def test_transfer_and_withdraw_are_signed(ex: Any, venue: Any) -> None:
    moved = await ex.transfer("USDC", 5, "perp", "spot")
    assert moved["currency"] == "USDC" and len(moved["id"]) == 80
    assert (await ex.withdraw("USDC", 7.5, None))["amount"] == 7.5
    with pytest.raises(errors.InvalidAddress):
        await ex.withdraw("USDC", 7.5, "0x" + "12" * 20)
    assert (await ex.create_sub_account("second"))["code"] == 200
    transfer, withdrawal, _ = sent(venue)
    assert (transfer["Amount"], transfer["FromRouteType"], transfer["ToRouteType"]) == (5_000_000, 0, 1)
    assert (withdrawal["AssetIndex"], withdrawal["Amount"]) == (3, 7_500_000)


def test_a_transfer_names_both_sides() -> None:
    """The official documentation's row (2026-07)."""
    row = {
        "id": "3085014",
        "asset_id": 3,
        "amount": "11.000000",
        "timestamp": 1766387292752,
        "from_account_index": 1077,
        "from_route": "spot",
    }
    ex = lighter()
    between = ex.parse_transfer({**row, "to_account_index": 281474976710608, "to_route": "spot"})
    inside = ex.parse_transfer({**row, "to_account_index": 1077, "to_route": "perps"})
    assert (between["fromAccount"], between["toAccount"]) == ("1077", "281474976710608")
    assert (inside["fromAccount"], inside["toAccount"], inside["amount"]) == ("spot", "perps", 11.0)


async def test_an_old_order_that_ended_late_does_not_end_the_reading(ex: Any) -> None:
    """Ended orders come by the time of their end (official documentation, 2026-07); composed of two pages of a hundred."""
    row = {"market_index": 0, "type": "limit", "status": "canceled", "initial_base_amount": "0.1", "is_ask": False, "price": "2000.00"}

    def page(first: int, created: list[int]) -> list[dict[str, Any]]:
        ids = enumerate(created, first)
        return [
            {**row, "order_index": 2**48 + each, "client_order_index": 0, "timestamp": at, "updated_at": 1_777_941_000 - each}
            for each, at in ids
        ]

    pages = [page(0, [1_777_940_000] * 99 + [1_777_000_000]), page(100, [1_777_940_500])]

    async def call(endpoint: str, params: Any = None) -> Any:
        rows = pages.pop(0)
        return {"orders": rows, "next_cursor": "more" if pages else None}

    await ex.identity()
    ex.call = call
    found = await ex.fetch_canceled_orders(ETH, 1_777_900_000_000)
    assert len(found) == 100 and str(2**48 + 100) in {order["id"] for order in found}


# --- whose account ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["accountIndex", "account_index", "apiKeyIndex", "api_key_index"])
async def test_another_account_or_key_than_the_instances_is_refused_by_whatever_signs(ex: Any, venue: Any, name: str) -> None:
    """ccxt's class signs for the account of the parameter; ignored, it would trade the wrong one's money."""
    who, other = await ex.identity(), {name: 777}
    calls: list[tuple[Any, ...]] = [
        ("create_order", ETH, "limit", "buy", 0.1, 2000, other),
        ("create_order_ws", ETH, "limit", "buy", 0.1, 2000, other),
        ("create_orders", [{"symbol": ETH, "type": "limit", "side": "buy", "amount": 0.1, "price": 2000, "params": other}]),
        ("edit_order", "5", ETH, "limit", "buy", 0.1, 2000, other),
        ("cancel_order", "5", ETH, other),
        ("cancel_orders", ["5"], ETH, other),
        ("cancel_orders_for_symbols", [{"id": "5", "symbol": ETH}], other),
        ("cancel_all_orders", ETH, other),
        ("cancel_all_orders_after", 300_000, other),
        ("set_leverage", 3, ETH, other),
        ("set_margin_mode", "isolated", ETH, other),
        ("add_margin", ETH, 1, other),
        ("set_margin", ETH, 1, {**other, "direction": 1}),
        ("transfer", "USDC", 1, "perp", "spot", other),
        ("withdraw", "USDC", 1, None, other),
    ]
    for method, *args in calls:
        with pytest.raises(errors.BadRequest, match="signs for"):
            await getattr(ex, method)(*args)
    assert sent(venue) == []
    own = {"accountIndex": who.account, "apiKeyIndex": str(who.key_index)}
    assert (await ex.create_order(ETH, "limit", "buy", 0.1, await price(ex), own))["status"] == "open"


@pytest.mark.parametrize(
    "params", [{"post_only": True}, {"time_in_force": "IOC"}, {"trigger_price": 1}, {"leverage": 5}, {"marginMode": "isolated"}]
)
async def test_what_would_be_ignored_and_makes_another_order_is_refused(ex: Any, venue: Any, params: dict[str, Any]) -> None:
    with pytest.raises((errors.BadRequest, errors.NotSupported)):
        await ex.create_order(ETH, "limit", "buy", 0.1, 2000, params)
    assert sent(venue) == []


# --- nonces -------------------------------------------------------------------------------------------------------------------------------


async def test_fifty_orders_at_once_on_one_key(ex: Any, venue: Any) -> None:
    at = await price(ex)
    made = await asyncio.gather(*(ex.create_order(ETH, "limit", "buy", 0.1, at - i) for i in range(50)))
    assert {order["status"] for order in made} == {"open"} and len({order["id"] for order in made}) == 50
    nonces = [body["Nonce"] for body in sent(venue)]
    assert len(nonces) == 50 and nonces == sorted(set(nonces)), "in order of arrival, none refused"


async def test_several_instances_and_threads_share_a_key(venue: Any) -> None:
    """Two instances on this loop and one on a loop of its own in another thread, all with one key."""
    here = [lighter(venue.config()) for _ in range(2)]
    failures: list[BaseException] = []

    async def five(exchange: Any) -> None:
        await exchange.load_markets()
        at = await price(exchange)
        await asyncio.gather(*(exchange.create_order(ETH, "limit", "buy", 0.1, at - i) for i in range(5)))
        await exchange.close()

    def elsewhere() -> None:
        try:
            asyncio.run(five(lighter(venue.config())))
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    await asyncio.gather(*(five(exchange) for exchange in here))
    await asyncio.to_thread(thread.join, 30)
    assert not failures
    nonces = [body["Nonce"] for body in sent(venue)]
    assert len(nonces) == 15 and nonces == sorted(set(nonces))


async def test_several_keys_do_not_wait_for_each_other(venue: Any) -> None:
    exchanges = [lighter(venue.config(name)) for name in (None, "bob", "carol")]
    at = 0.0
    for exchange in exchanges:
        await exchange.load_markets()
        at = await price(exchange)
    calls = [exchange.create_order(ETH, "limit", "buy", 0.1, at - i) for exchange in exchanges for i in range(5)]
    assert {order["status"] for order in await asyncio.gather(*calls)} == {"open"}
    for exchange in exchanges:
        await exchange.close()


async def test_a_nonce_that_the_venue_has_seen_is_stepped_over(ex: Any, venue: Any) -> None:
    who = await ex.identity()
    venue.adapter.gateway._nonces[tuple(who)] = ex.milliseconds() + 10_000_000
    order = await ex.create_order(ETH, "limit", "buy", 0.1, await price(ex))
    assert order["status"] == "open" and len(sent(venue)) == 2, "refused once, which proves that nothing happened, then sent above it"


async def test_the_gate_passes_on_after_cancellation() -> None:
    key = keys.Key("gate")
    order: list[int] = []

    async def hold(number: int, seconds: float) -> None:
        async with key:
            order.append(number)
            await asyncio.sleep(seconds)

    first = asyncio.ensure_future(hold(1, 0.05))
    await asyncio.sleep(0)
    waiting = [asyncio.ensure_future(hold(number, 0)) for number in (2, 3, 4)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.gather(first, *waiting, return_exceptions=True)
    assert order == [1, 3, 4]
    await asyncio.wait_for(hold(5, 0), 1)


async def test_a_cancel_overtakes_the_orders_that_wait_for_their_turn(ex: Any, venue: Any) -> None:
    at = await price(ex)
    resting = await ex.create_order(ETH, "limit", "buy", 0.1, at)
    placing = [asyncio.ensure_future(ex.create_order(ETH, "limit", "buy", 0.1, at - i)) for i in range(1, 9)]
    while len(sent(venue)) < 2:
        await asyncio.sleep(0)
    await ex.cancel_order(resting["id"], ETH)
    await asyncio.gather(*placing)
    kinds = [tx.type for tx in venue.adapter.arrived]
    assert kinds.index(15) <= 4, f"behind what was on its way when it was asked for, no more: {kinds}"


def test_a_turn_is_not_given_to_somebody_who_left_and_whose_loop_stands_still() -> None:
    key, still = keys.Key("still"), asyncio.new_event_loop()

    async def give_up() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(key.__aenter__(), 0.01)

    async def main() -> None:
        async with key:
            await asyncio.to_thread(still.run_until_complete, give_up())
        async with key:
            pass

    asyncio.run(asyncio.wait_for(main(), 5))
    still.close()


def test_a_gate_held_by_a_loop_that_is_gone() -> None:
    key = keys.Key("gone")

    async def take_and_vanish() -> None:
        await key.__aenter__()

    asyncio.run(take_and_vanish())

    async def again() -> None:
        async with key:
            pass

    asyncio.run(asyncio.wait_for(again(), 1))


def test_nonces_grow_even_when_the_clock_does_not() -> None:
    key = keys.Key("lighter:test:1:2")
    assert [key.next_nonce(1000) for _ in range(3)] == [1000, 1001, 1002]
    assert key.next_nonce(500) == 1003
    key.seen(5000)
    assert key.next_nonce(1000) == 5001


# --- streams ------------------------------------------------------------------------------------------------------------------------------


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
