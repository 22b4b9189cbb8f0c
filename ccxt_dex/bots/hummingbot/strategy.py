"""The base classes that scripts derive from."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

from ccxt_dex.bots.hummingbot.config import StrategyV2ConfigBase
from ccxt_dex.bots.hummingbot.provider import MarketDataProvider
from ccxt_dex.bots.hummingbot.status import Status
from ccxt_dex.bots.hummingbot.values import LimitOrder, MarketTradingPairTuple
from ccxt_dex.bots.hummingbot.words import NAN, MarketDict, OrderType, PositionAction, split_hb_trading_pair

__all__ = ["ScriptStrategyBase", "StrategyV2Base"]

_CALLBACKS = (
    "did_create_buy_order", "did_create_sell_order", "did_fill_order", "did_fail_order", "did_cancel_order", "did_expire_order",
    "did_complete_buy_order", "did_complete_sell_order", "did_complete_funding_payment", "did_change_position_mode_succeed",
    "did_change_position_mode_fail",
)  # fmt: skip


class StrategyV2Base(Status):
    """A script: `on_tick` runs every second once all connectors are ready, `did_...` when something happened to an order."""

    markets: dict[str, set[str]] = {}
    notify: Callable[[str], None] | None = None
    """where messages to the user go; None: to stdout"""

    @classmethod
    def logger(cls) -> logging.Logger:
        return logging.getLogger(f"hummingbot.{cls.__name__}")

    @classmethod
    def update_markets(cls, config: Any, markets: MarketDict) -> MarketDict:
        return markets

    @classmethod
    def init_markets(cls, config: Any) -> None:
        """Fill `markets`, from the config where it says so."""
        if isinstance(config, StrategyV2ConfigBase):
            config.load_controller_configs()
            cls.markets = config.update_markets(MarketDict())

    def __init__(self, connectors: Mapping[str, Any], config: Any = None) -> None:
        self.connectors = dict(connectors)
        self.config = config
        self.ready_to_trade = False
        self.current_timestamp = 0.0
        self.market_data_provider = MarketDataProvider(self.connectors)
        self.controllers: dict[str, Any] = {}

    # --- life ----------------------------------------------------------------------------------------------------------------------------

    def start(self, clock: Any, timestamp: float) -> None:
        """Called once before the first tick."""
        self.current_timestamp = timestamp
        self.apply_initial_setting()

    def apply_initial_setting(self) -> None:
        pass

    def tick(self, timestamp: float) -> None:
        """Every second; until every connector is ready it only says which is not."""
        self.current_timestamp = timestamp
        if self.ready_to_trade:
            self.on_tick()
            return
        waiting = [each for each in self.connectors.values() if not each.ready]
        for connector in waiting:
            missing = ", ".join(name for name, there in connector.status_dict.items() if not there)
            self.logger().warning(f"{connector.name} is not ready. Please wait... ({missing})")
        self.ready_to_trade = not waiting

    def on_tick(self) -> None:
        pass

    async def on_stop(self) -> None:
        """A script may make a plain function of it."""

    def stop(self, clock: Any) -> None:
        pass

    # --- orders --------------------------------------------------------------------------------------------------------------------------

    def buy(
        self,
        connector_name: str,
        trading_pair: str,
        amount: Decimal,
        order_type: OrderType,
        price: Decimal = NAN,
        position_action: PositionAction = PositionAction.OPEN,
    ) -> str:
        """Send a buy order; its id at once.

        :param amount: in the base currency
        :raises TypeError: amount or price is no Decimal
        """
        _must_be_exact(amount, price)
        order_id: str = self.connectors[connector_name].buy(trading_pair, amount, order_type, price, position_action=position_action)
        return order_id

    def sell(
        self,
        connector_name: str,
        trading_pair: str,
        amount: Decimal,
        order_type: OrderType,
        price: Decimal = NAN,
        position_action: PositionAction = PositionAction.OPEN,
    ) -> str:
        """As `buy`."""
        _must_be_exact(amount, price)
        order_id: str = self.connectors[connector_name].sell(trading_pair, amount, order_type, price, position_action=position_action)
        return order_id

    def cancel(self, connector_name: str, trading_pair: str, order_id: str) -> None:
        self.connectors[connector_name].cancel(trading_pair, order_id)

    def get_active_orders(self, connector_name: str) -> list[LimitOrder]:
        """Living limit orders, from the moment they were sent; without those that are being cancelled."""
        orders: list[LimitOrder] = self.connectors[connector_name].active_limit_orders
        return orders

    def get_market_trading_pair_tuples(self) -> list[MarketTradingPairTuple]:
        pairs = [(connector, pair) for name, connector in self.connectors.items() for pair in sorted(self.markets[name])]
        return [MarketTradingPairTuple(connector, pair, *split_hb_trading_pair(pair)) for connector, pair in pairs]

    def set_leverage(self, connector: str, trading_pair: str, leverage: int) -> None:
        self.connectors[connector].set_leverage(trading_pair, leverage)

    def set_position_mode(self, connector: str, position_mode: Any) -> None:
        self.connectors[connector].set_position_mode(position_mode)

    @staticmethod
    def is_perpetual(connector: str) -> bool:
        return "perpetual" in connector

    def get_candles_df(self, connector_name: str, trading_pair: str, interval: str) -> Any:
        return self.market_data_provider.get_candles_df(connector_name, trading_pair, interval)

    # --- words to the user ---------------------------------------------------------------------------------------------------------------

    def log_with_clock(self, log_level: int, msg: str, **kwargs: Any) -> None:
        self.logger().log(log_level, f"{msg} [clock={datetime.fromtimestamp(self.current_timestamp, timezone.utc)}]", **kwargs)

    def notify_hb_app(self, msg: str) -> None:
        if self.notify is not None:
            self.notify(msg)
        else:
            sys.stdout.write(f"{msg}\n")

    def notify_hb_app_with_timestamp(self, msg: str) -> None:
        self.notify_hb_app(f"({datetime.fromtimestamp(self.current_timestamp)}) {msg}")

    def tell(self, method: str, event: Any) -> None:
        """Call one of the script's callbacks; its errors end up in the log, as an order's story goes on without them."""
        try:
            getattr(self, method)(event)
        except Exception:
            self.logger().exception(f"{method} failed")


def _nothing(name: str) -> Callable[[Any, Any], None]:
    def callback(self: Any, event: Any) -> None:
        return None

    callback.__name__ = name
    return callback


for _name in _CALLBACKS:
    setattr(StrategyV2Base, _name, _nothing(_name))


class ScriptStrategyBase(StrategyV2Base):
    """The base of scripts from before hummingbot had only one: `markets` in the class, a config or none."""

    def __init__(self, connectors: Mapping[str, Any], config: Any = None) -> None:
        super().__init__(connectors, config)


def _must_be_exact(amount: Any, price: Any) -> None:
    if not (isinstance(amount, Decimal) and isinstance(price, Decimal)):
        raise TypeError("price and amount must be Decimal objects.")
