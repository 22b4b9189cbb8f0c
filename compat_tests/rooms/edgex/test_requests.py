"""What is sent, to the byte: `fetch` is replaced and the clock stands still, so nothing here depends on how a paper venue reads it."""

from __future__ import annotations

import json
import logging
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

import ccxt_dex
from ccxt_dex._ccxt import errors
from ccxt_dex.errors import RateLimited
from ccxt_dex.exchanges.edgex import signing
from compat_tests.rooms.edgex import vectors as v
from compat_tests.rooms.edgex.test_parsing import FILL, ORDER, TICKER

SYMBOL = "BTC/USDC:USDC"
ROW = {
    **ORDER,
    "contractId": "30000001",
    "id": "726881470857084943",
    "clientOrderId": "a1",
    "status": "OPEN",
    "cumMatchSize": "0",
    "cumFillSize": "0",
}


class Wire:
    """Answers by path, remembers what was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **config: Any) -> None:
        self.ex: Any = ccxt_dex.edgex({**v.CONFIG, "enableRateLimit": False, **config})
        self.ex.set_markets([self.ex.parse_market(v.MARKET_INFO)], {"USDC": self.ex.parse_currency(v.COIN)})
        monkeypatch.setattr(self.ex, "server_milliseconds", lambda: v.NOW)
        self.answers: dict[str, Any] = {
            "createOrder": {"orderId": "726881470857084943"},
            "getOrderById": [ROW],
            "getOrderByClientOrderId": [],
            "getHistoryOrderPage": {"dataList": [], "nextPageOffsetData": ""},
            "getTicker": [{**TICKER, "oraclePrice": v.ORACLE}],
        }
        self.sent: list[tuple[str, str, dict[str, str], str | None]] = []
        self.ex.fetch = self.fetch

    async def fetch(self, url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        self.sent.append((url, method, headers, body))
        answer = self.answers.get(urlsplit(url).path.rsplit("/", 1)[-1])
        if isinstance(answer, tuple):
            status, code, message = answer
            envelope = {**v.answer(None), "code": code, "msg": message}
            error: Any = None
            try:
                self.ex.handle_errors(status, "", url, method, {}, json.dumps(envelope), envelope, headers, body)
            except errors.BaseError as caught:
                error = caught
                error.verdict = "rejected"
            raise error
        return v.answer(answer)

    def posts(self, name: str) -> list[tuple[dict[str, str], Any]]:
        return [(headers, json.loads(body)) for url, _, headers, body in self.sent if url.endswith(name) and body]


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    return Wire(monkeypatch)


CALLS: tuple[tuple[str, tuple[Any, ...], dict[str, Any], str], ...] = (
    ("V2-9", ("limit", "buy", 0.01, 79025.1), {"clientOrderId": "ccxt-dex-exp-1", "expireTime": 1769904000000}, "0.01"),
    ("V2-10", ("market", "buy", 0.002), {"clientOrderId": "ccxt-dex-mkt-buy-1", "slippage": False}, "0.002"),
    ("V2-11", ("market", "sell", 0.002), {"clientOrderId": "ccxt-dex-mkt-sell-1", "slippage": False}, "0.002"),
    ("V2-12", ("market", "sell", 0.003), {"clientOrderId": "ccxt-dex-stop-1", "stopLossPrice": 75000, "reduceOnly": True}, "0.003"),
    ("V2-7", ("limit", "buy", 0.001, 79025), {"clientOrderId": "ccxt-dex-buy-1"}, "0.001"),
    ("V2-8", ("limit", "sell", 0.25, 81000), {"clientOrderId": "ccxt-dex-sell-1", "postOnly": True, "reduceOnly": True}, "0.25"),
)


@pytest.mark.parametrize("name,arguments,params,size", CALLS, ids=[call[0] for call in CALLS])
async def test_create_order_signs_what_the_sdk_signs(wire: Wire, name: str, arguments: Any, params: Any, size: str) -> None:
    """The numbers' texts are ours (no trailing zeros), the signature over them is the SDK's."""
    vector = next(row for row in v.ORDERS if row[0] == name)
    await wire.ex.create_order(SYMBOL, *arguments, params=params)
    ((headers, body),) = wire.posts("createOrder")
    assert body["l2Signature"] == vector[6] and body["l2Nonce"] == str(vector[3][0])
    assert body["size"] == body["l2Size"] == size
    assert body["type"] == vector[1]["type"] and body["timeInForce"] == vector[1]["time_in_force"]
    assert body["reduceOnly"] is vector[1]["reduce_only"]
    assert list(body) == list(v.FULL_BODY), "fields as the SDK sends them, none more: no source, referrer or broker"
    assert body["sourceKey"] == body["extraType"] == body["extraDataJson"] == ""
    text = signing.request_text(v.NOW, "POST", "/api/v2/private/order/createOrder", body)
    assert headers["X-edgeX-Signature"] == signing.hmac_signature(v.SECRET, text)
    assert headers["X-edgeX-Timestamp"] == str(v.NOW) and headers["X-edgeX-Passphrase"] == v.PASSPHRASE
    if name not in ("V2-7", "V2-8", "V2-9"):  # same texts throughout: the very request
        assert headers["X-edgeX-Signature"] == vector[7]


async def test_a_default_market_order_is_bounded(wire: Wire) -> None:
    await wire.ex.create_order(SYMBOL, "market", "buy", 0.002)
    ((_, body),) = wire.posts("createOrder")
    assert body["price"] == "0" and body["l2Value"] == "165.9524"  # 82976.2, five per cent above the oracle


async def test_attached_exits_are_signed_like_orders(wire: Wire) -> None:
    await wire.ex.create_order(
        SYMBOL,
        "limit",
        "buy",
        0.001,
        79000,
        {"clientOrderId": "e1", "takeProfit": {"triggerPrice": 90000}, "stopLoss": {"triggerPrice": 70000, "price": 69900}},
    )
    ((_, body),) = wire.posts("createOrder")
    assert body["isSetOpenTp"] is body["isSetOpenSl"] is True
    take, stop = body["openTp"], body["openSl"]
    assert list(take) == list(v.TP_LEG)
    assert (take["side"], take["price"], take["triggerPrice"], take["l2Value"]) == ("SELL", "0", "90000", "0.0001")
    assert (stop["price"], stop["l2Value"], stop["clientOrderId"]) == ("69900", "69.900", "e1-sl")
    assert take["l2Nonce"] == str(signing.nonce_of("e1-tp")) and take["l2Signature"] != stop["l2Signature"] != body["l2Signature"]


async def test_sub_accounts_by_id(wire: Wire) -> None:
    await wire.ex.create_order(SYMBOL, "limit", "buy", 0.001, 79025, {"clientOrderId": "ccxt-dex-buy-1", "accountId": "42"})
    ((_, body),) = wire.posts("createOrder")
    assert body["accountId"] == "42" and body["l2Signature"] != v.ORDERS[0][6]
    assert "accountId=42" in wire.sent[-1][0]


async def test_margin_mode_and_transfer_as_the_sdk_sends_them(wire: Wire) -> None:
    await wire.ex.set_margin_mode("isolated", SYMBOL, {"clientOrderId": "ccxt-dex-mm-1"})
    ((headers, body),) = wire.posts("setMarginMode")
    assert body == v.MARGIN_MODE and headers["X-edgeX-Signature"] == v.MARGIN_HEADER
    wire.answers["createTransferOut"] = {"transferOutId": "564819036077031694"}
    made = await wire.ex.transfer("USDC", 1.5, "swap", v.TRANSFER["receiverAccountId"], {"clientTransferId": "ccxt-dex-tr-1"})
    ((headers, body),) = wire.posts("createTransferOut")
    assert body == v.TRANSFER and headers["X-edgeX-Signature"] == v.TRANSFER_HEADER
    assert made["id"] == "564819036077031694" and made["amount"] == 1.5


async def test_withdrawal_as_the_sdk_sends_it(wire: Wire) -> None:
    from compat_tests.rooms.edgex.test_signing import typed

    wire.answers.update(getFeeByAssetFlow={"fee": "100000"}, getEIP712Data=typed(), submitAssetFlow={"flowId": "1"})
    params = {"clientWithdrawId": "797262983856459776"}
    made = await wire.ex.withdraw("USDC", 5, v.WALLET_ADDRESS, None, params)
    ((_, body),) = wire.posts("submitAssetFlow")
    assert body["attempt"] == v.ATTEMPT and body["userSignature"] == v.FLOW_SIGNATURE
    for name, signature in v.FLOW_HEADERS.items():
        assert wire.posts(name)[0][0]["X-edgeX-Signature"] == signature
    assert wire.sent[-1][0].startswith("https://spot.edgex.exchange/api/v1/private/unified-asset/")
    assert (made["id"], made["amount"], made["fee"]["cost"]) == ("1", 4.9, 0.1)


async def test_a_withdrawal_to_somebody_else_or_for_too_much_is_not_signed(wire: Wire) -> None:
    with pytest.raises(errors.InvalidAddress):
        await wire.ex.withdraw("USDC", 5, "0x" + "11" * 20)
    wire.answers["getFeeByAssetFlow"] = {"fee": "100000"}
    with pytest.raises(errors.BadRequest, match="fee"):
        await wire.ex.withdraw("USDC", 5, v.WALLET_ADDRESS, None, {"maxFee": "0.05"})
    wire.answers["getFeeByAssetFlow"] = {"fee": "5000000"}
    with pytest.raises(errors.BadRequest, match="fee"):
        await wire.ex.withdraw("USDC", 5, v.WALLET_ADDRESS)
    assert not wire.posts("submitAssetFlow")


async def test_the_trading_key_cannot_move_money(wire: Wire) -> None:
    wire.ex.options.pop("walletPrivateKey")
    with pytest.raises(errors.AuthenticationError, match="walletPrivateKey"):
        await wire.ex.transfer("USDC", 1, "swap", "42")
    with pytest.raises(errors.AuthenticationError, match="walletPrivateKey"):
        await wire.ex.withdraw("USDC", 1, v.WALLET_ADDRESS)
    assert wire.sent == []


@pytest.mark.parametrize(
    "config",
    [
        {"uid": "543429922991899150", "privateKey": "0x" + "030123456789abcdef" * 3 + "0123456789"},
        {"uid": "543429922991899150", "privateKey": "0" + "123456789abcdef" * 4 + "012"},
        {**v.CONFIG, "privateKey": "0x30123456789abcdef0123456789abcdef0123456789abcdef0123456789abcd"},
        {**v.CONFIG, "options": {"starkPrivateKey": "0x1"}},
        {**v.CONFIG, "urls": {"api": {"ws": "wss://quote.edgex.exchange"}}},
    ],
    ids=["no api key", "bare hex", "short key", "named", "host"],
)
async def test_keys_of_v1_are_refused_with_an_explanation(config: dict[str, Any]) -> None:
    ex = ccxt_dex.edgex(config)
    try:
        with pytest.raises(errors.NotSupported, match=r"V1 is dead.*Stark") as caught:
            await ex.fetch_balance()
        assert str(config.get("privateKey", "zzz")) not in str(caught.value)
    finally:
        await ex.close()


@pytest.mark.parametrize(
    "status,code,expected",
    [
        (401, "INVALID_API_KEY", errors.AuthenticationError),
        (400, "GATEWAY_HEADER_REQUIRED", errors.AuthenticationError),
        (401, "INVALID_SIGNATURE", errors.AuthenticationError),
        (401, "REQUEST_TIMESTAMP_EXPIRED", errors.InvalidNonce),
        (200, "INSUFFICIENT_BALANCE", errors.InsufficientFunds),
        (200, "ORDER_MARGIN_NOT_ENOUGH", errors.InsufficientFunds),
        (200, "INVALID_L2_SIGNATURE", errors.AuthenticationError),
        (200, "DUPLICATE_CLIENT_ORDER_ID", errors.DuplicateOrderId),
        (200, "INVALID_ORDER_PRICE", errors.InvalidOrder),
        (200, "INVALID_CONTRACT_ID", errors.BadSymbol),
        (200, "RATE_LIMIT_EXCEEDED", RateLimited),
        (429, "", RateLimited),
        (403, "", errors.PermissionDenied),
        (502, "", errors.ExchangeNotAvailable),
    ],
)
async def test_refusals(wire: Wire, status: int, code: str, expected: type[Exception]) -> None:
    envelope = {**v.answer(None), "code": code, "msg": "because", "errorParam": {"x": "1"}}
    with pytest.raises(expected) as caught:
        wire.ex.handle_errors(status, "", "https://h/api/v2/private/order/createOrder", "POST", {}, "", envelope, {}, "")
    assert "because" in str(caught.value) and envelope["traceId"] in str(caught.value)


async def test_a_code_that_nobody_knows_proves_little(wire: Wire) -> None:
    with pytest.raises(errors.ExchangeError) as caught:
        wire.ex.handle_errors(200, "", "https://h/api/v2/private/order/createOrder", "POST", {}, "", {"code": "SOMETHING_NEW"}, {}, "")
    assert type(caught.value) is errors.ExchangeError


async def test_two_ids_with_one_nonce(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "nonce_of", lambda name: 7)
    await wire.ex.create_order(SYMBOL, "limit", "buy", 0.001, 79025, {"clientOrderId": "a1"})
    with pytest.raises(errors.DuplicateOrderId, match="nonce"):
        await wire.ex.create_order(SYMBOL, "limit", "buy", 0.001, 79025, {"clientOrderId": "a2"})
    assert len(wire.posts("createOrder")) == 1


async def test_wait_accepted_reads_nothing_back(wire: Wire) -> None:
    order = await wire.ex.create_order(SYMBOL, "limit", "buy", 0.001, 79025, {"wait": "accepted"})
    assert (order["id"], order["status"]) == ("726881470857084943", "open") and len(wire.sent) == 1


async def test_an_order_that_cannot_be_read_back_was_accepted_all_the_same(wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    wire.answers["getOrderById"] = (200, "SYSTEM_BUSY", "later")
    order = await wire.ex.create_order(SYMBOL, "limit", "buy", 0.001, 79025)
    assert order["id"] == "726881470857084943" and order["status"] == "open" and "read back" in caplog.text


@pytest.mark.parametrize(
    "reason,tif,expected",
    [
        ("MARGIN_NOT_ENOUGH", "GOOD_TIL_CANCEL", errors.InsufficientFunds),
        ("COULD_NOT_FILL", "POST_ONLY", errors.OrderImmediatelyFillable),
        ("REDUCE_ONLY_CANCELED", "GOOD_TIL_CANCEL", errors.InvalidOrder),
    ],
)
async def test_what_is_refused_after_it_was_queued(wire: Wire, reason: str, tif: str, expected: type[Exception]) -> None:
    wire.answers["getOrderById"] = [{**ROW, "status": "CANCELED", "cancelReason": reason, "timeInForce": tif}]
    with pytest.raises(expected, match=reason):
        await wire.ex.create_order(SYMBOL, "limit", "buy", 0.001, 79025)


@pytest.mark.parametrize(
    "order_id,endpoint,body",
    [
        ("726881470857084943", "cancelOrderById", {"orderIdList": ["726881470857084943"]}),
        ("a1", "cancelOrderByClientOrderId", {"clientOrderIdList": ["a1"]}),
    ],
)
async def test_cancels_by_either_id(wire: Wire, order_id: str, endpoint: str, body: dict[str, Any]) -> None:
    gone = {**ROW, "status": "CANCELED", "cancelReason": "USER_CANCELED"}
    wire.answers.update({endpoint: {"cancelResultMap": {order_id: "SUCCESS"}}, "getOrderById": [gone], "getOrderByClientOrderId": [gone]})
    assert (await wire.ex.cancel_order(order_id, SYMBOL))["status"] == "canceled"
    ((_, sent),) = wire.posts(endpoint)
    assert sent == {"accountId": v.ACCOUNT, **body}


@pytest.mark.parametrize("word", ["SOME_REASON", "ORDER_NOT_EXIST", "NOT_FOUND"])
async def test_success_of_the_envelope_is_not_success_of_the_cancel(wire: Wire, word: str) -> None:
    wire.answers["cancelOrderById"] = {"cancelResultMap": {"726881470857084943": word}}
    with pytest.raises(errors.ExchangeError) as caught:
        await wire.ex.cancel_order("726881470857084943", SYMBOL)
    assert not isinstance(caught.value, errors.OrderNotFound), "the order is still open"
    wire.answers["getOrderById"] = [{**ROW, "status": "FILLED"}]
    with pytest.raises(errors.OrderNotFound, match="closed"):
        await wire.ex.cancel_order("726881470857084943", SYMBOL)


async def test_a_cancel_of_all_is_read_back(wire: Wire) -> None:
    """SUCCESS means that the cancel was accepted: one order had filled by then, one only the history knows, one the venue never shows again."""
    gone = {**ROW, "status": "CANCELED", "cancelReason": "USER_CANCELED"}
    wire.answers.update(
        cancelAllOrder={"cancelResultMap": dict.fromkeys(("1", "2", "3", "4"), "SUCCESS")},
        getActiveOrderPage={"dataList": [{**ROW, "id": "4", "status": "CANCELING"}], "nextPageOffsetData": ""},
        getOrderById=[{**ROW, "id": "1", "status": "FILLED", "cumMatchSize": "0.001"}],
        getHistoryOrderPage={"dataList": [{**gone, "id": "2"}], "nextPageOffsetData": ""},
    )
    wire.ex.options["lookUpSeconds"] = 0
    rows = await wire.ex.cancel_all_orders(SYMBOL)
    assert [(row["id"], row["status"]) for row in rows] == [("1", "closed"), ("2", "canceled"), ("3", None), ("4", "open")]
    asked = [url for url, *_ in wire.sent if "HistoryOrderPage" in url or "getOrderById" in url]
    assert "orderIdList=1%2C2%2C3%2C4" in asked[0] and "filterOrderIdList=2%2C3%2C4" in asked[1] and len(asked) == 2
    wire.sent.clear()
    assert [row["status"] for row in await wire.ex.cancel_all_orders(SYMBOL, {"wait": "accepted"})] == [None] * 4
    assert len(wire.sent) == 1


async def test_an_order_is_not_called_absent_before_the_history_is_read_to_its_end(wire: Wire) -> None:
    """A busy account finishes more than a page of orders in the time that a lost one is looked for."""
    offsets = []
    asked = wire.ex.fetch

    async def fetch(url: str, *rest: Any) -> Any:
        page = parse_qs(urlsplit(url).query).get("offsetData", ["0"])[0]
        offsets.append(page)
        rows = [{**ROW, "id": f"{page}{n}", "clientOrderId": f"b{page}-{n}", "status": "CANCELED"} for n in range(100)]
        wanted = [{**ROW, "status": "FILLED", "cumMatchSize": "0.001"}] if page == "2" else []
        wire.answers["getHistoryOrderPage"] = {"dataList": rows + wanted, "nextPageOffsetData": str(int(page) + 1)}
        return await asked(url, *rest)

    wire.ex.fetch = fetch
    assert (await wire.ex.find_order("a1"))["status"] == "closed" and offsets[1:] == ["0", "1", "2"]
    with pytest.raises(errors.NetworkError, match="too many"):
        await wire.ex.find_order("a2")
    assert len(offsets) < 30


async def test_a_look_that_fails_is_repeated(wire: Wire) -> None:
    """A market order that was filled is not shown as open because one answer got lost."""
    failures, plain = [errors.RequestTimeout("lost"), errors.NetworkError("reset")], wire.ex.query_order

    async def flaky(*args: Any) -> Any:
        if failures:
            raise failures.pop()
        return await plain(*args)

    wire.ex.query_order = flaky
    wire.answers["getOrderById"] = [{**ROW, "status": "FILLED", "cumMatchSize": "0.001"}]
    assert (await wire.ex.create_order(SYMBOL, "market", "buy", 0.001))["status"] == "closed"


async def test_pages_are_followed_and_lists_are_joined(wire: Wire) -> None:
    pages = iter(
        [{"dataList": [{**FILL, "contractId": "30000001", "id": str(n)}], "nextPageOffsetData": more} for n, more in ((2, "0A"), (1, ""))]
    )
    asked = wire.ex.fetch

    async def fetch(url: str, *rest: Any) -> Any:
        wire.answers["getHistoryOrderFillTransactionPage"] = next(pages)
        return await asked(url, *rest)

    wire.ex.fetch = fetch
    rows = await wire.ex.fetch_my_trades(SYMBOL, 1734662617000)
    assert [row["id"] for row in rows] == ["2", "1"] or [row["id"] for row in rows] == ["1", "2"]
    assert "offsetData=0A" in wire.sent[-1][0] and "filterContractIdList=30000001" in wire.sent[0][0]


async def test_secrets_are_masked(wire: Wire) -> None:
    text = wire.ex.redactor.scrub(f"{v.WALLET_KEY} {v.TRADING_KEY} {v.SECRET} {v.PASSPHRASE} {v.API_KEY}")
    assert not any(secret in text for secret in (v.WALLET_KEY, v.TRADING_KEY, v.SECRET, v.PASSPHRASE, v.API_KEY))
