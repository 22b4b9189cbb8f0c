"""Orders that are over, by how they ended: three methods over one reader of a room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ccxt_dex.parts.part import Part

__all__ = ["PastOrders"]

Params = dict[str, Any]
_NONE: Params = {}


class PastOrders(Part):
    """Stands in front of a room's bases: `class History(PastOrders, MarketData)`.

    :cvar past_words: what `past_orders` takes for the orders that were filled ("closed"), for those that ended otherwise ("canceled") and
        for both together ("over"): statuses in the room's or the venue's own words
    """

    past_words: ClassVar[Mapping[str, Any]] = {}

    async def past_orders(self, wanted: Any, symbol: str | None, since: int | None, limit: int | None, params: Params) -> list[Any]:
        """Orders that ended as wanted, oldest first; the room has it.

        :param wanted: one of `past_words`; None for orders however they ended
        """
        raise NotImplementedError

    async def fetch_closed_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = _NONE
    ) -> list[Any]:
        """Filled orders, oldest first; of all markets where no symbol is named.

        :param since: unix milliseconds
        :param params: `until` in unix milliseconds, where the room takes it
        """
        return await self.past_orders(self.past_words["closed"], symbol, since, limit, params)

    async def fetch_canceled_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = _NONE
    ) -> list[Any]:
        """Orders that ended without being filled whole, oldest first."""
        return await self.past_orders(self.past_words["canceled"], symbol, since, limit, params)

    async def fetch_canceled_and_closed_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = _NONE
    ) -> list[Any]:
        """Orders that are no longer open, oldest first."""
        return await self.past_orders(self.past_words["over"], symbol, since, limit, params)
