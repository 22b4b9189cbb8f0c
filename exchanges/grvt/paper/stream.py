"""The two sockets: market data for everybody, trading for whoever the headers of the handshake let in. JSON-RPC, full field names."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ccxt_dex.exchanges.grvt.paper import wire
from ccxt_dex.exchanges.grvt.paper.gateway import TEXTS
from ccxt_dex.exchanges.grvt.paper.rest import SPANS
from ccxt_dex.paper.server import Refused, Reply, Request, Socket, parse
from ccxt_dex.paper.types import Event, Reject

MINI = (200, 500, 1000, 5000)
RATES = {
    "v1.mini.s": MINI,
    "v1.mini.d": (0, 50, 100, 200, 500, 1000, 5000),
    "v1.ticker.s": (500, 1000, 5000),
    "v1.ticker.d": (100, 200, 500, 1000, 5000),
    "v1.book.s": (500, 1000),
    "v1.book.d": (50, 100, 500, 1000),
}
OWN = {"v1.order": "order", "v1.fill": "fill", "v1.position": "position"}
DEPTHS = (10, 50, 100, 500)
DELTA_DEPTH = 100
START = 464_150


class Bad(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Stream(Socket):
    """What both have in common: subscriptions by stream and selector, numbers per selector."""

    ping_every = 30.0

    def label(self, text: str) -> str:
        return str((parse(text) or {}).get("method", ""))

    async def text(self, text: str) -> None:
        message = parse(text)
        if message is None or "method" not in message:
            self.send({"code": 1003, "message": TEXTS[1003][1], "status": 400})
        elif message["method"] in ("subscribe", "unsubscribe"):
            self._subscribe(message)
        else:
            self.request_of(message)

    def reply(self, message: dict[str, Any], result: Any) -> None:
        if "jsonrpc" not in message:  # the older form, which the SDK still speaks on /ws
            self.send({"request_id": message.get("request_id", 0), **result}, message["method"])
            return
        self.send({"jsonrpc": "2.0", "result": result, "id": message.get("id", 0), "method": message["method"]}, message["method"])

    def refuse(self, message: dict[str, Any], code: int, text: str) -> None:
        error = {"code": code, "message": text}
        self.send({"jsonrpc": "2.0", "error": error, "id": message.get("id", 0), "method": message["method"]}, message["method"])

    def request_of(self, message: dict[str, Any]) -> None:
        self.refuse(message, 1001, TEXTS[1001][1])

    def _subscribe(self, message: dict[str, Any]) -> None:
        legacy = "feed" in message and "params" not in message
        params = {"stream": message.get("stream"), "selectors": message["feed"]} if legacy else message.get("params") or {}
        stream, selectors = str(params.get("stream")), [str(each) for each in params.get("selectors") or []]
        try:
            states = [self.check(stream, each) for each in selectors]
        except Bad as bad:
            texts = {1101: "Feed Format must be in the format of <primary>@<secondary>", 3030: "Feed rate is invalid"}
            self.refuse(message, bad.code, texts.get(bad.code) or TEXTS[bad.code][1])
            return
        joins = message["method"] == "subscribe"
        for selector in selectors:
            primary = selector.partition("@")[0]
            for key in [key for key in self.subscriptions if key[0] == stream and key[1].partition("@")[0] == primary]:
                del self.subscriptions[key]  # the same primary selector again replaces its secondary part
        snapshots: list[list[Any]] = []
        if joins:
            for selector, state in zip(selectors, states, strict=True):
                self.subscriptions[(stream, selector)] = {"sequence": START, **state}
                snapshots.append(self.snapshots(stream, selector, state))
        self.reply(
            message,
            {
                "stream": stream,
                "subs": selectors if joins else [],
                "unsubs": [] if joins else selectors,
                "num_snapshots": [len(each) for each in snapshots],
                "first_sequence_number": [str(START + 1)] * len(snapshots),
                "latest_sequence_number": [str(START)] * len(snapshots),
            },
        )
        for selector, feeds in zip(selectors, snapshots, strict=False):
            for feed in feeds:
                self._frame(stream, selector, feed, "0", "0")

    def check(self, stream: str, selector: str) -> dict[str, Any]:
        """What to keep with a subscription.

        :raises Bad: no such stream or selector
        """
        raise Bad(1003)

    def snapshots(self, stream: str, selector: str, state: dict[str, Any]) -> list[Any]:
        return []

    def _frame(self, stream: str, selector: str, feed: Any, number: str, before: str) -> None:
        frame = {"stream": stream, "selector": selector, "sequence_number": number, "feed": feed, "prev_sequence_number": before}
        self.send(frame, stream, f"{stream}:{selector.partition('@')[0]}", selector)

    def publish(self, stream: str, selector: str, feed: Any) -> None:
        state = self.subscriptions[(stream, selector)]
        state["sequence"] += 1
        self._frame(stream, selector, feed, str(state["sequence"]), str(state["sequence"] - 1))


class MarketData(Stream):
    def check(self, stream: str, selector: str) -> dict[str, Any]:
        primary, _, rest = selector.partition("@")
        if not rest:
            raise Bad(1101)
        if primary not in self.adapter.engine.markets:
            raise Bad(3000)
        first, _, second = rest.partition("-")
        if stream in RATES:
            if not first.isdigit() or int(first) not in RATES[stream]:
                raise Bad(3030)
            if stream == "v1.book.s" and (not second.isdigit() or int(second) not in DEPTHS):
                raise Bad(3031)
            return {"market": primary, "every": int(first) / 1000, "depth": int(second) if second else DELTA_DEPTH}
        if stream == "v1.trade":
            return {"market": primary, "count": int(first) if first.isdigit() else 50}
        if stream == "v1.candle" and first in SPANS and second in ("TRADE", "MARK", "INDEX", "MID"):
            return {"market": primary, "span": SPANS[first], "every": 0.2}
        raise Bad(1003)

    def picture(self, stream: str, state: dict[str, Any]) -> Any:
        """The state of a selector now."""
        market = state["market"]
        if stream.startswith("v1.mini"):
            return wire.mini(self.adapter.engine.price(market))
        if stream.startswith("v1.ticker"):
            return self.adapter.ticker(market)
        if stream.startswith("v1.book"):
            return self.adapter.book_row(market, state["depth"])
        bars = self.adapter.engine.candles(market, state["span"], since=self.adapter.now() - 6 * state["span"], limit=7)
        return wire.candle(bars[-1], market, state["span"])

    def snapshots(self, stream: str, selector: str, state: dict[str, Any]) -> list[Any]:
        market = state["market"]
        if stream == "v1.trade":
            price = self.adapter.engine.price(market)
            return [wire.trade(row, price) for row in self.adapter.engine.trades(market, limit=state["count"])]
        if stream == "v1.candle":
            bars = self.adapter.engine.candles(market, state["span"], since=self.adapter.now() - 5 * state["span"], limit=7)
            return [wire.candle(bar, market, state["span"]) for bar in bars[-5:]]
        picture = self.picture(stream, state)
        self.subscriptions[(stream, selector)].update(sent=picture, at=time.monotonic())
        return [picture]

    def event(self, event: Event) -> None:
        if event.kind != "trade":
            return
        for stream, selector in list(self.subscriptions):
            if stream == "v1.trade" and selector.partition("@")[0] == event.market:
                self.publish(stream, selector, wire.trade(event.data, self.adapter.engine.price(event.market)))

    def tick(self) -> None:
        now = time.monotonic()
        for (stream, selector), state in list(self.subscriptions.items()):
            if "every" not in state or now - state.get("at", 0.0) < state["every"]:
                continue
            picture, sent = self.picture(stream, state), state.get("sent")
            if _same(picture, sent):
                continue
            state.update(sent=picture, at=now)
            feed = picture
            if stream.endswith(".d") and sent is not None:
                feed = _levels(sent, picture) if "book" in stream else {**_changes(sent, picture)}
            self.publish(stream, selector, feed)


class Trading(Stream):
    @classmethod
    def handshake(cls, adapter: Any, request: Request) -> Reply | None:
        try:
            adapter.sessions.account(request.headers)
        except Refused as refused:
            return refused.reply
        return None

    def opened(self) -> None:
        self.account = self.adapter.sessions.account(self.request.headers)

    def check(self, stream: str, selector: str) -> dict[str, Any]:
        sub, _, market = selector.partition("-")
        if stream not in (*OWN, "v1.state", "v1.cancel"):
            raise Bad(1003)
        if sub != self.adapter.subs[self.account]:
            raise Bad(1001)
        if market and market not in self.adapter.engine.markets:
            raise Bad(3000)
        return {"market": market or None}

    def request_of(self, message: dict[str, Any]) -> None:
        handlers: dict[str, Callable[[str, Any], Any]] = self.adapter.rest.private
        handler = handlers.get(str(message["method"]))
        if handler is None:
            self.refuse(message, 1003, TEXTS[1003][1])
            return
        try:
            answer = self.adapter.rest.private_call(self.account, handler, message.get("params") or {})
        except Refused as refused:
            self.refuse(message, refused.reply.body["code"], refused.reply.body["message"])
        except Reject as reject:
            self.refuse(message, 2082, f"Pre-order check failed: {reject.text}")
        else:
            self.reply(message, answer)

    def event(self, event: Event) -> None:
        if event.account is None or event.account != self.account:
            return
        for (stream, selector), state in list(self.subscriptions.items()):
            if OWN.get(stream) == event.kind and state["market"] in (None, event.market):
                self.publish(stream, selector, self.row(event))

    def row(self, event: Event) -> Any:
        account = str(self.account)
        if event.kind == "order":
            return wire.order(event.data, self.adapter.subs[account])
        if event.kind == "fill":
            return self.adapter.fill_row(account, event.data)
        return self.adapter.position_row(account, event.market)


def _same(now: Any, before: Any) -> bool:
    return before is not None and {**now, "event_time": ""} == {**before, "event_time": ""}


def _changes(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """Only what changed; time and instrument always."""
    return {key: value for key, value in now.items() if value != before.get(key) or key in ("event_time", "instrument")}


def _levels(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    feed = {"event_time": now["event_time"], "instrument": now["instrument"]}
    for side in ("bids", "asks"):
        old, new = ({row["price"]: row for row in book[side]} for book in (before, now))
        gone = [{"price": price, "size": "0", "num_orders": 0} for price in old if price not in new]
        feed[side] = [*(row for price, row in new.items() if old.get(price) != row), *gone]
    return feed
