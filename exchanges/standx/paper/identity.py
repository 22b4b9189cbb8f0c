"""Wallets, sessions and signatures as the venue sees them: sign-in, access tokens, body signatures."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import base58
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from eth_account import Account
from eth_account.messages import encode_defunct
from eth_utils.address import is_address

from ccxt_dex.exchanges.standx.paper.jwt import BadToken, Es256, Hs256
from ccxt_dex.exchanges.standx.paper.wire import iso
from ccxt_dex.paper.server import Refused

CHAINS: Mapping[str, tuple[str, Any]] = {"bsc": ("Ethereum", 56), "solana": ("Solana", "mainnet")}
SIGN_IN_SECONDS = 180
DEFAULT_SESSION_SECONDS = 604_800
FULL = frozenset({"trade", "withdraw"})
SIGNATURE_HEADERS = ("x-request-id", "x-request-timestamp", "x-request-signature")


@dataclass(frozen=True)
class Session:
    """What an access token stands for."""

    user: str
    """user id on the wire: chain and address"""
    address: str
    chain: str
    request_id: str
    expires: int
    permissions: frozenset[str] = FULL


@dataclass
class Wallet:
    """A throwaway wallet of ours; its address, and the key as the user would write it."""

    address: str
    key: str
    chain: str
    seed: bytes = field(repr=False)


class Identity:
    """Issues and checks everything that proves who is asking."""

    def __init__(self, seed: int, clock: Callable[[], int], window_ms: int) -> None:
        self._seed = seed
        self._clock = clock
        self._window = window_ms
        self._es256 = Es256(self.secret("es256"))
        self._hs256 = Hs256(self.secret("hs256"))
        self._count = 0
        self.sessions: dict[str, Session] = {}

    def secret(self, purpose: str) -> bytes:
        return hashlib.sha256(f"standx paper venue {self._seed} {purpose}".encode()).digest()

    @property
    def certificate(self) -> str:
        return self._es256.public_pem

    # --- throwaway keys ------------------------------------------------------------------------------------------------------

    def wallet(self, name: str, chain: str) -> Wallet:
        secret = self.secret(f"wallet {chain} {name}")
        if chain == "bsc":
            return Wallet(str(Account.from_key(secret).address), "0x" + secret.hex(), chain, secret)
        public = _raw(Ed25519PrivateKey.from_private_bytes(secret))
        return Wallet(base58.b58encode(public).decode(), base58.b58encode(secret + public).decode(), chain, secret)

    def api_token(self, name: str, user: str, address: str, chain: str, permissions: frozenset[str]) -> tuple[str, str]:
        """A token as made on the web page: the JWT and the base58 of the request key's seed."""
        secret = self.secret(f"api token {name} {sorted(permissions)}")
        public = _raw(Ed25519PrivateKey.from_private_bytes(secret))
        session = Session(user, address, chain, base58.b58encode(public).decode(), self._clock() + 30 * 86_400_000, permissions)
        return self._issue(session), base58.b58encode(secret).decode()

    # --- sign-in -------------------------------------------------------------------------------------------------------------

    def prepare(self, chain: str, body: Any) -> dict[str, Any]:
        """prepare-signin: the text to sign, wrapped in an ES256 JWT that lives three minutes."""
        if chain not in CHAINS:
            raise Refused(400, "Failed to deserialize query string: unknown chain, expected `bsc` or `solana`")
        if not isinstance(body, dict) or not all(isinstance(body.get(key), str) and body[key] for key in ("address", "requestId")):
            raise Refused(400, "Failed to deserialize the JSON body into the target type: missing field `address` or `requestId`")
        address, request_id = body["address"], body["requestId"]
        if not (is_address(address) if chain == "bsc" else len(_unbase58(address)) == 32):
            raise Refused(400, "invalid address")
        self._count += 1
        now = self._clock()
        ecosystem, chain_id = CHAINS[chain]
        payload: dict[str, Any] = {
            "domain": "standx.com",
            "uri": "https://standx.com",
            "statement": f"Sign in with {ecosystem} to access more StandX features",
            "version": "1",
            "chainId": chain_id,
            "nonce": base58.b58encode(self.secret(f"nonce {self._count}")[:12]).decode(),
            "address": address,
            "requestId": request_id,
            "issuedAt": iso(now, 3),
        }
        payload |= {"message": _message(ecosystem, payload), "exp": now // 1000 + SIGN_IN_SECONDS, "iat": now // 1000}
        return {"success": True, "signedData": self._es256.sign(payload)}

    def login(self, chain: str, body: Any) -> dict[str, Any]:
        """login: checks the wallet's signature and hands out the access token."""
        if not isinstance(body, dict) or not isinstance(body.get("signature"), str) or not isinstance(body.get("signedData"), str):
            raise Refused(400, "Failed to deserialize the JSON body into the target type: missing field `signature` or `signedData`")
        seconds = body.get("expiresSeconds", DEFAULT_SESSION_SECONDS)
        if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds <= 0:
            raise Refused(400, "Failed to deserialize the JSON body into the target type: expiresSeconds: invalid value")
        try:
            payload = self._es256.verify(body["signedData"])
        except BadToken:
            raise Refused(401, "invalid signedData") from None
        if payload["exp"] * 1000 <= self._clock():
            raise Refused(401, "signedData expired")
        valid = VERIFIERS.get(chain)
        if valid is None or payload["chainId"] != CHAINS[chain][1] or not valid(body["signature"], payload):
            raise Refused(401, "invalid signature")
        address = payload["address"]
        session = Session(f"{chain}_{address}", address, chain, payload["requestId"], self._clock() + seconds * 1000)
        return {
            "token": self._issue(session),
            "address": address,
            "alias": f"user{int(self.secret(address).hex()[:6], 16)}",
            "chain": chain,
            "perpsAlpha": True,
        }

    def _issue(self, session: Session) -> str:
        self._count += 1
        token = self._hs256.sign(
            {
                "address": session.address,
                "chain": session.chain,
                "requestId": session.request_id,
                "exp": session.expires // 1000,
                "iat": self._clock() // 1000,
                "jti": f"{self._count}",
            }
        )
        self.sessions[token] = session
        return token

    # --- requests ------------------------------------------------------------------------------------------------------------

    def session(self, token: str) -> Session:
        """The session of an access token; Refused 401 when it is forged, revoked or expired."""
        try:
            self._hs256.verify(token)
        except BadToken:
            raise refused(401, "invalid jwt") from None
        session = self.sessions.get(token)
        if session is None or session.expires <= self._clock():
            raise refused(401, "jwt expired")
        return session

    def bearer(self, headers: Mapping[str, str]) -> Session:
        value = headers.get("Authorization")
        if not value:
            raise refused(401, "missing jwt")
        scheme, _, token = value.partition(" ")
        if scheme != "Bearer":
            raise refused(401, "missing jwt")
        return self.session(token)

    def check_body(self, session: Session, headers: Mapping[str, str], body: bytes) -> None:
        """The signature of a POST or a ws-api message over the very bytes of its body; Refused 403 otherwise."""
        request_id, stamp, signature = (headers.get(name, "") for name in SIGNATURE_HEADERS)
        if headers.get("x-request-sign-version", "v1") != "v1" or not request_id:
            raise refused(403, "invalid body signature")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 20) or abs(int(stamp) - self._clock()) > self._window:
            raise refused(403, "invalid request timestamp")
        message = f"v1,{request_id},{stamp},".encode() + body
        if not _ed25519(_unbase58(session.request_id), message, _unbase64(signature)):
            raise refused(403, "invalid body signature")

    def expire(self, which: Callable[[Session], bool]) -> None:
        """Revoke the tokens of these sessions."""
        self.sessions = {token: session for token, session in self.sessions.items() if not which(session)}


