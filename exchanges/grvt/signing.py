"""What GRVT wants signed, to the byte. Pure.

Typed data (EIP-712) in the domain "GRVT Exchange", version "0", without a contract. Sources: grvt-pysdk 0.2.1 grvt_raw_signing.py and its main
of 2026-03-16 (OrderWithBuilderFee), ccxt 4.5.90 (WalletLogin), the settlement contracts (margin). A trigger is not part of what is signed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_DOWN, Context, Decimal
from functools import lru_cache
from typing import Any

from ccxt_dex.signers.eip712 import address, boolean, digest, domain_separator, sint, type_hash, uint
from ccxt_dex.signers.keccak import keccak256

__all__ = [
    "TIME_IN_FORCE",
    "add_margin",
    "order",
    "position_config",
    "transfer",
    "unsigned",
    "wallet_login",
    "wire_signature",
    "withdrawal",
]

Instruments = Mapping[str, tuple[str, int]]
"""instrument -> its hash (the asset id) and its base_decimals"""

EXACT = Context(prec=60, rounding=ROUND_DOWN)
PRICE_DECIMALS = 9
TOKEN_DECIMALS = 6
LEVERAGE_DECIMALS = 6
FEE_DECIMALS = 4  # a builder's fee is given in percent: "0.001" is a hundred-thousandth

TIME_IN_FORCE = {
    "GOOD_TILL_TIME": 1,
    "ALL_OR_NONE": 2,
    "IMMEDIATE_OR_CANCEL": 3,
    "FILL_OR_KILL": 4,
    "RETAIL_PRICE_IMPROVEMENT": 5,
}
MARGIN_TYPES = {"ISOLATED": 1, "CROSS": 2}

_LEG = "OrderLeg(uint256 assetID,uint64 contractSize,uint64 limitPrice,bool isBuyingContract)"
_HEAD = "uint64 subAccountID,bool isMarket,uint8 timeInForce,bool postOnly,bool reduceOnly,OrderLeg[] legs"
_TAIL = "uint32 nonce,int64 expiration"

LEG = type_hash(_LEG)
ORDER = type_hash(f"Order({_HEAD},{_TAIL}){_LEG}")
ORDER_WITH_BUILDER = type_hash(f"OrderWithBuilderFee({_HEAD},address builder,uint32 builderFee,{_TAIL}){_LEG}")
TRANSFER = type_hash(
    f"Transfer(address fromAccount,uint64 fromSubAccount,address toAccount,uint64 toSubAccount,uint8 tokenCurrency,uint64 numTokens,{_TAIL})"
)
WITHDRAWAL = type_hash(f"Withdrawal(address fromAccount,address toEthAddress,uint8 tokenCurrency,uint64 numTokens,{_TAIL})")
WALLET_LOGIN = type_hash(f"WalletLogin(address signer,{_TAIL})")
POSITION_CONFIG = type_hash(f"SetSubAccountPositionMarginConfig(uint64 subAccountID,uint256 asset,uint8 marginType,int32 leverage,{_TAIL})")
ADD_MARGIN = type_hash(f"AddIsolatedPositionMargin(uint64 subAccountID,uint256 asset,int64 amount,{_TAIL})")


@lru_cache(maxsize=8)
def domain(chain_id: int) -> bytes:
    """The domain of one of the venue's chains."""
    return domain_separator({"name": "GRVT Exchange", "version": "0", "chainId": chain_id})


def scaled(value: Any, decimals: int) -> int:
    """A decimal number in the smallest units, cut as the SDK cuts; whoever makes orders sees to it that nothing is left to cut.

    :param value: text or Decimal, never a float
    """
    if isinstance(value, float):
        raise TypeError("a float cannot be signed exactly")
    return int(EXACT.scaleb(Decimal(value), decimals).to_integral_value(ROUND_DOWN))


def unsigned(nonce: int, expiration_ns: int, chain_id: int) -> dict[str, Any]:
    """The signature object of a request before it is signed.

    :param nonce: 0 to 2^32 - 1, random: the same nonce with the same payload is taken for a repetition and ignored
    :param expiration_ns: unix nanoseconds, at most 30 days ahead
    """
    return {"signer": "", "r": "", "s": "", "v": 0, "expiration": str(expiration_ns), "nonce": nonce, "chain_id": str(chain_id)}


