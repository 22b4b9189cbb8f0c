"""The blocking twin, on ccxt's own kraken class against a loopback server: one test per way in which bots use blocking exchanges."""

from __future__ import annotations

import copy
import inspect
import pickle
from collections.abc import Callable
from typing import Any
from unittest import mock

import ccxt
import ccxt.pro
import pytest

import ccxt_dex
from compat_tests.core.kraken import SYMBOL, Kraken

Make = Callable[..., Any]
TWIN = ccxt_dex.sync.twin(ccxt.pro.kraken)


def test_it_is_a_ccxt_exchange(make: Make) -> None:
    ex = make()
    assert isinstance(ex, ccxt.Exchange)
    assert isinstance(ex, ccxt.pro.kraken)
    assert repr(ex) == "ccxt_dex.sync.kraken()" and str(ex) == "Kraken" and ex.id == "kraken"
    assert ccxt_dex.sync.twin(ccxt.pro.kraken) is TWIN, "one class, however often it is asked for"


def test_signatures_are_the_async_class_s() -> None:
    assert inspect.signature(TWIN.fetch_ohlcv) == inspect.signature(ccxt.pro.kraken.fetch_ohlcv)
    assert inspect.signature(TWIN.create_order) == inspect.signature(ccxt.pro.kraken.create_order)


def test_nothing_awaitable_is_left_under_either_spelling() -> None:
    left = [name for name in dir(TWIN) if not name.startswith("_") and inspect.iscoroutinefunction(getattr(TWIN, name))]
    assert left == []
    # before any instance exists, ccxt has not written the camelCase names yet
    assert TWIN.fetchOHLCV is TWIN.fetch_ohlcv and TWIN.createOrder is TWIN.create_order


def test_calls_block_and_return(make: Make) -> None:
    ex = make()
    assert ex.fetch_time() == ex.fetchTime() == 1_700_000_000_000
    assert ex.public_get_time() == ex.publicGetTime({}) == ex.request("Time", ["public", "get"], "GET")
    assert list(ex.load_markets()) == [SYMBOL]
    assert ex.fetch_ticker(SYMBOL)["last"] == ex.fetchTicker(SYMBOL)["last"] == 50000.5
    assert ex.create_limit_buy_order(SYMBOL, 0.01, 49000)["id"] == "O1"
    assert ex.sleep(1) is None


def test_watch_blocks_until_something_comes(make: Make) -> None:
    ex = make()
    assert ex.watch_ticker(SYMBOL)["bid"] == 50000.0
    url = ex.urls["api"]["ws"]["publicV2"]
    assert ex.client(url) is ex.clients[url]
    request = {"method": "subscribe", "params": {"channel": "ticker", "symbol": [SYMBOL]}}
    assert ex.watch(url, f"ticker@{SYMBOL}", request, "again")["symbol"] == SYMBOL


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        ("poor", ccxt.InsufficientFunds),
        ("limited", ccxt.DDoSProtection),
        ("wrong-key", ccxt.AuthenticationError),
        ("no-such-order", ccxt.ExchangeError),
    ],
)
def test_exceptions_are_ccxt_s_with_their_traceback(make: Make, kraken: Kraken, failure: str, expected: type[Exception]) -> None:
    ex = make()
    ex.load_markets()
    kraken.fail["AddOrder"] = failure
    with pytest.raises(expected) as caught:
        ex.create_order(SYMBOL, "limit", "buy", 0.01, 50000)
    assert "handle_errors" in [frame.name for frame in caught.traceback], "the frames on the loop's thread are kept"


def test_arguments_are_refused_as_in_async_code(make: Make) -> None:
    ex = make()
    with pytest.raises(ccxt.BadSymbol):
        ex.fetch_ticker("NO/SUCH")
    with pytest.raises(ccxt.NotSupported):
        ex.fetch_mark_prices()
    with pytest.raises(TypeError):
        ex.fetch_ticker()


def copies() -> list[Any]:
    return [pytest.param(copy.deepcopy, id="deepcopy"), pytest.param(lambda ex: pickle.loads(pickle.dumps(ex)), id="pickle")]


@pytest.mark.parametrize("duplicate", copies())
def test_copies_work_on_their_own(make: Make, duplicate: Callable[[Any], Any]) -> None:
    ex = make(options={"mine": {"a": 1}})
    ex.load_markets()
    ex.watch_ticker(SYMBOL)
    twin = duplicate(ex)
    assert type(twin) is type(ex) and twin.markets == ex.markets and twin.apiKey == "key"
    assert twin.session is None and twin.clients == {}
    twin.options["mine"]["a"] = 2
    assert ex.options["mine"]["a"] == 1
    assert twin.fetch_time() == ex.fetch_time()
    twin.close()
    assert ex.fetch_time(), "closing the copy leaves the original connected"


