"""Quotes and what waits on them: every order is filled whole against the liquidity provider's quote of the moment, or not at all."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ccxt_dex.exchanges.variational.paper import wire
from ccxt_dex.exchanges.variational.paper.markets import least, tick
from ccxt_dex.paper.server import Refused
from ccxt_dex.paper.types import Market, NewOrder, Order, Reject

FUNDING = "rejected_failed_taker_funding"
EXPIRED = "rejected_failed_taker_accept_quote_expired"
SHOWN = {"cleared": "filled", "canceled": "canceled", "rejected": "rejected"}
LAST_LOOK = "rejected_maker_last_look_rejected"
REDUCE = "rejected_failed_reduce_only_check"
CLEARED = "success_trades_booked_into_pool"
MIRRORED = 10**12
"""numbers of our orders in the account's books, far above the engine's own"""


@dataclass
class Quote:
    id: str
    account: str
    market: str
    qty: Decimal
    bid: Decimal
    ask: Decimal
    made: int


@dataclass
class Row:
    """One order."""

    rfq_id: str
    order_id: str
    account: str
    market: str
    side: str
    qty: Decimal
    kind: str
    created: int
    limit: Decimal | None = None
    trigger: Decimal | None = None
    reduce_only: bool = False
    resize: bool = False
    by_mark: bool = False
    slippage: Decimal | None = None
    status: str = "pending"
    clearing: str | None = "pending_clearing"
    reason: str | None = None
    price: Decimal | None = None
    mark: Decimal | None = None
    executed: int | None = None
    parent: Row | None = None
    children: list[Row] = field(default_factory=list)
    truth: Order | None = None
    """the same in the engine's words, for whoever asks the venue what it holds"""


