"""What the local venue lists: one of every kind of instrument, and one of a kind that nobody knows (rows composed after recordings of August
and September 2026)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Any

from ccxt_dex.paper.types import Market

CLASSES = {"equity": "EQY", "index": "IDX", "commodity": "CMD", "etf": "ETF"}
CHAIN_ADDRESS = "0x6982508145454ce325ddbe47a25d4ec3d2311933"
MIN_NOTIONAL = Decimal("0.1")


@dataclass(frozen=True)
class Listing:
    coin: str
    name: str
    kind: str
    price: str
    interval: int
    group: str | None = None
    token: str | None = None
    leverage: int = 50


LISTINGS = (
    Listing("BTC", "Bitcoin", "perpetual_future", "63346.75", 28800),
    Listing("ETH", "Ethereum", "perpetual_future", "1884.97", 28800),
    Listing("SOL", "Solana", "perpetual_future", "71.7001", 28800),
    Listing("PEPE", "Pepe", "perpetual_future", "0.00002528", 14400, token=CHAIN_ADDRESS, leverage=10),
    Listing("GOOGL", "Alphabet Inc. Class A", "perpetual_rwa_future", "231.42", 28800, "equity", leverage=20),
    Listing("XAU", "Gold", "perpetual_cfd", "3655.12", 14400, "commodity", leverage=50),
    Listing("US100S", "Nasdaq 100", "swap", "24512.30", 0, "index", leverage=20),
)
UNKNOWN_KIND = {"asset": "BTC-30DEC", "has_perp": True, "instrument_type": "dated_future", "price": "64000", "asset_class": None}


def instrument(listing: Listing) -> dict[str, Any]:
    """The object form, keys in the order in which the venue writes them."""
    made: dict[str, Any] = {"instrument_type": listing.kind, "underlying": listing.coin}
    if listing.kind == "perpetual_future":
        made["funding_interval_s"] = 3600
    elif listing.kind != "perpetual_rwa_future":
        made["funding_interval_s"] = listing.interval
    made["settlement_asset"] = "USDC"
    if listing.group is not None:
        made["kind"] = listing.group
    if listing.token is not None:
        made["dex_token_details"] = {"network": "ethereum", "underlying_address": listing.token}
    return made


def key(listing: Listing) -> str:
    """The key form."""
    if listing.kind == "perpetual_rwa_future":
        return f"P-RWA/{CLASSES[str(listing.group)]}-{listing.coin}-USDC"
    if listing.kind in ("swap", "perpetual_cfd"):
        return f"C-{CLASSES[str(listing.group)]}-{listing.coin}-USDC-{listing.interval}"
    token = f"ethereum_{listing.token}-" if listing.token else ""
    return f"P-{token}{listing.coin}-USDC-3600"


def tick(price: Decimal) -> Decimal:
    """The smallest step of a size at a price: a power of ten not above 0.1 USDC's worth, and never above 1."""
    step = Decimal(1)
    while step * price > MIN_NOTIONAL:
        step /= 10
    return step


def least(price: Decimal) -> Decimal:
    step = tick(price)
    return (MIN_NOTIONAL / price / step).to_integral_value(ROUND_CEILING) * step


def markets() -> list[Market]:
    made = []
    for listing in LISTINGS:
        price = Decimal(listing.price)
        made.append(
            Market(
                id=key(listing),
                base=listing.coin,
                quote="USDC",
                settle="USDC",
                tick=Decimal(1).scaleb(price.adjusted() - 8),
                step=tick(price) / 100,
                min_qty=tick(price) / 100,
                price=price,
                max_qty=Decimal("1e12"),
                max_leverage=listing.leverage,
                default_leverage=5,
                maker_fee=Decimal(0),
                taker_fee=Decimal(0),
                funding_interval_ms=(listing.interval or 28800) * 1000,
                info={"listing": listing},
            )
        )
    return made


def resolve(found: Any) -> str | None:
    """The market id of an instrument object; None when it is not written exactly as the venue wants it."""
    if not isinstance(found, dict):
        return None
    for listing in LISTINGS:
        if instrument(listing) == found:
            return key(listing)
    return None
