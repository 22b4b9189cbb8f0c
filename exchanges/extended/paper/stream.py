"""wss://api.starknet.extended.exchange/stream.extended.exchange/v1: one topic per connection, named by the path."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ccxt_dex.exchanges.extended.paper import wire
from ccxt_dex.exchanges.extended.paper.rest import INTERVALS, wire_candle
from ccxt_dex.paper.server import Refused, Reply, Request, Socket
from ccxt_dex.paper.types import Event

BASE = "/stream.extended.exchange/v1"
SECTIONS = ("orders", "trades", "positions", "balance")
Sides = dict[str, dict[Decimal, Decimal]]


class Stream(Socket):
    topic = ""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.ping_every, self.pong_within = self.adapter.options["ping_s"], self.adapter.options["pong_s"]
        self._last = 0

    @classmethod
    def handshake(cls, adapter: Any, request: Request) -> Reply | None:
        if not request.headers.get("User-Agent"):
            return Reply("User-Agent header is required", 403)
        return None

    @property
    def market(self) -> str | None:
        parts = [part for part in self.path[len(BASE) :].split("/") if part]
        return next((part for part in parts if part in self.adapter.engine.markets), None)

    def mine(self, market: str | None) -> bool:
        return self.market in (None, market)

    def opened(self) -> None:
        self.subscriptions[self.path] = {}
        self.first()

    def first(self) -> None:
        """What the connection begins with."""

    def publish(self, data: Any, kind: str | None = None) -> None:
        frame: dict[str, Any] = {} if kind is None else {"type": kind}
        frame.update(data=data, ts=self.adapter.now(), seq=self.next_seq())
        self.send(frame, self.topic, f"{self.topic}:{self.market or 'all'}")

    def due(self, every: int) -> bool:
        now = self.adapter.now()
        if now - self._last < every:
            return False
        self._last = now
        return True


class Books(Stream):
    topic = "orderbooks"

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._shown: dict[str, Any] = {}
        self._snapshots: dict[str, int] = {}

    @property
    def best_only(self) -> bool:
        return self.request.query.get("depth") == "1"

    def first(self) -> None:
        self.show()

    def tick(self) -> None:
        if self.due(10 if self.best_only else self.adapter.options["book_ms"]):
            self.show()

    def show(self) -> None:
        for market in [self.market] if self.market else list(self.adapter.engine.markets):
            self._best(market) if self.best_only else self._full(market)

    def _best(self, market: str) -> None:
        bids, asks, _ = self.adapter.book(market, 1)
        if self._shown.get(market) != (bids, asks):
            self._shown[market] = (bids, asks)
            self.publish({"t": "SNAPSHOT", "m": market, "b": wire.levels(bids), "a": wire.levels(asks), "d": "1"}, "SNAPSHOT")

    def _full(self, market: str) -> None:
        """A snapshot first and every minute, what changed in between: `q` is the change, `c` the size."""
        bids, asks, _ = self.adapter.book(market)
        now: Sides = {"b": dict(bids), "a": dict(asks)}
        before = self._shown.get(market)
        if before is None or self.adapter.now() - self._snapshots[market] >= 60_000:
            self._shown[market], self._snapshots[market] = now, self.adapter.now()
            self.publish(
                {"t": "SNAPSHOT", "m": market, **{side: wire.levels(list(now[side].items())) for side in "ba"}, "d": "f"}, "SNAPSHOT"
            )
            return
        changed = {side: self._changes(before[side], now[side]) for side in "ba"}
        if changed["b"] or changed["a"]:
            self._shown[market] = now
            self.publish({"t": "DELTA", "m": market, **changed, "d": "f"}, "DELTA")

    @staticmethod
    def _changes(before: dict[Decimal, Decimal], now: dict[Decimal, Decimal]) -> list[dict[str, str]]:
        rows = []
        for price in {**before, **now}:
            old, new = before.get(price, Decimal(0)), now.get(price, Decimal(0))
            if old != new:
                rows.append({"q": wire.text(new - old), "p": wire.text(price), "c": wire.text(new)})
        return rows


class Trades(Stream):
    topic = "publicTrades"

    def first(self) -> None:
        if self.market is not None:
            found = self.adapter.engine.trades(self.market, limit=20)
            self.publish([wire.public_trade(trade) for trade in found])

    def event(self, event: Event) -> None:
        if event.kind == "trade" and self.mine(event.market):
            self.publish([wire.public_trade(event.data)])


class Funding(Stream):
    topic = "funding"

    def first(self) -> None:
        for market in [self.market] if self.market else list(self.adapter.engine.markets):
            self.publish({"m": market, "T": self.adapter.now(), "f": wire.text(self.adapter.engine.funding_rate(market))})


class Prices(Stream):
    topic = "prices"

    def first(self) -> None:
        self.show()

    def tick(self) -> None:
        if self.due(1000):
            self.show()

    def show(self) -> None:
        mark = "/mark" in self.path
        for market in [self.market] if self.market else list(self.adapter.engine.markets):
            price = self.adapter.engine.mark(market) if mark else self.adapter.engine.index(market)
            self.publish({"m": market, "p": wire.text(price), "ts": self.adapter.now()}, "MP" if mark else "IP")


class Candles(Stream):
    topic = "candles"

    def first(self) -> None:
        self.show()

    def event(self, event: Event) -> None:
        if event.kind == "trade" and event.market == self.market:
            self.show()

    def show(self) -> None:
        interval = INTERVALS.get(str(self.request.query.get("interval")), 60_000)
        bars = self.adapter.engine.candles(self.market, interval, since=self.adapter.now() - interval, until=self.adapter.now(), limit=2)
        if bars:
            self.publish([wire_candle(bars[-1])])


class Account(Stream):
    topic = "account"

    @classmethod
    def handshake(cls, adapter: Any, request: Request) -> Reply | None:
        try:
            adapter.identity.caller(request.headers)
        except Refused as refusal:
            return refusal.reply
        return None

    def opened(self) -> None:
        """Four feeds over one connection, each with its state first."""
        self.owner = self.adapter.identity.caller(self.request.headers)
        self.account = self.owner.name
        self.subscriptions.update({name: {} for name in SECTIONS})
        adapter, owner = self.adapter, self.owner
        held = adapter.engine.account(owner.name).positions
        self.publish({"balance": adapter.balance_row(owner)}, "BALANCE")
        self.publish({"positions": [adapter.position_row(owner, name) for name in held if held[name].qty]}, "POSITION")
        self.publish({"orders": [adapter.desk.row(ticket) for ticket in adapter.desk.open_tickets(owner)]}, "ORDER")

    def order(self, ticket: Any) -> None:
        if ticket.owner is self.owner:
            self.publish({"orders": [self.adapter.desk.row(ticket)]}, "ORDER")

    def event(self, event: Event) -> None:
        if event.account != self.account:
            return
        adapter, owner = self.adapter, self.owner
        if event.kind == "fill":
            row = adapter.fill_row(owner, event.data)
            ticket = adapter.desk.tickets.get(row["orderId"])
            self.publish({"trades": [{**row, "externalOrderId": ticket.body["id"] if ticket else ""}]}, "TRADE")
        elif event.kind == "position":
            self.publish({"positions": [adapter.position_row(owner, event.market, event.data)]}, "POSITION")
        elif event.kind == "balance":
            self.publish({"balance": adapter.balance_row(owner)}, "BALANCE")
