"""Ed25519: what venues' SDKs signed, cryptography and solders on random keys, and every form a private key comes in."""

from __future__ import annotations

import base64
import hashlib
import json
import random
from collections.abc import Callable
from typing import Any

import ccxt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from solders.keypair import Keypair

from ccxt_dex.signers import base58, nacl, solana

Vectors = Callable[[str], Any]

V1 = bytes(range(32))
V1_PUBLIC = bytes.fromhex("03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8")
V1B = hashlib.sha256(b"standx throwaway request key").digest()
V1C = hashlib.sha256(b"standx-lz-111").digest()
WALLET = bytes(range(32, 64))


@pytest.mark.parametrize(
    ("seed", "public", "request_id"),
    [
        (V1, V1_PUBLIC.hex(), "FAe4sisG95oZ42w7buUn5qEE4TAnfTTFPiguZUHmhiF"),
        (V1B, "01e0aea0bdd3bf8c40f165d5289b1c51037fc16a6d86c40d76e2903156a703c8", "8L7q1thJhHifmjksagWL6ZPAAXS6UgkM2hpB13pFbjV"),
        (V1C, "00fa89bc46cca94f2bb88c0dd5de3547c646c57818d7282df4675bd4ee97a755", "14paUNj7QdsF8vETqEfK9e44UMeE4YACFZtmxw4PQFec"),
    ],
)
def test_standx_v1_keys(seed: bytes, public: str, request_id: str) -> None:
    signer = nacl.make(seed)
    assert signer.public_key.hex() == public
    assert signer.public_base58 == request_id


def test_standx_v2_to_v6_bodies(vectors: Vectors) -> None:
    data = vectors("standx")
    signer = nacl.make(V1)
    for row in data["bodies"]:
        message = (data["prefix"] + row["body"]).encode()
        assert base64.b64encode(signer.sign(message)).decode() == row["signature"], row["case"]
        assert nacl.verify(signer.public_key, message, base64.b64decode(row["signature"]))
    assert len(data["bodies"]) == 10
    message = (data["prefix"] + data["bodies"][0]["body"]).encode()
    assert base64.b64encode(nacl.make(V1B).sign(message)).decode() == data["v2WithV1b"]
    zero = nacl.make(V1C).sign((data["prefix"] + '{"order_id":2424844}').encode())
    assert base64.b64encode(zero).decode() == "jsh81NgGJ/mv9zmOCNSLj11dNSe2peBsAZOX3usMGBfw/JsDyjEwK0JZHo1GIFdmv71E3PNNUw2lMs8YjvdTAQ=="


def test_standx_negative_cases(vectors: Vectors) -> None:
    data = vectors("standx")
    rows = {row["case"]: row for row in data["bodies"]}
    signature = base64.b64decode(rows["V2"]["signature"])
    body = rows["V2"]["body"]
    later = data["prefix"].replace("1760291264731", "1760291264732")
    for message in (data["prefix"] + rows["V3"]["body"], data["prefix"] + rows["V2s"]["body"], later + body):
        assert not nacl.verify(V1_PUBLIC, message.encode(), signature)
    assert not nacl.verify(nacl.make(V1B).public_key, (data["prefix"] + body).encode(), signature)


def test_standx_v8_the_message_names_our_request_key(vectors: Vectors) -> None:
    """The requestId in StandX's offer is the public key of V1 in base58, so the message to sign names our key."""
    assert f"Request ID: {nacl.make(V1).public_base58}" in vectors("standx")["v8"]


def test_standx_v9_solana_login(vectors: Vectors) -> None:
    message = vectors("standx")["v9"]
    for key in (WALLET, "eFw8KcxosMZqtBWT8JEcdQLHJzEfqMKYxFnupURVKWkTJKiwGjyTrLXnUHcauicAomgCJoC3c5aVhPiYjCSEgJA"):
        signer = solana.make(key)
        assert signer.address == "3ogUn1GNXoASaRbxPNeVJnVv5rG4EPBtmQmX61jVorUe"
        assert signer.sign(message.encode()).hex() == (
            "9fd5705d53862784791a1ddaa6ae4f7aecb657bc4cbe6b7d612a09f96e2d0a4d"
            "8dc15094cc35a5ce17250a8f80bb708779a6739a3efcadf9ca7a8959bbbaaa0e"
        )


def test_standx_v9_whole_login_value(vectors: Vectors) -> None:
    """The wallet standard's signIn output around our signature, as the venue wants it: base64 of compact JSON."""
    message = vectors("standx")["v9"]
    signer = solana.make(WALLET)
    payload = {
        **{"domain": "standx.com", "uri": "https://standx.com", "statement": "Sign in with Solana to access more StandX features"},
        **{"version": "1", "chainId": "mainnet", "nonce": "74Gd7Plf3a1TMVElc", "address": signer.address},
        **{"requestId": nacl.make(V1).public_base58, "issuedAt": "2025-10-12T17:46:44.731Z", "message": message},
        **{"exp": 1760291384, "iat": 1760291204},
    }
    data = message.encode()
    output = {"signedMessage": list(data), "signature": list(signer.sign(data)), "account": {"publicKey": list(signer.public_key)}}
    text = base64.b64encode(json.dumps({"input": payload, "output": output}, separators=(",", ":")).encode())
    assert len(text) == 3016
    assert hashlib.sha256(text).hexdigest() == "f5690bdf0d0b849c81a80d5c365b0a290ca8f847e58214cd684cee6eadce0dbf"


