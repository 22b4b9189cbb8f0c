"""Who asks, and whether the key that should have signed has: HMAC by the standard library, typed data by eth-account."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

from eth_account import Account
from eth_account.messages import encode_typed_data

from ccxt_dex.exchanges.edgex.paper.markets import CHAIN_ID, CONTRACT
from ccxt_dex.paper.server import Refused, Reply

NAMES = ("x-edgex-api-key", "x-edgex-passphrase", "x-edgex-signature", "x-edgex-timestamp")
WINDOW_MS = 60_000
FLOW_DOMAIN = {"name": "edgeX Asset Flow", "version": "1", "verifyingContract": "0x000000000000000000000000000000000000eD9E"}


def _fields(*pairs: str) -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for kind, name in (pair.split() for pair in pairs)]


ORDER_TYPES = {
    "OrderBase": _fields("uint256 nonce", "address signer", "uint64 accountId", "uint256 expirationTimestamp"),
    "LimitOrderParams": _fields(
        *("OrderBase base", "int256 amountSynthetic", "int256 amountCollateral", "uint256 amountFee", "uint64 assetIdSynthetic"),
        *("uint64 assetIdCollateral", "bool isBuyingSynthetic", "bytes32 parentOrderHash", "uint256 subOrderIndex"),
    ),
}
MARGIN_TYPES = {
    "SetMarginPreferenceParams": _fields("uint64 accountId", "uint64 assetId", "uint8 marginMode", "uint256 nonce", "address signer")
}
TRANSFER_TYPES = {
    "TransferParams": _fields(
        *("uint64 from", "uint64 to", "uint64 assetId", "int256 amount", "uint256 nonce", "uint256 deadline", "address signer")
    )
}
FLOW_TYPES = {
    "AssetFlowAttempt": _fields(
        *("string userId", "address userAddress", "address privyAddress", "string source", "string sourceAccount", "string tokenAddress"),
        *("string amount", "string fee", "string destination", "string destinationAccount", "string clientWithdrawId", "string expireTime"),
    )
}
DOMAIN = {"name": "EdgeX", "version": "1", "chainId": int(CHAIN_ID), "verifyingContract": CONTRACT}


@dataclass(frozen=True)
class Identity:
    """An account with its keys."""

    name: str
    owner: str
    account_id: str
    user_id: str
    api_key: str
    secret: str
    passphrase: str
    trading_key: str
    trading_address: str
    wallet_key: str
    wallet_address: str


def canonical(value: Any) -> str:
    """edgeX's text of a JSON value (V2 documentation, Authentication)."""
    if isinstance(value, dict):
        return "&".join(name + "=" + canonical(value[name]) for name in sorted(value))
    if isinstance(value, list):
        return "&".join(canonical(item) for item in value)
    if value is True or value is False:
        return str(value).lower()
    return "" if value is None else str(value)


def envelope(code: str, data: Any, now: int, msg: str | None = None, param: Any = None) -> dict[str, Any]:
    stamp = str(now)
    trace = hashlib.md5(f"{code}{now}{id(data)}".encode(), usedforsecurity=False).hexdigest()
    return {"code": code, "data": data, "msg": msg, "errorParam": param, "requestTime": stamp, "responseTime": stamp, "traceId": trace}


def dated_by(time: int) -> dict[str, str]:
    return {"Date": formatdate(time / 1000, usegmt=True)}


def dated(body: dict[str, Any], time: int) -> Reply:
    """An answer whose Date header is by the venue's clock, as the timestamps are that it demands."""
    return Reply(body, 200, dated_by(time))


def refused(status: int, code: str, now: int, msg: str = "", param: Any = None) -> Refused:
    return Refused(status, envelope(code, None, now, msg or code, param))


def nonce_of(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)


def recovered(domain: Mapping[str, Any], types: Mapping[str, Any], primary: str, message: Mapping[str, Any], signature: Any) -> str:
    """Address of whoever signed, in lower case; empty for what is no signature."""
    text = str(signature or "").removeprefix("0x")
    if len(text) != 130:
        return ""
    try:
        fields = [name for name in ("name", "version", "chainId", "verifyingContract") if name in domain]
        kinds = {"name": "string", "version": "string", "chainId": "uint256", "verifyingContract": "address"}
        full = {
            "types": {"EIP712Domain": [{"name": name, "type": kinds[name]} for name in fields], **types},
            "primaryType": primary,
            "domain": dict(domain),
            "message": dict(message),
        }
        address: str = Account.recover_message(encode_typed_data(full_message=full), signature="0x" + text)
    except Exception:
        return ""
    return address.lower()


