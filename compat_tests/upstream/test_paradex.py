"""ccxt 4.5.90's own paradex class and ours, side by side: each fault shown on theirs, cured on ours."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import ccxt.pro
import pytest

from ccxt_dex import paper
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.paradex import paradex
from ccxt_dex.exchanges.paradex.paper.identity import CONFIG

KEY, ADDRESS = (
    "0x543b6cf6c91817a87174aaea4fb370ac1c694e864d7740d728f8344d53e815",
    "0x129c135ed63df9353885e292be4426b8ed6122b13c6c0e1bb787288a1f5adfa",
)
SYMBOL = "ETH/USD:USDC"
# composed after the sample of OpenAPI 1.132.1
PERP: dict[str, Any] = {
    "symbol": "ETH-USD-PERP",
    "base_currency": "ETH",
    "quote_currency": "USD",
    "settlement_currency": "USDC",
    "order_size_increment": "0.001",
    "price_tick_size": "0.05",
    "min_notional": "3",
    "open_at": 0,
    "expiry_at": 0,
    "asset_kind": "PERP",
    "max_order_size": "100",
    "funding_period_hours": 8,
    "delta1_cross_margin_params": {"imf_base": "0.02", "imf_factor": "0", "imf_shift": "0", "mmf_factor": "0.5"},
    "trading_mode": "STANDARD",
}
SPOT = {**PERP, "symbol": "ETH-USD", "asset_kind": "SPOT"}
FUTURE = {**PERP, "symbol": "ETH-USD-25DEC26", "asset_kind": "FUTURE", "expiry_at": 1_798_156_800_000}
ROW = {
    "id": "1",
    "market": "ETH-USD-PERP",
    "side": "SELL",
    "type": "LIMIT",
    "size": "0.1",
    "remaining_size": "0.1",
    "price": "1500",
    "status": "OPEN",
    "client_id": "c",
    "instruction": "GTC",
    "flags": [],
    "created_at": 1700000000000,
    "last_updated_at": 1700000000000,
}


class Recorder:
    """Answers what a client asks and keeps the requests."""

    def __init__(self, exchange: Any, markets: list[dict[str, Any]]) -> None:
        self.exchange, self.markets = exchange, markets
        self.sent: list[tuple[str, str, dict[str, str], Any]] = []
        self.answers: dict[str, Any] = {}
        exchange.fetch = self.fetch

    async def fetch(self, url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        self.sent.append((method, url, dict(headers or {}), json.loads(body) if body else None))
        path = url.split("/v1/", 1)[1].split("?")[0]
        if path in self.answers:
            return self.answers[path]
        if path.startswith("auth"):
            return {"jwt_token": "eyJh.e30.x"}
        known = {
            "system/config": CONFIG,
            "markets": {"results": self.markets},
            "orders/1": ROW,
            "balance": {"results": [{"token": "USDC", "size": "7"}]},
        }
        return known.get(path, {**ROW, "results": []})

    def bodies(self, path: str) -> list[Any]:
        return [body for _, url, _, body in self.sent if url.split("?")[0].endswith(path)]


def recorded(cls: Any, *markets: dict[str, Any]) -> tuple[Any, Recorder]:
    ours = cls is paradex
    account = {"privateKey": KEY, "walletAddress": ADDRESS} if ours else {}
    options = {"tokenStore": False} if ours else {"paradexAccount": {"privateKey": KEY, "address": ADDRESS}}
    exchange = cls({**account, "options": options, "enableRateLimit": False})
    if ours:
        exchange.session_manager.invalidate()  # sessions are shared by all instances of an account in the process
    return exchange, Recorder(exchange, list(markets or (PERP,)))


@pytest.fixture
async def both() -> Any:
    pair = recorded(ccxt.pro.paradex), recorded(paradex)
    yield pair
    for exchange, _ in pair:
        await exchange.close()


async def closing(*exchanges: Any) -> None:
    for exchange in exchanges:
        await exchange.close()


@pytest.mark.parametrize("other", [SPOT, FUTURE], ids=["spot", "future"])
async def test_another_kind_of_market_takes_the_perpetuals_place(other: dict[str, Any]) -> None:
    (theirs, _), (ours, _) = recorded(ccxt.pro.paradex, PERP, other), recorded(paradex, PERP, other)
    try:
        await theirs.load_markets()
        await ours.load_markets()
        assert theirs.market(SYMBOL)["id"] == other["symbol"], "an order for the perpetual would go there"
        assert ours.market(SYMBOL)["id"] == "ETH-USD-PERP"
        if other is SPOT:
            assert ours.market("ETH/USD")["spot"] is True and ours.market("ETH/USD")["id"] == "ETH-USD"
        else:
            assert list(ours.markets) == [SYMBOL]
    finally:
        await closing(theirs, ours)


async def test_markets_that_say_whether_they_trade_and_how_much_leverage_they_give(both: Any) -> None:
    (theirs, _), (ours, _) = both
    await theirs.load_markets()
    await ours.load_markets()
    assert theirs.market(SYMBOL)["active"] is None and theirs.market(SYMBOL)["limits"]["leverage"]["max"] is None
    assert ours.market(SYMBOL)["active"] is True and ours.market(SYMBOL)["limits"]["leverage"]["max"] == 50


async def test_nobody_is_named_as_partner(both: Any) -> None:
    (theirs, seen_theirs), (ours, seen_ours) = both
    for exchange in (theirs, ours):
        await exchange.create_order(SYMBOL, "limit", "sell", 0.1, 1500)
    assert {headers["PARADEX-PARTNER"] for _, _, headers, _ in seen_theirs.sent if "PARADEX-PARTNER" in headers} == {"CCXT"}
    assert not [headers for _, _, headers, _ in seen_ours.sent if "PARADEX-PARTNER" in headers]
    ours.options["broker"] = "me"
    await ours.fetch_open_orders(SYMBOL)
    assert seen_ours.sent[-1][2]["PARADEX-PARTNER"] == "me"


async def test_a_subkey_logs_in_by_its_own_url(both: Any) -> None:
    (theirs, seen_theirs), (ours, seen_ours) = both
    await theirs.fetch_open_orders(SYMBOL)
    await ours.fetch_open_orders(SYMBOL)
    logins = [[url.rsplit("/v1", 1)[1] for _, url, _, _ in seen.sent if "/auth" in url] for seen in (seen_theirs, seen_ours)]
    assert logins == [["/auth"], ["/auth/0x2c144d2f2d4fc61b6f8967f3ba0012a87d90140bcfe5a3e92e8df83258c960f"]]


@pytest.mark.parametrize(("trigger", "wire_type"), [("stopLossPrice", "STOP_LOSS_MARKET"), ("takeProfitPrice", "TAKE_PROFIT_MARKET")])
async def test_exits_keep_their_size(both: Any, trigger: str, wire_type: str) -> None:
    (theirs, seen_theirs), (ours, seen_ours) = both
    for exchange in (theirs, ours):
        await exchange.create_order(SYMBOL, "market", "sell", 0.1, None, {trigger: 1400})
    (lost,), (kept,) = seen_theirs.bodies("/orders"), seen_ours.bodies("/orders")
    assert (lost["type"], lost["size"]) == (wire_type, "0") and (kept["type"], kept["size"]) == (wire_type, "0.1")
    assert kept["flags"] == ["REDUCE_ONLY"] and kept["trigger_price"] == "1400"


async def test_two_equal_orders_of_one_second_are_two_orders(both: Any) -> None:
    (theirs, seen_theirs), (ours, seen_ours) = both
    stamps = []
    theirs.seconds = lambda: 1_700_000_000  # one and the same second, however slow the machine
    for exchange, seen in ((theirs, seen_theirs), (ours, seen_ours)):
        for _ in range(3):
            await exchange.create_order(SYMBOL, "limit", "sell", 0.1, 1500)
        stamps.append([body["signature_timestamp"] for body in seen.bodies("/orders")])
    assert stamps[0] == [1_700_000_000_000] * 3
    assert len(set(stamps[1])) == 3 and stamps[1] == sorted(stamps[1])


async def test_fill_or_kill_is_not_turned_into_a_resting_order(both: Any) -> None:
    (theirs, seen), (ours, seen_ours) = both
    await theirs.create_order(SYMBOL, "limit", "sell", 0.1, 1500, {"timeInForce": "FOK"})
    assert seen.bodies("/orders")[0]["instruction"] == "GTC"
    with pytest.raises(errors.NotSupported):
        await ours.create_order(SYMBOL, "limit", "sell", 0.1, 1500, {"timeInForce": "FOK"})
    assert seen_ours.bodies("/orders") == []


async def test_numbers_off_the_grid_are_not_rounded(both: Any) -> None:
    (theirs, seen), (ours, seen_ours) = both
    await theirs.create_order(SYMBOL, "limit", "sell", 0.1239, 1500.03)
    assert (seen.bodies("/orders")[0]["size"], seen.bodies("/orders")[0]["price"]) == ("0.123", "1500.05")
    for amount, price in ((0.1239, 1500), (0.1, 1500.03)):
        with pytest.raises(errors.InvalidOrder):
            await ours.create_order(SYMBOL, "limit", "sell", amount, price)
    assert seen_ours.bodies("/orders") == []


async def test_the_limit_of_a_book_is_asked_for(both: Any) -> None:
    (theirs, seen_theirs), (ours, seen_ours) = both
    for exchange, seen in ((theirs, seen_theirs), (ours, seen_ours)):
        seen.answers["orderbook/ETH-USD-PERP"] = {"bids": [], "asks": [], "last_updated_at": 1, "seq_no": 1}
        await exchange.fetch_order_book(SYMBOL, 5)
    assert "depth=5" not in seen_theirs.sent[-1][1] and "depth=5" in seen_ours.sent[-1][1]


async def test_orders_as_they_come_back(both: Any) -> None:
    (theirs, _), (ours, _) = both
    await theirs.load_markets()
    await ours.load_markets()
    stop = {**ROW, "type": "STOP_LOSS_MARKET"}
    assert (theirs.parse_order(stop)["type"], ours.parse_order(stop)["type"]) == ("STOP_LOSS_MARKET", "market")
    done = {**ROW, "status": "CLOSED", "remaining_size": "0", "avg_fill_price": "1500", "cancel_reason": "FULLY_FILLED"}
    assert (theirs.parse_order(done)["status"], ours.parse_order(done)["status"]) == ("canceled", "closed")
    assert (theirs.parse_order(done)["filled"], ours.parse_order(done)["filled"]) != (0.1, 0.1) and ours.parse_order(done)["filled"] == 0.1


async def test_a_balance_tells_what_is_free(both: Any) -> None:
    (theirs, _), (ours, seen) = both
    seen.answers["account"] = {"account_value": "7", "free_collateral": "5", "initial_margin_requirement": "2", "settlement_asset": "USDC"}
    assert (await theirs.fetch_balance())["USDC"]["free"] is None
    found = (await ours.fetch_balance())["USDC"]
    assert (found["total"], found["free"], found["used"]) == (7, 5, 2)


async def test_leverage_and_margin_mode_leave_each_other_alone(both: Any) -> None:
    posted = []
    for exchange, seen in both:
        config = {"market": "ETH-USD-PERP", "leverage": 7, "margin_type": "ISOLATED", "isolated_margin_leverage": 7}
        seen.answers["account/margin"] = {"configs": [config]}
        await exchange.set_leverage(9, SYMBOL)
        await exchange.set_margin_mode("cross", SYMBOL)
        posted.append([(body["leverage"], body["margin_type"]) for body in seen.bodies("/account/margin/ETH-USD-PERP")])
    assert posted == [[(9, "CROSS"), (1, "CROSS")], [(9, "ISOLATED"), (7, "CROSS")]]


async def test_cancel_all_without_a_symbol_and_cancels_by_client_id(both: Any) -> None:
    (theirs, seen_theirs), (ours, seen_ours) = both
    with pytest.raises(errors.ArgumentsRequired):
        await theirs.cancel_all_orders()
    assert await ours.cancel_all_orders() == []
    await theirs.load_markets()
    seen_ours.answers["orders/by_client_id/c"] = {**ROW, "status": "CLOSED", "cancel_reason": "USER_CANCELED"}
    await theirs.cancel_order("", SYMBOL, {"clientOrderId": "c"})
    await ours.cancel_order("", SYMBOL, {"clientOrderId": "c"})
    sent = [
        next(url for method, url, _, _ in seen.sent if method == "DELETE" and "by_client_id" in url) for seen in (seen_theirs, seen_ours)
    ]
    assert sent[0].endswith("/orders/by_client_id/c?clientOrderId=c") and sent[1].endswith("/orders/by_client_id/c?market=ETH-USD-PERP")


@pytest.mark.parametrize(
    ("code", "text", "theirs_says", "ours_says"),
    [
        ("VALIDATION_ERROR", "price is invalid", errors.AuthenticationError, errors.InvalidOrder),
        ("ORDER_ID_NOT_FOUND", "", errors.InvalidOrder, errors.OrderNotFound),
        ("CLIENT_ORDER_ID_NOT_FOUND", "", errors.InvalidOrder, errors.OrderNotFound),
        ("DUPLICATED_CLIENT_ID", "", errors.InvalidOrder, errors.DuplicateOrderId),
        ("MARKET_NOT_FOUND", "", errors.BadRequest, errors.BadSymbol),
        ("MARKET_NOT_OPEN", "", errors.BadRequest, errors.MarketClosed),
        ("INVALID_TOKEN", "", errors.OperationRejected, errors.AuthenticationError),
        ("UNAUTHORIZED_ERROR", "", errors.ExchangeError, errors.AuthenticationError),
        ("SERVICE_UNAVAILABLE", "", errors.ExchangeError, errors.ExchangeNotAvailable),
        ("IP_NOT_ALLOWED", "", errors.ExchangeError, errors.PermissionDenied),
        ("INVALID_ORDER_SIZE", "", errors.ExchangeError, errors.InvalidOrder),
    ],
)
async def test_errors(both: Any, code: str, text: str, theirs_says: type[Exception], ours_says: type[Exception]) -> None:
    raised = []
    for exchange, _ in both:
        answer = {"error": code, "message": text}
        with pytest.raises(errors.BaseError) as caught:
            exchange.handle_errors(400, "Bad Request", "", "POST", {}, json.dumps(answer), answer, {}, "")
        raised.append(type(caught.value))
    assert raised == [theirs_says, ours_says]


async def test_secrets_do_not_stay_in_the_options(both: Any) -> None:
    (theirs, _), _ = both
    await theirs.fetch_open_orders(SYMBOL)
    assert theirs.options["paradexAccount"]["privateKey"] == KEY and theirs.options["authToken"]
    ours = paradex({"options": {"paradexAccount": {"privateKey": KEY, "address": ADDRESS}, "tokenStore": False}})
    recorder = Recorder(ours, [PERP])
    try:
        await ours.fetch_open_orders(SYMBOL)
        assert recorder.sent and ours.privateKey == KEY and KEY not in repr(ours.options) and "eyJh" not in repr(ours.options)
    finally:
        await ours.close()


async def test_an_order_costs_a_fraction_of_the_time(both: Any) -> None:
    best = []
    for exchange, _ in both:
        await exchange.create_order(SYMBOL, "limit", "sell", 0.1, 1500)
        times = []
        for _ in range(8):
            started = time.process_time()
            await exchange.create_order(SYMBOL, "limit", "sell", 0.1, 1500)
            times.append(time.process_time() - started)
        best.append(min(times))
    assert best[0] > 5 * best[1], best


async def test_json_is_asked_for_unless_binary_is(both: Any) -> None:
    (theirs, _), (ours, _) = both
    assert "sbeSchemaId" in theirs.get_ws_url() and "sbeSchemaId" not in ours.get_ws_url()
    ours.options["sbe"] = True
    assert ours.get_ws_url() == theirs.get_ws_url()


async def test_a_second_subscription_does_not_end_the_others() -> None:
    """ccxt's class asks for the channel of all markets again, the answer is an error, and its receive loop dies of it."""
    async with paper.start("paradex", seed=7) as venue:
        config = venue.config()
        theirs: Any = ccxt.pro.paradex({"options": {"sbe": False}})
        theirs.urls["api"].update(config["urls"]["api"])
        ours = paradex({**config, "options": {"tokenStore": False}})
        eth, btc = "ETH/USD:USDC", "BTC/USD:USDC"
        try:
            await theirs.load_markets()
            # the spot market and the dated future have taken ETH's place on theirs, SOL is there on both
            await asyncio.wait_for(theirs.watch_tickers([btc]), 5)
            with pytest.raises(Exception):  # noqa: B017
                for _ in range(5):
                    await asyncio.wait_for(asyncio.gather(theirs.watch_tickers(["SOL/USD:USDC"]), theirs.watch_tickers([btc])), 3)
            await asyncio.wait_for(ours.watch_tickers([btc]), 5)
            for _ in range(3):
                assert set(await asyncio.wait_for(ours.watch_tickers([eth]), 5)) == {eth}
                assert set(await asyncio.wait_for(ours.watch_tickers([btc]), 5)) == {btc}
            with pytest.raises(errors.BadRequest):
                await asyncio.wait_for(ours.listen("nobody", "no.such.channel"), 5)
            assert set(await asyncio.wait_for(ours.watch_tickers([btc]), 5)) == {btc}, "the refusal concerned that one channel"
        finally:
            await closing(theirs, ours)


