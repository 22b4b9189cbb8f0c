"""What edgeX V2 wants signed, to the byte. Pure: knows no clock, keeps no key longer than a call.

Sources: official Python SDK 2.0.1, `internal/auth.py` and `internal/eip712.py`; every value in compat_tests/rooms/edgex is that SDK's.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from ccxt_dex.exact import Refused
from ccxt_dex.signers import eip712
from ccxt_dex.signers.keccak import keccak256

BASE_TYPE = "OrderBase(uint256 nonce,address signer,uint64 accountId,uint256 expirationTimestamp)"
ORDER_TYPE = (
    "LimitOrderParams(OrderBase base,int256 amountSynthetic,int256 amountCollateral,uint256 amountFee,uint64 assetIdSynthetic,"
    "uint64 assetIdCollateral,bool isBuyingSynthetic,bytes32 parentOrderHash,uint256 subOrderIndex)" + BASE_TYPE
)
MARGIN_TYPE = "SetMarginPreferenceParams(uint64 accountId,uint64 assetId,uint8 marginMode,uint256 nonce,address signer)"
TRANSFER_TYPE = "TransferParams(uint64 from,uint64 to,uint64 assetId,int256 amount,uint256 nonce,uint256 deadline,address signer)"
# lower case: its own spelling is no valid checksum, the bytes are what counts
FLOW_FIELDS = (
    ("userId", "string"),
    ("userAddress", "address"),
    ("privyAddress", "address"),
    ("source", "string"),
    ("sourceAccount", "string"),
    ("tokenAddress", "string"),
    ("amount", "string"),
    ("fee", "string"),
    ("destination", "string"),
    ("destinationAccount", "string"),
    ("clientWithdrawId", "string"),
    ("expireTime", "string"),
)
_BASE, _ORDER, _MARGIN, _TRANSFER = (keccak256(text.encode()) for text in (BASE_TYPE, ORDER_TYPE, MARGIN_TYPE, TRANSFER_TYPE))
_TAIL = bytes(64)  # parentOrderHash and subOrderIndex: none


class SigningRefused(Refused):
    """What we were given to sign is not what we asked for; nothing was signed."""

    def __init__(self, text: str) -> None:
        super().__init__("response", f"{text}; nothing was signed")


def canonical(value: Any) -> str:
    """The text of a JSON value under a request's signature: `key=value` sorted by key and joined by &, nothing quoted or encoded.

    :raises SigningRefused: for a float, whose text in JSON may be another than here (send decimals as strings)
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Mapping):
        return "&".join(f"{key}={canonical(value[key])}" for key in sorted(value))
    if isinstance(value, (list, tuple)):
        return "&".join(map(canonical, value))
    raise SigningRefused(f"cannot sign a {type(value).__name__}")


def request_text(timestamp_ms: int | str, method: str, path: str, payload: Mapping[str, Any] | None) -> str:
    """The text under a request's HMAC.

    :param path: absolute, without host and query
    :param payload: query parameters or JSON body
    """
    return f"{timestamp_ms}{method.upper()}{path}{canonical(payload or {})}"


def hmac_signature(secret: str, text: str) -> str:
    """Hexadecimal HMAC-SHA256; its key is the base64 text of the secret, not the secret."""
    return hmac.new(base64.b64encode(secret.encode()), text.encode(), hashlib.sha256).hexdigest()


def headers(api_key: str, passphrase: str, secret: str, timestamp_ms: int | str, text: str) -> dict[str, str]:
    """The four headers of a signed request or handshake."""
    return {
        "X-edgeX-Api-Key": api_key,
        "X-edgeX-Passphrase": passphrase,
        "X-edgeX-Signature": hmac_signature(secret, text),
        "X-edgeX-Timestamp": str(timestamp_ms),
    }


def nonce_of(client_id: str) -> int:
    """The 32-bit nonce that a client id stands for."""
    return int.from_bytes(hashlib.sha256(client_id.encode()).digest()[:4], "big")


def resolution(value: Any) -> Decimal:
    """Units per whole coin, from decimal or 0x text.

    :raises SigningRefused: when there is none
    """
    text = str(value if value is not None else "").strip()
    try:
        found = Decimal(int(text, 16)) if text.lower().startswith("0x") else Decimal(text)
    except (ValueError, ArithmeticError):
        raise SigningRefused(f"no resolution in the metadata: {text!r}") from None
    if not found.is_finite() or found <= 0:
        raise SigningRefused(f"no resolution in the metadata: {text!r}")
    return found


def chain_number(text: Any) -> int:
    """A chain id as decimal or 0x text."""
    found = str(text).strip()
    try:
        return int(found, 16) if found.lower().startswith("0x") else int(found)
    except ValueError:
        raise SigningRefused(f"no chain id in the metadata: {found!r}") from None


@lru_cache(maxsize=16)
def separator(chain_id: str, contract: str) -> bytes:
    """The domain separator of the perpetual contract.

    :param chain_id: as metadata has it, decimal or 0x
    :param contract: `metadata.global.contractAddress`
    """
    domain = {"name": "EdgeX", "version": "1", "chainId": chain_number(chain_id), "verifyingContract": contract.strip().lower()}
    return eip712.domain_separator(domain)


