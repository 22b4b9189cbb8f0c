"""Streams of the account. Page: docs.backpack.exchange "Streams", Private.

Orders and fills come over account.orderUpdate, positions over account.positionUpdate; what a balance is after them is read by REST, for the
venue publishes no stream of balances.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

from ccxt_dex import signers
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.backpack import parsing, signing
from ccxt_dex.exchanges.backpack.feeds import Feeds
from ccxt_dex.exchanges.backpack.history import Order
from ccxt_dex.exchanges.backpack.room import NONE, Params, Row
from ccxt_dex.exchanges.backpack.strategies import Strategies
from ccxt_dex.streams import Events

ORDERS, FILLS, POSITIONS, BALANCE = "orders", "myTrades", "positions", "balance"
ORDER_STREAM, POSITION_STREAM = "account.orderUpdate", "account.positionUpdate"
# seconds that the stream gets to deliver the fills of which another answer tells, and pauses after looks that failed
PATIENCE = (0.4, 1.0, 2.0, 4.0)
CLOSED = ("notional", "unrealizedPnl", "collateral", "percentage", "initialMargin", "maintenanceMargin")


class UserFeeds(Strategies, Feeds):
    """Part of the room."""

    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._limit: Any = None
        self._fills_since = 0
        self._balance_wanted = self._balance_reading = False
        self._checking: dict[str, Order] = {}

    async def private_message(self, method: str, params: list[str]) -> Row:
        """A subscription of account streams, signed now."""
        made, timestamp, window = self.key(), self.server_milliseconds(), self.window()
        signature = await signers.result(made.sign(signing.message("subscribe", {}, timestamp, window)))
        return {"method": method, "params": params, "signature": [self.apiKey, signing.encode(signature), str(timestamp), str(window)]}

    async def account_listen(self, message_hash: str, stream: str, key: str) -> Any:
        """The next result of an account stream; one connection carries one subscription of each."""
        client = (self.clients or {}).get(self.ws_url())
        message: Row = {"method": "SUBSCRIBE", "params": [stream], "signature": []}
        if client is None or key not in client.subscriptions:
            message = await self.private_message("SUBSCRIBE", [stream])
        return await self.watch(self.ws_url(), message_hash, message, key)

    def tell(self, client: Any, name: str, cache: Any, symbols: Any) -> None:
        for symbol in sorted(symbols):
            client.resolve(cache, f"{name}:{symbol}")
        if symbols:
            client.resolve(cache, name)

    def _one_stream(self, symbol: str | None) -> None:
        if symbol is not None:
            raise errors.NotSupported(f"{self.id} one stream serves all markets: unwatch without a symbol")

    # --- orders and fills ---------------------------------------------------------------------------------------------------------------

    async def _own(self, name: str, symbol: str | None, since: int | None, limit: int | None) -> Any:
        await self.load_markets()
        unified = None if symbol is None else self._venue_market(symbol)["symbol"]
        self._fills_since = self._fills_since or self.server_milliseconds()
        waiting = self.account_listen(name if unified is None else f"{name}:{unified}", ORDER_STREAM, ORDERS)
        return await self.handed_out(waiting, unified, since, limit)

    async def watch_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """Every change of own orders, with the fee of what was filled while they were watched."""
        return await self._own(ORDERS, symbol, since, limit)

    async def watch_my_trades(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """Own fills, each once."""
        return await self._own(FILLS, symbol, since, limit)

    async def watch_orders_for_symbols(
        self, symbols: list[str], since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """The next change of an order in any of the markets."""
        return await self.first_of([self.watch_orders(symbol, since, limit, params) for symbol in symbols])

    async def watch_my_trades_for_symbols(
        self, symbols: list[str], since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """The next fill in any of the markets."""
        return await self.first_of([self.watch_my_trades(symbol, since, limit, params) for symbol in symbols])

    def take_order(self, order: Order) -> bool:
        """Into the cache, unless what is there is newer: REST and stream may overtake each other."""
        cache = self.order_cache()
        known = cache.hashmap.get(order["symbol"], {}).get(order["id"])
        if known is not None:
            if not _newer(order, known):
                return False
            order = {**order, **{name: known[name] for name in ("timestamp", "datetime", "fee") if order[name] is None}}
        cache.append(order)
        return True

    def handle_order(self, client: Any, message: Any) -> None:
        client.confirm(ORDERS)
        data = message["data"]
        for order in self.readable_rows(client, ORDERS, lambda row: self.pure(self.parse_order, row), [data]):
            if data.get("e") == "orderFill":
                self._take_fill(client, data, order)
            if self.take_order(order):
                self.tell(client, ORDERS, self.order_cache(), {order["symbol"]})
            self.expect_fills(order)
        self.balance_changed(client)

    def _accepted(self, row: Row, symbol: str) -> Order:
        order = super()._accepted(row, symbol)
        self.expect_fills(order)
        return order

    def expect_fills(self, order: Order) -> None:
        """What an order says is filled comes over the stream too; fills that do not come in time are read by REST."""
        client = (self.clients or {}).get(self.ws_url())
        if client is None or ORDERS not in client.subscriptions or not self._missing(order):
            return
        known = self._checking.get(order["id"])
        if known is None or known["filled"] < order["filled"]:
            self._checking[order["id"]] = order
        if known is None:
            self.spawn(self._find_fills, client, order["id"])

    def _missing(self, order: Order) -> bool:
        if not order["filled"] or (order["lastUpdateTimestamp"] or order["timestamp"] or 0) < self._fills_since:
            return False
        mine = (Decimal(str(row["amount"])) for row in self.fill_cache() if row["order"] == order["id"])
        return sum(mine, Decimal(0)) < Decimal(str(order["filled"]))

    async def _find_fills(self, client: Any, order_id: str) -> None:
        """Until what the order said last has come: an answer that was on its way when it said more does not have it."""
        failures = 0
        try:
            while failures < len(PATIENCE):
                await asyncio.sleep(PATIENCE[failures])
                order = self._checking[order_id]
                try:
                    await self._read_fills(client, order)
                except errors.BaseError as error:
                    self.logger.info("%s fills of order %s: %s", self.id, order_id, type(error).__name__)
                    failures += 1
                    continue
                if self._checking[order_id] is order:
                    return
        finally:
            self._checking.pop(order_id, None)

    async def _read_fills(self, client: Any, order: Order) -> None:
        if self._missing(order):
            self.take_fills(client, await self.fetch_order_trades(order["id"], order["symbol"]))
            latest = await self.fetch_order(order["id"], order["symbol"])
            if self.take_order(latest):
                self.tell(client, ORDERS, self.order_cache(), {latest["symbol"]})

    def _take_fill(self, client: Any, data: Row, order: Order) -> None:
        market = self.market(order["symbol"])
        row = self.pure(parsing.fill, data)
        fee = row["fee"]
        if fee is not None:
            fee = {"cost": fee["cost"], "currency": self.safe_currency_code(fee["currency"])}
        more = {"symbol": order["symbol"], "datetime": self.iso8601(row["timestamp"]), "type": order["type"], "info": data}
        trade = self.safe_trade({**row, **more, "fee": fee}, market)
        if trade["id"] in self.fill_cache().hashmap.get(order["symbol"], {}):
            return
        if fee is not None:
            order["fee"] = self._fee_so_far(order, fee)
        self.take_fills(client, [trade])

    def _fee_so_far(self, order: Order, fee: Row) -> Row:
        known = (self.order_cache().hashmap.get(order["symbol"], {}).get(order["id"]) or {}).get("fee")
        before = Decimal(str(known["cost"])) if known and known["currency"] == fee["currency"] else Decimal(0)
        return {"cost": float(before + Decimal(str(fee["cost"]))), "currency": fee["currency"]}

    def take_fills(self, client: Any, trades: list[Any]) -> None:
        cache, changed = self.fill_cache(), set()
        for trade in trades:
            if trade["id"] not in cache.hashmap.get(trade["symbol"], {}):
                cache.append(trade)
                changed.add(trade["symbol"])
        self.tell(client, FILLS, cache, changed)

    async def un_watch_orders(self, symbol: str | None = None, params: Params = NONE) -> Any:
        """Leave the stream of orders, which fills share."""
        self._one_stream(symbol)
        self.leave(ORDERS)
        self.orders = self.myTrades = None
        return True

    async def un_watch_my_trades(self, symbol: str | None = None, params: Params = NONE) -> Any:
        """Leave the stream of fills, which orders share."""
        return await self.un_watch_orders(symbol, params)

    # --- positions --------------------------------------------------------------------------------------------------------------------

    async def watch_positions(self, symbols: Any = None, since: int | None = None, limit: int | None = None, params: Params = NONE) -> Any:
        """Changed positions, the open ones first; a closed one comes with 0 contracts. Frames have no liquidation price."""
        await self.load_markets()
        if self._limit is None:
            self._limit = (await self.account_row()).get("leverageLimit")
        return await self.changed_positions(lambda: self.account_listen(POSITIONS, POSITION_STREAM, POSITIONS), symbols, since, limit)

    async def set_leverage(self, leverage: Any, symbol: str | None = None, params: Params = NONE) -> Any:
        """As in `Account`; streamed positions learn of it."""
        found = await super().set_leverage(leverage, symbol, params)
        self._limit = found["leverage"]
        return found

    def handle_positions(self, client: Any, message: Any) -> None:
        """The picture of what is open on subscribing has no `e`; it comes as one frame each, or as a list."""
        client.confirm(POSITIONS)
        data = message["data"]
        rows = data if isinstance(data, list) else [data]
        self.take_positions(client, self.readable_rows(client, POSITIONS, lambda row: self.unified_position(row, self._limit), rows))
        self.balance_changed(client)

    def take_positions(self, client: Any, rows: list[Any]) -> None:
        changed = []
        for position in rows:
            known = self.last_position(position["symbol"])
            if not position["contracts"]:
                if known is None or not known["contracts"]:
                    continue
                nothing = dict.fromkeys(CLOSED, 0.0)
                position = {**position, **nothing, "side": known["side"], "contracts": 0.0, "liquidationPrice": None}
            other = None if known is None or known["side"] == position["side"] else known["side"]
            if other is not None:
                self.position_cache().hashmap[position["symbol"]].pop(other, None)
            self.position_cache().append(dict(position))  # which the next change updates in place
            changed.append(position)
        if changed:
            client.resolve(Events(changed), POSITIONS)

    async def un_watch_positions(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Leave the stream of positions; one stream serves all markets."""
        self.leave(POSITIONS)
        self.positions = None
        return True

    # --- balance ----------------------------------------------------------------------------------------------------------------------

    async def watch_balance(self, params: Params = NONE) -> Any:
        """The balance after each change of an order or position, read by REST."""
        await self.load_markets()
        client = self.client(self.ws_url())
        if POSITIONS not in client.subscriptions:
            message = await self.private_message("SUBSCRIBE", [POSITION_STREAM])
            _forget(self.watch(self.ws_url(), POSITIONS, message, POSITIONS))
        return await self.account_listen(BALANCE, ORDER_STREAM, ORDERS)

    def balance_changed(self, client: Any) -> None:
        """Read the balance again, when somebody waits for it."""
        if BALANCE not in client.futures:
            return
        self._balance_wanted = True
        if not self._balance_reading:
            self._balance_reading = True
            self.spawn(self._read_balance, client)

    async def _read_balance(self, client: Any) -> None:
        try:
            while self._balance_wanted:
                self._balance_wanted = False
                self.balance = await self.fetch_balance()
            client.resolve(self.balance, BALANCE)
        except errors.BaseError as error:
            client.reject(error, BALANCE)
        finally:
            self._balance_reading = False

    async def un_watch_balance(self, params: Params = NONE) -> Any:
        """Leave the streams of orders and positions."""
        self.leave(POSITIONS)
        return await self.un_watch_orders()

    # --- after a gap ------------------------------------------------------------------------------------------------------------------

    async def after_reconnect(self, client: Any) -> None:
        """Orders, fills, positions and the balance are read by REST: the streams have no pictures of them, positions excepted."""
        if ORDERS in client.subscriptions:
            self.take_fills(client, await self.fetch_my_trades(None, self.unread_since(client, self._fills_since)))
            await self._catch_up_orders(client)
        if POSITIONS in client.subscriptions:
            await self._catch_up_positions(client)
        if BALANCE in client.futures:
            self.balance = await self.fetch_balance()
            client.resolve(self.balance, BALANCE)

    async def _catch_up_orders(self, client: Any) -> None:
        latest = await self.fetch_open_orders()
        listed = {order["id"] for order in latest}
        latest += await self.ended_meanwhile(listed, self.fetch_order)
        self.tell(client, ORDERS, self.order_cache(), {order["symbol"] for order in latest if self.take_order(order)})

    async def _catch_up_positions(self, client: Any) -> None:
        rows = await self.fetch_positions()
        held, now = {row["symbol"] for row in rows}, self.server_milliseconds()
        gone = [row for symbol in list(self.position_cache().hashmap) if symbol not in held and (row := self.last_position(symbol))]
        self.take_positions(client, [*rows, *({**row, "contracts": 0.0, "timestamp": now, "datetime": self.iso8601(now)} for row in gone)])


def _newer(order: Order, known: Order) -> bool:
    """Whether news about an order is news: it is done, or further on. An order that is done stays done."""
    if known["status"] != "open":
        return False
    if order["status"] != "open" or (order["filled"] or 0) != (known["filled"] or 0):
        return order["status"] != "open" or (order["filled"] or 0) > (known["filled"] or 0)
    told = ("price", "amount", "triggerPrice", "lastUpdateTimestamp")
    return any(order[name] != known[name] for name in told) and order["lastUpdateTimestamp"] is not None


def _forget(waiting: Any) -> None:
    """Nobody waits for this one by name; its exception counts as looked at."""
    asyncio.ensure_future(waiting).add_done_callback(lambda future: None if future.cancelled() else future.exception())