def refused(code: int, message: str) -> Refused:
    return Refused(code, {"code": code, "message": message})


def _message(ecosystem: str, payload: Mapping[str, Any]) -> str:
    """EIP-4361 and Sign-In-With-Solana lay the text out alike; only its first line is published."""
    return "\n".join(
        (
            f"standx.com wants you to sign in with your {ecosystem} account:",
            payload["address"],
            "",
            payload["statement"],
            "",
            f"URI: {payload['uri']}",
            f"Version: {payload['version']}",
            f"Chain ID: {payload['chainId']}",
            f"Nonce: {payload['nonce']}",
            f"Issued At: {payload['issuedAt']}",
            f"Request ID: {payload['requestId']}",
        )
    )


def _evm(signature: str, payload: Mapping[str, Any]) -> bool:
    try:
        raw = bytes.fromhex(signature.removeprefix("0x"))
        recovered = Account.recover_message(encode_defunct(text=payload["message"]), signature=raw)
    except Exception:  # eth-account raises a dozen unrelated types on malformed signatures
        return False
    return str(recovered).lower() == str(payload["address"]).lower()


def _solana(signature: str, payload: Mapping[str, Any]) -> bool:
    try:
        decoded = json.loads(base64.b64decode(signature, validate=True))
        given, output = decoded["input"], decoded["output"]
        message, proof = _octets(output["signedMessage"]), _octets(output["signature"])
        public = _octets(output["account"]["publicKey"])
        same = all(given[key] == payload[key] for key in ("nonce", "requestId", "address", "domain"))
    except (ValueError, TypeError, KeyError, binascii.Error):
        return False
    return (
        same
        and base58.b58encode(public).decode() == payload["address"]
        and message == payload["message"].encode()
        and _ed25519(public, message, proof)
    )


def _octets(value: Any) -> bytes:
    if not isinstance(value, list):
        raise TypeError("a list of numbers")
    return bytes(value)


VERIFIERS: Mapping[str, Callable[[str, Mapping[str, Any]], bool]] = {"bsc": _evm, "solana": _solana}


def _raw(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def _ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _unbase58(text: str) -> bytes:
    try:
        return base58.b58decode(text)
    except ValueError:
        return b""


def _unbase64(text: str) -> bytes:
    """Standard alphabet with padding only: the URL-safe one is refused, as the negative cases of the sheet demand."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
