"""Borrowing coins against USDC. Nothing is lent out here, and no interest runs."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ccxt_dex.exchanges.backpack.paper.gateway import number, refused
from ccxt_dex.exchanges.backpack.paper.markets import BORROW_RATE, fraction
from ccxt_dex.exchanges.backpack.paper.wire import iso
from ccxt_dex.paper.numbers import text
from ccxt_dex.paper.types import Market, Reject

if TYPE_CHECKING:
    from ccxt_dex.exchanges.backpack.paper.adapter import Paper


class Loans:
    def __init__(self, paper: Any) -> None:
        self._paper: Paper = paper
        self._owed: dict[tuple[str, str], Decimal] = {}

    def _market(self, coin: Any) -> Market:
        found = next((market for market in self._paper.engine.markets.values() if market.spot and market.base == coin), None)
        if found is None:
            raise refused(400, "INVALID_ASSET", "Invalid asset")
        return found

    def owed(self, account: str) -> dict[str, Decimal]:
        return {coin: amount for (name, coin), amount in self._owed.items() if name == account and amount}

    def execute(self, account: str, body: dict[str, Any]) -> str:
        engine, market = self._paper.engine, self._market(body.get("symbol"))
        quantity, key = number(body, "quantity"), (account, market.base)
        if not quantity or body.get("side") not in ("Borrow", "Lend") or set(body) - {"symbol", "side", "quantity"}:
            raise refused(400, "INVALID_CLIENT_REQUEST", "side and quantity are required")
        owed = self._owed.get(key, Decimal(0))
        if body["side"] == "Borrow":
            worth = sum((amount * engine.mark(self._market(coin).id) for coin, amount in self.owed(account).items()), Decimal(0))
            if worth + quantity * engine.mark(market.id) > max(engine.balances(account).free, Decimal(0)):
                raise refused(400, "BORROW_LIMIT", "Borrow limit reached")
            engine.credit(account, market.base, quantity)
            self._owed[key] = owed + quantity
        elif quantity > owed:
            raise refused(400, "NOT_IMPLEMENTED", "This local venue lends nothing out")
        else:
            try:
                engine.credit(account, market.base, -quantity)
            except Reject:
                raise refused(400, "INSUFFICIENT_FUNDS", "Insufficient funds") from None
            self._owed[key] = owed - quantity
        return ""

    def positions(self, account: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        for coin, amount in self.owed(account).items():
            market = self._market(coin)
            mark = self._paper.engine.mark(market.id)
            margins: dict[str, Any] = {
                "imf": fraction(market)["base"],
                "imfFunction": fraction(market),
                "mmf": "0.05",
                "mmfFunction": fraction(market),
            }
            sizes = {"netQuantity": text(-amount), "netExposureQuantity": text(amount), "netExposureNotional": text(amount * mark)}
            rows.append({"id": f"1{len(rows)}", "symbol": coin, "cumulativeInterest": "0", "markPrice": text(mark), **margins, **sizes})
        return rows

    def markets(self) -> list[dict[str, Any]]:
        engine, at = self._paper.engine, iso(self._paper.now())
        rows = []
        for market in engine.markets.values():
            if market.spot:
                lent = sum((amount for (_, coin), amount in self._owed.items() if coin == market.base), Decimal(0))
                rates = {"borrowInterestRate": BORROW_RATE, "lendInterestRate": "0.01", "fee": "0.15", "utilization": "0.2"}
                row = {
                    "state": "Open",
                    "symbol": market.base,
                    "assetMarkPrice": text(engine.mark(market.id)),
                    "borrowedQuantity": text(lent),
                }
                rows.append({**row, **rates, "timestamp": f"{at}Z", "stepSize": "0.0001"})
        return rows
