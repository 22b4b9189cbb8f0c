"""The signer family "lighter": an API key's Schnorr signatures, by our own arithmetic or by whatever a user registers in its place."""

from __future__ import annotations

from typing import Any

from ccxt_dex import signers
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.lighter.crypto import schnorr
from ccxt_dex.exchanges.lighter.signing import limbs

__all__ = ["LighterSigner", "make"]


class LighterSigner:
    """Signs forty-byte hashes with one API key."""

    __slots__ = ("_key", "public_key")

    public_key: bytes
    """forty bytes, what the venue stores for the key index"""

    def __init__(self, key: str | bytes) -> None:
        """
        :param key: API private key, 40 bytes or 80 hex digits
        :raises ccxt.AuthenticationError: on anything else; a 64-digit L1 key is named as such
        """
        if isinstance(key, str) and len(key.strip().removeprefix("0x")) == 64:
            raise errors.AuthenticationError(
                "lighter wants the API private key (80 hex digits), not an Ethereum key: create an API key on the venue's site; "
                "nothing is registered behind your back"
            )
        try:
            self._key = schnorr.parse_key(key)
        except ValueError as error:
            raise errors.AuthenticationError(f"lighter: {error}") from None
        self.public_key = schnorr.public_key(self._key)

    def __repr__(self) -> str:
        return f"LighterSigner(public_key=0x{self.public_key.hex()})"

    def __reduce__(self) -> Any:
        raise TypeError("signers are not pickled or copied: they hold a private key")

    def sign(self, digest: bytes) -> bytes:
        """Eighty bytes over the forty bytes of a transaction's or token's hash."""
        return schnorr.sign(self._key, limbs(digest))


def make(key: str | bytes, **options: Any) -> LighterSigner:
    """Factory of the family "lighter"; takes no options."""
    return LighterSigner(key)


signers.provide("lighter", make)
