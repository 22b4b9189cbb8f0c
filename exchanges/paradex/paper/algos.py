"""TWAP orders (POST /algo/orders, OpenAPI 1.132.1): checked and signed like market orders, worked in parts over the venue's time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Any

from ccxt_dex.exchanges.paradex.paper.identity import Token, refused
from ccxt_dex.paper.types import NewOrder

if TYPE_CHECKING:
    from ccxt_dex.exchanges.paradex.paper.adapter import Paper

FIELDS = frozenset(
    "algo_type duration_seconds frequency market on_behalf_of_account recv_window side signature signature_timestamp size type".split()
)


class Algos:
    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        self._made: dict[str, tuple[str, dict[str, Any]]] = {}

    def create(self, token: Token, body: Any) -> dict[str, Any]:
        if not isinstance(body, Mapping) or set(body) - FIELDS or body.get("algo_type") != "TWAP" or body.get("type") != "MARKET":
            raise refused(400, "VALIDATION_ERROR", "algo order is malformed")
        seconds, every = body.get("duration_seconds"), body.get("frequency", 30)
        if not isinstance(seconds, int) or not 30 <= seconds <= 86_400 or seconds % 30 or not isinstance(every, int) or every < 1:
            raise refused(400, "VALIDATION_ERROR", "duration_seconds is 30 to 86400 in steps of 30")
        new = self._paper.desk.check(token, {**body, "instruction": "GTC"})
        number, now = f"algo{len(self._made) + 1}", self._paper.now()
        shown = {name: body[name] for name in ("algo_type", "market", "side", "size")}
        row = {**shown, "id": number, "account": hex(token.owner.address), "status": "OPEN", "remaining_size": str(body["size"])}
        row |= {"avg_fill_price": "", "created_at": now, "last_updated_at": now, "end_at": now + seconds * 1000}
        self._made[number] = (token.owner.name, row)
        parts = max(1, seconds // every)
        for part in range(parts):
            self._paper.later(part * every * 1000, self._work, number, new, parts - part)
        return dict(row)

    def _work(self, number: str, new: NewOrder, parts: int) -> None:
        """One market order of what is left, evenly."""
        account, row = self._made[number]
        if row["status"] != "OPEN":
            return
        left = Decimal(row["remaining_size"])
        step = self._paper.engine.markets[new.market].step
        size = left if parts == 1 else (left / parts / step).to_integral_value(ROUND_FLOOR) * step
        if size:
            body = {name: row[name] for name in ("market", "side")} | {"type": "MARKET", "instruction": "GTC", "size": format(size, "f")}
            self._paper.desk.open(account, {**body, "signature_timestamp": row["created_at"]}, replace(new, qty=size))
        row.update(remaining_size=format(left - size, "f"), last_updated_at=self._paper.now())
        if parts == 1:
            row["status"] = "CLOSED"

    def rows(self, token: Token) -> list[dict[str, Any]]:
        return [dict(row) for account, row in self._made.values() if account == token.owner.name and row["status"] == "OPEN"]

    def cancel(self, token: Token, number: str) -> None:
        account, row = self._made.get(number, ("", {}))
        if account != token.owner.name or row["status"] != "OPEN":
            raise refused(404, "ALGO_ID_NOT_FOUND", "algo id was not found")
        row.update(status="CLOSED", last_updated_at=self._paper.now())
