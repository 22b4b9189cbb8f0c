"""ccxt 4.5.90's own lighter class and ours, side by side: each fault shown on theirs, cured on ours. No network, no native library."""

from __future__ import annotations

import json
from typing import Any

import ccxt.pro
import pytest

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.lighter import lighter, orders

CREDENTIALS = {"privateKey": "0x" + "11" * 40, "uid": "12345", "apiKey": "3"}
# shape of a recorded row (mainnet, 2026-05-05), fields that neither class reads left out
ROW = {
    "symbol": "ETH",
    "market_id": 0,
    "market_type": "perp",
    "status": "active",
    "taker_fee": "0.0000",
    "maker_fee": "0.0000",
    "min_base_amount": "0.0050",
    "min_quote_amount": "10.000000",
    "order_quote_limit": "281474976.710655",
    "size_decimals": 4,
    "price_decimals": 2,
    "quote_multiplier": 100,
    "default_initial_margin_fraction": 500,
    "min_initial_margin_fraction": 200,
    "maintenance_margin_fraction": 120,
    "last_trade_price": 2361.31,
    "open_interest": 27350.8981,
}
# composed after the documentation's example: an order of today, times in milliseconds
ORDER = {
    "order_id": "281476929510110",
    "client_order_id": "42",
    "market_index": 0,
    "initial_base_amount": "0.0050",
    "price": "2352.74",
    "remaining_base_amount": "0.0050",
    "is_ask": True,
    "filled_base_amount": "0.0000",
    "filled_quote_amount": "0.000000",
    "type": "limit",
    "time_in_force": "good-till-time",
    "reduce_only": False,
    "trigger_price": "0.00",
    "status": "open",
    "timestamp": 1777941383576,
    "created_at": 1777941383576,
    "updated_at": 1777941383576,
}
SYMBOL = "ETH/USDC:USDC"


def with_markets(exchange: Any) -> Any:
    async def details(*args: Any, **kwargs: Any) -> Any:
        return {"code": 200, "order_book_details": [dict(ROW)], "spot_order_book_details": []}

    async def assets(*args: Any, **kwargs: Any) -> Any:
        return {"code": 200, "asset_details": [{"asset_id": 3, "symbol": "USDC", "decimals": 6}]}

    exchange.publicGetOrderBookDetails = exchange.public_get_orderbookdetails = details
    exchange.publicGetAssetDetails = exchange.public_get_assetdetails = assets
    return exchange


@pytest.fixture
async def theirs() -> Any:
    exchange = with_markets(ccxt.pro.lighter())
    await exchange.load_markets()
    yield exchange
    await exchange.close()


@pytest.fixture
async def ours() -> Any:
    exchange = with_markets(lighter(CREDENTIALS))
    await exchange.load_markets()
    yield exchange
    await exchange.close()


def request_of_theirs(exchange: Any, kind: str, price: Any, **params: Any) -> Any:
    # without the fee, whose absence is a test of its own
    exchange.options.update(builderFee=False, accountIndex=12345, apiKeyIndex=7)
    return exchange.create_order_request(SYMBOL, kind, "sell", 0.1, price, params)


async def fields_of_ours(exchange: Any, kind: str, price: Any, **params: Any) -> orders.Plan:
    plan: orders.Plan = await exchange.plan(SYMBOL, kind, "sell", 0.1, price, params)
    return plan


async def test_an_api_key_is_enough(theirs: Any, ours: Any) -> None:
    theirs.privateKey = CREDENTIALS["privateKey"]
    with pytest.raises(errors.NotSupported, match="l1 private key"):
        await theirs.handle_account_index({}, "createOrder", "accountIndex", "account_index")
    assert await ours.identity() == (12345, 3)


async def test_an_ethereum_key_is_refused_by_name() -> None:
    exchange = lighter({**CREDENTIALS, "privateKey": "0x" + "22" * 32})
    with pytest.raises(errors.AuthenticationError, match="Ethereum key"):
        await exchange.identity()
    await exchange.close()


async def test_no_integrator_fee(theirs: Any, ours: Any) -> None:
    made = theirs.create_order_request(SYMBOL, "limit", "sell", 0.1, 3900, {"accountIndex": 12345, "apiKeyIndex": 7})[0]
    assert made["integrator_account_index"] == 718718 and made["integrator_taker_fee"] == 1000, "0.1 % of every order"
    plan = await fields_of_ours(ours, "limit", 3900)
    _, text = await ours.signed(plan, await ours.identity(), 1)
    assert json.loads(text)["L2TxAttributes"] == {"4": 1}
    assert not ours.options["builderFee"] and ours.options["integratorAccountIndex"] is None


