"""Paradex's side of the protocol on a local venue: what `ccxt_dex.paper.start("paradex")` runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from ccxt_dex.exchanges.paradex.paper import wire
from ccxt_dex.exchanges.paradex.paper.algos import Algos
from ccxt_dex.exchanges.paradex.paper.desk import Desk, Ticket
from ccxt_dex.exchanges.paradex.paper.identity import Identity, Owner
from ccxt_dex.exchanges.paradex.paper.markets import MAX_OPEN_ORDERS, markets
from ccxt_dex.exchanges.paradex.paper.rest import Rest
from ccxt_dex.exchanges.paradex.paper.stream import Stream
from ccxt_dex.paper.rules import Rules
from ccxt_dex.paper.server import Adapter, Reply, Route, Socket, parse
from ccxt_dex.paper.types import Event, Market, Position

ORDER_PATHS = {"POST /v1/orders": False, "POST /v1/orders/batch": True}
LONG = 400 * 86_400


class Paper(Adapter):
    id = "paradex"
    sockets: ClassVar[Mapping[str, type[Socket]]] = {"/ws/v1": Stream}
    defaults: ClassVar[Mapping[str, Any]] = {
        "login": "stark",  # what config() holds: stark (account key), subkey, wallet (Ethereum), readonly (API token)
        "latency_ms": 10,  # from the API's answer to matching
        "jwt_s": 300.0,
        "book_ms": 100,
        "summary_ms": 1000,
        "funding_ms": 5000,
        "sbe_only": False,  # refuse handshakes without the binary schema, as ccxt saw it; the frames stay JSON
        "ping_s": 55.0,
        "pong_s": 60.0,
    }

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.identity = Identity(self.seed, self.time, self.options["jwt_s"])
        self.desk = Desk(self)
        self.algos = Algos(self)
        self._closed: set[str] = set()

    # --- declarations ----------------------------------------------------------------------------------------------------------

    def markets(self) -> list[Market]:
        return markets()

    def rules(self) -> Rules:
        return Rules(max_open_orders=MAX_OPEN_ORDERS, initial_at_mark=True)

    def urls(self, http: str, ws: str) -> dict[str, Any]:
        return {"api": {"v1": f"{http}/v1", "v2": f"{http}/v2", "ws": f"{ws}/ws/v1"}}

    def routes(self) -> Iterable[Route]:
        return Rest(self).routes()

    def credentials(self, name: str, kind: str | None = None) -> dict[str, Any]:
        """kind: stark, subkey, wallet or readonly."""
        kind = kind or self.options["login"]
        if kind == "wallet":
            _, key, address = self.identity.open_wallet(name)
            return {"privateKey": key, "walletAddress": address}
        owner = self.identity.open(name)
        if kind == "readonly":
            return {"apiKey": self.identity.issue(owner, next(iter(owner.keys)), "read", LONG)}
        if kind not in ("stark", "subkey"):
            raise ValueError(f"unknown kind of credentials {kind!r}: stark, subkey, wallet, readonly")
        secret = self.identity.secret(name if kind == "stark" else f"{name} subkey")
        return {"privateKey": hex(secret), "walletAddress": hex(owner.address)}

    def wrong_key(self, name: str) -> dict[str, Any]:
        """Another account's key, to be merged into the account's config."""
        return {"privateKey": hex(self.identity.secret(f"{name} wrong"))}

    def unknown_order_id(self) -> str:
        return "1681462103821201799999999999"

    def tokens(self) -> list[str]:
        return list(self.identity.tokens)

    def error(self, status: int, text: str) -> Reply:
        code = {404: "NOT_FOUND", 500: "INTERNAL_ERROR", 503: "SERVICE_UNAVAILABLE"}.get(status, "VALIDATION_ERROR")
        return Reply({"error": code, "message": text}, status)

    def order_ids(self, endpoint: str, body: bytes) -> Sequence[str] | None:
        text = body.decode("utf-8", "replace")
        if endpoint == "POST /v1/orders/batch":
            return wire.client_ids(text)
        if endpoint == "POST /v1/orders":
            return [str((parse(text) or {}).get("client_id") or "")]
        if endpoint in ("order.create", "order.create_batch"):
            params = (parse(text) or {}).get("params") or {}
            return [str(row.get("client_id") or "") for row in params.get("orders") or [params]]
        return None

    def expire(self, account: str | None) -> None:
        self.identity.expire(account)

    # --- for the parts ---------------------------------------------------------------------------------------------------------

    def active(self, market: str) -> bool:
        return self.engine.markets[market].active if market not in self._closed else False

    def owner(self, account: str) -> Owner:
        return self.identity.by_name[account]

    def rates(self, market: str) -> Decimal:
        return self.engine.funding_rate(market)

    def account_row(self, account: str) -> dict[str, Any]:
        return wire.account(self.engine.balances(account), hex(self.owner(account).address), self.now())

    def position_row(self, account: str, market: str, position: Position | None = None) -> dict[str, Any]:
        """A position as the venue shows it; a flat one as closed."""
        view = self.engine.snapshot(account, market)
        held = position if position is not None else self.engine.account(account).positions.get(market)
        return wire.position(view, held, market, hex(self.owner(account).address), self.now())

    def tell_order(self, ticket: Ticket) -> None:
        for socket in list(self.server.connections):
            if isinstance(socket, Stream):
                socket.order(ticket)

    def event(self, event: Event) -> None:
        if event.kind == "order" and event.account in self.identity.by_name:
            ticket = self.desk.follow(event)
            if ticket is not None:
                self.tell_order(ticket)
            return
        if event.kind == "market" and event.market is not None:
            self._closed.discard(event.market)
        super().event(event)
