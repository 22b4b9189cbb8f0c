"""The local venue itself: accounts, markets, routes; what `ccxt_dex.paper.start("hyperliquid")` runs."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from ccxt_dex.exchanges.hyperliquid.paper import wire
from ccxt_dex.exchanges.hyperliquid.paper.actions import Actions, Malformed
from ccxt_dex.exchanges.hyperliquid.paper.identity import Identity
from ccxt_dex.exchanges.hyperliquid.paper.info import Info
from ccxt_dex.exchanges.hyperliquid.paper.markets import assets, markets
from ccxt_dex.exchanges.hyperliquid.paper.stream import Stream
from ccxt_dex.paper.numbers import text
from ccxt_dex.paper.rules import Rules
from ccxt_dex.paper.server import Adapter, Reply, Request, Route, Socket, dumps, parse
from ccxt_dex.paper.types import Event, Fill, Market, Reject

UNLIMITED = {"enableRateLimit": False}
"""the local venue counts no weights: a client need not wait for it"""
NOT_UNDERSTOOD = "Failed to deserialize the JSON body into the target type"


class Paper(Adapter):
    id = "hyperliquid"
    sockets: ClassVar[Mapping[str, type[Socket]]] = {"/ws": Stream}
    defaults: ClassVar[Mapping[str, Any]] = {
        "login": "agent",  # what config() holds: agent (API wallet, and the account's key as secret), master, agent-only
        "network": "mainnet",  # or "testnet": which of the two a signature must be for
        "book_ms": 100,  # fast books at most this often; plain ones ten times slower (live: 500 and 5000)
        "state_ms": 50,  # other pictures of the present, when they change
    }

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.identity = Identity(self.seed, self.time, self.options["network"])
        self.actions, self.info = Actions(self), Info(self)
        self.coins = assets()
        self.spot: dict[str, dict[str, Decimal]] = {}
        self.notes: dict[str, list[dict[str, Any]]] = {}
        self.builders: dict[tuple[str, str], int] = {}
        self.referrers: dict[str, str] = {}
        self.abstractions: dict[str, str] = {}
        self.vaults: dict[tuple[str, str], Decimal] = {}
        self.running_twaps: dict[int, tuple[str, str]] = {}
        self.twaps = 0
        self.acted: deque[tuple[str, Any]] = deque(maxlen=1000)
        """(account, action) of every authorized action, for tests"""
        self._held: dict[tuple[str, str], tuple[int, Decimal]] = {}

    # --- declarations -----------------------------------------------------------------------------------------------------------------

    def markets(self) -> list[Market]:
        return markets()

    def rules(self) -> Rules:
        return Rules(lock_factor=Decimal(1), client_ids_unique="open", reduce_only_excess="shrink", max_open_orders=5000)

    def urls(self, http: str, ws: str) -> dict[str, Any]:
        return {"api": {"public": http, "private": http, "ws": {"public": f"{ws}/ws"}}}

    def routes(self) -> Iterable[Route]:
        return [Route("POST", "/info", self.query), Route("POST", "/exchange", self.exchange)]

    def credentials(self, name: str, kind: str | None = None) -> dict[str, Any]:
        """kind: agent (an API wallet's key, the account's as secret), agent-only, master."""
        kind = kind or self.options["login"]
        key, agent = self.identity.key(name), self.identity.key(f"{name} agent")
        address = self.identity.address_of(key)
        self.identity.accounts.setdefault(address, name)
        self.spot.setdefault(address, {"USDC": Decimal(1000), "PURR": Decimal(500)})
        never = 1 << 53
        self.identity.agents.setdefault(self.identity.address_of(agent), {"user": address, "name": "bot", "validUntil": never})
        keys = {"agent": {"privateKey": agent, "secret": key}, "agent-only": {"privateKey": agent}, "master": {"privateKey": key}}
        if kind not in keys:
            raise ValueError(f"unknown kind of credentials {kind!r}: {', '.join(keys)}")
        return {"walletAddress": address, **keys[kind], **UNLIMITED}

    def wrong_key(self, name: str) -> dict[str, Any]:
        return {"privateKey": self.identity.key(f"{name} wrong"), "secret": self.identity.key(f"{name} wrong")}

    def unknown_order_id(self) -> str:
        return str(wire.oid(999_999_999))

    def error(self, status: int, text: str) -> Reply:
        return Reply(text, status)

    def label(self, endpoint: str, body: bytes) -> str:
        return str(self._action(endpoint, body).get("type") or "")

    def order_ids(self, endpoint: str, body: bytes) -> Sequence[str] | None:
        action: Mapping[str, Any]
        if endpoint == "POST /exchange order":
            action = self._action("POST /exchange", body)
        elif endpoint == "order":
            action = ((parse(body.decode("utf-8", "replace")) or {}).get("request") or {}).get("payload", {}).get("action") or {}
        else:
            return None
        rows = action.get("orders")
        return [str(row.get("c") or "") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else None

    @staticmethod
    def _action(endpoint: str, body: bytes) -> Mapping[str, Any]:
        if endpoint != "POST /exchange":
            return {}
        found = (parse(body.decode("utf-8", "replace")) or {}).get("action")
        return found if isinstance(found, dict) else {}

    # --- requests -----------------------------------------------------------------------------------------------------------------------

    async def query(self, request: Request) -> Any:
        try:
            return Reply(dumps(self.info.answer(request.json())).encode(), headers={"Content-Type": "application/json"})
        except (Malformed, ValueError):
            return Reply(NOT_UNDERSTOOD, 422)

    async def exchange(self, request: Request) -> Any:
        try:
            request.account, answer = self.actions.execute(request.json())
        except (Malformed, ValueError):
            return Reply(NOT_UNDERSTOOD, 422)
        return answer

    def reject(self, reject: Reject) -> Reply:
        return Reply({"status": "err", "response": wire.refusal(reject)})

    # --- accounts -----------------------------------------------------------------------------------------------------------------------

    def address_of(self, account: str) -> str:
        return next((address for address, name in self.identity.accounts.items() if name == account), "")

    def spot_of(self, address: str) -> dict[str, Decimal]:
        return self.spot.setdefault(address, {"USDC": Decimal(0)})

    def open_sub(self, master: str, name: str) -> str:
        address = self.identity.sub_address(master, name)
        if address not in self.identity.subs:
            account = f"{self.identity.accounts[master]} / {name}"
            self.server.open_account(account, Decimal(0))
            self.identity.accounts[address] = account
            self.identity.subs[address] = {"master": master, "name": name}
        return address

    def note(self, address: str, delta: dict[str, Any]) -> None:
        """An entry of the ledger."""
        rows = self.notes.setdefault(address, [])
        rows.append({"time": self.now(), "hash": f"0x{len(rows) + 1:064x}", "delta": dict(delta)})
        for socket in self.server.connections:
            if f"userNonFundingLedgerUpdates:{address}::" in socket.subscriptions:
                update = {"user": address, "nonFundingLedgerUpdates": [rows[-1]]}
                socket.send({"channel": "userNonFundingLedgerUpdates", "data": update}, "userNonFundingLedgerUpdates")

    # --- fills know the position before them ----------------------------------------------------------------------------------------------

    def event(self, event: Event) -> None:
        if event.kind == "fill" and event.account is not None:
            self._note_fill(event.data)
        super().event(event)

    def _note_fill(self, fill: Fill) -> None:
        key = (fill.account, fill.market)
        _, before = self._held.get(key, (0, Decimal(0)))
        after = before + (fill.qty if fill.side == "buy" else -fill.qty)
        self._held[key] = (fill.id, after)

    def position_before(self, fill: Fill) -> Decimal:
        """The position before the fill that was just told."""
        _, after = self._held[(fill.account, fill.market)]
        return after - (fill.qty if fill.side == "buy" else -fill.qty)

    def forced(self, fill: Fill) -> dict[str, str] | None:
        """What a fill of a liquidation has beside the others' fields."""
        order = self.engine.find(fill.account, order_id=fill.order_id)
        if order is None or order.reason != "liquidation":
            return None
        return {"liquidatedUser": self.address_of(fill.account), "markPx": text(self.engine.mark(fill.market)), "method": "market"}
