"""starknet-py, the reference client of Starknet in Python, against our hashes, typed data, addresses and signatures."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ccxt_dex.signers import stark, typed_data

pytestmark = pytest.mark.peers

PROGRAM = Path(__file__).with_name("starknet_typed_data.py")
REQUIREMENTS = ["starknet-py==0.30.0"]
Ask = Callable[[list[dict[str, Any]]], list[Any]]


@pytest.fixture(scope="module")
def ask(peer: Callable[..., Path]) -> Ask:
    python = peer("starknet-py", REQUIREMENTS)

    def run(requests: list[dict[str, Any]]) -> list[Any]:
        text = "".join(json.dumps(request) + "\n" for request in requests)
        done = subprocess.run([python, PROGRAM], input=text, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stderr
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(answers) == len(requests)
        return answers

    return run


DOMAINS: dict[int, tuple[str, list[dict[str, str]], dict[str, Any]]] = {
    0: (
        "StarkNetDomain",
        [{"name": name, "type": "felt"} for name in ("name", "version", "chainId")],
        {"name": "Dex", "version": "1", "chainId": "SN_MAIN"},
    ),
    1: (
        "StarknetDomain",
        [{"name": name, "type": "shortstring"} for name in ("name", "version", "chainId", "revision")],
        {"name": "Dex", "version": "v0", "chainId": "SN_MAIN", "revision": "1"},
    ),
}


class Maker:
    """Random typed data that both sides understand."""

    def __init__(self, seed: int, revision: int) -> None:
        self.rng = random.Random(seed)
        self.revision = revision
        self.structs: dict[str, list[dict[str, str]]] = {}

    def value(self, kind: str) -> Any:
        rng = self.rng
        if kind.endswith("*"):
            return [self.value(kind[:-1]) for _ in range(rng.randrange(4))]
        if kind in self.structs:
            return {field["name"]: self.value(field["type"]) for field in self.structs[kind]}
        return {
            "felt": lambda: rng.choice([rng.randrange(stark.PRIME), hex(rng.randrange(stark.PRIME)), "123", "BTC-USD"]),
            "bool": lambda: rng.random() < 0.5,
            "selector": lambda: rng.choice(["transfer", hex(rng.getrandbits(200))]),
            "string": lambda: self.text() if self.revision else "short",
            "shortstring": lambda: rng.choice(["abc", "0x12", "7"]),
            "u128": lambda: rng.choice([rng.getrandbits(128), "5", hex(rng.getrandbits(64))]),
            "i128": lambda: rng.choice([rng.getrandbits(127), -rng.getrandbits(127)]),
            "timestamp": lambda: rng.getrandbits(40),
            "ContractAddress": lambda: hex(rng.getrandbits(250)),
            "ClassHash": lambda: hex(rng.getrandbits(250)),
            "u256": lambda: {"low": rng.getrandbits(128), "high": rng.getrandbits(128)},
            "TokenAmount": lambda: {"token_address": hex(rng.getrandbits(250)), "amount": self.value("u256")},
            "NftId": lambda: {"collection_address": hex(rng.getrandbits(250)), "token_id": self.value("u256")},
        }[kind]()

    def text(self) -> str:
        """ASCII: starknet-py refuses anything else in a long string, which the specification does not."""
        return "".join(self.rng.choice("ab Z9~") for _ in range(self.rng.choice([0, 1, 10, 31, 62, 70])))

    def make(self) -> dict[str, Any]:
        plain = ["felt", "bool", "selector", "string"]
        if self.revision:
            plain += ["shortstring", "u128", "i128", "timestamp", "ContractAddress", "ClassHash", "u256", "TokenAmount", "NftId"]
        for name in self.rng.sample(["Zeta", "Order", "Leg", "mail"], 3):
            kinds = [*plain, *self.structs]
            stars = ["", "", "*"]
            fields = [self.rng.choice(kinds) + self.rng.choice(stars) for _ in range(self.rng.randrange(1, 6))]
            self.structs[name] = [{"name": f"f{i}", "type": kind} for i, kind in enumerate(fields)]
        primary = name
        message = self.value(primary)
        domain_name, domain_fields, domain = DOMAINS[self.revision]
        reachable = typed_data.encode_type(self.structs, primary, self.revision)
        used = {struct: self.structs[struct] for struct in self.structs if struct == primary or struct in reachable}
        return {"types": {domain_name: domain_fields, **used}, "primaryType": primary, "domain": domain, "message": message}


@pytest.mark.parametrize("revision", [0, 1])
def test_random_typed_data(ask: Ask, revision: int) -> None:
    cases = [(Maker(seed, revision).make(), random.Random(seed).getrandbits(250)) for seed in range(120)]
    compared = 0
    for (data, account), theirs in zip(cases, ask([{"typed": data, "account": account} for data, account in cases]), strict=True):
        assert "hash" in theirs, (theirs, data)
        types, primary = data["types"], data["primaryType"]
        assert typed_data.encode_type(types, primary, revision) == theirs["type"]
        assert typed_data.message_hash(data["domain"], types, primary, data["message"], account) == theirs["hash"], data
        compared += 1
    assert compared == 120


def test_hashes_and_addresses(ask: Ask) -> None:
    rng = random.Random(3)
    lists = [[rng.randrange(stark.PRIME) for _ in range(length)] for length in (0, 1, 2, 3, 5, 10, 11)]
    addresses = [(rng.getrandbits(250), items, rng.getrandbits(250)) for items in lists]
    requests = [*({"pedersen": items} for items in lists), *({"poseidon": items} for items in lists)]
    answers = ask([*requests, *({"address": case} for case in addresses)])
    ours = [*map(stark.pedersen_many, lists), *map(stark.poseidon_many, lists), *(stark.compute_address(*case) for case in addresses)]
    assert answers == ours


@pytest.mark.parametrize("backend", stark.backends())
def test_our_signatures_verify(ask: Ask, backend: str) -> None:
    rng = random.Random(4)
    cases = []
    for _ in range(25):
        signer = stark.make(hex(rng.randrange(1, stark.ORDER)), backend=backend)
        message = rng.getrandbits(251)
        r, s = signer.sign_hash(message)
        cases.append({"verify": [message, r, s, signer.public_key]})
        cases.append({"verify": [message ^ 2, r, s, signer.public_key]})
    assert ask(cases) == [True, False] * 25
