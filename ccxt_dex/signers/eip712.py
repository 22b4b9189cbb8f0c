"""Ethereum signatures: typed data (EIP-712), messages (EIP-191 personal_sign), addresses (EIP-55).

Two ways to the same digest. :func:`typed_data_hash` takes the standard's four parts. A room on the order path hashes what never changes once
(:func:`type_hash`, :func:`domain_separator`) and packs the rest by hand: ``digest(separator, keccak256(type_hash + uint(a) + boolean(b)))``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ccxt_dex.signers import secp256k1
from ccxt_dex.signers._refuse import Secretive, bad_value, hex_bytes
from ccxt_dex.signers.eip712_encoding import (
    Types,
    address,
    boolean,
    digest,
    domain_separator,
    dynamic,
    encode_type,
    fixed_bytes,
    sint,
    struct_hash,
    text,
    type_hash,
    typed_data_hash,
    uint,
)
from ccxt_dex.signers.keccak import keccak256

__all__ = [
    "Eip712Signer",
    "Types",
    "address",
    "boolean",
    "checksum_address",
    "digest",
    "domain_separator",
    "dynamic",
    "encode_type",
    "fixed_bytes",
    "make",
    "personal_hash",
    "public_address",
    "recover",
    "sint",
    "struct_hash",
    "text",
    "type_hash",
    "typed_data_hash",
    "uint",
    "verify_digest",
    "verify_personal",
]


class Eip712Signer(Secretive):
    """Signs with a local secp256k1 key.

    :ivar address: of the key, with EIP-55's checksum
    """

    __slots__ = ("_sign", "address")

    def __init__(self, private: str | bytes, *, backend: str | None = None) -> None:
        key = secp256k1.key(private, backend)
        self._sign = key.sign
        self.address = public_address(key.public)

    def _public(self) -> str:
        return self.address

    def sign_digest(self, digest32: bytes) -> bytes:
        """r, s, v (27 or 28) of a 32-byte digest, 65 bytes."""
        return self._sign(digest32)

    def sign_typed_data(self, domain: Mapping[str, Any], types: Types, primary_type: str, message: Mapping[str, Any]) -> bytes:
        """The signature of typed data, 65 bytes; parameters as in :func:`typed_data_hash`."""
        return self._sign(typed_data_hash(domain, types, primary_type, message))

    def personal_sign(self, message: bytes | str) -> bytes:
        """The signature of a message with Ethereum's prefix, 65 bytes; text is encoded as UTF-8."""
        return self._sign(personal_hash(message))


def make(private: str | bytes, *, backend: str | None = None) -> Eip712Signer:
    """A signer for the family "eip712".

    :param private: 32 bytes, or 64 hexadecimal digits with or without 0x
    :param backend: "coincurve" or "python", the fastest when None
    :raises ccxt.AuthenticationError: malformed, zero or out of range
    """
    return Eip712Signer(private, backend=backend)


def personal_hash(message: bytes | str) -> bytes:
    """What personal_sign signs (EIP-191 version 0x45)."""
    data = message.encode() if isinstance(message, str) else bytes(message)
    return keccak256(b"\x19Ethereum Signed Message:\n%d" % len(data) + data)


def checksum_address(value: str | bytes) -> str:
    """An address with EIP-55's checksum.

    :param value: 20 bytes, or 40 hexadecimal digits in any case with or without 0x
    :raises ccxt.BadRequest: something else
    """
    raw = hex_bytes(value) if isinstance(value, str) else bytes(value)
    if raw is None or len(raw) != 20:
        raise bad_value("not an Ethereum address")
    digits = raw.hex()
    mask = keccak256(digits.encode()).hex()
    return "0x" + "".join(c.upper() if m >= "8" else c for c, m in zip(digits, mask, strict=False))


def public_address(public: bytes) -> str:
    """The address of a public key of 64 bytes."""
    return checksum_address(keccak256(public)[12:])


def recover(digest32: bytes, signature: bytes) -> str:
    """The address whose key made a signature.

    :param digest32: 32 bytes
    :param signature: 65 bytes; v may be 0, 1, 27 or 28
    :raises ccxt.BadRequest: no key can have made it
    """
    return public_address(secp256k1.recover(digest32, signature))


def verify_digest(digest32: bytes, signature: bytes, expected: str) -> bool:
    """Whether the key of an address signed a digest; a signature that is none, or has a high s, counts as no."""
    from ccxt_dex._ccxt import errors

    try:
        public = secp256k1.recover(digest32, signature)
        return secp256k1.verify(public, digest32, signature) and public_address(public) == checksum_address(expected)
    except errors.BadRequest:
        return False


def verify_personal(message: bytes | str, signature: bytes, expected: str) -> bool:
    """Whether the key of an address signed a message with Ethereum's prefix."""
    return verify_digest(personal_hash(message), signature, expected)