async def linked(venue: Any, channel: str) -> Any:
    """The connection on which a channel is subscribed."""
    while True:
        found = [
            socket for socket in venue.server.connections if any(channel in str(key) for key in socket.subscriptions) and not socket.lost
        ]
        if found:
            return found[0]
        await asyncio.sleep(0.005)


@pytest.mark.parametrize("which", ["theirs", "ours"])
async def test_what_ended_during_a_lost_connection_is_told(which: str) -> None:
    """The channels of the account begin with no snapshot: what ccxt's class missed it never hears of."""
    symbol = "BTC/USD:USDC"
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
    async with paper.start("paradex", seed=7) as venue:
        config = venue.config()
        account = {"privateKey": config["privateKey"], "address": config["walletAddress"]}
        ours = {**config, "options": {"tokenStore": False}}
        ex: Any = ccxt.pro.paradex({"options": {"paradexAccount": account, "sbe": False}}) if which == "theirs" else paradex(ours)
        ex.urls["api"].update(config["urls"]["api"])
        other = paradex(ours)
        try:
            await ex.load_markets()
            waiting = [asyncio.ensure_future(ex.watch_orders()), asyncio.ensure_future(ex.watch_my_trades())]
            for channel in ("orders", "fills"):
                await asyncio.wait_for(linked(venue, channel), 10)
            low = float(int((await other.fetch_order_book(symbol))["bids"][0][0] * 0.98))
            resting = await other.create_order(symbol, "limit", "buy", 0.01, low)
            while resting["id"] not in {row["id"] for row in await asyncio.wait_for(waiting[0], 10) if row["status"] == "open"}:
                waiting[0] = asyncio.ensure_future(ex.watch_orders())
            waiting[0] = asyncio.ensure_future(ex.watch_orders())
            await asyncio.sleep(0)
            path = (await linked(venue, "orders")).path
            await venue.fault({"kind": "refuse_connect", "match": path, "count": 1000})
            await venue.fault({"kind": "drop_ws", "match": path})
            await other.cancel_order(resting["id"])
            taken = await other.create_order(symbol, "market", "buy", 0.01)
            if which == "theirs":
                assert all(isinstance(each, errors.NetworkError) for each in await asyncio.gather(*waiting, return_exceptions=True))
            await venue.clear_faults()
            if which == "theirs":
                again = [asyncio.ensure_future(ex.watch_orders()), asyncio.ensure_future(ex.watch_my_trades())]
                await asyncio.wait_for(linked(venue, "fills"), 10)
                _, pending = await asyncio.wait(again, timeout=1)
                for task in again:
                    task.cancel()
                await asyncio.gather(*again, return_exceptions=True)
                assert len(pending) == 2 and not ex.myTrades
                assert {row["id"]: row["status"] for row in ex.orders} == {resting["id"]: "open"}, "it is cancelled"
                return
            await asyncio.wait_for(asyncio.gather(*waiting), 15)
            assert {row["id"]: row["status"] for row in ex.orders}[resting["id"]] == "canceled"
            assert [(row["order"], row["amount"]) for row in ex.myTrades] == [(taken["id"], 0.01)]
        finally:
            await closing(ex, other)


async def test_what_is_missing_is_there(both: Any) -> None:
    (theirs, _), (ours, _) = both
    names = """watchBidsAsks watchOHLCV watchTradesForSymbols unWatchOrderBook createOrderWs cancelOrderWs editOrderWs fetchBidsAsks
        fetchClosedOrders fetchLeverageTiers fetchAccounts createTwapOrder watchMarkPrice fetchOpenInterests""".split()
    assert [name for name in names if theirs.has.get(name) is True] == [] and [
        name for name in names if ours.has.get(name) is True
    ] == names
