"""Three perpetuals, in the shape of `orderBookDetails` as recorded on 2026-05-05, with round start prices."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ccxt_dex.paper.types import Market

FIRST_SPOT = 2048
MAKER_FEE_TICKS, TAKER_FEE_TICKS = 28, 196  # millionths, as in a recorded trade of 2026-05

# id, symbol, size decimals, price decimals, smallest size, start price, margin fractions (1e-4): default, smallest, maintenance, close-out
ROWS = (
    (0, "ETH", 4, 2, "0.0050", "2361.30", 500, 200, 120, 80),
    (1, "BTC", 5, 1, "0.00020", "64500.0", 500, 200, 120, 80),
    (2, "SOL", 3, 3, "0.050", "152.400", 1000, 400, 240, 160),
    # the spot market has a book, trades and candles here; orders for it are refused, because the engine holds no coins
    (2048, "ETH", 4, 2, "0.0001", "2361.30", 10_000, 10_000, 10_000, 10_000),
)


def markets() -> list[Market]:
    """Engine markets; their ids are the venue's market ids as text."""
    result = []
    for number, symbol, sizes, prices, least, price, default, smallest, maintenance, closeout in ROWS:
        info: dict[str, Any] = {
            "index": number,
            "size_decimals": sizes,
            "price_decimals": prices,
            "default": default,
            "smallest": smallest,
            "maintenance": maintenance,
            "closeout": closeout,
            "spot": number >= FIRST_SPOT,
        }
        result.append(
            Market(
                id=str(number),
                base=symbol,
                quote="USDC",
                settle="USDC",
                tick=Decimal(1).scaleb(-prices),
                step=Decimal(1).scaleb(-sizes),
                min_qty=Decimal(least),
                min_cost=Decimal("0.000001") if number >= FIRST_SPOT else Decimal(10),
                price=Decimal(price),
                max_leverage=10_000 // smallest,
                default_leverage=10_000 // default,
                maker_fee=Decimal(MAKER_FEE_TICKS).scaleb(-6),
                taker_fee=Decimal(TAKER_FEE_TICKS).scaleb(-6),
                info=info,
            )
        )
    return result


def maintenance(market: Market) -> Decimal:
    return Decimal(market.info["maintenance"]) / 10_000
