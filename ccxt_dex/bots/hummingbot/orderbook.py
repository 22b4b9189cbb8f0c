"""hummingbot's order book over a book of ccxt's, and what it answers about volumes and prices."""

from __future__ import annotations

import importlib
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

from ccxt_dex.bots.hummingbot.values import OrderBookRow
from ccxt_dex.bots.hummingbot.words import OrderBookEvent

__all__ = ["OrderBook", "OrderBookQueryResult"]

Level = tuple[float, float]
_NAN = math.nan


class OrderBookQueryResult(NamedTuple):
    """The same as for clients, in floats."""

    query_price: float
    query_volume: float
    result_price: float
    result_volume: float


class OrderBook:
    """Both sides of one market as of the last update; empty while nobody knows."""

    def __init__(self, market: Any = None) -> None:
        """:param market: the connector, told to listeners as the source of events"""
        self._market = market
        self.contract_size = 1.0
        """base currency of what the venue calls an amount of 1"""
        self._source: Any = None
        self._listeners: list[tuple[int, Any]] = []
        self.last_diff_uid = self.snapshot_uid = 0
        self.last_trade_price = _NAN

    # --- what the connector does --------------------------------------------------------------------------------------------------------

    def replace(self, source: Any) -> None:
        """Show this book of ccxt's from now on, best prices first; one that changes by itself is shown as it is at each moment."""
        self._source = source
        self.last_diff_uid += 1
        self.snapshot_uid = self.last_diff_uid

    def forget(self) -> None:
        """Nobody knows the prices any more."""
        self._source = None

    @property
    def live(self) -> bool:
        """Whether the prices are today's; a book of ours knows when its stream was lost."""
        return self._source is not None and getattr(self._source, "stale", None) is None

    def apply_trade(self, trade: Any) -> None:
        """Tell a public trade (an OrderBookTradeEvent) to whoever listens."""
        self.last_trade_price = float(trade.price)
        for tag, listener in list(self._listeners):
            if tag == OrderBookEvent.TradeEvent.value:
                listener(tag, self._market, trade)

    # --- what scripts do ----------------------------------------------------------------------------------------------------------------

    def add_listener(self, event_tag: Any, listener: Any) -> None:
        tag = int(getattr(event_tag, "value", event_tag))
        if (tag, listener) not in self._listeners:
            self._listeners.append((tag, listener))

    def remove_listener(self, event_tag: Any, listener: Any) -> None:
        tag = int(getattr(event_tag, "value", event_tag))
        self._listeners = [each for each in self._listeners if each != (tag, listener)]

    @property
    def snapshot(self) -> tuple[Any, Any]:
        """Bids and asks as two pandas.DataFrame with the columns price, amount, update_id."""
        frame = importlib.import_module("pandas").DataFrame
        columns = list(OrderBookRow._fields)
        bids, asks = (frame(data=list(rows), columns=columns, dtype="float64") for rows in (self.bid_entries(), self.ask_entries()))
        return bids, asks

    def bid_entries(self) -> Iterator[OrderBookRow]:
        return (OrderBookRow(price, amount, self.last_diff_uid) for price, amount in self._side(False))

    def ask_entries(self) -> Iterator[OrderBookRow]:
        return (OrderBookRow(price, amount, self.last_diff_uid) for price, amount in self._side(True))

    def get_price(self, is_buy: bool) -> float:
        """Best ask for a buyer, best bid for a seller.

        :raises EnvironmentError: that side is empty
        """
        side = self._source["asks" if is_buy else "bids"] if self.live else []
        if not side:
            raise OSError("Order book is empty - no price quote is possible.")
        return float(side[0][0])

    def get_price_for_volume(self, is_buy: bool, volume: float) -> OrderBookQueryResult:
        """The price of the last level that an order of this size takes; NaN when the book is too thin."""
        total = 0.0
        for price, amount in self._side(is_buy):
            total += amount
            if total >= volume:
                return OrderBookQueryResult(_NAN, volume, price, volume)
        return OrderBookQueryResult(_NAN, volume, _NAN, min(total, volume))

    def get_price_for_quote_volume(self, is_buy: bool, quote_volume: float) -> OrderBookQueryResult:
        """The same for a size in the quote currency."""
        total = 0.0
        for price, amount in self._side(is_buy):
            total += amount * price
            if total >= quote_volume:
                return OrderBookQueryResult(_NAN, quote_volume, price, quote_volume)
        return OrderBookQueryResult(_NAN, quote_volume, _NAN, min(total, quote_volume))

    def get_vwap_for_volume(self, is_buy: bool, volume: float) -> OrderBookQueryResult:
        """The average price of an order of this size; NaN when the book is too thin."""
        base, quote = self._take(is_buy, volume)
        price = quote / base if base >= volume > 0 else _NAN
        return OrderBookQueryResult(_NAN, volume, price, base)

    def get_quote_volume_for_base_amount(self, is_buy: bool, base_amount: float) -> OrderBookQueryResult:
        """What an order of this size costs, as far as the book goes."""
        return OrderBookQueryResult(_NAN, base_amount, _NAN, self._take(is_buy, base_amount)[1])

    def get_volume_for_price(self, is_buy: bool, price: float) -> OrderBookQueryResult:
        """How much is offered up to a price."""
        rows = list(self._up_to(is_buy, price))
        return OrderBookQueryResult(price, _NAN, rows[-1][0] if rows else _NAN, sum(amount for _, amount in rows))

    def get_quote_volume_for_price(self, is_buy: bool, price: float) -> OrderBookQueryResult:
        """The same in the quote currency."""
        rows = list(self._up_to(is_buy, price))
        return OrderBookQueryResult(price, _NAN, rows[-1][0] if rows else _NAN, sum(at * amount for at, amount in rows))

    def _side(self, is_buy: bool) -> list[Level]:
        if not self.live:
            return []
        return [(float(row[0]), float(row[1]) * self.contract_size) for row in self._source["asks" if is_buy else "bids"]]

    def _up_to(self, is_buy: bool, limit: float) -> Iterator[Level]:
        for price, amount in self._side(is_buy):
            if price > limit if is_buy else price < limit:
                return
            yield price, amount

    def _take(self, is_buy: bool, wanted: float) -> tuple[float, float]:
        base = quote = 0.0
        for price, amount in self._side(is_buy):
            part = min(amount, wanted - base)
            base, quote = base + part, quote + part * price
            if base >= wanted:
                break
        return base, quote
