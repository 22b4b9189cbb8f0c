"""Hyperliquid: what ccxt 4.5.90's class does wrong, shown on it and on ours, both against the local venue (or before anything is sent)."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from eth_account import Account

import ccxt_dex
from ccxt_dex._ccxt import errors
from compat_tests.upstream.hyperliquid import CCXT, HIP3, SYMBOL, Pair, after, done, open_pair, quiet, signer


@pytest_asyncio.fixture
async def pair() -> AsyncIterator[Pair]:
    async with open_pair() as opened:
        yield opened


# --- 1: books ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mine", [False, True])
async def test_the_streamed_book_is_the_fast_one(pair: Pair, mine: bool) -> None:
    ex = pair.ours if mine else pair.theirs
    await asyncio.wait_for(ex.watch_order_book(SYMBOL), 5)
    (sent,) = [message for message in pair.sent_to_socket() if message.get("method") == "subscribe"]
    assert sent["subscription"].get("fast", False) is mine
    assert sent["subscription"]["coin"] == "BTC"


async def test_a_parameter_of_the_book_reaches_the_subscription(pair: Pair) -> None:
    for ex, expected in ((pair.theirs, None), (pair.ours, 4)):
        pair.clear()
        await asyncio.wait_for(ex.watch_order_book(SYMBOL, None, {"nSigFigs": 4}), 5)
        (sent,) = [message for message in pair.sent_to_socket() if message.get("method") == "subscribe"]
        assert sent["subscription"].get("nSigFigs") == expected


async def test_best_bid_and_ask_are_streamed(pair: Pair) -> None:
    with pytest.raises(errors.NotSupported):
        await pair.theirs.watch_bids_asks([SYMBOL])
    ticker = (await asyncio.wait_for(pair.ours.watch_bids_asks([SYMBOL]), 5))[SYMBOL]
    assert (ticker["bid"], ticker["ask"]) == tuple(float(price) for price in pair.venue.engine.best("BTC"))


# --- 2: side requests and builders ------------------------------------------------------------------------------------------------------


async def test_load_markets_and_orders_ask_for_nothing_on_the_side(pair: Pair) -> None:
    config = {**pair.venue.adapter.credentials("alice", kind="master"), "urls": pair.venue.config()["urls"]}
    theirs, ours = CCXT(config), ccxt_dex.hyperliquid(config)
    try:
        await theirs.load_markets()
        assert {action["type"] for action in pair.actions()} == {"approveBuilderFee", "setReferrer"}
        await theirs.create_order(SYMBOL, "limit", "buy", 0.001, 59000)
        assert pair.last()["builder"]["f"] == 10
        pair.clear()
        await ours.load_markets()
        assert pair.actions() == []
        await ours.create_order(SYMBOL, "limit", "buy", 0.001, 59000)
        await ours.set_leverage(5, SYMBOL)
        assert [action["type"] for action in pair.actions()] == ["order", "updateLeverage"]
        assert set(pair.actions()[0]) == {"type", "orders", "grouping"}
        assert signer(pair.bodies()[0]) == config["walletAddress"], "the signed bytes are those, without a builder"
    finally:
        await theirs.close()
        await ours.close()


async def test_builder_fee_off_still_attaches_ccxt_s_builder(pair: Pair) -> None:
    config = {
        **pair.venue.adapter.credentials("alice", kind="master"),
        "urls": pair.venue.config()["urls"],
        "options": {"builderFee": False},
    }
    theirs, ours = CCXT(config), ccxt_dex.hyperliquid(config)
    try:
        await theirs.load_markets()
        with contextlib.suppress(errors.BaseError):
            await theirs.create_order(SYMBOL, "limit", "buy", 0.001, 59000)
        assert pair.actions()[0]["maxFeeRate"] == "0%" and pair.last()["builder"]["f"] == 0
        await ours.create_order(SYMBOL, "limit", "buy", 0.001, 59000)
        assert "builder" not in pair.last()
    finally:
        await theirs.close()
        await ours.close()


async def test_a_builder_that_the_user_sets_is_attached_and_signed(pair: Pair) -> None:
    builder = "0x" + "Ab" * 20
    await pair.ours.approve_builder_fee(builder, "0.01%")
    assert pair.last()["type"] == "approveBuilderFee"
    pair.ours.options.update(builder=builder, feeInt=10)
    order = await pair.ours.create_order(SYMBOL, "limit", "buy", 0.001, 59000)
    assert order["status"] == "open" and pair.last()["builder"] == {"b": builder.lower(), "f": 10}
    assert signer(pair.bodies()[-1]) == pair.ours.walletAddress
    pair.ours.options["feeInt"] = None
    with pytest.raises(errors.ArgumentsRequired):
        await pair.ours.create_order(SYMBOL, "limit", "buy", 0.001, 59000)


# --- 3: keys -------------------------------------------------------------------------------------------------------------------------------


async def test_an_api_wallet_trades_and_the_account_s_key_moves_money(pair: Pair) -> None:
    urls = {"urls": pair.venue.config()["urls"]}
    alone = pair.venue.adapter.credentials("alice", kind="agent-only")
    theirs, ours = CCXT(quiet({**alone, **urls})), ccxt_dex.hyperliquid({**alone, **urls})
    both = ccxt_dex.hyperliquid({**pair.venue.adapter.credentials("alice", kind="agent"), **urls})
    theirs.handle_builder_fee_approval = done
    try:
        assert (await ours.create_order(SYMBOL, "limit", "buy", 0.001, 59000))["status"] == "open"
        await theirs.load_markets()
        with pytest.raises(errors.InvalidOrder, match="does not exist"):  # the venue's riddle
            await theirs.transfer("USDC", 5, "swap", "spot")
        pair.clear()
        with pytest.raises(errors.AuthenticationError, match="only the account's own key"):
            await ours.transfer("USDC", 5, "swap", "spot")
        assert pair.actions() == [], "it is told before anything is sent"
        assert (await both.transfer("USDC", 5, "swap", "spot"))["status"] == "ok"
        assert (await both.create_order(SYMBOL, "limit", "buy", 0.001, 59000))["status"] == "open"
    finally:
        for ex in (theirs, ours, both):
            await ex.close()


async def test_an_api_wallet_s_address_as_account_is_named(pair: Pair) -> None:
    config = pair.venue.adapter.credentials("alice", kind="agent-only")
    address = Account.from_key(config["privateKey"]).address
    wrong = {"privateKey": config["privateKey"], "walletAddress": address, "urls": pair.venue.config()["urls"]}
    theirs, ours = CCXT(quiet(wrong)), ccxt_dex.hyperliquid(wrong)
    theirs.handle_builder_fee_approval = done
    try:
        assert (await theirs.fetch_balance())["USDC"]["total"] == 0, "ccxt's class reads the wrong account in silence"
        with pytest.raises(errors.AuthenticationError, match=r"API wallet .* set walletAddress"):
            await ours.fetch_balance()
        with pytest.raises(errors.AuthenticationError, match="API wallet"):
            await ours.create_order(SYMBOL, "limit", "buy", 0.001, 59000)
    finally:
        await theirs.close()
        await ours.close()


async def test_a_key_that_is_nobody_s_is_an_authentication_error(pair: Pair) -> None:
    wrong = {**pair.venue.adapter.credentials("alice", kind="master"), **pair.venue.wrong_key(), "urls": pair.venue.config()["urls"]}
    del wrong["secret"]
    theirs, ours = CCXT(quiet(wrong)), ccxt_dex.hyperliquid({**wrong, "options": {"checkRole": False}})
    theirs.handle_builder_fee_approval = done
    try:
        await theirs.load_markets()
        with pytest.raises(errors.InvalidOrder):
            await theirs.create_order(SYMBOL, "limit", "buy", 0.001, 59000)
        with pytest.raises(errors.AuthenticationError, match="recovered from the signature"):
            await ours.create_order(SYMBOL, "limit", "buy", 0.001, 59000)
    finally:
        await theirs.close()
        await ours.close()


# --- 4, 5: dexes and closed positions --------------------------------------------------------------------------------------------------------


async def test_positions_and_orders_of_all_dexes(pair: Pair) -> None:
    await pair.ours.create_order(HIP3, "market", "buy", 0.1)
    await pair.ours.create_order(SYMBOL, "market", "buy", 0.001)
    resting = [
        await pair.ours.create_order(symbol, "limit", "buy", size, price)
        for symbol, size, price in ((HIP3, 0.1, 390), (SYMBOL, 0.001, 59000))
    ]
    assert {row["symbol"] for row in await pair.theirs.fetch_positions()} == {SYMBOL}
    assert {row["symbol"] for row in await pair.ours.fetch_positions()} == {SYMBOL, HIP3}
    assert {row["symbol"] for row in await pair.theirs.fetch_open_orders()} == {SYMBOL}
    assert {row["id"] for row in await pair.ours.fetch_open_orders()} == {row["id"] for row in resting}
    with pytest.raises(errors.NotSupported):
        await pair.theirs.fetch_positions([SYMBOL, HIP3])
    assert len(await pair.ours.fetch_positions([SYMBOL, HIP3])) == 2
    with pytest.raises(errors.NotSupported):
        await pair.theirs.fetch_funding_rates([SYMBOL, HIP3])
    assert set(await pair.ours.fetch_funding_rates([SYMBOL, HIP3])) == {SYMBOL, HIP3}


async def test_the_balance_is_that_of_all_dexes(pair: Pair) -> None:
    for ex, all_of_them in ((pair.theirs, False), (pair.ours, True)):
        await ex.load_markets()
        pair.clear()
        await ex.fetch_balance()
        queries = [json.loads(request.body) for request in pair.venue.requests() if request.path == "/info"]
        asked = {query.get("dex") or "" for query in queries if query["type"] == "clearinghouseState"}
        assert ("" in asked and "xyz" in asked) is all_of_them
    pair.clear()
    for ex, kind in ((pair.theirs, "clearinghouseState"), (pair.ours, "allDexsClearinghouseState")):
        await asyncio.wait_for(ex.watch_balance(), 5)
        assert pair.sent_to_socket()[-1]["subscription"]["type"] == kind


async def test_streams_of_two_accounts_are_not_mixed_up(pair: Pair) -> None:
    """ccxt's class subscribes once, whoever is asked for: the second account's positions are the first one's."""
    bob = pair.venue.config("bob")["walletAddress"]
    await pair.ours.create_order(SYMBOL, "market", "buy", 0.001)
    assert [row["contracts"] for row in await asyncio.wait_for(pair.theirs.watch_positions(), 5)] == [0.001]
    waiting = asyncio.ensure_future(pair.theirs.watch_positions(None, None, None, {"user": bob}))
    await pair.ours.create_order(SYMBOL, "market", "buy", 0.001)
    assert [row["contracts"] for row in await asyncio.wait_for(waiting, 5)] == [0.002], "bob has no position"
    await asyncio.wait_for(pair.ours.watch_positions(), 5)
    with pytest.raises(errors.NotSupported, match="make another"):
        await pair.ours.watch_positions(None, None, None, {"user": bob})