async def test_low_key_indices(theirs: Any, ours: Any) -> None:
    assert theirs.handle_api_key_index({"apiKeyIndex": 3}, "createOrder", "apiKeyIndex", "api_key_index")[0] == 254
    assert (await ours.identity()).key_index == 3


async def test_gtc(theirs: Any, ours: Any) -> None:
    assert request_of_theirs(theirs, "limit", 3900, timeInForce="GTC")[0]["time_in_force"] is None, "ctypes.ArgumentError in the signer"
    assert (await fields_of_ours(ours, "limit", 3900, timeInForce="GTC")).fields["TimeInForce"] == 1


async def test_fok(theirs: Any, ours: Any) -> None:
    assert request_of_theirs(theirs, "limit", 3900, timeInForce="FOK")[0]["time_in_force"] is None
    with pytest.raises(errors.NotSupported):
        await fields_of_ours(ours, "limit", 3900, timeInForce="FOK")


async def test_market_order_without_a_price(theirs: Any, ours: Any) -> None:
    with pytest.raises(errors.ArgumentsRequired):
        request_of_theirs(theirs, "market", None)

    async def book(*args: Any, **kwargs: Any) -> Any:
        return {"bids": [[3899.99, 1.0]], "asks": [[3900.01, 1.0]]}

    ours.fetch_order_book = book
    plan = await fields_of_ours(ours, "market", None)
    assert plan.fields["Price"] == 370500, "3899.99 less five percent, up to the next cent"


@pytest.mark.parametrize("name", ["stopLossPrice", "takeProfitPrice"])
async def test_market_stop_and_take_profit(theirs: Any, ours: Any, name: str) -> None:
    assert request_of_theirs(theirs, "market", 3700, **{name: 3750})[0]["order_expiry"] == 0, "OrderExpiry is invalid, says the signer"
    assert (await fields_of_ours(ours, "market", None, **{name: 3750})).fields["OrderExpiry"] > 0


async def test_one_attached_exit(theirs: Any, ours: Any) -> None:
    made = request_of_theirs(theirs, "limit", 3900, stopLoss={"triggerPrice": 4000})
    assert len(made) == 2 and theirs.handle_option_integer_and_params({}, "createOrder", "groupingType", 3)[0] == 3, (
        "a group of three has two"
    )
    assert made[1]["order_type"] == 3, "a limit order, though nobody said so"
    plan = await fields_of_ours(ours, "limit", 3900, stopLoss={"triggerPrice": 4000})
    assert plan.fields["GroupingType"] == 1 and plan.fields["Orders"][1]["Type"] == 2


async def test_order_expiry_is_kept(theirs: Any, ours: Any) -> None:
    at = ours.milliseconds() + 3_600_000
    assert request_of_theirs(theirs, "limit", 3900, orderExpiry=at)[0]["order_expiry"] == -1
    assert (await fields_of_ours(ours, "limit", 3900, orderExpiry=at)).fields["OrderExpiry"] == at


async def test_client_ids_that_are_no_numbers(theirs: Any, ours: Any) -> None:
    assert request_of_theirs(theirs, "limit", 3900, clientOrderId="my-order")[0]["client_order_index"] > 0, "some random number"
    with pytest.raises(errors.InvalidOrder):
        await fields_of_ours(ours, "limit", 3900, clientOrderId="my-order")


async def test_amounts_off_the_step(theirs: Any, ours: Any) -> None:
    theirs.options["builderFee"] = False
    made = theirs.create_order_request(SYMBOL, "limit", "sell", 0.10009, 3900, {"accountIndex": 1, "apiKeyIndex": 7})[0]
    assert made["base_amount"] == 1000, "0.1, cut without a word"
    with pytest.raises(errors.InvalidOrder):
        await ours.plan(SYMBOL, "limit", "sell", 0.10009, 3900, {})


async def test_order_times(theirs: Any, ours: Any) -> None:
    assert theirs.parse_order(dict(ORDER))["timestamp"] == 1777941383576000, "the year 58311"
    assert ours.parse_order(dict(ORDER))["timestamp"] == 1777941383576


async def test_a_status_that_ccxt_forgot(theirs: Any, ours: Any) -> None:
    row = {**ORDER, "status": "canceled-invalid-balance"}
    assert theirs.parse_order(dict(row))["status"] == "canceled-invalid-balance"
    assert ours.parse_order(dict(row))["status"] == "rejected"


