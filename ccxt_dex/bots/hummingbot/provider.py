"""The market data provider of a strategy: candles, and the connectors' prices under one roof."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from ccxt_dex.bots.hummingbot.candles import CandlesBase, CandlesFactory
from ccxt_dex.bots.hummingbot.config import CandlesConfig
from ccxt_dex.bots.hummingbot.words import PriceType

__all__ = ["MarketDataProvider"]


class MarketDataProvider:
    def __init__(self, connectors: Mapping[str, Any]) -> None:
        self.connectors = connectors
        self.candles_feeds: dict[tuple[str, str, str], CandlesBase] = {}

    @property
    def ready(self) -> bool:
        return all(each.ready for each in self.connectors.values()) and all(feed.ready for feed in self.candles_feeds.values())

    def stop(self) -> None:
        for feed in self.candles_feeds.values():
            feed.stop()
        self.candles_feeds.clear()

    def time(self) -> float:
        return time.time()

    # --- candles -------------------------------------------------------------------------------------------------------------------------

    def initialize_candles_feed(self, config: CandlesConfig) -> None:
        self.get_candles_feed(config)

    def initialize_candles_feed_list(self, config_list: Iterable[CandlesConfig]) -> None:
        for config in config_list:
            self.get_candles_feed(config)

    def get_candles_feed(self, config: CandlesConfig) -> CandlesBase:
        """The feed of a config, started when it is asked for first; one with more records takes the place of a shorter one."""
        key = (config.connector, config.trading_pair, config.interval)
        feed = self.candles_feeds.get(key)
        if feed is None or feed.max_records < config.max_records:
            if feed is not None:
                feed.stop()
            feed = self.candles_feeds[key] = CandlesFactory.get_candle(config)
            feed.start()
        return feed

    def get_candles_df(self, connector_name: str, trading_pair: str, interval: str, max_records: int = 500) -> Any:
        """The newest rows, oldest first."""
        config = CandlesConfig(connector=connector_name, trading_pair=trading_pair, interval=interval, max_records=max_records)
        return self.get_candles_feed(config).candles_df.iloc[-max_records:]

    # --- connectors ----------------------------------------------------------------------------------------------------------------------

    def get_connector(self, connector_name: str) -> Any:
        """:raises ValueError: no such connector"""
        if connector_name not in self.connectors:
            raise ValueError(f"Connector {connector_name} not found")
        return self.connectors[connector_name]

    def initialize_rate_sources(self, connector_pairs: Any) -> None:
        """Rates come from the connectors' own books."""

    def remove_rate_sources(self, connector_pairs: Any) -> None:
        pass

    def get_rate(self, pair: str) -> Decimal | None:
        """The mid price of a pair that some connector follows; None: none does."""
        for connector in self.connectors.values():
            if pair in connector.trading_pairs:
                mid: Decimal = connector.get_mid_price(pair)
                return mid
        return None

    def get_trading_pairs(self, connector_name: str) -> list[str]:
        return list(self.get_connector(connector_name).trading_pairs)

    def get_trading_rules(self, connector_name: str, trading_pair: str) -> Any:
        return self.get_connector(connector_name).trading_rules[trading_pair]

    def get_order_book(self, connector_name: str, trading_pair: str) -> Any:
        return self.get_connector(connector_name).get_order_book(trading_pair)

    def get_order_book_snapshot(self, connector_name: str, trading_pair: str) -> Any:
        return self.get_order_book(connector_name, trading_pair).snapshot

    def get_price_by_type(self, connector_name: str, trading_pair: str, price_type: PriceType) -> Decimal:
        price: Decimal = self.get_connector(connector_name).get_price_by_type(trading_pair, price_type)
        return price

    def get_funding_info(self, connector_name: str, trading_pair: str) -> Any:
        return self.get_connector(connector_name).get_funding_info(trading_pair)

    def get_balance(self, connector_name: str, asset: str) -> Decimal:
        balance: Decimal = self.get_connector(connector_name).get_balance(asset)
        return balance

    def get_available_balance(self, connector_name: str, asset: str) -> Decimal:
        balance: Decimal = self.get_connector(connector_name).get_available_balance(asset)
        return balance

    def quantize_order_price(self, connector_name: str, trading_pair: str, price: Decimal) -> Decimal:
        quantized: Decimal = self.get_connector(connector_name).quantize_order_price(trading_pair, price)
        return quantized

    def quantize_order_amount(self, connector_name: str, trading_pair: str, amount: Decimal) -> Decimal:
        quantized: Decimal = self.get_connector(connector_name).quantize_order_amount(trading_pair, amount)
        return quantized

    def get_price_for_volume(self, connector_name: str, trading_pair: str, volume: float, is_buy: bool) -> Any:
        return self.get_order_book(connector_name, trading_pair).get_price_for_volume(is_buy, volume)

    def get_price_for_quote_volume(self, connector_name: str, trading_pair: str, quote_volume: float, is_buy: bool) -> Any:
        return self.get_order_book(connector_name, trading_pair).get_price_for_quote_volume(is_buy, quote_volume)

    def get_volume_for_price(self, connector_name: str, trading_pair: str, price: float, is_buy: bool) -> Any:
        return self.get_order_book(connector_name, trading_pair).get_volume_for_price(is_buy, price)

    def get_quote_volume_for_price(self, connector_name: str, trading_pair: str, price: float, is_buy: bool) -> Any:
        return self.get_order_book(connector_name, trading_pair).get_quote_volume_for_price(is_buy, price)

    def get_vwap_for_volume(self, connector_name: str, trading_pair: str, volume: float, is_buy: bool) -> Any:
        return self.get_order_book(connector_name, trading_pair).get_vwap_for_volume(is_buy, volume)
