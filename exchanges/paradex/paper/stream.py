"""wss://ws.api.prod.paradex.trade/v1 in JSON: channels and order management, JSON-RPC 2.0."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from ccxt_dex.exchanges.paradex.paper import wire
from ccxt_dex.exchanges.paradex.paper.desk import Ticket
from ccxt_dex.exchanges.paradex.paper.identity import Token, refused
from ccxt_dex.exchanges.paradex.paper.rest import Rest
from ccxt_dex.paper.server import Refused, Reply, Request, Socket, parse
from ccxt_dex.paper.types import Event

BOOK = re.compile(r"(snapshot|deltas|interactive)@15@(50ms|100ms)(@[0-9_.]+)?")
PRIVATE = ("orders", "fills", "positions", "account")
PER_MARKET = ("trades", "bbo", "markets_summary", "funding_data", "order_book")
SIDES = (("bids", "BUY"), ("asks", "SELL"))


class Stream(Socket):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.ping_every, self.pong_within = self.adapter.options["ping_s"], self.adapter.options["pong_s"]
        self.token: Token | None = None
        self.cancels = False
        self._rest = Rest(self.adapter)
        self._books: dict[str, tuple[int, Any]] = {}
        self._shown: dict[str, Any] = {}

    @classmethod
    def handshake(cls, adapter: Any, request: Request) -> Reply | None:
        if ("sbeSchemaId" in request.query) is bool(adapter.options["sbe_only"]):
            return None
        reply: Reply = adapter.error(400, "unsupported encoding")
        return reply

    def label(self, text: str) -> str:
        return str((parse(text) or {}).get("method") or "")

    def closed(self) -> None:
        if self.cancels and self.token is not None:
            self._rest.cancel_every(self.token, None)

    # --- requests --------------------------------------------------------------------------------------------------------------

    async def text(self, text: str) -> None:
        message = parse(text)
        if message is None:
            self._error(None, -32700, "parse error")
            return
        method, params = str(message.get("method")), message.get("params")
        handler = self._methods().get(method)
        if handler is None or not isinstance(params, dict):
            self._error(message.get("id"), -32601 if handler is None else -32602, "invalid method")
            return
        try:
            if method.startswith("order.") and self.token is None:
                raise refused(401, "40300", "Permission denied - authentication required")
            result = handler(params)
        except Refused as refusal:
            code = refusal.reply.body["error"]
            number = int(code) if code.lstrip("-").isdigit() else 100
            self._error(message.get("id"), number, refusal.reply.body["message"], None if number != 100 else code)
            return
        self.send(
            {
                "jsonrpc": "2.0",
                "result": result,
                **({"id": message["id"]} if "id" in message else {}),
                "usIn": 0,
                "usDiff": 76,
                "usOut": 76,
            },
            method,
        )
        if method == "subscribe":
            self._first(str(params["channel"]))

    def _error(self, number: Any, code: int, text: str, data: Any = None) -> None:
        error = {"code": code, "message": text, **({} if data is None else {"data": data})}
        self.send({"jsonrpc": "2.0", "id": 0 if number is None else number, "error": error, "usIn": 0, "usDiff": 76, "usOut": 76})

    def _methods(self) -> dict[str, Callable[[dict[str, Any]], Any]]:
        return {
            "auth": self._auth,
            "subscribe": self._subscribe,
            "unsubscribe": self._unsubscribe,
            "order.create": lambda params: {"order": self._rest.place(self._owner(), params)},
            "order.create_batch": lambda params: {
                "results": [{"order": row} for row in self._rest.place_all(self._owner(), params.get("orders"))]
            },
            "order.modify": lambda params: {"order": self.adapter.desk.modify(self._owner(), str(params.get("id")), params)},
            "order.cancel": self._cancel,
            "order.cancel_batch": lambda params: {"results": self._rest.cancel_some(self._owner(), params.get("order_ids") or [], [])},
            "order.cancel_all": self._cancel_all,
            "order.cancel_on_disconnect": self._cancel_on_disconnect,
        }

    def _owner(self) -> Token:
        assert self.token is not None
        return self.token

    def _auth(self, params: dict[str, Any]) -> Any:
        try:
            token: Token = self.adapter.identity.token(str(params.get("bearer") or ""))
        except Refused:
            raise refused(401, "40111", "Invalid bearer token") from None
        self.token, self.account = token, token.owner.name
        return {"node_id": "73cf456f7cb78d59"}

    def _subscribe(self, params: dict[str, Any]) -> Any:
        channel = str(params.get("channel"))
        if channel in self.subscriptions:
            raise refused(400, "-32600", "invalid subscribe request: already subscribed")
        name, _, rest = channel.partition(".")
        if name in PRIVATE and self.token is None:
            raise refused(400, "40300", "Permission denied - authentication required")
        if not self._known(name, rest):
            raise refused(400, "-32600", "invalid subscribe request: invalid channel")
        self.subscriptions[channel] = {}
        return {"channel": channel}

    def _known(self, name: str, rest: str) -> bool:
        market, _, more = rest.partition(".")
        listed = market in self.adapter.engine.markets
        if name in ("positions", "account", "markets_summary") and not rest:
            return True
        if name in ("orders", "fills", "trades") and market == "ALL":
            return True
        if name == "order_book":
            return listed and BOOK.fullmatch(more) is not None
        return listed and not more and name in (*PER_MARKET, "orders", "fills")

    def _unsubscribe(self, params: dict[str, Any]) -> Any:
        channel = str(params.get("channel"))
        if self.subscriptions.pop(channel, None) is None:
            raise refused(400, "-32600", "invalid unsubscribe request: not subscribed")
        self._books.pop(channel, None)
        self._shown.pop(channel, None)
        return {"channel": channel}

    def _cancel(self, params: dict[str, Any]) -> Any:
        desk, name = self.adapter.desk, self._owner().owner.name
        if params.get("id"):
            ticket = desk.find(name, str(params["id"]))
        elif params.get("client_id") and params.get("market"):
            ticket = desk.find_client(name, str(params["client_id"]))
        else:
            raise refused(400, "-32602", "id or client_id and market are required")
        desk.cancel(ticket)
        return {"order_id": ticket.id, "status": "QUEUED_FOR_CANCELLATION"}

    def _cancel_all(self, params: dict[str, Any]) -> Any:
        self._rest.cancel_every(self._owner(), params.get("market"))
        return {"status": "ok"}

    def _cancel_on_disconnect(self, params: dict[str, Any]) -> Any:
        self.cancels = bool(params.get("enabled"))
        return {"enabled": self.cancels}

    # --- frames ----------------------------------------------------------------------------------------------------------------

    def publish(self, channel: str, data: Any) -> None:
        self.send(
            {"jsonrpc": "2.0", "method": "subscription", "params": {"channel": channel, "data": data}}, channel.split(".")[0], channel
        )

    def _each(self, name: str, market: str) -> list[str]:
        """The subscriptions that something of a market goes to."""
        return [channel for channel in (f"{name}.{market}", f"{name}.ALL") if channel in self.subscriptions]

    def _first(self, channel: str) -> None:
        """Channels of state speak at once; those of events do not."""
        name = channel.split(".", 1)[0]
        if name == "order_book":
            self._book(channel)
        elif name == "bbo":
            self._best(channel)
        elif name == "markets_summary":
            self._summary(channel)
        elif name == "funding_data":
            self._funding(channel)

    def _book(self, channel: str) -> None:
        market, kind = channel.split(".")[1:3]
        bids, asks, at = self.adapter.book(market, 15)
        sides = {"BUY": dict(bids), "SELL": dict(asks)}
        seq, before = self._books.get(channel, (self.adapter.now() % 10**7, None))
        if sides == before:
            return
        self._books[channel] = (seq + 1, sides)
        data: dict[str, Any] = {"seq_no": seq + 1, "market": market, "last_updated_at": at}
        if before is None or kind.startswith("snapshot"):
            rows = [_level(side, price, size) for side in sides for price, size in sides[side].items()]
            data.update(update_type="s", inserts=rows, updates=[], deletes=[])
        else:
            data.update(update_type="d", **_changes(before, sides))
        self.publish(channel, data)

    def _best(self, channel: str) -> None:
        row = wire.bbo(self.adapter.engine.price(channel.split(".", 1)[1]), self.adapter.now(), self.next_seq())
        key = (row["bid"], row["bid_size"], row["ask"], row["ask_size"])
        if self._shown.get(channel) != key:
            self._shown[channel] = key
            self.publish(channel, row)

    def _due(self, channel: str, every: int) -> bool:
        now = self.adapter.now()
        if now - self._shown.get(channel, 0) < every:
            return False
        self._shown[channel] = now
        return True

    def _summary(self, channel: str) -> None:
        if self._due(channel, self.adapter.options["summary_ms"]):
            market = channel.partition(".")[2]
            for name in [market] if market else list(self.adapter.engine.markets):
                self.publish(channel, self._rest.summary(name))

    def _funding(self, channel: str) -> None:
        if self._due(channel, self.adapter.options["funding_ms"]):
            market = channel.partition(".")[2]
            self.publish(channel, wire.funding_data(market, self.adapter.engine.funding_rate(market), Decimal(0), self.adapter.now()))

    def tick(self) -> None:
        for channel in list(self.subscriptions):
            name = channel.split(".", 1)[0]
            if name == "order_book" and self._due(f"{channel} at", self.adapter.options["book_ms"]):
                self._book(channel)
            elif name in ("bbo", "markets_summary", "funding_data"):
                self._first(channel)

    def order(self, ticket: Ticket) -> None:
        if self.token is not None and ticket.account == self.account:
            for channel in self._each("orders", ticket.market):
                self.publish(channel, self.adapter.desk.row(ticket))

    def event(self, event: Event) -> None:
        if event.kind == "trade":
            for channel in self._each("trades", str(event.market)):
                self.publish(channel, wire.public_trade(event.data))
        elif self.token is not None and event.account == self.account:
            self._private(event)

    def _private(self, event: Event) -> None:
        if event.kind == "fill":
            for channel in self._each("fills", str(event.market)):
                self.publish(channel, self._rest.fill_row(event.data))
        elif event.kind == "position" and "positions" in self.subscriptions:
            self.publish("positions", self.adapter.position_row(self.account, str(event.market), event.data))
        elif event.kind == "balance" and "account" in self.subscriptions:
            self.publish("account", self.adapter.account_row(str(self.account)))


def _level(side: str, price: Decimal, size: Decimal) -> dict[str, str]:
    return {"side": side, "price": wire.text(price), "size": wire.text(size)}


def _changes(before: Any, now: Any) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {"inserts": [], "updates": [], "deletes": []}
    for _, side in SIDES:
        for price, size in now[side].items():
            if price not in before[side]:
                found["inserts"].append(_level(side, price, size))
            elif before[side][price] != size:
                found["updates"].append(_level(side, price, size))
        found["deletes"] += [_level(side, price, before[side][price]) for price in before[side] if price not in now[side]]
    return found
