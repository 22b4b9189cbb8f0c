"""Attempts to break both flavours: answers and frames that make no sense, lists that lag, sockets that drop, tokens that end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio

import ccxt_dex
from ccxt_dex import paper
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.treadfi import parsing

SYMBOL = "BTC/USDC:USDC"
Until = Callable[..., Awaitable[Any]]


class Desk:
    def __init__(self, venue: Any, ex: Any) -> None:
        self.venue, self.ex, self.tread = venue, ex, venue.server.adapter

    def placed(self) -> list[Any]:
        """Bodies of orders that arrived at Tread."""
        found = [request for request in self.venue.requests() if (request.method, request.path) == ("POST", "/tread/api/orders/")]
        return [json.loads(request.body) for request in found]

    async def rest(self, **params: Any) -> Any:
        price = int(self.venue.engine.best("BTC")[0] * Decimal("0.9")) // 100 * 100
        return await self.ex.create_order(SYMBOL, "limit", "buy", 0.001, price, params)


@pytest_asyncio.fixture(params=["treadfi_hl", "treadfi_pc"])
async def desk(request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    async with paper.start(request.param, seed=7) as venue:
        await venue.market({"pause": True})
        ex = getattr(ccxt_dex, request.param)(venue.config())
        try:
            await ex.load_markets()
            yield Desk(venue, ex)
        finally:
            await ex.close()


@pytest.mark.parametrize(
    "answer",
    [{"body": {"message": "ok"}}, {"body": []}, {"body": {"id": None}}, {"body": "<html>"}, {"status": 502, "body": "<html>"}, {"status": 504, "body": ""}],
    ids=["no id", "an empty list", "a null id", "a page", "a gateway", "a slow gateway"],
)  # fmt: skip
async def test_an_acceptance_that_cannot_be_read_is_looked_up(desk: Desk, answer: dict[str, Any]) -> None:
    await desk.venue.fault({"kind": "http_status", "status": 200, "execute": True, "match": "POST /tread/api/orders/", **answer})
    order = await desk.rest(clientOrderId="mine-1")
    assert (order["clientOrderId"], order["status"]) == ("mine-1", "open")
    assert len(desk.placed()) == len(desk.tread.works) == 1


@pytest.mark.parametrize(
    "params", [{"reduce_only": True}, {"post_only": True}, {"strategy_params": {"reduce_only": True}}, {"custom_order_id": "x"}], ids=str
)
async def test_a_flag_in_tread_s_own_words_is_not_left_out(desk: Desk, params: dict[str, Any]) -> None:
    with pytest.raises(errors.InvalidOrder, match="is called"):
        await desk.rest(**params)
    assert not desk.placed()


@pytest.mark.parametrize(
    "params",
    [{"vaultAddress": "0x" + "1" * 40}, {"subAccountAddress": "0x" + "1" * 40}, {"expiresAfter": 5}, {"builder": {"b": "0x", "f": 1}}],
    ids=str,
)
async def test_what_tread_s_order_has_not_is_refused(desk: Desk, params: dict[str, Any]) -> None:
    """An order for a sub-account would go out for the account, one with an expiry without it."""
    with pytest.raises(errors.NotSupported):
        await desk.rest(**params)
    assert not desk.placed()


async def test_an_edit_changes_amount_and_price_and_nothing_else(desk: Desk) -> None:
    order = await desk.rest()

    def amended() -> int:
        return sum(request.path == "/tread/api/amend_order/" for request in desk.venue.requests())

    for kind, side, params in (("limit", "sell", {}), ("market", "buy", {})):
        with pytest.raises(errors.InvalidOrder):
            await desk.ex.edit_order(order["id"], SYMBOL, kind, side, 0.002, None, params)
    for params in ({"reduceOnly": True}, {"timeInForce": "IOC"}, {"clientOrderId": "other"}, {"stopLossPrice": 1}, {"postOnly": True}):
        with pytest.raises(errors.NotSupported):
            await desk.ex.edit_order(order["id"], SYMBOL, "limit", "buy", 0.002, None, params)
    assert amended() == 0
    assert (await desk.ex.edit_order(order["id"], SYMBOL, "limit", "buy", 0.002))["amount"] == 0.002 and amended() == 1


@pytest.mark.parametrize("duration", [1500, 0, "x", None, 999.5])
async def test_a_twap_lasts_whole_seconds(desk: Desk, duration: Any) -> None:
    with pytest.raises(errors.InvalidOrder):
        await desk.ex.create_twap_order(SYMBOL, "buy", 0.01, duration)
    assert not desk.placed()


@pytest.mark.parametrize("leverage", ["x", 5.5, "5.5", float("nan")])
async def test_a_leverage_is_not_rounded(desk: Desk, leverage: Any) -> None:
    sent = len(desk.venue.requests())
    for call in (desk.ex.set_leverage(leverage, SYMBOL), desk.ex.set_margin_mode("isolated", SYMBOL, {"leverage": leverage})):
        with pytest.raises(errors.BadRequest):
            await call
    assert not [request for request in desk.venue.requests()[sent:] if request.method == "POST" and "leverage" in request.path]


@pytest.mark.parametrize("said", ["Cancellation unsuccessful.", "Order was not successfully canceled.", "No success"])
async def test_a_cancel_that_says_no_in_other_words_is_none(desk: Desk, said: str) -> None:
    order = await desk.rest()
    await desk.venue.fault(
        {"kind": "http_status", "status": 200, "body": json.dumps({"message": said}), "match": "DELETE /tread/api/order/*"}
    )
    with pytest.raises(errors.InvalidOrder, match=said.rstrip(".")):
        await desk.ex.cancel_order(order["id"], SYMBOL)
    assert (await desk.ex.cancel_order(order["id"], SYMBOL))["status"] == "canceled"


@pytest.mark.parametrize("told", [{"target_token": "USDC"}, {"is_target_base": False, "target_token": "BTC"}], ids=str)
def test_an_order_for_so_much_money_is_not_one_for_so_many_coins(told: dict[str, Any]) -> None:
    """Composed: placed in the web app by quote_asset_qty, half carried out."""
    row = {
        "id": "1", "pair": "BTC:PERP-USDC", "side": "buy", "status": "ACTIVE", "target_order_qty": "5000", "target_executed_qty": "2500",
        "executed_notional": "2500", "average_executed_price": "50000",
    }  # fmt: skip
    fields = parsing.order({**row, **told})
    assert (fields["amount"], fields["filled"], fields["cost"], fields["average"]) == (None, "0.05", "2500", "50000")
    base = parsing.order({**row, "target_token": "BTC:PERP", "target_order_qty": "0.1", "target_executed_qty": "0.05"})
    assert (base["amount"], base["filled"]) == ("0.1", "0.05")


@pytest.mark.campaign  # it looks for ten seconds
async def test_a_list_that_lags_behind_proves_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer is lost and Tread's list does not show the order yet: it may live, so it is neither failed nor sent again."""
    listed = desk.tread._row
    monkeypatch.setattr(desk.tread, "_row", lambda work: {**listed(work), "custom_order_id": "", "side": "Multi"})
    await desk.venue.fault({"kind": "lose_reply", "match": "POST /tread/api/orders/"})
    with pytest.raises(ccxt_dex.OrderOutcomeUnknown) as caught:
        await desk.rest(clientOrderId="mine-2")
    assert caught.value.client_order_ids == ["mine-2"] and not isinstance(caught.value, (errors.NetworkError, errors.ExchangeError))
    assert len(desk.placed()) == len(desk.tread.works) == 1
    monkeypatch.setattr(desk.tread, "_row", listed)
    assert (await desk.ex.fetch_order("x", SYMBOL, {"clientOrderId": "mine-2"}))["status"] == "open"