class Mine(TWIN):  # type: ignore[misc,valid-type]
    """What a user's subclass looks like: blocking overrides, one async method, state of its own."""

    def __init__(self, config: dict[str, Any], note: str = "none") -> None:
        super().__init__(config)
        self.note = note

    def fetch_ticker(self, symbol: str, params: dict[str, Any] = {}) -> Any:  # noqa: B006 - ccxt's own signature
        return {**super().fetch_ticker(symbol, params), "mine": True}

    def parse_ticker(self, ticker: Any, market: Any = None) -> Any:
        return {**super().parse_ticker(ticker, market), "parsed": True}

    async def last_price(self, symbol: str) -> float:
        return float((await self.fetch_ticker(symbol))["last"])

    def last_but_blocking(self, symbol: str) -> float:
        return float(self.fetch_ticker(symbol)["last"])


def test_a_subclass_with_blocking_overrides(make: Make) -> None:
    ex = make(Mine)
    ex.load_markets()
    for ticker in (ex.fetch_ticker(SYMBOL), ex.fetchTicker(SYMBOL)):
        assert ticker["mine"] and ticker["parsed"]
    assert ex.last_price(SYMBOL) == ex.last_but_blocking(SYMBOL) == 50000.5, "a new async method blocks too, and may await the override"


def test_the_exchange_s_own_code_calls_the_override(make: Make) -> None:
    calls: list[tuple[Any, ...]] = []

    class Recorder(TWIN):  # type: ignore[misc,valid-type]
        def create_order(self, *args: Any, **kwargs: Any) -> Any:
            calls.append(args)
            return super().create_order(*args, **kwargs)

    ex = make(Recorder)
    ex.load_markets()
    # create_limit_order is ccxt's, runs on the loop and awaits self.create_order
    assert ex.create_limit_order(SYMBOL, "buy", 0.01, 50000)["id"] == "O1"
    assert len(calls) == 1


def test_an_override_in_a_mixin(make: Make) -> None:
    class Mixin:
        def fetch_ticker(self, symbol: str, params: dict[str, Any] = {}) -> Any:  # noqa: B006
            return {**super().fetch_ticker(symbol, params), "mixed": True}  # type: ignore[misc]

    class Mixed(Mixin, TWIN):  # type: ignore[misc,valid-type]
        async def through_the_loop(self, symbol: str) -> Any:
            return await self.fetch_ticker(symbol)

    ex = make(Mixed)
    ex.load_markets()
    assert ex.fetch_ticker(SYMBOL)["mixed"] and ex.through_the_loop(SYMBOL)["mixed"]


@pytest.mark.parametrize("duplicate", copies())
def test_a_subclass_keeps_its_own_state_in_copies(make: Make, duplicate: Callable[[Any], Any]) -> None:
    ex = Mine({"apiKey": "key"}, note="hello")
    twin = duplicate(ex)
    assert type(twin) is Mine and twin.note == "hello" and twin.apiKey == "key"


def test_stubs_on_an_instance(make: Make) -> None:
    ex = make()
    ex.fetch = lambda url, method="GET", headers=None, body=None: {"error": [], "result": {"unixtime": 7}}
    assert ex.fetch_time() == 7000

    async def fetch(url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        return {"error": [], "result": {"unixtime": 8}}

    ex.fetch = fetch
    assert ex.fetch_time() == 8000
    assert ex.fetch("http://nowhere")["result"]["unixtime"] == 8

    def fail(*_: Any, **__: Any) -> Any:
        raise ccxt.RequestTimeout("stub")

    ex.fetch = fail
    with pytest.raises(ccxt.RequestTimeout, match="stub"):
        ex.fetch_time()


def test_mocks(make: Make) -> None:
    ex = make()
    with mock.patch.object(TWIN, "fetch_time", return_value=5):
        assert ex.fetch_time() == 5
    ex.fetch = mock.Mock(return_value={"error": [], "result": {"unixtime": 9}})
    assert ex.fetch_time() == 9000
    ex.fetch.assert_called_once()
    with mock.patch.object(ex, "fetch_time", return_value=6) as patched:
        assert ex.fetch_time() == 6
    patched.assert_called_once_with()


def test_the_twins_of_this_package() -> None:
    assert set(ccxt_dex.exchanges) <= set(dir(ccxt_dex.sync))
    with pytest.raises(AttributeError, match="no attribute 'nosuchdex'"):
        _ = ccxt_dex.sync.nosuchdex


@pytest.mark.parametrize("exchange_id", ccxt_dex.exchanges)
def test_every_room_has_a_twin(exchange_id: str) -> None:
    cls = getattr(ccxt_dex.sync, exchange_id)
    assert cls.__module__ == "ccxt_dex.sync" and cls.__name__ == exchange_id
    assert pickle.loads(pickle.dumps(cls)) is cls
    ex = cls()
    assert isinstance(ex, ccxt.Exchange) and isinstance(ex, getattr(ccxt_dex, exchange_id)) and ex.unresolved == {}
    for twin in (copy.deepcopy(ex), pickle.loads(pickle.dumps(ex))):
        assert type(twin) is cls and twin.has == ex.has
    left = [name for name in dir(cls) if not name.startswith("_") and inspect.iscoroutinefunction(getattr(cls, name))]
    assert left == []
