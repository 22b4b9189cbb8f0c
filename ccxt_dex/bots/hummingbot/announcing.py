"""Turns what happened to an order into hummingbot's events: created before filled, filled before completed, each once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from ccxt_dex.bots.hummingbot import events
from ccxt_dex.bots.hummingbot.rules import Rules, number
from ccxt_dex.bots.hummingbot.tracker import DEAD, Fill, Tracked, Tracker
from ccxt_dex.bots.hummingbot.values import AddedToCostTradeFee, TokenAmount, TradeFeeBase
from ccxt_dex.bots.hummingbot.words import ZERO

__all__ = ["Announcer", "Tell"]

Row = Mapping[str, Any]
Tell = Callable[[str, Any], None]
# is it a buy order? -> word in method names, event when created, event when completed
_WORDS: dict[bool, tuple[str, Any, Any]] = {
    True: ("buy", events.BuyOrderCreatedEvent, events.BuyOrderCompletedEvent),
    False: ("sell", events.SellOrderCreatedEvent, events.SellOrderCompletedEvent),
}


class Announcer:
    """Feeds rows of ccxt's into the tracker and tells the strategy what is new in them."""

    def __init__(self, tracker: Tracker, rules: Mapping[str, Rules], tell: Tell, clock: Callable[[], float]) -> None:
        """
        :param rules: trading pair -> rules
        :param tell: called with the name of a strategy's method and an event
        """
        self.tracker, self.rules, self.tell, self.clock = tracker, rules, tell, clock
        self.fee_rates: dict[str, Decimal] = {}

    # --- rows ----------------------------------------------------------------------------------------------------------------------------

    def order(self, row: Row) -> Tracked | None:
        """A row of an order, from wherever; None: not an order of ours."""
        order = self.tracker.find(row)
        if order is not None:
            self.apply(order, row)
        return order

    def trade(self, row: Row) -> Tracked | None:
        """A row of a fill; None: not of an order of ours."""
        order = self.tracker.find(row)
        if order is None or not row.get("id"):
            return order
        if order.exchange_order_id is None and row.get("order"):
            self.tracker.identify(order, str(row["order"]))
        amount = self.rules[order.trading_pair].from_venue(row.get("amount"))
        self._fill(order, order.add_trade(str(row["id"]), amount, number(row.get("price"), order.price), _fee(row)))
        return order

    def apply(self, order: Tracked, row: Row) -> None:
        """What a row says about this order."""
        if row.get("id") and order.exchange_order_id is None:
            self.tracker.identify(order, str(row["id"]))
        status = str(row.get("status") or "open")
        if row.get("filled"):
            filled = self.rules[order.trading_pair].from_venue(row["filled"])
            self._fill(order, order.add_total(filled, _cost(row, filled)))
        if order.is_done:
            return
        if status == "rejected" and not order.filled:
            self.failed(order, str((row.get("info") or {}).get("error") or "rejected by the venue"), "OrderRejected")
        elif status in DEAD:
            self.created(order)
            self.ended(order, expired=status == "expired")
        elif status == "closed":
            self.created(order)
            if order.filled or row.get("filled") is not None:
                self.completed(order)
        else:
            self.created(order)

    # --- events --------------------------------------------------------------------------------------------------------------------------

    def created(self, order: Tracked) -> None:
        if order.state in ("placing", "unknown"):
            order.state = "open"
        if order.announced:
            return
        order.announced = True
        word, event, _ = _WORDS[order.is_buy]
        told = event(
            self.clock(),
            order.type,
            order.trading_pair,
            order.amount,
            order.price,
            order.order_id,
            order.created,
            order.exchange_order_id,
            order.leverage,
            order.position.value,
        )
        self.tell(f"did_create_{word}_order", told)

    def _fill(self, order: Tracked, fill: Fill | None) -> None:
        if fill is None:
            return
        self.created(order)
        event = events.OrderFilledEvent(
            self.clock(),
            order.order_id,
            order.trading_pair,
            order.trade_type,
            order.type,
            fill.price,
            fill.amount,
            fill.fee or AddedToCostTradeFee(self.fee_rates.get(order.trading_pair, ZERO)),
            fill.trade_id,
            order.exchange_order_id or "",
            order.leverage,
            order.position.value,
        )
        self.tell("did_fill_order", event)

    def completed(self, order: Tracked) -> None:
        """The venue has executed what it is going to execute, and calls that filled."""
        if not order.filled:
            return self.ended(order)
        self.tracker.finish(order)
        word, _, event = _WORDS[order.is_buy]
        amounts = (order.filled, order.cost)
        told = event(self.clock(), order.order_id, order.base, order.quote, *amounts, order.type, order.exchange_order_id)
        return self.tell(f"did_complete_{word}_order", told)

    def ended(self, order: Tracked, expired: bool = False) -> None:
        """It is gone from the book, by a cancel or by its own terms."""
        self.tracker.finish(order)
        if expired:
            return self.tell("did_expire_order", events.OrderExpiredEvent(self.clock(), order.order_id))
        return self.tell("did_cancel_order", events.OrderCancelledEvent(self.clock(), order.order_id, order.exchange_order_id))

    def failed(self, order: Tracked, message: str, kind: str) -> None:
        """It is certain that the venue does not have it."""
        self.tracker.finish(order)
        self.tell("did_fail_order", events.MarketOrderFailureEvent(self.clock(), order.order_id, order.type, message, kind))


def _cost(row: Row, filled: Decimal) -> Decimal | None:
    """In the quote currency, of all that is filled."""
    if row.get("cost"):
        return number(row["cost"])
    if row.get("average"):
        return number(row["average"]) * filled
    return None


def _fee(row: Row) -> TradeFeeBase | None:
    fees = [each for each in (row.get("fees") or [row.get("fee")]) if each and each.get("cost") is not None]
    if not fees:
        return None
    return AddedToCostTradeFee(flat_fees=[TokenAmount(str(each.get("currency") or ""), number(each["cost"])) for each in fees])
