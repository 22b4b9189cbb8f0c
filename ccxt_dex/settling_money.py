"""Money on its way from one account to another. There is no client id to look for it by, and sent again it is moved twice."""

from __future__ import annotations

from typing import Any

from ccxt_dex.guards import Guard
from ccxt_dex.settling import Guarded

__all__ = ["MoveMoney"]


class MoveMoney(Guarded):
    """A transfer or a withdrawal."""

    async def settle(self, error: Exception, guard: Guard, verdict: str) -> Any:
        if verdict in ("not_sent", "rejected", "weak"):
            raise self._final(error, verdict)
        raise self.unknown(error, [], "; see fetch_transfers(), fetch_withdrawals() or the balance")

    def intents(self) -> dict[str, dict[str, Any]]:
        asked = " ".join(str(self.arguments.get(name)) for name in ("code", "amount"))
        return {f"{self.name} {asked}": {"id": None, "clientOrderId": None, "symbol": None}}

    def patience(self) -> float:
        """Nothing can be looked up, so there is nothing to wait for."""
        return 0.0