def domain_of(settings: Mapping[str, Any], *names: str) -> bytes:
    """The domain separator by `metadata.global`.

    :param names: of the chain id, the first that is there counts: orders take nativeChainId before chainId, transfers the reverse
    :raises SigningRefused: when chain or contract is missing
    """
    chain = next((str(settings[name]).strip() for name in names if settings.get(name)), "")
    contract = str(settings.get("contractAddress") or "").strip()
    if not chain or not contract:
        raise SigningRefused("metadata.global has no chain id or no contract address")
    return separator(chain, contract)


@dataclass(frozen=True, slots=True)
class OrderFields:
    """The signed fields of an order, in the contract's integers."""

    nonce: int
    signer: str
    account_id: int
    expiration: int
    """seconds of expireTime, not of l2ExpireTime"""
    synthetic: int
    collateral: int
    fee: int
    contract_id: int
    coin_id: int
    buying: bool


def order_hash(fields: OrderFields) -> bytes:
    """Struct hash of LimitOrderParams."""
    uint, sint = eip712.uint, eip712.sint
    base = keccak256(_BASE + uint(fields.nonce) + eip712.address(fields.signer) + uint(fields.account_id, 64) + uint(fields.expiration))
    amounts = sint(fields.synthetic) + sint(fields.collateral) + uint(fields.fee)
    assets = uint(fields.contract_id, 64) + uint(fields.coin_id, 64) + eip712.boolean(fields.buying)
    return keccak256(_ORDER + base + amounts + assets + _TAIL)


def margin_mode_hash(account_id: int, contract_id: int, mode: int, nonce: int, signer: str) -> bytes:
    """Struct hash of SetMarginPreferenceParams; mode 0 is cross, 1 isolated."""
    uint = eip712.uint
    return keccak256(_MARGIN + uint(account_id, 64) + uint(contract_id, 64) + uint(mode, 8) + uint(nonce) + eip712.address(signer))


def transfer_hash(sender: int, receiver: int, coin_id: int, amount: int, nonce: int, deadline_s: int, signer: str) -> bytes:
    """Struct hash of TransferParams."""
    uint = eip712.uint
    ends = uint(sender, 64) + uint(receiver, 64) + uint(coin_id, 64) + eip712.sint(amount)
    return keccak256(_TRANSFER + ends + uint(nonce) + uint(deadline_s) + eip712.address(signer))


def digest(domain: bytes, struct: bytes) -> bytes:
    """What the key signs."""
    return eip712.digest(domain, struct)


def flow_digest(typed: Mapping[str, Any], attempt: Mapping[str, Any], contract: str, primary: str = "AssetFlowAttempt") -> bytes:
    """The digest of an asset flow that the server put into typed data, after checking that it says what we asked for.

    :param typed: answer of getEIP712Data: types, primaryType, domain, messageJson
    :param attempt: what we asked for
    :param contract: the only verifying contract that is signed for
    :raises SigningRefused: when types, domain or a single field of the message are other than asked for
    """
    if typed.get("primaryType") != primary:
        raise SigningRefused(f"asked to sign a {typed.get('primaryType')!r} instead of {primary}")
    raw = (typed.get("types") or {}).get(primary)
    rows = raw.get("fields") if isinstance(raw, Mapping) else raw
    fields = tuple((str(row.get("name")), str(row.get("type"))) for row in rows or () if isinstance(row, Mapping))
    if sorted(fields, key=str) != sorted(FLOW_FIELDS, key=str):
        raise SigningRefused("the type to sign has other fields than an asset flow")
    domain = {name: value for name, value in (typed.get("domain") or {}).items() if value not in (None, "")}
    if domain.get("name") != "edgeX Asset Flow" or str(domain.get("verifyingContract", "")).lower() != contract.lower():
        raise SigningRefused("the domain to sign for is not edgeX's asset flow")
    message = typed.get("message")
    if message is None:
        try:
            message = json.loads(typed.get("messageJson") or "")
        except ValueError:
            raise SigningRefused("the message to sign is not JSON") from None
    if not isinstance(message, Mapping):
        raise SigningRefused("the message to sign is no object")
    for name, kind in FLOW_FIELDS[1:]:
        told, asked = str(message.get(name)), str(attempt.get(name))
        if (told.lower() != asked.lower()) if kind == "address" else (told != asked):
            raise SigningRefused(f"the message to sign has another {name} than was asked for")
    values = {name: str(message.get(name, "")) for name, _ in FLOW_FIELDS}
    known = {"name": "name", "version": "version", "verifyingContract": "verifyingContract"}
    parts: dict[str, Any] = {name: str(domain[name]) for name in known if name in domain}
    if "chainId" in domain:
        parts["chainId"] = chain_number(domain["chainId"])
    types = {primary: [{"name": name, "type": kind} for name, kind in fields]}
    return eip712.typed_data_hash(parts, types, primary, values)