def wire_signature(fields: Mapping[str, Any], signer: str, signature: bytes) -> dict[str, Any]:
    """The signature object with what the key made of the digest (r, s, v in 65 bytes)."""
    return {**fields, "signer": signer, "r": f"0x{signature[:32].hex()}", "s": f"0x{signature[32:64].hex()}", "v": signature[64]}


def _tail(fields: Mapping[str, Any]) -> bytes:
    return uint(fields["nonce"], 32) + sint(fields["expiration"], 64)


def _legs(legs: Sequence[Mapping[str, Any]], instruments: Instruments) -> bytes:
    packed = []
    for leg in legs:
        asset, decimals = instruments[leg["instrument"]]
        price = scaled(leg.get("limit_price") or "0", PRICE_DECIMALS)
        words = uint(asset), uint(scaled(leg["size"], decimals), 64), uint(price, 64), boolean(leg["is_buying_asset"])
        packed.append(keccak256(LEG + b"".join(words)))
    return keccak256(b"".join(packed))


def order(wire: Mapping[str, Any], instruments: Instruments, chain_id: int) -> bytes:
    """The digest of an order as it goes over the wire; one that names a builder is another struct.

    :param wire: the order with its unsigned signature object
    """
    head = (
        uint(wire["sub_account_id"], 64)
        + boolean(wire["is_market"])
        + uint(TIME_IN_FORCE[wire["time_in_force"]], 8)
        + boolean(wire["post_only"])
        + boolean(wire["reduce_only"])
        + _legs(wire["legs"], instruments)
    )
    tail = _tail(wire["signature"])
    if "builder" in wire:
        fee = uint(scaled(wire["builder_fee"], FEE_DECIMALS), 32)
        return digest(domain(chain_id), keccak256(ORDER_WITH_BUILDER + head + address(wire["builder"]) + fee + tail))
    return digest(domain(chain_id), keccak256(ORDER + head + tail))


def wallet_login(signer: str, signature: Mapping[str, Any], chain_id: int) -> bytes:
    """The digest of a login with a wallet."""
    return digest(domain(chain_id), keccak256(WALLET_LOGIN + address(signer) + _tail(signature)))


def transfer(wire: Mapping[str, Any], currency_id: int, chain_id: int) -> bytes:
    """The digest of a transfer; `num_tokens` counts millionths."""
    words = (
        address(wire["from_account_id"])
        + uint(wire["from_sub_account_id"], 64)
        + address(wire["to_account_id"])
        + uint(wire["to_sub_account_id"], 64)
        + uint(currency_id, 8)
        + uint(scaled(wire["num_tokens"], TOKEN_DECIMALS), 64)
    )
    return digest(domain(chain_id), keccak256(TRANSFER + words + _tail(wire["signature"])))


def withdrawal(wire: Mapping[str, Any], currency_id: int, chain_id: int) -> bytes:
    """The digest of a withdrawal."""
    words = (
        address(wire["from_account_id"])
        + address(wire["to_eth_address"])
        + uint(currency_id, 8)
        + uint(scaled(wire["num_tokens"], TOKEN_DECIMALS), 64)
    )
    return digest(domain(chain_id), keccak256(WITHDRAWAL + words + _tail(wire["signature"])))


def position_config(wire: Mapping[str, Any], asset: str, chain_id: int) -> bytes:
    """The digest of a market's margin type and leverage."""
    words = (
        uint(wire["sub_account_id"], 64)
        + uint(asset)
        + uint(MARGIN_TYPES[wire["margin_type"]], 8)
        + sint(scaled(wire["leverage"], LEVERAGE_DECIMALS), 32)
    )
    return digest(domain(chain_id), keccak256(POSITION_CONFIG + words + _tail(wire["signature"])))


def add_margin(wire: Mapping[str, Any], asset: str, chain_id: int) -> bytes:
    """The digest of money moved into (positive) or out of an isolated position."""
    words = uint(wire["sub_account_id"], 64) + uint(asset) + sint(scaled(wire["amount"], TOKEN_DECIMALS), 64)
    return digest(domain(chain_id), keccak256(ADD_MARGIN + words + _tail(wire["signature"])))