class Keys:
    """Every account's keys, and the checks against them."""

    def __init__(self, seed: int, time: Callable[[], int], now: Callable[[], int]) -> None:
        self._seed, self._time, self._now = seed, time, now
        self.by_name: dict[str, Identity] = {}
        self.by_account: dict[str, Identity] = {}
        self._by_key: dict[str, Identity] = {}

    def make(self, name: str, owner: str | None = None) -> Identity:
        """The keys of an account; those of one owner share wallet and API key, each has an id of its own."""
        if name in self.by_name:
            return self.by_name[name]
        rng = random.Random(f"edgex {self._seed} {name}")
        head = self.make(owner) if owner is not None else None
        trading, wallet = (f"{rng.getrandbits(256) | 1:064x}" for _ in range(2))
        own = Identity(
            name=name,
            owner=name if head is None else head.owner,
            account_id=str(700_000_000_000_000_000 + rng.randrange(99_999_999_999_999_999)),
            user_id=str(600_000_000_000_000_000 + rng.randrange(99_999_999_999_999_999)) if head is None else head.user_id,
            api_key=str(uuid.UUID(int=rng.getrandbits(128), version=4)) if head is None else head.api_key,
            secret=base64.urlsafe_b64encode(rng.randbytes(32)).decode().rstrip("=") if head is None else head.secret,
            passphrase=base64.urlsafe_b64encode(rng.randbytes(16)).decode().rstrip("=") if head is None else head.passphrase,
            trading_key=trading if head is None else head.trading_key,
            trading_address=Account.from_key("0x" + trading).address if head is None else head.trading_address,
            wallet_key=wallet if head is None else head.wallet_key,
            wallet_address=Account.from_key("0x" + wallet).address if head is None else head.wallet_address,
        )
        self.by_name[name] = self.by_account[own.account_id] = own
        self._by_key.setdefault(own.api_key, own)
        return own

    def check(self, headers: Mapping[str, str], text: Callable[[str], str]) -> Identity:
        """The identity behind signed headers; the key is looked up before anything else (live, 2026-09).

        text: timestamp -> what must have been signed
        """
        values = {name: headers.get(name) for name in NAMES}
        missing = [name for name, value in values.items() if not value]
        now = self._now()
        if missing:
            raise refused(400, "GATEWAY_HEADER_REQUIRED", now, f"header required : {missing[0]}", {"header": missing[0]})
        key, passphrase, signature, stamp = (str(values[name]) for name in NAMES)
        found = self._by_key.get(key)
        if found is None:
            raise refused(401, "INVALID_API_KEY", now, f"invalid apiKey : {key}", {"apiKey": key})
        if not hmac.compare_digest(passphrase.encode(), found.passphrase.encode()):
            raise refused(401, "INVALID_PASSPHRASE", now)
        if not stamp.isdigit() or abs(self._time() - int(stamp)) > WINDOW_MS:
            wrong = envelope("INVALID_TIMESTAMP", None, now, f"timestamp out of range : {stamp}")
            raise Refused(401, wrong, dated_by(self._time()))
        secret = base64.b64encode(found.secret.encode())
        wanted = hmac.new(secret, text(stamp).encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(signature.encode(), wanted.encode()):
            raise refused(401, "INVALID_SIGNATURE", now)
        return found

    def account(self, key: Identity, account_id: Any) -> Identity:
        """The account that a request names, if the key may act for it."""
        found = self.by_account.get(str(account_id))
        if found is None or found.owner != key.owner:
            raise refused(400, "ACCOUNT_NOT_FOUND", self._now(), f"invalid accountId : {account_id}", {"accountId": str(account_id)})
        return found


def protocol_headers(offered: str | None) -> dict[str, str]:
    """The four headers as a browser sends them: base64 of their JSON in Sec-WebSocket-Protocol, without padding."""
    if not offered:
        return {}
    try:
        text = offered.split(",")[0].strip()
        found = json.loads(base64.b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        return {}
    return {str(name).lower(): str(value) for name, value in found.items()} if isinstance(found, dict) else {}
