"""The room against its paper venue: what is particular to Lighter; what every room must do is in compat_tests/contract."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from ccxt_dex import signers
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.lighter import lighter, signer
from compat_tests.rooms.lighter.desk import ETH, price, sent


async def test_the_key_index_is_found_by_the_public_key(ex: Any, venue: Any) -> None:
    assert await ex.identity() == (int(venue.config()["uid"]), 3)


async def test_a_given_key_index_is_not_looked_up(venue: Any) -> None:
    exchange = lighter({**venue.config(), "apiKey": "3"})
    assert (await exchange.identity()).key_index == 3
    assert not [name for name in venue.server.log.endpoints if "apikeys" in name]
    await exchange.close()


async def test_the_account_is_found_by_the_wallet_address(venue: Any) -> None:
    config = venue.config()
    address = venue.adapter.address(int(config.pop("uid")))
    exchange = lighter({**config, "walletAddress": address})
    assert (await exchange.identity()).account == int(venue.config()["uid"])
    await exchange.close()


async def test_the_key_may_come_as_secret(venue: Any) -> None:
    config = venue.config()
    exchange = lighter({**config, "secret": config.pop("privateKey"), "privateKey": None})
    assert (await exchange.identity()).key_index == 3
    await exchange.close()


@pytest.mark.parametrize("change", [{"uid": "abc"}, {"apiKey": "255"}, {"apiKey": "x"}, {"uid": None}])
async def test_bad_indices_are_authentication_errors(venue: Any, change: dict[str, Any]) -> None:
    exchange = lighter({**venue.config(), **change})
    with pytest.raises(errors.AuthenticationError):
        await exchange.identity()
    await exchange.close()


async def test_a_signer_that_must_be_awaited(venue: Any) -> None:
    """A KMS in place of the local key: every signature and the public key come out of coroutines."""

    class Remote:
        def __init__(self, key: str) -> None:
            self.inner, self.count = signer.LighterSigner(key), 0

        @property
        def public_key(self) -> Any:
            async def get() -> bytes:
                return self.inner.public_key

            return get()

        async def sign(self, digest: bytes) -> bytes:
            self.count += 1
            return self.inner.sign(digest)

    made: list[Remote] = []

    def factory(key: str, **options: Any) -> Remote:
        made.append(Remote(key))
        return made[-1]

    signers.register("lighter", factory)
    try:
        exchange = lighter(venue.config())
        await exchange.load_markets()
        order = await exchange.create_order(ETH, "limit", "buy", 0.1, await price(exchange))
        assert order["status"] == "open" and made[0].count >= 2  # a transaction and a token
        await exchange.close()
    finally:
        signers.register("lighter", signer.make)


async def test_real_ids_and_statuses_come_back(ex: Any) -> None:
    order = await ex.create_order(ETH, "limit", "buy", 0.1, await price(ex), {"clientOrderId": 77})
    assert int(order["id"]) >= 2**48 and order["clientOrderId"] == "77"
    assert (order["status"], order["amount"], order["timeInForce"]) == ("open", 0.1, "GTC")
    by_client = await ex.fetch_order("77", ETH)
    assert by_client["id"] == order["id"] == (await ex.fetch_order(None, ETH, {"clientOrderId": "77"}))["id"]


async def test_an_id_of_an_earlier_life_is_found_among_the_open_and_the_ended_orders(ex: Any, venue: Any) -> None:
    first = await ex.create_order(ETH, "limit", "buy", 0.1, await price(ex))
    second = await ex.create_order(ETH, "limit", "buy", 0.1, await price(ex))
    await ex.cancel_order(first["id"], ETH)
    fresh = lighter(venue.config())
    for order, status in ((first, "canceled"), (second, "open")):
        assert (await fresh.fetch_order(order["id"]))["status"] == status
    with pytest.raises(errors.OrderNotFound):
        await fresh.fetch_order(str(2**48 + 999_999))
    await fresh.close()


async def test_without_waiting_the_client_id_stands_in(ex: Any) -> None:
    order = await ex.create_order(ETH, "limit", "buy", 0.1, await price(ex), {"clientOrderId": 5, "wait": False})
    assert (order["id"], order["status"], order["amount"]) == ("5", "open", 0.1)
    assert (await ex.cancel_order("5", ETH))["status"] == "canceled"


async def test_what_is_refused_in_the_queue_is_raised(ex: Any) -> None:
    crossing = (await price(ex, 1.0)) + 100
    with pytest.raises(errors.OrderImmediatelyFillable):
        await ex.create_order(ETH, "limit", "buy", 0.1, crossing, {"postOnly": True})
    with pytest.raises(errors.InvalidOrder):
        await ex.create_order(ETH, "market", "sell", 0.1, None, {"reduceOnly": True})
    with pytest.raises(errors.InsufficientFunds):
        await ex.create_order(ETH, "limit", "buy", 100_000, await price(ex))


async def test_order_expiry_reaches_the_venue(ex: Any, venue: Any) -> None:
    at = ex.milliseconds() + 3_600_000
    await ex.create_order(ETH, "limit", "buy", 0.1, await price(ex), {"orderExpiry": at})
    assert sent(venue)[-1]["OrderExpiry"] == at


async def test_nothing_but_the_nonce_flag_is_attached(ex: Any, venue: Any) -> None:
    await ex.create_order(ETH, "market", "buy", 0.1)
    await ex.create_order(ETH, "limit", "sell", 0.1, (await price(ex)) + 200, {"stopLoss": {"triggerPrice": 9999}})
    await ex.create_orders([{"symbol": ETH, "type": "limit", "side": "buy", "amount": 0.1, "price": await price(ex)}])
    assert [body["L2TxAttributes"] for body in sent(venue)] == [{"4": 1}] * 3


@pytest.mark.parametrize(("name", "factor"), [("stopLoss", "0.97"), ("takeProfit", "1.03")])
async def test_one_attached_exit_closes_what_the_entry_opened(ex: Any, venue: Any, until: Any, name: str, factor: str) -> None:
    mark = venue.engine.mark("0")
    trigger = float((mark * Decimal(factor)).quantize(Decimal("0.01")))
    entry = await ex.create_order(ETH, "market", "buy", 0.1, None, {name: {"triggerPrice": trigger}, "clientOrderId": 9})
    assert (entry["status"], entry["filled"], entry["clientOrderId"]) == ("closed", 0.1, "9")
    (exit_order,) = await ex.fetch_open_orders(ETH)
    assert (exit_order["side"], exit_order["reduceOnly"], exit_order[f"{name}Price"]) == ("sell", True, trigger)
    await venue.market({"symbol": "0", "price": str(mark * (Decimal(factor) + (Decimal("-0.002") if factor < "1" else Decimal("0.002"))))})

    async def flat() -> bool:
        return not await ex.fetch_positions([ETH])

    await until(flat)
    assert [tx.body["GroupingType"] for tx in venue.adapter.arrived] == [1]


async def test_a_batch_is_one_request(ex: Any, venue: Any) -> None:
    at = await price(ex)
    made = await ex.create_orders([{"symbol": ETH, "type": "limit", "side": "buy", "amount": 0.1, "price": at - i} for i in range(10)])
    assert [order["status"] for order in made] == ["open"] * 10 and len({order["id"] for order in made}) == 10
    assert venue.server.log.endpoints["POST /api/v1/sendTxBatch"] == 1 and "POST /api/v1/sendTx" not in venue.server.log.endpoints
    await ex.cancel_orders([order["id"] for order in made[:4]], ETH)
    await ex.cancel_orders_for_symbols([{"id": order["id"], "symbol": ETH} for order in made[4:6]])
    assert venue.server.log.endpoints["POST /api/v1/sendTxBatch"] == 3
    assert len(await ex.fetch_open_orders(ETH)) == 4


async def test_scheduled_cancel_of_everything(ex: Any, venue: Any) -> None:
    order = await ex.create_order(ETH, "limit", "buy", 0.1, await price(ex))
    for bad in (60_000, 1_296_000_001):
        with pytest.raises(errors.BadRequest):
            await ex.cancel_all_orders_after(bad)
    await ex.cancel_all_orders_after(300_000)
    await ex.cancel_all_orders_after(0)
    await asyncio.sleep(0.1)
    await venue.market({"advance_ms": 310_000})
    assert (await ex.fetch_order(order["id"], ETH))["status"] == "open"


async def test_a_triggered_cancel_of_everything(ex: Any, venue: Any, until: Any) -> None:
    order = await ex.create_order(ETH, "limit", "buy", 0.1, await price(ex))
    await ex.cancel_all_orders_after(300_000)
    await until(lambda: venue.engine.account("alice").cancel_at, what="the switch is armed")
    await venue.market({"advance_ms": 310_000})

    async def canceled() -> bool:
        return bool((await ex.fetch_order(order["id"], ETH))["status"] == "canceled")

    await until(canceled)


async def test_transfer_and_withdraw_are_signed(ex: Any, venue: Any) -> None:
    moved = await ex.transfer("USDC", 5, "perp", "spot")
    assert moved["currency"] == "USDC" and len(moved["id"]) == 80
    assert (await ex.withdraw("USDC", 7.5, None))["amount"] == 7.5
    with pytest.raises(errors.InvalidAddress):
        await ex.withdraw("USDC", 7.5, "0x" + "12" * 20)
    assert (await ex.create_sub_account("second"))["code"] == 200
    transfer, withdrawal, _ = sent(venue)
    assert (transfer["Amount"], transfer["FromRouteType"], transfer["ToRouteType"]) == (5_000_000, 0, 1)
    assert (withdrawal["AssetIndex"], withdrawal["Amount"]) == (3, 7_500_000)


def test_a_transfer_names_both_sides() -> None:
    """The official documentation's row (2026-07)."""
    row = {
        "id": "3085014",
        "asset_id": 3,
        "amount": "11.000000",
        "timestamp": 1766387292752,
        "from_account_index": 1077,
        "from_route": "spot",
    }
    ex = lighter()
    between = ex.parse_transfer({**row, "to_account_index": 281474976710608, "to_route": "spot"})
    inside = ex.parse_transfer({**row, "to_account_index": 1077, "to_route": "perps"})
    assert (between["fromAccount"], between["toAccount"]) == ("1077", "281474976710608")
    assert (inside["fromAccount"], inside["toAccount"], inside["amount"]) == ("spot", "perps", 11.0)


