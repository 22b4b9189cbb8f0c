"""How a signer says no: with ccxt's exceptions, imported only when needed, and never with key material in the text.

Decoders return None for what they cannot read and the caller raises outside any ``except`` block, because a chained exception
("non-hexadecimal number found in ...") would carry the key into the log.
"""

from __future__ import annotations

import string
from typing import Any, NoReturn

_HEX = frozenset(string.hexdigits)


def bad_key(message: str) -> Exception:
    """The exception for a key that cannot be used."""
    from ccxt_dex._ccxt import errors

    error: Exception = errors.AuthenticationError(message)
    return error


def bad_value(message: str) -> Exception:
    """The exception for something that cannot be signed or decoded."""
    from ccxt_dex._ccxt import errors

    error: Exception = errors.BadRequest(message)
    return error


def not_supported(message: str) -> Exception:
    """The exception for something that nobody provides."""
    from ccxt_dex._ccxt import errors

    error: Exception = errors.NotSupported(message)
    return error


def hex_bytes(text: str) -> bytes | None:
    """The bytes of hexadecimal digits with or without 0x, None when they are none. Stricter than ``bytes.fromhex``: no blanks inside."""
    digits = text[2:] if text[:2] in ("0x", "0X") else text
    return bytes.fromhex(digits) if len(digits) % 2 == 0 and digits and _HEX.issuperset(digits) else None


def scalar(key: Any, order: int, name: str, *, short: bool = False) -> int:
    """A private scalar from 32 bytes or 64 hexadecimal digits.

    :param key: bytes or text, surrounding blanks allowed
    :param order: of the curve's group; the scalar is in 1 .. order - 1
    :param name: of the key, for the message
    :param short: accept fewer digits: Stark keys are commonly printed without their leading zeros
    :raises ccxt.AuthenticationError: anything else
    """
    raw: bytes | None = None
    if isinstance(key, str):
        text = key.strip()
        if short:
            digits = text[2:] if text[:2] in ("0x", "0X") else text
            text = digits.rjust(64, "0") if digits else ""
        raw = hex_bytes(text)
    elif isinstance(key, bytes | bytearray):
        raw = bytes(key)
    if raw is None or len(raw) != 32:
        raise bad_key(f"malformed {name}: expected {'up to ' if short else ''}64 hexadecimal digits or 32 bytes")
    value = int.from_bytes(raw, "big")
    if not 0 < value < order:
        raise bad_key(f"malformed {name}: zero or not below the order of the curve")
    return value


class Secretive:
    """Base of the signers: shows what is public, cannot be pickled, and a copy is the signer itself (it never changes)."""

    __slots__ = ()

    def _public(self) -> str:
        return ""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._public()}>"

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: Any) -> Any:
        return self

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError(f"{type(self).__name__} holds a private key and is not pickled")
