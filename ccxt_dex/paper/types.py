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
    """One perpetual contract, linear, settled in `settle`; or a spot market of the coin `base`."""

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
    spot: bool = False
    """coins change hands: no leverage, no position, the buyer's fee is in coins"""
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
    take_profit_limit: Decimal | None = None
    """limit price of the attached take-profit; None: it closes at market"""
    stop_loss_limit: Decimal | None = None
    take_profit_client_id: str | None = None
    stop_loss_client_id: str | None = None
    tpsl: Literal["tp", "sl"] | None = None
    """what a trigger order calls itself; the engine sets it on the children it makes"""
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
    oco: int | None = None
    """orders of one account with the same number: when one fires or fills, the others are canceled"""
    triggered: int | None = None
    """when a trigger order fired"""
    priority: int = 0
    """place in the queue: smaller is older; renewed when an edit loses priority"""

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
    fee_coin: str | None = None
    """None: the fee is in the settlement currency"""


@dataclass(frozen=True, slots=True)
class PublicTrade:
    id: int
    market: str
    price: Decimal
    qty: Decimal
    taker_side: Side
    time: int
    liquidation: bool = False
    """the taker's position was taken from its owner"""


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
    cost: Decimal = ZERO
    """signed entry value, exact; entry_price is this over qty, rounded"""
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
class FundingRate:
    """The rate that was applied at `time`; positive: longs paid shorts."""

    market: str
    rate: Decimal
    mark: Decimal
    index: Decimal
    time: int


@dataclass(frozen=True, slots=True)
class Transfer:
    """Money that came from (positive) or went (negative) outside the margin account."""

    id: int
    account: str
    amount: Decimal
    time: int


@dataclass(frozen=True, slots=True)
class Liquidation:
    """A position that was taken from its owner; `order_id` is the closing order with reason "liquidation"."""

    id: int
    account: str
    market: str
    qty: Decimal
    """signed size that was closed"""
    price: Decimal
    """average price of the closing fills"""
    mark: Decimal
    order_id: int
    time: int


@dataclass(frozen=True, slots=True)
class Candle:
    time: int
    """start of the interval"""
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    quote_volume: Decimal
    trades: int


@dataclass(frozen=True, slots=True)
class Stats:
    """The last 24 hours of one market."""

    market: str
    open: Decimal
    high: Decimal
    low: Decimal
    last: Decimal
    volume: Decimal
    quote_volume: Decimal
    trades: int
    time: int


@dataclass(frozen=True, slots=True)
class PriceView:
    """Prices of one market now; bid and ask are None when that side of the book is empty."""

    market: str
    index: Decimal
    mark: Decimal
    last: Decimal
    bid: Decimal | None
    ask: Decimal | None
    bid_qty: Decimal
    ask_qty: Decimal
    funding_rate: Decimal
    """running rate per funding interval, due at next_funding"""
    next_funding: int
    open_interest: Decimal
    time: int


@dataclass(frozen=True, slots=True)
class PositionView:
    """A position valued at the mark."""

    id: int
    account: str
    market: str
    qty: Decimal
    entry_price: Decimal
    entry_value: Decimal
    """positive"""
    mark: Decimal
    notional: Decimal
    leverage: int
    margin_mode: MarginMode
    margin: Decimal
    """collateral held: isolated margin, or the initial margin of a cross position"""
    initial_margin: Decimal
    maintenance_margin: Decimal
    upnl: Decimal
    realized: Decimal
    """since the position was opened, gross of fees"""
    liquidation_price: Decimal | None
    bankruptcy_price: Decimal | None
    mmr: Decimal | None
    """collateral with upnl over maintenance margin; liquidation below 1; None when flat"""
    created: int
    updated: int


@dataclass(frozen=True, slots=True)
class BalanceView:
    """balance = cross_balance + isolated_balance; equity = balance + upnl; free = cross_balance - cross_margin - locked + cross_upnl."""

    account: str
    balance: Decimal
    equity: Decimal
    upnl: Decimal
    free: Decimal
    """can be negative"""
    locked: Decimal
    """by open orders"""
    cross_balance: Decimal
    cross_margin: Decimal
    """initial margin of the cross positions"""
    cross_upnl: Decimal
    isolated_balance: Decimal
    isolated_upnl: Decimal
    initial_margin: Decimal
    maintenance_margin: Decimal
    deposits: Decimal
    """deposits and transfers in, minus transfers out"""
    fees: Decimal
    """paid so far (positive)"""
    realized: Decimal
    funding: Decimal
    compensation: Decimal
    """paid in by the insurance fund when a liquidation left less than nothing"""


@dataclass(frozen=True, slots=True)
class Event:
    """What the engine tells its listeners, in the order in which it happened.

    kind: order, fill, position, balance, funding, liquidation (per account); book, trade, price, market (public).
    data: Order, Fill, Position, BalanceView, FundingPayment, Liquidation; None, PublicTrade, None, None. Orders and positions are copies,
    as they were at that moment; for book and price ask the engine, several changes of one operation make one event.
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
        "expired",
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
        self.order: Order | None = None
        """the recorded order with status "rejected", when the refusal came from matching and not from the checks before it"""