async def test_an_unknown_status_is_loud(theirs: Any, ours: Any) -> None:
    assert theirs.parse_order({**ORDER, "status": "half-open"})["status"] == "half-open"
    with pytest.raises(errors.BadResponse):
        ours.parse_order({**ORDER, "status": "half-open"})


async def test_position_leverage_and_contract_size(theirs: Any, ours: Any) -> None:
    row = {
        "market_id": 0,
        "initial_margin_fraction": "3.33",
        "sign": 1,
        "position": "1.0000",
        "position_value": "2350.00",
        "margin_mode": 0,
    }
    assert theirs.parse_position(dict(row))["leverage"] == pytest.approx(33.33, abs=0.01)
    assert ours.parse_position(dict(row))["leverage"] == 30.03
    assert theirs.market(SYMBOL)["contractSize"] == 100 and ours.market(SYMBOL)["contractSize"] == 1
    assert theirs.market(SYMBOL)["limits"]["leverage"]["max"] is None and ours.market(SYMBOL)["limits"]["leverage"]["max"] == 50


@pytest.mark.parametrize(
    ("code", "wrong", "right"),
    [
        (21104, errors.ExchangeError, errors.InvalidNonce),
        (21120, errors.ExchangeError, errors.AuthenticationError),
        (21109, errors.ExchangeError, errors.AuthenticationError),
        (21100, errors.ExchangeError, errors.AccountNotEnabled),
        (21739, errors.InvalidOrder, errors.InsufficientFunds),
        (21508, errors.ExchangeError, errors.InsufficientFunds),
        (21728, errors.InvalidOrder, errors.DuplicateOrderId),
        (21709, errors.InvalidOrder, errors.OrderNotFound),
        (21605, errors.InvalidOrder, errors.MarketClosed),
        (23004, errors.ExchangeError, errors.RateLimitExceeded),
        (29500, errors.ExchangeError, errors.ExchangeNotAvailable),
    ],
)
async def test_error_codes(theirs: Any, ours: Any, code: int, wrong: type[Exception], right: type[Exception]) -> None:
    body = {"code": code, "message": "told by the venue"}
    caught = {}
    for name, exchange in (("theirs", theirs), ("ours", ours)):
        with pytest.raises(errors.BaseError) as raised:
            exchange.handle_errors(400, "Bad Request", "", "POST", {}, json.dumps(body), body, {}, None)
        caught[name] = raised.value
    assert type(caught["theirs"]) is wrong
    assert isinstance(caught["ours"], right) and "told by the venue" in str(caught["ours"])


async def test_status_is_ok_when_it_is(theirs: Any, ours: Any) -> None:
    async def root(*args: Any, **kwargs: Any) -> Any:
        return {"status": "1", "network_id": "1", "timestamp": "1717777777"}

    for exchange in (theirs, ours):
        exchange.rootGet = exchange.root_get = root
    assert (await theirs.fetch_status())["status"] == "error"
    assert (await ours.fetch_status())["status"] == "ok"


def frame(kind: str, begin: int, nonce: int, bids: Any = ()) -> Any:
    """Composed after a recorded frame (2026-06-13)."""
    book = {"code": 0, "asks": [], "bids": [{"price": p, "size": s} for p, s in bids], "offset": 1, "nonce": nonce, "begin_nonce": begin}
    return {"channel": "order_book:0", "offset": 1, "order_book": book, "timestamp": 1781410697754, "type": f"{kind}/order_book"}


class Client:
    """As much of a client as a handler touches."""

    def __init__(self) -> None:
        self.subscriptions: dict[str, Any] = {f"orderbook::{SYMBOL}": True}
        self.resolved: list[Any] = []
        self.resyncs: list[str] = []
        self.futures: dict[str, Any] = {}

    def resolve(self, result: Any, message_hash: str) -> None:
        self.resolved.append(message_hash)

    def confirm(self, key: str) -> None:
        pass

    class ledger:
        topics: dict[str, Any] = {}

    def resync(self, message_hash: str, reason: str) -> None:
        self.resyncs.append(reason)


async def test_a_delta_before_the_snapshot(theirs: Any, ours: Any) -> None:
    for exchange, expected in ((theirs, 1), (ours, 0)):
        client = Client()
        exchange.handle_order_book(client, frame("update", 90, 100, [("2000.00", "1.0")]))
        assert len(client.resolved) == expected


async def test_a_gap_in_the_book(theirs: Any, ours: Any) -> None:
    frames = [frame("subscribed", 0, 100, [("2000.00", "1.0")]), frame("update", 100, 110, [("2001.00", "1.0")])]
    frames.append(frame("update", 120, 130, [("2002.00", "1.0")]))
    for exchange, results in ((theirs, 3), (ours, 2)):
        client = Client()
        for each in frames:
            exchange.handle_order_book(client, each)
        assert len(client.resolved) == results
        assert client.resyncs == ([] if exchange is theirs else ["begin_nonce 120 after nonce 110"])


