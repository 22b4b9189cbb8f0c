"""What became of each order: pure bookkeeping, no requests.

The truth about an order is how much of it is filled in all. Rows of order streams, fills and looked-up orders arrive in any order, twice or
late; whatever raises the sum above what the strategy was told is told, nothing else.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ccxt_dex.bots.hummingbot.values import LimitOrder, TokenAmount, TradeFeeBase
from ccxt_dex.bots.hummingbot.words import NAN, ZERO, LimitOrderStatus, OrderType, PositionAction, TradeType

__all__ = ["DEAD", "Fill", "Tracked", "Tracker"]

Row = Mapping[str, Any]

DEAD = frozenset({"canceled", "cancelled", "expired", "rejected"})
# finished orders of which fills may still arrive
_REMEMBERED = 2000
_CANCEL_AGAIN_AFTER = 60.0


@dataclass
class Fill:
    """What a strategy is to be told next."""

    amount: Decimal
    price: Decimal
    trade_id: str = ""
    fee: TradeFeeBase | None = None


@dataclass
class Tracked:
    """One order from the moment a strategy asked for it."""

    order_id: str
    trading_pair: str
    symbol: str
    is_buy: bool
    type: OrderType
    amount: Decimal
    price: Decimal
    position: PositionAction
    created: float
    base: str = ""
    quote: str = ""
    leverage: int = 1
    venue_client_id: str = ""
    exchange_order_id: str | None = None
    # "placing" | "unknown" | "open" | "done"
    state: str = "placing"
    announced: bool = False
    filled: Decimal = ZERO
    cost: Decimal = ZERO
    seen_trades: dict[str, Decimal] = field(default_factory=dict)
    cancel_asked: float | None = None
    cancel_sent: bool = False
    checked: float = 0.0
    missing: int = 0

    @property
    def trade_type(self) -> TradeType:
        return TradeType.BUY if self.is_buy else TradeType.SELL

    @property
    def is_done(self) -> bool:
        return self.state == "done"

    @property
    def is_open(self) -> bool:
        return self.state != "done"

    @property
    def executed_amount_base(self) -> Decimal:
        return self.filled

    @property
    def average_executed_price(self) -> Decimal:
        return self.cost / self.filled if self.filled else NAN

    @property
    def client_order_id(self) -> str:
        return self.order_id

    def limit_order(self) -> LimitOrder:
        status = LimitOrderStatus.OPEN if self.exchange_order_id else LimitOrderStatus.NEW
        created = int(self.created * 1e6)
        words = (self.order_id, self.trading_pair, self.is_buy, self.base, self.quote)
        return LimitOrder(*words, self.price, self.amount, self.filled, created, status, self.position)

    # --- what was filled -----------------------------------------------------------------------------------------------------------------

    def add_trade(self, trade_id: str, amount: Decimal, price: Decimal, fee: TradeFeeBase | None) -> Fill | None:
        """One fill by its id; the part of it that was not told yet."""
        if trade_id in self.seen_trades:
            return None
        self.seen_trades[trade_id] = amount
        new = min(amount, sum(self.seen_trades.values(), ZERO) - self.filled)
        return self._told(Fill(new, price, trade_id, _part(fee, new, amount))) if new > 0 else None

    def add_total(self, filled: Decimal, cost: Decimal | None) -> Fill | None:
        """What the venue says is filled in all; the part of it that was not told yet.

        :param cost: of all that is filled; None: not known
        """
        new = filled - self.filled
        if new <= 0:
            return None
        price = (cost - self.cost) / new if cost is not None and cost > self.cost else self.price
        return self._told(Fill(new, price))

    def _told(self, fill: Fill) -> Fill:
        self.filled += fill.amount
        self.cost += fill.amount * (fill.price if fill.price.is_finite() else ZERO)
        return fill


def _part(fee: TradeFeeBase | None, new: Decimal, whole: Decimal) -> TradeFeeBase | None:
    """The fee of the part of a fill that is told now."""
    if fee is None or new == whole:
        return fee
    flat = [TokenAmount(each.token, each.amount * new / whole) for each in fee.flat_fees]
    return type(fee)(fee.percent, fee.percent_token, flat)


class Tracker:
    """Every order of one connector: the living ones, and finished ones for a while."""

    def __init__(self) -> None:
        self.active: dict[str, Tracked] = {}
        self.finished: OrderedDict[str, Tracked] = OrderedDict()
        self._by_venue_id: dict[str, str] = {}

    def start(self, order: Tracked) -> None:
        self.active[order.order_id] = order
        if order.venue_client_id:
            self._by_venue_id[order.venue_client_id] = order.order_id

    def identify(self, order: Tracked, exchange_order_id: str) -> None:
        """The venue told its id."""
        order.exchange_order_id = exchange_order_id
        self._by_venue_id[exchange_order_id] = order.order_id

    def finish(self, order: Tracked) -> None:
        order.state = "done"
        if self.active.pop(order.order_id, None) is None:
            return
        self.finished[order.order_id] = order
        while len(self.finished) > _REMEMBERED:
            self._forget(self.finished.popitem(last=False)[1])

    def _forget(self, order: Tracked) -> None:
        for each in (order.exchange_order_id, order.venue_client_id):
            self._by_venue_id.pop(each or "", None)

    def get(self, order_id: str) -> Tracked | None:
        return self.active.get(order_id) or self.finished.get(order_id)

    def find(self, row: Row) -> Tracked | None:
        """Whose row of an order or a fill this is; None: not an order of ours."""
        for name in ("id", "clientOrderId") if "order" not in row else ("order", "clientOrderId"):
            mine = self._by_venue_id.get(str(row.get(name) or ""))
            if mine is not None:
                return self.get(mine)
        return None

    def limit_orders(self, now: float) -> list[LimitOrder]:
        """The living limit orders, without those that are being cancelled."""
        return [each.limit_order() for each in self.active.values() if each.type.is_limit_type() and not cancelling(each, now)]

    def __iter__(self) -> Iterator[Tracked]:
        return iter(list(self.active.values()))


def cancelling(order: Tracked, now: float) -> bool:
    """Whether a cancel is under way; after a minute a script may ask again."""
    return order.cancel_asked is not None and now - order.cancel_asked < _CANCEL_AGAIN_AFTER
