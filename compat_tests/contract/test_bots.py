"""What bots read of our results without asking, freqtrade foremost: a table of calls as they write them, on every venue."""

from __future__ import annotations

import asyncio
import copy
import itertools
import statistics
import threading
import time
from collections.abc import Awaitable, Callable
from numbers import Real
from typing import Any

import pytest

import ccxt_dex
from ccxt_dex import paper, registry
from ccxt_dex._ccxt import errors
from compat_tests.contract.desk import Desk, Watcher, cannot, until

CREDENTIALS = ("apiKey", "secret", "password", "uid", "accountId", "walletAddress", "privateKey")
# what freqtrade refuses an exchange without, or a futures bot misses; each has to be the boolean
REQUIRED = """fetchOrder fetchL2OrderBook cancelOrder createOrder fetchBalance fetchOHLCV fetchMyTrades createLimitOrder createMarketOrder fetchOrderBook
    fetchTicker fetchTickers fetchPositions setLeverage fetchLeverageTiers fetchOpenOrders""".split()
ORDER = """id clientOrderId status type side symbol amount filled remaining price average cost timestamp datetime lastTradeTimestamp fee info""".split()
# one venue, and one that corrects a class of ccxt's, tell in the quick run
SOME = [pytest.param(each, marks=() if each in (registry.DEMO, "lighter") else pytest.mark.campaign) for each in registry.IDS]
Check = Callable[[Desk], Awaitable[None]]


def number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


async def a_resting_order(desk: Desk) -> None:
    order = await desk.ex.create_order(desk.symbol, "limit", "buy", desk.size(), desk.below(), {"timeInForce": "GTC"})
    assert set(ORDER) <= set(order) and isinstance(order["id"], str) and order["status"] in ("open", None)
    found = await desk.ex.fetch_order(order["id"], desk.symbol, params={})
    assert (found["status"], found["type"], found["side"], found["symbol"]) == ("open", "limit", "buy", desk.symbol)
    assert (found["amount"], found["price"], found["filled"], found["remaining"]) == (desk.size(), desk.below(), 0, desk.size())
    assert isinstance(found["timestamp"], int) and number(found["cost"])
    assert order["id"] in [each["id"] for each in await desk.ex.fetch_open_orders(desk.symbol, since=found["timestamp"] - 60_000)]
    cancelled = await desk.ex.cancel_order(order["id"], desk.symbol, params={})
    assert isinstance(cancelled, dict) and cancelled["id"] in (order["id"], None)
    assert (await desk.final(order))["status"] == "canceled"


async def a_filled_order(desk: Desk) -> None:
    since = desk.ex.milliseconds() - 60_000
    order = await desk.ex.create_order(desk.symbol, "market", "buy", desk.size(4), None, {})
    assert set(ORDER) <= set(order) and isinstance(order["id"], str)
    # freqtrade: a closed order without an average must at least say how much was filled
    assert order["status"] in ("open", None) or (number(order["filled"]) and number(order["average"]))
    found = await desk.final(order)
    assert found["status"] == "closed" and (found["filled"], found["remaining"]) == (desk.size(4), 0)
    assert number(found["average"]) and found["cost"] == pytest.approx(found["filled"] * found["average"], rel=1e-6)

    if "fills_name_orders" in cannot(desk.venue_id):
        return

    async def own_trades() -> Any:
        trades = [each for each in await desk.ex.fetch_my_trades(desk.symbol, since, params={}) if each["order"] == order["id"]]
        return trades if sum(each["amount"] for each in trades) == pytest.approx(desk.size(4)) else None

    trades = await until(own_trades, "the order's fills under its id")
    assert all(number(each["fee"]["cost"]) and each["fee"]["currency"] and number(each["price"]) for each in trades)


async def a_position(desk: Desk) -> None:
    await desk.has_position(desk.size(4), "long")
    for given in ([desk.symbol], None):
        (row,) = [each for each in await desk.ex.fetch_positions(given, params={}) if each["symbol"] == desk.symbol]
        assert row["side"] == "long" and all(number(row[name]) for name in ("contracts", "leverage", "unrealizedPnl", "entryPrice"))
        assert number(row["initialMargin"]) or number(row["collateral"])
        assert row["liquidationPrice"] is None or number(row["liquidationPrice"])
    left = await desk.ex.create_order(desk.symbol, "market", "sell", desk.size(4), None, {"reduceOnly": True})
    await desk.final(left)
    await desk.has_position(0)


async def the_balance(desk: Desk) -> None:
    balance = await desk.ex.fetch_balance({})
    for name in ("info", "free", "used", "total"):
        balance.pop(name)
    for name in ("timestamp", "datetime", "debt"):
        balance.pop(name, None)
    assert desk.market["settle"] in balance
    for code, row in balance.items():
        assert isinstance(row, dict) and set(row) >= {"free", "used", "total"}, code
        assert all(value is None or number(value) for value in row.values()), code


