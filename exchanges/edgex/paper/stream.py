"""Both sockets: application pings, channels with a snapshot first, and the account's events."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from ccxt_dex.exchanges.edgex.paper import wire
from ccxt_dex.exchanges.edgex.paper.auth import canonical, protocol_headers
from ccxt_dex.exchanges.edgex.paper.markets import metadata
from ccxt_dex.paper.server import Refused, Reply, Request, Socket, parse
from ccxt_dex.paper.types import Event

UNANSWERED = 5
GROUPS = ("account", "collateral", "position", "order", "orderFillTransaction")
RECENT_TRADES, RECENT_BARS = 50, 100


class Connection(Socket):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._pinged = self.adapter.now()
        self._unanswered = 0

    def greet(self) -> dict[str, Any]:
        sid = hashlib.md5(f"{id(self)}{self.adapter.now()}".encode(), usedforsecurity=False).hexdigest()
        return {"sid": f"{sid[:8]}-{sid[8:12]}-{sid[12:16]}-{sid[16:20]}-{sid[20:]}", "type": "connected"}

    def label(self, text: str) -> str:
        return str((parse(text) or {}).get("type") or "")

    async def text(self, text: str) -> None:
        message = parse(text) or {}
        word = message.get("type")
        if word == "ping":
            self.send({"type": "pong", "time": message.get("time")}, "pong")
        elif word == "pong":
            self._unanswered = 0
        else:
            self.request_of(message)

    def request_of(self, message: dict[str, Any]) -> None:
        self.refuse("GATEWAY_UNRECOGNIZED_MESSAGE", "unrecognized message")

    def refuse(self, code: str, text: str) -> None:
        self.send({"type": "error", "content": {"code": code, "msg": text}}, "error")

    def tick(self) -> None:
        now = self.adapter.now()
        if now - self._pinged < self.adapter.options["ping_s"] * 1000:
            return
        self._pinged = now
        if self._unanswered >= UNANSWERED:
            self.close(1000, "no pong")
            return
        self._unanswered += 1
        self.send({"type": "ping", "time": str(now)}, "ping")


class PublicStream(Connection):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._bars: dict[str, tuple[int, Any]] = {}

    def opened(self) -> None:
        self.send(self.greet(), "connected")

    def request_of(self, message: dict[str, Any]) -> None:
        word, channel = message.get("type"), str(message.get("channel") or "")
        if word == "unsubscribe":
            self.subscriptions.pop(channel, None)
            self.send({"type": "unsubscribed", "channel": channel}, "unsubscribed")
        elif word != "subscribe":
            super().request_of(message)
        else:
            self._subscribe(channel)

    def _subscribe(self, channel: str) -> None:
        parts = channel.split(".")
        maker = SNAPSHOTS.get((parts[0], len(parts)))
        markets = self.adapter.engine.markets
        contract = next((part for part in parts[1:] if part.isdigit() and len(part) > 3), None)
        if contract is not None and contract not in markets:
            self.refuse("INVALID_CONTRACT_ID", f"invalid contractId:{contract}")
            return
        rows = maker(self, *parts[1:]) if maker is not None else None
        if rows is None:
            self.refuse("INVALID_CHANNEL", f"invalid channel:{channel}")
            return
        again = channel in self.subscriptions
        self.subscriptions[channel] = {}
        self.send({"type": "subscribed", "channel": channel, "request": "{}"}, "subscribed")
        if not again:  # composed: whether a second subscription brings a second snapshot is not known
            self.quote(channel, "Snapshot", rows)

    def quote(self, channel: str, kind: str, rows: list[dict[str, Any]]) -> None:
        """A frame of a channel, to who is subscribed."""
        if channel in self.subscriptions:
            parts = channel.split(".")
            names = (parts[0], channel)
            self.send({"type": "quote-event", "channel": channel, "content": {"channel": channel, "dataType": kind, "data": rows}}, *names)

    # --- what a channel begins with -----------------------------------------------------------------------------------------------------------

    def tickers(self, name: str, every: str = "1s") -> list[dict[str, Any]] | None:
        if every != "1s":
            return None
        return [self.adapter.ticker(each) for each in (self.adapter.engine.markets if name == "all" else [name])]

    def book_tickers(self, name: str, every: str = "1s") -> list[dict[str, Any]] | None:
        if every != "1s":
            return None
        return [self.adapter.book_ticker(each) for each in (self.adapter.engine.markets if name == "all" else [name])]

    def fundings(self, name: str) -> list[dict[str, Any]]:
        return [self.adapter.funding(each) for each in (self.adapter.engine.markets if name == "all" else [name])]

    def depth(self, market_id: str, level: str) -> list[dict[str, Any]] | None:
        return [self.adapter.depth_snapshot(market_id, int(level))] if level in ("15", "200") else None

    def trades(self, market_id: str) -> list[dict[str, Any]]:
        market = self.adapter.engine.markets[market_id]
        return [wire.public_trade(trade, market) for trade in reversed(self.adapter.engine.trades(market_id, limit=RECENT_TRADES))]

    def klines(self, price: str, market_id: str, kind: str) -> list[dict[str, Any]] | None:
        if kind not in wire.SPANS or price not in ("LAST_PRICE", "INDEX_PRICE", "ORACLE_PRICE"):
            return None
        market = self.adapter.engine.markets[market_id]
        bars = self.adapter.engine.candles(market_id, wire.SPANS[kind], limit=RECENT_BARS)
        return [wire.kline(bar, market, kind, price) for bar in reversed(bars)]

    def metadata(self) -> list[dict[str, Any]]:
        return [metadata(self.adapter.engine.markets.values())]

    # --- changes ------------------------------------------------------------------------------------------------------------------------------

    def event(self, event: Event) -> None:
        if event.kind == "trade":
            market = self.adapter.engine.markets[event.market]
            self.quote(f"trades.{event.market}", "changed", [wire.public_trade(event.data, market)])
        elif event.kind == "market":
            self.quote("metadata", "Changed", self.metadata())

    def tick(self) -> None:
        super().tick()
        now = self.adapter.now()
        for channel in list(self.subscriptions):
            if not channel.startswith("kline."):
                continue
            _, price, market_id, kind = channel.split(".")
            at, last = self._bars.get(channel, (0, None))
            if now - at < self.adapter.options["kline_ms"]:
                continue
            bars = self.adapter.engine.candles(market_id, wire.SPANS[kind], limit=1)
            if bars and bars[-1] != last:
                self._bars[channel] = (now, bars[-1])
                self.quote(channel, "changed", [wire.kline(bars[-1], self.adapter.engine.markets[market_id], kind, price)])


SNAPSHOTS: Mapping[tuple[str, int], Callable[..., Any]] = {
    ("ticker", 2): PublicStream.tickers,
    ("ticker", 3): PublicStream.tickers,
    ("fundingRate", 2): PublicStream.fundings,
    ("bookTicker", 2): PublicStream.book_tickers,
    ("bookTicker", 3): PublicStream.book_tickers,
    ("depth", 3): PublicStream.depth,
    ("trades", 2): PublicStream.trades,
    ("kline", 4): PublicStream.klines,
    ("metadata", 1): PublicStream.metadata,
}


class PrivateStream(Connection):
    """No subscriptions: everything about the account comes unasked, after a snapshot."""

    @classmethod
    def protocols(cls, adapter: Any, request: Request) -> tuple[str, ...]:
        offered = request.headers.get("Sec-WebSocket-Protocol")
        return tuple(part.strip() for part in offered.split(",")) if offered else ()

    @classmethod
    def handshake(cls, adapter: Any, request: Request) -> Reply | None:
        try:
            cls.identify(adapter, request)
        except Refused as refused:
            return Reply(refused.reply.body, 401)
        return None

    @classmethod
    def identify(cls, adapter: Any, request: Request) -> Any:
        """Headers, or the sub-protocol of browsers. The signed text has accountId and timestamp, each once."""
        headers = (
            request.headers if request.headers.get("X-edgeX-Signature") else protocol_headers(request.headers.get("Sec-WebSocket-Protocol"))
        )
        query = dict(request.query)
        stamp = headers.get("x-edgex-timestamp") or headers.get("X-edgeX-Timestamp")
        if stamp != query.get("timestamp"):
            query["timestamp"] = "differs from the header"
        key = adapter.keys.check(headers, lambda at: f"{at}GET{request.path}{canonical(query)}")
        return adapter.keys.account(key, query.get("accountId"))

    def opened(self) -> None:
        own = self.identify(self.adapter, self.request)
        self.account = own.name
        for group in GROUPS:
            self.subscriptions[group] = {}
        self.send({**self.greet(), "time": str(self.adapter.now())}, "connected")
        version = self.adapter.versions.setdefault(own.name, 900)
        self.trade_event("Snapshot", version, self.adapter.snapshot_data(own.name))

    def trade_event(self, event: str, version: int, data: dict[str, Any]) -> None:
        content = {"event": event, "version": version, "data": data, "time": self.adapter.now(), "accountId": 0}
        names = [name for name, rows in data.items() if rows]
        self.send({"type": "trade-event", "content": content}, "trade-event", *names)
