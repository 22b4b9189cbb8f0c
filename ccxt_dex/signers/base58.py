"""Base58 with the Bitcoin alphabet; leading zero bytes stay (as leading ``1``), unlike in ccxt's own pair of functions."""

from __future__ import annotations

import base58 as _base58

from ccxt_dex.signers._refuse import bad_value

__all__ = ["decode", "encode", "try_decode"]

_ALPHABET = frozenset(_base58.BITCOIN_ALPHABET.decode())
# Longer texts than any key, signature or transaction: the conversion is quadratic, so a venue's answer could otherwise stall the loop.
_LONGEST = 4096


def encode(data: bytes) -> str:
    """The base58 text of some bytes, one leading ``1`` for every leading zero byte."""
    return _base58.b58encode(bytes(data)).decode("ascii")


def try_decode(text: str) -> bytes | None:
    """The bytes of a base58 text, None when it has a character outside the alphabet (blanks included) or is absurdly long."""
    if len(text) > _LONGEST or not _ALPHABET.issuperset(text):
        return None
    return _base58.b58decode(text)


def decode(text: str, length: int | None = None) -> bytes:
    """The bytes of a base58 text.

    :param length: number of bytes expected, any when None
    :raises ccxt.BadRequest: a character outside the alphabet, or another length; the message does not show the text
    """
    data = try_decode(text)
    if data is None:
        raise bad_value("not base58")
    if length is not None and len(data) != length:
        raise bad_value(f"expected {length} bytes of base58, got {len(data)}")
    return data