FRAMES = [
    "nonsense {",
    "[]",
    "null",
    '{"type":"order_update"}',
    '{"type":"order_update","data":{"order_id":"x","update_type":"order_danced","order":{"side":"buy","pair":"BTC:PERP-USDC"}}}',
    '{"type":"order_update","data":{"order_id":"x","order":{"side":"Multi","status":"ACTIVE"}}}',
    '{"type":"order_update","data":{"order_id":"x","update_type":"order_created","order":{"side":"buy","pair":"XX:PERP-USDT","status":"ACTIVE"}}}',
    '{"type":"error","message":"?"}',
]


@pytest.mark.parametrize("text", FRAMES, ids=range(len(FRAMES)))
async def test_a_frame_that_makes_no_sense(desk: Desk, until: Until, text: str) -> None:
    seen: list[Any] = []

    async def follow() -> None:
        while True:
            seen.extend(await desk.ex.watch_orders(SYMBOL))

    task = asyncio.ensure_future(follow())
    try:
        await until(lambda: desk.venue.subscribed(1))
        (socket,) = desk.venue.server.connections
        await socket._ws.send_str(text)
        order = await desk.rest()
        await until(lambda: [row for row in seen if row["id"] == order["id"]])
        assert not task.done() and {row["id"] for row in seen} == {order["id"]}
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_an_update_of_an_unknown_kind_is_looked_up(desk: Desk, until: Until) -> None:
    task = asyncio.ensure_future(desk.ex.watch_orders(SYMBOL))
    await until(lambda: desk.venue.subscribed(1))
    await desk.venue.fault({"kind": "gap", "match": "user_orders", "count": 100})
    order = await desk.rest()
    await desk.venue.clear_faults()
    (socket,) = desk.venue.server.connections
    data = {"order_id": order["id"], "update_type": "order_resumed", "order": {"side": "buy", "pair": "BTC:PERP-USDC"}}
    await socket._ws.send_str(json.dumps({"type": "order_update", "data": data}))
    (row,) = await asyncio.wait_for(task, 5)
    assert (row["id"], row["status"], row["amount"]) == (order["id"], "open", 0.001)


