"""Every endpoint of API V2: in the api table, reachable by its implicit method with a signature that holds, or behind a unified one."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import ccxt_dex
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges import edgex as room
from ccxt_dex.exchanges.edgex import tables
from compat_tests.rooms.edgex.desk import CONTRACT, SYMBOL, desk

FOLDER = Path(room.__file__).parent
NOW = {"startDayTimeInclusive": "1767139200000", "endDayTimeExclusive": "1767225600000"}
SPAN = {"filterBeginKlineTimeInclusive": "1767139200000", "filterEndKlineTimeExclusive": "1767225600000"}
ATTEMPT = {"userAddress": "0x1", "privyAddress": "0x0", "source": "spot", "tokenAddress": "0x2", "amount": "5000000", "fee": "0"}

# by hand from the documentation and the SDK: kind, method, path below the kind's prefix, what the call needs, what refuses it ("" for nothing)
PUBLIC = (
    ("get", "meta/getServerTime", {}),
    ("get", "meta/getMetaData", {}),
    ("get", "contract-labels", {"productCategory": "PrepV2"}),
    ("get", "quote/getTicker", {"contractId": CONTRACT}),
    ("get", "quote/getDepth", {"contractId": CONTRACT, "level": "15"}),
    ("get", "quote/getKline", {"contractId": CONTRACT, "klineType": "HOUR_1", "priceType": "LAST_PRICE", "size": "5"}),
    ("get", "quote/getMultiContractKline", {"contractIdList": f"{CONTRACT},30000002", "klineType": "HOUR_1", "priceType": "LAST_PRICE"}),
    ("get", "quote/getMarketStatus", {"contractId": CONTRACT}),
    ("get", "quote/getTicketSummary", {"period": "LAST_DAY_1"}),
    ("get", "quote/getAccurateOpenInterest", {"contractIdList": CONTRACT}),
    ("get", "quote/getStatDayTrade", NOW),
    ("get", "quote/getExchangeLongShortRatio", {"range": "1h"}),
    ("get", "quote/fee", SPAN),
    ("get", "funding/getLatestFundingRate", {"contractId": CONTRACT}),
    ("get", "funding/getFundingRatePage", {"contractId": CONTRACT, "filterSettlementFundingRate": "true"}),
)
PRIVATE = (
    ("get", "account/getAccountAsset", {}, ""),
    ("get", "account/getAccountById", {}, ""),
    ("get", "account/getAccountPage", {"size": "10"}, ""),
    ("get", "account/getPositionByContractId", {"contractIdList": f"{CONTRACT},30000002"}, ""),
    ("get", "account/getPositionTransactionPage", {"size": "10", "filterTypeList": "SETTLE_FUNDING_FEE"}, ""),
    ("get", "account/getPositionTransactionById", {"positionTransactionIdList": "1,2"}, ""),
    ("get", "account/getCollateralTransactionPage", {"size": "10"}, ""),
    ("get", "account/getCollateralTransactionById", {"collateralTransactionIdList": "1"}, ""),
    ("get", "account/getCollateralByCoinId", {"coinIdList": "1000"}, ""),
    ("get", "account/getPositionTermPage", {"size": "10"}, ""),
    ("get", "account/getPositionOrders", {"contractId": CONTRACT, "termCount": "1", "page": "1", "pageSize": "20"}, ""),
    ("get", "account/getAccountAssetSnapshotPage", {"coinId": "1000", "size": "10", "filterTimeTag": "1"}, ""),
    ("get", "account/getAccountDeleverageLight", {}, ""),
    ("post", "account/updateLeverageSetting", {"contractId": CONTRACT, "leverage": "7"}, ""),
    ("post", "account/setMarginMode", {"contractId": CONTRACT, "marginMode": "1"}, "INVALID_L2_SIGNATURE"),
    ("post", "order/createOrder", {"contractId": CONTRACT}, "GATEWAY_PARAM_INVALID"),
    ("post", "order/cancelOrderById", {"orderIdList": ["1", "2"]}, ""),
    ("post", "order/cancelOrderByClientOrderId", {"clientOrderIdList": ["a"]}, ""),
    ("post", "order/cancelAllOrder", {"filterContractIdList": [CONTRACT], "filterIsPositionTpsl": [False]}, ""),
    ("post", "order/getMaxCreateOrderSize", {"contractId": CONTRACT, "price": "79000"}, ""),
    ("get", "order/getActiveOrderPage", {"size": "200"}, ""),
    ("get", "order/getHistoryOrderPage", {"size": "100"}, ""),
    ("post", "order/getHistoryOrderPage", {"size": "100", "filterStatusList": ["FILLED"]}, ""),
    ("get", "order/getOrderById", {"orderIdList": "1"}, ""),
    ("get", "order/getOrderByClientOrderId", {"clientOrderIdList": "a,b"}, ""),
    ("get", "order/getHistoryOrderFillTransactionPage", {"size": "100"}, ""),
    (
        "post",
        "transfer/createTransferOut",
        {"coinId": "1000", "amount": "1", "receiverAccountId": "1"},
        "ACCOUNT|GATEWAY|INVALID|NOT_FOUND",
    ),
    ("get", "transfer/getTransferOutById", {"transferOutIdList": "1"}, ""),
    ("get", "transfer/getTransferInById", {"transferInIdList": "1"}, ""),
    ("get", "transfer/getTransferOutAvailableAmount", {"coinId": "1000"}, ""),
    ("get", "assets/getAllOrdersPage", {"size": "10"}, ""),
    ("get", "assets/getNormalWithdrawableAmount", {"address": "0x1"}, ""),
    ("get", "assets/getCrossWithdrawSignInfo", {"chainId": "1", "amount": "1"}, ""),
    ("post", "assets/createNormalWithdraw", {"amount": "1"}, "UNSUPPORTED_WITHDRAW"),
    ("post", "assets/createCrossWithdraw", {"amount": "1"}, "UNSUPPORTED_WITHDRAW"),
)
ASSET = (
    ("post", "getFeeByAssetFlow", "sourceAccount", ""),
    ("post", "getEIP712Data", "sourceAccount", ""),
    ("post", "getDepositData", "destinationAccount", ""),
    ("post", "submitAssetFlow", "sourceAccount", "INVALID_USER_SIGNATURE"),
    ("get", "queryAssetFlows", "", ""),
)


def implicit(kind: str, method: str, path: str) -> str:
    return f"{kind}_{method}_{path.replace('/', '_').replace('-', '_').lower()}"


LISTED = (
    [("public", method, path) for method, path, _ in PUBLIC]
    + [("private", method, path) for method, path, _, _ in PRIVATE]
    + [("asset", method, path) for method, path, _, _ in ASSET]
)


def test_the_api_table_is_the_list() -> None:
    table = [(kind, method, path) for kind, methods in tables.API.items() for method, paths in methods.items() for path in paths]
    assert sorted(table) == sorted(LISTED)


async def ask(ex: Any, name: str, params: dict[str, Any], refusal: str) -> Any:
    """The answer's data, or the refusal that was expected: one by a handler, which comes after the signature was found right."""
    if not refusal:
        return (await ex.call(name, params))["data"]
    with pytest.raises(errors.BaseError, match=refusal) as caught:
        await ex.call(name, params)
    assert "INVALID_SIGNATURE" not in str(caught.value) and "HEADER" not in str(caught.value), name
    return None


