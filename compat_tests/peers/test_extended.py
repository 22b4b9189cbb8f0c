"""x10-python-trading-starknet: the same bodies and hashes for the same orders, and a client of the paper venue; ccxt's own class as one too."""

from __future__ import annotations

import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import ccxt_dex
from ccxt_dex.exchanges.extended import signing, topics
from ccxt_dex.paper import stark as verifier
from compat_tests.peers.programs import run

pytestmark = pytest.mark.peers

SDK = Path(__file__).with_name("extended_sdk.py")
CCXT = Path(__file__).with_name("extended_ccxt.py")
# the SDK does not pin websockets, and hands it a keyword that later ones have renamed
REQUIREMENTS = ["x10-python-trading-starknet==2.6.0", "websockets<14"]
SYMBOL = "BTC/USDC:USDC"


@pytest.fixture(scope="module")
def sdk(peer: Callable[..., Path]) -> Path:
    return peer("x10", REQUIREMENTS)


def who(venue: Any) -> dict[str, Any]:
    owner = venue.adapter.identity.owners[venue.server.accounts[0]]
    return {"vault": owner.vault, "key": hex(owner.secret), "public": hex(owner.public), "api_key": owner.api_key}


ORDERS: tuple[tuple[str, str, str, str, dict[str, Any]], ...] = (
    ("limit", "buy", "0.001", "61000", {}),
    ("limit", "sell", "0.12345", "63001", {"postOnly": True}),
    ("market", "buy", "0.00777", "62111", {}),
    ("market", "sell", "0.5", "61333", {"reduceOnly": True}),
    ("limit", "buy", "0.0123", "60999", {"builderFeeRate": "0.0001", "builderId": "77"}),
    (
        "limit",
        "sell",
        "0.01",
        "61500",
        {"triggerPrice": "61600", "triggerDirection": "down", "triggerPriceType": "mark", "reduceOnly": True},
    ),
    ("limit", "buy", "0.02", "61900", {"takeProfit": {"triggerPrice": "63000"}, "stopLoss": {"triggerPrice": "61000", "price": "60900"}}),
    ("limit", "buy", "0.02", "61800", {"cancelId": "the old one", "fee": "0.00031"}),
)


@pytest.mark.parametrize("testnet", [False, True], ids=["mainnet", "testnet"])
async def test_the_sdk_makes_the_same_bodies_and_signs_the_same_hashes(sdk: Path, paper_venue: Any, testnet: bool) -> None:
    venue = await paper_venue("extended", seed=7, chain="SN_SEPOLIA" if testnet else "SN_MAIN")
    config = venue.config()
    ex = ccxt_dex.extended({**config, "options": {"chainId": "SN_SEPOLIA" if testnet else "SN_MAIN"}})
    try:
        await ex.load_markets()
        ours = []
        for number, (kind, side, amount, price, params) in enumerate(ORDERS):
            body, rate = await ex.new_order_body(SYMBOL, kind, side, Decimal(amount), price, {"clientOrderId": f"order {number}", **params})
            ours.append(await ex.sign_order(ex.market(SYMBOL), body, rate))
        market = ex.market(SYMBOL)["info"]
    finally:
        await ex.close()
    theirs = await run(sdk, SDK, {**who(venue), "market": market, "orders": [{**body, "testnet": testnet} for body in ours]})
    owner = venue.adapter.identity.owners[venue.server.accounts[0]]
    for mine, other in zip(ours, theirs, strict=True):
        assert set(other) - set(mine) == {"debuggingAmounts"} and not set(mine) - set(other)
        for name, value in mine.items():
            if name in ("settlement", "takeProfit", "stopLoss", "trigger"):
                continue
            same = Decimal(str(value)) == Decimal(str(other[name])) if name in NUMBERS else str(value) == str(other[name])
            assert same, (name, value, other[name])
        for settled, exit_of in ((mine, None), *((mine[leg], leg) for leg in ("takeProfit", "stopLoss") if leg in mine)):
            peer = other if exit_of is None else other[exit_of]
            assert (settled["settlement"]["starkKey"], settled["settlement"]["collateralPosition"]) == (
                peer["settlement"]["starkKey"],
                str(peer["settlement"]["collateralPosition"]),
            )
            side = mine["side"] if exit_of is None else {"BUY": "SELL", "SELL": "BUY"}[mine["side"]]
            digest = venue.adapter.identity.digest(owner, mine, venue.engine.markets["BTC-USD"], side, str(settled["price"]))
            for signature in (settled["settlement"]["signature"], peer["settlement"]["signature"]):
                assert verifier.verify(owner.public, digest, int(signature["r"], 16), int(signature["s"], 16)), mine["id"]


NUMBERS = ("qty", "price", "fee", "nonce", "expiryEpochMillis", "builderFee", "builderId")


