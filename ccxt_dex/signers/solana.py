"""Solana wallets: Ed25519 keys whose public half, in base58, is the address."""

from __future__ import annotations

from ccxt_dex.signers.nacl import NaclSigner, parse_seed, verify

__all__ = ["SolanaSigner", "make", "parse_seed", "verify"]


class SolanaSigner(NaclSigner):
    """Signs with a local Solana key.

    :ivar public_key: 32 bytes
    :ivar address: the same in base58
    """

    __slots__ = ()

    @property
    def address(self) -> str:
        """The public key in base58."""
        return self.public_base58


def make(key: str | bytes) -> SolanaSigner:
    """A signer for the family "solana".

    :param key: 64 bytes in base58 (Phantom), a JSON array (solana-keygen), or any other form that :func:`parse_seed` reads
    :raises ccxt.AuthenticationError: malformed, zero, or a public half that is not the seed's
    """
    return SolanaSigner(key)
