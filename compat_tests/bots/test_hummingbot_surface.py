"""The names and numbers that hummingbot's scripts rely on."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from ccxt_dex.bots.hummingbot import modules, pairs, script
from ccxt_dex.bots.hummingbot.budget import BudgetChecker
from ccxt_dex.bots.hummingbot.orderbook import OrderBook
from ccxt_dex.bots.hummingbot.rules import Rules
from ccxt_dex.bots.hummingbot.values import LimitOrder, OrderCandidate, PerpetualOrderCandidate
from ccxt_dex.bots.hummingbot.words import NAN, MarketDict, OrderType, TradeType
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
