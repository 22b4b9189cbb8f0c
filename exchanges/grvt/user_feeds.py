"""Streams of the account, and orders over its socket. After a gap or a lost connection the account is read by REST before results go out."""

from __future__ import annotations

import asyncio
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.grvt.feeds import Feeds, Handler, topic
from ccxt_dex.exchanges.grvt.money import Money
from ccxt_dex.exchanges.grvt.room import NONE, Params
from ccxt_dex.exchanges.grvt.trading import Trading
from ccxt_dex.news import later_picture
from ccxt_dex.parts.own import OwnRows
from ccxt_dex.streams import Events

Order = dict[str, Any]

METHODS = {
    "privateTradingPostFullV1CreateOrder": "v1/create_order",
    "privateTradingPostFullV2BulkOrders": "v2/bulk_orders",
    "privateTradingPostFullV1CancelOrder": "v1/cancel_order",
    "privateTradingPostFullV1CancelAllOrders": "v1/cancel_all_orders",
}


class UserFeeds(OwnRows, Trading, Money, Feeds):
    """Part of the room."""

    def private_url(self) -> str:
        return str(self.urls["api"]["ws"]["privateTrading"])

    async def account_listen(self, message_hash: str, stream: str) -> Any:
        """The next result of a stream of the account; one subscription serves all markets."""
        return await self.listen(self.private_url(), message_hash, stream, await self.sub_account())

    def tell(self, client: Any, name: str, cache: Any, symbols: set[str]) -> None:
        for symbol in sorted(symbols):
            client.resolve(cache, f"{name}::{symbol}")
        if symbols:
            client.resolve(cache, name)

    # --- orders -----------------------------------------------------------------------------------------------------------------------

    async def own_rows(self, kind: str, symbol: str | None) -> Any:
        stream = {"orders": "v1.order", "myTrades": "v1.fill"}[kind]
        return await self.account_listen(f"{kind}::{symbol}" if symbol else kind, stream)

    def handle_order(self, client: Any, message: Any) -> None:
        if self.in_order(client, topic(message["stream"], message["selector"]), message):
            self.tell(client, "orders", self.order_cache(), self.take_orders(client, [message.get("feed") or {}]))

    def take_orders(self, client: Any, rows: list[Any]) -> set[str]:
        """Into the cache what is news; REST and stream may overtake each other. Returns the symbols that changed."""
        cache, changed = self.order_cache(), set()
        for order in self.sort_by(self.parsed_rows(client, "orders", rows, self.parse_order), "lastUpdateTimestamp", False, 0):
            if not str(order["id"]).startswith("0x"):
                continue  # accepted, and not matched yet: it has no id to be kept by
            known = cache.hashmap.get(order["symbol"], {}).get(order["id"])
            if known is not None and not later_picture(order, known):
                continue
            cache.append(order)
            changed.add(order["symbol"])
        return changed

    def watches_orders(self) -> bool:
        client = (self.clients or {}).get(self.private_url())
        topics = getattr(getattr(client, "ledger", None), "topics", {})
        return getattr(client, "state", "") == "open" and any(key.startswith("v1.order|") and topics[key].confirmed for key in topics)

    def streamed_row(self, client_order_id: str) -> Any:
        if not self.watches_orders():
            return None
        return next((order["info"] for order in reversed(self.order_cache()) if order["clientOrderId"] == client_order_id), None)

    # --- fills ------------------------------------------------------------------------------------------------------------------------

    def handle_my_trade(self, client: Any, message: Any) -> None:
        if self.in_order(client, topic(message["stream"], message["selector"]), message):
            self.tell(client, "myTrades", self.fill_cache(), self.take_fills(client, [message.get("feed") or {}]))
            self.balance_changed(client)

    def take_fills(self, client: Any, rows: list[Any]) -> set[str]:
        cache, changed = self.fill_cache(), set()
        for trade in self.sort_by(self.parsed_rows(client, "myTrades", rows, self.parse_trade), "timestamp", False, 0):
            if trade["id"] not in cache.hashmap.get(trade["symbol"], {}):
                cache.append(trade)
                changed.add(trade["symbol"])
        return changed

    # --- positions --------------------------------------------------------------------------------------------------------------------

    async def watch_positions(
        self, symbols: list[str] | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """Changed positions; a closed one comes with 0 contracts. The venue tells of trades and leverage, not of every move of the price."""
        await self.load_markets()
        return await self.changed_positions(lambda: self.account_listen("positions", "v1.position"), symbols or None, since, limit)

    def handle_position(self, client: Any, message: Any) -> None:
        if self.in_order(client, topic(message["stream"], message["selector"]), message):
            changed = self.take_position(message.get("feed") or {})
            if changed:
                client.resolve(Events(changed), "positions")
            self.balance_changed(client)

    def take_position(self, row: Any) -> list[Any]:
        """What a row changes: the position, and the other side that it replaced."""
        position = self.parse_position(row)
        sides = self.position_cache().hashmap.get(position["symbol"], {})
        before = next((known for known in sides.values() if known["contracts"]), None) or next(iter(sides.values()), None)
        if position["side"] is None:
            if before is None:
                return []
            position["side"] = before["side"]
        told = []
        if before is not None and before["side"] != position["side"] and before["contracts"]:
            gone = {**before, "contracts": 0.0, "unrealizedPnl": 0.0, "notional": 0.0}
            self.positions.append(dict(gone))
            told.append(gone)
        if before is not None and all(
            before[name] == position[name] for name in ("side", "contracts", "entryPrice", "leverage", "collateral")
        ):
            return told
        self.positions.append(dict(position))  # which the next change updates in place
        return [*told, position]

    # --- balance ----------------------------------------------------------------------------------------------------------------------

    async def watch_balance(self, params: Params = NONE) -> Any:
        """The balance after fills and changes of positions. The venue has no stream of it: it is read by REST when one of them came."""
        await self.load_markets()
        account = await self.sub_account()
        fills = self.listen(self.private_url(), "balance", "v1.fill", account)
        await asyncio.wait([fills, self.listen(self.private_url(), "balance", "v1.position", account)], return_when=asyncio.FIRST_COMPLETED)
        return await fills

    def balance_changed(self, client: Any) -> None:
        """Read the balance soon, once for everything that happens until then."""
        if "balance" in client.futures and not self._balance_due:
            self._balance_due = True
            self.spawn(self._tell_balance, client)

    _balance_due = False

    async def _tell_balance(self, client: Any) -> None:
        """A read that fails is tried again: whoever waits was promised the balance after this change."""
        failure: Exception = errors.NetworkError(f"{self.id} the balance could not be read")
        try:
            for pause in (float(self._option("watchBalance", "delay", 0.1)), 1.0, 2.0, 4.0):
                await asyncio.sleep(pause)
                self._balance_due = False
                try:
                    self.balance = await self.fetch_balance()
                except errors.OperationFailed as error:
                    failure = error
                    continue
                client.resolve(self.balance, "balance")
                return
            client.reject(failure, "balance")
        finally:
            self._balance_due = False

    # --- leaving ----------------------------------------------------------------------------------------------------------------------

    async def _leave_account(self, symbol: Any, stream: str) -> bool:
        if symbol:
            raise errors.NotSupported(f"{self.id} one subscription serves all markets: unwatch without a symbol")
        client = (self.clients or {}).get(self.private_url())
        if client is not None:
            client.unsubscribe(topic(stream, await self.sub_account()))
        return True

    async def un_watch_orders(self, symbol: str | None = None, params: Params = NONE) -> Any:
        """End the stream of orders, of all markets."""
        return await self._leave_account(symbol, "v1.order")

    async def un_watch_my_trades(self, symbol: str | None = None, params: Params = NONE) -> Any:
        """End the stream of fills, of all markets."""
        return await self._leave_account(symbol, "v1.fill")

    async def un_watch_positions(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """End the stream of positions, of all markets."""
        return await self._leave_account(symbols, "v1.position")

    # --- after a gap or a lost connection ---------------------------------------------------------------------------------------------

    def missed(self, client: Any, key: str, reason: str) -> None:
        """The account's streams have no snapshots: what is missing is read by REST."""
        if client.url != self.private_url():
            super().missed(client, key, reason)
            return
        self.logger.warning("%s gap in %s: %s", self.id, key.partition("|")[0], reason)
        self.spawn(self.after_reconnect, client)

    async def after_reconnect(self, client: Any) -> None:
        """What happened meanwhile: orders that were open, fills since the last one, positions, balance."""
        streams = {key.partition("|")[0] for key in client.ledger.topics}
        if "v1.order" in streams:
            await self._missed_orders(client)
        if "v1.fill" in streams:
            trades = await self.fetch_my_trades(None, self.unread_since(client))
            self.tell(client, "myTrades", self.fill_cache(), self.take_fills(client, [trade["info"] for trade in trades]))
        if "v1.position" in streams:
            await self._missed_positions(client)
        self.balance_changed(client)

    async def _missed_orders(self, client: Any) -> None:
        rows = [order["info"] for order in await self.fetch_open_orders()]
        there = {str(row.get("order_id")) for row in rows}
        rows += await self.ended_meanwhile(there, lambda order_id, symbol: self.order_row({"order_id": order_id}))
        self.tell(client, "orders", self.order_cache(), self.take_orders(client, rows))

    async def _missed_positions(self, client: Any) -> None:
        rows = [position["info"] for position in await self.fetch_positions()]
        held = {row.get("instrument") for row in rows}
        changed = [row for each in rows for row in self.take_position(each)]
        for known in list(self.positions or ()):
            if known["contracts"] and known["info"].get("instrument") not in held:
                changed += self.take_position({**known["info"], "size": "0", "notional": "0", "unrealized_pnl": "0"})
        if changed:
            client.resolve(Events(changed), "positions")

    # --- orders over the socket -------------------------------------------------------------------------------------------------------

    async def call_ws(self, endpoint: str, params: Params) -> Any:
        """One of the order endpoints over the trading socket (JSON-RPC); sent once, whatever happens."""
        number = self.next_request()
        message = {"jsonrpc": "2.0", "method": METHODS[endpoint], "params": params, "id": number}
        answer = await self.ws_post(self.private_url(), f"request:{number}", message)
        found: Params = answer.get("result") or {}
        return found if endpoint.endswith("BulkOrders") or "result" in found else {"result": found}

    async def create_order_ws(
        self, symbol: str, type: str, side: str, amount: float, price: float | None = None, params: Params = NONE
    ) -> Order:
        """As create_order, sent over the socket."""
        await self.load_markets()
        plan = await self.plan(symbol, type, side, amount, price, params)
        return await self.placed(await self._dispatch(plan, self.call_ws), params)

    async def cancel_order_ws(self, id: str, symbol: str | None = None, params: Params = NONE) -> Order:
        """As cancel_order, sent over the socket."""
        return await self._cancel(id, params, self.call_ws)

    async def cancel_all_orders_ws(self, symbol: str | None = None, params: Params = NONE) -> list[Order]:
        """As cancel_all_orders, sent over the socket."""
        return await self._cancel_all(symbol, params, self.call_ws)

    # --- frames -----------------------------------------------------------------------------------------------------------------------

    def handle_message(self, client: Any, message: Any) -> None:
        """One frame: data of a stream, the answer to a subscription or to a request, or a refusal."""
        if not isinstance(message, dict):
            raise errors.BadResponse(f"{self.id} stream: not an object")
        stream = message.get("stream")
        if stream is not None and "feed" in message:
            handler = HANDLERS.get(str(stream))
            if handler is not None:
                handler(self, client, message)
        elif message.get("error") is not None or "code" in message:
            self.handle_refusal(client, message)
        elif message.get("method") == "subscribe":
            self.handle_acknowledgement(client, message)
        elif message.get("method") != "unsubscribe" and message.get("id") is not None:
            client.resolve(message, f"request:{message['id']}")

    def handle_refusal(self, client: Any, message: Any) -> None:
        """An error frame concerns what carries its id, never the whole socket (ccxt raises, and everything on it falls silent)."""
        error = message.get("error") or message
        method = str(message.get("method") or "")
        failure = self.venue_error(error.get("code"), str(error.get("message") or ""), method.rsplit("/", 1)[-1])
        number = message.get("id")
        if number is not None and method not in ("subscribe", "unsubscribe") and f"request:{number}" in client.futures:
            client.reject(failure, f"request:{number}")
            return
        for record in list(client.ledger.topics.values()):
            if number is not None and isinstance(record.message, dict) and record.message.get("id") == number:
                for message_hash in record.hashes:
                    client.reject(failure, message_hash)
                return
        if not client.refuse_unconfirmed(failure):
            self.logger.warning("%s stream: %s", self.id, failure)


HANDLERS: dict[str, Handler] = {
    "v1.book.d": UserFeeds.handle_order_book,
    "v1.book.s": UserFeeds.handle_order_book,
    "v1.ticker.s": UserFeeds.handle_ticker,
    "v1.ticker.d": UserFeeds.handle_ticker,
    "v1.mini.s": UserFeeds.handle_ticker,
    "v1.mini.d": UserFeeds.handle_ticker,
    "v1.trade": UserFeeds.handle_trades,
    "v1.candle": UserFeeds.handle_ohlcv,
    "v1.order": UserFeeds.handle_order,
    "v1.fill": UserFeeds.handle_my_trade,
    "v1.position": UserFeeds.handle_position,
}