async def test_every_public_endpoint_answers_unsigned() -> None:
    async with desk() as (venue, ex):
        for method, path, params in PUBLIC:
            found = await ask(ex, implicit("public", method, path), params, "")
            assert found, path
            request = venue.requests()[-1]
            assert request.path == "/api/v2/public/" + path and "X-edgeX-Signature" not in request.headers, path
            assert request.query == {key: str(value) for key, value in params.items()}


async def test_every_private_endpoint_is_reached_with_a_signature_that_holds() -> None:
    async with desk() as (venue, ex):
        for method, path, params, refusal in PRIVATE:
            await ask(ex, implicit("private", method, path), {"accountId": ex.uid, **params}, refusal)
            request = venue.requests()[-1]
            assert request.path == "/api/v2/private/" + path and request.method == method.upper(), path
        for method, path, account, refusal in ASSET:
            attempt = {"attempt": {**ATTEMPT, account: ex.uid, "source": "chain-3343" if "Deposit" in path else "spot"}}
            params = attempt if method == "post" else {"accountId": ex.uid}
            await ask(ex, implicit("asset", method, path), params, refusal)
            assert venue.requests()[-1].path == "/api/v1/private/unified-asset/" + path


async def test_no_private_endpoint_answers_another_secret() -> None:
    async with desk() as (venue, ex):
        other: Any = ccxt_dex.edgex({**venue.config(), "secret": "c2VjcmV0LXRocm93YXdheQ", "enableRateLimit": False})
        try:
            for method, path, params, _ in PRIVATE:
                with pytest.raises(errors.AuthenticationError, match="SIGNATURE"):
                    await other.call(implicit("private", method, path), {"accountId": ex.uid, **params})
            for method, path, account, _ in ASSET:
                with pytest.raises(errors.AuthenticationError, match="SIGNATURE"):
                    await other.call(implicit("asset", method, path), {"attempt": {**ATTEMPT, account: ex.uid}} if method == "post" else {})
        finally:
            await other.close()
        assert venue.engine.leverage("alice", CONTRACT) == 10


def test_what_has_no_unified_method_is_in_the_readme() -> None:
    source = "".join(path.read_text() for path in FOLDER.glob("*.py"))
    readme = (FOLDER / "README.md").read_text()
    by_name = {row: implicit(*row) for row in LISTED}
    # orders and transfers by id are called by a name that is put together from a common part and the last word
    last = {row: row[2].rsplit("/", 1)[-1].lower() for row in LISTED if "ById" in row[2] or "ByClientOrderId" in row[2]}
    behind = {row for row, name in by_name.items() if name in source or (row in last and f'"{last[row]}"' in source)}
    missing = [name for row, name in by_name.items() if row not in behind and f"`{name}`" not in readme]
    assert not missing
    told = [name for row, name in by_name.items() if row in behind and f"`{name}`" in readme]
    assert not told, "these are used"


