"""Places, cancels and looks up orders. An order is sent once; what nobody can tell about it is looked up, and told when it is known."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from decimal import Decimal
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.bots.hummingbot.announcing import Announcer
from ccxt_dex.bots.hummingbot.fate import in_house, may_live
from ccxt_dex.bots.hummingbot.rules import Rules
from ccxt_dex.bots.hummingbot.tracker import DEAD, Tracked, Tracker, cancelling
from ccxt_dex.bots.hummingbot.words import NAN, ZERO, OrderType, PositionAction

__all__ = ["Desk"]

logger = logging.getLogger("ccxt_dex.hummingbot")
Row = Mapping[str, Any]
Spawn = Callable[[Coroutine[Any, Any, Any]], Any]

# looks that must find nothing, and seconds that must have passed, before an order that the venue had confirmed counts as gone
_GONE_AFTER = (3, 10.0)
_LISTS = (
    ("fetchOpenOrders", "fetch_open_orders"),
    ("fetchOrders", "fetch_orders"),
    ("fetchClosedOrders", "fetch_closed_orders"),
    ("fetchCanceledOrders", "fetch_canceled_orders"),
)


class Desk:
    """One connector's orders."""

    def __init__(self, exchange: Any, announcer: Announcer, rules: Mapping[str, Rules], spawn: Spawn, clock: Callable[[], float]) -> None:
        self.exchange, self.announcer, self.rules, self.spawn, self.clock = exchange, announcer, rules, spawn, clock
        self.tracker: Tracker = announcer.tracker
        self.changed = asyncio.Event()
        """set when the account may look different"""
        self.hedged = False

    # --- placing -------------------------------------------------------------------------------------------------------------------------

    def place(self, order: Tracked, reference: Decimal = NAN) -> None:
        """Track the order and send it; returns at once.

        :param reference: a price of the book for market orders, where the class at hand wants one
        """
        self.tracker.start(order)
        self.spawn(self._place(order, reference))

    async def _place(self, order: Tracked, reference: Decimal) -> None:
        complaint = self._complaint(order)
        if complaint:
            logger.warning("%s order %s was not sent: %s", self.exchange.id, order.order_id, complaint)
            return self.announcer.failed(order, complaint, "ValueError")
        price = order.price if order.type.is_limit_type() else self._bound(reference)
        kind = "limit" if order.type.is_limit_type() else "market"
        amount = float(self.rules[order.trading_pair].to_venue(order.amount))
        side = "buy" if order.is_buy else "sell"
        try:
            row = await self.exchange.create_order(order.symbol, kind, side, amount, price, self._params(order))
        except Exception as error:
            return self._not_confirmed(order, error)
        finally:
            self.changed.set()
        self._confirmed(order, row)
        return None

    def _complaint(self, order: Tracked) -> str:
        if order.amount <= ZERO:
            return "the amount is below the market's minimum"
        if order.type.is_limit_type() and not (order.price.is_finite() and order.price > ZERO):
            return f"{order.price} is no price"
        return ""

    def _bound(self, reference: Decimal) -> float | None:
        needed = not in_house(self.exchange) or self.exchange.close_needs_price
        return float(reference) if needed and reference.is_finite() else None

    def _params(self, order: Tracked) -> dict[str, Any]:
        params: dict[str, Any] = {"clientOrderId": order.venue_client_id} if order.venue_client_id else {}
        if order.type is OrderType.LIMIT_MAKER:
            params["postOnly"] = True
        if order.position is PositionAction.CLOSE and self.exchange.market(order.symbol).get("contract"):
            params["reduceOnly"] = True
        if self.hedged:
            params["hedged"] = True
        return params

    def _confirmed(self, order: Tracked, row: Row) -> None:
        self.announcer.apply(order, row)
        self.follow_up(order)

    def _not_confirmed(self, order: Tracked, error: Exception) -> None:
        if order.state != "placing":
            # a stream was quicker than the answer that got lost
            logger.warning("%s order %s: %s", self.exchange.id, order.order_id, error)
        elif may_live(self.exchange, error):
            order.state = "unknown"
            logger.error("%s does not know what became of order %s, keeps looking: %s", self.exchange.id, order.order_id, error)
        else:
            logger.warning("%s refused order %s: %s", self.exchange.id, order.order_id, error)
            self.announcer.failed(order, str(error), type(error).__name__)

    # --- cancelling ----------------------------------------------------------------------------------------------------------------------

    def cancel(self, order_id: str) -> None:
        """Cancel an order of ours; one whose fate is open is cancelled as soon as it shows up."""
        order = self.tracker.active.get(order_id)
        if order is None or cancelling(order, self.clock()):
            return
        order.cancel_asked, order.cancel_sent = self.clock(), False
        self.follow_up(order)

    def follow_up(self, order: Tracked) -> None:
        """An order that was to be cancelled has become one that can be."""
        if order.cancel_asked is not None and not order.cancel_sent and order.state == "open" and order.exchange_order_id:
            order.cancel_sent = True
            self.spawn(self._cancel(order))

    async def _cancel(self, order: Tracked) -> None:
        try:
            row = await self.exchange.cancel_order(order.exchange_order_id, order.symbol)
        except errors.OrderNotFound:
            await self.look(order)  # filled or cancelled already
        except Exception as error:
            # it may live on: the script sees it again, and may ask again
            order.cancel_asked, order.cancel_sent = None, False
            logger.warning("%s could not cancel %s: %s", self.exchange.id, order.order_id, error)
        else:
            if row.get("status") in DEAD and row.get("filled") is not None:
                self.announcer.apply(order, row)
            else:
                # an acknowledgement says nothing about what was filled before
                await self.look(order)
        finally:
            self.changed.set()

    # --- looking -------------------------------------------------------------------------------------------------------------------------

    async def look(self, order: Tracked) -> None:
        """Ask the venue about one confirmed order and tell what is new."""
        order.checked = self.clock()
        try:
            row = await self.exchange.fetch_order(order.exchange_order_id, order.symbol)
        except errors.OrderNotFound:
            return await self._missing(order)
        except Exception as error:
            logger.warning("%s cannot look up %s: %s", self.exchange.id, order.order_id, error)
            return None
        order.missing = 0
        if row.get("status") == "closed" and row.get("filled") is None:
            await self.read_trades(order)
            row = {**row, "filled": self._venue_filled(order)}
        return self.announcer.apply(order, row)

    def _venue_filled(self, order: Tracked) -> Decimal | None:
        return self.rules[order.trading_pair].to_venue(order.filled) if order.filled else None

    async def _missing(self, order: Tracked) -> None:
        order.missing += 1
        times, seconds = _GONE_AFTER
        if order.missing < times or self.clock() - order.created < seconds:
            return
        if await self.read_trades(order) and order.is_open:
            finish = self.announcer.completed if order.filled >= order.amount else self.announcer.ended
            finish(order)

    async def read_trades(self, order: Tracked) -> bool:
        """Tell fills of one order that are in the venue's list; False: it could not be read."""
        if not self.exchange.has.get("fetchMyTrades"):
            return True
        try:
            rows = await self.exchange.fetch_my_trades(order.symbol, int(order.created * 1000) - 60_000)
        except Exception as error:
            logger.warning("%s cannot read fills of %s: %s", self.exchange.id, order.order_id, error)
            return False
        for row in rows:
            if row.get("order") == order.exchange_order_id:
                self.announcer.trade(row)
        return True

    async def reconcile(self) -> None:
        """Compare every living order with the venue: what streams lost is told now, what was unknown is looked for.

        :raises Exception: whatever the lists raise
        """
        began = self.clock()
        mine = [order for order in self.tracker if order.state == "open" and order.exchange_order_id and order.created < began]
        for symbol in sorted({order.symbol for order in mine}):
            shown = await self._open_orders(symbol)
            for order in mine:
                if order.symbol == symbol and order.is_open and order.exchange_order_id not in shown:
                    await self.look(order)
        if any(order.state == "unknown" for order in self.tracker):
            await self._find_unknown()

    async def _open_orders(self, symbol: str) -> set[str]:
        """Ids of what is in the book; what the list says about fills is told."""
        if not self.exchange.has.get("fetchOpenOrders"):
            return set()
        rows = await self.exchange.fetch_open_orders(symbol)
        for row in rows:
            self.announcer.order(row)
        return {str(row["id"]) for row in rows}

    async def _find_unknown(self) -> None:
        if in_house(self.exchange):
            await self.exchange.resolve_unresolved()
        for order in self.tracker:
            if order.state == "unknown":
                row = await (self._settled(order) if in_house(self.exchange) else self._listed(order))
                if row is not None:
                    logger.info("%s has order %s after all", self.exchange.id, order.order_id)
                    self._confirmed(order, row)

    async def _settled(self, order: Tracked) -> Row | None:
        """What our class found out; absence that it proved is told as failure."""
        intent = self.exchange.unresolved.get(order.venue_client_id)
        if intent is None:
            return None
        if intent["status"] == "absent":
            self.announcer.failed(order, "the order never reached the venue", "NetworkError")
        found: Row | None = intent.get("order") if intent["status"] == "found" else None
        return found

    async def _listed(self, order: Tracked) -> Row | None:
        """A class of ccxt's: in its lists, by client order id. Not being there proves nothing."""
        if not order.venue_client_id:
            return None
        for flag, name in _LISTS:
            if not self.exchange.has.get(flag):
                continue
            try:
                rows = await getattr(self.exchange, name)(order.symbol)
            except Exception as error:
                logger.debug("%s.%s: %s", self.exchange.id, name, error)
                continue
            for row in rows:
                if row.get("clientOrderId") == order.venue_client_id:
                    return dict(row)
        return None

    # --- stopping ------------------------------------------------------------------------------------------------------------------------

    async def cancel_all(self, patience: float) -> list[Tracked]:
        """Cancel what lives, and look until it is gone.

        :param patience: seconds
        :returns: orders that may still live
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + patience
        pause = 0.05
        while True:
            for order in self.tracker:
                if order.cancel_asked is None:
                    self.cancel(order.order_id)
            if not self.tracker.active or loop.time() >= deadline:
                return list(self.tracker)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 1.0)
            if pause > 0.2:
                try:
                    await self.reconcile()
                except Exception as error:
                    logger.warning("%s cannot list open orders: %s", self.exchange.id, error)
