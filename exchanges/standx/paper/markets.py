"""The ten markets as they were listed on 2026-06-11 (recorded query_symbol_info and query_market_overview)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from ccxt_dex.paper.types import Market

FIELDS = (
    "base_asset",
    "price_tick_decimals",
    "qty_tick_decimals",
    "min_order_qty",
    "max_order_qty",
    "max_leverage",
    "max_position_size",
    "min_order_price",
    "max_order_price",
    "depth_ticks",
    "funding_interest_rate",
    "funding_rate_cap",
    "liq_fee",
    "price_cap_ratio",
    "created_at",
    "updated_at",
    "price",
)
# fmt: off
TABLE: tuple[tuple[Any, ...], ...] = (
    ("BNB", 2, 2, "0.01", "2000", "30", "200000", "0.01", "3000", "0.01,0.1,1,10", "0", "0.00046875", "0.0125", "0.05",
     "2026-06-02T04:17:29.129Z", "2026-06-02T04:17:29.129Z", "592.22"),
    ("BTC", 2, 4, "0.0001", "100", "40", "1000", "556", "4529764", "1,5,10", "0.0000125", "0.000375", "0.012", "0.05",
     "2025-07-10T05:15:32.089568Z", "2026-01-20T04:30:32.089568Z", "62046.91"),
    ("CL", 2, 2, "0.05", "35000", "40", "1000000", "0.01", "2000", "0.01,0.1,1,5", "0.000005", "0.00125", "0.012", "0.03",
     "2026-04-07T08:35:09.885Z", "2026-04-07T08:35:09.885Z", "90.22"),
    ("ETH", 1, 3, "0.001", "1000", "40", "100000", "39", "306177", "0.1,1,10,20", "0.0000125", "0.000375", "0.012", "0.05",
     "2026-01-06T10:29:56.094Z", "2026-01-20T04:30:32.089568Z", "1637.7"),
    ("HYPE", 3, 2, "0.1", "20000", "20", "200000", "0.001", "20000", "0.001,0.01,0.1,1", "0.000025", "0.005", "0.02", "0.15",
     "2026-05-22T03:07:37.803Z", "2026-05-22T03:07:37.803Z", "54.415"),
    ("MU", 2, 2, "0.01", "800", "20", "200000", "0.01", "3000", "0.01,0.1,1,10", "0", "0.0025", "0.015", "0.03",
     "2026-05-28T06:41:55.141Z", "2026-05-28T06:41:55.141Z", "884.52"),
    ("SOL", 2, 2, "0.01", "7000", "30", "200000", "0.01", "2000", "0.01,0.1,1,10", "0.0000125", "0.00046875", "0.0125", "0.05",
     "2026-06-04T06:10:33.155Z", "2026-06-04T06:10:33.155Z", "64.49"),
    ("TSLA", 2, 2, "0.01", "700", "20", "200000", "0.01", "2000", "0.01,0.1,1,10", "0", "0.0025", "0.015", "0.03",
     "2026-05-28T05:44:34.159Z", "2026-05-28T05:44:34.159Z", "384.13"),
    ("XAG", 2, 3, "0.001", "35000", "40", "1000000", "0.01", "2000", "0.01,0.1,1,5", "0.000005", "0.00125", "0.012", "0.03",
     "2026-03-17T07:02:38.256Z", "2026-03-17T07:02:38.256Z", "63.96"),
    ("XAU", 1, 3, "0.001", "600", "40", "100000", "0.1", "100000", "0.1,1,10,20", "0.000005", "0.00125", "0.012", "0.02",
     "2026-02-28T12:15:28.094Z", "2026-02-28T12:15:28.094Z", "4069.9"),
)
# fmt: on
MAKER_FEE, TAKER_FEE = "0.0001", "0.0004"
DEFAULT_LEVERAGE = "10"
MAX_OPEN_ORDERS = 100
LIQUIDATOR = "standx_vault_0xc47e9e1281c22c671ca0fd4f378251086fcf8341"


def markets(symbols: Iterable[str] | None = None) -> list[Market]:
    """The markets with these ids, all when None."""
    made = [_market(dict(zip(FIELDS, row, strict=True))) for row in TABLE]
    wanted = None if symbols is None else set(symbols)
    return [market for market in made if wanted is None or market.id in wanted]


def _market(row: dict[str, Any]) -> Market:
    return Market(
        id=f"{row['base_asset']}-USD",
        base=row["base_asset"],
        quote="DUSD",
        settle="DUSD",
        tick=Decimal(1).scaleb(-row["price_tick_decimals"]),
        step=Decimal(1).scaleb(-row["qty_tick_decimals"]),
        min_qty=Decimal(row["min_order_qty"]),
        max_qty=Decimal(row["max_order_qty"]),
        price=Decimal(row["price"]),
        max_leverage=int(row["max_leverage"]),
        default_leverage=int(DEFAULT_LEVERAGE),
        maker_fee=Decimal(MAKER_FEE),
        taker_fee=Decimal(TAKER_FEE),
        price_band=Decimal(row["price_cap_ratio"]),
        info=row,
    )


def symbol_info(market: Market) -> dict[str, Any]:
    """One element of query_symbol_info."""
    row = market.info
    return {
        "base_asset": row["base_asset"],
        "base_decimals": 9,
        "created_at": row["created_at"],
        "def_leverage": DEFAULT_LEVERAGE,
        "depth_ticks": row["depth_ticks"],
        "funding_impact_notional": "20000",
        "funding_interest_rate": row["funding_interest_rate"],
        "funding_rate_cap": row["funding_rate_cap"],
        "funding_rate_floor": f"-{row['funding_rate_cap']}",
        "liq_fee": row["liq_fee"],
        "liquidator": LIQUIDATOR,
        "maker_fee": MAKER_FEE,
        "max_leverage": row["max_leverage"],
        "max_open_orders": str(MAX_OPEN_ORDERS),
        "max_order_price": row["max_order_price"],
        "max_order_qty": row["max_order_qty"],
        "max_position_size": row["max_position_size"],
        "min_order_price": row["min_order_price"],
        "min_order_qty": row["min_order_qty"],
        "price_cap_ratio": row["price_cap_ratio"],
        "price_floor_ratio": row["price_cap_ratio"],
        "price_tick_decimals": row["price_tick_decimals"],
        "qty_tick_decimals": row["qty_tick_decimals"],
        "quote_asset": "DUSD",
        "quote_decimals": 9,
        "status": "trading" if market.active else "paused",
        "symbol": market.id,
        "taker_fee": TAKER_FEE,
        "updated_at": row["updated_at"],
    }
