"""The words that the engine, the server and the rooms' paper adapters share. Amounts, prices and money are Decimal, times are milliseconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

Side = Literal["buy", "sell"]
OrderType = Literal["limit", "market"]
TimeInForce = Literal["gtc", "ioc", "fok", "alo"]
Status = Literal["new", "open", "untriggered", "filled", "canceled", "rejected", "expired"]
MarginMode = Literal["cross", "isolated"]
TriggerPrice = Literal["mark", "last", "index"]

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Market:
    """One perpetual contract, linear, settled in `settle`."""

    id: str
    base: str
    quote: str
    settle: str
    tick: Decimal
    step: Decimal
    min_qty: Decimal
    price: Decimal
    """where the seeded market starts"""
    min_cost: Decimal = ZERO
    max_qty: Decimal = Decimal("1000000")
    max_leverage: int = 40
    default_leverage: int = 10
    maker_fee: Decimal = Decimal("0.0001")
    taker_fee: Decimal = Decimal("0.0004")
    price_band: Decimal | None = None
    """largest distance of a limit price from the mark, as a fraction; None: no band"""
    funding_interval_ms: int = 3_600_000
    isolated_only: bool = False
    active: bool = True
    info: dict[str, Any] = field(default_factory=dict)
    """what a venue's adapter wants to remember (asset index, on-chain ids ...)"""


@dataclass(frozen=True, slots=True)
class NewOrder:
    market: str
    side: Side
    type: OrderType
    qty: Decimal
    price: Decimal | None = None
    tif: TimeInForce = "gtc"
    reduce_only: bool = False
    client_id: str | None = None
    trigger: Decimal | None = None
    """activates the order when the trigger price crosses this level"""
    trigger_above: bool | None = None
    """True: fires at or above the level, False: at or below"""
    trigger_by: TriggerPrice = "mark"
    take_profit: Decimal | None = None
    """attached trigger that closes what this order opened, created after the first fill"""
    stop_loss: Decimal | None = None
    close_position: bool = False
    """a trigger order that closes whatever the position is when it fires"""
    leverage: int | None = None
    margin_mode: MarginMode | None = None
    max_price: Decimal | None = None
    """worst price of a market order, where the venue takes one"""
    expires_ms: int | None = None
    info: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Order:
    id: int
    account: str
    request: NewOrder
    status: Status
    created: int
    updated: int
    qty: Decimal
    price: Decimal | None
    filled: Decimal = ZERO
    cost: Decimal = ZERO
    fee: Decimal = ZERO
    margin: Decimal = ZERO
    locked: Decimal = ZERO
    reason: str | None = None
    """why it was rejected or canceled: one of Reject's codes, or a plain word such as "user", "ioc", "reduce_only", "liquidation" """
    parent: int | None = None
    """order that this TP/SL child belongs to"""
    position_id: int = 0

    @property
    def remaining(self) -> Decimal:
        return self.qty - self.filled

    @property
    def average(self) -> Decimal | None:
        return self.cost / self.filled if self.filled else None


@dataclass(frozen=True, slots=True)
class Fill:
    id: int
    order_id: int
    client_id: str | None
    account: str
    market: str
    side: Side
    price: Decimal
    qty: Decimal
    fee: Decimal
    taker: bool
    pnl: Decimal
    time: int


@dataclass(frozen=True, slots=True)
class PublicTrade:
    id: int
    market: str
    price: Decimal
    qty: Decimal
    taker_side: Side
    time: int


@dataclass(slots=True)
class Position:
    id: int
    account: str
    market: str
    leverage: int
    margin_mode: MarginMode
    created: int
    updated: int
    qty: Decimal = ZERO
    """signed: negative is short"""
    entry_price: Decimal = ZERO
    margin: Decimal = ZERO
    """isolated collateral"""
    realized: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class FundingPayment:
    id: int
    account: str
    market: str
    amount: Decimal
    """negative: paid by the account"""
    rate: Decimal
    qty: Decimal
    time: int


@dataclass(frozen=True, slots=True)
class Event:
    """What the engine tells its listeners, in the order in which it happened.

    kind: order, fill, position, balance, funding, liquidation (per account); book, trade, price, market (public)
    """

    kind: str
    market: str | None = None
    account: str | None = None
    data: Any = None


Listener = Callable[[Event], None]

REJECT_CODES = frozenset(
    {
        "unknown_market",
        "market_closed",
        "bad_side",
        "bad_price",
        "off_tick",
        "price_band",
        "bad_qty",
        "off_step",
        "below_min",
        "above_max",
        "below_min_cost",
        "insufficient_funds",
        "post_only",
        "reduce_only",
        "fok",
        "no_liquidity",
        "duplicate_client_id",
        "leverage",
        "margin_mode",
        "unknown_order",
        "order_filled",
        "order_canceled",
        "too_many_orders",
        "bad_trigger",
        "no_position",
        "unsupported",
    }
)


class Reject(Exception):
    """The engine's refusal; an adapter turns the code into its venue's own status and text."""

    def __init__(self, code: str, text: str = "") -> None:
        if code not in REJECT_CODES:
            raise ValueError(f"unknown reject code {code!r}")
        super().__init__(text or code)
        self.code = code
        self.text = text or code
