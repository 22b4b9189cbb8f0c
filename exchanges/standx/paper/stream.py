"""wss://perps.standx.com/ws-stream/v1: market data, and the user's channels after auth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ccxt_dex.exchanges.standx.paper import wire
from ccxt_dex.exchanges.standx.paper.public import RESOLUTIONS
from ccxt_dex.paper.server import Refused, Reply, Request, Socket, parse
from ccxt_dex.paper.types import Event

INVALID = {"code": 400, "message": "invalid request payload"}
NO_PONG = {"code": 408, "message": "disconnecting due to not receive Pong within 5 minute period"}
PUBLIC = ("price", "depth_book", "public_trade", "kline")
USER = ("order", "position", "balance", "trade")
Key = tuple[str, str, str]
"""channel, symbol, interval; the last two empty where the channel has none"""


class Connection(Socket):
    """What both of the venue's sockets have in common: pings, the 408 farewell, the limits of a handshake."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.ping_every = self.adapter.options["ping_s"]
        self.pong_within = self.adapter.options["pong_s"]
        self.opened_at = self.adapter.now()

    @classmethod
    def handshake(cls, adapter: Any, request: Request) -> Reply | None:
        if adapter.limits.dial(len(adapter.server.connections)):
            return None
        reply: Reply = adapter.error(429, "too many connections")
        return reply

    def silent(self) -> None:
        self.send(NO_PONG)
        self.close(1000)

    def tick(self) -> None:
        if self.adapter.now() - self.opened_at > self.adapter.options["session_s"] * 1000:
            self.close(1000)


class Stream(Connection):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._klines: dict[Key, tuple[int, Any]] = {}

    def label(self, text: str) -> str:
        message = parse(text) or {}
        return next((name for name in ("subscribe", "unsubscribe", "auth") if name in message), "")

    async def text(self, text: str) -> None:
        message = parse(text)
        handlers: Mapping[str, Callable[[dict[str, Any]], bool]] = {
            "subscribe": self._subscribe,
            "unsubscribe": self._unsubscribe,
            "auth": self._auth,
        }
        name = self.label(text)
        if message is None or not name or not isinstance(message[name], dict) or not handlers[name](message[name]):
            self.send(INVALID)

    def _key(self, request: Mapping[str, Any]) -> Key | None:
        channel, symbol, interval = (str(request.get(name) or "") for name in ("channel", "symbol", "interval"))
        if channel in USER:
            return (channel, "", "")
        if channel not in PUBLIC or symbol not in self.adapter.engine.markets:
            return None
        if channel == "kline" and interval not in RESOLUTIONS:
            return None
        return (channel, symbol, interval if channel == "kline" else "")

    def _subscribe(self, request: dict[str, Any]) -> bool:
        key = self._key(request)
        if key is None:
            return False
        if key[0] in USER and self.account is None:
            # composed: what the venue says here is not known
            self.send({"code": 401, "message": "unauthorized"})
            return True
        new = key not in self.subscriptions
        self.subscriptions[key] = {}
        if new and key[0] == "price":
            self.publish("price", key[1], self.adapter.price_data(key[1]))
        return True

    def _unsubscribe(self, request: dict[str, Any]) -> bool:
        key = self._key(request)
        if key is None:
            return False
        self.subscriptions.pop(key, None)
        return True

    def _auth(self, request: dict[str, Any]) -> bool:
        try:
            session = self.adapter.identity.session(str(request.get("token", "")))
            self.account = self.adapter.account_for(session, request.get("impersonate"))
        except Refused as refused:
            self._frame("auth", {"code": refused.reply.status, "msg": refused.reply.body["message"]})
            return True
        self._frame("auth", {"code": self.adapter.options["auth_code"], "msg": "success"})
        streams = request.get("streams") or []
        return isinstance(streams, list) and all(isinstance(one, dict) and self._subscribe(one) for one in streams)

    # --- frames ----------------------------------------------------------------------------------------------------------------

    def _frame(self, channel: str, data: Any) -> None:
        self.send({"seq": self.next_seq(), "channel": channel, "data": data}, channel)

    def publish(self, channel: str, symbol: str, data: Any, **more: Any) -> None:
        """A frame of a public channel."""
        self.send({"seq": self.next_seq(), "channel": channel, "symbol": symbol, **more, "data": data}, channel, f"{channel}:{symbol}")

    def event(self, event: Event) -> None:
        if event.kind == "trade" and ("public_trade", event.market, "") in self.subscriptions:
            self._public_trade(event)
        elif self.account is not None and event.account == self.account:
            channel = "trade" if event.kind == "fill" else event.kind
            if (channel, "", "") in self.subscriptions:
                self._user_frame(channel, event)

    def _public_trade(self, event: Event) -> None:
        trade = event.data
        market = self.adapter.engine.markets[trade.market]
        data = {
            "id": trade.id,
            "price": wire.price(trade.price, market),
            "qty": wire.short(trade.qty),
            "side": trade.taker_side,
            "symbol": trade.market,
            "time": trade.time,
        }
        self.publish("public_trade", trade.market, data)

    def _user_frame(self, channel: str, event: Event) -> None:
        user, now = self.adapter.user(self.account), self.adapter.now()
        if channel == "order":
            self._frame("order", self.adapter.order_row(event.data, 9))
        elif channel == "trade":
            self._frame("trade", wire.trade(event.data, user))
        elif channel == "position":
            self._frame("position", wire.position_frame(event.data, self.adapter.engine.markets[event.data.market], user))
        elif self.adapter.options["balance_channel"]:
            self._frame("balance", wire.balance_frame(event.data, user, self.opened_at, now))

    def tick(self) -> None:
        super().tick()
        for key in list(self.subscriptions):
            if key[0] == "kline":
                self._kline(key)

    def _kline(self, key: Key) -> None:
        """Composed from a client's model: the running bar whenever it changed, a few times a second at most."""
        _, symbol, interval = key
        now = self.adapter.now()
        sent_at, sent = self._klines.get(key, (0, None))
        if now - sent_at < self.adapter.options["kline_ms"]:
            return
        bars = self.adapter.bars(symbol, RESOLUTIONS[interval], now - 2 * RESOLUTIONS[interval])
        if not bars or bars[-1] == sent:
            return
        bar = bars[-1]
        self._klines[key] = (now, bar)
        market = self.adapter.engine.markets[symbol]
        row: dict[str, Any] = {"time": bar.time}
        row |= {name: wire.price(getattr(bar, name), market) for name in ("open", "high", "low", "close")}
        row |= {"volume": float(bar.volume), "volume_quote": float(bar.quote_volume)}
        self.publish("kline", symbol, [row], interval=interval)
