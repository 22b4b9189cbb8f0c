"""Hyperliquid: orders and signed actions of ccxt 4.5.90's class and of ours, both against the local venue."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from eth_account import Account

from ccxt_dex._ccxt import errors
from compat_tests.upstream.hyperliquid import SYMBOL, Pair, open_pair, signer


@pytest_asyncio.fixture
async def pair() -> AsyncIterator[Pair]:
    async with open_pair() as opened:
        yield opened


# --- 6: order semantics -----------------------------------------------------------------------------------------------------------------------


async def test_gtc_and_post_only_together_stay_post_only(pair: Pair) -> None:
    params = {"timeInForce": "GTC", "postOnly": True}
    await pair.theirs.create_order(SYMBOL, "limit", "buy", 0.001, 59000, params)
    assert pair.last()["orders"][0]["t"] == {"limit": {"tif": "Gtc"}}
    await pair.ours.create_order(SYMBOL, "limit", "buy", 0.001, 59000, params)
    assert pair.last()["orders"][0]["t"] == {"limit": {"tif": "Alo"}}


async def test_po_is_alo_and_fok_is_refused(pair: Pair) -> None:
    with pytest.raises(errors.BaseError):
        await pair.theirs.create_order(SYMBOL, "limit", "buy", 0.001, 59000, {"timeInForce": "PO"})
    assert pair.last()["orders"][0]["t"] == {"limit": {"tif": "Po"}}
    with pytest.raises(errors.BaseError):
        await pair.theirs.create_order(SYMBOL, "limit", "buy", 0.001, 59000, {"timeInForce": "FOK"})
    assert pair.last()["orders"][0]["t"] == {"limit": {"tif": "Fok"}}
    await pair.ours.create_order(SYMBOL, "limit", "buy", 0.001, 59000, {"timeInForce": "PO"})
    assert pair.last()["orders"][0]["t"] == {"limit": {"tif": "Alo"}}
    count = len(pair.actions())
    with pytest.raises(errors.NotSupported):
        await pair.ours.create_order(SYMBOL, "limit", "buy", 0.001, 59000, {"timeInForce": "FOK"})
    assert len(pair.actions()) == count


async def test_the_accepted_orders_of_a_batch_keep_their_ids(pair: Pair) -> None:
    good = {"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 0.001, "price": 59000}
    crossing = {**good, "price": 61000, "params": {"postOnly": True}}
    with pytest.raises(errors.InvalidOrder):
        await pair.theirs.create_orders([good, crossing, good])
    assert len(await pair.ours.fetch_open_orders(SYMBOL)) == 2, "they stand, and nobody was told their ids"
    rows = await pair.ours.create_orders([good, crossing, good])
    assert [row["status"] for row in rows] == ["open", "rejected", "open"] and rows[0]["id"] and rows[2]["id"]
    assert "OrderImmediatelyFillable" in rows[1]["info"]["error"]


async def test_a_new_order_says_what_it_is_and_a_cancelled_one_which(pair: Pair) -> None:
    for ex, complete in ((pair.theirs, False), (pair.ours, True)):
        order = await ex.create_order(SYMBOL, "limit", "buy", 0.001, 59000)
        told = [order[name] is not None for name in ("symbol", "side", "type", "price", "amount", "status")]
        assert all(told) is complete
        cancelled = await ex.cancel_order(order["id"], SYMBOL)
        assert (cancelled["id"] == order["id"] and cancelled["status"] == "canceled") is complete


async def test_prices_and_sizes_off_the_grid_are_refused_not_rounded(pair: Pair) -> None:
    await pair.theirs.create_order(SYMBOL, "limit", "buy", 0.0010049, 59000.4)
    wire = pair.last()["orders"][0]
    assert (wire["p"], wire["s"]) == ("59000", "0.001")
    for amount, price in ((0.0010049, 59000), (0.001, 59000.4)):
        with pytest.raises(errors.InvalidOrder):
            await pair.ours.create_order(SYMBOL, "limit", "buy", amount, price)
    await pair.ours.load_markets()
    assert pair.theirs.amount_to_precision(SYMBOL, 0.000019) == "0.00002"
    assert pair.ours.amount_to_precision(SYMBOL, 0.000019) == "0.00001"


async def test_client_ids_are_sent_in_the_venue_s_form(pair: Pair) -> None:
    with pytest.raises(errors.BaseError):
        await pair.theirs.create_order(SYMBOL, "limit", "buy", 0.001, 59000, {"clientOrderId": "mybot-1"})
    order = await pair.ours.create_order(SYMBOL, "limit", "buy", 0.001, 59000, {"clientOrderId": "mybot-1"})
    assert order["clientOrderId"] == "mybot-1" and pair.last()["orders"][0]["c"].startswith("0x")
    assert (await pair.ours.fetch_order("mybot-1", SYMBOL))["id"] == order["id"]
    assert (await pair.ours.fetch_open_orders(SYMBOL))[0]["clientOrderId"] == "mybot-1"


async def test_exits_attached_to_an_entry_have_no_client_id_of_its(pair: Pair) -> None:
    params = {"clientOrderId": "0x" + "1" * 32, "stopLoss": {"triggerPrice": 55000}, "takeProfit": {"triggerPrice": 65000}}
    for ex, doubled in ((pair.theirs, True), (pair.ours, False)):
        with contextlib.suppress(errors.BaseError):
            await ex.create_order(SYMBOL, "limit", "buy", 0.001, 59000, params)
        children = pair.last()["orders"][1:]
        assert len(children) == 2 and all(("c" in child) is doubled for child in children)
        assert all(child["t"]["trigger"]["isMarket"] is not doubled for child in children), (
            "a limit at the trigger price can be left behind"
        )


# --- 7: on the wire ------------------------------------------------------------------------------------------------------------------------------


async def test_expires_after_is_signed_for_orders_and_twaps(pair: Pair) -> None:
    at = pair.ours.milliseconds() + 60_000
    await pair.theirs.create_order(SYMBOL, "limit", "buy", 0.001, 59000, {"expiresAfter": at})
    assert "expiresAfter" not in pair.bodies()[-1]
    with pytest.raises(errors.BaseError, match="does not exist"):
        await pair.theirs.create_twap_order(SYMBOL, "buy", 0.1, 300_000, {"expiresAfter": at})
    assert signer(pair.bodies()[-1]) != Account.from_key(pair.theirs.privateKey).address.lower()
    for call in (
        pair.ours.create_order(SYMBOL, "limit", "buy", 0.001, 59000, {"expiresAfter": at}),
        pair.ours.create_twap_order(SYMBOL, "buy", 0.1, 300_000, {"expiresAfter": at}),
    ):
        await call
        assert pair.bodies()[-1]["expiresAfter"] == at and signer(pair.bodies()[-1]) == pair.ours.walletAddress


async def test_cancel_all_orders_after_zero_disarms(pair: Pair) -> None:
    with contextlib.suppress(errors.BaseError):
        await pair.theirs.cancel_all_orders_after(0)
    assert "time" in pair.last()
    await pair.ours.cancel_all_orders_after(0)
    assert pair.last() == {"type": "scheduleCancel"}


async def test_margin_and_vault_amounts_are_exact(pair: Pair) -> None:
    doge = "DOGE/USDC:USDC"
    await pair.ours.set_margin_mode("isolated", doge, {"leverage": 5})
    await pair.ours.create_order(doge, "market", "buy", 1000)
    await pair.theirs.add_margin(doge, 10.4)
    assert pair.last()["ntli"] == 10_000_000
    await pair.ours.add_margin(doge, 10.41)
    assert pair.last()["ntli"] == 10_410_000
    vault = "0x" + "7" * 40
    await pair.ours.vault_deposit(vault, 100)
    await pair.theirs.load_markets()
    await pair.theirs.withdraw("USDC", 5, vault, {"vaultAddress": vault})
    assert pair.last()["usd"] == 5
    await pair.ours.withdraw("USDC", 5.25, vault, {"vaultAddress": vault})
    assert pair.last()["usd"] == 5_250_000


async def test_a_vault_address_keeps_its_0x(pair: Pair) -> None:
    sub = (await pair.ours.create_sub_account("two"))["response"]["data"]
    await pair.ours.transfer("USDC", 1000, "main", sub)
    for ex, expected in ((pair.theirs, sub[2:]), (pair.ours, sub)):
        await ex.create_order(SYMBOL, "limit", "buy", 0.001, 59000, {"vaultAddress": sub})
        assert pair.bodies()[-1]["vaultAddress"] == expected
    assert len(await pair.ours.fetch_open_orders(SYMBOL, None, None, {"vaultAddress": sub})) == 2
    assert await pair.ours.fetch_open_orders(SYMBOL) == []


async def test_setting_the_leverage_keeps_the_margin_mode(pair: Pair) -> None:
    await pair.ours.set_margin_mode("isolated", SYMBOL, {"leverage": 5})
    await pair.ours.set_leverage(4, SYMBOL)
    assert pair.last()["isCross"] is False
    await pair.theirs.set_leverage(3, SYMBOL)
    assert pair.last()["isCross"] is True
