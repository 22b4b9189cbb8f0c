"""Markets of the local venue in the shapes of GET api/v1/markets; prices are where the seeded market starts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ccxt_dex.paper.listing import listed
from ccxt_dex.paper.types import Market

# base, tick, step, least, maximum leverage, price; composed after the documented SOL_USDC
TABLE: tuple[tuple[str, str, str, str, int, str], ...] = (
    ("BTC", "0.1", "0.00001", "0.00001", 50, "118343.5"),
    ("ETH", "0.01", "0.0001", "0.0001", 50, "3787.46"),
    ("SOL", "0.01", "0.01", "0.01", 20, "181.62"),
    ("HYPE", "0.001", "0.1", "0.1", 10, "44.215"),
)
# spot: coins change hands, nothing is borrowed for an order
SPOT = ("SOL", "0.01", "0.01", "181.60")
BAND = Decimal("0.25")
MAKER_FEE, TAKER_FEE = Decimal("0.0002"), Decimal("0.0005")
SPOT_MAKER_FEE, SPOT_TAKER_FEE = Decimal("0.0008"), Decimal("0.001")
EIGHT_HOURS = 28_800_000
BORROW_RATE = "0.0525"


def markets() -> list[Market]:
    found = [
        listed(
            f"{base}_USDC_PERP",
            f"{base}/USDC",
            tick,
            step,
            price,
            min_qty=least,
            max_leverage=top,
            default_leverage=10,
            maker_fee=MAKER_FEE,
            taker_fee=TAKER_FEE,
            price_band=BAND,
            funding_interval_ms=EIGHT_HOURS,
        )
        for base, tick, step, least, top, price in TABLE
    ]
    base, tick, step, price = SPOT
    spot = listed(
        f"{base}_USDC",
        f"{base}/USDC",
        tick,
        step,
        price,
        maker_fee=SPOT_MAKER_FEE,
        taker_fee=SPOT_TAKER_FEE,
        price_band=BAND,
        max_leverage=10,
        spot=True,
    )
    return [*found, spot]


def fraction(market: Market) -> dict[str, str]:
    return {"base": format(1 / Decimal(market.max_leverage), "f"), "factor": "0.0000935", "type": "sqrt"}


def row(market: Market) -> dict[str, Any]:
    spot = market.spot
    functions = (
        {"imfFunction": None, "mmfFunction": None}
        if spot
        else {
            "imfFunction": fraction(market),
            "mmfFunction": {**fraction(market), "base": format(1 / Decimal(2 * market.max_leverage), "f")},
        }
    )
    return {
        "baseSymbol": market.base,
        "createdAt": "2025-01-21T06:34:54.691858",
        "filters": {
            "price": {
                "maxImpactMultiplier": "1.03",
                "maxMultiplier": "1.25",
                "maxPrice": None,
                "meanMarkPriceBand": {"maxMultiplier": "1.15", "minMultiplier": "0.9"},
                "meanPremiumBand": None,
                "minImpactMultiplier": "0.97",
                "minMultiplier": "0.75",
                "minPrice": format(market.tick, "f"),
                "tickSize": format(market.tick, "f"),
            },
            "quantity": {"maxQuantity": None, "minQuantity": format(market.min_qty, "f"), "stepSize": format(market.step, "f")},
        },
        "fundingInterval": EIGHT_HOURS,
        "fundingRateLowerBound": None,
        "fundingRateUpperBound": None,
        "marketType": "SPOT" if spot else "PERP",
        "openInterestLimit": "0",
        "orderBookState": "Open" if market.active else "Closed",
        "quoteSymbol": "USDC",
        "symbol": market.id,
        "visible": True,
        **functions,
    }
