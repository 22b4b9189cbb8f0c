"""Every true entry of `has` is exercised somewhere: by ccxt's programme, its static tests, the behaviour cards or the room's own tests."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

import ccxt_dex
from compat_tests.ccxt_suite import tree
from compat_tests.ccxt_suite.expected import expected, skips

TESTS = Path(__file__).resolve().parents[1]
STATIC = Path(__file__).resolve().parent / "static"
# what is no method
FLAGS = frozenset("CORS publicAPI privateAPI spot margin swap future option ws sandbox".split())
# rooms with a test of their own that calls everything that is true
OWN = ("grvt", "standx")
# tests of a room that are those of several: where the others are
SHARED = {"treadfi_hl": ("treadfi_pc",), "superstack": ("hyperliquid",)}


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join("OHLCV" if part == "ohlcv" else part[:1].upper() + part[1:] for part in rest)


def named(folders: Iterable[Path]) -> set[str]:
    """Methods that a test calls, or names in a table of calls."""
    text = "\n".join(path.read_text(encoding="utf-8") for folder in folders for path in sorted(folder.glob("*.py")))
    words = re.findall(r"\b[a-z]+(?:_[a-z0-9]+)+\b|\b[a-z]+(?:[A-Z][A-Za-z0-9]*)+\b", text)
    # methods whose name is one plain word: they are called, and not by the paper venue's engine
    return {camel(word) for word in words} | set(re.findall(r"(?<!engine)\.(transfer|withdraw)\(", text))


def exercised(exchange_id: str, exchange: Any) -> set[str]:
    entries = [*skips("every"), *skips(exchange_id)]
    found = {name for mode in ("async", "ws") for name in expected(tree.prepared(), exchange, mode, entries)}
    for kind in ("request", "response", "ws"):
        found |= set(json.loads((STATIC / kind / f"{exchange_id}.json").read_text())["methods"])
    found |= {name for name in exchange.has if name.startswith("unWatch") or name in ORDERS_OVER_SOCKETS or name in BY_CLIENT_ID}
    return found | named([TESTS / "contract", *(TESTS / "rooms" / each for each in (exchange_id, *SHARED.get(exchange_id, ())))])


@pytest.mark.parametrize("exchange_id", [each for each in ccxt_dex.exchanges if each not in OWN])
def test_what_an_exchange_has_is_exercised(exchange_id: str) -> None:
    exchange = getattr(ccxt_dex, exchange_id)()
    promised = {name for name, value in exchange.has.items() if value is True} - FLAGS
    assert promised - exercised(exchange_id, exchange) == set()


# --- what nothing else calls: leaving streams, orders over sockets --------------------------------------------------------------------------

LISTS = ("Tickers", "BidsAsks", "OrderBookForSymbols", "TradesForSymbols", "MarkPrices", "FundingRates")
WHOLE = ("Balance", "Orders", "MyTrades", "Positions")


def streamed(name: str, symbol: str) -> list[Any]:
    """Arguments of watch... and unWatch... by what follows."""
    table = {
        **{each: [] for each in WHOLE},
        "OHLCV": [symbol, "1m"],
        "OHLCVForSymbols": [[[symbol, "1m"]]],
        **{each: [[symbol]] for each in LISTS},
    }
    return table.get(name, [symbol])


def topics(ex: Any) -> set[tuple[str, str]]:
    """What was asked of every socket."""
    return {
        (url, key)
        for url, client in (ex.clients or {}).items()
        for key, record in client.ledger.topics.items()
        if record.generation and record.kind == "topic"
    }


@pytest.mark.campaign
@pytest.mark.parametrize("exchange_id", [each for each in ccxt_dex.exchanges if each not in OWN])
async def test_streams_can_be_left(exchange_id: str, paper_venue: Any, until: Any) -> None:
    venue = await paper_venue(exchange_id, seed=7)
    ex = getattr(ccxt_dex, exchange_id)({**venue.config(), "timeout_on_exit": 0})
    try:
        await ex.load_markets()
        symbol = ccxt_dex.symbol(ex, "BTC")
        for name in sorted(name.removeprefix("unWatch") for name, value in ex.has.items() if value is True and name.startswith("unWatch")):
            arguments = streamed(name, symbol)
            watching = asyncio.ensure_future(getattr(ex, f"watch{name}")(*arguments))
            await until(
                lambda watching=watching: watching.done() or any(each.ledger.topics for each in (ex.clients or {}).values()), what=name
            )
            # False: nothing to leave yet, where a login comes first
            await until(lambda name=name, arguments=arguments: getattr(ex, f"unWatch{name}")(*arguments), what=name)
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
    finally:
        await ex.close()


BY_CLIENT_ID = ("fetchOrderWithClientOrderId", "cancelOrderWithClientOrderId")


@pytest.mark.campaign
@pytest.mark.parametrize("exchange_id", [each for each in ccxt_dex.exchanges if each not in OWN])
async def test_orders_by_client_order_id(exchange_id: str, paper_venue: Any) -> None:
    venue = await paper_venue(exchange_id, seed=7)
    await venue.market({"pause": True})
    ex = getattr(ccxt_dex, exchange_id)({**venue.config(), "timeout_on_exit": 0})
    try:
        await ex.load_markets()
        symbol = ccxt_dex.symbol(ex, "BTC")
        bid = float((await ex.fetch_order_book(symbol))["bids"][0][0])
        order = await ex.create_order(symbol, "limit", "buy", 0.01, float(ex.price_to_precision(symbol, bid * 0.97)))
        if ex.has["fetchOrderWithClientOrderId"]:
            assert (await ex.fetch_order_with_client_order_id(order["clientOrderId"], symbol))["id"] == order["id"]
        if ex.has["cancelOrderWithClientOrderId"]:
            await ex.cancel_order_with_client_order_id(order["clientOrderId"], symbol)
            assert await ex.fetch_open_orders(symbol) == []
    finally:
        await ex.close()


ORDERS_OVER_SOCKETS = (
    "createOrderWs createLimitOrderWs createMarketOrderWs createOrdersWs editOrderWs cancelOrderWs cancelOrdersWs cancelAllOrdersWs".split()
)


@pytest.mark.campaign
@pytest.mark.parametrize("exchange_id", [each for each in ccxt_dex.exchanges if each not in OWN])
async def test_orders_over_sockets(exchange_id: str, paper_venue: Any, until: Any) -> None:
    venue = await paper_venue(exchange_id, seed=7)
    await venue.market({"pause": True})
    ex = getattr(ccxt_dex, exchange_id)({**venue.config(), "timeout_on_exit": 0})
    try:
        await ex.load_markets()
        symbol = ccxt_dex.symbol(ex, "BTC")
        bid = float((await ex.fetch_order_book(symbol))["bids"][0][0])
        low, lower = (float(ex.price_to_precision(symbol, bid * factor)) for factor in (0.97, 0.96))
        has = {name for name in ORDERS_OVER_SOCKETS if ex.has.get(name) is True}
        if "createLimitOrderWs" in has:
            order = await ex.create_limit_order_ws(symbol, "buy", 0.01, low)
            if "editOrderWs" in has:
                order = {**order, **await ex.edit_order_ws(order["id"], symbol, "limit", "buy", 0.01, lower)}
                assert order["price"] in (None, lower)
            await ex.cancel_order_ws(order["id"], symbol)
        if "createMarketOrderWs" in has:
            assert (await ex.create_market_order_ws(symbol, "buy", 0.01, float(ex.price_to_precision(symbol, bid * 1.01))))["id"]
        one = {"symbol": symbol, "type": "limit", "side": "buy", "amount": 0.01, "price": low}
        if "createOrdersWs" in has:
            assert len(await ex.create_orders_ws([one, {**one, "price": lower}])) == 2
        if "cancelOrdersWs" in has:
            rows = [await ex.create_order_ws(*one.values()) for _ in range(2)]
            await ex.cancel_orders_ws([row["id"] for row in rows], symbol)
        if "cancelAllOrdersWs" in has:
            await ex.create_order_ws(*one.values())
            await ex.cancel_all_orders_ws(symbol)

            async def none_left() -> bool:
                return await ex.fetch_open_orders(symbol) == []

            await until(none_left)
    finally:
        await ex.close()
