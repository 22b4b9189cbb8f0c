"""What a strategy is told: hummingbot's events with its field names, and the forwarders that listeners are made of. Times in seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from ccxt_dex.bots.hummingbot.values import TradeFeeBase
from ccxt_dex.bots.hummingbot.words import OrderType, PositionAction, PositionMode, TradeType

__all__ = [
    "BuyOrderCompletedEvent",
    "BuyOrderCreatedEvent",
    "EventForwarder",
    "EventListener",
    "FundingPaymentCompletedEvent",
    "MarketOrderFailureEvent",
    "OrderBookTradeEvent",
    "OrderCancelledEvent",
    "OrderExpiredEvent",
    "OrderFilledEvent",
    "PositionModeChangeEvent",
    "SellOrderCompletedEvent",
    "SellOrderCreatedEvent",
    "SourceInfoEventForwarder",
]

_NIL = PositionAction.NIL.value


class OrderFilledEvent(NamedTuple):
    """A part of an order, or all of it, was executed."""

    timestamp: float
    order_id: str
    trading_pair: str
    trade_type: TradeType
    order_type: OrderType
    price: Decimal
    amount: Decimal
    trade_fee: TradeFeeBase
    exchange_trade_id: str = ""
    exchange_order_id: str = ""
    leverage: int | None = 1
    position: str | None = _NIL


@dataclass
class _OrderCreated:
    timestamp: float
    type: OrderType
    trading_pair: str
    amount: Decimal
    price: Decimal
    order_id: str
    creation_timestamp: float
    exchange_order_id: str | None = None
    leverage: int | None = 1
    position: str | None = _NIL


class BuyOrderCreatedEvent(_OrderCreated):
    """The venue has a buy order."""


class SellOrderCreatedEvent(_OrderCreated):
    """The venue has a sell order."""


@dataclass
class _OrderCompleted:
    timestamp: float
    order_id: str
    base_asset: str
    quote_asset: str
    base_asset_amount: Decimal
    quote_asset_amount: Decimal
    order_type: OrderType
    exchange_order_id: str | None = None


class BuyOrderCompletedEvent(_OrderCompleted):
    """A buy order is filled."""


class SellOrderCompletedEvent(_OrderCompleted):
    """A sell order is filled."""


@dataclass
class OrderCancelledEvent:
    timestamp: float
    order_id: str
    exchange_order_id: str | None = None


class OrderExpiredEvent(NamedTuple):
    timestamp: float
    order_id: str


class MarketOrderFailureEvent(NamedTuple):
    """The venue does not have the order, and will not have it."""

    timestamp: float
    order_id: str
    order_type: OrderType
    error_message: str | None = None
    error_type: str | None = None


@dataclass
class FundingPaymentCompletedEvent:
    timestamp: float
    market: str
    trading_pair: str
    amount: Decimal
    funding_rate: Decimal


@dataclass
class PositionModeChangeEvent:
    timestamp: float
    trading_pair: str
    position_mode: PositionMode
    message: str | None = None


class OrderBookTradeEvent(NamedTuple):
    """Somebody's trade; floats, as scripts write them to files."""

    trading_pair: str
    timestamp: float
    type: TradeType
    price: float
    amount: float
    trade_id: str | None = None
    is_taker: bool = True


class EventListener:
    """Base of listeners: something that is called with events."""

    def __call__(self, event_tag: int, market: Any, event: Any) -> None:
        """As :class:`EventForwarder`."""


class EventForwarder(EventListener):
    """Passes events on to a function."""

    def __init__(self, to_function: Callable[..., None]) -> None:
        self.to_function = to_function

    def __call__(self, event_tag: int, market: Any, event: Any) -> None:
        self.to_function(event)


class SourceInfoEventForwarder(EventForwarder):
    """Passes events on with their tag and where they come from."""

    def __call__(self, event_tag: int, market: Any, event: Any) -> None:
        self.to_function(event_tag, market, event)