class Desk:
    """The liquidity provider's side."""

    def __init__(self, adapter: Any) -> None:
        self.adapter = adapter
        self.rng = random.Random(adapter.seed)
        self.quotes: dict[str, Quote] = {}
        self.rows: dict[str, Row] = {}
        self.trades: dict[str, list[dict[str, Any]]] = {}
        self.pnl: dict[str, list[dict[str, Any]]] = {}
        self.executing: str | None = None

    def number(self) -> str:
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    # --- quotes -----------------------------------------------------------------------------------------------------------------------

    def average(self, levels: list[tuple[Decimal, Decimal]], qty: Decimal) -> Decimal:
        """What the whole of a size costs per unit; beyond the last level at a penalty."""
        rest, cost, last = qty, Decimal(0), levels[-1][0]
        for price, size in levels:
            part = min(rest, size)
            cost += part * price
            rest -= part
            if not rest:
                return cost / qty
        away = Decimal("1.05") if last > levels[0][0] else Decimal("0.95")
        return (cost + rest * last * away) / qty

    def prices(self, market: str, qty: Decimal) -> tuple[Decimal, Decimal, int]:
        """bid, ask and their time."""
        bids, asks, at = self.adapter.book(market)
        return self.average(bids, qty), self.average(asks, qty), at

    def quote(self, account: str, market: Market, qty: Decimal) -> dict[str, Any]:
        bid, ask, at = self.prices(market.id, qty)
        made = Quote(self.number(), account, market.id, qty, bid, ask, self.adapter.now())
        if account:
            self.quotes[made.id] = made
        mark = self.adapter.engine.mark(market.id)
        limits = {"min_qty_tick": wire.text(tick(mark)), "min_qty": wire.text(least(mark)), "max_qty": wire.text(self.depth(market))}
        return {
            "instrument": wire.named(market),
            "qty": wire.text(qty),
            "bid": wire.text(bid),
            "ask": wire.text(ask),
            "mark_price": wire.text(mark),
            "index_price": wire.text(self.adapter.engine.index(market.id)),
            "timestamp": wire.iso(at),
            "quote_id": made.id,
            "qty_limits": {"bid": dict(limits), "ask": dict(limits)},
        }

    def depth(self, market: Market) -> Decimal:
        bids, asks, _ = self.adapter.book(market.id)
        step = tick(self.adapter.engine.mark(market.id))
        return min(sum((size for _, size in bids), Decimal(0)), sum((size for _, size in asks), Decimal(0))) // step * step

    # --- placing ----------------------------------------------------------------------------------------------------------------------

    def check_size(self, market: Market, qty: Decimal) -> None:
        mark = self.adapter.engine.mark(market.id)
        if qty <= 0 or qty % tick(mark):
            raise Refused(400, {"message": f"Validation error: qty has more decimals than {tick(mark):f}"})
        if qty < least(mark):
            raise Refused(422, {"error_code": "min_notional", "message": "Validation error: order notional below minimum 0.1"})
        if not market.active:
            raise Refused(400, {"message": "Validation error: market is closed"})

    def place(self, row: Row, body: dict[str, Any], bracketed: tuple[Row | None, Row | None]) -> dict[str, Any]:
        """Takes an order: from now on it is in the list, pending."""
        for child in bracketed:
            if child is not None:
                self.refuse_second(child)
        self.adapter.server.log.executed("")
        self.record(row)
        for child in bracketed:
            if child is not None:
                child.parent = row
                row.children.append(child)
                self.record(child)
        profit, loss = bracketed
        ids = {"take_profit_rfq_id": profit and profit.rfq_id, "stop_loss_rfq_id": loss and loss.rfq_id}
        return {"rfq_id": row.rfq_id, **ids}

    def record(self, row: Row) -> None:
        """Into the list, and into the account's books: the engine itself only meets orders at the moment they are filled."""
        self.rows[row.rfq_id] = row
        kind: Any = "market" if row.limit is None else "limit"
        side: Any = row.side
        new = NewOrder(row.market, side, kind, row.qty, row.limit, reduce_only=row.reduce_only, trigger=row.trigger)
        status: Any = "open" if row.trigger is None else "untriggered"
        number = MIRRORED + len(self.rows)
        row.truth = Order(number, row.account, new, status, row.created, row.created, row.qty, row.limit)
        self.adapter.engine.account(row.account).orders[number] = row.truth

    def settle(self, row: Row) -> None:
        """The end of an order, in the account's books too."""
        assert row.truth is not None
        row.truth.status, row.truth.reason, row.truth.updated = SHOWN[row.status], row.reason or row.clearing, self.adapter.now()  # type: ignore[assignment]
        if row.status == "cleared":
            row.truth.qty = row.truth.filled = row.qty
            row.truth.cost = row.qty * (row.price or Decimal(0))

    def refuse_second(self, child: Row) -> None:
        """One pair per instrument."""
        for row in self.rows.values():
            same = (row.account, row.market, row.kind) == (child.account, child.market, child.kind)
            if same and row.status == "pending" and row.parent is not None:
                raise Refused(400, {"message": f"Validation error: a {child.kind} already exists for this instrument"})

    def accept(self, row: Row, quote: Quote, slippage: Decimal) -> None:
        """The asynchronous part of a market order."""
        if row.status != "pending":
            return
        if self.adapter.now() - quote.made > self.adapter.options["quote_ms"]:
            self.reject(row, EXPIRED)
            return
        bid, ask, _ = self.prices(row.market, row.qty)
        fresh, old = (ask, quote.ask) if row.side == "buy" else (bid, quote.bid)
        worse = (fresh - old if row.side == "buy" else old - fresh) / old
        if worse > slippage:
            self.reject(row, LAST_LOOK)
            return
        self.execute(row)

    def execute(self, row: Row) -> None:
        position = self.adapter.engine.snapshot(row.account, row.market)
        held = position.qty if position is not None else Decimal(0)
        if row.reduce_only:
            against = -held if row.side == "buy" else held
            if against <= 0:
                self.reject(row, REDUCE, "no_positions" if not held else "no_positions_for_side")
                return
            if row.qty > against and not row.resize:
                self.reject(row, REDUCE, "order_size_exceeds_position")
                return
            row.qty = min(row.qty, against)
        new = NewOrder(row.market, row.side, "market", row.qty)  # type: ignore[arg-type]
        self.executing = row.rfq_id
        try:
            done = self.adapter.engine.submit(row.account, new)
        except Reject as reject:
            short = reject.code == "insufficient_funds"
            self.reject(row, FUNDING if short else "rejected_failed_risk_checks", None if short else reject.code)
            return
        finally:
            self.executing = None
        self.adapter.engine.account(row.account).orders.pop(done.id, None)  # row.truth stands for it
        self.cleared(row, done.average or Decimal(0))

    def cleared(self, row: Row, price: Decimal) -> None:
        now = self.adapter.now()
        row.status, row.clearing, row.price, row.executed = "cleared", CLEARED, price, now
        row.mark = self.adapter.engine.mark(row.market)
        self.settle(row)
        trade = {
            "id": self.number(),
            "source_rfq": row.rfq_id,
            "instrument": wire.named(self.adapter.engine.markets[row.market]),
            "side": row.side,
            "price": wire.text(price),
            "qty": wire.text(row.qty),
            "mark_price": wire.text(row.mark),
            "role": "taker",
            "trade_type": "trade",
            "status": "pending",
            "liquidation_trigger_price": None,
            "created_at": wire.iso(now),
        }
        self.book_trade(row.account, trade)
        self.tell_clearing(row)
        for other in [each for each in self.rows.values() if each.parent is row.parent is not None and each is not row]:
            if other.status == "pending":
                self.cancel(other, "no_positions")

    def book_trade(self, account: str, trade: dict[str, Any]) -> None:
        """A trade is pending first, confirmed a moment later."""
        self.trades.setdefault(account, []).append(trade)
        self.adapter.tell(account, "trade", self.frame(trade))
        self.adapter.later(self.adapter.options["confirm_ms"], self.confirm, account, trade)

    def confirm(self, account: str, trade: dict[str, Any]) -> None:
        trade["status"] = "confirmed"
        self.adapter.tell(account, "trade", self.frame(trade))

    @staticmethod
    def frame(trade: dict[str, Any]) -> dict[str, Any]:
        names = ("id", "source_rfq", "instrument", "side", "qty", "price", "status", "trade_type", "role")
        return {name: trade[name] for name in names}

    def reject(self, row: Row, clearing: str, reason: str | None = None) -> None:
        row.status, row.clearing, row.reason = "rejected", clearing, reason
        self.settle(row)
        self.tell_clearing(row)
        self.reap(row, "parent_order_rejected")

    def cancel(self, row: Row, reason: str) -> None:
        row.status, row.clearing, row.reason = "canceled", None, reason
        self.settle(row)
        self.adapter.tell(row.account, "canceled_order", {"order_id": row.order_id, "rfq_id": row.rfq_id})
        self.reap(row, "parent_order_canceled")

    def reap(self, row: Row, reason: str) -> None:
        """The children of a dead parent go a while later."""
        for child in row.children:
            self.adapter.later(self.adapter.options["reap_ms"], self.orphan, child, reason)

    def orphan(self, child: Row, reason: str) -> None:
        if child.status == "pending":
            self.cancel(child, reason)

    def tell_clearing(self, row: Row) -> None:
        data = {"rfq_id": row.rfq_id, "taker_company": row.account, "clearing_status": row.clearing, "failed_risk_checks": None}
        self.adapter.tell(row.account, "clearing_event", data)

    # --- what waits -------------------------------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Every tick: which of the pending orders the quote of now fills."""
        for row in [each for each in self.rows.values() if each.status == "pending" and each.kind != "market"]:
            if row.parent is not None and row.parent.status != "cleared":
                continue
            if row.kind == "limit":
                if self.crosses(row):
                    self.execute(row)
            elif self.position_gone(row):
                self.cancel(row, "no_positions")
            elif self.reached(row):
                self.execute(row)

    def crosses(self, row: Row) -> bool:
        if not self.adapter.engine.markets[row.market].active or row.limit is None:
            return False
        bid, ask, _ = self.prices(row.market, row.qty)
        return ask <= row.limit if row.side == "buy" else bid >= row.limit

    def position_gone(self, row: Row) -> bool:
        view = self.adapter.engine.snapshot(row.account, row.market)
        held = view.qty if view is not None else Decimal(0)
        return not (held > 0 if row.side == "sell" else held < 0)

    def reached(self, row: Row) -> bool:
        bid, ask, _ = self.prices(row.market, row.qty)
        quoted = ask if row.side == "buy" else bid
        seen = self.adapter.engine.mark(row.market) if row.by_mark else quoted
        assert row.trigger is not None
        falling = (row.side == "sell") == (row.kind == "stop_loss")
        if seen > row.trigger if falling else seen < row.trigger:
            return False
        if row.limit is not None and (quoted > row.limit if row.side == "buy" else quoted < row.limit):
            return False
        away = (quoted - seen if row.side == "buy" else seen - quoted) / seen
        return row.slippage is None or away <= row.slippage

    # --- reading ----------------------------------------------------------------------------------------------------------------------

    def shown(self, row: Row) -> dict[str, Any]:
        """A row of /orders/v2."""
        return {
            "order_id": row.order_id,
            "rfq_id": row.rfq_id,
            "instrument": wire.named(self.adapter.engine.markets[row.market]),
            "side": row.side,
            "qty": wire.text(row.qty),
            "order_type": row.kind,
            "limit_price": wire.text(row.limit),
            "trigger_price": wire.text(row.trigger),
            "price": wire.text(row.price),
            "mark_price": wire.text(row.mark),
            "status": row.status,
            "clearing_status": row.clearing,
            "cancel_reason": row.reason,
            "failed_risk_checks": None,
            "is_reduce_only": row.reduce_only,
            "is_auto_resize": row.resize,
            "use_mark_price": row.by_mark,
            "slippage_limit": wire.text(row.slippage),
            "tif": "fill_or_kill" if row.kind == "market" else "good_til_canceled",
            "created_at": wire.iso(row.created),
            "execution_timestamp": None if row.executed is None else wire.iso(row.executed),
        }

    def of(self, account: str) -> list[Row]:
        return [row for row in self.rows.values() if row.account == account]