async def test_an_order_that_ended_while_the_socket_was_down_is_told(desk: Desk, until: Until) -> None:
    task = asyncio.ensure_future(desk.ex.watch_orders(SYMBOL))
    await until(lambda: desk.venue.subscribed(1))
    order = await desk.rest()
    assert (await asyncio.wait_for(task, 5))[-1]["id"] == order["id"]
    task = asyncio.ensure_future(desk.ex.watch_orders(SYMBOL))
    await desk.venue.fault({"kind": "refuse_connect", "ms": 300, "drop": True, "match": "/tread/ws/orders/"})
    work = desk.tread.works[order["id"]]
    desk.venue.engine.cancel("alice", work.child.id)
    (row,) = await asyncio.wait_for(task, 10)
    assert (row["id"], row["status"]) == (order["id"], "canceled")


async def test_a_token_that_was_withdrawn(desk: Desk) -> None:
    """Told once each; nothing is tried again with the same token."""
    order = await desk.rest()
    desk.tread.people.users["alice"].token = "f" * 40
    for call in (desk.rest, lambda: desk.ex.cancel_order(order["id"], SYMBOL), desk.ex.fetch_accounts):
        before = len(desk.venue.requests())
        with pytest.raises(errors.AuthenticationError, match="Invalid token"):
            await call()
        assert len(desk.venue.requests()) <= before + 2, "no second attempt"
    with pytest.raises(errors.AuthenticationError):
        await asyncio.wait_for(desk.ex.watch_orders(SYMBOL), 10)
    assert len(desk.placed()) == 2 and len(desk.tread.works) == 1


async def test_no_dial_makes_a_session_while_the_instance_closes() -> None:
    """A watch that failed leaves a dial behind; what that opened after the end would be nobody's to close."""
    ex: Any = ccxt_dex.treadfi_hl()
    client = ex.client("ws://127.0.0.1:1/ws")
    kept, ex.session, ex._closing = ex.session, None, True
    outcome = await client._attempt()
    assert "closed by user" in str(outcome.error) and ex.session is None
    ex.session, ex._closing = kept, False
    await ex.close()