async def test_more_than_ten_dexes_are_loaded(pair: Pair) -> None:
    assert pair.theirs.options["fetchMarkets"]["hip3"]["limit"] == 10
    assert pair.ours.options["fetchMarkets"]["hip3"]["limit"] > 100


@pytest.mark.parametrize("mine", [False, True])
async def test_streams_of_the_account_see_all_dexes_and_closed_positions(pair: Pair, mine: bool) -> None:
    ex = pair.ours if mine else pair.theirs
    await pair.ours.load_markets()
    await pair.ours.create_order(HIP3, "market", "buy", 0.1)
    await pair.ours.create_order(SYMBOL, "market", "buy", 0.001)
    if not mine:
        rows = await asyncio.wait_for(ex.watch_positions(), 5)
        assert {row["symbol"] for row in rows} == {SYMBOL}
        waiting = asyncio.ensure_future(ex.watch_positions([SYMBOL]))
        await asyncio.sleep(0)
        await pair.ours.close_position(SYMBOL)
        assert not [row for row in await after(0.7, waiting) or [] if row["contracts"] == 0], "a close is never told"
        return
    rows = await asyncio.wait_for(ex.watch_positions(), 5)
    assert {row["symbol"] for row in rows} == {SYMBOL, HIP3}
    waiting = asyncio.ensure_future(ex.watch_positions([SYMBOL]))
    await pair.ours.close_position(SYMBOL)
    while True:
        rows = await asyncio.wait_for(waiting, 5)
        if rows[0]["contracts"] == 0:
            break
        waiting = asyncio.ensure_future(ex.watch_positions([SYMBOL]))
    assert [row["symbol"] for row in rows] == [SYMBOL]


