"""Placing and changing orders: looked up by client order id, never sent again on a guess."""

from __future__ import annotations

import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.outcome.guards import Guard
from ccxt_dex.outcome.settling import Guarded, Pauses, remember, remember_placed

__all__ = ["CreateOrder", "CreateOrders", "EditOrder", "EditOrders"]

Order = dict[str, Any]
_ASKED = ("symbol", "type", "side", "amount", "price")


def _given_id(exchange: Any, params: Mapping[str, Any]) -> str | None:
    for name in exchange.client_id_params:
        if params.get(name) not in (None, ""):
            return str(params[name])
    return None


async def _find(call: Guarded, client_order_id: str, symbol: str | None, params: dict[str, Any]) -> Order | None:
    try:
        order: Order | None = await call.exchange.find_order(client_order_id, symbol, params)
    except errors.OrderNotFound:
        return None
    if order is not None and order.get("clientOrderId") is None:
        order["clientOrderId"] = client_order_id
    return order


class CreateOrder(Guarded):
    """One order."""

    client_order_id = ""
    ours = False

    def prepare(self) -> None:
        given = _given_id(self.exchange, self.params)
        if given is None:
            given, self.ours = self.exchange.new_client_order_id(), True
            if given:
                self.arguments.put("params", {**self.params, "clientOrderId": given})
        self.client_order_id = given

    def _urgent(self) -> bool:
        return bool(self.params.get("reduceOnly"))

    def done(self, result: Any) -> Any:
        if isinstance(result, dict):
            if result.get("clientOrderId") is None:
                result["clientOrderId"] = self.client_order_id or None
            remember(self.exchange, result.get("id"), self.client_order_id)
            remember_placed(self.exchange, result)
        return result

    async def after_login(self, error: Exception, guard: Guard) -> Any:
        try:
            order = await _find(self, self.client_order_id, self.symbol, self.params) if self.client_order_id else None
        except errors.BaseError:
            raise error from None
        return self.done(order) if order is not None else await super().after_login(error, guard)

    async def settle(self, error: Exception, guard: Guard, verdict: str) -> Any:
        duplicate = self.ours and isinstance(error, errors.DuplicateOrderId)
        if verdict == "not_sent" or (verdict == "rejected" and not duplicate):
            raise self._final(error, verdict)
        if not self.client_order_id:
            raise self.unknown(error, [])
        deadline, pauses = time.monotonic() + self.patience(), Pauses()
        while True:
            asked = time.monotonic()
            try:
                order = await _find(self, self.client_order_id, self.symbol, self.params)
            except errors.BaseError:
                pass  # cannot tell
            else:
                if order is not None:
                    return self.done(order)
                if verdict in ("weak", "rejected"):
                    raise self._final(error, verdict)
                if self.absence_proved(guard, asked):
                    raise self.network_error(error)
            if time.monotonic() >= deadline:
                raise self.unknown(error, [self.client_order_id])
            await pauses.sleep()

    def intents(self) -> dict[str, dict[str, Any]]:
        asked = {name: self.arguments.get(name) for name in _ASKED}
        return {self.client_order_id: {"clientOrderId": self.client_order_id, **asked}}


class CreateOrders(Guarded):
    """Several orders in one request: an error about one of them says nothing about the others."""

    def prepare(self) -> None:
        self.ids: list[str] = []
        members = []
        for member in self.arguments.get("orders") or []:
            params = dict(member.get("params") or {})
            given = _given_id(self.exchange, params)
            if given is None:
                given = self.exchange.new_client_order_id()
                params["clientOrderId"] = given
            self.ids.append(given)
            members.append({**member, "params": params})
        self.members = members
        self.arguments.put("orders", members)

    def _urgent(self) -> bool:
        members = self.arguments.get("orders") or []
        return bool(members) and all((member.get("params") or {}).get("reduceOnly") for member in members)

    def done(self, result: Any) -> Any:
        if isinstance(result, list) and len(result) == len(self.ids):
            for client_order_id, order in zip(self.ids, result, strict=True):
                if isinstance(order, dict) and order.get("clientOrderId") is None:
                    order["clientOrderId"] = client_order_id
        if isinstance(result, list):
            remember(self.exchange, *(order.get(name) for order in result if isinstance(order, dict) for name in ("id", "clientOrderId")))
            remember_placed(self.exchange, *result)
        return result

    async def settle(self, error: Exception, guard: Guard, verdict: str) -> Any:
        if verdict == "not_sent" or not self.ids:
            raise self._final(error, verdict)
        deadline, pauses, looks = time.monotonic() + self.patience(), Pauses(), 0
        found: dict[str, Order] = {}
        while True:
            asked, looks = time.monotonic(), looks + 1
            told = await self._look(found)
            if len(found) == len(self.ids):
                return self.done([found[each] for each in self.ids])
            if told and verdict in ("weak", "rejected") and looks >= 2:
                return self._answered(error, verdict, found)
            if told and verdict == "unknown" and self.absence_proved(guard, asked):
                if not found:
                    raise self.network_error(error)
                raise self._partly(error, found, "absent")
            if time.monotonic() >= deadline:
                raise self._partly(error, found, "not found")
            await pauses.sleep()

    async def _look(self, found: dict[str, Order]) -> bool:
        """Adds what is there to `found`; False when some lookup could not tell."""
        told = True
        for client_order_id, member in zip(self.ids, self.members, strict=True):
            if client_order_id in found:
                continue
            try:
                order = await _find(self, client_order_id, member.get("symbol"), {**self.params, **member["params"]})
            except errors.BaseError:
                told = False
                continue
            if order is not None:
                found[client_order_id] = order
        return told

    def _answered(self, error: Exception, verdict: str, found: dict[str, Order]) -> list[Any]:
        """The venue refused some and took the others: the refused ones come back as rejected orders."""
        if not found:
            raise self._final(error, verdict)
        refused = [
            self.exchange.safe_order(
                {**{name: member.get(name) for name in _ASKED}, "clientOrderId": each, "status": "rejected", "info": {"error": str(error)}}
            )
            for each, member in zip(self.ids, self.members, strict=True)
            if each not in found
        ]
        rejected = {order["clientOrderId"]: order for order in refused}
        result: list[Any] = self.done([found.get(each) or rejected[each] for each in self.ids])
        return result

    def _partly(self, error: Exception, found: dict[str, Order], rest: str) -> Exception:
        missing = [each for each in self.ids if each not in found]
        failure = self.unknown(error, self.ids, f"; executed: {', '.join(found) or 'none seen'}; {rest}: {', '.join(missing)}")
        failure.orders = list(found.values())  # type: ignore[attr-defined]
        return failure

    def intents(self) -> dict[str, dict[str, Any]]:
        return {
            client_order_id: {"clientOrderId": client_order_id, **{name: member.get(name) for name in _ASKED}}
            for client_order_id, member in zip(self.ids, self.members, strict=True)
        }


