"""The part of hummingbot's connector that sends, cancels and looks up orders."""

# pyright: reportMissingImports=false
from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from hummingbot.core.data_type.common import OrderType, PositionAction
from hummingbot.core.data_type.in_flight_order import OrderUpdate, TradeUpdate
from hummingbot.core.data_type.trade_fee import TokenAmount, TradeFeeBase

from ccxt_dex._ccxt import errors
from ccxt_dex.bots.hummingbot.fate import client_order_id, in_house, may_live
from ccxt_dex.bots.hummingbot.feeds import Pace
from ccxt_dex.bots.hummingbot.rules import Rules, number

__all__ = ["Orders"]

logger = logging.getLogger("ccxt_dex.hummingbot")
_LISTS = (("fetchOpenOrders", "fetch_open_orders"), ("fetchOrders", "fetch_orders"), ("fetchClosedOrders", "fetch_closed_orders"))


class _NotYet(Exception):
    """The venue's id of an order is not known yet: `_place_order` is still at it."""


class Orders:
    """Part of the connector."""

    exchange: Any
    pace: Pace
    rules: dict[str, Rules]
    venue_ids: dict[str, str]
    """hummingbot's order id -> the client order id that the venue was given, in the venue's format"""

    async def _place_order(
        self: Any,
        order_id: str,
        trading_pair: str,
        amount: Decimal,
        trade_type: Any,
        order_type: Any,
        price: Decimal,
        position_action: Any = PositionAction.NIL,
        **_: Any,
    ) -> tuple[str, float]:
        """Send an order once; while nobody knows what became of it this goes on looking.

        :returns: the venue's id, seconds
        :raises BaseError: the venue does not have the order
        """
        await self.markets_loaded()
        symbol, market = self.symbol(trading_pair), order_type is OrderType.MARKET
        self.venue_ids[order_id] = client_order_id(self.exchange)
        side = trade_type.name.lower()
        wanted = not in_house(self.exchange) or self.exchange.close_needs_price
        reference = self.get_price(trading_pair, side == "buy") if market and wanted else price
        at = None if market and not wanted else float(reference)
        size = float(self.rules[trading_pair].to_venue(amount))
        params = self._params(order_id, order_type, position_action)
        try:
            row = await self.exchange.create_order(symbol, "market" if market else "limit", side, size, at, params)
        except Exception as error:
            if not may_live(self.exchange, error):
                raise
            logger.error("%s does not know what became of order %s, keeps looking: %s", self.name, order_id, error)
            row = await self._found(order_id, symbol)
        return str(row["id"]), (row.get("timestamp") or time.time() * 1000) / 1000

    async def _found(self: Any, order_id: str, symbol: str) -> Mapping[str, Any]:
        """:raises NetworkError: it is proved that the venue does not have it"""
        while True:
            await asyncio.sleep(self.pace.poll)
            try:
                row = await (self._settled(order_id) if in_house(self.exchange) else self._listed(order_id, symbol))
            except errors.NetworkError as error:
                if getattr(error, "verdict", None) == "absent":
                    raise
                continue
            if row is not None:
                return row  # type: ignore[no-any-return]

    async def _settled(self: Any, order_id: str) -> Any:
        await self.exchange.resolve_unresolved()
        intent = self.exchange.unresolved.get(self.venue_ids[order_id]) or {}
        if intent.get("status") == "absent":
            absent = errors.NetworkError(f"{self.name} order {order_id} never reached the venue")
            absent.verdict = "absent"  # type: ignore[attr-defined]
            raise absent
        return intent.get("order") if intent.get("status") == "found" else None

    async def _listed(self: Any, order_id: str, symbol: str) -> Any:
        wanted = self.venue_ids[order_id]
        for flag, name in _LISTS if wanted else ():
            if self.exchange.has.get(flag):
                for row in await getattr(self.exchange, name)(symbol):
                    if row.get("clientOrderId") == wanted:
                        return row
        return None

    async def _place_cancel(self: Any, order_id: str, tracked_order: Any) -> bool:
        """Cancel; an order whose id is not known yet is cancelled as soon as it is."""
        if tracked_order.exchange_order_id is None:
            await tracked_order.exchange_order_id_update_event.wait()
        try:
            await self.exchange.cancel_order(tracked_order.exchange_order_id, self.symbol(tracked_order.trading_pair))
        except errors.OrderNotFound:
            # filled or cancelled already: the next look tells which
            logger.info("%s has nothing to cancel of %s", self.name, order_id)
            await self._look(tracked_order)
            return False
        return True

    async def _request_order_status(self: Any, tracked_order: Any) -> Any:
        if tracked_order.exchange_order_id is None:
            if tracked_order.client_order_id not in self.venue_ids:
                # restored by hummingbot from an earlier run
                self.venue_ids[tracked_order.client_order_id] = ""
                logger.error("%s order %s was never confirmed: look at the venue", self.name, tracked_order.client_order_id)
            # an update that changes nothing would be processed later, and put a newer state back
            raise _NotYet
        symbol = self.symbol(tracked_order.trading_pair)
        row = await self.exchange.fetch_order(tracked_order.exchange_order_id, symbol)
        ids = (tracked_order.client_order_id, tracked_order.exchange_order_id)
        return OrderUpdate(tracked_order.trading_pair, time.time(), self.ended_or_open(row), *ids)

    async def _handle_update_error_for_active_order(self: Any, order: Any, error: Exception) -> None:
        """hummingbot counts every failed request towards "lost"; only "not found" counts here."""
        if isinstance(error, errors.OrderNotFound):
            await self._order_tracker.process_order_not_found(order.client_order_id)
        elif not isinstance(error, _NotYet):
            logger.warning("%s cannot look up %s: %s", self.name, order.client_order_id, error)

    async def _all_trade_updates_for_order(self: Any, order: Any) -> list[Any]:
        if order.exchange_order_id is None:
            return []
        since = int(order.creation_timestamp * 1000) - 60_000
        rows = await self.exchange.fetch_my_trades(self.symbol(order.trading_pair), since)
        return [self._trade(order, row) for row in rows if str(row.get("order")) == order.exchange_order_id]

    def _trade(self: Any, order: Any, row: Any) -> Any:
        fees = [each for each in (row.get("fees") or [row.get("fee")]) if each and each.get("cost") is not None]
        flat = [TokenAmount(self._token(order.trading_pair, each.get("currency")), number(each["cost"])) for each in fees]
        token = self.get_buy_collateral_token(order.trading_pair)
        fee = TradeFeeBase.new_perpetual_fee(self.trade_fee_schema(), order.position, percent_token=token, flat_fees=flat)
        amount, price = self.rules[order.trading_pair].from_venue(row["amount"]), number(row["price"])
        ids = (str(row["id"]), order.client_order_id, order.exchange_order_id, order.trading_pair)
        return TradeUpdate(*ids, (row.get("timestamp") or time.time() * 1000) / 1000, price, amount, price * amount, fee)

    def _token(self: Any, pair: str, currency: Any) -> str:
        """The collateral under the name that the script has for it: hummingbot looks for a rate between the two otherwise."""
        return self.get_buy_collateral_token(pair) if currency in (None, self._markets[pair]["settle"]) else str(currency)

    async def _look(self: Any, order: Any) -> None:
        await self._update_orders_fills([order])
        await self._update_orders_with_error_handler([order], self._handle_update_error_for_active_order)

    async def _user_stream_event_listener(self: Any) -> None:
        """A row of the order stream is a reason to look, once for each order that has changed."""
        async for row in self._iter_user_event_queue():
            try:
                order = self._order_tracker.all_updatable_orders_by_exchange_order_id.get(str(row.get("id")))
                if order is not None:
                    await self._look(order)
            except asyncio.CancelledError:
                raise
            except Exception as error:
                logger.warning("%s order stream: %s", self.name, error)
