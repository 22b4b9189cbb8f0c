"""The message that signs in, and cookies that were brought along. Pure.

The login key signs this and nothing else: no action of a venue is ever signed with it.
"""

from __future__ import annotations

from ccxt_dex.exchanges.treadfi import tables

__all__ = ["body", "cookies", "is_evm", "message"]


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


def cookies(text: str) -> dict[str, str]:
    """Tread's two cookies in the text of a Cookie header, `csrftoken=...; sessionid=...` among others; {} unless both are there."""
    pairs = (part.strip().partition("=") for part in text.split(";"))
    found = {name: value for name, _, value in pairs if name in tables.COOKIES and value}
    return found if len(found) == len(tables.COOKIES) else {}