# --- 8, 9: missing methods and market data ----------------------------------------------------------------------------------------------------------


MISSING = (
    "cancelAllOrders fetchLeverage fetchLeverageTiers fetchMarketLeverageTiers closePosition closeAllPositions watchBidsAsks watchMarkPrice watchMarkPrices "
    "watchFundingRate watchFundingRates fetchTransfers fetchTradingFees fetchAccounts fetchOrderTrades fetchPositionMode watchTradesForSymbols fetchMarginMode"
).split()


def test_methods_that_ccxt_s_class_has_not() -> None:
    theirs, ours = CCXT(), ccxt_dex.hyperliquid()
    assert [name for name in MISSING if theirs.has.get(name)] == []
    assert [name for name in MISSING if ours.has.get(name) is not True] == []


async def test_public_trades_are_the_market_s(pair: Pair) -> None:
    await pair.theirs.load_markets()
    assert await pair.theirs.fetch_trades(SYMBOL) == [], "its own fills, of which there are none"
    rows = await pair.ours.fetch_trades(SYMBOL)
    assert rows and all(row["symbol"] == SYMBOL and row["side"] in ("buy", "sell") for row in rows)


async def test_a_ticker_has_real_prices(pair: Pair) -> None:
    bid, ask = (float(price) for price in pair.venue.engine.best("BTC"))
    theirs, ours = await pair.theirs.fetch_ticker(SYMBOL), await pair.ours.fetch_ticker(SYMBOL)
    assert (theirs["bid"], theirs["ask"]) != (bid, ask) and theirs["markPrice"] is None and theirs["baseVolume"] is None
    assert (ours["bid"], ours["ask"]) == (bid, ask) and ours["markPrice"] and ours["indexPrice"] and ours["baseVolume"]
    many = (await pair.ours.fetch_tickers([SYMBOL]))[SYMBOL]
    assert many["bid"] is None and many["markPrice"] == float(pair.venue.engine.mark("BTC"))


