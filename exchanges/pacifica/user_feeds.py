"""Streams of the account. No signature is needed: the venue shows any account to anybody.

Orders come over account_order_updates; account_orders, a picture of all open orders after each change, tells what the updates left out.
Fills come over account_trades, and the filled amounts of the order updates tell what is missing of them.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

from ccxt_dex import fills
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.pacifica import orders, parsing
from ccxt_dex.exchanges.pacifica.account import Account
from ccxt_dex.exchanges.pacifica.history import Order
from ccxt_dex.exchanges.pacifica.order_socket import OrderSocket
from ccxt_dex.exchanges.pacifica.room import NONE, Params, Row
from ccxt_dex.streams import Events

ORDERS, OPEN_ORDERS, FILLS = "orders", "orders:open", "myTrades"
POSITIONS, BALANCE, LEVERAGE, MARGIN = "positions", "balance", "account:leverage", "account:margin"
# seconds that the other channel gets to deliver what this one says exists, and pauses after looks that failed
PATIENCE = (0.4, 1.0, 2.0, 4.0)
# source of a channel -> subscribe hash, where the venue's word for a subscription is all that comes at first
SOURCES = {
    "account_order_updates": ORDERS,
    "account_trades": FILLS,
    "account_info": BALANCE,
    "account_leverage": LEVERAGE,
    "account_margin": MARGIN,
}
# what a closed position has no more
VALUED = ("initialMargin", "initialMarginPercentage", "liquidationPrice")


class UserFeeds(OrderSocket, Account):
    """Part of the room."""

    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._settings: dict[str, Row] | None = None
        self._spot_value = Decimal(0)
        self._fills_since = 0
        self._checking: dict[str, tuple[Any, ...]] = {}
        self._balance_wanted = self._balance_reading = False

    def account_listen(self, message_hash: str, source: str, key: str) -> Any:
        return self.listen(message_hash, {"source": source, "account": self.main_account()}, key)

    def also(self, source: str, key: str) -> None:
        """Subscribe a channel that nobody waits for by name."""
        client = self.client(self.ws_url())
        if key not in client.subscriptions:
            asyncio.ensure_future(self.account_listen(key, source, key)).add_done_callback(_look)

    def tell(self, client: Any, name: str, cache: Any, symbols: Any) -> None:
        for symbol in sorted(symbols):
            client.resolve(cache, f"{name}:{symbol}")
        if symbols:
            client.resolve(cache, name)

    # --- orders -----------------------------------------------------------------------------------------------------------------------

    async def watch_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """Every change of own orders; what is open already comes first."""
        await self.load_markets()
        name = None if symbol is None else self.market(symbol)["symbol"]
        waiting = self.account_listen(ORDERS if name is None else f"{ORDERS}:{name}", "account_order_updates", ORDERS)
        self.also("account_orders", OPEN_ORDERS)
        return await self.handed_out(waiting, name, since, limit)

    def take_order(self, order: Order) -> bool:
        """Into the cache, unless what is there is newer: REST and stream may overtake each other."""
        cache = self.order_cache()
        known = cache.hashmap.get(order["symbol"], {}).get(order["id"])
        if known is not None and not _newer(order, known):
            return False
        cache.append(order)
        return True

    def handle_order(self, client: Any, message: Any) -> None:
        changed = set()
        rows = sorted(message.get("data") or [], key=lambda row: row.get("li") or 0)
        for order in self.readable_rows(client, ORDERS, self.parse_order, rows):
            if self.take_order(order):
                changed.add(order["symbol"])
            self.expect_fills(order)
        if ORDERS in client.subscriptions:
            self.tell(client, ORDERS, self.order_cache(), changed)

    def handle_open_orders(self, client: Any, message: Any) -> None:
        """A picture of all open orders: what it has and we have not is news, what we have and it has not is looked into."""
        client.confirm(OPEN_ORDERS)
        rows = message.get("data") or []
        listed, changed = {str(row.get("i")) for row in rows}, set()
        for order in self.readable_rows(client, ORDERS, self.parse_order, rows):
            if order["id"] not in self.order_cache().hashmap.get(order["symbol"], {}) and self.take_order(order):
                changed.add(order["symbol"])
        for order in list(self.order_cache()):
            if order["status"] == "open" and order["id"] not in listed:
                self._look_into(f"order {order['id']}", self._find_end, client, order)
        self.tell(client, ORDERS, self.order_cache(), changed)

    def _look_into(self, what: str, *asked: Any) -> None:
        """Later, and once more when it is asked for again meanwhile: an answer that was on its way then may not have it yet."""
        running = what in self._checking
        self._checking[what] = asked
        if not running:
            self.spawn(self._checked, what)

    async def _checked(self, what: str) -> None:
        failures = 0
        try:
            while failures < len(PATIENCE):
                await asyncio.sleep(PATIENCE[failures])
                asked = self._checking[what]
                try:
                    await asked[0](*asked[1:])
                except errors.BaseError as error:
                    self.logger.info("%s %s: %s", self.id, what, type(error).__name__)
                    failures += 1
                    continue
                if self._checking[what] is asked:
                    return
        finally:
            self._checking.pop(what, None)

    async def _find_end(self, client: Any, order: Order) -> None:
        known = self.order_cache().hashmap.get(order["symbol"], {}).get(order["id"])
        if known is None or known["status"] != "open":
            return
        latest = await self.fetch_order(order["id"], order["symbol"])
        if latest["status"] != "open" and self.take_order(latest):
            self.tell(client, ORDERS, self.order_cache(), {latest["symbol"]})

    async def un_watch_orders(self, symbol: str | None = None, params: Params = NONE) -> Any:
        """Leave the stream of orders; one channel serves all markets."""
        self._refuse_symbol(symbol)
        self.leave(ORDERS)
        self.leave(OPEN_ORDERS)
        self.orders = None
        return True

    def _refuse_symbol(self, symbol: str | None) -> None:
        if symbol is not None:
            raise errors.NotSupported(f"{self.id} one channel serves all markets: unwatch without a symbol")

    # --- fills ------------------------------------------------------------------------------------------------------------------------

    async def watch_my_trades(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """Own fills, each once."""
        await self.load_markets()
        name = None if symbol is None else self.market(symbol)["symbol"]
        self._fills_since = self._fills_since or self.server_milliseconds()
        waiting = self.account_listen(FILLS if name is None else f"{FILLS}:{name}", "account_trades", FILLS)
        if ORDERS not in self.client(self.ws_url()).subscriptions:
            self.also("account_order_updates", ORDERS)
        return await self.handed_out(waiting, name, since, limit)

    def handle_my_trades(self, client: Any, message: Any) -> None:
        rows = sorted(message.get("data") or [], key=lambda row: row.get("h") or 0)
        self.take_fills(client, self.readable_rows(client, FILLS, lambda row: self.pure(self.parse_ws_trade, row), rows))

    def take_fills(self, client: Any, trades: list[Any]) -> None:
        cache, changed = self.fill_cache(), set()
        for trade in trades:
            if trade["id"] not in cache.hashmap.get(trade["symbol"], {}):
                cache.append(trade)
                changed.add(trade["symbol"])
        self.tell(client, FILLS, cache, changed)

    async def settled(self, order: Order, plan: orders.Plan, params: Params) -> Order:
        """As in `Trading`; what was filled comes over the stream of fills too, if that is watched."""
        found = await super().settled(order, plan, params)
        self.expect_fills(found)
        return found

    def expect_fills(self, order: Order) -> None:
        """Fills of an order that says it has them are read by REST when they do not come in time."""
        client = (self.clients or {}).get(self.ws_url())
        if client is not None and FILLS in client.subscriptions and order["filled"] and self._missing(order):
            self._look_into(f"fills {order['id']}", self._find_fills, client, order)

    def _missing(self, order: Order) -> bool:
        """Whether the fills that came do not add up to what the order says is filled."""
        mine = (Decimal(str(row["amount"])) for row in self.fill_cache() if row["order"] == order["id"])
        return sum(mine, Decimal(0)) < Decimal(str(order["filled"])) and (order["lastUpdateTimestamp"] or 0) >= self._fills_since

    async def _find_fills(self, client: Any, order: Order) -> None:
        if self._missing(order):
            rows = await self.fill_rows(order["symbol"], max(self._fills_since, fills.begun(order) or 0), None, NONE)
            self.take_fills(client, self.parse_trades(rows))

    async def un_watch_my_trades(self, symbol: str | None = None, params: Params = NONE) -> Any:
        """Leave the stream of fills; one channel serves all markets."""
        self._refuse_symbol(symbol)
        self.leave(FILLS)
        self.myTrades = None
        return True

    # --- positions --------------------------------------------------------------------------------------------------------------------

    async def watch_positions(self, symbols: Any = None, since: int | None = None, limit: int | None = None, params: Params = NONE) -> Any:
        """Changed positions with liquidation price; a closed one comes with 0 contracts. The mark price is that of the price stream, if watched."""
        await self.load_markets()

        async def rows() -> Any:
            waiting = self.account_listen(POSITIONS, "account_positions", POSITIONS)
            if self._settings is None:
                self._settings = await self.settings()
                self.also("account_leverage", LEVERAGE)
                self.also("account_margin", MARGIN)
            return await waiting

        return await self.changed_positions(rows, symbols, since, limit)

    def handle_positions(self, client: Any, message: Any) -> None:
        """Every frame shows all positions: one that is missing was closed."""
        client.confirm(POSITIONS)
        at, changed = message.get("li") or 0, []
        if at and at < client.__dict__.get("positions_li", 0):
            return
        client.positions_li = at
        rows = message.get("data") or []
        seen = {self.safe_market(str(row.get("s")))["symbol"] for row in rows if row.get("a") is None or float(row["a"])}
        for position in self.readable_rows(client, POSITIONS, self._streamed_position, rows):
            if position["contracts"]:
                changed += self._changed(position)
        for symbol in list(self.position_cache().hashmap):
            known = self.last_position(symbol)
            if symbol not in seen and known is not None and known["contracts"]:
                now = self.server_milliseconds()
                gone: Row = {
                    "contracts": 0.0,
                    "notional": 0.0,
                    "unrealizedPnl": 0.0,
                    "collateral": 0.0,
                    "percentage": 0.0,
                    **dict.fromkeys(VALUED),
                }
                changed += self._changed({**known, **gone, "timestamp": now, "datetime": self.iso8601(now), "info": {}})
        if changed:
            client.resolve(Events(changed), POSITIONS)

    def _streamed_position(self, row: Row) -> Any:
        market = self.safe_market(str(row.get("s")))
        mark = (self.tickers.get(market["symbol"]) or {}).get("markPrice")
        return self.unified_position(row, mark, (self._settings or {}).get(str(row.get("s"))))

    def _changed(self, position: Any) -> list[Any]:
        known = self.last_position(position["symbol"])
        told = ("side", "contracts", "entryPrice", "collateral", "marginMode", "liquidationPrice")
        same = known is not None and all(known[name] == position[name] for name in told)
        other = None if known is None or known["side"] == position["side"] else known["side"]
        if other is not None:
            self.position_cache().hashmap[position["symbol"]].pop(other, None)
        self.position_cache().append(dict(position))  # which the next change updates in place
        return [] if same else [position]

    def with_liquidation(self, position: Any) -> Any:
        known = self.last_position(position["symbol"]) if self.positions is not None else None
        if known is None or (known["side"], known["contracts"], known["entryPrice"]) != tuple(
            position[name] for name in ("side", "contracts", "entryPrice")
        ):
            return position
        return {**position, "liquidationPrice": known["liquidationPrice"]}

    def handle_setting(self, client: Any, message: Any) -> None:
        """account_leverage and account_margin: what changed of one market's settings."""
        data = message["data"]
        if self._settings is not None and data.get("s"):
            row = self._settings.setdefault(data["s"], {"symbol": data["s"]})
            row |= {"leverage": data["l"]} if message["channel"] == "account_leverage" else {"isolated": data.get("i")}
            self._revalue(client, self.market_of(data["s"]), row)

    def _revalue(self, client: Any, market: Any, setting: Row) -> None:
        """A position that is held is told again with the new setting: no frame of the positions comes for it."""
        known = self.last_position(market["symbol"]) if market is not None and self.positions is not None else None
        if known is not None and known["contracts"]:
            position = self.unified_position(known["info"], known["markPrice"], setting)
            self.position_cache().append(dict(position))
            client.resolve(Events([position]), POSITIONS)

    async def un_watch_positions(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Leave the stream of positions; one channel serves all markets."""
        for key in (POSITIONS, LEVERAGE, MARGIN):
            self.leave(key)
        self.positions = self._settings = None
        return True

    # --- balance ----------------------------------------------------------------------------------------------------------------------

    async def watch_balance(self, params: Params = NONE) -> Any:
        """The balance after each change. Frames say nothing of spot assets: an account that has some is read by REST when they come."""
        await self.load_markets()
        client = self.client(self.ws_url())
        first = BALANCE not in client.subscriptions
        waiting = self.account_listen(BALANCE, "account_info", BALANCE)
        if first:
            await self.note_balance()
        return await waiting

    async def note_balance(self) -> None:
        row = await self.account_row()
        self._spot_value = Decimal(str(row.get("spot_market_value") or 0)) if row.get("spot_balances") else Decimal(0)
        self.balance = self.parse_balance(row)

    def handle_balance(self, client: Any, message: Any) -> None:
        data = message["data"]
        if self._spot_value or not self.balance:
            self._balance_wanted = True
            if not self._balance_reading:
                self._balance_reading = True
                self.spawn(self._read_balance, client)
            return
        names = {"account_equity": "ae", "available_to_spend": "as", "balance": "b", "total_margin_used": "mu", "updated_at": "t"}
        row = {name: data.get(short) for name, short in names.items()}
        self.balance = {**self.parse_balance(row), "info": data}
        client.resolve(self.balance, BALANCE)

    async def _read_balance(self, client: Any) -> None:
        try:
            while self._balance_wanted:
                self._balance_wanted = False
                await self.note_balance()
                client.resolve(self.balance, BALANCE)
        except errors.BaseError as error:
            client.reject(error, BALANCE)
        finally:
            self._balance_reading = False

    # --- after a gap ------------------------------------------------------------------------------------------------------------------

    async def after_reconnect(self, client: Any) -> None:
        """Positions and open orders come as snapshots; ended orders, fills and the balance are read by REST, once their channels are there again."""
        topics = client.subscriptions
        if ORDERS in topics:
            await self._catch_up_orders(client)
        if FILLS in topics:
            since = self.unread_since(client, self._fills_since)
            self.take_fills(client, self.parse_trades(await self.fill_rows(None, since, None, NONE)))
        if BALANCE in topics:
            await self.note_balance()
            client.resolve(self.balance, BALANCE)

    def handle_subscribed(self, client: Any, message: Any) -> None:
        """The venue's word that a channel is there."""
        client.confirm(SOURCES.get(str((message.get("data") or {}).get("source")), ""))

    async def _catch_up_orders(self, client: Any) -> None:
        latest = await self.fetch_open_orders()
        listed = {order["id"] for order in latest}
        latest += await self.ended_meanwhile(listed, self.fetch_order)
        self.tell(client, ORDERS, self.order_cache(), {order["symbol"] for order in latest if self.take_order(order)})


def _newer(order: Order, known: Order) -> bool:
    """Whether news about an order is news: later, or further on. An order that is done stays done."""
    if known["status"] != "open":
        return False
    if order["status"] != "open":
        return True
    stamps = [(row["lastUpdateTimestamp"] or 0, row["filled"] or 0) for row in (order, known)]
    return stamps[0] > stamps[1] or (stamps[0] == stamps[1] and parsing.stamp(known["timestamp"]) != order["timestamp"])


def _look(future: asyncio.Future[Any]) -> None:
    """Somebody has looked at the exception."""
    if not future.cancelled():
        future.exception()
