"""Who we are: the sign-in text's signature and what a session token says. Pure."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from ccxt_dex.exact import Refused
from ccxt_dex.signers.keccak import keccak256

GREETING = "omni.variational.io wants you to"
WEEK_MS = 7 * 86_400_000


def checksummed(address: Any) -> str:
    """An address with EIP-55 upper case; the venue is always given that form.

    :raises Refused: when it is no EVM address
    """
    text = str(address).strip()
    low = text[2:].lower() if text[:2].lower() == "0x" else text.lower()
    if len(low) != 40 or any(char not in "0123456789abcdef" for char in low):
        raise Refused("auth", "walletAddress is no EVM address")
    digest = keccak256(low.encode()).hex()
    return "0x" + "".join(char.upper() if int(nibble, 16) >= 8 else char for char, nibble in zip(low, digest, strict=False))


def text_to_sign(answer: Any, address: str) -> str:
    """The text of generate_signing_data as it must be signed: plain, as a JSON string, or under `message`.

    :raises Refused: when it is no sign-in to this venue by this wallet: nothing else is ever signed
    """
    text = answer.get("message") if isinstance(answer, dict) else answer
    if isinstance(text, str) and text[:1] == '"':
        try:
            text = json.loads(text)
        except ValueError:
            pass
    if not isinstance(text, str) or not text.startswith(GREETING):
        raise Refused("auth", f"the text to sign does not begin with {GREETING!r}")
    if address.lower() not in text.lower():
        raise Refused("auth", "the text to sign names another wallet")
    return text


def login_signature(signature: bytes) -> str:
    """65 bytes as the login wants them: lower-case hex, r, s, v in 27 and 28, no 0x."""
    return bytes(signature).hex()


def claims(token: str) -> dict[str, Any]:
    """What a JWT says, unverified; empty for anything that is none."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        found = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error):
        return {}
    return found if isinstance(found, dict) else {}


def expiry_ms(token: str) -> int | None:
    """When a token ends, unix ms; None when it does not say."""
    found = claims(token).get("exp")
    return int(found) * 1000 if isinstance(found, (int, float)) and not isinstance(found, bool) else None


def token_address(token: str) -> str | None:
    """The wallet that a token names."""
    found = claims(token).get("address")
    return found if isinstance(found, str) and found.startswith("0x") else None
