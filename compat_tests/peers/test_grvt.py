"""GRVT's official SDK: the same bytes signed, and as a client of the paper venue; ccxt's own class as a client too."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ccxt_dex import signers
from ccxt_dex.exchanges.grvt import signing
from compat_tests.peers.programs import run

pytestmark = pytest.mark.peers

HERE = Path(__file__).parent
REQUIREMENTS = ["grvt-pysdk==0.2.1"]
KEY = "0xf7934647276a6e1fa0af3f4467b4b8ddaf45d25a7368fa1a295eef49a446819d"
ASSETS = {"BTC_USDT_Perp": "0x030501", "SHIB_USDT_Perp": "0x030a01"}
MAIN = "0x0c1f4c8ee7acd9ea19b91bbb343cbaf6efd58ce1"


@pytest.fixture(scope="module")
def sdk(peer: Callable[..., Path]) -> Path:
    return peer("grvt-pysdk", REQUIREMENTS)


def unsigned(rng: random.Random) -> dict[str, Any]:
    return signing.unsigned(rng.randrange(1 << 32), 1_795_372_281_166_000_000 + rng.randrange(10**15), 325)


def order(rng: random.Random) -> dict[str, Any]:
    name = rng.choice(sorted(ASSETS))
    market = rng.random() < 0.2
    size = Decimal(rng.randrange(1, 10 ** rng.randint(1, 19))).scaleb(-9)
    price = Decimal(0) if market else Decimal(rng.randrange(1, 10 ** rng.randint(1, 18))).scaleb(-9)
    leg = {"instrument": name, "size": format(size, "f"), "limit_price": format(price, "f"), "is_buying_asset": rng.random() < 0.5}
    return {
        "sub_account_id": str(rng.randrange(1, 1 << 63)),
        "is_market": market,
        "time_in_force": rng.choice(["GOOD_TILL_TIME", "IMMEDIATE_OR_CANCEL", "FILL_OR_KILL"]),
        "post_only": rng.random() < 0.3,
        "reduce_only": rng.random() < 0.3,
        "legs": [leg],
        "signature": unsigned(rng),
        "metadata": {"client_order_id": str(rng.randrange(1 << 63, 1 << 64))},
        "asset": ASSETS[name],
    }


async def test_the_same_bytes_as_the_official_sdk(sdk: Path) -> None:
    rng = random.Random(11)
    orders = [order(rng) for _ in range(150)]
    transfers, withdrawals = [], []
    for _ in range(25):
        amount = format(Decimal(rng.randrange(1, 10**12)).scaleb(-6), "f")
        fields = {"from_account_id": MAIN, "num_tokens": amount}
        numbers = {"from_sub_account_id": "0", "to_account_id": MAIN, "to_sub_account_id": str(rng.randrange(1 << 63))}
        transfers.append({**fields, **numbers, "signature": unsigned(rng)})
        withdrawals.append({**fields, "to_eth_address": MAIN, "signature": unsigned(rng)})
    theirs = await run(sdk, HERE / "grvt_parity.py", {"key": KEY, "orders": orders, "transfers": transfers, "withdrawals": withdrawals})
    signer = signers.make("eip712", KEY)

    def ours(fields: dict[str, Any], digest: bytes) -> dict[str, Any]:
        made = signing.wire_signature(fields, signer.address, signer.sign_digest(digest))
        return {name: made[name] for name in ("signer", "r", "s", "v")}

    for each, signature, payload in zip(orders, theirs["orders"], theirs["payloads"], strict=True):
        instruments = {each["legs"][0]["instrument"]: (each["asset"], 9)}
        mine = ours(each["signature"], signing.order(each, instruments, 325))
        assert mine == signature
        assert {**each["signature"], **mine} == {**payload["signature"], "chain_id": "325"}
        names = ("sub_account_id", "is_market", "time_in_force", "post_only", "reduce_only", "metadata")
        assert {name: each[name] for name in names} == {name: payload[name] for name in names}
    for each, signature in zip(transfers, theirs["transfers"], strict=True):
        # the SDK signs a transfer for the chain of its environment unless told otherwise
        assert ours(each["signature"], signing.transfer(each, 3, 325)) == signature
    for each, signature in zip(withdrawals, theirs["withdrawals"], strict=True):
        assert ours(each["signature"], signing.withdrawal(each, 3, 325)) == signature


async def test_the_official_sdk_trades_on_the_paper_venue(sdk: Path, paper_venue: Any) -> None:
    venue = await paper_venue("grvt", seed=7)
    config = venue.config()
    name = venue.account()
    given = {"url": venue.url, "ws": venue.url.replace("http", "ws", 1), "key": config["privateKey"], "api_key": config["apiKey"]}
    seen = await run(sdk, HERE / "grvt_client.py", {**given, "account": venue.adapter.subs[name]})
    assert seen["markets"] == seen["raw"] == ["AAVE_USDT_Perp", "BTC_USDT_Perp", "ETH_USDT_Perp"]
    assert seen["pending"] == ["PENDING", "0x00"]
    assert seen["order"][0] == "OPEN" and float(seen["order"][1]) == seen["price"] and seen["order"][2] == 0.01
    assert seen["open"] == [True] and seen["cancelled"] is True and seen["cancel_all"] is True
    assert seen["position"] == ["BTC_USDT_Perp", "0.01"] and seen["fills"] == pytest.approx(0.01)
    assert seen["summary"] > 99_000 and seen["history"] >= 2 and seen["ticker"] > 10_000 and seen["candles"] == 5
    assert seen["refused"] == {}, "an order below the minimum was accepted"
    assert {"book.s", "ticker.s", "trade", "order", "fill"} <= set(seen["heard"])
    assert {"OPEN", "FILLED"} <= set(seen["statuses"])
    assert all(kind == "Order" for kind, _ in venue.adapter.gateway.arrived) and len(venue.adapter.gateway.arrived) == 5


async def test_ccxts_own_class_trades_on_the_paper_venue(paper_venue: Any) -> None:
    venue = await paper_venue("grvt", seed=7)
    seen = await run(sys.executable, HERE / "grvt_ccxt.py", {"config": venue.config(kind="wallet")})
    assert seen["markets"] == ["AAVE/USDT:USDT", "BTC/USDT:USDT", "ETH/USDT:USDT"]
    assert seen["builder"] is True, "ccxt's class authorises its builder: that is its fault, and the venue checked the signature"
    assert seen["book"][0] < seen["book"][1] and seen["made"] == ["0x00", "pending"]
    assert [row[:2] + row[3:] for row in seen["open"]] == [["ETH/USDT:USDT", 0.1, "77"]] and seen["after"] == []
    assert seen["position"] == ["long", 0.1] and seen["trades"] == pytest.approx(0.1)
    assert seen["balance"] > 99_000 and seen["leverage"] == ["7.0"] and seen["candles"] == 5
    assert seen["watched"] >= 1 and seen["streamed"] == [["78", "open"]]
    assert {kind for kind, _ in venue.adapter.gateway.arrived} == {"OrderWithBuilderFee"}
