"""Streams of the account, and transactions over the socket. After a lost connection the account is read by REST before results go out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from ccxt_dex import wire
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.lighter import parsing, tables
from ccxt_dex.exchanges.lighter.feeds import NAMELESS_ERRORS, Feeds
from ccxt_dex.exchanges.lighter.funds import Funds
from ccxt_dex.exchanges.lighter.history import History
from ccxt_dex.exchanges.lighter.room import NONE, Params
from ccxt_dex.news import later_picture
from ccxt_dex.parts.own import OwnRows
from ccxt_dex.streams import Events

Order = dict[str, Any]


class UserFeeds(OwnRows, Funds, History, Feeds):
    """Part of the room."""

    async def account_listen(self, message_hash: str, channel: str, key: str) -> Any:
        """The next result of a channel of the account; all of them are subscribed with a token, also where the venue does not insist."""
        account = (await self.identity()).account
        message = {"type": "subscribe", "channel": f"{channel}/{account}", "auth": await self.auth_token()}
        return await self.watch(self.ws_url(), message_hash, message, key)

    # --- orders -----------------------------------------------------------------------------------------------------------------------

    async def own_rows(self, kind: str, symbol: str | None) -> Any:
        channel = {"orders": "account_all_orders", "myTrades": "account_all_trades"}[kind]
        return await self.account_listen(self.get_message_hash(kind, symbol) if symbol else kind, channel, kind)

    async def un_watch_orders(self, symbol: str | None = None, params: Params = NONE) -> Any:
        """End the stream of orders; one channel serves all markets, so it cannot be ended for one of them."""
        return await self._unwatch(symbol, "orders", "account_all_orders")

    async def un_watch_my_trades(self, symbol: str | None = None, params: Params = NONE) -> Any:
        """End the stream of fills, of all markets."""
        return await self._unwatch(symbol, "myTrades", "account_all_trades")

    async def _unwatch(self, symbol: str | None, key: str, channel: str) -> Any:
        if symbol is not None:
            raise errors.NotSupported(f"{self.id} one channel serves all markets: unwatch without a symbol")
        account = (await self.identity()).account
        return await self.unsubscribe(f"unsubscribe:{key}", {"channel": f"{channel}/{account}"})

    def handle_orders(self, client: Any, message: Any) -> None:
        """One row per order, however often it changes (ccxt appends)."""
        rows = [row for rows in (message.get("orders") or {}).values() for row in rows or []]
        self.tell(client, "orders", self.order_cache(), self.take_orders(client, rows))

    def watches_orders(self) -> bool:
        return any("orders" in client.subscriptions and client.state == "open" for client in (self.clients or {}).values())

    def streamed_row(self, client_id: int) -> Any:
        if not self.watches_orders():
            return None
        return next((order["info"] for order in reversed(self.order_cache()) if order["clientOrderId"] == str(client_id)), None)

    def take_orders(self, client: Any, rows: list[Any]) -> set[str]:
        """Into the cache what is news; REST and stream may overtake each other. Returns the symbols that changed."""
        cache, changed = self.order_cache(), set()
        for order in self.sort_by(self.parsed_rows(client, "orders", rows, self.parse_order), "lastUpdateTimestamp", False, 0):
            known = cache.hashmap.get(order["symbol"], {}).get(order["id"])
            if known is not None and not later_picture(order, known):
                continue
            cache.append(order)
            changed.add(order["symbol"])
        return changed

    def tell(self, client: Any, name: str, cache: Any, symbols: set[str]) -> None:
        for symbol in sorted(symbols):
            client.resolve(cache, self.get_message_hash(name, symbol))
        if symbols:
            client.resolve(cache, name)

    # --- fills ------------------------------------------------------------------------------------------------------------------------

    def handle_my_trades(self, client: Any, message: Any) -> None:
        account = int(str(message["channel"]).split(":")[1])
        rows = [row for rows in (message.get("trades") or {}).values() for row in rows or []]
        self.tell(client, "myTrades", self.fill_cache(), self.take_fills(client, [{**row, "account_index": account} for row in rows]))

    def take_fills(self, client: Any, rows: list[Any]) -> set[str]:
        cache, changed = self.fill_cache(), set()
        trades = self.parsed_rows(client, "myTrades", rows, self.parse_trade)
        for trade in sorted(trades, key=lambda trade: (trade["timestamp"] or 0, int(trade["id"] or 0))):
            if trade["id"] not in cache.hashmap.get(trade["symbol"], {}):
                cache.append(trade)
                changed.add(trade["symbol"])
        return changed

    async def placed_all(self, plans: Any, wait: bool) -> list[Order]:
        """As it is; the stream of fills, which has no sequence numbers, is held against what the venue says was filled."""
        placed: list[Order] = await super().placed_all(plans, wait)
        for order in placed:
            if order["filled"] and any("myTrades" in client.subscriptions for client in (self.clients or {}).values()):
                self.spawn(self._await_fills, order)
        return placed

    async def _await_fills(self, order: Order) -> None:
        """Reads an order's fills by REST when the stream did not bring all of them within a second."""
        await asyncio.sleep(1.0)
        known = self.fill_cache().hashmap.get(order["symbol"], {}).values()
        if sum(wire.decimal(trade["amount"]) for trade in known if trade["order"] == order["id"]) >= wire.decimal(order["filled"]):
            return
        for client in list((self.clients or {}).values()):
            if "myTrades" in client.subscriptions:
                trades = await self.fetch_order_trades(order["id"], order["symbol"])
                self.tell(client, "myTrades", self.fill_cache(), self.take_fills(client, [trade["info"] for trade in trades]))

    # --- positions --------------------------------------------------------------------------------------------------------------------

    async def watch_positions(
        self, symbols: list[str] | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """Changed positions; a closed one comes with 0 contracts."""
        await self.load_markets()
        listen = partial(self.account_listen, "positions", "account_all_positions", "positions")
        return await self.changed_positions(listen, symbols, since, limit)

    def handle_positions(self, client: Any, message: Any) -> None:
        rows = message.get("positions") or {}
        self.take_positions(client, rows.values() if isinstance(rows, dict) else rows, message.get("timestamp"))

    def take_positions(self, client: Any, rows: Iterable[Any], timestamp: int | None = None) -> None:
        """Tells what is news; a frame may change several markets."""
        changed = [position for row in rows for position in self.take_position(row, timestamp)]
        if changed:
            client.resolve(Events(changed), "positions")

    def take_position(self, row: Any, timestamp: int | None = None) -> list[Any]:
        """What a row changes: the position, and the other side that it replaced."""
        position = {**self.parse_position(row), "timestamp": timestamp, "datetime": self.iso8601(timestamp)}
        held = self.position_cache().hashmap.get(position["symbol"], {})
        before = next((each for each in held.values() if each["contracts"]), None)
        told = []
        if position["side"] is None:
            if before is None:
                return []
            position.update({name: before[name] for name in ("side", "entryPrice", "markPrice")}, percentage=0.0)
        elif before is not None and before["side"] != position["side"]:
            told = [self._closed(before, timestamp)]
        elif before is not None and all(before[name] == position[name] for name in ("contracts", "entryPrice", "unrealizedPnl")):
            return []
        self.position_cache().append(dict(position))  # which the next change updates in place
        return [*told, position]

    def _closed(self, position: Any, timestamp: int | None) -> Any:
        """A position that is over, as it goes into the cache."""
        nothing = dict.fromkeys(("contracts", "notional", "unrealizedPnl", "percentage"), 0.0)
        gone = {**position, **nothing, "timestamp": timestamp, "datetime": self.iso8601(timestamp)}
        self.position_cache().append(dict(gone))
        return gone

    # --- balance ----------------------------------------------------------------------------------------------------------------------

    async def watch_balance(self, params: Params = NONE) -> Any:
        """Collateral and what is free of it; with params['type'] = "spot" the assets."""
        await self.load_markets()
        kind = str(params.get("type", self.options.get("defaultType", "swap")))
        key = self.get_message_hash("balances", None, kind)
        return await self.account_listen(key, "account_all_assets" if kind == "spot" else "user_stats", key)

    def handle_balance(self, client: Any, message: Any) -> None:
        """ccxt leaves out `info` and keeps the names of assets that are gone."""
        timestamp = message.get("timestamp")
        balance: dict[str, Any] = {"info": message, "timestamp": timestamp, "datetime": self.iso8601(timestamp)}
        kind = "swap" if "stats" in message else "spot"
        if kind == "swap":
            balance["USDC"] = {"total": str(message["stats"].get("collateral")), "free": str(message["stats"].get("available_balance"))}
        for asset in (message.get("assets") or {}).values():
            used = str(asset.get("locked_balance") or 0)
            balance[str(self.safe_currency_code(str(asset.get("symbol"))))] = {"total": str(asset.get("balance")), "used": used}
        before = self.balance.get(kind) if kind == "spot" and not str(message.get("type")).startswith("subscribed") else None
        self.balance[kind] = self.safe_balance({**(before or {}), **balance})
        client.resolve(self.balance[kind], self.get_message_hash("balances", None, kind))

    # --- after a lost connection ------------------------------------------------------------------------------------------------------

    async def after_reconnect(self, client: Any) -> None:
        """What happened meanwhile: orders that were open, fills since the last one, positions."""
        topics = client.ledger.topics
        if "orders" in topics:
            await self._missed_orders(client)
        if "myTrades" in topics:
            trades = await self.fetch_my_trades(None, self.unread_since(client))
            self.tell(client, "myTrades", self.fill_cache(), self.take_fills(client, [trade["info"] for trade in trades]))
        if "positions" in topics:
            await self._missed_positions(client)

    async def _missed_positions(self, client: Any) -> None:
        rows = (await self._account()).get("positions") or []
        listed = {self.parse_position(row)["symbol"] for row in rows}
        over = [known for known in list(self.position_cache()) if known["contracts"] and known["symbol"] not in listed]
        if over:
            client.resolve(Events([self._closed(known, self.server_milliseconds()) for known in over]), "positions")
        self.take_positions(client, rows)

    async def _missed_orders(self, client: Any) -> None:
        rows = [order["info"] for order in await self.fetch_open_orders()]
        there = {str(parsing.order_id(row)) for row in rows}
        rows += [order["info"] for order in await self.ended_meanwhile(there, self.fetch_order)]
        self.tell(client, "orders", self.order_cache(), self.take_orders(client, rows))

    # --- transactions over the socket -------------------------------------------------------------------------------------------------

    def over_socket(self) -> Callable[[list[tuple[int, str]]], Any]:
        """Sends signed transactions over the stream's socket and waits for the sequencer's answer."""

        async def send(signed: list[tuple[int, str]]) -> Any:
            if len(signed) > tables.MAX_BATCH_WS:
                raise errors.BadRequest(f"{self.id} the socket takes at most {tables.MAX_BATCH_WS} transactions at once")
            number = self.request_id(self.ws_url())
            if len(signed) == 1:
                data = {"id": number, "tx_type": signed[0][0], "tx_info": self.parse_json(signed[0][1])}
                message = {"type": "jsonapi/sendtx", "data": data}
            else:
                data = {
                    "id": number,
                    "tx_types": self.json([kind for kind, _ in signed]),
                    "tx_infos": self.json([text for _, text in signed]),
                }
                message = {"type": "jsonapi/sendtxbatch", "data": data}
            return await self.ws_post(self.ws_url(), f"tx:{number}", message)

        return send

    async def create_order_ws(
        self, symbol: str, type: str, side: str, amount: float, price: float | None = None, params: Params = NONE
    ) -> Order:
        """As create_order, sent over the socket."""
        await self.load_markets()
        plan = await self.plan(symbol, type, side, amount, price, params)
        await self.transact(plan, over=self.over_socket())
        return await self.placed(plan, symbol, params)

    async def cancel_order_ws(self, id: str, symbol: str | None = None, params: Params = NONE) -> Order:
        """As cancel_order, sent over the socket; the symbol is needed."""
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} cancel_order_ws() requires a symbol argument")
        return await self._cancel(id, symbol, params, self.over_socket())

    async def edit_order_ws(
        self,
        id: str,
        symbol: str,
        type: str,
        side: str,
        amount: float | None = None,
        price: float | None = None,
        params: Params = NONE,
    ) -> Order:
        """As edit_order, sent over the socket."""
        return await self._edit(id, symbol, amount, price, params, self.over_socket())

    async def cancel_all_orders_ws(self, symbol: str | None = None, params: Params = NONE) -> list[Order]:
        """As cancel_all_orders, sent over the socket."""
        return await self._cancel_all(symbol, params, self.over_socket())

    # --- frames -----------------------------------------------------------------------------------------------------------------------

    def handle_message(self, client: Any, message: Any) -> None:
        """One frame; by its channel's first word."""
        if message.get("error") is not None:
            self.handle_refusal(client, message)
            return
        word = str(message.get("type") or "")
        if word.startswith("jsonapi/"):
            self.handle_answer(client, message)
        elif word == "unsubscribed":
            self.handle_un_subscription(client, message)
        elif word == "shutdown":
            client.renew("the venue announced a shutdown")
        else:
            if word.startswith("subscribed/"):
                self.handle_subscribed(client, message)
            handler = HANDLERS.get(str(message.get("channel") or "").split(":")[0])
            if handler is not None:
                handler(self, client, message)

    def handle_subscribed(self, client: Any, message: Any) -> None:
        """The first frame of a channel is the venue's word that it is there."""
        channel = str(message.get("channel")).replace(":", "/")
        for key, record in list(client.ledger.topics.items()):
            if (record.message or {}).get("channel") == channel:
                client.confirm(key)

    def handle_answer(self, client: Any, message: Any) -> None:
        """The sequencer's word on a transaction."""
        code, request = message.get("code"), f"tx:{message.get('id')}"
        if code is not None and str(code) not in ("0", "200"):
            client.reject(self.venue_error(code, str(message.get("message") or "")), request)
        else:
            client.resolve(message, request)

    def handle_refusal(self, client: Any, message: Any) -> None:
        """An error frame: about a transaction when it has an id, else about what was subscribed a moment ago."""
        error = message["error"]
        code, text = (error.get("code"), str(error.get("message") or "")) if isinstance(error, dict) else (None, str(error))
        if str(code) in NAMELESS_ERRORS:
            return
        failure = self.venue_error(code, text)
        if message.get("id") is not None:
            client.reject(failure, f"tx:{message['id']}")
        elif str(code) == "30002":
            self.handle_un_subscription(client, {"channel": text.partition(" : ")[2]})
        elif not client.refuse_unconfirmed(failure):
            self.logger.warning("%s stream: %s", self.id, failure)


HANDLERS: dict[str, Callable[[Any, Any, Any], None]] = {
    "order_book": UserFeeds.handle_order_book,
    "trade": UserFeeds.handle_trades,
    "market_stats": UserFeeds.handle_ticker,
    "spot_market_stats": UserFeeds.handle_ticker,
    "ticker": UserFeeds.handle_best,
    "candle": UserFeeds.handle_candles,
    "mark_price_candle": UserFeeds.handle_candles,
    "account_all_orders": UserFeeds.handle_orders,
    "account_orders": UserFeeds.handle_orders,
    "account_all_trades": UserFeeds.handle_my_trades,
    "account_all_positions": UserFeeds.handle_positions,
    "account_all_assets": UserFeeds.handle_balance,
    "user_stats": UserFeeds.handle_balance,
}
