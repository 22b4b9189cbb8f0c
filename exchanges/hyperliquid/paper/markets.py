"""What the local venue trades: the venue's own dex, one builders' dex, one spot pair to look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ccxt_dex.paper.types import Market

OWN = ""
HIP3_OFFSET = 110_000
MIN_VALUE = Decimal(10)
TAKER, MAKER = Decimal("0.00045"), Decimal("0.00015")


@dataclass(frozen=True)
class Listing:
    """One row of a universe."""

    coin: str
    price: str
    digits: int
    leverage: int
    table: int
    isolated_only: bool = False


LISTINGS: Mapping[str, tuple[Listing, ...]] = {
    OWN: (
        Listing("BTC", "60000", 5, 40, 56),
        Listing("ETH", "2500", 4, 25, 55),
        Listing("SOL", "150", 2, 20, 54),
        Listing("HYPE", "40", 2, 10, 10),
        Listing("DOGE", "0.2", 0, 10, 10),
        Listing("kPEPE", "0.012", 0, 10, 10),
    ),
    "xyz": (Listing("xyz:XYZ100", "25000", 4, 20, 20), Listing("xyz:TSLA", "400", 3, 10, 10, True)),
}
TIERS: Mapping[int, tuple[tuple[str, int], ...]] = {
    56: (("0.0", 40), ("150000000.0", 20)),
    55: (("0.0", 25), ("100000000.0", 15)),
    54: (("0.0", 20), ("70000000.0", 10)),
}
TOKENS: tuple[dict[str, Any], ...] = (
    {"name": "USDC", "szDecimals": 8, "weiDecimals": 8, "index": 0, "tokenId": "0x6d1e7cde53ba9467b783cb7c530ce054", "isCanonical": True,
     "evmContract": None, "fullName": None},
    {"name": "PURR", "szDecimals": 0, "weiDecimals": 5, "index": 1, "tokenId": "0xc1fb593aeffbeb02f85e0308e9956a90", "isCanonical": True,
     "evmContract": None, "fullName": None},
    {"name": "HYPE", "szDecimals": 2, "weiDecimals": 8, "index": 150, "tokenId": "0x0d01dc56dcaaca66ad901c959b4011ec", "isCanonical": True,
     "evmContract": None, "fullName": None},
    {"name": "UBTC", "szDecimals": 5, "weiDecimals": 10, "index": 197, "tokenId": "0x8f254b963e8468305d409b33aa137c67", "isCanonical": False,
     "evmContract": None, "fullName": "Unit Bitcoin"},
    {"name": "UETH", "szDecimals": 4, "weiDecimals": 9, "index": 221, "tokenId": "0xe1edd30daaf5caac3fe63569e24748da", "isCanonical": False,
     "evmContract": None, "fullName": "Unit Ethereum"},
    {"name": "USDH", "szDecimals": 2, "weiDecimals": 8, "index": 360, "tokenId": "0x54e00a5988577cb0b0c9ab0cb6ef7f4b", "isCanonical": False,
     "evmContract": None, "fullName": None},
)  # fmt: skip
PAIRS: tuple[dict[str, Any], ...] = (
    {"name": "PURR/USDC", "tokens": [1, 0], "index": 0, "isCanonical": True},
    {"name": "@107", "tokens": [150, 0], "index": 107, "isCanonical": False},
)
PAIR_PRICES = {"PURR/USDC": "0.15", "@107": "40.01"}


def market(listing: Listing) -> Market:
    step = Decimal(1).scaleb(-listing.digits)
    return Market(
        listing.coin,
        listing.coin.replace(":", "-").upper(),
        "USDC",
        "USDC",
        tick=Decimal(1).scaleb(-(6 - listing.digits)),
        step=step,
        min_qty=step,
        price=Decimal(listing.price),
        min_cost=MIN_VALUE,
        max_qty=Decimal(10**9),
        max_leverage=listing.leverage,
        default_leverage=min(20, listing.leverage),
        maker_fee=MAKER,
        taker_fee=TAKER,
        isolated_only=listing.isolated_only,
        info={"digits": listing.digits},
    )


def markets() -> list[Market]:
    return [market(listing) for listings in LISTINGS.values() for listing in listings]


def assets() -> dict[int, str]:
    """Asset number -> coin."""
    found = {}
    for number, (dex, listings) in enumerate(LISTINGS.items()):
        offset = 0 if dex == OWN else HIP3_OFFSET + (number - 1) * 10_000
        found.update({offset + index: listing.coin for index, listing in enumerate(listings)})
    return found


def dex_of(coin: str) -> str:
    return coin.split(":")[0] if ":" in coin else OWN


def price_allowed(price: Decimal, digits: int) -> bool:
    """At most five significant digits and 6 - szDecimals decimals; integers always."""
    if price == price.to_integral_value():
        return True
    exponent = int(price.normalize().as_tuple().exponent)
    return len(price.normalize().as_tuple().digits) <= 5 and -exponent <= 6 - digits


def meta(dex: str, active: Mapping[str, Market]) -> dict[str, Any]:
    """The universe of a dex."""
    universe = []
    for row in LISTINGS[dex]:
        entry: dict[str, Any] = {"szDecimals": row.digits, "name": row.coin, "maxLeverage": row.leverage, "marginTableId": row.table}
        if row.isolated_only:
            entry.update(onlyIsolated=True, marginMode="strictIsolated")
        if not active[row.coin].active:
            entry["isDelisted"] = True
        universe.append(entry)
    tables = [
        [number, {"description": f"tiered {rows[0][1]}x", "marginTiers": [{"lowerBound": low, "maxLeverage": top} for low, top in rows]}]
        for number, rows in TIERS.items()
    ]
    return {"universe": universe, "marginTables": tables, "collateralToken": 0}
