"""Things that scripts hold in their hands: orders, candidates for orders, positions, fees, answers of the order book."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from ccxt_dex.bots.hummingbot.words import NAN, ZERO, LimitOrderStatus, OrderType, PositionAction, PositionSide, TradeType

__all__ = [
    "AddedToCostTradeFee",
    "ClientOrderBookQueryResult",
    "ConnectorPair",
    "DeductedFromReturnsTradeFee",
    "FundingInfo",
    "LimitOrder",
    "MarketTradingPairTuple",
    "OrderBookRow",
    "OrderCandidate",
    "PerpetualOrderCandidate",
    "Position",
    "TokenAmount",
    "TradeFeeBase",
]


@dataclass
class TokenAmount:
    token: str
    amount: Decimal

    def __iter__(self) -> Any:
        return iter((self.token, self.amount))


@dataclass
class TradeFeeBase:
    """A fee: a fraction of the cost, or amounts."""

    percent: Decimal = ZERO
    percent_token: str | None = None
    flat_fees: list[TokenAmount] = field(default_factory=list)

    def fee_amount_in_token(self, trading_pair: str, price: Decimal, order_amount: Decimal, token: str, *_: Any, **__: Any) -> Decimal:
        """The whole fee in a token; amounts in other tokens cannot be converted here and are left out."""
        flat = sum((each.amount for each in self.flat_fees if each.token == token), ZERO)
        return flat + self.percent * price * order_amount


class AddedToCostTradeFee(TradeFeeBase):
    pass


class DeductedFromReturnsTradeFee(TradeFeeBase):
    pass


class LimitOrder:
    """An order as scripts see it."""

    def __init__(
        self,
        client_order_id: str,
        trading_pair: str,
        is_buy: bool,
        base_currency: str,
        quote_currency: str,
        price: Decimal,
        quantity: Decimal,
        filled_quantity: Decimal = NAN,
        creation_timestamp: int = 0,
        status: LimitOrderStatus = LimitOrderStatus.UNKNOWN,
        position: PositionAction = PositionAction.NIL,
    ) -> None:
        """:param creation_timestamp: microseconds since 1970"""
        self.client_order_id, self.trading_pair, self.is_buy = client_order_id, trading_pair, is_buy
        self.base_currency, self.quote_currency = base_currency, quote_currency
        self.price, self.quantity, self.filled_quantity = price, quantity, filled_quantity
        self.creation_timestamp, self.status, self.position = creation_timestamp, status, position

    def age(self) -> int:
        """Whole seconds since it was made."""
        return self.age_til(int(time.time() * 1e6))

    def age_til(self, end_timestamp: int) -> int:
        return -1 if not self.creation_timestamp else int((end_timestamp - self.creation_timestamp) / 1e6)

    def __repr__(self) -> str:
        side = "buy" if self.is_buy else "sell"
        return f"LimitOrder({self.client_order_id!r}, {side} {self.quantity} {self.trading_pair} at {self.price})"


@dataclass
class OrderCandidate:
    """An order that a script thinks of; the budget checker makes it fit the account."""

    trading_pair: str
    is_maker: bool
    order_type: OrderType
    order_side: TradeType
    amount: Decimal
    price: Decimal
    order_collateral: TokenAmount | None = field(default=None, init=False)
    percent_fee_collateral: TokenAmount | None = field(default=None, init=False)
    percent_fee_value: TokenAmount | None = field(default=None, init=False)
    fixed_fee_collaterals: list[TokenAmount] = field(default_factory=list, init=False)
    potential_returns: TokenAmount | None = field(default=None, init=False)
    resized: bool = field(default=False, init=False)
    from_total_balances: bool = False

    @property
    def is_zero_order(self) -> bool:
        return self.amount == ZERO

    @property
    def collateral_dict(self) -> dict[str, Decimal]:
        """Token -> what the order ties up."""
        needed: dict[str, Decimal] = {}
        for each in (self.order_collateral, self.percent_fee_collateral):
            if each is not None:
                needed[each.token] = needed.get(each.token, ZERO) + each.amount
        return needed

    def set_to_zero(self) -> None:
        self.amount, self.resized = ZERO, True


@dataclass
class PerpetualOrderCandidate(OrderCandidate):
    """The same on a perpetual."""

    leverage: Decimal = Decimal(1)
    position_close: bool = False


class Position:
    """An open position; a short one has a negative amount."""

    def __init__(
        self,
        trading_pair: str,
        position_side: PositionSide,
        unrealized_pnl: Decimal,
        entry_price: Decimal,
        amount: Decimal,
        leverage: Decimal,
    ) -> None:
        self.trading_pair, self.position_side, self.unrealized_pnl = trading_pair, position_side, unrealized_pnl
        self.entry_price, self.amount, self.leverage = entry_price, amount, leverage

    def __repr__(self) -> str:
        return f"Position({self.trading_pair} {self.position_side.name} {self.amount} at {self.entry_price})"


class FundingInfo:
    """Rate and prices of a perpetual; the time of the next payment in seconds."""

    def __init__(
        self, trading_pair: str, index_price: Decimal, mark_price: Decimal, next_funding_utc_timestamp: int, rate: Decimal
    ) -> None:
        self.trading_pair, self.index_price, self.mark_price = trading_pair, index_price, mark_price
        self.next_funding_utc_timestamp, self.rate = next_funding_utc_timestamp, rate


class OrderBookRow(NamedTuple):
    price: float
    amount: float
    update_id: int


class ClientOrderBookQueryResult(NamedTuple):
    """What was asked and what the book says; NaN where it does not apply."""

    query_price: Decimal
    query_volume: Decimal
    result_price: Decimal
    result_volume: Decimal


class MarketTradingPairTuple(NamedTuple):
    market: Any
    trading_pair: str
    base_asset: str
    quote_asset: str

    def get_mid_price(self) -> Decimal:
        mid: Decimal = self.market.get_mid_price(self.trading_pair)
        return mid


class ConnectorPair(NamedTuple):
    connector_name: str
    trading_pair: str
