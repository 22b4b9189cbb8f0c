"""A margin account: what it has, holds and has done."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from .types import ZERO, Fill, FundingPayment, MarginMode, Order, Position, Transfer


@dataclass(slots=True)
class Account:
    """The books of one trader; changed by the engine only."""

    name: str
    internal: bool = False
    """market maker, taker flow and insurance fund: no margin, no fees, no records"""
    balance: Decimal = ZERO
    """wallet: deposits + realized - fees + funding + compensation + swapped, isolated collateral included, unrealized pnl not"""
    deposits: Decimal = ZERO
    realized: Decimal = ZERO
    fees: Decimal = ZERO
    funding: Decimal = ZERO
    compensation: Decimal = ZERO
    swapped: Decimal = ZERO
    """what sold coins brought, less what bought ones cost"""
    coins: dict[str, Decimal] = field(default_factory=dict)
    locked: Decimal = ZERO
    maker_fee: Decimal | None = None
    """None: the market's"""
    taker_fee: Decimal | None = None
    orders: dict[int, Order] = field(default_factory=dict)
    """every order ever accepted, and those that matching rejected"""
    by_client: dict[str, int] = field(default_factory=dict)
    """newest order of a client id"""
    open: dict[str, dict[int, Order]] = field(default_factory=dict)
    """per market: resting and untriggered orders"""
    positions: dict[str, Position] = field(default_factory=dict)
    """per market; stays with qty 0 when closed"""
    leverage: dict[str, int] = field(default_factory=dict)
    """per market, where it was set"""
    margin_mode: dict[str, MarginMode] = field(default_factory=dict)
    fills: list[Fill] = field(default_factory=list)
    fundings: list[FundingPayment] = field(default_factory=list)
    transfers: list[Transfer] = field(default_factory=list)
    cancel_at: int | None = None
    """dead man's switch"""

    def qty(self, market: str) -> Decimal:
        """Signed position, 0 when there is none."""
        position = self.positions.get(market)
        return position.qty if position else ZERO

    def open_in(self, market: str) -> list[Order]:
        """Resting and untriggered orders of a market, oldest first: an order that loses its priority is put in anew."""
        return list(self.open.get(market, {}).values())
