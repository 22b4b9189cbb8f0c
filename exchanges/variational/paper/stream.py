"""The sockets: heartbeats every five seconds, JSON and plain text mixed, texts as they were seen on the live venue in August and September 2026."""

from __future__ import annotations

import json
from typing import Any

from ccxt_dex.exchanges.variational.paper import wire
from ccxt_dex.exchanges.variational.paper.markets import resolve
from ccxt_dex.paper.server import Socket, parse
from ccxt_dex.paper.types import Event

MARKS_MS, PORTFOLIO_MS, HEARTBEAT_MS, CLAIMS_MS = 1000, 250, 5000, 2500


class Beating(Socket):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.opened_at = self.beat_at = self.sent_at = self.adapter.now()

    def tick(self) -> None:
        now = self.adapter.now()
        if now - self.beat_at >= HEARTBEAT_MS:
            self.beat_at = now
            self.send({"timestamp": wire.iso(now), "type": "heartbeat"}, "heartbeat")
        self.spoken(now)

    def spoken(self, now: int) -> None:
        """Anything else that is due."""


class Prices(Beating):
    def label(self, text: str) -> str:
        return str((parse(text) or {}).get("action") or "")

    async def text(self, text: str) -> None:
        message = parse(text)
        wanted = message.get("instruments") if message is not None else None
        if message is None or message.get("action") not in ("subscribe", "unsubscribe") or not isinstance(wanted, list):
            self.send("unexpected request format")
            self.close(1000)
            return
        for each in wanted:
            market = resolve(each)
            if market is None:
                known = isinstance(each, dict) and each.get("instrument_type") in ("perpetual_future", "perpetual_rwa_future")
                self.send(f"unsupported instrument: P-{each.get('underlying')}-USDC" if known else "invalid instrument in request")
                if not known:
                    self.close(1000)
                    return
            elif message["action"] == "subscribe":
                self.subscriptions[market] = {"at": 0}
            else:
                self.subscriptions.pop(market, None)
        if not self.subscriptions:
            self.send("no subscriptions open, closing connection")
            self.close(1000)

    def spoken(self, now: int) -> None:
        for market, state in list(self.subscriptions.items()):
            if now - state["at"] >= MARKS_MS:
                state["at"] = now
                view = self.adapter.engine.price(market)
                greeks = dict.fromkeys(("gamma", "theta", "vega", "rho", "iv"), "0")
                pricing: dict[str, Any] = {
                    "price": str(round(view.mark, 2 if view.mark > 1 else 12)),
                    "native_price": "1",
                    "delta": "1",
                    **greeks,
                }
                pricing |= {"underlying_price": wire.text(view.index), "interest_rate": "0.00006", "timestamp": wire.iso(now)}
                self.send({"channel": f"instrument_price:{market}", "pricing": pricing}, "instrument_price", f"instrument_price:{market}")


class Private(Beating):
    kinds: tuple[str, ...] = ()

    def label(self, text: str) -> str:
        return "claims" if "claims" in (parse(text) or {}) else ""

    async def text(self, text: str) -> None:
        message = parse(text)
        if message is None or not isinstance(message.get("claims"), str):
            self.refuse("Token format incorrect, could not deserialize")
            return
        address = self.adapter.identity.owner(message["claims"])
        if address is None:
            self.refuse("Token timeout: Unauthorized")
            return
        self.account = self.adapter.account_for(address)
        for name in self.kinds:
            self.subscriptions[name] = {}

    def refuse(self, text: str) -> None:
        self.send(text)
        self.close(1000)

    def tick(self) -> None:
        if self.account is None and self.adapter.now() - self.opened_at > CLAIMS_MS:
            self.refuse("No authentication received")
            self.opened_at = 1 << 60
        super().tick()


class Events(Private):
    kinds = ("trade", "clearing_event", "canceled_order", "transfer")

    def tell(self, account: str, kind: str, data: dict[str, Any]) -> None:
        if self.account == account:
            self.send({"type": kind, "data": data}, kind)


class Portfolio(Private):
    kinds = ("positions", "pool_portfolio_result")

    def spoken(self, now: int) -> None:
        if self.account is not None and now - self.sent_at >= PORTFOLIO_MS:
            self.sent_at = now
            rows = self.adapter.position_rows(self.account)
            frame = {"positions": rows, "pool_portfolio_result": self.adapter.pool(self.account), "published_at": wire.iso(now)}
            self.send(frame, "portfolio")


class Status(Socket):
    """No heartbeat, no client message: a snapshot, then what changes."""

    def opened(self) -> None:
        self.subscriptions["market_status"] = {}
        self.send([self.pair(market) for market in self.adapter.engine.markets.values()], "market_status")

    @staticmethod
    def pair(market: Any) -> list[str]:
        return [market.base, "open" if market.active else "closed"]

    def event(self, event: Event) -> None:
        if event.kind == "market" and event.market is not None:
            self.send(json.dumps(self.pair(self.adapter.engine.markets[event.market])), "market_status")