def _same(asked: Any, stands: Any) -> bool | None:
    """None: nothing was asked for, or the venue does not say."""
    if asked is None or stands is None:
        return None
    return Decimal(str(asked)) == Decimal(str(stands))


def _as_asked(order: Order, asked: Mapping[str, Any]) -> bool | None:
    """Whether an order stands as an edit wanted it; None when nothing can be compared."""
    if order.get("status") in ("canceled", "rejected", "expired"):
        return False  # an edit that is composed has cancelled it, and what it placed instead is not known here
    params = asked.get("params") or {}
    trigger = next((params[name] for name in ("triggerPrice", "stopPrice", "stopLossPrice", "takeProfitPrice") if params.get(name)), None)
    pairs = [
        (asked.get("amount"), order.get("amount")),
        (asked.get("price"), order.get("price")),
        (trigger, order.get("triggerPrice") or order.get("stopPrice")),
    ]
    verdicts = [same for each in pairs if (same := _same(*each)) is not None]
    return all(verdicts) if verdicts else None


class EditOrders(Guarded):
    """Changed orders are looked at: what stands as asked for was changed."""

    def asked(self) -> list[Mapping[str, Any]]:
        return list(self.arguments.get("orders") or [])

    async def settle(self, error: Exception, guard: Guard, verdict: str) -> Any:
        if verdict in ("not_sent", "rejected"):
            raise self._final(error, verdict)
        asked_for = self.asked()
        deadline, pauses = time.monotonic() + self.patience(), Pauses()
        while True:
            asked = time.monotonic()
            orders = [await self._stands(each) for each in asked_for]
            changed = [None if order is None else _as_asked(order, each) for order, each in zip(orders, asked_for, strict=True)]
            if changed and all(changed):
                return self.result(orders)
            unchanged = bool(changed) and all(
                same is False and order["status"] == "open" for same, order in zip(changed, orders, strict=True) if order
            )
            if unchanged and None not in orders and (verdict == "weak" or self.too_late(guard, asked)):
                raise self._final(error, verdict) if verdict == "weak" else self.network_error(error)
            if time.monotonic() >= deadline:
                raise self.unknown(error, [str(each.get("id")) for each in asked_for])
            await pauses.sleep()

    async def _stands(self, asked: Mapping[str, Any]) -> Order | None:
        params = {**self.params, **(asked.get("params") or {})}
        given = _given_id(self.exchange, params)
        try:
            if given is not None:
                found = await _find(self, given, asked.get("symbol"), params)
                if found is not None:
                    return found
            order: Order | None = await self.exchange.fetch_order(asked.get("id"), asked.get("symbol"), params)
            return order
        except errors.BaseError:
            return None

    def result(self, orders: list[Any]) -> Any:
        return orders

    def intents(self) -> dict[str, dict[str, Any]]:
        return {
            f"edit {each.get('id')}": {"id": each.get("id"), "clientOrderId": None, **{name: each.get(name) for name in _ASKED}}
            for each in self.asked()
        }


class EditOrder(EditOrders):
    """One changed order."""

    def asked(self) -> list[Mapping[str, Any]]:
        return [{name: self.arguments.get(name) for name in ("id", *_ASKED, "params")}]

    def result(self, orders: list[Any]) -> Any:
        return orders[0]
