"""Quote both sides of a perpetual, post-only, and lean against the position that piles up.

    python -m ccxt_dex hummingbot examples/hummingbot/perp_market_maker.py connector=standx_paper_trade order_amount=0.002

An example of the interface, not of a way to make money.
"""

import os
from decimal import Decimal

from hummingbot.connector.connector_base import ConnectorBase
from hummingbot.core.data_type.common import MarketDict, OrderType, PositionMode, PriceType, TradeType
from hummingbot.core.data_type.order_candidate import PerpetualOrderCandidate
from hummingbot.core.event.events import MarketOrderFailureEvent, OrderFilledEvent
from hummingbot.strategy.strategy_v2_base import StrategyV2Base, StrategyV2ConfigBase
from pydantic import Field


class MarketMakerConfig(StrategyV2ConfigBase):
    script_file_name: str = os.path.basename(__file__)
    connector: str = Field(default="standx_paper_trade")
    trading_pair: str = Field(default="BTC-USDT")
    order_amount: Decimal = Field(default=Decimal("0.002"))
    spread: Decimal = Field(default=Decimal("0.001"))
    refresh_time: float = Field(default=10)
    max_position: Decimal = Field(default=Decimal("0.01"))
    leverage: int = Field(default=5)
    post_only: bool = Field(default=True)

    def update_markets(self, markets: MarketDict) -> MarketDict:
        return markets.add_or_update(self.connector, self.trading_pair)


class PerpMarketMaker(StrategyV2Base):
    next_refresh = 0.0
    filled = Decimal(0)

    @property
    def connector(self) -> ConnectorBase:
        return self.connectors[self.config.connector]

    def apply_initial_setting(self):
        self.connector.set_position_mode(PositionMode.ONEWAY)
        self.connector.set_leverage(self.config.trading_pair, self.config.leverage)

    def position(self) -> Decimal:
        held = self.connector.account_positions.get(self.config.trading_pair)
        return held.amount if held else Decimal(0)

    def on_tick(self):
        if self.current_timestamp < self.next_refresh:
            return
        for order in self.get_active_orders(self.config.connector):
            self.cancel(self.config.connector, order.trading_pair, order.client_order_id)
        mid = self.connector.get_price_by_type(self.config.trading_pair, PriceType.MidPrice)
        if mid.is_nan():
            return  # nobody knows the price at the moment
        self.next_refresh = self.current_timestamp + self.config.refresh_time
        for candidate in self.connector.budget_checker.adjust_candidates(self.quotes(mid), all_or_none=True):
            if candidate.amount > 0:
                send = self.buy if candidate.order_side is TradeType.BUY else self.sell
                send(self.config.connector, self.config.trading_pair, candidate.amount, candidate.order_type, candidate.price)

    def quotes(self, mid: Decimal) -> list:
        kind = OrderType.LIMIT_MAKER if self.config.post_only else OrderType.LIMIT
        # the further away from flat, the less attractive the side that adds to it
        lean = mid * self.config.spread * self.position() / self.config.max_position
        quotes = []
        for side, sign in ((TradeType.BUY, -1), (TradeType.SELL, 1)):
            if sign * -self.position() < self.config.max_position:
                price = mid * (1 + sign * self.config.spread) - lean
                leverage = Decimal(self.config.leverage)
                quotes.append(
                    PerpetualOrderCandidate(
                        trading_pair=self.config.trading_pair,
                        is_maker=True,
                        order_type=kind,
                        order_side=side,
                        amount=self.config.order_amount,
                        price=price,
                        leverage=leverage,
                    )
                )
        return quotes

    def did_fill_order(self, event: OrderFilledEvent):
        self.filled += event.amount
        self.logger().info(f"{event.trade_type.name} {event.amount} {event.trading_pair} at {event.price}")

    def did_fail_order(self, event: MarketOrderFailureEvent):
        self.logger().warning(f"order {event.order_id} failed: {event.error_message}")

    def format_status(self) -> str:
        return f"{super().format_status()}\n\n  Position: {self.position()}   Filled so far: {self.filled}"