async def test_average_and_fee_of_a_filled_order(pair: Pair) -> None:
    placed = await pair.ours.create_order(SYMBOL, "market", "buy", 0.001)
    theirs, ours = await pair.theirs.fetch_order(placed["id"], SYMBOL), await pair.ours.fetch_order(placed["id"], SYMBOL)
    touch = float(pair.venue.engine.fills("alice")[0].price)
    assert theirs["average"] != touch and (theirs["fee"] or {}).get("cost") is None
    assert ours["average"] == touch and ours["fee"]["cost"] == pytest.approx(touch * 0.001 * 0.00045)


async def test_streamed_orders_have_type_and_flags_and_trades_their_fee(pair: Pair) -> None:
    for ex, known in ((pair.theirs, False), (pair.ours, True)):
        await ex.load_markets()
        orders, trades = asyncio.ensure_future(ex.watch_orders(SYMBOL)), asyncio.ensure_future(ex.watch_my_trades(SYMBOL))
        while not pair.venue.subscribed(2 if not known else 4):
            await asyncio.sleep(0.01)
        await pair.ours.create_order(SYMBOL, "limit", "buy", 0.001, 61000, {"timeInForce": "IOC"})
        row, trade = (await asyncio.wait_for(orders, 5))[-1], (await asyncio.wait_for(trades, 5))[-1]
        assert (row["type"] == "limit" and row["timeInForce"] == "IOC") is known
        assert (trade["takerOrMaker"] == "taker") is known


