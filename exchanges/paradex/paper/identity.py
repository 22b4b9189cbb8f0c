"""Accounts, their keys, tokens, and what a client has to have signed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from eth_account import Account as Wallets

from ccxt_dex.paper import stark
from ccxt_dex.paper.server import Refused

CHAIN = "PRIVATE_SN_POTC_SEPOLIA"
CONFIG: dict[str, Any] = {
    "starknet_chain_id": CHAIN,
    "l1_chain_id": "11155111",
    "paraclear_account_hash": "0x41cb0280ebadaa75f996d8d92c6f265f6d040bb3ba442e5f86a554f1765244e",
    "paraclear_account_proxy_hash": "0x3530cc4759d78042f1b543bf797f5f3d647cde0388c33734cf91b7f7b9314a9",
    "paraclear_evm_account_hash": "0x073414441639dcd11d1846f287650a00c60c416b9d3ba45d31c651672125b2c2",
    "paraclear_address": "0x286003f7c7bfc3f94e8f0af48b48302e7aee2fb13c23b141479ba00832ef2c6",
    "paraclear_decimals": 8,
    "starknet_fullnode_rpc_url": "http://127.0.0.1:9/rpc/v0_9",
    "starknet_fullnode_rpc_base_url": "http://127.0.0.1:9",
    "block_explorer_url": "http://127.0.0.1:9",
    "oracle_address": "0x47c622ce5f7ff7fa17725df596f4f506364e49be0621eb142a75b44ee3689c6",
    "bridged_tokens": [],
    "l1_core_contract_address": "0x9e0cb36c30a28b3e2eb1b8e5a9a3ee6d1c1e0b9f",
    "l1_operator_address": "0x63e762538c70442208a3d3f9d3a1d1b2c3d4e5f6",
    "liquidation_fee": "0.01",
}
ORDER = "timestamp:felt,market:felt,side:felt,orderType:felt,size:felt,price:felt"
TYPES = {
    "Order": f"Order({ORDER})",
    "ModifyOrder": f"ModifyOrder({ORDER},id:felt)",
    "Request": "Request(method:felt,path:felt,body:felt,timestamp:felt,expiration:felt)",
    "Constant": "Constant(action:felt)",
}
QUANTUM = 10**8


def refused(status: int, code: str, message: str) -> Refused:
    return Refused(status, {"error": code, "message": message})


@dataclass
class Owner:
    """One account of the venue."""

    name: str
    address: int
    keys: dict[int, str] = field(default_factory=dict)
    """public key -> main or subkey"""


@dataclass
class Token:
    owner: Owner
    key: int
    expires: int
    scope: str = "trade"


class Identity:
    def __init__(self, seed: int, time: Callable[[], int], jwt_s: float) -> None:
        self._seed, self._time, self._jwt_s = seed, time, jwt_s
        self.owners: dict[int, Owner] = {}
        self.by_name: dict[str, Owner] = {}
        self.tokens: dict[str, Token] = {}
        self.signed: set[tuple[int, int]] = set()
        self._prefixes: dict[tuple[str, int], tuple[int, int]] = {}
        self._issued = 0
        self._domain = 0

    # --- keys ------------------------------------------------------------------------------------------------------------------

    def _noise(self, what: str) -> bytes:
        return hashlib.sha256(f"{self._seed} paradex {what}".encode()).digest()

    def secret(self, name: str) -> int:
        return int.from_bytes(self._noise(name), "big") % (stark.N - 1) + 1

    def open(self, name: str) -> Owner:
        """The account of a name, with its main key and a subkey."""
        if name not in self.by_name:
            public = stark.public_key(self.secret(name))
            owner = self.by_name[name] = Owner(name, v1_address(public), {public: "main"})
            owner.keys[stark.public_key(self.secret(f"{name} subkey"))] = "subkey"
            self.owners[owner.address] = owner
        return self.by_name[name]

    def open_wallet(self, name: str) -> tuple[Owner, str, str]:
        """An account that belongs to an Ethereum wallet: its key and address besides."""
        wallet = Wallets.from_key(self._noise(f"{name} wallet"))
        public = stark.public_key(wallet_secret(wallet.key))
        owner = self.by_name[name] = Owner(name, v1_address(public), {public: "main"})
        self.owners[owner.address] = owner
        return owner, "0x" + bytes(wallet.key).hex(), str(wallet.address)

    # --- tokens ----------------------------------------------------------------------------------------------------------------

    def issue(self, owner: Owner, key: int, scope: str = "trade", seconds: float | None = None) -> str:
        """A token in the shape of a JWT."""
        self._issued += 1
        expires = self._time() + int((self._jwt_s if seconds is None else seconds) * 1000)
        claims = {"typ": "at+JWT", "exp": expires // 1000, "iat": self._time() // 1000, "iss": "Paradex paper", "sub": hex(owner.address)}
        head, body = _part({"typ": "JWT", "alg": "ES256"}), _part({**claims, "jti": self._issued})
        signature = hmac.new(self._noise("tokens"), f"{head}.{body}".encode(), hashlib.sha256).digest()
        token = f"{head}.{body}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"
        self.tokens[token] = Token(owner, key, expires, scope)
        return token

    def token(self, text: str) -> Token:
        """:raises Refused: unknown or expired"""
        found = self.tokens.get(text)
        if found is None or found.expires <= self._time():
            raise refused(401, "INVALID_TOKEN", "token is invalid or has expired")
        return found

    def bearer(self, headers: Mapping[str, str]) -> Token:
        kind, _, text = str(headers.get("Authorization") or "").partition(" ")
        if kind != "Bearer" or not text:
            raise refused(400, "VALIDATION_ERROR", "missing or malformed jwt")
        return self.token(text)

    def login(self, headers: Mapping[str, str], public: int | None) -> str:
        """POST /auth and /auth/{public key}."""
        try:
            address = int(str(headers.get("PARADEX-STARKNET-ACCOUNT")), 16)
            timestamp = int(str(headers.get("PARADEX-TIMESTAMP")))
            expiration = int(str(headers.get("PARADEX-SIGNATURE-EXPIRATION") or timestamp + 1800))
        except ValueError:
            raise refused(400, "INVALID_REQUEST_PARAMETER", "missing or malformed headers") from None
        owner = self.owners.get(address)
        if owner is None:
            raise refused(400, "NOT_ONBOARDED", "User has never called /onboarding endpoint")
        now = self._time() / 1000
        if timestamp > now + 300 or expiration < now or expiration - timestamp > 7 * 86_400:
            raise refused(400, "INVALID_SIGNATURE_EXPIRATION", "signature expiration is out of range")
        known = [key for key, kind in owner.keys.items() if key == public or (public is None and kind == "main")]
        fields = (stark.ascii_felt("POST"), stark.ascii_felt("/v1/auth"), 0, timestamp, expiration)
        digest = self.digest("Request", address, fields)
        if not known or not self._verified(known[0], digest, headers.get("PARADEX-STARKNET-SIGNATURE")):
            raise refused(401, "STARKNET_SIGNATURE_VERIFICATION_FAILED", "signature verification failed")
        return self.issue(owner, known[0])

    def expire(self, account: str | None) -> None:
        for token in self.tokens.values():
            if (account is None or token.owner.name == account) and token.scope == "trade":
                token.expires = 0

    # --- signatures ------------------------------------------------------------------------------------------------------------

    def digest(self, struct: str, address: int, fields: tuple[int, ...]) -> int:
        """SNIP-12 revision 0: prefix, domain, account, struct, their number."""
        if not self._domain:
            kind = stark.selector("StarkNetDomain(name:felt,chainId:felt,version:felt)")
            self._domain = stark.hash_list((kind, stark.ascii_felt("Paradex"), stark.ascii_felt(CHAIN), 1))
        key = (struct, address)
        if key not in self._prefixes:
            outer = stark.chain((stark.ascii_felt("StarkNet Message"), self._domain, address))
            self._prefixes[key] = (outer, stark.pedersen(0, stark.selector(TYPES[struct])))
        outer, inner = self._prefixes[key]
        whole = stark.pedersen(stark.chain(fields, inner), len(fields) + 1)
        return stark.pedersen(stark.pedersen(outer, whole), 4)

    def _verified(self, public: int, digest: int, signature: Any) -> bool:
        try:
            pair = json.loads(str(signature))
            r, s = (int(part, 16) if part.startswith("0x") else int(part) for part in pair)
        except (ValueError, TypeError, AttributeError):
            return False
        return stark.verify(public, digest, r, s)

    def check_order(self, token: Token, body: Mapping[str, Any], address: int | None = None) -> None:
        """:raises Refused: the signature is not that of this order, by the key of the token; or it was seen before"""
        struct = "ModifyOrder" if "id" in body else "Order"
        try:
            fields = order_fields(body)
        except (KeyError, ValueError, ArithmeticError):
            raise refused(400, "VALIDATION_ERROR", "order fields are missing or malformed") from None
        digest = self.digest(struct, token.owner.address if address is None else address, fields)
        if (token.owner.address, digest) in self.signed:
            raise refused(400, "VALIDATION_ERROR", "order signature was used already")
        if not self._verified(token.key, digest, body.get("signature")):
            raise refused(400, "INVALID_ORDER_SIGNATURE", "order signature verification failed")
        self.signed.add((token.owner.address, digest))


def order_fields(body: Mapping[str, Any]) -> tuple[int, ...]:
    """The numbers behind an order's fields."""
    kind = str(body["type"])
    fields = [
        int(body["signature_timestamp"]),
        stark.ascii_felt(str(body["market"])),
        {"BUY": 1, "SELL": 2}[str(body["side"])],
        stark.ascii_felt(kind),
        _scaled(body["size"]),
        0 if "MARKET" in kind else _scaled(body["price"]),
    ]
    if "id" in body:
        fields.append(int(str(body["id"])))
    return tuple(fields)


def _scaled(text: Any) -> int:
    whole = Decimal(str(text)) * QUANTUM
    if whole != int(whole) or whole < 0:
        raise ValueError(text)
    return int(whole)


def v1_address(public: int) -> int:
    calldata = (int(CONFIG["paraclear_account_hash"], 16), stark.selector("initialize"), 2, public, 0)
    return stark.account_address(int(CONFIG["paraclear_account_proxy_hash"], 16), calldata, public)


def v2_address(wallet: str) -> int:
    number = int(wallet, 16)
    return stark.account_address(int(CONFIG["paraclear_evm_account_hash"], 16), (3, number, 1), number)


def wallet_secret(key: bytes) -> int:
    """The Stark key that a wallet's signature of "STARK Key" stands for."""
    domain = {"name": "Paradex", "version": "1", "chainId": int(CONFIG["l1_chain_id"])}
    signed = Wallets.sign_typed_data(key, domain, {"Constant": [{"name": "action", "type": "string"}]}, {"action": "STARK Key"})
    return stark.ground(bytes(signed.signature)[:32])


def _part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).decode().rstrip("=")
