"""Several orders for a venue that takes one in a request."""

from __future__ import annotations

import asyncio
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.errors import OrderOutcomeUnknown
from ccxt_dex.parts.part import Part

__all__ = ["OneByOne"]

Params = dict[str, Any]
_NONE: Params = {}


class OneByOne(Part):
    """Stands in front of a room's bases: `class Trading(OneByOne, Rates)`."""

    def batch_member(self, row: dict[str, Any], params: Params) -> tuple[Any, ...]:
        """What `create_order` takes for a member, checked; the room has it.

        :param row: a member as `create_orders` takes it
        :returns: symbol, type, side, amount, price, params with `clientOrderId`
        :raises BaseError: the member cannot be sent
        """
        raise NotImplementedError

    async def create_orders(self, orders: list[dict[str, Any]], params: Params = _NONE) -> list[Any]:
        """Places several orders at once, each in a request of its own. All are checked before the first is sent.

        A refused member comes back with status "rejected" and the error in `info`; the others stand.

        :raises OrderOutcomeUnknown: when what became of a member is unknown, with all their client ids
        """
        await self.load_markets()
        wanted = [self.batch_member(row, params) for row in orders]
        results: list[Any] = await asyncio.gather(*(self.create_order(*member) for member in wanted), return_exceptions=True)
        pairs = list(zip(wanted, results, strict=True))
        lost = [str(member[-1]["clientOrderId"]) for member, result in pairs if isinstance(result, OrderOutcomeUnknown)]
        if lost:
            raise OrderOutcomeUnknown(f"{self.id} create_orders(): unknown outcome of {', '.join(lost)}", lost)
        if results and all(isinstance(result, BaseException) and not isinstance(result, errors.ExchangeError) for result in results):
            raise results[0]  # no member was refused, none was placed: the trouble is not theirs
        return [self._batch_row(member, result) for member, result in pairs]

    def _batch_row(self, member: tuple[Any, ...], result: Any) -> Any:
        if not isinstance(result, BaseException):
            return result
        if not isinstance(result, errors.BaseError):
            raise result
        symbol, kind, side, amount, price, params = member
        fields = {"symbol": self.market(symbol)["symbol"], "type": kind, "side": side, "amount": str(amount), "price": price}
        named = {"id": None, "clientOrderId": params["clientOrderId"]}
        info = {"error": type(result).__name__, "message": str(result)}
        return self.safe_order({**named, **fields, "status": "rejected", "filled": "0", "info": info})
