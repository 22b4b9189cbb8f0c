"""The REST side: asynchronous orders, lists, positions, settings, transfers, refusals."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import aiohttp
import pytest

from ccxt_dex import paper
from ccxt_dex.paper import Venue
from compat_tests.rooms.standx_paper.client import Client, order

Until = Callable[..., Awaitable[Any]]
# official samples of docs.standx.com, September 2026 (fact sheet 4.5); is_taker and pnl_24h are live extras
ORDER_FIELDS = """avail_locked cl_ord_id closed_block created_at created_block fill_avg_price fill_qty id leverage liq_id margin order_type
payload position_id price qty reduce_only remark side source status symbol time_in_force updated_at user""".split()
TRADE_FIELDS = "created_at fee_asset fee_qty id is_taker order_id pnl price qty side symbol updated_at user value".split()
POSITION_FIELDS = """bankruptcy_price created_at entry_price entry_value holding_margin id initial_margin leverage liq_price maint_margin
margin_asset margin_mode mark_price mmr position_value qty realized_pnl status symbol time updated_at upnl user""".split()
BALANCE_FIELDS = """isolated_balance isolated_upnl cross_balance cross_margin cross_upnl locked cross_available balance upnl equity
pnl_freeze pnl_24h""".split()
FUNDING_FIELDS = "id user asset symbol qty txn_type transact_time created_at updated_at".split()


async def placed(client: Client, until: Until, **body: Any) -> dict[str, Any]:
    status, answer = await client.post("new_order", order(**body))
    assert (status, answer["code"]) == (200, 0), answer

    async def there() -> Any:
        status, row = await client.get("query_order", cl_ord_id=body["cl_ord_id"])
        return row if status == 200 else None

    found: dict[str, Any] = await until(there)
    return found


async def test_an_order_is_accepted_first_and_exists_later(http: aiohttp.ClientSession, until: Until) -> None:
    async with paper.start("standx", symbols=["BTC-USD"], order_latency_ms=150) as venue:
        client = await Client(venue, http).sign_in()
        status, answer = await client.post("new_order", order(cl_ord_id="one"))
        assert status == 200 and list(answer) == ["code", "message", "request_id"]
        assert await client.get("query_order", cl_ord_id="one") == (404, {"code": 404, "message": "order not found"})
        await until(lambda: venue.engine.find("alice", client_id="one"))
        status, row = await client.get("query_order", cl_ord_id="one")
        assert status == 200 and list(row) == ORDER_FIELDS
        assert row["status"] == "open" and row["id"] > 2**31 and row["qty"] == "0.1000" and row["price"] == "61000.00"
        assert row["user"] == f"bsc_{client.config['walletAddress']}" and row["avail_locked"].partition(".")[2] and row["fill_qty"] == "0"
        assert (await client.get("query_order", order_id=row["id"]))[1] == row


async def test_the_server_makes_a_ulid_when_no_client_id_is_given(venue: Venue, client: Client, until: Until) -> None:
    await client.post("new_order", order())
    await until(lambda: venue.engine.open_orders("alice"))
    _, page = await client.get("query_open_orders")
    assert list(page) == ["code", "message", "page_size", "result", "total"] and page["total"] == 1 and page["page_size"] == 500
    assert len(page["result"][0]["cl_ord_id"]) == 26


async def test_post_only_that_crosses_is_rejected_in_matching_not_at_the_gateway(venue: Venue, client: Client, until: Until) -> None:
    row = await placed(client, until, price="62500.00", tif="alo", cl_ord_id="alo")
    assert row["status"] == "rejected" and row["fill_qty"] == "0"
    assert (await client.get("query_orders", status="rejected"))[1]["total"] == 1
    assert (await client.get("query_open_orders"))[1]["total"] == 0


async def test_a_market_order_fills_and_leaves_a_position_a_trade_and_a_fee(venue: Venue, client: Client, until: Until) -> None:
    row = await placed(client, until, price=None, tif="ioc", cl_ord_id="m")
    assert row["status"] == "filled" and row["fill_qty"] == "0.1000" and row["price"] != "0" and row["fill_avg_price"] != "0"
    _, trades = await client.get("query_trades", symbol="BTC-USD")
    assert all(list(trade) == TRADE_FIELDS and trade["is_taker"] for trade in trades["result"])
    value = sum(Decimal(trade["value"]) for trade in trades["result"])
    assert sum(Decimal(trade["fee_qty"]) for trade in trades["result"]) == value * Decimal("0.0004")
    _, (position,) = await client.get("query_positions")
    assert list(position) == POSITION_FIELDS and position["qty"] == "0.1000" and position["status"] == "open"
    _, balance = await client.get("query_balance")
    assert list(balance) == BALANCE_FIELDS
    numbers = {key: Decimal(text) for key, text in balance.items()}
    assert numbers["equity"] == numbers["balance"] + numbers["upnl"]
    assert numbers["balance"] == numbers["cross_balance"] + numbers["isolated_balance"] == Decimal(100_000) - value * Decimal("0.0004")
    await placed(client, until, side="sell", price=None, tif="ioc", reduce_only=True, cl_ord_id="close")
    _, (closed,) = await client.get("query_positions", symbol="BTC-USD")
    assert closed["qty"] == "0" and closed["status"] == "closed", "closed positions stay in the list"


async def test_cancels_are_asynchronous_too(venue: Venue, client: Client, until: Until) -> None:
    row = await placed(client, until, cl_ord_id="c1")
    for body in ({"order_id": 1}, {"order_id": row["id"], "symbol": "BTC-USD"}, {"cl_ord_id": "c1"}):
        status, answer = await client.post("cancel_order", body)
        assert (status, answer["code"]) == (200, 0), "unknown and finished orders are told later, if at all"
    await until(lambda: venue.engine.find("alice", client_id="c1").status == "canceled")
    rows = [await placed(client, until, cl_ord_id=name) for name in ("c2", "c3", "c4")]
    assert (await client.post("cancel_orders", {"order_id_list": [rows[0]["id"], 7]}))[1]["code"] == 0
    assert (await client.post("cancel_orders", {"cl_ord_id_list": ["c3", "c4"]}))[1]["code"] == 0
    await until(lambda: not venue.engine.open_orders("alice"))
    for body in ({}, {"order_id": str(rows[0]["id"])}, {"order_id": 1.5}, [1]):
        assert (await client.post("cancel_order", body))[0] == 400
    assert (await client.post("cancel_orders", {"order_id_list": []}))[0] == 400


async def test_orders_of_other_accounts_are_out_of_reach(venue: Venue, http: aiohttp.ClientSession, client: Client, until: Until) -> None:
    row = await placed(client, until, cl_ord_id="mine")
    bob = await Client(venue, http, venue.config("bob")).sign_in()
    assert (await bob.get("query_order", order_id=row["id"]))[0] == 404
    await bob.post("cancel_order", {"order_id": row["id"]})
    await placed(bob, until, cl_ord_id="after")
    assert venue.engine.find("alice", client_id="mine").status == "open"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"price": "61000.001"}, "price tick"),
        ({"qty": "0.00011"}, "qty tick"),
        ({"qty": "0"}, "min_order_qty"),
        ({"qty": "101"}, "max_order_qty"),
        ({"price": "50000.00"}, "price out of allowed range"),
        ({"symbol": "DOGE-USD"}, "symbol not found"),
        ({"side": "long"}, "unknown variant `long`"),
        ({"tif": "fok"}, "unknown variant `fok`"),
        ({"qty": 0.1}, "qty: invalid type"),
        ({"qty": "1e-1"}, "qty: invalid type"),
        ({"reduce_only": "false"}, "reduce_only: invalid type"),
        ({"reduce_only": None}, "missing field `reduce_only`"),
        ({"reduce_only": True}, "reduce only"),
        ({"qty": "90"}, "insufficient"),
        ({"leverage": 3}, "leverage"),
        ({"margin_mode": "isolated"}, "margin mode"),
        ({"order_type": "limit", "price": None}, "price is required"),
    ],
)
async def test_the_gateway_refuses_at_once(venue: Venue, client: Client, changes: dict[str, Any], said: str) -> None:
    body = order(**{**changes, **({"price": "61000.00"} if "price" not in changes else {})})
    if changes.get("order_type"):
        body["order_type"] = "limit"
    status, answer = await client.post("new_order", body)
    assert status == 400 and said in (answer if isinstance(answer, str) else answer["message"])
    assert venue.state()["orders_ever"] == 0 and venue.state()["requests"]["orders_executed"] == 0


async def test_duplicate_client_ids_closed_markets_and_garbage(venue: Venue, client: Client, until: Until) -> None:
    await placed(client, until, cl_ord_id="dup")
    assert (await client.post("new_order", order(cl_ord_id="dup")))[0] == 400
    first, second = [await client.post("new_order", order(cl_ord_id="quick")) for _ in range(2)]
    assert (first[0], second[0]) == (200, 400)
    await venue.market({"symbol": "BTC-USD", "active": False})
    assert (await client.get("query_symbol_info", symbol="BTC-USD"))[1][0]["status"] != "trading"
    assert (await client.post("new_order", order()))[0] == 400
    assert await client.post("new_order", b"{") == (400, "Failed to parse the request body as JSON")


async def test_take_profit_and_stop_loss_come_into_being_after_the_fill(venue: Venue, client: Client, until: Until) -> None:
    await placed(client, until, price=None, tif="ioc", cl_ord_id="entry", tp_price="63000.00", sl_price="61000.00")
    _, page = await client.get("query_open_orders")
    assert sorted(row["price"] for row in page["result"]) == ["61000.00", "63000.00"]
    for row in page["result"]:
        assert list(row) == ORDER_FIELDS and (row["status"], row["side"], row["reduce_only"]) == ("untriggered", "sell", True)
    _, positions = await client.get("query_positions")
    await venue.market({"symbol": "BTC-USD", "price": "63100"})
    await until(lambda: venue.engine.snapshot("alice", "BTC-USD").qty == 0, what="the take-profit closes the position")
    assert positions[0]["qty"] == "0.1000" and (await client.get("query_open_orders"))[1]["total"] == 0


async def test_a_wallet_that_never_deposited(venue: Venue, http: aiohttp.ClientSession) -> None:
    poor = await Client(venue, http, venue.config("poor", deposit="0")).sign_in()
    for path in ("query_balance", "query_open_orders"):
        assert await poor.get(path) == (404, {"code": 404, "message": "user balance not found"})
    assert await poor.get("query_positions") == (200, [])
    assert (await poor.post("new_order", order()))[0] == 400


async def test_settings(client: Client, until: Until) -> None:
    assert (await client.get("query_position_config", symbol="BTC-USD"))[1] == {
        "leverage": "10",
        "margin_mode": "cross",
        "symbol": "BTC-USD",
    }
    assert (await client.post("change_leverage", {"symbol": "BTC-USD", "leverage": 20}))[1]["code"] == 0
    assert (await client.post("change_margin_mode", {"symbol": "BTC-USD", "margin_mode": "isolated"}))[1]["code"] == 0
    assert (await client.get("query_position_config", symbol="BTC-USD"))[1] == {
        "leverage": "20",
        "margin_mode": "isolated",
        "symbol": "BTC-USD",
    }
    for body in (
        {"symbol": "BTC-USD", "leverage": 41},
        {"symbol": "BTC-USD", "leverage": "5"},
        {"leverage": 5},
        {"symbol": "X", "leverage": 5},
    ):
        assert (await client.post("change_leverage", body))[0] == 400
    assert (await client.post("change_margin_mode", {"symbol": "BTC-USD", "margin_mode": "both"}))[0] == 400
    await placed(client, until, price=None, tif="ioc", cl_ord_id="iso", qty="0.0100")
    _, (before,) = await client.get("query_positions")
    assert (await client.post("transfer_margin", {"symbol": "BTC-USD", "amount_in": "100.0"}))[0] == 200
    _, (after,) = await client.get("query_positions")
    assert Decimal(after["holding_margin"]) - Decimal(before["holding_margin"]) == 100
    assert (await client.post("change_margin_mode", {"symbol": "BTC-USD", "margin_mode": "cross"}))[0] == 400


async def test_wallet_transfers(client: Client) -> None:
    assert (await client.post("transfer_to_perps", {"amount": "1.0", "token": "DUSD"}))[0] == 400
    assert (await client.post("transfer_to_spot", {"amount": "1000.0", "token": "DUSD"}))[1]["code"] == 0
    assert (await client.get("query_balance"))[1]["balance"] == "99000.000000000"
    assert (await client.post("transfer_to_perps", {"amount": "400.0"}))[1]["code"] == 0
    status, answer = await client.post("withdraw", {"amount": "2", "chain": "BSC", "token": "DUSD"})
    assert status == 200 and list(answer) == ["tx", "withdraw_fee", "signature"] and answer["tx"]["token_amount"] == "2"
    assert (await client.post("transfer_to_spot", {"amount": "1e9", "token": "DUSD"}))[0] == 400


async def test_funding_is_paid_on_the_hour(venue: Venue, client: Client, until: Until) -> None:
    await placed(client, until, price=None, tif="ioc", cl_ord_id="f")
    await venue.market({"symbol": "BTC-USD", "funding_rate": "0.0002", "advance_ms": 3_600_000})
    await until(lambda: venue.engine.fundings("alice"))
    _, rows = await client.get("query_funding_history", symbol="BTC-USD")
    assert list(rows[0]) == FUNDING_FIELDS and rows[0]["txn_type"] == "funding" and rows[0]["transact_time"].endswith(":00:00Z")
    assert Decimal(rows[0]["qty"]) < 0, "a long pays a positive rate"


async def test_paging_newest_first(client: Client, until: Until) -> None:
    for number in range(5):
        await placed(client, until, cl_ord_id=f"p{number}")
    _, first = await client.get("query_orders", limit=2)
    assert [row["cl_ord_id"] for row in first["result"]] == ["p4", "p3"] and first["total"] == 5
    _, second = await client.get("query_orders", limit=2, last_id=first["result"][-1]["id"])
    assert [row["cl_ord_id"] for row in second["result"]] == ["p2", "p1"]
    assert (await client.get("query_orders", start="2020-01-01T00:00:00Z", end="2020-01-02T00:00:00Z"))[1]["result"] == []
    assert (await client.get("query_orders", start="yesterday"))[0] == 400
    assert (await client.get("query_orders", status="open,new"))[0] == 400
    assert (await client.get("query_open_orders", symbol="ETH-USD"))[1]["result"] == []


async def test_missing_parameters_answer_in_plain_text(venue: Venue, client: Client) -> None:
    for path, field in (
        ("query_symbol_market", "symbol"),
        ("query_symbol_price", "symbol"),
        ("query_depth_book", "symbol"),
        ("query_recent_trades", "symbol"),
        ("query_funding_rates?symbol=BTC-USD", "start_time"),
        ("kline/history?symbol=BTC-USD", "from"),
        ("query_position_config", "symbol"),
    ):
        status, text = await client.send("GET", f"/api/{path}", headers={"Authorization": f"Bearer {client.token}"})
        assert (status, text) == (400, f"Failed to deserialize query string: missing field `{field}`")


async def test_the_credit_bucket_answers_429(http: aiohttp.ClientSession) -> None:
    async with paper.start("standx", symbols=["BTC-USD"], credits_per_second=1, ip_per_second=1000) as venue:
        client = await Client(venue, http).sign_in()
        statuses = [(await client.get("query_positions"))[0] for _ in range(21)]
        assert statuses == [200] * 20 + [429]
        assert (await client.get("query_symbol_info"))[0] == 200, "public requests do not draw from it"
        bob = await Client(venue, http, venue.config("bob")).sign_in()
        assert (await bob.get("query_positions"))[0] == 200
    async with paper.start("standx", symbols=["BTC-USD"], ip_per_second=5) as venue:
        anybody = Client(venue, http)
        assert 429 in [(await anybody.get("kline/time"))[0] for _ in range(8)]
    async with paper.start("standx", symbols=["BTC-USD"], rate_limit=False) as venue:
        client = await Client(venue, http).sign_in()
        assert {(await client.get("query_positions"))[0] for _ in range(60)} == {200}


async def test_vaults(http: aiohttp.ClientSession) -> None:
    async with paper.start("standx", accounts=2, symbols=["BTC-USD"], vaults={"cv_1": "alice"}) as venue:
        for name, vault, status in (("alice", "cv_1", 200), ("alice", "vault", 403), ("bob", "cv_1", 403)):
            client = await Client(venue, http, venue.config(name)).sign_in()
            headers = {"Authorization": f"Bearer {client.token}", "x-impersonate": vault}
            assert (await client.send("GET", "/api/query_balance", headers=headers))[0] == status
