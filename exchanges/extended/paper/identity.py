"""Accounts, their keys, and what a client has to have signed: SNIP-12 revision 1 with Poseidon, by the paper side's own arithmetic."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from ccxt_dex.exchanges.extended.paper.markets import COLLATERAL, RESOLUTION
from ccxt_dex.paper import stark
from ccxt_dex.paper.server import Refused
from ccxt_dex.paper.types import Market

DOMAIN_TYPE = '"StarknetDomain"("name":"shortstring","version":"shortstring","chainId":"shortstring","revision":"shortstring")'
ORDER_TYPE = (
    '"Order"("position_id":"felt","base_asset_id":"AssetId","base_amount":"i64","quote_asset_id":"AssetId","quote_amount":"i64",'
    '"fee_asset_id":"AssetId","fee_amount":"u64","expiration":"Timestamp","salt":"felt")'
    '"PositionId"("value":"u32")"AssetId"("value":"felt")"Timestamp"("seconds":"u64")'
)
FORTNIGHT = 14 * 24 * 3600


def refused(status: int, code: int | str, message: str) -> Refused:
    return Refused(status, {"status": "ERROR", "error": {"code": code, "message": message}})


@dataclass
class Owner:
    """One sub-account of the venue."""

    name: str
    account: int
    vault: int
    api_key: str
    secret: int
    public: int


class Identity:
    def __init__(self, seed: int, chain: str) -> None:
        self._seed, self.chain = seed, chain
        self.owners: dict[str, Owner] = {}
        self.by_key: dict[str, Owner] = {}

    def secret(self, name: str) -> int:
        digest = hashlib.sha256(f"extended paper {self._seed} {name}".encode()).digest()
        return int.from_bytes(digest, "big") % (2**250) + 1

    def open(self, name: str) -> Owner:
        """The account of a name, made on first use."""
        if name not in self.owners:
            number, secret = len(self.owners) + 1, self.secret(name)
            api_key = hashlib.sha256(f"api key {self._seed} {name}".encode()).hexdigest()[:32]
            owner = Owner(name, 3000 + number, 10_000 + number, api_key, secret, stark.public_key(secret))
            self.owners[name] = self.by_key[api_key] = owner
        return self.owners[name]

    def caller(self, headers: Mapping[str, str]) -> Owner:
        """Who sent a request; the venue wants a User-Agent too."""
        if not headers.get("User-Agent"):
            raise refused(403, 403, "User-Agent header is required")
        owner = self.by_key.get(str(headers.get("X-Api-Key") or ""))
        if owner is None:
            raise refused(401, 401, "Invalid API key")
        return owner

    # --- signatures ------------------------------------------------------------------------------------------------------------

    def check(self, owner: Owner, body: Mapping[str, Any], market: Market, side: str, price: str, settlement: Any) -> int:
        """Refuses a settlement that is not this account's for exactly this order; returns the hash that was signed."""
        if not isinstance(settlement, Mapping):
            raise refused(400, 1101, "Invalid StarkEx signature")
        if _number(settlement.get("starkKey")) != owner.public:
            raise refused(400, 1100, "Invalid StarkEx public key")
        if str(settlement.get("collateralPosition")) != str(owner.vault):
            raise refused(400, 1102, "Invalid StarkEx vault")
        digest = self.digest(owner, body, market, side, price)
        signature = settlement.get("signature") or {}
        if not stark.verify(owner.public, digest, _number(signature.get("r")), _number(signature.get("s"))):
            raise refused(400, 1101, "Invalid StarkEx signature")
        return digest

    def digest(self, owner: Owner, body: Mapping[str, Any], market: Market, side: str, price: str) -> int:
        """The message hash of the order in a body, or of one of its exits (side and price are theirs)."""
        size, value = Decimal(str(body["qty"])), Decimal(str(body["qty"])) * Decimal(price)
        rate = Decimal(str(body["fee"])) + Decimal(str(body.get("builderFee") or 0))
        up = ROUND_CEILING if side == "BUY" else ROUND_FLOOR
        base, quote = (int((part * RESOLUTION).to_integral_value(up)) for part in (size, value))
        if side == "BUY":
            quote = -quote
        else:
            base = -base
        fee = int((rate * value * RESOLUTION).to_integral_value(ROUND_CEILING))
        milliseconds = int(body["expiryEpochMillis"])
        seconds = milliseconds // 1000 + (1 if milliseconds % 1000 else 0) + FORTNIGHT
        collateral = int(COLLATERAL, 16)
        fields = (
            owner.vault,
            int(market.info["synthetic"], 16),
            base,
            collateral,
            quote,
            collateral,
            fee,
            seconds,
            int(Decimal(str(body["nonce"]))),
        )
        order = stark.poseidon([stark.selector(ORDER_TYPE), *(field % stark.P for field in fields)])
        return self.message(owner.public, order)

    def message(self, public: int, struct: int) -> int:
        """The hash that is signed for the hash of a struct."""
        words = [stark.ascii_felt(word) for word in ("Perpetuals", "v0", self.chain)]
        domain = stark.poseidon([stark.selector(DOMAIN_TYPE), *words, 1])
        return stark.poseidon([stark.ascii_felt("StarkNet Message"), domain, public, struct])


def _number(value: Any) -> int:
    try:
        return int(str(value), 16)
    except ValueError:
        return 0
