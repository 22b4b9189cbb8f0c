"""Perpetuals in the shape of `all_instruments` (ccxt's recording of 2026-01, prices of 2026-06, rounded)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ccxt_dex.paper.listing import listed
from ccxt_dex.paper.types import Market

# instrument, hash, tick, smallest size, smallest value, largest position, start price, largest leverage, funding hours
ROWS = (
    ("BTC_USDT_Perp", "0x030501", "0.1", "0.001", "100.0", "1000.0", "62057.0", 50, 8),
    ("ETH_USDT_Perp", "0x030401", "0.01", "0.01", "20.0", "20000.0", "3089.88", 50, 8),
    ("AAVE_USDT_Perp", "0x032201", "0.01", "0.1", "5.0", "3000.0", "181.50", 25, 4),
)
MAKER_FEE, TAKER_FEE = Decimal("0.0001"), Decimal("0.00045")  # the taker's as in a recorded fill of 2026-01
CREATED = "1764303867576216941"


def markets() -> list[Market]:
    """Engine markets; their ids are the venue's instruments."""
    result = []
    for name, asset, tick, least, value, most, price, leverage, hours in ROWS:
        base, quote, _ = name.split("_")
        result.append(
            listed(
                name,
                f"{base}/{quote}",
                tick,
                least,
                price,
                min_cost=value,
                max_qty=most,
                max_leverage=leverage,
                default_leverage=10,
                maker_fee=MAKER_FEE,
                taker_fee=TAKER_FEE,
                funding_interval_ms=hours * 3_600_000,
                info={"hash": asset, "hours": hours},
            )
        )
    return result


def instrument(market: Market) -> dict[str, Any]:
    """A row of all_instruments."""
    return {
        "instrument": market.id,
        "instrument_hash": market.info["hash"],
        "base": market.base,
        "quote": market.quote,
        "kind": "PERPETUAL",
        "venues": ["ORDERBOOK", "RFQ"],
        "settlement_period": "PERPETUAL",
        "base_decimals": 9,
        "quote_decimals": 6,
        "tick_size": str(market.tick),
        "min_size": str(market.min_qty),
        "create_time": CREATED,
        "max_position_size": str(market.max_qty),
        "funding_interval_hours": market.info["hours"],
        "adjusted_funding_rate_cap": "0.3",
        "adjusted_funding_rate_floor": "-0.3",
        "min_notional": str(market.min_cost),
    }