# --- unified methods -------------------------------------------------------------------------------------------------------------------------


async def test_the_status_of_a_market() -> None:
    async with desk() as (venue, ex):
        found = await ex.fetch_status({"symbol": SYMBOL})
        assert found["status"] == "ok" and Decimal(found["info"]["limitLowPrice"]) < Decimal(found["info"]["limitHighPrice"])
        await venue.market({"symbol": CONTRACT, "active": False})
        assert (await ex.fetch_status({"symbol": "BTCUSDC"}))["status"] == "shutdown"
        assert (await ex.fetch_status())["status"] == "ok"


async def test_open_interest_counted_exactly() -> None:
    async with desk() as (venue, ex):
        await ex.create_order(SYMBOL, "market", "buy", 0.01)
        row = await ex.fetch_open_interest(SYMBOL, {"accurate": True})
        assert row["timestamp"] and row["openInterestAmount"] == float(venue.engine.price(CONTRACT).open_interest) > 0
        assert row["openInterestValue"] is None, "the endpoint has no price"
        by_ticker = await ex.fetch_open_interest(SYMBOL)
        assert by_ticker["openInterestAmount"] == row["openInterestAmount"] and by_ticker["openInterestValue"] > 0
        assert set(await ex.fetch_open_interests(None, {"accurate": True})) == set(ex.symbols)
        paths = [request.path for request in venue.requests()]
        assert sum(path.endswith("getAccurateOpenInterest") for path in paths) == 2


async def test_lights_of_positions() -> None:
    async with desk() as (_venue, ex):
        assert await ex.fetch_positions_adl_rank() == []
        with pytest.raises(errors.BaseError):
            await ex.fetch_position_adl_rank(SYMBOL)
        await ex.create_order(SYMBOL, "market", "buy", 0.01)
        await ex.create_order("ETH/USDC:USDC", "market", "sell", 0.1)
        rows = await ex.fetch_positions_adl_rank()
        assert {row["symbol"] for row in rows} == {SYMBOL, "ETH/USDC:USDC"} and all(row["rank"] >= 1 for row in rows)
        assert await ex.fetch_positions_adl_rank([SYMBOL]) == [row for row in rows if row["symbol"] == SYMBOL]
        assert (await ex.fetch_position_adl_rank(SYMBOL))["info"]["contractId"] == CONTRACT


async def test_long_short_ratio_of_other_exchanges() -> None:
    async with desk() as (_venue, ex):
        row = await ex.fetch_long_short_ratio(SYMBOL, "4h")
        assert (row["symbol"], row["timeframe"], row["longShortRatio"]) == (SYMBOL, "4h", pytest.approx(50.99 / 49.01))
        assert (await ex.fetch_long_short_ratio(SYMBOL, None, {"exchange": "okx"}))["info"]["exchange"] == "okx"
        with pytest.raises(errors.BadRequest, match="30m, 1h"):
            await ex.fetch_long_short_ratio(SYMBOL, "7h")
        with pytest.raises(errors.BadRequest):
            await ex.fetch_long_short_ratio(SYMBOL, None, {"exchange": "nowhere"})


async def test_deposits_and_withdrawals_with_their_chain() -> None:
    async with desk() as (_venue, ex):
        await ex.withdraw("USDC", 5, ex.wallet_signer().address, None, {"source": "perpv2"})
        method = {"method": "privateGetAssetsGetAllOrdersPage"}
        rows = await ex.fetch_deposits_withdrawals(None, None, None, method)
        assert [(row["type"], row["amount"], row["status"]) for row in rows] == [("deposit", 100000.0, None), ("withdrawal", 5.0, None)]
        assert all(row["address"] and row["network"] for row in rows)
        plain = await ex.fetch_deposits_withdrawals()
        assert [(row["type"], row["amount"]) for row in plain] == [(row["type"], row["amount"]) for row in rows]
        assert await ex.fetch_deposits_withdrawals("BTC", None, None, method) == []
        pages = await ex.fetch_deposits_withdrawals("USDC", rows[0]["timestamp"], 1, {**method, "size": "1"})
        assert [row["id"] for row in pages] == [rows[0]["id"]]


async def test_terms_of_two_markets_that_began_in_the_same_millisecond(monkeypatch: pytest.MonkeyPatch) -> None:
    term = {"termCount": 1, "cumOpenSize": "1", "cumOpenValue": "10", "cumCloseSize": "-1", "cumCloseValue": "-11", "createdTime": "1734661093450",
            "updatedTime": "1734661093460"}  # fmt: skip
    async with desk() as (_venue, ex):

        async def answered(endpoint: str, params: Any) -> Any:
            return {"data": {"dataList": [{**term, "contractId": CONTRACT}, {**term, "contractId": "30000002"}], "nextPageOffsetData": ""}}

        monkeypatch.setattr(ex, "private_get", answered)
        assert {row["symbol"] for row in await ex.fetch_positions_history()} == {SYMBOL, "ETH/USDC:USDC"}
        assert len(await ex.fetch_position_history(SYMBOL)) == 1
