"""Open a position and close it again: a script in the style from before configs, with its markets in the class.

    python -m ccxt_dex hummingbot examples/hummingbot/legacy_round_trip.py

It trades on a local paper venue. `--connector standx_paper_trade=hyperliquid_testnet` lets another exchange stand for it.
"""

from decimal import Decimal

from hummingbot.client.hummingbot_application import HummingbotApplication
from hummingbot.core.data_type.common import OrderType, PositionAction
from hummingbot.core.event.events import BuyOrderCompletedEvent, OrderFilledEvent, SellOrderCompletedEvent
from hummingbot.strategy.script_strategy_base import ScriptStrategyBase


class LegacyRoundTrip(ScriptStrategyBase):
    connector_name = "standx_paper_trade"
    trading_pair = "BTC-USDT"
    amount = Decimal("0.002")
    markets = {connector_name: {trading_pair}}

    bought = sold = False
    paid = received = Decimal(0)

    def on_tick(self):
        position = self.connectors[self.connector_name].account_positions.get(self.trading_pair)
        if not self.bought:
            self.bought = True
            self.buy(self.connector_name, self.trading_pair, self.amount, OrderType.MARKET)
        elif position and self.paid and not self.sold:
            self.sold = True
            self.sell(self.connector_name, self.trading_pair, position.amount, OrderType.MARKET, position_action=PositionAction.CLOSE)

    def did_fill_order(self, event: OrderFilledEvent):
        self.log_with_clock(20, f"{event.trade_type.name} {event.amount} at {event.price}")

    def did_complete_buy_order(self, event: BuyOrderCompletedEvent):
        self.paid = event.quote_asset_amount

    def did_complete_sell_order(self, event: SellOrderCompletedEvent):
        self.received = event.quote_asset_amount
        self.notify_hb_app_with_timestamp(f"round trip done: {self.received - self.paid:+.4f} before fees")
        HummingbotApplication.main_application().stop()
