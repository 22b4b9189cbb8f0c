"""Streams of the account. After a lost connection the account is read by REST before results go out: the channels send no snapshot."""

from __future__ import annotations

import asyncio
from typing import Any

from ccxt_dex import fills
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.paradex import streams
from ccxt_dex.exchanges.paradex.feeds import Feeds
from ccxt_dex.exchanges.paradex.room import NONE, Params
from ccxt_dex.exchanges.paradex.trading import Order
from ccxt_dex.parts.counting import CountedFills
from ccxt_dex.parts.own import OwnRows
from ccxt_dex.reading import number
from ccxt_dex.sessions import Session
from ccxt_dex.streams import Events

AUTHENTICATED = "authenticated"
CHANNELS = {"orders": "orders.ALL", "myTrades": "fills.ALL", "positions": "positions", "balance": "account"}


class UserFeeds(CountedFills, OwnRows, Feeds):
    """Part of the room."""

    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._open_orders: dict[str, None] = {}
        self._rows: dict[str, Params] = {}
        self._fills_since = 0

    def user_url(self) -> str:
        """The stream once more: an account's channels and orders have a socket of their own."""
        return self.ws_url() + streams.PRIVATE_TAG

    # --- the link ---------------------------------------------------------------------------------------------------------------------

    def auth_message(self, session: Session) -> Params:
        """The login of a socket; the token is needed at this moment only."""
        return self.numbered(AUTHENTICATED, "auth", {"bearer": session.token})

    async def authenticate(self, params: Any = NONE) -> Any:
        """Wait until the account's socket is logged in; whoever comes first asks, a lost connection asks again by itself."""
        session = await self.live_session()
        url = self.user_url()
        client = self.client(url)
        record = client.ledger.topics.get(AUTHENTICATED)
        if record is None:
            await self.watch(url, AUTHENTICATED, self.auth_message(session), AUTHENTICATED)
        elif client.state != "open" or not record.confirmed or record.generation != client.ledger.generation:
            try:
                await asyncio.wait_for(client.future(AUTHENTICATED).child(), self.timeout / 1000)
            except asyncio.TimeoutError:
                raise errors.RequestTimeout(f"{self.id} no answer to the login of the socket") from None
        return client

    def handle_login(self, client: Any, error: Exception | None) -> None:
        """The first refusal is answered with a new token on a new connection, unseen by whoever waits."""
        if error is None:
            client.login_refusals = 0
            client.confirm(AUTHENTICATED)  # before anybody is woken: the next caller must not wait for another answer
            client.resolve(True, AUTHENTICATED)
            return
        self.session_manager.invalidate()
        if not self.is_read_only() and not client.__dict__.get("login_refusals"):
            client.login_refusals = 1
            client.asyncio_loop.call_soon(client.lost, errors.NetworkError(f"{error}; logging in anew"))
            return
        client.reject(error, AUTHENTICATED)

    async def user_listen(self, message_hash: str, name: str) -> Any:
        """Subscribes, and notes the state of now when it is the first call: only against that can a gap be told. Returns what to await."""
        client = await self.authenticate()
        channel = CHANNELS[name]
        first = channel not in client.subscriptions
        future = self.watch(client.url, message_hash, self.subscription(channel), channel)
        if first:
            await self.note_state(name)
        return future

    async def note_state(self, name: str) -> None:
        """What there is before the first event; it is not handed out."""
        if name == "orders":
            self._open_orders.update(dict.fromkeys(str(row.get("id")) for row in await self.open_rows(None)))
        elif name == "myTrades":
            self._fills_since = self.server_milliseconds()
        elif name == "positions":
            for row in await self.fetch_positions():
                if self.last_position(row["symbol"]) is None:
                    self.position_cache().append(row)

    def tell(self, client: Any, name: str, cache: Any, symbol: str) -> None:
        client.resolve(cache, name)
        client.resolve(cache, f"{name}::{symbol}")

    # --- orders -----------------------------------------------------------------------------------------------------------------------

    async def own_rows(self, kind: str, symbol: str | None) -> Any:
        return await (await self.user_listen(kind if symbol is None else f"{kind}::{symbol}", kind))

    def handle_order(self, client: Any, message: Any) -> None:
        row = message["params"]["data"]
        if row.get("market") in (self.markets_by_id or {}) and any(self.parsed_rows(client, "orders", [row], self.take_order)):
            cache = self.order_cache()
            self.tell(client, "orders", cache, self.safe_market(row["market"])["symbol"])
            self.expect_fills(cache[-1])

    def take_order(self, row: Params) -> bool:
        """Into the cache, unless what is there is newer: REST and stream may overtake each other."""
        order, cache = self.parse_order(row), self.order_cache()
        known = self._rows.get(order["id"])
        if known is not None and not newer(row, known):
            return False
        if known is None and len(self._rows) >= 2000:
            for old in list(self._rows)[:1000]:
                del self._rows[old]
        self._rows[order["id"]] = row
        cache.append(order)
        if order["status"] == "open":
            self._open_orders[order["id"]] = None
        else:
            self._open_orders.pop(order["id"], None)
        return True

    def seen_order(self, order_id: str) -> Params | None:
        return self._rows.get(order_id)

    # --- fills ------------------------------------------------------------------------------------------------------------------------

    def handle_my_trade(self, client: Any, message: Any) -> None:
        row = message["params"]["data"]
        if row.get("market") in (self.markets_by_id or {}) and any(self.parsed_rows(client, "myTrades", [row], self.take_fill)):
            self.tell(client, "myTrades", self.fill_cache(), self.safe_market(row["market"])["symbol"])

    def take_fill(self, row: Params) -> bool:
        trade, cache = self.parse_trade(row), self.fill_cache()
        if trade["id"] in cache.hashmap.get(trade["symbol"], {}):
            return False
        cache.append(trade)
        return True

    async def _as_placed(self, answer: Any, params: Params) -> Order:
        """As it is; what was filled is held against the stream of fills."""
        order: Order = await super()._as_placed(answer, params)
        self.expect_fills(order)
        return order

    def watches_fills(self) -> bool:
        client = (self.clients or {}).get(self.user_url())
        return client is not None and CHANNELS["myTrades"] in client.subscriptions

    async def read_fills(self, order: Order) -> None:
        since = max(self._fills_since, fills.begun(order) or 0)
        for trade in await self.fetch_my_trades(order["symbol"], since):
            if trade["order"] == order["id"]:
                self.handle_my_trade(self.client(self.user_url()), {"params": {"data": trade["info"]}})

    # --- positions --------------------------------------------------------------------------------------------------------------------

    def last_position(self, symbol: str) -> Any:
        sides = self.position_cache().hashmap.get(symbol, {})
        return max(sides.values(), key=lambda row: row["lastUpdateTimestamp"] or 0, default=None)

    async def watch_positions(
        self, symbols: list[str] | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """Changed positions; a closed one, and the side that a flip left, come with 0 contracts."""
        await self.load_markets()

        async def rows() -> Any:
            return await (await self.user_listen("positions", "positions"))

        return await self.changed_positions(rows, symbols, since, limit)

    def handle_positions(self, client: Any, message: Any) -> None:
        row = message["params"]["data"]
        if row.get("market") in (self.markets_by_id or {}):
            for changed in self.parsed_rows(client, "positions", [row], self.take_position):
                client.resolve(Events(changed), "positions")

    def take_position(self, row: Params) -> list[Any]:
        """Into the cache; returns what changed."""
        position, cache = self.parse_position(row), self.position_cache()
        known = self.last_position(position["symbol"])
        changed = []
        if known is not None and known["contracts"] and position["side"] != known["side"]:
            if position["contracts"]:
                changed.append({**known, "contracts": 0.0, "lastUpdateTimestamp": position["lastUpdateTimestamp"]})
            else:
                position["side"] = known["side"]  # the side that was closed; the cache files by side
        if known is not None and not position["contracts"]:
            last = {name: known[name] for name in ("entryPrice", "markPrice") if position[name] is None}
            position.update(last, unrealizedPnl=0.0, percentage=0.0)
        changed.append(position)
        for each in changed:
            cache.append(dict(each))  # which the next change updates in place
        return changed

    # --- balance ----------------------------------------------------------------------------------------------------------------------

    async def watch_balance(self, params: Params = NONE) -> Any:
        """Account value, free collateral and initial margin, whenever they change."""
        await self.load_markets()
        return await (await self.user_listen("balance", "balance"))

    def handle_balance(self, client: Any, message: Any) -> None:
        for changed in self.parsed_rows(client, "balance", [message["params"]["data"]], lambda row: self._balance_of(row, [])):
            self.take_balance(client, changed)

    def take_balance(self, client: Any, changed: Any) -> None:
        others = {name: row for name, row in (self.balance or {}).items() if isinstance(row, dict) and "total" in row and "free" in row}
        self.balance = self.safe_balance({**others, **changed})
        client.resolve(self.balance, "balance")

    # --- leaving ----------------------------------------------------------------------------------------------------------------------

    async def un_watch_orders(self, symbol: str | None = None, params: Params = NONE) -> Any:
        """End the stream of orders."""
        return self._leave_user(symbol, "orders")

    async def un_watch_my_trades(self, symbol: str | None = None, params: Params = NONE) -> Any:
        """End the stream of fills."""
        return self._leave_user(symbol, "myTrades")

    async def un_watch_positions(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """End the stream of positions."""
        return self._leave_user(symbols, "positions")

    def _leave_user(self, symbol: Any, name: str) -> bool:
        if symbol:
            raise errors.NotSupported(f"{self.id} one channel serves all markets: unwatch without a symbol")
        client = (self.clients or {}).get(self.user_url())
        return client is not None and bool(client.unsubscribe(CHANNELS[name]))

    # --- after a gap ------------------------------------------------------------------------------------------------------------------

    async def after_reconnect(self, client: Any) -> None:
        """What was missed while the account's socket was down, by REST, merged before anything is told."""
        if client.url != self.user_url():
            return
        topics = client.subscriptions
        if CHANNELS["orders"] in topics:
            await self._catch_up_orders(client)
        if CHANNELS["myTrades"] in topics:
            await self._catch_up_fills(client)
        if CHANNELS["positions"] in topics:
            await self._catch_up_positions(client)
        if CHANNELS["balance"] in topics:
            self.balance = await self.fetch_balance()
            client.resolve(self.balance, "balance")

    async def _catch_up_orders(self, client: Any) -> None:
        """Open orders, and each order that we thought open and is not any more."""
        rows = await self.open_rows(None)
        listed = {str(row.get("id")) for row in rows}
        rows += await self.ended_meanwhile(listed, lambda order_id, symbol: self.order_row(order_id), self._open_orders)
        for row in rows:
            self.handle_order(client, {"params": {"data": row}})

    async def _catch_up_fills(self, client: Any) -> None:
        since = self.unread_since(client, self._fills_since)
        for row in reversed(await self.pages("private_get_fills", {}, since, None, NONE, 100)):
            self.handle_my_trade(client, {"params": {"data": row}})

    async def _catch_up_positions(self, client: Any) -> None:
        changed: list[Order] = []
        for row in await self.position_rows():
            known = row.get("market") in (self.markets_by_id or {})
            held = self.last_position(self.safe_market(row["market"])["symbol"]) if known else None
            if known and (number(row.get("size")) or (held is not None and held["contracts"])):
                changed += self.take_position(row)
        if changed:
            client.resolve(Events(changed), "positions")


def newer(row: Params, known: Params) -> bool:
    """Whether news about an order is news. `seq_no` grows with every change; an order that is done stays done."""
    if known.get("status") == "CLOSED":
        return row.get("status") == "CLOSED" and _sequence(row) > _sequence(known)
    if row.get("status") == "CLOSED":
        return True
    if _sequence(row) and _sequence(known):
        return _sequence(row) > _sequence(known)
    return (row.get("last_updated_at") or 0) >= (known.get("last_updated_at") or 0)


def _sequence(row: Params) -> int:
    return int(row.get("seq_no") or 0)  # text in binary frames
