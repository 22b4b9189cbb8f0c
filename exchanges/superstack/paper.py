"""Superstack's wallet service and Hyperliquid behind it: `ccxt_dex.paper.start("superstack")`.

The service signs with a throwaway key through eth-account; Hyperliquid's side recovers the address from the forwarded request, so a client that
rebuilds or reorders what it got is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from eth_account import Account
from eth_account.messages import encode_typed_data

from ccxt_dex.exchanges.hyperliquid.paper import Paper as Hyperliquid
from ccxt_dex.exchanges.hyperliquid.paper.adapter import UNLIMITED
from ccxt_dex.paper.server import Refused, Reply, Request, Route

VIEW, TRADING, TRANSFER = 1, 2, 4
NEEDS = {
    **dict.fromkeys(
        ("order", "cancel", "cancelByCloid", "scheduleCancel", "batchModify", "updateLeverage", "updateIsolatedMargin"), TRADING
    ),
    **dict.fromkeys(("usdSend", "spotSend", "usdClassTransfer"), TRANSFER),
}
STAMP = {"usdSend": "time", "spotSend": "time", "usdClassTransfer": "nonce"}
NAMES = {VIEW: "view", TRADING: "trading", TRANSFER: "transfer"}
KINDS = {"full": 7, "trade": 3, "view": 1}


class Paper(Hyperliquid):
    id = "superstack"
    defaults: ClassVar[Mapping[str, Any]] = {**Hyperliquid.defaults, "login": "full", "inject_builder": None}

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.api_keys: dict[str, tuple[str, int]] = {}
        """API key -> account, permissions"""
        self.last_nonce = 0

    def urls(self, http: str, ws: str) -> dict[str, Any]:
        return {"api": {**super().urls(http, ws)["api"], "wallet": http}}

    def routes(self) -> Iterable[Route]:
        return [*super().routes(), Route("GET", "/api/info", self.wallet_info), Route("POST", "/api/exchange", self.wallet_sign)]

    def credentials(self, name: str, kind: str | None = None) -> dict[str, Any]:
        """kind: full, trade (no transfers), view; "lookup" is full without the address."""
        wanted = str(kind or self.options["login"])
        permissions = KINDS["full" if wanted == "lookup" else wanted]
        address = super().credentials(name, kind="master")["walletAddress"]
        key = "ssk_" + hashlib.sha256(f"{self.seed} {name} {permissions}".encode()).hexdigest()
        self.api_keys[key] = (name, permissions)
        config = {"apiKey": key, **UNLIMITED}
        return config if wanted == "lookup" else {**config, "walletAddress": address}

    def wrong_key(self, name: str) -> dict[str, Any]:
        return {"apiKey": "ssk_" + "0" * 64}

    def tokens(self) -> list[str]:
        return list(self.api_keys)

    def holder(self, request: Request, needed: int) -> str:
        """The account behind the Bearer key."""
        scheme, _, key = str(request.headers.get("Authorization") or "").partition(" ")
        if scheme != "Bearer" or key not in self.api_keys:
            raise Refused(401, {"error": "Authentication failed, invalid API key"})
        name, permissions = self.api_keys[key]
        if not permissions & needed:
            raise Refused(403, {"error": f"API key does not have {NAMES[needed]} permission"})
        request.account = name
        return name

    async def wallet_info(self, request: Request) -> Any:
        name = self.holder(request, VIEW)
        key = str(request.headers.get("Authorization")).partition(" ")[2]
        address: str = self.address_of(name)
        wallets = [
            {"address": "y26ft6rWWoKdD2beLHhKqxrAM1sg1h23KDU6TBwt2aq", "network": "Solana", "wallet_set": "Main"},
            {"address": address, "network": "Ethereum", "wallet_set": "Main"},
        ]
        api = {
            "id": "c09ecb70-6df8-4024-a365-cbc6494b0464",
            "created_at": 1758895380,
            "ip_whitelist": None,
            "permissions": self.api_keys[key][1],
        }
        return {"user_info": {"id": "6c888719-5e83-4ba7-81b3-432ba501f1f9", "wallets": wallets}, "api_info": api}

    async def wallet_sign(self, request: Request) -> Any:
        try:
            body = request.json()
            action = dict(body["action"])
            needed = NEEDS[action["type"]]
        except (ValueError, KeyError, TypeError):
            return Reply({"error": "Unknown action"}, 400)
        name = self.holder(request, needed)
        vault, expires = body.get("vaultAddress"), body.get("expiresAfter")
        if vault is not None and not (str(vault).startswith("0x") and len(str(vault)) == 42):
            return Reply({"error": "Invalid vaultAddress"}, 400)
        self.last_nonce = nonce = max(self.last_nonce + 1, self.time())
        if action["type"] in STAMP:
            if any(field in action for field in ("nonce", "time", "signatureChainId", "hyperliquidChain")):
                return Reply({"error": "unknown field"}, 400)
            chain = {"signatureChainId": "0x66eee", "hyperliquidChain": self.options["network"].capitalize()}
            action.update({STAMP[action["type"]]: nonce, **chain})
        elif self.options["inject_builder"]:
            action["builder"] = self.options["inject_builder"]
        payload = {"action": action, "nonce": nonce, "vaultAddress": vault, "expiresAfter": expires}
        return {"payload": {**payload, "signature": self.signature(name, payload)}}

    def signature(self, name: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """r, s and v the way the official SDK writes them, without leading zeros."""
        kind = payload["action"]["type"]
        identity = self.identity
        message = identity._owner_message(payload["action"], kind, payload["nonce"]) if kind in STAMP else identity._agent_message(payload)
        signed = Account.from_key(identity.key(name)).sign_message(encode_typed_data(full_message=message))
        return {"r": hex(signed.r), "s": hex(signed.s), "v": signed.v}
