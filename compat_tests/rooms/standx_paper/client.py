"""StandX's protocol as a client speaks it, written for these tests with cryptography, eth-account and base58 alone."""

from __future__ import annotations

import base64
import json
import time
import uuid
from typing import Any

import aiohttp
import base58
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from eth_account import Account
from eth_account.messages import encode_defunct

from ccxt_dex.paper import Venue

Answer = tuple[int, Any]


def raw_public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def decode_jwt(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return decoded


class Client:
    """One user: wallet or API token, request key, REST and signed messages."""

    def __init__(self, venue: Venue, http: aiohttp.ClientSession, config: dict[str, Any] | None = None) -> None:
        self.venue, self.http = venue, http
        self.config = config or venue.config()
        self.token = self.config.get("apiKey", "")
        secret = self.config.get("secret")
        self.key = Ed25519PrivateKey.from_private_bytes(base58.b58decode(secret)) if secret else Ed25519PrivateKey.generate()

    @property
    def request_id(self) -> str:
        return base58.b58encode(raw_public(self.key)).decode()

    async def send(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None, **query: Any) -> Answer:
        given = {"Content-Type": "application/json"} if body is not None else {}
        params = {key: str(value) for key, value in query.items()}
        async with self.http.request(
            method, self.venue.url + path, data=body, headers={**given, **(headers or {})}, params=params
        ) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if answer.content_type == "application/json" else text

    # --- sign-in
    async def prepare(self, chain: str, **changed: Any) -> Answer:
        body = {"address": self.config["walletAddress"], "requestId": self.request_id, **changed}
        return await self.send("POST", "/v1/offchain/prepare-signin", json.dumps(body).encode(), chain=chain)

    def sign_evm(self, message: str, key: str | None = None) -> str:
        return "0x" + bytes(Account.sign_message(encode_defunct(text=message), key or self.config["privateKey"]).signature).hex()

    def sign_solana(self, payload: dict[str, Any]) -> str:
        key = Ed25519PrivateKey.from_private_bytes(base58.b58decode(self.config["privateKey"])[:32])
        message = payload["message"].encode()
        account = {"publicKey": list(raw_public(key))}
        output = {"signedMessage": list(message), "signature": list(key.sign(message)), "account": account}
        return base64.b64encode(json.dumps({"input": payload, "output": output}).encode()).decode()

    async def login(self, chain: str, signature: str, signed_data: str, **more: Any) -> Answer:
        body = {"signature": signature, "signedData": signed_data, **more}
        return await self.send("POST", "/v1/offchain/login", json.dumps(body).encode(), chain=chain)

    async def sign_in(self) -> Client:
        chain = self.config["options"]["chain"]
        _, prepared = await self.prepare(chain)
        payload = decode_jwt(prepared["signedData"])
        signature = self.sign_evm(payload["message"]) if chain == "bsc" else self.sign_solana(payload)
        status, answer = await self.login(chain, signature, prepared["signedData"])
        assert status == 200, answer
        self.token = answer["token"]
        return self

    # --- requests
    def signed(self, body: bytes, **changed: Any) -> dict[str, str]:
        request_id, stamp = str(uuid.uuid4()), str(int(changed.get("stamp", time.time() * 1000)))
        key: Ed25519PrivateKey = changed.get("key", self.key)
        signature = key.sign(f"v1,{request_id},{stamp},".encode() + changed.get("over", body))
        return {
            "Authorization": f"Bearer {self.token}",
            "x-request-sign-version": "v1",
            "x-request-id": request_id,
            "x-request-timestamp": stamp,
            "x-request-signature": base64.b64encode(signature).decode(),
        }

    async def get(self, path: str, **query: Any) -> Answer:
        return await self.send("GET", f"/api/{path}", headers={"Authorization": f"Bearer {self.token}"} if self.token else {}, **query)

    async def post(self, path: str, body: Any, headers: dict[str, str] | None = None) -> Answer:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.send("POST", f"/api/{path}", raw, {**self.signed(raw), **(headers or {})})

    def message(self, method: str, params: Any, session_id: str = "s-1") -> dict[str, Any]:
        text = json.dumps(params)
        headers = self.signed(text.encode())
        header = {name: headers[name] for name in ("x-request-id", "x-request-timestamp", "x-request-signature")}
        frame = {"session_id": session_id, "request_id": str(uuid.uuid4()), "method": method, "params": text}
        return frame if method == "auth:login" else {**frame, "header": header}


def order(side: str = "buy", price: str | None = "61000.00", qty: str = "0.1", tif: str = "gtc", **more: Any) -> dict[str, Any]:
    kind = "limit" if price is not None else "market"
    body: dict[str, Any] = {"symbol": "BTC-USD", "side": side, "order_type": kind, "qty": qty, "time_in_force": tif, "reduce_only": False}
    return {**body, **({"price": price} if price is not None else {}), **more}
