"""A venue that exists only here: the smallest protocol that has everything a fault can hit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from ccxt_dex.paper.server import Adapter, Refused, Request, Route, Socket, parse
from ccxt_dex.paper.types import Event, Market, NewOrder, Reject

MARKET = Market("TOY", "TOY", "USD", "USD", tick=Decimal("0.1"), step=Decimal("0.01"), min_qty=Decimal("0.01"), price=Decimal("1000"))


class ToySocket(Socket):
    ping_every = 0.05

    @property
    def channels(self) -> set[str]:
        return set(self.subscriptions)

    def label(self, text: str) -> str:
        return str((parse(text) or {}).get("op", ""))

    async def text(self, text: str) -> None:
        message = parse(text)
        if message is None:
            self.send({"error": "not an object"})
        elif message["op"] == "subscribe":
            self.subscriptions[message["channel"]] = {}
        elif message["op"] == "order":
            self.adapter.place(message)
            self.send({"done": message["id"]}, "reply")
        elif message["op"] == "boom":
            raise LookupError("a mistake of the adapter")

    def tick(self) -> None:
        for channel in self.channels:
            if channel == "book":
                bids, _, at = self.adapter.book("TOY", 1)
                self.send({"seq": self.next_seq(), "channel": channel, "bid": str(bids[0][0]), "time": at}, channel, f"{channel}:TOY")
            elif channel != "order":
                self.send({"seq": self.next_seq(), "channel": channel}, channel)

    def event(self, event: Event) -> None:
        if event.kind == "order" and "order" in self.channels:
            self.send({"seq": self.next_seq(), "channel": "order", "id": event.data.request.client_id}, "order")


class Toy(Adapter):
    id = "toy"
    tick_ms = 5
    sockets: ClassVar[Mapping[str, type[Socket]]] = {"/ws": ToySocket, "/ws2": ToySocket}
    defaults: ClassVar[Mapping[str, Any]] = {"colour": "red"}

    def markets(self) -> Iterable[Market]:
        return [MARKET]

    def credentials(self, name: str) -> dict[str, Any]:
        return {"apiKey": f"{self.seed}-{name}"}

    def urls(self, http: str, ws: str) -> dict[str, Any]:
        return {"api": {"public": http, "ws": ws}}

    def routes(self) -> Iterable[Route]:
        return [
            Route("GET", "/time", self.clock),
            Route("GET", "/bid", self.bid),
            Route("POST", "/order", self.order),
            Route("GET", "/orders/{id}", self.one),
            Route("GET", "/boom", self.boom),
            Route("POST", "/many", self.clock),
        ]

    def order_ids(self, endpoint: str, body: bytes) -> Sequence[str] | None:
        return [str((parse(body.decode()) or {}).get("id", ""))] if endpoint in ("POST /order", "order") else None

    def label(self, endpoint: str, body: bytes) -> str:
        return str((parse(body.decode("utf-8", "replace")) or {}).get("action", "")) if endpoint == "POST /many" else ""

    def expire(self, account: str | None) -> None:
        self.expired = account or "everybody"

    def place(self, body: Mapping[str, Any]) -> None:
        qty, price = Decimal(body.get("qty", "1")), Decimal(body.get("price", "900"))
        self.submit("alice", NewOrder("TOY", "buy", "limit", qty, price, client_id=body["id"]))

    async def clock(self, request: Request) -> Any:
        return {"time": self.time()}

    async def bid(self, request: Request) -> Any:
        bids, _, at = self.book("TOY", 1)
        return {"bid": str(bids[0][0]), "time": at}

    async def order(self, request: Request) -> Any:
        body = request.json()
        if body["id"] == "teapot":
            raise Refused(418, "short and stout")
        self.place(body)
        return {"placed": body["id"]}

    async def one(self, request: Request) -> Any:
        found = self.engine.find("alice", client_id=request.params["id"])
        if found is None:
            raise Reject("unknown_order")
        return {"status": found.status}

    async def boom(self, request: Request) -> Any:
        raise LookupError("a mistake of the adapter")
