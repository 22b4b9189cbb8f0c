"""The markets of the paper venue: three perpetuals that trade, and rows of the other kinds that the real list has.

Composed from the fields of OpenAPI 1.132.1 and the sample in ccxt's class (BODEN-USD-PERP).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ccxt_dex.paper.listing import listed
from ccxt_dex.paper.types import Market

HOUR = 3_600_000
# base, tick, step, min notional, max size, max leverage, start price
TABLE: tuple[tuple[str, ...], ...] = (
    ("BTC", "0.1", "0.00001", "10", "100", "50", "62046.9"),
    ("ETH", "0.01", "0.0001", "10", "1000", "50", "1637.7"),
    ("SOL", "0.001", "0.001", "10", "20000", "20", "64.49"),
)
MAKER, TAKER = "0", "0.0002"
MAX_OPEN_ORDERS = 100
EXPIRY = 1_798_156_800_000


def markets() -> list[Market]:
    return [_market(*row) for row in TABLE]


def _market(base: str, tick: str, step: str, least: str, most: str, leverage: str, price: str) -> Market:
    return listed(
        f"{base}-USD-PERP",
        f"{base}/USD:USDC",
        tick,
        step,
        price,
        min_cost=least,
        max_qty=most,
        max_leverage=int(leverage),
        default_leverage=10,
        maker_fee=MAKER,
        taker_fee=TAKER,
        price_band="0.2",
        funding_interval_ms=8 * HOUR,
    )


def row(market: Market, kind: str = "PERP") -> dict[str, Any]:
    """A market as GET /markets shows it."""
    imf = format((Decimal(1) / market.max_leverage).normalize(), "f")
    fee = {
        "maker_fee": {"fee": MAKER, "fee_cap": "0.5", "fee_floor": "-0.5"},
        "taker_fee": {"fee": TAKER, "fee_cap": "0.5", "fee_floor": "-0.5"},
    }
    return {
        "symbol": market.id,
        "base_currency": market.base,
        "quote_currency": "USD",
        "settlement_currency": "USDC",
        "order_size_increment": str(market.step),
        "price_tick_size": str(market.tick),
        "min_notional": str(market.min_cost),
        "open_at": 1_700_000_000_000,
        "expiry_at": 0,
        "asset_kind": kind,
        "market_kind": "cross",
        "position_limit": str(market.max_qty * 10),
        "max_order_size": str(market.max_qty),
        "max_open_orders": MAX_OPEN_ORDERS,
        "funding_period_hours": 8,
        "max_funding_rate": "0.05",
        "max_funding_rate_change": "0.0005",
        "price_bands_width": str(market.price_band),
        "interest_rate": "0.0001",
        "clamp_rate": "0.05",
        "max_slippage": "0.05",
        "max_tob_spread": "0.2",
        "oracle_ewma_factor": "0.2",
        "delta1_cross_margin_params": {"imf_base": imf, "imf_factor": "0", "imf_shift": "0", "mmf_factor": "0.5"},
        "fee_config": {"api_fee": fee, "interactive_fee": fee, "rpi_fee": fee},
        "trading_mode": "STANDARD" if market.active else "RFQ_ONLY",
        "tags": ["LAYER-1"],
    }


def others(known: list[Market]) -> list[dict[str, Any]]:
    """A spot market that shares base and quote with a perpetual, an option, a dated future: listed, not traded here."""
    eth = row(known[1], "SPOT")
    spot = {**eth, "symbol": "ETH-USD", "trading_mode": "RFQ_ONLY", "delta1_cross_margin_params": None}
    option = {**row(known[0], "OPTION"), "symbol": "BTC-USD-25DEC26-65000-C", "option_type": "CALL", "strike_price": "65000"}
    option["expiry_at"] = EXPIRY
    future = {**row(known[1], "FUTURE"), "symbol": "ETH-USD-25DEC26", "expiry_at": EXPIRY}
    closed = {"trading_mode": "RFQ_ONLY"}
    return [spot, {**option, **closed}, {**future, **closed}]
