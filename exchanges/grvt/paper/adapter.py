"""GRVT's side of the protocol on a local venue: what `ccxt_dex.paper.start("grvt")` runs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from ccxt_dex.exchanges.grvt.paper import wire
from ccxt_dex.exchanges.grvt.paper.gateway import Gateway
from ccxt_dex.exchanges.grvt.paper.markets import markets
from ccxt_dex.exchanges.grvt.paper.rest import Rest
from ccxt_dex.exchanges.grvt.paper.sessions import Sessions
from ccxt_dex.exchanges.grvt.paper.stream import MarketData, Trading
from ccxt_dex.exchanges.grvt.paper.verify import address_of, private_key
from ccxt_dex.paper.rules import Rules
from ccxt_dex.paper.server import Adapter, Reply, Route, Socket
from ccxt_dex.paper.types import Event, Fill, Market, Order, Reject

CREATES = ("POST /trades/full/v1/create_order", "POST /trades/full/v2/bulk_orders", "v1/create_order", "v2/bulk_orders")
FUNDING_START = Decimal(50_000)


class Paper(Adapter):
    id = "grvt"
    sockets: ClassVar[Mapping[str, type[Socket]]] = {
        "/market-data/ws/full": MarketData,
        "/market-data/ws": MarketData,
        "/trades/ws/full": Trading,
        "/trades/ws": Trading,
    }
    defaults: ClassVar[Mapping[str, Any]] = {
        "latency_ms": 20,  # from the answer PENDING to the matching
        "chain_id": 325,
        "session_s": 86_400,
        "login_ids": True,  # whether the login tells the account numbers: sources disagree
    }

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.gateway = Gateway(self)
        self.sessions = Sessions(self)
        self.rest = Rest(self)
        self.subs: dict[str, str] = {}
        self.mains: dict[str, str] = {}
        self.account_ids: dict[str, str] = {}
        self.api_keys: dict[str, str] = {}
        self.wallets: dict[str, str] = {}
        self.api_signers: dict[str, str] = {}
        self.funding: dict[str, Decimal] = {}
        self.transfers: dict[str, list[Any]] = {}
        self.builders: set[tuple[str, str]] = set()
        """account and builder: who may charge whom"""

    # --- declarations ---------------------------------------------------------------------------------------------------------------

    def markets(self) -> list[Market]:
        return markets()

    def rules(self) -> Rules:
        return Rules(client_ids_unique="open", reduce_only_excess="shrink", trigger_reached="fire")

    def urls(self, http: str, ws: str) -> dict[str, Any]:
        return {
            "api": {
                "privateEdge": f"{http}/edge/",
                "privateTrading": f"{http}/trades/",
                "publicMarket": f"{http}/market-data/",
                "ws": {"publicMarket": f"{ws}/market-data/ws/full", "privateTrading": f"{ws}/trades/ws/full"},
            }
        }

    def routes(self) -> Iterable[Route]:
        return self.rest.routes()

    def _register(self, name: str) -> None:
        if name in self.subs:
            return
        number = int(hashlib.sha256(f"{self.seed} {name}".encode()).hexdigest()[:13], 16)
        self.subs[name] = str(2_000_000_000_000_000 + number % 10**15)
        wallet = address_of(private_key(f"{self.seed} {name} wallet"))
        self.mains[name], self.wallets[wallet] = wallet, name
        self.account_ids[name] = f"ACC:{number:013d}"
        self.api_keys[self._api_key(name)] = name
        self.api_signers[name] = address_of(private_key(f"{self.seed} {name} signer"))
        self.funding[name] = FUNDING_START

    def _api_key(self, name: str) -> str:
        return "2" + hashlib.sha256(f"{self.seed} {name} api key".encode()).hexdigest()[:26]

    def credentials(self, name: str, kind: str = "api") -> dict[str, Any]:
        """kind "api": an API key with its signing key; "wallet": the wallet's private key alone, which is a funding key too."""
        self._register(name)
        if kind == "wallet":
            return {"privateKey": private_key(f"{self.seed} {name} wallet")}
        return {"apiKey": self._api_key(name), "privateKey": private_key(f"{self.seed} {name} signer")}

    def signers(self, account: str, funding: bool) -> set[str]:
        """Addresses that may sign for an account; API keys for trading may not move money."""
        wallet = {address for address, owner in self.wallets.items() if owner == account}
        return wallet if funding else {*wallet, self.api_signers[account]}

    def wrong_key(self, name: str) -> dict[str, Any]:
        return {"privateKey": private_key(f"{self.seed} {name} wrong")}

    def tokens(self) -> list[str]:
        return list(self.sessions.given)

    def unknown_order_id(self) -> str:
        return "0x01010105" + "f" * 24

    def error(self, status: int, text: str) -> Reply:
        code = {404: 1004, 405: 1003}.get(status, 1002)
        return Reply({"request_id": 1, "code": code, "message": text, "status": status}, status)

    def reject(self, reject: Reject) -> Reply:
        return Reply({"request_id": 1, "code": 2082, "message": f"Pre-order check failed: {reject.text}", "status": 400}, 400)

    def order_ids(self, endpoint: str, body: bytes) -> Sequence[str] | None:
        if endpoint not in CREATES:
            return None
        try:
            message = json.loads(body)
            fields = message if endpoint.startswith("POST") else message["params"]
            orders = [fields["order"]] if "order" in fields else fields["orders"]
            found = [str(each["metadata"]["client_order_id"]) for each in orders if "trigger" not in each["metadata"] or len(orders) == 1]
        except (KeyError, TypeError, ValueError):
            return None
        return found or None

    def expire(self, account: str | None) -> None:
        self.sessions.end(account)

    # --- rows -----------------------------------------------------------------------------------------------------------------------

    def ticker(self, market: str) -> dict[str, Any]:
        return wire.ticker(self.engine.price(market), self.engine.stats_24h(market), self.engine.markets[market].info["hours"])

    def book_row(self, market: str, depth: int) -> dict[str, Any]:
        bids, asks, at = self.book(market, depth)
        sides = (
            [{"price": wire.digits(price), "size": wire.digits(size), "num_orders": 1} for price, size in side] for side in (bids, asks)
        )
        return {"event_time": wire.ns(at), "instrument": market, **dict(zip(("bids", "asks"), sides, strict=True))}

    def fill_row(self, account: str, fill: Fill) -> dict[str, Any]:
        owner = self.engine.find(account, order_id=fill.order_id)
        market = self.engine.markets[fill.market]
        return wire.fill(fill, owner, market, self.subs[account], self.api_signers[account], self.engine.mark(fill.market))

    def position_row(self, account: str, market: str) -> dict[str, Any]:
        view = self.engine.snapshot(account, market)
        fees = sum((fill.fee for fill in self.engine.fills(account, market)), Decimal(0))
        funding = sum((payment.amount for payment in self.engine.fundings(account, market)), Decimal(0))
        assert view is not None
        return wire.position(view, self.subs[account], fees, funding, self.now())

    def position_rows(self, account: str) -> list[dict[str, Any]]:
        held = [name for name, position in self.engine.account(account).positions.items() if position.qty]
        return [self.position_row(account, name) for name in sorted(held)]

    def funding_rows(self, market: Market) -> list[dict[str, Any]]:
        """Newest first: what the engine applied, and thirty days from before it started (composed)."""
        span = market.funding_interval_ms
        applied = {rate.time: rate for rate in self.engine.funding_rates(market.id)}
        last, rows = self.now() // span * span, []
        for at in range(last, last - 90 * span, -span):
            rate = applied.get(at)
            value = rate.rate if rate is not None else Decimal("0.0001")
            rows.append(
                {
                    "instrument": market.id,
                    "funding_rate": wire.digits(value * 100),
                    "funding_time": wire.ns(at),
                    "mark_price": wire.places(rate.mark if rate is not None else market.price),
                    "funding_rate_8_h_avg": wire.digits(value * 100),
                    "funding_interval_hours": market.info["hours"],
                }
            )
        return rows

    def announce_order(self, order: Order) -> None:
        self.event(Event("order", order.request.market, order.account, order))
