from __future__ import annotations

import base58 as reference
import ccxt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccxt_dex.signers import base58

# made with @scure/base 2.4.0 and bs58 6.0.0, 2026-09
KNOWN = {
    "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8": "FAe4sisG95oZ42w7buUn5qEE4TAnfTTFPiguZUHmhiF",
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f": "1thX6LZfHDZZKUs92febYZhYRcXddmzfzF2NvTkPNE",
    "e06aead5cfa54fb68f0428a2475838358fc27dd6f0843846ea52478075d3bf63": "G72tBonCrPjTu1fJCZoLg8HNXM8Kcm9jTdxgwgKS4o4v",
    "00fa89bc46cca94f2bb88c0dd5de3547c646c57818d7282df4675bd4ee97a755": "14paUNj7QdsF8vETqEfK9e44UMeE4YACFZtmxw4PQFec",
    "": "",
    "000000": "111",
}


@pytest.mark.parametrize("data", KNOWN)
def test_known_texts(data: str) -> None:
    assert base58.encode(bytes.fromhex(data)) == KNOWN[data]
    assert base58.decode(KNOWN[data]).hex() == data


@given(st.binary(max_size=80), st.integers(0, 5))
def test_leading_zero_bytes_survive(data: bytes, zeros: int) -> None:
    data = bytes(zeros) + data
    text = base58.encode(data)
    assert text == reference.b58encode(data).decode()
    assert base58.decode(text, len(data)) == data


@pytest.mark.parametrize("text", ["0", "O", "I", "l", "abc ", " abc", "ab\nc", "a+b", "aé", "１", "\0"])
def test_only_the_alphabet_is_read(text: str) -> None:
    assert base58.try_decode(text) is None
    with pytest.raises(ccxt.BadRequest):
        base58.decode(text)


def test_another_length_is_refused_without_showing_the_text() -> None:
    with pytest.raises(ccxt.BadRequest, match="expected 32 bytes of base58, got 31") as caught:
        base58.decode(base58.encode(b"\x07" * 31), 32)
    assert base58.encode(b"\x07" * 31) not in str(caught.value)


def test_a_text_too_long_for_anything_is_refused_at_once() -> None:
    assert base58.try_decode("2" * 1_000_000) is None
