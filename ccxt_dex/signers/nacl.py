"""Ed25519 signatures (RFC 8032) by PyNaCl, with the key object kept; private keys in every form that venues and wallets hand out."""

from __future__ import annotations

import base64
import re

from nacl.bindings import crypto_sign, crypto_sign_open, crypto_sign_seed_keypair
from nacl.exceptions import BadSignatureError

from ccxt_dex.signers import base58
from ccxt_dex.signers._refuse import Secretive, bad_key, hex_bytes

__all__ = ["NaclSigner", "make", "parse_seed", "verify"]

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_ARRAY = re.compile(r"\[[ \t\r\n]*[0-9]{1,3}(?:[ \t\r\n]*,[ \t\r\n]*[0-9]{1,3}){31,63}[ \t\r\n]*\]")


class NaclSigner(Secretive):
    """Signs with a local Ed25519 key.

    :ivar public_key: 32 bytes
    :ivar public_base58: the same in base58
    """

    __slots__ = ("_secret", "public_base58", "public_key")

    def __init__(self, key: str | bytes) -> None:
        public, self._secret = crypto_sign_seed_keypair(parse_seed(key))
        self.public_key: bytes = public
        self.public_base58 = base58.encode(public)

    def _public(self) -> str:
        return self.public_base58

    def sign(self, message: bytes) -> bytes:
        """The signature of a message, 64 bytes."""
        return crypto_sign(message, self._secret)[:64]


def make(key: str | bytes) -> NaclSigner:
    """A signer for the family "nacl".

    :param key: as for :func:`parse_seed`
    :raises ccxt.AuthenticationError: malformed, zero, or a public half that is not the seed's
    """
    return NaclSigner(key)


def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a key (32 bytes) signed a message; anything of another length counts as no."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    try:
        crypto_sign_open(signature + message, public_key)
    except BadSignatureError:
        return False
    return True


def parse_seed(key: str | bytes) -> bytes:
    """The 32-byte seed of an Ed25519 private key.

    Forms, tried in this order: 32 or 64 bytes in hexadecimal (with or without 0x), base58, base64 or base64url; PEM (PKCS 8); a JSON array of
    32 or 64 numbers; or the bytes themselves. Base58 comes before base64 because its alphabet is a part of the other. The second half of 64
    bytes is the public key and is checked.

    :raises ccxt.AuthenticationError: none of these, zero, or a public half that is not the seed's; the message never shows the key
    """
    raw = _from_text(key.strip()) if isinstance(key, str) else bytes(key)
    if raw is None or len(raw) not in (32, 64):
        raise bad_key("malformed Ed25519 private key: expected 32 or 64 bytes as hexadecimal, base58, base64, PEM or a JSON array")
    seed = raw[:32]
    if not any(seed):
        raise bad_key("malformed Ed25519 private key: zero")
    if len(raw) == 64 and crypto_sign_seed_keypair(seed)[0] != raw[32:]:
        raise bad_key("malformed Ed25519 private key: its public half does not belong to its seed")
    return seed


def _from_text(text: str) -> bytes | None:
    if text.startswith("-----BEGIN"):
        return _from_pem(text)
    if text.startswith("["):
        return _from_json(text)
    candidates = (decode(text) for decode in (hex_bytes, base58.try_decode, _from_base64))
    return next((raw for raw in candidates if raw is not None and len(raw) in (32, 64)), None)


def _from_base64(text: str) -> bytes | None:
    if not _BASE64.fullmatch(text):
        return None
    digits = text.rstrip("=")
    if len(digits) % 4 == 1 or (digits != text and len(text) % 4):
        return None
    return base64.urlsafe_b64decode(digits.replace("+", "-").replace("/", "_") + "=" * (-len(digits) % 4))


def _from_json(text: str) -> bytes | None:
    """Read by hand: where a program has raised the recursion limit, json.loads answers a great depth of brackets by ending the process."""
    if not _ARRAY.fullmatch(text):
        return None
    numbers = [int(number) for number in text[1:-1].split(",")]
    return bytes(numbers) if max(numbers) < 256 else None


def _from_pem(text: str) -> bytes | None:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        # environment files carry the line breaks of a PEM text as the two characters \n
        key = load_pem_private_key(text.replace("\\n", "\n").encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return key.private_bytes_raw() if isinstance(key, Ed25519PrivateKey) else None
