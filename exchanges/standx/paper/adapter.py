"""StandX's side of the protocol on a local venue: what `ccxt_dex.paper.start("standx")` runs."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from eth_utils.address import to_checksum_address

from ccxt_dex.exchanges.standx.paper import wire
from ccxt_dex.exchanges.standx.paper.gateway import Gateway, text_of
from ccxt_dex.exchanges.standx.paper.identity import FULL, Identity, Session, refused
from ccxt_dex.exchanges.standx.paper.limits import Limits
from ccxt_dex.exchanges.standx.paper.markets import MAX_OPEN_ORDERS, markets
from ccxt_dex.exchanges.standx.paper.private import Private
from ccxt_dex.exchanges.standx.paper.public import Public
from ccxt_dex.exchanges.standx.paper.stream import Stream
from ccxt_dex.exchanges.standx.paper.wsapi import WsApi
from ccxt_dex.paper.rules import FeedRules, Rules
from ccxt_dex.paper.server import Adapter, Reply, Route, Socket, parse
from ccxt_dex.paper.types import Candle, Event, FundingRate, Market, NewOrder, Order, PublicTrade, Reject

MINUTE, HOUR = 60_000, 3_600_000
MOST_BARS = 2000
ORDER_ENDPOINTS = frozenset({"POST /api/new_order", "order:new"})


class Paper(Adapter):
    id = "standx"
    sockets: ClassVar[Mapping[str, type[Socket]]] = {"/ws-stream/v1": Stream, "/ws-api/v1": WsApi}
    defaults: ClassVar[Mapping[str, Any]] = {
        "symbols": None,  # which markets exist; None: all ten
        "login": "wallet",  # what config() holds: wallet (bsc), solana, token (API token), readonly
        "order_latency_ms": 20,  # from the gateway's answer to matching
        "cancel_latency_ms": 20,
        "cancel_errors": "async",  # or "sync": unknown and finished orders are refused in the HTTP answer
        "cancel_orders_reply": "envelope",  # or "list", as until 2025
        "list_code": True,  # code and message in the paged envelopes, as seen live; False as in the documentation
        "leverage_text": True,  # leverage of query_position_config as a string, as seen live
        "price_ms": 3000,
        "depth_ms": 200,
        "kline_ms": 500,
        "ping_s": 10.0,
        "pong_s": 300.0,
        "session_s": 86_400.0,  # life of a connection
        "auth_code": 200,  # of the auth reply of ws-stream; some clients saw 0
        "accepted_frames": True,  # False: only the final frame, as before August 2026
        "balance_channel": True,
        "timestamp_window_ms": 60_000,
        "rate_limit": True,
        "credits": 900,
        "credits_per_second": 1000,
        "credit_cost": 45,
        "ip_per_second": 50,
        "max_connections": 10,
        "max_new_connections": 30,  # per minute
        "vaults": None,  # {"cv_...": name of the account that owns it}
    }

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.identity = Identity(self.seed, self.time, self.options["timestamp_window_ms"])
        self.limits = Limits(self.options, time.monotonic)
        self.gateway = Gateway(self)
        self.cash: dict[str, Decimal] = {}
        self.withdrawals = 0
        self._users: dict[str, str] = {}
        self._accounts: dict[str, str] = {}
        self._refused: dict[str, dict[int, Order]] = {}
        self._depth_at: dict[str, int] = {}
        self._depth: dict[str, dict[str, Any]] = {}
        self._prices: dict[str, dict[str, Any]] = {}
        self._price_at = 0

    # --- declarations ----------------------------------------------------------------------------------------------------------

    def markets(self) -> list[Market]:
        return markets(self.options["symbols"])

    def rules(self) -> Rules:
        # levels of BTC between whole dollars: its published book is bucketed, so the touch is another than the book's best price
        feeds = {"BTC-USD": FeedRules(spacing=Decimal("2.53"))}
        return Rules(max_open_orders=MAX_OPEN_ORDERS, reduce_only_counts_triggers=True, lock_factor=Decimal("1.05"), feeds=feeds)

    def urls(self, http: str, ws: str) -> dict[str, Any]:
        return {
            "api": {
                "public": f"{http}/api",
                "private": f"{http}/api",
                "auth": f"{http}/v1/offchain",
                "geo": f"{http}/v1",
                "bridge": f"{http}/api",
                "ws": {"stream": f"{ws}/ws-stream/v1", "orders": f"{ws}/ws-api/v1"},
            }
        }

    def routes(self) -> Iterable[Route]:
        yield from Public(self).routes()
        yield from Private(self).routes()

    def credentials(self, name: str, kind: str | None = None) -> dict[str, Any]:
        """kind: wallet (bsc), solana, token (an API token with both permissions) or readonly (one without)."""
        kind = kind or self.options["login"]
        chain = "solana" if kind == "solana" else "bsc"
        wallet = self.identity.wallet(name, chain)
        user = self._join(name, f"{chain}_{wallet.address}")
        if kind in ("wallet", "solana"):
            return {"privateKey": wallet.key, "walletAddress": wallet.address, "options": {"chain": chain}}
        if kind not in ("token", "readonly"):
            raise ValueError(f"unknown kind of credentials {kind!r}: wallet, solana, token, readonly")
        token, secret = self.identity.api_token(name, user, wallet.address, chain, FULL if kind == "token" else frozenset())
        return {"apiKey": token, "secret": secret}

    def wrong_key(self, name: str) -> dict[str, Any]:
        """Another wallet's key, to be merged into the account's config."""
        kind = self.options["login"]
        if kind in ("wallet", "solana"):
            return {"privateKey": self.identity.wallet(f"{name} wrong", "solana" if kind == "solana" else "bsc").key}
        return {"secret": self.identity.api_token(f"{name} wrong", "", "", "bsc", FULL)[1]}

    def unknown_order_id(self) -> str:
        return str(wire.ORDER_ID_BASE + 999_999_999)

    def tokens(self) -> list[str]:
        return list(self.identity.sessions)

    def error(self, status: int, text: str) -> Reply:
        return Reply({"code": status, "message": text}, status)

    def order_ids(self, endpoint: str, body: bytes) -> Sequence[str] | None:
        if endpoint not in ORDER_ENDPOINTS:
            return None
        order = parse(body.decode("utf-8", "replace"))
        if endpoint == "order:new" and order is not None:
            order = parse(str(order.get("params")))
        return [str((order or {}).get("cl_ord_id") or "")]

    def expire(self, account: str | None) -> None:
        self.identity.expire(lambda session: account is None or self._accounts.get(_key(session)) == account)

    # --- accounts --------------------------------------------------------------------------------------------------------------

    def _join(self, name: str, user: str) -> str:
        self._users.setdefault(name, user)
        self._accounts[user.lower() if user.startswith("bsc_") else user] = name  # EVM addresses differ in case only
        return user

    def user(self, account: str) -> str:
        return self._users[account]

    def account_for(self, session: Session, vault: Any = None) -> str:
        """The engine's account of a session; wallets that nobody funded get an empty one."""
        key = _key(session)
        if key not in self._accounts:
            user = f"bsc_{to_checksum_address(session.address)}" if session.chain == "bsc" else session.user
            self._join(user, user)
            self.server.open_account(user, Decimal(0))
        account = self._accounts[key]
        return account if vault is None else self._vault(account, str(vault))

    def _vault(self, owner: str, vault: str) -> str:
        if not vault.startswith("cv_") or (self.options["vaults"] or {}).get(vault) != owner:
            raise refused(403, "impersonation not allowed")
        if vault not in self._users:
            self._join(vault, vault)
            self.server.open_account(vault, self.deposit)
        return vault

    def funded(self, account: str) -> bool:
        view = self.engine.balances(account)
        return bool(view.deposits or view.balance or self.engine.transfers(account))

    # --- orders ----------------------------------------------------------------------------------------------------------------

    def orders(self, account: str) -> list[Order]:
        """Every order of the account, those included that matching refused without keeping them."""
        return [*self.engine.account(account).orders.values(), *self._refused.get(account, {}).values()]

    def order(self, account: str, order_id: int) -> Order | None:
        return self._refused.get(account, {}).get(order_id) or self.engine.find(account, order_id=order_id)

    def order_by_client_id(self, account: str, client_id: str) -> Order | None:
        found = self.engine.find(account, client_id=client_id)
        refused_ones = self._refused.get(account, {}).values()
        return found or next((order for order in refused_ones if order.request.client_id == client_id), None)

    def order_row(self, order: Order, digits: int = 6) -> dict[str, Any]:
        market = self.engine.markets[order.request.market]
        return wire.order(order, market, self.user(order.account), self.engine.leverage(order.account, market.id), digits)

    def record_rejected(self, account: str, new: NewOrder, reject: Reject) -> None:
        """Matching refused what the gateway let through: such orders appear with status rejected."""
        number = 500_000_000 + sum(len(orders) for orders in self._refused.values())
        now = self.now()
        order = Order(number, account, new, "rejected", now, now, new.qty, new.price, reason=text_of(reject))
        self._refused.setdefault(account, {})[number] = order
        self.event(Event("order", new.market, account, order))

    def listeners(self, account: str, session_id: str | None) -> list[WsApi]:
        """The account's ws-api connections that use this session id: there the frames of an HTTP order go."""
        open_ones = [socket for socket in self.server.connections if isinstance(socket, WsApi)]
        return [socket for socket in open_ones if session_id and socket.serves(account, session_id)]

    # --- market data -----------------------------------------------------------------------------------------------------------

    def depth(self, market: Market) -> dict[str, Any]:
        """A complete book as REST and the depth_book channel show it."""
        bids, asks, at = self.book(market.id)
        bucket = max(market.tick, Decimal(market.info["depth_ticks"].split(",")[0]))
        return {
            "asks": wire.depth(asks, bucket, up=True),
            "bids": wire.depth(bids, bucket, up=False),
            "last_price": wire.price(self.engine.last(market.id), market),
            "mark_price": wire.price(self.engine.mark(market.id), market),
            "symbol": market.id,
            "time": at,
        }

    def price_data(self, market: str) -> dict[str, Any]:
        """The latest published price frame: a new subscriber gets it at once."""
        if market not in self._prices:
            self._prices[market] = wire.price_frame(self.engine.price(market), self.engine.markets[market], self.now())
        return self._prices[market]

    def bars(self, market: str, interval: int, since: int, until: int | None = None) -> list[Candle]:
        """Candles oldest first; those shorter than a minute are put together from the trades, which go back a few minutes."""
        if interval >= MINUTE:
            end = self.now() if until is None else min(until, self.now())
            return self.engine.candles(market, interval, since=max(since, end - MOST_BARS * interval), until=until, limit=MOST_BARS + 1)
        made: dict[int, Candle] = {}
        for trade in self.engine.trades(market, since=since):
            start = trade.time // interval * interval
            if until is None or start <= until:
                made[start] = _longer(made.get(start), start, trade)
        return list(made.values())

    def funding_rows(self, market: Market, since: int, until: int) -> list[dict[str, Any]]:
        """Hourly rates, oldest first."""
        return [self._funding_row(market, rate) for rate in self.engine.funding_rates(market.id, since=since) if rate.time <= until]

    def _funding_row(self, market: Market, rate: FundingRate) -> dict[str, Any]:
        stamp = wire.iso(rate.time)
        return {
            "created_at": stamp,
            "funding_rate": wire.rate(rate.rate),
            "id": rate.time // HOUR % 1_000_000 * 10 + list(self.engine.markets).index(market.id) % 10,
            "index_price": wire.price(rate.index, market),
            "mark_price": wire.price(rate.mark, market),
            "premium": wire.text((rate.mark - rate.index) / rate.index),
            "symbol": market.id,
            "time": stamp,
            "updated_at": stamp,
        }

    def tick(self) -> None:
        streams = [socket for socket in self.server.connections if isinstance(socket, Stream)]
        now = self.now()
        if now - self._price_at >= self.options["price_ms"]:
            self._price_at = now
            self._prices.clear()
            self._publish(streams, "price", self.price_data)
        for market in {key[1] for socket in streams for key in socket.subscriptions if key[0] == "depth_book"}:
            if now - self._depth_at.get(market, 0) >= self.options["depth_ms"]:
                self._depth_at[market] = now
                self._publish(streams, "depth_book", lambda name: self.depth(self.engine.markets[name]), market)
        super().tick()

    def _publish(self, streams: list[Stream], channel: str, data: Any, only: str | None = None) -> None:
        """One payload per market, made once however many are subscribed."""
        made: dict[str, Any] = {}
        for socket in streams:
            for key in list(socket.subscriptions):
                if key[0] == channel and only in (None, key[1]):
                    made.setdefault(key[1], None)
                    if made[key[1]] is None:
                        made[key[1]] = data(key[1])
                    socket.publish(channel, key[1], made[key[1]])


def _longer(bar: Candle | None, start: int, trade: PublicTrade) -> Candle:
    price, qty, value = trade.price, trade.qty, trade.price * trade.qty
    if bar is None:
        return Candle(start, price, price, price, price, qty, value, 1)
    high, low = max(bar.high, price), min(bar.low, price)
    return Candle(start, bar.open, high, low, price, bar.volume + qty, bar.quote_volume + value, bar.trades + 1)


def _key(session: Session) -> str:
    return session.user.lower() if session.chain == "bsc" else session.user
