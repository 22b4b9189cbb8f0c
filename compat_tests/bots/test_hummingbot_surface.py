"""The names and numbers that hummingbot's scripts rely on."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import inspect
import json
import os
import sys
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ccxt_dex import registry
from ccxt_dex._ccxt import errors
from ccxt_dex.bots.hummingbot import modules, pairs, script
from ccxt_dex.bots.hummingbot.budget import BudgetChecker
from ccxt_dex.bots.hummingbot.connector import ConnectorBase
from ccxt_dex.bots.hummingbot.orderbook import OrderBook
from ccxt_dex.bots.hummingbot.rules import Rules
from ccxt_dex.bots.hummingbot.values import LimitOrder, OrderCandidate, PerpetualOrderCandidate, Position
from ccxt_dex.bots.hummingbot.venues import Venues, read_connectors
from ccxt_dex.bots.hummingbot.words import NAN, MarketDict, NetworkStatus, OrderType, PositionMode, PositionSide, TradeType
from compat_tests.bots.hummingbot_tools import stand_in

D = Decimal


# --- modules -----------------------------------------------------------------------------------------------------------------------------


def test_every_name_of_the_table_can_be_imported() -> None:
    with stand_in():
        for name, sources in modules.TABLE.items():
            module = importlib.import_module(name)
            for _, names in sources:
                assert all(hasattr(module, each.partition("=")[0]) for each in names.split()), name
        from hummingbot.connector.connector_base import Dict  # type: ignore[import-not-found]

        assert Dict[str, int]
    assert not [name for name in sys.modules if name.partition(".")[0] == "hummingbot"]


def test_the_real_one_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hummingbot", SimpleNamespace())  # type: ignore[arg-type]
    assert modules.install() is False
    with pytest.raises(RuntimeError, match="loaded already"):
        modules.install(force=True)
    assert "hummingbot.core.data_type.common" not in sys.modules


def test_a_missing_package_is_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modules, "NEEDED", ("pandas", "no_such_package_at_all"))
    with pytest.raises(RuntimeError, match=r"^no_such_package_at_all missing: pip install 'ccxt-dex\[hummingbot\]'$"):
        modules.install(force=True)


def test_words_have_hummingbots_values() -> None:
    with stand_in():
        common = importlib.import_module("hummingbot.core.data_type.common")
        events = importlib.import_module("hummingbot.core.event.events")
    assert [(each.name, each.value) for each in common.OrderType][:3] == [("MARKET", 1), ("LIMIT", 2), ("LIMIT_MAKER", 3)]
    assert [each.name for each in common.PriceType] == [
        "MidPrice", "BestBid", "BestAsk", "LastTrade", "LastOwnTrade", "InventoryCost", "Custom",
    ]  # fmt: skip
    assert events.OrderFilledEvent._fields == (
        "timestamp", "order_id", "trading_pair", "trade_type", "order_type", "price", "amount", "trade_fee", "exchange_trade_id",
        "exchange_order_id", "leverage", "position",
    )  # fmt: skip
    created = list(inspect.signature(events.BuyOrderCreatedEvent).parameters)
    assert created == [
        "timestamp", "type", "trading_pair", "amount", "price", "order_id", "creation_timestamp", "exchange_order_id", "leverage", "position",
    ]  # fmt: skip
    done = list(inspect.signature(events.SellOrderCompletedEvent).parameters)
    assert done[2:6] == ["base_asset", "quote_asset", "base_asset_amount", "quote_asset_amount"]
    assert MarketDict().add_or_update("x", "A-B").add_or_update("x", "C-D") == {"x": {"A-B", "C-D"}}


# --- pairs -------------------------------------------------------------------------------------------------------------------------------


def exchange_with(*symbols: str) -> Any:
    markets = {}
    for symbol in symbols:
        base, _, rest = symbol.partition("/")
        quote, _, settle = rest.partition(":")
        kind = {"swap": bool(settle), "spot": not settle, "contract": bool(settle), "linear": settle == quote if settle else None}
        markets[symbol] = {"symbol": symbol, "base": base, "quote": quote, "settle": settle or None, "active": True, **kind}
    return SimpleNamespace(id="made_up", markets=markets)


@pytest.mark.parametrize("quote", ["USD", "USDT", "USDC", "DUSD"])
def test_every_dollar_finds_the_venues_market(quote: str) -> None:
    exchange = exchange_with("BTC/DUSD:DUSD", "ETH/DUSD:DUSD")
    assert pairs.markets_of(exchange, [f"BTC-{quote}"])[f"BTC-{quote}"]["symbol"] == "BTC/DUSD:DUSD"


@pytest.mark.parametrize(
    ("pair", "kinds", "symbol"),
    [
        ("BTC-USDT", ("swap",), "BTC/USDT:USDT"),
        ("BTC-USDC", ("swap",), "BTC/USDC:USDC"),
        ("BTC-USD", ("swap",), "BTC/USDC:USDC"),
        ("BTC-USDT", ("spot", "swap"), "BTC/USDT"),
        ("BTC-EUR", ("spot", "swap"), "BTC/EUR"),
    ],
)
def test_the_scripts_own_quote_goes_first(pair: str, kinds: tuple[str, ...], symbol: str) -> None:
    exchange = exchange_with("BTC/USDT", "BTC/EUR", "BTC/USDT:USDT", "BTC/USDC:USDC", "BTC/USD:BTC")
    assert pairs.markets_of(exchange, [pair], kinds)[pair]["symbol"] == symbol


@pytest.mark.parametrize(
    ("pair", "complaint"),
    [
        ("BTC-EUR", "no market for BTC-EUR"),
        ("DOGE-USD", "no market for DOGE-USD"),
        ("BTCUSD", "no trading pair"),
        ("SOL-USD", "may be any of SOL/DUSD:DUSD, SOL/USDE:USDE"),
        ("XRP-USD", "no market for XRP-USD"),
    ],
)
def test_no_market_is_guessed(pair: str, complaint: str) -> None:
    exchange = exchange_with("BTC/USDC:USDC", "SOL/USDE:USDE", "SOL/DUSD:DUSD", "XRP/USD:XRP")
    with pytest.raises(pairs.PairError, match=complaint):
        pairs.markets_of(exchange, [pair])


def test_kinds_by_name() -> None:
    assert pairs.kinds_of("standx_perpetual") == pairs.kinds_of("standx_perpetual_testnet") == ("swap",)
    assert pairs.kinds_of("standx_paper_trade") == pairs.kinds_of("binance") == ("spot", "swap")


# --- numbers -----------------------------------------------------------------------------------------------------------------------------


def rules(mode: int = 4, **more: Any) -> Rules:
    market = {"precision": {"price": 0.5, "amount": 0.001}, "limits": {"amount": {"min": 0.01, "max": 5}, "cost": {"min": 10}}, **more}
    return Rules(market, mode)


@pytest.mark.parametrize(
    ("amount", "price", "quantized"),
    [
        ("1.2349", "NaN", "1.234"),
        ("0.0099", "NaN", "0"),
        ("0.0109", "NaN", "0.010"),
        ("0.05", "100", "0"),
        ("0.1", "100", "0.1"),
        ("9", "NaN", "5"),
        ("-1", "NaN", "0"),
        ("NaN", "NaN", "0"),
    ],
)
def test_amounts_round_down_and_are_nothing_below_the_minimum(amount: str, price: str, quantized: str) -> None:
    assert rules().quantize_amount(D(amount), D(price)) == D(quantized)


def test_prices_round_down() -> None:
    assert rules().quantize_price(D("100.99")) == D("100.5") and rules().quantize_price(NAN).is_nan()
    digits = Rules({"precision": {"price": 5, "amount": 3}, "limits": {}}, 3)
    assert digits.quantize_price(D("1234.567")) == D("1234.5") and digits.quantize_amount(D("0.012345")) == D("0.0123")
    places = Rules({"precision": {"price": 2, "amount": 0}, "limits": {}}, 2)
    assert places.quantize_price(D("1.239")) == D("1.23") and places.quantize_amount(D("7.9")) == D(7)


def test_contracts_are_counted_in_the_base_currency() -> None:
    counted = rules(contract=True, contractSize=0.01, precision={"price": 0.5, "amount": 1}, limits={"amount": {"min": 1}})
    assert counted.quantize_amount(D("0.059")) == D("0.05") and counted.min_order_size == D("0.01")
    assert counted.to_venue(D("0.05")) == 5 and counted.from_venue(5) == D("0.05")


BOOK = {"bids": [[99.0, 1.0], [98.0, 2.0]], "asks": [[101.0, 1.0], [102.0, 3.0]]}


def test_what_a_book_answers() -> None:
    book = OrderBook()
    book.replace(BOOK)
    assert (book.get_price(True), book.get_price(False)) == (101.0, 99.0)
    assert book.get_price_for_volume(True, 2.0).result_price == 102.0
    assert book.get_price_for_volume(False, 9.0)[2] != book.get_price_for_volume(False, 9.0)[2], "NaN: too thin"
    assert book.get_vwap_for_volume(True, 2.0).result_price == 101.5
    assert book.get_quote_volume_for_base_amount(False, 2.0).result_volume == 99.0 + 98.0
    assert book.get_volume_for_price(True, 101.5)[2:] == (101.0, 1.0) and book.get_volume_for_price(False, 98.0)[2:] == (98.0, 3.0)
    assert book.get_price_for_quote_volume(True, 150.0).result_price == 102.0
    bids, asks = book.snapshot
    assert list(bids["price"]) == [99.0, 98.0] and list(asks["amount"]) == [1.0, 3.0]


def test_a_book_that_is_not_live_has_no_prices() -> None:
    class Live(dict[str, Any]):
        stale: float | None = None

    source, book = Live(BOOK), OrderBook()
    book.replace(source)
    assert book.get_price(True) == 101.0
    source.stale = 1.0
    with pytest.raises(OSError):
        book.get_price(True)
    source.stale = None
    assert book.get_price(True) == 101.0
    book.forget()
    assert not book.live


# --- the budget --------------------------------------------------------------------------------------------------------------------------


class Purse:
    """What a budget checker asks a connector."""

    def __init__(self, contract: bool = True, leverage: int = 1, **balances: str) -> None:
        self.contract, self.leverage, self.balances = contract, leverage, {name: D(value) for name, value in balances.items()}

    def get_available_balance(self, token: str) -> Decimal:
        return self.balances.get(token, D(0))

    get_balance = get_available_balance

    def fee_rate(self, pair: str, maker: bool) -> Decimal:
        return D("0.001")

    def is_contract(self, pair: str) -> bool:
        return self.contract

    def get_leverage(self, pair: str) -> int:
        return self.leverage

    def get_price(self, pair: str, is_buy: bool) -> Decimal:
        return D(100)

    def quantize_order_amount(self, pair: str, amount: Decimal) -> Decimal:
        return amount.quantize(D("0.01"), rounding="ROUND_DOWN")


def candidate(side: TradeType, amount: str = "10", kind: Any = OrderCandidate, **more: Any) -> Any:
    return kind("BTC-USD", True, OrderType.LIMIT, side, D(amount), D(100), **more)


@pytest.mark.parametrize("side", [TradeType.BUY, TradeType.SELL])
def test_both_sides_of_a_perpetual_need_collateral(side: TradeType) -> None:
    assert BudgetChecker(Purse(USD="1001")).adjust_candidate(candidate(side)).amount == 10
    assert BudgetChecker(Purse(USD="1000.99")).adjust_candidate(candidate(side)).amount == 0
    smaller = BudgetChecker(Purse(USD="500.5")).adjust_candidate(candidate(side), all_or_none=False)
    assert smaller.amount == 5 and smaller.resized
    assert BudgetChecker(Purse()).adjust_candidate(candidate(side), all_or_none=False).amount == 0


def test_leverage_divides_what_is_needed() -> None:
    assert BudgetChecker(Purse(leverage=5, USD="201")).adjust_candidate(candidate(TradeType.BUY)).amount == 10
    own = candidate(TradeType.BUY, kind=PerpetualOrderCandidate, leverage=D(10))
    assert BudgetChecker(Purse(USD="101")).adjust_candidate(own).amount == 10


def test_closing_needs_nothing() -> None:
    closing = candidate(TradeType.SELL, kind=PerpetualOrderCandidate, position_close=True)
    assert BudgetChecker(Purse()).adjust_candidate(closing).amount == 10


def test_several_candidates_share_what_there_is() -> None:
    both = [candidate(TradeType.BUY), candidate(TradeType.SELL)]
    first, second = BudgetChecker(Purse(USD="1500")).adjust_candidates(both)
    assert (first.amount, second.amount) == (10, 0) and both[1].amount == 10, "the script's own stay as they are"


def test_spot_sells_need_the_coin() -> None:
    checker = BudgetChecker(Purse(contract=False, USD="1001", BTC="3"))
    assert checker.adjust_candidate(candidate(TradeType.BUY)).amount == 10
    assert checker.adjust_candidate(candidate(TradeType.SELL), all_or_none=False).amount == 3


# --- values, scripts, settings -------------------------------------------------------------------------------------------------------------


def test_an_orders_age_is_counted_from_microseconds() -> None:
    order = LimitOrder("c", "BTC-USD", True, "BTC", "USD", D(1), D(1), creation_timestamp=5_000_000)
    assert order.age_til(9_500_000) == 4 and LimitOrder("c", "A-B", True, "A", "B", D(1), D(1)).age() == -1


def test_settings_from_the_command_line() -> None:
    assert script.overrides(["a=1", "b=0.001", "c=BTC-USD", 'd=["x"]', "e=true", "f="]) == {
        "a": 1, "b": "0.001", "c": "BTC-USD", "d": ["x"], "e": True, "f": "",
    }  # fmt: skip


def test_settings_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "conf.json"
    path.write_text('{"spread": 0.001, "pairs": ["A-B"]}')
    assert script.read_settings(path) == {"spread": "0.001", "pairs": ["A-B"]}
    path.write_text("private: [")
    with pytest.raises(script.ScriptError, match=r"is not JSON$"):
        script.read_settings(path)
    yaml = tmp_path / "conf.yml"
    yaml.write_text("spread: 0.001\n")
    if importlib.util.find_spec("yaml") is None:
        with pytest.raises(script.ScriptError, match="PyYAML is not installed"):
            script.read_settings(yaml)
    else:
        assert script.read_settings(yaml) == {"spread": 0.001}


def test_the_connectors_file(tmp_path: Path, caplog: Any, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_connectors(None) == {}
    path = tmp_path / "connectors.json"
    path.write_text(json.dumps({"a_perpetual": {"exchange": "standx", "config": {"privateKey": "geheim"}, "markets": "swap"}}))
    path.chmod(0o644)
    assert read_connectors(None)["a_perpetual"]["exchange"] == "standx"
    if os.name == "posix":
        assert "can be read by others" in caplog.text and "geheim" not in caplog.text
    for wrong in ('{"a": {"secret": "geheim"}}', '{"a": {"markets": "both"}}', '["geheim"]', '{"a": "geheim"', "geheim"):
        path.write_text(wrong)
        with pytest.raises(script.ScriptError) as refused:
            read_connectors(path)
        assert "geheim" not in str(refused.value)


async def test_exchanges_of_connector_names(monkeypatch: Any) -> None:
    monkeypatch.setenv("LIGHTER_APIKEY", "from the environment")
    venues = Venues({"mine": {"exchange": "binance", "sandbox": True, "markets": "swap"}}, {"kucoin_paper_trade": "standx_paper_trade"})
    made: dict[str, Any] = {}
    try:
        for name in ("lighter_perpetual", "hyperliquid_perpetual_testnet", "mine", "kraken", "kucoin_paper_trade", "standx_paper_trade"):
            made[name] = await venues.create(name)
        assert {name: each.id for name, each in made.items()} == {
            "lighter_perpetual": "lighter",
            "hyperliquid_perpetual_testnet": "hyperliquid",
            "mine": "binance",
            "kraken": "kraken",
            "kucoin_paper_trade": "standx",
            "standx_paper_trade": "standx",
        }
        assert made["lighter_perpetual"].apiKey == "from the environment"
        assert "testnet" in str(made["hyperliquid_perpetual_testnet"].urls["api"]) and "testnet" in str(made["mine"].urls["api"])
        assert made["kucoin_paper_trade"].urls == made["standx_paper_trade"].urls, "one venue, two connectors"
        assert venues.kinds("mine") == ("swap",) and venues.kinds("kraken") is None
    finally:
        for each in made.values():
            await each.close()
        await venues.aclose()


async def test_collateral_under_the_scripts_name_positions_leverage_and_modes(paper_venue: Any, until: Any) -> None:
    from compat_tests.bots.hummingbot_tools import fast_pace

    venue = await paper_venue("standx")
    told: list[tuple[str, Any]] = []
    connector = ConnectorBase(
        "standx_perpetual", registry.create("standx", venue.config()), ["BTC-USDT"], lambda *each: told.append(each), pace=fast_pace()
    )
    try:
        await connector.start_network()
        await until(lambda: connector.ready)
        assert connector.get_balance("USDT") == connector.get_balance("DUSD") > 0 and connector.get_balance("ETH") == 0
        assert (
            connector.get_funding_info("BTC-USDT").rate.is_finite()
            and connector.get_fee("BTC", "USDT", OrderType.MARKET, TradeType.BUY, D(1), D(1)).percent > 0
        )
        assert connector.get_leverage("BTC-USDT") == 1
        connector.set_leverage("BTC-USDT", 4)
        connector.set_position_mode(PositionMode.HEDGE)
        await until(lambda: connector.get_leverage("BTC-USDT") == 4)
        await until(lambda: told)
        assert told[0][0] == "did_change_position_mode_fail" and connector.position_mode is PositionMode.ONEWAY
        connector.sell("BTC-USDT", D("0.003"), OrderType.MARKET)
        position: Position = await until(lambda: connector.account_positions.get("BTC-USDT"))
        assert position.amount == D("-0.003") and position.position_side is PositionSide.SHORT
    finally:
        assert await connector.stop_network() == []
    assert connector.display_name == "standx_perpetual"


async def test_a_connector_without_credentials_shows_prices_and_refuses_orders(paper_venue: Any, until: Any) -> None:
    venue = await paper_venue("standx")
    told: list[tuple[str, Any]] = []
    config = {"urls": venue.config()["urls"]}
    connector = ConnectorBase("standx_paper_trade", registry.create("standx", config), ["BTC-USD"], lambda *each: told.append(each))
    try:
        await connector.start_network()
        await until(lambda: connector.ready)
        assert connector.get_mid_price("BTC-USD") > 0 and connector.get_balance("USD") == 0
        connector.buy("BTC-USD", D("0.01"), OrderType.MARKET)
        await until(lambda: told)
        assert told[0][0] == "did_fail_order" and told[0][1].error_type == "AuthenticationError"
    finally:
        await connector.stop_network()
    assert connector.display_name == "standx_PaperTrade"


@pytest.mark.parametrize("needed", [True, False])
async def test_a_loop_survives_what_it_must(needed: bool, until: Any) -> None:
    from ccxt_dex.bots.hummingbot.feeds import Pace, forever

    pace, steps, failures = Pace(), [errors.NetworkError("cut"), errors.AuthenticationError("who?")], []
    pace.longest_pause, done = 0.01, asyncio.Event()

    async def step() -> None:
        if steps:
            raise steps.pop(0)
        done.set()
        await asyncio.sleep(3600)

    task = asyncio.ensure_future(forever("loop", step, pace, lambda: failures.append(1), needed=needed))
    await until(lambda: task.done() or done.is_set())
    assert len(failures) == 2 and task.done() is not needed
    task.cancel()


async def test_while_the_account_cannot_be_read_the_status_warns(paper_venue: Any, until: Any) -> None:
    from compat_tests.bots.hummingbot_tools import fast_pace

    venue = await paper_venue("standx")
    connector = ConnectorBase("standx_perpetual", registry.create("standx", venue.config()), ["BTC-USD"], pace=fast_pace())
    try:
        await connector.start_network()
        await until(lambda: connector.ready)
        assert connector.network_status is NetworkStatus.CONNECTED
        await venue.fault({"kind": "http_status", "match": "*query_balance*", "status": 500, "count": 1})
        await until(lambda: connector.network_status is NetworkStatus.NOT_CONNECTED)
        assert connector.get_balance("USD") > 0, "what was known before"
        await until(lambda: connector.network_status is NetworkStatus.CONNECTED)
    finally:
        await connector.stop_network()


async def test_stopping_is_not_swallowed() -> None:
    """A wait that ends at the moment of its cancellation must not go on."""
    from ccxt_dex.bots.hummingbot.feeds import waited

    event = asyncio.Event()
    task = asyncio.ensure_future(waited(event, 10))
    await asyncio.sleep(0)
    event.set()
    for _ in range(2):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