def test_pacifica_sdk(vectors: Vectors) -> None:
    data = vectors("pacifica-python-sdk-583661a")
    signers = {name: solana.make(key) for name, key in data["keys"].items()}
    assert {name: signer.address for name, signer in signers.items()} == data["addresses"]
    for row in data["rows"]:
        assert base58.encode(signers[row["key"]].sign(row["message"].encode())) == row["signature"], row["case"]
    assert len(data["rows"]) == 11
    # the signature starts with a zero byte: ccxt loses it
    zero = data["leadingZero"]
    signature = signers["agent"].sign(zero["message"].encode())
    assert signature[0] == 0
    assert base58.encode(signature) == zero["signature"]
    assert base58.decode(zero["signature"], 64) == signature


def test_backpack_sdk(vectors: Vectors) -> None:
    data = vectors("backpack-bpx-py")
    signer = nacl.make(data["secret"])
    assert base64.b64encode(signer.public_key).decode() == data["apiKey"]
    for row in data["rows"]:
        assert base64.b64encode(signer.sign(row["text"].encode())).decode() == row["signature"], row["case"]
    assert len(data["rows"]) == 10


def test_3000_random_keys_and_messages_against_cryptography_and_solders() -> None:
    """Among them keys, public keys and signatures that begin with zero bytes: base58 must keep every one of them."""
    rng = random.Random(31)
    zeros = {"seed": 0, "public": 0, "signature": 0}
    for i in range(3000):
        seed = bytes(i % 4 if i % 10 == 0 else 0) + rng.randbytes(32)
        seed, message = seed[:32], rng.randbytes(rng.randrange(200))
        signer = solana.make(base58.encode(seed))
        reference, pair = Ed25519PrivateKey.from_private_bytes(seed), Keypair.from_seed(seed)
        signature = signer.sign(message)
        assert signer.public_key == reference.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        assert signature == reference.sign(message) == bytes(pair.sign_message(message))
        assert (signer.address, base58.encode(signature)) == (str(pair.pubkey()), str(pair.sign_message(message)))
        assert nacl.parse_seed(str(pair)) == seed
        for name, data in (("seed", seed), ("public", signer.public_key), ("signature", signature)):
            zeros[name] += data[0] == 0
        assert nacl.verify(signer.public_key, message, signature)
        assert not nacl.verify(signer.public_key, message + b"\0", signature)
    assert min(zeros.values()) > 3, zeros


def pem(seed: bytes, password: bytes | None = None) -> str:
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption

    protection = BestAvailableEncryption(password) if password else NoEncryption()
    return Ed25519PrivateKey.from_private_bytes(seed).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection).decode()


FORMS: dict[str, Callable[[bytes, bytes], str | bytes]] = {
    "bytes 32": lambda seed, public: seed,
    "bytes 64": lambda seed, public: seed + public,
    "hex": lambda seed, public: seed.hex(),
    "HEX": lambda seed, public: seed.hex().upper(),
    "0x": lambda seed, public: "0x" + seed.hex(),
    "hex 64": lambda seed, public: (seed + public).hex(),
    "base58 32": lambda seed, public: base58.encode(seed),
    "base58 64": lambda seed, public: base58.encode(seed + public),
    "base64": lambda seed, public: base64.b64encode(seed).decode(),
    "base64 64": lambda seed, public: base64.b64encode(seed + public).decode(),
    "base64url": lambda seed, public: base64.urlsafe_b64encode(seed).decode(),
    "base64url 64 without padding": lambda seed, public: base64.urlsafe_b64encode(seed + public).decode().rstrip("="),
    "pem": lambda seed, public: pem(seed),
    "pem on one line": lambda seed, public: pem(seed).replace("\n", "\\n"),
    "json 64": lambda seed, public: json.dumps(list(seed + public)),
    "json 64, one number per line": lambda seed, public: json.dumps(list(seed + public), indent=2),
    "json 32": lambda seed, public: json.dumps(list(seed)),
    "blanks around": lambda seed, public: f"  {seed.hex()}\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_key_gives_the_same_seed(form: str) -> None:
    rng = random.Random(form)
    for seed in [V1, V1B, V1C, b"\xff" * 32, *(rng.randbytes(32) for _ in range(40))]:
        text = FORMS[form](seed, nacl.make(seed).public_key)
        assert nacl.parse_seed(text) == seed
        assert nacl.make(text).public_key == solana.make(text).public_key


def test_base58_comes_before_base64() -> None:
    """44 characters of base58 are also base64, of 33 bytes of rubbish."""
    text = base58.encode(V1B)
    assert len(text) == 44 and len(base64.b64decode(text)) == 33
    assert nacl.parse_seed(text) == V1B


@pytest.mark.parametrize("length", [0, 31, 33, 63, 65])
def test_a_signature_or_key_of_another_length_verifies_nothing(length: int) -> None:
    signature = nacl.make(V1).sign(b"m")
    assert nacl.verify(V1_PUBLIC, b"m", signature)
    assert not nacl.verify(V1_PUBLIC, b"m", (signature + b"\0")[:length])
    assert not nacl.verify((V1_PUBLIC + b"\0" * 33)[:length], b"m", signature)


def test_an_encrypted_pem_and_another_kind_of_key_are_refused() -> None:
    from cryptography.hazmat.primitives.asymmetric import ec

    other = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    for text in (pem(V1, b"secret"), other, pem(V1)[:-40], "-----BEGIN PRIVATE KEY-----"):
        with pytest.raises(ccxt.AuthenticationError):
            nacl.make(text)
