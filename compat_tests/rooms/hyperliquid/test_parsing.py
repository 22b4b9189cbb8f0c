"""Recorded answers of the live venue through the room's parsers and handlers."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import ccxt_dex
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.hyperliquid import parsing, user_feeds

CAPTURES = Path(__file__).resolve().parents[4] / "shared" / "captures" / "hyperliquid"
needs_captures = pytest.mark.skipif(not CAPTURES.is_dir(), reason="the recordings are not on this machine")


def recorded(name: str) -> Any:
    return json.loads((CAPTURES / name).read_text())


def cassette(name: str) -> list[Any]:
    """Answers in a recording of the official SDK (YAML with JSON in single quotes, folded)."""
    text = (CAPTURES / "sdk-cassettes" / name).read_text()
    found = re.findall(r"string: '(.*?)'\n\s+headers:", text, re.DOTALL)
    return [json.loads(re.sub(r"\n\s*", " ", body).replace("''", "'")) for body in found]


class Client:
    """Takes what handlers hand out."""

    def __init__(self, *keys: str) -> None:
        self.subscriptions = dict.fromkeys(keys, True)
        self.results: dict[str, Any] = {}
        self.futures: dict[str, Any] = {}
        self.asyncio_loop = SimpleNamespace(time=lambda: 1.0)

    def resolve(self, result: Any, message_hash: str) -> None:
        self.results[message_hash] = result


@pytest.fixture
def ex() -> Any:
    """The class with the markets that the recordings are about."""
    ex = ccxt_dex.hyperliquid({"walletAddress": "0x" + "1" * 40})
    coins = "BTC ETH ATOM MATIC DYDX SOL AVAX BNB APE OP LTC ARB DOGE INJ SUI JUP".split()
    rows = [{"name": coin, "szDecimals": 3, "maxLeverage": 20, "baseId": index, "markPx": "100"} for index, coin in enumerate(coins)]
    ex.set_markets([ex.parse_market(row) for row in rows])
    return ex


@needs_captures
def test_books_of_the_stream_and_of_rest(ex: Any) -> None:
    client, frame = Client("orderbook:BTC/USDC:USDC"), recorded("ws_l2book.json")
    ex.handle_message(client, frame)
    book = client.results["orderbook:BTC/USDC:USDC"]
    assert book["bids"][0][:2] == [64493.0, 10.7968] and book["timestamp"] == 1781410661641 and book["bids"][0][0] < book["asks"][0][0]
    assert len(book["bids"]) == len(frame["data"]["levels"][0])
    older = {**frame, "data": {**frame["data"], "time": 1, "levels": [[], []]}}
    ex.handle_message(client, older)
    assert ex.orderbooks["BTC/USDC:USDC"]["bids"], "an older snapshot changes nothing"


@needs_captures
def test_trades_of_the_stream_and_of_rest(ex: Any) -> None:
    client = Client()
    ex.handle_message(client, recorded("ws_trades.json"))
    trades = client.results["trade:BTC/USDC:USDC"]
    assert {row["side"] for row in trades} <= {"buy", "sell"} and all(row["id"] and row["price"] > 0 for row in trades)
    rest = [ex.parse_public_trade(row, ex.market("BTC")) for row in recorded("nautilus/http_recent_trades_btc.json")]
    assert [row["side"] for row in rest] == ["sell", "buy", "sell"] and rest[0]["cost"] == pytest.approx(104320.0 * 0.015)


@needs_captures
def test_middle_prices_leave_unknown_coins_out(ex: Any) -> None:
    client = Client()
    ex.handle_message(client, recorded("ws_allmids.json"))
    found = client.results["tickers:"]
    assert found and set(found) <= set(ex.symbols) and all(row["last"] > 0 and row["bid"] is None for row in found.values())


@needs_captures
def test_asset_contexts(ex: Any) -> None:
    ((_, contexts),) = [row for row in recorded("nautilus/ws_all_dexs_asset_ctxs.json")["data"]["ctxs"] if row[0] == ""]
    ticker = ex.parse_ticker({**contexts[0], "name": "BTC"})
    assert (ticker["markPrice"], ticker["indexPrice"], ticker["last"]) == (77562.0, 77605.0, 77558.5)
    assert ticker["baseVolume"] == 19707.77457 and ticker["bid"] is None


@needs_captures
def test_open_orders_with_triggers_and_children(ex: Any) -> None:
    rows = [ex.parse_order({**row, "ccxtStatus": "open"}) for row in cassette("get_frontend_open_orders.yaml")[0]]
    first = rows[0]
    assert (first["type"], first["takeProfitPrice"], first["reduceOnly"], first["side"]) == ("market", 10.004, True, "sell")
    assert all(row["status"] == "open" and row["symbol"] for row in rows if row["info"]["coin"] == "INJ")


@needs_captures
def test_positions_of_a_real_account(ex: Any) -> None:
    state = cassette("get_user_state.yaml")[0]
    rows = ex.positions_of(state)
    btc = next(row for row in rows if row["symbol"] == "BTC/USDC:USDC")
    assert (btc["side"], btc["contracts"], btc["entryPrice"], btc["leverage"]) == ("short", 0.00785, 26951.0, 20)
    assert btc["percentage"] == pytest.approx(-0.756643) and btc["marginMode"] == "cross" and btc["liquidationPrice"] == 173198.69592357
    balance = ex.parse_swap_balance({"": state})["USDC"]
    assert balance["total"] == float(state["marginSummary"]["accountValue"])


@needs_captures
def test_fills_fees_and_liquidations(ex: Any) -> None:
    rows = [ex.parse_trade(row) for row in recorded("nautilus/http_user_fills_dust_conversion.json") if row["coin"] in ("ARB", "JUP")]
    assert rows[0]["takerOrMaker"] == "maker" and rows[0]["fee"]["cost"] == 0.0
    (fill,) = recorded("nautilus/ws_user_fill_liquidation.json")["data"]["fills"]
    assert ex.parse_ws_trade(fill)["fee"]["cost"] == 0.009997


@needs_captures
def test_roles_and_agents(ex: Any) -> None:
    (role,) = cassette("user_role.yaml")
    with pytest.raises(errors.AuthenticationError, match="vault"):
        ex.role_checked(role, "0x" + "2" * 40, "0x" + "1" * 40)
    assert [row["name"] for row in cassette("extra_agents.yaml")[0]] == ["ok", "new"]


@needs_captures
def test_negative_raw_usd_and_spot_balances(ex: Any) -> None:
    state = recorded("nautilus/http_clearinghouse_state_negative_total_raw_usd.json")
    balance = ex.parse_swap_balance({"": {**state, "marginSummary": state["crossMarginSummary"]}})
    assert balance["USDC"]["free"] == 772.232111
    spot = ex.parse_spot_balance(recorded("nautilus/http_spot_clearinghouse_state.json"))
    assert spot["PURR"] == {"free": 1900.0, "used": 100.0, "total": 2000.0}


# --- composed by us from the SDK's and nktkas' types ------------------------------------------------------------------------------------


def answer(*statuses: Any) -> Any:
    return {"status": "ok", "response": {"type": "order", "data": {"statuses": list(statuses)}}}


def test_outcomes() -> None:
    rows = parsing.outcomes(
        answer({"resting": {"oid": 1}}, {"filled": {"totalSz": "0.1", "avgPx": "5", "oid": 2}}, {"error": "no"}, "waitingForFill"), 4
    )
    assert [row.get("id") for row in rows] == ["1", "2", None, None] and rows[2]["error"] == "no"
    assert [row["error"] for row in parsing.outcomes(answer({"error": "all of you"}), 3)] == ["all of you"] * 3


@pytest.mark.parametrize("bad", [{}, None, answer(), answer({"resting": {"oid": 1}}, "success"), answer({"surprise": {}})])
def test_an_answer_that_says_nothing_is_not_taken_for_a_refusal(bad: Any) -> None:
    with pytest.raises((ValueError, KeyError)):
        parsing.outcomes(bad, 1 if bad != answer({"resting": {"oid": 1}}, "success") else 3)


def test_unknown_statuses_fail_loudly(ex: Any) -> None:
    raw = {
        "order": {"coin": "BTC", "side": "B", "limitPx": "1", "sz": "1", "origSz": "1", "oid": 1, "timestamp": 1},
        "status": "dreaming",
        "statusTimestamp": 1,
    }
    with pytest.raises(errors.BadResponse):
        ex.parse_order(raw)


def test_tiers() -> None:
    table = {56: {"marginTiers": [{"lowerBound": "0.0", "maxLeverage": 40}, {"lowerBound": "150000000.0", "maxLeverage": 20}]}}
    rows = parsing.tiers({"marginTableId": 56, "maxLeverage": 40}, table, "BTC/USDC:USDC", "USDC")
    assert [(row["minNotional"], row["maxNotional"], row["maxLeverage"], row["maintenanceMarginRate"]) for row in rows] == [
        (0.0, 150e6, 40.0, 0.0125),
        (150e6, None, 20.0, 0.025),
    ]
    (single,) = parsing.tiers({"marginTableId": 10, "maxLeverage": 10}, {}, "X", "USDC")
    assert single["maxLeverage"] == 10.0


async def test_a_hole_between_two_fills_is_seen_and_filled(ex: Any) -> None:
    def fill(tid: int, before: str, size: str) -> dict[str, Any]:
        return {"coin": "BTC", "px": "100", "sz": size, "side": "B", "time": tid, "startPosition": before, "closedPnl": "0", "oid": tid, "crossed": True, "fee": "0", "tid": tid, "feeToken": "USDC"}  # fmt: skip

    all_fills, asked = [fill(1, "0", "1"), fill(2, "1", "2"), fill(3, "3", "1")], []

    async def info(kind: str, **fields: Any) -> Any:
        asked.append(kind)
        return all_fills

    ex.info, ex._fills_from, client = info, 0, Client()
    for number in (0, 2):
        ex.handle_message(client, {"channel": "userFills", "data": {"user": "0x" + "1" * 40, "fills": [all_fills[number]]}})
    await asyncio.gather(*ex._tasks)
    assert asked == ["userFills"] and [row["id"] for row in ex.myTrades] == ["1", "3", "2"]


def test_own_fills_of_before_are_no_news(ex: Any) -> None:
    client = Client()
    ex._fills_from = 1000
    old = {"coin": "BTC", "px": "1", "sz": "1", "side": "B", "time": 5, "startPosition": "0", "closedPnl": "0", "oid": 1, "crossed": True, "fee": "0", "tid": 1, "feeToken": "USDC"}  # fmt: skip
    ex.handle_message(client, {"channel": "userFills", "data": {"isSnapshot": True, "user": "0x" + "1" * 40, "fills": [old]}})
    assert client.results == {}


def test_fills_that_are_told_as_they_happen_are_news_whatever_the_clock_says(ex: Any) -> None:
    """A clock a minute ahead, of which no answer has told yet: it decides about the past in a snapshot alone."""
    client = Client()
    ex._fills_from = 70_000
    row = {"coin": "BTC", "px": "1", "sz": "1", "side": "B", "time": 10_000, "startPosition": "0", "closedPnl": "0", "oid": 1, "crossed": True, "fee": "0", "tid": 1, "feeToken": "USDC"}  # fmt: skip
    ex.handle_message(client, {"channel": "userFills", "data": {"user": "0x" + "1" * 40, "fills": [row]}})
    assert [trade["id"] for trade in client.results["myTrades"]] == ["1"]


def test_a_row_that_cannot_be_read_hides_no_other(ex: Any) -> None:
    client = Client()
    ex._fills_from = 0
    row = {"coin": "BTC", "px": "1", "sz": "1", "side": "B", "time": 5, "startPosition": "0", "closedPnl": "0", "oid": 1, "crossed": True, "fee": "0", "tid": 1, "feeToken": "USDC"}  # fmt: skip
    odd = [{**row, "tid": 2, "px": []}, {**row, "tid": 3, "coin": {}}, {}]
    ex.handle_message(client, {"channel": "userFills", "data": {"user": "0x" + "1" * 40, "fills": [*odd, row]}})
    assert [trade["id"] for trade in client.results["myTrades"]] == ["1"]
    ex.handle_message(
        client, {"channel": "userFills", "data": {"user": "0x" + "1" * 40, "fills": [{**row, "tid": 2, "startPosition": "1"}]}}
    )
    assert [trade["id"] for trade in client.results["myTrades"]] == ["1", "2"], "what could not be read was not known"
    order = {"coin": "BTC", "side": "B", "limitPx": "1", "sz": "1", "origSz": "1", "oid": 1, "timestamp": 1}
    said = [
        {"order": {**order, "oid": 2}, "status": "dreaming", "statusTimestamp": 1},
        {"order": order, "status": "canceled", "statusTimestamp": 1},
    ]
    ex.handle_message(client, {"channel": "orderUpdates", "data": said})
    assert [(row["id"], row["status"]) for row in client.results["orders"]] == [("1", "canceled")]


def test_a_position_in_a_market_that_is_not_loaded_is_told_and_its_end_too(ex: Any) -> None:
    """Its market was listed after load_markets; the end of it once made every later frame fail."""
    held = {"coin": "xyz:NEW", "szi": "1", "leverage": {"type": "cross", "value": 3}, "entryPx": "1", "positionValue": "1", "unrealizedPnl": "0", "returnOnEquity": "0", "liquidationPx": None, "marginUsed": "1", "maxLeverage": 40}  # fmt: skip

    def told(*positions: Any) -> Any:
        client = Client()
        state = {"marginSummary": {"accountValue": "1"}, "withdrawable": "1", "assetPositions": [{"type": "oneWay", "position": each} for each in positions], "time": 1}  # fmt: skip
        ex.handle_message(
            client, {"channel": "allDexsClearinghouseState", "data": {"user": "0x" + "1" * 40, "clearinghouseStates": [["", state]]}}
        )
        return [(row["symbol"], row["contracts"]) for row in client.results.get("positions", [])]

    assert told(held) == [("XYZ-NEW/USDC:USDC", 1.0)]
    with pytest.raises(errors.BadResponse):
        told({**held, "coin": None})
    assert told() == [("XYZ-NEW/USDC:USDC", 0.0)]
    assert told(held) == [("XYZ-NEW/USDC:USDC", 1.0)]


async def test_two_holes_in_quick_succession_are_two_looks(ex: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one, too soon after the first look, is looked for a little later instead of never."""
    monkeypatch.setattr(user_feeds, "REFILL_PAUSE", 0.1)

    def fill(tid: int, before: str, size: str) -> dict[str, Any]:
        return {"coin": "BTC", "px": "100", "sz": size, "side": "B", "time": tid, "startPosition": before, "closedPnl": "0", "oid": tid, "crossed": True, "fee": "0", "tid": tid, "feeToken": "USDC"}  # fmt: skip

    rows, shown = (
        [
            fill(1, "0", "1"),
            fill(2, "1", "1"),
            fill(3, "2", "1"),
            fill(4, "3", "1"),
            fill(5, "4", "1"),
            fill(6, "5", "1"),
            fill(7, "6", "1"),
        ],
        [3],
    )

    async def info(kind: str, **fields: Any) -> Any:
        return rows[: shown[0]]

    ex.info, ex._fills_from, client = info, 0, Client()
    for number in (0, 2):
        ex.handle_message(client, {"channel": "userFills", "data": {"user": "0x" + "1" * 40, "fills": [rows[number]]}})
    await asyncio.gather(*ex._tasks)
    shown[0] = 7
    for number in (4, 6):
        ex.handle_message(client, {"channel": "userFills", "data": {"user": "0x" + "1" * 40, "fills": [rows[number]]}})
    assert len(ex._tasks) == 1, "one look for both"
    await asyncio.gather(*ex._tasks)
    assert sorted(row["id"] for row in ex.myTrades) == ["1", "2", "3", "4", "5", "6", "7"]


def test_errors_have_their_ccxt_class(ex: Any) -> None:
    for text, kind in (
        ("Insufficient margin to place order. asset=4", errors.InsufficientFunds),
        ("Post only order would have immediately matched, bbo was 1@2. asset=4", errors.OrderImmediatelyFillable),
        ("Order could not immediately match against any resting orders. asset=4", errors.OrderNotFillable),
        ("Order must have minimum value of 10 USDC. asset=10000", errors.InvalidOrder),
        ("User or API Wallet 0xb8a6 does not exist.", errors.AuthenticationError),
        ("Too many cumulative requests sent (37986 > 10436)", errors.RateLimitExceeded),
        ("Order was never placed, already canceled, or filled. asset=4", errors.OrderNotFound),
    ):
        assert type(ex.venue_error(text)) is kind