def test_statuses_and_types() -> None:
    theirs, ours = CCXT(), ccxt_dex.hyperliquid()
    for raw, status in (("scheduledCancel", "canceled"), ("internalCancel", "canceled")):
        assert theirs.parse_order_status(raw) == raw and ours.parse_order_status(raw) == status
    assert theirs.parse_order_type("take profit market") == "take profit market" and ours.parse_order_type("take profit market") == "market"


def test_weights_of_the_documentation() -> None:
    theirs, ours = CCXT(), ccxt_dex.hyperliquid()
    config = theirs.describe()["api"]["public"]["post"]["info"]
    query = {"type": "frontendOpenOrders"}
    assert theirs.calculate_rate_limiter_cost(["public"], "POST", "info", query, config) == 10
    assert ours.calculate_rate_limiter_cost(["public"], "POST", "info", query, config) == 20
    batch = {"action": {"orders": [0] * 120}}
    assert ours.calculate_rate_limiter_cost(["private"], "POST", "exchange", batch, {}) == 4


def test_a_signature_is_quick() -> None:
    """Most of ccxt's time goes into encoding constants again."""
    key = "0x0123456789012345678901234567890123456789012345678901234567890123"
    action = {"type": "cancel", "cancels": [{"a": 4, "o": 77738308}]}
    spent = []
    for ex in (CCXT({"privateKey": key}), ccxt_dex.hyperliquid({"privateKey": key, "walletAddress": Account.from_key(key).address})):
        assert ex.sign_l1_action(action, 1700000000000)["v"] in (27, 28)
        runs = []
        for nonce in range(1700000000000, 1700000000010):
            started = time.process_time()
            ex.sign_l1_action(action, nonce)
            runs.append(time.process_time() - started)
        spent.append(min(runs))
    assert spent[1] < 0.0004 and spent[0] > 3 * spent[1], spent


def test_a_small_nonce_is_packed_right() -> None:
    """ccxt pads the nonce with the text '00000', which fits eleven hexadecimal digits only."""
    from ccxt_dex.exchanges.hyperliquid import signing

    action = {"type": "noop"}
    key = "0x0123456789012345678901234567890123456789012345678901234567890123"
    theirs = CCXT({"privateKey": key})
    assert theirs.action_hash(action, None, 1700000000000) == signing.connection_id(action, 1700000000000)
    with pytest.raises(Exception):  # noqa: B017
        assert theirs.action_hash(action, None, 1000) == signing.connection_id(action, 1000)


async def test_where_ccxt_is_right_the_same_is_sent(pair: Pair) -> None:
    cases: list[tuple[str, tuple[Any, ...]]] = [
        ("create_order", (SYMBOL, "limit", "buy", 0.001, 59000, {"clientOrderId": "0x" + "2" * 32})),
        ("create_order", (HIP3, "limit", "sell", 0.1, 410, {"clientOrderId": "0x" + "3" * 32, "postOnly": True})),
        ("create_order", (SYMBOL, "market", "buy", 0.001, 60000, {"clientOrderId": "0x" + "4" * 32})),
        (
            "create_order",
            (SYMBOL, "limit", "sell", 0.001, 57900, {"clientOrderId": "0x" + "5" * 32, "stopLossPrice": 58000, "reduceOnly": True}),
        ),
        ("cancel_order", ("123", SYMBOL)),
        ("cancel_orders", (["123", "124"], SYMBOL)),
        ("set_leverage", (7, SYMBOL, {"marginMode": "cross"})),
        ("add_margin", (SYMBOL, 5)),
    ]
    await pair.theirs.load_markets()
    for name, arguments in cases:
        sent = []
        for ex in (pair.theirs, pair.ours):
            with contextlib.suppress(errors.BaseError):
                await getattr(ex, name)(*arguments)
            sent.append(pair.last())
        assert sent[0] == sent[1] and list(sent[0]) == list(sent[1]), name
