"""The account's stream: one socket that sends everything unasked. It begins with a snapshot and numbers its events.

Source: V2 documentation, WebSocket private channel (2026-03), with live excerpts.
"""

from __future__ import annotations

from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.edgex import parsing, reports, signing, tables
from ccxt_dex.exchanges.edgex.leaving import Leaving
from ccxt_dex.exchanges.edgex.room import NONE, Params
from ccxt_dex.exchanges.edgex.trading import Trading
from ccxt_dex.news import further_on
from ccxt_dex.parts.own import OwnRows
from ccxt_dex.streams import Events

KEPT_ROWS = 2000
OVERLAP_MS = 60_000


class UserFeeds(OwnRows, Trading, Leaving):  # pyright: ignore[reportIncompatibleMethodOverride]
    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._order_rows: dict[str, dict[str, Any]] = {}
        self._open_orders: dict[str, None] = {}
        self._fills_since = 0
        self._wanted: set[str] = set()
        self._reading: set[str] = set()
        self._event_at: tuple[int, int] | None = None
        self._event_ms = 0
        self._hole: int | None = None
        self._position_rows: dict[str, dict[str, Any]] = {}

    # --- the socket -----------------------------------------------------------------------------------------------------------------------------

    def user_url(self) -> str:
        return f"{self.urls['api']['ws']}{tables.PRIVATE_SOCKET}?accountId={self.account_id()}"

    def sign_handshake(self, client: Any) -> None:
        """Headers and url of one dial: the timestamp is in both and under the signature."""
        self.check_required_credentials()
        stamp, account = self.server_milliseconds(), self.account_id()
        query = {"accountId": account, "timestamp": str(stamp)}
        text = signing.request_text(stamp, "GET", tables.PRIVATE_SOCKET, query)
        held = client.options or {}
        own = signing.headers(self.apiKey, self.password, self.secret, stamp, text)
        # a copy: the dict is the user's, shared with the public socket and with other instances
        client.options = {**held, "headers": {**(held.get("headers") or {}), **own}}
        client.dial_url = f"{self.urls['api']['ws']}{tables.PRIVATE_SOCKET}?accountId={account}&timestamp={stamp}"

    async def listen_user(self, key: str, suffix: str = "") -> Any:
        """What to await for the next result of a kind of the account's events; dials when it is the first."""
        self.check_required_credentials()
        client = self.client(self.user_url())
        if not client.subscriptions:
            self._fills_since = self.server_milliseconds()
        elif key not in client.subscriptions and client.state == "open":
            self.refresh(client, key)  # its snapshot is over: what there is must be read
        return self.watch(client.url, key + suffix, None, key)

    def handle_user(self, client: Any, message: dict[str, Any]) -> None:
        """One event. Versions tell repetitions and holes; after a hole everything is read anew, for steps of one are not promised."""
        content = message.get("content") or {}
        data = content.get("data") or {}
        first = content.get("event") == "Snapshot"
        version, generation = int(content.get("version") or 0), client.ledger.generation
        known = self._event_at
        if first or known is None or known[0] != generation:
            self._event_at = (generation, version)
        elif version == known[1]:
            return  # once more
        else:
            if version > known[1] + 1:
                self.mend(client, self._event_ms)
            self._event_at = (generation, max(version, known[1]))
        self._event_ms = max(self._event_ms, int(content.get("time") or 0))
        read = [self.could_read(self.handle_order, client, raw, first) for raw in data.get("order") or []]
        read += [self.could_read(self.handle_fill, client, raw) for raw in data.get("orderFillTransaction") or []]
        read.append(self.could_read(self.handle_positions, client, data.get("position") or [], first))
        if not all(read):
            self.mend(client, self._event_ms)
        named = [row for group in ("order", "orderFillTransaction", "position") for row in data.get(group) or []]
        if self.unlisted(named):
            self.note_hole(self._event_ms)
            self.spawn(self.mending, client, self.catch_up_listed)
        if data.get("collateral") or data.get("position") or data.get("order"):
            self.refresh(client, "balance", quietly=first)
        if first and generation == 1:
            self.spawn(self.mending, client, self.catch_up_fills)  # what was filled while the socket was being dialled

    def could_read(self, handle: Any, *arguments: Any) -> bool:
        """Whether a row could be read. One that could not is left out with a warning, and takes no other row with it."""
        try:
            self.pure(handle, *arguments)
        except errors.BadResponse as error:
            self.logger.warning("%s left out what it cannot read: %s", self.id, error)
            return False
        return True

    # --- orders -----------------------------------------------------------------------------------------------------------------------------------

    async def own_rows(self, kind: str, symbol: str | None) -> Any:
        """As declared; the venue tells of each fill twice."""
        return await (await self.listen_user(kind, "" if symbol is None else f":{symbol}"))

    def handle_order(self, client: Any, raw: dict[str, Any], first: bool) -> None:
        row = self.take_order(raw)
        if row is None:
            return
        made = self.pure(parsing.milliseconds, row.get("createdTime")) or 0
        if not first or made >= self._fills_since or client.ledger.generation > 1:
            self.tell_about(client, "orders", self.order_cache(), row)

    def take_order(self, raw: dict[str, Any]) -> dict[str, Any] | None:
        """The merged row of an order that is news; None for what is old. Rows may be partial, REST and stream may overtake each other."""
        order_id = str(raw.get("id"))
        known_row = self._order_rows.pop(order_id, {})
        row = {**known_row, **raw}
        if not row.get("contractId") or not row.get("size"):
            self._order_rows[order_id] = row
            return None
        self._order_rows[order_id] = known_row or row
        while len(self._order_rows) > KEPT_ROWS:
            del self._order_rows[next(iter(self._order_rows))]
        pairs = self.known([row])
        if not pairs:
            return None
        order, cache = self.parse_order(row, pairs[0][1]), self.order_cache()
        known = cache.hashmap.get(order["symbol"], {}).get(order["id"])
        if known is not None and not further_on(order, known):
            return None
        self._order_rows[order_id] = row
        cache.append(order)
        if order["status"] == "open":
            self._open_orders[order_id] = None
        else:
            self._open_orders.pop(order_id, None)
        return row

    def seen_order(self, order_id: str, own: bool) -> dict[str, Any] | None:
        """What the stream said about an order, while it is watched and up; saves reading it back."""
        if not self._order_rows or not own:
            return None
        client = (self.clients or {}).get(self.user_url())
        if client is None or client.state != "open":
            return None
        row = self._order_rows.get(order_id)
        return row if row is not None and row.get("size") and row.get("contractId") else None

    def tell_about(self, client: Any, key: str, cache: Any, raw: dict[str, Any]) -> None:
        client.resolve(cache, key)
        rows = (self.markets_by_id or {}).get(str(raw.get("contractId")))
        if rows:
            client.resolve(cache, f"{key}:{rows[0]['symbol']}")

    # --- fills ------------------------------------------------------------------------------------------------------------------------------------

    def handle_fill(self, client: Any, raw: dict[str, Any]) -> None:
        order = self._order_rows.get(str(raw.get("orderId"))) or {}
        row = {"contractId": order.get("contractId"), "orderSide": order.get("side"), **raw}
        if not self.known([row]) or not row.get("orderSide"):
            # a trimmed row of an order that we never saw
            self.mend(client, self.pure(parsing.milliseconds, raw.get("matchTime")) or self._event_ms)
        else:
            self.tell_fill(client, row)

    def take_fill(self, raw: dict[str, Any]) -> bool:
        """False for a fill that is there already: its second message fills in what the first lacked."""
        pairs = self.known([raw])
        if not pairs:
            return False
        trade, cache = self.parse_trade(raw, pairs[0][1]), self.fill_cache()
        known = cache.hashmap.get(trade["symbol"], {}).get(trade["id"])
        if known is not None:
            known.update(self.parse_trade({**known["info"], **raw}, pairs[0][1]))
            return False
        cache.append(trade)
        return True

    # --- positions --------------------------------------------------------------------------------------------------------------------------------

    async def watch_positions(self, symbols: Any = None, since: int | None = None, limit: int | None = None, params: Params = NONE) -> Any:
        """Changed positions; a closed one comes with 0 contracts. Events carry neither mark price nor PnL: the mark is taken from a
        watched ticker, leverage from the last answer of REST.
        """
        await self.load_markets()
        if not self._leverages:
            await self.fetch_leverages()
        return await self.changed_positions(self.next_positions, symbols, since, limit)

    async def next_positions(self) -> Any:
        return await (await self.listen_user("positions"))

    def handle_positions(self, client: Any, rows: list[dict[str, Any]], first: bool) -> None:
        changed = [self.take_position(raw, market) for raw, market in self.known(rows) if self.position_is_news(raw)]
        if changed and (not first or client.ledger.generation > 1):
            client.resolve(Events(changed), "positions")

    def position_is_news(self, raw: dict[str, Any]) -> bool:
        known = self._position_rows.get(str(raw.get("contractId")))
        if known is None:
            return bool(reports.position_size(raw))
        older = int(raw.get("updatedTime") or 0) < int(known.get("updatedTime") or 0)
        return not older and any(raw.get(name) != known.get(name) for name in ("openSize", "openValue", "fundingFee", "updatedTime"))

    def take_position(self, raw: dict[str, Any], market: Any) -> Any:
        """Into the cache, with what is known besides: the mark price of a live ticker, the leverage."""
        before: dict[str, Any] = self._position_rows.get(market["id"]) or {}
        kept: dict[str, Any] = {name: before[name] for name in ("maxLeverage", "marginMode") if name in before}
        if market["id"] in self._leverages:
            kept["maxLeverage"] = self._leverages[market["id"]]
        row = {**kept, **raw}
        self._position_rows[market["id"]] = row
        position = self.parse_position(row, market, self.live_mark(market))
        if position["side"] is None:
            last: dict[str, Any] = self.last_position(market["symbol"]) or {}
            # the side that was closed (the cache files by side) and what it had been opened at
            position["side"] = last.get("side") or "long"
            position["entryPrice"] = last.get("entryPrice")
        self.position_cache().append(dict(position))  # which the next change updates in place
        return position

    def live_mark(self, market: Any) -> Any:
        """The mark price of a ticker that is watched and up."""
        client = (self.clients or {}).get(self.stream_url())
        topics = getattr(client, "subscriptions", {})
        if client is None or client.state != "open" or not ({f"ticker.{market['id']}", "ticker.all.1s"} & set(topics)):
            return None
        return (self.tickers.get(market["symbol"]) or {}).get("markPrice")

    # --- balance ----------------------------------------------------------------------------------------------------------------------------------

    async def watch_balance(self, params: Params = NONE) -> Any:
        """The balance after each change. Events carry the booked collateral only, so they are taken as a sign to read equity and free anew."""
        await self.load_markets()
        return await (await self.listen_user("balance"))

    def refresh(self, client: Any, key: str, quietly: bool = False) -> None:
        """Read by REST what a kind of events does not carry whole; one read at a time, what changes meanwhile asks for another."""
        reader = READERS.get(key)
        if reader is None or (key == "balance" and key not in client.subscriptions) or quietly:
            return
        self._wanted.add(key)
        if key not in self._reading:
            self._reading.add(key)
            self.spawn(self.read, client, key, reader)

    async def read(self, client: Any, key: str, reader: Any) -> None:
        try:
            while key in self._wanted:
                self._wanted.discard(key)
                await reader(self, client)
        except errors.BaseError as error:
            client.reject(error, key)
        finally:
            self._reading.discard(key)

    async def read_balance(self, client: Any) -> None:
        self.balance = await self.fetch_balance()
        client.resolve(self.balance, "balance")

    # --- after a hole -----------------------------------------------------------------------------------------------------------------------------

    async def after_reconnect(self, client: Any) -> None:
        """What was missed while the account's socket was down, by REST, merged before anything is told."""
        if client.url == self.user_url():
            self.note_hole(self._event_ms)
            await self.catch_up(client)

    def note_hole(self, since: int) -> None:
        """What happened since then may have been missed; stands until it was read."""
        self._hole = since if self._hole is None else min(self._hole, since)

    def mend(self, client: Any, since: int) -> None:
        """Reads what was missed since then."""
        self.note_hole(since)
        self.spawn(self.mending, client, self.catch_up)

    async def mending(self, client: Any, read: Any) -> None:
        try:
            await read(client)
        except errors.BaseError as error:
            # a new connection begins with a snapshot, and what was missed is asked for until the venue answers
            self.logger.warning("%s could not read what the stream missed: %s", self.id, type(error).__name__)
            client.lost(errors.NetworkError(f"{self.id} a hole in the account's stream could not be mended"))

    def missed_since(self) -> int:
        return max(self._fills_since, (self._hole or 0) - OVERLAP_MS)

    async def catch_up(self, client: Any) -> None:
        topics, hole = client.subscriptions, self._hole
        if "orders" in topics:
            await self.catch_up_orders(client)
        if "myTrades" in topics:
            await self.catch_up_fills(client)
        if "positions" in topics:
            await self.catch_up_positions(client)
        if "balance" in topics:
            await self.read_balance(client)
        if self._hole == hole:
            self._hole = None

    async def catch_up_listed(self, client: Any) -> None:
        """Something happened in a market that was listed since the markets were read."""
        await self.load_markets(True)
        await self.catch_up(client)

    async def catch_up_orders(self, client: Any) -> None:
        """Open orders, and each order that we thought open and is not any more."""
        rows = await self.active_rows()
        listed = {str(raw.get("id")) for raw in rows}
        for order_id in [name for name in self._open_orders if name not in listed]:
            raw = await self.query_order(order_id, True)
            if raw is None:
                self._open_orders.pop(order_id, None)
            else:
                rows.append(raw)
        since = self.missed_since()
        if since:  # those that came and went in the meantime
            rows += [raw for raw in await self.history_rows(None, since, None, NONE) if str(raw.get("id")) not in self._order_rows]
        for raw in rows:
            self.could_read(self.tell_order, client, raw)

    def tell_order(self, client: Any, raw: dict[str, Any]) -> None:
        row = self.take_order(raw)
        if row is not None:
            self.tell_about(client, "orders", self.order_cache(), row)

    async def catch_up_fills(self, client: Any) -> None:
        """Fills since the stream was last known to be whole: younger ones may have come meanwhile."""
        if "myTrades" not in client.subscriptions:
            return
        for raw in reversed(await self.fill_rows(self.missed_since(), None, NONE)):
            self.could_read(self.tell_fill, client, raw)

    def tell_fill(self, client: Any, raw: dict[str, Any]) -> None:
        if self.take_fill(raw):
            self.tell_about(client, "myTrades", self.fill_cache(), raw)

    async def catch_up_positions(self, client: Any) -> None:
        changed = []
        for raw, market in self.known(await self.position_rows()):
            known = self._position_rows.get(market["id"])
            differs = known is None or reports.position_size(known) != reports.position_size(raw)
            position = self.take_position(raw, market)
            if differs and (reports.position_size(raw) or known is not None):
                changed.append(position)
        if changed:
            client.resolve(Events(changed), "positions")


READERS: dict[str, Any] = {
    "balance": UserFeeds.read_balance,
    "orders": UserFeeds.catch_up_orders,
    "myTrades": UserFeeds.catch_up_fills,
    "positions": UserFeeds.catch_up_positions,
}
