"""Who signed what: EIP-712 by eth-account, from the types of the venue's documentation and SDK, not from those we sign with."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from decimal import ROUND_DOWN, Decimal
from typing import Any

from eth_account import Account
from eth_account.messages import encode_typed_data

HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
MAX_LIFE_NS = 30 * 86_400 * 1_000_000_000
TEXTS = {
    1012: "Invalid signature chain ID",
    2000: "Signature is from an unauthorized signer",
    2001: "Signature has expired",
    2002: "Signature does not match payload",
    2005: "Signature V must be 27/28",
    2006: "Signature R/S must have exactly 64 characters long without 0x prefix",
    2007: "Signature S must be in the lower half of the curve",
    2008: "Signature exceeds maximum allowed duration.",
}
TIME_IN_FORCE = {"GOOD_TILL_TIME": 1, "ALL_OR_NONE": 2, "IMMEDIATE_OR_CANCEL": 3, "FILL_OR_KILL": 4, "RETAIL_PRICE_IMPROVEMENT": 5}
MARGIN_TYPES = {"ISOLATED": 1, "CROSS": 2}


def _fields(text: str) -> list[dict[str, str]]:
    return [{"name": each.split()[1], "type": each.split()[0]} for each in text.split(", ")]


TAIL = "uint32 nonce, int64 expiration"
LEG = _fields("uint256 assetID, uint64 contractSize, uint64 limitPrice, bool isBuyingContract")
HEAD = "uint64 subAccountID, bool isMarket, uint8 timeInForce, bool postOnly, bool reduceOnly, OrderLeg[] legs"
ACCOUNTS = "address fromAccount, uint64 fromSubAccount, address toAccount, uint64 toSubAccount, uint8 tokenCurrency, uint64 numTokens"
TYPES: dict[str, dict[str, Any]] = {
    "Order": {"Order": _fields(f"{HEAD}, {TAIL}"), "OrderLeg": LEG},
    "OrderWithBuilderFee": {"OrderWithBuilderFee": _fields(f"{HEAD}, address builder, uint32 builderFee, {TAIL}"), "OrderLeg": LEG},
    "Transfer": {"Transfer": _fields(f"{ACCOUNTS}, {TAIL}")},
    "Withdrawal": {"Withdrawal": _fields(f"address fromAccount, address toEthAddress, uint8 tokenCurrency, uint64 numTokens, {TAIL}")},
    "WalletLogin": {"WalletLogin": _fields(f"address signer, {TAIL}")},
    "AuthorizeBuilder": {
        "AuthorizeBuilder": _fields(
            f"address mainAccountID, address builderAccountID, uint32 maxFutureFeeRate, uint32 maxSpotFeeRate, {TAIL}"
        )
    },
    "SetSubAccountPositionMarginConfig": {
        "SetSubAccountPositionMarginConfig": _fields(f"uint64 subAccountID, uint256 asset, uint8 marginType, int32 leverage, {TAIL}")
    },
    "AddIsolatedPositionMargin": {"AddIsolatedPositionMargin": _fields(f"uint64 subAccountID, uint256 asset, int64 amount, {TAIL}")},
}


class BadSignature(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(TEXTS[code])
        self.code = code


def private_key(text: str) -> str:
    """A throwaway key from a text."""
    return "0x" + hashlib.sha256(f"grvt paper {text}".encode()).hexdigest()


def address_of(key: str) -> str:
    return str(Account.from_key(key).address).lower()


def units(value: Any, decimals: int) -> int:
    return int((Decimal(str(value)) * 10**decimals).to_integral_value(ROUND_DOWN))


def order_message(order: Mapping[str, Any], instruments: Mapping[str, tuple[str, int]]) -> tuple[str, dict[str, Any]]:
    """Primary type and message of an order."""
    legs = []
    for leg in order["legs"]:
        asset, decimals = instruments[leg["instrument"]]
        legs.append(
            {
                "assetID": int(asset, 16),
                "contractSize": units(leg["size"], decimals),
                "limitPrice": units(leg.get("limit_price") or 0, 9),
                "isBuyingContract": bool(leg.get("is_buying_asset")),
            }
        )
    message: dict[str, Any] = {
        "subAccountID": int(order["sub_account_id"]),
        "isMarket": bool(order.get("is_market")),
        "timeInForce": TIME_IN_FORCE[order["time_in_force"]],
        "postOnly": bool(order.get("post_only")),
        "reduceOnly": bool(order.get("reduce_only")),
        "legs": legs,
    }
    if order.get("builder"):
        return "OrderWithBuilderFee", {**message, "builder": order["builder"], "builderFee": units(order["builder_fee"], 4)}
    return "Order", message


def signer_of(kind: str, message: Mapping[str, Any], signature: Any, chain_id: int, now_ms: int) -> str:
    """The address that signed.

    :raises BadSignature: with the venue's code
    """
    signature = signature if isinstance(signature, dict) else {}
    if signature.get("v") not in (27, 28, "27", "28"):
        raise BadSignature(2005)
    r, s = (str(signature.get(name) or "").removeprefix("0x") for name in "rs")
    if not re.fullmatch(r"[0-9a-fA-F]{64}", r) or not re.fullmatch(r"[0-9a-fA-F]{64}", s):
        raise BadSignature(2006)
    if int(s, 16) > HALF_ORDER:
        raise BadSignature(2007)
    if str(signature.get("chain_id") or "0") not in ("0", str(chain_id)):
        raise BadSignature(1012)
    try:
        nonce, expiration = int(signature["nonce"]), int(signature["expiration"])
    except (KeyError, TypeError, ValueError):
        raise BadSignature(2002) from None
    if expiration <= now_ms * 1_000_000:
        raise BadSignature(2001)
    if expiration > now_ms * 1_000_000 + MAX_LIFE_NS:
        raise BadSignature(2008)
    domain = {"name": "GRVT Exchange", "version": "0", "chainId": chain_id}
    try:
        signable = encode_typed_data(domain, TYPES[kind], {**message, "nonce": nonce, "expiration": expiration})
        found = Account.recover_message(signable, vrs=(int(signature["v"]), int(r, 16), int(s, 16)))
    except Exception:
        raise BadSignature(2002) from None
    if str(found).lower() != str(signature.get("signer") or "").lower():
        raise BadSignature(2002)
    return str(found).lower()
