"""Streams of the account. The venue sends no snapshot on them, so the truth is read by REST when they start and after every gap.

Page: docs.standx.com "WebSocket", market stream (2026-08-11).
"""

from __future__ import annotations

import asyncio
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.standx import parsing, signing
from ccxt_dex.exchanges.standx.account import Account
from ccxt_dex.exchanges.standx.feeds import Feeds
from ccxt_dex.exchanges.standx.history import History
from ccxt_dex.exchanges.standx.order_socket import OrderSocket
from ccxt_dex.exchanges.standx.room import NONE, Params
from ccxt_dex.exchanges.standx.streams import PRIVATE_TAG
from ccxt_dex.news import further_on
from ccxt_dex.parts.own import OwnRows
from ccxt_dex.sessions import Session
from ccxt_dex.streams import Events

BALANCE_TRIES = 5
LISTED_LATE_MS = 10_000
HASHES = {"order": "orders", "trade": "myTrades", "position": "positions", "balance": "balance"}


class UserFeeds(OwnRows, OrderSocket, History, Account, Feeds):
    _balance_wanted: bool
    _balance_reading: bool
    _open_orders: dict[str, None]
    _noted: set[str]
    # nothing is missing before this time (unix ms), which stands still from a loss to the end of the reading that follows it
    _fills_since: int
    _behind: bool

    def user_url(self) -> str:
        """The market stream once more: an account's channels have a socket of their own."""
        return self.stream_url() + PRIVATE_TAG

    def auth_message(self, session: Session) -> dict[str, Any]:
        self._socket_tokens[self.user_url()] = session.token
        return signing.auth_frame(session.token, self.impersonated())

    async def user_topic(self, channel: str, suffix: str = "") -> Any:
        """The next result of a channel of the account; signs in and subscribes when it is the first call."""
        return await (await self.user_listen(channel, suffix))

    async def user_listen(self, channel: str, suffix: str = "") -> Any:
        """Subscribes, and notes the state of now when it is the first call: only against that can a gap be told. Returns what to await."""
        session = await self.live_session()
        self.follow_session(session)
        await self.authenticated(self.user_url(), lambda: self.auth_message(session))
        client, key = self.client(self.user_url()), HASHES[channel]
        first = key not in client.subscriptions
        future = self.watch(client.url, key + suffix, {"subscribe": {"channel": channel}}, key)
        if first or channel not in self._noted:
            await self.note_state(channel)
            self._noted.add(channel)
        return future

    async def note_state(self, channel: str) -> None:
        """What there is before the first event; it is not handed out."""
        if channel == "order":
            self._open_orders.update(dict.fromkeys(str(raw.get("id")) for raw in await self.open_rows(None)))
        elif channel == "trade":
            self._fills_since, self._behind = self.server_milliseconds(), False
        elif channel == "position":
            for raw, market in self.own(await self.position_rows(None, {}), None):
                if self.pure(parsing.is_open, raw) and self.last_position(market["symbol"]) is None:
                    self.position_cache().append(self.parse_position(raw, market))

    # --- orders ---------------------------------------------------------------------------------------------------------------------

    async def own_rows(self, kind: str, symbol: str | None) -> Any:
        return await self.user_topic({"orders": "order", "myTrades": "trade"}[kind], "" if symbol is None else f":{symbol}")

    def handle_order(self, client: Any, message: dict[str, Any]) -> None:
        if self.take_order(message["data"]):
            self.tell_about(client, "orders", self.order_cache(), message["data"])
        self.reread_balance(client)

    def take_order(self, raw: dict[str, Any]) -> bool:
        """Into the cache, unless what is there is newer: REST and stream may overtake each other."""
        order, cache = self.parse_order(raw), self.order_cache()
        known = cache.hashmap.get(order["symbol"], {}).get(order["id"])
        if known is not None and not further_on(order, known):
            return False
        cache.append(order)
        if order["status"] == "open":
            self._open_orders[order["id"]] = None
        else:
            self._open_orders.pop(order["id"], None)
        return True

    def seen_order(self, client_id: str) -> dict[str, Any] | None:
        """What the stream said about an order that was just sent; saves reading it back."""
        for order in reversed((self.orders or [])[-50:]):
            if order["clientOrderId"] == client_id:
                return dict(order["info"])
        return None

    def tell_about(self, client: Any, key: str, cache: Any, raw: dict[str, Any]) -> None:
        client.resolve(cache, key)
        client.resolve(cache, f"{key}:{self.safe_market(raw.get('symbol'))['symbol']}")

    # --- fills ----------------------------------------------------------------------------------------------------------------------

    def handle_fill(self, client: Any, message: dict[str, Any]) -> None:
        if self.take_fill(message["data"]):
            self.tell_about(client, "myTrades", self.fill_cache(), message["data"])
        self.reread_balance(client)

    def take_fill(self, raw: dict[str, Any]) -> bool:
        trade, cache = self.parse_trade({"order_id": None, **raw}), self.fill_cache()
        if not self._behind:
            self._fills_since = max(self._fills_since, trade["timestamp"] or 0)
        if trade["id"] in cache.hashmap.get(trade["symbol"], {}):
            return False
        cache.append(trade)
        return True

    # --- positions ------------------------------------------------------------------------------------------------------------------

    async def watch_positions(self, symbols: Any = None, since: int | None = None, limit: int | None = None, params: Params = NONE) -> Any:
        """Changed positions; a closed one comes with 0 contracts. Frames carry no mark price: it is taken from the price stream or REST."""
        await self.load_markets()
        return await self.changed_positions(lambda: self.user_topic("position"), symbols, since, limit)

    def handle_position(self, client: Any, message: dict[str, Any]) -> None:
        for raw, market in self.own([message["data"]], None):
            client.resolve(Events([self.take_position(raw, market)]), "positions")
        self.reread_balance(client)

    def take_position(self, raw: dict[str, Any], market: Any) -> Any:
        """Merges a frame, which lacks what depends on the mark price, into what is known."""
        symbol = market["symbol"]
        ticker = self.tickers.get(symbol) or {}
        position = self.parse_position(raw, market, ticker.get("markPrice"))
        known = self.last_position(symbol)
        if known is not None and position["markPrice"] is None and known["id"] == position["id"]:
            position = self.parse_position(raw, market, known["markPrice"])
        if known is not None and known["contracts"] and position["side"] is None:
            position["side"] = known["side"]  # the side that was closed; the cache files by side
        self.position_cache().append(dict(position))  # which the next change updates in place
        return position

    # --- balance --------------------------------------------------------------------------------------------------------------------

    async def watch_balance(self, params: Params = NONE) -> Any:
        """The balance after each change: orders, fills, positions and the balance channel say when to read it anew by REST.

        The balance channel itself shows the raw wallet without margin, and for one client it stayed silent.
        """
        for channel in ("order", "trade", "position"):
            if HASHES[channel] not in self.client(self.user_url()).subscriptions:
                await self.user_listen(channel)
        return await self.user_topic("balance")

    def handle_balance(self, client: Any, message: dict[str, Any]) -> None:
        if message["data"].get("account_type", "perps") == "perps":
            self.reread_balance(client)

    def reread_balance(self, client: Any) -> None:
        """One read at a time; what changes meanwhile asks for another."""
        if HASHES["balance"] not in client.subscriptions:
            return
        self._balance_wanted = True
        if not self._balance_reading:
            self._balance_reading = True
            self.spawn(self.read_balance, client)

    async def read_balance(self, client: Any) -> None:
        """A failed read is repeated: nothing else would tell of the change."""
        failed = 0
        try:
            while self._balance_wanted:
                self._balance_wanted = False
                try:
                    self.balance = await self.fetch_balance()
                except errors.OperationFailed:
                    failed += 1
                    if failed > BALANCE_TRIES:
                        raise
                    await asyncio.sleep(0.1 * 2**failed)
                    self._balance_wanted = True
                    continue
                failed = 0
                client.resolve(self.balance, HASHES["balance"])
        except errors.BaseError as error:
            client.reject(error, HASHES["balance"])
        finally:
            self._balance_reading = False

    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._balance_wanted = self._balance_reading = False
        self._open_orders, self._noted = {}, set()
        self._fills_since, self._behind = 0, False

    # --- after a gap ----------------------------------------------------------------------------------------------------------------

    async def after_reconnect(self, client: Any) -> None:
        """What was missed while the account's socket was down: orders, fills, positions and balance, by REST, merged before anything is told."""
        if client.url != self.user_url():
            return
        self._behind = True
        await self.catch_up(client)

    async def catch_up_after_gap(self, client: Any) -> None:
        """What cannot be read now is read after a repair, which has more patience."""
        try:
            await self.catch_up(client)
        except errors.BaseError as error:
            client.lost(errors.NetworkError(f"{self.id} cannot read what is missing: {error}"))

    async def catch_up(self, client: Any) -> None:
        topics = client.subscriptions
        if HASHES["order"] in topics:
            await self.catch_up_orders(client)
        if HASHES["trade"] in topics:
            await self.catch_up_fills(client)
        if HASHES["position"] in topics:
            await self.catch_up_positions(client)
        if HASHES["balance"] in topics:
            self.balance = await self.fetch_balance()
            client.resolve(self.balance, HASHES["balance"])

    async def catch_up_orders(self, client: Any) -> None:
        """Open orders, and each order that we thought open and is not any more."""
        rows = await self.open_rows(None)
        listed = {str(raw.get("id")) for raw in rows}
        rows += await self.ended_meanwhile(
            listed, lambda order_id, symbol: self.query_order({"order_id": int(order_id)}), self._open_orders
        )
        for raw in rows:
            if self.take_order(raw):
                self.tell_about(client, "orders", self.order_cache(), raw)

    async def catch_up_fills(self, client: Any) -> None:
        """Since the last moment before the loss: what the new connection has told meanwhile is later than what was missed."""
        began, cache = self.server_milliseconds(), self.fill_cache()
        for raw in reversed(await self.pages("private_get_query_trades", {}, self._fills_since, None, None)):
            if self.take_fill(raw):
                self.tell_about(client, "myTrades", cache, raw)
        self._behind = False
        # a fill may be listed somewhat later than it is stamped
        self._fills_since = max(self._fills_since, began - LISTED_LATE_MS)

    async def catch_up_positions(self, client: Any) -> None:
        changed = []
        for raw, market in self.own(await self.position_rows(None, {}), None):
            known = self.last_position(market["symbol"])
            if self.pure(parsing.is_open, raw) or (known is not None and known["contracts"]):
                changed.append(self.take_position(raw, market))
        if changed:
            client.resolve(Events(changed), "positions")
