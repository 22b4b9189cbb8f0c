"""Users, tokens, nonces and sessions; EVM signatures are recovered by eth-account, Solana ones checked by cryptography."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from eth_account import Account
from eth_account.messages import encode_defunct

from ccxt_dex.paper.server import Refused, Reply, Request

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
MESSAGE = "Sign in to Tread with nonce: "


@dataclass
class User:
    name: str
    token: str = field(repr=False)
    key: str = field(repr=False)
    wallet: str
    password: str = field(repr=False)
    account_id: str


def refused(status: int, **body: Any) -> Refused:
    return Refused(status, body)


def unbase58(text: str) -> bytes:
    number = 0
    for char in text:
        number = number * 58 + ALPHABET.index(char)
    return number.to_bytes(32, "big")


def cookies_of(request: Request) -> dict[str, str]:
    return dict(part.strip().split("=", 1) for part in request.headers.get("cookie", "").split(";") if "=" in part)


class Identity:
    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.users: dict[str, User] = {}
        self.nonces: set[str] = set()
        self.visitors: set[str] = set()
        """csrftokens of those who have not signed in"""
        self.sessions: dict[str, tuple[str, str]] = {}
        """sessionid -> user, csrftoken"""
        self._made = 0

    def digest(self, text: str) -> str:
        return hashlib.sha256(f"tread {self._seed} {text}".encode()).hexdigest()

    def join(self, name: str) -> User:
        if name not in self.users:
            key = "0x" + self.digest(f"key {name}")
            raw = self.digest(f"account {name}")
            account = f"{raw[:8]}-{raw[8:12]}-4{raw[13:16]}-8{raw[17:20]}-{raw[20:32]}"
            token, password = self.digest(f"token {name}")[:40], self.digest(f"password {name}")[:20]
            self.users[name] = User(name, token, key, Account.from_key(key).address, password, account)
        return self.users[name]

    def nonce(self) -> Reply:
        """GET /internal/account/get_nonce/: a visitor's csrftoken comes along."""
        self._made += 1
        made, csrf = self.digest(f"nonce {self._made}")[:16], self.digest(f"visitor {self._made}")[:32]
        self.nonces.add(made)
        self.visitors.add(csrf)
        return Reply({"nonce": made}, 200, {"Set-Cookie": f"csrftoken={csrf}; Path=/; SameSite=Lax"})

    def log_in(self, request: Request) -> Reply:
        """POST /account/login/: name and password, in a form that is protected like every form of Django's."""
        csrf = cookies_of(request).get("csrftoken")
        if csrf not in self.visitors or request.headers.get("x-csrftoken") != csrf:
            raise refused(403, detail="CSRF Failed: CSRF token missing.")
        body = request.json()
        user = self.users.get(str(body.get("username")).removesuffix("@tread")) if isinstance(body, dict) else None
        if user is None or body.get("password") != user.password:
            raise refused(400, error="Invalid username or password")
        return self.open(user)

    def sign_in(self, body: Any) -> Reply:
        """POST /internal/account/wallet_auth/: a nonce is good once."""
        if not isinstance(body, dict):
            raise refused(400, error="Invalid request")
        nonce, kind = str(body.get("nonce")), body.get("wallet_type")
        if nonce not in self.nonces:
            raise refused(400, error="Invalid or expired nonce")
        self.nonces.discard(nonce)
        address = str(body.get("address"))
        if not self._signed(kind, address, str(body.get("signature")), MESSAGE + nonce):
            raise refused(400, error="Invalid signature")
        user = next((user for user in self.users.values() if user.wallet.lower() == address.lower()), None)
        if user is None:
            raise refused(400, error="No user with this wallet")
        return self.open(user)

    @staticmethod
    def _signed(kind: Any, address: str, signature: str, text: str) -> bool:
        try:
            raw = bytes.fromhex(signature.removeprefix("0x"))
            if kind == "evm":
                return str(Account.recover_message(encode_defunct(text=text), signature=raw)).lower() == address.lower()
            Ed25519PublicKey.from_public_bytes(unbase58(address)).verify(raw, text.encode())
        except (InvalidSignature, ValueError, TypeError):
            return False
        return bool(kind == "solana")

    def browser(self, user: User) -> tuple[str, str]:
        """A new session: sessionid and csrftoken."""
        self._made += 1
        session, csrf = self.digest(f"session {self._made}")[:32], self.digest(f"csrf {self._made}")[:32]
        self.sessions[session] = (user.name, csrf)
        return session, csrf

    def open(self, user: User) -> Reply:
        session, csrf = self.browser(user)
        cookies = [f"csrftoken={csrf}; Path=/; SameSite=Lax", f"sessionid={session}; HttpOnly; Path=/; SameSite=Lax"]
        return Reply({"user_created": False}, 200, {"Set-Cookie": cookies})

    def expire(self, account: str | None) -> None:
        for session, (name, _) in list(self.sessions.items()):
            if account in (None, name):
                del self.sessions[session]

    def who(self, request: Request) -> User:
        """A token, or a session with its csrftoken on unsafe methods."""
        given = request.headers.get("authorization", "")
        if given:
            user = next((user for user in self.users.values() if given == f"Token {user.token}"), None)
            if user is None:
                raise refused(401, detail="Invalid token.")
            return user
        cookies = cookies_of(request)
        found = self.sessions.get(cookies.get("sessionid", ""))
        if found is None:
            raise refused(403, detail="Authentication credentials were not provided.")
        if request.method not in ("GET", "HEAD") and not found[1] == request.headers.get("x-csrftoken") == cookies.get("csrftoken"):
            raise refused(403, detail="CSRF Failed: CSRF token missing.")
        return self.users[found[0]]
