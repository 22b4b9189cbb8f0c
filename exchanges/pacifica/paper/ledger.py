"""The venue's order numbers and the history of every order, told by the engine's events."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ccxt_dex.exchanges.pacifica.paper import wire
from ccxt_dex.paper.types import Order

FIRST_ORDER = 315_000_001
FIRST_EVENT = 641_000_001
EVENT_OF_REASON = {"post_only": "post_only_rejected", "self_trade": "self_trade_prevented", "expired": "expired", "user": "cancel"}


@dataclass
class Entry:
    """One order: its number, the engine's object (or one made up for a refusal), its events."""

    number: int
    account: str
    order: Order
    events: list[dict[str, Any]] = field(default_factory=list)
    filled: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)
    status: str = ""


class Ledger:
    def __init__(self) -> None:
        self.entries: dict[int, Entry] = {}
        self._numbers: dict[tuple[str, int], int] = {}
        self._next, self._history = FIRST_ORDER, FIRST_EVENT
        self.li = 1_559_000_000

    def tick(self) -> int:
        """The exchange-wide counter of events."""
        self.li += 1
        return self.li

    def reserve(self) -> int:
        self._next += 1
        return self._next

    def number_of(self, order: Order) -> int:
        stated = order.request.info.get("number")
        if stated is not None:
            return int(stated)
        key = (order.account, order.id)
        if key not in self._numbers:
            self._numbers[key] = self.reserve()
        return self._numbers[key]

    def note(self, order: Order, live: Order, at: int) -> tuple[Entry, str, Decimal | None]:
        """An order event of the engine (a copy of its moment) becomes an entry's event: its name, and the price of a fill."""
        number = self.number_of(order)
        entry = self.entries.get(number)
        if entry is None:
            entry = self.entries[number] = Entry(number, order.account, live)
        gained = order.filled - entry.filled
        price = (order.cost - entry.cost) / gained if gained else None
        event = self._name(entry, order, bool(gained))
        entry.filled, entry.cost, entry.status = order.filled, order.cost, order.status
        self._history += 1
        entry.events.append(wire.order_event(order, number, self._history, event, price, at))
        return entry, event, price

    def _name(self, entry: Entry, order: Order, gained: bool) -> str:
        if gained:
            return "fulfill_market" if order.request.type == "market" else "fulfill_limit"
        if order.status == "untriggered":
            return "stop_created" if not entry.events else "adjust"
        if order.status in ("canceled", "rejected", "expired"):
            return EVENT_OF_REASON.get(str(order.reason), "force_cancel")
        if entry.status == "untriggered":
            return "stop_triggered"
        return "adjust" if entry.events else "make"

    def refuse(self, order: Order, number: int, at: int) -> Entry:
        """An accepted order that matching refused without keeping it."""
        entry = self.entries[number] = Entry(number, order.account, order, status="rejected")
        self._history += 1
        entry.events.append(wire.order_event(order, number, self._history, "force_cancel", None, at))
        return entry

    def of(self, account: str) -> list[Entry]:
        """Newest first."""
        mine = [entry for entry in self.entries.values() if entry.account == account]
        return sorted(mine, key=lambda entry: (entry.order.created, entry.number), reverse=True)

    def open(self, account: str) -> list[Entry]:
        return [entry for entry in self.of(account) if entry.order.status in ("open", "untriggered", "new")]

    def find(self, account: str, order_id: Any, client_id: Any) -> Entry | None:
        if order_id is not None:
            entry = self.entries.get(int(order_id)) if isinstance(order_id, int) else None
            return entry if entry is not None and entry.account == account else None
        return next((entry for entry in self.of(account) if entry.order.request.client_id == client_id), None)
