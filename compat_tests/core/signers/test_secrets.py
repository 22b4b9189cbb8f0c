"""A key that cannot be used is refused at once, and no key ever shows: not in an exception, what led to it, a repr or a copy."""

from __future__ import annotations

import base64
import copy
import json
import pickle
import traceback
from typing import Any

import ccxt
import pytest

from ccxt_dex import signers
from ccxt_dex.signers import base58, secp256k1, stark

HEX = "d34db33f" * 8
SECP_ORDER = f"{secp256k1.CURVE.order:064x}"
STARK_ORDER = f"{stark.ORDER:064x}"
SEED, PUBLIC = bytes.fromhex(HEX), signers.make("nacl", HEX).public_key

NUMBERS: list[Any] = [
    "0" * 64,
    "0x" + "0" * 64,
    bytes(32),
    "",
    "   ",
    "0x",
    b"",
    "g" * 64,
    HEX + "00",
    HEX[:-1] + "\n5",
    HEX[:-1] + "é",
    b"\1" * 31,
]
NUMBERS += [b"\1" * 33, None, 5, 1.5, ["a"], "-" + HEX[1:], "0x" + HEX + "é", "١" * 64, HEX[:32] + " " + HEX[33:], "ff" * 32, b"\xff" * 32]
MALFORMED: list[tuple[str, Any]] = [
    *(("eip712", key) for key in [*NUMBERS, SECP_ORDER, HEX[:-2], HEX[:-1], "1", f"{secp256k1.CURVE.order + 1:064x}"]),
    *(("stark", key) for key in [*NUMBERS, STARK_ORDER, "0", "0x0", HEX]),
    *(
        (family, key)
        for family in ("nacl", "solana")
        for key in [
            *("0" * 64, bytes(32), "1" * 32, base64.b64encode(bytes(32)).decode(), json.dumps([0] * 32), json.dumps([0] * 64)),
            *("", " ", "0x", b"", HEX[:-1], HEX[:-2], HEX + "00", SEED[:-1], SEED + b"\1", "é" * 32, "not a key", "[", "[]", "[1,2", "{}"),
            *(json.dumps([*SEED, 256]), json.dumps([-1] * 32), json.dumps([1.0] * 32), json.dumps([True] * 32), json.dumps([[1]] * 32)),
            *("[" * 100_000, json.dumps(["1"] * 32), "-----BEGIN OPENSSH PRIVATE KEY-----\n" + HEX, HEX[:40] + "=" + HEX[41:]),
            # the public half of another key
            *(SEED + bytes(32), (SEED + PUBLIC[::-1]).hex(), base58.encode(SEED + bytes(32)), json.dumps([*SEED, *SEED])),
            *(
                base58.encode(SEED)[:-3],
                "1" + base58.encode(SEED),
                base64.b64encode(SEED).decode()[:-2],
                base64.b64encode(SEED).decode() + "=",
            ),
        ]
    ),
]


def shown(error: BaseException | None) -> str:
    """All that a logger can get out of an exception and of those it came from."""
    text = []
    while error is not None:
        text += [str(error), repr(error), repr(error.args), "".join(traceback.format_exception_only(type(error), error))]
        assert error.__cause__ is None
        error = error.__context__
    return "\n".join(text)


@pytest.mark.parametrize(("family", "key"), MALFORMED, ids=lambda value: value if value in signers.families() else "key")
def test_a_malformed_key_is_refused_and_not_shown(family: str, key: Any) -> None:
    with pytest.raises(ccxt.AuthenticationError) as caught:
        signers.make(family, key)
    text = shown(caught.value)
    for secret in (key, str(key).strip(), HEX, HEX[:12], HEX[-12:], base58.encode(SEED)[:12]):
        if isinstance(secret, str) and len(secret) > 3:
            assert secret not in text
    assert "d34d" not in text


@pytest.mark.parametrize("family", ["eip712", "nacl", "solana", "stark"])
def test_a_signer_shows_its_public_half_only(family: str) -> None:
    private = "0" + HEX[1:] if family == "stark" else HEX
    signer = signers.make(family, private)
    public = {
        "eip712": lambda: signer.address,
        "nacl": lambda: signer.public_base58,
        "solana": lambda: signer.address,
        "stark": lambda: hex(signer.public_key),
    }[family]()
    number = str(int(private, 16))
    for text in (repr(signer), str(signer), f"{signer}", f"{[signer]}", f"{vars_of(signer)}"):
        assert "d34db33f" not in text and number not in text and repr(bytes.fromhex(private))[3:20] not in text
    assert repr(signer) == f"<{type(signer).__name__} {public}>"


def vars_of(signer: Any) -> dict[str, Any]:
    """What a debugger's or error reporter's dump of public attributes finds."""
    return {name: getattr(signer, name) for name in dir(signer) if not name.startswith("_") and not callable(getattr(signer, name))}


@pytest.mark.parametrize("backend", secp256k1.backends())
def test_the_key_object_inside_shows_nothing_either(backend: str) -> None:
    assert repr(secp256k1.key(HEX, backend)) == "<secp256k1 private key>"


@pytest.mark.parametrize("family", ["eip712", "nacl", "solana", "stark"])
def test_a_signer_is_copied_by_reference_and_never_pickled(family: str) -> None:
    signer = signers.make(family, "01" * 32)
    assert copy.copy(signer) is signer
    assert copy.deepcopy({"signer": [signer]})["signer"][0] is signer
    with pytest.raises(TypeError, match="private key"):
        pickle.dumps(signer)
    assert not hasattr(signer, "__dict__")


@pytest.mark.parametrize(("family", "key"), [("eip712", f"{secp256k1.CURVE.order - 1:064x}"), ("stark", f"{stark.ORDER - 1:064x}")])
def test_the_largest_scalar_is_a_key(family: str, key: str) -> None:
    signers.make(family, key)
    signers.make(family, f" 0X{key.upper()}\n")
    signers.make(family, bytes.fromhex(key))


def test_stark_keys_may_lack_their_leading_zeros() -> None:
    key = "00" + HEX[2:-2] + "07"
    full = signers.make("stark", key).public_key
    assert full == signers.make("stark", key.lstrip("0")).public_key == signers.make("stark", hex(int(key, 16))).public_key
    assert full == signers.make("stark", bytes.fromhex(key)).public_key
    assert signers.make("stark", "0x1").public_key == stark.public_key(1)
