"""wss://api.starknet.extended.exchange/stream.extended.exchange: feeds, and the two ways to them: v1 with one topic per connection, named by the
path, and v2/rpc with all public topics over one.

v2: x10-python-trading-starknet 2.6.0 (clients/streamrpc) for requests, answers and names; what an open recorder of market data publishes about its
probes of mainnet of 2026-09-26 for the words of `type`, numbering from 0 over the whole connection, answers outside of it, fifty trades at the
beginning, and a new snapshot for a topic that is asked for again.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from ccxt_dex.exchanges.extended.paper import wire
from ccxt_dex.exchanges.extended.paper.rest import INTERVALS, wire_candle
from ccxt_dex.paper.server import Refused, Reply, Request, Socket, parse
from ccxt_dex.paper.types import Event

ROOT = "/stream.extended.exchange"
BASE, RPC = f"{ROOT}/v1", f"{ROOT}/v2/rpc"
SECTIONS = ("orders", "trades", "positions", "balance")
Sides = dict[str, dict[Decimal, Decimal]]


class Feed:
    """A topic of one market, or of all.

    :cvar word: how v2 calls its frames
    """

    topic, word = "", ""

    def __init__(self, socket: Any, name: str, market: str | None, choice: str = "", interval: str = "") -> None:
        self.socket, self.adapter, self.name = socket, socket.adapter, name
        self.market, self.choice, self.interval = market, choice, interval
        self._last = 0

    def mine(self, market: str | None) -> bool:
        return self.market in (None, market)

    def markets(self) -> list[str]:
        return [self.market] if self.market else list(self.adapter.engine.markets)

    def first(self) -> None:
        """What the subscription begins with."""

    def tick(self) -> None:
        """Called after every engine tick."""

    def event(self, event: Event) -> None:
        """Something happened in the engine."""

    def publish(self, data: Any, kind: str | None = None) -> None:
        self.socket.frame(self, data, kind)

    def due(self, every: int) -> bool:
        now = self.adapter.now()
        if now - self._last < every:
            return False
        self._last = now
        return True


class Books(Feed):
    topic, word = "orderbooks", "ORDERBOOKS"

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._shown: dict[str, Any] = {}
        self._snapshots: dict[str, int] = {}

    @property
    def best_only(self) -> bool:
        return self.choice == "1"

    def first(self) -> None:
        self.show()

    def tick(self) -> None:
        if self.due(10 if self.best_only else self.adapter.options["book_ms"]):
            self.show()

    def show(self) -> None:
        for market in self.markets():
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


class Trades(Feed):
    topic, word = "publicTrades", "TRADES"

    def first(self) -> None:
        if self.market is not None:
            found = self.adapter.engine.trades(self.market, limit=50)
            self.publish([wire.public_trade(trade) for trade in found])

    def event(self, event: Event) -> None:
        if event.kind == "trade" and self.mine(event.market):
            self.publish([wire.public_trade(event.data)])


class Funding(Feed):
    topic, word = "funding", "FUNDING_RATES"

    def first(self) -> None:
        for market in self.markets():
            self.publish({"m": market, "T": self.adapter.now(), "f": wire.text(self.adapter.engine.funding_rate(market))})


class Prices(Feed):
    topic, word = "prices", "PRICES"

    def first(self) -> None:
        self.show()

    def tick(self) -> None:
        if self.due(1000):
            self.show()

    def show(self) -> None:
        mark = self.choice == "mark"
        for market in self.markets():
            price = self.adapter.engine.mark(market) if mark else self.adapter.engine.index(market)
            self.publish({"m": market, "p": wire.text(price), "ts": self.adapter.now()}, "MP" if mark else "IP")


class Candles(Feed):
    topic, word = "candles", "CANDLES"

    def first(self) -> None:
        self.show()

    def event(self, event: Event) -> None:
        if event.kind == "trade" and event.market == self.market:
            self.show()

    def show(self) -> None:
        interval = INTERVALS.get(self.interval, 60_000)
        bars = self.adapter.engine.candles(self.market, interval, since=self.adapter.now() - interval, until=self.adapter.now(), limit=2)
        if bars:
            self.publish([wire_candle(bars[-1])])


FEEDS: Mapping[str, type[Feed]] = {feed.topic: feed for feed in (Books, Trades, Funding, Prices, Candles)}


class Stream(Socket):
    """v1."""

    feed: Feed | None = None

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.ping_every, self.pong_within = self.adapter.options["ping_s"], self.adapter.options["pong_s"]

    @classmethod
    def handshake(cls, adapter: Any, request: Request) -> Reply | None:
        if not request.headers.get("User-Agent"):
            return Reply("User-Agent header is required", 403)
        return None

    def opened(self) -> None:
        self.subscriptions[self.path] = {}
        topic, *rest = self.path[len(BASE) :].strip("/").split("/")
        market = next((part for part in rest if part in self.adapter.engine.markets), None)
        choice = str(self.request.query.get("depth") or "") if topic == "orderbooks" else next((p for p in rest if p != market), "")
        self.feed = FEEDS[topic](self, self.path, market, choice, str(self.request.query.get("interval") or ""))
        self.feed.first()

    def frame(self, feed: Feed, data: Any, kind: str | None) -> None:
        row: dict[str, Any] = {} if kind is None else {"type": kind}
        row.update(data=data, ts=self.adapter.now(), seq=self.next_seq())
        self.send(row, feed.topic, f"{feed.topic}:{feed.market or 'all'}")

    def event(self, event: Event) -> None:
        if self.feed is not None:
            self.feed.event(event)

    def tick(self) -> None:
        if self.feed is not None:
            self.feed.tick()


class Rpc(Stream):
    """v2: public topics only, the account's stays a socket of its own here."""

    scopes: ClassVar[Mapping[str, type[Feed]]] = {
        "orderbooks": Books,
        "trades": Trades,
        "funding-rates": Funding,
        "prices": Prices,
        "candles": Candles,
    }

    def opened(self) -> None:
        self.feeds: dict[str, Feed] = {}
        self.seq = -1

    async def text(self, text: str) -> None:
        message = parse(text) or {}
        method, params = message.get("method"), message.get("params") or {}
        if method in ("subscribe", "unsubscribe"):
            self._change(message, str(method), params)
        elif method == "list-subscriptions":
            self._answer(message, {"method": method, "subscriptions": sorted(self.feeds)})
        elif method == "ping":
            self._answer(message, {"method": method})
        else:
            self.send({"id": message.get("id"), "jsonrpc": "2.0", "error": {"code": -32601, "message": "Method not found"}}, "rpc")

    def label(self, text: str) -> str:
        message = parse(text) or {}
        return f"{message.get('method')}:{(message.get('params') or {}).get('scope', '')}"

    def _answer(self, message: Mapping[str, Any], result: Mapping[str, Any]) -> None:
        self.send({"id": message.get("id"), "jsonrpc": "2.0", "result": {"status": "OK", **result}}, "rpc")

    def _change(self, message: Mapping[str, Any], method: str, params: Mapping[str, Any]) -> None:
        feed = self._feed(str(params.get("scope")), params.get("selector") or {})
        if feed is None:
            error = {"code": -32602, "message": "Invalid params", "data": "selector"}
            self.send({"id": message.get("id"), "jsonrpc": "2.0", "error": error}, "rpc")
            return
        self._answer(message, {"method": method, "subscription": feed.name})
        self.feeds.pop(feed.name, None)
        self.subscriptions.pop(feed.topic, None)
        if method == "subscribe":
            self.feeds[feed.name] = feed
            feed.first()
        self.subscriptions.update({each.topic: {} for each in self.feeds.values()})

    def _feed(self, scope: str, selector: Mapping[str, Any]) -> Feed | None:
        kind, market = self.scopes.get(scope), selector.get("market")
        if kind is None or (market is not None and market not in self.adapter.engine.markets):
            return None
        where, choice, interval = market or "all", str(selector.get("type") or ""), str(selector.get("interval") or "")
        if scope == "orderbooks":
            choice = str(selector.get("depth"))
            name = f"orderbooks.{'1.' if choice == '1' else ''}{where}"
            return kind(self, name, market, choice) if choice in ("1", "full") else None
        if scope == "prices":
            return kind(self, f"prices.{choice}.{where}", market, choice) if choice in ("mark", "index") else None
        if scope == "candles":
            known = market is not None and choice in ("last", "mark", "index") and interval in INTERVALS
            return kind(self, f"candles.{choice}.{where}.{interval}", market, choice, interval) if known else None
        return kind(self, f"{scope}.{where}", market)

    def frame(self, feed: Feed, data: Any, kind: str | None) -> None:
        row = {"type": f"{feed.word}.{kind}" if kind else feed.word, "data": data, "ts": self.adapter.now(), "seq": self.next_seq()}
        self.send({**row, "subscription": feed.name}, feed.topic, f"{feed.topic}:{feed.market or 'all'}")

    def event(self, event: Event) -> None:
        for feed in list(self.feeds.values()):
            feed.event(event)

    def tick(self) -> None:
        for feed in list(self.feeds.values()):
            feed.tick()


class Account(Stream):
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

    def publish(self, data: Any, kind: str) -> None:
        self.send({"type": kind, "data": data, "ts": self.adapter.now(), "seq": self.next_seq()}, "account", "account:all")

    def tick(self) -> None:
        """Nothing is due."""

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