async def test_a_frame_sent_twice_is_no_gap(ours: Any) -> None:
    client = Client()
    for each in (frame("subscribed", 0, 100, [("2000.00", "1.0")]), *[frame("update", 100, 110, [("2001.00", "1.0")])] * 2):
        ours.handle_order_book(client, each)
    assert len(client.resolved) == 2 and client.resyncs == []


async def test_one_row_per_order_in_the_stream(theirs: Any, ours: Any) -> None:
    for exchange, rows in ((theirs, 2), (ours, 1)):
        for filled in ("0.0000", "0.0020"):
            row = {**ORDER, "filled_base_amount": filled, "updated_at": 1777941383900}
            exchange.handle_orders(Client(), {"channel": "account_all_orders:12345", "orders": {"0": [row]}})
        assert len(exchange.orders) == rows


async def test_methods_that_ccxt_lacks(theirs: Any, ours: Any) -> None:
    names = """fetchOrder fetchOrders fetchCanceledOrders fetchCanceledAndClosedOrders fetchOrderTrades createOrders cancelOrders
        cancelOrdersForSymbols fetchFundingRateHistory fetchFundingRate fetchFundingHistory fetchMarkOHLCV fetchOpenInterest fetchOpenInterests
        fetchLeverage fetchMarginMode fetchLeverageTiers fetchTradingFee fetchTradingFees fetchMyLiquidations closePosition closeAllPositions
        watchOHLCV watchPositions watchBidsAsks watchFundingRate watchFundingRates watchTradesForSymbols watchOrderBookForSymbols""".split()
    assert [name for name in names if theirs.has.get(name)] == []
    assert [name for name in names if not ours.has.get(name) or not callable(getattr(ours, name, None))] == []


@pytest.mark.parametrize(
    ("deployment", "host", "chain", "sandbox"),
    [
        ("mainnet", "mainnet.zklighter.elliot.ai", 304, "testnet.zklighter.elliot.ai"),
        ("robinhood", "api.rh.lighter.xyz", 466324, "api.rh-testnet.lighter.xyz"),
    ],
)
def test_deployments(deployment: str, host: str, chain: int, sandbox: str) -> None:
    exchange = lighter({**CREDENTIALS, "options": {"deployment": deployment}})
    assert exchange.urls["api"] == {
        "root": f"https://{host}",
        "public": f"https://{host}",
        "private": f"https://{host}",
        "ws": f"wss://{host}/stream",
    }
    assert exchange.options["chainId"] == chain
    exchange.set_sandbox_mode(True)
    assert exchange.urls["api"]["ws"] == f"wss://{sandbox}/stream" and exchange.options["chainId"] == 300
    exchange.set_sandbox_mode(False)
    assert exchange.urls["api"]["public"] == f"https://{host}" and exchange.options["chainId"] == chain


def test_an_unknown_deployment_is_refused() -> None:
    with pytest.raises(errors.BadRequest):
        lighter({"options": {"deployment": "moon"}})


async def test_rate_limits_are_weighted_and_orders_have_a_bucket_of_their_own(theirs: Any, ours: Any) -> None:
    costs = {
        theirs.calculate_rate_limiter_cost("private", "GET", path, {}, {"cost": 1}) for path in ("trades", "accountActiveOrders", "sendTx")
    }
    assert costs == {1} and theirs.rateLimit == 1000, "one request a second, whatever it is"
    await ours.identity()
    ours.options["tier"] = "premium"
    charges = {
        path: ours.rate_charge("private", "GET", path, {}).costs for path in ("trades", "accountActiveOrders", "accountInactiveOrders")
    }
    assert charges == {
        "trades": (("premium", 600.0),),
        "accountActiveOrders": (("premium", 300.0),),
        "accountInactiveOrders": (("premium", 100.0),),
    }
    assert ours.rate_charge("public", "POST", "sendTx", {"tx_type": "14"}).costs == (("premium transactions", 1.0),)
    assert ours.rate_charge("public", "POST", "sendTxBatch", {"tx_types": "[14,14,15]"}).costs == (("premium transactions", 3.0),)
    ours.options["tier"] = "standard"
    assert ours.rate_charge("private", "GET", "trades", {}).costs == (("standard", 1.0),)
    ours.options["tier"] = "gold"
    with pytest.raises(errors.BadRequest):
        ours.rate_charge("private", "GET", "trades", {})
