"""The official native signer of lighter-sdk against our transactions, hashes, tokens and signatures.

Its library has no call that verifies, so one direction is direct (ours verifies what it signed, by both of our verifiers) and the other goes
through the independent verifier: what that one takes from the official signer and refuses when bent, it is trusted to judge for ours.
"""

from __future__ import annotations

import base64
import json
import random
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ccxt_dex.exchanges.lighter import signing
from ccxt_dex.exchanges.lighter.crypto import schnorr
from ccxt_dex.exchanges.lighter.paper import tx as paper_tx
from ccxt_dex.exchanges.lighter.paper import verify as plain

pytestmark = pytest.mark.peers

PROGRAM = Path(__file__).with_name("lighter_native.py")
REQUIREMENTS = ["lighter-sdk==1.1.8"]
CHAINS = (304, 300, 466324)
COUNT = 300
EXPIRY = 1_797_750_769_363
NAMES = {kind.type: name for name, kind in signing.KINDS.items()}
Ask = Callable[[list[dict[str, Any]]], list[Any]]


@pytest.fixture(scope="module")
def ask(peer: Callable[..., Path]) -> Ask:
    python = peer("lighter-sdk", REQUIREMENTS)

    def run(requests: list[dict[str, Any]]) -> list[Any]:
        text = "".join(json.dumps(request) + "\n" for request in requests)
        done = subprocess.run([python, PROGRAM], input=text, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stderr
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(answers) == len(requests)
        return answers

    return run


def an_order(rng: random.Random, kind: int, **fixed: int) -> list[int]:
    """One order that the signer's checks accept, in the order of its arguments."""
    values = {
        "market": rng.choice([0, 1, 254]),
        "client": rng.randrange(1, 2**48),
        "size": rng.randrange(1, 2**48),
        "price": rng.randrange(1, 2**31),
        "ask": rng.randrange(2),
        "type": kind,
        "tif": 0 if kind in (1, 2, 4) else rng.choice([1, 2]) if kind == 0 else 1,
        "reduce": rng.randrange(2),
        "trigger": rng.randrange(1, 2**31) if kind > 1 else 0,
        "expiry": 0 if kind == 1 else EXPIRY,
    }
    return list({**values, **fixed}.values())


def a_call(rng: random.Random) -> tuple[str, list[Any]]:
    """A random call: every transaction that the room signs, attributes included."""
    skip, nonce = rng.randrange(2), rng.randrange(2**46)
    tail, self_trade = [skip, nonce], [rng.randrange(4), 0]
    none = [0, 0, 0]
    fees = [rng.randrange(1, 2**47), rng.randrange(10**6), rng.randrange(10**6), 0, 0]
    side = rng.randrange(2)
    exits = [an_order(rng, kind, market=1, size=0, ask=1 - side, reduce=1) for kind in (rng.choice([2, 3]), rng.choice([4, 5]))]
    entry = an_order(rng, rng.choice([0, 1]), market=1, ask=side)
    calls: list[tuple[str, list[Any]]] = [
        ("SignCreateOrder", [*an_order(rng, rng.randrange(6)), *none, *self_trade, *tail]),
        ("SignCreateOrder", [*an_order(rng, 0), *fees, *tail]),
        ("SignCreateGroupedOrders", [1, [entry, rng.choice(exits)], *none, *self_trade, *tail]),
        ("SignCreateGroupedOrders", [3, [entry, *exits], *none, *self_trade, *tail]),
        ("SignCancelOrder", [rng.randrange(255), rng.randrange(1, 2**60), *tail]),
        ("SignCancelAllOrders", [0, 0, rng.choice([0, 1, 254, 255]), *tail]),
        ("SignCancelAllOrders", [1, EXPIRY, 255, *tail]),
        (
            "SignModifyOrder",
            [1, rng.randrange(1, 2**60), rng.randrange(1, 2**48), rng.randrange(1, 2**32), 0, *none, *self_trade, *tail, 0],
        ),
        ("SignUpdateLeverage", [rng.randrange(255), rng.randrange(1, 10_001), rng.randrange(2), *tail]),
        ("SignUpdateMargin", [rng.randrange(255), rng.randrange(1, 2**60), rng.randrange(2), *tail]),
        ("SignWithdraw", [3, rng.randrange(2), rng.randrange(1, 2**60), *tail]),
        (
            "SignTransfer",
            [rng.randrange(2**47), 3, 0, 1, rng.randrange(1, 2**60), rng.randrange(2**60), "0x" + rng.randbytes(32).hex(), *tail],
        ),
        ("SignCreateSubAccount", tail),
    ]
    return rng.choice(calls)


def rebuild(body: dict[str, Any], kind_type: int, chain: int) -> signing.Unsigned:
    name = NAMES[kind_type]
    kind = signing.KINDS[name]
    common = {kind.account, "ApiKeyIndex", "ExpiredAt", "Nonce", "Sig", "L1Sig", "L2TxAttributes"}
    fields = {key: bytes(value) if key == "Memo" else value for key, value in body.items() if key not in common}
    return signing.transaction(
        name,
        fields,
        chain_id=chain,
        account=body[kind.account],
        key_index=body["ApiKeyIndex"],
        nonce=body["Nonce"],
        expired_at=body["ExpiredAt"],
        attributes={int(key): value for key, value in (body["L2TxAttributes"] or {}).items()},
    )


def test_random_transactions_both_ways(ask: Ask) -> None:
    rng = random.Random(20261122)
    keys = [rng.randbytes(39) + b"\x01" for _ in range(5)]
    verifiers = {key: plain.Key(key) for key in keys}
    requests = []
    for _ in range(COUNT):
        call, arguments = a_call(rng)
        who = {
            "key": "0x" + rng.choice(keys).hex(),
            "chain": rng.choice(CHAINS),
            "account": rng.randrange(1, 2**47),
            "key_index": rng.randrange(255),
        }
        requests.append({**who, "call": call, "arguments": arguments})
    seen = set()
    for request, answer in zip(requests, ask(requests), strict=True):
        assert not answer["err"], (request, answer)
        seen.add(request["call"])
        body, private = json.loads(answer["info"]), bytes.fromhex(request["key"][2:])
        ours, verifier = rebuild(body, answer["type"], request["chain"]), verifiers[private]
        theirs = base64.b64decode(body["Sig"])
        assert (ours.hash.hex(), ours.signed(theirs)) == (answer["hash"], answer["info"])
        key = schnorr.parse_key(private)
        limbs = signing.limbs(ours.hash)
        assert verifier.public == schnorr.public_key(key)
        assert schnorr.verify(verifier.public, limbs, theirs) and verifier.verify(limbs, theirs)
        bent = theirs[:-9] + bytes([theirs[-9] ^ 1]) + theirs[-8:]
        assert not verifier.verify(limbs, bent) and not schnorr.verify(verifier.public, limbs, bent)
        assert verifier.verify(limbs, schnorr.sign(key, limbs))
        if answer["type"] in paper_tx.FIELDS:  # the paper venue reads the official signer's transactions as it reads ours
            decoded = paper_tx.decode(answer["type"], answer["info"], request["chain"])
            assert decoded.hash == answer["hash"] and decoded.signature == theirs
    assert len(seen) == 10


def test_tokens(ask: Ask) -> None:
    rng = random.Random(7)
    key = rng.randbytes(39) + b"\x01"
    who = {"key": key.hex(), "chain": 304, "account": 12345, "key_index": 7, "call": "CreateAuthToken"}
    deadlines = [rng.randrange(1, 2**33) for _ in range(20)]
    for deadline, answer in zip(deadlines, ask([{**who, "arguments": [deadline]} for deadline in deadlines]), strict=True):
        text, digest = signing.auth_message(deadline, 12345, 7)
        signature = bytes.fromhex(answer["token"].rpartition(":")[2])
        assert signing.auth_token(text, signature) == answer["token"]
        assert plain.Key(key).verify(signing.limbs(digest), signature)
        assert paper_tx.token_valid(answer["token"], deadline - 60, {(12345, 7): plain.Key(key)}) == 12345
        assert paper_tx.token_valid(answer["token"], deadline + 1, {(12345, 7): plain.Key(key)}) is None


def test_official_refusals_are_ours_too(ask: Ask) -> None:
    """Groups and orders that the signer's checks refuse are refused by our arguments (or cannot be expressed with them)."""
    who = {"key": "11" * 40, "chain": 304, "account": 12345, "key_index": 7}
    tail = [0, 0, 0, 0, 0, 1, 1]
    calls = [
        ("SignCreateOrder", [0, 2**48, 1000, 390000, 0, 0, 1, 0, 0, EXPIRY, *tail]),
        ("SignCreateOrder", [0, 1, 0, 390000, 0, 0, 1, 0, 0, EXPIRY, *tail]),
        ("SignCreateOrder", [0, 1, 1000, 0, 0, 0, 1, 0, 0, EXPIRY, *tail]),
        (
            "SignCreateGroupedOrders",
            [3, [[0, 0, 1000, 390000, 0, 0, 1, 0, 0, EXPIRY], [0, 0, 0, 380000, 1, 2, 0, 1, 381000, EXPIRY]], *tail],
        ),
    ]
    answers = ask([{**who, "call": call, "arguments": arguments} for call, arguments in calls])
    assert [answer["err"] for answer in answers] == [
        "ClientOrderIndex should not be larger than 281474976710655",
        "BaseAmount should not be less than 1",
        "OrderPrice should not be less than 1",
        "OrderGroupSize is not valid",
    ]
