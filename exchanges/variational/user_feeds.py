"""Streams of the account. Events are hints without a snapshot, and gaps cannot be seen: what is handed out is read by REST whenever one
comes, after every reconnect, and every few seconds besides. Positions and balance come whole, several times a second.
"""

from __future__ import annotations

import asyncio
from typing import Any

from ccxt_dex._ccxt import ArrayCacheBySymbolById, errors
from ccxt_dex.exchanges.variational import parsing, streams
from ccxt_dex.exchanges.variational.feeds import Feeds
from ccxt_dex.exchanges.variational.room import NONE, Params
from ccxt_dex.exchanges.variational.trading import Trading
from ccxt_dex.streams import Events

LISTS = ("orders", "myTrades")
WAIT_FOR_MORE = 0.03
"""events of one fill come together: seconds to wait for the others before the list is read"""


class UserFeeds(Trading, Feeds):
    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._readers: dict[str, Any] = {}
        self._told: dict[str, tuple[Any, ...]] = {}
        self._last_balance: dict[str, Any] | None = None
        self._began: dict[str, int] = {}
        self._booking: list[int] = []
        self._base: dict[str, Any] = {}
        self._ws_refused = 0

    async def private_topic(self, path: str, key: str, suffix: str = "") -> Any:
        """An awaitable for the next result of one of the account's topics; signs in with the first."""
        session = await self.live_session()
        return self.watch(self.socket(path), key + suffix, {"claims": session.token}, streams.CLAIMS)

    def refused(self, client: Any, text: str) -> None:
        """The socket does not want our token: once more with a new one, then the caller hears of it."""
        error = errors.AuthenticationError(f"{self.id} {text}")
        self._ws_refused += 1
        if self._ws_refused > 2 or not self.privateKey:
            for message_hash in list(client.futures):
                client.reject(error, message_hash)
            client.subscriptions.pop(streams.CLAIMS, None)
            return
        self.forget_token()
        client.lost(errors.NetworkError(str(error)))

    # --- orders and fills: read by REST when there is a hint ----------------------------------------------------------------------------

    async def watch_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """Every change of own orders, of one market or of all."""
        await self.load_markets()
        return await self.watch_list("orders", symbol, since, limit)

    async def watch_my_trades(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """Own fills, each once, when they are final."""
        await self.load_markets()
        return await self.watch_list("myTrades", symbol, since, limit)

    async def watch_list(self, name: str, symbol: str | None, since: int | None, limit: int | None) -> Any:
        wanted = None if symbol is None else self.market(symbol)["symbol"]
        if name not in self._began:
            self._began[name] = self.server_milliseconds()
            await self.note_orders() if name == "orders" else None
        future = await self.private_topic(streams.EVENTS, name, "" if wanted is None else f":{wanted}")
        self.keep_reading(name)
        found = await future
        if self.newUpdates:
            limit = found.getLimit(wanted, limit)
        return self.filter_by_symbol_since_limit(found, wanted, since, limit, True)

    async def note_orders(self) -> None:
        """What is pending when the watching begins: not handed out, but its end will be."""
        for row in await self.pages("private_get_orders_v2", {"status": "pending"}, limit=20 * 100):
            self._told[str(row.get("rfq_id"))] = self.state_of(row)

    def cache(self, name: str) -> Any:
        found = getattr(self, name)
        if found is None:
            found = ArrayCacheBySymbolById(self.safe_integer(self.options, "ordersLimit" if name == "orders" else "tradesLimit", 1000))
            setattr(self, name, found)
        return found

    def handle_event(self, client: Any, message: dict[str, Any]) -> None:
        self._ws_refused = 0
        if message.get("type") != "heartbeat":
            for reader in self._readers.values():
                reader["wanted"].set()

    def keep_reading(self, name: str) -> None:
        """One reader per list and loop, which ends with the connection's owner."""
        loop = asyncio.get_running_loop()
        reader = self._readers.get(name)
        if reader is None or reader["loop"] is not loop or reader["task"].done():
            reader = self._readers[name] = {"loop": loop, "wanted": asyncio.Event(), "task": None}
            reader["task"] = loop.create_task(self.read_on(name, reader["wanted"]))
            self._tasks.add(reader["task"])
            reader["task"].add_done_callback(self._tasks.discard)

    async def read_on(self, name: str, wanted: asyncio.Event) -> None:
        while True:
            pause = float(self.options.get("readSeconds", 5.0))
            try:
                await asyncio.wait_for(wanted.wait(), pause)
                await asyncio.sleep(WAIT_FOR_MORE)
            except asyncio.TimeoutError:
                pass
            client = (self.clients or {}).get(self.socket(streams.EVENTS))
            if client is None or streams.CLAIMS not in client.subscriptions:
                self._readers.pop(name, None)
                return
            wanted.clear()
            try:
                await self.read_list(name, client)
            except errors.OperationFailed as error:
                self.logger.info("%s %s could not be read: %s", self.id, name, type(error).__name__)
                await asyncio.sleep(min(pause, 0.5))
                wanted.set()
            except Exception as error:  # whatever it is: nobody may wait for ever
                told = error if isinstance(error, errors.BaseError) else errors.ExchangeError(f"{self.id} {name}: {error!r}")
                for message_hash in [each for each in client.futures if each.partition(":")[0] == name]:
                    client.reject(told, message_hash)

    async def read_list(self, name: str, client: Any) -> None:
        if name == "orders":
            await self.read_orders(client)
        else:
            await self.read_fills(client)

    async def read_orders(self, client: Any) -> None:
        """The newest page, and whatever was pending and is not on it."""
        rows = await self.pages("private_get_orders_v2", {}, most=1)
        listed = {str(row.get("rfq_id")) for row in rows}
        for rfq_id in [each for each, state in self._told.items() if state[0] == "pending" and each not in listed]:
            row = await self.find_row(rfq_id)
            if row is not None:
                rows.append(row)
        for row in reversed(rows):
            self.take_order(client, row)

    @staticmethod
    def state_of(row: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(row.get(name) for name in ("status", "clearing_status", "price", "qty", "trigger_price", "limit_price"))

    def take_order(self, client: Any, row: dict[str, Any]) -> None:
        """Hands out an order whose state is news: made since the watching began, or seen in another state before."""
        rfq_id, state = str(row.get("rfq_id")), self.state_of(row)
        known = self._told.get(rfq_id)
        if known == state or (known is not None and known[0] != "pending"):
            return
        made = parsing.when(row.get("created_at")) or 0
        if known is None and made < self._began.get("orders", 0) - 2000 and row.get("status") != "pending":
            return
        self._told[rfq_id] = state
        order = self.parse_order(row)
        self.tell(client, "orders", order)

    def tell(self, client: Any, name: str, item: Any) -> None:
        cache = self.cache(name)
        cache.append(item)
        client.resolve(cache, name)
        client.resolve(cache, f"{name}:{item['symbol']}")

    def tell_order(self, raw: dict[str, Any]) -> None:
        """An order of ours that was just read: the venue has no event for an order that rests."""
        client = (self.clients or {}).get(self.socket(streams.EVENTS))
        if client is not None and "orders" in self._began and streams.CLAIMS in client.subscriptions and client.state == "open":
            self.take_order(client, raw)

    async def read_fills(self, client: Any) -> None:
        cache = self.cache("myTrades")
        newest = max((row["timestamp"] or 0 for row in cache), default=0)
        since = max(newest, self._began["myTrades"]) - 10_000
        rows = await self.pages("private_get_trades", {}, min([since, *self._booking]))
        # what is still being booked becomes a fill later, but keeps its stamp: it is read again until then
        self._booking = [parsing.when(row.get("created_at")) or since for row in rows if parsing.is_booking(row)]
        for row in reversed(rows):
            if not parsing.is_fill(row) or (parsing.when(row.get("created_at")) or 0) < self._began["myTrades"] - 2000:
                continue
            trade = self.parse_trade(row)
            if trade["id"] not in cache.hashmap.get(trade["symbol"], {}):
                self.tell(client, "myTrades", trade)

    # --- positions and balance ----------------------------------------------------------------------------------------------------------

    async def watch_positions(self, symbols: Any = None, since: int | None = None, limit: int | None = None, params: Params = NONE) -> Any:
        """Changed positions; a closed one comes with 0 contracts. Frames are merged over what REST said, because they may lack fields."""
        await self.load_markets()
        names = self.market_symbols(symbols)
        while True:
            future = await self.private_topic(streams.PORTFOLIO, "positions")
            if not self._base:
                await self.note_positions()
            changed = await future
            rows = [row for row in changed if names is None or row["symbol"] in names]
            if rows:
                return self.filter_by_symbols_since_limit(rows, names, since, limit, True)

    async def note_positions(self) -> None:
        rows = await self.fetch_positions()
        self._base = {
            "": None,
            **{str(row["info"].get("position_info", {}) and self.spell(row["info"]["position_info"])): row for row in rows},
        }

    def handle_portfolio(self, client: Any, message: dict[str, Any]) -> None:
        """`positions` is the account's whole list, `pool_portfolio_result` the balance; each may be missing."""
        self._ws_refused = 0
        rows = message.get("positions")
        if isinstance(rows, list) and self._base:
            changed = self.take_positions([row for row in rows if isinstance(row, dict)])
            if changed:
                client.resolve(Events(changed), "positions")
        if isinstance(message.get("pool_portfolio_result"), dict):
            self.take_balance(client, message["pool_portfolio_result"])

    def take_positions(self, rows: list[dict[str, Any]]) -> list[Any]:
        seen, changed = set(), []
        for row in rows:
            size = self.pure(parsing.position_size, row)
            key = self.spelled(row["position_info"], "position")  # passed over, its position would be taken for closed
            if not size:
                continue
            seen.add(key)
            base = self._base.get(key)
            merged = (
                row if base is None else {**base["info"], **row, "position_info": {**base["info"]["position_info"], **row["position_info"]}}
            )
            if base is not None and base["info"] == merged:
                continue
            leverage, mode = (None, None) if base is None else (base["leverage"], base["marginMode"])
            position = self.parse_position(merged, self.named(key), leverage, {} if mode == "isolated" else None)
            self._base[key] = position
            self.position_cache().append(dict(position))  # which the next change updates in place
            changed.append(position)
        for key in [each for each in self._base if each and each not in seen and self._base[each]["contracts"]]:
            changed.append(self.closed(key))
        return changed

    def closed(self, key: str) -> Any:
        """An instrument that is missing from the list is closed."""
        old = self._base.pop(key)
        stamp = self.milliseconds()
        gone = {**old, "contracts": 0.0, "notional": 0.0, "unrealizedPnl": 0.0, "timestamp": stamp, "datetime": self.iso8601(stamp)}
        gone |= dict.fromkeys(("liquidationPrice", "initialMargin", "maintenanceMargin", "collateral"))
        self.position_cache().append(dict(gone))
        return gone

    async def watch_balance(self, params: Params = NONE) -> Any:
        """The balance after each change. Free money follows from balance, unrealized PnL and margin in use, as the frames have them."""
        await self.load_markets()
        return await (await self.private_topic(streams.PORTFOLIO, "balance"))

    def take_balance(self, client: Any, raw: dict[str, Any]) -> None:
        found = self.parse_balance(raw)
        told = {name: value for name, value in found.items() if name != "info"}
        if self._last_balance != told:
            self._last_balance = told
            self.balance = found
            client.resolve(found, "balance")

    # --- after a loss -------------------------------------------------------------------------------------------------------------------

    async def after_reconnect(self, client: Any) -> None:
        """What was missed is read before anything is handed out."""
        if client.url == self.socket(streams.EVENTS):
            for name in LISTS:
                if name in self._began:
                    await self.read_list(name, client)
        elif client.url == self.socket(streams.PORTFOLIO) and self._base:
            rows = self.pure(parsing.rows, await self.call("private_get_positions"))
            changed = self.take_positions(rows)
            if changed:
                client.resolve(Events(changed), "positions")
