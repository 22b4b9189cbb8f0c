"""Omni's side of the protocol on a local venue: what `ccxt_dex.paper.start("variational")` runs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from ccxt_dex.exchanges.variational.paper import wire
from ccxt_dex.exchanges.variational.paper.identity import WEEK, Identity
from ccxt_dex.exchanges.variational.paper.markets import markets
from ccxt_dex.exchanges.variational.paper.rest import Rest
from ccxt_dex.exchanges.variational.paper.rfq import Desk
from ccxt_dex.exchanges.variational.paper.stream import Events, Portfolio, Prices, Status
from ccxt_dex.paper.rules import FeedRules, Rules
from ccxt_dex.paper.server import Adapter, Reply, Route, Socket
from ccxt_dex.paper.types import Event, Market

ORDER_ENDPOINTS = frozenset({"POST /api/orders/new/market", "POST /api/orders/new/limit", "POST /api/quotes/accept"})


class Paper(Adapter):
    id = "variational"
    sockets: ClassVar[Mapping[str, type[Socket]]] = {
        "/prices": Prices,
        "/events": Events,
        "/portfolio": Portfolio,
        "/market_status": Status,
    }
    defaults: ClassVar[Mapping[str, Any]] = {
        "login": "wallet",  # what config() holds: wallet (signs in), or token (a session of the browser's)
        "gate": True,  # /api lets browsers through only, as Cloudflare does
        "clearing_ms": 80,  # from the acknowledgement of a market order to its end
        "confirm_ms": 40,  # from clearing to the confirmed trade
        "reap_ms": 200,  # from the end of an entry to that of its exits
        "quote_ms": 2000,  # life of a quote; the real one is not known
        "cancels_per_10s": 60,  # then 418; the real number is not known
        "ban_s": 11,  # as seen by a client
        "session_s": WEEK,
    }

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.identity = Identity(self.seed, self.time, int(self.options["session_s"]))
        self.desk = Desk(self)
        self.rest = Rest(self)
        self._accounts: dict[str, str] = {}
        self._opened: dict[tuple[str, str], int] = {}

    # --- declarations -----------------------------------------------------------------------------------------------------------------

    def markets(self) -> list[Market]:
        return markets()

    def rules(self) -> Rules:
        # nobody trades but with the provider: no takers; depth in steps that show a spread growing with size
        feed = FeedRules(trades_per_second=Decimal(0), level_value=Decimal(20_000), depth=80)
        return Rules(feed=feed, lock_factor=Decimal(1))

    def urls(self, http: str, ws: str) -> dict[str, Any]:
        return {"api": {"public": http, "front": f"{http}/api", "private": f"{http}/api", "ws": ws}}

    def routes(self) -> Iterable[Route]:
        return self.rest.routes()

    def credentials(self, name: str, kind: str | None = None) -> dict[str, Any]:
        """kind: wallet, or token (a session that cannot be renewed). The client's own pace is off: this venue meters cancels only."""
        kind = kind or self.options["login"]
        private, address = self.identity.wallet(name)
        self._accounts[address.lower()] = name
        shared = {"walletAddress": address, "enableRateLimit": False}
        if kind == "wallet":
            return {"privateKey": private, **shared}
        if kind != "token":
            raise ValueError(f"unknown kind of credentials {kind!r}: wallet, token")
        return {"token": self.identity.issue(address), **shared}

    def wrong_key(self, name: str) -> dict[str, Any]:
        return {"privateKey": self.identity.wallet(f"{name} wrong")[0]}

    def tokens(self) -> list[str]:
        return list(self.identity.tokens)

    def unknown_order_id(self) -> str:
        return "00000000-0000-4000-8000-000000000000"

    def error(self, status: int, text: str) -> Reply:
        return Reply({"message": text}, status)

    def order_ids(self, endpoint: str, body: bytes) -> Sequence[str] | None:
        if endpoint not in ORDER_ENDPOINTS:
            return None
        try:
            json.loads(body)
        except ValueError:
            return []
        return [""]

    def expire(self, account: str | None) -> None:
        for token, address in self.identity.tokens.items():
            if account is None or self._accounts.get(address) == account:
                self.identity.revoked.add(token)

    # --- accounts ---------------------------------------------------------------------------------------------------------------------

    def account_for(self, address: str) -> str:
        """The engine's account of a wallet; wallets that nobody funded get an empty one."""
        if address not in self._accounts:
            self._accounts[address] = address
            self.server.open_account(address, Decimal(0))
        return self._accounts[address]

    def position_rows(self, account: str) -> list[dict[str, Any]]:
        rows = []
        for market in self.engine.markets.values():
            view = self.engine.snapshot(account, market.id)
            if view is not None and view.qty:
                opened = self._opened.setdefault((account, market.id), view.created)
                rows.append(wire.position(view, market, opened))
        return rows

    def pool(self, account: str) -> dict[str, Any]:
        view = self.engine.balances(account)
        usage = {"initial_margin": wire.text(view.initial_margin), "maintenance_margin": wire.text(view.maintenance_margin)}
        return {"balance": wire.text(view.balance), "upnl": wire.text(view.upnl), "margin_usage": usage}

    # --- what happens -----------------------------------------------------------------------------------------------------------------

    def tell(self, account: str, kind: str, data: dict[str, Any]) -> None:
        for socket in list(self.server.connections):
            if isinstance(socket, Events):
                socket.tell(account, kind, data)

    def event(self, event: Event) -> None:
        if event.kind == "fill" and event.account in self.desk.trades.keys() | set(self._accounts.values()):
            self.filled(event)
        super().event(event)

    def filled(self, event: Event) -> None:
        """Realized PnL, and trades that no order of ours made: liquidations."""
        fill, account = event.data, str(event.account)
        if fill.pnl:
            row = self.rest.moved(self.desk.number(), "realized_pnl", fill.pnl, fill.time, None)
            self.desk.pnl.setdefault(account, []).append({**row, "rfq_id": self.desk.executing})
            told = {"id": row["id"], "transfer_type": "realized_pnl", "status": "confirmed", "qty": row["qty"]}
            self.tell(account, "transfer", told)
        if self.desk.executing is None:
            trade = {
                **{
                    "id": self.desk.number(),
                    "source_rfq": None,
                    "instrument": wire.named(self.engine.markets[fill.market]),
                    "side": fill.side,
                },
                **{"price": wire.text(fill.price), "qty": wire.text(fill.qty), "mark_price": wire.text(fill.price), "role": "taker"},
                **{"trade_type": "liquidation", "status": "pending", "liquidation_trigger_price": None, "created_at": wire.iso(fill.time)},
            }
            self.desk.book_trade(account, trade)

    def tick(self) -> None:
        self.desk.look()
        super().tick()
