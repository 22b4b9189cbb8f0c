"""What every room inherits: construction, copies, tables, numbers, symbols, positions."""

from __future__ import annotations

import asyncio
import copy
import gc
import inspect
import pickle
import subprocess
import sys
import time
from decimal import Decimal
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

import ccxt_dex
from ccxt_dex import _ccxt, fills, registry, symbols, wire
from ccxt_dex._ccxt import errors
from ccxt_dex.dex import Dex
from ccxt_dex.errors import OrderOutcomeUnknown
from compat_tests.core.demo import HYPER_KEYS, MARKET, SYMBOL, demo, hyper, make_demo


@pytest.mark.parametrize("make", [demo, hyper])
def test_construction_is_quick_and_needs_nothing(make: type[Dex]) -> None:
    make()
    times = []
    for _ in range(5):
        started = time.perf_counter()
        ex = make({"enableRateLimit": True})
        times.append(time.perf_counter() - started)
    assert min(times) < 0.02
    assert ex.session is None and ex.asyncio_loop is None and ex.ssl_context is None and ex.clients == {}
    assert isinstance(ex, _ccxt.Exchange)
    gc.collect()  # an instance that was never used goes silently


@pytest.mark.parametrize("venue_id", registry.IDS)
def test_no_state_of_the_core_stands_in_front_of_a_method_of_a_room(venue_id: str) -> None:
    ex = registry.load(venue_id)()
    hidden = {name for name, value in vars(ex).items() if inspect.isfunction(getattr(type(ex), name, None)) and not callable(value)}
    # ccxt names every method in camel case too; these names are credentials
    assert hidden <= set(ex.requiredCredentials)


