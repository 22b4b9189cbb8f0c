"""The words of hummingbot's scripts: enumerations with hummingbot's names and values, and its dictionary of markets."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from enum import Enum
from typing import Any

__all__ = [
    "NAN",
    "ZERO",
    "GroupedSetDict",
    "LPType",
    "LazyDict",
    "LimitOrderStatus",
    "MarketDict",
    "MarketEvent",
    "NetworkStatus",
    "OrderBookEvent",
    "OrderType",
    "PositionAction",
    "PositionMode",
    "PositionSide",
    "PriceType",
    "TradeType",
    "combine_to_hb_trading_pair",
    "split_hb_trading_pair",
]

NAN = Decimal("NaN")
ZERO = Decimal(0)


class OrderType(Enum):
    MARKET = 1
    LIMIT = 2
    LIMIT_MAKER = 3
    AMM_SWAP = 4
    AMM_ADD = 5
    AMM_REMOVE = 6

    def is_limit_type(self) -> bool:
        return self in (OrderType.LIMIT, OrderType.LIMIT_MAKER)


class TradeType(Enum):
    BUY = 1
    SELL = 2
    RANGE = 3


class PriceType(Enum):
    MidPrice = 1
    BestBid = 2
    BestAsk = 3
    LastTrade = 4
    LastOwnTrade = 5
    InventoryCost = 6
    Custom = 7


class PositionAction(Enum):
    OPEN = "OPEN"
    CLOSE = "CLOSE"
    NIL = "NIL"


class PositionSide(Enum):
    LONG = "LONG"
    SHORT = "SHORT"
    BOTH = "BOTH"


class PositionMode(Enum):
    HEDGE = "HEDGE"
    ONEWAY = "ONEWAY"


class LPType(Enum):
    ADD = 1
    REMOVE = 2
    COLLECT = 3


class LimitOrderStatus(Enum):
    UNKNOWN = 0
    NEW = 1
    OPEN = 2
    CANCELING = 3
    CANCELED = 4
    COMPLETED = 5
    FAILED = 6


class NetworkStatus(Enum):
    STOPPED = 0
    NOT_CONNECTED = 1
    CONNECTED = 2


class MarketEvent(Enum):
    ReceivedAsset = 101
    BuyOrderCompleted = 102
    SellOrderCompleted = 103
    WithdrawAsset = 105
    OrderCancelled = 106
    OrderFilled = 107
    OrderExpired = 108
    OrderUpdate = 109
    TradeUpdate = 110
    OrderFailure = 198
    TransactionFailure = 199
    BuyOrderCreated = 200
    SellOrderCreated = 201
    FundingPaymentCompleted = 202
    FundingInfo = 203
    RangePositionLiquidityAdded = 300
    RangePositionLiquidityRemoved = 301
    RangePositionUpdateFailure = 303


class AccountEvent(Enum):
    PositionModeChangeSucceeded = 400
    PositionModeChangeFailed = 401
    BalanceEvent = 402
    PositionUpdate = 403
    MarginCall = 404
    LiquidationEvent = 405


class OrderBookEvent(int, Enum):
    TradeEvent = 901
    OrderBookDataSourceUpdateEvent = 904


class GroupedSetDict(dict[Any, Any]):
    """Keys with sets of values."""

    def add_or_update(self, key: Any, *values: Any) -> GroupedSetDict:
        self.setdefault(key, set()).update(values)
        return self

    def remove(self, key: Any, value: Any) -> GroupedSetDict:
        if key in self:
            self[key].discard(value)
            if not self[key]:
                del self[key]
        return self

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """So that a script's config may have a field of this type."""
        from pydantic_core import core_schema as schema

        return schema.no_info_after_validator_function(cls, schema.dict_schema(schema.any_schema(), schema.set_schema(schema.any_schema())))


class MarketDict(GroupedSetDict):
    """Connector name -> trading pairs."""


class LazyDict(dict[Any, Any]):
    """A dictionary that makes what it lacks."""

    def __init__(self, default_value_factory: Callable[[Any], Any] | None = None) -> None:
        super().__init__()
        self.default_value_factory = default_value_factory

    def __missing__(self, key: Any) -> Any:
        if self.default_value_factory is None:
            raise KeyError(key)
        self[key] = self.default_value_factory(key)
        return self[key]

    def get_or_add(self, key: Any, value_factory: Callable[[], Any]) -> Any:
        if key not in self:
            self[key] = value_factory()
        return self[key]


def split_hb_trading_pair(trading_pair: str) -> tuple[str, str]:
    """BTC-USDT -> ("BTC", "USDT").

    :raises ValueError: it is not two words around one dash
    """
    base, quote = trading_pair.split("-")
    return base, quote


def combine_to_hb_trading_pair(base: str, quote: str) -> str:
    return f"{base}-{quote}"