async def test_an_old_order_that_ended_late_does_not_end_the_reading(ex: Any) -> None:
    """Ended orders come by the time of their end (official documentation, 2026-07); composed of two pages of a hundred."""
    row = {"market_index": 0, "type": "limit", "status": "canceled", "initial_base_amount": "0.1", "is_ask": False, "price": "2000.00"}

    def page(first: int, created: list[int]) -> list[dict[str, Any]]:
        ids = enumerate(created, first)
        return [
            {**row, "order_index": 2**48 + each, "client_order_index": 0, "timestamp": at, "updated_at": 1_777_941_000 - each}
            for each, at in ids
        ]

    pages = [page(0, [1_777_940_000] * 99 + [1_777_000_000]), page(100, [1_777_940_500])]

    async def call(endpoint: str, params: Any = None) -> Any:
        rows = pages.pop(0)
        return {"orders": rows, "next_cursor": "more" if pages else None}

    await ex.identity()
    ex.call = call
    found = await ex.fetch_canceled_orders(ETH, 1_777_900_000_000)
    assert len(found) == 100 and str(2**48 + 100) in {order["id"] for order in found}


@pytest.mark.parametrize("name", ["accountIndex", "account_index", "apiKeyIndex", "api_key_index"])
async def test_another_account_or_key_than_the_instances_is_refused_by_whatever_signs(ex: Any, venue: Any, name: str) -> None:
    """ccxt's class signs for the account of the parameter; ignored, it would trade the wrong one's money."""
    who, other = await ex.identity(), {name: 777}
    calls: list[tuple[Any, ...]] = [
        ("create_order", ETH, "limit", "buy", 0.1, 2000, other),
        ("create_order_ws", ETH, "limit", "buy", 0.1, 2000, other),
        ("create_orders", [{"symbol": ETH, "type": "limit", "side": "buy", "amount": 0.1, "price": 2000, "params": other}]),
        ("edit_order", "5", ETH, "limit", "buy", 0.1, 2000, other),
        ("cancel_order", "5", ETH, other),
        ("cancel_orders", ["5"], ETH, other),
        ("cancel_orders_for_symbols", [{"id": "5", "symbol": ETH}], other),
        ("cancel_all_orders", ETH, other),
        ("cancel_all_orders_after", 300_000, other),
        ("set_leverage", 3, ETH, other),
        ("set_margin_mode", "isolated", ETH, other),
        ("add_margin", ETH, 1, other),
        ("set_margin", ETH, 1, {**other, "direction": 1}),
        ("transfer", "USDC", 1, "perp", "spot", other),
        ("withdraw", "USDC", 1, None, other),
    ]
    for method, *args in calls:
        with pytest.raises(errors.BadRequest, match="signs for"):
            await getattr(ex, method)(*args)
    assert sent(venue) == []
    own = {"accountIndex": who.account, "apiKeyIndex": str(who.key_index)}
    assert (await ex.create_order(ETH, "limit", "buy", 0.1, await price(ex), own))["status"] == "open"


@pytest.mark.parametrize(
    "params", [{"post_only": True}, {"time_in_force": "IOC"}, {"trigger_price": 1}, {"leverage": 5}, {"marginMode": "isolated"}]
)
async def test_what_would_be_ignored_and_makes_another_order_is_refused(ex: Any, venue: Any, params: dict[str, Any]) -> None:
    with pytest.raises((errors.BadRequest, errors.NotSupported)):
        await ex.create_order(ETH, "limit", "buy", 0.1, 2000, params)
    assert sent(venue) == []
