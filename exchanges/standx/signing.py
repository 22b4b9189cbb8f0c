"""What StandX wants signed, to the byte. Pure: takes signatures, makes none, knows no clock.

Pages: docs.standx.com "Authentication" (2026-08-11), "EVM example" and "Solana example" (2026-01-13).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from ccxt_dex.exact import Refused

VERSION = "v1"
DOMAIN = "standx.com"


class SignInRefused(Refused):
    """The text we were asked to sign is not what we asked for; nothing was signed."""

    def __init__(self, text: str) -> None:
        super().__init__("auth", text)


def compact(value: Any) -> str:
    """The one JSON text that is signed and sent: no spaces, insertion order, UTF-8 as it is."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def message(request_id: str, timestamp_ms: int | str, body: str) -> bytes:
    """The bytes under an order's ed25519 signature. Method, path and query are not signed.

    :param request_id: value of x-request-id
    :param timestamp_ms: unix time in milliseconds, as sent
    :param body: exactly the text sent as HTTP body, or as `params` over the order socket
    """
    return f"{VERSION},{request_id},{timestamp_ms},{body}".encode()


def headers(request_id: str, timestamp_ms: int | str, signature: bytes) -> dict[str, str]:
    """The four signature headers of a signed POST.

    :param signature: 64 bytes over :func:`message`
    """
    return {
        "x-request-sign-version": VERSION,
        "x-request-id": request_id,
        "x-request-timestamp": str(timestamp_ms),
        "x-request-signature": base64.b64encode(signature).decode(),
    }


def claims(token: str) -> dict[str, Any]:
    """The payload of a JWT, unverified.

    :raises SignInRefused: when the text is not a JWT with a JSON object in it
    """
    try:
        segment = token.split(".")[1]
        value = json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    except (IndexError, ValueError, binascii.Error):
        raise SignInRefused("not a JSON web token") from None
    if not isinstance(value, dict):
        raise SignInRefused("a JSON web token without a payload object")
    return value


def expiry_ms(token: str) -> int | None:
    """When an access token ends, in unix milliseconds; None when it does not say (its claims are undocumented)."""
    try:
        exp = claims(token).get("exp")
    except SignInRefused:
        return None
    return int(exp) * 1000 if isinstance(exp, (int, float)) and not isinstance(exp, bool) else None


def token_address(token: str) -> str | None:
    """The wallet that an access token names, when it names one (its claims are undocumented)."""
    try:
        found = claims(token).get("address")
    except SignInRefused:
        return None
    return found if isinstance(found, str) and found else None


def same_address(left: str, right: str) -> bool:
    """Whether two wallet addresses are one: EVM addresses differ in case only, Solana's must be equal."""
    if left[:2].lower() == "0x" and right[:2].lower() == "0x":
        return left.lower() == right.lower()
    return left == right


def text_to_sign(payload: Mapping[str, Any], address: str, request_id: str, now_s: float) -> str:
    """The sign-in text of a prepared payload, after checking that it is about this wallet, this request key and this site.

    :param payload: claims of `signedData`
    :param address: our wallet
    :param request_id: base58 of our request key
    :param now_s: unix time in seconds, venue's clock
    :raises SignInRefused: when any of them differs, or the three minutes are over
    """
    text = payload.get("message")
    if not isinstance(text, str) or not text:
        raise SignInRefused("the venue sent no text to sign")
    if payload.get("domain") != DOMAIN:
        raise SignInRefused(f"the text to sign is for the site {payload.get('domain')!r}")
    if not same_address(str(payload.get("address", "")), address):
        raise SignInRefused("the text to sign is for another wallet")
    if payload.get("requestId") != request_id or request_id not in text:
        raise SignInRefused("the text to sign is for another request key")
    if not text.startswith(f"{DOMAIN} wants you to sign in with your "):
        raise SignInRefused("the text to sign is not a sign-in text")
    exp = payload.get("exp")
    if isinstance(exp, (int, float)) and now_s > exp:
        raise SignInRefused("the text to sign has expired; is the clock right?")
    return text


def evm_login_signature(signature: bytes) -> str:
    """An EIP-191 signature as the login call takes it: 0x, r, s, v with v 27 or 28."""
    return "0x" + signature.hex()


def solana_login_signature(payload: Mapping[str, Any], text: str, signature: bytes, public_key: bytes) -> str:
    """A Solana sign-in as the login call takes it: base64 of wallet-standard's `signIn` input and output.

    `input` is the decoded payload object, not the message: the official example and a running client agree on that.
    """
    output = {"signedMessage": list(text.encode()), "signature": list(signature), "account": {"publicKey": list(public_key)}}
    return base64.b64encode(compact({"input": dict(payload), "output": output}).encode()).decode()


def login_frame(session_id: str, request_id: str, token: str, impersonate: str | None = None) -> dict[str, str]:
    """`auth:login` of the order socket."""
    params = {"token": token} if impersonate is None else {"token": token, "impersonate": impersonate}
    return {"session_id": session_id, "request_id": request_id, "method": "auth:login", "params": compact(params)}


def order_frame(session_id: str, request_id: str, method: str, signed: Mapping[str, str], body: str) -> dict[str, Any]:
    """`order:new` or `order:cancel` of the order socket; `params` is the signed text, a string inside the JSON.

    :param signed: from :func:`headers`, made over `body`
    """
    header = {name: signed[name] for name in ("x-request-id", "x-request-timestamp", "x-request-signature")}
    return {"session_id": session_id, "request_id": request_id, "method": method, "header": header, "params": body}


def auth_frame(token: str, impersonate: str | None = None) -> dict[str, Any]:
    """`auth` of the market stream; channels are subscribed afterwards, one by one."""
    body = {"token": token} if impersonate is None else {"token": token, "impersonate": impersonate}
    return {"auth": body}
