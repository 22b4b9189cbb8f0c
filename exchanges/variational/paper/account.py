"""The account over HTTP: lists of what happened, positions, leverage and margin modes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ccxt_dex.exchanges.variational.paper import wire
from ccxt_dex.exchanges.variational.paper.admission import Admission
from ccxt_dex.paper.server import Refused, Request
from ccxt_dex.paper.types import Reject

STATUSES = frozenset({"pending", "canceled", "cleared", "rejected"})


class Account(Admission):
    # --- lists ------------------------------------------------------------------------------------------------------------------------

    def window(self, request: Request, rows: list[dict[str, Any]]) -> Any:
        """created_at filters, order and page."""
        try:
            limit, offset = int(request.query.get("limit", "20")), int(request.query.get("offset", "0"))
            since, until = (request.query.get(f"created_at_{edge}") for edge in ("gte", "lte"))
            low, high = (wire.instant(each) if each else None for each in (since, until))
        except ValueError:
            raise Refused(400, "invalid query") from None
        if not 1 <= limit <= 100 or offset < 0:
            raise Refused(400, "limit must be from 1 to 100")
        kept = [
            row
            for row in rows
            if (low is None or wire.instant(row["created_at"]) >= low) and (high is None or wire.instant(row["created_at"]) <= high)
        ]
        kept.sort(key=lambda row: str(row["created_at"]), reverse=request.query.get("order", "desc") == "desc")
        return wire.page(kept, limit, offset)

    def key_filter(self, request: Request) -> Any:
        wanted = request.query.get("instrument")
        if wanted is not None and wanted not in self.engine.markets:
            raise Refused(400, "Incorrect number of fields provided")
        return wanted

    def orders(self, request: Request) -> Any:
        wanted = self.key_filter(request)
        statuses = set(request.query["status"].split(",")) if request.query.get("status") else None
        if statuses is not None and not statuses <= STATUSES:
            raise Refused(400, "Matching variant not found")
        desk = self.adapter.desk
        rows = [
            desk.shown(row)
            for row in desk.of(request.account)
            if wanted in (None, row.market) and (statuses is None or row.status in statuses)
        ]
        rows.reverse()
        return self.window(request, rows)

    def trades(self, request: Request) -> Any:
        return self.window(request, list(reversed(self.adapter.desk.trades.get(request.account, []))))

    def transfers(self, request: Request) -> Any:
        account = request.account
        rows = [dict(row) for row in self.adapter.desk.pnl.get(account, [])]
        for moved in self.engine.transfers(account):
            kind = "deposit" if moved.amount > 0 else "withdrawal"
            rows.append(
                {**self.moved(f"d-{moved.id}", kind, moved.amount, moved.time, None), "confirmed_by_transaction_id": f"0x{moved.id:064x}"}
            )
        for paid in self.engine.fundings(account):
            rows.append(self.moved(f"f-{paid.id}", "funding", paid.amount, paid.time, wire.named(self.engine.markets[paid.market])))
        return self.window(request, rows)

    @staticmethod
    def moved(number: str, kind: str, amount: Decimal, stamp: int, reference: Any) -> dict[str, Any]:
        row = {"id": number, "rfq_id": None, "asset": "USDC", "qty": wire.text(amount), "transfer_type": kind, "funding_type": None}
        return {
            **row,
            "status": "confirmed",
            "reference_instrument": reference,
            "failure_reason": None,
            "confirmed_by_transaction_id": None,
            "created_at": wire.iso(stamp),
        }

    # --- account ----------------------------------------------------------------------------------------------------------------------

    def positions(self, request: Request) -> Any:
        return self.adapter.position_rows(request.account)

    def portfolio(self, request: Request) -> Any:
        view = self.engine.balances(request.account)
        isolated = []
        for market in self.engine.markets.values():
            if self.engine.margin_mode(request.account, market.id) != "isolated":
                continue
            held = self.engine.snapshot(request.account, market.id)
            margin, qty = (held.margin, held.qty) if held is not None and held.qty else (Decimal(0), Decimal(0))
            row = {"instrument": wire.named(market), "balance": wire.text(margin), "available": "0"}
            row |= {"allocated_qty": wire.text(qty), "initial_margin": "0", "maintenance_margin": "0"}
            isolated.append(row)
        cross = {"balance": wire.text(view.cross_balance), "initial_margin": wire.text(view.cross_margin), "maintenance_margin": "0"}
        sub = {"cross": cross, "cross_available": wire.text(view.free), "cross_free_to_mm": wire.text(view.free), "isolated": isolated}
        return {**self.adapter.pool(request.account), "sub_accounts": sub}

    def leverage(self, request: Request) -> Any:
        found = {}
        for coin in self.body(request).get("assets") or []:
            market = next((each for each in self.engine.markets.values() if each.base == coin), None)
            if market is not None:
                top = Decimal(1) / market.max_leverage
                tiers = [
                    {"notional_lower_bound": "0", "min_im": wire.text(top)},
                    {"notional_lower_bound": "1000000", "min_im": wire.text(top * 2)},
                ]
                found[coin] = {"current": str(self.engine.leverage(request.account, market.id)), "limits": tiers}
        return found

    def set_leverage(self, request: Request) -> Any:
        body = self.body(request)
        market = next((each for each in self.engine.markets.values() if each.base == body.get("asset")), None)
        value = str(body.get("leverage"))
        if market is None or not value.isdigit() or not 1 <= int(value) <= market.max_leverage:
            raise Refused(400, {"message": "Validation error: leverage out of range"})
        self.engine.set_leverage(request.account, market.id, int(value))
        return {"current": value, "max": str(market.max_leverage)}

    def isolate(self, request: Request) -> Any:
        market = self.market(self.body(request).get("instrument"))
        mode = "isolated" if request.path.endswith("/isolate") else "cross"
        try:
            self.engine.set_margin_mode(request.account, market.id, mode)
        except Reject:
            return {"conversion_id": self.adapter.desk.number(), "status": "rejected"}
        return {"status": "confirmed"}
