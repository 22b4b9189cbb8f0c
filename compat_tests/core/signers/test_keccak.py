from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from eth_utils import keccak as reference

from ccxt_dex.signers import keccak

Hash = Callable[[bytes], bytes]


# Ethereum's empty hash, the transfer event's topic, and two hashes of edgeX's domain (eth-account and ccxt agree)
@pytest.mark.parametrize(
    ("data", "digest"),
    [
        (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
        (b"Transfer(address,address,uint256)", "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"),
        (b"EdgeX", "56ed2ce176b11760648672601352b2c2fbc7f66284745a0642a8c94fdf43e532"),
        (
            b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)",
            "8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f",
        ),
    ],
)
def test_known_digests(keccak_backend: Hash, data: bytes, digest: str) -> None:
    assert keccak_backend(data).hex() == digest


def test_every_length_around_the_blocks(keccak_backend: Hash) -> None:
    rng = random.Random(1)
    for length in [*range(0, 280, 9), 134, 135, 136, 137, 271, 272, 273, 1000]:
        data = rng.randbytes(length)
        assert keccak_backend(data) == reference(data), length


def test_the_fastest_one_is_taken() -> None:
    available = keccak.backends()
    assert keccak.backend == next(iter(available))
    assert list(available)[-1] == "python"
    assert keccak.keccak256(b"a") == available["python"](b"a")


def test_sha3_under_the_name_of_keccak_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    import hashlib

    monkeypatch.setitem(keccak._PROBES, "hashlib", lambda: lambda data: hashlib.sha3_256(data).digest())
    assert "hashlib" not in keccak.backends()
