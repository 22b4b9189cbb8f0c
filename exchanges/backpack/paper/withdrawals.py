"""Requests for withdrawals. They stay pending: no chain stands behind this venue."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ccxt_dex.exchanges.backpack.paper.gateway import bad, number, refused
from ccxt_dex.exchanges.backpack.paper.wire import iso
from ccxt_dex.paper.numbers import text
from ccxt_dex.paper.types import Reject

if TYPE_CHECKING:
    from ccxt_dex.exchanges.backpack.paper.adapter import Paper

CHAIN, SMALLEST, FEE = "Solana", Decimal(1), Decimal("0.5")
FIELDS = frozenset({"symbol", "quantity", "address", "blockchain", "clientId"})
EMPTY = """accountIdentifier bankIdentifier bankName fiatFee fiatState fiatSymbol identifier providerId subaccountId transactionHash
triggerAt""".split()


class Withdrawals:
    def __init__(self, paper: Any) -> None:
        self._paper: Paper = paper
        self._rows: dict[str, list[dict[str, Any]]] = {}

    def request(self, account: str, body: dict[str, Any]) -> dict[str, Any]:
        """The fee is taken beside the quantity; whether the venue does so is not documented."""
        quantity, coin = number(body, "quantity"), str(body.get("symbol"))
        if set(body) - FIELDS or not body.get("address") or body.get("blockchain") != CHAIN:
            raise bad("Invalid address or blockchain")
        if quantity is None or quantity < SMALLEST:
            raise refused(400, "INVALID_QUANTITY", "Quantity is below the minimum withdrawal")
        self._take(account, coin, quantity + FEE)
        rows = self._rows.setdefault(account, [])
        asked = {name: body.get(name) for name in ("blockchain", "clientId", "symbol", "quantity")}
        row = {**dict.fromkeys(EMPTY), **asked, "toAddress": body["address"], "fee": text(FEE), "isInternal": False, "status": "pending"}
        rows.append({**row, "id": 5_000_000 + len(rows), "createdAt": iso(self._paper.now())})
        return rows[-1]

    def _take(self, account: str, coin: str, amount: Decimal) -> None:
        engine = self._paper.engine
        try:
            if coin == "USDC":
                engine.transfer(account, -amount)
            else:
                engine.credit(account, coin, -amount)
        except Reject:
            raise refused(400, "INSUFFICIENT_FUNDS", "Insufficient funds") from None

    def listed(self, account: str) -> list[dict[str, Any]]:
        """Newest first."""
        return self._rows.get(account, [])[::-1]
