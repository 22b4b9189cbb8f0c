"""Lighter's side of the protocol on a local venue: what `ccxt_dex.paper.start("lighter")` runs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from ccxt_dex.exchanges.lighter.paper import wire
from ccxt_dex.exchanges.lighter.paper.books import Books
from ccxt_dex.exchanges.lighter.paper.gateway import Gateway, same
from ccxt_dex.exchanges.lighter.paper.markets import maintenance, markets
from ccxt_dex.exchanges.lighter.paper.rest import HOUR, Rest, form
from ccxt_dex.exchanges.lighter.paper.stream import Stream
from ccxt_dex.exchanges.lighter.paper.tx import Tx
from ccxt_dex.exchanges.lighter.paper.verify import Key, private_key
from ccxt_dex.paper.rules import Rules
from ccxt_dex.paper.server import Adapter, Reply, Route, Socket, parse
from ccxt_dex.paper.types import Event, Market, Order

FIRST_ACCOUNT = 71_001
KEY_INDEX = 3
SEND = ("POST /api/v1/sendTx", "POST /api/v1/sendTxBatch", "jsonapi/sendtx", "jsonapi/sendtxbatch")


class Paper(Adapter):
    id = "lighter"
    sockets: ClassVar[Mapping[str, type[Socket]]] = {"/stream": Stream}
    defaults: ClassVar[Mapping[str, Any]] = {
        "latency_ms": 20,  # from the answer to a transaction to its execution
        "chain_id": 304,
        "ping_s": 30.0,
        "book_ms": 50,
    }

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.gateway = Gateway(self)
        self.books = Books(self)
        self.names: dict[int, str] = {}
        self.indexes: dict[str, int] = {}
        self.keys: dict[tuple[int, int], Key] = {}
        self.fractions: dict[tuple[str, str], int] = {}
        self.revoked: set[str] = set()
        self.arrived: list[Tx] = []
        """every transaction that could be read, those that were refused included"""
        self.failed: list[tuple[str, str]] = []
        """hash of a transaction that the sequencer refused, and why"""

    # --- declarations ---------------------------------------------------------------------------------------------------------------

    def markets(self) -> list[Market]:
        return markets()

    def rules(self) -> Rules:
        return Rules(maintenance=maintenance, reduce_only_excess="shrink", trigger_reached="fire")

    def urls(self, http: str, ws: str) -> dict[str, Any]:
        return {"api": {"root": http, "public": http, "private": http, "ws": f"{ws}/stream"}}

    def routes(self) -> Iterable[Route]:
        return Rest(self).routes()

    def credentials(self, name: str) -> dict[str, Any]:
        """Account index and API private key; the key index is left for the client to find."""
        index = FIRST_ACCOUNT + len(self.names)
        private = private_key(f"{self.seed} {name}")
        self.names[index], self.indexes[name] = name, index
        self.keys[index, KEY_INDEX] = Key(private)
        return {"privateKey": "0x" + private.hex(), "uid": str(index), "options": {"tier": "builder"}}

    def wrong_key(self, name: str) -> dict[str, Any]:
        return {"privateKey": "0x" + private_key(f"{self.seed} {name} wrong").hex()}

    def unknown_order_id(self) -> str:
        return str(wire.FIRST_ASK + 999_999_999)

    def market_id(self, native: str) -> str:
        return native

    def address(self, index: int) -> str:
        return "0x" + hashlib.sha256(f"{self.seed} {index}".encode()).hexdigest()[:40]

    def error(self, status: int, text: str) -> Reply:
        return Reply({"code": 29404 if status == 404 else 29500, "message": text}, status)

    def order_ids(self, endpoint: str, body: bytes) -> Sequence[str] | None:
        if endpoint not in SEND:
            return None
        fields: Any = form(body) if endpoint.startswith("POST") else (parse(body.decode("utf-8", "replace")) or {}).get("data") or {}
        try:
            kinds = [int(fields["tx_type"])] if "tx_type" in fields else [int(kind) for kind in _list(fields["tx_types"])]
            texts = [fields["tx_info"]] if "tx_info" in fields else _list(fields["tx_infos"])
            found = []
            for kind, text in zip(kinds, texts, strict=True):
                body_ = json.loads(text) if isinstance(text, str) else text
                orders = [body_] if kind == 14 else body_["Orders"][:1] if kind == 28 else []
                found += [str(order["ClientOrderIndex"] or "") for order in orders]
        except (KeyError, TypeError, ValueError):
            return None
        return found or None

    def expire(self, account: str | None) -> None:
        """Tokens are proofs, not sessions: there is nothing that the venue could end."""

    # --- orders ---------------------------------------------------------------------------------------------------------------------

    def orders(self, account: str) -> list[Order]:
        """Every order of the account, those included that were refused when their turn came."""
        found = [*self.engine.account(account).orders.values(), *self.gateway.refused.get(account, {}).values()]
        return sorted(found, key=lambda order: order.created)

    def order(self, account: str, index: int) -> Order | None:
        return next((order for order in reversed(self.orders(account)) if same(order, index)), None)

    def announce_order(self, order: Order) -> None:
        self.event(Event("order", order.request.market, order.account, order))

    # --- rows -----------------------------------------------------------------------------------------------------------------------

    def perps(self) -> list[Market]:
        return [market for market in self.engine.markets.values() if not market.info["spot"]]

    def details(self, market: Market) -> dict[str, Any]:
        row = wire.details(market, self.engine.stats_24h(market.id), self.engine.price(market.id))
        return {name: row[name] for name in row if name not in wire.NOT_SPOT} | wire.SPOT if market.info["spot"] else row

    def market_stats(self, market: str) -> dict[str, Any]:
        return wire.market_stats(self.engine.markets[market], self.engine.stats_24h(market), self.engine.price(market))

    def ticker(self, market: str) -> dict[str, Any]:
        at, prices = self.engine.markets[market], self.engine.price(market)
        ask = {"price": wire.price(prices.ask, at), "size": wire.size(prices.ask_qty, at)}
        bid = {"price": wire.price(prices.bid, at), "size": wire.size(prices.bid_qty, at)}
        return {"ticker": {"s": at.base, "a": ask, "b": bid}, "nonce": prices.time}

    def fraction(self, account: str, market: Market) -> int:
        return self.fractions.get((account, market.id)) or 10_000 // self.engine.leverage(account, market.id)

    def position_row(self, account: str, market: Market) -> dict[str, Any]:
        isolated = self.engine.margin_mode(account, market.id) == "isolated"
        orders = len(self.engine.open_orders(account, market.id))
        view = self.engine.snapshot(account, market.id)
        return wire.position(view, market, self.fraction(account, market), isolated, orders, self.engine.mark(market.id))

    def account_row(self, index: int) -> dict[str, Any]:
        name = self.names[index]
        balance = self.engine.balances(name)
        used = {market for (account, market) in self.fractions if account == name} | set(self.engine.account(name).positions)
        return {
            "code": 0,
            "account_type": 0,
            "index": index,
            "l1_address": self.address(index),
            "cancel_all_time": 0,
            "total_order_count": len(self.engine.open_orders(name)),
            "total_isolated_order_count": 0,
            "pending_order_count": 0,
            "available_balance": wire.fixed(max(balance.free, Decimal(0)), 6),
            "status": 1,
            "collateral": wire.fixed(balance.balance, 6),
            "transaction_time": 0,
            "account_trading_mode": 0,
            "account_index": index,
            "name": name,
            "description": "",
            "can_invite": False,
            "referral_points_percentage": "",
            "can_rfq": False,
            "can_rfq_market_ids": None,
            "created_at": 0,
            "metadata": {"color": ""},
            "agent_enabled": False,
            "pool_info": None,
            "positions": [self.position_row(name, self.engine.markets[market]) for market in sorted(used)],
            "assets": [self.asset(balance.balance)],
            "total_asset_value": wire.fixed(balance.equity, 6),
            "cross_asset_value": wire.fixed(balance.equity, 6),
            "cross_initial_margin_requirement": wire.fixed(balance.initial_margin, 6),
            "cross_maintenance_margin_requirement": wire.fixed(balance.maintenance_margin, 6),
            "shares": [],
            "pending_unlocks": [],
            "approved_integrators": [],
        }

    @staticmethod
    def asset(balance: Decimal) -> dict[str, Any]:
        row = {"symbol": "USDC", "asset_id": 3, "balance": "0.000000", "locked_balance": "0.000000"}
        return {**row, "margin_mode": "enabled", "margin_balance": wire.fixed(balance, 6)}

    def account_state(self, channel: str, index: int) -> dict[str, Any]:
        """The first frame of an account channel, and every frame of those that show the whole state."""
        name = self.names[index]
        if channel == "user_stats":
            return {"stats": wire.stats(self.engine.balances(name))}
        if channel == "account_all_assets":
            return {"assets": {"3": self.asset(self.engine.balances(name).balance)}}
        if channel == "account_all_orders":
            return {"orders": self._by_market(name, index)}
        used = sorted(self.engine.account(name).positions)
        positions = {market: self.position_row(name, self.engine.markets[market]) for market in used}
        if channel == "account_all_positions":
            return {"positions": positions, "shares": []}
        if channel == "account_all_trades":
            return {"trades": {}}
        return {"account": index, "positions": positions, "trades": {}, "funding_histories": {}, "shares": []}

    def _by_market(self, name: str, index: int) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {}
        for order in self.engine.open_orders(name):
            found.setdefault(order.request.market, []).append(wire.order(order, self.engine.markets[order.request.market], index))
        return found

    def funding_rows(self, market: Market) -> list[dict[str, Any]]:
        """Hourly rates in percent: four days from before the venue started (composed), then what the engine applied."""
        applied = {rate.time: rate.rate for rate in self.engine.funding_rates(market.id)}
        last = self.now() // HOUR * HOUR
        rows = []
        for at in range(last - 96 * HOUR, last + 1, HOUR):
            rate = applied.get(at, Decimal("0.0000125")) * 100
            direction = "long" if rate >= 0 else "short"
            value = wire.fixed(abs(rate) / 100 * market.price, 8)
            rows.append({"timestamp": at // 1000, "value": value, "rate": wire.fixed(abs(rate), 6), "direction": direction})
        return rows

    def tick(self) -> None:
        self.books.tick()
        super().tick()


def _list(value: Any) -> list[Any]:
    found = json.loads(value) if isinstance(value, str) else value
    return list(found)