@pytest.mark.parametrize("testnet", [False, True], ids=["mainnet", "testnet"])
async def test_the_sdk_signs_the_same_transfers_and_withdrawals(sdk: Path, paper_venue: Any, testnet: bool) -> None:
    chain = "SN_SEPOLIA" if testnet else "SN_MAIN"
    venue = await paper_venue("extended", seed=7, chain=chain, accounts=2)
    owner, receiver = (venue.adapter.identity.owners[name] for name in venue.server.accounts)
    address, fields = "0x" + "1" * 60, {"amount": "12.345678", "nonce": 99, "account": owner.account, "testnet": testnet}
    given = {**who(venue), **fields, "address": address, "receiver": [receiver.vault, hex(receiver.public)]}
    transfer, withdrawal = (body["settlement"] for body in await run(sdk, SDK, given))
    rest = (owner.vault, 1, 12_345_678)
    digests = (
        signing.transfer_hash(receiver.vault, *rest, transfer["expirationTimestamp"], 99, owner.public, chain),
        signing.withdrawal_hash(int(address, 16), *rest, withdrawal["expiration"]["seconds"], 99, owner.public, chain),
    )
    for digest, settled in zip(digests, (transfer, withdrawal), strict=True):
        assert settled["amount"] == 12_345_678
        assert verifier.verify(owner.public, digest, int(settled["signature"]["r"], 16), int(settled["signature"]["s"], 16))
    # and the bodies that are sent here have the same fields
    ex = ccxt_dex.extended({**venue.config(), "options": {"chainId": chain}})
    sent: list[Any] = []

    async def noted(request: Any) -> Any:
        sent.append(request)
        return {"data": {"id": 1, "validSignature": True}}

    try:
        ex.v1_private_post_user_transfer = ex.v1_private_post_user_withdrawal = noted
        await ex.transfer("USDC", "12.345678", None, receiver.account, {"nonce": 99})
        await ex.withdraw("USDC", "12.345678", address, {"nonce": 99})
    finally:
        await ex.close()
    for mine, theirs in zip((body["settlement"] for body in sent), (transfer, withdrawal), strict=True):
        varying = ("signature", "expiration", "expirationTimestamp")
        assert {name: value for name, value in mine.items() if name not in varying} == {
            name: value for name, value in theirs.items() if name not in varying
        }
        assert set(mine) == set(theirs)


async def test_the_sdk_asks_v2_for_the_same_topics_and_hears_the_paper_venue(sdk: Path, paper_venue: Any) -> None:
    venue = await paper_venue("extended", seed=7)
    rpc = venue.config()["urls"]["api"]["ws"].removesuffix("/v1") + "/v2/rpc"
    asked, heard = await run(sdk, SDK, {"rpc": rpc})
    for name, params in asked:
        path = topics.path_of(name)
        assert path is not None and topics.asked_of(path).name == name
        assert topics.subscribe(path)["params"] == params
    assert heard["breaks"] == [] and heard["first"] == 0 and "trades.BTC-USD" not in heard["listed"] and len(heard["listed"]) == 4
    assert heard["types"]["orderbooks.BTC-USD"] == ["ORDERBOOKS.DELTA", "ORDERBOOKS.SNAPSHOT"] and len(heard["types"]) == 5


async def test_the_official_sdk_trades_on_the_paper_venue(sdk: Path, paper_venue: Any) -> None:
    venue = await paper_venue("extended", seed=7, accounts=2)
    urls, receiver = venue.config()["urls"]["api"], venue.adapter.identity.owners[venue.server.accounts[1]]
    moved = {"receiver": [receiver.vault, hex(receiver.public)]}
    seen = await run(sdk, SDK, {**who(venue), "rest": f"{urls['rest']}/api/v1", "ws": urls["ws"], **moved})
    assert (seen["transferred"], seen["withdrawn"]) == (True, True) and venue.engine.balances(receiver.name).balance == Decimal("10007.5")
    assert seen["markets"] == ["BTC-USD", "ETH-USD", "SOL-USD"] and seen["account"] == [True, True]
    assert (seen["resting"], seen["cancelled"]) == ("NEW", "CANCELLED")
    assert seen["streamed"] == [[True, "0.01"]] and seen["positions"] == [["LONG", "0.01"]] and seen["trades"] == ["0.01"]
    assert seen["book"] == ["SNAPSHOT", True] and 9_900 < seen["equity"] < 10_000


async def test_ccxts_own_class_trades_on_the_paper_venue(paper_venue: Any) -> None:
    venue = await paper_venue("extended", seed=7)
    config = venue.config()
    seen = await run(sys.executable, CCXT, {"api_key": config["apiKey"], "key": config["privateKey"], "urls": config["urls"]["api"]})
    assert seen["symbols"] == ["BTC/USDC:USDC", "ETH/USDC:USDC", "SOL/USDC:USDC"] and seen["book"][0] < seen["book"][1]
    assert seen["created"] == ["open", "c1"] and seen["edited"] == [[0.02, True]]
    assert seen["position"] == ["long", 0.01] and seen["trades"] == [0.01] and seen["candles"] == 5 and seen["leverage"] == 10
    assert seen["watched"] > 10 and seen["balance"] == "USD"
