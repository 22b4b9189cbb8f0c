"""What every request to the HTTP side passes: the gate that wants a browser, the session, the body."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from ccxt_dex.exchanges.variational.paper.markets import resolve
from ccxt_dex.paper.server import Refused, Request
from ccxt_dex.paper.types import Market

GATE = "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body></body></html>"


def decimal(value: Any, name: str) -> Decimal:
    """A decimal string; numbers and noise are refused."""
    if not isinstance(value, str):
        raise Refused(400, {"message": f"Validation error: {name}: expected a string"})
    try:
        found = Decimal(value)
    except InvalidOperation:
        raise Refused(400, {"message": f"Validation error: {name}: invalid decimal"}) from None
    if not found.is_finite() or "e" in value.lower():
        raise Refused(400, {"message": f"Validation error: {name}: invalid decimal"})
    return found


def flag(value: Any, name: str) -> bool:
    if not isinstance(value, bool):
        raise Refused(400, {"message": f"Validation error: {name}: expected a boolean"})
    return value


class Admission:
    def __init__(self, adapter: Any) -> None:
        self.adapter = adapter

    @property
    def engine(self) -> Any:
        return self.adapter.engine

    def guarded(self, handler: Callable[[Request], Any], private: bool | None) -> Callable[[Request], Any]:
        """private None: outside the gate; False: behind it; True: with a session."""

        async def run(request: Request) -> Any:
            if private is not None:
                self.gate(request)
            if private:
                self.admit(request)
            return handler(request)

        return run

    def gate(self, request: Request) -> None:
        agent, accept = request.headers.get("User-Agent") or "", request.headers.get("Accept") or ""
        if self.adapter.options["gate"] and ("Chrome/" not in agent or accept == "application/json"):
            raise Refused(403, GATE, {"cf-mitigated": "challenge", "server": "cloudflare", "Content-Type": "text/html"})

    def admit(self, request: Request) -> None:
        address = self.adapter.identity.visitor(request)
        if address is None:
            raise Refused(401, {"message": "Unauthorized"}, {"x-omni-auth": "r"})
        request.account = self.adapter.account_for(address)

    @staticmethod
    def body(request: Request) -> dict[str, Any]:
        try:
            found = request.json()
        except ValueError:
            raise Refused(400, "invalid JSON") from None
        if not isinstance(found, dict):
            raise Refused(400, "invalid JSON: expected an object")
        return found

    def market(self, found: Any) -> Market:
        market_id = resolve(found)
        if market_id is None:
            raise Refused(400, {"message": "Validation error: unknown instrument"})
        market: Market = self.engine.markets[market_id]
        return market
