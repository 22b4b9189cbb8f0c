"""Promises that hold for the class itself: honest `has`, no hidden fee, no leaked secret, constructors that need nothing."""

from __future__ import annotations

import copy
import logging
import pickle
import time
from typing import Any

import pytest

import ccxt_dex
from ccxt_dex import registry
from ccxt_dex._ccxt import errors
from compat_tests.contract.desk import ROOMS, Desk

FEE_WORDS = ("builder", "referr", "broker", "integrator", "affiliate", "partner")


def test_a_constructor_needs_no_loop_no_network_no_credentials(venue_id: str) -> None:
    cls = getattr(ccxt_dex, venue_id)
    cls()
    started = time.process_time()
    for _ in range(5):
        ex = cls(dict.fromkeys(("apiKey", "secret", "password", "uid", "accountId", "walletAddress", "privateKey")))
    assert (time.process_time() - started) / 5 < 0.1
    assert ex.session is None and ex.id == venue_id == venue_id.lower() and venue_id.title().isidentifier()


def test_pickle_and_deepcopy(venue_id: str) -> None:
    ex = getattr(ccxt_dex, venue_id)({"options": {"mine": 1}})
    for twin in (pickle.loads(pickle.dumps(ex)), copy.deepcopy(ex)):
        assert type(twin) is type(ex) and twin.options["mine"] == 1


def test_has_is_boolean_and_every_true_has_a_method(venue_id: str) -> None:
    ex = getattr(ccxt_dex, venue_id)()
    odd = {name: value for name, value in ex.has.items() if not isinstance(value, bool)}
    assert odd == {}
    kinds = {"CORS", "spot", "margin", "swap", "future", "option", "publicAPI", "privateAPI", "sandbox", "ws"}
    missing = [name for name, value in ex.has.items() if value and name not in kinds and not callable(getattr(ex, name, None))]
    assert missing == []
    assert ex.dex is True or ex.has["swap"]


def test_every_false_has_a_reason_in_the_readme(venue_id: str) -> None:
    """A method that a trader looks for and does not find is explained."""
    ex = getattr(ccxt_dex, venue_id)()
    text = (ROOMS / venue_id / "README.md").read_text(encoding="utf-8")
    asked_for = """cancelAllOrders cancelAllOrdersAfter cancelOrder cancelOrders closeAllPositions closePosition createOrder createOrders createOrderWs createStopOrder
        createTakeProfitOrder editOrder fetchBalance fetchCanceledOrders fetchClosedOrders fetchFundingHistory fetchFundingRate fetchFundingRateHistory fetchFundingRates
        fetchLeverage fetchLeverageTiers fetchMarginMode fetchMyTrades fetchOHLCV fetchOpenInterest fetchOpenOrders fetchOrder fetchOrderBook fetchOrders fetchPositions
        fetchTicker fetchTickers fetchTime fetchTrades fetchTradingFee setLeverage setMarginMode transfer withdraw watchBalance watchBidsAsks watchMyTrades watchOHLCV
        watchOrderBook watchOrders watchPositions watchTicker watchTickers watchTrades""".split()
    unexplained = [name for name in asked_for if ex.has.get(name) is not True and f"`{name}`" not in text]
    assert unexplained == []


def test_features_are_resolved(venue_id: str) -> None:
    ex = getattr(ccxt_dex, venue_id)()
    linear = ex.features["swap"]["linear"]
    assert linear["sandbox"] in (True, False)
    for name in ("createOrder", "fetchOHLCV", "fetchMyTrades", "fetchOrder", "fetchOpenOrders"):
        if ex.has.get(name) is True:
            assert isinstance(linear[name], dict), name


def test_no_fee_builder_or_broker_is_asked_for_by_default(venue_id: str) -> None:
    ex = getattr(ccxt_dex, venue_id)()

    def walk(value: Any, path: str) -> list[str]:
        if isinstance(value, dict):
            return [hit for key, inner in value.items() for hit in walk(inner, f"{path}.{key}")]
        named = any(word in path.lower() for word in FEE_WORDS)
        return [f"{path}={value!r}"] if named and value not in (None, False, "", 0, "0") else []

    assert walk({key: value for key, value in ex.options.items() if key != "exceptions"}, "options") == []


async def test_no_request_carries_a_fee_field(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the bytes, REST and WebSocket: from load_markets to a filled order, nothing names a builder, referrer, broker or integrator."""
    other = await desk.another()
    sent: list[str] = []
    fetch = other.fetch

    async def recording(url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        sent.append(f"{method} {url} {headers} {body}")
        return await fetch(url, method, headers, body)

    monkeypatch.setattr(other, "fetch", recording)
    await other.load_markets()
    desk.ex = other
    await desk.rest()
    await desk.fill()
    sent += [repr(record.message) for client in (other.clients or {}).values() for record in getattr(client, "records", dict)().values()]
    assert len(sent) > 2
    words = {word for text in sent for word in FEE_WORDS if word in text.lower()}
    assert words == set()


async def test_secrets_stay_out_of_logs_reprs_and_errors(
    desk: Desk, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    unknown = await desk.unknown_order_id()
    desk.ex.verbose = True
    named = ("apiKey", "secret", "password", "privateKey")
    secrets = [value for key, value in desk.venue.config().items() if key in named and isinstance(value, str) and len(value) > 8]
    order = await desk.rest()
    await desk.ex.cancel_order(order["id"], desk.symbol)
    raised = []
    for bad in (
        desk.ex.fetch_order(unknown, desk.symbol),
        desk.ex.create_order(desk.symbol, "limit", "buy", desk.size() / 1e9, desk.below()),
    ):
        with pytest.raises(errors.BaseError) as caught:
            await bad
        raised.append(f"{caught.value!r} {caught.value}")
    secrets += desk.tokens()
    said = capsys.readouterr()
    everything = "\n".join((caplog.text, said.out, said.err, repr(desk.ex), str(desk.ex), *raised))
    leaked = [secret[:6] + "..." for secret in secrets if secret in everything or secret.removeprefix("0x") in everything]
    assert secrets and leaked == []
    assert "Request" in caplog.text or "fetch" in said.out, "nothing was logged at all: the test would prove nothing"


async def test_leverage_tiers_exist_for_every_market(desk: Desk) -> None:
    tiers = await desk.ex.fetch_leverage_tiers()
    swaps = {row["symbol"] for row in desk.ex.markets.values() if row["swap"]}
    assert swaps <= set(tiers)
    assert all(row and row[-1]["maxLeverage"] >= 1 for row in tiers.values())


async def test_markets_satisfy_what_bots_index(desk: Desk) -> None:
    for market in desk.ex.markets.values():
        assert {"cost", "amount", "leverage", "price"} <= set(market["limits"])
        assert "min" in market["limits"]["cost"]
        if market["swap"]:
            assert market["linear"] is True and market["contractSize"] == 1 and market["type"] == "swap"
            assert market["symbol"] == f"{market['base']}/{market['quote']}:{market['settle']}"
            assert market["precision"]["price"] is None or market["precision"]["price"] > 1e-11
    balance = await desk.ex.fetch_balance()
    assert desk.market["settle"] in balance["total"]


def test_the_ids_are_the_rooms() -> None:
    assert set(ccxt_dex.exchanges) == set(registry.IDS)