async def leverage_is_a_float_by_keyword(desk: Desk) -> None:
    await desk.ex.set_leverage(symbol=desk.symbol, leverage=3.0)
    found = await desk.ex.fetch_leverage(desk.symbol)
    assert found["longLeverage"] == 3
    try:
        await desk.ex.set_leverage(symbol=desk.symbol, leverage=2.5)
    except errors.BaseError:
        wanted = 3  # leverage is whole here: refused, not rounded
    else:
        wanted = 2.5
    assert (await desk.ex.fetch_leverage(desk.symbol))["longLeverage"] == wanted


async def the_book_at_any_depth(desk: Desk) -> None:
    for limit in (1, 20):
        book = await desk.ex.fetch_l2_order_book(desk.symbol, limit)
        assert book["bids"] and book["asks"] and book["bids"][0][0] < book["asks"][0][0]
        assert all(number(value) for side in ("bids", "asks") for level in book[side] for value in level[:2])


async def tickers(desk: Desk) -> None:
    for params in ({}, {"type": "swap"}):
        rows = await desk.ex.fetch_tickers(None, params)
        row = rows[desk.symbol]
        assert row["symbol"] == desk.symbol and number(row["last"])
    single = await desk.ex.fetch_ticker(desk.symbol)
    # a ticker that knows no best prices says so: a bot then asks for the book, or refuses to price anything
    assert number(single["last"]) and number(single["bid"]) is number(single["ask"])


async def history(desk: Desk) -> None:
    since = desk.ex.milliseconds() - 3_600_000
    candles = await desk.ex.fetch_ohlcv(desk.symbol, timeframe="1m", since=since, limit=50, params={})
    assert candles and all(earlier[0] < later[0] for earlier, later in itertools.pairwise(candles)) and candles[0][0] >= since
    if desk.ex.has["fetchFundingRateHistory"]:
        rates = await desk.ex.fetch_funding_rate_history(desk.symbol, since=desk.ex.milliseconds() - 86_400_000 * 3, limit=10)
        assert all(isinstance(each["timestamp"], int) and number(each["fundingRate"]) for each in rates)
    paid = await desk.ex.fetch_funding_history(symbol=desk.symbol, since=since)
    assert all(number(each["amount"]) for each in paid)


async def streamed_candles(desk: Desk) -> None:
    ex = desk.ex
    if ex.has["watchOHLCV"] is not True:
        return
    watcher = Watcher(ex, "watch_ohlcv", desk.symbol, "1m")
    try:
        await until(lambda: (ex.ohlcvs or {}).get(desk.symbol, {}).get("1m"), "the cache that bots read")
        copied = await asyncio.to_thread(copy.deepcopy, ex.ohlcvs[desk.symbol]["1m"])
        assert all(len(row) == 6 and isinstance(row[0], int) for row in copied)
    finally:
        await watcher.stop()
    if ex.has["unWatchOHLCVForSymbols"] is True:
        await ex.un_watch_ohlcv_for_symbols([[desk.symbol, "1m"]])
    elif ex.has["unWatchOHLCV"] is True:
        await ex.un_watch_ohlcv(desk.symbol, "1m")


async def too_many_requests(desk: Desk) -> None:
    """Bots back off on DDoSProtection, and repeat at once what is a RateLimitExceeded alone."""
    other = await desk.another()
    await other.load_markets()
    await desk.venue.fault({"kind": "http_status", "status": 429, "count": 50})
    try:
        with pytest.raises(errors.RateLimitExceeded) as caught:
            await asyncio.wait_for(other.fetch_open_orders(desk.symbol), 20)
        assert isinstance(caught.value, errors.DDoSProtection)
    finally:
        await desk.venue.clear_faults()


# in the order of a day: the later ones rely on what the earlier ones left
CHECKS: tuple[Check, ...] = (
    leverage_is_a_float_by_keyword,
    a_resting_order,
    a_filled_order,
    a_position,
    the_balance,
    the_book_at_any_depth,
    tickers,
    history,
    streamed_candles,
    too_many_requests,
)


async def test_the_calls_of_a_bot(desk: Desk) -> None:
    failed: list[str] = []
    for check in CHECKS:
        try:
            await asyncio.wait_for(check(desk), 30)
        except (Exception, pytest.fail.Exception) as error:
            failed.append(f"{check.__name__}: {type(error).__name__}: {error}"[:600])
    assert failed == []


def test_nothing_that_bots_demand_is_missing(venue_id: str) -> None:
    ex = getattr(ccxt_dex, venue_id)()
    assert [name for name in REQUIRED if ex.has.get(name) is not True] == []
    assert ex.features["swap"]["linear"]["fetchOHLCV"]["limit"] > 0


