"""Perpetuals of the local venue: symbols, ticks and lots in the shapes of GET info; prices are where the seeded market starts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ccxt_dex.paper.listing import listed
from ccxt_dex.paper.types import Market

# symbol, tick, lot, maximum leverage, price, isolated only. BTC as documented; the others are composed
TABLE: tuple[tuple[str, str, str, int, str, bool], ...] = (
    ("BTC", "1", "0.00001", 50, "105476", False),
    ("ETH", "0.1", "0.0001", 50, "2612.4", False),
    ("SOL", "0.01", "0.01", 20, "157.47", False),
    ("HYPE", "0.001", "0.01", 10, "34.215", False),
    ("XPL", "0.0001", "1", 5, "1.0865", True),
    ("kBONK", "0.000001", "10", 10, "0.021254", False),
)
# for its prices, books and candles alone: orders there are refused, for the engine has margin accounts only
SPOT = ("SOL-USDC", "SOL", "0.01", "0.001", "157.52")
MIN_COST, MAX_COST = Decimal(10), Decimal(5_000_000)
MAKER_FEE, TAKER_FEE = Decimal("0.00015"), Decimal("0.0004")
CREATED = 1_748_881_333_944


def markets() -> list[Market]:
    return [
        listed(
            symbol,
            f"{symbol.upper()}/USDC",
            tick,
            lot,
            price,
            min_cost=MIN_COST,
            max_qty=Decimal(10) ** 12,
            max_leverage=leverage,
            default_leverage=leverage,
            maker_fee=MAKER_FEE,
            taker_fee=TAKER_FEE,
            isolated_only=isolated,
        )
        for symbol, tick, lot, leverage, price, isolated in TABLE
    ] + [_spot()]


def _spot() -> Market:
    symbol, base, tick, lot, price = SPOT
    grid = {"tick": Decimal(tick), "step": Decimal(lot), "min_qty": Decimal(lot), "price": Decimal(price), "min_cost": MIN_COST}
    return Market(symbol, base, "USDC", "spot", **grid, max_leverage=1, default_leverage=1, info={"spot": True})  # type: ignore[arg-type]


def row(market: Market, rate: Decimal) -> dict[str, Any]:
    """A row of GET info."""
    return {
        "symbol": market.id,
        "tick_size": format(market.tick, "f"),
        "min_tick": "0",
        "max_tick": "1000000",
        "lot_size": format(market.step, "f"),
        "max_leverage": market.max_leverage,
        "isolated_only": market.isolated_only,
        "min_order_size": str(MIN_COST),
        "max_order_size": str(MAX_COST),
        "funding_rate": format(rate, "f"),
        "next_funding_rate": format(rate, "f"),
        "created_at": CREATED,
        "instrument_type": "spot" if market.info.get("spot") else "perpetual",
        "base_asset": market.base if market.info.get("spot") else market.id,
    }
