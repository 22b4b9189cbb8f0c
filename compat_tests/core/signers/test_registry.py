from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator

import ccxt
import pytest

from ccxt_dex import signers

KEY = "0x0123456789012345678901234567890123456789012345678901234567890123"


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    yield
    for family in [*signers.families(), "mine"]:
        signers.unregister(family)


def test_the_families_are_those_that_exist() -> None:
    assert {"eip712", "nacl", "solana", "stark"} <= set(signers.families())


@pytest.mark.parametrize("family", ["eip712", "nacl", "solana", "stark"])
def test_every_family_makes_a_signer_from_the_same_call(family: str) -> None:
    assert type(signers.make(family, "01" * 32)).__name__.lower().startswith(family)


def test_a_replacement_wins_until_it_is_taken_back() -> None:
    seen = []

    def factory(key: str, **options: object) -> str:
        seen.append((key, options))
        return "wallet"

    signers.register("eip712", factory)
    assert signers.make("eip712", "browser", port=1) == "wallet"
    assert seen == [("browser", {"port": 1})]
    signers.register("eip712", lambda key: "another")
    assert signers.make("eip712", "") == "another"
    signers.unregister("eip712")
    assert signers.make("eip712", KEY).address == "0x14791697260E4c9A71f18484C9f997B308e59325"


def test_a_new_family_lives_as_long_as_it_is_registered() -> None:
    signers.register("mine", lambda key: key)
    assert "mine" in signers.families()
    assert signers.make("mine", "k") == "k"
    signers.unregister("mine")
    with pytest.raises(ccxt.NotSupported, match="mine"):
        signers.make("mine", "k")


def test_a_family_that_a_room_brings_outlives_its_replacement() -> None:
    signers.provide("room's own", lambda key: f"local {key}")
    signers.register("room's own", lambda key: f"wallet {key}")
    assert signers.make("room's own", "k") == "wallet k"
    signers.unregister("room's own")
    assert signers.make("room's own", "k") == "local k"


async def test_result_awaits_a_wallet_and_passes_a_local_answer_on() -> None:
    async def wallet() -> bytes:
        return b"w"

    assert await signers.result(wallet()) == b"w"
    assert await signers.result(b"l") == b"l"


def test_threads_may_register_and_make_at_the_same_time() -> None:
    wrong: list[object] = []

    def work(number: int) -> None:
        name = f"family{number}"
        for _ in range(200):
            signers.register(name, lambda key: (number, key))
            if signers.make(name, "k") != (number, "k") or name not in signers.families():
                wrong.append(number)
            signers.unregister(name)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_the_registry_loads_neither_ccxt_nor_a_crypto_library() -> None:
    program = """
import sys
from ccxt_dex import signers
signers.families()
heavy = {"ccxt", "coincurve", "nacl", "Crypto", "eth_account", "fast_stark_crypto", "cryptography", "solders", "base58"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
signers.make("nacl", "01" * 32)
assert "nacl" in sys.modules
assert not {"ccxt", "coincurve", "fast_stark_crypto"} & set(sys.modules)
assert signers.base58.encode(bytes(2)) == "11"
"""
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True, timeout=60)
