"""Order updates: Tread's socket with a token, asking again and again with a session. Fills, positions and balance are the venue's streams."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.treadfi import tables
from ccxt_dex.exchanges.treadfi.login import NONE, Params
from ccxt_dex.exchanges.treadfi.placing import Placing
from ccxt_dex.exchanges.treadfi.tread import Order
from ccxt_dex.streams import AppPing, Kind, Record, StreamRules

ORDERS = "orders"
SUBSCRIBE = {"command": "subscribe", "data_type": "user_orders"}


def keep_alive(exchange: Any) -> dict[str, str]:
    return {"command": "keep_alive"}


class OrderFeed(Placing):
    """Part of a flavour."""

    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._asking_since = 0

    def tread_stream(self) -> str:
        return str(self.urls["api"]["treadStream"])

    def rules_of(self, url: str) -> StreamRules:
        return RULES if url == self.tread_stream() else super().rules_of(url)

    async def after_reconnect(self, client: Any) -> None:
        """The venue's sockets are the venue's; on Tread's the orders are read anew."""
        if client.url != self.tread_stream():
            await super().after_reconnect(client)
        elif ORDERS in client.subscriptions:
            await self.catch_up_orders(client)

    def handle_message(self, client: Any, message: Any) -> None:
        if client.url == self.tread_stream():
            self.handle_tread(client, message)
        else:
            super().handle_message(client, message)

    async def watch_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """Changes of own orders at Tread."""
        await self.load_markets()
        name = self.unified_symbol(symbol)
        await self.load_pairs()
        return await self.handed_out(self._from_socket(name) if self.by_token() else self._by_asking(name), name, since, limit)

    async def _from_socket(self, name: str | None) -> Any:
        url, message_hash = self.tread_stream(), ORDERS if name is None else f"{ORDERS}:{name}"
        first = ORDERS not in self.client(url).subscriptions
        waiting = self.watch(url, message_hash, SUBSCRIBE, ORDERS)
        if first:
            self.tell_tread(self.client(url), self.taken(await self.fetch_open_orders()))
        return await waiting

    async def _by_asking(self, name: str | None) -> Any:
        """No socket is known for sessions; the pause is ``options['pollSeconds']``."""
        self._asking_since = self._asking_since or self.server_milliseconds() - 1000
        while True:
            changed = self.taken([*await self.ended_or_open(), *await self._list(None, self._asking_since, None, NONE, None, None)])
            if changed and (name is None or name in changed):
                return self.order_cache()
            await asyncio.sleep(float(self.options.get("pollSeconds", 1.0)))

    def taken(self, found: list[Order]) -> set[str]:
        return {order["symbol"] for order in found if self.take_order(order)}

    def take_order(self, order: Order) -> bool:
        """Into the cache, unless it says nothing new; an order that is done stays done."""
        cache = self.order_cache()
        known = cache.hashmap.get(order["symbol"], {}).get(order["id"])
        if known is not None:
            if known["status"] != "open" or (order["filled"] or 0) < (known["filled"] or 0):
                return False
            if all(known[each] == order[each] for each in ("status", "filled", "price", "amount", "average")):
                return False
        cache.append(order)
        return True

    def handle_tread(self, client: Any, message: Any) -> None:
        """`{"type": "order_update", "data": {"order_id", "update_type", "order"}}`."""
        if not isinstance(message, Mapping) or message.get("type") != "order_update":
            return
        data = message.get("data") or {}
        row = {"id": data.get("order_id"), **(data.get("order") or {})}
        if not self.mine(row):
            return
        if not row.get("status") and data.get("update_type") not in tables.UPDATES:
            task = asyncio.get_running_loop().create_task(self.look_up(client, str(row["id"])))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            return
        order = self.tread_order(row, data.get("update_type"))
        if self.take_order(order):
            self.tell_tread(client, {order["symbol"]})

    async def look_up(self, client: Any, order_id: str) -> None:
        """An update whose word is not documented: the order itself says what became of it."""
        try:
            order = await self.fetch_order(order_id)
        except errors.BaseError as error:
            self.logger.warning("%s something happened to order %s, which could not be read: %s", self.id, order_id, error)
            return
        if self.take_order(order):
            self.tell_tread(client, {order["symbol"]})

    def tell_tread(self, client: Any, symbols: set[str]) -> None:
        for symbol in sorted(symbols):
            client.resolve(self.order_cache(), f"{ORDERS}:{symbol}")
        if symbols:
            client.resolve(self.order_cache(), ORDERS)

    async def catch_up_orders(self, client: Any) -> None:
        """After a gap: the stream is deltas without numbers."""
        self.tell_tread(client, self.taken(await self.ended_or_open()))

    async def ended_or_open(self) -> list[Order]:
        """What is open, and one by one what was open and is not any more."""
        latest = await self.fetch_open_orders()
        listed = {order["id"] for order in latest}
        return latest + await self.ended_meanwhile(listed, self.fetch_order)

    async def un_watch_orders(self, symbol: str | None = None, params: Params = NONE) -> Any:
        """Leave the stream of orders; one channel serves all markets."""
        if symbol is not None:
            raise errors.NotSupported(f"{self.id} one channel serves all markets: unwatch without a symbol")
        client = (self.clients or {}).get(self.tread_stream())
        if client is not None and ORDERS in client.subscriptions:
            client.unsubscribe(ORDERS)
        self.orders = None
        return True


def kind(key: str, message: Any) -> Kind:
    """Tread's words: a command."""
    command = message.get("command") if isinstance(message, Mapping) else None
    return "topic" if command == "subscribe" else "unsubscribe" if command == "unsubscribe" else "request"


def unsubscribe(record: Record) -> Any:
    return {**record.message, "command": "unsubscribe"}


async def before_dial(exchange: Any, client: Any) -> None:
    """The token goes into the query of the dial and nowhere else: not into the url that the client is known by. The agent is a browser's."""
    exchange.check_required_credentials()
    options = client.options or {}
    client.options = {**options, "headers": {**(options.get("headers") or {}), "User-Agent": tables.USER_AGENT}}
    client.dial_url = f"{client.url}?token={quote(str(exchange.apiKey))}"


RULES = StreamRules(
    # closed after 30 s without a message of ours; nothing answers a keep-alive, so a dead link is noticed by replacing it often
    ping=AppPing(8.0, keep_alive, None, 1e6),
    kind=kind,
    unsubscribe=unsubscribe,
    subscribe_wait=1.0,  # subscriptions are not acknowledged
    before_dial=before_dial,
    max_age=600.0,
)
