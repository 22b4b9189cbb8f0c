"""Contracts and coins of the paper venue: names, ticks, steps and fees of September 2026 where they are known, the rest composed."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from ccxt_dex.paper.listing import listed
from ccxt_dex.paper.types import Market

CHAIN_ID = "3343"
CONTRACT = "0xeeb3fb05cca17745cbdf193a9b16537efb68fac8"
COIN_ID = "1000"
COIN_UNITS = Decimal(1_000_000)
FUNDING_MS = 240 * 60_000

# base, coinId, contractId, tick, step, least, most, resolution, largest leverage, price, stock
ROWS: tuple[tuple[Any, ...], ...] = (
    ("BTC", "1001", "30000001", "0.1", "0.001", "0.001", "50.000", "10000000000", 100, "79031.2", False),
    ("ETH", "1002", "30000002", "0.01", "0.01", "0.02", "600.00", "0x3b9aca00", 100, "2310.45", False),
    ("SOL", "1003", "30000003", "0.01", "0.1", "0.3", "8000.0", "1000000", 50, "142.31", False),
    ("1000PEPE", "1004", "30000004", "0.000001", "100", "1000", "90000000", "1000", 20, "0.009871", False),
    ("XAU", "1005", "30000005", "0.1", "0.001", "0.005", "300.000", "1000000", 20, "4069.9", False),
    ("TSLA", "1006", "30000006", "0.01", "0.01", "0.05", "700.00", "100000", 10, "384.13", True),
)
TAKER_FEE, MAKER_FEE = Decimal("0.00045"), Decimal("0.0004")
DEFAULT_LEVERAGE = 10
BAND = Decimal("0.05")


def markets(names: Iterable[str] | None = None) -> list[Market]:
    """The contracts with these ids, all when None."""
    wanted = None if names is None else set(names)
    return [market(row) for row in ROWS if wanted is None or row[2] in wanted]


def market(row: tuple[Any, ...]) -> Market:
    base, coin, contract, tick, step, least, most, resolution, leverage, price, stock = row
    return listed(
        contract,
        f"{base}/USDC",
        tick,
        step,
        price,
        min_qty=least,
        max_qty=most,
        max_leverage=leverage,
        default_leverage=DEFAULT_LEVERAGE,
        maker_fee=MAKER_FEE,
        taker_fee=TAKER_FEE,
        funding_interval_ms=FUNDING_MS,
        info={"coinId": coin, "name": f"{base}USDC", "resolution": resolution, "stock": stock, "step": step, "tick": tick, "opens": True},
    )


def units(market: Market) -> Decimal:
    text = market.info["resolution"]
    return Decimal(int(text, 16)) if text.startswith("0x") else Decimal(text)


def contract(market: Market) -> dict[str, Any]:
    """A row of contractList."""
    leverage, info = market.max_leverage, market.info
    tiers = [
        {
            "tier": 1,
            "positionValueUpperBound": "5000000",
            "maxLeverage": str(leverage),
            "maintenanceMarginRate": f"{Decimal(1) / (2 * leverage):f}",
        },
        {
            "tier": 2,
            "positionValueUpperBound": "50000000",
            "maxLeverage": str(leverage // 2),
            "maintenanceMarginRate": f"{Decimal(1) / leverage:f}",
        },
    ]
    return {
        "contractId": market.id,
        "contractName": info["name"],
        "baseCoinId": info["coinId"],
        "quoteCoinId": COIN_ID,
        "tickSize": info["tick"],
        "stepSize": info["step"],
        "minOrderSize": f"{market.min_qty:f}",
        "maxOrderSize": f"{market.max_qty:f}",
        "maxOrderBuyPriceRatio": str(BAND),
        "minOrderSellPriceRatio": str(BAND),
        "maxPositionSize": f"{market.max_qty * 2:f}",
        "riskTierList": tiers,
        "defaultTakerFeeRate": str(market.taker_fee),
        "defaultMakerFeeRate": str(market.maker_fee),
        "defaultLeverage": str(DEFAULT_LEVERAGE),
        "liquidateFeeRate": "0.01",
        "enableTrade": market.active,
        "enableDisplay": True,
        "enableOpenPosition": market.active and info["opens"],
        "fundingInterestRate": "0.0003",
        "fundingImpactMarginNotional": "10",
        "fundingMaxRate": "0.000234",
        "fundingMinRate": "-0.000234",
        "fundingRateIntervalMin": str(FUNDING_MS // 60_000),
        "displayDigitMerge": "0.1,0.5,1,2,5",
        "displayMaxLeverage": str(leverage),
        "displayMinLeverage": "1",
        "isStock": info["stock"],
        "isFx": False,
        "resolution": info["resolution"],
    }


def metadata(listed: Iterable[Market]) -> dict[str, Any]:
    """The data of getMetaData."""
    rows = list(listed)
    usdc = {"coinId": COIN_ID, "coinName": "USDC", "stepSize": "0.000001", "showStepSize": "0.0001", "iconUrl": "", "resolution": "1000000"}
    coins = [
        {"coinId": row.info["coinId"], "coinName": row.base, "stepSize": row.info["step"], "showStepSize": row.info["step"], "iconUrl": "",
         "resolution": ""}
        for row in rows
    ]  # fmt: skip
    settings = {
        "appName": "edgeX",
        "appEnv": "paper",
        "appOnlySignOn": "https://pro.edgex.exchange",
        "nativeChainId": CHAIN_ID,
        "chainId": CHAIN_ID,
        "contractAddress": CONTRACT,
        "collateralCoinId": COIN_ID,
        "maintenanceReason": "",
    }
    chains = {"coinId": COIN_ID, "maxWithdraw": "100000", "minWithdraw": "0", "minDeposit": "10", "chainList": []}
    return {"global": settings, "coinList": [usdc, *coins], "contractList": [contract(row) for row in rows], "multiChain": chains}
