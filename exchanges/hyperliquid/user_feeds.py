"""Streams of the account. Page: .../api/websocket/subscriptions

orderUpdates has no snapshot: what was missed is read over REST after every reconnect. userFills begins with one, and each fill says what the
position was before it, so that a missing one shows. Account states are snapshots of everything, closed positions are told by comparing.
"""

from __future__ import annotations

import asyncio
import functools
from collections import OrderedDict
from decimal import Decimal
from typing import Any

from ccxt_dex import fills
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.hyperliquid.feeds import Feeds
from ccxt_dex.exchanges.hyperliquid.orders import Plan
from ccxt_dex.exchanges.hyperliquid.room import NONE, Params

FACTS = ("type", "timeInForce", "postOnly", "reduceOnly", "triggerPrice", "stopLossPrice", "takeProfitPrice")
FINAL = ("closed", "canceled", "rejected", "expired")
LAST_KNOWN = ("side", "markPrice", "entryPrice", "leverage", "marginMode")
"""what a position that is gone still says"""
KNOWN_FILLS = 20_000
OVERLAP = 5_000
"""ms before the last frame from which orders are read again: for the clocks"""
REFILL_PAUSE = 2.0
"""seconds between two looks for fills that seem to be missing"""


class UserFeeds(Feeds):
    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._facts: OrderedDict[str, Params] = OrderedDict()
        self._orders_until = 0
        self._watched: str | None = None
        self._known_fills: OrderedDict[Any, None] = OrderedDict()
        self._fill_positions: dict[str, Decimal | None] = {}
        self._fills_from: int | None = None
        self._refilled = 0.0
        self._held: dict[str, Any] = {}
        self._over: dict[str, dict[str, Any]] = {}
        self._states: dict[str, Any] = {}

    def user_topic(self, kind: str, message_hash: str, address: str, **fields: Any) -> Any:
        """The next result of a stream of an account.

        :raises NotSupported: another account's streams are open here: what they tell would be mixed up
        """
        self._watched = self._watched or address
        if address != self._watched:
            raise errors.NotSupported(f"{self.id} streams of one account per instance: this one watches {self._watched}, make another")
        return self.listen(message_hash, f"{kind}:{address}", {"type": kind, "user": address, **fields})

    # --- orders ---------------------------------------------------------------------------------------------------------------------

    def remember_facts(self, key: Any, order: Any) -> None:
        """What orderUpdates does not say of an order."""
        if key and order.get("type") is not None:
            self._facts[str(key)] = {name: order.get(name) for name in FACTS}
            while len(self._facts) > 5000:
                self._facts.popitem(last=False)

    async def plan_order(self, row: Params) -> Plan:
        plan = await super().plan_order(row)
        sketch = self.placed_order(plan, {"word": "resting", "id": None})
        self.remember_facts(plan.main.get("c"), sketch)
        return plan

    def parse_order(self, order: Any, market: Any = None) -> Any:
        found = super().parse_order(order, market)
        raw = found["info"].get("order") or found["info"]
        raw = raw.get("order") or raw
        if found["type"] is not None:
            self.remember_facts(found["id"], found)
            return found
        known = self._facts.get(str(found["id"])) or self._facts.get(str(raw.get("cloid"))) or {}
        found.update((name, value) for name, value in known.items() if found.get(name) is None)
        return found

    async def watch_orders(self, symbol: Any = None, since: int | None = None, limit: int | None = None, params: Params = NONE) -> Any:
        """Every change of own orders on all dexes."""
        await self.load_markets()
        await self.check_role()
        address, _ = self.handle_public_address("watchOrders", params)
        self._orders_until = self._orders_until or self.server_milliseconds()
        name = self.unified_symbol(symbol)
        orders = self.user_topic("orderUpdates", "orders" if name is None else f"orders:{name}", address)
        rows: list[Any] = await self.handed_out(orders, name, since, limit)
        await self.complete(rows)
        return rows

    async def complete(self, rows: list[Any]) -> None:
        """Type and flags of orders that were placed elsewhere, by one look each."""
        for row in rows:
            if row["type"] is None and str(row["id"]) not in self._facts:
                try:
                    full = await self.fetch_order(row["id"], row["symbol"])
                except errors.BaseError:
                    continue
                row.update((name, full[name]) for name in FACTS)

    def handle_order(self, client: Any, message: Any) -> None:
        self.tell_orders(client, [order for _, order in self.each_read(message["data"], self.parse_order)])
        self._orders_until = self.server_milliseconds()

    def each_read(self, rows: list[Any], parse: Any) -> list[tuple[Any, Any]]:
        """(row, what it says) of those that can be read: one that cannot hides none of the others."""
        found = []
        for row in rows:
            try:
                found.append((row, self.pure(parse, row)))
            except errors.BaseError as error:
                self.logger.warning("%s a row of a stream cannot be read: %s", self.id, error)
        return found

    def tell_orders(self, client: Any, orders: list[Any]) -> None:
        cache = self.order_cache()
        changed = [order for order in orders if self.take_order(order)]
        for symbol in dict.fromkeys(order["symbol"] for order in changed):
            client.resolve(cache, f"orders:{symbol}")
        if changed:
            client.resolve(cache, "orders")

    def take_order(self, order: Any) -> bool:
        """Into the cache, unless what is there is newer or the same."""
        known = self.orders.hashmap.get(order["symbol"], {}).get(order["id"])
        if known is not None:
            if known["status"] in FINAL and order["status"] == "open":
                return False
            same = all(known.get(name) == order.get(name) for name in ("status", "filled", "amount", "price"))
            if same or (order["lastUpdateTimestamp"] or 0) < (known["lastUpdateTimestamp"] or 0):
                return False
        if self.myTrades and fills.needs_repair(order):
            order = fills.repair(order, [trade for trade in self.myTrades if trade["order"] == order["id"]])
        self.orders.append(order)
        return True

    # --- fills ------------------------------------------------------------------------------------------------------------------------

    async def watch_my_trades(self, symbol: Any = None, since: int | None = None, limit: int | None = None, params: Params = NONE) -> Any:
        """Own fills from the first call on, each once."""
        await self.load_markets()
        await self.check_role()
        address, _ = self.handle_public_address("watchMyTrades", params)
        if self._fills_from is None:
            self._fills_from = self.server_milliseconds() - 2000
        name = self.unified_symbol(symbol)
        trades = self.user_topic("userFills", "myTrades" if name is None else f"myTrades:{name}", address)
        return await self.handed_out(trades, name, since, limit)

    def handle_my_trades(self, client: Any, message: Any) -> None:
        data = message["data"]
        rows = data.get("fills") or []
        snapshot = bool(data.get("isSnapshot"))
        fresh = self.take_fills(client, rows, live=not snapshot)
        if snapshot:
            self._fill_positions.clear()
        elif self.hole_in(fresh):
            self.look_for_fills(client, str(data.get("user") or ""))
        self.note_positions(fresh)
        self.handle_my_liquidations(client, message)

    def read_fill(self, row: Any) -> Any:
        """A fill with all that it is told and remembered by."""
        trade = self.parse_trade(row)
        if (
            trade["symbol"] is None
            or trade["price"] is None
            or trade["amount"] is None
            or not isinstance(row["time"] + row["tid"] + row["oid"], int)
        ):
            raise ValueError(f"no fill: {str(row)[:200]}")
        return trade

    def take_fills(self, client: Any, rows: list[Any], live: bool = False) -> list[Any]:
        """Hands out the fills that were not seen yet; returns them.

        :param live: they are told as they happen: news whatever the clock says
        """
        cache, fresh, trades = self.fill_cache(), [], []
        unknown = [row for row in rows if (row.get("tid"), row.get("oid")) not in self._known_fills]
        for row, trade in sorted(self.each_read(unknown, self.read_fill), key=lambda pair: pair[0]["time"]):
            self._known_fills[(row["tid"], row["oid"])] = None
            if live or row["time"] >= (self._fills_from or 0):
                fresh.append(row)
                trades.append(trade)
        while len(self._known_fills) > KNOWN_FILLS:
            self._known_fills.popitem(last=False)
        for trade in trades:
            cache.append(trade)
        for symbol in dict.fromkeys(trade["symbol"] for trade in trades):
            client.resolve(cache, f"myTrades:{symbol}")
        if trades:
            client.resolve(cache, "myTrades")
        return fresh

    def by_coin(self, rows: list[Any]) -> dict[str, tuple[set[Decimal], set[Decimal]]]:
        """Per perpetual: positions before and after each fill."""
        found: dict[str, tuple[set[Decimal], set[Decimal]]] = {}
        for row in rows:
            market = self.coin_market(row["coin"])
            if market is None or not market["swap"] or row.get("startPosition") is None:
                continue
            before = Decimal(str(row["startPosition"]))
            size = Decimal(str(row["sz"]))
            starts, ends = found.setdefault(row["coin"], (set(), set()))
            starts.add(before)
            ends.add(before + size if row["side"] == "B" else before - size)
        return found

    def hole_in(self, rows: list[Any]) -> bool:
        """Whether a fill does not begin where the one before it ended."""
        for coin, (starts, _) in self.by_coin(rows).items():
            expected = self._fill_positions.get(coin)
            if expected is not None and expected not in starts:
                return True
        return False

    def note_positions(self, rows: list[Any]) -> None:
        for coin, (starts, ends) in self.by_coin(rows).items():
            last = ends - starts
            self._fill_positions[coin] = next(iter(last)) if len(last) == 1 else None

    def look_for_fills(self, client: Any, address: str) -> None:
        """Read fills over REST beside the stream; one look at a time, and one more for whoever came too soon after the last."""
        loop = asyncio.get_running_loop()
        pause = max(0.0, self._refilled + REFILL_PAUSE - loop.time())
        if pause > REFILL_PAUSE:
            return  # a look is to come
        self._refilled = loop.time() + pause
        task = loop.create_task(self.refill(client, address or self.handle_public_address("watchMyTrades", NONE)[0], pause))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def refill(self, client: Any, address: str, pause: float) -> None:
        await asyncio.sleep(pause)
        try:
            rows = await self.info("userFills", user=address)
        except errors.BaseError as error:
            self.logger.warning("%s fills may be missing, and could not be read: %s", self.id, error)
            return
        self.take_fills(client, rows)

    # --- positions and balances -----------------------------------------------------------------------------------------------------------

    async def watch_positions(self, symbols: Any = None, since: int | None = None, limit: int | None = None, params: Params = NONE) -> Any:
        """Positions on all dexes; one that was closed comes once more, with contracts 0."""
        await self.load_markets()
        await self.check_role()
        address, _ = self.handle_public_address("watchPositions", params)
        names = self.market_symbols(symbols)
        message_hash = "positions" + ("::" + ",".join(names) if names else "")
        rows = await self.user_topic("allDexsClearinghouseState", message_hash, address)
        if self.newUpdates:
            return rows
        return self.filter_by_symbols_since_limit(self.positions, names, since, limit, True)

    async def watch_balance(self, params: Params = NONE) -> Any:
        """Collateral of all dexes, or tokens of the spot side (params type "spot", or a unified account)."""
        await self.load_markets()
        address, params = self.handle_public_address("watchBalance", params)
        kind, params = self.handle_market_type_and_params("watchBalance", None, params)
        unified, params = await self.is_unified_enabled("watchBalance", address, False, params)
        if kind == "spot" or unified:
            fields = {"isPortfolioMargin": True} if unified else {}
            return await self.user_topic("spotState", "balance:spot", address, **fields)
        return await self.user_topic("allDexsClearinghouseState", "balance", address)

    def handle_states(self, client: Any, message: Any) -> None:
        """allDexsClearinghouseState: everything about every dex."""
        self._states = {str(dex): state for dex, state in message["data"]["clearinghouseStates"]}
        if self.balance is None:
            self.balance = {}
        self.balance["swap"] = self.parse_swap_balance(self._states)
        client.resolve(self.balance["swap"], "balance")
        self.tell_positions(client)

    def tell_positions(self, client: Any) -> None:
        now = {row["symbol"]: row for state in self._states.values() for row in self.positions_of(state)}
        gone = [self.no_position(row) for symbol, row in self._held.items() if symbol not in now]
        for row in gone:
            row.update((name, self._held[row["symbol"]][name]) for name in LAST_KNOWN)
        self._held = now
        cache = self.position_cache()
        for row in (*now.values(), *gone):
            cache.append(dict(row))  # which the next change updates in place
        ledger = getattr(client, "ledger", None)  # ccxt's own client has none
        known = {"positions", *client.futures} if ledger is None else {each for record in ledger.topics.values() for each in record.hashes}
        for message_hash in [each for each in known if each.startswith("positions")]:
            self._tell_positions(client, message_hash, gone)

    def _tell_positions(self, client: Any, message_hash: str, gone: list[Any]) -> None:
        """What is held now is in every frame; what was closed is in one, and waits for somebody to hear of it."""
        named = message_hash.partition("::")[2]
        wanted = named.split(",") if named else None
        over = self._over.setdefault(message_hash, {})
        over.update((row["symbol"], row) for row in gone if wanted is None or row["symbol"] in wanted)
        for symbol in [each for each in over if each in self._held]:
            del over[symbol]
        rows = [*(row for symbol, row in self._held.items() if wanted is None or symbol in wanted), *over.values()]
        if not rows:
            return
        future = client.futures.get(message_hash)
        if future is not None and not getattr(future, "abandoned", False) and getattr(client, "held", None) is None:
            over.clear()
        client.resolve(rows, message_hash)

    def handle_spot_state(self, client: Any, message: Any) -> None:
        if self.balance is None:
            self.balance = {}
        self.balance["spot"] = self.parse_spot_balance(message["data"]["spotState"])
        client.resolve(self.balance["spot"], "balance:spot")

    # --- leaving --------------------------------------------------------------------------------------------------------------------------

    async def leave_all(self, kind: str, prefix: str) -> bool:
        client = (self.clients or {}).get(self.ws_url())
        if client is None:
            return True
        for key in [key for key in client.subscriptions if str(key).startswith(f"{kind}:")]:
            await self.leave(key, *[name for name in list(client.futures) if name.startswith(prefix)])
        return True

    async def un_watch_orders(self, symbol: Any = None, params: Params = NONE) -> Any:
        """Leave the orders of all markets."""
        self.all_or_nothing("unWatchOrders", symbol)
        self._orders_until = 0
        return await self.leave_all("orderUpdates", "orders")

    async def un_watch_my_trades(self, symbol: Any = None, params: Params = NONE) -> Any:
        """Leave the fills of all markets."""
        self.all_or_nothing("unWatchMyTrades", symbol)
        self._fills_from = None
        return await self.leave_all("userFills", "my")

    async def un_watch_positions(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Leave the account's state: positions and balance end together."""
        self.all_or_nothing("unWatchPositions", symbols)
        self._held, self._over = {}, {}
        return await self.leave_all("allDexsClearinghouseState", "positions")

    async def un_watch_balance(self, params: Params = NONE) -> Any:
        """Leave the account's state: balance and positions end together."""
        self._held, self._over = {}, {}
        await self.leave_all("spotState", "balance")
        return await self.leave_all("allDexsClearinghouseState", "balance")

    def all_or_nothing(self, name: str, symbol: Any) -> None:
        if symbol:
            raise errors.NotSupported(f"{self.id} {name}() takes no symbol: the stream is for all markets")

    # --- after a lost connection ------------------------------------------------------------------------------------------------------------

    async def after_reconnect(self, client: Any) -> None:
        """orderUpdates starts without a snapshot: read what is open now, and what has ended since something was last heard."""
        addresses = [str(key).split(":", 1)[1] for key in list(client.subscriptions) if str(key).startswith("orderUpdates:")]
        for address in addresses:
            params, since, now = {"user": address}, self._orders_until - OVERLAP, self.server_milliseconds()
            open_now = await self.fetch_open_orders(None, None, None, params)
            alive = {order["id"] for order in open_now}
            latest = [order for order in await self.fetch_orders(None, None, None, params) if order["id"] not in alive]
            ended = [order for order in latest if order["status"] != "open" and (order["lastUpdateTimestamp"] or 0) >= since]
            listed = alive | {order["id"] for order in ended}
            ended += await self.ended_meanwhile(listed, functools.partial(self.fetch_order, params=params))
            self._orders_until = now
            self.tell_orders(client, [*open_now, *ended])
