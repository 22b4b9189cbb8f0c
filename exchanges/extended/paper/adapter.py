"""Extended's side of the protocol on a local venue: what `ccxt_dex.paper.start("extended")` runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from ccxt_dex.exchanges.extended.paper import stream, wire
from ccxt_dex.exchanges.extended.paper.desk import Desk
from ccxt_dex.exchanges.extended.paper.identity import Identity, Owner
from ccxt_dex.exchanges.extended.paper.markets import MAX_OPEN_ORDERS, TABLE, markets
from ccxt_dex.exchanges.extended.paper.rest import Rest
from ccxt_dex.paper.rules import Rules
from ccxt_dex.paper.server import Adapter, Reply, Route, Socket, parse
from ccxt_dex.paper.types import Event, Fill, Market, Position


def _sockets() -> dict[str, type[Socket]]:
    """Every path of the stream: the topic alone is for all markets."""
    names = [f"/{row[0]}-USD" for row in TABLE]
    paths = [
        f"/{topic}{name}" for topic in ("orderbooks", "publicTrades", "funding", "prices/mark", "prices/index") for name in ("", *names)
    ]
    paths += [f"/candles{name}/{kind}" for name in names for kind in ("trades", "mark-prices", "index-prices")]
    found: dict[str, type[Socket]] = {f"{stream.BASE}/account": stream.Account, stream.RPC: stream.Rpc}
    found.update({f"{stream.BASE}{path}": stream.Stream for path in paths})
    return found


class Paper(Adapter):
    id = "extended"
    deposit: ClassVar[Decimal] = Decimal(10_000)
    sockets: ClassVar[Mapping[str, type[Socket]]] = _sockets()
    defaults: ClassVar[Mapping[str, Any]] = {
        "chain": "SN_MAIN",
        "latency_ms": 10,  # from the answer to a cancel to its effect
        "book_ms": 100,
        "ping_s": 15.0,
        "pong_s": 25.0,
    }

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.identity = Identity(self.seed, self.options["chain"])
        self.desk = Desk(self)
        self._sides: dict[tuple[str, str], str] = {}

    # --- declarations ----------------------------------------------------------------------------------------------------------

    def markets(self) -> list[Market]:
        return markets()

    def rules(self) -> Rules:
        return Rules(max_open_orders=MAX_OPEN_ORDERS, initial_at_mark=True)

    def urls(self, http: str, ws: str) -> dict[str, Any]:
        return {"api": {"rest": http, "ws": f"{ws}{stream.BASE}"}}

    def routes(self) -> Iterable[Route]:
        return Rest(self).routes()

    def credentials(self, name: str) -> dict[str, Any]:
        owner = self.identity.open(name)
        return {"apiKey": owner.api_key, "privateKey": hex(owner.secret)}

    def wrong_key(self, name: str) -> dict[str, Any]:
        """Another account's key, to be merged into the account's config."""
        return {"privateKey": hex(self.identity.secret(f"{name} wrong"))}

    def unknown_order_id(self) -> str:
        return "1791389621999999999"

    def error(self, status: int, text: str) -> Reply:
        code: Any = "NOT_FOUND" if status == 404 else status
        return Reply({"status": "ERROR", "error": {"code": code, "message": text}}, status)

    def order_ids(self, endpoint: str, body: bytes) -> Sequence[str] | None:
        if endpoint != "POST /api/v1/user/order":
            return None
        return [str((parse(body.decode("utf-8", "replace")) or {}).get("id") or "")]

    # --- for the parts ---------------------------------------------------------------------------------------------------------

    def active(self, market: str) -> bool:
        return self.engine.markets[market].active

    def stats(self, market: str) -> dict[str, Any]:
        return wire.stats(self.engine.price(market), self.engine.stats_24h(market), self.engine.funding_rate(market))

    def balance_row(self, owner: Owner) -> dict[str, Any]:
        return wire.balance(self.engine.balances(owner.name), self.now())

    def fill_row(self, owner: Owner, fill: Fill) -> dict[str, Any]:
        ticket = self.desk.by_engine(owner.name, fill.order_id)
        liquidation = ticket is not None and ticket.order.reason == "liquidation"
        return wire.fill(fill, ticket.id if ticket is not None else fill.order_id, owner.account, liquidation)

    def position_row(self, owner: Owner, market: str, position: Position | None = None) -> dict[str, Any]:
        """A position as the venue shows it; a flat one as closed, on the side that it had."""
        view = self.engine.snapshot(owner.name, market)
        held = position if position is not None else self.engine.account(owner.name).positions.get(market)
        if view is not None and view.qty:
            self._sides[owner.name, market] = "LONG" if view.qty > 0 else "SHORT"
        return wire.position(view, held, market, owner.account, self.now(), self._sides.get((owner.name, market), "LONG"))

    def event(self, event: Event) -> None:
        if event.kind == "order" and event.account in self.identity.owners:
            ticket = self.desk.follow(event)
            for socket in list(self.server.connections):
                if isinstance(socket, stream.Account):
                    socket.order(ticket)
            return
        super().event(event)
