"""Who signed: actions hashed with msgpack, typed data recovered with eth-account. Nothing here is shared with the class under test."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak

from ccxt_dex._ccxt import SyncExchange

ZERO = "0x0000000000000000000000000000000000000000"
DOMAIN_TYPE = [
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
    {"name": "verifyingContract", "type": "address"},
]
AGENT = [{"name": "source", "type": "string"}, {"name": "connectionId", "type": "bytes32"}]
STRING, ADDRESS, NUMBER, BOOL = "string", "address", "uint64", "bool"
# action -> primary type, its fields; the first field of all is hyperliquidChain
OWNERS: Mapping[str, tuple[str, dict[str, str]]] = {
    "usdSend": ("UsdSend", {"destination": STRING, "amount": STRING, "time": NUMBER}),
    "withdraw3": ("Withdraw", {"destination": STRING, "amount": STRING, "time": NUMBER}),
    "spotSend": ("SpotSend", {"destination": STRING, "token": STRING, "amount": STRING, "time": NUMBER}),
    "usdClassTransfer": ("UsdClassTransfer", {"amount": STRING, "toPerp": BOOL, "nonce": NUMBER}),
    "sendAsset": (
        "SendAsset",
        {"destination": STRING, "sourceDex": STRING, "destinationDex": STRING, "token": STRING, "amount": STRING, "fromSubAccount": STRING, "nonce": NUMBER},
    ),
    "approveAgent": ("ApproveAgent", {"agentAddress": ADDRESS, "agentName": STRING, "nonce": NUMBER}),
    "approveBuilderFee": ("ApproveBuilderFee", {"maxFeeRate": STRING, "builder": ADDRESS, "nonce": NUMBER}),
    "userDexAbstraction": ("UserDexAbstraction", {"user": ADDRESS, "enabled": BOOL, "nonce": NUMBER}),
    "userSetAbstraction": ("UserSetAbstraction", {"user": ADDRESS, "abstraction": STRING, "nonce": NUMBER}),
}  # fmt: skip
DAY = 86_400_000
KEPT_NONCES = 100
PACK: Callable[[Any], bytes] = getattr(SyncExchange, "packb")  # noqa: B009 (the msgpack library that ccxt carries)


class Unsigned(Exception):
    """The request cannot be attributed to anybody; the text is the venue's."""


class Identity:
    """Accounts, API wallets, nonces."""

    def __init__(self, seed: int, clock: Callable[[], int], network: str) -> None:
        self._seed, self._clock, self._network = seed, clock, network
        self.accounts: dict[str, str] = {}
        """address of an account -> its name in the engine"""
        self.agents: dict[str, dict[str, Any]] = {}
        """address of an API wallet -> {"user", "name", "validUntil"}"""
        self.subs: dict[str, dict[str, str]] = {}
        """address of a sub-account -> {"master", "name"}"""
        self._nonces: dict[str, list[int]] = {}

    def key(self, name: str) -> str:
        return "0x" + hashlib.sha256(f"hyperliquid paper {self._seed} {name}".encode()).hexdigest()

    @staticmethod
    def address_of(key: str) -> str:
        return str(Account.from_key(key).address).lower()

    def sub_address(self, master: str, name: str) -> str:
        return "0x" + hashlib.sha256(f"{master} {name}".encode()).hexdigest()[:40]

    # --- signatures -------------------------------------------------------------------------------------------------------------------

    def signer_of(self, body: Mapping[str, Any]) -> str:
        """The address that signed a request.

        :raises Unsigned: the request is malformed
        """
        action, nonce, signature = body["action"], body["nonce"], body["signature"]
        if not isinstance(nonce, int) or not isinstance(action, Mapping):
            raise Unsigned("Failed to deserialize the JSON body into the target type")
        vrs = (int(signature["v"]), int(signature["r"], 16), int(signature["s"], 16))
        kind = str(action.get("type"))
        message = self._owner_message(action, kind, nonce) if kind in OWNERS else self._agent_message(body)
        try:
            return str(Account.recover_message(encode_typed_data(full_message=message), vrs=vrs)).lower()
        except Exception as error:
            raise Unsigned(f"Invalid signature: {type(error).__name__}") from None

    def _agent_message(self, body: Mapping[str, Any]) -> dict[str, Any]:
        data = bytes(PACK(body["action"])) + int(body["nonce"]).to_bytes(8, "big")
        vault, expires = body.get("vaultAddress"), body.get("expiresAfter")
        data += b"\x00" if vault is None else b"\x01" + bytes.fromhex(str(vault).removeprefix("0x"))
        if expires is not None:
            data += b"\x00" + int(expires).to_bytes(8, "big")
        return {
            "domain": {"name": "Exchange", "version": "1", "chainId": 1337, "verifyingContract": ZERO},
            "types": {"EIP712Domain": DOMAIN_TYPE, "Agent": AGENT},
            "primaryType": "Agent",
            "message": {"source": "a" if self._network == "mainnet" else "b", "connectionId": keccak(data)},
        }

    def _owner_message(self, action: Mapping[str, Any], kind: str, nonce: int) -> dict[str, Any]:
        name, fields = OWNERS[kind]
        stamp = "time" if "time" in fields else "nonce"
        if action.get(stamp) != nonce or action.get("hyperliquidChain") != self._network.capitalize():
            raise Unsigned("Invalid nonce or chain of a user-signed action")
        types = [{"name": "hyperliquidChain", "type": STRING}, *({"name": field, "type": type_} for field, type_ in fields.items())]
        message = {"hyperliquidChain": action["hyperliquidChain"], **{field: action.get(field, "") for field in fields}}
        primary = f"HyperliquidTransaction:{name}"
        chain = int(str(action["signatureChainId"]), 16)
        return {
            "domain": {"name": "HyperliquidSignTransaction", "version": "1", "chainId": chain, "verifyingContract": ZERO},
            "types": {"EIP712Domain": DOMAIN_TYPE, primary: types},
            "primaryType": primary,
            "message": message,
        }

    # --- who may what -----------------------------------------------------------------------------------------------------------------

    def master_of(self, signer: str, owner_only: bool) -> str:
        """The account that a signer acts for.

        :raises Unsigned: nobody's, or an API wallet where the account's own key is wanted
        """
        if signer in self.accounts and signer not in self.subs:
            return signer
        agent = self.agents.get(signer)
        if agent is None or owner_only or agent["validUntil"] <= self._clock():
            raise Unsigned(f"User or API Wallet {signer} does not exist.")
        return str(agent["user"])

    def use_nonce(self, signer: str, nonce: int) -> None:
        """The 100 highest per signer are kept; a new one must be above the lowest of them, unused and near the clock."""
        now, kept = self._clock(), self._nonces.setdefault(signer, [])
        if not now - 2 * DAY < nonce < now + DAY:
            raise Unsigned(f"Invalid nonce: {nonce} is too far from the current time")
        if nonce in kept or (len(kept) >= KEPT_NONCES and nonce <= kept[0]):
            raise Unsigned(f"Invalid nonce: duplicate nonce {nonce}")
        kept.append(nonce)
        kept.sort()
        del kept[:-KEPT_NONCES]

    def role(self, address: str) -> dict[str, Any]:
        if address in self.subs:
            return {"role": "subAccount", "data": {"master": self.subs[address]["master"]}}
        if address in self.agents:
            return {"role": "agent", "data": {"user": self.agents[address]["user"]}}
        return {"role": "user"} if address in self.accounts else {"role": "missing"}
