"""What differs from venue to venue in matching, margin, funding and the seeded market: data that a paper adapter hands to the engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from .types import MarginMode, Market

SelfTrade = Literal["cancel_taker", "cancel_maker", "allow"]


def half_of_initial(market: Market) -> Decimal:
    """Maintenance rate 1/(2 * max leverage), which reproduces StandX's published position sample."""
    return Decimal(1) / (2 * market.max_leverage)


@dataclass(frozen=True, slots=True)
class FeedRules:
    """Shape of the seeded market."""

    depth: int = 130
    """levels per side"""
    spacing: Decimal | None = None
    """distance of the levels; None: about 1/10000 of the price, rounded up to 1, 2 or 5 times a power of ten, never below the tick"""
    level_value: Decimal = Decimal(20_000)
    """about how much money rests on one level"""
    step_ms: int = 100
    """one step of the random walk"""
    volatility: Decimal = Decimal("0.00004")
    """largest relative move of the index in one step; 0: the market stands still"""
    basis: Decimal = Decimal("0.0002")
    """largest relative distance of the mark from the index"""
    trades_per_second: Decimal = Decimal(2)
    """of the taker flow, per market"""
    history_trades: int = 300
    """public trades from before the engine started"""


@dataclass(frozen=True, slots=True)
class Rules:
    """How a venue matches orders and keeps margin."""

    maintenance: Callable[[Market], Decimal] = half_of_initial
    """maintenance margin as a fraction of the notional at mark"""
    initial_at_mark: bool = False
    """initial margin of a position from the mark (True) or from its entry value (False)"""
    default_margin_mode: MarginMode = "cross"
    lock_factor: Decimal = Decimal("1.05")
    """an order locks this times (margin + taker fee)"""
    liquidation_fee: Decimal = Decimal(0)
    """fraction of the notional, charged on top of the taker fee"""
    self_trade: SelfTrade = "cancel_taker"
    client_ids_unique: Literal["all", "open"] = "all"
    """refuse a client id that any order of the account ever had, or only one that an open order has"""
    max_open_orders: int = 1000
    """per account and market, untriggered ones included"""
    reduce_only_excess: Literal["reject", "shrink"] = "reject"
    """what happens to a reduce-only order larger than the bound (one with a bound of zero is always refused)"""
    reduce_only_counts_triggers: bool = False
    """pending reduce-only trigger orders use up the bound too (a pair of TP and SL once)"""
    trigger_reached: Literal["reject", "fire"] = "reject"
    """a trigger order whose level is already reached when it comes in"""
    funding_interest: Decimal = Decimal("0.0000125")
    """per hour"""
    funding_cap: Decimal = Decimal("0.005")
    feed: FeedRules = field(default_factory=FeedRules)
    feeds: dict[str, FeedRules] = field(default_factory=dict)
    """markets whose feed differs"""
