"""wss://mainnet.zklighter.elliot.ai/stream: market data, the account's channels, and transactions."""

from __future__ import annotations

import json
import time
from typing import Any

from ccxt_dex.exchanges.lighter.paper import wire
from ccxt_dex.exchanges.lighter.paper.rest import RESOLUTIONS
from ccxt_dex.exchanges.lighter.paper.tx import token_valid
from ccxt_dex.paper.server import Refused, Socket, parse
from ccxt_dex.paper.types import Event

MARKET = ("order_book", "ticker", "trade", "market_stats", "spot_market_stats", "candle", "mark_price_candle")
OPEN_ACCOUNT = ("user_stats", "account_all")
ACCOUNT = ("account_all_orders", "account_all_trades", "account_all_positions", "account_all_assets", *OPEN_ACCOUNT)
QUIET_SECONDS = 120.0
BATCH = 15


class Stream(Socket):
    """One connection; channel names are asked for with "/" and answered with ":"."""

    def opened(self) -> None:
        self.last_heard = time.monotonic()
        self.pinged = self.last_heard
        self.send({"session_id": f"{id(self):032x}", "type": "connected"})

    def label(self, text: str) -> str:
        return str((parse(text) or {}).get("type", ""))

    def refuse(self, code: int, text: str, request: Any = None) -> None:
        self.send({**({"id": request} if request is not None else {}), "error": {"code": code, "message": text}})

    async def text(self, text: str) -> None:
        self.last_heard = time.monotonic()
        message = parse(text)
        word = self.label(text)
        if message is None:
            self.refuse(30000, "Invalid JSON")
        elif word == "subscribe":
            self.subscribe(str(message.get("channel", "")), str(message.get("auth") or ""))
        elif word == "unsubscribe":
            self.unsubscribe(str(message.get("channel", "")).replace("/", ":"))
        elif word in ("jsonapi/sendtx", "jsonapi/sendtxbatch"):
            self.transact(word, message.get("data"))
        elif word == "ping":
            self.send({"type": "pong"})
        elif word != "pong":
            self.refuse(30001, "Invalid Type")

    # --- subscriptions --------------------------------------------------------------------------------------------------------------

    def subscribe(self, asked: str, token: str) -> None:
        channel = asked.replace("/", ":")
        name, _, rest = channel.partition(":")
        if channel in self.subscriptions:
            self.refuse(30003, f"Already Subscribed to : {channel}")
        elif not self.known(name, rest):
            self.refuse(30005, "Invalid Channel")
        elif name in ACCOUNT and name not in OPEN_ACCOUNT and self.owner(token) != rest:
            self.refuse(20013, "invalid auth")
        else:
            self.subscriptions[channel] = {}
            if name in ACCOUNT:
                self.account = self.adapter.names[int(rest)]
            self.first(name, rest, channel)

    def known(self, name: str, rest: str) -> bool:
        if name in ACCOUNT:
            return rest.isdigit() and int(rest) in self.adapter.names
        if name in ("market_stats", "spot_market_stats"):
            markets = self.adapter.engine.markets
            return rest == "all" or (rest in markets and markets[rest].info["spot"] is (name == "spot_market_stats"))
        market, _, resolution = rest.partition(":")
        candle = name in ("candle", "mark_price_candle")
        return name in MARKET and market in self.adapter.engine.markets and (resolution in RESOLUTIONS if candle else not resolution)

    def owner(self, token: str) -> str:
        if token in self.adapter.revoked:
            return ""
        found = token_valid(token, self.adapter.time() / 1000, self.adapter.keys)
        return "" if found is None else str(found)

    def unsubscribe(self, channel: str) -> None:
        if self.subscriptions.pop(channel, None) is None:
            self.refuse(30002, f"Not Subscribed to : {channel}")
        else:
            self.send({"type": "unsubscribed", "channel": channel})

    def publish(self, channel: str, payload: dict[str, Any], first: bool = False) -> None:
        name = channel.split(":")[0]
        frame = {"channel": channel, **payload, "timestamp": self.adapter.now(), "type": f"{'subscribed' if first else 'update'}/{name}"}
        self.send(frame, name, channel)

    def first(self, name: str, rest: str, channel: str) -> None:
        """The answer to a subscription is its first frame: the state of now."""
        if name == "order_book":
            self.publish(channel, self.adapter.books.snapshot(rest), True)
        elif name in ("candle", "mark_price_candle"):
            self.publish(channel, {"candles": self.bars(rest)}, True)
        elif name == "ticker":
            self.publish(channel, self.adapter.ticker(rest), True)
        elif name == "trade":
            market = self.adapter.engine.markets[rest]
            rows = [wire.public_trade(trade, market) for trade in reversed(self.adapter.engine.trades(rest, limit=20))]
            self.publish(channel, {"trades": rows, "liquidation_trades": [], "nonce": self.next_seq()}, True)
        elif name in ("market_stats", "spot_market_stats"):
            self.publish(channel, {name: self.stats(name, rest)}, True)
        else:
            self.publish(channel, self.adapter.account_state(name, int(rest)), True)

    def stats(self, name: str, rest: str) -> Any:
        if rest == "all":
            markets = self.adapter.engine.markets.values()
            return {each.id: self.adapter.market_stats(each.id) for each in markets if each.info["spot"] is (name == "spot_market_stats")}
        return self.adapter.market_stats(rest)

    def bars(self, rest: str) -> list[Any]:
        market, resolution = rest.split(":")
        span = RESOLUTIONS[resolution] * 1000
        bars = self.adapter.engine.candles(market, span, since=self.adapter.now() - 2 * span, limit=3)
        return [wire.candle(bar) for bar in bars[-1:]]

    # --- events ---------------------------------------------------------------------------------------------------------------------

    def event(self, event: Event) -> None:
        if event.kind == "trade" and f"trade:{event.market}" in self.subscriptions:
            row = wire.public_trade(event.data, self.adapter.engine.markets[event.market])
            rows = {"trades": [], "liquidation_trades": [row]} if event.data.liquidation else {"trades": [row], "liquidation_trades": []}
            self.publish(f"trade:{event.market}", {**rows, "nonce": self.next_seq()})
        elif event.account is not None and event.account == self.account:
            self.own(event, self.adapter.indexes[event.account])

    def own(self, event: Event, index: int) -> None:
        engine = self.adapter.engine
        if event.kind == "order" and f"account_all_orders:{index}" in self.subscriptions:
            market = engine.markets[event.data.request.market]
            self.publish(f"account_all_orders:{index}", {"orders": {market.id: [wire.order(event.data, market, index)]}})
        elif event.kind == "fill" and f"account_all_trades:{index}" in self.subscriptions:
            market, order = engine.markets[event.data.market], engine.find(event.account, order_id=event.data.order_id)
            self.publish(f"account_all_trades:{index}", {"trades": {market.id: [wire.fill(event.data, order, market, index)]}})
        elif event.kind == "position" and f"account_all_positions:{index}" in self.subscriptions:
            rows = {event.market: self.adapter.position_row(event.account, engine.markets[event.market])}
            self.publish(f"account_all_positions:{index}", {"positions": rows, "shares": []})
        elif event.kind == "balance":
            for name in ("user_stats", "account_all_assets"):
                if f"{name}:{index}" in self.subscriptions:
                    self.publish(f"{name}:{index}", self.adapter.account_state(name, index))

    def tick(self) -> None:
        now = time.monotonic()
        if now - self.last_heard > QUIET_SECONDS:
            self.close(1000, "no frame for two minutes")
        if now - self.pinged > self.adapter.options["ping_s"]:
            self.pinged = now
            self.send({"type": "ping"})
        for channel, state in list(self.subscriptions.items()):
            name, _, rest = channel.partition(":")
            payload: Any = None
            if name == "ticker":
                payload = self.adapter.ticker(rest)
            elif name in ("market_stats", "spot_market_stats"):
                payload = {name: self.stats(name, rest)}
            elif name in ("candle", "mark_price_candle"):
                payload = {"candles": self.bars(rest)}
            if payload is not None and payload != state.get("sent") and now - state.get("at", 0.0) > 0.2:
                state.update(sent=payload, at=now)
                self.publish(channel, payload)

    # --- transactions ---------------------------------------------------------------------------------------------------------------

    def transact(self, word: str, data: Any) -> None:
        data = data if isinstance(data, dict) else {}
        number = data.get("id")
        try:
            if word == "jsonapi/sendtx":
                answer = self.adapter.gateway.send(data.get("tx_type"), data.get("tx_info"))
            else:
                kinds, texts = (
                    json.loads(data[name]) if isinstance(data.get(name), str) else data.get(name) for name in ("tx_types", "tx_infos")
                )
                if isinstance(kinds, list) and len(kinds) > BATCH:
                    self.refuse(21514, "too many transactions in batch", number)
                    return
                answer = self.adapter.gateway.send_batch(kinds, texts)
        except Refused as refused:
            self.refuse(refused.reply.body["code"], refused.reply.body["message"], number)
        except ValueError:
            self.refuse(30000, "Invalid JSON", number)
        else:
            self.send({**answer, "id": number, "type": word}, word)
