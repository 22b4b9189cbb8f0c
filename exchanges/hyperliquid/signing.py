"""What Hyperliquid wants signed, to the byte. Pure.

Two kinds: actions of the exchange ("L1": msgpack of the action, nonce, vault and expiry, hashed into a phantom agent) and actions of the
account holder ("user-signed": typed data that a wallet shows). Source: hyperliquid-python-sdk 0.24.0, utils/signing.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ccxt_dex.signers.eip712 import address, boolean, digest, domain_separator, text, type_hash, uint
from ccxt_dex.signers.keccak import keccak256

__all__ = ["USER_SIGNED", "connection_id", "l1_digest", "pack", "split", "user_digest", "user_fields"]

ZERO = "0x" + "0" * 40
CHAIN_ID = "0x66eee"
EXCHANGE = domain_separator({"name": "Exchange", "version": "1", "chainId": 1337, "verifyingContract": ZERO})
AGENT = type_hash("Agent(string source,bytes32 connectionId)")
SOURCES = {True: text("a"), False: text("b")}
CHAINS = {True: "Mainnet", False: "Testnet"}

# action type -> primary type and its fields after hyperliquidChain
USER_SIGNED: Mapping[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "usdSend": ("UsdSend", (("destination", "string"), ("amount", "string"), ("time", "uint64"))),
    "withdraw3": ("Withdraw", (("destination", "string"), ("amount", "string"), ("time", "uint64"))),
    "spotSend": ("SpotSend", (("destination", "string"), ("token", "string"), ("amount", "string"), ("time", "uint64"))),
    "usdClassTransfer": ("UsdClassTransfer", (("amount", "string"), ("toPerp", "bool"), ("nonce", "uint64"))),
    "sendAsset": (
        "SendAsset",
        (
            *((name, "string") for name in ("destination", "sourceDex", "destinationDex", "token", "amount", "fromSubAccount")),
            ("nonce", "uint64"),
        ),
    ),
    "approveAgent": ("ApproveAgent", (("agentAddress", "address"), ("agentName", "string"), ("nonce", "uint64"))),
    "approveBuilderFee": ("ApproveBuilderFee", (("maxFeeRate", "string"), ("builder", "address"), ("nonce", "uint64"))),
    "userDexAbstraction": ("UserDexAbstraction", (("user", "address"), ("enabled", "bool"), ("nonce", "uint64"))),
    "userSetAbstraction": ("UserSetAbstraction", (("user", "address"), ("abstraction", "string"), ("nonce", "uint64"))),
    "tokenDelegate": ("TokenDelegate", (("validator", "address"), ("wei", "uint64"), ("isUndelegate", "bool"), ("nonce", "uint64"))),
    "convertToMultiSigUser": ("ConvertToMultiSigUser", (("signers", "string"), ("nonce", "uint64"))),
}


def _type_hash(name: str, fields: Sequence[tuple[str, str]]) -> bytes:
    listed = ",".join(f"{kind} {field}" for field, kind in (("hyperliquidChain", "string"), *fields))
    return type_hash(f"HyperliquidTransaction:{name}({listed})")


TYPE_HASHES = {action: _type_hash(name, fields) for action, (name, fields) in USER_SIGNED.items()}


def _uint64(value: Any) -> bytes:
    return uint(value, 64)


ENCODERS: Mapping[str, Callable[[Any], bytes]] = {"string": text, "address": address, "bool": boolean, "uint64": _uint64}


# --- msgpack -------------------------------------------------------------------------------------------------------------------------


def pack(value: Any) -> bytes:
    """msgpack as the venue hashes it: maps in insertion order, the shortest form of every integer, no floats.

    :raises TypeError: a float or another type that no action may hold
    :raises OverflowError: an integer beyond 64 bits
    """
    out = bytearray()
    _pack(value, out)
    return bytes(out)


def _pack(value: Any, out: bytearray) -> None:
    if isinstance(value, str):
        raw = value.encode()
        _head(len(raw), out, 0xA0, 32, (0xD9, 0xDA, 0xDB))
        out += raw
    elif value is True or value is False or value is None:
        out.append(0xC0 if value is None else 0xC2 + value)
    elif isinstance(value, int):
        _pack_int(value, out)
    elif isinstance(value, Mapping):
        _head(len(value), out, 0x80, 16, (None, 0xDE, 0xDF))
        for key, inner in value.items():
            _pack(key, out)
            _pack(inner, out)
    elif isinstance(value, (list, tuple)):
        _head(len(value), out, 0x90, 16, (None, 0xDC, 0xDD))
        for inner in value:
            _pack(inner, out)
    elif isinstance(value, (bytes, bytearray)):
        _head(len(value), out, 0, 0, (0xC4, 0xC5, 0xC6))
        out += value
    else:
        raise TypeError(f"no action holds a {type(value).__name__}")


def _head(size: int, out: bytearray, short: int, below: int, codes: tuple[int | None, int, int]) -> None:
    one, two, four = codes
    if size < below:
        out.append(short | size)
    elif one is not None and size < 1 << 8:
        out += bytes((one, size))
    elif size < 1 << 16:
        out.append(two)
        out += size.to_bytes(2, "big")
    else:
        out.append(four)
        out += size.to_bytes(4, "big")


def _pack_int(value: int, out: bytearray) -> None:
    if 0 <= value < 0x80:
        out.append(value)
    elif -0x20 <= value < 0:
        out.append(0x100 + value)
    elif value > 0:
        code = 0 if value < 1 << 8 else 1 if value < 1 << 16 else 2 if value < 1 << 32 else 3
        out.append(0xCC + code)
        out += value.to_bytes(1 << code, "big")
    else:
        code = 0 if value >= -(1 << 7) else 1 if value >= -(1 << 15) else 2 if value >= -(1 << 31) else 3
        out.append(0xD0 + code)
        out += value.to_bytes(1 << code, "big", signed=True)


# --- digests -------------------------------------------------------------------------------------------------------------------------


def connection_id(action: Any, nonce: int, vault: str | None = None, expires: int | None = None) -> bytes:
    """The hash of an action.

    :param nonce: unix ms
    :param vault: 0x address of the vault or sub-account that acts
    :param expires: unix ms
    """
    data = pack(action) + nonce.to_bytes(8, "big")
    data += b"\x00" if vault is None else b"\x01" + bytes.fromhex(vault.removeprefix("0x"))
    if expires is not None:
        data += b"\x00" + expires.to_bytes(8, "big")
    return keccak256(data)


def l1_digest(action: Any, nonce: int, vault: str | None = None, expires: int | None = None, mainnet: bool = True) -> bytes:
    """The 32 bytes to sign for an action of the exchange; parameters as in :func:`connection_id`."""
    return digest(EXCHANGE, keccak256(AGENT + SOURCES[mainnet] + connection_id(action, nonce, vault, expires)))


def user_fields(action: Mapping[str, Any], mainnet: bool = True) -> dict[str, Any]:
    """A user-signed action with the two fields that every one of them carries, in the SDK's order."""
    return {**action, "signatureChainId": CHAIN_ID, "hyperliquidChain": CHAINS[mainnet]}


def user_digest(action: Mapping[str, Any]) -> bytes:
    """The 32 bytes to sign for an action of the account holder.

    :param action: complete, see :func:`user_fields`
    :raises KeyError: an action that is not user-signed, or a missing field
    """
    kind = action["type"]
    struct = TYPE_HASHES[kind] + text(action["hyperliquidChain"])
    for name, wire in USER_SIGNED[kind][1]:
        struct += ENCODERS[wire](action[name])
    return digest(_user_domain(action["signatureChainId"]), keccak256(struct))


def _user_domain(chain: str) -> bytes:
    return domain_separator({"name": "HyperliquidSignTransaction", "version": "1", "chainId": int(chain, 16), "verifyingContract": ZERO})


def split(signature: bytes) -> dict[str, Any]:
    """65 bytes as the venue reads them."""
    return {"r": "0x" + signature[:32].hex(), "s": "0x" + signature[32:64].hex(), "v": signature[64]}