def test_construction_loads_nothing_and_makes_no_tls_context() -> None:
    code = (
        "import sys, ssl\n"
        "from compat_tests.core.demo import demo\n"
        "def refuse(*a, **k): raise AssertionError('TLS context in a constructor')\n"
        "ssl.create_default_context = refuse\n"
        "before = set(sys.modules)\n"
        "demo()\n"
        "print(sorted({name.partition('.')[0] for name in set(sys.modules) - before}))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert result.stdout.strip() == "[]", result.stderr


@pytest.mark.parametrize("clone", [copy.deepcopy, lambda ex: pickle.loads(pickle.dumps(ex))], ids=["deepcopy", "pickle"])
@pytest.mark.parametrize("make", [demo, lambda: hyper(HYPER_KEYS)], ids=["full", "correction"])
def test_copies_of_unused_instances(make: Any, clone: Any) -> None:
    ex = make()
    ex.unresolved["x"] = {"status": "unknown", "time": 0}
    twin = clone(ex)
    assert type(twin) is type(ex) and twin.id == ex.id and twin.unresolved == ex.unresolved and twin.unresolved is not ex.unresolved
    assert twin.has == ex.has and twin.logger.name == ex.logger.name and twin.clients is not ex.clients
    assert twin.redactor is not ex.redactor


async def test_a_copy_works() -> None:
    from compat_tests.core.demo import Venue
    from compat_tests.core.killserver import KillServer

    async with KillServer(Venue()) as server:
        twin = copy.deepcopy(make_demo(server.url))
        assert (await twin.create_order(SYMBOL, "limit", "buy", 1, 1))["id"] == "1"
        await twin.close()


def test_has_is_exact() -> None:
    for ex in (demo(), hyper()):
        assert {type(value) for value in ex.has.values()} == {bool}
        assert ex.has["closePosition"] and ex.has["closeAllPositions"]
    assert not demo().has["fetchMyTrades"] and hyper().has["createMarketOrder"]


def test_features_say_whether_there_is_a_sandbox() -> None:
    ex = hyper()
    assert ex.features["swap"]["linear"]["sandbox"] is True
    assert hyper({"options": {"sandboxMode": True}}).features["swap"]["linear"]["createOrder"]


def test_no_method_takes_the_place_of_a_credential() -> None:
    """ccxt calls every method in camel case too, and `accountId` is what a user sets."""

    class numbered(demo):
        def account_id(self) -> str:
            return str(self.accountId)

    assert numbered().accountId is None and numbered({"accountId": "7"}).account_id() == "7"
    names = [name for name, required in numbered().requiredCredentials.items() if isinstance(required, bool)]
    assert "accountId" in names and "apiKey" in names
    for exchange_id in registry.IDS:
        exchange = getattr(ccxt_dex, exchange_id)()
        assert [name for name in names if callable(getattr(exchange, name))] == [], exchange_id


def test_endpoint_methods_come_from_the_table() -> None:
    class tabled(demo):
        def describe(self) -> Any:
            table = {"v2": {"private": {"get": {"account/{id}/fee-rate": 2.5}, "post": ["orders"]}}, "public": {"get": {"x": {"cost": 3}}}}
            return self.deep_extend(super().describe(), {"api": table})

    ex = tabled()
    entry = inspect.getattr_static(tabled, "v2_private_get_account_id_fee_rate")
    assert (entry.path, entry.api, entry.method, entry.config) == ("account/{id}/fee-rate", ["v2", "private"], "GET", {"cost": 2.5})
    assert callable(ex.v2PrivateGetAccountIdFeeRate) and callable(ex.v2_private_post_orders)  # type: ignore[attr-defined]
    assert inspect.getattr_static(tabled, "public_get_x").config == {"cost": 3}
    assert not hasattr(demo, "v2_private_post_orders")
    assert "public_post_info" not in vars(hyper), "ccxt's own endpoints stay as they are"


@pytest.mark.parametrize("value", ["a?b", "a#b", "a/b", "a%41", "a b", "1", 7, "BTC-USD", "a:b", "{c}"])
def test_a_value_keeps_to_its_place_in_a_path(value: Any) -> None:
    """`orders/a?b` would be the order "a"."""
    made = urlsplit(demo().implode_params("http://host/orders/{id}/{c}", {"id": value, "c": "x", "list": []}))
    assert made.path.split("/")[:2] == ["", "orders"] and made.path.count("/") == 3 and not made.query and not made.fragment
    assert unquote(made.path.split("/")[2]) == str(value) and made.path.endswith("/x")


def test_a_path_is_not_left_by_a_value() -> None:
    for value in (".", ".."):
        with pytest.raises(errors.BadRequest):
            demo().implode_params("orders/{id}", {"id": value})
    ex = demo()
    ex.hostname = "127.0.0.1:80"
    assert ex.implode_hostname("http://{hostname}/v1") == "http://127.0.0.1:80/v1"


async def test_an_endpoint_that_does_not_exist() -> None:
    with pytest.raises(errors.NotSupported):
        await demo().call("private_get_nothing")


def test_every_unified_method_is_protected_and_writes_are_guarded() -> None:
    for cls in (demo, hyper):
        for name in ("create_order", "cancel_order", "create_orders", "edit_order", "cancel_orders"):
            method = getattr(cls, name)
            assert inspect.iscoroutinefunction(method) and method.__guarded__
        assert not hasattr(cls.fetch_open_orders, "__guarded__") and cls.fetch_open_orders.__protected__  # type: ignore[attr-defined]
        assert list(inspect.signature(cls.create_order).parameters)[:7] == ["self", "symbol", "type", "side", "amount", "price", "params"]


def test_parts_may_be_combined_in_any_order() -> None:
    class Reads(Dex):
        async def fetch_order(self, id: str, symbol: Any = None, params: Any = None) -> Any:
            return "read"

    class Writes(Dex):
        async def create_order(self, *args: Any, **kwargs: Any) -> Any:
            return {"id": "written"}

    class one(Reads, Writes): ...

    class two(Writes, Reads): ...

    for cls in (one, two):
        assert cls.create_order is Writes.create_order and cls.fetch_order is Reads.fetch_order


async def test_a_mixin_from_outside_is_guarded_and_reaches_what_is_behind_it() -> None:
    seen: list[Any] = []

    class Outside:
        async def create_order(self, *args: Any, **kwargs: Any) -> Any:
            seen.append(kwargs["params"]["clientOrderId"])
            return await super().create_order(*args, **kwargs)  # type: ignore[misc]

    class behind(demo):
        async def create_order(self, *args: Any, **kwargs: Any) -> Any:
            return {"id": kwargs["params"]["clientOrderId"]}

    class mixed(Outside, behind): ...

    order = await mixed().create_order(SYMBOL, "limit", "buy", 1, 1)
    assert seen == [order["id"]] == [order["clientOrderId"]]


@pytest.mark.parametrize(
    ("amount", "digits"),
    [
        (1, "1"),
        ("0.002", "0.002"),
        (0.1 + 0.2, "0.3"),
        ("0.30000000000000004", None),
        (1e-3 * 5, "0.005"),
        (Decimal("2.500"), "2.5"),
        ("1e1", "10"),
    ],
)
def test_amounts_are_exact_or_refused(amount: Any, digits: str | None) -> None:
    ex = make_demo("http://127.0.0.1:1")
    if digits is None:
        with pytest.raises(errors.InvalidOrder, match="multiple"):
            ex.amount_to_wire(SYMBOL, amount)
    else:
        assert ex.amount_to_wire(SYMBOL, amount) == digits


@pytest.mark.parametrize(
    ("amount", "price", "why"),
    [
        (0, None, "positive"), (-1, None, "positive"), ("0.0005", None, "multiple"), ("0.001", None, "minimum"), (101, None, "maximum"),
        ("0.002", 100, "cost .* minimum"), (float("nan"), None, "number"), (float("inf"), None, "number"), (None, None, "number"),
        ("x", None, "number"), (True, None, "number"),
    ],
)  # fmt: skip
def test_amounts_that_are_refused(amount: Any, price: Any, why: str) -> None:
    with pytest.raises(errors.InvalidOrder, match=why):
        make_demo("http://127.0.0.1:1").amount_to_wire(SYMBOL, amount, price)


def test_prices() -> None:
    ex = make_demo("http://127.0.0.1:1")
    assert [ex.price_to_wire(SYMBOL, price) for price in (100, "100.5", 100.0)] == ["100", "100.5", "100"]
    for price in ("100.25", 0, -1, "abc"):
        with pytest.raises(errors.InvalidOrder):
            ex.price_to_wire(SYMBOL, price)
    five = {"precision": {"price": 5}, "symbol": "X"}
    assert wire.check_price("12345", five, _ccxt.SIGNIFICANT_DIGITS) == "12345"
    assert wire.check_price("1234500", five, _ccxt.SIGNIFICANT_DIGITS) == "1234500"
    with pytest.raises(errors.InvalidOrder):
        wire.check_price("1.23456", five, _ccxt.SIGNIFICANT_DIGITS)
    assert wire.check_price("1.25", {"precision": {"price": 2}}, _ccxt.DECIMAL_PLACES) == "1.25"
    assert wire.plain(Decimal("1E-8")) == "0.00000001" and wire.plain(Decimal("-0.0")) == "0"


async def test_the_slippage_bound_never_exceeds_what_was_allowed() -> None:
    ex = make_demo("http://127.0.0.1:1")
    assert await ex.market_bound(SYMBOL, "buy", "100.5", "0.01") == Decimal("101.5")
    assert await ex.market_bound(SYMBOL, "sell", "100.5", "0.01") == Decimal("99.5")
    assert await ex.market_bound(SYMBOL, "buy", 100) == Decimal("105")
    digits = wire.bound(Decimal("1.23456"), "buy", Decimal("0.1"), {"precision": {"price": 3}}, _ccxt.SIGNIFICANT_DIGITS)
    assert digits == Decimal("1.35")

    async def book(*_: Any) -> Any:
        return {"asks": [[200, 1]], "bids": []}

    ex.fetch_order_book = book  # type: ignore[method-assign, assignment]
    assert await ex.market_bound(SYMBOL, "buy") == Decimal("210")
    with pytest.raises(errors.InvalidOrder):
        await ex.market_bound(SYMBOL, "sell")


def test_symbols() -> None:
    ex = make_demo("http://127.0.0.1:1")
    assert {ex.market(name)["symbol"] for name in (SYMBOL, "BTC-USD", "BTC")} == {SYMBOL}
    with pytest.raises(errors.BadSymbol):
        ex.market("DOGE")
    assert symbols.symbol(ex, "BTC") == SYMBOL and symbols.symbol(demo(), "ETH") == "ETH/USDC:USDC"
    assert symbols.symbol(demo(), "ETH", "spot") == "ETH/USDC"
    with pytest.raises(errors.BadSymbol):
        symbols.symbol(demo(), "ETH", "option")
    spot = {**MARKET, "id": "BTC-SPOT", "symbol": "BTC/USDC", "type": "spot", "spot": True, "swap": False, "settle": None}
    twin = {**MARKET, "id": "BTC-2", "symbol": "BTC/USDT:USDT", "quote": "USDT", "settle": "USDT"}
    ex.set_markets([MARKET, spot])
    assert ex.market("BTC")["symbol"] == SYMBOL and symbols.symbol(ex, "BTC", "spot") == "BTC/USDC"
    ex.set_markets([MARKET, twin])
    with pytest.raises(errors.BadSymbol, match="could be any of"):
        ex.market("BTC")
    assert ccxt_dex.symbol(ex, "BTC-2") == "BTC/USDT:USDT"


class Positions(demo):
    held: Any = ()

    async def fetch_positions(self, symbols: Any = None, params: Any = None) -> Any:
        return [each for each in self.held if symbols is None or each["symbol"] in symbols]

    async def create_order(self, symbol: str, type: str, side: str, amount: Any, price: Any = None, params: Any = None) -> Any:
        if symbol == "BAD":
            raise errors.InvalidOrder("no")
        return {"id": "1", "got": (symbol, type, side, amount, price, {k: v for k, v in params.items() if k != "clientOrderId"})}


def position(side: str, contracts: Any, symbol: str = SYMBOL) -> Any:
    return {"symbol": symbol, "side": side, "contracts": contracts, "markPrice": 100}


async def test_close_position_may_be_the_first_call() -> None:
    ex = Positions()
    ex.held = [position("long", 0.3)]
    assert (await ex.close_position("BTC"))["got"][0] == SYMBOL and ex.markets


async def test_close_position() -> None:
    ex = Positions()
    ex.set_markets([MARKET])
    for held in ([], [position("long", 0)], [position("short", None)]):
        ex.held = held
        with pytest.raises(errors.OperationRejected, match="no open"):
            await ex.close_position(SYMBOL)
    ex.held = [position("long", 0.3)]
    assert (await ex.close_position("BTC"))["got"] == (SYMBOL, "market", "sell", 0.3, None, {"reduceOnly": True})
    with pytest.raises(errors.OperationRejected):
        await ex.close_position(SYMBOL, "short")
    ex.held = [position("short", "0.123456789"), position("long", 1)]
    with pytest.raises(errors.ArgumentsRequired):
        await ex.closePosition(SYMBOL)  # type: ignore[attr-defined]
    assert (await ex.close_position(SYMBOL, "short", {"x": 1}))["got"][2:4] == ("buy", 0.123456789)


async def test_close_all_positions() -> None:
    ex = Positions()
    ex.set_markets([MARKET])
    assert await ex.close_all_positions() == []
    ex.held = [position("long", 1, "BAD"), position("short", 2)]
    with pytest.raises(errors.InvalidOrder):
        await ex.close_all_positions()
    ex.held = [position("long", 1), position("short", 2)]
    assert [each["got"][2] for each in await ex.close_all_positions()] == ["sell", "buy"]


def trade(amount: str, price: str, fee: str, order: str = "1", at: int = 5) -> Any:
    return {
        "order": order,
        "amount": float(amount),
        "price": float(price),
        "fee": {"currency": "USDC", "cost": float(fee)},
        "timestamp": at,
    }


def test_orders_are_repaired_from_fills() -> None:
    order = {"id": 1, "filled": 0.3, "average": None, "cost": None, "fee": None, "symbol": SYMBOL}
    assert fills.needs_repair(order) and not fills.needs_repair({"filled": 0}) and not fills.needs_repair({"filled": None})
    mine = [trade("0.1", "100", "0.01"), trade("0.2", "101", "-0.002", at=9), trade("5", "1", "1", order="2")]
    repaired = fills.repair(order, mine)
    assert repaired["average"] == pytest.approx(100.6666666667) and repaired["cost"] == 30.2 and repaired["lastTradeTimestamp"] == 9
    assert repaired["fee"] == {"currency": "USDC", "cost": 0.008} and not fills.needs_repair(repaired)
    assert fills.repair(order, mine[:1]) == order, "fills that do not add up say nothing"


async def test_repair_is_best_effort() -> None:
    order = {"id": 1, "filled": 0.3, "average": None, "symbol": SYMBOL}
    ex = demo()
    assert await ex.repair_order(order) == order
    ex.has["fetchMyTrades"] = True
    assert await ex.repair_order(order) == order, "not implemented after all"


async def test_an_order_that_is_stamped_after_its_fill_keeps_it() -> None:
    """Also one row of another order in the same time, and the user's own `since` and `limit`."""
    rows = [
        trade("0.1", "100", "0.01", at=99_999),
        trade("0.1", "100", "0.01", at=99_999, order="2"),
        trade("0.2", "101", "0.01", at=100_007),
    ]
    asked = []

    async def fetch_my_trades(symbol: Any, since: Any, limit: Any, params: Any) -> Any:
        asked.append((symbol, since, limit))
        return [row for row in rows if row["timestamp"] >= since]

    ex = demo()
    ex.has["fetchMyTrades"] = True
    ex.fetch_my_trades = fetch_my_trades
    order = {"id": "1", "filled": 0.3, "average": None, "symbol": SYMBOL, "timestamp": 100_000}
    assert await ex.picked_fills(order, None, None) == [rows[0], rows[2]]
    assert await ex.picked_fills(order, 100_000, None) == [rows[2]] and await ex.picked_fills(order, None, 1) == [rows[2]]
    assert (await ex.repair_order(order))["average"] == pytest.approx(30.2 / 0.3)
    assert set(asked) == {(SYMBOL, 100_000 - fills.SKEW_MS, None)} and fills.begun({"timestamp": None}) is None


@pytest.mark.parametrize(
    "verdict,found,expected",
    [
        ("unknown", {"id": "7"}, {"id": "7"}),
        ("unknown", None, OrderOutcomeUnknown),
        (None, errors.NetworkError("down"), OrderOutcomeUnknown),
        ("not_sent", {"id": "7"}, errors.RequestTimeout),
        ("rejected", {"id": "7"}, errors.RequestTimeout),
    ],
)
async def test_a_write_that_got_lost_is_looked_up_and_never_called_failed(verdict: Any, found: Any, expected: Any) -> None:
    async def request() -> Any:
        error = errors.RequestTimeout("no answer")
        error.verdict = verdict  # type: ignore[attr-defined]
        raise error

    async def lookup() -> Any:
        if isinstance(found, Exception):
            raise found
        return found

    if isinstance(expected, dict):
        assert await demo().settled_write(request(), lookup, "mine") == expected
        return
    with pytest.raises(expected) as caught:
        await demo().settled_write(request(), lookup, "mine", SYMBOL)
    if expected is OrderOutcomeUnknown:
        assert caught.value.client_order_ids == ["mine"] and caught.value.symbol == SYMBOL


async def test_an_empty_list_of_symbols_means_all_positions() -> None:
    ex = make_demo("http://127.0.0.1:1")

    async def rows() -> Any:
        return [{"symbol": SYMBOL, "timestamp": 1}]

    for wanted in (None, [], [SYMBOL]):
        assert len(await asyncio.wait_for(ex.changed_positions(rows, wanted, None, None), 1)) == 1


def test_leverage_tier_and_margin_mode() -> None:
    ex = make_demo("http://127.0.0.1:1")
    (tier,) = ex.leverage_tier(ex.market(SYMBOL))
    assert (tier["maxLeverage"], tier["maintenanceMarginRate"], tier["currency"], tier["minNotional"]) == (40, 0.0125, "USDC", 0)
    assert ex.leverage_tier({}, None)[0]["maxLeverage"] is None
    ex.refuse_same_margin_mode("cross", "isolated", SYMBOL)
    with pytest.raises(errors.MarginModeAlreadySet):
        ex.refuse_same_margin_mode("cross", "cross", SYMBOL)


def test_signers_are_made_once_per_key() -> None:
    ex = hyper(HYPER_KEYS)
    assert ex.signer("eip712") is ex.signer("eip712") is not ex.signer("eip712", "0x" + "22" * 32)
    with pytest.raises(errors.AuthenticationError):
        demo().signer("eip712")
    with pytest.raises(errors.AuthenticationError) as caught:
        ex.signer("eip712", "0xbadbadbad")
    assert "badbadbad" not in str(caught.value)


async def test_find_in_lists() -> None:
    class listed(demo):
        find_order = Dex.find_order

        async def fetch_closed_orders(self, symbol: Any = None, since: Any = None, limit: Any = None, params: Any = None) -> Any:
            return [{"clientOrderId": "old"}]

        async def fetch_open_orders(self, symbol: Any = None, since: Any = None, limit: Any = None, params: Any = None) -> Any:
            return [{"clientOrderId": "new"}]

    ex = listed()
    with pytest.raises(errors.NetworkError):
        await ex.find_order("old")
    ex.has["fetchClosedOrders"] = True
    assert await ex.find_order("old") and await ex.find_order("new") and await ex.find_order("never") is None


def test_scopes_show_no_secret() -> None:
    assert hyper(HYPER_KEYS).session_scope() == HYPER_KEYS["walletAddress"]
    assert demo({"walletAddress": "0xAB"}).session_scope() == "0xab" and demo().session_scope() == ""
    scope = demo({"apiKey": "my key"}).session_scope()
    assert len(scope) == 32 and "my key" not in scope
    assert demo({"urls": {"api": {"a": {"b": "https://{hostname}/x"}}}, "hostname": "v.io"}).api_host() == "v.io"


@pytest.mark.parametrize("make", [demo, hyper])
@pytest.mark.parametrize("method", ["create_market_buy_order_with_cost", "create_market_sell_order_with_cost"])
async def test_ccxt_s_orders_by_cost_raise_nothing_of_their_own(make: type[Dex], method: str) -> None:
    # ccxt reads an option there that most of its own classes do not have: a KeyError in place of its NotSupported
    with pytest.raises(errors.NotSupported):
        await getattr(make(), method)(SYMBOL, 100)
