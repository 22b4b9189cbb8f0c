"""Clients that nobody here wrote, against the paper venue: lighter-sdk (signer, REST, stream) and ccxt's own class with the native library."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from compat_tests.peers.programs import run

pytestmark = pytest.mark.peers

PROGRAM = Path(__file__).with_name("lighter_client.py")
CCXT_PROGRAM = Path(__file__).with_name("lighter_ccxt.py")
REQUIREMENTS = ["lighter-sdk==1.1.8"]
KEY_INDEX = 3


@pytest.fixture(scope="module")
def sdk(peer: Callable[..., Path]) -> Path:
    return peer("lighter-sdk", REQUIREMENTS)


def given(venue: Any) -> dict[str, Any]:
    config = venue.config()
    who = {"account": int(config["uid"]), "key_index": KEY_INDEX, "key": config["privateKey"], "chain": venue.adapter.options["chain_id"]}
    return {"url": venue.url, "ws": config["urls"]["api"]["ws"], **who}


async def test_the_official_sdk_trades_on_the_paper_venue(sdk: Path, paper_venue: Any) -> None:
    venue = await paper_venue("lighter", seed=7)
    seen = await run(sdk, PROGRAM, given(venue))
    assert seen["check"] is None, "the native library compared its public key with the venue's"
    assert seen["symbols"] == ["BTC", "ETH", "SOL"] and seen["accepted"] == 200
    assert seen["resting"] == ["open", "0.1000", False] and seen["modified"] and seen["canceled"] and seen["filled"]
    assert seen["position"] == ["0.1000", 1] and seen["lists"] == [0, 2]
    assert sum(float(size) for size, _ in seen["trades"]) == pytest.approx(0.1)
    assert {account for _, account in seen["trades"]} == {given(venue)["account"]}
    assert len(seen["stream"]) >= 3 and min(seen["stream"]) > 10
    assert venue.adapter.fractions[("alice", "0")] == 1428 and venue.adapter.failed == []


async def test_ccxts_own_class_trades_on_the_paper_venue(sdk: Path, paper_venue: Any) -> None:
    libraries = sdk.parent.parent.glob("lib/python*/site-packages/lighter/signers/lighter-signer-*")
    suffix = {"darwin": ".dylib", "win32": ".dll"}.get(sys.platform, ".so")
    machine = "arm64" if __import__("platform").machine().lower() in ("arm64", "aarch64") else "amd64"
    library = next(path for path in libraries if path.suffix == suffix and machine in path.name)
    venue = await paper_venue("lighter", seed=7)
    seen = await run(sys.executable, CCXT_PROGRAM, {**given(venue), "library": str(library)})
    assert seen["markets"] == ["BTC/USDC:USDC", "ETH/USDC", "ETH/USDC:USDC", "SOL/USDC:USDC"]
    assert seen["open"] == [["ETH/USDC:USDC", 0.1, "open"]] and seen["after"] == []
    assert seen["position"] == ["long", 0.1] and seen["book"][0] < seen["book"][1]
    assert seen["balance"] > 99_000 and seen["watched"] >= 1
