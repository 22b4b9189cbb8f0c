"""Orders of hummingbot's connector on an exchange that does what the test says: sent once, told once, never told failed on a guess."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import aiohttp
import pytest

from ccxt_dex._ccxt import errors
from ccxt_dex.bots.hummingbot.announcing import Announcer
from ccxt_dex.bots.hummingbot.desk import Desk
from ccxt_dex.bots.hummingbot.fate import client_order_id
from ccxt_dex.bots.hummingbot.rules import Rules
from ccxt_dex.bots.hummingbot.tracker import Tracked, Tracker
from ccxt_dex.bots.hummingbot.words import NAN, OrderType, PositionAction
from ccxt_dex.errors import OrderOutcomeUnknown

D = Decimal
PAIR, SYMBOL = "BTC-USD", "BTC/USDC:USDC"
TICK_SIZE = 4
MARKET = {
    "symbol": SYMBOL,
    "base": "BTC",
    "quote": "USDC",
    "settle": "USDC",
    "swap": True,
    "contract": True,
    "contractSize": 1.0,
    "precision": {"price": 0.5, "amount": 0.001},
    "limits": {"amount": {"min": 0.001, "max": 100}, "cost": {"min": 10}},
}


class Exchange:
    """Answers with what it was given, exceptions included, and writes down what it was asked."""

    id = "made_up"
    options: dict[str, Any] = {}

    def __init__(self, **answers: Any) -> None:
        self.answers = {name: list(each) for name, each in answers.items()}
        self.has = {"fetchOpenOrders": True, "fetchOrder": True, "fetchMyTrades": "fetch_my_trades" in answers}
        self.asked: list[tuple[str, tuple[Any, ...]]] = []

    def market(self, symbol: str) -> dict[str, Any]:
        return MARKET

    def calls(self, name: str) -> list[tuple[Any, ...]]:
        return [arguments for called, arguments in self.asked if called == name]

    def __getattr__(self, name: str) -> Any:
        if not name.startswith(("fetch_", "create_", "cancel_")):
            raise AttributeError(name)

        async def call(*arguments: Any) -> Any:
            self.asked.append((name, arguments))
            listed = self.answers.get(name, [])
            answer = (listed.pop(0) if len(listed) > 1 else listed[0]) if listed else []
            if isinstance(answer, BaseException):
                raise answer
            return answer

        return call


class House(Exchange):
    """As our classes: settles what it can itself."""

    close_needs_price = False

    def __init__(self, **answers: Any) -> None:
        super().__init__(**answers)
        self.unresolved: dict[str, dict[str, Any]] = {}

    async def resolve_unresolved(self) -> dict[str, dict[str, Any]]:
        self.asked.append(("resolve_unresolved", ()))
        return self.unresolved


class Bench:
    """A desk, what it told, and time that stands still."""

    def __init__(self, exchange: Any) -> None:
        self.exchange, self.now, self.told = exchange, 1000.0, []
        self.tracker, self.tasks = Tracker(), set()
        rules = {PAIR: Rules(MARKET, TICK_SIZE)}
        self.announcer = Announcer(self.tracker, rules, self._tell, lambda: self.now)
        self.desk = Desk(exchange, self.announcer, rules, self._spawn, lambda: self.now)

    def _tell(self, method: str, event: Any) -> None:
        self.told.append((method, event))

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def quiet(self) -> None:
        while self.tasks:
            await asyncio.gather(*self.tasks)

    def order(self, kind: OrderType = OrderType.LIMIT, price: str = "100", amount: str = "2", **more: Any) -> Tracked:
        words = {"position": PositionAction.OPEN, "created": self.now, "base": "BTC", "quote": "USD", "venue_client_id": "c1"}
        return Tracked("c1", PAIR, SYMBOL, True, kind, D(amount), D(price), **{**words, **more})

    async def placed(self, **more: Any) -> Tracked:
        order = self.order(**more)
        self.desk.place(order)
        await self.quiet()
        self.now += 1
        return order

    @property
    def methods(self) -> list[str]:
        return [method for method, _ in self.told]

    def events(self, method: str) -> list[Any]:
        return [event for told, event in self.told if told == method]


def row(status: str = "open", filled: Any = 0.0, **more: Any) -> dict[str, Any]:
    return {"id": "77", "clientOrderId": "c1", "symbol": SYMBOL, "status": status, "filled": filled, "cost": None, "average": None, **more}


def fill(trade_id: str, amount: float, price: float, fee: float | None = None) -> dict[str, Any]:
    return {"id": trade_id, "order": "77", "amount": amount, "price": price, "fee": {"currency": "USDC", "cost": fee}}


@pytest.fixture
async def bench() -> AsyncIterator[Any]:
    made: list[Bench] = []

    def make(exchange: Any) -> Bench:
        made.append(Bench(exchange))
        return made[-1]

    yield make
    for each in made:
        for task in each.tasks:
            task.cancel()


# --- what is sent ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "sent"),
    [
        ({}, ("limit", 100.0, {"clientOrderId": "c1"})),
        ({"kind": OrderType.LIMIT_MAKER}, ("limit", 100.0, {"clientOrderId": "c1", "postOnly": True})),
        ({"position": PositionAction.CLOSE}, ("limit", 100.0, {"clientOrderId": "c1", "reduceOnly": True})),
        ({"kind": OrderType.MARKET}, ("market", None, {"clientOrderId": "c1"})),
        ({"venue_client_id": ""}, ("limit", 100.0, {})),
    ],
)
async def test_an_order_as_ccxt_is_asked_for_it(bench: Any, more: dict[str, Any], sent: tuple[Any, ...]) -> None:
    exchange = House(create_order=[row()])
    await bench(exchange).placed(**more)
    assert exchange.calls("create_order") == [(SYMBOL, sent[0], "buy", 2.0, *sent[1:])]


async def test_a_market_order_brings_a_reference_price_where_the_class_is_ccxts(bench: Any) -> None:
    exchange = Exchange(create_order=[row()])
    table = bench(exchange)
    table.desk.place(table.order(kind=OrderType.MARKET, price="NaN"), D("101.5"))
    await table.quiet()
    assert exchange.calls("create_order")[0][4] == 101.5


@pytest.mark.parametrize("more", [{"amount": "0"}, {"price": "NaN"}])
async def test_an_order_that_is_none_is_not_sent(bench: Any, more: dict[str, Any]) -> None:
    exchange = House(create_order=[row()])
    table = bench(exchange)
    await table.placed(**more)
    assert not exchange.asked and table.methods == ["did_fail_order"] and not table.tracker.active


def test_client_ids_have_the_venues_format() -> None:
    import ccxt.pro

    assert len(client_order_id(ccxt.pro.binance())) == 24
    assert client_order_id(ccxt.pro.hyperliquid()).startswith("0x"), "as our own class of that venue makes them"
    assert client_order_id(ccxt.pro.binance({"options": {"hummingbotClientOrderId": "none"}})) == ""
    assert client_order_id(ccxt.pro.kraken({"options": {"hummingbotClientOrderId": "digits"}})).isdigit()
    with pytest.raises(errors.BadRequest):
        client_order_id(ccxt.pro.kraken({"options": {"hummingbotClientOrderId": "runes"}}))


# --- nobody knows ------------------------------------------------------------------------------------------------------------------------


async def test_an_unknown_outcome_stays_tracked_until_the_order_is_found(bench: Any) -> None:
    exchange = House(create_order=[OrderOutcomeUnknown("?", ["c1"], SYMBOL)])
    table = bench(exchange)
    order = await table.placed()
    exchange.unresolved["c1"] = {"status": "unknown"}
    for _ in range(3):
        await table.desk.reconcile()
    assert table.told == [] and order.is_open
    assert [each.client_order_id for each in table.tracker.limit_orders(table.now)] == ["c1"]
    exchange.unresolved["c1"] = {"status": "found", "order": row(filled=0.5, cost=50.0)}
    await table.desk.reconcile()
    assert table.methods == ["did_create_buy_order", "did_fill_order"] and order.exchange_order_id == "77"
    assert len(exchange.calls("create_order")) == 1


async def test_proved_absence_is_failure(bench: Any) -> None:
    exchange = House(create_order=[OrderOutcomeUnknown("?", ["c1"], SYMBOL)])
    table = bench(exchange)
    await table.placed()
    exchange.unresolved["c1"] = {"status": "absent"}
    await table.desk.reconcile()
    assert table.methods == ["did_fail_order"] and not table.tracker.active and len(exchange.calls("create_order")) == 1


async def test_a_cancel_waits_until_the_order_shows_up(bench: Any) -> None:
    exchange = House(create_order=[OrderOutcomeUnknown("?", ["c1"], SYMBOL)], cancel_order=[row("canceled")])
    table = bench(exchange)
    await table.placed()
    table.desk.cancel("c1")
    await table.quiet()
    assert not exchange.calls("cancel_order") and table.tracker.active
    exchange.unresolved["c1"] = {"status": "found", "order": row()}
    await table.desk.reconcile()
    await table.quiet()
    assert exchange.calls("cancel_order") == [("77", SYMBOL)] and table.methods == ["did_create_buy_order", "did_cancel_order"]


async def test_a_cancel_waits_until_a_stream_shows_the_order(bench: Any) -> None:
    exchange = House(create_order=[OrderOutcomeUnknown("?", ["c1"], SYMBOL)], cancel_order=[row("canceled")])
    table = bench(exchange)
    await table.placed()
    table.desk.cancel("c1")
    table.desk.follow_up(table.announcer.order(row()))
    await table.quiet()
    assert exchange.calls("cancel_order") == [("77", SYMBOL)] and table.methods[-1] == "did_cancel_order"


def never_connected() -> Exception:
    error = errors.NetworkError("no connection")
    error.__cause__ = aiohttp.ClientConnectorError(None, OSError())  # type: ignore[arg-type]
    return error


@pytest.mark.parametrize("error", [errors.RequestTimeout("late"), errors.ExchangeNotAvailable("502"), KeyError("reply")])
async def test_a_class_of_ccxts_without_an_answer_is_looked_up_by_client_id(bench: Any, error: Exception) -> None:
    exchange = Exchange(create_order=[error], fetch_open_orders=[[], [row()], [row()]])
    table = bench(exchange)
    order = await table.placed()
    await table.desk.reconcile()
    assert table.told == [] and order.is_open
    await table.desk.reconcile()
    assert table.methods == ["did_create_buy_order"] and len(exchange.calls("create_order")) == 1


@pytest.mark.parametrize("error", [errors.InsufficientFunds("poor"), errors.RateLimitExceeded("slow"), never_connected()])
async def test_a_refusal_is_failure_at_once(bench: Any, error: Exception) -> None:
    table = bench(Exchange(create_order=[error]))
    await table.placed()
    (event,) = table.events("did_fail_order")
    assert event.order_id == "c1" and event.error_type == type(error).__name__ and not table.tracker.active


async def test_our_classes_have_settled_their_errors(bench: Any) -> None:
    table = bench(House(create_order=[errors.NetworkError("was not executed")]))
    await table.placed()
    assert table.methods == ["did_fail_order"]


async def test_an_error_after_a_stream_showed_the_order_is_no_failure(bench: Any) -> None:
    exchange = House(create_order=[errors.NetworkError("was not executed")])
    table = bench(exchange)
    table.desk.place(table.order())
    table.announcer.order(row())
    await table.quiet()
    assert table.methods == ["did_create_buy_order"] and table.tracker.active


# --- what was filled ----------------------------------------------------------------------------------------------------------------------


async def test_fills_from_all_sides_are_told_once(bench: Any) -> None:
    table = bench(House(create_order=[row()]))
    order = await table.placed()
    say = table.announcer
    say.trade(fill("t1", 0.5, 99.0, 0.01))
    say.order(row(filled=0.5, cost=49.5))
    say.trade(fill("t1", 0.5, 99.0, 0.01))
    # the order's row is ahead of its fills
    say.order(row(filled=1.5, cost=148.0))
    say.trade(fill("t2", 0.4, 98.0))
    say.trade(fill("t3", 0.6, 98.8333))
    say.order(row(filled=1.0, cost=98.0))
    say.order(row("closed", filled=2.0, average=98.75))
    say.trade(fill("t4", 0.5, 99.0))
    fills = table.events("did_fill_order")
    assert [event.amount for event in fills] == [D("0.5"), D("1.0"), D("0.5")]
    assert [event.price for event in fills] == [D("99.0"), D("98.5"), D("99.0")]
    assert fills[0].exchange_trade_id == "t1" and fills[0].trade_fee.flat_fees[0].amount == D("0.01")
    (done,) = table.events("did_complete_buy_order")
    assert (done.base_asset_amount, done.quote_asset_amount) == (D(2), D("197.5")) == (order.filled, order.cost)
    assert table.methods[0] == "did_create_buy_order" and table.methods[-1] == "did_complete_buy_order"


async def test_a_fill_that_is_later_than_the_cancel_is_told(bench: Any) -> None:
    table = bench(House(create_order=[row()]))
    await table.placed()
    table.announcer.order(row("canceled", filled=0.0))
    table.announcer.trade(fill("t1", 0.25, 99.0))
    assert table.methods == ["did_create_buy_order", "did_cancel_order", "did_fill_order"]


async def test_a_cancel_that_says_nothing_about_fills_is_followed_by_a_look(bench: Any) -> None:
    exchange = House(create_order=[row()], cancel_order=[{"id": "77", "status": "canceled", "filled": None}])
    exchange.answers["fetch_order"] = [row("canceled", filled=0.75, cost=75.0)]
    table = bench(exchange)
    await table.placed()
    table.desk.cancel("c1")
    table.desk.cancel("c1")
    await table.quiet()
    assert table.methods == ["did_create_buy_order", "did_fill_order", "did_cancel_order"]
    assert len(exchange.calls("cancel_order")) == 1, "asked for twice, sent once"


async def test_an_order_that_cannot_be_cancelled_is_active_again(bench: Any) -> None:
    table = bench(House(create_order=[row()], cancel_order=[errors.ExchangeNotAvailable("down")]))
    await table.placed()
    table.desk.cancel("c1")
    assert not table.tracker.limit_orders(table.now)
    await table.quiet()
    assert table.tracker.limit_orders(table.now) and table.methods == ["did_create_buy_order"]


async def test_what_a_stream_lost_is_found_by_comparing(bench: Any) -> None:
    exchange = House(create_order=[row()], fetch_open_orders=[[row(filled=0.5, cost=50.0)], []])
    exchange.answers["fetch_order"] = [row("closed", filled=2.0, cost=200.0)]
    table = bench(exchange)
    await table.placed()
    await table.desk.reconcile()
    await table.desk.reconcile()
    assert table.methods == ["did_create_buy_order", "did_fill_order", "did_fill_order", "did_complete_buy_order"]


async def test_a_closed_order_without_a_filled_amount_is_told_from_its_fills(bench: Any) -> None:
    exchange = House(create_order=[row()], fetch_my_trades=[[fill("t1", 2.0, 99.0), {**fill("t9", 1.0, 99.0), "order": "other"}]])
    exchange.answers["fetch_order"] = [row("closed", filled=None)]
    table = bench(exchange)
    await table.placed()
    await table.desk.reconcile()
    assert [event.amount for event in table.events("did_fill_order")] == [D("2.0")] and table.methods[-1] == "did_complete_buy_order"


async def test_an_order_that_the_venue_forgot_ends_after_several_looks(bench: Any) -> None:
    exchange = House(create_order=[row()], fetch_order=[errors.OrderNotFound("gone")])
    table = bench(exchange)
    await table.placed()
    await table.desk.reconcile()
    await table.desk.reconcile()
    assert table.tracker.active
    table.now += 20
    await table.desk.reconcile()
    assert table.methods == ["did_create_buy_order", "did_cancel_order"]


@pytest.mark.parametrize(
    ("status", "method"), [("canceled", "did_cancel_order"), ("expired", "did_expire_order"), ("rejected", "did_fail_order")]
)
async def test_how_an_order_ended(bench: Any, status: str, method: str) -> None:
    table = bench(House(create_order=[row()]))
    await table.placed()
    table.announcer.order(row(status))
    table.announcer.order(row(status))
    assert table.methods == ["did_create_buy_order", method]


async def test_rows_of_other_peoples_orders_are_nobodys(bench: Any) -> None:
    table = bench(House(create_order=[row()]))
    await table.placed()
    assert table.announcer.order(row("closed", 1.0, id="78", clientOrderId=None)) is None
    assert table.announcer.trade({**fill("t1", 1.0, 1.0), "order": "78"}) is None
    assert table.methods == ["did_create_buy_order"]


async def test_fields_of_the_events(bench: Any) -> None:
    table = bench(House(create_order=[row("closed", filled=2.0, cost=198.0)]))
    await table.placed(kind=OrderType.MARKET, price="NaN", leverage=3)
    (created,), (filled,), (done,) = (table.events(f"did_{each}") for each in ("create_buy_order", "fill_order", "complete_buy_order"))
    assert (created.order_id, created.exchange_order_id, created.trading_pair, created.leverage) == ("c1", "77", PAIR, 3)
    assert (created.type, created.amount, created.creation_timestamp, created.position) == (OrderType.MARKET, D(2), 1000.0, "OPEN")
    assert (filled.price, filled.amount, filled.trade_type.name, filled.exchange_order_id) == (D(99), D("2.0"), "BUY", "77")
    assert (done.base_asset, done.quote_asset, done.order_type) == ("BTC", "USD", OrderType.MARKET)
    assert table.events("did_fail_order") == [] and created.price.is_nan() and NAN.is_nan()


async def test_stopping_cancels_everything_and_names_what_it_could_not(bench: Any) -> None:
    exchange = House(create_order=[OrderOutcomeUnknown("?", ["c1"], SYMBOL)])
    table = bench(exchange)
    order = await table.placed()
    assert await table.desk.cancel_all(0.0) == [order]
    exchange.unresolved["c1"] = {"status": "found", "order": row()}
    exchange.answers["cancel_order"] = [row("canceled")]
    assert await table.desk.cancel_all(5.0) == []
