"""Programs that nobody here wrote: paradex-py 0.8.2 (Linux, Python 3.10) signs what we sign and trades on the paper venue; so does ccxt's class."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ccxt_dex.exchanges.paradex import signing
from ccxt_dex.exchanges.paradex.paper.identity import CONFIG
from ccxt_dex.signers import eip712, stark
from compat_tests.peers.programs import run

pytestmark = pytest.mark.peers

SDK, CCXT = Path(__file__).with_name("paradex_sdk.py"), Path(__file__).with_name("paradex_ccxt.py")
WALLET = ("0xf8e4d1d772cdd44e5e77615ad11cc071c94e4c06dc21150d903f28e6aa6abdff", "0x511671d6")
KEY, ADDRESS = (
    "0x543b6cf6c91817a87174aaea4fb370ac1c694e864d7740d728f8344d53e815",
    "0x129c135ed63df9353885e292be4426b8ed6122b13c6c0e1bb787288a1f5adfa",
)
KINDS = ["LIMIT", "MARKET", "STOP_LIMIT", "STOP_MARKET", "TAKE_PROFIT_LIMIT", "TAKE_PROFIT_MARKET", "STOP_LOSS_LIMIT", "STOP_LOSS_MARKET"]


@pytest.fixture(scope="module")
def sdk(peer: Callable[..., Path]) -> Path:
    if not sys.platform.startswith("linux"):
        pytest.skip("paradex-py needs a library that exists for Linux and Python 3.10 only; its vectors are in compat_tests/rooms/paradex")
    return peer("paradex-py", ["paradex-py==0.8.2"], "3.10")


def bodies(count: int) -> list[dict[str, Any]]:
    """Random orders and modifications, with sizes and prices of up to eight decimals."""
    rng, found = random.Random(11), []
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        body: dict[str, Any] = {
            "market": rng.choice(["BTC-USD-PERP", "kBONK-USD-PERP", "ETH-USD", "BTC-USD-28MAR25-90000-C"]),
            "side": rng.choice(["BUY", "SELL"]),
            "type": kind,
            "size": f"{rng.randint(1, 10**13)}e-8",
            "signature_timestamp": 1_700_000_000_000 + rng.randint(0, 10**10),
        }
        body["size"] = format(Decimal(body["size"]), "f")
        if kind.endswith("LIMIT"):
            body["price"] = format(Decimal(f"{rng.randint(1, 10**14)}e-8"), "f")
        if number % 3 == 0:
            body["id"] = str(rng.randint(1, 10**27))
        found.append(body)
    return found


async def test_paradex_py_signs_the_same_hashes_and_its_signatures_verify(sdk: Path) -> None:
    wallet = eip712.make(WALLET[0])
    orders, times = bodies(48), [1_700_000_000, 1_700_000_180]
    given = {"config": CONFIG, "key": KEY, "address": ADDRESS, "orders": orders, "login": times, "wallet": [WALLET[0], wallet.address]}
    theirs = await run(sdk, SDK, given)
    config, account = signing.Config.of(CONFIG), int(ADDRESS, 16)
    public = stark.make(KEY).public_key
    assert theirs["public"] == public
    for body, (digest, signature) in zip(orders, theirs["orders"], strict=True):
        make = signing.modify_hash if "id" in body else signing.order_hash
        assert make(body, config.chain_id, account) == digest, body
        assert stark.verify(public, digest, *signature)
    assert signing.login_hash(times[0], times[1], config.chain_id, account) == theirs["login"]
    secret = stark.private_key_from_eth_signature(wallet.sign_typed_data(*signing.key_request(config.l1_chain_id)))
    assert theirs["wallet"] == [secret, stark.public_key(secret), signing.address_v1(stark.public_key(secret), config)]


@pytest.mark.parametrize("kind", ["stark", "subkey"])
async def test_paradex_py_trades_on_the_paper_venue(sdk: Path, paper_venue: Any, kind: str) -> None:
    venue = await paper_venue("paradex", seed=7, login=kind)
    await venue.market({"pause": True})
    config = venue.config()
    urls = config["urls"]["api"]
    seen = await run(sdk, SDK, {"api": urls["v1"], "ws": urls["ws"], "key": config["privateKey"], "address": config["walletAddress"]})
    assert "BTC-USD-PERP" in seen["markets"] and float(seen["book"][0]) < float(seen["book"][1])
    assert (seen["accepted"], seen["modified"], seen["canceled"], seen["filled"]) == ("NEW", True, "USER_CANCELED", "0")
    assert (seen["batch"], seen["stop"], seen["socket"], seen["open"]) == (2, "UNTRIGGERED", "NEW", 0)
    assert seen["position"] == [["LONG", "0.01"]] and seen["fills"] == [[True, "0.01"]]
    assert seen["balance"] == "USDC" and seen["account"] > 99_000
    assert seen["frames"]["orders"] >= 4 and seen["frames"]["fills"] == 1 and seen["frames"]["book"] >= 1


async def test_ccxts_own_class_trades_on_the_paper_venue(paper_venue: Any) -> None:
    venue = await paper_venue("paradex", seed=7)
    await venue.market({"pause": True})
    config = venue.config()
    seen = await run(sys.executable, CCXT, {"urls": config["urls"]["api"], "key": config["privateKey"], "address": config["walletAddress"]})
    assert "BTC/USD:USDC" in seen["symbols"] and seen["book"][0] < seen["book"][1]
    assert (seen["created"], seen["edited"], seen["canceled"]) == ("open", True, "canceled")
    assert seen["position"] == ["long", 0.01] and seen["trades"] == [[True, 0.01]]
    assert seen["balance"] > 99_000 and seen["candles"] == 5 and seen["leverage"] == 10
    assert seen["watched"] == 15 and seen["streamed"] == seen["ticker"] == "BTC/USD:USDC"
