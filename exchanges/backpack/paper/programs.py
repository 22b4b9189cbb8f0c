"""Scheduled strategies: a market order at once and one each interval, until the whole has been ordered or the user ends it."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ccxt_dex.exchanges.backpack.paper import wire
from ccxt_dex.exchanges.backpack.paper.gateway import bad, client_id, flag, number, refused
from ccxt_dex.paper.numbers import text
from ccxt_dex.paper.types import Market, NewOrder, Order, Reject

if TYPE_CHECKING:
    from ccxt_dex.exchanges.backpack.paper.adapter import Paper

FIRST = 7_100_000_000
KNOWN = frozenset(
    """symbol side strategyType quantity duration interval randomizedIntervalQuantity clientStrategyId reduceOnly timeInForce selfTradePrevention
    slippageTolerance slippageToleranceType autoLend autoLendRedeem autoBorrow autoBorrowRepay brokerId""".split()
)


@dataclass
class Program:
    number: int
    account: str
    market: Market
    side: Any
    qty: Decimal
    duration: int
    interval: int
    client: str | None
    reduce_only: bool
    created: int
    status: str = "Running"
    reason: str | None = None
    left: int = 0
    orders: list[Order] = field(default_factory=list)

    @property
    def filled(self) -> Decimal:
        return sum((order.filled for order in self.orders), Decimal(0))


class Programs:
    def __init__(self, paper: Any) -> None:
        self._paper: Paper = paper
        self._all: dict[int, Program] = {}

    def create(self, account: str, body: dict[str, Any]) -> dict[str, Any]:
        unknown = sorted(set(body) - KNOWN)
        if unknown or body.get("strategyType") != "Scheduled":
            raise bad(f"unknown field {unknown[0]}" if unknown else "Invalid strategyType")
        market, side = self._paper.gateway.market(body.get("symbol")), {"Bid": "buy", "Ask": "sell"}.get(str(body.get("side")))
        qty, duration, interval = number(body, "quantity"), body.get("duration"), body.get("interval")
        if side is None or qty is None or not _whole(duration) or not _whole(interval):
            raise bad("side, quantity, duration and interval are required")
        if qty < market.min_qty or qty % market.step:
            raise Reject("below_min" if qty < market.min_qty else "off_step")
        client = client_id(body.get("clientStrategyId"))
        if client is not None and self._named(account, client) is not None:
            raise Reject("duplicate_client_id")
        count, now = FIRST + len(self._all), self._paper.now()
        made = Program(count, account, market, side, qty, int(duration or 0), int(interval or 0), client, flag(body, "reduceOnly"), now)
        made.left = max(1, made.duration // made.interval)
        self._all[count] = made
        self._step(made)
        return self.row(made)

    def _step(self, program: Program) -> None:
        """The next order: an equal part of what is left, the last one takes all of it."""
        if program.status != "Running":
            return
        rest = program.qty - sum((order.qty for order in program.orders), Decimal(0))
        part = rest if program.left <= 1 else rest / program.left // program.market.step * program.market.step
        program.left -= 1
        if part:
            new = NewOrder(program.market.id, program.side, "market", part, tif="ioc", reduce_only=program.reduce_only)
            try:
                program.orders.append(self._paper.submit(program.account, new))
            except Reject as reject:
                program.status, program.reason = "Terminated", wire.EXPIRED.get(reject.code, "Unknown")
                return
        if program.left <= 0:
            program.status = "Completed"
        else:
            self._paper.later(program.interval, self._step, program)

    def _named(self, account: str, client: str) -> Program | None:
        return next((program for program in reversed(self._all.values()) if program.account == account and program.client == client), None)

    def _running(self, account: str, query: dict[str, Any]) -> Program:
        self._paper.gateway.market(query.get("symbol"))
        word = str(query.get("strategyId"))
        client = client_id(query.get("clientStrategyId"))
        found = self._named(account, client) if client is not None else self._all.get(int(word)) if word.isdigit() else None
        if found is None or found.account != account or found.status != "Running" or found.market.id != query.get("symbol"):
            raise refused(404, "RESOURCE_NOT_FOUND", "Strategy not found")
        return found

    def one(self, account: str, query: dict[str, Any]) -> dict[str, Any]:
        return self.row(self._running(account, query))

    def cancel(self, account: str, body: dict[str, Any]) -> dict[str, Any]:
        found = self._running(account, body)
        found.status = "Cancelled"
        return self.row(found)

    def listed(self, account: str, query: dict[str, Any], running: bool) -> list[dict[str, Any]]:
        mine = [each for each in reversed(self._all.values()) if each.account == account and (each.status == "Running") == running]
        kept = [
            each for each in mine if query.get("symbol") in (None, each.market.id) and query.get("strategyId") in (None, str(each.number))
        ]
        return [self.row(each, not running) for each in kept]

    def row(self, program: Program, history: bool = False) -> dict[str, Any]:
        cost = sum((order.cost for order in program.orders), Decimal(0))
        found = {
            "id": str(program.number),
            "clientStrategyId": None if program.client is None else int(program.client),
            "createdAt": wire.iso(program.created) if history else program.created,
            "duration": program.duration,
            "executedQuantity": text(program.filled),
            "executedQuoteQuantity": text(cost),
            "interval": program.interval,
            "quantity": text(program.qty),
            "randomizedIntervalQuantity": False,
            "reduceOnly": program.reduce_only,
            "selfTradePrevention": "RejectTaker",
            "side": wire.side(program.side),
            "status": program.status,
            "strategyType": "Scheduled",
            "symbol": program.market.id,
            "timeInForce": "IOC",
        }
        return {**found, "cancelReason": program.reason} if history else found


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
