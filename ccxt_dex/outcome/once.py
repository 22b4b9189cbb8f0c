"""What has no client id to be looked for by, and happens twice when it is sent again: money on its way, algorithms that place orders."""

from __future__ import annotations

from typing import Any

from ccxt_dex.outcome.guards import Guard
from ccxt_dex.outcome.settling import Guarded

__all__ = ["Once"]

_SHOWN = ("code", "symbol", "side", "amount")
_WHERE = {"create_twap_order": "the positions and the venue's own list"}


class Once(Guarded):
    """A transfer, a withdrawal, a TWAP order."""

    async def settle(self, error: Exception, guard: Guard, verdict: str) -> Any:
        if verdict in ("not_sent", "rejected", "weak"):
            raise self._final(error, verdict)
        where = _WHERE.get(self.name, "fetch_transfers(), fetch_withdrawals() or the balance")
        raise self.unknown(error, [], f"; see {where}")

    def intents(self) -> dict[str, dict[str, Any]]:
        given = [self.arguments.get(name) for name in _SHOWN]
        asked = " ".join(str(each) for each in given if each is not None)
        return {f"{self.name} {asked}": {"id": None, "clientOrderId": None, "symbol": self.symbol}}

    def patience(self) -> float:
        """Nothing can be looked up, so there is nothing to wait for."""
        return 0.0
