"""The account's stream: one socket carries orders, fills, positions and balance, and begins with a snapshot of the state."""

from __future__ import annotations

from functools import partial
from typing import Any

from ccxt_dex import fills
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.extended import parsing, streams
from ccxt_dex.exchanges.extended.feeds import Feeds
from ccxt_dex.exchanges.extended.room import NONE, Params
from ccxt_dex.exchanges.extended.trading import Order
from ccxt_dex.parts.counting import CountedFills
from ccxt_dex.parts.own import OwnRows
from ccxt_dex.streams import Events

REMEMBERED = 2000


class UserFeeds(CountedFills, OwnRows, Feeds):
    """Part of the room."""

    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._open_orders: dict[str, None] = {}
        self._rows: dict[str, Params] = {}
        self._fills_since = 0

    def user_url(self) -> str:
        """The account's socket."""
        return self.ws_url(streams.ACCOUNT)

    def user_client(self) -> Any:
        """It, when it is in use."""
        return (self.clients or {}).get(self.user_url())

    async def user_listen(self, message_hash: str) -> Any:
        """Connects with the first call. Returns what to await."""
        self.account_key()
        await self.load_markets()
        first = self.user_client() is None
        future = self.watch(self.user_url(), message_hash, None, streams.ACCOUNT)
        if first:
            self._fills_since = self.server_milliseconds()
        return future

    def tell(self, client: Any, name: str, cache: Any, symbols: Any) -> None:
        """Hand rows to whoever waits for all of them, or for one of the symbols."""
        client.resolve(cache, name)
        for symbol in symbols:
            client.resolve(cache, f"{name}::{symbol}")

    def handle_account(self, client: Any, path: str, message: Params, step: bool) -> None:
        """A frame may carry several sections at once."""
        data = message["data"]
        known = [row for row in data.get("orders") or [] if self.known_market(row.get("market"))]
        orders = [row for row in known if any(self.parsed_rows(client, "orders", [row], partial(self.pure, self.take_order)))]
        if orders:
            symbols = {self.known_market(row["market"])["symbol"] for row in orders}
            self.tell(client, "orders", self.order_cache(), symbols)
            for row in orders:
                self.expect_fills(self.parse_order(row))
        self.take_fills(client, data.get("trades") or [])
        taken = self.parsed_rows(client, "positions", data.get("positions") or [], partial(self.pure, self.take_position))
        changed = [each for rows in taken for each in rows]
        if changed:
            client.resolve(Events(changed), "positions")
        given = [data["balance"]] if data.get("balance") else []
        for balance in self.parsed_rows(client, "balance", given, partial(self.pure, self.balance_of)):
            self.balance = balance
            client.resolve(self.balance, "balance")
        if not step:
            self.spawn(self.after_reconnect, client)  # something was lost on the way

    # --- orders -----------------------------------------------------------------------------------------------------------------------

    async def own_rows(self, kind: str, symbol: str | None) -> Any:
        return await (await self.user_listen(kind if symbol is None else f"{kind}::{symbol}"))

    def take_order(self, row: Params) -> bool:
        """Into the cache, unless what is there is newer: REST and stream may overtake each other."""
        order, cache = self.parse_order(row), self.order_cache()
        known = self._rows.get(order["id"])
        if known is not None and (row == known or not parsing.newer(row, known)):
            return False
        if known is None and len(self._rows) >= REMEMBERED:
            for old in list(self._rows)[: REMEMBERED // 2]:
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

    def take_fills(self, client: Any, rows: list[Params]) -> None:
        """New fills into the cache, and to whoever waits."""
        cache, symbols = self.fill_cache(), set()
        known = [row for row in rows if self.known_market(row.get("market"))]
        for trade in self.parsed_rows(client, "myTrades", known, partial(self.pure, self.parse_trade)):
            if trade["id"] not in cache.hashmap.get(trade["symbol"], {}):
                cache.append(trade)
                symbols.add(trade["symbol"])
        if symbols:
            self.tell(client, "myTrades", cache, symbols)

    def _accepted(self, row: Params) -> Order:
        """As it is; what was filled is held against the stream of fills."""
        order = super()._accepted(row)
        self.expect_fills(order)
        return order

    def watches_fills(self) -> bool:
        client = self.user_client()
        return client is not None and any("myTrades" in name for record in client.ledger.topics.values() for name in record.hashes)

    async def read_fills(self, order: Order) -> None:
        since = max(self._fills_since, fills.begun(order) or 0)
        rows = await self.fill_rows(self.market(order["symbol"])["id"], since, None)
        mine = [row for row in rows if str(row.get("orderId")) == order["id"] and (row.get("createdTime") or 0) >= since]
        self.take_fills(self.client(self.user_url()), mine[::-1])

    # --- positions and balance --------------------------------------------------------------------------------------------------------

    async def watch_positions(
        self, symbols: list[str] | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """Changed positions; a closed one, and the side that a flip left, come with 0 contracts."""
        await self.load_markets()

        async def rows() -> Any:
            return await (await self.user_listen("positions"))

        return await self.changed_positions(rows, symbols, since, limit)

    def take_position(self, row: Params) -> list[Any]:
        """Into the cache; returns what changed."""
        if self.known_market(row.get("market")) is None:
            return []
        if row.get("status") == "CLOSED":
            row = {**row, "size": "0"}
        position, cache = self.parse_position(row), self.position_cache()
        sides = cache.hashmap.get(position["symbol"], {})
        changed = []
        for side, known in list(sides.items()):
            if side != position["side"] and known["contracts"]:
                changed.append({**known, "contracts": 0.0, "lastUpdateTimestamp": position["lastUpdateTimestamp"]})
        changed.append(position)
        for each in changed:
            cache.append(dict(each))  # which the next change updates in place
        return changed

    async def watch_balance(self, params: Params = NONE) -> Any:
        """Equity, margin available for trading and initial margin, whenever they change."""
        return await (await self.user_listen("balance"))

    async def un_watch_orders(self, symbol: str | None = None, params: Params = NONE) -> Any:
        """Always an error: one socket carries everything of the account.

        :raises NotSupported: close() ends it
        """
        raise errors.NotSupported(f"{self.id} orders, fills, positions and balance come over one socket: close() ends it")

    # --- after a gap ------------------------------------------------------------------------------------------------------------------

    async def after_reconnect(self, client: Any) -> None:
        """What was missed while the account's socket was down, by REST: the snapshot of the new one holds open orders and no fills."""
        if client.url != self.user_url():
            return
        rows = await self.open_rows(None)
        listed = {str(row.get("id")) for row in rows}
        rows += await self.ended_meanwhile(listed, lambda order_id, symbol: self.order_row(order_id), self._open_orders)
        positions = self.pure(parsing.rows, await self.call("v1_private_get_user_positions"))
        held = {self.known_market(row.get("market"))["symbol"] for row in positions if self.known_market(row.get("market"))}
        since = self.unread_since(client, self._fills_since)
        fills = [row for row in await self.fill_rows(None, since, None) if (row.get("createdTime") or 0) >= since]
        gone = [
            {"market": self.market(row["symbol"])["id"], "side": str(row["side"]).upper(), "size": "0"}
            for row in self.position_cache()
            if row["contracts"] and row["symbol"] not in held
        ]
        self.handle_account(
            client, streams.ACCOUNT, {"data": {"orders": rows, "trades": fills[::-1], "positions": [*positions, *gone]}}, True
        )
