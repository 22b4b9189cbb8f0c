"""Samples of the official documentation (V1's test network, same shapes) and captures of September 2026, field by field."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccxt_dex import reading
from ccxt_dex.exchanges.edgex import parsing, reports
from compat_tests.rooms.edgex import vectors as v

# live, 2026-09-11
TICKER = {"contractId": "30000001", "contractName": "BTCUSDC", "priceChange": "2148.2", "priceChangePercent": "0.027941", "trades": "127641",
          "size": "8138.396", "value": "628869807.4804", "high": "79824.9", "low": "76031.9", "open": "76883.0", "close": "79031.2",
          "lastPrice": "79031.2", "indexPrice": "79076.6724223198", "oraclePrice": "79025.030809853284955708",
          "markPrice": "79025.030809853284955708", "openInterest": "3478.949", "fundingRate": "-0.00005754", "fundingTime": "1789128000000",
          "nextFundingTime": "1789142400000", "bestAskPrice": "79031.4", "bestBidPrice": "79031.1", "marketOpen": True}  # fmt: skip
TRADE = {"ticketId": "20a536e6-98eb-4bb4-927a-758e4a38f925", "time": "1789136310088", "price": "79031.2", "size": "0.007", "value": "553.2184",
         "contractId": "30000001", "isBestMatch": True, "isBuyerMaker": False}  # fmt: skip
KLINE = {"klineTime": "1789136280000", "size": "4.077", "high": "79054.5", "low": "78984.8", "open": "79050.5", "close": "79031.3"}
# docs, December 2024
FUNDING = {"contractId": "10000001", "fundingTime": "1734595200000", "fundingTimestamp": "1734597720000", "oraclePrice": "101559.92",
           "indexPrice": "101522.558968500", "fundingRate": "-0.00005537", "isSettlement": False, "forecastFundingRate": "-0.00012293",
           "interestRate": "0.0003", "predictedFundingRate": "0.00005000", "fundingRateIntervalMin": "240"}  # fmt: skip
POSITION = {"contractId": "10000001", "openSize": "0.001", "openValue": "97.444500", "openFee": "-0.017540", "fundingFee": "0.000000",
            "createdTime": "1734661018663", "updatedTime": "1734662617992"}  # fmt: skip
POSITION_ASSET = {"contractId": "10000001", "positionValue": "97.734426609240472316741943359375", "maxLeverage": "50",
                  "initialMarginRequirement": "1.954688532184809446334838867187500000", "starkExRiskRate": "0.00500000012107193470001220703125",
                  "starkExRiskValue": "0.48867214487909847", "avgEntryPrice": "97444.5", "liquidatePrice": "82354.9",
                  "unrealizePnl": "0.289926609240472316741943359375", "termRealizePnl": "0.000000"}  # fmt: skip
ASSET = {"positionList": [POSITION], "positionAssetList": [POSITION_ASSET],
         "collateralAssetModelList": [{"coinId": "1000", "totalEquity": "15.791238609240472316741943359375", "availableAmount": "13.836550"}],
         "collateralList": [{"coinId": "1000", "amount": "-81.943188", "legacyAmount": "15.501312"}]}  # fmt: skip
ORDER: dict[str, Any] = {
    "id": "564815695875932430", "contractId": "10000001", "side": "BUY", "price": "97444.5", "size": "0.001", "clientOrderId": "553364074986685",
    "type": "LIMIT", "timeInForce": "GOOD_TIL_CANCEL", "reduceOnly": False, "triggerPrice": "0", "triggerPriceType": "UNKNOWN_PRICE_TYPE",
    "isSetOpenTp": False, "openTp": {"triggerPrice": ""}, "isSetOpenSl": False, "openSl": {"triggerPrice": ""}, "status": "FILLED",
    "cancelReason": "UNKNOWN_ORDER_CANCEL_REASON", "cumFillSize": "0.001", "cumFillValue": "97.4445", "cumFillFee": "0.017540",
    "cumMatchSize": "0.001", "cumMatchValue": "97.4445", "cumMatchFee": "0.017540", "createdTime": "1734662555665",
    "updatedTime": "1734662617992",
}  # fmt: skip
FILL = {"id": "564815957260763406", "contractId": "10000001", "orderId": "564815695875932430", "orderSide": "BUY", "fillSize": "0.001",
        "fillValue": "97.4445", "fillFee": "0.017540", "fillPrice": "97444.5", "realizePnl": "-0.017540", "direction": "MAKER",
        "matchTime": "1734662617982", "createdTime": "1734662617984"}  # fmt: skip
LEDGER = {"id": "563516408265179918", "accountId": "543429922991899150", "coinId": "1000", "type": "DEPOSIT", "deltaAmount": "10.000000",
          "beforeAmount": "6.000000", "depositId": "563516408235819790", "withdrawId": "0", "censorStatus": "L2_APPROVED",
          "createdTime": "1734352781355"}  # fmt: skip


def test_ticker() -> None:
    found = parsing.ticker(TICKER)
    assert (found["bid"], found["ask"], found["last"], found["markPrice"]) == ("79031.1", "79031.4", "79031.2", TICKER["oraclePrice"])
    assert found["percentage"] == "2.7941" and found["quoteVolume"] == "628869807.4804"
    assert parsing.ticker({**TICKER, "bestBidPrice": "0", "bestAskPrice": ""})["bid"] is None


def test_public_trade_and_candle() -> None:
    assert parsing.public_trade(TRADE)["side"] == "buy"
    assert parsing.public_trade({**TRADE, "isBuyerMaker": True})["side"] == "sell"
    assert parsing.candle(KLINE) == [1789136280000, 79050.5, 79054.5, 78984.8, 79031.3, 4.077]


def test_funding_rate() -> None:
    found = parsing.funding_rate(FUNDING)
    assert (found["fundingRate"], found["previousFundingRate"]) == ("-0.00012293", "-0.00005537")
    assert found["fundingTimestamp"] == 1734595200000 + 4 * 3_600_000 and found["interval"] == "4h"
    assert parsing.funding_rate({**FUNDING, "fundingRateIntervalMin": "90"})["interval"] == "90m"


def test_position() -> None:
    (row,) = reports.positions(ASSET)
    found = reports.position(row)
    assert (found["side"], found["contracts"], found["entryPrice"], found["leverage"]) == ("long", "0.001", "97444.5", "50")
    assert found["unrealizedPnl"] == "0.289926609240472316741943359375" and found["liquidationPrice"] == "82354.9"
    assert str(found["markPrice"]).startswith("97734.4266092404723") and found["maintenanceMargin"] == "0.48867214487909847"


def test_a_streamed_position_has_what_a_mark_price_gives() -> None:
    short = {**POSITION, "openSize": "-0.002", "openValue": "-194.889"}
    bare = reports.position(short)
    assert (bare["side"], bare["entryPrice"], bare["markPrice"], bare["unrealizedPnl"]) == ("short", "97444.5", None, None)
    marked = reports.position({**short, "maxLeverage": "50"}, "97000")
    assert marked["unrealizedPnl"] == "0.889" and marked["notional"] == "194" and marked["initialMargin"] == "3.88"
    flat = reports.position({**POSITION, "openSize": "0.000", "openValue": "0"})
    assert (flat["side"], flat["contracts"], flat["unrealizedPnl"]) == (None, "0", "0")


def test_the_initial_margin_is_value_by_leverage_as_in_the_sample() -> None:
    derived = Decimal(POSITION_ASSET["positionValue"]) / Decimal(POSITION_ASSET["maxLeverage"])
    assert abs(derived - Decimal(POSITION_ASSET["initialMarginRequirement"])) < Decimal("1e-24")


def test_balance_is_the_equity_never_the_booked_collateral() -> None:
    found = reports.balance(ASSET, "1000")
    assert (found["total"], found["free"]) == ("15.791238609240472316741943359375", "13.836550")
    assert found["used"].startswith("1.95468860924047231674")
    assert reports.balance({}, "1000") == {"total": "0", "free": "0", "used": "0"}


def test_order() -> None:
    found = reports.order(ORDER, "USDC")
    assert (found["status"], found["filled"], found["average"], found["fee"]) == (
        "closed",
        "0.001",
        "97444.5",
        {"cost": "0.01754", "currency": "USDC"},
    )
    assert found["triggerPrice"] is None and found["takeProfitPrice"] is None and found["postOnly"] is False


@pytest.mark.parametrize(
    "changes,expected",
    [
        ({"status": "PENDING"}, "open"),
        ({"status": "OPEN"}, "open"),
        ({"status": "UNTRIGGERED"}, "open"),
        ({"status": "CANCELING"}, "open"),
        ({"status": "CANCELED", "cancelReason": "USER_CANCELED"}, "canceled"),
        ({"status": "CANCELED", "cancelReason": "EXPIRE_CANCELED"}, "expired"),
        ({"status": "CANCELED", "cancelReason": "LIQUIDATE_CANCELED"}, "canceled"),
    ],
)
def test_status(changes: dict[str, Any], expected: str) -> None:
    assert reports.order({**ORDER, **changes})["status"] == expected


@pytest.mark.parametrize("status", ["UNKNOWN_ORDER_STATUS", "UNRECOGNIZED", "", None])
def test_an_unknown_status_is_loud(status: Any) -> None:
    with pytest.raises(reading.Unreadable):
        reports.order({**ORDER, "status": status})


def test_filled_is_whichever_is_further() -> None:
    matched = {**ORDER, "cumFillSize": "0", "cumFillValue": "0", "cumFillFee": "0"}
    assert reports.order(matched)["filled"] == "0.001" and reports.order(matched)["fee"]["cost"] == "0.01754"
    later = {**ORDER, "cumMatchSize": "0", "cumMatchValue": "0", "cumMatchFee": "0"}
    assert reports.order(later)["cost"] == "97.4445"


def test_conditional_and_attached() -> None:
    stop = reports.order({**ORDER, "type": "STOP_MARKET", "price": "0", "triggerPrice": "75000", "status": "UNTRIGGERED"})
    assert (stop["type"], stop["price"], stop["triggerPrice"], stop["stopLossPrice"], stop["takeProfitPrice"]) == (
        "market",
        None,
        "75000",
        "75000",
        None,
    )
    take = reports.order({**ORDER, "type": "TAKE_PROFIT_LIMIT", "triggerPrice": "99000"})
    assert (take["type"], take["takeProfitPrice"]) == ("limit", "99000")
    entry = reports.order({**ORDER, "isSetOpenSl": True, "openSl": {"triggerPrice": "90000"}})
    assert (entry["stopLossPrice"], entry["triggerPrice"]) == ("90000", None)


@pytest.mark.parametrize(
    "changes,expected",
    [
        ({}, None),
        ({"status": "CANCELED", "cancelReason": "MARGIN_NOT_ENOUGH"}, "InsufficientFunds"),
        ({"status": "CANCELED", "cancelReason": "COULD_NOT_FILL", "timeInForce": "POST_ONLY"}, "OrderImmediatelyFillable"),
        ({"status": "CANCELED", "cancelReason": "COULD_NOT_FILL", "timeInForce": "IMMEDIATE_OR_CANCEL"}, None),
        ({"status": "CANCELED", "cancelReason": "REDUCE_ONLY_CANCELED"}, "InvalidOrder"),
        ({"status": "CANCELED", "cancelReason": "USER_CANCELED"}, None),
    ],
)
def test_what_was_accepted_and_then_refused(changes: dict[str, Any], expected: str | None) -> None:
    nothing = {} if not changes else {"cumFillSize": "0", "cumMatchSize": "0"}
    assert reports.refusal({**ORDER, **changes, **nothing}) == expected


def test_an_order_that_filled_in_part_was_not_refused() -> None:
    assert reports.refusal({**ORDER, "status": "CANCELED", "cancelReason": "MARGIN_NOT_ENOUGH"}) is None


def test_my_trade() -> None:
    found = reports.my_trade(FILL, "USDC")
    assert (found["order"], found["side"], found["takerOrMaker"], found["timestamp"]) == (
        "564815695875932430",
        "buy",
        "maker",
        1734662617982,
    )
    assert found["fee"] == {"cost": "0.01754", "currency": "USDC"}


def test_ledger() -> None:
    found = reports.ledger_entry(LEDGER)
    assert (found["direction"], found["amount"], found["before"], found["after"], found["status"]) == ("in", "10", "6", "16", "ok")
    assert found["referenceId"] == "563516408235819790" and found["type"] == "transaction"
    assert reports.ledger_entry({**LEDGER, "deltaAmount": "-2.5"})["direction"] == "out"


def test_fee_rates_and_leverage_by_precedence() -> None:
    contract = {**v.CONTRACT, "contractId": "1"}
    default = {"isSetFeeRate": True, "takerFeeRate": "0.0005", "makerFeeRate": "0.00018", "isSetMaxLeverage": False, "maxLeverage": "0"}
    unset = {"isSetFeeRate": False, "takerFeeRate": "", "makerFeeRate": "", "isSetMaxLeverage": True, "maxLeverage": "50"}
    account = {"defaultTradeSetting": default, "contractIdToTradeSetting": {"1": unset}}
    assert reports.fee_rates(account, contract) == ("0.00018", "0.0005") and reports.leverage_of(account, contract) == "50"
    own = {**unset, "isSetFeeRate": True, "takerFeeRate": "0.0001", "makerFeeRate": "0"}
    assert reports.fee_rates({**account, "contractIdToTradeSetting": {"1": own}}, contract) == ("0", "0.0001")
    assert reports.fee_rates({}, contract) == ("0.0004", "0.00045") and reports.leverage_of({}, contract) == "10"


def test_market_and_tiers() -> None:
    coins = {"1000": v.COIN, "1001": v.BTC}
    found = parsing.market(v.CONTRACT, coins)
    assert (found["symbol"], found["id"], found["active"]) == ("BTC/USDC:USDC", "30000001", True)
    assert found["precision"] == {"amount": "0.001", "price": "0.1"} and found["limits"]["leverage"]["max"] == "100"
    assert parsing.market({**v.CONTRACT, "enableOpenPosition": False}, coins)["active"] is False
    assert [(row["minNotional"], row["maxNotional"]) for row in parsing.tiers(v.CONTRACT)] == [("0", "50000"), ("50000", "500000")]


def test_a_closed_term() -> None:
    row = {"contractId": "1", "cumOpenSize": "0.001", "cumOpenValue": "96.813200", "cumOpenFee": "-0.048406", "cumCloseSize": "-0.001",
           "cumCloseValue": "-96.857100", "cumCloseFee": "-0.048428", "cumFundingFee": "0", "createdTime": "1734661018663",
           "updatedTime": "1734661081053", "currentLeverage": "50"}  # fmt: skip
    found = reports.term(row)
    assert (found["side"], found["entryPrice"], found["lastPrice"], found["closed"]) == ("long", "96813.2", "96857.1", True)
    assert found["realizedPnl"] == "-0.052934"
    assert reports.term({**row, "cumCloseSize": "0"})["closed"] is False


@pytest.mark.parametrize("value", ["abc", "NaN", "Infinity"])
def test_text_that_is_no_number(value: str) -> None:
    with pytest.raises(reading.Unreadable):
        reading.number(value)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=8, min_value=-(10**12), max_value=10**12))
def test_numbers_keep_their_value(value: Decimal) -> None:
    assert reading.number(format(value, "f")) == value
    assert Decimal(parsing.plain(value) or "x") == value


@pytest.mark.parametrize("response", [None, [], "x", {"code": "SUCCESS"}])
def test_answers_without_an_envelope(response: Any) -> None:
    with pytest.raises(reading.Unreadable):
        parsing.rows(response)
    with pytest.raises(reading.Unreadable):
        parsing.one(response)
