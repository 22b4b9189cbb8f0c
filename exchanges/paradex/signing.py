"""What is signed, to the byte. Pure: hashes and fields; the signatures themselves are made by a signer.

Pages: docs.paradex.trade "API Authentication" and POST /auth (SNIP-12 revision 0, Pedersen); vectors of paradex-py 0.8.2.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, NamedTuple

from ccxt_dex.signers import stark
from ccxt_dex.signers.typed_data import Prepared, felt

__all__ = [
    "Config",
    "address_v1",
    "address_v2",
    "claims",
    "key_request",
    "login_hash",
    "login_headers",
    "modify_hash",
    "onboarding_hash",
    "order_hash",
    "quantums",
    "same_address",
    "signature_text",
]

QUANTUM = Decimal(10) ** 8
LOGIN_PATH = "/v1/auth"
SIDES = {"BUY": 1, "SELL": 2}
_ORDER = ("timestamp", "market", "side", "orderType", "size", "price")
_STRUCTS: dict[str, tuple[str, ...]] = {
    "Order": _ORDER,
    "ModifyOrder": (*_ORDER, "id"),
    "Request": ("method", "path", "body", "timestamp", "expiration"),
    "Constant": ("action",),
}
_DOMAIN_FIELDS = ("name", "chainId", "version")


class Config(NamedTuple):
    """What of GET /system/config signing depends on.

    :ivar l1_chain_id: of the Ethereum network whose wallets the venue knows
    :ivar chain_id: the Paradex chain, as a field element
    """

    l1_chain_id: int
    chain_id: int
    account_hash: int
    proxy_hash: int
    evm_account_hash: int

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Config:
        """:raises ValueError: something is missing or no number"""
        try:
            return cls(
                int(answer["l1_chain_id"]),
                stark.short_string(str(answer["starknet_chain_id"])),
                int(str(answer["paraclear_account_hash"]), 16),
                int(str(answer["paraclear_account_proxy_hash"]), 16),
                int(str(answer.get("paraclear_evm_account_hash") or "0"), 16),
            )
        except KeyError as error:
            raise ValueError(f"the system configuration lacks {error}") from None


# --- hashes ------------------------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def prepared(struct: str, chain_id: int, account: int) -> Prepared:
    """A struct of one chain and account with its constant part hashed: half of the work of every order."""
    names = {"StarkNetDomain": _DOMAIN_FIELDS, struct: _STRUCTS[struct]}
    types = {name: [{"name": field, "type": "felt"} for field in fields] for name, fields in names.items()}
    return Prepared({"name": "Paradex", "chainId": chain_id, "version": 1}, types, struct, account)


def quantums(number: Any) -> int:
    """A size or price as the venue signs it: in units of 1e-8, exactly.

    :raises ValueError: no number, negative, or finer than that
    """
    try:
        scaled = Decimal(str(number)) * QUANTUM
    except InvalidOperation:
        raise ValueError(f"not a number: {number!r}") from None
    if not scaled.is_finite() or scaled < 0 or scaled != scaled.to_integral_value():
        raise ValueError(f"cannot be signed exactly in units of 1e-8: {number!r}")
    return int(scaled)


def order_fields(body: Mapping[str, Any]) -> tuple[int, ...]:
    """The signed fields of an order, taken from the very body that is sent; market orders sign a price of zero."""
    kind = str(body["type"])
    return (
        int(body["signature_timestamp"]),
        stark.short_string(str(body["market"])),
        SIDES[body["side"]],
        stark.short_string(kind),
        quantums(body["size"]),
        0 if kind.endswith("MARKET") else quantums(body["price"]),
    )


def order_hash(body: Mapping[str, Any], chain_id: int, account: int) -> int:
    """What is signed for a new order."""
    return prepared("Order", chain_id, account).hash_fields(order_fields(body))


def modify_hash(body: Mapping[str, Any], chain_id: int, account: int) -> int:
    """What is signed for the change of an order."""
    return prepared("ModifyOrder", chain_id, account).hash_fields((*order_fields(body), felt(str(body["id"]))))


def login_hash(timestamp: int, expiration: int, chain_id: int, account: int) -> int:
    """What is signed for a token.

    :param timestamp: unix seconds
    :param expiration: of the signature, unix seconds
    """
    fields = (stark.short_string("POST"), stark.short_string(LOGIN_PATH), 0, timestamp, expiration)
    return prepared("Request", chain_id, account).hash_fields(fields)


def onboarding_hash(chain_id: int, account: int) -> int:
    """What is signed to register an account."""
    return prepared("Constant", chain_id, account).hash_fields((stark.short_string("Onboarding"),))


def signature_text(pair: tuple[int, int]) -> str:
    """r and s the way the venue takes them."""
    return f'["{pair[0]}","{pair[1]}"]'


def login_headers(address: int, signature: tuple[int, int], timestamp: int, expiration: int, isolated: bool = False) -> dict[str, str]:
    """The headers of POST /auth.

    :param isolated: authorise the isolated-margin accounts of the account too
    """
    headers = {
        "PARADEX-STARKNET-ACCOUNT": hex(address),
        "PARADEX-STARKNET-SIGNATURE": signature_text(signature),
        "PARADEX-TIMESTAMP": str(timestamp),
        "PARADEX-SIGNATURE-EXPIRATION": str(expiration),
    }
    if isolated:
        headers["PARADEX-AUTHORIZE-ISOLATED-MARKETS"] = "true"
    return headers


# --- accounts ----------------------------------------------------------------------------------------------------------------------------


def key_request(l1_chain_id: int) -> tuple[dict[str, Any], dict[str, Any], str, dict[str, Any]]:
    """What an Ethereum wallet signs for its Stark key: domain, types, primary type and message of EIP-712."""
    domain = {"name": "Paradex", "version": "1", "chainId": l1_chain_id}
    return domain, {"Constant": [{"name": "action", "type": "string"}]}, "Constant", {"action": "STARK Key"}


def address_v1(public_key: int, config: Config) -> int:
    """The account that a Stark key owns."""
    calldata = (config.account_hash, stark.selector("initialize"), 2, public_key, 0)
    return stark.compute_address(config.proxy_hash, calldata, public_key)


def address_v2(ethereum_address: str, config: Config) -> int:
    """The account that an Ethereum wallet owns (sign-in with Ethereum)."""
    number = int(ethereum_address, 16)
    return stark.compute_address(config.evm_account_hash, (3, number, 1), number)


def same_address(one: str, other: str) -> bool:
    """Whether two spellings (leading zeros, case) are one address."""
    try:
        return int(one, 16) == int(other, 16)
    except ValueError:
        return False


def claims(token: str) -> dict[str, Any]:
    """What a token says of itself, unverified; {} for a token that cannot be read."""
    try:
        body = token.split(".")[1]
        decoded = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (IndexError, ValueError):
        return {}
    return decoded if isinstance(decoded, dict) else {}
