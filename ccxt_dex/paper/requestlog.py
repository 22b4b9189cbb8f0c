"""What a venue was asked: counts per endpoint and per client order id, and the latest requests."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ccxt_dex.paper.adapter import Request


class RequestLog:
    """Counts are complete; `last` keeps the latest requests, without bodies or headers (they carry signatures and tokens)."""

    def __init__(self, keep: int = 2000) -> None:
        self.total = 0
        self.orders_seen = 0
        self.orders_executed = 0
        self.endpoints: Counter[str] = Counter()
        self.clients: dict[str, dict[str, int]] = {}
        self.last: deque[dict[str, Any]] = deque(maxlen=keep)
        self.requests: deque[Request] = deque(maxlen=keep)
        """the latest requests whole, messages of sockets with method WS; for tests in this process, never served"""

    def seen(self, endpoint: str, time: int, order_ids: Sequence[str] | None, request: Request) -> dict[str, Any]:
        """Note a request as it arrives; returns its entry, to which the outcome is added later."""
        self.total += 1
        self.requests.append(request)
        self.endpoints[endpoint] += 1
        entry: dict[str, Any] = {"n": self.total, "time": time, "endpoint": endpoint}
        if order_ids is not None:
            entry["orders"] = list(order_ids)
            for client_id in order_ids:
                self.orders_seen += 1
                self._client(client_id)["seen"] += 1
        self.last.append(entry)
        return entry

    def executed(self, client_id: str | None) -> None:
        """An order reached the matching engine (which may still reject it)."""
        self.orders_executed += 1
        self._client(client_id or "")["executed"] += 1

    def _client(self, client_id: str) -> dict[str, int]:
        return self.clients.setdefault(client_id, {"seen": 0, "executed": 0})

    def state(self) -> dict[str, Any]:
        return {
            "total": self.total,
            "orders_seen": self.orders_seen,
            "orders_executed": self.orders_executed,
            "endpoints": dict(self.endpoints),
            "clients": {client_id: dict(counts) for client_id, counts in self.clients.items()},
            "last": list(self.last),
        }
