"""Signed bytes against the official SDK's, and against a venue that verifies with other code."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.signature import Signature

import ccxt_dex
from ccxt_dex import signers
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.pacifica import signing, tables
from ccxt_dex.exchanges.pacifica.paper import verify

# executed with the functions of pacifica-fi/python-sdk 583661a
VECTORS = json.loads((Path(__file__).parents[2] / "core/signers/vectors/pacifica-python-sdk-583661a.json").read_text())
KEYS, ADDRESSES = VECTORS["keys"], VECTORS["addresses"]


@pytest.mark.parametrize("row", VECTORS["rows"], ids=lambda row: row["case"])
async def test_the_official_sdk_signs_the_same(row: dict[str, Any]) -> None:
    told = json.loads(row["message"])
    assert signing.message(told["type"], told["data"], told["timestamp"], told["expiry_window"]).decode() == row["message"]
    ex = ccxt_dex.pacifica({"privateKey": KEYS[row["key"]], "walletAddress": ADDRESSES["main"]})
    fields = {**told["data"], "timestamp": told["timestamp"], "expiry_window": told["expiry_window"]}
    body = await ex.signed(told["type"], fields)
    assert body["signature"] == row["signature"]
    named = row["key"] == "agent" or told["type"] == "bind_agent_wallet"
    assert body["account"] == ADDRESSES["main"] and body.get("agent_wallet") == (ADDRESSES["agent"] if named else None)


def test_a_signature_that_begins_with_a_zero_byte_keeps_its_first_character() -> None:
    made = signers.make("solana", KEYS["agent"])
    text = signing.message("cancel_order", {"order_id": 42069, "symbol": "BTC"}, 1_700_000_000_581, 5000)
    wanted = "127cXPvNMMyXw5HkCmv4xf9gVUWHQRFGf5YcocfV6De9a8Ngf5pB5fvVRKdeYEdonAuMow9ZyUtXVME1kYj9WTNP"
    assert signers.base58.encode(made.sign(text)) == wanted
    hits = []
    for offset in range(3000):
        signature = made.sign(signing.message("cancel_order", {"order_id": 42069, "symbol": "BTC"}, 1_700_000_000_000 + offset, 5000))
        if signature[0] == 0:
            hits.append(offset)
    assert hits == [233, 581, 699, 1102, 1615, 1664, 1761, 2340]


async def test_three_thousand_random_keys_and_messages_verify_at_the_venue() -> None:
    """Keys as wallets export them, among them those that begin with 1; the venue's check shares no code with ours, solders agrees."""
    rng = random.Random(11)
    ones = 0
    for number in range(3000):
        address, secret = verify.wallet(rng.randbytes(32) if number % 10 else b"\0" + rng.randbytes(31))
        ones += secret.startswith("1")
        ex_signer = signers.make("solana", secret)
        assert ex_signer.address == address
        fields = {
            "symbol": rng.choice(["BTC", "kBONK"]),
            "amount": str(rng.random()),
            "order_id": rng.randrange(10**9),
            "reduce_only": bool(number % 2),
        }
        stamp = 1_700_000_000_000 + rng.randrange(10**9)
        text = signing.message("create_order", fields, stamp, 5000)
        signature = signers.base58.encode(ex_signer.sign(text))
        verify.check(address, signature, verify.canonical("create_order", fields, stamp, 5000))
        assert Signature.from_string(signature).verify(Pubkey.from_string(address), text)
    assert ones >= 300


@pytest.mark.parametrize("harm", ["amount", "type", "timestamp", "key", "short", "text"])
def test_the_venue_refuses_everything_else(harm: str) -> None:
    address, secret = verify.wallet(bytes(range(32)))
    payload = {"symbol": "BTC", "amount": "0.1"}
    signature = signers.base58.encode(signers.make("solana", secret).sign(signing.message("create_order", payload, 1, 2)))
    arguments: dict[str, Any] = {"operation": "create_order", "payload": payload, "timestamp": 1, "window": 2}
    if harm == "amount":
        arguments["payload"] = {**payload, "amount": "0.2"}
    elif harm == "type":
        arguments["operation"] = "create_market_order"
    elif harm == "timestamp":
        arguments["timestamp"] = 2
    elif harm == "key":
        address = str(Keypair.from_seed(bytes(32)).pubkey())
    elif harm == "short":
        signature = signature[1:]
    else:
        signature = "0OIl"
    with pytest.raises(verify.Unverified):
        verify.check(address, signature, verify.canonical(**arguments))


@given(st.binary(min_size=32, max_size=32) | st.binary(min_size=31, max_size=31).map(lambda rest: b"\0" + rest))
def test_base58_by_definition_and_ours_agree(data: bytes) -> None:
    assert verify.base58(data) == signers.base58.encode(data)
    assert verify.unbase58(verify.base58(data), 32, "key") == data == signers.base58.decode(verify.base58(data), 32)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)


@given(st.dictionaries(st.text(), JSON, max_size=6))
def test_both_sides_write_the_same_message(payload: dict[str, Any]) -> None:
    assert signing.message("x", payload, 1, 2) == verify.canonical("x", payload, 1, 2)


async def test_an_agent_s_key_is_recognised_and_a_stated_agent_must_fit() -> None:
    ex = ccxt_dex.pacifica(
        {"privateKey": KEYS["agent"], "walletAddress": ADDRESSES["main"], "options": {"agentAddress": ADDRESSES["agent"]}}
    )
    assert (await ex.signed("cancel_order", {"symbol": "BTC", "order_id": 1}))["agent_wallet"] == ADDRESSES["agent"]
    ex.options["agentAddress"] = ADDRESSES["main"]
    with pytest.raises(errors.AuthenticationError):
        await ex.signed("cancel_order", {"symbol": "BTC", "order_id": 1})


async def test_a_signer_that_answers_later_is_awaited() -> None:
    class Slow:
        address = ADDRESSES["main"]

        async def sign(self, message: bytes) -> bytes:
            return signers.make("nacl", KEYS["main"]).sign(message)

    signers.register("solana", lambda key, **options: Slow())
    try:
        row = next(row for row in VECTORS["rows"] if row["case"] == "cancel_order")
        ex = ccxt_dex.pacifica({"privateKey": "in a wallet"})
        body = await ex.signed("cancel_order", {"symbol": "BTC", "order_id": 42069, "timestamp": 1_700_000_000_000, "expiry_window": 5000})
        assert body["signature"] == row["signature"]
    finally:
        signers.unregister("solana")


def test_every_signed_path_is_one_that_ccxt_knows() -> None:
    known = set(ccxt_dex.pacifica().api["private"]["post"])
    assert set(tables.OPERATIONS) <= known and tables.BATCH_PATH in known
