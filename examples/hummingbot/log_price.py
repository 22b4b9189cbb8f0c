"""Log the best prices of one market on several venues.

python -m ccxt_dex hummingbot examples/hummingbot/log_price.py 'exchanges=["standx_paper_trade","hyperliquid_paper_trade"]'
"""

import os

from hummingbot.core.data_type.common import MarketDict
from hummingbot.strategy.strategy_v2_base import StrategyV2Base, StrategyV2ConfigBase
from pydantic import Field


class LogPriceConfig(StrategyV2ConfigBase):
    script_file_name: str = os.path.basename(__file__)
    exchanges: list = Field(default=["standx_paper_trade"])
    trading_pair: str = Field(default="BTC-USDT")

    def update_markets(self, markets: MarketDict) -> MarketDict:
        for exchange in self.exchanges:
            markets.add_or_update(exchange, self.trading_pair)
        return markets


class LogPrice(StrategyV2Base):
    def on_tick(self):
        for name, connector in self.connectors.items():
            bid, ask = (connector.get_price(self.config.trading_pair, is_buy) for is_buy in (False, True))
            self.logger().info(f"{name} {self.config.trading_pair}: {bid} / {ask}")
