"""The markets of the paper venue. BTC-USD's rules are those of the live sample in ccxt's class (2026-04-29), the others composed after it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ccxt_dex.paper.listing import listed
from ccxt_dex.paper.types import Market

# base, tick, step, least, max leverage, start price, asset precision, synthetic id
TABLE: tuple[tuple[str, ...], ...] = (
    ("BTC", "1", "0.00001", "0.0001", "50", "61997", "5", "0x4254432d3600000000000000000000"),
    ("ETH", "0.1", "0.001", "0.01", "50", "1637.7", "3", "0x4554482d3600000000000000000000"),
    ("SOL", "0.01", "0.01", "0.1", "20", "64.49", "2", "0x534f4c2d3600000000000000000000"),
)
MAKER, TAKER = Decimal(0), Decimal("0.00025")
MAX_OPEN_ORDERS = 200
MAX_VALUE = {"LIMIT": Decimal(15_000_000), "MARKET": Decimal(3_000_000)}
RESOLUTION = 1_000_000
COLLATERAL = "0x1"
BAND = Decimal("0.05")


def markets() -> list[Market]:
    return [_market(*row) for row in TABLE]


def _market(base: str, tick: str, step: str, least: str, leverage: str, price: str, precision: str, synthetic: str) -> Market:
    return listed(
        f"{base}-USD",
        f"{base}/USDC",
        tick,
        step,
        price,
        min_qty=least,
        max_leverage=int(leverage),
        default_leverage=10,
        maker_fee=MAKER,
        taker_fee=TAKER,
        price_band=None,  # checked by the desk: conditional orders are held against their trigger
        info={"precision": int(precision), "synthetic": synthetic},
    )


def row(market: Market, active: bool, stats: dict[str, Any]) -> dict[str, Any]:
    """A market as GET /info/markets shows it."""
    return {
        "name": market.id,
        "uiName": market.id,
        "type": "PERPETUAL",
        "category": "Crypto",
        "subCategory": "L1",
        "assetName": market.base,
        "assetPrecision": market.info["precision"],
        "collateralAssetName": "USD",
        "collateralAssetPrecision": 6,
        "active": active,
        "status": "ACTIVE" if active else "DISABLED",
        "isRfq": False,
        "isOffHours": False,
        "tradingHours": "CONTINUOUS",
        "marketStats": stats,
        "tradingConfig": {
            "minOrderSize": str(market.min_qty),
            "minOrderSizeChange": str(market.step),
            "minPriceChange": str(market.tick),
            "maxMarketOrderValue": str(MAX_VALUE["MARKET"]),
            "maxLimitOrderValue": str(MAX_VALUE["LIMIT"]),
            "maxPositionValue": "60000000",
            "maxLeverage": f"{market.max_leverage}.00",
            "hourlyFundingRateCap": "0.25",
            "maxNumOrders": str(MAX_OPEN_ORDERS),
            "limitPriceCap": str(BAND),
            "limitPriceFloor": str(BAND),
            "riskFactorConfig": [
                {"upperBound": "4000000", "riskFactor": format(Decimal(1) / market.max_leverage, "f"), "isAvailableForUsers": True},
                {"upperBound": "60000000", "riskFactor": "0.1", "isAvailableForUsers": True},
            ],
        },
        "l2Config": {
            "type": "STARKX",
            "collateralId": COLLATERAL,
            "syntheticId": market.info["synthetic"],
            "syntheticResolution": RESOLUTION,
            "collateralResolution": RESOLUTION,
        },
        "visibleOnUi": True,
        "createdAt": 1_752_829_532_673,
    }


ASSETS = [
    {
        "id": 1,
        "name": "USD",
        "symbol": "USD",
        "description": "USD Collateral",
        "precision": 6,
        "isActive": True,
        "isCollateral": True,
        "starkexId": COLLATERAL,
        "starkexResolution": RESOLUTION,
        "l1Id": "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48",
        "l1Resolution": RESOLUTION,
        "version": 3,
        "createdAt": 1_752_829_532_673,
        "type": "SPOT",
        "canBeUsedAsCollateral": True,
        "riskFactors": [],
        "availableForTradeFactors": [],
    }
]
ASSETS += [
    {
        **ASSETS[0],
        "id": number,
        "name": base,
        "symbol": base,
        "description": f"{base} perpetual",
        "precision": int(precision),
        "isCollateral": False,
        "starkexId": synthetic,
        "type": "PERPETUAL",
        "canBeUsedAsCollateral": False,
    }
    for number, (base, _, _, _, _, _, precision, synthetic) in enumerate(TABLE, 2)
]
