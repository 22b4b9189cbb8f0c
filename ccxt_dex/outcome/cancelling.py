"""Cancelling may be repeated: twice cancelled is cancelled once. What must not happen is to call a living order dead."""

from __future__ import annotations

import time
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.outcome.guards import Guard
from ccxt_dex.outcome.settling import RESENDS, Guarded, Pauses, expected, judge_call

__all__ = ["CancelAllOrders", "CancelOrder", "CancelOrders"]

Order = dict[str, Any]
_CLOCKS = 1000
"""ms that the venue's clock may be ahead of what is known of it: its answers tell whole seconds"""
_DEAD = ("canceled", "expired", "rejected")


class _Cancel(Guarded):
    def _urgent(self) -> bool:
        return True

    async def again(self, guard: Guard) -> Any:
        """Send the request once more; its own requests are judged alone."""
        guard.forget()
        return self.done(await self.call())

    def _whose(self) -> dict[str, Any]:
        """The parameters that say whose orders and which kind are meant: a look without them looks at somebody else's."""
        names = (*self.exchange.client_id_params, "clientOrderIds")
        return {name: value for name, value in self.params.items() if name not in names}

    async def _open(self) -> list[Order]:
        found: list[Order] = await self.exchange.fetch_open_orders(self.symbol, None, None, self._whose())
        return found


class CancelOrder(_Cancel):
    """One order."""

    @property
    def id(self) -> Any:
        return self.arguments.get("id")

    @property
    def client_order_id(self) -> str | None:
        for name in self.exchange.client_id_params:
            if self.params.get(name):
                return str(self.params[name])
        return None

    async def settle(self, error: Exception, guard: Guard, verdict: str) -> Any:
        if verdict != "unknown" and isinstance(error, errors.OrderNotFound) and self._fresh(guard.started):
            return await self._not_visible_yet(error, guard)
        if verdict in ("not_sent", "rejected", "weak"):
            raise self._final(error, verdict)
        return await self._unknown(error, guard)

    def _fresh(self, at: float | None = None) -> bool:
        """Whether the order was confirmed so short a time before a moment, default now, that the venue might not have shown it then.

        :param at: monotonic seconds
        """
        return expected(self.exchange, self.id or self.client_order_id, at)

    async def _look(self) -> Order | None:
        """The order as the venue has it; None when it says it knows none.

        :raises BaseError: it cannot tell
        """
        try:
            if self.client_order_id:
                found: Order | None = await self.exchange.find_order(self.client_order_id, self.symbol, self.params)
            else:
                found = await self.exchange.fetch_order(self.id, self.symbol, self.params)
        except errors.OrderNotFound:
            return None
        return found

    async def _unknown(self, error: Exception, guard: Guard) -> Any:
        deadline, pauses, resends = time.monotonic() + self.patience(), Pauses(), RESENDS
        while True:
            try:
                order = await self._look()
            except errors.BaseError:
                order = None
            if order is not None and order.get("status") in _DEAD:
                return order
            if order is not None and order.get("status") == "closed":
                raise self._final(errors.OrderNotFound(f"{self.exchange.id} order {self.id} is filled"), "rejected") from error
            if resends:
                resends -= 1
                try:
                    return await self.again(guard)
                except errors.OrderNotFound:
                    gone = await self._gone(error)
                    if gone is not None:
                        return gone
                except errors.BaseError as second:
                    if judge_call(second, guard, self.name.endswith("_ws")) == "rejected":
                        raise self._final(second, "rejected")
                    error = second
            elif time.monotonic() >= deadline:
                raise self.unknown(error, [str(self.client_order_id or self.id)])
            await pauses.sleep()

    async def _gone(self, error: Exception) -> Order | None:
        """The first request was carried out, for now the venue finds nothing to cancel; unless it was filled meanwhile.

        None: it still shows the order as open.
        """
        try:
            order = await self._look()
        except errors.BaseError:
            order = None
        if order is not None and order.get("status") == "closed":
            raise self._final(errors.OrderNotFound(f"{self.exchange.id} order {self.id} is filled"), "rejected") from error
        if order is not None:
            return order if order.get("status") in _DEAD else None
        return _cancelled(self.exchange, self.id, self.symbol, self.client_order_id)

    async def _not_visible_yet(self, error: Exception, guard: Guard) -> Any:
        """Not found, but it was confirmed a moment ago. Found cancelled after a cancel that the venue took, it was cancelled by that."""
        pauses, taken = Pauses(), guard.taken
        while True:
            try:
                order = await self._look()
            except errors.BaseError:
                order = None
            if taken and order is not None and order.get("status") in _DEAD:
                return order
            if order is not None and order.get("status") != "open":
                raise self._final(error, "rejected")
            if not self._fresh():
                break
            await pauses.sleep()
            try:
                return await self.again(guard)
            except errors.OrderNotFound as again:
                error, taken = again, taken or guard.taken
            except errors.BaseError as second:
                verdict = judge_call(second, guard, self.name.endswith("_ws"))
                if verdict == "unknown":
                    return await self._unknown(second, guard)
                raise self._final(second, verdict)
        if taken and self.exchange.absence_grace is None:
            raise self.unknown(error, [str(self.client_order_id or self.id)])
        raise self._final(error, "rejected")

    def intents(self) -> dict[str, dict[str, Any]]:
        return {f"cancel {self.client_order_id or self.id}": {"id": self.id, "clientOrderId": self.client_order_id, "symbol": self.symbol}}


