"""Fills held against what orders say: a stream of fills without sequence numbers loses rows without a sign."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.parts.watching import Watching

__all__ = ["CountedFills"]

Order = dict[str, Any]

# seconds before each comparison: the first gives the stream its time, the others follow a read that failed
_PAUSES = (1.0, 1.0, 2.0, 4.0)


class CountedFills(Watching):
    """Stands in front of a room's bases; the room calls `expect_fills` with every order that it hears of."""

    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._counted: dict[str, Order] = {}

    def watches_fills(self) -> bool:
        """Whether anybody listens to the stream of fills; the room has it."""
        raise NotImplementedError

    async def read_fills(self, order: Order) -> None:
        """Read an order's fills by REST and tell those that are new; the room has it."""
        raise NotImplementedError

    def expect_fills(self, order: Order) -> None:
        """What an order says it filled must have come as fills a second later."""
        if not order["filled"] or not self.watches_fills():
            return
        order_id = str(order["id"])
        known = self._counted.get(order_id)
        if known is None or known["filled"] < order["filled"]:
            self._counted[order_id] = order
        if known is None:
            self.spawn(self._count_fills, order_id)

    async def _count_fills(self, order_id: str) -> None:
        """Until what the order said last has come."""
        try:
            for pause in _PAUSES:
                await asyncio.sleep(pause)
                while not self._has_all_fills(order := self._counted[order_id]):
                    try:
                        await self.read_fills(order)
                    except errors.BaseError as error:
                        self.logger.info("%s fills of order %s: %s", self.id, order_id, type(error).__name__)
                        break
                    if self._counted[order_id] is order:
                        return  # what is missing now, REST does not show either
                else:
                    return
        finally:
            self._counted.pop(order_id, None)

    def _has_all_fills(self, order: Order) -> bool:
        known = self.fill_cache().hashmap.get(order["symbol"], {}).values()
        told = sum((Decimal(str(trade["amount"])) for trade in known if trade["order"] == order["id"]), Decimal(0))
        return told >= Decimal(str(order["filled"]))
