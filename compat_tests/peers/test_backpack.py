"""Programs that nobody here wrote: bpx-py 2.0.11 signs what we sign and trades on the paper venue; so does ccxt's class."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ccxt_dex import paper, signers
from ccxt_dex.exchanges.backpack import signing
from compat_tests.peers.programs import run

pytestmark = pytest.mark.peers

SDK, CCXT = Path(__file__).with_name("backpack_bpx.py"), Path(__file__).with_name("backpack_ccxt.py")
KEY, SECRET = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


def requests(count: int) -> list[tuple[str, dict[str, Any], int]]:
    rng, found = random.Random(11), []
    for _ in range(count):
        params: dict[str, Any] = {"symbol": rng.choice(["SOL_USDC", "kBONK_USDC_PERP"]), "side": rng.choice(["Bid", "Ask"])}
        params |= {"price": f"{rng.randint(1, 10**9)}e-4", "quantity": str(rng.random()), "postOnly": rng.random() < 0.5}
        params |= {"clientId": rng.getrandbits(32), "memo": rng.choice(["a b:c", "ü/+%", "plain"])}
        found.append((rng.choice(["orderExecute", "withdraw", "orderCancel"]), params, 1_700_000_000_000 + rng.randrange(10**10)))
    return found


async def test_bpx_py_signs_the_same_bytes(peer: Callable[..., Path]) -> None:
    python, made = peer("bpx-py", ["bpx-py==2.0.11"]), signers.make("nacl", signing.secret_bytes(SECRET) or b"")
    given = requests(200)
    theirs = await run(python, SDK, {"key": KEY, "secret": SECRET, "requests": given})
    ours = [signing.encode(made.sign(signing.message(name, params, stamp, 5000))) for name, params, stamp in given]
    assert theirs == ours


async def test_bpx_py_trades_here(peer: Callable[..., Path]) -> None:
    python = peer("bpx-py", ["bpx-py==2.0.11"])
    async with paper.start("backpack", seed=7, accounts=2) as venue:
        await venue.market({"pause": True})
        config, other = venue.config(), venue.config("bob")
        given = {"url": venue.url, "key": config["apiKey"], "secret": config["secret"], "other": other["secret"], "price": "3700"}
        seen = await run(python, SDK, given)
    assert (seen["collateral"], seen["limit"], seen["account"]) == ("100000", "", "7")
    assert seen["balances"] == {"USDC": {"available": "100000", "locked": "0", "staked": "0"}}
    assert (seen["order"], seen["open"], seen["one"], seen["cancelled"]) == (["New", 77, True], [True], "0.5", "Cancelled")
    assert seen["again"]["code"] == "INVALID_ORDER" and seen["stranger"]["code"] == "INVALID_SIGNATURE"
    assert (seen["bought"], seen["position"], seen["fills"], seen["history"], seen["all"]) == ("Filled", ["0.5"], 0.5, 2, 1)
    assert (seen["borrowed"], seen["sold"], seen["coins"]) == ([["SOL", "-2"]], "Filled", "0.00799")


async def test_ccxts_own_class_trades_here() -> None:
    async with paper.start("backpack", seed=7) as venue:
        seen = await run(sys.executable, CCXT, {"config": venue.config()})
    assert "ETH/USDC:USDC" in seen["markets"] and "SOL/USDC" in seen["markets"] and "USDC" in seen["currencies"]
    assert (seen["made"], seen["open"]) == (["open", "77", 0.5], [True])
    assert (seen["batch"], seen["all"], seen["stop"]) == (["open", "open"], 2, ["open", True])
    assert seen["watched"] and seen["streamed"] == ["closed"] and seen["rate"] and seen["candles"] == 5
    assert (
        seen["position"] == [["long", "0.5"]] and seen["trades"] == pytest.approx(0.5) and seen["balance"] == pytest.approx(100_000, abs=50)
    )