def _cancelled(exchange: Any, identifier: Any, symbol: str | None, client_order_id: str | None = None) -> Order:
    order: Order = exchange.safe_order(
        {"id": identifier, "clientOrderId": client_order_id, "symbol": symbol, "status": "canceled", "info": {}}
    )
    return order


class CancelOrders(_Cancel):
    """Several by id: what is not among the open ones any more is cancelled or filled."""

    @property
    def ids(self) -> list[str]:
        return [str(each) for each in self.arguments.get("ids") or self.params.get("clientOrderIds") or []]

    async def settle(self, error: Exception, guard: Guard, verdict: str) -> Any:
        if verdict in ("not_sent", "rejected", "weak"):
            raise self._final(error, verdict)
        wanted = self.ids
        deadline, pauses, resends = time.monotonic() + self.patience(), Pauses(), RESENDS
        while True:
            try:
                alive = {str(order[name]) for order in await self._open() for name in ("id", "clientOrderId") if order.get(name)}
            except errors.BaseError:
                alive = None
            if wanted and alive is not None and not alive.intersection(wanted):
                return [await self._end(each) for each in wanted]
            if resends:
                resends -= 1
                if alive is not None and self.arguments.get("ids"):
                    self.arguments.put("ids", [each for each in wanted if each in alive])
                try:
                    await self.again(guard)
                except errors.BaseError as second:
                    error = second
            elif time.monotonic() >= deadline:
                raise self.unknown(error, wanted)
            await pauses.sleep()

    async def _end(self, identifier: str) -> Order:
        try:
            order: Order = await self.exchange.fetch_order(identifier, self.symbol, self._whose())
            return order
        except errors.BaseError:
            return _cancelled(self.exchange, identifier, self.symbol)

    def intents(self) -> dict[str, dict[str, Any]]:
        return {f"cancel {each}": {"id": each, "clientOrderId": None, "symbol": self.symbol} for each in self.ids}


class CancelAllOrders(_Cancel):
    """All of them: repeated until none is open that was there when the call began."""

    def prepare(self) -> None:
        self.began = self.exchange.server_milliseconds()

    async def settle(self, error: Exception, guard: Guard, verdict: str) -> Any:
        if verdict in ("not_sent", "rejected", "weak"):
            raise self._final(error, verdict)
        deadline, pauses, resends = time.monotonic() + self.patience(), Pauses(), RESENDS
        while True:
            try:
                orders = await self._open()
            except errors.BaseError:
                pass  # cannot tell
            else:
                if not any((order.get("timestamp") or 0) <= self.began + _CLOCKS for order in orders):
                    return []
            if resends:
                resends -= 1
                try:
                    return await self.again(guard)
                except errors.BaseError as second:
                    error = second
            elif time.monotonic() >= deadline:
                raise self.unknown(error, [])
            await pauses.sleep()

    def intents(self) -> dict[str, dict[str, Any]]:
        return {f"cancel all {self.symbol or ''}".strip(): {"id": None, "clientOrderId": None, "symbol": self.symbol}}
