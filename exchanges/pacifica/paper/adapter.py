"""Pacifica's side of the protocol on a local venue: what `ccxt_dex.paper.start("pacifica")` runs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from ccxt_dex.exchanges.pacifica.paper import verify, wire
from ccxt_dex.exchanges.pacifica.paper.gateway import Gateway, engine_refusal, refused
from ccxt_dex.exchanges.pacifica.paper.keyring import Keyring
from ccxt_dex.exchanges.pacifica.paper.ledger import Ledger
from ccxt_dex.exchanges.pacifica.paper.markets import markets
from ccxt_dex.exchanges.pacifica.paper.rest import Rest
from ccxt_dex.exchanges.pacifica.paper.stream import CREATES, Stream
from ccxt_dex.paper.rules import Rules
from ccxt_dex.paper.server import Adapter, Reply, Route, Socket, parse
from ccxt_dex.paper.types import Event, Market, Reject

ORDER_ENDPOINTS = {
    "POST /api/v1/orders/create": "create_order",
    "POST /api/v1/orders/create_market": "create_market_order",
    "POST /api/v1/orders/stop/create": "create_stop_order",
    "POST /api/v1/positions/tpsl": "set_position_tpsl",
    "POST /api/v1/orders/batch": "batch_orders",
    **{name: name for name in CREATES},
}


class Paper(Adapter):
    id = "pacifica"
    sockets: ClassVar[Mapping[str, type[Socket]]] = {"/ws": Stream}
    defaults: ClassVar[Mapping[str, Any]] = {
        "login": "main",  # what config() holds: the main wallet's key, or "agent": that of an agent wallet
        "speed_bump_ms": 60,  # what takers wait before they are matched
        "event_lag_ms": 1,  # how much later than its fill an order's event is written down: nobody promises that both have one time
        "book_ms": 100,
        "prices_ms": 500,
        "session_s": 86_400.0,  # life of a connection
        "idle_s": 60.0,  # without a message of the client
    }

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.ledger = Ledger()
        self.gateway = Gateway(self)
        self.keyring = Keyring(self)
        self.by_address: dict[str, str] = {}
        self.addresses: dict[str, str] = {}
        self.agents: dict[str, set[str]] = {}
        """main address -> addresses of its agent wallets"""
        self.settings: dict[tuple[str, str], int] = {}
        """account and market whose settings were ever changed -> when"""
        self.fill_rows: dict[str, list[dict[str, Any]]] = {}
        self._held: dict[tuple[str, str], Decimal] = {}
        self._entry_price: dict[tuple[str, str], Decimal] = {}
        self._book_at = self._prices_at = 0

    # --- declarations -----------------------------------------------------------------------------------------------------------------

    def markets(self) -> list[Market]:
        return markets()

    def rules(self) -> Rules:
        return Rules(lock_factor=Decimal(1))

    def urls(self, http: str, ws: str) -> dict[str, Any]:
        return {"api": {"public": http, "private": http, "ws": {"public": f"{ws}/ws"}}}

    def routes(self) -> Iterable[Route]:
        yield from Rest(self).routes()

    def seed_of(self, name: str) -> bytes:
        return hashlib.sha256(f"pacifica {self.seed} {name}".encode()).digest()

    def credentials(self, name: str, kind: str | None = None) -> dict[str, Any]:
        """kind: main (the wallet's own key) or agent (the key of an agent wallet bound to it)."""
        address, secret = verify.wallet(self.seed_of(name))
        self.by_address[address], self.addresses[name] = name, address
        if (kind or self.options["login"]) == "agent":
            agent, secret = verify.wallet(self.seed_of(f"{name} agent"))
            self.agents.setdefault(address, set()).add(agent)
        return {"privateKey": secret, "walletAddress": address, "options": {"credits": 40_000}}

    def wrong_key(self, name: str) -> dict[str, Any]:
        return {"privateKey": verify.wallet(self.seed_of(f"{name} wrong"))[1]}

    def unknown_order_id(self) -> str:
        return "999999999"

    def error(self, status: int, text: str) -> Reply:
        return Reply({"success": False, "data": None, "error": text, "code": status}, status)

    def reject(self, reject: Reject) -> Reply:
        return engine_refusal(reject).reply

    def order_ids(self, endpoint: str, body: bytes) -> Sequence[str] | None:
        operation = ORDER_ENDPOINTS.get(endpoint)
        if operation is None:
            return None
        request = parse(body.decode("utf-8", "replace")) or {}
        if endpoint in CREATES:
            request = (request.get("params") or {}).get(operation) or {}
        return client_ids(operation, request)

    def expire(self, account: str | None) -> None:
        """Every request is signed by itself: there is no session that could end."""

    # --- state ------------------------------------------------------------------------------------------------------------------------

    def account_of(self, address: Any) -> str:
        """:raises Refused: unknown"""
        name = self.by_address.get(str(address))
        if name is None:
            raise refused(422, "Account not found", 1)
        return name

    def funding_of(self, account: str, market: str) -> Decimal:
        return sum((payment.amount for payment in self.engine.fundings(account, market)), Decimal(0))

    def positions(self, account: str) -> list[Any]:
        views = (self.engine.snapshot(account, market) for market in self.engine.markets)
        return [view for view in views if view is not None and view.qty]

    def account_row(self, account: str) -> dict[str, Any]:
        open_ = self.engine.open_orders(account)
        stops = sum(order.status == "untriggered" for order in open_)
        view = self.engine.balances(account)
        return wire.account(view, len(self.positions(account)), len(open_) - stops, stops, self.now())

    def open_frames(self, account: str) -> list[dict[str, Any]]:
        return [wire.open_frame(entry.order, entry.number) for entry in reversed(self.ledger.open(account))]

    def position_frames(self, account: str) -> list[dict[str, Any]]:
        return [wire.position_frame(view, self.funding_of(account, view.market)) for view in self.positions(account)]

    def book_data(self, market: Market, level: int) -> dict[str, Any]:
        bids, asks, at = self.book(market.id)
        step = market.tick * level
        return {"s": market.id, "l": [wire.levels(bids, step, False), wire.levels(asks, step, True)], "t": at}

    def price_rows(self) -> list[dict[str, Any]]:
        engine = self.engine
        return [wire.price(engine.price(name), engine.stats_24h(name), market) for name, market in engine.markets.items()]

    # --- what happens -----------------------------------------------------------------------------------------------------------------

    def streams(self) -> list[Stream]:
        return [socket for socket in self.server.connections if isinstance(socket, Stream)]

    def event(self, event: Event) -> None:
        if event.kind == "order" and event.account in self.addresses:
            live = self.engine.find(event.account, order_id=event.data.id) or event.data
            _, name, price = self.ledger.note(event.data, live, event.data.updated + self.options["event_lag_ms"])
            self.told(event, name, price)
        elif event.kind == "fill" and event.account in self.addresses:
            self._filled(event)
        elif event.kind == "position" and event.account in self.addresses:
            self._entry_price[event.account, str(event.market)] = event.data.entry_price
            self._account_frame(event.account, "account_positions", self.position_frames)
        elif event.kind == "balance" and event.account in self.addresses:
            self._account_frame(event.account, "account_info", lambda name: wire.account_frame(self.account_row(name)))
        elif event.kind == "trade":
            row = wire.public_trade_frame(event.data, self.ledger.tick())
            for stream in self.streams():
                stream.publish(("trades", event.market), {"channel": "trades", "data": [row]})
        elif event.kind == "book":
            for stream in self.streams():
                stream.book_changed(str(event.market))

    def told(self, event: Event, name: str, price: Decimal | None) -> None:
        """An order event to those who listen to its account."""
        order, account = event.data, str(event.account)
        address = self.addresses[account]
        row = wire.order_frame(order, self.ledger.number_of(order), address, name, price, self.ledger.tick())
        for stream in self.streams():
            stream.publish(("account_order_updates", address), {"channel": "account_order_updates", "data": [row]})
        self._account_frame(account, "account_orders", self.open_frames)

    def _account_frame(self, account: str, channel: str, make: Any) -> None:
        key = (channel, self.addresses[account])
        listening = [stream for stream in self.streams() if key in stream.subscriptions]
        if listening:
            frame = {"channel": channel, "data": make(account)}
            if channel != "account_info":
                frame["li"] = self.ledger.tick()
            for stream in listening:
                stream.publish(key, frame)

    def _filled(self, event: Event) -> None:
        fill, account = event.data, str(event.account)
        key = (account, fill.market)
        before = self._held.get(key, Decimal(0))
        self._held[key] = before + (fill.qty if fill.side == "buy" else -fill.qty)
        order = self.engine.find(account, order_id=fill.order_id)
        number = self.ledger.number_of(order) if order is not None else 0
        row = wire.my_trade(fill, number, wire.trade_side(fill, before), self._entry_price.get(key) or fill.price)
        self.fill_rows.setdefault(account, []).append(row)
        address = self.addresses[account]
        frame = {"channel": "account_trades", "data": [wire.trade_frame(row, address, self.ledger.tick())]}
        for stream in self.streams():
            stream.publish(("account_trades", address), frame)

    def setting_changed(self, account: str, market: str, channel: str, what: dict[str, Any]) -> None:
        self.settings[account, market] = self.now()
        address = self.addresses[account]
        for stream in self.streams():
            stream.publish((channel, address), {"channel": channel, "data": {"u": address, "s": market, **what, "t": self.now()}})

    def tick(self) -> None:
        now, streams = self.now(), self.streams()
        if now - self._prices_at >= self.options["prices_ms"]:
            self._prices_at = now
            if any(("prices",) in stream.subscriptions for stream in streams):
                frame = {"channel": "prices", "data": self.price_rows()}
                for stream in streams:
                    stream.publish(("prices",), frame)
        if now - self._book_at >= self.options["book_ms"]:
            self._book_at = now
            for stream in streams:
                stream.books()
        super().tick()


def client_ids(operation: str, request: Mapping[str, Any]) -> list[str] | None:
    """Client ids of what a request creates; None when it creates nothing."""
    if operation == "batch_orders":
        actions = [action for action in request.get("actions") or [] if isinstance(action, dict)]
        made = [str((action.get("data") or {}).get("client_order_id") or "") for action in actions if action.get("type") != "Cancel"]
        return made or None
    if operation == "create_stop_order":
        request = request.get("stop_order") or {}
    if operation == "set_position_tpsl":
        legs = [request[name] for name in ("take_profit", "stop_loss") if isinstance(request.get(name), dict)]
        return [str(leg.get("client_order_id") or "") for leg in legs]
    return [str(request.get("client_order_id") or "")]
