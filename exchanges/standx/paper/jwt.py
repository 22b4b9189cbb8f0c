"""JSON Web Tokens by hand: ES256 for what the wallet signs, HS256 for the access token."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class BadToken(Exception):
    """The token is not one of ours, or was tampered with."""


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64url(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadToken("not base64url") from error


def _parts(header: dict[str, str], payload: dict[str, Any]) -> str:
    dumped = (json.dumps(part, separators=(",", ":"), ensure_ascii=False).encode() for part in (header, payload))
    return ".".join(b64url(part) for part in dumped)


def _open(token: str, alg: str) -> tuple[bytes, bytes, dict[str, Any]]:
    parts = token.split(".")
    if len(parts) != 3:
        raise BadToken("not a JWT")
    try:
        header, payload = json.loads(unb64url(parts[0])), json.loads(unb64url(parts[1]))
    except ValueError as error:
        raise BadToken("not a JWT") from error
    if not isinstance(header, dict) or header.get("alg") != alg or not isinstance(payload, dict):
        raise BadToken(f"not a {alg} JWT")
    return f"{parts[0]}.{parts[1]}".encode(), unb64url(parts[2]), payload


class Es256:
    """The venue's P-256 key, made from a seed so that runs repeat (the signatures themselves are randomised)."""

    def __init__(self, seed: bytes) -> None:
        secret = int.from_bytes(hashlib.sha256(seed).digest(), "big") % (P256_ORDER - 1) + 1
        self._key = ec.derive_private_key(secret, ec.SECP256R1())

    @property
    def public_pem(self) -> str:
        public = self._key.public_key()
        return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()

    def sign(self, payload: dict[str, Any]) -> str:
        body = _parts({"alg": "ES256", "typ": "JWT"}, payload)
        r, s = decode_dss_signature(self._key.sign(body.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{body}.{b64url(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def verify(self, token: str) -> dict[str, Any]:
        body, signature, payload = _open(token, "ES256")
        if len(signature) != 64:
            raise BadToken("signature length")
        der = encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
        try:
            self._key.public_key().verify(der, body, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature as error:
            raise BadToken("signature") from error
        return payload


class Hs256:
    """The key of the access tokens."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def _mac(self, body: bytes) -> bytes:
        return hmac.new(self._key, body, hashlib.sha256).digest()

    def sign(self, payload: dict[str, Any]) -> str:
        body = _parts({"alg": "HS256", "typ": "JWT"}, payload)
        return f"{body}.{b64url(self._mac(body.encode()))}"

    def verify(self, token: str) -> dict[str, Any]:
        body, signature, payload = _open(token, "HS256")
        if not hmac.compare_digest(signature, self._mac(body)):
            raise BadToken("signature")
        return payload
