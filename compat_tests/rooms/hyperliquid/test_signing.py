"""What is signed, against the official SDK's vectors and against msgpack and eth-account."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from hypothesis import given, settings
from hypothesis import strategies as st

from ccxt_dex import signers
from ccxt_dex._ccxt import SyncExchange
from ccxt_dex.exchanges.hyperliquid import signing

ROOT = Path(__file__).resolve().parents[2]
VECTORS = json.loads((ROOT / "core/signers/vectors/hyperliquid-python-sdk-0.24.0.json").read_text())
PACK = SyncExchange.packb  # type: ignore[attr-defined]  # the msgpack library that ccxt carries
ACTIONS: dict[str, Any] = {
    "order (limit Gtc)": {
        "type": "order",
        "orders": [{"a": 4, "b": True, "p": "1670.1", "s": "0.0147", "r": False, "t": {"limit": {"tif": "Gtc"}}}],
        "grouping": "na",
    },
    "order with cloid and builder": {
        "type": "order",
        "orders": [
            {
                "a": 4,
                "b": True,
                "p": "1670.1",
                "s": "0.0147",
                "r": False,
                "t": {"limit": {"tif": "Gtc"}},
                "c": "0x1234567890abcdef1234567890abcdef",
            }
        ],
        "grouping": "na",
        "builder": {"b": "0x6530512a6c89c7cfcebc3ba7fcd9ada5f30827a6", "f": 10},
    },
    "order, stop-loss market trigger": {
        "type": "order",
        "orders": [
            {
                "a": 4,
                "b": False,
                "p": "1670.1",
                "s": "0.0147",
                "r": True,
                "t": {"trigger": {"isMarket": True, "triggerPx": "1600", "tpsl": "sl"}},
            }
        ],
        "grouping": "na",
    },
    "cancel": {"type": "cancel", "cancels": [{"a": 4, "o": 77738308}]},
    "cancelByCloid": {"type": "cancelByCloid", "cancels": [{"asset": 4, "cloid": "0x1234567890abcdef1234567890abcdef"}]},
    "updateLeverage": {"type": "updateLeverage", "asset": 4, "isCross": True, "leverage": 21},
}
CASES = [(row["name"], row["msgpack"], case) for row in VECTORS["actions"] for case in row["cases"]]


@pytest.mark.parametrize("name,packed,case", CASES, ids=lambda value: value["case"] if isinstance(value, dict) else None)
def test_actions_sign_as_the_official_sdk_signs_them(name: str, packed: str, case: dict[str, Any]) -> None:
    action, kind = ACTIONS[name], case["case"]
    vault = VECTORS["vault"] if "vault" in kind else None
    expires = VECTORS["expiresAfter"] if "expires" in kind else None
    assert signing.pack(action).hex() == packed
    assert "0x" + signing.connection_id(action, VECTORS["nonce"], vault, expires).hex() == case["connectionId"]
    digest = signing.l1_digest(action, VECTORS["nonce"], vault, expires, mainnet="testnet" not in kind)
    signed = signing.split(signers.make("eip712", VECTORS["privateKey"]).sign_digest(digest))
    assert (int(signed["r"], 16), int(signed["s"], 16), signed["v"]) == (int(case["r"], 16), int(case["s"], 16), int(case["v"]))


TO = "0x5e9ee1089755c3435139848e47e6635505d5a13a"
OWNER: list[dict[str, Any]] = [
    {"type": "usdSend", "destination": TO, "amount": "1", "time": 1},
    {"type": "withdraw3", "destination": TO, "amount": "1.5", "time": 2},
    {"type": "spotSend", "destination": TO, "token": "PURR:0xc1fb593aeffbeb02f85e0308e9956a90", "amount": "0.1", "time": 3},
    {"type": "usdClassTransfer", "amount": "1 subaccount:0x1719884eb866cb12b2287399b15f7db5e7d775ea", "toPerp": False, "nonce": 4},
    {"type": "sendAsset", "destination": TO, "sourceDex": "", "destinationDex": "spot", "token": "USDC:0x6d", "amount": "1", "fromSubAccount": "", "nonce": 5},
    {"type": "approveAgent", "agentAddress": TO, "agentName": "bot", "nonce": 6},
    {"type": "approveBuilderFee", "maxFeeRate": "0.01%", "builder": TO, "nonce": 7},
    {"type": "userDexAbstraction", "user": TO, "enabled": True, "nonce": 8},
    {"type": "userSetAbstraction", "user": TO, "abstraction": "unifiedAccount", "nonce": 9},
]  # fmt: skip


@pytest.mark.parametrize("action", OWNER, ids=lambda action: action["type"])
@pytest.mark.parametrize("mainnet", [True, False])
def test_actions_of_the_account_holder_recover_to_the_signer(action: dict[str, Any], mainnet: bool) -> None:
    complete = signing.user_fields(action, mainnet)
    name, fields = signing.USER_SIGNED[action["type"]]
    types = [{"name": "hyperliquidChain", "type": "string"}, *({"name": field, "type": kind} for field, kind in fields)]
    domain = {"name": "HyperliquidSignTransaction", "version": "1", "chainId": 421614, "verifyingContract": signing.ZERO}
    primary = f"HyperliquidTransaction:{name}"
    message = encode_typed_data(domain, {primary: types}, {field["name"]: complete[field["name"]] for field in types})
    signer = signers.make("eip712", VECTORS["privateKey"])
    signature = signing.split(signer.sign_digest(signing.user_digest(complete)))
    recovered = Account.recover_message(message, vrs=(signature["v"], int(signature["r"], 16), int(signature["s"], 16)))
    assert recovered == signer.address == VECTORS["address"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=20) | st.dictionaries(st.text(max_size=40), inner, max_size=20),
    max_leaves=40,
)


@settings(max_examples=150, deadline=None)
@given(JSON)
def test_the_packer_writes_what_the_msgpack_library_writes(value: Any) -> None:
    assert signing.pack(value) == bytes(PACK(value))


@pytest.mark.parametrize("size", [15, 16, 31, 32, 255, 256, 65535, 65536])
def test_long_values_pack_like_the_library(size: int) -> None:
    for value in ("x" * size, ["1"] * size, {str(i): i for i in range(size)}, b"x" * size):
        assert signing.pack(value) == bytes(PACK(value))


@pytest.mark.parametrize("bad", [1.0, {"p": 1.5}, {1, 2}, object()])
def test_floats_and_strangers_are_never_hashed(bad: Any) -> None:
    with pytest.raises(TypeError):
        signing.pack(bad)


def test_a_signature_costs_less_than_0_4_ms() -> None:
    signer, action = signers.make("eip712", VECTORS["privateKey"]), ACTIONS["order with cloid and builder"]
    best = 1.0
    for _ in range(20):
        started = time.process_time()
        for nonce in range(20):
            signing.split(signer.sign_digest(signing.l1_digest(action, VECTORS["nonce"] + nonce)))
        best = min(best, (time.process_time() - started) / 20)
    assert best < 0.0004, f"{best * 1000:.3f} ms"
