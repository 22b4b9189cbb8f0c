"""The part of a connector that answers questions about prices, volumes and the grid."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ccxt_dex.bots.hummingbot.orderbook import OrderBook, OrderBookQueryResult
from ccxt_dex.bots.hummingbot.rules import Rules
from ccxt_dex.bots.hummingbot.values import ClientOrderBookQueryResult
from ccxt_dex.bots.hummingbot.words import NAN, PriceType

__all__ = ["Prices"]


class Prices:
    """Base of connectors. Unknown prices are NaN."""

    order_books: dict[str, OrderBook]
    rules: dict[str, Rules]

    @property
    def trading_rules(self) -> dict[str, Rules]:
        return self.rules

    def get_order_book(self, trading_pair: str) -> OrderBook:
        """:raises ValueError: a pair that the connector does not follow"""
        if trading_pair not in self.order_books:
            raise ValueError(f"No order book exists for '{trading_pair}'.")
        return self.order_books[trading_pair]

    def get_price(self, trading_pair: str, is_buy: bool, amount: Decimal = NAN) -> Decimal:
        """Best ask for a buyer, best bid for a seller; with an amount the last price that it takes."""
        if amount.is_finite() and amount > 0:
            return self.get_price_for_volume(trading_pair, is_buy, amount).result_price
        try:
            price = Decimal(str(self.get_order_book(trading_pair).get_price(is_buy)))
        except OSError:
            return NAN
        return self.quantize_order_price(trading_pair, price)

    def get_mid_price(self, trading_pair: str) -> Decimal:
        return (self.get_price(trading_pair, True) + self.get_price(trading_pair, False)) / 2

    def get_price_by_type(self, trading_pair: str, price_type: PriceType) -> Decimal:
        """NaN for the last trade while none was seen, and for kinds of prices that a connector does not know."""
        if price_type is PriceType.MidPrice:
            return self.get_mid_price(trading_pair)
        if price_type in (PriceType.BestBid, PriceType.BestAsk):
            return self.get_price(trading_pair, price_type is PriceType.BestAsk)
        if price_type is PriceType.LastTrade:
            return Decimal(str(self.get_order_book(trading_pair).last_trade_price))
        return NAN

    async def get_quote_price(self, trading_pair: str, is_buy: bool, amount: Decimal) -> Decimal:
        """The average price of an amount."""
        return self.get_vwap_for_volume(trading_pair, is_buy, amount).result_price

    async def get_order_price(self, trading_pair: str, is_buy: bool, amount: Decimal) -> Decimal:
        """The last price that an amount takes."""
        return self.get_price_for_volume(trading_pair, is_buy, amount).result_price

    # --- the book ------------------------------------------------------------------------------------------------------------------------

    def get_price_for_volume(self, trading_pair: str, is_buy: bool, volume: Decimal) -> ClientOrderBookQueryResult:
        return _exact(self.get_order_book(trading_pair).get_price_for_volume(is_buy, float(volume)))

    def get_price_for_quote_volume(self, trading_pair: str, is_buy: bool, volume: Decimal) -> ClientOrderBookQueryResult:
        return _exact(self.get_order_book(trading_pair).get_price_for_quote_volume(is_buy, float(volume)))

    def get_vwap_for_volume(self, trading_pair: str, is_buy: bool, volume: Decimal) -> ClientOrderBookQueryResult:
        return _exact(self.get_order_book(trading_pair).get_vwap_for_volume(is_buy, float(volume)))

    def get_quote_volume_for_base_amount(self, trading_pair: str, is_buy: bool, base_amount: Decimal) -> ClientOrderBookQueryResult:
        return _exact(self.get_order_book(trading_pair).get_quote_volume_for_base_amount(is_buy, float(base_amount)))

    def get_volume_for_price(self, trading_pair: str, is_buy: bool, price: Any) -> ClientOrderBookQueryResult:
        return _exact(self.get_order_book(trading_pair).get_volume_for_price(is_buy, float(price)))

    def get_quote_volume_for_price(self, trading_pair: str, is_buy: bool, price: Any) -> ClientOrderBookQueryResult:
        return _exact(self.get_order_book(trading_pair).get_quote_volume_for_price(is_buy, float(price)))

    def order_book_bid_entries(self, trading_pair: str) -> Any:
        return self.get_order_book(trading_pair).bid_entries()

    def order_book_ask_entries(self, trading_pair: str) -> Any:
        return self.get_order_book(trading_pair).ask_entries()

    # --- the grid ------------------------------------------------------------------------------------------------------------------------

    def get_order_price_quantum(self, trading_pair: str, price: Decimal) -> Decimal:
        return self.rules[trading_pair].price_quantum(Decimal(price))

    def get_order_size_quantum(self, trading_pair: str, order_size: Decimal) -> Decimal:
        return self.rules[trading_pair].amount_quantum(Decimal(order_size))

    def quantize_order_price(self, trading_pair: str, price: Decimal) -> Decimal:
        """Rounded down to the grid."""
        return self.rules[trading_pair].quantize_price(Decimal(price))

    def quantize_order_amount(self, trading_pair: str, amount: Decimal, price: Decimal = NAN) -> Decimal:
        """Rounded down to the grid; 0 below the minimum. With a price the minimum cost counts too."""
        return self.rules[trading_pair].quantize_amount(Decimal(amount), Decimal(price))


def _exact(result: OrderBookQueryResult) -> ClientOrderBookQueryResult:
    return ClientOrderBookQueryResult(*(Decimal(str(value)) for value in result))
