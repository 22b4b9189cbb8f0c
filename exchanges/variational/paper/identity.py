"""Sign-in and cookies. Signatures are recovered with eth-account, which the client does not sign with."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
from collections.abc import Callable
from datetime import datetime, timezone
from http.cookies import CookieError, SimpleCookie
from typing import Any

from eth_account import Account
from eth_account.messages import encode_defunct
from eth_utils.address import is_address, to_checksum_address

from ccxt_dex.paper.server import Refused, Reply, Request

WEEK = 604_800
TEXT = """omni.variational.io wants you to sign in with your Ethereum account:
{address}

I accept Variational's Terms of Service: https://docs.variational.io/legal/terms-of-service.

URI: https://omni.variational.io/api/auth/login
Version: 1
Chain ID: 42161
Nonce: {nonce}
Issued At: {issued}"""


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Identity:
    """Who may ask for what."""

    def __init__(self, seed: int, clock: Callable[[], int], life: int) -> None:
        self._rng = random.Random(seed)
        self._clock, self._life = clock, life
        self._secret = self._rng.randbytes(32)
        self._texts: dict[str, str] = {}
        self.tokens: dict[str, str] = {}
        self.revoked: set[str] = set()
        self.signatures = 0

    def wallet(self, name: str) -> tuple[str, str]:
        """Private key and checksummed address of an account of this venue, the same for the same seed."""
        key = hashlib.sha256(f"{name} {self._secret.hex()}".encode()).digest()
        return "0x" + key.hex(), str(Account.from_key(key).address)

    def signing_data(self, body: Any) -> str:
        address = str((body or {}).get("address") or "")
        if not is_address(address):
            raise Refused(400, "invalid address")
        issued = datetime.fromtimestamp(self._clock() / 1000, tz=timezone.utc).isoformat(timespec="seconds")
        text = TEXT.format(address=to_checksum_address(address), nonce=f"{self._rng.getrandbits(64):016x}", issued=issued)
        self._texts[address.lower()] = text
        return text

    def login(self, body: Any) -> Reply:
        """The signature must be the wallet's, over the very text that was handed out, once."""
        address, signed = str((body or {}).get("address") or ""), str((body or {}).get("signed_message") or "")
        text = self._texts.pop(address.lower(), None)
        if text is None:
            raise Refused(400, "no signing data was generated for this address")
        try:
            signer = Account.recover_message(encode_defunct(text=text), signature=bytes.fromhex(signed.removeprefix("0x")))
        except Exception:
            raise Refused(400, "signature could not be decoded") from None
        if signer.lower() != address.lower():
            raise Refused(401, {"message": "Invalid signature"})
        self.signatures += 1
        token = self.issue(address)
        cookie = f"vr-token={token}; Path=/; HttpOnly; Max-Age={self._life}; SameSite=Lax"
        return Reply({"token": token, "intercomUserJwt": None}, 200, {"Set-Cookie": cookie})

    def issue(self, address: str) -> str:
        """A JWT (HS256) for an address."""
        now = self._clock() // 1000
        claims = {"address": to_checksum_address(address), "exp": now + self._life, "iat": now, "jti": f"{self._rng.getrandbits(64):x}"}
        head = f"{_b64(json.dumps({'alg': 'HS256', 'typ': 'JWT'}).encode())}.{_b64(json.dumps(claims).encode())}"
        token = f"{head}.{_b64(hmac.new(self._secret, head.encode(), hashlib.sha256).digest())}"
        self.tokens[token] = address.lower()
        return token

    def owner(self, token: str) -> str | None:
        """The address behind a token that is good now."""
        address = self.tokens.get(token)
        if address is None or token in self.revoked:
            return None
        payload = token.split(".")[1]
        expires = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["exp"]
        return address if expires * 1000 > self._clock() else None

    def visitor(self, request: Request) -> str | None:
        """The address behind the cookie; two cookies of the name are no cookie."""
        raw = request.headers.get("Cookie") or ""
        if raw.count("vr-token=") != 1:
            return None
        try:
            found = SimpleCookie(raw).get("vr-token")
        except CookieError:
            return None
        return self.owner(found.value) if found is not None else None
