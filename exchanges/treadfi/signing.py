"""The message that signs in. Pure.

The login key signs this and nothing else: no action of a venue is ever signed with it.
"""

from __future__ import annotations

__all__ = ["body", "is_evm", "message"]


def message(nonce: str) -> str:
    """:param nonce: opaque text of the server"""
    return f"Sign in to Tread with nonce: {nonce}"


def is_evm(key: str) -> bool:
    """An EVM key is 32 bytes as hexadecimal digits; everything else is taken for a Solana key."""
    digits = key.strip().removeprefix("0x")
    return len(digits) == 64 and all(char in "0123456789abcdefABCDEF" for char in digits)


def body(address: str, signature: bytes, nonce: str, evm: bool) -> dict[str, str]:
    """The request that hands the signature in: hexadecimal, with 0x for EVM wallets, without for Solana ones."""
    kind, text = ("evm", "0x" + signature.hex()) if evm else ("solana", signature.hex())
    return {"address": address.lower() if evm else address, "signature": text, "nonce": nonce, "wallet_type": kind}
