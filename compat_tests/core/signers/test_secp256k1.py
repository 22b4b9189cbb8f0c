from __future__ import annotations

import random

import ccxt
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature
from eth_keys.backends.native.main import NativeECCBackend
from eth_keys.datatypes import PrivateKey

from ccxt_dex.signers import secp256k1

ORDER = secp256k1.CURVE.order
EDGES = [bytes(32), b"\xff" * 32, ORDER.to_bytes(32, "big"), (ORDER - 1).to_bytes(32, "big"), (1).to_bytes(32, "big")]


def test_signatures_are_those_of_eth_keys(secp: str) -> None:
    """eth-keys' own Python implementation: neither coincurve nor our tables."""
    rng = random.Random(11)
    for digest in [rng.randbytes(32) for _ in range(25)]:
        private = rng.randrange(1, ORDER).to_bytes(32, "big")
        key = secp256k1.key(private, secp)
        reference = PrivateKey(private, backend=NativeECCBackend())
        theirs = reference.sign_msg_hash(digest).to_bytes()
        assert key.public == reference.public_key.to_bytes()
        assert key.sign(digest) == theirs[:64] + bytes([27 + theirs[64]])


@pytest.mark.skipif("coincurve" not in secp256k1.backends(), reason="nothing to compare with")
def test_both_backends_give_the_same_bytes() -> None:
    rng = random.Random(12)
    cases = [(rng.randrange(1, ORDER), rng.randbytes(32)) for _ in range(300)]
    cases += [(private, digest) for private in (1, 2, ORDER - 1, ORDER // 2) for digest in EDGES]
    for private, digest in cases:
        fast, slow = (secp256k1.key(private.to_bytes(32, "big"), name) for name in ("coincurve", "python"))
        assert fast.public == slow.public
        assert fast.sign(digest) == slow.sign(digest)


def test_cryptography_accepts_what_we_sign(secp: str) -> None:
    rng = random.Random(13)
    for _ in range(20):
        private, digest = rng.randrange(1, ORDER), rng.randbytes(32)
        signature = secp256k1.key(private.to_bytes(32, "big"), secp).sign(digest)
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big")
        assert s <= ORDER // 2
        public = ec.derive_private_key(private, ec.SECP256K1()).public_key()
        public.verify(encode_dss_signature(r, s), digest, ec.ECDSA(Prehashed(hashes.SHA256())))


def test_the_signer_is_recovered_and_verified(secp: str) -> None:
    rng = random.Random(14)
    for digest in [*EDGES, *(rng.randbytes(32) for _ in range(20))]:
        key = secp256k1.key(rng.randbytes(32), secp)
        signature = key.sign(digest)
        assert secp256k1.recover(digest, signature, secp) == key.public
        assert secp256k1.recover(digest, signature[:64] + bytes([signature[64] - 27]), secp) == key.public
        assert secp256k1.verify(key.public, digest, signature, secp)
        assert secp256k1.verify(key.public, digest, signature[:64], secp)
        for position in (0, 31, 32, 63):
            broken = bytearray(signature)
            broken[position] ^= 1
            assert not secp256k1.verify(key.public, digest, bytes(broken), secp)
        other = bytes([digest[0] ^ 128]) + digest[1:]
        assert not secp256k1.verify(key.public, other, signature, secp)
        assert secp256k1.recover(other, signature, secp) != key.public


def test_a_high_s_is_refused_by_verify(secp: str) -> None:
    key = secp256k1.key(b"\x07" * 32, secp)
    signature = key.sign(b"\x09" * 32)
    high = signature[:32] + (ORDER - int.from_bytes(signature[32:64], "big")).to_bytes(32, "big")
    assert not secp256k1.verify(key.public, b"\x09" * 32, high, secp)
    # the same key made it all the same: with the other v it recovers
    assert secp256k1.recover(b"\x09" * 32, high + bytes([27 + 28 - signature[64]]), secp) == key.public


@pytest.mark.parametrize(
    "signature",
    [
        bytes(65),
        bytes(32) + b"\x01" * 32 + b"\x1b",
        b"\x01" * 32 + bytes(32) + b"\x1b",
        ORDER.to_bytes(32, "big") + b"\x01" * 32 + b"\x1b",
        b"\x01" * 32 + ORDER.to_bytes(32, "big") + b"\x1c",
        b"\x01" * 64 + b"\x1d",
        b"\x01" * 64 + b"\x02",
        # no point has this x
        (5).to_bytes(32, "big") + b"\x01" * 32 + b"\x1b",
        b"\x01" * 64,
        b"",
    ],
)
def test_what_is_no_signature_is_refused(secp: str, signature: bytes) -> None:
    with pytest.raises(ccxt.BadRequest):
        secp256k1.recover(b"\x02" * 32, signature, secp)


def test_a_signature_that_leads_to_no_key_is_refused(secp: str) -> None:
    """s R = z G: the recovered point would be the point at infinity."""
    generator = secp256k1.CURVE.generator
    r = generator[0].to_bytes(32, "big")
    digest = s = (12345).to_bytes(32, "big")
    with pytest.raises(ccxt.BadRequest):
        secp256k1.recover(digest, r + s + bytes([27 + (generator[1] & 1)]), secp)


@pytest.mark.parametrize("public", [bytes(64), b"\x01" * 64, b"\xff" * 64, b"\x01" * 63, b""])
def test_what_is_no_public_key_verifies_nothing(secp: str, public: bytes) -> None:
    signature = secp256k1.key(b"\x07" * 32, secp).sign(b"\x09" * 32)
    assert not secp256k1.verify(public, b"\x09" * 32, signature, secp)


def test_only_a_digest_is_signed(secp: str) -> None:
    key = secp256k1.key(b"\x07" * 32, secp)
    for digest in (b"", b"\x01" * 31, b"\x01" * 33):
        with pytest.raises(ccxt.BadRequest):
            key.sign(digest)
        assert not secp256k1.verify(key.public, digest, bytes(65), secp)


def test_an_unknown_backend_is_named() -> None:
    with pytest.raises(ccxt.NotSupported, match="openssl"):
        secp256k1.key(b"\x07" * 32, "openssl")