def test_a_test_network_is_there_or_is_refused_by_name(venue_id: str) -> None:
    """Some bots ask every exchange for its test network unless told otherwise."""
    cls = getattr(ccxt_dex, venue_id)
    ex, real = cls(), cls().urls["api"]
    features = ex.features["swap"]["linear"]["sandbox"]
    assert ex.has["sandbox"] is features
    try:
        ex.set_sandbox_mode(True)
    except errors.NotSupported:
        assert features is False and ex.urls["api"] == real
        with pytest.raises(errors.NotSupported):
            cls({"sandbox": True})
    else:
        assert features is True and ex.urls["api"] != real and cls({"sandbox": True}).urls["api"] != real
    ex.set_sandbox_mode(False)
    assert ex.urls["api"] == real


@pytest.mark.parametrize("kind", ["async", "sync"])
def test_an_object_costs_less_than_twenty_milliseconds(venue_id: str, kind: str) -> None:
    """freqtrade makes one of every exchange in the list, only to read `has`."""
    cls = getattr(ccxt_dex if kind == "async" else ccxt_dex.sync, venue_id)
    spent = []
    for _ in range(9):
        started = time.process_time()
        ex = cls(dict.fromkeys(CREDENTIALS))
        spent.append(time.process_time() - started)
    assert statistics.median(spent[1:]) < 0.02
    assert all(getattr(ex, name) is None for name in CREDENTIALS) and ex.session is None and not ex.markets


# --- freqtrade's three objects: one dictionary of options, three loops, one of which stands still between calls ------------------------


class Looping:
    """An instance on a loop of its own thread; the loop runs only while a call is made, or all the time."""

    def __init__(self, exchange: Any, standing: bool) -> None:
        self.ex, self.standing = exchange, standing
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        if not standing:
            self.thread.start()

    def call(self, coroutine: Any) -> Any:
        if self.standing:
            return self.loop.run_until_complete(asyncio.wait_for(coroutine, 30))
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(30)

    def end(self) -> None:
        self.call(self.ex.close())
        if not self.standing:
            self.loop.call_soon_threadsafe(self.loop.stop)
            self.thread.join(10)
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()


def loop_bound(value: Any) -> bool:
    return isinstance(value, asyncio.Future | asyncio.Lock | asyncio.Event | asyncio.AbstractEventLoop | asyncio.Queue | asyncio.Semaphore)


def everything(value: Any) -> list[Any]:
    inner = list(value.values()) if isinstance(value, dict) else list(value) if isinstance(value, list | tuple | set) else []
    return [value, *(each for item in inner for each in everything(item))]


@pytest.mark.parametrize("shared_id", SOME)
def test_one_dictionary_of_options_on_three_loops(shared_id: str, loop_thread: Any) -> None:
    running = paper.start(shared_id, seed=7)
    venue = loop_thread.run(running.__aenter__())
    try:
        loop_thread.run(venue.market({"pause": True}))
        trade(shared_id, venue)
    finally:
        loop_thread.run(running.__aexit__(None, None, None))


def trade(shared_id: str, venue: Any) -> None:
    made = [getattr(ccxt_dex, shared_id)(venue.config()) for _ in range(3)]
    users = [Looping(ex, standing=index == 0) for index, ex in enumerate(made)]
    try:
        users[0].call(made[0].load_markets())
        for ex in made[1:]:
            ex.timeout_on_exit = 0
            ex.set_markets_from_exchange(made[0])
            ex.options = made[0].options
        made[0].timeout_on_exit = 0
        symbol = ccxt_dex.symbol(made[0], "BTC")
        market = made[0].market(symbol)
        bid = users[0].call(made[0].fetch_order_book(symbol))["bids"][0][0]
        least = max(market["limits"]["amount"]["min"] or 0.0, (market["limits"]["cost"]["min"] or 0.0) / (bid * 0.97)) * 2
        amount, price = float(made[0].amount_to_precision(symbol, least)), float(made[0].price_to_precision(symbol, bid * 0.97))
        orders: list[Any] = []
        failures: list[BaseException] = []

        def work(user: Looping) -> None:
            try:
                for _ in range(3):
                    orders.append(user.call(user.ex.create_order(symbol, "limit", "buy", amount, price)))
                    user.call(user.ex.fetch_open_orders(symbol))
                    user.call(user.ex.fetch_balance())
                    time.sleep(0)  # the standing loop stands
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=work, args=(user,)) for user in users]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(90)
        assert not failures, failures
        assert len({order["id"] for order in orders}) == 9 == len(venue.engine.account(venue.server.accounts[0]).orders)
        assert [each for each in everything([made[0].options, made[0].markets]) if loop_bound(each)] == []
    finally:
        for user in users:
            user.end()
